//! What is true of an entry of the log, as far as goals ask.

use std::collections::BTreeMap;

use crate::broker::binding::Destination;
use crate::broker::event::{CloseReason, CopyRef, DropRule, EventKind, ResourceKind, Routed, Verdict};
use crate::broker::message::{DeathReason, Message};
use crate::broker::{AmqpError, ChannelId, ConnectionId, Event, MessageId, Method, Name, Resource};
use crate::simulation::{ClientEvent, ClientId, LogEntry, LogKind};

use super::{Kind, Reason, Which};

/// What entries say of others.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Known {
    names: Vec<Name>,
    clients: BTreeMap<ConnectionId, ClientId>,
    connections: BTreeMap<(ClientId, u16), ConnectionId>,
    /// Who published the message that is being routed.
    publisher: Option<(MessageId, ConnectionId, Name)>,
    /// What consumers hold, where a goal is about what they send.
    held: BTreeMap<(ConnectionId, u64), CopyRef>,
    holds: bool,
}

/// What is true of an event.
#[derive(Clone, Copy, Default)]
struct Facts<'a> {
    vhost: Option<&'a Name>,
    queue: Option<&'a Name>,
    exchange: Option<&'a Name>,
    message: Option<&'a Message>,
    client: Option<ClientId>,
    reason: Option<Reason>,
    error: Option<&'a AmqpError>,
}

impl Known {
    /// Nothing is known yet. `holds` is whether what consumers hold will be asked for.
    pub fn new(holds: bool) -> Self {
        Known { holds, ..Known::default() }
    }

    /// About how many bytes it takes.
    pub fn weight(&self) -> usize {
        const NODE: usize = 64;
        (self.clients.len() + self.connections.len() + self.held.len()) * NODE
    }

    pub fn learn(&mut self, kind: &LogKind) {
        match kind {
            LogKind::Client { client, event: ClientEvent::Joined { spec, connection: first }, .. } => {
                self.names.push(spec.name.clone());
                for number in 0..spec.connections {
                    self.join(*client, number, ConnectionId(first.0.saturating_add(u32::from(number))));
                }
            }
            LogKind::Client { client, connection: number, event: ClientEvent::Restarted { connection } } => {
                self.join(*client, *number, *connection);
            }
            LogKind::Broker(Event { kind: EventKind::Published { message, channel, vhost, .. }, .. }) => {
                self.publisher = Some((message.id, channel.connection, vhost.clone()));
            }
            LogKind::Broker(Event { kind, .. }) if self.holds => match kind {
                EventKind::Delivered { at, consumer, delivery_tag, ack: true, .. } => {
                    self.held.insert((consumer.channel.connection, *delivery_tag), at.clone());
                }
                EventKind::Got { at, channel, delivery_tag, ack: true, .. } => {
                    self.held.insert((channel.connection, *delivery_tag), at.clone());
                }
                _ => {}
            },
            _ => {}
        }
    }

    fn join(&mut self, client: ClientId, number: u16, connection: ConnectionId) {
        self.connections.insert((client, number), connection);
        self.clients.insert(connection, client);
    }

    /// What was settled, or will never be.
    pub fn forget(&mut self, kind: &LogKind) {
        match kind {
            LogKind::Client { client, connection: number, event: ClientEvent::Sent { method, .. } } => {
                if let Method::BasicNack { delivery_tag, .. } | Method::BasicReject { delivery_tag, .. } = method
                    && let Some(connection) = self.connections.get(&(*client, *number))
                {
                    self.held.remove(&(*connection, *delivery_tag));
                }
            }
            LogKind::Broker(Event { kind: EventKind::Acked { channel, delivery_tag, .. }, .. }) => {
                self.held.remove(&(channel.connection, *delivery_tag));
            }
            LogKind::Broker(Event { kind: EventKind::ChannelClosed { channel, .. }, .. }) => {
                self.held.retain(|(connection, _), _| *connection != channel.connection);
            }
            _ => {}
        }
    }

    fn of_channel(&self, channel: &ChannelId) -> Option<ClientId> {
        self.clients.get(&channel.connection).copied()
    }

