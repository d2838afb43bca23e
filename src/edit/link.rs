//! What it means to draw a line from one thing to another: the commands that it can be.
//!
//! What always holds: an offer is a command that can be run as it is, or asks for one text before; where a line makes no
//! sense there is a reason in plain words.

use crate::broker::Name;
use crate::share::{File, Tree};

use super::command::{Command, Kind, Settings, Target};
use super::draft::Draft;
use super::form::Variation;
use super::refusal::Refusal;
use super::words::Mistake;

/// One end of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// What it is.
    pub kind: Kind,
    /// Its virtual host.
    pub vhost: Name,
    /// Its name.
    pub name: Name,
}

/// What has to be typed before an offer can be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What it is called.
    pub label: &'static str,
    /// What it does, in one line.
    pub help: &'static str,
    /// What stands there at first.
    pub begun: &'static str,
    /// Whether named values are typed, rather than one text.
    pub is_arguments: bool,
}

/// Something that a line can be.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// What it does, for a menu.
    pub label: String,
    /// The command, with an empty key where one is asked for.
    pub command: Command,
    /// What is asked for first.
    pub asks: Option<Asked>,
    /// What is new then, to be put where the line ends.
    pub adds: Option<Target>,
}

impl Offer {
    /// What can be done at once.
    pub fn new(label: impl Into<String>, command: Command) -> Offer {
        Offer { label: label.into(), command, asks: None, adds: None }
    }

    /// To be compared with.
    pub fn compare(variation: Variation) -> Offer {
        Offer::new(variation.label, Command::Compare(Box::new(variation.command)))
    }

    /// The command, with what was typed for it.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn with(&self, typed: &str) -> Result<Command, Mistake> {
        let mut command = self.command.clone();
        let Some(asked) = self.asks else { return Ok(command) };
        if let Some(Command::Bind { key, settings, .. }) = binding(&mut command) {
            if asked.is_arguments {
                let line = Command::parse(&format!("bind x -> y \"\" {typed}"))?;
                if let Command::Bind { settings: given, .. } = line {
                    settings.extend(given);
                }
            } else {
                *key = typed.into();
            }
        }
        Ok(command)
    }

    /// The same, with what is new put at a place.
    #[must_use]
    pub fn at(mut self, (x, y): (f64, f64)) -> Offer {
        if let Some(target) = self.adds.clone() {
            let place = Command::Move { target, to: Some((x, y)) };
            self.command = match self.command {
                Command::Steps(steps) => Command::Steps(steps.into_iter().chain([place]).collect()),
                one => Command::Steps(vec![one, place]),
            };
        }
        self
    }
}

fn binding(command: &mut Command) -> Option<&mut Command> {
    match command {
        Command::Steps(steps) => steps.iter_mut().find(|step| matches!(step, Command::Bind { .. })),
        one => Some(one),
    }
}

/// What a line from one thing to another can be, first what it is most likely meant to be.
///
/// # Errors
///
/// Why it makes no sense.
pub fn link(file: &File, from: &End, to: &End) -> Result<Vec<Offer>, Refusal> {
    let draft = Draft::of(file)?;
    let scene = Scene { draft: &draft };
    if from.vhost != to.vhost {
        let text = format!(
            "`{}` is in virtual host {} and `{}` in {}: nothing leads from one virtual host into another.",
            from.name, from.vhost, to.name, to.vhost
        );
        return Err(Refusal::new(text));
    }
    match (from.kind, to.kind) {
        (Kind::Exchange, Kind::Queue) => Ok(vec![scene.bind(from, to)]),
        (Kind::Exchange, Kind::Exchange) => Ok(vec![scene.bind(from, to), scene.alternate(from, to)]),
        (Kind::Queue, Kind::Exchange) => Ok(vec![scene.dead_letters(from, to)]),
        (Kind::Queue, Kind::Queue) => Ok(vec![scene.dead_letters(from, to)]),
        (Kind::Queue, kind) if consumes(kind) => scene.consume(to, from).map(|offer| vec![offer]),
        (kind, Kind::Queue) if kind == Kind::Consumer || kind == Kind::RpcServer => {
            scene.consume(from, to).map(|offer| vec![offer])
        }
        (kind, Kind::Exchange | Kind::Queue) if publishes(kind) => Ok(vec![scene.publish(from, to)]),
        _ => Err(Refusal::new(senseless(from, to))),
    }
}

