//! Following one message: what is written about it, where it stands in the picture, and which one a pointer means.

use super::board::{Board, ClientState, QueueState};
use super::features::{dead_letter, death_word, features};
use super::film::Film;
use super::flight::{Flight, FlightKind};
use super::geometry::{Point, Rect};
use super::graph::{NodeId, exchange_name};
use super::hand::holder;
use super::inspect::Fact;
use super::layout::{Layout, SLOT_PITCH, SLOTS, slot_in};
use super::life::{Life, Stay, Where, stays};
use super::motion::{TokenKind, letter, whole};
use super::sentence::{Sentence, span};
use super::why::{Missed, missed};
use crate::broker::message::Message;
use crate::broker::{MessageId, Name, Resource};
use std::rc::Rc;

/// What is written about a message at a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Following {
    /// Which.
    pub id: MessageId,
    /// Its routing key.
    pub key: Name,
    /// Where each copy of it is, or how it ended.
    pub now: Vec<Sentence>,
    /// Whether it is nowhere any more.
    pub is_over: bool,
    /// Its content.
    pub facts: Vec<Fact>,
    /// The edges that it passed by, and why.
    pub missed: Rc<Vec<Missed>>,
}

/// A message that is followed, when `cursor` entries have happened.
pub fn following(life: &Life, film: &Film, board: &Board, cursor: usize) -> Option<Following> {
    let message = life.message(film.history(), cursor)?;
    let now = stays(life, film.history(), board, cursor);
    let told = match &now[..] {
        [] => vec![Sentence::words("Not published yet")],
        stays => stays.iter().map(|stay| stay.told(board)).collect(),
    };
    Some(Following {
        id: life.id(),
        key: message.routing_keys.key.clone(),
        now: told,
        is_over: !now.is_empty() && !now.iter().any(Stay::is_live),
        facts: content(message),
        missed: missed(film, board, cursor, life),
    })
}

/// What is in a message.
pub fn content(message: &Message) -> Vec<Fact> {
    let fact = |label: &'static str, value: String| Fact { label, value };
    let properties = &message.properties;
    let mut facts = vec![
        fact("Exchange", exchange_name(&message.exchange).to_string()),
        fact("Routing key", message.routing_keys.key.to_string()),
        fact("Payload", message.payload.text().into_owned()),
    ];
    let numbers = [
        ("delivery_mode", properties.delivery_mode.map(u64::from)),
        ("priority", properties.priority.map(u64::from)),
        ("timestamp", properties.timestamp),
    ];
    facts.extend(numbers.into_iter().filter_map(|(label, number)| Some(fact(label, number?.to_string()))));
    let texts = properties.texts().into_iter();
    facts.extend(texts.filter_map(|(label, text)| Some(fact(label, text.as_ref()?.to_string()))));
    for (name, value) in properties.headers.iter().flatten() {
        facts.push(fact("Header", format!("{name}: {value}")));
    }
    for death in message.deaths.iter().flat_map(|deaths| &deaths.entries) {
        let times = if death.count > 1 { format!(", {} times", death.count) } else { String::new() };
        let text = format!("{} in {}{times}", death_word(death.reason), death.queue);
        facts.push(fact("x-death", text));
    }
    facts
}

/// A message at a queue or a client, as a line of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Which.
    pub id: MessageId,
    /// Tells it from other copies of the same message.
    pub copy: u64,
    /// Its routing key.
    pub key: Name,
    /// `Ready`, or `Unacked, with worker`.
    pub state: String,
    /// What made a dead letter of it, if it is one.
    pub dead: Option<String>,
    /// What else tells it from others: in words.
    pub more: String,
}

/// The messages at a queue or a client, head first, so many of them at most; and how many there are.
pub fn rows(board: &Board, node: &NodeId, most: usize) -> (Vec<Row>, usize) {
    match node {
        NodeId::Queue(resource) => match board.queues.get(resource) {
            Some(queue) => (in_queue(board, resource, queue, most), queue.total()),
            None => (Vec::new(), 0),
        },
        NodeId::Client(id) => match board.clients.get(id) {
            Some(client) => (at_client(client, most), client.held.len()),
            None => (Vec::new(), 0),
        },
        NodeId::Exchange(_) => (Vec::new(), 0),
    }
}

fn in_queue(board: &Board, resource: &Rc<Resource>, queue: &QueueState, most: usize) -> Vec<Row> {
    let settings = board.settings(resource, queue);
    let lent = queue.unacked.iter().map(|lent| (&lent.copied, Some(holder(board, lent.channel)), false));
    let ready = queue.ready.iter().map(|copied| (copied, None, false));
    let waiting = queue.waiting.iter().map(|copied| (copied, None, true));
    let row = |(copied, holder, waits): (&super::board::Copied, Option<String>, bool)| {
        let features = features(copied, &settings, board.now_ms, holder.as_deref());
        let mut more = vec![format!("{} old", span(board.now_ms.saturating_sub(copied.since_ms)))];
        if copied.redelivered {
            more.push("redelivered".to_owned());
        }
        more.extend(features.priority.map(|priority| format!("priority {priority}")));
        more.extend(features.left_ms.map(|left_ms| format!("expires in {}", span(left_ms))));
        let state = match &holder {
            Some(holder) => format!("Unacked, with {holder}"),
            None if waits => "Waiting".to_owned(),
            None => "Ready".to_owned(),
        };
        let key = copied.message.routing_keys.key.clone();
        let (dead, more) = (features.dead, more.join(", "));
        Row { id: copied.message.id, copy: copied.copy.0, key, state, dead, more }
    };
    lent.chain(ready).chain(waiting).take(most).map(row).collect()
}

