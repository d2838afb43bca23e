//! Quorum queues.
//!
//! Messages that came back are served before all others, whatever their priority; then the oldest of the highest
//! priority level. Every command ends alike: expire, deliver what can be delivered, see to the length limit.
//! Source: `rabbit/src/rabbit_fifo.erl` (state machine version 8), `rabbit_fifo_client.erl`.

use std::collections::VecDeque;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::classic::die;
use super::priority::PriorityLevels;
use super::quorum_consumers::{Attached, Consumers, Key, Status};
use super::{Effect, Gotten, Handover, Publisher, Settlement, Taken, Turn};
use crate::broker::consumer::Consumer;
use crate::broker::event::{ConsumerRef, DropRule, ReturnReason};
use crate::broker::message::{Counts, DeathReason, Entry, Message};
use crate::broker::name::{ChannelId, ConsumerId, CopyId, Name};
use crate::broker::ordered::{sort_by, sort_by_key};
use crate::broker::settings::{DelayedRetryType, Overflow, Settings};

/// Priorities above this are this.
const MAX_PRIORITY: u8 = 31;
/// The level of a message without a priority.
const DEFAULT_PRIORITY: u8 = 4;

/// A quorum queue's messages and consumers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Quorum {
    ready: PriorityLevels,
    returns: VecDeque<Entry>,
    /// By the moment they are ready again, then by age.
    delayed: Vec<(u64, Entry)>,
    /// At-least-once dead letters whose targets have not taken them.
    held: Vec<HeldLetter>,
    retry_ms: Option<u64>,
    consumers: Consumers,
    /// Who published here, and whether they were told to stop.
    publishers: Vec<(Publisher, bool)>,
    /// Body and properties of all that is ready, returned or delayed.
    stored_bytes: u64,
    used_ms: u64,
}

/// An at-least-once dead letter that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct HeldLetter {
    entry: Entry,
    reason: DeathReason,
    /// Whether there was a queue to give it to.
    published: bool,
}

impl Quorum {
    pub fn ready(&self) -> u64 {
        self.ready.len() + self.returns.len() as u64
    }

    pub fn ready_bytes(&self) -> u64 {
        self.ready.bytes() + self.returns.iter().map(Entry::bytes).sum::<u64>()
    }

    pub fn unacked(&self) -> u64 {
        self.consumers.attached().iter().map(|attached| attached.held.len() as u64).sum()
    }

    pub fn delayed_count(&self) -> u64 {
        self.delayed.len() as u64
    }

    pub fn held_count(&self) -> u64 {
        self.held.len() as u64
    }

    pub fn stat_consumers(&self) -> u64 {
        self.consumers.attached().len() as u64
    }

    pub fn in_use(&self) -> bool {
        !self.consumers.attached().is_empty()
    }

    pub fn used_ms(&self) -> u64 {
        self.used_ms
    }

    pub fn consumers(&self) -> Vec<&Consumer> {
        let all = self.consumers.attached().iter().chain(self.consumers.waiting());
        let mut consumers: Vec<&Consumer> =
            all.filter(|a| !a.is_get() && a.status != Status::Cancelled).map(|a| &a.consumer).collect();
        sort_by_key(&mut consumers, |consumer| consumer.id);
        consumers
    }

    /// The consumer that a channel cancelled under this tag, while it still holds messages.
    pub fn cancelled(&self, channel: ChannelId, tag: &Name) -> Option<ConsumerId> {
        let same = |a: &&Attached| !a.is_get() && a.consumer.channel == channel && a.consumer.tag == *tag;
        self.consumers.attached().iter().find(same).map(|attached| attached.consumer.id)
    }

    pub fn consumers_of(&self, channel: ChannelId) -> Vec<ConsumerRef> {
        self.consumers().into_iter().filter(|consumer| consumer.channel == channel).map(Consumer::reference).collect()
    }

    pub fn active(&self) -> Option<&Consumer> {
        self.consumers.active().map(|attached| &attached.consumer)
    }

    pub fn held_by(&self, consumer: ConsumerId) -> u64 {
        let found = self.consumers.attached().iter().find(|attached| attached.consumer.id == consumer);
        found.map_or(0, |attached| attached.held.len() as u64)
    }

