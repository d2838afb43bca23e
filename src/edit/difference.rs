//! From one scenario to another while the world goes on: what an operator does to the broker, and which clients come and
//! go. A client that is another goes on over the connection it has wherever RabbitMQ lets it
//! ([`ClientSpec::goes_on_as`]); else it leaves, and joins anew.
//!
//! What always holds: things go before things of their name come; what others stand on comes before them. An exchange or
//! a queue that is to be another is deleted and declared anew, since RabbitMQ changes none that is there; and with a
//! queue go its messages.

use std::rc::Rc;

use crate::broker::binding::{Binding, Destination};
use crate::broker::command::{ExchangeBinding, Import, QueueBinding};
use crate::broker::import::parameter::{OPERATOR_POLICY, VHOST_LIMITS};
use crate::broker::table::{Table, Value};
use crate::broker::{Manage, Name};
use crate::definitions::Definitions;
use crate::simulation::{ClientSpec, Control, Deed, Operation, Scenario};

/// What makes a world that is as one scenario has it as another has it, in order.
pub fn difference(from: &Scenario, to: &Scenario) -> Vec<Deed> {
    let (old, new) = (imports(&from.definitions), imports(&to.definitions));
    let gone = old.iter().filter(|import| !new.contains(import));
    let come: Vec<&Import> = new.iter().filter(|import| !old.contains(import)).collect();
    let stays = |client: &ClientSpec, others: &[ClientSpec]| others.iter().any(|other| other == client);
    let mut deeds = Vec::new();
    // Who consumed from a queue that is declared anew was cancelled with the old one.
    let is_new = |client: &ClientSpec| {
        let queues = client.role.consumer().map(|consumer| consumer.queues.as_slice()).unwrap_or_default();
        come.iter().any(|import| match import {
            Import::Queue { vhost, declare } => *vhost == client.vhost && queues.contains(&declare.queue),
            _ => false,
        })
    };
    let goes_on = |client: &ClientSpec, other: &ClientSpec| {
        // What a client declared for itself may go with its consumer, and is declared again when it joins.
        let keeps_all = client.setup.is_empty() || client.consumes_as(other);
        client.goes_on_as(other) && keeps_all && !is_new(client) && !is_new(other)
    };
    for client in from.clients.iter().filter(|client| !stays(client, &to.clients)) {
        if !to.clients.iter().any(|other| goes_on(client, other)) {
            deeds.push(Deed::Leave { name: client.name.clone() });
        }
    }
    // What hangs on others goes first: the order of an import, backwards.
    let removed: Vec<Deed> = gone.filter(|import| !is_replaced(import, &come)).filter_map(removal).collect();
    deeds.extend(removed.into_iter().rev());
    deeds.extend(come.iter().flat_map(|import| additions(import, &new, &old)));
    for client in &to.clients {
        if !stays(client, &from.clients) {
            let is_there = from.clients.iter().any(|former| goes_on(former, client));
            let spec = Rc::new(client.clone());
            deeds.push(if is_there { Deed::Change(spec) } else { Deed::Join(spec) });
        } else if is_new(client) {
            deeds.push(Deed::Client { name: client.name.clone(), connection: None, control: Control::Restart });
        }
    }
    deeds
}

fn imports(definitions: &Definitions) -> Vec<Import> {
    definitions.plan().into_iter().map(|entry| entry.import).collect()
}

/// Whether something is overwritten rather than taken away.
fn is_replaced(gone: &Import, come: &[&Import]) -> bool {
    come.iter().any(|import| match (gone, import) {
        (Import::Vhost { vhost, .. }, Import::Vhost { vhost: other, .. }) => vhost == other,
        (Import::User { user, .. }, Import::User { user: other, .. }) => user == other,
        (Import::Policy(policy), Import::Policy(other)) => policy.vhost == other.vhost && policy.name == other.name,
        (Import::Permission { user, vhost, .. }, Import::Permission { user: other_user, vhost: other_vhost, .. }) => {
            user == other_user && vhost == other_vhost
        }
        (
            Import::TopicPermission { user, vhost, exchange, .. },
            Import::TopicPermission { user: other_user, vhost: other_vhost, exchange: other_exchange, .. },
        ) => user == other_user && vhost == other_vhost && exchange == other_exchange,
        (
            Import::Parameter { vhost, component, name, .. },
            Import::Parameter { vhost: other_vhost, component: other_component, name: other_name, .. },
        ) => vhost == other_vhost && component == other_component && name == other_name,
        _ => false,
    })
}

fn manage(manage: Manage) -> Option<Deed> {
    Some(Deed::Manage(Rc::new(manage)))
}

