//! Exchanges that choose: `x-consistent-hash` and `x-local-random`.

#![cfg(not(target_arch = "wasm32"))]

mod node;

use node::{Node, binding, exchange, exchange_binding, table, with_header};
use warren::broker::Method;
use warren::broker::command::ExchangeDeclare;
use warren::broker::event::{EventKind, Verdict};
use warren::broker::properties::Properties;
use warren::broker::table::{Table, Value};

/// Exchange `x` and the queues a and b, bound with the keys.
fn choosing(kind: &str, arguments: Table, keys: [&str; 2]) -> Node {
    let mut node = Node::new();
    let declare = ExchangeDeclare { arguments, ..exchange("x", kind) };
    assert_eq!(node.says(Method::ExchangeDeclare(declare)), "ok");
    for (queue, key) in ["a", "b"].into_iter().zip(keys) {
        node.declare(queue);
        node.bind("x", queue, key);
    }
    node
}

fn hashing(arguments: &[(&str, Value)], keys: [&str; 2]) -> Node {
    choosing("x-consistent-hash", table(arguments), keys)
}

fn depths(node: &Node) -> (u64, u64) {
    (node.queue("a").ready(), node.queue("b").ready())
}

fn publish_keys(node: &mut Node, count: u32) {
    for number in 0..count {
        node.publish_to("x", &format!("key {number}"), "");
    }
}

#[test]
fn every_message_goes_to_one_queue() {
    let mut node = hashing(&[], ["1", "1"]);
    publish_keys(&mut node, 200);
    let (a, b) = depths(&node);
    assert!(a + b == 200 && a > 50 && b > 50, "{a} and {b}");
}

#[test]
fn equal_keys_go_to_the_same_queue() {
    let mut node = hashing(&[], ["1", "1"]);
    for _ in 0..20 {
        node.publish_to("x", "k", "");
    }
    assert!(matches!(depths(&node), (20, 0) | (0, 20)));
}

#[test]
fn weights_are_shares() {
    let mut node = hashing(&[], ["9", "1"]);
    publish_keys(&mut node, 1_000);
    let (a, b) = depths(&node);
    assert!(a + b == 1_000 && (50..200).contains(&b), "{a} and {b}");
}

#[test]
fn a_header_can_be_what_is_hashed() {
    let mut node = hashing(&[("hash-header", "h".into())], ["1", "1"]);
    for number in 0..50 {
        node.publish_with("x", &number.to_string(), "", with_header("h", "same".into()));
    }
    assert!(matches!(depths(&node), (50, 0) | (0, 50)));
    for number in 0..50 {
        node.publish_with("x", "same", "", with_header("h", Value::I32(number)));
    }
    let (a, b) = depths(&node);
    assert!(a > 10 && b > 10, "{a} and {b}");
}

#[test]
fn a_property_can_be_what_is_hashed() {
    let with = |property: &str, number: u64| {
        let text = Some(number.to_string().as_str().into());
        match property {
            "message_id" => Properties { message_id: text, ..Properties::default() },
            "correlation_id" => Properties { correlation_id: text, ..Properties::default() },
            _ => Properties { timestamp: Some(number), ..Properties::default() },
        }
    };
    for property in ["message_id", "correlation_id", "timestamp"] {
        let mut node = hashing(&[("hash-property", property.into())], ["1", "1"]);
        for number in 0..50 {
            node.publish_with("x", "same", "", with(property, number));
        }
        let (a, b) = depths(&node);
        assert!(a > 10 && b > 10, "{property}: {a} and {b}");
    }
}

#[test]
fn messages_without_the_property_go_to_one_queue() {
    let mut node = hashing(&[("hash-property", "message_id".into())], ["1", "1"]);
    publish_keys(&mut node, 30);
    assert!(matches!(depths(&node), (30, 0) | (0, 30)));
}

#[test]
fn what_is_unbound_gets_nothing_more() {
    let mut node = hashing(&[], ["1", "1"]);
    assert_eq!(node.says(Method::QueueUnbind(binding("x", "a", "1"))), "ok");
    publish_keys(&mut node, 30);
    assert_eq!(depths(&node), (0, 30));
}

