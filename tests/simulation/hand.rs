//! What an operator does by hand, as in the management UI: publish, get, hold and settle, move, force close.

use std::rc::Rc;

use warren::broker::command::BasicPublish;
use warren::broker::event::{CloseReason, DeleteReason, DropRule, EventKind, ReturnReason};
use warren::broker::{Frame, Method, Name};
use warren::definitions::{Definitions, Queue};
use warren::simulation::{
    ClientEvent, Control, Deed, GetEncoding, GetMode, LogEntry, LogKind, Operation, ProducerSpec, Scenario, Settlement,
    World, is_operator,
};

use crate::play::{
    broker_events, client_events, is_publish, on, producer, publishes, same_log_twice, scripted, sent_ms,
};

fn slash() -> Name {
    "/".into()
}

fn publish(routing_key: &str, payload: &str) -> BasicPublish {
    BasicPublish {
        routing_key: routing_key.into(),
        payload: payload.into(),
        mandatory: true,
        ..BasicPublish::default()
    }
}

fn published(routing_key: &str, payload: &str) -> Deed {
    Deed::Operate { vhost: slash(), operation: Operation::BasicPublish(publish(routing_key, payload)) }
}

fn get(count: u32, ackmode: GetMode) -> Deed {
    Deed::GetMessages { vhost: slash(), queue: "a".into(), count, ackmode, encoding: GetEncoding::Auto }
}

fn settle(settlement: Settlement) -> Deed {
    Deed::Settle { vhost: slash(), settlement }
}

/// Two queues, `a` with three messages in it, and nobody else; then these deeds.
fn world(deeds: &[Deed]) -> (World, Vec<LogEntry>) {
    let filling = ["one", "two", "three"].map(|payload| published("a", payload));
    let scenario = Scenario {
        name: "hand".into(),
        seed: 1,
        definitions: Definitions { queues: vec![Queue::new("a"), Queue::new("b")], ..Definitions::default() },
        clients: Vec::new(),
        script: Vec::new(),
    };
    let mut log = Vec::new();
    let mut world = World::new(&scenario, &mut log).expect("it is right");
    for deed in filling.iter().chain(deeds) {
        world.perform(deed, &mut log).expect("it can be done");
    }
    (world, log)
}

fn counts(world: &World, queue: &str) -> (u64, u64) {
    world.broker().queue("/", queue).map_or((0, 0), |queue| (queue.ready(), queue.unacked()))
}

fn payloads(world: &World, queue: &str) -> Vec<String> {
    let queue = world.broker().queue("/", queue).expect("it is there");
    queue.ready_messages().map(|entry| entry.message.payload.text().into_owned()).collect()
}

#[test]
fn a_publish_says_whether_it_was_routed_or_refused() {
    let (world, log) = world(&[published("nobody", "lost")]);
    assert_eq!(counts(&world, "a"), (3, 0));
    let returned = |event: &&EventKind| matches!(event, EventKind::Unroutable { returned: true, .. });
    assert_eq!(broker_events(&log).filter(returned).count(), 1);
    let confirmed = |event: &&EventKind| matches!(event, EventKind::Confirmed { ack: true, .. });
    assert_eq!(broker_events(&log).filter(confirmed).count(), 4, "as the management UI publishes");
    assert_eq!(world.broker().connections().count(), 0);
}

