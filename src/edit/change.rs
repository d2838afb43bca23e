//! What a command makes of a scenario file.
//!
//! What always holds: the file that comes out can be opened, or there is a refusal and nothing has changed. What belongs
//! to a thing goes with it: its bindings, its place in the picture, what a script does with it.

use crate::share::{File, Node, Tree};

use super::command::{Command, Kind, Settings, Target};
use super::draft::{Draft, Found, object, role, vhost_of};
use super::refusal::Refusal;
use super::{catalog, copy, path, rename};

/// What came of a command.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// The file as it is now.
    pub file: File,
    /// What is new or was changed, for the page to select.
    pub touched: Vec<Found>,
}

/// Changes a file.
///
/// # Errors
///
/// Why it cannot be done. Commands that are done in a running world, such as `publish`, change no file.
pub fn change(file: &File, command: &Command) -> Result<Changed, Refusal> {
    let mut draft = Draft::of(file)?;
    let touched = edit(&mut draft, command)?;
    Ok(Changed { file: draft.finish()?, touched })
}

/// A file beside which it is to be compared: with one thing changed. What adds something that is there already changes that.
///
/// # Errors
///
/// Why it cannot be done, or that it changes nothing.
pub fn varied(file: &File, command: &Command) -> Result<File, Refusal> {
    let changed = change(file, &as_change(file, command)?)?;
    if changed.file.scenario == file.scenario {
        return Err(Refusal::new("that changes nothing: there is nothing to compare"));
    }
    Ok(changed.file)
}

/// The change that a file is compared with itself by: what adds something that is there already changes that.
///
/// # Errors
///
/// Why the file cannot be changed.
pub fn as_change(file: &File, command: &Command) -> Result<Command, Refusal> {
    let draft = Draft::of(file)?;
    if let Command::Add { kind, name, flags, from, to: None, settings } = command
        && from.is_empty()
    {
        let target = Target::new(*kind, name);
        if draft.find(&target, None).is_ok() {
            return Ok(Command::Set { target, flags: flags.clone(), settings: settings.clone() });
        }
    }
    Ok(command.clone())
}

fn edit(draft: &mut Draft, command: &Command) -> Result<Vec<Found>, Refusal> {
    match command {
        Command::Add { .. } => add(draft, command).map(|found| vec![found]),
        Command::Bind { .. } => bind(draft, command).map(|()| Vec::new()),
        Command::Set { target, flags, settings } => set(draft, target, flags, settings).map(|found| vec![found]),
        Command::Put { settings } => settings
            .iter()
            .try_for_each(|(place, value)| path::put(draft.tree_mut(), place, value))
            .map(|()| Vec::new()),
        Command::Rename { target, name } => {
            let found = draft.find(target, None)?;
            rename::rename(draft, &found, name).map(|renamed| vec![renamed])
        }
        Command::Duplicate { targets, name } => copy::duplicate(draft, targets, name),
        Command::Paste { scenario, to } => copy::paste(draft, scenario, *to),
        Command::Scenario { name } => draft.call(name).map(|()| Vec::new()),
        Command::Delete { targets } => delete(draft, targets).map(|()| Vec::new()),
        Command::Move { target, to } => {
            let found = draft.find(target, None);
            let node = match &found {
                Ok(found) => found.node().ok_or_else(|| Refusal::new("it is not in the picture"))?,
                // What a client declares, or the broker has, is in no file, and in the picture all the same.
                Err(refusal) => undeclared(draft, target).ok_or_else(|| refusal.clone())?,
            };
            draft.place(&node, to.map(|(x, y)| point(x, y)));
            Ok(found.into_iter().collect())
        }
        Command::Arrange => {
            draft.forget_places();
            Ok(Vec::new())
        }
        Command::Steps(steps) => {
            let mut touched = Vec::new();
            for step in steps {
                touched.extend(edit(draft, step)?);
            }
            Ok(touched)
        }
        Command::Publish { .. }
        | Command::Get { .. }
        | Command::Settle { .. }
        | Command::MoveMessages { .. }
        | Command::Control { .. }
        | Command::Broker(_) => Err(Refusal::new("this is done in the running world and changes no scenario")),
        Command::Compare(_) => Err(Refusal::new("this is only looked at and changes no scenario")),
    }
}

