//! The story in paragraphs: one publish and all that follows from it is one paragraph, even if other things happen in
//! between; so is a client's coming with what it sets up, and what the scenario declares.
//!
//! What always holds: an entry belongs to one paragraph for good; which one depends on the entries up to it (and, where a
//! timer fires, on the one after it, which the same step writes). The threads only grow at their end, so a cursor that goes
//! back needs nothing: of a paragraph, what comes before the cursor is shown, and that is found from its newest entry back.

mod filter;
mod kind;
mod page;
mod write;

use crate::broker::event::EventKind;
use crate::broker::ordered::OrderedMap;
use crate::broker::{Event, MessageId};
use crate::history::{History, PIECE, Tape};
use crate::simulation::{ClientEvent, ClientId, LogEntry, LogKind};

use super::life::{delivered, named, settled};
use super::scene::Scene;

pub use super::paper::Form;
pub use filter::{Filter, Found, Kinds};
pub use kind::{KINDS, Kind, kind};
pub use page::{Line, Lines, Page, Paragraph, Source, newest};
pub use write::written;

/// Where an entry belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The place of the first entry of its paragraph.
    pub root: usize,
    /// The place of the entry before it in its paragraph; its own if it is the first.
    pub previous: usize,
    /// How many entries come before it in its paragraph.
    pub ordinal: usize,
}

/// A delivery: who knows a message by which tag.
type Delivery = (ClientId, u16, u64);

/// Which entry belongs to which paragraph, as far as the log was looked at.
#[derive(Clone, Debug, Default)]
pub struct Threads {
    links: Tape<Link>,
    /// The last entry of each paragraph.
    last: OrderedMap<usize, usize>,
    /// The paragraph of each message.
    messages: OrderedMap<MessageId, usize>,
    /// The paragraphs of what clients work on.
    deliveries: OrderedMap<Delivery, usize>,
}

impl Threads {
    /// Takes in what the log tells up to a place.
    pub fn go_on(&mut self, history: &History<Scene>, until: usize) {
        for place in self.links.len()..until.min(history.len()) {
            let root = history.get(place).and_then(|entry| self.root(history, place, entry)).unwrap_or(place);
            let previous = self.last.insert(root, place).unwrap_or(place);
            let ordinal = self.links.get(previous).map_or(0, |link| link.ordinal + 1);
            self.links.push(Link { root, previous, ordinal });
        }
        self.forget(history.first());
    }

    /// What the log has forgotten is not kept here either.
    fn forget(&mut self, first: usize) {
        if first < self.links.first() + PIECE {
            return;
        }
        self.links.forget(first);
        self.last.retain(|_, last| *last >= first);
        let last = &self.last;
        self.messages.retain(|_, root| last.contains_key(root));
        self.deliveries.retain(|_, root| last.contains_key(root));
    }

    /// Where an entry belongs, by its place; none if that is forgotten, or was not looked at.
    pub fn link(&self, place: usize) -> Option<Link> {
        self.links.get(place).copied()
    }

    /// The places of a paragraph from one of its entries back to its first, as far as they are known.
    pub fn back_from(&self, place: usize) -> impl Iterator<Item = usize> {
        let mut next = self.link(place).map(|_| place);
        std::iter::from_fn(move || {
            let place = next?;
            let link = self.link(place)?;
            next = (link.previous < place).then_some(link.previous);
            Some(place)
        })
    }

    /// The paragraph of an entry; none if it begins one.
    fn root(&mut self, history: &History<Scene>, place: usize, entry: &LogEntry) -> Option<usize> {
        let cause = place_of(entry.cause).and_then(|cause| self.link(cause)).map(|link| link.root);
        if let Some(message) = named(entry) {
            let known = self.messages.get(&message.id).copied();
            let root = known.or(cause).unwrap_or(place);
            if known.is_none() {
                self.messages.insert(message.id, root);
            }
            self.remember(entry, root);
            return Some(root);
        }
        if let Some(root) = self.of_delivery(entry) {
            return Some(root);
        }
        cause.or_else(|| self.of_group(history, place, entry)).or_else(|| self.of_timer(history, place, entry))
    }

    /// Who got a message works on it.
    fn remember(&mut self, entry: &LogEntry, root: usize) {
        if let LogKind::Client { client, connection, event } = &entry.kind
            && let Some(delivery) = delivered(event)
        {
            self.deliveries.insert((*client, *connection, delivery.delivery_tag), root);
        }
    }

    /// The paragraph of what a client works on or settles. What follows when it is done with it has that as its cause.
    fn of_delivery(&mut self, entry: &LogEntry) -> Option<usize> {
        let LogKind::Client { client, connection, event } = &entry.kind else { return None };
        let (tag, _) = settled(event)?;
        let key = (*client, *connection, tag);
        if matches!(event, ClientEvent::WorkStarted { .. }) {
            return self.deliveries.get(&key).copied();
        }
        self.deliveries.remove(&key)
    }

    /// What is declared at one moment and follows from nothing is told together.
    fn of_group(&self, history: &History<Scene>, place: usize, entry: &LogEntry) -> Option<usize> {
        let before = place.checked_sub(1)?;
        let root = self.link(before)?.root;
        let first = history.get(root)?;
        (declares(entry) && declares(first) && first.at_ms == entry.at_ms).then_some(root)
    }

    /// A timer belongs to the message that it is about: the next entry names it.
    fn of_timer(&self, history: &History<Scene>, place: usize, entry: &LogEntry) -> Option<usize> {
        let LogKind::Broker(Event { kind: EventKind::TimerFired { .. }, .. }) = &entry.kind else { return None };
        let next = history.get(place + 1).filter(|next| next.cause == entry.seq)?;
        self.messages.get(&named(next)?.id).copied()
    }
}

/// The place of an entry, by its number.
fn place_of(seq: u64) -> Option<usize> {
    usize::try_from(seq).ok()?.checked_sub(1)
}

/// Whether an entry says that the scenario, or whoever runs the broker, declares something.
pub(super) fn declares(entry: &LogEntry) -> bool {
    let LogKind::Broker(event) = &entry.kind else { return false };
    let is_declared = matches!(
        event.kind,
        EventKind::ExchangeDeclared { .. }
            | EventKind::QueueDeclared { .. }
            | EventKind::Bound { .. }
            | EventKind::PolicyChanged { .. }
            | EventKind::Managed { .. }
    );
    is_declared && entry.cause == 0
}
