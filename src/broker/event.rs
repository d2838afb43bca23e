//! What happened, one event a cause: the log that pictures, sentences and counters are made from.
//!
//! Every event has an id, its moment, and the id of the event that caused it (0 for the first of a command).
//! Events go into a [`Sink`] chosen by type; with [`NoEvents`] they are not even built.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::binding::Binding;
use super::error::AmqpError;
use super::message::{DeathReason, Message};
use super::name::{ChannelId, ConnectionId, CopyId, EventId, Name, Resource};
use super::policy::Policy;
use super::table::Table;

/// Takes the events of a broker.
pub trait Sink {
    /// Whether events are wanted at all; where false, none is built.
    const RECORDS: bool;
    /// Takes one.
    fn record(&mut self, event: Event);
}

/// A sink for nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoEvents;

impl Sink for NoEvents {
    const RECORDS: bool = false;
    fn record(&mut self, _: Event) {}
}

impl Sink for Vec<Event> {
    const RECORDS: bool = true;
    fn record(&mut self, event: Event) {
        self.push(event);
    }
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Ascending without gaps.
    pub id: EventId,
    /// Virtual milliseconds.
    pub at_ms: u64,
    /// The event this one follows from; 0 where a command is the cause.
    pub cause: EventId,
    /// What.
    pub kind: EventKind,
}

/// A copy of a message, where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyRef {
    /// The queue.
    pub queue: Rc<Resource>,
    /// The copy.
    pub copy: CopyId,
    /// The message.
    pub message: Rc<Message>,
}

/// A consumer, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsumerRef {
    /// Its channel.
    pub channel: ChannelId,
    /// Its tag.
    pub tag: Name,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // the fields are what they are called
