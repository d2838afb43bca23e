//! The world's one log: what the broker did, what its clients did, and what caused what.
//!
//! Numbers are ascending without gaps, from 1. A cause always has a smaller number than its effect.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::broker::{ApplyError, ConnectionId, Event, Frame, Method, Name, Reply};

use super::producer::Setback;
use super::scenario::ClientSpec;
use super::script::Control;

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
        /// What.
        event: ClientEvent,
    },
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
        /// Its connection.
        connection: ConnectionId,
    },
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
    Crashed,
    /// Somebody did something to it or its link.
    Controlled {
        /// What.
        control: Control,
    },
    /// It started again.
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
