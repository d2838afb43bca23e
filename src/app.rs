//! The page. It shows what [`view`](crate::view) says and passes on what people do; it knows no rule of RabbitMQ.
//!
//! Yew renders when an event has happened, never for a frame: what moves is drawn by [`engine`] on a canvas.

mod editor;
mod engine;
mod gallery;
mod gestures;
mod graph;
mod help;
mod icons;
mod keys;
mod minimap;
mod paint;
mod panel;
mod scene;
mod shapes;
mod source;
mod stage;
mod story;
mod tables;
mod timeline;
mod transport;

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use yew::prelude::*;

use crate::edit::{Command as Edit, Target};
use crate::share::{self, FileError, examples};
use crate::view::{Select, Selection};

use editor::Editor;
use engine::Engine;
use gallery::{Gallery, use_opened};
use help::Help;
use keys::{Command, listen};
use panel::Panel;
use scene::Scene;
use stage::Stage;
use transport::Transport;

/// Shows the page in the document's body.
pub fn start() {
    let Some(source) = source::asked() else {
        yew::Renderer::<App>::with_props(AppProps::default()).render();
        return;
    };
    wasm_bindgen_futures::spawn_local(async move {
        match source::text_at(&source).await {
            Ok(file) => {
                yew::Renderer::<App>::with_props(AppProps { file: file.into(), playing: true }).render();
            }
            Err(error) => {
                yew::Renderer::<Failed>::with_props(FailedProps { error: error.into() }).render();
            }
        }
    });
}

/// What the page begins with.
#[derive(Clone, PartialEq, Properties)]
pub struct AppProps {
    /// The scenario file it opens.
    #[prop_or(AttrValue::Static(examples::NATURE))]
    pub file: AttrValue,
    /// Whether it plays at once.
    #[prop_or(true)]
    pub playing: bool,
}

impl Default for AppProps {
    fn default() -> Self {
        AppProps { file: AttrValue::Static(examples::NATURE), playing: true }
    }
}

/// The whole page.
#[component]
pub fn App(props: &AppProps) -> Html {
    let opened = use_opened(&props.file);
    let engine = use_memo(opened.clone(), |opened| match opened.as_ref().map(|opened| opened.file.as_ref()) {
        Some(Ok(text)) => Some(open(text).map_err(|error| error.to_string())),
        Some(Err(reason)) => Some(Err(reason.to_string())),
        None => None,
    });
    let name = opened.map(|opened| opened.name.to_string());
    match &*engine {
        None => html! { <p class="starting">{ "Opening the example\u{2026}" }</p> },
        // Another key is another page: what was open lets go of its frames and listeners.
        Some(Ok(engine)) => {
            html! { <Running key={name.unwrap_or_default()} engine={engine.clone()} playing={props.playing} /> }
        }
        Some(Err(error)) => html! { <Failed error={error.clone()} /> },
    }
}

#[derive(Clone, PartialEq, Properties)]
struct FailedProps {
    error: AttrValue,
}

/// A page without a world, and why.
#[component]
fn Failed(props: &FailedProps) -> Html {
    html! {
        <main class="failed">
            <h1>{ "This scenario cannot begin" }</h1>
            <p role="alert">{ props.error.clone() }</p>
        </main>
    }
}

fn open(file: &str) -> Result<Rc<Engine>, FileError> {
    Ok(Engine::open(share::parse(file)?)?)
}

#[derive(Clone, PartialEq, Properties)]
struct RunningProps {
    engine: Rc<Engine>,
    playing: bool,
}

