//! Sentences about what clients send: what each asks of the broker, with the method's name in AMQP.

use crate::broker::command::BasicPublish;
use crate::broker::{Method, Name, Resource};
use crate::simulation::{ClientId, LogEntry};

use super::Teller;
use super::names::{content, exchange, queue, with_key};
use crate::view::sentence::{Sentence, count, span};

/// What is settled: the delivery, and whether that means all before it, too.
type Settled = (u64, bool);

impl Teller<'_> {
    /// What a client sends. `at` is its connection.
    pub(super) fn sent(&self, entry: &LogEntry, at: (ClientId, u16), method: &Method, arrives_ms: u64) -> Sentence {
        let client = self.client_on(at.0, at.1);
        let on_its_way_ms = arrives_ms.saturating_sub(entry.at_ms);
        match method {
            Method::BasicPublish(publish) => {
                let to = client
                    .say(" publishes ")
                    .then(content(&publish.payload))
                    .say(" to ")
                    .then(exchange(&publish.exchange));
                let to = to.then(with_key(&publish.routing_key)).then(self.headers_that_count(at.0, publish));
                if on_its_way_ms == 0 {
                    return to.say(".");
                }
                to.say("; it is on its way to the broker for ").say(span(on_its_way_ms)).say(".")
            }
            Method::BasicAck { delivery_tag, multiple } => {
                let what = self.settled(entry, at, (*delivery_tag, *multiple));
                client.say(" sends basic.ack for ").then(what).say(": the queue may forget it.")
            }
            Method::BasicNack { delivery_tag, multiple, requeue } => {
                let what = self.settled(entry, at, (*delivery_tag, *multiple));
                client.say(" sends basic.nack for ").then(what).say(back(*requeue))
            }
            Method::BasicReject { delivery_tag, requeue } => {
                let what = self.settled(entry, at, (*delivery_tag, false));
                client.say(" sends basic.reject for ").then(what).say(back(*requeue))
            }
            Method::BasicGet { queue: name, .. } => {
                client.say(" asks ").then(queue_or_own(name)).say(" for one message (basic.get).")
            }
            Method::BasicConsume(consume) => {
                client.say(" asks to consume from ").then(queue_or_own(&consume.queue)).say(" (basic.consume).")
            }
            Method::BasicCancel { consumer_tag } => {
                client.say(" cancels its consumer ").name(consumer_tag).say(" (basic.cancel).")
            }
            Method::BasicQos { prefetch_count, .. } => client.say(asks_for(*prefetch_count)),
            Method::BasicRecover { .. } => {
                client.say(" asks for all messages again that it has not acknowledged (basic.recover).")
            }
            Method::ExchangeDeclare(_)
            | Method::ExchangeDelete { .. }
            | Method::ExchangeBind(_)
            | Method::ExchangeUnbind(_)
            | Method::QueueDeclare(_)
            | Method::QueueDelete { .. }
            | Method::QueueBind(_)
            | Method::QueueUnbind(_)
            | Method::QueuePurge { .. } => of_topology(client, method),
            Method::ChannelOpen => client.say(" asks for a channel to talk over (channel.open)."),
            Method::ChannelClose => client.say(" closes its channel (channel.close)."),
            Method::ChannelFlow { .. } => client.say(" asks for messages to flow (channel.flow)."),
            Method::ConfirmSelect => client.say(" asks for publisher confirms (confirm.select)."),
            Method::TxSelect => client.say(" asks for transactions (tx.select)."),
            Method::TxCommit => client.say(" commits its transaction (tx.commit)."),
            Method::TxRollback => client.say(" rolls its transaction back (tx.rollback)."),
        }
    }

    /// The headers of a message for a headers exchange: they are what it goes by.
    fn headers_that_count(&self, client: ClientId, publish: &BasicPublish) -> Sentence {
        let vhost = self.names.clients.get(&client).map(|client| client.spec.vhost.clone()).unwrap_or_default();
        let exchange = Resource { vhost, name: publish.exchange.clone() };
        let is_headers = match self.names.exchanges.get(&exchange) {
            Some(state) => state.kind == "headers",
            None => matches!(exchange.name.as_str(), "amq.headers" | "amq.match"),
        };
        let headers = publish.properties.headers.iter().filter(|_| is_headers).flatten();
        headers.enumerate().fold(Sentence::default(), |sentence, (place, (name, value))| {
            let sentence = sentence.say(if place == 0 { " and headers " } else { ", " }).name(name);
            sentence.say(" = ").name(&value.to_string().into())
        })
    }

    /// The messages that a client settles.
    fn settled(&self, entry: &LogEntry, at: (ClientId, u16), (delivery_tag, multiple): Settled) -> Sentence {
        match (multiple, delivery_tag) {
            (false, tag) => self.held_or_tag(entry, at, tag),
            (true, 0) => Sentence::words("all messages that it holds"),
            (true, tag) => Sentence::words("all messages that it holds up to ").then(self.held_or_tag(entry, at, tag)),
        }
    }
}

/// What a client asks of exchanges, queues and bindings.
fn of_topology(client: Sentence, method: &Method) -> Sentence {
    let client = client.say(" asks for ").say(method_name(method)).say(" of ");
    let (sentence, source) = match method {
        Method::ExchangeDeclare(declare) => (client.then(exchange(&declare.exchange)), None),
        Method::ExchangeDelete { exchange: name, .. } => (client.then(exchange(name)), None),
        Method::ExchangeBind(binding) | Method::ExchangeUnbind(binding) => {
            (client.then(exchange(&binding.destination)), Some(&binding.source))
        }
        Method::QueueDeclare(declare) if declare.queue.is_empty() => {
            (client.say("a queue that the broker is to name"), None)
        }
        Method::QueueDeclare(declare) => (client.then(queue(&declare.queue)), None),
        Method::QueueDelete { queue: name, .. } | Method::QueuePurge { queue: name } => {
            (client.then(queue_or_own(name)), None)
        }
        Method::QueueBind(binding) | Method::QueueUnbind(binding) => {
            (client.then(queue_or_own(&binding.queue)), Some(&binding.exchange))
        }
        Method::BasicPublish(_)
        | Method::BasicAck { .. }
        | Method::BasicNack { .. }
        | Method::BasicReject { .. }
        | Method::BasicGet { .. }
        | Method::BasicConsume(_)
        | Method::BasicCancel { .. }
        | Method::BasicQos { .. }
        | Method::BasicRecover { .. }
        | Method::ChannelOpen
        | Method::ChannelClose
        | Method::ChannelFlow { .. }
        | Method::ConfirmSelect
        | Method::TxSelect
        | Method::TxCommit
        | Method::TxRollback => (client, None),
    };
    match source {
        Some(source) => sentence.say(" with ").then(exchange(source)).say("."),
        None => sentence.say("."),
    }
}

/// No name stands for the queue that the channel has declared last.
fn queue_or_own(name: &Name) -> Sentence {
    if name.is_empty() { Sentence::words("the queue that it declared last") } else { queue(name) }
}

fn back(requeue: bool) -> &'static str {
    if requeue {
        " with requeue: the queue is to have it back and to deliver it again."
    } else {
        " without requeue: the queue is to dead-letter it, or to drop it."
    }
}

fn asks_for(prefetch: u16) -> String {
    if prefetch == 0 {
        return " asks for no prefetch limit (basic.qos).".into();
    }
    let held = count(u64::from(prefetch), "unacknowledged message");
    format!(" asks for prefetch {prefetch} (basic.qos): at most {held} for each consumer that it adds from now on.")
}

/// A method's name in AMQP.
pub(super) fn method_name(method: &Method) -> &'static str {
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
