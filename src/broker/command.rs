//! What can be asked of the broker: AMQP methods, management calls, and the firing of a timer.
//!
//! Fields have the names of the AMQP 0-9-1 methods. Those left out of JSON are false, 0, `""` or `{}`.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::error::{AmqpError, HttpError};
pub use super::import::Import;
use super::message::Delivery;
use super::name::{ChannelId, ConnectionId, Name};
use super::properties::{Payload, Properties};
use super::table::Table;

/// One input of the broker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// A client logs in. Its id must be free.
    ConnectionOpen(ConnectionOpen),
    /// The client closes its connection.
    ConnectionClose(ConnectionId),
    /// The socket broke, or the client died: no farewell.
    ConnectionLost(ConnectionId),
    /// An operator closes the connection.
    ConnectionForce {
        /// Which.
        connection: ConnectionId,
        /// Shown to the client; empty stands for "Closed via management plugin".
        #[serde(default)]
        reason: Name,
    },
    /// A method on a channel.
    Method {
        /// Where it arrives.
        channel: ChannelId,
        /// The method.
        method: Method,
    },
    /// Fires the earliest timer; [`Broker::next_timer`](super::Broker::next_timer) tells when.
    Timer,
    /// A call of the management HTTP API or the command line tool.
    Manage(Manage),
}

/// What a client says of itself when it connects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionOpen {
    /// The id the connection shall have.
    pub connection: ConnectionId,
    /// The virtual host.
    #[serde(default = "slash")]
    pub vhost: Name,
    /// The user's name.
    #[serde(default = "guest")]
    pub user: Name,
    /// The password.
    #[serde(default = "guest")]
    pub password: Name,
    /// Whether the client announced `consumer_cancel_notify`, as all mainstream clients do.
    #[serde(default = "yes")]
    pub consumer_cancel_notify: bool,
}

impl ConnectionOpen {
    /// As guest, to `/`.
    pub fn new(connection: ConnectionId) -> Self {
        ConnectionOpen { connection, vhost: slash(), user: guest(), password: guest(), consumer_cancel_notify: true }
    }
}

fn slash() -> Name {
    "/".into()
}
fn guest() -> Name {
    "guest".into()
}
fn yes() -> bool {
    true
}

/// An AMQP 0-9-1 method that a client sends on a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// channel.open
    ChannelOpen,
    /// channel.close
    ChannelClose,
    /// channel.flow
    ChannelFlow {
        /// false is not implemented by RabbitMQ.
        active: bool,
    },
    /// exchange.declare
    ExchangeDeclare(ExchangeDeclare),
    /// exchange.delete
    ExchangeDelete {
        /// Name.
        exchange: Name,
        /// Refuse while it is the source of a binding.
        #[serde(default)]
        if_unused: bool,
    },
    /// exchange.bind
    ExchangeBind(ExchangeBinding),
    /// exchange.unbind
    ExchangeUnbind(ExchangeBinding),
    /// queue.declare
    QueueDeclare(QueueDeclare),
    /// queue.delete
    QueueDelete {
        /// Name; empty stands for the channel's last declared queue.
        queue: Name,
        /// Refuse while it has consumers.
        #[serde(default)]
        if_unused: bool,
        /// Refuse while it has ready messages.
        #[serde(default)]
        if_empty: bool,
    },
    /// queue.bind
    QueueBind(QueueBinding),
    /// queue.unbind
    QueueUnbind(QueueBinding),
    /// queue.purge
    QueuePurge {
        /// Name; empty stands for the channel's last declared queue.
        queue: Name,
    },
    /// basic.qos
    BasicQos {
        /// Unacknowledged deliveries a later consumer of this channel may hold; 0 is unlimited.
        prefetch_count: u16,
        /// Not implemented by RabbitMQ unless 0.
        #[serde(default)]
        prefetch_size: u32,
        /// Accepted, and executed as false.
        #[serde(default)]
        global: bool,
    },
    /// basic.consume
    BasicConsume(BasicConsume),
    /// basic.cancel
    BasicCancel {
        /// The consumer.
        consumer_tag: Name,
    },
    /// basic.publish, with its content
    BasicPublish(BasicPublish),
    /// basic.get
    BasicGet {
        /// Name; empty stands for the channel's last declared queue.
        queue: Name,
        /// Automatic acknowledgement.
        #[serde(default)]
        no_ack: bool,
    },
    /// basic.ack
    BasicAck {
        /// The delivery; 0 with `multiple` stands for all.
        delivery_tag: u64,
        /// This one and all before it.
        #[serde(default)]
        multiple: bool,
    },
    /// basic.nack
    BasicNack {
        /// The delivery; 0 with `multiple` stands for all.
        delivery_tag: u64,
        /// This one and all before it.
        #[serde(default)]
        multiple: bool,
        /// Back into the queue, or dead-letter (or drop).
        #[serde(default)]
        requeue: bool,
    },
    /// basic.reject
    BasicReject {
        /// The delivery.
        delivery_tag: u64,
        /// Back into the queue, or dead-letter (or drop).
        #[serde(default)]
        requeue: bool,
    },
    /// basic.recover
    BasicRecover {
        /// false is not implemented by RabbitMQ.
        requeue: bool,
    },
    /// confirm.select
    ConfirmSelect,
    /// tx.select
    TxSelect,
    /// tx.commit
    TxCommit,
    /// tx.rollback
    TxRollback,
}

