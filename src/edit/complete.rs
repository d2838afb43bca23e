//! Completion: what could stand at the end of a command line that is being typed.
//!
//! What always holds: a suggestion replaces the line from its `start` on, and what comes out is a line whose words so far
//! are understood.

use crate::broker::Name;
use crate::broker::settings::QueueType;

use super::catalog::{
    BINDING_ARGUMENTS, EXCHANGE_ARGUMENTS, EXCHANGE_TYPES, Entry, Form, GET, PROPERTIES, PUBLISH, SETTLE,
    queue_arguments,
};
use super::command::{Kind, VERBS};
use super::words::{Placed, Word, quoted, setting, words};

/// The names that there are, for a line to refer to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// All of them, in the order in which they are suggested.
    pub names: Vec<(Kind, Name)>,
}

impl Known {
    fn of(&self, wanted: impl Fn(Kind) -> bool) -> impl Iterator<Item = (Kind, &Name)> {
        self.names.iter().filter(move |(kind, _)| wanted(*kind)).map(|(kind, name)| (*kind, name))
    }

    fn kind_of(&self, name: &str) -> Option<Kind> {
        self.names.iter().find(|(_, known)| **known == *name).map(|(kind, _)| *kind)
    }
}

/// What could be written next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// From where on it replaces the line, byte offset.
    pub start: usize,
    /// What to write there.
    pub text: String,
    /// What it means.
    pub hint: String,
}

/// What could stand at the end of a line; the most likely first.
pub fn complete(line: &str, known: &Known) -> Vec<Suggestion> {
    let Ok(mut placed) = words(line) else { return Vec::new() };
    // The word that is being typed, if the line does not end in a space.
    let typed = if line.ends_with(char::is_whitespace) { None } else { placed.pop() };
    // What comes after the last `;` is a command of its own.
    let placed = placed.rsplit(|placed| placed.word == Word::Then).next().unwrap_or_default();
    let start = typed.as_ref().map_or(line.len(), |typed| typed.start);
    let begun = line.get(start..).unwrap_or_default();
    let mut found = Vec::new();
    for (text, hint) in candidates(placed, begun, known) {
        if text.starts_with(begun) && text != begun {
            found.push(Suggestion { start, text, hint });
        }
    }
    found
}

type Candidate = (String, String);

/// The commands that change one thing of what there is.
const COMPARABLE: [&str; 7] = ["set", "queue", "exchange", "bind", "unbind", "delete", "duplicate"];

/// A field of a client, what it does, and the values that are usual.
type ClientField = (&'static str, &'static str, &'static [&'static str]);

const CONSUMING: [ClientField; 4] = [
    ("prefetch", "Prefetch count: most unacknowledged deliveries", &["1", "10", "100", "0"]),
    ("ack", "Acknowledgement", &["manual", "auto"]),
    (
        "outcome",
        "What it says when it is done",
        &["ack", "nack_requeue", "nack_discard", "reject_requeue", "reject_discard"],
    ),
    ("priority", "Consumer priority", &[]),
];
const PUBLISHING: [ClientField; 4] = [
    ("every_ms", "From one message to the next, milliseconds", &[]),
    ("routing_key", "Routing key", &[]),
    ("mandatory", "What reaches no queue is returned", &["true", "false"]),
    ("confirms", "Confirm mode", &["true", "false"]),
];

