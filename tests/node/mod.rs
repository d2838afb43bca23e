//! A node to write tests against: clients that connect and open channels when they are first used, methods as short
//! calls, refusals as text.

#![allow(dead_code)] // each test program uses a part of it

use std::collections::BTreeMap;

use warren::broker::command::{
    BasicConsume, BasicPublish, ExchangeBinding, ExchangeDeclare, Permission, PolicySet, QueueBinding, QueueDeclare,
};
use warren::broker::message::Delivery;
use warren::broker::properties::Properties;
use warren::broker::queue::Queue;
use warren::broker::table::{Table, Value};
use warren::broker::{
    Broker, ChannelId, Command, Config, ConnectionId, ConnectionOpen, Event, EventKind, Frame, Manage, Method, Reply,
};

/// A node, and what it has said so far.
pub struct Node {
    pub broker: Broker,
    /// Virtual milliseconds.
    pub now_ms: u64,
    /// All frames since they were last taken.
    pub frames: Vec<Frame>,
    /// All events since they were last taken.
    pub events: Vec<Event>,
    /// Where methods go.
    channel: ChannelId,
    logins: BTreeMap<ConnectionId, ConnectionOpen>,
}

pub fn channel(connection: u32, number: u16) -> ChannelId {
    ChannelId { connection: ConnectionId(connection), number }
}

pub fn table(entries: &[(&str, Value)]) -> Table {
    entries.iter().map(|(key, value)| ((*key).into(), value.clone())).collect()
}

pub fn texts(items: &[&str]) -> Value {
    Value::Array(items.iter().copied().map(Value::from).collect())
}

pub fn persistent() -> Properties {
    Properties { delivery_mode: Some(2), ..Properties::default() }
}

pub fn with_header(key: &str, value: Value) -> Properties {
    Properties { headers: Some(table(&[(key, value)])), ..Properties::default() }
}

pub fn queue(name: &str) -> QueueDeclare {
    QueueDeclare { queue: name.into(), durable: true, ..QueueDeclare::default() }
}

pub fn exchange(name: &str, kind: &str) -> ExchangeDeclare {
    ExchangeDeclare { exchange: name.into(), kind: kind.into(), durable: true, ..ExchangeDeclare::default() }
}

pub fn binding(source: &str, queue: &str, key: &str) -> QueueBinding {
    QueueBinding { queue: queue.into(), exchange: source.into(), routing_key: key.into(), ..QueueBinding::default() }
}

pub fn exchange_binding(source: &str, destination: &str, key: &str) -> ExchangeBinding {
    ExchangeBinding {
        destination: destination.into(),
        source: source.into(),
        routing_key: key.into(),
        ..ExchangeBinding::default()
    }
}

pub fn consume(queue: &str, tag: &str) -> BasicConsume {
    BasicConsume { queue: queue.into(), consumer_tag: tag.into(), ..BasicConsume::default() }
}

pub fn publish(exchange: &str, key: &str, body: &str) -> BasicPublish {
    BasicPublish { exchange: exchange.into(), routing_key: key.into(), payload: body.into(), ..BasicPublish::default() }
}

impl Node {
    /// A new node. Methods go to channel 1 of connection 1.
    pub fn new() -> Self {
        Node::with(Config::default())
    }

    pub fn with(config: Config) -> Self {
        let broker = Broker::new(config);
        let (frames, events, logins) = (Vec::new(), Vec::new(), BTreeMap::new());
        Node { broker, now_ms: 0, frames, events, channel: channel(1, 1), logins }
    }

    /// Applies a command, and keeps what it sent.
    pub fn apply(&mut self, command: Command) -> Option<Reply> {
        let applied = self.broker.apply(self.now_ms, command, &mut self.events).expect("a command in order");
        self.frames.extend(applied.frames);
        applied.reply
    }

    /// From now on methods go to that channel.
    pub fn on(&mut self, connection: u32, number: u16) -> &mut Self {
        self.channel = channel(connection, number);
        self
    }

