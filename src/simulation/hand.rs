//! What an operator does by hand, as in RabbitMQ's management UI: over connections of their own, which nobody else has.
//!
//! What always holds: each of these happens whole, in no virtual time. A connection that was opened for one of them ends
//! with it, but for the one over which an operator holds messages: there is at most one of these in a virtual host, with
//! one channel, and it is closed by the next thing done over it that leaves nothing held.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::broker::command::{BasicConsume, BasicPublish, QueueDeclare};
use crate::broker::message::Delivery;
use crate::broker::{ApplyError, ChannelId, Command, ConnectionId, ConnectionOpen, Frame, Method, Name, Reply, Scope};

use super::World;
use super::log::{ClientId, LogEntry};
use super::scenario::ScenarioError;
use super::script::{Control, Deed};
use super::session::{Session, SessionId};

/// The operator's connection for one thing; clients count from 1.
const OPERATOR: ConnectionId = ConnectionId(0);
/// The connections over which an operator holds messages count from here.
const HOLDS: u32 = 1 << 31;
/// Most messages that are got at once.
const COUNT_MAX: u32 = 10_000;
/// How many messages a shovel of the management UI has at a time.
/// Source: `rabbitmq_management/priv/www/js/tmpl/queue.ejs`, *Move messages*.
const SHOVEL_PREFETCH: u16 = 1_000;

/// Whether a connection is an operator's.
pub fn is_operator(connection: ConnectionId) -> bool {
    connection == OPERATOR || connection.0 >= HOLDS
}

/// Whether it is one over which an operator holds messages until they are settled by hand.
pub fn is_held_by_hand(connection: ConnectionId) -> bool {
    connection.0 >= HOLDS
}

/// What becomes of messages that are got by hand, by the names of the management API (`ackmode`).
/// Source: `rabbitmq_management/src/rabbit_mgmt_wm_queue_get.erl`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum GetMode {
    /// *Nack message requeue true*: they go back as the connection ends.
    #[default]
    AckRequeueTrue,
    /// *Automatic ack*: they are gone.
    AckRequeueFalse,
    /// *Reject requeue true*: they are rejected and go back.
    RejectRequeueTrue,
    /// *Reject requeue false*: they are rejected, and dropped or dead-lettered.
    RejectRequeueFalse,
    /// They stay unacknowledged until they are settled by hand. The management UI has no such thing; a client with a
    /// channel that stays open does the same.
    Hold,
}

impl GetMode {
    /// All of them, in the order of the management UI.
    pub const ALL: [GetMode; 5] = [
        GetMode::AckRequeueTrue,
        GetMode::AckRequeueFalse,
        GetMode::RejectRequeueTrue,
        GetMode::RejectRequeueFalse,
        GetMode::Hold,
    ];

    /// Its name in the management API.
    pub fn as_str(self) -> &'static str {
        match self {
            GetMode::AckRequeueTrue => "ack_requeue_true",
            GetMode::AckRequeueFalse => "ack_requeue_false",
            GetMode::RejectRequeueTrue => "reject_requeue_true",
            GetMode::RejectRequeueFalse => "reject_requeue_false",
            GetMode::Hold => "hold",
        }
    }
}

/// What an operator says of messages that they hold. Delivery tags are those of the one channel over which they hold
/// messages of the virtual host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Settlement {
    /// basic.ack
    Ack {
        /// The delivery; 0 with `multiple` stands for all.
        delivery_tag: u64,
        /// This one and all before it.
        #[serde(default, skip_serializing_if = "is_not")]
        multiple: bool,
    },
    /// basic.nack
    Nack {
        /// The delivery; 0 with `multiple` stands for all.
        delivery_tag: u64,
        /// This one and all before it.
        #[serde(default, skip_serializing_if = "is_not")]
        multiple: bool,
        /// Back into the queue, or dead-letter (or drop).
        requeue: bool,
    },
    /// basic.reject
    Reject {
        /// The delivery.
        delivery_tag: u64,
        /// Back into the queue, or dead-letter (or drop).
        requeue: bool,
    },
}

fn is_not(flag: &bool) -> bool {
    !flag
}

impl Settlement {
    /// The method that is sent.
    pub fn method(&self) -> Method {
        match *self {
            Settlement::Ack { delivery_tag, multiple } => Method::BasicAck { delivery_tag, multiple },
            Settlement::Nack { delivery_tag, multiple, requeue } => {
                Method::BasicNack { delivery_tag, multiple, requeue }
            }
            Settlement::Reject { delivery_tag, requeue } => Method::BasicReject { delivery_tag, requeue },
        }
    }
}

