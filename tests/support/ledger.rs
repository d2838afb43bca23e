//! A ledger of every copy of every message, kept from the events alone and compared with the broker's own counters.
//!
//! What it holds the broker to: ids of events ascend without gaps and causes come before effects; a copy is in one
//! place at a time, and every way into a place and out of it is told; all that ever came into a queue is there or has
//! met one fate; every queue that a message is routed to answers for it; delivery tags and confirms of a channel ascend. Streams are left out: reading there takes nothing
//! away.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use warren::broker::event::{ChannelSetting, CopyRef, DropRule};
use warren::broker::message::DeathReason;
use warren::broker::queue::Queue;
use warren::broker::settings::QueueType;
use warren::broker::{Applied, Broker, ChannelId, CopyId, Event, EventKind, Frame, MessageId, Reply, Resource};

use super::promises::Promises;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Ready,
    Unacked,
    /// Delayed, or held until its dead letter targets take it.
    Aside,
    Gone(Fate),
}

/// How a copy left its queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    Acked,
    /// Delivered with automatic acknowledgement.
    AutoAcked,
    Dropped(DropRule),
    DeadLettered(DeathReason),
}

/// Copies that are in a queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums {
    ready: u64,
    unacked: u64,
    aside: u64,
}

impl Sums {
    fn at(&mut self, place: Place) -> Option<&mut u64> {
        match place {
            Place::Ready => Some(&mut self.ready),
            Place::Unacked => Some(&mut self.unacked),
            Place::Aside => Some(&mut self.aside),
            Place::Gone(_) => None,
        }
    }
}

/// The ledger.
#[derive(Default)]
pub struct Ledger {
    last_event: u64,
    copies: BTreeMap<CopyId, (Rc<Resource>, Place)>,
    sums: BTreeMap<Rc<Resource>, Sums>,
    fates: BTreeMap<Fate, u64>,
    streams: BTreeSet<Rc<Resource>>,
    /// Publishes of which nothing more is known, with their channels.
    open: BTreeMap<MessageId, ChannelId>,
    promises: Promises,
    /// Channels whose publishes wait for a commit.
    transactional: BTreeSet<ChannelId>,
    committed: BTreeSet<ChannelId>,
    last_tag: BTreeMap<ChannelId, u64>,
    last_confirm: BTreeMap<ChannelId, u64>,
}

pub type Verdict = Result<(), String>;

impl Ledger {
    /// Takes in what one command brought about.
    pub fn take(&mut self, applied: &Applied, events: &[Event]) -> Verdict {
        for event in events {
            if event.id.0 != self.last_event + 1 {
                return Err(format!("event {} after event {}", event.id, self.last_event));
            }
            self.event(event)?;
        }
        self.settle()?;
        self.frames(applied)
    }

    /// Takes in one event. Ids may have gaps where not all is told.
    pub fn event(&mut self, event: &Event) -> Verdict {
        if event.id.0 <= self.last_event || event.cause >= event.id {
            return Err(format!("event {} (cause {}) after event {}", event.id, event.cause, self.last_event));
        }
        self.last_event = event.id.0;
        self.take_in(&event.kind).map_err(|wrong| format!("{wrong}: {:?}", event.kind))
    }

    /// The command is done.
    pub fn settle(&mut self) -> Verdict {
        self.check_publishes()
    }

    /// How many copies met which fate.
    pub fn fates(&self) -> &BTreeMap<Fate, u64> {
        &self.fates
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
                self.promises.forget(*channel);
            }
            EventKind::ChannelClosed { channel, .. } => {
                self.open.retain(|_, publisher| publisher != channel);
                self.promises.forget(*channel);
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
        self.promises.settle(|channel| waits(&channel))?;
        match self.open.iter().find(|(_, channel)| !waits(channel)) {
            Some((message, channel)) => Err(format!("message {message} of channel {channel} disappeared")),
            None => Ok(()),
        }
    }

