//! A message's way so far: how it was sent, where it was published, which exchanges were asked, which queues it was in.

use std::rc::Rc;

use crate::broker::binding::Destination;
use crate::broker::event::{EventKind, Routed};
use crate::broker::message::Message;
use crate::broker::{ChannelId, CopyId, Event, Frame, Method, Name, Resource};
use crate::simulation::{ClientEvent, ClientId, LogEntry, LogKind};

use super::About;
use crate::view::board::{Board, Copied};
use crate::view::explain::Teller;
use crate::view::film::Film;
use crate::view::graph::NodeId;
use crate::view::life::{Life, Where, stays};

/// One way through exchanges: that of the publish, or of a dead letter.
pub(super) struct Trip<'a> {
    /// The entry it began with: the publish, or the death.
    pub origin: u64,
    /// The queue that it died in; none for the publish.
    pub from: Option<Rc<Resource>>,
    /// The message as it was routed.
    pub message: &'a Rc<Message>,
    /// The exchanges that were asked.
    pub routed: Vec<&'a Routed>,
}

/// A stay in a queue.
pub(super) struct Visit {
    pub queue: Rc<Resource>,
    pub copy: CopyId,
    /// The entry by which the queue took it.
    pub seq: u64,
}

/// That a client sent it.
#[derive(Clone, Copy)]
pub(super) struct Sent<'a> {
    pub seq: u64,
    pub client: ClientId,
    pub method: &'a Method,
    pub arrives_ms: u64,
}

/// That it arrived at the broker.
#[derive(Clone, Copy)]
pub(super) struct Published<'a> {
    pub seq: u64,
    pub channel: ChannelId,
    pub mandatory: bool,
    pub message: &'a Rc<Message>,
}

/// All of it.
pub(super) struct Journey<'a> {
    pub film: &'a Film,
    pub board: &'a Board,
    pub cursor: usize,
    pub life: Option<&'a Life>,
    pub teller: Teller<'a>,
    /// Its entries that have happened, oldest first.
    pub entries: Vec<&'a LogEntry>,
    pub sent: Option<Sent<'a>>,
    pub published: Option<Published<'a>>,
    pub vhost: Name,
    pub trips: Vec<Trip<'a>>,
    pub visits: Vec<Visit>,
}

/// What happened in the broker, if that is where it happened.
pub(super) fn event_of(entry: &LogEntry) -> Option<&EventKind> {
    match &entry.kind {
        LogKind::Broker(Event { kind, .. }) => Some(kind),
        LogKind::Client { .. } | LogKind::NotDone { .. } => None,
    }
}

impl<'a> Journey<'a> {
    pub fn of(film: &'a Film, board: &'a Board, cursor: usize, about: About<'a>) -> Self {
        let teller = Teller::new(film, &film.history().front().board);
        let (life, entries): (_, Vec<&LogEntry>) = match about {
            About::Message(life) => {
                let places = life.moments(cursor).iter().map(|moment| moment.place);
                (Some(life), places.filter_map(|place| film.history().get(place)).collect())
            }
            About::Sent(seq) => (None, film.entry(seq).into_iter().collect()),
        };
        let mut journey = Journey {
            film,
            board,
            cursor,
            life,
            teller,
            entries: Vec::new(),
            sent: None,
            published: None,
            vhost: Name::default(),
            trips: Vec::new(),
            visits: Vec::new(),
        };
        entries.iter().for_each(|entry| journey.take(entry));
        journey.entries = entries;
        journey
    }

    fn take(&mut self, entry: &'a LogEntry) {
        let seq = entry.seq;
        if let LogKind::Client { client, event: ClientEvent::Sent { method, arrives_ms }, .. } = &entry.kind
            && matches!(method, Method::BasicPublish(_))
            && self.sent.is_none()
        {
            let vhost = self.board.clients.get(client).map(|client| client.spec.vhost.clone());
            self.vhost = vhost.unwrap_or_default();
            self.sent = Some(Sent { seq, client: *client, method, arrives_ms: *arrives_ms });
        }
        match event_of(entry) {
            Some(EventKind::Published { message, channel, vhost, mandatory }) => {
                self.vhost = vhost.clone();
                self.published = Some(Published { seq, channel: *channel, mandatory: *mandatory, message });
                self.trips.push(Trip { origin: seq, from: None, message, routed: Vec::new() });
            }
            Some(EventKind::DeadLettered { at, .. }) => {
                let from = Some(at.queue.clone());
                self.trips.push(Trip { origin: seq, from, message: &at.message, routed: Vec::new() });
            }
            Some(EventKind::Routed(routed)) => {
                if let Some(trip) = self.trips.iter_mut().find(|trip| trip.origin == entry.cause) {
                    trip.routed.push(routed);
                }
            }
            Some(EventKind::Enqueued { at, .. }) => {
                self.visits.push(Visit { queue: at.queue.clone(), copy: at.copy, seq });
            }
            _ => {}
        }
    }