/// Looks for a number of messages that nobody can get at once. `place` is where the deed stands.
pub(super) fn check_count(count: u32, place: &str) -> Result<(), ScenarioError> {
    let fits = (1..=COUNT_MAX).contains(&count);
    ScenarioError::unless(fits, place, "get_messages.count", "a number from 1 to 10000")
}

/// What a deed is called where an error of it is told.
/// How payloads of messages that are got by hand are shown, by the names of the management API (`encoding`).
/// Source: `rabbitmq_management/src/rabbit_mgmt_wm_queue_get.erl`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum GetEncoding {
    /// *Auto string / base64*: as it is if it is valid UTF-8, else in base64.
    #[default]
    Auto,
    /// *base64*: in base64, whatever it is.
    Base64,
}

impl GetEncoding {
    /// All of them, in the order of the management UI.
    pub const ALL: [GetEncoding; 2] = [GetEncoding::Auto, GetEncoding::Base64];

    /// Its name in the management API.
    pub fn as_str(self) -> &'static str {
        match self {
            GetEncoding::Auto => "auto",
            GetEncoding::Base64 => "base64",
        }
    }

    pub(super) fn is_auto(&self) -> bool {
        *self == GetEncoding::Auto
    }
}

const PLACE: &str = "action";

fn first_channel(connection: ConnectionId) -> ChannelId {
    ChannelId { connection, number: 1 }
}

impl World {
    /// What an operator does over connections of their own.
    pub(super) fn by_hand(&mut self, deed: &Deed, log: &mut Vec<LogEntry>) -> Result<(), ScenarioError> {
        match deed {
            Deed::GetMessages { vhost, queue, count, ackmode: GetMode::Hold, .. } => {
                let channel = self.hand(vhost, log)?;
                let got = self.get_all(channel, queue, *count, false, log).map(|_| ());
                self.let_go(channel, got, log)
            }
            Deed::GetMessages { vhost, queue, count, ackmode, .. } => {
                let mode = *ackmode;
                self.connected(vhost, log, |world, log| world.get_and_return(queue, *count, mode, log))
            }
            Deed::Settle { vhost, settlement } => {
                let channel = self.hand(vhost, log)?;
                let settled = self.ask(channel, settlement.method(), log).map(|_| ());
                self.let_go(channel, settled, log)
            }
            Deed::MoveMessages { vhost, queue, to } => {
                self.connected(vhost, log, |world, log| world.shovel(queue, to, log))
            }
            _ => match deed.method() {
                Some((vhost, method)) => self.connected(&vhost, log, |world, log| world.operate(method, log)),
                None => Ok(()),
            },
        }
    }

    /// One method. A publish is confirmed, as the management UI publishes: so a refusal is seen.
    /// Source: `rabbitmq_management/src/rabbit_mgmt_wm_exchange_publish.erl do_it/2`.
    fn operate(&mut self, method: Method, log: &mut Vec<LogEntry>) -> Result<(), ScenarioError> {
        let channel = first_channel(OPERATOR);
        if matches!(method, Method::BasicPublish(_)) {
            self.ask(channel, Method::ConfirmSelect, log)?;
        }
        self.ask(channel, method, log).map(|_| ())
    }

    /// An operator connects, does something, and leaves. That they come and go is no part of the story; all that this
    /// changes is.
    fn connected(
        &mut self,
        vhost: &Name,
        log: &mut Vec<LogEntry>,
        work: impl FnOnce(&mut Self, &mut Vec<LogEntry>) -> Result<(), ScenarioError>,
    ) -> Result<(), ScenarioError> {
        self.open_operator(OPERATOR, vhost, log)?;
        let done = self.ask(first_channel(OPERATOR), Method::ChannelOpen, log).and_then(|_| work(self, log));
        // What it takes with it, such as an exclusive queue, is part of the story.
        let closed = self.must(Command::ConnectionClose(OPERATOR), 0, log, || PLACE.to_owned());
        done.and(closed)
    }

    fn open_operator(
        &mut self,
        connection: ConnectionId,
        vhost: &Name,
        log: &mut Vec<LogEntry>,
    ) -> Result<(), ScenarioError> {
        let open = ConnectionOpen { vhost: vhost.clone(), ..ConnectionOpen::new(connection) };
        self.must(Command::ConnectionOpen(open), 0, log, || PLACE.to_owned())
    }

    /// A method of an operator, which must not be refused. Answers what came of it.
    fn ask(
        &mut self,
        channel: ChannelId,
        method: Method,
        log: &mut Vec<LogEntry>,
    ) -> Result<(Option<Reply>, Vec<Frame>), ScenarioError> {
        match self.apply_by_hand(Command::Method { channel, method }, 0, log) {
            Ok((Some(Reply::Closed(error)), _)) => Err(ScenarioError::Refused { place: PLACE.to_owned(), error }),
            Ok(answer) => Ok(answer),
            Err(error) => Err(ScenarioError::Impossible { place: PLACE.to_owned(), error }),
        }
    }

