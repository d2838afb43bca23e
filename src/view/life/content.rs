//! What is in a message at a moment of its life, and how that differs from what was in it before.

use crate::broker::command::BasicPublish;
use crate::broker::message::{Counts, Death, Delivery, Message};
use crate::broker::properties::Properties;
use crate::broker::table::Value;
use crate::view::graph::exchange_name;

/// A value longer than this is cut, characters.
const VALUE_MAX: usize = 120;

/// What is in a message: each thing by its name in AMQP, in a fixed order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content(Vec<(String, String)>);

/// How something in a message differs from before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What: a property, or a header by its name.
    pub label: String,
    /// What it was; none if it was not there.
    pub before: Option<String>,
    /// What it is; none if it is not there any more.
    pub after: Option<String>,
}

impl Change {
    /// The sign and the word for it.
    pub fn sort(&self) -> (&'static str, &'static str) {
        match (&self.before, &self.after) {
            (None, _) => ("+", "added"),
            (_, None) => ("\u{2212}", "removed"),
            _ => ("\u{2260}", "changed"),
        }
    }
}

impl Content {
    /// What a publisher sends.
    pub fn sent(publish: &BasicPublish) -> Content {
        let mut content = Content::addressed(&publish.exchange, &publish.routing_key, &publish.payload.text());
        content.add_properties(&publish.properties);
        content
    }

    /// What the broker has.
    pub fn held(message: &Message) -> Content {
        Content::of(message, &message.properties_with(Counts::default()))
    }

    /// What a client gets.
    pub fn delivered(delivery: &Delivery) -> Content {
        let mut content = Content::of(&delivery.message, &delivery.properties());
        if delivery.redelivered {
            content.add("redelivered", "true");
        }
        content
    }

    fn of(message: &Message, properties: &Properties) -> Content {
        let payload = message.payload.text();
        let mut content = Content::addressed(&message.exchange, &message.routing_keys.key, &payload);
        content.add_properties(properties);
        for death in message.deaths.iter().flat_map(|deaths| &deaths.entries) {
            content.add_death(death);
        }
        content
    }

    fn addressed(exchange: &crate::broker::Name, key: &str, payload: &str) -> Content {
        let mut content = Content::default();
        content.add("exchange", &exchange_name(exchange));
        content.add("routing key", key);
        content.add("payload", payload);
        content
    }

    fn add(&mut self, label: &str, value: &str) {
        let value = if value.is_empty() { "(empty)".to_owned() } else { cut(value) };
        self.0.push((label.to_owned(), value));
    }

    fn add_properties(&mut self, properties: &Properties) {
        let numbers = [
            ("delivery_mode", properties.delivery_mode.map(u64::from)),
            ("priority", properties.priority.map(u64::from)),
            ("timestamp", properties.timestamp),
        ];
        for (label, number) in numbers {
            if let Some(number) = number {
                self.add(label, &number.to_string());
            }
        }
        for (label, text) in properties.texts() {
            if let Some(text) = text {
                self.add(label, text);
            }
        }
        for (name, value) in properties.headers.iter().flatten() {
            // Told death by death.
            if &**name != "x-death" || !matches!(value, Value::Array(_)) {
                self.add(&format!("header {name}"), &value.to_string());
            }
        }
    }

    fn add_death(&mut self, death: &Death) {
        let keys: Vec<&str> = death.routing_keys.iter().map(|key| &**key).collect();
        let mut value = format!("count {}, exchange {}", death.count, exchange_name(&death.exchange));
        value.push_str(&format!(", routing-keys {}", keys.join(", ")));
        if let Some(expiration) = &death.original_expiration {
            value.push_str(&format!(", original-expiration {expiration}"));
        }
        self.add(&format!("header x-death: queue {}, reason {}", death.queue, death.reason.as_str()), &value);
    }

    /// Each thing and its value.
    pub fn iter(&self) -> impl Iterator<Item = &(String, String)> {
        self.0.iter()
    }

    fn get(&self, label: &str) -> Option<&String> {
        self.0.iter().find(|(other, _)| other == label).map(|(_, value)| value)
    }

    /// How it differs from what was before: what is here in its order, then what is not here any more.
    pub fn changes(&self, before: &Content) -> Vec<Change> {
        let here = self.0.iter().filter_map(|(label, value)| {
            let last = before.get(label);
            let change = Change { label: label.clone(), before: last.cloned(), after: Some(value.clone()) };
            (last != Some(value)).then_some(change)
        });
        let gone = before.0.iter().filter(|(label, _)| self.get(label).is_none());
        let gone = gone.map(|(label, value)| Change { label: label.clone(), before: Some(value.clone()), after: None });
        here.chain(gone).collect()
    }
}

fn cut(value: &str) -> String {
    match value.char_indices().nth(VALUE_MAX) {
        Some((end, _)) => format!("{}\u{2026}", &value[..end]),
        None => value.to_owned(),
    }
}