/// The node of an exchange or a queue that is in no file.
fn undeclared(draft: &Draft, target: &Target) -> Option<Node> {
    let name = target.name.clone();
    let vhost = target.vhost.clone().unwrap_or_else(|| draft.usual_vhost().as_str().into());
    let found = |found: Found| found.name == *name && found.vhost == *vhost;
    match target.kind? {
        kind if draft.all(kind).any(found) => None,
        Kind::Exchange => Some(Node::Exchange { vhost, name }),
        Kind::Queue => Some(Node::Queue { vhost, name }),
        _ => None,
    }
}

/// A place as a file has it: whole numbers.
pub(super) fn point(x: f64, y: f64) -> Tree {
    #[allow(clippy::cast_possible_truncation)]
    let whole = |number: f64| {
        let number = number.round() as i64;
        u64::try_from(number).map_or(Tree::Negative(number), Tree::Count)
    };
    Tree::Object(vec![("x".to_owned(), whole(x)), ("y".to_owned(), whole(y))])
}

fn setting<'a>(settings: &'a Settings, key: &str) -> Option<&'a Tree> {
    settings.iter().find(|(name, _)| name == key).map(|(_, value)| value)
}

/// The virtual host that a command names.
fn vhost_in(settings: &Settings) -> Result<Option<&str>, Refusal> {
    match setting(settings, "vhost") {
        None => Ok(None),
        Some(Tree::Text(vhost)) => Ok(Some(vhost)),
        Some(_) => Err(Refusal::new("vhost: expected the name of a virtual host")),
    }
}

fn add(draft: &mut Draft, command: &Command) -> Result<Found, Refusal> {
    let Command::Add { kind, name, flags, from, to, settings } = command else {
        return Err(Refusal::new("nothing to add"));
    };
    let kind = *kind;
    let vhost = match vhost_in(settings)? {
        Some(vhost) => vhost.to_owned(),
        None => draft.usual_vhost(),
    };
    let name = if name.is_empty() { draft.free_name(kind, &vhost, None) } else { name.to_string() };
    check_free(draft, kind, &vhost, &name)?;
    let mut entry = Tree::Object(vec![("name".to_owned(), Tree::Text(name.clone()))]);
    match kind {
        Kind::Vhost => keep_slash(draft),
        _ if kind.is_client() => {
            entry.set("vhost", Tree::Text(vhost.clone()));
            entry.set("role", Tree::Text(role(kind)));
            let (consumes, publishes) = parts_of(kind);
            if !from.is_empty() {
                let queues = from.iter().map(|queue| Tree::from(&**queue)).collect();
                path::put(&mut entry, &format!("{consumes}queues"), &Tree::List(queues))?;
            }
            if let Some((exchange, key)) = to {
                path::put(&mut entry, &format!("{publishes}exchange"), &Tree::from(&**exchange))?;
                if let Some(key) = key {
                    path::put(&mut entry, &format!("{publishes}routing_key"), &Tree::from(&**key))?;
                }
            }
        }
        _ => entry.set("vhost", Tree::Text(vhost.clone())),
    }
    if kind == Kind::Exchange {
        entry.set("type", Tree::from("direct"));
    }
    if kind == Kind::Policy {
        entry.set("pattern", Tree::from(".*"));
        object(&mut entry, "definition");
    }
    apply_flags(&mut entry, kind, flags)?;
    apply_settings(&mut entry, kind, settings)?;
    draft.add(kind, entry);
    draft.find(&Target::new(kind, &name.as_str().into()), (kind != Kind::Vhost).then_some(&*vhost))
}

/// Where a client's fields for consuming and for publishing are, as the beginning of a path.
fn parts_of(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Worker => ("consume.", "publish."),
        Kind::RpcClient => ("", "request."),
        Kind::RpcServer => ("consume.", ""),
        _ => ("", ""),
    }
}

/// A list of virtual hosts says which there are: the one that nobody had to name is named now.
pub(super) fn keep_slash(draft: &mut Draft) {
    if draft.list("vhosts").is_empty() {
        draft.add(Kind::Vhost, Tree::Object(vec![("name".to_owned(), Tree::from(super::draft::SLASH))]));
    }
}

pub(super) fn check_free(draft: &Draft, kind: Kind, vhost: &str, name: &str) -> Result<(), Refusal> {
    if name.is_empty() {
        return Err(Refusal::new("expected a name"));
    }
    if draft.is_taken(kind, vhost, name) {
        let what = if kind.is_client() { "client" } else { kind.word() };
        return Err(Refusal::new(format!("there is a {what} `{name}` already")));
    }
    Ok(())
}

