//! Sentences about a message's way through exchanges: published, matched or not, lost, dead-lettered, confirmed.

use crate::broker::Name;
use crate::broker::binding::{Binding, Destination};
use crate::broker::event::{EventKind, LostReason, MatchReason, Routed, Tried, Verdict};
use crate::broker::exchange::ExchangeType;
use crate::broker::message::{DeathReason, Message};
use crate::simulation::LogEntry;

use super::Teller;
use super::family::{in_a_queue, of_a_channel, of_the_node, of_topology};
use super::names::{exchange, message, queue, with_key};
use crate::view::sentence::{Sentence, count, excerpt, span};
use crate::view::why::{asked_headers, miss, routing_key};

impl Teller<'_> {
    pub(super) fn routing(&self, entry: &LogEntry, event: &EventKind) -> Sentence {
        match event {
            EventKind::Published { message, mandatory, .. } => {
                let sentence = exchange(&message.exchange).say(" receives a message");
                let sentence = sentence.then(with_key(&message.routing_keys.key));
                with_more_keys(sentence, message).say(if *mandatory {
                    ", published as mandatory: it comes back if no queue takes it."
                } else {
                    "."
                })
            }
            EventKind::Routed(routed) => asked(routed),
            EventKind::Unroutable { message, returned } => unroutable(message, *returned),
            EventKind::Refused { queue: at, message: refused, rule } => queue(&at.name)
                .say(" does not take ")
                .then(message(refused))
                .say(": ")
                .say(super::queue::rule_text(*rule))
                .say("."),
            EventKind::DeadLettered { at, reason, exchange: to, routing_key } => {
                let sentence = message(&at.message).say(" leaves ").then(queue(&at.queue.name)).say(" as a dead letter: ");
                let sentence = sentence.say(death(*reason)).say(". It is published again to the dead letter exchange, ");
                dead_letter_to(sentence, to, routing_key.as_ref())
            }
            EventKind::CycleCut { message: letter, queue: at } => message(letter)
                .say(" would go round in a circle: ")
                .then(queue(&at.name))
                .say(" has had it before, and nobody rejected it on the way. So it is dropped there."),
            EventKind::DeadLetterLost { message: letter, why } => message(letter).say(match why {
                LostReason::Unroutable => " is lost: its dead letter exchange routes it to no queue.",
                LostReason::Cycle => " is lost: all queues it would reach have had it before.",
            }),
            EventKind::DeadLetterHeld { at, retry_at_ms } => {
                let next = span(retry_at_ms.saturating_sub(entry.at_ms));
                let sentence = message(&at.message).say(" stays in ").then(queue(&at.queue.name));
                sentence.say(format!(
                    " until the queues that it is dead-lettered to have taken it; the next try is {next} from now."
                ))
            }
            EventKind::Confirmed { channel, delivery_tag, ack: true } => Sentence::words("The broker confirms to ")
                .then(self.channel(*channel))
                .say(format!(" publish {delivery_tag} on its channel: it was dealt with. Whether a queue took it, a confirm does not say.")),
            EventKind::Confirmed { channel, delivery_tag, ack: false } => Sentence::words("The broker tells ")
                .then(self.channel(*channel))
                .say(format!(" by basic.nack that it has refused publish {delivery_tag} on its channel.")),
            EventKind::DirectReply { message, channel, .. } => {
                let sentence = Sentence::words("The reply ").name(&excerpt(&message.payload));
                match channel {
                    Some(channel) => {
                        sentence.say(" goes straight to ").then(self.channel(*channel)).say(", through no queue.")
                    }
                    None => sentence.say(" is dropped: the client that waited for it is gone."),
                }
            }
            // Other families' sentences are made elsewhere.
            in_a_queue!() | of_a_channel!() | of_topology!() | of_the_node!() => Sentence::default(),
        }
    }
}

