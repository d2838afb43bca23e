//! Taking things out of the page: the picture as it is now, a range of time as an animation, the definitions. All of it is
//! made in the page.
//!
//! What always holds: what is being made can be cancelled, and closing the dialog cancels it.

mod definitions;
mod film;
mod picture;
mod raster;
mod words;

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::share::incoming::file_name;

use super::engine::Engine;
use super::files::download;
use super::sequence::{as_seconds, milliseconds};
use super::theme::Theme;
use definitions::HandOver;
use film::{PICTURES_MAX, RATE, Range, animation};
use raster::Board;
use words::Words;

/// How large a PNG can be, for a pixel of the page.
const SCALES: [(u32, &str); 3] = [(1, "1\u{d7}"), (2, "2\u{d7}"), (3, "3\u{d7}")];
/// Virtual milliseconds a real one, times 100.
const SPEEDS: [(u32, &str); 5] =
    [(25, "\u{bc}\u{d7}"), (50, "\u{bd}\u{d7}"), (100, "1\u{d7}"), (200, "2\u{d7}"), (400, "4\u{d7}")];
/// How it looks: as the page does, or otherwise.
const THEMES: [(u32, &str); 3] = [(0, "As the page"), (1, "Light"), (2, "Dark")];
/// So much of what has happened is offered, virtual milliseconds.
const OFFERED_MS: u64 = 5_000;

/// Where the dialog is.
#[derive(Clone, PartialEq, Properties)]
pub struct ExportProps {
    /// To open it by.
    pub dialog: NodeRef,
    /// Has the picture.
    pub engine: Rc<Engine>,
    /// The scenario's name.
    pub name: String,
}

/// What is being made, or what came of it.
#[derive(Clone, PartialEq)]
enum State {
    Idle(String),
    Making(u32, u32),
}

/// The dialog. It stays closed until it is shown.
#[component]
pub fn Export(props: &ExportProps) -> Html {
    let state = use_state(|| State::Idle(String::new()));
    let scale = use_state(|| 2_u32);
    let look = use_state(|| 0_u32);
    let goes_on = use_mut_ref(|| Rc::new(Cell::new(false)));
    // What is offered is what has happened when it is opened.
    let (opened, is_open) = (use_state(|| 0_u32), use_mut_ref(|| false));
    let onfocusin = {
        let (opened, is_open) = (opened.clone(), is_open.clone());
        move |_: FocusEvent| {
            if !is_open.replace(true) {
                opened.set(*opened + 1);
            }
        }
    };
    let stop = {
        let goes_on = goes_on.clone();
        Callback::from(move |()| goes_on.borrow().set(false))
    };
    let onclose = {
        let stop = stop.clone();
        move |_: Event| {
            is_open.replace(false);
            stop.emit(());
        }
    };
    let theme = match *look {
        1 => Theme::Light,
        2 => Theme::Dark,
        _ => Theme::System,
    };
    let still = Still { engine: props.engine.clone(), name: props.name.clone(), theme, said: state.setter() };
    let is_busy = matches!(*state, State::Making(..));
    let on_film = {
        let (goes_on, still) = (goes_on.clone(), still.clone());
        Callback::from(move |range: Range| {
            let token = Rc::new(Cell::new(true));
            *goes_on.borrow_mut() = token.clone();
            still.clone().film(range, token);
        })
    };
    html! {
        <dialog ref={props.dialog.clone()} class="export" aria-labelledby="export-title" {onfocusin} {onclose}>
            <h2 id="export-title">{ "Export" }</h2>
            <p class="soft">{ "Everything is made in this page; nothing is sent anywhere." }</p>
            <div class="way">
                <label>{ "Colours of pictures " }{ select(&THEMES, *look, look.setter()) }</label>
            </div>
            <h3>{ "The picture as it is now" }</h3>
            { pictures(&still, &scale, is_busy) }
            <h3>{ "A range of time" }</h3>
            <Animating key={*opened} until_ms={props.engine.clock_ms() as u64} {is_busy} {on_film} />
            <h3>{ "Definitions" }</h3>
            <HandOver key={*opened} engine={props.engine.clone()} {still} />
            { told(&state, &stop) }
            <h3>{ "The story and the tables" }</h3>
            <div class="words">
                if *opened > 0 {
                    <Words key={*opened} engine={props.engine.clone()} name={props.name.clone()} />
                }
            </div>
            <form method="dialog"><button type="submit" class="primary">{ "Close" }</button></form>
        </dialog>
    }
}

/// The ways to save the picture as it is now.
fn pictures(still: &Still, scale: &UseStateHandle<u32>, is_busy: bool) -> Html {
    let on_svg = {
        let still = still.clone();
        move |_: MouseEvent| still.svg()
    };
    let on_png = {
        let (still, scale) = (still.clone(), **scale);
        move |_: MouseEvent| still.clone().png(scale)
    };
    html! {
        <>
            <div class="way">
                <button type="button" disabled={is_busy} onclick={on_svg}>{ "Save as SVG" }</button>
                <span>{ "Lines and text, sharp at any size, with the messages in flight." }</span>
            </div>
            <div class="way">
                <button type="button" disabled={is_busy} onclick={on_png}>{ "Save as PNG" }</button>
                <label>{ "Size " }{ select(&SCALES, **scale, scale.setter()) }</label>
                <span>{ "Pixels, for slides and documents." }</span>
            </div>
        </>
    }
}

