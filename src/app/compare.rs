//! Two worlds beside each other: the scenario as it is and with one thing changed, one clock for both, and what differs.
//!
//! What always holds: both are at the same virtual moment; nothing in them can be changed.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Interval;
use wasm_bindgen::JsCast;
use web_sys::{HtmlDialogElement, HtmlInputElement};
use yew::prelude::*;

use crate::view::Selection;
use crate::view::compare::{Fates, Parted, Row, parted};

use super::engine::{Compared, Engine, now_ms, seconds};
use super::stage::Stage;

/// How often both go on, milliseconds.
const BEAT_MS: u32 = 40;
/// The longest that a beat is taken for.
const BEAT_MAX_MS: f64 = 200.0;
/// So many messages are listed.
const LISTED: usize = 30;
/// How far the slider reaches beyond where one has been, virtual milliseconds.
const AHEAD_MS: f64 = 10_000.0;
/// One step.
const STEP_MS: f64 = 500.0;

/// What is compared.
#[derive(Clone, PartialEq, Properties)]
pub struct CompareProps {
    /// Knows what is compared, if anything is.
    pub engine: Rc<Engine>,
    /// The two worlds.
    pub compared: Option<Rc<Compared>>,
}

/// The dialog; it is closed where nothing is compared.
#[component]
pub fn Compare(props: &CompareProps) -> Html {
    let dialog = use_node_ref();
    {
        let dialog = dialog.clone();
        use_effect_with(props.compared.clone(), move |compared| {
            let dialog = dialog.cast::<HtmlDialogElement>().filter(|dialog| compared.is_some() && !dialog.open());
            if let Some(dialog) = dialog {
                // It is in the document and closed, so there is no reason to refuse.
                let _ = dialog.show_modal();
            }
        });
    }
    let onclose = {
        let engine = props.engine.clone();
        move |_: Event| engine.compare_no_more()
    };
    html! {
        <dialog ref={dialog} class="compare" aria-labelledby="compare-title" {onclose}>
            <h2 id="compare-title">
                { "Compare" }
                if let Some(compared) = &props.compared { { ": " }<code>{ compared.line.clone() }</code> }
            </h2>
            if let Some(compared) = &props.compared {
                <Both key={compared.line.clone()} compared={compared.clone()} />
            }
            <form method="dialog"><button type="submit" class="primary">{ "Close" }</button></form>
        </dialog>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct BothProps {
    compared: Rc<Compared>,
}

/// What is known of both, and where they are.
#[derive(Default)]
struct Clock {
    at_ms: Cell<f64>,
    been_ms: Cell<f64>,
    fates: [RefCell<Fates>; 2],
}

impl Clock {
    fn go(&self, compared: &Compared, at_ms: f64) {
        let at_ms = at_ms.max(0.0);
        self.at_ms.set(at_ms);
        self.been_ms.set(self.been_ms.get().max(at_ms));
        for world in compared.worlds() {
            world.glide_ms(at_ms);
        }
    }
}

#[component]
fn Both(props: &BothProps) -> Html {
    let compared = props.compared.clone();
    let update = use_force_update();
    let clock = use_memo((), |()| Clock::default());
    let is_playing = use_state(|| false);
    {
        let compared = compared.clone();
        use_effect_with((), move |()| {
            for world in compared.worlds() {
                let update = update.clone();
                world.attach(move || update.force_update());
            }
            move || compared.worlds().into_iter().for_each(|world| world.detach())
        });
    }
    {
        let (compared, clock) = (compared.clone(), clock.clone());
        use_effect_with(*is_playing, move |is_playing| {
            let last = Cell::new(now_ms());
            let beat = is_playing.then(|| {
                Interval::new(BEAT_MS, move || {
                    let now = now_ms();
                    let elapsed_ms = (now - last.replace(now)).clamp(0.0, BEAT_MAX_MS);
                    clock.go(&compared, clock.at_ms.get() + elapsed_ms);
                })
            });
            move || drop(beat)
        });
    }
    let (rows, parted, all) = differences(&compared, &clock);
    html! {
        <>
            { transport(&compared, &clock, &is_playing) }
            <div class="both">
                { for compared.worlds().into_iter().zip(["As it is", "With the change"]).map(|(world, label)| html! {
                    <figure key={label}>
                        <figcaption>{ label }</figcaption>
                        <Stage engine={world.clone()} scene={world.scene()} selection={Rc::new(Selection::default())}
                            on_select={Callback::noop()} {label} />
                    </figure>
                }) }
            </div>
            { figures(&rows) }
            { fates(&parted, all) }
        </>
    }
}

fn differences(compared: &Compared, clock: &Clock) -> (Vec<Row>, Vec<Parted>, usize) {
    for (world, fates) in compared.worlds().into_iter().zip(&clock.fates) {
        world.take_fates(&mut fates.borrow_mut());
    }
    let [left, right] = &clock.fates;
    let (parted, all) = parted(&left.borrow(), &right.borrow(), LISTED);
    (compared.summary(), parted, all)
}

fn transport(compared: &Rc<Compared>, clock: &Rc<Clock>, is_playing: &UseStateHandle<bool>) -> Html {
    let to = |ms: fn(f64) -> f64| {
        let (compared, clock, playing) = (compared.clone(), clock.clone(), is_playing.setter());
        move |_: MouseEvent| {
            playing.set(false);
            clock.go(&compared, ms(clock.at_ms.get()));
        }
    };
    let toggle = {
        let is_playing = is_playing.clone();
        move |_: MouseEvent| is_playing.set(!*is_playing)
    };
    let oninput = {
        let (compared, clock, playing) = (compared.clone(), clock.clone(), is_playing.setter());
        move |event: InputEvent| {
            let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            if let Some(input) = input {
                playing.set(false);
                clock.go(&compared, input.value_as_number());
            }
        }
    };
    let at_ms = clock.at_ms.get();
    let most = clock.been_ms.get() + AHEAD_MS;
    html! {
        <div class="clock" role="group" aria-label="Clock of both">
            <button type="button" onclick={to(|_| 0.0)}>{ "To the beginning" }</button>
            <button type="button" onclick={to(|at_ms| at_ms - STEP_MS)}>{ "Back 0.5 s" }</button>
            <button type="button" class="primary" onclick={toggle}>{ if **is_playing { "Pause both" } else { "Play both" } }</button>
            <button type="button" onclick={to(|at_ms| at_ms + STEP_MS)}>{ "On 0.5 s" }</button>
            <input type="range" min="0" max={most.to_string()} step="100" value={at_ms.to_string()} aria-label="Moment"
                aria-valuetext={seconds(at_ms)} {oninput} />
            <output>{ seconds(at_ms) }</output>
        </div>
    }
}

fn figures(rows: &[Row]) -> Html {
    let count = rows.iter().filter(|row| row.differs()).count();
    html! {
        <div class="wide" tabindex="0" role="region" aria-label="Figures of both">
            <table>
                <caption>{ format!("Figures of both: {count} differ") }</caption>
                <thead><tr>
                    { for ["Figure", "As it is", "With the change", "Differs"].map(|heading| html! {
                        <th scope="col">{ heading }</th>
                    }) }
                </tr></thead>
                <tbody>
                    { for rows.iter().map(|row| html! {
                        <tr key={row.what.clone()} class={classes!(row.differs().then_some("differs"))}>
                            <th scope="row">{ row.what.clone() }</th>
                            <td class="number">{ row.values[0].clone() }</td>
                            <td class="number">{ row.values[1].clone() }</td>
                            <td>{ if row.differs() { "\u{2260} yes" } else { "no" } }</td>
                        </tr>
                    }) }
                </tbody>
            </table>
        </div>
    }
}

fn fates(parted: &[Parted], all: usize) -> Html {
    html! {
        <section class="parted" aria-label="Messages that differ">
            <h3>{ "Messages that come to something else" }</h3>
            if parted.is_empty() { <p class="empty">{ "None so far." }</p> }
            <ul>
                { for parted.iter().map(|it| html! {
                    <li key={it.message.clone()}>
                        <b>{ it.message.clone() }</b>{ " " }<code>{ it.key.clone() }</code>{ ": " }
                        { it.fates[0].clone() }{ " \u{2260} " }{ it.fates[1].clone() }
                    </li>
                }) }
            </ul>
            if all > parted.len() { <p class="empty">{ format!("and {} more", all - parted.len()) }</p> }
        </section>
    }
}
