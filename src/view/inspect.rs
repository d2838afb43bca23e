//! What there is to know of one node, and which entries of the log are about it.

use crate::broker::event::EventKind;
use crate::broker::{ConnectionId, Method};
use crate::simulation::{ClientEvent, ConsumerSpec, Deed, LogEntry, LogKind, ProducerSpec, Role};

use super::board::{Applied, Board, ClientState, ExchangeState, QueueState};
use super::graph::{NodeId, ack_mode, exchange_name, keys_text};
use super::hand;
use super::sentence::span;
use super::tables::{holds, publishes, role_name};

/// Something to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is called.
    pub label: &'static str,
    /// What it is.
    pub value: String,
}

fn fact(label: &'static str, value: impl ToString) -> Fact {
    Fact { label, value: value.to_string() }
}

/// A node's title, and what there is to know of it.
pub fn facts(board: &Board, node: &NodeId) -> (String, Vec<Fact>) {
    match node {
        NodeId::Queue(resource) => {
            let title = format!("Queue {}", resource.name);
            let facts = board.queues.get(resource).map(|queue| queue_facts(queue, board)).unwrap_or_default();
            (title, facts.into_iter().chain(policy_facts(board.queue_policy(resource))).collect())
        }
        NodeId::Exchange(resource) => {
            let title = format!("Exchange {}", exchange_name(&resource.name));
            let facts = board.exchanges.get(resource).map(|exchange| exchange_facts(exchange)).unwrap_or_default();
            (title, facts.into_iter().chain(policy_facts(board.exchange_policy(resource))).collect())
        }
        NodeId::Client(id) => match board.clients.get(id) {
            Some(client) => client_facts(client),
            None => ("Client".to_owned(), Vec::new()),
        },
    }
}

fn queue_facts(queue: &QueueState, board: &Board) -> Vec<Fact> {
    let holders: Vec<String> = queue
        .unacked
        .iter()
        .map(|lent| format!("{} with {}", lent.copied.message.routing_keys.key, hand::holder(board, lent.channel)))
        .collect();
    let consumers: Vec<String> = queue.consumers.iter().map(|attached| attached.consumer.tag.to_string()).collect();
    let mut facts = vec![
        fact("Type", &queue.kind),
        fact("Ready", queue.ready.len()),
        fact("Unacked", queue.unacked.len()),
        fact("Total", queue.total()),
        fact("Delivered", queue.delivered),
        fact("Acked", queue.acked),
        fact("Consumers", if consumers.is_empty() { "none".to_owned() } else { consumers.join(", ") }),
    ];
    if !holders.is_empty() {
        facts.push(fact("Held", holders.join("; ")));
    }
    facts
}

/// The policies that act on something, under the management UI's names, and what they have come to together.
fn policy_facts(applied: Option<&Applied>) -> Vec<Fact> {
    let Some(applied) = applied else { return Vec::new() };
    let names = [("Policy", &applied.policy), ("Operator policy", &applied.operator_policy)];
    let names = names.into_iter().filter_map(|(label, name)| Some(fact(label, name.as_ref()?)));
    let sets: Vec<String> = applied.effective.iter().map(|(key, value)| format!("{key} {value}")).collect();
    names.chain([fact("Effective policy definition", sets.join(", "))]).collect()
}

fn exchange_facts(exchange: &ExchangeState) -> Vec<Fact> {
    vec![
        fact("Type", &exchange.kind),
        fact("Publish", exchange.received),
        fact("Unroutable (drop)", exchange.dropped),
        fact("Unroutable (return)", exchange.returned),
    ]
}

fn client_facts(client: &ClientState) -> (String, Vec<Fact>) {
    let spec = &client.spec;
    let mut facts = Vec::new();
    if let Some(consumer) = spec.role.consumer() {
        facts.extend(consumer_facts(consumer, client));
    }
    if let Some(producer) = spec.role.producer() {
        facts.extend(producer_facts(producer, client));
    }
    match &spec.role {
        Role::Worker(worker) => {
            facts.push(fact("Publishes to", exchange_name(&worker.publish.exchange)));
            facts.push(fact("Publisher confirms", yes(worker.publish.confirms)));
            facts.push(fact("Published", client.published));
        }
        Role::RpcServer(_) => facts.push(fact("Answers", client.published)),
        Role::RpcClient(rpc) => {
            facts.push(fact("Waits for an answer", span(rpc.timeout_ms)));
            facts.push(fact("Answered", client.answered));
            facts.push(fact("Timed out", client.timed_out));
        }
        Role::Producer(_) | Role::Consumer(_) => {}
    }
    facts.push(match &client.connections[..] {
        [_] => fact("Connection", if client.is_open() { "open" } else { "closed" }),
        all => fact("Connections", format!("{} of {} open", client.open_connections(), all.len())),
    });
    if client.is_paused {
        facts.push(fact("Paused", "yes"));
    }
    facts.push(fact("Latency", span(spec.latency_ms)));
    (format!("{} {}", role_name(&spec.role), spec.name), facts)
}

fn yes(flag: bool) -> &'static str {
    if flag { "yes" } else { "no" }
}

fn producer_facts(producer: &ProducerSpec, client: &ClientState) -> Vec<Fact> {
    let payload = match producer.messages.len() {
        0 => producer.payload.text().into_owned(),
        count => format!("from a list of {count}"),
    };
    vec![
        fact("Exchange", exchange_name(&producer.exchange)),
        fact("Routing key", keys_text(producer)),
        fact("Payload", payload),
        fact("Publishes", publishes(producer.schedule())),
        fact("Mandatory", yes(producer.mandatory)),
        fact("Publisher confirms", yes(producer.confirms)),
        fact("Published", client.published),
    ]
}

