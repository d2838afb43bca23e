//! What a picture shows beside messages: relations between exchanges and queues, features, policies, how a message in a
//! queue is told from others.
#![cfg(not(target_arch = "wasm32"))]

mod support;

use support::audit::log_of;
use warren::broker::settings::Settings;
use warren::history::Fold;
use warren::share::{self, examples};
use warren::view::features::features;
use warren::view::graph::{Edge, EdgeKind, Graph, graph};
use warren::view::sentence::span;
use warren::view::{Board, NodeId};

fn board_of(file: &str, until_ms: u64) -> Board {
    let scenario = share::parse(file).expect("the scenario can be read").scenario;
    let mut board = Board::default();
    log_of(&scenario, until_ms).iter().for_each(|entry| board.apply(entry));
    board
}

const FILE: &str = r#"{
  "format": "warren/1",
  "name": "relations",
  "definitions": {
    "exchanges": [
      {"name": "in", "vhost": "/", "type": "headers", "arguments": {"alternate-exchange": "rest"}},
      {"name": "rest", "vhost": "/", "type": "fanout"},
      {"name": "dead", "vhost": "/", "type": "fanout"}
    ],
    "queues": [
      {"name": "by_argument", "vhost": "/", "arguments": {
        "x-dead-letter-exchange": "dead", "x-dead-letter-routing-key": "late", "x-message-ttl": 8000, "x-max-priority": 5}},
      {"name": "by_policy", "vhost": "/", "durable": true},
      {"name": "nowhere", "vhost": "/", "arguments": {"x-dead-letter-exchange": "missing"}},
      {"name": "all", "vhost": "/"}
    ],
    "bindings": [
      {"source": "in", "vhost": "/", "destination": "all", "destination_type": "queue", "routing_key": "",
       "arguments": {"x-match": "all", "format": "pdf"}}
    ],
    "policies": [
      {"vhost": "/", "name": "late", "pattern": "^by_policy$", "apply-to": "queues", "definition": {"dead-letter-exchange": "dead"}, "priority": 0}
    ]
  },
  "clients": [
    {"name": "p", "role": "producer", "routing_key": "by_argument", "payload": "x", "every_ms": 1000,
     "properties": {"priority": 9, "expiration": "5000"}}
  ]
}"#;

fn edge<'a>(graph: &'a Graph, from: &NodeId, to: &NodeId) -> Option<&'a Edge> {
    graph.edges.iter().find(|edge| edge.from == *from && edge.to == *to)
}

fn queue(name: &str) -> NodeId {
    NodeId::queue(&"/".into(), &name.into())
}

fn exchange(name: &str) -> NodeId {
    NodeId::exchange(&"/".into(), &name.into())
}

#[test]
fn dead_letter_exchanges_are_edges_by_argument_and_by_policy() {
    let graph = graph(&board_of(FILE, 100));
    let by_argument = edge(&graph, &queue("by_argument"), &exchange("dead")).expect("an edge");
    assert_eq!((by_argument.kind, by_argument.labels[0].as_str()), (EdgeKind::DeadLetter, "dead letter as late"));
    let by_policy = edge(&graph, &queue("by_policy"), &exchange("dead")).expect("an edge");
    assert_eq!((by_policy.kind, by_policy.labels[0].as_str()), (EdgeKind::DeadLetter, "dead letter"));
    let alternate = edge(&graph, &exchange("in"), &exchange("rest")).expect("an edge");
    assert_eq!((alternate.kind, alternate.labels[0].as_str()), (EdgeKind::Alternate, "alternate"));
    assert!(graph.edges.iter().all(|edge| edge.from != queue("nowhere")), "there is no such exchange");
    assert!(graph.edges.iter().all(|edge| edge.from != queue("all")));
    let headers = edge(&graph, &exchange("in"), &queue("all")).expect("an edge");
    assert_eq!(headers.labels[0].as_str(), "{format: pdf, x-match: all}");
}

