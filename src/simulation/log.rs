//! The world's one log: what the broker did, what its clients did, and what caused what.
//!
//! Numbers are ascending without gaps, from 1. A cause always has a smaller number than its effect.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::broker::{AmqpError, ApplyError, ConnectionId, Event, Frame, HttpError, Method, Name, Reply};

use super::confirms::Setback;
use super::scenario::{ClientSpec, ScenarioError};
use super::script::{Control, Deed};

/// One thing that happened in the world: the unit of *next* and *back*.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// From 1, without gaps.
    pub seq: u64,
    /// Virtual milliseconds.
    pub at_ms: u64,
    /// The number of the entry this one follows from; 0 where the scenario itself is the cause.
    ///
    /// For what arrives over a link it is the entry that put it there.
    pub cause: u64,
    /// What.
    pub kind: LogKind,
}

/// Where it happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogKind {
    /// In the broker.
    Broker(Event),
    /// At a client.
    Client {
        /// Which.
        client: ClientId,
        /// On which of its connections, from 0; 0 also where it is about the client as a whole. Delivery tags and
        /// publish numbers are per connection.
        #[serde(default, skip_serializing_if = "is_first")]
        connection: u16,
        /// What.
        event: ClientEvent,
    },
    /// Nowhere: an action was tried, and the broker refused it. What it did so far stands before.
    NotDone {
        /// The action.
        deed: Box<Deed>,
        /// RabbitMQ's reason.
        why: Refusal,
    },
}

fn is_first(connection: &u16) -> bool {
    *connection == 0
}

/// Why an action was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The broker refused a method.
    #[error("{0}")]
    Amqp(AmqpError),
    /// The management refused.
    #[error("{0}")]
    Http(HttpError),
    /// No broker would get to see it.
    #[error("{0}")]
    Impossible(ApplyError),
}

impl Refusal {
    /// The refusal in an error, if that is what it is.
    pub(super) fn of(error: &ScenarioError) -> Option<Self> {
        match error {
            ScenarioError::Refused { error, .. } => Some(Refusal::Amqp(error.clone())),
            ScenarioError::NotManaged { error, .. } => Some(Refusal::Http(error.clone())),
            ScenarioError::Impossible { error, .. } => Some(Refusal::Impossible(error.clone())),
            ScenarioError::NameTaken { .. } | ScenarioError::Unexpected { .. } | ScenarioError::Repeated { .. } => None,
        }
    }
}

/// What goes over a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parcel {
    /// What a client sent.
    Method(Method),
    /// What the broker sent of its own accord.
    Frame(Frame),
    /// The broker's answer to a method.
    Reply(Reply),
}

/// A client: its place in the scenario, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ClientId(pub u32);

/// What happened at a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientEvent {
    /// It is there, connected.
    Joined {
        /// What it is.
        spec: Rc<ClientSpec>,
        /// Its connection. Further ones have the ids after it.
        connection: ConnectionId,
    },
    /// It goes on as another one, over the connections it has.
    Changed {
        /// What it is now.
        spec: Rc<ClientSpec>,
    },
    /// It left for good: it closes its connections.
    Left,
    /// It put a method on its link.
    Sent {
        /// The method.
        method: Method,
        /// When it will be at the broker.
        arrives_ms: u64,
    },
    /// Something the broker sent of its own accord is here.
    Received {
        /// What.
        frame: Frame,
    },
    /// The broker's answer to a method is here.
    Answered {
        /// The answer.
        reply: Reply,
    },
    /// It began to work on a message.
    WorkStarted {
        /// The delivery.
        delivery_tag: u64,
        /// When it will be done.
        until_ms: u64,
    },
    /// It is done with a message.
    WorkDone {
        /// The delivery.
        delivery_tag: u64,
    },
    /// It leaves a message alone that it has dealt with before, as its id says.
    Skipped {
        /// The delivery.
        delivery_tag: u64,
        /// The message's id.
        message_id: Name,
    },
    /// It crashed: its connection broke.
    ///
    /// With all its other connections.
    Crashed,
    /// Somebody did something to it or its link.
    Controlled {
        /// What.
        control: Control,
        /// To which of its connections, from 0; none is the whole client.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        connection: Option<u16>,
    },
    /// It started again, or one of its connections did.
    Restarted {
        /// Its new connection.
        connection: ConnectionId,
    },
    /// A producer wrote down that a message was refused or returned.
    Logged {
        /// What befell the message.
        setback: Setback,
    },
    /// A producer will publish a message again.
    RetryPlanned {
        /// What befell the message.
        setback: Setback,
        /// Which retry of the message, from 1.
        retry: u32,
        /// When.
        at_ms: u64,
    },
    /// A producer will not publish a message again.
    GaveUp {
        /// What befell the message.
        setback: Setback,
        /// How often it has retried.
        retries: u32,
    },
    /// Something was on its link when that was cut, or came later, and is lost.
    LostOnLink {
        /// What.
        what: Parcel,
    },
    /// Nothing came over its link for as long as the heartbeats allow: it takes the connection as lost.
    HeartbeatMissed,
    /// An RPC client has the answer to a request.
    RpcAnswered {
        /// The request.
        correlation_id: Name,
        /// How long it took, milliseconds.
        after_ms: u64,
    },
    /// An RPC client waits no longer for the answer to a request.
    RpcTimedOut {
        /// The request.
        correlation_id: Name,
        /// How long it has waited, milliseconds.
        after_ms: u64,
    },
    /// An RPC client got an answer to no request that it waits for.
    RpcUnknown {
        /// What the answer says.
        correlation_id: Option<Name>,
    },
    /// An RPC server cannot answer a request: it does not say where to.
    NoReplyTo {
        /// The delivery.
        delivery_tag: u64,
    },
    /// What it had sent came to a channel that was closed meanwhile, and was ignored.
    Ignored {
        /// The method.
        method: Method,
    },
    /// What it had sent is nothing a broker would get to see.
    NotSent {
        /// Why.
        error: ApplyError,
    },
}
