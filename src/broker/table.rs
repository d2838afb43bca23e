//! AMQP field tables and their values, with the types RabbitMQ tells apart.
//!
//! JSON form (scenario files, recordings): string = longstr, integer = signedint or, where it does not fit,
//! long; 1.5 = double; true = bool; null = void; arrays and objects as they are. Every other type is an object
//! with one reserved key, such as `{"timestamp": 5}` or `{"short": 5}`; a table that would look like one is
//! written as `{"table": [[key, value]]}`. Reading what was written gives the same value, type included.

use std::fmt;
use std::rc::Rc;

use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::name::Name;
use super::ordered::OrderedMap;

/// A field table. Keys are sorted, as bindings compare them; the order of keys is never observable.
pub type Table = OrderedMap<Name, Value>;

/// A field value. Names in the docs are the ones RabbitMQ prints.
#[derive(Clone, Debug)]
pub enum Value {
    /// `void` (V)
    Void,
    /// `bool` (t)
    Bool(bool),
    /// `byte` (b)
    I8(i8),
    /// `unsignedbyte` (B)
    U8(u8),
    /// `short` (s)
    I16(i16),
    /// `unsignedshort` (u)
    U16(u16),
    /// `signedint` (I)
    I32(i32),
    /// `unsignedint` (i)
    U32(u32),
    /// `long` (l)
    I64(i64),
    /// `float` (f)
    F32(f32),
    /// `double` (d)
    F64(f64),
    /// `decimal` (D): `value / 10^scale`
    Decimal {
        /// Digits after the point.
        scale: u8,
        /// The digits.
        value: u32,
    },
    /// `longstr` (S)
    String(Name),
    /// `binary` (x)
    Bytes(Rc<[u8]>),
    /// `timestamp` (T), in seconds
    Timestamp(u64),
    /// `array` (A)
    Array(Vec<Value>),
    /// `table` (F)
    Table(Table),
}

impl Value {
    /// The value of any integer type.
    pub fn as_int(&self) -> Option<i64> {
        Some(match *self {
            Value::I8(n) => n.into(),
            Value::U8(n) => n.into(),
            Value::I16(n) => n.into(),
            Value::U16(n) => n.into(),
            Value::I32(n) => n.into(),
            Value::U32(n) => n.into(),
            Value::I64(n) => n,
            _ => return None,
        })
    }

    /// The text of a longstr.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The shared text of a longstr.
    pub fn as_name(&self) -> Option<&Name> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The value of either floating type.
    pub fn as_float(&self) -> Option<f64> {
        match *self {
            Value::F32(x) => Some(x.into()),
            Value::F64(x) => Some(x),
            _ => None,
        }
    }

    /// The smallest of signedint and long that holds `n`, as most clients send a small integer.
    pub fn int(n: i64) -> Value {
        i32::try_from(n).map_or(Value::I64(n), Value::I32)
    }

    /// The type's name in RabbitMQ's error texts.
    /// Source: `rabbit_common/src/rabbit_binary_parser.erl`.
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::Void => "void",
            Value::Bool(_) => "bool",
            Value::I8(_) => "byte",
            Value::U8(_) => "unsignedbyte",
            Value::I16(_) => "short",
            Value::U16(_) => "unsignedshort",
            Value::I32(_) => "signedint",
            Value::U32(_) => "unsignedint",
            Value::I64(_) => "long",
            Value::F32(_) => "float",
            Value::F64(_) => "double",
            Value::Decimal { .. } => "decimal",
            Value::String(_) => "longstr",
            Value::Bytes(_) => "binary",
            Value::Timestamp(_) => "timestamp",
            Value::Array(_) => "array",
            Value::Table(_) => "table",
        }
    }

    /// Equal as a headers exchange and a redeclaration compare top-level values: all integer types are one,
    /// both floating types are one, a longstr equals a binary of the same bytes, 1 is not 1.0.
    /// Inside arrays and tables the type tags count. Source: `rabbit_exchange_type_headers.erl`,
    /// `rabbit_misc:assert_args_equivalence1/4`.
    pub fn same_value(&self, other: &Value) -> bool {
        if let (Some(a), Some(b)) = (self.as_int(), other.as_int()) {
            return a == b;
        }
        if let (Some(a), Some(b)) = (self.as_float(), other.as_float()) {
            return a.to_bits() == b.to_bits();
        }
        match (self.bytes(), other.bytes()) {
            (Some(a), Some(b)) => a == b,
            _ => self == other,
        }
    }

    fn bytes(&self) -> Option<&[u8]> {
        match self {
            Value::String(text) => Some(text.as_bytes()),
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }
}

