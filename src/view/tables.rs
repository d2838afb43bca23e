//! The picture as text: what each node is called and what is in it, under the names of RabbitMQ's management UI.

use crate::broker::{Name, Resource};
use crate::simulation::{AckMode, ClientId, Role, Schedule};

use super::board::{Board, ClientState, ExchangeState, QueueState};
use super::graph::{NodeId, exchange_name};
use super::sentence::{count, span};

/// A table: a caption, the names of its columns, and rows of as many cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What it is a table of.
    pub caption: &'static str,
    /// Columns. The first names the row.
    pub columns: Vec<Column>,
    /// Rows.
    pub rows: Vec<Vec<String>>,
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its heading.
    pub heading: &'static str,
    /// Whether it holds numbers.
    pub numeric: bool,
}

const fn text(heading: &'static str) -> Column {
    Column { heading, numeric: false }
}

const fn number(heading: &'static str) -> Column {
    Column { heading, numeric: true }
}

/// All tables of a board.
pub fn tables(board: &Board) -> Vec<Table> {
    vec![queues(board), exchanges(board), bindings(board), producers(board), consumers(board)]
}

fn queues(board: &Board) -> Table {
    let row = |(resource, queue): (&std::rc::Rc<Resource>, &std::rc::Rc<QueueState>)| {
        vec![
            resource.name.to_string(),
            queue.kind.to_string(),
            queue.ready.len().to_string(),
            queue.unacked.len().to_string(),
            queue.total().to_string(),
            queue.delivered.to_string(),
            queue.acked.to_string(),
        ]
    };
    Table {
        caption: "Queues",
        columns: vec![
            text("Name"),
            text("Type"),
            number("Ready"),
            number("Unacked"),
            number("Total"),
            number("Delivered"),
            number("Acked"),
        ],
        rows: board.queues.iter().map(row).collect(),
    }
}

fn exchanges(board: &Board) -> Table {
    let row = |(resource, exchange): (&std::rc::Rc<Resource>, &std::rc::Rc<ExchangeState>)| {
        vec![
            exchange_name(&resource.name).to_string(),
            exchange.kind.to_string(),
            exchange.received.to_string(),
            exchange.dropped.to_string(),
            exchange.returned.to_string(),
        ]
    };
    Table {
        caption: "Exchanges",
        columns: vec![
            text("Name"),
            text("Type"),
            number("Publish"),
            number("Unroutable (drop)"),
            number("Unroutable (return)"),
        ],
        rows: board.exchanges.iter().map(row).collect(),
    }
}

fn bindings(board: &Board) -> Table {
    let rows = board.bindings.iter().map(|binding| {
        vec![
            exchange_name(&binding.source).to_string(),
            binding.destination.name().to_string(),
            binding.routing_key.to_string(),
        ]
    });
    Table { caption: "Bindings", columns: vec![text("From"), text("To"), text("Binding key")], rows: rows.collect() }
}

fn producers(board: &Board) -> Table {
    let row = |client: &ClientState| match &client.spec.role {
        Role::Producer(producer) => Some(vec![
            client.spec.name.to_string(),
            exchange_name(&producer.exchange).to_string(),
            producer.routing_key.to_string(),
            publishes(producer.schedule()),
            client.published.to_string(),
        ]),
        Role::Consumer(_) => None,
    };
    Table {
        caption: "Producers",
        columns: vec![text("Name"), text("Exchange"), text("Routing key"), text("Publishes"), number("Published")],
        rows: board.clients.values().filter_map(|client| row(client)).collect(),
    }
}

fn publishes(schedule: Schedule) -> String {
    match schedule {
        Schedule::Once => "once".to_owned(),
        Schedule::Burst { messages } => format!("{messages} at once"),
        Schedule::Every { ms } => format!("every {}", span(ms)),
        Schedule::Poisson { messages, per_ms } => format!("about {messages} in {}, at random", span(per_ms)),
        Schedule::OnOff { every_ms, on_ms, off_ms } => {
            format!("every {} for {}, then none for {}", span(every_ms), span(on_ms), span(off_ms))
        }
    }
}

fn consumers(board: &Board) -> Table {
    let row = |client: &ClientState| match &client.spec.role {
        Role::Consumer(consumer) => Some(vec![
            client.spec.name.to_string(),
            consumer.queues.iter().map(|queue| queue.to_string()).collect::<Vec<_>>().join(", "),
            ack_mode(consumer.ack).to_owned(),
            if consumer.prefetch == 0 { "unlimited".to_owned() } else { consumer.prefetch.to_string() },
            client.held.len().to_string(),
            client.received.to_string(),
            client.acked.to_string(),
        ]),
        Role::Producer(_) => None,
    };
    Table {
        caption: "Consumers",
        columns: vec![
            text("Name"),
            text("Queues"),
            text("Acknowledges"),
            number("Prefetch"),
            number("Holds"),
            number("Received"),
            number("Acked"),
        ],
        rows: board.clients.values().filter_map(|client| row(client)).collect(),
    }
}

fn ack_mode(ack: AckMode) -> &'static str {
    match ack {
        AckMode::Manual => "manual ack",
        AckMode::Auto => "auto ack",
    }
}

/// What a node says of itself: all that its picture shows.
pub fn accessible_name(board: &Board, node: &NodeId) -> String {
    match node {
        NodeId::Queue(resource) => match board.queues.get(resource) {
            Some(queue) => format!("Queue {}: {}", resource.name, counters(queue)),
            None => format!("Queue {}", resource.name),
        },
        NodeId::Exchange(resource) => match board.exchanges.get(resource) {
            Some(exchange) => exchange_text(&exchange_name(&resource.name), exchange),
            None => format!("Exchange {}", exchange_name(&resource.name)),
        },
        NodeId::Client(id) => client_text(board, *id),
    }
}

/// A queue's counters, as the management UI names them.
pub fn counters(queue: &QueueState) -> String {
    format!("Ready {}, Unacked {}, Total {}", queue.ready.len(), queue.unacked.len(), queue.total())
}

fn exchange_text(name: &Name, exchange: &ExchangeState) -> String {
    let mut text = format!("Exchange {name}, {}", exchange.kind);
    if let Some(note) = losses(exchange) {
        text.push_str(": ");
        text.push_str(&note);
    }
    text
}

/// How many messages an exchange had no queue for.
pub fn losses(exchange: &ExchangeState) -> Option<String> {
    let mut parts = Vec::new();
    if exchange.dropped > 0 {
        parts.push(format!("Unroutable (drop) {}", exchange.dropped));
    }
    if exchange.returned > 0 {
        parts.push(format!("Unroutable (return) {}", exchange.returned));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn client_text(board: &Board, id: ClientId) -> String {
    let Some(client) = board.clients.get(&id) else { return "Client".to_owned() };
    let name = &client.spec.name;
    let closed = if client.is_open { "" } else { ", disconnected" };
    match &client.spec.role {
        Role::Producer(producer) => {
            format!("Producer {name}, routing key {}: published {}{closed}", producer.routing_key, client.published)
        }
        Role::Consumer(consumer) => {
            format!("Consumer {name}, {}: {}{closed}", ack_mode(consumer.ack), holds(client))
        }
    }
}

/// What a consumer holds, and of how many it may.
pub fn holds(client: &ClientState) -> String {
    let held = client.held.len() as u64;
    match &client.spec.role {
        Role::Consumer(consumer) if consumer.prefetch > 0 => format!("holds {held} of {}", consumer.prefetch),
        Role::Consumer(_) => format!("holds {}", count(held, "message")),
        Role::Producer(_) => String::new(),
    }
}
