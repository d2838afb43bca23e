//! AMQP 0-9-1 as RabbitMQ 4.3 does it: a state machine without I/O, without a clock, without randomness.
//!
//! One public type, [`Broker`]. Commands go in with a moment, answers and frames for clients come out, and events
//! go into a sink:
//!
//! ```
//! use warren::broker::{Broker, ChannelId, Command, Config, ConnectionId, ConnectionOpen, Method, NoEvents};
//!
//! let mut broker = Broker::new(Config::default());
//! let connection = ConnectionId(1);
//! broker.apply(0, Command::ConnectionOpen(ConnectionOpen::new(connection)), &mut NoEvents)?;
//! let channel = ChannelId { connection, number: 1 };
//! broker.apply(0, Command::Method { channel, method: Method::ChannelOpen }, &mut NoEvents)?;
//!
//! // The canonical loop: everything due is fired before the next command.
//! while let Some(timer) = broker.next_timer().filter(|timer| timer.due_ms <= 1_000) {
//!     broker.apply(timer.due_ms, Command::Timer, &mut NoEvents)?;
//! }
//! broker.apply(1_000, Command::Method { channel, method: Method::ConfirmSelect }, &mut NoEvents)?;
//! # Ok::<(), warren::broker::ApplyError>(())
//! ```
//!
//! What always holds:
//!
//! * A command is applied whole. Its effects follow one another in this order: the method itself, queue by queue;
//!   then whatever that set off (dead letters, copies for the firehose, deletions), first come, first served, from
//!   one work list. There is no recursion, and the list has a bound.
//! * The same commands at the same moments give the same answers, frames and events, whatever the sink.
//! * A command that is refused with an [`ApplyError`] changes nothing.

pub mod access;
pub mod arguments;
pub mod backlog;
pub mod binding;
pub mod channel;
pub mod command;
pub mod connection;
pub mod consumer;
mod dead_letter;
mod effects;
pub mod error;
pub mod event;
pub mod exchange;
pub mod import;
mod lifecycle;
mod manage;
pub mod message;
mod method;
pub mod name;
mod names;
pub mod ordered;
pub mod password;
pub mod policy;
pub mod properties;
pub mod queue;
mod reply_to;
pub mod router;
pub mod settings;
mod step;
pub mod table;
mod timer;
mod trace;
pub mod vhost;

use serde::{Deserialize, Serialize};

use access::User;
use binding::Binding;
use channel::Channel;
use connection::Connection;
use exchange::Exchange;
use names::NameSource;
use ordered::{OrderedMap, OrderedSet};
use password::Password;
use queue::Queue;
use step::Step;
use table::Value;
use vhost::Vhost;

pub use command::{Applied, Command, ConnectionOpen, Frame, Manage, Method, Reply};
pub use error::{AmqpError, ApplyError, HttpError, Scope};
pub use event::{Event, EventKind, NoEvents, Sink};
pub use name::{ChannelId, ConnectionId, ConsumerId, CopyId, EventId, MessageId, Name, QueueId, Resource};
pub use timer::Timer;

/// What a node is started with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Config {
    /// Names the server makes, and the choices of x-local-random, follow from it.
    pub seed: u64,
    /// Real time at virtual time 0, milliseconds since 1970: for timestamps in headers and stream offsets.
    pub epoch_ms: u64,
    /// Largest message body, bytes (`max_message_size`).
    pub max_message_bytes: u64,
    /// Most channels of a connection (`channel_max`); 0 is unlimited.
    pub channel_max: u16,
    /// Whether shared transient queues may be declared (`deprecated_features.permit.transient_nonexcl_queues`).
    pub permit_transient_nonexclusive_queues: bool,
    /// The node's name, as the firehose shows it.
    pub node: Name,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            seed: 0,
            epoch_ms: 0,
            max_message_bytes: 16_777_216,
            channel_max: 2047,
            permit_transient_nonexclusive_queues: true,
            node: "rabbit@warren".into(),
        }
    }
}

