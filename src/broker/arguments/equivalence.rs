//! Whether a declaration equals what is there, and the text that says where it does not.
//!
//! Only the arguments that the existing queue's type knows are compared, and of an exchange's only
//! `alternate-exchange`.

use super::term::{Term, format_tp};
use super::{exchange_text, parse_max_age, queue_text};
use crate::broker::error::AmqpError;
use crate::broker::name::Resource;
use crate::broker::settings::QueueType;
use crate::broker::table::{Table, Value};

/// What is compared of a queue.
#[derive(Clone, Copy, Debug)]
pub struct QueueProperties<'a> {
    /// Survives a restart (never true of an exclusive queue).
    pub durable: bool,
    /// Goes with its last consumer.
    pub auto_delete: bool,
    /// Its arguments, the queue type included.
    pub arguments: &'a Table,
}

/// What is compared of an exchange.
#[derive(Clone, Copy, Debug)]
pub struct ExchangeProperties<'a> {
    /// Its type.
    pub kind: &'a str,
    /// As shown.
    pub durable: bool,
    /// Goes with its last binding.
    pub auto_delete: bool,
    /// Clients cannot publish to it.
    pub internal: bool,
    /// Its arguments.
    pub arguments: &'a Table,
}

/// Checks a declaration of a queue against the one that exists, its owner having been checked before.
/// Source: `rabbit_amqqueue.erl perform_full_equivalence_checks/5`.
pub fn check_queue_equivalence(
    queue: &Resource,
    kind: QueueType,
    existing: QueueProperties,
    requested: QueueProperties,
) -> Result<(), AmqpError> {
    let holder = queue_text(queue);
    same_flag("durable", &holder, existing.durable, requested.durable)?;
    same_flag("auto_delete", &holder, existing.auto_delete, requested.auto_delete)?;
    for key in kind.queue_arguments() {
        same_argument(key, &holder, existing.arguments.get(*key), requested.arguments.get(*key))?;
    }
    Ok(())
}

/// Checks a declaration of an exchange against the one that exists.
/// Source: `rabbit_exchange.erl assert_equivalence/6`.
pub fn check_exchange_equivalence(
    exchange: &Resource,
    existing: ExchangeProperties,
    requested: ExchangeProperties,
) -> Result<(), AmqpError> {
    let holder = exchange_text(exchange);
    if existing.kind != requested.kind {
        let (received, current) = (format!("'{}'", requested.kind), format!("'{}'", existing.kind));
        return Err(inequivalent("type", &holder, &received, &current));
    }
    same_flag("durable", &holder, existing.durable, requested.durable)?;
    same_flag("auto_delete", &holder, existing.auto_delete, requested.auto_delete)?;
    same_flag("internal", &holder, existing.internal, requested.internal)?;
    let key = "alternate-exchange";
    same_argument(key, &holder, existing.arguments.get(key), requested.arguments.get(key))
}

fn same_flag(key: &str, holder: &str, current: bool, received: bool) -> Result<(), AmqpError> {
    if current == received {
        return Ok(());
    }
    Err(inequivalent(key, holder, &format!("'{received}'"), &format!("'{current}'")))
}

fn inequivalent(key: &str, holder: &str, received: &str, current: &str) -> AmqpError {
    let text = format!("inequivalent arg '{key}' for {holder}: received {received} but current is {current}");
    AmqpError::precondition_failed(text)
}

/// Source: `rabbit_misc.erl assert_args_equivalence1/4, assert_field_equivalence/4, equivalence_fail/4`.
fn same_argument(key: &str, holder: &str, current: Option<&Value>, received: Option<&Value>) -> Result<(), AmqpError> {
    let (current, received) =
        (current.map(|value| milliseconds(key, value)), received.map(|value| milliseconds(key, value)));
    let (new, old) = match (&current, &received) {
        (None, None) => return Ok(()),
        (Some(current), Some(received)) => {
            if current == received || same_value(current, received) {
                return Ok(());
            }
            (raw_text(received)?, raw_text(current)?)
        }
        (Some(value), None) | (None, Some(value)) => {
            // Queues of old had no such argument, and were classic.
            if key == "x-queue-type" && value.as_str() == Some(QueueType::Classic.as_str()) {
                return Ok(());
            }
            (typed_text(received.as_ref()), typed_text(current.as_ref()))
        }
    };
    Err(inequivalent(key, holder, &new, &old))
}

/// Ages are compared as milliseconds: `1D` equals `24h`. (RabbitMQ 4.3.6, pull request 17259.)
fn milliseconds(key: &str, value: &Value) -> Value {
    match value.as_str().and_then(parse_max_age) {
        Some(ms) if key == "x-max-age" => Value::I64(i64::try_from(ms).unwrap_or(i64::MAX)),
        _ => value.clone(),
    }
}

/// Equal without their types, or numbers of one class that are equal.
fn same_value(a: &Value, b: &Value) -> bool {
    match (a, b) {
        // Of floats, 0.0 equals -0.0.
        (Value::F32(_) | Value::F64(_), Value::F32(_) | Value::F64(_)) => a.as_float() == b.as_float(),
        _ => Term::of_value(a) == Term::of_value(b),
    }
}

fn typed_text(value: Option<&Value>) -> String {
    match value {
        None => "none".into(),
        Some(value) => {
            let after = format!("' of type '{}'", value.type_name());
            printed("the value '", value, &after)
        }
    }
}

/// The value alone. A void looks as if it were not there, and a decimal makes RabbitMQ stumble.
fn raw_text(value: &Value) -> Result<String, AmqpError> {
    match value {
        Value::Void => Ok("none".into()),
        Value::Decimal { .. } => Err(AmqpError::crash()),
        value => Ok(printed("'", value, "'")),
    }
}

fn printed(before: &str, value: &Value, after: &str) -> String {
    match value {
        Value::String(text) => format!("{before}{text}{after}"),
        Value::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => format!("{before}{text}{after}"),
            Err(_) => format!("{before}{}{after}", bytes.iter().copied().map(char::from).collect::<String>()),
        },
        value => format_tp(before, &Term::of_value(value), after),
    }
}
