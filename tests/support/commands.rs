//! Commands out of bytes. Every byte string means a script; a shorter one means a simpler script, so that what
//! shrinks bytes shrinks scripts.
//!
//! There are few names, so that commands meet: connections 1 and 2, two channels each, four queues, six exchanges. A
//! script is rehearsed with a broker while it is made, so that most commands are about what is there: else nearly all
//! would be refused, for one mistake ends a channel or a connection. Now and then one is made without looking.

mod methods;

use warren::broker::command::PolicySet;
use warren::broker::table::{Table, Value};
use warren::broker::{
    Broker, ChannelId, Command, Config, ConnectionId, ConnectionOpen, Manage, Method, Name, NoEvents,
};

use methods::method;

const EXCHANGES: [&str; 7] = ["", "x", "y", "h", "amq.topic", "amq.fanout", "missing"];
/// Milliseconds from one command to the next.
const WAITS_MS: [u64; 16] = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 20, 20, 100, 100, 600, 6_000];
/// Most timers that a rehearsal fires between two commands.
const MAX_TIMERS: usize = 20_000;

/// Bytes as a row of choices; when they run out, the first choice is made.
pub struct Choices<'b> {
    bytes: &'b [u8],
}

impl<'b> Choices<'b> {
    pub fn new(bytes: &'b [u8]) -> Self {
        Choices { bytes }
    }

    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        let Some((first, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        usize::from(*first) % n.max(1)
    }

    pub fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    pub fn name(&mut self, all: &[&str]) -> Name {
        self.of(all).into()
    }

    /// True once in `n`.
    pub fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == n - 1
    }
}

/// A command, and how long before it nothing else happens.
pub type Timed = (u64, Command);

/// At most so many commands of one script.
const MAX_COMMANDS: usize = 400;

/// The script that the bytes mean. It begins with open channels.
pub fn script(bytes: &[u8]) -> Vec<Timed> {
    let mut choices = Choices::new(bytes);
    let mut rehearsal = Rehearsal::new();
    while !choices.is_empty() && rehearsal.script.len() < MAX_COMMANDS {
        let wait_ms = choices.of(&WAITS_MS);
        rehearsal.go_on(wait_ms, &mut choices);
    }
    rehearsal.script
}

/// A script so far, and what has become of a broker by it.
struct Rehearsal {
    broker: Broker,
    script: Vec<Timed>,
}

impl Rehearsal {
    fn new() -> Self {
        let broker = Broker::new(Config { seed: 7, ..Config::default() });
        let mut rehearsal = Rehearsal { broker, script: Vec::new() };
        for (connection, number) in [(1, 1), (1, 2), (2, 1), (2, 2)] {
            rehearsal.open(ChannelId { connection: ConnectionId(connection), number }, true);
        }
        rehearsal
    }

    /// One command more, with what it needs before it.
    fn go_on(&mut self, wait_ms: u64, c: &mut Choices) {
        let now_ms = self.broker.now_ms() + wait_ms;
        for _ in 0..MAX_TIMERS {
            let Some(due_ms) = self.broker.next_timer().map(|timer| timer.due_ms).filter(|due_ms| *due_ms <= now_ms)
            else {
                break;
            };
            // Whatever comes of it: those who drive the script see it, too.
            let _ = self.broker.apply(due_ms, Command::Timer, &mut NoEvents);
        }
        let before = self.script.len();
        if c.once_in(12) {
            let command = command(c, &self.broker);
            self.take(now_ms, command);
        } else {
            let channel = ChannelId { connection: ConnectionId(c.of(&[1, 2])), number: c.of(&[1, 2]) };
            if !c.once_in(24) {
                self.open_at(now_ms, channel, !c.once_in(4));
            }
            let (channel, method) = method(c, &self.broker, channel);
            self.take(now_ms, Command::Method { channel, method });
        }
        // The first one waits; what follows comes at once.
        if let Some((waits_ms, _)) = self.script.get_mut(before) {
            *waits_ms = wait_ms;
        }
    }

    fn open(&mut self, channel: ChannelId, consumer_cancel_notify: bool) {
        self.open_at(self.broker.now_ms(), channel, consumer_cancel_notify);
    }

    /// Starts the node, logs in, opens the channel, as far as it is not done already.
    fn open_at(&mut self, now_ms: u64, channel: ChannelId, consumer_cancel_notify: bool) {
        if !self.broker.is_running() {
            self.take(now_ms, Command::Manage(Manage::Start));
        }
        if self.broker.connection(channel.connection).is_none() {
            let open = ConnectionOpen { consumer_cancel_notify, ..ConnectionOpen::new(channel.connection) };
            self.take(now_ms, Command::ConnectionOpen(open));
        }
        if self.broker.channel(channel).is_none() {
            self.take(now_ms, Command::Method { channel, method: Method::ChannelOpen });
        }
    }

    fn take(&mut self, now_ms: u64, command: Command) {
        // What is refused changes nothing, and stays in the script.
        let _ = self.broker.apply(now_ms, command.clone(), &mut NoEvents);
        self.script.push((0, command));
    }
}

fn command(c: &mut Choices, broker: &Broker) -> Command {
    let connection = ConnectionId(c.of(&[1, 2]));
    match c.below(12) {
        0 => Command::ConnectionOpen(ConnectionOpen::new(connection)),
        1 => Command::ConnectionClose(connection),
        2 => Command::ConnectionLost(connection),
        3 if broker.is_running() => Command::Manage(Manage::Stop { crash: c.once_in(2) }),
        3 | 4 => Command::Manage(Manage::Start),
        5 => Command::Manage(Manage::Trace { vhost: "/".into(), on: c.once_in(2) }),
        _ => policy(c),
    }
}

fn policy(c: &mut Choices) -> Command {
    let name = c.name(&["p1", "p2"]);
    if c.once_in(3) {
        return Command::Manage(Manage::PolicyClear { vhost: "/".into(), name, operator: false });
    }
    let definition = match c.below(6) {
        0 => ("max-length", Value::I32(2)),
        1 => ("message-ttl", Value::I32(300)),
        2 => ("dead-letter-exchange", Value::from(c.of(&EXCHANGES))),
        3 => ("overflow", Value::from("reject-publish")),
        4 => ("delivery-limit", Value::I32(1)),
        _ => ("expires", Value::I32(2_000)),
    };
    Command::Manage(Manage::PolicySet(PolicySet {
        vhost: "/".into(),
        name,
        pattern: c.name(&["", "a|b", "c"]),
        apply_to: c.name(&["all", "queues", "quorum_queues"]),
        definition: Table::from([(definition.0.into(), definition.1)]),
        priority: c.below(3) as i64,
        operator: false,
    }))
}