/// Bare words: an exchange's or a queue's type, and what it shall be.
fn apply_flags(entry: &mut Tree, kind: Kind, flags: &[String]) -> Result<(), Refusal> {
    for flag in flags {
        let is_exchange_type = || catalog::EXCHANGE_TYPES.iter().any(|(word, _)| word == flag);
        match (kind, flag.as_str()) {
            (Kind::Exchange, _) if is_exchange_type() => entry.set("type", Tree::from(flag.as_str())),
            (Kind::Exchange, "internal") => entry.set("internal", Tree::Flag(true)),
            (Kind::Queue, "classic" | "quorum" | "stream") => {
                if let Some(arguments) = object(entry, "arguments") {
                    arguments.set("x-queue-type", Tree::from(flag.as_str()));
                }
            }
            (Kind::Exchange | Kind::Queue, "durable") => entry.set("durable", Tree::Flag(true)),
            (Kind::Exchange | Kind::Queue, "transient") => entry.set("durable", Tree::Flag(false)),
            (Kind::Exchange | Kind::Queue, "auto-delete") => entry.set("auto_delete", Tree::Flag(true)),
            (Kind::Exchange, _) => {
                let types: Vec<&str> = catalog::EXCHANGE_TYPES.iter().map(|(word, _)| *word).collect();
                let expected = format!("expected {}, durable, transient, auto-delete or internal", types.join(", "));
                return Err(Refusal::new(format!("`{flag}`: {expected}")));
            }
            (Kind::Queue, _) => {
                let expected = "expected classic, quorum, stream, durable, transient or auto-delete";
                return Err(Refusal::new(format!("`{flag}`: {expected}")));
            }
            _ => return Err(Refusal::new(format!("did not expect `{flag}`"))),
        }
    }
    Ok(())
}

/// The fields of an entry; whatever else is set is an argument.
pub fn own_fields(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Exchange => &["vhost", "type", "durable", "auto_delete", "internal"],
        Kind::Queue => &["vhost", "durable", "auto_delete"],
        Kind::Policy => &["vhost", "pattern", "apply-to", "priority"],
        _ => &[],
    }
}

fn apply_settings(entry: &mut Tree, kind: Kind, settings: &Settings) -> Result<(), Refusal> {
    for (key, value) in settings {
        if kind.is_client() {
            path::put(entry, key, value)?;
        } else if own_fields(kind).contains(&key.as_str()) {
            entry.set(key, value.clone());
        } else {
            let inside = match kind {
                Kind::Vhost => "metadata",
                Kind::Policy => "definition",
                _ => "arguments",
            };
            if let Some(inside) = object(entry, inside) {
                inside.set(key, value.clone());
            }
        }
    }
    Ok(())
}

fn bind(draft: &mut Draft, command: &Command) -> Result<(), Refusal> {
    let Command::Bind { undo, source, destination, key, settings } = command else {
        return Err(Refusal::new("nothing to bind"));
    };
    let named = vhost_in(settings)?;
    let to = draft.find(destination, named)?;
    let destination_type = match to.kind {
        Kind::Queue => "queue",
        Kind::Exchange => "exchange",
        _ => return Err(Refusal::new(format!("`{}` is neither a queue nor an exchange", to.name))),
    };
    if source.is_empty() {
        return Err(Refusal::new("every queue is bound to the default exchange by its name, and nothing else can be"));
    }
    let mut entry = Tree::Object(vec![
        ("source".to_owned(), Tree::from(&**source)),
        ("vhost".to_owned(), Tree::Text(to.vhost)),
        ("destination".to_owned(), Tree::Text(to.name)),
        ("destination_type".to_owned(), Tree::from(destination_type)),
        ("routing_key".to_owned(), Tree::from(&**key)),
    ]);
    for (key, value) in settings.iter().filter(|(key, _)| key != "vhost") {
        if let Some(arguments) = object(&mut entry, "arguments") {
            arguments.set(key, value.clone());
        }
    }
    let Some(bindings) = draft.list_mut("bindings") else { return Ok(()) };
    match (bindings.iter().position(|binding| is_same_binding(binding, &entry)), undo) {
        (Some(index), true) => {
            bindings.remove(index);
            Ok(())
        }
        (None, true) => Err(Refusal::new("there is no such binding")),
        (Some(_), false) => Err(Refusal::new("there is such a binding already")),
        (None, false) => {
            bindings.push(entry);
            Ok(())
        }
    }
}