#[test]
fn a_dead_letter_key_leads_through_the_default_exchange() {
    let file = include_str!("../www/examples/retry-ladder.json");
    let graph = graph(&board_of(file, 100));
    let back = edge(&graph, &queue("wait_2s"), &exchange("")).expect("an edge");
    assert_eq!(back.kind, EdgeKind::DeadLetter);
    let on = edge(&graph, &exchange(""), &queue("wait_2s")).expect("an edge");
    assert_eq!(on.kind, EdgeKind::Implied);
}

#[test]
fn features_have_the_short_names_of_the_management_ui_and_policies_say_what_they_set() {
    let graph = graph(&board_of(FILE, 100));
    let badges = |id: &NodeId| graph.nodes.iter().find(|node| node.id == *id).expect("a node").badges.clone();
    let short = |id: &NodeId| badges(id).iter().map(|badge| badge.short.to_string()).collect::<Vec<_>>();
    assert_eq!(short(&queue("by_argument")), ["D", "DLX", "DLK", "Pri", "TTL"]);
    assert_eq!(short(&queue("by_policy")), ["D", "late"]);
    assert_eq!(short(&exchange("in")), ["D", "AE"]);
    let policy = badges(&queue("by_policy")).pop().expect("a badge");
    assert_eq!((policy.words.as_str(), policy.is_policy), ("policy late sets dead-letter-exchange dead", true));
}

#[test]
fn a_message_shows_its_priority_since_when_it_is_there_and_what_is_left_of_its_time() {
    let board = board_of(FILE, 4_000);
    let NodeId::Queue(resource) = queue("by_argument") else { unreachable!() };
    let state = board.queues.get(&resource).expect("a queue");
    let settings = board.settings(&resource, state);
    let copied = state.ready.get(0).expect("a message");
    let now = features(copied, &settings, copied.since_ms + 1_000, None);
    assert_eq!((now.priority, now.redelivered, now.left), (Some(5), false, Some(0.8)), "the shorter of two TTLs");
    let since = format!("by_argument, in the queue since {}, priority 5, expires in 4.0 s", span(copied.since_ms));
    assert_eq!(now.words, since);
    let lent = features(copied, &settings, copied.since_ms + 1_000, Some("worker"));
    assert_eq!((lent.left, lent.words.ends_with("lent to worker")), (None, true));
    let plain = features(copied, &Settings::default(), copied.since_ms, None);
    assert_eq!((plain.priority, plain.left), (None, Some(1.0)));
}

#[test]
fn the_single_active_consumer_is_told_from_those_that_wait() {
    let scenario = share::parse(include_str!("../www/examples/single-active-consumer.json")).expect("read").scenario;
    let mut board = Board::default();
    let mut seen: Vec<Vec<(String, String)>> = Vec::new();
    for entry in log_of(&scenario, 30_000) {
        board.apply(&entry);
        let said: Vec<(String, String)> = graph(&board)
            .nodes
            .iter()
            .filter(|node| matches!(node.id, NodeId::Client(_)))
            .flat_map(|node| node.badges.iter().map(|badge| (node.name.to_string(), badge.short.to_string())))
            .collect();
        if !said.is_empty() && seen.last() != Some(&said) {
            seen.push(said);
        }
    }
    let pair = |name: &str, state: &str| (name.to_owned(), state.to_owned());
    assert!(seen.contains(&vec![pair("first-bookkeeper", "active"), pair("second-bookkeeper", "waiting")]), "{seen:?}");
    assert!(seen.contains(&vec![pair("second-bookkeeper", "active")]), "the first one is gone: {seen:?}");
}

#[test]
fn whether_the_broker_is_stopped_is_known_at_every_moment() {
    let scenario = share::parse(include_str!("../www/examples/restart.json")).expect("read").scenario;
    let mut board = Board::default();
    let mut seen = Vec::new();
    for entry in log_of(&scenario, 60_000) {
        board.apply(&entry);
        assert_eq!(board.now_ms, entry.at_ms);
        if seen.last() != Some(&board.is_down) {
            seen.push(board.is_down);
        }
    }
    assert!(seen.starts_with(&[false, true, false]), "{seen:?}");
    assert!(!board_of(examples::NATURE, 5_000).is_down);
}
