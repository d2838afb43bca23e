//! What is where, after so many entries of the log: queues with their messages, clients with what they hold.
//!
//! A [`Board`] is made from the log alone, entry by entry, so it can be had for any moment of the past. Cloning one
//! shares what does not change. Wherever the broker has finished a command, it says what the broker says (tested).

mod client;
mod declared;

use std::rc::Rc;

use crate::broker::binding::Binding;
use crate::broker::event::{ConsumerRef, CopyRef, Declared, EventKind, ResourceKind, Routed};
use crate::broker::message::Message;
use crate::broker::ordered::OrderedMap;
use crate::broker::policy::Policy;
use crate::broker::{ChannelId, CopyId, Name, Resource};
use crate::history::Fold;
use crate::simulation::{ClientId, LogEntry, LogKind};

pub use client::{ClientState, Connected, Held};
pub use declared::Applied;

use client::Owner;

use super::graph::NodeId;
use super::layout::SLOTS;
use super::row::Row;

fn shared<T>(one: Option<&Rc<T>>, other: Option<&Rc<T>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Rc::ptr_eq(one, other),
        (None, None) => true,
        _ => false,
    }
}

/// So many routing keys get their colours in turn.
const KEYS_MAX: usize = 64;

/// The state of the picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Board {
    /// Clients.
    pub clients: OrderedMap<ClientId, Rc<ClientState>>,
    /// Exchanges that were declared, and those every virtual host has as soon as somebody uses them.
    pub exchanges: OrderedMap<Rc<Resource>, Rc<ExchangeState>>,
    /// Queues.
    pub queues: OrderedMap<Rc<Resource>, Rc<QueueState>>,
    /// Bindings, oldest first.
    pub bindings: Vec<Rc<Binding>>,
    /// The first few routing keys, in the order in which they were first used.
    pub keys: Rc<Vec<Name>>,
    /// The policies that apply, to what they apply to.
    pub applied: Rc<OrderedMap<(ResourceKind, Rc<Resource>), Applied>>,
    /// The policies that are set: by virtual host, whether it is an operator policy, and name.
    pub policies: Rc<OrderedMap<(Name, bool, Name), Rc<Policy>>>,
    /// Virtual hosts that somebody created, oldest first; one that nobody had to create is seen by what is in it.
    pub vhosts: Rc<Vec<Name>>,
    /// Whether the broker is stopped.
    pub is_down: bool,
    /// The moment, virtual milliseconds: that of the last entry.
    pub now_ms: u64,
    /// Whose each connection is or was, in the order of their ids.
    owners: Rc<Vec<Owner>>,
}

/// An exchange.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExchangeState {
    /// Its type.
    pub kind: Name,
    /// What it was declared with.
    pub with: Rc<Declared>,
    /// Messages that arrived.
    pub received: u64,
    /// Messages for which nothing matched, and nobody was told.
    pub dropped: u64,
    /// Messages for which nothing matched, and that went back to their publisher.
    pub returned: u64,
    /// What it has, and has not passed on.
    pub present: Option<Rc<Message>>,
    /// The last message, if it was lost here.
    pub lost: Option<Lost>,
}

/// A message that reached no queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Lost {
    /// The message.
    pub message: Rc<Message>,
    /// Whether it went back to its publisher.
    pub returned: bool,
}

/// A queue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueueState {
    /// Its type.
    pub kind: Name,
    /// What it was declared with.
    pub with: Rc<Declared>,
    /// The one consumer that gets messages, where only one does.
    pub active: Option<ConsumerRef>,
    /// Ready messages, head first.
    pub ready: Row<Copied>,
    /// Unacknowledged messages, oldest delivery first.
    pub unacked: Row<Lent>,
    /// Messages that wait before they are ready again.
    pub waiting: Row<Copied>,
    /// Its consumers, in order of attachment.
    pub consumers: Vec<Attached>,
    /// Messages it took.
    pub taken: u64,
    /// Deliveries.
    pub delivered: u64,
    /// Acknowledgements.
    pub acked: u64,
    /// Messages it dropped or refused.
    pub dropped: u64,
}

/// A copy of a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Copied {
    /// Which.
    pub copy: CopyId,
    /// The message.
    pub message: Rc<Message>,
    /// Whether it was delivered before.
    pub redelivered: bool,
    /// When the queue took it.
    pub since_ms: u64,
}

/// A copy that somebody holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Lent {
    /// The copy.
    pub copied: Copied,
    /// Who holds it.
    pub channel: ChannelId,
    /// As the holder knows it.
    pub delivery_tag: u64,
}

