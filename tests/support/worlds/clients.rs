//! Clients of all roles and behaviours, for a given topology.

use std::collections::BTreeSet;
use std::rc::Rc;

use warren::broker::Name;
use warren::broker::properties::Properties;
use warren::broker::settings::QueueType;
use warren::broker::table::{Table, Value};
use warren::simulation::{
    AckMode, AnswerSpec, ClientSpec, ConsumerSpec, Draft, Order, Outcome, OutputSpec, ProducerSpec, Reaction, Replies,
    Role, RpcClientSpec, RpcServerSpec, Rule, Schedule, Setup, Span, When, WorkerSpec,
};

use super::Dice;
use super::declare::setup;
use super::topology::{Host, KEYS, Topology};

const PRODUCERS: [&str; 4] = ["p1", "p2", "p3", "p4"];
const CONSUMERS: [&str; 5] = ["c1", "c2", "c3", "c4", "c5"];

pub fn thrown(dice: &mut Dice, topology: &Topology) -> Vec<ClientSpec> {
    let mut clients = Vec::new();
    for name in &PRODUCERS[..1 + dice.below(PRODUCERS.len())] {
        let host = topology.host(dice);
        let role = Role::Producer(producer(dice, host));
        clients.push(client(dice, name, host, role));
    }
    let mut exclusive = BTreeSet::new();
    let mut used = BTreeSet::new();
    for name in &CONSUMERS[..dice.below(CONSUMERS.len() + 1)] {
        let host = topology.host(dice);
        let mut consumer = consumer(dice, host);
        let place = |queue: &Name| (host.name.clone(), queue.clone());
        consumer.queues.retain(|queue| !exclusive.contains(&place(queue)));
        consumer.exclusive &= consumer.queues.iter().all(|queue| !used.contains(&place(queue)));
        if consumer.pull_every_ms.is_none() {
            used.extend(consumer.queues.iter().map(place));
        }
        if consumer.exclusive {
            exclusive.extend(consumer.queues.iter().map(place));
        }
        let alone = consumer.exclusive;
        let role = consuming(dice, host, consumer);
        let mut client = client(dice, name, host, role);
        if alone {
            client.connections = 1;
        }
        clients.push(with_setup(dice, host, client));
    }
    if dice.once_in(3) {
        let host = topology.host(dice);
        let request = ProducerSpec { exchange: "".into(), routing_key: host.queue_name(dice), ..producer(dice, host) };
        let replies = dice.of(&[Replies::Direct, Replies::Queue]);
        let role = RpcClientSpec { request, replies, timeout_ms: dice.of(&[50, 500]) };
        clients.push(client(dice, "rpc", host, Role::RpcClient(role)));
    }
    clients
}

/// One that joins later.
pub fn newcomer(dice: &mut Dice, host: &Host, name: &str) -> ClientSpec {
    let role = match dice.below(3) {
        0 => Role::Producer(producer(dice, host)),
        _ => {
            let consumer = consumer(dice, host);
            consuming(dice, host, consumer)
        }
    };
    let client = client(dice, name, host, role);
    with_setup(dice, host, client)
}

/// Some clients declare something for themselves, and then may consume from a queue of their own.
fn with_setup(dice: &mut Dice, host: &Host, mut client: ClientSpec) -> ClientSpec {
    if !dice.once_in(3) {
        return client;
    }
    client.setup = setup(dice, host);
    let declares = client.setup.iter().any(|setup| matches!(setup, Setup::QueueDeclare(queue) if !queue.passive));
    if let Some(consumer) = client.role.consumer_mut()
        && declares
        && consumer.arguments.is_empty()
    {
        consumer.queues.push(Name::default());
        // Two clients may declare the same one for all: who wanted it alone could keep the other from the beginning.
        consumer.exclusive = false;
    }
    client
}

