//! Pointers on the picture, told to a [`Hand`]; and the wheel, which pans, and zooms with Ctrl.
//!
//! What always holds: a gesture that begins on a control is not taken for one on the picture; when it is dropped, no
//! listener is left.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, KeyboardEvent, PointerEvent, WheelEvent};

use crate::view::geometry::Point;
use crate::view::gesture::{Gesture, Hand, On, Pointer};

/// How much larger by one pixel of the wheel.
const ZOOM_PER_PX: f64 = 0.0022;
/// One line of a wheel that counts lines, CSS pixels.
const LINE_PX: f64 = 16.0;
/// What has its own ways with pointers.
const CONTROLS: &str = ".minimap, .popup, button, a, input, select, textarea";

/// What is told and asked while a hand is on the picture.
pub trait Under {
    /// What is under a pointer: the place of a node in the layout, and whether it is its handle; none on the ground.
    fn on(&self, place: Option<(usize, bool)>) -> On;
    /// Whether several are to be selected.
    fn is_selecting(&self) -> bool;
    /// A key has brought the focus to the node at that place of the layout, or to none.
    fn focused(&self, place: Option<usize>);
    /// What the hand wants.
    fn gesture(&self, gesture: Gesture);
}

/// Listens on an element until the answer is dropped.
pub fn listen<U: Under + 'static>(element: &Element, under: impl Fn() -> Option<U> + 'static) -> Vec<EventListener> {
    let hand = Rc::new(RefCell::new(Hand::default()));
    let under = Rc::new(under);
    let add = |name: &'static str, react: fn(&Element, &mut Hand, &Event, &U) -> Option<Gesture>| {
        let (element, hand, under) = (element.clone(), hand.clone(), under.clone());
        let options = EventListenerOptions::enable_prevent_default();
        EventListener::new_with_options(&element.clone(), name, options, move |event| {
            let Some(under) = under() else { return };
            let gesture = react(&element, &mut hand.borrow_mut(), event, &under);
            if let Some(gesture) = gesture {
                under.gesture(gesture);
            }
        })
    };
    let mut all = vec![
        add("pointerdown", down),
        add("pointermove", moved),
        add("pointerup", up),
        add("pointercancel", |_, hand, _, _| hand.stop()),
        add("wheel", wheel),
        add("focusin", focused),
        add("focusout", |_, _, _, under| {
            under.focused(None);
            None
        }),
    ];
    if let Some(window) = web_sys::window() {
        let (hand, under) = (hand.clone(), under.clone());
        all.push(EventListener::new(&window, "keydown", move |event| {
            let is_escape = event.dyn_ref::<KeyboardEvent>().is_some_and(|event| event.key() == "Escape");
            let stopped = if is_escape { hand.borrow_mut().stop() } else { None };
            if let (Some(stopped), Some(under)) = (stopped, under()) {
                under.gesture(stopped);
            }
        }));
    }
    all
}

/// Where on the element something happened, CSS pixels.
fn place(element: &Element, x: i32, y: i32) -> Point {
    let rect = element.get_bounding_client_rect();
    Point::new(f64::from(x) - rect.left(), f64::from(y) - rect.top())
}

fn pointer(element: &Element, event: &PointerEvent, also: bool) -> Pointer {
    Pointer {
        id: event.pointer_id(),
        at: place(element, event.client_x(), event.client_y()),
        is_touch: event.pointer_type() == "touch",
        also: also || event.shift_key(),
        at_ms: event.time_stamp(),
    }
}

fn down<U: Under>(element: &Element, hand: &mut Hand, event: &Event, under: &U) -> Option<Gesture> {
    let event = event.dyn_ref::<PointerEvent>()?;
    let target = event.target()?.dyn_into::<Element>().ok()?;
    if event.button() != 0 || target.closest(CONTROLS).ok()?.is_some() {
        return None;
    }
    let node = target.closest("[data-place]").ok()?;
    let number = node.and_then(|node| node.get_attribute("data-place")?.parse().ok());
    let is_handle = target.closest(".handle").ok()?.is_some();
    let on = under.on(number.map(|number| (number, is_handle)));
    hand.down(pointer(element, event, under.is_selecting()), on)
}

fn moved<U: Under>(element: &Element, hand: &mut Hand, event: &Event, under: &U) -> Option<Gesture> {
    let event = event.dyn_ref::<PointerEvent>()?;
    let gesture = hand.moved(pointer(element, event, under.is_selecting()))?;
    if !element.has_pointer_capture(event.pointer_id()) {
        // From now on it is no press. Refused only for a finger that is gone already: then there is nothing to follow.
        let _ = element.set_pointer_capture(event.pointer_id());
    }
    Some(gesture)
}

/// What is pressed is seen already; where a key leads may be out of sight.
fn focused<U: Under>(_: &Element, _: &mut Hand, event: &Event, under: &U) -> Option<Gesture> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    if target.matches(":focus-visible").ok()? {
        under.focused(Some(target.get_attribute("data-place")?.parse().ok()?));
    }
    None
}

fn up<U: Under>(element: &Element, hand: &mut Hand, event: &Event, under: &U) -> Option<Gesture> {
    let event = event.dyn_ref::<PointerEvent>()?;
    hand.up(pointer(element, event, under.is_selecting()))
}

fn wheel<U: Under>(element: &Element, _: &mut Hand, event: &Event, _: &U) -> Option<Gesture> {
    let event = event.dyn_ref::<WheelEvent>()?;
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    if target.is_some_and(|target| target.closest(".popup").ok().flatten().is_some()) {
        return None;
    }
    event.prevent_default();
    let unit = if event.delta_mode() == WheelEvent::DOM_DELTA_LINE { LINE_PX } else { 1.0 };
    let (dx, dy) = (event.delta_x() * unit, event.delta_y() * unit);
    Some(if event.ctrl_key() || event.meta_key() {
        Gesture::Zoom((-dy * ZOOM_PER_PX).exp(), place(element, event.client_x(), event.client_y()))
    } else {
        Gesture::Pan(-dx, -dy)
    })
}
