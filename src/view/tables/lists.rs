//! What the management UI lists, under its headings: connections, channels, exchanges, queues, bindings, consumers, policies.
//!
//! On purpose it is otherwise here in this: a connection goes by the name of its client; there is no flow control and no TLS, so
//! there are no such states and columns; of the exchanges that every virtual host has, those are listed that somebody used. The
//! virtual host stands after the name, and only where there are several, as in the UI.

use std::rc::Rc;

use crate::broker::binding::Destination;
use crate::broker::event::ResourceKind;
use crate::broker::ordered::OrderedMap;
use crate::broker::{ChannelId, ConnectionId, Name, Resource};

use super::super::board::{Board, ExchangeState, QueueState, predeclared};
use super::super::features::{Badge, exchange_badges, queue_badges};
use super::super::graph::{NodeId, exchange_name};
use super::super::rates::{Counter, Measured, Rates};
use super::super::scene::Scene;
use super::{Column, FEATURES, Row, Table, number, text, under};

/// A rate as the management UI writes it.
fn rate(stats: Option<&impl Measured>, counter: Counter, now_ms: u64) -> String {
    stats.and_then(|stats| stats.rate(counter, now_ms)).unwrap_or_default().to_string()
}

/// What tables of a moment are made from.
pub struct Listing<'s> {
    board: &'s Board,
    rates: &'s Rates,
    now_ms: u64,
    has_vhosts: bool,
    /// How many channels each connection has.
    channels: OrderedMap<ConnectionId, usize>,
    /// How many messages are lent over each channel.
    unacked: OrderedMap<ChannelId, usize>,
}

impl<'s> Listing<'s> {
    /// Of a moment, virtual milliseconds.
    pub fn new(Scene { board, rates }: &'s Scene, now_ms: u64) -> Self {
        let resources = board.exchanges.keys().chain(board.queues.keys()).map(|resource| &resource.vhost);
        let of_connections = rates.connections().map(|(_, stats)| &stats.vhost);
        let mut vhosts = resources.chain(board.vhosts.iter()).chain(of_connections);
        let first = vhosts.next();
        let has_vhosts = vhosts.any(|vhost| Some(vhost) != first);
        let (mut channels, mut unacked) = (OrderedMap::new(), OrderedMap::new());
        rates.channels().for_each(|(id, _)| *channels.entry(id.connection).or_default() += 1);
        for lent in board.queues.values().flat_map(|queue| queue.unacked.iter()) {
            *unacked.entry(lent.channel).or_default() += 1;
        }
        Listing { board, rates, now_ms, has_vhosts, channels, unacked }
    }

    /// The virtual host goes after the name where there are several.
    fn cells(&self, name: String, vhost: &Name, rest: impl IntoIterator<Item = String>) -> Vec<String> {
        let vhost = self.has_vhosts.then(|| vhost.to_string());
        std::iter::once(name).chain(vhost).chain(rest).collect()
    }

    fn columns(&self, name: Column, rest: impl IntoIterator<Item = Column>) -> Vec<Column> {
        let vhost = self.has_vhosts.then(|| Column { group: name.group, ..text("Virtual host") });
        std::iter::once(name).chain(vhost).chain(rest).collect()
    }

    /// A connection by its client's name, and its number where the client has several.
    fn connection(&self, id: ConnectionId) -> String {
        match (self.board.client_of(id), self.board.owner_of(id)) {
            (Some((_, client)), Some((_, place))) if client.connections.len() > 1 => {
                format!("{} (connection {})", client.spec.name, place + 1)
            }
            (Some((_, client)), _) => client.spec.name.to_string(),
            _ => "operator".to_owned(),
        }
    }

    fn channel(&self, id: ChannelId) -> String {
        format!("{} ({})", self.connection(id.connection), id.number)
    }

    fn row_of(&self, id: ConnectionId, cells: Vec<String>) -> Row {
        match self.board.client_of(id) {
            Some((client, _)) => Row::of(NodeId::Client(client), cells),
            None => cells.into(),
        }
    }

    /// The open connections. Frames are not counted here, so there is no traffic in bytes.
    pub fn connections(&self) -> Table {
        let rows = self.rates.connections().map(|(id, stats)| {
            let channels = self.channels.get(&id).copied().unwrap_or_default();
            let rest = [stats.user.to_string(), "running".to_owned(), "AMQP 0-9-1".to_owned(), channels.to_string()];
            self.row_of(id, self.cells(self.connection(id), &stats.vhost, rest))
        });
        let [name, rest @ ..] = under("Overview", [text("Name"), text("User name"), text("State")]);
        let details = under("Details", [text("Protocol"), number("Channels")]);
        let columns = self.columns(name, rest.into_iter().chain(details));
        Table { caption: "Connections", columns, rows: rows.collect() }
    }

