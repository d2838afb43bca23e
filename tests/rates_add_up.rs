//! Rates and counters add up: with the broker, with the board, parts with their whole, whatever is done; and a moment of
//! the past has the rates it had.
#![cfg(not(target_arch = "wasm32"))]

mod node;
mod support;

use std::collections::BTreeMap;

use node::Node;
use proptest::prelude::*;
use warren::broker::command::BasicConsume;
use warren::broker::event::{ChannelSetting, ConsumerRef};
use warren::broker::queue::Queue;
use warren::broker::settings::QueueType;
use warren::broker::table::Value;
use warren::broker::{Broker, Command, Config, ConnectionId, Event, EventKind, Method};
use warren::history::{Fold, History, Limits};
use warren::simulation::{LogEntry, LogKind, Scenario, World};
use warren::view::Board;
use warren::view::rates::{Counter, Holds, Length, Measured, Rates, Window};

fn entry(event: Event) -> LogEntry {
    LogEntry { seq: event.id.0, at_ms: event.at_ms, cause: 0, kind: LogKind::Broker(event) }
}

fn lengths(thing: &impl Holds) -> [u64; 3] {
    Length::ALL.map(|length| thing.length(length))
}

/// What there is in the broker, as the statistics have it. RabbitMQ counts nothing of a stream as unacknowledged
/// (`rabbit_osiris_metrics.erl`).
fn in_broker(queue: &Queue) -> [u64; 3] {
    if queue.kind() == QueueType::Stream {
        return [queue.ready(), 0, queue.ready()];
    }
    let (delayed, held) = queue.waiting();
    [queue.ready(), queue.unacked(), queue.ready() + queue.unacked() + delayed + held]
}

/// Holds the statistics against the broker, and their parts against their whole.
fn check_lengths(rates: &Rates, broker: &Broker) -> Result<(), String> {
    let mut sum = [0; 3];
    for queue in broker.queues() {
        let ours = rates.queue(queue.resource()).map(lengths).unwrap_or_default();
        if ours != in_broker(queue) {
            return Err(format!("{:?}: {ours:?}, and not {:?}", queue.resource(), in_broker(queue)));
        }
        sum.iter_mut().zip(ours).for_each(|(sum, ours)| *sum += ours);
    }
    let hosts = rates.vhosts().map(|(_, host)| lengths(host)).fold([0; 3], |mut sum, host| {
        sum.iter_mut().zip(host).for_each(|(sum, host)| *sum += host);
        sum
    });
    let whole = lengths(rates.overview());
    if rates.queues().count() == broker.queues().count() && sum == whole && hosts == whole {
        return Ok(());
    }
    Err(format!("queues hold {sum:?}, virtual hosts {hosts:?}, the overview {whole:?}"))
}

/// The sums of things that came and went.
#[derive(Default)]
struct Gone {
    queues: BTreeMap<Counter, u64>,
    channels: BTreeMap<Counter, u64>,
}

impl Gone {
    /// What an entry is about to end.
    fn note(&mut self, rates: &Rates, kind: &EventKind) {
        let note = |sums: &mut BTreeMap<Counter, u64>, thing: &dyn Measured| {
            for counter in Counter::MESSAGE_RATES {
                *sums.entry(counter).or_default() += thing.count(counter).unwrap_or_default();
            }
        };
        match kind {
            EventKind::QueueDeleted { queue, .. } => {
                rates.queue(queue).into_iter().for_each(|stats| note(&mut self.queues, stats));
            }
            EventKind::ChannelClosed { channel, .. } => {
                let ended = rates.channels().filter(|(id, _)| id == channel);
                ended.for_each(|(_, stats)| note(&mut self.channels, stats));
            }
            _ => {}
        }
    }

