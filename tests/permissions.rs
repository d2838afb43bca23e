//! What users may do: the three patterns, which of them each method asks for, and topic permissions.

#![cfg(not(target_arch = "wasm32"))]

mod node;

use node::{Node, binding, consume, exchange, exchange_binding, publish, queue, table, texts, with_header};
use warren::broker::command::{BasicPublish, ExchangeDeclare, QueueDeclare};
use warren::broker::{Manage, Method};

/// Bob has the three patterns and is at connection 2; guest has set up what there is.
fn bob(configure: &str, write: &str, read: &str) -> Node {
    let mut node = Node::new();
    node.user("bob", configure, write, read);
    node.declare("q");
    node.exchange("x", "direct");
    node.exchange("t", "topic");
    node.logs_in(2, "/", "bob").on(2, 1);
    node
}

fn refused(access: &str, what: &str) -> String {
    format!("403 ACCESS_REFUSED - {access} access to {what} in vhost '/' refused for user 'bob'")
}

#[test]
fn declaring_and_deleting_ask_for_configure() {
    let mut node = bob("^$", ".*", ".*");
    assert_eq!(node.says(Method::QueueDeclare(queue("q"))), refused("configure", "queue 'q'"));
    assert_eq!(node.says(Method::ExchangeDeclare(exchange("x", "direct"))), refused("configure", "exchange 'x'"));
    let delete = Method::QueueDelete { queue: "q".into(), if_unused: false, if_empty: false };
    assert_eq!(node.says(delete), refused("configure", "queue 'q'"));
    let delete = Method::ExchangeDelete { exchange: "x".into(), if_unused: false };
    assert_eq!(node.says(delete), refused("configure", "exchange 'x'"));
}

#[test]
fn consuming_getting_and_purging_ask_for_read() {
    let mut node = bob(".*", ".*", "^$");
    assert_eq!(node.says(Method::BasicConsume(consume("q", "t"))), refused("read", "queue 'q'"));
    assert_eq!(node.says(Method::BasicGet { queue: "q".into(), no_ack: true }), refused("read", "queue 'q'"));
    assert_eq!(node.says(Method::QueuePurge { queue: "q".into() }), refused("read", "queue 'q'"));
}

#[test]
fn publishing_asks_for_write_before_it_looks_for_the_exchange() {
    let mut node = bob(".*", "^x$", ".*");
    assert_eq!(node.says(Method::BasicPublish(publish("x", "", ""))), "ok");
    assert_eq!(node.says(Method::BasicPublish(publish("nosuch", "", ""))), refused("write", "exchange 'nosuch'"));
}

#[test]
fn the_default_exchange_is_amq_default() {
    let mut node = bob(".*", "^x$", ".*");
    assert_eq!(node.says(Method::BasicPublish(publish("", "q", ""))), refused("write", "exchange 'amq.default'"));
    node.permit("bob", "/", "", "^amq\\.default$", "");
    assert_eq!(node.says(Method::BasicPublish(publish("", "q", "m"))), "ok");
    assert_eq!(node.ready("q"), ["m"]);
}

#[test]
fn binding_asks_for_write_on_the_destination_and_read_on_the_source() {
    let mut node = bob(".*", "^q$", "^$");
    assert_eq!(node.says(Method::QueueBind(binding("x", "p", ""))), refused("write", "queue 'p'"));
    assert_eq!(node.says(Method::QueueBind(binding("x", "q", ""))), refused("read", "exchange 'x'"));
    assert_eq!(node.says(Method::QueueUnbind(binding("x", "q", ""))), refused("read", "exchange 'x'"));
    assert_eq!(node.says(Method::ExchangeBind(exchange_binding("x", "t", ""))), refused("write", "exchange 't'"));
    node.permit("bob", "/", "", "^q$", "^x$");
    assert_eq!(node.says(Method::QueueBind(binding("x", "q", ""))), "ok");
}

#[test]
fn an_empty_pattern_permits_nothing() {
    let mut node = bob("", "", "");
    assert_eq!(node.says(Method::QueueDeclare(queue("q"))), refused("configure", "queue 'q'"));
    assert_eq!(node.says(Method::BasicPublish(publish("x", "", ""))), refused("write", "exchange 'x'"));
}

#[test]
fn patterns_are_searched_for_anywhere_in_the_name() {
    let mut node = bob("b", "", "");
    assert_eq!(node.says(Method::QueueDeclare(queue("abc"))), "ok");
    assert_eq!(node.says(Method::QueueDeclare(queue("acc"))), refused("configure", "queue 'acc'"));
}

#[test]
fn passive_declaring_asks_for_any_of_the_three() {
    let passive_queue = || Method::QueueDeclare(QueueDeclare { passive: true, ..queue("q") });
    let passive_exchange = || Method::ExchangeDeclare(ExchangeDeclare { passive: true, ..exchange("x", "") });
    for (configure, write, read) in [(".*", "", ""), ("", ".*", ""), ("", "", ".*")] {
        let mut node = bob(configure, write, read);
        assert_eq!(node.says(passive_queue()), "ok");
        assert_eq!(node.says(passive_exchange()), "ok");
    }
    let mut node = bob("", "", "");
    assert_eq!(node.says(passive_queue()), refused("configure", "queue 'q'"));
    assert_eq!(node.says(passive_exchange()), refused("configure", "exchange 'x'"));
    let absent = Method::ExchangeDeclare(ExchangeDeclare { passive: true, ..exchange("nosuch", "") });
    assert_eq!(node.says(absent), refused("configure", "exchange 'nosuch'"));
}

