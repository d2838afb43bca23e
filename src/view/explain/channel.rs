//! Sentences about connections, channels and consumers: who comes, what they ask for, why they go.

use std::rc::Rc;

use crate::broker::Resource;
use crate::broker::event::{ChannelSetting, ConsumerRef, DeleteReason, EventKind};

use super::family::{in_a_queue, of_the_node, of_topology, on_the_way};
use super::names::queue;
use super::{Teller, closed, why_deleted};
use crate::view::sentence::{Sentence, count};

impl Teller<'_> {
    pub(super) fn of_channel(&self, event: &EventKind) -> Sentence {
        match event {
            EventKind::ConnectionOpened { connection, vhost, user } => self
                .connection(*connection)
                .say(" is connected to the broker as user ")
                .name(user)
                .say(", and sees what is in virtual host ")
                .name(vhost)
                .say("."),
            EventKind::ConnectionRefused { connection, error } => {
                self.connection(*connection).say(" was not let in: ").error(error)
            }
            EventKind::ConnectionClosed { connection, why } => {
                closed(Sentence::words("The connection of ").then(self.connection(*connection)).say(" ended: "), why)
            }
            EventKind::ChannelOpened { channel } => {
                self.channel(*channel).say(" opened a channel, over which it talks to the broker.")
            }
            EventKind::ChannelClosed { channel, why } => {
                closed(Sentence::words("The channel of ").then(self.channel(*channel)).say(" was closed: "), why)
            }
            EventKind::ChannelSet { channel, setting } => self.channel(*channel).say(setting_text(setting)),
            EventKind::ConsumerAdded { queue, consumer, prefetch, no_ack, priority } => {
                let sentence = self.consumer(consumer).say(" consumes from ").name(&queue.name);
                let sentence = sentence.then(self.begins_at(queue, consumer));
                sentence.say(how_it_consumes(*no_ack, *prefetch, *priority))
            }
            EventKind::ConsumerRemoved { queue, consumer, why } => self
                .consumer(consumer)
                .say(" no longer consumes from ")
                .name(&queue.name)
                .say(": ")
                .say(if *why == DeleteReason::Cascade { "the queue was deleted" } else { why_deleted(*why) })
                .say("."),
            EventKind::ActiveConsumerChanged { queue: at, consumer: Some(consumer) } => self
                .consumer(consumer)
                .say(" is the single active consumer of ")
                .then(queue(&at.name))
                .say(" now: it alone gets messages, the others stand by."),
            EventKind::ActiveConsumerChanged { queue: at, consumer: None } => {
                queue(&at.name).say(" has no active consumer any more, so nobody gets its messages.")
            }
            EventKind::ConsumerTimedOut { queue: at, consumer } => self
                .consumer(consumer)
                .say(" did not acknowledge in time; what it held goes back to ")
                .then(queue(&at.name))
                .say("."),
            // Other families' sentences are made elsewhere.
            on_the_way!() | in_a_queue!() | of_topology!() | of_the_node!() => Sentence::default(),
        }
    }
}

impl Teller<'_> {
    /// Where in a stream a consumer begins to read; nothing of another queue.
    fn begins_at(&self, queue: &Rc<Resource>, consumer: &ConsumerRef) -> Sentence {
        if self.names.queues.get(queue).is_none_or(|state| state.kind != "stream") {
            return Sentence::default();
        }
        let client = self.names.client_of(consumer.channel.connection);
        let arguments = client.and_then(|(_, client)| Some(&client.spec.role.consumer()?.arguments));
        let offset = arguments.and_then(|arguments| arguments.get("x-stream-offset"));
        let offset = offset.map_or_else(|| "next".to_owned(), ToString::to_string);
        let sentence = Sentence::words(", beginning at x-stream-offset ").name(&offset.as_str().into());
        let which =
            [("next", ": what is published from now on"), ("first", ": with the oldest message that the stream has")];
        let which = which.into_iter().find(|(word, _)| *word == offset).map_or("", |(_, which)| which);
        sentence.say(which)
    }
}

fn how_it_consumes(no_ack: bool, prefetch: u16, priority: i64) -> String {
    let mut how = String::from(if no_ack {
        " (auto ack: what is sent to it counts as acknowledged"
    } else {
        " (manual ack: it says when it is done with a message"
    });
    match (no_ack, prefetch) {
        (true, _) => {}
        (false, 0) => how.push_str("; no prefetch: it may hold any number of them"),
        (false, prefetch) => {
            let held = count(u64::from(prefetch), "unacknowledged message");
            how.push_str(&format!("; prefetch {prefetch}: it may hold {held}"));
        }
    }
    if priority != 0 {
        how.push_str(&format!("; consumer priority {priority}"));
    }
    how.push_str(").");
    how
}

fn setting_text(setting: &ChannelSetting) -> String {
    match setting {
        ChannelSetting::Prefetch(0) => {
            " asks for no prefetch limit: it takes any number of messages that it has not acknowledged (prefetch 0)."
                .into()
        }
        ChannelSetting::Prefetch(prefetch) => {
            let held = count(u64::from(*prefetch), "message");
            format!(" asks for at most {held} at a time that it has not acknowledged (prefetch {prefetch}).")
        }
        ChannelSetting::Confirm => {
            " turns on publisher confirms: the broker will tell it of each message that it has dealt with.".into()
        }
        ChannelSetting::Transaction => {
            " begins to use transactions: what it publishes and acknowledges counts from its commit on.".into()
        }
        ChannelSetting::Commit => " commits its transaction: what it did since the last commit counts now.".into(),
        ChannelSetting::Rollback => {
            " rolls its transaction back: what it did since the last commit does not count.".into()
        }
        ChannelSetting::Recover => " asks for all messages again that it has not acknowledged (basic.recover).".into(),
        ChannelSetting::Flow => " asks for messages to flow (channel.flow), as they do anyway.".into(),
    }
}
