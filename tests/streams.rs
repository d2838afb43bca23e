//! Streams: retention by length and by age, and where readers begin.

#![cfg(not(target_arch = "wasm32"))]

mod node;

use node::{Node, consume, table, with_header};
use warren::broker::command::BasicConsume;
use warren::broker::event::{DropRule, EventKind};
use warren::broker::table::Value;
use warren::broker::{Config, Method};

/// A message in a stream takes at least this much.
const OVERHEAD_BYTES: i32 = 52;

/// A stream `s` with a segment for each message.
fn segments_of_one(arguments: &[(&str, Value)]) -> Node {
    let mut node = Node::new();
    node.stream("s", &[&[("x-stream-max-segment-size-bytes", Value::I32(1))], arguments].concat());
    node
}

fn publish(node: &mut Node, bodies: &[&str]) {
    for body in bodies {
        node.publish("s", body);
    }
}

/// The bodies that a reader from there gets.
fn read_from(node: &mut Node, offset: Value) -> Vec<String> {
    node.prefetch(100);
    node.take_frames();
    let arguments = table(&[("x-stream-offset", offset)]);
    assert_eq!(node.says(Method::BasicConsume(BasicConsume { arguments, ..consume("s", "") })), "ok");
    node.take_deliveries().into_iter().map(|(_, body)| body).collect()
}

/// A stream with 0 at 0 ms, 1 at 10,000 ms, 2 at 20,000 ms; it is 30,000 ms, and began at 1,000 seconds.
fn over_time() -> Node {
    let mut node = Node::with(Config { epoch_ms: 1_000_000, ..Config::default() });
    node.stream("s", &[]);
    for body in ["0", "1", "2"] {
        node.publish("s", body);
        node.wait(10_000);
    }
    node
}

#[test]
fn the_oldest_segments_go_when_all_are_over_the_length() {
    let limit = 3 * (OVERHEAD_BYTES + 10);
    let mut node = segments_of_one(&[("x-max-length-bytes", Value::I32(limit))]);
    publish(&mut node, &["0", "1", "2", "3", "4"]);
    assert_eq!(node.ready("s"), ["2", "3", "4"]);
    let forgotten = |event: &EventKind| matches!(event, EventKind::Dropped { rule: DropRule::Retention, .. });
    assert_eq!(node.take_events().iter().filter(|event| forgotten(event)).count(), 2);
}

#[test]
fn the_segment_that_is_written_stays() {
    let mut node = segments_of_one(&[("x-max-length-bytes", Value::I32(1))]);
    publish(&mut node, &["0", "1"]);
    assert_eq!(node.ready("s"), ["1"]);
}

#[test]
fn messages_go_by_whole_segments() {
    let mut node = Node::new();
    // Two messages fill a segment, two segments are over the length.
    let segment = ("x-stream-max-segment-size-bytes", Value::I32(OVERHEAD_BYTES + 10));
    node.stream("s", &[segment, ("x-max-length-bytes", Value::I32(3 * OVERHEAD_BYTES))]);
    publish(&mut node, &["0", "1"]);
    // The second segment is begun, and with it the length is looked at.
    publish(&mut node, &["2"]);
    assert_eq!(node.ready("s"), ["2"]);
}

#[test]
fn the_length_is_looked_at_when_a_segment_is_begun() {
    let mut node = Node::new();
    let segment = ("x-stream-max-segment-size-bytes", Value::I32(OVERHEAD_BYTES + 10));
    node.stream("s", &[segment, ("x-max-length-bytes", Value::I32(3 * OVERHEAD_BYTES + 30))]);
    publish(&mut node, &["0", "1", "2", "3"]);
    assert_eq!(node.ready("s"), ["0", "1", "2", "3"]);
    publish(&mut node, &["4"]);
    assert_eq!(node.ready("s"), ["2", "3", "4"]);
}

#[test]
fn old_segments_go() {
    let mut node = segments_of_one(&[("x-max-age", "10s".into())]);
    publish(&mut node, &["0", "1"]);
    node.wait(10_000);
    publish(&mut node, &["2"]);
    assert_eq!(node.ready("s"), ["0", "1", "2"]);
    node.wait(1);
    publish(&mut node, &["3"]);
    assert_eq!(node.ready("s"), ["2", "3"]);
}

