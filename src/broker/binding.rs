//! Bindings: what ties an exchange to a queue or to another exchange.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::name::{Name, QueueId};
use super::table::Table;

/// A binding as clients know it. Its identity is all of its fields.
/// Source: `rabbit/src/rabbit_binding.erl`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// Virtual host.
    pub vhost: Name,
    /// The exchange messages come from.
    pub source: Name,
    /// Where they go.
    pub destination: Destination,
    /// Binding key.
    pub routing_key: Name,
    /// Sorted by key, as RabbitMQ compares them.
    pub arguments: Table,
}

/// Where a binding leads, by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// To a queue.
    Queue(Name),
    /// To an exchange.
    Exchange(Name),
}

impl Destination {
    /// The name.
    pub fn name(&self) -> &Name {
        match self {
            Destination::Queue(name) | Destination::Exchange(name) => name,
        }
    }
}

/// A binding with its destination looked up. A queue's id is valid as long as the binding exists, since a queue
/// takes its bindings with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    /// The binding.
    pub binding: Rc<Binding>,
    /// The destination.
    pub target: Target,
}

/// Where a binding leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// A queue.
    Queue(QueueId),
    /// An exchange.
    Exchange(Name),
}
