//! Commands: what people can change or do, as values and as lines of text. Every gesture on the page makes one of these
//! and shows its line; every line typed is parsed into one of these.
//!
//! What always holds: the line that a command is shown as parses back into the same command.

use std::fmt;

use crate::broker::Name;
use crate::share::Tree;
use crate::simulation::Role;

use super::words::quoted;

mod parse;
mod print;

/// Named values, such as a queue's arguments or a client's fields, in the order in which they were given.
pub type Settings = Vec<(String, Tree)>;

/// What kind of thing something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A virtual host.
    Vhost,
    /// An exchange.
    Exchange,
    /// A queue.
    Queue,
    /// A policy.
    Policy,
    /// A client that publishes.
    Producer,
    /// A client that consumes.
    Consumer,
    /// A client that consumes, and publishes what it made of it.
    Worker,
    /// A client that asks and waits for answers.
    RpcClient,
    /// A client that answers.
    RpcServer,
}

impl Kind {
    /// All of them, in the order of the palette.
    pub const ALL: [Kind; 9] = [
        Kind::Producer,
        Kind::Exchange,
        Kind::Queue,
        Kind::Consumer,
        Kind::Worker,
        Kind::RpcClient,
        Kind::RpcServer,
        Kind::Vhost,
        Kind::Policy,
    ];

    /// Its word in a command line.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Vhost => "vhost",
            Kind::Exchange => "exchange",
            Kind::Queue => "queue",
            Kind::Policy => "policy",
            Kind::Producer => "producer",
            Kind::Consumer => "consumer",
            Kind::Worker => "worker",
            Kind::RpcClient => "rpc-client",
            Kind::RpcServer => "rpc-server",
        }
    }

    fn of(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The kind of a client with a role.
    pub fn of_role(role: &Role) -> Kind {
        match role {
            Role::Producer(_) => Kind::Producer,
            Role::Consumer(_) => Kind::Consumer,
            Role::Worker(_) => Kind::Worker,
            Role::RpcClient(_) => Kind::RpcClient,
            Role::RpcServer(_) => Kind::RpcServer,
        }
    }

    /// Whether it is a client.
    pub fn is_client(self) -> bool {
        matches!(self, Kind::Producer | Kind::Consumer | Kind::Worker | Kind::RpcClient | Kind::RpcServer)
    }
}

/// Something that is there, by its name and, where several have that name, its kind (`queue:orders`) and its virtual host
/// (`queue@sales:orders`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// What it is; none if its name says enough.
    pub kind: Option<Kind>,
    /// Its virtual host, where several have something of that name.
    pub vhost: Option<Name>,
    /// Its name.
    pub name: Name,
}

impl Target {
    /// By name and kind.
    pub fn new(kind: Kind, name: &Name) -> Self {
        Target { kind: Some(kind), vhost: None, name: name.clone() }
    }

    fn parse(text: &str) -> Self {
        let with_kind = text.split_once(':').and_then(|(kind, name)| {
            let (kind, vhost) = kind.split_once('@').map_or((kind, None), |(kind, vhost)| (kind, Some(vhost)));
            Some(Target { kind: Some(Kind::of(kind)?), vhost: vhost.map(Name::from), name: name.into() })
        });
        with_kind.unwrap_or_else(|| Target { kind: None, vhost: None, name: text.into() })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A name that itself looks like a kind and a name needs the kind; the default exchange is the empty name.
        match self.kind {
            Some(kind) => {
                let vhost = self.vhost.as_ref().map(|vhost| format!("@{vhost}")).unwrap_or_default();
                f.write_str(&quoted(&format!("{}{vhost}:{}", kind.word(), self.name)))
            }
            None => f.write_str(&quoted(&self.name)),
        }
    }
}

/// What something that is there is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// A client: its connection breaks.
    Kill,
    /// A client: starts again.
    Restart,
    /// A client: finishes what it is at and takes up nothing more.
    Pause,
    /// A client: goes on.
    Resume,
    /// A client: closes its channel.
    CloseChannel,
    /// A client's connection: an operator closes it (*Force Close*).
    ForceClose,
    /// A client's link: what arrives is held.
    Hold,
    /// A client's link: what was held arrives.
    Release,
    /// A queue: is emptied.
    Purge,
}

impl Control {
    /// All of them.
    pub const ALL: [Control; 9] = [
        Control::Kill,
        Control::Restart,
        Control::Pause,
        Control::Resume,
        Control::CloseChannel,
        Control::ForceClose,
        Control::Hold,
        Control::Release,
        Control::Purge,
    ];

