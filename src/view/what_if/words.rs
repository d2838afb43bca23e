//! What a binding says, part by part: word by word beside a pattern, header by header beside what is asked for.
//!
//! What always holds: all parts fit, or none is there that does not, exactly where the broker says of a pattern that it
//! matches (tested over random patterns); each header is answered by the broker's own rule for it alone.

use std::rc::Rc;

use crate::broker::Name;
use crate::broker::binding::Binding;
use crate::broker::event::{MatchReason, Verdict};
use crate::broker::exchange::ExchangeType;
use crate::broker::message::Message;
use crate::broker::table::{Table, Value};
use crate::view::sentence::Sentence;
use crate::view::why::{asked_headers, value};

use super::{is_match, verdict};

/// One part of what a binding asks for, and what the message has there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What is asked for: a word of the pattern, or a header with its value; empty where the message has more.
    pub asked: String,
    /// What the message has there; empty where it has nothing.
    pub has: String,
    /// Whether that fits.
    pub fits: bool,
    /// Why.
    pub why: Sentence,
}

/// The parts of a binding's answer, of an exchange whose answer has parts: topic and headers.
pub fn parts(kind: ExchangeType, binding: &Rc<Binding>, message: &Message, verdict: &Verdict) -> Vec<Part> {
    match kind {
        ExchangeType::Topic => {
            // It may be one of the keys in CC or BCC that matched.
            let key = match verdict {
                Verdict::Match(MatchReason::Pattern { key }) => key,
                _ => &message.routing_keys.key,
            };
            words(&binding.routing_key, key)
        }
        ExchangeType::Headers => headers(binding, message),
        _ => Vec::new(),
    }
}

/// A key has no words if it is empty.
fn split(key: &str) -> Vec<&str> {
    if key.is_empty() { Vec::new() } else { key.split('.').collect() }
}

/// A pattern beside a key, so that as few words as possible do not fit.
pub fn words(pattern: &str, key: &str) -> Vec<Part> {
    let (pattern, key) = (split(pattern), split(key));
    let width = key.len() + 1;
    // What it costs to go on from each place in both, the ends last.
    let mut costs = vec![0_usize; (pattern.len() + 1) * width];
    let cost = |costs: &[usize], i: usize, j: usize| costs.get(i * width + j).copied().unwrap_or_default();
    for place in (0..costs.len()).rev() {
        let (i, j) = (place / width, place % width);
        let best = steps(&pattern, &key, i, j).map(|(step, price)| cost(&costs, i + step.0, j + step.1) + price).min();
        if let (Some(best), Some(here)) = (best, costs.get_mut(place)) {
            *here = best;
        }
    }
    let (mut i, mut j, mut parts) = (0, 0, Vec::new());
    loop {
        let cheapest =
            steps(&pattern, &key, i, j).min_by_key(|(step, price)| cost(&costs, i + step.0, j + step.1) + price);
        let Some((step, price)) = cheapest else { return parts };
        let want = pattern.get(i).copied().unwrap_or_default();
        let have = key.get(j).copied().unwrap_or_default();
        add(&mut parts, (want, have), step, price);
        (i, j) = (i + step.0, j + step.1);
    }
}

/// How one can go on from a place in a pattern and a place in a key, and what that costs. What is preferred comes first.
fn steps(pattern: &[&str], key: &[&str], i: usize, j: usize) -> impl Iterator<Item = ((usize, usize), usize)> + use<> {
    let (want, have) = (pattern.get(i), key.get(j));
    let is_hash = want == Some(&"#");
    let pair = (!is_hash).then(|| want.zip(have)).flatten();
    let pair = pair.map(|(want, have)| ((1, 1), usize::from(*want != "*" && want != have)));
    let takes = (is_hash && have.is_some()).then_some(((0, 1), 0));
    let ends = is_hash.then_some(((1, 0), 0));
    let lacks = (!is_hash && want.is_some()).then_some(((1, 0), 1));
    let spare = (!is_hash && have.is_some()).then_some(((0, 1), 1));
    [pair, takes, ends, lacks, spare].into_iter().flatten()
}

fn add(parts: &mut Vec<Part>, (want, have): (&str, &str), step: (usize, usize), price: usize) {
    let (asked, has, why) = match (step, want) {
        ((1, 1), "*") => (want, have, "* stands for exactly one word"),
        ((1, 1), _) if price == 0 => (want, have, "the same word"),
        ((1, 1), _) => (want, have, "another word"),
        ((0, 1), "#") => (want, have, "# stands for any number of words"),
        ((1, 0), "#") => {
            // It has been told by the words that it took.
            if parts.last().is_none_or(|last| last.asked != "#") {
                let why = Sentence::words("# can stand for no word, too");
                parts.push(Part { asked: want.to_owned(), has: String::new(), fits: true, why });
            }
            return;
        }
        ((1, 0), "*") => (want, "", "* needs a word, and there is none"),
        ((1, 0), _) => (want, "", "the key has no word for it"),
        _ => ("", have, "the pattern has nothing for it"),
    };
    parts.push(Part { asked: asked.to_owned(), has: has.to_owned(), fits: price == 0, why: Sentence::words(why) });
}

/// A value as JSON would have it, so that a text is told from a number.
fn written(value: &Value) -> String {
    match value {
        Value::String(text) => format!("\"{text}\""),
        Value::Void => "(no value)".to_owned(),
        other => other.to_string(),
    }
}

fn headers(binding: &Rc<Binding>, message: &Message) -> Vec<Part> {
    let (counted, ignored) = asked_headers(&binding.arguments);
    let all = |key: &Name, value: &Value| {
        let arguments: Table =
            [(key.clone(), value.clone()), ("x-match".into(), Value::from("all-with-x"))].into_iter().collect();
        Rc::new(Binding { arguments, ..(**binding).clone() })
    };
    let has = |key: &Name| message.properties.header(key).map(written).unwrap_or_default();
    let counted = counted.into_iter().map(|(key, wanted)| {
        let fits = is_match(&verdict(ExchangeType::Headers, &all(key, wanted), message));
        let asked = if *wanted == Value::Void { key.to_string() } else { format!("{key} = {}", written(wanted)) };
        let why = match (fits, message.properties.header(key)) {
            (true, _) if *wanted == Value::Void => Sentence::words("it is there, whatever it says"),
            (true, _) => Sentence::words("the same value"),
            (false, None) => Sentence::words("the message has no such header"),
            (false, Some(have)) => value(have).say(" is not ").then(value(wanted)),
        };
        Part { asked, has: has(key), fits, why }
    });
    let ignored = ignored.into_iter().map(|key| Part {
        asked: key.to_string(),
        has: has(key),
        fits: true,
        why: Sentence::words("begins with x-, so it does not count"),
    });
    counted.chain(ignored).collect()
}
