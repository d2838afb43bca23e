//! Why is a message here, and why not there: asked of any message and any queue, exchange or client, at any moment.
//!
//! *Why here* walks the causes back to the publish. *Why not there* goes through the rules in the order in which the broker
//! does, and tells which one said no, and whether the message may still come.
//!
//! What always holds: an answer is made from the log and from what stood where at its moments, never from the broker; each
//! reason names what would have to be otherwise (tests change just that, and the message arrives).

mod clients;
mod consumer;
mod ends;
mod here;
mod journey;
mod missed;
mod queue;
mod reason;
mod recent;
mod routing;
mod trouble;
mod words;

use crate::broker::Name;

use super::board::Board;
use super::film::Film;
use super::graph::{NodeId, exchange_name};
use super::life::Life;
use super::sentence::Sentence;

pub use missed::{Missed, missed};
pub use reason::{Page, Reason};
pub use recent::{Passed, passed_by};
pub use trouble::{can_be_asked, newest_trouble, of_trouble};
pub(super) use words::{asked_headers, miss, routing_key, value};

use journey::Journey;

/// A moment of the log, with what happened then.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The entry's number.
    pub seq: u64,
    /// Its moment, virtual milliseconds.
    pub at_ms: u64,
    /// What happened.
    pub sentence: Sentence,
}

/// Whether a message may still come to where it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// It was there.
    Was,
    /// It may still come.
    May,
    /// It never will, of itself.
    Never,
}

/// A reason, in this very case.
#[derive(Clone, Debug, PartialEq)]
pub struct Because {
    /// The rule.
    pub reason: Reason,
    /// What it says here, with the names and values it is about.
    pub sentence: Sentence,
    /// The entry at which it said so, by its number.
    pub seq: Option<u64>,
    /// Whether the message may still come.
    pub outlook: Outlook,
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Whether the message is there.
    pub is_here: bool,
    /// What was asked, as a heading.
    pub question: Sentence,
    /// How it came there, or as far as it came: from the publish on.
    pub steps: Vec<Step>,
    /// Why it is not there; of what is there, what else is worth knowing.
    pub reasons: Vec<Because>,
}

/// What is asked about.
#[derive(Clone, Copy, Debug)]
pub enum About<'a> {
    /// A message that arrived at the broker.
    Message(&'a Life),
    /// What a client sent, by the number of the entry, and of which the broker made no message.
    Sent(u64),
}

/// So many reasons are told: of many bindings the first.
const REASONS_MAX: usize = 6;

/// Answers for a node. `board` is that of the moment, when `cursor` entries have happened.
pub fn why(film: &Film, board: &Board, cursor: usize, about: About, node: &NodeId) -> Answer {
    let journey = Journey::of(film, board, cursor, about);
    let is_here = journey.is_at(node);
    let (steps, mut reasons) = if is_here {
        (here::steps(&journey, node), here::notes(&journey, node))
    } else {
        let reasons = match node {
            NodeId::Queue(queue) => queue::reasons(&journey, queue),
            NodeId::Exchange(exchange) => queue::reasons_at_exchange(&journey, exchange),
            NodeId::Client(id) => clients::reasons(&journey, *id),
        };
        (here::so_far(&journey), reasons)
    };
    reasons.truncate(REASONS_MAX);
    let place = if is_here { " at " } else { " not at " };
    let question = Sentence::words("Why is ").name(&journey.key()).say(place).name(&name_of(board, node)).say("?");
    Answer { is_here, question, steps, reasons }
}

/// What a node is called.
pub fn name_of(board: &Board, node: &NodeId) -> Name {
    match node {
        NodeId::Queue(queue) => queue.name.clone(),
        NodeId::Exchange(exchange) => exchange_name(&exchange.name),
        NodeId::Client(id) => board.clients.get(id).map(|client| client.spec.name.clone()).unwrap_or_default(),
    }
}

impl Because {
    fn new(reason: Reason, outlook: Outlook, sentence: Sentence) -> Self {
        Because { reason, sentence: sentence.capitalised(), seq: None, outlook }
    }

    fn at(mut self, seq: u64) -> Self {
        self.seq = Some(seq);
        self
    }
}
