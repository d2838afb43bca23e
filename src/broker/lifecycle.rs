//! How queues and exchanges end, what they take with them, and what a restart leaves.

use std::rc::Rc;

use super::Broker;
use super::binding::{Destination, Target};
use super::command::{Frame, Reply};
use super::error::AmqpError;
use super::event::{CloseReason, DeleteReason, EventKind, Sink};
use super::exchange::Exchange;
use super::name::{Name, QueueId, Resource};
use super::ordered::sort_by;
use super::queue::Queue;
use super::step::Step;

impl Broker {
    /// A queue goes: its messages are gone, its consumers are told, its bindings vanish.
    pub(crate) fn delete_queue<S: Sink>(&mut self, id: QueueId, why: DeleteReason, step: &mut Step<S>) {
        let Some(queue) = self.queues.remove(&id) else { return };
        self.clear_timers(&queue);
        let resource = queue.resource.clone();
        if let Some(vhost) = self.vhosts.get_mut(&resource.vhost) {
            vhost.queues.remove(&resource.name);
        }
        let outer = step.cause;
        let (ready, unacked) = (queue.ready(), queue.unacked());
        step.emit_cause(|| EventKind::QueueDeleted { queue: resource.clone(), why, ready, unacked });
        if S::RECORDS {
            self.account_for_messages(&queue, step);
        }
        self.tell_consumers(&queue, step);
        self.unbind_target(&resource.vhost, &Target::Queue(id), step);
        step.cause = outer;
    }

    fn account_for_messages<S: Sink>(&self, queue: &Queue, step: &mut Step<S>) {
        use super::event::{CopyRef, DropRule};
        for (copy, message) in queue.all_messages() {
            let at = CopyRef { queue: queue.resource.clone(), copy, message };
            step.emit(|| EventKind::Dropped { at, rule: DropRule::QueueDeleted });
        }
    }

    /// Each channel cancels its consumers in the order of their tags.
    /// Source: `rabbit/src/rabbit_channel.erl handle_consuming_queue_down_or_eol/2`.
    fn tell_consumers<S: Sink>(&mut self, queue: &Queue, step: &mut Step<S>) {
        let mut consumers = queue.consumers();
        sort_by(&mut consumers, |a, b| (a.channel, &a.tag).cmp(&(b.channel, &b.tag)));
        for consumer in consumers {
            let reference = consumer.reference();
            let resource = queue.resource.clone();
            step.emit(|| EventKind::ConsumerRemoved {
                queue: resource,
                consumer: reference,
                why: DeleteReason::Cascade,
            });
            let notify = self.connection(consumer.channel.connection).is_some_and(|c| c.consumer_cancel_notify);
            let Some(channel) = self.channel_mut(consumer.channel) else { continue };
            channel.consumers.remove(&consumer.tag);
            if notify {
                step.frames.push(Frame::Cancel { channel: consumer.channel, consumer_tag: consumer.tag.clone() });
            }
        }
    }

    /// Removes all bindings that lead to something, and the auto-delete exchanges that lose their last one; and so on.
    fn unbind_target<S: Sink>(&mut self, vhost: &Name, target: &Target, step: &mut Step<S>) {
        let mut gone = vec![target.clone()];
        while let Some(target) = gone.pop() {
            let Some(host) = self.vhosts.get_mut(vhost) else { return };
            let mut emptied = Vec::new();
            for (name, exchange) in host.exchanges.iter_mut() {
                let removed = exchange.remove_target(&target);
                if removed.is_empty() {
                    continue;
                }
                for binding in removed {
                    step.emit(|| EventKind::Unbound { binding, why: DeleteReason::Cascade });
                }
                if exchange.auto_delete && !exchange.has_bindings() {
                    emptied.push(name.clone());
                }
            }
            for name in emptied {
                if let Some(exchange) = host.exchanges.remove(&name) {
                    forget_exchange(&exchange, DeleteReason::AutoDelete, step);
                    gone.push(Target::Exchange(name));
                }
            }
        }
    }

