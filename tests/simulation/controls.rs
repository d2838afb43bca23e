//! Faults and controls, by a script or by hand.

use warren::broker::EventKind;
use warren::broker::command::{PolicySet, QueueDeclare};
use warren::broker::event::{CloseReason, DeleteReason, DropRule};
use warren::broker::table::Value;
use warren::simulation::{
    ClientEvent, ConsumerSpec, Control, Deed, LogKind, Operation, Outcome, Schedule, Span, When, World,
};

use crate::play::{
    broker_events, broker_ms, client_events, is_delivered, is_publish, on, rules, same_log_twice, scripted, sent_ms,
    worked,
};

#[test]
fn clients_are_killed_and_start_again_with_new_connections() {
    let script = [
        (150, on("w", Control::Kill)),
        (600, on("w", Control::Restart)),
        (700, on("p", Control::CloseChannel)),
        (950, on("p", Control::Restart)),
    ];
    let log = same_log_twice(&scripted(&script), 1_000);
    assert_eq!(
        broker_ms(&log, |event| matches!(event, EventKind::ConnectionClosed { why: CloseReason::Lost, .. }))[0],
        150
    );
    assert!(broker_ms(&log, is_delivered).iter().all(|at_ms| !(150..600).contains(at_ms)));
    assert!(broker_ms(&log, is_delivered).contains(&600));
    let restarts: Vec<_> = client_events(&log)
        .filter_map(|event| match event {
            ClientEvent::Restarted { connection } => Some(connection.0),
            _ => None,
        })
        .collect();
    assert_eq!(restarts, [3, 4]);
    assert_eq!(sent_ms(&log, is_publish), [0, 100, 200, 300, 400, 500, 600, 950]);
}

#[test]
fn a_crashed_consumer_can_come_back_by_itself() {
    let crash = ConsumerSpec { processing: Span::Fixed(50), ..rules(When::Every(2), Outcome::Crash) };
    let (log, _) = worked(&["a", "b", "c"], ConsumerSpec { restart_after_ms: Some(300), ..crash });
    assert!(client_events(&log).filter(|event| matches!(event, ClientEvent::Restarted { .. })).count() >= 2);
    assert_eq!(broker_events(&log).filter(|event| matches!(event, EventKind::Acked { .. })).count(), 3);
}

#[test]
fn clients_connect_again_when_the_broker_is_back() {
    for end in [Deed::StopBroker, Deed::CrashBroker] {
        let killed = on("w", Control::Kill);
        let log = same_log_twice(&scripted(&[(250, end.clone()), (1_000, Deed::StartBroker)]), 1_500);
        let published = broker_ms(&log, |event| matches!(event, EventKind::Published { .. }));
        assert!(published.iter().all(|at_ms| !(250..1_000).contains(at_ms)), "{published:?}");
        assert!(published.contains(&1_020) && broker_ms(&log, is_delivered).contains(&1_020));
        let log = same_log_twice(&scripted(&[(250, end), (300, killed), (1_000, Deed::StartBroker)]), 1_500);
        assert!(broker_ms(&log, is_delivered).iter().all(|at_ms| *at_ms < 250));
    }
}

#[test]
fn a_paused_consumer_holds_what_it_has() {
    let log = same_log_twice(&scripted(&[(150, on("w", Control::Pause)), (550, on("w", Control::Resume))]), 1_000);
    let started = log
        .iter()
        .filter(|entry| matches!(&entry.kind, LogKind::Client { event: ClientEvent::WorkStarted { .. }, .. }));
    let started: Vec<u64> = started.map(|entry| entry.at_ms).collect();
    assert!(started.iter().all(|at_ms| !(150..550).contains(at_ms)) && started.contains(&550), "{started:?}");
}

