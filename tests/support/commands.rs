//! Commands out of bytes. Every byte string means a script; a shorter one means a simpler script, so that what
//! shrinks bytes shrinks scripts.
//!
//! There are few names, so that commands meet: connections 1 and 2, two channels each, four queues, six exchanges.

use std::rc::Rc;

use warren::broker::command::{
    BasicConsume, BasicPublish, ExchangeBinding, ExchangeDeclare, PolicySet, QueueBinding, QueueDeclare,
};
use warren::broker::properties::Properties;
use warren::broker::table::{Table, Value};
use warren::broker::{ChannelId, Command, ConnectionId, ConnectionOpen, Manage, Method, Name};

const QUEUES: [&str; 5] = ["a", "b", "c", "d", ""];
const EXCHANGES: [&str; 7] = ["", "x", "y", "h", "amq.topic", "amq.fanout", "missing"];
const KEYS: [&str; 8] = ["a", "b", "c", "d", "a.b", "#", "*.b", ""];
const KINDS: [&str; 6] = ["direct", "fanout", "topic", "headers", "x-consistent-hash", "x-local-random"];
const TAGS: [&str; 4] = ["t1", "t2", "t3", ""];
/// Milliseconds from one command to the next.
const WAITS_MS: [u64; 8] = [0, 0, 0, 1, 20, 100, 600, 6_000];
const TTLS_MS: [i64; 4] = [0, 50, 500, 5_000];

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

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    fn name(&mut self, all: &[&str]) -> Name {
        self.of(all).into()
    }

    /// True once in `n`.
    fn once_in(&mut self, n: usize) -> bool {
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
    let mut script = opening();
    while !choices.is_empty() && script.len() < MAX_COMMANDS {
        let wait_ms = choices.of(&WAITS_MS);
        let command = command(&mut choices);
        script.push((wait_ms, command));
    }
    script
}

fn opening() -> Vec<Timed> {
    let connect = |number| Command::ConnectionOpen(ConnectionOpen::new(ConnectionId(number)));
    let channels = [(1, 1), (1, 2), (2, 1), (2, 2)].map(|(connection, number)| Command::Method {
        channel: ChannelId { connection: ConnectionId(connection), number },
        method: Method::ChannelOpen,
    });
    [connect(1), connect(2)].into_iter().chain(channels).map(|command| (0, command)).collect()
}

fn channel(c: &mut Choices) -> ChannelId {
    ChannelId { connection: ConnectionId(c.of(&[1, 2])), number: c.of(&[1, 2]) }
}

