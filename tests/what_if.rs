//! What if: the tester says of any message what the broker then does with it, and each example key that it gives for a
//! queue does reach that queue.
#![cfg(not(target_arch = "wasm32"))]

mod node;

use std::collections::BTreeSet;
use std::rc::Rc;

use node::{Node, binding, exchange_binding, table};
use proptest::prelude::*;
use warren::broker::command::{BasicPublish, ExchangeDeclare, QueueDeclare};
use warren::broker::properties::Properties;
use warren::broker::table::{Table, Value};
use warren::broker::{EventKind, Method, Name};
use warren::history::Fold;
use warren::simulation::{LogEntry, LogKind};
use warren::view::Board;
use warren::view::what_if::{Fate, message, publish, reach};

/// A random world: exchanges with types and alternate exchanges, and bindings between five of them and four queues.
#[derive(Clone, Debug)]
struct Topology {
    kinds: Vec<(&'static str, Option<usize>)>,
    bindings: Vec<Tie>,
}

/// A binding: from which exchange, to which exchange or queue, its key, its headers, and its `x-match`.
type Tie = (usize, usize, String, Vec<(&'static str, i32)>, &'static str);

const EXCHANGES: [&str; 5] = ["v", "w", "x", "y", "z"];
const QUEUES: [&str; 4] = ["a", "b", "c", "d"];
const KINDS: [&str; 6] = ["direct", "fanout", "topic", "headers", "x-consistent-hash", "x-local-random"];

fn topology() -> impl Strategy<Value = Topology> {
    let kind = (prop::sample::select(&KINDS[..]), prop::option::of(0..EXCHANGES.len()));
    let headers = prop::collection::vec((prop::sample::select(&["h", "i", "x-j"][..]), 0..3), 0..3);
    let mode = prop::sample::select(&["all", "any", "any-with-x", "all-with-x"][..]);
    let binding = (0..EXCHANGES.len(), 0..EXCHANGES.len() + QUEUES.len(), words(&["k", "l", "*", "#"]), headers, mode);
    (prop::collection::vec(kind, EXCHANGES.len()), prop::collection::vec(binding, 0..24))
        .prop_map(|(kinds, bindings)| Topology { kinds, bindings })
}

fn words(of: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(of), 0..4).prop_map(|words| words.join("."))
}

/// A broker of that topology, and the board that is folded from its events.
fn built(topology: &Topology) -> (Node, Board) {
    let mut node = Node::new();
    for (name, (kind, alternate)) in EXCHANGES.iter().zip(&topology.kinds) {
        let alternate = alternate.map(|place| ("alternate-exchange", Value::from(EXCHANGES[place])));
        let arguments: Vec<_> = alternate.into_iter().collect();
        let declare = ExchangeDeclare { arguments: table(&arguments), ..node::exchange(name, kind) };
        node.method(Method::ExchangeDeclare(declare));
    }
    for name in QUEUES {
        node.method(Method::QueueDeclare(QueueDeclare {
            durable: true,
            queue: name.into(),
            ..QueueDeclare::default()
        }));
    }
    for (source, to, key, headers, mode) in &topology.bindings {
        let kind = topology.kinds[*source].0;
        let key = match kind {
            "x-consistent-hash" => "1".to_owned(),
            "x-local-random" => String::new(),
            _ => key.clone(),
        };
        let mut arguments = Table::new();
        if kind == "headers" {
            arguments.extend(headers.iter().map(|(name, value)| (Name::from(*name), Value::I32(*value))));
            arguments.insert("x-match".into(), Value::from(*mode));
        }
        let source = EXCHANGES[*source];
        // What the broker refuses closes the channel, and a new one opens by itself.
        node.method(match to.checked_sub(EXCHANGES.len()) {
            Some(queue) => Method::QueueBind(warren::broker::command::QueueBinding {
                arguments,
                ..binding(source, QUEUES[queue], &key)
            }),
            None => Method::ExchangeBind(warren::broker::command::ExchangeBinding {
                arguments,
                ..exchange_binding(source, EXCHANGES[*to], &key)
            }),
        });
    }
    let mut board = Board::default();
    for event in std::mem::take(&mut node.events) {
        let (seq, at_ms, cause) = (event.id.0, event.at_ms, event.cause.0);
        board.apply(&LogEntry { seq, at_ms, cause, kind: LogKind::Broker(event) });
    }
    (node, board)
}

/// The queues that got it, and the exchanges that were asked.
fn published(node: &mut Node, exchange: &str, key: &str, properties: &Rc<Properties>) -> (BTreeSet<Name>, Vec<Name>) {
    node.method(Method::BasicPublish(BasicPublish {
        exchange: exchange.into(),
        routing_key: key.into(),
        properties: properties.clone(),
        ..BasicPublish::default()
    }));
    let (mut queues, mut asked) = (BTreeSet::new(), Vec::new());
    for event in std::mem::take(&mut node.events) {
        match event.kind {
            EventKind::Enqueued { at, .. } => drop(queues.insert(at.queue.name.clone())),
            EventKind::Routed(routed) => asked.push(routed.exchange.name.clone()),
            _ => {}
        }
    }
    (queues, asked)
}

fn names(queues: &[Rc<warren::broker::Resource>]) -> BTreeSet<Name> {
    queues.iter().map(|queue| queue.name.clone()).collect()
}

fn thought(board: &Board, exchange: &str, key: &str, properties: &Rc<Properties>) -> Fate {
    publish(board, &"/".into(), &message(&exchange.into(), &key.into(), properties))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    #[test]
    fn what_would_be_is_what_is(
        topology in topology(),
        keys in prop::collection::vec(words(&["k", "l", "m"]), 4),
        headers in prop::collection::vec((prop::sample::select(&["h", "i", "x-j"][..]), 0..3), 0..3),
        cc in prop::option::of(words(&["k", "l"])),
        exchange in prop::sample::select(&["v", "w", "x", "y", "z", ""][..]),
    ) {
        let (mut node, board) = built(&topology);
        let mut table: Table = headers.iter().map(|(name, value)| (Name::from(*name), Value::I32(*value))).collect();
        if let Some(key) = cc {
            table.insert("CC".into(), node::texts(&[&key]));
        }
        let properties = Rc::new(Properties { headers: Some(table), ..Properties::default() });
        for key in keys.iter().map(String::as_str).chain(["a"]) {
            let fate = thought(&board, exchange, key, &properties);
            let (queues, asked) = published(&mut node, exchange, key, &properties);
            let sure = names(&fate.queues);
            prop_assert!(sure.is_subset(&queues), "{fate:?}, but {queues:?}");
            let by_chance: BTreeSet<Name> = queues.difference(&sure).cloned().collect();
            prop_assert!(by_chance.is_subset(&names(&fate.by_chance)), "{fate:?}, but {queues:?}");
            let told: Vec<Name> = fate.asked.iter().map(|asked| asked.exchange.name.clone()).collect();
            prop_assert_eq!(told, asked);
        }
    }

    #[test]
    fn an_example_key_reaches_its_queue(topology in topology()) {
        let (mut node, board) = built(&topology);
        for queue in board.queues.keys() {
            let ways = reach(&board, queue);
            prop_assert!(!ways.is_empty());
            for way in ways {
                let Some((key, headers)) = way.example else { continue };
                let by_chance = way.hops.iter().any(|hop| hop.kind.as_str() == "x-local-random");
                let properties = Rc::new(Properties { headers: Some(headers), ..Properties::default() });
                let (queues, asked) = published(&mut node, &way.hops[0].exchange.name, &key, &properties);
                prop_assert!(by_chance || queues.contains(&queue.name), "{key}: {:?} does not reach {queue:?}", way.hops);
                prop_assert!(way.hops.iter().all(|hop| asked.contains(&hop.exchange.name)));
            }
        }
    }
}

/// The ways of a small world, as text: exchanges and a key.
fn ways(topology: &Topology, queue: &str) -> Vec<String> {
    let (_, board) = built(topology);
    let queue = board.queues.keys().find(|resource| resource.name == queue).expect("a queue");
    let told = reach(&board, queue).into_iter().map(|way| {
        let hops: Vec<String> = way.hops.iter().map(|hop| hop.exchange.name.to_string()).collect();
        let example = way.example.map_or("none".to_owned(), |(key, _)| format!("{key:?}"));
        format!("{}: {example}", hops.join(">"))
    });
    told.collect()
}

#[test]
fn the_reverse_names_every_way_with_a_key() {
    let mut topology = Topology { kinds: vec![("fanout", None); 5], bindings: Vec::new() };
    topology.kinds[0] = ("topic", Some(2));
    topology.kinds[1] = ("direct", None);
    let to = |source, to, key: &str| (source, to, key.to_owned(), Vec::new(), "all");
    // v is a topic exchange, w a direct one behind it, x the alternate exchange of v.
    topology.bindings = vec![to(0, 1, "*.k"), to(1, 5, "l.k"), to(0, 5, "a.#"), to(2, 5, "")];
    let told = ways(&topology, "a");
    assert_eq!(told, [": \"a\"", "v: \"a\"", "w: \"l.k\"", "x: \"anything\"", "v>w: \"l.k\"", "v>x: \"anything\""]);
    // What the first asks for, the second never takes.
    topology.bindings = vec![to(0, 1, "*.k.k"), to(1, 5, "l.k")];
    assert_eq!(ways(&topology, "a"), [": \"a\"", "w: \"l.k\"", "v>w: none"]);
    // Nothing is unroutable at an exchange that takes all.
    topology.bindings = vec![to(0, 6, "#"), to(2, 5, "")];
    assert_eq!(ways(&topology, "a"), [": \"a\"", "x: \"anything\"", "v>x: none"]);
}
