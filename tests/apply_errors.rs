//! Commands that no broker would get to see are refused, and change nothing.

#![cfg(not(target_arch = "wasm32"))]

mod node;

use node::{Node, binding, channel, consume, exchange, exchange_binding, publish, queue, table, with_header};
use warren::broker::command::{BasicConsume, BasicPublish, ExchangeBinding, ExchangeDeclare, QueueBinding};
use warren::broker::properties::Properties;
use warren::broker::table::{Table, Value};
use warren::broker::{ApplyError, Command, ConnectionId, ConnectionOpen, Event, Manage, Method};

/// A node in use: an open channel, a queue, a message that expires at 1000 ms; it is 500 ms.
fn in_use() -> Node {
    let mut node = Node::new();
    node.declare_with("q", &[("x-message-ttl", Value::I32(1_000))]);
    node.publish("q", "m");
    node.wait(500);
    node.says(Method::ConfirmSelect);
    node
}

/// The error of a command, after which all is as before.
fn refused_at(node: &mut Node, at_ms: u64, command: Command) -> ApplyError {
    let before = node.broker.clone();
    let mut events: Vec<Event> = Vec::new();
    let error = node.broker.apply(at_ms, command, &mut events).expect_err("a refusal");
    assert!(node.broker == before, "{error} has changed the broker");
    assert_eq!(events, []);
    error
}

fn refused(method: Method) -> ApplyError {
    let mut node = in_use();
    refused_at(&mut node, 500, Command::Method { channel: channel(1, 1), method })
}

#[test]
fn time_does_not_go_back() {
    let error = refused_at(&mut in_use(), 499, Command::ConnectionClose(ConnectionId(1)));
    assert_eq!(error, ApplyError::TimeWentBack { now_ms: 500, at_ms: 499 });
    assert_eq!(error.to_string(), "time cannot go back: it is 500 ms already, the command says 499 ms");
}

#[test]
fn timers_are_fired_first() {
    let error = refused_at(&mut in_use(), 1_001, Command::ConnectionClose(ConnectionId(1)));
    assert_eq!(error, ApplyError::TimerDue { due_ms: 1_000, at_ms: 1_001 });
    assert_eq!(error.to_string(), "a timer is due at 1000 ms, before the command at 1001 ms");
}

#[test]
fn a_timer_is_not_fired_before_it_is_due() {
    assert_eq!(refused_at(&mut in_use(), 999, Command::Timer), ApplyError::NoTimerDue);
    let error = refused_at(&mut Node::new(), 0, Command::Timer);
    assert_eq!(error.to_string(), "no timer is due");
}

#[test]
fn a_command_at_the_moment_of_a_timer_may_come_first() {
    let mut node = in_use();
    node.now_ms = 1_000;
    assert!(node.get("q").is_none_or(|delivery| !delivery.redelivered));
}

#[test]
fn connections_have_to_be_open() {
    let nine = ConnectionId(9);
    let method = Command::Method { channel: channel(9, 1), method: Method::ConfirmSelect };
    let force = Command::ConnectionForce { connection: nine, reason: "".into() };
    for command in [Command::ConnectionClose(nine), Command::ConnectionLost(nine), force, method] {
        let error = refused_at(&mut in_use(), 500, command);
        assert_eq!(error, ApplyError::NoConnection(nine));
        assert_eq!(error.to_string(), "connection 9 is not open");
    }
}

#[test]
fn the_id_of_a_connection_is_taken_once() {
    let open = Command::ConnectionOpen(ConnectionOpen::new(ConnectionId(1)));
    let error = refused_at(&mut in_use(), 500, open);
    assert_eq!(error, ApplyError::ConnectionInUse(ConnectionId(1)));
    assert_eq!(error.to_string(), "connection 1 is open already");
}

#[test]
fn channel_zero_is_the_connection() {
    let open = Command::Method { channel: channel(1, 0), method: Method::ChannelOpen };
    let error = refused_at(&mut in_use(), 500, open);
    assert_eq!(error, ApplyError::ChannelZero(channel(1, 0)));
    assert_eq!(error.to_string(), "channel 1 (0): numbers start at 1");
}

#[test]
fn a_stopped_node_takes_nothing_but_a_start() {
    let mut node = in_use();
    node.manage(Manage::Stop { crash: false });
    for command in [
        Command::Timer,
        Command::Manage(Manage::Stop { crash: true }),
        Command::ConnectionOpen(ConnectionOpen::new(ConnectionId(3))),
    ] {
        assert_eq!(refused_at(&mut node, 500, command), ApplyError::Stopped);
    }
    assert_eq!(node.manage(Manage::Start), "ok");
}

#[test]
fn a_running_node_is_not_started() {
    let error = refused_at(&mut in_use(), 500, Command::Manage(Manage::Start));
    assert_eq!(error, ApplyError::Running);
    assert_eq!(error.to_string(), "the broker is running already");
}

