//! What is in motion at a moment: a function of (film, position, layout), asked once a frame.
//!
//! What always holds: whichever way one came to a position, the same is in motion there.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::rc::Rc;

use crate::broker::MessageId;

use super::geometry::{Path, Point, Track};
use super::graph::NodeId;
use super::layout::{Layout, SLOTS, fall_end, hand_at, slot_in};
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
    /// The message that it is or is about.
    pub message: MessageId,
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
    /// A message in a queue that somebody holds.
    Lent,
    /// A message that is lost; the kind it was.
    Falling(TokenKind),
    /// A ring that closes around a consumer as it works; the part that is done.
    Work(f64),
}

/// All that is in motion now.
pub fn flights(player: &Player, layout: &Layout) -> Vec<Flight> {
    let mut flying = Flying::default();
    flying.look(player, layout);
    flying.flights
}

/// Something on its way, with all that a frame needs to know of it.
struct Mover {
    place: usize,
    after: u64,
    from_ms: f64,
    to_ms: f64,
    /// It moves behind its entry, not before.
    is_tail: bool,
    way: Way,
    kind: TokenKind,
    message: MessageId,
    colour: usize,
    letter: char,
}

#[derive(Clone)]
enum Way {
    Along(Rc<Track>),
    Fall(Point, Point),
    Work(Point),
}

/// Of which film and which moment of it something is known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Seen {
    branch: u32,
    forks: u32,
    cursor: usize,
    moment_ms: f64,
}

/// What is in motion, kept from frame to frame: as time goes on, a frame looks at what moves, at what sets out and at what
/// was just added to the film, and at nothing else. It serves one layout: for another one there must be another.
#[derive(Default)]
pub struct Flying {
    seen: Seen,
    /// So many entries of the film are in `waiting` or were.
    known: usize,
    /// When something sets out, whole milliseconds, and by which entry.
    waiting: BinaryHeap<Reverse<(u64, usize)>>,
    /// In the order of the log.
    moving: Vec<Mover>,
    tracks: BTreeMap<Vec<Stop>, Option<Rc<Track>>>,
    flights: Vec<Flight>,
}

impl Flying {
    /// All that is in motion now.
    pub fn look(&mut self, player: &Player, layout: &Layout) -> &[Flight] {
        self.follow(player);
        self.set_out(player, layout);
        let (cursor, moment_ms) = (player.cursor(), player.moment_ms());
        self.moving.retain(|mover| moment_ms < mover.to_ms && (mover.place >= cursor || mover.is_tail));
        self.flights.clear();
        self.rest(player, layout);
        let sent = self.moving.iter().filter(|mover| mover.after <= cursor as u64);
        self.flights.extend(sent.map(|mover| mover.flight(moment_ms)));
        &self.flights
    }

    /// Where time did not just go on, everything is looked for anew.
    fn follow(&mut self, player: &Player) {
        let (branch, film) = (player.branch().id, player.film());
        let now = Seen { branch, forks: film.forks(), cursor: player.cursor(), moment_ms: player.moment_ms() };
        let last = std::mem::replace(&mut self.seen, now);
        let goes_on = (last.branch, last.forks) == (now.branch, now.forks)
            && last.cursor <= now.cursor
            && last.moment_ms <= now.moment_ms;
        if !goes_on {
            self.known = 0;
            self.waiting.clear();
            self.moving.clear();
        }
        let oldest = film.oldest_moving(now.cursor, now.moment_ms).max(self.known);
        let coming = film.motions(oldest..film.len());
        self.waiting.extend(coming.map(|(place, motion, _)| Reverse((motion.from_ms, place))));
        self.known = film.len();
    }

    fn set_out(&mut self, player: &Player, layout: &Layout) {
        let before = self.moving.len();
        while let Some(Reverse((from_ms, place))) = self.waiting.peek().copied() {
            if from_ms as f64 > player.moment_ms() {
                break;
            }
            self.waiting.pop();
            let motion = player.film().motions(place..place + 1).next();
            let mover = motion.and_then(|(_, motion, is_tail)| self.mover(place, motion, is_tail, layout));
            self.moving.extend(mover);
        }
        if self.moving.len() > before {
            // Two runs in order: this merges them.
            self.moving.sort_by_key(|mover| mover.place);
        }
    }

