//! Transactions: what waits for the commit, and what a rollback takes back.

#![cfg(not(target_arch = "wasm32"))]

mod node;

use node::{Node, publish};
use warren::broker::command::BasicPublish;
use warren::broker::table::Value;
use warren::broker::{Frame, Method};

/// Queue `q`, and a channel in transaction mode.
fn transactional() -> Node {
    let mut node = Node::new();
    node.declare("q");
    assert_eq!(node.says(Method::TxSelect), "ok");
    node
}

#[test]
fn publishes_wait_for_the_commit() {
    let mut node = transactional();
    node.publish("q", "1");
    node.publish("q", "2");
    assert_eq!(node.queue("q").ready(), 0);
    assert_eq!(node.says(Method::TxCommit), "ok");
    assert_eq!(node.ready("q"), ["1", "2"]);
}

#[test]
fn a_rollback_forgets_publishes() {
    let mut node = transactional();
    node.publish("q", "1");
    assert_eq!(node.says(Method::TxRollback), "ok");
    assert_eq!(node.says(Method::TxCommit), "ok");
    assert_eq!(node.queue("q").ready(), 0);
}

#[test]
fn publishes_are_routed_when_they_are_published() {
    let mut node = transactional();
    node.publish_to("amq.fanout", "", "m");
    node.bind("amq.fanout", "q", "");
    node.says(Method::TxCommit);
    assert_eq!(node.queue("q").ready(), 0);
}

#[test]
fn publishes_are_checked_when_they_are_published() {
    let mut node = transactional();
    let text = "404 NOT_FOUND - no exchange 'nosuch' in vhost '/'";
    assert_eq!(node.says(Method::BasicPublish(publish("nosuch", "", ""))), text);
}

#[test]
fn returns_come_at_the_commit() {
    let mut node = transactional();
    let publish = BasicPublish { mandatory: true, ..publish("amq.fanout", "", "m") };
    node.says(Method::BasicPublish(publish));
    assert_eq!(node.take_frames(), []);
    node.says(Method::TxCommit);
    assert!(matches!(node.take_frames()[..], [Frame::Return { reply_code: 312, .. }]));
}

#[test]
fn acknowledgements_wait_for_the_commit() {
    let mut node = transactional();
    node.on(1, 2).publish("q", "m");
    node.on(1, 1).get("q");
    node.ack(1);
    assert_eq!(node.queue("q").unacked(), 1);
    assert_eq!(node.says(Method::TxCommit), "ok");
    assert_eq!((node.queue("q").unacked(), node.queue("q").ready()), (0, 0));
}

#[test]
fn rejections_wait_for_the_commit() {
    let mut node = transactional();
    node.on(1, 2).publish("q", "m");
    node.on(1, 1).get("q");
    node.reject(1, true);
    assert_eq!(node.queue("q").ready(), 0);
    node.says(Method::TxCommit);
    assert_eq!(node.ready("q"), ["m"]);
}

#[test]
fn a_tag_is_settled_once_even_before_the_commit() {
    let mut node = transactional();
    node.on(1, 2).publish("q", "m");
    node.on(1, 1).get("q");
    node.ack(1);
    let again = Method::BasicAck { delivery_tag: 1, multiple: false };
    assert_eq!(node.says(again), "406 PRECONDITION_FAILED - unknown delivery tag 1");
}

#[test]
fn a_rollback_gives_tags_back_and_requeues_nothing() {
    let mut node = transactional();
    for body in ["1", "2"] {
        node.on(1, 2).publish("q", body);
    }
    node.on(1, 1).get("q");
    node.get("q");
    node.ack(2);
    node.ack(1);
    assert_eq!(node.says(Method::TxRollback), "ok");
    assert_eq!((node.queue("q").unacked(), node.queue("q").ready()), (2, 0));
    assert_eq!(node.says(Method::BasicAck { delivery_tag: 2, multiple: true }), "ok");
    node.says(Method::TxCommit);
    assert_eq!(node.queue("q").unacked(), 0);
}

