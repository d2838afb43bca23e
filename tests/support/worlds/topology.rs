//! What is declared: queues of all types with arguments that fit them, exchanges of all types, bindings, policies.

use warren::broker::Name;
use warren::broker::command::PolicySet;
use warren::broker::settings::QueueType;
use warren::broker::table::{Table, Value};
use warren::definitions::{Binding, Definitions, Exchange, Metadata, Policy, Queue, Vhost};

use super::Dice;

const QUEUES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
pub const EXCHANGES: [&str; 5] = ["x", "y", "z", "v", "w"];
pub const KINDS: [&str; 7] = ["direct", "fanout", "topic", "topic", "headers", "x-consistent-hash", "x-local-random"];
/// Keys to publish and to bind with.
pub const KEYS: [&str; 8] = ["a", "b", "c", "a.b", "b.a", "a.b.c", "", "d"];
const PATTERNS: [&str; 7] = ["a.*", "*.b", "#", "a.#", "*", "#.c", "a"];
/// Where dead letters and what nobody wants may go, beside the exchanges that are declared.
const ELSEWHERE: [&str; 4] = ["", "amq.fanout", "amq.topic", "missing"];

/// What is declared in one virtual host.
pub struct Host {
    pub name: Name,
    pub queues: Vec<(Queue, QueueType)>,
    pub exchanges: Vec<Exchange>,
    bindings: Vec<Binding>,
    /// What a queue is that does not say; none is what RabbitMQ says.
    default_queue_type: Option<QueueType>,
}

/// What is declared.
pub struct Topology {
    pub hosts: Vec<Host>,
    policies: Vec<Policy>,
}

impl Topology {
    pub fn thrown(dice: &mut Dice) -> Self {
        let names: &[&str] = if dice.once_in(4) { &["/", "other"] } else { &["/"] };
        let hosts: Vec<Host> = names.iter().map(|name| Host::thrown(dice, name)).collect();
        let policies = (0..dice.below(3)).map(|number| defined(policy(dice, &hosts[0].name, &format!("d{number}"))));
        let policies = policies.collect();
        Topology { hosts, policies }
    }

    /// One of the virtual hosts.
    pub fn host(&self, dice: &mut Dice) -> &Host {
        &self.hosts[dice.below(self.hosts.len())]
    }

    /// As a scenario has it.
    pub fn definitions(self) -> Definitions {
        let mut definitions = Definitions { policies: self.policies, ..Definitions::default() };
        if self.hosts.len() > 1 || self.hosts.iter().any(|host| host.default_queue_type.is_some()) {
            definitions.vhosts = self.hosts.iter().map(Host::vhost).collect();
        }
        for host in self.hosts {
            definitions.queues.extend(host.queues.into_iter().map(|(queue, _)| queue));
            definitions.exchanges.extend(host.exchanges);
            definitions.bindings.extend(host.bindings);
        }
        definitions
    }
}

impl Host {
    fn thrown(dice: &mut Dice, name: &str) -> Self {
        let count = dice.below(EXCHANGES.len() + 1);
        let names: Vec<Name> = EXCHANGES[..count].iter().map(|name| (*name).into()).collect();
        let count = 1 + dice.below(QUEUES.len());
        let default_queue_type = dice.of(&[None, None, None, Some(QueueType::Quorum), Some(QueueType::Stream)]);
        let says_type = default_queue_type.is_some();
        let queues =
            QUEUES[..count].iter().map(|queue_name| queue(dice, name, queue_name, &names, says_type)).collect();
        let exchanges = names.iter().map(|exchange_name| exchange(dice, name, exchange_name, &names)).collect();
        let mut host = Host { name: name.into(), queues, exchanges, bindings: Vec::new(), default_queue_type };
        for _ in 0..dice.below(12) {
            host.bind(dice);
        }
        host
    }

    /// Queue, exchange, key and arguments of a binding to a queue.
    pub fn binding(&self, dice: &mut Dice) -> Option<(Name, Name, Name, Table)> {
        let binding = self.bindings.get(dice.below(self.bindings.len()))?;
        let Binding { source, destination, routing_key, arguments, .. } = binding.clone();
        self.queues.iter().any(|(queue, _)| queue.name == destination).then_some((
            destination,
            source,
            routing_key,
            arguments,
        ))
    }

