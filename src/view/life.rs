//! A message's life: which entries of the log are about it, and where it is.
//!
//! A message is what one publish made: its copies in several queues and the dead letters that come of them belong to the
//! same life, as the broker gives them one id. What the log says without an id (a confirm, what a client does with a
//! delivery) is found by its cause and by its delivery tag, never by comparing what messages look like.

pub mod content;
pub mod page;
mod stay;

use std::rc::Rc;

use crate::broker::event::EventKind;
use crate::broker::message::{Delivery, Message};
use crate::broker::{CopyId, Event, Frame, MessageId, Method, Reply};
use crate::history::History;
use crate::simulation::{ClientEvent, ClientId, LogEntry, LogKind, Parcel};

use super::scene::Scene;

pub use stay::{End, Stay, Where, dropped, stays};

/// An entry that is about a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The place of the entry in the log, from 0.
    pub place: usize,
    /// Which copy of the message it is about, if it is about one.
    pub copy: Option<CopyId>,
}

/// All that is known of one message. It is made for one past, and grows with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Life {
    id: MessageId,
    /// The first entry that names it, by which the message is known again in another past.
    birth: LogEntry,
    /// So many entries have been looked at.
    known: usize,
    moments: Vec<Moment>,
    /// Deliveries of it: who knows it by which tag, until they settle it or get another one with that tag.
    deliveries: Vec<(ClientId, u16, u64)>,
}

/// The message that an entry names, if it names one.
pub fn named(entry: &LogEntry) -> Option<&Rc<Message>> {
    match &entry.kind {
        LogKind::Broker(event) => in_broker(&event.kind).map(|(message, _)| message),
        LogKind::Client { event, .. } => delivered(event).map(|delivery| &delivery.message),
        LogKind::NotDone { .. } => None,
    }
}

/// The message that an event is about, and which copy of it.
fn in_broker(event: &EventKind) -> Option<(&Rc<Message>, Option<CopyId>)> {
    match event {
        EventKind::Published { message, .. }
        | EventKind::Unroutable { message, .. }
        | EventKind::Refused { message, .. }
        | EventKind::CycleCut { message, .. }
        | EventKind::DeadLetterLost { message, .. }
        | EventKind::DirectReply { message, .. } => Some((message, None)),
        EventKind::Routed(routed) => Some((&routed.message, None)),
        EventKind::Enqueued { at, .. }
        | EventKind::Delivered { at, .. }
        | EventKind::Got { at, .. }
        | EventKind::Waits { at, .. }
        | EventKind::Acked { at, .. }
        | EventKind::Requeued { at, .. }
        | EventKind::Delayed { at, .. }
        | EventKind::DelayEnded { at, .. }
        | EventKind::Dropped { at, .. }
        | EventKind::DeadLettered { at, .. }
        | EventKind::DeadLetterHeld { at, .. } => Some((&at.message, Some(at.copy))),
        EventKind::ConnectionOpened { .. }
        | EventKind::ConnectionRefused { .. }
        | EventKind::ConnectionClosed { .. }
        | EventKind::ChannelOpened { .. }
        | EventKind::ChannelClosed { .. }
        | EventKind::ChannelSet { .. }
        | EventKind::ExchangeDeclared { .. }
        | EventKind::ExchangeDeleted { .. }
        | EventKind::QueueDeclared { .. }
        | EventKind::QueueDeleted { .. }
        | EventKind::QueuePurged { .. }
        | EventKind::Bound { .. }
        | EventKind::Unbound { .. }
        | EventKind::ConsumerAdded { .. }
        | EventKind::ConsumerRemoved { .. }
        | EventKind::ActiveConsumerChanged { .. }
        | EventKind::ConsumerTimedOut { .. }
        | EventKind::GotNothing { .. }
        | EventKind::Confirmed { .. }
        | EventKind::PolicyChanged { .. }
        | EventKind::PolicyApplied { .. }
        | EventKind::Managed { .. }
        | EventKind::TimerFired { .. }
        | EventKind::Stopped { .. }
        | EventKind::Started
        | EventKind::BoundReached { .. } => None,
    }
}

/// What arrives at a client, or should have arrived there.
pub(super) fn delivered(event: &ClientEvent) -> Option<&Delivery> {
    match event {
        ClientEvent::Received { frame: Frame::Deliver { delivery, .. } }
        | ClientEvent::Answered { reply: Reply::Got { delivery, .. } }
        | ClientEvent::LostOnLink {
            what: Parcel::Frame(Frame::Deliver { delivery, .. }) | Parcel::Reply(Reply::Got { delivery, .. }),
        } => Some(delivery),
        _ => None,
    }
}

