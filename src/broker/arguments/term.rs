//! Erlang terms as RabbitMQ prints them in its texts: `{value_negative,-1}`, `<<"all">>`, `[1,2]`.
//!
//! The layout is that of Erlang's `~p` and `~tp`: a term that does not fit on its line is broken and indented.
//! Source of the rules: `stdlib/src/io_lib_pretty.erl`, `io_lib_format.erl`, `io_lib.erl` of Erlang/OTP 28.

use crate::broker::table::Value;

/// An Erlang term, as far as AMQP values, JSON and error reasons need it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Term {
    /// An atom that needs no quotes.
    Atom(&'static str),
    /// An integer of any size that occurs.
    Int(i128),
    /// A float.
    Float(f64),
    /// A list of characters.
    Chars(String),
    /// A binary.
    Binary(Vec<u8>),
    /// A tuple.
    Tuple(Vec<Term>),
    /// A list.
    List(Vec<Term>),
    /// A map, in the order of its keys.
    Map(Vec<(Term, Term)>),
}

/// `~tp` takes texts for Unicode, `~p` for Latin-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// `~p`
    Latin1,
    /// `~tp`
    Unicode,
}

impl Term {
    /// A field value as the broker holds it, without its type.
    /// Source: `rabbit_common/src/rabbit_binary_parser.erl`.
    pub(crate) fn of_value(value: &Value) -> Term {
        match value {
            Value::Void => Term::Atom("undefined"),
            Value::Bool(b) => Term::Atom(if *b { "true" } else { "false" }),
            Value::F32(x) => Term::Float((*x).into()),
            Value::F64(x) => Term::Float(*x),
            Value::Decimal { scale, value } => {
                Term::Tuple(vec![Term::Int((*scale).into()), Term::Int((*value).into())])
            }
            Value::String(text) => Term::Binary(text.as_bytes().to_vec()),
            Value::Bytes(bytes) => Term::Binary(bytes.to_vec()),
            Value::Timestamp(s) => Term::Int((*s).into()),
            Value::Array(items) => Term::List(items.iter().map(Term::typed).collect()),
            Value::Table(table) => Term::List(
                table
                    .iter()
                    .map(|(key, value)| {
                        let key = Term::Binary(key.as_bytes().to_vec());
                        Term::Tuple(vec![key, Term::Atom(value.type_name()), Term::of_value(value)])
                    })
                    .collect(),
            ),
            int => Term::Int(int.as_int().unwrap_or_default().into()),
        }
    }

    /// A field value with its type: `{longstr,<<"x">>}`.
    pub(crate) fn typed(value: &Value) -> Term {
        Term::Tuple(vec![Term::Atom(value.type_name()), Term::of_value(value)])
    }

    /// A value that arrived as JSON over HTTP.
    pub(crate) fn of_json(value: &Value) -> Term {
        match value {
            Value::Void => Term::Atom("null"),
            Value::Array(items) => Term::List(items.iter().map(Term::of_json).collect()),
            Value::Table(table) => {
                Term::Map(table.iter().map(|(k, v)| (Term::Binary(k.as_bytes().to_vec()), Term::of_json(v))).collect())
            }
            other => Term::of_value(other),
        }
    }

    /// The term as it stands after `column - 1` characters of a line of `width`.
    pub(crate) fn print(&self, column: usize, width: usize, encoding: Encoding) -> String {
        let node = Node::new(self, encoding);
        let mut printer = Printer { width: int(width), most: node.length, tag_indent: 1 };
        let column = int(column.max(1));
        if node.length < printer.width - column || matches!(node.shape, Shape::Atomic(_)) {
            return node.flat();
        }
        for indent in [-1, 4] {
            printer.tag_indent = indent;
            if printer.fits(&node, column, 0, 0).is_some() {
                return printer.broken(&node, column, column - 1, 0, 0);
            }
        }
        printer.tag_indent = 1;
        printer.broken(&node, column, column - 1, 0, 0)
    }
}