fn candidates(before: &[Placed], begun: &str, known: &Known) -> Vec<Candidate> {
    let Some(Placed { word: Word::Text(verb), .. }) = before.first() else {
        return VERBS.iter().map(|(word, _, what)| ((*word).to_owned(), (*what).to_owned())).collect();
    };
    let rest = &before[1..];
    match (verb.as_str(), rest.last().map(|placed| &placed.word)) {
        ("queue", Some(_)) => [flags(&["quorum", "classic", "stream"], "type"), of_queue(rest)].concat(),
        ("exchange", Some(_)) => [exchange_types(), entries(&EXCHANGE_ARGUMENTS, begun, known)].concat(),
        ("producer" | "worker" | "rpc-client", Some(Word::Arrow)) => names(known, |kind| kind == Kind::Exchange),
        ("consumer" | "worker" | "rpc-server", Some(Word::BackArrow)) => names(known, |kind| kind == Kind::Queue),
        ("producer" | "rpc-client", Some(_)) if rest.len() == 1 => arrow("->"),
        ("consumer" | "worker" | "rpc-server", Some(_)) if rest.len() == 1 => arrow("<-"),
        ("worker", Some(Word::Text(_))) if rest.len() == 3 => arrow("->"),
        ("bind" | "unbind", None) => names(known, |kind| kind == Kind::Exchange),
        ("bind" | "unbind", Some(Word::Text(_))) if rest.len() == 1 => arrow("->"),
        ("bind" | "unbind", Some(Word::Arrow)) => names(known, |kind| matches!(kind, Kind::Queue | Kind::Exchange)),
        ("bind", Some(_)) if rest.len() > 3 => entries(&BINDING_ARGUMENTS, begun, known),
        ("publish", None) => names(known, |kind| kind == Kind::Exchange),
        ("publish", Some(_)) if rest.len() > 2 => match begun.strip_prefix("from=") {
            Some(_) => known
                .of(Kind::is_client)
                .map(|(_, name)| (setting("from", &(&**name).into()), "client".to_owned()))
                .collect(),
            None => [entries(&PROPERTIES, begun, known), entries(&PUBLISH, begun, known)].concat(),
        },
        ("get", Some(_)) => entries(&GET, begun, known),
        ("nack", Some(_)) => entries(&SETTLE, begun, known),
        ("ack", Some(_)) => entries(&SETTLE[1..], begun, known),
        ("reject", Some(_)) => entries(&SETTLE[..1], begun, known),
        ("move", Some(Word::Arrow)) => names(known, |kind| kind == Kind::Queue),
        ("move", Some(Word::Text(_))) if rest.len() == 1 => arrow("->"),
        ("get" | "purge", None) => names(known, |kind| kind == Kind::Queue),
        ("close", Some(_)) => vec![("reason=".to_owned(), "what the client is told".to_owned())],
        ("kill" | "restart" | "pause" | "resume" | "close" | "close-channel" | "hold" | "release", None) => {
            names(known, Kind::is_client)
        }
        ("stop" | "crash" | "start", None) => flags(&["broker"], ""),
        ("set", Some(_)) => of_target(rest, begun, known),
        ("compare", None) => comparable(),
        ("compare", Some(_)) => candidates(rest, begun, known),
        ("set" | "rename" | "move", None) | ("delete" | "duplicate", _) => names(known, |_| true),
        _ => Vec::new(),
    }
}

fn arrow(arrow: &str) -> Vec<Candidate> {
    vec![(arrow.to_owned(), if arrow == "->" { "to" } else { "from" }.to_owned())]
}

fn flags(words: &[&str], hint: &str) -> Vec<Candidate> {
    words.iter().map(|word| ((*word).to_owned(), hint.to_owned())).collect()
}

fn flags_of(key: &str, words: &[&str]) -> Vec<Candidate> {
    words.iter().map(|word| (format!("{key}={word}"), String::new())).collect()
}

fn exchange_types() -> Vec<Candidate> {
    EXCHANGE_TYPES.iter().map(|(word, what)| ((*word).to_owned(), (*what).to_owned())).collect()
}

/// Names, with their kind where two things share one.
fn names(known: &Known, wanted: impl Fn(Kind) -> bool) -> Vec<Candidate> {
    let same = |name: &Name| known.names.iter().filter(|(_, other)| other == name).count() > 1;
    let all = known.of(wanted);
    all.map(|(kind, name)| {
        let text = if same(name) { format!("{}:{name}", kind.word()) } else { name.to_string() };
        (quoted(&text), kind.word().to_owned())
    })
    .collect()
}

fn of_queue(rest: &[Placed]) -> Vec<Candidate> {
    let has = |flag: &str| rest.iter().any(|placed| placed.word == Word::Text(flag.to_owned()));
    let kinds = [QueueType::Quorum, QueueType::Stream];
    let kind = kinds.into_iter().find(|kind| has(kind.as_str())).unwrap_or(QueueType::Classic);
    keys(queue_arguments(kind).filter(|entry| entry.key != "x-queue-type"))
}

/// Keys, and the values of the one that is being typed.
fn entries(entries: &'static [Entry], begun: &str, known: &Known) -> Vec<Candidate> {
    match begun.split_once('=') {
        Some((key, _)) => entries.iter().find(|entry| entry.key == key).map(|entry| values(entry, known)),
        None => Some(keys(entries.iter())),
    }
    .unwrap_or_default()
}

fn keys<'a>(entries: impl Iterator<Item = &'a Entry>) -> Vec<Candidate> {
    entries.map(|entry| (format!("{}=", entry.key), format!("{}: {}", entry.label, entry.help))).collect()
}

fn values(entry: &Entry, known: &Known) -> Vec<Candidate> {
    let given = |text: &str| (setting(entry.key, &text.into()), entry.label.to_owned());
    match entry.form {
        Form::Choice(words) => {
            words.iter().map(|word| (format!("{}={word}", entry.key), entry.label.to_owned())).collect()
        }
        Form::Flag => flags_of(entry.key, &["true", "false"]),
        Form::Exchange => known.of(|kind| kind == Kind::Exchange).map(|(_, name)| given(name)).collect(),
        Form::Queue => known.of(|kind| kind == Kind::Queue).map(|(_, name)| given(name)).collect(),
        Form::Milliseconds | Form::Number | Form::Text | Form::Json => Vec::new(),
    }
}

