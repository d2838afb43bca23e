//! All that is folded from the log at once: what a moment looks like, and what is counted up to it.

use crate::broker::event::{Event, EventKind};
use crate::history::Fold;
use crate::simulation::{LogEntry, LogKind};

use super::board::Board;
use super::rates::Rates;

/// The state after so many entries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    /// What is where.
    pub board: Board,
    /// What was counted, and how fast it grows.
    pub rates: Rates,
}

impl Fold for Scene {
    type Entry = LogEntry;

    fn apply(&mut self, entry: &LogEntry) {
        self.board.apply(entry);
        self.rates.apply(entry);
    }

    fn weight(&self) -> usize {
        self.board.weight() + self.rates.weight()
    }

    /// The payload of a message is the same memory from its publication on.
    fn content(entry: &LogEntry) -> usize {
        match &entry.kind {
            LogKind::Broker(Event { kind: EventKind::Published { message, .. }, .. }) => message.payload.len(),
            _ => 0,
        }
    }
}
