//! Worlds: the same scenario gives the same log; frames take their time and keep their order; clients do what they say.
#![cfg(not(target_arch = "wasm32"))]

mod nature;

use std::rc::Rc;

use nature::{DIGEST_OF_A_MINUTE, digest, digest_of_a_minute, log_of};
use warren::broker::command::BasicPublish;
use warren::broker::command::PolicySet;
use warren::broker::event::{CloseReason, DropRule};
use warren::broker::properties::{Payload, Properties};
use warren::broker::table::Value;
use warren::broker::{Event, EventKind, Frame, Method};
use warren::definitions::{Binding, Definitions, Exchange, Queue};
use warren::share::examples;
use warren::simulation::{
    AckMode, ClientEvent, ClientSpec, ConsumerSpec, Draft, LogEntry, LogKind, Order, ProducerSpec, Role, Scenario,
    Schedule, Span, World,
};
use warren::simulation::{Control, Deed, Outcome, Reaction, Rule, Setback, Timed, When};

fn producer(name: &str, spec: ProducerSpec) -> ClientSpec {
    ClientSpec { latency_ms: 20, ..ClientSpec::new(name, Role::Producer(spec)) }
}

fn consumer(name: &str, spec: ConsumerSpec) -> ClientSpec {
    ClientSpec { latency_ms: 20, ..ClientSpec::new(name, Role::Consumer(spec)) }
}

fn queue(name: &str) -> Definitions {
    Definitions { queues: vec![Queue::new(name)], ..Definitions::default() }
}

/// A queue, a producer that publishes to it by the default exchange, and a worker.
fn work_queue(publish: ProducerSpec, work: ConsumerSpec) -> Scenario {
    let publish = ProducerSpec { routing_key: "tasks".into(), ..publish };
    let work = ConsumerSpec { queues: vec!["tasks".into()], ..work };
    Scenario {
        script: Vec::new(),
        name: "work".into(),
        seed: 7,
        definitions: queue("tasks"),
        clients: vec![producer("p", publish), consumer("w", work)],
    }
}

fn broker_events(log: &[LogEntry]) -> impl Iterator<Item = &EventKind> {
    log.iter().filter_map(|entry| match &entry.kind {
        LogKind::Broker(Event { kind, .. }) => Some(kind),
        LogKind::Client { .. } | LogKind::NotDone { .. } => None,
    })
}

fn client_events(log: &[LogEntry]) -> impl Iterator<Item = &ClientEvent> {
    log.iter().filter_map(|entry| match &entry.kind {
        LogKind::Client { event, .. } => Some(event),
        LogKind::Broker(_) | LogKind::NotDone { .. } => None,
    })
}

#[test]
fn same_scenario_same_log() {
    assert_eq!(log_of(&examples::nature(), 60_000), log_of(&examples::nature(), 60_000));
}

