//! Errors: logging in, opening channels, what closes what, and the texts.

#![cfg(not(target_arch = "wasm32"))]

mod node;

use node::{Node, publish, queue, with_header};
use warren::broker::command::{BasicPublish, QueueDeclare};
use warren::broker::event::{CloseReason, EventKind};
use warren::broker::properties::{Payload, Properties};
use warren::broker::table::Value;
use warren::broker::{Command, Config, ConnectionId, Frame, Manage, Method, Reply};

#[test]
fn an_unknown_virtual_host_is_refused() {
    let text = "530 NOT_ALLOWED - vhost nope not found";
    assert_eq!(Node::new().logs_in(1, "nope", "guest").open(1), text);
}

#[test]
fn a_wrong_name_or_password_is_refused() {
    let text = "403 ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. For details see the \
                broker logfile.";
    let mut node = Node::new();
    assert_eq!(node.logs_in(1, "/", "nobody").open(1), text);
    node.manage(Manage::UserSet { user: "guest".into(), password: "new".into(), tags: Vec::new() });
    assert_eq!(node.logs_in(1, "/", "guest").open(1), text);
    assert!(node.take_events().iter().any(|event| matches!(event, EventKind::ConnectionRefused { .. })));
}

#[test]
fn a_user_without_permissions_is_refused() {
    let mut node = Node::new();
    node.manage(Manage::UserSet { user: "bob".into(), password: "bob".into(), tags: Vec::new() });
    let text = "530 NOT_ALLOWED - access to vhost '/' refused for user 'bob'";
    assert_eq!(node.logs_in(1, "/", "bob").open(1), text);
}

#[test]
fn a_channel_has_to_be_opened() {
    let mut node = Node::new();
    node.open(1);
    assert_eq!(node.says_as_it_is(Method::ConfirmSelect), "504 CHANNEL_ERROR - expected 'channel.open'");
    assert!(node.broker.connection(ConnectionId(1)).is_none());
}

#[test]
fn a_channel_is_opened_once() {
    let text = "504 CHANNEL_ERROR - second 'channel.open' seen";
    assert_eq!(Node::new().says(Method::ChannelOpen), text);
}

#[test]
fn a_closed_channel_can_be_opened_again() {
    let mut node = Node::new();
    assert_eq!(node.says(Method::ChannelClose), "ok");
    assert_eq!(node.says_as_it_is(Method::ChannelOpen), "ok");
}

#[test]
fn channels_are_counted_whatever_their_numbers() {
    let mut node = Node::with(Config { channel_max: 2, ..Config::default() });
    for number in [7, 9] {
        assert_eq!(node.on(1, number).says(Method::ConfirmSelect), "ok");
    }
    assert_eq!(
        node.on(1, 1).says_as_it_is(Method::ChannelOpen),
        "530 NOT_ALLOWED - number of channels opened (2) has reached the negotiated channel_max (2)"
    );
}

#[test]
fn a_channel_max_of_zero_is_none() {
    let mut node = Node::with(Config { channel_max: 0, ..Config::default() });
    assert_eq!(node.on(1, 9).says(Method::ConfirmSelect), "ok");
}

/// Cut to 252 bytes, and three dots.
#[test]
fn a_long_text_is_cut() {
    let name = "q".repeat(255);
    let mut node = Node::new();
    let text = node.says(Method::BasicGet { queue: name.as_str().into(), no_ack: true });
    let text = text.strip_prefix("404 ").expect("the code");
    assert_eq!(text, format!("NOT_FOUND - no queue '{}...", "q".repeat(252 - "NOT_FOUND - no queue '".len())));
}

#[test]
fn a_long_text_is_cut_between_characters() {
    let name = "é".repeat(127);
    let text = Node::new().says(Method::BasicGet { queue: name.as_str().into(), no_ack: true });
    let text = text.strip_prefix("404 ").expect("the code");
    assert!(text.ends_with("é...") && text.len() <= 255, "{text}");
}