    pub fn ready_entries(&self) -> impl Iterator<Item = &Entry> {
        self.returns.iter().chain(self.ready.iter())
    }

    pub fn unacked_entries(&self) -> Vec<(&Entry, Option<ConsumerRef>)> {
        let of = |attached: &'_ Attached| (!attached.is_get()).then(|| attached.consumer.reference());
        let mut all: Vec<_> = self
            .consumers
            .attached()
            .iter()
            .flat_map(|attached| attached.held.values().map(move |held| (&held.entry, of(attached))))
            .collect();
        sort_by_key(&mut all, |(entry, _)| entry.id);
        all
    }

    pub fn held_message(&self, consumer: ConsumerId, handle: u64) -> Option<Rc<Message>> {
        let attached = self.consumers.attached().iter().find(|attached| attached.consumer.id == consumer)?;
        attached.held.get(&handle).map(|held| held.entry.message.clone())
    }

    /// Delayed messages and held dead letters.
    pub fn set_aside(&self) -> Vec<(CopyId, Rc<Message>)> {
        let delayed = self.delayed.iter().map(|(_, entry)| entry);
        let held = self.held.iter().map(|letter| &letter.entry);
        delayed.chain(held).map(|entry| (entry.id, entry.message.clone())).collect()
    }

    pub fn next_expiry_ms(&self) -> Option<u64> {
        let heads = self.returns.front().into_iter().chain(self.ready.heads()).map(|entry| entry.expires_ms);
        let delayed = self.delayed.first().map(|(ready_ms, _)| *ready_ms);
        heads.chain(delayed).min().filter(|&ms| ms != Entry::NEVER)
    }

    /// A consumer's deliveries have deadlines in the order of delivery, so its first is its earliest.
    pub fn next_consumer_timeout_ms(&self) -> Option<u64> {
        let first = |attached: &Attached| attached.held.values().next().map(|held| held.deadline_ms);
        self.consumers.attached().iter().filter_map(first).min()
    }

    pub fn next_retry_ms(&self) -> Option<u64> {
        self.retry_ms
    }

    pub fn publish(
        &mut self,
        settings: &Settings,
        mut entry: Entry,
        publisher: Option<Publisher>,
        turn: &mut Turn,
    ) -> Taken {
        if publisher.is_some_and(|publisher| self.is_stopped(settings, publisher)) {
            turn.effects.push(Effect::Refused { message: entry.message, rule: DropRule::RejectPublish });
            return Taken::Refused;
        }
        let was_low = self.is_below_soft_limit(settings);
        // A TTL of 0 gives the message the millisecond in which it arrives.
        entry.expires_ms = entry.expires_ms.max(turn.now_ms + 1);
        let (copy, message, level) = (entry.id, entry.message.clone(), level_of(&entry));
        let position = if turn.recording { self.returns.len() as u64 + self.ready.position(level, copy) } else { 0 };
        self.stored_bytes += stored_bytes(&entry);
        self.ready.push(level, entry);
        let explained = turn.recording.then(|| message.clone());
        turn.effects.push(Effect::Enqueued { copy, message, position });
        self.checkout(settings, was_low, turn);
        if let Some(message) = explained.filter(|_| self.ready.contains(level, copy)) {
            let passed_over = self.consumers.passed_over(None);
            if !passed_over.is_empty() {
                turn.effects.push(Effect::Waits { copy, message, passed_over });
            }
        }
        Taken::Accepted
    }

    /// Whether a publisher was told to stop. One that publishes for the first time asks.
    fn is_stopped(&mut self, settings: &Settings, publisher: Publisher) -> bool {
        if let Some((_, stopped)) = self.publishers.iter().find(|(other, _)| *other == publisher) {
            return *stopped;
        }
        let stopped = settings.overflow == Overflow::RejectPublish && self.is_over_limit(settings);
        self.publishers.push((publisher, stopped));
        stopped
    }

    fn limited_count(&self) -> u64 {
        self.ready() + self.delayed_count() + self.held_count()
    }

