//! Rates and counters: what counts as what, under which name, and windows, by hand.
#![cfg(not(target_arch = "wasm32"))]

mod node;

use std::collections::BTreeMap;

use node::{Node, channel};
use warren::broker::command::{BasicConsume, BasicPublish};
use warren::broker::table::Value;
use warren::broker::{Command, ConnectionId, Event, Frame, Manage, Method, Resource};
use warren::history::Fold;
use warren::simulation::{LogEntry, LogKind};
use warren::view::rates::{Counter, Holds, Length, Measured, QueueStats, Rate, Rates, Window};

fn entry(event: Event) -> LogEntry {
    LogEntry { seq: event.id.0, at_ms: event.at_ms, cause: 0, kind: LogKind::Broker(event) }
}

/// What a node's events amount to.
fn rates(node: &Node) -> Rates {
    let mut rates = Rates::default();
    node.events.iter().for_each(|event| rates.apply(&entry(event.clone())));
    rates
}

fn in_root(name: &str) -> Resource {
    Resource { vhost: "/".into(), name: name.into() }
}

fn queue<'r>(rates: &'r Rates, name: &str) -> &'r QueueStats {
    rates.queue(&in_root(name)).unwrap_or_else(|| panic!("no queue {name}"))
}

/// What was counted, of what was counted at all.
fn counted(thing: &impl Measured) -> Vec<(&'static str, u64)> {
    let counts = Counter::MESSAGE_RATES.iter().filter_map(|counter| Some((counter.label(), thing.count(*counter)?)));
    counts.filter(|(_, count)| *count > 0).collect()
}

fn lengths(thing: &impl Holds) -> [u64; 3] {
    Length::ALL.map(|length| thing.length(length))
}

#[test]
fn the_names_are_those_of_the_management_ui() {
    // rabbitmq_management/priv/www/js/charts.js, message_rates and queue_lengths; js/tmpl/overview.ejs.
    let names = Counter::MESSAGE_RATES.map(Counter::label);
    let expected = [
        "Publish",
        "Publisher confirm",
        "Publish (In)",
        "Publish (Out)",
        "Deliver (manual ack)",
        "Deliver (auto ack)",
        "Consumer ack",
        "Redelivered",
        "Get (manual ack)",
        "Get (auto ack)",
        "Get (empty)",
        "Unroutable (return)",
        "Unroutable (drop)",
    ];
    assert_eq!(names, expected);
    assert!(Counter::MESSAGE_RATES.iter().all(|counter| counter.heading() == "Message rates"));
    assert_eq!(Length::ALL.map(Length::label), ["Ready", "Unacked", "Total"]);
    let churn = Counter::CHURN.map(|counter| (counter.heading(), counter.label()));
    let expected = [
        ("Connection operations", "Created"),
        ("Connection operations", "Closed"),
        ("Channel operations", "Created"),
        ("Channel operations", "Closed"),
        ("Queue operations", "Declared"),
        ("Queue operations", "Created"),
        ("Queue operations", "Deleted"),
    ];
    assert_eq!(churn, expected);
    let windows = Window::ALL.map(|window| (window.label(), window.length_s(), window.step_s()));
    let expected = [
        ("Last minute", 60, 1),
        ("Last ten minutes", 600, 5),
        ("Last hour", 3_600, 60),
        ("Last eight hours", 28_800, 600),
        ("Last day", 86_400, 1_800),
    ];
    assert_eq!(windows, expected);
}

