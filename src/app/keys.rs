//! The keyboard: which key does what, wherever the focus is.
//!
//! Keys that are a single character can be turned off, for those who speak what they type or press keys by mistake (WCAG 2.1.4,
//! *Character Key Shortcuts*): all they do can be done by others, or by a button.

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use super::drawing::{Ask, Zoom};
use super::store::storages;
use super::theme::Theme;
use crate::broker::MessageId;

/// What people can ask of the page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Command {
    /// Play, or pause.
    TogglePlay,
    /// One event on.
    Next,
    /// One event back.
    Back,
    /// To the beginning.
    Restart,
    /// Begin anew, with what is written now.
    BeginAnew,
    /// To the furthest that one has been.
    End,
    /// To the next thing that people look for.
    NextInteresting,
    /// To the last such thing.
    PreviousInteresting,
    /// To where so many entries have happened.
    Seek(usize),
    /// Take the last change back.
    Undo,
    /// Make the change again that was taken back last.
    Redo,
    /// Something on the picture.
    Picture(Ask),
    /// To the line where commands are typed.
    Line,
    /// Another speed.
    Speed(f64),
    /// An empty scenario.
    New,
    /// Choose a file to open.
    OpenFile,
    /// Save the scenario as a file.
    SaveFile,
    /// Make a link to what is open.
    Share,
    /// Take the picture out of the page.
    Export,
    /// Show what this browser keeps.
    Mine,
    /// Light or dark.
    Theme(Theme),
    /// Present it, or leave that.
    Present,
    /// The tour from its beginning.
    Tour,
    /// Follow a message.
    Follow(MessageId),
    /// Follow the message that an entry is about.
    FollowEntry(u64),
    /// Follow the message that the last event was about.
    FollowLast,
    /// Follow none any more.
    StopFollowing,
    /// Show the keys.
    Help,
}

/// Under which the choice is kept, and what turns them off.
const CHARACTERS: (&str, &str) = ("warren.character-keys", "off");

/// Whether keys that are a single character do something. They do where the browser keeps nothing.
pub fn are_characters_on() -> bool {
    let kept = storages().0.and_then(|shared| shared.get_item(CHARACTERS.0).ok()?);
    kept.as_deref() != Some(CHARACTERS.1)
}

/// Turns keys that are a single character on or off, and remembers it.
pub fn turn_characters(are_on: bool) {
    if let (Some(shared), _) = storages() {
        // Who keeps nothing has them on.
        let _ = if are_on { shared.remove_item(CHARACTERS.0) } else { shared.set_item(CHARACTERS.0, CHARACTERS.1) };
    }
}

/// Whether a key is a letter, a digit or a sign by itself, and those are turned off.
fn is_turned_off(event: &KeyboardEvent) -> bool {
    let key = event.key();
    key != " " && key.chars().count() == 1 && !are_characters_on()
}

/// Listens until the answer is dropped.
pub fn listen(on_command: impl Fn(Command) + 'static) -> Option<EventListener> {
    let window = web_sys::window()?;
    let options = EventListenerOptions::enable_prevent_default();
    Some(EventListener::new_with_options(&window, "keydown", options, move |event| {
        let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
        if let Some(command) = command(event) {
            // Escape also closes what is the browser's to close.
            if command != Command::Picture(Ask::Cancel) {
                event.prevent_default();
            }
            on_command(command);
        }
    }))
}

fn command(event: &KeyboardEvent) -> Option<Command> {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    // Until the next frame, a dialog that was closed keeps the focus; what is typed then is meant for the page.
    let target = target.filter(|target| !is_within(target, "dialog:not([open])"));
    let within = |selector: &str| target.as_ref().is_some_and(|target| is_within(target, selector));
    if event.default_prevented() || within("dialog, .popup") {
        return None;
    }
    let key = event.key();
    let with = With { control: event.ctrl_key() || event.meta_key(), alt: event.alt_key(), shift: event.shift_key() };
    let command = meaning(&key, with)?;
    // The browser's own would open and save what is no scenario, wherever the focus is.
    let is_anywhere = matches!(command, Command::OpenFile | Command::SaveFile);
    let is_typed = !is_anywhere && within("input, select, textarea");
    let is_off = with == With { shift: with.shift, ..With::default() } && is_turned_off(event);
    let is_of_the_target = !with.control
        && !with.alt
        && match key.as_str() {
            " " => within("button, [role=button], [role=tab], a, summary"),
            "ArrowRight" | "ArrowLeft" | "Home" | "End" => within("[role=tab]"),
            _ => false,
        };
    (!is_typed && !is_off && !is_of_the_target).then_some(command)
}

