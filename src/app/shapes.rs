//! The shapes of the picture, in the language of RabbitMQ's tutorials: a circle for a client, a shape of its own for
//! an exchange, a row of places for a queue.

use yew::prelude::*;

use crate::broker::message::Message;
use crate::broker::settings::Settings;
use crate::view::Board;
use crate::view::board::{ClientState, Copied, ExchangeState, Lent, QueueState};
use crate::view::features::{Badge, Features, features};
use crate::view::geometry::{Point, Rect};
use crate::view::graph::{Node, NodeId, Shape};
use crate::view::hand;
use crate::view::layout::{
    CLIENT_RADIUS, Direction, EXCHANGE_SIZE, Placed, SLOT_PITCH, SLOTS, fall_end, hand_at, name_width, slot_in,
    text_line, text_width,
};
use crate::view::motion::letter;
use crate::view::tables::{dead_letters, holds};

use super::paint::TOKEN_RADIUS;

/// Room beside a name that is seen from afar.
const FAR_ROOM: f64 = 20.0;

/// A node's body and text; from afar, with a name so many times larger, and nothing that could not be read.
pub fn body(placed: &Placed, board: &Board, direction: Direction, far: Option<f64>) -> Html {
    if placed.is_small {
        return small_body(placed);
    }
    if let Some(grown) = far {
        return far_body(placed, board, grown);
    }
    match &placed.node.id {
        NodeId::Client(id) => match board.clients.get(id) {
            Some(client) => client_body(placed, client, board),
            None => html! { <g /> },
        },
        NodeId::Exchange(resource) => match board.exchanges.get(resource) {
            Some(exchange) => exchange_body(placed, exchange, board, direction),
            None => html! { <g /> },
        },
        NodeId::Queue(resource) => match board.queues.get(resource) {
            Some(queue) => queue_body(placed, queue, board),
            None => html! { <g /> },
        },
    }
}

fn text(at: Point, class: &'static str, anchor: &'static str, words: String) -> Html {
    html! { <text class={class} text-anchor={anchor} x={at.x.to_string()} y={at.y.to_string()}>{ words }</text> }
}

fn circle(at: Point, radius: f64, class: Classes) -> Html {
    html! { <circle class={class} cx={at.x.to_string()} cy={at.y.to_string()} r={radius.to_string()} /> }
}

/// A message that stands still: solid, or an outline where somebody else holds it.
fn token(at: Point, message: &Message, board: &Board, state: &'static str) -> Html {
    let colour = board.colour(&message.routing_keys.key);
    html! {
        <g class={classes!("token", state, format!("k{colour}"))}>
            if message.deaths.is_some() {
                <path class="disc" d={diamond(at, TOKEN_RADIUS + 3.0)} />
            } else {
                { circle(at, TOKEN_RADIUS, classes!("disc")) }
            }
            { text(Point::new(at.x, at.y + 5.0), "letter", "middle", letter(message).to_string()) }
        </g>
    }
}

/// The shape of a dead letter, wherever one is.
fn diamond(at: Point, reach: f64) -> String {
    format!("M {} {} l {reach} {reach} l -{reach} {reach} l -{reach} -{reach} Z", at.x, at.y - reach)
}

/// How many dead letters are in a queue, on the upper edge of its box.
fn dead_plate(placed: &Placed, queue: &QueueState) -> Html {
    let Some(words) = dead_letters(queue) else { return html! { <g class="dead" /> } };
    let (left, middle) = (placed.rect.x + 12.0, placed.rect.y);
    html! {
        <g class="dead">
            <rect rx="9" x={left.to_string()} y={(middle - 7.0).to_string()} width={(text_width(&words) + 26.0).to_string()} height="17" />
            <path d={diamond(Point::new(left + 13.0, middle + 1.5), 6.0)} />
            { text(Point::new(left + 24.0, middle + 6.0), "words", "start", words) }
        </g>
    }
}

