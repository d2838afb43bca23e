//! What a queue's arguments and policies amount to: the settings it works by.
//!
//! Computed anew on declaration and on every policy change; never stored by anybody else.
//! Source of the merging rules: `rabbit/src/rabbit_queue_type_util.erl`, `rabbit_policy.erl`.

use serde::{Deserialize, Serialize};

use super::arguments::parse_max_age;
use super::name::Name;
use super::table::{Table, Value};

/// A queue's type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueType {
    /// `classic`
    #[default]
    Classic,
    /// `quorum`
    Quorum,
    /// `stream`
    Stream,
}

/// What happens at the length limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Overflow {
    /// The oldest goes.
    #[default]
    DropHead,
    /// The newest is refused.
    RejectPublish,
    /// The newest is refused, and dead-lettered.
    RejectPublishDlx,
}

/// Which returns of a quorum queue wait before they are ready again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DelayedRetryType {
    /// All.
    All,
    /// Those that raise the delivery count.
    Failed,
    /// Those that do not.
    Returned,
}

/// Delayed retry of a quorum queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelayedRetry {
    /// Which returns wait.
    pub kind: DelayedRetryType,
    /// Shortest delay, milliseconds.
    pub min_ms: u64,
    /// Longest delay, milliseconds.
    pub max_ms: u64,
}

/// A consumer's time to settle a delivery, if nothing else is set: 30 minutes.
pub const DEFAULT_CONSUMER_TIMEOUT_MS: u64 = 1_800_000;

/// A quorum queue's delivery limit, if nothing else is set.
pub const DEFAULT_DELIVERY_LIMIT: u32 = 20;

/// The settings in force.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Message TTL of the queue, milliseconds.
    pub message_ttl_ms: Option<u64>,
    /// Auto expire, milliseconds.
    pub expires_ms: Option<u64>,
    /// Most ready messages.
    pub max_length: Option<u64>,
    /// Most ready bytes.
    pub max_length_bytes: Option<u64>,
    /// What happens at the limit.
    pub overflow: Overflow,
    /// Dead letter exchange.
    pub dead_letter_exchange: Option<Name>,
    /// Dead letter routing key.
    pub dead_letter_routing_key: Option<Name>,
    /// Quorum: dead-letter at least once (in force only with a DLX and overflow reject-publish).
    pub at_least_once: bool,
    /// Quorum: failed deliveries after which a message is dead; none is unlimited.
    pub delivery_limit: Option<u32>,
    /// Quorum: time to settle a delivery, milliseconds.
    pub consumer_timeout_ms: u64,
    /// Quorum: returns that wait.
    pub delayed_retry: Option<DelayedRetry>,
    /// Classic: highest priority; none is a queue without priorities.
    pub max_priority: Option<u8>,
    /// One consumer at a time.
    pub single_active_consumer: bool,
    /// Stream: bytes after which a segment is closed.
    pub segment_bytes: Option<u64>,
    /// Stream: age after which a segment may go, milliseconds.
    pub max_age_ms: Option<u64>,
}

impl Settings {
    /// What a queue's arguments and its effective policy amount to. The arguments have passed
    /// [`check_queue_arguments`](super::arguments::check_queue_arguments), the policy its own validation.
    pub fn new(kind: QueueType, arguments: &Table, policy: &Table) -> Settings {
        let sources = Sources { arguments, policy };
        match kind {
            QueueType::Classic => sources.classic(),
            QueueType::Quorum => sources.quorum(),
            QueueType::Stream => sources.stream(),
        }
    }
}

/// The alternate exchange in force: the argument before the policy.
/// Source: `rabbit_policy.erl get_arg/3`, `rabbit_exchange.erl`.
pub fn alternate_exchange(arguments: &Table, policy: &Table) -> Option<Name> {
    let value = arguments.get("alternate-exchange").or_else(|| policy.get("alternate-exchange"));
    value.and_then(Value::as_name).cloned()
}

/// The two places where a setting may come from: the argument `x-KEY` and the policy's `KEY`.
struct Sources<'a> {
    arguments: &'a Table,
    policy: &'a Table,
}