    /// How a connection logs in when it is first used.
    pub fn logs_in(&mut self, connection: u32, vhost: &str, user: &str) -> &mut Self {
        let id = ConnectionId(connection);
        let login =
            ConnectionOpen { vhost: vhost.into(), user: user.into(), password: user.into(), ..ConnectionOpen::new(id) };
        self.logins.insert(id, login);
        self
    }

    /// Opens a connection, and gives the answer as text: `ok` or the error.
    pub fn open(&mut self, connection: u32) -> String {
        let id = ConnectionId(connection);
        let login = self.logins.get(&id).cloned().unwrap_or_else(|| ConnectionOpen::new(id));
        answer(self.apply(Command::ConnectionOpen(login)))
    }

    /// What was closed is opened again.
    fn reopen(&mut self) {
        let ChannelId { connection, .. } = self.channel;
        if self.broker.connection(connection).is_none() {
            assert_eq!(self.open(connection.0), "ok");
        }
        if self.broker.channel(self.channel).is_none() {
            let open = Command::Method { channel: self.channel, method: Method::ChannelOpen };
            assert_eq!(self.apply(open), Some(Reply::Ok));
        }
    }

    /// Applies a method on the current channel.
    pub fn method(&mut self, method: Method) -> Option<Reply> {
        self.reopen();
        self.apply(Command::Method { channel: self.channel, method })
    }

    /// The text of the error that a method ends with, or `ok`.
    pub fn says(&mut self, method: Method) -> String {
        answer(self.method(method))
    }

    /// As [`says`](Self::says), without opening what is closed.
    pub fn says_as_it_is(&mut self, method: Method) -> String {
        answer(self.apply(Command::Method { channel: self.channel, method }))
    }

    fn succeeds(&mut self, method: Method) {
        assert_eq!(self.says(method), "ok");
    }

    /// A durable classic queue.
    pub fn declare(&mut self, name: &str) {
        self.declare_with(name, &[]);
    }

    /// A durable queue with arguments.
    pub fn declare_with(&mut self, name: &str, arguments: &[(&str, Value)]) {
        self.succeeds(Method::QueueDeclare(QueueDeclare { arguments: table(arguments), ..queue(name) }));
    }

    pub fn quorum(&mut self, name: &str, arguments: &[(&str, Value)]) {
        self.declare_with(name, &[&[("x-queue-type", "quorum".into())], arguments].concat());
    }

    pub fn stream(&mut self, name: &str, arguments: &[(&str, Value)]) {
        self.declare_with(name, &[&[("x-queue-type", "stream".into())], arguments].concat());
    }

    pub fn exchange(&mut self, name: &str, kind: &str) {
        self.succeeds(Method::ExchangeDeclare(exchange(name, kind)));
    }

    pub fn bind(&mut self, source: &str, queue: &str, key: &str) {
        self.succeeds(Method::QueueBind(binding(source, queue, key)));
    }

    /// To the default exchange.
    pub fn publish(&mut self, queue: &str, body: &str) {
        self.publish_to("", queue, body);
    }

    pub fn publish_to(&mut self, exchange: &str, key: &str, body: &str) {
        self.succeeds(Method::BasicPublish(publish(exchange, key, body)));
    }

    pub fn publish_with(&mut self, exchange: &str, key: &str, body: &str, properties: Properties) {
        let publish = BasicPublish { properties: properties.into(), ..publish(exchange, key, body) };
        self.succeeds(Method::BasicPublish(publish));
    }

    pub fn consume(&mut self, queue: &str, tag: &str) {
        self.succeeds(Method::BasicConsume(consume(queue, tag)));
    }

    pub fn prefetch(&mut self, prefetch_count: u16) {
        self.succeeds(Method::BasicQos { prefetch_count, prefetch_size: 0, global: false });
    }

    pub fn ack(&mut self, delivery_tag: u64) {
        self.succeeds(Method::BasicAck { delivery_tag, multiple: false });
    }

    pub fn reject(&mut self, delivery_tag: u64, requeue: bool) {
        self.succeeds(Method::BasicReject { delivery_tag, requeue });
    }

