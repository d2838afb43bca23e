//! Scenarios: what a world begins with. Plain data, and the only thing besides the seed that a run depends on.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::broker::properties::{Payload, Properties};
use crate::broker::table::Table;
use crate::broker::{AmqpError, ApplyError, HttpError, Name};
use crate::definitions::{Definitions, Place};

use super::consumer::{self, Outcome, Rule};
use super::content::{self, Draft, Order};
use super::producer::Reaction;
use super::rng::Rng;
use super::schedule::Schedule;
use super::script::Timed;

/// What a world begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// A client application with a connection and a channel of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// What it does.
    pub role: Role,
}

/// What a client does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// It publishes.
    Producer(ProducerSpec),
    /// It consumes.
    Consumer(ConsumerSpec),
}

/// A producer: publishes a message again and again, or several in turn.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProducerSpec {
    /// The exchange; empty is the default one.
    pub exchange: Name,
    /// The routing key.
    pub routing_key: Name,
    /// The body.
    pub payload: Payload,
    /// The properties.
    pub properties: Rc<Properties>,
    /// What it publishes, if that is not always the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<Draft>,
    /// Which of them is next.
    #[serde(skip_serializing_if = "Order::is_usual")]
    pub order: Order,
    /// Whether `{n}`, `{pick:a|b}` and `{random:1-6}` in key, payload and properties are filled in.
    #[serde(skip_serializing_if = "is_false")]
    pub templates: bool,
    /// Return what reaches no queue.
    pub mandatory: bool,
    /// Whether the channel is in confirm mode.
    pub confirms: bool,
    /// What it does about a message that the broker refuses (`basic.nack`); needs confirms.
    #[serde(skip_serializing_if = "Reaction::is_usual")]
    pub on_nack: Reaction,
    /// What it does about a message that comes back (`basic.return`); needs confirms.
    #[serde(skip_serializing_if = "Reaction::is_usual")]
    pub on_return: Reaction,
    /// The first publish, virtual milliseconds.
    pub start_ms: u64,
    /// From one publish to the next, milliseconds, at least 1; none publishes once. Short for a schedule.
    pub every_ms: Option<u64>,
    /// When it publishes, if it is more than `every_ms` can say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// How many; none is without end.
    pub limit: Option<u64>,
}

impl ProducerSpec {
    /// When it publishes.
    pub fn schedule(&self) -> Schedule {
        let every = || self.every_ms.map_or(Schedule::Once, |ms| Schedule::Every { ms });
        self.schedule.unwrap_or_else(every)
    }

    fn check(&self, place: &str) -> Result<(), ScenarioError> {
        ScenarioError::unless(self.every_ms != Some(0), place, "every_ms", "a number from 1")?;
        let one_of_them = self.every_ms.is_none() || self.schedule.is_none();
        ScenarioError::unless(one_of_them, place, "schedule", "none, as every_ms is there")?;
        self.schedule().check(&format!("{place}.schedule"))?;
        content::check(self, place)?;
        self.on_nack.check(self.confirms, place, "on_nack")?;
        self.on_return.check(self.confirms, place, "on_return")
    }
}

/// A consumer: takes messages one at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConsumerSpec {
    /// The queues it consumes from, all on one channel.
    pub queues: Vec<Name>,
    /// How deliveries are acknowledged.
    pub ack: AckMode,
    /// Most unacknowledged deliveries for each of its queues; 0 is unlimited.
    pub prefetch: u16,
    /// How long it works on a message.
    pub processing: Span,
    /// What it says of a message that no rule is about.
    #[serde(skip_serializing_if = "Outcome::is_usual")]
    pub outcome: Outcome,
    /// What becomes of some messages: the first rule that applies decides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    /// Whether it acknowledges at once what it has dealt with before, by its `message_id`.
    #[serde(skip_serializing_if = "is_false")]
    pub idempotent: bool,
    /// Its priority (`x-priority`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<i32>,
    /// Whether it wants its queues for itself.
    #[serde(skip_serializing_if = "is_false")]
    pub exclusive: bool,
    /// Arguments of its `basic.consume`.
    #[serde(skip_serializing_if = "Table::is_empty")]
    pub arguments: Table,
    /// It asks for messages (`basic.get`), one of its queues each time, from one time to the next so many milliseconds;
    /// none consumes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_every_ms: Option<u64>,
    /// How long after a crash it starts again, milliseconds; none never does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restart_after_ms: Option<u64>,
}

/// How deliveries are acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AckMode {
    /// By the consumer, when it is done.
    #[default]
    Manual,
    /// By the broker, when it sends (`no_ack`).
    Auto,
}

/// A length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// Always the same, milliseconds.
    Fixed(u64),
    /// Anything from the first to the second, milliseconds, each as likely as any other.
    Uniform(u64, u64),
    /// Mostly short and sometimes long, with this mean, milliseconds.
    Exponential(u64),
}

impl Default for Span {
    fn default() -> Self {
        Span::Fixed(0)
    }
}

impl Span {
    /// One length, milliseconds.
    pub fn draw(self, rng: &mut Rng) -> u64 {
        match self {
            Span::Fixed(ms) => ms,
            Span::Uniform(min, max) => rng.between(min, max),
            Span::Exponential(mean) => rng.exponential(u128::from(mean), 1),
        }
    }
}

/// Whether a field need not be written down.
fn is_false(flag: &bool) -> bool {
    !flag
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
            let place = format!("clients[{index}]");
            match &client.role {
                Role::Producer(producer) => producer.check(&place)?,
                Role::Consumer(consumer) => consumer::check(consumer, &place)?,
            }
        }
        if let Some(&(place, first)) = self.definitions.repeated().first() {
            return Err(ScenarioError::Repeated { place, first });
        }
        let clients: Vec<&ClientSpec> = self.clients.iter().collect();
        for (index, timed) in self.script.iter().enumerate() {
            timed.action.check(&clients, &format!("script[{index}].action"))?;
        }
        Ok(())
    }
}
