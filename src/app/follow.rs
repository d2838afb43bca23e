//! Following a message: lists of messages to follow, and pointing at one.

use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{Element, MouseEvent as Mouse};
use yew::prelude::*;

use crate::view::follow::Row;
use crate::view::geometry::Point;

use super::engine::Engine;
use super::keys::Command;

/// So many messages are listed.
pub const ROWS: usize = 12;

/// What is listed.
#[derive(Clone, PartialEq, Properties)]
pub struct MessagesProps {
    /// The first messages.
    pub rows: Vec<Row>,
    /// How many there are.
    pub total: usize,
    /// Does something.
    pub on_command: Callback<Command>,
}

/// The messages at a node, head first.
#[component]
pub fn Messages(props: &MessagesProps) -> Html {
    if props.total == 0 {
        // A component that renders nothing takes its neighbours' places from them (Yew issue 4092).
        return html! { <section class="messages" hidden=true /> };
    }
    html! {
        <section class="messages" aria-label="Messages">
            <h3>{ "Messages" }</h3>
            <ol>{ for props.rows.iter().enumerate().map(|(place, row)| line(place, row, &props.on_command)) }</ol>
            if props.total > props.rows.len() {
                <p class="empty">{ format!("and {} more", props.total - props.rows.len()) }</p>
            }
        </section>
    }
}

fn line(place: usize, row: &Row, on_command: &Callback<Command>) -> Html {
    let id = row.id;
    let onclick = on_command.reform(move |_: MouseEvent| Command::Follow(id));
    let dead = row.dead.as_ref().map(|dead| format!(", {dead}")).unwrap_or_default();
    let name = format!("Follow message {}, {}, {}{dead}", place + 1, row.key, row.state);
    html! {
        <li key={row.copy.to_string()}>
            <span>
                <code>{ row.key.to_string() }</code>{ " " }<b>{ row.state.clone() }</b>{ " " }
                if let Some(dead) = &row.dead { <em class="dead-letter">{ dead.clone() }</em>{ " " } }
                <small>{ row.more.clone() }</small>
            </span>
            <button type="button" aria-label={name} {onclick}>{ "Follow" }</button>
        </li>
    }
}

/// How far a pointer moves at most between going down and up, to point at something; CSS pixels.
const STILL_PX: f64 = 4.0;

/// Follows what is pointed at in the picture.
#[hook]
pub fn use_pointing(frame: &NodeRef, engine: &Rc<Engine>) {
    use_effect_with((frame.clone(), engine.clone()), |(frame, engine)| {
        let listeners = frame.cast::<Element>().map(|element| listen(&element, engine));
        move || drop(listeners)
    });
}

/// A node below a token must not hear of it: before anything else does, it is asked whether a token is meant.
fn listen(frame: &Element, engine: &Rc<Engine>) -> Option<[EventListener; 2]> {
    let window = web_sys::window()?;
    let down = Rc::new(std::cell::Cell::new(Point::default()));
    let begin = {
        let down = down.clone();
        EventListener::new_with_options(
            &window,
            "pointerdown",
            EventListenerOptions::run_in_capture_phase(),
            move |event| {
                if let Some(event) = event.dyn_ref::<Mouse>() {
                    down.set(Point::new(f64::from(event.client_x()), f64::from(event.client_y())));
                }
            },
        )
    };
    let (frame, engine) = (frame.clone(), engine.clone());
    let click =
        EventListener::new_with_options(&window, "click", EventListenerOptions::run_in_capture_phase(), move |event| {
            let Some(mouse) = event.dyn_ref::<Mouse>() else { return };
            let at = Point::new(f64::from(mouse.client_x()), f64::from(mouse.client_y()));
            let on = mouse.target().and_then(|target| target.dyn_into::<Element>().ok());
            let is_here = on.is_some_and(|on| frame.contains(Some(&on)) && !is_control(&on));
            // A key presses a node, too, and points at nothing.
            if !is_here || mouse.detail() == 0 || mouse.shift_key() || down.get().distance(at) > STILL_PX {
                return;
            }
            let rect = frame.get_bounding_client_rect();
            let inset = (f64::from(frame.client_left()), f64::from(frame.client_top()));
            let at = Point::new(at.x - rect.left() - inset.0, at.y - rect.top() - inset.1);
            if let Some(id) = engine.message_at(at) {
                mouse.stop_propagation();
                engine.follow(id);
            }
        });
    Some([begin, click])
}

fn is_control(on: &Element) -> bool {
    on.closest(".minimap, button, a, input, select, textarea").ok().flatten().is_some()
}
