//! The keys, in one dialog.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::keys;

/// What is said of keys, which they are as far as [`keys::meaning`] knows them (the others have a meaning only to a part of the page),
/// and what they do.
type Row = (&'static str, &'static str, &'static str);

const KEYS: &[Row] = &[
    ("Space", "Space", "Play or pause"),
    ("Right arrow, or N", "ArrowRight n", "Next: one event on"),
    ("Left arrow, or B", "ArrowLeft b", "Back: one event back"),
    ("Shift and right arrow", "Shift+ArrowRight", "To the next event where something was lost, refused or broken"),
    ("Shift and left arrow", "Shift+ArrowLeft", "To the last such event"),
    ("Home", "Home", "To the beginning"),
    ("R", "r", "Begin anew, with the seed, the goals and the script as they are written now"),
    ("End", "End", "To the furthest that you have been"),
    ("Tab, then Enter", "", "Go to a node and select it"),
    ("F", "f", "Follow the message that the last event was about; Escape ends that"),
    ("T", "", "Search the story"),
    ("W", "", "Why? By which rule the last message was lost, refused or dead-lettered"),
    ("/", "/", "Type a command: the arrows choose a suggestion, Enter takes it or runs the line"),
    ("Shift and Enter", "", "Select a node besides others, or no longer"),
    ("Control and A, Escape", "Control+a Escape", "Select everything, nothing"),
    ("L, then Enter on another node", "l", "Link the selected node to that one"),
    ("L, then A", "l a", "Link the selected node to something new, which a menu offers"),
    ("E", "e", "Look into the next line of the selected node: change its key, delete it"),
    ("C", "c", "Compare the selected node with itself, one thing changed: two worlds beside each other"),
    ("A", "a", "Add something in the picture"),
    ("Alt and an arrow", "Alt+ArrowLeft Alt+ArrowRight Alt+ArrowUp Alt+ArrowDown", "Move what is selected"),
    ("Shift and A", "Shift+A", "Arrange: lay everything out afresh"),
    ("Control and D", "Control+d", "Make a copy of what is selected beside it"),
    ("Control and C, X, V", "", "Copy, cut, paste: the clipboard holds a scenario as text"),
    ("Delete, or Backspace", "Delete Backspace", "Take away what is selected"),
    ("F2", "", "Rename what is selected"),
    ("Control and Z, Control and Y", "Control+z Control+y Control+Shift+z", "Undo, redo"),
    ("Control and O", "Control+o", "Open a file: a scenario, or a broker's definitions"),
    ("Control and S", "Control+s", "Save the scenario as a file"),
    ("S", "s", "Share: make a link to this moment, or to the whole scenario"),
    (
        "Control and an arrow",
        "Control+ArrowLeft Control+ArrowRight Control+ArrowUp Control+ArrowDown",
        "See another part of the picture",
    ),
    (
        "An arrow, in the small map",
        "",
        "The same: Tab leads to the map, which is there as soon as not everything is seen",
    ),
    ("+, -, 0", "+ = - 0", "See the picture larger, smaller, all of it"),
    ("P", "p", "Present it: full screen and large; P or Escape leaves that"),
    ("Escape", "Escape", "Close the menu, leave the tour"),
    ("?", "?", "Show this help; Escape closes it"),
];

/// Where the dialog is.
#[derive(Clone, PartialEq, Properties)]
pub struct HelpProps {
    /// To open it by.
    pub dialog: NodeRef,
}

/// The dialog. It stays closed until it is shown.
#[component]
pub fn Help(props: &HelpProps) -> Html {
    let are_on = use_state_eq(keys::are_characters_on);
    let onchange = {
        let are_on = are_on.setter();
        move |event: Event| {
            let Some(input) = event.target_dyn_into::<HtmlInputElement>() else { return };
            keys::turn_characters(input.checked());
            are_on.set(keys::are_characters_on());
        }
    };
    html! {
        <dialog ref={props.dialog.clone()} aria-labelledby="help-title">
            <h2 id="help-title">{ "Keyboard" }</h2>
            <dl>
                { for KEYS.iter().map(|(key, _, what)| html! {
                    <div key={*key}><dt><kbd>{ *key }</kbd></dt><dd>{ *what }</dd></div>
                }) }
            </dl>
            <label class="tick">
                <input type="checkbox" checked={*are_on} {onchange} />
                <span>{ "Letters, digits and signs by themselves do something, too. Turn that off if you speak what you type, or press keys by
                    mistake: buttons and the other keys do the same." }</span>
            </label>
            <form method="dialog"><button type="submit" class="primary">{ "Close" }</button></form>
        </dialog>
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

    use super::KEYS;
    use crate::app::keys::{With, meaning};

    wasm_bindgen_test_configure!(run_in_browser);

    /// `Control+Shift+z` as what browsers tell.
    fn press(text: &str) -> (String, With) {
        let mut parts: Vec<&str> = text.split('+').filter(|part| !part.is_empty()).collect();
        let key = parts.pop().unwrap_or("+");
        let has = |name: &str| parts.contains(&name);
        let with = With { control: has("Control"), alt: has("Alt"), shift: has("Shift") };
        (if key == "Space" { " ".to_owned() } else { key.to_owned() }, with)
    }

    fn told() -> BTreeSet<String> {
        KEYS.iter()
            .flat_map(|(_, presses, _)| presses.split(' '))
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
            .collect()
    }

    #[wasm_bindgen_test]
    fn what_the_help_names_does_something() {
        for text in told() {
            let (key, with) = press(&text);
            assert!(meaning(&key, with).is_some(), "{text}");
        }
    }

    #[wasm_bindgen_test]
    fn what_does_something_is_in_the_help() {
        let named = [
            "ArrowLeft",
            "ArrowRight",
            "ArrowUp",
            "ArrowDown",
            "Home",
            "End",
            "Delete",
            "Backspace",
            "Escape",
            "Enter",
            "Tab",
        ];
        let functions = (1..=12).map(|number| format!("F{number}"));
        let signs = (' '..='~').map(|sign| sign.to_string());
        let told: Vec<_> =
            told().iter().map(|text| press(text)).filter_map(|(key, with)| meaning(&key, with)).collect();
        for key in signs.chain(functions).chain(named.map(str::to_owned)) {
            for held in 0..8_u8 {
                let with = With { control: held & 1 > 0, alt: held & 2 > 0, shift: held & 4 > 0 };
                let does = meaning(&key, with);
                assert!(does.is_none_or(|does| told.contains(&does)), "{key} with {with:?}");
            }
        }
    }
}
