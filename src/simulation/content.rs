//! What is published: always the same, messages from a list, or templates that are filled in.
//!
//! A template is text with places in braces. `{n}` counts the client's messages from 1, `{pick:a|b|c}` is one of the
//! texts, `{random:1-6}` a number from the first to the second. Where a message came in, as at a worker or an RPC
//! server, there are more: `{payload}`, `{routing_key}`, `{exchange}`, the properties that are text under their names
//! (`{message_id}`, `{correlation_id}`, `{type}` and so on), and `{header:x}`; what the message does not have is empty.
//! All other braces stand for themselves, so JSON needs no escaping. Places are filled in from left to right: first the
//! routing key, then the payload, then the properties in the order in which [`Properties`] has them.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::broker::Name;
use crate::broker::command::BasicPublish;
use crate::broker::message::{Delivery, Message};
use crate::broker::properties::{Payload, Properties};
use crate::broker::table::{Table, Value};

use super::rng::Rng;
use super::role::{AnswerSpec, OutputSpec, ProducerSpec};
use super::scenario::ScenarioError;

/// Most messages of a list.
const LIST_MAX: usize = 10_000;

/// One message of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Draft {
    /// The routing key; none is the producer's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routing_key: Option<Name>,
    /// The body; none is the producer's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<Payload>,
    /// The properties; none are the producer's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub properties: Option<Rc<Properties>>,
}

/// Which message of a list is next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// One after another, and then the first again.
    #[default]
    InTurn,
    /// Any, each as likely as any other.
    AtRandom,
}

impl Order {
    /// Whether it is the usual one, which a scenario need not write down.
    pub fn is_usual(&self) -> bool {
        *self == Order::default()
    }
}

/// What there is to fill places with.
struct Filling<'a> {
    /// Counts the client's messages, from 1.
    number: u64,
    /// The message that came in, with its properties.
    incoming: Option<(&'a Message, &'a Properties)>,
}

/// The `number`th message of a producer, from 1.
pub(super) fn message(producer: &ProducerSpec, number: u64, rng: &mut Rng) -> BasicPublish {
    let draft = draft(producer, number, rng);
    let routing_key = draft.and_then(|draft| draft.routing_key.as_ref()).unwrap_or(&producer.routing_key);
    let payload = draft.and_then(|draft| draft.payload.as_ref()).unwrap_or(&producer.payload);
    let properties = draft.and_then(|draft| draft.properties.as_ref()).unwrap_or(&producer.properties);
    let mut publish = BasicPublish {
        exchange: producer.exchange.clone(),
        routing_key: routing_key.clone(),
        mandatory: producer.mandatory,
        immediate: false,
        properties: properties.clone(),
        payload: payload.clone(),
    };
    if producer.templates {
        let filling = Filling { number, incoming: None };
        publish.routing_key = filling.key(routing_key, rng);
        publish.payload = filling.payload(payload, rng);
        publish.properties = filling.properties(properties, rng);
    }
    publish
}

/// What a worker publishes for a message; its `number`th, from 1.
pub(super) fn output(output: &OutputSpec, delivery: &Delivery, number: u64, rng: &mut Rng) -> BasicPublish {
    let properties = delivery.properties();
    let incoming = &*delivery.message;
    let filling = Filling { number, incoming: Some((incoming, &properties)) };
    let key = output.routing_key.as_ref().map(|key| filling.key(key, rng));
    let payload = output.payload.as_ref().map(|payload| filling.payload(payload, rng));
    let own = output.properties.as_ref().map(|properties| filling.properties(properties, rng));
    BasicPublish {
        exchange: output.exchange.clone(),
        routing_key: key.unwrap_or_else(|| incoming.routing_keys.key.clone()),
        mandatory: output.mandatory,
        immediate: false,
        properties: own.unwrap_or_else(|| Rc::new(properties.clone().into_owned())),
        payload: payload.unwrap_or_else(|| incoming.payload.clone()),
    }
}

/// What an RPC server answers a request, its `number`th; none if the request does not say where to.
pub(super) fn answer(answer: &AnswerSpec, delivery: &Delivery, number: u64, rng: &mut Rng) -> Option<BasicPublish> {
    let properties = delivery.properties();
    let reply_to = properties.reply_to.clone()?;
    let filling = Filling { number, incoming: Some((&delivery.message, &properties)) };
    let payload = answer.payload.as_ref().map(|payload| filling.payload(payload, rng));
    let mut own = answer.properties.as_ref().map(|own| filling.properties(own, rng)).unwrap_or_default();
    Rc::make_mut(&mut own).correlation_id = properties.correlation_id.clone();
    Some(BasicPublish {
        routing_key: reply_to,
        properties: own,
        payload: payload.unwrap_or_else(|| delivery.message.payload.clone()),
        ..BasicPublish::default()
    })
}

