//! The read model: it agrees with the broker, stepping back is exact, nothing overlaps, every step has its sentence.
#![cfg(not(target_arch = "wasm32"))]

mod support;

use proptest::prelude::*;
use support::audit::log_of;
use support::worlds::scenario as random_scenario;
use warren::broker::properties::Properties;
use warren::broker::table::Value;
use warren::broker::{Broker, Name};
use warren::definitions::{Binding, Definitions, Exchange, Queue};
use warren::share::{self, examples};
use warren::simulation::{
    AckMode, ClientEvent, ClientSpec, ConsumerSpec, LogEntry, LogKind, ProducerSpec, Role, Scenario, Span, World,
};
use warren::view::crowd::{Spotlight, faintness, figures};
use warren::view::explain::Teller;
use warren::view::film::LAG_MAX_MS;
use warren::view::flight::{FlightKind, Flying, flights};
use warren::view::flow::{are_seen, flows};
use warren::view::graph::graph;
use warren::view::layout::{Direction, Drawn, Places, layout, layout_small};
use warren::view::motion::TokenKind;
use warren::view::player::FASTEST;
use warren::view::tables::{accessible_name, tables};
use warren::view::{Board, Film, Layout, NodeId, Player, Select, Selection};

fn queue(name: &str, arguments: &[(&str, Value)]) -> Queue {
    arguments.iter().fold(Queue::new(name), |queue, (key, value)| queue.with(key, value.clone()))
}

fn client(name: &str, latency_ms: u64, role: Role) -> ClientSpec {
    ClientSpec { latency_ms, ..ClientSpec::new(name, role) }
}

fn producer(exchange: &str, key: &str, every_ms: u64) -> Role {
    let (exchange, routing_key) = (exchange.into(), key.into());
    Role::Producer(ProducerSpec { exchange, routing_key, every_ms: Some(every_ms), ..ProducerSpec::default() })
}

fn consumer(queues: &[&str], prefetch: u16, processing: Span) -> Role {
    let queues = queues.iter().map(|name| (*name).into()).collect();
    Role::Consumer(ConsumerSpec { queues, prefetch, processing, ..ConsumerSpec::default() })
}

/// Two exchanges in a row, a fanout, a shared queue, a slow worker, and an auto-acking one on two queues.
fn busy() -> Scenario {
    Scenario {
        script: Vec::new(),
        name: "busy".into(),
        seed: 3,
        definitions: Definitions {
            exchanges: vec![Exchange::new("in", "topic"), Exchange::new("all", "fanout")],
            queues: vec![
                queue("one", &[]),
                queue("two", &[("x-max-length", Value::I32(4))]),
                queue("three", &[("x-queue-type", Value::from("quorum"))]),
            ],
            bindings: vec![
                Binding::to_exchange("all", "in", "a.#"),
                Binding::to_queue("one", "all", ""),
                Binding::to_queue("two", "all", ""),
                Binding::to_queue("three", "in", "*.b"),
            ],
            ..Definitions::default()
        },
        clients: vec![
            client("p1", 30, producer("in", "a.b", 70)),
            client("p2", 10, producer("in", "c.d", 110)),
            client("p3", 0, producer("", "one", 90)),
            client("slow", 25, consumer(&["one"], 2, Span::Uniform(20, 120))),
            client(
                "fast",
                5,
                Role::Consumer(ConsumerSpec {
                    queues: vec!["two".into(), "three".into()],
                    ack: AckMode::Auto,
                    processing: Span::Fixed(40),
                    ..ConsumerSpec::default()
                }),
            ),
        ],
    }
}

