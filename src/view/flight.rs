//! What is in motion at a moment: a function of (film, position, layout), asked once a frame.

use super::geometry::{Path, Point};
use super::graph::NodeId;
use super::layout::{Layout, fall_end, slot_in};
use super::motion::{Motion, Route, Stop, TokenKind, letter};
use super::player::Player;

/// Something to be drawn in motion.
#[derive(Clone, Debug, PartialEq)]
pub struct Flight {
    /// Where its middle is.
    pub at: Point,
    /// What it is.
    pub kind: FlightKind,
    /// One of the eight colours.
    pub colour: usize,
    /// The letter on it.
    pub letter: char,
    /// From 0, gone, to 1.
    pub opacity: f64,
    /// Whether it stands still.
    pub rests: bool,
}

/// What a flight is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FlightKind {
    /// A token on its way.
    Token(TokenKind),
    /// A message that is lost.
    Falling,
    /// A ring that closes around a consumer as it works; the part that is done.
    Work(f64),
}

/// All that is in motion now.
pub fn flights(player: &Player, layout: &Layout) -> Vec<Flight> {
    let moment_ms = player.moment_ms();
    let mut found: Vec<Flight> = resting(player, layout).collect();
    found.extend(player.moving().filter_map(|motion| flight(motion, moment_ms, layout)));
    found
}

fn flight(motion: &Motion, moment_ms: f64, layout: &Layout) -> Option<Flight> {
    let length_ms = motion.to_ms.saturating_sub(motion.from_ms).max(1) as f64;
    let part = ((moment_ms - motion.from_ms as f64) / length_ms).clamp(0.0, 1.0);
    let token = &motion.token;
    let seen = |at, kind, opacity| Flight {
        at,
        kind,
        colour: token.colour,
        letter: letter(&token.message),
        opacity,
        rests: false,
    };
    match &motion.route {
        Route::Along(stops) => Some(seen(path(stops, layout)?.at(ease(part)), FlightKind::Token(token.kind), 1.0)),
        Route::Fall(stop) => {
            // A moment of hesitation, then faster and faster.
            let drop = ((part - 0.25) / 0.75).max(0.0).powi(2);
            let at = position(stop, layout)?.towards(fall_end(layout.node(stop.node())?, layout.direction), drop);
            Some(seen(at, FlightKind::Falling, 1.0 - 0.35 * part))
        }
        Route::Work(node) => Some(seen(layout.node(node)?.centre, FlightKind::Work(part), 1.0)),
    }
}

/// A message that an exchange has, and that has not set out yet.
fn resting<'a>(player: &'a Player, layout: &'a Layout) -> impl Iterator<Item = Flight> + 'a {
    let board = player.board();
    board.exchanges.iter().filter_map(move |(resource, exchange)| {
        let message = exchange.present.as_ref()?;
        let moves = player.moving().any(|motion| motion.token.message.id == message.id);
        let placed = layout.node(&NodeId::Exchange(resource.clone())).filter(|_| !moves)?;
        let colour = board.colour(&message.routing_keys.key);
        let kind = FlightKind::Token(TokenKind::Message);
        Some(Flight { at: placed.centre, kind, colour, letter: letter(message), opacity: 1.0, rests: true })
    })
}

fn position(stop: &Stop, layout: &Layout) -> Option<Point> {
    let placed = layout.node(stop.node())?;
    Some(match stop {
        Stop::Node(_) => placed.centre,
        Stop::Slot(_, place) => slot_in(placed, *place),
    })
}

/// From middle to middle: out of the first, along the lines, into the last.
fn path(stops: &[Stop], layout: &Layout) -> Option<Path> {
    let mut path = Path::default();
    path.line_to(position(stops.first()?, layout)?);
    for pair in stops.windows(2) {
        let [from, to] = pair else { continue };
        path.follow(&layout.line(from.node(), to.node())?);
        path.line_to(position(to, layout)?);
    }
    Some(path)
}

/// Sets out gently, and arrives gently.
fn ease(part: f64) -> f64 {
    let smooth = part * part * (3.0 - 2.0 * part);
    0.5 * part + 0.5 * smooth
}
