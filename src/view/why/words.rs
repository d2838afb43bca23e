//! What a binding that did not match says, in words: which word, which header, and what is there instead.

use crate::broker::Name;
use crate::broker::binding::Binding;
use crate::broker::event::Verdict;
use crate::broker::exchange::ExchangeType;
use crate::broker::message::Message;
use crate::broker::table::{Table, Value};

use super::Reason;
use crate::view::sentence::{Sentence, count};

/// Why a binding does not match a message; none if it does. Without a full stop.
pub(in crate::view) fn miss(
    kind: ExchangeType,
    binding: &Binding,
    message: &Message,
    verdict: &Verdict,
) -> Option<(Reason, Sentence)> {
    let (reason, sentence) = told(kind, binding, message, verdict)?;
    let goes_by_key = matches!(kind, ExchangeType::Direct | ExchangeType::Topic);
    Some((reason, if goes_by_key { more_keys(sentence, message) } else { sentence }))
}

/// A message is routed by the keys in its CC and BCC headers, too.
pub(super) fn more_keys(sentence: Sentence, message: &Message) -> Sentence {
    let Some(more) = &message.routing_keys.more else { return sentence };
    let headers = match (more.cc.is_empty(), more.bcc.is_empty()) {
        (true, true) => return sentence,
        (false, true) => "CC header",
        (true, false) => "BCC header",
        (false, false) => "CC and BCC headers",
    };
    sentence.say(format!("; nor does a routing key of its {headers} match: ")).names(more.cc.iter().chain(&more.bcc))
}

fn told(kind: ExchangeType, binding: &Binding, message: &Message, verdict: &Verdict) -> Option<(Reason, Sentence)> {
    let key = &message.routing_keys.key;
    let pattern = &binding.routing_key;
    let differs = |words: String| routing_key(key).say(" does not match ").name(pattern).say(format!(": {words}"));
    Some(match verdict {
        Verdict::Match(_) => return None,
        Verdict::KeyDiffers => {
            let sentence = Sentence::words("the routing key ").name(key).say(" is not the binding key ").name(pattern);
            (Reason::KeyDiffers, with_hint(sentence, key, pattern))
        }
        Verdict::WordDiffers { index } => {
            let place = usize::from(*index);
            let word = |text: &Name| text.split('.').nth(place).map(Name::from).unwrap_or_default();
            let (want, have) = (word(pattern), word(key));
            let sentence = differs(format!("word {} must be ", place + 1)).name(&want).say(", and is ").name(&have);
            (Reason::WordDiffers, with_hint(sentence, &have, &want))
        }
        Verdict::TooFewWords { have, need } => {
            let need = count(u64::from(*need), "word");
            (Reason::TooFewWords, differs(format!("the pattern needs {need}, the key has {have}{}", star(pattern))))
        }
        Verdict::TooManyWords { have, take } => {
            let take = count(u64::from(*take), "word");
            (Reason::TooManyWords, differs(format!("the pattern takes {take}, the key has {have}{}", star(pattern))))
        }
        Verdict::WordsNotFound { index } => {
            let behind: Vec<&str> = pattern.split('.').skip(usize::from(*index)).collect();
            let behind: Name = behind.join(".").into();
            (Reason::WordsNotFound, differs("behind # there must be ".to_owned()).name(&behind).say(", and it is not"))
        }
        Verdict::HeaderMissing { header } => {
            let sentence = Sentence::words("the binding asks for the header ").name(header);
            (Reason::HeaderMissing, sentence.say(", and the message has no such header"))
        }
        Verdict::HeaderDiffers { header } => header_differs(binding, header, message),
        Verdict::NoHeaderMatched => none_matched(&binding.arguments, message),
        Verdict::NotChosen if kind == ExchangeType::LocalRandom => {
            (Reason::ChosenElsewhere, Sentence::words("one binding is chosen by chance, and it was another one"))
        }
        Verdict::NotChosen => {
            let sentence =
                Sentence::words("the hash of ").name(key).say(" falls on another binding's part of the ring");
            (Reason::HashedElsewhere, sentence.say("; the same key always goes to the same queue"))
        }
    })
}

/// A routing key as that of which something is said.
pub(in crate::view) fn routing_key(key: &Name) -> Sentence {
    if key.is_empty() { Sentence::words("an empty routing key") } else { Sentence::of(key) }
}