/// Equality of value and type; floats compare by bit pattern, so it is a true equivalence.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        use Value::*;
        match (self, other) {
            (Void, Void) => true,
            (Bool(a), Bool(b)) => a == b,
            (F32(a), F32(b)) => a.to_bits() == b.to_bits(),
            (F64(a), F64(b)) => a.to_bits() == b.to_bits(),
            (Decimal { scale: s, value: a }, Decimal { scale: t, value: b }) => s == t && a == b,
            (String(a), String(b)) => a == b,
            (Bytes(a), Bytes(b)) => a == b,
            (Timestamp(a), Timestamp(b)) => a == b,
            (Array(a), Array(b)) => a == b,
            (Table(a), Table(b)) => a == b,
            _ => self.type_name() == other.type_name() && self.as_int().is_some() && self.as_int() == other.as_int(),
        }
    }
}

impl Eq for Value {}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::String(text.into())
    }
}

/// The value alone, as RabbitMQ prints it between quotes in "inequivalent arg".
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Void => f.write_str("undefined"),
            Value::Bool(b) => b.fmt(f),
            Value::F32(x) => write!(f, "{x:?}"),
            Value::F64(x) => write!(f, "{x:?}"),
            Value::Decimal { scale, value } => write!(f, "{}", decimal_text(*scale, *value)),
            Value::String(text) => f.write_str(text),
            Value::Bytes(bytes) => f.write_str(&String::from_utf8_lossy(bytes)),
            Value::Timestamp(s) => s.fmt(f),
            Value::Array(items) => {
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if i == 0 { "" } else { "," })?;
                }
                f.write_str("]")
            }
            Value::Table(table) => {
                f.write_str("{")?;
                for (i, (key, value)) in table.iter().enumerate() {
                    write!(f, "{}{key}: {value}", if i == 0 { "" } else { ", " })?;
                }
                f.write_str("}")
            }
            int => int.as_int().unwrap_or_default().fmt(f),
        }
    }
}

fn decimal_text(scale: u8, value: u32) -> String {
    let digits = format!("{value:0>width$}", width = usize::from(scale) + 1);
    let (whole, fraction) = digits.split_at(digits.len() - usize::from(scale));
    if scale == 0 { digits } else { format!("{whole}.{fraction}") }
}

/// What JSON has no number for, and is written as a text.
const NOT_FINITE: [f64; 3] = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];

/// The keys that mark a typed value in JSON. A table with just one of these is written wrapped.
const MARKS: [&str; 12] = [
    "byte",
    "unsignedbyte",
    "short",
    "unsignedshort",
    "unsignedint",
    "long",
    "float",
    "decimal",
    "bytes",
    "timestamp",
    "table",
    "double",
];

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fn marked<S: Serializer, T: Serialize>(serializer: S, mark: &str, value: T) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(Some(1))?;
            map.serialize_entry(mark, &value)?;
            map.end()
        }
        match self {
            Value::Void => serializer.serialize_unit(),
            Value::Bool(b) => serializer.serialize_bool(*b),
            Value::I32(n) => serializer.serialize_i32(*n),
            Value::I64(n) if i32::try_from(*n).is_err() => serializer.serialize_i64(*n),
            Value::F64(x) if x.is_finite() => serializer.serialize_f64(*x),
            Value::F32(x) => marked(serializer, "float", x.to_bits()),
            Value::F64(x) => marked(serializer, "double", x.to_string()),
            Value::Decimal { scale, value } => marked(serializer, "decimal", decimal_text(*scale, *value)),
            Value::String(text) => text.serialize(serializer),
            Value::Bytes(bytes) => marked(serializer, "bytes", hex(bytes)),
            Value::Timestamp(s) => marked(serializer, "timestamp", s),
            Value::Array(items) => {
                let mut seq = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    seq.serialize_element(item)?;
                }
                seq.end()
            }
            Value::Table(table) if looks_marked(table) => marked(serializer, "table", table.iter().collect::<Vec<_>>()),
            Value::Table(table) => table.serialize(serializer),
            int => marked(serializer, int.type_name(), int.as_int()),
        }
    }
}

