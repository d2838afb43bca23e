//! Rows, groups and presses, drawn: one way for all of them.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;

use crate::edit::form::{Choice, Group, Input, Item, Row};

use super::Act;
use super::vary::{Vary, opened, opener};

/// What is drawn.
#[derive(Clone, PartialEq, Properties)]
pub struct FieldsProps {
    /// The parts of a form.
    pub items: Vec<Item>,
    /// What is done with them.
    pub act: Callback<Act>,
    /// The input of the row `name`.
    pub name: NodeRef,
    /// What rows can be compared with.
    pub vary: Rc<Vary>,
}

/// A form's parts.
#[component]
pub fn Fields(props: &FieldsProps) -> Html {
    html! {
        <form class="fields" onsubmit={|event: SubmitEvent| event.prevent_default()}>
            { for props.items.iter().map(|item| part(item, props)) }
        </form>
    }
}

/// An element's id from a row's: ids have no spaces.
fn id_of(row: &str) -> String {
    let mut id = String::from("row-");
    for sign in row.chars() {
        if sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_' | '.' | '/') {
            id.push(sign);
        } else {
            id.push_str(&format!("~{}", u32::from(sign)));
        }
    }
    id
}

fn part(item: &Item, props: &FieldsProps) -> Html {
    match item {
        Item::Row(row) => {
            html! { <Field key={row.id.clone()} row={(**row).clone()} act={props.act.clone()} vary={props.vary.clone()} name={if row.id == "name" { props.name.clone() } else { NodeRef::default() }} /> }
        }
        Item::Group(group) => whole(group, props),
        Item::Press(press) => {
            let edit = press.edit.clone();
            let onclick = props.act.reform(move |_: MouseEvent| Act::Press(edit.clone()));
            html! { <button key={format!("press {}", press.label)} type="button" class="more" {onclick}>{ press.label.clone() }</button> }
        }
        Item::Names(row, choices) => names(row, choices, props),
    }
}

fn whole(group: &Group, props: &FieldsProps) -> Html {
    let remove = group.remove.clone().map(|edit| {
        let onclick = props.act.reform(move |_: MouseEvent| Act::Press(edit.clone()));
        html! { <button type="button" class="more" {onclick}>{ format!("Remove {}", group.label) }</button> }
    });
    html! {
        <details key={format!("group {}", group.id)} class="group" open={!group.is_folded}>
            <summary>{ group.label.clone() }</summary>
            <div>
                if !group.help.is_empty() { <p class="help">{ group.help.clone() }</p> }
                // A list of its own: beside others, which have no keys, its rows would be matched from the back, and what is
                // typed into would be made anew, without the focus.
                <>{ for group.items.iter().map(|item| part(item, props)) }</>
                { remove.unwrap_or_default() }
            </div>
        </details>
    }
}