    /// Its word in a command line.
    pub fn word(self) -> &'static str {
        match self {
            Control::Kill => "kill",
            Control::Restart => "restart",
            Control::Pause => "pause",
            Control::Resume => "resume",
            Control::CloseChannel => "close-channel",
            Control::ForceClose => "close",
            Control::Hold => "hold",
            Control::Release => "release",
            Control::Purge => "purge",
        }
    }
}

/// What an operator says of messages that they hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// basic.ack
    Ack,
    /// basic.nack
    Nack,
    /// basic.reject
    Reject,
}

impl Answer {
    /// All of them.
    pub const ALL: [Answer; 3] = [Answer::Ack, Answer::Nack, Answer::Reject];

    /// Its word in a command line.
    pub fn word(self) -> &'static str {
        match self {
            Answer::Ack => "ack",
            Answer::Nack => "nack",
            Answer::Reject => "reject",
        }
    }
}

/// What the broker as a whole is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrokerControl {
    /// It stops cleanly.
    Stop,
    /// It crashes.
    Crash,
    /// It starts again.
    Start,
}

impl BrokerControl {
    /// Its word in a command line, before `broker`.
    pub fn word(self) -> &'static str {
        match self {
            BrokerControl::Stop => "stop",
            BrokerControl::Crash => "crash",
            BrokerControl::Start => "start",
        }
    }
}

/// Something to change or to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Something new: `queue orders x-message-ttl=5000`, `consumer c <- orders prefetch=3`.
    Add {
        /// What.
        kind: Kind,
        /// Its name; empty finds one that is free.
        name: Name,
        /// Bare words, such as `topic` or `quorum`.
        flags: Vec<String>,
        /// The queues it consumes from.
        from: Vec<Name>,
        /// The exchange it publishes to, and with which routing key.
        to: Option<(Name, Option<Name>)>,
        /// The rest.
        settings: Settings,
    },
    /// A binding: `bind nature -> birds_only *.bird`.
    Bind {
        /// Whether it is taken away instead.
        undo: bool,
        /// The exchange.
        source: Name,
        /// A queue or an exchange.
        destination: Target,
        /// The binding key.
        key: Name,
        /// The arguments, and `vhost`.
        settings: Settings,
    },
    /// Changes something: `set orders x-max-length=5`. Null takes a value away.
    Set {
        /// What.
        target: Target,
        /// Bare words, such as `quorum`.
        flags: Vec<String>,
        /// To what.
        settings: Settings,
    },
    /// Changes anything in the scenario's file, by its path there: `put seed=5 definitions.users.0.name=alice`.
    Put {
        /// Where, and what. Null takes away; the number after the last of a list is a new entry.
        settings: Settings,
    },
    /// Gives it another name.
    Rename {
        /// What.
        target: Target,
        /// Its new name.
        name: Name,
    },
    /// Gives the scenario itself another name: `scenario "my orders"`.
    Scenario {
        /// Its new name.
        name: Name,
    },
    /// Makes others like them; among themselves they are connected as these are: `duplicate orders name=orders2`.
    Duplicate {
        /// What.
        targets: Vec<Target>,
        /// The new one's name, if it is one; empty finds one.
        name: Name,
    },
    /// Adds what another scenario has in it, under names that are free: `paste scenario={"format": "warren/1"}`.
    Paste {
        /// The scenario.
        scenario: Tree,
        /// Where the top left of it goes in the picture; none lets the layout place it.
        to: Option<(f64, f64)>,
    },
    /// Takes things away.
    Delete {
        /// Which.
        targets: Vec<Target>,
    },
    /// Puts something at a place of the picture.
    Move {
        /// What.
        target: Target,
        /// Its middle; none lets the layout place it.
        to: Option<(f64, f64)>,
    },
    /// Lays the picture out afresh: nothing is where it was put.
    Arrange,
    /// Several changes that are one: `queue q ; bind nature -> q *.dog`.
    Steps(Vec<Command>),
    /// Publishes one message: `publish nature animal.bird "hello" mandatory=true priority=3`.
    Publish {
        /// The exchange.
        exchange: Name,
        /// The routing key.
        key: Name,
        /// The body.
        payload: String,
        /// Properties, `headers`, `mandatory`, `payload_encoding`, `from` (a client; else an operator), `vhost`.
        settings: Settings,
    },
    /// Gets messages from a queue by hand: `get orders count=2 ackmode=hold`.
    Get {
        /// The queue.
        queue: Target,
        /// `count`, `ackmode`, `encoding`, `vhost`.
        settings: Settings,
    },
    /// Settles messages that are held: `nack 3 multiple=true requeue=false`.
    Settle {
        /// How.
        answer: Answer,
        /// Which; 0 with `multiple` is all of them.
        delivery_tag: u64,
        /// `multiple`, `requeue`, `vhost`.
        settings: Settings,
    },
    /// Moves the messages of a queue to another: `move orders -> archive`.
    MoveMessages {
        /// The queue they are in.
        queue: Target,
        /// The queue they shall be in.
        to: Name,
        /// `vhost`.
        settings: Settings,
    },
    /// Lets something that is there do something.
    Control {
        /// What it shall do.
        control: Control,
        /// Who.
        target: Target,
        /// Such as `connection=2` or `vhost`.
        settings: Settings,
    },
    /// Lets the broker do something.
    Broker(BrokerControl),
    /// Plays the scenario beside the one that a command makes of it: `compare queue orders x-queue-type=quorum`.
    Compare(Box<Command>),
}

