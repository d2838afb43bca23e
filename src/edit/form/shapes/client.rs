//! Clients: producers, consumers, workers, RPC clients and RPC servers, with the words of AMQP's methods.

use super::super::shape::*;
use super::broker::{EXCHANGE_BINDING, EXCHANGE_DECLARE, QUEUE_BINDING, QUEUE_DECLARE};

static HEARTBEAT: Shape = Shape::Number(0, 65_535, "s");
static CONNECTIONS: Shape = Shape::Number(0, 65_535, "");
static PREFETCH: Shape = Shape::Number(0, 65_535, "messages");
static PRIORITY: Shape = Shape::Number(-2_147_483_648, 2_147_483_647, "");
static BYTE: Shape = Shape::Number(0, 255, "");
static RETRIES: Shape = Shape::Number(0, 4_294_967_295, "");

static CONNECTION: Shape = Shape::Object(&[
    field("vhost", "Virtual host", &VHOST, ""),
    field("latency_ms", "Latency", &MS, "how long a frame takes between it and the broker, one way"),
    field("connections", "Connections", &CONNECTIONS, "1 to 1000, usually 1, each with one channel"),
    field("heartbeat_s", "Heartbeat", &HEARTBEAT, "usually 60; 0 is none. A cut link is noticed after two"),
    field("setup", "Declares at its start", &SETUP, ""),
]);