#[test]
fn publishes_are_done_before_acknowledgements() {
    let mut node = transactional();
    node.on(1, 2).publish("q", "old");
    node.on(1, 1).get("q");
    node.reject(1, true);
    node.publish("q", "new");
    node.take_events();
    node.says(Method::TxCommit);
    let order: Vec<_> = node.take_events().into_iter().filter_map(|event| place(&event)).collect();
    assert_eq!(order, ["enqueued", "requeued"]);
    assert_eq!(node.ready("q"), ["old", "new"]);
}

fn place(event: &warren::broker::EventKind) -> Option<&'static str> {
    match event {
        warren::broker::EventKind::Enqueued { .. } => Some("enqueued"),
        warren::broker::EventKind::Requeued { .. } => Some("requeued"),
        _ => None,
    }
}

#[test]
fn settlements_of_one_kind_are_done_together_in_the_order_of_delivery() {
    let mut node = transactional();
    for body in ["1", "2", "3"] {
        node.on(1, 2).publish("q", body);
    }
    node.on(1, 1);
    for _ in 0..3 {
        node.get("q");
    }
    for tag in [3, 1, 2] {
        node.reject(tag, true);
    }
    node.take_events();
    node.says(Method::TxCommit);
    let bodies: Vec<_> = node.take_events().iter().filter_map(requeued).collect();
    assert_eq!(bodies, ["1", "2", "3"]);
}

fn requeued(event: &warren::broker::EventKind) -> Option<String> {
    match event {
        warren::broker::EventKind::Requeued { at, .. } => Some(at.message.payload.text().into_owned()),
        _ => None,
    }
}

#[test]
fn getting_is_not_transactional() {
    let mut node = transactional();
    node.on(1, 2).publish("q", "m");
    node.on(1, 1).get("q");
    node.says(Method::TxRollback);
    assert_eq!(node.queue("q").unacked(), 1);
}

#[test]
fn a_queue_that_refuses_makes_the_commit_partial() {
    let mut node = transactional();
    node.declare_with("full", &[("x-max-length", Value::I32(0)), ("x-overflow", "reject-publish".into())]);
    node.publish("full", "m");
    node.publish("q", "m");
    assert_eq!(node.says(Method::TxCommit), "406 PRECONDITION_FAILED - partial tx completion");
    assert_eq!(node.ready("q"), ["m"]);
}

#[test]
fn a_channel_that_closes_rolls_back() {
    let mut node = transactional();
    node.on(1, 2).publish("q", "got");
    node.on(1, 1).get("q");
    node.ack(1);
    node.publish("q", "m");
    node.says(Method::ChannelClose);
    assert_eq!(node.ready("q"), ["got"]);
}

#[test]
fn selecting_twice_is_fine_and_forgets_nothing() {
    let mut node = transactional();
    node.publish("q", "m");
    assert_eq!(node.says(Method::TxSelect), "ok");
    node.says(Method::TxCommit);
    assert_eq!(node.ready("q"), ["m"]);
}

#[test]
fn confirm_mode_and_transactions_exclude_each_other() {
    let mut node = transactional();
    let text = "406 PRECONDITION_FAILED - cannot switch from tx to confirm mode";
    assert_eq!(node.says(Method::ConfirmSelect), text);
    node.says(Method::ConfirmSelect);
    let text = "406 PRECONDITION_FAILED - cannot switch from confirm to tx mode";
    assert_eq!(node.says(Method::TxSelect), text);
}

#[test]
fn there_is_no_commit_without_a_transaction() {
    let mut node = Node::new();
    let text = "406 PRECONDITION_FAILED - channel is not transactional";
    assert_eq!(node.says(Method::TxCommit), text);
    assert_eq!(node.says(Method::TxRollback), text);
}
