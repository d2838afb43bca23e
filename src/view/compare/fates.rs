//! What became of each message of a world, and which come to something else in another.
//!
//! What always holds: who goes back forgets what is not yet.

use std::collections::BTreeMap;

use crate::broker::event::{ConsumerRef, EventKind};
use crate::broker::{ChannelId, CopyId, Event, MessageId, Name};
use crate::simulation::LogKind;
use crate::view::board::Board;
use crate::view::film::Film;
use crate::view::life::dropped;
use crate::view::player::Player;

use super::parting::{Deed, Fact};

/// So many messages are looked at.
const MESSAGES_MAX: usize = 20_000;

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
    facts: Vec<Fact>,
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

    /// What happened to messages, in its order.
    pub(super) fn facts(&self) -> &[Fact] {
        &self.facts
    }

    fn take(&mut self, event: &Event, film: &Film) {
        let names = &film.history().front().board;
        if let EventKind::Published { message, channel, .. } = &event.kind {
            let publisher = client(names, *channel);
            let number = self.published.entry(publisher.clone()).or_default();
            *number += 1;
            if self.of.len() < MESSAGES_MAX {
                let key = message.routing_keys.key.clone();
                self.of.insert(message.id, Fate { publisher, number: *number, key, ..Fate::default() });
            }
        }
        if let Some((id, deed)) = deed(&event.kind, names)
            && let Some(fate) = self.of.get(&id)
        {
            let (publisher, number) = (fate.publisher.clone(), fate.number);
            self.facts.push(Fact { at_ms: event.at_ms, publisher, number, deed });
        }
        self.settle(&event.kind);
    }

    fn settle(&mut self, event: &EventKind) {
        match event {
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

/// Who a channel belongs to.
fn client(names: &Board, channel: ChannelId) -> Name {
    let client = names.client_of(channel.connection).map(|(_, client)| client.spec.name.clone());
    client.unwrap_or_else(|| "operator".into())
}

/// What an event does to a message; none if it does nothing that a learner would see.
fn deed(event: &EventKind, names: &Board) -> Option<(MessageId, Deed)> {
    let who = |consumer: &ConsumerRef| client(names, consumer.channel);
    Some(match event {
        EventKind::Published { message, .. } => (message.id, Deed::Published),
        EventKind::Enqueued { at, .. } => (at.message.id, Deed::Enqueued(at.queue.name.clone())),
        EventKind::Delivered { at, consumer, .. } => {
            (at.message.id, Deed::Delivered(at.queue.name.clone(), who(consumer)))
        }
        EventKind::Got { at, channel, .. } => {
            (at.message.id, Deed::Delivered(at.queue.name.clone(), client(names, *channel)))
        }
        EventKind::Acked { at, .. } => (at.message.id, Deed::Acked(at.queue.name.clone())),
        EventKind::Requeued { at, .. } => (at.message.id, Deed::Requeued(at.queue.name.clone())),
        EventKind::Delayed { at, .. } => (at.message.id, Deed::Delayed(at.queue.name.clone())),
        EventKind::DelayEnded { at, .. } => (at.message.id, Deed::DelayEnded(at.queue.name.clone())),
        EventKind::Dropped { at, rule } => (at.message.id, Deed::Dropped(at.queue.name.clone(), *rule)),
        EventKind::DeadLettered { at, exchange, .. } => {
            (at.message.id, Deed::DeadLettered(at.queue.name.clone(), exchange.clone()))
        }
        EventKind::Refused { queue, message, .. } => (message.id, Deed::Refused(queue.name.clone())),
        EventKind::Unroutable { message, returned } => (message.id, Deed::Unroutable(*returned)),
        EventKind::DeadLetterLost { message, .. } => (message.id, Deed::DeadLetterLost),
        _ => return None,
    })
}
