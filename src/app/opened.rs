//! What is open, by the page's address: an example, a scenario that this browser keeps, a new one, or what the page begins
//! with. Opening something is following a link, so that the browser's own Back leads to what was open before.

use std::cell::Cell;
use std::rc::Rc;

use gloo_events::EventListener;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{HashChangeEvent, Location, Response};
use yew::prelude::*;

use crate::share::link::{self, EXAMPLE, What};
use crate::share::{self, FileError, Link, examples};
use crate::simulation::World;
use crate::view::moment::Moment;
use crate::view::notice::Notice;
use crate::view::shelf::Kept;

use super::keeper::{self, Keeper};
use super::source;
use super::store::storages;

/// The address of a new scenario.
pub const NEW: &str = "#/new";
const MINE: &str = "#/mine/";
const NEW_FILE: &str = "{\"format\": \"warren/1\", \"name\": \"untitled\"}";

/// What an address names.
#[derive(Clone, PartialEq)]
enum Source {
    Begin,
    New,
    Example(String),
    Mine(String),
    /// A link that says more than an example's name.
    Link(String),
    /// A kept one, where nobody asked for it: if it is gone, the page begins as for anybody else.
    Last(String),
}

/// What is open.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// Another one each time: what is opened again is begun again.
    pub serial: u32,
    /// What is known of it, if it is on the shelf.
    pub kept: Option<Kept>,
    /// The scenario file, or why there is none.
    pub file: Result<AttrValue, AttrValue>,
    /// The example's name, if it is one.
    pub example: Option<String>,
    /// Whether nothing is shown but what plays.
    pub is_player: bool,
}

fn location() -> Option<Location> {
    web_sys::window().map(|window| window.location())
}

/// The part of the page's address that says what is open.
pub fn address() -> String {
    location().and_then(|location| location.hash().ok()).unwrap_or_default()
}

fn addressed() -> Source {
    let address = address();
    if let Some(id) = address.strip_prefix(MINE) {
        return Source::Mine(id.to_owned());
    }
    match address.strip_prefix(EXAMPLE) {
        _ if link::is_meant(&address) => Source::Link(address),
        Some(name) => Source::Example(name.to_owned()),
        _ if address == NEW => Source::New,
        _ => Source::Begin,
    }
}

/// The address of a scenario that is kept.
pub fn address_of(id: &str) -> String {
    format!("{MINE}{id}")
}

/// Whether the page was opened for nothing in particular, in a window of its own.
pub fn is_plain() -> bool {
    let is_alone = web_sys::window().is_some_and(|window| {
        let top = window.top().ok().flatten();
        top.is_some_and(|top| top == window)
    });
    is_alone && addressed() == Source::Begin && source::asked().is_none()
}

/// Opens an address.
pub fn go_to(address: &str) {
    if let Some(location) = location() {
        // Only what is no address at all could be refused.
        let _ = location.set_hash(address);
    }
}

/// Opens the same address anew.
pub fn reload() {
    if let Some(location) = location() {
        // A page may always load itself.
        let _ = location.reload();
    }
}

/// What is open is to be found at another address from now on, and goes on as it is.
pub fn rewrite_address(address: &str) {
    if let Some(history) = web_sys::window().and_then(|window| window.history().ok()) {
        // Where the browser refuses, the address leads to what it was made from, and the shelf to it.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(address));
    }
}

/// An example's file.
pub async fn fetched(name: &str) -> Option<String> {
    let window = web_sys::window()?;
    let response = JsFuture::from(window.fetch_with_str(&format!("examples/{name}.json"))).await.ok()?;
    let response = response.dyn_into::<Response>().ok().filter(Response::ok)?;
    JsFuture::from(response.text().ok()?).await.ok()?.as_string()
}

impl Opened {
    fn new(serial: u32, file: Result<AttrValue, AttrValue>) -> Opened {
        Opened { serial, kept: None, file, example: None, is_player: false }
    }

    /// What the page begins with.
    fn first(serial: u32, file: &AttrValue) -> Opened {
        let example = (*file == examples::NATURE).then(|| "nature".to_owned());
        Opened { example, ..Opened::new(serial, Ok(file.clone())) }
    }
}

