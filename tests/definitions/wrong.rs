//! Wrong files: each is refused with its place, or imported with a remark about it, and never half read.

use warren::broker::{Config, NoEvents};
use warren::definitions::Definitions;
use warren::share::BrokerFile;

use super::Check;
use super::files::{Loaded, same};

/// Files that cannot be read, and what is said of them.
const REFUSED: &[(&str, &str)] = &[
    ("", "line 1, column 0: expected JSON (EOF while parsing a value)"),
    ("{", "line 1, column 1: expected JSON (EOF while parsing an object)"),
    ("<html>", "line 1, column 1: expected JSON (expected value)"),
    ("[]", "file: expected an object"),
    (r#"{"queues": {}}"#, "queues: expected a list"),
    (r#"{"queues": [5]}"#, "queues[0]: expected an object"),
    (r#"{"queues": [{"name": "q"}]}"#, "queues[0].vhost: expected this field, which is missing"),
    (r#"{"queues": [{"vhost": "/"}]}"#, "queues[0].name: expected this field, which is missing"),
    (r#"{"queues": [{"name": 5, "vhost": "/"}]}"#, "queues[0].name: expected text"),
    (r#"{"queues": [{"name": "q", "vhost": "/", "durable": "yes"}]}"#, "queues[0].durable: expected true or false"),
    (r#"{"queues": [{"name": "q", "vhost": "/", "arguments": 1}]}"#, "queues[0].arguments: expected an object"),
    (
        r#"{"queues": [{"name": "q", "vhost": "/", "arguments": {"x-max-length": null}}]}"#,
        "queues[0].arguments.x-max-length: expected a string, a number, true, false, a list or an object",
    ),
    (
        r#"{"queues": [{"name": "q", "vhost": "/", "arguments": {"x-max-length": 9999999999999999999}}]}"#,
        "queues[0].arguments.x-max-length: expected an integer of at most 63 bits",
    ),
    (
        r#"{"queues": [{"name": "5\"6", "vhost": "/", "arguments": {"n": [1e30, -7], "x-max-length": 99999999999999999999}}]}"#,
        "queues[0].arguments.x-max-length: expected a whole number of at most 64 bits",
    ),
    (
        r#"{"queues": [{"name": "q\\", "vhost": "/", "arguments": {"n": [-12345678901234567890]}}]}"#,
        "queues[0].arguments.n[0]: expected a whole number of at most 64 bits",
    ),
    (r#"{"queues": [], "queues": []}"#, "queues: expected one field of this name, and there are two"),
    (r#"{"exchanges": [{"name": "x", "vhost": "/"}]}"#, "exchanges[0].type: expected this field, which is missing"),
    (
        r#"{"bindings": [{"source": "x", "vhost": "/", "destination": "q", "destination_type": "topic", "routing_key": ""}]}"#,
        r#"bindings[0].destination_type: expected one of "queue", "exchange""#,
    ),
    (
        r#"{"policies": [{"vhost": "/", "name": "p", "pattern": "", "priority": 1.5, "definition": {}}]}"#,
        "policies[0].priority: expected a whole number from -9223372036854775808 to 9223372036854775807",
    ),
    (r#"{"users": [{"name": "u"}]}"#, "users[0].tags: expected this field, which is missing"),
    (
        r#"{"users": [{"name": "u", "tags": 5}]}"#,
        "users[0].tags: expected a list of tags, or a text with commas between them",
    ),
    (r#"{"vhosts": [{"name": "v", "metadata": {"tags": [1]}}]}"#, "vhosts[0].metadata.tags[0]: expected text"),
    (
        r#"{"rabbitmq_definition_format": "single_virtual_host", "original_vhost_name": "v", "metadata": {"tags": [1]}}"#,
        "metadata.tags[0]: expected text",
    ),
];

/// Files that can be read, and the remarks that importing them gives.
const REMARKED: &[(&str, &str)] = &[
    (
        r#"{"queues": [{"name": "q", "vhost": "/", "arguments": {"x-queue-type": "zzz"}}]}"#,
        "refused | queues[0]: precondition_failed: invalid arg 'x-queue-type' for queue 'q' in vhost '/': \
         \"unsupported queue type 'zzz'\"\n",
    ),
    (
        r#"{"queues": [{"name": "q", "vhost": "/", "type": "quorum"}]}"#,
        "skipped | queues[0].type: RabbitMQ goes by the argument x-queue-type, and without it by the virtual host's default\n",
    ),
    (
        r#"{"exchanges": [{"name": "x", "vhost": "/", "type": "zzz"}]}"#,
        "refused | exchanges[0]: precondition_failed: unknown exchange type 'zzz'\n",
    ),
    (
        r#"{"bindings": [{"source": "x", "vhost": "/", "destination": "q", "destination_type": "queue", "routing_key": ""}]}"#,
        "refused | bindings[0]: {resources_missing,[{not_found,{resource,<<\"/\">>,exchange,<<\"x\">>}},\n                    \
         {not_found,{resource,<<\"/\">>,queue,<<\"q\">>}}]}\n",
    ),
    (
        r#"{"queues": [{"name": "q", "vhost": "/"}, {"name": "q", "vhost": "/", "durable": false}]}"#,
        "skipped | queues[1]: queues[0] is about the same; only one of them counts\n",
    ),
    (
        r#"{"queues": [{"name": "q", "vhost": "v"}]}"#,
        "refused | queues[0]: Please create virtual host \"v\" prior to importing definitions.\n",
    ),
    (
        r#"{"permissions": [{"user": "u", "vhost": "/", "configure": "", "write": "", "read": ""}]}"#,
        "refused | permissions[0]: {no_such_user,<<\"u\">>}\n",
    ),
    (
        r#"{"vhosts": [{"name": "v", "metadata": {"default_queue_type": "zzz"}}]}"#,
        "refused | vhosts[0]: zzz is not a valid queue type\n\
         refused | vhosts[0]: Please create virtual host \"v\" prior to importing definitions.\n",
    ),
    (
        r#"{"policies": [{"vhost": "/", "name": "p", "pattern": "", "definition": {}}]}"#,
        "refused | policies[0]: Validation failed\n\nno policy provided\n (vhost: \"/\" key: \"p\")\n",
    ),
    (
        r#"{"parameters": [{"vhost": "/", "component": "vhost-limits", "name": "limits", "value": {"max-cats": 1}}]}"#,
        "refused | parameters[0]: Validation failed\n\nUnrecognised terms [{<<\"max-cats\">>,1}] in limits\n \
         (vhost: \"/\" / component: \"vhost-limits\" / key: \"limits\")\n",
    ),
    (
        r#"{"permissions": [{"user": "guest", "vhost": "/", "configure": ")", "write": "", "read": ""}]}"#,
        "refused | permissions[0]: {invalid_regexp,\")\",{\"unmatched closing parenthesis\",0}}\n",
    ),
    (
        r#"{"topic_permissions": [{"user": "guest", "vhost": "/", "exchange": "x", "write": "", "read": ""}]}"#,
        "refused | topic_permissions[0]: {no_such_exchange,<<\"x\">>}\n",
    ),
    (r#"{"users": [{"name": "u", "tags": [], "password_hash": "?"}]}"#, "refused | users[0]: {not_base64,<<\"?\">>}\n"),
    (
        r#"{"users": [{"name": "u", "tags": [], "password": "p", "password_hash": ""}]}"#,
        "refused | users[0]: both_password_and_password_hash_are_provided\n",
    ),
    (
        r#"{"users": [{"name": "u", "tags": "1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,1,2,3"}]}"#,
        "refused | users[0]: {too_many_tags,32}\n",
    ),
    (
        r#"{"queues": [{"name": "q", "vhost": "/", "arguments": {"12345678901234567890123": 1e30, "n": 12345678901234567890.0}}]}"#,
        "",
    ),
    (r#"{"queue": []}"#, "skipped | queue: RabbitMQ does not know this field\n"),
    (
        r#"{"queues": [{"name": "<img src=x onerror=alert(1)>", "vhost": "/", "__proto__": {}}]}"#,
        "skipped | queues[0].__proto__: RabbitMQ does not know this field\n",
    ),
];

pub fn checks() -> Vec<Check> {
    let refused =
        REFUSED.iter().map(|(file, error)| Check::new(format!("refused: {file}"), move || refuse(file, error)));
    let remarked = REMARKED.iter().map(|(file, remarks)| {
        Check::new(format!("remarked: {file}"), move || {
            same("remarks", remarks, &Loaded::new(file.as_bytes()).remarks())
        })
    });
    let others = [
        Check::new("refused: no text", || refuse_bytes(b"{\"name\": \"\xff\"}", "byte 10: expected text in UTF-8")),
        Check::new("refused: nested without end", || {
            let deep = format!(r#"{{"parameters": {}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
            assert!(BrokerFile::read(deep.as_bytes()).is_err_and(|error| error.place.starts_with("parameters[0][0]")));
        }),
        Check::new("refused: a name of ten megabytes", || {
            let long = format!(r#"{{"vhosts": [{{"name": "{}"}}]}}"#, "x".repeat(10_000_000));
            assert!(BrokerFile::read(long.as_bytes()).is_err());
        }),
        Check::new("refused: a name that AMQP cannot carry", || {
            let long = format!(r#"{{"queues": [{{"name": "{}", "vhost": "/"}}]}}"#, "x".repeat(256));
            refuse(&long, "queues[0].name: expected at most 255 bytes");
        }),
        Check::new("kept of what is repeated: what the broker took", kept_is_what_was_taken),
    ];
    refused.chain(remarked).chain(others).collect()
}

/// A declaration stays as it was first, all else is overwritten: what is kept makes the same broker again.
fn kept_is_what_was_taken() {
    const FILE: &str = r#"{
        "users": [{"name": "u", "tags": ["a"]}, {"name": "u", "tags": ["b"]}, {"name": "v", "tags": []}, {"name": "u", "tags": ["c"]}],
        "policies": [
            {"vhost": "/", "name": "p", "pattern": "^a", "definition": {"max-length": 1}},
            {"vhost": "/", "name": "p", "pattern": "^b", "definition": {"max-length": 2}}
        ],
        "queues": [
            {"name": "q", "vhost": "/", "arguments": {"x-queue-type": "zzz"}},
            {"name": "q", "vhost": "/", "arguments": {"x-max-length": 3}},
            {"name": "q", "vhost": "/", "arguments": {"x-max-length": 4}}
        ]
    }"#;
    let loaded = Loaded::new(FILE.as_bytes());
    let kept = loaded.file.definitions.clone().without(&loaded.report.left_out);
    assert_eq!((kept.users.len(), kept.policies.len(), kept.queues.len()), (2, 1, 1));
    let mut again = kept.node(Config::default());
    assert!(kept.load(&mut again, &mut NoEvents).remarks.is_empty());
    assert_eq!(Definitions::of(&again), Definitions::of(&loaded.broker));
    let tags: Vec<_> = kept.users.iter().map(|user| user.tags.0.join(",")).collect();
    assert_eq!(tags, ["", "c"]);
}

fn refuse(file: &str, error: &str) {
    refuse_bytes(file.as_bytes(), error);
}

fn refuse_bytes(file: &[u8], error: &str) {
    match BrokerFile::read(file) {
        Ok(read) => panic!("it is read: {read:?}"),
        Err(found) => assert_eq!(found.to_string(), error),
    }
}
