//! A large broker: 2,000 queues and 10,000 bindings are read and imported in less than two seconds.

use std::time::{Duration, Instant};

use serde_json::json;

use super::Check;
use super::files::Loaded;

const QUEUES: usize = 2_000;
const BINDINGS: usize = 10_000;
const LONGEST: Duration = Duration::from_secs(2);

pub fn checks() -> Vec<Check> {
    vec![Check::new("a large file", a_large_file)]
}

fn a_large_file() {
    let queue = |number: usize| {
        let arguments = json!({"x-queue-type": "quorum", "x-max-length": 1000 + number});
        json!({"name": format!("q{number}"), "vhost": "/", "durable": true, "auto_delete": false, "arguments": arguments})
    };
    let binding = |number: usize| {
        let (queue, exchange) = (number % QUEUES, ["t", "h"][number % 2]);
        json!({"source": exchange, "vhost": "/", "destination": format!("q{queue}"), "destination_type": "queue",
            "routing_key": format!("a.{number}.#"), "arguments": {"n": number, "x-match": "all"}})
    };
    let policy = |number: usize| {
        json!({"vhost": "/", "name": format!("p{number}"), "pattern": format!("{number}$"), "apply-to": "queues",
            "definition": {"message-ttl": 1000}, "priority": number})
    };
    let file = json!({
        "vhosts": [{"name": "/"}],
        "exchanges": [{"name": "t", "vhost": "/", "type": "topic"}, {"name": "h", "vhost": "/", "type": "headers"}],
        "policies": (0..20).map(policy).collect::<Vec<_>>(),
        "queues": (0..QUEUES).map(queue).collect::<Vec<_>>(),
        "bindings": (0..BINDINGS).map(binding).collect::<Vec<_>>(),
    });
    let bytes = file.to_string();
    let started = Instant::now();
    let loaded = Loaded::new(bytes.as_bytes());
    let took = started.elapsed();
    assert_eq!(loaded.remarks(), "");
    assert_eq!((loaded.broker.queues().count(), loaded.broker.bindings().count()), (QUEUES, BINDINGS));
    println!("{QUEUES} queues and {BINDINGS} bindings ({} bytes) were imported in {took:?}", bytes.len());
    assert!(took < LONGEST, "it took {took:?}");
}
