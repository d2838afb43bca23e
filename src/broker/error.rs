//! Refusals: what RabbitMQ answers with a reply code, and what no broker would see at all.
//!
//! Texts are RabbitMQ's own, to the byte. A new rule's text belongs where the rule is; here is only their form.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::name::{ChannelId, ConnectionId, Name};

/// What an AMQP error closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The channel of the failing method.
    Channel,
    /// The whole connection.
    Connection,
}

/// A reply code that closes a channel or a connection, with its full text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{code} {text}")]
pub struct AmqpError {
    /// What it closes.
    pub scope: Scope,
    /// AMQP reply code, 311 to 541.
    pub code: u16,
    /// The reply text: `NAME - explanation`, at most 255 bytes.
    pub text: String,
}

/// Most bytes of a reply text. Longer ones are cut and end in three dots.
/// Source: `rabbit_common/src/rabbit_binary_generator.erl map_exception/3`.
const MAX_TEXT_BYTES: usize = 255;

impl AmqpError {
    fn new(scope: Scope, code: u16, name: &str, explanation: impl fmt::Display) -> Self {
        let mut text = format!("{name} - {explanation}");
        if text.len() > MAX_TEXT_BYTES {
            let mut end = MAX_TEXT_BYTES - 3;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text.truncate(end);
            text.push_str("...");
        }
        AmqpError { scope, code, text }
    }

    /// 403, closes the channel.
    pub(crate) fn access_refused(explanation: impl fmt::Display) -> Self {
        Self::new(Scope::Channel, 403, "ACCESS_REFUSED", explanation)
    }

    /// 403 during login, closes the connection.
    pub(crate) fn login_refused(explanation: impl fmt::Display) -> Self {
        Self::new(Scope::Connection, 403, "ACCESS_REFUSED", explanation)
    }

    /// 404, closes the channel.
    pub(crate) fn not_found(explanation: impl fmt::Display) -> Self {
        Self::new(Scope::Channel, 404, "NOT_FOUND", explanation)
    }

    /// 404 for an exchange.
    pub(crate) fn no_exchange(name: &str, vhost: &str) -> Self {
        Self::not_found(format_args!("no exchange '{name}' in vhost '{vhost}'"))
    }

    /// 404 for a queue.
    pub(crate) fn no_queue(name: &str, vhost: &str) -> Self {
        Self::not_found(format_args!("no queue '{name}' in vhost '{vhost}'"))
    }

    /// 405, closes the channel.
    pub(crate) fn resource_locked(explanation: impl fmt::Display) -> Self {
        Self::new(Scope::Channel, 405, "RESOURCE_LOCKED", explanation)
    }

    /// 406, closes the channel.
    pub(crate) fn precondition_failed(explanation: impl fmt::Display) -> Self {
        Self::new(Scope::Channel, 406, "PRECONDITION_FAILED", explanation)
    }

    /// 320, closes the connection: an operator or the node itself ends it.
    pub(crate) fn connection_forced(explanation: impl fmt::Display) -> Self {
        Self::new(Scope::Connection, 320, "CONNECTION_FORCED", explanation)
    }

    /// 504, closes the connection.
    pub(crate) fn channel_error(explanation: impl fmt::Display) -> Self {
        Self::new(Scope::Connection, 504, "CHANNEL_ERROR", explanation)
    }

    /// 530, closes the connection.
    pub(crate) fn not_allowed(explanation: impl fmt::Display) -> Self {
        Self::new(Scope::Connection, 530, "NOT_ALLOWED", explanation)
    }

    /// 540, closes the connection.
    pub(crate) fn not_implemented(explanation: impl fmt::Display) -> Self {
        Self::new(Scope::Connection, 540, "NOT_IMPLEMENTED", explanation)
    }

    /// 541 with a reason, closes the connection.
    pub(crate) fn internal_error(explanation: impl fmt::Display) -> Self {
        Self::new(Scope::Connection, 541, "INTERNAL_ERROR", explanation)
    }

    /// 541 as a crash gives it: the bare name.
    pub(crate) fn crash() -> Self {
        AmqpError { scope: Scope::Connection, code: 541, text: "INTERNAL_ERROR".into() }
    }
}

/// A refusal of the management HTTP API, through which policies, virtual hosts and users are set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{status} {reason}")]
pub struct HttpError {
    /// HTTP status.
    pub status: u16,
    /// The `reason` of the answer.
    pub reason: String,
}

impl HttpError {
    /// 400, from the validation of a policy or parameter.
    pub(crate) fn validation(text: impl fmt::Display) -> Self {
        HttpError { status: 400, reason: format!("Validation failed\n\n{text}\n") }
    }

    /// 400 with the bare reason.
    pub(crate) fn bad_request(text: impl fmt::Display) -> Self {
        HttpError { status: 400, reason: text.to_string() }
    }

    /// 404.
    pub(crate) fn not_found() -> Self {
        HttpError { status: 404, reason: "Not Found".into() }
    }
}

/// A command that no broker would get to see: the caller broke the contract of [`Broker::apply`](super::Broker::apply).
/// Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum ApplyError {
    /// The moment lies before that of an earlier command.
    #[error("time cannot go back: it is {now_ms} ms already, the command says {at_ms} ms")]
    TimeWentBack {
        /// The broker's time.
        now_ms: u64,
        /// The command's.
        at_ms: u64,
    },
    /// A timer is due before the moment of the command and has to be fired first.
    #[error("a timer is due at {due_ms} ms, before the command at {at_ms} ms")]
    TimerDue {
        /// When the timer is due.
        due_ms: u64,
        /// The command's moment.
        at_ms: u64,
    },
    /// `Command::Timer` with nothing due.
    #[error("no timer is due")]
    NoTimerDue,
    /// No such connection.
    #[error("connection {0} is not open")]
    NoConnection(ConnectionId),
    /// The id is that of an open connection.
    #[error("connection {0} is open already")]
    ConnectionInUse(ConnectionId),
    /// Channel number 0 is the connection itself.
    #[error("channel {0}: numbers start at 1")]
    ChannelZero(ChannelId),
    /// A name that AMQP's short string cannot carry.
    #[error("{what} has {bytes} bytes, AMQP carries at most 255")]
    TooLong {
        /// Which field.
        what: Name,
        /// Its length.
        bytes: usize,
    },
    /// Tables nested deeper than a frame could be.
    #[error("{what} is nested more than {limit} deep")]
    TooDeep {
        /// Which field.
        what: Name,
        /// The deepest that is taken.
        limit: usize,
    },
    /// The node is down.
    #[error("the broker is stopped")]
    Stopped,
    /// `Start` of a running node.
    #[error("the broker is running already")]
    Running,
}
