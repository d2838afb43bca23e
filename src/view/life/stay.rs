//! Where a message is at a moment, copy by copy, and how those ended that are nowhere any more.

use std::rc::Rc;

use crate::broker::event::{DropRule, EventKind, LostReason};
use crate::broker::{ChannelId, ConnectionId, CopyId, Event, Name, Resource};
use crate::history::History;
use crate::simulation::{ClientEvent, ClientId, LogEntry, LogKind};

use super::Life;
use crate::view::board::Board;
use crate::view::graph::exchange_name;
use crate::view::hand::holder;
use crate::view::scene::Scene;
use crate::view::sentence::Sentence;

/// A message, or a copy of it, somewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct Stay {
    /// Which copy; none for what is in no queue yet.
    pub copy: Option<CopyId>,
    /// Where.
    pub at: Where,
}

/// Where something is.
#[derive(Clone, Debug, PartialEq)]
pub enum Where {
    /// On the link from its publisher.
    Sent(ClientId),
    /// At an exchange.
    Exchange(Rc<Resource>),
    /// Ready in a queue, behind so many others.
    Ready(Rc<Resource>, usize),
    /// In a queue, and somebody holds it; the place among what is held there.
    Unacked(Rc<Resource>, usize, ChannelId),
    /// In a queue, where it waits before it is ready again.
    Waiting(Rc<Resource>),
    /// Out of a queue, on its way to the dead letter exchange.
    Leaving(Rc<Resource>, Name),
    /// Nowhere any more.
    Over(End),
}

/// How it ended.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// Acknowledged, over that channel.
    Acked(Rc<Resource>, ChannelId),
    /// Handed out with automatic acknowledgement, over that channel.
    AutoAcked(Rc<Resource>, ChannelId),
    /// Dropped by a queue.
    Dropped(Rc<Resource>, DropRule),
    /// Not taken by a queue.
    Refused(Rc<Resource>, DropRule),
    /// An exchange had no queue for it; true if it went back to its publisher.
    Unroutable(Name, bool),
    /// A dead letter that no queue was left for.
    Lost(LostReason),
    /// A direct reply, and to whom.
    Replied(Option<ConnectionId>),
}

/// What the moments so far say.
#[derive(Default)]
struct Account {
    sent: Option<ClientId>,
    exchange: Option<Rc<Resource>>,
    /// Copies, where they are or were, and how they ended if they are gone.
    copies: Vec<(CopyId, Rc<Resource>, Option<End>)>,
    /// By which entry, from where and to which exchange something was dead-lettered.
    leaving: Vec<(u64, Rc<Resource>, Name)>,
    ends: Vec<End>,
}

/// Where a message is when `cursor` entries have happened. `board` is that of the moment.
pub fn stays(life: &Life, history: &History<Scene>, board: &Board, cursor: usize) -> Vec<Stay> {
    let mut account = Account::default();
    for moment in life.moments(cursor) {
        if let Some(entry) = history.get(moment.place) {
            account.take(entry);
        }
    }
    account.stays(board)
}

impl Account {
    fn take(&mut self, entry: &LogEntry) {
        match &entry.kind {
            LogKind::Client { client, event: ClientEvent::Sent { .. }, .. } if self.is_new() => {
                self.sent = Some(*client);
            }
            LogKind::Broker(event) => self.take_event(entry, event),
            _ => {}
        }
    }

    /// Whether nothing is known of it but that somebody sent it.
    fn is_new(&self) -> bool {
        self.exchange.is_none() && self.copies.is_empty() && self.ends.is_empty() && self.leaving.is_empty()
    }

    fn take_event(&mut self, entry: &LogEntry, event: &Event) {
        match &event.kind {
            EventKind::Published { message, vhost, .. } => {
                self.sent = None;
                self.exchange = Some(Rc::new(Resource { vhost: vhost.clone(), name: message.exchange.clone() }));
            }
            EventKind::Routed(routed) => {
                self.leaving.retain(|(seq, ..)| *seq != entry.cause);
                self.exchange = Some(routed.exchange.clone());
            }
            EventKind::Enqueued { at, .. } => {
                self.exchange = None;
                self.copies.push((at.copy, at.queue.clone(), None));
            }
            EventKind::Delivered { at, consumer, ack: false, .. } => {
                self.end(at.copy, End::AutoAcked(at.queue.clone(), consumer.channel));
            }
            EventKind::Got { at, channel, ack: false, .. } => {
                self.end(at.copy, End::AutoAcked(at.queue.clone(), *channel));
            }
            EventKind::Acked { at, channel, .. } => self.end(at.copy, End::Acked(at.queue.clone(), *channel)),
            EventKind::Dropped { at, rule } => self.end(at.copy, End::Dropped(at.queue.clone(), *rule)),
            EventKind::DeadLettered { at, exchange, .. } => {
                self.copies.retain(|(copy, ..)| *copy != at.copy);
                self.leaving.push((entry.seq, at.queue.clone(), exchange.clone()));
            }
            EventKind::DeadLetterHeld { at, .. } => {
                self.leaving.clear();
                self.exchange = None;
                self.copies.retain(|(copy, ..)| *copy != at.copy);
                self.copies.push((at.copy, at.queue.clone(), None));
            }
            EventKind::Unroutable { message, returned } => {
                self.over(End::Unroutable(exchange_name(&message.exchange), *returned));
            }
            EventKind::Refused { queue, rule, .. } => self.over(End::Refused(queue.clone(), *rule)),
            EventKind::DeadLetterLost { why, .. } => self.over(End::Lost(*why)),
            EventKind::DirectReply { channel, .. } => {
                self.over(End::Replied(channel.map(|channel| channel.connection)));
            }
            _ => {}
        }
    }

