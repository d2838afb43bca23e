//! What a broker is made of, with the labels of the management UI.

use super::super::super::catalog::EXCHANGE_WORDS;
use super::super::shape::*;

static QUEUE_ARGUMENTS: Shape = Shape::Table(Known::Queue);
static EXCHANGE_ARGUMENTS: Shape = Shape::Table(Known::Exchange);
static BINDING_ARGUMENTS: Shape = Shape::Table(Known::Binding);
static QUEUE_TYPE: Shape = Shape::OneOf(&[
    word("", "Default for virtual host"),
    word("classic", "Classic"),
    word("quorum", "Quorum"),
    word("stream", "Stream"),
]);
static EXCHANGE_TYPE: Shape = Shape::Text(Refers::Words(&EXCHANGE_WORDS));

/// A queue of the definitions.
pub static QUEUE_THING: Shape = Shape::Object(&[
    field("name", "Name", &TEXT, ""),
    field("vhost", "Virtual host", &VHOST, ""),
    field("arguments.x-queue-type", "Type", &QUEUE_TYPE, ""),
    field("durable", "Durability: durable", &YES, "it is there after a restart"),
    field("auto_delete", "Auto delete", &NO, "it goes with its last consumer"),
    field("arguments", "Arguments", &QUEUE_ARGUMENTS, ""),
    field("type", "Type, as the file has it", &MAYBE, "for the reader; x-queue-type is what counts"),
]);

/// An exchange of the definitions.
pub static EXCHANGE_THING: Shape = Shape::Object(&[
    field("name", "Name", &TEXT, ""),
    field("vhost", "Virtual host", &VHOST, ""),
    field("type", "Type", &EXCHANGE_TYPE, ""),
    field("durable", "Durability: durable", &YES, "it is there after a restart"),
    field("auto_delete", "Auto delete", &NO, "it goes with its last binding"),
    field("internal", "Internal", &NO, "clients cannot publish to it"),
    field("arguments", "Arguments", &EXCHANGE_ARGUMENTS, ""),
]);

static DESTINATION_TYPE: Shape = Shape::OneOf(&[word("queue", "Queue"), word("exchange", "Exchange")]);

/// A binding of the definitions.
pub static BINDING: Shape = Shape::Object(&[
    field("source", "From exchange", &EXCHANGE, ""),
    field("destination_type", "To", &DESTINATION_TYPE, ""),
    field("destination", "Queue or exchange", &DESTINATION, ""),
    field("routing_key", "Routing key", &TEXT, "the binding key"),
    field("arguments", "Arguments", &BINDING_ARGUMENTS, "what a headers exchange compares"),
    field("vhost", "Virtual host", &VHOST, ""),
]);
static DESTINATION: Shape = Shape::Text(Refers::Queue);

/// exchange.declare
pub static EXCHANGE_DECLARE: Shape = Shape::Object(&[
    field("exchange", "Exchange", &EXCHANGE, ""),
    field("type", "Type", &EXCHANGE_TYPE, ""),
    field("durable", "Durable", &NO, ""),
    field("auto_delete", "Auto delete", &NO, ""),
    field("internal", "Internal", &NO, ""),
    field("passive", "Passive", &NO, "only ask whether it is there"),
    field("arguments", "Arguments", &EXCHANGE_ARGUMENTS, ""),
]);

/// queue.declare
pub static QUEUE_DECLARE: Shape = Shape::Object(&[
    field("queue", "Queue", &QUEUE, "empty: the server makes a name"),
    field("arguments.x-queue-type", "Type", &QUEUE_TYPE, ""),
    field("durable", "Durable", &NO, ""),
    field("exclusive", "Exclusive", &NO, "it goes with the connection"),
    field("auto_delete", "Auto delete", &NO, ""),
    field("passive", "Passive", &NO, "only ask whether it is there"),
    field("arguments", "Arguments", &QUEUE_ARGUMENTS, ""),
]);

/// queue.bind and queue.unbind
pub static QUEUE_BINDING: Shape = Shape::Object(&[
    field("exchange", "From exchange", &EXCHANGE, ""),
    field("queue", "To queue", &QUEUE, "empty: the one declared last"),
    field("routing_key", "Routing key", &TEXT, ""),
    field("arguments", "Arguments", &BINDING_ARGUMENTS, ""),
]);

/// exchange.bind and exchange.unbind
pub static EXCHANGE_BINDING: Shape = Shape::Object(&[
    field("source", "From exchange", &EXCHANGE, ""),
    field("destination", "To exchange", &EXCHANGE, ""),
    field("routing_key", "Routing key", &TEXT, ""),
    field("arguments", "Arguments", &BINDING_ARGUMENTS, ""),
]);