/// The delivery that a client works on or settles, by its tag, and whether that means all up to it, too.
pub(super) fn settled(event: &ClientEvent) -> Option<(u64, bool)> {
    match event {
        ClientEvent::WorkStarted { delivery_tag, .. }
        | ClientEvent::WorkDone { delivery_tag }
        | ClientEvent::Skipped { delivery_tag, .. }
        | ClientEvent::NoReplyTo { delivery_tag } => Some((*delivery_tag, false)),
        ClientEvent::Sent { method, .. } => match method {
            Method::BasicAck { delivery_tag, multiple } | Method::BasicNack { delivery_tag, multiple, .. } => {
                Some((*delivery_tag, *multiple))
            }
            Method::BasicReject { delivery_tag, .. } => Some((*delivery_tag, false)),
            _ => None,
        },
        _ => None,
    }
}

/// Whether an entry that names no message is about the one that its cause is about.
fn follows(kind: &LogKind) -> bool {
    match kind {
        LogKind::Broker(event) => matches!(event.kind, EventKind::Confirmed { .. }),
        LogKind::Client { event, .. } => match event {
            ClientEvent::Received { frame } => {
                matches!(frame, Frame::Return { .. } | Frame::Ack { .. } | Frame::Nack { .. })
            }
            ClientEvent::Logged { .. }
            | ClientEvent::RetryPlanned { .. }
            | ClientEvent::GaveUp { .. }
            | ClientEvent::Ignored { .. }
            | ClientEvent::LostOnLink { .. }
            | ClientEvent::RpcAnswered { .. }
            | ClientEvent::RpcTimedOut { .. }
            | ClientEvent::RpcUnknown { .. } => true,
            _ => false,
        },
        LogKind::NotDone { .. } => false,
    }
}

impl Life {
    /// The life of a message, as far as the log remembers it and already tells it. None if it knows no such message.
    pub fn of(history: &History<Scene>, id: MessageId) -> Option<Life> {
        let names = |place: &usize| history.get(*place).and_then(named).is_some_and(|message| message.id == id);
        let is_publish = |place: &usize| {
            let kind = history.get(*place).map(|entry| &entry.kind);
            matches!(kind, Some(LogKind::Broker(Event { kind: EventKind::Published { .. }, .. })))
        };
        let mut first = None;
        for place in (history.first()..history.len()).rev().filter(names) {
            first = Some(place);
            if is_publish(&place) {
                break;
            }
        }
        let first = first?;
        let birth = history.get(first)?.clone();
        let mut life = Life { id, birth, known: first, moments: Vec::new(), deliveries: Vec::new() };
        life.sent(history);
        life.go_on(history);
        Some(life)
    }

    /// The life of the message that an entry is about, by its number.
    pub fn at(history: &History<Scene>, seq: u64) -> Option<Life> {
        subject(history, seq).and_then(|id| Life::of(history, id))
    }

    /// That it was sent is told before it has an id.
    fn sent(&mut self, history: &History<Scene>) {
        let place = usize::try_from(self.birth.cause).ok().and_then(|seq| seq.checked_sub(1));
        let Some(place) = place else { return };
        let sent = history.get(place).is_some_and(|entry| {
            matches!(
                &entry.kind,
                LogKind::Client { event: ClientEvent::Sent { method: Method::BasicPublish(_), .. }, .. }
            )
        });
        if sent {
            self.moments.push(Moment { place, copy: None });
        }
    }

    /// Takes in what the log tells further.
    pub fn go_on(&mut self, history: &History<Scene>) {
        for place in self.known.max(history.first())..history.len() {
            let Some(entry) = history.get(place) else { continue };
            if let Some(copy) = self.concerns(entry) {
                self.moments.push(Moment { place, copy });
            }
        }
        self.known = history.len();
    }

    /// The same life in another past, which may have come about by a fork; none if it never began there.
    pub fn again(&self, history: &History<Scene>) -> Option<Life> {
        let place = usize::try_from(self.birth.seq.checked_sub(1)?).ok()?;
        if place >= history.first() && history.get(place) != Some(&self.birth) {
            return None;
        }
        Life::of(history, self.id)
    }

