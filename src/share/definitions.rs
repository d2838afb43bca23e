//! A broker's file of definitions, as its management page or `rabbitmqctl export_definitions` writes it, of the whole
//! broker or of one virtual host.
//!
//! What always holds: what RabbitMQ would not look at is listed, and everything else is read by the same rules as a
//! scenario file, with the place of every mistake.
//!
//! Source: `rabbitmq_management/src/rabbit_mgmt_wm_definitions.erl`.

use std::cell::Cell;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::error::FileError;
use super::place::Place;
use super::read;
use super::tree::Tree;
use crate::broker::Name;
use crate::definitions::{
    Binding, Definitions, Exchange, GlobalParameter, Metadata, Parameter, Permission, Policy, Queue, Remark,
    TopicPermission, User, Vhost,
};

/// A broker's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerFile {
    /// What it defines. A file of one virtual host defines that virtual host, and leaves users to the broker.
    pub definitions: Definitions,
    /// The virtual host that it is about; none is the whole broker.
    pub vhost: Option<Name>,
    /// Fields that RabbitMQ does not know, and passes over.
    pub remarks: Vec<Remark>,
}

type FieldNames = &'static [&'static str];
/// Asks a type for them.
type Fields = fn() -> FieldNames;

/// The fields that an entry of each section may have.
const SECTIONS: [(&str, Fields); 10] = [
    ("users", fields_of::<User>),
    ("vhosts", fields_of::<Vhost>),
    ("permissions", fields_of::<Permission>),
    ("topic_permissions", fields_of::<TopicPermission>),
    ("parameters", fields_of::<Parameter>),
    ("global_parameters", fields_of::<GlobalParameter>),
    ("policies", fields_of::<Policy>),
    ("exchanges", fields_of::<Exchange>),
    ("queues", fields_of::<Queue>),
    ("bindings", fields_of::<Binding>),
];
/// What a file of one virtual host says of that virtual host.
const OF_THE_VHOST: [&str; 3] = ["description", "metadata", "limits"];
/// Before the fields of the virtual host, in a place; the file has them at its top.
const FIRST_VHOST: &str = "vhosts[0].";

impl BrokerFile {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, with its place.
    pub fn read(bytes: &[u8]) -> Result<BrokerFile, FileError> {
        BrokerFile::of(Tree::parse(bytes)?)
    }

    /// The same, of a file that was parsed.
    pub(super) fn of(tree: Tree) -> Result<BrokerFile, FileError> {
        let Tree::Object(mut file) = tree else {
            return Err(FileError::expected(&Place::Top, "an object"));
        };
        let vhost = one_vhost(&file);
        if let Some(name) = &vhost {
            file = as_whole(file, name);
        }
        let mut remarks = Vec::new();
        keep_known(&mut file, fields_of::<Definitions>(), &mut remarks, &|field| field.to_owned());
        for (section, known) in SECTIONS {
            let Some((_, Tree::List(entries))) = file.iter_mut().find(|(field, _)| field == section) else { continue };
            for (index, entry) in entries.iter_mut().enumerate() {
                let Tree::Object(fields) = entry else { continue };
                keep_known(fields, known(), &mut remarks, &|field| format!("{section}[{index}].{field}"));
                let metadata = fields.iter_mut().find(|(field, _)| field == "metadata");
                if let ("vhosts", Some((_, Tree::Object(fields)))) = (section, metadata) {
                    let place = |field: &str| format!("{section}[{index}].metadata.{field}");
                    keep_known(fields, fields_of::<Metadata>(), &mut remarks, &place);
                }
            }
        }
        let read = read::read(&Tree::Object(file));
        if vhost.is_some() {
            for remark in &mut remarks {
                remark.place = at_top(std::mem::take(&mut remark.place));
            }
        }
        match read {
            Ok(definitions) => Ok(BrokerFile { definitions, vhost, remarks }),
            Err(error) if vhost.is_some() => Err(FileError { place: at_top(error.place), ..error }),
            Err(error) => Err(error),
        }
    }
}

/// A place in the file of one virtual host.
fn at_top(place: String) -> String {
    place.strip_prefix(FIRST_VHOST).map_or(place.clone(), str::to_owned)
}

/// The virtual host's name, if the file is about one.
fn one_vhost(file: &[(String, Tree)]) -> Option<Name> {
    let text = |name: &str| match file.iter().find(|(field, _)| field == name) {
        Some((_, Tree::Text(text))) => Some(text.as_str()),
        _ => None,
    };
    let name = text("original_vhost_name");
    match text("rabbitmq_definition_format") {
        Some("single_virtual_host") => Some(name.unwrap_or("/").into()),
        Some(_) => None,
        None => name.map(Name::from),
    }
}

/// The file of one virtual host in the shape of the whole broker's.
fn as_whole(file: Vec<(String, Tree)>, vhost: &Name) -> Vec<(String, Tree)> {
    let name = || Tree::Text(vhost.to_string());
    let mut host = vec![("name".to_owned(), name())];
    let mut whole = Vec::new();
    for (field, mut value) in file {
        if OF_THE_VHOST.contains(&field.as_str()) {
            host.push((field, value));
        } else if field != "original_vhost_name" {
            if let Tree::List(entries) = &mut value {
                for entry in entries {
                    if let Tree::Object(fields) = entry {
                        fields.retain(|(field, _)| field != "vhost");
                        fields.push(("vhost".to_owned(), name()));
                    }
                }
            }
            whole.push((field, value));
        }
    }
    whole.push(("vhosts".to_owned(), Tree::List(vec![Tree::Object(host)])));
    whole
}

/// Takes the fields out that nobody knows, and lists them.
fn keep_known(
    fields: &mut Vec<(String, Tree)>,
    known: &[&str],
    remarks: &mut Vec<Remark>,
    place: &dyn Fn(&str) -> String,
) {
    fields.retain(|(field, _)| {
        let is_known = known.contains(&field.as_str());
        if !is_known {
            remarks.push(Remark::skipped(place(field), "RabbitMQ does not know this field"));
        }
        is_known
    });
}

/// The names of a struct's fields, as its own `Deserialize` asks for them.
fn fields_of<T: for<'de> Deserialize<'de>>() -> FieldNames {
    let fields = Cell::new(&[][..]);
    // It is only asked, so it cannot be read.
    let _ = T::deserialize(Asked(&fields));
    fields.get()
}

/// Is asked for a struct, remembers which fields it should have, and has none of them.
struct Asked<'a>(&'a Cell<FieldNames>);

impl<'de> Deserializer<'de> for Asked<'_> {
    type Error = de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(de::Error::custom("only structs have fields"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.0.set(fields);
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}
