//! Scenarios: what a world begins with. Plain data, and the only thing besides the seed that a run depends on.

use serde::{Deserialize, Serialize};

use crate::broker::command::{ExchangeBinding, ExchangeDeclare, QueueBinding, QueueDeclare};
use crate::broker::ordered::sort_by_key;
use crate::broker::{AmqpError, ApplyError, HttpError, Method, Name};
use crate::definitions::{Definitions, Place};

use super::role::Role;
use super::script::{Deed, Timed};

/// Most connections of a client.
const CONNECTIONS_MAX: u16 = 1_000;
/// Most declarations of a client.
const SETUP_MAX: usize = 1_000;

/// What a world begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its name.
    pub name: Name,
    /// All chance follows from it.
    #[serde(default)]
    pub seed: u64,
    /// What the broker is made of before anybody connects.
    #[serde(default)]
    pub definitions: Definitions,
    /// Connected at time 0, in this order.
    #[serde(default)]
    pub clients: Vec<ClientSpec>,
    /// What is done while it plays; what is due at one moment in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub script: Vec<Timed>,
}

/// A client application, with connections of its own and a channel on each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ClientSpec {
    /// Its name, unique in the scenario; a consumer's tag too.
    pub name: Name,
    /// The virtual host it connects to.
    #[serde(default = "slash")]
    pub vhost: Name,
    /// How long a frame takes between it and the broker, one way, milliseconds.
    #[serde(default)]
    pub latency_ms: u64,
    /// How many connections it has, 1 to 1000. A producer publishes over them in turn, a consumer consumes on each.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub connections: u16,
    /// The heartbeat that it agreed on with the broker, seconds; 0 is none. A link that is cut is noticed after two.
    #[serde(default = "minute", skip_serializing_if = "is_minute")]
    pub heartbeat_s: u16,
    /// What it declares on each of its connections when that starts, in this order. An empty queue name is the queue
    /// that was declared last there, as everywhere in AMQP. What the broker refuses ends the connection's start, and
    /// the log says so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub setup: Vec<Setup>,
    /// What it does.
    pub role: Role,
}

impl ClientSpec {
    /// A client of virtual host `/`, with one connection over a link that takes no time.
    pub fn new(name: &str, role: Role) -> Self {
        ClientSpec {
            name: name.into(),
            vhost: slash(),
            latency_ms: 0,
            connections: one(),
            heartbeat_s: minute(),
            setup: Vec::new(),
            role,
        }
    }

    pub(super) fn check(&self, place: &str) -> Result<(), ScenarioError> {
        let fits = (1..=CONNECTIONS_MAX).contains(&self.connections);
        ScenarioError::unless(fits, place, "connections", "a number from 1 to 1000")?;
        ScenarioError::unless(self.setup.len() <= SETUP_MAX, place, "setup", "at most 1000 of them")?;
        self.role.check(place)
    }
}

/// What a client declares over its own connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Setup {
    /// exchange.declare
    ExchangeDeclare(ExchangeDeclare),
    /// exchange.bind
    ExchangeBind(ExchangeBinding),
    /// queue.declare
    QueueDeclare(QueueDeclare),
    /// queue.bind
    QueueBind(QueueBinding),
}

impl Setup {
    pub(super) fn method(&self) -> Method {
        match self {
            Setup::ExchangeDeclare(declare) => Method::ExchangeDeclare(declare.clone()),
            Setup::ExchangeBind(binding) => Method::ExchangeBind(binding.clone()),
            Setup::QueueDeclare(declare) => Method::QueueDeclare(declare.clone()),
            Setup::QueueBind(binding) => Method::QueueBind(binding.clone()),
        }
    }
}

fn one() -> u16 {
    1
}

fn is_one(number: &u16) -> bool {
    *number == 1
}

/// RabbitMQ's own default.
fn minute() -> u16 {
    60
}

fn is_minute(seconds: &u16) -> bool {
    *seconds == minute()
}

fn slash() -> Name {
    "/".into()
}

/// Why a scenario cannot begin, and where in it the reason is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioError {
    /// Two clients of one name.
    #[error("clients[{index}].name: expected a name of its own, there is a client {name:?} already")]
    NameTaken {
        /// The second one.
        index: usize,
        /// The name.
        name: Name,
    },
    /// Something that cannot be meant.
    #[error("{place}: expected {expected}")]
    Unexpected {
        /// Where.
        place: String,
        /// What could stand there.
        expected: String,
    },
    /// Two entries of the definitions are about the same thing.
    #[error("definitions.{place}: definitions.{first} is the same already")]
    Repeated {
        /// The second one.
        place: Place,
        /// The first one.
        first: Place,
    },
    /// The broker refused something.
    #[error("{place}: {error}")]
    Refused {
        /// What.
        place: String,
        /// RabbitMQ's reason.
        error: AmqpError,
    },
    /// The broker refused a management call.
    #[error("{place}: {error}")]
    NotManaged {
        /// What.
        place: String,
        /// RabbitMQ's reason.
        error: HttpError,
    },
    /// Something is nothing a broker would get to see.
    #[error("{place}: {error}")]
    Impossible {
        /// What.
        place: String,
        /// Why.
        error: ApplyError,
    },
}

impl ScenarioError {
    /// An error about a field of `place`, unless all is well with it.
    pub(super) fn unless(is_well: bool, place: &str, field: &str, expected: &str) -> Result<(), ScenarioError> {
        if is_well {
            return Ok(());
        }
        Err(ScenarioError::Unexpected { place: format!("{place}.{field}"), expected: expected.to_owned() })
    }
}

impl Scenario {
    /// Looks for what no broker is needed to refuse.
    ///
    /// # Errors
    ///
    /// The first thing that cannot be meant. Places are those of a scenario file: a role's fields beside the client's.
    pub fn check(&self) -> Result<(), ScenarioError> {
        for (index, client) in self.clients.iter().enumerate() {
            if self.clients[..index].iter().any(|other| other.name == client.name) {
                return Err(ScenarioError::NameTaken { index, name: client.name.clone() });
            }
            client.check(&format!("clients[{index}]"))?;
        }
        if let Some(&(place, first)) = self.definitions.repeated().first() {
            return Err(ScenarioError::Repeated { place, first });
        }
        let mut clients: Vec<&ClientSpec> = self.clients.iter().collect();
        let mut script: Vec<(usize, &Timed)> = self.script.iter().enumerate().collect();
        sort_by_key(&mut script, |(_, timed)| timed.at_ms);
        for (index, Timed { action, .. }) in script {
            action.check(&clients, &format!("script[{index}].action"))?;
            match action {
                Deed::Join(spec) => clients.push(spec),
                Deed::Change(spec) => {
                    clients.iter_mut().filter(|client| client.name == spec.name).for_each(|client| *client = spec);
                }
                Deed::Leave { name } => clients.retain(|client| client.name != *name),
                _ => {}
            }
        }
        Ok(())
    }
}
