//! Sentences about a message's way through exchanges: published, matched or not, lost, dead-lettered, confirmed.

use crate::broker::Name;
use crate::broker::binding::{Binding, Destination};
use crate::broker::event::{EventKind, LostReason, MatchReason, Routed, Tried, Verdict};
use crate::broker::message::{DeathReason, Message};
use crate::simulation::LogEntry;

use super::{Teller, called};
use crate::view::graph::exchange_name;
use crate::view::sentence::{Sentence, count, excerpt, span};

impl Teller<'_> {
    pub(super) fn routing(&self, entry: &LogEntry, event: &EventKind) -> Sentence {
        match event {
            EventKind::Published { message, mandatory, .. } => {
                let mandatory = if *mandatory { ", published as mandatory" } else { "" };
                Sentence::of(&exchange_name(&message.exchange))
                    .say(" receives a message with routing key ")
                    .name(&message.routing_keys.key)
                    .say(format!("{mandatory}."))
            }
            EventKind::Routed(routed) => asked(routed),
            EventKind::Unroutable { message, returned } => unroutable(message, *returned),
            EventKind::Refused { queue, message, rule } => Sentence::of(&queue.name)
                .say(" does not take ")
                .name(&called(message))
                .say(format!(": {}.", super::queue::rule_text(*rule))),
            EventKind::DeadLettered { at, reason, exchange, routing_key } => {
                let sentence = Sentence::of(&called(&at.message))
                    .say(" leaves ")
                    .name(&at.queue.name)
                    .say(format!(": {}. Its dead letter exchange is ", death(*reason)))
                    .name(&exchange_name(exchange));
                match routing_key {
                    Some(key) => sentence.say(", with routing key ").name(key).say("."),
                    None => sentence.say("; it keeps its routing key."),
                }
            }
            EventKind::CycleCut { message, queue } => Sentence::of(&called(message))
                .say(" would go round in a circle: ")
                .name(&queue.name)
                .say(" has had it before, and nobody rejected it. So it is dropped there."),
            EventKind::DeadLetterLost { message, why } => Sentence::of(&called(message)).say(match why {
                LostReason::Unroutable => " is lost: its dead letter exchange routes it to no queue.",
                LostReason::Cycle => " is lost: all queues it would reach have had it before.",
            }),
            EventKind::DeadLetterHeld { at, retry_at_ms } => {
                Sentence::of(&called(&at.message)).say(" stays in ").name(&at.queue.name).say(format!(
                    " until the queues it is dead-lettered to have taken it; the next try is {} from now.",
                    span(retry_at_ms.saturating_sub(entry.at_ms))
                ))
            }
            EventKind::Confirmed { channel, delivery_tag, ack: true } => {
                Sentence::words(format!("The broker confirms publish {delivery_tag} to "))
                    .then(self.channel(*channel))
                    .say(". A confirm says that it was dealt with, not that it reached a queue.")
            }
            EventKind::Confirmed { channel, delivery_tag, ack: false } => Sentence::words("The broker tells ")
                .then(self.channel(*channel))
                .say(format!(" by basic.nack that publish {delivery_tag} was refused.")),
            EventKind::DirectReply { message, channel, .. } => {
                let sentence = Sentence::words("The reply ").name(&excerpt(&message.payload));
                match channel {
                    Some(channel) => sentence.say(" goes straight to ").then(self.channel(*channel)).say("."),
                    None => sentence.say(" is dropped: whoever waited for it is gone."),
                }
            }
            other => self.topology(other),
        }
    }
}

fn unroutable(message: &Message, returned: bool) -> Sentence {
    let sentence =
        Sentence::of(&message.routing_keys.key).say(" matched no binding of ").name(&exchange_name(&message.exchange));
    if returned {
        sentence.say(", so the message goes back to its publisher: it was published as mandatory.")
    } else {
        sentence.say(", so the message was dropped. It was not published as mandatory, so nobody was told.")
    }
}

fn death(reason: DeathReason) -> &'static str {
    match reason {
        DeathReason::Rejected => "it was rejected",
        DeathReason::Expired => "its time to live ran out",
        DeathReason::Maxlen => "the queue was at its length limit",
        DeathReason::DeliveryLimit => "it came back more often than the delivery limit allows",
    }
}