#[test]
fn what_is_got_goes_back_or_not_as_the_ack_mode_says() {
    for (mode, left, why) in [
        (GetMode::AckRequeueTrue, 3, Some(ReturnReason::ChannelClosed)),
        (GetMode::RejectRequeueTrue, 3, Some(ReturnReason::Reject)),
        (GetMode::AckRequeueFalse, 1, None),
        (GetMode::RejectRequeueFalse, 1, None),
    ] {
        let (world, log) = world(&[get(2, mode)]);
        assert_eq!(counts(&world, "a"), (left, 0), "{mode:?}");
        let got = broker_events(&log).filter(|event| matches!(event, EventKind::Got { .. })).count();
        assert_eq!(got, 2, "{mode:?}: two different ones");
        let back: Vec<ReturnReason> = broker_events(&log)
            .filter_map(|event| match event {
                EventKind::Requeued { why, .. } => Some(*why),
                _ => None,
            })
            .collect();
        assert_eq!(back, vec![why; 2].into_iter().flatten().collect::<Vec<_>>(), "{mode:?}");
        let dropped = |event: &&EventKind| matches!(event, EventKind::Dropped { rule: DropRule::Rejected, .. });
        let expected = if mode == GetMode::RejectRequeueFalse { 2 } else { 0 };
        assert_eq!(broker_events(&log).filter(dropped).count(), expected, "{mode:?}");
        let first = if left == 3 { "one" } else { "three" };
        assert_eq!(payloads(&world, "a")[0], first, "{mode:?}");
    }
}

#[test]
fn getting_ends_where_there_is_nothing_more() {
    let (world, log) = world(&[get(9, GetMode::AckRequeueFalse)]);
    assert_eq!(counts(&world, "a"), (0, 0));
    assert_eq!(broker_events(&log).filter(|event| matches!(event, EventKind::GotNothing { .. })).count(), 1);
}

