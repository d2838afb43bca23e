//! The menu: a button, and under it what is not wanted all the time.
//!
//! What always holds: Escape, a choice, a press elsewhere and going elsewhere by keyboard close it, and the focus is never
//! lost by that.

use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, Node};
use yew::prelude::*;

use super::keys::Command;
use super::theme::Themes;

/// What can be chosen: a group's name, and its entries with their keys.
const GROUPS: [(&str, &[Item]); 3] = [
    (
        "Scenario",
        &[
            Item { label: "New", keys: None, command: Command::New },
            Item { label: "Open a file\u{2026}", keys: Some("Control+O"), command: Command::OpenFile },
            Item { label: "Save as a file", keys: Some("Control+S"), command: Command::SaveFile },
            Item { label: "Share a link\u{2026}", keys: Some("S"), command: Command::Share },
            Item { label: "Export\u{2026}", keys: None, command: Command::Export },
            Item { label: "My scenarios\u{2026}", keys: None, command: Command::Mine },
        ],
    ),
    ("View", &[Item { label: "Present", keys: Some("P"), command: Command::Present }]),
    (
        "Help",
        &[
            Item { label: "Tour", keys: None, command: Command::Tour },
            Item { label: "Keyboard\u{2026}", keys: Some("?"), command: Command::Help },
        ],
    ),
];

struct Item {
    label: &'static str,
    keys: Option<&'static str>,
    command: Command,
}

/// What the menu does.
#[derive(Clone, PartialEq, Properties)]
pub struct MenuProps {
    /// Does what was chosen.
    pub on_command: Callback<Command>,
}

/// The menu.
#[component]
pub fn Menu(props: &MenuProps) -> Html {
    let is_open = use_state(|| false);
    let (around, button) = (use_node_ref(), use_node_ref());
    use_press_elsewhere(*is_open, &around, is_open.setter());
    let choose = {
        let (is_open, on_command, button) = (is_open.setter(), props.on_command.clone(), button.clone());
        Callback::from(move |command| {
            is_open.set(false);
            // What opens a dialog takes the focus from here, and gives it back.
            focus(&button);
            on_command.emit(command);
        })
    };
    let onkeydown = {
        let (is_open, button) = (is_open.clone(), button.clone());
        move |event: KeyboardEvent| {
            if event.key() == "Escape" && *is_open {
                event.prevent_default();
                is_open.set(false);
                focus(&button);
            }
        }
    };
    let onfocusout = {
        let (is_open, around) = (is_open.setter(), around.clone());
        move |event: FocusEvent| {
            let to = event.related_target();
            if to.is_some() && !is_within(&around, to) {
                is_open.set(false);
            }
        }
    };
    let toggle = {
        let is_open = is_open.clone();
        move |_: MouseEvent| is_open.set(!*is_open)
    };
    html! {
        <div class="menu" ref={around} {onkeydown} {onfocusout}>
            <button ref={button} type="button" class="quiet" aria-expanded={is_open.to_string()} aria-controls="menu" onclick={toggle}>
                { "Menu" }
            </button>
            <div id="menu" class="items" hidden={!*is_open}>
                { for GROUPS.iter().map(|(label, items)| html! {
                    <div key={*label} role="group" aria-label={*label}>{ for items.iter().map(|item| entry(item, &choose)) }</div>
                }) }
                <Themes on_command={props.on_command.clone()} />
            </div>
        </div>
    }
}

fn entry(item: &'static Item, choose: &Callback<Command>) -> Html {
    html! {
        <button key={item.label} type="button" class="quiet" aria-keyshortcuts={item.keys} onclick={choose.reform(|_| item.command)}>
            <span>{ item.label }</span>
            if let Some(keys) = item.keys { <kbd>{ keys.replace("Control+", "Ctrl ") }</kbd> }
        </button>
    }
}

fn focus(element: &NodeRef) {
    if let Some(element) = element.cast::<HtmlElement>() {
        // An element that is shown can be focused.
        let _ = element.focus();
    }
}

fn is_within(around: &NodeRef, target: Option<web_sys::EventTarget>) -> bool {
    let target = target.and_then(|target| target.dyn_into::<Node>().ok());
    around.cast::<Element>().is_some_and(|around| around.contains(target.as_ref()))
}

/// Closes what is open by a press elsewhere.
#[hook]
fn use_press_elsewhere(is_open: bool, around: &NodeRef, set: UseStateSetter<bool>) {
    let around = around.clone();
    use_effect_with(is_open, move |is_open| {
        let listener = web_sys::window().filter(|_| *is_open).map(|window| {
            EventListener::new(&window, "pointerdown", move |event| {
                if !is_within(&around, event.target()) {
                    set.set(false);
                }
            })
        });
        move || drop(listener)
    });
}