fn draft<'a>(producer: &'a ProducerSpec, number: u64, rng: &mut Rng) -> Option<&'a Draft> {
    let count = producer.messages.len() as u64;
    let last = count.checked_sub(1)?;
    let index = match producer.order {
        Order::InTurn => number.saturating_sub(1) % count,
        Order::AtRandom => rng.between(0, last),
    };
    producer.messages.get(usize::try_from(index).ok()?)
}

impl Filling<'_> {
    fn key(&self, key: &Name, rng: &mut Rng) -> Name {
        self.filled(key, rng).map_or_else(|| key.clone(), Name::from)
    }

    fn payload(&self, payload: &Payload, rng: &mut Rng) -> Payload {
        let filled = std::str::from_utf8(payload.as_bytes()).ok().and_then(|text| self.filled(text, rng));
        filled.map_or_else(|| payload.clone(), |text| Payload::from(text.as_str()))
    }

    fn properties(&self, given: &Rc<Properties>, rng: &mut Rng) -> Rc<Properties> {
        let mut fill = |text: &str| self.filled(text, rng);
        let mut properties = Properties::clone(given);
        let before = [&mut properties.content_type, &mut properties.content_encoding];
        fill_names(before, &mut fill);
        if let Some(headers) = &mut properties.headers {
            fill_table(headers, &mut fill);
        }
        let after = [
            &mut properties.correlation_id,
            &mut properties.reply_to,
            &mut properties.expiration,
            &mut properties.message_id,
            &mut properties.kind,
            &mut properties.user_id,
            &mut properties.app_id,
            &mut properties.cluster_id,
        ];
        fill_names(after, &mut fill);
        if properties == **given { given.clone() } else { Rc::new(properties) }
    }

    /// A text with its places filled in; none if there are none.
    fn filled(&self, text: &str, rng: &mut Rng) -> Option<String> {
        let mut made = String::new();
        let mut rest = text;
        let mut found = false;
        while let Some((before, after)) = rest.split_once('{') {
            made.push_str(before);
            let inside = after.split_once('}').filter(|(inside, _)| !inside.contains('{'));
            match inside.and_then(|(inside, after)| Some((self.fill(inside, rng)?, after))) {
                Some((text, after)) => {
                    made.push_str(&text);
                    found = true;
                    rest = after;
                }
                None => {
                    made.push('{');
                    rest = after;
                }
            }
        }
        made.push_str(rest);
        found.then_some(made)
    }

    /// What stands for what is inside of braces; none if they stand for themselves.
    fn fill(&self, inside: &str, rng: &mut Rng) -> Option<String> {
        match place(inside) {
            Ok(Some(place)) => return Some(chosen(&place, self.number, rng)),
            Err(_) => return None,
            Ok(None) => {}
        }
        let (message, properties) = self.incoming?;
        if let Some(header) = inside.strip_prefix("header:") {
            return Some(properties.header(header).map(header_text).unwrap_or_default());
        }
        match inside {
            "payload" => Some(message.payload.text().into_owned()),
            "routing_key" => Some(message.routing_keys.key.to_string()),
            "exchange" => Some(message.exchange.to_string()),
            property => {
                let (_, text) = properties.texts().into_iter().find(|(name, _)| *name == property)?;
                Some(text.as_ref().map(Name::to_string).unwrap_or_default())
            }
        }
    }
}

/// A header's value as text: words, numbers and flags as they are, nothing of all else.
fn header_text(value: &Value) -> String {
    match (value.as_str(), value.as_int(), value) {
        (Some(text), ..) => text.to_owned(),
        (_, Some(number), _) => number.to_string(),
        (_, _, Value::Bool(flag)) => flag.to_string(),
        _ => String::new(),
    }
}

fn fill_names<const N: usize>(names: [&mut Option<Name>; N], fill: &mut impl FnMut(&str) -> Option<String>) {
    for name in names.into_iter().flatten() {
        if let Some(text) = fill(name) {
            *name = text.into();
        }
    }
}

/// Headers in the order of their names; what is nested in them stays as it is.
fn fill_table(table: &mut Table, fill: &mut impl FnMut(&str) -> Option<String>) {
    for value in table.values_mut() {
        if let Value::String(text) = value
            && let Some(filled) = fill(text)
        {
            *text = filled.into();
        }
    }
}

/// A place to fill in.
enum Place<'a> {
    Number,
    Pick(&'a str),
    Random(u64, u64),
}

