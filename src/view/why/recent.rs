//! What passed by a node: the last publishes that did not come there.

use crate::broker::event::EventKind;
use crate::broker::{MessageId, Method, Name};
use crate::simulation::{ClientEvent, LogEntry, LogKind};

use super::journey::event_of;
use crate::view::board::Board;
use crate::view::film::Film;
use crate::view::graph::NodeId;
use crate::view::life;

/// So far back is looked.
const LOOK_BACK: usize = 4_000;

/// A publish that passed a node by.
#[derive(Clone, Debug, PartialEq)]
pub struct Passed {
    /// The entry's number.
    pub seq: u64,
    /// Its moment, virtual milliseconds.
    pub at_ms: u64,
    /// Its routing key.
    pub key: Name,
    /// The message; none if the broker made none of it.
    pub id: Option<MessageId>,
}

/// The last publishes in a queue's virtual host that did not come to it, the newest first; at an exchange those it never had,
/// at a client those that were not delivered to it. `cursor` entries have happened.
pub fn passed_by(film: &Film, board: &Board, cursor: usize, node: &NodeId, most: usize) -> Vec<Passed> {
    let history = film.history();
    let mut came: Vec<MessageId> = Vec::new();
    let mut passed = Vec::new();
    // What was sent and arrived is listed where it arrived.
    let mut arrived: Vec<u64> = Vec::new();
    if let NodeId::Client(id) = node
        && board.clients.get(id).is_none_or(|client| client.spec.role.consumer().is_none())
    {
        return passed;
    }
    for place in (cursor.saturating_sub(LOOK_BACK).max(history.first())..cursor).rev() {
        let Some(entry) = history.get(place) else { continue };
        if comes(board, entry, node) {
            came.extend(life::named(entry).map(|message| message.id));
        }
        if let Some(publish) = publish(board, entry, node)
            && !publish.id.is_some_and(|id| came.contains(&id))
            && !arrived.contains(&entry.seq)
        {
            passed.push(publish);
        }
        if matches!(event_of(entry), Some(EventKind::Published { .. })) {
            arrived.push(entry.cause);
        }
        if passed.len() >= most {
            break;
        }
    }
    passed
}

/// Whether an entry brings a message to a node.
fn comes(board: &Board, entry: &LogEntry, node: &NodeId) -> bool {
    match (event_of(entry), node) {
        (Some(EventKind::Enqueued { at, .. }), NodeId::Queue(queue)) => at.queue == *queue,
        (Some(EventKind::Routed(routed)), NodeId::Exchange(exchange)) => routed.exchange == *exchange,
        (Some(EventKind::Delivered { consumer, .. }), NodeId::Client(id)) => {
            board.owner_of(consumer.channel.connection).is_some_and(|(owner, _)| owner == *id)
        }
        (
            Some(EventKind::Got { channel, .. } | EventKind::DirectReply { channel: Some(channel), .. }),
            NodeId::Client(id),
        ) => board.owner_of(channel.connection).is_some_and(|(owner, _)| owner == *id),
        _ => false,
    }
}

/// A publish in the virtual host of the node: one that arrived, or one that the broker refused.
fn publish(board: &Board, entry: &LogEntry, node: &NodeId) -> Option<Passed> {
    let vhost = match node {
        NodeId::Queue(resource) | NodeId::Exchange(resource) => &resource.vhost,
        NodeId::Client(id) => &board.clients.get(id)?.spec.vhost,
    };
    if let Some(EventKind::Published { message, vhost: other, .. }) = event_of(entry) {
        let (at_ms, key) = (entry.at_ms, message.routing_keys.key.clone());
        return (other == vhost).then(|| Passed { seq: entry.seq, at_ms, key, id: Some(message.id) });
    }
    let LogKind::Client {
        client, event: ClientEvent::Sent { method: Method::BasicPublish(publish), arrives_ms }, ..
    } = &entry.kind
    else {
        return None;
    };
    let is_here = board.clients.get(client).is_some_and(|client| client.spec.vhost == *vhost);
    // What arrives and is taken is told by the broker.
    let is_refused = *arrives_ms < board.now_ms;
    (is_here && is_refused).then(|| Passed {
        seq: entry.seq,
        at_ms: entry.at_ms,
        key: publish.routing_key.clone(),
        id: None,
    })
}
