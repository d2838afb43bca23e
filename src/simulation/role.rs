//! What clients are for: one spec for each role. Plain data, which a scenario holds.
//!
//! A worker and an RPC server consume as a consumer does, and an RPC client publishes as a producer does: their specs
//! hold that part as it is, under a name of its own.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::broker::Name;
use crate::broker::properties::{Payload, Properties};
use crate::broker::table::Table;

use super::confirms::{Care, OnLoss, Reaction};
use super::consumer::{self, Outcome, Rule, WorkRule};
use super::content::{self, Draft, Order};
use super::scenario::ScenarioError;
use super::schedule::Schedule;
use super::span::Span;

/// How long an RPC client waits for an answer unless it says otherwise, milliseconds.
const TIMEOUT_MS: u64 = 5_000;

/// What a client does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// It publishes.
    Producer(ProducerSpec),
    /// It consumes.
    Consumer(ConsumerSpec),
    /// It consumes, and publishes something for each message.
    Worker(WorkerSpec),
    /// It publishes requests and waits for answers.
    RpcClient(RpcClientSpec),
    /// It consumes requests and answers them.
    RpcServer(RpcServerSpec),
}

impl Role {
    /// What it keeps a schedule for: a producer's messages, an RPC client's requests.
    pub fn producer(&self) -> Option<&ProducerSpec> {
        match self {
            Role::Producer(producer) => Some(producer),
            Role::RpcClient(client) => Some(&client.request),
            Role::Consumer(_) | Role::Worker(_) | Role::RpcServer(_) => None,
        }
    }

    /// How it consumes, if it works on messages. An RPC client does not: it takes answers as they come.
    pub fn consumer(&self) -> Option<&ConsumerSpec> {
        match self {
            Role::Consumer(consumer) => Some(consumer),
            Role::Worker(worker) => Some(&worker.consume),
            Role::RpcServer(server) => Some(&server.consume),
            Role::Producer(_) | Role::RpcClient(_) => None,
        }
    }

    /// The same, to be changed.
    pub fn producer_mut(&mut self) -> Option<&mut ProducerSpec> {
        match self {
            Role::Producer(producer) => Some(producer),
            Role::RpcClient(client) => Some(&mut client.request),
            Role::Consumer(_) | Role::Worker(_) | Role::RpcServer(_) => None,
        }
    }

    /// The same, to be changed.
    pub fn consumer_mut(&mut self) -> Option<&mut ConsumerSpec> {
        match self {
            Role::Consumer(consumer) => Some(consumer),
            Role::Worker(worker) => Some(&mut worker.consume),
            Role::RpcServer(server) => Some(&mut server.consume),
            Role::Producer(_) | Role::RpcClient(_) => None,
        }
    }

    /// The exchange it publishes to, if it publishes. The empty name is the default exchange.
    pub fn exchange(&self) -> Option<Name> {
        match self {
            Role::Producer(producer) => Some(producer.exchange.clone()),
            Role::RpcClient(client) => Some(client.request.exchange.clone()),
            Role::Worker(worker) => Some(worker.publish.exchange.clone()),
            Role::RpcServer(_) => Some(Name::default()),
            Role::Consumer(_) => None,
        }
    }

    /// What it does about messages that the broker has not taken.
    pub(super) fn care(&self) -> Care {
        match self {
            Role::Producer(producer) => producer.care(),
            Role::RpcClient(client) => client.request.care(),
            Role::Worker(worker) => worker.publish.care(),
            Role::Consumer(_) | Role::RpcServer(_) => Care::default(),
        }
    }

    /// Looks for what no client can keep to. `place` is the client's: a role's fields stand beside those of its client.
    pub(super) fn check(&self, place: &str) -> Result<(), ScenarioError> {
        match self {
            Role::Producer(producer) => producer.check(place),
            Role::Consumer(consumer) => consumer::check(consumer, place),
            Role::Worker(worker) => {
                consumer::check(&worker.consume, &format!("{place}.consume"))?;
                worker.publish.check(&format!("{place}.publish"))
            }
            Role::RpcClient(client) => {
                client.request.check(&format!("{place}.request"))?;
                ScenarioError::unless(client.timeout_ms >= 1, place, "timeout_ms", "a number from 1")
            }
            Role::RpcServer(server) => {
                consumer::check(&server.consume, &format!("{place}.consume"))?;
                let answer = &server.answer;
                let parts = content::Parts {
                    payload: answer.payload.as_ref(),
                    properties: answer.properties.as_deref(),
                    routing_key: None,
                };
                content::check_parts(&parts, &format!("{place}.answer"))
            }
        }
    }
}

