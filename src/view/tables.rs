//! The picture as text: what each node is called and what is in it, under the names of RabbitMQ's management UI.

use crate::broker::{Name, Resource};
use crate::simulation::{ClientId, Replies, Role, Schedule};

use super::board::{Board, ClientState, ExchangeState, QueueState};
use super::features;
use super::graph::{NodeId, ack_mode, exchange_name, keys_text};
use super::hand;
use super::rates::{Counter, Measured, Rates};
use super::scene::Scene;
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

/// All tables of a moment.
pub fn tables(Scene { board, rates }: &Scene) -> Vec<Table> {
    let mut tables = vec![
        queues(board, rates),
        exchanges(board, rates),
        bindings(board),
        producers(board),
        consumers(board),
        overview(rates),
    ];
    tables.extend(requests(board));
    tables
}

/// A rate as the management UI writes it.
fn rate(stats: Option<&impl Measured>, counter: Counter, now_ms: u64) -> String {
    stats.and_then(|stats| stats.rate(counter, now_ms)).unwrap_or_default().to_string()
}

/// What the Overview of the management UI shows of the whole broker.
fn overview(rates: &Rates) -> Table {
    const COUNTERS: [Counter; 11] = [
        Counter::Publish,
        Counter::Confirm,
        Counter::Deliver,
        Counter::DeliverNoAck,
        Counter::Ack,
        Counter::Redeliver,
        Counter::Get,
        Counter::GetNoAck,
        Counter::GetEmpty,
        Counter::ReturnUnroutable,
        Counter::DropUnroutable,
    ];
    let all = rates.overview();
    let rows = COUNTERS.iter().map(|counter| {
        let number = all.count(*counter).unwrap_or_default().to_string();
        vec![counter.label().to_owned(), rate(Some(all), *counter, rates.now_ms()), number]
    });
    let columns = vec![text("Message rates"), number("Rate"), number("So far")];
    Table { caption: "Overview", columns, rows: rows.collect() }
}

fn queues(board: &Board, rates: &Rates) -> Table {
    let now_ms = rates.now_ms();
    let row = |(resource, queue): (&std::rc::Rc<Resource>, &std::rc::Rc<QueueState>)| {
        let stats = rates.queue(resource);
        let capacity = stats.and_then(|stats| stats.consumer_capacity(now_ms));
        vec![
            resource.name.to_string(),
            queue.kind.to_string(),
            queue.ready.len().to_string(),
            queue.unacked.len().to_string(),
            queue.total().to_string(),
            rate(stats, Counter::Publish, now_ms),
            rate(stats, Counter::DeliverGet, now_ms),
            rate(stats, Counter::Ack, now_ms),
            capacity.map_or_else(String::new, |percent| format!("{percent}%")),
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
            number("incoming"),
            number("deliver / get"),
            number("ack"),
            number("Consumer capacity"),
        ],
        rows: board.queues.iter().map(row).collect(),
    }
}

fn exchanges(board: &Board, rates: &Rates) -> Table {
    let now_ms = rates.now_ms();
    let row = |(resource, exchange): (&std::rc::Rc<Resource>, &std::rc::Rc<ExchangeState>)| {
        let stats = rates.exchange(resource);
        vec![
            exchange_name(&resource.name).to_string(),
            exchange.kind.to_string(),
            rate(stats, Counter::PublishIn, now_ms),
            rate(stats, Counter::PublishOut, now_ms),
            exchange.dropped.to_string(),
            exchange.returned.to_string(),
        ]
    };
    Table {
        caption: "Exchanges",
        columns: vec![
            text("Name"),
            text("Type"),
            number("Message rate in"),
            number("Message rate out"),
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
            Some(queue) => {
                let mut name = format!("Queue {}: {}", resource.name, counters(queue));
                if let Some(dead) = dead_letters(queue) {
                    name.push_str(&format!(", {dead}"));
                }
                match hand::count_held(queue) {
                    0 => name,
                    held => format!("{name}, {held} held by hand"),
                }
            }
            None => format!("Queue {}", resource.name),
        },
        NodeId::Exchange(resource) => match board.exchanges.get(resource) {
            Some(exchange) => exchange_text(&exchange_name(&resource.name), exchange),
            None => format!("Exchange {}", exchange_name(&resource.name)),
        },
        NodeId::Client(id) => client_text(board, *id),
    }
}

/// How many dead letters are in a queue, if any are.
pub fn dead_letters(queue: &QueueState) -> Option<String> {
    match features::dead_letters(queue) {
        0 => None,
        1 => Some("1 dead letter".to_owned()),
        features::LOOKED_AT => Some(format!("{} dead letters or more", features::LOOKED_AT)),
        count => Some(format!("{count} dead letters")),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::Desk;
    use crate::view::follow::rows;

    #[test]
    fn dead_letters_are_told_wherever_they_wait() {
        let file = crate::share::parse(include_str!("../../www/examples/dead-lettering.json")).expect("an example");
        let mut desk = Desk::open(file).expect("it begins");
        let unreadable = NodeId::queue(&"/".into(), &"unreadable".into());
        let told = (0..2_000).find_map(|_| {
            desk.player_mut().step();
            let board = desk.player().board();
            let NodeId::Queue(resource) = &unreadable else { return None };
            dead_letters(board.queues.get(resource)?).map(|words| (words, board.clone()))
        });
        let (words, board) = told.expect("a letter that cannot be read is rejected");
        assert_eq!(words, "1 dead letter");
        assert!(accessible_name(&board, &unreadable).ends_with(", 1 dead letter"));
        let (rows, _) = rows(&board, &unreadable, 9);
        assert_eq!(rows[0].dead.as_deref(), Some("dead letter: rejected in letters"));
    }
}
