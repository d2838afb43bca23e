//! A consumer at work: it takes one message after another, and says of each what became of it.
//!
//! An idempotent consumer remembers the `message_id`s it has dealt with, as an application does with a table in its
//! database: over crashes and restarts, and the last [`SEEN_MAX`] of them.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::broker::message::Delivery;
use crate::broker::ordered::OrderedSet;
use crate::broker::table::Value;
use crate::broker::{Method, Name};

use super::rng::Rng;
use super::role::{AckMode, ConsumerSpec};
use super::scenario::ScenarioError;
use super::span::Span;

/// Most message ids that an idempotent consumer remembers.
pub const SEEN_MAX: usize = 10_000;
/// Most rules of a consumer.
const RULES_MAX: usize = 1_000;

/// What a consumer says of a message when it is done with it. With auto ack all but a crash is the same: it says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// `basic.ack`
    #[default]
    Ack,
    /// `basic.nack`, to be requeued.
    NackRequeue,
    /// `basic.nack`, not to be requeued.
    NackDiscard,
    /// `basic.reject`, to be requeued.
    RejectRequeue,
    /// `basic.reject`, not to be requeued.
    RejectDiscard,
    /// Nothing.
    NeverAnswer,
    /// It crashes: its connection breaks.
    Crash,
}

impl Outcome {
    /// Whether it is the usual one, which a scenario need not write down.
    pub fn is_usual(&self) -> bool {
        *self == Outcome::default()
    }

    pub(super) fn method(self, delivery_tag: u64) -> Option<Method> {
        let nack = |requeue| Method::BasicNack { delivery_tag, multiple: false, requeue };
        match self {
            Outcome::Ack => Some(Method::BasicAck { delivery_tag, multiple: false }),
            Outcome::NackRequeue => Some(nack(true)),
            Outcome::NackDiscard => Some(nack(false)),
            Outcome::RejectRequeue => Some(Method::BasicReject { delivery_tag, requeue: true }),
            Outcome::RejectDiscard => Some(Method::BasicReject { delivery_tag, requeue: false }),
            Outcome::NeverAnswer | Outcome::Crash => None,
        }
    }
}

/// What becomes of some messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Which.
    pub when: When,
    /// What.
    pub outcome: Outcome,
}

/// How long some messages take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WorkRule {
    /// Which.
    pub when: When,
    /// How long.
    pub processing: Span,
}

/// Which messages a rule is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum When {
    /// Every so many-th that the consumer works on.
    Every(u64),
    /// So many of a hundred, at random.
    Percent(u8),
    /// Those with a text in their payload.
    PayloadContains(Name),
    /// Those with a header.
    Header {
        /// Its name.
        name: Name,
        /// Its value; none is any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<Value>,
    },
    /// Those that were delivered before.
    Redelivered,
}

impl When {
    /// `number` counts the consumer's messages, from 1.
    fn applies(&self, delivery: &Delivery, number: u64, rng: &mut Rng) -> bool {
        match self {
            When::Every(count) => number.checked_rem(*count) == Some(0),
            When::Percent(percent) => rng.between(1, 100) <= u64::from(*percent),
            When::PayloadContains(text) => delivery.message.payload.text().contains(text.as_str()),
            When::Header { name, value } => {
                let properties = delivery.properties();
                let header = properties.header(name);
                header.is_some_and(|header| value.as_ref().is_none_or(|value| value.same_value(header)))
            }
            When::Redelivered => delivery.redelivered,
        }
    }
}

/// Looks for what no consumer can keep to.
pub(super) fn check(consumer: &ConsumerSpec, place: &str) -> Result<(), ScenarioError> {
    ScenarioError::unless(consumer.pull_every_ms != Some(0), place, "pull_every_ms", "a number from 1")?;
    let rules = consumer.rules.iter().map(|rule| &rule.when);
    check_rules(rules, place, "rules")?;
    check_rules(consumer.processing_rules.iter().map(|rule| &rule.when), place, "processing_rules")
}

