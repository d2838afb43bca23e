//! The story: one sentence for each event, the newest first.

use yew::prelude::*;

use crate::view::explain::Tone;
use crate::view::sentence::Part;

use super::engine::{Line, seconds};
use super::keys::Command;

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
    /// Goes to a moment.
    pub on_command: Callback<Command>,
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
                <StoryLine key={line.seq} line={line.clone()} newest={place == 0} on_command={props.on_command.clone()} />
            }) }
        </ol>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct StoryLineProps {
    line: Line,
    newest: bool,
    on_command: Callback<Command>,
}

#[component]
fn StoryLine(props: &StoryLineProps) -> Html {
    let Line { seq, at_ms, sentence, tone, is_about_message } = &props.line;
    let cursor = usize::try_from(*seq).unwrap_or(usize::MAX);
    let onclick = props.on_command.reform(move |_: MouseEvent| Command::Seek(cursor));
    let seq = *seq;
    let follow = props.on_command.reform(move |_: MouseEvent| Command::FollowEntry(seq));
    let tone = match tone {
        Tone::Plain => None,
        Tone::Good => Some("good"),
        Tone::Bad => Some("bad"),
    };
    html! {
        <li class={classes!(tone, props.newest.then_some("newest"))} aria-current={props.newest.then_some("step")}>
            <button type="button" class="moment" title="Go to this moment" {onclick}>{ seconds(*at_ms as f64) }</button>
            { told(sentence.parts()) }
            if *is_about_message {
                <button type="button" class="follow" title="Follow this message" aria-label="Follow this message" onclick={follow}>
                    { "\u{25ce}" }
                </button>
            }
        </li>
    }
}