/// What tells a message in a queue from others: its priority, that it was delivered before, a ring that closes as its
/// time runs out.
fn marks(at: Point, features: &Features) -> Html {
    let ring = TOKEN_RADIUS + 1.5;
    let notch = format!("M {} {} l 5 -7 l -10 0 z", at.x, at.y - TOKEN_RADIUS + 4.0);
    html! {
        <>
            <title>{ features.words.clone() }</title>
            if let Some(left) = features.left {
                <circle class="ttl" cx={at.x.to_string()} cy={at.y.to_string()} r={ring.to_string()} pathLength="1"
                    stroke-dasharray={format!("{:.3} 1", 1.0 - left)} transform={format!("rotate(-90 {} {})", at.x, at.y)} />
            }
            if features.redelivered {
                <path class="redelivered" d={notch} />
            }
            if let Some(priority) = features.priority {
                { text(Point::new(at.x + 9.0, at.y + 14.0), "priority", "middle", priority.to_string()) }
            }
        </>
    }
}

/// Features and policies, after the type.
fn badges(all: &[Badge]) -> Html {
    let badge = |badge: &Badge| {
        html! {
            <tspan dx="6" class={if badge.is_policy { "policy" } else { "feature" }}>
                { badge.short.to_string() }<title>{ badge.words.clone() }</title>
            </tspan>
        }
    };
    html! { <>{ for all.iter().map(badge) }</> }
}

/// Of a crowd: a box with a name; a client's has round ends, an exchange's cut corners. How much is there is drawn above it,
/// frame by frame (`view::crowd`).
fn small_body(placed: &Placed) -> Html {
    let (rect, at) = (placed.rect, placed.centre);
    let baseline = at.y + 5.0;
    let round = if placed.node.shape.is_client() { rect.height / 2.0 } else { 4.0 };
    let (right, bottom, cut) = (rect.x + rect.width, rect.y + rect.height, 12.0);
    let hexagon = format!(
        "{},{} {},{} {},{} {right},{} {},{bottom} {},{bottom}",
        rect.x,
        at.y,
        rect.x + cut,
        rect.y,
        right - cut,
        rect.y,
        at.y,
        right - cut,
        rect.x + cut
    );
    html! {
        <g class="small">
            if placed.node.shape == Shape::Exchange {
                <polygon class="body" points={hexagon} />
            } else {
                <rect class="body" rx={round.to_string()} x={rect.x.to_string()} y={rect.y.to_string()}
                    width={rect.width.to_string()} height={rect.height.to_string()} />
            }
            { text(Point::new(rect.x + 14.0, baseline), "name", "start", placed.node.name.to_string()) }
        </g>
    }
}

/// As much of a name as fits into a width, when the name is so many times larger. What is left out is in the middle:
/// names of many things begin alike, and end with their numbers.
fn fitting(name: &str, width: f64, grown: f64) -> String {
    let fits = |text: &String| name_width(text) * grown <= width;
    let letters: Vec<char> = name.chars().collect();
    let shortened = |kept: usize| -> String {
        let (head, tail) = letters.split_at(kept.div_ceil(2));
        let tail = tail.get(tail.len().saturating_sub(kept / 2)..).unwrap_or_default();
        head.iter().chain(['\u{2026}'].iter()).chain(tail).collect()
    };
    if fits(&name.to_owned()) {
        return name.to_owned();
    }
    (1..letters.len()).map(shortened).take_while(fits).last().unwrap_or_default()
}

