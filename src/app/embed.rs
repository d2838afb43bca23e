//! The page in a frame of another one: what it is told by messages, and what it tells.
//!
//! Protocol 1. Every message is an object with `warren: 1` and a `type`; README.md lists types and fields. What always holds:
//! only the window around the frame is listened to, and only from the origin that it said it is of (`?embed=ORIGIN`); whatever
//! is no message of the protocol is left alone. A page in a frame changes nothing and keeps nothing.

use std::cell::Cell;
use std::rc::Rc;

use gloo_events::EventListener;
use js_sys::Reflect;
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, UrlSearchParams, Window};
use yew::prelude::*;

use crate::share::link::{EXAMPLE, What};
use crate::share::{self, Link, View};
use crate::view::goals::{Goals, Reached, word};
use crate::view::notice::Notice;
use crate::view::sharing::locked;

use super::engine::Engine;
use super::keys::Command;
use super::opened::go_to;
use super::scene::Scene;

const PROTOCOL: f64 = 1.0;
/// What pages say of themselves that are files.
const NO_ORIGIN: &str = "null";

/// What the page around the frame asks for.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Asked {
    Load { file: Option<String>, link: Option<String>, example: Option<String>, step: Option<u32> },
    Play,
    Pause,
    Next,
    Back,
    Seek { cursor: u32 },
    GetState,
}