    fn name(&self, id: ClientId) -> Option<&Name> {
        self.names.get(id.0 as usize)
    }
}

/// Whether an entry is one of those that are meant.
pub(super) fn fits(which: &Which, entry: &LogEntry, known: &Known) -> bool {
    if !is_of_kind(which.kind, &entry.kind) {
        return false;
    }
    let facts = match &entry.kind {
        LogKind::Broker(event) => of_broker(&event.kind, known),
        LogKind::Client { client, connection, event } => of_client((*client, *connection), event, known),
        LogKind::NotDone { .. } => Facts::default(),
    };
    let is = |wanted: &Option<Name>, fact: Option<&Name>| wanted.is_none() || wanted.as_ref() == fact;
    let exchange = facts.exchange.or(facts.message.map(|message| &message.exchange));
    is(&which.vhost, facts.vhost)
        && is(&which.queue, facts.queue)
        && is(&which.exchange, exchange)
        && is(&which.client, facts.client.and_then(|client| known.name(client)))
        && (which.reason.is_none() || which.reason == facts.reason)
        && which.code.is_none_or(|code| facts.error.is_some_and(|error| error.code == code))
        && which.text.as_ref().is_none_or(|text| facts.error.is_some_and(|error| error.text.contains(&**text)))
        && which.fits_message(facts.message)
}

fn is_of_kind(kind: Kind, entry: &LogKind) -> bool {
    match entry {
        LogKind::Broker(event) => is_of_broker_kind(kind, &event.kind),
        LogKind::Client { event, .. } => matches!(
            (kind, event),
            (Kind::Nacked, ClientEvent::Sent { method: Method::BasicNack { .. }, .. })
                | (Kind::Rejected, ClientEvent::Sent { method: Method::BasicReject { .. }, .. })
                | (Kind::Crashed, ClientEvent::Crashed)
                | (Kind::Restarted, ClientEvent::Restarted { .. })
                | (Kind::DuplicateSkipped, ClientEvent::Skipped { .. })
                | (Kind::GaveUp, ClientEvent::GaveUp { .. })
        ),
        LogKind::NotDone { .. } => false,
    }
}

fn is_of_broker_kind(kind: Kind, event: &EventKind) -> bool {
    use EventKind as E;
    match kind {
        Kind::Published => matches!(event, E::Published { .. }),
        Kind::Routed => {
            let found = |routed: &Routed| routed.tried.iter().any(|tried| matches!(tried.verdict, Verdict::Match(_)));
            matches!(event, E::Routed(routed) if found(routed))
        }
        Kind::Unroutable => matches!(event, E::Unroutable { .. }),
        Kind::Returned => matches!(event, E::Unroutable { returned: true, .. }),
        Kind::Enqueued => matches!(event, E::Enqueued { .. }),
        Kind::Refused => matches!(event, E::Refused { .. }),
        Kind::Confirmed => matches!(event, E::Confirmed { ack: true, .. }),
        Kind::NotConfirmed => matches!(event, E::Confirmed { ack: false, .. }),
        Kind::Delivered => matches!(event, E::Delivered { .. }),
        Kind::Got => matches!(event, E::Got { .. }),
        Kind::GotEmpty => matches!(event, E::GotNothing { .. }),
        Kind::Redelivered => {
            matches!(event, E::Delivered { redelivered: true, .. } | E::Got { redelivered: true, .. })
        }
        Kind::Acked => matches!(event, E::Acked { .. }),
        Kind::Requeued => matches!(event, E::Requeued { .. } | E::Delayed { .. }),
        Kind::Expired => matches!(
            event,
            E::DeadLettered { reason: DeathReason::Expired, .. } | E::Dropped { rule: DropRule::Expired, .. }
        ),
        Kind::DeadLettered => matches!(event, E::DeadLettered { .. }),
        Kind::Dropped => {
            matches!(event, E::Dropped { .. } | E::Unroutable { returned: false, .. } | E::DeadLetterLost { .. })
        }
        Kind::CycleCut => matches!(event, E::CycleCut { .. }),
        Kind::ConsumerTimedOut => matches!(event, E::ConsumerTimedOut { .. }),
        Kind::Error => error_of(event).is_some(),
        Kind::ConnectionOpened => matches!(event, E::ConnectionOpened { .. }),
        Kind::ConnectionClosed => matches!(event, E::ConnectionClosed { .. }),
        Kind::ChannelClosed => matches!(event, E::ChannelClosed { .. }),
        Kind::ConsumerAdded => matches!(event, E::ConsumerAdded { .. }),
        Kind::ConsumerRemoved => matches!(event, E::ConsumerRemoved { .. }),
        Kind::ActiveConsumerChanged => matches!(event, E::ActiveConsumerChanged { .. }),
        Kind::QueueDeclared => matches!(event, E::QueueDeclared { new: true, .. }),
        Kind::QueueDeleted => matches!(event, E::QueueDeleted { .. }),
        Kind::QueuePurged => matches!(event, E::QueuePurged { .. }),
        Kind::ExchangeDeclared => matches!(event, E::ExchangeDeclared { new: true, .. }),
        Kind::ExchangeDeleted => matches!(event, E::ExchangeDeleted { .. }),
        Kind::Bound => matches!(event, E::Bound { new: true, .. }),
        Kind::Unbound => matches!(event, E::Unbound { .. }),
        Kind::PolicyApplied => matches!(event, E::PolicyApplied { .. }),
        Kind::BrokerStopped => matches!(event, E::Stopped { .. }),
        Kind::BrokerStarted => matches!(event, E::Started),
        Kind::Nacked | Kind::Rejected | Kind::Crashed | Kind::Restarted | Kind::DuplicateSkipped | Kind::GaveUp => {
            false
        }
    }
}

