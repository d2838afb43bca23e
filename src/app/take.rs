//! What is written leaves the page: into the clipboard, or into a file.
//!
//! What always holds: what was asked for is made at that moment, and what came of it is said.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::share::incoming;
use crate::view::paper::{Form, file_name};
use crate::view::tables::{Table, written};

use super::clipboard;
use super::files::download;

/// A table, and the scenario's name.
#[derive(Clone, PartialEq, Properties)]
pub struct TakeProps {
    /// As it is seen.
    pub table: Table,
    /// The scenario's name.
    pub name: String,
}

/// Ways to take a table along, behind a button, since there are many tables.
#[component]
pub fn Take(props: &TakeProps) -> Html {
    let said = use_state(String::new);
    let caption = props.table.caption;
    let way = |form: Form, is_copied: bool| {
        let (props, said) = (props.clone(), said.setter());
        let onclick = move |_: MouseEvent| {
            let text = written(&props.table, form);
            let what = props.table.caption;
            if is_copied {
                copy(text, what, form, said.clone())
            } else {
                said.set(save(&text, what, form, &props.name))
            }
        };
        let verb = if is_copied { "Copy" } else { "Save" };
        let label = format!("{verb} {caption} as {}", form.label());
        html! { <button type="button" aria-label={label} {onclick}>{ format!("{verb} as {}", form.label()) }</button> }
    };
    html! {
        <details class="take">
            <summary aria-label={format!("Take {caption} along")}>{ "Copy or save" }</summary>
            <div class="ways">
                { way(Form::Csv, true) }{ way(Form::Markdown, true) }{ way(Form::Csv, false) }{ way(Form::Markdown, false) }
                <span role="status">{ (*said).clone() }</span>
            </div>
        </details>
    }
}

/// Copies a text.
pub fn copy(text: String, what: &'static str, form: Form, said: UseStateSetter<String>) {
    spawn_local(async move {
        said.set(match clipboard::put(&text).await {
            Ok(()) => format!("{what} copied as {}.", form.label()),
            Err(()) => "The browser does not let the page use the clipboard: save it instead.".to_owned(),
        });
    });
}

/// Saves a text as a file, and says what came of it.
pub fn save(text: &str, what: &str, form: Form, scenario: &str) -> String {
    let called = file_name(&incoming::file_name(scenario), what, form);
    match download(&called, form.media_type(), &text.into()) {
        Ok(()) => format!("Saved as {called}."),
        Err(_) => "The browser does not let the page save it.".to_owned(),
    }
}
