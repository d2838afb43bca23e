//! All of the picture, small, with what is seen of it: where one presses, the camera goes; with the arrow keys it goes step
//! by step.

use web_sys::Element;
use yew::prelude::*;

use crate::view::Layout;
use crate::view::camera::{Camera, middle_after};
use crate::view::geometry::{Point, Rect};
use crate::view::graph::Shape;

use super::same::Same;

/// From so many nodes on there is one.
pub const NODES_MIN: usize = 30;
/// Most CSS pixels across and down.
const SIZE: (f64, f64) = (180.0, 130.0);
/// While all is seen without it, it takes less and covers less.
const NEEDLESS: f64 = 0.5;
/// Of a small screen it takes no more than this part of the width.
const PART: f64 = 0.33;

/// What the map shows.
#[derive(Clone, PartialEq, Properties)]
pub struct MinimapProps {
    /// Where everything stands.
    pub layout: Same<Layout>,
    /// How much room the picture has, CSS pixels across and down.
    pub room: (f64, f64),
    /// What is seen.
    pub seen: Rect,
    /// Told the point of the picture that should be in the middle.
    pub on_go: Callback<Point>,
}

/// The map.
#[component]
pub fn Minimap(props: &MinimapProps) -> Html {
    let bounds = props.layout.bounds;
    let largest = if props.seen.covers(&bounds) { NEEDLESS } else { 1.0 };
    let part = (PART * props.room.0 / SIZE.0).min(largest);
    let most = (SIZE.0 * part, SIZE.1 * part);
    let scale =
        Camera::fit(bounds, most, 1.0).scale.min(most.0 / bounds.width.max(1.0)).min(most.1 / bounds.height.max(1.0));
    let (width, height) = (bounds.width * scale, bounds.height * scale);
    let map = use_node_ref();
    let on_go = props.on_go.clone();
    let element = map.clone();
    let go = move |event: &PointerEvent| {
        let Some(element) = element.cast::<Element>() else { return };
        let frame = element.get_bounding_client_rect();
        let (x, y) = (f64::from(event.client_x()) - frame.left(), f64::from(event.client_y()) - frame.top());
        on_go.emit(Point::new(bounds.x + x / scale, bounds.y + y / scale));
    };
    let onpointerdown = {
        let (go, map) = (go.clone(), map.clone());
        move |event: PointerEvent| {
            if let Some(element) = map.cast::<Element>() {
                // Without it, dragging ends at the map's side; that is all.
                let _ = element.set_pointer_capture(event.pointer_id());
            }
            go(&event);
        }
    };
    let onpointermove = move |event: PointerEvent| {
        if event.buttons() & 1 == 1 {
            go(&event);
        }
    };
    let seen = props.seen;
    let onkeydown = {
        let on_go = props.on_go.clone();
        move |event: KeyboardEvent| {
            let by = match event.key().as_str() {
                "ArrowLeft" => (-1, 0),
                "ArrowRight" => (1, 0),
                "ArrowUp" => (0, -1),
                "ArrowDown" => (0, 1),
                _ => return,
            };
            event.prevent_default();
            on_go.emit(middle_after(seen, by, bounds));
        }
    };
    html! {
        <svg ref={map} class="minimap" role="application" tabindex="0" aria-label="Map of the whole topology: the arrow keys move what is seen" width={width.to_string()} height={height.to_string()}
            viewBox={format!("{} {} {} {}", bounds.x, bounds.y, bounds.width, bounds.height)}
            {onpointerdown} {onpointermove} {onkeydown}>
            <Boxes layout={props.layout.clone()} />
            <rect class="seen" x={seen.x.to_string()} y={seen.y.to_string()} width={seen.width.to_string()} height={seen.height.to_string()} />
        </svg>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct BoxesProps {
    layout: Same<Layout>,
}

/// The nodes: drawn anew only with another layout.
#[component]
fn Boxes(props: &BoxesProps) -> Html {
    let path = |wanted: fn(Shape) -> bool| -> String {
        let nodes = props.layout.nodes.iter().filter(|placed| wanted(placed.node.shape));
        let part = |rect: Rect| format!("M{} {}h{}v{}h-{}z", rect.x, rect.y, rect.width, rect.height, rect.width);
        nodes.map(|placed| part(placed.rect)).collect()
    };
    html! {
        <>
            <path class="clients" d={path(Shape::is_client)} />
            <path class="exchanges" d={path(|shape| shape == Shape::Exchange)} />
            <path class="queues" d={path(|shape| shape == Shape::Queue)} />
        </>
    }
}