/// A page with a world.
#[component]
fn Running(props: &RunningProps) -> Html {
    let engine = props.engine.clone();
    let update = use_force_update();
    let scene = engine.scene();
    let selection = use_reducer(|| Selected(Rc::new(Selection::default())));
    let selected = there(&selection.0, &scene);
    let (help, line) = (use_node_ref(), use_node_ref());
    // Keys are listened for as long as the page is there; what is selected changes meanwhile.
    let chosen = use_mut_ref(Rc::<Selection>::default);
    (*chosen.borrow_mut()).clone_from(&selected);
    {
        let (engine, plays, help) = (engine.clone(), props.playing, (help.clone(), line.clone(), chosen.clone()));
        use_effect_with((), move |_| {
            engine.attach(move || update.force_update());
            if plays {
                engine.play();
            }
            let keys = listen({
                let engine = engine.clone();
                move |command| obey(&engine, command, &help)
            });
            move || {
                drop(keys);
                engine.detach();
            }
        });
    }
    let select = {
        let dispatcher = selection.dispatcher();
        use_callback((), move |change, ()| dispatcher.dispatch(change))
    };
    let selection = selected;
    let on_command = {
        let help = (help.clone(), line.clone(), chosen);
        use_callback(engine.clone(), move |command, engine| obey(engine, command, &help))
    };
    html! {
        <div class="page">
            <header class="top">
                <h1>{ "Warren" }</h1>
                <p><span class="tagline">{ "RabbitMQ in a web page. " }</span>{ "Scenario: " }<strong>{ scene.scenario.as_str() }</strong></p>
                <Gallery />
                <button type="button" class="quiet" aria-keyshortcuts="?" onclick={on_command.reform(|_| Command::Help)}>
                    { "Keyboard" }
                </button>
            </header>
            <main>
                <Editor
                    engine={engine.clone()}
                    scene={scene.clone()}
                    selection={selection.clone()}
                    on_select={select.clone()}
                    on_command={on_command.clone()}
                    input={line}
                />
                <Stage engine={engine.clone()} scene={scene.clone()} selection={selection.clone()} on_select={select} />
                <Transport scene={scene.clone()} clock={engine.clock()} on_command={on_command.clone()} />
                <Panel engine={engine.clone()} scene={scene.clone()} {selection} on_command={on_command.clone()} />
            </main>
            <p class="heard" role="status">{ announcement(&engine, &scene) }</p>
            <footer>
                { "RabbitMQ is a trademark of its owner; Warren is not affiliated with it." }
            </footer>
            <Help dialog={help} />
        </div>
    }
}

/// What is said aloud: each step, and nothing while time goes on by itself.
fn announcement(engine: &Engine, scene: &Scene) -> String {
    if scene.playing { "Playing".to_owned() } else { engine.told_last() }
}

/// What is selected.
#[derive(PartialEq)]
struct Selected(Rc<Selection>);

impl Reducible for Selected {
    type Action = Select;

    fn reduce(self: Rc<Self>, change: Select) -> Rc<Self> {
        let next = self.0.after(change);
        if *self.0 == next { self } else { Rc::new(Selected(Rc::new(next))) }
    }
}

/// What of a selection is there at a moment.
fn there(selection: &Rc<Selection>, scene: &Scene) -> Rc<Selection> {
    let now = selection.among(|node| scene.board.has(node));
    if **selection == now { selection.clone() } else { Rc::new(now) }
}

/// The help, the line for commands, and what is selected.
type Around = (NodeRef, NodeRef, Rc<RefCell<Rc<Selection>>>);

fn obey(engine: &Engine, command: Command, (help, line, selection): &Around) {
    match command {
        Command::Undo => engine.undo(),
        Command::Redo => engine.redo(),
        Command::Delete => {
            let selection = selection.borrow().clone();
            let targets: Vec<Target> = selection.nodes().iter().filter_map(|node| engine.target_of(node)).collect();
            if !targets.is_empty() {
                engine.run(&Edit::Delete { targets });
            }
        }
        Command::Line => {
            if let Some(line) = line.cast::<web_sys::HtmlElement>() {
                // An element that is shown can be focused.
                let _ = line.focus();
            }
        }
        Command::TogglePlay => engine.toggle(),
        Command::Next => engine.next(),
        Command::Back => engine.back(),
        Command::Restart => engine.restart(),
        Command::End => engine.to_end(),
        Command::NextInteresting => engine.next_interesting(),
        Command::PreviousInteresting => engine.previous_interesting(),
        Command::Seek(cursor) => engine.seek(cursor),
        Command::Speed(speed) => engine.set_speed(speed),
        Command::Help => {
            let dialog = help.get().and_then(|node| node.dyn_into::<web_sys::HtmlDialogElement>().ok());
            if let Some(dialog) = dialog.filter(|dialog| !dialog.open()) {
                // It is in the document and closed, so there is no reason to refuse.
                let _ = dialog.show_modal();
            }
        }
    }
}