#[test]
fn an_error_of_a_channel_leaves_the_others() {
    let mut node = Node::new();
    node.on(1, 2).says(Method::ConfirmSelect);
    node.on(1, 1).says(Method::QueuePurge { queue: "nosuch".into() });
    let connection = node.broker.connection(ConnectionId(1)).expect("the connection stays");
    assert_eq!(connection.channels.keys().copied().collect::<Vec<_>>(), [2]);
}

#[test]
fn an_error_of_a_channel_requeues_what_it_holds() {
    let mut node = Node::new();
    node.declare("q");
    node.publish("q", "m");
    node.get("q");
    node.says(Method::BasicAck { delivery_tag: 9, multiple: false });
    assert_eq!((node.queue("q").unacked(), node.ready("q")), (0, vec!["m".to_owned()]));
}

#[test]
fn an_error_of_a_connection_takes_all_that_is_its_own() {
    let mut node = Node::new();
    node.says(Method::QueueDeclare(QueueDeclare { exclusive: true, ..queue("mine") }));
    assert_eq!(node.says(Method::BasicRecover { requeue: false }), "540 NOT_IMPLEMENTED - requeue=false");
    assert!(!node.has_queue("mine"));
}

#[test]
fn exclusive_queues_survive_an_error_of_the_channel() {
    let mut node = Node::new();
    node.says(Method::QueueDeclare(QueueDeclare { exclusive: true, ..queue("mine") }));
    node.says(Method::QueuePurge { queue: "nosuch".into() });
    assert!(node.has_queue("mine"));
}

#[test]
fn what_rabbitmq_does_not_implement() {
    let mut node = Node::new();
    let qos = Method::BasicQos { prefetch_count: 0, prefetch_size: 10, global: false };
    let immediate = Method::BasicPublish(BasicPublish { immediate: true, ..publish("", "q", "") });
    assert_eq!(node.says(qos), "540 NOT_IMPLEMENTED - prefetch_size!=0 (10)");
    assert_eq!(node.says(immediate), "540 NOT_IMPLEMENTED - immediate=true");
    assert_eq!(node.says(Method::ChannelFlow { active: false }), "540 NOT_IMPLEMENTED - active=false");
    assert_eq!(node.method(Method::ChannelFlow { active: true }), Some(Reply::Flow { active: true }));
}

fn forced(reason: &str) -> String {
    let mut node = Node::new();
    node.open(1);
    node.apply(Command::ConnectionForce { connection: ConnectionId(1), reason: reason.into() });
    assert!(node.broker.connection(ConnectionId(1)).is_none());
    let frames = node.take_frames();
    let [Frame::ConnectionClosed { error, .. }] = &frames[..] else { panic!("{frames:?}") };
    error.to_string()
}

#[test]
fn an_operator_closes_a_connection() {
    assert_eq!(forced(""), "320 CONNECTION_FORCED - Closed via management plugin");
    assert_eq!(forced("enough"), "320 CONNECTION_FORCED - enough");
}

#[test]
fn a_user_that_is_deleted_loses_its_connections() {
    let mut node = Node::new();
    node.user("bob", ".*", ".*", ".*");
    node.logs_in(2, "/", "bob").open(2);
    node.open(1);
    assert_eq!(node.manage(Manage::UserDelete { user: "bob".into() }), "ok");
    let frames = node.take_frames();
    let [Frame::ConnectionClosed { connection: ConnectionId(2), error }] = &frames[..] else { panic!("{frames:?}") };
    assert_eq!(error.to_string(), "320 CONNECTION_FORCED - user 'bob' is deleted");
    assert_eq!(node.manage(Manage::UserDelete { user: "bob".into() }), "404 Not Found");
}

