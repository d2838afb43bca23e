//! Ready messages by priority level.
//!
//! Within a level messages stand in ascending order of their ids; the oldest of the highest level that is not
//! empty is the head. Count and bytes are always those of what is in it.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::broker::message::Entry;
use crate::broker::name::CopyId;

/// Entries by level, 0 the lowest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PriorityLevels {
    levels: Vec<VecDeque<Entry>>,
    count: u64,
    bytes: u64,
}

impl PriorityLevels {
    /// How many.
    pub fn len(&self) -> u64 {
        self.count
    }

    /// Bytes of their bodies.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    fn level(&mut self, level: u8) -> &mut VecDeque<Entry> {
        let index = usize::from(level);
        if self.levels.len() <= index {
            self.levels.resize_with(index + 1, VecDeque::new);
        }
        &mut self.levels[index]
    }

    /// To the back of its level.
    pub fn push(&mut self, level: u8, entry: Entry) {
        self.count += 1;
        self.bytes += entry.bytes();
        self.level(level).push_back(entry);
    }

    /// To its place in its level, by id.
    pub fn insert(&mut self, level: u8, entry: Entry) {
        self.count += 1;
        self.bytes += entry.bytes();
        let line = self.level(level);
        let index = line.partition_point(|other| other.id < entry.id);
        line.insert(index, entry);
    }

    /// The next one to be delivered.
    pub fn head(&self) -> Option<&Entry> {
        self.levels.iter().rev().find_map(VecDeque::front)
    }

    /// Takes the next one out.
    pub fn pop(&mut self) -> Option<Entry> {
        let entry = self.levels.iter_mut().rev().find_map(VecDeque::pop_front)?;
        self.count -= 1;
        self.bytes -= entry.bytes();
        Some(entry)
    }

    /// The head of each level, highest first.
    pub fn heads(&self) -> impl Iterator<Item = &Entry> {
        self.levels.iter().rev().filter_map(VecDeque::front)
    }

    /// Takes expired entries from the head of every level, highest first.
    pub fn take_expired_heads(&mut self, now_ms: u64) -> Vec<Entry> {
        let mut expired = Vec::new();
        for line in self.levels.iter_mut().rev() {
            while line.front().is_some_and(|entry| entry.is_expired(now_ms)) {
                expired.extend(line.pop_front());
            }
        }
        self.count -= expired.len() as u64;
        self.bytes -= expired.iter().map(Entry::bytes).sum::<u64>();
        expired
    }

    /// In order of delivery.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.levels.iter().rev().flatten()
    }

    /// How many would be delivered before the entry with this level and id.
    pub fn position(&self, level: u8, id: CopyId) -> u64 {
        let above: usize = self.levels.iter().skip(usize::from(level) + 1).map(VecDeque::len).sum();
        let before = self.levels.get(usize::from(level)).map_or(0, |line| line.partition_point(|other| other.id < id));
        (above + before) as u64
    }

    /// Whether the entry with this level and id is here.
    pub fn contains(&self, level: u8, id: CopyId) -> bool {
        let line = self.levels.get(usize::from(level));
        line.is_some_and(|line| line.binary_search_by_key(&id, |entry| entry.id).is_ok())
    }

    /// Keeps only what `keep` says.
    pub fn retain(&mut self, mut keep: impl FnMut(&mut Entry) -> bool) {
        for line in &mut self.levels {
            line.retain_mut(&mut keep);
        }
        self.count = self.iter().count() as u64;
        self.bytes = self.iter().map(Entry::bytes).sum();
    }

    /// Takes everything out, in order of delivery.
    pub fn drain(&mut self) -> Vec<Entry> {
        let entries = self.levels.iter_mut().rev().flat_map(std::mem::take).collect();
        *self = PriorityLevels::default();
        entries
    }
}
