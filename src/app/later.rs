//! The rest of the page. The site is built in two parts: what the first picture needs, and what comes after it. Which
//! function is in which part is found out when it is built; here is whether the rest has come.
//!
//! What always holds: a page in one piece (as `trunk serve` makes it) is whole from its beginning. What is shown only
//! when the rest has come is not in the first part, so all that is not needed at first stands behind [`use_later`].

use gloo_events::EventListener;
use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use yew::prelude::*;

/// What the loader calls itself, and what it tells with.
const LOADER: &str = "warrenLater";
const EVENT: &str = "warren-later";

/// Whether the rest of the page is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Later {
    /// It is on its way.
    Loading,
    /// It is there.
    Here,
    /// It did not come. [`again`] tries once more.
    Failed,
}

fn loader() -> Option<JsValue> {
    let loader = Reflect::get(&js_sys::global(), &LOADER.into()).ok()?;
    loader.is_object().then_some(loader)
}

fn now() -> Later {
    let state = loader().and_then(|loader| Reflect::get(&loader, &"state".into()).ok());
    match state.and_then(|state| state.as_string()).as_deref() {
        Some("loading") => Later::Loading,
        Some("failed") => Later::Failed,
        _ => Later::Here,
    }
}

/// Tries once more to load the rest.
fn again() {
    let load = loader().and_then(|loader| Reflect::get(&loader, &"load".into()).ok());
    if let Some(load) = load.and_then(|load| load.dyn_into::<Function>().ok()) {
        // It tells by an event what came of it.
        let _ = load.call0(&JsValue::NULL);
    }
}

/// Whether the rest of the page is there; the component is rendered anew when that changes.
#[hook]
pub fn use_later() -> Later {
    let later = use_state_eq(now);
    let setter = later.setter();
    use_effect_with((), move |()| {
        // It may have come between the first rendering and this.
        setter.set(now());
        let listener = web_sys::window().map(|window| EventListener::new(&window, EVENT, move |_| setter.set(now())));
        move || drop(listener)
    });
    *later
}

impl Later {
    /// A part that the rest of the page brings; until it has come, an empty place of that class.
    pub fn brings(self, class: &'static str, part: impl FnOnce() -> Html) -> Html {
        if self == Later::Here {
            part()
        } else {
            html! { <div class={classes!("waiting", class)}></div> }
        }
    }
}

/// Says that the rest did not come, and lets one ask for it again.
#[component]
pub fn Missing() -> Html {
    let is_missing = use_later() == Later::Failed;
    html! {
        <div class="missing">
            if is_missing {
                <p role="alert">
                    { "The rest of the page did not load. What plays goes on. " }
                    <button type="button" onclick={|_| again()}>{ "Try again" }</button>
                </p>
            }
        </div>
    }
}
