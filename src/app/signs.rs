//! What just befell messages, written above the picture where it happened.

use std::rc::Rc;

use yew::prelude::*;

use crate::view::camera::Camera;
use crate::view::fate::{Fate, Sign};
use crate::view::geometry::{Point, Rect};
use crate::view::layout::{CLIENT_RADIUS, EXCHANGE_SIZE, Layout, Placed, text_width};

use super::same::Same;

/// From one sign to the next at a node.
const PITCH: f64 = 26.0;
const HEIGHT: f64 = 23.0;
const ICON: f64 = 22.0;

/// What is shown.
#[derive(Clone, PartialEq, Properties)]
pub struct SignsProps {
    /// Where everything stands.
    pub layout: Same<Layout>,
    /// Which part of it is seen, and how large.
    pub camera: Camera,
    /// The signs, the newest first.
    pub signs: Rc<Vec<Sign>>,
}

/// The signs. Who listens hears the same from the story.
#[component]
pub fn Signs(props: &SignsProps) -> Html {
    let Camera { origin, scale } = props.camera;
    let seen = format!("scale({scale}) translate({} {})", -origin.x, -origin.y);
    let place = |index: usize| {
        let sign = &props.signs[index];
        let before = props.signs[..index].iter().filter(|other| other.node == sign.node).count();
        Some((sign, middle(props.layout.node(&sign.node)?, before)))
    };
    html! {
        <svg class="signs" aria-hidden="true">
            <g transform={seen}>
                { for (0..props.signs.len()).filter_map(place).map(|(sign, at)| plate(sign, at)) }
            </g>
        </svg>
    }
}

/// The middle of a node's sign, with so many before it: under a queue, above all else.
fn middle(placed: &Placed, before: usize) -> Point {
    let (centre, away) = (placed.centre, before as f64 * PITCH);
    if placed.is_small {
        return Point::new(centre.x, placed.rect.y - HEIGHT / 2.0 - away);
    }
    if placed.node.shape == crate::view::graph::Shape::Queue {
        return Point::new(placed.rect.centre().x, placed.rect.y + placed.rect.height + 7.0 + away);
    }
    let half = if placed.node.shape.is_client() { CLIENT_RADIUS } else { EXCHANGE_SIZE.1 / 2.0 };
    Point::new(centre.x, centre.y - half - 8.0 - away)
}

fn plate(sign: &Sign, at: Point) -> Html {
    let text = sign.text();
    let rect = Rect::around(at, text_width(&text) + ICON + 14.0, HEIGHT);
    let icon = Point::new(rect.x + 14.0, at.y);
    let class = match sign.fate {
        Fate::Settled => "good",
        fate if fate.is_bad() => "bad",
        _ => "plain",
    };
    html! {
        <g key={sign.seq} class={classes!("fate", class)}>
            <rect rx={(HEIGHT / 2.0).to_string()} x={rect.x.to_string()} y={rect.y.to_string()}
                width={rect.width.to_string()} height={rect.height.to_string()} />
            <path d={outline(sign.fate)} transform={format!("translate({} {})", icon.x, icon.y)} />
            <text x={(rect.x + ICON + 4.0).to_string()} y={(at.y + 5.0).to_string()}>{ text }</text>
        </g>
    }
}

/// A shape around the origin, in strokes.
fn outline(fate: Fate) -> &'static str {
    match fate {
        Fate::Lost => "M -5 -5 L 5 5 M 5 -5 L -5 5",
        Fate::Expired => "M -5 -6 H 5 L -5 6 H 5 Z",
        Fate::Rejected => "M -6 0 A 6 6 0 1 1 6 0 A 6 6 0 1 1 -6 0 M -4 4 L 4 -4",
        Fate::DeadLettered => "M 0 -7 L 7 0 L 0 7 L -7 0 Z",
        Fate::Returned | Fate::Requeued => "M 5 5 A 6 6 0 1 0 -5 3 M -7 -2 L -5 4 L 1 2",
        Fate::Settled => "M -6 0 L -2 5 L 6 -5",
    }
}