/// Messages that expire go by a dead letter exchange to another queue; nobody consumes.
fn dying() -> Scenario {
    let dead = [("x-message-ttl", Value::I32(200)), ("x-dead-letter-exchange", Value::from("dlx"))];
    Scenario {
        script: Vec::new(),
        name: "dying".into(),
        seed: 0,
        definitions: Definitions {
            exchanges: vec![Exchange::new("dlx", "fanout")],
            queues: vec![
                queue("work", &dead),
                queue("short", &[("x-message-ttl", Value::I32(300))]),
                queue("dead", &[]),
            ],
            bindings: vec![Binding::to_queue("dead", "dlx", "")],
            ..Definitions::default()
        },
        clients: vec![client("p", 15, producer("", "work", 60)), client("q", 15, producer("", "short", 80))],
    }
}

/// A file that comes with Warren.
fn example(name: &str) -> Scenario {
    // Asked at run time: several clones may share what is compiled.
    let root = std::env::var_os("CARGO_MANIFEST_DIR").map(std::path::PathBuf::from).unwrap_or_default();
    let text = std::fs::read(root.join("www/examples").join(name).with_extension("json")).expect("it can be read");
    share::parse(text).expect("it is right").scenario
}

/// A worker between two queues, a subscriber with two connections and queues of its own, and calls by both kinds of
/// replies; a link that is cut, a pause, and something that the broker refuses.
fn roles() -> Scenario {
    let text = r##"{"format": "warren/1", "name": "roles", "seed": 2,
        "definitions": {"queues": [{"name": "in", "vhost": "/"}, {"name": "rpc", "vhost": "/"}],
            "exchanges": [{"name": "out", "vhost": "/", "type": "topic"}]},
        "clients": [
            {"name": "p", "role": "producer", "latency_ms": 10, "connections": 2, "templates": true, "payload": "{n}..",
                "messages": [{"routing_key": "in"}, {"routing_key": "in", "payload": "."}], "every_ms": 60},
            {"name": "w", "role": "worker", "latency_ms": 10, "heartbeat_s": 1, "consume": {"queues": ["in"], "prefetch": 2,
                "processing": {"per_dot": 30}}, "publish": {"exchange": "out", "routing_key": "done.{payload}",
                "confirms": true}},
            {"name": "s", "role": "consumer", "latency_ms": 5, "connections": 2, "queues": [""], "prefetch": 4,
                "setup": [{"queue_declare": {"exclusive": true}}, {"queue_bind": {"exchange": "out", "routing_key": "#"}}]},
            {"name": "ask", "role": "rpc_client", "latency_ms": 10, "request": {"routing_key": "rpc", "every_ms": 150},
                "timeout_ms": 95},
            {"name": "ask-too", "role": "rpc_client", "latency_ms": 10, "replies": "queue", "connections": 2,
                "request": {"routing_key": "rpc", "every_ms": 130}},
            {"name": "tell", "role": "rpc_server", "latency_ms": 10, "consume": {"queues": ["rpc"], "processing": {"fixed": 40}},
                "answer": {"payload": "so it is"}}
        ],
        "script": [
            {"at_ms": 400, "action": {"client": {"name": "p", "connection": 1, "control": "kill"}}},
            {"at_ms": 600, "action": {"client": {"name": "s", "control": {"set_prefetch": 9}}}},
            {"at_ms": 700, "action": {"client": {"name": "p", "connection": 1, "control": "restart"}}},
            {"at_ms": 900, "action": {"client": {"name": "w", "control": "cut_link"}}},
            {"at_ms": 1000, "action": {"client": {"name": "ask", "control": "pause"}}},
            {"at_ms": 1100, "action": {"purge_queue": {"queue": "nowhere"}}},
            {"at_ms": 3000, "action": {"client": {"name": "w", "control": "restart"}}}
        ]}"##;
    match warren::share::parse(text) {
        Ok(file) => file.scenario,
        Err(error) => panic!("{error}"),
    }
}

fn scenarios() -> [Scenario; 6] {
    [examples::nature(), busy(), dying(), roles(), example("troubled"), example("restart")]
}

/// Ready and unacknowledged copies of each queue, in order.
type Contents = Vec<(Name, Vec<u64>, Vec<u64>)>;

