//! Limits of virtual hosts: how many queues and how many connections.

#![cfg(not(target_arch = "wasm32"))]

mod node;

use node::{Node, queue};
use warren::broker::{Manage, Method};

fn limited(limit: &str, value: i64) -> Node {
    let mut node = Node::new();
    assert_eq!(set(&mut node, limit, Some(value)), "ok");
    node
}

fn set(node: &mut Node, limit: &str, value: Option<i64>) -> String {
    node.manage(Manage::VhostLimit { vhost: "/".into(), limit: limit.into(), value })
}

const FULL: &str = "530 NOT_ALLOWED - access to vhost '/' refused for user 'guest': connection limit (1) is reached";

#[test]
fn a_queue_over_the_limit_is_refused() {
    let mut node = limited("max-queues", 1);
    node.declare("a");
    assert_eq!(
        node.says(Method::QueueDeclare(queue("b"))),
        "406 PRECONDITION_FAILED - cannot declare queue 'b': queue limit in vhost '/' (1) is reached"
    );
}

#[test]
fn a_queue_that_is_there_can_be_declared_again_at_the_limit() {
    let mut node = limited("max-queues", 1);
    node.declare("a");
    node.declare("a");
}

#[test]
fn a_limit_of_no_queues_refuses_the_first() {
    let mut node = limited("max-queues", 0);
    assert_eq!(
        node.says(Method::QueueDeclare(queue("a"))),
        "406 PRECONDITION_FAILED - cannot declare queue 'a': queue limit in vhost '/' (0) is reached"
    );
}

#[test]
fn a_negative_limit_is_none() {
    let mut node = limited("max-queues", -1);
    node.declare("a");
    assert_eq!(node.broker.vhost("/").and_then(|vhost| vhost.max_queues), None);
}

#[test]
fn a_limit_that_is_cleared_is_gone() {
    let mut node = limited("max-queues", 0);
    assert_eq!(set(&mut node, "max-queues", None), "ok");
    node.declare("a");
}

#[test]
fn a_limit_below_what_is_there_takes_nothing_away() {
    let mut node = Node::new();
    node.declare("a");
    node.declare("b");
    set(&mut node, "max-queues", Some(1));
    assert!(node.has_queue("a") && node.has_queue("b"));
}

#[test]
fn a_connection_over_the_limit_is_refused() {
    let mut node = limited("max-connections", 1);
    assert_eq!(node.open(1), "ok");
    assert_eq!(node.open(2), FULL);
}

#[test]
fn a_connection_that_ends_makes_room() {
    let mut node = limited("max-connections", 1);
    assert_eq!(node.open(1), "ok");
    node.apply(warren::broker::Command::ConnectionClose(warren::broker::ConnectionId(1)));
    assert_eq!(node.open(2), "ok");
}

#[test]
fn connections_of_other_virtual_hosts_do_not_count() {
    let mut node = limited("max-connections", 1);
    node.vhost("other", None);
    assert_eq!(node.logs_in(1, "other", "guest").open(1), "ok");
    assert_eq!(node.open(2), "ok");
}

#[test]
fn the_limit_is_looked_at_before_the_permission() {
    let mut node = limited("max-connections", 0);
    node.user("bob", "", "", "");
    node.manage(Manage::PermissionClear { vhost: "/".into(), user: "bob".into() });
    assert_eq!(
        node.logs_in(1, "/", "bob").open(1),
        "530 NOT_ALLOWED - access to vhost '/' refused for user 'bob': connection limit (0) is reached"
    );
}

#[test]
fn limits_that_do_not_exist_are_refused() {
    let mut node = Node::new();
    assert!(set(&mut node, "max-fun", Some(1)).starts_with("400 Validation failed\n\nUnrecognised terms "));
    let nowhere = Manage::VhostLimit { vhost: "nowhere".into(), limit: "max-queues".into(), value: Some(1) };
    assert_eq!(node.manage(nowhere), "404 Not Found");
}