#[test]
fn a_dead_letter_exchange_asks_for_read_on_the_queue_and_write_on_the_exchange() {
    let with_dlx = || {
        let arguments = table(&[("x-dead-letter-exchange", "x".into())]);
        Method::QueueDeclare(QueueDeclare { arguments, ..queue("new") })
    };
    assert_eq!(bob(".*", ".*", "^$").says(with_dlx()), refused("read", "queue 'new'"));
    assert_eq!(bob(".*", "^$", ".*").says(with_dlx()), refused("write", "exchange 'x'"));
    assert_eq!(bob(".*", "^x$", "^new$").says(with_dlx()), "ok");
}

#[test]
fn an_alternate_exchange_asks_for_read_on_the_exchange_and_write_on_the_alternate() {
    let with_alternate = |kind: &str| {
        let arguments = table(&[("alternate-exchange", "x".into())]);
        Method::ExchangeDeclare(ExchangeDeclare { arguments, ..exchange("new", kind) })
    };
    assert_eq!(bob(".*", ".*", "^$").says(with_alternate("fanout")), refused("read", "exchange 'new'"));
    assert_eq!(bob(".*", "^$", ".*").says(with_alternate("fanout")), refused("write", "exchange 'x'"));
    assert_eq!(bob(".*", "^x$", "^new$").says(with_alternate("fanout")), "ok");
}

#[test]
fn an_alternate_exchange_is_asked_for_before_the_arguments_of_the_type() {
    let arguments = table(&[("alternate-exchange", "x".into()), ("hash-property", "bad".into())]);
    let declare = ExchangeDeclare { arguments, ..exchange("new", "x-consistent-hash") };
    assert_eq!(bob(".*", "^$", ".*").says(Method::ExchangeDeclare(declare)), refused("write", "exchange 'x'"));
}

#[test]
fn a_permission_that_is_taken_away_is_gone_at_once() {
    let mut node = bob(".*", ".*", ".*");
    assert_eq!(node.says(Method::BasicPublish(publish("x", "", ""))), "ok");
    assert_eq!(node.manage(Manage::PermissionClear { vhost: "/".into(), user: "bob".into() }), "ok");
    assert_eq!(node.says_as_it_is(Method::BasicPublish(publish("x", "", ""))), refused("write", "exchange 'x'"));
}

fn topics(write: &str, read: &str) -> Node {
    let mut node = bob(".*", ".*", ".*");
    let (user, exchange) = ("bob".into(), "t".into());
    let set = Manage::TopicPermissionSet { vhost: "/".into(), user, exchange, write: write.into(), read: read.into() };
    assert_eq!(node.manage(set), "ok");
    node
}

fn topic_refused(access: &str, key: &str) -> String {
    refused(access, &format!("topic '{key}' in exchange 't'"))
}

#[test]
fn topic_permissions_ask_for_the_key_of_a_publish() {
    let mut node = topics("^ok", "");
    assert_eq!(node.says(Method::BasicPublish(publish("t", "ok.a", ""))), "ok");
    assert_eq!(node.says(Method::BasicPublish(publish("t", "no.b", ""))), topic_refused("write", "no.b"));
}

#[test]
fn topic_permissions_ask_for_carbon_copies_too() {
    for header in ["CC", "BCC"] {
        let mut node = topics("^ok", "");
        let properties = with_header(header, texts(&["ok.b", "no.c"])).into();
        let publish = BasicPublish { properties, ..publish("t", "ok.a", "") };
        assert_eq!(node.says(Method::BasicPublish(publish)), topic_refused("write", "no.c"));
    }
}

#[test]
fn topic_permissions_ask_for_the_key_of_a_binding() {
    let mut node = topics("", "^ok");
    assert_eq!(node.says(Method::QueueBind(binding("t", "q", "ok.#"))), "ok");
    assert_eq!(node.says(Method::QueueBind(binding("t", "q", "no.#"))), topic_refused("read", "no.#"));
}

#[test]
fn topic_permissions_are_for_one_exchange_and_for_topic_exchanges_only() {
    let mut node = topics("^ok", "^ok");
    assert_eq!(node.says(Method::BasicPublish(publish("amq.topic", "no", ""))), "ok");
    let (vhost, user, exchange) = ("/".into(), "bob".into(), "x".into());
    let none = "^$";
    node.manage(Manage::TopicPermissionSet { vhost, user, exchange, write: none.into(), read: none.into() });
    assert_eq!(node.says(Method::BasicPublish(publish("x", "no", ""))), "ok");
}

#[test]
fn topic_permissions_that_are_cleared_permit_all_keys() {
    let mut node = topics("^ok", "");
    let (vhost, user, exchange) = ("/".into(), "bob".into(), "t".into());
    assert_eq!(node.manage(Manage::TopicPermissionClear { vhost, user, exchange }), "ok");
    assert_eq!(node.says(Method::BasicPublish(publish("t", "no", ""))), "ok");
}

#[test]
fn permissions_need_a_user_and_a_virtual_host() {
    let mut node = Node::new();
    let clear = |vhost: &str, user: &str| Manage::PermissionClear { vhost: vhost.into(), user: user.into() };
    assert_eq!(node.manage(clear("/", "nobody")), "404 Not Found");
    assert_eq!(node.manage(clear("nowhere", "guest")), "404 Not Found");
}
