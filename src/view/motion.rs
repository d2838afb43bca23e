//! What moves on account of one entry of the log, along which way, and how long that should be seen.
//!
//! A motion ends with its entry: a message is on its way while the entry that says it arrived is still to come. The
//! one exception is what falls out of a queue, which it does after the entry that says so.

use std::rc::Rc;

use crate::broker::binding::Destination;
use crate::broker::event::{CopyRef, EventKind, Routed, Verdict};
use crate::broker::message::{Delivery, Message};
use crate::broker::{CopyId, Event, Frame, Method, Name, Reply, Resource};
use crate::history::History;
use crate::simulation::{ClientEvent, ClientId, LogEntry, LogKind, is_operator};

use super::board::{Board, QueueState};
use super::graph::NodeId;
use super::scene::Scene;

/// Something on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Motion {
    /// What it looks like.
    pub token: Token,
    /// Its way.
    pub route: Route,
    /// The number of the entry at which it sets out.
    pub after: u64,
    /// The moment it sets out, in the film's time.
    pub from_ms: u64,
    /// The moment it is there.
    pub to_ms: u64,
}

/// A way.
#[derive(Clone, Debug, PartialEq)]
pub enum Route {
    /// Along the edges from one stop to the next.
    Along(Vec<Stop>),
    /// Out of the picture.
    Fall(Stop),
    /// Nowhere: work that goes on at a client.
    Work(NodeId),
}

/// A place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// A node.
    Node(NodeId),
    /// A place in a queue's row, from the head.
    Slot(NodeId, usize),
    /// An operator's hand at a node.
    Hand(NodeId),
}

impl Stop {
    /// The node.
    pub fn node(&self) -> &NodeId {
        match self {
            Stop::Node(node) | Stop::Slot(node, _) | Stop::Hand(node) => node,
        }
    }
}

/// What something on its way looks like.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// Its kind.
    pub kind: TokenKind,
    /// The message it is or is about.
    pub message: Rc<Message>,
    /// One of the eight colours.
    pub colour: usize,
}

/// Kinds of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A message.
    Message,
    /// A message that was delivered before.
    Redelivered,
    /// A message that died in a queue, on its way by the dead letter exchange.
    DeadLetter,
    /// A message that goes back to its publisher.
    Returned,
    /// A consumer's acknowledgement.
    Ack,
    /// A negative one: nack, reject, recover.
    Nack,
    /// A publisher confirm.
    Confirm,
    /// A publish that was refused.
    Refusal,
}

/// The letter on a token: the first of the last word of its routing key.
pub fn letter(message: &Message) -> char {
    let last = message.routing_keys.key.rsplit('.').find(|word| !word.is_empty());
    last.and_then(|word| word.chars().next()).unwrap_or('\u{2022}')
}

/// How an entry is shown: how long after what, and what moves meanwhile.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Staging {
    /// Not sooner than so long after the entry before it.
    pub after_last_ms: u64,
    /// The entry at which the motion sets out, and how long it should last at least.
    pub since: Option<(u64, u64)>,
    /// What moves.
    pub moving: Option<(Token, Route)>,
    /// It moves after the entry, for so long, not before.
    pub tail_ms: Option<u64>,
    /// The place in its queue's row of what this entry is about.
    pub slot: Option<usize>,
}

impl Staging {
    fn pause(after_last_ms: u64) -> Self {
        Staging { after_last_ms, ..Staging::default() }
    }
}

const HOP_MS: u64 = 350;
const MIN_FLIGHT_MS: u64 = 300;
const REST_MS: u64 = 250;
const BEAT_MS: u64 = 80;
const FALL_MS: u64 = 600;

/// What is known when an entry is staged: the log so far, and the slots of its entries.
pub(super) struct Stage<'a> {
    /// The log before the entry.
    pub history: &'a History<Scene>,
    /// Places that earlier entries were about.
    pub slot_of: &'a dyn Fn(u64) -> Option<usize>,
}

