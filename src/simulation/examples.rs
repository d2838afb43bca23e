//! Scenarios that come with Warren.

use std::rc::Rc;

use crate::broker::Method;
use crate::broker::command::{ExchangeDeclare, QueueBinding, QueueDeclare};
use crate::broker::properties::{Payload, Properties};

use super::scenario::{AckMode, ClientSpec, ConsumerSpec, Declaration, ProducerSpec, Role, Scenario, Span};

/// How long a frame takes on the page's examples, one way: slow enough to be watched.
const LATENCY_MS: u64 = 450;

/// Topic exchange `nature`, queue `birds_only` bound with `*.bird`: doves arrive, cats do not.
pub fn nature() -> Scenario {
    let declare = |method| Declaration { vhost: "/".into(), method };
    let client = |name: &str, role| ClientSpec { name: name.into(), vhost: "/".into(), latency_ms: LATENCY_MS, role };
    Scenario {
        script: Vec::new(),
        name: "nature".into(),
        seed: 1,
        topology: vec![
            declare(Method::ExchangeDeclare(ExchangeDeclare {
                exchange: "nature".into(),
                kind: "topic".into(),
                durable: true,
                ..ExchangeDeclare::default()
            })),
            declare(Method::QueueDeclare(QueueDeclare {
                queue: "birds_only".into(),
                durable: true,
                ..QueueDeclare::default()
            })),
            declare(Method::QueueBind(QueueBinding {
                queue: "birds_only".into(),
                exchange: "nature".into(),
                routing_key: "*.bird".into(),
                ..QueueBinding::default()
            })),
        ],
        clients: vec![
            client("dove-producer", producer("animal.bird", r#"{"bird_name": "dove"}"#, 200)),
            client("cat-producer", producer("animal.cat", r#"{"cat_name": "tom"}"#, 2_300)),
            client(
                "bird-watcher",
                Role::Consumer(ConsumerSpec {
                    queues: vec!["birds_only".into()],
                    ack: AckMode::Manual,
                    prefetch: 1,
                    processing: Span::Uniform(700, 1_200),
                    ..ConsumerSpec::default()
                }),
            ),
        ],
    }
}

fn producer(routing_key: &str, payload: &str, start_ms: u64) -> Role {
    let content_type = Some("application/json".into());
    Role::Producer(ProducerSpec {
        exchange: "nature".into(),
        routing_key: routing_key.into(),
        payload: Payload::from(payload),
        properties: Rc::new(Properties { content_type, ..Properties::default() }),
        start_ms,
        every_ms: Some(4_000),
        ..ProducerSpec::default()
    })
}