#[test]
fn a_publish_counts_once_and_each_copy_counts_for_the_exchange_it_was_published_to() {
    let mut node = Node::new();
    node.exchange("first", "fanout");
    node.exchange("second", "fanout");
    for name in ["a", "b"] {
        node.declare(name);
        node.bind("second", name, "");
    }
    assert_eq!(node.says(Method::ExchangeBind(node::exchange_binding("first", "second", ""))), "ok");
    for body in ["1", "2", "3"] {
        node.publish_to("first", "", body);
    }
    node.publish("a", "4");
    let rates = rates(&node);
    assert_eq!(counted(rates.overview()), [("Publish", 4)]);
    let exchange = |name: &str| rates.exchange(&in_root(name)).map(counted).unwrap_or_default();
    assert_eq!(exchange("first"), [("Publish (In)", 3), ("Publish (Out)", 6)]);
    assert_eq!(exchange("second"), []);
    assert_eq!(exchange(""), [("Publish (In)", 1), ("Publish (Out)", 1)]);
    assert_eq!(counted(queue(&rates, "a")), [("Publish", 4)]);
    assert_eq!(counted(queue(&rates, "b")), [("Publish", 3)]);
    assert_eq!(lengths(rates.overview()), [7, 0, 7]);
}

#[test]
fn what_reaches_no_queue_counts_as_published_and_as_unroutable() {
    let mut node = Node::new();
    node.on(1, 1).publish_to("amq.fanout", "", "dropped");
    let mandatory = BasicPublish { mandatory: true, ..node::publish("amq.fanout", "", "returned") };
    assert_eq!(node.on(1, 2).says(Method::BasicPublish(mandatory)), "ok");
    let rates = rates(&node);
    let all = [("Publish", 2), ("Unroutable (return)", 1), ("Unroutable (drop)", 1)];
    assert_eq!(counted(rates.overview()), all);
    let channels: Vec<_> = rates.channels().map(|(_, stats)| counted(stats)).collect();
    assert_eq!(channels, [[("Publish", 1), ("Unroutable (drop)", 1)], [("Publish", 1), ("Unroutable (return)", 1)]]);
    assert_eq!(rates.connections().map(|(_, stats)| counted(stats)).collect::<Vec<_>>(), [all]);
}

#[test]
fn dead_letters_and_the_copies_of_the_firehose_are_no_publishes() {
    let mut node = Node::new();
    node.declare("dead");
    node.declare_with(
        "short",
        &[
            ("x-message-ttl", Value::I32(10)),
            ("x-dead-letter-exchange", "".into()),
            ("x-dead-letter-routing-key", "dead".into()),
        ],
    );
    node.declare("trace");
    node.bind("amq.rabbitmq.trace", "trace", "#");
    assert_eq!(node.manage(Manage::Trace { vhost: "/".into(), on: true }), "ok");
    node.publish("short", "1");
    node.wait(20);
    let rates = rates(&node);
    assert_eq!(counted(rates.overview()), [("Publish", 1)]);
    assert_eq!(counted(queue(&rates, "short")), [("Publish", 1)]);
    assert_eq!((counted(queue(&rates, "dead")), lengths(queue(&rates, "dead"))), (vec![], [1, 0, 1]));
    assert_eq!((counted(queue(&rates, "trace")), lengths(queue(&rates, "trace"))), (vec![], [1, 0, 1]));
}

#[test]
fn what_a_queue_refuses_came_in_and_is_not_confirmed() {
    for overflow in ["reject-publish", "reject-publish-dlx"] {
        let mut node = Node::new();
        let arguments = [
            ("x-max-length", Value::I32(1)),
            ("x-overflow", overflow.into()),
            ("x-dead-letter-exchange", "amq.fanout".into()),
        ];
        node.declare_with("q", &arguments);
        assert_eq!(node.says(Method::ConfirmSelect), "ok");
        (0..3).for_each(|_| node.publish("q", "m"));
        let rates = rates(&node);
        assert_eq!(counted(rates.overview()), [("Publish", 3), ("Publisher confirm", 1)]);
        assert_eq!(counted(queue(&rates, "q")), [("Publish", 3)]);
        assert_eq!(lengths(queue(&rates, "q")), [1, 0, 1], "{overflow}");
    }
}

