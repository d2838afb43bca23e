//! From a [`Tree`] to the types it stands for, by their own `Deserialize`.
//!
//! What always holds: a mistake is told with its place and in plain words; a struct takes only fields that it has,
//! whatever its attributes say; a client's role is read from the fields beside its own, since in a file they are flat.
//!
//! A struct is given its fields one after the other, in its own order, as if it were a list in which some entries may be
//! missing, and a variant is told by its number: so a type brings no comparing of names, no looking for fields that are
//! there twice and no ways to skip one into the page. (An alias would shift the numbers: no type may have one. A field
//! that may be missing says so, `Option` or not.)

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::error::{FileError, Wrong, one_of};
use super::limits::{entries_max, text_bytes_max};
use super::place::Place;
use super::tree::Tree;

/// The struct that is flat in a file, and its field that names the variant that all other fields belong to.
const FLAT: (&str, &str) = ("ClientSpec", "role");

/// Reads a whole file's tree.
///
/// # Errors
///
/// The first thing that is wrong.
pub fn read<T: for<'de> serde::Deserialize<'de>>(tree: &Tree) -> Result<T, FileError> {
    Ok(T::deserialize(Node { tree, place: &Place::Top, beside: None })?)
}

/// A value at its place.
#[derive(Clone, Copy)]
struct Node<'a> {
    tree: &'a Tree,
    place: &'a Place<'a>,
    /// The fields of the object around, if this is the part of it that is flat.
    beside: Option<&'static [&'static str]>,
}

impl<'a> Node<'a> {
    fn new(tree: &'a Tree, place: &'a Place<'a>) -> Self {
        Node { tree, place, beside: None }
    }

    fn wrong<T>(&self, expected: &str) -> Result<T, Wrong> {
        Err(Wrong::expected(self.place, expected))
    }

    /// A whole number, if it fits.
    fn whole<N: TryFrom<u64> + TryFrom<i64>>(&self, range: &str) -> Result<N, Wrong> {
        let number = match *self.tree {
            Tree::Count(number) => N::try_from(number).ok(),
            Tree::Negative(number) => N::try_from(number).ok(),
            Tree::Fraction(number) if number.fract() != 0.0 => return self.wrong(&format!("a whole number{range}")),
            _ => None,
        };
        match number {
            Some(number) => Ok(number),
            None => self.wrong(&format!("a number{range}")),
        }
    }

    fn list(&self, expected: &str) -> Result<&'a [Tree], Wrong> {
        let Tree::List(list) = self.tree else { return self.wrong(expected) };
        let most = entries_max(self.place.field());
        if list.len() > most {
            return self.wrong(&format!("at most {most} entries"));
        }
        Ok(list)
    }

    fn object(&self) -> Result<&'a [(String, Tree)], Wrong> {
        match self.tree {
            Tree::Object(fields) => Ok(fields),
            _ => self.wrong("an object"),
        }
    }

    /// A client: its own fields, and the rest as what its role says.
    fn flat<'de, V: Visitor<'de>>(self, known: &'static [&'static str], visitor: V) -> Result<V::Value, Wrong> {
        let fields = self.object()?;
        let is_own = |name: &str| name != FLAT.1 && known.contains(&name);
        let mut own: Vec<(String, Tree)> = fields.iter().filter(|(name, _)| is_own(name)).cloned().collect();
        let rest = || fields.iter().filter(|(name, _)| name != FLAT.1 && !is_own(name)).cloned().collect();
        match self.tree.field(FLAT.1) {
            Some(Tree::Text(role)) => {
                own.push((FLAT.1.to_owned(), Tree::Object(vec![(role.clone(), Tree::Object(rest()))])));
            }
            // Whatever it is, the role will say that it is none.
            Some(other) => own.push((FLAT.1.to_owned(), Tree::List(vec![other.clone()]))),
            None => {}
        }
        Members { is_flat: true, ..Members::new(&own, self.place, known) }.visit(visitor)
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident $range:literal;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
            visitor.$visit(self.whole($range)?)
        }
    )*};
}

