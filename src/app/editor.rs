//! The command bar: what can be added by a press, a line to type any command in, what came of the last one, and undo.
//!
//! What always holds: every press is a command, and shows the line that does the same.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::edit::command::{Command as Edit, Kind, Settings, Target};
use crate::edit::complete::{Suggestion, complete};
use crate::view::NodeId;

use super::engine::{Engine, Said};
use super::keys::Command;
use super::scene::Scene;

/// The most suggestions that are shown at a time.
const OFFERED: usize = 8;
/// What can be added by a press.
const PALETTE: [(Kind, &str); 4] =
    [(Kind::Producer, "Producer"), (Kind::Exchange, "Exchange"), (Kind::Queue, "Queue"), (Kind::Consumer, "Consumer")];

/// What the bar works on.
#[derive(Clone, PartialEq, Properties)]
pub struct EditorProps {
    /// Does what is asked for.
    pub engine: Rc<Engine>,
    /// The moment.
    pub scene: Scene,
    /// The selected node.
    pub selected: Option<NodeId>,
    /// Selects a node, or none.
    pub on_select: Callback<Option<NodeId>>,
    /// Does something else.
    pub on_command: Callback<Command>,
    /// The line to type in.
    pub input: NodeRef,
}

/// The command that a press in the palette is: what is selected is what the new thing is connected with.
fn addition(kind: Kind, selected: Option<&Target>) -> Edit {
    let mut settings = Settings::new();
    let (mut from, mut to) = (Vec::new(), None);
    match (kind, selected) {
        (Kind::Producer, _) => {
            let exchange = selected.filter(|target| target.kind == Some(Kind::Exchange));
            to = exchange.map(|target| (target.name.clone(), None));
            settings.push(("every_ms".to_owned(), crate::share::Tree::Count(2_000)));
            settings.push(("latency_ms".to_owned(), crate::share::Tree::Count(450)));
        }
        (Kind::Consumer, _) => {
            let queue = selected.filter(|target| target.kind == Some(Kind::Queue));
            from.extend(queue.map(|target| target.name.clone()));
            settings.push(("prefetch".to_owned(), crate::share::Tree::Count(1)));
            settings.push(("latency_ms".to_owned(), crate::share::Tree::Count(450)));
        }
        _ => {}
    }
    Edit::Add { kind, name: "".into(), flags: Vec::new(), from, to, settings }
}

