//! States to begin from, at some places: never more of them than a budget of memory allows.
//!
//! Together they weigh no more than the budget, unless there are no more than [`LEAST`] of them. When they do, every
//! second one goes and from there on they lie twice as far apart; when there is room again, closer again.

use std::collections::VecDeque;
use std::rc::Rc;

/// So many are kept whatever they weigh.
pub const LEAST: usize = 4;

/// States by place. Forks share them.
#[derive(Clone, Debug)]
pub struct Checkpoints<S> {
    kept: VecDeque<Checkpoint<S>>,
    closest: usize,
    spacing: usize,
    weight: usize,
    budget: usize,
}

#[derive(Debug)]
struct Checkpoint<S> {
    place: usize,
    state: Rc<S>,
    weight: usize,
}

impl<S> Clone for Checkpoint<S> {
    fn clone(&self) -> Self {
        Checkpoint { place: self.place, state: self.state.clone(), weight: self.weight }
    }
}

impl<S> Checkpoints<S> {
    /// None yet. They are to lie `closest` places apart or more; `budget` is in bytes.
    pub fn new(closest: usize, budget: usize) -> Self {
        Checkpoints { kept: VecDeque::new(), closest, spacing: closest, weight: 0, budget }
    }

    /// What all of them weigh, bytes.
    pub fn weight(&self) -> usize {
        self.weight
    }

    /// Whether it is time for one at a place, behind all others.
    pub fn is_due(&self, place: usize) -> bool {
        self.kept.back().is_none_or(|last| place >= last.place + self.spacing)
    }

    /// Takes one in, behind all others.
    pub fn add(&mut self, place: usize, state: S, weight: usize) {
        if self.weight + weight < self.budget / 4 {
            self.spacing = (self.spacing / 2).max(self.closest);
        }
        self.kept.push_back(Checkpoint { place, state: Rc::new(state), weight });
        self.weight += weight;
        while self.weight > self.budget && self.kept.len() > LEAST {
            self.thin();
        }
    }

    fn thin(&mut self) {
        self.spacing = self.spacing.saturating_mul(2);
        let mut next = 0;
        self.kept.retain(|checkpoint| {
            let stays = checkpoint.place >= next;
            if stays {
                next = checkpoint.place.saturating_add(self.spacing);
            }
            stays
        });
        self.weigh();
    }

    fn weigh(&mut self) {
        self.weight = self.kept.iter().map(|checkpoint| checkpoint.weight).sum();
    }

    /// The last one at or before a place, and its place.
    pub fn before(&self, place: usize) -> Option<(usize, &S)> {
        let behind = self.kept.partition_point(|checkpoint| checkpoint.place <= place);
        self.kept.get(behind.checked_sub(1)?).map(|checkpoint| (checkpoint.place, &*checkpoint.state))
    }

    /// The place of the first one.
    pub fn first(&self) -> Option<usize> {
        self.kept.front().map(|checkpoint| checkpoint.place)
    }

    /// Those up to a place.
    pub fn fork(&self, place: usize) -> Self {
        let behind = self.kept.partition_point(|checkpoint| checkpoint.place <= place);
        let kept = self.kept.range(..behind).cloned().collect();
        let mut fork = Checkpoints { kept, weight: 0, ..*self };
        fork.weigh();
        fork
    }

    /// Forgets those that are before another one at or before a place: what was recoverable from there on still is.
    pub fn forget(&mut self, place: usize) {
        while self.kept.get(1).is_some_and(|second| second.place <= place) {
            self.weight -= self.kept.pop_front().map_or(0, |first| first.weight);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Checkpoints, LEAST};

    fn filled(places: usize, weight: usize) -> Checkpoints<usize> {
        let mut checkpoints = Checkpoints::new(10, 1_000);
        for place in (0..places).filter(|place| place % 3 == 0) {
            if checkpoints.is_due(place) {
                checkpoints.add(place, place, weight);
            }
        }
        checkpoints
    }

    #[test]
    fn they_stay_within_the_budget_and_evenly_apart() {
        for weight in [1, 10, 100, 240] {
            let checkpoints = filled(100_000, weight);
            assert!(checkpoints.weight() <= 1_000 && checkpoints.weight() == weight * checkpoints.kept.len());
            assert_eq!(checkpoints.first(), Some(0));
            let spacing = checkpoints.spacing;
            for place in (0..100_000).step_by(777) {
                let (found, state) = checkpoints.before(place).expect("there is one at the beginning");
                assert!(found == *state && found <= place && place - found <= spacing + 3, "{weight} {place} {found}");
            }
        }
        assert!(filled(100_000, 5_000).kept.len() <= LEAST);
    }

    #[test]
    fn when_there_is_room_again_they_lie_closer() {
        let mut checkpoints = filled(10_000, 200);
        let wide = checkpoints.spacing;
        checkpoints.forget(9_999);
        assert_eq!((checkpoints.kept.len(), checkpoints.weight()), (1, 200));
        for place in 10_000..20_000 {
            if checkpoints.is_due(place) {
                checkpoints.add(place, place, 1);
            }
        }
        assert!(wide > 1_000 && checkpoints.spacing < wide / 10, "{wide} {}", checkpoints.spacing);
    }

    #[test]
    fn forgetting_and_forking_keep_what_is_needed() {
        let mut checkpoints = filled(1_000, 1);
        let fork = checkpoints.fork(500);
        assert_eq!(fork.before(2_000), checkpoints.before(500));
        assert_eq!(fork.weight(), fork.kept.len());
        let needed = checkpoints.before(700).map(|(place, _)| place);
        checkpoints.forget(700);
        assert_eq!(checkpoints.first(), needed);
        assert_eq!(checkpoints.weight(), checkpoints.kept.len());
    }
}
