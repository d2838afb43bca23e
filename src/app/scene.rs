//! What Yew renders from: a snapshot that changes with events, not with frames.

use std::rc::Rc;

use crate::broker::Name;
use crate::view::Board;

/// The page's state at a cursor.
#[derive(Clone, PartialEq)]
pub struct Scene {
    /// What is where.
    pub board: Rc<Board>,
    /// How many entries have happened.
    pub cursor: usize,
    /// How many of them were the set-up.
    pub start: usize,
    /// Whether time goes on by itself.
    pub playing: bool,
    /// Whether there is something to go back to.
    pub can_go_back: bool,
    /// Virtual milliseconds a real one.
    pub speed: f64,
    /// The scenario's name.
    pub scenario: Name,
}