    fn mover(&mut self, place: usize, motion: &Motion, is_tail: bool, layout: &Layout) -> Option<Mover> {
        let Motion { token, route, after, from_ms, to_ms } = motion;
        let way = match route {
            Route::Along(stops) => Way::Along(self.track(stops, layout)?),
            Route::Fall(stop) => {
                Way::Fall(position(stop, layout)?, fall_end(layout.node(stop.node())?, layout.direction))
            }
            Route::Work(node) => Way::Work(layout.node(node)?.centre),
        };
        let (message, colour, letter) = (token.message.id, token.colour, letter(&token.message));
        let (from_ms, to_ms) = (*from_ms as f64, *to_ms as f64);
        Some(Mover { place, after: *after, from_ms, to_ms, is_tail, way, kind: token.kind, message, colour, letter })
    }

    fn track(&mut self, stops: &[Stop], layout: &Layout) -> Option<Rc<Track>> {
        let seen = |stop: &Stop| match stop {
            // Those that do not fit share the last place.
            Stop::Slot(node, place) => Stop::Slot(node.clone(), (*place).min(SLOTS - 1)),
            Stop::Node(_) | Stop::Hand(_) => stop.clone(),
        };
        let stops: Vec<Stop> = stops.iter().map(seen).collect();
        if let Some(track) = self.tracks.get(&stops) {
            return track.clone();
        }
        let track = path(&stops, layout).map(|path| Rc::new(Track::of(&path)));
        self.tracks.insert(stops, track.clone());
        track
    }

    /// Messages that an exchange has, and that have not set out yet.
    fn rest(&mut self, player: &Player, layout: &Layout) {
        let board = player.board();
        for (resource, exchange) in &board.exchanges {
            let Some(message) = &exchange.present else { continue };
            let sent = |mover: &Mover| mover.message == message.id && mover.after <= player.cursor() as u64;
            let placed = layout.node(&NodeId::Exchange(resource.clone()));
            if let Some(placed) = placed.filter(|_| !self.moving.iter().any(sent)) {
                let (colour, letter) = (board.colour(&message.routing_keys.key), letter(message));
                let kind = FlightKind::Token(super::motion::whole(message));
                let (message, at) = (message.id, placed.centre);
                self.flights.push(Flight { at, kind, colour, letter, message, opacity: 1.0, rests: true });
            }
        }
    }
}

impl Mover {
    fn flight(&self, moment_ms: f64) -> Flight {
        let length_ms = (self.to_ms - self.from_ms).max(1.0);
        let part = ((moment_ms - self.from_ms) / length_ms).clamp(0.0, 1.0);
        let (at, kind, opacity) = match &self.way {
            Way::Along(track) => (track.at(ease(part)), FlightKind::Token(self.kind), 1.0),
            Way::Fall(from, to) => {
                // A moment of hesitation, then faster and faster.
                let drop = ((part - 0.25) / 0.75).max(0.0).powi(2);
                (from.towards(*to, drop), FlightKind::Falling(self.kind), 1.0 - 0.35 * part)
            }
            Way::Work(at) => (*at, FlightKind::Work(part), 1.0),
        };
        Flight { at, kind, colour: self.colour, letter: self.letter, message: self.message, opacity, rests: false }
    }
}

fn position(stop: &Stop, layout: &Layout) -> Option<Point> {
    let placed = layout.node(stop.node())?;
    Some(match stop {
        Stop::Node(_) => placed.centre,
        Stop::Slot(_, place) => slot_in(placed, *place),
        Stop::Hand(_) => hand_at(placed),
    })
}

/// From middle to middle: out of the first, along the lines, into the last.
fn path(stops: &[Stop], layout: &Layout) -> Option<Path> {
    let mut path = Path::default();
    path.line_to(position(stops.first()?, layout)?);
    for pair in stops.windows(2) {
        let [from, to] = pair else { continue };
        // A hand is beside its node: there is no line to it.
        if from.node() != to.node() {
            path.follow(&layout.line(from.node(), to.node())?);
        }
        path.line_to(position(to, layout)?);
    }
    Some(path)
}

/// Sets out gently, and arrives gently.
fn ease(part: f64) -> f64 {
    let smooth = part * part * (3.0 - 2.0 * part);
    0.5 * part + 0.5 * smooth
}
