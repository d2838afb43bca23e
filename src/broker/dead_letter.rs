//! Dead-lettering: a message leaves its queue for the dead letter exchange.
//!
//! The exchange is looked up at the moment of death. The dead letter is routed like any publish, but without
//! confirms and without `mandatory`; queues that it went round in a circle through are left out.
//! Source: `rabbit/src/rabbit_dead_letter.erl`, `rabbit_fifo_dlx_worker.erl`.

use std::rc::Rc;

use super::Broker;
use super::event::{CopyRef, DropRule, EventKind, LostReason, Sink};
use super::message::{DeathReason, Deaths, Entry, Message};
use super::name::{EventId, Name, QueueId, Resource};
use super::queue::{Publisher, Taken};
use super::step::{Step, Task};

/// How long an at-least-once dead letter waits before it is tried again.
/// Source: setting `dead_letter_worker_publisher_confirm_timeout`.
const RETRY_MS: u64 = 180_000;

struct Target {
    exchange: Name,
    routing_key: Option<Name>,
}

impl Broker {
    fn dead_letter_target(&self, from: QueueId, vhost: &Name) -> Option<Target> {
        let settings = &self.queues.get(&from)?.settings;
        let exchange = settings.dead_letter_exchange.clone()?;
        self.exchange(vhost, &exchange)?;
        Some(Target { exchange, routing_key: settings.dead_letter_routing_key.clone() })
    }

    /// A message leaves its queue, at most once: if it goes nowhere, it is lost. That it left is told at once, so that
    /// what is told next of the queue's places is true.
    pub(crate) fn dies<S: Sink>(
        &mut self,
        from: QueueId,
        resource: &Rc<Resource>,
        entry: Entry,
        reason: DeathReason,
        step: &mut Step<S>,
    ) {
        match self.write_letter(from, resource, &entry, reason, step) {
            Some((cause, letter)) => step.later(cause, Task::DeadLetter { vhost: resource.vhost.clone(), letter }),
            None => {
                let at = || CopyRef { queue: resource.clone(), copy: entry.id, message: entry.message.clone() };
                step.emit(|| EventKind::Dropped { at: at(), rule: DropRule::NoDeadLetterExchange });
            }
        }
    }

    /// The same, at least once: it is held by its queue until all targets have it.
    pub(crate) fn dies_at_least_once<S: Sink>(
        &mut self,
        from: QueueId,
        resource: &Rc<Resource>,
        entry: Entry,
        reason: DeathReason,
        step: &mut Step<S>,
    ) {
        let (cause, letter) = match self.write_letter(from, resource, &entry, reason, step) {
            Some((cause, letter)) => (cause, Some(letter)),
            None => (tell_held(resource, &entry, step), None),
        };
        let resource = resource.clone();
        step.later(cause, Task::DeadLetterAtLeastOnce { from, resource, entry, reason, letter });
    }

    /// The dead letter of a message, and the event that tells of it; none if its exchange does not exist.
    fn write_letter<S: Sink>(
        &mut self,
        from: QueueId,
        resource: &Rc<Resource>,
        entry: &Entry,
        reason: DeathReason,
        step: &mut Step<S>,
    ) -> Option<(EventId, Rc<Message>)> {
        let target = self.dead_letter_target(from, &resource.vhost)?;
        let message = Rc::new(self.dead_message(&resource.name, &target, entry, reason));
        let cause = step.emit(|| EventKind::DeadLettered {
            at: CopyRef { queue: resource.clone(), copy: entry.id, message: message.clone() },
            reason,
            exchange: target.exchange,
            routing_key: target.routing_key,
        });
        Some((cause, message))
    }

    /// A dead letter is on its way.
    pub(crate) fn dead_letter<S: Sink>(&mut self, vhost: &Name, letter: &Rc<Message>, step: &mut Step<S>) {
        for queue in self.route_dead_letter(vhost, letter, step) {
            self.enqueue(queue, letter, None, step);
        }
    }

    /// The same for one that stays in its queue until a target has it.
    pub(crate) fn dead_letter_at_least_once<S: Sink>(
        &mut self,
        from: QueueId,
        resource: &Rc<Resource>,
        (entry, reason): (Entry, DeathReason),
        letter: Option<&Rc<Message>>,
        step: &mut Step<S>,
    ) {
        let (mut taken, mut published) = (false, false);
        if let Some(letter) = letter {
            let queues = self.route_dead_letter(&resource.vhost, letter, step);
            published = !queues.is_empty();
            taken = published;
            for queue in queues {
                let publisher = Some(Publisher::DeadLetters(from));
                taken &= self.enqueue(queue, letter, publisher, step) == Taken::Accepted;
            }
            if !taken {
                tell_held(resource, &entry, step);
            }
        }
        if !taken {
            let retry_at_ms = step.now_ms + RETRY_MS;
            self.turn(from, step, |queue, _| queue.hold(entry, reason, published, retry_at_ms));
        }
    }

    fn route_dead_letter<S: Sink>(&mut self, vhost: &Name, letter: &Rc<Message>, step: &mut Step<S>) -> Vec<QueueId> {
        let mut queues = std::mem::take(&mut step.buffers.targets);
        queues.clear();
        let replies = self.route(vhost, &letter.exchange, letter, &mut queues, step);
        let reached = !queues.is_empty() || !replies.is_empty();
        queues.retain(|id| !self.cut_cycle(*id, letter, step));
        self.send_replies(&replies, letter, step);
        if queues.is_empty() && replies.is_empty() {
            let why = if reached { LostReason::Cycle } else { LostReason::Unroutable };
            step.emit(|| EventKind::DeadLetterLost { message: letter.clone(), why });
        }
        queues
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

fn tell_held<S: Sink>(resource: &Rc<Resource>, entry: &Entry, step: &mut Step<S>) -> EventId {
    let retry_at_ms = step.now_ms + RETRY_MS;
    let at = || CopyRef { queue: resource.clone(), copy: entry.id, message: entry.message.clone() };
    step.emit(|| EventKind::DeadLetterHeld { at: at(), retry_at_ms })
}
