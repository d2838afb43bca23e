//! Workers publish something for each message they take, before they acknowledge it.

use warren::broker::command::BasicPublish;
use warren::broker::{EventKind, Method};
use warren::simulation::{ClientEvent, LogEntry, LogKind, Scenario};

use crate::play::{broker_events, client_events, from_text, same_log_twice};

/// Messages from `in` by way of a worker to whatever it says; `out` takes `more`.
fn pipeline(publish: &str, more: &str) -> Scenario {
    from_text(&format!(
        r#"{{"format": "warren/1", "name": "pipeline", "definitions": {{
            "queues": [{{"name": "in", "vhost": "/"}}, {{"name": "out", "vhost": "/", "arguments": {{{more}}}}}]}},
        "clients": [
            {{"name": "p", "role": "producer", "routing_key": "in", "payload": "job {{n}}", "templates": true,
                "properties": {{"message_id": "id-{{n}}", "headers": {{"size": "xl", "count": 3}}}},
                "every_ms": 100, "limit": 3}},
            {{"name": "w", "role": "worker", "latency_ms": 10, "consume": {{"queues": ["in"], "prefetch": 1,
                "processing": {{"fixed": 5}}}}, "publish": {publish}}}
        ]}}"#
    ))
}

/// What the worker sent, publishes and acknowledgements.
fn sent(log: &[LogEntry]) -> Vec<(u64, &Method)> {
    let sent = log.iter().filter_map(|entry| match &entry.kind {
        LogKind::Client { client, event: ClientEvent::Sent { method, .. }, .. } if client.0 == 1 => {
            Some((entry.at_ms, method))
        }
        _ => None,
    });
    sent.collect()
}

fn published(log: &[LogEntry]) -> Vec<&BasicPublish> {
    let published = sent(log).into_iter().filter_map(|(_, method)| match method {
        Method::BasicPublish(publish) => Some(publish),
        _ => None,
    });
    published.collect()
}

fn in_short(log: &[LogEntry]) -> Vec<(u64, &'static str)> {
    let short = |method: &Method| match method {
        Method::BasicPublish(_) => "publish",
        Method::BasicAck { .. } => "ack",
        Method::BasicNack { requeue: false, .. } => "nack",
        _ => "other",
    };
    sent(log).into_iter().map(|(at_ms, method)| (at_ms, short(method))).collect()
}

#[test]
fn a_worker_passes_messages_on_as_they_are_and_then_acknowledges() {
    let scenario = pipeline(r#"{"exchange": "amq.fanout"}"#, "");
    let log = same_log_twice(&scenario, 1_000);
    assert_eq!(in_short(&log)[..4], [(15, "publish"), (15, "ack"), (115, "publish"), (115, "ack")]);
    let publish = published(&log)[1];
    assert_eq!((publish.exchange.as_str(), publish.routing_key.as_str()), ("amq.fanout", "in"));
    assert_eq!(publish.payload.text(), "job 2");
    assert_eq!(publish.properties.message_id.as_deref(), Some("id-2"));
}

#[test]
fn a_worker_fills_templates_from_the_message() {
    let publish = r#"{"routing_key": "out", "payload": "{n}: {payload} ({header:size}, {header:count}, {header:none}) {x}",
        "properties": {"correlation_id": "{message_id}", "type": "{routing_key}{exchange}"}}"#;
    let log = same_log_twice(&pipeline(publish, ""), 1_000);
    let first = published(&log)[0];
    assert_eq!(first.payload.text(), "1: job 1 (xl, 3, ) {x}");
    assert_eq!(first.routing_key, "out");
    assert_eq!(first.properties.correlation_id.as_deref(), Some("id-1"));
    assert_eq!(first.properties.kind.as_deref(), Some("in"));
    assert!(first.properties.headers.is_none(), "properties of its own replace those of the message");
    let enqueued = broker_events(&log).filter(|event| matches!(event, EventKind::Enqueued { .. })).count();
    assert_eq!(enqueued, 6);
}

