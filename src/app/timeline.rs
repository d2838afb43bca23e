//! The scrubber: the whole history as a line, with marks where something was lost, refused or broken.

use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::simulation::Interest;
use crate::view::marks::{Tick, word};

use super::keys::Command;
use super::scene::Scene;

/// What the scrubber shows.
#[derive(Clone, PartialEq, Properties)]
pub struct TimelineProps {
    /// The moment.
    pub scene: Scene,
    /// Does something.
    pub on_command: Callback<Command>,
}

/// The scrubber.
#[component]
pub fn Timeline(props: &TimelineProps) -> Html {
    let Scene { cursor, start, range: (first, last), forgotten, .. } = props.scene;
    let oninput = props.on_command.reform(move |event: InputEvent| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        Command::Seek(input.and_then(|input| input.value().parse().ok()).unwrap_or(first))
    });
    let event = |cursor: usize| cursor.saturating_sub(start);
    let spoken = format!("Event {} of {}", event(cursor), event(last));
    html! {
        <div class="timeline">
            <input type="range" aria-label="History" aria-valuetext={spoken} min={first.to_string()} max={last.to_string()}
                value={cursor.to_string()} {oninput} />
            <div class="ticks" aria-hidden="true">{ for props.scene.ticks.iter().map(|tick| mark(tick, props)) }</div>
            if forgotten > 0 {
                <p class="forgotten">{ format!("The first {forgotten} events are forgotten to keep memory bounded.") }</p>
            }
        </div>
    }
}

/// A mark. It says in words what it stands for, and takes one there; by keyboard, Shift and the arrows do.
fn mark(tick: &Tick, props: &TimelineProps) -> Html {
    let cursor = tick.cursor;
    let onclick = props.on_command.reform(move |_: MouseEvent| Command::Seek(cursor));
    let more = if tick.count > 1 { format!(", and {} more", tick.count - 1) } else { String::new() };
    let class = match tick.interest {
        Interest::Returned | Interest::Rejected => "refused",
        Interest::DeadLettered => "dead-lettered",
        Interest::Dropped | Interest::Expired => "lost",
        Interest::Error => "broken",
    };
    let title = format!("{}{more}", word(tick.interest));
    html! { <i key={cursor} class={class} ~style={format!("--at:{:.4}", tick.at)} {title} {onclick} /> }
}
