//! Policies: settings given to queues and exchanges by their names.
//!
//! At most one user policy and one operator policy apply to a queue or an exchange, those of the highest priority
//! that match it; the two are merged key by key. A policy with a key that a queue's type does not support does not
//! match that queue. What is stored here has passed the validation.
//!
//! Source: `rabbit/src/rabbit_policy.erl`, `rabbit_policies.erl`.

mod pattern;
mod validation;

use serde::{Deserialize, Serialize};

use super::command::PolicySet;
use super::error::HttpError;
use super::event::ResourceKind;
use super::name::Name;
use super::ordered::OrderedMap;
use super::settings::QueueType;
use super::table::{Table, Value};
pub use pattern::{Pattern, permits};
pub use validation::is_of_plugin;
pub(crate) use validation::pattern_fault;

/// A policy, valid as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Its name, unique among the virtual host's user or operator policies.
    pub name: Name,
    /// Searched for in the names of queues and exchanges.
    pub pattern: Pattern,
    /// `queues`, `classic_queues`, `quorum_queues`, `streams`, `exchanges` or `all`.
    pub apply_to: Name,
    /// The settings.
    pub definition: Table,
    /// The highest matching one wins.
    pub priority: i64,
    /// An operator policy: merged with the user's.
    pub operator: bool,
}

/// What applies to one queue or exchange.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matched {
    /// The user policy's name.
    pub policy: Option<Name>,
    /// The operator policy's name.
    pub operator_policy: Option<Name>,
    /// The definitions of the two, merged.
    pub effective: Table,
}

/// The policies of one virtual host, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policies {
    user: OrderedMap<Name, Policy>,
    operator: OrderedMap<Name, Policy>,
}

impl QueueType {
    /// The queues of this type in a policy's `apply-to`. Source: `policy_apply_to_name/0` of the types.
    fn apply_to_name(self) -> &'static str {
        match self {
            QueueType::Classic => "classic_queues",
            QueueType::Quorum => "quorum_queues",
            QueueType::Stream => "streams",
        }
    }

    /// Keys with which a policy does not match a queue of this type. Those of extinct features, which no policy
    /// can have, are left out. Source: `capabilities/0` of the types.
    fn unsupported_policy_keys(self) -> &'static [&'static str] {
        match self {
            QueueType::Classic => &[
                "max-age",
                "stream-max-segment-size-bytes",
                "initial-cluster-size",
                "delivery-limit",
                "dead-letter-strategy",
                "max-in-memory-length",
                "max-in-memory-bytes",
                "target-group-size",
            ],
            QueueType::Quorum => &["queue-mode", "max-age", "stream-max-segment-size-bytes", "initial-cluster-size"],
            QueueType::Stream => &[
                "expires",
                "message-ttl",
                "dead-letter-exchange",
                "dead-letter-routing-key",
                "max-length",
                "max-in-memory-length",
                "max-in-memory-bytes",
                "overflow",
                "queue-mode",
                "delivery-limit",
                "dead-letter-strategy",
                "target-group-size",
            ],
        }
    }
}

impl Policy {
    /// Whether it applies to a queue of that name and type, or to an exchange of that name if there is no type.
    /// Source: `rabbit_policy.erl matches/3`.
    pub fn matches(&self, kind: ResourceKind, name: &str, queue_type: Option<QueueType>) -> bool {
        let applies = match (kind, queue_type) {
            (ResourceKind::Exchange, _) => matches!(self.apply_to.as_str(), "exchanges" | "all"),
            (ResourceKind::Queue, queue_type) => {
                let apply_to = self.apply_to.as_str();
                matches!(apply_to, "queues" | "all") || queue_type.is_some_and(|kind| kind.apply_to_name() == apply_to)
            }
        };
        let unsupported = match kind {
            ResourceKind::Exchange => &[],
            ResourceKind::Queue => queue_type.map_or(&[][..], QueueType::unsupported_policy_keys),
        };
        applies && !unsupported.iter().any(|key| self.definition.contains_key(*key)) && self.pattern.is_match(name)
    }
}

impl Policies {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates or replaces a policy, if it is valid.
    /// Source: `rabbit_runtime_parameters.erl set_any0/5`.
    pub fn set(&mut self, set: PolicySet) -> Result<(), HttpError> {
        self.set_of(set, false)
    }

    /// The same for a policy of a broker that may have other plugins.
    pub(crate) fn set_of(&mut self, set: PolicySet, any_plugin: bool) -> Result<(), HttpError> {
        let pattern = validation::check(&set, any_plugin)?;
        let PolicySet { vhost: _, name, pattern: _, apply_to, definition, priority, operator } = set;
        let policy = Policy { name: name.clone(), pattern, apply_to, definition, priority, operator };
        self.those_mut(operator).insert(name, policy);
        Ok(())
    }

    /// Deletes a policy.
    pub fn clear(&mut self, name: &str, operator: bool) -> Result<(), HttpError> {
        self.those_mut(operator).remove(name).map(|_| ()).ok_or_else(HttpError::not_found)
    }

    /// The policy of that name.
    pub fn get(&self, name: &str, operator: bool) -> Option<&Policy> {
        self.those(operator).get(name)
    }

    /// All policies, the user's before the operator's, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Policy> {
        self.user.values().chain(self.operator.values())
    }

    /// What applies to a queue of that name and type, or to an exchange of that name (which has no type).
    /// Of two policies of equal priority the one with the lower name is taken; RabbitMQ promises no order.
    /// Source: `rabbit_policy.erl match_all/3, merge_operator_definitions/2`.
    pub fn matching(&self, kind: ResourceKind, name: &str, queue_type: Option<QueueType>) -> Matched {
        let best = |policies: &OrderedMap<Name, Policy>| {
            let all = policies.values().filter(|policy| policy.matches(kind, name, queue_type));
            all.reduce(|best, policy| if policy.priority > best.priority { policy } else { best }).cloned()
        };
        let (user, operator) = (best(&self.user), best(&self.operator));
        let mut effective = user.as_ref().map(|policy| policy.definition.clone()).unwrap_or_default();
        for (key, value) in operator.iter().flat_map(|policy| &policy.definition) {
            let merged = effective.get(key).map_or(value, |user| merge(key, user, value)).clone();
            effective.insert(key.clone(), merged);
        }
        Matched { policy: user.map(|p| p.name), operator_policy: operator.map(|p| p.name), effective }
    }

    fn those(&self, operator: bool) -> &OrderedMap<Name, Policy> {
        if operator { &self.operator } else { &self.user }
    }

    fn those_mut(&mut self, operator: bool) -> &mut OrderedMap<Name, Policy> {
        if operator { &mut self.operator } else { &mut self.user }
    }
}

/// The value in force where a user's and an operator's policy both have one.
/// Source: `merge_policy_value/3` of `rabbit_policies.erl` and `rabbit_quorum_queue.erl`.
fn merge<'a>(key: &str, user: &'a Value, operator: &'a Value) -> &'a Value {
    let (Some(a), Some(b)) = (user.as_int(), operator.as_int()) else { return operator };
    let (least, most) = if a < b { (user, operator) } else { (operator, user) };
    match key {
        "delivery-limit" if a < 0 || b < 0 => most,
        "delayed-retry-min" | "target-group-size" => most,
        "queue-version" => operator,
        _ => least,
    }
}

#[cfg(test)]
mod tests;
