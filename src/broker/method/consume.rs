//! basic.consume, basic.cancel, basic.get.
//!
//! Source: `rabbit/src/rabbit_channel.erl`, `rabbit_amqqueue.erl basic_consume/11`, and the queue types.

use super::Outcome;
use crate::broker::access::{Access, Kind};
use crate::broker::arguments::{self, ConsumerArguments, StreamOffset};
use crate::broker::channel::{ConsumerAt, Unacked};
use crate::broker::command::{BasicConsume, Reply};
use crate::broker::consumer::Consumer;
use crate::broker::error::AmqpError;
use crate::broker::event::{ConsumerRef, CopyRef, DeleteReason, EventKind, Sink};
use crate::broker::message::Delivery;
use crate::broker::name::{ChannelId, ConsumerId, Name, QueueId};
use crate::broker::queue::{Gotten, Queue};
use crate::broker::settings::QueueType;
use crate::broker::step::Step;
use crate::broker::{Broker, reply_to};

impl Broker {
    fn next_consumer(&mut self) -> ConsumerId {
        self.last_consumer += 1;
        ConsumerId(self.last_consumer)
    }

    pub(super) fn basic_consume<S: Sink>(
        &mut self,
        id: ChannelId,
        consume: BasicConsume,
        step: &mut Step<S>,
    ) -> Outcome {
        // What an empty name stands for is found out before anything is checked.
        let name = self.named_queue(id, consume.queue.clone())?;
        let Some(channel) = self.channel(id) else { return Ok(None) };
        let reused = channel.consumers.contains_key(&consume.consumer_tag);
        if reused {
            let tag = &consume.consumer_tag;
            return Err(AmqpError::not_allowed(format_args!("attempt to reuse consumer tag '{tag}'")));
        }
        if consume.queue == reply_to::PSEUDO_QUEUE {
            return self.consume_replies(id, consume);
        }
        let prefetch = channel.prefetch;
        let vhost = self.vhost_of(id);
        self.check_access(id.connection, Access::Read, Kind::Queue, &name)?;
        let queue_id = self.find_queue(id, &vhost, &name)?;
        let Some(queue) = self.queues.get(&queue_id) else { return Ok(None) };
        let parsed = arguments::check_consumer_arguments(&queue.resource, queue.kind(), &consume.arguments)?;
        check_consume(queue, &consume, &parsed, prefetch)?;
        let tag =
            if consume.consumer_tag.is_empty() { self.names.consumer_tag() } else { consume.consumer_tag.clone() };
        let known = queue.cancelled(id, &tag);
        let consumer = Consumer {
            id: known.unwrap_or_else(|| self.next_consumer()),
            channel: id,
            tag: tag.clone(),
            no_ack: consume.no_ack,
            prefetch,
            priority: parsed.priority,
            exclusive: consume.exclusive,
            timeout_ms: parsed.timeout_ms,
            arguments: consume.arguments,
        };
        self.attach(id, queue_id, consumer, &parsed, step);
        Ok(Some(Reply::Consumer { consumer_tag: tag }))
    }

    fn attach<S: Sink>(
        &mut self,
        id: ChannelId,
        queue: QueueId,
        consumer: Consumer,
        parsed: &ConsumerArguments,
        step: &mut Step<S>,
    ) {
        let at = ConsumerAt { queue, id: consumer.id };
        if let Some(channel) = self.channel_mut(id) {
            channel.consumers.insert(consumer.tag.clone(), at);
        }
        if let Some(queue) = self.queues.get(&queue) {
            let resource = queue.resource.clone();
            let (prefetch, no_ack, priority) = (consumer.prefetch, consumer.no_ack, consumer.priority);
            let reference = consumer.reference();
            let kind = || EventKind::ConsumerAdded { queue: resource, consumer: reference, prefetch, no_ack, priority };
            step.emit_cause(kind);
        }
        self.turn(queue, step, |queue, turn| queue.consume(consumer, parsed, turn));
    }

