//! Links that are cut, connections that are lost, and what publishers do about it.

use warren::broker::event::CloseReason;
use warren::broker::{EventKind, Method};
use warren::simulation::{ClientEvent, Control, LogEntry, LogKind, OnLoss, Parcel, ProducerSpec, Scenario};

use crate::play::{broker_ms, client_events, is_delivered, is_publish, on, same_log_twice, scripted, sent_ms};

fn is_lost(event: &EventKind) -> bool {
    matches!(event, EventKind::ConnectionClosed { why: CloseReason::Lost, .. })
}

/// When something at a client happened.
fn client_ms(log: &[LogEntry], wanted: fn(&ClientEvent) -> bool) -> Vec<u64> {
    let is_wanted = |entry: &&LogEntry| matches!(&entry.kind, LogKind::Client { event, .. } if wanted(event));
    log.iter().filter(is_wanted).map(|entry| entry.at_ms).collect()
}

/// A heartbeat of one second for all.
fn quick(mut scenario: Scenario) -> Scenario {
    scenario.clients.iter_mut().for_each(|client| client.heartbeat_s = 1);
    scenario
}

#[test]
fn a_cut_link_loses_everything_and_both_sides_notice_after_two_heartbeats() {
    let scenario = quick(scripted(&[(210, on("w", Control::CutLink))]));
    let log = same_log_twice(&scenario, 4_000);
    // What was delivered at 220 was on its way.
    let lost = client_events(&log).filter_map(|event| match event {
        ClientEvent::LostOnLink { what } => Some(what),
        _ => None,
    });
    let lost: Vec<&Parcel> = lost.collect();
    assert!(matches!(lost[..], [Parcel::Frame(_), ..]), "{lost:?}");
    let received = client_ms(&log, |event| matches!(event, ClientEvent::Received { .. }));
    assert!(received.iter().all(|at_ms| *at_ms < 210), "{received:?}");
    assert_eq!(client_ms(&log, |event| matches!(event, ClientEvent::HeartbeatMissed)), [2_210]);
    assert_eq!(broker_ms(&log, is_lost), [2_210]);
    let requeued = broker_ms(&log, |event| matches!(event, EventKind::Requeued { .. }));
    assert_eq!(requeued, [2_210], "until then the broker waits for an acknowledgement");
}

#[test]
fn what_is_sent_into_a_cut_link_is_lost_and_a_new_start_has_another_link() {
    let script = [(150, on("p", Control::CutLink)), (550, on("p", Control::Restart))];
    let log = same_log_twice(&quick(scripted(&script)), 3_000);
    let published = broker_ms(&log, |event| matches!(event, EventKind::Published { .. }));
    assert_eq!(published[..3], [20, 120, 570]);
    let lost = |event: &ClientEvent| {
        matches!(event, ClientEvent::LostOnLink { what: Parcel::Method(Method::BasicPublish(_)) })
    };
    assert_eq!(client_ms(&log, lost), [220, 320, 420, 520]);
    assert_eq!(broker_ms(&log, is_lost), [2_150], "the broker keeps the old connection until then");
    assert!(client_ms(&log, |event| matches!(event, ClientEvent::HeartbeatMissed)).is_empty(), "nobody is there");
}

#[test]
fn without_heartbeats_a_cut_link_is_never_noticed() {
    let mut scenario = scripted(&[(150, on("w", Control::CutLink))]);
    scenario.clients[1].heartbeat_s = 0;
    let log = same_log_twice(&scenario, 200_000);
    assert!(broker_ms(&log, is_lost).is_empty());
    let usual = same_log_twice(&scripted(&[(150, on("w", Control::CutLink))]), 200_000);
    assert_eq!(broker_ms(&usual, is_lost), [120_150], "RabbitMQ's own heartbeat is a minute");
}

/// A producer with confirms, whose link is held while it is killed: two messages are unconfirmed.
fn unconfirmed(on_loss: OnLoss) -> Vec<LogEntry> {
    let script = [(250, on("p", Control::HoldLink)), (450, on("p", Control::Kill)), (620, on("p", Control::Restart))];
    let mut scenario = scripted(&script);
    let producer = scenario.clients[0].role.producer_mut().expect("it publishes");
    *producer = ProducerSpec {
        confirms: true,
        on_loss,
        templates: true,
        payload: "{n}".into(),
        limit: Some(6),
        ..producer.clone()
    };
    same_log_twice(&scenario, 2_000)
}

fn payloads(log: &[LogEntry]) -> Vec<String> {
    let payloads = log.iter().filter_map(|entry| match &entry.kind {
        LogKind::Broker(event) => match &event.kind {
            EventKind::Published { message, .. } => Some(message.payload.text().into_owned()),
            _ => None,
        },
        _ => None,
    });
    payloads.collect()
}

#[test]
fn what_was_unconfirmed_is_forgotten_or_published_again() {
    // 4 and 5 were sent into the held link, and come too late to the closed channel.
    assert_eq!(payloads(&unconfirmed(OnLoss::Ignore)), ["1", "2", "3", "6"]);
    assert_eq!(payloads(&unconfirmed(OnLoss::PublishAgain)), ["1", "2", "3", "4", "5", "6"]);
    let log = unconfirmed(OnLoss::PublishAgain);
    assert_eq!(sent_ms(&log, is_publish), [0, 100, 200, 300, 400, 620, 620, 620]);
    assert_eq!(broker_ms(&log, is_delivered).len(), 6);
}

#[test]
fn publishing_again_may_make_it_twice() {
    // The broker has the message, and its confirm is lost.
    let mut scenario = scripted(&[(15, on("p", Control::HoldLink)), (25, on("p", Control::Kill))]);
    let restart = scripted(&[(100, on("p", Control::Restart))]).script;
    scenario.script.extend(restart);
    scenario.script[0].at_ms = 30;
    scenario.script[1].at_ms = 60;
    let producer = scenario.clients[0].role.producer_mut().expect("it publishes");
    *producer = ProducerSpec {
        confirms: true,
        on_loss: OnLoss::PublishAgain,
        every_ms: None,
        limit: Some(1),
        ..producer.clone()
    };
    let log = same_log_twice(&scenario, 1_000);
    assert_eq!(broker_ms(&log, |event| matches!(event, EventKind::Published { .. })), [20, 120]);
}
