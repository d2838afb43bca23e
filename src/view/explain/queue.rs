//! Sentences about messages in queues: taken, delivered, acknowledged, come back, dropped.

use std::rc::Rc;

use crate::broker::Resource;
use crate::broker::event::{ConsumerRef, CopyRef, DropRule, EventKind, PassedOver, PassedOverReason, ReturnReason};
use crate::simulation::LogEntry;

use super::Teller;
use super::family::{of_a_channel, of_the_node, of_topology, on_the_way};
use super::names::{message, queue};
use crate::view::sentence::{Sentence, count, span};

fn in_line(position: u64) -> String {
    if position == 0 { "first in line.".to_owned() } else { format!("behind {}.", count(position, "other")) }
}

impl Teller<'_> {
    pub(super) fn queue(&self, entry: &LogEntry, event: &EventKind) -> Sentence {
        match event {
            EventKind::Enqueued { at, position } => {
                let is_dead = matches!(self.cause_of(entry), Some(EventKind::DeadLettered { .. }));
                let dead = if is_dead { ", a dead letter" } else { "" };
                let sentence = queue(&at.queue.name).say(" takes ").then(message(&at.message)).say(dead);
                sentence.say(": it is Ready to be delivered, ").say(in_line(*position))
            }
            EventKind::Delivered { at, consumer, redelivered, ack, passed_over, .. } => {
                self.with_passed_over(self.delivered(at, consumer, *redelivered, *ack), passed_over, "other consumers")
            }
            EventKind::Got { at, channel, ack, .. } => self
                .channel(*channel)
                .say(" gets ")
                .then(message(&at.message))
                .say(" from ")
                .then(queue(&at.queue.name))
                .say(if *ack {
                    ": it is Unacked until it is acknowledged, given back or rejected."
                } else {
                    ". With automatic acknowledgement that is all: the queue forgets it."
                }),
            EventKind::GotNothing { queue: at, channel } => {
                self.channel(*channel).say(" asks ").then(queue(&at.name)).say(" for a message: there is none.")
            }
            EventKind::Waits { at, passed_over } => {
                let sentence = message(&at.message).say(" stays Ready in ").then(queue(&at.queue.name));
                self.with_passed_over(sentence.say(": no consumer can take it now."), passed_over, "consumers")
            }
            EventKind::Acked { at, channel, .. } => {
                let sentence = self.channel(*channel).say(" acknowledged ").then(message(&at.message)).say(": ");
                if self.is_stream(&at.queue) {
                    sentence.say("stream ").name(&at.queue.name).say(" may send it more, and keeps the message.")
                } else {
                    sentence.then(queue(&at.queue.name)).say(" forgets it.")
                }
            }
            EventKind::Requeued { at, why, position } => {
                let sentence = message(&at.message).say(" is Ready again in ").then(queue(&at.queue.name));
                sentence.say(", ").say(in_line(*position).trim_end_matches('.')).say(": ").say(why_back(*why)).say(".")
            }
            EventKind::Delayed { at, why, until_ms } => {
                let waits = span(until_ms.saturating_sub(entry.at_ms));
                let sentence = message(&at.message).say(" is back in ").then(queue(&at.queue.name)).say(": ");
                sentence.say(why_back(*why)).say(format!(". It waits for {waits} before it is Ready again."))
            }
            EventKind::DelayEnded { at, .. } => message(&at.message)
                .say(" has waited long enough: it is Ready in ")
                .then(queue(&at.queue.name))
                .say("."),
            EventKind::Dropped { at, rule } => {
                queue(&at.queue.name).say(" drops ").then(message(&at.message)).say(": ").say(rule_text(*rule)).say(".")
            }
            // Other families' sentences are made elsewhere.
            on_the_way!() | of_a_channel!() | of_topology!() | of_the_node!() => Sentence::default(),
        }
    }

    fn is_stream(&self, queue: &Rc<Resource>) -> bool {
        self.names.queues.get(queue).is_some_and(|queue| queue.kind == "stream")
    }

    fn delivered(&self, at: &CopyRef, consumer: &ConsumerRef, redelivered: bool, ack: bool) -> Sentence {
        let to = self.consumer(consumer);
        // In another queue, perhaps: a dead letter that was rejected is marked, too.
        let marked = if redelivered { ", marked redelivered: it was delivered before" } else { "" };
        let sentence =
            queue(&at.queue.name).say(" delivers ").then(message(&at.message)).say(" to ").then(to).say(marked);
        match (ack, self.is_stream(&at.queue)) {
            (false, _) => sentence.say(". With automatic acknowledgement that is all: the queue forgets it."),
            (true, false) => sentence.say(". The queue keeps it as Unacked until it is acknowledged."),
            (true, true) => {
                sentence.say(". The stream keeps it anyway; until it is acknowledged it counts against the prefetch.")
            }
        }
    }

    /// Who else could have got it, and why not: a few one by one, more of them by their reasons.
    fn with_passed_over(&self, mut sentence: Sentence, passed_over: &[PassedOver], whom: &str) -> Sentence {
        const ONE_BY_ONE: usize = 3;
        if passed_over.len() > ONE_BY_ONE {
            return sentence.say(by_reasons(passed_over, whom));
        }
        for passed in passed_over {
            sentence = sentence.say(" ").then(self.consumer(&passed.consumer).capitalised()).say(why_not(passed.why));
        }
        sentence
    }
}

