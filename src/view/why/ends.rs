//! How a message's stay in a queue ended, and how a queue did not even take it.

use std::rc::Rc;

use crate::broker::event::{DeleteReason, DropRule, EventKind};
use crate::broker::message::DeathReason;
use crate::broker::settings::Settings;
use crate::broker::{ChannelId, Name, Resource};
use crate::simulation::LogEntry;

use super::journey::{Journey, event_of};
use super::{Because, Outlook, Reason};
use crate::view::graph::exchange_name;
use crate::view::hand::holder;
use crate::view::sentence::{Sentence, count, span};

/// How its last stay in a queue ended; none if there was none, or it goes on.
pub(super) fn of_visit(journey: &Journey, queue: &Rc<Resource>) -> Option<Because> {
    let visit = journey.visits.iter().rev().find(|visit| visit.queue == *queue)?;
    let end = journey.of_copy(visit.copy).find_map(|(entry, event)| Some(ended(journey, queue, event)?.at(entry.seq)));
    // A queue that goes takes its messages with it.
    end.or_else(|| deleted(journey, queue, visit.seq))
}

fn by(journey: &Journey, channel: ChannelId) -> Name {
    holder(journey.board, channel).as_str().into()
}

/// What ended it, if that is what an event is.
fn ended(journey: &Journey, queue: &Rc<Resource>, event: &EventKind) -> Option<Because> {
    let was = |reason: Reason, sentence: Sentence| Some(Because::new(reason, Outlook::Was, sentence));
    match event {
        EventKind::Acked { channel, .. } => {
            let sentence = Sentence::of(&by(journey, *channel)).say(" acknowledged it, and ").name(&queue.name);
            was(Reason::Acked, sentence.say(" forgot it."))
        }
        EventKind::Delivered { consumer, ack: false, .. } => was(Reason::AutoAcked, auto(journey, consumer.channel)),
        EventKind::Got { channel, ack: false, .. } => was(Reason::AutoAcked, auto(journey, *channel)),
        EventKind::Dropped { rule, .. } => Some(dropped(journey, queue, *rule, Outlook::Was)),
        EventKind::DeadLettered { reason, exchange, routing_key, .. } => {
            let sentence =
                Sentence::words("it was there. It left ").name(&queue.name).say(" for the dead letter exchange ");
            let sentence = sentence.name(&exchange_name(exchange));
            let sentence = match routing_key {
                Some(key) => sentence.say(" with routing key ").name(key),
                None => sentence,
            };
            let is_at_once = *reason == DeathReason::Expired && lives_ms(journey, queue) == Some(0);
            let why = if is_at_once { AT_ONCE } else { died(*reason) };
            was(Reason::DeadLettered, sentence.say(format!(": {why}.")))
        }
        _ => None,
    }
}

fn auto(journey: &Journey, channel: ChannelId) -> Sentence {
    Sentence::words("it was delivered to ")
        .name(&by(journey, channel))
        .say(" with automatic acknowledgement: to the queue it was done when it was sent.")
}

fn died(reason: DeathReason) -> &'static str {
    match reason {
        DeathReason::Rejected => "a consumer rejected it without requeue",
        DeathReason::Expired => "its time to live ran out",
        DeathReason::Maxlen => "the queue was over its length limit",
        DeathReason::DeliveryLimit => "it came back more often than the delivery limit allows",
    }
}

fn settings(journey: &Journey, queue: &Rc<Resource>) -> Settings {
    let board = journey.board;
    board.queues.get(queue).map(|state| board.settings(queue, state)).unwrap_or_default()
}

/// Why a message with a time to live of 0 is gone.
const AT_ONCE: &str = "its time to live is 0, so it expires unless a consumer can take it at once";

/// Its time to live in a queue: the queue's or its own, the shorter one counts.
fn lives_ms(journey: &Journey, queue: &Rc<Resource>) -> Option<u64> {
    let own = journey.message().and_then(|message| message.properties.expiration.as_ref()?.parse::<u64>().ok());
    own.into_iter().chain(settings(journey, queue).message_ttl_ms).min()
}

/// A policy that says which key dead letters get, where there are none.
fn key_for_nothing(journey: &Journey, queue: &Rc<Resource>, rule: DropRule) -> &'static str {
    let policy = journey.board.queue_policy(queue);
    let has = |key: &str| policy.is_some_and(|applied| applied.effective.contains_key(key));
    let dies = matches!(rule, DropRule::Rejected | DropRule::Expired | DropRule::MaxLength | DropRule::DeliveryLimit);
    let is_for_nothing = settings(journey, queue).dead_letter_exchange.is_none() && has("dead-letter-routing-key");
    match dies && is_for_nothing {
        true => " The dead-letter-routing-key of its policy does nothing without a dead-letter-exchange.",
        false => "",
    }
}