/// What a line from something to a place where nothing is can be: something new there.
///
/// # Errors
///
/// If nothing can be made that it leads to.
pub fn link_to_nothing(file: &File, from: &End) -> Result<Vec<Offer>, Refusal> {
    let draft = Draft::of(file)?;
    let scene = Scene { draft: &draft };
    let new = |kind: Kind| End { kind, vhost: from.vhost.clone(), name: scene.free(kind, &from.vhost) };
    let (exchange, queue) = (new(Kind::Exchange), new(Kind::Queue));
    Ok(match from.kind {
        Kind::Exchange => vec![
            scene.with_new(&queue, "New queue, bound", scene.bind(from, &queue)),
            scene.with_new(&exchange, "New exchange, bound", scene.bind(from, &exchange)),
            scene.with_new(&exchange, "New alternate exchange", scene.alternate(from, &exchange)),
        ],
        Kind::Queue => {
            let mut offers = Vec::new();
            for (kind, label) in [(Kind::Consumer, "New consumer"), (Kind::Worker, "New worker")] {
                let client = new(kind);
                let target = scene.target(&client);
                let add = scene.add(&client, vec![from.name.clone()]);
                offers.push(Offer { adds: Some(target), ..Offer::new(label, add) });
            }
            offers.push(scene.with_new(&exchange, "New dead letter exchange", scene.dead_letters(from, &exchange)));
            offers
        }
        kind if publishes(kind) => vec![
            scene.with_new(&exchange, "New exchange to publish to", scene.publish(from, &exchange)),
            scene.with_new(&queue, "New queue to publish to", scene.publish(from, &queue)),
        ],
        _ => {
            let offer = scene.consume(from, &queue)?;
            vec![scene.with_new(&queue, "New queue to consume from", offer)]
        }
    })
}

/// What can be made where nothing is.
///
/// # Errors
///
/// What is more than a file may hold.
pub fn additions(file: &File, vhost: Option<&Name>) -> Result<Vec<Offer>, Refusal> {
    const OFFERED: [(Kind, &str); 8] = [
        (Kind::Producer, "Producer"),
        (Kind::Exchange, "Exchange"),
        (Kind::Queue, "Queue"),
        (Kind::Consumer, "Consumer"),
        (Kind::Worker, "Worker"),
        (Kind::RpcClient, "RPC client"),
        (Kind::RpcServer, "RPC server"),
        (Kind::Vhost, "Virtual host"),
    ];
    let draft = Draft::of(file)?;
    let scene = Scene { draft: &draft };
    let vhost = vhost.cloned().unwrap_or_else(|| draft.usual_vhost().as_str().into());
    let offer = |(kind, label): (Kind, &str)| {
        let end = End { kind, vhost: vhost.clone(), name: scene.free(kind, &vhost) };
        let adds = (kind != Kind::Vhost).then(|| scene.target(&end));
        Offer { adds, ..Offer::new(label, scene.add(&end, Vec::new())) }
    };
    Ok(OFFERED.into_iter().map(offer).collect())
}

/// What something is called in a command.
///
/// # Errors
///
/// What is more than a file may hold.
pub fn target(file: &File, end: &End) -> Result<Target, Refusal> {
    let draft = Draft::of(file)?;
    Ok(Scene { draft: &draft }.target(end))
}

fn publishes(kind: Kind) -> bool {
    matches!(kind, Kind::Producer | Kind::Worker | Kind::RpcClient)
}

