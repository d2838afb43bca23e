//! From a file's parts to its text: fields in a fixed order, usual values left out, a client's role flat beside its
//! own fields, and on one line what fits on one.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::error::FileError;
use super::tree::Tree;
use crate::simulation::{ClientSpec, Deed, Role, Timed};

/// Longest line on which a list or an object stands whole, characters.
const LINE_MAX: usize = 132;
const INDENT: &str = "  ";
/// Fields of a role that are specs themselves: there too what is usual is left out.
const PARTS: [&str; 4] = ["consume", "publish", "request", "answer"];

/// The tree of something that can be serialised.
pub fn tree_of(value: &impl Serialize) -> Result<Tree, FileError> {
    match serde_json::to_vec(value) {
        Ok(bytes) => Tree::parse(&bytes),
        Err(error) => Err(FileError::expected(&"file", &format!("what JSON can hold ({error})"))),
    }
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Tree::Null => serializer.serialize_unit(),
            Tree::Flag(flag) => serializer.serialize_bool(*flag),
            Tree::Count(number) => serializer.serialize_u64(*number),
            Tree::Negative(number) => serializer.serialize_i64(*number),
            Tree::Fraction(number) => serializer.serialize_f64(*number),
            Tree::Text(text) => serializer.serialize_str(text),
            Tree::List(entries) => entries.serialize(serializer),
            Tree::Object(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (name, value) in fields {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

/// A client as a file has it.
pub fn client(spec: &ClientSpec) -> Result<Tree, FileError> {
    let mut usual = flat(tree_of(&ClientSpec::new("", usual_role(&spec.role)))?);
    usual.retain(|(name, _)| name != "name" && name != "role");
    Ok(Tree::Object(unusual(flat(tree_of(spec)?), &usual)))
}

/// A script as a file has it: whoever joins stands there as a client does.
pub fn script(script: &[Timed]) -> Result<Tree, FileError> {
    let entries = script.iter().map(|timed| {
        let mut entry = tree_of(timed)?;
        if let (Deed::Join(spec), Tree::Object(fields)) = (&timed.action, &mut entry) {
            let client = client(spec)?;
            fields.retain(|(name, _)| name != "action");
            fields.push(("action".to_owned(), Tree::Object(vec![("join".to_owned(), client)])));
        }
        Ok(entry)
    });
    entries.collect::<Result<_, _>>().map(Tree::List)
}

/// The fields that have other values than usual.
fn unusual(fields: Vec<(String, Tree)>, usual: &[(String, Tree)]) -> Vec<(String, Tree)> {
    let usual_of = |name: &str| usual.iter().find(|(other, _)| other == name).map(|(_, value)| value);
    let kept = fields.into_iter().filter_map(|(name, value)| match (usual_of(&name), value) {
        (Some(usual), value) if *usual == value => None,
        (Some(Tree::Object(usual)), Tree::Object(fields)) if PARTS.contains(&name.as_str()) => {
            Some((name, Tree::Object(unusual(fields, usual))))
        }
        (_, value) => Some((name, value)),
    });
    kept.collect()
}

fn usual_role(role: &Role) -> Role {
    match role {
        Role::Producer(_) => Role::Producer(Default::default()),
        Role::Consumer(_) => Role::Consumer(Default::default()),
        Role::Worker(_) => Role::Worker(Default::default()),
        Role::RpcClient(_) => Role::RpcClient(Default::default()),
        Role::RpcServer(_) => Role::RpcServer(Default::default()),
    }
}

/// `{.., "role": {"consumer": {..}}}` as `{.., "role": "consumer", ..}`.
fn flat(client: Tree) -> Vec<(String, Tree)> {
    let Tree::Object(fields) = client else { return Vec::new() };
    let mut flat = Vec::new();
    for (name, value) in fields {
        match value {
            Tree::Object(role) if name == "role" => {
                for (role, fields) in role {
                    flat.push((name.clone(), Tree::Text(role)));
                    if let Tree::Object(fields) = fields {
                        flat.extend(fields);
                    }
                }
            }
            value => flat.push((name, value)),
        }
    }
    flat
}

/// A whole file.
pub fn text(tree: &Tree) -> String {
    let mut out = String::new();
    put(tree, 0, 0, &mut out);
    out.push('\n');
    out
}

/// A value on one line.
pub fn line(tree: &Tree) -> String {
    let mut out = String::new();
    put_line(tree, usize::MAX, &mut out);
    out
}

/// Writes a value that begins in a column, in lines that are indented so deep.
fn put(tree: &Tree, indent: usize, column: usize, out: &mut String) {
    let start = out.len();
    // One character for the comma after it.
    let fits = indent > 0 || !matches!(tree, Tree::Object(_));
    if fits && put_line(tree, start + LINE_MAX.saturating_sub(column + 1), out) {
        return;
    }
    out.truncate(start);
    match tree {
        Tree::List(entries) => {
            put_lines(('[', ']'), entries, indent, out, |entry, column, out| put(entry, indent + 1, column, out));
        }
        Tree::Object(fields) => put_lines(('{', '}'), fields, indent, out, |(name, value), column, out| {
            let start = out.len();
            put_text(name, out);
            out.push_str(": ");
            put(value, indent + 1, column + out.len() - start, out);
        }),
        _ => {
            put_line(tree, usize::MAX, out);
        }
    }
}

fn put_lines<T>(
    brackets: (char, char),
    all: &[T],
    indent: usize,
    out: &mut String,
    put: impl Fn(&T, usize, &mut String),
) {
    out.push(brackets.0);
    for (index, one) in all.iter().enumerate() {
        out.push_str(if index == 0 { "\n" } else { ",\n" });
        out.push_str(&INDENT.repeat(indent + 1));
        put(one, INDENT.len() * (indent + 1), out);
    }
    out.push('\n');
    out.push_str(&INDENT.repeat(indent));
    out.push(brackets.1);
}

/// Writes a value on one line, as long as the text does not become longer than it may. False if it did.
fn put_line(tree: &Tree, end: usize, out: &mut String) -> bool {
    match tree {
        Tree::Null => out.push_str("null"),
        Tree::Flag(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Tree::Count(number) => out.push_str(&number.to_string()),
        Tree::Negative(number) => out.push_str(&number.to_string()),
        // With a point or an exponent, so that it is read as what it was.
        Tree::Fraction(number) => out.push_str(&format!("{number:?}")),
        Tree::Text(text) => put_text(text, out),
        Tree::List(entries) => {
            out.push('[');
            for (index, entry) in entries.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                if !put_line(entry, end, out) {
                    return false;
                }
            }
            out.push(']');
        }
        Tree::Object(fields) => {
            out.push('{');
            for (index, (name, value)) in fields.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                put_text(name, out);
                out.push_str(": ");
                if !put_line(value, end, out) {
                    return false;
                }
            }
            out.push('}');
        }
    }
    out.len() <= end
}

fn put_text(text: &str, out: &mut String) {
    out.push('"');
    for sign in text.chars() {
        match sign {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            // What people could not see, and what JavaScript takes for an end of line.
            sign if sign.is_control() || matches!(sign, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                out.push_str(&format!("\\u{:04x}", u32::from(sign)));
            }
            sign => out.push(sign),
        }
    }
    out.push('"');
}
