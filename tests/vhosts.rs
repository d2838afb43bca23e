//! Virtual hosts: what is in a new one, what goes with one, and the type of queues that are declared without one.

#![cfg(not(target_arch = "wasm32"))]

mod node;

use node::{Node, queue, table};
use warren::broker::command::QueueDeclare;
use warren::broker::event::EventKind;
use warren::broker::settings::QueueType;
use warren::broker::table::Value;
use warren::broker::{ConnectionId, Frame, Manage, Method};

/// Guest is in `v` at connection 2.
fn in_v(default_queue_type: Option<&str>) -> Node {
    let mut node = Node::new();
    assert_eq!(node.vhost("v", default_queue_type), "ok");
    node.logs_in(2, "v", "guest").on(2, 1);
    node
}

fn type_of(node: &Node, name: &str) -> QueueType {
    node.broker.queue("v", name).expect("a queue of v").kind()
}

#[test]
fn a_new_one_has_the_predeclared_exchanges() {
    let node = in_v(None);
    let exchanges = node.broker.exchanges().filter(|exchange| exchange.resource.vhost == "v");
    let names: Vec<_> = exchanges.map(|exchange| exchange.resource.name.to_string()).collect();
    let expected = ["", "amq.direct", "amq.fanout", "amq.headers", "amq.match", "amq.rabbitmq.trace", "amq.topic"];
    assert_eq!(names, expected);
}

#[test]
fn what_is_in_one_is_not_in_another() {
    let mut node = in_v(None);
    node.declare("q");
    assert!(!node.has_queue("q"));
    node.publish("q", "m");
    node.on(1, 1).declare("q");
    assert_eq!(node.queue("q").ready(), 0);
}

#[test]
fn a_new_one_is_for_administrators_only() {
    let mut node = Node::new();
    node.user("bob", ".*", ".*", ".*");
    node.vhost("v", None);
    assert_eq!(node.logs_in(2, "v", "guest").open(2), "ok");
    let text = "530 NOT_ALLOWED - access to vhost 'v' refused for user 'bob'";
    assert_eq!(node.logs_in(3, "v", "bob").open(3), text);
}

#[test]
fn creating_one_that_is_there_keeps_what_is_in_it() {
    let mut node = in_v(Some("quorum"));
    node.declare("q");
    assert_eq!(node.vhost("v", None), "ok");
    assert_eq!(type_of(&node, "q"), QueueType::Quorum);
    assert_eq!(node.broker.vhost("v").map(|vhost| vhost.default_queue_type), Some(QueueType::Quorum));
}

#[test]
fn the_default_type_is_written_into_the_arguments() {
    let mut node = in_v(Some("quorum"));
    node.declare("q");
    let arguments = &node.broker.queue("v", "q").expect("a queue of v").arguments;
    assert_eq!(*arguments, table(&[("x-queue-type", "quorum".into())]));
}

#[test]
fn queues_that_the_default_type_cannot_be_are_classic() {
    let mut node = in_v(Some("quorum"));
    let declares = [
        ("exclusive", QueueDeclare { exclusive: true, ..queue("exclusive") }),
        ("auto", QueueDeclare { auto_delete: true, ..queue("auto") }),
        ("transient", QueueDeclare { durable: false, ..queue("transient") }),
    ];
    for (name, declare) in declares {
        assert_eq!(node.says(Method::QueueDeclare(declare)), "ok");
        assert_eq!(type_of(&node, name), QueueType::Classic, "{name}");
    }
}

#[test]
fn arguments_are_those_of_the_default_type() {
    let mut node = in_v(Some("quorum"));
    let declare = QueueDeclare { arguments: table(&[("x-max-priority", Value::I32(5))]), ..queue("q") };
    assert_eq!(
        node.says(Method::QueueDeclare(declare)),
        "406 PRECONDITION_FAILED - invalid arg 'x-max-priority' for queue 'q' in vhost 'v' of queue type \
         rabbit_quorum_queue"
    );
}

