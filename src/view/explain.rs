//! The story: one sentence for each entry of the log.
//!
//! Every kind of event has its sentence; there is no catch-all, so that a new kind cannot be forgotten. A sentence
//! depends on the entry, on the entries it follows from, and on the clients' names, which never change.

mod channel;
mod queue;
mod routing;

use crate::broker::event::{CloseReason, ConsumerRef, DeleteReason, EventKind, TimerKind};
use crate::broker::message::{Delivery, Message};
use crate::broker::{ChannelId, ConnectionId, Event, Frame, Method, Name, Reply};
use crate::simulation::{ClientEvent, ClientId, ClientSpec, Control, LogEntry, LogKind, Role, Setback};

use super::board::Board;
use super::film::Film;
use super::graph::exchange_name;
use super::sentence::{Sentence, excerpt, span};

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
            LogKind::Broker(event) => self.broker(entry, &event.kind),
            LogKind::Client { client, event } => self.client(entry, *client, event),
        }
    }

    /// How much an entry matters.
    pub fn tone(&self, entry: &LogEntry) -> Tone {
        let event = match &entry.kind {
            LogKind::Client { event: ClientEvent::GaveUp { .. } | ClientEvent::Crashed, .. } => return Tone::Bad,
            LogKind::Client { .. } => return Tone::Plain,
            LogKind::Broker(event) => event,
        };
        match &event.kind {
            EventKind::Acked { .. } | EventKind::Confirmed { ack: true, .. } => Tone::Good,
            EventKind::Unroutable { .. }
            | EventKind::Refused { .. }
            | EventKind::Dropped { .. }
            | EventKind::DeadLetterLost { .. }
            | EventKind::CycleCut { .. }
            | EventKind::Confirmed { ack: false, .. }
            | EventKind::ConnectionRefused { .. }
            | EventKind::ConsumerTimedOut { .. }
            | EventKind::ChannelClosed { why: CloseReason::Error(_), .. }
            | EventKind::ConnectionClosed { why: CloseReason::Error(_) | CloseReason::Lost, .. }
            | EventKind::BoundReached { .. } => Tone::Bad,
            // All else goes as it should.
            _ => Tone::Plain,
        }
    }

    fn client_name(&self, id: ClientId) -> Name {
        self.names.clients.get(&id).map(|client| client.spec.name.clone()).unwrap_or_default()
    }

    fn connection(&self, id: ConnectionId) -> Sentence {
        match self.names.client_of(id) {
            Some((_, client)) => Sentence::of(&client.spec.name),
            None => Sentence::words(format!("connection {id}")),
        }
    }

    fn channel(&self, id: ChannelId) -> Sentence {
        self.connection(id.connection)
    }

    /// A consumer, by its client's name, with its tag where that is another.
    fn consumer(&self, consumer: &ConsumerRef) -> Sentence {
        match self.names.client_of(consumer.channel.connection) {
            Some((_, client)) if client.spec.name == consumer.tag => Sentence::of(&consumer.tag),
            _ => self.channel(consumer.channel).say(" (consumer tag ").name(&consumer.tag).say(")"),
        }
    }

    fn entry(&self, seq: u64) -> Option<&'a LogEntry> {
        self.film.entry(seq)
    }

    fn client(&self, entry: &LogEntry, id: ClientId, event: &ClientEvent) -> Sentence {
        let name = self.client_name(id);
        let client = Sentence::of(&name);
        match event {
            ClientEvent::Joined { spec, .. } => joined(spec),
            ClientEvent::Sent { method, arrives_ms } => {
                let on_its_way = span(arrives_ms.saturating_sub(entry.at_ms));
                self.sent(entry, client, method, &on_its_way)
            }
            ClientEvent::Received { frame } => self.received(client, frame),
            ClientEvent::Answered { reply } => answered(client, reply),
            ClientEvent::WorkStarted { until_ms, delivery_tag } => {
                let message = self.held_key(entry, *delivery_tag);
                let length = span(until_ms.saturating_sub(entry.at_ms));
                let client = client.say(" works on ");
                let client = match message {
                    Some(key) => client.name(&key),
                    None => client.say("it"),
                };
                client.say(format!(" for {length}."))
            }
            ClientEvent::WorkDone { .. } => client.say(" is done with it."),
            ClientEvent::Skipped { message_id, .. } => {
                client.say(" has dealt with message id ").name(message_id).say(" before, and leaves the message alone.")
            }
            ClientEvent::Crashed => client.say(" crashes: its connection breaks."),
            ClientEvent::Controlled { control } => client.say(controlled(control)),
            ClientEvent::Restarted { .. } => client.say(" starts again, with a new connection."),
            ClientEvent::Logged { setback } => {
                client.say(format!(" writes to its log that a message {}.", what_befell(*setback)))
            }
            ClientEvent::RetryPlanned { setback, retry, at_ms } => client.say(format!(
                " will publish the message that {} again in {} (retry {retry}).",
                what_befell(*setback),
                span(at_ms.saturating_sub(entry.at_ms))
            )),
            ClientEvent::GaveUp { setback, retries } => {
                client.say(format!(" gives the message up: it {} again after retry {retries}.", what_befell(*setback)))
            }
            ClientEvent::Ignored { method } => Sentence::words(format!("What came of {} from ", method_name(method)))
                .then(client)
                .say(" was ignored: its channel is closed."),
            ClientEvent::NotSent { error } => client.say(format!(" cannot send that: {error}.")),
        }
    }

    /// The routing key of the delivery that a client works on: its receipt is among the causes, or was earlier.
    fn held_key(&self, entry: &LogEntry, delivery_tag: u64) -> Option<Name> {
        let mut cause = self.entry(entry.cause);
        for _ in 0..3 {
            let LogKind::Client {
                event:
                    ClientEvent::Received { frame: Frame::Deliver { delivery, .. } }
                    | ClientEvent::Answered { reply: Reply::Got { delivery, .. } },
                ..
            } = &cause?.kind
            else {
                cause = self.entry(cause?.cause);
                continue;
            };
            return (delivery.delivery_tag == delivery_tag).then(|| delivery.message.routing_keys.key.clone());
        }
        None
    }

    fn sent(&self, entry: &LogEntry, client: Sentence, method: &Method, on_its_way: &str) -> Sentence {
        match method {
            Method::BasicPublish(publish) => client
                .say(" publishes ")
                .name(&excerpt(&publish.payload))
                .say(" to ")
                .name(&exchange_name(&publish.exchange))
                .say(" with routing key ")
                .name(&publish.routing_key)
                .say(format!("; it is on its way for {on_its_way}.")),
            Method::BasicAck { .. } => {
                let key = self.done_key(entry);
                let client = client.say(" sends basic.ack");
                match key {
                    Some(key) => client.say(" for ").name(&key).say("."),
                    None => client.say("."),
                }
            }
            Method::BasicNack { requeue, .. } => client.say(format!(" sends basic.nack, requeue {requeue}.")),
            Method::BasicReject { requeue, .. } => client.say(format!(" sends basic.reject, requeue {requeue}.")),
            other => client.say(format!(" sends {}.", method_name(other))),
        }
    }

    /// The routing key of the delivery whose work an acknowledgement follows.
    fn done_key(&self, entry: &LogEntry) -> Option<Name> {
        let done = self.entry(entry.cause)?;
        let LogKind::Client { event: ClientEvent::WorkDone { delivery_tag }, .. } = &done.kind else { return None };
        self.held_key(self.entry(done.cause)?, *delivery_tag)
    }

    fn received(&self, client: Sentence, frame: &Frame) -> Sentence {
        match frame {
            Frame::Deliver { delivery, .. } => receives(client, delivery),
            Frame::Return { reply_code, reply_text, publish, .. } => client
                .say(" gets its message ")
                .name(&publish.routing_key)
                .say(format!(" back: {reply_code} {reply_text}.")),
            Frame::Ack { delivery_tag, .. } => client.say(format!(" learns that publish {delivery_tag} is confirmed.")),
            Frame::Nack { delivery_tag, .. } => client.say(format!(" learns that publish {delivery_tag} was refused.")),
            Frame::Cancel { consumer_tag, .. } => {
                client.say(" learns that its consumer ").name(consumer_tag).say(" was cancelled.")
            }
            Frame::ChannelClosed { error, .. } => client.say(format!(" learns that its channel was closed: {error}")),
            Frame::ConnectionClosed { error, .. } => {
                client.say(format!(" learns that its connection was closed: {error}"))
            }
        }
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
            LogKind::Client { .. } => None,
        }
    }
}

