//! The form of several things that are selected at once: what they have in common, what differs, and one command that
//! changes all of them.
//!
//! What always holds: a row stands for the same place in each of them; where they differ nothing stands there, and what is
//! filled in becomes the same for all, as one change that can be taken back.

use super::super::command::{Command, Kind, Target};
use super::super::draft::{Draft, Found};
use super::super::path::get;
use super::lay::Layer;
use super::read::{Takes, shown, text_of};
use super::subject::{kind_name, settings_of};
use super::{Choice, Does, Edit, Form, Input, Item, Row, Subject, Typed, check, policies};
use crate::share::Tree;

/// So many different values are told.
const TOLD: usize = 3;

/// What one of them is called, and several.
fn counted(kind: Kind, count: usize) -> String {
    let name = kind_name(kind);
    let mut letters = name.chars();
    let word = match letters.next() {
        // What is an abbreviation stays one.
        Some(first) if !name.starts_with("RPC") => first.to_lowercase().chain(letters).collect(),
        _ => name.to_owned(),
    };
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

/// What is selected, in words: `3 queues, 1 exchange selected`.
pub fn title(things: &[Subject]) -> String {
    let kind_of = |thing: &Subject| match thing {
        Subject::Thing { kind, .. } => Some(*kind),
        _ => None,
    };
    let count = |kind| things.iter().filter(|thing| kind_of(thing) == Some(kind)).count();
    let order = [Kind::Queue, Kind::Exchange].into_iter().chain(Kind::ALL);
    let mut told: Vec<(Kind, usize)> = Vec::new();
    for kind in order {
        let is_new = told.iter().all(|(other, _)| *other != kind);
        if is_new && count(kind) > 0 {
            told.push((kind, count(kind)));
        }
    }
    let words: Vec<String> = told.into_iter().map(|(kind, count)| counted(kind, count)).collect();
    format!("{} selected", words.join(", "))
}

/// The command that changes one of them.
pub fn set(target: &Target, edit: &Edit) -> Command {
    let settings = target.kind.and_then(|kind| settings_of(kind, edit)).unwrap_or_default();
    Command::Set { target: target.clone(), flags: Vec::new(), settings }
}

/// The form of several things.
pub fn form(draft: &Draft, things: &[Subject], typed: &Typed) -> Option<Form> {
    let there: Vec<(&Subject, Found)> = things.iter().filter_map(|thing| Some((thing, thing.found(draft)?))).collect();
    let trees: Vec<&Tree> = there.iter().filter_map(|(_, found)| get(draft.tree(), &found.path())).collect();
    let kind = there.first().map(|(_, found)| found.kind);
    let kind = kind.filter(|kind| there.iter().all(|(_, found)| found.kind == *kind));
    let vhost = there.first().map(|(_, found)| found.vhost.clone());
    let vhost = vhost.filter(|vhost| there.iter().all(|(_, found)| found.vhost == *vhost));
    let root = union(&trees);
    let mut items = Vec::new();
    if let (Some((first, _)), Some(_)) = (there.first(), kind) {
        let layer = Layer { draft, vhost: vhost.as_deref(), root: &root, typed, without: &["name", "vhost", "type"] };
        items = simple(layer.shape(first.shape(), ""));
        items.iter_mut().for_each(|item| compare(item, &trees, typed));
    }
    let subject = Subject::Several(things.to_vec());
    let targets = subject.targets(draft);
    let mut form = Form {
        title: title(things),
        items,
        remark: remark(things.len() - there.len(), kind),
        pending: None,
        matches: None,
        is_declared: matches!(kind, Some(Kind::Queue | Kind::Exchange)),
        does: Does::All(targets),
        target: None,
        prefix: String::new(),
        subject,
    };
    let there: Vec<(&Subject, &Tree)> = there.iter().map(|(thing, _)| *thing).zip(trees).collect();
    check::look_at_all(&mut form, draft, &there);
    Some(form)
}

fn remark(missing: usize, kind: Option<Kind>) -> Option<String> {
    match (missing, kind) {
        (0, Some(kind)) if kind.is_client() => {
            Some("What is filled in becomes the same for all of them, and each of them connects anew.".to_owned())
        }
        (0, Some(_)) => Some("What is filled in becomes the same for all of them.".to_owned()),
        (0, None) => Some("Of one kind alone, what they have in common can be edited here.".to_owned()),
        (missing, _) => Some(format!("{missing} of them are declared by clients and are not part of the scenario.")),
    }
}

/// All fields that any of some objects has, with the value of the first that has it.
fn union(trees: &[&Tree]) -> Tree {
    let mut all = Tree::Object(Vec::new());
    for (key, value) in trees.iter().flat_map(|tree| fields(tree)) {
        match (all.field(key), value) {
            (None, value) => all.set(key, value.clone()),
            (Some(known @ Tree::Object(_)), value @ Tree::Object(_)) => {
                let both = union(&[known, value]);
                all.set(key, both);
            }
            _ => {}
        }
    }
    all
}

fn fields(tree: &Tree) -> &[(String, Tree)] {
    match tree {
        Tree::Object(fields) => fields,
        _ => &[],
    }
}

/// The items but lists, and what would begin something new: entries of lists are no common places.
fn simple(items: Vec<Item>) -> Vec<Item> {
    let has_press = |items: &[Item]| items.iter().any(|item| matches!(item, Item::Press(_)));
    let mut kept = Vec::new();
    for item in items {
        match item {
            Item::Group(group) if has_press(&group.items) || group.remove.is_some() => {}
            Item::Group(mut group) => {
                group.items = simple(group.items);
                if !group.items.is_empty() {
                    kept.push(Item::Group(group));
                }
            }
            Item::Press(_) => {}
            other => kept.push(other),
        }
    }
    kept
}

/// Lets a row say nothing where they differ.
fn compare(item: &mut Item, trees: &[&Tree], typed: &Typed) {
    match item {
        Item::Group(group) => group.items.iter_mut().for_each(|item| compare(item, trees, typed)),
        Item::Row(row) if !row.id.contains('/') => compare_row(row, trees, typed),
        _ => {}
    }
}

/// How a value would be told in a row.
fn text_in(row: &Row, value: Option<&Tree>) -> String {
    match row.takes {
        Takes::Shape(shape) => shown(shape, value),
        _ => text_of(value),
    }
}

fn compare_row(row: &mut Row, trees: &[&Tree], typed: &Typed) {
    let mut values: Vec<String> = Vec::new();
    for tree in trees {
        let value = text_in(row, get(tree, &row.id));
        if !values.contains(&value) {
            values.push(value);
        }
    }
    if values.len() < 2 {
        return;
    }
    row.stands = String::new();
    if typed.get(&row.id).is_none() {
        (row.text, row.fault) = (String::new(), None);
    }
    let told = |value: &String| if value.is_empty() { "none".to_owned() } else { value.clone() };
    let mut words: Vec<String> = values.iter().take(TOLD).map(told).collect();
    if values.len() > TOLD {
        words.push("\u{2026}".to_owned());
    }
    row.note.get_or_insert(format!("They differ: {}", words.join(", ")));
    let differ = |value: &str, label: &str| Choice { value: value.to_owned(), label: label.to_owned() };
    match &mut row.input {
        Input::Choice(choices) if choices.iter().all(|choice| !choice.value.is_empty()) => {
            choices.insert(0, differ("", "they differ"));
        }
        Input::Tick => {
            row.input = Input::Choice(vec![differ("", "they differ"), differ("true", "yes"), differ("false", "no")]);
        }
        _ => {}
    }
}

/// A policy that matches all the queues among some things, and nothing else; none if there are none, or in several virtual
/// hosts.
pub fn policy(draft: &Draft, things: &[Subject]) -> Option<Command> {
    let mut names: Vec<&str> = Vec::new();
    let mut hosts: Vec<&str> = Vec::new();
    for thing in things {
        if let Subject::Thing { kind: Kind::Queue, vhost, name } = thing {
            names.push(name);
            hosts.push(vhost);
        }
    }
    let host = *hosts.first().filter(|first| hosts.iter().all(|host| host == *first))?;
    let settings = vec![("max-length".to_owned(), Tree::Count(100))];
    Some(policies::policy_for(draft, host, Kind::Queue, &names, settings))
}

#[cfg(test)]
mod tests {
    use super::super::{Entered, Form, form};
    use super::*;
    use crate::edit::change;
    use crate::share::{File, parse};

    const FILE: &str = r#"{"format": "warren/1", "name": "orders", "definitions": {
      "exchanges": [{"name": "topics", "vhost": "/", "type": "topic"}],
      "queues": [
        {"name": "a", "vhost": "/", "arguments": {"x-message-ttl": 5000}},
        {"name": "b.1", "vhost": "/", "arguments": {"x-message-ttl": 5000, "x-max-length": 7}},
        {"name": "c", "vhost": "/", "durable": false, "arguments": {"x-max-length": 8}}]},
      "clients": [
        {"name": "one", "role": "consumer", "queues": ["a"], "prefetch": 1},
        {"name": "two", "role": "consumer", "queues": ["b.1"], "prefetch": 5, "ack": "auto"}]}"#;

    fn thing(kind: Kind, name: &str) -> Subject {
        let vhost = if kind.is_client() { String::new() } else { "/".to_owned() };
        Subject::Thing { kind, vhost, name: name.to_owned() }
    }

    fn queues(names: &[&str]) -> Vec<Subject> {
        names.iter().map(|name| thing(Kind::Queue, name)).collect()
    }

    fn file() -> File {
        parse(FILE).expect("the sample is right")
    }

    fn filled(things: &[Subject], texts: &[(&str, &str)]) -> Form {
        let mut typed = Typed::default();
        texts.iter().for_each(|(id, text)| typed.set(id, text));
        form(&Draft::of(&file()).expect("it fits"), &Subject::Several(things.to_vec()), &typed).expect("a form")
    }

    fn offers(things: &[Subject], texts: &[(&str, &str)]) -> Vec<String> {
        let pending = filled(things, texts).pending.expect("it waits");
        let lines: Vec<String> = pending.offers.iter().map(|offer| offer.command.to_string()).collect();
        let works = |offer: &super::super::Offer| change(&file(), &offer.command).is_ok();
        assert!(pending.offers.iter().all(works), "{lines:?}");
        lines
    }

    #[test]
    fn what_is_selected_is_said_in_words() {
        let mut things = queues(&["a", "b.1", "c"]);
        things.insert(1, thing(Kind::Exchange, "topics"));
        assert_eq!(title(&things), "3 queues, 1 exchange selected");
        things.extend([thing(Kind::Consumer, "one"), thing(Kind::RpcServer, "x"), thing(Kind::RpcServer, "y")]);
        assert_eq!(title(&things), "3 queues, 1 exchange, 1 consumer, 2 RPC servers selected");
        assert!(filled(&things, &[]).rows().is_empty(), "they are of several kinds");
    }

    #[test]
    fn what_differs_says_nothing_and_tells_what_there_is() {
        let form = filled(&queues(&["a", "b.1", "c"]), &[]);
        let row = |id: &str| form.row(id).map(|row| (row.text.clone(), row.note.clone().unwrap_or_default()));
        let told = |text: &str, note: &str| Some((text.to_owned(), note.to_owned()));
        assert_eq!(row("auto_delete"), told("false", ""));
        assert_eq!(row("durable"), told("", "They differ: true, false"));
        assert_eq!(row("arguments.x-message-ttl"), told("", "They differ: 5000, none"));
        assert_eq!(row("arguments.x-max-length"), told("", "They differ: none, 7, 8"));
        assert_eq!((row("name"), row("vhost")), (None, None));
        let both = filled(&queues(&["a", "b.1"]), &[]);
        assert_eq!(both.row("arguments.x-message-ttl").map(|row| row.text.as_str()), Some("5000"));
        assert_eq!(both.entered("arguments.x-message-ttl"), Entered::Same);
    }

    #[test]
    fn clients_are_changed_by_one_command() {
        let both = [thing(Kind::Consumer, "one"), thing(Kind::Consumer, "two")];
        let form = filled(&both, &[("prefetch", "10")]);
        let Entered::Do(command) = form.entered("prefetch") else { panic!("{:?}", form.entered("prefetch")) };
        assert_eq!(command.to_string(), "set consumer:one prefetch=10 ; set consumer:two prefetch=10");
        let changed = change(&file(), &command).expect("it is possible");
        assert_eq!(changed.touched.len(), 2);
        let ack = filled(&both, &[("ack", "auto")]);
        assert!(matches!(ack.entered("ack"), Entered::Do(_)), "the one that differs becomes like the other");
        assert!(form.rows().iter().all(|row| !row.id.starts_with("queues")), "lists have no common places");
    }

    #[test]
    fn queues_wait_for_a_choice_together() {
        let two = queues(&["a", "b.1"]);
        assert_eq!(
            offers(&two, &[("arguments/name", "x-expires"), ("arguments/value", "60000")]),
            [
                "set queue:a x-expires=60000 ; set queue:b.1 x-expires=60000",
                "policy policy1 pattern=^(a|b\\.1)$ apply-to=queues expires=60000"
            ]
        );
        // An argument that is there would have its say beside the policy's.
        let lines = offers(&two, &[("arguments.x-message-ttl", "9")]);
        assert_eq!(lines, ["set queue:a x-message-ttl=9 ; set queue:b.1 x-message-ttl=9"]);
        let form = filled(&two, &[("arguments/name", "x-expires"), ("arguments/value", "0")]);
        let faults: Vec<&str> = form.rows().into_iter().filter_map(|row| row.fault.as_deref()).collect();
        assert!(faults.iter().any(|fault| fault.contains("invalid arg 'x-expires'")), "{faults:?}");
    }

    #[test]
    fn a_policy_for_them_matches_them_alone() {
        let draft = Draft::of(&file()).expect("it fits");
        let mut things = queues(&["a", "b.1"]);
        things.push(thing(Kind::Exchange, "topics"));
        let command = policy(&draft, &things).expect("there are queues");
        let changed = change(&file(), &command).expect("it is possible").file;
        let draft = Draft::of(&changed).expect("it fits");
        let found = Subject::Thing { kind: Kind::Policy, vhost: "/".into(), name: "policy1".into() };
        let matches = form(&draft, &found, &Typed::default()).and_then(|form| form.matches).unwrap_or_default();
        assert_eq!(matches.iter().map(|found| found.name.as_str()).collect::<Vec<&str>>(), ["a", "b.1"]);
        assert_eq!(policy(&draft, &[thing(Kind::Exchange, "topics")]), None);
    }
}
