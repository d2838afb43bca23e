//! What a form is about: something in a scenario file, or the file itself; and what there is in one.
//!
//! What always holds: a subject names something by its name, or by its place where it has none; if it is not there any
//! more, there is no form of it.

use super::super::change::own_fields;
use super::super::command::{Command, Kind, Settings, Target};
use super::super::draft::{Draft, Found, SLASH, vhost_of};
use super::super::path::{get, join, unescaped};
use super::lay::Layer;
use super::shape::Shape;
use super::shapes::{broker, client, scenario};
use super::{Does, Edit, Form, Item, Typed, check, policies, several};
use crate::share::Tree;

/// What a form is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The scenario itself.
    Scenario,
    /// Something with a name.
    Thing {
        /// What it is.
        kind: Kind,
        /// Its virtual host; nobody asks for a client's.
        vhost: String,
        /// Its name.
        name: String,
    },
    /// A binding, by its number in the file.
    Binding(usize),
    /// The bindings between two.
    Between {
        /// Their virtual host.
        vhost: String,
        /// The exchange that they are from.
        source: String,
        /// What they lead to.
        kind: Kind,
        /// Its name.
        destination: String,
    },
    /// Several things with names, at once.
    Several(Vec<Subject>),
}

impl Subject {
    /// Something that was found.
    pub fn of(found: &Found) -> Self {
        Subject::Thing { kind: found.kind, vhost: found.vhost.clone(), name: found.name.clone() }
    }

    /// What it is called in commands; none for what has no name.
    pub fn target(&self, draft: &Draft) -> Option<Target> {
        let Subject::Thing { kind, name, vhost } = self else { return None };
        let mut target = Target::new(*kind, &name.as_str().into());
        // Others may have something of that name.
        let is_inside = matches!(kind, Kind::Exchange | Kind::Queue | Kind::Policy);
        target.vhost = (is_inside && draft.vhosts().len() > 1).then(|| vhost.as_str().into());
        Some(target)
    }

    /// Where it stands in a file; none if it is not there.
    pub fn found(&self, draft: &Draft) -> Option<Found> {
        let Subject::Thing { kind, vhost, name } = self else { return None };
        let here = |found: &Found| found.name == *name && (kind.is_client() || found.vhost == *vhost);
        // A client may have got another role.
        let kinds = Kind::ALL.into_iter().filter(|other| other == kind || kind.is_client() && other.is_client());
        kinds.flat_map(|kind| draft.all(kind)).find(here)
    }

    pub(super) fn path(&self, draft: &Draft) -> Option<String> {
        let path = match self {
            Subject::Scenario | Subject::Between { .. } | Subject::Several(_) => String::new(),
            Subject::Thing { .. } => self.found(draft)?.path(),
            Subject::Binding(index) => format!("definitions.bindings.{index}"),
        };
        get(draft.tree(), &path).map(|_| path)
    }

    pub(super) fn shape(&self) -> &'static Shape {
        match self {
            Subject::Scenario => &scenario::SCENARIO,
            Subject::Binding(_) => &broker::BINDING,
            Subject::Between { .. } | Subject::Several(_) => &NOTHING,
            Subject::Thing { kind, .. } => match kind {
                Kind::Vhost => &broker::VHOST_THING,
                Kind::Exchange => &broker::EXCHANGE_THING,
                Kind::Queue => &broker::QUEUE_THING,
                Kind::Policy => &broker::POLICY,
                _ => &client::CLIENT,
            },
        }
    }

    /// The command that makes an edit of it.
    pub fn command(&self, target: Option<Target>, prefix: &str, edit: &Edit) -> Command {
        if let ([(path, Tree::Text(name))], Some(target)) = (edit.as_slice(), target.clone())
            && path == "name"
        {
            return Command::Rename { target, name: name.as_str().into() };
        }
        if let (Subject::Thing { kind, .. }, Some(target)) = (self, target)
            && let Some(settings) = settings_of(*kind, edit)
        {
            return Command::Set { target, flags: Vec::new(), settings };
        }
        Command::Put { settings: edit.iter().map(|(path, value)| (join(prefix, path), value.clone())).collect() }
    }

    /// The command that takes it away.
    pub fn delete(&self, draft: &Draft) -> Option<Command> {
        match self {
            Subject::Scenario | Subject::Between { .. } => None,
            Subject::Thing { .. } | Subject::Several(_) => {
                Some(self.targets(draft)).filter(|all| !all.is_empty()).map(|targets| Command::Delete { targets })
            }
            Subject::Binding(_) => bind_command(get(draft.tree(), &self.path(draft)?)?, true, draft.vhosts().len() > 1),
        }
    }

    /// The command that makes another like it.
    pub fn duplicate(&self, draft: &Draft) -> Option<Command> {
        let targets = self.targets(draft);
        (!targets.is_empty()).then(|| Command::Duplicate { targets, name: "".into() })
    }

    /// What it is called in commands, or what all of it that stands in a file is called.
    pub fn targets(&self, draft: &Draft) -> Vec<Target> {
        match self {
            Subject::Several(things) => {
                let there = things.iter().filter(|thing| thing.found(draft).is_some());
                there.filter_map(|thing| thing.target(draft)).collect()
            }
            one => one.target(draft).into_iter().collect(),
        }
    }
}