fn joined(spec: &ClientSpec) -> Sentence {
    let sentence = Sentence::of(&spec.name);
    match &spec.role {
        Role::Producer(producer) => sentence
            .say(" starts: it will publish to ")
            .name(&exchange_name(&producer.exchange))
            .say(" with routing key ")
            .name(&producer.routing_key)
            .say("."),
        Role::Consumer(consumer) if consumer.queues.is_empty() => sentence.say(" starts: it consumes from no queue."),
        Role::Consumer(consumer) => sentence.say(" starts: it will consume from ").names(&consumer.queues).say("."),
    }
}

fn receives(client: Sentence, delivery: &Delivery) -> Sentence {
    let again = if delivery.redelivered { ", redelivered" } else { "" };
    client
        .say(" receives ")
        .name(&excerpt(&delivery.message.payload))
        .say(format!(" (delivery tag {}{again}).", delivery.delivery_tag))
}

fn answered(client: Sentence, reply: &Reply) -> Sentence {
    match reply {
        Reply::Closed(error) => client.say(format!(" is refused: {error}")),
        Reply::Refused(error) => client.say(format!(" is refused: {error}")),
        Reply::Got { delivery, .. } => receives(client, delivery),
        Reply::Empty => client.say(" learns that the queue has nothing for it (basic.get-empty)."),
        Reply::Ok | Reply::DeclareOk { .. } | Reply::Count { .. } | Reply::Consumer { .. } | Reply::Flow { .. } => {
            client.say(" gets its answer.")
        }
    }
}