pub enum EventKind {
    /// A client logged in.
    ConnectionOpened { connection: ConnectionId, vhost: Name, user: Name },
    /// A client was not let in.
    ConnectionRefused { connection: ConnectionId, error: AmqpError },
    /// A connection ended.
    ConnectionClosed { connection: ConnectionId, why: CloseReason },
    /// A channel was opened.
    ChannelOpened { channel: ChannelId },
    /// A channel ended.
    ChannelClosed { channel: ChannelId, why: CloseReason },
    /// A method that only sets something on its channel was done.
    ChannelSet { channel: ChannelId, setting: ChannelSetting },
    /// An exchange was declared; `new` if it was not there before.
    ExchangeDeclared { exchange: Rc<Resource>, kind: Name, with: Rc<Declared>, new: bool },
    /// An exchange is gone.
    ExchangeDeleted { exchange: Rc<Resource>, why: DeleteReason },
    /// A queue was declared; `new` if it was not there before.
    QueueDeclared { queue: Rc<Resource>, kind: Name, with: Rc<Declared>, new: bool },
    /// A queue is gone, and with it its messages.
    QueueDeleted { queue: Rc<Resource>, why: DeleteReason, ready: u64, unacked: u64 },
    /// A queue was emptied of its ready messages.
    QueuePurged { queue: Rc<Resource>, count: u64 },
    /// A binding is there; `new` if it was not there before.
    Bound { binding: Rc<Binding>, new: bool },
    /// A binding is gone.
    Unbound { binding: Rc<Binding>, why: DeleteReason },
    /// A consumer was added to a queue.
    ConsumerAdded { queue: Rc<Resource>, consumer: ConsumerRef, prefetch: u16, no_ack: bool, priority: i64 },
    /// A consumer is gone.
    ConsumerRemoved { queue: Rc<Resource>, consumer: ConsumerRef, why: DeleteReason },
    /// A queue with a single active consumer has another one now, or none.
    ActiveConsumerChanged { queue: Rc<Resource>, consumer: Option<ConsumerRef> },
    /// A quorum queue's consumer did not settle in time; its overdue messages go back.
    ConsumerTimedOut { queue: Rc<Resource>, consumer: ConsumerRef },
    /// A message arrived from a publisher.
    Published { message: Rc<Message>, channel: ChannelId, vhost: Name, mandatory: bool },
    /// An exchange was asked where a message goes.
    Routed(Routed),
    /// A message reached no queue at all.
    Unroutable { message: Rc<Message>, returned: bool },
    /// A queue took a message.
    Enqueued { at: CopyRef, position: u64 },
    /// A queue did not take a message.
    Refused { queue: Rc<Resource>, message: Rc<Message>, rule: DropRule },
    /// A message was handed to a consumer.
    Delivered {
        at: CopyRef,
        consumer: ConsumerRef,
        delivery_tag: u64,
        redelivered: bool,
        ack: bool,
        passed_over: Vec<PassedOver>,
    },
    /// A message was handed out by basic.get.
    Got { at: CopyRef, channel: ChannelId, delivery_tag: u64, redelivered: bool, ack: bool },
    /// basic.get found nothing.
    GotNothing { queue: Rc<Resource>, channel: ChannelId },
    /// A message stays ready, though there are consumers.
    Waits { at: CopyRef, passed_over: Vec<PassedOver> },
    /// A delivered message was acknowledged, and is gone.
    Acked { at: CopyRef, channel: ChannelId, delivery_tag: u64 },
    /// A delivered message went back to be delivered again.
    Requeued { at: CopyRef, why: ReturnReason, position: u64 },
    /// A delivered message went back, and waits before it is ready again.
    Delayed { at: CopyRef, why: ReturnReason, until_ms: u64 },
    /// A delayed message is ready again.
    DelayEnded { at: CopyRef, position: u64 },
    /// A message is gone for good.
    Dropped { at: CopyRef, rule: DropRule },
    /// A message leaves its queue for the dead letter exchange.
    DeadLettered { at: CopyRef, reason: DeathReason, exchange: Name, routing_key: Option<Name> },
    /// A dead letter was not given to a queue that it had come from in a circle.
    CycleCut { message: Rc<Message>, queue: Rc<Resource> },
    /// A dead letter is gone: no queue was left for it.
    DeadLetterLost { message: Rc<Message>, why: LostReason },
    /// An at-least-once dead letter stays in its queue until its targets take it.
    DeadLetterHeld { at: CopyRef, retry_at_ms: u64 },
    /// A publisher was told that its message is taken care of (`ack`) or refused.
    Confirmed { channel: ChannelId, delivery_tag: u64, ack: bool },
    /// A direct reply went straight to the channel that waits for it.
    DirectReply { message: Rc<Message>, channel: Option<ChannelId>, delivery_tag: u64 },
    /// A policy was set, and is this now, or cleared.
    PolicyChanged { vhost: Name, name: Name, operator: bool, set: bool, policy: Option<Rc<Policy>> },
    /// Another policy than before applies to a queue or an exchange.
    PolicyApplied {
        kind: ResourceKind,
        to: Rc<Resource>,
        policy: Option<Name>,
        operator_policy: Option<Name>,
        effective: Table,
    },
    /// A virtual host, a user, a permission or a limit was set or cleared.
    Managed { what: Name, name: Name, set: bool },
    /// A timer fired.
    TimerFired { queue: Rc<Resource>, timer: TimerKind },
    /// The node stopped.
    Stopped { crash: bool },
    /// The node is up again.
    Started,
    /// A chain of effects was longer than the broker follows.
    BoundReached { limit: u64 },
}

/// What an exchange or a queue is declared with, as the broker keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declared {
    /// Survives a restart.
    pub durable: bool,
    /// Goes with its last binding or consumer.
    pub auto_delete: bool,
    /// A queue that belongs to one connection.
    pub exclusive: bool,
    /// An exchange that clients may not publish to.
    pub internal: bool,
    /// The arguments.
    pub arguments: Table,
}

/// How a channel or a connection ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    /// The client closed it.
    Client,
    /// The connection it is in ended.
    Connection,
    /// The socket broke.
    Lost,
    /// The broker closed it.
    Error(AmqpError),
}

/// What a method set on its channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelSetting {
    /// basic.qos
    Prefetch(u16),
    /// confirm.select
    Confirm,
    /// tx.select
    Transaction,
    /// tx.commit
    Commit,
    /// tx.rollback
    Rollback,
    /// basic.recover
    Recover,
    /// channel.flow
    Flow,
}

/// Why something was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeleteReason {
    /// A client asked for it.
    Client,
    /// It was auto-delete, and its last consumer or binding went.
    AutoDelete,
    /// It was exclusive, and its connection went.
    Exclusive,
    /// It was unused for as long as x-expires says.
    Expired,
    /// What it belongs to was deleted.
    Cascade,
    /// It does not survive a restart.
    Restart,
    /// Its channel or connection ended.
    Channel,
}

