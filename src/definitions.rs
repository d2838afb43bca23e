//! RabbitMQ's definitions: what a broker is made of, in the JSON that a broker exports and imports.
//!
//! [`Definitions`] has the fields of an export of the whole broker, by their own names, and is both: what a scenario
//! begins with, and what an import reads and an export writes. What always holds:
//!
//! * A field that no broker knows is an error where the types are read as they are (in a scenario), and is listed where
//!   a broker's file is imported.
//! * A field that RabbitMQ fills in when it imports has the same value here when it is left out. A scenario leaves it out;
//!   an export has it.
//! * Arguments and values are plain JSON: every integer is a `long`, every other number a `double`, as RabbitMQ reads
//!   them. Source: `rabbit_common/src/rabbit_misc.erl to_amqp_table/1`.
//!
//! Source: `rabbit/src/rabbit_definitions.erl`.

mod export;
mod load;
pub mod plain;
mod plan;
mod remarks;
mod tags;

use serde::{Deserialize, Serialize};

use crate::broker::Name;
use crate::broker::table::{Table, Value};

pub use export::RABBITMQ_VERSION;
pub use load::{Remark, RemarkKind, Report};
pub use plan::{Entry, Place};
pub use tags::Tags;

/// What a broker is made of.
///
/// Without virtual hosts there is `/`, and without users there is `guest`, who may do everything everywhere, as on a
/// broker that was never told anything. With them, there are these and no others, as on a broker that starts with a file
/// of definitions. Source: `rabbit/src/rabbit.erl insert_default_data/0`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Definitions {
    /// The version of the broker that exported it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rabbit_version: Option<Name>,
    /// The same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rabbitmq_version: Option<Name>,
    /// `RabbitMQ`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_name: Option<Name>,
    /// The product's version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_version: Option<Name>,
    /// `cluster`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rabbitmq_definition_format: Option<Name>,
    /// The cluster that exported it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_cluster_name: Option<Name>,
    /// What this is, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Name>,
    /// Users.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<User>,
    /// Virtual hosts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vhosts: Vec<Vhost>,
    /// What users may do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<Permission>,
    /// What users may do with routing keys.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub topic_permissions: Vec<TopicPermission>,
    /// Runtime parameters: operator policies, limits of virtual hosts, shovels, federation upstreams.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<Parameter>,
    /// Parameters of the whole broker.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub global_parameters: Vec<GlobalParameter>,
    /// Policies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<Policy>,
    /// Exchanges.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exchanges: Vec<Exchange>,
    /// Queues.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub queues: Vec<Queue>,
    /// Bindings.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bindings: Vec<Binding>,
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct User {
    /// Name.
    pub name: Name,
    /// The password itself. No export has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Name>,
    /// Salt and hash of the password, base64. Without either nobody logs in as this user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_hash: Option<Name>,
    /// How it was hashed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hashing_algorithm: Option<Name>,
    /// Such as `administrator`.
    pub tags: Tags,
    /// `max-connections`, `max-channels`.
    #[serde(default, with = "plain::table", skip_serializing_if = "Table::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "Table"))]
    pub limits: Table,
}

/// A virtual host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Vhost {
    /// Name.
    pub name: Name,
    /// Older form of `metadata.description`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Name>,
    /// Older form of `metadata.tags`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Tags>,
    /// Whether the firehose is on. No export has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracing: Option<bool>,
    /// What there is to say about it.
    #[serde(default, skip_serializing_if = "Metadata::is_usual")]
    pub metadata: Metadata,
    /// A copy of the parameter `vhost-limits`, which alone is imported.
    #[serde(default, with = "plain::table", skip_serializing_if = "Table::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "Table"))]
    pub limits: Table,
}

/// What there is to say about a virtual host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Metadata {
    /// What it is for.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub description: Name,
    /// Such as `production`.
    #[serde(skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// The type of queues declared without one; `classic` if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_queue_type: Option<Name>,
    /// Whether it can be deleted only after this is taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protected_from_deletion: Option<bool>,
}

/// What a user may do in a virtual host: three patterns, searched for in names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Permission {
    /// User.
    pub user: Name,
    /// Virtual host.
    pub vhost: Name,
    /// Declare and delete.
    pub configure: Name,
    /// Publish, and bind as destination.
    pub write: Name,
    /// Consume, get, purge, and bind as source.
    pub read: Name,
}

/// What a user may do with the routing keys of a topic exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TopicPermission {
    /// User.
    pub user: Name,
    /// Virtual host.
    pub vhost: Name,
    /// The topic exchange.
    pub exchange: Name,
    /// Pattern for keys to publish with.
    pub write: Name,
    /// Pattern for keys to bind with.
    pub read: Name,
}

/// A runtime parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Virtual host.
    pub vhost: Name,
    /// Such as `operator_policy`, `vhost-limits`, `shovel`.
    pub component: Name,
    /// Name.
    pub name: Name,
    /// Any JSON.
    #[serde(with = "plain::value")]
    #[cfg_attr(feature = "schema", schemars(with = "Value"))]
    pub value: Value,
}

