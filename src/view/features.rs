//! What exchanges, queues and clients are told apart by: their features under the short names of RabbitMQ's management UI, with
//! words for those who do not know these, and the policies that act on them.

use std::rc::Rc;

use crate::broker::event::{ConsumerRef, Declared};
use crate::broker::message::{DeathReason, Message};
use crate::broker::settings::Settings;
use crate::broker::{Name, Resource};
use crate::simulation::ClientId;

use super::board::{Applied, Board, ClientState, Copied, ExchangeState, QueueState};
use super::sentence::span;

/// A feature or a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Badge {
    /// In short.
    pub short: Name,
    /// In words.
    pub words: String,
    /// Whether it is a policy that acts here.
    pub is_policy: bool,
}

/// Arguments, their short names and what they are.
const KNOWN: [(&str, &str, &str); 12] = [
    ("x-message-ttl", "TTL", "message TTL"),
    ("x-expires", "Exp", "auto expire"),
    ("x-max-length", "Lim", "max length"),
    ("x-max-length-bytes", "Lim B", "max length in bytes"),
    ("x-overflow", "Ovfl", "overflow behaviour"),
    ("x-dead-letter-exchange", "DLX", "dead letter exchange"),
    ("x-dead-letter-routing-key", "DLK", "dead letter routing key"),
    ("x-max-priority", "Pri", "maximum priority"),
    ("x-single-active-consumer", "SAC", "single active consumer"),
    ("x-delivery-limit", "DlL", "delivery limit"),
    ("x-max-age", "Age", "max age"),
    ("alternate-exchange", "AE", "alternate exchange"),
];

/// A queue's features, and the policies that apply to it.
pub fn queue_badges(board: &Board, resource: &Rc<Resource>, queue: &QueueState) -> Vec<Badge> {
    badges(&queue.with, board.queue_policy(resource))
}

/// An exchange's features, and the policies that apply to it.
pub fn exchange_badges(board: &Board, resource: &Rc<Resource>, exchange: &ExchangeState) -> Vec<Badge> {
    badges(&exchange.with, board.exchange_policy(resource))
}

fn badges(with: &Declared, applied: Option<&Applied>) -> Vec<Badge> {
    let flags = [
        (with.durable, "D", "durable"),
        (with.auto_delete, "AD", "auto-delete"),
        (with.exclusive, "Excl", "exclusive"),
        (with.internal, "I", "internal"),
    ];
    let flags = flags.into_iter().filter(|(is_set, ..)| *is_set);
    let mut badges: Vec<Badge> = flags
        .map(|(_, short, words)| Badge { short: short.into(), words: words.to_owned(), is_policy: false })
        .collect();
    let mut others = Vec::new();
    for (name, value) in &with.arguments {
        if name.as_str() == "x-queue-type" {
            continue;
        }
        match KNOWN.iter().find(|(known, ..)| *known == name.as_str()) {
            Some((_, short, words)) => {
                badges.push(Badge { short: (*short).into(), words: format!("{words} {value}"), is_policy: false });
            }
            None => others.push(format!("{name} {value}")),
        }
    }
    if !others.is_empty() {
        badges.push(Badge {
            short: "Args".into(),
            words: format!("arguments {}", others.join(", ")),
            is_policy: false,
        });
    }
    badges.extend(applied.into_iter().flat_map(policies));
    badges
}

/// How many connections a client has, if there are several; of a queue with a single active consumer, whether that is it.
pub fn client_badges(board: &Board, id: ClientId, client: &ClientState) -> Vec<Badge> {
    let badge = |short: &str, words: String| Badge { short: short.into(), words, is_policy: false };
    let mut badges = Vec::new();
    if client.connections.len() > 1 {
        let words = format!("{} connections", client.connections.len());
        badges.push(badge(&words.clone(), words));
    }
    let is_own =
        |consumer: &ConsumerRef| board.client_of(consumer.channel.connection).is_some_and(|(own, _)| own == id);
    let (mut active, mut waiting) = (Vec::new(), Vec::new());
    for (resource, queue) in &board.queues {
        let Some(chosen) = &queue.active else { continue };
        if is_own(chosen) {
            active.push(resource.name.as_str());
        } else if queue.consumers.iter().any(|attached| is_own(&attached.consumer)) {
            waiting.push(resource.name.as_str());
        }
    }
    if !active.is_empty() {
        badges.push(badge(ACTIVE, format!("single active consumer of {}", active.join(", "))));
    }
    if !waiting.is_empty() {
        badges.push(badge(WAITING, format!("waiting to be the single active consumer of {}", waiting.join(", "))));
    }
    badges
}

