//! Timed actions: what a scenario, or somebody who plays with a world, does to clients, links and the broker.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::broker::command::{BasicPublish, ExchangeBinding, ExchangeDeclare, PolicySet, QueueBinding, QueueDeclare};
use crate::broker::{Manage, Method, Name};

use super::hand::{self, GetEncoding, GetMode, Settlement};
use super::scenario::{ClientSpec, ScenarioError};
use super::schedule::Schedule;

/// An action and its moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Timed {
    /// When, virtual milliseconds.
    pub at_ms: u64,
    /// What. If it cannot be done then, it is not done, and the log says why.
    pub action: Deed,
}

/// Something that is done to a world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Deed {
    /// Something is done to a client or its link.
    Client {
        /// The client.
        name: Name,
        /// Which of its connections, from 0; none is all of them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        connection: Option<u16>,
        /// What.
        control: Control,
    },
    /// The broker is stopped cleanly.
    StopBroker,
    /// The broker crashes.
    CrashBroker,
    /// The broker starts again, and the clients whose connections its end broke connect again, in their order.
    StartBroker,
    /// A queue is emptied.
    PurgeQueue {
        /// Its virtual host.
        #[serde(default = "slash")]
        vhost: Name,
        /// The queue.
        queue: Name,
    },
    /// A queue is deleted.
    DeleteQueue {
        /// Its virtual host.
        #[serde(default = "slash")]
        vhost: Name,
        /// The queue.
        queue: Name,
    },
    /// An operator gets messages from a queue, one after the other, until so many are got or none is ready.
    GetMessages {
        /// Its virtual host.
        #[serde(default = "slash")]
        vhost: Name,
        /// The queue.
        queue: Name,
        /// How many at most, 1 to 10000.
        #[serde(default = "one")]
        count: u32,
        /// What becomes of them.
        ackmode: GetMode,
        /// How their payloads are shown.
        #[serde(default, skip_serializing_if = "GetEncoding::is_auto")]
        encoding: GetEncoding,
    },
    /// An operator settles messages that they hold.
    Settle {
        /// The virtual host.
        #[serde(default = "slash")]
        vhost: Name,
        /// Which, and how.
        settlement: Settlement,
    },
    /// As many messages as a queue has ready are moved to another queue, by a shovel.
    MoveMessages {
        /// The virtual host of both.
        #[serde(default = "slash")]
        vhost: Name,
        /// The queue they are in.
        queue: Name,
        /// The queue they shall be in; if it is not there, it is declared.
        to: Name,
    },
    /// An operator declares, deletes or binds something, or publishes a message in confirm mode.
    Operate {
        /// The virtual host.
        #[serde(default = "slash")]
        vhost: Name,
        /// What.
        operation: Operation,
    },
    /// A virtual host is created.
    CreateVhost {
        /// Its name.
        vhost: Name,
    },
    /// A virtual host is deleted, with all that is in it.
    DeleteVhost {
        /// Its name.
        vhost: Name,
    },
    /// A client joins.
    Join(Rc<ClientSpec>),
    /// A client closes its connections and is gone.
    Leave {
        /// Its name.
        name: Name,
    },
    /// A client goes on as another one of its name. No file holds this: it is how a world follows a scenario that is edited.
    #[serde(skip)]
    Change(Rc<ClientSpec>),
    /// A policy is set.
    SetPolicy(PolicySet),
    /// A policy is cleared.
    ClearPolicy {
        /// Its virtual host.
        #[serde(default = "slash")]
        vhost: Name,
        /// Its name.
        name: Name,
    },
    /// Any call of the management API. No file holds one: it is how a world follows a scenario that is edited.
    #[serde(skip)]
    Manage(Rc<Manage>),
}

/// What an operator does over a channel of their own, which ends with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Operation {
    /// exchange.declare
    ExchangeDeclare(ExchangeDeclare),
    /// exchange.delete
    ExchangeDelete {
        /// The exchange.
        exchange: Name,
    },
    /// exchange.bind
    ExchangeBind(ExchangeBinding),
    /// exchange.unbind
    ExchangeUnbind(ExchangeBinding),
    /// queue.declare
    QueueDeclare(QueueDeclare),
    /// queue.bind
    QueueBind(QueueBinding),
    /// queue.unbind
    QueueUnbind(QueueBinding),
    /// basic.publish
    BasicPublish(BasicPublish),
}

/// Something that is done to a client or its link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Control {
    /// It is killed: its connection breaks.
    Kill,
    /// It is started again, with a new connection. A schedule begins anew, unless only one of several connections is
    /// started again; a limit goes on counting.
    Restart,
    /// It closes its channel.
    CloseChannel,
    /// An operator closes its connection (*Force Close*).
    ForceClose {
        /// What the client is told; empty is "Closed via management plugin".
        #[serde(default, skip_serializing_if = "str::is_empty")]
        reason: Name,
    },
    /// It publishes this message, too; of several connections over the next in turn.
    Publish(BasicPublish),
    /// It finishes what it is working on, takes up nothing more, and publishes nothing by itself: until it is told to
    /// go on, also over a new start.
    Pause,
    /// It goes on. A schedule goes on where it stood.
    Resume,
    /// What arrives over its link is held, in both directions.
    HoldLink,
    /// What was held arrives now, in its order.
    ReleaseLink,
    /// Its link takes so long from now on, one way, milliseconds.
    SetLatency(u64),
    /// Its link is cut: what is on it is lost, and all that is sent after. Each side takes the connection as lost when
    /// it has missed heartbeats (`heartbeat_s` of the client); the next start has a link of its own.
    CutLink,
    /// A consumer asks for another prefetch. As in RabbitMQ it holds for new consumers: after a restart.
    SetPrefetch(u16),
    /// A producer keeps another schedule from now on.
    SetSchedule(Schedule),
}

