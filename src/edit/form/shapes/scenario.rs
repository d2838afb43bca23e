//! The scenario itself.

use super::super::shape::*;
use super::broker::DEFINITIONS;
use super::client::CLIENT;
use super::play::{EXPECT, SCRIPT};

/// A scenario file, all of it.
pub static SCENARIO: Shape = Shape::Object(&[
    field("name", "Name", &TEXT, ""),
    field("seed", "Seed", &COUNT, "all chance follows from it; another one counts from the next beginning"),
    field("lesson", "Lesson", &LESSON, ""),
    field("expect", "Goals", &EXPECT, "what is expected of it"),
    field("script", "Script", &SCRIPT, "what is done while it plays"),
    field("clients", "Clients", &CLIENTS, ""),
    field("definitions", "Broker", &DEFINITIONS, ""),
    field("view", "When it is opened", &VIEW, ""),
    field("layout", "Places in the picture", &PLACES, ""),
]);
static LESSON: Shape = Shape::MaybeObject(
    &[field("title", "Title", &TEXT, ""), field("text", "Text", &LINES, "")],
    r#"{"title": "What is to be learnt", "text": ""}"#,
);
static CLIENTS: Shape = Shape::List(&CLIENT, "client", r#"{"name": "client1", "role": "producer"}"#);
static PLACES: Shape = Shape::Places;
static VIEW: Shape = Shape::Object(&[
    field("playing", "Plays", &MAYBE_FLAG, ""),
    field("speed", "Speed", &REAL, "1 is real time"),
    field("cursor", "Event", &COUNT, "how many have happened"),
    field("message", "Follows message", &COUNT, "its number, as messages are published"),
    field("selection", "Selected", &SELECTION, ""),
    field("panel", "Panel", &PANEL, ""),
]);
static REAL: Shape = Shape::Real;
static SELECTION: Shape = Shape::Maybe(Refers::Node);
static PANEL: Shape = Shape::OneOf(&[
    word("", "up to the page"),
    word("story", "Story"),
    word("inspector", "Inspector"),
    word("tables", "Tables"),
    word("message", "Message"),
    word("sequence", "Sequence"),
    word("charts", "Charts"),
    word("problems", "Problems"),
]);