    fn vhost(&self) -> Vhost {
        let default_queue_type = self.default_queue_type.map(|kind| kind.as_str().into());
        Vhost { metadata: Metadata { default_queue_type, ..Metadata::default() }, ..Vhost::new(&self.name) }
    }

    /// The name of a queue.
    pub fn queue_name(&self, dice: &mut Dice) -> Name {
        self.queues[dice.below(self.queues.len())].0.name.clone()
    }

    fn bind(&mut self, dice: &mut Dice) {
        let own = dice.below(self.exchanges.len() + 1);
        let (source, kind) = match self.exchanges.get(own) {
            Some(exchange) => (exchange.name.clone(), exchange.kind.clone()),
            None => dice.of(&[("amq.topic".into(), "topic".into()), ("amq.fanout".into(), "fanout".into())]),
        };
        let (key, arguments) = binding_key(dice, &kind);
        let to_exchange = !self.exchanges.is_empty() && kind != "x-local-random" && dice.once_in(4);
        let (queue, queue_type) = &self.queues[dice.below(self.queues.len())];
        let binding = if to_exchange {
            Binding::to_exchange(&self.exchanges[dice.below(self.exchanges.len())].name, &source, &key)
        } else if kind != "x-local-random" || *queue_type == QueueType::Classic {
            Binding::to_queue(&queue.name, &source, &key)
        } else {
            return;
        };
        let binding = Binding { vhost: self.name.clone(), arguments, ..binding };
        // A file of definitions holds each binding once.
        if !self.bindings.contains(&binding) {
            self.bindings.push(binding);
        }
    }
}

/// What suits an exchange's type.
fn binding_key(dice: &mut Dice, kind: &str) -> (Name, Table) {
    match kind {
        "x-local-random" => ("".into(), Table::new()),
        "x-consistent-hash" => (dice.name(&["1", "2", "10"]), Table::new()),
        "topic" => (dice.name(&PATTERNS), Table::new()),
        "headers" => {
            let matches = dice.of(&["all", "any", "all-with-x", "any-with-x"]);
            let mut arguments = Table::from([("x-match".into(), Value::from(matches))]);
            for header in ["k", "l"] {
                if dice.once_in(2) {
                    arguments.insert(header.into(), Value::I64(dice.below(2) as i64));
                }
            }
            ("".into(), arguments)
        }
        _ => (dice.name(&KEYS), Table::new()),
    }
}

fn elsewhere(dice: &mut Dice, exchanges: &[Name]) -> Value {
    let name = if exchanges.is_empty() || dice.once_in(3) { dice.name(&ELSEWHERE) } else { dice.of(exchanges) };
    Value::String(name)
}

fn exchange(dice: &mut Dice, vhost: &str, name: &Name, exchanges: &[Name]) -> Exchange {
    let mut arguments = Table::new();
    if dice.once_in(3) {
        arguments.insert("alternate-exchange".into(), elsewhere(dice, exchanges));
    }
    let durable = !dice.once_in(6);
    Exchange { vhost: vhost.into(), durable, arguments, ..Exchange::new(name, dice.of(&KINDS)) }
}

fn queue(dice: &mut Dice, vhost: &str, name: &str, exchanges: &[Name], says_type: bool) -> (Queue, QueueType) {
    use QueueType::{Classic, Quorum, Stream};
    let kind = dice.of(&[Classic, Classic, Quorum, Quorum, Stream]);
    let mut queue = Queue { vhost: vhost.into(), ..Queue::new(name) };
    let mut put = |key: &str, value: Value| queue = queue.clone().with(key, value);
    if kind != Classic || says_type || dice.once_in(3) {
        put("x-queue-type", Value::from(kind.as_str()));
    }
    match kind {
        Stream if dice.once_in(2) => put("x-max-length-bytes", Value::I32(200)),
        Stream => {}
        Classic | Quorum => {
            shared_arguments(dice, exchanges, &mut put);
            if kind == Classic {
                classic_arguments(dice, &mut put);
            } else {
                quorum_arguments(dice, &mut put);
            }
        }
    }
    queue.durable = kind != Classic || !dice.once_in(4);
    queue.auto_delete = kind == Classic && dice.once_in(10);
    (queue, kind)
}