/// Keys that a message has beside its routing key. Source: sender-selected distribution; BCC is taken out at the publish.
fn with_more_keys(mut sentence: Sentence, message: &Message) -> Sentence {
    let Some(more) = &message.routing_keys.more else { return sentence };
    if !more.cc.is_empty() {
        sentence = sentence.say(", and those of its CC header: ").names(&more.cc);
    }
    if !more.bcc.is_empty() {
        sentence = sentence.say(", and those of its BCC header, which no receiver will see: ").names(&more.bcc);
    }
    sentence
}

fn unroutable(message: &Message, returned: bool) -> Sentence {
    let key = &message.routing_keys.key;
    let it = if key.is_empty() && !message.exchange.is_empty() { "it" } else { "the message" };
    let sentence = match (message.exchange.is_empty(), key.is_empty()) {
        (true, _) => Sentence::words("no queue is called ").name(key),
        (false, true) => Sentence::words("the message matched no binding of ").name(&message.exchange),
        (false, false) => Sentence::of(key).say(" matched no binding of ").name(&message.exchange),
    };
    if returned {
        sentence.say(format!(", so {it} goes back to its publisher: it was published as mandatory."))
    } else {
        sentence.say(format!(", so {it} was dropped. It was not published as mandatory, so nobody was told."))
    }
}

fn death(reason: DeathReason) -> &'static str {
    match reason {
        DeathReason::Rejected => "it was rejected without requeue",
        DeathReason::Expired => "its time to live (TTL) ran out",
        DeathReason::Maxlen => "the queue was at its length limit",
        DeathReason::DeliveryLimit => "it came back more often than the delivery limit allows",
    }
}

fn dead_letter_to(sentence: Sentence, to: &Name, routing_key: Option<&Name>) -> Sentence {
    let sentence = sentence.name(&crate::view::graph::exchange_name(to));
    match routing_key {
        Some(key) => sentence.say(",").then(with_key(key)).say("."),
        None => sentence.say(", with the routing key that it has."),
    }
}

/// What an exchange said: every binding that matched, or the first that did not and why.
fn asked(routed: &Routed) -> Sentence {
    let matched: Vec<(&Binding, &MatchReason)> = routed.tried.iter().filter_map(matching).collect();
    match matched.first() {
        None => missed(routed),
        Some((_, MatchReason::Always)) => {
            let sentence =
                Sentence::of(&routed.exchange.name).say(" is a fanout exchange, so whatever the routing key, ");
            let takers = listed(&matched);
            sentence.then(takers).say(if matched.len() == 1 { " gets the message." } else { " each get a copy." })
        }
        Some((binding, MatchReason::QueueName)) if matched.len() == 1 => {
            let key = Sentence::of(&binding.routing_key).say(" is the name of a queue, so the default exchange gives ");
            key.say("the message to ").then(destination(binding)).say(".")
        }
        Some(_) => reached(&matched),
    }
}

fn matching(tried: &Tried) -> Option<(&Binding, &MatchReason)> {
    match &tried.verdict {
        Verdict::Match(reason) => Some((&tried.binding, reason)),
        Verdict::KeyDiffers
        | Verdict::WordDiffers { .. }
        | Verdict::TooFewWords { .. }
        | Verdict::TooManyWords { .. }
        | Verdict::WordsNotFound { .. }
        | Verdict::HeaderMissing { .. }
        | Verdict::HeaderDiffers { .. }
        | Verdict::NoHeaderMatched
        | Verdict::NotChosen => None,
    }
}

/// Bindings that matched, each with its reason; those of one reason together.
fn reached(matched: &[(&Binding, &MatchReason)]) -> Sentence {
    let mut sentence = Sentence::default();
    let mut last: Option<Sentence> = None;
    for (binding, reason) in matched {
        let why = because(binding, reason);
        let is_as_before = last.as_ref() == Some(&why);
        sentence = match (&last, is_as_before) {
            (None, _) => why.clone(),
            (Some(_), true) => sentence.say(" and"),
            (Some(_), false) => sentence.say("; ").then(why.clone()),
        };
        sentence = sentence.say(" of ").then(destination(binding));
        last = Some(why);
    }
    let sentence = sentence.say(wildcards(matched));
    let is_one = matched
        .iter()
        .all(|(binding, _)| matched.first().is_some_and(|(one, _)| one.destination == binding.destination));
    sentence.say(if is_one { ", so the message goes there." } else { ". So each of them gets one copy." })
}

