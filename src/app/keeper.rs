//! Who sees to it that nothing is lost: each change is kept in the browser at once, in the order in which it was made.
//!
//! What always holds: one save is on its way at a time, and after it the newest of what has changed meanwhile. What comes
//! with Warren is kept from its first change on, as a scenario of its own; the example itself never changes.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_events::EventListener;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::StorageEvent;
use yew::Callback;

use crate::share::{File, FileError, Incoming};
use crate::simulation::World;
use crate::view::notice::{Action, Notice};
use crate::view::shelf::Kept;

use super::engine::Engine;
use super::opened::{self, address_of};
use super::store::{Store, new_id, storages};

/// What tabs tell each other when one of them has saved: the id and the revision.
const SAVED: &str = "warren.saved";
/// Which scenario to come back to.
const LAST: &str = "warren.last";
/// What the page is told with when a newer version is there, and what it says if that is to take over
/// (www/offline/register.js).
const NEWER: &str = "warren-newer";
const TAKE_OVER: &str = "warren-take-over";

/// How it stands with what is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keeping {
    /// Nothing has changed: there is nothing to keep.
    #[default]
    Unchanged,
    /// It is kept.
    Kept,
    /// It is not kept; why.
    Refused(&'static str),
}

/// What is open, for the keeper.
#[derive(Default)]
struct Sheet {
    kept: RefCell<Option<Kept>>,
    edition: Cell<u64>,
    keeping: Cell<Keeping>,
    is_busy: Cell<bool>,
    /// A name and a file that are to be kept.
    waiting: RefCell<Option<(String, String)>>,
}

/// The keeper. There is one as long as the page is there.
#[derive(Default)]
pub struct Keeper {
    store: Store,
    sheet: RefCell<Rc<Sheet>>,
    notice: RefCell<Option<Notice>>,
    on_change: RefCell<Option<Callback<()>>>,
    listeners: RefCell<Vec<EventListener>>,
}

impl PartialEq for Keeper {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Keeper {
    /// Begins to listen; `on_change` is called whenever there is something new to show.
    pub fn attach(self: &Rc<Self>, on_change: Callback<()>) {
        *self.on_change.borrow_mut() = Some(on_change);
        let Some(window) = web_sys::window() else { return };
        let keeper = Rc::downgrade(self);
        let elsewhere = EventListener::new(&window, "storage", move |event| {
            if let (Some(keeper), Some(event)) = (keeper.upgrade(), event.dyn_ref::<StorageEvent>()) {
                keeper.heed_other_tab(event);
            }
        });
        let keeper = Rc::downgrade(self);
        let options = gloo_events::EventListenerOptions::enable_prevent_default();
        let leaving = EventListener::new_with_options(&window, "beforeunload", options, move |event| {
            let keeping = keeper.upgrade().map(|keeper| keeper.keeping());
            if matches!(keeping, Some(Keeping::Refused(_))) {
                event.prevent_default();
            }
        });
        let keeper = Rc::downgrade(self);
        let newer = EventListener::new(&window, NEWER, move |_| {
            // What there is to say already comes first; the next time that the page is opened, this is said again.
            if let Some(keeper) = keeper.upgrade().filter(|keeper| keeper.notice().is_none()) {
                keeper.say(Some(Notice::newer()));
            }
        });
        *self.listeners.borrow_mut() = vec![elsewhere, leaving, newer];
    }

    /// Stops for good.
    pub fn detach(&self) {
        self.listeners.borrow_mut().clear();
        *self.on_change.borrow_mut() = None;
    }

    /// The scenarios.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// How it stands with what is open.
    pub fn keeping(&self) -> Keeping {
        self.sheet.borrow().keeping.get()
    }

    /// What is open on the shelf; none if it is not there.
    pub fn open_id(&self) -> Option<String> {
        self.sheet.borrow().kept.borrow().as_ref().map(|kept| kept.id.clone())
    }

    /// What there is to say.
    pub fn notice(&self) -> Option<Notice> {
        self.notice.borrow().clone()
    }

    /// Says something, or nothing any more.
    pub fn say(&self, notice: Option<Notice>) {
        *self.notice.borrow_mut() = notice;
        self.tell();
    }

    fn tell(&self) {
        if let Some(on_change) = &*self.on_change.borrow() {
            on_change.emit(());
        }
    }

    /// Something else is open from now on.
    pub fn begin(&self, kept: Option<Kept>) {
        let keeping = if kept.is_some() { Keeping::Kept } else { Keeping::Unchanged };
        come_back_to(kept.as_ref());
        *self.sheet.borrow_mut() =
            Rc::new(Sheet { kept: RefCell::new(kept), keeping: Cell::new(keeping), ..Sheet::default() });
        self.tell();
    }