fn shared_arguments(dice: &mut Dice, exchanges: &[Name], put: &mut impl FnMut(&str, Value)) {
    if dice.once_in(2) {
        put("x-dead-letter-exchange", elsewhere(dice, exchanges));
        if dice.once_in(2) {
            // Mostly a queue's name, so that by the default exchange there are chains and circles.
            put("x-dead-letter-routing-key", Value::String(dice.name(&["a", "b", "c", "d", "a.b"])));
        }
    }
    if dice.once_in(3) {
        put("x-message-ttl", Value::I32(dice.of(&[0, 30, 150, 600])));
    }
    if dice.once_in(4) {
        put("x-max-length", Value::I32(dice.below(6) as i32));
    }
    if dice.once_in(6) {
        put("x-max-length-bytes", Value::I32(dice.below(40) as i32));
    }
    if dice.once_in(5) {
        put("x-single-active-consumer", Value::Bool(true));
    }
    if dice.once_in(12) {
        put("x-expires", Value::I32(dice.of(&[300, 1_500])));
    }
}

fn classic_arguments(dice: &mut Dice, put: &mut impl FnMut(&str, Value)) {
    if dice.once_in(4) {
        put("x-max-priority", Value::I32(dice.of(&[1, 5, 10])));
    }
    if dice.once_in(3) {
        put("x-overflow", Value::from(dice.of(&["reject-publish", "reject-publish-dlx", "drop-head"])));
    }
}

fn quorum_arguments(dice: &mut Dice, put: &mut impl FnMut(&str, Value)) {
    if dice.once_in(3) {
        put("x-overflow", Value::from(dice.of(&["reject-publish", "drop-head"])));
    }
    if dice.once_in(3) {
        put("x-delivery-limit", Value::I32(dice.of(&[0, 1, 3, -1])));
    }
    if dice.once_in(4) {
        put("x-dead-letter-strategy", Value::from("at-least-once"));
    }
    if dice.once_in(4) {
        put("x-delayed-retry-min", Value::I32(50));
        put("x-delayed-retry-type", Value::from(dice.of(&["all", "failed", "returned"])));
    }
    if dice.once_in(6) {
        put("x-consumer-timeout", Value::I32(dice.of(&[200, 900])));
    }
}

/// A policy for some of it.
pub fn policy(dice: &mut Dice, vhost: &Name, name: &str) -> PolicySet {
    let (key, value) = match dice.below(8) {
        0 => ("max-length", Value::I32(dice.below(5) as i32)),
        1 => ("message-ttl", Value::I32(dice.of(&[0, 40, 400]))),
        2 => ("dead-letter-exchange", Value::String(dice.name(&["x", "y", "", "amq.fanout", "missing"]))),
        3 => ("overflow", Value::from(dice.of(&["reject-publish", "drop-head"]))),
        4 => ("delivery-limit", Value::I32(dice.below(3) as i32)),
        5 => ("expires", Value::I32(700)),
        6 => ("alternate-exchange", Value::String(dice.name(&["x", "z", "amq.fanout", "missing"]))),
        _ => ("max-length-bytes", Value::I32(30)),
    };
    let apply_to = match key {
        "alternate-exchange" => "exchanges".into(),
        _ => dice.name(&["all", "queues", "quorum_queues", "classic_queues"]),
    };
    PolicySet {
        vhost: vhost.clone(),
        name: name.into(),
        pattern: dice.name(&["", "a|b", "^[c-z]$"]),
        apply_to,
        definition: Table::from([(key.into(), value)]),
        priority: dice.below(3) as i64,
        operator: false,
    }
}

/// The same, as definitions have it.
fn defined(policy: PolicySet) -> Policy {
    let plain = |value: Value| value.as_int().map_or(value, Value::I64);
    let PolicySet { vhost, name, pattern, apply_to, definition, priority, .. } = policy;
    let definition = definition.into_iter().map(|(key, value)| (key, plain(value))).collect();
    Policy { vhost, name, pattern, apply_to, priority, definition }
}