    /// Gets a message, unacknowledged.
    pub fn get(&mut self, queue: &str) -> Option<Delivery> {
        match self.method(Method::BasicGet { queue: queue.into(), no_ack: false }) {
            Some(Reply::Got { delivery, .. }) => Some(delivery),
            Some(Reply::Empty) => None,
            other => panic!("basic.get: {other:?}"),
        }
    }

    /// A call of the management API: `ok` or the refusal.
    pub fn manage(&mut self, manage: Manage) -> String {
        answer(self.apply(Command::Manage(manage)))
    }

    /// A user with the three patterns in `/`, whose password is the name.
    pub fn user(&mut self, user: &str, configure: &str, write: &str, read: &str) {
        let set = Manage::UserSet { user: user.into(), password: user.into(), tags: Vec::new() };
        assert_eq!(self.manage(set), "ok");
        self.permit(user, "/", configure, write, read);
    }

    pub fn permit(&mut self, user: &str, vhost: &str, configure: &str, write: &str, read: &str) {
        let permission = Permission { configure: configure.into(), write: write.into(), read: read.into() };
        let set = Manage::PermissionSet { vhost: vhost.into(), user: user.into(), permission };
        assert_eq!(self.manage(set), "ok");
    }

    pub fn vhost(&mut self, name: &str, default_queue_type: Option<&str>) -> String {
        let default_queue_type = default_queue_type.map(Into::into);
        self.manage(Manage::VhostCreate { vhost: name.into(), default_queue_type })
    }

    /// A policy, or an operator policy, for all queues and exchanges of `/`.
    pub fn policy(&mut self, name: &str, operator: bool, definition: &[(&str, Value)]) -> String {
        self.manage(Manage::PolicySet(policy(name, operator, definition)))
    }

    /// Lets time pass, firing what is due.
    pub fn wait(&mut self, ms: u64) {
        let until_ms = self.now_ms + ms;
        while let Some(timer) = self.broker.next_timer().filter(|timer| timer.due_ms <= until_ms) {
            self.now_ms = timer.due_ms;
            self.apply(Command::Timer);
        }
        self.now_ms = until_ms;
    }

    pub fn restart(&mut self, crash: bool) {
        assert_eq!(self.manage(Manage::Stop { crash }), "ok");
        assert_eq!(self.manage(Manage::Start), "ok");
    }

    pub fn queue(&self, name: &str) -> &Queue {
        self.broker.queue("/", name).unwrap_or_else(|| panic!("no queue {name}"))
    }

    pub fn has_queue(&self, name: &str) -> bool {
        self.broker.queue("/", name).is_some()
    }

    /// The bodies of what is ready, in order.
    pub fn ready(&self, name: &str) -> Vec<String> {
        self.queue(name).ready_messages().map(|entry| entry.message.payload.text().into_owned()).collect()
    }

    pub fn take_frames(&mut self) -> Vec<Frame> {
        std::mem::take(&mut self.frames)
    }

    /// What was delivered since frames were last taken: consumer and body.
    pub fn take_deliveries(&mut self) -> Vec<(String, String)> {
        self.take_frames().iter().filter_map(delivered).collect()
    }

    /// The events since they were last taken.
    pub fn take_events(&mut self) -> Vec<EventKind> {
        std::mem::take(&mut self.events).into_iter().map(|event| event.kind).collect()
    }
}

pub fn policy(name: &str, operator: bool, definition: &[(&str, Value)]) -> PolicySet {
    PolicySet {
        vhost: "/".into(),
        name: name.into(),
        pattern: ".*".into(),
        apply_to: "all".into(),
        definition: table(definition),
        priority: 0,
        operator,
    }
}

fn delivered(frame: &Frame) -> Option<(String, String)> {
    match frame {
        Frame::Deliver { consumer_tag, delivery, .. } => {
            Some((consumer_tag.to_string(), delivery.message.payload.text().into_owned()))
        }
        _ => None,
    }
}

/// An error's text, or `ok`.
pub fn answer(reply: Option<Reply>) -> String {
    match reply {
        Some(Reply::Closed(error)) => error.to_string(),
        Some(Reply::Refused(error)) => error.to_string(),
        _ => "ok".to_owned(),
    }
}