/// The policies by name, with all that they set together.
fn policies(applied: &Applied) -> Vec<Badge> {
    let sets: Vec<String> = applied.effective.iter().map(|(name, value)| format!("{name} {value}")).collect();
    let names = [("policy", &applied.policy), ("operator policy", &applied.operator_policy)];
    let names = names.into_iter().filter_map(|(word, name)| Some((word, name.as_ref()?)));
    names
        .map(|(word, name)| {
            let words = format!("{word} {name} sets {}", sets.join(", "));
            Badge { short: name.clone(), words, is_policy: true }
        })
        .collect()
}

/// Who gets the messages of a queue with a single active consumer.
const ACTIVE: &str = "active";
/// Who gets none of them yet.
pub const WAITING: &str = "waiting";

/// What a message in a queue is told apart by.
#[derive(Clone, Debug, PartialEq)]
pub struct Features {
    /// Its priority, where the queue has priorities.
    pub priority: Option<u8>,
    /// Whether it was delivered before.
    pub redelivered: bool,
    /// What is left of its time to live, from 1 to 0.
    pub left: Option<f64>,
    /// The same in milliseconds.
    pub left_ms: Option<u64>,
    /// Whether it is a dead letter, and of which queue: `dead letter: rejected in orders`.
    pub dead: Option<String>,
    /// All of it in words, with the moment since when it is there.
    pub words: String,
}

/// What a message is told apart by now, in a queue with those settings; `holder` has it, if anybody does.
pub fn features(copied: &Copied, settings: &Settings, now_ms: u64, holder: Option<&str>) -> Features {
    let message = &copied.message;
    let priority = settings.max_priority.map(|most| message.priority().unwrap_or_default().min(most));
    let own: Option<u64> = message.properties.expiration.as_ref().and_then(|text| text.as_str().parse().ok());
    let ttl_ms = match (own, settings.message_ttl_ms) {
        (Some(own), Some(queue)) => Some(own.min(queue)),
        (own, queue) => own.or(queue),
    };
    let age_ms = now_ms.saturating_sub(copied.since_ms);
    // Who has it keeps it, however long that takes.
    let left_ms = ttl_ms.filter(|_| holder.is_none()).map(|ttl_ms| ttl_ms.saturating_sub(age_ms));
    let mut words = format!("{}, in the queue since {}", message.routing_keys.key, span(copied.since_ms));
    if let Some(priority) = priority {
        words.push_str(&format!(", priority {priority}"));
    }
    if copied.redelivered {
        words.push_str(", delivered before");
    }
    let dead = dead_letter(message);
    if let Some(dead) = &dead {
        words.push_str(&format!(", {dead}"));
    }
    if let Some(left_ms) = left_ms {
        words.push_str(&format!(", expires in {}", span(left_ms)));
    }
    if let Some(holder) = holder {
        words.push_str(&format!(", lent to {holder}"));
    }
    let left = left_ms.zip(ttl_ms).map(|(left, ttl)| left as f64 / ttl.max(1) as f64);
    Features { priority, redelivered: copied.redelivered, left, left_ms, dead, words }
}

/// What made a dead letter of a message last, if it is one.
pub fn dead_letter(message: &Message) -> Option<String> {
    let death = message.deaths.as_ref()?.entries.first()?;
    Some(format!("dead letter: {} in {}", death_word(death.reason), death.queue))
}

/// A reason as the headers have it.
pub fn death_word(reason: DeathReason) -> &'static str {
    match reason {
        DeathReason::Rejected => "rejected",
        DeathReason::Expired => "expired",
        DeathReason::Maxlen => "maxlen",
        DeathReason::DeliveryLimit => "delivery_limit",
    }
}

/// So many messages of a queue are looked at to count its dead letters.
pub const LOOKED_AT: usize = 1_000;

/// How many of a queue's messages are dead letters, of the first [`LOOKED_AT`].
pub fn dead_letters(queue: &QueueState) -> usize {
    let lent = queue.unacked.iter().map(|lent| &lent.copied);
    let all = lent.chain(queue.ready.iter()).chain(queue.waiting.iter());
    all.take(LOOKED_AT).filter(|copied| copied.message.deaths.is_some()).count()
}
