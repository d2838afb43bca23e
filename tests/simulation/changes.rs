//! Clients that are changed while they work: nothing of their connection is touched but what RabbitMQ asks for.

use std::rc::Rc;

use warren::broker::{EventKind, Method, Name};
use warren::simulation::{
    AckMode, ClientEvent, ClientSpec, Control, Deed, LogEntry, LogKind, Scenario, Schedule, Span, World,
};

use crate::play::{
    broker_events, broker_ms, client_events, is_delivered, is_publish, on, publishes, scripted, sent_ms,
};

/// Plays a scenario in which a client is another from a moment on. Twice, and the log is the same both times.
fn changed(scenario: &Scenario, changes: &[(u64, ClientSpec)], until_ms: u64) -> Vec<LogEntry> {
    let played = || {
        let mut log = Vec::new();
        let mut world = World::new(scenario, &mut log).expect("it begins");
        for (at_ms, spec) in changes {
            world.advance_to(*at_ms, &mut log);
            world.perform(&Deed::Change(Rc::new(spec.clone())), &mut log).expect("it goes on as this");
            // A copy of the world goes on as the world does.
            world = world.clone();
        }
        world.advance_to(until_ms, &mut log);
        log
    };
    let log = played();
    assert!(log == played(), "it differs from one run to the next");
    log
}

fn client(scenario: &Scenario, name: &str, change: impl Fn(&mut ClientSpec)) -> ClientSpec {
    let mut spec = scenario.clients.iter().find(|client| client.name == name).expect("there is one").clone();
    change(&mut spec);
    spec
}

fn producer(change: impl Fn(&mut warren::simulation::ProducerSpec)) -> ClientSpec {
    client(&scripted(&[]), "p", |spec| change(spec.role.producer_mut().expect("it publishes")))
}

fn consumer(change: impl Fn(&mut warren::simulation::ConsumerSpec)) -> ClientSpec {
    client(&scripted(&[]), "w", |spec| change(spec.role.consumer_mut().expect("it consumes")))
}

/// What was said to the broker after a client was changed, but for publishes and acknowledgements.
fn said_anew(log: &[LogEntry]) -> Vec<String> {
    let is_change =
        |entry: &LogEntry| matches!(&entry.kind, LogKind::Client { event: ClientEvent::Changed { .. }, .. });
    let change = log.iter().position(is_change).expect("it was changed");
    let said = log[change..].iter().filter_map(|entry| match &entry.kind {
        LogKind::Broker(event) => match &event.kind {
            EventKind::ConsumerRemoved { consumer, .. } => Some(format!("cancel {}", consumer.tag)),
            EventKind::ConsumerAdded { queue, prefetch, .. } => Some(format!("consume {} {prefetch}", queue.name)),
            _ => None,
        },
        LogKind::Client { event: ClientEvent::Sent { method, .. }, .. } => match method {
            Method::BasicPublish(_) | Method::BasicAck { .. } => None,
            method => Some(format!("{method:?}")),
        },
        _ => None,
    });
    said.collect()
}

fn connections(log: &[LogEntry]) -> (usize, usize) {
    let count = |wanted: fn(&EventKind) -> bool| broker_events(log).filter(|event| wanted(event)).count();
    let opened = count(|event| matches!(event, EventKind::ConnectionOpened { .. }));
    (opened, count(|event| matches!(event, EventKind::ConnectionClosed { .. })))
}

#[test]
fn what_a_producer_publishes_is_its_own_affair() {
    let other = producer(|producer| {
        (producer.payload, producer.routing_key, producer.mandatory) = ("new".into(), "elsewhere".into(), true);
    });
    let log = changed(&scripted(&[]), &[(250, other)], 500);
    assert_eq!(sent_ms(&log, is_publish), [0, 100, 200, 300, 400, 500], "its schedule is what it was");
    let keys: Vec<&str> = publishes(&log).iter().map(|publish| &*publish.routing_key).collect();
    assert_eq!(keys, ["tasks", "tasks", "tasks", "elsewhere", "elsewhere", "elsewhere"]);
    assert_eq!((said_anew(&log), connections(&log)), (Vec::new(), (2, 0)));
    assert!(client_events(&log).all(|event| !matches!(event, ClientEvent::Left)));
}

