//! What a policy may be, and what RabbitMQ says if it is not.
//!
//! The priority, the pattern, `apply-to` and the definition are each checked, and all that is wrong is told, the last
//! first; of the definition's settings only the first that is wrong is told.
//!
//! Source: `rabbit_policy.erl policy_validation/0`, `rabbit_parameter_validation.erl`.

use super::Pattern;
use super::pattern::PatternError;
use crate::broker::arguments::term::{Term, format_tp};
use crate::broker::arguments::{MAX_SEGMENT_BYTES, parse_max_age};
use crate::broker::command::PolicySet;
use crate::broker::error::HttpError;
use crate::broker::table::{Table, Value};

/// The longest pattern, in bytes. Source: `rabbit_re.erl`.
const MAX_PATTERN_BYTES: usize = 1024;

/// Values of `apply-to`.
const APPLY_TO: [&str; 6] = ["all", "exchanges", "queues", "classic_queues", "quorum_queues", "streams"];

/// The keys of a policy that `rabbit_policies.erl` checks.
const GENERAL_KEYS: [&str; 21] = [
    "alternate-exchange",
    "consumer-disconnected-timeout",
    "consumer-timeout",
    "dead-letter-exchange",
    "dead-letter-routing-key",
    "dead-letter-strategy",
    "message-ttl",
    "expires",
    "max-length",
    "max-length-bytes",
    "max-in-memory-length",
    "max-in-memory-bytes",
    "queue-mode",
    "queue-version",
    "overflow",
    "delivery-limit",
    "max-age",
    "stream-max-segment-size-bytes",
    "stream-filter-size-bytes",
    "queue-leader-locator",
    "initial-cluster-size",
];

/// Those that an operator policy may have.
const GENERAL_OPERATOR_KEYS: [&str; 9] = [
    "expires",
    "message-ttl",
    "max-length",
    "max-length-bytes",
    "max-in-memory-length",
    "max-in-memory-bytes",
    "delivery-limit",
    "queue-version",
    "overflow",
];

/// The keys that `rabbit_quorum_queue.erl` checks, in either kind of policy.
const QUORUM_KEYS: [&str; 5] =
    ["target-group-size", "member-placement-tag", "delayed-retry-type", "delayed-retry-min", "delayed-retry-max"];

/// Settings of plugins that Warren does not have. A broker's export has them if that broker had the plugin.
/// Source: `rabbit_exchange_federation_sup.erl`'s parameters, `rabbit_sharding_policy_validator.erl`.
const PLUGIN_KEYS: [&str; 5] =
    ["federation-upstream", "federation-upstream-pattern", "federation-upstream-set", "routing-key", "shards-per-node"];

/// Whether a policy's setting is one of a plugin that Warren does not have.
pub fn is_of_plugin(key: &str) -> bool {
    PLUGIN_KEYS.contains(&key)
}

/// Checks a policy and compiles its pattern. Where a broker with other plugins made it, their settings are not looked at.
pub(super) fn check(set: &PolicySet, any_plugin: bool) -> Result<Pattern, HttpError> {
    let definition = if any_plugin && set.definition.keys().any(|key| is_of_plugin(key)) {
        let own = set.definition.iter().filter(|(key, _)| !is_of_plugin(key));
        let own: Table = own.map(|(key, value)| (key.clone(), value.clone())).collect();
        if own.is_empty() { Ok(()) } else { check_definition(&own, set.operator) }
    } else {
        check_definition(&set.definition, set.operator)
    };
    if let Err(Wrong::Crash) = definition {
        return Err(HttpError { status: 500, reason: "Internal Server Error".into() });
    }
    let mut errors = Vec::new();
    if let Err(Wrong::Text(text)) = definition {
        errors.push(text);
    }
    if !APPLY_TO.contains(&set.apply_to.as_str()) {
        errors.push(format!(
            "apply-to '{}' unrecognised; should be one of: 'queues', 'classic_queues',  'quorum_queues', 'streams', \
             'exchanges', or 'all'",
            set.apply_to
        ));
    }
    match check_pattern(&set.pattern) {
        Ok(pattern) if errors.is_empty() => return Ok(pattern),
        Ok(_) => {}
        Err(text) => errors.push(text),
    }
    Err(HttpError::validation(errors.join("\n")))
}

/// Why RabbitMQ would not take a text for a pattern, if it would not.
pub(crate) fn pattern_fault(pattern: &str) -> Option<Term> {
    if pattern.len() > MAX_PATTERN_BYTES {
        return Some(Term::Atom("pattern_too_long"));
    }
    match Pattern::new(pattern) {
        Err(PatternError::Invalid { message, offset }) => Some(invalid(message, offset)),
        _ => None,
    }
}

fn invalid(message: &str, offset: usize) -> Term {
    Term::Tuple(vec![Term::Chars(message.into()), Term::Int(i128::try_from(offset).unwrap_or_default())])
}

fn check_pattern(pattern: &str) -> Result<Pattern, String> {
    if pattern.len() > MAX_PATTERN_BYTES {
        return Err(format!("pattern must not exceed {MAX_PATTERN_BYTES} bytes"));
    }
    Pattern::new(pattern).map_err(|error| match error {
        PatternError::Invalid { message, offset } => {
            format_tp("pattern should be regular expression but is invalid: ", &invalid(message, offset), "")
        }
        PatternError::Unsupported(what) => {
            format!("pattern is valid for RabbitMQ, but Warren cannot search for it: {what}")
        }
    })
}

/// What is wrong with a definition.
enum Wrong {
    Text(String),
    /// RabbitMQ's own check fails.
    Crash,
}

