//! Brokers that clients and operators have changed: what their exports have, and what imported users and virtual hosts do.

use serde_json::{Value as Json, json};
use warren::broker::command::{ExchangeDeclare, QueueBinding, QueueDeclare};
use warren::broker::table::{Table, Value};
use warren::broker::{
    Broker, ChannelId, Command, Config, ConnectionId, ConnectionOpen, Manage, Method, Name, NoEvents, Reply,
};
use warren::definitions::Definitions;

use super::Check;
use super::files::Loaded;

pub fn checks() -> Vec<Check> {
    vec![
        Check::new("what clients declare is exported", what_clients_declare_is_exported),
        Check::new("limits are exported twice", limits_are_exported_twice),
        Check::new("imported users log in", imported_users_log_in),
        Check::new("a protected virtual host stays", a_protected_virtual_host_stays),
        Check::new("there is no more than the file says", there_is_no_more_than_the_file_says),
    ]
}

fn apply(broker: &mut Broker, command: Command) -> Reply {
    let applied = broker.apply(broker.now_ms(), command, &mut NoEvents).expect("the broker gets to see it");
    applied.reply.expect("it is answered")
}

fn export(broker: &Broker) -> Json {
    Definitions::of(broker).to_json().expect("it can be written").parse().expect("it is JSON")
}

fn what_clients_declare_is_exported() {
    let mut broker = Broker::new(Config::default());
    let connection = ConnectionId(1);
    assert_eq!(apply(&mut broker, Command::ConnectionOpen(ConnectionOpen::new(connection))), Reply::Ok);
    let channel = ChannelId { connection, number: 1 };
    let queue = |name: &str, exclusive: bool, arguments: Table| {
        let queue = name.into();
        Method::QueueDeclare(QueueDeclare { queue, durable: true, exclusive, arguments, ..QueueDeclare::default() })
    };
    let exchange = |name: &str, internal: bool| {
        let (exchange, kind) = (name.into(), "fanout".into());
        Method::ExchangeDeclare(ExchangeDeclare {
            exchange,
            kind,
            internal,
            durable: true,
            ..ExchangeDeclare::default()
        })
    };
    let bind = |exchange: &str, arguments: Table| {
        let (queue, exchange, routing_key) = ("q".into(), exchange.into(), "k".into());
        Method::QueueBind(QueueBinding { queue, exchange, routing_key, arguments })
    };
    let numbers = Table::from([
        ("x-max-length".into(), Value::I32(5)),
        ("short".into(), Value::I16(-2)),
        ("moment".into(), Value::Timestamp(7)),
        ("nested".into(), Value::Array(vec![Value::F32(0.5), Value::Table(Table::from([("n".into(), Value::U8(1))]))])),
    ]);
    let methods = [
        Method::ChannelOpen,
        queue("q", false, numbers.clone()),
        queue("mine", true, Table::new()),
        exchange("x", false),
        exchange("inside", true),
        bind("x", numbers),
        bind("inside", Table::new()),
        bind("amq.topic", Table::new()),
    ];
    for method in methods {
        let reply = apply(&mut broker, Command::Method { channel, method });
        assert!(!matches!(reply, Reply::Closed(_)), "{reply:?}");
    }
    let export = export(&broker);
    let mut arguments = json!({"x-max-length": 5, "short": -2, "moment": 7, "nested": [0.5, {"n": 1}]});
    let sources: Vec<&Json> = export["bindings"].as_array().expect("a list").iter().map(|b| &b["source"]).collect();
    assert_eq!(sources, ["amq.topic", "inside", "x"]);
    assert_eq!(export["bindings"][2]["arguments"], arguments);
    arguments["x-queue-type"] = json!("classic");
    assert_eq!(
        export["queues"],
        json!([{"name": "q", "vhost": "/", "type": "classic", "durable": true, "auto_delete": false, "arguments": arguments}])
    );
    let exchanges = export["exchanges"].as_array().expect("a list");
    assert_eq!(exchanges.iter().map(|exchange| &exchange["name"]).collect::<Vec<_>>(), ["x"]);
    // The password of guest is known: its hash lets it in.
    let imported = Loaded::new(export.to_string().as_bytes());
    assert!(logs_in(imported.broker, "guest", "guest"));
}