impl Stage<'_> {
    fn board(&self) -> &Board {
        &self.history.front().board
    }

    fn entry(&self, seq: u64) -> Option<&LogEntry> {
        self.history.get(usize::try_from(seq.checked_sub(1)?).ok()?)
    }

    fn token(&self, kind: TokenKind, message: &Rc<Message>) -> Token {
        let colour = self.board().colour(&message.routing_keys.key);
        Token { kind, message: message.clone(), colour }
    }

    /// How an entry is shown.
    pub fn stage(&self, entry: &LogEntry) -> Staging {
        match &entry.kind {
            LogKind::Client { client, connection, event } => self.stage_client(entry, *client, *connection, event),
            LogKind::NotDone { .. } => Staging::default(),
            LogKind::Broker(event) => self.stage_broker(entry, event),
        }
    }

    fn stage_client(&self, entry: &LogEntry, id: ClientId, connection: u16, event: &ClientEvent) -> Staging {
        let client = NodeId::Client(id);
        match event {
            ClientEvent::Received { frame } => self.stage_received(entry, id, frame),
            ClientEvent::Answered { reply: Reply::Got { delivery, .. } } => self.stage_delivery(entry, id, delivery),
            ClientEvent::WorkDone { delivery_tag } => {
                let held = self.board().clients.get(&id).map(|client| &client.held);
                let held = held.and_then(|held| held.iter().find(|held| held.is(connection, *delivery_tag)));
                let token = held.map(|held| self.token(TokenKind::Message, &held.message));
                let moving = token.map(|token| (token, Route::Work(client)));
                Staging { since: Some((entry.cause, BEAT_MS)), moving, ..Staging::default() }
            }
            ClientEvent::Joined { .. }
            | ClientEvent::Left
            | ClientEvent::Changed { .. }
            | ClientEvent::Sent { .. }
            | ClientEvent::Answered { .. }
            | ClientEvent::WorkStarted { .. }
            | ClientEvent::Skipped { .. }
            | ClientEvent::Crashed
            | ClientEvent::Controlled { .. }
            | ClientEvent::Restarted { .. }
            | ClientEvent::Logged { .. }
            | ClientEvent::RetryPlanned { .. }
            | ClientEvent::GaveUp { .. }
            | ClientEvent::Ignored { .. }
            | ClientEvent::LostOnLink { .. }
            | ClientEvent::HeartbeatMissed
            | ClientEvent::RpcAnswered { .. }
            | ClientEvent::RpcTimedOut { .. }
            | ClientEvent::RpcUnknown { .. }
            | ClientEvent::NoReplyTo { .. }
            | ClientEvent::NotSent { .. } => Staging::default(),
        }
    }

    fn stage_received(&self, entry: &LogEntry, id: ClientId, frame: &Frame) -> Staging {
        let client = NodeId::Client(id);
        let (token, origin) = match frame {
            Frame::Deliver { delivery, .. } => return self.stage_delivery(entry, id, delivery),
            Frame::Return { .. } => {
                let message = self.message_of(entry.cause);
                (message.map(|message| self.token(TokenKind::Returned, &message)), self.exchange_of(id))
            }
            Frame::Ack { .. } | Frame::Nack { .. } => {
                let kind = if matches!(frame, Frame::Ack { .. }) { TokenKind::Confirm } else { TokenKind::Refusal };
                let message = self.message_of(self.entry(entry.cause).map_or(0, |confirmed| confirmed.cause));
                (message.map(|message| self.token(kind, &message)), self.exchange_of(id))
            }
            Frame::Cancel { .. } | Frame::ChannelClosed { .. } | Frame::ConnectionClosed { .. } => (None, None),
        };
        let route = origin.map(|origin| Route::Along(vec![origin, Stop::Node(client)]));
        let moving = token.zip(route);
        Staging { since: Some((entry.cause, MIN_FLIGHT_MS)), moving, ..Staging::default() }
    }

    fn stage_delivery(&self, entry: &LogEntry, id: ClientId, delivery: &Delivery) -> Staging {
        let kind = if delivery.redelivered { TokenKind::Redelivered } else { whole(&delivery.message) };
        let token = self.token(kind, &delivery.message);
        let route = self.delivered_from(entry.cause);
        let route = route.map(|origin| Route::Along(vec![origin, Stop::Node(NodeId::Client(id))]));
        let moving = route.map(|route| (token, route));
        Staging { since: Some((entry.cause, MIN_FLIGHT_MS)), moving, ..Staging::default() }
    }

    fn delivered_from(&self, seq: u64) -> Option<Stop> {
        let LogKind::Broker(Event { kind, .. }) = &self.entry(seq)?.kind else { return None };
        match kind {
            EventKind::Delivered { at, .. } | EventKind::Got { at, .. } => {
                Some(Stop::Slot(NodeId::Queue(at.queue.clone()), (self.slot_of)(seq).unwrap_or_default()))
            }
            // Direct replies pass through the default exchange and no queue.
            EventKind::DirectReply { message, .. } => Some(Stop::Node(self.exchange_of_reply(seq, message)?)),
            _ => None,
        }
    }

    /// The exchange that a direct reply was published to.
    fn exchange_of_reply(&self, seq: u64, message: &Message) -> Option<NodeId> {
        let published = self.entry(self.entry(seq)?.cause)?;
        let vhost = match &published.kind {
            LogKind::Broker(Event { kind: EventKind::Published { vhost, .. }, .. }) => vhost.clone(),
            _ => self.vhost_of(published.cause),
        };
        Some(NodeId::exchange(&vhost, &message.exchange))
    }

    fn exchange_of(&self, id: ClientId) -> Option<Stop> {
        let spec = &self.board().clients.get(&id)?.spec;
        Some(Stop::Node(NodeId::exchange(&spec.vhost, &spec.role.exchange()?)))
    }

    fn message_of(&self, seq: u64) -> Option<Rc<Message>> {
        let LogKind::Broker(event) = &self.entry(seq)?.kind else { return None };
        match &event.kind {
            EventKind::Unroutable { message, .. } | EventKind::Published { message, .. } => Some(message.clone()),
            _ => None,
        }
    }

    fn stage_broker(&self, entry: &LogEntry, event: &Event) -> Staging {
        match &event.kind {
            EventKind::Published { message, vhost, channel, .. } => {
                let exchange = NodeId::exchange(vhost, &message.exchange);
                let to = Stop::Node(exchange.clone());
                let token = self.token(TokenKind::Message, message);
                if is_operator(channel.connection) {
                    let moving = Some((token, Route::Along(vec![Stop::Hand(exchange), to])));
                    return Staging {
                        since: Some((entry.seq.saturating_sub(1), MIN_FLIGHT_MS)),
                        moving,
                        ..Staging::default()
                    };
                }
                let from = self.board().client_of(channel.connection).map(|(id, _)| Stop::Node(NodeId::Client(id)));
                let moving = from.map(|from| (token, Route::Along(vec![from, to])));
                Staging { since: Some((entry.cause, MIN_FLIGHT_MS)), moving, ..Staging::default() }
            }
            EventKind::Routed(routed) => self.stage_routed(entry, routed),
            EventKind::Enqueued { at, position } => self.stage_enqueued(entry, at, *position),
            EventKind::Refused { queue, message, .. } => {
                let route = Route::Fall(Stop::Node(NodeId::Queue(queue.clone())));
                let moving = Some((self.token(TokenKind::Message, message), route));
                Staging { moving, tail_ms: Some(FALL_MS), ..Staging::pause(REST_MS) }
            }
            EventKind::Unroutable { message, returned: false } => {
                let exchange = NodeId::exchange(&self.vhost_of(entry.cause), &message.exchange);
                let route = Route::Fall(Stop::Node(exchange));
                let moving = Some((self.token(TokenKind::Message, message), route));
                Staging { since: Some((entry.seq.saturating_sub(1), FALL_MS)), moving, ..Staging::default() }
            }
            EventKind::Got { at, channel, .. } if is_operator(channel.connection) => self.stage_got(at),
            EventKind::DeadLetterLost { message, .. } => {
                let Some(vhost) = self.vhost_of_dead_letter(entry.cause) else { return Staging::pause(REST_MS) };
                let route = Route::Fall(Stop::Node(NodeId::exchange(&vhost, &message.exchange)));
                let moving = Some((self.token(TokenKind::DeadLetter, message), route));
                Staging { since: Some((entry.seq.saturating_sub(1), FALL_MS)), moving, ..Staging::default() }
            }
            EventKind::Delivered { at, .. } | EventKind::Got { at, .. } => {
                let slot = self.board().queues.get(&at.queue).map(|queue| queue.unacked.len());
                Staging { slot, ..Staging::pause(REST_MS) }
            }
            EventKind::Acked { at, .. } => self.stage_settled(entry, at, TokenKind::Ack),
            EventKind::Requeued { at, .. } | EventKind::Delayed { at, .. } => {
                self.stage_settled(entry, at, TokenKind::Nack)
            }
            EventKind::Dropped { at, .. } => {
                let queue = NodeId::Queue(at.queue.clone());
                let slot = self.place(&at.queue, at.copy).unwrap_or_default();
                let moving = Some((self.token(TokenKind::Message, &at.message), Route::Fall(Stop::Slot(queue, slot))));
                Staging { moving, tail_ms: Some(FALL_MS), ..Staging::pause(BEAT_MS) }
            }
            EventKind::DeadLettered { at, .. } => {
                Staging { slot: self.place(&at.queue, at.copy), ..Staging::pause(REST_MS) }
            }
            EventKind::Unroutable { returned: true, .. } => Staging::pause(REST_MS),
            // What has no way to go: changes of the topology, of channels, of policies.
            _ => Staging::default(),
        }
    }

    fn vhost_of(&self, seq: u64) -> Name {
        let published = self.entry(seq).and_then(|entry| match &entry.kind {
            LogKind::Broker(Event { kind: EventKind::Published { vhost, .. }, .. }) => Some(vhost.clone()),
            _ => None,
        });
        published.unwrap_or_else(|| "/".into())
    }

    fn vhost_of_dead_letter(&self, seq: u64) -> Option<Name> {
        match &self.entry(seq)?.kind {
            LogKind::Broker(Event { kind: EventKind::DeadLettered { at, .. }, .. }) => Some(at.queue.vhost.clone()),
            _ => None,
        }
    }

    /// The place of a copy in its queue's row.
    fn place(&self, queue: &Rc<Resource>, copy: CopyId) -> Option<usize> {
        let queue: &QueueState = self.board().queues.get(queue)?;
        let lent = queue.unacked.iter().map(|lent| lent.copied.copy);
        lent.chain(queue.ready.iter().map(|copied| copied.copy)).position(|other| other == copy)
    }

    /// From exchange to exchange, or from a queue to its dead letter exchange.
    fn stage_routed(&self, entry: &LogEntry, routed: &Routed) -> Staging {
        let to = Stop::Node(NodeId::Exchange(routed.exchange.clone()));
        let token = || self.token(whole(&routed.message), &routed.message);
        let cause = self.entry(entry.cause).map(|cause| &cause.kind);
        if let Some((seq, from)) = self.passed_on(entry, &Destination::Exchange(routed.exchange.name.clone())) {
            let moving = Some((token(), Route::Along(vec![Stop::Node(from), to])));
            return Staging { since: Some((seq, HOP_MS)), moving, ..Staging::default() };
        }
        if let Some(LogKind::Broker(Event { kind: EventKind::DeadLettered { at, .. }, .. })) = cause {
            let slot = (self.slot_of)(entry.cause).unwrap_or_default();
            let from = Stop::Slot(NodeId::Queue(at.queue.clone()), slot);
            let moving = Some((token(), Route::Along(vec![from, to])));
            return Staging { since: Some((entry.cause, HOP_MS)), moving, ..Staging::default() };
        }
        Staging::pause(REST_MS)
    }

    fn stage_enqueued(&self, entry: &LogEntry, at: &CopyRef, position: u64) -> Staging {
        let Some(queue) = self.board().queues.get(&at.queue) else { return Staging::pause(BEAT_MS) };
        let slot = queue.unacked.len() + usize::try_from(position).unwrap_or_default();
        let Some((seq, from)) = self.passed_on(entry, &Destination::Queue(at.queue.name.clone())) else {
            return Staging { slot: Some(slot), ..Staging::pause(BEAT_MS) };
        };
        let to = Stop::Slot(NodeId::Queue(at.queue.clone()), slot);
        let moving = Some((self.token(whole(&at.message), &at.message), Route::Along(vec![Stop::Node(from), to])));
        Staging { after_last_ms: BEAT_MS, since: Some((seq, HOP_MS)), moving, tail_ms: None, slot: Some(slot) }
    }

    /// Which routing of the same message led here: the number of its entry, and the exchange.
    fn passed_on(&self, entry: &LogEntry, to: &Destination) -> Option<(u64, NodeId)> {
        let mut seq = entry.seq;
        while let Some(earlier) = seq.checked_sub(1).and_then(|seq| self.entry(seq)) {
            seq = earlier.seq;
            if seq <= entry.cause || earlier.at_ms != entry.at_ms {
                return None;
            }
            let LogKind::Broker(Event { kind: EventKind::Routed(routed), .. }) = &earlier.kind else { continue };
            if leads_to(routed, to) {
                return Some((seq, NodeId::Exchange(routed.exchange.clone())));
            }
        }
        None
    }

    /// What is got by hand goes there after it was given.
    fn stage_got(&self, at: &CopyRef) -> Staging {
        let queue = self.board().queues.get(&at.queue);
        let place = self.place(&at.queue, at.copy).unwrap_or_default();
        let is_again = queue.is_some_and(|queue| queue.ready.iter().any(|it| it.copy == at.copy && it.redelivered));
        let kind = if is_again { TokenKind::Redelivered } else { whole(&at.message) };
        let node = NodeId::Queue(at.queue.clone());
        let route = Route::Along(vec![Stop::Slot(node.clone(), place), Stop::Hand(node)]);
        let moving = Some((self.token(kind, &at.message), route));
        let slot = queue.map(|queue| queue.unacked.len());
        Staging { slot, moving, tail_ms: Some(HOP_MS), ..Staging::pause(REST_MS) }
    }

    /// What an operator says of a delivery comes from their hand; what nobody says anything of stays where it is.
    fn stage_settled_by_hand(&self, entry: &LogEntry, at: &CopyRef, kind: TokenKind) -> Staging {
        let queue = self.board().queues.get(&at.queue);
        let holds = |queue: &Rc<QueueState>| {
            queue.unacked.iter().any(|lent| lent.copied.copy == at.copy && is_operator(lent.channel.connection))
        };
        if !queue.is_some_and(holds) {
            return Staging::pause(BEAT_MS);
        }
        let slot = self.place(&at.queue, at.copy).unwrap_or_default();
        let node = NodeId::Queue(at.queue.clone());
        let route = Route::Along(vec![Stop::Hand(node.clone()), Stop::Slot(node, slot)]);
        let moving = Some((self.token(kind, &at.message), route));
        let since = Some((entry.seq.saturating_sub(1), MIN_FLIGHT_MS));
        Staging { since, moving, slot: Some(slot), ..Staging::default() }
    }

    /// What a consumer says of a delivery goes back to where it came from.
    fn stage_settled(&self, entry: &LogEntry, at: &CopyRef, kind: TokenKind) -> Staging {
        let sender = self.entry(entry.cause).and_then(|cause| match &cause.kind {
            LogKind::Client { client, event: ClientEvent::Sent { method, .. }, .. } => Some((*client, method)),
            _ => None,
        });
        let Some((client, method)) = sender else { return self.stage_settled_by_hand(entry, at, kind) };
        let comes_back =
            matches!(method, Method::BasicNack { .. } | Method::BasicReject { .. } | Method::BasicRecover { .. });
        let kind = if comes_back { TokenKind::Nack } else { kind };
        let slot = self.place(&at.queue, at.copy).unwrap_or_default();
        let to = Stop::Slot(NodeId::Queue(at.queue.clone()), slot);
        let route = Route::Along(vec![Stop::Node(NodeId::Client(client)), to]);
        let moving = Some((self.token(kind, &at.message), route));
        Staging { since: Some((entry.cause, MIN_FLIGHT_MS)), moving, slot: Some(slot), ..Staging::default() }
    }
}

/// What a message looks like on its way from an exchange.
pub(super) fn whole(message: &Message) -> TokenKind {
    if message.deaths.is_some() { TokenKind::DeadLetter } else { TokenKind::Message }
}

/// Whether an exchange's answer names a destination.
fn leads_to(routed: &Routed, to: &Destination) -> bool {
    let by_binding =
        routed.tried.iter().any(|tried| matches!(tried.verdict, Verdict::Match(_)) && tried.binding.destination == *to);
    let by_alternate = matches!(to, Destination::Exchange(name) if routed.alternate.as_ref() == Some(name));
    by_binding || by_alternate
}