    fn limited_bytes(&self) -> u64 {
        self.stored_bytes + self.held.iter().map(|letter| stored_bytes(&letter.entry)).sum::<u64>()
    }

    fn is_over_limit(&self, settings: &Settings) -> bool {
        settings.max_length.is_some_and(|max| self.limited_count() > max)
            || settings.max_length_bytes.is_some_and(|max| self.limited_bytes() > max)
    }

    /// At 80 % of the limit publishers may go on.
    fn is_below_soft_limit(&self, settings: &Settings) -> bool {
        if settings.max_length.is_none() && settings.max_length_bytes.is_none() {
            return false;
        }
        let low = |max: u64| (u128::from(max) * 8 / 10) as u64;
        settings.max_length.is_none_or(|max| self.limited_count() <= low(max))
            && settings.max_length_bytes.is_none_or(|max| self.limited_bytes() <= low(max))
    }

    /// The end of every command. `was_low`: whether the queue was below its soft limit before it.
    fn checkout(&mut self, settings: &Settings, was_low: bool, turn: &mut Turn) {
        let mut handed: Vec<(Key, Effect)> = Vec::new();
        loop {
            self.expire_if_head_is(settings, turn);
            if self.ready() == 0 {
                break;
            }
            let Some(key) = self.consumers.next() else { break };
            let Some(entry) = self.take_next() else { break };
            if let Some(handover) = self.hand_over(&key, entry, turn) {
                handed.push((key, handover));
            }
        }
        // All deliveries of one command to one consumer travel together.
        sort_by(&mut handed, |(a, _), (b, _)| a.cmp(b));
        for same in handed.chunk_by(|(a, _), (b, _)| a == b) {
            turn.effects.extend(self.automatic_settlement(same));
        }
        turn.effects.extend(handed.into_iter().map(|(_, effect)| effect));
        self.see_to_limit(settings, was_low, turn);
    }

    /// The channel settles what it delivered without acknowledgement, when it has delivered it. Until then the
    /// consumer has that much less credit.
    /// Source: `rabbit_fifo_client.erl maybe_auto_ack/3`.
    fn automatic_settlement(&self, handed: &[(Key, Effect)]) -> Option<Effect> {
        let (key, _) = handed.first()?;
        let consumer = &self.consumers.get(key).filter(|attached| attached.consumer.no_ack)?.consumer;
        Some(Effect::SettleDelivered { consumer: consumer.id, count: handed.len() as u64 })
    }

    pub fn settle_delivered(&mut self, settings: &Settings, id: ConsumerId, count: u64, turn: &mut Turn) {
        let was_low = self.is_below_soft_limit(settings);
        let Some(key) = self.consumers.key_of(id) else { return };
        if let Some(attached) = self.consumers.get_mut(&key) {
            attached.return_credit(count);
            self.consumers.settle_place(&key);
        }
        self.activate_next(settings, turn);
        self.checkout(settings, was_low, turn);
    }

    fn take_next(&mut self) -> Option<Entry> {
        let entry = self.returns.pop_front().or_else(|| self.ready.pop())?;
        self.stored_bytes -= stored_bytes(&entry);
        Some(entry)
    }

    fn hand_over(&mut self, key: &Key, entry: Entry, turn: &mut Turn) -> Option<Effect> {
        let passed_over = if turn.recording { self.consumers.passed_over(Some(key)) } else { Vec::new() };
        self.consumers.take_turn();
        let attached = self.consumers.get_mut(key)?;
        let counts = counts_of(&entry);
        let (message, copy) = (entry.message.clone(), entry.id);
        let consumer = &attached.consumer;
        let (id, channel, tag, no_ack) = (consumer.id, consumer.channel, consumer.tag.clone(), consumer.no_ack);
        let timeout_ms = consumer.timeout_ms.unwrap_or(u64::MAX);
        let handle = attached.hold(entry, turn.now_ms.saturating_add(timeout_ms));
        if no_ack {
            attached.held.remove(&handle);
        }
        self.consumers.settle_place(key);
        let redelivered = counts.acquired.is_some_and(|n| n > 0);
        let ack = !no_ack;
        let handover =
            Handover { consumer: id, channel, tag, message, copy, handle, redelivered, counts, ack, passed_over };
        Some(Effect::Deliver(handover))
    }