/// A consumer of a queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Attached {
    /// Who.
    pub consumer: ConsumerRef,
    /// Its prefetch; 0 is unlimited.
    pub prefetch: u16,
    /// Automatic acknowledgement.
    pub no_ack: bool,
}

impl QueueState {
    /// Ready and unacknowledged ones together.
    pub fn total(&self) -> usize {
        self.ready.len() + self.unacked.len() + self.waiting.len()
    }

    fn is_stream(&self) -> bool {
        self.kind == "stream"
    }

    fn insert(&mut self, position: u64, copied: Copied) {
        self.ready.insert(usize::try_from(position).unwrap_or(usize::MAX), copied);
    }

    fn weight(&self) -> usize {
        let held = self.ready.weight() + self.unacked.weight() + self.waiting.weight();
        size_of::<Self>() + held + self.consumers.len() * size_of::<Attached>()
    }

    /// Takes a copy out, wherever it is.
    fn take(&mut self, copy: CopyId) -> Option<Copied> {
        if let Some(place) = self.unacked.position(|lent| lent.copied.copy == copy) {
            return self.unacked.remove(place).map(|lent| lent.copied);
        }
        self.take_ready(copy)
    }

    fn take_ready(&mut self, copy: CopyId) -> Option<Copied> {
        if let Some(place) = self.ready.position(|copied| copied.copy == copy) {
            return self.ready.remove(place);
        }
        let place = self.waiting.position(|copied| copied.copy == copy)?;
        self.waiting.remove(place)
    }

    fn hand_out(&mut self, at: &CopyRef, channel: ChannelId, delivery_tag: u64, ack: bool) {
        self.delivered += 1;
        if self.is_stream() {
            return;
        }
        let Some(copied) = self.take_ready(at.copy) else { return };
        if ack {
            self.unacked.push(Lent { copied, channel, delivery_tag });
        }
    }
}

impl ExchangeState {
    fn new(kind: Name) -> Self {
        ExchangeState { kind, ..ExchangeState::default() }
    }
}

/// The type of an exchange that every virtual host has; none for other names.
pub(super) fn predeclared(name: &str) -> Option<&'static str> {
    Some(match name {
        "" | "amq.direct" => "direct",
        "amq.fanout" => "fanout",
        "amq.topic" | "amq.rabbitmq.trace" => "topic",
        "amq.headers" | "amq.match" => "headers",
        _ => return None,
    })
}

impl Fold for Board {
    type Entry = LogEntry;

    fn apply(&mut self, entry: &LogEntry) {
        self.now_ms = entry.at_ms;
        match &entry.kind {
            LogKind::Client { client, connection, event } => self.apply_client(*client, *connection, event),
            // What it did before it was refused stands in entries of its own.
            LogKind::NotDone { .. } => {}
            LogKind::Broker(event) => self.apply_broker(&event.kind),
        }
    }

    fn weight(&self) -> usize {
        // The trees' nodes, and what is behind a pointer.
        let clients = self.clients.values().map(|client| {
            let lists = size_of_val(&client.held[..]) + size_of_val(&client.connections[..]);
            64 + size_of::<ClientState>() + lists
        });
        let queues = self.queues.values().map(|queue| 64 + queue.weight());
        let exchanges = self.exchanges.len() * (64 + size_of::<ExchangeState>());
        size_of::<Self>() + clients.sum::<usize>() + queues.sum::<usize>() + exchanges + self.bindings.len() * 8
    }
}

