//! Sentences about exchanges, queues and bindings: what is declared, what is bound, what is gone and why.

use crate::broker::Name;
use crate::broker::binding::{Binding, Destination};
use crate::broker::event::{Declared, EventKind};
use crate::broker::exchange::ExchangeType;
use crate::broker::settings::QueueType;
use crate::broker::table::Value;

use super::family::{in_a_queue, of_a_channel, of_the_node, on_the_way};
use super::names::{exchange, queue};
use super::why_deleted;
use crate::view::sentence::{Sentence, count};

pub(super) fn sentence(event: &EventKind) -> Sentence {
    match event {
        EventKind::ExchangeDeclared { exchange: at, kind, with, new: true } => {
            let does = ExchangeType::parse(kind).map_or("", what_it_does);
            exchange(&at.name).say(" of type ").name(kind).then(declared(with)).say(does).say(".")
        }
        EventKind::QueueDeclared { queue: at, kind, with, new: true } => {
            let does = QueueType::from_name(kind).map_or("", what_it_keeps);
            queue(&at.name).say(" of type ").name(kind).then(declared(with)).say(does).say(".")
        }
        EventKind::ExchangeDeclared { exchange: at, new: false, .. } => exchange(&at.name).say(DECLARED_AGAIN),
        EventKind::QueueDeclared { queue: at, new: false, .. } => queue(&at.name).say(DECLARED_AGAIN),
        EventKind::ExchangeDeleted { exchange: at, why } => {
            exchange(&at.name).say(" is deleted: ").say(why_deleted(*why)).say(".")
        }
        EventKind::QueueDeleted { queue: at, why, ready, unacked } => {
            let lost = format!(" is deleted with {ready} Ready and {}: ", count(*unacked, "Unacked message"));
            queue(&at.name).say(lost).say(why_deleted(*why)).say(".")
        }
        EventKind::QueuePurged { queue: at, count: number } => {
            let gone = count(*number, "Ready message");
            queue(&at.name).say(format!(" is purged: it loses {gone}, and keeps what is Unacked."))
        }
        EventKind::Bound { binding, new: true } => {
            bound(binding).say(": the exchange gives it a copy of each message that matches.")
        }
        EventKind::Bound { binding, new: false } => bound(binding).say(" already, so nothing changes."),
        EventKind::Unbound { binding, why } => destination(binding)
            .say(" is no longer bound to ")
            .then(exchange(&binding.source))
            .then(with_key(binding))
            .say(": ")
            .say(why_deleted(*why))
            .say("."),
        // Other families' sentences are made elsewhere.
        on_the_way!() | in_a_queue!() | of_a_channel!() | of_the_node!() => Sentence::default(),
    }
}

/// What is declared, as far as it is not what is usual. The type of a queue is said already.
fn declared(with: &Declared) -> Sentence {
    let told = [
        (!with.durable, "transient"),
        (with.exclusive, "exclusive"),
        (with.auto_delete, "auto-delete"),
        (with.internal, "internal"),
    ];
    let told: Vec<&str> = told.iter().filter(|(is_so, _)| *is_so).map(|(_, word)| *word).collect();
    let flags = if told.is_empty() { String::new() } else { format!(" ({})", told.join(", ")) };
    let arguments = with.arguments.iter().filter(|(name, _)| **name != *"x-queue-type");
    Sentence::words(flags).say(" is declared").then(with_arguments(arguments))
}

fn with_arguments<'a>(arguments: impl Iterator<Item = (&'a Name, &'a Value)>) -> Sentence {
    arguments.enumerate().fold(Sentence::default(), |sentence, (place, (name, value))| {
        let sentence = sentence.say(if place == 0 { " with arguments " } else { ", " }).name(name);
        if *value == Value::Void { sentence } else { sentence.say(" = ").name(&value.to_string().into()) }
    })
}

const DECLARED_AGAIN: &str = " is declared again: it is there already and is declared alike, so nothing changes.";

fn what_it_does(kind: ExchangeType) -> &'static str {
    match kind {
        ExchangeType::Direct => ": a message goes where the binding key equals its routing key",
        ExchangeType::Fanout => ": a message goes everywhere that is bound to it",
        ExchangeType::Topic => ": a message goes where the binding key, as a pattern, matches its routing key",
        ExchangeType::Headers => ": a message goes where its headers are those that the binding asks for",
        ExchangeType::ConsistentHash => ": a message goes to one queue, and messages of equal key go to the same one",
        ExchangeType::LocalRandom => ": a message goes to one queue, chosen by chance",
    }
}

fn what_it_keeps(kind: QueueType) -> &'static str {
    match kind {
        QueueType::Classic => ": it keeps messages in order until consumers have had them",
        QueueType::Quorum => {
            ": it keeps messages in order until consumers have had them, in a cluster on several nodes"
        }
        QueueType::Stream => ": it keeps messages as a log, and reading takes none away",
    }
}

fn destination(binding: &Binding) -> Sentence {
    match &binding.destination {
        Destination::Queue(name) => queue(name),
        Destination::Exchange(name) => exchange(name),
    }
}

fn bound(binding: &Binding) -> Sentence {
    destination(binding).say(" is bound to ").then(exchange(&binding.source)).then(with_key(binding))
}

fn with_key(binding: &Binding) -> Sentence {
    let arguments = with_arguments(binding.arguments.iter());
    match (binding.routing_key.is_empty(), binding.arguments.is_empty()) {
        (true, true) => Sentence::words(" with an empty binding key"),
        (true, false) => arguments,
        (false, true) => Sentence::words(" with binding key ").name(&binding.routing_key),
        (false, false) => Sentence::words(" with binding key ").name(&binding.routing_key).say(" and").then(arguments),
    }
}
