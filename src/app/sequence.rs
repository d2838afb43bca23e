//! What happened as a sequence diagram: one message, what is around the moment, or a range; each arrow leads to its moment.
//!
//! What always holds: one arrow at a time is in the order of the tab key; the arrow keys go to the others.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlInputElement, HtmlSelectElement, SvgElement};
use yew::prelude::*;

use crate::share::incoming::file_name;
use crate::view::sequence::{Arrow, Colours, Diagram, HEAD};

use super::clipboard;
use super::engine::{Asked, Engine, seconds};
use super::files::download;
use super::keys::Command;
use super::scene::Scene;

/// How many steps can be asked for.
const LAST: [usize; 3] = [20, 50, 150];

/// What the diagram shows.
#[derive(Clone, PartialEq, Properties)]
pub struct SequenceProps {
    /// Knows what happened.
    pub engine: Rc<Engine>,
    /// The moment.
    pub scene: Scene,
    /// Goes to a moment.
    pub on_command: Callback<Command>,
}

/// What is chosen.
#[derive(Clone, Copy, PartialEq)]
enum Choice {
    Message,
    Last(usize),
    Range,
}

impl Choice {
    fn value(self) -> String {
        match self {
            Choice::Message => "message".to_owned(),
            Choice::Last(count) => count.to_string(),
            Choice::Range => "range".to_owned(),
        }
    }

    fn of(value: &str) -> Choice {
        match value {
            "message" => Choice::Message,
            "range" => Choice::Range,
            number => {
                LAST.iter().find(|count| count.to_string() == number).map_or(Choice::Last(20), |it| Choice::Last(*it))
            }
        }
    }
}

/// The diagram, and what is in it.
#[component]
pub fn Sequence(props: &SequenceProps) -> Html {
    let is_followed = props.scene.following.is_some();
    let choice = use_state(|| if is_followed { Choice::Message } else { Choice::Last(20) });
    let (from, to) = (use_state(|| 0_u64), use_state(|| 10_000_u64));
    let chosen = if *choice == Choice::Message && !is_followed { Choice::Last(20) } else { *choice };
    let asked = match chosen {
        Choice::Message => Asked::Message,
        Choice::Last(count) => Asked::Last(count),
        Choice::Range => Asked::Range(*from, (*to).max(*from)),
    };
    let diagram = props.engine.diagram(asked);
    let onchange = {
        let choice = choice.setter();
        move |event: Event| {
            if let Some(select) = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok()) {
                choice.set(Choice::of(&select.value()));
            }
        }
    };
    let option = |value: Choice, label: String, is_there: bool| {
        html! { <option key={value.value()} value={value.value()} selected={value == chosen} disabled={!is_there}>{ label }</option> }
    };
    html! {
        <section class="sequence" aria-label="Sequence">
            <div class="choice">
                <label>
                    <span>{ "Show" }</span>
                    <select {onchange}>
                        { option(Choice::Message, "the followed message".to_owned(), is_followed) }
                        { for LAST.iter().map(|count| option(Choice::Last(*count), format!("{count} steps around now"), true)) }
                        { option(Choice::Range, "a range of time".to_owned(), true) }
                    </select>
                </label>
                if chosen == Choice::Range {
                    { moment("From (s)", *from, from.setter()) }
                    { moment("To (s)", *to, to.setter()) }
                }
            </div>
            <Saving engine={props.engine.clone()} {asked} name={props.scene.scenario.to_string()} />
            <Drawn diagram={Rc::new(diagram)} on_command={props.on_command.clone()} />
        </section>
    }
}

fn moment(label: &'static str, at_ms: u64, set: UseStateSetter<u64>) -> Html {
    let onchange = move |event: Event| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        if let Some(ms) = input.and_then(|input| milliseconds(&input.value())) {
            set.set(ms);
        }
    };
    let value = as_seconds(at_ms);
    html! { <label><span>{ label }</span><input type="number" min="0" step="any" {value} {onchange} /></label> }
}

