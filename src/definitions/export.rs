//! What a broker is made of, as definitions, and definitions as the JSON that RabbitMQ exports: of the whole broker, or of
//! one virtual host.
//!
//! Source: `rabbit/src/rabbit_definitions.erl`, `rabbitmq_management/src/rabbit_mgmt_wm_definitions.erl`.

use super::{
    Binding, Definitions, DestinationType, Exchange, GlobalParameter, Metadata, Parameter, Permission, Policy, Queue,
    Tags, TopicPermission, User, Vhost, plain,
};
use crate::broker::binding::Destination;
use crate::broker::import::is_reserved;
use crate::broker::import::parameter::OPERATOR_POLICY;
use crate::broker::table::{Table, Value};
use crate::broker::{Broker, Name, policy, vhost};

/// The RabbitMQ whose rules Warren follows, and which its exports name.
pub const RABBITMQ_VERSION: &str = "4.3.6";

impl Definitions {
    /// What a broker is made of: all that its export has. Exclusive queues are no part of it, nor what every virtual host
    /// has by itself; internal exchanges are none either, though bindings from and to them are.
    pub fn of(broker: &Broker) -> Definitions {
        let version = || Some(Name::from(RABBITMQ_VERSION));
        let cluster = &broker.config().node;
        let mut made = Definitions {
            rabbit_version: version(),
            rabbitmq_version: version(),
            product_name: Some("RabbitMQ".into()),
            product_version: version(),
            rabbitmq_definition_format: Some("cluster".into()),
            original_cluster_name: Some(cluster.clone()),
            explanation: Some(format!("Definitions of cluster '{cluster}'").into()),
            ..Definitions::default()
        };
        made.add_users(broker);
        for host in broker.vhosts() {
            made.add_vhost(host);
        }
        let parameters = broker.global_parameters().iter();
        made.global_parameters =
            parameters.map(|(name, value)| GlobalParameter { name: name.clone(), value: value.clone() }).collect();
        made.add_topology(broker);
        made
    }

    fn add_users(&mut self, broker: &Broker) {
        for (name, user) in broker.users() {
            let (hash, algorithm) = user.password.hashed(name);
            self.users.push(User {
                name: name.clone(),
                password: None,
                password_hash: Some(hash),
                hashing_algorithm: Some(algorithm),
                tags: Tags(user.tags.clone()),
                limits: user.limits.clone(),
            });
            for (vhost, permission) in &user.permissions {
                let (user, vhost, permission) = (name.clone(), vhost.clone(), permission.clone());
                let (configure, write, read) = (permission.configure, permission.write, permission.read);
                self.permissions.push(Permission { user, vhost, configure, write, read });
            }
            for (vhost, exchanges) in &user.topic_permissions {
                for (exchange, (write, read)) in exchanges {
                    let (user, vhost, exchange) = (name.clone(), vhost.clone(), exchange.clone());
                    let (write, read) = (write.clone(), read.clone());
                    self.topic_permissions.push(TopicPermission { user, vhost, exchange, write, read });
                }
            }
        }
    }

    fn add_vhost(&mut self, host: &vhost::Vhost) {
        self.vhosts.push(Vhost {
            metadata: Metadata {
                description: host.description.clone(),
                tags: Tags(host.tags.clone()),
                default_queue_type: Some(host.default_queue_type.as_str().into()),
                protected_from_deletion: host.protected_from_deletion,
            },
            limits: host.limits(),
            ..Vhost::new(&host.name)
        });
        for (component, parameters) in &host.parameters {
            for (name, value) in parameters {
                let (vhost, component, name) = (host.name.clone(), component.clone(), name.clone());
                self.parameters.push(Parameter { vhost, component, name, value: value.clone() });
            }
        }
        for policy in host.policies.iter() {
            let (vhost, name) = (host.name.clone(), policy.name.clone());
            if policy.operator {
                let (component, value) = (OPERATOR_POLICY.into(), Value::Table(settings(policy)));
                self.parameters.push(Parameter { vhost, component, name, value });
            } else {
                self.policies.push(Policy {
                    vhost,
                    name,
                    pattern: policy.pattern.as_str().into(),
                    apply_to: policy.apply_to.clone(),
                    priority: policy.priority,
                    definition: policy.definition.clone(),
                });
            }
        }
    }

