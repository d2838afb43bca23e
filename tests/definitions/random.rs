//! Random definitions: what is imported is what an export has, entry by entry, and a scenario file keeps them too.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config as Settings, TestRunner};
use warren::broker::table::{Table, Value};
use warren::broker::{Broker, Config, Name, NoEvents};
use warren::definitions::{
    Binding, Definitions, DestinationType, Exchange, GlobalParameter, Metadata, Parameter, Permission, Policy, Queue,
    Tags, TopicPermission, User, Vhost,
};
use warren::share::{self, BrokerFile};
use warren::simulation::Scenario;

use super::Check;

const CASES: u32 = 200;

pub fn checks() -> Vec<Check> {
    vec![
        Check::new("random definitions come back", || {
            run(any_definitions(), |definitions| comes_back(&definitions));
        }),
        Check::new("random definitions come back from a scenario file", || {
            run(any_definitions(), |definitions| comes_back_from_a_scenario(&definitions));
        }),
    ]
}

fn run<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>, holds: impl Fn(T) -> Result<(), TestCaseError>) {
    let mut runner = TestRunner::new(Settings { cases: CASES, failure_persistence: None, ..Settings::default() });
    runner.run(&strategy, holds).unwrap_or_else(|error| panic!("{error}"));
}

/// Import, export, the text of the export, and an import of that: always the same.
fn comes_back(definitions: &Definitions) -> Result<(), TestCaseError> {
    let mut broker = definitions.node(Config::default());
    let report = definitions.load(&mut broker, &mut NoEvents);
    let made = Definitions::of(&broker).and(&report.left_out);
    prop_assert_eq!(sorted(&made), sorted(&filled_in(definitions)));
    let text = made.to_json().expect("it can be written");
    let read = BrokerFile::read(text.as_bytes()).map_err(|error| TestCaseError::fail(error.to_string()))?;
    prop_assert_eq!(&read.definitions, &made);
    prop_assert!(read.remarks.is_empty() && read.vhost.is_none());
    for vhost in broker.vhosts() {
        one_vhost_comes_back(&broker, &made, &vhost.name)?;
    }
    Ok(())
}

fn one_vhost_comes_back(broker: &Broker, whole: &Definitions, vhost: &Name) -> Result<(), TestCaseError> {
    let text = whole.to_vhost_json(vhost).expect("it can be written").expect("it is there");
    let read = BrokerFile::read(text.as_bytes()).map_err(|error| TestCaseError::fail(error.to_string()))?;
    prop_assert_eq!(read.vhost.as_ref(), Some(vhost));
    let one = &read.definitions;
    let inside = broker.queues().filter(|queue| queue.resource.vhost == *vhost).count();
    prop_assert_eq!(one.queues.len(), inside);
    prop_assert_eq!(one.vhosts.len(), 1);
    prop_assert_eq!(&one.vhosts[0].metadata, &whole.vhosts.iter().find(|host| host.name == *vhost).unwrap().metadata);
    let of_vhost = |binding: &&Binding| binding.vhost == *vhost;
    let bindings: Vec<&Binding> = whole.bindings.iter().filter(of_vhost).collect();
    prop_assert_eq!(one.bindings.iter().collect::<Vec<_>>(), bindings);
    Ok(())
}

fn comes_back_from_a_scenario(definitions: &Definitions) -> Result<(), TestCaseError> {
    let scenario = Scenario {
        name: "random".into(),
        seed: 0,
        definitions: definitions.clone(),
        clients: Vec::new(),
        script: Vec::new(),
    };
    let text = share::File::from(scenario).to_text().map_err(|error| TestCaseError::fail(error.to_string()))?;
    let read = share::parse(&text).map_err(|error| TestCaseError::fail(error.to_string()))?;
    prop_assert_eq!(&read.scenario.definitions, definitions);
    Ok(())
}