fn consumes(kind: Kind) -> bool {
    matches!(kind, Kind::Consumer | Kind::Worker | Kind::RpcServer)
}

/// Whether a line can begin there.
pub fn is_source(kind: Kind) -> bool {
    matches!(kind, Kind::Exchange | Kind::Queue) || publishes(kind)
}

/// Why a line makes no sense.
fn senseless(from: &End, to: &End) -> String {
    let (a, b) = (&from.name, &to.name);
    match (from.kind, to.kind) {
        (one, other) if one.is_client() && other.is_client() => {
            format!("Clients reach each other through the broker only: link `{a}` to an exchange or a queue.")
        }
        (Kind::Exchange, other) if consumes(other) => {
            format!("`{b}` consumes from queues: bind a queue to `{a}`, then link that queue to `{b}`.")
        }
        (_, Kind::Producer) => format!("`{b}` publishes and gets nothing: link it to `{a}`, the other way round."),
        (_, Kind::RpcClient) => {
            format!("`{b}` gets its answers from a reply queue of its own: link it to what it sends requests to.")
        }
        (one, Kind::Exchange) if consumes(one) => {
            format!("`{a}` does not publish by itself. A worker consumes, and publishes what it made of it.")
        }
        _ => format!("Nothing leads from `{a}` to `{b}`."),
    }
}

/// A scenario, and how commands about it are made.
pub(super) struct Scene<'a> {
    pub(super) draft: &'a Draft,
}