/// Most only consume; some pass on what they get, or answer it.
fn consuming(dice: &mut Dice, host: &Host, consume: ConsumerSpec) -> Role {
    let pulls = consume.pull_every_ms.is_some();
    match dice.below(5) {
        0 if !pulls => {
            let ProducerSpec { exchange, routing_key, mandatory, confirms, on_nack, on_return, .. } =
                producer(dice, host);
            let routing_key = dice.of(&[None, Some(routing_key)]);
            let payload = dice.of(&[None, Some("{payload} passed on".into())]);
            let publish = OutputSpec {
                exchange,
                routing_key,
                payload,
                properties: None,
                mandatory,
                confirms,
                on_nack,
                on_return,
            };
            Role::Worker(WorkerSpec { consume, publish })
        }
        1 if !pulls => Role::RpcServer(RpcServerSpec { consume, answer: AnswerSpec::default() }),
        _ => Role::Consumer(consume),
    }
}

fn client(dice: &mut Dice, name: &str, host: &Host, role: Role) -> ClientSpec {
    let latency_ms = dice.of(&[0, 0, 1, 10, 35, 120]);
    let (connections, heartbeat_s) = (dice.of(&[1, 1, 1, 2, 3]), dice.of(&[0, 1, 60]));
    ClientSpec { vhost: host.name.clone(), latency_ms, connections, heartbeat_s, ..ClientSpec::new(name, role) }
}

pub fn schedule(dice: &mut Dice) -> Schedule {
    match dice.below(6) {
        0 => Schedule::Once,
        1 => Schedule::Burst { messages: dice.from(1, 12) },
        2 => Schedule::Poisson { messages: dice.from(5, 40), per_ms: 1_000 },
        3 => Schedule::OnOff { every_ms: 20, on_ms: 100, off_ms: dice.of(&[0, 150, 400]) },
        _ => Schedule::Every { ms: dice.of(&[7, 25, 90, 300]) },
    }
}

fn producer(dice: &mut Dice, host: &Host) -> ProducerSpec {
    let own = dice.below(host.exchanges.len() + 2);
    let exchange = match host.exchanges.get(own) {
        Some(exchange) => exchange.name.clone(),
        None => dice.name(&["", "", "", "amq.topic", "amq.fanout", "missing"]),
    };
    let to_queue = exchange.is_empty() && !dice.once_in(5);
    let routing_key = if to_queue { host.queue_name(dice) } else { dice.name(&KEYS) };
    let confirms = dice.once_in(2);
    let messages = if dice.once_in(3) { (0..1 + dice.below(4)).map(|_| draft(dice)).collect() } else { Vec::new() };
    ProducerSpec {
        exchange,
        routing_key,
        payload: dice.of(&["", "poison", "{n}: {pick:good|poison}", "a body of some length {random:1-9}"]).into(),
        properties: Rc::new(properties(dice)),
        messages,
        order: dice.of(&[Order::InTurn, Order::AtRandom]),
        templates: !dice.once_in(3),
        mandatory: dice.once_in(3),
        confirms,
        on_nack: if confirms { reaction(dice) } else { Reaction::Ignore },
        on_return: if confirms { reaction(dice) } else { Reaction::Ignore },
        start_ms: dice.of(&[0, 0, 50, 400]),
        schedule: Some(schedule(dice)),
        limit: if dice.once_in(3) { Some(dice.from(1, 40)) } else { None },
        ..ProducerSpec::default()
    }
}

fn reaction(dice: &mut Dice) -> Reaction {
    let retry = Reaction::Retry { after_ms: dice.of(&[0, 20, 200]), limit: dice.from(1, 3) as u32 };
    dice.of(&[Reaction::Ignore, Reaction::Log, retry])
}

fn draft(dice: &mut Dice) -> Draft {
    Draft {
        routing_key: if dice.once_in(2) { Some(dice.name(&KEYS)) } else { None },
        payload: if dice.once_in(2) { Some(dice.of(&["draft {n}", "poison"]).into()) } else { None },
        properties: if dice.once_in(3) { Some(Rc::new(properties(dice))) } else { None },
    }
}

