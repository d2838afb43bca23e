//! A quorum queue's consumers: who is served, who waits to be the single active one, who is in trouble.
//!
//! A consumer is in `attached` (it may hold messages), or in `waiting` (single active consumer: it holds none).
//! A basic.get that is not yet settled is attached too, as a consumer that takes one message and leaves.
//! Source: `rabbit/src/rabbit_fifo.erl`.

use serde::{Deserialize, Serialize};

use super::MAX_PASSED_OVER;
use crate::broker::backlog::Backlog;
use crate::broker::consumer::{Consumer, Rotation};
use crate::broker::event::{PassedOver, PassedOverReason};
use crate::broker::message::Entry;
use crate::broker::name::{ChannelId, ConsumerId};
use crate::broker::ordered::sort_by;

/// Order of attachment; gets come after consumers, in the order of their delivery tags written out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Key {
    Consumer(ConsumerId),
    Get { delivery_tag: String, channel: ChannelId, id: ConsumerId },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Status {
    /// Gets messages as long as it has credit.
    Up,
    /// Another one takes its place when it holds nothing any more.
    Quiescing,
    /// It left; what it holds stays with its channel.
    Cancelled,
}

/// A message that a consumer holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Held {
    pub entry: Entry,
    pub deadline_ms: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Attached {
    pub key: Key,
    pub consumer: Consumer,
    pub status: Status,
    /// Handles of deliveries that were not settled in time; while there are any, it gets nothing.
    pub timed_out: Vec<u64>,
    pub credit: u64,
    pub next_handle: u64,
    pub held: Backlog<u64, Held>,
}

/// Credit of a consumer without a prefetch limit. Source: `rabbit_quorum_queue.erl consume/3`.
const UNLIMITED_PREFETCH: u64 = 2_000;

fn most_credit(consumer: &Consumer) -> u64 {
    if consumer.prefetch == 0 { UNLIMITED_PREFETCH } else { consumer.prefetch.into() }
}

impl Attached {
    pub fn new(key: Key, consumer: Consumer) -> Self {
        let credit = if matches!(key, Key::Get { .. }) { 1 } else { most_credit(&consumer) };
        Attached {
            key,
            consumer,
            status: Status::Up,
            timed_out: Vec::new(),
            credit,
            next_handle: 0,
            held: Backlog::new(),
        }
    }

    pub fn is_up(&self) -> bool {
        self.status == Status::Up && self.timed_out.is_empty()
    }

    pub fn is_get(&self) -> bool {
        matches!(self.key, Key::Get { .. })
    }

    /// Takes a message: answers its handle.
    pub fn hold(&mut self, entry: Entry, deadline_ms: u64) -> u64 {
        let handle = self.next_handle;
        self.next_handle += 1;
        self.credit = self.credit.saturating_sub(1);
        self.held.insert(handle, Held { entry, deadline_ms });
        handle
    }

    /// One that leaves earns no more credit.
    pub fn return_credit(&mut self, n: u64) {
        if self.status != Status::Cancelled && !self.is_get() {
            self.credit = (self.credit + n).min(most_credit(&self.consumer));
        }
    }

    /// The client consumes again under the tag that it had cancelled: it is the same consumer, with new terms.
    /// Source: `rabbit_fifo.erl merge_consumer/5`.
    pub fn resume(&mut self, consumer: Consumer) {
        self.credit = most_credit(&consumer).saturating_sub(self.held.len() as u64);
        self.consumer = consumer;
        self.status = Status::Up;
        self.timed_out.clear();
    }

    /// Settling all that timed out makes it a consumer in good standing again.
    pub fn forgive(&mut self, handles: &[u64]) {
        self.timed_out.retain(|handle| !handles.contains(handle));
    }
}

/// All consumers of a quorum queue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Consumers {
    /// Sorted by key.
    attached: Vec<Attached>,
    /// Sorted: those in good standing first, then by priority, then by credit, then by key.
    waiting: Vec<Attached>,
    service: Rotation<Key>,
}

impl Consumers {
    pub fn attached(&self) -> &[Attached] {
        &self.attached
    }

    pub fn waiting(&self) -> &[Attached] {
        &self.waiting
    }

    fn index(&self, key: &Key) -> Result<usize, usize> {
        self.attached.binary_search_by(|other| other.key.cmp(key))
    }

    pub fn get(&self, key: &Key) -> Option<&Attached> {
        self.index(key).ok().and_then(|index| self.attached.get(index))
    }

    pub fn get_mut(&mut self, key: &Key) -> Option<&mut Attached> {
        self.index(key).ok().and_then(|index| self.attached.get_mut(index))
    }

    pub fn waiting_mut(&mut self, key: &Key) -> Option<&mut Attached> {
        self.waiting.iter_mut().find(|other| other.key == *key)
    }

    /// The key under which a consumer or a get is known.
    pub fn key_of(&self, id: ConsumerId) -> Option<Key> {
        let all = self.attached.iter().chain(&self.waiting);
        all.map(|attached| (&attached.key, attached.consumer.id))
            .find(|(_, other)| *other == id)
            .map(|(key, _)| key.clone())
    }

    pub fn insert(&mut self, attached: Attached) {
        match self.index(&attached.key) {
            Ok(index) => self.attached[index] = attached,
            Err(index) => self.attached.insert(index, attached),
        }
    }

    pub fn remove(&mut self, key: &Key) -> Option<Attached> {
        self.index(key).ok().map(|index| self.attached.remove(index))
    }

    pub fn remove_waiting(&mut self, key: &Key) -> Option<Attached> {
        let index = self.waiting.iter().position(|other| other.key == *key)?;
        Some(self.waiting.remove(index))
    }