impl Scene<'_> {
    fn free(&self, kind: Kind, vhost: &str) -> Name {
        self.draft.free_name(kind, vhost, None).as_str().into()
    }

    /// What one end is called in a command.
    pub(super) fn target(&self, end: &End) -> Target {
        let others = self.draft.all(end.kind).any(|found| *found.name == *end.name && *found.vhost != *end.vhost);
        let is_foreign =
            !self.draft.is_taken(end.kind, &end.vhost, &end.name) && *self.draft.usual_vhost() != *end.vhost;
        let vhost = ((others || is_foreign) && !end.kind.is_client()).then(|| end.vhost.clone());
        Target { vhost, ..Target::new(end.kind, &end.name) }
    }

    /// The virtual host as a setting, where it is not the one that is meant anyway.
    fn vhost(&self, end: &End) -> Settings {
        let is_usual = *self.draft.usual_vhost() == *end.vhost;
        if is_usual { Settings::new() } else { vec![("vhost".to_owned(), Tree::from(&*end.vhost))] }
    }

    fn add(&self, end: &End, from: Vec<Name>) -> Command {
        let mut settings = self.vhost(end);
        if end.kind == Kind::Vhost {
            settings.clear();
        }
        let field = match end.kind {
            Kind::Producer => Some(("every_ms", 2_000)),
            Kind::RpcClient => Some(("request.every_ms", 2_000)),
            Kind::Consumer => Some(("prefetch", 1)),
            _ => None,
        };
        settings.extend(field.map(|(key, number)| (key.to_owned(), Tree::Count(number))));
        if end.kind.is_client() {
            settings.push(("latency_ms".to_owned(), Tree::Count(450)));
        }
        Command::Add { kind: end.kind, name: end.name.clone(), flags: Vec::new(), from, to: None, settings }
    }

    fn with_new(&self, new: &End, label: &str, offer: Offer) -> Offer {
        let command = Command::Steps(vec![self.add(new, Vec::new()), offer.command]);
        Offer { label: label.to_owned(), command, adds: Some(self.target(new)), ..offer }
    }

    fn kind_of(&self, exchange: &End) -> String {
        let in_file = self.draft.list("exchanges").iter().find(|entry| {
            entry.text("name") == Some(&exchange.name) && super::draft::vhost_of(entry) == &*exchange.vhost
        });
        match in_file.and_then(|entry| entry.text("type")) {
            Some(kind) => kind.to_owned(),
            // Those that every virtual host has say it in their names.
            None if *exchange.name == *"amq.match" => "headers".to_owned(),
            None => exchange.name.strip_prefix("amq.").unwrap_or("direct").to_owned(),
        }
    }

    pub(super) fn bind(&self, from: &End, to: &End) -> Offer {
        let asked = |label, help, begun| Asked { label, help, begun, is_arguments: false };
        let asks = match self.kind_of(from).as_str() {
            "fanout" | "x-local-random" => None,
            "topic" => Some(asked("Binding key", "* is one word, # any number of words", "")),
            "headers" => Some(Asked {
                label: "Arguments",
                help: "headers that must match, such as x-match=all kind=dove",
                begun: "x-match=all ",
                is_arguments: true,
            }),
            "x-consistent-hash" => Some(asked("Weight", "how large its share is, a whole number", "1")),
            _ => Some(asked("Binding key", "the routing key that leads there", "")),
        };
        let command = Command::Bind {
            undo: false,
            source: from.name.clone(),
            destination: self.target(to),
            key: Name::default(),
            settings: Settings::new(),
        };
        Offer { asks, ..Offer::new(format!("Bind `{}` to `{}`", to.name, from.name), command) }
    }

    pub(super) fn set(&self, target: &End, settings: Vec<(&str, Tree)>) -> Command {
        let settings = settings.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        Command::Set { target: self.target(target), flags: Vec::new(), settings }
    }

    fn alternate(&self, from: &End, to: &End) -> Offer {
        let command = self.set(from, vec![("alternate-exchange", Tree::from(&*to.name))]);
        Offer::new(format!("Alternate exchange: what `{}` has no queue for", from.name), command)
    }

    fn dead_letters(&self, from: &End, to: &End) -> Offer {
        let label = format!("Dead letters of `{}` go to `{}`", from.name, to.name);
        let settings = match to.kind {
            Kind::Queue => {
                vec![("x-dead-letter-exchange", Tree::from("")), ("x-dead-letter-routing-key", Tree::from(&*to.name))]
            }
            _ => vec![("x-dead-letter-exchange", Tree::from(&*to.name))],
        };
        Offer::new(label, self.set(from, settings))
    }

    /// The queues that a client consumes from, and the field that says so.
    pub(super) fn queues_of(&self, client: &End) -> (&'static str, Vec<Tree>) {
        let path = if client.kind == Kind::Consumer { "queues" } else { "consume.queues" };
        let mut part = self.draft.list("clients").iter().find(|entry| entry.text("name") == Some(&client.name));
        for field in path.split('.') {
            part = part.and_then(|part| part.field(field));
        }
        match part {
            Some(Tree::List(queues)) => (path, queues.clone()),
            _ => (path, Vec::new()),
        }
    }

    fn consume(&self, client: &End, queue: &End) -> Result<Offer, Refusal> {
        let (path, mut queues) = self.queues_of(client);
        let name = Tree::from(&*queue.name);
        if queues.contains(&name) {
            return Err(Refusal::new(format!("`{}` consumes from `{}` already.", client.name, queue.name)));
        }
        queues.push(name);
        let command = self.set(client, vec![(path, Tree::List(queues))]);
        Ok(Offer::new(format!("`{}` consumes from `{}`", client.name, queue.name), command))
    }

    fn publish(&self, client: &End, to: &End) -> Offer {
        let part = match client.kind {
            Kind::Worker => "publish.",
            Kind::RpcClient => "request.",
            _ => "",
        };
        let (exchange, key) = (format!("{part}exchange"), format!("{part}routing_key"));
        let settings = match to.kind {
            Kind::Queue => vec![(exchange.as_str(), Tree::from("")), (key.as_str(), Tree::from(&*to.name))],
            _ => vec![(exchange.as_str(), Tree::from(&*to.name))],
        };
        let label = format!("`{}` publishes to `{}`", client.name, to.name);
        Offer::new(label, self.set(client, settings))
    }
}