fn listed(matched: &[(&Binding, &MatchReason)]) -> Sentence {
    let mut sentence = Sentence::default();
    for (place, (binding, _)) in matched.iter().enumerate() {
        let before = match place {
            0 => "",
            place if place + 1 == matched.len() => " and ",
            _ => ", ",
        };
        sentence = if before.is_empty() { sentence } else { sentence.say(before) }.then(destination(binding));
    }
    sentence
}

/// No binding matched: which was tried, and what keeps it from matching.
fn missed(routed: &Routed) -> Sentence {
    let name = &routed.exchange.name;
    let kind = ExchangeType::parse(&routed.kind).unwrap_or(ExchangeType::Direct);
    let told = routed.tried.first().and_then(|tried| {
        let (_, words) = miss(kind, &tried.binding, &routed.message, &tried.verdict)?;
        let not_there = Sentence::words(". So ").then(destination(&tried.binding)).say(" does not get it");
        Some(words.then(not_there))
    });
    let sentence = match told {
        Some(told) => told,
        None if name.is_empty() => {
            Sentence::words("the default exchange takes a routing key as the name of a queue, and there is no queue ")
                .name(&routed.message.routing_keys.key)
        }
        None => exchange(name).say(" has no bindings, so no queue gets the message"),
    };
    let more = routed.tried.len().saturating_sub(1) as u64 + routed.more_unmatched;
    let sentence = match more {
        0 => sentence,
        more => sentence.say(format!(", and {} did not match either", count(more, "other binding"))),
    };
    match &routed.alternate {
        Some(alternate) => {
            sentence.say(". What matches no binding goes to the alternate exchange, ").name(alternate).say(".")
        }
        None => sentence.say("."),
    }
}

fn destination(binding: &Binding) -> Sentence {
    match &binding.destination {
        Destination::Queue(name) => queue(name),
        Destination::Exchange(name) => exchange(name),
    }
}

/// Why a binding matches; it ends where *of* and what is bound follow.
fn because(binding: &Binding, reason: &MatchReason) -> Sentence {
    match reason {
        MatchReason::QueueName => Sentence::of(&binding.routing_key).say(" is the name"),
        MatchReason::KeyEquals { key } => Sentence::words("routing key ").name(key).say(" is the binding key"),
        MatchReason::Always => Sentence::words("a fanout exchange asks for no key: it takes the binding"),
        MatchReason::Pattern { key } => {
            routing_key(key).say(" matches ").name(&binding.routing_key).say(", the binding key")
        }
        MatchReason::AllHeaders => {
            let asked = asked_headers(&binding.arguments).0;
            if asked.is_empty() {
                return Sentence::words("no header is asked for by the binding");
            }
            let sentence =
                Sentence::words("the message has all headers (").names(asked.into_iter().map(|(key, _)| key));
            sentence.say(") as they are asked for by the binding")
        }
        MatchReason::AnyHeader { header } => {
            let sentence = Sentence::words("the message has header ").name(header);
            sentence.say(" as it is asked for, and one is enough (x-match any) for the binding")
        }
        MatchReason::Chosen => Sentence::words("the exchange chose, among those that are bound to it, the binding"),
    }
}

/// What the wildcards of patterns stand for; nothing where there are none.
fn wildcards(matched: &[(&Binding, &MatchReason)]) -> &'static str {
    let has = |sign: &str| {
        let patterns = matched.iter().filter(|(_, reason)| matches!(reason, MatchReason::Pattern { .. }));
        patterns.into_iter().any(|(binding, _)| binding.routing_key.split('.').any(|word| word == sign))
    };
    match (has("*"), has("#")) {
        (true, true) => " (* stands for exactly one word, # for any number of words)",
        (true, false) => " (* stands for exactly one word)",
        (false, true) => " (# stands for any number of words)",
        (false, false) => "",
    }
}