/// Milliseconds as seconds, with as many digits behind the point as it takes.
pub fn as_seconds(at_ms: u64) -> String {
    let value = format!("{}.{:03}", at_ms / 1_000, at_ms % 1_000);
    value.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Seconds with up to three digits behind the point, read without the code that reads any number.
pub fn milliseconds(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let digits: String = part.chars().chain("000".chars()).take(3).collect();
    whole.checked_mul(1_000)?.checked_add(digits.parse().ok()?)
}

#[derive(Clone, PartialEq, Properties)]
struct SavingProps {
    engine: Rc<Engine>,
    asked: Asked,
    name: String,
}

/// The ways out of the page.
#[component]
fn Saving(props: &SavingProps) -> Html {
    let said = use_state(String::new);
    let save = |ending: &'static str, kind: &'static str, text: fn(&Engine, Asked, &str) -> String| {
        let (props, said) = (props.clone(), said.setter());
        move |_: MouseEvent| {
            let stem = file_name(&props.name);
            let called = format!("{}-sequence.{ending}", stem.trim_end_matches(".json"));
            let text = text(&props.engine, props.asked, &props.name);
            said.set(match download(&called, kind, &text.into()) {
                Ok(()) => format!("Saved as {called}."),
                Err(_) => "The browser does not let the page save it.".to_owned(),
            });
        }
    };
    let svg = save("svg", "image/svg+xml", |engine, asked, name| {
        engine.diagram(asked).svg(&format!("Sequence diagram: {name}"), &colours())
    });
    let mermaid = save("mmd", "text/plain", |engine, asked, _| engine.mermaid(asked));
    let copy = {
        let (engine, asked, said) = (props.engine.clone(), props.asked, said.setter());
        move |_: MouseEvent| {
            let (text, said) = (engine.mermaid(asked), said.clone());
            spawn_local(async move {
                let done = clipboard::put(&text).await;
                said.set(
                    if done.is_ok() { "Copied." } else { "The browser does not let the page copy it." }.to_owned(),
                );
            });
        }
    };
    html! {
        <div class="ways">
            <button type="button" onclick={svg}>{ "Save as SVG" }</button>
            <button type="button" onclick={mermaid}>{ "Save as Mermaid" }</button>
            <button type="button" onclick={copy}>{ "Copy as Mermaid" }</button>
            <span role="status">{ (*said).clone() }</span>
        </div>
    }
}

/// The colours of the page as they are now.
fn colours() -> Colours {
    let style = web_sys::window().and_then(|window| {
        let root = window.document()?.document_element()?;
        window.get_computed_style(&root).ok()?
    });
    let colour = |name: &str| {
        let value = style.as_ref().and_then(|style| style.get_property_value(name).ok()).unwrap_or_default();
        if value.trim().is_empty() { "currentColor".to_owned() } else { value.trim().to_owned() }
    };
    Colours {
        ground: colour("--ground"),
        text: colour("--text"),
        soft: colour("--soft"),
        line: colour("--line"),
        body: colour("--body"),
        accent: colour("--accent"),
        bad: colour("--bad"),
    }
}

#[derive(Clone, PartialEq, Properties)]
struct DrawnProps {
    diagram: Rc<Diagram>,
    on_command: Callback<Command>,
}

#[component]
fn Drawn(props: &DrawnProps) -> Html {
    let Diagram { width, height, lifelines, arrows, times, now } = &*props.diagram;
    let frame = use_node_ref();
    let at = use_state(|| 0_u64);
    use_kept_in_view(&frame, *now);
    if arrows.is_empty() {
        return html! { <p class="empty" ref={frame}>{ "Nothing has gone from one to another there." }</p> };
    }
    let current = arrows.iter().rposition(|arrow| !arrow.is_future).unwrap_or(0);
    let chosen = arrows.iter().position(|arrow| arrow.step.seq == *at).unwrap_or(current);
    html! {
        <div class="diagram" ref={frame} tabindex="-1">
            <svg class="heads" width={width.to_string()} height={HEAD.to_string()} aria-hidden="true">
                <g class="lines">
                    { for lifelines.iter().map(|line| html! {
                        <g key={line.x.to_string()}>
                            <title>{ line.title.clone() }</title>
                            <text class="name" x={line.x.to_string()} y="22">{ line.name.clone() }</text>
                            <text class="soft" x={line.x.to_string()} y="40">{ line.kind }</text>
                        </g>
                    }) }
                </g>
            </svg>
            <svg width={width.to_string()} height={(height - HEAD).to_string()} viewBox={format!("0 {HEAD} {width} {}", height - HEAD)}
                role="group" aria-label={format!("Sequence diagram of {} steps", arrows.len())}>
                <g class="lines">
                    { for lifelines.iter().map(|line| html! {
                        <line key={line.x.to_string()} x1={line.x.to_string()} x2={line.x.to_string()} y1={HEAD.to_string()} y2={(height - 8.0).to_string()} />
                    }) }
                </g>
                <g class="times">
                    { for times.iter().enumerate().map(|(place, (y, at_ms))| html! {
                        <text key={place} x="52" y={(y + 4.0).to_string()}>{ seconds(*at_ms as f64) }</text>
                    }) }
                </g>
                if let Some(y) = now {
                    <g class="now-line">
                        <line x1="4" x2={(width - 4.0).to_string()} y1={y.to_string()} y2={y.to_string()} />
                    </g>
                }
                <g class="arrows">
                    { for arrows.iter().enumerate().map(|(place, arrow)| {
                        let go = { let (arrows, at) = (props.diagram.clone(), at.setter());
                            Callback::from(move |event: KeyboardEvent| turn(&event, place, &arrows, &at)) };
                        drawn(arrow, place == current, place == chosen, &props.on_command, go)
                    }) }
                </g>
            </svg>
        </div>
    }
}

/// What is looked at stays in view, in the diagram's own frame.
#[hook]
fn use_kept_in_view(frame: &NodeRef, now: Option<f64>) {
    let frame = frame.clone();
    use_effect_with(now, move |now| {
        let Some((element, now)) = frame.cast::<Element>().zip(*now) else { return };
        let (top, height) = (f64::from(element.scroll_top()), f64::from(element.client_height()));
        if now < top + 60.0 || now > top + height - 20.0 {
            element.set_scroll_top((now - height / 2.0) as i32);
        }
    });
}

fn id_of(arrow: &Arrow) -> String {
    format!("step-{}", arrow.step.seq)
}

fn drawn(
    arrow: &Arrow,
    is_current: bool,
    is_chosen: bool,
    on_command: &Callback<Command>,
    onkeydown: Callback<KeyboardEvent>,
) -> Html {
    let cursor = usize::try_from(arrow.step.seq).unwrap_or(usize::MAX);
    let onclick = on_command.reform(move |_: MouseEvent| Command::Seek(cursor));
    let on_command = on_command.clone();
    let onkeydown = move |event: KeyboardEvent| {
        if matches!(event.key().as_str(), "Enter" | " ") {
            event.prevent_default();
            on_command.emit(Command::Seek(cursor));
        } else {
            onkeydown.emit(event);
        }
    };
    let label = arrow.label_at();
    let is_end = arrow.to.is_none();
    let class = classes!(
        "arrow",
        arrow.is_dashed().then_some("dashed"),
        is_end.then_some("ends"),
        arrow.is_future.then_some("future"),
        is_current.then_some("current")
    );
    let told = format!("{}, {}", seconds(arrow.step.at_ms as f64), arrow.title);
    html! {
        <g key={arrow.step.seq} id={id_of(arrow)} {class} role="button" tabindex={if is_chosen { "0" } else { "-1" }}
            aria-label={told.clone()} aria-current={is_current.then_some("step")} {onclick} {onkeydown}>
            <title>{ told }</title>
            if !is_end {
                <path class="reach" d={arrow.path()} />
                <path class="way" d={arrow.path()} />
            }
            <path class="head" d={arrow.head()} />
            <text x={label.x.to_string()} y={label.y.to_string()}>{ arrow.label.clone() }</text>
        </g>
    }
}

/// The arrow keys go from step to step.
fn turn(event: &KeyboardEvent, place: usize, diagram: &Diagram, at: &UseStateSetter<u64>) {
    let last = diagram.arrows.len().saturating_sub(1);
    let next = match event.key().as_str() {
        "ArrowDown" => (place + 1).min(last),
        "ArrowUp" => place.saturating_sub(1),
        "Home" => 0,
        "End" => last,
        _ => return,
    };
    event.prevent_default();
    let Some(arrow) = diagram.arrows.get(next) else { return };
    at.set(arrow.step.seq);
    let document = web_sys::window().and_then(|window| window.document());
    let element = document.and_then(|document| document.get_element_by_id(&id_of(arrow)));
    if let Some(element) = element {
        // An element that is shown can be focused.
        let _ = element.unchecked_into::<SvgElement>().focus();
    }
}
