//! What the arguments of queue.declare and basic.consume may be, and when a declaration equals an earlier one.
//!
//! Nothing here changes anything: every function answers with RabbitMQ's own error or with what it has read.
//! An argument that no queue type knows is never looked at. The order of the checks of a queue.declare:
//!
//! 1. [`add_queue_type`]; 2. for an empty name [`check_server_named`], else the reserved prefix; 3. permission to
//!    configure; 4. the queue exists: the owner, then [`check_queue_equivalence`], and nothing more; 5. it does not:
//!    [`dead_letter_exchange`] and the permissions for it, [`check_queue_arguments`], the transient queue check, the
//!    virtual host's queue limit, [`check_queue_properties`].
//!
//! Source: `rabbit/src/rabbit_channel.erl handle_method(#'queue.declare'{})`, `rabbit_amqqueue.erl declare/7`.

mod consumer;
mod equivalence;
pub(crate) mod term;

pub use consumer::{ConsumerArguments, STREAM_FILTER_HEADER, StreamFilter, StreamOffset, check_consumer_arguments};
pub use equivalence::{ExchangeProperties, QueueProperties, check_exchange_equivalence, check_queue_equivalence};

use super::error::AmqpError;
use super::name::{Name, Resource};
use super::settings::QueueType;
use super::table::{Table, Value};
use term::{Encoding, Term};

/// The longest TTL and lease: ten years, in milliseconds. Source: `rabbit_misc.erl check_expiry/1`.
pub const MAX_EXPIRY_MS: i64 = 315_360_000_000;

/// The largest segment of a stream, in bytes. Source: `rabbit_common/include/rabbit.hrl`.
pub const MAX_SEGMENT_BYTES: i64 = 3_000_000_000;

/// The text of a removed feature, cut where the reply text is cut.
const MASTER_LOCATOR_DENIED: &str = "Feature `queue_master_locator` is deprecated.\n\
    By default, this feature is not permitted anymore.\n\
    The feature will be removed from a future major RabbitMQ version, regardless of the configuration; \
    actual version to be determined.\n\
    To continue using this feature when it is not permitted by default, set the following parameter in your \
    configuration:\n    \"deprecated_features.permit.queue_master_locator = true\"";

/// Values of `x-queue-leader-locator`. Source: `rabbit_queue_location.erl`.
const LEADER_LOCATORS: [&str; 5] = ["client-local", "balanced", "random", "least-leaders", "min-masters"];

impl QueueType {
    /// `classic`, `quorum`, `stream`.
    pub fn as_str(self) -> &'static str {
        match self {
            QueueType::Classic => "classic",
            QueueType::Quorum => "quorum",
            QueueType::Stream => "stream",
        }
    }

    /// The type of that name.
    pub fn from_name(name: &str) -> Option<QueueType> {
        [QueueType::Classic, QueueType::Quorum, QueueType::Stream].into_iter().find(|kind| kind.as_str() == name)
    }

    /// The name in error texts.
    pub fn module(self) -> &'static str {
        match self {
            QueueType::Classic => "rabbit_classic_queue",
            QueueType::Quorum => "rabbit_quorum_queue",
            QueueType::Stream => "rabbit_stream_queue",
        }
    }

    /// The arguments of queue.declare that the type knows, in the order in which a redeclaration compares them.
    /// Source: `capabilities/0` of `rabbit_classic_queue.erl`, `rabbit_quorum_queue.erl`, `rabbit_stream_queue.erl`.
    pub fn queue_arguments(self) -> &'static [&'static str] {
        match self {
            QueueType::Classic => &CLASSIC_ARGUMENTS,
            QueueType::Quorum => &QUORUM_ARGUMENTS,
            QueueType::Stream => &STREAM_ARGUMENTS,
        }
    }

    fn is_known_to_another(self, key: &str) -> bool {
        let known = |kind: QueueType| kind.queue_arguments().contains(&key);
        !known(self) && [QueueType::Classic, QueueType::Quorum, QueueType::Stream].into_iter().any(known)
    }
}

