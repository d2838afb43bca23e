//! What can be added: by a press, connected with what is selected; or dragged to where it shall stand.

use web_sys::Element;
use yew::prelude::*;

use crate::edit::Kind;
use crate::view::geometry::Point;

/// So far the pointer moves before it is no press any more, CSS pixels.
const PRESS_PX: f64 = 6.0;

/// One thing that can be added.
#[derive(Clone, PartialEq, Properties)]
pub struct PieceProps {
    /// What.
    pub kind: Kind,
    /// What it is called.
    pub label: &'static str,
    /// The line that does the same as a press.
    pub line: AttrValue,
    /// It is pressed.
    pub on_press: Callback<AttrValue>,
    /// It is let go of, at a point of the window.
    pub on_drop: Callback<(Kind, Point)>,
}

/// A button that can be dragged.
#[component]
pub fn Piece(props: &PieceProps) -> Html {
    let dragged = use_state(|| None::<Point>);
    let begun = use_mut_ref(|| None::<Point>);
    let was_dragged = use_mut_ref(|| false);
    let button = use_node_ref();
    let at = |event: &PointerEvent| Point::new(f64::from(event.client_x()), f64::from(event.client_y()));
    let onpointerdown = {
        let (begun, was_dragged) = (begun.clone(), was_dragged.clone());
        let button = button.clone();
        move |event: PointerEvent| {
            *begun.borrow_mut() = (event.button() == 0).then(|| at(&event));
            *was_dragged.borrow_mut() = false;
            // At once: a quick hand leaves the button before it is told of the first move.
            if let Some(button) = button.cast::<Element>() {
                // Refused only for a finger that is gone already.
                let _ = button.set_pointer_capture(event.pointer_id());
            }
        }
    };
    let onpointermove = {
        let (begun, was_dragged, dragged) = (begun.clone(), was_dragged.clone(), dragged.setter());
        move |event: PointerEvent| {
            let Some(from) = *begun.borrow() else { return };
            let to = at(&event);
            let mut is_drag = was_dragged.borrow_mut();
            if *is_drag || from.distance(to) > PRESS_PX {
                *is_drag = true;
                dragged.set(Some(to));
            }
        }
    };
    let onpointerup = {
        let (begun, was_dragged, dragged) = (begun.clone(), was_dragged.clone(), dragged.setter());
        let (on_drop, kind) = (props.on_drop.clone(), props.kind);
        move |event: PointerEvent| {
            *begun.borrow_mut() = None;
            if *was_dragged.borrow() {
                dragged.set(None);
                on_drop.emit((kind, at(&event)));
            }
        }
    };
    let onpointercancel = {
        let dragged = dragged.setter();
        move |_: PointerEvent| {
            *begun.borrow_mut() = None;
            dragged.set(None);
        }
    };
    let onclick = {
        let (on_press, line) = (props.on_press.clone(), props.line.clone());
        move |_: MouseEvent| {
            // Dragging ends in a click, too.
            if !was_dragged.replace(false) {
                on_press.emit(line.clone());
            }
        }
    };
    let spoken = format!("Add {}", props.label.to_lowercase());
    html! {
        <button ref={button} type="button" title={format!("{}, or drag it to its place", props.line)} aria-label={spoken}
            {onclick} {onpointerdown} {onpointermove} {onpointerup} {onpointercancel}>
            { format!("+ {}", props.label) }
            if let Some(at) = *dragged {
                <span class="ghost" aria-hidden="true" ~style={format!("left:{}px;top:{}px", at.x, at.y)}>{ props.label }</span>
            }
        </button>
    }
}
