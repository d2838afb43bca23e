//! A sentence: words of Warren's, and names of the reader's world, told apart so that nothing of a name is ever taken
//! for anything else.

use std::fmt;

use crate::broker::Name;
use crate::broker::properties::Payload;

/// A piece of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Words.
    Words(String),
    /// A name, a key, a payload: shown as it is.
    Name(Name),
}

/// A sentence. As text, names stand without quotation marks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sentence {
    parts: Vec<Part>,
}

impl Sentence {
    /// Begins with words.
    pub fn words(words: impl Into<String>) -> Self {
        Sentence::default().say(words)
    }

    /// Begins with a name.
    pub fn of(name: &Name) -> Self {
        Sentence::default().name(name)
    }

    /// Goes on with words.
    pub fn say(mut self, words: impl Into<String>) -> Self {
        self.parts.push(Part::Words(words.into()));
        self
    }

    /// Goes on with a name. The empty one is said to be empty.
    pub fn name(mut self, name: &Name) -> Self {
        let empty = name.is_empty();
        self.parts.push(if empty { Part::Words("(empty)".into()) } else { Part::Name(name.clone()) });
        self
    }

    /// Goes on with names, as a list.
    pub fn names<'a>(mut self, names: impl IntoIterator<Item = &'a Name>) -> Self {
        for (index, name) in names.into_iter().enumerate() {
            self = if index == 0 { self.name(name) } else { self.say(", ").name(name) };
        }
        self
    }

    /// Goes on with another sentence.
    pub fn then(mut self, other: Sentence) -> Self {
        self.parts.extend(other.parts);
        self
    }

    /// The same, with a capital letter where it begins with words.
    pub fn capitalised(mut self) -> Self {
        if let Some(Part::Words(words)) = self.parts.first_mut()
            && let Some(first) = words.get_mut(..1)
        {
            first.make_ascii_uppercase();
        }
        self
    }

    /// Its pieces.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Words(words) => f.write_str(words),
            Part::Name(name) => f.write_str(name),
        })
    }
}

/// As much of a payload as fits into a sentence.
pub fn excerpt(payload: &Payload) -> Name {
    const CHARS_MAX: usize = 60;
    excerpt_of(payload, CHARS_MAX)
}

/// The first characters of a payload.
pub fn excerpt_of(payload: &Payload, chars_max: usize) -> Name {
    let text = payload.text();
    match text.char_indices().nth(chars_max) {
        Some((end, _)) => format!("{}\u{2026}", &text[..end]).into(),
        None => (*text).into(),
    }
}

/// A number of things: `1 message`, `3 messages`.
pub fn count(number: u64, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

/// A length of time in the largest unit that keeps it exact to a tenth: `450 ms`, `1.2 s`.
pub fn span(ms: u64) -> String {
    if ms < 1_000 { format!("{ms} ms") } else { format!("{}.{} s", ms / 1_000, ms % 1_000 / 100) }
}
