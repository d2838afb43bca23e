//! Sentences about messages in queues: taken, delivered, acknowledged, come back, dropped.

use crate::broker::event::{DropRule, EventKind, PassedOver, PassedOverReason, ReturnReason};
use crate::simulation::LogEntry;

use super::{Teller, called};
use crate::view::sentence::{Sentence, count, span};

fn in_line(position: u64, first: &str) -> String {
    match position {
        0 => first.to_owned(),
        ahead => format!("behind {}", count(ahead, "other")),
    }
}

impl Teller<'_> {
    pub(super) fn queue(&self, entry: &LogEntry, event: &EventKind) -> Sentence {
        match event {
            EventKind::Enqueued { at, position } => {
                let place = in_line(*position, "first in line");
                let again = matches!(self.cause_of(entry), Some(EventKind::DeadLettered { .. }));
                let what = if again { " takes the dead letter " } else { " takes " };
                Sentence::of(&at.queue.name).say(what).name(&called(&at.message)).say(format!(": Ready, {place}."))
            }
            EventKind::Delivered { at, consumer, redelivered, ack, passed_over, .. } => {
                let again = if *redelivered { " again" } else { "" };
                let sentence = Sentence::of(&at.queue.name)
                    .say(" delivers ")
                    .name(&called(&at.message))
                    .say(format!("{again} to "))
                    .then(self.consumer(consumer))
                    .say(if *ack {
                        ": Unacked until it is acknowledged."
                    } else {
                        ". With auto ack it counts as done when it is sent."
                    });
                self.with_passed_over(sentence, passed_over)
            }
            EventKind::Got { at, channel, ack, .. } => self
                .channel(*channel)
                .say(" gets ")
                .name(&called(&at.message))
                .say(" from ")
                .name(&at.queue.name)
                .say(if *ack { ": Unacked until it is acknowledged." } else { ", acknowledged automatically." }),
            EventKind::GotNothing { queue, channel } => {
                self.channel(*channel).say(" asks ").name(&queue.name).say(" for a message: there is none.")
            }
            EventKind::Waits { at, passed_over } => {
                let sentence = Sentence::of(&called(&at.message)).say(" stays Ready in ").name(&at.queue.name).say(".");
                self.with_passed_over(sentence, passed_over)
            }
            EventKind::Acked { at, channel, .. } => self
                .channel(*channel)
                .say(" acknowledged ")
                .name(&called(&at.message))
                .say("; ")
                .name(&at.queue.name)
                .say(" forgets it."),
            EventKind::Requeued { at, why, position } => {
                let place = in_line(*position, "at the head");
                Sentence::of(&called(&at.message))
                    .say(" is back in ")
                    .name(&at.queue.name)
                    .say(format!(", {place}: {}.", why_back(*why)))
            }
            EventKind::Delayed { at, why, until_ms } => Sentence::of(&called(&at.message))
                .say(" is back in ")
                .name(&at.queue.name)
                .say(format!(" ({}), and waits for {}.", why_back(*why), span(until_ms.saturating_sub(entry.at_ms)))),
            EventKind::DelayEnded { at, .. } => Sentence::of(&called(&at.message))
                .say(" has waited long enough: Ready in ")
                .name(&at.queue.name)
                .say("."),
            EventKind::Dropped { at, rule } => Sentence::of(&at.queue.name)
                .say(" drops ")
                .name(&called(&at.message))
                .say(format!(": {}.", rule_text(*rule))),
            other => self.topology(other),
        }
    }

    /// Who else could have got it, and why not; two of them at most.
    fn with_passed_over(&self, mut sentence: Sentence, passed_over: &[PassedOver]) -> Sentence {
        const TOLD: usize = 2;
        for passed in passed_over.iter().take(TOLD) {
            sentence =
                sentence.say(" ").then(self.consumer(&passed.consumer)).say(format!(" {}.", why_not(passed.why)));
        }
        match passed_over.len().saturating_sub(TOLD) as u64 {
            0 => sentence,
            more => sentence.say(format!(" {} could not have it either.", count(more, "other consumer"))),
        }
    }
}

fn why_not(why: PassedOverReason) -> String {
    match why {
        PassedOverReason::PrefetchFull { unacked, prefetch } => format!("already holds {unacked} of {prefetch}"),
        PassedOverReason::NotActive => "is not the single active consumer".into(),
        PassedOverReason::LowerPriority { priority } => format!("has a lower priority ({priority})"),
        PassedOverReason::LaterTurn => "has its turn later".into(),
        PassedOverReason::Quiescing => "is being replaced as the single active consumer".into(),
        PassedOverReason::TimedOut => "did not acknowledge in time, and gets nothing more".into(),
    }
}

fn why_back(why: ReturnReason) -> &'static str {
    match why {
        ReturnReason::Nack => "the consumer sent basic.nack with requeue",
        ReturnReason::Reject => "the consumer sent basic.reject with requeue",
        ReturnReason::Recover => "the consumer sent basic.recover",
        ReturnReason::ChannelClosed => "the channel that held it is closed",
        ReturnReason::Timeout => "it was not acknowledged in time",
        ReturnReason::Restart => "the broker was restarted",
    }
}

/// The rule by which a message is dropped or refused.
pub(super) fn rule_text(rule: DropRule) -> &'static str {
    match rule {
        DropRule::Rejected => "it was rejected, and no dead letter exchange is set",
        DropRule::Expired => "its time to live ran out, and no dead letter exchange is set",
        DropRule::MaxLength => "the queue is over its length limit and drops its head",
        DropRule::RejectPublish => "the queue is at its length limit and takes no more",
        DropRule::DeliveryLimit => {
            "it came back more often than the delivery limit allows, and no dead letter exchange is set"
        }
        DropRule::NoDeadLetterExchange => "the dead letter exchange that is set does not exist",
        DropRule::Purged => "the queue was purged",
        DropRule::QueueDeleted => "the queue was deleted",
        DropRule::Restart => "a transient message does not survive a restart",
        DropRule::Retention => "the stream forgot its oldest messages",
    }
}