pub(super) fn is_same_binding(one: &Tree, other: &Tree) -> bool {
    let fields = ["source", "vhost", "destination", "destination_type", "routing_key"];
    let sorted = |binding: &Tree| match binding.field("arguments") {
        Some(Tree::Object(arguments)) => {
            let mut arguments: Vec<(String, String)> =
                arguments.iter().map(|(key, value)| (key.clone(), value.to_line())).collect();
            arguments.sort();
            arguments
        }
        _ => Vec::new(),
    };
    fields.iter().all(|field| one.text(field) == other.text(field)) && sorted(one) == sorted(other)
}

fn set(draft: &mut Draft, target: &Target, flags: &[String], settings: &Settings) -> Result<Found, Refusal> {
    let wanted = vhost_in(settings)?;
    // For a client, `vhost` is a field like others; for everything else it tells which is meant.
    let found = draft.find(target, wanted).or_else(|_| draft.find(target, None))?;
    if let Some(entry) = draft.entry_mut(&found) {
        apply_flags(entry, found.kind, flags)?;
        apply_settings(entry, found.kind, settings)?;
    }
    let name = found.name.as_str().into();
    if !found.kind.is_client() {
        let vhost = (found.kind != Kind::Vhost).then_some(found.vhost.as_str());
        return draft.find(&Target::new(found.kind, &name), vhost);
    }
    // It may do something else now.
    let mut roles = Kind::ALL.into_iter().filter(|kind| kind.is_client());
    let again = roles.find_map(|kind| draft.find(&Target::new(kind, &name), None).ok());
    Ok(again.unwrap_or(found))
}

fn delete(draft: &mut Draft, targets: &[Target]) -> Result<(), Refusal> {
    let found = targets.iter().map(|target| draft.find(target, None)).collect::<Result<Vec<Found>, Refusal>>()?;
    for found in found {
        // Others may have gone since, and their numbers with them.
        let target = Target::new(found.kind, &found.name.as_str().into());
        let vhost = (found.kind != Kind::Vhost).then_some(&*found.vhost);
        if let Ok(found) = draft.find(&target, vhost) {
            delete_one(draft, &found);
        }
    }
    Ok(())
}

fn delete_one(draft: &mut Draft, found: &Found) {
    draft.remove(found);
    if let Some(node) = found.node() {
        draft.place(&node, None);
    }
    let name = Some(found.name.as_str());
    match found.kind {
        Kind::Exchange | Kind::Queue => {
            let hangs_on = |binding: &Tree| {
                let leads_there =
                    binding.text("destination") == name && binding.text("destination_type") == Some(found.kind.word());
                let comes_from = found.kind == Kind::Exchange && binding.text("source") == name;
                vhost_of(binding) == found.vhost && (leads_there || comes_from)
            };
            retain(draft, "bindings", |binding| !hangs_on(binding));
            if found.kind == Kind::Queue {
                forget_queue(draft, found);
            }
        }
        Kind::Vhost => {
            for kind in Kind::ALL {
                let inside: Vec<Found> = draft.all(kind).filter(|other| other.vhost == found.vhost).collect();
                inside.iter().rev().for_each(|other| delete_one(draft, other));
            }
            for section in ["permissions", "topic_permissions", "parameters"] {
                retain(draft, section, |entry| vhost_of(entry) != found.vhost);
            }
        }
        Kind::Policy => {}
        _ => retain(draft, "script", |timed| rename::client_of(timed) != name),
    }
}

/// A consumer cannot begin with a queue that is not there.
fn forget_queue(draft: &mut Draft, queue: &Found) {
    for client in draft.list_mut("clients").into_iter().flatten().filter(|client| vhost_of(client) == queue.vhost) {
        for part in rename::parts(client) {
            if let Some(Tree::List(queues)) = part.field_mut("queues") {
                queues.retain(|name| *name != Tree::from(queue.name.as_str()));
            }
        }
    }
}

fn retain(draft: &mut Draft, section: &str, keep: impl Fn(&Tree) -> bool) {
    if !draft.list(section).is_empty()
        && let Some(list) = draft.list_mut(section)
    {
        list.retain(keep);
    }
}
