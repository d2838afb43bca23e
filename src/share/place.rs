//! Where in a file something stands, as people would point at it: `clients[3].prefetch`.

use std::fmt;

/// Longest part of a place that is shown whole, characters.
const SHOWN_MAX: usize = 60;

/// A place in a file. It lives on the stack while the file is read, and becomes text only if something is wrong.
#[derive(Clone, Copy)]
pub enum Place<'a> {
    /// The file itself.
    Top,
    /// A field of an object.
    Field(&'a Place<'a>, &'a str),
    /// An entry of a list, from 0.
    Entry(&'a Place<'a>, usize),
}

impl Place<'_> {
    /// The field that this is the value of; empty for anything else.
    pub fn field(&self) -> &str {
        match self {
            Place::Field(_, field) => field,
            _ => "",
        }
    }

    /// The field of the file that it is in, or is; empty for the file itself.
    pub fn top(&self) -> &str {
        match self {
            Place::Field(Place::Top, field) => field,
            Place::Field(around, _) | Place::Entry(around, _) => around.top(),
            Place::Top => "",
        }
    }

    /// Values around this one.
    pub fn depth(&self) -> usize {
        match self {
            Place::Top => 0,
            Place::Field(around, _) | Place::Entry(around, _) => around.depth() + 1,
        }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Top => Ok(()),
            Place::Field(around, field) => {
                around.write(f)?;
                let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
                if field.is_empty() || field.len() > SHOWN_MAX || !field.chars().all(is_plain) {
                    return write!(f, "[{}]", quoted(field));
                }
                let dot = if matches!(around, Place::Top) { "" } else { "." };
                write!(f, "{dot}{field}")
            }
            Place::Entry(around, index) => {
                around.write(f)?;
                write!(f, "[{index}]")
            }
        }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Top => f.write_str("file"),
            _ => self.write(f),
        }
    }
}

/// A text as it would stand in a file, and not more of it than one wants to read.
pub fn quoted(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN_MAX).collect();
    if shown.len() < text.len() {
        shown.push('\u{2026}');
    }
    format!("{shown:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_read_as_one_points_at_them() {
        let clients = Place::Field(&Place::Top, "clients");
        let client = Place::Entry(&clients, 3);
        let prefetch = Place::Field(&client, "prefetch");
        assert_eq!((prefetch.to_string(), prefetch.depth()), ("clients[3].prefetch".to_owned(), 3));
        assert_eq!(Place::Top.to_string(), "file");
        assert_eq!([prefetch, clients, Place::Top].map(|place| place.top().to_owned()), ["clients", "clients", ""]);
        assert_eq!(Place::Field(&client, "x-match").to_string(), "clients[3].x-match");
        assert_eq!(Place::Field(&client, "<b>\n").to_string(), r#"clients[3]["<b>\n"]"#);
        assert_eq!(Place::Field(&Place::Top, &"a".repeat(300)).to_string().chars().count(), 65);
    }
}
