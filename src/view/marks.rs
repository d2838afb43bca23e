//! The marks on the scrubber: where in the history something happened that people look for, as few as can be told apart.

use crate::simulation::Interest;

use super::player::Player;

/// So many places along the scrubber can be told apart.
const PLACES: usize = 240;

/// A mark on the scrubber: one thing or several that are too near to be told apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tick {
    /// Where: 0 at the lowest cursor, 1 at the furthest that one has been.
    pub at: f64,
    /// The gravest of what happened there.
    pub interest: Interest,
    /// How much happened there.
    pub count: usize,
    /// The cursor just after the first of it.
    pub cursor: usize,
}

/// All marks of what has been seen, from left to right.
pub fn ticks(player: &Player) -> Vec<Tick> {
    let (first, last) = (player.lowest(), player.branch().seen.max(player.cursor()));
    let length = last.saturating_sub(first).max(1);
    let mut ticks: Vec<Tick> = Vec::new();
    let mut bucket = None;
    for mark in player.film().marks().filter(|mark| (first..last).contains(&mark.place)) {
        let cursor = mark.place + 1;
        let place = (cursor - first) * PLACES / length;
        match ticks.last_mut() {
            Some(tick) if bucket == Some(place) => {
                tick.count += 1;
                tick.interest = tick.interest.max(mark.interest);
            }
            _ => {
                let at = (cursor - first) as f64 / length as f64;
                ticks.push(Tick { at, interest: mark.interest, count: 1, cursor });
                bucket = Some(place);
            }
        }
    }
    ticks
}

/// What a mark means, in RabbitMQ's words.
pub fn word(interest: Interest) -> &'static str {
    match interest {
        Interest::Returned => "Unroutable (return)",
        Interest::Dropped => "Dropped",
        Interest::Expired => "Expired",
        Interest::Rejected => "Rejected",
        Interest::DeadLettered => "Dead-lettered",
        Interest::Error => "Error",
    }
}
