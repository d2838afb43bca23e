//! The words of a command line: texts, `key=value` settings and arrows, each with its place in the line.
//!
//! What always holds: what [`quoted`] and [`setting`] write, [`words`] reads back as the same.

use crate::share::Tree;

/// A word of a command line.
#[derive(Clone, Debug, PartialEq)]
pub enum Word {
    /// A name, a flag, a key: bare or in double quotes.
    Text(String),
    /// `key=value`. A value in quotes is text; a bare one is the number, truth value, list or object that JSON reads
    /// in it, and else text.
    Setting(String, Tree),
    /// `->`
    Arrow,
    /// `<-`
    BackArrow,
    /// `;`, between two commands in one line
    Then,
}

/// A word and its place: byte offsets in the line.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// The word.
    pub word: Word,
    /// Where it begins.
    pub start: usize,
    /// Where it ends, exclusive.
    pub end: usize,
}

/// What is wrong with a command line, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct Mistake {
    /// Byte offset in the line.
    pub at: usize,
    /// What, for people.
    pub problem: String,
}

impl Mistake {
    /// A mistake at a place.
    pub fn new(at: usize, problem: impl Into<String>) -> Self {
        Mistake { at, problem: problem.into() }
    }
}

/// The words of a line.
///
/// # Errors
///
/// A quote or bracket that is not closed, or a setting without a key.
pub fn words(line: &str) -> Result<Vec<Placed>, Mistake> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = line.get(at..) {
        let trimmed = rest.trim_start();
        at += rest.len() - trimmed.len();
        if trimmed.is_empty() {
            break;
        }
        let (word, length) = word(trimmed).map_err(|mistake| Mistake::new(at + mistake.at, mistake.problem))?;
        found.push(Placed { word, start: at, end: at + length });
        at += length;
    }
    Ok(found)
}

/// The word that a text begins with, and its length.
fn word(text: &str) -> Result<(Word, usize), Mistake> {
    for (arrow, word) in [("->", Word::Arrow), ("<-", Word::BackArrow), (";", Word::Then)] {
        if let Some(after) = text.strip_prefix(arrow)
            && after.chars().next().is_none_or(char::is_whitespace)
        {
            return Ok((word, arrow.len()));
        }
    }
    let (key, length) = if text.starts_with('"') {
        quote(text)?
    } else {
        let length = text.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(text.len());
        (text.get(..length).unwrap_or_default().to_owned(), length)
    };
    let Some(value) = text.get(length..).and_then(|rest| rest.strip_prefix('=')) else {
        return Ok((Word::Text(key), length));
    };
    if key.is_empty() {
        return Err(Mistake::new(0, "expected a name before `=`"));
    }
    let begin = length + 1;
    let (value, length) = given(value).map_err(|mistake| Mistake::new(begin + mistake.at, mistake.problem))?;
    Ok((Word::Setting(key, value), begin + length))
}

/// The text in the quotes that a text begins with, by JSON's rules, and its length with them.
fn quote(text: &str) -> Result<(String, usize), Mistake> {
    let Some(length) = quote_length(text) else { return Err(Mistake::new(0, "expected a closing quote `\"`")) };
    match Tree::parse(text.get(..length).unwrap_or_default().as_bytes()) {
        Ok(Tree::Text(content)) => Ok((content, length)),
        _ => Err(Mistake::new(0, "expected text in quotes as JSON has it, such as \"a \\\"b\\\"\"")),
    }
}

