//! The story: one sentence for each entry of the log.
//!
//! Every kind of event has its sentence; there is no catch-all, so that a new kind cannot be forgotten. A sentence
//! depends on the entry, on the entries it follows from, and on the clients' names, which never change.

mod channel;
mod client;
mod error;
mod queue;
mod routing;

use crate::broker::event::{CloseReason, ConsumerRef, DeleteReason, EventKind, TimerKind};
use crate::broker::message::Message;
use crate::broker::{ChannelId, ConnectionId, Event, Method, Name};
use crate::simulation::{ClientId, LogEntry, LogKind, is_operator};

use super::board::Board;
use super::film::Film;
use super::sentence::{Sentence, excerpt_of};

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

    fn client_name(&self, id: ClientId) -> Name {
        self.names.clients.get(&id).map(|client| client.spec.name.clone()).unwrap_or_default()
    }

    /// A client by its connection, with which of several that is.
    fn connection(&self, id: ConnectionId) -> Sentence {
        match self.names.owner_of(id) {
            Some((client, connection)) => self.client_on(client, connection),
            None if is_operator(id) => Sentence::words("the operator"),
            None => Sentence::words(format!("connection {id}")),
        }
    }

    fn client_on(&self, id: ClientId, connection: u16) -> Sentence {
        let sentence = Sentence::of(&self.client_name(id));
        let count = self.names.clients.get(&id).map_or(1, |client| client.connections.len());
        if count > 1 { sentence.say(format!(" (connection {} of {count})", connection + 1)) } else { sentence }
    }

    fn channel(&self, id: ChannelId) -> Sentence {
        self.connection(id.connection)
    }

    /// A consumer, by its client's name, with its tag where that is another.
    fn consumer(&self, consumer: &ConsumerRef) -> Sentence {
        match self.names.client_of(consumer.channel.connection) {
            Some((_, client)) if client.spec.name == consumer.tag => self.channel(consumer.channel),
            _ => self.channel(consumer.channel).say(" (consumer tag ").name(&consumer.tag).say(")"),
        }
    }

    fn entry(&self, seq: u64) -> Option<&'a LogEntry> {
        self.film.entry(seq)
    }

    fn broker(&self, entry: &LogEntry, event: &EventKind) -> Sentence {
        match event {
            EventKind::Published { .. }
            | EventKind::Routed(_)
            | EventKind::Unroutable { .. }
            | EventKind::Refused { .. }
            | EventKind::DeadLettered { .. }
            | EventKind::CycleCut { .. }
            | EventKind::DeadLetterLost { .. }
            | EventKind::DeadLetterHeld { .. }
            | EventKind::Confirmed { .. }
            | EventKind::DirectReply { .. } => self.routing(entry, event),
            EventKind::Enqueued { .. }
            | EventKind::Delivered { .. }
            | EventKind::Got { .. }
            | EventKind::GotNothing { .. }
            | EventKind::Waits { .. }
            | EventKind::Acked { .. }
            | EventKind::Requeued { .. }
            | EventKind::Delayed { .. }
            | EventKind::DelayEnded { .. }
            | EventKind::Dropped { .. } => self.queue(entry, event),
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
            | EventKind::PolicyChanged { .. }
            | EventKind::PolicyApplied { .. }
            | EventKind::Managed { .. }
            | EventKind::TimerFired { .. }
            | EventKind::Stopped { .. }
            | EventKind::Started
            | EventKind::BoundReached { .. } => self.topology(event),
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

/// What a message is called: by its routing key; where that is the name of a queue, or nothing, by its payload, since
/// *orders takes orders* tells nobody anything.
fn called(message: &Message) -> Name {
    const CHARS_MAX: usize = 32;
    let key = &message.routing_keys.key;
    let is_telling = !key.is_empty() && !message.exchange.is_empty();
    if is_telling || message.payload.is_empty() { key.clone() } else { excerpt_of(&message.payload, CHARS_MAX) }
}

fn why_deleted(why: DeleteReason) -> &'static str {
    match why {
        DeleteReason::Client => "a client asked for it",
        DeleteReason::AutoDelete => "it was auto-delete, and nothing uses it any more",
        DeleteReason::Exclusive => "it was exclusive, and its connection is gone",
        DeleteReason::Expired => "it was unused for as long as x-expires says",
        DeleteReason::Cascade => "what it belonged to was deleted",
        DeleteReason::Restart => "it does not survive a restart",
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

fn timer(kind: TimerKind) -> &'static str {
    match kind {
        TimerKind::Message => "the time of a message is up",
        TimerKind::QueueExpiry => "its own time is up (x-expires)",
        TimerKind::ConsumerTimeout => "a consumer did not acknowledge in time",
        TimerKind::DeadLetterRetry => "dead letters are tried again",
    }
}

/// A method's name in AMQP.
fn method_name(method: &Method) -> &'static str {
    match method {
        Method::ChannelOpen => "channel.open",
        Method::ChannelClose => "channel.close",
        Method::ChannelFlow { .. } => "channel.flow",
        Method::ExchangeDeclare(_) => "exchange.declare",
        Method::ExchangeDelete { .. } => "exchange.delete",
        Method::ExchangeBind(_) => "exchange.bind",
        Method::ExchangeUnbind(_) => "exchange.unbind",
        Method::QueueDeclare(_) => "queue.declare",
        Method::QueueDelete { .. } => "queue.delete",
        Method::QueueBind(_) => "queue.bind",
        Method::QueueUnbind(_) => "queue.unbind",
        Method::QueuePurge { .. } => "queue.purge",
        Method::BasicQos { .. } => "basic.qos",
        Method::BasicConsume(_) => "basic.consume",
        Method::BasicCancel { .. } => "basic.cancel",
        Method::BasicPublish(_) => "basic.publish",
        Method::BasicGet { .. } => "basic.get",
        Method::BasicAck { .. } => "basic.ack",
        Method::BasicNack { .. } => "basic.nack",
        Method::BasicReject { .. } => "basic.reject",
        Method::BasicRecover { .. } => "basic.recover",
        Method::ConfirmSelect => "confirm.select",
        Method::TxSelect => "tx.select",
        Method::TxCommit => "tx.commit",
        Method::TxRollback => "tx.rollback",
    }
}
