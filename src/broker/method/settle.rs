//! basic.ack, basic.nack, basic.reject, basic.recover.
//!
//! A settlement of several deliveries is done group by group, a group being one consumer's on one queue.
//! Source: `rabbit/src/rabbit_channel.erl`, `foreach_per_queue/3`.

use super::Outcome;
use crate::broker::Broker;
use crate::broker::channel::Unacked;
use crate::broker::command::Reply;
use crate::broker::error::AmqpError;
use crate::broker::event::{ChannelSetting, CopyRef, EventKind, ReturnReason, Sink};
use crate::broker::name::{ChannelId, Name, QueueId};
use crate::broker::ordered::OrderedMap;
use crate::broker::queue::Settlement;
use crate::broker::settings::QueueType;
use crate::broker::step::Step;

/// By queue name, then gets, then consumers by tag. But what the queues send in answer comes in the order of
/// [`latency`], whatever their names.
type Groups = OrderedMap<(u8, Name, Option<Name>), Vec<Unacked>>;

/// A stream is read by the channel itself, a classic queue is a process that answers at once, and a quorum queue
/// writes to its log before it does anything.
fn latency(kind: QueueType) -> u8 {
    match kind {
        QueueType::Stream => 0,
        QueueType::Classic => 1,
        QueueType::Quorum => 2,
    }
}

impl Broker {
    pub(super) fn basic_ack<S: Sink>(
        &mut self,
        id: ChannelId,
        tag: u64,
        multiple: bool,
        step: &mut Step<S>,
    ) -> Outcome {
        self.settle(id, tag, multiple, Settlement::Ack, step)
    }

    pub(super) fn basic_nack<S: Sink>(
        &mut self,
        id: ChannelId,
        tag: u64,
        multiple: bool,
        requeue: bool,
        step: &mut Step<S>,
    ) -> Outcome {
        let settlement = match requeue {
            true => Settlement::Requeue { failed: false, why: ReturnReason::Nack },
            false => Settlement::Discard { failed: false },
        };
        self.settle(id, tag, multiple, settlement, step)
    }

    pub(super) fn basic_reject<S: Sink>(
        &mut self,
        id: ChannelId,
        tag: u64,
        requeue: bool,
        step: &mut Step<S>,
    ) -> Outcome {
        let settlement = match requeue {
            true => Settlement::Requeue { failed: true, why: ReturnReason::Reject },
            false => Settlement::Discard { failed: true },
        };
        self.settle(id, tag, false, settlement, step)
    }

    fn settle<S: Sink>(
        &mut self,
        id: ChannelId,
        tag: u64,
        multiple: bool,
        settlement: Settlement,
        step: &mut Step<S>,
    ) -> Outcome {
        let unknown = || AmqpError::precondition_failed(format_args!("unknown delivery tag {tag}"));
        let Some(channel) = self.channel_mut(id) else { return Ok(None) };
        if channel.transaction.is_none() && !multiple {
            let taken = channel.take_unacked(tag).ok_or_else(unknown)?;
            self.settle_group(id, taken.queue, &[taken], settlement, step);
            return Ok(None);
        }
        let taken = match multiple {
            true => channel.take_unacked_up_to(tag),
            false => channel.take_unacked(tag).map(|unacked| vec![unacked]),
        };
        let taken = taken.ok_or_else(unknown)?;
        if let Some(transaction) = &mut channel.transaction {
            transaction.settle(taken, settlement);
        } else {
            self.settle_now(id, taken, settlement, step);
        }
        Ok(None)
    }

    /// Settles deliveries, oldest first within a group.
    pub(super) fn settle_now<S: Sink>(
        &mut self,
        id: ChannelId,
        taken: Vec<Unacked>,
        settlement: Settlement,
        step: &mut Step<S>,
    ) {
        if let [only] = &taken[..] {
            self.settle_group(id, only.queue, &taken, settlement, step);
            return;
        }
        let mut groups = Groups::new();
        for unacked in taken {
            let Some(queue) = self.queues.get(&unacked.queue) else { continue };
            let key = (latency(queue.kind()), queue.resource.name.clone(), unacked.consumer_tag.clone());
            groups.entry(key).or_default().push(unacked);
        }
        for group in groups.into_values() {
            let Some(queue) = group.first().map(|unacked| unacked.queue) else { continue };
            self.settle_group(id, queue, &group, settlement, step);
        }
    }

    fn settle_group<S: Sink>(
        &mut self,
        id: ChannelId,
        queue: QueueId,
        group: &[Unacked],
        settlement: Settlement,
        step: &mut Step<S>,
    ) {
        if settlement == Settlement::Ack {
            for unacked in group {
                self.emit_acked(id, queue, unacked, step);
            }
        }
        // A group of gets has a holder each.
        let mut rest = group;
        while let Some(first) = rest.first() {
            let same = rest.iter().take_while(|unacked| unacked.consumer == first.consumer).count();
            let (now, later) = rest.split_at(same);
            if let [one] = now {
                self.turn(queue, step, |queue, turn| queue.settle(one.consumer, &[one.handle], settlement, turn));
            } else {
                let handles: Vec<u64> = now.iter().map(|unacked| unacked.handle).collect();
                self.turn(queue, step, |queue, turn| queue.settle(first.consumer, &handles, settlement, turn));
            }
            rest = later;
        }
    }

    /// Nothing is said where the message is not held any more (its queue was deleted, its time was up).
    fn emit_acked<S: Sink>(&self, id: ChannelId, queue: QueueId, unacked: &Unacked, step: &mut Step<S>) {
        let Some(queue) = self.queues.get(&queue) else { return };
        if let Some(message) = queue.held_message(unacked.consumer, unacked.handle) {
            let at = CopyRef { queue: queue.resource.clone(), copy: unacked.copy, message };
            step.emit_cause(|| EventKind::Acked { at, channel: id, delivery_tag: unacked.delivery_tag });
        }
    }

    pub(super) fn basic_recover<S: Sink>(&mut self, id: ChannelId, requeue: bool, step: &mut Step<S>) -> Outcome {
        if !requeue {
            return Err(AmqpError::not_implemented("requeue=false"));
        }
        let Some(channel) = self.channel_mut(id) else { return Ok(None) };
        let taken: Vec<Unacked> = channel.unacked.drain(..).collect();
        step.emit_cause(|| EventKind::ChannelSet { channel: id, setting: ChannelSetting::Recover });
        self.settle_now(id, taken, Settlement::Requeue { failed: false, why: ReturnReason::Recover }, step);
        Ok(Some(Reply::Ok))
    }
}
