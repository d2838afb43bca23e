//! The story and the tables in the export dialog: what, and in which form, copied or saved.
//!
//! What always holds: a file of CSV holds one table, as RFC 4180 has it; all tables together are Markdown.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::app::engine::Engine;
use crate::app::take::{copy, save};
use crate::view::paper::Form;
use crate::view::story::Filter;
use crate::view::tables::{Table, all_written, written};

const STORY: &str = "Story";
const ALL: &str = "All tables";

/// What there is to write of.
#[derive(Clone, PartialEq, Properties)]
pub struct WordsProps {
    /// Tells and counts.
    pub engine: Rc<Engine>,
    /// The scenario's name.
    pub name: String,
}

/// What to write, how, and what came of it.
#[component]
pub fn Words(props: &WordsProps) -> Html {
    let what = use_state(|| STORY);
    let said = use_state(String::new);
    let captions: Vec<&'static str> = props.engine.tables().iter().map(|table| table.caption).collect();
    let all: Vec<&'static str> = [STORY, ALL].into_iter().chain(captions).collect();
    let chosen = if all.contains(&*what) { *what } else { STORY };
    let onchange = {
        let (what, said, all) = (what.setter(), said.setter(), all.clone());
        move |event: Event| {
            let select = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
            let place = select.and_then(|select| usize::try_from(select.selected_index()).ok());
            if let Some(chosen) = place.and_then(|place| all.get(place)) {
                what.set(chosen);
                said.set(String::new());
            }
        }
    };
    let way = |form: Form, is_copied: bool| {
        let (props, said) = (props.clone(), said.setter());
        let onclick = move |_: MouseEvent| {
            let text = text(&props, chosen, form);
            if is_copied {
                copy(text, chosen, form, said.clone())
            } else {
                said.set(save(&text, chosen, form, &props.name))
            }
        };
        let verb = if is_copied { "Copy" } else { "Save" };
        html! {
            <button type="button" disabled={chosen == ALL && form == Form::Csv} {onclick}>{ format!("{verb} as {}", form.label()) }</button>
        }
    };
    html! {
        <>
            <div class="way">
                <label>{ "What " }
                    <select {onchange}>
                        { for all.iter().map(|each| html! { <option key={*each} selected={*each == chosen}>{ *each }</option> }) }
                    </select>
                </label>
                <span>{ "Up to this moment. CSV is for spreadsheets, a file for each table." }</span>
            </div>
            <div class="way">
                { way(Form::Markdown, false) }{ way(Form::Csv, false) }{ way(Form::Markdown, true) }{ way(Form::Csv, true) }
            </div>
            <p class="soft" role="status">{ (*said).clone() }</p>
        </>
    }
}

fn text(props: &WordsProps, what: &str, form: Form) -> String {
    let tables: Vec<Table> = props.engine.tables();
    match what {
        STORY => props.engine.written(&Filter::default(), form).0,
        ALL => all_written(&props.engine.title(), &tables),
        _ => tables.iter().find(|table| table.caption == what).map(|table| written(table, form)).unwrap_or_default(),
    }
}