#[test]
fn the_log_is_the_same_on_every_platform() {
    // tests/web.rs compares the same number in the browser.
    assert_eq!(digest_of_a_minute(), DIGEST_OF_A_MINUTE);
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

#[test]
fn a_limit_ends_publishing() {
    let publish = ProducerSpec { every_ms: Some(1), limit: Some(5), ..ProducerSpec::default() };
    let log = log_of(&work_queue(publish, ConsumerSpec::default()), 10_000);
    assert_eq!(broker_events(&log).filter(|event| matches!(event, EventKind::Published { .. })).count(), 5);
    let publish = ProducerSpec { every_ms: None, ..ProducerSpec::default() };
    let log = log_of(&work_queue(publish, ConsumerSpec::default()), 10_000);
    assert_eq!(broker_events(&log).filter(|event| matches!(event, EventKind::Published { .. })).count(), 1);
}

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
fn confirms_and_returns_reach_the_producer() {
    let scenario = Scenario {
        script: Vec::new(),
        name: "confirmed".into(),
        seed: 0,
        definitions: Definitions::default(),
        clients: vec![producer(
            "p",
            ProducerSpec { routing_key: "nowhere".into(), mandatory: true, confirms: true, ..ProducerSpec::default() },
        )],
    };
    let log = log_of(&scenario, 1_000);
    let received: Vec<&Frame> = client_events(&log)
        .filter_map(|event| match event {
            ClientEvent::Received { frame } => Some(frame),
            _ => None,
        })
        .collect();
    assert!(matches!(received[..], [Frame::Return { reply_code: 312, .. }, Frame::Ack { delivery_tag: 1, .. }]));
    for entry in &log {
        if let LogKind::Client { event: ClientEvent::Received { frame }, .. } = &entry.kind {
            let LogKind::Broker(cause) = &log[entry.cause as usize - 1].kind else { panic!("the broker sent it") };
            let expected = match frame {
                Frame::Return { .. } => matches!(cause.kind, EventKind::Unroutable { .. }),
                _ => matches!(cause.kind, EventKind::Confirmed { .. }),
            };
            assert!(expected, "entry {} has the wrong cause", entry.seq);
        }
    }
}

#[test]
fn publishing_to_an_exchange_that_is_not_there_closes_the_channel_and_what_is_under_way_is_ignored() {
    let spec =
        ProducerSpec { exchange: "nowhere".into(), every_ms: Some(5), limit: Some(100), ..ProducerSpec::default() };
    let scenario = Scenario {
        script: Vec::new(),
        name: "404".into(),
        seed: 0,
        definitions: Definitions::default(),
        clients: vec![producer("p", spec)],
    };
    let log = log_of(&scenario, 10_000);
    let answers: Vec<String> = client_events(&log)
        .filter_map(|event| match event {
            ClientEvent::Answered { reply } => Some(serde_json::to_string(reply).expect("it can be written")),
            _ => None,
        })
        .collect();
    assert_eq!(answers.len(), 1);
    assert!(answers[0].contains("NOT_FOUND - no exchange 'nowhere' in vhost '/'"), "{}", answers[0]);
    let count = |wanted: fn(&ClientEvent) -> bool| client_events(&log).filter(|event| wanted(event)).count();
    let sent = count(|event| matches!(event, ClientEvent::Sent { .. }));
    assert_eq!(count(|event| matches!(event, ClientEvent::Ignored { .. })), sent - 1);
    // 20 ms there and 20 back, one every 5 ms, and the first at 0.
    assert!((8..=10).contains(&sent), "{sent}");
}

#[test]
fn a_wrong_scenario_says_where() {
    let error = |scenario: Scenario| World::new(&scenario, &mut Vec::new()).expect_err("it is wrong").to_string();
    let mut twice = examples::nature();
    twice.clients[1].name = twice.clients[0].name.clone();
    assert_eq!(
        error(twice),
        "clients[1].name: expected a name of its own, there is a client \"dove-producer\" already"
    );
    let mut restless = examples::nature();
    restless.clients[0].role = Role::Producer(ProducerSpec { every_ms: Some(0), ..ProducerSpec::default() });
    assert_eq!(error(restless), "clients[0].every_ms: expected a number from 1");
    let mut unknown = examples::nature();
    unknown.clients[2].role = Role::Consumer(ConsumerSpec { queues: vec!["cats".into()], ..ConsumerSpec::default() });
    assert_eq!(error(unknown), "clients[2]: 404 NOT_FOUND - no queue 'cats' in vhost '/'");
    let mut again = examples::nature();
    again.definitions.exchanges.push(Exchange::new("nature", "fanout"));
    assert_eq!(error(again), "definitions.exchanges[1]: definitions.exchanges[0] is the same already");
    let mut odd = examples::nature();
    odd.definitions.queues.push(Queue::new("odd").with("x-max-priority", "high"));
    assert!(error(odd).starts_with("definitions.queues[1]: 400 precondition_failed: invalid arg 'x-max-priority'"));
    let mut loose = examples::nature();
    loose.definitions.bindings.push(Binding::to_exchange("nature", "culture", "#"));
    let missing =
        r#"definitions.bindings[1]: 400 {resources_missing,[{not_found,{resource,<<"/">>,exchange,<<"culture">>}}]}"#;
    assert_eq!(error(loose), missing);
    let mut elsewhere = examples::nature();
    elsewhere.clients[0].vhost = "my-vhost".into();
    assert!(error(elsewhere).contains("my-vhost"));
    let mut long = examples::nature();
    long.definitions.bindings.push(Binding::to_queue(&"q".repeat(300), "nature", ""));
    assert!(error(long).starts_with("definitions.bindings[1]: destination has 300 bytes, AMQP carries at most 255"));
}

#[test]
fn scenarios_are_written_and_read_without_loss() {
    let text = serde_json::to_string_pretty(&examples::nature()).expect("it can be written");
    let read: Scenario = serde_json::from_str(&text).expect("it can be read");
    assert_eq!(read, examples::nature());
    assert!(serde_json::from_str::<Scenario>(&text.replace("every_ms", "evry_ms")).is_err());
}

/// A scenario's log; played twice, and the same both times.
fn same_log_twice(scenario: &Scenario, until_ms: u64) -> Vec<LogEntry> {
    let log = log_of(scenario, until_ms);
    assert!(log == log_of(scenario, until_ms), "{} differs from one run to the next", scenario.name);
    let text = serde_json::to_string(scenario).expect("it can be written");
    assert_eq!(serde_json::from_str::<Scenario>(&text).expect("it can be read"), *scenario);
    log
}

/// When methods that are wanted were sent, milliseconds.
fn sent_ms(log: &[LogEntry], wanted: fn(&Method) -> bool) -> Vec<u64> {
    let sent = log.iter().filter(|entry| {
        matches!(&entry.kind, LogKind::Client { event: ClientEvent::Sent { method, .. }, .. } if wanted(method))
    });
    sent.map(|entry| entry.at_ms).collect()
}

fn is_publish(method: &Method) -> bool {
    matches!(method, Method::BasicPublish(_))
}

#[test]
fn producers_keep_their_schedules() {
    let sent = |schedule| {
        let publish = ProducerSpec { schedule: Some(schedule), start_ms: 100, ..ProducerSpec::default() };
        sent_ms(&same_log_twice(&work_queue(publish, ConsumerSpec::default()), 10_000), is_publish)
    };
    assert_eq!(sent(Schedule::Once), [100]);
    assert_eq!(sent(Schedule::Burst { messages: 4 }), [100; 4]);
    assert_eq!(sent(Schedule::Every { ms: 4_000 }), [100, 4_100, 8_100]);
    let on_off = sent(Schedule::OnOff { every_ms: 500, on_ms: 1_000, off_ms: 3_000 });
    assert_eq!(on_off, [100, 600, 4_100, 4_600, 8_100, 8_600]);
    let poisson = sent(Schedule::Poisson { messages: 50, per_ms: 1_000 });
    assert!((400..=600).contains(&poisson.len()), "{}", poisson.len());
    assert!(poisson.windows(2).any(|pair| pair[1] - pair[0] > 60), "gaps differ");
}

#[test]
fn a_schedule_that_cannot_be_kept_says_where() {
    let error = |every_ms, schedule| {
        let publish = ProducerSpec { every_ms, schedule: Some(schedule), ..ProducerSpec::default() };
        let scenario = work_queue(publish, ConsumerSpec::default());
        World::new(&scenario, &mut Vec::new()).expect_err("it is wrong").to_string()
    };
    let place = "clients[0].schedule";
    assert_eq!(error(None, Schedule::Every { ms: 0 }), format!("{place}.every.ms: expected a number from 1"));
    assert_eq!(error(Some(1), Schedule::Once), format!("{place}: expected none, as every_ms is there"));
    assert_eq!(
        error(None, Schedule::Burst { messages: u64::MAX }),
        format!("{place}.burst.messages: expected a number from 1 to 100000")
    );
    assert_eq!(
        error(None, Schedule::Poisson { messages: 0, per_ms: 1_000 }),
        format!("{place}.poisson.messages: expected a number from 1 to 1000 for each of per_ms")
    );
    let unknown = r#"{"routing_key": "k", "schedule": {"every": {"ms": 1, "jitter": 2}}}"#;
    assert!(serde_json::from_str::<ProducerSpec>(unknown).expect_err("it is wrong").to_string().contains("jitter"));
}

fn publishes(log: &[LogEntry]) -> Vec<&BasicPublish> {
    client_events(log)
        .filter_map(|event| match event {
            ClientEvent::Sent { method: Method::BasicPublish(publish), .. } => Some(publish),
            _ => None,
        })
        .collect()
}

#[test]
fn producers_publish_what_is_on_their_list() {
    let payloads = |order| {
        let draft = |key: &str| Draft { payload: Some(Payload::from(key)), ..Draft::default() };
        let properties = Rc::new(Properties { priority: Some(3), ..Properties::default() });
        let last = Draft { routing_key: Some("elsewhere".into()), properties: Some(properties), ..Draft::default() };
        let publish = ProducerSpec {
            payload: Payload::from("own"),
            messages: vec![draft("a"), draft("b"), last],
            order,
            schedule: Some(Schedule::Burst { messages: 60 }),
            ..ProducerSpec::default()
        };
        let log = same_log_twice(&work_queue(publish, ConsumerSpec::default()), 1_000);
        for publish in publishes(&log) {
            let is_last = publish.payload == Payload::from("own");
            assert_eq!(publish.routing_key, if is_last { "elsewhere" } else { "tasks" });
            assert_eq!(publish.properties.priority, is_last.then_some(3));
        }
        publishes(&log).iter().map(|publish| publish.payload.text().into_owned()).collect::<Vec<_>>()
    };
    let in_turn = payloads(Order::InTurn);
    assert_eq!(in_turn[..4], ["a", "b", "own", "a"]);
    let at_random = payloads(Order::AtRandom);
    assert_ne!(at_random, in_turn);
    assert!(["a", "b", "own"].into_iter().all(|text| at_random.iter().any(|payload| payload == text)));
}

#[test]
fn templates_are_filled_in() {
    let properties = Properties {
        message_id: Some("id-{n}".into()),
        headers: Some([("size".into(), Value::String("{pick:s|m|l}".into()))].into()),
        ..Properties::default()
    };
    let publish = ProducerSpec {
        payload: Payload::from(r#"{"die": {random:1-6}, "n": {n}}"#),
        properties: Rc::new(properties),
        templates: true,
        every_ms: Some(1),
        limit: Some(50),
        ..ProducerSpec::default()
    };
    let as_text = ProducerSpec { templates: false, ..publish.clone() };
    let log = same_log_twice(&work_queue(publish, ConsumerSpec::default()), 1_000);
    for (index, publish) in publishes(&log).into_iter().enumerate() {
        let number = index + 1;
        let payload = publish.payload.text();
        assert!(payload.starts_with(r#"{"die": "#) && payload.ends_with(&format!(r#", "n": {number}}}"#)), "{payload}");
        assert_eq!(publish.properties.message_id, Some(format!("id-{number}").into()));
        let size = publish.properties.header("size").and_then(Value::as_str);
        assert!(size.is_some_and(|size| ["s", "m", "l"].contains(&size)));
    }
    let log = same_log_twice(&work_queue(as_text, ConsumerSpec::default()), 1_000);
    assert_eq!(publishes(&log)[0].payload.text(), r#"{"die": {random:1-6}, "n": {n}}"#);
    let wrong = ProducerSpec { payload: Payload::from("{random:6}"), templates: true, ..ProducerSpec::default() };
    let error = World::new(&work_queue(wrong, ConsumerSpec::default()), &mut Vec::new()).expect_err("it is wrong");
    assert_eq!(error.to_string(), "clients[0].payload: expected {random:1-6}, not {random:6}");
}

/// A producer in confirm mode, and a queue that takes one message and refuses the others.
fn full_queue(on_nack: Reaction) -> Scenario {
    let publish = ProducerSpec {
        confirms: true,
        on_nack,
        schedule: Some(Schedule::Burst { messages: 2 }),
        ..ProducerSpec::default()
    };
    let mut scenario = work_queue(publish, ConsumerSpec { queues: Vec::new(), ..ConsumerSpec::default() });
    scenario.clients.truncate(1);
    let tasks = Queue::new("tasks").with("x-max-length", Value::int(1)).with("x-overflow", "reject-publish");
    scenario.definitions.queues = vec![tasks];
    scenario
}

#[test]
fn a_producer_retries_what_is_refused_ever_later_and_gives_up() {
    let log = same_log_twice(&full_queue(Reaction::Retry { after_ms: 100, limit: 3 }), 10_000);
    // 40 ms there and back, then 100, 200 and 400 ms.
    assert_eq!(sent_ms(&log, is_publish), [0, 0, 140, 380, 820]);
    let gave_up = |event: &&ClientEvent| **event == ClientEvent::GaveUp { setback: Setback::Nacked, retries: 3 };
    assert_eq!(client_events(&log).filter(gave_up).count(), 1);
    let log = same_log_twice(&full_queue(Reaction::Log), 10_000);
    assert_eq!(sent_ms(&log, is_publish), [0, 0]);
    assert!(client_events(&log).any(|event| *event == ClientEvent::Logged { setback: Setback::Nacked }));
    let log = same_log_twice(&full_queue(Reaction::Ignore), 10_000);
    assert!(!client_events(&log).any(|event| matches!(event, ClientEvent::Logged { .. })));
}

#[test]
fn a_producer_retries_what_comes_back() {
    let publish = ProducerSpec {
        exchange: "amq.direct".into(),
        mandatory: true,
        confirms: true,
        on_return: Reaction::Retry { after_ms: 50, limit: 2 },
        ..ProducerSpec::default()
    };
    let log = same_log_twice(&work_queue(publish, ConsumerSpec::default()), 10_000);
    assert_eq!(sent_ms(&log, is_publish), [0, 90, 230]);
    let gave_up = |event: &&ClientEvent| **event == ClientEvent::GaveUp { setback: Setback::Returned, retries: 2 };
    assert_eq!(client_events(&log).filter(gave_up).count(), 1);
}

#[test]
fn without_confirms_there_is_nothing_to_react_to() {
    let error =
        |spec| World::new(&work_queue(spec, ConsumerSpec::default()), &mut Vec::new()).expect_err("it is wrong");
    let unconfirmed = ProducerSpec { on_nack: Reaction::Log, ..ProducerSpec::default() };
    let place = "clients[0]";
    assert_eq!(error(unconfirmed).to_string(), format!("{place}.on_nack: expected ignore, as confirms is false"));
    let never = Reaction::Retry { after_ms: 1, limit: 0 };
    let never = ProducerSpec { on_return: never, confirms: true, ..ProducerSpec::default() };
    assert_eq!(error(never).to_string(), format!("{place}.on_return.retry.limit: expected a number from 1"));
}

/// The log of a worker with a list of payloads to work on, one every 10 ms, and how many of its messages came to what.
fn worked(payloads: &[&str], work: ConsumerSpec) -> (Vec<LogEntry>, [usize; 3]) {
    let draft = |(index, payload): (usize, &&str)| {
        let header = ("n".into(), Value::int(index as i64));
        let properties = Properties {
            headers: Some([header].into()),
            message_id: Some(format!("id of {payload}").into()),
            ..Properties::default()
        };
        Draft { payload: Some(Payload::from(*payload)), properties: Some(Rc::new(properties)), routing_key: None }
    };
    let publish = ProducerSpec {
        messages: payloads.iter().enumerate().map(draft).collect(),
        every_ms: Some(10),
        limit: Some(payloads.len() as u64),
        ..ProducerSpec::default()
    };
    let log = same_log_twice(&work_queue(publish, work), 2_000);
    let count = |wanted: fn(&EventKind) -> bool| broker_events(&log).filter(|event| wanted(event)).count();
    let acked = count(|event| matches!(event, EventKind::Acked { .. }));
    let requeued = count(|event| matches!(event, EventKind::Requeued { .. }));
    let dropped = count(|event| matches!(event, EventKind::Dropped { .. }));
    (log, [acked, requeued, dropped])
}

fn rules(when: When, outcome: Outcome) -> ConsumerSpec {
    ConsumerSpec { rules: vec![Rule { when, outcome }], ..ConsumerSpec::default() }
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

/// One message every 100 ms, 10 ms of work on each, and a script.
fn scripted(script: &[(u64, Deed)]) -> Scenario {
    let publish = ProducerSpec { every_ms: Some(100), ..ProducerSpec::default() };
    let work = ConsumerSpec { processing: Span::Fixed(10), prefetch: 1, ..ConsumerSpec::default() };
    let timed = |(at_ms, action): &(u64, Deed)| Timed { at_ms: *at_ms, action: action.clone() };
    Scenario { script: script.iter().map(timed).collect(), ..work_queue(publish, work) }
}

fn on(name: &str, control: Control) -> Deed {
    Deed::Client { name: name.into(), connection: None, control }
}

/// When broker events that are wanted happened, milliseconds.
fn broker_ms(log: &[LogEntry], wanted: fn(&EventKind) -> bool) -> Vec<u64> {
    let is_wanted = |entry: &&LogEntry| matches!(&entry.kind, LogKind::Broker(event) if wanted(&event.kind));
    log.iter().filter(is_wanted).map(|entry| entry.at_ms).collect()
}

fn is_delivered(event: &EventKind) -> bool {
    matches!(event, EventKind::Delivered { .. })
}

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
