//! Queues: what all types have in common, and the events a queue of any type handles.
//!
//! A queue handles one event at a time and is finished with it (expiry, delivery, limits) before the next. It
//! knows nothing of channels, exchanges or other queues: what should happen outside is left as [`Effect`]s, in
//! order, for the broker to carry out.

pub mod classic;
pub mod priority;
pub mod quorum;
mod quorum_consumers;
pub mod stream;

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::arguments::ConsumerArguments;
use super::consumer::Consumer;
use super::event::{ConsumerRef, DropRule, PassedOver, ReturnReason};
use super::message::{Counts, DeathReason, Entry, Message};
use super::name::{ChannelId, ConnectionId, ConsumerId, CopyId, Name, QueueId, Resource};
use super::settings::{QueueType, Settings};
use super::table::Table;
use classic::Classic;
use quorum::Quorum;
use stream::Stream;

/// A queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    /// This incarnation.
    pub id: QueueId,
    /// Virtual host and name.
    pub resource: Rc<Resource>,
    /// Survives a restart.
    pub durable: bool,
    /// Goes when its last consumer goes.
    pub auto_delete: bool,
    /// The connection it belongs to.
    pub exclusive: Option<ConnectionId>,
    /// As stored, with the resolved `x-queue-type`.
    pub arguments: Table,
    /// The policy in force.
    pub policy: Option<Name>,
    /// The operator policy in force.
    pub operator_policy: Option<Name>,
    /// What arguments and policies amount to.
    pub settings: Settings,
    /// When it was last used, for x-expires; milliseconds.
    pub used_ms: u64,
    /// Whether it ever had a consumer, for auto-delete.
    pub had_consumers: bool,
    pub(crate) body: Body,
    /// The timers that are set, by kind.
    pub(crate) armed: [Option<u64>; 4],
}

/// What is particular to a type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Body {
    /// x-queue-type classic
    Classic(Classic),
    /// x-queue-type quorum
    Quorum(Box<Quorum>),
    /// x-queue-type stream
    Stream(Box<Stream>),
}

/// What a queue wants done, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It took a message.
    Enqueued { copy: CopyId, message: Rc<Message>, position: u64 },
    /// It did not take a message.
    Refused { message: Rc<Message>, rule: DropRule },
    /// Hand a message to a consumer.
    Deliver(Handover),
    /// A message stays ready though there are consumers.
    Waits { copy: CopyId, message: Rc<Message>, passed_over: Vec<PassedOver> },
    /// A message is gone.
    Dropped { copy: CopyId, message: Rc<Message>, rule: DropRule },
    /// A message goes to the dead letter exchange.
    Dead { entry: Entry, reason: DeathReason },
    /// A message came back.
    Requeued { copy: CopyId, message: Rc<Message>, why: ReturnReason, position: u64 },
    /// A message came back and waits.
    Delayed { copy: CopyId, message: Rc<Message>, why: ReturnReason, until_ms: u64 },
    /// It waited long enough.
    DelayEnded { copy: CopyId, message: Rc<Message>, position: u64 },
    /// Another consumer is the single active one.
    ActiveChanged { consumer: Option<ConsumerRef> },
    /// A consumer did not settle in time: tell it.
    TimedOut { consumer: ConsumerRef, from_get: bool, cancelled: bool },
    /// A quorum queue's publishers hear that they must stop, or may go on.
    TellPublishers { stop: bool },
    /// Deliveries to a quorum queue's consumer without acknowledgement are to be settled.
    SettleDelivered { consumer: ConsumerId, count: u64 },
    /// An at-least-once dead letter waits for its targets.
    Held { entry: Entry, reason: DeathReason },
}

/// A message on its way to a consumer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Handover {
    pub consumer: ConsumerId,
    pub channel: ChannelId,
    pub tag: Name,
    pub message: Rc<Message>,
    pub copy: CopyId,
    /// What the channel must name to settle it.
    pub handle: u64,
    pub redelivered: bool,
    pub counts: Counts,
    pub ack: bool,
    pub passed_over: Vec<PassedOver>,
}

/// A message handed out by basic.get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Gotten {
    pub message: Rc<Message>,
    pub copy: CopyId,
    pub handle: u64,
    pub redelivered: bool,
    pub counts: Counts,
    pub ready_left: u64,
}

/// What a client says about deliveries it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Settlement {
    /// Done with.
    Ack,
    /// Back into the queue.
    Requeue { failed: bool, why: ReturnReason },
    /// Dead-letter or drop.
    Discard { failed: bool },
}