    /// Looks whether what is open has changed, and keeps it then.
    pub fn look(self: &Rc<Self>, engine: &Engine) {
        let sheet = self.sheet.borrow().clone();
        let edition = engine.edition();
        if sheet.edition.replace(edition) == edition {
            return;
        }
        match engine.file() {
            Ok(file) => *sheet.waiting.borrow_mut() = Some(file),
            Err(error) => return self.say(Some(Notice::bad(format!("This cannot be kept: {error}")))),
        }
        if !sheet.is_busy.replace(true) {
            let keeper = self.clone();
            spawn_local(async move {
                keeper.keep(&sheet).await;
                sheet.is_busy.set(false);
            });
        }
    }

    async fn keep(&self, sheet: &Rc<Sheet>) {
        loop {
            let Some((name, file)) = sheet.waiting.borrow_mut().take() else { return };
            let before = sheet.kept.borrow().clone();
            let mine = before.clone().unwrap_or_else(|| Kept::new(new_id(), &name));
            let saved = self.store.save(&mine, &name, file).await;
            let keeping = saved.refused.map_or(Keeping::Kept, Keeping::Refused);
            let is_open = Rc::ptr_eq(sheet, &self.sheet.borrow());
            if is_open && before.as_ref().map(|kept| &kept.id) != Some(&saved.kept.id) {
                opened::rewrite_address(&address_of(&saved.kept.id));
                come_back_to(Some(&saved.kept));
            }
            if let (Keeping::Kept, (Some(shared), _)) = (keeping, storages()) {
                // Who cannot be told finds out when they save.
                let _ = shared.set_item(SAVED, &format!("{} {}", saved.kept.id, saved.kept.revision));
            }
            *sheet.kept.borrow_mut() = Some(saved.kept);
            let was = sheet.keeping.replace(keeping);
            match keeping {
                Keeping::Refused(why) if was != keeping => self.say(Some(Notice::bad(why))),
                Keeping::Kept if matches!(was, Keeping::Refused(_)) => self.say(None),
                _ if saved.is_beside => self.say(Some(Notice::beside(&name))),
                _ => self.tell(),
            }
        }
    }

    /// Another tab has saved something: perhaps what is open here.
    fn heed_other_tab(&self, event: &StorageEvent) {
        let told = event.new_value().filter(|_| event.key().as_deref() == Some(SAVED));
        let told = told.as_deref().and_then(|told| told.split_once(' '));
        let Some((id, revision)) = told.and_then(|(id, revision)| Some((id, revision.parse::<u64>().ok()?))) else {
            return;
        };
        let kept = self.sheet.borrow().kept.borrow().clone();
        if let Some(kept) = kept.filter(|kept| kept.id == id && kept.revision < revision) {
            self.say(Some(Notice::elsewhere(&kept.name)));
        }
    }

    /// Takes in a file that somebody chose, dropped or pasted. If it is wrong, that is said, and all stays as it is.
    pub async fn take_in(&self, bytes: &[u8], called: &str) {
        let read = Incoming::read(bytes, called).and_then(|incoming| {
            World::new(&incoming.file.scenario, &mut Vec::new())?;
            Ok(incoming)
        });
        match read {
            Ok(incoming) => {
                let notice = Notice::opened(&incoming, called);
                match self.add(&incoming.file).await {
                    Ok(()) => self.say(notice),
                    Err(error) => self.say(Some(Notice::refused(called, &error))),
                }
            }
            Err(error) => self.say(Some(Notice::refused(called, &error))),
        }
    }

    /// Puts a file on the shelf and opens it.
    async fn add(&self, file: &File) -> Result<(), FileError> {
        let name = &file.scenario.name;
        let saved = self.store.save(&Kept::new(new_id(), name), name, file.to_text()?).await;
        opened::go_to(&address_of(&saved.kept.id));
        Ok(())
    }

    /// Does what a notice offers.
    pub fn act(&self, action: Action) {
        match action {
            Action::Reload => opened::reload(),
            Action::TakeOver => take_over(),
        }
        self.say(None);
    }
}

/// Lets the newer version take over, which loads the page anew.
fn take_over() {
    let Some(window) = web_sys::window() else { return };
    if let Ok(event) = web_sys::Event::new(TAKE_OVER) {
        // Nobody can prevent it.
        let _ = window.dispatch_event(&event);
    }
}

/// What the page opens the next time that it is asked for nothing else.
fn come_back_to(kept: Option<&Kept>) {
    let (Some(shared), _) = storages() else { return };
    // Who keeps nothing comes back to the first example.
    let _: Result<(), JsValue> = match kept {
        Some(kept) => shared.set_item(LAST, &kept.id),
        None => shared.remove_item(LAST),
    };
}

/// The scenario that was open last, if it is kept.
pub fn last() -> Option<String> {
    storages().0?.get_item(LAST).ok()?
}