/// The entries of a kind in an order of their own.
fn sorted(definitions: &Definitions) -> Definitions {
    fn by_text<T: std::fmt::Debug>(entries: &mut [T]) {
        entries.sort_by_cached_key(|entry| format!("{entry:?}"));
    }
    let mut sorted = Definitions { original_cluster_name: None, explanation: None, ..definitions.clone() };
    by_text(&mut sorted.users);
    by_text(&mut sorted.vhosts);
    by_text(&mut sorted.permissions);
    by_text(&mut sorted.topic_permissions);
    by_text(&mut sorted.parameters);
    by_text(&mut sorted.global_parameters);
    by_text(&mut sorted.policies);
    by_text(&mut sorted.exchanges);
    by_text(&mut sorted.queues);
    by_text(&mut sorted.bindings);
    sorted
}

/// What an import adds: the type of a queue as an argument and beside the arguments, and the head of an export.
fn filled_in(definitions: &Definitions) -> Definitions {
    let of_nobody = Definitions::of(&Broker::new(Config::default()));
    let head = Definitions { users: Vec::new(), vhosts: Vec::new(), permissions: Vec::new(), ..of_nobody };
    let mut filled = definitions.clone();
    filled.rabbit_version = head.rabbit_version;
    filled.rabbitmq_version = head.rabbitmq_version;
    filled.product_name = head.product_name;
    filled.product_version = head.product_version;
    filled.rabbitmq_definition_format = head.rabbitmq_definition_format;
    for queue in &mut filled.queues {
        let kind = queue.arguments.entry("x-queue-type".into()).or_insert_with(|| {
            let host = definitions.vhosts.iter().find(|host| host.name == queue.vhost).expect("it is there");
            let default = host.metadata.default_queue_type.clone().expect("it has one");
            let fits = default == *"classic" || (queue.durable && !queue.auto_delete);
            Value::String(if fits { default } else { "classic".into() })
        });
        queue.kind = kind.as_name().cloned();
    }
    filled
}

fn name() -> impl Strategy<Value = Name> {
    let odd =
        select(vec!["a", "b.c", "d e", "€", "<b>", "\"quoted\"", "__proto__", "{\"x\":1}", "a/b", "%2F", "\u{202e}"]);
    (odd, 0..40_u8).prop_map(|(odd, number)| format!("{odd}{number}").into())
}

/// Any value that JSON can hold, and RabbitMQ's arguments too.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::I64),
        (-1e9..1e9_f64).prop_map(Value::F64),
        name().prop_map(Value::String),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::Array),
            btree_map(name(), inner, 0..4).prop_map(|table| Value::Table(table.into_iter().collect())),
        ]
    })
}

fn any_table() -> impl Strategy<Value = Table> {
    btree_map(name(), any_value(), 0..3).prop_map(|table| table.into_iter().collect())
}

fn any_vhost() -> impl Strategy<Value = Vhost> {
    let kinds = select(vec!["classic", "quorum"]);
    (name(), name(), vec(name(), 0..3), kinds, any::<Option<bool>>()).prop_map(
        |(vhost, description, tags, kind, protected)| {
            let metadata = Metadata {
                description,
                tags: Tags(tags),
                default_queue_type: Some(kind.into()),
                protected_from_deletion: protected,
            };
            Vhost { metadata, ..Vhost::new(&vhost) }
        },
    )
}

fn any_user() -> impl Strategy<Value = User> {
    (name(), any::<[u8; 6]>(), vec(name(), 0..3), any_table()).prop_map(|(user, hash, tags, limits)| User {
        name: user,
        password: None,
        password_hash: Some(hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()),
        hashing_algorithm: Some("rabbit_password_hashing_sha512".into()),
        tags: Tags(tags),
        limits,
    })
}

fn any_exchange() -> impl Strategy<Value = Exchange> {
    let kinds = select(vec!["direct", "fanout", "topic", "headers", "x-consistent-hash", "x-local-random"]);
    (name(), kinds, any::<bool>(), any::<bool>(), any_table()).prop_map(
        |(exchange, kind, durable, auto_delete, arguments)| Exchange {
            durable,
            auto_delete,
            arguments,
            ..Exchange::new(&exchange, kind)
        },
    )
}

