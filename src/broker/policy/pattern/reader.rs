//! Reads a PCRE pattern: finds its errors, and writes it in the syntax of `regex-lite`.
//!
//! Reading never stops at something that is merely unsupported, so an error further on is still found first.

use super::PatternError;

type Read<T> = Result<T, PatternError>;

/// The longest name of a group, in bytes, and the largest number in a quantifier.
const MAX_NAME_BYTES: usize = 128;
const MAX_COUNT: u32 = 65_535;

const POSIX_CLASSES: [&str; 14] = [
    "alpha", "lower", "upper", "alnum", "ascii", "blank", "cntrl", "digit", "graph", "print", "punct", "space", "word",
    "xdigit",
];

/// The pattern for `regex-lite`.
pub(super) fn translate(pattern: &str) -> Read<String> {
    let mut reader = Reader {
        pattern,
        at: 0,
        out: String::new(),
        depth: 0,
        groups: 0,
        names: Vec::new(),
        references: Vec::new(),
        repeatable: false,
        unsupported: None,
    };
    reader.read()?;
    match reader.unsupported {
        Some(what) => Err(PatternError::Unsupported(what.into())),
        None => Ok(reader.out),
    }
}

struct Reader<'a> {
    pattern: &'a str,
    /// Bytes read.
    at: usize,
    out: String,
    /// Open parentheses.
    depth: usize,
    /// Capturing groups so far.
    groups: u32,
    names: Vec<&'a str>,
    /// Numbers of groups referred to, and where.
    references: Vec<(u32, usize)>,
    /// Whether a quantifier may follow.
    repeatable: bool,
    unsupported: Option<&'static str>,
}

