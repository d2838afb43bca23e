//! A list in pieces that clones share, for what stands in a queue: a clone of a long one costs next to nothing, and so
//! does a change to it at either end.
//!
//! What always holds: no piece is empty, none is longer than [`PIECE`], two that are neighbours are more than half as
//! long together, and two lists are equal if their items are.

use std::rc::Rc;

const PIECE: usize = 64;

/// The list.
#[derive(Clone, Debug)]
pub struct Row<T> {
    pieces: Vec<Rc<Vec<T>>>,
    len: usize,
}

impl<T> Default for Row<T> {
    fn default() -> Self {
        Row { pieces: Vec::new(), len: 0 }
    }
}

impl<T: PartialEq> PartialEq for Row<T> {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.iter().eq(other.iter())
    }
}

impl<T> Row<T> {
    /// How many.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.pieces.iter().flat_map(|piece| piece.iter())
    }

    /// One by its place.
    pub fn get(&self, place: usize) -> Option<&T> {
        let (piece, within) = self.find(place)?;
        self.pieces.get(piece)?.get(within)
    }

    /// The place of the first one that is meant.
    pub fn position(&self, is_meant: impl FnMut(&T) -> bool) -> Option<usize> {
        self.iter().position(is_meant)
    }

    /// About how many bytes a clone takes that has changed a little.
    pub fn weight(&self) -> usize {
        self.pieces.len() * size_of::<usize>() + self.pieces.len().min(2) * PIECE * size_of::<T>()
    }

    /// The piece that a place is in, and where in it.
    fn find(&self, place: usize) -> Option<(usize, usize)> {
        let mut within = place;
        for (index, piece) in self.pieces.iter().enumerate() {
            if within < piece.len() {
                return Some((index, within));
            }
            within -= piece.len();
        }
        None
    }
}

impl<T: Clone> Row<T> {
    /// Adds one at the end.
    pub fn push(&mut self, item: T) {
        self.len += 1;
        match self.pieces.last_mut().filter(|last| last.len() < PIECE) {
            Some(last) => Rc::make_mut(last).push(item),
            None => self.pieces.push(Rc::new(vec![item])),
        }
    }

    /// Puts one in at a place; at the end, if there are not so many.
    pub fn insert(&mut self, place: usize, item: T) {
        if place >= self.len {
            return self.push(item);
        }
        let Some((index, within)) = self.find(place) else { return };
        let Some(piece) = self.pieces.get_mut(index).map(Rc::make_mut) else { return };
        piece.insert(within, item);
        self.len += 1;
        if piece.len() > PIECE {
            let rest = piece.split_off(PIECE / 2);
            self.pieces.insert(index + 1, Rc::new(rest));
        }
    }

    /// Takes one out by its place.
    pub fn remove(&mut self, place: usize) -> Option<T> {
        let (index, within) = self.find(place)?;
        let piece = Rc::make_mut(self.pieces.get_mut(index)?);
        let item = piece.remove(within);
        let is_empty = piece.is_empty();
        self.len -= 1;
        if is_empty {
            self.pieces.remove(index);
        } else {
            self.join(index);
        }
        if let Some(before) = index.checked_sub(1) {
            self.join(before);
        }
        Some(item)
    }

    /// Makes one of a piece and the next, if both are short.
    fn join(&mut self, index: usize) {
        let (Some(piece), Some(next)) = (self.pieces.get(index), self.pieces.get(index + 1)) else { return };
        if piece.len() + next.len() > PIECE / 2 {
            return;
        }
        let next = self.pieces.remove(index + 1);
        if let Some(piece) = self.pieces.get_mut(index) {
            Rc::make_mut(piece).extend(next.iter().cloned());
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{PIECE, Row};

    #[derive(Clone, Copy, Debug)]
    enum Change {
        Push,
        Insert(usize),
        Remove(usize),
    }

    fn change() -> impl Strategy<Value = Change> {
        prop_oneof![
            3 => Just(Change::Push),
            2 => (0..400usize).prop_map(Change::Insert),
            3 => prop_oneof![Just(0), 0..400usize].prop_map(Change::Remove),
        ]
    }

    proptest! {
        #[test]
        fn it_is_a_list(changes in prop::collection::vec(change(), 0..500), prefilled in 0..300u32) {
            let mut list: Vec<u32> = (0..prefilled).collect();
            let mut row = Row::default();
            list.iter().for_each(|item| row.push(*item));
            for (number, change) in (1_000..).zip(changes) {
                let (before, same) = (row.clone(), list.clone());
                match change {
                    Change::Push => {
                        list.push(number);
                        row.push(number);
                    }
                    Change::Insert(place) => {
                        list.insert(place.min(list.len()), number);
                        row.insert(place, number);
                    }
                    Change::Remove(place) => {
                        let removed = (place < list.len()).then(|| list.remove(place));
                        prop_assert_eq!(row.remove(place), removed);
                    }
                }
                prop_assert!(before.iter().eq(&same), "a clone is not changed");
                prop_assert_eq!((row.len(), row.is_empty()), (list.len(), list.is_empty()));
            }
            prop_assert!(row.iter().eq(&list));
            prop_assert!((0..=list.len()).all(|place| row.get(place) == list.get(place)));
            prop_assert!(row.pieces.iter().all(|piece| (1..=PIECE).contains(&piece.len())));
            prop_assert!(row.pieces.windows(2).all(|pair| pair[0].len() + pair[1].len() > PIECE / 2));
            let built = list.iter().fold(Row::default(), |mut built, item| {
                built.push(*item);
                built
            });
            prop_assert!(built == row);
        }
    }
}
