//! A ledger of every copy of every message, kept from the events alone and compared with the broker's own counters.
//!
//! What it holds the broker to: ids of events ascend without gaps and causes come before effects; a copy is in one
//! place at a time, and every way into a place and out of it is told; delivery tags and confirms of a channel ascend.
//! Streams are left out: reading there takes nothing away.

use std::collections::{BTreeMap, BTreeSet};

use warren::broker::event::{ChannelSetting, CopyRef, DropRule};
use warren::broker::message::DeathReason;
use warren::broker::queue::Queue;
use warren::broker::settings::QueueType;
use warren::broker::{Applied, Broker, ChannelId, CopyId, Event, EventKind, Frame, MessageId, Reply, Resource};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Ready,
    Unacked,
    /// Delayed, or held until its dead letter targets take it.
    Aside,
    Gone,
}

/// The ledger.
#[derive(Default)]
pub struct Ledger {
    last_event: u64,
    copies: BTreeMap<CopyId, (Resource, Place)>,
    streams: BTreeSet<Resource>,
    /// Publishes of which nothing more is known, with their channels.
    open: BTreeMap<MessageId, ChannelId>,
    /// Channels whose publishes wait for a commit.
    transactional: BTreeSet<ChannelId>,
    committed: BTreeSet<ChannelId>,
    last_tag: BTreeMap<ChannelId, u64>,
    last_confirm: BTreeMap<ChannelId, u64>,
}

type Verdict = Result<(), String>;

impl Ledger {
    /// Takes in what one command brought about.
    pub fn take(&mut self, applied: &Applied, events: &[Event]) -> Verdict {
        for event in events {
            if event.id.0 != self.last_event + 1 || event.cause >= event.id {
                return Err(format!("event {} (cause {}) after event {}", event.id, event.cause, self.last_event));
            }
            self.last_event = event.id.0;
            self.event(&event.kind).map_err(|wrong| format!("{wrong}: {:?}", event.kind))?;
        }
        self.check_publishes()?;
        self.frames(applied)
    }

    /// Every publish ends in a queue, at a queue that refuses it, at a waiting channel, or nowhere; or it waits for a
    /// commit, and goes with a rollback.
    fn publishes(&mut self, kind: &EventKind) {
        match kind {
            EventKind::Published { message, channel, .. } => {
                self.open.insert(message.id, *channel);
            }
            EventKind::Enqueued { at: CopyRef { message, .. }, .. }
            | EventKind::Refused { message, .. }
            | EventKind::Unroutable { message, .. }
            | EventKind::DirectReply { message, .. } => {
                self.open.remove(&message.id);
            }
            EventKind::ChannelSet { channel, setting: ChannelSetting::Transaction } => {
                self.transactional.insert(*channel);
            }
            EventKind::ChannelSet { channel, setting: ChannelSetting::Commit } => {
                self.committed.insert(*channel);
            }
            EventKind::ChannelSet { channel, setting: ChannelSetting::Rollback } => {
                self.open.retain(|_, publisher| publisher != channel);
            }
            EventKind::ChannelClosed { channel, .. } => {
                self.open.retain(|_, publisher| publisher != channel);
                self.transactional.remove(channel);
                self.committed.remove(channel);
            }
            EventKind::ChannelOpened { channel } => {
                self.last_tag.remove(channel);
                self.last_confirm.remove(channel);
            }
            _ => {}
        }
    }

    /// After a command, only what waits for a commit is open.
    fn check_publishes(&mut self) -> Verdict {
        let committed = std::mem::take(&mut self.committed);
        let waits = |channel: &ChannelId| self.transactional.contains(channel) && !committed.contains(channel);
        match self.open.iter().find(|(_, channel)| !waits(channel)) {
            Some((message, channel)) => Err(format!("message {message} of channel {channel} disappeared")),
            None => Ok(()),
        }
    }

    fn event(&mut self, kind: &EventKind) -> Verdict {
        use Place::{Aside, Gone, Ready, Unacked};
        self.publishes(kind);
        match kind {
            EventKind::QueueDeclared { queue, kind, new: true } => {
                let streams = &mut self.streams;
                if *kind == "stream" {
                    streams.insert((**queue).clone())
                } else {
                    streams.remove(&**queue)
                };
                Ok(())
            }
            EventKind::Enqueued { at, .. } if self.streams.contains(&*at.queue) => Ok(()),
            EventKind::Enqueued { at, .. } => match self.copies.insert(at.copy, ((*at.queue).clone(), Ready)) {
                Some(_) => Err("the copy is known already".into()),
                None => Ok(()),
            },
            EventKind::Delivered { at, ack, .. } | EventKind::Got { at, ack, .. } => {
                self.moves(at, &[Ready], if *ack { Unacked } else { Gone })
            }
            EventKind::Acked { at, .. } => self.moves(at, &[Unacked], Gone),
            EventKind::Requeued { at, .. } => self.moves(at, &[Unacked], Ready),
            EventKind::Delayed { at, .. } => self.moves(at, &[Unacked], Aside),
            EventKind::DelayEnded { at } => self.moves(at, &[Aside], Ready),
            EventKind::Dropped { at, rule } => {
                let from: &[Place] = match rule {
                    DropRule::Rejected => &[Unacked],
                    DropRule::DeliveryLimit => &[Unacked],
                    DropRule::Expired | DropRule::MaxLength | DropRule::Restart | DropRule::Retention => &[Ready],
                    _ => &[Ready, Unacked, Aside],
                };
                self.moves(at, from, Gone)
            }
            EventKind::DeadLettered { at, reason: DeathReason::Maxlen, .. } if !self.copies.contains_key(&at.copy) => {
                // Refused and dead-lettered at once: it never was in the queue.
                Ok(())
            }
            EventKind::DeadLettered { at, .. } => self.moves(at, &[Ready, Unacked, Aside], Gone),
            EventKind::DeadLetterHeld { at, .. } => self.moves(at, &[Ready, Unacked, Aside, Gone], Aside),
            _ => Ok(()),
        }
    }

