//! The story leaves the page: into the clipboard, or, where the browser does not let the page use that, into a file.

use std::rc::Rc;

use wasm_bindgen_futures::{JsFuture, spawn_local};
use yew::prelude::*;

use crate::app::clipboard::clipboard;
use crate::app::engine::Engine;
use crate::app::files::download;
use crate::view::sentence::count;
use crate::view::story::{Filter, Form};

/// What is copied.
#[derive(Clone, PartialEq, Properties)]
pub struct CopyProps {
    /// Tells it.
    pub engine: Rc<Engine>,
    /// What is read of.
    pub filter: Filter,
}

/// Buttons to copy what is read, and what came of it.
#[component]
pub fn Copy(props: &CopyProps) -> Html {
    let said = use_state(String::new);
    let copy = |form: Form| {
        let (engine, filter, said) = (props.engine.clone(), props.filter.clone(), said.setter());
        move |_: MouseEvent| copy(&engine, &filter, form, said.clone())
    };
    html! {
        <div class="copying">
            <button type="button" onclick={copy(Form::Text)}>{ "Copy as text" }</button>
            <button type="button" onclick={copy(Form::Markdown)}>{ "Copy as Markdown" }</button>
            <button type="button" onclick={copy(Form::Csv)}>{ "Copy as CSV" }</button>
            <span role="status">{ (*said).clone() }</span>
        </div>
    }
}

fn copy(engine: &Engine, filter: &Filter, form: Form, said: UseStateSetter<String>) {
    let (text, lines) = engine.written(filter, form);
    let events = count(lines as u64, "event");
    let Some(clipboard) = clipboard() else { return said.set(saved(&text, form, &events)) };
    spawn_local(async move {
        said.set(match JsFuture::from(clipboard.write_text(&text)).await {
            Ok(_) => format!("Copied {events}."),
            Err(_) => saved(&text, form, &events),
        });
    });
}

fn saved(text: &str, form: Form, events: &str) -> String {
    let name = format!("story.{}", form.ending());
    match download(&name, form.media_type(), &text.into()) {
        Ok(()) => format!("The browser keeps its clipboard closed, so {events} were saved as {name}."),
        Err(_) => "The browser lets the page neither copy nor save it.".to_owned(),
    }
}
