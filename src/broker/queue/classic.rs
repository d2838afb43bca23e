//! Classic queues.
//!
//! Ready messages are delivered in order of arrival (within a priority); a requeued one returns to the place it
//! had. No message is ready while a consumer could take one. Limits look at ready messages only.
//! Source: `rabbit/src/rabbit_amqqueue_process.erl`, `rabbit_queue_consumers.erl`, `rabbit_variable_queue.erl`.

use std::cmp::Reverse;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::priority::PriorityLevels;
use super::{Effect, Gotten, Handover, MAX_PASSED_OVER, Settlement, Taken, Turn};
use crate::broker::backlog::Backlog;
use crate::broker::consumer::{Consumer, Rotation};
use crate::broker::event::{ConsumerRef, DropRule, PassedOver, PassedOverReason, ReturnReason};
use crate::broker::message::{Counts, DeathReason, Entry, Message};
use crate::broker::name::{ChannelId, ConsumerId, CopyId};
use crate::broker::ordered::{OrderedMap, sort_by_key};
use crate::broker::settings::{Overflow, Settings};

/// A classic queue's messages and consumers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Classic {
    ready: PriorityLevels,
    unacked: Backlog<CopyId, Unacked>,
    consumers: OrderedMap<ConsumerId, Attached>,
    /// Consumers that may be asked. One found without credit leaves, and is back when it has some.
    rotation: Rotation<ConsumerId>,
    /// The single active consumer, where the queue has one.
    active: Option<ConsumerId>,
    /// When the head of a queue with priorities is looked at for expiry; see [`Classic::watch`].
    watch_ms: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Attached {
    consumer: Consumer,
    unacked: u64,
    blocked: bool,
}