/// The verbs of the command line: word, how a line with it looks, and what it does.
pub const VERBS: [(&str, &str, &str); 39] = [
    ("producer", "producer NAME -> EXCHANGE KEY every_ms=1000", "add a client that publishes"),
    ("exchange", "exchange NAME topic", "add an exchange: direct, fanout, topic, headers"),
    ("queue", "queue NAME x-message-ttl=5000", "add a queue: classic, quorum or stream, with any argument"),
    ("consumer", "consumer NAME <- QUEUE prefetch=3", "add a client that consumes"),
    ("worker", "worker NAME <- QUEUE -> EXCHANGE KEY", "add a client that consumes and publishes"),
    ("rpc-client", "rpc-client NAME -> EXCHANGE KEY", "add a client that asks and waits for answers"),
    ("rpc-server", "rpc-server NAME <- QUEUE", "add a client that answers"),
    ("vhost", "vhost NAME", "add a virtual host"),
    ("policy", "policy NAME pattern=^orders max-length=100", "add a policy"),
    ("bind", "bind EXCHANGE -> QUEUE KEY", "bind a queue, or an exchange, to an exchange"),
    ("unbind", "unbind EXCHANGE -> QUEUE KEY", "take a binding away"),
    ("set", "set NAME prefetch=10", "change something; `x=null` takes a value away"),
    ("put", "put seed=5", "change anything in the scenario's file, by its path; `x=null` takes it away"),
    ("rename", "rename NAME NEW", "give another name"),
    ("scenario", "scenario NAME", "give the scenario another name"),
    ("duplicate", "duplicate NAME", "make another like it"),
    ("paste", "paste scenario={} x=200 y=120", "add what a scenario has in it, under names that are free"),
    ("delete", "delete NAME", "take away"),
    ("move", "move NAME 200 120", "place in the picture"),
    ("arrange", "arrange", "lay the picture out afresh"),
    ("compare", "compare queue NAME x-queue-type=quorum", "play it beside itself with one thing changed"),
    ("publish", "publish EXCHANGE KEY PAYLOAD", "publish one message"),
    ("get", "get QUEUE count=1 ackmode=hold", "get messages from a queue, and hold them or not"),
    ("ack", "ack 1 multiple=true", "acknowledge a message that is held, by its delivery tag"),
    ("nack", "nack 1 requeue=true", "give messages that are held back, or drop them"),
    ("reject", "reject 1 requeue=false", "give a message that is held back, or drop it"),
    ("move", "move QUEUE -> QUEUE", "move the messages of a queue to another, as a shovel does"),
    ("purge", "purge QUEUE", "empty a queue"),
    ("kill", "kill CLIENT", "break a client's connection"),
    ("restart", "restart CLIENT", "start a client again"),
    ("pause", "pause CLIENT", "let a client take up nothing more"),
    ("resume", "resume CLIENT", "let a client go on"),
    ("close", "close CLIENT reason=TEXT", "force its connection to close, as an operator"),
    ("close-channel", "close-channel CLIENT", "close a client's channel"),
    ("hold", "hold CLIENT", "hold what arrives over a client's link"),
    ("release", "release CLIENT", "let what was held arrive"),
    ("stop", "stop broker", "stop the broker cleanly"),
    ("crash", "crash broker", "crash the broker"),
    ("start", "start broker", "start the broker again"),
];
