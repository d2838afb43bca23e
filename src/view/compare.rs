//! Two worlds of one script and seed with one thing changed: what is counted otherwise, and which messages come to something else.
//!
//! What always holds: a message of one world is that of the other if the same client published it as its same number.

mod fates;
mod parting;

use std::collections::BTreeMap;

use super::board::Board;
use super::graph::exchange_name;

pub use fates::{Fates, Parted, parted};
pub use parting::{Look, Parting, Side, look};

/// One thing that is counted in both worlds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What.
    pub what: String,
    /// As it is, and with the change.
    pub values: [String; 2],
}

impl Row {
    /// Whether it is another in both.
    pub fn differs(&self) -> bool {
        self.values[0] != self.values[1]
    }
}

/// What is counted in both, in one table: clients' publishes, exchanges, queues.
pub fn summary(left: &Board, right: &Board) -> Vec<Row> {
    let mut rows: BTreeMap<(u8, String, u8, &'static str), [String; 2]> = BTreeMap::new();
    for (side, board) in [left, right].into_iter().enumerate() {
        let mut put = |group: u8, name: String, place: u8, what: &'static str, value: String| {
            let row =
                rows.entry((group, name, place, what)).or_insert_with(|| ["\u{2013}", "\u{2013}"].map(str::to_owned));
            if let Some(cell) = row.get_mut(side) {
                *cell = value;
            }
        };
        for (resource, exchange) in board.exchanges.iter() {
            let name = format!("exchange {}", exchange_name(&resource.name));
            put(0, name.clone(), 0, "Publish (In)", exchange.received.to_string());
            put(0, name.clone(), 1, "Unroutable (drop)", exchange.dropped.to_string());
            put(0, name, 2, "Unroutable (return)", exchange.returned.to_string());
        }
        for (resource, queue) in board.queues.iter() {
            let name = format!("queue {}", resource.name);
            put(1, name.clone(), 0, "Type", queue.kind.to_string());
            put(1, name.clone(), 1, "Enqueued", queue.taken.to_string());
            put(1, name.clone(), 2, "Ready", queue.ready.len().to_string());
            put(1, name.clone(), 3, "Unacked", queue.unacked.len().to_string());
            put(1, name.clone(), 4, "Deliver / get", queue.delivered.to_string());
            put(1, name.clone(), 5, "Consumer ack", queue.acked.to_string());
            put(1, name, 6, "Dropped", queue.dropped.to_string());
        }
    }
    let row = |((_, name, _, what), values): ((u8, String, u8, &str), [String; 2])| Row {
        what: format!("{name}: {what}"),
        values,
    };
    rows.into_iter().map(row).collect()
}