#[test]
fn with_confirms_a_worker_acknowledges_after_the_confirm() {
    let publish = r#"{"routing_key": "out", "confirms": true}"#;
    let log = same_log_twice(&pipeline(publish, ""), 1_000);
    // 10 ms to the broker, and 10 back.
    assert_eq!(in_short(&log)[..2], [(15, "publish"), (35, "ack")]);
    let position = |wanted: fn(&EventKind) -> bool| {
        log.iter().position(|entry| matches!(&entry.kind, LogKind::Broker(event) if wanted(&event.kind)))
    };
    let confirmed = position(|event| matches!(event, EventKind::Confirmed { ack: true, .. }));
    assert!(confirmed.is_some() && confirmed < position(|event| matches!(event, EventKind::Acked { .. })));
}

#[test]
fn what_is_refused_is_settled_as_the_reaction_says() {
    let full = r#""x-max-length": 1, "x-overflow": "reject-publish""#;
    let log = |on_nack: &str| {
        let publish = format!(r#"{{"routing_key": "out", "confirms": true, "on_nack": {on_nack}}}"#);
        same_log_twice(&pipeline(&publish, full), 2_000)
    };
    let kinds = |log: &[LogEntry]| in_short(log).into_iter().map(|(_, kind)| kind).collect::<Vec<_>>();
    let ignored = log(r#""ignore""#);
    assert_eq!(kinds(&ignored), ["publish", "ack", "publish", "ack", "publish", "ack"]);
    let logged = log(r#""log""#);
    assert_eq!(kinds(&logged), ["publish", "ack", "publish", "ack", "publish", "ack"]);
    assert_eq!(client_events(&logged).filter(|event| matches!(event, ClientEvent::Logged { .. })).count(), 2);
    let retried = log(r#"{"retry": {"after_ms": 50, "limit": 1}}"#);
    assert_eq!(kinds(&retried)[2..5], ["publish", "publish", "nack"], "it gives up after one retry");
}

#[test]
fn what_comes_back_is_settled_as_the_reaction_says() {
    let publish = r#"{"routing_key": "nowhere", "mandatory": true, "confirms": true, "on_return": {"retry": {"after_ms": 30, "limit": 2}}}"#;
    let log = same_log_twice(&pipeline(publish, ""), 2_000);
    let kinds: Vec<&str> = in_short(&log).into_iter().map(|(_, kind)| kind).collect();
    assert_eq!(kinds[..4], ["publish", "publish", "publish", "nack"]);
    assert_eq!(kinds.len(), 12);
    let ignored = r#"{"routing_key": "nowhere", "mandatory": true, "confirms": true}"#;
    let log = same_log_twice(&pipeline(ignored, ""), 2_000);
    let kinds: Vec<&str> = in_short(&log).into_iter().map(|(_, kind)| kind).collect();
    assert_eq!(kinds, ["publish", "ack", "publish", "ack", "publish", "ack"]);
}

#[test]
fn what_cannot_be_sent_uses_up_no_confirm_number() {
    let publish = r#"{"routing_key": "{header:size}{payload}", "confirms": true}"#;
    let mut scenario = pipeline(publish, "");
    let producer = scenario.clients[0].role.producer_mut().expect("it publishes");
    let long = "long ".repeat(60);
    let draft = |payload: &str| warren::simulation::Draft {
        payload: Some(payload.into()),
        ..warren::simulation::Draft::default()
    };
    producer.messages = vec![draft("short"), draft(&long), draft("again")];
    let log = same_log_twice(&scenario, 2_000);
    let kinds: Vec<&str> = in_short(&log).into_iter().map(|(_, kind)| kind).collect();
    assert_eq!(kinds, ["publish", "ack", "nack", "publish", "ack"]);
    assert_eq!(client_events(&log).filter(|event| matches!(event, ClientEvent::NotSent { .. })).count(), 1);
}

#[test]
fn a_worker_publishes_only_for_what_it_acknowledges() {
    let mut scenario = pipeline(r#"{"routing_key": "out"}"#, "");
    let consumer = scenario.clients[1].role.consumer_mut().expect("it consumes");
    consumer.outcome = warren::simulation::Outcome::NackDiscard;
    let log = same_log_twice(&scenario, 1_000);
    let kinds: Vec<&str> = in_short(&log).into_iter().map(|(_, kind)| kind).collect();
    assert_eq!(kinds, ["nack", "nack", "nack"]);
}