/// What is seen of a node from afar: its shape, its name, and of a queue how many messages it has.
fn far_body(placed: &Placed, board: &Board, grown: f64) -> Html {
    let (rect, centre) = (placed.rect, placed.centre);
    let size = format!("font-size:{:.1}px", 15.0 * grown);
    let words = |at: Point, class: &'static str, anchor: &'static str, text: String| {
        html! {
            <text {class} ~style={size.clone()} text-anchor={anchor} x={at.x.to_string()} y={at.y.to_string()}>{ text }</text>
        }
    };
    let name = |room: f64| fitting(&placed.node.name, room, grown);
    let below = |half: f64| {
        words(Point::new(centre.x, centre.y + half + 14.0 * grown), "name", "middle", name(rect.width + FAR_ROOM))
    };
    match &placed.node.id {
        NodeId::Queue(resource) => {
            let total = board.queues.get(resource).map_or(0, |queue| queue.total());
            let line = |part: f64| Point::new(rect.x + FAR_ROOM / 2.0, rect.y + rect.height * part + 5.0 * grown);
            html! {
                <g class="queue far">
                    { queue_box(placed) }
                    { words(line(0.3), "name", "start", name(rect.width - FAR_ROOM)) }
                    if total > 0 {
                        { words(line(0.72), "count", "start", format!("Total {total}")) }
                    }
                </g>
            }
        }
        NodeId::Exchange(_) => html! {
            <g class="exchange far"><polygon class="body" points={hexagon(centre)} />{ below(EXCHANGE_SIZE.1 / 2.0) }</g>
        },
        NodeId::Client(_) => html! {
            <g class="client far">
                { circle(centre, CLIENT_RADIUS, classes!("body")) }
                { text(Point::new(centre.x, centre.y + 7.0), "sign", "middle", sign(placed.node.shape).to_owned()) }
                { below(CLIENT_RADIUS) }
            </g>
        },
    }
}

/// What state a client is in, where it is not simply at work.
fn client_state(client: &ClientState, is_down: bool) -> Option<String> {
    let (open, all) = (client.open_connections(), client.connections.len());
    match (open, client.is_paused) {
        (0, _) if is_down => Some("broker stopped".to_owned()),
        (0, _) => Some("closed".to_owned()),
        (_, true) => Some("paused".to_owned()),
        (open, false) if open < all => Some(format!("{open} of {all} open")),
        _ => None,
    }
}

fn client_body(placed: &Placed, client: &ClientState, board: &Board) -> Html {
    let Node { shape, name, note, .. } = &placed.node;
    let centre = placed.centre;
    let (first, second) = (text_line(placed, 0), text_line(placed, 1));
    let sign = sign(*shape);
    let held = client.held.iter().find(|held| held.in_work).or(client.held.first());
    html! {
        <g class={classes!("client", (!client.is_open()).then_some("closed"), client.is_paused.then_some("paused"))}>
            { circle(centre, CLIENT_RADIUS, classes!("body")) }
            if let Some(held) = held {
                { token(centre, &held.message, board, "ready") }
            } else {
                { text(Point::new(centre.x, centre.y + 7.0), "sign", "middle", sign.to_owned()) }
            }
            { text(first, "name", "middle", name.to_string()) }
            if let Some(state) = client_state(client, board.is_down) {
                { text(second, "bad", "middle", state) }
            } else if shape.is_source() {
                { producer_note(second, note, board) }
            } else {
                <text class="note" text-anchor="middle" x={second.x.to_string()} y={second.y.to_string()}>
                    { holds(client) }{ badges(&placed.node.badges) }
                </text>
            }
        </g>
    }
}

/// The letter on a client. Who asks has a question mark, who answers an exclamation mark.
fn sign(shape: Shape) -> &'static str {
    match shape {
        Shape::Producer => "P",
        Shape::Worker => "W",
        Shape::RpcClient => "?",
        Shape::RpcServer => "!",
        Shape::Consumer | Shape::Exchange | Shape::Queue => "C",
    }
}

/// A routing key, with the token its messages have.
fn producer_note(at: Point, key: &crate::broker::Name, board: &Board) -> Html {
    let colour = board.colour(key);
    let half = crate::view::layout::text_width(key) / 2.0;
    let dot = Point::new(at.x - half - 4.0, at.y - 5.0);
    html! {
        <g>
            <g class={classes!("token", "ready", format!("k{colour}"))}>{ circle(dot, 6.0, classes!("disc")) }</g>
            { text(Point::new(at.x + 8.0, at.y), "code", "middle", key.to_string()) }
        </g>
    }
}

/// The sign on an exchange, by its type.
fn glyph(kind: &str) -> &'static str {
    match kind {
        "topic" => "*.#",
        "direct" => "=",
        "fanout" => "\u{22d4}",
        "headers" => "{:}",
        "x-consistent-hash" => "#",
        "x-local-random" => "?",
        _ => "X",
    }
}