fn properties(dice: &mut Dice) -> Properties {
    let mut headers = Table::new();
    if dice.once_in(3) {
        headers.insert("k".into(), Value::I32(dice.below(2) as i32));
    }
    if dice.once_in(8) {
        let keys = ["b", "a.b"].into_iter().map(Value::from).collect();
        headers.insert(dice.name(&["CC", "BCC"]), Value::Array(keys));
    }
    Properties {
        delivery_mode: dice.of(&[None, Some(1), Some(2)]),
        priority: dice.of(&[None, None, Some(0), Some(3), Some(9)]),
        expiration: dice.of(&[None, None, None, Some("0"), Some("60"), Some("500")]).map(Name::from),
        message_id: dice.of(&[None, Some("m{random:1-9}"), Some("fixed")]).map(Name::from),
        headers: (!headers.is_empty()).then_some(headers),
        ..Properties::default()
    }
}

fn consumer(dice: &mut Dice, host: &Host) -> ConsumerSpec {
    // Several queues of one type: an argument or a mode that suits one suits all.
    let kind = host.queues[dice.below(host.queues.len())].1;
    let of_kind: Vec<_> = host.queues.iter().filter(|(_, other)| *other == kind).map(|(queue, _)| queue).collect();
    let queues: BTreeSet<Name> = (0..1 + dice.below(3)).map(|_| dice.of(&of_kind).name.clone()).collect();
    let is_stream = kind == QueueType::Stream;
    // A queue with a single active consumer lets nobody have it alone.
    let is_single = of_kind.iter().any(|queue| queue.arguments.contains_key("x-single-active-consumer"));
    let mut arguments = Table::new();
    if is_stream {
        arguments.insert("x-stream-offset".into(), Value::from(dice.of(&["first", "last", "next"])));
    }
    if kind == QueueType::Quorum && dice.once_in(4) {
        arguments.insert("x-consumer-timeout".into(), Value::I32(300));
    }
    let is_auto = !is_stream && dice.once_in(4);
    ConsumerSpec {
        queues: queues.into_iter().collect(),
        ack: if is_auto { AckMode::Auto } else { AckMode::Manual },
        prefetch: if is_stream { 10 } else { dice.of(&[0, 1, 1, 2, 5, 20]) },
        processing: processing(dice),
        processing_rules: Vec::new(),
        outcome: if dice.once_in(4) { outcome(dice) } else { Outcome::Ack },
        rules: (0..dice.below(3)).map(|_| rule(dice)).collect(),
        idempotent: dice.once_in(5),
        priority: if !is_stream && dice.once_in(4) { Some(dice.below(4) as i32 - 1) } else { None },
        exclusive: !is_stream && !is_single && dice.once_in(6),
        arguments,
        pull_every_ms: if !is_stream && dice.once_in(5) { Some(dice.of(&[15, 80, 300])) } else { None },
        restart_after_ms: if dice.once_in(2) { Some(dice.of(&[0, 60, 400])) } else { None },
    }
}

fn processing(dice: &mut Dice) -> Span {
    match dice.below(4) {
        0 => Span::Fixed(dice.of(&[0, 1, 30])),
        1 => Span::Exponential(dice.of(&[5, 60])),
        _ => Span::Uniform(0, dice.of(&[10, 100, 700])),
    }
}

fn outcome(dice: &mut Dice) -> Outcome {
    dice.of(&[
        Outcome::Ack,
        Outcome::NackRequeue,
        Outcome::NackDiscard,
        Outcome::RejectRequeue,
        Outcome::RejectDiscard,
        Outcome::NeverAnswer,
        Outcome::Crash,
    ])
}

fn rule(dice: &mut Dice) -> Rule {
    let when = match dice.below(5) {
        0 => When::Every(dice.from(1, 7)),
        1 => When::Percent(dice.of(&[5, 30, 100])),
        2 => When::PayloadContains("poison".into()),
        3 => When::Header { name: "k".into(), value: dice.of(&[None, Some(Value::I32(1))]) },
        _ => When::Redelivered,
    };
    Rule { when, outcome: outcome(dice) }
}