static NOTHING: Shape = Shape::Object(&[]);

/// The subject of an arrow from an exchange: its binding, if there is one, or all of them.
pub fn between(draft: &Draft, vhost: &str, source: &str, kind: Kind, destination: &str) -> Subject {
    let (vhost, source, destination) = (vhost.to_owned(), source.to_owned(), destination.to_owned());
    let all = Subject::Between { vhost, source, kind, destination };
    match bindings(draft, &all).as_deref() {
        Some([only]) => only.subject.clone(),
        _ => all,
    }
}

/// What a binding's command is; whether its virtual host has to be named even if that is `/`.
pub fn bind_command(binding: &Tree, undo: bool, is_named: bool) -> Option<Command> {
    let kind = if binding.text("destination_type") == Some("exchange") { Kind::Exchange } else { Kind::Queue };
    let mut settings: Settings = match binding.field("arguments") {
        Some(Tree::Object(arguments)) => arguments.clone(),
        _ => Vec::new(),
    };
    let vhost = vhost_of(binding);
    if is_named || vhost != SLASH {
        settings.push(("vhost".to_owned(), Tree::from(vhost)));
    }
    Some(Command::Bind {
        undo,
        source: binding.text("source")?.into(),
        destination: Target::new(kind, &binding.text("destination")?.into()),
        key: binding.text("routing_key").unwrap_or_default().into(),
        settings,
    })
}

/// An edit as settings of `set`; none if they cannot say it.
pub(super) fn settings_of(kind: Kind, edit: &Edit) -> Option<Settings> {
    if kind.is_client() {
        return Some(edit.clone());
    }
    let inside = match kind {
        Kind::Exchange | Kind::Queue => "arguments.",
        Kind::Policy => "definition.",
        Kind::Vhost => "metadata.",
        _ => return None,
    };
    let own = own_fields(kind);
    edit.iter()
        .map(|(path, value)| match path.strip_prefix(inside) {
            Some(key) if !own.contains(&key) && key != "vhost" => Some((unescaped(key), value.clone())),
            None if own.contains(&path.as_str()) && path != "vhost" => Some((path.clone(), value.clone())),
            _ => None,
        })
        .collect()
}

/// The form of something; none if it is not in the file.
pub fn form(draft: &Draft, subject: &Subject, typed: &Typed) -> Option<Form> {
    const APART: [&str; 6] = [
        "clients",
        "definitions.exchanges",
        "definitions.queues",
        "definitions.bindings",
        "definitions.policies",
        "definitions.vhosts",
    ];
    if let Subject::Several(things) = subject {
        return several::form(draft, things, typed);
    }
    let prefix = subject.path(draft)?;
    let root = get(draft.tree(), &prefix)?;
    let vhost = match subject {
        Subject::Scenario => None,
        Subject::Thing { vhost, kind, .. } if !kind.is_client() => Some(vhost.as_str()),
        _ => Some(vhost_of(root)),
    };
    let without = if *subject == Subject::Scenario { &APART[..] } else { &[] };
    let mut items = Layer { draft, vhost, root, typed, without }.shape(subject.shape(), "");
    // What is said only for the reader is shown where somebody has said it.
    items.retain(
        |item| !matches!(item, Item::Row(row) if row.id == "type" && row.stands.is_empty() && row.text.is_empty()),
    );
    let mut form = Form {
        subject: subject.clone(),
        title: title(subject, root),
        items,
        remark: remark(draft, subject, root),
        pending: None,
        matches: None,
        does: match subject {
            Subject::Binding(_) => Does::Binding(root.clone(), draft.vhosts().len() > 1),
            _ => Does::One,
        },
        is_declared: matches!(subject, Subject::Thing { kind: Kind::Queue | Kind::Exchange, .. }),
        target: subject.target(draft),
        prefix,
    };
    check::look(&mut form, draft, root);
    Some(form)
}

fn title(subject: &Subject, root: &Tree) -> String {
    match subject {
        Subject::Scenario => "Scenario".to_owned(),
        Subject::Thing { kind, name, .. } => format!("{} {name}", kind_name(*kind)),
        Subject::Several(things) => several::title(things),
        Subject::Between { source, destination, .. } => format!("Bindings {source} \u{2192} {destination}"),
        Subject::Binding(_) => {
            let word = |field: &str| root.text(field).unwrap_or_default();
            format!("Binding {} \u{2192} {}", word("source"), word("destination"))
        }
    }
}

