//! What opens over the picture, at the place that it is about: what can be made there, what has to be typed, why not.
//!
//! What always holds: it takes the focus when it opens and gives it back; Escape closes it; what is refused is told in it.

use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlInputElement};
use yew::prelude::*;

use crate::edit::edge::Behind;
use crate::edit::link::Asked;
use crate::edit::{Command as Edit, Offer};
use crate::view::geometry::Point;

use super::drawing::{Content, Popup};

/// About its width and height, CSS pixels.
const SIZE: Point = Point::new(292.0, 190.0);

/// What the popup shows.
#[derive(Clone, PartialEq, Properties)]
pub struct PopupProps {
    /// What is open.
    pub popup: Popup,
    /// Where that is, CSS pixels.
    pub at: Point,
    /// How much room there is, CSS pixels.
    pub room: (f64, f64),
    /// Runs a command. Answers why not, if it is refused.
    pub on_run: Callback<Edit, Option<String>>,
    /// Opens another one.
    pub on_open: Callback<Option<Popup>>,
}

/// The popup.
#[component]
pub fn PopupView(props: &PopupProps) -> Html {
    let frame = use_node_ref();
    let why = use_state(|| None::<String>);
    use_effect_with((frame.clone(), props.popup.clone()), move |(frame, _)| {
        let before = focused();
        let first = frame.cast::<HtmlElement>().and_then(|frame| {
            let wanted = ["input", ".choices button", "button"];
            wanted.iter().find_map(|wanted| frame.query_selector(wanted).ok()?)
        });
        focus(first.and_then(|first| first.dyn_into().ok()));
        move || {
            // Somebody who has gone on is not called back.
            if focused().is_none_or(|now| now.tag_name() == "BODY") {
                focus(before);
            }
        }
    });
    let close = {
        let on_open = props.on_open.clone();
        move || on_open.emit(None)
    };
    let onkeydown = {
        let close = close.clone();
        move |event: KeyboardEvent| match event.key().as_str() {
            "Escape" => {
                event.stop_propagation();
                event.prevent_default();
                close();
            }
            "ArrowDown" => turn(&event, true),
            "ArrowUp" => turn(&event, false),
            _ => {}
        }
    };
    let run = {
        let (why, on_run) = (why.setter(), props.on_run.clone());
        Callback::from(move |command: Result<Edit, String>| {
            why.set(command.map_or_else(Some, |edit| on_run.emit(edit)))
        })
    };
    let x = props.at.x.min(props.room.0 - SIZE.x).max(6.0);
    let y = (props.at.y + 10.0).min(props.room.1 - SIZE.y).max(6.0);
    let label = match &props.popup.content {
        Content::Menu(title, _) | Content::Edge(title, ..) => title.clone(),
        Content::Question(offer) => offer.label.clone(),
        Content::Note(_) => "This is not possible".to_owned(),
    };
    let style = format!("left:{x:.0}px;top:{y:.0}px;max-height:{:.0}px", (props.room.1 - y - 6.0).max(120.0));
    html! {
        <div ref={frame} class="popup" role="dialog" aria-label={label.clone()} ~style={style} {onkeydown}>
            <div class="heading">
                <strong>{ plain(&label) }</strong>
                <button type="button" class="quiet" aria-label="Close" title="Close" onclick={move |_: MouseEvent| close()}>{ "\u{2715}" }</button>
            </div>
            { content(props, &run) }
            if let Some(why) = &*why {
                <p class="bad" role="alert">{ why.clone() }</p>
            }
        </div>
    }
}

/// Names without the signs that set them off in a line.
fn plain(text: &str) -> String {
    text.replace('`', "")
}

fn focused() -> Option<HtmlElement> {
    web_sys::window()?.document()?.active_element()?.dyn_into().ok()
}

fn focus(element: Option<HtmlElement>) {
    if let Some(element) = element {
        // An element that is shown can be focused.
        let _ = element.focus();
    }
}

/// The arrow keys go from choice to choice.
fn turn(event: &KeyboardEvent, on: bool) {
    let target = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
    let Some(target) = target.filter(|target| target.tag_name() == "BUTTON") else { return };
    let next = if on { target.next_element_sibling() } else { target.previous_element_sibling() };
    event.prevent_default();
    focus(next.and_then(|next| next.dyn_into().ok()));
}