#[test]
fn links_are_held_released_and_slowed() {
    let script = [
        (150, on("p", Control::HoldLink)),
        (550, on("p", Control::ReleaseLink)),
        (650, on("p", Control::SetLatency(200))),
    ];
    let log = same_log_twice(&scripted(&script), 1_000);
    let published = broker_ms(&log, |event| matches!(event, EventKind::Published { .. }));
    assert_eq!(published, [20, 120, 550, 550, 550, 550, 620, 900, 1_000]);
}

#[test]
fn prefetch_holds_for_new_consumers_and_rates_change_at_once() {
    let script = [
        (250, on("w", Control::SetPrefetch(7))),
        (300, on("p", Control::SetSchedule(Schedule::Every { ms: 300 }))),
        (500, on("w", Control::Restart)),
    ];
    let log = same_log_twice(&scripted(&script), 1_000);
    let prefetches: Vec<_> = broker_events(&log)
        .filter_map(|event| match event {
            EventKind::ConsumerAdded { prefetch, .. } => Some(u64::from(*prefetch)),
            _ => None,
        })
        .collect();
    assert_eq!(prefetches, [1, 7]);
    assert_eq!(sent_ms(&log, is_publish), [0, 100, 200, 300, 600, 900]);
}

#[test]
fn the_operator_purges_deletes_and_sets_policies() {
    let policy = PolicySet {
        vhost: "/".into(),
        name: "short".into(),
        pattern: "^tasks$".into(),
        apply_to: "queues".into(),
        definition: [("max-length".into(), Value::int(2))].into(),
        priority: 0,
        operator: false,
    };
    let script = [
        (0, on("w", Control::Pause)),
        (450, Deed::PurgeQueue { vhost: "/".into(), queue: "tasks".into() }),
        (500, Deed::SetPolicy(policy)),
        (1_000, Deed::ClearPolicy { vhost: "/".into(), name: "short".into() }),
        (1_500, Deed::DeleteQueue { vhost: "/".into(), queue: "tasks".into() }),
    ];
    let log = same_log_twice(&scripted(&script), 2_000);
    assert_eq!(broker_ms(&log, |event| matches!(event, EventKind::QueuePurged { .. })), [450]);
    assert_eq!(broker_ms(&log, |event| matches!(event, EventKind::PolicyChanged { .. })), [500, 1_000]);
    assert_eq!(broker_ms(&log, |event| matches!(event, EventKind::QueueDeleted { .. })), [1_500]);
    let over = |event: &EventKind| matches!(event, EventKind::Dropped { rule: DropRule::MaxLength, .. });
    let over = broker_ms(&log, over);
    assert!(!over.is_empty() && over.iter().all(|at_ms| (500..1_000).contains(at_ms)), "{over:?}");
}

#[test]
fn a_script_says_where_it_is_wrong_and_a_world_why_it_cannot() {
    let error = |deed| World::new(&scripted(&[(1, deed)]), &mut Vec::new()).expect_err("it is wrong").to_string();
    let place = "script[0].action.client";
    let expected = format!("{place}.name: expected the name of a client, not \"nobody\"");
    assert_eq!(error(on("nobody", Control::Kill)), expected);
    let expected = format!("{place}.name: expected the name of a client that consumes");
    assert_eq!(error(on("p", Control::SetPrefetch(1))), expected);
    let never = Control::SetSchedule(Schedule::Every { ms: 0 });
    assert_eq!(error(on("p", never)), format!("{place}.control.set_schedule.every.ms: expected a number from 1"));
    let mut log = Vec::new();
    let mut world = World::new(&scripted(&[]), &mut log).expect("it is right");
    let missing = Deed::PurgeQueue { vhost: "/".into(), queue: "missing".into() };
    let refused = world.perform(&missing, &mut log).expect_err("there is none").to_string();
    assert_eq!(refused, "action: 404 NOT_FOUND - no queue 'missing' in vhost '/'");
    assert!(world.perform(&Deed::StartBroker, &mut log).is_err());
    assert!(world.perform(&on("w", Control::Kill), &mut log).is_ok());
}

