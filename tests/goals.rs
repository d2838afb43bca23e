//! Goals: what counts for them, when they are met, and what is said of those that are not.
#![cfg(not(target_arch = "wasm32"))]

mod support;

use support::audit::log_of;
use warren::history::Fold;
use warren::lesson::{Goal, Judge, State, check};
use warren::share;
use warren::simulation::{LogEntry, Scenario};

/// `p` publishes ten messages to `tasks` by the default exchange; `w` rejects every third without requeue, so that it is
/// dead-lettered to `dead`; `lost` publishes three that nobody wants, the first of them mandatory.
fn scenario() -> Scenario {
    let file = share::parse(
        r#"{"format": "warren/1", "name": "tasks", "definitions": {
            "queues": [
                {"name": "tasks", "vhost": "/", "arguments": {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dead"}},
                {"name": "dead", "vhost": "/"}
            ]},
        "clients": [
            {"name": "p", "role": "producer", "routing_key": "tasks", "payload": "{n}", "templates": true, "every_ms": 100,
                "limit": 10, "properties": {"message_id": "m{n}", "priority": 3, "headers": {"k": 1}}},
            {"name": "w", "latency_ms": 5, "role": "consumer", "queues": ["tasks"], "prefetch": 1, "processing": {"fixed": 20},
                "rules": [{"when": {"every": 3}, "outcome": "reject_discard"}, {"when": {"every": 5}, "outcome": "nack_requeue"}]},
            {"name": "lost", "role": "producer", "routing_key": "to.nobody", "every_ms": 300, "limit": 3, "mandatory": true},
            {"name": "wrong", "role": "producer", "exchange": "missing", "start_ms": 450}
        ]}"#,
    );
    file.expect("it is a scenario file").scenario
}

