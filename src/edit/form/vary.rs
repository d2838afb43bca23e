//! What something could be compared with: itself, with one property or argument otherwise.
//!
//! What always holds: what is proposed is a value that makes a difference worth looking at, never the one that stands
//! there; and it amounts to a command that the form itself could give.

use super::subject::{Subject, form};
use super::{Form, Input, Row, Typed};
use crate::broker::settings::QueueType;
use crate::edit::catalog;
use crate::edit::command::{Command, Kind};
use crate::edit::draft::Draft;
use crate::share::Tree;

/// So many are proposed for a whole thing.
const MOST: usize = 8;
/// What is proposed first of a whole thing, by the ends of the rows' ids.
const FIRST: [&str; 14] = [
    "prefetch",
    "x-queue-type",
    "x-overflow",
    "ack",
    "outcome",
    "type",
    "x-max-length",
    "x-message-ttl",
    "x-single-active-consumer",
    "x-delivery-limit",
    "every_ms",
    "confirms",
    "mandatory",
    "delivery_mode",
];
/// Rows in which another value makes no other world, or is no single change.
const NEVER: [&str; 7] = ["name", "vhost", "role", "content_type", "user_id", "apply-to", "tags"];

/// One thing that can be otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Variation {
    /// What, and how: `Prefetch count: 100 instead of 1`.
    pub label: String,
    /// The value alone, for whoever knows what it is of.
    pub value: String,
    /// What makes it so.
    pub command: Command,
}

impl Form {
    /// The values that a row's own is worth being compared with; none where another one makes no difference.
    pub fn variations(&self, id: &str) -> Vec<Variation> {
        let Some(row) = self.row(id).filter(|row| can_vary(&self.subject, row)) else { return Vec::new() };
        let values = values(row).into_iter().filter(|value| *value != row.stands);
        values.filter_map(|value| self.variation(row, &value)).collect()
    }

    /// What a row is to be compared with that somebody typed.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn typed_variation(&self, id: &str, text: &str) -> Result<Variation, String> {
        let row = self.row(id).ok_or_else(|| "this is not here any more".to_owned())?;
        if text == row.stands {
            return Err("this is what it is already".to_owned());
        }
        row.takes.edit(&row.id, text)?;
        self.variation(row, text).ok_or_else(|| "expected another value".to_owned())
    }

    /// Whether another value of a row can be compared.
    pub fn can_vary(&self, id: &str) -> bool {
        self.row(id).is_some_and(|row| can_vary(&self.subject, row))
    }

    fn variation(&self, row: &Row, value: &str) -> Option<Variation> {
        let edit = row.takes.edit(&row.id, value).ok().filter(|edit| !edit.is_empty())?;
        let (now, then) = (called(row, &row.stands), called(row, value));
        let label = format!("{}: {then} instead of {now}", row.label);
        Some(Variation { label, value: then, command: self.command(&edit) })
    }
}

fn can_vary(subject: &Subject, row: &Row) -> bool {
    let last = row.id.rsplit('.').next().unwrap_or_default();
    let is_about = match subject {
        Subject::Scenario => row.id == "seed",
        Subject::Several(_) | Subject::Between { .. } => false,
        Subject::Thing { kind: Kind::Vhost, .. } => row.id == "metadata.default_queue_type",
        Subject::Binding(_) => matches!(row.id.as_str(), "routing_key" | "arguments.x-match"),
        Subject::Thing { .. } => !row.id.contains("setup."),
    };
    // What is new in a table has no row of its own yet.
    is_about && !row.id.contains('/') && !NEVER.contains(&last) && !row.id.is_empty()
}

/// What people call a value of a row.
fn called(row: &Row, value: &str) -> String {
    let label = match &row.input {
        Input::Choice(choices) => choices.iter().find(|choice| choice.value == value).map(|choice| &choice.label),
        _ => None,
    };
    match (label.filter(|label| !label.is_empty()), &row.input) {
        (Some(label), _) if row.id.ends_with("ack") => label.split(',').next().unwrap_or_default().to_owned(),
        (Some(label), _) => label.clone(),
        (None, Input::Tick) => if value == "true" { "yes" } else { "no" }.to_owned(),
        _ if value.is_empty() => "nothing".to_owned(),
        _ if row.id.ends_with("prefetch") && value == "0" => "0 (unlimited)".to_owned(),
        _ if !matches!(row.unit, "ms" | "s") => value.to_owned(),
        _ => format!("{value} {}", row.unit),
    }
}

/// The values that are worth being compared with, of a row.
fn values(row: &Row) -> Vec<String> {
    match &row.input {
        Input::Choice(choices) => {
            choices.iter().map(|choice| choice.value.clone()).filter(|value| !value.is_empty()).collect()
        }
        // What hangs on confirms is not known without them.
        Input::Tick if row.id.ends_with("confirms") && row.text == "true" => Vec::new(),
        Input::Tick => vec![(row.text != "true").to_string()],
        Input::Line(choices) => choices.iter().map(|choice| choice.value.clone()).take(MOST).collect(),
        Input::Number => numbers(row),
        Input::Lines => Vec::new(),
    }
}