/// A parameter of the whole broker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GlobalParameter {
    /// Name.
    pub name: Name,
    /// Any JSON.
    #[serde(with = "plain::value")]
    #[cfg_attr(feature = "schema", schemars(with = "Value"))]
    pub value: Value,
}

/// A policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Virtual host.
    pub vhost: Name,
    /// Name.
    pub name: Name,
    /// Searched for in the names of queues and exchanges.
    pub pattern: Name,
    /// `queues`, `classic_queues`, `quorum_queues`, `streams`, `exchanges` or `all`.
    #[serde(rename = "apply-to", default = "all")]
    pub apply_to: Name,
    /// The highest matching one wins.
    #[serde(default)]
    pub priority: i64,
    /// The settings, such as `max-length`.
    #[serde(with = "plain::table")]
    #[cfg_attr(feature = "schema", schemars(with = "Table"))]
    pub definition: Table,
}

/// An exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// Name.
    pub name: Name,
    /// Virtual host.
    pub vhost: Name,
    /// `direct`, `fanout`, `topic`, `headers`, `x-consistent-hash`, `x-local-random`.
    #[serde(rename = "type")]
    pub kind: Name,
    /// Whether it is there after a restart.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub durable: bool,
    /// Whether it goes with its last binding.
    #[serde(default, skip_serializing_if = "is_false")]
    pub auto_delete: bool,
    /// Whether clients cannot publish to it. An export has no such exchange.
    #[serde(default, skip_serializing_if = "is_false")]
    pub internal: bool,
    /// Such as `alternate-exchange`.
    #[serde(default, with = "plain::table", skip_serializing_if = "Table::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "Table"))]
    pub arguments: Table,
}

/// A queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Queue {
    /// Name.
    pub name: Name,
    /// Virtual host.
    pub vhost: Name,
    /// `classic`, `quorum` or `stream`, for the reader: what is imported is the argument `x-queue-type`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Name>,
    /// Whether it is there after a restart.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub durable: bool,
    /// Whether it goes with its last consumer.
    #[serde(default, skip_serializing_if = "is_false")]
    pub auto_delete: bool,
    /// The `x-` arguments.
    #[serde(default, with = "plain::table", skip_serializing_if = "Table::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "Table"))]
    pub arguments: Table,
}

/// A binding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// The exchange that messages come from.
    pub source: Name,
    /// Virtual host.
    pub vhost: Name,
    /// The queue or exchange that they go to.
    pub destination: Name,
    /// Which of the two it is.
    pub destination_type: DestinationType,
    /// Binding key.
    pub routing_key: Name,
    /// What a headers exchange compares.
    #[serde(default, with = "plain::table", skip_serializing_if = "Table::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "Table"))]
    pub arguments: Table,
}

/// Where a binding leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DestinationType {
    /// To a queue.
    Queue,
    /// To an exchange.
    Exchange,
}

impl Definitions {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Definitions::default()
    }
}

impl Vhost {
    /// A virtual host without a description, whose queues are classic unless they say otherwise.
    pub fn new(name: &str) -> Self {
        Vhost {
            name: name.into(),
            description: None,
            tags: None,
            tracing: None,
            metadata: Metadata::default(),
            limits: Table::new(),
        }
    }
}

impl Metadata {
    fn is_usual(&self) -> bool {
        *self == Metadata::default()
    }
}

impl Exchange {
    /// A durable exchange in `/` without arguments.
    pub fn new(name: &str, kind: &str) -> Self {
        Exchange {
            name: name.into(),
            vhost: "/".into(),
            kind: kind.into(),
            durable: true,
            auto_delete: false,
            internal: false,
            arguments: Table::new(),
        }
    }
}

impl Queue {
    /// A durable queue in `/` without arguments.
    pub fn new(name: &str) -> Self {
        Queue {
            name: name.into(),
            vhost: "/".into(),
            kind: None,
            durable: true,
            auto_delete: false,
            arguments: Table::new(),
        }
    }

    /// The same with one more argument; an integer is a `long`, as in a file.
    #[must_use]
    pub fn with(mut self, argument: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        self.arguments.insert(argument.into(), value.as_int().map_or(value, Value::I64));
        self
    }
}

impl Binding {
    /// A binding in `/`, from an exchange to a queue.
    pub fn to_queue(queue: &str, exchange: &str, routing_key: &str) -> Self {
        Binding {
            source: exchange.into(),
            vhost: "/".into(),
            destination: queue.into(),
            destination_type: DestinationType::Queue,
            routing_key: routing_key.into(),
            arguments: Table::new(),
        }
    }

    /// A binding in `/`, from an exchange to another.
    pub fn to_exchange(destination: &str, source: &str, routing_key: &str) -> Self {
        let destination_type = DestinationType::Exchange;
        Binding { destination_type, ..Binding::to_queue(destination, source, routing_key) }
    }
}

fn yes() -> bool {
    true
}

fn all() -> Name {
    "all".into()
}

fn is_true(flag: &bool) -> bool {
    *flag
}

fn is_false(flag: &bool) -> bool {
    !flag
}
