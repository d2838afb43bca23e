//! When and what a producer publishes: its pace, its count, and how both stand still while it is paused.

use super::content;
use super::rng::Rng;
use super::role::ProducerSpec;
use super::schedule::{Pace, Schedule};
use crate::broker::command::BasicPublish;

/// A producer's part of a client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Publisher {
    pace: Pace,
    /// Messages, not counting retries.
    published: u64,
    /// Since when it has been due, while it is paused.
    overslept_ms: Option<u64>,
}

impl Publisher {
    /// Begins a schedule, and gives its first moment; none if the limit is reached.
    pub fn begin(&mut self, spec: &ProducerSpec, schedule: Schedule, start_ms: u64, rng: &mut Rng) -> Option<u64> {
        self.overslept_ms = None;
        if !self.goes_on(spec) {
            return None;
        }
        let (pace, first_ms) = Pace::begin(schedule, start_ms, rng);
        self.pace = pace;
        Some(first_ms)
    }

    /// Whether its limit leaves it more to publish.
    pub fn goes_on(&self, spec: &ProducerSpec) -> bool {
        spec.limit.is_none_or(|limit| self.published < limit)
    }

    /// Its limit is lower than what it has published by now.
    pub fn rest(&mut self) {
        self.overslept_ms = None;
    }

    /// Its limit is higher than it was: gives the moment at which its schedule goes on, if that has not ended.
    pub fn go_on(&mut self, now_ms: u64, rng: &mut Rng) -> Option<u64> {
        let next_ms = self.pace.next_ms(rng)?;
        self.pace.shift(now_ms.saturating_sub(next_ms));
        Some(next_ms.max(now_ms))
    }

    /// Gives the next message, and the moment of the one after it.
    pub fn publish(&mut self, spec: &ProducerSpec, rng: &mut Rng) -> (BasicPublish, Option<u64>) {
        let number = self.count();
        let publish = content::message(spec, number, rng);
        let next_ms = if self.goes_on(spec) { self.pace.next_ms(rng) } else { None };
        (publish, next_ms)
    }

    /// Counts one more message, and gives its number, from 1.
    pub fn count(&mut self) -> u64 {
        self.published = self.published.saturating_add(1);
        self.published
    }

    /// How many it has published, not counting retries.
    pub fn published(&self) -> u64 {
        self.published
    }

    /// Its moment came while it was paused.
    pub fn oversleep(&mut self, now_ms: u64) {
        self.overslept_ms = Some(now_ms);
    }

    /// It goes on where it stood: as if the time had not passed. Answers whether it is due at once.
    pub fn resume(&mut self, now_ms: u64) -> bool {
        let Some(since_ms) = self.overslept_ms.take() else { return false };
        self.pace.shift(now_ms.saturating_sub(since_ms));
        true
    }
}
