//! What a producer publishes: always the same, messages from a list, or templates that are filled in.
//!
//! A template is text with places in braces. `{n}` counts the producer's messages from 1, `{pick:a|b|c}` is one of the
//! texts, `{random:1-6}` a number from the first to the second. All other braces stand for themselves, so JSON needs
//! no escaping. Places are filled in from left to right: first the routing key, then the payload, then the properties
//! in the order in which [`Properties`] has them.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::broker::Name;
use crate::broker::command::BasicPublish;
use crate::broker::properties::{Payload, Properties};
use crate::broker::table::{Table, Value};

use super::rng::Rng;
use super::scenario::{ProducerSpec, ScenarioError};

/// Most messages of a list.
const LIST_MAX: usize = 10_000;

/// One message of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
        fill_in(&mut publish, number, rng);
    }
    publish
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

fn fill_in(publish: &mut BasicPublish, number: u64, rng: &mut Rng) {
    let mut fill = |text: &str| filled(text, number, rng);
    if let Some(key) = fill(&publish.routing_key) {
        publish.routing_key = key.into();
    }
    if let Some(payload) = std::str::from_utf8(publish.payload.as_bytes()).ok().and_then(&mut fill) {
        publish.payload = Payload::from(payload.as_str());
    }
    let mut properties = Properties::clone(&publish.properties);
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
    if properties != *publish.properties {
        publish.properties = Rc::new(properties);
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

/// A text with its places filled in; none if there are none.
fn filled(text: &str, number: u64, rng: &mut Rng) -> Option<String> {
    let mut made = String::new();
    let mut rest = text;
    let mut found = false;
    while let Some((before, after)) = rest.split_once('{') {
        made.push_str(before);
        let inside = after.split_once('}').filter(|(inside, _)| !inside.contains('{'));
        match inside.and_then(|(inside, after)| Some((place(inside).ok()??, after))) {
            Some((place, after)) => {
                put(&mut made, &place, number, rng);
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

fn put(made: &mut String, place: &Place, number: u64, rng: &mut Rng) {
    match place {
        Place::Number => made.push_str(&number.to_string()),
        Place::Pick(texts) => {
            let count = texts.split('|').count() as u64;
            let index = rng.between(0, count.saturating_sub(1));
            made.push_str(texts.split('|').nth(usize::try_from(index).unwrap_or_default()).unwrap_or_default());
        }
        Place::Random(min, max) => made.push_str(&rng.between(*min, *max).to_string()),
    }
}

/// Looks for places that cannot be filled in.
pub(super) fn check(producer: &ProducerSpec, at: &str) -> Result<(), ScenarioError> {
    let fits = producer.messages.len() <= LIST_MAX;
    ScenarioError::unless(fits, at, "messages", "at most 10000 of them")?;
    if !producer.templates {
        return Ok(());
    }
    check_text(&producer.routing_key, at, "routing_key")?;
    check_text(&producer.payload.text(), at, "payload")?;
    for (index, draft) in producer.messages.iter().enumerate() {
        let at = format!("{at}.messages[{index}]");
        check_text(draft.routing_key.as_deref().unwrap_or_default(), &at, "routing_key")?;
        check_text(&draft.payload.clone().unwrap_or_default().text(), &at, "payload")?;
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
        let mut fill = |text: &str| filled(text, 7, &mut rng).unwrap_or_else(|| format!("{text}, as it is"));
        assert_eq!(fill("order.{n}"), "order.7");
        assert_eq!(fill(r#"{"n": {n}, "x": {}}"#), r#"{"n": 7, "x": {}}"#);
        assert_eq!(fill("{pick:only}{n"), "only{n");
        assert_eq!(fill("{random:5-5}"), "5");
        assert_eq!(fill("{random:6-5}"), "{random:6-5}, as it is");
        assert_eq!(fill("{N} {"), "{N} {, as it is");
        let die = |_| filled("{random:1-6}{pick:a|b}", 0, &mut rng).unwrap_or_default();
        let thrown: Vec<String> = (0..200).map(die).collect();
        for side in ["1a", "2b", "3a", "4b", "5a", "6b"] {
            assert!(thrown.iter().any(|text| text == side), "{side}");
        }
        assert!(thrown.iter().all(|text| ('1'..='6').contains(&text.chars().next().unwrap_or('0'))));
    }
}
