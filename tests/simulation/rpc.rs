//! RPC: requests find their answers, by direct reply-to or by a queue; what is not answered times out.

use warren::broker::{EventKind, Method};
use warren::simulation::{ClientEvent, LogEntry, LogKind, Scenario};

use crate::play::{broker_events, broker_ms, client_events, from_text, same_log_twice};

fn call(client: &str, server: &str) -> Scenario {
    from_text(&format!(
        r#"{{"format": "warren/1", "name": "rpc", "definitions": {{"queues": [{{"name": "rpc", "vhost": "/"}}]}}, "clients": [
            {{"name": "s", "role": "rpc_server", "latency_ms": 10, "consume": {{"queues": ["rpc"], "prefetch": 1,
                "processing": {{"fixed": 30}}}}, "answer": {{"payload": "fib({{payload}})"}} {server}}},
            {{"name": "c", "role": "rpc_client", "latency_ms": 10, "request": {{"routing_key": "rpc", "payload": "{{n}}",
                "templates": true, "every_ms": 100, "limit": 3}} {client}}}
        ]}}"#
    ))
}

fn answered(log: &[LogEntry]) -> Vec<(String, u64)> {
    let answered = client_events(log).filter_map(|event| match event {
        ClientEvent::RpcAnswered { correlation_id, after_ms } => Some((correlation_id.to_string(), *after_ms)),
        _ => None,
    });
    answered.collect()
}

fn timed_out(log: &[LogEntry]) -> Vec<(u64, String, u64)> {
    let timed_out = log.iter().filter_map(|entry| match &entry.kind {
        LogKind::Client { event: ClientEvent::RpcTimedOut { correlation_id, after_ms }, .. } => {
            Some((entry.at_ms, correlation_id.to_string(), *after_ms))
        }
        _ => None,
    });
    timed_out.collect()
}

#[test]
fn answers_come_straight_to_the_channel_that_asked() {
    let log = same_log_twice(&call("", ""), 1_000);
    // 10 ms to the broker, 10 to the server, 30 of work, and 20 back.
    let expected = [("c-1".to_owned(), 70), ("c-2".to_owned(), 70), ("c-3".to_owned(), 70)];
    assert_eq!(answered(&log), expected);
    assert_eq!(broker_events(&log).filter(|event| matches!(event, EventKind::DirectReply { .. })).count(), 3);
    assert!(timed_out(&log).is_empty());
    // The server answers, and only then acknowledges.
    let sent: Vec<&Method> = log
        .iter()
        .filter_map(|entry| match &entry.kind {
            LogKind::Client { client, event: ClientEvent::Sent { method, .. }, .. } if client.0 == 0 => Some(method),
            _ => None,
        })
        .collect();
    let [Method::BasicPublish(answer), Method::BasicAck { .. }, ..] = sent[..] else { panic!("{sent:?}") };
    assert!(answer.exchange.is_empty() && answer.routing_key.starts_with("amq.rabbitmq.reply-to."));
    assert_eq!(answer.properties.correlation_id.as_deref(), Some("c-1"));
    assert_eq!(answer.payload.text(), "fib(1)");
}

#[test]
fn answers_come_by_a_queue_of_the_clients_own() {
    let log = same_log_twice(&call(r#", "replies": "queue""#, ""), 1_000);
    assert_eq!(answered(&log).len(), 3);
    let queues: Vec<_> = broker_events(&log)
        .filter_map(|event| match event {
            EventKind::Enqueued { at, .. } if at.queue.name != "rpc" => Some(at.queue.name.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(queues.len(), 3);
    assert!(queues.iter().all(|queue| queue.starts_with("amq.gen-")), "{queues:?}");
}

#[test]
fn several_connections_each_wait_for_their_own_answers() {
    for replies in ["direct", "queue"] {
        let log = same_log_twice(&call(&format!(r#", "connections": 3, "replies": "{replies}""#), ""), 1_000);
        assert_eq!(answered(&log).len(), 3);
        let received = log.iter().filter_map(|entry| match &entry.kind {
            LogKind::Client { connection, event: ClientEvent::RpcAnswered { .. }, .. } => Some(*connection),
            _ => None,
        });
        assert_eq!(received.collect::<Vec<_>>(), [0, 1, 2]);
    }
}

#[test]
fn a_late_answer_is_known_to_nobody() {
    let log = same_log_twice(&call(r#", "timeout_ms": 50"#, ""), 1_000);
    let expected = [(50, "c-1".to_owned(), 50), (150, "c-2".to_owned(), 50), (250, "c-3".to_owned(), 50)];
    assert_eq!(timed_out(&log), expected);
    assert!(answered(&log).is_empty());
    let unknown = client_events(&log).filter(|event| matches!(event, ClientEvent::RpcUnknown { .. })).count();
    assert_eq!(unknown, 3);
}

#[test]
fn without_a_server_requests_time_out_also_over_a_new_connection() {
    let mut scenario = call(r#", "timeout_ms": 400"#, "");
    scenario.clients.remove(0);
    let restart = r#"{"at_ms": 250, "action": {"client": {"name": "c", "connection": 0, "control": "restart"}}}"#;
    scenario.script = vec![serde_json::from_str(restart).expect("it can be read")];
    let log = same_log_twice(&scenario, 2_000);
    let at: Vec<u64> = timed_out(&log).iter().map(|(at_ms, ..)| *at_ms).collect();
    assert_eq!(at, [400, 500, 600]);
}

#[test]
fn a_request_that_says_nowhere_to_is_acknowledged_and_not_answered() {
    let mut scenario = call("", "");
    let producer = r#"{"name": "p", "role": {"producer": {"routing_key": "rpc"}}}"#;
    scenario.clients[1] = serde_json::from_str(producer).expect("it can be read");
    let log = same_log_twice(&scenario, 500);
    assert_eq!(client_events(&log).filter(|event| matches!(event, ClientEvent::NoReplyTo { .. })).count(), 1);
    assert_eq!(broker_ms(&log, |event| matches!(event, EventKind::Acked { .. })).len(), 1);
}
