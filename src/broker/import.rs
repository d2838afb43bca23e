//! The import of definitions, one entry a command.
//!
//! It is an operator's doing: no permission is asked for, and no connection is needed. An exchange or a queue that is
//! there already, or whose name is the broker's own, is left as it is, whatever the entry says; users, virtual hosts, permissions, policies and parameters
//! are set anew. A refusal is the reason that the management API gives, and changes nothing.
//!
//! Source: `rabbit/src/rabbit_definitions.erl`.

pub mod parameter;
mod user;

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::Broker;
use super::arguments::add_queue_type;
use super::arguments::term::{Term, format_tp};
use super::binding::{Binding, Destination};
use super::command::{ExchangeDeclare, Permission, PolicySet, QueueDeclare};
use super::error::{AmqpError, ApplyError, HttpError};
use super::event::Sink;
use super::exchange::ExchangeType;
use super::manage::managed;
use super::method::{exchange_declared, shallow, short};
use super::name::{Name, Resource};
use super::password::Password;
use super::settings::QueueType;
use super::step::Step;
use super::table::{Table, Value};

/// One entry of definitions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Import {
    /// A user, new or changed.
    User {
        /// Name.
        user: Name,
        /// What it logs in with.
        password: Password,
        /// Such as `administrator`.
        tags: Vec<Name>,
        /// `max-connections`, `max-channels`.
        limits: Table,
    },
    /// A virtual host, new or changed. Nobody is given permissions there.
    Vhost {
        /// Name.
        vhost: Name,
        /// What it is for.
        description: Name,
        /// Such as `production`.
        tags: Vec<Name>,
        /// The type of queues declared without one; `classic` if there is none.
        default_queue_type: Option<Name>,
        /// Whether the firehose is on; none leaves it.
        tracing: Option<bool>,
        /// Whether it can be deleted only after this is taken back; none leaves it.
        protected_from_deletion: Option<bool>,
    },
    /// What a user may do in a virtual host.
    Permission {
        /// User.
        user: Name,
        /// Virtual host.
        vhost: Name,
        /// The three patterns.
        permission: Permission,
    },
    /// What a user may do with the routing keys of a topic exchange.
    TopicPermission {
        /// User.
        user: Name,
        /// Virtual host.
        vhost: Name,
        /// The topic exchange.
        exchange: Name,
        /// Pattern for keys to publish with.
        write: Name,
        /// Pattern for keys to bind with.
        read: Name,
    },
    /// An exchange.
    Exchange {
        /// Virtual host.
        vhost: Name,
        /// The exchange; `passive` means nothing here.
        declare: ExchangeDeclare,
    },
    /// A parameter of the whole node.
    GlobalParameter {
        /// Name.
        name: Name,
        /// Any JSON.
        value: Value,
    },
    /// A user's policy.
    Policy(PolicySet),
    /// A runtime parameter of a virtual host: operator policies, limits, shovels, federation upstreams.
    Parameter {
        /// Virtual host.
        vhost: Name,
        /// Such as `operator_policy`.
        component: Name,
        /// Name.
        name: Name,
        /// Any JSON.
        value: Value,
    },
    /// A queue.
    Queue {
        /// Virtual host.
        vhost: Name,
        /// The queue; `passive` and `exclusive` mean nothing here.
        declare: QueueDeclare,
    },
    /// A binding.
    Binding(Binding),
}