/// What it is told.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
enum Told<'a> {
    Ready { version: &'a str },
    State { scenario: &'a str, cursor: usize, start: usize, end: usize, at_ms: f64, playing: bool, speed: f64 },
    Event { cursor: usize, text: &'a str },
    Goal { index: usize, text: &'a str, state: &'a str },
    Resize { height: f64 },
    Error { message: &'a str },
}

/// What the page's address says after `?`.
fn said(name: &str) -> Option<String> {
    let search = web_sys::window()?.location().search().ok()?;
    UrlSearchParams::new_with_str(&search).ok()?.get(name)
}

/// The origin of the page around this one, as that said it; none if there is none.
pub fn embedder() -> Option<String> {
    let window = web_sys::window()?;
    let is_framed = parent(&window).is_some();
    said("embed").filter(|_| is_framed)
}

/// Whether the frame is to show the picture alone.
pub fn is_bare() -> bool {
    said("controls").as_deref() == Some("none")
}

fn parent(window: &Window) -> Option<Window> {
    window.parent().ok().flatten().filter(|parent| parent != window)
}

fn tell(origin: &str, told: &Told) {
    let Some(parent) = web_sys::window().as_ref().and_then(parent) else { return };
    let target = if origin == NO_ORIGIN { "*" } else { origin };
    let Ok(message) = serde_wasm_bindgen::to_value(told) else { return };
    // It is an object of our own, so it takes the field; a target that is no origin is told nothing.
    let _ = Reflect::set(&message, &"warren".into(), &PROTOCOL.into());
    let _ = parent.post_message(&message, target);
}

/// What the bridge joins.
#[derive(Clone, PartialEq, Properties)]
pub struct BridgeProps {
    /// The origin of the page around this one.
    pub origin: AttrValue,
    /// What plays.
    pub engine: Rc<Engine>,
    /// The moment.
    pub scene: Scene,
    /// What the page says.
    pub notice: Option<Notice>,
    /// Does something.
    pub on_command: Callback<Command>,
}

/// The bridge. Nothing is seen of it.
#[component]
pub fn Bridge(props: &BridgeProps) -> Html {
    let origin = &props.origin;
    {
        let (engine, on_command) = (props.engine.clone(), props.on_command.clone());
        use_effect_with(origin.clone(), move |origin| {
            let listener = listen(origin.clone(), engine, on_command);
            tell(origin, &Told::Ready { version: env!("CARGO_PKG_VERSION") });
            move || drop(listener)
        });
    }
    {
        let (scene, engine, origin) = (props.scene.clone(), props.engine.clone(), origin.clone());
        let now = (scene.cursor, scene.playing, scene.range, scene.scenario.clone());
        let reached = use_mut_ref(<(Goals, Vec<Reached>)>::default);
        use_effect_with(now, move |_| {
            tell_state(&origin, &engine, &scene);
            tell(&origin, &Told::Event { cursor: scene.cursor, text: &engine.told_last() });
            tell_goals(&origin, &engine, &mut reached.borrow_mut());
        });
    }
    {
        let (origin, engine) = (origin.clone(), props.engine.clone());
        use_effect_with((), move |()| {
            let told = Cell::new(None);
            let fit = {
                let engine = Rc::downgrade(&engine);
                move || {
                    let height = engine.upgrade().and_then(|engine| engine.height_wanted());
                    if let Some(height) = height.filter(|height| told.replace(Some(*height)) != Some(*height)) {
                        tell(&origin, &Told::Resize { height });
                    }
                }
            };
            fit();
            engine.on_picture(Some(Box::new(fit)));
            move || engine.on_picture(None)
        });
    }
    {
        let origin = origin.clone();
        use_effect_with(props.notice.clone(), move |notice| {
            if let Some(notice) = notice.as_ref().filter(|notice| notice.is_bad) {
                tell(&origin, &Told::Error { message: &notice.text });
            }
        });
    }
    Html::default()
}

fn tell_state(origin: &str, engine: &Engine, scene: &Scene) {
    let Scene { cursor, start, range, playing, speed, scenario, .. } = scene;
    let state = Told::State {
        scenario,
        cursor: *cursor,
        start: *start,
        end: range.1,
        at_ms: engine.clock_ms(),
        playing: *playing,
        speed: *speed,
    };
    tell(origin, &state);
}

/// Tells of the goals that are not as they were told last.
fn tell_goals(origin: &str, engine: &Engine, (goals, told): &mut (Goals, Vec<Reached>)) {
    let now = engine.goals(goals);
    for (index, goal) in now.iter().enumerate().filter(|(index, goal)| told.get(*index) != Some(goal)) {
        tell(origin, &Told::Goal { index, text: &goal.text, state: word(goal.state) });
    }
    *told = now;
}

fn listen(origin: AttrValue, engine: Rc<Engine>, on_command: Callback<Command>) -> Option<EventListener> {
    let window = web_sys::window()?;
    let around: JsValue = parent(&window)?.into();
    Some(EventListener::new(&window, "message", move |event| {
        let Some(event) = event.dyn_ref::<MessageEvent>() else { return };
        let is_of_parent = event.source().is_some_and(|source| JsValue::from(source) == around);
        if !is_of_parent || event.origin() != *origin {
            return;
        }
        let data = event.data();
        let protocol = Reflect::get(&data, &"warren".into()).ok().and_then(|protocol| protocol.as_f64());
        if protocol != Some(PROTOCOL) {
            return;
        }
        // A later protocol may ask for more.
        let Ok(asked) = serde_wasm_bindgen::from_value::<Asked>(data) else { return };
        obey(asked, &origin, &engine, &on_command);
    }))
}

fn obey(asked: Asked, origin: &str, engine: &Engine, on_command: &Callback<Command>) {
    match asked {
        Asked::Load { file, link, example, step } => match address(file, link, example, step) {
            Ok(address) => go_to(&address),
            Err(why) => tell(origin, &Told::Error { message: &why }),
        },
        Asked::Play => engine.play(),
        Asked::Pause => engine.pause(),
        Asked::Next => on_command.emit(Command::Next),
        Asked::Back => on_command.emit(Command::Back),
        Asked::Seek { cursor } => on_command.emit(Command::Seek(cursor as usize)),
        Asked::GetState => tell_state(origin, engine, &engine.scene()),
    }
}

/// The address under which something is played.
fn address(
    file: Option<String>,
    link: Option<String>,
    example: Option<String>,
    step: Option<u32>,
) -> Result<String, String> {
    let text = |error: share::FileError| error.to_string();
    let read = match (file, link, example) {
        (Some(file), None, None) => {
            let what = What::Scenario(Box::new(share::parse(file).map_err(text)?));
            Link { what, view: View::default(), is_player: true }
        }
        (None, Some(link), None) => {
            let from = link.find('#').unwrap_or_default();
            Link::read(&link[from..]).map_err(text)?.ok_or("load: expected a link that Warren made")?
        }
        (None, None, Some(example)) => {
            Link::read(&format!("{EXAMPLE}{example}")).map_err(text)?.ok_or("load: expected the name of an example")?
        }
        _ => return Err("load: expected one of `file`, `link` and `example`".to_owned()),
    };
    locked(read, step.map(u64::from)).to_address().map_err(text)
}
