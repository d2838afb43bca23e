//! `headers`: the binding's arguments are a pattern for the message's headers; routing keys do not count.
//! Source: `rabbit/src/rabbit_exchange_type_headers.erl`, `rabbit/src/mc_amqpl.erl routing_headers/2`.
//!
//! What always holds: values compare as the Erlang terms that RabbitMQ makes of them, whose AMQP type is mostly
//! lost. A timestamp in a message becomes milliseconds on the way, one in a binding does not (recorded:
//! `headers-timestamp`).

use super::Slot;
use crate::broker::binding::Bound;
use crate::broker::error::AmqpError;
use crate::broker::event::{MatchReason, Verdict};
use crate::broker::message::{Deaths, Message};
use crate::broker::name::Name;
use crate::broker::table::{Table, Value};

const X_MATCH: &str = "x-match";

/// What the `x-match` argument asks for.
#[derive(Clone, Copy)]
struct Mode {
    /// One matching header is enough.
    any: bool,
    /// Headers whose names start with `x-` count too.
    with_x: bool,
}

impl Mode {
    fn of(arguments: &Table) -> Mode {
        match arguments.get(X_MATCH).and_then(Value::as_str) {
            Some("any") => Mode { any: true, with_x: false },
            Some("any-with-x") => Mode { any: true, with_x: true },
            Some("all-with-x") => Mode { any: false, with_x: true },
            _ => Mode { any: false, with_x: false },
        }
    }

    fn counts(self, key: &str) -> bool {
        if self.with_x { key != X_MATCH } else { !key.starts_with("x-") }
    }
}

pub(super) fn validate(arguments: &Table) -> Result<(), AmqpError> {
    let Some(value) = arguments.get(X_MATCH) else { return Ok(()) };
    match value.as_str() {
        Some("all" | "any" | "all-with-x" | "any-with-x") => Ok(()),
        Some(other) => Err(AmqpError::precondition_failed(format_args!(
            "Invalid x-match field value {}; expected all, any, all-with-x, or any-with-x",
            erlang_binary(other.as_bytes())
        ))),
        None => Err(AmqpError::precondition_failed(format_args!(
            "Invalid x-match field type {} (value {}); expected longstr",
            value.type_name(),
            erlang_term(value)
        ))),
    }
}

pub(super) fn matches<'a>(bindings: impl Iterator<Item = (Slot, &'a Bound)>, message: &Message, out: &mut Vec<Slot>) {
    let matching = bindings.filter(|(_, bound)| fits(&bound.binding.arguments, message));
    out.extend(matching.map(|(slot, _)| slot));
}

fn fits(arguments: &Table, message: &Message) -> bool {
    let mode = Mode::of(arguments);
    let mut entries = arguments.iter().filter(|(key, _)| mode.counts(key));
    let fits = |(key, wanted): (&Name, &Value)| header(message, key).is_some_and(|found| found.fits(wanted));
    if mode.any { entries.any(fits) } else { entries.all(fits) }
}

pub(super) fn verdict(arguments: &Table, message: &Message) -> Verdict {
    let mode = Mode::of(arguments);
    for (key, wanted) in arguments.iter().filter(|(key, _)| mode.counts(key)) {
        match (header(message, key).map(|found| found.fits(wanted)), mode.any) {
            (Some(true), true) => return Verdict::Match(MatchReason::AnyHeader { header: key.clone() }),
            (None, false) => return Verdict::HeaderMissing { header: key.clone() },
            (Some(false), false) => return Verdict::HeaderDiffers { header: key.clone() },
            _ => {}
        }
    }
    if mode.any { Verdict::NoHeaderMatched } else { Verdict::Match(MatchReason::AllHeaders) }
}

/// A header as routing sees it.
#[derive(Clone, Copy)]
pub(super) enum Found<'a> {
    /// From the publisher.
    Value(&'a Value),
    /// From the broker.
    Text(&'a str),
}

/// The header of that name. Those that tell of the first and the last death are the broker's, once there was one.
/// Source: `rabbit/src/mc.erl routing_headers/2, record_death/3`.
pub(super) fn header<'a>(message: &'a Message, key: &str) -> Option<Found<'a>> {
    let death = message.deaths.as_deref().and_then(|deaths| death_header(deaths, key));
    death.map(Found::Text).or_else(|| message.properties.header(key).map(Found::Value))
}