/// How a goal stands, and what is said of it, at a moment.
fn verdict(that: &str, log: &[LogEntry], now_ms: u64) -> (State, String) {
    let goal: Goal = serde_json::from_str(&format!(r#"{{"text": "t", "that": {that}}}"#)).expect("it is a goal");
    check(std::slice::from_ref(&goal), &scenario()).expect("it can be met");
    let mut judge = Judge::new(&[goal]);
    log.iter().filter(|entry| entry.at_ms <= now_ms).for_each(|entry| judge.apply(entry));
    let (goal, verdict) = judge.verdicts(now_ms).next().expect("there is one");
    assert_eq!(judge.met(now_ms), verdict.state == State::Met);
    (verdict.state, goal.that.told(&verdict))
}

fn counted(which: &str, log: &[LogEntry]) -> String {
    let (_, told) = verdict(&format!(r#"{{"events": {{"which": {which}}}}}"#), log, 5_000);
    told.strip_suffix("; expected at least 1").expect(&told).to_owned()
}

#[test]
fn events_count_by_kind_and_by_all_that_is_said_of_them() {
    let log = log_of(&scenario(), 5_000);
    for (which, expected) in [
        (r#"{"kind": "published"}"#, "13 times"),
        (r#"{"kind": "published", "client": "p"}"#, "10 times"),
        (r#"{"kind": "published", "exchange": "missing"}"#, "never"),
        (r#"{"kind": "routed", "client": "p", "vhost": "/"}"#, "10 times"),
        (r#"{"kind": "unroutable", "routing_key": "to.*"}"#, "3 times"),
        (r##"{"kind": "returned", "routing_key": "#", "client": "lost", "vhost": "/"}"##, "3 times"),
        (r#"{"kind": "returned", "vhost": "other"}"#, "never"),
        (r#"{"kind": "enqueued", "queue": "tasks"}"#, "10 times"),
        (r#"{"kind": "enqueued", "payload_contains": "7"}"#, "once"),
        (r#"{"kind": "enqueued", "queue": "tasks", "property": {"name": "message_id", "value": "m10"}}"#, "once"),
        (r#"{"kind": "enqueued", "queue": "tasks", "property": {"name": "priority", "value": "3"}}"#, "10 times"),
        (r#"{"kind": "enqueued", "property": {"name": "user_id"}}"#, "never"),
        (r#"{"kind": "enqueued", "queue": "tasks", "header": {"name": "k", "value": 1}}"#, "10 times"),
        (r#"{"kind": "enqueued", "header": {"name": "k", "value": 2}}"#, "never"),
        (r#"{"kind": "rejected", "queue": "tasks", "client": "w"}"#, "4 times"),
        (r#"{"kind": "rejected", "queue": "dead"}"#, "never"),
        (r#"{"kind": "nacked", "header": {"name": "k"}}"#, "2 times"),
        (r#"{"kind": "requeued", "reason": "nack"}"#, "2 times"),
        (r#"{"kind": "requeued", "reason": "reject"}"#, "never"),
        (r#"{"kind": "redelivered", "client": "w"}"#, "2 times"),
        (r#"{"kind": "delivered", "client": "w", "queue": "tasks"}"#, "12 times"),
        (r#"{"kind": "acked", "client": "w"}"#, "6 times"),
        (r#"{"kind": "dead_lettered", "queue": "tasks", "reason": "rejected"}"#, "4 times"),
        (r#"{"kind": "expired"}"#, "never"),
        (r#"{"kind": "dropped"}"#, "never"),
        (r#"{"kind": "error", "client": "wrong", "code": 404, "text": "no exchange 'missing'"}"#, "once"),
        (r#"{"kind": "error", "code": 406}"#, "never"),
        (r#"{"kind": "consumer_added", "queue": "tasks", "client": "w"}"#, "once"),
        (r#"{"kind": "queue_declared"}"#, "2 times"),
    ] {
        assert_eq!(counted(which, &log), expected, "{which}");
    }
}

#[test]
fn counts_have_bounds_and_moments() {
    let log = log_of(&scenario(), 5_000);
    let events = |bounds: &str, now_ms| {
        verdict(
            &format!(r#"{{"events": {{"which": {{"kind": "enqueued", "queue": "tasks"}}, {bounds}}}}}"#),
            &log,
            now_ms,
        )
    };
    let told = |text: &str| text.to_owned();
    // Published at 0, 100, 200 ms and so on.
    assert_eq!(events(r#""min": 4"#, 250), (State::Open, told("3 times; expected at least 4")));
    assert_eq!(events(r#""min": 4"#, 300), (State::Met, told("4 times; expected at least 4")));
    assert_eq!(events(r#""max": 4"#, 0), (State::Met, told("once; expected at most 4")));
    assert_eq!(events(r#""max": 4"#, 400), (State::Failed, told("5 times; expected at most 4")));
    assert_eq!(events(r#""min": 2, "max": 2, "from_ms": 100, "before_ms": 300"#, 5_000).0, State::Met);
    assert_eq!(events(r#""min": 3, "from_ms": 100, "before_ms": 300"#, 299).0, State::Open);
    assert_eq!(events(r#""min": 3, "from_ms": 100, "before_ms": 300"#, 300).0, State::Failed);
    let never = |kind: &str| verdict(&format!(r#"{{"never": {{"kind": "{kind}"}}}}"#), &log, 5_000);
    assert_eq!(never("expired"), (State::Met, told("never; expected never")));
    assert_eq!(never("returned"), (State::Failed, told("3 times; expected never")));
}

#[test]
fn one_comes_after_another() {
    let log = log_of(&scenario(), 5_000);
    let order = |first: &str, then: &str, now_ms| {
        verdict(
            &format!(r#"{{"order": {{"first": {{"kind": "{first}"}}, "then": {{"kind": "{then}"}}}}}}"#),
            &log,
            now_ms,
        )
        .0
    };
    assert_eq!(order("delivered", "acked", 5_000), State::Met);
    assert_eq!(order("acked", "delivered", 5_000), State::Failed);
    assert_eq!(order("delivered", "expired", 5_000), State::Open);
    assert_eq!(order("expired", "delivered", 5_000), State::Failed);
    assert_eq!(order("published", "dead_lettered", 50), State::Open);
    // An event does not come after itself.
    assert_eq!(order("published", "published", 5_000), State::Failed);
}

#[test]
fn queues_are_counted_now_and_at_a_moment() {
    let log = log_of(&scenario(), 5_000);
    let queue = |goal: &str, now_ms| verdict(&format!(r#"{{"queue": {{{goal}}}}}"#), &log, now_ms);
    let zero = r#""queue": "tasks", "total": {"max": 0}"#;
    assert_eq!(queue(zero, 5_000), (State::Met, "Total 0, expected 0".to_owned()));
    assert_eq!(queue(zero, 10), (State::Open, "Total 1, expected 0".to_owned()));
    let unacked = r#""queue": "tasks", "unacked": {"min": 1, "max": 1}, "ready": {"max": 0}, "at_ms": 10"#;
    assert_eq!(queue(unacked, 9).0, State::Open);
    assert_eq!(queue(unacked, 10).0, State::Met);
    assert_eq!(queue(unacked, 5_000).0, State::Met, "what comes later does not count");
    let dead = r#""queue": "dead", "ready": {"min": 4, "max": 4}"#;
    assert_eq!(queue(dead, 5_000).0, State::Met);
    let too_early = r#""queue": "dead", "ready": {"min": 4}, "at_ms": 10"#;
    assert_eq!(queue(too_early, 5_000), (State::Failed, "Ready 0, expected at least 4".to_owned()));
    assert_eq!(queue(r#""queue": "other", "ready": {}"#, 5_000), (State::Open, "there is no such queue".to_owned()));
    assert_eq!(queue(r#""queue": "tasks", "vhost": "other", "ready": {}"#, 5_000).0, State::Open);
}

#[test]
fn counters_are_those_of_the_broker() {
    for seed in 0..60 {
        let scenario = support::worlds::scenario(seed);
        let (world, log) = support::audit::played(&scenario, 700);
        for queue in world.broker().queues() {
            let resource = queue.resource();
            let that = format!(
                r#"{{"queue": {{"vhost": {:?}, "queue": {:?}, "total": {{}}}}}}"#,
                &*resource.vhost, &*resource.name
            );
            let goal: Goal =
                serde_json::from_str(&format!(r#"{{"text": "t", "that": {that}}}"#)).expect("it is a goal");
            let mut judge = Judge::new(&[goal]);
            log.iter().for_each(|entry| judge.apply(entry));
            let (_, verdict) = judge.verdicts(700).next().expect("there is one");
            let warren::lesson::Counted::Queue(Some(counts)) = verdict.counted else {
                panic!("{resource:?} is not there")
            };
            assert_eq!(counts.ready, queue.ready(), "world {seed}, {resource:?}");
            if queue.kind() != warren::broker::settings::QueueType::Stream {
                assert_eq!(counts.unacked, queue.unacked(), "world {seed}, {resource:?}");
            }
        }
    }
}

#[test]
fn what_no_run_could_meet_is_refused() {
    let wrong = |that: &str| {
        let goal: Goal = serde_json::from_str(&format!(r#"{{"text": "t", "that": {that}}}"#)).expect("it is a goal");
        check(&[goal], &scenario()).expect_err(that).to_string()
    };
    for (that, expected) in [
        (
            r#"{"never": {"kind": "published", "client": "nobody"}}"#,
            "expect[0].that.never.client: expected the name of a client, not `nobody`",
        ),
        (
            r#"{"events": {"which": {"kind": "published"}, "min": 3, "max": 2}}"#,
            "expect[0].that.events.max: expected a number not below min",
        ),
        (
            r#"{"events": {"which": {"kind": "published"}, "from_ms": 3, "before_ms": 3}}"#,
            "expect[0].that.events.before_ms: expected a moment after from_ms",
        ),
        (r#"{"queue": {"queue": "tasks"}}"#, "expect[0].that.queue.ready: expected it, or unacked, or total"),
        (
            r#"{"queue": {"queue": "tasks", "total": {"min": 2, "max": 1}}}"#,
            "expect[0].that.queue.total.max: expected a number not below min",
        ),
        (
            r#"{"order": {"first": {"kind": "acked", "property": {"name": "colour"}}, "then": {"kind": "acked"}}}"#,
            "expect[0].that.order.first.property.name: expected the name of a property, such as `message_id`",
        ),
    ] {
        assert_eq!(wrong(that), expected);
    }
}