    /// The channel over which messages of a virtual host are held; it is opened if it is not there.
    fn hand(&mut self, vhost: &Name, log: &mut Vec<LogEntry>) -> Result<ChannelId, ScenarioError> {
        let place = self.hands.iter().position(|known| known == vhost).unwrap_or_else(|| {
            self.hands.push(vhost.clone());
            self.hands.len() - 1
        });
        let channel = first_channel(ConnectionId(HOLDS.saturating_add(u32::try_from(place).unwrap_or(u32::MAX))));
        if self.broker.connection(channel.connection).is_none() {
            self.open_operator(channel.connection, vhost, log)?;
        }
        // The broker may have closed it, with all that was held.
        if self.broker.channel(channel).is_none() {
            self.ask(channel, Method::ChannelOpen, log)?;
        }
        Ok(channel)
    }

    /// An operator who holds nothing any more goes.
    fn let_go(
        &mut self,
        channel: ChannelId,
        done: Result<(), ScenarioError>,
        log: &mut Vec<LogEntry>,
    ) -> Result<(), ScenarioError> {
        if self.broker.channel(channel).is_some_and(|channel| !channel.unacked.is_empty()) {
            return done;
        }
        let closed = self.must(Command::ConnectionClose(channel.connection), 0, log, || PLACE.to_owned());
        done.and(closed)
    }

    /// Gets messages, one after the other, until there is none.
    fn get_all(
        &mut self,
        channel: ChannelId,
        queue: &Name,
        count: u32,
        no_ack: bool,
        log: &mut Vec<LogEntry>,
    ) -> Result<Vec<Delivery>, ScenarioError> {
        let mut got = Vec::new();
        for _ in 0..count {
            let get = Method::BasicGet { queue: queue.clone(), no_ack };
            let (Some(Reply::Got { delivery, .. }), _) = self.ask(channel, get, log)? else { break };
            got.push(delivery);
        }
        Ok(got)
    }

    /// What is to go back goes back after all of them were got, or the same one would come again and again.
    /// Source: `rabbitmq_management/src/rabbit_mgmt_wm_queue_get.erl do_it/2`.
    fn get_and_return(
        &mut self,
        queue: &Name,
        count: u32,
        mode: GetMode,
        log: &mut Vec<LogEntry>,
    ) -> Result<(), ScenarioError> {
        let channel = first_channel(OPERATOR);
        let got = self.get_all(channel, queue, count, mode == GetMode::AckRequeueFalse, log)?;
        let requeue = match mode {
            GetMode::RejectRequeueTrue => true,
            GetMode::RejectRequeueFalse => false,
            // The end of the connection gives back what is not acknowledged.
            GetMode::AckRequeueTrue | GetMode::AckRequeueFalse | GetMode::Hold => return Ok(()),
        };
        for delivery in got {
            self.ask(channel, Method::BasicReject { delivery_tag: delivery.delivery_tag, requeue }, log)?;
        }
        Ok(())
    }

    /// Moves as many messages as a queue has to another, as a shovel does: it consumes them, publishes them to the
    /// default exchange with the other queue's name, and acknowledges what is confirmed. What the other queue refuses goes
    /// back, and counts as moved; a queue that is not there is declared.
    /// Source: `rabbitmq_shovel/src/rabbit_amqp091_shovel.erl`, with the options of the management UI.
    fn shovel(&mut self, queue: &Name, to: &Name, log: &mut Vec<LogEntry>) -> Result<(), ScenarioError> {
        let source = first_channel(OPERATOR);
        let passive = |queue: &Name| {
            Method::QueueDeclare(QueueDeclare { queue: queue.clone(), passive: true, ..QueueDeclare::default() })
        };
        let (declared, _) = self.ask(source, passive(queue), log)?;
        let mut remaining = match declared {
            Some(Reply::DeclareOk { message_count, .. }) => message_count,
            _ => 0,
        };
        let destination = self.open_destination(to, passive(to), log)?;
        if remaining == 0 {
            return Ok(());
        }
        self.ask(destination, Method::ConfirmSelect, log)?;
        let qos = Method::BasicQos { prefetch_count: SHOVEL_PREFETCH, prefetch_size: 0, global: false };
        self.ask(source, qos, log)?;
        let consume = Method::BasicConsume(BasicConsume { queue: queue.clone(), ..BasicConsume::default() });
        let (_, frames) = self.ask(source, consume, log)?;
        let mut inbox: std::collections::VecDeque<Frame> = frames.into();
        while remaining > 0
            && let Some(frame) = inbox.pop_front()
        {
            let Frame::Deliver { channel, delivery, .. } = frame else { continue };
            if channel == source {
                remaining -= 1;
                inbox.extend(self.forward(source, destination, &delivery, to, log)?);
            }
        }
        Ok(())
    }

