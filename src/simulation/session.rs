//! One connection of a client, with its one channel: what is on its link, what it has got, what it waits for.

use crate::broker::{ApplyError, ChannelId, ConnectionId, Method, Name};

use super::Action;
use super::confirms::{Care, Confirms, Kept};
use super::consumer::Desk;
use super::link::Link;
use super::log::ClientId;

/// A connection of a client: its client, and its place among the client's connections, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SessionId {
    pub client: ClientId,
    pub index: u16,
}

impl SessionId {
    pub fn new(client: ClientId, index: usize) -> Self {
        SessionId { client, index: u16::try_from(index).unwrap_or(u16::MAX) }
    }

    /// Its place among the client's connections.
    pub fn at(self) -> usize {
        usize::from(self.index)
    }
}

/// A connection of a client, over all its lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The connection. It has another id after each start.
    pub connection: ConnectionId,
    /// Whether its channel is open, as far as the client knows.
    pub is_open: bool,
    pub(super) link: Link,
    /// What has arrived over a held link, with the life it was for.
    pub(super) held: Vec<(u32, Action)>,
    /// Counts its starts: what was meant for an earlier life is not for this one.
    pub(super) life: u32,
    /// It broke because the broker ended.
    pub(super) misses_broker: bool,
    /// What a consumer has got over it.
    pub(super) desk: Desk,
    /// What was published over it.
    pub(super) confirms: Confirms,
    /// The queue that was declared last over it, as the broker named it.
    pub(super) declared: Option<Name>,
}

impl Session {
    pub(super) fn new(connection: ConnectionId, latency_ms: u64) -> Self {
        Session {
            connection,
            is_open: true,
            link: Link::new(latency_ms),
            held: Vec::new(),
            life: 0,
            misses_broker: false,
            desk: Desk::default(),
            confirms: Confirms::default(),
            declared: None,
        }
    }

    /// Its one channel.
    pub fn channel(&self) -> ChannelId {
        ChannelId { connection: self.connection, number: 1 }
    }

    /// The method that publishes a message, which is kept in mind from now on.
    ///
    /// # Errors
    ///
    /// Why no client library would send it. Then it does not count as a publish of the channel.
    pub(super) fn publish(&mut self, care: &Care, kept: Kept) -> Result<Method, ApplyError> {
        let method = Method::BasicPublish(kept.publish.clone());
        method.check_sizes()?;
        self.confirms.keep(care, kept);
        Ok(method)
    }

    /// Its channel is gone.
    pub(super) fn close(&mut self, care: &Care) {
        self.is_open = false;
        self.confirms.close(care);
        self.desk.forget();
    }

    /// A new life, over a new connection and a link on which nothing is under way.
    pub(super) fn start_again(&mut self, connection: ConnectionId) {
        self.connection = connection;
        self.is_open = true;
        self.misses_broker = false;
        self.life = self.life.saturating_add(1);
        self.link = Link::new(self.link.latency_ms());
        self.declared = None;
    }
}
