//! Reading of one thing only: by kind, by node, by message, by words; and what of the log that is.
//!
//! What always holds: looking costs no more than a batch of entries at a time. Where more than that is new, or the cursor
//! went to where nobody has looked, it begins afresh there; how far back was looked is told, and one can ask for more.

use std::collections::VecDeque;

use crate::broker::MessageId;
use crate::simulation::LogEntry;
use crate::view::board::Board;
use crate::view::graph::NodeId;
use crate::view::inspect::{concerns, facts};
use crate::view::life::Life;

use super::kind::{KINDS, Kind, kind};
use super::page::Source;

/// So many entries are looked at in one go.
const BATCH: usize = 50_000;
/// The same where each has to be told to be looked at.
const BATCH_OF_WORDS: usize = 6_000;

/// Which kinds are read of; none is all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kinds(u8);

fn bit(kind: Kind) -> u8 {
    match kind {
        Kind::Routing => 1,
        Kind::Delivery => 2,
        Kind::Trouble => 4,
        Kind::Setup => 8,
    }
}

impl Kinds {
    /// Whether a kind is chosen.
    pub fn has(self, kind: Kind) -> bool {
        self.0 & bit(kind) != 0
    }

    /// With a kind, or without it if it was chosen.
    pub fn toggled(self, kind: Kind) -> Self {
        Kinds(self.0 ^ bit(kind))
    }

    /// Whether none is chosen.
    pub fn is_all(self) -> bool {
        self.0 == 0
    }
}

/// What is read of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// These kinds.
    pub kinds: Kinds,
    /// What is about this node.
    pub node: Option<NodeId>,
    /// What is about this message, which is followed.
    pub message: Option<MessageId>,
    /// Sentences in which each of these words is, in small letters.
    pub words: Vec<String>,
}

impl Filter {
    /// The words of what was typed.
    pub fn words_of(typed: &str) -> Vec<String> {
        typed.split_whitespace().map(str::to_lowercase).collect()
    }

    /// Whether everything is read.
    pub fn is_all(&self) -> bool {
        self.kinds.is_all() && self.node.is_none() && self.message.is_none() && self.words.is_empty()
    }

    /// What is read of, in words; nothing if that is everything.
    pub fn told(&self, board: &Board) -> String {
        let kinds = KINDS.iter().filter(|(kind, _)| self.kinds.has(*kind)).map(|(_, word)| *word);
        let kinds: Vec<&str> = kinds.collect();
        let mut told = Vec::new();
        if !kinds.is_empty() {
            told.push(format!("only {}", kinds.join(", ")));
        }
        told.extend(self.node.iter().map(|node| format!("about {}", facts(board, node).0)));
        told.extend(self.message.iter().map(|_| "about one message".to_owned()));
        if !self.words.is_empty() {
            told.push(format!("with the words {}", self.words.join(" ")));
        }
        told.join("; ")
    }

    fn batch(&self) -> usize {
        if self.words.is_empty() { BATCH } else { BATCH_OF_WORDS }
    }

    /// Whether an entry is read. The words are looked for last: for them it has to be told.
    pub fn takes(&self, source: &Source, life: Option<&Life>, entry: &LogEntry) -> bool {
        (self.kinds.is_all() || self.kinds.has(kind(entry)))
            && self.node.as_ref().is_none_or(|node| concerns(entry, node, source.names()))
            && self.message.is_none_or(|id| life.is_some_and(|life| life.id() == id && life.has(entry.seq)))
            && (self.words.is_empty() || self.is_told(source, entry))
    }

    fn is_told(&self, source: &Source, entry: &LogEntry) -> bool {
        let told = source.teller().sentence(entry).to_string().to_lowercase();
        self.words.iter().all(|word| told.contains(word.as_str()))
    }
}

/// What was found of a filter, in a part of the log.
#[derive(Clone, Debug, Default)]
pub struct Found {
    filter: Filter,
    from: usize,
    until: usize,
    /// Ascending.
    places: VecDeque<usize>,
}

impl Found {
    /// Nothing was looked at yet.
    pub fn new(filter: Filter) -> Self {
        Found { filter, ..Found::default() }
    }

    /// What is looked for.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Looks at what is new up to the cursor.
    pub fn look(&mut self, source: &Source, life: Option<&Life>) {
        let (cursor, batch) = (source.cursor(), self.filter.batch());
        let is_elsewhere = cursor < self.from || cursor > self.until.saturating_add(batch);
        if is_elsewhere || self.until == 0 {
            self.places.clear();
            (self.from, self.until) = (cursor, cursor);
            self.look_back(source, life);
        }
        for place in self.until..cursor {
            if self.takes(source, life, place) {
                self.places.push_back(place);
            }
        }
        self.until = self.until.max(cursor);
    }

    /// Looks at more of what was before.
    pub fn look_back(&mut self, source: &Source, life: Option<&Life>) {
        let from = self.from.saturating_sub(self.filter.batch()).max(source.first());
        for place in (from..self.from).rev() {
            if self.takes(source, life, place) {
                self.places.push_front(place);
            }
        }
        self.from = from;
    }

    fn takes(&self, source: &Source, life: Option<&Life>, place: usize) -> bool {
        source.get(place).is_some_and(|entry| self.filter.takes(source, life, entry))
    }

    /// The place from which on it was looked.
    pub fn from(&self) -> usize {
        self.from
    }

    /// How many were found before a place.
    pub fn count(&self, before: usize) -> usize {
        self.places.partition_point(|place| *place < before)
    }

    /// The places that were found before another, the newest first.
    pub fn newest(&self, before: usize) -> impl Iterator<Item = usize> {
        let count = self.count(before);
        self.places.iter().take(count).rev().copied()
    }

    /// Whether a place was found.
    pub fn has(&self, place: usize) -> bool {
        self.places.binary_search(&place).is_ok()
    }
}
