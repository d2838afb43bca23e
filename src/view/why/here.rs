//! Why a message is here: the causes back to the publish. And what else is worth knowing of one that is.

use crate::broker::binding::Destination;
use crate::broker::event::EventKind;
use crate::broker::{Method, Reply};
use crate::simulation::{ClientEvent, LogEntry, LogKind};

use super::journey::{Journey, copy_of, event_of};
use super::{Because, Outlook, Reason, Step, queue};
use crate::view::graph::NodeId;
use crate::view::sentence::{Sentence, count};

/// So many steps are told at most; the oldest of a longer way are those that are left out.
const STEPS_MAX: usize = 40;
/// So many where it is not.
const STEPS_SO_FAR: usize = 8;

impl Step {
    fn of(journey: &Journey, entry: &LogEntry) -> Step {
        Step { seq: entry.seq, at_ms: entry.at_ms, sentence: journey.teller.sentence(entry) }
    }
}

/// From the publish to the arrival at a node, oldest first.
pub(super) fn steps(journey: &Journey, node: &NodeId) -> Vec<Step> {
    let mut way: Vec<&LogEntry> = Vec::new();
    let mut at = arrival(journey, node);
    while let Some(entry) = at.filter(|_| way.len() < STEPS_MAX) {
        way.push(entry);
        at = before(journey, entry, &mut way);
    }
    way.reverse();
    way.dedup_by_key(|entry| entry.seq);
    way.into_iter().map(|entry| Step::of(journey, entry)).collect()
}

/// The entry by which it came.
fn arrival<'a>(journey: &Journey<'a>, node: &NodeId) -> Option<&'a LogEntry> {
    match node {
        NodeId::Queue(queue) => {
            let (copied, _) = journey.copy_in(queue)?;
            let is_arrival = |event: &EventKind| {
                matches!(
                    event,
                    EventKind::Enqueued { .. }
                        | EventKind::Requeued { .. }
                        | EventKind::Delayed { .. }
                        | EventKind::DelayEnded { .. }
                        | EventKind::DeadLetterHeld { .. }
                )
            };
            let found = journey.of_copy(copied.copy).find(|(_, event)| is_arrival(event));
            found.map(|(entry, _)| entry)
        }
        NodeId::Exchange(exchange) => journey.entries.iter().rev().copied().find(|entry| match event_of(entry) {
            Some(EventKind::Routed(routed)) => routed.exchange == *exchange,
            Some(EventKind::Published { message, .. }) => message.exchange == exchange.name,
            _ => false,
        }),
        NodeId::Client(id) => journey.returned_to(*id).or_else(|| {
            journey.entries.iter().rev().copied().find(|entry| match &entry.kind {
                LogKind::Client { client, event, .. } if client == id => {
                    matches!(event, ClientEvent::Received { .. } | ClientEvent::Answered { reply: Reply::Got { .. } })
                }
                _ => false,
            })
        }),
    }
}

/// The step before one: what caused it, if that is a step of this message; else the cause is told as well, and the way goes
/// on with what the message did before.
fn before<'a>(journey: &Journey<'a>, entry: &'a LogEntry, way: &mut Vec<&'a LogEntry>) -> Option<&'a LogEntry> {
    let own = |seq: u64| journey.entries.iter().copied().find(|other| other.seq == seq);
    if matches!(event_of(entry), Some(EventKind::Enqueued { .. } | EventKind::Unroutable { .. })) {
        let asked =
            |other: &&&LogEntry| other.cause == entry.cause && matches!(event_of(other), Some(EventKind::Routed(_)));
        way.extend(journey.entries.iter().rev().filter(asked).filter(|other| other.seq < entry.seq));
    }
    if let Some(cause) = own(entry.cause) {
        return Some(cause);
    }
    if is_publish(entry) {
        return None;
    }
    way.extend(journey.film.entry(entry.cause));
    let copy = event_of(entry).and_then(copy_of);
    let earlier = journey.entries.iter().rev().copied().filter(|other| other.seq < entry.seq);
    let moves = |other: &&LogEntry| match event_of(other) {
        Some(EventKind::Waits { .. } | EventKind::Confirmed { .. }) => false,
        Some(event) => copy.is_none() || copy_of(event).is_none_or(|other| Some(other) == copy),
        None => copy.is_none(),
    };
    earlier.into_iter().find(moves)
}

fn is_publish(entry: &LogEntry) -> bool {
    matches!(&entry.kind, LogKind::Client { event: ClientEvent::Sent { method: Method::BasicPublish(_), .. }, .. })
}

/// How far it came: the last turns of its way.
pub(super) fn so_far(journey: &Journey) -> Vec<Step> {
    let is_turn = |entry: &&&LogEntry| match event_of(entry) {
        Some(event) => !matches!(event, EventKind::Waits { .. } | EventKind::Confirmed { .. }),
        None => is_publish(entry),
    };
    let turns: Vec<_> = journey.entries.iter().filter(is_turn).collect();
    let first = turns.len().saturating_sub(STEPS_SO_FAR);
    turns.into_iter().skip(first).map(|entry| Step::of(journey, entry)).collect()
}

/// What is worth knowing of a message that is here.
pub(super) fn notes(journey: &Journey, node: &NodeId) -> Vec<Because> {
    let NodeId::Queue(queue) = node else { return Vec::new() };
    let mut notes = Vec::new();
    let target = Destination::Queue(queue.name.clone());
    let most = journey.trips.iter().map(|trip| trip.hits(&target).count()).max().unwrap_or_default();
    if most > 1 {
        let sentence = Sentence::words(count(most as u64, "binding")).say(" to ").name(&queue.name);
        let sentence =
            sentence.say(" matched, and one copy came: a queue gets a message once, however many ways lead to it.");
        notes.push(Because::new(Reason::OneCopy, Outlook::Was, sentence));
    }
    if let Some((copied, at)) = journey.copy_in(queue) {
        notes.extend(queue::expired_behind(journey, queue, copied, &at));
    }
    notes
}