fn in_broker(broker: &Broker) -> Contents {
    let sorted = |mut copies: Vec<u64>| {
        copies.sort_unstable();
        copies
    };
    broker
        .queues()
        .map(|queue| {
            let ready = queue.ready_messages().map(|entry| entry.id.0).collect();
            let unacked = queue.unacked_messages().iter().map(|(entry, _)| entry.id.0).collect();
            (queue.resource().name.clone(), ready, sorted(unacked))
        })
        .collect()
}

fn on_board(board: &Board) -> Contents {
    board
        .queues
        .iter()
        .map(|(resource, queue)| {
            let mut unacked: Vec<u64> = queue.unacked.iter().map(|lent| lent.copied.copy.0).collect();
            unacked.sort_unstable();
            (resource.name.clone(), queue.ready.iter().map(|copied| copied.copy.0).collect(), unacked)
        })
        .collect()
}

fn film_of(scenario: &Scenario, until_ms: u64) -> Film {
    let mut film = Film::default();
    log_of(scenario, until_ms).into_iter().for_each(|entry| film.push(entry));
    film
}

#[test]
fn the_board_says_what_the_broker_says() {
    for scenario in scenarios() {
        let mut log = Vec::new();
        let mut film = Film::default();
        let mut world = World::new(&scenario, &mut log).expect("the scenario is right");
        let mut most = 0;
        while world.now_ms() < 5_000 {
            log.drain(..).for_each(|entry| film.push(entry));
            let contents = in_broker(world.broker());
            assert_eq!(on_board(&film.history().front().board), contents, "{} at {} ms", scenario.name, world.now_ms());
            most = most.max(contents.iter().map(|(_, ready, unacked)| ready.len() + unacked.len()).sum());
            assert!(world.step(&mut log));
        }
        assert!(most > 0, "{} never held a message", scenario.name);
    }
}

#[test]
fn nothing_is_shown_early_nor_later_than_the_bound_nor_out_of_order() {
    for scenario in scenarios() {
        let film = film_of(&scenario, 10_000);
        let mut last_ms = 0;
        for (place, entry) in film.history().from(0).enumerate() {
            let shown_ms = film.shown_ms(place).expect("it is in the film");
            assert!(shown_ms >= entry.at_ms.max(last_ms), "entry {}", entry.seq);
            assert!(shown_ms <= entry.at_ms + LAG_MAX_MS, "entry {}", entry.seq);
            last_ms = shown_ms;
        }
    }
}

/// All that a position shows.
fn picture(player: &Player, layout: &Layout) -> (Board, Vec<String>) {
    let flying = flights(player, layout).iter().map(|flight| format!("{flight:?}")).collect();
    (player.board().clone(), flying)
}

#[test]
fn back_then_next_is_the_identity() {
    for scenario in scenarios() {
        let mut player = Player::new(&scenario).expect("the scenario is right");
        player.set_jump_cuts(true);
        let layout = layout(&graph(player.board()), Direction::Across, &Places::new());
        let mut seen = vec![picture(&player, &layout)];
        for _ in 0..400 {
            assert!(player.step());
            seen.push(picture(&player, &layout));
        }
        for earlier in seen.iter().rev().skip(1) {
            assert!(player.step_back());
            assert_eq!(picture(&player, &layout), *earlier, "{}", scenario.name);
        }
        assert!(!player.can_go_back() && !player.step_back());
        for later in seen.iter().skip(1) {
            player.step();
            assert_eq!(picture(&player, &layout), *later, "{}", scenario.name);
        }
    }
}

#[test]
fn the_frame_rate_changes_nothing() {
    let played = |frame_ms: f64| {
        let mut player = Player::new(&busy()).expect("the scenario is right");
        player.play();
        let frames = 4_000.0 / frame_ms;
        (0..frames as u32).for_each(|_| player.tick(frame_ms));
        (player.cursor(), player.board().clone(), player.moment_ms())
    };
    let (cursor, board, moment_ms) = played(4.0);
    let other = played(50.0);
    assert_eq!((cursor, moment_ms), (other.0, other.2));
    assert!(board == other.1);
    assert!(cursor > 100);
}

