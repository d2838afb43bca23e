//! Virtual hosts: what is named in one is invisible in all others.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::Broker;
use super::exchange::{Exchange, ExchangeType};
use super::import::parameter::VHOST_LIMITS;
use super::name::{Name, QueueId, Resource};
use super::ordered::OrderedMap;
use super::policy::Policies;
use super::settings::QueueType;
use super::table::{Table, Value};

/// The exchanges every virtual host has. Source: `rabbit/src/rabbit_vhost.erl do_add/3`.
const PREDECLARED: [(&str, ExchangeType, bool); 7] = [
    ("", ExchangeType::Direct, false),
    ("amq.direct", ExchangeType::Direct, false),
    ("amq.fanout", ExchangeType::Fanout, false),
    ("amq.headers", ExchangeType::Headers, false),
    ("amq.match", ExchangeType::Headers, false),
    ("amq.rabbitmq.trace", ExchangeType::Topic, true),
    ("amq.topic", ExchangeType::Topic, false),
];

/// A virtual host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vhost {
    /// Its name.
    pub name: Name,
    /// What it is for.
    pub description: Name,
    /// Such as `production`.
    pub tags: Vec<Name>,
    /// The type of queues declared without one.
    pub default_queue_type: QueueType,
    /// Exchanges by name.
    pub exchanges: OrderedMap<Name, Box<Exchange>>,
    /// Queues by name.
    pub queues: OrderedMap<Name, QueueId>,
    /// Policies and operator policies.
    pub policies: Policies,
    /// Whether it can be deleted only after this is taken back; none was never said.
    pub protected_from_deletion: Option<bool>,
    /// `max-queues`, if set.
    pub max_queues: Option<u64>,
    /// `max-connections`, if set.
    pub max_connections: Option<u64>,
    /// Runtime parameters by component and name, other than policies: `operator_policy` and `vhost-limits` as they
    /// were set, and those of plugins, which do nothing here.
    pub parameters: OrderedMap<Name, OrderedMap<Name, Value>>,
    /// Whether the firehose is on.
    pub tracing: bool,
}

impl Vhost {
    fn new(name: Name, default_queue_type: QueueType) -> Self {
        let exchanges = PREDECLARED.into_iter().filter_map(|(exchange, kind, internal)| {
            let resource = Rc::new(Resource { vhost: name.clone(), name: exchange.into() });
            let made = Exchange::new(resource, kind, true, false, internal, Table::new());
            Some((exchange.into(), Box::new(made.ok()?)))
        });
        Vhost {
            exchanges: exchanges.collect(),
            name,
            description: Name::default(),
            tags: Vec::new(),
            default_queue_type,
            queues: OrderedMap::new(),
            policies: Policies::default(),
            protected_from_deletion: None,
            max_queues: None,
            max_connections: None,
            parameters: OrderedMap::new(),
            tracing: false,
        }
    }
}

impl Vhost {
    /// Limits are the parameter `limits` of the component [`VHOST_LIMITS`]. Source: `rabbit_vhost_limit.erl`.
    pub(crate) fn set_limit_parameter(&mut self, limit: &Name, value: Option<i64>) {
        let component = self.parameters.entry(VHOST_LIMITS.into()).or_default();
        let limits = component.entry("limits".into()).or_insert_with(|| Value::Table(Table::new()));
        if let Value::Table(limits) = limits {
            match value {
                Some(value) => limits.insert(limit.clone(), Value::I64(value)),
                None => limits.remove(limit),
            };
        }
    }

    /// The limits as they were set, without those that were taken back.
    pub fn limits(&self) -> Table {
        match self.parameters.get(VHOST_LIMITS).and_then(|component| component.get("limits")) {
            Some(Value::Table(limits)) => limits.clone(),
            _ => Table::new(),
        }
    }
}

impl Broker {
    /// Adds a virtual host that every administrator may use, as the management API does for whoever creates one.
    pub(crate) fn add_vhost(&mut self, name: Name, default_queue_type: QueueType) {
        for user in self.users.values_mut().filter(|user| user.is_administrator()) {
            user.permit_all(name.clone());
        }
        self.add_vhost_without_permissions(name, default_queue_type);
    }

    /// Adds a virtual host that nobody may use yet, as an import of definitions does.
    pub(crate) fn add_vhost_without_permissions(&mut self, name: Name, default_queue_type: QueueType) {
        self.vhosts.insert(name.clone(), Vhost::new(name, default_queue_type));
    }
}
