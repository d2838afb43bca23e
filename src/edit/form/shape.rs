//! What can stand at a place of a scenario file, with what people call it: the forms are drawn from this, and a test
//! holds it against the format's schema.
//!
//! What always holds: a shape is data; that one form fits another is nobody's knowledge but its own.

use super::super::catalog::{self, Entry};
use crate::broker::settings::QueueType;
use crate::share::Tree;

/// What a text can name, for suggestions. None of them must be there: RabbitMQ allows an exchange that comes later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refers {
    /// Nothing.
    Nothing,
    /// An exchange.
    Exchange,
    /// A queue.
    Queue,
    /// A client.
    Client,
    /// A virtual host.
    Vhost,
    /// A user.
    User,
    /// A node of the picture, as the file names it.
    Node,
    /// Some words that are usual there.
    Words(&'static [&'static str]),
}

/// Named values with names of their own, and which of them are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Of a queue: those of its type.
    Queue,
    /// Of an exchange.
    Exchange,
    /// Of a binding.
    Binding,
    /// Of a consumer.
    Consume,
    /// Of a policy.
    Policy,
    /// Of an operator policy.
    OperatorPolicy,
    /// Of a message: none are known.
    Headers,
    /// Limits of a virtual host.
    VhostLimits,
    /// Limits of a user.
    UserLimits,
}

impl Known {
    /// The names that it knows, where the other values are these.
    pub fn entries(self, around: Option<&Tree>) -> Vec<&'static Entry> {
        match self {
            Known::Queue => {
                let kind = around.and_then(|table| table.text("x-queue-type")).and_then(QueueType::from_name);
                catalog::queue_arguments(kind.unwrap_or_default()).filter(|entry| entry.key != TYPE).collect()
            }
            Known::Exchange => catalog::EXCHANGE_ARGUMENTS.iter().collect(),
            Known::Binding => catalog::BINDING_ARGUMENTS.iter().collect(),
            Known::Consume => catalog::CONSUMER_ARGUMENTS.iter().collect(),
            Known::Policy => catalog::POLICY_KEYS.iter().collect(),
            Known::OperatorPolicy => catalog::operator_policy_keys().collect(),
            Known::Headers => Vec::new(),
            Known::VhostLimits => catalog::VHOST_LIMITS.iter().collect(),
            Known::UserLimits => catalog::USER_LIMITS.iter().collect(),
        }
    }

    /// What one of them is called.
    pub fn one(self) -> &'static str {
        match self {
            Known::Queue | Known::Exchange | Known::Binding | Known::Consume => "argument",
            Known::Policy | Known::OperatorPolicy => "definition",
            Known::Headers => "header",
            Known::VhostLimits | Known::UserLimits => "limit",
        }
    }

    /// Whether RabbitMQ takes others too, and heeds them nowhere.
    pub fn takes_others(self) -> bool {
        matches!(self, Known::Queue | Known::Exchange | Known::Consume)
    }
}

/// The argument that the type of a queue is.
pub const TYPE: &str = "x-queue-type";

/// What can stand at a place.
#[derive(Debug)]
pub enum Shape {
    /// A text, also an empty one.
    Text(Refers),
    /// A text; an empty one is none.
    Maybe(Refers),
    /// A text of several lines; an empty one is none, if that may be.
    Lines {
        /// Whether there may be none.
        maybe: bool,
    },
    /// A whole number, with its unit; empty is the usual one.
    Number(i64, u64, &'static str),
    /// Any number.
    Real,
    /// Yes or no, and which of them is usual.
    Flag(bool),
    /// Yes, no, or nothing said.
    MaybeFlag,
    /// One of some words, or of some words with something inside.
    OneOf(&'static [Variant]),
    /// Fields.
    Object(&'static [Field]),
    /// The same, which need not be there, and what it begins with.
    MaybeObject(&'static [Field], &'static str),
    /// A list: what an entry is, is called, and begins with.
    List(&'static Shape, &'static str, &'static str),
    /// Named values.
    Table(Known),
    /// The fields that go with the word in one of them.
    By(&'static str, &'static [(&'static str, &'static Shape)], &'static Shape),
    /// Words, with commas between them.
    Tags,
    /// A body: text, or bytes.
    Payload {
        /// Whether there may be none.
        maybe: bool,
    },
    /// Anything, as JSON.
    Json,
    /// Where nodes stand. They are put there in the picture.
    Places,
}

/// Shapes are statics, which may hold one another: the same one is the one at the same place.
impl PartialEq for Shape {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

/// A field of an object.
#[derive(Debug)]
pub struct Field {
    /// Its path in the object. Empty: the fields of its shape are this object's, under a heading of their own.
    pub key: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// What can stand there.
    pub shape: &'static Shape,
    /// What it does, in one line; empty if its label says it.
    pub help: &'static str,
}

/// A field.
pub const fn field(key: &'static str, label: &'static str, shape: &'static Shape, help: &'static str) -> Field {
    Field { key, label, shape, help }
}

/// Fields under a heading.
pub const fn group(label: &'static str, shape: &'static Shape) -> Field {
    Field { key: "", label, shape, help: "" }
}

/// One of some words.
#[derive(Debug)]
pub struct Variant {
    /// The word in a file. Empty: nothing is said.
    pub tag: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// What is inside, and what it begins with, as JSON.
    pub inside: Option<(&'static Shape, &'static str)>,
}

/// A word.
pub const fn word(tag: &'static str, label: &'static str) -> Variant {
    Variant { tag, label, inside: None }
}

/// A word with something inside.
pub const fn with(tag: &'static str, label: &'static str, shape: &'static Shape, start: &'static str) -> Variant {
    Variant { tag, label, inside: Some((shape, start)) }
}

/// A name of something new, or any text.
pub static TEXT: Shape = Shape::Text(Refers::Nothing);
/// A text that need not be there.
pub static MAYBE: Shape = Shape::Maybe(Refers::Nothing);
/// An exchange.
pub static EXCHANGE: Shape = Shape::Text(Refers::Exchange);
/// A queue.
pub static QUEUE: Shape = Shape::Text(Refers::Queue);
/// A client.
pub static CLIENT_NAME: Shape = Shape::Text(Refers::Client);
/// A virtual host.
pub static VHOST: Shape = Shape::Text(Refers::Vhost);
/// A user.
pub static USER: Shape = Shape::Text(Refers::User);
/// Milliseconds.
pub static MS: Shape = Shape::Number(0, u64::MAX, "ms");
/// A number from 0.
pub static COUNT: Shape = Shape::Number(0, u64::MAX, "");
/// No, unless said.
pub static NO: Shape = Shape::Flag(false);
/// Yes, unless said.
pub static YES: Shape = Shape::Flag(true);
/// Yes, no, or nothing.
pub static MAYBE_FLAG: Shape = Shape::MaybeFlag;
/// Anything.
pub static JSON: Shape = Shape::Json;
/// Words.
pub static TAGS: Shape = Shape::Tags;
/// Several lines.
pub static LINES: Shape = Shape::Lines { maybe: false };
/// A body.
pub static PAYLOAD: Shape = Shape::Payload { maybe: false };
/// A body that need not be there.
pub static MAYBE_PAYLOAD: Shape = Shape::Payload { maybe: true };
