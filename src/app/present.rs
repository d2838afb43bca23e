//! Presenting: the picture and a small transport, large enough for the last row; full screen where the browser lets it be.
//!
//! What always holds: Escape leaves it, and so does leaving the full screen by whatever way the browser has.

use std::cell::Cell;
use std::rc::Rc;

use gloo_events::EventListener;
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Document, KeyboardEvent};
use yew::prelude::*;

fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// Whether it is being presented, and what begins and ends it. It is to be called from within what somebody did: full
/// screen is given for nothing else.
#[hook]
pub fn use_presenting() -> (bool, Callback<()>) {
    let is_on = use_state(|| false);
    // The browser takes its time to fill the screen, and tells when it has.
    let wanted = use_memo((), |()| Cell::new(false));
    let set = {
        let (is_on, wanted) = (is_on.setter(), wanted.clone());
        use_callback((), move |on: bool, ()| {
            wanted.set(on);
            is_on.set(on);
            let Some(document) = document() else { return };
            if !on {
                leave_full_screen(&document);
            } else if let Some(root) = document.document_element().filter(|_| document.fullscreen_enabled()) {
                ask(&root, "requestFullscreen");
            }
        })
    };
    {
        let (set, wanted) = (set.clone(), wanted.clone());
        use_effect_with((), move |()| {
            let listeners = listen(set, wanted);
            move || drop(listeners)
        });
    }
    (*is_on, set.reform(move |()| !wanted.get()))
}

/// Asks the browser for something that it promises; where it refuses, at once or later, the window is all there is.
/// `web_sys` forgets the promise, and one that nobody heeds is an error of the page.
fn ask(of: &JsValue, what: &str) {
    let function = Reflect::get(of, &what.into()).ok().and_then(|function| function.dyn_into::<Function>().ok());
    let answer = function.and_then(|function| function.call0(of).ok());
    if let Some(promise) = answer.and_then(|answer| answer.dyn_into::<Promise>().ok()) {
        spawn_local(async move {
            let _ = JsFuture::from(promise).await;
        });
    }
}

fn leave_full_screen(document: &Document) {
    if document.fullscreen_element().is_some() {
        ask(document, "exitFullscreen");
    }
}

fn listen(set: Callback<bool>, wanted: Rc<Cell<bool>>) -> Vec<EventListener> {
    let Some((window, document)) = web_sys::window().zip(document()) else { return Vec::new() };
    let on_key = {
        let (set, wanted) = (set.clone(), wanted.clone());
        EventListener::new(&window, "keydown", move |event| {
            let key = event.dyn_ref::<KeyboardEvent>().filter(|event| !event.default_prevented());
            if wanted.get() && key.is_some_and(|event| event.key() == "Escape") {
                set.emit(false);
            }
        })
    };
    let shown = document.clone();
    let on_change = EventListener::new(&document, "fullscreenchange", move |_| {
        if !wanted.get() {
            leave_full_screen(&shown);
        } else if shown.fullscreen_element().is_none() {
            set.emit(false);
        }
    });
    vec![on_key, on_change]
}
