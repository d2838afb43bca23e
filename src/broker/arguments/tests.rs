//! Texts to the byte, as recorded or as the source has them.

use super::*;

fn queue() -> Resource {
    Resource { vhost: "/".into(), name: "q".into() }
}

fn table(json: &str) -> Table {
    serde_json::from_str(json).unwrap_or_default()
}

fn declared(json: &str) -> String {
    let mut arguments = table(json);
    add_queue_type(&mut arguments, QueueType::Classic, true, false, false);
    let result = check_queue_arguments(&queue(), &arguments, QueueType::Classic)
        .and_then(|kind| check_queue_properties(&queue(), kind, true, false, false, &arguments));
    match result {
        Ok(()) => "ok".into(),
        Err(error) => error.text.replace("PRECONDITION_FAILED - ", "").replace(" for queue 'q' in vhost '/'", ""),
    }
}

#[test]
fn values_of_arguments() {
    let cases = [
        (r#"{"x-expires": 0}"#, "invalid arg 'x-expires': {value_zero,0}"),
        (r#"{"x-expires": -5}"#, "invalid arg 'x-expires': {value_negative,-5}"),
        (r#"{"x-expires": 315360000001}"#, "invalid arg 'x-expires': {value_too_large,315360000001}"),
        (r#"{"x-message-ttl": null}"#, r#"invalid arg 'x-message-ttl': "expected integer, got void""#),
        (r#"{"x-message-ttl": 1.5}"#, r#"invalid arg 'x-message-ttl': "expected integer, got double""#),
        (r#"{"x-message-ttl": {"timestamp": 5}}"#, r#"invalid arg 'x-message-ttl': "expected integer, got timestamp""#),
        (r#"{"x-message-ttl": 0, "x-max-length": 0, "x-max-priority": 0}"#, "ok"),
        (r#"{"x-max-priority": 256}"#, "invalid arg 'x-max-priority': {max_value_exceeded,256}"),
        (r#"{"x-overflow": 1}"#, "invalid arg 'x-overflow': {unacceptable_type,signedint}"),
        (r#"{"x-overflow": "x"}"#, "invalid arg 'x-overflow': invalid_overflow"),
        (r#"{"x-queue-version": 1}"#, r#"invalid arg 'x-queue-version': "unsupported queue version '1'""#),
        (r#"{"x-queue-type": null}"#, "invalid arg 'x-queue-type': {unacceptable_type,void}"),
        (
            r#"{"x-dead-letter-strategy": "zz"}"#,
            "invalid arg 'x-dead-letter-strategy' of queue type rabbit_classic_queue",
        ),
        (r#"{"x-foo": {"a": []}}"#, "ok"),
        (
            r#"{"x-queue-type": "quorum", "x-quorum-initial-group-size": 0}"#,
            "invalid arg 'x-quorum-initial-group-size': {value_zero,0}",
        ),
        (
            r#"{"x-queue-type": "quorum", "x-dead-letter-strategy": "zz"}"#,
            "invalid arg 'x-dead-letter-strategy': invalid_dlx_strategy",
        ),
        (r#"{"x-queue-type": "quorum", "x-delivery-limit": "x", "x-delayed-retry-min": []}"#, "ok"),
        (r#"{"x-queue-type": "stream", "x-max-age": "0s"}"#, "invalid arg 'x-max-age': invalid_max_age"),
        (
            r#"{"x-queue-type": "stream", "x-stream-filter-size-bytes": 15}"#,
            "Invalid value for x-stream-filter-size-bytes",
        ),
        (r#"{"x-queue-type": "", "x-max-priority": 2}"#, "ok"),
        // The first in the order of the checks, not of the keys; another type's argument comes last.
        (
            r#"{"x-max-length": -1, "x-message-ttl": -2, "x-max-age": "1h"}"#,
            "invalid arg 'x-message-ttl': {value_negative,-2}",
        ),
    ];
    for (json, text) in cases {
        assert_eq!(declared(json), text, "{json}");
    }
}

#[test]
fn a_missing_type_is_the_default_if_it_fits() {
    for (durable, exclusive, auto_delete, kind) in [
        (true, false, false, "quorum"),
        (false, false, false, "classic"),
        (true, true, false, "classic"),
        (true, false, true, "classic"),
    ] {
        let mut arguments = Table::new();
        add_queue_type(&mut arguments, QueueType::Quorum, durable, exclusive, auto_delete);
        assert_eq!(arguments.get("x-queue-type").and_then(Value::as_str), Some(kind));
    }
}

fn redeclared(kind: QueueType, old: &str, new: &str) -> String {
    let (old, new) = (table(old), table(new));
    let of = |arguments| QueueProperties { durable: true, auto_delete: false, arguments };
    match check_queue_equivalence(&queue(), kind, of(&old), of(&new)) {
        Ok(()) => "ok".into(),
        Err(error) => error.text.rsplit("'/': ").next().unwrap_or_default().to_string(),
    }
}

#[test]
fn redeclarations() {
    let classic = [
        (r#"{"x-max-length": 5}"#, r#"{"x-max-length": {"long": 5}}"#, "ok"),
        (r#"{"x-max-length": 5}"#, r#"{"x-max-length": {"timestamp": 5}}"#, "ok"),
        (r#"{"x-max-length": 5}"#, r#"{"x-max-length": 5.0}"#, "received '5.0' but current is '5'"),
        (r#"{"x-max-length": 5}"#, r#"{"x-max-length": "5"}"#, "received '5' but current is '5'"),
        (r#"{"x-max-length": 5}"#, r#"{"x-max-length": null}"#, "received none but current is '5'"),
        (r#"{"x-max-length": 5}"#, "{}", "received none but current is the value '5' of type 'signedint'"),
        (
            "{}",
            r#"{"x-overflow": "drop-head"}"#,
            "received the value 'drop-head' of type 'longstr' but current is none",
        ),
        ("{}", r#"{"x-max-length": null}"#, "received the value 'undefined' of type 'void' but current is none"),
        (
            "{}",
            r#"{"x-overflow": ["a", 1]}"#,
            "received the value '[{longstr,<<\"a\">>},{signedint,1}]' of type 'array' but current is none",
        ),
        (
            "{}",
            r#"{"x-overflow": {"a": true}}"#,
            "received the value '[{<<\"a\">>,bool,true}]' of type 'table' but current is none",
        ),
        ("{}", r#"{"x-queue-type": "classic", "x-foo": 1}"#, "ok"),
        (
            "{}",
            r#"{"x-max-length": {"decimal": "1.5"}}"#,
            "received the value '{1,15}' of type 'decimal' but current is none",
        ),
        (r#"{"x-max-length": 5}"#, r#"{"x-max-length": {"decimal": "1.5"}}"#, "INTERNAL_ERROR"),
    ];
    for (old, new, text) in classic {
        assert_eq!(redeclared(QueueType::Classic, old, new), text, "{old} {new}");
    }
    let age = |age: &str| format!(r#"{{"x-max-age": "{age}"}}"#);
    assert_eq!(redeclared(QueueType::Stream, &age("1D"), &age("24h")), "ok");
    assert_eq!(redeclared(QueueType::Stream, &age("1h"), &age("2h")), "received '7200000' but current is '3600000'");
}

#[test]
fn expirations() {
    for (text, ms) in [("0", 0), ("+5", 5), ("-0", 0), ("315360000000", 315_360_000_000), ("007", 7)] {
        assert_eq!(parse_expiration(text), Ok(ms));
    }
    for (text, reason) in [
        ("", "no_integer"),
        ("abc", "no_integer"),
        (" 5", "no_integer"),
        ("+", "no_integer"),
        ("10.5", "{leftover_string,\".5\"}"),
        ("10s", "{leftover_string,\"s\"}"),
        ("-1x", "{leftover_string,\"x\"}"),
        ("-1", "{value_negative,-1}"),
        ("99999999999999", "{value_too_large,99999999999999}"),
    ] {
        let error = parse_expiration(text).err().map(|e| e.text).unwrap_or_default();
        assert_eq!(error, format!("PRECONDITION_FAILED - invalid expiration '{text}': {reason}"));
    }
}

#[test]
fn consumers() {
    let read = |kind, json: &str| check_consumer_arguments(&queue(), kind, &table(json)).map_err(|e| e.text);
    let error = |text: &str| {
        Err(format!("PRECONDITION_FAILED - invalid arg {text}").replace('@', "for queue 'q' in vhost '/'"))
    };
    assert_eq!(read(QueueType::Classic, r#"{"x-priority": -3, "x-foo": 1}"#).map(|a| a.priority), Ok(-3));
    assert_eq!(
        read(QueueType::Classic, r#"{"x-priority": "1"}"#),
        error("'x-priority' @: \"expected integer, got longstr\"")
    );
    assert_eq!(
        read(QueueType::Classic, r#"{"x-stream-offset": "first"}"#),
        error("'x-stream-offset' @ of queue type rabbit_classic_queue")
    );
    assert_eq!(
        read(QueueType::Quorum, r#"{"x-consumer-timeout": -1}"#),
        error("'x-consumer-timeout' @: {value_negative,-1}")
    );
    assert_eq!(
        read(QueueType::Stream, r#"{"x-stream-offset": "bad"}"#),
        error("'x-stream-offset' @: {invalid_stream_offset_arg,{longstr,<<\"bad\">>}}")
    );
    for (json, offset) in [
        ("\"first\"", StreamOffset::First),
        ("-1", StreamOffset::Offset(0)),
        ("\"1h\"", StreamOffset::Interval(3_600_000)),
        ("{\"timestamp\": 5}", StreamOffset::Timestamp(5000)),
        ("true", StreamOffset::Unusable),
        ("null", StreamOffset::Unusable),
    ] {
        let json = format!(r#"{{"x-stream-offset": {json}}}"#);
        assert_eq!(read(QueueType::Stream, &json).map(|a| a.offset), Ok(offset));
    }
    let filter = read(QueueType::Stream, r#"{"x-stream-filter": ["a", 1], "x-stream-match-unfiltered": true}"#);
    let expected = StreamFilter { values: vec!["a".into()], match_unfiltered: true };
    assert_eq!(filter.map(|a| a.filter), Ok(Some(expected)));
}
