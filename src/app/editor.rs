//! The command bar: what can be added by a press, a line to type any command in, what came of the last one, and undo.
//!
//! What always holds: every press is a command, and shows the line that does the same.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::edit::command::{Command as Edit, Kind, Settings, Target};
use crate::edit::complete::{Suggestion, complete};
use crate::edit::hint::{Chosen, hint};
use crate::share::Tree;
use crate::view::{Select, Selection};

use super::drawing::Ask;
use super::engine::{Engine, Said};
use super::keys::Command;
use super::palette::Piece;
use super::scene::Scene;
use super::tools::Tools;

/// The most suggestions that are shown at a time.
const OFFERED: usize = 8;
/// What can be added by a press.
const PALETTE: [(Kind, &str); 5] = [
    (Kind::Producer, "Producer"),
    (Kind::Exchange, "Exchange"),
    (Kind::Queue, "Queue"),
    (Kind::Consumer, "Consumer"),
    (Kind::Vhost, "Virtual host"),
];

/// What the bar works on.
#[derive(Clone, PartialEq, Properties)]
pub struct EditorProps {
    /// Does what is asked for.
    pub engine: Rc<Engine>,
    /// The moment.
    pub scene: Scene,
    /// What is selected.
    pub selection: Rc<Selection>,
    /// Selects something else.
    pub on_select: Callback<Select>,
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
        (Kind::Producer, selected) => {
            let exchange = selected.filter(|target| target.kind == Some(Kind::Exchange));
            to = exchange.map(|target| (target.name.clone(), None));
            settings.push(("every_ms".to_owned(), Tree::Count(2_000)));
            settings.push(("latency_ms".to_owned(), Tree::Count(450)));
        }
        (Kind::Consumer, selected) => {
            let queue = selected.filter(|target| target.kind == Some(Kind::Queue));
            from.extend(queue.map(|target| target.name.clone()));
            settings.push(("prefetch".to_owned(), Tree::Count(1)));
            settings.push(("latency_ms".to_owned(), Tree::Count(450)));
        }
        _ => {}
    }
    Edit::Add { kind, name: "".into(), flags: Vec::new(), from, to, settings }
}

/// What is selected, for a hint.
fn chosen(selection: &Selection, one: Option<&Target>) -> Chosen {
    match (one, selection.nodes().len()) {
        _ if selection.edge().is_some() => Chosen::Edge,
        (Some(Target { kind: Some(kind), .. }), _) => Chosen::One(*kind),
        (_, 0) => Chosen::Nothing,
        (_, count) => Chosen::Several(count),
    }
}

/// The bar.
#[component]
pub fn Editor(props: &EditorProps) -> Html {
    let run = {
        let on_select = props.on_select.clone();
        use_callback((props.engine.clone(), on_select), |text: AttrValue, (engine, on_select)| {
            let touched = engine.run_line(&text);
            let node = touched.as_ref().and_then(|touched| touched.first()).and_then(|found| engine.node_of(found));
            if let Some(node) = node {
                on_select.emit(Select::Only(node));
            }
            touched.is_some()
        })
    };
    let on_press = {
        let run = run.clone();
        Callback::from(move |line| {
            run.emit(line);
        })
    };
    let on_drop = {
        let engine = props.engine.clone();
        Callback::from(move |(kind, at)| engine.ask(Ask::Drop(kind, at)))
    };
    let selected = props.selection.only().and_then(|node| props.engine.target_of(node));
    html! {
        <section class="editor" aria-label="Edit">
            <div class="palette" role="group" aria-label="Add">
                { for PALETTE.iter().map(|(kind, label)| {
                    let line = AttrValue::from(addition(*kind, selected.as_ref()).to_string());
                    html! { <Piece key={*label} kind={*kind} label={*label} {line} on_press={&on_press} on_drop={&on_drop} /> }
                }) }
            </div>
            <Line engine={props.engine.clone()} input={props.input.clone()} {run} />
            <div class="bar">
                { history(props, Command::Undo, "Undo", "Control+Z", &props.scene.can_undo) }
                { history(props, Command::Redo, "Redo", "Control+Y", &props.scene.can_redo) }
                <Tools engine={props.engine.clone()} selection={props.selection.clone()} />
            </div>
            <p class="hint">{ hint(chosen(&props.selection, selected.as_ref())) }</p>
            { said(&props.scene.said) }
        </section>
    }
}