fn controlled(control: &Control) -> String {
    match control {
        Control::Kill => " is killed: its connection breaks.".to_owned(),
        Control::Restart => " is to start again.".to_owned(),
        Control::CloseChannel => " closes its channel.".to_owned(),
        Control::Pause => " pauses: it takes up nothing more.".to_owned(),
        Control::Resume => " goes on working.".to_owned(),
        Control::HoldLink => "'s link is held: nothing arrives over it.".to_owned(),
        Control::ReleaseLink => "'s link is released: what was held arrives now.".to_owned(),
        Control::SetLatency(ms) => format!("'s link takes {} from now on, one way.", span(*ms)),
        Control::SetPrefetch(prefetch) => {
            format!(" asks for prefetch {prefetch}. It holds for new consumers; those that are there keep theirs.")
        }
        Control::SetSchedule(_) => " publishes to another schedule from now on.".to_owned(),
    }
}

fn what_befell(setback: Setback) -> &'static str {
    match setback {
        Setback::Nacked => "was refused",
        Setback::Returned => "came back",
    }
}

/// A message, by its routing key.
fn key_of(message: &Message) -> &Name {
    &message.routing_keys.key
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

fn why_closed(why: &CloseReason) -> String {
    match why {
        CloseReason::Client => "the client closed it".into(),
        CloseReason::Connection => "its connection ended".into(),
        CloseReason::Lost => "the network connection broke".into(),
        CloseReason::Error(error) => error.to_string(),
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