/// The circumstances of an event: when, and where effects go.
pub(crate) struct Turn<'a> {
    pub now_ms: u64,
    /// Real time at virtual time 0.
    pub epoch_ms: u64,
    /// Whether reasons are wanted.
    pub recording: bool,
    pub effects: &'a mut Vec<Effect>,
}

/// Who wants to know whether a message was taken.
/// Source: the enqueuers of `rabbit/src/rabbit_fifo.erl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Publisher {
    /// A client's channel.
    Channel(ChannelId),
    /// The at-least-once dead-lettering of a quorum queue.
    DeadLetters(QueueId),
}

/// What a publisher is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    Accepted,
    Refused,
}

/// Most consumers whose reasons an event lists.
pub(crate) const MAX_PASSED_OVER: usize = 16;

impl Queue {
    /// The type.
    pub fn kind(&self) -> QueueType {
        match &self.body {
            Body::Classic(_) => QueueType::Classic,
            Body::Quorum(_) => QueueType::Quorum,
            Body::Stream(_) => QueueType::Stream,
        }
    }

    /// Virtual host and name.
    pub fn resource(&self) -> &Resource {
        &self.resource
    }

    /// Ready messages.
    pub fn ready(&self) -> u64 {
        match &self.body {
            Body::Classic(q) => q.ready(),
            Body::Quorum(q) => q.ready(),
            Body::Stream(q) => q.len(),
        }
    }

    /// Unacknowledged messages.
    pub fn unacked(&self) -> u64 {
        match &self.body {
            Body::Classic(q) => q.unacked(),
            Body::Quorum(q) => q.unacked(),
            Body::Stream(q) => q.unacked(),
        }
    }

    /// Returned messages that wait before they are ready again, and dead letters that wait for their targets.
    pub fn waiting(&self) -> (u64, u64) {
        match &self.body {
            Body::Quorum(q) => (q.delayed_count(), q.held_count()),
            _ => (0, 0),
        }
    }

    /// Consumers as queue.declare counts them. A quorum queue counts the holders of gets, and does not count those
    /// that wait to be the single active one; a stream counts none. Source: `rabbit/src/rabbit_fifo.erl
    /// query_stat/1`, `rabbit_stream_queue.erl stat/1`.
    pub fn consumer_count(&self) -> u64 {
        match &self.body {
            Body::Classic(q) => q.consumers().count() as u64,
            Body::Quorum(q) => q.stat_consumers(),
            Body::Stream(_) => 0,
        }
    }

    /// All consumers, in order of attachment.
    pub fn consumers(&self) -> Vec<&Consumer> {
        match &self.body {
            Body::Classic(q) => q.consumers().collect(),
            Body::Quorum(q) => q.consumers(),
            Body::Stream(q) => q.consumers().collect(),
        }
    }

    /// The single active consumer.
    pub fn active_consumer(&self) -> Option<ConsumerId> {
        match &self.body {
            Body::Classic(q) => q.active(),
            Body::Quorum(q) => q.active().map(|c| c.id),
            Body::Stream(_) => None,
        }
    }

    /// How many deliveries a consumer holds.
    pub fn held_by(&self, consumer: ConsumerId) -> u64 {
        match &self.body {
            Body::Classic(q) => q.held_by(consumer),
            Body::Quorum(q) => q.held_by(consumer),
            Body::Stream(q) => q.held_by(consumer),
        }
    }

