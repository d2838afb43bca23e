//! What the browser keeps: scenarios in IndexedDB, small things in the storages beside it.
//!
//! What always holds: a scenario and what is known of it are written together or not at all; what the browser refuses is
//! held here as long as the page is there, so that the page works on, and the refusal is told.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use gloo_events::EventListener;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::js_sys::{Array, Date, Math};
use web_sys::{
    DomException, EventTarget, IdbDatabase, IdbObjectStore, IdbRequest, IdbTransaction, IdbTransactionMode, Storage,
};

use crate::view::shelf::{Kept, Saving, Shelf, refusal};

const DATABASE: &str = "warren";
const VERSION: u32 = 1;
/// What is known of each scenario, one line each, and the files, by the same ids.
const STORES: [&str; 2] = ["scenarios", "files"];

/// Why the browser refuses, for people.
type Refusal = &'static str;

/// What came of saving.
pub struct Saved {
    /// What is kept now.
    pub kept: Kept,
    /// Whether it had to be kept beside what somebody else has saved.
    pub is_beside: bool,
    /// Why the browser does not keep it, if it does not.
    pub refused: Option<Refusal>,
}

/// The scenarios that are kept.
#[derive(Default)]
pub struct Store {
    database: RefCell<Option<IdbDatabase>>,
    /// What the browser refused to keep.
    held: RefCell<Vec<(Kept, String)>>,
}

/// The wall clock, Unix milliseconds.
pub fn now_ms() -> u64 {
    // invariant: the clock shows a positive whole number that a double holds.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let now_ms = Date::now() as u64;
    now_ms
}

/// A name for a scenario that no other one has.
pub fn new_id() -> String {
    let mut id = String::new();
    for _ in 0..10 {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let digit = (Math::random() * 36.0) as u32;
        id.extend(char::from_digit(digit.min(35), 36));
    }
    id
}

/// What outlives the page, and what belongs to this tab alone. None where the browser refuses.
pub fn storages() -> (Option<Storage>, Option<Storage>) {
    let window = web_sys::window();
    let get = |which: fn(&web_sys::Window) -> Result<Option<Storage>, JsValue>| {
        window.as_ref().and_then(|window| which(window).ok()?)
    };
    (get(web_sys::Window::local_storage), get(web_sys::Window::session_storage))
}

impl Store {
    /// All that is kept, in order. What was deleted long ago goes for good.
    pub async fn shelf(&self) -> Shelf {
        let mut all: Vec<Kept> = self.held.borrow().iter().map(|(kept, _)| kept.clone()).collect();
        // What cannot be read is not there; saving tells why.
        for line in self.lines().await.unwrap_or_default() {
            let kept = line.as_string().and_then(|line| Kept::from_line(&line).ok());
            all.extend(kept.filter(|kept| !self.holds(&kept.id)));
        }
        let mut shelf = Shelf::of(all);
        for gone in std::mem::take(&mut shelf.gone) {
            self.held.borrow_mut().retain(|(kept, _)| kept.id != gone.id);
            // It is tried again the next time.
            let _ = self.remove(&gone.id).await;
        }
        shelf
    }

    /// A scenario with its file.
    pub async fn file(&self, id: &str) -> Option<(Kept, String)> {
        let held = self.held.borrow().iter().find(|(kept, _)| kept.id == id).cloned();
        match held {
            Some(held) => Some(held),
            None => self.read(id).await.ok()?,
        }
    }

    /// Keeps a file that goes on from `mine`.
    pub async fn save(&self, mine: &Kept, name: &str, file: String) -> Saved {
        match self.write(mine, name, &file).await {
            Ok((kept, is_beside)) => {
                self.held.borrow_mut().retain(|(held, _)| held.id != kept.id && held.id != mine.id);
                Saved { kept, is_beside, refused: None }
            }
            Err(error) => {
                let kept = Kept { name: name.to_owned(), saved_ms: now_ms(), ..mine.clone() };
                self.hold(kept.clone(), file);
                Saved { kept, is_beside: false, refused: Some(told(&error)) }
            }
        }
    }

    /// Deletes a scenario, or puts it back.
    pub async fn set_deleted(&self, id: &str, is_deleted: bool) -> Result<(), Refusal> {
        let at_ms = is_deleted.then(now_ms);
        if let Some((kept, _)) = self.held.borrow_mut().iter_mut().find(|(kept, _)| kept.id == id) {
            *kept = kept.deleted(at_ms);
            return Ok(());
        }
        self.mark(id, at_ms).await.map_err(|error| told(&error))
    }

    fn holds(&self, id: &str) -> bool {
        self.held.borrow().iter().any(|(kept, _)| kept.id == id)
    }

    fn hold(&self, kept: Kept, file: String) {
        let mut held = self.held.borrow_mut();
        held.retain(|(other, _)| other.id != kept.id);
        held.push((kept, file));
    }

