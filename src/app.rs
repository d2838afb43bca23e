//! The page. It shows what [`view`](crate::view) says and passes on what people do; it knows no rule of RabbitMQ.
//!
//! Yew renders when an event has happened, never for a frame: what moves is drawn by [`engine`] on a canvas.

mod charts;
mod clipboard;
mod compare;
mod drawing;
mod editor;
mod embed;
mod engine;
mod export;
mod files;
mod follow;
mod form;
mod gallery;
mod gestures;
mod graph;
mod hand;
mod header;
mod help;
mod icons;
mod keeper;
mod keys;
mod later;
mod life;
mod link;
mod menu;
mod mine;
mod minimap;
mod opened;
mod overlay;
mod paint;
mod palette;
mod panel;
mod popup;
mod present;
mod problems;
mod refused;
mod same;
mod scene;
mod sequence;
mod shapes;
mod signs;
mod source;
mod stage;
mod store;
mod story;
mod tables;
mod tabs;
mod take;
mod theme;
mod timeline;
mod tools;
mod tour;
mod transport;
mod why;

use std::cell::Cell;
use std::rc::Rc;

use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use yew::prelude::*;

use crate::share::{self, examples};
use crate::view::Select;
use crate::view::shelf::Kept;

use compare::Compare;
use drawing::Ask;
use editor::Editor;
use embed::Bridge;
use engine::Engine;
use export::Export;
use files::Chooser;
use gallery::Gallery;
use header::{Header, Notices};
use help::Help;
use keeper::Keeper;
use keys::{Command, listen};
use later::{Later, Missing, use_later};
use link::Sharing;
use mine::Mine;
use opened::{NEW, address, go_to, remember, remembered, use_opened};
use panel::Panel;
use present::use_presenting;
use scene::Scene;
use stage::Stage;
use tour::Tour;
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
                yew::Renderer::<Failed>::with_props(FailedProps { error: error.into(), on_page: None }).render();
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
    let keeper = use_memo((), |()| Keeper::default());
    let news = use_news(&keeper);
    let opened = use_opened(&props.file, &keeper);
    let later = use_later();
    // What files are read with is not in the first part of the page.
    let can_read = later == Later::Here || opened.as_ref().is_some_and(|opened| !is_read(&opened.file));
    let engine = use_memo((opened.clone(), can_read), |(opened, can_read)| match &opened.as_ref()?.file {
        Ok(text) if *text == examples::NATURE => Some(begin()),
        Ok(text) => can_read.then(|| open(text)),
        Err(reason) => Some(Err(reason.to_string())),
    });
    let (mine, input, wanted) = (use_node_ref(), use_node_ref(), use_state(|| 0));
    let tour = use_state(tour::first);
    let on_tour = {
        let tour = tour.setter();
        use_callback((), move |step, ()| tour.set(step))
    };
    let (is_presenting, toggle_presenting) = use_presenting();
    let on_page = {
        let (on_step, toggle_presenting) = (on_tour.clone(), toggle_presenting.clone());
        let (input, wanted) = (input.clone(), wanted.clone());
        Callback::from(move |command| match command {
            Command::New => go_to(NEW),
            Command::OpenFile => press(&input),
            Command::Present => toggle_presenting.emit(()),
            Command::Tour => on_step.emit(Some(0)),
            _ => wanted.set(*wanted + 1),
        })
    };
    let on_rename = renaming(engine.clone());
    let page = match (&*engine, opened) {
        // Another key is another page: what was open lets go of its frames and listeners.
        (Some(Ok(engine)), Some(opened)) => html! {
            <Running key={opened.serial} engine={engine.clone()} playing={props.playing} kept={opened.kept} keeper={keeper.clone()}
                example={opened.example} is_player={opened.is_player || embed::embedder().is_some()} {news} on_page={on_page} on_rename={on_rename.clone()} {is_presenting}>
                <Notices notice={keeper.notice()} keeper={keeper.clone()} />
                { later.brings("", || html! { <Tour step={*tour} on_step={on_tour} /> }) }
            </Running>
        },
        (Some(Err(error)), _) => html! { <Failed error={error.clone()} on_page={on_page} /> },
        _ if later == Later::Failed => html! { <main class="failed"><Missing /></main> },
        _ => html! { <p class="starting">{ "Opening\u{2026}" }</p> },
    };
    html! {
        <>
            { page }
            <Chooser {input} keeper={keeper.clone()} />
            { later.brings("", || html! { <Mine dialog={mine} {keeper} {on_rename} opened={*wanted} {news} /> }) }
        </>
    }
}