#[test]
fn a_second_binding_of_a_queue_adds_no_weight() {
    let mut node = hashing(&[], ["1", "1"]);
    node.bind("x", "b", "1000");
    publish_keys(&mut node, 100);
    assert!(depths(&node).0 > 20);
}

#[test]
fn the_others_are_told_as_not_chosen() {
    let mut node = hashing(&[], ["1", "1"]);
    node.take_events();
    node.publish_to("x", "k", "");
    let verdicts: Vec<_> = node.take_events().into_iter().flat_map(tried).collect();
    assert_eq!(verdicts.len(), 2);
    assert_eq!(verdicts.iter().filter(|verdict| **verdict == Verdict::NotChosen).count(), 1);
}

fn tried(event: EventKind) -> Vec<Verdict> {
    match event {
        EventKind::Routed(routed) => routed.tried.into_iter().map(|tried| tried.verdict).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn weights_are_whole_numbers_above_zero() {
    let mut node = hashing(&[], ["1", "1"]);
    let cases = [
        ("abc", "The binding key must be an integer: <<\"abc\">>"),
        ("", "The binding key must be an integer: <<>>"),
        ("0", "The binding key must be greater than 0"),
        ("-3", "The binding key must be greater than 0"),
        ("10001", "The binding key must not exceed 10000"),
    ];
    for (key, text) in cases {
        let queue_bind = Method::QueueBind(warren::broker::command::QueueBinding {
            arguments: table(&[("k", Value::Void)]),
            ..binding("x", "a", key)
        });
        assert_eq!(node.says(queue_bind), format!("406 PRECONDITION_FAILED - {text}"));
    }
}

#[test]
fn what_is_hashed_is_one_thing_that_exists() {
    let declare = |arguments: &[(&str, Value)]| {
        let arguments = table(arguments);
        Node::new().says(Method::ExchangeDeclare(ExchangeDeclare { arguments, ..exchange("x", "x-consistent-hash") }))
    };
    assert_eq!(
        declare(&[("hash-header", "h".into()), ("hash-property", "message_id".into())]),
        "406 PRECONDITION_FAILED - hash-header and hash-property are mutually exclusive"
    );
    assert_eq!(declare(&[("hash-property", "bad".into())]), "406 PRECONDITION_FAILED - Unsupported property: bad");
    assert_eq!(declare(&[("hash-header", Value::I32(1))]), "541 INTERNAL_ERROR");
}

#[test]
fn random_gives_each_message_to_one_queue() {
    let mut node = choosing("x-local-random", Table::new(), ["", ""]);
    for _ in 0..200 {
        node.publish_to("x", "same", "");
    }
    let (a, b) = depths(&node);
    assert!(a + b == 200 && a > 50 && b > 50, "{a} and {b}");
}

#[test]
fn random_follows_the_seed() {
    let run = || {
        let mut node = choosing("x-local-random", Table::new(), ["", ""]);
        publish_keys(&mut node, 50);
        node.broker.queue("/", "a").map(|queue| queue.ready_messages().map(|entry| entry.id).collect::<Vec<_>>())
    };
    assert_eq!(run(), run());
}

#[test]
fn random_without_bindings_routes_nowhere() {
    let mut node = Node::new();
    node.exchange("x", "x-local-random");
    node.take_events();
    node.publish_to("x", "", "");
    assert!(node.take_events().iter().any(|event| matches!(event, EventKind::Unroutable { .. })));
}

#[test]
fn random_is_for_classic_queues_without_a_key() {
    let mut node = choosing("x-local-random", Table::new(), ["", ""]);
    node.quorum("quorum", &[]);
    let cases = [
        (Method::QueueBind(binding("x", "a", "k")), "Non empty binding 'k' key not permitted"),
        (
            Method::QueueBind(binding("x", "quorum", "")),
            "Queue type rabbit_quorum_queue not valid for this exchange type",
        ),
        (Method::ExchangeBind(exchange_binding("x", "amq.fanout", "")), "Destination not found"),
    ];
    for (bind, text) in cases {
        assert_eq!(node.says(bind), format!("406 PRECONDITION_FAILED - {text}"));
    }
}
