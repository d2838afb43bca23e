//! What these tests share: scenarios to begin with, and what there is to find in a log.

use std::rc::Rc;

use warren::broker::command::BasicPublish;
use warren::broker::properties::{Payload, Properties};
use warren::broker::table::Value;
use warren::broker::{Event, EventKind, Method};
use warren::definitions::{Definitions, Queue};
use warren::simulation::{
    ClientEvent, ClientSpec, ConsumerSpec, Control, Deed, Draft, LogEntry, LogKind, Outcome, ProducerSpec, Role, Rule,
    Scenario, Span, Timed, When,
};

use crate::nature::log_of;

pub fn producer(name: &str, spec: ProducerSpec) -> ClientSpec {
    ClientSpec { latency_ms: 20, ..ClientSpec::new(name, Role::Producer(spec)) }
}

pub fn consumer(name: &str, spec: ConsumerSpec) -> ClientSpec {
    ClientSpec { latency_ms: 20, ..ClientSpec::new(name, Role::Consumer(spec)) }
}

pub fn queue(name: &str) -> Definitions {
    Definitions { queues: vec![Queue::new(name)], ..Definitions::default() }
}

/// A queue, a producer that publishes to it by the default exchange, and a worker.
pub fn work_queue(publish: ProducerSpec, work: ConsumerSpec) -> Scenario {
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

pub fn broker_events(log: &[LogEntry]) -> impl Iterator<Item = &EventKind> {
    log.iter().filter_map(|entry| match &entry.kind {
        LogKind::Broker(Event { kind, .. }) => Some(kind),
        LogKind::Client { .. } | LogKind::NotDone { .. } => None,
    })
}

pub fn client_events(log: &[LogEntry]) -> impl Iterator<Item = &ClientEvent> {
    log.iter().filter_map(|entry| match &entry.kind {
        LogKind::Client { event, .. } => Some(event),
        LogKind::Broker(_) | LogKind::NotDone { .. } => None,
    })
}

/// A scenario's log; played twice, and the same both times.
pub fn same_log_twice(scenario: &Scenario, until_ms: u64) -> Vec<LogEntry> {
    let log = log_of(scenario, until_ms);
    assert!(log == log_of(scenario, until_ms), "{} differs from one run to the next", scenario.name);
    let text = serde_json::to_string(scenario).expect("it can be written");
    assert_eq!(serde_json::from_str::<Scenario>(&text).expect("it can be read"), *scenario);
    log
}

/// When methods that are wanted were sent, milliseconds.
pub fn sent_ms(log: &[LogEntry], wanted: fn(&Method) -> bool) -> Vec<u64> {
    let sent = log.iter().filter(|entry| {
        matches!(&entry.kind, LogKind::Client { event: ClientEvent::Sent { method, .. }, .. } if wanted(method))
    });
    sent.map(|entry| entry.at_ms).collect()
}

pub fn is_publish(method: &Method) -> bool {
    matches!(method, Method::BasicPublish(_))
}

pub fn publishes(log: &[LogEntry]) -> Vec<&BasicPublish> {
    client_events(log)
        .filter_map(|event| match event {
            ClientEvent::Sent { method: Method::BasicPublish(publish), .. } => Some(publish),
            _ => None,
        })
        .collect()
}

/// The log of a worker with a list of payloads to work on, one every 10 ms, and how many of its messages came to what.
pub fn worked(payloads: &[&str], work: ConsumerSpec) -> (Vec<LogEntry>, [usize; 3]) {
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

pub fn rules(when: When, outcome: Outcome) -> ConsumerSpec {
    ConsumerSpec { rules: vec![Rule { when, outcome }], ..ConsumerSpec::default() }
}

/// One message every 100 ms, 10 ms of work on each, and a script.
pub fn scripted(script: &[(u64, Deed)]) -> Scenario {
    let publish = ProducerSpec { every_ms: Some(100), ..ProducerSpec::default() };
    let work = ConsumerSpec { processing: Span::Fixed(10), prefetch: 1, ..ConsumerSpec::default() };
    let timed = |(at_ms, action): &(u64, Deed)| Timed { at_ms: *at_ms, action: action.clone() };
    Scenario { script: script.iter().map(timed).collect(), ..work_queue(publish, work) }
}

pub fn on(name: &str, control: Control) -> Deed {
    Deed::Client { name: name.into(), connection: None, control }
}

/// When broker events that are wanted happened, milliseconds.
pub fn broker_ms(log: &[LogEntry], wanted: fn(&EventKind) -> bool) -> Vec<u64> {
    let is_wanted = |entry: &&LogEntry| matches!(&entry.kind, LogKind::Broker(event) if wanted(&event.kind));
    log.iter().filter(is_wanted).map(|entry| entry.at_ms).collect()
}

pub fn is_delivered(event: &EventKind) -> bool {
    matches!(event, EventKind::Delivered { .. })
}

/// A scenario from a file's text.
pub fn from_text(text: &str) -> Scenario {
    match warren::share::parse(text) {
        Ok(file) => file.scenario,
        Err(error) => panic!("{error}"),
    }
}