    fn check(&self, rates: &Rates) -> Result<(), String> {
        for counter in Counter::MESSAGE_RATES {
            let Some(whole) = rates.overview().count(counter) else { continue };
            let of = |sums: &BTreeMap<Counter, u64>| sums.get(&counter).copied().unwrap_or_default();
            let channels: u64 = rates.channels().filter_map(|(_, stats)| stats.count(counter)).sum();
            let hosts: u64 = rates.vhosts().filter_map(|(_, stats)| stats.count(counter)).sum();
            if channels + of(&self.channels) != whole || hosts != whole {
                return Err(format!("{counter:?}: {whole}, channels {channels}, virtual hosts {hosts}"));
            }
            let is_of_queues = !matches!(
                counter,
                Counter::Publish | Counter::Confirm | Counter::ReturnUnroutable | Counter::DropUnroutable
            );
            let queues: u64 = rates.queues().filter_map(|(_, stats)| stats.count(counter)).sum();
            if is_of_queues && queues + of(&self.queues) != whole {
                return Err(format!("{counter:?}: {whole}, queues {queues}"));
            }
        }
        Ok(())
    }
}

/// How often something is in the log, counted in another way.
fn told(events: &[Event], is_it: impl Fn(&EventKind) -> bool) -> u64 {
    events.iter().filter(|event| is_it(&event.kind)).count() as u64
}

fn check_counts(rates: &Rates, events: &[Event]) -> Result<(), String> {
    let overview = |counter| rates.overview().count(counter).unwrap_or_default();
    let acks = told(events, |kind| matches!(kind, EventKind::Acked { .. }));
    let handed = told(events, |kind| matches!(kind, EventKind::Delivered { .. } | EventKind::Got { .. }));
    let again = told(events, |kind| {
        matches!(kind, EventKind::Delivered { redelivered: true, .. } | EventKind::Got { redelivered: true, .. })
    });
    let confirmed = told(events, |kind| matches!(kind, EventKind::Confirmed { ack: true, .. }));
    let ours = [Counter::Ack, Counter::DeliverGet, Counter::Redeliver, Counter::Confirm].map(overview);
    if ours == [acks, handed, again, confirmed] {
        return Ok(());
    }
    Err(format!("{ours:?}, and not {:?}", [acks, handed, again, confirmed]))
}

/// Something that is done, by three numbers: what, on which channel, with which queue.
type Deed = (u8, u8, u8);

/// Queues of all kinds whose messages meet: what dies in most of them goes to `dead`, by way of `amq.fanout`.
fn with_queues() -> Node {
    let mut node = Node::with(Config { seed: 7, ..Config::default() });
    let dead = ("x-dead-letter-exchange", Value::from("amq.fanout"));
    node.on(9, 1).declare("dead");
    node.bind("amq.fanout", "dead", "");
    node.declare_with("plain", std::slice::from_ref(&dead));
    node.declare_with("short", &[dead.clone(), ("x-message-ttl", Value::I32(300)), ("x-max-length", Value::I32(3))]);
    node.declare_with(
        "full",
        &[dead.clone(), ("x-max-length", Value::I32(2)), ("x-overflow", "reject-publish-dlx".into())],
    );
    node.quorum("limited", &[dead, ("x-delivery-limit", Value::I32(1)), ("x-message-ttl", Value::I32(700))]);
    let sure = [
        ("x-dead-letter-exchange", "".into()),
        ("x-dead-letter-routing-key", "stubborn".into()),
        ("x-dead-letter-strategy", "at-least-once".into()),
        ("x-overflow", "reject-publish".into()),
        ("x-message-ttl", Value::I32(500)),
    ];
    node.quorum("sure", &sure);
    node.declare_with("stubborn", &[("x-max-length", Value::I32(1)), ("x-overflow", "reject-publish".into())]);
    node.quorum("delayed", &[("x-delayed-retry-type", "all".into()), ("x-delayed-retry-min", Value::I32(400))]);
    node.stream("stream", &[]);
    node
}

const QUEUES: [&str; 9] = ["plain", "short", "full", "limited", "sure", "stubborn", "delayed", "stream", "dead"];