/// What a policy is about: the management UI's words.
static APPLY_TO: Shape = Shape::OneOf(&[
    word("all", "Exchanges and queues"),
    word("exchanges", "Exchanges"),
    word("queues", "Queues"),
    word("classic_queues", "Classic queues"),
    word("quorum_queues", "Quorum queues"),
    word("streams", "Streams"),
]);
static PRIORITY: Shape = Shape::Number(i64::MIN, i64::MAX as u64, "");
static DEFINITION: Shape = Shape::Table(Known::Policy);
static OPERATOR_DEFINITION: Shape = Shape::Table(Known::OperatorPolicy);

/// A policy of the definitions.
pub static POLICY: Shape = Shape::Object(&[
    field("name", "Name", &TEXT, ""),
    field("vhost", "Virtual host", &VHOST, ""),
    field("pattern", "Pattern", &TEXT, "a regular expression, searched for in names: ^orders$ is orders alone"),
    field("apply-to", "Apply to", &APPLY_TO, ""),
    field("priority", "Priority", &PRIORITY, "of all that match, the highest applies, alone"),
    field("definition", "Definition", &DEFINITION, ""),
]);

/// A policy that is set while a scenario plays.
pub static POLICY_SET: Shape = Shape::Object(&[
    field("name", "Name", &TEXT, ""),
    field("vhost", "Virtual host", &VHOST, ""),
    field("pattern", "Pattern", &TEXT, "a regular expression, searched for in names"),
    field("apply-to", "Apply to", &APPLY_TO, ""),
    field("priority", "Priority", &PRIORITY, ""),
    field("operator", "Operator policy", &NO, ""),
    field("definition", "Definition", &DEFINITION, ""),
]);

/// A virtual host.
pub static VHOST_THING: Shape = Shape::Object(&[
    field("name", "Name", &TEXT, ""),
    field("metadata.description", "Description", &TEXT, ""),
    field("metadata.tags", "Tags", &TAGS, "with commas between them"),
    field(
        "metadata.default_queue_type",
        "Default queue type",
        &MAYBE_QUEUE_TYPE,
        "of queues that are declared without one",
    ),
    field("metadata.protected_from_deletion", "Protected from deletion", &MAYBE_FLAG, ""),
    field("tracing", "Tracing", &MAYBE_FLAG, "the firehose: copies of all messages to amq.rabbitmq.trace"),
    group("Older forms", &OLDER),
]);
static OLDER: Shape = Shape::Object(&[
    field("description", "Description", &MAYBE, "older form of metadata.description"),
    field("tags", "Tags", &TAGS, "older form of metadata.tags"),
    field("limits", "Limits", &VHOST_LIMITS, "a copy: the parameter vhost-limits is what counts"),
]);
static MAYBE_QUEUE_TYPE: Shape = Shape::Maybe(Refers::Words(&["classic", "quorum", "stream"]));
static VHOST_LIMITS: Shape = Shape::Table(Known::VhostLimits);
static USER_LIMITS: Shape = Shape::Table(Known::UserLimits);

static USER_THING: Shape = Shape::Object(&[
    field("name", "Username", &TEXT, ""),
    field("password", "Password", &MAYBE, ""),
    field("password_hash", "Password hash", &MAYBE, "salt and hash, base64"),
    field("hashing_algorithm", "Hashing algorithm", &HASHING, ""),
    field("tags", "Tags", &TAGS, "administrator, monitoring, policymaker, management"),
    field("limits", "Limits", &USER_LIMITS, ""),
]);
static HASHING: Shape =
    Shape::Maybe(Refers::Words(&["rabbit_password_hashing_sha256", "rabbit_password_hashing_sha512"]));

static PERMISSION: Shape = Shape::Object(&[
    field("user", "User", &USER, ""),
    field("vhost", "Virtual host", &VHOST, ""),
    field("configure", "Configure regexp", &TEXT, "what it may declare and delete"),
    field("write", "Write regexp", &TEXT, "where it may publish"),
    field("read", "Read regexp", &TEXT, "where it may consume from"),
]);

static TOPIC_PERMISSION: Shape = Shape::Object(&[
    field("user", "User", &USER, ""),
    field("vhost", "Virtual host", &VHOST, ""),
    field("exchange", "Exchange", &EXCHANGE, ""),
    field("write", "Write regexp", &TEXT, "routing keys it may publish with"),
    field("read", "Read regexp", &TEXT, "routing keys it may bind with"),
]);

