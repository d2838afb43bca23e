//! Worlds in a few lines of text, to ask *why* in.
//!
//! ```text
//! x NAME TYPE {more}            an exchange
//! q NAME {more}                 a queue
//! b SOURCE QUEUE KEY {more}     a binding to a queue
//! e SOURCE EXCHANGE KEY {more}  a binding to an exchange
//! p NAME EXCHANGE KEY {more}    a producer; publishes `x` once, at 0 ms, over a link of 10 ms
//! c NAME QUEUE {more}           a consumer; holds what it gets
//! client {JSON}                 any client
//! at MS {JSON}                  an action of the script
//! def SECTION {JSON}            an entry of the definitions
//! # anything                    nothing
//! ```
//! `-` is the empty name, `~` a space; `{more}` is JSON of which each field is set in the entry.

use serde_json::{Map, Value, json};
use warren::share;
use warren::simulation::Scenario;

fn name(word: &str) -> String {
    if word == "-" { String::new() } else { word.replace('~', " ") }
}

fn merged(base: Value, more: &str) -> Value {
    let mut all: Map<String, Value> = base.as_object().cloned().expect("an object");
    let more = more.trim();
    if !more.is_empty() {
        let more: Map<String, Value> = serde_json::from_str(more).unwrap_or_else(|error| panic!("{more}: {error}"));
        all.extend(more);
    }
    Value::Object(all)
}

/// So many words, and what stands behind them.
fn words<const N: usize>(line: &str) -> ([&str; N], &str) {
    let mut rest = line;
    let words = std::array::from_fn(|_| {
        let (word, after) = rest.trim_start().split_once(' ').unwrap_or((rest.trim_start(), ""));
        rest = after;
        word
    });
    (words, rest)
}

/// The scenario of a text.
pub fn scenario(text: &str) -> Scenario {
    let mut definitions = json!({"exchanges": [], "queues": [], "bindings": []});
    let (mut clients, mut script) = (Vec::new(), Vec::new());
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (what, rest) = line.split_once(' ').expect("more than a word");
        let mut define = |section: &str, entry: Value| {
            let sections = definitions.as_object_mut().expect("an object");
            sections.entry(section).or_insert_with(|| json!([])).as_array_mut().expect("a list").push(entry);
        };
        match what {
            "x" => {
                let ([exchange, kind], more) = words(rest);
                define("exchanges", merged(json!({"name": name(exchange), "vhost": "/", "type": kind}), more));
            }
            "q" => {
                let ([queue], more) = words(rest);
                define("queues", merged(json!({"name": name(queue), "vhost": "/"}), more));
            }
            "b" | "e" => {
                let ([source, to, key], more) = words(rest);
                let kind = if what == "b" { "queue" } else { "exchange" };
                let binding = json!({"source": name(source), "vhost": "/", "destination": name(to),
                    "destination_type": kind, "routing_key": name(key)});
                define("bindings", merged(binding, more));
            }
            "p" => {
                let ([producer, exchange, key], more) = words(rest);
                let producer = json!({"name": name(producer), "role": "producer", "exchange": name(exchange),
                    "routing_key": name(key), "payload": "x", "latency_ms": 10});
                clients.push(merged(producer, more));
            }
            "c" => {
                let ([consumer, queue], more) = words(rest);
                let consumer = json!({"name": name(consumer), "role": "consumer", "queues": [name(queue)],
                    "latency_ms": 10, "outcome": "never_answer", "processing": {"fixed": 10}});
                clients.push(merged(consumer, more));
            }
            "client" => clients.push(merged(json!({}), rest)),
            "at" => {
                let ([at_ms], action) = words(rest);
                let at_ms: u64 = at_ms.parse().expect("a number");
                let action: Value = serde_json::from_str(action).unwrap_or_else(|error| panic!("{line}: {error}"));
                script.push(json!({"at_ms": at_ms, "action": action}));
            }
            "def" => {
                let ([section], entry) = words(rest);
                define(section, merged(json!({}), entry));
            }
            other => panic!("{other}: {line}"),
        }
    }
    let file = json!({"format": "warren/1", "name": "a case", "seed": 1, "definitions": definitions, "clients": clients,
        "script": script});
    share::parse(file.to_string()).unwrap_or_else(|error| panic!("{text}\n{error}")).scenario
}
