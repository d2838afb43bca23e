//! The story: one sentence for each entry of the log.
//!
//! Every kind of event has its sentence; there is no catch-all, so that a new kind cannot be forgotten. A sentence
//! depends on the entry, on entries before it, on the clients' names, which never change, and on what type a queue is.
//!
//! A sentence says who does what to what, with which effect. Where RabbitMQ has a word of its own for that, the word stands in
//! it beside plain ones.

mod channel;
mod client;
mod declared;
mod error;
mod family;
mod method;
mod names;
mod node;
mod queue;
mod routing;

use crate::broker::Event;
use crate::broker::event::{CloseReason, DeleteReason, EventKind};
use crate::simulation::{LogEntry, LogKind};

use super::board::Board;
use super::film::Film;
use super::sentence::Sentence;
use family::{in_a_queue, of_a_channel, of_the_node, of_topology, on_the_way};

/// What sentences are made from.
#[derive(Clone, Copy)]
pub struct Teller<'a> {
    film: &'a Film,
    names: &'a Board,
}

/// How much an entry matters to somebody who looks for trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// The usual.
    Plain,
    /// Something was settled as it should be.
    Good,
    /// A message was lost, or something was refused.
    Bad,
}

impl<'a> Teller<'a> {
    /// Tells of a film. `names` is any later board: it knows the clients.
    pub fn new(film: &'a Film, names: &'a Board) -> Self {
        Teller { film, names }
    }

    /// The sentence for an entry.
    pub fn sentence(&self, entry: &LogEntry) -> Sentence {
        match &entry.kind {
            LogKind::Broker(event) => self.broker(entry, &event.kind).capitalised(),
            LogKind::Client { client, connection, event } => self.client(entry, *client, *connection, event),
            LogKind::NotDone { deed, why } => client::not_done(deed, why),
        }
    }

    /// The film that it tells of.
    pub(super) fn film(&self) -> &'a Film {
        self.film
    }

    fn entry(&self, seq: u64) -> Option<&'a LogEntry> {
        self.film.entry(seq)
    }

    fn broker(&self, entry: &LogEntry, event: &EventKind) -> Sentence {
        match event {
            on_the_way!() => self.routing(entry, event),
            in_a_queue!() => self.queue(entry, event),
            of_a_channel!() => self.of_channel(event),
            of_topology!() => declared::sentence(event),
            of_the_node!() => node::sentence(event),
        }
    }

    /// The event that an entry follows from, if the broker did that.
    fn cause_of(&self, entry: &LogEntry) -> Option<&'a EventKind> {
        match &self.entry(entry.cause)?.kind {
            LogKind::Broker(Event { kind, .. }) => Some(kind),
            LogKind::Client { .. } | LogKind::NotDone { .. } => None,
        }
    }
}

/// How much an entry matters.
pub fn tone(entry: &LogEntry) -> Tone {
    match &entry.kind {
        LogKind::Client { event, .. } => client::tone(event),
        LogKind::NotDone { .. } => Tone::Bad,
        LogKind::Broker(event) => tone_of(&event.kind),
    }
}

fn tone_of(event: &EventKind) -> Tone {
    match event {
        EventKind::Acked { .. } | EventKind::Confirmed { ack: true, .. } => Tone::Good,
        EventKind::Unroutable { .. }
        | EventKind::Refused { .. }
        | EventKind::Dropped { .. }
        | EventKind::DeadLetterLost { .. }
        | EventKind::CycleCut { .. }
        | EventKind::Confirmed { ack: false, .. }
        | EventKind::DirectReply { channel: None, .. }
        | EventKind::ConnectionRefused { .. }
        | EventKind::ConsumerTimedOut { .. }
        | EventKind::ChannelClosed { why: CloseReason::Error(_), .. }
        | EventKind::ConnectionClosed { why: CloseReason::Error(_) | CloseReason::Lost, .. }
        | EventKind::Stopped { crash: true }
        | EventKind::BoundReached { .. } => Tone::Bad,
        EventKind::ConnectionOpened { .. }
        | EventKind::ConnectionClosed { why: CloseReason::Client | CloseReason::Connection, .. }
        | EventKind::ChannelOpened { .. }
        | EventKind::ChannelClosed { why: CloseReason::Client | CloseReason::Connection | CloseReason::Lost, .. }
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
        | EventKind::Published { .. }
        | EventKind::Routed(_)
        | EventKind::Enqueued { .. }
        | EventKind::Delivered { .. }
        | EventKind::Got { .. }
        | EventKind::GotNothing { .. }
        | EventKind::Waits { .. }
        | EventKind::Requeued { .. }
        | EventKind::Delayed { .. }
        | EventKind::DelayEnded { .. }
        | EventKind::DeadLettered { .. }
        | EventKind::DeadLetterHeld { .. }
        | EventKind::DirectReply { channel: Some(_), .. }
        | EventKind::PolicyChanged { .. }
        | EventKind::PolicyApplied { .. }
        | EventKind::Managed { .. }
        | EventKind::TimerFired { .. }
        | EventKind::Stopped { crash: false }
        | EventKind::Started => Tone::Plain,
    }
}

fn why_deleted(why: DeleteReason) -> &'static str {
    match why {
        DeleteReason::Client => "a client asked for it",
        DeleteReason::AutoDelete => "it was auto-delete, and nothing uses it any more",
        DeleteReason::Exclusive => "it was exclusive, and its connection is gone",
        DeleteReason::Expired => "nobody used it for as long as its x-expires says",
        DeleteReason::Cascade => "the queue or the exchange that it belonged to was deleted",
        DeleteReason::Restart => "it is not durable, so it does not outlive a restart of the broker",
        DeleteReason::Channel => "its channel ended",
    }
}

/// How a channel or a connection ended; it ends the sentence.
fn closed(sentence: Sentence, why: &CloseReason) -> Sentence {
    match why {
        CloseReason::Client => sentence.say("the client closed it."),
        CloseReason::Connection => sentence.say("its connection ended."),
        CloseReason::Lost => sentence.say("the network connection broke."),
        CloseReason::Error(error) => sentence.error(error),
    }
}