/// What an operator policy is, as the value of a parameter.
static OPERATOR_POLICY: Shape = Shape::Object(&[
    field("name", "Name", &TEXT, ""),
    field("vhost", "Virtual host", &VHOST, ""),
    field("component", "Component", &TEXT, ""),
    field("value.pattern", "Pattern", &TEXT, "a regular expression, searched for in names"),
    field("value.apply-to", "Apply to", &APPLY_TO, ""),
    field("value.priority", "Priority", &PRIORITY, ""),
    field("value.definition", "Definition", &OPERATOR_DEFINITION, "merged with the policy's, mostly the smaller value"),
]);
static LIMITS_PARAMETER: Shape = Shape::Object(&[
    field("name", "Name", &TEXT, "limits"),
    field("vhost", "Virtual host", &VHOST, ""),
    field("component", "Component", &TEXT, ""),
    field("value", "Limits", &VHOST_LIMITS, ""),
]);
static ANY_PARAMETER: Shape = Shape::Object(&[
    field("name", "Name", &TEXT, ""),
    field("vhost", "Virtual host", &VHOST, ""),
    field("component", "Component", &TEXT, ""),
    field("value", "Value", &JSON, "as JSON"),
]);
static PARAMETER: Shape = Shape::By(
    "component",
    &[("operator_policy", &OPERATOR_POLICY), ("vhost-limits", &LIMITS_PARAMETER)],
    &ANY_PARAMETER,
);
static GLOBAL_PARAMETER: Shape =
    Shape::Object(&[field("name", "Name", &TEXT, ""), field("value", "Value", &JSON, "as JSON")]);

/// What a broker is made of, beside what is in the picture and the policies.
pub static DEFINITIONS: Shape = Shape::Object(&[
    field("vhosts", "Virtual hosts", &VHOSTS, ""),
    field("policies", "Policies", &POLICIES, ""),
    field("parameters", "Operator policies, limits and other parameters", &PARAMETERS, ""),
    field("users", "Users", &USERS, "without any there is guest, who may do everything"),
    field("permissions", "Permissions", &PERMISSIONS, ""),
    field("topic_permissions", "Topic permissions", &TOPIC_PERMISSIONS, ""),
    field("global_parameters", "Global parameters", &GLOBAL_PARAMETERS, ""),
    field("exchanges", "Exchanges", &EXCHANGES, ""),
    field("queues", "Queues", &QUEUES, ""),
    field("bindings", "Bindings", &BINDINGS, ""),
    group("Where these definitions are from", &ORIGIN),
]);
static VHOSTS: Shape = Shape::List(&VHOST_THING, "virtual host", r#"{"name": "vhost1"}"#);
static POLICIES: Shape = Shape::List(
    &POLICY,
    "policy",
    r#"{"vhost": "/", "name": "policy1", "pattern": "^orders$", "apply-to": "queues", "definition": {"max-length": 100}}"#,
);
static PARAMETERS: Shape = Shape::List(
    &PARAMETER,
    "operator policy",
    r#"{"vhost": "/", "component": "operator_policy", "name": "operator1", "value": {"pattern": ".*", "apply-to": "queues", "definition": {"max-length": 1000}, "priority": 0}}"#,
);
static USERS: Shape =
    Shape::List(&USER_THING, "user", r#"{"name": "guest", "password": "guest", "tags": ["administrator"]}"#);
static PERMISSIONS: Shape = Shape::List(
    &PERMISSION,
    "permission",
    r#"{"user": "guest", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}"#,
);
static TOPIC_PERMISSIONS: Shape = Shape::List(
    &TOPIC_PERMISSION,
    "topic permission",
    r#"{"user": "guest", "vhost": "/", "exchange": "amq.topic", "write": ".*", "read": ".*"}"#,
);
static GLOBAL_PARAMETERS: Shape =
    Shape::List(&GLOBAL_PARAMETER, "global parameter", r#"{"name": "parameter1", "value": ""}"#);
static EXCHANGES: Shape =
    Shape::List(&EXCHANGE_THING, "exchange", r#"{"name": "exchange1", "vhost": "/", "type": "direct"}"#);
static QUEUES: Shape = Shape::List(&QUEUE_THING, "queue", r#"{"name": "queue1", "vhost": "/"}"#);
static BINDINGS: Shape = Shape::List(
    &BINDING,
    "binding",
    r#"{"source": "", "vhost": "/", "destination": "", "destination_type": "queue", "routing_key": ""}"#,
);
static ORIGIN: Shape = Shape::Object(&[
    field("rabbitmq_version", "RabbitMQ version", &MAYBE, ""),
    field("rabbit_version", "RabbitMQ version, older field", &MAYBE, ""),
    field("product_name", "Product name", &MAYBE, ""),
    field("product_version", "Product version", &MAYBE, ""),
    field("rabbitmq_definition_format", "Definition format", &MAYBE, ""),
    field("original_cluster_name", "Cluster name", &MAYBE, ""),
    field("explanation", "Explanation", &MAYBE, ""),
]);
