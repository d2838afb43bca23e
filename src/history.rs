//! The past: it can be looked at wherever one likes, and gone on from with a change; it never changes itself.
//!
//! ```text
//! Machine --writes--> log --changes--> Fold      a world and what is seen of it
//!    |                 |                 |
//!   Run              Tape             History    each with its past: inputs, entries, states
//!    '----checkpoints---'----checkpoints--'
//! ```
//!
//! A [`History`] gives the state that a log has made at any of its places, a [`Run`] the machine that wrote it.
//! Neither knows what it keeps. What always holds:
//!
//! * The state at a cursor is what all entries before it, in order, make of the state at the beginning, however many
//!   entries are forgotten and however far checkpoints lie apart.
//! * A fork shares what came before it and changes nothing of what it was forked from.
//! * Memory has a bound ([`Limits`]): of more entries than the limit, or of more payload, the oldest are forgotten, and
//!   [`History::first`] tells which is the oldest still known; checkpoints thin out before they weigh more than their
//!   budget.

mod checkpoints;
mod run;
mod tape;

pub use run::{Machine, Run};
pub use tape::{PIECE, Tape};

use checkpoints::Checkpoints;
use std::collections::VecDeque;

/// A state that entries change.
pub trait Fold: Clone {
    /// What changes it.
    type Entry: Clone;
    /// Takes one entry in.
    fn apply(&mut self, entry: &Self::Entry);
    /// About how many bytes a clone takes that is a few hundred entries older or newer.
    fn weight(&self) -> usize;
    /// How many bytes an entry brings along that none before it has: payloads.
    fn content(_entry: &Self::Entry) -> usize {
        0
    }
}

/// How much may be remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// At least so many entries are kept, unless they bring too much along, and no more than [`PIECE`] more.
    pub entries: usize,
    /// What entries may bring along ([`Fold::content`]), bytes; the last [`PIECE`] of them are kept whatever they bring.
    pub content_bytes: usize,
    /// What checkpoints may weigh, bytes: those of the states, and as much again for those of the machine.
    pub checkpoint_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { entries: 1_000_000, content_bytes: 256 << 20, checkpoint_bytes: 32 << 20 }
    }
}

/// From one checkpoint of the states to the next, entries, if the budget allows: so many may have to be taken in again
/// to get to a place.
const CLOSEST: usize = 256;

/// All entries since the oldest that is still known, and states to begin from.
#[derive(Clone, Debug)]
pub struct History<S: Fold> {
    entries: Tape<S::Entry>,
    checkpoints: Checkpoints<S>,
    /// The state before the oldest entry that is known.
    base: S,
    /// The state after all entries.
    front: S,
    /// What the entries of each piece bring along, bytes, and all of them together.
    contents: VecDeque<usize>,
    content: usize,
    limits: Limits,
}

impl<S: Fold> History<S> {
    /// An empty history.
    pub fn new(start: S, limits: Limits) -> Self {
        History {
            entries: Tape::default(),
            checkpoints: Checkpoints::new(CLOSEST, limits.checkpoint_bytes),
            base: start.clone(),
            front: start,
            contents: VecDeque::new(),
            content: 0,
            limits,
        }
    }

    /// Adds an entry at the end.
    pub fn push(&mut self, entry: S::Entry) {
        let place = self.entries.len();
        if place > 0 && self.checkpoints.is_due(place) {
            self.checkpoints.add(place, self.front.clone(), self.front.weight());
        }
        self.front.apply(&entry);
        self.take_content(place, &entry);
        self.entries.push(entry);
        while self.known() >= self.limits.entries.saturating_add(PIECE)
            || (self.known() > PIECE && self.content > self.limits.content_bytes)
        {
            self.forget(self.first() + PIECE);
        }
    }

    fn take_content(&mut self, place: usize, entry: &S::Entry) {
        if place.is_multiple_of(PIECE) {
            self.contents.push_back(0);
        }
        let content = S::content(entry);
        self.content += content;
        self.contents.back_mut().into_iter().for_each(|piece| *piece += content);
    }

    /// The oldest piece, which ends at a place.
    fn forget(&mut self, place: usize) {
        self.content -= self.contents.pop_front().unwrap_or_default();
        for entry in self.entries.range(self.entries.first()..place) {
            self.base.apply(entry);
        }
        self.entries.forget(place);
        self.checkpoints.forget(place);
    }

    /// How many entries there ever were.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there never was any.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many of the oldest entries are forgotten: the lowest cursor that can be looked at.
    pub fn first(&self) -> usize {
        self.entries.first()
    }

    /// How many entries are known.
    pub fn known(&self) -> usize {
        self.len() - self.first()
    }

    /// Whether entries like the last ones make it forget its oldest soon.
    pub fn is_full(&self) -> bool {
        self.known() >= self.limits.entries || self.content > self.limits.content_bytes / 8 * 7
    }

    /// What the checkpoints weigh, bytes.
    pub fn checkpoints_weight(&self) -> usize {
        self.checkpoints.weight()
    }

    /// An entry by its place, from 0; none if it is forgotten, or yet to come.
    pub fn get(&self, place: usize) -> Option<&S::Entry> {
        self.entries.get(place)
    }

    /// The entries from a place on.
    pub fn from(&self, place: usize) -> impl Iterator<Item = &S::Entry> {
        self.entries.range(place..self.len())
    }

    /// The place of the first known entry for which something is not so, which must be so for a beginning of the
    /// history and for nothing behind that.
    pub fn partition_point(&self, is_before: impl Fn(&S::Entry) -> bool) -> usize {
        self.entries.partition_point(is_before)
    }