/// What is held down beside a key. Control may be the key that stands for it elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct With {
    /// Control, or the Command key.
    pub control: bool,
    /// Alt.
    pub alt: bool,
    /// Shift.
    pub shift: bool,
}

/// What a key means, by what browsers call it, wherever nothing else takes it.
pub fn meaning(key: &str, with: With) -> Option<Command> {
    match with {
        With { control: true, .. } if matches!(key, "o" | "O") => Some(Command::OpenFile),
        With { control: true, .. } if matches!(key, "s" | "S") => Some(Command::SaveFile),
        With { alt: true, .. } => arrow(key).map(|(x, y)| Command::Picture(Ask::Nudge(x, y))),
        With { control: true, shift, .. } => with_control(key, shift),
        With { shift, .. } => alone(key, shift),
    }
}

/// Which way an arrow points.
fn arrow(key: &str) -> Option<(i8, i8)> {
    match key {
        "ArrowLeft" => Some((-1, 0)),
        "ArrowRight" => Some((1, 0)),
        "ArrowUp" => Some((0, -1)),
        "ArrowDown" => Some((0, 1)),
        _ => None,
    }
}

fn with_control(key: &str, shift: bool) -> Option<Command> {
    match key.to_lowercase().as_str() {
        "z" if shift => Some(Command::Redo),
        "z" => Some(Command::Undo),
        "y" => Some(Command::Redo),
        "a" => Some(Command::Picture(Ask::All)),
        "d" => Some(Command::Picture(Ask::Duplicate)),
        _ => arrow(key).map(|(x, y)| Command::Picture(Ask::Pan(x, y))),
    }
}

fn alone(key: &str, shift: bool) -> Option<Command> {
    match key {
        " " => Some(Command::TogglePlay),
        "ArrowRight" if shift => Some(Command::NextInteresting),
        "ArrowLeft" if shift => Some(Command::PreviousInteresting),
        "ArrowRight" | "n" | "N" => Some(Command::Next),
        "ArrowLeft" | "b" | "B" => Some(Command::Back),
        "Home" => Some(Command::Restart),
        "End" => Some(Command::End),
        "p" | "P" => Some(Command::Present),
        "s" | "S" => Some(Command::Share),
        "r" | "R" => Some(Command::BeginAnew),
        "+" | "=" => Some(Command::Picture(Ask::Zoom(Zoom::In))),
        "-" => Some(Command::Picture(Ask::Zoom(Zoom::Out))),
        "0" => Some(Command::Picture(Ask::Zoom(Zoom::Fit))),
        "f" | "F" => Some(Command::FollowLast),
        "?" => Some(Command::Help),
        "/" => Some(Command::Line),
        "Delete" | "Backspace" => Some(Command::Picture(Ask::Delete)),
        "Escape" => Some(Command::Picture(Ask::Cancel)),
        "l" | "L" => Some(Command::Picture(Ask::Link)),
        "e" | "E" => Some(Command::Picture(Ask::Edge)),
        "c" | "C" => Some(Command::Picture(Ask::Compare)),
        "A" => Some(Command::Picture(Ask::Arrange)),
        "a" => Some(Command::Picture(Ask::Add)),
        _ => None,
    }
}

/// Whether a key without Control or Alt is meant for the page, and is not typed into something.
pub fn is_for_the_page(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let is_typed = |target: &Element| is_within(target, "dialog[open], .popup, input, select, textarea");
    let has_more = event.ctrl_key() || event.meta_key() || event.alt_key();
    !has_more && !is_turned_off(event) && target.as_ref().is_none_or(|target| !is_typed(target))
}

fn is_within(target: &Element, selector: &str) -> bool {
    target.closest(selector).ok().flatten().is_some()
}