    /// Ready messages in the order in which they would be delivered. A stream's are all it holds.
    pub fn ready_messages(&self) -> Box<dyn Iterator<Item = &Entry> + '_> {
        match &self.body {
            Body::Classic(q) => Box::new(q.ready_entries()),
            Body::Quorum(q) => Box::new(q.ready_entries()),
            Body::Stream(q) => Box::new(q.entries()),
        }
    }

    /// Unacknowledged messages with their holders (none for basic.get of a classic queue), oldest first.
    pub fn unacked_messages(&self) -> Vec<(&Entry, Option<ConsumerRef>)> {
        match &self.body {
            Body::Classic(q) => q.unacked_entries(),
            Body::Quorum(q) => q.unacked_entries(),
            Body::Stream(_) => Vec::new(),
        }
    }

    /// The message that a consumer (or a get) holds under a handle.
    pub(crate) fn held_message(&self, consumer: ConsumerId, handle: u64) -> Option<Rc<Message>> {
        match &self.body {
            Body::Classic(q) => q.held_message(handle),
            Body::Quorum(q) => q.held_message(consumer, handle),
            Body::Stream(q) => q.message_at(handle),
        }
    }

    /// Bytes of ready messages' bodies.
    pub fn ready_bytes(&self) -> u64 {
        match &self.body {
            Body::Classic(q) => q.ready_bytes(),
            Body::Quorum(q) => q.ready_bytes(),
            Body::Stream(q) => q.bytes(),
        }
    }

    /// A message arrives. Without a publisher nobody asks whether it was taken.
    pub(crate) fn publish(&mut self, entry: Entry, publisher: Option<Publisher>, turn: &mut Turn) -> Taken {
        match &mut self.body {
            Body::Classic(q) => q.publish(&self.settings, entry, turn),
            Body::Quorum(q) => q.publish(&self.settings, entry, publisher, turn),
            Body::Stream(q) => q.publish(&self.settings, entry, turn),
        }
    }

    /// A consumer attaches.
    pub(crate) fn consume(&mut self, consumer: Consumer, arguments: &ConsumerArguments, turn: &mut Turn) {
        self.had_consumers = true;
        match &mut self.body {
            Body::Classic(q) => q.consume(&self.settings, consumer, turn),
            Body::Quorum(q) => q.consume(&self.settings, consumer, turn),
            Body::Stream(q) => q.consume(consumer, arguments, turn),
        }
    }

    /// A consumer leaves; what it holds stays with its channel.
    pub(crate) fn cancel(&mut self, consumer: ConsumerId, turn: &mut Turn) {
        match &mut self.body {
            Body::Classic(q) => q.cancel(&self.settings, consumer, turn),
            Body::Quorum(q) => q.cancel(&self.settings, consumer, turn),
            Body::Stream(q) => q.cancel(consumer),
        }
        self.touch(turn.now_ms);
    }

    /// It was used: its lease starts again. A quorum queue decides for itself what is a use.
    pub(crate) fn touch(&mut self, now_ms: u64) {
        if self.kind() == QueueType::Classic {
            self.used_ms = now_ms;
        }
    }

    /// Whether a classic queue has anything to do with a channel.
    pub(crate) fn knows(&self, channel: ChannelId) -> bool {
        match &self.body {
            Body::Classic(q) => q.knows(channel),
            _ => false,
        }
    }

    /// basic.get. `delivery_tag` is the one the channel will give it.
    pub(crate) fn get(
        &mut self,
        channel: ChannelId,
        consumer: ConsumerId,
        delivery_tag: u64,
        no_ack: bool,
        turn: &mut Turn,
    ) -> Option<Gotten> {
        self.touch(turn.now_ms);
        match &mut self.body {
            Body::Classic(q) => q.get(&self.settings, channel, no_ack, turn),
            Body::Quorum(q) => q.get(&self.settings, channel, consumer, delivery_tag, no_ack, turn),
            Body::Stream(_) => None,
        }
    }

    /// A client settles deliveries of one consumer (or one get).
    pub(crate) fn settle(&mut self, consumer: ConsumerId, handles: &[u64], settlement: Settlement, turn: &mut Turn) {
        match &mut self.body {
            Body::Classic(q) => q.settle(&self.settings, handles, settlement, turn),
            Body::Quorum(q) => q.settle(&self.settings, consumer, handles, settlement, turn),
            Body::Stream(q) => q.settle(consumer, handles, turn),
        }
    }

    /// Its publishers have heard whether they must stop.
    pub(crate) fn publishers_told(&mut self, stop: bool) {
        if let Body::Quorum(q) = &mut self.body {
            q.publishers_told(stop);
        }
    }

    /// Deliveries without acknowledgement are on their way to the client.
    pub(crate) fn settle_delivered(&mut self, consumer: ConsumerId, count: u64, turn: &mut Turn) {
        if let Body::Quorum(q) = &mut self.body {
            q.settle_delivered(&self.settings, consumer, count, turn);
        }
    }

    /// The consumer that this one goes on as: a quorum queue remembers one that was cancelled, by its tag, as long as
    /// it holds messages. Source: `rabbit/src/rabbit_fifo.erl consumer_key_from_id/2`.
    pub(crate) fn cancelled(&self, channel: ChannelId, tag: &Name) -> Option<ConsumerId> {
        match &self.body {
            Body::Quorum(q) => q.cancelled(channel, tag),
            _ => None,
        }
    }

    /// Takes the consumers of an ended channel away. Answers whether there were any.
    pub(crate) fn remove_consumers_of(&mut self, channel: ChannelId, turn: &mut Turn) -> Vec<ConsumerRef> {
        match &mut self.body {
            Body::Classic(q) => q.remove_consumers_of(&self.settings, channel, turn),
            Body::Quorum(q) => q.consumers_of(channel),
            Body::Stream(q) => q.remove_consumers_of(channel),
        }
    }

    /// What an ended channel held comes back.
    pub(crate) fn channel_down(&mut self, channel: ChannelId, why: ReturnReason, turn: &mut Turn) {
        match &mut self.body {
            Body::Classic(q) => q.channel_down(&self.settings, channel, why, turn),
            Body::Quorum(q) => q.channel_down(&self.settings, channel, why, turn),
            Body::Stream(_) => {}
        }
    }

    /// Empties it of ready messages. Answers how many.
    pub(crate) fn purge(&mut self, turn: &mut Turn) -> u64 {
        match &mut self.body {
            Body::Classic(q) => q.purge(turn),
            Body::Quorum(q) => q.purge(&self.settings, turn),
            Body::Stream(_) => 0,
        }
    }

    /// Other settings are in force.
    pub(crate) fn reconfigure(&mut self, settings: Settings, turn: &mut Turn) {
        let old = std::mem::replace(&mut self.settings, settings);
        self.touch(turn.now_ms);
        match &mut self.body {
            Body::Classic(q) => q.reconfigured(&self.settings, &old, turn),
            Body::Quorum(q) => q.reconfigured(&self.settings, &old, turn),
            Body::Stream(q) => q.forget(&self.settings, turn),
        }
    }

    /// Messages' time is up, or delayed ones are ready.
    pub(crate) fn expire(&mut self, turn: &mut Turn) {
        match &mut self.body {
            Body::Classic(q) => q.expire(&self.settings, turn),
            Body::Quorum(q) => q.expire(&self.settings, turn),
            Body::Stream(_) => {}
        }
    }

    /// Deliveries that were not settled in time come back.
    pub(crate) fn time_out_consumers(&mut self, turn: &mut Turn) {
        if let Body::Quorum(q) = &mut self.body {
            q.time_out_consumers(&self.settings, turn);
        }
    }

    /// Dead letters that wait for their targets are tried again.
    pub(crate) fn take_held(&mut self) -> Vec<(Entry, DeathReason)> {
        match &mut self.body {
            Body::Quorum(q) => q.take_held(),
            _ => Vec::new(),
        }
    }

    /// A dead letter could not be handed over and waits.
    pub(crate) fn hold(&mut self, entry: Entry, reason: DeathReason, published: bool, retry_ms: u64) {
        if let Body::Quorum(q) = &mut self.body {
            q.hold(entry, reason, published, retry_ms);
        }
    }

    /// When a message expires or a delay ends.
    pub(crate) fn next_message_ms(&self) -> Option<u64> {
        match &self.body {
            Body::Classic(q) => q.next_expiry_ms(&self.settings),
            Body::Quorum(q) => q.next_expiry_ms(),
            Body::Stream(_) => None,
        }
    }

    /// When a delivery is overdue.
    pub(crate) fn next_consumer_timeout_ms(&self) -> Option<u64> {
        match &self.body {
            Body::Quorum(q) => q.next_consumer_timeout_ms(),
            _ => None,
        }
    }

    /// When held dead letters are tried again.
    pub(crate) fn next_retry_ms(&self) -> Option<u64> {
        match &self.body {
            Body::Quorum(q) => q.next_retry_ms(),
            _ => None,
        }
    }

    /// When the queue itself expires: after `x-expires` without consumers and without use. A quorum queue looks
    /// every five seconds only, and counts as a use its declaration, a get, and that a consumer or the holder of a get
    /// is gone for good; a change of policy is none. Source: `rabbit/src/rabbit_amqqueue_process.erl`, `rabbit_fifo.erl tick/2`.
    pub(crate) fn expires_at_ms(&self) -> Option<u64> {
        let lease_ms = self.settings.expires_ms?;
        let due_ms = self.used_ms.saturating_add(lease_ms);
        match &self.body {
            Body::Classic(q) if q.consumers().next().is_none() => Some(due_ms),
            Body::Quorum(q) if !q.in_use() => {
                Some(due_ms.max(q.used_ms().saturating_add(lease_ms)).next_multiple_of(TICK_MS))
            }
            _ => None,
        }
    }

    /// What a restart leaves of the messages.
    pub(crate) fn restart(&mut self, crash: bool, turn: &mut Turn) {
        self.had_consumers = false;
        if let Body::Classic(q) = &mut self.body {
            q.restart(crash, turn);
        }
    }

    /// All messages, for the account of a deletion.
    pub(crate) fn all_messages(&self) -> Vec<(CopyId, Rc<Message>)> {
        let ready = self.ready_messages().map(|e| (e.id, e.message.clone()));
        let unacked = self.unacked_messages().into_iter().map(|(e, _)| (e.id, e.message.clone()));
        let other = match &self.body {
            Body::Quorum(q) => q.set_aside(),
            _ => Vec::new(),
        };
        ready.chain(unacked).chain(other).collect()
    }
}

/// How often a quorum queue looks whether it expired.
const TICK_MS: u64 = 5_000;