/// What the inside of braces asks for. None stands for itself; an error is nearly a place.
fn place(inside: &str) -> Result<Option<Place<'_>>, &'static str> {
    if inside == "n" {
        return Ok(Some(Place::Number));
    }
    if let Some(texts) = inside.strip_prefix("pick:") {
        return if texts.is_empty() { Err("{pick:a|b|c}") } else { Ok(Some(Place::Pick(texts))) };
    }
    let Some(range) = inside.strip_prefix("random:") else { return Ok(None) };
    let ends = range.split_once('-').and_then(|(min, max)| Some((min.parse().ok()?, max.parse().ok()?)));
    match ends {
        Some((min, max)) if min <= max => Ok(Some(Place::Random(min, max))),
        _ => Err("{random:1-6}"),
    }
}

fn chosen(place: &Place, number: u64, rng: &mut Rng) -> String {
    match place {
        Place::Number => number.to_string(),
        Place::Pick(texts) => {
            let count = texts.split('|').count() as u64;
            let index = rng.between(0, count.saturating_sub(1));
            texts.split('|').nth(usize::try_from(index).unwrap_or_default()).unwrap_or_default().to_owned()
        }
        Place::Random(min, max) => rng.between(*min, *max).to_string(),
    }
}

/// Texts that may be templates.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Parts<'a> {
    pub routing_key: Option<&'a Name>,
    pub payload: Option<&'a Payload>,
    pub properties: Option<&'a Properties>,
}

/// Looks for places that cannot be filled in.
pub(super) fn check(producer: &ProducerSpec, at: &str) -> Result<(), ScenarioError> {
    let fits = producer.messages.len() <= LIST_MAX;
    ScenarioError::unless(fits, at, "messages", "at most 10000 of them")?;
    if !producer.templates {
        return Ok(());
    }
    let ProducerSpec { routing_key, payload, properties, .. } = producer;
    let own = Parts { routing_key: Some(routing_key), payload: Some(payload), properties: Some(properties) };
    check_parts(&own, at)?;
    for (index, draft) in producer.messages.iter().enumerate() {
        let Draft { routing_key, payload, properties } = draft;
        let (routing_key, payload, properties) = (routing_key.as_ref(), payload.as_ref(), properties.as_deref());
        check_parts(&Parts { routing_key, payload, properties }, &format!("{at}.messages[{index}]"))?;
    }
    Ok(())
}

/// The same, for texts that are all templates.
pub(super) fn check_parts(parts: &Parts, at: &str) -> Result<(), ScenarioError> {
    check_text(parts.routing_key.map_or("", |key| key), at, "routing_key")?;
    check_text(&parts.payload.map(Payload::text).unwrap_or_default(), at, "payload")?;
    let Some(properties) = parts.properties else { return Ok(()) };
    for (name, text) in properties.texts() {
        check_text(text.as_deref().unwrap_or_default(), at, &format!("properties.{name}"))?;
    }
    for (name, value) in properties.headers.iter().flatten() {
        check_text(value.as_str().unwrap_or_default(), at, &format!("properties.headers.{name}"))?;
    }
    Ok(())
}

fn check_text(text: &str, at: &str, field: &str) -> Result<(), ScenarioError> {
    for after in text.split('{').skip(1) {
        let Some((inside, _)) = after.split_once('}') else { continue };
        if let Err(expected) = place(inside) {
            return ScenarioError::unless(false, at, field, &format!("{expected}, not {{{inside}}}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_in_and_other_braces_stay() {
        let mut rng = Rng::new(1);
        let filling = Filling { number: 7, incoming: None };
        let mut fill = |text: &str| filling.filled(text, &mut rng).unwrap_or_else(|| format!("{text}, as it is"));
        assert_eq!(fill("order.{n}"), "order.7");
        assert_eq!(fill(r#"{"n": {n}, "x": {}}"#), r#"{"n": 7, "x": {}}"#);
        assert_eq!(fill("{pick:only}{n"), "only{n");
        assert_eq!(fill("{random:5-5}"), "5");
        assert_eq!(fill("{random:6-5}"), "{random:6-5}, as it is");
        assert_eq!(fill("{N} {"), "{N} {, as it is");
        let die = |_| filling.filled("{random:1-6}{pick:a|b}", &mut rng).unwrap_or_default();
        let thrown: Vec<String> = (0..200).map(die).collect();
        for side in ["1a", "2b", "3a", "4b", "5a", "6b"] {
            assert!(thrown.iter().any(|text| text == side), "{side}");
        }
        assert!(thrown.iter().all(|text| ('1'..='6').contains(&text.chars().next().unwrap_or('0'))));
    }
}