    fn see_to_limit(&mut self, settings: &Settings, was_low: bool, turn: &mut Turn) {
        match settings.overflow {
            Overflow::RejectPublish if self.is_over_limit(settings) => self.tell_publishers(true, turn),
            Overflow::RejectPublish => {
                if !was_low && self.is_below_soft_limit(settings) {
                    self.tell_publishers(false, turn);
                }
            }
            Overflow::DropHead | Overflow::RejectPublishDlx => {
                while self.is_over_limit(settings) {
                    let Some(entry) = self.take_next() else { return };
                    self.bury(settings, entry, DeathReason::Maxlen, turn);
                }
            }
        }
    }

    /// They hear of it when they are done with what they are at; the publishes of a transaction all go through.
    fn tell_publishers(&mut self, stop: bool, turn: &mut Turn) {
        if self.publishers.iter().any(|(_, stopped)| *stopped != stop) {
            turn.effects.push(Effect::TellPublishers { stop });
        }
    }

    pub fn publishers_told(&mut self, stop: bool) {
        for (_, stopped) in &mut self.publishers {
            *stopped = stop;
        }
    }

    /// A message is dead: it is dead-lettered at once, or, where that must not fail, kept until it is.
    fn bury(&mut self, settings: &Settings, entry: Entry, reason: DeathReason, turn: &mut Turn) {
        if settings.at_least_once && reason != DeathReason::Maxlen {
            turn.effects.push(Effect::Held { entry, reason });
        } else {
            turn.effects.push(die(settings, entry, reason));
        }
    }

    /// The broker could not hand a dead letter over.
    pub fn hold(&mut self, entry: Entry, reason: DeathReason, published: bool, retry_ms: u64) {
        self.held.push(HeldLetter { entry, reason, published });
        self.retry_ms.get_or_insert(retry_ms);
    }

    pub fn take_held(&mut self) -> Vec<(Entry, DeathReason)> {
        self.retry_ms = None;
        std::mem::take(&mut self.held).into_iter().map(|letter| (letter.entry, letter.reason)).collect()
    }

