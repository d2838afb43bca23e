//! Hand movements on the picture: dragging the ground pans, two fingers or Ctrl and the wheel zoom, the wheel pans.
//!
//! What always holds: a gesture that begins on a node or a control is not taken for one on the ground; when it is
//! dropped, no listener is left.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, PointerEvent, WheelEvent};

use crate::view::geometry::Point;

/// What the hand wants.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Gesture {
    /// To move what is seen by so many CSS pixels.
    Pan(f64, f64),
    /// To see it so many times larger; the point stays.
    Zoom(f64, Point),
    /// Nothing but to touch the ground.
    Tap,
}

/// A hand that is on the picture: its fingers, and whether they have moved.
#[derive(Default)]
struct Hand {
    fingers: Vec<(i32, Point)>,
    has_moved: bool,
}

/// How far a finger moves before it is no tap any more, CSS pixels.
const TAP_PX: f64 = 4.0;
/// How much larger by one pixel of the wheel.
const ZOOM_PER_PX: f64 = 0.0022;
/// One line of a wheel that counts lines, CSS pixels.
const LINE_PX: f64 = 16.0;

/// Listens on an element until the answer is dropped.
pub fn listen(element: &Element, on_gesture: impl Fn(Gesture) + 'static) -> Vec<EventListener> {
    let hand = Rc::new(RefCell::new(Hand::default()));
    let on_gesture = Rc::new(on_gesture);
    let add = |name: &'static str, react: fn(&Element, &mut Hand, &Event) -> Option<Gesture>| {
        let (element, hand, on_gesture) = (element.clone(), hand.clone(), on_gesture.clone());
        let options = EventListenerOptions::enable_prevent_default();
        EventListener::new_with_options(&element.clone(), name, options, move |event| {
            let gesture = react(&element, &mut hand.borrow_mut(), event);
            if let Some(gesture) = gesture {
                on_gesture(gesture);
            }
        })
    };
    vec![
        add("pointerdown", down),
        add("pointermove", moved),
        add("pointerup", up),
        add("pointercancel", up),
        add("wheel", wheel),
    ]
}

/// Where on the element something happened, CSS pixels.
fn place(element: &Element, x: i32, y: i32) -> Point {
    let rect = element.get_bounding_client_rect();
    Point::new(f64::from(x) - rect.left(), f64::from(y) - rect.top())
}

fn down(element: &Element, hand: &mut Hand, event: &Event) -> Option<Gesture> {
    let event = event.dyn_ref::<PointerEvent>()?;
    let on = event.target()?.dyn_into::<Element>().ok()?;
    if event.button() != 0 || on.closest("[role=button], .minimap, button, a, input, select, textarea").ok()?.is_some()
    {
        return None;
    }
    if hand.fingers.is_empty() {
        hand.has_moved = false;
    }
    hand.fingers.push((event.pointer_id(), place(element, event.client_x(), event.client_y())));
    // Refused only for a finger that is gone already, and then there is nothing to follow.
    let _ = element.set_pointer_capture(event.pointer_id());
    None
}

fn moved(element: &Element, hand: &mut Hand, event: &Event) -> Option<Gesture> {
    let event = event.dyn_ref::<PointerEvent>()?;
    let at = place(element, event.client_x(), event.client_y());
    let index = hand.fingers.iter().position(|(id, _)| *id == event.pointer_id())?;
    let was = hand.fingers[index].1;
    let other = hand.fingers.iter().find(|(id, _)| *id != event.pointer_id()).map(|(_, at)| *at);
    if !hand.has_moved && other.is_none() && was.distance(at) < TAP_PX {
        return None;
    }
    hand.has_moved = true;
    hand.fingers[index].1 = at;
    Some(match other {
        None => Gesture::Pan(at.x - was.x, at.y - was.y),
        Some(other) => {
            let factor = other.distance(at).max(1.0) / other.distance(was).max(1.0);
            Gesture::Zoom(factor, other.towards(at, 0.5))
        }
    })
}

fn up(_: &Element, hand: &mut Hand, event: &Event) -> Option<Gesture> {
    let event = event.dyn_ref::<PointerEvent>()?;
    let before = hand.fingers.len();
    hand.fingers.retain(|(id, _)| *id != event.pointer_id());
    let is_tap = before == 1 && hand.fingers.is_empty() && !hand.has_moved && event.type_() == "pointerup";
    is_tap.then_some(Gesture::Tap)
}

fn wheel(element: &Element, _: &mut Hand, event: &Event) -> Option<Gesture> {
    let event = event.dyn_ref::<WheelEvent>()?;
    event.prevent_default();
    let unit = if event.delta_mode() == WheelEvent::DOM_DELTA_LINE { LINE_PX } else { 1.0 };
    let (dx, dy) = (event.delta_x() * unit, event.delta_y() * unit);
    Some(if event.ctrl_key() || event.meta_key() {
        Gesture::Zoom((-dy * ZOOM_PER_PX).exp(), place(element, event.client_x(), event.client_y()))
    } else {
        Gesture::Pan(-dx, -dy)
    })
}