    /// The channel to publish on, and the queue to publish to.
    fn open_destination(
        &mut self,
        to: &Name,
        passive: Method,
        log: &mut Vec<LogEntry>,
    ) -> Result<ChannelId, ScenarioError> {
        let destination = ChannelId { connection: OPERATOR, number: 2 };
        self.ask(destination, Method::ChannelOpen, log)?;
        match self.ask(destination, passive, log) {
            Err(ScenarioError::Refused { error, .. }) if error.scope == Scope::Channel && error.code == NOT_FOUND => {
                self.ask(destination, Method::ChannelOpen, log)?;
                let declare = QueueDeclare { queue: to.clone(), durable: true, ..QueueDeclare::default() };
                self.ask(destination, Method::QueueDeclare(declare), log)?;
            }
            other => {
                other?;
            }
        }
        Ok(destination)
    }

    /// Passes one message on. Answers what comes meanwhile.
    fn forward(
        &mut self,
        source: ChannelId,
        destination: ChannelId,
        delivery: &Delivery,
        to: &Name,
        log: &mut Vec<LogEntry>,
    ) -> Result<Vec<Frame>, ScenarioError> {
        let publish = BasicPublish {
            routing_key: to.clone(),
            properties: Rc::new(delivery.properties().into_owned()),
            payload: delivery.message.payload.clone(),
            ..BasicPublish::default()
        };
        let (_, mut frames) = self.ask(destination, Method::BasicPublish(publish), log)?;
        let is_taken =
            frames.iter().any(|frame| matches!(frame, Frame::Ack { channel, .. } if *channel == destination));
        let delivery_tag = delivery.delivery_tag;
        let settle = if is_taken {
            Method::BasicAck { delivery_tag, multiple: false }
        } else {
            Method::BasicNack { delivery_tag, multiple: false, requeue: true }
        };
        let (_, more) = self.ask(source, settle, log)?;
        frames.extend(more);
        Ok(frames)
    }

    /// A client publishes one message, over this connection or the next of its own in turn that is open. It takes care
    /// of it as of all it publishes.
    pub(super) fn publish_from(
        &mut self,
        client: ClientId,
        index: Option<u16>,
        publish: &BasicPublish,
        cause: u64,
        log: &mut Vec<LogEntry>,
    ) {
        let Some(index) = index.or_else(|| self.next_to_publish(client)) else { return };
        let id = SessionId { client, index };
        let wishes = self.clients.get_mut(client.0 as usize).map(|client| client.publish_given(id.at(), publish));
        self.grant(id, wishes.unwrap_or_default(), cause, log);
    }

    fn next_to_publish(&mut self, client: ClientId) -> Option<u16> {
        let index = self.clients.get_mut(client.0 as usize)?.next_open()?;
        u16::try_from(index).ok()
    }

    /// An operator closes connections of a client. What the broker sends them is on their links then.
    pub(super) fn force_close(&mut self, sessions: &[SessionId], reason: &Name, cause: u64, log: &mut Vec<LogEntry>) {
        for id in sessions {
            let Some(connection) = self.session_mut(*id).map(|session| session.connection) else { continue };
            // One of several that is closed already has nothing to close.
            let _ = self.apply(Command::ConnectionForce { connection, reason: reason.clone() }, cause, log);
        }
    }

    /// Looks for an open connection of a client, where what is done to it needs one.
    pub(super) fn check_open(
        &self,
        client: ClientId,
        index: Option<u16>,
        control: &Control,
    ) -> Result<(), ScenarioError> {
        let is_open = |session: &Session| match control {
            Control::Publish(_) => session.is_open,
            Control::ForceClose { .. } => self.broker.connection(session.connection).is_some(),
            _ => true,
        };
        let sessions = self.clients.get(client.0 as usize).map_or(&[][..], |client| client.sessions());
        let wanted =
            sessions.iter().enumerate().filter(|(place, _)| index.is_none_or(|index| usize::from(index) == *place));
        let mut last = None;
        for (_, session) in wanted {
            if is_open(session) {
                return Ok(());
            }
            last = Some(session.connection);
        }
        match last {
            Some(connection) => {
                let error = ApplyError::NoConnection(connection);
                Err(ScenarioError::Impossible { place: PLACE.to_owned(), error })
            }
            None => Ok(()),
        }
    }
}

/// The code of an error about something that is not there.
const NOT_FOUND: u16 = 404;
