//! Names that the broker made: in recordings `<queue-1>`, `<ctag-1>`, `<reply-to-1>` stand for them, each kind
//! numbered in order of first appearance.
//!
//! A name counts as made by the broker in the reply to a declaration or a consume that left the name out, and in the
//! `reply_to` of a message. Queues and tags that scripts named, however they look, are left alone.

use serde_json::{Map, Value};

/// A kind of name: how it begins in the broker, and in recordings.
struct Kind {
    prefix: &'static str,
    placeholder: &'static str,
}

const QUEUE: Kind = Kind { prefix: "amq.gen-", placeholder: "queue" };
const TAG: Kind = Kind { prefix: "amq.ctag-", placeholder: "ctag" };
const REPLY_TO: Kind = Kind { prefix: "amq.rabbitmq.reply-to.", placeholder: "reply-to" };

/// The broker's names known so far.
#[derive(Default)]
pub struct Placeholders {
    /// The broker's name and its placeholder.
    pairs: Vec<(String, String)>,
}

impl Placeholders {
    /// Learns from an operation's reply and events.
    pub fn learn(&mut self, operation: &Map<String, Value>, reply: &Value, events: &[Value]) {
        let left_out = |field: &str| operation.get(field).is_none_or(|name| name == "");
        if left_out("queue") {
            self.add(&QUEUE, &reply["queue"]);
        }
        if left_out("consumer_tag") {
            self.add(&TAG, &reply["consumer_tag"]);
        }
        for answer in std::iter::once(reply).chain(events) {
            self.add(&REPLY_TO, &answer["properties"]["reply_to"]);
        }
    }

    /// Adds a name of a kind, if it is one and not known yet.
    fn add(&mut self, kind: &Kind, name: &Value) {
        let Some(name) = name.as_str().filter(|name| name.starts_with(kind.prefix)) else { return };
        if self.pairs.iter().any(|(known, _)| known == name) {
            return;
        }
        let begin = format!("<{}-", kind.placeholder);
        let number = self.pairs.iter().filter(|(_, placeholder)| placeholder.starts_with(&begin)).count() + 1;
        self.pairs.push((name.to_owned(), format!("{begin}{number}>")));
        // Longest first, as one name can begin with another.
        self.pairs.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    }

    /// Puts placeholders where the broker's names are.
    pub fn hide(&self, value: &mut Value) {
        each_text(value, &mut |text| {
            for (name, placeholder) in &self.pairs {
                replace(text, name, placeholder);
            }
        });
    }

    /// Puts the broker's names where placeholders are.
    pub fn reveal(&self, value: &mut Value) {
        each_text(value, &mut |text| {
            for (name, placeholder) in &self.pairs {
                replace(text, placeholder, name);
            }
        });
    }
}

fn replace(text: &mut String, from: &str, to: &str) {
    if text.contains(from) {
        *text = text.replace(from, to);
    }
}

fn each_text(value: &mut Value, change: &mut impl FnMut(&mut String)) {
    match value {
        Value::String(text) => change(text),
        Value::Array(items) => items.iter_mut().for_each(|item| each_text(item, change)),
        Value::Object(fields) => fields.values_mut().for_each(|field| each_text(field, change)),
        _ => {}
    }
}
