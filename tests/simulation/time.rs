//! The same scenario gives the same log, however it is played; frames take their time and keep their order.

use warren::broker::{Event, EventKind};
use warren::share::examples;
use warren::simulation::{ClientEvent, LogEntry, LogKind, Scenario, World};

use crate::nature::{DIGEST_OF_A_MINUTE, DIGEST_OF_CHANCE, digest, digest_of_a_minute, digest_of_chance, log_of};
use crate::play::broker_events;

#[test]
fn same_scenario_same_log() {
    assert_eq!(log_of(&examples::nature(), 60_000), log_of(&examples::nature(), 60_000));
}

#[test]
fn the_log_is_the_same_on_every_platform() {
    // tests/web.rs compares the same number in the browser.
    assert_eq!(digest_of_a_minute(), DIGEST_OF_A_MINUTE);
    assert_eq!(digest_of_chance(), DIGEST_OF_CHANCE);
}

#[test]
fn another_seed_another_log() {
    let other = Scenario { seed: 2, ..examples::nature() };
    assert_ne!(digest(&log_of(&other, 60_000)), DIGEST_OF_A_MINUTE);
}

#[test]
fn it_does_not_matter_how_time_is_cut() {
    let whole = log_of(&examples::nature(), 30_000);
    let mut log = Vec::new();
    let mut world = World::new(&examples::nature(), &mut log).expect("the example is right");
    (0..=30_000).step_by(7).chain([30_000]).for_each(|at_ms| world.advance_to(at_ms, &mut log));
    assert_eq!(log, whole);
    let mut steps = Vec::new();
    let mut world = World::new(&examples::nature(), &mut steps).expect("the example is right");
    while world.next_ms().is_some_and(|next_ms| next_ms <= 30_000) {
        world.step(&mut steps);
    }
    assert_eq!(steps, whole);
}

#[test]
fn a_clone_goes_on_as_the_original_does() {
    let mut log = Vec::new();
    let mut world = World::new(&examples::nature(), &mut log).expect("the example is right");
    world.advance_to(12_345, &mut log);
    let mut clone = world.clone();
    let (mut first, mut second) = (Vec::new(), Vec::new());
    world.advance_to(40_000, &mut first);
    clone.advance_to(40_000, &mut second);
    assert_eq!(first, second);
    assert!(world == clone);
}

#[test]
fn numbers_have_no_gaps_time_does_not_go_back_and_causes_come_first() {
    let log = log_of(&examples::nature(), 60_000);
    for (index, entry) in log.iter().enumerate() {
        assert_eq!(entry.seq, index as u64 + 1);
        assert!(entry.cause < entry.seq);
    }
    assert!(log.is_sorted_by_key(|entry| entry.at_ms));
}

#[test]
fn doves_arrive_and_cats_are_dropped() {
    let log = log_of(&examples::nature(), 60_000);
    let count = |wanted: fn(&EventKind) -> bool| broker_events(&log).filter(|event| wanted(event)).count();
    let published = count(|event| matches!(event, EventKind::Published { .. }));
    let enqueued = count(|event| matches!(event, EventKind::Enqueued { .. }));
    let unroutable = count(|event| matches!(event, EventKind::Unroutable { returned: false, .. }));
    assert!(enqueued > 10 && unroutable > 10);
    assert_eq!(published, enqueued + unroutable);
    for event in broker_events(&log) {
        match event {
            EventKind::Unroutable { message, .. } => assert_eq!(message.routing_keys.key, "animal.cat"),
            EventKind::Enqueued { at, .. } => assert_eq!(at.message.routing_keys.key, "animal.bird"),
            _ => {}
        }
    }
}

#[test]
fn frames_take_the_latency_of_their_link() {
    let log = log_of(&examples::nature(), 20_000);
    let cause = |entry: &LogEntry| log[entry.cause as usize - 1].at_ms;
    let mut seen = 0;
    for entry in &log {
        let arrival = matches!(
            &entry.kind,
            LogKind::Broker(Event { kind: EventKind::Published { .. } | EventKind::Acked { .. }, .. })
                | LogKind::Client { event: ClientEvent::Received { .. }, .. }
        );
        if arrival {
            assert_eq!(entry.at_ms, cause(entry) + 450, "entry {}", entry.seq);
            seen += 1;
        }
    }
    assert!(seen > 10);
}
