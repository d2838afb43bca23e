//! Tags of users and virtual hosts: a list, or, as RabbitMQ 3.8 and older exported them, one text with commas.
//!
//! Source: `rabbit_auth_backend_internal.erl tag_list_from/1`.

use std::fmt;

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::broker::Name;

/// Tags, as they stand in an export of RabbitMQ 4.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Tags(pub Vec<Name>);

impl Tags {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'de> Deserialize<'de> for Tags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TagsVisitor)
    }
}

struct TagsVisitor;

impl<'de> Visitor<'de> for TagsVisitor {
    type Value = Tags;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of tags, or a text with commas between them")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Tags, E> {
        Ok(Tags(text.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(Name::from).collect()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Tags, A::Error> {
        let mut tags = Vec::new();
        while let Some(tag) = seq.next_element()? {
            tags.push(tag);
        }
        Ok(Tags(tags))
    }
}
