//! The transport bar: back, play, next, speed, and where in time one is.

use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::view::player::FASTEST;

use super::icons;
use super::keys::Command;
use super::scene::Scene;
use super::timeline::Timeline;

/// Speeds to choose from.
const SPEEDS: [(f64, &str); 11] = [
    (0.1, "0.1\u{d7}"),
    (0.25, "\u{bc}\u{d7}"),
    (0.5, "\u{bd}\u{d7}"),
    (1.0, "1\u{d7}"),
    (2.0, "2\u{d7}"),
    (4.0, "4\u{d7}"),
    (10.0, "10\u{d7}"),
    (25.0, "25\u{d7}"),
    (50.0, "50\u{d7}"),
    (100.0, "100\u{d7}"),
    (FASTEST, "as fast as it can"),
];

/// What the bar shows.
#[derive(Clone, PartialEq, Properties)]
pub struct TransportProps {
    /// The moment.
    pub scene: Scene,
    /// Where the engine shows the virtual time.
    pub clock: NodeRef,
    /// Does something.
    pub on_command: Callback<Command>,
}

/// The bar.
#[component]
pub fn Transport(props: &TransportProps) -> Html {
    let Scene { playing, cursor, start, speed, .. } = props.scene;
    let can_go_back = props.scene.can_go_back();
    let on_speed = props.on_command.reform(|event: Event| {
        let select = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
        // Compared as text: the code that reads a number with a fraction takes 11 kB of the page.
        let chosen = select.and_then(|select| SPEEDS.iter().find(|(speed, _)| speed.to_string() == select.value()));
        Command::Speed(chosen.map_or(1.0, |(speed, _)| *speed))
    });
    let press = |command: Command| props.on_command.reform(move |_: MouseEvent| command);
    let (play_icon, play_name) = if playing { (icons::pause(), "Pause") } else { (icons::play(), "Play") };
    html! {
        <div class="transport" role="group" aria-label="Playback">
            <Timeline scene={props.scene.clone()} on_command={props.on_command.clone()} />
            <button type="button" class="icon-only" aria-label="To the beginning" aria-keyshortcuts="Home" title="To the beginning (Home)"
                onclick={press(Command::Restart)}>
                { icons::first() }
            </button>
            <button type="button" aria-disabled={(!can_go_back).to_string()} aria-keyshortcuts="ArrowLeft B"
                title="One event back (Left arrow)" onclick={press(Command::Back)}>
                { icons::back() }<span>{ "Back" }</span>
            </button>
            <button type="button" class="primary" aria-keyshortcuts="Space" title="Play or pause (Space)"
                onclick={press(Command::TogglePlay)}>
                { play_icon }<span>{ play_name }</span>
            </button>
            <button type="button" aria-keyshortcuts="ArrowRight N" title="One event on (Right arrow)"
                onclick={press(Command::Next)}>
                { icons::next() }<span>{ "Next" }</span>
            </button>
            <button type="button" class="icon-only" aria-label="To the end" aria-keyshortcuts="End" title="To the furthest that you have been (End)"
                onclick={press(Command::End)}>
                { icons::last() }
            </button>
            <span class="trouble" role="group" aria-label="Trouble: what was lost, refused or broken">
                <button type="button" class="icon-only" aria-label="Trouble before" aria-keyshortcuts="Shift+ArrowLeft"
                    title="To the last event where something was lost, refused or broken (Shift and left arrow)"
                    onclick={press(Command::PreviousInteresting)}>
                    { icons::trouble_before() }
                </button>
                <button type="button" class="icon-only" aria-label="Trouble after" aria-keyshortcuts="Shift+ArrowRight"
                    title="To the next event where something is lost, refused or broken (Shift and right arrow)"
                    onclick={press(Command::NextInteresting)}>
                    { icons::trouble_after() }
                </button>
            </span>
            <label class="speed">
                <span>{ "Speed" }</span>
                <select aria-label="Speed" onchange={on_speed}>
                    { for SPEEDS.iter().map(|(value, label)| html! {
                        <option key={*label} value={value.to_string()} selected={*value == speed}>{ *label }</option>
                    }) }
                </select>
            </label>
            <p class="when">
                <span>{ "Time " }<span class="figure" ref={props.clock.clone()}>{ "0.0 s" }</span></span>
                <span>{ "Event " }<span class="figure">{ cursor.saturating_sub(start) }</span></span>
            </p>
        </div>
    }
}
