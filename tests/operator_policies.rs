//! Operator policies: how they are merged with the user's, and what they may not set.

#![cfg(not(target_arch = "wasm32"))]

mod node;

use node::{Node, policy};
use warren::broker::command::PolicySet;
use warren::broker::settings::Overflow;
use warren::broker::table::Value::I32;
use warren::broker::{Manage, table::Value};

/// A quorum queue `q`, a user's policy and an operator's.
fn merged(user: (&str, Value), operator: (&str, Value)) -> Node {
    let mut node = Node::new();
    node.quorum("q", &[]);
    assert_eq!(node.policy("u", false, &[user]), "ok");
    assert_eq!(node.policy("o", true, &[operator]), "ok");
    node
}

fn max_length(user: i32, operator: i32) -> Option<u64> {
    merged(("max-length", I32(user)), ("max-length", I32(operator))).queue("q").settings.max_length
}

#[test]
fn of_two_numbers_the_smaller_is_in_force() {
    assert_eq!(max_length(5, 3), Some(3));
    assert_eq!(max_length(3, 5), Some(3));
}

#[test]
fn keys_of_only_one_side_are_in_force() {
    let node = merged(("max-length", I32(5)), ("message-ttl", I32(7)));
    let settings = &node.queue("q").settings;
    assert_eq!((settings.max_length, settings.message_ttl_ms), (Some(5), Some(7)));
}

#[test]
fn of_two_least_delays_the_larger_is_in_force() {
    let mut node = Node::new();
    node.quorum("q", &[]);
    for (name, operator, min) in [("u", false, 100), ("o", true, 300)] {
        let definition = [("delayed-retry-type", "all".into()), ("delayed-retry-min", I32(min))];
        assert_eq!(node.policy(name, operator, &definition), "ok");
    }
    assert_eq!(node.queue("q").settings.delayed_retry.map(|retry| retry.min_ms), Some(300));
}

#[test]
fn the_operators_overflow_is_in_force() {
    let node = merged(("overflow", "drop-head".into()), ("overflow", "reject-publish".into()));
    assert_eq!(node.queue("q").settings.overflow, Overflow::RejectPublish);
}

#[test]
fn an_unlimited_delivery_limit_yields_to_a_limit() {
    let limit = |user, operator| {
        let node = merged(("delivery-limit", I32(user)), ("delivery-limit", I32(operator)));
        node.queue("q").settings.delivery_limit
    };
    assert_eq!(limit(-1, 5), Some(5));
    assert_eq!(limit(5, -1), Some(5));
    assert_eq!(limit(7, 5), Some(5));
}

#[test]
fn an_operators_limit_trims_at_once() {
    let mut node = Node::new();
    node.declare("q");
    for body in ["1", "2", "3"] {
        node.publish("q", body);
    }
    node.policy("o", true, &[("max-length", I32(1))]);
    assert_eq!(node.ready("q"), ["3"]);
}

#[test]
fn both_policies_are_named_by_the_queue() {
    let node = merged(("max-length", I32(5)), ("max-length", I32(3)));
    let queue = node.queue("q");
    assert_eq!(queue.policy.as_deref(), Some("u"));
    assert_eq!(queue.operator_policy.as_deref(), Some("o"));
}

#[test]
fn of_several_operator_policies_one_applies() {
    let mut node = merged(("message-ttl", I32(9)), ("max-length", I32(3)));
    let higher = PolicySet { priority: 1, ..policy("higher", true, &[("max-length-bytes", I32(8))]) };
    assert_eq!(node.manage(Manage::PolicySet(higher)), "ok");
    let settings = &node.queue("q").settings;
    assert_eq!((settings.max_length, settings.max_length_bytes), (None, Some(8)));
}

#[test]
fn one_that_is_cleared_leaves_the_users() {
    let mut node = merged(("max-length", I32(5)), ("max-length", I32(3)));
    let clear = |operator| Manage::PolicyClear { vhost: "/".into(), name: "o".into(), operator };
    assert_eq!(node.manage(clear(false)), "404 Not Found");
    assert_eq!(node.manage(clear(true)), "ok");
    assert_eq!(node.queue("q").settings.max_length, Some(5));
}

#[test]
fn keys_of_users_only_are_refused_to_operators() {
    let mut node = Node::new();
    let cases: [(&str, Value, &str); 3] = [
        ("dead-letter-exchange", "x".into(), "[{<<\"dead-letter-exchange\">>,<<\"x\">>}]"),
        ("consumer-timeout", I32(5), "[{<<\"consumer-timeout\">>,5}]"),
        ("alternate-exchange", "x".into(), "[{<<\"alternate-exchange\">>,<<\"x\">>}]"),
    ];
    for (key, value, term) in cases {
        assert_eq!(
            node.policy("o", true, &[(key, value.clone())]),
            format!("400 Validation failed\n\n{term} are not recognised policy settings\n")
        );
        assert_eq!(node.policy("u", false, &[(key, value)]), "ok");
    }
}

#[test]
fn one_with_a_key_that_a_queue_does_not_support_does_not_match_it() {
    let mut node = Node::new();
    node.declare("classic");
    node.quorum("quorum", &[]);
    node.policy("o", true, &[("delivery-limit", I32(2)), ("max-length", I32(3))]);
    assert_eq!(node.queue("classic").settings.max_length, None);
    assert_eq!(node.queue("quorum").settings.max_length, Some(3));
}
