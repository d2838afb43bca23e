//! The few icons of the page, drawn in the colour of the text beside them.

use yew::prelude::*;

fn icon(path: &'static str) -> Html {
    html! { <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d={path} /></svg> }
}

/// A triangle.
pub fn play() -> Html {
    icon("M4 2 L14 8 L4 14 z")
}

/// Two bars.
pub fn pause() -> Html {
    icon("M3 2 h4 v12 h-4 z M9 2 h4 v12 h-4 z")
}

/// A triangle and a bar.
pub fn next() -> Html {
    icon("M2 2 L10 8 L2 14 z M11 2 h3 v12 h-3 z")
}

/// The same the other way round.
pub fn back() -> Html {
    icon("M14 2 L6 8 L14 14 z M2 2 h3 v12 h-3 z")
}