/// What a binding of a headers exchange asks for: what counts, and what does not since it begins with `x-`.
pub(in crate::view) fn asked_headers(arguments: &Table) -> (Vec<(&Name, &Value)>, Vec<&Name>) {
    let with_x = arguments.get("x-match").and_then(Value::as_str).is_some_and(|how| how.ends_with("-with-x"));
    let asked = arguments.iter().filter(|(key, _)| **key != "x-match");
    let (ignored, counted): (Vec<_>, Vec<_>) = asked.partition(|(key, _)| !with_x && key.starts_with("x-"));
    (counted, ignored.into_iter().map(|(key, _)| key).collect())
}

fn star(pattern: &str) -> &'static str {
    if pattern.split('.').any(|word| word == "*") { "; * stands for exactly one word" } else { "" }
}

/// Adds what eyes easily miss.
pub(super) fn with_hint(sentence: Sentence, have: &str, want: &str) -> Sentence {
    let hint = if have.eq_ignore_ascii_case(want) {
        ". Only capital letters differ, and they count"
    } else if have.trim() == want.trim() {
        ". Only a space at an end differs, and it counts"
    } else {
        ""
    };
    sentence.say(hint)
}

/// A value with its type, as people say it.
pub(in crate::view) fn value(value: &Value) -> Sentence {
    let text: Name = value.to_string().into();
    match value {
        Value::Void => Sentence::words("no value"),
        Value::Bool(_) => Sentence::words("the boolean ").name(&text),
        Value::String(_) => Sentence::words("the text ").name(&text),
        Value::Bytes(_) => Sentence::words("the bytes ").name(&text),
        Value::F32(_) | Value::F64(_) | Value::Decimal { .. } => Sentence::words("the decimal number ").name(&text),
        Value::Timestamp(_) => Sentence::words("the timestamp ").name(&text),
        Value::Array(_) => Sentence::words("the list ").name(&text),
        Value::Table(_) => Sentence::words("the table ").name(&text),
        Value::I8(_) | Value::U8(_) | Value::I16(_) | Value::U16(_) | Value::I32(_) | Value::U32(_) | Value::I64(_) => {
            Sentence::words("the number ").name(&text)
        }
    }
}

/// Values of one sort may be equal; of two sorts they never are.
fn sort(value: &Value) -> u8 {
    match value {
        Value::Void => 0,
        Value::Bool(_) => 1,
        Value::String(_) | Value::Bytes(_) => 2,
        Value::F32(_) | Value::F64(_) => 3,
        Value::Decimal { .. } => 4,
        Value::Array(_) => 5,
        Value::Table(_) => 6,
        // A timestamp is a number, if another one.
        _ => 7,
    }
}

fn header_differs(binding: &Binding, header: &Name, message: &Message) -> (Reason, Sentence) {
    let sentence = Sentence::words("the header ").name(header).say(" must be ");
    match (binding.arguments.get(header), message.properties.header(header)) {
        (Some(want), Some(have)) => {
            let is_other_type = sort(want) != sort(have);
            let reason = if is_other_type { Reason::HeaderTypeDiffers } else { Reason::HeaderDiffers };
            (reason, sentence.then(value(want)).say(", and is ").then(value(have)))
        }
        _ => (Reason::HeaderDiffers, sentence.say("another one")),
    }
}

/// `x-match` is `any` or `any-with-x`.
fn none_matched(arguments: &Table, message: &Message) -> (Reason, Sentence) {
    let (counted, ignored) = asked_headers(arguments);
    if counted.is_empty() && ignored.is_empty() {
        let sentence = Sentence::words("x-match is any, so one header must match, and the binding asks for none");
        return (Reason::NoHeaderMatched, sentence);
    }
    if counted.is_empty() && !ignored.is_empty() {
        let names = Sentence::words("headers that begin with x- do not count, so ");
        let names = names.names(ignored);
        return (Reason::HeaderIgnored, names.say(" can never match; x-match any-with-x makes them count"));
    }
    let mut sentence = Sentence::words("x-match is any, so one of these must match, and none does: ");
    for (place, (key, want)) in counted.into_iter().enumerate() {
        let start = if place == 0 { sentence } else { sentence.say("; ") };
        let start = start.name(key).say(" must be ").then(value(want)).say(", and ");
        sentence = match message.properties.header(key) {
            Some(have) => start.say("is ").then(value(have)),
            None => start.say("is missing"),
        };
    }
    (Reason::NoHeaderMatched, sentence)
}