fn numbers(row: &Row) -> Vec<String> {
    let last = row.id.rsplit('.').next().unwrap_or_default();
    let fixed: &[u64] = match last {
        "prefetch" => &[1, 100, 10, 0],
        "delivery_mode" => &[1, 2],
        "priority" | "x-priority" => &[0, 5, 9],
        "x-max-priority" => &[1, 5, 10],
        "x-delivery-limit" => &[1, 3, 20],
        "connections" => &[1, 2, 5],
        _ => &[],
    };
    if !fixed.is_empty() {
        return fixed.iter().map(u64::to_string).collect();
    }
    if row.stands.is_empty() && last == "every_ms" {
        // Something else says when it publishes.
        return Vec::new();
    }
    let stands = row.stands.parse::<u64>().unwrap_or_default();
    match (stands, row.unit) {
        (0, "ms") => vec!["100".to_owned(), "1000".to_owned(), "10000".to_owned()],
        (0, _) => vec!["1".to_owned(), "10".to_owned()],
        (stands, _) if row.id == "seed" => vec![(stands + 1).to_string(), (stands + 2).to_string()],
        (stands, _) => {
            let tenth = (stands >= 10).then(|| (stands / 10).to_string());
            tenth.into_iter().chain([stands.saturating_mul(10).to_string()]).collect()
        }
    }
}

/// What a whole thing is worth being compared with: itself with one thing otherwise, or with an argument more; the most
/// telling first.
pub fn variations(draft: &Draft, subject: &Subject) -> Vec<Variation> {
    let Some(form) = form(draft, subject, &Typed::default()) else { return Vec::new() };
    let mut found = Vec::new();
    let rank = |row: &Row| {
        let last = row.id.rsplit('.').next().unwrap_or_default();
        FIRST.iter().position(|first| *first == last)
    };
    let mut rows: Vec<(usize, &Row)> =
        form.rows().into_iter().filter_map(|row| rank(row).map(|rank| (rank, row))).collect();
    crate::broker::ordered::sort_by(&mut rows, |one, other| one.0.cmp(&other.0));
    for (_, row) in rows {
        // Of each the two most telling.
        found.extend(form.variations(&row.id).into_iter().filter(|it| suits(&form, row, it)).take(2));
    }
    if let Subject::Thing { kind: Kind::Queue, .. } = subject {
        found.splice(found.len().min(2)..found.len().min(2), arguments_more(&form));
    }
    if let Subject::Thing { kind, .. } = subject
        && kind.is_client()
        && let Some(command) = subject.duplicate(draft)
    {
        let one = Variation { label: "Two of them instead of one".to_owned(), value: "two".to_owned(), command };
        found.insert(found.len().min(2), one);
    }
    found.truncate(MOST);
    found
}

/// Whether RabbitMQ would take it, as far as one sees it here.
fn suits(form: &Form, row: &Row, variation: &Variation) -> bool {
    let has = |id: &str, value: &str| form.row(id).is_some_and(|row| row.stands == value);
    let is_there = |id: &str| form.row(id).is_some_and(|row| !row.stands.is_empty());
    if row.id.ends_with("ack") {
        // Streams know no automatic acknowledgement.
        return !form.rows().iter().any(|row| row.id.ends_with("arguments.x-stream-offset"));
    }
    if row.id != "arguments.x-queue-type" {
        // A limit that is not there is not overrun.
        return row.id != "arguments.x-overflow"
            || is_there("arguments.x-max-length")
            || is_there("arguments.x-max-length-bytes");
    }
    let is_plain = row.stands.is_empty() || row.stands == "classic";
    match variation.value.as_str() {
        "Classic" => row.stands == "quorum" && !has_more(form),
        "Quorum" => {
            is_plain
                && has("durable", "true")
                && !has("auto_delete", "true")
                && !is_there("arguments.x-max-priority")
                && !is_there("arguments.x-queue-mode")
        }
        _ => false,
    }
}

/// Whether a queue has an argument that a classic one would not take.
fn has_more(form: &Form) -> bool {
    let is_strange = |row: &&Row| {
        let key = row.id.strip_prefix("arguments.").filter(|key| !key.contains('/') && *key != "x-queue-type");
        key.is_some_and(|key| catalog::queue_arguments(QueueType::Classic).all(|entry| entry.key != key))
    };
    form.rows().iter().any(is_strange)
}

/// Arguments that a queue has not, with a value that shows what they do.
fn arguments_more(form: &Form) -> Vec<Variation> {
    const USUAL: [(&str, Tree); 4] = [
        ("x-max-length", Tree::Count(3)),
        ("x-message-ttl", Tree::Count(2_000)),
        ("x-single-active-consumer", Tree::Flag(true)),
        ("x-max-priority", Tree::Count(10)),
    ];
    let kind = form.row("arguments.x-queue-type").map(|row| row.stands.clone()).unwrap_or_default();
    let suits = |key: &str| match kind.as_str() {
        "stream" => false,
        "quorum" => key != "x-max-priority",
        _ => true,
    };
    let has = |key: &str| form.row(&format!("arguments.{key}")).is_some();
    let is_limited = has("x-max-length") || has("x-max-length-bytes");
    let overflow = (is_limited && !has("x-overflow") && suits("x-overflow")).then(|| {
        let value = Tree::from("reject-publish");
        let command = form.command(&vec![("arguments.x-overflow".to_owned(), value)]);
        let label = "Overflow behaviour: reject-publish instead of drop-head".to_owned();
        Variation { label, value: "reject-publish".to_owned(), command }
    });
    let new = USUAL.iter().filter(|(key, _)| suits(key) && !has(key));
    let more = new.map(|(key, value)| {
        let label = catalog::queue_argument(key).map_or(*key, |entry| entry.label);
        let shown = if *value == Tree::Flag(true) { "yes".to_owned() } else { value.to_line() };
        let command = form.command(&vec![(format!("arguments.{key}"), value.clone())]);
        Variation { label: format!("{label}: {shown} instead of none"), value: shown, command }
    });
    overflow.into_iter().chain(more).collect()
}
