//! What a text in a row means, and what is wrong with it; and the text of what stands in a file.

use super::super::catalog::Form as Entry;
use super::super::path::{escaped, join};
use super::Edit;
use super::shape::{Shape, Variant};
use crate::share::Tree;

/// What a row takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Takes {
    /// What a shape says.
    Shape(&'static Shape),
    /// The value of an argument.
    Value(Entry),
    /// A client's role: what only another role has goes with it.
    Role(Vec<String>),
    /// What is written here is only part of something.
    Part,
    /// The value of an argument that is new: the path of the table, the argument's name, and its form.
    New(String, String, Entry),
}

impl Takes {
    /// What a text amounts to.
    pub fn edit(&self, id: &str, text: &str) -> Result<Edit, String> {
        match self {
            Takes::Part => Ok(Vec::new()),
            Takes::Shape(shape) => Ok(vec![(id.to_owned(), by_shape(shape, text)?)]),
            Takes::Value(form) => Ok(vec![(id.to_owned(), by_form(*form, text)?)]),
            Takes::Role(others) => {
                let mut edit: Edit = others.iter().map(|path| (path.clone(), Tree::Null)).collect();
                edit.push((id.to_owned(), Tree::from(text)));
                Ok(edit)
            }
            Takes::New(_, name, _) if name.is_empty() && text.is_empty() => Ok(Vec::new()),
            Takes::New(_, name, _) if name.is_empty() => Err("expected a name before its value".to_owned()),
            Takes::New(_, _, form) if text.is_empty() && !matches!(form, Entry::Text) => Ok(Vec::new()),
            Takes::New(table, name, form) => Ok(vec![(join(table, &escaped(name)), by_form(*form, text)?)]),
        }
    }
}

fn by_shape(shape: &Shape, text: &str) -> Result<Tree, String> {
    match shape {
        Shape::Text(_) | Shape::Lines { maybe: false } => Ok(Tree::from(text)),
        Shape::Maybe(_) | Shape::Lines { maybe: true } => Ok(unless_empty(text, Tree::from(text))),
        Shape::Number(min, max, _) => whole(text, *min, *max),
        Shape::Real => {
            let number = Tree::parse(text.trim().as_bytes()).ok();
            let is_number = |tree: &Tree| matches!(tree, Tree::Count(_) | Tree::Negative(_) | Tree::Fraction(_));
            if text.trim().is_empty() {
                Ok(Tree::Null)
            } else {
                number.filter(is_number).ok_or_else(|| "expected a number, such as 1 or 0.5".to_owned())
            }
        }
        Shape::MaybeFlag if text.is_empty() => Ok(Tree::Null),
        Shape::Flag(_) | Shape::MaybeFlag => flag(text).map(Tree::Flag),
        Shape::OneOf(variants) => variant(variants, text),
        Shape::Tags => {
            let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
            Ok(unless_empty(text, Tree::List(words.map(Tree::from).collect())))
        }
        Shape::Payload { maybe } => Ok(payload(text, *maybe)),
        Shape::Json => json(text),
        _ => Ok(Tree::Null),
    }
}

fn unless_empty(text: &str, tree: Tree) -> Tree {
    if text.is_empty() { Tree::Null } else { tree }
}

fn flag(text: &str) -> Result<bool, String> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("expected true or false".to_owned()),
    }
}

/// A whole number within bounds; none if nothing is written.
fn whole(text: &str, min: i64, max: u64) -> Result<Tree, String> {
    let text = text.trim();
    let number = match text.parse::<i128>() {
        Ok(number) => number,
        Err(_) if text.is_empty() => return Ok(Tree::Null),
        Err(_) => return Err(expected(min, max)),
    };
    if number < i128::from(min) || number > i128::from(max) {
        return Err(expected(min, max));
    }
    let negative = || i64::try_from(number).map(Tree::Negative);
    u64::try_from(number).map(Tree::Count).or_else(|_| negative()).map_err(|_| expected(min, max))
}

