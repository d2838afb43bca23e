//! Clients on the board: their connections, what they hold, and what they have done.

use std::rc::Rc;

use crate::broker::message::{Delivery, Message};
use crate::broker::{ConnectionId, Frame, Method, Reply};
use crate::simulation::{AckMode, ClientEvent, ClientId, ClientSpec, Control};

use super::Board;

/// A client.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientState {
    /// What it is.
    pub spec: Rc<ClientSpec>,
    /// Its connections.
    pub connections: Vec<Connected>,
    /// Whether somebody has paused it.
    pub is_paused: bool,
    /// Whether it has left for good: the story goes on calling it by its name.
    pub is_gone: bool,
    /// The prefetch of its consumers: another one than its spec has by now, where that was changed and holds for
    /// consumers to come.
    pub prefetch: u16,
    /// How many it has sent.
    pub published: u64,
    /// How many it has received.
    pub received: u64,
    /// How many acknowledgements it has sent.
    pub acked: u64,
    /// RPC client: how many requests were answered.
    pub answered: u64,
    /// RPC client: how many requests were not answered in time.
    pub timed_out: u64,
    /// What it has, and has not settled. Oldest first.
    pub held: Vec<Held>,
}

/// A connection of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connected {
    /// Which it is now: another one after each start.
    pub id: ConnectionId,
    /// Whether it and its channel are open, in the broker.
    pub is_open: bool,
}

impl ClientState {
    /// How many of its connections are open.
    pub fn open_connections(&self) -> usize {
        self.connections.iter().filter(|connection| connection.is_open).count()
    }

    /// Whether any of its connections is open.
    pub fn is_open(&self) -> bool {
        self.open_connections() > 0
    }
}

/// A message in a consumer's hands.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// The connection it came over, by its place among the client's.
    pub connection: u16,
    /// The delivery: a number of that connection's channel.
    pub delivery_tag: u64,
    /// The message.
    pub message: Rc<Message>,
    /// Whether it works on it.
    pub in_work: bool,
}

/// Whose a connection is: the client, and the place among its connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) id: ConnectionId,
    client: ClientId,
    connection: u16,
}

impl Held {
    /// Whether it is a certain delivery.
    pub fn is(&self, connection: u16, delivery_tag: u64) -> bool {
        self.connection == connection && self.delivery_tag == delivery_tag
    }
}

impl ClientState {
    /// What somebody did to it, as far as it changes what it is.
    fn control(&mut self, control: &Control, connection: Option<u16>) {
        let spec = Rc::make_mut(&mut self.spec);
        match control {
            Control::Pause => self.is_paused = true,
            Control::Resume => self.is_paused = false,
            Control::SetPrefetch(prefetch) => {
                if let Some(consumer) = spec.role.consumer_mut() {
                    consumer.prefetch = *prefetch;
                }
            }
            Control::SetSchedule(schedule) => {
                if let Some(producer) = spec.role.producer_mut() {
                    (producer.schedule, producer.every_ms) = (Some(*schedule), None);
                }
            }
            Control::SetLatency(latency_ms) if connection.is_none() => spec.latency_ms = *latency_ms,
            Control::SetLatency(_)
            | Control::Kill
            | Control::Restart
            | Control::CloseChannel
            | Control::HoldLink
            | Control::ReleaseLink
            | Control::CutLink
            | Control::ForceClose { .. }
            | Control::Publish(_) => {}
        }
    }
}

impl Board {
    /// The clients that have not left.
    pub fn present(&self) -> impl Iterator<Item = (ClientId, &ClientState)> {
        let all = self.clients.iter().map(|(id, client)| (*id, &**client));
        all.filter(|(_, client)| !client.is_gone)
    }

    /// The client of a connection.
    pub fn client_of(&self, connection: ConnectionId) -> Option<(ClientId, &ClientState)> {
        let (id, _) = self.owner_of(connection)?;
        Some((id, self.clients.get(&id)?))
    }

    /// The same, with the place among the client's connections, from 0.
    pub fn owner_of(&self, connection: ConnectionId) -> Option<(ClientId, u16)> {
        let place = self.owners.binary_search_by_key(&connection, |owner| owner.id).ok()?;
        self.owners.get(place).map(|owner| (owner.client, owner.connection))
    }

    pub(super) fn apply_client(&mut self, id: ClientId, connection: u16, event: &ClientEvent) {
        match event {
            ClientEvent::Joined { spec, connection } => self.join(id, spec, *connection),
            ClientEvent::Changed { spec } => {
                self.see(spec);
                if let Some(client) = self.client(id) {
                    client.spec = spec.clone();
                }
            }
            ClientEvent::Left => {
                if let Some(client) = self.client(id) {
                    client.is_gone = true;
                    client.held.clear();
                }
            }
            ClientEvent::Sent { method, .. } => self.sent(id, connection, method),
            ClientEvent::Received { frame: Frame::Deliver { delivery, .. } }
            | ClientEvent::Answered { reply: Reply::Got { delivery, .. } } => self.received(id, connection, delivery),
            ClientEvent::WorkStarted { delivery_tag, .. } => {
                let is_it = |held: &&mut Held| held.is(connection, *delivery_tag);
                if let Some(held) = self.client(id).and_then(|client| client.held.iter_mut().find(is_it)) {
                    held.in_work = true;
                }
            }
            ClientEvent::WorkDone { delivery_tag } | ClientEvent::Skipped { delivery_tag, .. } => {
                self.work_done(id, connection, *delivery_tag)
            }
            ClientEvent::Restarted { connection: new } => self.restarted(id, connection, *new),
            ClientEvent::Controlled { control, connection } => {
                if let Some(client) = self.client(id) {
                    client.control(control, *connection);
                }
            }
            ClientEvent::RpcAnswered { .. } => {
                if let Some(client) = self.client(id) {
                    client.answered += 1;
                }
            }
            ClientEvent::RpcTimedOut { .. } => {
                if let Some(client) = self.client(id) {
                    client.timed_out += 1;
                }
            }
            ClientEvent::Received { .. }
            | ClientEvent::Answered { .. }
            | ClientEvent::Crashed
            | ClientEvent::Logged { .. }
            | ClientEvent::RetryPlanned { .. }
            | ClientEvent::GaveUp { .. }
            | ClientEvent::Ignored { .. }
            | ClientEvent::LostOnLink { .. }
            | ClientEvent::HeartbeatMissed
            | ClientEvent::RpcUnknown { .. }
            | ClientEvent::NoReplyTo { .. }
            | ClientEvent::NotSent { .. } => {}
        }
    }

