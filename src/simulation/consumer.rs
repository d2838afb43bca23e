//! A consumer at work: it takes one message after another, and says of each what became of it.
//!
//! An idempotent consumer remembers the `message_id`s it has dealt with, as an application does with a table in its
//! database: over crashes and restarts, and the last [`SEEN_MAX`] of them.

use std::collections::{BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use crate::broker::message::Delivery;
use crate::broker::table::Value;
use crate::broker::{Method, Name};

use super::rng::Rng;
use super::scenario::{AckMode, ConsumerSpec, ScenarioError};

/// Most message ids that an idempotent consumer remembers.
pub const SEEN_MAX: usize = 10_000;
/// Most rules of a consumer.
const RULES_MAX: usize = 1_000;

/// What a consumer says of a message when it is done with it. With auto ack all but a crash is the same: it says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

    fn method(self, delivery_tag: u64) -> Option<Method> {
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
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Which.
    pub when: When,
    /// What.
    pub outcome: Outcome,
}

/// Which messages a rule is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    ScenarioError::unless(consumer.rules.len() <= RULES_MAX, place, "rules", "at most 1000 of them")?;
    for (index, rule) in consumer.rules.iter().enumerate() {
        let field = |name: &str| format!("rules[{index}].when.{name}");
        match rule.when {
            When::Every(0) => ScenarioError::unless(false, place, &field("every"), "a number from 1")?,
            When::Percent(101..) => ScenarioError::unless(false, place, &field("percent"), "a number from 0 to 100")?,
            _ => {}
        }
    }
    Ok(())
}

/// What a consumer does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// It works on a message for so long.
    Begin { delivery_tag: u64, for_ms: u64 },
    /// It leaves a message alone that it has dealt with before.
    Skip { delivery_tag: u64, message_id: Name },
    /// It says something to the broker.
    Send(Method),
    /// It crashes.
    Crash,
}

/// A consumer at work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Worker {
    /// Received, and not yet worked on. Oldest first.
    inbox: VecDeque<Delivery>,
    working_on: Option<Delivery>,
    /// How many it has worked on.
    done: u64,
    /// Which of its queues it asks next, where it pulls.
    turn: usize,
    seen: Seen,
    pub is_paused: bool,
}

impl Worker {
    /// A message is here.
    pub fn receive(&mut self, spec: &ConsumerSpec, delivery: Delivery, rng: &mut Rng) -> Vec<Work> {
        self.inbox.push_back(delivery);
        self.take_up(spec, rng)
    }

    /// Whether it is working on this delivery.
    pub fn works_on(&self, delivery_tag: u64) -> bool {
        self.working_on.as_ref().is_some_and(|delivery| delivery.delivery_tag == delivery_tag)
    }

    /// Takes the next message, unless it has one.
    pub fn take_up(&mut self, spec: &ConsumerSpec, rng: &mut Rng) -> Vec<Work> {
        let mut works = Vec::new();
        while self.working_on.is_none()
            && !self.is_paused
            && let Some(delivery) = self.inbox.pop_front()
        {
            let delivery_tag = delivery.delivery_tag;
            match id_of(&delivery).filter(|id| spec.idempotent && self.seen.contains(id)) {
                Some(message_id) => {
                    works.push(Work::Skip { delivery_tag, message_id });
                    if spec.ack == AckMode::Manual {
                        works.extend(Outcome::Ack.method(delivery_tag).map(Work::Send));
                    }
                }
                None => {
                    self.working_on = Some(delivery);
                    works.push(Work::Begin { delivery_tag, for_ms: spec.processing.draw(rng) });
                }
            }
        }
        works
    }

    /// The work on a message is done: says what became of it, and takes the next.
    pub fn finish(&mut self, spec: &ConsumerSpec, rng: &mut Rng) -> Vec<Work> {
        let Some(delivery) = self.working_on.take() else { return Vec::new() };
        self.done += 1;
        let number = self.done;
        let rule = spec.rules.iter().find(|rule| rule.when.applies(&delivery, number, rng));
        let outcome = rule.map_or(spec.outcome, |rule| rule.outcome);
        if outcome == Outcome::Crash {
            return vec![Work::Crash];
        }
        if spec.idempotent && (outcome == Outcome::Ack || spec.ack == AckMode::Auto) {
            self.seen.insert(id_of(&delivery));
        }
        let answer = outcome.method(delivery.delivery_tag).filter(|_| spec.ack == AckMode::Manual);
        let mut works: Vec<Work> = answer.map(Work::Send).into_iter().collect();
        works.extend(self.take_up(spec, rng));
        works
    }

    /// Asks the next of its queues for a message.
    pub fn pull(&mut self, spec: &ConsumerSpec) -> Option<Method> {
        if self.is_paused {
            return None;
        }
        let queue = spec.queues.get(self.turn.checked_rem(spec.queues.len())?)?;
        self.turn = (self.turn + 1) % spec.queues.len();
        Some(Method::BasicGet { queue: queue.clone(), no_ack: spec.ack == AckMode::Auto })
    }

    /// Its channel is gone, and with it what it had not finished.
    pub fn forget(&mut self) {
        self.inbox.clear();
        self.working_on = None;
    }
}

fn id_of(delivery: &Delivery) -> Option<Name> {
    delivery.properties().message_id.clone()
}

/// The message ids that a consumer has dealt with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Seen {
    ids: BTreeSet<Name>,
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