#[test]
fn what_a_held_link_kept_is_too_late_after_a_restart() {
    let script = [(150, on("p", Control::HoldLink)), (450, on("p", Control::Restart))];
    let log = same_log_twice(&scripted(&script), 500);
    let ignored = client_events(&log).filter(|event| matches!(event, ClientEvent::Ignored { .. })).count();
    assert_eq!(ignored, 3);
    assert_eq!(broker_ms(&log, |event| matches!(event, EventKind::Published { .. })), [20, 120, 470]);
}

#[test]
fn a_paused_producer_goes_on_where_it_stood() {
    let log = same_log_twice(&scripted(&[(150, on("p", Control::Pause)), (730, on("p", Control::Resume))]), 1_000);
    assert_eq!(sent_ms(&log, is_publish), [0, 100, 730, 830, 930]);
    // Paused and resumed between two messages: nothing is late.
    let log = same_log_twice(&scripted(&[(110, on("p", Control::Pause)), (180, on("p", Control::Resume))]), 400);
    assert_eq!(sent_ms(&log, is_publish), [0, 100, 200, 300, 400]);
}

#[test]
fn what_a_script_tries_in_vain_is_in_the_log() {
    let missing = Deed::PurgeQueue { vhost: "/".into(), queue: "missing".into() };
    let no_policy = Deed::ClearPolicy { vhost: "/".into(), name: "none".into() };
    let script = [(100, missing.clone()), (200, no_policy.clone()), (300, Deed::StartBroker)];
    let log = same_log_twice(&scripted(&script), 400);
    let not_done: Vec<(u64, &Deed, String)> = log
        .iter()
        .filter_map(|entry| match &entry.kind {
            LogKind::NotDone { deed, why } => Some((entry.at_ms, &**deed, why.to_string())),
            _ => None,
        })
        .collect();
    let [(100, purge, no_queue), (200, clear, not_found), (300, Deed::StartBroker, _)] = &not_done[..] else {
        panic!("{not_done:?}")
    };
    assert_eq!((*purge, no_queue.as_str()), (&missing, "404 NOT_FOUND - no queue 'missing' in vhost '/'"));
    assert_eq!((*clear, not_found.as_str()), (&no_policy, "404 Not Found"));
}

#[test]
fn what_the_management_refuses_is_said_by_its_own_error() {
    let mut log = Vec::new();
    let mut world = World::new(&scripted(&[]), &mut log).expect("it is right");
    let no_policy = Deed::ClearPolicy { vhost: "/".into(), name: "none".into() };
    let error = world.perform(&no_policy, &mut log).expect_err("there is none");
    assert!(matches!(error, warren::simulation::ScenarioError::NotManaged { .. }), "{error:?}");
    assert_eq!(error.to_string(), "action: 404 Not Found");
    // What was never tried is no part of the story.
    let entries = log.len();
    assert!(world.perform(&on("nobody", Control::Kill), &mut log).is_err());
    assert_eq!(log.len(), entries);
}

#[test]
fn what_the_operator_takes_along_on_leaving_is_in_the_log() {
    let declare = QueueDeclare { queue: "mine".into(), exclusive: true, ..QueueDeclare::default() };
    let deed = Deed::Operate { vhost: "/".into(), operation: Operation::QueueDeclare(declare) };
    let log = same_log_twice(&scripted(&[(10, deed)]), 20);
    let gone = |event: &&EventKind| matches!(event, EventKind::QueueDeleted { why: DeleteReason::Exclusive, .. });
    assert_eq!(broker_events(&log).filter(gone).count(), 1);
    let comes =
        |event: &&EventKind| matches!(event, EventKind::ConnectionOpened { connection, .. } if connection.0 == 0);
    let goes =
        |event: &&EventKind| matches!(event, EventKind::ConnectionClosed { connection, .. } if connection.0 == 0);
    assert_eq!(broker_events(&log).filter(comes).chain(broker_events(&log).filter(goes)).count(), 0);
}