#[test]
fn a_lost_connection_gives_back_what_it_held_and_is_told_nothing() {
    let mut node = Node::new();
    node.declare("q");
    node.publish("q", "m");
    node.consume("q", "t");
    node.says(Method::QueueDeclare(QueueDeclare { exclusive: true, ..queue("mine") }));
    node.take_frames();
    assert_eq!(node.apply(Command::ConnectionLost(ConnectionId(1))), None);
    assert_eq!(node.take_frames(), []);
    assert_eq!((node.ready("q"), node.queue("q").consumer_count()), (vec!["m".to_owned()], 0));
    assert!(!node.has_queue("mine"));
    let lost = |event: &EventKind| matches!(event, EventKind::ConnectionClosed { why: CloseReason::Lost, .. });
    assert!(node.take_events().iter().any(lost));
}

fn claiming(user: &str) -> Method {
    let properties = Properties { user_id: Some(user.into()), ..Properties::default() };
    Method::BasicPublish(BasicPublish { properties: properties.into(), ..publish("", "q", "") })
}

#[test]
fn a_publisher_is_who_it_says() {
    let mut node = Node::new();
    assert_eq!(node.says(claiming("guest")), "ok");
    assert_eq!(
        node.says(claiming("bob")),
        "406 PRECONDITION_FAILED - user_id property set to 'bob' but authenticated user was 'guest'"
    );
}

#[test]
fn an_impersonator_may_say_what_it_likes() {
    let mut node = Node::new();
    let tags = vec!["impersonator".into()];
    node.manage(Manage::UserSet { user: "guest".into(), password: "guest".into(), tags });
    assert_eq!(node.says(claiming("bob")), "ok");
}

#[test]
fn a_body_over_the_limit_is_refused() {
    let mut node = Node::with(Config { max_message_bytes: 3, ..Config::default() });
    node.declare("q");
    node.publish("q", "123");
    assert_eq!(
        node.says(Method::BasicPublish(publish("", "q", "1234"))),
        "406 PRECONDITION_FAILED - message size 4 is larger than configured max size 3"
    );
}

#[test]
fn the_default_limit_is_16_mebibytes() {
    let mut node = Node::new();
    let of_size = |bytes: usize| {
        let payload = Payload::from(vec![0; bytes]);
        Method::BasicPublish(BasicPublish { payload, ..publish("", "q", "") })
    };
    assert_eq!(node.says(of_size(16_777_216)), "ok");
    assert_eq!(
        node.says(of_size(16_777_217)),
        "406 PRECONDITION_FAILED - message size 16777217 is larger than configured max size 16777216"
    );
}

#[test]
fn shared_transient_queues_are_denied_where_the_node_says_so() {
    let mut node = Node::with(Config { permit_transient_nonexclusive_queues: false, ..Config::default() });
    let transient = QueueDeclare { durable: false, ..queue("q") };
    let text = node.says(Method::QueueDeclare(transient.clone()));
    assert_eq!(
        text,
        "541 INTERNAL_ERROR - Feature `transient_nonexcl_queues` is deprecated.\nBy default, this feature is not \
         permitted anymore.\nThe feature will be removed from a future major RabbitMQ version, regardless of the \
         configuration; actual version to be determined.\nTo..."
    );
    assert_eq!(node.says(Method::QueueDeclare(QueueDeclare { exclusive: true, ..transient.clone() })), "ok");
    assert_eq!(Node::new().says(Method::QueueDeclare(transient)), "ok");
}

#[test]
fn carbon_copies_are_arrays() {
    let mut node = Node::new();
    let with = |properties: Properties| {
        Method::BasicPublish(BasicPublish { properties: properties.into(), ..publish("", "q", "") })
    };
    for (header, value, kind) in [("CC", Value::from("k"), "longstr"), ("BCC", Value::I32(1), "signedint")] {
        assert_eq!(
            node.says(with(with_header(header, value))),
            format!("406 PRECONDITION_FAILED - invalid message: {{unacceptable_type_in_header,\"{header}\",{kind}}}")
        );
    }
}
