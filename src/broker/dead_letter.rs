//! Dead-lettering: a message leaves its queue for the dead letter exchange.
//!
//! The exchange is looked up at the moment of death. The dead letter is routed like any publish, but without
//! confirms and without `mandatory`; queues that it went round in a circle through are left out.
//! Source: `rabbit/src/rabbit_dead_letter.erl`, `rabbit_fifo_dlx_worker.erl`.

use std::rc::Rc;

use super::Broker;
use super::event::{CopyRef, DropRule, EventKind, LostReason, Sink};
use super::message::{DeathReason, Deaths, Entry, Message};
use super::name::{Name, QueueId, Resource};
use super::queue::{Publisher, Taken};
use super::step::Step;

/// How long an at-least-once dead letter waits before it is tried again.
/// Source: setting `dead_letter_worker_publisher_confirm_timeout`.
const RETRY_MS: u64 = 180_000;

struct Target {
    exchange: Name,
    routing_key: Option<Name>,
}

impl Broker {
    fn dead_letter_target(&self, from: QueueId) -> Option<Target> {
        let settings = &self.queues.get(&from)?.settings;
        let exchange = settings.dead_letter_exchange.clone()?;
        Some(Target { exchange, routing_key: settings.dead_letter_routing_key.clone() })
    }

    /// At most once: if it goes nowhere, it is lost.
    pub(crate) fn dead_letter<S: Sink>(
        &mut self,
        from: QueueId,
        resource: &Rc<Resource>,
        entry: Entry,
        reason: DeathReason,
        step: &mut Step<S>,
    ) {
        let at = |entry: &Entry| CopyRef { queue: resource.clone(), copy: entry.id, message: entry.message.clone() };
        let target =
            self.dead_letter_target(from).filter(|target| self.exchange(&resource.vhost, &target.exchange).is_some());
        let Some(target) = target else {
            step.emit(|| EventKind::Dropped { at: at(&entry), rule: DropRule::NoDeadLetterExchange });
            return;
        };
        let (message, queues) = self.route_dead_letter(resource, &target, &entry, reason, step);
        for queue in queues {
            self.enqueue(queue, &message, None, step);
        }
    }

    /// At least once: it is held by its queue until all targets have it.
    pub(crate) fn dead_letter_at_least_once<S: Sink>(
        &mut self,
        from: QueueId,
        resource: &Rc<Resource>,
        entry: Entry,
        reason: DeathReason,
        step: &mut Step<S>,
    ) {
        let target =
            self.dead_letter_target(from).filter(|target| self.exchange(&resource.vhost, &target.exchange).is_some());
        let retry_at_ms = step.now_ms + RETRY_MS;
        let (mut taken, mut published) = (false, false);
        if let Some(target) = target {
            let (message, queues) = self.route_dead_letter(resource, &target, &entry, reason, step);
            published = !queues.is_empty();
            taken = published;
            for queue in queues {
                let publisher = Some(Publisher::DeadLetters(from));
                taken &= self.enqueue(queue, &message, publisher, step) == Taken::Accepted;
            }
        }
        if !taken {
            let at = || CopyRef { queue: resource.clone(), copy: entry.id, message: entry.message.clone() };
            step.emit(|| EventKind::DeadLetterHeld { at: at(), retry_at_ms });
            self.turn(from, step, |queue, _| queue.hold(entry, reason, published, retry_at_ms));
        }
    }

    fn route_dead_letter<S: Sink>(
        &mut self,
        resource: &Rc<Resource>,
        target: &Target,
        entry: &Entry,
        reason: DeathReason,
        step: &mut Step<S>,
    ) -> (Rc<Message>, Vec<QueueId>) {
        let message = Rc::new(self.dead_message(&resource.name, target, entry, reason));
        step.emit_cause(|| EventKind::DeadLettered {
            at: CopyRef { queue: resource.clone(), copy: entry.id, message: message.clone() },
            reason,
            exchange: target.exchange.clone(),
            routing_key: target.routing_key.clone(),
        });
        let mut queues = std::mem::take(&mut step.buffers.targets);
        queues.clear();
        let replies = self.route(&resource.vhost, &target.exchange, &message, &mut queues, step);
        let reached = !queues.is_empty() || !replies.is_empty();
        queues.retain(|id| !self.cut_cycle(*id, &message, step));
        self.send_replies(&replies, &message, step);
        if queues.is_empty() && replies.is_empty() {
            let why = if reached { LostReason::Cycle } else { LostReason::Unroutable };
            step.emit(|| EventKind::DeadLetterLost { message: message.clone(), why });
        }
        (message, queues)
    }

    fn cut_cycle<S: Sink>(&self, id: QueueId, message: &Rc<Message>, step: &mut Step<S>) -> bool {
        let Some(queue) = self.queues.get(&id) else { return true };
        let automatic = message.deaths.as_ref().is_some_and(|deaths| deaths.is_cycle(&queue.resource.name));
        if automatic {
            step.emit(|| EventKind::CycleCut { message: message.clone(), queue: queue.resource.clone() });
        }
        automatic
    }

    /// Source: `rabbit_dead_letter.erl make_msg/5`, `mc.erl record_death/4`.
    fn dead_message(&self, queue: &Name, target: &Target, entry: &Entry, reason: DeathReason) -> Message {
        let old = &entry.message;
        let deaths = Deaths::record(old, queue, reason, self.config.epoch_ms + self.now_ms);
        let mut properties = old.properties.clone();
        if properties.expiration.is_some() {
            Rc::make_mut(&mut properties).expiration = None;
        }
        Message {
            id: old.id,
            exchange: target.exchange.clone(),
            routing_keys: match &target.routing_key {
                Some(key) => old.routing_keys.replaced(key.clone()),
                None => old.routing_keys.clone(),
            },
            properties,
            payload: old.payload.clone(),
            deaths: Some(Rc::new(deaths)),
            delivery_count: entry.delivery_count.or(old.delivery_count),
        }
    }
}