    /// An exchange goes, and with it the bindings from it and to it.
    pub(crate) fn delete_exchange<S: Sink>(
        &mut self,
        vhost: &Name,
        name: &Name,
        why: DeleteReason,
        step: &mut Step<S>,
    ) {
        let Some(host) = self.vhosts.get_mut(vhost) else { return };
        let Some(exchange) = host.exchanges.remove(name) else { return };
        forget_exchange(&exchange, why, step);
        self.unbind_target(vhost, &Target::Exchange(name.clone()), step);
    }

    /// After the last binding of an auto-delete exchange went.
    pub(crate) fn auto_delete_exchange<S: Sink>(&mut self, vhost: &Name, name: &Name, step: &mut Step<S>) {
        let unused =
            self.exchange(vhost, name).is_some_and(|exchange| exchange.auto_delete && !exchange.has_bindings());
        if unused {
            self.delete_exchange(vhost, name, DeleteReason::AutoDelete, step);
        }
    }

    /// An auto-delete queue goes when it has no consumer any more. Answers whether it did.
    pub(crate) fn auto_delete_if_unused<S: Sink>(&mut self, id: QueueId, step: &mut Step<S>) -> bool {
        let unused = self.queues.get(&id).is_some_and(|q| q.auto_delete && q.had_consumers && q.consumers().is_empty());
        if unused {
            self.delete_queue(id, DeleteReason::AutoDelete, step);
        }
        unused
    }

    /// A queue was used: its lease starts again. A quorum queue sees to that by itself.
    pub(crate) fn touch<S: Sink>(&mut self, id: QueueId, step: &mut Step<S>) {
        if let Some(queue) = self.queues.get_mut(&id) {
            queue.touch(step.now_ms);
        }
        self.set_timers(id);
    }

    /// The node goes down. What is not durable is gone when it comes back.
    /// Source: `rabbit/src/rabbit_amqqueue.erl recover/1`, `rabbit_db_exchange.erl recover/1`.
    pub(crate) fn stop<S: Sink>(&mut self, crash: bool, step: &mut Step<S>) -> Reply {
        step.emit_cause(|| EventKind::Stopped { crash });
        let ids: Vec<_> = self.connections.keys().copied().collect();
        for id in ids {
            let error = AmqpError::connection_forced("broker forced connection closure with reason 'shutdown'");
            let why = if crash { CloseReason::Lost } else { CloseReason::Error(error.clone()) };
            if !crash {
                step.frames.push(Frame::ConnectionClosed { connection: id, error });
            }
            self.end_connection(id, why, step);
        }
        let queues: Vec<QueueId> = self.queues.keys().copied().collect();
        for id in self.in_name_order(queues) {
            if self.queues.get(&id).is_some_and(|queue| !queue.durable) {
                self.delete_queue(id, DeleteReason::Restart, step);
            } else {
                self.turn(id, step, |queue, turn| queue.restart(crash, turn));
            }
        }
        for vhost in self.vhosts.values_mut() {
            vhost.tracing = false;
        }
        self.running = false;
        Reply::Ok
    }

    /// The node comes up again.
    pub(crate) fn start<S: Sink>(&mut self, step: &mut Step<S>) -> Reply {
        self.running = true;
        step.emit(|| EventKind::Started);
        let queues: Vec<QueueId> = self.queues.keys().copied().collect();
        for id in queues {
            self.touch(id, step);
        }
        Reply::Ok
    }

    /// The destination of a binding as bindings know it; none if it does not exist.
    pub(crate) fn target_of(&self, vhost: &Name, destination: &Destination) -> Option<Target> {
        match destination {
            Destination::Queue(name) => self.vhosts.get(vhost)?.queues.get(name).copied().map(Target::Queue),
            Destination::Exchange(name) => self.exchange(vhost, name).map(|_| Target::Exchange(name.clone())),
        }
    }
}

fn forget_exchange<S: Sink>(exchange: &Exchange, why: DeleteReason, step: &mut Step<S>) {
    let resource: Rc<Resource> = exchange.resource.clone();
    step.emit(|| EventKind::ExchangeDeleted { exchange: resource, why });
    for bound in exchange.bindings() {
        let binding = bound.binding.clone();
        step.emit(|| EventKind::Unbound { binding, why: DeleteReason::Cascade });
    }
}