/// exchange.declare
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ExchangeDeclare {
    /// Name.
    pub exchange: Name,
    /// `direct`, `fanout`, `topic`, `headers`, `x-consistent-hash`, `x-local-random`.
    #[serde(rename = "type")]
    pub kind: Name,
    /// Only ask whether it exists.
    pub passive: bool,
    /// As shown; exchanges survive a restart either way in RabbitMQ 4.3.
    pub durable: bool,
    /// Goes when its last binding as a source goes.
    pub auto_delete: bool,
    /// Clients cannot publish to it.
    pub internal: bool,
    /// Such as `alternate-exchange`.
    pub arguments: Table,
}

/// queue.declare
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct QueueDeclare {
    /// Name; empty asks the server for one.
    pub queue: Name,
    /// Only ask whether it exists.
    pub passive: bool,
    /// Survives a restart.
    pub durable: bool,
    /// Belongs to this connection and goes with it.
    pub exclusive: bool,
    /// Goes when its last consumer goes.
    pub auto_delete: bool,
    /// The `x-` arguments.
    pub arguments: Table,
}

/// queue.bind and queue.unbind
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct QueueBinding {
    /// Destination; empty stands for the channel's last declared queue.
    pub queue: Name,
    /// Source.
    pub exchange: Name,
    /// Binding key.
    pub routing_key: Name,
    /// Part of the binding's identity; the pattern of a headers exchange.
    pub arguments: Table,
}

/// exchange.bind and exchange.unbind
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ExchangeBinding {
    /// Destination.
    pub destination: Name,
    /// Source.
    pub source: Name,
    /// Binding key.
    pub routing_key: Name,
    /// Part of the binding's identity; the pattern of a headers exchange.
    pub arguments: Table,
}

/// basic.consume
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BasicConsume {
    /// Name; empty stands for the channel's last declared queue.
    pub queue: Name,
    /// Tag; empty asks the server for one.
    pub consumer_tag: Name,
    /// Ignored by RabbitMQ.
    pub no_local: bool,
    /// Automatic acknowledgement.
    pub no_ack: bool,
    /// No other consumer may join.
    pub exclusive: bool,
    /// Such as `x-priority`.
    pub arguments: Table,
}

/// basic.publish with its content
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct BasicPublish {
    /// Name; empty is the default exchange.
    pub exchange: Name,
    /// Routing key.
    pub routing_key: Name,
    /// Return it if it reaches no queue.
    pub mandatory: bool,
    /// Not implemented by RabbitMQ.
    pub immediate: bool,
    /// The properties; shared, since most publishers use the same again and again.
    pub properties: Rc<Properties>,
    /// The body.
    pub payload: Payload,
}

/// A call of the management HTTP API, or of `rabbitmqctl`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Manage {
    /// Creates a virtual host, or changes its default queue type.
    VhostCreate {
        /// Name.
        vhost: Name,
        /// `classic` unless said otherwise.
        #[serde(default)]
        default_queue_type: Option<Name>,
    },
    /// Deletes a virtual host with all that is in it.
    VhostDelete {
        /// Name.
        vhost: Name,
    },
    /// Sets or clears a limit of a virtual host.
    VhostLimit {
        /// Name.
        vhost: Name,
        /// `max-queues` or `max-connections`.
        limit: Name,
        /// None clears; a negative value is no limit.
        #[serde(default)]
        value: Option<i64>,
    },
    /// Turns the firehose of a virtual host on or off.
    Trace {
        /// Name.
        vhost: Name,
        /// On or off.
        on: bool,
    },
    /// Creates or changes a user.
    UserSet {
        /// Name.
        user: Name,
        /// Password.
        password: Name,
        /// Such as `administrator`, `impersonator`.
        #[serde(default)]
        tags: Vec<Name>,
    },
    /// Deletes a user.
    UserDelete {
        /// Name.
        user: Name,
    },
    /// Sets what a user may do in a virtual host.
    PermissionSet {
        /// Virtual host.
        vhost: Name,
        /// User.
        user: Name,
        /// The three patterns.
        permission: Permission,
    },
    /// Takes all of a user's permissions in a virtual host away.
    PermissionClear {
        /// Virtual host.
        vhost: Name,
        /// User.
        user: Name,
    },
    /// Sets what a user may do with the routing keys of a topic exchange.
    TopicPermissionSet {
        /// Virtual host.
        vhost: Name,
        /// User.
        user: Name,
        /// The topic exchange.
        exchange: Name,
        /// Pattern for keys to publish with.
        write: Name,
        /// Pattern for keys to bind with.
        read: Name,
    },
    /// Takes a user's topic permissions in a virtual host away.
    TopicPermissionClear {
        /// Virtual host.
        vhost: Name,
        /// User.
        user: Name,
        /// The topic exchange.
        exchange: Name,
    },
    /// Creates or changes a policy.
    PolicySet(PolicySet),
    /// Deletes a policy.
    PolicyClear {
        /// Virtual host.
        vhost: Name,
        /// Name.
        name: Name,
        /// An operator policy?
        #[serde(default)]
        operator: bool,
    },
    /// Takes one entry of definitions.
    Import(Import),
    /// Stops the node. Connections are closed in order; after a crash, they are just gone.
    Stop {
        /// Killed rather than stopped.
        #[serde(default)]
        crash: bool,
    },
    /// Starts the node again.
    Start,
}