/// The text before `term`, then the term as `~tp` prints it there, then the text after it.
pub(crate) fn format_tp(before: &str, term: &Term, after: &str) -> String {
    let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
    format!("{before}{}{after}", term.print(column, 80, Encoding::Unicode))
}

fn int(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// What is left to lay out: texts that are never broken, and what holds them.
enum Shape {
    Atomic(String),
    /// A binary that is no text, as `<<1,2,3>>`.
    Bytes(Vec<u8>),
    List(Vec<Node>),
    /// `true` if the first element is an atom that others follow.
    Tuple(bool, Vec<Node>),
    Map(Vec<Pair>),
}

struct Node {
    shape: Shape,
    /// Characters on one line.
    length: i64,
}

struct Pair {
    key: Node,
    value: Node,
    length: i64,
}

impl Pair {
    fn is_atomic(&self) -> bool {
        self.key.is_atomic() && self.value.is_atomic()
    }

    fn flat(&self) -> String {
        format!("{} => {}", self.key.flat(), self.value.flat())
    }
}

impl Node {
    fn atomic(text: String) -> Node {
        Node { length: int(text.chars().count()), shape: Shape::Atomic(text) }
    }

    fn new(term: &Term, encoding: Encoding) -> Node {
        let nodes = |terms: &[Term]| terms.iter().map(|t| Node::new(t, encoding)).collect::<Vec<_>>();
        let sum = |nodes: &[Node]| nodes.iter().map(|n| n.length + 1).sum::<i64>() + 1;
        match term {
            Term::Atom(name) => Node::atomic((*name).to_string()),
            Term::Int(n) => Node::atomic(n.to_string()),
            Term::Float(x) => Node::atomic(float_text(*x)),
            Term::Chars(text) => characters(text, encoding),
            Term::Binary(bytes) => binary(bytes, encoding),
            Term::List(items) if items.is_empty() => Node::atomic("[]".into()),
            Term::List(items) => {
                if let Some(text) = as_characters(items, encoding) {
                    return Node::atomic(quoted(&text));
                }
                let items = nodes(items);
                Node { length: sum(&items), shape: Shape::List(items) }
            }
            Term::Tuple(items) => {
                let tagged = items.len() > 1 && matches!(items.first(), Some(Term::Atom(_)));
                let items = nodes(items);
                Node { length: sum(&items), shape: Shape::Tuple(tagged, items) }
            }
            Term::Map(pairs) if pairs.is_empty() => Node::atomic("#{}".into()),
            Term::Map(pairs) => {
                let pairs: Vec<_> = pairs
                    .iter()
                    .map(|(key, value)| {
                        let (key, value) = (Node::new(key, encoding), Node::new(value, encoding));
                        Pair { length: key.length + 4 + value.length, key, value }
                    })
                    .collect();
                Node { length: pairs.iter().map(|p| p.length + 1).sum::<i64>() + 2, shape: Shape::Map(pairs) }
            }
        }
    }

    fn is_atomic(&self) -> bool {
        matches!(self.shape, Shape::Atomic(_))
    }

    fn flat(&self) -> String {
        let join = |nodes: &[Node]| nodes.iter().map(Node::flat).collect::<Vec<_>>().join(",");
        match &self.shape {
            Shape::Atomic(text) => text.clone(),
            Shape::Bytes(bytes) => format!("<<{}>>", numbers(bytes).join(",")),
            Shape::List(items) => format!("[{}]", join(items)),
            Shape::Tuple(_, items) => format!("{{{}}}", join(items)),
            Shape::Map(pairs) => format!("#{{{}}}", pairs.iter().map(Pair::flat).collect::<Vec<_>>().join(",")),
        }
    }
}

fn numbers(bytes: &[u8]) -> Vec<String> {
    bytes.iter().map(u8::to_string).collect()
}

fn characters(text: &str, encoding: Encoding) -> Node {
    if text.is_empty() {
        return Node::atomic("[]".into());
    }
    if text.chars().all(|c| is_printable(c, encoding)) {
        return Node::atomic(quoted(text));
    }
    let items: Vec<_> = text.chars().map(|c| Node::atomic(u32::from(c).to_string())).collect();
    Node { length: items.iter().map(|n| n.length + 1).sum::<i64>() + 1, shape: Shape::List(items) }
}

/// A list of numbers that are all printable is a string to Erlang.
fn as_characters(items: &[Term], encoding: Encoding) -> Option<String> {
    let character = |item: &Term| match item {
        Term::Int(n) => u32::try_from(*n).ok().and_then(char::from_u32).filter(|c| is_printable(*c, encoding)),
        _ => None,
    };
    items.iter().map(character).collect()
}

fn binary(bytes: &[u8], encoding: Encoding) -> Node {
    if bytes.is_empty() {
        return Node::atomic("<<>>".into());
    }
    if let (Encoding::Unicode, Ok(text)) = (encoding, std::str::from_utf8(bytes)) {
        if text.chars().all(|c| is_printable(c, Encoding::Unicode)) {
            let mark = if text.is_ascii() { "" } else { "/utf8" };
            return Node::atomic(format!("<<{}{mark}>>", quoted(text)));
        }
    } else {
        let text: String = bytes.iter().copied().map(char::from).collect();
        if text.chars().all(|c| is_printable(c, Encoding::Latin1)) {
            return Node::atomic(format!("<<{}>>", quoted(&text)));
        }
    }
    let digits = numbers(bytes).iter().map(|n| int(n.len()) + 1).sum::<i64>();
    Node { length: digits + 3, shape: Shape::Bytes(bytes.to_vec()) }
}

fn is_printable(c: char, encoding: Encoding) -> bool {
    match u32::from(c) {
        8..=13 | 27 | 32..=126 | 0xA0..=0xFF => true,
        0xFFFE | 0xFFFF => false,
        code => code > 0xFF && encoding == Encoding::Unicode,
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\u{1b}' => out.push_str("\\e"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The shortest digits that give the same float, plain or with an exponent, whichever is shorter.
fn float_text(x: f64) -> String {
    let scientific = format!("{:e}", x.abs());
    let (Some((mantissa, exponent)), true) = (scientific.split_once('e'), x.is_finite()) else {
        return x.to_string();
    };
    let sign = if x.is_sign_negative() { "-" } else { "" };
    let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
    let exponent = exponent.parse::<i64>().unwrap_or_default();
    let (place, count) = (exponent + 1, int(digits.len()));
    if digits == "0" {
        return format!("{sign}0.0");
    }
    if place == 0 {
        return format!("{sign}0.{digits}");
    }
    let whole = usize::try_from(place).unwrap_or_default();
    if place > 0 && place < count {
        return format!("{sign}{}.{}", &digits[..whole], &digits[whole..]);
    }
    let cost = int(exponent.to_string().len()) + 1 + if count == 1 { 2 } else { 1 };
    if place < 0 && 2 - place <= cost {
        return format!("{sign}0.{}{digits}", "0".repeat(usize::try_from(-place).unwrap_or_default()));
    }
    if place > 0 && place - count + 2 <= cost {
        return format!("{sign}{digits}{}.0", "0".repeat(whole - digits.len()));
    }
    let rest = if count == 1 { "0" } else { &digits[1..] };
    format!("{sign}{}.{rest}e{exponent}", &digits[..1])
}

/// Breaks what is too long. Columns count from 1; `closing` is the number of brackets that will follow.
struct Printer {
    width: i64,
    most: i64,
    /// Indentation after a tuple's tag: 4 or 1, or -1 to stand right after it.
    tag_indent: i64,
}

/// How many brackets close right after an element, given those that follow it.
fn closing_after<T>(rest: &[T], closing: i64) -> i64 {
    if rest.is_empty() { closing + 1 } else { 0 }
}

fn spaces(count: i64) -> String {
    " ".repeat(usize::try_from(count).unwrap_or_default())
}

impl Printer {
    fn has_room(&self, length: i64, column: i64, closing: i64, used: i64) -> bool {
        length < self.width - column - closing && length + used + closing <= self.most
    }

    /// Whether the next element goes on the same line as those before it.
    fn stays(&self, length: i64, atomic: bool, last: bool, column: i64, closing: i64, used: i64) -> bool {
        let with_comma = length + 1;
        let closing = if last { closing } else { 1 };
        let fits = if last { with_comma < self.width - column - closing } else { with_comma + 1 < self.width - column };
        fits && used + with_comma + closing <= self.most && atomic
    }

    fn broken(&self, node: &Node, column: i64, indent: i64, closing: i64, used: i64) -> String {
        if self.has_room(node.length, column, closing, used) {
            return node.flat();
        }
        match &node.shape {
            Shape::Atomic(text) => text.clone(),
            Shape::Bytes(bytes) => self.bytes(bytes, column + 2, indent + 2, closing, used),
            Shape::List(items) => {
                format!("[{}]", self.items(items, column + 1, indent + 1, closing, used + 1))
            }
            Shape::Tuple(true, items) => format!("{{{}}}", self.tagged(items, column, indent, closing, used + 1)),
            Shape::Tuple(false, items) => {
                format!("{{{}}}", self.items(items, column + 1, indent + 1, closing, used + 1))
            }
            Shape::Map(pairs) => format!("#{{{}}}", self.pairs(pairs, column + 2, indent + 2, closing, used + 1)),
        }
    }

    fn tagged(&self, items: &[Node], column: i64, indent: i64, closing: i64, used: i64) -> String {
        let Some((tag, rest)) = items.split_first() else { return String::new() };
        let after_tag = tag.length + 2;
        let mut out = tag.flat();
        if self.tag_indent > 0 && after_tag > self.tag_indent {
            let start = column + self.tag_indent;
            let indent = indent + self.tag_indent;
            self.tail(&mut out, rest, start, column + after_tag, indent, closing, used + tag.length);
        } else {
            out.push(',');
            out += &self.items(rest, column + after_tag, indent + after_tag, closing, used + tag.length + 1);
        }
        out
    }

    fn items(&self, items: &[Node], column: i64, indent: i64, closing: i64, used: i64) -> String {
        let Some((first, rest)) = items.split_first() else { return String::new() };
        let (mut out, width) = self.element(first, column, indent, closing_after(rest, closing), used);
        self.tail(&mut out, rest, column, column + width, indent, closing, used + width);
        out
    }

    #[allow(clippy::too_many_arguments)]
    fn tail(&self, out: &mut String, items: &[Node], start: i64, column: i64, indent: i64, closing: i64, used: i64) {
        let (mut column, mut used) = (column, used);
        for (i, item) in items.iter().enumerate() {
            let after = closing_after(&items[i + 1..], closing);
            out.push(',');
            if self.stays(item.length, item.is_atomic(), after > 0, column, after, used) {
                *out += &item.flat();
                (column, used) = (column + item.length + 1, used + item.length + 1);
            } else {
                let (text, width) = self.element(item, start, indent, after, 0);
                out.push('\n');
                *out += &spaces(indent);
                *out += &text;
                (column, used) = (start + width, width);
            }
        }
    }

    fn element(&self, item: &Node, column: i64, indent: i64, closing: i64, used: i64) -> (String, i64) {
        if self.has_room(item.length, column, closing, used) && item.is_atomic() {
            return (item.flat(), item.length);
        }
        (self.broken(item, column, indent, closing, used), self.width)
    }

    fn pairs(&self, pairs: &[Pair], start: i64, indent: i64, closing: i64, used: i64) -> String {
        let Some((first, rest)) = pairs.split_first() else { return String::new() };
        let (mut out, width) = self.pair(first, start, indent, closing_after(rest, closing), used);
        let (mut column, mut used) = (start + width, width);
        for (i, pair) in rest.iter().enumerate() {
            let after = closing_after(&rest[i + 1..], closing);
            out.push(',');
            if self.stays(pair.length, pair.is_atomic(), after > 0, column, after, used) {
                out += &pair.flat();
                (column, used) = (column + pair.length + 1, used + pair.length + 1);
            } else {
                let (text, width) = self.pair(pair, start, indent, after, 0);
                out.push('\n');
                out += &spaces(indent);
                out += &text;
                (column, used) = (start + width, width);
            }
        }
        out
    }

    fn pair(&self, pair: &Pair, column: i64, indent: i64, closing: i64, used: i64) -> (String, i64) {
        if self.has_room(pair.length, column, closing, used) {
            return (pair.flat(), if pair.is_atomic() { pair.length } else { self.width });
        }
        let more = self.value_indent();
        let key = self.broken(&pair.key, column, indent, closing, used);
        let value = self.broken(&pair.value, column + more, indent + more, closing, 0);
        (format!("{key} =>\n{}{value}", spaces(indent + more)), self.width)
    }

    fn value_indent(&self) -> i64 {
        if self.tag_indent > 0 { self.tag_indent } else { 4 }
    }

    fn bytes(&self, bytes: &[u8], column: i64, indent: i64, closing: i64, used: i64) -> String {
        let room = 8.max((self.width - column).min(self.most - 4 - used) - closing);
        let (mut out, mut left) = (String::from("<<"), room);
        let texts = numbers(bytes);
        for (i, text) in texts.iter().enumerate() {
            let last = i + 1 == texts.len();
            let length = int(text.len()) + i64::from(!last);
            if left < length {
                out.push('\n');
                out += &spaces(indent);
                left = room;
            }
            left -= length;
            out += text;
            if !last {
                out.push(',');
            }
        }
        out.push_str(">>");
        out
    }
}

/// Whether the tag indentation that is being tried leaves enough room everywhere.
impl Printer {
    fn fits(&self, node: &Node, column: i64, closing: i64, used: i64) -> Option<()> {
        if self.has_room(node.length, column, closing, used) {
            return Some(());
        }
        match &node.shape {
            Shape::Atomic(_) | Shape::Bytes(_) => Some(()),
            Shape::List(items) | Shape::Tuple(false, items) => self.items_fit(items, column + 1, closing, used + 1),
            Shape::Tuple(true, items) => self.tagged_fits(items, column, closing, used + 1),
            Shape::Map(pairs) => self.pairs_fit(pairs, column + 2, closing, used + 2),
        }
    }

    fn tagged_fits(&self, items: &[Node], column: i64, closing: i64, used: i64) -> Option<()> {
        let (tag, rest) = items.split_first()?;
        let after_tag = tag.length + 2;
        if self.tag_indent > 0 && after_tag > self.tag_indent {
            let start = column + self.tag_indent;
            if self.most + start <= self.width || start <= self.width / 2 {
                return self.tail_fits(rest, start, column + after_tag, closing, used + tag.length);
            }
            return None;
        }
        let start = column + after_tag;
        if self.most + start < self.width || start < self.width / 2 {
            return self.items_fit(rest, start, closing, used + tag.length + 1);
        }
        None
    }

    fn items_fit(&self, items: &[Node], column: i64, closing: i64, used: i64) -> Option<()> {
        let Some((first, rest)) = items.split_first() else { return Some(()) };
        let width = self.element_fits(first, column, closing_after(rest, closing), used)?;
        self.tail_fits(rest, column, column + width, closing, used + width)
    }

    fn tail_fits(&self, items: &[Node], start: i64, column: i64, closing: i64, used: i64) -> Option<()> {
        let (mut column, mut used) = (column, used);
        for (i, item) in items.iter().enumerate() {
            let after = closing_after(&items[i + 1..], closing);
            if self.stays(item.length, item.is_atomic(), after > 0, column, after, used) {
                (column, used) = (column + item.length + 1, used + item.length + 1);
            } else {
                let width = self.element_fits(item, start, after, 0)?;
                (column, used) = (start + width, width);
            }
        }
        Some(())
    }

    fn element_fits(&self, item: &Node, column: i64, closing: i64, used: i64) -> Option<i64> {
        if self.has_room(item.length, column, closing, used) && item.is_atomic() {
            return Some(item.length);
        }
        self.fits(item, column, closing, used)?;
        Some(self.width)
    }

    fn pairs_fit(&self, pairs: &[Pair], start: i64, closing: i64, used: i64) -> Option<()> {
        let (mut column, mut used) = (start, used);
        for (i, pair) in pairs.iter().enumerate() {
            let after = closing_after(&pairs[i + 1..], closing);
            let stays = i > 0 && self.stays(pair.length, pair.is_atomic(), after > 0, column, after, used);
            if stays {
                (column, used) = (column + pair.length + 1, used + pair.length + 1);
                continue;
            }
            let used_before = if i == 0 { used } else { 0 };
            let width = self.pair_fits(pair, start, after, used_before)?;
            (column, used) = (start + width, width);
        }
        Some(())
    }

    fn pair_fits(&self, pair: &Pair, column: i64, closing: i64, used: i64) -> Option<i64> {
        if self.has_room(pair.length, column, closing, used) {
            return Some(if pair.is_atomic() { pair.length } else { self.width });
        }
        self.fits(&pair.key, column, closing, used)?;
        self.fits(&pair.value, column + self.value_indent(), closing, 0)?;
        Some(self.width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(term: &Term) -> String {
        term.print(1, 80, Encoding::Unicode)
    }

    #[test]
    fn floats_are_as_short_as_erlang_has_them() {
        let cases = [
            (1.5, "1.5"),
            (5.0, "5.0"),
            (100.0, "100.0"),
            (1000.0, "1.0e3"),
            (0.1, "0.1"),
            (0.01, "0.01"),
            (0.001, "0.001"),
            (-2.5, "-2.5"),
            (12345.0, "12345.0"),
            (1.2e20, "1.2e20"),
            (0.0, "0.0"),
        ];
        for (x, text) in cases {
            assert_eq!(float_text(x), text);
        }
    }

    #[test]
    fn binaries_are_texts_if_they_can_be() {
        let cases: [(&[u8], &str, &str); 5] = [
            (b"", "<<>>", "<<>>"),
            (b"all", "<<\"all\">>", "<<\"all\">>"),
            (b"a\"\n", "<<\"a\\\"\\n\">>", "<<\"a\\\"\\n\">>"),
            ("é".as_bytes(), "<<\"é\"/utf8>>", "<<\"Ã©\">>"),
            (&[0, 1], "<<0,1>>", "<<0,1>>"),
        ];
        for (bytes, unicode, latin1) in cases {
            let term = Term::Binary(bytes.to_vec());
            assert_eq!(printed(&term), unicode);
            assert_eq!(term.print(1, 80, Encoding::Latin1), latin1);
        }
    }

    #[test]
    fn what_does_not_fit_is_broken() {
        let term = Term::Tuple(vec![Term::Chars("missing closing parenthesis".into()), Term::Int(1)]);
        let indent = " ".repeat(54);
        assert_eq!(term.print(54, 80, Encoding::Unicode), format!("{{\"missing closing parenthesis\",\n{indent}1}}"));
        assert_eq!(printed(&term), "{\"missing closing parenthesis\",1}");
        let pair = |key: &str| Term::Tuple(vec![Term::Binary(key.into()), Term::Binary("x".repeat(30).into())]);
        let x = "x".repeat(30);
        assert_eq!(
            printed(&Term::List(vec![pair("ha-mode"), pair("ha-params")])),
            format!("[{{<<\"ha-mode\">>,<<\"{x}\">>}},\n {{<<\"ha-params\">>,<<\"{x}\">>}}]")
        );
    }

    #[test]
    fn a_list_of_printable_numbers_is_a_string() {
        assert_eq!(printed(&Term::List(vec![Term::Int(97), Term::Int(98)])), "\"ab\"");
        assert_eq!(printed(&Term::List(vec![Term::Int(1), Term::Int(98)])), "[1,98]");
        assert_eq!(Term::Chars("λ".into()).print(1, 80, Encoding::Latin1), "[955]");
    }
}
