//! Two worlds of one script and seed with one thing changed: what is counted otherwise, and which messages come to something else.
//!
//! What always holds: a message of one world is that of the other if the same client published it as its same number.

use std::collections::BTreeMap;

use crate::broker::event::EventKind;
use crate::broker::{CopyId, Event, MessageId, Name};
use crate::simulation::LogKind;

use super::board::Board;
use super::film::Film;
use super::graph::exchange_name;
use super::life::dropped;
use super::player::Player;

/// So many messages are looked at.
const MESSAGES_MAX: usize = 20_000;

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

/// A message that comes to something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parted {
    /// Which: `shop 3`, the third that `shop` published.
    pub message: String,
    /// Its routing key.
    pub key: String,
    /// What became of it so far, as it is and with the change.
    pub fates: [String; 2],
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

#[derive(Clone, Debug, Default)]
struct Fate {
    publisher: Name,
    number: u64,
    key: Name,
    copies: Vec<(CopyId, Name, &'static str)>,
    ends: Vec<String>,
}

/// What became of each message of a world, so far.
#[derive(Clone, Debug, Default)]
pub struct Fates {
    known: usize,
    forks: u32,
    published: BTreeMap<Name, u64>,
    of: BTreeMap<MessageId, Fate>,
}

impl Fates {
    /// Takes in what has happened when a world is where it is.
    pub fn go_on(&mut self, player: &Player) {
        let (film, cursor) = (player.film(), player.cursor());
        if cursor < self.known || self.forks != film.forks() {
            *self = Fates { forks: film.forks(), ..Fates::default() };
        }
        for place in self.known.max(film.history().first())..cursor {
            if let Some(LogKind::Broker(event)) = film.history().get(place).map(|entry| &entry.kind) {
                self.take(event, film);
            }
        }
        self.known = cursor;
    }

    fn take(&mut self, event: &Event, film: &Film) {
        match &event.kind {
            EventKind::Published { message, channel, .. } => {
                let names = &film.history().front().board;
                let client = names.client_of(channel.connection).map(|(_, client)| client.spec.name.clone());
                let publisher = client.unwrap_or_else(|| "operator".into());
                let number = self.published.entry(publisher.clone()).or_default();
                *number += 1;
                if self.of.len() < MESSAGES_MAX {
                    let key = message.routing_keys.key.clone();
                    self.of.insert(message.id, Fate { publisher, number: *number, key, ..Fate::default() });
                }
            }
            EventKind::Enqueued { at, .. } => {
                if let Some(fate) = self.of.get_mut(&at.message.id) {
                    fate.copies.push((at.copy, at.queue.name.clone(), "Ready"));
                }
            }
            EventKind::Delivered { at, ack, .. } | EventKind::Got { at, ack, .. } => {
                self.set(at.message.id, at.copy, if *ack { "Unacked" } else { "auto ack" });
            }
            EventKind::Acked { at, .. } => self.set(at.message.id, at.copy, "acked"),
            EventKind::Requeued { at, .. } | EventKind::DelayEnded { at, .. } => {
                self.set(at.message.id, at.copy, "Ready")
            }
            EventKind::Delayed { at, .. } => self.set(at.message.id, at.copy, "waiting"),
            EventKind::Dropped { at, rule } => self.set(at.message.id, at.copy, dropped(*rule)),
            EventKind::DeadLettered { at, .. } => {
                if let Some(fate) = self.of.get_mut(&at.message.id) {
                    fate.copies.retain(|(copy, ..)| *copy != at.copy);
                }
            }
            EventKind::Refused { queue, message, rule } => {
                self.end(message.id, format!("{} by {}", dropped(*rule), queue.name));
            }
            EventKind::Unroutable { message, returned } => {
                self.end(message.id, if *returned { "Unroutable (return)" } else { "Unroutable (drop)" }.to_owned());
            }
            EventKind::DeadLetterLost { message, .. } => self.end(message.id, "lost as a dead letter".to_owned()),
            _ => {}
        }
    }

    fn set(&mut self, id: MessageId, copy: CopyId, state: &'static str) {
        let copies = self.of.get_mut(&id).into_iter().flat_map(|fate| &mut fate.copies);
        for (other, _, now) in copies {
            if *other == copy {
                *now = state;
            }
        }
    }

    fn end(&mut self, id: MessageId, how: String) {
        if let Some(fate) = self.of.get_mut(&id) {
            fate.ends.push(how);
        }
    }

    fn by_number(&self) -> BTreeMap<(&Name, u64), &Fate> {
        self.of.values().map(|fate| ((&fate.publisher, fate.number), fate)).collect()
    }
}

impl Fate {
    fn told(&self) -> String {
        let mut parts: Vec<String> =
            self.copies.iter().map(|(_, queue, state)| format!("{state} in {queue}")).collect();
        parts.extend(self.ends.iter().cloned());
        parts.sort_unstable();
        if parts.is_empty() { "on its way".to_owned() } else { parts.join("; ") }
    }
}

/// The messages that come to something else, the first published of each client first; so many of them at most, and how many there
/// are.
pub fn parted(left: &Fates, right: &Fates, most: usize) -> (Vec<Parted>, usize) {
    let (left, right) = (left.by_number(), right.by_number());
    let numbers: std::collections::BTreeSet<_> = left.keys().chain(right.keys()).collect();
    let mut found = Vec::new();
    let mut all = 0;
    for number in numbers {
        let sides = [left.get(number), right.get(number)];
        let fates = sides.map(|fate| fate.map_or("not published".to_owned(), |fate| fate.told()));
        if fates[0] == fates[1] {
            continue;
        }
        all += 1;
        if found.len() < most {
            let key = sides.iter().flatten().next().map(|fate| fate.key.to_string()).unwrap_or_default();
            found.push(Parted { message: format!("{} {}", number.0, number.1), key, fates });
        }
    }
    (found, all)
}
