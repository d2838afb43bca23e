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

/// A bar and two triangles to the left.
pub fn first() -> Html {
    icon("M2 2 h2 v12 h-2 z M9 2 L4.5 8 L9 14 z M14 2 L9.5 8 L14 14 z")
}

/// Two triangles to the right and a bar.
pub fn last() -> Html {
    icon("M12 2 h2 v12 h-2 z M7 2 L11.5 8 L7 14 z M2 2 L6.5 8 L2 14 z")
}

/// An exclamation mark behind an arrow to the left.
pub fn trouble_before() -> Html {
    icon("M7 3 L1 8 L7 13 z M10.5 2 h3 l-0.6 8 h-1.8 z M10.7 12 h2.6 v2.4 h-2.6 z")
}

/// An exclamation mark before an arrow to the right.
pub fn trouble_after() -> Html {
    icon("M9 3 L15 8 L9 13 z M2.5 2 h3 l-0.6 8 h-1.8 z M2.7 12 h2.6 v2.4 h-2.6 z")
}