fn limits_are_exported_twice() {
    let mut broker = Broker::new(Config::default());
    let limit =
        |limit: &str, value| Command::Manage(Manage::VhostLimit { vhost: "/".into(), limit: limit.into(), value });
    assert_eq!(apply(&mut broker, limit("max-queues", Some(3))), Reply::Ok);
    assert_eq!(apply(&mut broker, limit("max-connections", Some(-1))), Reply::Ok);
    assert_eq!(apply(&mut broker, limit("max-connections", None)), Reply::Ok);
    let export = export(&broker);
    assert_eq!(export["vhosts"][0]["limits"], json!({"max-queues": 3}));
    let parameter = json!({"vhost": "/", "component": "vhost-limits", "name": "limits", "value": {"max-queues": 3}});
    assert_eq!(export["parameters"], json!([parameter]));
    let imported = Loaded::new(export.to_string().as_bytes());
    assert_eq!(imported.broker.vhost("/").and_then(|vhost| vhost.max_queues), Some(3));
}

fn logs_in(mut broker: Broker, user: &str, password: &str) -> bool {
    let open = ConnectionOpen { user: user.into(), password: password.into(), ..ConnectionOpen::new(ConnectionId(9)) };
    apply(&mut broker, Command::ConnectionOpen(open)) == Reply::Ok
}

fn everything() -> Loaded {
    Loaded::new(include_bytes!("everything.json"))
}

fn imported_users_log_in() {
    let imported = everything();
    assert!(logs_in(imported.broker.clone(), "admin", "admin"));
    assert!(!logs_in(imported.broker.clone(), "admin", "guest"));
    // By MD5, which is not known here; without a password; and nobody said that there is a guest.
    for user in ["old", "certificate", "guest"] {
        assert!(!logs_in(imported.broker.clone(), user, user), "{user}");
    }
    let app = ConnectionOpen {
        vhost: "billing/eu".into(),
        user: "app".into(),
        password: "app".into(),
        ..ConnectionOpen::new(ConnectionId(1))
    };
    let mut broker = imported.broker;
    assert_eq!(apply(&mut broker, Command::ConnectionOpen(app)), Reply::Ok);
}

fn a_protected_virtual_host_stays() {
    let mut broker = everything().broker;
    let delete = |vhost: &str| Command::Manage(Manage::VhostDelete { vhost: vhost.into() });
    let Reply::Refused(error) = apply(&mut broker, delete("billing/eu")) else { panic!("it is protected") };
    assert_eq!(error.reason, "Refusing to delete virtual host 'billing/eu' because it is protected from deletion");
    assert_eq!(apply(&mut broker, delete("/")), Reply::Ok);
    let names: Vec<&Name> = broker.vhosts().map(|vhost| &vhost.name).collect();
    assert_eq!(names, ["billing/eu"]);
}

fn there_is_no_more_than_the_file_says() {
    let imported = Loaded::new(br#"{"users": [], "vhosts": [{"name": "v"}]}"#);
    let names: Vec<&Name> = imported.broker.vhosts().map(|vhost| &vhost.name).collect();
    assert_eq!(names, ["v"]);
    let export = export(&imported.broker);
    assert_eq!(export["permissions"].as_array().map(Vec::len), Some(1));
    assert_eq!(export["permissions"][0]["vhost"], "v");
    let imported = Loaded::new(br#"{"users": [{"name": "u", "tags": ["administrator"]}]}"#);
    let names: Vec<&Name> = imported.broker.users().map(|(name, _)| name).collect();
    assert_eq!(names, ["u"]);
    assert_eq!(self::export(&imported.broker)["permissions"], json!([]));
}
