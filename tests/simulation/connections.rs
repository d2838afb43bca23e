//! Clients with several connections: each has its own channel, link and numbers, and one can be lost without the others.

use warren::broker::event::CloseReason;
use warren::broker::{ConnectionId, EventKind, Frame, Method};
use warren::simulation::{ClientEvent, Control, Deed, LogEntry, LogKind, Scenario, World};

use crate::play::{broker_events, broker_ms, from_text, is_delivered, same_log_twice};

/// A producer over three connections, and a consumer over two.
fn several(script: &str) -> Scenario {
    from_text(&format!(
        r#"{{"format": "warren/1", "name": "several", "definitions": {{"queues": [{{"name": "q", "vhost": "/"}}]}},
        "clients": [
            {{"name": "p", "role": "producer", "latency_ms": 5, "connections": 3, "routing_key": "q", "confirms": true,
                "every_ms": 100, "limit": 12}},
            {{"name": "w", "role": "consumer", "latency_ms": 5, "connections": 2, "queues": ["q"], "prefetch": 1,
                "processing": {{"fixed": 150}}}}
        ], "script": [{script}]}}"#
    ))
}

fn on(name: &str, connection: u16, control: Control) -> Deed {
    Deed::Client { name: name.into(), connection: Some(connection), control }
}

/// At which connection of a client wanted things happened.
fn places(log: &[LogEntry], client: u32, wanted: impl Fn(&ClientEvent) -> bool) -> Vec<u16> {
    let places = log.iter().filter_map(|entry| match &entry.kind {
        LogKind::Client { client: id, connection, event } if id.0 == client && wanted(event) => Some(*connection),
        _ => None,
    });
    places.collect()
}

fn is_publish(event: &ClientEvent) -> bool {
    matches!(event, ClientEvent::Sent { method: Method::BasicPublish(_), .. })
}

#[test]
fn a_producer_publishes_over_its_connections_in_turn() {
    let log = same_log_twice(&several(""), 3_000);
    assert_eq!(places(&log, 0, is_publish), [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]);
    // Each channel counts its own publishes.
    let confirmed = log.iter().filter_map(|entry| match &entry.kind {
        LogKind::Client {
            connection, event: ClientEvent::Received { frame: Frame::Ack { delivery_tag, .. } }, ..
        } => Some((*connection, *delivery_tag)),
        _ => None,
    });
    let confirmed: Vec<(u16, u64)> = confirmed.collect();
    assert_eq!(confirmed[..6], [(0, 1), (1, 1), (2, 1), (0, 2), (1, 2), (2, 2)]);
    let mut connections: Vec<ConnectionId> = broker_events(&log)
        .filter_map(|event| match event {
            EventKind::Published { channel, .. } => Some(channel.connection),
            _ => None,
        })
        .collect();
    connections.sort_unstable();
    connections.dedup();
    assert_eq!(connections, [ConnectionId(1), ConnectionId(2), ConnectionId(3)]);
}

#[test]
fn a_consumer_works_on_one_message_on_each_connection() {
    let log = same_log_twice(&several(""), 3_000);
    let (mut working, mut most) = ([0_u16; 2], 0);
    for entry in &log {
        let LogKind::Client { connection, event, .. } = &entry.kind else { continue };
        match event {
            ClientEvent::WorkStarted { .. } => working[usize::from(*connection)] += 1,
            ClientEvent::WorkDone { .. } => working[usize::from(*connection)] -= 1,
            _ => {}
        }
        assert!(working.iter().all(|count| *count <= 1), "entry {}", entry.seq);
        most = most.max(working.iter().sum());
    }
    assert_eq!(most, 2, "both work at the same time");
    assert_eq!(broker_events(&log).filter(|event| matches!(event, EventKind::Acked { .. })).count(), 12);
}