fn of_target(rest: &[Placed], begun: &str, known: &Known) -> Vec<Candidate> {
    let Some(Placed { word: Word::Text(name), .. }) = rest.first() else { return Vec::new() };
    match known.kind_of(name) {
        Some(Kind::Exchange) => entries(&EXCHANGE_ARGUMENTS, begun, known),
        Some(Kind::Queue) => of_queue(rest),
        Some(kind) if kind.is_client() => of_client(kind, begun),
        _ => Vec::new(),
    }
}

/// What changes a scenario by one thing, for comparing.
fn comparable() -> Vec<Candidate> {
    let verbs = VERBS.iter().filter(|(word, ..)| COMPARABLE.contains(word));
    verbs.map(|(word, _, what)| ((*word).to_owned(), (*what).to_owned())).collect()
}

/// What clients are set to most.
fn of_client(kind: Kind, begun: &str) -> Vec<Candidate> {
    let (consumes, publishes) = match kind {
        Kind::Producer => (None, Some("")),
        Kind::Consumer => (Some(""), None),
        Kind::Worker => (Some("consume."), Some("publish.")),
        Kind::RpcClient => (None, Some("request.")),
        Kind::RpcServer => (Some("consume."), None),
        _ => (None, None),
    };
    let of = |prefix: Option<&'static str>, fields: &'static [ClientField]| {
        let fields = prefix.into_iter().flat_map(move |prefix| fields.iter().map(move |field| (prefix, field)));
        fields.flat_map(|(prefix, (key, what, values))| {
            let key = format!("{prefix}{key}=");
            match begun.strip_prefix(&key) {
                Some(_) => values.iter().map(|value| (format!("{key}{value}"), (*what).to_owned())).collect(),
                None => vec![(key, (*what).to_owned())],
            }
        })
    };
    of(consumes, &CONSUMING).chain(of(publishes, &PUBLISHING)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(line: &str) -> Vec<String> {
        let known = Known {
            names: vec![
                (Kind::Exchange, "nature".into()),
                (Kind::Queue, "birds_only".into()),
                (Kind::Queue, "my queue".into()),
                (Kind::Exchange, "both".into()),
                (Kind::Queue, "both".into()),
                (Kind::Consumer, "watcher".into()),
            ],
        };
        complete(line, &known).into_iter().map(|found| format!("{}{}", &line[..found.start], found.text)).collect()
    }

    #[test]
    fn lines_are_continued() {
        assert_eq!(offered("que"), ["queue"]);
        assert_eq!(offered("bind na"), ["bind nature"]);
        assert_eq!(offered("bind nature "), ["bind nature ->"]);
        assert_eq!(offered("bind nature -> b"), ["bind nature -> birds_only"]);
        assert_eq!(offered("bind nature -> q"), ["bind nature -> queue:both"]);
        assert_eq!(offered("bind nature -> \"my"), Vec::<String>::new());
        assert_eq!(offered("purge "), ["purge birds_only", "purge \"my queue\"", "purge queue:both"]);
        assert_eq!(offered("exchange e to"), ["exchange e topic"]);
        assert_eq!(offered("exchange e alternate-exchange=n"), ["exchange e alternate-exchange=nature"]);
        assert_eq!(offered("queue q x-dead-letter-e"), ["queue q x-dead-letter-exchange="]);
        assert_eq!(offered("queue q x-max-p"), ["queue q x-max-priority="]);
        assert_eq!(offered("queue q quorum x-max-p"), Vec::<String>::new());
        assert_eq!(offered("kill "), ["kill watcher"]);
        assert_eq!(offered("consumer c <- bir"), ["consumer c <- birds_only"]);
        assert_eq!(offered("queue q ; purge bir"), ["queue q ; purge birds_only"]);
        assert_eq!(offered("crash "), ["crash broker"]);
        assert_eq!(offered("get bir"), ["get birds_only"]);
        assert_eq!(offered("get birds_only ackmode=h"), ["get birds_only ackmode=hold"]);
        assert_eq!(offered("nack 1 "), ["nack 1 requeue=", "nack 1 multiple="]);
        assert_eq!(offered("ack 1 multiple="), ["ack 1 multiple=true", "ack 1 multiple=false"]);
        assert_eq!(offered("move birds_only "), ["move birds_only ->"]);
        assert_eq!(offered("move both -> b"), ["move both -> birds_only"]);
        assert_eq!(offered("publish nature a b from="), ["publish nature a b from=watcher"]);
        assert_eq!(offered("close watcher "), ["close watcher reason="]);
        assert!(offered("").len() == VERBS.len());
        assert_eq!(offered("compare se"), ["compare set"]);
        assert_eq!(offered("compare set wat"), ["compare set watcher"]);
        assert_eq!(offered("compare set watcher pre"), ["compare set watcher prefetch="]);
        assert_eq!(offered("set watcher ack="), ["set watcher ack=manual", "set watcher ack=auto"]);
        assert_eq!(offered("compare queue birds_only x-max-p"), ["compare queue birds_only x-max-priority="]);
        assert_eq!(offered("compare queue birds_only qu"), ["compare queue birds_only quorum"]);
    }
}
