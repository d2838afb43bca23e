//! The picture as text: what each node is called and what is in it, under the names of RabbitMQ's management UI.

use crate::broker::{Name, Resource};
use crate::simulation::{ClientId, Replies, Role, Schedule};

use super::board::{Board, ClientState, ExchangeState, QueueState};
use super::graph::{NodeId, ack_mode, exchange_name, keys_text};
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
    let mut tables = vec![queues(board), exchanges(board), bindings(board), producers(board), consumers(board)];
    tables.extend(requests(board));
    tables
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

/// Who publishes by itself.
fn producers(board: &Board) -> Table {
    let row = |client: &ClientState| {
        let producer = client.spec.role.producer()?;
        Some(vec![
            client.spec.name.to_string(),
            exchange_name(&producer.exchange).to_string(),
            keys_text(producer).to_string(),
            publishes(producer.schedule()),
            client.published.to_string(),
        ])
    };
    Table {
        caption: "Producers",
        columns: vec![text("Name"), text("Exchange"), text("Routing key"), text("Publishes"), number("Published")],
        rows: board.present().filter_map(|(_, client)| row(client)).collect(),
    }
}

/// Requests and their answers; none where there are no RPC clients.
fn requests(board: &Board) -> Option<Table> {
    let row = |client: &ClientState| match &client.spec.role {
        Role::RpcClient(rpc) => Some(vec![
            client.spec.name.to_string(),
            match rpc.replies {
                Replies::Direct => "direct reply-to".to_owned(),
                Replies::Queue => "a queue of its own".to_owned(),
            },
            client.published.to_string(),
            client.answered.to_string(),
            client.timed_out.to_string(),
        ]),
        _ => None,
    };
    let rows: Vec<Vec<String>> = board.present().filter_map(|(_, client)| row(client)).collect();
    (!rows.is_empty()).then(|| Table {
        caption: "Requests",
        columns: vec![text("Name"), text("Answers by"), number("Sent"), number("Answered"), number("Timed out")],
        rows,
    })
}

/// How often somebody publishes.
pub fn publishes(schedule: Schedule) -> String {
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

/// Who consumes and works on messages. What workers and RPC servers publish for them stands last, where there are any.
fn consumers(board: &Board) -> Table {
    let publish_too = |client: &ClientState| matches!(client.spec.role, Role::Worker(_) | Role::RpcServer(_));
    let any_publish = board.present().any(|(_, client)| publish_too(client));
    let row = |client: &ClientState| {
        let consumer = client.spec.role.consumer()?;
        let mut row = vec![
            client.spec.name.to_string(),
            consumer.queues.iter().map(|queue| queue.to_string()).collect::<Vec<_>>().join(", "),
            ack_mode(consumer.ack).to_owned(),
            if client.prefetch == 0 { "unlimited".to_owned() } else { client.prefetch.to_string() },
            client.held.len().to_string(),
            client.received.to_string(),
            client.acked.to_string(),
        ];
        if any_publish {
            row.push(if publish_too(client) { client.published.to_string() } else { String::new() });
        }
        Some(row)
    };
    let mut columns = vec![
        text("Name"),
        text("Queues"),
        text("Acknowledges"),
        number("Prefetch"),
        number("Holds"),
        number("Received"),
        number("Acked"),
    ];
    if any_publish {
        columns.push(number("Published"));
    }
    Table { caption: "Consumers", columns, rows: board.present().filter_map(|(_, client)| row(client)).collect() }
}

/// What a role is called.
pub fn role_name(role: &Role) -> &'static str {
    match role {
        Role::Producer(_) => "Producer",
        Role::Consumer(_) => "Consumer",
        Role::Worker(_) => "Worker",
        Role::RpcClient(_) => "RPC client",
        Role::RpcServer(_) => "RPC server",
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
    let mut state = match (client.open_connections(), client.connections.len()) {
        (0, _) => ", disconnected".to_owned(),
        (open, all) if open < all => format!(", {open} of {all} connections open"),
        _ => String::new(),
    };
    if client.is_paused {
        state.push_str(", paused");
    }
    let role = role_name(&client.spec.role);
    let told = match (&client.spec.role, client.spec.role.producer(), client.spec.role.consumer()) {
        (Role::RpcClient(_), Some(producer), _) => format!(
            "routing key {}: sent {}, answered {}, timed out {}",
            keys_text(producer),
            client.published,
            client.answered,
            client.timed_out
        ),
        (_, Some(producer), _) => {
            format!("routing key {}: published {}", keys_text(producer), client.published)
        }
        (Role::Worker(_) | Role::RpcServer(_), _, Some(consumer)) => {
            format!("{}: {}, published {}", ack_mode(consumer.ack), holds(client), client.published)
        }
        (_, _, Some(consumer)) => format!("{}: {}", ack_mode(consumer.ack), holds(client)),
        _ => String::new(),
    };
    format!("{role} {name}, {told}{state}")
}

/// What a consumer holds, and of how many it may.
pub fn holds(client: &ClientState) -> String {
    let held = client.held.len() as u64;
    if client.spec.role.consumer().is_none() {
        return String::new();
    }
    match u64::from(client.prefetch) * client.connections.len() as u64 {
        0 => format!("holds {}", count(held, "message")),
        most => format!("holds {held} of {most}"),
    }
}
