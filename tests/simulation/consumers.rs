//! Consumers take, work and settle as they say.

use warren::broker::event::CloseReason;
use warren::broker::table::Value;
use warren::broker::{Event, EventKind, Method};
use warren::simulation::{
    AckMode, ClientEvent, ConsumerSpec, LogEntry, LogKind, Outcome, ProducerSpec, Role, Rule, Span, When, WorkRule,
    World,
};

use crate::nature::log_of;
use crate::play::{broker_events, client_events, consumer, rules, same_log_twice, sent_ms, work_queue, worked};

#[test]
fn a_consumer_holds_no_more_than_its_prefetch_and_works_on_one_at_a_time() {
    let publish = ProducerSpec { every_ms: Some(10), limit: Some(50), ..ProducerSpec::default() };
    let work = ConsumerSpec { prefetch: 3, processing: Span::Fixed(100), ..ConsumerSpec::default() };
    let log = log_of(&work_queue(publish, work), 60_000);
    let (mut unacked, mut most, mut working) = (0, 0, 0);
    for entry in &log {
        match &entry.kind {
            LogKind::Broker(Event { kind: EventKind::Delivered { ack: true, .. }, .. }) => unacked += 1,
            LogKind::Broker(Event { kind: EventKind::Acked { .. }, .. }) => unacked -= 1,
            LogKind::Client { event: ClientEvent::WorkStarted { .. }, .. } => working += 1,
            LogKind::Client { event: ClientEvent::WorkDone { .. }, .. } => working -= 1,
            _ => {}
        }
        most = most.max(unacked);
        assert!(unacked <= 3 && working <= 1);
    }
    assert_eq!((unacked, most, working), (0, 3, 0));
}

#[test]
fn with_auto_ack_nothing_is_acknowledged() {
    let publish = ProducerSpec { every_ms: Some(10), limit: Some(5), ..ProducerSpec::default() };
    let work = ConsumerSpec { ack: AckMode::Auto, ..ConsumerSpec::default() };
    let log = log_of(&work_queue(publish, work), 10_000);
    assert!(!broker_events(&log).any(|event| matches!(event, EventKind::Acked { .. })));
    assert_eq!(client_events(&log).filter(|event| matches!(event, ClientEvent::WorkDone { .. })).count(), 5);
}

#[test]
fn consumers_settle_messages_as_their_rules_say() {
    let ten = ["a", "b", "c", "poison 1", "e", "f", "g", "h", "i", "poison 2"];
    let counts = |spec| worked(&ten, spec).1;
    assert_eq!(counts(ConsumerSpec::default()), [10, 0, 0]);
    assert_eq!(counts(rules(When::Every(5), Outcome::NackDiscard)), [8, 0, 2]);
    // Requeued ones are worked on again, and count again: the 5th, 10th and 15th of thirteen.
    assert_eq!(counts(rules(When::Every(5), Outcome::RejectRequeue)), [10, 2, 0]);
    assert_eq!(counts(rules(When::PayloadContains("poison".into()), Outcome::RejectDiscard)), [8, 0, 2]);
    let third = When::Header { name: "n".into(), value: Some(Value::int(3)) };
    assert_eq!(counts(rules(third, Outcome::NackDiscard)), [9, 0, 1]);
    let any = When::Header { name: "n".into(), value: None };
    assert_eq!(counts(rules(any, Outcome::NeverAnswer)), [0, 0, 0]);
    assert_eq!(counts(rules(When::Percent(100), Outcome::NackDiscard)), [0, 0, 10]);
    assert_eq!(counts(rules(When::Percent(0), Outcome::NackDiscard)), [10, 0, 0]);
    let [acked, _, dropped] = counts(rules(When::Percent(50), Outcome::NackDiscard));
    assert!(acked + dropped == 10 && acked > 0 && dropped > 0, "{acked} and {dropped}");
    let second_time = vec![
        Rule { when: When::Redelivered, outcome: Outcome::Ack },
        Rule { when: When::PayloadContains("poison".into()), outcome: Outcome::NackRequeue },
    ];
    assert_eq!(counts(ConsumerSpec { rules: second_time, ..ConsumerSpec::default() }), [10, 2, 0]);
    let auto = ConsumerSpec { ack: AckMode::Auto, outcome: Outcome::NackDiscard, ..ConsumerSpec::default() };
    assert_eq!(counts(auto), [0, 0, 0]);
}