/// What an exchange said: every binding that matched, or the first that did not and why.
fn asked(routed: &Routed) -> Sentence {
    let key = &routed.message.routing_keys.key;
    let matched: Vec<&Tried> = routed.tried.iter().filter(|tried| matches!(tried.verdict, Verdict::Match(_))).collect();
    let exchange = exchange_name(&routed.exchange.name);
    if matched.is_empty() {
        let missed = match routed.tried.first() {
            Some(tried) => verdict(key, tried),
            None => Sentence::of(&exchange).say(" has no bindings"),
        };
        let more = routed.tried.len().saturating_sub(1) as u64 + routed.more_unmatched;
        let missed = if more > 0 {
            missed.say(format!(", and {} did not match either", count(more, "other binding")))
        } else {
            missed
        };
        return match &routed.alternate {
            Some(alternate) => missed.say(". So it goes to the alternate exchange ").name(alternate).say("."),
            None => missed.say("."),
        };
    }
    let mut sentence = Sentence::default();
    for (index, tried) in matched.iter().enumerate() {
        let start = if index == 0 { Sentence::default() } else { sentence.say("; ") };
        sentence = start.then(verdict(key, tried));
    }
    sentence.say(".")
}

fn goes_to(binding: &Binding) -> Sentence {
    match &binding.destination {
        Destination::Queue(name) => Sentence::words(", so it goes to ").name(name),
        Destination::Exchange(name) => Sentence::words(", so it goes to exchange ").name(name),
    }
}

/// One binding and its answer, without the full stop.
fn verdict(key: &Name, tried: &Tried) -> Sentence {
    let binding = &*tried.binding;
    let pattern = &binding.routing_key;
    let target = binding.destination.name();
    let differs = |words: &str| Sentence::of(key).say(" does not match ").name(pattern).say(format!(": {words}"));
    match &tried.verdict {
        Verdict::Match(reason) => matches_because(key, pattern, reason).then(goes_to(binding)),
        Verdict::KeyDiffers => Sentence::of(key).say(" is not the binding key ").name(pattern).say(" of ").name(target),
        Verdict::WordDiffers { index } => {
            let place = usize::from(*index);
            let want: Name = pattern.split('.').nth(place).unwrap_or_default().into();
            let have: Name = key.split('.').nth(place).unwrap_or_default().into();
            differs(&format!("word {} must be ", place + 1)).name(&want).say(", not ").name(&have)
        }
        Verdict::TooFewWords { have, need } => {
            differs(&format!("the pattern needs {}, the key has {have}", count(u64::from(*need), "word")))
        }
        Verdict::TooManyWords { have, take } => {
            differs(&format!("the pattern takes {}, the key has {have}", count(u64::from(*take), "word")))
        }
        Verdict::WordsNotFound { .. } => differs("the words after # are nowhere in the rest of the key"),
        Verdict::HeaderMissing { header } => {
            Sentence::of(target).say(" asks for the header ").name(header).say(", which the message does not have")
        }
        Verdict::HeaderDiffers { header } => {
            Sentence::of(target).say(" asks for another value of the header ").name(header)
        }
        Verdict::NoHeaderMatched => {
            Sentence::words("not one of the headers that ").name(target).say(" asks for is there")
        }
        Verdict::NotChosen => Sentence::words("it was not the turn of ").name(target),
    }
}

fn matches_because(key: &Name, pattern: &Name, reason: &MatchReason) -> Sentence {
    match reason {
        MatchReason::QueueName => Sentence::of(key).say(" is the name of a queue"),
        MatchReason::KeyEquals { key } => Sentence::of(key).say(" is the binding key"),
        MatchReason::Always => Sentence::words("a fanout exchange asks for no key"),
        MatchReason::Pattern { key } => Sentence::of(key).say(" matches ").name(pattern).say(wildcards(pattern)),
        MatchReason::AllHeaders => Sentence::words("all headers that the binding asks for are there"),
        MatchReason::AnyHeader { header } => {
            Sentence::words("the header ").name(header).say(" is there, and one is enough")
        }
        MatchReason::Chosen => Sentence::words("it was its turn"),
    }
}

/// What the wildcards of a pattern stand for.
fn wildcards(pattern: &str) -> &'static str {
    let has = |sign: &str| pattern.split('.').any(|word| word == sign);
    match (has("*"), has("#")) {
        (true, true) => " (* stands for exactly one word, # for any number of words)",
        (true, false) => " (* stands for exactly one word)",
        (false, true) => " (# stands for any number of words)",
        (false, false) => "",
    }
}
