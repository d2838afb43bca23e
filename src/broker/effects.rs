//! Carries out what a queue wants done: the only place where queues and channels meet.

use std::rc::Rc;

use super::Broker;
use super::channel::Unacked;
use super::command::Frame;
use super::event::{ConsumerRef, CopyRef, EventKind, Sink};
use super::message::{Delivery, Message};
use super::name::{CopyId, QueueId, Resource};
use super::queue::{Effect, Handover, Queue, Turn};
use super::step::{MAX_WORK, Step, Task, Work};

impl Broker {
    /// Lets a queue handle one event, then does what it wants done, and sets its timers anew.
    /// None if there is no such queue (any more).
    pub(crate) fn turn<S: Sink, R>(
        &mut self,
        id: QueueId,
        step: &mut Step<S>,
        event: impl FnOnce(&mut Queue, &mut Turn) -> R,
    ) -> Option<R> {
        let epoch_ms = self.config.epoch_ms;
        let queue = self.queues.get_mut(&id)?;
        let mut effects = std::mem::take(&mut step.buffers.effects);
        let result =
            event(queue, &mut Turn { now_ms: step.now_ms, epoch_ms, recording: S::RECORDS, effects: &mut effects });
        if !effects.is_empty() {
            let resource = queue.resource.clone();
            for effect in effects.drain(..) {
                self.carry_out(id, &resource, effect, step);
            }
        }
        step.buffers.effects = effects;
        self.set_timers(id);
        Some(result)
    }

    fn carry_out<S: Sink>(&mut self, queue: QueueId, resource: &Rc<Resource>, effect: Effect, step: &mut Step<S>) {
        let at = |copy: CopyId, message: Rc<Message>| CopyRef { queue: resource.clone(), copy, message };
        match effect {
            Effect::Enqueued { copy, message, position } => {
                step.emit(|| EventKind::Enqueued { at: at(copy, message), position });
            }
            Effect::Refused { message, rule } => {
                step.emit(|| EventKind::Refused { queue: resource.clone(), message, rule });
            }
            Effect::Deliver(handover) => self.deliver(queue, resource, handover, step),
            Effect::Waits { copy, message, passed_over } => {
                step.emit(|| EventKind::Waits { at: at(copy, message), passed_over });
            }
            Effect::Dropped { copy, message, rule } => {
                step.emit(|| EventKind::Dropped { at: at(copy, message), rule });
            }
            Effect::Dead { entry, reason } => self.dies(queue, resource, entry, reason, step),
            Effect::TellPublishers { stop } => step.later(step.cause, Task::TellPublishers { queue, stop }),
            Effect::SettleDelivered { consumer, count } => {
                step.later(step.cause, Task::SettleDelivered { queue, consumer, count });
            }
            Effect::Held { entry, reason } => self.dies_at_least_once(queue, resource, entry, reason, step),
            Effect::Requeued { copy, message, why, position } => {
                step.emit(|| EventKind::Requeued { at: at(copy, message), why, position });
            }
            Effect::Delayed { copy, message, why, until_ms } => {
                step.emit(|| EventKind::Delayed { at: at(copy, message), why, until_ms });
            }
            Effect::DelayEnded { copy, message, position } => {
                step.emit(|| EventKind::DelayEnded { at: at(copy, message), position });
            }
            Effect::ActiveChanged { consumer } => {
                step.emit(|| EventKind::ActiveConsumerChanged { queue: resource.clone(), consumer });
            }
            Effect::TimedOut { consumer, from_get, cancelled } => {
                self.tell_timed_out(resource, consumer, from_get || cancelled, step);
            }
        }
    }

    fn deliver<S: Sink>(&mut self, queue: QueueId, resource: &Rc<Resource>, handover: Handover, step: &mut Step<S>) {
        let Handover { consumer, channel: id, tag, message, copy, handle, redelivered, counts, ack, passed_over } =
            handover;
        let Some(channel) = self.channel_mut(id) else { return };
        let delivery_tag = channel.next_delivery_tag();
        if ack {
            let consumer_tag = Some(tag.clone());
            channel.unacked.push_back(Unacked { delivery_tag, queue, copy, consumer, consumer_tag, handle });
        }
        let recorded = S::RECORDS.then(|| (message.clone(), tag.clone()));
        let delivery = Delivery { delivery_tag, redelivered, message, counts };
        self.trace_delivery(id, resource, &delivery, step);
        step.frames.push(Frame::Deliver { channel: id, consumer_tag: tag, delivery });
        if let Some((message, tag)) = recorded {
            let at = CopyRef { queue: resource.clone(), copy, message };
            let consumer = ConsumerRef { channel: id, tag };
            step.emit(|| EventKind::Delivered { at, consumer, delivery_tag, redelivered, ack, passed_over });
        }
    }

    /// Source: `rabbit/src/rabbit_channel.erl`, queue action `released`.
    fn tell_timed_out<S: Sink>(
        &mut self,
        resource: &Rc<Resource>,
        consumer: ConsumerRef,
        close: bool,
        step: &mut Step<S>,
    ) {
        let channel = consumer.channel;
        let tag = consumer.tag.clone();
        step.emit(|| EventKind::ConsumerTimedOut { queue: resource.clone(), consumer });
        let notify = self.connection(channel.connection).is_some_and(|connection| connection.consumer_cancel_notify);
        if close || !notify {
            step.later(step.cause, Task::CloseTimedOutChannel { channel });
        } else {
            step.frames.push(Frame::Cancel { channel, consumer_tag: tag });
        }
    }

    /// Does what the command set off, first come, first served.
    pub(crate) fn drain<S: Sink>(&mut self, step: &mut Step<S>) {
        let mut done = 0;
        while let Some(Work { cause, task }) = step.buffers.work.pop_front() {
            if done == MAX_WORK {
                step.emit(|| EventKind::BoundReached { limit: MAX_WORK });
                step.buffers.work.clear();
                return;
            }
            done += 1;
            step.cause = cause;
            match task {
                Task::DeadLetter { vhost, letter } => self.dead_letter(&vhost, &letter, step),
                Task::DeadLetterAtLeastOnce { from, resource, entry, reason, letter } => {
                    self.dead_letter_at_least_once(from, &resource, (entry, reason), letter.as_ref(), step);
                }
                Task::TellPublishers { queue, stop } => {
                    self.turn(queue, step, |queue, _| queue.publishers_told(stop));
                }
                Task::SettleDelivered { queue, consumer, count } => {
                    self.turn(queue, step, |queue, turn| queue.settle_delivered(consumer, count, turn));
                }
                Task::Trace { vhost, message } => self.publish_trace(&vhost, message, step),
                Task::CloseTimedOutChannel { channel } => self.close_timed_out_channel(channel, step),
            }
        }
    }
}