    pub(super) fn basic_cancel<S: Sink>(&mut self, id: ChannelId, tag: Name, step: &mut Step<S>) -> Outcome {
        let Some(channel) = self.channel_mut(id) else { return Ok(None) };
        if channel.reply_consumer.as_ref().is_some_and(|reply| reply.tag == tag) {
            channel.reply_consumer = None;
        } else if let Some(at) = channel.consumers.remove(&tag) {
            if let Some(queue) = self.queues.get(&at.queue) {
                let resource = queue.resource.clone();
                let consumer = ConsumerRef { channel: id, tag: tag.clone() };
                step.emit_cause(|| EventKind::ConsumerRemoved { queue: resource, consumer, why: DeleteReason::Client });
            }
            self.turn(at.queue, step, |queue, turn| queue.cancel(at.id, turn));
            self.auto_delete_if_unused(at.queue, step);
        }
        Ok(Some(Reply::Consumer { consumer_tag: tag }))
    }

    pub(super) fn basic_get<S: Sink>(
        &mut self,
        id: ChannelId,
        name: Name,
        no_ack: bool,
        step: &mut Step<S>,
    ) -> Outcome {
        let vhost = self.vhost_of(id);
        let name = self.named_queue(id, name)?;
        self.check_access(id.connection, Access::Read, Kind::Queue, &name)?;
        let queue_id = self.find_queue(id, &vhost, &name)?;
        let Some(queue) = self.queues.get(&queue_id) else { return Ok(None) };
        check_get(queue)?;
        let resource = queue.resource.clone();
        let consumer = self.next_consumer();
        let Some(channel) = self.channel_mut(id) else { return Ok(None) };
        let delivery_tag = channel.last_delivery_tag + 1;
        let gotten =
            self.turn(queue_id, step, |queue, turn| queue.get(id, consumer, delivery_tag, no_ack, turn)).flatten();
        let Some(gotten) = gotten else {
            step.emit(|| EventKind::GotNothing { queue: resource, channel: id });
            return Ok(Some(Reply::Empty));
        };
        let Gotten { message, copy, handle, redelivered, counts, ready_left } = gotten;
        if let Some(channel) = self.channel_mut(id) {
            channel.last_delivery_tag = delivery_tag;
            if !no_ack {
                let unacked = Unacked { delivery_tag, queue: queue_id, copy, consumer, consumer_tag: None, handle };
                channel.unacked.push_back(unacked);
            }
        }
        let at = CopyRef { queue: resource.clone(), copy, message: message.clone() };
        let ack = !no_ack;
        step.emit(|| EventKind::Got { at, channel: id, delivery_tag, redelivered, ack });
        let delivery = Delivery { delivery_tag, redelivered, message, counts };
        self.trace_delivery(id, &resource, &delivery, step);
        Ok(Some(Reply::Got { delivery, message_count: ready_left }))
    }
}

/// What a queue type does not do. Source: reference of each type's `consume/3`.
fn check_consume(
    queue: &Queue,
    consume: &BasicConsume,
    parsed: &ConsumerArguments,
    prefetch: u16,
) -> Result<(), AmqpError> {
    let (name, vhost) = (&queue.resource.name, &queue.resource.vhost);
    match queue.kind() {
        QueueType::Stream if prefetch == 0 => Err(AmqpError::precondition_failed(format_args!(
            "consumer prefetch count is not set for stream queue '{name}' in vhost '{vhost}'"
        ))),
        QueueType::Stream if consume.no_ack => Err(AmqpError::not_implemented(format_args!(
            "automatic acknowledgement not supported by stream queue '{name}' in vhost '{vhost}'"
        ))),
        QueueType::Stream if parsed.offset == StreamOffset::Unusable => Err(AmqpError::crash()),
        QueueType::Classic => {
            let consumers = queue.consumers();
            let held = consumers.iter().any(|consumer| consumer.exclusive);
            let wants = consume.exclusive && (!consumers.is_empty() || queue.settings.single_active_consumer);
            if held || wants {
                return Err(AmqpError::access_refused(format_args!(
                    "queue '{name}' in vhost '{vhost}' in exclusive use"
                )));
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn check_get(queue: &Queue) -> Result<(), AmqpError> {
    let (name, vhost) = (&queue.resource.name, &queue.resource.vhost);
    match queue.kind() {
        QueueType::Stream => Err(AmqpError::not_implemented(format_args!(
            "basic.get not supported by stream queues queue '{name}' in vhost '{vhost}'"
        ))),
        QueueType::Quorum if queue.settings.single_active_consumer => Err(AmqpError::resource_locked(format_args!(
            "cannot obtain access to locked queue '{name}' in vhost '{vhost}'. basic.get operations are not supported \
             by <<\"quorum\">> queues with single active consumer"
        ))),
        _ => Ok(()),
    }
}