impl<'de> Deserializer<'de> for Node<'_> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let read = match self.tree {
            Tree::Null => visitor.visit_unit(),
            Tree::Flag(flag) => visitor.visit_bool(*flag),
            Tree::Count(number) => visitor.visit_u64(*number),
            Tree::Negative(number) => visitor.visit_i64(*number),
            Tree::Fraction(number) => visitor.visit_f64(*number),
            Tree::Text(text) => visitor.visit_str(text),
            Tree::List(_) => return self.deserialize_seq(visitor),
            Tree::Object(_) => return self.deserialize_map(visitor),
        };
        read.map_err(|wrong: Wrong| wrong.at(self.place))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.tree {
            Tree::Flag(flag) => visitor.visit_bool(*flag),
            _ => self.wrong("true or false"),
        }
    }

    numbers! {
        deserialize_i8 visit_i8 " from -128 to 127";
        deserialize_i16 visit_i16 " from -32768 to 32767";
        deserialize_i32 visit_i32 " from -2147483648 to 2147483647";
        deserialize_i64 visit_i64 " from -9223372036854775808 to 9223372036854775807";
        deserialize_u8 visit_u8 " from 0 to 255";
        deserialize_u16 visit_u16 " from 0 to 65535";
        deserialize_u32 visit_u32 " from 0 to 4294967295";
        deserialize_u64 visit_u64 " from 0 to 18446744073709551615";
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match *self.tree {
            Tree::Fraction(number) => visitor.visit_f64(number),
            // Speeds and the like: far below the numbers at which digits are lost.
            #[allow(clippy::cast_precision_loss)]
            Tree::Count(number) => visitor.visit_f64(number as f64),
            #[allow(clippy::cast_precision_loss)]
            Tree::Negative(number) => visitor.visit_f64(number as f64),
            _ => self.wrong("a number"),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let Tree::Text(text) = self.tree else { return self.wrong("text") };
        let most = text_bytes_max(self.place.field());
        if text.len() > most {
            return self.wrong(&format!("at most {most} bytes"));
        }
        visitor.visit_str(text).map_err(|wrong: Wrong| wrong.at(self.place))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.tree {
            Tree::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let entries = Entries { rest: self.list("a list")?.iter().enumerate(), place: self.place };
        visitor.visit_seq(entries).map_err(|wrong| wrong.at(self.place))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Wrong> {
        let expected = format!("a list of {len}");
        if self.list(&expected)?.len() != len {
            return self.wrong(&expected);
        }
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        Fields::new(self.object()?, self.place).visit(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        if name == FLAT.0 {
            return self.flat(fields, visitor);
        }
        let object = self.object()?;
        let beside = self.beside.unwrap_or_default();
        if let Some((name, _)) = object.iter().find(|(name, _)| !fields.contains(&name.as_str())) {
            return Err(Wrong::unknown_field(self.place, name, &[beside, fields]));
        }
        Members::new(object, self.place, fields).visit(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        let (name, content) = match self.tree {
            Tree::Text(name) => (name, None),
            Tree::Object(fields) => match &fields[..] {
                [(name, content)] => (name, Some(content)),
                _ => return self.wrong(&format!("an object with one field: {}", one_of(variants))),
            },
            _ => return self.wrong(&one_of(variants)),
        };
        let Some(index) = variants.iter().position(|variant| variant == name) else {
            return self.wrong(&one_of(variants));
        };
        let inside = match (self.beside, self.place) {
            (Some(_), Place::Field(around, _)) => **around,
            _ => Place::Field(self.place, name),
        };
        let content = content.map(|tree| Node { tree, place: &inside, beside: self.beside });
        visitor.visit_enum(Variant { name, index, content, place: self.place }).map_err(|wrong| wrong.at(self.place))
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.tree {
            Tree::Null => visitor.visit_unit(),
            _ => self.wrong("null"),
        }
    }

    forward_to_deserialize_any! { char bytes byte_buf unit_struct identifier ignored_any }
}

/// The name of a field of an object that is no struct, or the number of a variant.
enum Key<'a> {
    Name(&'a str),
    Variant(usize),
}

impl<'de> Deserializer<'de> for Key<'_> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self {
            Key::Name(name) => visitor.visit_str(name),
            Key::Variant(index) => visitor.visit_u64(index as u64),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct
        seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// The entries of a list.
struct Entries<'a> {
    rest: std::iter::Enumerate<std::slice::Iter<'a, Tree>>,
    place: &'a Place<'a>,
}

impl<'de> SeqAccess<'de> for Entries<'_> {
    type Error = Wrong;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Wrong> {
        let Some((index, tree)) = self.rest.next() else { return Ok(None) };
        let place = Place::Entry(self.place, index);
        seed.deserialize(Node::new(tree, &place)).map(Some).map_err(|wrong| wrong.at(&place))
    }
}

/// The fields of a struct, in its order.
struct Members<'a> {
    fields: &'a [(String, Tree)],
    known: &'static [&'static str],
    rest: std::slice::Iter<'static, &'static str>,
    place: &'a Place<'a>,
    is_flat: bool,
}