/// A RabbitMQ node.
///
/// Call [`apply`](Broker::apply) with commands in the order of time; before a command, fire every timer that is due
/// ([`next_timer`](Broker::next_timer)). Everything else only reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Broker {
    config: Config,
    now_ms: u64,
    running: bool,
    vhosts: OrderedMap<Name, Vhost>,
    users: OrderedMap<Name, User>,
    connections: OrderedMap<ConnectionId, Connection>,
    queues: OrderedMap<QueueId, Box<Queue>>,
    global_parameters: OrderedMap<Name, Value>,
    timers: OrderedSet<timer::Entry>,
    names: NameSource,
    last_event: u64,
    last_message: u64,
    last_copy: u64,
    last_consumer: u64,
    last_queue: u32,
    #[serde(skip)]
    buffers: step::KeptBuffers,
}

impl Broker {
    /// A running node with the virtual host `/` and the user `guest`.
    pub fn new(config: Config) -> Self {
        Broker::seeded(config, true, true)
    }

    /// A running node with the virtual host `/` or none, and with the user `guest` or none. One that starts with a file of
    /// definitions has neither. Source: `rabbit/src/rabbit.erl maybe_insert_default_data/0`.
    pub fn seeded(config: Config, vhost: bool, user: bool) -> Self {
        let mut broker = Broker {
            names: NameSource::new(config.seed),
            config,
            now_ms: 0,
            running: true,
            vhosts: OrderedMap::new(),
            users: OrderedMap::new(),
            connections: OrderedMap::new(),
            queues: OrderedMap::new(),
            global_parameters: OrderedMap::new(),
            timers: OrderedSet::default(),
            last_event: 0,
            last_message: 0,
            last_copy: 0,
            last_consumer: 0,
            last_queue: 0,
            buffers: step::KeptBuffers::default(),
        };
        if user {
            let guest = User::new(Password::Plain("guest".into()), vec!["administrator".into()]);
            broker.users.insert("guest".into(), guest);
        }
        if vhost {
            broker.add_vhost("/".into(), settings::QueueType::Classic);
            if let Some(host) = broker.vhosts.get_mut("/") {
                host.description = "Default virtual host".into();
            }
        }
        broker
    }

    /// Applies one command at a moment, in virtual milliseconds.
    ///
    /// # Errors
    ///
    /// An [`ApplyError`] for what no broker would get to see: time going backwards, a timer that should have been
    /// fired first, an unknown connection, a name that does not fit into a frame. What RabbitMQ refuses is no
    /// error here but a [`Reply`].
    pub fn apply<S: Sink>(&mut self, at_ms: u64, command: Command, sink: &mut S) -> Result<Applied, ApplyError> {
        self.admit(at_ms, &command)?;
        self.now_ms = at_ms;
        let mut step = Step::new(at_ms, self.last_event, sink, self.buffers.take());
        let reply = match command {
            Command::Method { channel, method } => self.method(channel, method, &mut step),
            Command::Timer => self.fire_timer(&mut step),
            Command::ConnectionOpen(open) => self.open_connection(open, &mut step),
            Command::ConnectionClose(id) => {
                self.end_connection(id, event::CloseReason::Client, &mut step);
                Some(Reply::Ok)
            }
            Command::ConnectionLost(id) => {
                self.end_connection(id, event::CloseReason::Lost, &mut step);
                None
            }
            Command::ConnectionForce { connection, reason } => {
                self.force_connection(connection, &reason, &mut step);
                Some(Reply::Ok)
            }
            Command::Manage(manage) => Some(self.manage(manage, &mut step)),
        };
        self.drain(&mut step);
        self.last_event = step.last_event;
        let (frames, buffers) = step.finish();
        self.buffers.put_back(buffers);
        Ok(Applied { reply, frames })
    }

