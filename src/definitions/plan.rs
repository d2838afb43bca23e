//! The order in which definitions are imported, and what each entry asks of the broker.
//!
//! Source: `rabbit/src/rabbit_definitions.erl apply_defs/3`. RabbitMQ imports the entries of most sections concurrently;
//! here they come in the order of the file.

use std::fmt;

use super::{Binding, Definitions, DestinationType, Exchange, Permission, Policy, Queue, TopicPermission, User, Vhost};
use crate::broker::binding::{self, Destination};
use crate::broker::command::{self, ExchangeDeclare, Import, PolicySet, QueueDeclare};
use crate::broker::ordered::{OrderedMap, sort_by_key};
use crate::broker::password::{Password, SHA256};
use crate::broker::table::Table;
use crate::broker::{Broker, Config, Name};

/// An entry's place in its file: `bindings[3]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The section.
    pub section: &'static str,
    /// Its number there, from 0.
    pub index: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.section, self.index)
    }
}

/// What one entry asks of the broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands.
    pub place: Place,
    /// What the broker is given.
    pub import: Import,
}

impl Definitions {
    /// The node that these are imported into: with `/` if they name no virtual host, with `guest` if they name no user.
    /// It has the name of the cluster that exported them, as the first node of a cluster has.
    pub fn node(&self, mut config: Config) -> Broker {
        if let Some(name) = &self.original_cluster_name {
            config.node = name.clone();
        }
        Broker::seeded(config, self.vhosts.is_empty(), self.users.is_empty())
    }

    /// What is imported, in this order.
    pub fn plan(&self) -> Vec<Entry> {
        let mut plan = Vec::new();
        add(&mut plan, "users", &self.users, User::import);
        add(&mut plan, "vhosts", &self.vhosts, Vhost::import);
        if self.users.is_empty() {
            add(&mut plan, "vhosts", &self.vhosts, |vhost| permit_all("guest".into(), vhost.name.clone()));
        }
        add(&mut plan, "permissions", &self.permissions, Permission::import);
        add(&mut plan, "exchanges", &self.exchanges, Exchange::import);
        add(&mut plan, "topic_permissions", &self.topic_permissions, TopicPermission::import);
        add(&mut plan, "global_parameters", &self.global_parameters, |parameter| Import::GlobalParameter {
            name: parameter.name.clone(),
            value: parameter.value.clone(),
        });
        add(&mut plan, "policies", &self.policies, Policy::import);
        add(&mut plan, "parameters", &self.parameters, |parameter| Import::Parameter {
            vhost: parameter.vhost.clone(),
            component: parameter.component.clone(),
            name: parameter.name.clone(),
            value: parameter.value.clone(),
        });
        add(&mut plan, "queues", &self.queues, Queue::import);
        add(&mut plan, "bindings", &self.bindings, Binding::import);
        plan
    }

    /// Entries that say again what an earlier one of their section says, each with the first that did.
    pub fn repeated(&self) -> Vec<(Place, Place)> {
        let mut repeated = Vec::new();
        // What tells most entries apart stands first in a key: there may be thousands to compare.
        let mut look = |section, keys: Vec<Vec<&str>>| {
            let key = |index: &usize| keys.get(*index);
            let mut by_key: Vec<usize> = (0..keys.len()).collect();
            sort_by_key(&mut by_key, key);
            let equal = by_key.chunk_by(|a, b| key(a) == key(b));
            let mut again: Vec<(usize, usize)> = equal
                .filter_map(<[usize]>::split_first)
                .flat_map(|(first, others)| others.iter().map(move |index| (*index, *first)))
                .collect();
            sort_by_key(&mut again, |(index, _)| *index);
            let places = again.into_iter().map(|pair| (pair.0, pair.1));
            repeated.extend(places.map(|(index, first)| (Place { section, index }, Place { section, index: first })));
        };
        look("users", self.users.iter().map(|user| vec![&*user.name]).collect());
        look("vhosts", self.vhosts.iter().map(|vhost| vec![&*vhost.name]).collect());
        look("permissions", self.permissions.iter().map(|p| vec![&*p.user, &*p.vhost]).collect());
        look("exchanges", self.exchanges.iter().map(|x| vec![&*x.name, &*x.vhost]).collect());
        look(
            "topic_permissions",
            self.topic_permissions.iter().map(|p| vec![&*p.user, &*p.vhost, &*p.exchange]).collect(),
        );
        look("global_parameters", self.global_parameters.iter().map(|p| vec![&*p.name]).collect());
        look("policies", self.policies.iter().map(|p| vec![&*p.name, &*p.vhost]).collect());
        look("parameters", self.parameters.iter().map(|p| vec![&*p.name, &*p.component, &*p.vhost]).collect());
        look("queues", self.queues.iter().map(|q| vec![&*q.name, &*q.vhost]).collect());
        let text = |arguments: &Table| if arguments.is_empty() { String::new() } else { format!("{arguments:?}") };
        let arguments: Vec<String> = self.bindings.iter().map(|binding| text(&binding.arguments)).collect();
        let bindings = self.bindings.iter().zip(&arguments);
        look("bindings", bindings.map(|(binding, arguments)| binding.key(arguments)).collect());
        repeated
    }