fn death_header<'a>(deaths: &'a Deaths, key: &str) -> Option<&'a str> {
    let (which, field) = key.strip_prefix("x-")?.split_once("-death-")?;
    let (reason, queue, exchange) = match which {
        "first" => (deaths.first.0, &deaths.first.1, &deaths.first.2),
        "last" => deaths.entries.first().map(|last| (last.reason, &last.queue, &last.exchange))?,
        _ => return None,
    };
    match field {
        "reason" => Some(reason.as_str()),
        "queue" => Some(queue),
        "exchange" => Some(exchange),
        _ => None,
    }
}

impl Found<'_> {
    fn fits(self, wanted: &Value) -> bool {
        match (wanted, self) {
            (Value::Void, _) => true,
            (Value::String(wanted), Found::Text(text)) => *wanted == text,
            (Value::Bytes(wanted), Found::Text(text)) => **wanted == *text.as_bytes(),
            (_, Found::Text(_)) => false,
            // An empty list is an empty list.
            (Value::Array(a), Found::Value(Value::Table(b))) => a.is_empty() && b.is_empty(),
            (Value::Table(a), Found::Value(Value::Array(b))) => a.is_empty() && b.is_empty(),
            (_, Found::Value(value)) => match (number(wanted, 1), number(value, 1000)) {
                (Some(wanted), Some(value)) => wanted == value,
                _ => value.same_value(wanted),
            },
        }
    }
}

/// Integers and timestamps are plain numbers by then, the latter times `per_second`.
fn number(value: &Value, per_second: i128) -> Option<i128> {
    match value {
        Value::Timestamp(seconds) => Some(i128::from(*seconds) * per_second),
        other => other.as_int().map(i128::from),
    }
}

/// A value as Erlang's `~tp` prints it.
fn erlang_term(value: &Value) -> String {
    let list = |items: Vec<String>| format!("[{}]", items.join(","));
    match value {
        Value::String(text) => erlang_binary(text.as_bytes()),
        Value::Bytes(bytes) => erlang_binary(bytes),
        Value::Decimal { scale, value } => format!("{{{scale},{value}}}"),
        Value::Array(items) => {
            list(items.iter().map(|item| format!("{{{},{}}}", item.type_name(), erlang_term(item))).collect())
        }
        Value::Table(table) => {
            let entry = |(key, value): (&Name, &Value)| {
                let key = erlang_binary(key.as_bytes());
                format!("{{{key},{},{}}}", value.type_name(), erlang_term(value))
            };
            list(table.iter().map(entry).collect())
        }
        other => other.to_string(),
    }
}

