//! A file as it stands: JSON whose fields keep their order. What no file may have is refused here: a field twice, and
//! more of anything than [`limits`](super::limits) allow.

use std::cell::{Cell, RefCell};
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::error::FileError;
use super::limits::{DEPTH_MAX, ENTRIES_MAX, FILE_BYTES_MAX, NAME_BYTES_MAX, TEXT_BYTES_MAX, VALUES_MAX};
use super::place::Place;
use crate::broker::ordered::sort_by;

/// A value of a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    /// `null`
    Null,
    /// `true` or `false`
    Flag(bool),
    /// A whole number that is not negative.
    Count(u64),
    /// A negative whole number.
    Negative(i64),
    /// Any other number.
    Fraction(f64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Tree>),
    /// An object.
    Object(Vec<(String, Tree)>),
}

impl Tree {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// Where it is no JSON, has a field twice, or is too much.
    pub fn parse(bytes: &[u8]) -> Result<Tree, FileError> {
        if bytes.len() > FILE_BYTES_MAX {
            return Err(too_much(&Place::Top, FILE_BYTES_MAX, "bytes"));
        }
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text),
            Err(error) => {
                return Err(FileError::expected(&format!("byte {}", error.valid_up_to()), "text in UTF-8"));
            }
        };
        let reading = Reading {
            text,
            wrong: RefCell::new(None),
            values: Cell::new(0),
            numbers: Cell::new(0),
            looked: Cell::new((0, 0)),
        };
        let mut json = serde_json::Deserializer::from_str(text);
        let read = Reader { reading: &reading, place: &Place::Top }.deserialize(&mut json);
        let read = read.and_then(|tree| json.end().map(|()| tree));
        read.map_err(|error| match reading.wrong.take() {
            Some(wrong) => wrong,
            None => no_json(&error),
        })
    }

    /// What it stands for.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, with its place in the tree.
    pub fn read<T: for<'de> serde::Deserialize<'de>>(&self) -> Result<T, FileError> {
        super::read::read(self)
    }

    /// The same on one line, as JSON.
    pub fn to_line(&self) -> String {
        super::write::line(self)
    }

    /// A field of an object, to be changed.
    pub fn field_mut(&mut self, name: &str) -> Option<&mut Tree> {
        match self {
            Tree::Object(fields) => fields.iter_mut().find(|(field, _)| field == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Gives an object a field, in the place of one of that name or at the end; `null` takes one away.
    pub fn set(&mut self, name: &str, value: Tree) {
        let Tree::Object(fields) = self else { return };
        if value == Tree::Null {
            fields.retain(|(field, _)| field != name);
        } else if let Some((_, old)) = fields.iter_mut().find(|(field, _)| field == name) {
            *old = value;
        } else {
            fields.push((name.to_owned(), value));
        }
    }

    /// The text of a field of an object.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.field(name) {
            Some(Tree::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// A field of an object.
    pub fn field(&self, name: &str) -> Option<&Tree> {
        match self {
            Tree::Object(fields) => fields.iter().find(|(field, _)| field == name).map(|(_, value)| value),
            _ => None,
        }
    }
}

impl From<&str> for Tree {
    fn from(text: &str) -> Self {
        Tree::Text(text.to_owned())
    }
}

fn no_json(error: &serde_json::Error) -> FileError {
    let text = error.to_string();
    let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
    let place = format!("line {}, column {}", error.line(), error.column());
    FileError::expected(&place, &format!("JSON ({what})"))
}

fn too_much(place: &Place<'_>, most: usize, of_what: &str) -> FileError {
    FileError::expected(place, &format!("at most {most} {of_what}"))
}

/// A name that two fields have.
fn twice(fields: &[(String, Tree)]) -> Option<&str> {
    let mut names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
    sort_by(&mut names, Ord::cmp);
    names.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}

/// Where no 64 bits hold a whole number any more: serde_json makes it one with a fraction, of which digits are lost.
const BITS_64: f64 = 9_223_372_036_854_775_808.0;

/// What is known of the file as a whole while it is read.
struct Reading<'a> {
    text: &'a str,
    /// What is wrong: serde_json carries only texts.
    wrong: RefCell<Option<FileError>>,
    values: Cell<usize>,
    /// How many numbers were read.
    numbers: Cell<usize>,
    /// Up to which byte the text was looked through for numbers, and how many were there.
    looked: Cell<(usize, usize)>,
}

impl Reading<'_> {
    /// Whether the number that was read last is written as a whole one.
    fn is_written_whole(&self) -> bool {
        let (mut at, mut count) = self.looked.get();
        let mut literal = &[][..];
        while count < self.numbers.get() {
            let rest = self.text.as_bytes().get(at..).unwrap_or_default();
            let Some(before) = rest.iter().position(|byte| matches!(byte, b'"' | b'-' | b'0'..=b'9')) else { break };
            let rest = rest.get(before..).unwrap_or_default();
            let length = if rest.first() == Some(&b'"') {
                text_length(rest)
            } else {
                count += 1;
                let end = rest.iter().position(|byte| !matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9'));
                literal = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
                literal.len()
            };
            at += before + length;
        }
        self.looked.set((at, count));
        !literal.iter().any(|byte| matches!(byte, b'.' | b'e' | b'E'))
    }
}

/// Whether numbers say their type by how they are written, as in definitions: elsewhere the type of a field decides.
fn has_plain_numbers(place: &Place<'_>) -> bool {
    !["clients", "script", "expect", "layout", "view", "seed"].contains(&place.top())
}

/// How long a text in quotation marks is that bytes begin with.
fn text_length(bytes: &[u8]) -> usize {
    let mut is_escaped = false;
    let end = bytes.iter().skip(1).position(|byte| {
        let ends = *byte == b'"' && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
        ends
    });
    end.map_or(bytes.len(), |end| end + 2)
}

#[derive(Clone, Copy)]
struct Reader<'a> {
    reading: &'a Reading<'a>,
    place: &'a Place<'a>,
}

impl Reader<'_> {
    fn refuse<T, E: de::Error>(&self, wrong: FileError) -> Result<T, E> {
        *self.reading.wrong.borrow_mut() = Some(wrong);
        Err(E::custom(""))
    }

    fn count_number(&self) {
        self.reading.numbers.set(self.reading.numbers.get() + 1);
    }

    fn unless<E: de::Error>(&self, is_well: bool, most: usize, of_what: &str) -> Result<(), E> {
        if is_well { Ok(()) } else { self.refuse(too_much(self.place, most, of_what)) }
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Tree;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        self.reading.values.set(self.reading.values.get() + 1);
        self.unless(self.reading.values.get() <= VALUES_MAX, VALUES_MAX, "values in the whole file")?;
        self.unless(self.place.depth() <= DEPTH_MAX, DEPTH_MAX, "values inside of one another")?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }
    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }
    fn visit_bool<E>(self, flag: bool) -> Result<Tree, E> {
        Ok(Tree::Flag(flag))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Tree, E> {
        self.count_number();
        Ok(Tree::Count(number))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Tree, E> {
        self.count_number();
        Ok(u64::try_from(number).map_or(Tree::Negative(number), Tree::Count))
    }
    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Tree, E> {
        self.count_number();
        if number.abs() >= BITS_64 && has_plain_numbers(self.place) && self.reading.is_written_whole() {
            return self.refuse(FileError::expected(self.place, "a whole number of at most 64 bits"));
        }
        Ok(Tree::Fraction(number))
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<Tree, E> {
        self.unless(text.len() <= TEXT_BYTES_MAX, TEXT_BYTES_MAX, "bytes")?;
        Ok(Tree::Text(text.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let mut list = Vec::new();
        while let Some(entry) =
            access.next_element_seed(Reader { place: &Place::Entry(self.place, list.len()), ..self })?
        {
            list.push(entry);
            self.unless(list.len() <= ENTRIES_MAX, ENTRIES_MAX, "entries")?;
        }
        Ok(Tree::List(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let mut fields = Vec::new();
        while let Some(name) = access.next_key::<String>()? {
            let place = Place::Field(self.place, &name);
            let at_name = Reader { place: &place, ..self };
            at_name.unless(name.len() <= NAME_BYTES_MAX, NAME_BYTES_MAX, "bytes in the name of a field")?;
            let value = access.next_value_seed(at_name)?;
            fields.push((name, value));
            self.unless(fields.len() <= ENTRIES_MAX, ENTRIES_MAX, "fields")?;
        }
        if let Some(name) = twice(&fields) {
            let place = Place::Field(self.place, name);
            return self.refuse(FileError::expected(&place, "one field of this name, and there are two"));
        }
        Ok(Tree::Object(fields))
    }
}
