//! Patterns as RabbitMQ takes them: PCRE, searched for anywhere in a name.
//!
//! A pattern is read once by rules of PCRE2, which finds the errors in its words and at its offsets, and is written
//! anew for the matcher at hand. What that matcher cannot do (lookaround, back references, recursion) is refused
//! as unsupported, never matched otherwise than RabbitMQ would.
//!
//! Source of the rules: pcre2pattern(3); of its use: `rabbit_common/src/rabbit_re.erl`.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

mod reader;

/// Why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatternError {
    /// PCRE refuses it.
    Invalid {
        /// In PCRE's words.
        message: &'static str,
        /// Where it noticed, in bytes.
        offset: usize,
    },
    /// PCRE takes it, the matcher here does not.
    Unsupported(String),
}

/// A compiled pattern. Two are equal if their texts are; saved, it is its text.
#[derive(Clone)]
pub struct Pattern {
    text: String,
    regex: regex_lite::Regex,
}

impl Pattern {
    /// Compiles a pattern.
    pub fn new(text: &str) -> Result<Pattern, PatternError> {
        let translated = reader::translate(text)?;
        let regex =
            regex_lite::Regex::new(&translated).map_err(|error| PatternError::Unsupported(error.to_string()))?;
        Ok(Pattern { text: text.into(), regex })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is found anywhere in the name.
    pub fn is_match(&self, name: &str) -> bool {
        self.regex.is_match(name)
    }
}

/// Whether a permission's pattern allows a name. The empty pattern allows only the empty name; one that is no
/// pattern allows nothing. The default exchange is asked for by the name `amq.default`.
/// Source: `rabbit_auth_backend_internal.erl check_resource_access/4`.
pub fn permits(pattern: &str, name: &str) -> bool {
    match pattern {
        "" => name.is_empty(),
        ".*" => true,
        pattern => Pattern::new(pattern).is_ok_and(|pattern| pattern.is_match(name)),
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PatternError::Invalid { message, offset } => write!(f, "{message} at offset {offset}"),
            PatternError::Unsupported(what) => write!(f, "not supported: {what}"),
        }
    }
}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Pattern::new(&text).map_err(|error| de::Error::custom(format_args!("pattern {text:?}: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_pcres() {
        let cases = [
            ("(", "missing closing parenthesis", 1),
            ("a)", "unmatched closing parenthesis", 1),
            ("[", "missing terminating ] for character class", 1),
            ("[]", "missing terminating ] for character class", 2),
            ("*", "quantifier does not follow a repeatable item", 0),
            ("a**", "quantifier does not follow a repeatable item", 2),
            ("^*", "quantifier does not follow a repeatable item", 1),
            ("a{2}{3}", "quantifier does not follow a repeatable item", 6),
            ("(|*)", "quantifier does not follow a repeatable item", 2),
            ("a+++", "quantifier does not follow a repeatable item", 3),
            ("a{3,2}", "numbers out of order in {} quantifier", 5),
            ("a{70000}", "number too big in {} quantifier", 7),
            ("\\", "\\ at end of pattern", 1),
            ("[z-a]", "range out of order in character class", 3),
            ("(?", "missing closing parenthesis", 2),
            ("(?z)", "unrecognized character after (? or (?-", 2),
            ("(?<n", "syntax error in subpattern name (missing terminator?)", 4),
            ("(?#", "missing ) after (?# comment", 3),
            ("[[:foo:]]", "unknown POSIX class name", 3),
            ("[:alpha:]", "POSIX named classes are supported only within a class", 0),
            ("\\1", "reference to non-existent subpattern", 1),
            ("\\i", "unrecognized character follows \\", 1),
            ("[a-\\d]", "invalid range in character class", 5),
            ("[\\d-z]", "invalid range in character class", 3),
            ("\\c", "\\c at end of pattern", 2),
            ("[\\B]", "escape sequence is invalid in character class", 2),
            ("(?<1a>x)", "subpattern name must start with a non-digit", 3),
            ("(?'", "subpattern name expected", 3),
        ];
        for (text, message, offset) in cases {
            assert_eq!(Pattern::new(text).err(), Some(PatternError::Invalid { message, offset }), "{text}");
        }
    }

    #[test]
    fn what_pcre_takes_is_searched_for() {
        let cases = [
            ("", "x", true),
            ("^q$", "q", true),
            ("^q$", "qq", false),
            ("q", "aqb", true),
            ("^amq\\.", "amq.gen", true),
            ("^amq\\.", "amqx", false),
            ("a{", "a{", true),
            ("a{,2", "a{,2", true),
            ("x]", "x]", true),
            ("[]a]", "]", true),
            ("[a\\-z]", "-", true),
            ("\\_\\-", "_-", true),
            ("^\\Qa.b\\E$", "a.b", true),
            ("^\\Qa.b\\E$", "axb", false),
            ("^(payments|retry)$", "retry", true),
            ("[[:digit:]]+", "a1", true),
            ("[a-z&&b]", "&", true),
            ("[^.]+", "a", true),
            ("^\\d{2}$", "12", true),
            ("(?i)ABC", "abc", true),
            ("é", "é", true),
            ("a\\/b", "a/b", true),
            ("^[[]$", "[", true),
            ("^\\x41$", "A", true),
        ];
        for (text, name, found) in cases {
            assert_eq!(Pattern::new(text).map(|p| p.is_match(name)), Ok(found), "{text} {name}");
        }
        for text in ["(?=a)", "(a)\\1", "(?>a)", "(?!^x)"] {
            assert!(matches!(Pattern::new(text), Err(PatternError::Unsupported(_))), "{text}");
        }
    }

    #[test]
    fn an_empty_permission_permits_nothing() {
        for (pattern, name, allowed) in
            [("", "q", false), ("", "", true), (".*", "q", true), ("^a", "ab", true), ("(", "(", false)]
        {
            assert_eq!(permits(pattern, name), allowed);
        }
    }
}