    /// Entries that do not count because of others, by number. What is declared stays as it was declared first; all
    /// else is overwritten by what comes later.
    pub(super) fn outdone(&self) -> Vec<Place> {
        let mut latest = OrderedMap::new();
        let by = |(again, first): (Place, Place)| match first.section {
            "exchanges" | "queues" | "bindings" => again,
            _ => latest.insert(first, again).unwrap_or(first),
        };
        let mut outdone: Vec<Place> = self.repeated().into_iter().map(by).collect();
        sort_by_key(&mut outdone, |place| place.index);
        outdone
    }
}

fn add<T>(plan: &mut Vec<Entry>, section: &'static str, entries: &[T], import: impl Fn(&T) -> Import) {
    let entry = |(index, entry)| Entry { place: Place { section, index }, import: import(entry) };
    plan.extend(entries.iter().enumerate().map(entry));
}

fn permit_all(user: Name, vhost: Name) -> Import {
    let any = Name::from(".*");
    let permission = command::Permission { configure: any.clone(), write: any.clone(), read: any };
    Import::Permission { user, vhost, permission }
}

impl User {
    fn import(&self) -> Import {
        let password = match (&self.password, &self.password_hash) {
            (Some(password), None) => Password::Plain(password.clone()),
            (_, hash) => Password::Hashed {
                hash: hash.clone().unwrap_or_default(),
                algorithm: self.hashing_algorithm.clone().unwrap_or_else(|| SHA256.into()),
            },
        };
        Import::User { user: self.name.clone(), password, tags: self.tags.0.clone(), limits: self.limits.clone() }
    }
}

impl Vhost {
    fn import(&self) -> Import {
        Import::Vhost {
            vhost: self.name.clone(),
            description: self.description.clone().unwrap_or_else(|| self.metadata.description.clone()),
            tags: self.tags.clone().unwrap_or_else(|| self.metadata.tags.clone()).0,
            default_queue_type: self.metadata.default_queue_type.clone(),
            tracing: self.tracing,
            protected_from_deletion: self.metadata.protected_from_deletion,
        }
    }
}

impl Permission {
    fn import(&self) -> Import {
        let Permission { user, vhost, configure, write, read } = self.clone();
        Import::Permission { user, vhost, permission: command::Permission { configure, write, read } }
    }
}

impl TopicPermission {
    fn import(&self) -> Import {
        let TopicPermission { user, vhost, exchange, write, read } = self.clone();
        Import::TopicPermission { user, vhost, exchange, write, read }
    }
}

impl Policy {
    fn import(&self) -> Import {
        let Policy { vhost, name, pattern, apply_to, priority, definition } = self.clone();
        Import::Policy(PolicySet { vhost, name, pattern, apply_to, definition, priority, operator: false })
    }
}

impl Exchange {
    fn import(&self) -> Import {
        let Exchange { name: exchange, vhost, kind, durable, auto_delete, internal, arguments } = self.clone();
        let declare = ExchangeDeclare { exchange, kind, passive: false, durable, auto_delete, internal, arguments };
        Import::Exchange { vhost, declare }
    }
}

impl Queue {
    fn import(&self) -> Import {
        let Queue { name: queue, vhost, kind: _, durable, auto_delete, arguments } = self.clone();
        let declare = QueueDeclare { queue, durable, auto_delete, arguments, ..QueueDeclare::default() };
        Import::Queue { vhost, declare }
    }
}

impl Binding {
    fn import(&self) -> Import {
        let Binding { source, vhost, destination, destination_type, routing_key, arguments } = self.clone();
        let destination = match destination_type {
            DestinationType::Queue => Destination::Queue(destination),
            DestinationType::Exchange => Destination::Exchange(destination),
        };
        Import::Binding(binding::Binding { vhost, source, destination, routing_key, arguments })
    }

    fn key<'a>(&'a self, arguments: &'a str) -> Vec<&'a str> {
        let kind = if self.destination_type == DestinationType::Queue { "queue" } else { "exchange" };
        vec![&self.destination, &self.routing_key, &self.source, &self.vhost, arguments, kind]
    }
}
