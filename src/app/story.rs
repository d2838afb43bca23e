//! The story: one sentence for each event. In the story's own tab they stand in paragraphs; where it is told what happened
//! to one thing, the newest first.

mod copy;
mod page;

use std::rc::Rc;

use yew::prelude::*;

use crate::view::explain::Tone;
use crate::view::sentence::Part;
use crate::view::story::Line;

use super::engine::seconds;
use super::keys::Command;

pub use page::{Reading, StoryPage};

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
                <li key={line.seq}><StoryLine line={Rc::new(line.clone())} newest={place == 0} on_command={props.on_command.clone()} /></li>
            }) }
        </ol>
    }
}

#[derive(Clone, Properties)]
struct StoryLineProps {
    line: Rc<Line>,
    newest: bool,
    on_command: Callback<Command>,
    /// Asks *Why?* of it, or no longer; none where there is no room for an answer.
    #[prop_or_default]
    on_ask: Option<Callback<Option<u64>>>,
    /// Whether that is answered.
    #[prop_or_default]
    is_asked: bool,
}

/// A line never changes: the same piece of memory is the same line, without a look at its words.
impl PartialEq for StoryLineProps {
    fn eq(&self, other: &Self) -> bool {
        let is_same = Rc::ptr_eq(&self.line, &other.line) || self.line == other.line;
        let is_as_asked = self.is_asked == other.is_asked && self.on_ask == other.on_ask;
        is_same && is_as_asked && self.newest == other.newest && self.on_command == other.on_command
    }
}

#[component]
fn StoryLine(props: &StoryLineProps) -> Html {
    let Line { seq, at_ms, sentence, tone, is_about_message, can_be_asked } = &*props.line;
    let cursor = usize::try_from(*seq).unwrap_or(usize::MAX);
    let onclick = props.on_command.reform(move |_: MouseEvent| Command::Seek(cursor));
    let seq = *seq;
    let follow = props.on_command.reform(move |_: MouseEvent| Command::FollowEntry(seq));
    let (tone, sign) = match tone {
        Tone::Plain => (None, None),
        Tone::Good => (Some("good"), None),
        Tone::Bad => (Some("bad"), Some("Trouble: ")),
    };
    html! {
        <span class={classes!("line", tone, props.newest.then_some("newest"))} aria-current={props.newest.then_some("step")}>
            <button type="button" class="moment" title="Go to this moment" {onclick}>{ seconds(*at_ms as f64) }</button>
            <span>
                if let Some(sign) = sign {
                    <span class="heard">{ sign }</span>
                }
                { told(sentence.parts()) }
            </span>
            { for props.on_ask.as_ref().filter(|_| *can_be_asked).map(|on_ask| ask(seq, props.is_asked, on_ask)) }
            if *is_about_message {
                <button type="button" class="follow" title="Follow this message" aria-label="Follow this message" onclick={follow}>
                    { "\u{25ce}" }
                </button>
            }
        </span>
    }
}

/// What *Why?* is asked with.
fn ask(seq: u64, is_asked: bool, on_ask: &Callback<Option<u64>>) -> Html {
    let onclick = on_ask.reform(move |_: MouseEvent| (!is_asked).then_some(seq));
    html! {
        <button type="button" class="ask" title="Which rule was it? (W asks of the newest)" aria-expanded={is_asked.to_string()} {onclick}>{ "Why?" }</button>
    }
}
