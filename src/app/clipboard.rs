//! The clipboard: it holds what was copied as the text of a scenario, for this page and for any other program.
//!
//! What always holds: where text is selected or typed, copying and pasting is the browser's own.

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Clipboard, ClipboardEvent, Element};

use super::drawing::Drawing;

/// What can be done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clip {
    /// What is selected is copied.
    Copy,
    /// It is taken away, too.
    Cut,
    /// What was copied is added.
    Paste,
}

/// Listens for the browser's own keys and menus until the answer is dropped.
pub fn listen(drawing: impl Fn() -> Option<Drawing> + Clone + 'static) -> Vec<EventListener> {
    let Some(window) = web_sys::window() else { return Vec::new() };
    let on = |name: &'static str, clip: Clip| {
        let drawing = drawing.clone();
        let options = EventListenerOptions::enable_prevent_default();
        EventListener::new_with_options(&window, name, options, move |event| {
            let event = event.dyn_ref::<ClipboardEvent>();
            if let (Some(event), Some(drawing)) = (event.filter(|event| is_for_the_picture(event)), drawing()) {
                handle(event, clip, &drawing);
            }
        })
    };
    vec![on("copy", Clip::Copy), on("cut", Clip::Cut), on("paste", Clip::Paste)]
}

/// Whether it happens where somebody types or chooses.
pub fn is_typed(event: &ClipboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.closest("input, textarea, select, dialog").ok().flatten().is_some())
}

fn is_for_the_picture(event: &ClipboardEvent) -> bool {
    let window = web_sys::window();
    let selected = window.and_then(|window| window.get_selection().ok()?).is_some_and(|text| !text.is_collapsed());
    let is_paste = event.type_() == "paste";
    !is_typed(event) && (is_paste || !selected)
}

fn handle(event: &ClipboardEvent, clip: Clip, drawing: &Drawing) {
    let Some(data) = event.clipboard_data() else { return };
    event.prevent_default();
    let taken = match clip {
        Clip::Copy => drawing.copied(),
        Clip::Cut => drawing.cut(),
        Clip::Paste => return drawing.paste(&data.get_data("text/plain").unwrap_or_default()),
    };
    match taken {
        // Text is taken by every clipboard.
        Ok(text) => {
            let _ = data.set_data("text/plain", &text);
            drawing.engine.tell_done(if clip == Clip::Copy { "copied" } else { "cut" });
        }
        Err(why) => drawing.tell(&why),
    }
}

/// The same by a button.
pub fn press(clip: Clip, drawing: &Drawing) {
    let Some(clipboard) = clipboard() else { return drawing.tell(CLOSED) };
    let drawing = drawing.clone();
    let taken = match clip {
        Clip::Copy => Some(drawing.copied()),
        Clip::Cut => Some(drawing.copied()),
        Clip::Paste => None,
    };
    spawn_local(async move {
        let done: Result<(), String> = match taken {
            None => match JsFuture::from(clipboard.read_text()).await {
                Ok(text) => {
                    drawing.paste(&text.as_string().unwrap_or_default());
                    Ok(())
                }
                Err(_) => Err(CLOSED.to_owned()),
            },
            Some(Err(why)) => Err(why),
            Some(Ok(text)) => match JsFuture::from(clipboard.write_text(&text)).await {
                Ok(_) if clip == Clip::Cut => drawing.cut().map(|_| ()),
                Ok(_) => {
                    drawing.engine.tell_done("copied");
                    Ok(())
                }
                Err(_) => Err(CLOSED.to_owned()),
            },
        };
        if let Err(why) = done {
            drawing.tell(&why);
        }
    });
}

/// Puts a text there.
///
/// # Errors
///
/// The browser does not let the page.
pub async fn put(text: &str) -> Result<(), ()> {
    let clipboard = clipboard().ok_or(())?;
    JsFuture::from(clipboard.write_text(text)).await.map(|_| ()).map_err(|_| ())
}

const CLOSED: &str = "The browser does not let the page use the clipboard by itself: press Control and C, X or V.";

/// The browser's clipboard; there is none on a page that did not come by a safe way.
pub fn clipboard() -> Option<Clipboard> {
    Some(web_sys::window()?.navigator().clipboard()).filter(|clipboard| clipboard.is_object())
}