/// Does something. `held` is what was handed out, as the holders know it.
fn perform(node: &mut Node, held: &mut Vec<(u32, u64)>, (what, at, with): Deed) {
    let queue = QUEUES[usize::from(with) % QUEUES.len()];
    let connection = u32::from(at % 3) + 1;
    node.on(connection, 1);
    let mut one_of_held = || {
        let place = usize::from(with).checked_rem(held.len())?;
        Some(held.remove(place))
    };
    match what % 24 {
        0..8 => node.publish(queue, "m"),
        8..10 => drop(node.method(Method::BasicGet { queue: queue.into(), no_ack: what % 24 == 8 })),
        10 => node.prefetch(u16::from(with) % 4),
        11 => drop(node.says(Method::BasicConsume(node::consume(queue, "")))),
        12 => drop(node.says(Method::BasicConsume(BasicConsume { no_ack: true, ..node::consume(queue, "") }))),
        13..19 => {
            let Some((connection, delivery_tag)) = one_of_held() else { return };
            let multiple = at % 4 == 0;
            let method = match what % 24 {
                13..16 => Method::BasicAck { delivery_tag, multiple },
                16 => Method::BasicNack { delivery_tag, multiple, requeue: true },
                17 => Method::BasicNack { delivery_tag, multiple, requeue: false },
                _ => Method::BasicReject { delivery_tag, requeue: at % 2 == 0 },
            };
            node.on(connection, 1).says(method);
        }
        19 => node.wait(u64::from(with) * u64::from(with)),
        20 if at % 4 == 0 => {
            let id = ConnectionId(connection);
            if node.broker.connection(id).is_some() {
                node.apply(Command::ConnectionLost(id));
            }
        }
        20 => drop(node.says(if at % 2 == 0 { Method::ConfirmSelect } else { Method::TxSelect })),
        21 => drop(node.says(if at % 4 == 0 { Method::TxRollback } else { Method::TxCommit })),
        22 => drop(node.says(Method::QueuePurge { queue: queue.into() })),
        _ if at % 8 == 0 => node.restart(at % 16 == 0),
        _ if at % 8 == 1 => {
            node.says(Method::QueueDelete { queue: queue.into(), if_unused: false, if_empty: false });
            node.declare(queue);
        }
        _ => drop(node.says(Method::BasicCancel { consumer_tag: "".into() })),
    }
}

/// Does one thing after the other, and adds up after each. Answers what happened.
fn follow(deeds: &[Deed]) -> Result<Vec<Event>, String> {
    let mut node = with_queues();
    let (mut rates, mut gone, mut seen, mut held) = (Rates::default(), Gone::default(), 0, Vec::new());
    for (place, deed) in deeds.iter().enumerate() {
        perform(&mut node, &mut held, *deed);
        for event in &node.events[seen..] {
            gone.note(&rates, &event.kind);
            rates.apply(&entry(event.clone()));
            if let EventKind::Delivered { consumer: ConsumerRef { channel, .. }, delivery_tag, ack: true, .. }
            | EventKind::Got { channel, delivery_tag, ack: true, .. } = &event.kind
            {
                held.push((channel.connection.0, *delivery_tag));
            }
        }
        seen = node.events.len();
        let checked = check_lengths(&rates, &node.broker).and_then(|()| gone.check(&rates));
        let checked = checked.and_then(|()| check_counts(&rates, &node.events));
        checked.map_err(|wrong| format!("deed {place}, {deed:?}: {wrong}"))?;
    }
    Ok(node.events)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, max_shrink_iters: 5_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn everything_adds_up_whatever_is_done(deeds in prop::collection::vec(any::<Deed>(), 0..300)) {
        let followed = follow(&deeds);
        prop_assert!(followed.is_ok(), "{}", followed.unwrap_err());
    }
}

/// Found by the property above: several dead letters leave before the first of them is back.
#[test]
fn dead_letters_that_leave_together_come_back_one_by_one() {
    let deeds = [
        (120, 0, 148),
        (48, 0, 229),
        (24, 0, 130),
        (131, 2, 148),
        (20, 47, 0),
        (91, 0, 23),
        (0, 0, 5),
        (37, 0, 0),
        (0, 3, 121),
        (181, 44, 40),
        (37, 0, 74),
    ];
    assert_eq!(follow(&deeds).map(|_| ()), Ok(()));
}