    /// The open channels. A prefetch without limit is left empty, as in the UI.
    pub fn channels(&self) -> Table {
        const COUNTERS: [Counter; 5] =
            [Counter::Publish, Counter::Confirm, Counter::DropUnroutable, Counter::DeliverGet, Counter::Ack];
        let rows = self.rates.channels().map(|(id, stats)| {
            let connection = self.rates.connection(id.connection);
            let none = Name::from("");
            let (vhost, user) = connection.map_or((&none, &none), |stats| (&stats.vhost, &stats.user));
            let state = if stats.is_idle(self.now_ms) { "idle" } else { "running" };
            let prefetch = if stats.prefetch == 0 { String::new() } else { stats.prefetch.to_string() };
            let rest = [user.to_string(), stats.mode().to_owned(), state.to_owned(), prefetch, self.unacked(id)];
            let rates = COUNTERS.map(|counter| rate(Some(stats), counter, self.now_ms));
            self.row_of(id.connection, self.cells(self.channel(id), vhost, rest.into_iter().chain(rates)))
        });
        let [name, rest @ ..] = under("Overview", [text("Channel"), text("User name"), text("Mode"), text("State")]);
        let details = under("Details", [number("Prefetch"), number("Unacked")]);
        let rates = ["publish", "confirm", "unroutable (drop)", "deliver / get", "ack"].map(number);
        let rest = rest.into_iter().chain(details).chain(under("Message rates", rates));
        Table { caption: "Channels", columns: self.columns(name, rest), rows: rows.collect() }
    }

    fn unacked(&self, channel: ChannelId) -> String {
        self.unacked.get(&channel).copied().unwrap_or_default().to_string()
    }

    /// The exchanges.
    pub fn exchanges(&self) -> Table {
        let row = |(resource, exchange): (&Rc<Resource>, &Rc<ExchangeState>)| {
            let stats = self.rates.exchange(resource);
            let badges = exchange_badges(self.board, resource, exchange);
            let rest = [
                exchange.kind.to_string(),
                // Nobody declared what is there from the beginning: it is durable.
                if badges.is_empty() && predeclared(&resource.name).is_some() {
                    "D".to_owned()
                } else {
                    short(&badges)
                },
                rate(stats, Counter::PublishIn, self.now_ms),
                rate(stats, Counter::PublishOut, self.now_ms),
                exchange.dropped.to_string(),
                exchange.returned.to_string(),
            ];
            let cells = self.cells(exchange_name(&resource.name).to_string(), &resource.vhost, rest);
            Row { hint: words(&badges), ..Row::of(NodeId::Exchange(resource.clone()), cells) }
        };
        let rest = [
            text("Type"),
            text(FEATURES),
            number("Message rate in"),
            number("Message rate out"),
            number("Unroutable (drop)"),
            number("Unroutable (return)"),
        ];
        let rows = self.board.exchanges.iter().map(row).collect();
        Table { caption: "Exchanges", columns: self.columns(text("Name"), rest), rows }
    }

    /// The queues.
    pub fn queues(&self) -> Table {
        let now_ms = self.now_ms;
        let row = |(resource, queue): (&Rc<Resource>, &Rc<QueueState>)| {
            let stats = self.rates.queue(resource);
            let capacity = stats.and_then(|stats| stats.consumer_capacity(now_ms));
            let badges = queue_badges(self.board, resource, queue);
            let is_idle = stats.is_some_and(|stats| stats.is_idle(now_ms));
            let state = match (self.board.is_down, is_idle && queue.kind == "classic") {
                (true, _) => "stopped",
                (false, true) => "idle",
                (false, false) => "running",
            };
            let rest = [
                queue.kind.to_string(),
                short(&badges),
                state.to_owned(),
                queue.ready.len().to_string(),
                queue.unacked.len().to_string(),
                queue.total().to_string(),
                rate(stats, Counter::Publish, now_ms),
                rate(stats, Counter::DeliverGet, now_ms),
                rate(stats, Counter::Ack, now_ms),
                queue.consumers.len().to_string(),
                capacity.map_or_else(String::new, |percent| format!("{percent}%")),
            ];
            let cells = self.cells(resource.name.to_string(), &resource.vhost, rest);
            Row { hint: words(&badges), ..Row::of(NodeId::Queue(resource.clone()), cells) }
        };
        let [name, rest @ ..] = under("Overview", [text("Name"), text("Type"), text(FEATURES), text("State")]);
        let messages = under("Messages", ["Ready", "Unacked", "Total"].map(number));
        let rates = under("Message rates", ["incoming", "deliver / get", "ack"].map(number));
        let consumers = under("Consumers", ["Consumer count", "Consumer capacity"].map(number));
        let rest = rest.into_iter().chain(messages).chain(rates).chain(consumers);
        let rows = self.board.queues.iter().map(row).collect();
        Table { caption: "Queues", columns: self.columns(name, rest), rows }
    }

