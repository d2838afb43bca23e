//! How a stay in a queue ends, and dead letters.

use warren::view::why::Reason;

use super::{Case, Then, case};

pub const ENDS: &[Case] = &[
    // How a stay in a queue ends.
    case(
        Reason::Acked,
        r#"q mail
        c reader mail {"outcome": "ack"}
        p p - mail"#,
        "q mail",
        "reader acknowledged it, and mail forgot it",
        (r#""ack""#, r#""never_answer""#),
    ),
    case(
        Reason::AutoAcked,
        r#"q mail
        c reader mail {"ack": "auto"}
        p p - mail"#,
        "q mail",
        "It was delivered to reader with automatic acknowledgement",
        (r#""auto""#, r#""manual""#),
    ),
    case(
        Reason::Expired,
        r#"q mail {"arguments": {"x-message-ttl": 100}}
        p p - mail"#,
        "q mail",
        "Its time to live ran out in mail, which has no dead letter exchange",
        ("100", "100000"),
    ),
    // A time to live of 0 is enough for who can be served at once.
    case(
        Reason::Expired,
        r#"q mail {"arguments": {"x-message-ttl": 0}}
        #c reader mail
        p p - mail {"start_ms": 50}"#,
        "q mail",
        "Its time to live is 0, so it expires unless a consumer can take it at once. mail has no dead letter exchange.",
        ("#c", "c"),
    ),
    case(
        Reason::Expired,
        r#"q mail {"arguments": {"x-queue-type": "quorum"}}
        p p - mail {"start_ms": 50, "properties": {"expiration": "0"}}"#,
        "q mail",
        "Its time to live is 0, so it expires unless a consumer can take it at once",
        (r#""0""#, r#""60000""#),
    ),
    case(
        Reason::DeadLettered,
        r#"q mail {"arguments": {"x-message-ttl": 0, "x-dead-letter-exchange": "dead"}}
        x dead fanout
        #c reader mail
        p p - mail {"start_ms": 50}"#,
        "q mail",
        "It left mail for the dead letter exchange dead: its time to live is 0, so it expires unless a consumer can take it at once.",
        ("#c", "c"),
    ),
    // Which key dead letters get says nothing of whether there are any.
    case(
        Reason::Expired,
        r#"def policies {"vhost": "/", "name": "letters", "pattern": "^mail$", "apply-to": "queues", "priority": 0, "definition": {"dead-letter-routing-key": "grave"}}
        q mail {"arguments": {"x-message-ttl": 100}}
        q grave
        p p - mail"#,
        "q mail",
        "The dead-letter-routing-key of its policy does nothing without a dead-letter-exchange.",
        (r#"{"dead-letter-routing-key": "grave"}"#, r#"{"dead-letter-routing-key": "grave", "dead-letter-exchange": ""}"#),
    )
    .then(Then::At("q grave")),
    case(
        Reason::ExpiredBehind,
        r#"q mail
        p first - mail {"properties": {"expiration": "60000"}}
        p p - mail {"start_ms": 50, "properties": {"expiration": "20"}}
        q other
        p clock - other {"start_ms": 500}"#,
        "q mail",
        "Its time to live has run out, but a queue looks at its head only, and there is 1 message before it in mail",
        ("60000", "30"),
    )
    .then(Then::Instead(Reason::Expired)),
    case(
        Reason::DroppedByLimit,
        r#"q mail {"arguments": {"x-max-length": 1}}
        p p - mail
        p later - mail {"start_ms": 50}"#,
        "q mail",
        "mail was over its limit of 1 message, and dropped its oldest message: this one",
        (r#""x-max-length": 1"#, r#""x-max-length": 2"#),
    ),
    case(
        Reason::DroppedByLimit,
        r#"q mail {"arguments": {"x-max-length-bytes": 1}}
        p p - mail
        p later - mail {"start_ms": 50}"#,
        "q mail",
        "mail was over its limit of 1 byte, and dropped its oldest message: this one",
        (r#""x-max-length-bytes": 1"#, r#""x-max-length-bytes": 2"#),
    ),
    case(
        Reason::RefusedByLimit,
        r#"q mail {"arguments": {"x-max-length": 1, "x-overflow": "reject-publish"}}
        p first - mail
        p p - mail {"start_ms": 50}"#,
        "q mail",
        "mail was at its limit of 1 message, and refuses the newest (reject-publish). The publisher uses no confirms",
        (r#""x-max-length": 1"#, r#""x-max-length": 2"#),
    ),
    // A quorum queue stops publishers when it is over its limit, and lets them go on a good deal below it.
    case(
        Reason::RefusedByLimit,
        r#"q mail {"arguments": {"x-queue-type": "quorum", "x-max-length": 1, "x-overflow": "reject-publish"}}
        p first - mail {"confirms": true, "every_ms": 50, "limit": 3}
        p p - mail {"confirms": true, "start_ms": 300, "every_ms": 50, "limit": 2}"#,
        "q mail",
        "mail, a quorum queue, went over its limit of 1 message, and refuses what is published (reject-publish) until it is down to 80 % of that.",
        (r#""x-max-length": 1"#, r#""x-max-length": 9"#),
    ),
    // The broker is a publisher that hears nothing.
    case(
        Reason::RefusedByLimit,
        r#"q mail {"arguments": {"x-message-ttl": 100, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "grave"}}
        q grave {"arguments": {"x-max-length": 1, "x-overflow": "reject-publish"}}
        p first - grave
        p p - mail {"confirms": true}"#,
        "q grave",
        "It came as a dead letter of mail, which the broker publishes itself and without confirms: it is lost, and nobody was told.",
        (r#""x-max-length": 1"#, r#""x-max-length": 2"#),
    ),
    case(
        Reason::Rejected,
        r#"q mail
        c reader mail {"outcome": "reject_discard"}
        p p - mail"#,
        "q mail",
        "A consumer rejected it without requeue, and mail has no dead letter exchange",
        ("reject_discard", "never_answer"),
    ),
    case(
        Reason::DeliveryLimit,
        r#"q mail {"arguments": {"x-queue-type": "quorum", "x-delivery-limit": 1}}
        c reader mail {"outcome": "reject_requeue", "processing": {"fixed": 100}}
        p p - mail"#,
        "q mail",
        "It came back to mail more often than the delivery limit of 1 allows",
        (r#""x-delivery-limit": 1"#, r#""x-delivery-limit": 9"#),
    ),
    case(
        Reason::NoDeadLetterExchange,
        r#"q mail {"arguments": {"x-message-ttl": 100, "x-dead-letter-exchange": "dead"}}
        q grave
        #x dead fanout
        #b dead grave -
        p p - mail"#,
        "q mail",
        "mail has dead as its dead letter exchange, which does not exist",
        ("#x & #b", "x & b"),
    )
    .then(Then::At("q grave")),
    case(
        Reason::DeadLettered,
        r#"q mail {"arguments": {"x-message-ttl": 100, "x-dead-letter-exchange": "dead", "x-dead-letter-routing-key": "old"}}
        x dead fanout
        p p - mail"#,
        "q mail",
        "It left mail for the dead letter exchange dead with routing key old: its time to live ran out",
        ("100", "100000"),
    ),
    case(
        Reason::KeyDiffers,
        r#"q mail {"arguments": {"x-message-ttl": 100, "x-dead-letter-exchange": "dead", "x-dead-letter-routing-key": "old"}}
        x dead direct
        q grave
        b dead grave mail
        p p - mail"#,
        "q grave",
        "It came as a dead letter of mail. At dead: the routing key old is not the binding key mail",
        ("b dead grave mail", "b dead grave old"),
    ),
    case(
        Reason::KeyDiffers,
        r#"q mail {"arguments": {"x-message-ttl": 100, "x-dead-letter-exchange": "dead", "x-dead-letter-routing-key": "old"}}
        x dead direct
        q grave
        b dead grave second
        p p - mail {"properties": {"headers": {"CC": ["second"]}}}"#,
        "q grave",
        "A dead letter routing key replaces all its routing keys, those of its CC header too.",
        (r#", "x-dead-letter-routing-key": "old""#, ""),
    ),
    case(
        Reason::CycleCut,
        r#"q a {"arguments": {"x-message-ttl": 500, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "b"}}
        q b {"arguments": {"x-message-ttl": 50, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "a"}}
        #c reader b {"outcome": "reject_discard"}
        p p - a"#,
        "q a",
        "As a dead letter it has been in a before, and nobody rejected it on the way round",
        ("#c", "c"),
    )
    .until(800),
    case(
        Reason::HeldAtLeastOnce,
        r#"q mail {"arguments": {"x-queue-type": "quorum", "x-overflow": "reject-publish", "x-dead-letter-strategy": "at-least-once", "x-dead-letter-exchange": "dead"}}
        q grave {"arguments": {"x-max-length": 1, "x-overflow": "reject-publish"}}
        x dead fanout
        b dead grave -
        c reader mail {"outcome": "reject_discard"}
        p first - grave
        p p - mail {"start_ms": 50}"#,
        "q grave",
        "mail dead-letters at least once: it keeps the message until a queue behind the dead letter exchange has taken it",
        (r#""x-max-length": 1"#, r#""x-max-length": 2"#),
    ),
    case(
        Reason::NotDead,
        r#"q mail {"arguments": {"x-dead-letter-exchange": "dead"}}
        x dead fanout
        q grave
        b dead grave -
        #c reader mail {"outcome": "reject_discard"}
        p p - mail"#,
        "q grave",
        "It is in mail (Ready, number 1 in line). It comes here as a dead letter if it is rejected there without requeue.",
        ("#c", "c"),
    ),
    case(
        Reason::Purged,
        r#"q mail
        p p - mail
        at 50 {"purge_queue": {"queue": "mail"}}"#,
        "q mail",
        "mail was purged, and it was Ready there",
        ("at 50", "#"),
    ),
    case(
        Reason::QueueDeleted,
        r#"q mail
        p p - mail
        at 50 {"delete_queue": {"queue": "mail"}}"#,
        "q mail",
        "mail was deleted",
        ("at 50", "#"),
    ),
    case(
        Reason::QueueDeleted,
        r#"q mail {"arguments": {"x-expires": 300}}
        p p - mail"#,
        "q mail",
        "mail was deleted",
        ("300", "300000"),
    ),
    case(
        Reason::LostInRestart,
        r#"q mail {"durable": true}
        p p - mail {"limit": 1, "properties": {"delivery_mode": 1}}
        at 50 "stop_broker"
        at 60 "start_broker""#,
        "q mail",
        "mail survived the restart; the message did not: it was transient",
        (r#""delivery_mode": 1"#, r#""delivery_mode": 2"#),
    ),
    case(
        Reason::Forgotten,
        r#"q mail {"arguments": {"x-queue-type": "stream", "x-stream-max-segment-size-bytes": 1, "x-max-length-bytes": 1}}
        p p - mail
        p later - mail {"start_ms": 50, "every_ms": 10, "limit": 4}"#,
        "q mail",
        "mail is a stream, and forgot its oldest messages",
        (r#""x-max-length-bytes": 1"#, r#""x-max-length-bytes": 1000000"#),
    ),
];