impl<'a> Members<'a> {
    fn new(fields: &'a [(String, Tree)], place: &'a Place<'a>, known: &'static [&'static str]) -> Self {
        Members { fields, known, rest: known.iter(), place, is_flat: false }
    }

    fn visit<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let Members { place, known, .. } = self;
        visitor.visit_seq(self).map_err(|wrong| wrong.of_fields(place, known))
    }

    /// The next field, if the object has it.
    fn next(&mut self) -> Option<(&'static str, &'a Tree)> {
        let name = *self.rest.next()?;
        self.fields.iter().find(|(field, _)| field == name).map(|(_, tree)| (name, tree))
    }
}

impl<'de> SeqAccess<'de> for Members<'_> {
    type Error = Wrong;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Wrong> {
        let Some((name, tree)) = self.next() else { return Ok(None) };
        let place = Place::Field(self.place, name);
        let beside = (self.is_flat && name == FLAT.1).then_some(self.known);
        seed.deserialize(Node { tree, place: &place, beside }).map(Some).map_err(|wrong| wrong.at(&place))
    }
}

/// The fields of an object that is no struct.
struct Fields<'a> {
    rest: std::slice::Iter<'a, (String, Tree)>,
    value: Option<&'a (String, Tree)>,
    place: &'a Place<'a>,
}

impl<'a> Fields<'a> {
    fn new(fields: &'a [(String, Tree)], place: &'a Place<'a>) -> Self {
        Fields { rest: fields.iter(), value: None, place }
    }

    fn visit<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let place = self.place;
        visitor.visit_map(self).map_err(|wrong| wrong.at(place))
    }
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Wrong> {
        self.value = self.rest.next();
        let Some((name, _)) = self.value else { return Ok(None) };
        seed.deserialize(Key::Name(name)).map(Some).map_err(|wrong| wrong.at(&Place::Field(self.place, name)))
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Wrong> {
        let Some((name, tree)) = self.value else { return Err(Wrong::expected(self.place, "a value")) };
        let place = Place::Field(self.place, name);
        seed.deserialize(Node::new(tree, &place)).map_err(|wrong| wrong.at(&place))
    }
}

/// One of several things, and what belongs to it.
struct Variant<'a> {
    name: &'a str,
    index: usize,
    content: Option<Node<'a>>,
    place: &'a Place<'a>,
}

impl<'a> Variant<'a> {
    fn content(&self) -> Result<Node<'a>, Wrong> {
        let expected = || format!("an object with the field {:?}", self.name);
        self.content.ok_or_else(|| Wrong::expected(self.place, &expected()))
    }
}

impl<'de> EnumAccess<'de> for Variant<'_> {
    type Error = Wrong;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self), Wrong> {
        Ok((seed.deserialize(Key::Variant(self.index))?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_> {
    type Error = Wrong;

    fn unit_variant(self) -> Result<(), Wrong> {
        match self.content {
            None => Ok(()),
            Some(_) => Err(Wrong::expected(self.place, &format!("the word {:?} alone", self.name))),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Wrong> {
        let content = self.content()?;
        seed.deserialize(content).map_err(|wrong| wrong.at(content.place))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Wrong> {
        self.content()?.deserialize_tuple(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Wrong> {
        self.content()?.deserialize_struct("", fields, visitor)
    }
}