    pub fn retain_waiting(&mut self, keep: impl FnMut(&Attached) -> bool) {
        self.waiting.retain(keep);
    }

    pub fn wait(&mut self, attached: Attached) {
        self.waiting.retain(|other| other.key != attached.key);
        self.waiting.push(attached);
        self.sort_waiting();
    }

    pub fn sort_waiting(&mut self) {
        sort_by(&mut self.waiting, |a, b| {
            let rank = |c: &Attached| (!c.is_up(), std::cmp::Reverse(c.consumer.priority), std::cmp::Reverse(c.credit));
            rank(a).cmp(&rank(b)).then_with(|| a.key.cmp(&b.key))
        });
    }

    /// After a change: a consumer that is done leaves, one with credit stands in line. Answers whether it left.
    /// Source: `rabbit_fifo.erl update_or_remove_con/4`.
    pub fn settle_place(&mut self, key: &Key) -> bool {
        let Some(attached) = self.get(key) else { return false };
        let empty = attached.held.is_empty();
        let leaves = attached.credit == 0 && (attached.is_get() || attached.status == Status::Cancelled);
        if leaves {
            return empty && self.remove(key).is_some();
        }
        if attached.status == Status::Quiescing && empty {
            if let Some(mut attached) = self.remove(key) {
                attached.status = Status::Up;
                self.wait(attached);
            }
        } else {
            self.stand_in_line(key);
        }
        false
    }

    pub fn stand_in_line(&mut self, key: &Key) {
        let Some(attached) = self.get(key) else { return };
        if attached.credit > 0 && attached.is_up() {
            let priority = attached.consumer.priority;
            self.service.push_once(priority, key.clone());
        }
    }

    /// Who is served next. Those that cannot be served leave the line, and come back when they have credit.
    pub fn next(&mut self) -> Option<Key> {
        while let Some(key) = self.service.front() {
            let serves = self.get(key).is_some_and(|attached| attached.credit > 0 && attached.is_up());
            if serves {
                return Some(key.clone());
            }
            self.service.pop();
        }
        None
    }

    /// Takes the one that `next` named out of the line.
    pub fn take_turn(&mut self) {
        self.service.pop();
    }

    /// The single active consumer, quiescing or not.
    pub fn active(&self) -> Option<&Attached> {
        self.attached.iter().find(|a| a.status != Status::Cancelled && a.timed_out.is_empty() && !a.is_get())
    }

    /// Lets the next waiting consumer take over, where the rules say so. Answers whether the active one changed.
    /// Source: `rabbit_fifo.erl activate_next_consumer/2`.
    pub fn activate_next(&mut self) -> bool {
        let Some(next) = self.waiting.first().filter(|next| next.is_up()) else { return false };
        let next_priority = next.consumer.priority;
        let active = self.active().map(|a| (a.key.clone(), a.consumer.priority, a.held.is_empty()));
        match active {
            None => {
                let next = self.waiting.remove(0);
                self.promote(next);
                true
            }
            Some((key, priority, true)) if next_priority > priority => {
                let next = self.waiting.remove(0);
                if let Some(old) = self.remove(&key) {
                    self.wait(old);
                }
                self.promote(next);
                true
            }
            Some((key, priority, false)) if next_priority > priority => {
                if let Some(attached) = self.get_mut(&key) {
                    attached.status = Status::Quiescing;
                }
                false
            }
            Some(_) => false,
        }
    }

    /// One that waited under the tag of a cancelled consumer that still holds messages stays cancelled.
    fn promote(&mut self, next: Attached) {
        let key = next.key.clone();
        match self.get_mut(&key) {
            Some(cancelled) => cancelled.consumer = next.consumer,
            None => self.insert(next),
        }
        self.stand_in_line(&key);
    }

    /// Consumers that timed out and hold nothing wait again.
    pub fn demote_timed_out(&mut self) {
        let done = |attached: &Attached| !attached.timed_out.is_empty() && attached.held.is_empty();
        let keys: Vec<Key> = self.attached.iter().filter(|a| done(a)).map(|a| a.key.clone()).collect();
        for key in keys {
            if let Some(attached) = self.remove(&key) {
                self.wait(attached);
            }
        }
    }

    /// Why each of the other consumers does not get the message that `chosen` (or nobody) gets.
    pub fn passed_over(&self, chosen: Option<&Key>) -> Vec<PassedOver> {
        let priority = chosen.and_then(|key| self.get(key)).map(|attached| attached.consumer.priority);
        let reason = |attached: &Attached| {
            let consumer = &attached.consumer;
            if !attached.timed_out.is_empty() {
                PassedOverReason::TimedOut
            } else if attached.status == Status::Quiescing {
                PassedOverReason::Quiescing
            } else if attached.credit == 0 {
                let prefetch = consumer.prefetch;
                PassedOverReason::PrefetchFull { unacked: attached.held.len() as u64, prefetch }
            } else if priority.is_some_and(|priority| consumer.priority < priority) {
                PassedOverReason::LowerPriority { priority: consumer.priority }
            } else {
                PassedOverReason::LaterTurn
            }
        };
        let listed = |a: &&Attached| !a.is_get() && a.status != Status::Cancelled && Some(&a.key) != chosen;
        let over = |attached: &Attached, why| PassedOver { consumer: attached.consumer.reference(), why };
        let attached = self.attached.iter().filter(listed).map(|a| over(a, reason(a)));
        let waiting = self.waiting.iter().map(|a| over(a, PassedOverReason::NotActive));
        attached.chain(waiting).take(MAX_PASSED_OVER).collect()
    }
}