impl Attached {
    fn has_credit(&self) -> bool {
        self.consumer.no_ack || self.consumer.prefetch == 0 || self.unacked < u64::from(self.consumer.prefetch)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Unacked {
    entry: Entry,
    channel: ChannelId,
    consumer: Option<ConsumerId>,
}

impl Classic {
    pub fn ready(&self) -> u64 {
        self.ready.len()
    }

    pub fn ready_bytes(&self) -> u64 {
        self.ready.bytes()
    }

    pub fn unacked(&self) -> u64 {
        self.unacked.len() as u64
    }

    pub fn consumers(&self) -> impl Iterator<Item = &Consumer> {
        self.consumers.values().map(|attached| &attached.consumer)
    }

    pub fn active(&self) -> Option<ConsumerId> {
        self.active
    }

    pub fn held_by(&self, consumer: ConsumerId) -> u64 {
        self.consumers.get(&consumer).map_or(0, |attached| attached.unacked)
    }

    /// Whether the channel consumes here, or holds a message.
    pub fn knows(&self, channel: ChannelId) -> bool {
        self.consumers().any(|consumer| consumer.channel == channel)
            || self.unacked.values().any(|unacked| unacked.channel == channel)
    }

    pub fn ready_entries(&self) -> impl Iterator<Item = &Entry> {
        self.ready.iter()
    }

    pub fn unacked_entries(&self) -> Vec<(&Entry, Option<ConsumerRef>)> {
        let holder = |unacked: &Unacked| {
            let attached = self.consumers.get(&unacked.consumer?)?;
            Some(attached.consumer.reference())
        };
        self.unacked.values().map(|unacked| (&unacked.entry, holder(unacked))).collect()
    }

    pub fn held_message(&self, handle: u64) -> Option<Rc<Message>> {
        self.unacked.get(&CopyId(handle)).map(|unacked| unacked.entry.message.clone())
    }

    pub fn next_expiry_ms(&self, settings: &Settings) -> Option<u64> {
        let head = self.ready.head()?;
        match settings.max_priority {
            Some(_) => self.watch_ms,
            None => Some(head.expires_ms).filter(|&ms| ms != Entry::NEVER),
        }
    }

    /// Order of work: `rabbit_amqqueue_process.erl maybe_deliver_or_enqueue/3`, `deliver_or_enqueue/3`.
    pub fn publish(&mut self, settings: &Settings, entry: Entry, turn: &mut Turn) -> Taken {
        if settings.overflow != Overflow::DropHead && self.would_overflow(settings, &entry) {
            turn.effects.push(Effect::Refused { message: entry.message.clone(), rule: DropRule::RejectPublish });
            if settings.overflow == Overflow::RejectPublishDlx && settings.dead_letter_exchange.is_some() {
                turn.effects.push(Effect::Dead { entry, reason: DeathReason::Maxlen });
            }
            return Taken::Refused;
        }
        let (copy, message) = (entry.id, entry.message.clone());
        if let Some(consumer) = self.next_consumer(settings, turn) {
            turn.effects.push(Effect::Enqueued { copy, message, position: 0 });
            // A direct hand-over is never a redelivery, whatever earlier queues counted.
            self.deliver(consumer, entry, false, turn);
            return Taken::Accepted;
        }
        let level = level_of(settings, &message);
        let position = if turn.recording { self.ready.position(level, copy) } else { 0 };
        let explained = turn.recording.then(|| message.clone());
        turn.effects.push(Effect::Enqueued { copy, message, position });
        if settings.message_ttl_ms == Some(0) && settings.dead_letter_exchange.is_none() {
            turn.effects.push(dropped(entry, DropRule::Expired));
            return Taken::Accepted;
        }
        self.ready.push(level, entry);
        // A message of a higher priority becomes the head of a queue that is not empty, and nobody looks.
        if self.drop_over_limit(settings, turn) || self.ready.len() == 1 {
            self.drop_expired(settings, turn);
        }
        self.explain_wait(settings, copy, explained, turn);
        Taken::Accepted
    }

    fn would_overflow(&self, settings: &Settings, entry: &Entry) -> bool {
        settings.max_length.is_some_and(|max| self.ready.len() + 1 > max)
            || settings.max_length_bytes.is_some_and(|max| self.ready.bytes() + entry.bytes() > max)
    }

    fn is_over_limit(&self, settings: &Settings) -> bool {
        settings.max_length.is_some_and(|max| self.ready.len() > max)
            || settings.max_length_bytes.is_some_and(|max| self.ready.bytes() > max)
    }

    /// Answers whether anything was dropped.
    fn drop_over_limit(&mut self, settings: &Settings, turn: &mut Turn) -> bool {
        settings.overflow == Overflow::DropHead && self.trim(settings, turn)
    }

    fn trim(&mut self, settings: &Settings, turn: &mut Turn) -> bool {
        let mut dropped = false;
        while self.is_over_limit(settings) {
            let Some(entry) = self.ready.pop() else { break };
            turn.effects.push(die(settings, entry, DeathReason::Maxlen));
            dropped = true;
        }
        dropped
    }

    fn drop_expired(&mut self, settings: &Settings, turn: &mut Turn) {
        while self.ready.head().is_some_and(|entry| entry.is_expired(turn.now_ms)) {
            let Some(entry) = self.ready.pop() else { break };
            turn.effects.push(die(settings, entry, DeathReason::Expired));
        }
        self.watch(turn);
    }

    /// Before a message is taken, RabbitMQ does not look whether it expired; but a timer that is due has fired.
    fn drop_expired_if_due(&mut self, settings: &Settings, turn: &mut Turn) {
        if self.next_expiry_ms(settings).is_some_and(|ms| ms <= turn.now_ms) {
            self.drop_expired(settings, turn);
        }
    }

    /// Sets the one timer there is to the expiry of the head, unless it fires earlier anyway. This happens where
    /// expired messages are dropped and nowhere else, so a message of a higher priority that gets before the head
    /// is not watched until something else makes the queue look.
    /// Source: `rabbit_amqqueue_process.erl deliver_or_enqueue/3, drop_expired_msgs/2, ensure_ttl_timer/2`.
    fn watch(&mut self, turn: &Turn) {
        let Some(head) = self.ready.head().filter(|head| head.expires_ms != Entry::NEVER) else { return };
        if self.watch_ms.is_none_or(|ms| ms <= turn.now_ms || head.expires_ms < ms) {
            self.watch_ms = Some(head.expires_ms);
        }
    }

    /// The consumer whose turn it is. Those without credit that stand before it leave the rotation.
    fn next_consumer(&mut self, settings: &Settings, _turn: &mut Turn) -> Option<ConsumerId> {
        if settings.single_active_consumer {
            return self.active.filter(|id| self.consumers.get(id).is_some_and(Attached::has_credit));
        }
        while let Some(id) = self.rotation.front() {
            let attached = self.consumers.get_mut(id)?;
            if attached.has_credit() {
                return Some(*id);
            }
            attached.blocked = true;
            self.rotation.pop();
        }
        None
    }

    fn deliver(&mut self, id: ConsumerId, mut entry: Entry, redelivered: bool, turn: &mut Turn) {
        let passed_over = if turn.recording { self.passed_over(Some(id)) } else { Vec::new() };
        let Some(attached) = self.consumers.get_mut(&id) else { return };
        if self.active.is_none() {
            self.rotation.rotate();
        }
        let consumer = &attached.consumer;
        turn.effects.push(Effect::Deliver(Handover {
            consumer: id,
            channel: consumer.channel,
            tag: consumer.tag.clone(),
            message: entry.message.clone(),
            copy: entry.id,
            handle: entry.id.0,
            redelivered,
            counts: Counts::default(),
            ack: !consumer.no_ack,
            passed_over,
        }));
        if !consumer.no_ack {
            let channel = consumer.channel;
            attached.unacked += 1;
            entry.acquired = Some(1);
            self.unacked.insert(entry.id, Unacked { entry, channel, consumer: Some(id) });
        }
    }

    fn run(&mut self, settings: &Settings, turn: &mut Turn) {
        self.drop_expired_if_due(settings, turn);
        while self.ready.len() > 0 {
            let Some(id) = self.next_consumer(settings, turn) else { return };
            let Some(entry) = self.ready.pop() else { return };
            let redelivered = is_redelivered(&entry);
            self.deliver(id, entry, redelivered, turn);
            self.drop_expired(settings, turn);
        }
    }

    pub fn consume(&mut self, settings: &Settings, consumer: Consumer, turn: &mut Turn) {
        let id = consumer.id;
        if settings.single_active_consumer && self.active.is_none() {
            self.active = Some(id);
            turn.effects.push(Effect::ActiveChanged { consumer: Some(consumer.reference()) });
        }
        self.rotation.push(consumer.priority, id);
        self.consumers.insert(id, Attached { consumer, unacked: 0, blocked: false });
        self.run(settings, turn);
    }

    pub fn cancel(&mut self, settings: &Settings, id: ConsumerId, turn: &mut Turn) {
        self.consumers.remove(&id);
        self.rotation.remove(&id);
        for unacked in self.unacked.values_mut().filter(|unacked| unacked.consumer == Some(id)) {
            unacked.consumer = None;
        }
        self.elect(settings, turn);
        self.drop_over_limit(settings, turn);
        self.drop_expired(settings, turn);
        self.run(settings, turn);
    }

    /// If the single active consumer is gone, the front of the highest priority takes over.
    fn elect(&mut self, settings: &Settings, turn: &mut Turn) {
        let gone = self.active.is_some_and(|id| !self.consumers.contains_key(&id));
        if !settings.single_active_consumer || !gone {
            return;
        }
        self.active = self.rotation.front().copied();
        let consumer = self.active.and_then(|id| self.consumers.get(&id)).map(|attached| attached.consumer.reference());
        turn.effects.push(Effect::ActiveChanged { consumer });
    }

    pub fn get(&mut self, settings: &Settings, channel: ChannelId, no_ack: bool, turn: &mut Turn) -> Option<Gotten> {
        self.drop_expired_if_due(settings, turn);
        let mut entry = self.ready.pop()?;
        let redelivered = is_redelivered(&entry);
        let (message, copy) = (entry.message.clone(), entry.id);
        if !no_ack {
            entry.acquired = Some(1);
            self.unacked.insert(copy, Unacked { entry, channel, consumer: None });
        }
        self.drop_expired(settings, turn);
        let counts = Counts::default();
        Some(Gotten { message, copy, handle: copy.0, redelivered, counts, ready_left: self.ready.len() })
    }

    pub fn settle(&mut self, settings: &Settings, handles: &[u64], settlement: Settlement, turn: &mut Turn) {
        let mut unblocked = false;
        let mut entries = Vec::new();
        for handle in handles {
            let Some(unacked) = self.unacked.remove(&CopyId(*handle)) else { continue };
            unblocked |= self.return_credit(unacked.consumer);
            if settlement != Settlement::Ack {
                entries.push(unacked.entry);
            }
        }
        match settlement {
            Settlement::Ack => {}
            Settlement::Discard { failed } => {
                // The highest priority first. Source: `rabbit_priority_queue.erl ackfold/5`.
                sort_by_key(&mut entries, |entry| Reverse(level_of(settings, &entry.message)));
                for mut entry in entries {
                    count_failure(&mut entry, failed);
                    turn.effects.push(die(settings, entry, DeathReason::Rejected));
                }
            }
            Settlement::Requeue { failed, why } => {
                self.requeue(settings, entries, failed, why, turn);
                unblocked = true;
            }
        }
        if unblocked {
            self.run(settings, turn);
        }
    }

    /// Answers whether a consumer is back in the rotation.
    fn return_credit(&mut self, consumer: Option<ConsumerId>) -> bool {
        let Some(attached) = consumer.and_then(|id| self.consumers.get_mut(&id)) else { return false };
        attached.unacked = attached.unacked.saturating_sub(1);
        if attached.blocked {
            attached.blocked = false;
            self.rotation.push(attached.consumer.priority, attached.consumer.id);
            return true;
        }
        // The single active consumer is not in a rotation: it may have been full.
        self.active.is_some()
    }

    fn requeue(&mut self, settings: &Settings, entries: Vec<Entry>, failed: bool, why: ReturnReason, turn: &mut Turn) {
        for mut entry in entries {
            count_failure(&mut entry, failed);
            let level = level_of(settings, &entry.message);
            let (copy, message) = (entry.id, entry.message.clone());
            let position = if turn.recording { self.ready.position(level, copy) } else { 0 };
            self.ready.insert(level, entry);
            turn.effects.push(Effect::Requeued { copy, message, why, position });
        }
        self.drop_over_limit(settings, turn);
        self.drop_expired(settings, turn);
    }

    /// The consumers of an ended channel go before what it held comes back, so that an auto-delete queue dies first.
    pub fn remove_consumers_of(
        &mut self,
        settings: &Settings,
        channel: ChannelId,
        turn: &mut Turn,
    ) -> Vec<ConsumerRef> {
        let gone: Vec<ConsumerId> =
            self.consumers().filter(|consumer| consumer.channel == channel).map(|consumer| consumer.id).collect();
        let mut removed = Vec::new();
        for id in gone {
            self.rotation.remove(&id);
            removed.extend(self.consumers.remove(&id).map(|attached| attached.consumer.reference()));
        }
        self.elect(settings, turn);
        removed
    }

    pub fn channel_down(&mut self, settings: &Settings, channel: ChannelId, why: ReturnReason, turn: &mut Turn) {
        let held: Vec<CopyId> =
            self.unacked.iter().filter(|(_, unacked)| unacked.channel == channel).map(|(id, _)| *id).collect();
        let entries = held.iter().filter_map(|id| self.unacked.remove(id)).map(|unacked| unacked.entry).collect();
        self.requeue(settings, entries, true, why, turn);
        self.run(settings, turn);
    }

    pub fn purge(&mut self, turn: &mut Turn) -> u64 {
        let entries = self.ready.drain();
        let count = entries.len() as u64;
        turn.effects.extend(entries.into_iter().map(|entry| dropped(entry, DropRule::Purged)));
        count
    }

    /// New limits are in force before a new overflow behaviour, so under the old `drop-head` they trim once more.
    /// Source: `rabbit_amqqueue_process.erl process_args_policy/1`.
    pub fn reconfigured(&mut self, settings: &Settings, old: &Settings, turn: &mut Turn) {
        if old.overflow == Overflow::DropHead || settings.overflow == Overflow::DropHead {
            self.trim(settings, turn);
        }
        self.watch_ms = None;
        self.drop_expired(settings, turn);
    }

    pub fn expire(&mut self, settings: &Settings, turn: &mut Turn) {
        self.watch_ms = None;
        self.drop_expired(settings, turn);
    }

    /// Transient messages do not survive; after a crash the broker cannot tell what had been delivered.
    /// Source: `rabbit_variable_queue.erl`, `redeliver_seq_id`.
    pub fn restart(&mut self, crash: bool, turn: &mut Turn) {
        self.ready.retain(|entry| {
            let keep = entry.message.properties.is_persistent();
            if !keep {
                let (copy, message) = (entry.id, entry.message.clone());
                turn.effects.push(Effect::Dropped { copy, message, rule: DropRule::Restart });
            }
            if crash {
                entry.acquired = Some(1);
            }
            keep
        });
        self.watch_ms = None;
        self.watch(turn);
    }

    fn explain_wait(&self, settings: &Settings, copy: CopyId, message: Option<Rc<Message>>, turn: &mut Turn) {
        let Some(message) = message.filter(|_| !self.consumers.is_empty()) else { return };
        let level = level_of(settings, &message);
        if self.ready.contains(level, copy) {
            turn.effects.push(Effect::Waits { copy, message, passed_over: self.passed_over(None) });
        }
    }

    /// Why each of the other consumers does not get the message that `chosen` (or nobody) gets.
    fn passed_over(&self, chosen: Option<ConsumerId>) -> Vec<PassedOver> {
        let priority = chosen.and_then(|id| self.consumers.get(&id)).map(|attached| attached.consumer.priority);
        let reason = |attached: &Attached| {
            let consumer = &attached.consumer;
            if self.active.is_some_and(|active| active != consumer.id) {
                PassedOverReason::NotActive
            } else if !attached.has_credit() {
                PassedOverReason::PrefetchFull { unacked: attached.unacked, prefetch: consumer.prefetch }
            } else if priority.is_some_and(|priority| consumer.priority < priority) {
                PassedOverReason::LowerPriority { priority: consumer.priority }
            } else {
                PassedOverReason::LaterTurn
            }
        };
        let others = self.consumers.values().filter(|attached| Some(attached.consumer.id) != chosen);
        others
            .take(MAX_PASSED_OVER)
            .map(|attached| PassedOver { consumer: attached.consumer.reference(), why: reason(attached) })
            .collect()
    }
}

/// Whether a message from the ready list is delivered as redelivered.
fn is_redelivered(entry: &Entry) -> bool {
    entry.acquired.is_some() || entry.delivery_count.is_some()
}

fn count_failure(entry: &mut Entry, failed: bool) {
    if failed {
        entry.delivery_count = Some(entry.delivery_count.unwrap_or(0) + 1);
    }
}

/// 0 to x-max-priority; without that, all messages are equal.
fn level_of(settings: &Settings, message: &Message) -> u8 {
    settings.max_priority.map_or(0, |max| message.priority().unwrap_or(0).min(max))
}

fn dropped(entry: Entry, rule: DropRule) -> Effect {
    Effect::Dropped { copy: entry.id, message: entry.message, rule }
}

/// To the dead letter exchange, where there is one.
pub(super) fn die(settings: &Settings, entry: Entry, reason: DeathReason) -> Effect {
    if settings.dead_letter_exchange.is_some() {
        return Effect::Dead { entry, reason };
    }
    let rule = match reason {
        DeathReason::Rejected => DropRule::Rejected,
        DeathReason::Expired => DropRule::Expired,
        DeathReason::Maxlen => DropRule::MaxLength,
        DeathReason::DeliveryLimit => DropRule::DeliveryLimit,
    };
    dropped(entry, rule)
}
