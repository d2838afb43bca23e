//! What can be written where: the arguments and fields that the command line completes and the inspector offers, under
//! the names that RabbitMQ's management UI has for them.
//!
//! What always holds: every argument that a queue type of the broker knows is in here.

use crate::broker::settings::QueueType;

/// What a value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A whole number of milliseconds.
    Milliseconds,
    /// A whole number.
    Number,
    /// Text.
    Text,
    /// Yes or no.
    Flag,
    /// One of some words.
    Choice(&'static [&'static str]),
    /// The name of an exchange.
    Exchange,
    /// The name of a queue.
    Queue,
    /// A list or an object, as JSON has it.
    Json,
}

/// A value that something can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name in AMQP or in a scenario file.
    pub key: &'static str,
    /// Its name in the management UI.
    pub label: &'static str,
    /// What a value looks like.
    pub form: Form,
    /// What it does, in one line.
    pub help: &'static str,
}

const fn entry(key: &'static str, label: &'static str, form: Form, help: &'static str) -> Entry {
    Entry { key, label, form, help }
}

/// The exchange types, with what each does.
pub const EXCHANGE_TYPES: [(&str, &str); 6] = [
    ("direct", "to bindings whose key equals the routing key"),
    ("fanout", "to every binding"),
    ("topic", "to bindings whose pattern matches: * is one word, # any number"),
    ("headers", "to bindings whose arguments match the headers"),
    ("x-consistent-hash", "to one of several queues, by a hash of the routing key"),
    ("x-local-random", "to one of several queues, at random"),
];

/// Their names.
pub const EXCHANGE_WORDS: [&str; 6] = ["direct", "fanout", "topic", "headers", "x-consistent-hash", "x-local-random"];

/// The arguments of an exchange.
pub const EXCHANGE_ARGUMENTS: [Entry; 2] = [
    entry("alternate-exchange", "Alternate exchange", Form::Exchange, "where messages go that no binding matches"),
    entry("hash-header", "Hash header", Form::Text, "the header to hash instead of the routing key"),
];

/// All arguments of queues, those that are used most first. [`queue_arguments`] has those of one type.
const QUEUE_ARGUMENTS: [Entry; 28] = [
    entry("x-message-ttl", "Message TTL", Form::Milliseconds, "how long a message can wait before it expires"),
    entry("x-expires", "Auto expire", Form::Milliseconds, "how long the queue may be unused before it is deleted"),
    entry("x-dead-letter-exchange", "Dead letter exchange", Form::Exchange, "where rejected and expired messages go"),
    entry("x-dead-letter-routing-key", "Dead letter routing key", Form::Text, "their routing key; else their own"),
    entry("x-max-length", "Max length", Form::Number, "how many ready messages it holds"),
    entry("x-max-length-bytes", "Max length bytes", Form::Number, "how many bytes of ready bodies it holds"),
    entry(
        "x-overflow",
        "Overflow behaviour",
        Form::Choice(&["drop-head", "reject-publish", "reject-publish-dlx"]),
        "what happens to messages that are too many",
    ),
    entry("x-single-active-consumer", "Single active consumer", Form::Flag, "one consumer at a time gets messages"),
    entry("x-max-priority", "Maximum priority", Form::Number, "priorities from 0 to this are told apart"),
    entry("x-delivery-limit", "Delivery limit", Form::Number, "how often a message is delivered before it is dropped"),
    entry("x-consumer-timeout", "Consumer timeout", Form::Milliseconds, "how long a delivery may stay unacknowledged"),
    entry(
        "x-dead-letter-strategy",
        "Dead letter strategy",
        Form::Choice(&["at-most-once", "at-least-once"]),
        "whether dead letters can be lost on their way",
    ),
    entry(
        "x-queue-type",
        "Type",
        Form::Choice(&["classic", "quorum", "stream"]),
        "classic, quorum (replicated) or stream (a log)",
    ),
    entry("x-max-age", "Max time retention", Form::Text, "how long a stream keeps messages, such as 7D or 12h"),
    entry("x-stream-max-segment-size-bytes", "Max segment size in bytes", Form::Number, "how a stream is cut"),
    entry("x-stream-filter-size-bytes", "Filter size per chunk in bytes", Form::Number, "16 to 255"),
    entry("x-initial-cluster-size", "Initial cluster size", Form::Number, "members of a stream"),
    entry("x-quorum-initial-group-size", "Initial group size", Form::Number, "members of a quorum queue"),
    entry("x-member-placement-tag", "Member placement tag", Form::Text, "on which nodes members are"),
    entry(
        "x-queue-leader-locator",
        "Leader locator",
        Form::Choice(&["client-local", "balanced"]),
        "on which node the leader starts",
    ),
    entry("x-max-in-memory-length", "Max in memory length", Form::Number, "accepted, and without effect"),
    entry("x-max-in-memory-bytes", "Max in memory bytes", Form::Number, "accepted, and without effect"),
    entry(
        "x-consumer-disconnected-timeout",
        "Consumer disconnected timeout",
        Form::Milliseconds,
        "how long a consumer on a lost node is waited for",
    ),
    entry(
        "x-delayed-retry-type",
        "Delayed retry type",
        Form::Choice(&["disabled", "all", "failed", "returned"]),
        "which requeued messages wait before they are ready again",
    ),
    entry("x-delayed-retry-min", "Delayed retry minimum", Form::Milliseconds, "how long the first time"),
    entry("x-delayed-retry-max", "Delayed retry maximum", Form::Milliseconds, "how long at most"),
    entry("x-queue-version", "Version", Form::Number, "of a classic queue's index: 2"),
    entry("x-queue-mode", "Mode", Form::Choice(&["default", "lazy"]), "accepted, and without effect"),
];

