//! Direct reply-to: requests and replies without a queue between.

#![cfg(not(target_arch = "wasm32"))]

mod node;

use node::{Node, binding, consume, publish, queue, texts, with_header};
use warren::broker::command::{BasicConsume, BasicPublish, QueueDeclare};
use warren::broker::event::EventKind;
use warren::broker::properties::Properties;
use warren::broker::{Frame, Method, Reply};

const PSEUDO_QUEUE: &str = "amq.rabbitmq.reply-to";

fn reply_consumer() -> Method {
    Method::BasicConsume(BasicConsume { no_ack: true, ..consume(PSEUDO_QUEUE, "replies") })
}

fn request() -> Method {
    let properties = Properties { reply_to: Some(PSEUDO_QUEUE.into()), ..Properties::default() };
    Method::BasicPublish(BasicPublish { properties: properties.into(), ..publish("", "requests", "question") })
}

/// Connection 1 has asked; gives the address that the answerer sees. Methods go to connection 2.
fn asked() -> (Node, String) {
    let mut node = Node::new();
    node.declare("requests");
    assert_eq!(node.says(reply_consumer()), "ok");
    assert_eq!(node.says(request()), "ok");
    let asked = node.on(2, 1).get("requests").expect("the question");
    let address = asked.properties().reply_to.clone().expect("an address").to_string();
    node.take_frames();
    (node, address)
}

#[test]
fn a_request_carries_an_address() {
    let (_, address) = asked();
    let rest = address.strip_prefix("amq.rabbitmq.reply-to.").expect("the prefix");
    assert!(rest.contains('.') && rest.len() > 20, "{address}");
}

#[test]
fn a_reply_goes_straight_to_the_channel_that_asked() {
    let (mut node, address) = asked();
    node.publish(&address, "answer");
    let frames = node.take_frames();
    let [Frame::Deliver { channel, consumer_tag, delivery }] = &frames[..] else { panic!("{frames:?}") };
    assert_eq!((*channel, consumer_tag.as_str()), (node::channel(1, 1), "replies"));
    assert_eq!((delivery.delivery_tag, delivery.redelivered), (1, false));
    assert_eq!((delivery.message.exchange.as_str(), &*delivery.message.payload.text()), ("", "answer"));
}

#[test]
fn replies_use_up_delivery_tags() {
    let (mut node, address) = asked();
    node.publish(&address, "answer");
    node.publish("requests", "another");
    assert_eq!(node.on(1, 1).get("requests").map(|delivery| delivery.delivery_tag), Some(2));
}

#[test]
fn a_reply_may_be_a_carbon_copy() {
    let (mut node, address) = asked();
    node.publish_with("", "requests", "answer", with_header("CC", texts(&[&address])));
    assert_eq!(node.take_deliveries(), [("replies".to_owned(), "answer".to_owned())]);
    assert_eq!(node.ready("requests"), ["answer"]);
}

#[test]
fn a_reply_to_a_channel_that_is_gone_vanishes_and_counts_as_routed() {
    let (mut node, address) = asked();
    node.on(1, 1).says(Method::ChannelClose);
    let publish = BasicPublish { mandatory: true, ..publish("", &address, "answer") };
    assert_eq!(node.on(2, 1).says(Method::BasicPublish(publish)), "ok");
    assert_eq!(node.take_frames(), []);
    assert!(node.take_events().iter().any(|event| matches!(event, EventKind::DirectReply { channel: None, .. })));
}

#[test]
fn what_is_no_address_is_a_missing_queue() {
    let mut node = Node::new();
    let publish = BasicPublish { mandatory: true, ..publish("", "amq.rabbitmq.reply-to.x.y", "answer") };
    assert_eq!(node.says(Method::BasicPublish(publish)), "ok");
    assert!(matches!(node.take_frames()[..], [Frame::Return { reply_code: 312, .. }]));
}

#[test]
fn replies_are_not_acknowledged() {
    let mut node = Node::new();
    assert_eq!(
        node.says(Method::BasicConsume(consume(PSEUDO_QUEUE, ""))),
        "406 PRECONDITION_FAILED - reply consumer cannot acknowledge"
    );
}

#[test]
fn a_channel_has_one_reply_consumer() {
    let mut node = Node::new();
    assert_eq!(node.says(reply_consumer()), "ok");
    let second = BasicConsume { no_ack: true, ..consume(PSEUDO_QUEUE, "") };
    assert_eq!(node.says(Method::BasicConsume(second)), "406 PRECONDITION_FAILED - reply consumer already set");
}

#[test]
fn a_request_needs_a_reply_consumer_on_its_own_channel() {
    let mut node = Node::new();
    assert_eq!(node.says(reply_consumer()), "ok");
    let text = "406 PRECONDITION_FAILED - fast reply consumer does not exist";
    assert_eq!(node.on(1, 2).says(request()), text);
}

#[test]
fn cancelling_the_reply_consumer_ends_it() {
    let (mut node, address) = asked();
    assert_eq!(node.on(1, 1).says(Method::BasicCancel { consumer_tag: "replies".into() }), "ok");
    node.on(2, 1).publish(&address, "answer");
    assert_eq!(node.take_frames(), []);
    assert_eq!(node.on(1, 1).says(reply_consumer()), "ok");
}

#[test]
fn the_server_names_a_reply_consumer_without_a_tag() {
    let mut node = Node::new();
    let consume = BasicConsume { no_ack: true, ..consume(PSEUDO_QUEUE, "") };
    match node.method(Method::BasicConsume(consume)) {
        Some(Reply::Consumer { consumer_tag }) => assert!(consumer_tag.starts_with("amq.ctag-")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn declaring_an_address_asks_whether_somebody_listens() {
    let (mut node, address) = asked();
    for passive in [false, true] {
        let declare = QueueDeclare { passive, ..queue(&address) };
        let reply = node.method(Method::QueueDeclare(declare));
        assert!(matches!(reply, Some(Reply::DeclareOk { message_count: 0, consumer_count: 1, .. })), "{reply:?}");
    }
    node.on(1, 1).says(Method::ChannelClose);
    assert_eq!(
        node.on(2, 1).says(Method::QueueDeclare(queue(&address))),
        format!("404 NOT_FOUND - no queue '{address}' in vhost '/'")
    );
}

#[test]
fn the_pseudo_queue_is_always_there() {
    assert_eq!(Node::new().says(Method::QueueDeclare(queue(PSEUDO_QUEUE))), "ok");
}

#[test]
fn an_address_cannot_be_bound() {
    let (mut node, address) = asked();
    let text = "403 ACCESS_REFUSED - cannot bind or unbind to a volatile (direct reply-to) queue";
    assert_eq!(node.says(Method::QueueBind(binding("amq.topic", &address, "#"))), text);
    assert_eq!(node.says(Method::QueueUnbind(binding("amq.topic", &address, "#"))), text);
}
