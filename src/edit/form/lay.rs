//! From a shape and what stands in a file to the rows of a form.

use super::super::catalog::{Entry, Form as EntryForm};
use super::super::command::Kind;
use super::super::draft::Draft;
use super::super::nearest::nearest;
use super::super::path::{escaped, get, join};
use super::read::{Takes, literal, shown, tag_of, text_of};
use super::shape::{Field, Known, Refers, Shape, TYPE};
use super::{Choice, GONE, Group, Input, Item, Press, Row, Typed};
use crate::share::Tree;

/// More entries of a list than these are folded at first.
const OPEN_MAX: usize = 0;

/// What a form is laid out with.
pub struct Layer<'a> {
    /// The file, for names that there are.
    pub draft: &'a Draft,
    /// The virtual host that names are looked for in; none looks in all.
    pub vhost: Option<&'a str>,
    /// What is edited.
    pub root: &'a Tree,
    /// What was typed.
    pub typed: &'a Typed,
    /// Paths that are left out: they have forms of their own.
    pub without: &'a [&'a str],
}

/// What a place is called.
#[derive(Clone, Copy)]
struct Called<'a> {
    label: &'a str,
    name: &'a str,
    help: &'a str,
}

impl Layer<'_> {
    /// The rows of an object's fields.
    pub fn fields(&self, fields: &'static [Field], path: &str) -> Vec<Item> {
        fields.iter().flat_map(|field| self.field(field, path)).collect()
    }

    /// The rows of whatever a shape says.
    pub fn shape(&self, shape: &'static Shape, path: &str) -> Vec<Item> {
        match shape {
            Shape::Object(fields) | Shape::MaybeObject(fields, _) => self.fields(fields, path),
            Shape::By(..) => self.shape(self.chosen(shape, path), path),
            _ => self.place(shape, path, Called { label: "Value", name: "", help: "" }),
        }
    }

    fn at(&self, path: &str) -> Option<&Tree> {
        get(self.root, path)
    }

    fn chosen(&self, shape: &'static Shape, path: &str) -> &'static Shape {
        let Shape::By(key, cases, otherwise) = shape else { return shape };
        let word = self.at(path).and_then(|tree| tree.text(key)).unwrap_or_default();
        cases.iter().find(|(case, _)| *case == word).map_or(otherwise, |(_, shape)| shape)
    }

    fn field(&self, field: &'static Field, path: &str) -> Vec<Item> {
        let place = join(path, field.key);
        if self.without.contains(&place.as_str()) {
            return Vec::new();
        }
        if field.key.is_empty() {
            let items = self.shape(field.shape, path);
            let id = join(path, &format!("/{}", field.label));
            let is_folded = is_rare(field.label);
            return vec![group(id, field.label, field.help, is_folded, items)];
        }
        // A name that is nothing but the label in small letters tells nothing.
        let name = field.key.rsplit('.').next().unwrap_or_default();
        let says_more = name != field.label.to_lowercase().replace(' ', "_");
        self.place(
            field.shape,
            &place,
            Called { label: field.label, name: if says_more { name } else { "" }, help: field.help },
        )
    }

    fn place(&self, shape: &'static Shape, path: &str, called: Called) -> Vec<Item> {
        match shape {
            Shape::Object(fields) => {
                vec![group(
                    path.to_owned(),
                    called.label,
                    called.help,
                    is_rare(called.label),
                    self.fields(fields, path),
                )]
            }
            Shape::MaybeObject(fields, start) => vec![self.maybe_object(fields, start, path, called)],
            Shape::By(..) => {
                vec![group(path.to_owned(), called.label, called.help, false, self.shape(shape, path))]
            }
            Shape::List(entry, one, start) => vec![self.list(entry, one, start, path, called)],
            Shape::Table(known) => {
                vec![group(path.to_owned(), called.label, called.help, false, self.table(*known, path))]
            }
            Shape::OneOf(variants) => {
                let mut items = vec![self.row(shape, path, called)];
                let tag = tag_of(variants, self.at(path));
                let inside = variants.iter().find(|variant| variant.tag == tag);
                if let Some((inner, _)) = inside.and_then(|variant| variant.inside) {
                    let below = join(path, tag);
                    match inner {
                        Shape::Object(fields) => items.extend(self.fields(fields, &below)),
                        Shape::By(..) => items.extend(self.shape(inner, &below)),
                        _ => {
                            let label = inside.map_or("", |variant| variant.label);
                            items.extend(self.place(inner, &below, Called { label, name: "", help: "" }));
                        }
                    }
                }
                items
            }
            Shape::Places => Vec::new(),
            _ => vec![self.row(shape, path, called)],
        }
    }

    fn maybe_object(&self, fields: &'static [Field], start: &str, path: &str, called: Called) -> Item {
        if self.at(path).is_none() {
            let label = format!("Add {}", called.label.to_lowercase());
            return Item::Press(Press { label, edit: vec![(path.to_owned(), literal(start))] });
        }
        let mut group = Group {
            id: path.to_owned(),
            label: called.label.to_owned(),
            help: called.help.to_owned(),
            is_folded: false,
            items: self.fields(fields, path),
            remove: None,
        };
        group.remove = Some(vec![(path.to_owned(), Tree::Null)]);
        Item::Group(group)
    }

    fn list(&self, entry: &'static Shape, one: &str, start: &str, path: &str, called: Called) -> Item {
        let entries = match self.at(path) {
            Some(Tree::List(entries)) => entries.as_slice(),
            _ => &[],
        };
        let mut items = Vec::new();
        for (number, tree) in entries.iter().enumerate() {
            let place = join(path, &number.to_string());
            let remove = Some(vec![(place.clone(), Tree::Null)]);
            let label = format!("{} {}", capital(one), number + 1);
            if let Shape::Text(_) = entry {
                let Item::Row(mut row) = self.row(entry, &place, Called { label: &label, name: "", help: "" }) else {
                    continue;
                };
                row.remove = remove;
                items.push(Item::Row(row));
            } else {
                let label = format!("{label}: {}", summary(tree));
                let inside = self.shape(entry, &place);
                let is_folded = entries.len() > OPEN_MAX;
                let help = String::new();
                items.push(Item::Group(Group { id: place, label, help, is_folded, items: inside, remove }));
            }
        }
        let next = join(path, &entries.len().to_string());
        items.push(Item::Press(Press { label: format!("Add {one}"), edit: vec![(next, literal(start))] }));
        let is_folded =
            entries.is_empty() && is_rare(called.label) || !matches!(entry, Shape::Text(_)) && entries.is_empty();
        let label =
            if entries.is_empty() { called.label.to_owned() } else { format!("{} ({})", called.label, entries.len()) };
        group(path.to_owned(), &label, called.help, is_folded, items)
    }

    fn row(&self, shape: &'static Shape, path: &str, called: Called) -> Item {
        let stands = shown(shape, self.at(path));
        let input = match shape {
            Shape::Text(refers) | Shape::Maybe(refers) => Input::Line(self.names(*refers)),
            Shape::Lines { .. } | Shape::Payload { .. } => Input::Lines,
            Shape::Number(..) | Shape::Real => Input::Number,
            Shape::Flag(_) => Input::Tick,
            Shape::MaybeFlag => Input::Choice(choices(&[("", "nothing said"), ("true", "yes"), ("false", "no")])),
            Shape::OneOf(variants) => {
                Input::Choice(variants.iter().map(|variant| choice(variant.tag, variant.label)).collect())
            }
            _ => Input::Line(Vec::new()),
        };
        let takes = match (path.rsplit('.').next(), shape) {
            (Some("role"), Shape::OneOf(_)) => Takes::Role(self.of_its_role(path)),
            _ => Takes::Shape(shape),
        };
        let unit = if let Shape::Number(_, _, unit) = shape { unit } else { "" };
        self.filled(path.to_owned(), called, unit, input, stands, takes)
    }

    /// What another role would not know.
    fn of_its_role(&self, path: &str) -> Vec<String> {
        const COMMON: [&str; 7] = ["name", "role", "vhost", "latency_ms", "connections", "heartbeat_s", "setup"];
        let around = path.strip_suffix("role").unwrap_or_default().trim_end_matches('.');
        let Some(Tree::Object(fields)) = self.at(around) else { return Vec::new() };
        let own = fields.iter().map(|(key, _)| key.as_str()).filter(|key| !COMMON.contains(key));
        own.map(|key| join(around, &escaped(key))).collect()
    }

    fn filled(
        &self,
        id: String,
        called: Called,
        unit: &'static str,
        input: Input,
        stands: String,
        takes: Takes,
    ) -> Item {
        let typed = self.typed.get(&id);
        let is_gone = typed == Some(GONE);
        let typed = typed.filter(|_| !is_gone);
        let text = typed.map_or_else(|| stands.clone(), str::to_owned);
        let fault = if text == stands { None } else { takes.edit(&id, &text).err() };
        Item::Row(Box::new(Row {
            id,
            label: called.label.to_owned(),
            name: called.name.to_owned(),
            help: called.help.to_owned(),
            unit,
            input,
            stands,
            text,
            fault,
            note: is_gone.then(|| "It is to be taken away.".to_owned()),
            remove: None,
            is_gone,
            takes,
        }))
    }

    /// The rows of named values: those that are there, and one more.
    fn table(&self, known: Known, path: &str) -> Vec<Item> {
        let table = self.at(path);
        let entries = known.entries(table);
        let there = match table {
            Some(Tree::Object(fields)) => fields.as_slice(),
            _ => &[],
        };
        let is_type = |key: &str| known == Known::Queue && key == TYPE;
        let mut items = Vec::new();
        for (key, value) in there.iter().filter(|(key, _)| !is_type(key)) {
            let entry = entries.iter().find(|entry| entry.key == key);
            let form = entry.map(|entry| entry.form).filter(|form| fits(*form, value)).unwrap_or(form_of(value));
            let called = Called {
                label: entry.map_or(key.as_str(), |entry| entry.label),
                name: if entry.is_some() { key } else { "" },
                help: entry.map_or("", |entry| entry.help),
            };
            let id = join(path, &escaped(key));
            let item = self.filled(
                id.clone(),
                called,
                unit_of(form),
                self.input_of(form),
                text_of(Some(value)),
                Takes::Value(form),
            );
            let Item::Row(mut row) = item else { continue };
            row.remove = Some(vec![(id, Tree::Null)]);
            if entry.is_none() {
                row.note = unknown(known, key, &entries);
            }
            items.push(Item::Row(row));
        }
        items.extend(self.one_more(known, path, &entries, there));
        items
    }

    /// The rows in which another named value is written.
    fn one_more(&self, known: Known, path: &str, entries: &[&'static Entry], there: &[(String, Tree)]) -> Vec<Item> {
        let (of_name, of_form, of_value) = (format!("{path}/name"), format!("{path}/form"), format!("{path}/value"));
        let name = self.typed.get(&of_name).unwrap_or_default().trim().to_owned();
        let entry = entries.iter().find(|entry| entry.key == name);
        let missing = entries.iter().filter(|entry| there.iter().all(|(key, _)| key != entry.key));
        let offered: Vec<Choice> = missing.map(|entry| choice(entry.key, entry.label)).collect();
        let one = known.one();
        let label = format!("New {one}");
        let called = Called { label: &label, name: "", help: "" };
        let mut items = Vec::new();
        let names = (name.is_empty() && !offered.is_empty()).then(|| Item::Names(of_name.clone(), offered.clone()));
        let mut row = self.filled(of_name, called, "", Input::Line(offered), String::new(), Takes::Part);
        if let Item::Row(row) = &mut row {
            if there.iter().any(|(key, _)| *key == name) {
                row.fault = Some(format!("there is `{name}` already"));
            } else if entry.is_none() && !name.is_empty() {
                row.note = unknown(known, &name, entries);
            }
        }
        // What comes and goes as one types stands after it: what is typed into keeps its place, and with it the focus.
        items.push(row);
        items.extend(names);
        if name.is_empty() {
            return items;
        }
        let form = match (entry, self.typed.get(&of_form)) {
            (Some(entry), _) => entry.form,
            (None, Some("number")) => EntryForm::Number,
            (None, Some("boolean")) => EntryForm::Flag,
            (None, Some("json")) => EntryForm::Json,
            (None, _) => EntryForm::Text,
        };
        if entry.is_none() {
            let kinds = [("", "String"), ("number", "Number"), ("boolean", "Boolean"), ("json", "List or object")];
            let called = Called { label: "Its type", name: "", help: "" };
            items.push(self.filled(of_form, called, "", Input::Choice(choices(&kinds)), String::new(), Takes::Part));
        }
        let called = Called {
            label: entry.map_or("Its value", |entry| entry.label),
            name: if entry.is_some() { &name } else { "" },
            help: entry.map_or("", |entry| entry.help),
        };
        let mut input = self.input_of(form);
        match &mut input {
            // Nothing is chosen yet.
            Input::Choice(choices) => choices.insert(0, choice("", "choose")),
            Input::Tick => input = Input::Choice(choices(&[("", "choose"), ("true", "true"), ("false", "false")])),
            _ => {}
        }
        let takes = Takes::New(path.to_owned(), name.clone(), form);
        items.push(self.filled(of_value, called, unit_of(form), input, String::new(), takes));
        items
    }

    fn input_of(&self, form: EntryForm) -> Input {
        match form {
            EntryForm::Milliseconds | EntryForm::Number => Input::Number,
            EntryForm::Flag => Input::Tick,
            EntryForm::Choice(words) => Input::Choice(words.iter().map(|word| choice(word, "")).collect()),
            EntryForm::Exchange => Input::Line(self.names(Refers::Exchange)),
            EntryForm::Queue => Input::Line(self.names(Refers::Queue)),
            EntryForm::Text | EntryForm::Json => Input::Line(Vec::new()),
        }
    }

    /// The names that a text could be.
    fn names(&self, refers: Refers) -> Vec<Choice> {
        let of = |kind: Kind| {
            let here = move |vhost: &str| kind.is_client() || self.vhost.is_none_or(|wanted| wanted == vhost);
            self.draft.all(kind).filter(move |found| here(&found.vhost)).map(|found| choice(&found.name, ""))
        };
        match refers {
            Refers::Nothing => Vec::new(),
            Refers::Exchange => of(Kind::Exchange).collect(),
            Refers::Queue => of(Kind::Queue).collect(),
            Refers::Vhost => self.draft.vhosts().iter().map(|name| choice(name, "")).collect(),
            Refers::Client => Kind::ALL.into_iter().filter(|kind| kind.is_client()).flat_map(of).collect(),
            Refers::User => self
                .draft
                .list("users")
                .iter()
                .filter_map(|user| user.text("name"))
                .map(|name| choice(name, ""))
                .collect(),
            Refers::Words(words) => words.iter().map(|word| choice(word, "")).collect(),
            Refers::Node => {
                let nodes =
                    Kind::ALL.into_iter().flat_map(|kind| self.draft.all(kind)).filter_map(|found| found.node());
                nodes.map(|node| choice(&node.to_string(), "")).collect()
            }
        }
    }
}

fn group(id: String, label: &str, help: &str, is_folded: bool, items: Vec<Item>) -> Item {
    Item::Group(Group { id, label: label.to_owned(), help: help.to_owned(), is_folded, items, remove: None })
}

/// Groups that are folded at first.
fn is_rare(label: &str) -> bool {
    const RARE: [&str; 9] = [
        "Properties",
        "Broker",
        "When it is opened",
        "Declares at its start",
        "Connection",
        "Several messages",
        "Publisher confirms",
        "Older forms",
        "Where these definitions are from",
    ];
    RARE.contains(&label)
}

fn choice(value: &str, label: &str) -> Choice {
    Choice { value: value.to_owned(), label: label.to_owned() }
}

fn choices(words: &[(&str, &str)]) -> Vec<Choice> {
    words.iter().map(|(value, label)| choice(value, label)).collect()
}

fn unit_of(form: EntryForm) -> &'static str {
    if form == EntryForm::Milliseconds { "ms" } else { "" }
}

