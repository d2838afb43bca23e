//! The example that the page opens with, made instead of read: what reads files is as large as the broker's routing, and a
//! first picture needs none of it.
//!
//! What always holds: it is, in everything, what reading [`examples::NATURE`](super::examples::NATURE) gives.

use std::rc::Rc;

use super::{File, Lesson, View};
use crate::broker::ordered::OrderedMap;
use crate::broker::properties::Properties;
use crate::definitions::{Binding, Definitions, DestinationType, Exchange, Queue};
use crate::lesson::{Events, Goal, Kind, That, Which};
use crate::simulation::{ClientSpec, ConsumerSpec, ProducerSpec, Role, Scenario, Span};

const VHOST: &str = "/";
const EXCHANGE: &str = "nature";
const QUEUE: &str = "birds_only";
const LATENCY_MS: u64 = 450;

/// Doves arrive, cats do not.
pub fn opening() -> File {
    let scenario = Scenario {
        name: "nature".into(),
        seed: 1,
        definitions: definitions(),
        clients: vec![
            client("dove-producer", producer("animal.bird", r#"{"bird_name": "dove"}"#, 200)),
            client("cat-producer", producer("animal.cat", r#"{"cat_name": "tom"}"#, 2_300)),
            client("bird-watcher", consumer()),
        ],
        script: Vec::new(),
    };
    File { scenario, expect: expect(), layout: OrderedMap::new(), view: View::default(), lesson: Some(lesson()) }
}

fn definitions() -> Definitions {
    let exchange = Exchange {
        name: EXCHANGE.into(),
        vhost: VHOST.into(),
        kind: "topic".into(),
        durable: true,
        auto_delete: false,
        internal: false,
        arguments: Default::default(),
    };
    let queue = Queue {
        name: QUEUE.into(),
        vhost: VHOST.into(),
        kind: None,
        durable: true,
        auto_delete: false,
        arguments: Default::default(),
    };
    let binding = Binding {
        source: EXCHANGE.into(),
        vhost: VHOST.into(),
        destination: QUEUE.into(),
        destination_type: DestinationType::Queue,
        routing_key: "*.bird".into(),
        arguments: Default::default(),
    };
    Definitions { exchanges: vec![exchange], queues: vec![queue], bindings: vec![binding], ..Definitions::default() }
}

fn client(name: &str, role: Role) -> ClientSpec {
    ClientSpec { latency_ms: LATENCY_MS, ..ClientSpec::new(name, role) }
}

fn producer(routing_key: &str, payload: &str, start_ms: u64) -> Role {
    Role::Producer(ProducerSpec {
        exchange: EXCHANGE.into(),
        routing_key: routing_key.into(),
        payload: payload.into(),
        properties: Rc::new(Properties { content_type: Some("application/json".into()), ..Properties::default() }),
        start_ms,
        every_ms: Some(4_000),
        ..ProducerSpec::default()
    })
}

fn consumer() -> Role {
    Role::Consumer(ConsumerSpec {
        queues: vec![QUEUE.into()],
        prefetch: 1,
        processing: Span::Uniform(700, 1_200),
        ..ConsumerSpec::default()
    })
}

fn expect() -> Vec<Goal> {
    let delivered = Which { kind: Kind::Delivered, queue: Some(QUEUE.into()), ..Which::default() };
    let cats = Which { kind: Kind::Enqueued, routing_key: Some("animal.cat".into()), ..Which::default() };
    let doves = Events { which: delivered, min: Some(10), max: None, from_ms: None, before_ms: None };
    vec![
        Goal { text: "Doves are delivered to the bird watcher.".into(), that: That::Events(doves) },
        Goal { text: "Cats reach no queue.".into(), that: That::Never(cats) },
    ]
}

fn lesson() -> Lesson {
    Lesson {
        title: "Doves arrive, cats do not".into(),
        text:
            "Two producers publish to the topic exchange nature. Its one binding, *.bird, matches animal.bird and not \
               animal.cat: doves go to the queue birds_only and on to the bird watcher, cats match no binding and are \
               dropped. Nobody is told, since they are not published as mandatory."
                .into(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{examples, parse};
    use super::opening;

    #[test]
    fn what_is_made_is_what_is_read() {
        assert_eq!(opening(), parse(examples::NATURE).expect("the example is right"));
    }
}
