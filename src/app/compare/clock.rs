//! The clock of two worlds: playing, stepping and seeking both at once, by presses and by keys.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Interval;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::app::engine::{Compared, now_ms, seconds};
use crate::view::compare::Fates;

/// How often both go on, milliseconds.
const BEAT_MS: u32 = 40;
/// The longest that a beat is taken for.
const BEAT_MAX_MS: f64 = 200.0;
/// How far the slider reaches beyond where one has been, virtual milliseconds.
const AHEAD_MS: f64 = 10_000.0;
/// Speeds to choose from.
const SPEEDS: [(f64, &str); 6] = [
    (0.25, "\u{bc}\u{d7}"),
    (0.5, "\u{bd}\u{d7}"),
    (1.0, "1\u{d7}"),
    (2.0, "2\u{d7}"),
    (4.0, "4\u{d7}"),
    (10.0, "10\u{d7}"),
];

/// What is known of both, and where they are.
#[derive(Default)]
pub struct Clock {
    at_ms: Cell<f64>,
    been_ms: Cell<f64>,
    /// What became of the messages of each.
    pub fates: [RefCell<Fates>; 2],
}

impl Clock {
    /// Both go to a moment.
    pub fn go(&self, compared: &Compared, at_ms: f64) {
        let at_ms = at_ms.max(0.0);
        self.at_ms.set(at_ms);
        self.been_ms.set(self.been_ms.get().max(at_ms));
        for world in compared.worlds() {
            world.glide_ms(at_ms);
        }
    }

    /// To the next moment at which something happens in either.
    fn next(&self, compared: &Compared) {
        let next = compared.worlds().into_iter().filter_map(|world| world.events_around(self.at_ms.get())[1]);
        if let Some(at_ms) = next.reduce(f64::min) {
            self.go(compared, at_ms);
        }
    }

    /// To the last moment before at which something happened in either.
    fn back(&self, compared: &Compared) {
        let last = compared.worlds().into_iter().filter_map(|world| world.events_around(self.at_ms.get())[0]);
        self.go(compared, last.reduce(f64::max).unwrap_or_default());
    }
}

/// Whether and how fast both go on.
#[derive(Clone)]
pub struct Going {
    /// Whether they do.
    pub is_playing: UseStateHandle<bool>,
    /// Virtual milliseconds a real one.
    pub speed: UseStateHandle<f64>,
}

/// Both go on while they are played.
#[hook]
pub fn use_beat(compared: &Rc<Compared>, clock: &Rc<Clock>, going: &Going) {
    let (compared, clock) = (compared.clone(), clock.clone());
    use_effect_with((*going.is_playing, *going.speed), move |(is_playing, speed)| {
        let (last, speed) = (Cell::new(now_ms()), *speed);
        let beat = is_playing.then(|| {
            Interval::new(BEAT_MS, move || {
                let now = now_ms();
                let elapsed_ms = (now - last.replace(now)).clamp(0.0, BEAT_MAX_MS);
                clock.go(&compared, clock.at_ms.get() + elapsed_ms * speed);
            })
        });
        move || drop(beat)
    });
}

/// One thing that is done with both.
#[derive(Clone, Copy)]
enum Press {
    Begin,
    Back,
    Toggle,
    Next,
}

fn press(compared: &Rc<Compared>, clock: &Rc<Clock>, going: &Going) -> impl Fn(Press) + Clone + use<> {
    let (compared, clock, is_playing) = (compared.clone(), clock.clone(), going.is_playing.clone());
    move |what| {
        is_playing.set(matches!(what, Press::Toggle) && !*is_playing);
        match what {
            Press::Begin => clock.go(&compared, 0.0),
            Press::Back => clock.back(&compared),
            Press::Next => clock.next(&compared),
            Press::Toggle => {}
        }
    }
}

/// The keys, as on the page.
pub fn key(compared: &Rc<Compared>, clock: &Rc<Clock>, going: &Going) -> Callback<KeyboardEvent> {
    let press = press(compared, clock, going);
    Callback::from(move |event: KeyboardEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let within =
            |selector: &str| target.as_ref().is_some_and(|target| target.closest(selector).ok().flatten().is_some());
        if event.default_prevented()
            || event.ctrl_key()
            || event.alt_key()
            || event.meta_key()
            || within("input, select")
        {
            return;
        }
        let what = match event.key().as_str() {
            " " if within("button, [role=button], summary") => return,
            " " => Press::Toggle,
            "ArrowRight" | "n" | "N" => Press::Next,
            "ArrowLeft" | "b" | "B" => Press::Back,
            "Home" => Press::Begin,
            _ => return,
        };
        event.prevent_default();
        press(what);
    })
}

/// The bar.
pub fn transport(compared: &Rc<Compared>, clock: &Rc<Clock>, going: &Going) -> Html {
    let press = press(compared, clock, going);
    let on = |what: Press| {
        let press = press.clone();
        move |_: MouseEvent| press(what)
    };
    let oninput = {
        let (compared, clock, playing) = (compared.clone(), clock.clone(), going.is_playing.setter());
        move |event: InputEvent| {
            let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            if let Some(input) = input {
                playing.set(false);
                clock.go(&compared, input.value_as_number());
            }
        }
    };
    let onchange = {
        let speed = going.speed.setter();
        move |event: Event| {
            let select = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
            let chosen = select.and_then(|select| SPEEDS.iter().find(|(_, label)| *label == select.value()));
            speed.set(chosen.map_or(1.0, |(speed, _)| *speed));
        }
    };
    let at_ms = clock.at_ms.get();
    let parted_ms = compared.look.parting.as_ref().map_or(0.0, |parting| parting.at_ms as f64);
    let most = clock.been_ms.get().max(parted_ms) + AHEAD_MS;
    html! {
        <div class="clock" role="group" aria-label="Clock of both">
            <button type="button" title="To the beginning (Home)" aria-keyshortcuts="Home" onclick={on(Press::Begin)}>{ "To the beginning" }</button>
            <button type="button" title="One event back (Left arrow)" aria-keyshortcuts="ArrowLeft B" onclick={on(Press::Back)}>{ "Back" }</button>
            <button type="button" class="primary" title="Play or pause both (Space)" aria-keyshortcuts="Space" onclick={on(Press::Toggle)}>
                { if *going.is_playing { "Pause both" } else { "Play both" } }
            </button>
            <button type="button" title="One event on (Right arrow)" aria-keyshortcuts="ArrowRight N" onclick={on(Press::Next)}>{ "Next" }</button>
            <input type="range" min="0" max={most.to_string()} step="100" value={at_ms.to_string()} aria-label="Moment"
                aria-valuetext={seconds(at_ms)} {oninput} />
            <output>{ seconds(at_ms) }</output>
            <select aria-label="Speed of both" {onchange}>
                { for SPEEDS.iter().map(|(speed, label)| html! {
                    <option key={*label} value={*label} selected={*speed == *going.speed}>{ *label }</option>
                }) }
            </select>
        </div>
    }
}