const CLASSIC_ARGUMENTS: [&str; 14] = [
    "x-expires",
    "x-message-ttl",
    "x-dead-letter-exchange",
    "x-dead-letter-routing-key",
    "x-max-length",
    "x-max-length-bytes",
    "x-max-priority",
    "x-overflow",
    "x-queue-mode",
    "x-queue-version",
    "x-single-active-consumer",
    "x-queue-type",
    "x-queue-master-locator",
    "x-queue-leader-locator",
];
const QUORUM_ARGUMENTS: [&str; 21] = [
    "x-dead-letter-exchange",
    "x-dead-letter-routing-key",
    "x-dead-letter-strategy",
    "x-expires",
    "x-max-length",
    "x-max-length-bytes",
    "x-max-in-memory-length",
    "x-max-in-memory-bytes",
    "x-overflow",
    "x-single-active-consumer",
    "x-queue-type",
    "x-quorum-initial-group-size",
    "x-member-placement-tag",
    "x-delivery-limit",
    "x-message-ttl",
    "x-queue-leader-locator",
    "x-consumer-disconnected-timeout",
    "x-consumer-timeout",
    "x-delayed-retry-type",
    "x-delayed-retry-min",
    "x-delayed-retry-max",
];
const STREAM_ARGUMENTS: [&str; 7] = [
    "x-max-length-bytes",
    "x-queue-type",
    "x-max-age",
    "x-stream-max-segment-size-bytes",
    "x-stream-filter-size-bytes",
    "x-initial-cluster-size",
    "x-queue-leader-locator",
];

/// A check of one argument's value. The other arguments are there for those that depend on each other.
type Check = fn(&Value, &Table) -> Result<(), Term>;

/// Which values are checked how, in this order. Source: `rabbit_amqqueue.erl declare_args/0`.
const CHECKS: [(&str, Check); 23] = [
    ("x-expires", expires),
    ("x-message-ttl", message_ttl),
    ("x-dead-letter-exchange", string),
    ("x-dead-letter-routing-key", dead_letter_routing_key),
    ("x-dead-letter-strategy", dead_letter_strategy),
    ("x-max-length", non_negative),
    ("x-max-length-bytes", non_negative),
    ("x-max-in-memory-length", non_negative),
    ("x-max-in-memory-bytes", non_negative),
    ("x-max-priority", max_priority),
    ("x-overflow", overflow),
    ("x-queue-version", queue_version),
    ("x-single-active-consumer", boolean),
    ("x-consumer-timeout", non_negative),
    ("x-consumer-disconnected-timeout", non_negative),
    ("x-queue-type", queue_type),
    ("x-quorum-initial-group-size", positive),
    ("x-max-age", max_age),
    ("x-stream-max-segment-size-bytes", non_negative),
    ("x-stream-filter-size-bytes", non_negative),
    ("x-initial-cluster-size", positive),
    ("x-queue-leader-locator", leader_locator),
    ("x-member-placement-tag", placement_tag),
];

/// Writes the queue type into the arguments if none is given: the virtual host's default, or `classic` where
/// that one cannot be what was asked for. Also takes `x-name-prefix` out, which is not an argument of the queue.
/// Source: `rabbit_amqqueue.erl augment_declare_args/5`.
pub fn add_queue_type(arguments: &mut Table, default: QueueType, durable: bool, exclusive: bool, auto_delete: bool) {
    arguments.remove("x-name-prefix");
    if arguments.contains_key("x-queue-type") {
        return;
    }
    let fits = default == QueueType::Classic || (durable && !exclusive && !auto_delete);
    let kind = if fits { default } else { QueueType::Classic };
    arguments.insert("x-queue-type".into(), Value::from(kind.as_str()));
}

/// The queue type that the arguments ask for, or why there is no such type.
/// An empty type and `undefined` stand for the virtual host's default; the arguments keep them as they are.
/// Source: `rabbit_amqqueue.erl get_queue_type/2`.
pub fn queue_type_of(resource: &Resource, arguments: &Table, default: QueueType) -> Result<QueueType, AmqpError> {
    match arguments.get("x-queue-type") {
        None => Ok(default),
        Some(Value::String(name)) if matches!(name.as_str(), "" | "undefined") => Ok(default),
        Some(value) => {
            queue_type(value, arguments).map_err(|reason| invalid_argument("x-queue-type", resource, &reason))?;
            Ok(value.as_str().and_then(QueueType::from_name).unwrap_or(default))
        }
    }
}

