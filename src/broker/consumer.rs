//! Consumers and the order in which they are served.
//!
//! A [`Rotation`] has one line of consumers for each consumer priority. The front of the highest line that is not
//! empty is served next and goes to the back of its line; the position survives idle periods.
//! Source: `rabbit/src/rabbit_queue_consumers.erl`, `priority_queue.erl`.

use std::cmp::Reverse;
use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::event::ConsumerRef;
use super::name::{ChannelId, ConsumerId, Name};
use super::ordered::OrderedMap;
use super::table::Table;

/// What a consumer asked for. It never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consumer {
    /// Ascending in order of attachment.
    pub id: ConsumerId,
    /// Its channel.
    pub channel: ChannelId,
    /// Its tag, unique on the channel.
    pub tag: Name,
    /// Automatic acknowledgement.
    pub no_ack: bool,
    /// Most unacknowledged deliveries; 0 is unlimited.
    pub prefetch: u16,
    /// Higher ones are served first.
    pub priority: i64,
    /// No other consumer may join.
    pub exclusive: bool,
    /// `x-consumer-timeout`, milliseconds.
    pub timeout_ms: Option<u64>,
    /// As given.
    pub arguments: Table,
}

impl Consumer {
    /// For events.
    pub fn reference(&self) -> ConsumerRef {
        ConsumerRef { channel: self.channel, tag: self.tag.clone() }
    }
}

/// Lines of consumers (or of whatever stands for them), one a priority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotation<K> {
    lines: OrderedMap<Reverse<i64>, VecDeque<K>>,
}

impl<K> Default for Rotation<K> {
    fn default() -> Self {
        Rotation { lines: OrderedMap::new() }
    }
}

impl<K: PartialEq + Clone> Rotation<K> {
    /// To the back of its line.
    pub fn push(&mut self, priority: i64, key: K) {
        self.lines.entry(Reverse(priority)).or_default().push_back(key);
    }

    /// To the back of its line, unless it stands there already.
    pub fn push_once(&mut self, priority: i64, key: K) {
        if !self.contains(&key) {
            self.push(priority, key);
        }
    }

    /// Whether it stands in any line.
    pub fn contains(&self, key: &K) -> bool {
        self.lines.values().any(|line| line.contains(key))
    }

    /// Who is next.
    pub fn front(&self) -> Option<&K> {
        self.lines.values().find_map(VecDeque::front)
    }

    /// Takes the next one out.
    pub fn pop(&mut self) -> Option<K> {
        self.lines.values_mut().find_map(VecDeque::pop_front)
    }

    /// The next one goes to the back of its line.
    pub fn rotate(&mut self) {
        if let Some(line) = self.lines.values_mut().find(|line| !line.is_empty()) {
            line.rotate_left(1);
        }
    }

    /// Takes one out.
    pub fn remove(&mut self, key: &K) {
        for line in self.lines.values_mut() {
            line.retain(|other| other != key);
        }
        self.lines.retain(|_, line| !line.is_empty());
    }

    /// All, in the order in which they would be served.
    pub fn iter(&self) -> impl Iterator<Item = &K> {
        self.lines.values().flatten()
    }
}
