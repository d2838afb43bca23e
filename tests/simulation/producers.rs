//! Producers publish what and when they say, and react to what the broker says of it.

use std::rc::Rc;

use warren::broker::properties::{Payload, Properties};
use warren::broker::table::Value;
use warren::broker::{EventKind, Frame};
use warren::definitions::{Definitions, Queue};
use warren::simulation::{
    ClientEvent, ConsumerSpec, Draft, LogKind, Order, ProducerSpec, Reaction, Scenario, Schedule, Setback, World,
};

use crate::nature::log_of;
use crate::play::{broker_events, client_events, is_publish, producer, publishes, same_log_twice, sent_ms, work_queue};

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

#[test]
fn templates_of_properties_and_headers_are_looked_at_too() {
    let error = |properties| {
        let publish = ProducerSpec { properties: Rc::new(properties), templates: true, ..ProducerSpec::default() };
        let scenario = work_queue(publish, ConsumerSpec::default());
        World::new(&scenario, &mut Vec::new()).expect_err("it is wrong").to_string()
    };
    let id = Properties { message_id: Some("id-{random:9}".into()), ..Properties::default() };
    assert_eq!(error(id), "clients[0].properties.message_id: expected {random:1-6}, not {random:9}");
    let headers = [("size".into(), Value::String("{pick:}".into()))].into();
    let headers = Properties { headers: Some(headers), ..Properties::default() };
    assert_eq!(error(headers), "clients[0].properties.headers.size: expected {pick:a|b|c}, not {pick:}");
}

#[test]
fn a_message_that_no_client_could_send_is_not_counted_by_the_channel() {
    let long = "k".repeat(300);
    let draft = |key: &str| Draft { routing_key: Some(key.into()), ..Draft::default() };
    let publish = ProducerSpec {
        messages: vec![draft("tasks"), draft(&long), draft("tasks")],
        confirms: true,
        on_nack: Reaction::Log,
        every_ms: Some(10),
        limit: Some(3),
        ..ProducerSpec::default()
    };
    let log = same_log_twice(&work_queue(publish, ConsumerSpec::default()), 1_000);
    assert_eq!(sent_ms(&log, is_publish), [0, 20]);
    assert_eq!(client_events(&log).filter(|event| matches!(event, ClientEvent::NotSent { .. })).count(), 1);
    let confirmed: Vec<u64> = client_events(&log)
        .filter_map(|event| match event {
            ClientEvent::Received { frame: Frame::Ack { delivery_tag, .. } } => Some(*delivery_tag),
            _ => None,
        })
        .collect();
    assert_eq!(confirmed, [1, 2]);
}
