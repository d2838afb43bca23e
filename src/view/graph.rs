//! The nodes and edges of the picture, from a [`Board`]: what is connected with what, and what each is called.

use std::rc::Rc;

use crate::broker::binding::{Binding, Destination};
use crate::broker::ordered::OrderedMap;
use crate::broker::{Name, Resource};
use crate::simulation::{AckMode, ClientId, ProducerSpec, Role, RpcClientSpec};

use super::board::{Board, ClientState, QueueState};
use super::features::{Badge, client_badges, exchange_badges, queue_badges};

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
    /// A client that consumes and publishes.
    Worker,
    /// A client that sends requests.
    RpcClient,
    /// A client that answers requests.
    RpcServer,
}

impl Shape {
    /// Whether messages set out from it: then it stands where they begin.
    pub fn is_source(self) -> bool {
        matches!(self, Shape::Producer | Shape::RpcClient)
    }

    /// Whether it is a client's.
    pub fn is_client(self) -> bool {
        !matches!(self, Shape::Exchange | Shape::Queue)
    }
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
    /// A second line: an exchange's type, the routing keys of who publishes by itself, a consumer's way of
    /// acknowledging.
    pub note: Name,
    /// Features and policies of an exchange or a queue; how many connections a client has, if there are several, and
    /// whether it is the single active consumer of a queue or waits to become that.
    pub badges: Vec<Badge>,
    /// Its virtual host.
    pub vhost: Name,
}

/// What an edge stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeKind {
    /// A client publishes to an exchange.
    Publish,
    /// Bindings.
    Binding,
    /// The default exchange reaches a queue by its name.
    Implied,
    /// A consumer consumes from a queue.
    Consume,
    /// What dies in a queue goes to its dead letter exchange.
    DeadLetter,
    /// What an exchange has no queue for goes to its alternate exchange.
    Alternate,
}

/// An edge. From one node to another there is at most one that messages are routed by, and one more to an alternate
/// exchange.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// Where messages come from.
    pub from: NodeId,
    /// Where they go.
    pub to: NodeId,
    /// What it stands for.
    pub kind: EdgeKind,
    /// Binding keys, arguments where there is no key, or the word for what the edge is.
    pub labels: Vec<Name>,
}

/// Which edge one is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdgeId {
    /// Where messages come from.
    pub from: NodeId,
    /// Where they go.
    pub to: NodeId,
    /// Whether it is the one to an alternate exchange.
    pub is_alternate: bool,
}

impl Edge {
    /// Which one it is.
    pub fn id(&self) -> EdgeId {
        EdgeId { from: self.from.clone(), to: self.to.clone(), is_alternate: self.kind == EdgeKind::Alternate }
    }
}

/// Nodes and edges.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    /// Nodes, in a stable order.
    pub nodes: Vec<Node>,
    /// Edges, in a stable order.
    pub edges: Vec<Edge>,
    /// Which queues who consumes will consume from once it has started, from the queue to the client.
    pub expected: Vec<(NodeId, NodeId)>,
    /// Virtual hosts with nothing in them.
    pub empty: Vec<Name>,
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
    for (id, client) in board.present() {
        nodes.push(client_node(board, id, client));
    }
    for (resource, exchange) in &board.exchanges {
        let (name, note) = (exchange_name(&resource.name), exchange.kind.clone());
        let badges = exchange_badges(board, resource, exchange);
        nodes.push(Node {
            id: NodeId::Exchange(resource.clone()),
            shape: Shape::Exchange,
            name,
            note,
            badges,
            vhost: resource.vhost.clone(),
        });
    }
    for (resource, queue) in &board.queues {
        let (name, note) = (resource.name.clone(), queue.kind.clone());
        let badges = queue_badges(board, resource, queue);
        nodes.push(Node {
            id: NodeId::Queue(resource.clone()),
            shape: Shape::Queue,
            name,
            note,
            badges,
            vhost: resource.vhost.clone(),
        });
    }
    let edges = edges(board);
    let expected = expected(board);
    let empty = board.vhosts.iter().filter(|vhost| nodes.iter().all(|node| node.vhost != **vhost));
    let empty = empty.cloned().collect();
    Graph { nodes, edges, expected, empty }
}