/// A rule took it, or kept it out.
fn dropped(journey: &Journey, queue: &Rc<Resource>, rule: DropRule, outlook: Outlook) -> Because {
    let settings = settings(journey, queue);
    let name = Sentence::of(&queue.name);
    let (reason, sentence) = match rule {
        DropRule::Rejected => (
            Reason::Rejected,
            Sentence::words("a consumer rejected it without requeue, and ")
                .name(&queue.name)
                .say(" has no dead letter exchange: it is gone."),
        ),
        DropRule::Expired if lives_ms(journey, queue) == Some(0) => (
            Reason::Expired,
            Sentence::words(AT_ONCE).say(". ").name(&queue.name).say(" has no dead letter exchange."),
        ),
        DropRule::Expired => (
            Reason::Expired,
            Sentence::words("its time to live ran out in ")
                .name(&queue.name)
                .say(", which has no dead letter exchange."),
        ),
        DropRule::MaxLength => (
            Reason::DroppedByLimit,
            name.say(format!(" was over its limit{}, and dropped its oldest message: this one.", limit(&settings))),
        ),
        DropRule::RejectPublish if is_quorum(journey, queue) => (
            Reason::RefusedByLimit,
            name.say(format!(
                ", a quorum queue, went over its limit{}, and refuses what is published (reject-publish) until it is down to 80 % of that.",
                limit(&settings)
            )),
        ),
        DropRule::RejectPublish => (
            Reason::RefusedByLimit,
            name.say(format!(" was at its limit{}, and refuses the newest (reject-publish).", limit(&settings))),
        ),
        DropRule::DeliveryLimit => (
            Reason::DeliveryLimit,
            Sentence::words("it came back to ")
                .name(&queue.name)
                .say(match settings.delivery_limit {
                    Some(limit) => format!(" more often than the delivery limit of {limit} allows"),
                    None => " more often than the delivery limit allows".to_owned(),
                })
                .say(", and there is no dead letter exchange."),
        ),
        DropRule::NoDeadLetterExchange => {
            let sentence = name.say(" has ").name(&settings.dead_letter_exchange.unwrap_or_default());
            let sentence =
                sentence.say(" as its dead letter exchange, which does not exist: what dies there is dropped.");
            (Reason::NoDeadLetterExchange, sentence)
        }
        DropRule::Purged => (Reason::Purged, name.say(" was purged, and it was Ready there.")),
        DropRule::QueueDeleted => (Reason::QueueDeleted, name.say(" was deleted, and the message with it.")),
        DropRule::Restart => (
            Reason::LostInRestart,
            name.say(" survived the restart; the message did not: it was transient (delivery_mode is not 2)."),
        ),
        DropRule::Retention => (Reason::Forgotten, name.say(" is a stream, and forgot its oldest messages.")),
    };
    Because::new(reason, outlook, sentence.say(key_for_nothing(journey, queue, rule)))
}

fn is_quorum(journey: &Journey, queue: &Rc<Resource>) -> bool {
    journey.board.queues.get(queue).is_some_and(|state| state.kind == "quorum")
}

fn limit(settings: &Settings) -> String {
    match (settings.max_length, settings.max_length_bytes) {
        (Some(length), _) => format!(" of {}", count(length, "message")),
        (None, Some(bytes)) => format!(" of {}", count(bytes, "byte")),
        (None, None) => String::new(),
    }
}

/// A queue that did not take it.
pub(super) fn at_the_door(journey: &Journey, queue: &Rc<Resource>) -> Option<Because> {
    journey.entries.iter().rev().find_map(|entry| match event_of(entry)? {
        EventKind::Refused { queue: other, rule, .. } if other == queue => {
            let because = dropped(journey, queue, *rule, Outlook::Never);
            Some(Because { sentence: told(journey, because.sentence, entry.seq), ..because }.at(entry.seq))
        }
        EventKind::CycleCut { queue: other, .. } if other == queue => {
            let sentence = Sentence::words("as a dead letter it has been in ")
                .name(&queue.name)
                .say(" before, and nobody rejected it on the way round: such a circle would never end, so it is cut.");
            Some(Because::new(Reason::CycleCut, Outlook::Never, sentence).at(entry.seq))
        }
        _ => None,
    })
}

/// Whether the publisher was told of a refusal.
fn told(journey: &Journey, sentence: Sentence, refused: u64) -> Sentence {
    let before = journey.trips.iter().rev().find(|trip| trip.origin < refused);
    if let Some(from) = before.and_then(|trip| trip.from.as_ref()) {
        return sentence
            .say(" It came as a dead letter of ")
            .name(&from.name)
            .say(", which the broker publishes itself and without confirms: it is lost, and nobody was told.");
    }
    let nacked =
        journey.entries.iter().any(|entry| matches!(event_of(entry), Some(EventKind::Confirmed { ack: false, .. })));
    sentence.say(if nacked {
        " The publisher was told by basic.nack."
    } else {
        " The publisher uses no confirms, so nobody was told."
    })
}

/// That a queue was deleted after an entry.
pub(super) fn deleted(journey: &Journey, queue: &Rc<Resource>, since: u64) -> Option<Because> {
    let (entry, why): (&LogEntry, DeleteReason) = journey.after(since).find_map(|entry| match event_of(entry)? {
        EventKind::QueueDeleted { queue: other, why, .. } if other == queue => Some((entry, *why)),
        _ => None,
    })?;
    let words = match why {
        DeleteReason::Client => "somebody deleted it".to_owned(),
        DeleteReason::AutoDelete => "it was auto-delete, and its last consumer went".to_owned(),
        DeleteReason::Exclusive => "it was exclusive, and its connection went".to_owned(),
        DeleteReason::Expired => {
            let expires = settings(journey, queue).expires_ms.map(|ms| format!(" of {}", span(ms))).unwrap_or_default();
            format!("nobody used it for its x-expires{expires}")
        }
        DeleteReason::Cascade => "its virtual host was deleted".to_owned(),
        DeleteReason::Restart => "it does not survive a restart".to_owned(),
        DeleteReason::Channel => "its channel ended".to_owned(),
    };
    let sentence = Sentence::of(&queue.name).say(format!(
        " was deleted, and its messages with it: {words}. What a queue takes with it is not dead-lettered."
    ));
    Some(Because::new(Reason::QueueDeleted, Outlook::Was, sentence).at(entry.seq))
}