    /// Whether an entry is about it, and then about which copy.
    fn concerns(&mut self, entry: &LogEntry) -> Option<Option<CopyId>> {
        match &entry.kind {
            LogKind::Broker(event) => {
                if let Some((message, copy)) = in_broker(&event.kind) {
                    return (message.id == self.id).then_some(copy);
                }
            }
            LogKind::Client { client, connection, event } => {
                if let Some(delivery) = delivered(event) {
                    let key = (*client, *connection, delivery.delivery_tag);
                    self.deliveries.retain(|known| *known != key);
                    if delivery.message.id != self.id {
                        return None;
                    }
                    self.deliveries.push(key);
                    return Some(None);
                }
                if let Some((tag, multiple)) = settled(event) {
                    let is_meant = |(who, on, known): &(ClientId, u16, u64)| {
                        (who, on) == (client, connection) && (*known == tag || (multiple && (tag == 0 || *known < tag)))
                    };
                    let concerns = self.deliveries.iter().any(is_meant);
                    if matches!(event, ClientEvent::Sent { .. }) {
                        self.deliveries.retain(|known| !is_meant(known));
                    }
                    return concerns.then_some(None);
                }
            }
            LogKind::NotDone { .. } => return None,
        }
        (follows(&entry.kind) && self.has(entry.cause)).then_some(None)
    }

    /// Whether an entry is a moment of it, by its number.
    pub fn has(&self, seq: u64) -> bool {
        let place = usize::try_from(seq).ok().and_then(|seq| seq.checked_sub(1));
        place.is_some_and(|place| self.moments.binary_search_by_key(&place, |moment| moment.place).is_ok())
    }

    /// The message's id.
    pub fn id(&self) -> MessageId {
        self.id
    }

    /// Its moments that have happened when `cursor` entries have, oldest first.
    pub fn moments(&self, cursor: usize) -> &[Moment] {
        let happened = self.moments.partition_point(|moment| moment.place < cursor);
        self.moments.get(..happened).unwrap_or_default()
    }

    /// The message as it is after `cursor` entries: with the deaths that it has died by then.
    pub fn message<'a>(&'a self, history: &'a History<Scene>, cursor: usize) -> Option<&'a Rc<Message>> {
        let named_at = |moment: &Moment| history.get(moment.place).and_then(named);
        self.moments(cursor).iter().rev().find_map(named_at).or_else(|| named(&self.birth))
    }
}

/// Whether an entry is about a message, as far as can be told from the entry alone.
pub fn is_about_one(entry: &LogEntry) -> bool {
    let is_publish = |event: &ClientEvent| matches!(event, ClientEvent::Sent { method: Method::BasicPublish(_), .. });
    let at_client = match &entry.kind {
        LogKind::Client { event, .. } => settled(event).is_some() || is_publish(event),
        _ => false,
    };
    at_client || named(entry).is_some() || follows(&entry.kind)
}

/// The message that an entry is about, by its number: the one it names, or the one that what it follows from names.
pub fn subject(history: &History<Scene>, seq: u64) -> Option<MessageId> {
    let entry_at = |seq: u64| history.get(usize::try_from(seq.checked_sub(1)?).ok()?);
    let mut entry = entry_at(seq)?;
    loop {
        if let Some(message) = named(entry) {
            return Some(message.id);
        }
        if !follows(&entry.kind) {
            break;
        }
        entry = entry_at(entry.cause)?;
    }
    match &entry.kind {
        LogKind::Client { event: ClientEvent::Sent { method: Method::BasicPublish(_), .. }, .. } => {
            published(history, entry)
        }
        LogKind::Client { client, connection, event } => {
            let (tag, _) = settled(event)?;
            let before = (history.first()..place_of(entry)?).rev().take(LOOK_BACK);
            let delivery = before.filter_map(|place| history.get(place)).find_map(|earlier| match &earlier.kind {
                LogKind::Client { client: who, connection: on, event } if (who, on) == (client, connection) => {
                    delivered(event).filter(|delivery| delivery.delivery_tag == tag)
                }
                _ => None,
            });
            delivery.map(|delivery| delivery.message.id)
        }
        _ => None,
    }
}

/// How far a delivery is looked for, and the arrival of what was sent.
const LOOK_BACK: usize = 10_000;

fn place_of(entry: &LogEntry) -> Option<usize> {
    usize::try_from(entry.seq.checked_sub(1)?).ok()
}

/// What became of a message that was sent: it has its id from where it arrives.
fn published(history: &History<Scene>, sent: &LogEntry) -> Option<MessageId> {
    let after = (place_of(sent)?..history.len()).take(LOOK_BACK).filter_map(|place| history.get(place));
    after.filter(|entry| entry.cause == sent.seq).find_map(named).map(|message| message.id)
}