/// Whether a value can be shown in such a row.
fn fits(form: EntryForm, value: &Tree) -> bool {
    match form {
        EntryForm::Flag => matches!(value, Tree::Flag(_)),
        EntryForm::Choice(words) => matches!(value, Tree::Text(text) if words.contains(&text.as_str())),
        EntryForm::Text | EntryForm::Exchange | EntryForm::Queue => matches!(value, Tree::Text(_)),
        EntryForm::Milliseconds | EntryForm::Number => matches!(value, Tree::Count(_) | Tree::Negative(_)),
        EntryForm::Json => true,
    }
}

/// The row for a value that nobody knows a form for.
fn form_of(value: &Tree) -> EntryForm {
    match value {
        Tree::Text(_) => EntryForm::Text,
        Tree::Count(_) | Tree::Negative(_) => EntryForm::Number,
        Tree::Flag(_) => EntryForm::Flag,
        _ => EntryForm::Json,
    }
}

/// What to say of a name that is not known there.
fn unknown(known: Known, name: &str, entries: &[&'static Entry]) -> Option<String> {
    let near = nearest(name, entries.iter().map(|entry| entry.key));
    let near = near.map(|near| format!(" Did you mean {near}?")).unwrap_or_default();
    match known {
        Known::Headers => None,
        Known::Binding if near.is_empty() => None,
        Known::Binding => Some(near.trim_start().to_owned()),
        _ if known.takes_others() => Some(format!("RabbitMQ keeps it, and heeds it nowhere.{near}")),
        _ => Some(format!("RabbitMQ knows no such {}.{near}", known.one())),
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// The longest summary of an entry, in characters.
const SUMMARY_MAX: usize = 60;

/// What tells an entry of a list from others.
fn summary(tree: &Tree) -> String {
    let mut words = Vec::new();
    say(tree, &mut words);
    let text = words.join(" ");
    if text.chars().count() <= SUMMARY_MAX {
        text
    } else {
        text.chars().take(SUMMARY_MAX).chain(['\u{2026}']).collect()
    }
}

fn say(tree: &Tree, words: &mut Vec<String>) {
    if words.len() > 4 {
        return;
    }
    match tree {
        Tree::Object(fields) if fields.len() == 1 => {
            for (key, inside) in fields {
                words.push(key.clone());
                say(inside, words);
            }
        }
        Tree::Object(fields) => fields.iter().for_each(|(_, inside)| say(inside, words)),
        Tree::List(entries) => entries.iter().for_each(|inside| say(inside, words)),
        Tree::Null => {}
        other => words.push(text_of(Some(other))),
    }
}
