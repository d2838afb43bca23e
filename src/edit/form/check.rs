//! What RabbitMQ would say of what was typed: refusals next to their rows, and what it does not change while it is there.
//!
//! What always holds: the texts are those of the broker's own checks. What a declaration cannot change is never changed
//! silently: somebody chooses between deleting and declaring again, and a policy.

use super::super::command::{Command, Kind, Settings};
use super::super::draft::Draft;
use super::super::path::put;
use super::read::Takes;
use super::{Edit, Form, Item, Row, Subject, entries, policies};
use crate::broker::arguments::{
    ExchangeProperties, QueueProperties, check_exchange_equivalence, check_queue_arguments, check_queue_equivalence,
    check_queue_properties,
};
use crate::broker::exchange::ExchangeType;
use crate::broker::name::Resource;
use crate::broker::policy::Policies;
use crate::broker::settings::QueueType;
use crate::broker::table::{Table, Value};
use crate::broker::{AmqpError, Name};
use crate::definitions;
use crate::share::Tree;

const WAITS: &str = "Not applied yet: choose below how.";
const GONE_WAITS: &str = "Not taken away yet: choose below how.";

/// What RabbitMQ does not change while it is there.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    /// What RabbitMQ says of it.
    pub answer: String,
    /// What can be done.
    pub offers: Vec<Offer>,
}

/// Something that can be done.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// What it says.
    pub label: String,
    /// What comes of it.
    pub help: String,
    /// Whether messages are lost by it.
    pub loses_messages: bool,
    /// What does it.
    pub command: Command,
}

/// Looks at what was typed as the broker would.
pub fn look(form: &mut Form, draft: &Draft, root: &Tree) {
    let edit = changes(form);
    let Subject::Thing { kind, .. } = form.subject else {
        if form.subject == Subject::Scenario {
            look_at_entries(form, root, &edit);
        }
        return;
    };
    if kind == Kind::Policy {
        form.matches = Some(policies::matches(draft, root));
    }
    if edit.is_empty() {
        return;
    }
    let mut would = root.clone();
    if edit.iter().any(|(path, value)| put(&mut would, path, value).is_err()) {
        return;
    }
    match kind {
        Kind::Queue | Kind::Exchange => {
            let all = Declared::new(draft, &form.subject, root, &would).into_iter().collect();
            declared(form, all, draft, &edit);
        }
        Kind::Policy => {
            let refused = would
                .read::<definitions::Policy>()
                .map_err(|error| error.problem)
                .and_then(|policy| Policies::new().set(policies::set_of(policy)).map_err(|error| error.reason));
            match refused {
                Ok(()) => form.matches = Some(policies::matches(draft, &would)),
                Err(text) => blame(form, &text),
            }
        }
        _ => {}
    }
}

/// The same for users, permissions, operator policies and limits, which stand in the scenario itself.
fn look_at_entries(form: &mut Form, root: &Tree, edit: &Edit) {
    if !edit.iter().any(|(path, _)| path.starts_with("definitions.")) {
        return;
    }
    let mut would = root.clone();
    if edit.iter().any(|(path, value)| put(&mut would, path, value).is_err()) {
        return;
    }
    for (place, text) in entries::refusals(&would) {
        let within = format!("{place}.");
        let changed: Vec<&Row> =
            form.rows().into_iter().filter(|row| row.is_changed() && row.id.starts_with(&within)).collect();
        let is_told = |row: &&&Row| names(row, &text) || (!row.text.is_empty() && text.contains(&row.text));
        let about = changed.iter().find(is_told).or(changed.first()).map(|row| row.id.clone());
        if let Some(row) = about.and_then(|id| row_mut(&mut form.items, &id)) {
            row.fault = Some(text);
        }
    }
}

/// The same for several things of one kind, with what stands in the file for each.
pub fn look_at_all(form: &mut Form, draft: &Draft, things: &[(&Subject, &Tree)]) {
    let edit = changes(form);
    if edit.is_empty() || !form.is_declared {
        return;
    }
    let would = |root: &Tree| {
        let mut would = root.clone();
        edit.iter().try_for_each(|(path, value)| put(&mut would, path, value)).ok().map(|()| would)
    };
    let all: Option<Vec<Declared>> =
        things.iter().map(|(thing, root)| Declared::new(draft, thing, root, &would(root)?)).collect();
    if let Some(all) = all {
        declared(form, all, draft, &edit);
    }
}