#[test]
fn losing_one_connection_leaves_the_others() {
    let script = r#"{"at_ms": 250, "action": {"client": {"name": "p", "connection": 1, "control": "kill"}}},
        {"at_ms": 250, "action": {"client": {"name": "w", "connection": 0, "control": "kill"}}},
        {"at_ms": 750, "action": {"client": {"name": "p", "connection": 1, "control": "restart"}}}"#;
    let log = same_log_twice(&several(script), 3_000);
    let lost = |event: &EventKind| matches!(event, EventKind::ConnectionClosed { why: CloseReason::Lost, .. });
    assert_eq!(broker_ms(&log, lost), [250, 250]);
    assert_eq!(places(&log, 0, is_publish), [0, 1, 2, 0, 2, 0, 2, 0, 1, 2, 0, 1]);
    let started = |event: &ClientEvent| matches!(event, ClientEvent::WorkStarted { .. });
    let later: Vec<LogEntry> = log.iter().filter(|entry| entry.at_ms > 250).cloned().collect();
    assert!(places(&later, 1, started).iter().all(|connection| *connection == 1));
    assert!(broker_ms(&log, is_delivered).iter().any(|at_ms| *at_ms > 300));
    let restarted = |event: &ClientEvent| matches!(event, ClientEvent::Restarted { connection } if connection.0 == 6);
    assert_eq!(places(&log, 0, restarted), [1], "the five others have the ids before it");
}

#[test]
fn what_is_done_to_one_connection_is_done_to_no_other() {
    let mut log = Vec::new();
    let mut world = World::new(&several(""), &mut log).expect("it is right");
    world.perform(&on("w", 1, Control::SetLatency(300)), &mut log).expect("it can be done");
    world.perform(&on("p", 0, Control::HoldLink), &mut log).expect("it can be done");
    world.advance_to(450, &mut log);
    let published: Vec<u64> = broker_ms(&log, |event| matches!(event, EventKind::Published { .. }));
    assert_eq!(published, [105, 205, 405], "what goes over the first link is held");
    world.perform(&on("p", 0, Control::ReleaseLink), &mut log).expect("it can be done");
    world.perform(&on("p", 2, Control::CloseChannel), &mut log).expect("it can be done");
    world.advance_to(480, &mut log);
    assert_eq!(broker_ms(&log, |event| matches!(event, EventKind::Published { .. })), [105, 205, 405, 450, 450]);
    let closed = broker_ms(&log, |event| matches!(event, EventKind::ChannelClosed { .. }));
    assert_eq!(closed, [455]);
}

#[test]
fn a_crash_takes_all_connections_and_so_does_a_restart() {
    let mut scenario = several("");
    let consumer = scenario.clients[1].role.consumer_mut().expect("it consumes");
    (consumer.outcome, consumer.restart_after_ms) = (warren::simulation::Outcome::Crash, Some(50));
    let log = same_log_twice(&scenario, 400);
    let lost = |event: &EventKind| matches!(event, EventKind::ConnectionClosed { why: CloseReason::Lost, .. });
    assert_eq!(broker_ms(&log, lost)[..2], [160, 160]);
    let restarted = |event: &ClientEvent| matches!(event, ClientEvent::Restarted { .. });
    assert_eq!(places(&log, 1, restarted)[..2], [0, 1]);
}

#[test]
fn a_connection_that_is_not_there_says_where() {
    let error = |deed: &Deed| {
        let mut log = Vec::new();
        let mut world = World::new(&several(""), &mut log).expect("it is right");
        world.perform(deed, &mut log).expect_err("it is wrong").to_string()
    };
    let place = "action.client.connection: expected";
    assert_eq!(error(&on("p", 3, Control::Kill)), format!("{place} a number from 0 to 2"));
    assert_eq!(error(&on("p", 1, Control::Pause)), format!("{place} none, as this is done to the client as a whole"));
    let mut none = several("");
    none.clients[0].connections = 0;
    let error = World::new(&none, &mut Vec::new()).expect_err("it is wrong").to_string();
    assert_eq!(error, "clients[0].connections: expected a number from 1 to 1000");
}
