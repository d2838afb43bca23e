//! What happened as a sequence diagram: clients, exchanges and queues side by side, and what goes from one to the other below one
//! another.
//!
//! What always holds: a step is one entry of the log, in the log's order. What goes over a link begins where it was sent and
//! ends where it arrived; what the broker does takes no time.

mod draw;
mod mermaid;
mod plan;

use std::rc::Rc;

use crate::broker::event::{DropRule, EventKind, LostReason, ReturnReason};
use crate::broker::message::Message;
use crate::broker::{Frame, Method, Reply, Resource};
use crate::simulation::{ClientEvent, ClientId, LogEntry, LogKind, Parcel, is_operator};

use super::board::Board;
use super::film::Film;
use super::graph::{NodeId, exchange_name};
use super::life::{Life, dropped};
use super::motion::{Motion, Route, Stop};

pub use draw::Colours;
pub use mermaid::mermaid;
pub use plan::{Arrow, Diagram, HEAD, Lifeline, plan};

/// So many steps are in a diagram at most.
pub const STEPS_MAX: usize = 300;
/// How far back steps are looked for, entries.
const LOOK_BACK: usize = 20_000;

/// Somebody who takes part.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Party {
    /// A client.
    Client(ClientId),
    /// Whoever does things by hand.
    Operator,
    /// An exchange.
    Exchange(Rc<Resource>),
    /// A queue.
    Queue(Rc<Resource>),
}

/// What a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A message goes on its way, or on.
    Message,
    /// An answer goes back: an acknowledgement, a confirm.
    Answer,
    /// A refusal, or a message that comes back.
    Refusal,
    /// A message leaves a queue for a dead letter exchange.
    DeadLetter,
    /// Something ends here.
    End,
}

/// One step.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The number of its entry: where it is there.
    pub seq: u64,
    /// The number of the entry at which it set out; its own where it took no time.
    pub sent: u64,
    /// When it is there, virtual milliseconds.
    pub at_ms: u64,
    /// From whom.
    pub from: Party,
    /// To whom; none where it ends.
    pub to: Option<Party>,
    /// What it is.
    pub what: What,
    /// In a word or two.
    pub verb: &'static str,
    /// Which message, by its routing key; empty where that goes without saying.
    pub key: String,
}

/// Which steps are wanted.
#[derive(Clone, Copy, Debug)]
pub enum Which<'a> {
    /// Those of one message.
    Message(&'a Life),
    /// So many around the moment, the newest of them as new as there are.
    Last(usize),
    /// Those from a moment to another, virtual milliseconds.
    Range(u64, u64),
}

/// The steps among the first `seen` entries of a film; `cursor` is the moment.
pub fn steps(film: &Film, which: Which, cursor: usize, seen: usize) -> Vec<Step> {
    let maker = Maker { film };
    let first = film.history().first();
    let of = |place: usize| film.history().get(place).and_then(|entry| maker.step(place, entry));
    let mut steps: Vec<Step> = match which {
        Which::Message(life) => life.moments(seen).iter().filter_map(|moment| of(moment.place)).collect(),
        Which::Last(most) => {
            let oldest = cursor.saturating_sub(LOOK_BACK).max(first);
            let before: Vec<Step> = (oldest..cursor).rev().filter_map(of).take(most).collect();
            let after: Vec<Step> = (cursor..seen.min(cursor + LOOK_BACK)).filter_map(of).take(most).collect();
            let (half, known) = (most / 2, after.len());
            // What is ahead gets half at most, if there is as much behind.
            let ahead = known.min(half.max(most.saturating_sub(before.len())));
            let behind = before.into_iter().take(most - ahead);
            let mut all: Vec<Step> = behind.collect();
            all.reverse();
            all.extend(after.into_iter().take(ahead));
            all
        }
        Which::Range(from_ms, to_ms) => {
            let within = |step: &Step| (from_ms..=to_ms).contains(&step.at_ms);
            (first..seen).filter_map(of).filter(within).take(STEPS_MAX).collect()
        }
    };
    if steps.len() > STEPS_MAX {
        steps.drain(..steps.len() - STEPS_MAX);
    }
    steps
}