/// The prefix of the name that the server makes for a queue without one, or why it makes none.
/// `given` are the arguments as they came, `arguments` those after [`add_queue_type`].
/// Source: `rabbit_channel.erl handle_method(#'queue.declare'{})`, `rabbit_amqqueue.erl is_server_named_allowed/1`.
pub fn check_server_named(given: &Table, arguments: &Table) -> Result<Name, AmqpError> {
    let kind = match arguments.get("x-queue-type") {
        None | Some(Value::Void) => QueueType::Classic,
        Some(Value::String(name)) if matches!(name.as_str(), "" | "undefined") => QueueType::Classic,
        Some(value) => value.as_str().and_then(QueueType::from_name).ok_or_else(AmqpError::crash)?,
    };
    if kind != QueueType::Classic {
        let text = format!("Cannot declare a server-named queue for type {}", kind.module());
        return Err(AmqpError::precondition_failed(text));
    }
    match given.get("x-name-prefix") {
        Some(Value::String(prefix)) if prefix.len() > 64 => {
            let prefix = prefix.replace(['\r', '\n'], "");
            Err(AmqpError::precondition_failed(format!("Queue name prefix '{prefix}' exceeds the 64-byte limit")))
        }
        Some(Value::String(prefix)) if !prefix.is_empty() => Ok(prefix.replace(['\r', '\n'], "").into()),
        _ => Ok("amq.gen".into()),
    }
}

/// The dead letter exchange in the arguments of a new queue, which the user must be allowed to write to.
/// Source: `rabbit_channel.erl handle_method(#'queue.declare'{})`, `rabbit_misc.erl r_arg/4`.
pub fn dead_letter_exchange(queue: &Resource, arguments: &Table) -> Result<Option<Name>, AmqpError> {
    exchange_name(arguments, "x-dead-letter-exchange", &queue_text(queue))
}

/// The alternate exchange in the arguments of a new exchange, which the user must be allowed to write to.
/// Source: `rabbit_channel.erl handle_method(#'exchange.declare'{})`.
pub fn alternate_exchange_argument(exchange: &Resource, arguments: &Table) -> Result<Option<Name>, AmqpError> {
    exchange_name(arguments, "alternate-exchange", &exchange_text(exchange))
}

fn exchange_name(arguments: &Table, key: &str, holder: &str) -> Result<Option<Name>, AmqpError> {
    match arguments.get(key) {
        None => Ok(None),
        Some(Value::String(name)) => Ok(Some(name.clone())),
        Some(value) => {
            let text = format!("invalid type '{}' for arg '{key}' in {holder}", value.type_name());
            Err(AmqpError::precondition_failed(text))
        }
    }
}

/// Checks the arguments of a new queue, and tells its type: first the type, then the values of the arguments that
/// the type knows, then that there is none that only other types know.
/// Source: `rabbit_amqqueue.erl check_declare_arguments/3`.
pub fn check_queue_arguments(
    resource: &Resource,
    arguments: &Table,
    default: QueueType,
) -> Result<QueueType, AmqpError> {
    let kind = queue_type_of(resource, arguments, default)?;
    let known = kind.queue_arguments();
    for (key, check) in CHECKS {
        if let (true, Some(value)) = (known.contains(&key) && key != "x-queue-type", arguments.get(key)) {
            check(value, arguments).map_err(|reason| invalid_argument(key, resource, &reason))?;
        }
    }
    match arguments.keys().find(|key| kind.is_known_to_another(key)) {
        Some(key) => Err(argument_of_another_type(key, resource, kind)),
        None => Ok(kind),
    }
}