/// Names that can be written into a row by a press, as in the management UI.
fn names(row: &str, choices: &[Choice], props: &FieldsProps) -> Html {
    html! {
        <details key={format!("names {row}")} class="names">
            <summary>{ "Usual ones" }</summary>
            <div>
                { for choices.iter().map(|choice| {
                    let (row, name) = (row.to_owned(), choice.value.clone());
                    let onclick = props.act.reform(move |_: MouseEvent| Act::Type(row.clone(), name.clone()));
                    html! { <button key={choice.value.clone()} type="button" title={choice.value.clone()} {onclick}>{ choice.label.clone() }</button> }
                }) }
            </div>
        </details>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct FieldProps {
    row: Row,
    act: Callback<Act>,
    vary: Rc<Vary>,
    name: NodeRef,
}

/// A row. It is drawn anew only if it has changed.
#[component]
fn Field(props: &FieldProps) -> Html {
    let row = &props.row;
    let id = id_of(&row.id);
    let has_help = !row.help.is_empty() || !row.unit.is_empty();
    let said = row.fault.as_ref().or(row.note.as_ref());
    let described = [
        (!row.name.is_empty()).then(|| format!("{id}-called")),
        has_help.then(|| format!("{id}-help")),
        said.map(|_| format!("{id}-said")),
    ];
    let described: Vec<String> = described.into_iter().flatten().collect();
    let described = (!described.is_empty()).then(|| described.join(" "));
    let remove = row.remove.is_some().then(|| {
        let row_id = row.id.clone();
        let onclick = props.act.reform(move |_: MouseEvent| Act::Remove(row_id.clone()));
        html! { <button type="button" class="icon-only remove" aria-label={format!("Remove {}", row.label)} {onclick}>{ "\u{d7}" }</button> }
    });
    let tick = matches!(row.input, Input::Tick).then_some("tick");
    html! {
        <div class={classes!("row", tick, row.is_gone.then_some("gone"), row.fault.is_some().then_some("wrong"))}>
            <div class="called">
                <label id={format!("{id}-label")} for={id.clone()}>{ row.label.clone() }</label>
                if !row.name.is_empty() { <code id={format!("{id}-called")}>{ row.name.clone() }</code> }
            </div>
            <div class="filled">
                { input(props, &id, described) }
                if !row.unit.is_empty() { <span class="unit" aria-hidden="true">{ row.unit }</span> }
                { opener(row, &props.vary, &props.act, &format!("{id}-label")) }
                { remove.unwrap_or_default() }
            </div>
            { opened(row, &props.vary, &props.act, &id) }
            if has_help { <p class="help" id={format!("{id}-help")}>{ help(row) }</p> }
            if let Some(said) = said {
                <p class={if row.fault.is_some() { "fault" } else { "note" }} id={format!("{id}-said")} role="alert">{ said.clone() }</p>
            }
        </div>
    }
}

fn help(row: &Row) -> Html {
    // Whoever does not see the unit hears it.
    let unit = match row.unit {
        "ms" => "milliseconds",
        "s" => "seconds",
        other => other,
    };
    let between = if row.help.is_empty() || unit.is_empty() { "" } else { "; " };
    html! { <>{ row.help.clone() }<span class="heard">{ between }{ unit }</span></> }
}

fn input(props: &FieldProps, id: &str, described: Option<String>) -> Html {
    let row = &props.row;
    let typed = {
        let (act, row) = (props.act.clone(), row.id.clone());
        move |text: String| act.emit(Act::Type(row.clone(), text))
    };
    let entered = {
        let (act, row) = (props.act.clone(), row.id.clone());
        move || act.emit(Act::Enter(row.clone()))
    };
    let (id, invalid) = (id.to_owned(), row.fault.is_some().then_some("true"));
    let onchange = {
        let entered = entered.clone();
        move |_: Event| entered()
    };
    match &row.input {
        Input::Lines => {
            let oninput = move |event: InputEvent| typed(event.target_unchecked_into::<HtmlTextAreaElement>().value());
            html! { <textarea {id} rows="3" aria-describedby={described} aria-invalid={invalid} value={row.text.clone()} spellcheck="false" {oninput} {onchange} /> }
        }
        Input::Tick => {
            let onchange = move |event: Event| {
                let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
                typed(input.is_some_and(|input| input.checked()).to_string());
                entered();
            };
            html! { <input {id} type="checkbox" aria-describedby={described} aria-invalid={invalid} checked={row.text == "true"} {onchange} /> }
        }
        Input::Choice(choices) => {
            let onchange = move |event: Event| {
                typed(event.target_unchecked_into::<HtmlSelectElement>().value());
                entered();
            };
            html! {
                <select {id} aria-describedby={described} aria-invalid={invalid} {onchange}>
                    { for choices.iter().map(|choice| {
                        let label = if choice.label.is_empty() { &choice.value } else { &choice.label };
                        html! { <option key={choice.value.clone()} value={choice.value.clone()} selected={choice.value == row.text}>{ label.clone() }</option> }
                    }) }
                </select>
            }
        }
        Input::Line(_) | Input::Number => {
            let oninput = move |event: InputEvent| typed(event.target_unchecked_into::<HtmlInputElement>().value());
            let mode = matches!(row.input, Input::Number).then_some("decimal");
            let offered: &[Choice] = if let Input::Line(offered) = &row.input { offered } else { &[] };
            let list = (!offered.is_empty()).then(|| format!("{id}-names"));
            html! {
                <>
                    <input ref={props.name.clone()} {id} type="text" inputmode={mode} autocomplete="off" spellcheck="false" list={list.clone()}
                        aria-describedby={described} aria-invalid={invalid} value={row.text.clone()} {oninput} {onchange} />
                    if let Some(list) = list {
                        <datalist id={list}>
                            { for offered.iter().map(|choice| html! { <option key={choice.value.clone()} value={choice.value.clone()}>{ choice.label.clone() }</option> }) }
                        </datalist>
                    }
                </>
            }
        }
    }
}
