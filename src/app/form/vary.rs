//! What can be compared with what is edited: a whole thing, or one row of it.
//!
//! What always holds: comparing changes nothing, and nothing that was typed is lost by it.

use std::rc::Rc;

use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::edit::form::{Form, Row, Subject, Variation, variations};
use crate::edit::{Command, Draft};

use super::{Act, Desk, InspectorProps};

/// Which rows can be compared with another value.
#[derive(Clone, Debug, PartialEq)]
pub struct Vary {
    /// Their ids.
    rows: Vec<String>,
    /// The one that it is said of, with which.
    open: Option<(String, Varied)>,
}

/// What a row can be compared with.
#[derive(Clone, Debug, PartialEq)]
struct Varied {
    values: Vec<Variation>,
    why: String,
}

/// What the whole can be compared with.
pub fn beside(draft: &Draft, subject: &Subject, act: &Callback<Act>) -> Html {
    let all = variations(draft, subject);
    html! {
        <details class="vary" hidden={all.is_empty()}>
            <summary>{ "Compare with\u{2026}" }</summary>
            <p class="help">{ "Two worlds beside each other, with the same script and the same seed: as it is, and with one thing changed." }</p>
            <ul>
                { for all.into_iter().enumerate().map(|(place, variation)| {
                    let (title, command) = (variation.command.to_string(), variation.command);
                    let onclick = act.reform(move |_: MouseEvent| Act::Compare(command.clone()));
                    html! { <li key={place}><button type="button" {title} {onclick}>{ variation.label }</button></li> }
                }) }
            </ul>
        </details>
    }
}

/// Which rows can be compared with another value, and with which.
pub fn vary(form: &Form, open: Option<&(String, String)>) -> Rc<Vary> {
    let rows = form.rows().into_iter().map(|row| row.id.clone()).filter(|id| form.can_vary(id)).collect();
    let open = open.map(|(row, why)| (row.clone(), Varied { values: form.variations(row), why: why.clone() }));
    Rc::new(Vary { rows, open })
}

/// Plays the scenario beside itself with a change.
pub(super) fn compare(desk: &mut Desk, props: &InspectorProps, command: Command) {
    if let Err(refusal) = props.engine.attempt(&Command::Compare(Box::new(command))) {
        match &mut desk.varied {
            Some((_, why)) => *why = refusal.problem,
            None => desk.refused = Some((String::new(), refusal.problem)),
        }
    }
}

/// The way to compare a row with another value.
pub fn opener(row: &Row, vary: &Vary, act: &Callback<Act>, described: &str) -> Html {
    if !vary.rows.contains(&row.id) {
        return html! { <></> };
    }
    let is_open = vary.open.as_ref().is_some_and(|(open, _)| *open == row.id);
    let onclick = {
        let id = row.id.clone();
        act.reform(move |_: MouseEvent| Act::Vary(id.clone()))
    };
    html! {
        <button type="button" class="icon-only vary-row" title="Compare with another value" aria-expanded={is_open.to_string()}
            aria-label="Compare with\u{2026}" aria-describedby={described.to_owned()} {onclick}>{ "\u{21c6}" }</button>
    }
}

/// What a row can be compared with, where that was asked.
pub fn opened(row: &Row, vary: &Vary, act: &Callback<Act>, id: &str) -> Html {
    let Some((_, varied)) = vary.open.as_ref().filter(|(open, _)| *open == row.id) else { return html! { <></> } };
    html! { <Values id={format!("{id}-vary")} row={row.id.clone()} varied={varied.clone()} act={act.clone()} /> }
}

#[derive(Clone, PartialEq, Properties)]
struct ValuesProps {
    id: String,
    row: String,
    varied: Varied,
    act: Callback<Act>,
}

#[component]
fn Values(props: &ValuesProps) -> Html {
    let input = use_node_ref();
    let typed = {
        let (input, act, row) = (input.clone(), props.act.clone(), props.row.clone());
        Callback::from(move |()| {
            let text = input.cast::<HtmlInputElement>().map(|input| input.value()).unwrap_or_default();
            act.emit(Act::CompareTyped(row.clone(), text));
        })
    };
    let onkeydown = {
        let typed = typed.clone();
        move |event: KeyboardEvent| {
            if event.key() == "Enter" {
                event.prevent_default();
                typed.emit(());
            }
        }
    };
    html! {
        <div class="values" role="group" aria-label="Compare with">
            <div class="choices">
                { for props.varied.values.iter().enumerate().map(|(place, variation)| {
                    let command = variation.command.clone();
                    let onclick = props.act.reform(move |_: MouseEvent| Act::Compare(command.clone()));
                    html! {
                        <button key={place} type="button" title={variation.command.to_string()} {onclick}>{ variation.value.clone() }</button>
                    }
                }) }
            </div>
            <div class="filled">
                <span aria-hidden="true">{ "or" }</span>
                <input ref={input} id={props.id.clone()} type="text" autocomplete="off" spellcheck="false" aria-label="A value to compare with" {onkeydown} />
                <button type="button" onclick={typed.reform(|_: MouseEvent| ())}>{ "Compare" }</button>
            </div>
            <p class="fault" role="alert">{ props.varied.why.clone() }</p>
        </div>
    }
}
