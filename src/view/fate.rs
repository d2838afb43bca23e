//! What just befell a message, as a sign at the place where it happened: a shape and a word, the same with and without
//! motion.
//!
//! What always holds: the entry that happened last has its sign, if it has one; earlier ones keep theirs for a while of
//! the film's time, so that nothing flashes by.

use std::rc::Rc;

use crate::broker::event::{DropRule, EventKind, LostReason, ReturnReason};
use crate::broker::message::DeathReason;
use crate::broker::{Event, Frame, Name, Resource};
use crate::simulation::{ClientEvent, LogEntry, LogKind};

use super::film::Film;
use super::graph::NodeId;
use super::life::{dropped, named};

/// How long a sign is seen, in the film's time.
const SHOWN_MS: u64 = 1_400;
/// So many entries are looked at.
const LOOK_BACK: usize = 48;
/// So many signs one node has at most.
pub const SIGNS_MAX: usize = 3;

/// What kind of thing befell a message: each has a shape of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is gone: a cross.
    Lost,
    /// Its time is up: an hourglass.
    Expired,
    /// A consumer, or a queue, did not want it: a bar.
    Rejected,
    /// It goes to a dead letter exchange: a diamond.
    DeadLettered,
    /// It is back with its publisher: an arrow that turns.
    Returned,
    /// It is back in its queue: an arrow that turns.
    Requeued,
    /// Settled as it should be: a tick.
    Settled,
}

/// A sign at a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sign {
    /// Where.
    pub node: NodeId,
    /// What.
    pub fate: Fate,
    /// In words.
    pub words: String,
    /// The routing key of the message.
    pub key: Name,
    /// So many of them at once.
    pub count: usize,
    /// The number of the last entry it stands for.
    pub seq: u64,
}

impl Fate {
    /// Whether that is bad news.
    pub fn is_bad(self) -> bool {
        !matches!(self, Fate::Settled | Fate::Requeued | Fate::DeadLettered)
    }
}

impl Sign {
    /// As it is read: `dead-lettered: expired`, with a number where there are several.
    pub fn text(&self) -> String {
        if self.count > 1 { format!("{} \u{d7}{}", self.words, self.count) } else { self.words.clone() }
    }
}

/// The signs to be seen when `cursor` entries have happened: the newest first, no two alike at a node. Who sees things
/// move sees what is settled by its tokens, unless time stands still.
pub fn signs(film: &Film, cursor: usize, with_settled: bool) -> Vec<Sign> {
    let Some(last) = cursor.checked_sub(1) else { return Vec::new() };
    let now_ms = film.shown_ms(last).unwrap_or_default();
    let mut signs: Vec<Sign> = Vec::new();
    for place in (cursor.saturating_sub(LOOK_BACK)..cursor).rev() {
        let shown_ms = film.shown_ms(place).unwrap_or_default();
        let Some(entry) = film.history().get(place).filter(|_| now_ms.saturating_sub(shown_ms) <= SHOWN_MS) else {
            break;
        };
        let Some((node, fate, words)) = befell(film, entry) else { continue };
        if fate == Fate::Settled && !with_settled {
            continue;
        }
        if let Some(alike) = signs.iter_mut().find(|sign| sign.node == node && sign.words == words) {
            alike.count += 1;
        } else if signs.iter().filter(|sign| sign.node == node).count() < SIGNS_MAX {
            let key = named(entry).map(|message| message.routing_keys.key.clone()).unwrap_or_default();
            signs.push(Sign { node, fate, words, key, count: 1, seq: entry.seq });
        }
    }
    signs
}

