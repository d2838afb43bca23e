//! Goals: what a scenario is expected to come to, as predicates on its log.
//!
//! A [`Goal`] is plain data that stands in a scenario file under `expect`; a [`Judge`] is the fold over the log that
//! tells how far the goals are. What always holds: a verdict is a function of the goals, the log and the moment, so the
//! page, the command line and a replay say the same; an event counts when its entry does, whoever looks.

mod counters;
mod facts;
mod judge;
mod which;
mod words;

use serde::{Deserialize, Serialize};

use crate::broker::Name;
use crate::simulation::{Scenario, ScenarioError};

pub use counters::Counts;
pub use judge::{Counted, Judge, State, Verdict};
pub use which::{Header, Kind, Property, Reason, Which};

/// Something to be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Goal {
    /// What is to be reached, for the learner.
    pub text: Name,
    /// The same, for Warren.
    pub that: That,
}

/// What a goal expects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum That {
    /// So many of some events.
    Events(Events),
    /// None of some events, ever.
    Never(Which),
    /// Some event, and after it another.
    Order(Order),
    /// What is in a queue.
    Queue(Queue),
}

/// A number of events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Events {
    /// Which.
    pub which: Which,
    /// At least so many; 1 unless something else is said, or 0 if there is a `max`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<u64>,
    /// At most so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u64>,
    /// Only those from this moment on count, virtual milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_ms: Option<u64>,
    /// Only those before this moment count, virtual milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_ms: Option<u64>,
}

impl Events {
    /// The fewest that will do.
    pub fn least(&self) -> u64 {
        self.min.unwrap_or(u64::from(self.max.is_none()))
    }
}

/// One event after another. The first of the later ones must come after the first of the earlier ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// The earlier one.
    pub first: Which,
    /// The later one.
    pub then: Which,
}

/// The counters of a queue, as the management UI shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Queue {
    /// Its virtual host.
    #[serde(default = "slash", skip_serializing_if = "is_slash")]
    pub vhost: Name,
    /// Its name. A queue that is not there does not meet the goal.
    pub queue: Name,
    /// Ready messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready: Option<Between>,
    /// Unacknowledged messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unacked: Option<Between>,
    /// All messages that are in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Between>,
    /// When: after all that happens at this moment, virtual milliseconds; none is now, at the end of a run its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_ms: Option<u64>,
}

/// A range of numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Between {
    /// The least.
    #[serde(default)]
    pub min: u64,
    /// The most; none is any number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u64>,
}

impl Between {
    /// Whether a number is in it.
    pub fn holds(self, number: u64) -> bool {
        number >= self.min && self.max.is_none_or(|max| number <= max)
    }
}

fn slash() -> Name {
    "/".into()
}

fn is_slash(vhost: &Name) -> bool {
    *vhost == "/"
}

/// Looks for what no run could meet, or what no event could have. Places are those of a scenario file.
///
/// # Errors
///
/// The first thing that is wrong, with its place.
pub fn check(goals: &[Goal], scenario: &Scenario) -> Result<(), ScenarioError> {
    goals.iter().enumerate().try_for_each(|(index, goal)| goal.that.check(scenario, &format!("expect[{index}].that")))
}

impl That {
    fn check(&self, scenario: &Scenario, place: &str) -> Result<(), ScenarioError> {
        match self {
            That::Events(events) => {
                let place = format!("{place}.events");
                let fits = events.max.is_none_or(|max| events.least() <= max);
                unless(fits, &place, "max", "a number not below min")?;
                let is_span = events.before_ms.is_none_or(|before_ms| events.from_ms.unwrap_or(0) < before_ms);
                unless(is_span, &place, "before_ms", "a moment after from_ms")?;
                events.which.check(scenario, &format!("{place}.which"))
            }
            That::Never(which) => which.check(scenario, &format!("{place}.never")),
            That::Order(order) => {
                order.first.check(scenario, &format!("{place}.order.first"))?;
                order.then.check(scenario, &format!("{place}.order.then"))
            }
            That::Queue(queue) => {
                let place = format!("{place}.queue");
                let all = [("ready", queue.ready), ("unacked", queue.unacked), ("total", queue.total)];
                unless(all.iter().any(|(_, between)| between.is_some()), &place, "ready", "it, or unacked, or total")?;
                all.into_iter().try_for_each(|(field, between)| {
                    let fits = between.is_none_or(|range| range.max.is_none_or(|max| range.min <= max));
                    unless(fits, &place, &format!("{field}.max"), "a number not below min")
                })
            }
        }
    }
}

fn unless(is_well: bool, place: &str, field: &str, expected: &str) -> Result<(), ScenarioError> {
    if is_well {
        return Ok(());
    }
    Err(ScenarioError::Unexpected { place: format!("{place}.{field}"), expected: expected.to_owned() })
}
