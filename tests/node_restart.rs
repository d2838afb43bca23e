//! What a restart of the node leaves, after a clean stop and after a crash.

#![cfg(not(target_arch = "wasm32"))]

mod node;

use node::{Node, persistent, queue};
use warren::broker::command::{ExchangeDeclare, QueueDeclare};
use warren::broker::event::{CloseReason, DropRule, EventKind};
use warren::broker::properties::Properties;
use warren::broker::table::Value;
use warren::broker::{Command, Frame, Manage, Method, NoEvents};

/// Queue `q` of a type, with the persistent messages 1 and 2.
fn with_two(kind: &str) -> Node {
    let mut node = Node::new();
    node.declare_with("q", &[("x-queue-type", kind.into())]);
    for body in ["1", "2"] {
        node.publish_with("", "q", body, persistent());
    }
    node
}

/// Whether each message of `q` is redelivered, in order.
fn redelivered(node: &mut Node) -> Vec<bool> {
    std::iter::from_fn(|| node.get("q").map(|delivery| delivery.redelivered)).collect()
}

#[test]
fn persistent_messages_survive_in_order() {
    for crash in [false, true] {
        let mut node = with_two("classic");
        node.restart(crash);
        assert_eq!(node.ready("q"), ["1", "2"]);
    }
}

#[test]
fn transient_messages_are_lost_by_classic_queues_only() {
    for (kind, left) in [("classic", 0), ("quorum", 1), ("stream", 1)] {
        let mut node = Node::new();
        node.declare_with("q", &[("x-queue-type", kind.into())]);
        node.publish("q", "m");
        node.restart(false);
        assert_eq!(node.queue("q").ready(), left, "{kind}");
    }
}

#[test]
fn a_lost_message_is_told() {
    let mut node = Node::new();
    node.declare("q");
    node.publish("q", "m");
    node.restart(false);
    let is_lost = |event: &EventKind| matches!(event, EventKind::Dropped { rule: DropRule::Restart, .. });
    assert_eq!(node.take_events().iter().filter(|event| is_lost(event)).count(), 1);
}

#[test]
fn exclusive_and_transient_queues_are_gone() {
    let mut node = with_two("classic");
    node.says(Method::QueueDeclare(QueueDeclare { exclusive: true, ..queue("mine") }));
    node.says(Method::QueueDeclare(QueueDeclare { durable: false, ..queue("transient") }));
    node.bind("amq.topic", "transient", "#");
    node.bind("amq.topic", "q", "#");
    node.restart(false);
    assert!(node.has_queue("q") && !node.has_queue("mine") && !node.has_queue("transient"));
    assert_eq!(node.broker.bindings().count(), 1);
}

#[test]
fn transient_exchanges_survive() {
    let mut node = Node::new();
    node.says(Method::ExchangeDeclare(ExchangeDeclare { durable: false, ..node::exchange("x", "fanout") }));
    node.restart(true);
    assert!(node.broker.exchange("/", "x").is_some_and(|exchange| !exchange.durable));
}

#[test]
fn policies_users_and_limits_survive() {
    let mut node = with_two("classic");
    node.user("bob", ".*", ".*", ".*");
    node.policy("p", false, &[("max-length", Value::I32(2))]);
    node.restart(true);
    assert_eq!(node.logs_in(5, "/", "bob").open(5), "ok");
    assert_eq!(node.queue("q").settings.max_length, Some(2));
}

#[test]
fn an_auto_delete_queue_has_to_see_a_consumer_again() {
    let mut node = Node::new();
    node.says(Method::QueueDeclare(QueueDeclare { auto_delete: true, ..queue("q") }));
    node.says(Method::QueueDeclare(QueueDeclare { auto_delete: true, ..queue("used") }));
    node.consume("used", "t");
    node.restart(false);
    assert!(node.has_queue("q") && !node.has_queue("used"));
}

#[test]
fn after_a_clean_stop_only_what_was_unacknowledged_is_redelivered() {
    let mut node = with_two("classic");
    node.get("q");
    node.restart(false);
    assert_eq!(redelivered(&mut node), [true, false]);
}

#[test]
fn after_a_crash_a_classic_queue_redelivers_everything() {
    let mut node = with_two("classic");
    node.restart(true);
    assert_eq!(redelivered(&mut node), [true, true]);
}

#[test]
fn after_a_crash_a_quorum_queue_redelivers_what_was_returned() {
    let mut node = with_two("quorum");
    node.get("q");
    node.restart(true);
    assert_eq!(redelivered(&mut node), [true, false]);
}

#[test]
fn a_quorum_queue_counts_a_restart_as_a_failure() {
    let mut node = with_two("quorum");
    node.get("q");
    node.restart(false);
    let counts = node.get("q").expect("the first message").counts;
    assert_eq!((counts.acquired, counts.delivery), (Some(1), Some(1)));
}

#[test]
fn clients_are_told_of_a_clean_stop() {
    let mut node = with_two("classic");
    node.manage(Manage::Stop { crash: false });
    let frames = node.take_frames();
    let [Frame::ConnectionClosed { error, .. }] = &frames[..] else { panic!("{frames:?}") };
    let text = "320 CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'";
    assert_eq!(error.to_string(), text);
}

#[test]
fn clients_are_not_told_of_a_crash() {
    let mut node = with_two("classic");
    node.manage(Manage::Stop { crash: true });
    assert_eq!(node.take_frames(), []);
    let lost = |event: &EventKind| matches!(event, EventKind::ConnectionClosed { why: CloseReason::Lost, .. });
    assert!(node.take_events().iter().any(lost));
    assert_eq!(node.broker.connections().count(), 0);
}

#[test]
fn an_open_transaction_is_lost() {
    let mut node = with_two("classic");
    node.says(Method::TxSelect);
    node.publish_with("", "q", "3", persistent());
    node.restart(false);
    assert_eq!(node.ready("q"), ["1", "2"]);
}

#[test]
fn while_it_is_down_no_timer_fires() {
    let mut node = Node::new();
    node.declare_with("q", &[("x-message-ttl", Value::I32(100))]);
    node.publish_with("", "q", "m", persistent());
    node.manage(Manage::Stop { crash: false });
    assert!(node.broker.next_timer().is_none() && !node.broker.is_running());
}

#[test]
fn time_spent_down_counts_for_messages() {
    for kind in ["classic", "quorum"] {
        let mut node = Node::new();
        node.declare_with("q", &[("x-queue-type", kind.into())]);
        let properties = Properties { expiration: Some("100".into()), ..persistent() };
        node.publish_with("", "q", "m", properties);
        node.manage(Manage::Stop { crash: false });
        node.now_ms = 1_000;
        node.manage(Manage::Start);
        node.wait(0);
        assert_eq!(node.queue("q").ready(), 0, "{kind}");
    }
}

#[test]
fn a_queues_lease_starts_again() {
    let mut node = Node::new();
    node.declare_with("q", &[("x-expires", Value::I32(100))]);
    node.manage(Manage::Stop { crash: false });
    node.now_ms = 1_000;
    node.manage(Manage::Start);
    node.wait(99);
    assert!(node.has_queue("q"));
    node.wait(1);
    assert!(!node.has_queue("q"));
}

#[test]
fn a_stopped_node_answers_nobody() {
    let mut node = with_two("classic");
    node.manage(Manage::Stop { crash: false });
    let open = warren::broker::ConnectionOpen::new(warren::broker::ConnectionId(9));
    let refused = node.broker.apply(0, Command::ConnectionOpen(open), &mut NoEvents);
    assert_eq!(refused.map_err(|error| error.to_string()), Err("the broker is stopped".to_owned()));
}