    fn add_topology(&mut self, broker: &Broker) {
        let exchanges =
            broker.exchanges().filter(|exchange| !exchange.internal && !is_reserved(&exchange.resource.name));
        self.exchanges.extend(exchanges.map(|exchange| Exchange {
            name: exchange.resource.name.clone(),
            vhost: exchange.resource.vhost.clone(),
            kind: exchange.kind.as_str().into(),
            durable: exchange.durable,
            auto_delete: exchange.auto_delete,
            internal: false,
            arguments: exchange.arguments.clone(),
        }));
        let queues = broker.queues().filter(|queue| queue.exclusive.is_none());
        self.queues.extend(queues.map(|queue| Queue {
            name: queue.resource.name.clone(),
            vhost: queue.resource.vhost.clone(),
            kind: Some(queue.kind().as_str().into()),
            durable: queue.durable,
            auto_delete: queue.auto_delete,
            arguments: queue.arguments.clone(),
        }));
        self.bindings.extend(broker.bindings().map(|binding| Binding {
            source: binding.source.clone(),
            vhost: binding.vhost.clone(),
            destination: binding.destination.name().clone(),
            destination_type: match binding.destination {
                Destination::Queue(_) => DestinationType::Queue,
                Destination::Exchange(_) => DestinationType::Exchange,
            },
            routing_key: binding.routing_key.clone(),
            arguments: binding.arguments.clone(),
        }));
    }

    /// The JSON text of an export of the whole broker.
    ///
    /// # Errors
    ///
    /// None that is known: text that cannot be written as JSON does not exist.
    pub fn to_json(&self) -> serde_json::Result<String> {
        let mut file = Table::new();
        self.head(&mut file, "cluster");
        put(&mut file, "original_cluster_name", self.original_cluster_name.as_ref());
        put(&mut file, "explanation", self.explanation.as_ref());
        file.extend([
            section("users", &self.users, user),
            section("vhosts", &self.vhosts, vhost),
            section("permissions", &self.permissions, permission),
            section("topic_permissions", &self.topic_permissions, topic_permission),
            section("global_parameters", &self.global_parameters, |parameter| {
                object([("name", text(&parameter.name)), ("value", parameter.value.clone())])
            }),
        ]);
        file.extend(self.shared_sections(None));
        plain::to_text(&file)
    }

    /// The JSON text of an export of one virtual host. None if these definitions have no such virtual host.
    ///
    /// # Errors
    ///
    /// As [`to_json`](Self::to_json).
    pub fn to_vhost_json(&self, name: &str) -> serde_json::Result<Option<String>> {
        let Some(host) = self.vhosts.iter().find(|vhost| *vhost.name == *name) else { return Ok(None) };
        let mut file = Table::new();
        self.head(&mut file, "single_virtual_host");
        file.insert("original_vhost_name".into(), text(&host.name));
        file.insert("explanation".into(), Value::from(format!("Definitions of virtual host '{name}'").as_str()));
        file.insert("description".into(), text(host.own_description()));
        if let Value::Table(mut fields) = vhost(host) {
            for field in ["metadata", "limits"] {
                file.extend(fields.remove_entry(field));
            }
        }
        file.extend(self.shared_sections(Some(name)));
        plain::to_text(&file).map(Some)
    }

    fn head(&self, file: &mut Table, format: &str) {
        put(file, "rabbit_version", self.rabbit_version.as_ref());
        put(file, "rabbitmq_version", self.rabbitmq_version.as_ref());
        put(file, "product_name", self.product_name.as_ref());
        put(file, "product_version", self.product_version.as_ref());
        file.insert("rabbitmq_definition_format".into(), Value::from(format));
    }

    /// The sections that both shapes have; in that of one virtual host, entries do not name it.
    fn shared_sections(&self, only: Option<&str>) -> [(Name, Value); 5] {
        let mut sections = [
            section("parameters", &self.parameters, parameter),
            section("policies", &self.policies, policy),
            section("exchanges", &self.exchanges, exchange),
            section("queues", &self.queues, queue),
            section("bindings", &self.bindings, binding),
        ];
        let Some(name) = only else { return sections };
        for (_, entries) in &mut sections {
            if let Value::Array(entries) = entries {
                entries.retain_mut(|entry| match entry {
                    Value::Table(fields) => fields.remove("vhost").is_some_and(|vhost| vhost.as_str() == Some(name)),
                    _ => false,
                });
            }
        }
        sections
    }
}

/// The value of the parameter that an operator policy is.
fn settings(policy: &policy::Policy) -> Table {
    Table::from([
        ("pattern".into(), Value::from(policy.pattern.as_str())),
        ("apply-to".into(), text(&policy.apply_to)),
        ("priority".into(), Value::I64(policy.priority)),
        ("definition".into(), Value::Table(policy.definition.clone())),
    ])
}