    fn over(&mut self, end: End) {
        self.exchange = None;
        self.ends.push(end);
    }

    fn end(&mut self, copy: CopyId, end: End) {
        if let Some((.., over)) = self.copies.iter_mut().find(|(other, ..)| *other == copy) {
            *over = Some(end);
        }
    }

    fn stays(self, board: &Board) -> Vec<Stay> {
        let nowhere = |at: Where| Stay { copy: None, at };
        let mut stays: Vec<Stay> = self.sent.map(Where::Sent).map(nowhere).into_iter().collect();
        stays.extend(self.exchange.map(Where::Exchange).map(nowhere));
        stays.extend(self.leaving.into_iter().map(|(_, from, to)| nowhere(Where::Leaving(from, to))));
        for (copy, queue, end) in self.copies {
            // A stream keeps what was read.
            let at = in_queue(board, &queue, copy).or(end.map(Where::Over));
            stays.extend(at.map(|at| Stay { copy: Some(copy), at }));
        }
        stays.extend(self.ends.into_iter().map(|end| nowhere(Where::Over(end))));
        stays
    }
}

fn in_queue(board: &Board, resource: &Rc<Resource>, copy: CopyId) -> Option<Where> {
    let queue = board.queues.get(resource)?;
    if let Some(place) = queue.ready.position(|copied| copied.copy == copy) {
        return Some(Where::Ready(resource.clone(), place));
    }
    if let Some(place) = queue.unacked.position(|lent| lent.copied.copy == copy) {
        let channel = queue.unacked.get(place)?.channel;
        return Some(Where::Unacked(resource.clone(), place, channel));
    }
    queue.waiting.position(|copied| copied.copy == copy).map(|_| Where::Waiting(resource.clone()))
}

impl Stay {
    /// Whether it is somewhere.
    pub fn is_live(&self) -> bool {
        !matches!(self.at, Where::Over(_))
    }

    /// The same in words: `Ready in orders, 3rd in line`.
    pub fn told(&self, board: &Board) -> Sentence {
        match &self.at {
            Where::Sent(client) => {
                let name = board.clients.get(client).map(|client| client.spec.name.clone()).unwrap_or_default();
                Sentence::words("On its way from ").name(&name)
            }
            Where::Exchange(exchange) => Sentence::words("At ").name(&exchange_name(&exchange.name)),
            Where::Ready(queue, 0) => Sentence::words("Ready in ").name(&queue.name).say(", first in line"),
            Where::Ready(queue, place) => {
                Sentence::words("Ready in ").name(&queue.name).say(format!(", number {} in line", place + 1))
            }
            Where::Unacked(queue, _, channel) => Sentence::words("Unacked in ")
                .name(&queue.name)
                .say(", with ")
                .name(&holder(board, *channel).as_str().into()),
            Where::Waiting(queue) => Sentence::words("Waiting in ").name(&queue.name),
            Where::Leaving(queue, exchange) => Sentence::words("Leaves ")
                .name(&queue.name)
                .say(" for the dead letter exchange ")
                .name(&exchange_name(exchange)),
            Where::Over(end) => end.told(board),
        }
    }
}

impl End {
    /// In words: `Acknowledged by worker`.
    pub fn told(&self, board: &Board) -> Sentence {
        let by = |what: &str, channel: ChannelId| Sentence::words(what).name(&holder(board, channel).as_str().into());
        match self {
            End::Acked(queue, channel) => by("Acknowledged by ", *channel).say(" (").name(&queue.name).say(")"),
            End::AutoAcked(queue, channel) => {
                by("Delivered to ", *channel).say(" with auto ack (").name(&queue.name).say(")")
            }
            End::Dropped(queue, rule) => Sentence::words(capital(dropped(*rule))).say(" in ").name(&queue.name),
            End::Refused(queue, rule) => Sentence::words(capital(dropped(*rule))).say(" by ").name(&queue.name),
            End::Unroutable(exchange, false) => Sentence::words("Unroutable (drop) at ").name(exchange),
            End::Unroutable(exchange, true) => Sentence::words("Unroutable (return) at ").name(exchange),
            End::Lost(LostReason::Unroutable) => Sentence::words("Lost as a dead letter: no queue was bound"),
            End::Lost(LostReason::Cycle) => Sentence::words("Lost as a dead letter: it went in a circle"),
            End::Replied(Some(connection)) => match board.client_of(*connection) {
                Some((_, client)) => Sentence::words("Replied straight to ").name(&client.spec.name),
                None => Sentence::words("Replied straight"),
            },
            End::Replied(None) => Sentence::words("Dropped: nobody waits for this reply"),
        }
    }
}

fn capital(words: &str) -> String {
    let mut words = words.to_owned();
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

/// What a rule does to a message, in short.
pub fn dropped(rule: DropRule) -> &'static str {
    match rule {
        DropRule::Rejected => "rejected",
        DropRule::Expired => "expired",
        DropRule::MaxLength => "dropped (max length)",
        DropRule::RejectPublish => "refused (max length)",
        DropRule::DeliveryLimit => "dropped (delivery limit)",
        DropRule::NoDeadLetterExchange => "dropped (no such dead letter exchange)",
        DropRule::Purged => "purged",
        DropRule::QueueDeleted => "deleted with its queue",
        DropRule::Restart => "lost in the restart",
        DropRule::Retention => "forgotten (retention)",
    }
}
