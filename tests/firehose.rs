//! The firehose: copies of what is published and delivered in a virtual host.

#![cfg(not(target_arch = "wasm32"))]

mod node;

use node::{Node, publish, table, texts, with_header};
use warren::broker::message::Delivery;
use warren::broker::properties::Properties;
use warren::broker::table::{Table, Value};
use warren::broker::{Manage, Method};

/// Queue `q`, and a queue `seen` that gets all copies with such keys.
fn traced(key: &str) -> Node {
    let mut node = Node::new();
    node.declare("q");
    node.declare("seen");
    node.bind("amq.rabbitmq.trace", "seen", key);
    trace(&mut node, true);
    node
}

fn trace(node: &mut Node, on: bool) {
    assert_eq!(node.manage(Manage::Trace { vhost: "/".into(), on }), "ok");
}

/// The oldest copy, taken without another one being made.
fn copy(node: &mut Node) -> Delivery {
    trace(node, false);
    let delivery = node.get("seen").expect("a copy");
    trace(node, true);
    delivery
}

fn headers(delivery: &Delivery) -> Table {
    delivery.properties().headers.clone().unwrap_or_default()
}

#[test]
fn a_publish_is_copied_with_what_is_known_of_it() {
    let mut node = traced("publish.#");
    node.exchange("x", "fanout");
    node.bind("x", "q", "");
    node.publish_with("x", "k", "body", with_header("h", Value::I32(1)));
    let copy = copy(&mut node);
    assert_eq!((copy.message.routing_keys.key.as_str(), &*copy.message.payload.text()), ("publish.x", "body"));
    let properties = table(&[("headers", Value::Table(table(&[("h", Value::I32(1))])))]);
    let expected = table(&[
        ("exchange_name", "x".into()),
        ("routing_keys", texts(&["k"])),
        ("properties", Value::Table(properties)),
        ("node", "rabbit@warren".into()),
        ("vhost", "/".into()),
        ("connection", "1".into()),
        ("channel", Value::I32(1)),
        ("user", "guest".into()),
        ("routed_queues", texts(&["q"])),
    ]);
    assert_eq!(headers(&copy), expected);
}

#[test]
fn a_copy_has_headers_and_no_other_properties() {
    let mut node = traced("publish.#");
    node.publish_with("", "q", "m", node::persistent());
    let copy = copy(&mut node);
    let properties = copy.properties().into_owned();
    assert_eq!(Properties { headers: None, ..properties }, Properties::default());
}

#[test]
fn all_properties_that_are_set_are_copied() {
    let mut node = traced("publish.#");
    let text = |text: &str| Some(text.into());
    let properties = Properties {
        content_type: text("a"),
        content_encoding: text("b"),
        headers: None,
        delivery_mode: Some(2),
        priority: Some(3),
        correlation_id: text("c"),
        reply_to: text("d"),
        expiration: text("1000"),
        message_id: text("e"),
        timestamp: Some(4),
        kind: text("f"),
        user_id: text("guest"),
        app_id: text("g"),
        cluster_id: text("h"),
    };
    node.publish_with("", "q", "m", properties);
    let expected = table(&[
        ("content_type", "a".into()),
        ("content_encoding", "b".into()),
        ("delivery_mode", Value::I32(2)),
        ("priority", Value::I32(3)),
        ("correlation_id", "c".into()),
        ("reply_to", "d".into()),
        ("expiration", "1000".into()),
        ("message_id", "e".into()),
        ("timestamp", Value::Timestamp(4)),
        ("type", "f".into()),
        ("user_id", "guest".into()),
        ("app_id", "g".into()),
        ("cluster_id", "h".into()),
    ]);
    assert_eq!(headers(&copy(&mut node)).get("properties"), Some(&Value::Table(expected)));
}

#[test]
fn a_publish_to_the_default_exchange_has_an_empty_word() {
    let mut node = traced("publish.*");
    node.publish("q", "m");
    assert_eq!(copy(&mut node).message.routing_keys.key, "publish.");
}

#[test]
fn the_default_exchange_lists_the_queues_that_were_asked_for() {
    let mut node = traced("publish.#");
    node.publish_with("", "nosuch", "m", with_header("CC", texts(&["q"])));
    let headers = headers(&copy(&mut node));
    assert_eq!(headers.get("routed_queues"), Some(&texts(&["nosuch", "q"])));
    assert_eq!(headers.get("routing_keys"), Some(&texts(&["nosuch", "q"])));
}

#[test]
fn a_publish_that_reaches_no_queue_is_copied() {
    let mut node = traced("publish.#");
    node.publish_to("amq.direct", "k", "m");
    assert_eq!(headers(&copy(&mut node)).get("routed_queues"), Some(&texts(&[])));
}

#[test]
fn a_get_is_copied_under_the_queues_name() {
    let mut node = traced("deliver.*");
    node.publish("q", "m");
    node.get("q");
    let copy = copy(&mut node);
    assert_eq!(copy.message.routing_keys.key, "deliver.q");
    let headers = headers(&copy);
    assert_eq!(headers.get("redelivered"), Some(&Value::I32(0)));
    assert!(!headers.contains_key("routed_queues"));
}

#[test]
fn a_redelivery_says_so() {
    let mut node = traced("deliver.*");
    node.publish("q", "m");
    node.get("q");
    node.reject(1, true);
    node.get("q");
    copy(&mut node);
    assert_eq!(headers(&copy(&mut node)).get("redelivered"), Some(&Value::I32(1)));
}

#[test]
fn a_delivery_to_a_consumer_is_copied() {
    let mut node = traced("deliver.*");
    node.consume("q", "t");
    node.publish("q", "m");
    assert_eq!(node.ready("seen"), ["m"]);
}

#[test]
fn copies_are_not_copied_in_turn() {
    let mut node = traced("#");
    node.publish("q", "m");
    assert_eq!(node.ready("seen"), ["m"]);
    // Taking the copy of the publish is a delivery like any other.
    node.get("seen");
    assert_eq!(node.ready("seen").len(), 1);
}

#[test]
fn dead_letters_are_not_copied() {
    let mut node = traced("publish.#");
    let dead = [("x-dead-letter-exchange", "".into()), ("x-dead-letter-routing-key", "q".into())];
    node.declare_with("dying", &dead);
    node.publish("dying", "m");
    node.get("dying");
    node.reject(1, false);
    assert_eq!((node.ready("q").len(), node.ready("seen").len()), (1, 1));
}

#[test]
fn nothing_is_copied_while_it_is_off() {
    let mut node = traced("#");
    trace(&mut node, false);
    node.publish("q", "m");
    assert_eq!(node.queue("seen").ready(), 0);
}

#[test]
fn it_is_for_one_virtual_host() {
    let mut node = traced("#");
    node.vhost("v", None);
    node.logs_in(2, "v", "guest").on(2, 1).publish("q", "m");
    assert_eq!(node.queue("seen").ready(), 0);
}

#[test]
fn a_restart_turns_it_off() {
    let mut node = traced("#");
    node.restart(false);
    node.publish("q", "m");
    assert_eq!(node.queue("seen").ready(), 0);
}

#[test]
fn nobody_publishes_to_its_exchange() {
    let mut node = Node::new();
    assert_eq!(
        node.says(Method::BasicPublish(publish("amq.rabbitmq.trace", "k", "m"))),
        "403 ACCESS_REFUSED - cannot publish to internal exchange 'amq.rabbitmq.trace' in vhost '/'"
    );
}