#[test]
fn a_policy_that_shortens_it_is_obeyed_at_once() {
    let mut node = segments_of_one(&[]);
    publish(&mut node, &["0", "1", "2"]);
    node.policy("p", false, &[("max-length-bytes", Value::I32(1))]);
    assert_eq!(node.ready("s"), ["2"]);
}

#[test]
fn offsets_go_on_after_what_was_forgotten() {
    let mut node = segments_of_one(&[("x-max-length-bytes", Value::I32(1))]);
    publish(&mut node, &["0", "1", "2"]);
    node.prefetch(1);
    let arguments = table(&[("x-stream-offset", "first".into())]);
    node.says(Method::BasicConsume(BasicConsume { arguments, ..consume("s", "t") }));
    let frames = node.take_frames();
    let [warren::broker::Frame::Deliver { delivery, .. }] = &frames[..] else { panic!("{frames:?}") };
    assert_eq!(delivery.counts.stream_offset, Some(2));
}

#[test]
fn a_reader_of_what_is_forgotten_goes_on_with_what_there_is() {
    let mut node = segments_of_one(&[("x-max-length-bytes", Value::I32(1))]);
    node.prefetch(1);
    node.consume("s", "t");
    publish(&mut node, &["0", "1", "2"]);
    assert_eq!(node.take_deliveries(), [("t".to_owned(), "0".to_owned())]);
    node.ack(1);
    assert_eq!(node.take_deliveries(), [("t".to_owned(), "2".to_owned())]);
}

#[test]
fn readers_begin_where_they_say() {
    let cases: [(Value, &[&str]); 8] = [
        ("first".into(), &["0", "1", "2"]),
        ("last".into(), &["2"]),
        ("next".into(), &[]),
        (Value::I32(1), &["1", "2"]),
        (Value::I64(9), &[]),
        (Value::Timestamp(1_010), &["1", "2"]),
        (Value::Timestamp(1_011), &["2"]),
        ("20s".into(), &["1", "2"]),
    ];
    for (offset, bodies) in cases {
        assert_eq!(read_from(&mut over_time(), offset.clone()), *bodies, "{offset:?}");
    }
}

#[test]
fn times_before_the_first_message_are_the_first() {
    assert_eq!(read_from(&mut over_time(), Value::Timestamp(5)).len(), 3);
    assert_eq!(read_from(&mut over_time(), "1h".into()).len(), 3);
}

#[test]
fn the_last_of_an_empty_stream_is_the_next() {
    let mut node = segments_of_one(&[]);
    assert_eq!(read_from(&mut node, "last".into()), [""; 0]);
    publish(&mut node, &["0"]);
    assert_eq!(node.take_deliveries().len(), 1);
}

#[test]
fn a_bad_offset_is_refused() {
    let mut node = over_time();
    node.prefetch(1);
    let arguments = table(&[("x-stream-offset", "bad".into())]);
    assert_eq!(
        node.says(Method::BasicConsume(BasicConsume { arguments, ..consume("s", "") })),
        "406 PRECONDITION_FAILED - invalid arg 'x-stream-offset' for queue 's' in vhost '/': \
         {invalid_stream_offset_arg,{longstr,<<\"bad\">>}}"
    );
}

#[test]
fn reading_takes_nothing_away() {
    let mut node = over_time();
    assert_eq!(read_from(&mut node, "first".into()).len(), 3);
    assert_eq!(read_from(&mut node, "first".into()).len(), 3);
    node.reject(1, false);
    assert_eq!(node.ready("s"), ["0", "1", "2"]);
}

#[test]
fn a_filter_lets_through_what_it_names() {
    let filtered = |unfiltered: bool| {
        let mut node = Node::new();
        node.stream("s", &[]);
        node.publish_with("", "s", "red", with_header("x-stream-filter-value", "red".into()));
        node.publish_with("", "s", "blue", with_header("x-stream-filter-value", "blue".into()));
        node.publish("s", "none");
        node.prefetch(10);
        let arguments = table(&[
            ("x-stream-offset", "first".into()),
            ("x-stream-filter", "red".into()),
            ("x-stream-match-unfiltered", Value::Bool(unfiltered)),
        ]);
        node.says(Method::BasicConsume(BasicConsume { arguments, ..consume("s", "t") }));
        node.take_deliveries().into_iter().map(|(_, body)| body).collect::<Vec<_>>()
    };
    assert_eq!(filtered(false), ["red"]);
    assert_eq!(filtered(true), ["red", "none"]);
}