/// The property above is worth something only if all of this happens.
#[test]
fn what_is_done_at_random_moves_messages_in_all_ways() {
    let mut dice = oorandom::Rand32::new(5);
    let mut deed = || (dice.rand_u32() as u8, dice.rand_u32() as u8, dice.rand_u32() as u8);
    let mut told: BTreeMap<&str, u64> = BTreeMap::new();
    for _ in 0..60 {
        let deeds: Vec<Deed> = (0..300).map(|_| deed()).collect();
        for event in follow(&deeds).unwrap_or_else(|wrong| panic!("{wrong}")) {
            let what = match event.kind {
                EventKind::Delivered { redelivered: true, .. } => "redelivered",
                EventKind::Delivered { ack: true, .. } => "delivered",
                EventKind::Delivered { .. } => "delivered, auto ack",
                EventKind::Got { ack: true, .. } => "got",
                EventKind::Got { .. } => "got, auto ack",
                EventKind::GotNothing { .. } => "got nothing",
                EventKind::Acked { .. } => "acked",
                EventKind::Requeued { .. } => "requeued",
                EventKind::Delayed { .. } => "delayed",
                EventKind::DelayEnded { .. } => "delay ended",
                EventKind::DeadLettered { .. } => "dead-lettered",
                EventKind::DeadLetterHeld { .. } => "held",
                EventKind::Dropped { .. } => "dropped",
                EventKind::Refused { .. } => "refused",
                EventKind::Confirmed { ack: true, .. } => "confirmed",
                EventKind::ChannelSet { setting: ChannelSetting::Commit, .. } => "committed",
                _ => continue,
            };
            *told.entry(what).or_default() += 1;
        }
    }
    assert_eq!(told.len(), 16, "{told:?}");
    assert!(told.values().all(|times| *times >= 20), "{told:?}");
}

/// Plays a scenario, and looks on after each step.
fn play(scenario: &Scenario, until_ms: u64, mut look: impl FnMut(&Rates, &Board, &World)) -> Vec<LogEntry> {
    let (mut log, mut fresh) = (Vec::new(), Vec::new());
    let mut world = World::new(scenario, &mut fresh).expect("the scenario is right");
    let (mut rates, mut board) = (Rates::default(), Board::default());
    loop {
        fresh.iter().for_each(|entry| rates.apply(entry));
        fresh.iter().for_each(|entry| board.apply(entry));
        log.append(&mut fresh);
        look(&rates, &board, &world);
        if world.next_ms().is_none_or(|next_ms| next_ms > until_ms) {
            return log;
        }
        world.step(&mut fresh);
    }
}

/// A scenario with a bit of everything, in the form of a file.
fn mixed() -> Scenario {
    let text = r#"{
        "format": "warren/1", "name": "mixed", "seed": 5,
        "definitions": {
            "queues": [
                {"name": "work", "vhost": "/", "durable": true, "auto_delete": false, "arguments": {"x-max-length": 6,
                    "x-overflow": "reject-publish", "x-dead-letter-exchange": "amq.fanout"}},
                {"name": "quorum", "vhost": "/", "durable": true, "auto_delete": false, "arguments": {"x-queue-type": "quorum",
                    "x-message-ttl": 900, "x-dead-letter-exchange": "amq.fanout"}},
                {"name": "dead", "vhost": "/", "durable": true, "auto_delete": false, "arguments": {}}],
            "bindings": [
                {"source": "amq.fanout", "vhost": "/", "destination": "dead", "destination_type": "queue", "routing_key": "",
                    "arguments": {}},
                {"source": "amq.topic", "vhost": "/", "destination": "work", "destination_type": "queue", "routing_key": "a.*",
                    "arguments": {}},
                {"source": "amq.topic", "vhost": "/", "destination": "quorum", "destination_type": "queue",
                    "routing_key": "*.b", "arguments": {}}]
        },
        "clients": [CLIENTS]
    }"#;
    let clients = r#"
        {"name": "p", "latency_ms": 30, "role": "producer", "exchange": "amq.topic", "routing_key": "a.b",
            "confirms": true, "schedule": {"poisson": {"messages": 20}}},
        {"name": "lost", "role": "producer", "exchange": "amq.topic", "routing_key": "c.d", "mandatory": true, "every_ms": 170},
        {"name": "w", "latency_ms": 20, "role": "consumer", "queues": ["work"], "prefetch": 2,
            "processing": {"exponential": 90}, "restart_after_ms": 200, "rules": [
                {"when": {"every": 11}, "outcome": "crash"}, {"when": {"percent": 20}, "outcome": "nack_requeue"},
                {"when": {"percent": 20}, "outcome": "reject_discard"}]},
        {"name": "auto", "role": "consumer", "queues": ["quorum"], "ack": "auto", "processing": {"fixed": 60}},
        {"name": "g", "latency_ms": 10, "role": "consumer", "queues": ["dead", "work"], "pull_every_ms": 150}"#;
    let file = warren::share::parse(text.replace("CLIENTS", clients)).unwrap_or_else(|error| panic!("{error}"));
    file.scenario
}

