//! Queues with priorities. Source: RabbitMQ's `priority_queue_SUITE`, `rabbit_amqqueue_process.erl`.
#![cfg(not(target_arch = "wasm32"))]

mod node;

use node::Node;
use warren::broker::EventKind;
use warren::broker::properties::Properties;
use warren::broker::table::Value;

fn with(priority: u8, expiration: Option<&str>) -> Properties {
    Properties { priority: Some(priority), expiration: expiration.map(Into::into), ..Properties::default() }
}

/// A message of a higher priority that gets before the head is not watched for its expiry; it expires when something
/// makes the queue look.
fn with_an_expired_head() -> Node {
    let mut node = Node::new();
    node.declare_with("q", &[("x-max-priority", Value::I32(5))]);
    node.publish_with("", "q", "stays", with(1, None));
    node.publish_with("", "q", "expires", with(2, Some("50")));
    node.wait(100);
    assert_eq!(node.ready("q"), ["expires", "stays"]);
    node.take_events();
    node
}

fn expired(node: &mut Node) -> usize {
    node.take_events().iter().filter(|event| matches!(event, EventKind::Dropped { .. })).count()
}

#[test]
fn the_end_of_a_channel_that_has_nothing_of_a_queue_does_not_make_it_look() {
    let mut node = with_an_expired_head();
    node.on(2, 1).declare("other");
    node.consume("other", "t");
    node.method(warren::broker::Method::ChannelClose);
    assert_eq!(expired(&mut node), 0);
    assert_eq!(node.ready("q"), ["expires", "stays"]);
}

#[test]
fn the_end_of_a_channel_that_holds_a_message_makes_its_queue_look() {
    let mut node = with_an_expired_head();
    assert_eq!(node.on(2, 1).get("q").map(|delivery| delivery.message.payload.len()), Some("expires".len()));
    node.method(warren::broker::Method::ChannelClose);
    assert_eq!(expired(&mut node), 1);
    assert_eq!(node.ready("q"), ["stays"]);
}