/// What something is called.
pub fn name_of(party: &Party, names: &Board) -> String {
    match party {
        Party::Client(id) => names.clients.get(id).map(|client| client.spec.name.to_string()).unwrap_or_default(),
        Party::Operator => "operator".to_owned(),
        Party::Exchange(resource) => exchange_name(&resource.name).to_string(),
        Party::Queue(resource) => resource.name.to_string(),
    }
}

struct Maker<'a> {
    film: &'a Film,
}

fn party(stop: &Stop) -> Party {
    match stop {
        Stop::Hand(_) => Party::Operator,
        Stop::Node(node) | Stop::Slot(node, _) => match node {
            NodeId::Client(id) => Party::Client(*id),
            NodeId::Exchange(resource) => Party::Exchange(resource.clone()),
            NodeId::Queue(resource) => Party::Queue(resource.clone()),
        },
    }
}

fn key(message: &Message) -> String {
    message.routing_keys.key.to_string()
}

impl Maker<'_> {
    fn entry(&self, seq: u64) -> Option<&LogEntry> {
        self.film.entry(seq)
    }

    fn motion(&self, place: usize) -> Option<&Motion> {
        self.film.motions(place..place + 1).next().map(|(_, motion, _)| motion)
    }

    /// From where to where the picture has it go.
    fn way(&self, place: usize) -> Option<(Party, Party)> {
        match &self.motion(place)?.route {
            Route::Along(stops) => Some((party(stops.first()?), party(stops.last()?))),
            Route::Fall(_) | Route::Work(_) => None,
        }
    }

    fn step(&self, place: usize, entry: &LogEntry) -> Option<Step> {
        let (from, to, what, verb, key) = match &entry.kind {
            LogKind::Broker(event) => self.in_broker(place, entry, &event.kind)?,
            LogKind::Client { client, event, .. } => self.at_client(place, *client, event)?,
            LogKind::NotDone { .. } => return None,
        };
        let is_far = |party: &Party| matches!(party, Party::Client(_));
        let over_link = is_far(&from) || to.as_ref().is_some_and(is_far);
        let sent = if over_link && entry.cause > 0 && to.is_some() { entry.cause } else { entry.seq };
        Some(Step { seq: entry.seq, sent, at_ms: entry.at_ms, from, to, what, verb, key })
    }

    fn in_broker(&self, place: usize, entry: &LogEntry, event: &EventKind) -> Option<Drawn> {
        let end = |at: Party, verb: &'static str, message: &Message| Some((at, None, What::End, verb, key(message)));
        let queue = |resource: &Rc<Resource>| Party::Queue(resource.clone());
        match event {
            EventKind::Published { message, .. } => {
                let (from, to) = self.way(place)?;
                Some((from, Some(to), What::Message, "publish", key(message)))
            }
            EventKind::Routed(routed) => {
                let (from, to) = self.way(place)?;
                let is_dead = matches!(from, Party::Queue(_));
                let (what, verb) = if is_dead { (What::DeadLetter, "dead-letter") } else { (What::Message, "route") };
                Some((from, Some(to), what, verb, key(&routed.message)))
            }
            EventKind::Enqueued { at, .. } => {
                let (from, to) = self.way(place)?;
                Some((from, Some(to), What::Message, "route", key(&at.message)))
            }
            EventKind::Refused { queue: at, message, rule } => end(queue(at), dropped(*rule), message),
            EventKind::CycleCut { queue: at, message } => end(queue(at), "dropped (cycle)", message),
            EventKind::Unroutable { message, returned: false } => {
                end(self.falls_at(place)?, "Unroutable (drop)", message)
            }
            EventKind::DeadLetterLost { message, why } => {
                let verb = match why {
                    LostReason::Unroutable => "lost: no queue is bound",
                    LostReason::Cycle => "lost: cycle",
                };
                end(self.falls_at(place)?, verb, message)
            }
            EventKind::Acked { at, .. } => {
                let from =
                    self.sender(entry).map_or_else(|| self.way(place).map(|(from, _)| from), |from| Some(from.0));
                Some((from?, Some(queue(&at.queue)), What::Answer, "ack", key(&at.message)))
            }
            EventKind::Requeued { at, why, .. } | EventKind::Delayed { at, why, .. } => match self.sender(entry) {
                Some((from, verb)) => Some((from, Some(queue(&at.queue)), What::Refusal, verb, key(&at.message))),
                None => end(queue(&at.queue), back(*why), &at.message),
            },
            EventKind::DeadLettered { at, reason, .. } => match self.sender(entry) {
                Some((from, verb)) => Some((from, Some(queue(&at.queue)), What::Refusal, verb, key(&at.message))),
                None => end(queue(&at.queue), reason.as_str(), &at.message),
            },
            EventKind::Dropped { at, rule } => match self.sender(entry).filter(|_| *rule == DropRule::Rejected) {
                Some((from, verb)) => Some((from, Some(queue(&at.queue)), What::Refusal, verb, key(&at.message))),
                None => end(queue(&at.queue), dropped(*rule), &at.message),
            },
            EventKind::Got { at, channel, .. } if is_operator(channel.connection) => {
                Some((queue(&at.queue), Some(Party::Operator), What::Message, "get", key(&at.message)))
            }
            _ => None,
        }
    }

    fn falls_at(&self, place: usize) -> Option<Party> {
        match &self.motion(place)?.route {
            Route::Fall(stop) => Some(party(stop)),
            Route::Along(_) | Route::Work(_) => None,
        }
    }

    /// The client whose method an entry follows from, and what that said.
    fn sender(&self, entry: &LogEntry) -> Option<(Party, &'static str)> {
        match &self.entry(entry.cause)?.kind {
            LogKind::Client { client, event: ClientEvent::Sent { method, .. }, .. } => {
                let verb = match method {
                    Method::BasicAck { .. } => "ack",
                    Method::BasicNack { requeue: true, .. } => "nack, requeue",
                    Method::BasicNack { requeue: false, .. } => "nack",
                    Method::BasicReject { requeue: true, .. } => "reject, requeue",
                    Method::BasicReject { requeue: false, .. } => "reject",
                    Method::BasicRecover { .. } => "recover",
                    _ => return None,
                };
                Some((Party::Client(*client), verb))
            }
            _ => None,
        }
    }

    fn at_client(&self, place: usize, client: ClientId, event: &ClientEvent) -> Option<Drawn> {
        let here = Party::Client(client);
        match event {
            ClientEvent::Received { frame: Frame::Deliver { delivery, .. } } => {
                let verb = if delivery.redelivered { "redeliver" } else { "deliver" };
                Some((self.way(place)?.0, Some(here), What::Message, verb, key(&delivery.message)))
            }
            ClientEvent::Answered { reply: Reply::Got { delivery, .. } } => {
                Some((self.way(place)?.0, Some(here), What::Message, "get", key(&delivery.message)))
            }
            ClientEvent::Received { frame: Frame::Return { publish, .. } } => {
                Some((self.way(place)?.0, Some(here), What::Refusal, "return", publish.routing_key.to_string()))
            }
            ClientEvent::Received { frame: Frame::Ack { .. } } => {
                Some((self.way(place)?.0, Some(here), What::Answer, "confirm", String::new()))
            }
            ClientEvent::Received { frame: Frame::Nack { .. } } => {
                Some((self.way(place)?.0, Some(here), What::Refusal, "nack (refused)", String::new()))
            }
            ClientEvent::LostOnLink { what } => {
                let key = match what {
                    Parcel::Method(Method::BasicPublish(publish)) => publish.routing_key.to_string(),
                    Parcel::Frame(Frame::Deliver { delivery, .. }) => key(&delivery.message),
                    _ => String::new(),
                };
                Some((here, None, What::End, "lost on its link", key))
            }
            _ => None,
        }
    }
}

type Drawn = (Party, Option<Party>, What, &'static str, String);

fn back(why: ReturnReason) -> &'static str {
    match why {
        ReturnReason::Nack => "nack, requeue",
        ReturnReason::Reject => "reject, requeue",
        ReturnReason::Recover => "recover",
        ReturnReason::ChannelClosed => "requeued: channel closed",
        ReturnReason::Timeout => "requeued: timeout",
        ReturnReason::Restart => "requeued: restart",
    }
}

impl Step {
    /// What stands at its arrow.
    pub fn label(&self) -> String {
        if self.key.is_empty() { self.verb.to_owned() } else { format!("{} {}", self.verb, self.key) }
    }

    /// The same in a sentence for those who hear it.
    pub fn told(&self, names: &Board) -> String {
        let from = name_of(&self.from, names);
        match &self.to {
            Some(to) => format!("{} from {from} to {}", self.label(), name_of(to, names)),
            None => format!("{} at {from}", self.label()),
        }
    }
}
