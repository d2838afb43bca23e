//! Dead letters of quorum queues that are kept until their targets have them.

#![cfg(not(target_arch = "wasm32"))]

mod node;

use node::Node;
use warren::broker::Method;
use warren::broker::event::{DropRule, EventKind, TimerKind};
use warren::broker::table::Value;

const RETRY_MS: u64 = 180_000;

/// A quorum queue `q` with a dead letter exchange `dlx` that is not there.
fn with_strategy(overflow: &str) -> Node {
    let mut node = Node::new();
    let arguments = [
        ("x-dead-letter-exchange", "dlx".into()),
        ("x-dead-letter-strategy", "at-least-once".into()),
        ("x-overflow", overflow.into()),
    ];
    node.quorum("q", &arguments);
    node
}

/// One dead letter is held.
fn holding() -> Node {
    let mut node = with_strategy("reject-publish");
    reject_one(&mut node, 1);
    assert_eq!(node.queue("q").waiting(), (0, 1));
    node
}

fn reject_one(node: &mut Node, delivery_tag: u64) {
    node.publish("q", "m");
    node.get("q");
    node.reject(delivery_tag, false);
}

/// The exchange comes, with a queue `dead`.
fn with_target(node: &mut Node, arguments: &[(&str, Value)]) {
    node.exchange("dlx", "fanout");
    node.declare_with("dead", arguments);
    node.bind("dlx", "dead", "");
}

#[test]
fn a_dead_letter_without_an_exchange_is_held() {
    let mut node = holding();
    assert_eq!(node.broker.next_timer().map(|timer| (timer.due_ms, timer.kind)), {
        Some((RETRY_MS, TimerKind::DeadLetterRetry))
    });
    let held = |event: &EventKind| matches!(event, EventKind::DeadLetterHeld { retry_at_ms: RETRY_MS, .. });
    assert!(node.take_events().iter().any(held));
}

#[test]
fn it_is_tried_again_after_three_minutes() {
    let mut node = holding();
    with_target(&mut node, &[]);
    node.wait(RETRY_MS - 1);
    assert_eq!((node.queue("dead").ready(), node.queue("q").waiting()), (0, (0, 1)));
    node.wait(1);
    assert_eq!((node.ready("dead"), node.queue("q").waiting()), (vec!["m".to_owned()], (0, 0)));
}

#[test]
fn it_is_tried_again_and_again() {
    let mut node = holding();
    node.wait(RETRY_MS);
    assert_eq!(node.queue("q").waiting(), (0, 1));
    with_target(&mut node, &[]);
    node.wait(RETRY_MS);
    assert_eq!(node.ready("dead"), ["m"]);
}

#[test]
fn an_exchange_that_routes_nowhere_holds_it_too() {
    let mut node = with_strategy("reject-publish");
    node.exchange("dlx", "fanout");
    reject_one(&mut node, 1);
    assert_eq!(node.queue("q").waiting(), (0, 1));
}

#[test]
fn a_target_that_refuses_holds_it() {
    let mut node = with_strategy("reject-publish");
    with_target(&mut node, &[("x-max-length", Value::I32(0)), ("x-overflow", "reject-publish".into())]);
    reject_one(&mut node, 1);
    assert_eq!((node.queue("dead").ready(), node.queue("q").waiting()), (0, (0, 1)));
}

#[test]
fn a_target_that_takes_it_has_it_at_once() {
    let mut node = with_strategy("reject-publish");
    with_target(&mut node, &[]);
    reject_one(&mut node, 1);
    assert_eq!((node.ready("dead"), node.queue("q").waiting()), (vec!["m".to_owned()], (0, 0)));
}

#[test]
fn a_queue_that_drops_its_head_does_without() {
    let mut node = with_strategy("drop-head");
    reject_one(&mut node, 1);
    assert_eq!(node.queue("q").waiting(), (0, 0));
}

#[test]
fn what_is_held_counts_towards_the_limit() {
    let mut node = holding();
    node.policy("p", false, &[("max-length", Value::I32(1))]);
    node.says(Method::ConfirmSelect);
    node.publish("q", "2");
    node.publish("q", "3");
    let nacks = node.take_frames().iter().filter(|f| matches!(f, warren::broker::Frame::Nack { .. })).count();
    assert_eq!((nacks, node.ready("q")), (1, vec!["2".to_owned()]));
}

#[test]
fn a_purge_takes_what_is_held_and_counts_it() {
    let mut node = holding();
    let reply = node.method(Method::QueuePurge { queue: "q".into() });
    assert_eq!(reply, Some(warren::broker::Reply::Count { message_count: 1 }));
    assert_eq!(node.queue("q").waiting(), (0, 0));
    assert!(node.broker.next_timer().is_none());
}

#[test]
fn what_is_held_survives_a_restart() {
    let mut node = holding();
    node.restart(true);
    with_target(&mut node, &[]);
    node.wait(RETRY_MS);
    assert_eq!(node.ready("dead"), ["m"]);
}

#[test]
fn a_strategy_that_is_taken_away_drops_what_is_held() {
    let mut node = holding();
    node.policy("p", false, &[("overflow", "drop-head".into())]);
    assert_eq!(node.queue("q").waiting(), (0, 0));
    let dropped = |event: &EventKind| matches!(event, EventKind::Dropped { rule: DropRule::NoDeadLetterExchange, .. });
    assert!(node.take_events().iter().any(dropped));
}

#[test]
fn a_policy_change_tries_again_at_once() {
    let mut node = holding();
    with_target(&mut node, &[]);
    node.policy("p", false, &[("max-length", Value::I32(9))]);
    assert_eq!((node.ready("dead"), node.queue("q").waiting()), (vec!["m".to_owned()], (0, 0)));
}
