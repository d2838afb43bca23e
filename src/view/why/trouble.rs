//! *Why?* of a line of the story at which something went wrong: about which message that is, and at which place.
//!
//! What always holds: each line that offers the question has an answer, and it names a rule.

use std::rc::Rc;

use crate::broker::event::{CloseReason, EventKind, LostReason};
use crate::broker::exchange::ExchangeType;
use crate::broker::{Event, Frame, Method, Name, Reply, Resource};
use crate::simulation::{ClientEvent, LogEntry, LogKind, Parcel};

use super::journey::{Journey, event_of};
use super::words::miss;
use super::{About, Answer, Because, Outlook, Reason, why};
use crate::view::board::Board;
use crate::view::film::Film;
use crate::view::graph::{NodeId, exchange_name};
use crate::view::life::Life;
use crate::view::sentence::{Sentence, count};

/// So many causes are followed from what a client learns to what the broker did.
const CAUSES_MAX: usize = 4;
/// So many bindings that did not match are told.
const MISSED_MAX: usize = 5;

/// Whether *Why?* can be asked of an entry: a message was dropped, returned, refused, dead-lettered or lost by it.
pub fn can_be_asked(film: &Film, entry: &LogEntry) -> bool {
    decision(film, entry).is_some()
}

/// The newest entry of those that can be asked about, among `cursor` entries; it looks back so far at most.
pub fn newest_trouble(film: &Film, cursor: usize) -> Option<u64> {
    const LOOK_BACK: usize = 20_000;
    let oldest = cursor.saturating_sub(LOOK_BACK).max(film.history().first());
    let entries = (oldest..cursor).rev().filter_map(|place| film.history().get(place));
    entries.into_iter().find(|entry| can_be_asked(film, entry)).map(|entry| entry.seq)
}

/// The answer for an entry, by its number, when `cursor` entries have happened. `board` is that of the moment.
pub fn of_trouble(film: &Film, board: &Board, cursor: usize, seq: u64) -> Option<Answer> {
    let decision = decision(film, film.entry(seq)?)?;
    let life = Life::at(film.history(), decision.seq);
    let about = life.as_ref().map_or(About::Sent(decision.seq), About::Message);
    let journey = Journey::of(film, board, cursor, about);
    let at_exchange = |name: &Name| NodeId::exchange(&journey.vhost, name);
    let node = match &decision.kind {
        LogKind::Broker(Event { kind, .. }) => match kind {
            EventKind::Dropped { at, .. } | EventKind::DeadLettered { at, .. } => NodeId::Queue(at.queue.clone()),
            EventKind::Refused { queue, .. } | EventKind::CycleCut { queue, .. } => NodeId::Queue(queue.clone()),
            EventKind::DeadLetterLost { why: LostReason::Cycle, .. } => NodeId::Queue(last_cut(&journey, seq)?),
            EventKind::Unroutable { .. } | EventKind::DeadLetterLost { why: LostReason::Unroutable, .. } => {
                return Some(no_queue(&journey, decision));
            }
            _ => return None,
        },
        LogKind::Client { event: ClientEvent::Sent { method: Method::BasicPublish(publish), .. }, .. } => {
            at_exchange(&publish.exchange)
        }
        LogKind::Client { .. } | LogKind::NotDone { .. } => return None,
    };
    Some(why(film, board, cursor, about, &node))
}

/// The queue at which a circle of dead letters was cut last, before an entry.
fn last_cut(journey: &Journey, before: u64) -> Option<Rc<Resource>> {
    let mut entries = journey.entries.iter().rev().filter(|entry| entry.seq <= before);
    entries.find_map(|entry| match event_of(entry) {
        Some(EventKind::CycleCut { queue, .. }) => Some(queue.clone()),
        _ => None,
    })
}

/// The entry at which it was decided what became of the message.
fn decision<'a>(film: &'a Film, entry: &'a LogEntry) -> Option<&'a LogEntry> {
    let mut entry = entry;
    if !tells_of_trouble(entry) {
        return None;
    }
    for _ in 0..CAUSES_MAX {
        match &entry.kind {
            LogKind::Broker(Event { kind, .. }) if decides(kind) => return Some(entry),
            LogKind::Client { event: ClientEvent::Sent { method, .. }, .. } => {
                return matches!(method, Method::BasicPublish(_)).then_some(entry);
            }
            LogKind::Client { .. } | LogKind::Broker(_) | LogKind::NotDone { .. } => entry = film.entry(entry.cause)?,
        }
    }
    None
}