/// The bar.
#[component]
pub fn Editor(props: &EditorProps) -> Html {
    let line = use_state(String::new);
    let chosen = use_state(|| None::<usize>);
    let offered: Vec<Suggestion> = if line.is_empty() {
        Vec::new()
    } else {
        complete(&line, &props.engine.known()).into_iter().take(OFFERED).collect()
    };
    let run = {
        let (engine, on_select, line, chosen) =
            (props.engine.clone(), props.on_select.clone(), line.setter(), chosen.setter());
        move |text: &str| {
            if let Some(touched) = engine.run_line(text) {
                line.set(String::new());
                if let Some(node) = touched.first().and_then(|found| engine.node_of(found)) {
                    on_select.emit(Some(node));
                }
            }
            chosen.set(None);
        }
    };
    let take = {
        let (line, chosen) = (line.clone(), chosen.setter());
        move |suggestion: &Suggestion| {
            let kept = line.get(..suggestion.start).unwrap_or_default();
            let space = if suggestion.text.ends_with('=') { "" } else { " " };
            line.set(format!("{kept}{}{space}", suggestion.text));
            chosen.set(None);
        }
    };
    let oninput = {
        let (line, chosen) = (line.setter(), chosen.setter());
        move |event: InputEvent| {
            let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            line.set(input.map(|input| input.value()).unwrap_or_default());
            chosen.set(None);
        }
    };
    let onkeydown = {
        let (offered, take, run) = (offered.clone(), take.clone(), run.clone());
        let (line, chosen) = (line.clone(), chosen.clone());
        move |event: KeyboardEvent| {
            let last = offered.len().saturating_sub(1);
            match event.key().as_str() {
                "ArrowDown" if !offered.is_empty() => chosen.set(Some(chosen.map_or(0, |place| (place + 1).min(last)))),
                "ArrowUp" if !offered.is_empty() => chosen.set(chosen.and_then(|place| place.checked_sub(1))),
                "Tab" if chosen.is_some() => {
                    if let Some(suggestion) = chosen.and_then(|place| offered.get(place)) {
                        take(suggestion);
                    }
                }
                "Enter" => match chosen.and_then(|place| offered.get(place)) {
                    Some(suggestion) => take(suggestion),
                    None => run(&line),
                },
                "Escape" => {
                    line.set(String::new());
                    chosen.set(None);
                }
                _ => return,
            }
            event.prevent_default();
        }
    };
    let selected = props.selected.as_ref().and_then(|node| props.engine.target_of(node));
    let history = |command: Command, name: &'static str, keys: &'static str, line: &Option<String>| {
        let onclick = props.on_command.reform(move |_: MouseEvent| command);
        let title = line
            .as_ref()
            .map_or_else(|| format!("Nothing to {}", name.to_lowercase()), |line| format!("{name}: {line}"));
        html! {
            <button type="button" aria-disabled={line.is_none().to_string()} aria-keyshortcuts={keys} {title} {onclick}>{ name }</button>
        }
    };
    let is_open = !offered.is_empty();
    let active = chosen.map(|place| format!("suggestion-{place}"));
    html! {
        <section class="editor" aria-label="Edit">
            <div class="palette" role="group" aria-label="Add">
                { for PALETTE.iter().map(|(kind, label)| {
                    let command = addition(*kind, selected.as_ref()).to_string();
                    let title = command.clone();
                    let run = run.clone();
                    let onclick = move |_: MouseEvent| run(&command);
                    html! { <button key={*label} type="button" {title} aria-label={format!("Add {}", label.to_lowercase())} {onclick}>{ format!("+ {label}") }</button> }
                }) }
                { history(Command::Undo, "Undo", "Control+Z", &props.scene.can_undo) }
                { history(Command::Redo, "Redo", "Control+Y", &props.scene.can_redo) }
            </div>
            <div class="line">
                <input ref={props.input.clone()} type="text" role="combobox" aria-label="Command" aria-autocomplete="list"
                    aria-expanded={is_open.to_string()} aria-controls="suggestions" aria-activedescendant={active}
                    aria-keyshortcuts="/" autocomplete="off" spellcheck="false" placeholder="bind nature -> birds_only *.dove"
                    value={(*line).clone()} {oninput} {onkeydown} />
                <ul id="suggestions" role="listbox" aria-label="Suggestions" hidden={!is_open}>
                    { for offered.iter().enumerate().map(|(place, suggestion)| {
                        let (take, taken) = (take.clone(), suggestion.clone());
                        // Before the line loses the focus.
                        let onmousedown = move |event: MouseEvent| { event.prevent_default(); take(&taken); };
                        html! {
                            <li key={place} id={format!("suggestion-{place}")} role="option" aria-selected={(*chosen == Some(place)).to_string()} {onmousedown}>
                                <code>{ suggestion.text.clone() }</code><span>{ suggestion.hint.clone() }</span>
                            </li>
                        }
                    }) }
                </ul>
            </div>
            { said(&props.scene.said, selected.as_ref()) }
        </section>
    }
}

/// What came of the last command; else what can be done with what is selected.
fn said(said: &Option<Said>, selected: Option<&Target>) -> Html {
    match said {
        Some(Said::Done(line)) => html! { <p class="said" role="status">{ "Done: " }<code>{ line.clone() }</code></p> },
        Some(Said::Refused(why)) => html! { <p class="said bad" role="alert">{ why.clone() }</p> },
        None => html! { <p class="said" role="status">{ hint(selected) }</p> },
    }
}

fn hint(selected: Option<&Target>) -> String {
    let Some(target) = selected else {
        return "Press / to type a command, or add something. Select a node to connect what you add with it."
            .to_owned();
    };
    match target.kind {
        Some(Kind::Exchange) => format!(
            "Add a producer to publish to it, or type: bind {} -> QUEUE KEY. Delete takes it away.",
            target.name
        ),
        Some(Kind::Queue) => format!(
            "Add a consumer to consume from it, or type: bind EXCHANGE -> {} KEY. Delete takes it away.",
            target.name
        ),
        _ => format!("Type: kill {0}, restart {0}, or set {0} FIELD=VALUE. Delete takes it away.", target.name),
    }
}