    /// The message as it was last.
    pub fn message(&self) -> Option<&'a Rc<Message>> {
        self.trips.last().map(|trip| trip.message)
    }

    /// Its routing key.
    pub fn key(&self) -> Name {
        match (self.message(), self.sent) {
            (Some(message), _) => message.routing_keys.key.clone(),
            (None, Some(Sent { method: Method::BasicPublish(publish), .. })) => publish.routing_key.clone(),
            _ => Name::default(),
        }
    }

    /// What was where before an entry.
    pub fn before(&self, seq: u64) -> Board {
        let place = usize::try_from(seq).unwrap_or(usize::MAX).saturating_sub(1);
        self.film.history().at(place).board
    }

    /// The entries that happened after one, up to the moment.
    pub fn after(&self, seq: u64) -> impl Iterator<Item = &'a LogEntry> {
        let from = usize::try_from(seq).unwrap_or(usize::MAX);
        let entries = self.film.history().from(from.max(self.film.history().first()));
        entries.take(self.cursor.saturating_sub(from))
    }

    /// The entries that happened before one, the latest first.
    pub fn back_from(&self, seq: u64) -> impl Iterator<Item = &'a LogEntry> {
        let history = self.film.history();
        let to = usize::try_from(seq).unwrap_or(usize::MAX).saturating_sub(1).min(self.cursor);
        (history.first()..to).rev().filter_map(move |place| history.get(place))
    }

    /// Its entries about one copy, the latest first.
    pub fn of_copy(&self, copy: CopyId) -> impl Iterator<Item = (&'a LogEntry, &'a EventKind)> {
        let events = self.entries.iter().rev().filter_map(|entry| Some((*entry, event_of(entry)?)));
        events.filter(move |(_, event)| copy_of(event) == Some(copy))
    }

    /// The copy in a queue, if one is there.
    pub fn copy_in(&self, queue: &Rc<Resource>) -> Option<(&'a Copied, Where)> {
        let id = self.life?.id();
        let state = self.board.queues.get(queue)?;
        if let Some(place) = state.ready.position(|copied| copied.message.id == id) {
            return Some((state.ready.get(place)?, Where::Ready(queue.clone(), place)));
        }
        if let Some(place) = state.unacked.position(|lent| lent.copied.message.id == id) {
            let lent = state.unacked.get(place)?;
            return Some((&lent.copied, Where::Unacked(queue.clone(), place, lent.channel)));
        }
        let place = state.waiting.position(|copied| copied.message.id == id)?;
        Some((state.waiting.get(place)?, Where::Waiting(queue.clone())))
    }

    /// Whether it is there.
    pub fn is_at(&self, node: &NodeId) -> bool {
        match node {
            NodeId::Queue(queue) => self.copy_in(queue).is_some(),
            NodeId::Exchange(exchange) => {
                let stays = self.life.map(|life| stays(life, self.film.history(), self.board, self.cursor));
                stays.into_iter().flatten().any(|stay| matches!(&stay.at, Where::Exchange(at) if at == exchange))
            }
            NodeId::Client(id) => self.is_held_by(*id) || self.returned_to(*id).is_some(),
        }
    }

    fn is_held_by(&self, id: ClientId) -> bool {
        let Some(life) = self.life else { return false };
        let client = self.board.clients.get(&id);
        client.is_some_and(|client| client.held.iter().any(|held| held.message.id == life.id()))
    }

    /// The entry by which it came back to its publisher.
    pub fn returned_to(&self, id: ClientId) -> Option<&'a LogEntry> {
        self.entries.iter().copied().find(|entry| {
            matches!(&entry.kind, LogKind::Client { client, event: ClientEvent::Received { frame: Frame::Return { .. } }, .. }
                if *client == id)
        })
    }

    /// Whether a channel is that of a client.
    pub fn is_of(&self, channel: ChannelId, id: ClientId) -> bool {
        self.board.owner_of(channel.connection).is_some_and(|(owner, _)| owner == id)
    }
}

/// The copy that an event is about.
pub(super) fn copy_of(event: &EventKind) -> Option<CopyId> {
    match event {
        EventKind::Enqueued { at, .. }
        | EventKind::Delivered { at, .. }
        | EventKind::Got { at, .. }
        | EventKind::Waits { at, .. }
        | EventKind::Acked { at, .. }
        | EventKind::Requeued { at, .. }
        | EventKind::Delayed { at, .. }
        | EventKind::DelayEnded { at, .. }
        | EventKind::Dropped { at, .. }
        | EventKind::DeadLettered { at, .. }
        | EventKind::DeadLetterHeld { at, .. } => Some(at.copy),
        _ => None,
    }
}

impl Trip<'_> {
    /// Whether a binding to there matched.
    pub fn matched(&self, target: &Destination) -> bool {
        self.hits(target).next().is_some()
    }

    /// The bindings to there that matched.
    pub fn hits<'t>(&'t self, target: &'t Destination) -> impl Iterator<Item = &'t crate::broker::event::Tried> {
        let tried = self.routed.iter().flat_map(|routed| &routed.tried);
        tried.filter(move |tried| tried.binding.destination == *target && super::routing::is_match(&tried.verdict))
    }

    /// Whether an exchange was asked.
    pub fn asked(&self, exchange: &Name) -> bool {
        self.routed.iter().any(|routed| routed.exchange.name == *exchange)
    }
}
