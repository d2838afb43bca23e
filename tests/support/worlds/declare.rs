//! What clients declare for themselves, and what operators declare, bind, delete and publish while a world goes on.
//!
//! Much of it meets what is there already, and the broker refuses some: that is part of the story.

use std::rc::Rc;

use warren::broker::Name;
use warren::broker::command::{BasicPublish, ExchangeBinding, ExchangeDeclare, QueueBinding, QueueDeclare};
use warren::broker::properties::Properties;
use warren::broker::table::{Table, Value};
use warren::simulation::{Operation, Setup};

use super::Dice;
use super::topology::{EXCHANGES, Host, KEYS, KINDS};

/// Queues that no definitions have.
const OWN_QUEUES: [&str; 4] = ["", "", "mine", "ours"];

/// A queue of its own, exclusive and mostly named by the server, with its bindings; or something for all.
pub fn setup(dice: &mut Dice, host: &Host) -> Vec<Setup> {
    let mut setup = Vec::new();
    if dice.once_in(3) {
        setup.push(Setup::ExchangeDeclare(exchange(dice)));
    }
    let exclusive = !dice.once_in(4);
    let declare = QueueDeclare { queue: dice.name(&OWN_QUEUES), exclusive, ..QueueDeclare::default() };
    setup.push(Setup::QueueDeclare(QueueDeclare { auto_delete: dice.once_in(3), ..declare }));
    for _ in 0..dice.below(3) {
        let queue = if dice.once_in(4) { host.queue_name(dice) } else { Name::default() };
        setup.push(Setup::QueueBind(binding(dice, host, queue)));
    }
    if dice.once_in(4) {
        setup.push(Setup::ExchangeBind(exchange_binding(dice, host)));
    }
    setup
}

/// What an operator does.
pub fn operation(dice: &mut Dice, host: &Host) -> Operation {
    let queue = if dice.once_in(4) { dice.name(&["new", "mine", ""]) } else { host.queue_name(dice) };
    match dice.below(10) {
        0 => Operation::ExchangeDeclare(exchange(dice)),
        1 => Operation::ExchangeDelete { exchange: source(dice, host) },
        2 => Operation::ExchangeBind(exchange_binding(dice, host)),
        3 => Operation::ExchangeUnbind(exchange_binding(dice, host)),
        4 | 5 => Operation::QueueDeclare(queue_declare(dice)),
        6 => Operation::QueueBind(binding(dice, host, queue)),
        7 => match host.binding(dice) {
            Some((queue, exchange, routing_key, arguments)) => {
                Operation::QueueUnbind(QueueBinding { queue, exchange, routing_key, arguments })
            }
            None => Operation::QueueUnbind(binding(dice, host, queue)),
        },
        _ => Operation::BasicPublish(publish_to(dice, host, queue)),
    }
}

fn queue_declare(dice: &mut Dice) -> QueueDeclare {
    let mut arguments = Table::new();
    if dice.once_in(2) {
        arguments.insert("x-message-ttl".into(), Value::I64(dice.of(&[0, 60, 400])));
    }
    if dice.once_in(2) {
        arguments.insert("x-dead-letter-exchange".into(), Value::from(dice.of(&["", "x", "amq.fanout"])));
    }
    QueueDeclare {
        queue: dice.name(&["a", "b", "new", "new", "newer", ""]),
        durable: !dice.once_in(3),
        exclusive: dice.once_in(4),
        auto_delete: dice.once_in(6),
        passive: dice.once_in(8),
        arguments,
    }
}

fn exchange(dice: &mut Dice) -> ExchangeDeclare {
    ExchangeDeclare {
        exchange: dice.name(&EXCHANGES),
        kind: dice.name(&KINDS),
        durable: dice.once_in(2),
        auto_delete: dice.once_in(3),
        ..ExchangeDeclare::default()
    }
}

fn source(dice: &mut Dice, host: &Host) -> Name {
    match host.exchanges.get(dice.below(host.exchanges.len() + 1)) {
        Some(exchange) => exchange.name.clone(),
        None => dice.name(&["amq.topic", "amq.fanout", "w", "missing"]),
    }
}

fn key(dice: &mut Dice) -> Name {
    if dice.once_in(3) { dice.name(&["1", "#", "a.*"]) } else { dice.name(&KEYS) }
}

fn binding(dice: &mut Dice, host: &Host, queue: Name) -> QueueBinding {
    QueueBinding { queue, exchange: source(dice, host), routing_key: key(dice), arguments: Table::new() }
}

fn exchange_binding(dice: &mut Dice, host: &Host) -> ExchangeBinding {
    let (source, destination) = (source(dice, host), source(dice, host));
    ExchangeBinding { source, destination, routing_key: key(dice), arguments: Table::new() }
}

/// What somebody publishes by hand.
pub fn publish(dice: &mut Dice, host: &Host) -> BasicPublish {
    let queue = host.queue_name(dice);
    publish_to(dice, host, queue)
}

fn publish_to(dice: &mut Dice, host: &Host, queue: Name) -> BasicPublish {
    let exchange = if dice.once_in(2) { source(dice, host) } else { Name::default() };
    let routing_key = if exchange.is_empty() { queue } else { key(dice) };
    let properties = Properties {
        delivery_mode: dice.of(&[None, Some(2)]),
        expiration: dice.of(&[None, Some("80")]).map(Name::from),
        ..Properties::default()
    };
    BasicPublish {
        exchange,
        routing_key,
        mandatory: dice.once_in(2),
        properties: Rc::new(properties),
        payload: "by hand".into(),
        ..BasicPublish::default()
    }
}