/// A button that goes through what was changed. It says what it would take back or make again.
fn history(
    props: &EditorProps,
    command: Command,
    name: &'static str,
    keys: &'static str,
    line: &Option<String>,
) -> Html {
    let onclick = props.on_command.reform(move |_: MouseEvent| command);
    let nothing = || format!("Nothing to {}", name.to_lowercase());
    let title = line.as_ref().map_or_else(nothing, |line| format!("{name}: {line}"));
    html! {
        <button type="button" aria-disabled={line.is_none().to_string()} aria-keyshortcuts={keys} {title} {onclick}>{ name }</button>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct LineProps {
    engine: Rc<Engine>,
    input: NodeRef,
    /// Runs a line. Answers whether it was done.
    run: Callback<AttrValue, bool>,
}

/// What is typed, and the suggestion that is chosen.
#[derive(Clone, Debug, Default, PartialEq)]
struct Typed {
    line: String,
    chosen: Option<usize>,
}

impl Typed {
    fn with(&self, suggestion: &Suggestion) -> Typed {
        let kept = self.line.get(..suggestion.start).unwrap_or_default();
        let space = if suggestion.text.ends_with('=') { "" } else { " " };
        Typed { line: format!("{kept}{}{space}", suggestion.text), chosen: None }
    }

    /// What a key makes of it; none if the key means nothing here.
    fn after(&self, key: &str, offered: &[Suggestion], run: &Callback<AttrValue, bool>) -> Option<Typed> {
        let last = offered.len().saturating_sub(1);
        let suggestion = self.chosen.and_then(|place| offered.get(place));
        match key {
            "ArrowDown" if !offered.is_empty() => {
                let chosen = Some(self.chosen.map_or(0, |place| (place + 1).min(last)));
                Some(Typed { chosen, ..self.clone() })
            }
            "ArrowUp" if !offered.is_empty() => {
                Some(Typed { chosen: self.chosen.and_then(|place| place.checked_sub(1)), ..self.clone() })
            }
            "Tab" | "Enter" if suggestion.is_some() => suggestion.map(|suggestion| self.with(suggestion)),
            "Enter" if run.emit(self.line.clone().into()) => Some(Typed::default()),
            "Enter" => Some(self.clone()),
            "Escape" => Some(Typed::default()),
            _ => None,
        }
    }
}

/// The line that commands are typed in, with what could be written next.
#[component]
fn Line(props: &LineProps) -> Html {
    let typed = use_state(Typed::default);
    let offered: Vec<Suggestion> = if typed.line.is_empty() {
        Vec::new()
    } else {
        complete(&typed.line, &props.engine.known()).into_iter().take(OFFERED).collect()
    };
    let oninput = {
        let typed = typed.setter();
        move |event: InputEvent| {
            let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            typed.set(Typed { line: input.map(|input| input.value()).unwrap_or_default(), chosen: None });
        }
    };
    let onkeydown = {
        let (typed, offered, run) = (typed.clone(), offered.clone(), props.run.clone());
        move |event: KeyboardEvent| {
            if let Some(next) = typed.after(&event.key(), &offered, &run) {
                event.prevent_default();
                typed.set(next);
            }
        }
    };
    let is_open = !offered.is_empty();
    let active = typed.chosen.map(|place| format!("suggestion-{place}"));
    html! {
        <div class="line">
            <input ref={props.input.clone()} type="text" role="combobox" aria-label="Command" aria-autocomplete="list"
                aria-expanded={is_open.to_string()} aria-controls="suggestions" aria-activedescendant={active}
                aria-keyshortcuts="/" autocomplete="off" spellcheck="false" placeholder="queue orders x-message-ttl=5000"
                value={typed.line.clone()} {oninput} {onkeydown} />
            <ul id="suggestions" role="listbox" aria-label="Suggestions" hidden={!is_open}>
                { for offered.iter().enumerate().map(|(place, suggestion)| {
                    let (typed, chosen) = (typed.clone(), typed.chosen == Some(place));
                    let taken = typed.with(suggestion);
                    // Before the line loses the focus.
                    let onmousedown = move |event: MouseEvent| { event.prevent_default(); typed.set(taken.clone()); };
                    html! {
                        <li key={place} id={format!("suggestion-{place}")} role="option" aria-selected={chosen.to_string()} {onmousedown}>
                            <code>{ suggestion.text.clone() }</code><span>{ suggestion.hint.clone() }</span>
                        </li>
                    }
                }) }
            </ul>
        </div>
    }
}

/// What came of the last command.
fn said(said: &Option<Said>) -> Html {
    match said {
        Some(Said::Done(line)) => html! { <p class="said" role="status">{ "Done: " }<code>{ line.clone() }</code></p> },
        Some(Said::Refused(why)) => html! { <p class="said bad" role="alert">{ why.clone() }</p> },
        None => html! { <p class="said" role="status"></p> },
    }
}