impl<'a> Sources<'a> {
    /// Source: `rabbit_amqqueue_process.erl process_args_policy/1`, `rabbit_priority_queue.erl priorities/1`.
    fn classic(&self) -> Settings {
        let overflow = match self.argument_first("overflow").and_then(text_of) {
            Some(b"reject-publish") => Overflow::RejectPublish,
            Some(b"reject-publish-dlx") => Overflow::RejectPublishDlx,
            _ => Overflow::DropHead,
        };
        let max_priority = self.argument("max-priority").and_then(Value::as_int);
        Settings {
            overflow,
            // Also 0 makes two levels.
            max_priority: max_priority.map(|n| u8::try_from(n.clamp(1, 255)).unwrap_or(u8::MAX)),
            ..self.of_both()
        }
    }

    /// Source: `rabbit_quorum_queue.erl gather_policy_config/2`.
    fn quorum(&self) -> Settings {
        let overflow = match self.policy_first("overflow").and_then(text_of) {
            Some(b"reject-publish") => Overflow::RejectPublish,
            _ => Overflow::DropHead,
        };
        let both = self.of_both();
        let strategy = self.argument_first("dead-letter-strategy").and_then(text_of);
        let timeout = natural(self.least("consumer-timeout"));
        Settings {
            overflow,
            at_least_once: both.dead_letter_exchange.is_some()
                && overflow == Overflow::RejectPublish
                && strategy == Some(b"at-least-once"),
            delivery_limit: self.delivery_limit(),
            consumer_timeout_ms: timeout.unwrap_or(DEFAULT_CONSUMER_TIMEOUT_MS),
            delayed_retry: self.delayed_retry(),
            ..both
        }
    }

    /// Source: `rabbit_stream_queue.erl update_stream_conf/2`.
    fn stream(&self) -> Settings {
        let age = self.policy_first("max-age").and_then(Value::as_str);
        Settings {
            max_length_bytes: natural(self.policy_first("max-length-bytes")),
            max_age_ms: age.and_then(parse_max_age),
            segment_bytes: natural(self.policy_first("stream-max-segment-size-bytes")),
            consumer_timeout_ms: DEFAULT_CONSUMER_TIMEOUT_MS,
            ..Settings::default()
        }
    }

    /// What classic and quorum queues have in common.
    fn of_both(&self) -> Settings {
        let name = |key| self.argument_first(key).and_then(Value::as_name).cloned();
        let dead_letter_exchange = name("dead-letter-exchange");
        Settings {
            message_ttl_ms: natural(self.least("message-ttl")),
            expires_ms: natural(self.least("expires")),
            max_length: natural(self.least("max-length")),
            max_length_bytes: natural(self.least("max-length-bytes")),
            // A policy may have the key alone; it does nothing then.
            dead_letter_routing_key: dead_letter_exchange.as_ref().and_then(|_| name("dead-letter-routing-key")),
            dead_letter_exchange,
            single_active_consumer: matches!(self.argument("single-active-consumer"), Some(Value::Bool(true))),
            consumer_timeout_ms: DEFAULT_CONSUMER_TIMEOUT_MS,
            ..Settings::default()
        }
    }