/// One member of a character class.
enum Member {
    Char(char),
    /// A set such as `\d`, with its translation.
    Set(&'static str),
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.pattern[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn take(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        self.at += if found { text.len() } else { 0 };
        found
    }

    fn fail<T>(&self, message: &'static str, offset: usize) -> Read<T> {
        Err(PatternError::Invalid { message, offset })
    }

    fn lacks(&mut self, what: &'static str) {
        self.unsupported.get_or_insert(what);
    }

    fn literal(&mut self, c: char) {
        push_literal(&mut self.out, c);
        self.repeatable = true;
    }

    fn read(&mut self) -> Read<()> {
        while let Some(c) = self.peek() {
            let start = self.at;
            self.at += c.len_utf8();
            match c {
                '\\' => self.escape(start)?,
                '[' => self.class(start)?,
                '(' => self.open()?,
                ')' if self.depth == 0 => return self.fail("unmatched closing parenthesis", start),
                ')' => {
                    self.depth -= 1;
                    self.item(")", true);
                }
                '|' => self.item("|", false),
                '^' => self.item("^", false),
                '$' => self.item("$", false),
                '.' => self.item(".", true),
                '*' | '+' | '?' => self.quantifier(c.to_string(), start)?,
                '{' => match self.counts()? {
                    Some(text) => self.quantifier(text, self.at - 1)?,
                    None => self.literal('{'),
                },
                c => self.literal(c),
            }
        }
        if self.depth > 0 {
            return self.fail("missing closing parenthesis", self.at);
        }
        match self.references.iter().find(|(number, _)| *number > self.groups) {
            Some((_, offset)) => self.fail("reference to non-existent subpattern", *offset),
            None => Ok(()),
        }
    }

    fn item(&mut self, text: &str, repeatable: bool) {
        self.out.push_str(text);
        self.repeatable = repeatable;
    }

    /// After a quantifier's text; a `?` or `+` may follow it.
    fn quantifier(&mut self, text: String, offset: usize) -> Read<()> {
        if !self.repeatable {
            return self.fail("quantifier does not follow a repeatable item", offset);
        }
        self.out.push_str(&text);
        if self.take("?") {
            self.out.push('?');
        } else if self.take("+") {
            self.lacks("possessive quantifiers");
        }
        self.repeatable = false;
        Ok(())
    }

    /// After `{`: the quantifier if it is one.
    fn counts(&mut self) -> Read<Option<String>> {
        let Some(end) = self.rest().find('}') else { return Ok(None) };
        let inner = &self.rest()[..end];
        let (low, high) = inner.split_once(',').map_or((inner, None), |(low, high)| (low, Some(high)));
        let (low, high) = (low.trim_matches(' '), high.map(|text| text.trim_matches(' ')));
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let is_empty = low.is_empty() && high.is_none_or(str::is_empty);
        if is_empty || !digits(low) || !high.is_none_or(digits) {
            return Ok(None);
        }
        let mut read = [0, MAX_COUNT];
        let mut from = self.at;
        for (count, text) in read.iter_mut().zip([Some(low), high]) {
            let Some(text) = text.filter(|text| !text.is_empty()) else { continue };
            from += self.pattern[from..].find(text).unwrap_or_default() + text.len();
            *count = text
                .parse::<u32>()
                .ok()
                .filter(|n| *n <= MAX_COUNT)
                .map_or_else(|| self.fail("number too big in {} quantifier", from), Ok)?;
        }
        if read[1] < read[0] {
            return self.fail("numbers out of order in {} quantifier", self.at + end);
        }
        self.at += end + 1;
        let low = read[0];
        Ok(Some(match high {
            None => format!("{{{low}}}"),
            Some("") => format!("{{{low},}}"),
            Some(_) => format!("{{{low},{}}}", read[1]),
        }))
    }

    /// After `(`.
    fn open(&mut self) -> Read<()> {
        self.depth += 1;
        self.repeatable = false;
        if self.rest().starts_with('*') && !self.rest().starts_with("*)") && self.rest().len() > 1 {
            return self.verb();
        }
        if !self.take("?") {
            self.groups += 1;
            self.out.push('(');
            return Ok(());
        }
        let start = self.at;
        for (text, what) in [
            ("=", "lookahead"),
            ("!", "lookahead"),
            ("<=", "lookbehind"),
            ("<!", "lookbehind"),
            (">", "atomic groups"),
            ("|", "branch reset groups"),
            ("P=", "back references"),
            ("P>", "recursion"),
            ("&", "recursion"),
            ("R", "recursion"),
            ("+", "recursion"),
            ("C", "callouts"),
            ("(", "conditional groups"),
        ] {
            if self.take(text) {
                self.lacks(what);
                self.out.push_str("(?:");
                // The condition's own parenthesis.
                self.depth += usize::from(text == "(");
                return Ok(());
            }
        }
        if self.take("#") {
            return self.comment();
        }
        for (text, end) in [("P<", '>'), ("<", '>'), ("'", '\'')] {
            if self.take(text) {
                self.groups += 1;
                self.out.push('(');
                return self.name(end);
            }
        }
        if self.take("P") {
            return match self.peek() {
                None => self.fail("missing closing parenthesis", self.at),
                Some(c) => self.fail("unrecognized character after (?P", self.at + c.len_utf8() - 1),
            };
        }
        if self.peek().is_some_and(|c| c.is_ascii_digit()) {
            let number = self.number();
            self.references.push((number, self.at));
            self.lacks("recursion");
            self.out.push_str("(?:");
            return Ok(());
        }
        self.flags(start)
    }

    /// At the `*` of `(*`.
    fn verb(&mut self) -> Read<()> {
        const VERBS: [&str; 8] = ["ACCEPT", "COMMIT", "F", "FAIL", "MARK", "PRUNE", "SKIP", "THEN"];
        self.at += 1;
        let rest = self.rest();
        let is_assertion = rest.starts_with(|c: char| c.is_ascii_lowercase());
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let known = VERBS.contains(&&rest[..length]) || rest.starts_with(':') || (is_assertion && length > 2);
        self.at += length;
        if !known || !self.rest().starts_with([')', ':']) {
            let message =
                if is_assertion { "(*alpha_assertion) not recognized" } else { "(*VERB) not recognized or malformed" };
            return self.fail(message, self.at);
        }
        self.lacks("(*VERB)");
        if self.take(")") {
            self.depth -= 1;
        } else {
            self.at += 1;
            self.out.push_str("(?:");
        }
        Ok(())
    }

    fn comment(&mut self) -> Read<()> {
        self.depth -= 1;
        let Some(end) = self.rest().find(')') else {
            return self.fail("missing ) after (?# comment", self.pattern.len());
        };
        self.at += end + 1;
        Ok(())
    }

    fn flags(&mut self, start: usize) -> Read<()> {
        loop {
            match self.next() {
                None => return self.fail("missing closing parenthesis", self.at),
                Some(':') => {
                    self.out.push_str("(?");
                    self.out.push_str(&self.pattern[start..self.at]);
                    return Ok(());
                }
                Some(')') => {
                    self.depth -= 1;
                    if self.at - start > 1 {
                        self.out.push_str("(?");
                        self.out.push_str(&self.pattern[start..self.at]);
                    }
                    return Ok(());
                }
                Some('i' | 'm' | 's' | '-') => {}
                Some('x' | 'n' | 'J' | 'U' | 'a' | '^') => self.lacks("this option"),
                Some(c) => {
                    return self.fail("unrecognized character after (? or (?-", self.at - c.len_utf8());
                }
            }
        }
    }

    /// A group's name, up to `end`.
    fn name(&mut self, end: char) -> Read<()> {
        let start = self.at;
        let rest = self.rest();
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        if rest.starts_with(|c: char| c.is_ascii_digit()) {
            return self.fail("subpattern name must start with a non-digit", start);
        }
        if length == 0 {
            return self.fail("subpattern name expected", start);
        }
        if length > MAX_NAME_BYTES {
            return self.fail("subpattern name is too long (maximum 128 code units)", start + MAX_NAME_BYTES + 1);
        }
        self.at += length;
        if self.peek() != Some(end) {
            return self.fail("syntax error in subpattern name (missing terminator?)", self.at);
        }
        let name = &rest[..length];
        if self.names.contains(&name) {
            return self.fail("two named subpatterns have the same name (PCRE2_DUPNAMES not set)", self.at + 1);
        }
        self.names.push(name);
        self.at += 1;
        Ok(())
    }

    fn number(&mut self) -> u32 {
        let rest = self.rest();
        let length = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        self.at += length;
        rest[..length].parse().unwrap_or(u32::MAX)
    }

    /// After a backslash outside of a class.
    fn escape(&mut self, start: usize) -> Read<()> {
        let Some(c) = self.next() else { return self.fail("\\ at end of pattern", self.at) };
        match c {
            'd' | 'D' | 'w' | 'W' | 's' | 'S' => self.item(&self.pattern[start..self.at], true),
            'b' | 'B' | 'A' | 'z' => self.item(&self.pattern[start..self.at], false),
            'Z' => self.item("$", false),
            'G' | 'K' | 'X' | 'C' => {
                self.lacks("this escape");
                self.repeatable = !matches!(c, 'G' | 'K');
            }
            'R' => self.item("(?:\\r\\n|[\\n\\r\\x0B\\x0C])", true),
            'Q' => {
                let rest = self.rest();
                let (text, read) =
                    rest.split_once("\\E").map_or((rest, rest.len()), |(text, _)| (text, text.len() + 2));
                self.at += read;
                text.chars().for_each(|c| self.literal(c));
            }
            'E' => {}
            '1'..='9' => {
                let offset = self.at - 1;
                self.at -= 1;
                let start = self.at;
                let number = self.number();
                if number >= 10 && c < '8' && number > self.groups {
                    self.at = start;
                    let c = self.long_octal()?;
                    self.literal(c);
                    return Ok(());
                }
                self.references.push((number, offset));
                self.lacks("back references");
                self.repeatable = true;
            }
            'g' | 'k' => {
                if !self.peek().is_some_and(|next| "{<'".contains(next) || (c == 'g' && next.is_ascii_digit())) {
                    let message = if c == 'g' {
                        "\\g is not followed by a braced, angle-bracketed, or quoted name/number or by a plain number"
                    } else {
                        "\\k is not followed by a braced, angle-bracketed, or quoted name"
                    };
                    return self.fail(message, self.at);
                }
                self.lacks("back references");
                self.repeatable = true;
            }
            c => match self.member(c)? {
                Member::Char(c) => self.literal(c),
                Member::Set(text) => self.item(&format!("[{text}]"), true),
            },
        }
        Ok(())
    }

    /// An escape that means the same inside and outside of a class; `c` has been read.
    fn member(&mut self, c: char) -> Read<Member> {
        let c = match c {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'f' => '\u{c}',
            'a' => '\u{7}',
            'e' => '\u{1b}',
            'h' => return Ok(Member::Set("\\t ")),
            'H' => return Ok(Member::Set("^\\t ")),
            'v' => return Ok(Member::Set("\\n\\x0B\\x0C\\r")),
            'V' => return Ok(Member::Set("^\\n\\x0B\\x0C\\r")),
            'N' if !self.rest().starts_with('{') => return Ok(Member::Set("^\\n")),
            'x' => return self.hexadecimal().map(Member::Char),
            '0' => return self.octal().map(Member::Char),
            'c' => match self.next() {
                None => return self.fail("\\c at end of pattern", self.at),
                Some(c) if !(' '..='~').contains(&c) => {
                    return self.fail("\\c must be followed by a printable ASCII character", self.at);
                }
                Some(c) => char::from(c.to_ascii_uppercase() as u8 ^ 0x40),
            },
            'p' | 'P' => {
                match self.next() {
                    Some('{' | 'C' | 'L' | 'M' | 'N' | 'P' | 'S' | 'Z') => self.lacks("Unicode properties"),
                    Some(c) if c.is_ascii_alphabetic() => {
                        return self.fail("unknown property after \\P or \\p", self.at);
                    }
                    _ => return self.fail("malformed \\P or \\p sequence", self.at),
                }
                return Ok(Member::Set("\\w"));
            }
            'o' => {
                if !self.rest().starts_with('{') {
                    return self.fail("missing opening brace after \\o", self.at - 1);
                }
                self.lacks("this escape");
                return Ok(Member::Set("\\w"));
            }
            'L' | 'l' | 'N' | 'U' | 'u' | 'F' => {
                let message = "PCRE2 does not support \\F, \\L, \\l, \\N{name}, \\U, or \\u";
                return self.fail(message, self.at);
            }
            c if c.is_ascii_alphanumeric() => return self.fail("unrecognized character follows \\", self.at - 1),
            c => c,
        };
        Ok(Member::Char(c))
    }

    fn hexadecimal(&mut self) -> Read<char> {
        let rest = self.rest();
        if let Some(inner) = rest.strip_prefix('{') {
            let length = inner.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(inner.len());
            let digits = &inner[..length];
            self.at += 1 + length;
            if digits.is_empty() || !inner[length..].starts_with('}') {
                return self.fail("non-hex character in \\x{} (closing brace missing?)", self.at);
            }
            self.at += 1;
            let code = u32::from_str_radix(digits, 16).unwrap_or(u32::MAX);
            return match u8::try_from(code) {
                Ok(code) => Ok(char::from(code)),
                Err(_) => self.fail("character code point value in \\x{} or \\o{} is too large", self.at - 1),
            };
        }
        let length = rest.bytes().take(2).take_while(u8::is_ascii_hexdigit).count();
        self.at += length;
        Ok(char::from(u8::from_str_radix(&rest[..length], 16).unwrap_or_default()))
    }

    fn octal(&mut self) -> Read<char> {
        let rest = self.rest();
        let length = rest.bytes().take(2).take_while(|b| (b'0'..=b'7').contains(b)).count();
        self.at += length;
        Ok(char::from(u8::from_str_radix(&rest[..length], 8).unwrap_or_default()))
    }

    /// Up to three octal digits that begin with no zero.
    fn long_octal(&mut self) -> Read<char> {
        let length = self.rest().bytes().take(3).take_while(|b| (b'0'..=b'7').contains(b)).count();
        let code = u32::from_str_radix(&self.rest()[..length], 8).unwrap_or_default();
        self.at += length;
        match u8::try_from(code) {
            Ok(code) => Ok(char::from(code)),
            Err(_) => self.fail("octal value is greater than \\377 in 8-bit non-UTF-8 mode", self.at),
        }
    }

    /// After `[`.
    fn class(&mut self, start: usize) -> Read<()> {
        if let Some(mark) = self.posix_mark(self.at) {
            return match mark {
                ':' => self.fail("POSIX named classes are supported only within a class", start),
                _ => self.fail("POSIX collating elements are not supported", start),
            };
        }
        self.out.push('[');
        if self.take("^") {
            self.out.push('^');
        }
        let mut first = true;
        loop {
            let Some(c) = self.next() else {
                return self.fail("missing terminating ] for character class", self.at);
            };
            if c == ']' && !first {
                break;
            }
            first = false;
            if c == '[' && self.posix_mark(self.at).is_some() {
                self.posix_class()?;
                self.no_range_after_set()?;
                continue;
            }
            match self.class_member(c)? {
                Some(Member::Char(c)) => self.range(c)?,
                Some(Member::Set(text)) => {
                    self.set_in_class(text);
                    self.no_range_after_set()?;
                }
                None => {}
            }
        }
        self.item("]", true);
        Ok(())
    }

    fn set_in_class(&mut self, text: &str) {
        if text.starts_with('^') {
            self.lacks("a negated set within a class");
        } else {
            self.out.push_str(text);
        }
    }

    /// The character or set that begins with `c`, inside of a class.
    fn class_member(&mut self, c: char) -> Read<Option<Member>> {
        if c != '\\' {
            return Ok(Some(Member::Char(c)));
        }
        let Some(c) = self.next() else { return self.fail("\\ at end of pattern", self.at) };
        Ok(Some(match c {
            'd' => Member::Set("\\d"),
            'D' => Member::Set("\\D"),
            'w' => Member::Set("\\w"),
            'W' => Member::Set("\\W"),
            's' => Member::Set("\\s"),
            'S' => Member::Set("\\S"),
            'b' => Member::Char('\u{8}'),
            'Q' => {
                let rest = self.rest();
                let (text, read) =
                    rest.split_once("\\E").map_or((rest, rest.len()), |(text, _)| (text, text.len() + 2));
                self.at += read;
                text.chars().for_each(|c| push_literal(&mut self.out, c));
                return Ok(None);
            }
            'E' => return Ok(None),
            'B' | 'R' | 'X' | 'A' | 'z' | 'Z' | 'G' | 'K' | 'C' | 'g' | 'k' => {
                return self.fail("escape sequence is invalid in character class", self.at - 1);
            }
            'N' if !self.rest().starts_with('{') => {
                return self.fail("escape sequence is invalid in character class", self.at - 1);
            }
            '1'..='7' => {
                self.at -= 1;
                Member::Char(self.long_octal()?)
            }
            c => self.member(c)?,
        }))
    }

    /// After a member: a range if `-` and another member follow.
    fn range(&mut self, low: char) -> Read<()> {
        push_literal(&mut self.out, low);
        self.skip_empty_quotes();
        let rest = self.rest();
        if !rest.starts_with('-') || rest.starts_with("-]") || rest.len() == 1 {
            return Ok(());
        }
        let end = rest[1..].chars().next();
        if end == Some('[') && self.posix_mark(self.at + 2).is_some() {
            return self.fail("invalid range in character class", self.at + 2);
        }
        self.at += 1;
        self.skip_empty_quotes();
        let Some(c) = self.next() else { return Ok(()) };
        match self.class_member(c)? {
            Some(Member::Char(high)) if high < low => self.fail("range out of order in character class", self.at - 1),
            Some(Member::Char(high)) => {
                self.out.push('-');
                push_literal(&mut self.out, high);
                Ok(())
            }
            Some(Member::Set(_)) => self.fail("invalid range in character class", self.at),
            None => {
                push_literal(&mut self.out, '-');
                Ok(())
            }
        }
    }

    /// An end of a quotation that never began is nothing.
    fn skip_empty_quotes(&mut self) {
        while self.take("\\E") || self.take("\\Q\\E") {}
    }

    /// A set cannot begin a range; a `-` after it must be the last of the class.
    fn no_range_after_set(&mut self) -> Read<()> {
        self.skip_empty_quotes();
        let rest = self.rest();
        if rest.starts_with('-') && rest.len() > 1 && !rest.starts_with("-]") {
            return self.fail("invalid range in character class", self.at);
        }
        Ok(())
    }

    /// `:`, `.` or `=` if what begins at `at` is closed by the same and a bracket, as in `[:alpha:]`.
    fn posix_mark(&self, at: usize) -> Option<char> {
        let rest = self.pattern.get(at..)?;
        let mark = rest.chars().next().filter(|c| ":.=".contains(*c))?;
        let mut previous = '[';
        for c in rest[1..].chars() {
            match c {
                ']' => return (previous == mark).then_some(mark),
                '\\' | '[' => return None,
                c => previous = c,
            }
        }
        None
    }

    /// After the inner `[` of a named class.
    fn posix_class(&mut self) -> Read<()> {
        if !self.take(":") {
            return self.fail("POSIX collating elements are not supported", self.at - 1);
        }
        let negated = self.take("^");
        let start = self.at;
        let name = self.rest().split(":]").next().unwrap_or_default();
        if !POSIX_CLASSES.contains(&name) {
            return self.fail("unknown POSIX class name", start);
        }
        self.at += name.len() + 2;
        let mark = if negated { "^" } else { "" };
        self.out.push_str(&format!("[:{mark}{name}:]"));
        Ok(())
    }
}

fn push_literal(out: &mut String, c: char) {
    match c {
        '<' | '>' => out.push(c),
        c if c.is_ascii_punctuation() => {
            out.push('\\');
            out.push(c);
        }
        c => out.push(c),
    }
}