/// Source: `rabbit_policy.erl validation/3, validation0/2`. The modules have their turns by name.
fn check_definition(definition: &Table, operator: bool) -> Result<(), Wrong> {
    if definition.is_empty() {
        return Err(Wrong::Text("no policy provided".into()));
    }
    if definition.contains_key("queue-master-locator") {
        return Err(Wrong::Text("use of deprecated queue-master-locator argument is not permitted".into()));
    }
    let general = if operator { &GENERAL_OPERATOR_KEYS[..] } else { &GENERAL_KEYS[..] };
    for (key, value) in definition.iter().filter(|(key, _)| general.contains(&key.as_str())) {
        check_general(key, value)?;
    }
    for (key, value) in definition.iter().filter(|(key, _)| QUORUM_KEYS.contains(&key.as_str())) {
        check_quorum(key, value)?;
    }
    check_delayed_retry(definition)?;
    let known = |key: &str| general.contains(&key) || QUORUM_KEYS.contains(&key);
    let unknown: Vec<_> =
        definition.iter().filter(|(key, _)| !known(key)).map(|(key, value)| pair(key, value)).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    Err(Wrong::Text(format_tp("", &Term::List(unknown), " are not recognised policy settings")))
}

fn pair(key: &str, value: &Value) -> Term {
    Term::Tuple(vec![Term::Binary(key.as_bytes().to_vec()), Term::of_json(value)])
}

fn expect(valid: bool, value: &Value, otherwise: &str) -> Result<(), Wrong> {
    if valid {
        return Ok(());
    }
    Err(Wrong::Text(format_tp("", &Term::of_json(value), &format!(" is not a valid {otherwise}"))))
}

/// Source: `rabbit_policies.erl validate_policy0/2`.
fn check_general(key: &str, value: &Value) -> Result<(), Wrong> {
    let text = value.as_str();
    let number = value.as_int();
    let at_least = |least: i64| number.is_some_and(|n| n >= least);
    let one_of = |allowed: &[&str]| text.is_some_and(|text| allowed.contains(&text));
    let (valid, what) = match key {
        "alternate-exchange" => (text.is_some(), "alternate exchange name"),
        "consumer-disconnected-timeout" => (at_least(0), "consumer disconnected timeout"),
        "consumer-timeout" => (at_least(0), "consumer timeout"),
        "dead-letter-exchange" => (text.is_some(), "dead letter exchange name"),
        "dead-letter-routing-key" => (text.is_some(), "dead letter routing key"),
        "dead-letter-strategy" => (one_of(&["at-most-once", "at-least-once"]), "dead letter strategy"),
        "message-ttl" => (at_least(0), "message TTL"),
        "expires" => (at_least(1), "queue expiry"),
        "max-length" => (at_least(0), "maximum length"),
        "max-length-bytes" => (at_least(0), "maximum length in bytes"),
        "max-in-memory-length" | "max-in-memory-bytes" => (at_least(0), "maximum memory in bytes"),
        "queue-mode" => (one_of(&["default", "lazy"]), "queue-mode value"),
        "queue-version" => (matches!(number, Some(1 | 2)), "queue-version value"),
        "overflow" => (one_of(&["drop-head", "reject-publish", "reject-publish-dlx"]), "overflow value"),
        "delivery-limit" => (number.is_some(), "delivery limit"),
        "max-age" => match value {
            Value::String(age) => (parse_max_age(age).is_some(), "max age"),
            Value::Array(_) => (false, "max age"),
            _ => return Err(Wrong::Crash),
        },
        "queue-leader-locator" => {
            (one_of(&["client-local", "balanced", "random", "least-leaders"]), "queue leader locator value")
        }
        "initial-cluster-size" => (at_least(0), "cluster size"),
        "stream-max-segment-size-bytes" => {
            (at_least(0) && number.is_some_and(|n| n <= MAX_SEGMENT_BYTES), "segment size")
        }
        "stream-filter-size-bytes" => {
            (number.is_some_and(|n| (16..=255).contains(&n)), "filter size. Valid range is 16-255")
        }
        _ => return Ok(()),
    };
    expect(valid, value, what)
}

/// Source: `rabbit_quorum_queue.erl validate_policy0/2`.
fn check_quorum(key: &str, value: &Value) -> Result<(), Wrong> {
    let positive = value.as_int().is_some_and(|n| n > 0);
    let text = value.as_str();
    let (valid, what) = match key {
        "target-group-size" => (positive, "qq target count value"),
        "member-placement-tag" => {
            (text.is_some_and(|tag| !tag.is_empty()), "member-placement-tag value. Must be a non-empty string")
        }
        "delayed-retry-type" => (
            text.is_some_and(|kind| matches!(kind, "all" | "failed" | "returned" | "disabled")),
            "delayed retry type. Must be one of: all, failed, returned, disabled",
        ),
        "delayed-retry-min" => (positive, "delayed retry minimum delay. Must be a positive integer"),
        "delayed-retry-max" => (positive, "delayed retry maximum delay. Must be a positive integer"),
        _ => return Ok(()),
    };
    expect(valid, value, what)
}

/// Source: `rabbit_quorum_queue.erl validate_delayed_retry_constraints/1`.
fn check_delayed_retry(definition: &Table) -> Result<(), Wrong> {
    let number = |key: &str| definition.get(key).and_then(Value::as_int);
    let (min, max) = (number("delayed-retry-min"), number("delayed-retry-max"));
    let kind = definition.get("delayed-retry-type").and_then(Value::as_str);
    match (kind, min, max) {
        (Some(kind), None, _) if kind != "disabled" => {
            Err(Wrong::Text(format!("delayed-retry-min is required when delayed-retry-type is {kind}")))
        }
        (_, Some(min), Some(max)) if max < min => {
            Err(Wrong::Text(format!("delayed-retry-max ({max}) must not be smaller than delayed-retry-min ({min})")))
        }
        _ => Ok(()),
    }
}
