//! Consumers: who gets a message, and who waits.

use warren::view::why::Reason;

use super::{Case, case};

pub const CONSUMERS: &[Case] = &[
    // Consumers.
    case(
        Reason::Behind,
        r#"q mail
        c reader mail {"prefetch": 1}
        p first - mail {"every_ms": 1, "limit": 2}
        p p - mail {"start_ms": 50}"#,
        "c reader",
        "It is behind 1 message in mail",
        ("p first", "#"),
    ),
    case(
        Reason::Overtaken,
        r#"q mail {"arguments": {"x-max-priority": 5}}
        c reader mail {"prefetch": 1, "outcome": "ack", "processing": {"fixed": 100}}
        p first - mail
        p p - mail {"start_ms": 5}
        p urgent - mail {"start_ms": 10, "every_ms": 1, "limit": 2, "properties": {"priority": 5}}"#,
        "c reader",
        "It has priority 0, and 1 message of a higher priority that came later is before it in mail",
        (r#""priority": 5"#, r#""priority": 0"#),
    )
    .until(220),
    case(
        Reason::PrefetchFull,
        r#"q mail
        c reader mail {"prefetch": 1}
        p first - mail
        p p - mail {"start_ms": 50}"#,
        "c reader",
        "The prefetch of reader is full: 1 of 1 unacked",
        (r#""prefetch": 1"#, r#""prefetch": 2"#),
    ),
    case(
        Reason::PrefetchFull,
        r#"q mail
        c reader mail {"prefetch": 1}
        c other mail
        p first - mail
        p p - mail {"start_ms": 50, "every_ms": 1, "limit": 2}"#,
        "c reader",
        "other got it: reader already held 1 of 1",
        (r#""prefetch": 1"#, r#""prefetch": 2"#),
    ),
    case(
        Reason::PrefetchFull,
        r#"q mail
        c reader mail {"prefetch": 1}
        p first - mail
        at 100 {"client": {"name": "reader", "control": {"set_prefetch": 5}}}
        p p - mail {"start_ms": 300}"#,
        "c reader",
        "The prefetch of 5 that its channel asked for since (basic.qos) holds for consumers that begin later",
        (r#""prefetch": 1"#, r#""prefetch": 5"#),
    ),
    case(
        Reason::NotActive,
        r#"q mail {"arguments": {"x-single-active-consumer": true}}
        c one mail
        c two mail
        p p - mail {"every_ms": 1, "limit": 2}"#,
        "c two",
        "one got it: two is not the single active consumer",
        ("true", "false"),
    ),
    case(
        Reason::NotActive,
        r#"q mail {"arguments": {"x-single-active-consumer": true}}
        c one mail {"prefetch": 1}
        c two mail {"prefetch": 1}
        p p - mail {"every_ms": 1, "limit": 2}"#,
        "c two",
        "mail has a single active consumer, and that is one; two waits until it goes",
        ("true", "false"),
    ),
    case(
        Reason::LowerPriority,
        r#"q mail
        c one mail {"priority": 5}
        c two mail
        p p - mail {"every_ms": 1, "limit": 2}"#,
        "c two",
        "one got it: two has a lower consumer priority (0)",
        (r#""priority": 5"#, r#""priority": 0"#),
    ),
    case(
        Reason::LaterTurn,
        "q mail\nc one mail\nc two mail\np p - mail",
        "c two",
        "one got it: two has its turn later: consumers take turns",
        ("c one", "#"),
    ),
    case(
        Reason::Quiescing,
        r#"q mail {"arguments": {"x-queue-type": "quorum", "x-single-active-consumer": true}}
        c one mail {"prefetch": 2}
        p first - mail
        at 100 {"join": {"name": "two", "role": "consumer", "queues": ["mail"], "outcome": "never_answer", "priority": 5}}
        p p - mail {"start_ms": 500}"#,
        "c one",
        "one is being replaced as the single active consumer, and gets nothing more",
        (r#""priority": 5"#, r#""priority": 0"#),
    ),
    case(
        Reason::TimedOut,
        r#"q mail {"arguments": {"x-queue-type": "quorum", "x-consumer-timeout": 200}}
        c reader mail {"prefetch": 2}
        p first - mail
        p p - mail {"start_ms": 500}"#,
        "c reader",
        "did not acknowledge in time",
        ("200", "200000"),
    ),
    case(
        Reason::DelayedRetry,
        r#"q mail {"arguments": {"x-queue-type": "quorum", "x-delayed-retry-type": "all", "x-delayed-retry-min": 5000}}
        c reader mail {"outcome": "nack_requeue", "processing": {"fixed": 600}}
        p p - mail"#,
        "c reader",
        "It came back to mail, and waits there until 5.6 s",
        (r#""x-delayed-retry-min": 5000"#, r#""x-delayed-retry-min": 1"#),
    ),
    case(
        Reason::JoinedLater,
        r#"q mail
        c reader mail
        c other mail
        p p - mail {"start_ms": 50}
        at 20 {"client": {"name": "reader", "control": "kill"}}
        at 200 {"client": {"name": "reader", "control": "restart"}}"#,
        "c reader",
        "other got it. reader did not consume from mail then",
        ("at 200 & at 20", "# & #"),
    ),
    case(
        Reason::Offline,
        r#"q mail
        c reader mail
        p p - mail {"start_ms": 50}
        at 20 {"client": {"name": "reader", "control": "kill"}}"#,
        "c reader",
        "reader is not connected",
        ("at 20", "#"),
    ),
    case(
        Reason::Cancelled,
        r#"q mail
        c reader mail
        p p - mail {"start_ms": 100}
        at 50 {"delete_queue": {"queue": "mail"}}
        at 60 {"operate": {"operation": {"queue_declare": {"queue": "mail", "durable": true}}}}"#,
        "c reader",
        "reader no longer consumes from mail: the queue was deleted, and its consumer was cancelled",
        ("at 50 & at 60", "# & #"),
    ),
    case(
        Reason::ConsumeRefused,
        r#"q mail
        c one mail {"exclusive": true}
        p p - mail {"start_ms": 100, "every_ms": 1, "limit": 2}
        at 20 {"join": {"name": "two", "role": "consumer", "queues": ["mail"], "latency_ms": 10, "outcome": "never_answer"}}"#,
        "c two",
        "The broker refused to let two consume: 403 ACCESS_REFUSED - queue 'mail' in vhost '/' in exclusive use",
        ("true", "false"),
    ),
    case(
        Reason::NotAskedFor,
        r#"q mail
        c reader mail {"pull_every_ms": 5000}
        p p - mail {"start_ms": 50}"#,
        "c reader",
        "reader does not consume, it asks (basic.get) every 5.0 s",
        ("5000", "100"),
    ),
    case(
        Reason::NotInItsQueues,
        "q mail\nq other\nc reader other\np p - mail",
        "c reader",
        "reader consumes from other, and it never was there",
        ("c reader other", "c reader mail"),
    ),
    case(
        Reason::OffsetLater,
        r#"q mail {"arguments": {"x-queue-type": "stream"}}
        p p - mail
        at 100 {"join": {"name": "reader", "role": "consumer", "queues": ["mail"], "outcome": "never_answer", "prefetch": 10, "arguments": {"x-stream-offset": "next"}}}"#,
        "c reader",
        "reader reads the stream from x-stream-offset next: this message stands before that",
        ("next", "first"),
    ),
    case(
        Reason::StreamFiltered,
        r#"q mail {"arguments": {"x-queue-type": "stream"}}
        c reader mail {"prefetch": 10, "arguments": {"x-stream-offset": "first", "x-stream-filter": ["eu", "uk"]}}
        p p - mail {"start_ms": 50, "properties": {"headers": {"x-stream-filter-value": "us"}}}"#,
        "c reader",
        "reader reads only messages with x-stream-filter-value eu, uk (x-stream-filter), and this one has us.",
        (r#""us""#, r#""uk""#),
    ),
    case(
        Reason::StreamFiltered,
        r#"q mail {"arguments": {"x-queue-type": "stream"}}
        c reader mail {"prefetch": 10, "arguments": {"x-stream-offset": "first", "x-stream-filter": "eu", "x-stream-match-unfiltered": false}}
        p p - mail {"start_ms": 50}"#,
        "c reader",
        "and this one has none. Those without any are delivered only if x-stream-match-unfiltered is true.",
        ("false", "true"),
    ),
    case(
        Reason::BrokerDown,
        r#"q mail {"durable": true}
        c reader mail
        p p - mail {"limit": 1, "start_ms": 50, "properties": {"delivery_mode": 2}}
        at 80 "stop_broker""#,
        "c reader",
        "The broker is stopped",
        ("at 80", "#"),
    ),
    case(
        Reason::GaveBack,
        r#"q mail
        c one mail {"outcome": "nack_requeue"}
        c two mail
        p p - mail"#,
        "c one",
        "one had it, and it went back to mail: it sent basic.nack with requeue",
        ("nack_requeue", "never_answer"),
    ),
    case(
        Reason::AckUnderWay,
        r#"q mail
        c reader mail {"outcome": "ack", "latency_ms": 100, "processing": {"fixed": 10}}
        p p - mail {"start_ms": 200}"#,
        "c reader",
        "what it says of it is on its way to the broker",
        (r#""fixed": 10"#, r#""fixed": 1000"#),
    )
    .until(350),
    case(
        Reason::OnItsWay,
        r#"q mail
        c reader mail {"latency_ms": 300}
        p p - mail {"start_ms": 400}"#,
        "c reader",
        "It was delivered to reader, and is on the network",
        (r#""latency_ms": 300"#, r#""latency_ms": 10"#),
    )
    .until(500),
];