#[test]
fn a_quorum_queue_is_not_declared_again_without_a_type_where_classic_is_the_default() {
    let mut node = in_v(None);
    node.quorum("q", &[]);
    assert_eq!(
        node.says(Method::QueueDeclare(queue("q"))),
        "406 PRECONDITION_FAILED - inequivalent arg 'x-queue-type' for queue 'q' in vhost 'v': received 'classic' but \
         current is 'quorum'"
    );
}

#[test]
fn the_server_names_no_quorum_queue() {
    let mut node = in_v(Some("quorum"));
    assert_eq!(
        node.says(Method::QueueDeclare(queue(""))),
        "406 PRECONDITION_FAILED - Cannot declare a server-named queue for type rabbit_quorum_queue"
    );
}

#[test]
fn an_unknown_default_type_is_refused() {
    let mut node = Node::new();
    assert_eq!(node.vhost("v", Some("nosuch")), "400 Unsupported default queue type: 'nosuch'");
    assert!(node.broker.vhost("v").is_none());
}

#[test]
fn deleting_one_closes_its_connections() {
    let mut node = in_v(None);
    node.declare("q");
    node.on(1, 1).declare("stays");
    assert_eq!(node.manage(Manage::VhostDelete { vhost: "v".into() }), "ok");
    let [Frame::ConnectionClosed { connection, error }] = &node.take_frames()[..] else {
        panic!("one connection is closed")
    };
    assert_eq!(*connection, ConnectionId(2));
    assert_eq!(error.to_string(), "320 CONNECTION_FORCED - vhost 'v' is deleted");
    assert!(node.broker.connection(ConnectionId(2)).is_none() && node.broker.connection(ConnectionId(1)).is_some());
}

/// Queues go first, so that consumers are told of it while their connections are still there.
#[test]
fn deleting_one_cancels_its_consumers_first() {
    let mut node = in_v(None);
    node.declare("q");
    node.consume("q", "t");
    node.take_frames();
    node.manage(Manage::VhostDelete { vhost: "v".into() });
    let frames = node.take_frames();
    assert!(matches!(&frames[..], [Frame::Cancel { .. }, Frame::ConnectionClosed { .. }]), "{frames:?}");
}

#[test]
fn deleting_one_takes_all_that_is_in_it() {
    let mut node = in_v(None);
    node.declare("q");
    node.bind("amq.topic", "q", "#");
    node.publish("q", "m");
    node.manage(Manage::VhostDelete { vhost: "v".into() });
    assert!(node.broker.queues().all(|queue| queue.resource.vhost != "v"));
    assert!(node.broker.exchanges().all(|exchange| exchange.resource.vhost != "v"));
    assert_eq!(node.broker.bindings().count(), 0);
    let events = node.take_events();
    assert!(events.iter().any(|event| matches!(event, EventKind::QueueDeleted { ready: 1, .. })));
}

#[test]
fn permissions_go_with_it() {
    let mut node = in_v(None);
    node.user("bob", "", "", "");
    node.permit("bob", "v", ".*", ".*", ".*");
    node.manage(Manage::VhostDelete { vhost: "v".into() });
    node.vhost("v", None);
    let text = "530 NOT_ALLOWED - access to vhost 'v' refused for user 'bob'";
    assert_eq!(node.logs_in(3, "v", "bob").open(3), text);
}

#[test]
fn deleting_one_that_is_not_there_is_refused() {
    assert_eq!(Node::new().manage(Manage::VhostDelete { vhost: "nowhere".into() }), "404 Not Found");
}

#[test]
fn what_needs_a_virtual_host_is_refused_without_one() {
    let mut node = Node::new();
    let nowhere = || "nowhere".into();
    assert_eq!(node.manage(Manage::Trace { vhost: nowhere(), on: true }), "404 Not Found");
    let set = warren::broker::command::PolicySet { vhost: nowhere(), ..node::policy("p", false, &[]) };
    assert_eq!(node.manage(Manage::PolicySet(set)), "404 Not Found");
    let clear = Manage::PolicyClear { vhost: nowhere(), name: "p".into(), operator: false };
    assert_eq!(node.manage(clear), "404 Not Found");
}