    fn argument(&self, key: &str) -> Option<&'a Value> {
        self.arguments.get(format!("x-{key}").as_str())
    }

    fn argument_first(&self, key: &str) -> Option<&'a Value> {
        self.argument(key).or_else(|| self.policy.get(key))
    }

    fn policy_first(&self, key: &str) -> Option<&'a Value> {
        self.policy.get(key).or_else(|| self.argument(key))
    }

    /// The smaller of the two. To Erlang every number is smaller than anything else.
    fn least(&self, key: &str) -> Option<&'a Value> {
        let (Some(policy), Some(argument)) = (self.policy.get(key), self.argument(key)) else {
            return self.policy_first(key);
        };
        match (number(policy), number(argument)) {
            (Some(a), Some(b)) if b < a => Some(argument),
            (None, Some(_)) => Some(argument),
            _ => Some(policy),
        }
    }

    /// The smaller of the two, or the larger if either is negative, which means unlimited.
    /// Source: `rabbit_quorum_queue.erl resolve_delivery_limit/2, get_delivery_limit/3`.
    fn delivery_limit(&self) -> Option<u32> {
        let key = "delivery-limit";
        let limit = match (self.policy.get(key), self.argument(key)) {
            (Some(policy), Some(argument)) => {
                let least = self.least(key);
                let unlimited = |value| number(value).is_some_and(|n| n < 0.0);
                let policy_is_least = least.is_some_and(|least| std::ptr::eq(least, policy));
                match unlimited(policy) || unlimited(argument) {
                    true => Some(if policy_is_least { argument } else { policy }),
                    false => least,
                }
            }
            (policy, argument) => policy.or(argument),
        };
        match limit.and_then(Value::as_int) {
            None => Some(DEFAULT_DELIVERY_LIMIT),
            Some(n) if n < 0 => None,
            Some(n) => Some(u32::try_from(n).unwrap_or(u32::MAX)),
        }
    }

    /// Source: `rabbit_quorum_queue.erl get_delayed_retry_config/1`.
    fn delayed_retry(&self) -> Option<DelayedRetry> {
        let kind = match self.policy_first("delayed-retry-type").and_then(text_of)? {
            b"all" => DelayedRetryType::All,
            b"failed" => DelayedRetryType::Failed,
            b"returned" => DelayedRetryType::Returned,
            _ => return None,
        };
        let positive = |key| natural(self.least(key)).filter(|ms| *ms > 0);
        let min_ms = positive("delayed-retry-min")?;
        Some(DelayedRetry { kind, min_ms, max_ms: positive("delayed-retry-max").unwrap_or(min_ms) })
    }
}

/// A non-negative integer.
fn natural(value: Option<&Value>) -> Option<u64> {
    value.and_then(Value::as_int).and_then(|n| u64::try_from(n).ok())
}

/// What Erlang orders as a number. Limits and times are far below where a double gets inexact.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Timestamp(seconds) => Some(*seconds as f64),
        value => value.as_int().map(|n| n as f64).or_else(|| value.as_float()),
    }
}