/// A producer: publishes a message again and again, or several in turn.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// What it does about messages that were unconfirmed when their connection was lost; needs confirms.
    #[serde(skip_serializing_if = "OnLoss::is_usual")]
    pub on_loss: OnLoss,
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

    /// The routing keys that it publishes with, as they are written down: templates are not filled in.
    pub fn routing_keys(&self) -> Vec<Name> {
        let mut keys: Vec<Name> = Vec::new();
        let drafts = self.messages.iter().map(|draft| draft.routing_key.as_ref().unwrap_or(&self.routing_key));
        let own = self.messages.is_empty().then_some(&self.routing_key);
        for key in own.into_iter().chain(drafts) {
            if !keys.contains(key) {
                keys.push(key.clone());
            }
        }
        keys
    }

    fn care(&self) -> Care {
        let ProducerSpec { confirms, on_nack, on_return, on_loss, .. } = *self;
        Care { confirms, on_nack, on_return, on_loss }
    }

    fn check(&self, place: &str) -> Result<(), ScenarioError> {
        ScenarioError::unless(self.every_ms != Some(0), place, "every_ms", "a number from 1")?;
        let one_of_them = self.every_ms.is_none() || self.schedule.is_none();
        ScenarioError::unless(one_of_them, place, "schedule", "none, as every_ms is there")?;
        self.schedule().check(&format!("{place}.schedule"))?;
        content::check(self, place)?;
        self.care().check(place)
    }
}

/// A consumer: takes messages one at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ConsumerSpec {
    /// The queues it consumes from, all on one channel. The empty name is the queue that its setup declared last.
    pub queues: Vec<Name>,
    /// How deliveries are acknowledged.
    pub ack: AckMode,
    /// Most unacknowledged deliveries for each of its queues; 0 is unlimited.
    pub prefetch: u16,
    /// How long it works on a message that no rule is about.
    pub processing: Span,
    /// How long it works on some messages: the first rule that applies decides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub processing_rules: Vec<WorkRule>,
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AckMode {
    /// By the consumer, when it is done.
    #[default]
    Manual,
    /// By the broker, when it sends (`no_ack`).
    Auto,
}

/// A worker: consumes, and publishes a message for each one that it acknowledges, before it does so.
///
/// With confirms it acknowledges only when the broker has confirmed what it published, and works on nothing else
/// meanwhile. What it published and the broker has not taken: where the reaction is to ignore or to log, the worker
/// acknowledges all the same, and the message is lost; where it is to retry, it waits, and rejects (`basic.nack`, not
/// to be requeued) once it gives up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct WorkerSpec {
    /// How it consumes.
    pub consume: ConsumerSpec,
    /// What it publishes.
    pub publish: OutputSpec,
}

/// What a worker publishes for a message. All texts are templates, in which places such as `{payload}` and
/// `{header:x}` stand for parts of the message that came in; what is left out is that of the message, as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct OutputSpec {
    /// The exchange; empty is the default one.
    pub exchange: Name,
    /// The routing key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routing_key: Option<Name>,
    /// The body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<Payload>,
    /// The properties.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub properties: Option<Rc<Properties>>,
    /// Return what reaches no queue.
    #[serde(skip_serializing_if = "is_false")]
    pub mandatory: bool,
    /// Whether the channel is in confirm mode.
    #[serde(skip_serializing_if = "is_false")]
    pub confirms: bool,
    /// What it does about a message that the broker refuses; needs confirms.
    #[serde(skip_serializing_if = "Reaction::is_usual")]
    pub on_nack: Reaction,
    /// What it does about a message that comes back; needs confirms.
    #[serde(skip_serializing_if = "Reaction::is_usual")]
    pub on_return: Reaction,
}

impl OutputSpec {
    fn care(&self) -> Care {
        let OutputSpec { confirms, on_nack, on_return, .. } = *self;
        Care { confirms, on_nack, on_return, on_loss: OnLoss::Ignore }
    }

    fn check(&self, place: &str) -> Result<(), ScenarioError> {
        let OutputSpec { routing_key, payload, properties, .. } = self;
        let parts = content::Parts {
            routing_key: routing_key.as_ref(),
            payload: payload.as_ref(),
            properties: properties.as_deref(),
        };
        content::check_parts(&parts, place)?;
        self.care().check(place)
    }
}

/// An RPC client: publishes requests, and matches the answers to them by their `correlation_id`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RpcClientSpec {
    /// The requests. Each gets a `reply_to`, and unless it has one a `correlation_id`: the client's name and a number.
    pub request: ProducerSpec,
    /// Where it wants the answers.
    pub replies: Replies,
    /// How long it waits for an answer, milliseconds.
    pub timeout_ms: u64,
}

impl Default for RpcClientSpec {
    fn default() -> Self {
        RpcClientSpec { request: ProducerSpec::default(), replies: Replies::default(), timeout_ms: TIMEOUT_MS }
    }
}

/// Where an RPC client wants its answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Replies {
    /// Straight to its channel (`amq.rabbitmq.reply-to`).
    #[default]
    Direct,
    /// In an exclusive queue of its own, which the server names.
    Queue,
}

/// An RPC server: consumes requests, works on them, publishes the answer to the default exchange with the request's
/// `reply_to` as routing key and its `correlation_id`, and then acknowledges.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RpcServerSpec {
    /// How it consumes.
    pub consume: ConsumerSpec,
    /// What it answers.
    pub answer: AnswerSpec,
}

/// What an RPC server answers. Texts are templates, as a worker's are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct AnswerSpec {
    /// The body; none is the request's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<Payload>,
    /// The properties besides `correlation_id`; none are no others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub properties: Option<Rc<Properties>>,
}

/// Whether a field need not be written down.
pub(super) fn is_false(flag: &bool) -> bool {
    !flag
}
