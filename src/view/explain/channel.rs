//! Sentences about everything but messages: connections, channels, declarations, consumers, policies, the node.

use crate::broker::Name;
use crate::broker::binding::{Binding, Destination};
use crate::broker::event::{ChannelSetting, EventKind, ResourceKind};

use super::{Teller, closed, timer, why_deleted};
use crate::view::graph::exchange_name;
use crate::view::sentence::{Sentence, count};

impl Teller<'_> {
    pub(super) fn topology(&self, event: &EventKind) -> Sentence {
        match event {
            EventKind::ConnectionOpened { connection, vhost, user } => self
                .connection(*connection)
                .say(" is connected to virtual host ")
                .name(vhost)
                .say(" as ")
                .name(user)
                .say("."),
            EventKind::ConnectionRefused { connection, error } => {
                self.connection(*connection).say(" was not let in: ").error(error)
            }
            EventKind::ConnectionClosed { connection, why } => {
                closed(Sentence::words("The connection of ").then(self.connection(*connection)).say(" ended: "), why)
            }
            EventKind::ChannelOpened { channel } => self.channel(*channel).say(" opened a channel."),
            EventKind::ChannelClosed { channel, why } => {
                closed(Sentence::words("The channel of ").then(self.channel(*channel)).say(" was closed: "), why)
            }
            EventKind::ChannelSet { channel, setting } => self.channel(*channel).say(setting_text(setting)),
            EventKind::ExchangeDeclared { .. }
            | EventKind::ExchangeDeleted { .. }
            | EventKind::QueueDeclared { .. }
            | EventKind::QueueDeleted { .. }
            | EventKind::QueuePurged { .. }
            | EventKind::Bound { .. }
            | EventKind::Unbound { .. } => declared(event),
            EventKind::ConsumerAdded { queue, consumer, prefetch, no_ack, .. } => {
                let prefetch =
                    if *prefetch == 0 { "no prefetch limit".to_owned() } else { format!("prefetch {prefetch}") };
                let ack = if *no_ack { "auto ack" } else { "manual ack" };
                self.consumer(consumer).say(" consumes from ").name(&queue.name).say(format!(" ({ack}, {prefetch})."))
            }
            EventKind::ConsumerRemoved { queue, consumer, why } => self
                .consumer(consumer)
                .say(" no longer consumes from ")
                .name(&queue.name)
                .say(format!(": {}.", why_deleted(*why))),
            EventKind::ActiveConsumerChanged { queue, consumer } => match consumer {
                Some(consumer) => {
                    self.consumer(consumer).say(" is the single active consumer of ").name(&queue.name).say(" now.")
                }
                None => Sentence::of(&queue.name).say(" has no active consumer any more."),
            },
            EventKind::ConsumerTimedOut { queue, consumer } => self
                .consumer(consumer)
                .say(" did not acknowledge in time; what it held goes back to ")
                .name(&queue.name)
                .say("."),
            EventKind::TimerFired { queue, timer: kind } => {
                Sentence::of(&queue.name).say(format!(": {}.", timer(*kind)))
            }
            other => node(other),
        }
    }
}

fn declared(event: &EventKind) -> Sentence {
    match event {
        EventKind::ExchangeDeclared { exchange, kind, new, .. } => {
            let name = exchange_name(&exchange.name);
            let sentence = Sentence::words("Exchange ").name(&name);
            if *new {
                sentence.say(format!(" of type {kind} is declared."))
            } else {
                sentence.say(" is there already.")
            }
        }
        EventKind::ExchangeDeleted { exchange, why } => {
            Sentence::words("Exchange ").name(&exchange.name).say(format!(" is deleted: {}.", why_deleted(*why)))
        }
        EventKind::QueueDeclared { queue, kind, new, .. } => {
            let sentence = Sentence::words("Queue ").name(&queue.name);
            if *new {
                sentence.say(format!(" of type {kind} is declared."))
            } else {
                sentence.say(" is there already.")
            }
        }
        EventKind::QueueDeleted { queue, why, ready, unacked } => {
            Sentence::words("Queue ").name(&queue.name).say(format!(
                " is deleted with {} and {unacked} Unacked: {}.",
                count(*ready, "Ready message"),
                why_deleted(*why)
            ))
        }
        EventKind::QueuePurged { queue, count: number } => {
            Sentence::of(&queue.name).say(format!(" is purged of {}.", count(*number, "Ready message")))
        }
        EventKind::Bound { binding, new: true } => destination(binding)
            .say(" is bound to ")
            .name(&exchange_name(&binding.source))
            .say(" with ")
            .then(binding_key(binding))
            .say("."),
        EventKind::Bound { binding, new: false } => destination(binding).say(" is bound like that already."),
        EventKind::Unbound { binding, why } => destination(binding)
            .say(" is no longer bound to ")
            .name(&exchange_name(&binding.source))
            .say(" with ")
            .then(binding_key(binding))
            .say(format!(": {}.", why_deleted(*why))),
        other => node(other),
    }
}