/// As if somebody had pressed it.
fn press(element: &NodeRef) {
    if let Some(element) = element.cast::<web_sys::HtmlElement>() {
        element.click();
    }
}

/// Gives what is open another name.
fn renaming(engine: Rc<Option<Result<Rc<Engine>, String>>>) -> Callback<String> {
    Callback::from(move |name: String| {
        if let Some(Ok(engine)) = &*engine {
            engine.rename(&name);
        }
    })
}

/// Another number each time that the keeper has something new.
#[hook]
fn use_news(keeper: &Rc<Keeper>) -> u32 {
    let (count, update) = (use_mut_ref(|| 0), use_force_update());
    let told = count.clone();
    use_effect_with(keeper.clone(), move |keeper| {
        keeper.attach(Callback::from(move |()| {
            *told.borrow_mut() += 1;
            update.force_update();
        }));
        let keeper = keeper.clone();
        move || keeper.detach()
    });
    *count.borrow()
}

/// Whether there is a file to be read.
fn is_read(file: &Result<AttrValue, AttrValue>) -> bool {
    file.as_ref().is_ok_and(|text| *text != examples::NATURE)
}

/// What the page opens with when nobody has asked for anything else: it needs nothing that reads files.
fn begin() -> Result<Rc<Engine>, String> {
    Engine::open(share::opening()).map_err(|error| error.to_string())
}

#[inline(never)]
fn open(file: &str) -> Result<Rc<Engine>, String> {
    let file = share::parse(file).map_err(|error| error.to_string())?;
    Engine::open(file).map_err(|error| error.to_string())
}

#[derive(Clone, PartialEq, Properties)]
struct FailedProps {
    error: AttrValue,
    /// Leads elsewhere, where there is a page around it.
    #[prop_or_default]
    on_page: Option<Callback<Command>>,
}