/// Who consumes from which queue, as far as it has not begun.
fn expected(board: &Board) -> Vec<(NodeId, NodeId)> {
    let mut found = Vec::new();
    for (id, client) in board.present() {
        for name in client.spec.role.consumer().into_iter().flat_map(|consumer| &consumer.queues) {
            let queue = Rc::new(Resource { vhost: client.spec.vhost.clone(), name: name.clone() });
            let has_begun = |state: &QueueState| {
                let mut all = state.consumers.iter();
                all.any(|attached| board.client_of(attached.consumer.channel.connection).is_some_and(|it| it.0 == id))
            };
            if board.queues.get(&queue).is_some_and(|state| !has_begun(state)) {
                found.push((NodeId::Queue(queue), NodeId::Client(id)));
            }
        }
    }
    found
}

fn client_node(board: &Board, id: ClientId, client: &ClientState) -> Node {
    let shape = match &client.spec.role {
        Role::Producer(_) => Shape::Producer,
        Role::Consumer(_) => Shape::Consumer,
        Role::Worker(_) => Shape::Worker,
        Role::RpcClient(_) => Shape::RpcClient,
        Role::RpcServer(_) => Shape::RpcServer,
    };
    let note = match client.spec.role.producer() {
        Some(producer) => keys_text(producer),
        None => client.spec.role.consumer().map_or("", |consumer| ack_mode(consumer.ack)).into(),
    };
    let badges = client_badges(board, id, client);
    Node {
        id: NodeId::Client(id),
        shape,
        name: client.spec.name.clone(),
        note,
        badges,
        vhost: client.spec.vhost.clone(),
    }
}

/// How deliveries are acknowledged, as the management UI says it.
pub fn ack_mode(ack: AckMode) -> &'static str {
    match ack {
        AckMode::Manual => "manual ack",
        AckMode::Auto => "auto ack",
    }
}

/// The routing keys that somebody publishes with: the first of them, and that there are more.
pub fn keys_text(producer: &ProducerSpec) -> Name {
    const KEYS_MAX: usize = 3;
    let keys = producer.routing_keys();
    let [key] = &keys[..] else {
        let shown: Vec<&str> = keys.iter().take(KEYS_MAX).map(|key| key.as_str()).collect();
        let more = if keys.len() > KEYS_MAX { ", \u{2026}" } else { "" };
        return format!("{}{more}", shown.join(", ")).into();
    };
    key.clone()
}

/// The routing keys with which somebody publishes to the default exchange, as far as they are known beforehand.
fn implied_keys(role: &Role) -> Vec<Name> {
    match role {
        Role::Producer(producer) | Role::RpcClient(RpcClientSpec { request: producer, .. }) => {
            if producer.exchange.is_empty() { producer.routing_keys() } else { Vec::new() }
        }
        Role::Worker(worker) if worker.publish.exchange.is_empty() => {
            worker.publish.routing_key.iter().cloned().collect()
        }
        Role::Worker(_) | Role::Consumer(_) | Role::RpcServer(_) => Vec::new(),
    }
}