#[test]
fn deliveries_gets_and_acknowledgements() {
    let mut node = Node::new();
    node.on(1, 1).declare("q");
    (0..6).for_each(|_| node.publish("q", "m"));
    // Three are got: one without acknowledgement, one acknowledged, one that goes back.
    assert!(node.method(Method::BasicGet { queue: "q".into(), no_ack: true }).is_some());
    assert_eq!(node.get("q").map(|delivery| delivery.delivery_tag), Some(2));
    assert_eq!(node.get("q").map(|delivery| delivery.delivery_tag), Some(3));
    node.ack(2);
    node.reject(3, true);
    // A consumer takes the four that are left, one of them again, and acknowledges all at once.
    node.on(1, 2).consume("q", "manual");
    assert_eq!(node.says(Method::BasicAck { delivery_tag: 0, multiple: true }), "ok");
    assert!(node.get("q").is_none());
    assert_eq!(node.says(Method::BasicCancel { consumer_tag: "manual".into() }), "ok");
    let auto = BasicConsume { no_ack: true, ..node::consume("q", "auto") };
    assert_eq!(node.on(2, 1).says(Method::BasicConsume(auto)), "ok");
    node.on(1, 1).publish("q", "m");
    let rates = rates(&node);
    let all = [
        ("Publish", 7),
        ("Deliver (manual ack)", 4),
        ("Deliver (auto ack)", 1),
        ("Consumer ack", 5),
        ("Redelivered", 1),
        ("Get (manual ack)", 2),
        ("Get (auto ack)", 1),
        ("Get (empty)", 1),
    ];
    assert_eq!(counted(rates.overview()), all);
    assert_eq!(counted(queue(&rates, "q")), all);
    assert_eq!(rates.overview().count(Counter::DeliverGet), Some(8));
    let channels: Vec<_> = rates.channels().map(|(id, stats)| (id, counted(stats))).collect();
    let first = vec![("Publish", 7), ("Consumer ack", 1), ("Get (manual ack)", 2), ("Get (auto ack)", 1)];
    let second = vec![("Deliver (manual ack)", 4), ("Consumer ack", 4), ("Redelivered", 1), ("Get (empty)", 1)];
    let third = vec![("Deliver (auto ack)", 1)];
    assert_eq!(channels, [(channel(1, 1), first), (channel(1, 2), second), (channel(2, 1), third.clone())]);
    // The one that was cancelled is gone.
    let consumers: Vec<_> = rates.consumers().map(|(_, tag, stats)| (tag.as_str(), counted(stats))).collect();
    assert_eq!(consumers, [("auto", third)]);
    assert_eq!(lengths(rates.overview()), [0, 0, 0]);
}

#[test]
fn a_transaction_counts_when_it_is_committed() {
    let mut node = Node::new();
    node.declare("q");
    assert_eq!(node.says(Method::TxSelect), "ok");
    node.publish("q", "1");
    node.publish("nowhere", "2");
    assert_eq!(counted(rates(&node).overview()), []);
    assert_eq!(node.says(Method::TxRollback), "ok");
    assert_eq!(counted(rates(&node).overview()), []);
    node.publish("q", "3");
    node.publish("nowhere", "4");
    assert_eq!(node.says(Method::TxCommit), "ok");
    let rates = rates(&node);
    assert_eq!(counted(rates.overview()), [("Publish", 2), ("Unroutable (drop)", 1)]);
    let default = rates.exchange(&in_root("")).map(counted);
    assert_eq!(default, Some(vec![("Publish (In)", 2), ("Publish (Out)", 1)]));
    assert_eq!(rates.channels().map(|(_, stats)| stats.mode()).collect::<Vec<_>>(), ["T"]);
}