fn any_queue() -> impl Strategy<Value = Queue> {
    let kinds = select(vec![None, Some("classic"), Some("quorum"), Some("stream")]);
    (name(), kinds, any::<bool>(), any::<bool>(), any_table()).prop_map(
        |(queue, kind, durable, auto_delete, arguments)| {
            let shared = Queue { arguments, ..Queue::new(&queue) };
            match kind {
                // These have to be durable.
                Some(kind @ ("quorum" | "stream")) => shared.with("x-queue-type", kind),
                Some(kind) => Queue { durable, auto_delete, ..shared.with("x-queue-type", kind) },
                None => Queue { durable, auto_delete, ..shared },
            }
        },
    )
}

fn any_policy() -> impl Strategy<Value = Policy> {
    let apply_to = select(vec!["all", "queues", "exchanges", "quorum_queues"]);
    (name(), any::<i8>(), 0..1_000_i64, apply_to).prop_map(|(policy, priority, length, apply_to)| Policy {
        vhost: "/".into(),
        name: policy,
        pattern: "^a".into(),
        apply_to: apply_to.into(),
        priority: priority.into(),
        definition: Table::from([("max-length".into(), Value::I64(length))]),
    })
}

/// Which of several things; taken modulo their number.
type Pick = prop::sample::Index;

/// Whole definitions, of which every entry can be imported: everything refers to something that is there, once.
fn any_definitions() -> impl Strategy<Value = Definitions> {
    let parts = (vec(any_vhost(), 1..4), vec(any_user(), 1..4), vec(any_exchange(), 1..6), vec(any_queue(), 1..8));
    let more = (vec(any_policy(), 0..4), vec((name(), any_value()), 0..4), vec((name(), any_table()), 0..8));
    (parts, more, vec(any::<Pick>(), 64)).prop_map(
        |((vhosts, users, exchanges, queues), (policies, values, keys), picks)| {
            let mut picks = picks.into_iter().cycle();
            let mut pick = move |length: usize| picks.next().expect("they never end").index(length);
            let mut made = Definitions { vhosts, users, exchanges, queues, policies, ..Definitions::default() };
            once(&mut made);
            let hosts: Vec<Name> = made.vhosts.iter().map(|vhost| vhost.name.clone()).collect();
            let names: Vec<Name> = made.users.iter().map(|user| user.name.clone()).collect();
            made.exchanges.iter_mut().for_each(|exchange| exchange.vhost = hosts[pick(hosts.len())].clone());
            made.queues.iter_mut().for_each(|queue| queue.vhost = hosts[pick(hosts.len())].clone());
            made.policies.iter_mut().for_each(|policy| policy.vhost = hosts[pick(hosts.len())].clone());
            for (key, value) in values {
                let (user, vhost) = (names[pick(names.len())].clone(), hosts[pick(hosts.len())].clone());
                let any = || Name::from(".*");
                let (configure, write, read) = (any(), "^a".into(), any());
                made.permissions.push(Permission { user: user.clone(), vhost: vhost.clone(), configure, write, read });
                let (exchange, write, read) = ("amq.topic".into(), any(), any());
                made.topic_permissions.push(TopicPermission { user, vhost: vhost.clone(), exchange, write, read });
                made.global_parameters.push(GlobalParameter { name: key.clone(), value: value.clone() });
                made.parameters.push(Parameter { vhost, component: "shovel".into(), name: key, value });
            }
            for (key, arguments) in keys {
                made.bindings.extend(binding(&made, pick(made.queues.len()), pick(2), key, arguments));
            }
            once(&mut made);
            made
        },
    )
}

/// A binding from an exchange, of the same virtual host, that takes any key and any arguments.
fn binding(made: &Definitions, queue: usize, kind: usize, routing_key: Name, arguments: Table) -> Option<Binding> {
    let queue = &made.queues[queue];
    let fits = |exchange: &&Exchange| exchange.vhost == queue.vhost && ["direct", "fanout"].contains(&&*exchange.kind);
    let source = made.exchanges.iter().find(fits)?;
    let (destination, destination_type) = match kind {
        0 => (queue.name.clone(), DestinationType::Queue),
        _ => (source.name.clone(), DestinationType::Exchange),
    };
    let (source, vhost) = (source.name.clone(), queue.vhost.clone());
    Some(Binding { source, vhost, destination, destination_type, routing_key, arguments })
}

/// Takes out what is there twice.
fn once(definitions: &mut Definitions) {
    *definitions = definitions.clone().and(&Definitions::default());
}