    /// The only place that judges time, and what a command refers to.
    fn admit(&self, at_ms: u64, command: &Command) -> Result<(), ApplyError> {
        if at_ms < self.now_ms {
            return Err(ApplyError::TimeWentBack { now_ms: self.now_ms, at_ms });
        }
        let due = self.next_timer().map(|timer| timer.due_ms);
        if let Some(due_ms) = due.filter(|due_ms| *due_ms < at_ms) {
            return Err(ApplyError::TimerDue { due_ms, at_ms });
        }
        match command {
            Command::Manage(Manage::Start) if self.running => Err(ApplyError::Running),
            Command::Manage(Manage::Start) => Ok(()),
            _ if !self.running => Err(ApplyError::Stopped),
            Command::Timer if due != Some(at_ms) => Err(ApplyError::NoTimerDue),
            Command::ConnectionOpen(open) if self.connections.contains_key(&open.connection) => {
                Err(ApplyError::ConnectionInUse(open.connection))
            }
            Command::ConnectionClose(id)
            | Command::ConnectionLost(id)
            | Command::ConnectionForce { connection: id, .. } => self.known(*id),
            Command::Method { channel, method } => {
                if channel.number == 0 {
                    return Err(ApplyError::ChannelZero(*channel));
                }
                self.known(channel.connection)?;
                method::check_sizes(method)
            }
            Command::Manage(Manage::Import(import)) => import.check_sizes(),
            _ => Ok(()),
        }
    }

    fn known(&self, id: ConnectionId) -> Result<(), ApplyError> {
        if self.connections.contains_key(&id) { Ok(()) } else { Err(ApplyError::NoConnection(id)) }
    }

    /// The broker's time: that of the last command.
    pub fn now_ms(&self) -> u64 {
        self.now_ms
    }

    /// Whether the node is up.
    pub fn is_running(&self) -> bool {
        self.running
    }

    /// The configuration it was started with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The id of the last event that was recorded; 0 before the first.
    pub fn last_event(&self) -> EventId {
        EventId(self.last_event)
    }

    /// Virtual hosts, by name.
    pub fn vhosts(&self) -> impl Iterator<Item = &Vhost> {
        self.vhosts.values()
    }

    /// A virtual host.
    pub fn vhost(&self, name: &str) -> Option<&Vhost> {
        self.vhosts.get(name)
    }

    /// Users, by name.
    pub fn users(&self) -> impl Iterator<Item = (&Name, &User)> {
        self.users.iter()
    }

    /// Parameters of the whole node, by name.
    pub fn global_parameters(&self) -> &OrderedMap<Name, Value> {
        &self.global_parameters
    }

    /// Exchanges of all virtual hosts, by virtual host and name, the default exchanges included.
    pub fn exchanges(&self) -> impl Iterator<Item = &Exchange> {
        self.vhosts.values().flat_map(|vhost| vhost.exchanges.values()).map(Box::as_ref)
    }

    /// An exchange.
    pub fn exchange(&self, vhost: &str, name: &str) -> Option<&Exchange> {
        self.vhosts.get(vhost)?.exchanges.get(name).map(Box::as_ref)
    }

    /// Queues of all virtual hosts, by virtual host and name.
    pub fn queues(&self) -> impl Iterator<Item = &Queue> {
        self.vhosts.values().flat_map(|vhost| vhost.queues.values()).filter_map(|id| self.queue_by_id(*id))
    }

    /// A queue.
    pub fn queue(&self, vhost: &str, name: &str) -> Option<&Queue> {
        self.queues.get(self.vhosts.get(vhost)?.queues.get(name)?).map(Box::as_ref)
    }

    /// A queue by its id; none if it was deleted.
    pub fn queue_by_id(&self, id: QueueId) -> Option<&Queue> {
        self.queues.get(&id).map(Box::as_ref)
    }

    /// Bindings of all virtual hosts, without the implied ones of the default exchange.
    pub fn bindings(&self) -> impl Iterator<Item = &Binding> {
        self.exchanges().flat_map(|exchange| exchange.bindings()).map(|bound| &*bound.binding)
    }

    /// Open connections, by id.
    pub fn connections(&self) -> impl Iterator<Item = &Connection> {
        self.connections.values()
    }

    /// An open connection.
    pub fn connection(&self, id: ConnectionId) -> Option<&Connection> {
        self.connections.get(&id)
    }

    /// An open channel.
    pub fn channel(&self, id: ChannelId) -> Option<&Channel> {
        self.connections.get(&id.connection)?.channels.get(&id.number)
    }

    fn channel_mut(&mut self, id: ChannelId) -> Option<&mut Channel> {
        self.connections.get_mut(&id.connection)?.channels.get_mut(&id.number)
    }
}
