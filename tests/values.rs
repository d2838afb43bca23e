//! Field values and bodies: how they are saved, printed and compared.

#![cfg(not(target_arch = "wasm32"))]

mod node;

use node::{Node, binding, queue, table};
use warren::broker::command::{QueueBinding, QueueDeclare};
use warren::broker::message::Message;
use warren::broker::properties::{Payload, Properties};
use warren::broker::table::{Table, Value};
use warren::broker::{ConnectionId, ConnectionOpen, Method};

/// A value of each type, and its JSON.
fn one_of_each() -> Vec<(Value, &'static str)> {
    vec![
        (Value::Void, "null"),
        (Value::Bool(true), "true"),
        (Value::I8(-1), r#"{"byte":-1}"#),
        (Value::U8(1), r#"{"unsignedbyte":1}"#),
        (Value::I16(-2), r#"{"short":-2}"#),
        (Value::U16(2), r#"{"unsignedshort":2}"#),
        (Value::I32(-3), "-3"),
        (Value::U32(3), r#"{"unsignedint":3}"#),
        (Value::I64(4), r#"{"long":4}"#),
        (Value::I64(1 << 40), "1099511627776"),
        (Value::F32(1.0), r#"{"float":1065353216}"#),
        (Value::F64(1.5), "1.5"),
        (Value::F64(f64::INFINITY), r#"{"double":"inf"}"#),
        (Value::Decimal { scale: 2, value: 5 }, r#"{"decimal":"0.05"}"#),
        (Value::Decimal { scale: 0, value: 5 }, r#"{"decimal":"5"}"#),
        ("text".into(), r#""text""#),
        (Value::Bytes([0, 255].into()), r#"{"bytes":"00ff"}"#),
        (Value::Timestamp(5), r#"{"timestamp":5}"#),
        (Value::Array(vec![Value::I32(1), "a".into()]), r#"[1,"a"]"#),
        (Value::Table(table(&[("k", Value::I32(1))])), r#"{"k":1}"#),
        (Value::Table(table(&[("long", Value::I32(1))])), r#"{"table":[["long",1]]}"#),
    ]
}

#[test]
fn values_are_saved_with_their_types() {
    for (value, json) in one_of_each() {
        assert_eq!(serde_json::to_string(&value).expect("JSON"), json);
        assert_eq!(serde_json::from_str::<Value>(json).expect("a value"), value);
    }
}

#[test]
fn values_of_different_types_differ() {
    let all = one_of_each();
    for (i, (a, _)) in all.iter().enumerate() {
        for (j, (b, _)) in all.iter().enumerate() {
            assert_eq!(a == b, i == j, "{a:?} {b:?}");
        }
    }
}

#[test]
fn marks_that_hold_something_else_are_refused() {
    let wrong = [
        r#"{"byte":300}"#,
        r#"{"bytes":"0"}"#,
        r#"{"bytes":"zz"}"#,
        r#"{"decimal":"x"}"#,
        r#"{"timestamp":-1}"#,
        r#"{"table":[1]}"#,
        r#"{"table":[[1,2]]}"#,
        r#"{"table":5}"#,
        "18446744073709551615",
    ];
    for json in wrong {
        assert!(serde_json::from_str::<Value>(json).is_err(), "{json}");
    }
}

#[test]
fn bodies_are_text_where_they_can_be() {
    for (payload, json) in [(Payload::from("é"), r#""é""#), (Payload::from(vec![255]), r#"{"bytes":"ff"}"#)] {
        assert_eq!(serde_json::to_string(&payload).expect("JSON"), json);
        assert_eq!(serde_json::from_str::<Payload>(json).expect("a body"), payload);
    }
    assert!(serde_json::from_str::<Payload>("5").is_err());
    assert!(Payload::default().is_empty() && Payload::from(vec![255]).as_bytes() == [255]);
}

#[test]
fn what_a_login_leaves_out_is_guest() {
    let login: ConnectionOpen = serde_json::from_str(r#"{"connection":1}"#).expect("a login");
    assert_eq!(login, ConnectionOpen::new(ConnectionId(1)));
}

/// What a policy value of that type is called where it is refused.
#[test]
fn values_are_printed_as_erlang_prints_them() {
    let cases: [(Value, &str); 7] = [
        (Value::Bool(true), "true"),
        (Value::F64(1.5), "1.5"),
        ("a\"b".into(), "<<\"a\\\"b\">>"),
        ("é".into(), "<<\"é\"/utf8>>"),
        ("a\n".into(), "<<\"a\\n\">>"),
        (Value::Array(vec!["a".into(), Value::I32(1)]), "[<<\"a\">>,1]"),
        (Value::I32(-5), "-5"),
    ];
    for (value, text) in cases {
        assert_eq!(
            Node::new().policy("p", false, &[("max-length", value)]),
            format!("400 Validation failed\n\n{text} is not a valid maximum length\n")
        );
    }
}

#[test]
fn a_redeclaration_tells_both_values() {
    let mut node = Node::new();
    node.declare_with("q", &[("x-max-length", Value::I32(1))]);
    let declare = |value: Value| {
        Method::QueueDeclare(QueueDeclare { arguments: table(&[("x-max-length", value)]), ..queue("q") })
    };
    assert_eq!(node.says(declare(Value::U8(1))), "ok");
    assert_eq!(
        node.says(declare(Value::I64(2))),
        "406 PRECONDITION_FAILED - inequivalent arg 'x-max-length' for queue 'q' in vhost '/': received '2' but current \
         is '1'"
    );
}

/// A headers exchange as dead letter exchange sees what the dead letter carries.
#[test]
fn a_headers_exchange_sees_where_a_message_died() {
    let cases = [
        ("x-first-death-reason", "rejected", 1),
        ("x-first-death-queue", "q", 1),
        ("x-last-death-exchange", "", 1),
        ("x-last-death-queue", "other", 0),
        ("x-last-death-reason", "expired", 0),
    ];
    for (header, value, count) in cases {
        let mut node = Node::new();
        node.declare_with("q", &[("x-dead-letter-exchange", "amq.headers".into())]);
        node.declare("dead");
        let arguments = table(&[("x-match", "all-with-x".into()), (header, value.into())]);
        node.says(Method::QueueBind(QueueBinding { arguments, ..binding("amq.headers", "dead", "") }));
        node.publish("q", "m");
        node.get("q");
        node.reject(1, false);
        assert_eq!(node.queue("dead").ready(), count, "{header} {value}");
    }
}

fn matches(wanted: Value, sent: Value) -> bool {
    let mut node = Node::new();
    node.declare("q");
    let arguments = table(&[("h", wanted)]);
    node.says(Method::QueueBind(QueueBinding { arguments, ..binding("amq.headers", "q", "") }));
    node.publish_with("amq.headers", "", "m", node::with_header("h", sent));
    node.queue("q").ready() == 1
}

#[test]
fn headers_of_any_type_are_compared() {
    for (value, _) in one_of_each() {
        // The time that a message carries is counted in milliseconds by then, the one that is wanted in seconds.
        let is_time = matches!(value, Value::Timestamp(_));
        assert_eq!(matches(value.clone(), value.clone()), !is_time, "{value:?}");
        assert!(matches(Value::Void, value.clone()), "{value:?}");
        assert!(!matches("another".into(), value.clone()), "{value:?}");
    }
    assert!(matches(Value::I8(1), Value::I64(1)) && matches("a".into(), Value::Bytes([97].into())));
    assert!(matches(Value::Timestamp(5_000), Value::Timestamp(5)));
    assert!(!matches(Value::I32(1), Value::F64(1.0)) && !matches(Value::I32(1), Value::Bool(true)));
}

#[test]
fn stored_bytes_count_every_property() {
    let empty = Properties::default().encoded_bytes();
    let sizes: Vec<u64> = one_of_each().into_iter().map(|(value, _)| header_bytes(value) - empty).collect();
    // 4 for the table, 1 and 1 for the key, 1 for the type, and the value.
    let values = [0, 1, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 8, 5, 5, 8, 6, 8, 15, 11, 14];
    assert_eq!(sizes, values.map(|bytes| bytes + 7));
}

fn header_bytes(value: Value) -> u64 {
    node::with_header("k", value).encoded_bytes()
}

#[test]
fn a_saved_message_is_the_same() {
    let mut node = Node::new();
    node.declare("q");
    let headers: Table =
        one_of_each().into_iter().enumerate().map(|(i, (v, _))| (format!("{i:02}").into(), v)).collect();
    node.publish_with("", "q", "m", Properties { headers: Some(headers), ..Properties::default() });
    let saved = serde_json::to_string(&node.broker).expect("JSON");
    let loaded: warren::broker::Broker = serde_json::from_str(&saved).expect("a broker");
    assert!(loaded == node.broker);
    let message = |broker: &warren::broker::Broker| -> Option<Message> {
        broker.queue("/", "q")?.ready_messages().next().map(|entry| (*entry.message).clone())
    };
    assert_eq!(message(&loaded), message(&node.broker));
}