fn expected(min: i64, max: u64) -> String {
    match (min, max) {
        (i64::MIN, _) => "expected a whole number".to_owned(),
        (min, u64::MAX) => format!("expected a whole number from {min}"),
        (min, max) => format!("expected a whole number from {min} to {max}"),
    }
}

fn variant(variants: &[Variant], text: &str) -> Result<Tree, String> {
    let Some(variant) = variants.iter().find(|variant| variant.tag == text) else {
        let words: Vec<&str> = variants.iter().map(|variant| variant.tag).filter(|tag| !tag.is_empty()).collect();
        return Err(format!("expected one of {}", words.join(", ")));
    };
    Ok(match variant.inside {
        None => unless_empty(text, Tree::from(text)),
        Some((_, start)) => Tree::Object(vec![(text.to_owned(), literal(start))]),
    })
}

/// A value that is written down in a shape.
pub fn literal(json: &str) -> Tree {
    Tree::parse(json.as_bytes()).unwrap_or(Tree::Null)
}

/// What a payload of bytes begins with.
const HEX: &str = "hex:";

fn payload(text: &str, maybe: bool) -> Tree {
    let hex = text.strip_prefix(HEX).map(|hex| hex.trim().to_owned());
    match hex.filter(|hex| hex.len() % 2 == 0 && hex.chars().all(|digit| digit.is_ascii_hexdigit())) {
        Some(hex) => Tree::Object(vec![("bytes".to_owned(), Tree::Text(hex))]),
        None if maybe => unless_empty(text, Tree::from(text)),
        None => Tree::from(text),
    }
}

fn json(text: &str) -> Result<Tree, String> {
    if text.trim().is_empty() {
        return Ok(Tree::Null);
    }
    Tree::parse(text.as_bytes()).map_err(|error| {
        let expected = "expected a value as JSON has it: text in quotes, a number, true, [1, 2] or {\"a\": 1}";
        if error.problem.contains("JSON") { expected.to_owned() } else { error.problem }
    })
}

/// The value of an argument. Whether RabbitMQ takes it, it says itself.
fn by_form(form: Entry, text: &str) -> Result<Tree, String> {
    match form {
        Entry::Milliseconds | Entry::Number => {
            let tree = whole(text, i64::MIN, i64::MAX.unsigned_abs())?;
            if tree == Tree::Null { Err("expected a whole number".to_owned()) } else { Ok(tree) }
        }
        Entry::Flag => flag(text).map(Tree::Flag),
        Entry::Choice(_) | Entry::Text | Entry::Exchange | Entry::Queue => Ok(Tree::from(text)),
        Entry::Json => match json(text)? {
            Tree::Null => Err("expected a list or an object as JSON has it".to_owned()),
            tree => Ok(tree),
        },
    }
}

/// How a value would be written in its row.
pub fn text_of(tree: Option<&Tree>) -> String {
    match tree {
        None | Some(Tree::Null) => String::new(),
        Some(Tree::Text(text)) => text.clone(),
        Some(tree) => tree.to_line(),
    }
}

/// How what stands at a place would be written in its row.
pub fn shown(shape: &Shape, tree: Option<&Tree>) -> String {
    match (shape, tree) {
        (Shape::Json, Some(tree)) if *tree != Tree::Null => tree.to_line(),
        (Shape::Flag(usual), None) => usual.to_string(),
        (Shape::OneOf(variants), tree) => tag_of(variants, tree).to_owned(),
        (Shape::Tags, Some(Tree::List(words))) => {
            let words: Vec<String> = words.iter().map(|word| text_of(Some(word))).collect();
            words.join(", ")
        }
        (Shape::Payload { .. }, Some(bytes @ Tree::Object(_))) => {
            format!("{HEX} {}", bytes.text("bytes").unwrap_or_default())
        }
        (_, tree) => text_of(tree),
    }
}

/// Which of some words stands there: the first, if nothing does.
pub fn tag_of<'a>(variants: &'a [Variant], tree: Option<&'a Tree>) -> &'a str {
    match tree {
        Some(Tree::Text(tag)) => tag,
        Some(Tree::Object(fields)) => fields.first().map_or("", |(tag, _)| tag),
        _ => variants.first().map_or("", |variant| variant.tag),
    }
}
