//! When a producer publishes: schedules, and the pace at which one is kept.
//!
//! All arithmetic is on whole numbers, in microseconds, so that a schedule is the same on every platform and a rate
//! loses nothing to rounding.

use serde::{Deserialize, Serialize};

use super::rng::Rng;
use super::scenario::ScenarioError;

/// Most messages of one burst.
const BURST_MAX: u64 = 100_000;

const US_PER_MS: u64 = 1_000;

/// When a producer publishes, from its start on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Schedule {
    /// One message.
    #[default]
    Once,
    /// Some messages, all at one moment.
    Burst {
        /// How many.
        messages: u64,
    },
    /// Messages at equal distances.
    Every {
        /// From one to the next, milliseconds.
        ms: u64,
    },
    /// Messages at random moments, independent of one another, with a rate: a Poisson process.
    Poisson {
        /// How many on average
        messages: u64,
        /// in so many milliseconds.
        #[serde(default = "second")]
        per_ms: u64,
    },
    /// Messages at equal distances for a while, then none for a while, again and again.
    OnOff {
        /// From one message to the next, milliseconds.
        every_ms: u64,
        /// How long it publishes.
        on_ms: u64,
        /// How long it does not.
        off_ms: u64,
    },
}

fn second() -> u64 {
    1_000
}

impl Schedule {
    /// Looks for numbers that no producer can keep to. `place` is where the schedule stands.
    pub(super) fn check(self, place: &str) -> Result<(), ScenarioError> {
        let at_least_1 = |number: u64, field: &str| ScenarioError::unless(number >= 1, place, field, "a number from 1");
        match self {
            Schedule::Once => Ok(()),
            Schedule::Burst { messages } => {
                let fits = (1..=BURST_MAX).contains(&messages);
                ScenarioError::unless(fits, place, "burst.messages", "a number from 1 to 100000")
            }
            Schedule::Every { ms } => at_least_1(ms, "every.ms"),
            Schedule::Poisson { messages, per_ms } => {
                at_least_1(per_ms, "poisson.per_ms")?;
                let fits = messages >= 1 && messages <= per_ms.saturating_mul(US_PER_MS);
                let expected = "a number from 1 to 1000 for each of per_ms";
                ScenarioError::unless(fits, place, "poisson.messages", expected)
            }
            Schedule::OnOff { every_ms, on_ms, .. } => {
                at_least_1(every_ms, "on_off.every_ms")?;
                at_least_1(on_ms, "on_off.on_ms")
            }
        }
    }
}

/// A schedule that is being kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pace {
    schedule: Schedule,
    start_us: u64,
    next_us: u64,
    published: u64,
}

impl Pace {
    /// Begins, and gives the first moment to publish, milliseconds.
    pub fn begin(schedule: Schedule, start_ms: u64, rng: &mut Rng) -> (Pace, u64) {
        let start_us = start_ms.saturating_mul(US_PER_MS);
        let mut pace = Pace { schedule, start_us, next_us: start_us, published: 0 };
        if let Schedule::Poisson { messages, per_ms } = schedule {
            pace.next_us = start_us.saturating_add(gap_us(messages, per_ms, rng));
        }
        let first_ms = pace.next_us / US_PER_MS;
        (pace, first_ms)
    }

    /// It published: the next moment to do so, milliseconds; none if that was the last.
    pub fn next_ms(&mut self, rng: &mut Rng) -> Option<u64> {
        self.published += 1;
        self.next_us = match self.schedule {
            Schedule::Once => return None,
            Schedule::Burst { messages } if self.published >= messages => return None,
            Schedule::Burst { .. } => self.next_us,
            Schedule::Every { ms } => self.next_us.saturating_add(ms.saturating_mul(US_PER_MS)),
            Schedule::Poisson { messages, per_ms } => self.next_us.saturating_add(gap_us(messages, per_ms, rng)),
            Schedule::OnOff { every_ms, on_ms, off_ms } => self.next_while_on(every_ms, on_ms, off_ms),
        };
        Some(self.next_us / US_PER_MS)
    }

    /// Stands still for so long.
    pub fn shift(&mut self, by_ms: u64) {
        let by_us = by_ms.saturating_mul(US_PER_MS);
        self.start_us = self.start_us.saturating_add(by_us);
        self.next_us = self.next_us.saturating_add(by_us);
    }

    fn next_while_on(&self, every_ms: u64, on_ms: u64, off_ms: u64) -> u64 {
        let next_us = self.next_us.saturating_add(every_ms.saturating_mul(US_PER_MS));
        let on_us = on_ms.saturating_mul(US_PER_MS).max(1);
        let cycle_us = on_us.saturating_add(off_ms.saturating_mul(US_PER_MS));
        let since_us = next_us.saturating_sub(self.start_us);
        if since_us % cycle_us < on_us {
            next_us
        } else {
            // The next cycle: where it begins, a message is due.
            self.start_us.saturating_add((since_us / cycle_us).saturating_add(1).saturating_mul(cycle_us))
        }
    }
}

/// A gap of a Poisson process, microseconds.
fn gap_us(messages: u64, per_ms: u64, rng: &mut Rng) -> u64 {
    let mean = u128::from(per_ms) * u128::from(US_PER_MS);
    rng.exponential(mean, u128::from(messages))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(schedule: Schedule, start_ms: u64, count: usize) -> Vec<u64> {
        let mut rng = Rng::new(3);
        let (mut pace, first_ms) = Pace::begin(schedule, start_ms, &mut rng);
        let rest = std::iter::from_fn(|| pace.next_ms(&mut rng));
        std::iter::once(first_ms).chain(rest).take(count).collect()
    }

    #[test]
    fn schedules_say_when() {
        assert_eq!(moments(Schedule::Once, 5, 9), [5]);
        assert_eq!(moments(Schedule::Burst { messages: 3 }, 5, 9), [5, 5, 5]);
        assert_eq!(moments(Schedule::Every { ms: 10 }, 5, 4), [5, 15, 25, 35]);
        let on_off = Schedule::OnOff { every_ms: 10, on_ms: 25, off_ms: 100 };
        assert_eq!(moments(on_off, 1_000, 7), [1_000, 1_010, 1_020, 1_125, 1_135, 1_145, 1_250]);
        let never_off = Schedule::OnOff { every_ms: 10, on_ms: 25, off_ms: 0 };
        assert_eq!(moments(never_off, 0, 4), [0, 10, 20, 30]);
    }

    #[test]
    fn poisson_keeps_its_rate_over_a_second() {
        let moments = moments(Schedule::Poisson { messages: 3_000, per_ms: 1_000 }, 0, 30_001);
        assert!(moments.is_sorted());
        let last_ms = moments.last().copied().unwrap_or_default();
        assert!((9_800..=10_200).contains(&last_ms), "{last_ms}");
    }
}