/// The corners of an exchange.
fn hexagon(centre: Point) -> String {
    let (half_width, half_height) = (EXCHANGE_SIZE.0 / 2.0, EXCHANGE_SIZE.1 / 2.0);
    let corner = |x: f64, y: f64| format!("{},{}", centre.x + x * half_width, centre.y + y * half_height);
    [
        corner(-1.0, 0.0),
        corner(-0.55, -1.0),
        corner(0.55, -1.0),
        corner(1.0, 0.0),
        corner(0.55, 1.0),
        corner(-0.55, 1.0),
    ]
    .join(" ")
}

fn exchange_body(placed: &Placed, exchange: &ExchangeState, board: &Board, direction: Direction) -> Html {
    let (centre, second) = (placed.centre, text_line(placed, 1));
    html! {
        <g class={classes!("exchange", exchange.present.is_some().then_some("busy"))}>
            <polygon class="body" points={hexagon(centre)} />
            { text(Point::new(centre.x, centre.y + 8.0), "glyph", "middle", glyph(&exchange.kind).to_owned()) }
            { text(text_line(placed, 0), "name", "middle", placed.node.name.to_string()) }
            <text class="note" text-anchor="middle" x={second.x.to_string()} y={second.y.to_string()}>
                { placed.node.note.to_string() }{ badges(&placed.node.badges) }
            </text>
            { loss(fall_end(placed, direction), exchange, board, direction) }
        </g>
    }
}

/// What was lost at an exchange: the last message until the next one comes, and how many there were.
fn loss(at: Point, exchange: &ExchangeState, board: &Board, direction: Direction) -> Html {
    let Some(lost) = &exchange.lost else {
        let count = format!("(drop) {}", exchange.dropped);
        let words = if exchange.dropped > 0 { vec!["Unroutable", &count] } else { Vec::new() };
        return html! { <g class="loss" key="losses">{ lines(at, "note", &words) }</g> };
    };
    let words: &[&str] = match (direction, lost.returned) {
        (Direction::Across, false) => &["no binding", "matched: dropped"],
        (Direction::Across, true) => &["no binding", "matched: returned"],
        (Direction::Down, false) => &["no binding", "matched:", "dropped"],
        (Direction::Down, true) => &["no binding", "matched:", "returned"],
    };
    let cross = format!("M {} {} l 12 12 m 0 -12 l -12 12", at.x - 6.0, at.y - 6.0);
    html! {
        <g class="loss" key="lost">
            { token(at, &lost.message, board, "lost") }
            <path class="cross" d={cross} />
            { lines(at, "bad", words) }
        </g>
    }
}

/// Lines of text under a point.
fn lines(at: Point, class: &'static str, words: &[&str]) -> Html {
    let line = |(number, words): (usize, &&str)| {
        let at = Point::new(at.x, at.y + 27.0 + 19.0 * number as f64);
        html! { <g key={number}>{ text(at, class, "middle", (*words).to_owned()) }</g> }
    };
    html! { <g>{ for words.iter().enumerate().map(line) }</g> }
}

/// A queue's box: a quorum queue's has two lines, a stream's goes on to the left.
fn queue_box(placed: &Placed) -> Html {
    let rect = placed.rect;
    let frame = |inset: f64, class: &'static str| {
        html! {
            <rect {class} rx={(10.0 - inset).to_string()} x={(rect.x + inset).to_string()} y={(rect.y + inset).to_string()}
                width={(rect.width - 2.0 * inset).to_string()} height={(rect.height - 2.0 * inset).to_string()} />
        }
    };
    match placed.node.note.as_str() {
        "quorum" => html! { <>{ frame(0.0, "body") }{ frame(4.0, "inner") }</> },
        "stream" => {
            let (right, bottom) = (rect.x + rect.width, rect.y + rect.height);
            let teeth = "l 6 8 l -6 8 ".repeat((rect.height / 16.0) as usize);
            html! { <path class="body" d={format!("M {right} {bottom} L {right} {} L {} {} {teeth}z", rect.y, rect.x, rect.y)} /> }
        }
        _ => frame(0.0, "body"),
    }
}