/// The arguments that the management UI offers for a type of queue, those that are used most first.
pub fn queue_arguments(kind: QueueType) -> impl Iterator<Item = &'static Entry> {
    QUEUE_ARGUMENTS.iter().filter(move |entry| kind.queue_arguments().contains(&entry.key))
}

/// An argument of queues by its name.
pub fn queue_argument(key: &str) -> Option<&'static Entry> {
    QUEUE_ARGUMENTS.iter().find(|entry| entry.key == key)
}

/// The arguments of a binding to a headers exchange, besides the headers themselves.
pub const BINDING_ARGUMENTS: [Entry; 1] = [entry(
    "x-match",
    "Match",
    Form::Choice(&["all", "any", "all-with-x", "any-with-x"]),
    "whether all headers must match or any",
)];

/// The arguments of a consumer.
pub const CONSUMER_ARGUMENTS: [Entry; 5] = [
    entry("x-priority", "Consumer priority", Form::Number, "higher ones get messages first"),
    entry("x-consumer-timeout", "Consumer timeout", Form::Milliseconds, "how long a delivery may stay unacknowledged"),
    entry("x-stream-offset", "Stream offset", Form::Text, "first, last, next, or a number"),
    entry("x-stream-filter", "Stream filter", Form::Text, "only messages with this x-stream-filter-value"),
    entry("x-stream-match-unfiltered", "Match unfiltered", Form::Flag, "messages without a filter value too"),
];

/// The limits of a virtual host.
pub const VHOST_LIMITS: [Entry; 2] = [
    entry("max-connections", "Max connections", Form::Number, "negative is unlimited"),
    entry("max-queues", "Max queues", Form::Number, "negative is unlimited"),
];

/// The limits of a user.
pub const USER_LIMITS: [Entry; 2] = [
    entry("max-connections", "Max connections", Form::Number, "negative is unlimited"),
    entry("max-channels", "Max channels", Form::Number, "negative is unlimited"),
];

/// What a policy can define, in the order of the management UI.
pub const POLICY_KEYS: [Entry; 26] = [
    entry("max-length", "Max length", Form::Number, "how many ready messages a queue holds"),
    entry("max-length-bytes", "Max length bytes", Form::Number, "how many bytes of ready bodies it holds"),
    entry(
        "overflow",
        "Overflow behaviour",
        Form::Choice(&["drop-head", "reject-publish", "reject-publish-dlx"]),
        "what happens to messages that are too many",
    ),
    entry("expires", "Auto expire", Form::Milliseconds, "how long a queue may be unused before it is deleted"),
    entry("dead-letter-exchange", "Dead letter exchange", Form::Exchange, "where rejected and expired messages go"),
    entry("dead-letter-routing-key", "Dead letter routing key", Form::Text, "their routing key; else their own"),
    entry("message-ttl", "Message TTL", Form::Milliseconds, "how long a message can wait before it expires"),
    entry("consumer-timeout", "Consumer timeout", Form::Milliseconds, "how long a delivery may stay unacknowledged"),
    entry("delivery-limit", "Delivery limit", Form::Number, "how often a message is delivered before it is dropped"),
    entry(
        "dead-letter-strategy",
        "Dead letter strategy",
        Form::Choice(&["at-most-once", "at-least-once"]),
        "whether dead letters can be lost on their way",
    ),
    entry("alternate-exchange", "Alternate exchange", Form::Exchange, "where messages go that no binding matches"),
    entry(
        "delayed-retry-type",
        "Delayed retry type",
        Form::Choice(&["disabled", "all", "failed", "returned"]),
        "which requeued messages wait before they are ready again",
    ),
    entry("delayed-retry-min", "Delayed retry minimum", Form::Milliseconds, "how long the first time"),
    entry("delayed-retry-max", "Delayed retry maximum", Form::Milliseconds, "how long at most"),
    entry("max-age", "Max age", Form::Text, "how long a stream keeps messages, such as 7D or 12h"),
    entry("stream-max-segment-size-bytes", "Max segment size in bytes", Form::Number, "how a stream is cut"),
    entry("stream-filter-size-bytes", "Filter size per chunk in bytes", Form::Number, "16 to 255"),
    entry(
        "queue-leader-locator",
        "Leader locator",
        Form::Choice(&["client-local", "balanced", "random", "least-leaders"]),
        "on which node the leader starts",
    ),
    entry("initial-cluster-size", "Initial cluster size", Form::Number, "members of a stream"),
    entry("target-group-size", "Target group size", Form::Number, "members of a quorum queue"),
    entry("member-placement-tag", "Member placement tag", Form::Text, "on which nodes members are"),
    entry(
        "consumer-disconnected-timeout",
        "Consumer disconnected timeout",
        Form::Milliseconds,
        "how long a consumer on a lost node is waited for",
    ),
    entry("queue-version", "Version", Form::Number, "of a classic queue's index: 2"),
    entry("queue-mode", "Mode", Form::Choice(&["default", "lazy"]), "accepted, and without effect"),
    entry("max-in-memory-length", "Max in memory length", Form::Number, "accepted, and without effect"),
    entry("max-in-memory-bytes", "Max in memory bytes", Form::Number, "accepted, and without effect"),
];

