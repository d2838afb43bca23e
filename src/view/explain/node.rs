//! Sentences about the node itself, what it does by the clock, and what operators do.

use crate::broker::Name;
use crate::broker::event::{EventKind, ResourceKind, TimerKind};
use crate::broker::table::{Table, Value};

use super::family::{in_a_queue, of_a_channel, of_topology, on_the_way};
use super::names::{exchange, queue};
use crate::view::sentence::{Sentence, count};

pub(super) fn sentence(event: &EventKind) -> Sentence {
    match event {
        EventKind::PolicyChanged { vhost, name, operator, set, .. } => {
            let kind = if *operator { "Operator policy " } else { "Policy " };
            let (done, effect) = if *set {
                (" is set in virtual host ", ": it applies to what has a name that its pattern matches.")
            } else {
                (" is cleared in virtual host ", ": it applies to nothing any more.")
            };
            Sentence::words(kind).name(name).say(done).name(vhost).say(effect)
        }
        EventKind::PolicyApplied { kind, to, policy, operator_policy, effective } => {
            let to = match kind {
                ResourceKind::Exchange => exchange(&to.name),
                ResourceKind::Queue => queue(&to.name),
            };
            policies(to, policy.as_ref(), operator_policy.as_ref(), effective)
        }
        EventKind::Managed { what, name, set } => managed(what, name, *set),
        EventKind::TimerFired { queue: at, timer } => {
            Sentence::words(timer_text(*timer)).then(queue(&at.name)).say(".")
        }
        EventKind::Stopped { crash: true } => Sentence::words("The broker crashed: all connections break."),
        EventKind::Stopped { crash: false } => Sentence::words("The broker was stopped: it closes all connections."),
        EventKind::Started => {
            Sentence::words("The broker is up again: what is durable is there, and clients have to connect anew.")
        }
        EventKind::BoundReached { limit } => Sentence::words(format!(
            "What follows from this has gone on for {}; the broker follows it no further.",
            count(*limit, "step")
        )),
        // Other families' sentences are made elsewhere.
        on_the_way!() | in_a_queue!() | of_a_channel!() | of_topology!() => Sentence::default(),
    }
}

/// It ends with what stands before the queue's name.
fn timer_text(kind: TimerKind) -> &'static str {
    match kind {
        TimerKind::Message => "The time is up for which a message may stay in ",
        TimerKind::QueueExpiry => "Nobody has used it for as long as its x-expires says: the time is up for ",
        TimerKind::ConsumerTimeout => "The time is up in which a message must be acknowledged that was delivered from ",
        TimerKind::DeadLetterRetry => "The broker tries again to hand on the dead letters of ",
    }
}

fn policies(to: Sentence, policy: Option<&Name>, operator_policy: Option<&Name>, effective: &Table) -> Sentence {
    let sentence = match (policy, operator_policy) {
        (None, None) => return Sentence::words("No policy applies any more to ").then(to).say("."),
        (Some(policy), None) => Sentence::words("Policy ").name(policy).say(" now applies to "),
        (None, Some(policy)) => Sentence::words("Operator policy ").name(policy).say(" now applies to "),
        (Some(policy), Some(operator_policy)) => {
            let sentence = Sentence::words("Policy ").name(policy).say(" and operator policy ").name(operator_policy);
            sentence.say(" now apply to ")
        }
    };
    let mut sentence = sentence.then(to);
    for (place, (key, value)) in effective.iter().enumerate() {
        let start = if place == 0 { ": " } else { ", " };
        sentence = sentence.say(start).name(key).say(" is ").then(setting(value));
    }
    sentence.say(".")
}

fn setting(value: &Value) -> Sentence {
    let text: Name = value.to_string().into();
    if matches!(value, Value::Void) { Sentence::words("nothing") } else { Sentence::default().name(&text) }
}

/// What an operator changed about the broker.
fn managed(what: &Name, name: &Name, set: bool) -> Sentence {
    let (thing, made, unmade) = match what.as_str() {
        "vhost" => ("Virtual host ", " is there: a space of its own for exchanges and queues.", " is deleted."),
        "user" => ("User ", " is there, and may log in.", " is deleted."),
        "permission" => {
            ("The permissions of user ", " are set: where it may declare, write and read.", " are cleared.")
        }
        "limit" => ("The limit ", " is set.", " is cleared."),
        "tracing" => ("The firehose of virtual host ", " is on: it copies each message.", " is off."),
        "global_parameter" => ("Global parameter ", " is set.", " is cleared."),
        _ => {
            let thing = Sentence::words("In the management, ").name(what).say(" ").name(name);
            return thing.say(if set { " is set." } else { " is cleared." });
        }
    };
    Sentence::words(thing).name(name).say(if set { made } else { unmade })
}