/// Checks what the type of a new queue demands, after everything else: for quorum queues and streams that it is
/// durable, not exclusive and not auto-delete, for streams two sizes, for classic queues a removed argument.
/// `durable` is as asked for and not exclusive.
/// Source: `declare/2` of `rabbit_quorum_queue.erl`, `rabbit_stream_queue.erl`, `rabbit_classic_queue.erl`.
pub fn check_queue_properties(
    resource: &Resource,
    kind: QueueType,
    durable: bool,
    exclusive: bool,
    auto_delete: bool,
    arguments: &Table,
) -> Result<(), AmqpError> {
    if kind == QueueType::Classic {
        return match arguments.get("x-queue-master-locator") {
            Some(_) => Err(AmqpError::internal_error(MASTER_LOCATOR_DENIED)),
            None => Ok(()),
        };
    }
    let wrong = [(auto_delete, "auto-delete"), (exclusive, "exclusive-owner"), (!durable, "non-durable")];
    if let Some((_, property)) = wrong.into_iter().find(|(wrong, _)| *wrong) {
        let text = format!("invalid property '{property}' for {}", queue_text(resource));
        return Err(AmqpError::precondition_failed(text));
    }
    let number = |key: &str| arguments.get(key).and_then(Value::as_int);
    if kind == QueueType::Stream {
        if number("x-stream-max-segment-size-bytes").is_some_and(|n| n > MAX_SEGMENT_BYTES) {
            return Err(AmqpError::precondition_failed("Exceeded max value for x-stream-max-segment-size-bytes"));
        }
        if number("x-stream-filter-size-bytes").is_some_and(|n| !(16..=255).contains(&n)) {
            return Err(AmqpError::precondition_failed("Invalid value for x-stream-filter-size-bytes"));
        }
    }
    Ok(())
}

/// Reads the `expiration` of a message, in milliseconds.
/// Source: `rabbit_basic.erl parse_expiration/1`, `mc_amqpl.erl`.
pub fn parse_expiration(text: &str) -> Result<u64, AmqpError> {
    let invalid = |reason: Term| {
        let before = format!("invalid expiration '{text}': ");
        AmqpError::precondition_failed(term::format_tp(&before, &reason, ""))
    };
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = unsigned.len() - unsigned.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if digits == 0 {
        return Err(invalid(Term::Atom("no_integer")));
    }
    let (digits, rest) = unsigned.split_at(digits);
    if !rest.is_empty() {
        // Erlang sees the bytes of the property, not its characters.
        let rest = rest.bytes().map(char::from).collect();
        return Err(invalid(Term::Tuple(vec![Term::Atom("leftover_string"), Term::Chars(rest)])));
    }
    // More digits than an i128 holds are too large either way.
    let number = digits.parse::<i128>().unwrap_or(i128::MAX);
    let number = if text.starts_with('-') { -number } else { number };
    if number > MAX_EXPIRY_MS.into() {
        return Err(invalid(tagged("value_too_large", number)));
    }
    u64::try_from(number).map_err(|_| invalid(tagged("value_negative", number)))
}

/// Reads an age such as `7D`, in milliseconds. Units: Y (365 days), M (30 days), D, h, m, s.
/// Source: `rabbit_amqqueue.erl check_max_age/1`.
pub fn parse_max_age(text: &str) -> Option<u64> {
    // The pattern stops at a line feed, so what follows one is not looked at.
    let text = text.split('\n').next().unwrap_or(text);
    let unit_at = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit_at);
    const SECOND: u64 = 1000;
    const DAY: u64 = 24 * 3600 * SECOND;
    let unit = match unit {
        "Y" => 365 * DAY,
        "M" => 30 * DAY,
        "D" => DAY,
        "h" => 3600 * SECOND,
        "m" => 60 * SECOND,
        "s" => SECOND,
        _ => return None,
    };
    if number.is_empty() || number.bytes().all(|b| b == b'0') {
        return None;
    }
    Some(number.parse::<u64>().map_or(u64::MAX, |n| n.saturating_mul(unit)))
}

/// `queue 'q' in vhost '/'`. Source: `rabbit_misc.erl rs/1`.
pub(crate) fn queue_text(resource: &Resource) -> String {
    format!("queue '{}' in vhost '{}'", resource.name, resource.vhost)
}

/// `exchange 'e' in vhost '/'`. Source: `rabbit_misc.erl rs/1`.
pub(crate) fn exchange_text(resource: &Resource) -> String {
    format!("exchange '{}' in vhost '{}'", resource.name, resource.vhost)
}

fn invalid_argument(key: &str, resource: &Resource, reason: &Term) -> AmqpError {
    let before = format!("invalid arg '{key}' for {}: ", queue_text(resource));
    let reason = reason.print(before.chars().count() + 1, 255, Encoding::Latin1);
    AmqpError::precondition_failed(before + &reason)
}

fn argument_of_another_type(key: &str, resource: &Resource, kind: QueueType) -> AmqpError {
    let text = format!("invalid arg '{key}' for {} of queue type {}", queue_text(resource), kind.module());
    AmqpError::precondition_failed(text)
}

