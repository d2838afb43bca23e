//! The picture as text: what each node is called and what is in it, under the names of RabbitMQ's management UI.

mod clients;
mod lists;
mod order;
mod overview;
mod text;

pub use order::{Arrangement, Order, ROWS_MAX};
pub use overview::COUNTERS;
pub use text::{all_written, written};

use crate::broker::Name;
use crate::simulation::{ClientId, Role, Schedule};

use super::board::{Board, ClientState, ExchangeState, QueueState};
use super::features;
use super::graph::{NodeId, ack_mode, exchange_name, keys_text};
use super::hand;
use super::player::Player;
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
    pub rows: Vec<Row>,
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its heading.
    pub heading: &'static str,
    /// Whether it holds numbers.
    pub numeric: bool,
    /// What stands above it and its neighbours, as in the management UI; empty where nothing does.
    pub group: &'static str,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// As many as there are columns.
    pub cells: Vec<String>,
    /// What it is about, if that is in the picture.
    pub node: Option<NodeId>,
    /// Its features in words, where it has any.
    pub hint: String,
}

impl From<Vec<String>> for Row {
    fn from(cells: Vec<String>) -> Self {
        Row { cells, node: None, hint: String::new() }
    }
}

impl Row {
    fn of(node: NodeId, cells: Vec<String>) -> Self {
        Row { cells, node: Some(node), hint: String::new() }
    }
}

pub(super) const fn text(heading: &'static str) -> Column {
    Column { heading, numeric: false, group: "" }
}

pub(super) const fn number(heading: &'static str) -> Column {
    Column { heading, numeric: true, group: "" }
}

/// What its features stand under.
pub const FEATURES: &str = "Features";

/// Columns under a heading of their own.
fn under<const COUNT: usize>(group: &'static str, columns: [Column; COUNT]) -> [Column; COUNT] {
    columns.map(|column| Column { group, ..column })
}

/// All tables of a moment (virtual milliseconds, not before the last entry) in the order of the management UI's tabs; what the
/// picture shows besides (bindings, clients) after those. Of what there is none, there is a table without rows, or none.
pub fn tables(scene: &Scene, now_ms: u64) -> Vec<Table> {
    let Scene { board, rates } = scene;
    let listing = lists::Listing::new(scene, now_ms);
    let mut tables = vec![
        overview::totals(board, rates),
        overview::rates(rates, now_ms),
        listing.connections(),
        listing.channels(),
        listing.exchanges(),
        listing.queues(),
        listing.bindings(),
        listing.consumers(),
    ];
    tables.extend(listing.policies());
    tables.extend([clients::producers(board), clients::consuming(board)]);
    tables.extend(clients::requests(board));
    tables
}

/// The moment that is shown, virtual milliseconds: rates fall while nothing happens.
pub fn shown_ms(player: &Player) -> u64 {
    (player.clock_ms() as u64).max(player.scene().rates.now_ms())
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
