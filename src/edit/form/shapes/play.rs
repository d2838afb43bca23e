//! What is done while a scenario plays, and what is expected of it.

use super::super::shape::*;
use super::broker::{EXCHANGE_BINDING, EXCHANGE_DECLARE, POLICY_SET, QUEUE_BINDING, QUEUE_DECLARE};
use super::client::{CLIENT, PROPERTIES, SCHEDULE};

/// What is done at which moments.
pub static SCRIPT: Shape = Shape::List(&TIMED, "step", r#"{"at_ms": 10000, "action": "crash_broker"}"#);

static TIMED: Shape = Shape::Object(&[
    field("at_ms", "At", &MS, "virtual time"),
    field("action", "Action", &DEED, "what cannot be done then is not done, and told"),
]);

static DEED: Shape = Shape::OneOf(&[
    with("client", "Do something to a client", &TO_CLIENT, r#"{"name": "", "control": "kill"}"#),
    word("stop_broker", "Stop the broker"),
    word("crash_broker", "Crash the broker"),
    word("start_broker", "Start the broker"),
    with("purge_queue", "Purge a queue", &A_QUEUE, r#"{"queue": ""}"#),
    with("delete_queue", "Delete a queue", &A_QUEUE, r#"{"queue": ""}"#),
    with("get_messages", "Get messages", &GET, r#"{"queue": "", "ackmode": "ack_requeue_true"}"#),
    with(
        "settle",
        "Settle messages that are held",
        &SETTLE,
        r#"{"settlement": {"ack": {"delivery_tag": 0, "multiple": true}}}"#,
    ),
    with("move_messages", "Move messages", &MOVE, r#"{"queue": "", "to": ""}"#),
    with(
        "operate",
        "Declare, bind or publish",
        &OPERATE,
        r#"{"operation": {"basic_publish": {"exchange": "", "routing_key": "", "payload": ""}}}"#,
    ),
    with("create_vhost", "Create a virtual host", &A_VHOST, r#"{"vhost": ""}"#),
    with("delete_vhost", "Delete a virtual host", &A_VHOST, r#"{"vhost": ""}"#),
    with("join", "A client joins", &CLIENT, r#"{"name": "client1", "role": "consumer", "queues": []}"#),
    with("leave", "A client leaves", &LEAVE, r#"{"name": ""}"#),
    with(
        "set_policy",
        "Set a policy",
        &POLICY_SET,
        r#"{"vhost": "/", "name": "policy1", "pattern": ".*", "definition": {"max-length": 100}}"#,
    ),
    with("clear_policy", "Clear a policy", &CLEAR_POLICY, r#"{"name": ""}"#),
]);

static GET: Shape = Shape::Object(&[
    field("queue", "Queue", &QUEUE, ""),
    field("count", "Messages", &GET_COUNT, "1 to 10000"),
    field("ackmode", "Ack mode", &ACK_MODE, ""),
    field("encoding", "Encoding", &ENCODING, ""),
    field("vhost", "Virtual host", &VHOST, ""),
]);
static GET_COUNT: Shape = Shape::Number(0, 4_294_967_295, "");
static ENCODING: Shape = Shape::OneOf(&[word("auto", "Auto string / base64"), word("base64", "base64")]);
static ACK_MODE: Shape = Shape::OneOf(&[
    word("ack_requeue_true", "Nack message requeue true"),
    word("ack_requeue_false", "Automatic ack"),
    word("reject_requeue_true", "Reject requeue true"),
    word("reject_requeue_false", "Reject requeue false"),
    word("hold", "Hold it"),
]);
static SETTLE: Shape =
    Shape::Object(&[field("settlement", "How", &SETTLEMENT, ""), field("vhost", "Virtual host", &VHOST, "")]);
static SETTLEMENT: Shape = Shape::OneOf(&[
    with("ack", "basic.ack", &SETTLE_ACK, r#"{"delivery_tag": 0, "multiple": true}"#),
    with("nack", "basic.nack", &SETTLE_NACK, r#"{"delivery_tag": 0, "multiple": true, "requeue": true}"#),
    with("reject", "basic.reject", &SETTLE_REJECT, r#"{"delivery_tag": 1, "requeue": true}"#),
]);
static SETTLE_ACK: Shape = Shape::Object(&[
    field("delivery_tag", "Delivery tag", &COUNT, "0 with Multiple is all"),
    field("multiple", "Multiple", &NO, "this one and all before it"),
]);
static SETTLE_NACK: Shape = Shape::Object(&[
    field("delivery_tag", "Delivery tag", &COUNT, "0 with Multiple is all"),
    field("multiple", "Multiple", &NO, "this one and all before it"),
    field("requeue", "Requeue", &NO, "else it is dropped, or dead-lettered"),
]);
static SETTLE_REJECT: Shape = Shape::Object(&[
    field("delivery_tag", "Delivery tag", &COUNT, ""),
    field("requeue", "Requeue", &NO, "else it is dropped, or dead-lettered"),
]);
static MOVE: Shape = Shape::Object(&[
    field("queue", "From queue", &QUEUE, ""),
    field("to", "To queue", &QUEUE, "declared, if it is not there"),
    field("vhost", "Virtual host", &VHOST, ""),
]);

static A_QUEUE: Shape =
    Shape::Object(&[field("queue", "Queue", &QUEUE, ""), field("vhost", "Virtual host", &VHOST, "")]);
static A_VHOST: Shape = Shape::Object(&[field("vhost", "Virtual host", &VHOST, "")]);
static LEAVE: Shape = Shape::Object(&[field("name", "Client", &CLIENT_NAME, "")]);
static CLEAR_POLICY: Shape =
    Shape::Object(&[field("name", "Policy", &TEXT, ""), field("vhost", "Virtual host", &VHOST, "")]);
static TO_CLIENT: Shape = Shape::Object(&[
    field("name", "Client", &CLIENT_NAME, ""),
    field("connection", "Connection", &CONNECTION, "which one, from 0; empty is all"),
    field("control", "What", &CONTROL, ""),
]);
static CONNECTION: Shape = Shape::Number(0, 65_535, "");

static CONTROL: Shape = Shape::OneOf(&[
    word("kill", "Kill: its connection breaks"),
    word("restart", "Restart"),
    word("close_channel", "Close its channel"),
    with("force_close", "Force close its connection", &FORCE, "{}"),
    with("publish", "Publish a message", &PUBLISH, r#"{"exchange": "", "routing_key": "", "payload": ""}"#),
    word("pause", "Pause"),
    word("resume", "Resume"),
    word("hold_link", "Hold its link"),
    word("release_link", "Release its link"),
    with("set_latency", "Another latency", &MS, "500"),
    word("cut_link", "Cut its link"),
    with("set_prefetch", "Another prefetch count", &PREFETCH, "1"),
    with("set_schedule", "Another schedule", &SCHEDULE, r#"{"every": {"ms": 1000}}"#),
]);
static FORCE: Shape = Shape::Object(&[field("reason", "Reason", &TEXT, "told to the client")]);
static PREFETCH: Shape = Shape::Number(0, 65_535, "messages");

static OPERATE: Shape =
    Shape::Object(&[field("operation", "Method", &OPERATION, ""), field("vhost", "Virtual host", &VHOST, "")]);
static OPERATION: Shape = Shape::OneOf(&[
    with("exchange_declare", "exchange.declare", &EXCHANGE_DECLARE, r#"{"exchange": "", "type": "direct"}"#),
    with("exchange_delete", "exchange.delete", &AN_EXCHANGE, r#"{"exchange": ""}"#),
    with("exchange_bind", "exchange.bind", &EXCHANGE_BINDING, "{}"),
    with("exchange_unbind", "exchange.unbind", &EXCHANGE_BINDING, "{}"),
    with("queue_declare", "queue.declare", &QUEUE_DECLARE, r#"{"queue": ""}"#),
    with("queue_bind", "queue.bind", &QUEUE_BINDING, "{}"),
    with("queue_unbind", "queue.unbind", &QUEUE_BINDING, "{}"),
    with("basic_publish", "basic.publish", &PUBLISH, r#"{"exchange": "", "routing_key": "", "payload": ""}"#),
]);
static AN_EXCHANGE: Shape = Shape::Object(&[field("exchange", "Exchange", &EXCHANGE, "")]);
static PUBLISH: Shape = Shape::Object(&[
    field("exchange", "Exchange", &EXCHANGE, ""),
    field("routing_key", "Routing key", &TEXT, ""),
    field("payload", "Payload", &PAYLOAD, ""),
    field("properties", "Properties", &PROPERTIES, ""),
    field("mandatory", "Mandatory", &NO, ""),
    field("immediate", "Immediate", &NO, "RabbitMQ refuses it"),
]);

/// What is expected.
pub static EXPECT: Shape = Shape::List(
    &GOAL,
    "goal",
    r#"{"text": "A message is delivered.", "that": {"events": {"which": {"kind": "delivered"}, "min": 1}}}"#,
);
static GOAL: Shape = Shape::Object(&[field("text", "In words", &TEXT, ""), field("that", "That", &THAT, "")]);
static THAT: Shape = Shape::OneOf(&[
    with("events", "So many of some events", &EVENTS, r#"{"which": {"kind": "delivered"}, "min": 1}"#),
    with("never", "None of some events", &WHICH, r#"{"kind": "dropped"}"#),
    with(
        "order",
        "One event, and then another",
        &IN_ORDER,
        r#"{"first": {"kind": "published"}, "then": {"kind": "acked"}}"#,
    ),
    with("queue", "What is in a queue", &IN_QUEUE, r#"{"queue": "", "ready": {"max": 0}}"#),
]);
static EVENTS: Shape = Shape::Object(&[
    field("which", "Which", &WHICH, ""),
    field("min", "At least", &COUNT, ""),
    field("max", "At most", &COUNT, ""),
    field("from_ms", "From", &MS, ""),
    field("before_ms", "Before", &MS, ""),
]);
static IN_ORDER: Shape = Shape::Object(&[field("first", "First", &WHICH, ""), field("then", "Then", &WHICH, "")]);
static IN_QUEUE: Shape = Shape::Object(&[
    field("queue", "Queue", &QUEUE, ""),
    field("vhost", "Virtual host", &VHOST, ""),
    field("ready", "Ready", &BETWEEN, ""),
    field("unacked", "Unacked", &BETWEEN, ""),
    field("total", "Total", &BETWEEN, ""),
    field("at_ms", "At", &MS, ""),
]);
static BETWEEN: Shape =
    Shape::MaybeObject(&[field("min", "At least", &COUNT, ""), field("max", "At most", &COUNT, "")], r#"{"min": 0}"#);

static WHICH: Shape = Shape::Object(&[
    field("kind", "Event", &KIND, ""),
    field("queue", "Queue", &MAYBE_QUEUE, ""),
    field("exchange", "Exchange", &MAYBE_EXCHANGE, ""),
    field("client", "Client", &MAYBE_CLIENT, ""),
    field("vhost", "Virtual host", &MAYBE_VHOST, ""),
    field("routing_key", "Routing key", &MAYBE, ""),
    field("reason", "Reason", &REASON, ""),
    field("payload_contains", "Payload contains", &MAYBE, ""),
    field("header", "Header", &HEADER, ""),
    field("property", "Property", &PROPERTY, ""),
    field("code", "Reply code", &CODE, "of an error"),
    field("text", "Text contains", &MAYBE, "of an error"),
]);
static MAYBE_QUEUE: Shape = Shape::Maybe(Refers::Queue);
static MAYBE_EXCHANGE: Shape = Shape::Maybe(Refers::Exchange);
static MAYBE_CLIENT: Shape = Shape::Maybe(Refers::Client);
static MAYBE_VHOST: Shape = Shape::Maybe(Refers::Vhost);
static CODE: Shape = Shape::Number(0, 65_535, "");
static HEADER: Shape = Shape::MaybeObject(
    &[field("name", "Name", &TEXT, ""), field("value", "Value", &JSON, "as JSON; empty is any")],
    r#"{"name": "x-header"}"#,
);
static PROPERTY: Shape = Shape::MaybeObject(
    &[field("name", "Name", &TEXT, ""), field("value", "Value", &MAYBE, "empty is any")],
    r#"{"name": "correlation_id"}"#,
);

static KIND: Shape = Shape::OneOf(&[
    word("published", "published"),
    word("routed", "routed"),
    word("unroutable", "unroutable"),
    word("returned", "returned"),
    word("enqueued", "enqueued"),
    word("refused", "refused"),
    word("confirmed", "confirmed"),
    word("not_confirmed", "not confirmed"),
    word("delivered", "delivered"),
    word("got", "got"),
    word("got_empty", "got, and the queue was empty"),
    word("redelivered", "redelivered"),
    word("acked", "acked"),
    word("nacked", "nacked"),
    word("rejected", "rejected"),
    word("requeued", "requeued"),
    word("expired", "expired"),
    word("dead_lettered", "dead-lettered"),
    word("dropped", "dropped"),
    word("cycle_cut", "cycle cut"),
    word("consumer_timed_out", "consumer timed out"),
    word("error", "error"),
    word("connection_opened", "connection opened"),
    word("connection_closed", "connection closed"),
    word("channel_closed", "channel closed"),
    word("consumer_added", "consumer added"),
    word("consumer_removed", "consumer removed"),
    word("active_consumer_changed", "active consumer changed"),
    word("queue_declared", "queue declared"),
    word("queue_deleted", "queue deleted"),
    word("queue_purged", "queue purged"),
    word("exchange_declared", "exchange declared"),
    word("exchange_deleted", "exchange deleted"),
    word("bound", "bound"),
    word("unbound", "unbound"),
    word("policy_applied", "policy applied"),
    word("broker_stopped", "broker stopped"),
    word("broker_started", "broker started"),
    word("crashed", "crashed"),
    word("restarted", "restarted"),
    word("duplicate_skipped", "duplicate skipped"),
    word("gave_up", "gave up"),
]);

static REASON: Shape = Shape::OneOf(&[
    word("", "any"),
    word("rejected", "rejected"),
    word("expired", "expired"),
    word("maxlen", "maxlen"),
    word("delivery_limit", "delivery limit"),
    word("reject_publish", "reject-publish"),
    word("no_dead_letter_exchange", "no dead letter exchange"),
    word("purged", "purged"),
    word("queue_deleted", "queue deleted"),
    word("restart", "restart"),
    word("retention", "retention"),
    word("unroutable", "unroutable"),
    word("cycle", "cycle"),
    word("nack", "nack"),
    word("reject", "reject"),
    word("recover", "recover"),
    word("channel_closed", "channel closed"),
    word("timeout", "timeout"),
]);
