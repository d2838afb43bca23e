//! The parts of a file that no world needs: where nodes stand, what is shown, what a lesson says.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::error::FileError;
use super::limits::{LAYOUT_MAX, SPEEDS};
use super::place::Place;
use crate::broker::Name;

/// A node of the picture. In a file it is text, written as the management API writes paths: `clients/c1`,
/// `exchanges/%2F/nature`, `queues/%2F/birds_only`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node {
    /// A client, by its name.
    Client(Name),
    /// An exchange.
    Exchange {
        /// Its virtual host.
        vhost: Name,
        /// Its name; the default exchange has an empty one.
        name: Name,
    },
    /// A queue.
    Queue {
        /// Its virtual host.
        vhost: Name,
        /// Its name.
        name: Name,
    },
}

impl Node {
    /// A node from its text.
    pub fn from_text(text: &str) -> Option<Node> {
        let mut parts = text.split('/');
        let (kind, first, second, rest) = (parts.next()?, parts.next()?, parts.next(), parts.next());
        match (kind, second, rest) {
            ("clients", None, None) => Some(Node::Client(decoded(first)?)),
            ("exchanges", Some(name), None) => Some(Node::Exchange { vhost: decoded(first)?, name: decoded(name)? }),
            ("queues", Some(name), None) => Some(Node::Queue { vhost: decoded(first)?, name: decoded(name)? }),
            _ => None,
        }
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Node::Client(name) => write!(f, "clients/{}", encoded(name)),
            Node::Exchange { vhost, name } => write!(f, "exchanges/{}/{}", encoded(vhost), encoded(name)),
            Node::Queue { vhost, name } => write!(f, "queues/{}/{}", encoded(vhost), encoded(name)),
        }
    }
}

/// Only what would be taken for something else is written otherwise than it is.
fn encoded(name: &str) -> String {
    name.replace('%', "%25").replace('/', "%2F")
}

fn decoded(text: &str) -> Option<Name> {
    let mut parts = text.split('%');
    let mut name = parts.next()?.to_owned();
    for part in parts {
        let (sign, rest) = part.split_at_checked(2)?;
        name.push(match sign {
            "25" => '%',
            "2F" | "2f" => '/',
            _ => return None,
        });
        name.push_str(rest);
    }
    Some(name.into())
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const EXPECTED: &str =
            "a node such as clients/NAME, exchanges/VHOST/NAME or queues/VHOST/NAME, with %2F for / and %25 for %";
        let text = String::deserialize(deserializer)?;
        Node::from_text(&text).ok_or_else(|| de::Error::custom(EXPECTED))
    }
}

/// Where a node stands, in the layout's units: its middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// To the right.
    pub x: i32,
    /// Down.
    pub y: i32,
}

impl Point {
    pub(super) fn check(self, place: &Place<'_>) -> Result<(), FileError> {
        let fits = |number: i32| (-LAYOUT_MAX..=LAYOUT_MAX).contains(&number);
        for (name, number) in [("x", self.x), ("y", self.y)] {
            if !fits(number) {
                let expected = format!("a number from -{LAYOUT_MAX} to {LAYOUT_MAX}");
                return Err(FileError::expected(&Place::Field(place, name), &expected));
            }
        }
        Ok(())
    }
}

/// What the page shows when it opens; what is left out is up to the page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct View {
    /// What is selected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selection: Option<Node>,
    /// The panel that is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub panel: Option<Panel>,
    /// Virtual milliseconds a real one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speed: Option<f64>,
    /// Whether time goes on by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub playing: Option<bool>,
    /// The moment: how many entries of the log have happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<u64>,
    /// The message that is followed, by its number: the same scenario plays the same messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<u64>,
}

impl View {
    /// Whether nothing is said, which a file need not write down.
    pub fn is_usual(&self) -> bool {
        *self == View::default()
    }

    /// What is shown where something else is said over it.
    #[must_use]
    pub fn under(self, over: View) -> View {
        View {
            selection: over.selection.or(self.selection),
            panel: over.panel.or(self.panel),
            speed: over.speed.or(self.speed),
            playing: over.playing.or(self.playing),
            cursor: over.cursor.or(self.cursor),
            message: over.message.or(self.message),
        }
    }

    pub(super) fn check(&self, place: &Place<'_>) -> Result<(), FileError> {
        if self.speed.is_none_or(|speed| SPEEDS.contains(&speed)) {
            return Ok(());
        }
        let expected = format!("a number from {} to {}", SPEEDS.start(), SPEEDS.end());
        Err(FileError::expected(&Place::Field(place, "speed"), &expected))
    }
}

/// A panel of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Panel {
    /// What happened, sentence by sentence.
    Story,
    /// What is known of the selection, and can be edited.
    Inspector,
    /// All of it as tables.
    Tables,
    /// The life of the message that is followed.
    Message,
    /// What happened as a diagram.
    Sequence,
    /// What was counted, over time.
    Charts,
    /// What will go wrong.
    Problems,
}

impl Panel {
    const ALL: [Panel; 7] = [
        Panel::Story,
        Panel::Inspector,
        Panel::Tables,
        Panel::Message,
        Panel::Sequence,
        Panel::Charts,
        Panel::Problems,
    ];

    /// As it is written in files and links.
    pub fn as_str(self) -> &'static str {
        match self {
            Panel::Story => "story",
            Panel::Inspector => "inspector",
            Panel::Tables => "tables",
            Panel::Message => "message",
            Panel::Sequence => "sequence",
            Panel::Charts => "charts",
            Panel::Problems => "problems",
        }
    }

    /// The panel that is written so.
    pub fn from_text(text: &str) -> Option<Panel> {
        Panel::ALL.into_iter().find(|panel| panel.as_str() == text)
    }
}

/// What a lesson says. It is shown as text and never taken for HTML.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Lesson {
    /// A line.
    pub title: Name,
    /// A paragraph or more.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub text: Name,
}

impl Lesson {
    /// What its text says first.
    pub fn first_sentence(&self) -> &str {
        let end = self.text.find(". ").map_or(self.text.len(), |end| end + 1);
        self.text.get(..end).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_paths_and_come_back_from_them() {
        let queue = |vhost: &str, name: &str| Node::Queue { vhost: vhost.into(), name: name.into() };
        for (node, text) in [
            (Node::Client("c 1".into()), "clients/c 1"),
            (Node::Exchange { vhost: "/".into(), name: "".into() }, "exchanges/%2F/"),
            (queue("a/b", "50%/2F"), "queues/a%2Fb/50%25%2F2F"),
        ] {
            assert_eq!(node.to_string(), text);
            assert_eq!(Node::from_text(text), Some(node));
        }
        for wrong in ["", "clients", "queues/q", "queues/a/b/c", "clients/%", "clients/%2", "clients/%41", "nodes/a"] {
            assert_eq!(Node::from_text(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_first_sentence_ends_where_a_word_could_follow() {
        let first = |text: &str| Lesson { title: "".into(), text: text.into() }.first_sentence().to_owned();
        assert_eq!(first("It sends basic.nack. Then it waits."), "It sends basic.nack.");
        assert_eq!(first("One, and no more."), "One, and no more.");
        assert_eq!(first(""), "");
    }
}