/// What takes something away; none for what a world keeps.
fn removal(import: &Import) -> Option<Deed> {
    let (vhost, operation) = match import {
        Import::Vhost { vhost, .. } => return Some(Deed::DeleteVhost { vhost: vhost.clone() }),
        Import::Policy(policy) => {
            return Some(Deed::ClearPolicy { vhost: policy.vhost.clone(), name: policy.name.clone() });
        }
        Import::Exchange { vhost, declare } => {
            (vhost, Operation::ExchangeDelete { exchange: declare.exchange.clone() })
        }
        Import::Queue { vhost, declare } => {
            return Some(Deed::DeleteQueue { vhost: vhost.clone(), queue: declare.queue.clone() });
        }
        Import::Binding(binding) => (&binding.vhost, bound(binding, true)),
        Import::User { user, .. } => return manage(Manage::UserDelete { user: user.clone() }),
        Import::Permission { user, vhost, .. } => {
            return manage(Manage::PermissionClear { user: user.clone(), vhost: vhost.clone() });
        }
        Import::TopicPermission { user, vhost, exchange, .. } => {
            let (user, vhost, exchange) = (user.clone(), vhost.clone(), exchange.clone());
            return manage(Manage::TopicPermissionClear { user, vhost, exchange });
        }
        Import::Parameter { vhost, component, name, .. } if component == OPERATOR_POLICY => {
            return manage(Manage::PolicyClear { vhost: vhost.clone(), name: name.clone(), operator: true });
        }
        Import::Parameter { vhost, component, name, .. } if component == VHOST_LIMITS => {
            // No limit at all takes both away.
            let (vhost, component, name) = (vhost.clone(), component.clone(), name.clone());
            let value = Value::Table(Table::new());
            return manage(Manage::Import(Import::Parameter { vhost, component, name, value }));
        }
        _ => return None,
    };
    Some(Deed::Operate { vhost: vhost.clone(), operation })
}

/// What brings something, and what was lost as something of its name was deleted.
fn additions(import: &Import, new: &[Import], old: &[Import]) -> Vec<Deed> {
    let operate = |vhost: &Name, operation| Deed::Operate { vhost: vhost.clone(), operation };
    let again = |is_about: &dyn Fn(&Binding) -> bool| -> Vec<Deed> {
        let bindings = new.iter().filter(|import| old.contains(import)).filter_map(|import| match import {
            Import::Binding(binding) if is_about(binding) => Some(operate(&binding.vhost, bound(binding, false))),
            _ => None,
        });
        bindings.collect()
    };
    match import {
        Import::Vhost { vhost, .. } => {
            let is_there =
                old.iter().any(|import| matches!(import, Import::Vhost { vhost: other, .. } if other == vhost));
            // Who creates one is given the permissions that an import gives nobody.
            let create = (!is_there).then(|| Deed::CreateVhost { vhost: vhost.clone() });
            create.into_iter().chain(manage(Manage::Import(import.clone()))).collect()
        }
        Import::Policy(policy) => vec![Deed::SetPolicy(policy.clone())],
        Import::Exchange { vhost, declare } => {
            let name = &declare.exchange;
            let mut deeds = vec![operate(vhost, Operation::ExchangeDeclare(declare.clone()))];
            deeds.extend(again(&|binding| {
                let leads_there = matches!(&binding.destination, Destination::Exchange(to) if to == name);
                binding.vhost == *vhost && (binding.source == *name || leads_there)
            }));
            deeds
        }
        Import::Queue { vhost, declare } => {
            let mut deeds = vec![operate(vhost, Operation::QueueDeclare(declare.clone()))];
            deeds.extend(again(&|binding| {
                let leads_there = matches!(&binding.destination, Destination::Queue(to) if *to == declare.queue);
                binding.vhost == *vhost && leads_there
            }));
            deeds
        }
        Import::Binding(binding) => vec![operate(&binding.vhost, bound(binding, false))],
        _ => manage(Manage::Import(import.clone())).into_iter().collect(),
    }
}

fn bound(binding: &Binding, undo: bool) -> Operation {
    let (exchange, routing_key) = (binding.source.clone(), binding.routing_key.clone());
    let arguments = binding.arguments.clone();
    match &binding.destination {
        Destination::Queue(queue) => {
            let to = QueueBinding { queue: queue.clone(), exchange, routing_key, arguments };
            if undo { Operation::QueueUnbind(to) } else { Operation::QueueBind(to) }
        }
        Destination::Exchange(destination) => {
            let to = ExchangeBinding { destination: destination.clone(), source: exchange, routing_key, arguments };
            if undo { Operation::ExchangeUnbind(to) } else { Operation::ExchangeBind(to) }
        }
    }
}