/// The node itself, and what operators do.
fn node(event: &EventKind) -> Sentence {
    match event {
        EventKind::PolicyChanged { vhost, name, operator, set } => {
            let kind = if *operator { "Operator policy " } else { "Policy " };
            let done = if *set { " is set in virtual host " } else { " is cleared in virtual host " };
            Sentence::words(kind).name(name).say(done).name(vhost).say(".")
        }
        EventKind::PolicyApplied { kind, to, policy, operator_policy, .. } => {
            policies(*kind, &to.name, policy.iter().chain(operator_policy).collect())
        }
        EventKind::Managed { what, name, set } => {
            let done = if *set { " is set." } else { " is cleared." };
            Sentence::words("In the management: ").name(what).say(" ").name(name).say(done)
        }
        EventKind::Stopped { crash: true } => Sentence::words("The broker crashed."),
        EventKind::Stopped { crash: false } => Sentence::words("The broker was stopped."),
        EventKind::Started => Sentence::words("The broker is up again."),
        EventKind::BoundReached { limit } => {
            Sentence::words(format!("The broker stopped following a chain of effects after {}.", count(*limit, "link")))
        }
        // The callers have all others. They are named, so that a new kind does not go without a sentence.
        EventKind::ConnectionOpened { .. }
        | EventKind::ConnectionRefused { .. }
        | EventKind::ConnectionClosed { .. }
        | EventKind::ChannelOpened { .. }
        | EventKind::ChannelClosed { .. }
        | EventKind::ChannelSet { .. }
        | EventKind::ExchangeDeclared { .. }
        | EventKind::ExchangeDeleted { .. }
        | EventKind::QueueDeclared { .. }
        | EventKind::QueueDeleted { .. }
        | EventKind::QueuePurged { .. }
        | EventKind::Bound { .. }
        | EventKind::Unbound { .. }
        | EventKind::ConsumerAdded { .. }
        | EventKind::ConsumerRemoved { .. }
        | EventKind::ActiveConsumerChanged { .. }
        | EventKind::ConsumerTimedOut { .. }
        | EventKind::Published { .. }
        | EventKind::Routed(_)
        | EventKind::Unroutable { .. }
        | EventKind::Enqueued { .. }
        | EventKind::Refused { .. }
        | EventKind::Delivered { .. }
        | EventKind::Got { .. }
        | EventKind::GotNothing { .. }
        | EventKind::Waits { .. }
        | EventKind::Acked { .. }
        | EventKind::Requeued { .. }
        | EventKind::Delayed { .. }
        | EventKind::DelayEnded { .. }
        | EventKind::Dropped { .. }
        | EventKind::DeadLettered { .. }
        | EventKind::CycleCut { .. }
        | EventKind::DeadLetterLost { .. }
        | EventKind::DeadLetterHeld { .. }
        | EventKind::Confirmed { .. }
        | EventKind::DirectReply { .. }
        | EventKind::TimerFired { .. } => Sentence::default(),
    }
}

fn policies(kind: ResourceKind, to: &Name, policies: Vec<&Name>) -> Sentence {
    let what = match kind {
        ResourceKind::Exchange => "To exchange ",
        ResourceKind::Queue => "To queue ",
    };
    let sentence = Sentence::words(what).name(&exchange_name(to));
    if policies.is_empty() {
        sentence.say(" no policy applies any more.")
    } else {
        sentence.say(" now applies: ").names(policies).say(".")
    }
}

fn destination(binding: &Binding) -> Sentence {
    match &binding.destination {
        Destination::Queue(name) => Sentence::words("Queue ").name(name),
        Destination::Exchange(name) => Sentence::words("Exchange ").name(name),
    }
}

fn binding_key(binding: &Binding) -> Sentence {
    if binding.routing_key.is_empty() {
        Sentence::words("an empty binding key")
    } else {
        Sentence::words("binding key ").name(&binding.routing_key)
    }
}

fn setting_text(setting: &ChannelSetting) -> String {
    match setting {
        ChannelSetting::Prefetch(0) => " takes any number of messages at once (prefetch 0).".into(),
        ChannelSetting::Prefetch(prefetch) => {
            format!(
                " takes at most {} at a time (prefetch {prefetch}).",
                count(u64::from(*prefetch), "unacknowledged message")
            )
        }
        ChannelSetting::Confirm => " asks for publisher confirms.".into(),
        ChannelSetting::Transaction => " begins to use transactions.".into(),
        ChannelSetting::Commit => " commits its transaction.".into(),
        ChannelSetting::Rollback => " rolls its transaction back.".into(),
        ChannelSetting::Recover => " asks for all it has not acknowledged again.".into(),
        ChannelSetting::Flow => " sets channel.flow.".into(),
    }
}