fn told(state: &State, stop: &Callback<()>) -> Html {
    html! {
        <div class="told">
            if let State::Making(done, all) = state {
                <progress value={done.to_string()} max={all.to_string()} aria-label="Animation" />
                <span>{ format!("{done} of {all} pictures") }</span>
                <button type="button" onclick={stop.reform(|_: MouseEvent| ())}>{ "Cancel" }</button>
            }
            <span role="status">{ match state { State::Idle(said) => said.clone(), State::Making(..) => String::new() } }</span>
        </div>
    }
}

fn select(options: &'static [(u32, &'static str)], chosen: u32, set: UseStateSetter<u32>) -> Html {
    let onchange = move |event: Event| {
        let select = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
        let value = select.map(|select| select.value()).unwrap_or_default();
        if let Some((value, _)) = options.iter().find(|(option, _)| option.to_string() == value) {
            set.set(*value);
        }
    };
    html! {
        <select {onchange}>
            { for options.iter().map(|(value, label)| html! {
                <option key={*value} value={value.to_string()} selected={*value == chosen}>{ *label }</option>
            }) }
        </select>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct AnimatingProps {
    until_ms: u64,
    is_busy: bool,
    on_film: Callback<Range>,
}

/// What an animation is to be of.
#[component]
fn Animating(props: &AnimatingProps) -> Html {
    let (from, to) = {
        let until = props.until_ms;
        (use_state(move || until.saturating_sub(OFFERED_MS)), use_state(move || until.max(1_000)))
    };
    let speed = use_state(|| 100_u32);
    let range = Range { from_ms: *from, to_ms: *to, speed_percent: *speed };
    let pictures = range.pictures();
    let why_not = if *to <= *from {
        Some("The end must be later than the beginning.".to_owned())
    } else if pictures > PICTURES_MAX {
        Some(format!("That is longer than {} s: take a shorter range, or a higher speed.", PICTURES_MAX / RATE))
    } else {
        None
    };
    let onclick = props.on_film.reform(move |_: MouseEvent| range);
    html! {
        <>
            <div class="way">
                { moment("From (s)", *from, from.setter()) }
                { moment("To (s)", *to, to.setter()) }
                <label>{ "Played at " }{ select(&SPEEDS, *speed, speed.setter()) }</label>
            </div>
            <div class="way">
                <button type="button" disabled={props.is_busy || why_not.is_some()} {onclick}>{ "Save as animated PNG" }</button>
                <span>{ why_not.unwrap_or_else(|| format!("{pictures} pictures, {RATE} a second; every browser shows it.")) }</span>
            </div>
        </>
    }
}

fn moment(label: &'static str, at_ms: u64, set: UseStateSetter<u64>) -> Html {
    let oninput = move |event: InputEvent| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        if let Some(ms) = input.and_then(|input| milliseconds(&input.value())) {
            set.set(ms);
        }
    };
    html! { <label>{ label }{ " " }<input type="number" min="0" step="any" value={as_seconds(at_ms)} {oninput} /></label> }
}

/// What makes files.
#[derive(Clone, PartialEq)]
pub struct Still {
    engine: Rc<Engine>,
    name: String,
    /// The system's stands for what the page shows.
    theme: Theme,
    said: UseStateSetter<State>,
}

impl Still {
    fn called(&self, ending: &str) -> String {
        let name = file_name(&self.name);
        format!("{}.{ending}", name.trim_end_matches(".json"))
    }

    fn title(&self) -> String {
        format!("Warren: {}", self.name)
    }

    fn say(&self, done: Result<String, String>) {
        self.said.set(State::Idle(match done {
            Ok(called) => format!("Saved as {called}, where your browser puts what it downloads."),
            Err(why) => format!("This cannot be saved: {why}."),
        }));
    }

    fn save(&self, called: String, kind: &str, content: &wasm_bindgen::JsValue) {
        let done = download(&called, kind, content);
        self.say(done.map(|()| called).map_err(|_| "the browser does not let the page save it".to_owned()));
    }

    fn svg(&self) {
        match picture::svg(&self.engine, &self.title(), self.theme) {
            Some((text, _)) => self.save(self.called("svg"), "image/svg+xml", &text.into()),
            None => self.say(Err("there is no picture".to_owned())),
        }
    }

    fn png(self, scale: u32) {
        spawn_local(async move {
            let Some((text, (width, height))) = picture::svg(&self.engine, &self.title(), self.theme) else {
                return self.say(Err("there is no picture".to_owned()));
            };
            let pixels = |length: f64| (length * f64::from(scale)).round().max(1.0) as u32;
            let made = async {
                let board = Board::new(pixels(width), pixels(height))?;
                board.draw(&text).await?;
                board.png().await
            };
            match made.await {
                Ok(blob) => self.save(self.called("png"), "image/png", &blob),
                Err(_) => self.say(Err("the browser cannot draw the picture".to_owned())),
            }
        });
    }

    fn film(self, range: Range, goes_on: Rc<Cell<bool>>) {
        let all = range.pictures();
        self.said.set(State::Making(0, all));
        spawn_local(async move {
            let said = self.said.clone();
            let on_picture = move |done: u32| {
                said.set(State::Making(done, all));
                goes_on.get()
            };
            match animation(&self.engine, range, &self.title(), self.theme, on_picture).await {
                Ok(Some(file)) => {
                    let bytes = js_sys::Uint8Array::from(file.as_slice());
                    self.save(self.called("apng"), "image/apng", &bytes);
                }
                Ok(None) => self.said.set(State::Idle("Cancelled.".to_owned())),
                Err(why) => self.say(Err(why)),
            }
        });
    }
}