    /// Those that found no queue.
    fn take_unpublished(&mut self) -> Vec<HeldLetter> {
        let (published, unpublished): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.held).into_iter().partition(|letter| letter.published);
        self.held = published;
        if self.held.is_empty() {
            self.retry_ms = None;
        }
        unpublished
    }

    fn expire_if_head_is(&mut self, settings: &Settings, turn: &mut Turn) {
        let head = self.returns.front().or_else(|| self.ready.head());
        if head.is_some_and(|entry| entry.is_expired(turn.now_ms)) {
            self.expire_heads(settings, turn);
        }
    }

    fn expire_heads(&mut self, settings: &Settings, turn: &mut Turn) {
        let mut expired = Vec::new();
        while self.returns.front().is_some_and(|entry| entry.is_expired(turn.now_ms)) {
            expired.extend(self.returns.pop_front());
        }
        expired.extend(self.ready.take_expired_heads(turn.now_ms));
        for entry in expired {
            self.stored_bytes -= stored_bytes(&entry);
            self.bury(settings, entry, DeathReason::Expired, turn);
        }
    }

    pub fn expire(&mut self, settings: &Settings, turn: &mut Turn) {
        let was_low = self.is_below_soft_limit(settings);
        while self.delayed.first().is_some_and(|(ready_ms, _)| *ready_ms <= turn.now_ms) {
            let (_, entry) = self.delayed.remove(0);
            let (copy, message, position) = (entry.id, entry.message.clone(), self.returns.len() as u64);
            turn.effects.push(Effect::DelayEnded { copy, message, position });
            self.returns.push_back(entry);
        }
        self.expire_heads(settings, turn);
        self.checkout(settings, was_low, turn);
    }

    pub fn consume(&mut self, settings: &Settings, mut consumer: Consumer, turn: &mut Turn) {
        let was_low = self.is_below_soft_limit(settings);
        consumer.timeout_ms.get_or_insert(settings.consumer_timeout_ms);
        let key = Key::Consumer(consumer.id);
        let alone = !settings.single_active_consumer || self.consumers.active().is_none();
        if let Some(cancelled) = self.consumers.get_mut(&key).filter(|_| alone) {
            cancelled.resume(consumer);
            self.consumers.stand_in_line(&key);
            self.activate_next(settings, turn);
            self.checkout(settings, was_low, turn);
            return;
        }
        let attached = Attached::new(key.clone(), consumer);
        if settings.single_active_consumer {
            self.consumers.wait(attached);
        } else {
            self.consumers.insert(attached);
            self.consumers.stand_in_line(&key);
        }
        self.activate_next(settings, turn);
        self.checkout(settings, was_low, turn);
    }

    fn activate_next(&mut self, settings: &Settings, turn: &mut Turn) {
        if settings.single_active_consumer && self.consumers.activate_next() {
            let consumer = self.active().map(Consumer::reference);
            turn.effects.push(Effect::ActiveChanged { consumer });
        }
    }

    pub fn cancel(&mut self, settings: &Settings, id: ConsumerId, turn: &mut Turn) {
        let was_low = self.is_below_soft_limit(settings);
        let Some(key) = self.consumers.key_of(id) else { return };
        if let Some(attached) = self.consumers.get_mut(&key) {
            attached.status = Status::Cancelled;
            attached.credit = 0;
            if self.consumers.settle_place(&key) {
                self.used_ms = turn.now_ms;
            }
        } else {
            self.consumers.remove_waiting(&key);
        }
        self.activate_next(settings, turn);
        self.checkout(settings, was_low, turn);
    }

    pub fn get(
        &mut self,
        settings: &Settings,
        channel: ChannelId,
        id: ConsumerId,
        delivery_tag: u64,
        no_ack: bool,
        turn: &mut Turn,
    ) -> Option<Gotten> {
        let was_low = self.is_below_soft_limit(settings);
        self.used_ms = turn.now_ms;
        self.expire_if_head_is(settings, turn);
        let entry = self.take_next()?;
        let counts = counts_of(&entry);
        let (message, copy) = (entry.message.clone(), entry.id);
        let mut handle = 0;
        if no_ack {
            // It is settled at once, and a settlement looks at the next head.
            self.checkout(settings, was_low, turn);
        } else {
            let deadline_ms = turn.now_ms.saturating_add(settings.consumer_timeout_ms);
            let mut attached = getter(channel, id, delivery_tag);
            handle = attached.hold(entry, deadline_ms);
            self.consumers.insert(attached);
            self.see_to_limit(settings, was_low, turn);
        }
        let redelivered = counts.acquired.is_some_and(|n| n > 0);
        Some(Gotten { message, copy, handle, redelivered, counts, ready_left: self.ready() })
    }

    pub fn settle(
        &mut self,
        settings: &Settings,
        id: ConsumerId,
        handles: &[u64],
        settlement: Settlement,
        turn: &mut Turn,
    ) {
        let was_low = self.is_below_soft_limit(settings);
        let Some(key) = self.consumers.key_of(id) else { return };
        if let Some(attached) = self.consumers.get_mut(&key) {
            attached.forgive(handles);
            match settlement {
                Settlement::Ack => {}
                Settlement::Discard { failed } => self.discard(settings, &key, handles, failed, turn),
                Settlement::Requeue { failed, why } => self.give_back(settings, &key, handles, failed, why, turn),
            }
            self.complete(&key, handles, turn.now_ms);
        } else if let Some(attached) = self.consumers.waiting_mut(&key) {
            attached.forgive(handles);
            self.consumers.sort_waiting();
        }
        self.activate_next(settings, turn);
        self.checkout(settings, was_low, turn);
    }

    /// What is settled leaves its holder and gives credit.
    fn complete(&mut self, key: &Key, handles: &[u64], now_ms: u64) {
        if let Some(attached) = self.consumers.get_mut(key) {
            let settled = handles.iter().filter(|handle| attached.held.remove(handle).is_some()).count();
            attached.return_credit(settled as u64);
            if self.consumers.settle_place(key) {
                self.used_ms = now_ms;
            }
        }
    }

    fn discard(&mut self, settings: &Settings, key: &Key, handles: &[u64], failed: bool, turn: &mut Turn) {
        for handle in handles {
            let Some(attached) = self.consumers.get_mut(key) else { return };
            let Some(held) = attached.held.get(handle) else { continue };
            let mut entry = held.entry.clone();
            count_return(&mut entry, failed);
            self.bury(settings, entry, DeathReason::Rejected, turn);
        }
    }

    /// Source: `rabbit_fifo.erl return_one/8`.
    fn give_back(
        &mut self,
        settings: &Settings,
        key: &Key,
        handles: &[u64],
        failed: bool,
        why: ReturnReason,
        turn: &mut Turn,
    ) {
        for handle in handles {
            let Some(attached) = self.consumers.get_mut(key) else { return };
            let Some(held) = attached.held.get(handle) else { continue };
            let mut entry = held.entry.clone();
            count_return(&mut entry, failed);
            self.complete(key, &[*handle], turn.now_ms);
            let over = |limit| entry.delivery_count.is_some_and(|count| count > limit);
            if settings.delivery_limit.is_some_and(over) {
                self.bury(settings, entry, DeathReason::DeliveryLimit, turn);
                continue;
            }
            self.stored_bytes += stored_bytes(&entry);
            let (copy, message) = (entry.id, entry.message.clone());
            if let Some(until_ms) = delay_until_ms(settings, &entry, failed, turn.now_ms) {
                let index = self.delayed.partition_point(|(ms, other)| (*ms, other.id) < (until_ms, copy));
                self.delayed.insert(index, (until_ms, entry));
                turn.effects.push(Effect::Delayed { copy, message, why, until_ms });
            } else {
                let position = self.returns.len() as u64;
                self.returns.push_back(entry);
                turn.effects.push(Effect::Requeued { copy, message, why, position });
            }
        }
    }

    pub fn channel_down(&mut self, settings: &Settings, channel: ChannelId, why: ReturnReason, turn: &mut Turn) {
        let was_low = self.is_below_soft_limit(settings);
        self.publishers.retain(|(other, _)| *other != Publisher::Channel(channel));
        self.consumers.retain_waiting(|attached| attached.consumer.channel != channel);
        let of_channel = self.consumers.attached().iter().filter(|attached| attached.consumer.channel == channel);
        let keys: Vec<Key> = of_channel.map(|attached| attached.key.clone()).collect();
        if keys.is_empty()
            && !self.consumers.waiting().iter().any(|a| a.consumer.channel == channel)
            && self.ready() == 0
        {
            return;
        }
        for key in keys {
            let Some(attached) = self.consumers.get(&key) else { continue };
            let handles: Vec<u64> = attached.held.keys().copied().collect();
            self.give_back(settings, &key, &handles, true, why, turn);
            self.consumers.remove(&key);
            self.used_ms = turn.now_ms;
        }
        // One that was about to be replaced has nothing left now, and has joined those who wait. (RabbitMQ leaves it
        // there, and hands messages to nobody once its turn comes.)
        self.consumers.retain_waiting(|attached| attached.consumer.channel != channel);
        self.activate_next(settings, turn);
        self.checkout(settings, was_low, turn);
    }

    pub fn purge(&mut self, settings: &Settings, turn: &mut Turn) -> u64 {
        let was_low = self.is_below_soft_limit(settings);
        let returns = std::mem::take(&mut self.returns);
        let delayed = std::mem::take(&mut self.delayed).into_iter().map(|(_, entry)| entry);
        let held = self.take_held().into_iter().map(|(entry, _)| entry);
        let entries: Vec<Entry> = returns.into_iter().chain(self.ready.drain()).chain(delayed).chain(held).collect();
        self.stored_bytes = 0;
        let count = entries.len() as u64;
        let purged = |entry: Entry| Effect::Dropped { copy: entry.id, message: entry.message, rule: DropRule::Purged };
        turn.effects.extend(entries.into_iter().map(purged));
        self.see_to_limit(settings, was_low, turn);
        count
    }

    pub fn reconfigured(&mut self, settings: &Settings, old: &Settings, turn: &mut Turn) {
        let was_low = self.is_below_soft_limit(old);
        if settings.max_length.is_none() && settings.max_length_bytes.is_none() {
            self.tell_publishers(false, turn);
        }
        if old.at_least_once && !settings.at_least_once {
            for (entry, _) in self.take_held() {
                turn.effects.push(Effect::Dropped {
                    copy: entry.id,
                    message: entry.message,
                    rule: DropRule::NoDeadLetterExchange,
                });
            }
        }
        if old.at_least_once && settings.at_least_once {
            // There may be a way by now. Source: `rabbit_fifo_dlx_worker.erl`, event lookup_topology.
            let again = self.take_unpublished();
            let held = |HeldLetter { entry, reason, .. }| Effect::Held { entry, reason };
            turn.effects.extend(again.into_iter().map(held));
        }
        self.checkout(settings, was_low, turn);
    }

    /// Overdue deliveries come back; who held them gets nothing more until it settles them after all.
    /// Source: `rabbit_fifo.erl`, clause `{timeout, evaluate_consumer_timeout}`.
    pub fn time_out_consumers(&mut self, settings: &Settings, turn: &mut Turn) {
        let was_low = self.is_below_soft_limit(settings);
        let keys: Vec<Key> = self.consumers.attached().iter().map(|attached| attached.key.clone()).collect();
        for key in keys {
            let Some(attached) = self.consumers.get_mut(&key) else { continue };
            let overdue = attached.held.iter().filter(|(_, held)| held.deadline_ms <= turn.now_ms);
            let handles: Vec<u64> = overdue.map(|(handle, _)| *handle).collect();
            if handles.is_empty() {
                continue;
            }
            attached.timed_out.extend(&handles);
            let from_get = attached.is_get();
            let cancelled = attached.status == Status::Cancelled;
            turn.effects.push(Effect::TimedOut { consumer: attached.consumer.reference(), from_get, cancelled });
            self.give_back(settings, &key, &handles, false, ReturnReason::Timeout, turn);
        }
        if settings.single_active_consumer {
            self.consumers.demote_timed_out();
        }
        self.activate_next(settings, turn);
        self.checkout(settings, was_low, turn);
    }
}

