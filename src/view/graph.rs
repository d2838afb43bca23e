//! The nodes and edges of the picture, from a [`Board`]: what is connected with what, and what each is called.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::broker::binding::Destination;
use crate::broker::{Name, Resource};
use crate::simulation::{AckMode, ClientId, Role};

use super::board::{Board, ClientState};

/// What a node stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeId {
    /// A client.
    Client(ClientId),
    /// An exchange.
    Exchange(Rc<Resource>),
    /// A queue.
    Queue(Rc<Resource>),
}

impl NodeId {
    /// An exchange by its name.
    pub fn exchange(vhost: &Name, name: &Name) -> Self {
        NodeId::Exchange(Rc::new(Resource { vhost: vhost.clone(), name: name.clone() }))
    }

    /// A queue by its name.
    pub fn queue(vhost: &Name, name: &Name) -> Self {
        NodeId::Queue(Rc::new(Resource { vhost: vhost.clone(), name: name.clone() }))
    }
}

/// How a node is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A client that publishes.
    Producer,
    /// An exchange.
    Exchange,
    /// A queue.
    Queue,
    /// A client that consumes.
    Consumer,
}

/// A node.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it stands for.
    pub id: NodeId,
    /// How it is drawn.
    pub shape: Shape,
    /// Its name.
    pub name: Name,
    /// A second line: an exchange's type, a producer's routing key, a consumer's way of acknowledging.
    pub note: Name,
}

/// What an edge stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeKind {
    /// A producer publishes to an exchange.
    Publish,
    /// Bindings.
    Binding,
    /// The default exchange reaches a queue by its name.
    Implied,
    /// A consumer consumes from a queue.
    Consume,
}

/// An edge. Between two nodes there is at most one.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// Where messages come from.
    pub from: NodeId,
    /// Where they go.
    pub to: NodeId,
    /// What it stands for.
    pub kind: EdgeKind,
    /// Binding keys.
    pub labels: Vec<Name>,
}

/// Nodes and edges.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    /// Nodes, in a stable order.
    pub nodes: Vec<Node>,
    /// Edges, in a stable order.
    pub edges: Vec<Edge>,
}

/// What the default exchange is called, as in the management UI.
pub const DEFAULT_EXCHANGE: &str = "(AMQP default)";

/// An exchange's name as people see it.
pub fn exchange_name(name: &Name) -> Name {
    if name.is_empty() { DEFAULT_EXCHANGE.into() } else { name.clone() }
}

/// The graph of a board.
pub fn graph(board: &Board) -> Graph {
    let mut nodes = Vec::new();
    for (id, client) in &board.clients {
        nodes.push(client_node(*id, client));
    }
    for (resource, exchange) in &board.exchanges {
        let (name, note) = (exchange_name(&resource.name), exchange.kind.clone());
        nodes.push(Node { id: NodeId::Exchange(resource.clone()), shape: Shape::Exchange, name, note });
    }
    for (resource, queue) in &board.queues {
        let (name, note) = (resource.name.clone(), queue.kind.clone());
        nodes.push(Node { id: NodeId::Queue(resource.clone()), shape: Shape::Queue, name, note });
    }
    Graph { nodes, edges: edges(board) }
}

fn client_node(id: ClientId, client: &ClientState) -> Node {
    let (shape, note) = match &client.spec.role {
        Role::Producer(producer) => (Shape::Producer, producer.routing_key.clone()),
        Role::Consumer(consumer) => (
            Shape::Consumer,
            match consumer.ack {
                AckMode::Manual => "manual ack".into(),
                AckMode::Auto => "auto ack".into(),
            },
        ),
    };
    Node { id: NodeId::Client(id), shape, name: client.spec.name.clone(), note }
}

fn edges(board: &Board) -> Vec<Edge> {
    let mut found: BTreeMap<(NodeId, NodeId), Edge> = BTreeMap::new();
    let mut add = |from: NodeId, to: NodeId, kind, label: Option<Name>| {
        let new = || Edge { from: from.clone(), to: to.clone(), kind, labels: Vec::new() };
        let edge = found.entry((from.clone(), to.clone())).or_insert_with(new);
        edge.labels.extend(label);
    };
    for (id, client) in &board.clients {
        let Role::Producer(producer) = &client.spec.role else { continue };
        let vhost = &client.spec.vhost;
        let exchange = NodeId::exchange(vhost, &producer.exchange);
        if producer.exchange.is_empty() {
            let queue = Rc::new(Resource { vhost: vhost.clone(), name: producer.routing_key.clone() });
            if board.queues.contains_key(&queue) {
                add(exchange.clone(), NodeId::Queue(queue), EdgeKind::Implied, Some(producer.routing_key.clone()));
            }
        }
        if matches!(&exchange, NodeId::Exchange(resource) if board.exchanges.contains_key(resource)) {
            add(NodeId::Client(*id), exchange, EdgeKind::Publish, None);
        }
    }
    for binding in &board.bindings {
        let to = match &binding.destination {
            Destination::Queue(name) => NodeId::queue(&binding.vhost, name),
            Destination::Exchange(name) => NodeId::exchange(&binding.vhost, name),
        };
        add(
            NodeId::exchange(&binding.vhost, &binding.source),
            to,
            EdgeKind::Binding,
            Some(binding.routing_key.clone()),
        );
    }
    for (resource, queue) in &board.queues {
        for attached in &queue.consumers {
            if let Some((client, _)) = board.client_of(attached.consumer.channel.connection) {
                add(NodeId::Queue(resource.clone()), NodeId::Client(client), EdgeKind::Consume, None);
            }
        }
    }
    found.into_values().collect()
}
