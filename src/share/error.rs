//! What can be wrong with a file, in one form: `place: expected ...`.

use std::fmt::Display;

use serde::de;

use super::place::{Place, quoted};
use crate::simulation::ScenarioError;

/// Fields that are told, if a wrong one is like none of them.
const FIELDS_TOLD_MAX: usize = 40;

/// Why a file cannot be opened, and where in it the reason is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct FileError {
    /// Where: `clients[3].prefetch`, or line and column of what is no JSON.
    pub place: String,
    /// What is wrong: mostly `expected ...`, or what RabbitMQ says.
    pub problem: String,
}

impl FileError {
    /// Something else should stand at a place.
    pub fn expected(place: &impl Display, what: &str) -> Self {
        FileError { place: place.to_string(), problem: format!("expected {what}") }
    }
}

impl From<ScenarioError> for FileError {
    fn from(error: ScenarioError) -> Self {
        let text = error.to_string();
        let (place, problem) = text.split_once(": ").unwrap_or(("file", &text));
        FileError { place: place.to_owned(), problem: problem.to_owned() }
    }
}

/// What is wrong, while it is still on its way to somebody who knows the place. A pointer: it is in every result of
/// reading, and seldom there.
#[derive(Debug)]
pub struct Wrong(Box<Mistake>);

#[derive(Debug)]
struct Mistake {
    place: Option<String>,
    /// The number of a field that is not there.
    missing: Option<usize>,
    expected: String,
}

impl Wrong {
    #[cold]
    fn new(place: Option<String>, missing: Option<usize>, expected: String) -> Self {
        Wrong(Box::new(Mistake { place, missing, expected }))
    }

    /// Something else should stand at a place.
    #[cold]
    pub fn expected(place: &Place<'_>, what: &str) -> Self {
        Wrong::new(Some(place.to_string()), None, what.to_owned())
    }

    /// A field that nobody knows, beside those that are known.
    #[cold]
    pub fn unknown_field(place: &Place<'_>, field: &str, known: &[&[&str]]) -> Self {
        let known = || known.iter().flat_map(|names| names.iter().copied());
        let place = Place::Field(place, field);
        if let Some(near) = nearest(field, known()) {
            return Wrong::expected(&place, &format!("a known field: did you mean `{near}`?"));
        }
        let names: Vec<&str> = known().take(FIELDS_TOLD_MAX).collect();
        Wrong::expected(&place, &format!("a known field: {}", one_of(&names)))
    }

    /// Fills in the place, if nobody nearer to the mistake has done so.
    #[cold]
    #[inline(never)]
    pub fn at(mut self, place: &Place<'_>) -> Self {
        if self.0.place.is_none() {
            self.0.place = Some(place.to_string());
        }
        self
    }

    /// The same of a struct, which knows its fields only by their numbers.
    #[cold]
    #[inline(never)]
    pub fn of_fields(self, place: &Place<'_>, fields: &[&str]) -> Self {
        match self.0.missing.and_then(|missing| fields.get(missing)) {
            Some(field) => Wrong::expected(&Place::Field(place, field), "this field, which is missing"),
            None => self.at(place),
        }
    }
}

impl From<Wrong> for FileError {
    fn from(wrong: Wrong) -> Self {
        FileError::expected(&wrong.0.place.unwrap_or_default(), &wrong.0.expected)
    }
}

impl Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.expected)
    }
}

impl std::error::Error for Wrong {}

/// What types say when they are read. A text of their own is what they expect.
impl de::Error for Wrong {
    #[cold]
    fn custom<T: Display>(expected: T) -> Self {
        Wrong::new(None, None, expected.to_string())
    }
    fn invalid_type(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Wrong::custom(expected)
    }
    fn invalid_value(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Wrong::custom(expected)
    }
    fn invalid_length(length: usize, expected: &dyn de::Expected) -> Self {
        Wrong::new(None, Some(length), expected.to_string())
    }
    fn unknown_variant(_: &str, variants: &'static [&'static str]) -> Self {
        Wrong::custom(one_of(variants))
    }
}

/// Some words to choose from.
pub fn one_of(words: &[&str]) -> String {
    let listed: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    match &listed[..] {
        [only] => only.clone(),
        _ => format!("one of {}", listed.join(", ")),
    }
}

/// The word that was most likely meant, if one is near.
fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // No known word is as long: what is, is like none of them.
    const LONGEST: usize = 40;
    if word.len() > LONGEST {
        return None;
    }
    let near = known.map(|other| (strsim::osa_distance(word, other), other)).min_by_key(|(distance, _)| *distance)?;
    (near.0 <= 1 + word.len() / 4).then_some(near.1)
}
