//! Single active consumers of quorum queues: who follows whom, and what a timeout does.

#![cfg(not(target_arch = "wasm32"))]

mod node;

use node::{Node, consume, table};
use warren::broker::command::BasicConsume;
use warren::broker::table::Value;
use warren::broker::{Frame, Method};

/// A quorum queue `q` with one active consumer at a time, a timeout of a second, and the consumers a and b.
fn with_two() -> Node {
    let mut node = Node::new();
    let arguments = [("x-single-active-consumer", Value::Bool(true)), ("x-consumer-timeout", Value::I32(1_000))];
    node.quorum("q", &arguments);
    node.consume("q", "a");
    node.consume("q", "b");
    node
}

fn delivered(node: &mut Node) -> Vec<(String, String)> {
    node.take_deliveries()
}

fn to(consumer: &str, body: &str) -> (String, String) {
    (consumer.into(), body.into())
}

fn join(node: &mut Node, tag: &str, priority: i32) {
    let arguments = table(&[("x-priority", Value::I32(priority))]);
    assert_eq!(node.says(Method::BasicConsume(BasicConsume { arguments, ..consume("q", tag) })), "ok");
}

#[test]
fn only_the_first_gets_messages() {
    let mut node = with_two();
    node.publish("q", "1");
    node.publish("q", "2");
    assert_eq!(delivered(&mut node), [to("a", "1"), to("a", "2")]);
}

#[test]
fn the_next_follows_one_that_is_cancelled() {
    let mut node = with_two();
    node.says(Method::BasicCancel { consumer_tag: "a".into() });
    node.publish("q", "1");
    assert_eq!(delivered(&mut node), [to("b", "1")]);
}

#[test]
fn a_waiting_one_can_be_cancelled() {
    let mut node = with_two();
    node.says(Method::BasicCancel { consumer_tag: "b".into() });
    assert_eq!(node.queue("q").consumer_count(), 1);
    node.says(Method::BasicCancel { consumer_tag: "a".into() });
    node.publish("q", "1");
    assert_eq!((delivered(&mut node), node.ready("q")), (Vec::new(), vec!["1".to_owned()]));
}

#[test]
fn a_higher_priority_takes_over_from_one_that_holds_nothing() {
    let mut node = with_two();
    join(&mut node, "c", 5);
    node.publish("q", "1");
    assert_eq!(delivered(&mut node), [to("c", "1")]);
}

#[test]
fn a_higher_priority_waits_until_the_active_one_has_settled() {
    let mut node = with_two();
    node.publish("q", "1");
    join(&mut node, "c", 5);
    node.publish("q", "2");
    assert_eq!(delivered(&mut node), [to("a", "1")]);
    node.ack(1);
    assert_eq!(delivered(&mut node), [to("c", "2")]);
}

#[test]
fn one_that_does_not_settle_in_time_is_followed() {
    let mut node = with_two();
    node.publish("q", "1");
    node.take_frames();
    node.wait(1_000);
    let frames = node.take_frames();
    assert!(matches!(&frames[0], Frame::Cancel { consumer_tag, .. } if *consumer_tag == "a"), "{frames:?}");
    assert!(matches!(&frames[1], Frame::Deliver { consumer_tag, .. } if *consumer_tag == "b"), "{frames:?}");
}

#[test]
fn one_that_settles_too_late_waits_for_its_turn_again() {
    let mut node = with_two();
    node.publish("q", "1");
    node.wait(1_000);
    node.ack(1);
    node.ack(2);
    node.says(Method::BasicCancel { consumer_tag: "b".into() });
    node.take_frames();
    node.publish("q", "2");
    assert_eq!(delivered(&mut node), [to("a", "2")]);
}

#[test]
fn a_timed_out_get_closes_its_channel() {
    let mut node = Node::new();
    node.quorum("q", &[("x-consumer-timeout", Value::I32(1_000))]);
    node.publish("q", "1");
    node.get("q");
    node.wait(1_000);
    let frames = node.take_frames();
    let [Frame::ChannelClosed { error, .. }] = &frames[..] else { panic!("{frames:?}") };
    assert_eq!(
        error.to_string(),
        "406 PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out. Timeout value used: -1 ms. This \
         timeout value can be configured, see consumers doc guide to learn more"
    );
}