fn getter(channel: ChannelId, id: ConsumerId, delivery_tag: u64) -> Attached {
    let key = Key::Get { delivery_tag: delivery_tag.to_string(), channel, id };
    let consumer = Consumer {
        id,
        channel,
        tag: Name::default(),
        no_ack: false,
        prefetch: 1,
        priority: 0,
        exclusive: false,
        timeout_ms: None,
        arguments: Default::default(),
    };
    Attached::new(key, consumer)
}

fn level_of(entry: &Entry) -> u8 {
    entry.message.priority().unwrap_or(DEFAULT_PRIORITY).min(MAX_PRIORITY)
}

fn stored_bytes(entry: &Entry) -> u64 {
    entry.bytes() + entry.message.properties.encoded_bytes()
}

fn count_return(entry: &mut Entry, failed: bool) {
    entry.acquired = Some(entry.acquired.unwrap_or(0) + 1);
    if failed {
        entry.delivery_count = Some(entry.delivery_count.unwrap_or(0) + 1);
    }
}

/// A message that another queue counted failures of counts as acquired as often.
/// Source: `rabbit_fifo_client.erl add_delivery_count_header/2`.
fn counts_of(entry: &Entry) -> Counts {
    Counts { acquired: entry.acquired.or(entry.delivery_count), delivery: entry.delivery_count, stream_offset: None }
}

/// Source: `rabbit_fifo.erl should_delay0/4`, `calculate_ready_at/4`.
fn delay_until_ms(settings: &Settings, entry: &Entry, failed: bool, now_ms: u64) -> Option<u64> {
    let retry = settings.delayed_retry?;
    let waits = match retry.kind {
        DelayedRetryType::All => true,
        DelayedRetryType::Failed => failed,
        DelayedRetryType::Returned => !failed,
    };
    let count = u64::from(entry.delivery_count.unwrap_or(1).max(1));
    waits.then(|| now_ms.saturating_add(retry.min_ms.saturating_mul(count).min(retry.max_ms)))
}
