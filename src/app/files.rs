//! Files: one is chosen, dropped or pasted to be opened, and the scenario is saved as one.

use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions, EventListenerPhase};
use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::js_sys::{Array, Uint8Array};
use web_sys::{
    Blob, BlobPropertyBag, ClipboardEvent, DataTransfer, DragEvent, File, HtmlAnchorElement, HtmlInputElement, Url,
};
use yew::prelude::*;

use crate::share::FileError;
use crate::share::incoming::{file_name, is_brokers};
use crate::share::limits::FILE_BYTES_MAX;
use crate::view::notice::Notice;

use super::clipboard::is_typed;
use super::engine::Engine;
use super::keeper::Keeper;

/// Reads a file and opens it.
pub fn take_in(keeper: &Rc<Keeper>, file: File) {
    let (keeper, called) = (keeper.clone(), file.name());
    spawn_local(async move {
        // A file that is too large is not even read.
        #[allow(clippy::cast_precision_loss)]
        if file.size() > FILE_BYTES_MAX as f64 {
            let error = FileError::expected(&"file", &format!("at most {FILE_BYTES_MAX} bytes"));
            return keeper.say(Some(Notice::refused(&called, &error)));
        }
        match JsFuture::from(file.array_buffer()).await {
            Ok(buffer) => keeper.take_in(&Uint8Array::new(&buffer).to_vec(), &called).await,
            Err(_) => {
                let error = FileError::expected(&"file", "something that the browser can read");
                keeper.say(Some(Notice::refused(&called, &error)));
            }
        }
    });
}

/// Saves the scenario as a file.
pub fn save(engine: &Engine, keeper: &Keeper) {
    let saved = engine.file().map_err(|error| error.to_string()).and_then(|(name, text)| {
        let called = file_name(&name);
        download(&called, "application/json", &text.into())
            .map(|()| called)
            .map_err(|_| "the browser does not let the page save it".to_owned())
    });
    keeper.say(Some(match saved {
        Ok(called) => Notice::good(format!("Saved as {called}, where your browser puts what it downloads.")),
        Err(why) => Notice::bad(format!("This cannot be saved as a file: {why}")),
    }));
}

/// Saves something as a file: a text, bytes or a blob.
///
/// # Errors
///
/// The browser does not let the page.
pub fn download(called: &str, kind: &str, content: &JsValue) -> Result<(), JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(content), &options)?;
    let address = Url::create_object_url_with_blob(&blob)?;
    let document = web_sys::window().and_then(|window| window.document()).ok_or(JsValue::UNDEFINED)?;
    let link: HtmlAnchorElement = document.create_element("a")?.unchecked_into();
    link.set_href(&address);
    link.set_download(called);
    link.click();
    Url::revoke_object_url(&address)
}

/// Where files are chosen. It is not seen: a button or keys open it.
#[derive(Clone, PartialEq, Properties)]
pub struct ChooserProps {
    /// To open it by.
    pub input: NodeRef,
    /// Opens what was chosen.
    pub keeper: Rc<Keeper>,
}

/// The chooser, and what is shown while a file is over the page.
#[component]
pub fn Chooser(props: &ChooserProps) -> Html {
    let is_over = use_state(|| false);
    {
        let is_over = is_over.setter();
        use_effect_with(props.keeper.clone(), move |keeper| {
            let listeners = listen(keeper, move |over| is_over.set(over));
            let pasting = on_paste(keeper);
            move || drop((listeners, pasting))
        });
    }
    let keeper = props.keeper.clone();
    let onchange = move |event: Event| {
        let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else { return };
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            take_in(&keeper, file);
        }
        // The same one can be chosen again, changed meanwhile.
        input.set_value("");
    };
    html! {
        <div class="files">
            <input ref={props.input.clone()} type="file" accept=".json,application/json,text/plain" aria-label="File to open" hidden=true {onchange} />
            <p class="drop-here" hidden={!*is_over}>{ "Drop the file to open it" }</p>
        </div>
    }
}

/// A broker's definitions that are pasted are opened as their file would be. Whatever else is pasted is for the picture, which
/// is why this comes first.
fn on_paste(keeper: &Rc<Keeper>) -> Option<EventListener> {
    let (window, keeper) = (web_sys::window()?, keeper.clone());
    let options = EventListenerOptions { phase: EventListenerPhase::Capture, passive: false };
    Some(EventListener::new_with_options(&window, "paste", options, move |event| {
        let Some(event) = event.dyn_ref::<ClipboardEvent>().filter(|event| !is_typed(event)) else { return };
        let text = event.clipboard_data().and_then(|data| data.get_data("text/plain").ok());
        if let Some(text) = text.filter(|text| is_brokers(text)) {
            event.prevent_default();
            event.stop_immediate_propagation();
            let keeper = keeper.clone();
            spawn_local(async move { keeper.take_in(text.as_bytes(), "pasted definitions").await });
        }
    }))
}

/// Whether something is dragged that could be a file. What is dragged within the page is none.
fn carries_file(data: &DataTransfer) -> bool {
    let is_file = |kind: JsValue| matches!(kind.as_string().as_deref(), Some("Files" | "text/plain"));
    data.types().iter().any(is_file)
}

type OnDrag = Box<dyn Fn(&DragEvent, DataTransfer)>;

fn listen(keeper: &Rc<Keeper>, set_over: impl Fn(bool) + Clone + 'static) -> Vec<EventListener> {
    let Some(window) = web_sys::window() else { return Vec::new() };
    let options = EventListenerOptions::enable_prevent_default();
    let on = |kind: &'static str, act: OnDrag| {
        EventListener::new_with_options(&window, kind, options, move |event| {
            let event = event.dyn_ref::<DragEvent>().filter(|event| !event.default_prevented());
            let data = event.and_then(DragEvent::data_transfer).filter(carries_file);
            if let Some((event, data)) = event.zip(data) {
                act(event, data);
            }
        })
    };
    let (over, left, dropped, keeper) = (set_over.clone(), set_over.clone(), set_over, keeper.clone());
    vec![
        on(
            "dragover",
            Box::new(move |event, _| {
                event.prevent_default();
                over(true);
            }),
        ),
        on(
            "dragleave",
            Box::new(move |event, _| {
                // Only who leaves the window comes from nowhere within.
                if event.related_target().is_none() {
                    left(false);
                }
            }),
        ),
        on(
            "drop",
            Box::new(move |event, data| {
                event.prevent_default();
                dropped(false);
                if let Some(file) = data.files().and_then(|files| files.get(0)) {
                    take_in(&keeper, file);
                } else if let Ok(text) = data.get_data("text/plain") {
                    let keeper = keeper.clone();
                    spawn_local(async move { keeper.take_in(text.as_bytes(), "").await });
                }
            }),
        ),
    ]
}