fn looks_marked(table: &Table) -> bool {
    table.len() == 1 && table.keys().all(|key| MARKS.contains(&key.as_str()))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).ok()).collect()
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field value: string, number, true, false, null, array or object")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Void)
    }
    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Void)
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }
    fn visit_bool<E>(self, b: bool) -> Result<Value, E> {
        Ok(Value::Bool(b))
    }
    fn visit_i64<E>(self, n: i64) -> Result<Value, E> {
        Ok(Value::int(n))
    }
    fn visit_u64<E: de::Error>(self, n: u64) -> Result<Value, E> {
        i64::try_from(n).map(Value::int).map_err(|_| E::custom("a number to 9223372036854775807"))
    }
    fn visit_f64<E>(self, x: f64) -> Result<Value, E> {
        Ok(Value::F64(x))
    }
    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::from(text))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry::<Name, Value>()? {
            entries.push(entry);
        }
        let mut table = Table::from(entries);
        if !looks_marked(&table) {
            return Ok(Value::Table(table));
        }
        let Some((mark, value)) = table.pop_first() else { return Ok(Value::Table(table)) };
        unmark(&mark, value).map_err(de::Error::custom)
    }
}

fn unmark(mark: &str, value: Value) -> Result<Value, String> {
    let wrong = || format!("a value that `{mark}` can have");
    let int = value.as_int();
    fn narrow<T: TryFrom<i64>>(int: Option<i64>) -> Option<T> {
        int.and_then(|n| T::try_from(n).ok())
    }
    let made = match mark {
        "byte" => narrow(int).map(Value::I8),
        "unsignedbyte" => narrow(int).map(Value::U8),
        "short" => narrow(int).map(Value::I16),
        "unsignedshort" => narrow(int).map(Value::U16),
        "unsignedint" => narrow(int).map(Value::U32),
        "long" => int.map(Value::I64),
        "timestamp" => narrow(int).map(Value::Timestamp),
        "float" => narrow::<u32>(int).map(|bits| Value::F32(f32::from_bits(bits))),
        "double" => NOT_FINITE.into_iter().find(|x| value.as_str() == Some(&x.to_string())).map(Value::F64),
        "bytes" => value.as_str().and_then(unhex).map(|bytes| Value::Bytes(bytes.into())),
        "decimal" => value.as_str().and_then(decimal_from),
        "table" => table_from_pairs(value).map(Value::Table),
        _ => None,
    };
    made.ok_or_else(wrong)
}

/// A table from its `[key, value]` pairs.
fn table_from_pairs(value: Value) -> Option<Table> {
    let Value::Array(pairs) = value else { return None };
    let read = |pair| {
        let Value::Array(pair) = pair else { return None };
        let [Value::String(key), value]: [Value; 2] = pair.try_into().ok()? else { return None };
        Some((key, value))
    };
    pairs.into_iter().map(read).collect()
}

fn decimal_from(text: &str) -> Option<Value> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let scale = u8::try_from(fraction.len()).ok()?;
    Some(Value::Decimal { scale, value: format!("{whole}{fraction}").parse().ok()? })
}
