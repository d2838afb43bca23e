//! Boxes by where they are, so that whether a place is free is told without asking all of them.
//!
//! What always holds: a box is in every cell that it has a part of, so two boxes that overlap have a cell in common.

use crate::broker::ordered::{OrderedMap, sort_by};
use std::cell::Cell;

use super::super::geometry::{Point, Rect};

/// The side of a cell.
const CELL: f64 = 160.0;

/// Boxes.
#[derive(Clone, Default)]
pub struct Space {
    cells: OrderedMap<(i32, i32), Vec<Rect>>,
    looked: Cell<u64>,
}

impl Space {
    /// Puts a box in.
    pub fn insert(&mut self, rect: Rect) {
        for cell in cells(&rect) {
            self.cells.entry(cell).or_default().push(rect);
        }
    }

    /// Whether no box has a part of a place.
    pub fn is_free(&self, place: &Rect) -> bool {
        cells(place).all(|cell| !self.cell(cell).any(|rect| rect.overlaps(place)))
    }

    /// Whether a point is in a box, other than those two.
    pub fn covers(&self, point: Point, except: [&Rect; 2]) -> bool {
        let place = Rect::around(point, 2.0, 2.0);
        let is_other = |rect: &&Rect| *rect != except[0] && *rect != except[1];
        cells(&place).any(|cell| self.cell(cell).filter(is_other).any(|rect| rect.overlaps(&place)))
    }

    /// The boxes that have a part of a place, from the top left.
    pub fn within(&self, place: &Rect) -> Vec<Rect> {
        let mut found: Vec<Rect> = Vec::new();
        for rect in cells(place).flat_map(|cell| self.cell(cell)).filter(|rect| rect.overlaps(place)) {
            found.push(*rect);
        }
        sort_by(&mut found, |a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
        found.dedup();
        found
    }

    /// How many boxes were looked at so far.
    pub fn looked(&self) -> u64 {
        self.looked.get()
    }

    fn cell(&self, cell: (i32, i32)) -> impl Iterator<Item = &Rect> {
        let rects = self.cells.get(&cell).map(|rects| &rects[..]).unwrap_or_default();
        rects.iter().inspect(|_| self.looked.set(self.looked.get() + 1))
    }
}

/// The cells that a box has a part of.
fn cells(rect: &Rect) -> impl Iterator<Item = (i32, i32)> + use<> {
    let cell = |at: f64| (at / CELL).floor() as i32;
    let (top, bottom) = (cell(rect.y), cell(rect.y + rect.height));
    (cell(rect.x)..=cell(rect.x + rect.width)).flat_map(move |x| (top..=bottom).map(move |y| (x, y)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_overlaps_is_found_across_cells() {
        let rect = |x: f64, y: f64| Rect { x, y, width: 400.0, height: 50.0 };
        let mut space = Space::default();
        assert!(space.is_free(&rect(0.0, 0.0)));
        space.insert(rect(-300.0, -20.0));
        assert!(!space.is_free(&rect(99.0, 29.0)));
        assert!(space.is_free(&rect(100.0, 0.0)) && space.is_free(&rect(-300.0, 30.0)));
        assert_eq!(space.within(&rect(-100.0, 0.0)), [rect(-300.0, -20.0)]);
        let none = Rect::default();
        assert!(space.covers(Point::new(0.0, 0.0), [&none, &none]));
        assert!(!space.covers(Point::new(0.0, 0.0), [&none, &rect(-300.0, -20.0)]));
    }
}
