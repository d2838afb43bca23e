//! The tour: a strip above the page, slim where there is little room, that says what there is, while what it speaks of is outlined.
//!
//! What always holds: it takes no focus that it was not given, covers nothing, and all of the page works meanwhile. Once
//! it was finished or left it comes back only when it is asked for.

use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};
use yew::prelude::*;

use crate::view::tour::{STEPS, progress};

use super::opened::is_plain;
use super::store::storages;

/// Whether the tour was finished or left.
const KEY: &str = "warren.tour";
/// What is outlined.
const POINTED: &str = "data-tour";

/// Where to begin: at the first step for whoever is here for the first time.
pub fn first() -> Option<usize> {
    // Who keeps nothing would be shown it each time; who follows a link came for something else.
    let shared = storages().0.filter(|_| is_plain())?;
    shared.get_item(KEY).ok()?.is_none().then_some(0)
}

fn over() {
    if let (Some(shared), _) = storages() {
        // Otherwise it is left again.
        let _ = shared.set_item(KEY, "over");
    }
}

/// What the tour shows.
#[derive(Clone, PartialEq, Properties)]
pub struct TourProps {
    /// The step; none while there is no tour.
    pub step: Option<usize>,
    /// Goes to another step, or ends it.
    pub on_step: Callback<Option<usize>>,
}

/// The tour.
#[component]
pub fn Tour(props: &TourProps) -> Html {
    let strip = use_node_ref();
    {
        let strip = strip.clone();
        // The first time nobody has asked for it: then nothing moves and nothing takes the focus.
        let is_asked = use_mut_ref(|| false);
        use_effect_with(props.step, move |step| {
            let pointed = step.and_then(|step| STEPS.get(step)).and_then(|step| point_at(step.target));
            if let (Some(pointed), true) = (&pointed, *is_asked.borrow()) {
                pointed.scroll_into_view_with_bool(false);
                focus_within(&strip);
            }
            *is_asked.borrow_mut() = true;
            move || {
                if let Some(pointed) = pointed {
                    // It is there, or it has gone with what it was on.
                    let _ = pointed.remove_attribute(POINTED);
                }
            }
        });
    }
    {
        let on_step = props.on_step.clone();
        use_effect_with(props.step.is_some(), move |is_on| {
            let listener = is_on.then(|| leave_by_escape(on_step));
            move || drop(listener)
        });
    }
    let Some((number, step)) = props.step.and_then(|number| Some((number, STEPS.get(number)?))) else {
        return html! { <section class="tour" aria-label="Tour" hidden=true /> };
    };
    let go = |to: Option<usize>| {
        let on_step = props.on_step.clone();
        move |_: MouseEvent| {
            if to.is_none() {
                over();
            }
            on_step.emit(to);
        }
    };
    let is_last = number + 1 == STEPS.len();
    html! {
        <section class="tour" aria-label="Tour" ref={strip}>
            <div role="status">
                <h2>{ step.title }</h2>
                <p class="full">{ step.text }</p>
                <p class="brief">{ step.brief }</p>
            </div>
            <div class="ways">
                <span class="soft"><span class="full">{ progress(number) }</span><span class="brief">{ format!("{}/{}", number + 1, STEPS.len()) }</span></span>
                <button type="button" hidden={number == 0} onclick={go(number.checked_sub(1))} aria-label="Previous">{ words("Previous", "\u{2039}") }</button>
                <button type="button" class="primary" onclick={go((!is_last).then_some(number + 1))}>
                    { if is_last { "Finish" } else { "Continue" } }
                </button>
                <button type="button" hidden={is_last} onclick={go(None)} aria-label="Leave the tour">{ words("Leave the tour", "\u{2715}") }</button>
            </div>
        </section>
    }
}

/// A button's words, and the sign that stands for them where there is little room.
fn words(full: &'static str, brief: &'static str) -> Html {
    html! { <><span class="full">{ full }</span><span class="brief" aria-hidden="true">{ brief }</span></> }
}

fn point_at(target: &str) -> Option<Element> {
    let document = web_sys::window()?.document()?;
    let element = document.query_selector(target).ok()??;
    // It is a name that an attribute can have.
    let _ = element.set_attribute(POINTED, "");
    Some(element)
}

/// By keyboard one goes on from where one is; what was pressed may have gone.
fn focus_within(strip: &NodeRef) {
    let Some(strip) = strip.cast::<Element>() else { return };
    let active = web_sys::window().and_then(|window| window.document()).and_then(|document| document.active_element());
    if active.is_some_and(|active| strip.contains(Some(&active))) {
        return;
    }
    let button = strip.query_selector("button.primary").ok().flatten();
    if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
        // An element that is shown can be focused.
        let _ = button.focus();
    }
}

fn leave_by_escape(on_step: Callback<Option<usize>>) -> Option<EventListener> {
    let window = web_sys::window()?;
    Some(EventListener::new(&window, "keydown", move |event| {
        let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        // What is open there is closed first.
        let is_elsewhere =
            target.is_some_and(|target| target.closest("dialog, input, select, textarea").ok().flatten().is_some());
        if event.key() == "Escape" && !event.default_prevented() && !is_elsewhere {
            over();
            on_step.emit(None);
        }
    }))
}
