//! The panel's tabs: two groups, in a row each where they have the room, else in one row that scrolls.
//!
//! What always holds: the chosen tab is in view, whoever chose it; arrow keys, Home and End go from tab to tab.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

/// What can be shown: links call them by the same names.
pub use crate::share::Panel as Tab;

/// What happened; what is there.
const GROUPS: [&[Tab]; 2] =
    [&[Tab::Story, Tab::Message, Tab::Sequence], &[Tab::Inspector, Tab::Tables, Tab::Charts, Tab::Problems]];

fn label(tab: Tab) -> &'static str {
    match tab {
        Tab::Story => "Story",
        Tab::Message => "Message",
        Tab::Sequence => "Sequence",
        Tab::Inspector => "Inspector",
        Tab::Tables => "Tables",
        Tab::Charts => "Charts",
        Tab::Problems => "Problems",
    }
}

/// The tab that a key leads to.
fn after(tab: Tab, key: &str) -> Option<Tab> {
    let all: Vec<Tab> = GROUPS.into_iter().flatten().copied().collect();
    let place = all.iter().position(|other| *other == tab)?;
    let next = match key {
        "ArrowRight" => (place + 1) % all.len(),
        "ArrowLeft" => (place + all.len() - 1) % all.len(),
        "Home" => 0,
        "End" => all.len() - 1,
        _ => return None,
    };
    all.get(next).copied()
}

/// What the tabs show.
#[derive(Clone, PartialEq, Properties)]
pub struct TabsProps {
    /// The chosen one.
    pub tab: Tab,
    /// How many problems there are.
    pub problems: usize,
    /// Chooses another one.
    pub on_tab: Callback<Tab>,
}

/// The tabs.
#[component]
pub fn Tabs(props: &TabsProps) -> Html {
    let strip = use_node_ref();
    {
        let strip = strip.clone();
        use_effect_with(props.tab, move |tab| bring_into_view(&strip, *tab));
    }
    let tab = |tab: Tab| {
        let chosen = tab == props.tab;
        let onclick = props.on_tab.reform(move |_: MouseEvent| tab);
        let onkeydown = {
            let on_tab = props.on_tab.clone();
            move |event: KeyboardEvent| {
                if let Some(next) = after(tab, &event.key()) {
                    event.prevent_default();
                    on_tab.emit(next);
                    focus(next);
                }
            }
        };
        let count =
            if tab == Tab::Problems && props.problems > 0 { format!(" ({})", props.problems) } else { String::new() };
        html! {
            <button type="button" key={tab.as_str()} role="tab" id={format!("tab-{}", tab.as_str())} aria-controls="panel"
                aria-selected={chosen.to_string()} tabindex={if chosen { "0" } else { "-1" }} {onclick} {onkeydown}>
                { label(tab) }{ count }
            </button>
        }
    };
    let group = |(place, tabs): (usize, &&[Tab])| {
        html! { <div key={place} role="none" class="tab-group">{ for tabs.iter().copied().map(tab) }</div> }
    };
    html! { <div ref={strip} role="tablist" aria-label="Details">{ for GROUPS.iter().enumerate().map(group) }</div> }
}

fn element(tab: Tab) -> Option<Element> {
    web_sys::window()?.document()?.get_element_by_id(&format!("tab-{}", tab.as_str()))
}

fn focus(tab: Tab) {
    if let Some(element) = element(tab).and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // An element that is shown can be focused.
        let _ = element.focus();
    }
}

/// Scrolls the row of tabs, and nothing around it.
fn bring_into_view(strip: &NodeRef, tab: Tab) {
    let Some((strip, tab)) = strip.cast::<Element>().zip(element(tab)) else { return };
    // A little of the next one says that there is more.
    const MORE: f64 = 28.0;
    let (room, own) = (strip.get_bounding_client_rect(), tab.get_bounding_client_rect());
    let (before, behind) = (own.left() - MORE - room.left(), own.right() + MORE - room.right());
    let by = if before < 0.0 { before.floor() } else { behind.max(0.0).ceil() };
    strip.set_scroll_left(strip.scroll_left() + by as i32);
}
