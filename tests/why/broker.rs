//! What no client of a scenario does: transactions. And direct replies, which are no publish of client `p`.

#[path = "../node/mod.rs"]
mod node;

use node::{Node, publish, queue};
use warren::broker::event::EventKind;
use warren::broker::{Event, MessageId, Method};
use warren::simulation::{LogEntry, LogKind};
use warren::view::life::Life;
use warren::view::why::{About, Answer, Reason, why};
use warren::view::{Film, NodeId};

use super::{entries, film_of, shown};

/// The reasons that are tested here.
pub const REASONS: &[Reason] = &[Reason::NotCommitted, Reason::RolledBack, Reason::DirectReply];

/// A broker's events as the log of a world without clients.
fn film(node: &mut Node) -> Film {
    let mut film = Film::default();
    for event in std::mem::take(&mut node.events) {
        let (seq, at_ms, cause) = (event.id.0, event.at_ms, event.cause.0);
        film.push(LogEntry { seq, at_ms, cause, kind: LogKind::Broker(event) });
    }
    film
}

/// Publishes to queue `q` in a transaction, and ends that.
fn in_transaction(end: Option<Method>) -> Answer {
    let mut node = Node::new();
    for method in [Method::QueueDeclare(queue("q")), Method::TxSelect, Method::BasicPublish(publish("", "q", "x"))] {
        // What is refused would be no message below.
        node.method(method);
    }
    end.map(|end| node.method(end));
    let film = film(&mut node);
    let life = Life::of(film.history(), MessageId(1)).expect("a message");
    let board = film.history().front().board.clone();
    why(&film, &board, film.len(), About::Message(&life), &NodeId::queue(&"/".into(), &"q".into()))
}

#[test]
fn a_transaction_gives_nothing_before_its_commit() {
    let open = in_transaction(None);
    assert_eq!(open.reasons[0].reason, Reason::NotCommitted, "{}", shown(&open));
    assert!(open.reasons[0].sentence.to_string().contains("not committed yet (tx.commit)"));
    let back = in_transaction(Some(Method::TxRollback));
    assert_eq!(back.reasons[0].reason, Reason::RolledBack, "{}", shown(&back));
    assert!(in_transaction(Some(Method::TxCommit)).is_here);
}

const ASKING: &str = r#"q ask
client {"name": "server", "role": "rpc_server", "consume": {"queues": ["ask"]}}
client {"name": "asker", "role": "rpc_client", "request": {"routing_key": "ask", "payload": "?"}, "replies": "direct"}"#;

#[test]
fn a_direct_reply_goes_by_no_queue() {
    let film = film_of(ASKING, 1_000);
    let reply = entries(&film)
        .find(|entry| matches!(&entry.kind, LogKind::Broker(Event { kind: EventKind::DirectReply { .. }, .. })));
    let life = Life::at(film.history(), reply.expect("a reply").seq).expect("a message");
    let board = film.history().front().board.clone();
    let answer = why(&film, &board, film.len(), About::Message(&life), &NodeId::queue(&"/".into(), &"ask".into()));
    assert_eq!(answer.reasons[0].reason, Reason::DirectReply, "{}", shown(&answer));
    assert!(answer.reasons[0].sentence.to_string().contains("it went straight to asker"), "{}", shown(&answer));

    // With a queue for the answers each goes through that queue.
    let film = film_of(&ASKING.replace("\"direct\"", "\"queue\""), 1_000);
    let board = &film.history().front().board;
    let own = board.queues.keys().find(|queue| queue.name != "ask").expect("a queue of its own");
    let came = entries(&film).any(|entry| {
        matches!(&entry.kind, LogKind::Broker(Event { kind: EventKind::Enqueued { at, .. }, .. }) if at.queue == *own)
    });
    assert!(came);
}