/// All that was typed and is right, but for the name: that is another matter.
fn changes(form: &Form) -> Edit {
    let rows = form.rows().into_iter().filter(|row| row.is_changed() && row.fault.is_none() && row.id != "name");
    rows.filter_map(|row| row.edit().ok()).flatten().collect()
}

/// Puts a refusal next to the row that it is about.
fn blame(form: &mut Form, text: &str) {
    let changed: Vec<&Row> = form.rows().into_iter().filter(|row| row.is_changed()).collect();
    let about = changed.iter().find(|row| names(row, text)).or(changed.iter().find(|row| row.takes != Takes::Part));
    let Some(id) = about.map(|row| row.id.clone()) else { return };
    if let Some(row) = row_mut(&mut form.items, &id) {
        row.fault = Some(text.to_owned());
    }
}

/// Whether a refusal speaks of what is in a row.
fn names(row: &Row, text: &str) -> bool {
    let key = match &row.takes {
        Takes::New(_, name, _) => name,
        _ => row.id.rsplit('.').next().unwrap_or_default(),
    };
    !key.is_empty()
        && (text.contains(&format!("'{key}'")) || text.lines().any(|line| line.starts_with(&format!("{key} "))))
}

pub fn row_mut<'a>(items: &'a mut [Item], id: &str) -> Option<&'a mut Row> {
    items.iter_mut().find_map(|item| match item {
        Item::Row(row) if row.id == id => Some(&mut **row),
        Item::Group(group) => row_mut(&mut group.items, id),
        _ => None,
    })
}

/// What a declaration would come to.
struct Declared {
    kind: Kind,
    vhost: String,
    name: String,
    /// Why there could be none such.
    invalid: Option<AmqpError>,
    /// Why it is not the same as what is there.
    differs: Option<AmqpError>,
    /// The arguments that are there.
    arguments: Table,
}

fn flag(entry: &Tree, field: &str, usual: bool) -> bool {
    match entry.field(field) {
        Some(Tree::Flag(flag)) => *flag,
        _ => usual,
    }
}

impl Declared {
    /// Of a queue or an exchange, as it is and as it would be.
    fn new(draft: &Draft, subject: &Subject, is: &Tree, would: &Tree) -> Option<Declared> {
        match subject {
            Subject::Thing { kind: Kind::Queue, vhost, name } => Some(Declared::queue(draft, vhost, name, is, would)),
            Subject::Thing { kind: Kind::Exchange, vhost, name } => Some(Declared::exchange(vhost, name, is, would)),
            _ => None,
        }
    }

    fn queue(draft: &Draft, vhost: &str, name: &str, is: &Tree, would: &Tree) -> Declared {
        let resource = Resource { vhost: vhost.into(), name: name.into() };
        let default = policies::default_type(draft, vhost);
        let arguments = |entry: &Tree| {
            let mut arguments = policies::arguments(entry).unwrap_or_default();
            let kind: Name = "x-queue-type".into();
            if !arguments.contains_key("x-queue-type") {
                arguments.insert(kind, Value::from(default.as_str()));
            }
            arguments
        };
        let (old, new) = (arguments(is), arguments(would));
        let properties = |entry: &Tree, arguments| QueueProperties {
            durable: flag(entry, "durable", true),
            auto_delete: flag(entry, "auto_delete", false),
            arguments,
        };
        let wanted = properties(would, &new);
        let invalid = check_queue_arguments(&resource, &new, default)
            .and_then(|kind| check_queue_properties(&resource, kind, wanted.durable, false, wanted.auto_delete, &new));
        let kind = old.get("x-queue-type").and_then(Value::as_str).and_then(QueueType::from_name).unwrap_or(default);
        let differs = check_queue_equivalence(&resource, kind, properties(is, &old), wanted).err();
        let (vhost, name) = (vhost.to_owned(), name.to_owned());
        Declared { kind: Kind::Queue, vhost, name, invalid: invalid.err(), differs, arguments: old }
    }

    fn exchange(vhost: &str, name: &str, is: &Tree, would: &Tree) -> Declared {
        let resource = Resource { vhost: vhost.into(), name: name.into() };
        let (old, new) = (policies::arguments(is).unwrap_or_default(), policies::arguments(would).unwrap_or_default());
        let invalid = ExchangeType::parse(would.text("type").unwrap_or_default()).err();
        let properties = |entry, arguments| properties_of(entry, arguments);
        let differs = check_exchange_equivalence(&resource, properties(is, &old), properties(would, &new)).err();
        let (vhost, name) = (vhost.to_owned(), name.to_owned());
        Declared { kind: Kind::Exchange, vhost, name, invalid, differs, arguments: old }
    }
}