/// A message in a queue: who holds it, if anybody does.
fn copy(place: usize, placed: &Placed, shown: (&Copied, Option<String>), board: &Board, settings: &Settings) -> Html {
    let (copied, holder) = shown;
    let at = slot_in(placed, place);
    let features = features(copied, settings, board.now_ms, holder.as_deref());
    let state = if holder.is_some() { "unacked" } else { "ready" };
    html! {
        <g key={copied.copy.0.to_string()}>
            { token(at, &copied.message, board, state) }
            { marks(at, &features) }
        </g>
    }
}

fn queue_body(placed: &Placed, queue: &QueueState, board: &Board) -> Html {
    let NodeId::Queue(resource) = &placed.node.id else { return html! { <g /> } };
    let settings = board.settings(resource, queue);
    let rect = placed.rect;
    let line = |dx: f64, dy: f64| Point::new(rect.x + dx, rect.y + dy);
    let holder = |lent: &Lent| hand::holder(board, lent.channel);
    let lent = queue.unacked.iter().map(|lent| (&lent.copied, Some(holder(lent))));
    let copies = lent.chain(queue.ready.iter().map(|copied| (copied, None)));
    let hidden = (queue.unacked.len() + queue.ready.len()).saturating_sub(SLOTS);
    let shown = if hidden > 0 { SLOTS - 1 } else { SLOTS };
    let head = line(rect.width - 12.0, 22.0);
    html! {
        <g class={classes!("queue", board.is_down.then_some("down"))}>
            { queue_box(placed) }
            { text(line(12.0, 22.0), "name", "start", placed.node.name.to_string()) }
            <text class="note" text-anchor="end" x={head.x.to_string()} y={head.y.to_string()}>
                { placed.node.note.to_string() }{ badges(&placed.node.badges) }
            </text>
            <g class="slots">{ for (0..SLOTS).map(|place| slot(slot_in(placed, place), place)) }</g>
            <g class="tokens">
                { for copies.take(shown).enumerate().map(|(place, shown)| copy(place, placed, shown, board, &settings)) }
            </g>
            <g class="more">
                if hidden > 0 {
                    { text(Point::new(slot_in(placed, SLOTS - 1).x, placed.centre.y + 5.0), "note", "middle", format!("+{}", hidden + 1)) }
                }
            </g>
            { counters(placed, queue) }
            { dead_plate(placed, queue) }
            { by_hand(placed, hand::count_held(queue)) }
        </g>
    }
}

/// The operator's hand at a queue, as long as it holds something.
fn by_hand(placed: &Placed, held: usize) -> Html {
    if held == 0 {
        return html! { <g class="hand" /> };
    }
    let at = hand_at(placed);
    let plate = Rect::around(at, 118.0, 24.0);
    html! {
        <g class="hand">
            <rect rx="12" x={plate.x.to_string()} y={plate.y.to_string()} width={plate.width.to_string()} height={plate.height.to_string()} />
            { text(Point::new(at.x, at.y + 5.0), "note", "middle", format!("{held} held by hand")) }
        </g>
    }
}

fn counters(placed: &Placed, queue: &QueueState) -> Html {
    let rect = placed.rect;
    let line = |dx: f64| Point::new(rect.x + dx, rect.y + rect.height - 11.0);
    html! {
        <g class="counters">
            { text(line(12.0), "count", "start", format!("Ready {}", queue.ready.len())) }
            { text(line(rect.width / 2.0), "count", "middle", format!("Unacked {}", queue.unacked.len())) }
            { text(line(rect.width - 12.0), "count", "end", format!("Total {}", queue.total())) }
        </g>
    }
}

fn slot(at: Point, place: usize) -> Html {
    let side = SLOT_PITCH - 2.0;
    html! {
        <rect key={place.to_string()} class="slot" rx="5" x={(at.x - side / 2.0).to_string()} y={(at.y - side / 2.0).to_string()}
            width={side.to_string()} height={side.to_string()} />
    }
}