/// How long the quoted text is that a text begins with, its quotes included; none if it has no end.
fn quote_length(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// How long the list or object is that a text begins with; none if it has no end.
fn bracket_length(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(c) = text.get(at..)?.chars().next() {
        match c {
            '"' => {
                at += quote_length(text.get(at..)?)?;
                continue;
            }
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        at += c.len_utf8();
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// The value that a text begins with, and its length.
fn given(text: &str) -> Result<(Tree, usize), Mistake> {
    match text.chars().next() {
        Some('"') => quote(text).map(|(content, length)| (Tree::Text(content), length)),
        Some('{' | '[') => {
            let value = bracket_length(text).and_then(|length| {
                let value = Tree::parse(text.get(..length)?.as_bytes()).ok()?;
                Some((value, length))
            });
            value.ok_or_else(|| Mistake::new(0, "expected a list or object as JSON has it"))
        }
        _ => {
            let length = text.find(char::is_whitespace).unwrap_or(text.len());
            Ok((bare(text.get(..length).unwrap_or_default()), length))
        }
    }
}

/// What a bare value is: a number, a truth value, null, or else text.
fn bare(text: &str) -> Tree {
    Tree::parse(text.as_bytes()).unwrap_or_else(|_| Tree::Text(text.to_owned()))
}

/// A text as a word: bare where that reads back as the same, else in quotes.
pub fn quoted(text: &str) -> String {
    let is_bare = !text.is_empty()
        && !text.starts_with('"')
        && !text.contains(|c: char| c.is_whitespace() || c == '=' || c.is_control())
        && !matches!(text, "->" | "<-" | ";");
    if is_bare { text.to_owned() } else { Tree::from(text).to_line() }
}

/// A setting as a word. The key is not empty.
pub fn setting(key: &str, value: &Tree) -> String {
    let key = quoted(key);
    let is_bare = |text: &str| {
        !text.starts_with(['"', '{', '['])
            && !text.contains(|c: char| c.is_whitespace() || c.is_control())
            && bare(text) == *value
    };
    match value {
        Tree::Text(text) if is_bare(text) => format!("{key}={text}"),
        _ => format!("{key}={}", value.to_line()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn tree(value: &serde_json::Value) -> Tree {
        Tree::parse(value.to_string().as_bytes()).unwrap_or(Tree::Null)
    }

    fn only(line: &str) -> Vec<Word> {
        words(line).map(|words| words.into_iter().map(|placed| placed.word).collect()).unwrap_or_default()
    }

    fn text(text: &str) -> Word {
        Word::Text(text.to_owned())
    }

    #[test]
    fn lines_are_taken_apart() {
        assert_eq!(
            only("queue orders x-message-ttl=5000"),
            [text("queue"), text("orders"), Word::Setting("x-message-ttl".to_owned(), tree(&json!(5000)))]
        );
        assert_eq!(
            only("bind nature -> birds_only *.bird"),
            [text("bind"), text("nature"), Word::Arrow, text("birds_only"), text("*.bird")]
        );
        assert_eq!(
            only(r#" "my queue"  a={"b": [1, 2]} "" c="5" d=5x"#),
            [
                text("my queue"),
                Word::Setting("a".to_owned(), tree(&json!({"b": [1, 2]}))),
                text(""),
                Word::Setting("c".to_owned(), tree(&json!("5"))),
                Word::Setting("d".to_owned(), tree(&json!("5x"))),
            ]
        );
        assert_eq!(only("  "), []);
    }

    #[test]
    fn places_are_told() {
        let placed = words("é  a=1").unwrap_or_default();
        let places: Vec<_> = placed.iter().map(|word| (word.start, word.end)).collect();
        assert_eq!(places, [(0, 2), (4, 7)]);
        for (line, at) in [("a \"b", 2), ("a =5", 2), ("a b={1", 4), (r#"a "\q""#, 2)] {
            assert_eq!(words(line).err().map(|mistake| mistake.at), Some(at), "{line}");
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        for name in
            ["a", "", "a b", "->", "<-", ";", "\"", "a=b", "é\n", "{", "recommendation.watch.*", "a\"b", "\u{7f}"]
        {
            assert_eq!(only(&quoted(name)), [text(name)], "{name:?}");
            let value = tree(&json!(name));
            let key = format!("{name}.");
            assert_eq!(only(&setting(&key, &value)), [Word::Setting(key, value)], "{name:?}");
        }
        for value in
            [json!(5), json!("5"), json!(true), json!("true"), json!(null), json!([1, "a b"]), json!({"a": {}})]
        {
            let value = tree(&value);
            assert_eq!(only(&setting("k", &value)), [Word::Setting("k".to_owned(), value.clone())], "{value:?}");
        }
    }
}