    fn moves(&mut self, at: &CopyRef, from: &[Place], to: Place) -> Verdict {
        if self.streams.contains(&*at.queue) {
            return Ok(());
        }
        match self.copies.get_mut(&at.copy) {
            Some((queue, place)) if *queue == *at.queue && from.contains(place) => {
                *place = to;
                Ok(())
            }
            // The Maxlen death of a refused message whose dead letter exchange is gone.
            None if to == Place::Gone => Ok(()),
            known => Err(format!("copy {} is at {known:?}, not at one of {from:?}", at.copy)),
        }
    }

    fn frames(&mut self, applied: &Applied) -> Verdict {
        for frame in &applied.frames {
            match frame {
                Frame::Deliver { channel, delivery, .. } => {
                    ascends(&mut self.last_tag, *channel, delivery.delivery_tag, "delivery tag")?;
                }
                Frame::Ack { channel, delivery_tag } | Frame::Nack { channel, delivery_tag } => {
                    ascends(&mut self.last_confirm, *channel, *delivery_tag, "confirm")?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A delivery by basic.get has a tag of the same row.
    pub fn got(&mut self, channel: ChannelId, reply: &Option<Reply>) -> Verdict {
        match reply {
            Some(Reply::Got { delivery, .. }) => {
                ascends(&mut self.last_tag, channel, delivery.delivery_tag, "delivery tag")
            }
            _ => Ok(()),
        }
    }

    /// The sums of the ledger are the broker's own.
    pub fn compare(&self, broker: &Broker) -> Verdict {
        let mut sums: BTreeMap<&Resource, (u64, u64, u64)> = BTreeMap::new();
        for (queue, place) in self.copies.values() {
            let sum = sums.entry(queue).or_default();
            match place {
                Place::Ready => sum.0 += 1,
                Place::Unacked => sum.1 += 1,
                Place::Aside => sum.2 += 1,
                Place::Gone => {}
            }
        }
        for queue in broker.queues().filter(|queue| queue.kind() != QueueType::Stream) {
            let ours = sums.remove(queue.resource()).unwrap_or_default();
            let (delayed, held) = queue.waiting();
            let theirs = (queue.ready(), queue.unacked(), delayed + held);
            if ours != theirs {
                return Err(format!(
                    "{:?}: events say {ours:?} (ready, unacked, aside), the queue {theirs:?}",
                    queue.resource()
                ));
            }
            check_consumers(queue)?;
        }
        sums.retain(|_, sum| *sum != (0, 0, 0));
        if sums.is_empty() { Ok(()) } else { Err(format!("messages in queues that are gone: {sums:?}")) }
    }
}

fn ascends(last: &mut BTreeMap<ChannelId, u64>, channel: ChannelId, tag: u64, what: &str) -> Verdict {
    let before = last.insert(channel, tag).unwrap_or(0);
    if tag == before + 1 || (tag > before && what == "delivery tag") {
        return Ok(());
    }
    Err(format!("{what} {tag} of channel {channel} after {before}"))
}

/// No prefetch is exceeded; nothing is ready while somebody could take it; at most one consumer is active.
fn check_consumers(queue: &Queue) -> Verdict {
    let consumers = queue.consumers();
    let full = |prefetch: u16, held: u64| prefetch > 0 && held >= u64::from(prefetch);
    for consumer in &consumers {
        let held = queue.held_by(consumer.id);
        let limit = u64::from(consumer.prefetch);
        if !consumer.no_ack && limit > 0 && held > limit {
            return Err(format!("{} holds {held} of {limit} in {:?}", consumer.tag, queue.resource()));
        }
        // One that did not settle in time gets nothing, nor does one that is not the active one; nor, in a quorum
        // queue, the active one that a consumer of higher priority is about to replace.
        let active = queue.active_consumer() == Some(consumer.id) && queue.kind() == QueueType::Classic;
        let may_wait = queue.settings.single_active_consumer && !active;
        let timed = consumer.timeout_ms.is_some_and(|ms| ms < 1_000_000);
        let takes = consumer.no_ack || !full(consumer.prefetch, held);
        if queue.ready() > 0 && takes && !may_wait && !timed {
            return Err(format!("{} could take what is ready in {:?}", consumer.tag, queue.resource()));
        }
    }
    match queue.active_consumer() {
        Some(active)
            if consumers.iter().all(|consumer| consumer.id != active) && queue.kind() == QueueType::Classic =>
        {
            Err(format!("the active consumer of {:?} is gone", queue.resource()))
        }
        _ => Ok(()),
    }
}