impl Import {
    /// Names that AMQP cannot carry, and tables that are nested without end, are nothing a broker could hold.
    pub(crate) fn check_sizes(&self) -> Result<(), ApplyError> {
        match self {
            Import::User { user, limits, .. } => short("name", user).and_then(|()| shallow("limits", limits)),
            Import::Vhost { vhost, .. } => short("name", vhost),
            Import::Permission { .. } | Import::TopicPermission { .. } => Ok(()),
            Import::Exchange { declare, .. } => {
                short("name", &declare.exchange)?;
                short("type", &declare.kind)?;
                shallow("arguments", &declare.arguments)
            }
            Import::GlobalParameter { name, value } | Import::Parameter { name, value, .. } => {
                short("name", name)?;
                shallow("value", &Table::from([(Name::default(), value.clone())]))
            }
            Import::Policy(policy) => {
                short("name", &policy.name)?;
                shallow("definition", &policy.definition)
            }
            Import::Queue { declare, .. } => {
                short("name", &declare.queue)?;
                shallow("arguments", &declare.arguments)
            }
            Import::Binding(binding) => {
                short("source", &binding.source)?;
                short("destination", binding.destination.name())?;
                short("routing_key", &binding.routing_key)?;
                shallow("arguments", &binding.arguments)
            }
        }
    }
}

impl Broker {
    pub(crate) fn import<S: Sink>(&mut self, import: Import, step: &mut Step<S>) -> Result<(), HttpError> {
        match import {
            Import::User { user, password, tags, limits } => self.import_user(user, password, tags, limits, step),
            Import::Vhost { vhost, description, tags, default_queue_type, tracing, protected_from_deletion } => self
                .import_vhost(vhost, default_queue_type, step, |host| {
                    host.description = description;
                    host.tags = tags;
                    host.tracing = tracing.unwrap_or(host.tracing);
                    host.protected_from_deletion = protected_from_deletion.or(host.protected_from_deletion);
                }),
            Import::Permission { user, vhost, permission } => self.import_permission(&user, vhost, permission, step),
            Import::TopicPermission { user, vhost, exchange, write, read } => {
                self.import_topic_permission(&user, vhost, exchange, (write, read), step)
            }
            Import::Exchange { vhost, declare } => self.import_exchange(vhost, declare, step),
            Import::GlobalParameter { name, value } => {
                managed("global_parameter", &name, true, step);
                self.global_parameters.insert(name, value);
                Ok(())
            }
            Import::Policy(policy) => self.import_policy(policy, step),
            Import::Parameter { vhost, component, name, value } => {
                self.import_parameter(vhost, component, name, value, step)
            }
            Import::Queue { vhost, declare } => self.import_queue(vhost, declare, step),
            Import::Binding(binding) => self.import_binding(binding, step),
        }
    }

    fn import_vhost<S: Sink>(
        &mut self,
        vhost: Name,
        default_type: Option<Name>,
        step: &mut Step<S>,
        change: impl FnOnce(&mut super::vhost::Vhost),
    ) -> Result<(), HttpError> {
        // An older broker wrote `undefined`. Source: `rabbit_vhost.erl update_metadata/3`.
        let default_type = default_type.filter(|name| !matches!(name.as_str(), "" | "undefined"));
        let parse = |name: Name| {
            let unknown = || HttpError::bad_request(format_args!("{name} is not a valid queue type"));
            QueueType::from_name(&name).ok_or_else(unknown)
        };
        let default_type = default_type.map(parse).transpose()?;
        if !self.vhosts.contains_key(&vhost) {
            self.add_vhost_without_permissions(vhost.clone(), default_type.unwrap_or_default());
        }
        if let Some(host) = self.vhosts.get_mut(&vhost) {
            host.default_queue_type = default_type.unwrap_or(host.default_queue_type);
            change(host);
        }
        managed("vhost", &vhost, true, step);
        Ok(())
    }

    fn vhost_of_entry(&self, vhost: &Name) -> Result<(), HttpError> {
        if self.vhosts.contains_key(vhost) {
            return Ok(());
        }
        Err(HttpError::bad_request(format_args!(
            "Please create virtual host \"{vhost}\" prior to importing definitions."
        )))
    }

    fn import_exchange<S: Sink>(
        &mut self,
        vhost: Name,
        declare: ExchangeDeclare,
        step: &mut Step<S>,
    ) -> Result<(), HttpError> {
        self.vhost_of_entry(&vhost)?;
        if is_reserved(&declare.exchange) || self.exchange(&vhost, &declare.exchange).is_some() {
            return Ok(());
        }
        let kind = ExchangeType::parse(&declare.kind).map_err(reason)?;
        let resource = Rc::new(Resource { vhost, name: declare.exchange.clone() });
        self.create_exchange(resource.clone(), kind, declare, step).map_err(reason)?;
        if let Some(exchange) = self.exchange(&resource.vhost, &resource.name) {
            step.emit(|| exchange_declared(exchange, true));
        }
        Ok(())
    }