fn check_rules<'a>(
    rules: impl ExactSizeIterator<Item = &'a When>,
    place: &str,
    list: &str,
) -> Result<(), ScenarioError> {
    ScenarioError::unless(rules.len() <= RULES_MAX, place, list, "at most 1000 of them")?;
    for (index, when) in rules.enumerate() {
        let field = |name: &str| format!("{list}[{index}].when.{name}");
        match when {
            When::Every(0) => ScenarioError::unless(false, place, &field("every"), "a number from 1")?,
            When::Percent(101..) => ScenarioError::unless(false, place, &field("percent"), "a number from 0 to 100")?,
            _ => {}
        }
    }
    Ok(())
}

/// What a consumer remembers, whichever of its connections a message comes over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Memory {
    /// How many messages it has worked on.
    done: u64,
    seen: Seen,
}

impl Memory {
    /// The id of a message that it need not work on: it has dealt with it before.
    pub fn known(&self, spec: &ConsumerSpec, delivery: &Delivery) -> Option<Name> {
        id_of(delivery).filter(|id| spec.idempotent && self.seen.contains(id))
    }

    /// How long it works on a message, milliseconds.
    pub fn work_ms(&self, spec: &ConsumerSpec, delivery: &Delivery, rng: &mut Rng) -> u64 {
        let number = self.done + 1;
        let rule = spec.processing_rules.iter().find(|rule| rule.when.applies(delivery, number, rng));
        rule.map_or(&spec.processing, |rule| &rule.processing).draw(delivery, rng)
    }

    /// It has worked on a message: what becomes of that?
    pub fn judge(&mut self, spec: &ConsumerSpec, delivery: &Delivery, rng: &mut Rng) -> Outcome {
        self.done += 1;
        let number = self.done;
        let rule = spec.rules.iter().find(|rule| rule.when.applies(delivery, number, rng));
        rule.map_or(spec.outcome, |rule| rule.outcome)
    }

    /// It has dealt with a message.
    pub fn settle(&mut self, spec: &ConsumerSpec, delivery: &Delivery, outcome: Outcome) {
        if spec.idempotent && (outcome == Outcome::Ack || spec.ack == AckMode::Auto) {
            self.seen.insert(id_of(delivery));
        }
    }
}

/// What a consumer has got over one connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Desk {
    /// Received, and not yet worked on. Oldest first.
    pub inbox: VecDeque<Delivery>,
    /// In work, or waiting for the confirm of what was published for it.
    pub in_hand: Option<Delivery>,
    /// Which of its queues it asks next, where it pulls.
    turn: usize,
}

impl Desk {
    /// The delivery in hand, if it is this one.
    pub fn has_in_hand(&self, delivery_tag: u64) -> bool {
        self.in_hand.as_ref().is_some_and(|delivery| delivery.delivery_tag == delivery_tag)
    }

    /// Asks the next of its queues for a message.
    pub fn pull(&mut self, spec: &ConsumerSpec) -> Option<Method> {
        let queue = spec.queues.get(self.turn.checked_rem(spec.queues.len())?)?;
        self.turn = (self.turn + 1) % spec.queues.len();
        Some(Method::BasicGet { queue: queue.clone(), no_ack: spec.ack == AckMode::Auto })
    }

    /// Its channel is gone, and with it what it had not finished.
    pub fn forget(&mut self) {
        self.inbox.clear();
        self.in_hand = None;
    }
}

fn id_of(delivery: &Delivery) -> Option<Name> {
    delivery.properties().message_id.clone()
}

/// The message ids that a consumer has dealt with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Seen {
    ids: OrderedSet<Name>,
    /// The same, oldest first.
    order: VecDeque<Name>,
}

impl Seen {
    fn contains(&self, id: &Name) -> bool {
        self.ids.contains(id)
    }

    fn insert(&mut self, id: Option<Name>) {
        let Some(id) = id else { return };
        if self.ids.insert(id.clone()) {
            self.order.push_back(id);
        }
        if self.order.len() > SEEN_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
    }
}
