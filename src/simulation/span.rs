//! Lengths of time: how long a consumer works on a message, by chance or by what is in the message.

use serde::{Deserialize, Serialize};

use crate::broker::Name;
use crate::broker::message::Delivery;
use crate::broker::table::Value;

use super::rng::Rng;

/// A length of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Span {
    /// Always the same, milliseconds.
    Fixed(u64),
    /// Anything from the first to the second, milliseconds, each as likely as any other.
    Uniform(u64, u64),
    /// Mostly short and sometimes long, with this mean, milliseconds.
    Exponential(u64),
    /// What a header of the message says, milliseconds: a number, or a text that is one.
    Header {
        /// The header, such as `x-work-ms`.
        name: Name,
        /// For messages without it, milliseconds.
        #[serde(default)]
        otherwise_ms: u64,
    },
    /// So many milliseconds for each byte of the payload.
    PerByte(u64),
    /// So many milliseconds for each dot in the payload, as in RabbitMQ's tutorial on work queues (there 1000).
    PerDot(u64),
}

impl Default for Span {
    fn default() -> Self {
        Span::Fixed(0)
    }
}

impl Span {
    /// One length, for a message, milliseconds.
    pub(super) fn draw(&self, delivery: &Delivery, rng: &mut Rng) -> u64 {
        let times = |count: usize, ms: u64| ms.saturating_mul(count as u64);
        match self {
            Span::Fixed(ms) => *ms,
            Span::Uniform(min, max) => rng.between(*min, *max),
            Span::Exponential(mean) => rng.exponential(u128::from(*mean), 1),
            Span::Header { name, otherwise_ms } => {
                delivery.properties().header(name).and_then(milliseconds).unwrap_or(*otherwise_ms)
            }
            Span::PerByte(ms) => times(delivery.message.payload.len(), *ms),
            Span::PerDot(ms) => {
                times(delivery.message.payload.as_bytes().iter().filter(|byte| **byte == b'.').count(), *ms)
            }
        }
    }
}

fn milliseconds(value: &Value) -> Option<u64> {
    match value.as_str() {
        Some(text) => text.parse().ok(),
        None => value.as_int().and_then(|number| u64::try_from(number).ok()),
    }
}