fn befell(film: &Film, entry: &LogEntry) -> Option<(NodeId, Fate, String)> {
    match &entry.kind {
        LogKind::Broker(Event { kind: EventKind::DeadLetterLost { message, why }, .. }) => {
            let words = match why {
                LostReason::Unroutable => "dead letter lost: no queue",
                LostReason::Cycle => "dead letter lost: a circle",
            };
            let vhost = vhost_of_dead_letter(film, entry)?;
            Some((NodeId::exchange(&vhost, &message.exchange), Fate::Lost, words.to_owned()))
        }
        LogKind::Broker(event) => in_broker(&event.kind),
        LogKind::Client { client, event, .. } => {
            let (fate, words) = at_client(event)?;
            Some((NodeId::Client(*client), fate, words.to_owned()))
        }
        LogKind::NotDone { .. } => None,
    }
}

/// A dead letter stays in the virtual host of the queue that it left.
fn vhost_of_dead_letter(film: &Film, lost: &LogEntry) -> Option<Name> {
    match &film.entry(lost.cause)?.kind {
        LogKind::Broker(Event { kind: EventKind::DeadLettered { at, .. }, .. }) => Some(at.queue.vhost.clone()),
        _ => None,
    }
}

fn at_client(event: &ClientEvent) -> Option<(Fate, &'static str)> {
    Some(match event {
        ClientEvent::Received { frame: Frame::Return { .. } } => (Fate::Returned, "returned: basic.return"),
        ClientEvent::Received { frame: Frame::Nack { .. } } => (Fate::Rejected, "publish refused: basic.nack"),
        ClientEvent::Received { frame: Frame::Ack { .. } } => (Fate::Settled, "confirmed"),
        ClientEvent::LostOnLink { .. } => (Fate::Lost, "lost on the link"),
        ClientEvent::Crashed => (Fate::Lost, "crashed"),
        _ => return None,
    })
}

fn in_broker(event: &EventKind) -> Option<(NodeId, Fate, String)> {
    let queue = |queue: &Rc<Resource>| NodeId::Queue(queue.clone());
    let (node, fate, words) = match event {
        EventKind::Dropped { at, rule } => (queue(&at.queue), of_rule(*rule), dropped(*rule)),
        EventKind::Refused { queue: resource, rule, .. } => (queue(resource), Fate::Rejected, dropped(*rule)),
        EventKind::DeadLettered { at, reason, .. } => (queue(&at.queue), Fate::DeadLettered, death(*reason)),
        EventKind::CycleCut { queue: resource, .. } => (queue(resource), Fate::Lost, "dropped: it went in a circle"),
        EventKind::DeadLetterHeld { at, .. } => (queue(&at.queue), Fate::Requeued, "held: nobody took the dead letter"),
        EventKind::Requeued { at, why, .. } => (queue(&at.queue), Fate::Requeued, requeued(*why)),
        EventKind::Delayed { at, .. } => (queue(&at.queue), Fate::Requeued, "requeued, and waits"),
        EventKind::Acked { at, .. } => (queue(&at.queue), Fate::Settled, "acknowledged"),
        // An exchange shows what it lost by itself.
        _ => return None,
    };
    Some((node, fate, words.to_owned()))
}

fn of_rule(rule: DropRule) -> Fate {
    match rule {
        DropRule::Expired => Fate::Expired,
        DropRule::Rejected => Fate::Rejected,
        _ => Fate::Lost,
    }
}

fn requeued(why: ReturnReason) -> &'static str {
    match why {
        ReturnReason::Nack => "requeued: basic.nack",
        ReturnReason::Reject => "requeued: basic.reject",
        ReturnReason::Recover => "requeued: basic.recover",
        ReturnReason::ChannelClosed => "requeued: channel closed",
        ReturnReason::Timeout => "requeued: timeout",
        ReturnReason::Restart => "requeued: restart",
    }
}

fn death(reason: DeathReason) -> &'static str {
    match reason {
        DeathReason::Rejected => "dead-lettered: rejected",
        DeathReason::Expired => "dead-lettered: expired",
        DeathReason::Maxlen => "dead-lettered: max length",
        DeathReason::DeliveryLimit => "dead-lettered: delivery limit",
    }
}