/// The scenarios that come with Warren.
fn examples() -> Vec<Scenario> {
    // Asked at run time: several clones may share what is compiled.
    let root = std::env::var_os("CARGO_MANIFEST_DIR").map(std::path::PathBuf::from).unwrap_or_default();
    let files = std::fs::read_dir(root.join("www/examples")).expect("the folder is there");
    let paths = files.map(|file| file.expect("an entry").path());
    let texts =
        paths.filter(|path| path.extension().is_some_and(|ending| ending == "json")).map(std::fs::read_to_string);
    texts.map(|text| warren::share::parse(text.expect("it can be read")).expect("it is right").scenario).collect()
}

#[test]
fn the_statistics_say_what_the_broker_and_the_board_say() {
    let files = examples();
    assert!(files.len() > 5);
    let random = (0..60).map(support::worlds::scenario);
    let mut handed = 0;
    for scenario in files.into_iter().chain([mixed()]).chain(random) {
        play(&scenario, 10_000, |rates, board, world| {
            check_lengths(rates, world.broker()).unwrap_or_else(|wrong| panic!("{} {wrong}", world.now_ms()));
            for (resource, state) in &board.queues {
                let stats = rates.queue(resource).unwrap_or_else(|| panic!("no queue {resource:?}"));
                let on_board = [state.ready.len(), state.unacked.len(), state.total()].map(|length| length as u64);
                assert_eq!(lengths(stats), on_board, "{resource:?} at {}", world.now_ms());
                assert_eq!(stats.count(Counter::DeliverGet), Some(state.delivered));
                // The board leaves a stream's acknowledgements out, since they change nothing.
                assert!(state.kind == "stream" || stats.count(Counter::Ack) == Some(state.acked), "{resource:?}");
            }
            handed = handed.max(rates.overview().count(Counter::DeliverGet).unwrap_or_default());
        });
    }
    assert!(handed > 100, "at most {handed} messages were delivered");
}

#[test]
fn going_to_a_moment_is_playing_up_to_it() {
    let log = play(&mixed(), 30_000, |_, _, _| ());
    assert!(log.len() > 2_000, "only {} entries", log.len());
    let mut history = History::new(Rates::default(), Limits::default());
    let mut played = vec![Rates::default()];
    let mut rates = Rates::default();
    for entry in &log {
        history.push(entry.clone());
        rates.apply(entry);
        played.push(rates.clone());
    }
    for (cursor, rates) in played.iter().enumerate().step_by(37) {
        assert_eq!(history.at(cursor), *rates, "at {cursor}");
    }
}

#[test]
fn the_same_world_has_the_same_rates_however_often_it_is_played() {
    let rates = || {
        let mut rates = Rates::default();
        play(&mixed(), 30_000, |now, _, _| rates = now.clone());
        rates
    };
    let (once, again) = (rates(), rates());
    assert_eq!(once, again);
    let written = once.overview().average(Counter::Publish, Window::Minute, 30_000).map(|rate| rate.to_string());
    assert_eq!(
        written,
        again.overview().average(Counter::Publish, Window::Minute, 30_000).map(|rate| rate.to_string())
    );
}
