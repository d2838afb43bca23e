//! What Yew renders from: a snapshot that changes with events, not with frames.

use std::rc::Rc;

use crate::broker::Name;
use crate::view::fate::Sign;
use crate::view::flow::Flows;
use crate::view::follow::Following;
use crate::view::hand::Outcome;
use crate::view::marks::Tick;
use crate::view::places::Put;
use crate::view::{Board, NodeId};

use super::engine::Said;

/// The page's state at a cursor.
#[derive(Clone)]
pub struct Scene {
    /// What is where.
    pub board: Rc<Board>,
    /// What the picture is rendered from: the same, or a little older where it would be too much.
    pub seen: Rc<Board>,
    /// How much goes along edges, where that is seen; else nothing.
    pub flows: Rc<Flows>,
    /// How many entries have happened.
    pub cursor: usize,
    /// How many of them were the set-up.
    pub start: usize,
    /// Whether time goes on by itself.
    pub playing: bool,
    /// The lowest cursor one can go to, and the furthest that one has been.
    pub range: (usize, usize),
    /// How many of the oldest events are forgotten.
    pub forgotten: usize,
    /// What happened that people look for, along the range.
    pub ticks: Rc<Vec<Tick>>,
    /// The message that is followed.
    pub following: Option<Rc<Following>>,
    /// What just befell messages, and where.
    pub signs: Rc<Vec<Sign>>,
    /// Virtual milliseconds a real one.
    pub speed: f64,
    /// The scenario's name.
    pub scenario: Name,
    /// The line of the change that can be taken back.
    pub can_undo: Option<String>,
    /// The line of the change that can be made again.
    pub can_redo: Option<String>,
    /// What was typed and refused last, and the node that it is about.
    pub refused: Option<Rc<(NodeId, String)>>,
    /// What came of the last command.
    pub said: Option<Said>,
    /// What came of it in the broker, if it was done by hand.
    pub outcome: Option<Rc<Outcome>>,
    /// Where nodes were put.
    pub put: Put,
}

/// Each moment has boards of its own, so nothing is looked into.
impl PartialEq for Scene {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.board, &other.board)
    }
}

impl Scene {
    /// Whether the picture is the same.
    pub fn looks_like(&self, other: &Scene) -> bool {
        Rc::ptr_eq(&self.seen, &other.seen)
            && Rc::ptr_eq(&self.flows, &other.flows)
            && (&self.signs, &self.put) == (&other.signs, &other.put)
            && self.following.is_some() == other.following.is_some()
    }

    /// Whether there is something to go back to.
    pub fn can_go_back(&self) -> bool {
        self.cursor > self.range.0
    }
}
