//! Names and identifiers.
//!
//! A [`Name`] is shared text: cloning one costs a counter, never a copy. Identifiers are numbers that are
//! given out once and never again, so one that outlives its owner finds nothing rather than something else.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A shared, immutable UTF-8 string: the name of an exchange, queue, consumer tag, routing key, and so on.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Rc<str>);

impl Name {
    /// The longest name AMQP can carry (a short string), in bytes.
    pub const MAX_BYTES: usize = 255;

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Name {
    fn default() -> Self {
        Name(Rc::from(""))
    }
}

impl Deref for Name {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Name(Rc::from(text))
    }
}

impl From<String> for Name {
    fn from(text: String) -> Self {
        Name(Rc::from(text))
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Name::from)
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// A client connection. Chosen by the caller; an id may be used again once its connection has ended.
    ConnectionId(u32)
);
id!(
    /// One incarnation of a queue. A queue deleted and declared again has a new id.
    QueueId(u32)
);
id!(
    /// One consumer of one queue, from basic.consume to its end.
    ConsumerId(u64)
);
id!(
    /// One published message. Its copies in several queues, and its dead-lettered descendants, share it.
    MessageId(u64)
);
id!(
    /// One copy of a message in one queue, from the moment the queue takes it until it leaves it.
    /// Within a queue, ascending ids are the order of arrival.
    CopyId(u64)
);
id!(
    /// One event of the log. The first is 1; 0 stands for "nothing before".
    EventId(u64)
);

/// A channel: its connection and its number there, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ChannelId {
    /// The connection it lives in.
    pub connection: ConnectionId,
    /// Its number in that connection, 1 to the connection's channel_max.
    pub number: u16,
}

impl fmt::Display for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.connection, self.number)
    }
}

/// The full name of an exchange or a queue.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Resource {
    /// The virtual host it is in.
    pub vhost: Name,
    /// Its name there.
    pub name: Name,
}
