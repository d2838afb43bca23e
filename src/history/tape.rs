//! A list that only grows at its end and is forgotten from its beginning, in pieces that forks share.
//!
//! Places are counted from 0 and never change: what is forgotten keeps its number. Up to where two forks part they
//! hold the same pieces of memory, but for the entries of the last piece.

use std::collections::VecDeque;
use std::ops::Range;
use std::rc::Rc;

/// Entries of a piece. What is forgotten is forgotten piece by piece.
pub const PIECE: usize = 256;

/// The list.
#[derive(Clone, Debug)]
pub struct Tape<T> {
    /// All full but the last.
    pieces: VecDeque<Rc<Vec<T>>>,
    /// A multiple of [`PIECE`].
    first: usize,
    len: usize,
}

impl<T> Default for Tape<T> {
    fn default() -> Self {
        Tape { pieces: VecDeque::new(), first: 0, len: 0 }
    }
}

impl<T: Clone> Tape<T> {
    /// How many there ever were.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there never was any.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many of the oldest are forgotten: the lowest place that is still known.
    pub fn first(&self) -> usize {
        self.first
    }

    /// Adds one at the end.
    pub fn push(&mut self, item: T) {
        if self.len.is_multiple_of(PIECE) {
            self.pieces.push_back(Rc::new(Vec::with_capacity(PIECE)));
        }
        if let Some(last) = self.pieces.back_mut() {
            Rc::make_mut(last).push(item);
            self.len += 1;
        }
    }

    /// By its place; none if it is forgotten, or yet to come.
    pub fn get(&self, place: usize) -> Option<&T> {
        let index = place.checked_sub(self.first)?;
        self.pieces.get(index / PIECE)?.get(index % PIECE)
    }

    /// The last one.
    pub fn last(&self) -> Option<&T> {
        self.get(self.len.checked_sub(1)?)
    }

    /// Those at some places, as far as they are known.
    pub fn range(&self, places: Range<usize>) -> impl DoubleEndedIterator<Item = &T> {
        (places.start.max(self.first)..places.end.min(self.len)).filter_map(|place| self.get(place))
    }

    /// How many from the beginning on, the forgotten ones among them, come before the first for which something is
    /// not so. It must be so for a beginning of the list and for nothing behind that.
    pub fn partition_point(&self, is_before: impl Fn(&T) -> bool) -> usize {
        let (mut low, mut high) = (self.first, self.len);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.get(middle).is_some_and(&is_before) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The list as it was when it had so many. It shares its pieces with this one.
    pub fn fork(&self, len: usize) -> Self {
        let len = len.clamp(self.first, self.len);
        let known = len - self.first;
        let mut pieces: VecDeque<Rc<Vec<T>>> = self.pieces.range(..known / PIECE).cloned().collect();
        if let Some(part) = self.pieces.get(known / PIECE).and_then(|piece| piece.get(..known % PIECE))
            && !part.is_empty()
        {
            pieces.push_back(Rc::new(part.to_vec()));
        }
        Tape { pieces, first: self.first, len }
    }

    /// Forgets the pieces that end at or before a place.
    pub fn forget(&mut self, place: usize) {
        while self.first + PIECE <= place.min(self.len) {
            self.pieces.pop_front();
            self.first += PIECE;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{PIECE, Tape};

    fn counted(len: usize) -> Tape<usize> {
        let mut tape = Tape::default();
        (0..len).for_each(|number| tape.push(number));
        tape
    }

    #[test]
    fn places_stay_what_they_are() {
        let mut tape = counted(3 * PIECE + 7);
        tape.forget(2 * PIECE + 1);
        assert_eq!((tape.first(), tape.len()), (2 * PIECE, 3 * PIECE + 7));
        assert_eq!(tape.get(2 * PIECE - 1), None);
        assert!((2 * PIECE..tape.len()).all(|place| tape.get(place) == Some(&place)));
        assert_eq!(tape.get(tape.len()), None);
        assert_eq!(tape.last(), Some(&(3 * PIECE + 6)));
        let wanted = 2 * PIECE + 3..2 * PIECE + 6;
        assert!(tape.range(wanted.clone()).copied().eq(wanted.clone()));
        assert!(tape.range(wanted.clone()).rev().copied().eq(wanted.rev()));
        assert_eq!(tape.partition_point(|number| *number < 600), 600);
        assert_eq!(tape.partition_point(|_| false), tape.first());
        assert_eq!(tape.partition_point(|_| true), tape.len());
    }

    #[test]
    fn forks_share_what_they_have_in_common_and_nothing_else() {
        for len in [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 9] {
            let mut parent = counted(2 * PIECE + 9);
            let mut fork = parent.fork(len);
            assert!(fork.range(0..usize::MAX).copied().eq(0..len), "{len}");
            (0..PIECE).for_each(|_| fork.push(7));
            parent.push(8);
            assert_eq!((fork.get(len), fork.len()), (Some(&7), len + PIECE));
            assert!(parent.range(0..2 * PIECE + 9).copied().eq(0..2 * PIECE + 9), "{len}");
            assert_eq!(parent.last(), Some(&8));
        }
        let (parent, mut other) = (counted(2 * PIECE), counted(2 * PIECE).fork(PIECE));
        let shares = |tape: &Tape<usize>| std::ptr::eq(tape.pieces[0].as_ptr(), parent.pieces[0].as_ptr());
        assert!(shares(&parent.fork(PIECE + 3)) && !shares(&other));
        other.forget(PIECE);
        assert_eq!((other.first(), other.last()), (PIECE, None));
    }
}