impl Board {
    /// Which of the eight colours a routing key has.
    pub fn colour(&self, key: &Name) -> usize {
        let known = self.keys.iter().position(|known| known == key);
        // There are more keys than anybody can tell apart: from here on any colour does, if it is always the same.
        let by_text = || key.bytes().fold(0, |sum: usize, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        known.unwrap_or_else(by_text) % super::COLOURS
    }

    /// Whether a node is in the picture.
    pub fn has(&self, node: &NodeId) -> bool {
        match node {
            NodeId::Client(id) => self.present().any(|(other, _)| other == *id),
            NodeId::Exchange(resource) => self.exchanges.contains_key(resource),
            NodeId::Queue(resource) => self.queues.contains_key(resource),
        }
    }

    /// Whether a node looks just as on a later or an earlier board, without looking into it: of boards that were cloned
    /// from one another, those share what did not change. False if in doubt.
    pub fn is_same_at(&self, other: &Board, node: &NodeId) -> bool {
        let same = match node {
            NodeId::Client(id) => shared(self.clients.get(id), other.clients.get(id)),
            NodeId::Exchange(resource) => shared(self.exchanges.get(resource), other.exchanges.get(resource)),
            NodeId::Queue(resource) => {
                let queue = self.queues.get(resource);
                let in_time =
                    || self.now_ms == other.now_ms || !queue.is_some_and(|queue| self.may_expire(resource, queue));
                shared(queue, other.queues.get(resource)) && Rc::ptr_eq(&self.owners, &other.owners) && in_time()
            }
        };
        let of_all = Rc::ptr_eq(&self.keys, &other.keys) && Rc::ptr_eq(&self.applied, &other.applied);
        same && of_all && self.is_down == other.is_down
    }

    /// Whether time alone changes how a queue looks: of messages that expire it shows how much time is left.
    fn may_expire(&self, resource: &Rc<Resource>, queue: &QueueState) -> bool {
        let own = |copied: &Copied| copied.message.properties.expiration.is_some();
        !queue.ready.is_empty()
            && (queue.ready.iter().take(SLOTS).any(own) || self.settings(resource, queue).message_ttl_ms.is_some())
    }

    /// Whether what is connected with what is the same as on another board, as far as that is seen at a glance: false
    /// if in doubt.
    pub fn is_connected_as(&self, other: &Board) -> bool {
        let bindings = self.bindings.len() == other.bindings.len()
            && self.bindings.iter().zip(&other.bindings).all(|(one, other)| Rc::ptr_eq(one, other));
        let exchanges = self.exchanges.len() == other.exchanges.len()
            && self.exchanges.iter().zip(&other.exchanges).all(|((name, one), (other_name, other))| {
                Rc::ptr_eq(name, other_name)
                    && (Rc::ptr_eq(one, other) || (one.kind == other.kind && one.with == other.with))
            });
        let queues = self.queues.len() == other.queues.len()
            && self.queues.iter().zip(&other.queues).all(|((name, one), (other_name, other))| {
                let alike = || {
                    let declared = one.kind == other.kind && one.with == other.with;
                    declared && one.consumers == other.consumers && one.active == other.active
                };
                Rc::ptr_eq(name, other_name) && (Rc::ptr_eq(one, other) || alike())
            });
        let clients = self.clients.len() == other.clients.len()
            && self.clients.iter().zip(&other.clients).all(|((id, one), (other_id, other))| {
                let alike = || Rc::ptr_eq(&one.spec, &other.spec) && one.is_gone == other.is_gone;
                id == other_id && (Rc::ptr_eq(one, other) || alike())
            });
        let of_all = Rc::ptr_eq(&self.owners, &other.owners)
            && Rc::ptr_eq(&self.applied, &other.applied)
            && Rc::ptr_eq(&self.vhosts, &other.vhosts);
        bindings && exchanges && queues && clients && of_all
    }

    fn client(&mut self, id: ClientId) -> Option<&mut ClientState> {
        self.clients.get_mut(&id).map(Rc::make_mut)
    }

    fn queue(&mut self, name: &Rc<Resource>) -> Option<&mut QueueState> {
        self.queues.get_mut(name).map(Rc::make_mut)
    }

    fn exchange(&mut self, vhost: &Name, name: &Name) -> Option<&mut ExchangeState> {
        let resource = Resource { vhost: vhost.clone(), name: name.clone() };
        if !self.exchanges.contains_key(&resource) {
            let kind = predeclared(name)?;
            self.exchanges.insert(Rc::new(resource.clone()), Rc::new(ExchangeState::new(kind.into())));
        }
        self.exchanges.get_mut(&resource).map(Rc::make_mut)
    }

    fn see_key(&mut self, key: &Name) {
        if self.keys.len() < KEYS_MAX && !self.keys.contains(key) {
            Rc::make_mut(&mut self.keys).push(key.clone());
        }
    }

    fn apply_broker(&mut self, event: &EventKind) {
        match event {
            EventKind::ConnectionClosed { connection, .. } => self.closed(*connection),
            EventKind::ChannelClosed { channel, .. } => self.closed(channel.connection),
            EventKind::ExchangeDeclared { .. }
            | EventKind::ExchangeDeleted { .. }
            | EventKind::QueueDeclared { .. }
            | EventKind::QueueDeleted { .. }
            | EventKind::PolicyChanged { .. }
            | EventKind::PolicyApplied { .. }
            | EventKind::ActiveConsumerChanged { .. } => self.apply_declared(event),
            EventKind::Managed { what, name, set } if *what == "vhost" => self.manage_vhost(name, *set),
            EventKind::Stopped { .. } => self.is_down = true,
            EventKind::Started => self.is_down = false,
            EventKind::Bound { binding, new: true } => self.bindings.push(binding.clone()),
            EventKind::Bound { new: false, .. } => {}
            EventKind::Unbound { binding, .. } => self.bindings.retain(|known| known != binding),
            EventKind::ConsumerAdded { queue, consumer, prefetch, no_ack, .. } => {
                let attached = Attached { consumer: consumer.clone(), prefetch: *prefetch, no_ack: *no_ack };
                if let Some((id, _)) = self.owner_of(consumer.channel.connection)
                    && let Some(client) = self.client(id)
                {
                    client.prefetch = *prefetch;
                }
                if let Some(queue) = self.queue(queue) {
                    queue.consumers.push(attached);
                }
            }
            EventKind::ConsumerRemoved { queue, consumer, .. } => {
                if let Some(queue) = self.queue(queue) {
                    queue.consumers.retain(|attached| attached.consumer != *consumer);
                }
            }
            EventKind::Published { message, vhost, .. } => self.published(message, vhost),
            EventKind::Routed(routed) => self.routed(routed),
            EventKind::Unroutable { message, returned } => self.unroutable(message, *returned),
            EventKind::DeadLettered { at, exchange, .. } => self.dead_lettered(at, exchange),
            EventKind::Enqueued { .. }
            | EventKind::Refused { .. }
            | EventKind::Delivered { .. }
            | EventKind::Got { .. }
            | EventKind::Acked { .. }
            | EventKind::Requeued { .. }
            | EventKind::Delayed { .. }
            | EventKind::DelayEnded { .. }
            | EventKind::Dropped { .. }
            | EventKind::DeadLetterHeld { .. } => self.apply_to_queue(event),
            EventKind::DeadLetterLost { message, .. } | EventKind::DirectReply { message, .. } => {
                self.leave_exchanges(message);
            }
            other => debug_assert!(changes_nothing(other)),
        }
    }

    fn manage_vhost(&mut self, name: &Name, is_there: bool) {
        if !is_there {
            // What is in it is told to go, one by one, but for its policies.
            self.forget_policies_in(name);
        }
        if self.vhosts.contains(name) == is_there {
            return;
        }
        let vhosts = Rc::make_mut(&mut self.vhosts);
        if is_there {
            vhosts.push(name.clone());
        } else {
            vhosts.retain(|known| known != name);
        }
    }

    fn published(&mut self, message: &Rc<Message>, vhost: &Name) {
        self.see_key(&message.routing_keys.key);
        if let Some(exchange) = self.exchange(vhost, &message.exchange) {
            exchange.received += 1;
            exchange.present = Some(message.clone());
            exchange.lost = None;
        }
    }

    /// Whoever had the message before passes it on.
    fn routed(&mut self, routed: &Routed) {
        self.leave_exchanges(&routed.message);
        if let Some(exchange) = self.exchange(&routed.exchange.vhost, &routed.exchange.name) {
            exchange.present = Some(routed.message.clone());
            exchange.lost = None;
        }
    }

    fn leave_exchanges(&mut self, message: &Rc<Message>) {
        let holds = |state: &ExchangeState| state.present.as_ref().is_some_and(|present| present.id == message.id);
        for exchange in self.exchanges.values_mut().filter(|exchange| holds(exchange)) {
            Rc::make_mut(exchange).present = None;
        }
    }

    fn unroutable(&mut self, message: &Rc<Message>, returned: bool) {
        let holds = |state: &ExchangeState| state.present.as_ref().is_some_and(|present| present.id == message.id);
        if let Some(exchange) = self.exchanges.values_mut().find(|exchange| holds(exchange)) {
            let exchange = Rc::make_mut(exchange);
            if returned {
                exchange.returned += 1;
            } else {
                exchange.dropped += 1;
            }
            exchange.present = None;
            exchange.lost = Some(Lost { message: message.clone(), returned });
        }
    }

    fn dead_lettered(&mut self, at: &CopyRef, exchange: &Name) {
        if let Some(queue) = self.queue(&at.queue) {
            queue.take(at.copy);
        }
        if let Some(exchange) = self.exchange(&at.queue.vhost, exchange) {
            exchange.received += 1;
        }
    }

    /// What happens to a message in a queue.
    fn apply_to_queue(&mut self, event: &EventKind) {
        if let EventKind::Enqueued { at: CopyRef { message, .. }, .. } | EventKind::Refused { message, .. } = event {
            self.leave_exchanges(message);
        }
        if let EventKind::Refused { queue, .. } = event
            && let Some(queue) = self.queue(queue)
        {
            queue.dropped += 1;
        }
        let (EventKind::Enqueued { at, .. }
        | EventKind::Delivered { at, .. }
        | EventKind::Got { at, .. }
        | EventKind::Acked { at, .. }
        | EventKind::Requeued { at, .. }
        | EventKind::Delayed { at, .. }
        | EventKind::DelayEnded { at, .. }
        | EventKind::Dropped { at, .. }
        | EventKind::DeadLetterHeld { at, .. }) = event
        else {
            return;
        };
        let now_ms = self.now_ms;
        if let Some(queue) = self.queue(&at.queue) {
            queue.apply(at, event, now_ms);
        }
    }
}

impl QueueState {
    fn apply(&mut self, at: &CopyRef, event: &EventKind, since_ms: u64) {
        match event {
            EventKind::Enqueued { position, .. } => {
                self.taken += 1;
                let copied = Copied { copy: at.copy, message: at.message.clone(), redelivered: false, since_ms };
                self.insert(*position, copied);
            }
            EventKind::Delivered { consumer: ConsumerRef { channel, .. }, delivery_tag, ack, .. }
            | EventKind::Got { channel, delivery_tag, ack, .. } => self.hand_out(at, *channel, *delivery_tag, *ack),
            EventKind::Acked { .. } if !self.is_stream() => {
                self.acked += 1;
                self.take(at.copy);
            }
            EventKind::Requeued { position, .. } | EventKind::DelayEnded { position, .. } => {
                if let Some(copied) = self.take(at.copy) {
                    self.insert(*position, Copied { redelivered: true, ..copied });
                }
            }
            EventKind::Delayed { .. } => {
                if let Some(copied) = self.take(at.copy) {
                    self.waiting.push(copied);
                }
            }
            EventKind::DeadLetterHeld { .. } => {
                // On its way to the dead letter exchange it had left already; nobody took it there.
                let back = || Copied { copy: at.copy, message: at.message.clone(), redelivered: true, since_ms };
                let copied = self.take(at.copy).unwrap_or_else(back);
                self.waiting.push(copied);
            }
            EventKind::Dropped { .. } => {
                self.take(at.copy);
                self.dropped += 1;
            }
            // The caller passes on no other.
            _ => {}
        }
    }
}

/// The kinds of events that leave the board as it is. Named, so that no new kind is overlooked.
fn changes_nothing(event: &EventKind) -> bool {
    match event {
        EventKind::ConnectionOpened { .. }
        | EventKind::ConnectionRefused { .. }
        | EventKind::ChannelOpened { .. }
        | EventKind::ChannelSet { .. }
        | EventKind::QueuePurged { .. }
        | EventKind::ConsumerTimedOut { .. }
        | EventKind::GotNothing { .. }
        | EventKind::Waits { .. }
        | EventKind::CycleCut { .. }
        | EventKind::Confirmed { .. }
        | EventKind::Managed { .. }
        | EventKind::TimerFired { .. }
        | EventKind::BoundReached { .. } => true,
        EventKind::ConnectionClosed { .. }
        | EventKind::ChannelClosed { .. }
        | EventKind::ExchangeDeclared { .. }
        | EventKind::ExchangeDeleted { .. }
        | EventKind::QueueDeclared { .. }
        | EventKind::QueueDeleted { .. }
        | EventKind::Bound { .. }
        | EventKind::Unbound { .. }
        | EventKind::ConsumerAdded { .. }
        | EventKind::ConsumerRemoved { .. }
        | EventKind::Published { .. }
        | EventKind::Routed(_)
        | EventKind::Unroutable { .. }
        | EventKind::Enqueued { .. }
        | EventKind::Refused { .. }
        | EventKind::Delivered { .. }
        | EventKind::Got { .. }
        | EventKind::Acked { .. }
        | EventKind::Requeued { .. }
        | EventKind::Delayed { .. }
        | EventKind::DelayEnded { .. }
        | EventKind::Dropped { .. }
        | EventKind::DeadLettered { .. }
        | EventKind::DeadLetterLost { .. }
        | EventKind::DirectReply { .. }
        | EventKind::ActiveConsumerChanged { .. }
        | EventKind::PolicyChanged { .. }
        | EventKind::PolicyApplied { .. }
        | EventKind::Stopped { .. }
        | EventKind::Started
        | EventKind::DeadLetterHeld { .. } => false,
    }
}