/// The error that closed a channel or a connection, or kept one from being opened.
fn error_of(event: &EventKind) -> Option<&AmqpError> {
    match event {
        EventKind::ChannelClosed { why: CloseReason::Error(error), .. }
        | EventKind::ConnectionClosed { why: CloseReason::Error(error), .. }
        | EventKind::ConnectionRefused { error, .. } => Some(error),
        _ => None,
    }
}

impl<'a> Facts<'a> {
    fn queue(queue: &'a Resource) -> Self {
        Facts { vhost: Some(&queue.vhost), queue: Some(&queue.name), ..Facts::default() }
    }

    fn exchange(exchange: &'a Resource) -> Self {
        Facts { vhost: Some(&exchange.vhost), exchange: Some(&exchange.name), ..Facts::default() }
    }

    fn copy(at: &'a CopyRef) -> Self {
        Facts { message: Some(&at.message), ..Facts::queue(&at.queue) }
    }

    fn message(message: &'a Message) -> Self {
        Facts { message: Some(message), ..Facts::default() }
    }
}

/// What is true of the broker's events that goals can be about.
fn of_broker<'a>(event: &'a EventKind, known: &'a Known) -> Facts<'a> {
    // A dead letter has the id of the message that it was; nobody published it.
    let is_it = |id: MessageId, message: &Message| id == message.id && message.deaths.is_none();
    let published = |message: &Message| known.publisher.as_ref().filter(|(id, ..)| is_it(*id, message));
    let publisher = |message| published(message).and_then(|(_, connection, _)| known.clients.get(connection).copied());
    match event {
        EventKind::Published { message, channel, vhost, .. } => {
            Facts { vhost: Some(vhost), client: known.of_channel(channel), ..Facts::message(message) }
        }
        EventKind::Routed(routed) => {
            let client = publisher(&routed.message);
            Facts { message: Some(&routed.message), client, ..Facts::exchange(&routed.exchange) }
        }
        EventKind::Unroutable { message, .. } => {
            let vhost = published(message).map(|(.., vhost)| vhost);
            Facts { vhost, client: publisher(message), reason: Some(Reason::Unroutable), ..Facts::message(message) }
        }
        EventKind::Enqueued { at, .. } => Facts { client: publisher(&at.message), ..Facts::copy(at) },
        EventKind::Refused { queue, message, rule } => {
            let (client, reason) = (publisher(message), Some((*rule).into()));
            Facts { message: Some(message), client, reason, ..Facts::queue(queue) }
        }
        EventKind::Delivered { at, consumer, .. } => {
            Facts { client: known.of_channel(&consumer.channel), ..Facts::copy(at) }
        }
        EventKind::Got { at, channel, .. } | EventKind::Acked { at, channel, .. } => {
            Facts { client: known.of_channel(channel), ..Facts::copy(at) }
        }
        EventKind::Requeued { at, why, .. } | EventKind::Delayed { at, why, .. } => {
            Facts { reason: Some((*why).into()), ..Facts::copy(at) }
        }
        EventKind::Dropped { at, rule } => Facts { reason: Some((*rule).into()), ..Facts::copy(at) },
        EventKind::DeadLettered { at, reason, .. } => Facts { reason: Some((*reason).into()), ..Facts::copy(at) },
        EventKind::DeadLetterLost { message, why } => Facts { reason: Some((*why).into()), ..Facts::message(message) },
        EventKind::CycleCut { message, queue } => {
            Facts { message: Some(message), reason: Some(Reason::Cycle), ..Facts::queue(queue) }
        }
        _ => of_topology(event, known),
    }
}