    /// The state after all entries.
    pub fn front(&self) -> &S {
        &self.front
    }

    /// The state after the first `cursor` entries; the nearest one that is known if that is not.
    pub fn at(&self, cursor: usize) -> S {
        let cursor = cursor.clamp(self.first(), self.len());
        if cursor == self.len() {
            return self.front.clone();
        }
        let checkpoint = self.checkpoints.before(cursor).filter(|(place, _)| *place >= self.first());
        let (place, state) = checkpoint.unwrap_or((self.first(), &self.base));
        let mut state = state.clone();
        for entry in self.entries.range(place..cursor) {
            state.apply(entry);
        }
        state
    }

    /// The history as it was after the first `cursor` entries; the nearest one that is known if that is not. It
    /// shares all of those with this one.
    pub fn fork(&self, cursor: usize) -> Self {
        let cursor = cursor.clamp(self.first(), self.len());
        let mut fork = History {
            entries: self.entries.fork(cursor),
            checkpoints: self.checkpoints.fork(cursor),
            base: self.base.clone(),
            front: self.at(cursor),
            contents: self.contents.iter().take((cursor - self.first()) / PIECE).copied().collect(),
            content: 0,
            limits: self.limits,
        };
        fork.content = fork.contents.iter().sum();
        for place in cursor - cursor % PIECE..cursor {
            self.get(place).into_iter().for_each(|entry| fork.take_content(place, entry));
        }
        fork
    }
}

#[cfg(test)]
mod tests {
    use super::{Fold, History, Limits, PIECE};

    /// Not commutative, so that the order counts.
    #[derive(Clone, Debug, PartialEq)]
    struct Mix(u64);

    impl Fold for Mix {
        type Entry = u64;
        fn apply(&mut self, entry: &u64) {
            self.0 = self.0.wrapping_mul(31).wrapping_add(*entry);
        }
        fn weight(&self) -> usize {
            10
        }
        fn content(entry: &u64) -> usize {
            *entry as usize % 10
        }
    }

    fn after(count: usize) -> Mix {
        let mut mix = Mix(7);
        (0..count as u64).for_each(|entry| mix.apply(&entry));
        mix
    }

    fn played(count: u64, entries: usize, checkpoint_bytes: usize) -> History<Mix> {
        let mut history = History::new(Mix(7), Limits { entries, checkpoint_bytes, ..Limits::default() });
        (0..count).for_each(|entry| history.push(entry));
        history
    }

    #[test]
    fn every_moment_is_what_its_entries_make_of_the_beginning() {
        assert_eq!(played(0, 10, 1_000).at(0), after(0));
        // The second one has no room for more than a few checkpoints.
        for history in [played(3_000, 10_000, 1_000), played(3_000, 10_000, 0)] {
            for cursor in 0..=3_000 {
                assert_eq!(history.at(cursor), after(cursor), "at {cursor}");
            }
            assert_eq!(history.front(), &after(3_000));
            assert_eq!(history.at(4_000), after(3_000));
        }
    }

    #[test]
    fn the_oldest_are_forgotten_and_it_says_so() {
        for bytes in [1_000, 0] {
            let history = played(5_000, 300, bytes);
            assert_eq!(history.len(), 5_000);
            assert!((300..300 + PIECE).contains(&history.known()));
            assert_eq!(history.get(history.first() - 1), None);
            assert_eq!(history.get(4_999), Some(&4_999));
            for cursor in history.first()..=5_000 {
                assert_eq!(history.at(cursor), after(cursor), "at {cursor}");
            }
            assert_eq!(history.at(0), after(history.first()));
            assert_eq!(history.from(4_998).copied().collect::<Vec<_>>(), [4_998, 4_999]);
            assert_eq!(history.partition_point(|entry| *entry < 4_900), 4_900);
        }
    }

    /// What the known entries of a history bring along.
    fn content(history: &History<Mix>) -> usize {
        history.from(history.first()).map(Mix::content).sum()
    }

    #[test]
    fn what_entries_bring_along_is_bounded() {
        let limits = Limits { content_bytes: 4_500, ..Limits::default() };
        let mut history = History::new(Mix(7), limits);
        for entry in 0..5_000 {
            history.push(entry);
            assert_eq!(history.content, content(&history));
            assert!(history.content <= 4_500 && (entry < 500 || history.known() > 500), "{}", history.known());
        }
        for cursor in history.first()..=5_000 {
            assert_eq!(history.at(cursor), after(cursor), "at {cursor}");
            let mut fork = history.fork(cursor);
            assert_eq!(fork.content, content(&fork));
            (cursor as u64..5_000).for_each(|entry| fork.push(entry));
            assert_eq!((fork.content, fork.front()), (content(&fork), history.front()));
        }
        // However much one brings along, the last ones are kept.
        let mut history = History::new(Mix(7), Limits { content_bytes: 0, ..limits });
        (0..1_000).for_each(|entry| history.push(entry));
        assert!((1..=PIECE).contains(&history.known()), "{}", history.known());
    }

    #[test]
    fn a_fork_is_the_history_as_it_was() {
        let history = played(2_000, 800, 1_000);
        for cursor in (history.first()..=2_000).step_by(37) {
            let mut fork = history.fork(cursor);
            assert_eq!((fork.len(), fork.front()), (cursor, &after(cursor)));
            (cursor as u64..2_000).for_each(|entry| fork.push(entry));
            assert_eq!(fork.front(), history.front());
            fork.push(1);
            assert_eq!((history.len(), history.front()), (2_000, &after(2_000)));
        }
        assert_eq!(history.fork(0).len(), history.first());
    }
}