/// What a user may do in a virtual host: three patterns, searched for in names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permission {
    /// Declare and delete.
    pub configure: Name,
    /// Publish, and bind as destination.
    pub write: Name,
    /// Consume, get, purge, and bind as source.
    pub read: Name,
}

/// PUT /api/policies/VHOST/NAME, or /api/operator-policies
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PolicySet {
    /// Virtual host.
    pub vhost: Name,
    /// Name.
    pub name: Name,
    /// Searched for in the names of queues and exchanges.
    pub pattern: Name,
    /// `queues`, `classic_queues`, `quorum_queues`, `streams`, `exchanges` or `all`.
    #[serde(rename = "apply-to", default = "all")]
    pub apply_to: Name,
    /// The settings, such as `max-length`.
    pub definition: Table,
    /// The highest matching one wins.
    #[serde(default)]
    pub priority: i64,
    /// An operator policy: merged with the user's.
    #[serde(default)]
    pub operator: bool,
}

fn all() -> Name {
    "all".into()
}

/// All that a command sent to clients.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// The answer to the command itself; none for methods that have none (a publish, an acknowledgement)
    /// unless they failed.
    pub reply: Option<Reply>,
    /// What else left the broker, in order. The reply leaves before them.
    pub frames: Vec<Frame>,
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// The method's own `-ok`, or a management call that succeeded.
    Ok,
    /// queue.declare-ok
    DeclareOk {
        /// The queue's name, also where the server chose it.
        queue: Name,
        /// Ready messages.
        message_count: u64,
        /// Consumers.
        consumer_count: u64,
    },
    /// queue.delete-ok and queue.purge-ok
    Count {
        /// Messages that went.
        message_count: u64,
    },
    /// basic.consume-ok and basic.cancel-ok
    Consumer {
        /// The consumer.
        consumer_tag: Name,
    },
    /// channel.flow-ok
    Flow {
        /// As asked.
        active: bool,
    },
    /// basic.get-ok
    Got {
        /// The message.
        delivery: Delivery,
        /// Ready messages left.
        message_count: u64,
    },
    /// basic.get-empty
    Empty,
    /// The channel or the connection was closed because of the command.
    Closed(AmqpError),
    /// The management API refused.
    Refused(HttpError),
}

/// What the broker sends to a client of its own accord.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Frame {
    /// basic.deliver
    Deliver {
        /// To whom.
        channel: ChannelId,
        /// The consumer.
        consumer_tag: Name,
        /// The message.
        delivery: Delivery,
    },
    /// basic.return
    Return {
        /// To whom.
        channel: ChannelId,
        /// 312.
        reply_code: u16,
        /// `NO_ROUTE`.
        reply_text: Name,
        /// The publish that came back.
        publish: BasicPublish,
    },
    /// basic.ack: a publisher confirm
    Ack {
        /// To whom.
        channel: ChannelId,
        /// The publish's number on the channel, from 1.
        delivery_tag: u64,
    },
    /// basic.nack: a publish that a queue refused
    Nack {
        /// To whom.
        channel: ChannelId,
        /// The publish's number on the channel, from 1.
        delivery_tag: u64,
    },
    /// basic.cancel from the server
    Cancel {
        /// To whom.
        channel: ChannelId,
        /// The consumer.
        consumer_tag: Name,
    },
    /// channel.close from the server, not in answer to a method
    ChannelClosed {
        /// Which.
        channel: ChannelId,
        /// Why.
        error: AmqpError,
    },
    /// connection.close from the server, not in answer to a method
    ConnectionClosed {
        /// Which.
        connection: ConnectionId,
        /// Why.
        error: AmqpError,
    },
}
