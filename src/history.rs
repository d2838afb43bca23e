//! A log of inputs with checkpoints: any moment of the past can be looked at, and looking changes nothing.
//!
//! It does not know what it keeps: a [`Fold`] says how one entry changes a state. What always holds: the state at
//! a cursor is what all entries before it, in order, make of the state at the beginning. Memory has a bound: of
//! more entries than the limit the oldest are forgotten, and [`History::first`] tells which is the oldest still known.

use std::collections::VecDeque;

/// A state that entries change.
pub trait Fold: Clone {
    /// What changes it.
    type Entry;
    /// Takes one entry in.
    fn apply(&mut self, entry: &Self::Entry);
}

/// From one checkpoint to the next, entries.
const INTERVAL: usize = 256;

/// All entries since the oldest that is still known, and states to begin from.
#[derive(Clone, Debug)]
pub struct History<S: Fold> {
    entries: VecDeque<S::Entry>,
    /// The state before entry `first + k * INTERVAL`, for each k.
    checkpoints: VecDeque<S>,
    /// The state after all entries.
    front: S,
    first: usize,
    limit: usize,
}

impl<S: Fold> History<S> {
    /// An empty history that keeps at least the last `limit` entries, and not many more.
    pub fn new(start: S, limit: usize) -> Self {
        History { entries: VecDeque::new(), checkpoints: VecDeque::new(), front: start, first: 0, limit }
    }

    /// Adds an entry at the end.
    pub fn push(&mut self, entry: S::Entry) {
        if self.entries.len().is_multiple_of(INTERVAL) {
            self.checkpoints.push_back(self.front.clone());
        }
        self.front.apply(&entry);
        self.entries.push_back(entry);
        if self.entries.len() >= self.limit.saturating_add(INTERVAL) {
            self.entries.drain(..INTERVAL);
            self.checkpoints.pop_front();
            self.first += INTERVAL;
        }
    }

    /// How many entries there ever were.
    pub fn len(&self) -> usize {
        self.first + self.entries.len()
    }

    /// Whether there never was any.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many of the oldest entries are forgotten: the lowest cursor that can be looked at.
    pub fn first(&self) -> usize {
        self.first
    }

    /// An entry by its place, from 0; none if it is forgotten, or yet to come.
    pub fn get(&self, place: usize) -> Option<&S::Entry> {
        self.entries.get(place.checked_sub(self.first)?)
    }

    /// The entries from a place on.
    pub fn from(&self, place: usize) -> impl Iterator<Item = &S::Entry> {
        self.entries.range(place.saturating_sub(self.first).min(self.entries.len())..)
    }

    /// The state after all entries.
    pub fn front(&self) -> &S {
        &self.front
    }

    /// The state after the first `cursor` entries; the nearest one that is known if that is not.
    pub fn at(&self, cursor: usize) -> S {
        let wanted = cursor.clamp(self.first, self.len()) - self.first;
        let nearest = (wanted / INTERVAL).min(self.checkpoints.len().saturating_sub(1));
        let Some(checkpoint) = self.checkpoints.get(nearest) else { return self.front.clone() };
        let mut state = checkpoint.clone();
        for entry in self.entries.range(nearest * INTERVAL..wanted) {
            state.apply(entry);
        }
        state
    }
}

#[cfg(test)]
mod tests {
    use super::{Fold, History, INTERVAL};

    /// Not commutative, so that the order counts.
    #[derive(Clone, Debug, PartialEq)]
    struct Mix(u64);

    impl Fold for Mix {
        type Entry = u64;
        fn apply(&mut self, entry: &u64) {
            self.0 = self.0.wrapping_mul(31).wrapping_add(*entry);
        }
    }

    fn after(count: usize) -> Mix {
        let mut mix = Mix(7);
        (0..count as u64).for_each(|entry| mix.apply(&entry));
        mix
    }

    #[test]
    fn every_moment_is_what_its_entries_make_of_the_beginning() {
        let mut history = History::new(Mix(7), 10_000);
        assert!(history.is_empty());
        assert_eq!(history.at(0), after(0));
        (0..1_000).for_each(|entry| history.push(entry));
        for cursor in 0..=1_000 {
            assert_eq!(history.at(cursor), after(cursor), "at {cursor}");
        }
        assert_eq!(history.front(), &after(1_000));
        assert_eq!(history.at(2_000), after(1_000));
    }

    #[test]
    fn the_oldest_are_forgotten_and_it_says_so() {
        let mut history = History::new(Mix(7), 300);
        (0..2_000).for_each(|entry| history.push(entry));
        assert_eq!(history.len(), 2_000);
        assert!(history.len() - history.first() >= 300 && history.len() - history.first() < 300 + 2 * INTERVAL);
        assert_eq!(history.get(history.first() - 1), None);
        assert_eq!(history.get(1_999), Some(&1_999));
        for cursor in history.first()..=2_000 {
            assert_eq!(history.at(cursor), after(cursor), "at {cursor}");
        }
        assert_eq!(history.at(0), after(history.first()));
        assert_eq!(history.from(1_998).copied().collect::<Vec<_>>(), [1_998, 1_999]);
    }
}