#[test]
fn what_ends_takes_its_counters_along_and_the_overview_keeps_them() {
    let mut node = Node::new();
    node.on(1, 1).declare("q");
    node.declare("q");
    node.declare("other");
    node.publish("q", "1");
    node.publish("other", "2");
    node.on(2, 1).consume("q", "c");
    node.apply(Command::ConnectionLost(ConnectionId(2)));
    node.on(1, 1).says(Method::QueueDelete { queue: "q".into(), if_unused: false, if_empty: false });
    let kept = rates(&node);
    assert_eq!(counted(kept.overview()), [("Publish", 2), ("Deliver (manual ack)", 1)]);
    assert_eq!(lengths(kept.overview()), [1, 0, 1]);
    assert_eq!((kept.queues().count(), kept.connections().count(), kept.channels().count()), (1, 1, 1));
    assert_eq!(kept.consumers().count(), 0);
    let churn = Counter::CHURN.map(|counter| kept.overview().count(counter).unwrap_or_default());
    assert_eq!(churn, [2, 1, 2, 1, 3, 2, 1]);
    // A restart ends connections, and no statistics.
    node.restart(true);
    let kept = rates(&node);
    assert_eq!(counted(kept.overview()), [("Publish", 2), ("Deliver (manual ack)", 1)]);
    assert_eq!((kept.connections().count(), kept.channels().count(), kept.queues().count()), (0, 0, 1));
}

#[test]
fn a_deleted_virtual_host_is_gone() {
    let mut node = Node::new();
    assert_eq!(node.vhost("v", None), "ok");
    node.permit("guest", "v", ".*", ".*", ".*");
    node.logs_in(1, "v", "guest").on(1, 1).declare("q");
    node.publish("q", "m");
    let before = rates(&node);
    assert_eq!(
        before.vhosts().map(|(name, host)| (name.as_str(), counted(host), lengths(host))).collect::<Vec<_>>(),
        [("v", vec![("Publish", 1)], [1, 0, 1])]
    );
    assert_eq!(node.manage(Manage::VhostDelete { vhost: "v".into() }), "ok");
    let after = rates(&node);
    assert_eq!((after.vhosts().count(), after.queues().count(), lengths(after.overview())), (0, 0, [0, 0, 0]));
}

#[test]
fn a_rate_is_over_the_last_five_seconds_that_are_over() {
    let mut node = Node::new();
    node.declare("q");
    // At 0, 0.5, ..., 9.5 s.
    for _ in 0..20 {
        node.publish("q", "m");
        node.wait(500);
    }
    let rates = rates(&node);
    let at = |now_ms| queue(&rates, "q").rate(Counter::Publish, now_ms);
    let rate = |count, span_ms| Some(Rate { count, span_ms });
    // (The log is at its end: what is asked for from then on is asked of now.)
    assert_eq!(at(9_999), rate(10, 5_000));
    assert_eq!(at(10_000), rate(10, 5_000));
    assert_eq!(at(10_999), rate(10, 5_000));
    assert_eq!(at(11_000), rate(8, 5_000));
    assert_eq!(at(14_000), rate(2, 5_000));
    assert_eq!(at(15_000), rate(0, 5_000));
    let average = |window, now_ms| queue(&rates, "q").average(Counter::Publish, window, now_ms);
    assert_eq!(average(Window::Minute, 10_500), rate(20, 10_000));
    assert_eq!(average(Window::Minute, 69_999), rate(2, 60_000));
    assert_eq!(average(Window::TenMinutes, 14_999), rate(20, 10_000));
    assert_eq!(average(Window::Hour, 59_999), rate(0, 0));
    assert_eq!(average(Window::Hour, 60_000), rate(20, 60_000));
    let line = queue(&rates, "q").rates(Counter::Publish, Window::TenMinutes, 16_000).unwrap_or_default();
    let step = |count| Rate { count, span_ms: 5_000 };
    assert_eq!(line, [(5_000, step(10)), (10_000, step(10)), (15_000, step(0))]);
    assert_eq!(queue(&rates, "q").rates(Counter::Confirm, Window::Minute, 16_000), None);
}