/// All methods with a name in each place, and what the place is called.
fn methods_with(name: &str) -> Vec<(&'static str, Method)> {
    let n = || name.into();
    let bind = |q: &str, x: &str, key: &str| Method::QueueBind(binding(x, q, key));
    let bind_exchange = |to: &str, from: &str, key: &str| Method::ExchangeBind(exchange_binding(from, to, key));
    vec![
        ("exchange", Method::BasicPublish(publish(name, "", ""))),
        ("routing_key", Method::BasicPublish(publish("", name, ""))),
        ("exchange", Method::ExchangeDeclare(exchange(name, "direct"))),
        ("type", Method::ExchangeDeclare(exchange("x", name))),
        ("exchange", Method::ExchangeDelete { exchange: n(), if_unused: false }),
        ("destination", bind_exchange(name, "", "")),
        ("source", bind_exchange("", name, "")),
        ("routing_key", bind_exchange("", "", name)),
        ("destination", Method::ExchangeUnbind(exchange_binding("", name, ""))),
        ("queue", Method::QueueDeclare(queue(name))),
        ("queue", bind(name, "", "")),
        ("exchange", bind("", name, "")),
        ("routing_key", bind("", "", name)),
        ("queue", Method::QueueUnbind(binding("", name, ""))),
        ("queue", Method::QueueDelete { queue: n(), if_unused: false, if_empty: false }),
        ("queue", Method::QueuePurge { queue: n() }),
        ("queue", Method::BasicGet { queue: n(), no_ack: false }),
        ("queue", Method::BasicConsume(consume(name, ""))),
        ("consumer_tag", Method::BasicConsume(consume("", name))),
        ("consumer_tag", Method::BasicCancel { consumer_tag: n() }),
    ]
}

#[test]
fn names_have_255_bytes_at_most() {
    for (place, method) in methods_with(&"é".repeat(128)) {
        let error = refused(method);
        assert_eq!(error, ApplyError::TooLong { what: place.into(), bytes: 256 });
        assert_eq!(error.to_string(), format!("{place} has 256 bytes, AMQP carries at most 255"));
    }
    let mut node = in_use();
    for (_, method) in methods_with(&"n".repeat(255)) {
        node.method(method);
    }
}

#[test]
fn texts_of_properties_have_255_bytes_at_most() {
    let long = || Some("n".repeat(256).into());
    let none = Properties::default;
    let all = [
        ("content_type", Properties { content_type: long(), ..none() }),
        ("content_encoding", Properties { content_encoding: long(), ..none() }),
        ("correlation_id", Properties { correlation_id: long(), ..none() }),
        ("reply_to", Properties { reply_to: long(), ..none() }),
        ("expiration", Properties { expiration: long(), ..none() }),
        ("message_id", Properties { message_id: long(), ..none() }),
        ("type", Properties { kind: long(), ..none() }),
        ("user_id", Properties { user_id: long(), ..none() }),
        ("app_id", Properties { app_id: long(), ..none() }),
        ("cluster_id", Properties { cluster_id: long(), ..none() }),
    ];
    for (place, properties) in all {
        let publish = BasicPublish { properties: properties.into(), ..publish("", "q", "") };
        let error = refused(Method::BasicPublish(publish));
        assert_eq!(error, ApplyError::TooLong { what: place.into(), bytes: 256 });
    }
}

/// All methods that carry a table.
fn methods_with_table(table: &Table) -> Vec<(&'static str, Method)> {
    let arguments = || table.clone();
    let properties = Properties { headers: Some(arguments()), ..Properties::default() };
    vec![
        ("headers", Method::BasicPublish(BasicPublish { properties: properties.into(), ..publish("", "q", "") })),
        ("arguments", Method::ExchangeDeclare(ExchangeDeclare { arguments: arguments(), ..exchange("x", "direct") })),
        (
            "arguments",
            Method::ExchangeBind(ExchangeBinding { arguments: arguments(), ..exchange_binding("x", "y", "") }),
        ),
        (
            "arguments",
            Method::QueueDeclare(warren::broker::command::QueueDeclare { arguments: arguments(), ..queue("new") }),
        ),
        ("arguments", Method::QueueBind(QueueBinding { arguments: arguments(), ..binding("x", "q", "") })),
        ("arguments", Method::BasicConsume(BasicConsume { arguments: arguments(), ..consume("q", "") })),
    ]
}

/// A value that many levels deep.
fn nested(levels: usize) -> Value {
    (1..levels).fold(Value::Void, |inner, level| match level % 2 {
        0 => Value::Array(vec![inner]),
        _ => Value::Table(table(&[("k", inner)])),
    })
}

#[test]
fn tables_are_nested_64_deep_at_most() {
    for (place, method) in methods_with_table(&table(&[("k", nested(65))])) {
        let error = refused(method);
        assert_eq!(error, ApplyError::TooDeep { what: place.into(), limit: 64 });
        assert_eq!(error.to_string(), format!("{place} is nested more than 64 deep"));
    }
    in_use().publish_with("", "q", "m", with_header("k", nested(64)));
}

#[test]
fn keys_of_tables_have_255_bytes_at_most() {
    let long = "k".repeat(256);
    let inner = Value::Table(table(&[(long.as_str(), Value::Void)]));
    for table in [table(&[(long.as_str(), Value::Void)]), table(&[("k", inner)])] {
        for (place, method) in methods_with_table(&table) {
            assert_eq!(refused(method), ApplyError::TooLong { what: place.into(), bytes: 256 });
        }
    }
}
