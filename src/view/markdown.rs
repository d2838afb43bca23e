//! Text for Markdown: what is a name stays what it is, whatever signs it has.
//!
//! What always holds: nothing of a name or of words begins a heading, a list, a link, a table cell or HTML.

use super::sentence::{Part, Sentence};

/// A name as code. It stays on one line.
pub fn code(name: &str) -> String {
    let line: String = name.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect();
    let longest = line.split(|sign| sign != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if line.starts_with('`') || line.ends_with('`') || line.trim().is_empty() { " " } else { "" };
    format!("{fence}{pad}{line}{pad}{fence}")
}

/// Words, so that no sign of them means anything.
pub fn text(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for sign in words.chars() {
        if matches!(sign, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' | '$') {
            out.push('\\');
        }
        out.push(if sign.is_control() { ' ' } else { sign });
    }
    out
}

/// A sentence, names as code.
pub fn sentence(sentence: &Sentence) -> String {
    let part = |part: &Part| match part {
        Part::Words(words) => text(words),
        Part::Name(name) => code(name),
    };
    sentence.parts().iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_what_they_are() {
        assert_eq!(code("animal.cat"), "`animal.cat`");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code("two\nlines"), "`two lines`");
        assert_eq!(code(" "), "`   `");
    }

    #[test]
    fn words_mean_nothing() {
        assert_eq!(text("# a *b* <i> | [x] $y$"), "\\# a \\*b\\* \\<i\\> \\| \\[x\\] \\$y\\$");
    }
}
