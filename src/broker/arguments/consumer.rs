//! What the arguments of basic.consume may be, and what they amount to.

use serde::{Deserialize, Serialize};

use super::term::Term;
use super::{Check, argument_of_another_type, integer, invalid_argument, natural, parse_max_age};
use crate::broker::error::AmqpError;
use crate::broker::name::{Name, Resource};
use crate::broker::properties::Properties;
use crate::broker::settings::QueueType;
use crate::broker::table::{Table, Value};

/// Which values are checked how, in this order. Source: `rabbit_amqqueue.erl consume_args/0`.
const CHECKS: [(&str, Check); 3] =
    [("x-priority", priority), ("x-consumer-timeout", timeout), ("x-stream-offset", stream_offset)];

/// What a consumer asked for by its arguments.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsumerArguments {
    /// `x-priority`: who comes first. 0 unless given.
    pub priority: i64,
    /// `x-consumer-timeout` (quorum queues): time to settle a delivery, milliseconds.
    pub timeout_ms: Option<u64>,
    /// `x-stream-offset` (streams): where to start.
    pub offset: StreamOffset,
    /// `x-stream-filter` (streams): what to leave out.
    pub filter: Option<StreamFilter>,
}

/// Where a consumer of a stream starts. Source: `rabbit_stream_queue.erl parse_offset_arg/1`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamOffset {
    /// At the first message there is.
    First,
    /// At the last chunk.
    Last,
    /// After all that is there.
    #[default]
    Next,
    /// At this offset. Negative ones are 0.
    Offset(u64),
    /// At this moment, milliseconds since 1970.
    Timestamp(u64),
    /// So many milliseconds ago.
    Interval(u64),
    /// A value that RabbitMQ takes, and then cannot use: the consume ends the connection with 541
    /// ([`AmqpError::crash`]), after the checks for a prefetch and against automatic acknowledgement.
    Unusable,
}

/// Which messages of a stream a consumer gets. Source: `rabbit_stream_queue.erl filter_spec/1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamFilter {
    /// Those with one of these values in their header `x-stream-filter-value`.
    pub values: Vec<Name>,
    /// And those without that header?
    pub match_unfiltered: bool,
}

impl QueueType {
    /// The arguments of basic.consume that the type knows.
    /// Source: `capabilities/0` of the queue types.
    fn consumer_arguments(self) -> &'static [&'static str] {
        match self {
            QueueType::Classic => &["x-priority"],
            QueueType::Quorum => &["x-priority", "x-consumer-timeout"],
            QueueType::Stream => &["x-stream-offset", "x-stream-filter", "x-stream-match-unfiltered"],
        }
    }
}

/// Checks the arguments of a consumer and reads them.
/// Source: `rabbit_amqqueue.erl check_consume_arguments/3`.
pub fn check_consumer_arguments(
    queue: &Resource,
    kind: QueueType,
    arguments: &Table,
) -> Result<ConsumerArguments, AmqpError> {
    let known = kind.consumer_arguments();
    for (key, check) in CHECKS {
        if let (true, Some(value)) = (known.contains(&key), arguments.get(key)) {
            check(value, arguments).map_err(|reason| invalid_argument(key, queue, &reason))?;
        }
    }
    let of_another = |key: &&Name| {
        let knows = |kind: QueueType| kind.consumer_arguments().contains(&key.as_str());
        !knows(kind) && [QueueType::Classic, QueueType::Quorum, QueueType::Stream].into_iter().any(knows)
    };
    if let Some(key) = arguments.keys().find(of_another) {
        return Err(argument_of_another_type(key, queue, kind));
    }
    let number = |key: &str| arguments.get(key).and_then(Value::as_int);
    Ok(ConsumerArguments {
        priority: number("x-priority").unwrap_or_default(),
        timeout_ms: number("x-consumer-timeout").and_then(|n| u64::try_from(n).ok()),
        offset: arguments.get("x-stream-offset").map_or(StreamOffset::Next, offset_of),
        filter: StreamFilter::of(arguments),
    })
}

fn priority(value: &Value, _: &Table) -> Result<(), Term> {
    integer(value).map(|_| ())
}

fn timeout(value: &Value, _: &Table) -> Result<(), Term> {
    natural(value).map(|_| ())
}

fn stream_offset(value: &Value, _: &Table) -> Result<(), Term> {
    match value.as_str() {
        Some(text) if !matches!(text, "first" | "last" | "next") && parse_max_age(text).is_none() => {
            Err(Term::Tuple(vec![Term::Atom("invalid_stream_offset_arg"), Term::typed(value)]))
        }
        _ => Ok(()),
    }
}

fn offset_of(value: &Value) -> StreamOffset {
    let bytes: &[u8] = match value {
        Value::String(text) => text.as_bytes(),
        Value::Bytes(bytes) => bytes,
        Value::Timestamp(seconds) => return StreamOffset::Timestamp(seconds.saturating_mul(1000)),
        other => {
            let offset = other.as_int().map(|n| StreamOffset::Offset(u64::try_from(n).unwrap_or_default()));
            return offset.unwrap_or(StreamOffset::Unusable);
        }
    };
    match bytes {
        b"first" => StreamOffset::First,
        b"last" => StreamOffset::Last,
        b"next" => StreamOffset::Next,
        _ => value.as_str().and_then(parse_max_age).map_or(StreamOffset::Unusable, StreamOffset::Interval),
    }
}

/// The header by which a publisher marks a message for filtering.
pub const STREAM_FILTER_HEADER: &str = "x-stream-filter-value";

impl StreamFilter {
    /// What a consumer's arguments ask for.
    pub fn of(arguments: &Table) -> Option<StreamFilter> {
        let values = match arguments.get("x-stream-filter")? {
            Value::String(text) => vec![text.clone()],
            Value::Array(items) => items.iter().filter_map(Value::as_name).cloned().collect(),
            _ => return None,
        };
        let match_unfiltered = matches!(arguments.get("x-stream-match-unfiltered"), Some(Value::Bool(true)));
        Some(StreamFilter { values, match_unfiltered })
    }

    /// Whether a message with these properties is handed out.
    pub fn passes(&self, properties: &Properties) -> bool {
        match properties.header(STREAM_FILTER_HEADER).and_then(Value::as_str) {
            Some(value) => self.values.iter().any(|wanted| wanted == value),
            None => self.match_unfiltered,
        }
    }
}
