//! A producer at work: what it publishes next, and what it does when the broker refuses a message or returns it.
//!
//! In confirm mode it keeps each message until the broker has answered for it. A returned message is known again by
//! what is in it: of several that are equal, the oldest is the one that came back first.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::broker::command::BasicPublish;

use super::content;
use super::rng::Rng;
use super::scenario::{ProducerSpec, ScenarioError};
use super::schedule::{Pace, Schedule};

/// Longest wait before a retry, milliseconds.
const BACKOFF_MAX_MS: u64 = 60_000;

/// What a producer in confirm mode does about a message that was refused or returned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Reaction {
    /// Nothing.
    #[default]
    Ignore,
    /// It writes it down.
    Log,
    /// It publishes it again.
    Retry {
        /// After so long the first time, then after twice as long each time until that is a minute; milliseconds.
        after_ms: u64,
        /// So many times at most; then it gives up.
        limit: u32,
    },
}

impl Reaction {
    /// Whether it is the usual one, which a scenario need not write down.
    pub fn is_usual(&self) -> bool {
        *self == Reaction::default()
    }

    pub(super) fn check(self, confirms: bool, place: &str, field: &str) -> Result<(), ScenarioError> {
        ScenarioError::unless(confirms || self.is_usual(), place, field, "ignore, as confirms is false")?;
        let limit = if let Reaction::Retry { limit, .. } = self { limit } else { 1 };
        ScenarioError::unless(limit >= 1, place, &format!("{field}.retry.limit"), "a number from 1")
    }
}

/// What befell a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Setback {
    /// The broker refused it (`basic.nack`).
    Nacked,
    /// The broker returned it (`basic.return`).
    Returned,
}

/// What a producer wants done about a setback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Remedy {
    Log,
    /// `retry` counts from 1.
    Retry {
        publish: BasicPublish,
        retry: u32,
        after_ms: u64,
    },
    GiveUp {
        retries: u32,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Unconfirmed {
    publish: BasicPublish,
    retries: u32,
    is_returned: bool,
}

/// A producer at work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Publisher {
    pace: Pace,
    /// Messages, not counting retries.
    published: u64,
    /// The number of the channel's last publish in confirm mode.
    last_tag: u64,
    unconfirmed: BTreeMap<u64, Unconfirmed>,
}

impl Publisher {
    /// Begins a schedule, and gives its first moment; none if the limit is reached.
    pub fn begin(&mut self, spec: &ProducerSpec, schedule: Schedule, start_ms: u64, rng: &mut Rng) -> Option<u64> {
        if !self.goes_on(spec) {
            return None;
        }
        let (pace, first_ms) = Pace::begin(schedule, start_ms, rng);
        self.pace = pace;
        Some(first_ms)
    }

    fn goes_on(&self, spec: &ProducerSpec) -> bool {
        spec.limit.is_none_or(|limit| self.published < limit)
    }

    /// Publishes, and gives the moment of the next message.
    pub fn publish(&mut self, spec: &ProducerSpec, rng: &mut Rng) -> (BasicPublish, Option<u64>) {
        self.published += 1;
        let publish = content::message(spec, self.published, rng);
        self.keep(spec, &publish, 0);
        let next_ms = if self.goes_on(spec) { self.pace.next_ms(rng) } else { None };
        (publish, next_ms)
    }

    /// Keeps in mind what is being published, until it is confirmed.
    pub fn keep(&mut self, spec: &ProducerSpec, publish: &BasicPublish, retries: u32) {
        if spec.confirms {
            self.last_tag += 1;
            let unconfirmed = Unconfirmed { publish: publish.clone(), retries, is_returned: false };
            self.unconfirmed.insert(self.last_tag, unconfirmed);
        }
    }

    /// The broker has dealt with a message.
    pub fn acked(&mut self, delivery_tag: u64) {
        self.unconfirmed.remove(&delivery_tag);
    }

    /// The broker has refused a message.
    pub fn nacked(&mut self, spec: &ProducerSpec, delivery_tag: u64) -> Option<Remedy> {
        let refused = self.unconfirmed.remove(&delivery_tag)?;
        remedy(spec.on_nack, refused.publish, refused.retries)
    }

    /// The broker has returned a message. Its confirm is still to come.
    pub fn returned(&mut self, spec: &ProducerSpec, publish: &BasicPublish) -> Option<Remedy> {
        let is_it = |kept: &&mut Unconfirmed| !kept.is_returned && kept.publish == *publish;
        let returned = self.unconfirmed.values_mut().find(is_it)?;
        returned.is_returned = true;
        remedy(spec.on_return, returned.publish.clone(), returned.retries)
    }

    /// Its channel is gone, and with it all that it waited for.
    pub fn forget(&mut self) {
        self.last_tag = 0;
        self.unconfirmed.clear();
    }
}

fn remedy(reaction: Reaction, publish: BasicPublish, retries: u32) -> Option<Remedy> {
    match reaction {
        Reaction::Ignore => None,
        Reaction::Log => Some(Remedy::Log),
        Reaction::Retry { limit, .. } if retries >= limit => Some(Remedy::GiveUp { retries }),
        Reaction::Retry { after_ms, .. } => {
            let doubled = after_ms.saturating_mul(1_u64.checked_shl(retries).unwrap_or(u64::MAX));
            let after_ms = doubled.min(BACKOFF_MAX_MS.max(after_ms));
            Some(Remedy::Retry { publish, retry: retries.saturating_add(1), after_ms })
        }
    }
}
