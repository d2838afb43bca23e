//! All that is folded from the log at once: what a moment looks like, and what is counted up to it.

use crate::history::Fold;
use crate::simulation::LogEntry;

use super::board::Board;

/// The state after so many entries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    /// What is where.
    pub board: Board,
}

impl Fold for Scene {
    type Entry = LogEntry;

    fn apply(&mut self, entry: &LogEntry) {
        self.board.apply(entry);
    }

    fn weight(&self) -> usize {
        self.board.weight()
    }
}