#[test]
fn what_is_held_is_settled_by_hand() {
    let hold = || get(3, GetMode::Hold);
    let (held, _) = world(&[hold()]);
    assert_eq!(counts(&held, "a"), (0, 3));
    let connections: Vec<_> = held.broker().connections().map(|connection| connection.id).collect();
    assert!(matches!(connections[..], [only] if is_operator(only)), "{connections:?}");
    let ack = |delivery_tag, multiple| settle(Settlement::Ack { delivery_tag, multiple });
    assert_eq!(counts(&world(&[hold(), ack(2, false)]).0, "a"), (0, 2));
    assert_eq!(counts(&world(&[hold(), ack(2, true)]).0, "a"), (0, 1));
    let nack = |requeue| settle(Settlement::Nack { delivery_tag: 0, multiple: true, requeue });
    let (all_back, _) = world(&[hold(), nack(true)]);
    assert_eq!(
        (counts(&all_back, "a"), payloads(&all_back, "a")),
        ((3, 0), vec!["one".into(), "two".into(), "three".into()])
    );
    assert_eq!(counts(&world(&[hold(), nack(false)]).0, "a"), (0, 0));
    let reject = |requeue| settle(Settlement::Reject { delivery_tag: 3, requeue });
    let (one_back, _) = world(&[hold(), reject(true), get(1, GetMode::Hold)]);
    assert_eq!(counts(&one_back, "a"), (0, 3), "the same channel goes on counting");
    assert_eq!(counts(&world(&[hold(), reject(true)]).0, "a"), (1, 2));
    // Who holds nothing any more goes.
    let (done, log) = world(&[hold(), ack(0, true)]);
    assert_eq!((counts(&done, "a"), done.broker().connections().count()), ((0, 0), 0));
    let tag = |entry: &LogEntry| match &entry.kind {
        LogKind::Broker(event) => match event.kind {
            EventKind::Got { delivery_tag, .. } => Some(delivery_tag),
            _ => None,
        },
        _ => None,
    };
    assert_eq!(log.iter().filter_map(tag).collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn an_unknown_delivery_tag_closes_the_channel_as_for_any_client() {
    let (mut world, mut log) = world(&[get(2, GetMode::Hold)]);
    let wrong = settle(Settlement::Ack { delivery_tag: 7, multiple: false });
    let error = world.perform(&wrong, &mut log).expect_err("there is none").to_string();
    assert_eq!(error, "action: 406 PRECONDITION_FAILED - unknown delivery tag 7");
    assert_eq!(counts(&world, "a"), (3, 0), "what was held is back");
    assert!(matches!(log.last().map(|entry| &entry.kind), Some(LogKind::NotDone { .. })));
    world.perform(&get(1, GetMode::Hold), &mut log).expect("a new channel");
    assert_eq!(counts(&world, "a"), (2, 1));
    world.perform(&Deed::CrashBroker, &mut log).expect("it runs");
    world.perform(&Deed::StartBroker, &mut log).expect("it is down");
    assert!(world.perform(&settle(Settlement::Ack { delivery_tag: 1, multiple: false }), &mut log).is_err());
    assert_eq!(world.broker().connections().count(), 0);
}

#[test]
fn messages_are_moved_as_a_shovel_moves_them() {
    let to = |to: &str| Deed::MoveMessages { vhost: slash(), queue: "a".into(), to: to.into() };
    let (moved, log) = world(&[to("b")]);
    assert_eq!((counts(&moved, "a"), counts(&moved, "b")), ((0, 0), (3, 0)));
    assert_eq!(payloads(&moved, "b"), ["one", "two", "three"]);
    assert_eq!(broker_events(&log).filter(|event| matches!(event, EventKind::Acked { .. })).count(), 3);
    let message = moved.broker().queue("/", "b").and_then(|queue| queue.ready_messages().next()).expect("the first");
    assert_eq!((message.message.exchange.as_str(), message.message.routing_keys.key.as_str()), ("", "b"));
    // A queue that is not there is declared, and a queue that is moved to itself ends some time.
    assert_eq!(counts(&world(&[to("new")]).0, "new"), (3, 0));
    let (itself, _) = world(&[to("a")]);
    assert_eq!(counts(&itself, "a"), (3, 0));
    // What has nothing to move moves nothing.
    let (empty, _) = world(&[to("b"), to("b")]);
    assert_eq!((counts(&empty, "b"), empty.broker().connections().count()), ((3, 0), 0));
    let missing = Deed::MoveMessages { vhost: slash(), queue: "missing".into(), to: "b".into() };
    let (mut world, mut log) = world(&[]);
    let error = world.perform(&missing, &mut log).expect_err("there is none").to_string();
    assert_eq!(error, "action: 404 NOT_FOUND - no queue 'missing' in vhost '/'");
}

#[test]
fn what_a_full_queue_refuses_stays_where_it_was() {
    let full = warren::broker::command::QueueDeclare {
        queue: "full".into(),
        durable: true,
        arguments: [
            ("x-max-length".into(), warren::broker::table::Value::int(1)),
            ("x-overflow".into(), warren::broker::table::Value::from("reject-publish")),
        ]
        .into(),
        ..Default::default()
    };
    let declare = Deed::Operate { vhost: slash(), operation: Operation::QueueDeclare(full) };
    let move_there = Deed::MoveMessages { vhost: slash(), queue: "a".into(), to: "full".into() };
    let (world, log) = world(&[declare, move_there]);
    assert_eq!((counts(&world, "full"), counts(&world, "a")), ((1, 0), (2, 0)));
    let refused = |event: &&EventKind| matches!(event, EventKind::Confirmed { ack: false, .. });
    assert_eq!(broker_events(&log).filter(refused).count(), 2);
}

#[test]
fn a_client_publishes_what_it_is_given_over_its_own_link() {
    let deed = on("p", Control::Publish(publish("tasks", "by hand")));
    let log = same_log_twice(&scripted(&[(150, deed)]), 400);
    assert_eq!(sent_ms(&log, is_publish), [0, 100, 150, 200, 300, 400]);
    assert!(publishes(&log).iter().any(|publish| publish.payload.text() == "by hand"));
    // Over its several connections in turn; none of them has to be named.
    let mut spec = producer("p", ProducerSpec { start_ms: 9_000, ..ProducerSpec::default() });
    spec.connections = 2;
    let deed = || on("p", Control::Publish(publish("tasks", "by hand")));
    let mut scenario = Scenario { clients: vec![spec], ..scripted(&[(10, deed()), (20, deed())]) };
    scenario.script[1].at_ms = 20;
    let log = same_log_twice(&scenario, 100);
    let over: Vec<u16> = log
        .iter()
        .filter_map(|entry| match &entry.kind {
            LogKind::Client { connection, event: ClientEvent::Sent { .. }, .. } => Some(*connection),
            _ => None,
        })
        .collect();
    assert_eq!(over, [0, 1]);
    // Whose connection is closed cannot.
    let mut log = Vec::new();
    let mut world = World::new(&scripted(&[]), &mut log).expect("it is right");
    world.perform(&on("p", Control::Kill), &mut log).expect("it is there");
    let error = world.perform(&deed(), &mut log).expect_err("it is dead").to_string();
    assert_eq!(error, "action: connection 1 is not open");
}

#[test]
fn an_operator_closes_a_connection_and_its_client_is_told() {
    let closed = |reason: &str| on("w", Control::ForceClose { reason: reason.into() });
    for (reason, text) in
        [("", "CONNECTION_FORCED - Closed via management plugin"), ("enough", "CONNECTION_FORCED - enough")]
    {
        let log = same_log_twice(&scripted(&[(150, closed(reason)), (600, on("w", Control::Restart))]), 1_000);
        let told: Vec<(u16, String)> = client_events(&log)
            .filter_map(|event| match event {
                ClientEvent::Received { frame: Frame::ConnectionClosed { error, .. } } => {
                    Some((error.code, error.text.clone()))
                }
                _ => None,
            })
            .collect();
        assert_eq!(told, [(320, text.to_owned())]);
        let ended = |event: &&EventKind| matches!(event, EventKind::ConnectionClosed { why: CloseReason::Error(error), .. } if error.code == 320);
        assert_eq!(broker_events(&log).filter(ended).count(), 1);
    }
    let mut log = Vec::new();
    let mut world = World::new(&scripted(&[]), &mut log).expect("it is right");
    world.perform(&closed(""), &mut log).expect("it is open");
    let error = world.perform(&closed(""), &mut log).expect_err("it is closed").to_string();
    assert_eq!(error, "action: connection 2 is not open");
}

#[test]
fn a_client_that_closes_its_channel_gives_back_what_it_held_and_publishes_no_more() {
    let script = [(115, on("w", Control::CloseChannel)), (320, on("p", Control::CloseChannel))];
    let log = same_log_twice(&scripted(&script), 800);
    let gone = |event: &&EventKind| matches!(event, EventKind::ConsumerRemoved { why: DeleteReason::Channel, .. });
    assert_eq!(broker_events(&log).filter(gone).count(), 1);
    let closed = |event: &&EventKind| matches!(event, EventKind::ChannelClosed { why: CloseReason::Client, .. });
    assert_eq!(broker_events(&log).filter(closed).count(), 2);
    assert_eq!(sent_ms(&log, is_publish), [0, 100, 200, 300]);
    let closes = |event: &&ClientEvent| matches!(event, ClientEvent::Sent { method: Method::ChannelClose, .. });
    assert_eq!(client_events(&log).filter(closes).count(), 2);
}

#[test]
fn a_script_that_gets_nothing_or_too_much_is_refused() {
    let error = World::new(&scripted(&[(1, get(0, GetMode::Hold))]), &mut Vec::new()).expect_err("none").to_string();
    assert_eq!(error, "script[0].action.get_messages.count: expected a number from 1 to 10000");
    let properties = Rc::new(warren::broker::properties::Properties::default());
    let long = BasicPublish { routing_key: "x".repeat(256).as_str().into(), properties, ..BasicPublish::default() };
    let (mut world, mut log) = world(&[]);
    let deed = Deed::Operate { vhost: slash(), operation: Operation::BasicPublish(long) };
    let error = world.perform(&deed, &mut log).expect_err("too long").to_string();
    assert_eq!(error, "action: routing_key has 256 bytes, AMQP carries at most 255");
}
