//! What the Overview of the management UI tells of the whole broker: how much there is of what, and the message rates.

use super::super::board::Board;
use super::super::rates::{Counter, Holds, Length, Measured, Rates};
use super::{Table, number, text};

/// What the broker, a channel and a queue count, in the order of the UI.
pub const COUNTERS: [Counter; 11] = [
    Counter::Publish,
    Counter::Confirm,
    Counter::Deliver,
    Counter::DeliverNoAck,
    Counter::Ack,
    Counter::Redeliver,
    Counter::Get,
    Counter::GetNoAck,
    Counter::GetEmpty,
    Counter::ReturnUnroutable,
    Counter::DropUnroutable,
];

/// Queued messages and global counts. Of the exchanges that every virtual host has, those count that somebody used: the others
/// are not in the picture either.
pub fn totals(board: &Board, rates: &Rates) -> Table {
    let consumers: usize = board.queues.values().map(|queue| queue.consumers.len()).sum();
    let queued = Length::ALL.into_iter().map(|length| (length.label(), rates.overview().length(length)));
    let counts = [
        ("Connections", rates.connections().count()),
        ("Channels", rates.channels().count()),
        ("Exchanges", board.exchanges.len()),
        ("Queues", board.queues.len()),
        ("Consumers", consumers),
    ];
    let rows = queued.chain(counts.map(|(label, count)| (label, count as u64)));
    Table {
        caption: "Totals",
        columns: vec![text("Global counts"), number("Now")],
        rows: rows.map(|(label, count)| vec![label.to_owned(), count.to_string()].into()).collect(),
    }
}

/// The message rates of the whole broker.
pub fn rates(rates: &Rates, now_ms: u64) -> Table {
    let all = rates.overview();
    let rows = COUNTERS.iter().map(|counter| {
        let rate = all.rate(*counter, now_ms).unwrap_or_default();
        let number = all.count(*counter).unwrap_or_default();
        vec![counter.label().to_owned(), rate.to_string(), number.to_string()].into()
    });
    let columns = vec![text("Message rates"), number("Rate"), number("So far")];
    Table { caption: "Overview", columns, rows: rows.collect() }
}
