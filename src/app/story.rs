//! The story: one sentence for each event, the newest first.

use yew::prelude::*;

use crate::view::explain::Tone;
use crate::view::sentence::Part;

use super::engine::{Line, seconds};

/// A sentence, names set apart.
pub fn told(parts: &[Part]) -> Html {
    html! {
        <span>
            { for parts.iter().map(|part| match part {
                Part::Words(words) => html! { <>{ words.clone() }</> },
                Part::Name(name) => html! { <code>{ name.to_string() }</code> },
            }) }
        </span>
    }
}

/// The lines to show.
#[derive(Clone, PartialEq, Properties)]
pub struct StoryProps {
    /// The newest first.
    pub lines: Vec<Line>,
    /// What is said if there are none.
    #[prop_or("Nothing has happened yet.")]
    pub empty: &'static str,
}

/// The story.
#[component]
pub fn Story(props: &StoryProps) -> Html {
    if props.lines.is_empty() {
        return html! { <p class="empty">{ props.empty }</p> };
    }
    html! {
        <ol class="story" reversed=true>
            { for props.lines.iter().enumerate().map(|(place, line)| html! {
                <StoryLine key={line.seq} line={line.clone()} newest={place == 0} />
            }) }
        </ol>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct StoryLineProps {
    line: Line,
    newest: bool,
}

#[component]
fn StoryLine(props: &StoryLineProps) -> Html {
    let Line { at_ms, sentence, tone, .. } = &props.line;
    let tone = match tone {
        Tone::Plain => None,
        Tone::Good => Some("good"),
        Tone::Bad => Some("bad"),
    };
    html! {
        <li class={classes!(tone, props.newest.then_some("newest"))} aria-current={props.newest.then_some("step")}>
            <span class="moment">{ seconds(*at_ms as f64) }</span>
            { told(sentence.parts()) }
        </li>
    }
}