#[test]
fn pressing_next_in_haste_misses_nothing() {
    let mut player = Player::new(&examples::nature()).expect("the scenario is right");
    let start = player.cursor();
    for _ in 0..10 {
        player.step();
        player.tick(10.0);
    }
    player.pause();
    assert_eq!(player.cursor(), start + 10);
    player.step();
    assert!(player.is_moving());
    (0..60).for_each(|_| player.tick(16.0));
    assert!(!player.is_moving());
    assert_eq!(player.cursor(), start + 11);
}

#[test]
fn a_message_in_flight_is_in_one_place() {
    for scenario in scenarios() {
        let mut player = Player::new(&scenario).expect("the scenario is right");
        let layout = layout(&graph(player.board()), Direction::Across, &Places::new());
        player.play();
        let mut most = 0;
        for _ in 0..600 {
            player.tick(7.0);
            let bounds = layout.bounds;
            let (right, bottom) = (bounds.x + bounds.width, bounds.y + bounds.height + 80.0);
            let now = flights(&player, &layout);
            most = most.max(now.len());
            for flight in now {
                let at = flight.at;
                let inside = (bounds.x..=right).contains(&at.x) && (bounds.y..=bottom).contains(&at.y);
                assert!(inside, "{flight:?} is outside");
            }
        }
        assert!(most > 0, "nothing moves in {}", scenario.name);
    }
}

#[test]
fn what_is_kept_from_frame_to_frame_is_what_is_found_anew() {
    for scenario in scenarios() {
        let mut player = Player::new(&scenario).expect("the scenario is right");
        let layout = layout(&graph(player.board()), Direction::Across, &Places::new());
        let mut flying = Flying::default();
        let mut seen = 0;
        player.play();
        for frame in 0..900 {
            match frame % 300 {
                120 => drop(player.step_back()),
                180 => drop(player.seek(player.cursor().saturating_sub(40))),
                200 => player.play(),
                240 => drop(player.seek(player.cursor() + 60)),
                250 => player.play(),
                _ => player.tick(17.0),
            }
            let kept = flying.look(&player, &layout);
            assert_eq!(kept, flights(&player, &layout), "{}, frame {frame}", scenario.name);
            let all = player.moving().count();
            let still = kept.iter().filter(|flight| flight.rests).count();
            assert_eq!(kept.len() - still, all, "{}, frame {frame}", scenario.name);
            seen += all;
        }
        assert!(seen > 0, "nothing moves in {}", scenario.name);
    }
}

/// However little time there is, a world goes on, and nothing of it is left out.
#[test]
fn a_world_that_is_given_no_time_falls_behind_and_comes_to_the_same() {
    for speed in [1.0, 100.0, FASTEST] {
        let mut player = Player::new(&busy()).expect("the scenario is right");
        player.set_speed(speed);
        player.play();
        let mut most = 0;
        while player.cursor() < 5_000 {
            let before = player.cursor();
            player.tick_within(16.0, &mut || false);
            most = most.max(player.cursor() - before);
        }
        assert!(most <= 64, "{most} entries at a time");
        let mut other = Player::new(&busy()).expect("the scenario is right");
        other.seek(player.cursor());
        assert!(player.board() == other.board());
    }
}

#[test]
fn nothing_sets_out_before_it_is_sent() {
    // "Is done with" and "sends basic.ack" share their moment, and are two steps.
    let mut player = Player::new(&examples::nature()).expect("the scenario is right");
    player.set_jump_cuts(true);
    let layout = layout(&graph(player.board()), Direction::Across, &Places::new());
    let acks = |player: &Player| {
        let is_ack = |kind: FlightKind| kind == FlightKind::Token(TokenKind::Ack);
        flights(player, &layout).iter().filter(|flight| is_ack(flight.kind)).count()
    };
    let done = |entry: &LogEntry| matches!(entry.kind, LogKind::Client { event: ClientEvent::WorkDone { .. }, .. });
    while !player.current().is_some_and(done) {
        assert_eq!(acks(&player), 0);
        assert!(player.step());
    }
    assert_eq!(acks(&player), 0);
    player.step();
    assert_eq!(acks(&player), 1);
}