    fn take_in(&mut self, kind: &EventKind) -> Verdict {
        use Place::{Aside, Gone, Ready, Unacked};
        let publishers = &self.open;
        self.promises.event(kind, |message| publishers.get(&message).copied())?;
        self.publishes(kind);
        match kind {
            EventKind::QueueDeclared { queue, kind, new: true, .. } => {
                let streams = &mut self.streams;
                if *kind == "stream" {
                    streams.insert(queue.clone())
                } else {
                    streams.remove(queue)
                };
                Ok(())
            }
            EventKind::Enqueued { at, .. } if self.streams.contains(&at.queue) => Ok(()),
            EventKind::Enqueued { at, .. } => match self.copies.insert(at.copy, (at.queue.clone(), Ready)) {
                Some(_) => Err("the copy is known already".into()),
                None => {
                    self.sums.entry(at.queue.clone()).or_default().ready += 1;
                    Ok(())
                }
            },
            EventKind::Delivered { at, ack, .. } | EventKind::Got { at, ack, .. } => {
                self.moves(at, &[Ready], if *ack { Unacked } else { Gone(Fate::AutoAcked) })
            }
            EventKind::Acked { at, .. } => self.moves(at, &[Unacked], Gone(Fate::Acked)),
            EventKind::Requeued { at, .. } => self.moves(at, &[Unacked], Ready),
            EventKind::Delayed { at, .. } => self.moves(at, &[Unacked], Aside),
            EventKind::DelayEnded { at, .. } => self.moves(at, &[Aside], Ready),
            EventKind::Dropped { at, rule } => {
                let from: &[Place] = match rule {
                    DropRule::Rejected => &[Unacked],
                    DropRule::DeliveryLimit => &[Unacked],
                    DropRule::Expired | DropRule::MaxLength | DropRule::Restart | DropRule::Retention => &[Ready],
                    _ => &[Ready, Unacked, Aside],
                };
                self.moves(at, from, Gone(Fate::Dropped(*rule)))
            }
            EventKind::DeadLettered { at, reason: DeathReason::Maxlen, .. } if !self.copies.contains_key(&at.copy) => {
                // Refused and dead-lettered at once: it never was in the queue.
                Ok(())
            }
            EventKind::DeadLettered { at, reason, .. } => {
                self.moves(at, &[Ready, Unacked, Aside], Gone(Fate::DeadLettered(*reason)))
            }
            EventKind::DeadLetterHeld { at, .. } => self.held(at),
            _ => Ok(()),
        }
    }

    /// An at-least-once dead letter stays, also where it was said to leave.
    fn held(&mut self, at: &CopyRef) -> Verdict {
        use Place::{Aside, Ready, Unacked};
        match self.copies.get(&at.copy) {
            Some((_, left @ Place::Gone(Fate::DeadLettered(_)))) => {
                let left = *left;
                self.moves(at, &[left], Aside)
            }
            _ => self.moves(at, &[Ready, Unacked, Aside], Aside),
        }
    }

    fn moves(&mut self, at: &CopyRef, from: &[Place], to: Place) -> Verdict {
        if self.streams.contains(&at.queue) {
            return Ok(());
        }
        let place = match self.copies.get_mut(&at.copy) {
            Some((queue, place)) if *queue == at.queue && from.contains(place) => std::mem::replace(place, to),
            // The Maxlen death of a refused message whose dead letter exchange is gone.
            None if matches!(to, Place::Gone(_)) => return Ok(()),
            known => return Err(format!("copy {} is at {known:?}, not at one of {from:?}", at.copy)),
        };
        let sums = self.sums.entry(at.queue.clone()).or_default();
        let count = match place {
            Place::Gone(fate) => self.fates.get_mut(&fate),
            held => sums.at(held),
        };
        match count {
            Some(count @ 1..) => *count -= 1,
            none => return Err(format!("{none:?} of {:?} at {place:?}", at.queue)),
        }
        match to {
            Place::Gone(fate) => *self.fates.entry(fate).or_default() += 1,
            held => *sums.at(held).ok_or("nowhere")? += 1,
        }
        Ok(())
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

    /// The sums of the ledger are the broker's own, and all that ever came is somewhere.
    pub fn compare(&self, broker: &Broker) -> Verdict {
        let mut known = 0;
        for queue in broker.queues().filter(|queue| queue.kind() != QueueType::Stream) {
            let ours = self.sums.get(queue.resource()).copied().unwrap_or_default();
            let (delayed, held) = queue.waiting();
            let theirs = Sums { ready: queue.ready(), unacked: queue.unacked(), aside: delayed + held };
            if ours != theirs {
                return Err(format!("{:?}: events say {ours:?}, the queue {theirs:?}", queue.resource()));
            }
            known += ours.ready + ours.unacked + ours.aside;
            check_consumers(queue)?;
        }
        let gone: u64 = self.fates.values().sum();
        if known + gone == self.copies.len() as u64 {
            return Ok(());
        }
        let came = self.copies.len();
        Err(format!("{came} copies came, {known} are in queues, {gone} met a fate: {:?}, {:?}", self.fates, self.sums))
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
