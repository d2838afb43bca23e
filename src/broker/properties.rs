//! The content properties of a message (AMQP class basic), and its payload.

use std::fmt;
use std::rc::Rc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::name::Name;
use super::table::{Table, Value, hex};

/// The properties a publisher set. Absent is not the same as empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Properties {
    /// MIME type of the payload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<Name>,
    /// MIME encoding of the payload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_encoding: Option<Name>,
    /// Application headers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headers: Option<Table>,
    /// 2 is persistent, anything else (or nothing) transient.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_mode: Option<u8>,
    /// 0 to 255; what it means is up to the queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<u8>,
    /// Matches a reply to its request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<Name>,
    /// Where a reply should go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Name>,
    /// Time to live, in milliseconds, as decimal text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiration: Option<Name>,
    /// The application's own identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<Name>,
    /// Seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<u64>,
    /// The application's own message type.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<Name>,
    /// The publishing user; the broker checks it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<Name>,
    /// The publishing application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_id: Option<Name>,
    /// Unused, and passed on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_id: Option<Name>,
}

impl Properties {
    /// A header's value.
    pub fn header(&self, key: &str) -> Option<&Value> {
        self.headers.as_ref()?.get(key)
    }

    /// Those that are text, with their names in AMQP.
    pub fn texts(&self) -> [(&'static str, &Option<Name>); 10] {
        [
            ("content_type", &self.content_type),
            ("content_encoding", &self.content_encoding),
            ("correlation_id", &self.correlation_id),
            ("reply_to", &self.reply_to),
            ("expiration", &self.expiration),
            ("message_id", &self.message_id),
            ("type", &self.kind),
            ("user_id", &self.user_id),
            ("app_id", &self.app_id),
            ("cluster_id", &self.cluster_id),
        ]
    }

    /// Bytes they take on the wire, which a quorum queue counts towards its length limit in bytes.
    /// Source: `rabbit/src/mc_amqpl.erl size/1`, AMQP 0-9-1 section 4.2.6.
    pub fn encoded_bytes(&self) -> u64 {
        let texts: usize =
            self.texts().into_iter().filter_map(|(_, text)| text.as_ref()).map(|text| 1 + text.len()).sum();
        let table = self.headers.as_ref().map_or(0, |headers| 4 + table_bytes(headers));
        let numbers = usize::from(self.delivery_mode.is_some())
            + usize::from(self.priority.is_some())
            + 8 * usize::from(self.timestamp.is_some());
        (2 + texts + table + numbers) as u64
    }

    /// Whether a durable classic queue keeps the message over a restart.
    /// Source: `rabbit/src/mc_amqpl.erl` (delivery_mode 2 alone is persistent).
    pub fn is_persistent(&self) -> bool {
        self.delivery_mode == Some(2)
    }
}

fn table_bytes(table: &Table) -> usize {
    table.iter().map(|(key, value)| 1 + key.len() + value_bytes(value)).sum()
}

fn value_bytes(value: &Value) -> usize {
    1 + match value {
        Value::Void => 0,
        Value::Bool(_) | Value::I8(_) | Value::U8(_) => 1,
        Value::I16(_) | Value::U16(_) => 2,
        Value::I32(_) | Value::U32(_) | Value::F32(_) => 4,
        Value::I64(_) | Value::F64(_) | Value::Timestamp(_) => 8,
        Value::Decimal { .. } => 5,
        Value::String(text) => 4 + text.len(),
        Value::Bytes(bytes) => 4 + bytes.len(),
        Value::Array(items) => 4 + items.iter().map(value_bytes).sum::<usize>(),
        Value::Table(table) => 4 + table_bytes(table),
    }
}

/// A message body: shared bytes. In JSON it is text, or `{"bytes": "hex"}` where it is not UTF-8.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Payload(Rc<[u8]>);

impl Payload {
    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text, with a replacement character for what is not UTF-8.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }
}

impl Default for Payload {
    fn default() -> Self {
        Payload(Rc::from([]))
    }
}

impl From<&str> for Payload {
    fn from(text: &str) -> Self {
        Payload(Rc::from(text.as_bytes()))
    }
}

impl From<Vec<u8>> for Payload {
    fn from(bytes: Vec<u8>) -> Self {
        Payload(Rc::from(bytes))
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text())
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Binary {
    Bytes(String),
}

impl Serialize for Payload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(&self.0) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => Binary::Bytes(hex(&self.0)).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Payload::from(text.as_str())),
            Value::Bytes(bytes) => Ok(Payload(bytes)),
            _ => Err(serde::de::Error::custom("text, or {\"bytes\": \"hex\"}")),
        }
    }
}