fn told(film: &Film, entries: &[LogEntry]) -> String {
    let teller = Teller::new(film, &film.history().front().board);
    entries.iter().map(|entry| format!("{:>5} {}\n", entry.at_ms, teller.sentence(entry))).collect()
}

#[test]
fn the_story_of_nature() {
    let log = log_of(&examples::nature(), 4_000);
    let film = film_of(&examples::nature(), 4_000);
    assert_same_story(&told(&film, &log), include_str!("nature/story.txt"));
}

fn assert_same_story(now: &str, expected: &str) {
    let changes = similar::TextDiff::from_lines(expected, now).unified_diff().to_string();
    assert!(changes.is_empty(), "the story is another:\n{changes}\nall of it:\n{now}");
}

#[test]
fn every_step_has_a_sentence_for_people() {
    for scenario in scenarios() {
        let log = log_of(&scenario, 5_000);
        let film = film_of(&scenario, 5_000);
        let teller = Teller::new(&film, &film.history().front().board);
        for entry in &log {
            let sentence = teller.sentence(entry).to_string();
            assert!(sentence.len() > 10, "entry {}: {sentence:?}", entry.seq);
            for wrong in ["Name(", "Some(", "None", "undefined", "()", "  "] {
                assert!(!sentence.contains(wrong), "{sentence}");
            }
        }
    }
}