fn why_not(why: PassedOverReason) -> String {
    match why {
        PassedOverReason::PrefetchFull { unacked, prefetch } => {
            format!(" already holds {unacked} of the {prefetch} that its prefetch allows.")
        }
        PassedOverReason::NotActive => " stands by: it is not the single active consumer.".into(),
        PassedOverReason::LowerPriority { priority } => format!(" has a lower consumer priority ({priority})."),
        PassedOverReason::LaterTurn => " has its turn later.".into(),
        PassedOverReason::Quiescing => " is being replaced as the single active consumer.".into(),
        PassedOverReason::TimedOut => " did not acknowledge in time, and gets nothing more.".into(),
    }
}

/// The same of many: how many have which reason, in the order in which the reasons come.
fn by_reasons(passed_over: &[PassedOver], whom: &str) -> String {
    let mut counted: Vec<((&str, &str), usize)> = Vec::new();
    for passed in passed_over {
        let why = why_many(passed.why);
        match counted.iter_mut().find(|(known, _)| *known == why) {
            Some((_, number)) => *number += 1,
            None => counted.push((why, 1)),
        }
    }
    if let [((_, many), number)] = counted[..] {
        return format!(" All {number} {whom} {many}.");
    }
    let reason =
        |((one, many), number): ((&str, &str), usize)| format!("{number} {}", if number == 1 { one } else { many });
    let reasons: Vec<String> = counted.into_iter().map(reason).collect();
    format!(" Of {} {whom}, {}.", passed_over.len(), reasons.join("; "))
}

/// Of one consumer, of several.
fn why_many(why: PassedOverReason) -> (&'static str, &'static str) {
    match why {
        PassedOverReason::PrefetchFull { .. } => {
            ("already holds as many as its prefetch allows", "already hold as many as their prefetch allows")
        }
        PassedOverReason::NotActive => ("stands by", "stand by: they are not the single active consumer"),
        PassedOverReason::LowerPriority { .. } => ("has a lower consumer priority", "have a lower consumer priority"),
        PassedOverReason::LaterTurn => ("has its turn later", "have their turn later"),
        PassedOverReason::Quiescing => ("is being replaced as the active one", "are being replaced as the active one"),
        PassedOverReason::TimedOut => {
            ("did not acknowledge in time", "did not acknowledge in time and get nothing more")
        }
    }
}

fn why_back(why: ReturnReason) -> &'static str {
    match why {
        ReturnReason::Nack => "its consumer gave it back by basic.nack with requeue",
        ReturnReason::Reject => "its consumer gave it back by basic.reject with requeue",
        ReturnReason::Recover => "its consumer asked by basic.recover for what it has not acknowledged",
        ReturnReason::ChannelClosed => "the channel over which it was delivered closed before it was acknowledged",
        ReturnReason::Timeout => "it was not acknowledged in time",
        ReturnReason::Restart => "the broker was restarted before it was acknowledged",
    }
}

/// The rule by which a message is dropped or refused.
pub(super) fn rule_text(rule: DropRule) -> &'static str {
    match rule {
        DropRule::Rejected => "it was rejected without requeue, and no dead letter exchange is set",
        DropRule::Expired => "its time to live (TTL) ran out, and no dead letter exchange is set",
        DropRule::MaxLength => "the queue is over its length limit, so what is first in line goes (drop-head)",
        DropRule::RejectPublish => {
            "the queue is at its length limit, and its overflow behaviour is to refuse (reject-publish)"
        }
        DropRule::DeliveryLimit => {
            "it came back more often than the delivery limit allows, and no dead letter exchange is set"
        }
        DropRule::NoDeadLetterExchange => "the dead letter exchange that is set does not exist",
        DropRule::Purged => "the queue was purged",
        DropRule::QueueDeleted => "the queue was deleted",
        DropRule::Restart => "it is transient (not persistent), so it does not outlive a restart of the broker",
        DropRule::Retention => "the stream is at its retention limit, so the oldest messages go",
    }
}