fn put(file: &mut Table, field: &str, value: Option<&Name>) {
    file.extend(value.map(|value| (field.into(), text(value))));
}

fn section<T>(name: &str, entries: &[T], write: impl Fn(&T) -> Value) -> (Name, Value) {
    (name.into(), Value::Array(entries.iter().map(write).collect()))
}

fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Table(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

fn text(name: &Name) -> Value {
    Value::String(name.clone())
}

fn tags(tags: &Tags) -> Value {
    Value::Array(tags.0.iter().map(text).collect())
}

fn user(user: &User) -> Value {
    let mut fields = Table::from([
        ("name".into(), text(&user.name)),
        ("tags".into(), tags(&user.tags)),
        ("limits".into(), Value::Table(user.limits.clone())),
    ]);
    put(&mut fields, "password", user.password.as_ref());
    put(&mut fields, "password_hash", user.password_hash.as_ref());
    put(&mut fields, "hashing_algorithm", user.hashing_algorithm.as_ref());
    Value::Table(fields)
}

impl Vhost {
    fn own_description(&self) -> &Name {
        self.description.as_ref().unwrap_or(&self.metadata.description)
    }
}

fn vhost(vhost: &Vhost) -> Value {
    let mut metadata = Table::from([
        ("description".into(), text(vhost.own_description())),
        ("tags".into(), tags(vhost.tags.as_ref().unwrap_or(&vhost.metadata.tags))),
    ]);
    put(&mut metadata, "default_queue_type", vhost.metadata.default_queue_type.as_ref());
    let protected = vhost.metadata.protected_from_deletion;
    metadata.extend(protected.map(|protected| ("protected_from_deletion".into(), Value::Bool(protected))));
    object([
        ("name", text(&vhost.name)),
        ("limits", Value::Table(vhost.limits.clone())),
        ("metadata", Value::Table(metadata)),
    ])
}

fn permission(permission: &Permission) -> Value {
    object([
        ("user", text(&permission.user)),
        ("vhost", text(&permission.vhost)),
        ("configure", text(&permission.configure)),
        ("write", text(&permission.write)),
        ("read", text(&permission.read)),
    ])
}

fn topic_permission(permission: &TopicPermission) -> Value {
    object([
        ("user", text(&permission.user)),
        ("vhost", text(&permission.vhost)),
        ("exchange", text(&permission.exchange)),
        ("write", text(&permission.write)),
        ("read", text(&permission.read)),
    ])
}

fn parameter(parameter: &Parameter) -> Value {
    object([
        ("vhost", text(&parameter.vhost)),
        ("component", text(&parameter.component)),
        ("name", text(&parameter.name)),
        ("value", parameter.value.clone()),
    ])
}

fn policy(policy: &Policy) -> Value {
    object([
        ("vhost", text(&policy.vhost)),
        ("name", text(&policy.name)),
        ("pattern", text(&policy.pattern)),
        ("apply-to", text(&policy.apply_to)),
        ("priority", Value::I64(policy.priority)),
        ("definition", Value::Table(policy.definition.clone())),
    ])
}

fn exchange(exchange: &Exchange) -> Value {
    object([
        ("vhost", text(&exchange.vhost)),
        ("name", text(&exchange.name)),
        ("type", text(&exchange.kind)),
        ("durable", Value::Bool(exchange.durable)),
        ("auto_delete", Value::Bool(exchange.auto_delete)),
        ("arguments", Value::Table(exchange.arguments.clone())),
    ])
}

fn queue(queue: &Queue) -> Value {
    let mut fields = Table::from([
        ("vhost".into(), text(&queue.vhost)),
        ("name".into(), text(&queue.name)),
        ("durable".into(), Value::Bool(queue.durable)),
        ("auto_delete".into(), Value::Bool(queue.auto_delete)),
        ("arguments".into(), Value::Table(queue.arguments.clone())),
    ]);
    put(&mut fields, "type", queue.kind.as_ref());
    Value::Table(fields)
}

fn binding(binding: &Binding) -> Value {
    let kind = match binding.destination_type {
        DestinationType::Queue => "queue",
        DestinationType::Exchange => "exchange",
    };
    object([
        ("source", text(&binding.source)),
        ("vhost", text(&binding.vhost)),
        ("destination", text(&binding.destination)),
        ("destination_type", Value::from(kind)),
        ("routing_key", text(&binding.routing_key)),
        ("arguments", Value::Table(binding.arguments.clone())),
    ])
}
