//! What things are called in sentences: a message by one name for its whole life, queues and exchanges with the word for
//! what they are, a client with which of its connections.

use crate::broker::event::ConsumerRef;
use crate::broker::message::{Delivery, Message};
use crate::broker::properties::Payload;
use crate::broker::{ChannelId, ConnectionId, Frame, Name, Reply};
use crate::simulation::{ClientEvent, ClientId, LogEntry, LogKind, is_operator};

use super::Teller;
use crate::view::graph::exchange_name;
use crate::view::sentence::{Sentence, excerpt, excerpt_of};

/// So many entries are looked back for a delivery.
const LOOKED_BACK: u64 = 1_000;

impl Teller<'_> {
    pub(super) fn client_name(&self, id: ClientId) -> Name {
        self.names.clients.get(&id).map(|client| client.spec.name.clone()).unwrap_or_default()
    }

    /// A client by its connection, with which of several that is.
    pub(super) fn connection(&self, id: ConnectionId) -> Sentence {
        match self.names.owner_of(id) {
            Some((client, connection)) => self.client_on(client, connection),
            None if is_operator(id) => Sentence::words("the operator"),
            None => Sentence::words("somebody"),
        }
    }

    pub(super) fn client_on(&self, id: ClientId, connection: u16) -> Sentence {
        let sentence = Sentence::of(&self.client_name(id));
        let count = self.names.clients.get(&id).map_or(1, |client| client.connections.len());
        if count > 1 { sentence.say(format!(" (connection {} of {count})", connection + 1)) } else { sentence }
    }

    pub(super) fn channel(&self, id: ChannelId) -> Sentence {
        self.connection(id.connection)
    }

    /// A consumer, by its client's name, with its tag where that is another.
    pub(super) fn consumer(&self, consumer: &ConsumerRef) -> Sentence {
        match self.names.client_of(consumer.channel.connection) {
            Some((_, client)) if client.spec.name == consumer.tag => self.channel(consumer.channel),
            Some(_) | None => self.channel(consumer.channel).say(" (consumer tag ").name(&consumer.tag).say(")"),
        }
    }

    /// What a client has under a delivery tag: the message of the last delivery to it that had this tag. Nothing if that is
    /// too long ago.
    pub(super) fn held(&self, entry: &LogEntry, connection: (ClientId, u16), delivery_tag: u64) -> Option<Sentence> {
        let earliest = entry.seq.saturating_sub(LOOKED_BACK);
        let before = (earliest..entry.seq).rev().map_while(|seq| self.entry(seq));
        before
            .filter_map(|before| delivery(before, connection))
            .find(|delivery| delivery.delivery_tag == delivery_tag)
            .map(|delivery| message(&delivery.message))
    }

    /// The same; by its tag if the delivery is too long ago.
    pub(super) fn held_or_tag(&self, entry: &LogEntry, connection: (ClientId, u16), delivery_tag: u64) -> Sentence {
        let by_tag = || Sentence::words(format!("the message with delivery tag {delivery_tag}"));
        self.held(entry, connection, delivery_tag).unwrap_or_else(by_tag)
    }
}

/// What an entry hands to a client over one of its connections.
fn delivery(entry: &LogEntry, to: (ClientId, u16)) -> Option<&Delivery> {
    match &entry.kind {
        LogKind::Client {
            client,
            connection,
            event:
                ClientEvent::Received { frame: Frame::Deliver { delivery, .. } }
                | ClientEvent::Answered { reply: Reply::Got { delivery, .. } },
        } => ((*client, *connection) == to).then_some(delivery),
        LogKind::Client { .. } | LogKind::Broker(_) | LogKind::NotDone { .. } => None,
    }
}

/// What a message is called: by the routing key that it was published with; where that is the name of a queue, or nothing, by
/// its payload, since *orders takes orders* tells nobody anything. A dead letter keeps its name.
fn called(message: &Message) -> Name {
    const CHARS_MAX: usize = 32;
    let first = message.deaths.as_ref().and_then(|deaths| {
        let (reason, queue, exchange) = &deaths.first;
        let death = deaths.entries.iter().find(|death| death.queue == *queue && death.reason == *reason)?;
        Some((exchange, death.routing_keys.first()?))
    });
    let (exchange, key) = first.unwrap_or((&message.exchange, &message.routing_keys.key));
    let is_telling = !key.is_empty() && !exchange.is_empty();
    if is_telling || message.payload.is_empty() { key.clone() } else { excerpt_of(&message.payload, CHARS_MAX) }
}

/// A message.
pub(super) fn message(of: &Message) -> Sentence {
    let name = called(of);
    if name.is_empty() { Sentence::words("an empty message") } else { Sentence::words("message ").name(&name) }
}

/// What is in a message.
pub(super) fn content(payload: &Payload) -> Sentence {
    if payload.is_empty() { Sentence::words("an empty message") } else { Sentence::of(&excerpt(payload)) }
}

/// The routing key of something that is published.
pub(super) fn with_key(key: &Name) -> Sentence {
    if key.is_empty() {
        Sentence::words(" with an empty routing key")
    } else {
        Sentence::words(" with routing key ").name(key)
    }
}

/// A queue.
pub(super) fn queue(name: &Name) -> Sentence {
    Sentence::words("queue ").name(name)
}

/// An exchange. The default one has no name of its own.
pub(super) fn exchange(name: &Name) -> Sentence {
    let which = if name.is_empty() { "the default exchange " } else { "exchange " };
    Sentence::words(which).name(&exchange_name(name))
}