    /// The bindings, but for those of every queue to the default exchange.
    pub fn bindings(&self) -> Table {
        let rows = self.board.bindings.iter().map(|binding| {
            let name = binding.destination.name();
            let (kind, node) = match &binding.destination {
                Destination::Queue(_) => ("queue", NodeId::queue(&binding.vhost, name)),
                Destination::Exchange(_) => ("exchange", NodeId::exchange(&binding.vhost, name)),
            };
            let rest = [kind.to_owned(), name.to_string(), binding.routing_key.to_string(), listed(&binding.arguments)];
            Row::of(node, self.cells(exchange_name(&binding.source).to_string(), &binding.vhost, rest))
        });
        let rest = [text("Type"), text("To"), text("Binding key"), text("Arguments")];
        Table { caption: "Bindings", columns: self.columns(text("From"), rest), rows: rows.collect() }
    }

    /// The consumers of queues, as the page of a queue lists them in the UI.
    pub fn consumers(&self) -> Table {
        let of_queue = |(resource, queue): (&Rc<Resource>, &Rc<QueueState>)| -> Vec<Row> {
            let row = |attached: &super::super::board::Attached| {
                let consumer = &attached.consumer;
                let (is_active, status) = match &queue.active {
                    None => (true, "up"),
                    Some(active) if active == consumer => (true, "single active"),
                    Some(_) => (false, "waiting"),
                };
                let rest = [
                    resource.name.to_string(),
                    self.channel(consumer.channel),
                    yes(!attached.no_ack),
                    attached.prefetch.to_string(),
                    yes(is_active),
                    status.to_owned(),
                ];
                let cells = self.cells(consumer.tag.to_string(), &resource.vhost, rest);
                self.row_of(consumer.channel.connection, cells)
            };
            queue.consumers.iter().map(row).collect()
        };
        let rest = [
            text("Queue"),
            text("Channel"),
            text("Ack required"),
            number("Prefetch count"),
            text("Active"),
            text("Activity status"),
        ];
        let rows = self.board.queues.iter().flat_map(of_queue).collect();
        Table { caption: "Consumers", columns: self.columns(text("Consumer tag"), rest), rows }
    }

    /// The policies, each with what it applies to; none where there are none.
    pub fn policies(&self) -> Option<Table> {
        let rows = self.board.policies.iter().map(|((vhost, operator, name), policy)| {
            let applied = self.board.applied.iter().filter(|((_, to), applied)| {
                let own = if *operator { &applied.operator_policy } else { &applied.policy };
                to.vhost == *vhost && own.as_ref() == Some(name)
            });
            let applied: Vec<String> = applied.map(|((kind, to), _)| what(*kind, to)).collect();
            let rest = [
                policy.pattern.as_str().to_owned(),
                policy.apply_to.to_string(),
                listed(&policy.definition),
                policy.priority.to_string(),
                applied.join(", "),
            ];
            let name = if *operator { format!("{name} (operator policy)") } else { name.to_string() };
            Row::from(self.cells(name, vhost, rest))
        });
        let rest = [text("Pattern"), text("Apply to"), text("Definition"), number("Priority"), text("Applies now to")];
        let rows: Vec<Row> = rows.collect();
        let columns = || self.columns(text("Name"), rest);
        (!rows.is_empty()).then(|| Table { caption: "Policies", columns: columns(), rows })
    }
}

fn what(kind: ResourceKind, to: &Resource) -> String {
    match kind {
        ResourceKind::Queue => format!("queue {}", to.name),
        ResourceKind::Exchange => format!("exchange {}", exchange_name(&to.name)),
    }
}

fn listed(table: &crate::broker::table::Table) -> String {
    let each = table.iter().map(|(key, value)| format!("{key}: {value}"));
    each.collect::<Vec<_>>().join(", ")
}

fn short(badges: &[Badge]) -> String {
    badges.iter().map(|badge| badge.short.as_str()).collect::<Vec<_>>().join(" ")
}

fn words(badges: &[Badge]) -> String {
    badges.iter().map(|badge| badge.words.as_str()).collect::<Vec<_>>().join(", ")
}

fn yes(flag: bool) -> String {
    if flag { "yes" } else { "no" }.to_owned()
}