fn properties_of<'a>(entry: &'a Tree, arguments: &'a Table) -> ExchangeProperties<'a> {
    ExchangeProperties {
        kind: entry.text("type").unwrap_or_default(),
        durable: flag(entry, "durable", true),
        auto_delete: flag(entry, "auto_delete", false),
        internal: flag(entry, "internal", false),
        arguments,
    }
}

/// Tells what RabbitMQ would say of declarations that are alike but for the names.
fn declared(form: &mut Form, all: Vec<Declared>, draft: &Draft, edit: &Edit) {
    if let Some(error) = all.iter().find_map(|declared| declared.invalid.as_ref()) {
        blame(form, &error.text);
        return;
    }
    let Some(first) = all.first().filter(|_| form.rows().iter().all(|row| row.fault.is_none())) else { return };
    let (word, is_queue) = (first.kind.word(), first.kind == Kind::Queue);
    let answer = match all.iter().find_map(|declared| declared.differs.as_ref()) {
        Some(error) => error.text.clone(),
        None => format!(
            "{word}.declare-ok, and the {word} stays as it is: RabbitMQ compares this with nothing when a {word} is \
             declared again"
        ),
    };
    let (label, bindings, consumers) = match all.len() {
        1 => ("Delete and declare again", "Its bindings are made again", ", and who consumes from it starts again."),
        _ => (
            "Delete and declare all again",
            "Their bindings are made again",
            ", and who consumes from them starts again.",
        ),
    };
    let mut offers = vec![Offer {
        label: label.to_owned(),
        help: format!("{bindings}{}", if is_queue { consumers } else { "." }),
        loses_messages: is_queue,
        command: form.command(edit),
    }];
    offers.extend(by_policy(draft, &all, edit));
    // Who looks at the row learns that something is to be chosen further down.
    let is_waiting = |row: &&&Row| row.is_changed() && row.takes != Takes::Part && row.id != "name";
    let waiting: Vec<String> = form.rows().iter().filter(is_waiting).map(|row| row.id.clone()).collect();
    for id in waiting {
        if let Some(row) = row_mut(&mut form.items, &id) {
            row.note = Some(if row.is_gone { GONE_WAITS } else { WAITS }.to_owned());
        }
    }
    form.pending = Some(Pending { answer, offers });
}

/// The policy that does the same to what is there; none if another one applies to some of it.
fn by_policy(draft: &Draft, all: &[Declared], edit: &Edit) -> Option<Offer> {
    let mut definition = Settings::new();
    for (path, value) in edit {
        let argument = path.strip_prefix("arguments.")?;
        let key = argument.strip_prefix("x-").unwrap_or(argument);
        let known = super::super::catalog::POLICY_KEYS.iter().any(|entry| entry.key == key);
        // An argument that is there would have its say beside the policy's.
        let is_there = all.iter().any(|declared| declared.arguments.contains_key(argument));
        if !known || *value == Tree::Null || is_there {
            return None;
        }
        definition.push((key.to_owned(), value.clone()));
    }
    let first = all.first()?;
    let (kind, vhost) = (first.kind, first.vhost.as_str());
    let applying = |declared: &Declared| policies::applying(draft, vhost, kind, &declared.name);
    let applies = applying(first);
    if all.iter().any(|declared| declared.vhost != vhost || applying(declared) != applies) {
        return None;
    }
    if let Some(name) = applies {
        let already = if all.len() == 1 { "it" } else { "all of them" };
        let help = format!("{name} applies to {already} already, and may apply to others. Nothing is lost.");
        let target =
            Subject::Thing { kind: Kind::Policy, vhost: vhost.to_owned(), name: name.clone() }.target(draft)?;
        let command = Command::Set { target, flags: Vec::new(), settings: definition };
        return Some(Offer { label: format!("Add it to policy {name}"), help, loses_messages: false, command });
    }
    let names: Vec<&str> = all.iter().map(|declared| declared.name.as_str()).collect();
    let command = policies::policy_for(draft, vhost, kind, &names, definition);
    let help = "It takes effect at once, and nothing is lost.".to_owned();
    Some(Offer { label: "Set it by a policy".to_owned(), help, loses_messages: false, command })
}
