//! Light or dark: as the system has it, or as somebody chose.
//!
//! What always holds: the document says which one is shown (`data-theme`), set before anything is drawn by the few lines in
//! `index.html`, which also follow the system; a choice (`data-choice`) is remembered where the browser lets it be.

use web_sys::{Element, MediaQueryList};
use yew::prelude::*;

use super::keys::Command;
use super::store::storages;

/// As index.html has it.
const KEY: &str = "warren.theme";
const CHOICE: &str = "data-choice";
const SHOWN: &str = "data-theme";

/// A theme that can be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// What the system has.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

const ALL: [(Theme, &str, &str); 3] =
    [(Theme::System, "system", "System"), (Theme::Light, "light", "Light"), (Theme::Dark, "dark", "Dark")];

fn root() -> Option<Element> {
    web_sys::window()?.document()?.document_element()
}

/// The chosen one.
pub fn chosen() -> Theme {
    let choice = root().and_then(|root| root.get_attribute(CHOICE));
    let found = ALL.into_iter().find(|(_, word, _)| choice.as_deref() == Some(word));
    found.map_or(Theme::System, |(theme, ..)| theme)
}

/// Shows a theme, and remembers it.
pub fn choose(theme: Theme) {
    let Some(root) = root() else { return };
    let word = ALL.iter().find(|(other, ..)| *other == theme).map_or("system", |(_, word, _)| word);
    let system = || {
        let query = web_sys::window().and_then(|window| window.match_media("(prefers-color-scheme: dark)").ok()?);
        if query.as_ref().is_some_and(MediaQueryList::matches) { "dark" } else { "light" }
    };
    let shown = if theme == Theme::System { system() } else { word };
    // These are names that an attribute can have.
    let _ = (root.set_attribute(CHOICE, word), root.set_attribute(SHOWN, shown));
    if let (Some(shared), _) = storages() {
        // Who keeps nothing chooses anew the next time.
        let _ = shared.set_item(KEY, word);
    }
}

/// Does something as if another theme were shown. The page is as before when the browser draws it next.
pub fn in_theme<T>(theme: Theme, act: impl FnOnce() -> T) -> T {
    let shown = root().and_then(|root| Some((root.get_attribute(SHOWN)?, root)));
    let word = match theme {
        Theme::System => None,
        Theme::Light => Some("light"),
        Theme::Dark => Some("dark"),
    };
    let (Some((shown, root)), Some(word)) = (shown, word) else { return act() };
    // These are names that an attribute can have.
    let _ = root.set_attribute(SHOWN, word);
    let done = act();
    let _ = root.set_attribute(SHOWN, &shown);
    done
}

/// What the choice does.
#[derive(Clone, PartialEq, Properties)]
pub struct ThemesProps {
    /// Shows one.
    pub on_command: Callback<Command>,
}

/// The choice.
#[component]
pub fn Themes(props: &ThemesProps) -> Html {
    let now = use_state(chosen);
    html! {
        <div class="themes" role="group" aria-label="Theme">
            <span>{ "Theme" }</span>
            { for ALL.into_iter().map(|(theme, word, label)| {
                let (on_command, now_set) = (props.on_command.clone(), now.setter());
                let onclick = move |_: MouseEvent| {
                    on_command.emit(Command::Theme(theme));
                    now_set.set(theme);
                };
                html! { <button type="button" key={word} aria-pressed={(*now == theme).to_string()} {onclick}>{ label }</button> }
            }) }
        </div>
    }
}