fn text_of(value: &Value) -> Option<&[u8]> {
    match value {
        Value::String(text) => Some(text.as_bytes()),
        Value::Bytes(bytes) => Some(bytes),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(json: &str) -> Table {
        serde_json::from_str(json).unwrap_or_default()
    }

    fn settings(kind: QueueType, arguments: &str, policy: &str) -> Settings {
        Settings::new(kind, &table(arguments), &table(policy))
    }

    #[test]
    fn limits_are_the_smaller_of_the_two() {
        for kind in [QueueType::Classic, QueueType::Quorum] {
            let of = |arguments: &str, policy: &str| settings(kind, arguments, policy).max_length;
            assert_eq!(of(r#"{"x-max-length": 2}"#, r#"{"max-length": 5}"#), Some(2));
            assert_eq!(of(r#"{"x-max-length": 5}"#, r#"{"max-length": 2}"#), Some(2));
            assert_eq!(of("{}", r#"{"max-length": 2}"#), Some(2));
            assert_eq!(of("{}", "{}"), None);
        }
    }

    #[test]
    fn overflow_is_the_arguments_in_classic_and_the_policys_in_quorum() {
        let (argument, policy) = (r#"{"x-overflow": "drop-head"}"#, r#"{"overflow": "reject-publish"}"#);
        assert_eq!(settings(QueueType::Classic, argument, policy).overflow, Overflow::DropHead);
        assert_eq!(settings(QueueType::Quorum, argument, policy).overflow, Overflow::RejectPublish);
        let dlx = r#"{"x-overflow": "reject-publish-dlx"}"#;
        assert_eq!(settings(QueueType::Classic, dlx, "{}").overflow, Overflow::RejectPublishDlx);
        assert_eq!(settings(QueueType::Quorum, dlx, "{}").overflow, Overflow::DropHead);
    }

    #[test]
    fn delivery_limits() {
        let of = |arguments: &str, policy: &str| settings(QueueType::Quorum, arguments, policy).delivery_limit;
        let cases = [
            ("{}", "{}", Some(20)),
            (r#"{"x-delivery-limit": 3}"#, r#"{"delivery-limit": 5}"#, Some(3)),
            (r#"{"x-delivery-limit": 5}"#, r#"{"delivery-limit": 3}"#, Some(3)),
            (r#"{"x-delivery-limit": -1}"#, r#"{"delivery-limit": 3}"#, Some(3)),
            (r#"{"x-delivery-limit": 3}"#, r#"{"delivery-limit": -1}"#, Some(3)),
            (r#"{"x-delivery-limit": -2}"#, r#"{"delivery-limit": -1}"#, None),
            (r#"{"x-delivery-limit": -2}"#, "{}", None),
            (r#"{"x-delivery-limit": "x"}"#, "{}", Some(20)),
            (r#"{"x-delivery-limit": "x"}"#, r#"{"delivery-limit": 3}"#, Some(3)),
            (r#"{"x-delivery-limit": "x"}"#, r#"{"delivery-limit": -3}"#, Some(20)),
            (r#"{"x-delivery-limit": 2.5}"#, r#"{"delivery-limit": 3}"#, Some(20)),
        ];
        for (arguments, policy, limit) in cases {
            assert_eq!(of(arguments, policy), limit, "{arguments} {policy}");
        }
    }

    #[test]
    fn at_least_once_needs_an_exchange_and_reject_publish() {
        let strategy = r#"{"x-dead-letter-strategy": "at-least-once", "x-overflow": "reject-publish"}"#;
        let of = |policy: &str| settings(QueueType::Quorum, strategy, policy).at_least_once;
        assert!(of(r#"{"dead-letter-exchange": "x"}"#));
        assert!(!of("{}"));
        assert!(!of(r#"{"dead-letter-exchange": "x", "overflow": "drop-head"}"#));
    }

    #[test]
    fn delayed_retries() {
        let of = |arguments: &str, policy: &str| settings(QueueType::Quorum, arguments, policy).delayed_retry;
        let retry = |kind, min_ms, max_ms| Some(DelayedRetry { kind, min_ms, max_ms });
        let all = r#"{"x-delayed-retry-type": "all", "x-delayed-retry-min": 500, "x-delayed-retry-max": 800}"#;
        assert_eq!(of(all, "{}"), retry(DelayedRetryType::All, 500, 800));
        assert_eq!(
            of(all, r#"{"delayed-retry-type": "failed", "delayed-retry-min": 100}"#),
            retry(DelayedRetryType::Failed, 100, 800)
        );
        assert_eq!(of(all, r#"{"delayed-retry-type": "disabled"}"#), None);
        assert_eq!(
            of(r#"{"x-delayed-retry-type": "all", "x-delayed-retry-min": 5}"#, "{}"),
            retry(DelayedRetryType::All, 5, 5)
        );
        assert_eq!(of(r#"{"x-delayed-retry-type": "all"}"#, "{}"), None);
        assert_eq!(of(r#"{"x-delayed-retry-type": 1, "x-delayed-retry-min": 5}"#, "{}"), None);
    }

    #[test]
    fn a_policys_routing_key_needs_an_exchange() {
        let key = r#"{"dead-letter-routing-key": "k"}"#;
        assert_eq!(settings(QueueType::Classic, "{}", key).dead_letter_routing_key, None);
        let with = settings(QueueType::Classic, r#"{"x-dead-letter-exchange": ""}"#, key);
        assert_eq!(with.dead_letter_routing_key, Some("k".into()));
    }

    #[test]
    fn streams_take_the_policy() {
        let of = settings(
            QueueType::Stream,
            r#"{"x-max-age": "1h", "x-max-length-bytes": 5}"#,
            r#"{"max-age": "2h", "max-length-bytes": 9}"#,
        );
        assert_eq!((of.max_age_ms, of.max_length_bytes), (Some(7_200_000), Some(9)));
    }
}