#[test]
fn another_schedule_counts_from_now_on_and_a_limit_goes_on_counting() {
    let every = |ms, limit| {
        producer(move |producer| {
            (producer.schedule, producer.every_ms, producer.limit) = (Some(Schedule::Every { ms }), None, limit)
        })
    };
    let log = changed(&scripted(&[]), &[(250, every(40, None)), (350, every(40, Some(4)))], 1_000);
    assert_eq!(sent_ms(&log, is_publish), [0, 100, 200, 250, 290, 330], "six are more than four");
    let log = changed(&scripted(&[]), &[(250, every(40, Some(4))), (600, every(40, Some(6)))], 1_000);
    assert_eq!(sent_ms(&log, is_publish), [0, 100, 200, 250, 600, 640], "two more");
    let log = changed(&scripted(&[(100, on("p", Control::Pause))]), &[(250, every(40, None))], 1_000);
    assert_eq!(sent_ms(&log, is_publish), [0], "it is paused still");
}

#[test]
fn confirm_mode_is_selected_on_the_channel_and_is_never_left() {
    let confirming = producer(|producer| producer.confirms = true);
    let log = changed(&scripted(&[]), &[(250, confirming.clone())], 500);
    assert_eq!((said_anew(&log), connections(&log)), (vec!["ConfirmSelect".to_owned()], (2, 0)));
    let confirmed = broker_ms(&log, |event| matches!(event, EventKind::Confirmed { .. }));
    assert_eq!(confirmed, [320, 420]);
    assert!(!confirming.goes_on_as(&producer(|_| ())) && producer(|_| ()).goes_on_as(&confirming));
}

#[test]
fn how_a_consumer_works_is_its_own_affair() {
    let slow = consumer(|consumer| consumer.processing = Span::Fixed(200));
    // The first message is in its hands when it is changed.
    let log = changed(&scripted(&[]), &[(45, slow)], 1_000);
    assert_eq!((said_anew(&log), connections(&log)), (Vec::new(), (2, 0)));
    let begun = log.iter().filter_map(|entry| match &entry.kind {
        LogKind::Client { event: ClientEvent::WorkStarted { until_ms, .. }, .. } => Some(until_ms - entry.at_ms),
        _ => None,
    });
    assert_eq!(begun.take(3).collect::<Vec<u64>>(), [10, 200, 200]);
    let requeued = broker_ms(&log, |event| matches!(event, EventKind::Requeued { .. }));
    assert!(requeued.is_empty() && broker_ms(&log, is_delivered).len() > 3);
}

#[test]
fn a_prefetch_counts_for_the_consumer_after_it() {
    let more = consumer(|consumer| consumer.prefetch = 7);
    let log = changed(&scripted(&[]), &[(145, more)], 1_000);
    assert_eq!(said_anew(&log), ["cancel w", "consume tasks 7"]);
    assert_eq!(connections(&log), (2, 0));
    let prefetches = broker_events(&log).filter_map(|event| match event {
        EventKind::ConsumerAdded { prefetch, .. } => Some(*prefetch),
        _ => None,
    });
    assert_eq!(prefetches.collect::<Vec<u16>>(), [1, 7]);
    // What it had in its hands it acknowledges on the same channel.
    let count = |wanted: fn(&EventKind) -> bool| broker_events(&log).filter(|event| wanted(event)).count();
    assert_eq!(count(|event| matches!(event, EventKind::Requeued { .. })), 0);
    assert!(count(|event| matches!(event, EventKind::Acked { .. })) >= 8);
}