fn at_client(client: &ClientState, most: usize) -> Vec<Row> {
    let row = |held: &super::board::Held| Row {
        id: held.message.id,
        copy: held.delivery_tag,
        key: held.message.routing_keys.key.clone(),
        state: if held.in_work { "In work".to_owned() } else { "Held".to_owned() },
        dead: dead_letter(&held.message),
        more: format!("delivery tag {}", held.delivery_tag),
    };
    client.held.iter().take(most).map(row).collect()
}

/// Where a message stands still in the picture: in queues, at those who hold it.
pub fn spots(life: &Life, film: &Film, board: &Board, cursor: usize, layout: &Layout) -> Vec<Flight> {
    let Some(message) = life.message(film.history(), cursor) else { return Vec::new() };
    let token = |at: Point, kind: FlightKind| Flight {
        at,
        kind,
        colour: board.colour(&message.routing_keys.key),
        letter: letter(message),
        message: life.id(),
        opacity: 1.0,
        rests: true,
    };
    let solid = FlightKind::Token(whole(message));
    let in_slot = |queue: &Rc<Resource>, place: usize, kind: FlightKind| {
        let placed = layout.node(&NodeId::Queue(queue.clone()))?;
        Some(token(slot_in(placed, place.min(SLOTS - 1)), kind))
    };
    let mut spots = Vec::new();
    for stay in stays(life, film.history(), board, cursor) {
        spots.extend(match &stay.at {
            Where::Ready(queue, place) => {
                let lent = board.queues.get(queue).map_or(0, |queue| queue.unacked.len());
                in_slot(queue, lent + place, solid)
            }
            Where::Unacked(queue, place, _) => in_slot(queue, *place, FlightKind::Lent),
            Where::Waiting(queue) => in_slot(queue, SLOTS - 1, solid),
            Where::Sent(_) | Where::Exchange(_) | Where::Leaving(..) | Where::Over(_) => None,
        });
    }
    for (id, client) in board.present() {
        if client.held.iter().any(|held| held.message.id == life.id()) {
            let placed = layout.node(&NodeId::Client(id));
            spots.extend(placed.map(|placed| token(placed.centre, solid)));
        }
    }
    spots
}

/// What has to be seen of the picture to see these.
pub fn around<'a>(tokens: impl Iterator<Item = &'a Flight>) -> Option<Rect> {
    const ROOM: f64 = 120.0;
    tokens.map(|token| Rect::around(token.at, ROOM, ROOM)).reduce(|all, one| all.with(&one))
}

/// How near a token's middle a pointer must be: those in a queue's row do not reach into one another.
const REACH: f64 = SLOT_PITCH / 2.0 - 1.0;

/// The message whose token is at a point of the picture: of what moves first, then of what stands.
pub fn pick(board: &Board, layout: &Layout, flights: &[Flight], at: Point) -> Option<MessageId> {
    let near = |point: Point| point.distance(at) <= REACH;
    let is_token = |flight: &&Flight| !matches!(flight.kind, FlightKind::Work(_));
    let flying = flights.iter().rev().filter(is_token).find(|flight| near(flight.at));
    if let Some(flight) = flying {
        return Some(flight.message);
    }
    let placed = layout.nodes.iter().find(|placed| {
        let rect = placed.rect;
        (rect.x..rect.x + rect.width).contains(&at.x) && (rect.y..rect.y + rect.height).contains(&at.y)
    })?;
    if placed.is_small {
        return None;
    }
    match &placed.node.id {
        NodeId::Queue(resource) => {
            let queue = board.queues.get(resource)?;
            let total = queue.unacked.len() + queue.ready.len();
            let shown = if total > SLOTS { SLOTS - 1 } else { total };
            let place = (0..shown).find(|place| near(slot_in(placed, *place)))?;
            let copied = match queue.unacked.get(place) {
                Some(lent) => &lent.copied,
                None => queue.ready.get(place - queue.unacked.len())?,
            };
            Some(copied.message.id)
        }
        NodeId::Client(id) => {
            let held = &board.clients.get(id)?.held;
            let shown = held.iter().find(|held| held.in_work).or(held.first())?;
            near(placed.centre).then_some(shown.message.id)
        }
        NodeId::Exchange(resource) => {
            let lost = board.exchanges.get(resource)?.lost.as_ref()?;
            near(super::layout::fall_end(placed, layout.direction)).then_some(lost.message.id)
        }
    }
}

/// Whether a token is the message itself, not what is said of it.
pub fn is_message(flight: &Flight) -> bool {
    match flight.kind {
        FlightKind::Token(kind) => {
            !matches!(kind, TokenKind::Ack | TokenKind::Nack | TokenKind::Confirm | TokenKind::Refusal)
        }
        FlightKind::Falling(_) | FlightKind::Lent => true,
        FlightKind::Work(_) => false,
    }
}