fn slash() -> Name {
    "/".into()
}

fn one() -> u32 {
    1
}

impl Deed {
    /// What of it is a management call.
    pub(super) fn manage(&self) -> Option<Manage> {
        match self {
            Deed::StopBroker => Some(Manage::Stop { crash: false }),
            Deed::CrashBroker => Some(Manage::Stop { crash: true }),
            Deed::StartBroker => Some(Manage::Start),
            Deed::SetPolicy(policy) => Some(Manage::PolicySet(policy.clone())),
            Deed::ClearPolicy { vhost, name } => {
                Some(Manage::PolicyClear { vhost: vhost.clone(), name: name.clone(), operator: false })
            }
            Deed::Manage(manage) => Some((**manage).clone()),
            Deed::CreateVhost { vhost } => Some(Manage::VhostCreate { vhost: vhost.clone(), default_queue_type: None }),
            Deed::DeleteVhost { vhost } => Some(Manage::VhostDelete { vhost: vhost.clone() }),
            Deed::Client { .. }
            | Deed::PurgeQueue { .. }
            | Deed::DeleteQueue { .. }
            | Deed::GetMessages { .. }
            | Deed::Settle { .. }
            | Deed::MoveMessages { .. }
            | Deed::Operate { .. }
            | Deed::Join(_)
            | Deed::Change(_)
            | Deed::Leave { .. } => None,
        }
    }

    /// The one method that an operator sends, and in which virtual host.
    pub(super) fn method(&self) -> Option<(Name, Method)> {
        match self {
            Deed::PurgeQueue { vhost, queue } => Some((vhost.clone(), Method::QueuePurge { queue: queue.clone() })),
            Deed::DeleteQueue { vhost, queue } => {
                let delete = Method::QueueDelete { queue: queue.clone(), if_unused: false, if_empty: false };
                Some((vhost.clone(), delete))
            }
            Deed::Operate { vhost, operation } => Some((vhost.clone(), operation.method())),
            _ => None,
        }
    }

    /// Looks for a client that is not there or cannot do this. `place` is where the action stands.
    pub(super) fn check(&self, clients: &[&ClientSpec], place: &str) -> Result<(), ScenarioError> {
        let (name, connection, control) = match self {
            Deed::Client { name, connection, control } => (name, connection, control),
            Deed::Join(spec) => {
                let is_free = clients.iter().all(|client| client.name != spec.name);
                let expected = format!("a name that no client has, not {:?}", spec.name);
                ScenarioError::unless(is_free, place, "join.name", &expected)?;
                return spec.check(&format!("{place}.join"));
            }
            Deed::Change(spec) => {
                let fits = clients.iter().any(|client| client.goes_on_as(spec));
                let expected = format!("what client {:?} can be over the connection that it has", spec.name);
                ScenarioError::unless(fits, place, "change", &expected)?;
                return spec.check(&format!("{place}.change"));
            }
            Deed::Leave { name } => {
                let is_there = clients.iter().any(|client| client.name == *name);
                return ScenarioError::unless(
                    is_there,
                    place,
                    "leave.name",
                    &format!("the name of a client, not {name:?}"),
                );
            }
            Deed::GetMessages { count, .. } => return hand::check_count(*count, place),
            _ => return Ok(()),
        };
        let Some(client) = clients.iter().find(|client| client.name == *name) else {
            let expected = format!("the name of a client, not {name:?}");
            return ScenarioError::unless(false, place, "client.name", &expected);
        };
        if let Some(connection) = connection {
            let expected = format!("a number from 0 to {}", client.connections.saturating_sub(1));
            ScenarioError::unless(*connection < client.connections, place, "client.connection", &expected)?;
            let fits = !control.is_for_all();
            ScenarioError::unless(fits, place, "client.connection", "none, as this is done to the client as a whole")?;
        }
        match control {
            Control::SetPrefetch(_) => {
                let consumes = client.role.consumer().is_some();
                ScenarioError::unless(consumes, place, "client.name", "the name of a client that consumes")
            }
            Control::SetSchedule(schedule) => {
                let publishes = client.role.producer().is_some();
                let expected = "the name of a producer or an RPC client";
                ScenarioError::unless(publishes, place, "client.name", expected)?;
                schedule.check(&format!("{place}.client.control.set_schedule"))
            }
            _ => Ok(()),
        }
    }
}

impl Operation {
    /// The method that is sent.
    pub fn method(&self) -> Method {
        match self.clone() {
            Operation::ExchangeDeclare(declare) => Method::ExchangeDeclare(declare),
            Operation::ExchangeDelete { exchange } => Method::ExchangeDelete { exchange, if_unused: false },
            Operation::ExchangeBind(binding) => Method::ExchangeBind(binding),
            Operation::ExchangeUnbind(binding) => Method::ExchangeUnbind(binding),
            Operation::QueueDeclare(declare) => Method::QueueDeclare(declare),
            Operation::QueueBind(binding) => Method::QueueBind(binding),
            Operation::QueueUnbind(binding) => Method::QueueUnbind(binding),
            Operation::BasicPublish(publish) => Method::BasicPublish(publish),
        }
    }
}

impl Control {
    /// Whether it is done to a client as a whole, and never to one of its connections.
    fn is_for_all(&self) -> bool {
        matches!(self, Control::Pause | Control::Resume | Control::SetPrefetch(_) | Control::SetSchedule(_))
    }
}