    fn join(&mut self, id: ClientId, spec: &Rc<ClientSpec>, connection: ConnectionId) {
        self.see(spec);
        let ids = (0..spec.connections).map(|index| ConnectionId(connection.0.saturating_add(u32::from(index))));
        let connections: Vec<Connected> = ids.map(|id| Connected { id, is_open: true }).collect();
        for (index, connected) in (0..).zip(&connections) {
            self.own(Owner { id: connected.id, client: id, connection: index });
        }
        let state = ClientState {
            spec: spec.clone(),
            connections,
            is_paused: false,
            is_gone: false,
            prefetch: spec.role.consumer().map_or(0, |consumer| consumer.prefetch),
            published: 0,
            received: 0,
            acked: 0,
            answered: 0,
            timed_out: 0,
            held: Vec::new(),
        };
        self.clients.insert(id, Rc::new(state));
    }

    /// What a client says of exchanges and keys.
    fn see(&mut self, spec: &ClientSpec) {
        if let Some(exchange) = spec.role.exchange() {
            self.exchange(&spec.vhost, &exchange);
        }
        if let Some(producer) = spec.role.producer() {
            // What a template becomes is seen when it is published.
            let keys = producer.routing_keys();
            keys.iter().filter(|_| !producer.templates).for_each(|key| self.see_key(key));
        }
    }

    fn own(&mut self, owner: Owner) {
        let place = self.owners.partition_point(|other| other.id <= owner.id);
        Rc::make_mut(&mut self.owners).insert(place, owner);
    }

    fn restarted(&mut self, id: ClientId, connection: u16, new: ConnectionId) {
        let connected = self.client(id).and_then(|client| client.connections.get_mut(usize::from(connection)));
        if let Some(connected) = connected {
            *connected = Connected { id: new, is_open: true };
        }
        self.own(Owner { id: new, client: id, connection });
    }

    fn received(&mut self, id: ClientId, connection: u16, delivery: &Delivery) {
        let Some(client) = self.client(id) else { return };
        client.received += 1;
        // What was on its way when the connection was closed is the queue's again: the client cannot settle it. An RPC client
        // takes answers as they come, and works on none.
        let is_open = client.connections.get(usize::from(connection)).is_some_and(|connected| connected.is_open);
        if is_open && client.spec.role.consumer().is_some() {
            let Delivery { delivery_tag, message, .. } = delivery;
            let (delivery_tag, message) = (*delivery_tag, message.clone());
            client.held.push(Held { connection, delivery_tag, message, in_work: false });
        }
    }

    fn sent(&mut self, id: ClientId, connection: u16, method: &Method) {
        let Some(client) = self.client(id) else { return };
        match method {
            Method::BasicPublish(_) => client.published += 1,
            Method::BasicAck { delivery_tag, multiple } | Method::BasicNack { delivery_tag, multiple, .. } => {
                let settles = |held: &Held| {
                    let is_older = *multiple && (*delivery_tag == 0 || held.delivery_tag < *delivery_tag);
                    held.connection == connection && (held.delivery_tag == *delivery_tag || is_older)
                };
                client.held.retain(|held| !settles(held));
                client.acked += u64::from(matches!(method, Method::BasicAck { .. }));
            }
            Method::BasicReject { delivery_tag, .. } => {
                client.held.retain(|held| !held.is(connection, *delivery_tag));
            }
            _ => {}
        }
    }

    fn work_done(&mut self, id: ClientId, connection: u16, delivery_tag: u64) {
        let Some(client) = self.client(id) else { return };
        let auto = client.spec.role.consumer().is_some_and(|consumer| consumer.ack == AckMode::Auto);
        if auto {
            client.held.retain(|held| !held.is(connection, delivery_tag));
        }
        for held in client.held.iter_mut().filter(|held| held.is(connection, delivery_tag)) {
            held.in_work = false;
        }
    }

    pub(super) fn closed(&mut self, connection: ConnectionId) {
        let Some((id, place)) = self.owner_of(connection) else { return };
        let Some(client) = self.client(id) else { return };
        let connected = client.connections.get_mut(usize::from(place));
        if let Some(connected) = connected.filter(|connected| connected.id == connection) {
            connected.is_open = false;
            client.held.retain(|held| held.connection != place);
        }
    }
}