#[test]
fn a_crash_gives_back_what_was_unacknowledged() {
    let (log, counts) = worked(&["a", "b", "poison", "d"], rules(When::PayloadContains("son".into()), Outcome::Crash));
    // The ack of `b` is still under way, and `d` was there already.
    assert_eq!(counts, [1, 3, 0]);
    let crash = client_events(&log).filter(|event| **event == ClientEvent::Crashed).count();
    assert_eq!(crash, 1);
    let lost = |event: &EventKind| matches!(event, EventKind::ConnectionClosed { why: CloseReason::Lost, .. });
    assert!(broker_events(&log).any(lost));
}

#[test]
fn an_idempotent_consumer_leaves_alone_what_it_knows() {
    let payloads = ["a", "b", "a", "c", "a", "b"];
    let (log, counts) = worked(&payloads, ConsumerSpec { idempotent: true, ..ConsumerSpec::default() });
    assert_eq!(counts, [6, 0, 0]);
    let count = |wanted: fn(&ClientEvent) -> bool| client_events(&log).filter(|event| wanted(event)).count();
    assert_eq!(count(|event| matches!(event, ClientEvent::WorkDone { .. })), 3);
    assert_eq!(count(|event| matches!(event, ClientEvent::Skipped { .. })), 3);
}

#[test]
fn a_consumer_can_ask_for_messages_one_by_one() {
    let pull = ConsumerSpec { pull_every_ms: Some(100), ..ConsumerSpec::default() };
    let (log, counts) = worked(&["a", "b", "c"], pull);
    assert_eq!(counts, [3, 0, 0]);
    assert!(!broker_events(&log).any(|event| matches!(event, EventKind::ConsumerAdded { .. })));
    let asked = sent_ms(&log, |method| matches!(method, Method::BasicGet { no_ack: false, .. }));
    assert_eq!(asked[..4], [0, 100, 200, 300]);
    let got = broker_events(&log).filter(|event| matches!(event, EventKind::Got { .. })).count();
    assert_eq!(got, 3);
    assert!(broker_events(&log).any(|event| matches!(event, EventKind::GotNothing { .. })));
}

#[test]
fn consumers_have_priorities_arguments_and_queues_to_themselves() {
    let own = ConsumerSpec { queues: vec!["tasks".into()], exclusive: true, ..ConsumerSpec::default() };
    let mut scenario = work_queue(ProducerSpec { every_ms: Some(10), ..ProducerSpec::default() }, own.clone());
    scenario.clients.push(consumer("second", own));
    let error = World::new(&scenario, &mut Vec::new()).expect_err("there is an exclusive one").to_string();
    assert!(error.starts_with("clients[2]: 403 ACCESS_REFUSED"), "{error}");
    let priority =
        |priority| ConsumerSpec { queues: vec!["tasks".into()], priority: Some(priority), ..ConsumerSpec::default() };
    scenario.clients[1].role = Role::Consumer(priority(1));
    scenario.clients[2].role = Role::Consumer(priority(9));
    let log = same_log_twice(&scenario, 500);
    let mut delivered = broker_events(&log).filter_map(|event| match event {
        EventKind::Delivered { consumer, .. } => Some(&consumer.tag),
        _ => None,
    });
    assert!(delivered.all(|tag| tag == "second"));
    let arguments = [("x-priority".into(), Value::String("high".into()))].into();
    scenario.clients[2].role = Role::Consumer(ConsumerSpec { arguments, priority: None, ..priority(0) });
    let error = World::new(&scenario, &mut Vec::new()).expect_err("a priority is a number").to_string();
    assert!(error.starts_with("clients[2]: 406 PRECONDITION_FAILED"), "{error}");
}