#[test]
fn nodes_say_what_they_show() {
    let mut player = Player::new(&examples::nature()).expect("the scenario is right");
    player.set_jump_cuts(true);
    let queue = NodeId::queue(&"/".into(), &"birds_only".into());
    let exchange = NodeId::exchange(&"/".into(), &"nature".into());
    let mut queue_said = Vec::new();
    for _ in 0..18 {
        let said = accessible_name(player.board(), &queue);
        if queue_said.last() != Some(&said) {
            queue_said.push(said);
        }
        player.step();
    }
    assert_eq!(
        queue_said,
        [
            "Queue birds_only: Ready 0, Unacked 0, Total 0",
            "Queue birds_only: Ready 1, Unacked 0, Total 1",
            "Queue birds_only: Ready 0, Unacked 1, Total 1",
            "Queue birds_only: Ready 0, Unacked 0, Total 0",
        ]
    );
    assert_eq!(accessible_name(player.board(), &exchange), "Exchange nature, topic: Unroutable (drop) 1");
    let nodes: Vec<String> =
        graph(player.board()).nodes.iter().map(|node| accessible_name(player.board(), &node.id)).collect();
    assert!(nodes.contains(&"Consumer bird-watcher, manual ack: holds 0 of 1".to_owned()), "{nodes:?}");
    assert!(nodes.contains(&"Producer dove-producer, routing key animal.bird: published 2".to_owned()), "{nodes:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    #[test]
    fn going_anywhere_gives_what_playing_there_gives(steps in prop::collection::vec(any::<bool>(), 1..200)) {
        let mut player = Player::new(&busy()).expect("the scenario is right");
        player.set_jump_cuts(true);
        for forward in steps {
            if forward { player.step(); } else { player.step_back(); }
            prop_assert!(*player.scene() == player.film().history().at(player.cursor()));
        }
    }
}

proptest! {
    #[test]
    fn nothing_is_held_over_a_connection_that_is_closed(seed: u64) {
        let mut film = Film::default();
        let mut log = Vec::new();
        let mut world = World::new(&random_scenario(seed), &mut log).expect("the scenario is right");
        while world.now_ms() < 3_000 && film.len() < 2_000 {
            for entry in log.drain(..) {
                film.push(entry);
                for (id, client) in &film.history().front().board.clients {
                    let is_open = |place: u16| client.connections.get(usize::from(place)).is_some_and(|it| it.is_open);
                    prop_assert!(client.held.iter().all(|held| is_open(held.connection)), "seed {} at {}: {:?}", seed, film.len(), id);
                }
            }
            if !world.step(&mut log) {
                break;
            }
        }
    }
}

#[test]
fn columns_follow_the_way_of_messages() {
    let film = film_of(&busy(), 100);
    let made = layout(&graph(&film.history().front().board), Direction::Across, &Places::new());
    let x = |id: &NodeId| made.node(id).map(|placed| placed.centre.x).expect("it is placed");
    let exchange = |name: &str| x(&NodeId::exchange(&"/".into(), &name.into()));
    let queue = |name: &str| x(&NodeId::queue(&"/".into(), &name.into()));
    let client = |number: u32| x(&NodeId::Client(warren::simulation::ClientId(number)));
    assert!(client(0) < exchange("in") && exchange("in") < exchange("all"));
    assert!(exchange("all") < queue("one") && queue("one") < client(3));
    assert_eq!(queue("one"), queue("three"));
}

#[test]
fn a_property_of_a_message_is_never_taken_for_words() {
    // Names are parts of their own in a sentence: whatever is in one, it stays a name.
    let mut scenario = examples::nature();
    if let Role::Producer(producer) = &mut scenario.clients[0].role {
        producer.routing_key = "<b>bold</b>.bird".into();
        producer.properties = std::rc::Rc::new(Properties::default());
    }
    let film = film_of(&scenario, 1_000);
    let teller = Teller::new(&film, &film.history().front().board);
    let entries: Vec<&LogEntry> = film.history().from(0).collect();
    let sentences = entries.iter().map(|entry| teller.sentence(entry));
    let parts: Vec<_> = sentences.flat_map(|sentence| sentence.parts().to_vec()).collect();
    use warren::view::sentence::Part;
    assert!(parts.iter().any(|part| matches!(part, Part::Name(name) if name.contains("<b>"))));
    assert!(!parts.iter().any(|part| matches!(part, Part::Words(words) if words.contains("<b>"))));
}

#[test]
fn workers_and_calls_are_drawn_with_lines_in_and_out() {
    let film = film_of(&roles(), 300);
    let graph = graph(&film.history().front().board);
    let name = |id: &NodeId| graph.nodes.iter().find(|node| node.id == *id).map(|node| node.name.to_string());
    let edges: Vec<(String, String)> =
        graph.edges.iter().filter_map(|edge| Some((name(&edge.from)?, name(&edge.to)?))).collect();
    let has = |from: &str, to: &str| edges.iter().any(|(a, b)| a == from && (b == to || to == "*"));
    let default = "(AMQP default)";
    for (from, to) in [("p", default), ("in", "w"), ("w", "out"), ("ask", default), ("rpc", "tell"), ("tell", default)]
    {
        assert!(has(from, to), "{from} to {to} in {edges:?}");
    }
    // Both connections of the second RPC client have a queue, which the default exchange reaches.
    let own = |to: &str| edges.iter().filter(|(from, b)| from.starts_with("amq.gen-") && b == to).count();
    assert_eq!((own("ask-too"), own("s"), own("ask")), (2, 2, 0));
    for direction in [Direction::Across, Direction::Down] {
        let made = layout(&graph, direction, &Places::new());
        for drawn in &made.edges {
            for part in [0.0, 0.2, 0.4, 0.5, 0.6, 0.8, 1.0] {
                let at = drawn.curve.at(part);
                let (right, bottom) = (made.bounds.x + made.bounds.width, made.bounds.y + made.bounds.height);
                let inside = (made.bounds.x..=right).contains(&at.x) && (made.bounds.y..=bottom).contains(&at.y);
                assert!(inside, "{:?} leaves the picture", drawn.edge);
            }
        }
    }
}

#[test]
fn nodes_of_all_roles_say_what_they_do() {
    let film = film_of(&roles(), 2_000);
    let board = &film.history().front().board;
    let said: Vec<String> = graph(board).nodes.iter().map(|node| accessible_name(board, &node.id)).collect();
    let has = |start: &str| said.iter().any(|text| text.starts_with(start));
    for start in
        ["Producer p, routing key in: published ", "Worker w, manual ack: holds ", "Consumer s, manual ack: holds "]
    {
        assert!(has(start), "{start} is not in {said:?}");
    }
    assert!(said.iter().any(|text| text.starts_with("RPC client ask, ") && text.ends_with(", paused")), "{said:?}");
    assert!(has("RPC server tell, manual ack: "), "{said:?}");
    let id = |number: u32| NodeId::Client(warren::simulation::ClientId(number));
    let fact = |number: u32, label: &str| {
        let facts = warren::view::inspect::facts(board, &id(number)).1;
        facts.into_iter().find(|fact| fact.label == label).map(|fact| fact.value)
    };
    assert_eq!(fact(2, "Prefetch").as_deref(), Some("4, and 9 for new consumers"));
    assert_eq!(fact(2, "Connections").as_deref(), Some("2 of 2 open"));
    assert_eq!(fact(0, "Payload").as_deref(), Some("from a list of 2"));
    let number = |number: u32, label: &str| fact(number, label).and_then(|value| value.parse::<u64>().ok());
    assert!(number(3, "Answered") > Some(0) && number(3, "Timed out") > Some(0) && number(5, "Answers") > Some(0));
    let tables = tables(film.history().front(), 0);
    let requests = tables.into_iter().find(|table| table.caption == "Requests").expect("there are some");
    assert_eq!(
        requests.rows.iter().map(|row| row.cells[1].as_str()).collect::<Vec<_>>(),
        ["direct reply-to", "a queue of its own"]
    );
}

#[test]
fn sentences_say_which_connection_and_why_something_was_not_done() {
    let film = film_of(&roles(), 4_000);
    let teller = Teller::new(&film, &film.history().front().board);
    let story: Vec<String> = film.history().from(0).map(|entry| teller.sentence(entry).to_string()).collect();
    for sentence in [
        "p (connection 2 of 2) is killed: its connection breaks.",
        "p (connection 2 of 2) starts again, with a new connection.",
        "w's network link is cut: what is on its way over it is lost.",
        "w has heard nothing for two heartbeats, and takes its connection as lost.",
        "s starts: it will consume from a queue of its own, which it declares.",
        "ask starts: it will publish requests to the default exchange (AMQP default) with routing key rpc, and wait up to 95 ms for each answer.",
        "tell starts: it will answer requests from rpc.",
        "w starts: it will consume from in, and publish to exchange out for each message.",
        "ask pauses: it begins no more work, and publishes nothing.",
        "A basic.deliver to w is lost on its way: the network link is cut.",
    ] {
        assert!(story.iter().any(|told| told == sentence), "{sentence}");
    }
    let refused = "Purging queue nowhere in virtual host / was refused: what it names is not there (404 NOT_FOUND - no queue \
                   'nowhere' in vhost '/').";
    assert!(story.iter().any(|told| told == refused), "{refused}");
    assert!(story.iter().any(|told| told.starts_with("ask has the answer to its request ask-")), "answered");
    assert!(story.iter().any(|told| told.starts_with("ask gives up its request ask-")), "timed out");
}

#[test]
fn an_edge_is_as_thick_as_what_goes_along_it() {
    let scenario = Scenario {
        name: "flows".into(),
        seed: 1,
        definitions: Definitions {
            exchanges: vec![Exchange::new("x", "fanout")],
            queues: vec![queue("q", &[])],
            bindings: vec![Binding::to_queue("q", "x", "")],
            ..Definitions::default()
        },
        clients: vec![client("p", 50, producer("x", "k", 10)), client("c", 50, consumer(&["q"], 0, Span::default()))],
        script: Vec::new(),
    };
    let mut player = Player::new(&scenario).expect("the scenario is right");
    player.play();
    while player.clock_ms() < 10_000.0 {
        player.tick(20.0);
    }
    let graph = graph(player.board());
    let all = flows(&player);
    for edge in &graph.edges {
        let per_second = all.per_second(&edge.from, &edge.to);
        assert!((95..=105).contains(&per_second), "{edge:?}: {per_second}");
        assert_eq!(all.per_second(&edge.to, &edge.from), 0, "acknowledgements are no messages");
    }
    let made = layout(&graph, Direction::Across, &Places::new());
    assert_eq!(all.levels(&made).len(), 3);
    assert!(!are_seen(&player, &made) && are_seen(&player, &layout_small(&graph, Direction::Across, &Places::new())));
    player.set_speed(FASTEST);
    assert!(are_seen(&player, &made));
}

#[test]
fn of_a_crowd_the_boxes_tell_how_much_is_there() {
    let player = {
        let mut player = Player::new(&busy()).expect("the scenario is right");
        player.play();
        (0..200).for_each(|_| player.tick(20.0));
        player
    };
    let graph = graph(player.board());
    let board = player.board();
    let small = layout_small(&graph, Direction::Across, &Places::new());
    assert!(
        figures(&layout(&graph, Direction::Across, &Places::new()), board).is_empty(),
        "large ones show it themselves"
    );
    let told = figures(&small, board);
    let sum: usize = told.iter().map(|figure| figure.count).sum();
    let queues: usize = board.queues.values().map(|queue| queue.total()).sum();
    let held: usize = board.clients.values().map(|client| client.held.len()).sum();
    assert!(queues > 0 && sum == queues + held, "{told:?}");
    for figure in &told {
        let node = small.nodes.iter().find(|placed| {
            placed.rect.y < figure.at.y
                && figure.at.y < placed.rect.y + placed.rect.height
                && placed.rect.x < figure.at.x
                && figure.at.x < placed.rect.x + placed.rect.width
        });
        let rect = node.expect("a figure stands in its box").rect;
        for bar in [figure.ready, figure.unacked] {
            assert!(bar.width >= 0.0 && bar.x >= rect.x && bar.x + bar.width <= rect.x + rect.width, "{figure:?}");
        }
    }
}

#[test]
fn of_a_crowd_what_is_selected_stays_bright_with_what_it_is_joined_to() {
    let player = Player::new(&busy()).expect("the scenario is right");
    let graph = graph(player.board());
    let small = layout_small(&graph, Direction::Across, &Places::new());
    let edge = small.edges.first().expect("there are edges").edge.clone();
    let chosen = Selection::default().after(Select::Press(edge.from.clone()));
    let lit = Spotlight::on(&chosen, &small).expect("something is selected");
    for (placed, is_lit) in small.nodes.iter().zip(&lit.nodes) {
        let id = &placed.node.id;
        let is_joined = small.edges.iter().any(|drawn| {
            let edge = &drawn.edge;
            edge.from == chosen.nodes()[0] && edge.to == *id || edge.to == chosen.nodes()[0] && edge.from == *id
        });
        assert_eq!(*is_lit, is_joined || chosen.contains(id), "{id:?}");
    }
    let at = |drawn: &Drawn| drawn.edge.from == edge.from || drawn.edge.to == edge.from;
    assert_eq!(lit.edges.len(), small.edges.iter().filter(|drawn| at(drawn)).count());
    let of_edge = Selection::default().after(Select::Edge(edge.id()));
    assert_eq!(Spotlight::on(&of_edge, &small).map(|lit| lit.edges), Some(vec![0]));
    assert_eq!(Spotlight::on(&Selection::default(), &small), None);
    assert_eq!(
        Spotlight::on(&chosen, &layout(&graph, Direction::Across, &Places::new())),
        None,
        "nobody is lost there"
    );
    assert!(faintness(&small, false) <= 1.0 && faintness(&small, false) >= 0.1);
    assert!(faintness(&small, true) < faintness(&small, false));
}