    async fn begin(&self, mode: IdbTransactionMode) -> Result<(IdbTransaction, [IdbObjectStore; 2]), JsValue> {
        let open = self.database.borrow().clone();
        let database = match open {
            Some(database) => database,
            None => open_database().await?,
        };
        let names: Array = STORES.iter().map(|name| JsValue::from_str(name)).collect();
        let transaction = database.transaction_with_str_sequence_and_mode(&names, mode);
        // One that was closed, as when everything of the page is cleared away, is opened anew the next time.
        *self.database.borrow_mut() = transaction.is_ok().then_some(database);
        let transaction = transaction?;
        let stores = [transaction.object_store(STORES[0])?, transaction.object_store(STORES[1])?];
        Ok((transaction, stores))
    }

    async fn lines(&self) -> Result<Array, JsValue> {
        let (_, [lines, _]) = self.begin(IdbTransactionMode::Readonly).await?;
        Ok(answer(&lines.get_all()?).await?.unchecked_into())
    }

    async fn read(&self, id: &str) -> Result<Option<(Kept, String)>, JsValue> {
        let (_, [lines, files]) = self.begin(IdbTransactionMode::Readonly).await?;
        let kept = kept_of(&lines, id).await?;
        let file = answer(&files.get(&id.into())?).await?.as_string();
        Ok(kept.zip(file))
    }

    async fn write(&self, mine: &Kept, name: &str, file: &str) -> Result<(Kept, bool), JsValue> {
        let (transaction, [lines, files]) = self.begin(IdbTransactionMode::Readwrite).await?;
        let stored = kept_of(&lines, &mine.id).await?;
        let (kept, is_beside) = match mine.save(stored.as_ref(), name, now_ms(), &new_id()) {
            Saving::There(kept) => (kept, false),
            Saving::Beside(kept) => (kept, true),
        };
        let id = JsValue::from_str(&kept.id);
        lines.put_with_key(&kept.to_line().into(), &id)?;
        files.put_with_key(&file.into(), &id)?;
        end(&transaction).await?;
        Ok((kept, is_beside))
    }

    async fn mark(&self, id: &str, deleted_ms: Option<u64>) -> Result<(), JsValue> {
        let (transaction, [lines, _]) = self.begin(IdbTransactionMode::Readwrite).await?;
        if let Some(kept) = kept_of(&lines, id).await? {
            lines.put_with_key(&kept.deleted(deleted_ms).to_line().into(), &id.into())?;
        }
        end(&transaction).await
    }

    async fn remove(&self, id: &str) -> Result<(), JsValue> {
        let (transaction, stores) = self.begin(IdbTransactionMode::Readwrite).await?;
        for store in stores {
            store.delete(&id.into())?;
        }
        end(&transaction).await
    }
}

/// Why the browser refuses, by what it throws.
fn told(error: &JsValue) -> Refusal {
    refusal(&error.dyn_ref::<DomException>().map(DomException::name).unwrap_or_default())
}

async fn kept_of(lines: &IdbObjectStore, id: &str) -> Result<Option<Kept>, JsValue> {
    let line = answer(&lines.get(&id.into())?).await?.as_string();
    Ok(line.and_then(|line| Kept::from_line(&line).ok()))
}

async fn open_database() -> Result<IdbDatabase, JsValue> {
    let window = web_sys::window().ok_or(JsValue::UNDEFINED)?;
    let factory = window.indexed_db()?.ok_or(JsValue::UNDEFINED)?;
    let request = factory.open_with_u32(DATABASE, VERSION)?;
    let opened = request.clone();
    let _made = EventListener::once(&request, "upgradeneeded", move |_| {
        let database = opened.result().ok().and_then(|result| result.dyn_into::<IdbDatabase>().ok());
        for name in STORES {
            // If one cannot be made, opening fails, and that is told.
            let _ = database.as_ref().map(|database| database.create_object_store(name));
        }
    });
    answer(&request).await?.dyn_into()
}

/// What a request comes to.
async fn answer(request: &IdbRequest) -> Result<JsValue, JsValue> {
    if Heard::of(request, "success", "error").await { request.result() } else { Err(error_of(request.error()?)) }
}

/// A transaction is over: what was asked for has been written.
async fn end(transaction: &IdbTransaction) -> Result<(), JsValue> {
    if Heard::of(transaction, "complete", "abort").await { Ok(()) } else { Err(error_of(transaction.error())) }
}

fn error_of(error: Option<DomException>) -> JsValue {
    error.map_or(JsValue::UNDEFINED, JsValue::from)
}

/// Waits for one of two events. It listens as long as it is waited for.
struct Heard {
    state: Rc<RefCell<(Option<bool>, Option<Waker>)>>,
    _listeners: [EventListener; 2],
}

impl Heard {
    fn of(target: &EventTarget, good: &'static str, bad: &'static str) -> Heard {
        let state = Rc::new(RefCell::new((None, None::<Waker>)));
        let listen = |event: &'static str, is_good: bool| {
            let state = state.clone();
            EventListener::once(target, event, move |_| {
                state.borrow_mut().0 = Some(is_good);
                let waker = state.borrow_mut().1.take();
                if let Some(waker) = waker {
                    waker.wake();
                }
            })
        };
        let _listeners = [listen(good, true), listen(bad, false)];
        Heard { state, _listeners }
    }
}

impl Future for Heard {
    type Output = bool;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<bool> {
        let mut state = self.state.borrow_mut();
        match state.0 {
            Some(is_good) => Poll::Ready(is_good),
            None => {
                state.1 = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}