#[test]
fn working_takes_different_lengths() {
    let spec = ConsumerSpec { processing: Span::Exponential(20), ..ConsumerSpec::default() };
    let (log, _) = worked(&["a"; 40], spec);
    let lengths = log.iter().filter_map(|entry| match entry.kind {
        LogKind::Client { event: ClientEvent::WorkStarted { until_ms, .. }, .. } => Some(until_ms - entry.at_ms),
        _ => None,
    });
    let lengths: Vec<u64> = lengths.collect();
    let mean = lengths.iter().sum::<u64>() / lengths.len() as u64;
    assert!((8..=40).contains(&mean), "{mean}");
}

#[test]
fn rules_that_never_apply_say_where() {
    let error =
        |spec| World::new(&work_queue(ProducerSpec::default(), spec), &mut Vec::new()).expect_err("it is wrong");
    let place = "clients[1]";
    let never = rules(When::Every(0), Outcome::Ack);
    assert_eq!(error(never).to_string(), format!("{place}.rules[0].when.every: expected a number from 1"));
    let much = rules(When::Percent(200), Outcome::Ack);
    assert_eq!(error(much).to_string(), format!("{place}.rules[0].when.percent: expected a number from 0 to 100"));
    let pull = ConsumerSpec { pull_every_ms: Some(0), ..ConsumerSpec::default() };
    assert_eq!(error(pull).to_string(), format!("{place}.pull_every_ms: expected a number from 1"));
}

/// How long the work on each message took, milliseconds.
fn lengths(log: &[LogEntry]) -> Vec<u64> {
    let lengths = log.iter().filter_map(|entry| match entry.kind {
        LogKind::Client { event: ClientEvent::WorkStarted { until_ms, .. }, .. } => Some(until_ms - entry.at_ms),
        _ => None,
    });
    lengths.collect()
}

#[test]
fn messages_say_how_long_the_work_on_them_takes() {
    let took = |processing| {
        let spec = ConsumerSpec { processing, ..ConsumerSpec::default() };
        lengths(&worked(&["a.", "b...", "ccccc", ""], spec).0)
    };
    assert_eq!(took(Span::PerDot(10)), [10, 30, 0, 0]);
    assert_eq!(took(Span::PerByte(2)), [4, 8, 10, 0]);
    // The header `n` counts the messages from 0.
    let header = |name: &str| Span::Header { name: name.into(), otherwise_ms: 7 };
    assert_eq!(took(header("n")), [0, 1, 2, 3]);
    assert_eq!(took(header("x-work-ms")), [7; 4]);
}

#[test]
fn rules_say_how_long_the_work_takes() {
    let rule = |when, ms| WorkRule { when, processing: Span::Fixed(ms) };
    let processing_rules = vec![rule(When::PayloadContains("slow".into()), 90), rule(When::Every(2), 20)];
    let spec = ConsumerSpec { processing: Span::Fixed(5), processing_rules, ..ConsumerSpec::default() };
    let (log, counts) = worked(&["a", "b", "slow", "slow too", "e"], spec);
    assert_eq!(lengths(&log), [5, 20, 90, 90, 5]);
    assert_eq!(counts, [5, 0, 0]);
    let never = ConsumerSpec { processing_rules: vec![rule(When::Every(0), 1)], ..ConsumerSpec::default() };
    let error = World::new(&work_queue(ProducerSpec::default(), never), &mut Vec::new()).expect_err("it is wrong");
    assert_eq!(error.to_string(), "clients[1].processing_rules[0].when.every: expected a number from 1");
}