/// What an operator policy can define.
pub fn operator_policy_keys() -> impl Iterator<Item = &'static Entry> {
    const KEYS: [&str; 12] = [
        "expires",
        "message-ttl",
        "max-length",
        "max-length-bytes",
        "max-in-memory-length",
        "max-in-memory-bytes",
        "delivery-limit",
        "overflow",
        "target-group-size",
        "delayed-retry-type",
        "delayed-retry-min",
        "delayed-retry-max",
    ];
    POLICY_KEYS.iter().filter(|entry| KEYS.contains(&entry.key))
}

/// The properties of a message, as a publish takes them.
pub const PROPERTIES: [Entry; 15] = [
    entry("delivery_mode", "Delivery mode", Form::Choice(&["1", "2"]), "1 is lost at a restart, 2 is persistent"),
    entry("headers", "Headers", Form::Json, "named values, such as {\"x\": 1}"),
    entry("expiration", "Expiration", Form::Text, "how long it may wait, milliseconds as text"),
    entry("priority", "Priority", Form::Number, "0 to 255, for queues with priorities"),
    entry("correlation_id", "Correlation ID", Form::Text, "which request an answer belongs to"),
    entry("reply_to", "Reply to", Form::Text, "the queue for the answer"),
    entry("message_id", "Message ID", Form::Text, "known again by idempotent consumers"),
    entry("content_type", "Content type", Form::Text, "such as application/json"),
    entry("content_encoding", "Content encoding", Form::Text, "such as gzip"),
    entry("type", "Type", Form::Text, "what the application calls this kind of message"),
    entry("timestamp", "Timestamp", Form::Number, "seconds since 1970"),
    entry("user_id", "User ID", Form::Text, "must be the connection's user"),
    entry("app_id", "App ID", Form::Text, "which application sent it"),
    entry("cluster_id", "Cluster ID", Form::Text, "not used any more"),
    entry("mandatory", "Mandatory", Form::Flag, "return it if it reaches no queue"),
];

/// What a publish takes besides properties.
pub const PUBLISH: [Entry; 2] = [
    entry("payload_encoding", "Payload encoding", Form::Choice(&["string", "base64"]), "how the payload is written"),
    entry("from", "From", Form::Text, "the client that publishes it; else an operator does"),
];

/// What getting messages takes.
pub const GET: [Entry; 3] = [
    entry(
        "ackmode",
        "Ack Mode",
        Form::Choice(&["ack_requeue_true", "ack_requeue_false", "reject_requeue_true", "reject_requeue_false", "hold"]),
        "what becomes of them",
    ),
    entry("encoding", "Encoding", Form::Choice(&["auto", "base64"]), "how payloads are shown"),
    entry("count", "Messages", Form::Number, "how many at most"),
];

/// What settling messages takes.
pub const SETTLE: [Entry; 2] = [
    entry("requeue", "Requeue", Form::Flag, "back into the queue; else dropped or dead-lettered"),
    entry("multiple", "Multiple", Form::Flag, "this one and all before it"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Known, and refused: RabbitMQ has removed the feature.
    const NOT_OFFERED: [&str; 1] = ["x-queue-master-locator"];

    #[test]
    fn every_argument_of_every_queue_type_is_offered() {
        for kind in [QueueType::Classic, QueueType::Quorum, QueueType::Stream] {
            for key in kind.queue_arguments().iter().filter(|key| !NOT_OFFERED.contains(key)) {
                assert!(queue_argument(key).is_some(), "{key}");
            }
            assert!(queue_arguments(kind).count() >= 7);
        }
        for (index, entry) in QUEUE_ARGUMENTS.iter().enumerate() {
            let of_a_type = |kind: QueueType| kind.queue_arguments().contains(&entry.key);
            let known = [QueueType::Classic, QueueType::Quorum, QueueType::Stream].into_iter().any(of_a_type);
            assert!(known, "{} is of no queue type", entry.key);
            assert!(QUEUE_ARGUMENTS[..index].iter().all(|other| other.key != entry.key), "{} twice", entry.key);
        }
    }
}