/// Whether an event itself is what became of a message.
fn decides(event: &EventKind) -> bool {
    matches!(
        event,
        EventKind::Dropped { .. }
            | EventKind::Refused { .. }
            | EventKind::DeadLettered { .. }
            | EventKind::CycleCut { .. }
            | EventKind::DeadLetterLost { .. }
            | EventKind::Unroutable { .. }
    )
}

/// Whether an entry tells of that, or of what followed from it.
fn tells_of_trouble(entry: &LogEntry) -> bool {
    match &entry.kind {
        LogKind::Broker(Event { kind, .. }) => {
            let is_refused = matches!(
                kind,
                EventKind::Confirmed { ack: false, .. } | EventKind::ChannelClosed { why: CloseReason::Error(_), .. }
            );
            decides(kind) || is_refused
        }
        LogKind::Client { event, .. } => matches!(
            event,
            ClientEvent::Received { frame: Frame::Return { .. } | Frame::Nack { .. } | Frame::ChannelClosed { .. } }
                | ClientEvent::Answered { reply: Reply::Closed(_) }
                | ClientEvent::LostOnLink { what: Parcel::Method(Method::BasicPublish(_)) }
                | ClientEvent::Ignored { method: Method::BasicPublish(_) }
        ),
        LogKind::NotDone { .. } => false,
    }
}

/// Why no queue got it: what each exchange said that was asked.
fn no_queue(journey: &Journey, decision: &LogEntry) -> Answer {
    let question = Sentence::words("Why did ").name(&journey.key()).say(" reach no queue?");
    let trip = journey.trips.iter().rev().find(|trip| trip.origin <= decision.seq);
    let mut reasons: Vec<Because> = Vec::new();
    for routed in trip.into_iter().flat_map(|trip| &trip.routed) {
        let Ok(kind) = ExchangeType::parse(&routed.kind) else { continue };
        let missed = routed.tried.iter().filter_map(|tried| {
            let (reason, words) = miss(kind, &tried.binding, &routed.message, &tried.verdict)?;
            let target = tried.binding.destination.name();
            Some(Because::new(reason, Outlook::Never, words.say(". So ").name(target).say(" did not get it.")))
        });
        reasons.extend(missed.take(MISSED_MAX));
        if routed.tried.is_empty() {
            reasons.push(nothing_there(&routed.exchange.name, &routed.message.routing_keys.key));
        }
        let more = (routed.tried.len().saturating_sub(MISSED_MAX)) as u64 + routed.more_unmatched;
        if let Some(last) = reasons.last_mut().filter(|_| more > 0) {
            let others = format!(" {} of ", count(more, "other binding"));
            let name = exchange_name(&routed.exchange.name);
            last.sentence = last.sentence.clone().say(others).name(&name).say(" did not match either.");
        }
    }
    if reasons.is_empty() {
        let sentence = Sentence::words("no binding that matches leads on to a queue.");
        reasons.push(Because::new(Reason::NoBinding, Outlook::Never, sentence));
    }
    let asked = journey.entries.iter().rev().find(|entry| matches!(event_of(entry), Some(EventKind::Routed(_))));
    let reasons = reasons.into_iter().map(|because| because.at(asked.map_or(decision.seq, |entry| entry.seq)));
    Answer { is_here: false, question, steps: super::here::so_far(journey), reasons: reasons.collect() }
}

/// An exchange that has no binding to ask.
fn nothing_there(exchange: &Name, key: &Name) -> Because {
    if exchange.is_empty() {
        let sentence = Sentence::words(
            "the default exchange takes the routing key as the name of a queue, and no queue is called ",
        );
        return Because::new(Reason::NotItsName, Outlook::Never, sentence.name(key).say("."));
    }
    let sentence = Sentence::words("nothing is bound to ").name(&exchange_name(exchange)).say(".");
    Because::new(Reason::NoBinding, Outlook::Never, sentence)
}