/// What people call a kind.
pub fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Vhost => "Virtual host",
        Kind::Exchange => "Exchange",
        Kind::Queue => "Queue",
        Kind::Policy => "Policy",
        Kind::Producer => "Producer",
        Kind::Consumer => "Consumer",
        Kind::Worker => "Worker",
        Kind::RpcClient => "RPC client",
        Kind::RpcServer => "RPC server",
    }
}

fn remark(draft: &Draft, subject: &Subject, root: &Tree) -> Option<String> {
    match subject {
        Subject::Thing { kind: Kind::Queue, vhost, name } => {
            policies::capped(draft, vhost, name, &policies::arguments(root).unwrap_or_default())
        }
        Subject::Thing { kind, .. } if kind.is_client() => Some(
            "A client that is changed connects anew: what it holds unacknowledged goes back to its queue.".to_owned(),
        ),
        _ => None,
    }
}

/// Something that a scenario holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What it is.
    pub subject: Subject,
    /// What it is called.
    pub label: String,
}

/// Things of a kind that a scenario holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// What they are called together.
    pub label: &'static str,
    /// They.
    pub entries: Vec<Entry>,
    /// What there is if they are none.
    pub none: &'static str,
    /// What adds another, and what that says.
    pub add: Option<(&'static str, Command)>,
}

/// What a scenario holds, of what has a form of its own.
pub fn contents(draft: &Draft) -> Vec<Section> {
    let of = |kinds: &[Kind]| -> Vec<Entry> {
        let all = kinds.iter().flat_map(|kind| draft.all(*kind));
        all.map(|found| Entry { subject: Subject::of(&found), label: called(draft, &found) }).collect()
    };
    let add = |kind: Kind, settings: Settings| Command::Add {
        kind,
        name: "".into(),
        flags: Vec::new(),
        from: Vec::new(),
        to: None,
        settings,
    };
    let policy = vec![("apply-to".to_owned(), Tree::from("queues")), ("max-length".to_owned(), Tree::Count(100))];
    let clients: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| kind.is_client()).collect();
    let section = |label, kinds: &[Kind], none, add| Section { label, entries: of(kinds), none, add };
    let (vhost, policy) = (add(Kind::Vhost, Vec::new()), add(Kind::Policy, policy));
    let mut all = vec![
        section(
            "Virtual hosts",
            &[Kind::Vhost],
            "/ alone, with which every broker begins.",
            Some(("Add a virtual host", vhost)),
        ),
        section("Policies", &[Kind::Policy], "None.", Some(("Add a policy", policy))),
        section("Exchanges", &[Kind::Exchange], "None but those that every virtual host has.", None),
        section("Queues", &[Kind::Queue], "None.", None),
        section("Clients", &clients, "None.", None),
    ];
    let entries = bindings(draft, &Subject::Scenario).unwrap_or_default();
    all.insert(4, Section { label: "Bindings", entries, none: "None but the default exchange's.", add: None });
    all
}

fn called(draft: &Draft, found: &Found) -> String {
    let several = draft.vhosts().len() > 1;
    match found.kind {
        Kind::Exchange | Kind::Queue | Kind::Policy if several => format!("{} in {}", found.name, found.vhost),
        _ => found.name.clone(),
    }
}

/// The bindings that something is about; none if it is about none.
pub fn bindings(draft: &Draft, subject: &Subject) -> Option<Vec<Entry>> {
    let leads_to = |binding: &Tree, kind: Kind, name: &str| {
        binding.text("destination") == Some(name) && binding.text("destination_type") == Some(kind.word())
    };
    let is_from = |binding: &Tree, name: &str| binding.text("source") == Some(name);
    let wanted: Box<dyn Fn(&Tree) -> bool + '_> = match subject {
        Subject::Scenario => Box::new(|_| true),
        Subject::Thing { kind: kind @ (Kind::Exchange | Kind::Queue), vhost, name } => Box::new(move |binding| {
            let starts_here = *kind == Kind::Exchange && is_from(binding, name);
            vhost_of(binding) == vhost && (leads_to(binding, *kind, name) || starts_here)
        }),
        Subject::Between { vhost, source, kind, destination } => Box::new(move |binding| {
            vhost_of(binding) == vhost && is_from(binding, source) && leads_to(binding, *kind, destination)
        }),
        _ => return None,
    };
    let all = draft.list("bindings").iter().enumerate().filter(|(_, binding)| wanted(binding));
    let entries = all.map(|(index, binding)| {
        let word = |field: &str| binding.text(field).unwrap_or_default();
        let key = if word("routing_key").is_empty() { String::new() } else { format!(", {}", word("routing_key")) };
        let label = format!("{} \u{2192} {}{key}", word("source"), word("destination"));
        Entry { subject: Subject::Binding(index), label }
    });
    Some(entries.collect())
}
