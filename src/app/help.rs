//! The keys, in one dialog.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::keys;

const KEYS: &[(&str, &str)] = &[
    ("Space", "Play or pause"),
    ("Right arrow, or N", "Next: one event on"),
    ("Left arrow, or B", "Back: one event back"),
    ("Shift and right arrow", "To the next event where something was lost, refused or broken"),
    ("Shift and left arrow", "To the last such event"),
    ("Home", "To the beginning"),
    ("R", "Begin anew, with the seed, the goals and the script as they are written now"),
    ("End", "To the furthest that you have been"),
    ("Tab, then Enter", "Go to a node and select it"),
    ("F", "Follow the message that the last event was about; Escape ends that"),
    ("T", "Search the story"),
    ("W", "Why? By which rule the last message was lost, refused or dead-lettered"),
    ("/", "Type a command: the arrows choose a suggestion, Enter takes it or runs the line"),
    ("Shift and Enter", "Select a node besides others, or no longer"),
    ("Control and A, Escape", "Select everything, nothing"),
    ("L, then Enter on another node", "Link the selected node to that one"),
    ("L, then A", "Link the selected node to something new, which a menu offers"),
    ("E", "Look into the next line of the selected node: change its key, delete it"),
    ("C", "Compare the selected node with itself, one thing changed: two worlds beside each other"),
    ("A", "Add something in the picture"),
    ("Alt and an arrow", "Move what is selected"),
    ("Shift and A", "Arrange: lay everything out afresh"),
    ("Control and D", "Make a copy of what is selected beside it"),
    ("Control and C, X, V", "Copy, cut, paste: the clipboard holds a scenario as text"),
    ("Delete", "Take away what is selected"),
    ("F2", "Rename what is selected"),
    ("Control and Z, Control and Y", "Undo, redo"),
    ("Control and O", "Open a file: a scenario, or a broker's definitions"),
    ("Control and S", "Save the scenario as a file"),
    ("S", "Share: make a link to this moment, or to the whole scenario"),
    ("Control and an arrow", "See another part of the picture"),
    ("An arrow, in the small map", "The same: Tab leads to the map, which is there as soon as not everything is seen"),
    ("+, -, 0", "See the picture larger, smaller, all of it"),
    ("P", "Present it: full screen and large; P or Escape leaves that"),
    ("Escape", "Close the menu, leave the tour"),
    ("?", "Show this help; Escape closes it"),
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
                { for KEYS.iter().map(|(key, what)| html! {
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
