//! Values between the broker and plain JSON, in which an integer is an integer whatever its width.
//!
//! The broker's own JSON tells the widths apart; RabbitMQ's management API does not. Reading gives `long`, `double`,
//! `longstr`, `bool`, `array` and `table`; writing gives the value without its type.
//!
//! Source: `rabbit_common/src/rabbit_misc.erl to_amqp_table/1, amqp_table/1`.

use std::fmt;

use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::broker::Name;
use crate::broker::table::{Table, Value};

/// For `#[serde(with = "plain::table")]`: arguments, limits, a policy's definition.
pub mod table {
    use super::*;

    /// Writes a table as an object.
    pub fn serialize<S: Serializer>(table: &Table, serializer: S) -> Result<S::Ok, S::Error> {
        write_table(table, serializer)
    }

    /// Reads an object as a table.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Table, D::Error> {
        deserializer.deserialize_any(TableVisitor)
    }
}

/// For `#[serde(with = "plain::value")]`: the value of a parameter.
pub mod value {
    use super::*;

    /// Writes any value.
    pub fn serialize<S: Serializer>(value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
        Written(value).serialize(serializer)
    }

    /// Reads any JSON.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(ValueVisitor { null: true }).map(|Read(value)| value)
    }
}

/// A table as JSON text, for people to read.
pub(super) fn to_text(table: &Table) -> serde_json::Result<String> {
    struct Whole<'a>(&'a Table);
    impl Serialize for Whole<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            write_table(self.0, serializer)
        }
    }
    serde_json::to_string_pretty(&Whole(table))
}

struct Written<'a>(&'a Value);

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::F32(x) => serializer.serialize_f64((*x).into()),
            Value::Decimal { scale, value } => {
                serializer.serialize_f64(f64::from(*value) / 10_f64.powi((*scale).into()))
            }
            Value::Bytes(bytes) => serializer.serialize_str(&String::from_utf8_lossy(bytes)),
            Value::Timestamp(seconds) => serializer.serialize_u64(*seconds),
            Value::Array(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(&Written(item))?;
                }
                list.end()
            }
            Value::Table(table) => write_table(table, serializer),
            other => match other.as_int() {
                Some(n) => serializer.serialize_i64(n),
                None => other.serialize(serializer),
            },
        }
    }
}

fn write_table<S: Serializer>(table: &Table, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(table.len()))?;
    for (key, value) in table {
        map.serialize_entry(key, &Written(value))?;
    }
    map.end()
}

/// A value among arguments, where there is no null.
struct Read(Value);

impl<'de> Deserialize<'de> for Read {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor { null: false })
    }
}

/// A value inside of a parameter, where anything can be.
struct ReadAny(Value);

impl<'de> Deserialize<'de> for ReadAny {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor { null: true }).map(|Read(value)| ReadAny(value))
    }
}

struct TableVisitor;

impl<'de> Visitor<'de> for TableVisitor {
    type Value = Table;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Table, A::Error> {
        read_table(map, false)
    }
    // An Erlang client's export of an empty table. Source: `rabbit_definitions.erl args/1`.
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Table, A::Error> {
        match seq.next_element::<de::IgnoredAny>()? {
            None => Ok(Table::new()),
            Some(_) => Err(de::Error::invalid_type(de::Unexpected::Seq, &self)),
        }
    }
}

fn read_table<'de, A: MapAccess<'de>>(mut map: A, null: bool) -> Result<Table, A::Error> {
    let mut entries = Vec::new();
    while let Some(key) = map.next_key::<Name>()? {
        let value = if null { map.next_value::<ReadAny>()?.0 } else { map.next_value::<Read>()?.0 };
        entries.push((key, value));
    }
    Ok(Table::from(entries))
}

struct ValueVisitor {
    null: bool,
}

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Read;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, a number, true, false, a list or an object")
    }
    fn visit_unit<E: de::Error>(self) -> Result<Read, E> {
        if self.null { Ok(Read(Value::Void)) } else { Err(E::invalid_type(de::Unexpected::Unit, &self)) }
    }
    fn visit_bool<E>(self, b: bool) -> Result<Read, E> {
        Ok(Read(Value::Bool(b)))
    }
    fn visit_i64<E>(self, n: i64) -> Result<Read, E> {
        Ok(Read(Value::I64(n)))
    }
    fn visit_u64<E: de::Error>(self, n: u64) -> Result<Read, E> {
        let number = i64::try_from(n).map(Value::I64);
        number.map(Read).map_err(|_| E::invalid_value(de::Unexpected::Unsigned(n), &"an integer of at most 63 bits"))
    }
    fn visit_f64<E>(self, x: f64) -> Result<Read, E> {
        Ok(Read(Value::F64(x)))
    }
    fn visit_str<E>(self, text: &str) -> Result<Read, E> {
        Ok(Read(Value::from(text)))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Read, A::Error> {
        let mut items = Vec::new();
        if self.null {
            while let Some(ReadAny(item)) = seq.next_element()? {
                items.push(item);
            }
        } else {
            while let Some(Read(item)) = seq.next_element()? {
                items.push(item);
            }
        }
        Ok(Read(Value::Array(items)))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Read, A::Error> {
        read_table(map, self.null).map(|table| Read(Value::Table(table)))
    }
}
