//! What clients declare over their own connections.

use warren::broker::EventKind;
use warren::broker::event::DeleteReason;
use warren::simulation::{ClientEvent, LogKind, Scenario, World};

use crate::play::{broker_events, broker_ms, client_events, from_text, same_log_twice};

/// Publish and subscribe as in RabbitMQ's third tutorial: the subscriber has a queue of its own that the server names.
fn subscriber(script: &str) -> Scenario {
    from_text(&format!(
        r#"{{"format": "warren/1", "name": "logs", "clients": [
            {{"name": "s", "role": "consumer", "queues": [""], "setup": [
                {{"exchange_declare": {{"exchange": "logs", "type": "fanout"}}}},
                {{"queue_declare": {{"exclusive": true}}}},
                {{"queue_bind": {{"exchange": "logs"}}}}]}},
            {{"name": "p", "role": "producer", "exchange": "logs", "every_ms": 100, "start_ms": 50, "latency_ms": 1}}
        ], "script": [{script}]}}"#
    ))
}

#[test]
fn a_subscriber_consumes_from_the_queue_that_the_server_named() {
    let log = same_log_twice(&subscriber(""), 500);
    let declared = broker_events(&log).find_map(|event| match event {
        EventKind::QueueDeclared { queue, .. } => Some(queue.clone()),
        _ => None,
    });
    let declared = declared.expect("it declares a queue");
    assert!(declared.name.starts_with("amq.gen-"), "{declared:?}");
    let delivered: Vec<_> = broker_events(&log)
        .filter_map(|event| match event {
            EventKind::Delivered { at, .. } => Some(at.queue.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(delivered.len(), 5);
    assert!(delivered.iter().all(|queue| *queue == declared));
}

#[test]
fn a_restart_declares_again() {
    let script = r#"{"at_ms": 200, "action": {"client": {"name": "s", "control": "kill"}}},
        {"at_ms": 300, "action": {"client": {"name": "s", "control": "restart"}}}"#;
    let log = same_log_twice(&subscriber(script), 600);
    assert_eq!(broker_ms(&log, |event| matches!(event, EventKind::QueueDeclared { new: true, .. })), [0, 300]);
    let gone = |event: &EventKind| matches!(event, EventKind::QueueDeleted { why: DeleteReason::Exclusive, .. });
    assert_eq!(broker_ms(&log, gone), [200], "an exclusive queue goes with its connection");
    let delivered = broker_ms(&log, |event| matches!(event, EventKind::Delivered { .. }));
    assert_eq!(delivered, [51, 151, 351, 451, 551]);
}

#[test]
fn every_connection_has_a_queue_of_its_own() {
    let mut scenario = subscriber("");
    scenario.clients[0].connections = 2;
    let log = same_log_twice(&scenario, 100);
    assert_eq!(broker_ms(&log, |event| matches!(event, EventKind::QueueDeclared { new: true, .. })), [0, 0]);
    let delivered = broker_events(&log).filter(|event| matches!(event, EventKind::Delivered { .. })).count();
    assert_eq!(delivered, 2, "one message, and a copy for each queue");
}

#[test]
fn a_setup_that_is_refused_is_part_of_the_story() {
    let scenario = from_text(
        r#"{"format": "warren/1", "name": "inequivalent", "definitions": {"queues": [{"name": "q", "vhost": "/"}]},
        "clients": [
            {"name": "c", "role": "consumer", "queues": ["q"],
                "setup": [{"queue_declare": {"queue": "q", "durable": false}}]},
            {"name": "d", "role": "consumer", "queues": ["q"]}]}"#,
    );
    let log = same_log_twice(&scenario, 100);
    let answers: Vec<String> = client_events(&log)
        .filter_map(|event| match event {
            ClientEvent::Answered { reply } => Some(serde_json::to_string(reply).expect("it can be written")),
            _ => None,
        })
        .collect();
    assert!(answers.len() == 1 && answers[0].contains("inequivalent arg 'durable'"), "{answers:?}");
    let consumers = log.iter().filter(
        |entry| matches!(&entry.kind, LogKind::Broker(event) if matches!(event.kind, EventKind::ConsumerAdded { .. })),
    );
    assert_eq!(consumers.count(), 1, "the refused one does not get as far as that");
}

#[test]
fn a_setup_that_no_client_could_send_says_where() {
    let mut scenario = subscriber("");
    let warren::simulation::Setup::QueueBind(bind) = &mut scenario.clients[0].setup[2] else { panic!("it binds") };
    bind.routing_key = "k".repeat(300).into();
    let error = World::new(&scenario, &mut Vec::new()).expect_err("it is wrong").to_string();
    assert_eq!(error, "clients[0].setup[2]: routing_key has 300 bytes, AMQP carries at most 255");
}