fn command(c: &mut Choices) -> Command {
    if !c.once_in(12) {
        let channel = channel(c);
        return Command::Method { channel, method: method(c) };
    }
    match c.below(8) {
        0 | 1 => Command::ConnectionOpen(ConnectionOpen {
            consumer_cancel_notify: !c.once_in(4),
            ..ConnectionOpen::new(ConnectionId(c.of(&[1, 2])))
        }),
        2 => Command::ConnectionClose(ConnectionId(c.of(&[1, 2]))),
        3 => Command::ConnectionLost(ConnectionId(c.of(&[1, 2]))),
        4 => Command::Manage(Manage::Stop { crash: c.once_in(2) }),
        5 => Command::Manage(Manage::Start),
        6 => Command::Manage(Manage::Trace { vhost: "/".into(), on: c.once_in(2) }),
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

fn method(c: &mut Choices) -> Method {
    match c.below(32) {
        0..=9 => Method::BasicPublish(publish(c)),
        10..=12 => Method::BasicConsume(consume(c)),
        13 | 14 => Method::BasicGet { queue: c.name(&QUEUES), no_ack: c.once_in(3) },
        15..=17 => Method::BasicAck { delivery_tag: tag(c), multiple: c.once_in(3) },
        18 | 19 => Method::BasicNack { delivery_tag: tag(c), multiple: c.once_in(3), requeue: !c.once_in(3) },
        20 | 21 => Method::BasicReject { delivery_tag: tag(c), requeue: !c.once_in(3) },
        22..=24 => Method::QueueDeclare(queue(c)),
        25 => Method::QueueBind(binding(c)),
        26 => exchange(c),
        27 => Method::ChannelOpen,
        28 => Method::BasicQos { prefetch_count: c.of(&[0, 1, 2, 5]), prefetch_size: 0, global: c.once_in(4) },
        29 => Method::BasicCancel { consumer_tag: c.name(&TAGS) },
        30 => Method::BasicRecover { requeue: true },
        _ => rare(c),
    }
}

fn rare(c: &mut Choices) -> Method {
    match c.below(12) {
        0 => Method::ConfirmSelect,
        1 => Method::TxSelect,
        2 | 3 => Method::TxCommit,
        4 => Method::TxRollback,
        5 => Method::ChannelClose,
        6 => Method::QueueDelete { queue: c.name(&QUEUES), if_unused: c.once_in(2), if_empty: c.once_in(2) },
        7 => Method::QueuePurge { queue: c.name(&QUEUES) },
        8 => Method::ExchangeDelete { exchange: c.name(&EXCHANGES), if_unused: c.once_in(2) },
        9 => Method::QueueUnbind(binding(c)),
        10 => Method::ExchangeBind(exchange_binding(c)),
        _ => Method::ExchangeUnbind(exchange_binding(c)),
    }
}

fn tag(c: &mut Choices) -> u64 {
    // Mostly one that there is.
    c.of(&[1, 2, 3, 4, 5, 6, 7, 8, 0, 99])
}

fn publish(c: &mut Choices) -> BasicPublish {
    let mut properties = Properties::default();
    if c.once_in(2) {
        properties.delivery_mode = Some(c.of(&[1, 2]));
        properties.priority = c.of(&[None, Some(0), Some(3), Some(9), Some(200)]);
        properties.expiration =
            c.of(&[None, Some("0"), Some("40"), Some("900"), Some("-1"), Some("x")]).map(Name::from);
        properties.headers = headers(c);
        properties.reply_to = c.of(&[None, None, Some("amq.rabbitmq.reply-to")]).map(Name::from);
    }
    BasicPublish {
        exchange: c.name(&EXCHANGES),
        routing_key: c.name(&KEYS),
        mandatory: c.once_in(3),
        immediate: c.once_in(200),
        properties: Rc::new(properties),
        payload: ["", "m", "a longer body"][c.below(3)].into(),
    }
}

fn headers(c: &mut Choices) -> Option<Table> {
    let keys = |names: [&str; 2]| Value::Array(names.into_iter().map(Value::from).collect());
    let header = match c.below(7) {
        0..=2 => return None,
        3 => ("CC", keys(["b", "c"])),
        4 => ("BCC", keys(["a", "d"])),
        5 => ("CC", Value::from("b")),
        _ => ("k", Value::I32(1)),
    };
    Some(Table::from([(header.0.into(), header.1)]))
}

fn consume(c: &mut Choices) -> BasicConsume {
    let argument = match c.below(8) {
        0..=3 => None,
        4 => Some(("x-priority", Value::I32(c.below(3) as i32 - 1))),
        5 => Some(("x-stream-offset", Value::from(c.of(&["first", "last", "next"])))),
        6 => Some(("x-consumer-timeout", Value::I32(400))),
        _ => Some(("x-priority", Value::from("high"))),
    };
    BasicConsume {
        queue: c.name(&["a", "b", "c", "d", "", "amq.rabbitmq.reply-to"]),
        consumer_tag: c.name(&TAGS),
        no_local: false,
        no_ack: c.once_in(4),
        exclusive: c.once_in(10),
        arguments: argument.into_iter().map(|(key, value)| (key.into(), value)).collect(),
    }
}

fn queue(c: &mut Choices) -> QueueDeclare {
    let mut arguments = Table::new();
    for _ in 0..c.below(4) {
        let (key, value) = queue_argument(c);
        arguments.insert(key.into(), value);
    }
    QueueDeclare {
        queue: c.name(&QUEUES),
        passive: c.once_in(8),
        durable: !c.once_in(4),
        exclusive: c.once_in(8),
        auto_delete: c.once_in(8),
        arguments,
    }
}

fn queue_argument(c: &mut Choices) -> (&'static str, Value) {
    match c.below(16) {
        0..=2 => ("x-queue-type", Value::from(c.of(&["quorum", "stream", "classic"]))),
        3 | 4 => ("x-dead-letter-exchange", Value::from(c.of(&EXCHANGES))),
        5 => ("x-dead-letter-routing-key", Value::from(c.of(&KEYS))),
        6 => ("x-message-ttl", Value::int(c.of(&TTLS_MS))),
        7 => ("x-max-length", Value::I32(c.below(4) as i32)),
        8 => ("x-max-length-bytes", Value::I32(c.below(20) as i32)),
        9 => ("x-overflow", Value::from(c.of(&["reject-publish", "reject-publish-dlx", "drop-head"]))),
        10 => ("x-max-priority", Value::I32(5)),
        11 => ("x-single-active-consumer", Value::Bool(true)),
        12 => ("x-delivery-limit", Value::I32(c.below(4) as i32 - 1)),
        13 => ("x-delayed-retry-min", Value::I32(200)),
        14 => ("x-delayed-retry-type", Value::from(c.of(&["all", "failed", "returned"]))),
        _ => ("x-dead-letter-strategy", Value::from("at-least-once")),
    }
}

fn binding(c: &mut Choices) -> QueueBinding {
    QueueBinding {
        queue: c.name(&QUEUES),
        exchange: c.name(&EXCHANGES),
        routing_key: c.name(&KEYS),
        arguments: pattern(c),
    }
}

fn exchange_binding(c: &mut Choices) -> ExchangeBinding {
    let (destination, source) = (c.name(&EXCHANGES), c.name(&EXCHANGES));
    ExchangeBinding { destination, source, routing_key: c.name(&KEYS), arguments: pattern(c) }
}

fn pattern(c: &mut Choices) -> Table {
    match c.below(4) {
        0..=2 => Table::new(),
        _ => Table::from([("x-match".into(), Value::from(c.of(&["any", "all"]))), ("k".into(), Value::I32(1))]),
    }
}

fn exchange(c: &mut Choices) -> Method {
    let arguments = match c.below(3) {
        0 | 1 => Table::new(),
        _ => Table::from([("alternate-exchange".into(), Value::from(c.of(&EXCHANGES)))]),
    };
    Method::ExchangeDeclare(ExchangeDeclare {
        exchange: c.name(&["x", "y", "h", "amq.topic"]),
        kind: c.name(&KINDS),
        passive: c.once_in(8),
        durable: c.once_in(2),
        auto_delete: c.once_in(4),
        internal: c.once_in(8),
        arguments,
    })
}