fn tagged(tag: &'static str, number: i128) -> Term {
    Term::Tuple(vec![Term::Atom(tag), Term::Int(number)])
}

fn unacceptable(value: &Value) -> Term {
    Term::Tuple(vec![Term::Atom("unacceptable_type"), Term::Atom(value.type_name())])
}

fn integer(value: &Value) -> Result<i64, Term> {
    value.as_int().ok_or_else(|| Term::Chars(format!("expected integer, got {}", value.type_name())))
}

fn natural(value: &Value) -> Result<i64, Term> {
    match integer(value)? {
        n if n < 0 => Err(tagged("value_negative", n.into())),
        n => Ok(n),
    }
}

fn non_negative(value: &Value, _: &Table) -> Result<(), Term> {
    natural(value).map(|_| ())
}

fn positive(value: &Value, _: &Table) -> Result<(), Term> {
    if natural(value)? == 0 { Err(tagged("value_zero", 0)) } else { Ok(()) }
}

fn message_ttl(value: &Value, _: &Table) -> Result<(), Term> {
    match natural(value)? {
        n if n > MAX_EXPIRY_MS => Err(tagged("value_too_large", n.into())),
        _ => Ok(()),
    }
}

fn expires(value: &Value, others: &Table) -> Result<(), Term> {
    if integer(value)? == 0 { Err(tagged("value_zero", 0)) } else { message_ttl(value, others) }
}

fn max_priority(value: &Value, _: &Table) -> Result<(), Term> {
    match natural(value)? {
        n if n > 255 => Err(tagged("max_value_exceeded", n.into())),
        _ => Ok(()),
    }
}

fn queue_version(value: &Value, _: &Table) -> Result<(), Term> {
    match natural(value)? {
        2 => Ok(()),
        n => Err(Term::Chars(format!("unsupported queue version '{n}'"))),
    }
}

fn boolean(value: &Value, _: &Table) -> Result<(), Term> {
    if matches!(value, Value::Bool(_)) { Ok(()) } else { Err(unacceptable(value)) }
}

fn string(value: &Value, _: &Table) -> Result<(), Term> {
    value.as_str().map(|_| ()).ok_or_else(|| unacceptable(value))
}

fn one_of(value: &Value, allowed: &[&str], otherwise: &'static str) -> Result<(), Term> {
    match value.as_str() {
        Some(text) if allowed.contains(&text) => Ok(()),
        Some(_) => Err(Term::Atom(otherwise)),
        None => Err(unacceptable(value)),
    }
}

fn dead_letter_routing_key(value: &Value, others: &Table) -> Result<(), Term> {
    string(value, others)?;
    if others.contains_key("x-dead-letter-exchange") {
        Ok(())
    } else {
        Err(Term::Atom("routing_key_but_no_dlx_defined"))
    }
}

fn dead_letter_strategy(value: &Value, _: &Table) -> Result<(), Term> {
    one_of(value, &["at-most-once", "at-least-once"], "invalid_dlx_strategy")
}

fn overflow(value: &Value, _: &Table) -> Result<(), Term> {
    one_of(value, &["drop-head", "reject-publish", "reject-publish-dlx"], "invalid_overflow")
}

fn leader_locator(value: &Value, _: &Table) -> Result<(), Term> {
    one_of(value, &LEADER_LOCATORS, "invalid_queue_locator_arg")
}

fn placement_tag(value: &Value, _: &Table) -> Result<(), Term> {
    match value.as_str() {
        Some("") => Err(Term::Atom("invalid_member_placement_tag_arg")),
        Some(_) => Ok(()),
        None => Err(unacceptable(value)),
    }
}

fn queue_type(value: &Value, _: &Table) -> Result<(), Term> {
    match value.as_str() {
        Some(name) if QueueType::from_name(name).is_some() => Ok(()),
        Some(name) => Err(Term::Chars(format!("unsupported queue type '{name}'"))),
        None => Err(unacceptable(value)),
    }
}

fn max_age(value: &Value, _: &Table) -> Result<(), Term> {
    match value.as_str() {
        Some(text) if parse_max_age(text).is_some() => Ok(()),
        Some(_) => Err(Term::Atom("invalid_max_age")),
        None => Err(unacceptable(value)),
    }
}

#[cfg(test)]
mod tests;