fn edges(board: &Board) -> Vec<Edge> {
    let mut found: OrderedMap<(NodeId, NodeId, bool), Edge> = OrderedMap::new();
    let mut add = |from: NodeId, to: NodeId, kind, label: Option<Name>| {
        let new = || Edge { from: from.clone(), to: to.clone(), kind, labels: Vec::new() };
        let edge = found.entry((from.clone(), to.clone(), kind == EdgeKind::Alternate)).or_insert_with(new);
        edge.labels.extend(label.filter(|label| kind != EdgeKind::Implied || !edge.labels.contains(label)));
    };
    for (id, client) in board.present() {
        let vhost = &client.spec.vhost;
        let Some(exchange) = client.spec.role.exchange() else { continue };
        for key in implied_keys(&client.spec.role) {
            let queue = Rc::new(Resource { vhost: vhost.clone(), name: key.clone() });
            if board.queues.contains_key(&queue) {
                add(NodeId::exchange(vhost, &Name::default()), NodeId::Queue(queue), EdgeKind::Implied, Some(key));
            }
        }
        let exchange = NodeId::exchange(vhost, &exchange);
        if matches!(&exchange, NodeId::Exchange(resource) if board.exchanges.contains_key(resource)) {
            add(NodeId::Client(id), exchange, EdgeKind::Publish, None);
        }
    }
    for binding in &board.bindings {
        let to = match &binding.destination {
            Destination::Queue(name) => NodeId::queue(&binding.vhost, name),
            Destination::Exchange(name) => NodeId::exchange(&binding.vhost, name),
        };
        add(NodeId::exchange(&binding.vhost, &binding.source), to, EdgeKind::Binding, Some(binding_label(binding)));
    }
    for (resource, queue) in &board.queues {
        for attached in &queue.consumers {
            if let Some((id, client)) = board.client_of(attached.consumer.channel.connection) {
                add(NodeId::Queue(resource.clone()), NodeId::Client(id), EdgeKind::Consume, None);
                let default = NodeId::exchange(&resource.vhost, &Name::default());
                let is_there = matches!(&default, NodeId::Exchange(name) if board.exchanges.contains_key(name));
                if is_there && matches!(client.spec.role, Role::RpcClient(_)) {
                    // Answers come by the default exchange. The queue's name is no news to anybody.
                    add(default, NodeId::Queue(resource.clone()), EdgeKind::Implied, None);
                }
            }
        }
    }
    relations(board, &mut add);
    found.into_values().collect()
}

/// Dead letter exchanges and alternate exchanges, as far as they are there.
fn relations(board: &Board, add: &mut impl FnMut(NodeId, NodeId, EdgeKind, Option<Name>)) {
    let exchange = |vhost: &Name, name: Option<Name>| {
        let resource = Resource { vhost: vhost.clone(), name: name? };
        board.exchanges.contains_key(&resource).then(|| Rc::new(resource))
    };
    for (resource, queue) in &board.queues {
        let settings = board.settings(resource, queue);
        let Some(to) = exchange(&resource.vhost, settings.dead_letter_exchange) else { continue };
        let key = settings.dead_letter_routing_key;
        let label = key.as_ref().map_or("dead letter".into(), |key| Name::from(format!("dead letter as {key}")));
        if let Some(key) = key.filter(|_| to.name.is_empty()) {
            let target = Rc::new(Resource { vhost: to.vhost.clone(), name: key.clone() });
            if board.queues.contains_key(&target) {
                add(NodeId::Exchange(to.clone()), NodeId::Queue(target), EdgeKind::Implied, Some(key));
            }
        }
        add(NodeId::Queue(resource.clone()), NodeId::Exchange(to), EdgeKind::DeadLetter, Some(label));
    }
    for (resource, state) in &board.exchanges {
        if let Some(to) = exchange(&resource.vhost, board.alternate(resource, state)) {
            let (from, to) = (NodeId::Exchange(resource.clone()), NodeId::Exchange(to));
            add(from, to, EdgeKind::Alternate, Some("alternate".into()));
        }
    }
}

/// A binding's key; where the arguments decide, these.
fn binding_label(binding: &Binding) -> Name {
    if binding.arguments.is_empty() {
        return binding.routing_key.clone();
    }
    let arguments: Vec<String> = binding.arguments.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let key = if binding.routing_key.is_empty() { String::new() } else { format!("{} ", binding.routing_key) };
    format!("{key}{{{}}}", arguments.join(", ")).into()
}