/// The same for those that are about no message.
fn of_topology<'a>(event: &'a EventKind, known: &Known) -> Facts<'a> {
    let error = error_of(event);
    let of_connection = |connection: &ConnectionId| known.clients.get(connection).copied();
    match event {
        EventKind::Confirmed { channel, .. } => Facts { client: known.of_channel(channel), ..Facts::default() },
        EventKind::ChannelClosed { channel, .. } => {
            Facts { client: known.of_channel(channel), error, ..Facts::default() }
        }
        EventKind::ConnectionOpened { connection, vhost, .. } => {
            Facts { vhost: Some(vhost), client: of_connection(connection), ..Facts::default() }
        }
        EventKind::ConnectionClosed { connection, .. } | EventKind::ConnectionRefused { connection, .. } => {
            Facts { client: of_connection(connection), error, ..Facts::default() }
        }
        EventKind::GotNothing { queue, channel } => Facts { client: known.of_channel(channel), ..Facts::queue(queue) },
        EventKind::ConsumerAdded { queue, consumer, .. }
        | EventKind::ConsumerRemoved { queue, consumer, .. }
        | EventKind::ConsumerTimedOut { queue, consumer }
        | EventKind::ActiveConsumerChanged { queue, consumer: Some(consumer) } => {
            Facts { client: known.of_channel(&consumer.channel), ..Facts::queue(queue) }
        }
        EventKind::ActiveConsumerChanged { queue, consumer: None }
        | EventKind::QueueDeclared { queue, .. }
        | EventKind::QueueDeleted { queue, .. }
        | EventKind::QueuePurged { queue, .. } => Facts::queue(queue),
        EventKind::ExchangeDeclared { exchange, .. } | EventKind::ExchangeDeleted { exchange, .. } => {
            Facts::exchange(exchange)
        }
        EventKind::Bound { binding, .. } | EventKind::Unbound { binding, .. } => Facts {
            vhost: Some(&binding.vhost),
            exchange: Some(&binding.source),
            queue: match &binding.destination {
                Destination::Queue(queue) => Some(queue),
                Destination::Exchange(_) => None,
            },
            ..Facts::default()
        },
        EventKind::PolicyApplied { kind: ResourceKind::Queue, to, .. } => Facts::queue(to),
        EventKind::PolicyApplied { kind: ResourceKind::Exchange, to, .. } => Facts::exchange(to),
        // Whatever else there is, no kind of goal is about it, or nothing can be asked of it.
        _ => Facts::default(),
    }
}

/// What is true of a client's doings.
fn of_client<'a>(at: (ClientId, u16), event: &'a ClientEvent, known: &'a Known) -> Facts<'a> {
    let client = Some(at.0);
    let (ClientEvent::Sent { method: Method::BasicNack { delivery_tag, .. }, .. }
    | ClientEvent::Sent { method: Method::BasicReject { delivery_tag, .. }, .. }) = event
    else {
        return Facts { client, ..Facts::default() };
    };
    let connection = known.connections.get(&at);
    let held = connection.and_then(|connection| known.held.get(&(*connection, *delivery_tag)));
    Facts { client, ..held.map_or_else(Facts::default, Facts::copy) }
}
