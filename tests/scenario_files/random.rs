//! Random scenarios as files: what is written reads as the same file, and the schema takes it.

use proptest::prelude::*;
use warren::broker::properties::{Payload, Properties};
use warren::broker::table::{Table, Value};
use warren::share::{self, File, Lesson, Node, Panel, Point, View};
use warren::simulation::{ClientSpec, ProducerSpec, Role};

use crate::schema::validator;
use crate::support::worlds;

/// Text that people and their enemies write.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{0,8}",
        "\\PC{0,20}",
        ".{0,20}",
        Just("<script>alert(1)</script>".to_owned()),
        Just("__proto__".to_owned()),
        Just("\u{202e}\u{2028}\u{feff}\u{0}\"\\/%".to_owned()),
    ]
}

fn node() -> impl Strategy<Value = Node> {
    (0..3, text(), text()).prop_map(|(kind, vhost, name)| match kind {
        0 => Node::Client(name.into()),
        1 => Node::Exchange { vhost: vhost.into(), name: name.into() },
        _ => Node::Queue { vhost: vhost.into(), name: name.into() },
    })
}

fn view() -> impl Strategy<Value = View> {
    let panel =
        prop::sample::select(vec![Panel::Story, Panel::Inspector, Panel::Tables, Panel::Message, Panel::Problems]);
    let part = (prop::option::of(node()), prop::option::of(panel), prop::option::of(0.01..1_000.0));
    let moment = (any::<Option<u64>>(), any::<Option<u64>>());
    (part, any::<Option<bool>>(), moment).prop_map(|((selection, panel, speed), playing, (cursor, message))| View {
        selection,
        panel,
        speed,
        playing,
        cursor,
        message,
    })
}

/// A value of any type that AMQP knows, also inside of one another.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Void),
        any::<bool>().prop_map(Value::Bool),
        any::<i8>().prop_map(Value::I8),
        any::<u8>().prop_map(Value::U8),
        any::<i16>().prop_map(Value::I16),
        any::<u16>().prop_map(Value::U16),
        any::<i32>().prop_map(Value::I32),
        any::<u32>().prop_map(Value::U32),
        any::<i64>().prop_map(Value::I64),
        any::<u32>().prop_map(|bits| Value::F32(f32::from_bits(bits))),
        any::<f64>().prop_map(Value::F64),
        (0_u8..9, any::<u32>()).prop_map(|(scale, value)| Value::Decimal { scale, value }),
        text().prop_map(|text| Value::String(text.into())),
        prop::collection::vec(any::<u8>(), 0..9).prop_map(|bytes| Value::Bytes(bytes.into())),
        (0..i64::MAX as u64).prop_map(Value::Timestamp),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        let key = prop_oneof![text(), prop::sample::select(vec!["short", "bytes", "table"]).prop_map(str::to_owned)];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((key, inner), 0..4)
                .prop_map(|pairs| Value::Table(pairs.into_iter().map(|(key, value)| (key.into(), value)).collect())),
        ]
    })
}

fn producer() -> impl Strategy<Value = ClientSpec> {
    let headers = prop::collection::vec((text(), value()), 0..4);
    let texts = (text(), text(), prop::option::of(text()));
    (texts, headers, prop::collection::vec(any::<u8>(), 0..30), any::<Option<u8>>()).prop_map(
        |((name, routing_key, message_id), headers, payload, priority)| {
            let headers: Table = headers.into_iter().map(|(key, value)| (key.into(), value)).collect();
            let message_id = message_id.map(Into::into);
            let properties = Properties { headers: Some(headers), message_id, priority, ..Properties::default() };
            let spec = ProducerSpec {
                routing_key: routing_key.into(),
                payload: Payload::from(payload),
                properties: properties.into(),
                ..ProducerSpec::default()
            };
            ClientSpec::new(&format!("written by hand: {name}"), Role::Producer(spec))
        },
    )
}

fn file() -> impl Strategy<Value = File> {
    let layout = prop::collection::btree_map(
        node(),
        (-1_000_000..=1_000_000, -1_000_000..=1_000_000).prop_map(|(x, y)| Point { x, y }),
        0..5,
    );
    let lesson =
        prop::option::of((text(), text()).prop_map(|(title, text)| Lesson { title: title.into(), text: text.into() }));
    let parts = (layout, view(), lesson, text(), any::<u64>());
    (any::<u64>(), prop::option::of(producer()), parts).prop_map(
        |(number, client, (layout, view, lesson, name, seed))| {
            let mut scenario = worlds::scenario(number);
            scenario.clients.extend(client);
            scenario.name = name.into();
            scenario.seed = seed;
            File { layout: layout.into_iter().collect(), view, lesson, ..File::from(scenario) }
        },
    )
}

/// Found by the fuzz target: the nearest number to these digits is not what quick reading gives.
#[test]
fn numbers_stay_what_they_are() {
    let with = |number: &str| {
        let client = format!(r#"{{"name": "c", "role": "producer", "properties": {{"headers": {{"h": {number}}}}}}}"#);
        format!(r#"{{"format": "warren/1", "name": "numbers", "clients": [{client}]}}"#)
    };
    for number in
        ["1846474.057139750625", "0.1", "1e300", "5e-324", "-0.0", "9007199254740993.0", "123456789012345678901"]
    {
        let file = share::parse(with(number)).expect("it is right");
        let text = file.to_text().expect("it can be written");
        assert_eq!(share::parse(&text).as_ref(), Ok(&file), "{number}");
        let Role::Producer(producer) = &file.scenario.clients[0].role else { panic!("it is a producer") };
        let read = producer.properties.header("h").and_then(Value::as_float);
        assert_eq!(read.map(f64::to_bits), number.parse().ok().map(f64::to_bits), "{number}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn files_are_written_and_read_without_loss(file in file()) {
        let text = file.to_text().expect("it can be written");
        let read = match share::parse(&text) {
            Ok(read) => read,
            Err(error) => return Err(TestCaseError::fail(format!("{error}\n{text}"))),
        };
        prop_assert_eq!(&read, &file);
        prop_assert_eq!(read.to_text().expect("it can be written"), text.clone());
        let json = serde_json::from_str(&text).expect("it is JSON");
        let wrong: Vec<String> = validator().iter_errors(&json).map(|error| error.to_string()).collect();
        prop_assert!(wrong.is_empty(), "{}\n{}", wrong.join("\n"), text);
    }
}