static SETUP: Shape =
    Shape::List(&SETUP_ONE, "declaration", r#"{"queue_declare": {"queue": "queue1", "durable": true}}"#);

static SETUP_ONE: Shape = Shape::OneOf(&[
    with("exchange_declare", "exchange.declare", &EXCHANGE_DECLARE, r#"{"exchange": "exchange1", "type": "direct"}"#),
    with("exchange_bind", "exchange.bind", &EXCHANGE_BINDING, "{}"),
    with("queue_declare", "queue.declare", &QUEUE_DECLARE, r#"{"queue": "queue1", "durable": true}"#),
    with("queue_bind", "queue.bind", &QUEUE_BINDING, "{}"),
]);

/// What a client is for.
pub static ROLES: Shape = Shape::OneOf(&[
    word("producer", "Producer"),
    word("consumer", "Consumer"),
    word("worker", "Worker"),
    word("rpc_client", "RPC client"),
    word("rpc_server", "RPC server"),
]);

/// A client, whatever it is for.
pub static CLIENT: Shape = Shape::By(
    "role",
    &[
        ("producer", &PRODUCER_CLIENT),
        ("consumer", &CONSUMER_CLIENT),
        ("worker", &WORKER_CLIENT),
        ("rpc_client", &RPC_CLIENT),
        ("rpc_server", &RPC_SERVER),
    ],
    &JSON,
);

static PRODUCER_CLIENT: Shape = Shape::Object(&[
    field("name", "Name", &TEXT, ""),
    field("role", "Role", &ROLES, ""),
    group("Publish", &PRODUCER),
    group("Connection", &CONNECTION),
]);

static CONSUMER_CLIENT: Shape = Shape::Object(&[
    field("name", "Name", &TEXT, "its consumer tag too"),
    field("role", "Role", &ROLES, ""),
    group("Consume", &CONSUMER),
    group("Connection", &CONNECTION),
]);

static WORKER_CLIENT: Shape = Shape::Object(&[
    field("name", "Name", &TEXT, "its consumer tag too"),
    field("role", "Role", &ROLES, ""),
    field("consume", "Consume", &CONSUMER, ""),
    field("publish", "Publish what it made", &OUTPUT, "what is left out is as in the message that came in"),
    group("Connection", &CONNECTION),
]);

static RPC_CLIENT: Shape = Shape::Object(&[
    field("name", "Name", &TEXT, ""),
    field("role", "Role", &ROLES, ""),
    field("request", "Request", &PRODUCER, ""),
    field("replies", "Answers", &REPLIES, ""),
    field("timeout_ms", "Timeout", &MS, "how long it waits for an answer; usually 5000"),
    group("Connection", &CONNECTION),
]);

static REPLIES: Shape = Shape::OneOf(&[
    word("direct", "Direct reply-to (amq.rabbitmq.reply-to)"),
    word("queue", "In an exclusive queue of its own"),
]);

static RPC_SERVER: Shape = Shape::Object(&[
    field("name", "Name", &TEXT, "its consumer tag too"),
    field("role", "Role", &ROLES, ""),
    field("consume", "Consume", &CONSUMER, ""),
    field("answer", "Answer", &ANSWER, "to the default exchange, with reply_to as routing key"),
    group("Connection", &CONNECTION),
]);

static ANSWER: Shape = Shape::Object(&[
    field("payload", "Payload", &MAYBE_PAYLOAD, "a template such as {payload} is known; left out: the request's"),
    field("properties", "Properties", &MAYBE_PROPERTIES, ""),
]);

/// What a producer publishes, and when.
pub static PRODUCER: Shape = Shape::Object(&[
    field("exchange", "Exchange", &EXCHANGE, "empty is the default exchange, (AMQP default)"),
    field("routing_key", "Routing key", &TEXT, ""),
    field("payload", "Payload", &PAYLOAD, ""),
    field("properties", "Properties", &PROPERTIES, ""),
    field("mandatory", "Mandatory", &NO, "what reaches no queue is returned"),
    group("When", &PACE),
    group("Several messages", &SEVERAL),
    group("Publisher confirms", &CARE),
]);

static PACE: Shape = Shape::Object(&[
    field("every_ms", "Every", &MS, "from one message to the next; empty publishes once"),
    field("start_ms", "First after", &MS, ""),
    field("limit", "Limit", &COUNT, "how many in all; empty is without end"),
    field("schedule", "Schedule", &MAYBE_SCHEDULE, "for more than Every can say"),
]);

static SEVERAL: Shape = Shape::Object(&[
    field("messages", "Messages", &MESSAGES, "published instead of the one above"),
    field("order", "Order", &ORDER, ""),
    field("templates", "Templates", &NO, "{n}, {pick:a|b} and {random:1-6} are filled in"),
]);

static CARE: Shape = Shape::Object(&[
    field("confirms", "Confirm mode", &NO, "confirm.select: the broker says of each message that it has it"),
    field("on_nack", "On nack", &REACTION, "when the broker refuses a message; needs confirm mode"),
    field("on_return", "On return", &REACTION, "when a mandatory message comes back; needs confirm mode"),
    field("on_loss", "On connection loss", &ON_LOSS, "what was unconfirmed; needs confirm mode"),
]);

static ORDER: Shape = Shape::OneOf(&[word("in_turn", "In turn"), word("at_random", "At random")]);

static MESSAGES: Shape = Shape::List(&DRAFT, "message", r#"{"payload": ""}"#);

static DRAFT: Shape = Shape::Object(&[
    field("routing_key", "Routing key", &MAYBE, "empty is the producer's own"),
    field("payload", "Payload", &MAYBE_PAYLOAD, "empty is the producer's own"),
    field("properties", "Properties", &MAYBE_PROPERTIES, ""),
]);

static REACTION: Shape = Shape::OneOf(&[
    word("ignore", "Ignore"),
    word("log", "Write it down"),
    with("retry", "Publish it again", &RETRY, r#"{"after_ms": 1000, "limit": 3}"#),
]);

static RETRY: Shape = Shape::Object(&[
    field("after_ms", "After", &MS, "twice as long each time, a minute at most"),
    field("limit", "Limit", &RETRIES, "then it gives up"),
]);

static ON_LOSS: Shape = Shape::OneOf(&[word("ignore", "Forget it"), word("publish_again", "Publish it again")]);

static MAYBE_SCHEDULE: Shape =
    Shape::OneOf(&[word("", "as Every says"), word("once", "Once"), BURST, EVERY, POISSON, ON_OFF]);

/// A schedule that must be there.
pub static SCHEDULE: Shape = Shape::OneOf(&[word("once", "Once"), BURST, EVERY, POISSON, ON_OFF]);

const BURST: Variant = with("burst", "Burst", &BURST_INSIDE, r#"{"messages": 10}"#);
const EVERY: Variant = with("every", "At equal distances", &EVERY_INSIDE, r#"{"ms": 1000}"#);
const POISSON: Variant = with("poisson", "At random (Poisson)", &POISSON_INSIDE, r#"{"messages": 1, "per_ms": 1000}"#);
const ON_OFF: Variant =
    with("on_off", "On and off", &ON_OFF_INSIDE, r#"{"every_ms": 500, "on_ms": 5000, "off_ms": 5000}"#);

static BURST_INSIDE: Shape = Shape::Object(&[field("messages", "Messages", &COUNT, "1 to 100000, all at one moment")]);
static EVERY_INSIDE: Shape = Shape::Object(&[field("ms", "Distance", &MS, "")]);
static POISSON_INSIDE: Shape =
    Shape::Object(&[field("messages", "Messages", &COUNT, "on average"), field("per_ms", "In", &MS, "")]);
static ON_OFF_INSIDE: Shape = Shape::Object(&[
    field("every_ms", "Distance", &MS, "from one message to the next"),
    field("on_ms", "On for", &MS, ""),
    field("off_ms", "Off for", &MS, ""),
]);

/// How a consumer consumes, and what it does.
pub static CONSUMER: Shape = Shape::Object(&[
    field("queues", "Queues", &QUEUES, ""),
    field("ack", "Acknowledgement", &ACK, ""),
    field("prefetch", "Prefetch count", &PREFETCH, "most unacknowledged deliveries; 0 is unlimited"),
    field("priority", "Consumer priority", &PRIORITY, "x-priority: higher ones get messages first"),
    field("exclusive", "Exclusive", &NO, "no other consumer may consume from its queues"),
    field("arguments", "Arguments", &CONSUME_ARGUMENTS, ""),
    group("Work", &WORK),
]);

static WORK: Shape = Shape::Object(&[
    field("processing", "Processing time", &SPAN, ""),
    field("processing_rules", "Other processing times", &WORK_RULES, "the first that applies decides"),
    field("outcome", "When done", &OUTCOME, ""),
    field("rules", "Other outcomes", &RULES, "the first that applies decides"),
    field("idempotent", "Idempotent", &NO, "acknowledges at once what it has dealt with, by message_id"),
    field("pull_every_ms", "Pull every", &MS, "basic.get instead of consuming; empty consumes"),
    field("restart_after_ms", "Restart after a crash", &MS, "empty never does"),
]);

static QUEUES: Shape = Shape::List(&QUEUE, "queue", r#""""#);
static ACK: Shape =
    Shape::OneOf(&[word("manual", "Manual, by the consumer"), word("auto", "Automatic, by the broker")]);
static CONSUME_ARGUMENTS: Shape = Shape::Table(Known::Consume);

static SPAN: Shape = Shape::OneOf(&[
    with("fixed", "Fixed", &MS, "1000"),
    with("uniform", "Between two", &UNIFORM, "[500, 1500]"),
    with("exponential", "Exponential, with a mean", &MS, "1000"),
    with("header", "From a header", &SPAN_HEADER, r#"{"name": "x-work-ms", "otherwise_ms": 1000}"#),
    with("per_byte", "For each byte", &MS, "1"),
    with("per_dot", "For each dot of the payload", &MS, "1000"),
]);
static UNIFORM: Shape = Shape::Object(&[field("0", "From", &MS, ""), field("1", "To", &MS, "")]);
static SPAN_HEADER: Shape =
    Shape::Object(&[field("name", "Header", &TEXT, ""), field("otherwise_ms", "Without it", &MS, "")]);

static WORK_RULES: Shape =
    Shape::List(&WORK_RULE, "processing time", r#"{"when": {"every": 10}, "processing": {"fixed": 5000}}"#);
static WORK_RULE: Shape =
    Shape::Object(&[field("when", "Which", &WHEN, ""), field("processing", "Processing time", &SPAN, "")]);

static OUTCOME: Shape = Shape::OneOf(&[
    word("ack", "basic.ack"),
    word("nack_requeue", "basic.nack, requeue=true"),
    word("nack_discard", "basic.nack, requeue=false"),
    word("reject_requeue", "basic.reject, requeue=true"),
    word("reject_discard", "basic.reject, requeue=false"),
    word("never_answer", "Never answers"),
    word("crash", "Crashes"),
]);
static RULES: Shape = Shape::List(&RULE, "outcome", r#"{"when": {"every": 10}, "outcome": "nack_discard"}"#);
static RULE: Shape = Shape::Object(&[field("when", "Which", &WHEN, ""), field("outcome", "When done", &OUTCOME, "")]);

static WHEN: Shape = Shape::OneOf(&[
    with("every", "Every so many-th", &COUNT, "10"),
    with("percent", "So many of a hundred, at random", &BYTE, "10"),
    with("payload_contains", "With a text in the payload", &TEXT, r#""error""#),
    with("header", "With a header", &WHEN_HEADER, r#"{"name": "x-retry", "value": true}"#),
    word("redelivered", "Redelivered"),
]);
static WHEN_HEADER: Shape =
    Shape::Object(&[field("name", "Header", &TEXT, ""), field("value", "Value", &JSON, "as JSON")]);

static OUTPUT: Shape = Shape::Object(&[
    field("exchange", "Exchange", &EXCHANGE, "empty is the default exchange, (AMQP default)"),
    field("routing_key", "Routing key", &MAYBE, "a template such as done.{routing_key}"),
    field("payload", "Payload", &MAYBE_PAYLOAD, "a template such as {payload}"),
    field("properties", "Properties", &MAYBE_PROPERTIES, ""),
    field("mandatory", "Mandatory", &NO, "what reaches no queue is returned"),
    group("Publisher confirms", &OUTPUT_CARE),
]);
static OUTPUT_CARE: Shape = Shape::Object(&[
    field("confirms", "Confirm mode", &NO, "it acknowledges when the broker has confirmed"),
    field("on_nack", "On nack", &REACTION, "needs confirm mode"),
    field("on_return", "On return", &REACTION, "needs confirm mode"),
]);

static PROPERTY_FIELDS: &[Field] = &[
    field("delivery_mode", "Delivery mode", &DELIVERY_MODE, "1 is lost at a restart, 2 is persistent"),
    field("headers", "Headers", &HEADERS, ""),
    field("expiration", "Expiration", &MAYBE, "how long it may wait, milliseconds as text"),
    field("priority", "Priority", &BYTE, "0 to 255, for queues with priorities"),
    field("correlation_id", "Correlation ID", &MAYBE, ""),
    field("reply_to", "Reply to", &MAYBE_QUEUE, ""),
    field("message_id", "Message ID", &MAYBE, ""),
    field("content_type", "Content type", &CONTENT_TYPE, ""),
    field("content_encoding", "Content encoding", &MAYBE, ""),
    field("type", "Type", &MAYBE, ""),
    field("timestamp", "Timestamp", &TIMESTAMP, "since 1970"),
    field("user_id", "User ID", &MAYBE_USER, "must be the connection's user"),
    field("app_id", "App ID", &MAYBE, ""),
    field("cluster_id", "Cluster ID", &MAYBE, "not used any more"),
];

/// The properties of a message.
pub static PROPERTIES: Shape = Shape::Object(PROPERTY_FIELDS);
static MAYBE_PROPERTIES: Shape = Shape::MaybeObject(PROPERTY_FIELDS, "{}");
static DELIVERY_MODE: Shape = Shape::Number(0, 255, "");
static HEADERS: Shape = Shape::Table(Known::Headers);
static MAYBE_QUEUE: Shape = Shape::Maybe(Refers::Queue);
static MAYBE_USER: Shape = Shape::Maybe(Refers::User);
static CONTENT_TYPE: Shape = Shape::Maybe(Refers::Words(&["application/json", "text/plain"]));
static TIMESTAMP: Shape = Shape::Number(0, u64::MAX, "s");
