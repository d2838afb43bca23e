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
use warren::view::what_if::{Fate, message, publish, reach, samples};

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
    let board = folded(&mut node);
    (node, board)
}

/// The board that is folded from what a node did.
fn folded(node: &mut Node) -> Board {
    let mut board = Board::default();
    for event in std::mem::take(&mut node.events) {
        let (seq, at_ms, cause) = (event.id.0, event.at_ms, event.cause.0);
        board.apply(&LogEntry { seq, at_ms, cause, kind: LogKind::Broker(event) });
    }
    board
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

proptest! {
    /// Word by word, all of them fit exactly where the broker says that the pattern matches.
    #[test]
    fn words_fit_where_the_broker_matches(pattern in words(&["k", "l", "*", "#"]), key in words(&["k", "l", "m"])) {
        let parts = warren::view::what_if::words(&pattern, &key);
        let mut node = Node::new();
        node.method(Method::ExchangeDeclare(node::exchange("t", "topic")));
        node.method(Method::QueueDeclare(QueueDeclare { durable: true, queue: "q".into(), ..QueueDeclare::default() }));
        node.method(Method::QueueBind(binding("t", "q", &pattern)));
        drop(std::mem::take(&mut node.events));
        let (queues, _) = published(&mut node, "t", &key, &Rc::default());
        // A broker that refuses a pattern takes no binding.
        if pattern.split('.').filter(|word| *word == "#").count() <= 2 {
            prop_assert_eq!(parts.iter().all(|part| part.fits), !queues.is_empty(), "{:?}", parts);
        }
        let told: Vec<&str> = parts.iter().map(|part| part.has.as_str()).filter(|has| !has.is_empty()).collect();
        prop_assert_eq!(told.join("."), key, "every word of the key is told once, in its order");
    }
}

#[test]
fn what_does_not_fit_is_told_word_by_word() {
    let told = |pattern: &str, key: &str| -> Vec<String> {
        let parts = warren::view::what_if::words(pattern, key);
        parts.iter().map(|part| format!("{}|{}|{}: {}", part.asked, part.has, part.fits, part.why)).collect()
    };
    assert_eq!(
        told("*.bird", "animal.cat.big"),
        [
            "*|animal|true: * stands for exactly one word",
            "bird|cat|false: another word",
            "|big|false: the pattern has nothing for it"
        ]
    );
    assert_eq!(told("a.#", "a"), ["a|a|true: the same word", "#||true: # can stand for no word, too"]);
    assert_eq!(told("a.*", "a"), ["a|a|true: the same word", "*||false: * needs a word, and there is none"]);
    assert_eq!(told("*", ""), ["*||false: * needs a word, and there is none"]);
}

/// Each part of each answer of the first exchange, and then who gets it.
fn told(board: &Board, exchange: &str, key: &str, headers: &[(&str, Value)]) -> Vec<String> {
    let properties = Properties { headers: Some(table(headers)), ..Properties::default() };
    let message = message(&exchange.into(), &key.into(), &Rc::new(properties));
    let fate = publish(board, &"/".into(), &message);
    let parts = fate.asked[0].told(&message).into_iter().flat_map(|told| told.parts);
    let parts = parts.map(|part| format!("{}|{}|{}: {}", part.asked, part.has, part.fits, part.why));
    parts.chain([fate.told().to_string()]).collect()
}

#[test]
fn headers_are_told_one_by_one_with_their_types() {
    let kinds = vec![("headers", None), ("fanout", None), ("fanout", None), ("fanout", None), ("fanout", None)];
    let bindings = vec![(0, 5, String::new(), vec![("h", 1), ("i", 2), ("x-j", 3)], "all")];
    let (_, board) = built(&Topology { kinds, bindings });
    let told = |headers: &[(&str, Value)]| told(&board, "v", "", headers);
    let ignored = "x-j||true: begins with x-, so it does not count";
    let lost = "No queue gets it: it is unroutable. Published as mandatory it is returned to the publisher (NO_ROUTE), \
                otherwise it is dropped. v has no alternate exchange that would get it first.";
    assert_eq!(
        told(&[("h", Value::from("1")), ("i", Value::I64(2))]),
        ["h = 1|\"1\"|false: the text 1 is not the number 1", "i = 2|2|true: the same value", ignored, lost]
    );
    assert_eq!(
        told(&[("h", Value::I32(7))]),
        [
            "h = 1|7|false: the number 7 is not the number 1",
            "i = 2||false: the message has no such header",
            ignored,
            lost
        ]
    );
    let fit = ["h = 1|1|true: the same value", "i = 2|2|true: the same value", ignored, "It goes to a."];
    assert_eq!(told(&[("h", Value::I32(1)), ("i", Value::I32(2))]), fit);
    // One that is offered to be tried does what its binding asks for.
    let samples = samples(&board, &warren::broker::Resource { vhost: "/".into(), name: "v".into() });
    let offered: Vec<String> = samples.iter().map(|(key, headers)| format!("{key} {headers:?}")).collect();
    assert_eq!(samples.len(), 2, "{offered:?}");
    let all: Vec<(&str, Value)> = samples[0].1.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    assert_eq!(told(&all), fit);
}

#[test]
fn what_no_queue_gets_is_told_to_the_end() {
    let mut topology = Topology { kinds: vec![("fanout", None); 5], bindings: Vec::new() };
    topology.kinds[0] = ("topic", Some(1));
    topology.bindings = vec![(0, 5, "*.k".to_owned(), Vec::new(), "all")];
    let unroutable = "No queue gets it: it is unroutable. Published as mandatory it is returned to the publisher \
                      (NO_ROUTE), otherwise it is dropped.";
    let last = |topology: &Topology, key: &str| told(&built(topology).1, "v", key, &[]).pop();
    assert_eq!(last(&topology, "l.k").as_deref(), Some("It goes to a."));
    // The alternate exchange has no queue either.
    assert_eq!(last(&topology, "l.l").as_deref(), Some(unroutable));
    topology.bindings.push((1, 6, String::new(), Vec::new(), "all"));
    assert_eq!(last(&topology, "l.l").as_deref(), Some("It goes to b."));
    topology.kinds[0].1 = None;
    let alone = format!("{unroutable} v has no alternate exchange that would get it first.");
    assert_eq!(last(&topology, "l.l"), Some(alone));
    let mut node = Node::new();
    let arguments = table(&[("alternate-exchange", Value::from("gone"))]);
    node.method(Method::ExchangeDeclare(ExchangeDeclare { arguments, ..node::exchange("v", "direct") }));
    let missing =
        format!("{unroutable} The alternate exchange of v, gone, gets nothing: no such exchange is declared.");
    assert_eq!(told(&folded(&mut node), "v", "k", &[]), [missing]);
}