#[test]
fn only_the_consumers_that_are_others_are_cancelled() {
    let mut scenario = scripted(&[]);
    scenario.definitions.queues.push(warren::definitions::Queue::new("more"));
    let both = |queues: &[&str]| {
        let queues: Vec<Name> = queues.iter().map(|queue| (*queue).into()).collect();
        consumer(move |consumer| consumer.queues = queues.clone())
    };
    let log = changed(&scenario, &[(145, both(&["tasks", "more"]))], 500);
    assert_eq!(said_anew(&log), ["consume more 1"]);
    let log = changed(&scenario, &[(145, both(&["more"]))], 500);
    assert_eq!(said_anew(&log), ["cancel w", "consume more 1"]);
    let twice = [(145, both(&["more"])), (200, both(&["tasks"]))];
    assert_eq!(
        said_anew(&changed(&scenario, &twice, 500)),
        ["cancel w", "consume more 1", "cancel w.2", "consume tasks 1"]
    );
    let first = consumer(|consumer| consumer.priority = Some(3));
    assert_eq!(said_anew(&changed(&scenario, &[(145, first)], 500)), ["cancel w", "consume tasks 1"]);
    let alone = consumer(|consumer| consumer.exclusive = true);
    assert_eq!(said_anew(&changed(&scenario, &[(145, alone)], 500)), ["cancel w", "consume tasks 1"]);
}

#[test]
fn what_no_method_changes_takes_a_new_connection() {
    let is = consumer(|_| ());
    let automatic = consumer(|consumer| consumer.ack = AckMode::Auto);
    let pulls = consumer(|consumer| consumer.pull_every_ms = Some(10));
    let elsewhere = ClientSpec { vhost: "other".into(), ..is.clone() };
    let several = ClientSpec { connections: 2, ..is.clone() };
    let deaf = ClientSpec { heartbeat_s: 1, ..is.clone() };
    for other in [automatic, pulls, elsewhere, several, deaf, producer(|_| ())] {
        assert!(!is.goes_on_as(&other), "{other:?}");
        let mut world = World::new(&scripted(&[]), &mut Vec::new()).expect("it begins");
        let other = ClientSpec { name: "w".into(), ..other };
        let refused = world.perform(&Deed::Change(Rc::new(other)), &mut Vec::new()).expect_err("it cannot be");
        assert_eq!(
            refused.to_string(),
            "action.change: expected what client \"w\" can be over the connection that it has"
        );
    }
}

#[test]
fn who_has_no_connection_gets_one() {
    let mut scenario = scripted(&[]);
    scenario.clients = vec![client(&scenario, "p", |_| ()), client(&scenario, "w", |_| ())];
    scenario.clients[0].role.producer_mut().expect("it publishes").exchange = "missing".into();
    let log = changed(&scenario, &[(250, producer(|_| ()))], 500);
    assert_eq!(broker_ms(&log, is_delivered), [270, 370, 470], "a channel that was closed is another by then");
    let slow = consumer(|consumer| consumer.processing = Span::Fixed(20));
    let stopped = scripted(&[(100, Deed::StopBroker), (400, Deed::StartBroker)]);
    let log = changed(&stopped, &[(250, slow)], 600);
    assert!(broker_ms(&log, is_delivered).iter().all(|at_ms| !(100..400).contains(at_ms)));
    assert!(broker_ms(&log, is_delivered).contains(&420));
}

#[test]
fn a_link_takes_as_long_as_it_is_changed_to() {
    let far = ClientSpec { latency_ms: 70, ..producer(|_| ()) };
    let log = changed(&scripted(&[]), &[(150, far)], 400);
    assert_eq!(broker_ms(&log, |event| matches!(event, EventKind::Published { .. })), [20, 120, 270, 370]);
}

#[test]
fn over_a_link_that_is_held_nothing_is_said_before_it_is_released() {
    let held = scripted(&[(100, on("w", Control::HoldLink)), (400, on("w", Control::ReleaseLink))]);
    let log = changed(&held, &[(145, consumer(|consumer| consumer.prefetch = 7))], 600);
    assert_eq!(broker_ms(&log, |event| matches!(event, EventKind::ConsumerAdded { .. })), [0, 400]);
}

#[test]
fn a_queue_that_is_not_there_closes_the_channel_as_always() {
    let lost = consumer(|consumer| consumer.queues = vec!["missing".into()]);
    let log = changed(&scripted(&[]), &[(145, lost), (300, consumer(|_| ()))], 600);
    assert_eq!(broker_ms(&log, |event| matches!(event, EventKind::ChannelClosed { .. })).first(), Some(&145));
    assert!(broker_ms(&log, is_delivered).contains(&300), "and then it works on what waited");
}