/// A binary as Erlang's `~tp` prints it: text where all of it can be shown, else numbers.
pub(super) fn erlang_binary(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok("") => "<<>>".into(),
        Ok(text) if !text.chars().any(|c| c.is_control() && !"\n\r\t\u{b}\u{8}\u{c}\u{1b}".contains(c)) => {
            let escaped = text.chars().fold(String::new(), |mut escaped, c| {
                match c {
                    '"' | '\\' => escaped.extend(['\\', c]),
                    '\n' => escaped.push_str("\\n"),
                    '\r' => escaped.push_str("\\r"),
                    '\t' => escaped.push_str("\\t"),
                    '\u{b}' => escaped.push_str("\\v"),
                    '\u{8}' => escaped.push_str("\\b"),
                    '\u{c}' => escaped.push_str("\\f"),
                    '\u{1b}' => escaped.push_str("\\e"),
                    _ => escaped.push(c),
                }
                escaped
            });
            format!("<<\"{escaped}\"{}>>", if text.is_ascii() { "" } else { "/utf8" })
        }
        _ => {
            let numbers: Vec<String> = bytes.iter().map(u8::to_string).collect();
            format!("<<{}>>", numbers.join(","))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{message, table};
    use super::*;
    use crate::broker::message::DeathReason;

    fn nested(key: &str, value: i32) -> Value {
        Value::Table(table(&[(key, Value::I32(value))]))
    }

    #[test]
    fn x_match() {
        let pattern = [("a", Value::I32(1)), ("b", Value::I32(2)), ("x-c", Value::I32(3))];
        let all: &[(&str, Value)] = &pattern;
        // mode, headers with value 1, 2, 3 in a, b, x-c, matches
        for (mode, present, want) in [
            (None, "ab", true),
            (None, "a", false),
            (Some("all"), "abc", true),
            (Some("all"), "", false),
            (Some("any"), "b", true),
            (Some("any"), "c", false),
            (Some("any"), "", false),
            (Some("all-with-x"), "ab", false),
            (Some("all-with-x"), "abc", true),
            (Some("any-with-x"), "c", true),
            (Some("any-with-x"), "", false),
        ] {
            let mut arguments = table(all);
            arguments.extend(mode.map(|mode| (X_MATCH.into(), mode.into())));
            let headers = all.iter().filter(|(key, _)| present.contains(&key[key.len() - 1..]));
            let message = message(&[], Some(table(&headers.cloned().collect::<Vec<_>>())));
            assert_eq!(fits(&arguments, &message), want, "{mode:?} {present}");
            assert_eq!(matches!(verdict(&arguments, &message), Verdict::Match(_)), want, "{mode:?} {present}");
        }
    }

    #[test]
    fn empty_patterns() {
        for (mode, want) in [("all", true), ("any", false), ("all-with-x", true), ("any-with-x", false)] {
            let arguments = table(&[(X_MATCH, mode.into())]);
            for message in [message(&[], None), message(&[], Some(table(&[("a", Value::Void)])))] {
                assert_eq!(fits(&arguments, &message), want, "{mode}");
            }
        }
        assert!(fits(&table(&[]), &message(&[], None)));
    }

    #[test]
    fn values() {
        use Value::*;
        for (wanted, value, want) in [
            (I32(7), I64(7), true),
            (I8(7), U16(7), true),
            (I32(1), F64(1.0), false),
            (F32(1.5), F64(1.5), true),
            ("t".into(), Bytes(b"t".as_slice().into()), true),
            (I32(1), "1".into(), false),
            (I32(1), Bool(true), false),
            (Void, I32(3), true),
            (Void, Void, true),
            (Bool(true), Void, false),
            (Timestamp(1000), I32(1000), true),
            (Timestamp(1000), Timestamp(1000), false),
            (I32(1_000_000), Timestamp(1000), true),
            (Timestamp(0), Timestamp(0), true),
            (nested("k", 1), nested("k", 1), true),
            (nested("k", 1), nested("k", 2), false),
            (Array(vec![I32(1)]), Array(vec![I64(1)]), false),
            (Array(vec![]), Table(table(&[])), true),
        ] {
            let fits = fits(&table(&[("h", wanted.clone())]), &message(&[], Some(table(&[("h", value.clone())]))));
            assert_eq!(fits, want, "{wanted:?} {value:?}");
        }
    }

    #[test]
    fn verdicts_name_the_header() {
        let arguments = table(&[("a", Value::I32(1)), ("b", Value::I32(2))]);
        let missing = message(&[], Some(table(&[("a", Value::I32(1))])));
        assert_eq!(verdict(&arguments, &missing), Verdict::HeaderMissing { header: "b".into() });
        let differs = message(&[], Some(table(&[("a", Value::I32(2))])));
        assert_eq!(verdict(&arguments, &differs), Verdict::HeaderDiffers { header: "a".into() });
        let any = table(&[(X_MATCH, "any".into()), ("b", Value::Void)]);
        assert_eq!(verdict(&any, &missing), Verdict::NoHeaderMatched);
    }

    #[test]
    fn deaths_are_headers() {
        let mut dead = (*message(&[], None)).clone();
        dead.deaths = Some(Deaths::record(&dead, &"q".into(), DeathReason::Expired, 5).into());
        let arguments = table(&[
            (X_MATCH, "all-with-x".into()),
            ("x-first-death-reason", "expired".into()),
            ("x-last-death-queue", "q".into()),
        ]);
        assert!(fits(&arguments, &dead) && !fits(&arguments, &message(&[], None)));
    }

    #[test]
    fn refusals() {
        for (value, text) in [
            ("foo".into(), "Invalid x-match field value <<\"foo\">>; expected all, any, all-with-x, or any-with-x"),
            ("".into(), "Invalid x-match field value <<>>; expected all, any, all-with-x, or any-with-x"),
            ("é".into(), "Invalid x-match field value <<\"é\"/utf8>>; expected all, any, all-with-x, or any-with-x"),
            (Value::I32(1), "Invalid x-match field type signedint (value 1); expected longstr"),
            (
                Value::Bytes(b"all".as_slice().into()),
                "Invalid x-match field type binary (value <<\"all\">>); expected longstr",
            ),
            (nested("k", 1), "Invalid x-match field type table (value [{<<\"k\">>,signedint,1}]); expected longstr"),
        ] {
            let refused = validate(&table(&[(X_MATCH, value)])).expect_err(text);
            assert_eq!(refused.text, format!("PRECONDITION_FAILED - {text}"));
        }
    }
}
