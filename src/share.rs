//! Scenario files: one JSON format with a version, `warren/1`, that holds all one needs to show a scenario to somebody
//! else.
//!
//! ```
//! let text = r#"{"format": "warren/1", "name": "alone", "clients": [{"name": "p", "role": "producer", "every_ms": 100}]}"#;
//! let file = warren::share::parse(text)?;
//! assert_eq!(file.scenario.clients.len(), 1);
//! let wrong = warren::share::parse(text.replace("100", "-1")).unwrap_err();
//! assert_eq!(wrong.to_string(), "clients[0].every_ms: expected a number from 0 to 18446744073709551615");
//! # Ok::<(), warren::share::FileError>(())
//! ```
//!
//! What always holds:
//!
//! * Whatever the bytes are, there is a file or an error that names its place; nothing outside of the result changes.
//! * What is written reads as the same file again, and reading what was written and writing it gives the same bytes.
//! * Nothing is taken silently: a field that nobody knows, or one that stands there twice, is an error.
//!
//! A file that is read can still be refused by the broker: [`World::new`](crate::simulation::World::new) tells.

mod definitions;
mod error;
pub mod examples;
pub mod incoming;
pub mod limits;
pub mod link;
mod opening;
pub mod outgoing;
mod picture;
mod place;
mod read;
#[cfg(feature = "schema")]
pub mod schema;
mod tree;
mod write;

use serde::{Deserialize, Serialize, Serializer, ser};

pub use definitions::BrokerFile;
pub use error::FileError;
pub use incoming::Incoming;
pub use link::Link;
pub use opening::opening;
pub use picture::{Lesson, Node, Panel, Point, View};
pub use tree::Tree;

use crate::broker::Name;
use crate::broker::ordered::OrderedMap;
use crate::definitions::Definitions;
use crate::lesson::{self, Goal};
use crate::simulation::{ClientSpec, Scenario, Timed};
use place::Place;

/// What the first field of a file says: format and version.
pub const FORMAT: &str = "warren/1";

/// A scenario file.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    /// What the world begins with: name, seed, definitions, clients and script.
    pub scenario: Scenario,
    /// What it is expected to come to.
    pub expect: Vec<Goal>,
    /// Where nodes stand; the others find a place by themselves.
    pub layout: OrderedMap<Node, Point>,
    /// What is shown.
    pub view: View,
    /// What a lesson says.
    pub lesson: Option<Lesson>,
}

impl From<Scenario> for File {
    fn from(scenario: Scenario) -> Self {
        File { scenario, expect: Vec::new(), layout: OrderedMap::new(), view: View::default(), lesson: None }
    }
}

/// The fields of a file, in their order there.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Contents {
    /// `warren/1`.
    format: Name,
    /// The scenario's name.
    name: Name,
    /// All chance follows from it.
    #[serde(default, skip_serializing_if = "is_zero")]
    seed: u64,
    /// What the broker is made of before anybody connects, in RabbitMQ's own shape.
    #[serde(default, skip_serializing_if = "Definitions::is_empty")]
    definitions: Definitions,
    /// Who is connected at time 0, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    clients: Vec<Client>,
    /// What is done while it plays; what is due at one moment in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty", serialize_with = "script")]
    script: Vec<Timed>,
    /// What it is expected to come to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    expect: Vec<Goal>,
    /// Where nodes stand; the others find a place by themselves.
    #[serde(default, skip_serializing_if = "OrderedMap::is_empty")]
    layout: OrderedMap<Node, Point>,
    /// What the page shows when it opens.
    #[serde(default, skip_serializing_if = "View::is_usual")]
    view: View,
    /// What a lesson says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lesson: Option<Lesson>,
}

/// A client, whose role is flat beside its own fields in a file.
#[derive(Deserialize)]
#[serde(transparent)]
struct Client(ClientSpec);

impl Serialize for Client {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write::client(&self.0).map_err(ser::Error::custom)?.serialize(serializer)
    }
}

fn script<S: Serializer>(script: &[Timed], serializer: S) -> Result<S::Ok, S::Error> {
    write::script(script).map_err(ser::Error::custom)?.serialize(serializer)
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Reads a file.
///
/// # Errors
///
/// The first thing that is wrong, with its place.
pub fn parse(file: impl AsRef<[u8]>) -> Result<File, FileError> {
    parse_bytes(file.as_ref())
}

fn parse_bytes(bytes: &[u8]) -> Result<File, FileError> {
    File::from_tree(&Tree::parse(bytes)?)
}

/// Another version may have other fields: it comes first.
fn check_format(tree: &Tree) -> Result<(), FileError> {
    match tree.field("format") {
        Some(Tree::Text(format)) if format == FORMAT => Ok(()),
        Some(Tree::Text(format)) if format.starts_with("warren/") => {
            let expected = format!("{FORMAT:?}: this Warren reads no other version");
            Err(FileError::expected(&"format", &expected))
        }
        _ if !matches!(tree, Tree::Object(_)) => Err(FileError::expected(&Place::Top, "an object")),
        _ => Err(FileError::expected(&"format", &format!("{FORMAT:?}, as in every scenario file"))),
    }
}

impl File {
    /// Reads what stands in a tree.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, with its place.
    pub fn from_tree(tree: &Tree) -> Result<File, FileError> {
        check_format(tree)?;
        let Contents { name, seed, definitions, clients, script, expect, layout, view, lesson, .. } = read::read(tree)?;
        let clients = clients.into_iter().map(|Client(spec)| spec).collect();
        let scenario = Scenario { name, seed, definitions, clients, script };
        scenario.check()?;
        lesson::check(&expect, &scenario)?;
        let place = Place::Field(&Place::Top, "layout");
        for (node, point) in &layout {
            point.check(&Place::Field(&place, &node.to_string()))?;
        }
        view.check(&Place::Field(&Place::Top, "view"))?;
        Ok(File { scenario, expect, layout, view, lesson })
    }

    /// The file's text, as [`parse`] reads it.
    ///
    /// # Errors
    ///
    /// What is more than a file may hold.
    pub fn to_text(&self) -> Result<String, FileError> {
        Ok(write::text(&self.to_tree()?))
    }

    /// The file as a tree, as [`File::from_tree`] reads it.
    ///
    /// # Errors
    ///
    /// What is more than a file may hold.
    pub fn to_tree(&self) -> Result<Tree, FileError> {
        let Scenario { name, seed, definitions, clients, script } = &self.scenario;
        let contents = Contents {
            format: FORMAT.into(),
            name: name.clone(),
            seed: *seed,
            definitions: definitions.clone(),
            clients: clients.iter().cloned().map(Client).collect(),
            script: script.clone(),
            expect: self.expect.clone(),
            layout: self.layout.clone(),
            view: self.view.clone(),
            lesson: self.lesson.clone(),
        };
        write::tree_of(&contents)
    }
}