/// What a source holds; why it is refused, where what was open is better than nothing.
async fn load(source: Source, first: &AttrValue, keeper: &Keeper, serial: u32) -> Result<Opened, FileError> {
    let opened = |file| Opened::new(serial, file);
    Ok(match source {
        Source::Begin => Opened::first(serial, first),
        Source::New => opened(Ok(NEW_FILE.into())),
        Source::Example(name) => {
            let text = fetched(&name).await.map(AttrValue::from);
            Opened { example: Some(name), ..opened(text.ok_or_else(|| NOT_FETCHED.into())) }
        }
        Source::Link(address) => return followed(&address, serial).await,
        Source::Last(id) => match keeper.store().file(&id).await.filter(|(kept, _)| kept.deleted_ms.is_none()) {
            Some((kept, text)) => {
                rewrite_address(&address_of(&id));
                Opened { kept: Some(kept), ..opened(Ok(text.into())) }
            }
            None => Opened::first(serial, first),
        },
        Source::Mine(id) => match keeper.store().file(&id).await {
            Some((kept, text)) => Opened { kept: Some(kept), ..opened(Ok(text.into())) },
            None => opened(Err(
                "This browser keeps no scenario of this address. It is kept where it was made, until it is deleted."
                    .into(),
            )),
        },
    })
}

const NOT_FETCHED: &str = "The example could not be fetched.";

/// What a link leads to. What could not begin is refused as well.
#[inline(never)]
async fn followed(address: &str, serial: u32) -> Result<Opened, FileError> {
    let link = Link::read(address)?.ok_or_else(|| FileError::expected(&"link", "an address that this page makes"))?;
    let (mut file, example) = match link.what {
        What::Scenario(file) => (*file, None),
        What::Example(name) => {
            let problem = NOT_FETCHED.to_owned();
            let text = fetched(&name).await.ok_or(FileError { place: "link".to_owned(), problem })?;
            (share::parse(text)?, Some(name))
        }
    };
    link::show(&mut file, link.view);
    World::new(&file.scenario, &mut Vec::new())?;
    Ok(Opened { example, is_player: link.is_player, ..Opened::new(serial, Ok(file.to_text()?.into())) })
}

/// Where somebody was when the page went away, in this tab.
const MOMENT: &str = "warren.moment";

/// Remembers where somebody is.
pub fn remember(moment: Option<Moment>) {
    let (_, Some(own)) = storages() else { return };
    // Who cannot come back there begins anew.
    let _ = match moment {
        Some(moment) => own.set_item(MOMENT, &format!("{}\n{}", address(), moment.to_text())),
        None => own.remove_item(MOMENT),
    };
}

/// Where somebody was at this address before the page was loaded anew. It is asked for once.
pub fn remembered() -> Option<Moment> {
    let own = storages().1?;
    let text = own.get_item(MOMENT).ok()??;
    // It is written again when the page goes away.
    let _ = own.remove_item(MOMENT);
    let (of, moment) = text.split_once('\n')?;
    Moment::from_text(moment).filter(|_| of == address())
}

/// What the address names; what was open last, if it names nothing; else this file. None while it is being read for the
/// first time.
#[hook]
pub fn use_opened(first: &AttrValue, keeper: &Rc<Keeper>) -> Option<Opened> {
    let begin = || Opened::first(0, first);
    let is_asked = || addressed() != Source::Begin || source::asked().is_some();
    let last = use_memo((), |()| if is_asked() { None } else { keeper::last() });
    let opened = use_state(|| (addressed() == Source::Begin && last.is_none()).then(begin));
    let setter = opened.setter();
    use_effect_with((first.clone(), keeper.clone()), move |(first, keeper)| {
        let (first, keeper, newest) = (first.clone(), keeper.clone(), Rc::new(Cell::new(0)));
        let open = Rc::new(move |source: Source, before: Option<String>| {
            let (first, keeper, newest, setter) = (first.clone(), keeper.clone(), newest.clone(), setter.clone());
            let serial = newest.get() + 1;
            newest.set(serial);
            spawn_local(async move {
                let loaded = load(source, &first, &keeper, serial).await;
                // Meanwhile another one may have been chosen.
                if newest.get() != serial {
                    return;
                }
                let refused = loaded.as_ref().err().map(Notice::refused_link);
                match (loaded, before) {
                    (Ok(opened), _) => setter.set(Some(opened)),
                    // What was open stays open, under its own address.
                    (Err(_), Some(before)) => rewrite_address(&before),
                    (Err(_), None) => {
                        rewrite_address("#");
                        setter.set(Some(Opened::first(serial, &first)));
                    }
                }
                if refused.is_some() {
                    keeper.say(refused);
                }
            });
        });
        match (addressed(), &*last) {
            (Source::Begin, None) => {}
            (Source::Begin, Some(id)) => open(Source::Last(id.clone()), None),
            (source, _) => open(source, None),
        }
        let listener = web_sys::window().map(|window| {
            EventListener::new(&window, "hashchange", move |event| {
                let before = event.dyn_ref::<HashChangeEvent>().map(HashChangeEvent::old_url);
                open(addressed(), before);
            })
        });
        move || drop(listener)
    });
    (*opened).clone()
}
