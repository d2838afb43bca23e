//! The shapes of the picture, in the language of RabbitMQ's tutorials: a circle for a client, a shape of its own for
//! an exchange, a row of places for a queue.

use yew::prelude::*;

use crate::broker::message::Message;
use crate::view::Board;
use crate::view::board::{ClientState, ExchangeState, QueueState};
use crate::view::geometry::Point;
use crate::view::graph::{Node, NodeId, Shape};
use crate::view::layout::{
    CLIENT_RADIUS, Direction, EXCHANGE_SIZE, Placed, SLOT_PITCH, SLOTS, fall_end, slot_in, text_line,
};
use crate::view::motion::letter;
use crate::view::tables::holds;

use super::paint::TOKEN_RADIUS;

/// A node's body and text.
pub fn body(placed: &Placed, board: &Board, direction: Direction) -> Html {
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
            { circle(at, TOKEN_RADIUS, classes!("disc")) }
            { text(Point::new(at.x, at.y + 5.0), "letter", "middle", letter(message).to_string()) }
        </g>
    }
}

fn client_body(placed: &Placed, client: &ClientState, board: &Board) -> Html {
    let Node { shape, name, note, .. } = &placed.node;
    let centre = placed.centre;
    let (first, second) = (text_line(placed, 0), text_line(placed, 1));
    let sign = sign(*shape);
    let held = client.held.iter().find(|held| held.in_work).or(client.held.first());
    html! {
        <g class={classes!("client", (!client.is_open()).then_some("closed"))}>
            { circle(centre, CLIENT_RADIUS, classes!("body")) }
            if let Some(held) = held {
                { token(centre, &held.message, board, "ready") }
            } else {
                { text(Point::new(centre.x, centre.y + 7.0), "sign", "middle", sign.to_owned()) }
            }
            { text(first, "name", "middle", name.to_string()) }
            if shape.is_source() {
                { producer_note(second, note, board) }
            } else {
                { text(second, "note", "middle", holds(client)) }
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

fn exchange_body(placed: &Placed, exchange: &ExchangeState, board: &Board, direction: Direction) -> Html {
    let centre = placed.centre;
    let (half_width, half_height) = (EXCHANGE_SIZE.0 / 2.0, EXCHANGE_SIZE.1 / 2.0);
    let corner = |x: f64, y: f64| format!("{},{}", centre.x + x * half_width, centre.y + y * half_height);
    let points = [
        corner(-1.0, 0.0),
        corner(-0.55, -1.0),
        corner(0.55, -1.0),
        corner(1.0, 0.0),
        corner(0.55, 1.0),
        corner(-0.55, 1.0),
    ];
    html! {
        <g class={classes!("exchange", exchange.present.is_some().then_some("busy"))}>
            <polygon class="body" points={points.join(" ")} />
            { text(Point::new(centre.x, centre.y + 8.0), "glyph", "middle", glyph(&exchange.kind).to_owned()) }
            { text(text_line(placed, 0), "name", "middle", placed.node.name.to_string()) }
            { text(text_line(placed, 1), "note", "middle", placed.node.note.to_string()) }
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

fn queue_body(placed: &Placed, queue: &QueueState, board: &Board) -> Html {
    let rect = placed.rect;
    let line = |dx: f64, dy: f64| Point::new(rect.x + dx, rect.y + dy);
    let lent = queue.unacked.iter().map(|lent| (&lent.copied, "unacked"));
    let copies = lent.chain(queue.ready.iter().map(|copied| (copied, "ready")));
    let hidden = (queue.unacked.len() + queue.ready.len()).saturating_sub(SLOTS);
    let shown = if hidden > 0 { SLOTS - 1 } else { SLOTS };
    html! {
        <g class="queue">
            <rect class="body" rx="10" x={rect.x.to_string()} y={rect.y.to_string()}
                width={rect.width.to_string()} height={rect.height.to_string()} />
            { text(line(12.0, 22.0), "name", "start", placed.node.name.to_string()) }
            { text(line(rect.width - 12.0, 22.0), "note", "end", placed.node.note.to_string()) }
            <g class="slots">{ for (0..SLOTS).map(|place| slot(slot_in(placed, place), place)) }</g>
            <g class="tokens">
                { for copies.take(shown).enumerate().map(|(place, (copied, state))| html! {
                    <g key={copied.copy.0.to_string()}>{ token(slot_in(placed, place), &copied.message, board, state) }</g>
                }) }
            </g>
            <g class="more">
                if hidden > 0 {
                    { text(Point::new(slot_in(placed, SLOTS - 1).x, placed.centre.y + 5.0), "note", "middle", format!("+{}", hidden + 1)) }
                }
            </g>
            <g class="counters">
                { text(line(12.0, rect.height - 11.0), "count", "start", format!("Ready {}", queue.ready.len())) }
                { text(line(rect.width / 2.0, rect.height - 11.0), "count", "middle", format!("Unacked {}", queue.unacked.len())) }
                { text(line(rect.width - 12.0, rect.height - 11.0), "count", "end", format!("Total {}", queue.total())) }
            </g>
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
