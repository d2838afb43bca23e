//! What an edge of the picture stands for in a scenario: bindings and relations, to be changed and taken away.

use crate::share::{File, Tree};

use super::command::{Command, Settings};
use super::draft::{Draft, vhost_of};
use super::link::{Asked, End, Scene};
use super::refusal::Refusal;
use super::words::{Mistake, setting};

/// What an edge is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// Bindings of one exchange and what is bound to it.
    Binding,
    /// From a queue to where its dead letters go.
    DeadLetter,
    /// From an exchange to its alternate exchange.
    Alternate,
    /// From a queue to who consumes from it.
    Consume,
    /// From who publishes to an exchange.
    Publish,
    /// From the default exchange to a queue of that name.
    Implied,
}

/// One thing that an edge stands for.
#[derive(Clone, Debug, PartialEq)]
pub struct Behind {
    /// What it is, in a few words.
    pub label: String,
    /// Its key or its arguments, as they are typed.
    pub text: String,
    /// What can be typed instead; none if nothing can.
    pub asks: Option<Asked>,
    /// Takes it away.
    pub delete: Command,
}

impl Behind {
    /// Gives a binding another key, or other arguments.
    ///
    /// # Errors
    ///
    /// What is wrong with what was typed.
    pub fn with(&self, typed: &str) -> Result<Command, Mistake> {
        let Command::Bind { source, destination, key, settings, .. } = &self.delete else {
            return Err(Mistake::new(0, "there is nothing to type here"));
        };
        let (mut key, mut settings) = (key.clone(), settings.clone());
        if self.asks.is_some_and(|asked| asked.is_arguments) {
            if let Command::Bind { settings: given, .. } = Command::parse(&format!("bind x -> y \"\" {typed}"))? {
                settings = given;
            }
        } else {
            key = typed.into();
        }
        let (source, destination) = (source.clone(), destination.clone());
        let bind = Command::Bind { undo: false, source, destination, key, settings };
        Ok(Command::Steps(vec![self.delete.clone(), bind]))
    }
}

/// What an edge stands for.
///
/// # Errors
///
/// Why it is not for anybody to change.
pub fn behind(file: &File, relation: Relation, from: &End, to: &End) -> Result<Vec<Behind>, Refusal> {
    let draft = Draft::of(file)?;
    let scene = Scene { draft: &draft };
    match relation {
        Relation::Binding => bindings(&scene, from, to),
        Relation::DeadLetter => {
            let delete = scene
                .set(from, vec![("x-dead-letter-exchange", Tree::Null), ("x-dead-letter-routing-key", Tree::Null)]);
            argument(
                &scene,
                from,
                "queues",
                "x-dead-letter-exchange",
                format!("Dead letters of `{}`", from.name),
                delete,
            )
        }
        Relation::Alternate => {
            let delete = scene.set(from, vec![("alternate-exchange", Tree::Null)]);
            argument(
                &scene,
                from,
                "exchanges",
                "alternate-exchange",
                format!("Alternate exchange of `{}`", from.name),
                delete,
            )
        }
        Relation::Consume => {
            let (path, mut queues) = scene.queues_of(to);
            let name = Tree::from(&*from.name);
            if !queues.contains(&name) {
                return Err(Refusal::new(format!("`{}` consumes from a queue that it declares itself.", to.name)));
            }
            queues.retain(|queue| *queue != name);
            let label = format!("`{}` consumes from `{}`", to.name, from.name);
            let delete = scene.set(to, vec![(path, Tree::List(queues))]);
            Ok(vec![Behind { label, text: String::new(), asks: None, delete }])
        }
        Relation::Publish => Err(Refusal::new(format!(
            "`{}` publishes to `{}`. Draw a line from it to something else to let it publish there.",
            from.name, to.name
        ))),
        Relation::Implied => {
            Err(Refusal::new("Every queue is bound to the default exchange by its own name. That is always so."))
        }
    }
}

fn bindings(scene: &Scene<'_>, from: &End, to: &End) -> Result<Vec<Behind>, Refusal> {
    let asks = scene.bind(from, to).asks;
    let mut found = Vec::new();
    for binding in scene.draft.list("bindings") {
        let text = |field| binding.text(field).unwrap_or_default();
        let is_it = vhost_of(binding) == &*from.vhost
            && text("source") == &*from.name
            && text("destination") == &*to.name
            && text("destination_type") == to.kind.word();
        if !is_it {
            continue;
        }
        let settings: Settings = match binding.field("arguments") {
            Some(Tree::Object(arguments)) => arguments.clone(),
            _ => Settings::new(),
        };
        let typed = if asks.is_some_and(|asked| asked.is_arguments) {
            settings.iter().map(|(key, value)| setting(key, value)).collect::<Vec<String>>().join(" ")
        } else {
            text("routing_key").to_owned()
        };
        let (source, destination) = (from.name.clone(), scene.target(to));
        let delete = Command::Bind { undo: true, source, destination, key: text("routing_key").into(), settings };
        let label = format!("Binding `{typed}`");
        found.push(Behind { label, text: typed, asks, delete });
    }
    if found.is_empty() {
        return Err(Refusal::new("A client made this binding itself. It is not part of the scenario's definitions."));
    }
    Ok(found)
}

/// An argument of a queue or an exchange, if it has it itself.
fn argument(
    scene: &Scene<'_>,
    of: &End,
    section: &str,
    key: &str,
    label: String,
    delete: Command,
) -> Result<Vec<Behind>, Refusal> {
    let mut entries = scene.draft.list(section).iter();
    let entry = entries.find(|entry| entry.text("name") == Some(&of.name) && vhost_of(entry) == &*of.vhost);
    let is_own = entry.and_then(|entry| entry.field("arguments")).is_some_and(|inside| inside.field(key).is_some());
    if !is_own {
        return Err(Refusal::new(format!("A policy says so, or the client that declared `{}`.", of.name)));
    }
    Ok(vec![Behind { label, text: String::new(), asks: None, delete }])
}