fn consumer_facts(consumer: &ConsumerSpec, client: &ClientState) -> Vec<Fact> {
    let limit = |prefetch: u16| if prefetch == 0 { "unlimited".to_owned() } else { prefetch.to_string() };
    let prefetch = match (client.prefetch, consumer.prefetch) {
        (now, next) if now == next => limit(now),
        (now, next) => format!("{}, and {} for new consumers", limit(now), limit(next)),
    };
    vec![
        fact("Acknowledges", ack_mode(consumer.ack)),
        fact("Prefetch", prefetch),
        fact("Now", holds(client)),
        fact("Received", client.received),
        fact("Acked", client.acked),
    ]
}

/// Whether an entry is about a node.
pub fn concerns(entry: &LogEntry, node: &NodeId, board: &Board) -> bool {
    match &entry.kind {
        LogKind::Client { client, event, .. } => match event {
            ClientEvent::Sent { method: Method::BasicPublish(publish), .. } => {
                *node == NodeId::Client(*client)
                    || matches!(node, NodeId::Exchange(exchange) if exchange.name == publish.exchange)
            }
            // All else that happens at a client is about that client.
            _ => *node == NodeId::Client(*client),
        },
        LogKind::NotDone { deed, .. } => match (deed.as_ref(), node) {
            (
                Deed::PurgeQueue { vhost, queue }
                | Deed::DeleteQueue { vhost, queue }
                | Deed::GetMessages { vhost, queue, .. }
                | Deed::MoveMessages { vhost, queue, .. },
                NodeId::Queue(resource),
            ) => resource.vhost == *vhost && resource.name == *queue,
            _ => false,
        },
        LogKind::Broker(event) => match node {
            NodeId::Queue(queue) => {
                queue_of(&event.kind).is_some_and(|resource| **queue == *resource) || binds(&event.kind, node)
            }
            NodeId::Exchange(_) => at_exchange(&event.kind, node) || binds(&event.kind, node),
            NodeId::Client(id) => connection_of(&event.kind)
                .and_then(|connection| board.owner_of(connection))
                .is_some_and(|it| it.0 == *id),
        },
    }
}

fn queue_of(event: &EventKind) -> Option<&crate::broker::Resource> {
    match event {
        EventKind::Enqueued { at, .. }
        | EventKind::Delivered { at, .. }
        | EventKind::Got { at, .. }
        | EventKind::Waits { at, .. }
        | EventKind::Acked { at, .. }
        | EventKind::Requeued { at, .. }
        | EventKind::Delayed { at, .. }
        | EventKind::DelayEnded { at, .. }
        | EventKind::Dropped { at, .. }
        | EventKind::DeadLettered { at, .. }
        | EventKind::DeadLetterHeld { at, .. } => Some(&at.queue),
        EventKind::QueueDeclared { queue, .. }
        | EventKind::QueueDeleted { queue, .. }
        | EventKind::QueuePurged { queue, .. }
        | EventKind::ConsumerAdded { queue, .. }
        | EventKind::ConsumerRemoved { queue, .. }
        | EventKind::ActiveConsumerChanged { queue, .. }
        | EventKind::ConsumerTimedOut { queue, .. }
        | EventKind::Refused { queue, .. }
        | EventKind::GotNothing { queue, .. }
        | EventKind::CycleCut { queue, .. }
        | EventKind::TimerFired { queue, .. } => Some(queue),
        _ => None,
    }
}

fn binds(event: &EventKind, node: &NodeId) -> bool {
    let (EventKind::Bound { binding, .. } | EventKind::Unbound { binding, .. }) = event else { return false };
    let to = match &binding.destination {
        crate::broker::binding::Destination::Queue(name) => NodeId::queue(&binding.vhost, name),
        crate::broker::binding::Destination::Exchange(name) => NodeId::exchange(&binding.vhost, name),
    };
    *node == to || *node == NodeId::exchange(&binding.vhost, &binding.source)
}

fn at_exchange(event: &EventKind, node: &NodeId) -> bool {
    let NodeId::Exchange(exchange) = node else { return false };
    match event {
        EventKind::Published { message, vhost, .. } => exchange.name == message.exchange && exchange.vhost == *vhost,
        EventKind::Routed(routed) => routed.exchange == *exchange,
        EventKind::Unroutable { message, .. } => message.exchange == exchange.name,
        EventKind::DeadLettered { exchange: to, at, .. } => exchange.name == *to && exchange.vhost == at.queue.vhost,
        EventKind::ExchangeDeclared { exchange: other, .. } | EventKind::ExchangeDeleted { exchange: other, .. } => {
            other == exchange
        }
        _ => false,
    }
}

fn connection_of(event: &EventKind) -> Option<ConnectionId> {
    match event {
        EventKind::ConnectionOpened { connection, .. }
        | EventKind::ConnectionRefused { connection, .. }
        | EventKind::ConnectionClosed { connection, .. } => Some(*connection),
        EventKind::ChannelOpened { channel }
        | EventKind::ChannelClosed { channel, .. }
        | EventKind::ChannelSet { channel, .. }
        | EventKind::Published { channel, .. }
        | EventKind::Got { channel, .. }
        | EventKind::GotNothing { channel, .. }
        | EventKind::Acked { channel, .. }
        | EventKind::Confirmed { channel, .. } => Some(channel.connection),
        EventKind::ConsumerAdded { consumer, .. }
        | EventKind::ConsumerRemoved { consumer, .. }
        | EventKind::ConsumerTimedOut { consumer, .. }
        | EventKind::Delivered { consumer, .. } => Some(consumer.channel.connection),
        _ => None,
    }
}
