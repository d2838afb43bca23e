//! What exchanges and queues were declared with, which policies apply to them, and what both amount to.

use std::rc::Rc;

use crate::broker::event::{Declared, EventKind, ResourceKind};
use crate::broker::settings::{QueueType, Settings, alternate_exchange};
use crate::broker::table::Table;
use crate::broker::{Name, Resource};

use super::{Board, ExchangeState, QueueState};

/// The policies that apply to an exchange or a queue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Applied {
    /// The policy.
    pub policy: Option<Name>,
    /// The operator policy.
    pub operator_policy: Option<Name>,
    /// What both set together.
    pub effective: Table,
}

impl QueueState {
    /// Its type.
    pub fn queue_type(&self) -> QueueType {
        match self.kind.as_str() {
            "quorum" => QueueType::Quorum,
            "stream" => QueueType::Stream,
            _ => QueueType::Classic,
        }
    }
}

impl Board {
    /// The policies that apply to a queue.
    pub fn queue_policy(&self, queue: &Rc<Resource>) -> Option<&Applied> {
        self.applied.get(&(ResourceKind::Queue, queue.clone()))
    }

    /// The policies that apply to an exchange.
    pub fn exchange_policy(&self, exchange: &Rc<Resource>) -> Option<&Applied> {
        self.applied.get(&(ResourceKind::Exchange, exchange.clone()))
    }

    /// What a queue's arguments and policies amount to.
    pub fn settings(&self, resource: &Rc<Resource>, queue: &QueueState) -> Settings {
        let none = Table::new();
        let effective = self.queue_policy(resource).map_or(&none, |applied| &applied.effective);
        Settings::new(queue.queue_type(), &queue.with.arguments, effective)
    }

    /// The exchange that takes what another one has no queue for.
    pub fn alternate(&self, resource: &Rc<Resource>, exchange: &ExchangeState) -> Option<Name> {
        let none = Table::new();
        let effective = self.exchange_policy(resource).map_or(&none, |applied| &applied.effective);
        alternate_exchange(&exchange.with.arguments, effective)
    }

    pub(super) fn apply_declared(&mut self, event: &EventKind) {
        match event {
            EventKind::ExchangeDeclared { exchange, kind, with, .. } => {
                let state = Rc::make_mut(self.exchanges.entry(exchange.clone()).or_default());
                (state.kind, state.with) = (kind.clone(), with.clone());
                self.meet_alternate(exchange);
            }
            EventKind::ExchangeDeleted { exchange, .. } => {
                self.exchanges.remove(exchange);
                self.forget_policy(ResourceKind::Exchange, exchange);
            }
            EventKind::QueueDeclared { queue, kind, with, .. } => {
                self.declare_queue(queue, kind, with);
                self.meet_dead_letter_exchange(queue);
            }
            EventKind::QueueDeleted { queue, .. } => {
                self.queues.remove(queue);
                self.forget_policy(ResourceKind::Queue, queue);
            }
            EventKind::PolicyChanged { vhost, name, operator, policy, .. } => {
                let (policies, key) = (Rc::make_mut(&mut self.policies), (vhost.clone(), *operator, name.clone()));
                match policy {
                    Some(policy) => drop(policies.insert(key, policy.clone())),
                    None => drop(policies.remove(&key)),
                }
            }
            EventKind::PolicyApplied { kind, to, policy, operator_policy, effective } => {
                let (policy, operator_policy) = (policy.clone(), operator_policy.clone());
                if policy.is_none() && operator_policy.is_none() {
                    self.forget_policy(*kind, to);
                } else {
                    let applied = Applied { policy, operator_policy, effective: effective.clone() };
                    Rc::make_mut(&mut self.applied).insert((*kind, to.clone()), applied);
                }
                match kind {
                    ResourceKind::Queue => self.meet_dead_letter_exchange(to),
                    ResourceKind::Exchange => self.meet_alternate(to),
                }
            }
            EventKind::ActiveConsumerChanged { queue, consumer } => {
                if let Some(queue) = self.queue(queue) {
                    queue.active = consumer.clone();
                }
            }
            // The caller passes on no other.
            _ => {}
        }
    }

    fn declare_queue(&mut self, queue: &Rc<Resource>, kind: &Name, with: &Rc<Declared>) {
        let state = Rc::make_mut(self.queues.entry(queue.clone()).or_default());
        (state.kind, state.with) = (kind.clone(), with.clone());
    }

    fn forget_policy(&mut self, kind: ResourceKind, resource: &Rc<Resource>) {
        let key = (kind, resource.clone());
        if self.applied.contains_key(&key) {
            Rc::make_mut(&mut self.applied).remove(&key);
        }
    }

    pub(super) fn forget_policies_in(&mut self, vhost: &Name) {
        if self.policies.keys().any(|(of, ..)| of == vhost) {
            Rc::make_mut(&mut self.policies).retain(|(of, ..), _| of != vhost);
        }
    }

    /// An exchange that every virtual host has is seen as soon as something refers to it.
    fn meet_dead_letter_exchange(&mut self, resource: &Rc<Resource>) {
        let settings = self.queues.get(resource).map(|queue| self.settings(resource, queue));
        if let Some(name) = settings.and_then(|settings| settings.dead_letter_exchange) {
            self.exchange(&resource.vhost, &name);
        }
    }

    fn meet_alternate(&mut self, resource: &Rc<Resource>) {
        let name = self.exchanges.get(resource).and_then(|exchange| self.alternate(resource, exchange));
        if let Some(name) = name {
            self.exchange(&resource.vhost, &name);
        }
    }
}