/// A page without a world: why, and where to go from here.
#[component]
fn Failed(props: &FailedProps) -> Html {
    html! {
        <div class="page">
            if let Some(on_page) = &props.on_page {
                <header class="top">
                    <h1>{ "Warren" }</h1>
                    <div class="open" />
                    <Gallery />
                    <button type="button" class="quiet" aria-haspopup="dialog" onclick={on_page.reform(|_| Command::Mine)}>{ "My scenarios" }</button>
                </header>
            }
            <main class="failed">
                if props.on_page.is_some() {
                    <h2>{ "This scenario cannot begin" }</h2>
                } else {
                    <h1>{ "This scenario cannot begin" }</h1>
                }
                <p role="alert">{ props.error.clone() }</p>
                <p hidden={props.on_page.is_none()}><a href="#">{ "Open what the page begins with" }</a></p>
            </main>
        </div>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct RunningProps {
    engine: Rc<Engine>,
    playing: bool,
    kept: Option<Kept>,
    /// The example's name, if it is one.
    example: Option<String>,
    /// Whether nothing is shown but what plays.
    is_player: bool,
    keeper: Rc<Keeper>,
    news: u32,
    on_page: Callback<Command>,
    on_rename: Callback<String>,
    is_presenting: bool,
    /// What is said above the picture.
    children: Html,
}

/// A page with a world.
#[component]
fn Running(props: &RunningProps) -> Html {
    let engine = props.engine.clone();
    let scene = engine.scene();
    let selection = engine.selection();
    let around = use_around(&props.keeper);
    let Around { help, export, line, shared, .. } = around.clone();
    // What the page does changes with it, too.
    let on_page = use_mut_ref(Callback::noop);
    (*on_page.borrow_mut()).clone_from(&props.on_page);
    let on_command = use_callback((engine.clone(), around), move |command, (engine, around)| {
        if !obey(engine, command, around) {
            let on_page = on_page.borrow().clone();
            on_page.emit(command);
        }
    });
    let select = use_callback(engine.clone(), |change, engine| engine.select(change));
    use_life(props, &on_command);
    let (later, is_player) = (use_later(), props.is_player);
    let is_bare = is_player && embed::is_bare();
    html! {
        <div class={classes!("page", props.is_presenting.then_some("presenting"), is_player.then_some("player"), is_bare.then_some("bare"))}>
            <Header name={scene.scenario.to_string()} keeping={props.keeper.keeping()} on_command={on_command.clone()}
                on_rename={props.on_rename.clone()} />
            { props.children.clone() }
            <Missing />
            <main>
                { unless(is_player, || later.brings("editor", || html! {
                    <Editor
                        engine={engine.clone()}
                        scene={scene.clone()}
                        selection={selection.clone()}
                        on_select={select.clone()}
                        on_command={on_command.clone()}
                        input={line}
                    />
                })) }
                <Stage engine={engine.clone()} scene={scene.clone()} selection={selection.clone()} on_select={select.clone()}
                    is_presented={props.is_presenting} />
                <button type="button" class="leave" hidden={!props.is_presenting} onclick={on_command.reform(|_| Command::Present)}>
                    { "Leave (Esc)" }
                </button>
                <Transport scene={scene.clone()} clock={engine.clock()} on_command={on_command.clone()} />
                { unless(is_player, || later.brings("panel", || html! { <Panel engine={engine.clone()} scene={scene.clone()} {selection} on_select={select.clone()} on_command={on_command.clone()} /> })) }
            </main>
            <p class="heard" role="status">{ announcement(&engine, &scene, later) }</p>
            <footer>
                if is_player {
                    <a href={share::link::unlocked(&address()).to_owned()} target="_blank" rel="noopener">{ "Open in Warren" }</a>
                }
                { "RabbitMQ is a trademark of its owner; Warren is not affiliated with it." }
            </footer>
            { later.brings("", || html! {
                <>
                    <Help dialog={help} />
                    if let Some(origin) = embed::embedder() {
                        <Bridge {origin} engine={engine.clone()} scene={scene.clone()} notice={props.keeper.notice()} on_command={on_command.clone()} />
                    }
                    <Export dialog={export} engine={engine.clone()} name={scene.scenario.to_string()} />
                    <Compare engine={engine.clone()} compared={engine.compared()} on_select={select} />
                    <Sharing opened={shared.get()} {engine} example={props.example.clone()} {on_command} />
                </>
            }) }
        </div>
    }
}

/// Nothing where something is so.
fn unless(is_so: bool, part: impl FnOnce() -> Html) -> Html {
    if is_so { Html::default() } else { part() }
}

/// From its first moment to its last: the engine runs, keys are listened for, changes are kept.
#[hook]
fn use_life(props: &RunningProps, on_command: &Callback<Command>) {
    let update = use_force_update();
    let (engine, plays, kept, is_player) = (props.engine.clone(), props.playing, props.kept.clone(), props.is_player);
    let (keeper, on_command) = (props.keeper.clone(), on_command.clone());
    use_effect_with((), move |()| {
        keeper.begin(kept);
        engine.attach({
            let engine = engine.clone();
            move || {
                keeper.look(&engine);
                update.force_update();
            }
        });
        if is_player {
            engine.fix();
        }
        engine.start(remembered(), plays);
        if let Some(node) = engine.selected_at_first() {
            engine.select(Select::Only(node));
        }
        if let Some(message) = engine.followed_at_first() {
            engine.follow(message);
        }
        let keys = listen(move |command| on_command.emit(command));
        let leaving = on_leaving({
            let engine = engine.clone();
            move || remember(engine.moment())
        });
        move || {
            drop((keys, leaving));
            engine.detach();
        }
    });
}

/// Listens for the page going away, as far as browsers tell.
fn on_leaving(act: impl Fn() + 'static) -> Option<EventListener> {
    let window = web_sys::window()?;
    Some(EventListener::new(&window, "pagehide", move |_| act()))
}

/// What is said aloud: each step; while time goes on by itself, where the message is that is followed. What the page does
/// while it is still coming is not told.
fn announcement(engine: &Engine, scene: &Scene, later: Later) -> String {
    match &scene.following {
        _ if later != Later::Here => String::new(),
        _ if !scene.playing => engine.told_last(),
        Some(following) => {
            let now: Vec<String> = following.now.iter().map(ToString::to_string).collect();
            format!("Message {}: {}", following.key, now.join("; "))
        }
        None => "Playing".to_owned(),
    }
}

/// What commands work on beside the engine.
#[derive(Clone, PartialEq)]
struct Around {
    help: NodeRef,
    export: NodeRef,
    line: NodeRef,
    /// How often a link was asked for.
    shared: Rc<Cell<u32>>,
    keeper: Rc<Keeper>,
}

#[hook]
fn use_around(keeper: &Rc<Keeper>) -> Around {
    let (help, export, line) = (use_node_ref(), use_node_ref(), use_node_ref());
    Around { help, export, line, shared: use_memo((), |()| Cell::new(0)), keeper: keeper.clone() }
}

/// Shows a dialog.
fn show(dialog: &NodeRef) {
    let dialog = dialog.get().and_then(|node| node.dyn_into::<web_sys::HtmlDialogElement>().ok());
    if let Some(dialog) = dialog.filter(|dialog| !dialog.open()) {
        // It is in the document and closed, so there is no reason to refuse.
        let _ = dialog.show_modal();
    }
}

/// Does something. False if it is not about what is open.
fn obey(engine: &Engine, command: Command, around: &Around) -> bool {
    match command {
        Command::Undo => engine.undo(),
        Command::Redo => engine.redo(),
        // One Escape ends one thing.
        Command::Picture(Ask::Cancel) if engine.forget_refusal() => {}
        Command::Picture(Ask::Cancel) if engine.following().is_some() => engine.unfollow(),
        Command::Picture(ask) => engine.ask(ask),
        Command::Line => {
            if let Some(line) = around.line.cast::<web_sys::HtmlElement>() {
                // An element that is shown can be focused.
                let _ = line.focus();
            }
        }
        Command::TogglePlay => engine.toggle(),
        Command::Next => engine.next(),
        Command::Back => engine.back(),
        Command::Restart => engine.restart(),
        Command::BeginAnew => engine.begin_anew(),
        Command::End => engine.to_end(),
        Command::NextInteresting => engine.next_interesting(),
        Command::PreviousInteresting => engine.previous_interesting(),
        Command::Seek(cursor) => engine.seek(cursor),
        Command::Speed(speed) => engine.set_speed(speed),
        Command::Help => show(&around.help),
        Command::Export => show(&around.export),
        Command::Follow(id) => engine.follow(id),
        Command::FollowEntry(seq) => engine.follow_entry(seq),
        Command::FollowLast => engine.follow_last(),
        Command::StopFollowing => engine.unfollow(),
        Command::Share => {
            around.shared.set(around.shared.get() + 1);
            // A link is to one moment. The page is rendered for it.
            engine.pause();
        }
        Command::SaveFile => files::save(engine, &around.keeper),
        Command::Theme(theme) => {
            theme::choose(theme);
            engine.repaint();
        }
        Command::New | Command::OpenFile | Command::Mine | Command::Present | Command::Tour => return false,
    }
    true
}