    fn import_policy<S: Sink>(&mut self, policy: PolicySet, step: &mut Step<S>) -> Result<(), HttpError> {
        self.vhost_of_entry(&policy.vhost)?;
        let about = format!(" (vhost: \"{}\" key: \"{}\")", policy.vhost, policy.name);
        self.set_policy(policy, true, step).map_err(|error| about_entry(error, &about))
    }

    fn import_queue<S: Sink>(
        &mut self,
        vhost: Name,
        declare: QueueDeclare,
        step: &mut Step<S>,
    ) -> Result<(), HttpError> {
        self.vhost_of_entry(&vhost)?;
        if is_reserved(&declare.queue) || self.queue(&vhost, &declare.queue).is_some() {
            return Ok(());
        }
        let default_type = self.vhost(&vhost).map_or(QueueType::Classic, |host| host.default_queue_type);
        let QueueDeclare { queue, durable, auto_delete, mut arguments, .. } = declare;
        add_queue_type(&mut arguments, default_type, durable, false, auto_delete);
        let resource = Rc::new(Resource { vhost, name: queue });
        let id = self.declare_new(resource, durable, None, auto_delete, arguments, step).map_err(reason)?;
        self.declared(id, true, step).map(|_| ()).map_err(reason)
    }

    fn import_binding<S: Sink>(&mut self, binding: Binding, step: &mut Step<S>) -> Result<(), HttpError> {
        self.vhost_of_entry(&binding.vhost)?;
        let (vhost, source) = (&binding.vhost, &binding.source);
        let target = self.target_of(vhost, &binding.destination);
        let mut missing = Vec::new();
        if self.exchange(vhost, source).is_none() {
            missing.push(not_found(vhost, "exchange", source));
        }
        match (&target, &binding.destination) {
            (None, Destination::Queue(name)) => missing.push(not_found(vhost, "queue", name)),
            (None, Destination::Exchange(name)) => missing.push(not_found(vhost, "exchange", name)),
            (Some(_), _) => {}
        }
        if let (Some(target), true) = (target, missing.is_empty()) {
            return self.add_binding(binding, target, None, step).map_err(reason);
        }
        let missing = Term::Tuple(vec![Term::Atom("resources_missing"), Term::List(missing)]);
        Err(HttpError::bad_request(format_tp("", &missing, "")))
    }
}

/// Whether an exchange or a queue of that name is never imported: it is the broker's own.
pub fn is_reserved(name: &str) -> bool {
    name.is_empty() || name.starts_with("amq.")
}

/// An AMQP error in the words of an import: the name in small letters, a colon, the explanation.
/// Source: `rabbit_definitions.erl format/1`.
fn reason(error: AmqpError) -> HttpError {
    let text = match error.text.split_once(" - ") {
        Some((name, explanation)) => format!("{}: {explanation}", name.to_ascii_lowercase()),
        None => error.text.to_ascii_lowercase(),
    };
    HttpError::bad_request(text)
}

pub(crate) fn about_entry(error: HttpError, about: &str) -> HttpError {
    HttpError { reason: error.reason + about, ..error }
}

fn binary(text: &str) -> Term {
    Term::Binary(text.as_bytes().to_vec())
}

fn tagged(atom: &'static str, name: &str) -> Term {
    Term::Tuple(vec![Term::Atom(atom), binary(name)])
}

fn not_found(vhost: &str, kind: &'static str, name: &str) -> Term {
    let resource = Term::Tuple(vec![Term::Atom("resource"), binary(vhost), Term::Atom(kind), binary(name)]);
    Term::Tuple(vec![Term::Atom("not_found"), resource])
}