#[test]
fn a_queue_s_lengths_over_time() {
    let mut node = Node::new();
    node.declare("q");
    node.wait(1_500);
    (0..3).for_each(|_| node.publish("q", "m"));
    node.wait(1_000);
    assert!(node.get("q").is_some());
    node.wait(500);
    // At the boundary itself: it belongs to what comes.
    node.ack(1);
    node.wait(1_200);
    let rates = rates(&node);
    let line = |length| queue(&rates, "q").lengths(length, Window::Minute, node.now_ms);
    assert_eq!(line(Length::Ready), [(0, 0), (1_000, 0), (2_000, 3), (3_000, 2), (4_000, 2), (4_200, 2)]);
    assert_eq!(line(Length::Unacked), [(0, 0), (1_000, 0), (2_000, 0), (3_000, 1), (4_000, 0), (4_200, 0)]);
    assert_eq!(line(Length::Total), [(0, 0), (1_000, 0), (2_000, 3), (3_000, 3), (4_000, 2), (4_200, 2)]);
    assert_eq!(rates.overview().lengths(Length::Total, Window::Minute, node.now_ms), line(Length::Total));
}

#[test]
fn consumer_capacity_is_how_often_it_could_deliver_at_once() {
    for kind in ["classic", "quorum"] {
        let mut node = Node::new();
        node.declare_with("q", &[("x-queue-type", kind.into())]);
        let percent = |node: &Node| queue(&rates(node), "q").consumer_capacity(node.now_ms);
        assert_eq!(percent(&node), Some(0), "nobody consumes");
        node.prefetch(1);
        node.consume("q", "c");
        node.wait(1_000);
        assert_eq!(percent(&node), Some(100), "nothing to deliver is no wait");
        node.publish("q", "1");
        node.wait(500);
        assert_eq!(percent(&node), Some(100), "one is delivered at once, and nothing waits");
        node.publish("q", "2");
        node.wait(1_500);
        // 1.5 s active, 1.5 s not: half, and three seconds weigh 7/8: 0.5 * 0.875 + 1 * 0.125.
        assert_eq!(percent(&node), Some(56));
        node.ack(1);
        assert_eq!(percent(&node), Some(56));
        node.wait(1_000);
        // The second one went out with the acknowledgement: active for a second, which weighs a half.
        assert_eq!(percent(&node), Some(78));
    }
    let mut node = Node::new();
    node.stream("s", &[]);
    assert_eq!(queue(&rates(&node), "s").consumer_capacity(0), None);
}

#[test]
fn more_consumers_or_a_larger_prefetch_raise_the_consumer_capacity() {
    let percent = |consumers: u32, prefetch: u16| {
        let mut node = Node::new();
        node.on(9, 1).declare("q");
        for consumer in 1..=consumers {
            node.on(consumer, 1).prefetch(prefetch);
            node.consume("q", "c");
        }
        // A message each 100 ms, and each consumer is done with one after 300 ms.
        let mut working: Vec<(u64, u32, u64)> = Vec::new();
        let mut tags: BTreeMap<u32, u64> = BTreeMap::new();
        for tick in 0..200_u64 {
            node.on(9, 1).publish("q", "m");
            node.wait(100);
            let held = node.take_frames().into_iter().filter_map(|frame| match frame {
                Frame::Deliver { channel, delivery, .. } => Some((channel.connection.0, delivery.delivery_tag)),
                _ => None,
            });
            for (connection, tag) in held {
                let free = working.iter().filter(|(_, other, _)| *other == connection).map(|(due, ..)| *due).max();
                working.push((free.unwrap_or(tick).max(tick) + 3, connection, tag));
                tags.insert(connection, tag);
            }
            working.sort_unstable();
            while let Some((_, connection, tag)) = working.first().copied().filter(|(due, ..)| *due <= tick) {
                working.remove(0);
                node.on(connection, 1).ack(tag);
            }
        }
        queue(&rates(&node), "q").consumer_capacity(node.now_ms).unwrap_or_default()
    };
    let one = percent(1, 1);
    let five = percent(5, 1);
    assert!(one < 10, "one slow consumer: {one}%");
    assert_eq!(five, 100, "five of them are enough");
    assert!(percent(5, 10) == 100 && percent(1, 1) <= percent(2, 1));
}
