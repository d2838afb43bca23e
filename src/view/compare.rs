//! Two worlds of one script and seed with one thing changed: what is counted otherwise, and which messages come to something else.
//!
//! What always holds: a message of one world is that of the other if the same client published it as its same number.

mod fates;
mod parting;

use std::collections::BTreeMap;

use super::board::Board;
use super::graph::{NodeId, exchange_name};

pub use fates::{Fates, Parted, parted};
pub use parting::{Look, Parting, Side, look};

/// One thing that is counted in both worlds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// At which node.
    pub node: NodeId,
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
    let mut rows: BTreeMap<(NodeId, u8), Row> = BTreeMap::new();
    for (side, board) in [left, right].into_iter().enumerate() {
        let mut put = |node: &NodeId, name: &str, place: u8, what: &'static str, value: String| {
            let row = rows.entry((node.clone(), place)).or_insert_with(|| Row {
                node: node.clone(),
                what: format!("{name}: {what}"),
                values: ["\u{2013}", "\u{2013}"].map(str::to_owned),
            });
            if let Some(cell) = row.values.get_mut(side) {
                *cell = value;
            }
        };
        for (resource, exchange) in board.exchanges.iter() {
            let node = NodeId::Exchange(resource.clone());
            let name = format!("exchange {}", exchange_name(&resource.name));
            put(&node, &name, 0, "Publish (In)", exchange.received.to_string());
            put(&node, &name, 1, "Unroutable (drop)", exchange.dropped.to_string());
            put(&node, &name, 2, "Unroutable (return)", exchange.returned.to_string());
        }
        for (resource, queue) in board.queues.iter() {
            let node = NodeId::Queue(resource.clone());
            let name = format!("queue {}", resource.name);
            put(&node, &name, 0, "Type", queue.kind.to_string());
            put(&node, &name, 1, "Enqueued", queue.taken.to_string());
            put(&node, &name, 2, "Ready", queue.ready.len().to_string());
            put(&node, &name, 3, "Unacked", queue.unacked.len().to_string());
            put(&node, &name, 4, "Deliver / get", queue.delivered.to_string());
            put(&node, &name, 5, "Consumer ack", queue.acked.to_string());
            put(&node, &name, 6, "Dropped", queue.dropped.to_string());
        }
    }
    rows.into_values().collect()
}

/// The nodes at which something is counted otherwise, each once.
pub fn apart(rows: &[Row]) -> Vec<NodeId> {
    let mut nodes: Vec<NodeId> = rows.iter().filter(|row| row.differs()).map(|row| row.node.clone()).collect();
    nodes.dedup();
    nodes
}
