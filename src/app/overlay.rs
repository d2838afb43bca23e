//! What a hand draws over the picture while it is at it: a line to somewhere, a frame around nodes, what is in line.

use yew::prelude::*;

use crate::view::NodeId;
use crate::view::geometry::{Curve, Point, Rect};
use crate::view::gesture::{Dragged, What};
use crate::view::layout::{Layout, Placed};

use super::drawing::Drawing;

/// What is moved meanwhile, and where a line would end.
#[derive(Clone, Default, PartialEq)]
pub struct Meanwhile {
    /// The nodes that are moved.
    pub moving: Vec<NodeId>,
    /// By how much.
    pub by: Point,
    /// Where a line would end.
    pub end: Option<NodeId>,
}

impl Meanwhile {
    /// What a hand is at.
    pub fn of(drawing: &Drawing, dragged: Option<&Dragged>) -> Meanwhile {
        let Some(dragged) = dragged else { return Meanwhile::default() };
        let (moving, by, _) = drawing.moving(dragged).unwrap_or_default();
        Meanwhile { moving, by, end: drawing.line_end(dragged) }
    }
}

/// What is drawn over the picture, in its units; where no hand is at it, what is `apart`.
pub fn overlay(drawing: &Drawing, dragged: Option<&Dragged>, apart: &[NodeId]) -> Html {
    let Some(dragged) = dragged else {
        return if apart.is_empty() {
            html! { <g class="overlay" /> }
        } else {
            marked(&drawing.layout, apart)
        };
    };
    html! {
        <g class="overlay" aria-hidden="true">
            { match &dragged.what {
                What::Frame => drawing.frame(dragged).map(|area| frame(&area)).unwrap_or_default(),
                What::Line(from) => line(drawing, from, drawing.camera.to_picture(dragged.to)),
                What::Node(_) => moving(drawing, dragged),
            } }
        </g>
    }
}

/// Marks nodes that differ from those of another picture, at the corner where nothing else is marked.
fn marked(layout: &Layout, nodes: &[NodeId]) -> Html {
    let mark = |placed: &Placed| {
        let Rect { x, y, width, height } = placed.rect;
        html! {
            <g key={format!("{:?}", (x, y))}>
                <rect rx="12" x={(x - 6.0).to_string()} y={(y - 6.0).to_string()}
                    width={(width + 12.0).to_string()} height={(height + 12.0).to_string()} />
                <circle cx={(x - 4.0).to_string()} cy={(y + height + 4.0).to_string()} r="11" />
                <text x={(x - 4.0).to_string()} y={(y + height + 9.0).to_string()} text-anchor="middle">{ "\u{2260}" }</text>
            </g>
        }
    };
    html! {
        <g class="apart" aria-hidden="true">
            { for layout.nodes.iter().filter(|placed| nodes.contains(&placed.node.id)).map(mark) }
        </g>
    }
}

fn frame(area: &Rect) -> Html {
    html! {
        <rect class="marquee" x={area.x.to_string()} y={area.y.to_string()} width={area.width.to_string()} height={area.height.to_string()} />
    }
}

fn path(curve: &Curve, class: &'static str) -> Html {
    let [a, b, c, d] = curve.0;
    let d = format!("M {} {} C {} {} {} {} {} {}", a.x, a.y, b.x, b.y, c.x, c.y, d.x, d.y);
    html! { <path {class} {d} marker-end="url(#arrow)" /> }
}

fn line(drawing: &Drawing, from: &NodeId, to: Point) -> Html {
    drawing.layout.line_from(from, to).map(|curve| path(&curve, "line drawn")).unwrap_or_default()
}

fn moving(drawing: &Drawing, dragged: &Dragged) -> Html {
    let Some((nodes, by, guides)) = drawing.moving(dragged) else { return html! {} };
    let lines = drawing.layout.lines_moved(&nodes, by);
    html! {
        <>
            { for lines.iter().map(|curve| path(curve, "line drawn")) }
            { for guides.iter().map(|guide| html! {
                <line class="guide" x1={guide.from.x.to_string()} y1={guide.from.y.to_string()} x2={guide.to.x.to_string()} y2={guide.to.y.to_string()} />
            }) }
        </>
    }
}