type Run = Callback<Result<Edit, String>>;

fn content(props: &PopupProps, run: &Run) -> Html {
    match &props.popup.content {
        Content::Note(why) => html! { <p class="bad">{ plain(why) }</p> },
        Content::Menu(_, offers) => {
            html! { <div class="choices">{ for offers.iter().enumerate().map(|(place, offer)| choice(place, offer, props, run)) }</div> }
        }
        Content::Question(offer) => question(offer, run),
        Content::Edge(_, behind, again) => html! {
            <>
                <ul>{ for behind.iter().enumerate().map(|(place, one)| entry(place, one, run)) }</ul>
                if let Some(offer) = again {
                    { choice(0, &Offer { label: "Another binding".to_owned(), ..offer.clone() }, props, run) }
                }
            </>
        },
    }
}

/// Something that can be chosen: it is done, or asks for what it needs.
fn choice(place: usize, offer: &Offer, props: &PopupProps, run: &Run) -> Html {
    let title = offer.command.to_string();
    let onclick = {
        let (offer, run, on_open, at) = (offer.clone(), run.clone(), props.on_open.clone(), props.popup.at);
        move |_: MouseEvent| match offer.asks {
            Some(_) => on_open.emit(Some(Popup { at, content: Content::Question(offer.clone()) })),
            None => run.emit(Ok(offer.command.clone())),
        }
    };
    html! { <button type="button" key={place} {title} {onclick}>{ plain(&offer.label) }</button> }
}

fn question(offer: &Offer, run: &Run) -> Html {
    let Some(asked) = offer.asks else { return html! { <></> } };
    let typed = {
        let (offer, run) = (offer.clone(), run.clone());
        Callback::from(move |text: String| run.emit(offer.with(&text).map_err(|mistake| mistake.to_string())))
    };
    html! { <Answer {asked} begun={asked.begun} action="Bind" on_typed={typed} shown={offer.command.to_string()} /> }
}

/// One of the things that an edge stands for.
fn entry(place: usize, behind: &Behind, run: &Run) -> Html {
    let delete = {
        let (command, run) = (behind.delete.clone(), run.clone());
        move |_: MouseEvent| run.emit(Ok(command.clone()))
    };
    let (title, label) = (behind.delete.to_string(), format!("Delete: {}", plain(&behind.label)));
    let typed = {
        let (behind, run) = (behind.clone(), run.clone());
        Callback::from(move |text: String| run.emit(behind.with(&text).map_err(|mistake| mistake.to_string())))
    };
    html! {
        <li key={format!("{place} {}", behind.text)}>
            if let Some(asked) = behind.asks {
                <Answer {asked} begun={behind.text.clone()} action="Change" on_typed={typed} shown={String::new()} />
            } else {
                <span>{ plain(&behind.label) }</span>
            }
            <button type="button" {title} aria-label={label} onclick={delete}>{ "Delete" }</button>
        </li>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct AnswerProps {
    asked: Asked,
    begun: AttrValue,
    action: &'static str,
    on_typed: Callback<String>,
    shown: AttrValue,
}

/// A line to type a key in, or arguments.
#[component]
fn Answer(props: &AnswerProps) -> Html {
    let input = use_node_ref();
    let onsubmit = {
        let (input, on_typed) = (input.clone(), props.on_typed.clone());
        move |event: SubmitEvent| {
            event.prevent_default();
            on_typed.emit(input.cast::<HtmlInputElement>().map(|input| input.value()).unwrap_or_default());
        }
    };
    html! {
        <form {onsubmit}>
            <label>
                <span>{ props.asked.label }</span>
                <input ref={input} type="text" autocomplete="off" spellcheck="false" value={props.begun.clone()} title={props.asked.help} />
            </label>
            <button type="submit" class="primary">{ props.action }</button>
            if !props.shown.is_empty() {
                <small>{ props.asked.help }</small>
                <code>{ props.shown.clone() }</code>
            }
        </form>
    }
}
