//! Scenarios with much in flight, as files: what `cargo xtask bench page` opens.

use std::fmt::Write as _;

/// A scenario, and how much of it should be in flight at a time.
pub struct Crowd {
    /// What the file is called.
    pub name: &'static str,
    /// Messages and acknowledgements on their way.
    pub in_flight: usize,
    /// When so many are, virtual milliseconds.
    pub steady_ms: u64,
    /// The file's text.
    pub file: String,
}

/// All of them.
pub fn crowds() -> [Crowd; 3] {
    [
        Crowd { name: "plant", in_flight: 600, steady_ms: 8_000, file: plant() },
        Crowd { name: "fanout-10000", in_flight: 10_000, steady_ms: 12_000, file: fanout(5_000, 48) },
        Crowd { name: "fanout-100000", in_flight: 100_000, steady_ms: 62_000, file: fanout(30_000, 29) },
    ]
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.fold(String::new(), |mut text, item| {
        let comma = if text.is_empty() { "" } else { ",\n    " };
        // Writing to a string never fails.
        let _ = write!(text, "{comma}{item}");
        text
    })
}

fn file(name: &str, exchanges: &str, queues: usize, bindings: &str, clients: &str) -> String {
    let queues = list((0..queues).map(|queue| format!(r#"{{"name": "q{queue}", "vhost": "/"}}"#)));
    format!(
        r#"{{
  "format": "warren/1",
  "name": "{name}",
  "seed": 1,
  "definitions": {{
    "exchanges": [{exchanges}],
    "queues": [{queues}],
    "bindings": [{bindings}]
  }},
  "clients": [{clients}]
}}
"#
    )
}

fn binding(exchange: usize, queue: usize, key: &str) -> String {
    format!(
        r#"{{"source": "x{exchange}", "vhost": "/", "destination": "q{queue}", "destination_type": "queue", "routing_key": "{key}"}}"#
    )
}

fn exchange(number: usize, kind: &str) -> String {
    format!(r#"{{"name": "x{number}", "vhost": "/", "type": "{kind}"}}"#)
}

fn producer(number: usize, key: &str, latency_ms: u64, every_ms: u64) -> String {
    let start_ms = 7 * number;
    format!(
        r#"{{"name": "p{number}", "latency_ms": {latency_ms}, "role": "producer", "exchange": "x{number}", "routing_key": "{key}", "payload": "", "start_ms": {start_ms}, "every_ms": {every_ms}}}"#
    )
}

fn consumer(number: usize, queues: &[usize], latency_ms: u64) -> String {
    let queues = list(queues.iter().map(|queue| format!(r#""q{queue}""#)));
    format!(
        r#"{{"name": "c{number}", "latency_ms": {latency_ms}, "role": "consumer", "queues": [{queues}], "prefetch": 0}}"#
    )
}

/// 20 producers, 30 exchanges, 100 queues, 50 consumers, 500 edges: 20 of publishers, 380 bindings, 100 of consumers.
fn plant() -> String {
    const LATENCY_MS: u64 = 1_500;
    const KEYS: usize = 13;
    let exchanges = list((0..30).map(|number| exchange(number, "direct")));
    let bound = (0..380).map(|number| {
        let (from, key) = (number / KEYS, number % KEYS);
        binding(from, number % 100, &format!("k{key}"))
    });
    let producers = (0..20).map(|number| producer(number, &format!("k{}", number % KEYS), LATENCY_MS, 160));
    let consumers = (0..50).map(|number| consumer(number, &[2 * number, 2 * number + 1], LATENCY_MS));
    file("plant", &exchanges, 100, &list(bound), &list(producers.chain(consumers)))
}

/// One fanout exchange with 50 queues, and a consumer at each.
fn fanout(latency_ms: u64, every_ms: u64) -> String {
    let bound = (0..50).map(|queue| binding(0, queue, ""));
    let producers = std::iter::once(producer(0, "news", 300, every_ms));
    let consumers = (0..50).map(|number| consumer(number, &[number], latency_ms));
    file("fanout", &exchange(0, "fanout"), 50, &list(bound), &list(producers.chain(consumers)))
}