/// An exchange's answer for one message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routed {
    /// The message.
    pub message: Rc<Message>,
    /// The exchange that was asked.
    pub exchange: Rc<Resource>,
    /// Its type.
    pub kind: Name,
    /// The bindings that were tried: all that matched, and the first few that did not.
    pub tried: Vec<Tried>,
    /// How many more did not match.
    pub more_unmatched: u64,
    /// The alternate exchange that gets it, as nothing matched.
    pub alternate: Option<Name>,
}

/// One binding and what it said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// The binding.
    pub binding: Rc<Binding>,
    /// Its answer.
    pub verdict: Verdict,
}

/// Why a binding matched or did not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // the fields are what they are called
pub enum Verdict {
    /// It matched.
    Match(MatchReason),
    /// direct: the binding key is another.
    KeyDiffers,
    /// topic: the word at `index` of the pattern is another in the routing key.
    WordDiffers { index: u16 },
    /// topic: the routing key has fewer words than the pattern needs.
    TooFewWords { have: u16, need: u16 },
    /// topic: the routing key has more words than the pattern takes.
    TooManyWords { have: u16, take: u16 },
    /// topic: the words after a `#` are nowhere in the rest of the routing key.
    WordsNotFound { index: u16 },
    /// headers: the message has no header of that name.
    HeaderMissing { header: Name },
    /// headers: the header has another value, or one of another type.
    HeaderDiffers { header: Name },
    /// headers: none of the headers matched, and one had to.
    NoHeaderMatched,
    /// consistent hash, local random: the turn went to another.
    NotChosen,
}

/// Why a binding matched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // the fields are what they are called
pub enum MatchReason {
    /// default exchange: the routing key is the queue's name.
    QueueName,
    /// direct: the keys are equal.
    KeyEquals { key: Name },
    /// fanout: always.
    Always,
    /// topic: the pattern fits this routing key.
    Pattern { key: Name },
    /// headers: all headers asked for are there.
    AllHeaders,
    /// headers: this one is there.
    AnyHeader { header: Name },
    /// consistent hash, local random: it was this one's turn.
    Chosen,
}

/// A consumer that did not get a message, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassedOver {
    /// Who.
    pub consumer: ConsumerRef,
    /// Why.
    pub why: PassedOverReason,
}

/// Why a consumer did not get a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // the fields are what they are called
pub enum PassedOverReason {
    /// It holds as many unacknowledged messages as it may.
    PrefetchFull { unacked: u64, prefetch: u16 },
    /// Another one is the single active consumer.
    NotActive,
    /// Its priority is lower than that of the one who got it.
    LowerPriority { priority: i64 },
    /// Its turn comes later.
    LaterTurn,
    /// It is being replaced as the active one, and gets nothing more.
    Quiescing,
    /// It did not settle in time.
    TimedOut,
}

/// Why a message came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnReason {
    /// basic.nack with requeue.
    Nack,
    /// basic.reject with requeue.
    Reject,
    /// basic.recover.
    Recover,
    /// Its channel or connection ended.
    ChannelClosed,
    /// The consumer timeout passed.
    Timeout,
    /// The node was restarted.
    Restart,
}

/// The rule by which a message was dropped or refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DropRule {
    /// Rejected or nacked without requeue, and no dead letter exchange is set.
    Rejected,
    /// Its time to live ran out, and no dead letter exchange is set.
    Expired,
    /// The queue was over its length limit and drops its head.
    MaxLength,
    /// The queue was at its length limit and takes no more.
    RejectPublish,
    /// Returned more often than the delivery limit allows, and no dead letter exchange is set.
    DeliveryLimit,
    /// The dead letter exchange that is set does not exist.
    NoDeadLetterExchange,
    /// The queue was purged.
    Purged,
    /// The queue was deleted.
    QueueDeleted,
    /// A transient message in a classic queue, and the node was restarted.
    Restart,
    /// The stream forgot its oldest segments.
    Retention,
}

/// Why a dead letter went nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LostReason {
    /// The dead letter exchange routes it to no queue.
    Unroutable,
    /// All queues it would reach are cut off as a cycle.
    Cycle,
}

/// What a policy applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResourceKind {
    /// An exchange.
    Exchange,
    /// A queue.
    Queue,
}

/// What a timer is for. The order is that of timers due at the same moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimerKind {
    /// A message's time to live, or the end of a delayed retry.
    Message,
    /// A queue's x-expires.
    QueueExpiry,
    /// A consumer's acknowledgement timeout.
    ConsumerTimeout,
    /// An at-least-once dead letter is tried again.
    DeadLetterRetry,
}
