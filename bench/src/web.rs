//! The same work for the page: what JavaScript calls.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::history::{self, Past, Play, Story, Work};
use crate::{Bed, Topology};

/// A broker at work, for JavaScript.
#[wasm_bindgen]
pub struct WebBed(Bed);

#[wasm_bindgen]
impl WebBed {
    /// `kind` is `direct`, `topic` or `plain topic`.
    #[wasm_bindgen(constructor)]
    pub fn new(kind: &str, bindings: u32) -> WebBed {
        WebBed(Bed::new(match kind {
            "direct" => Topology::Direct(bindings),
            "topic" => Topology::Topic(bindings),
            "plain topic" => Topology::PlainTopic(bindings),
            other => panic!("no such kind: {other}"),
        }))
    }

    /// A broker with so many ready messages in one queue, each with a payload of its own.
    pub fn with_ready(messages: u32) -> WebBed {
        WebBed(Bed::with_ready(messages))
    }

    /// Consumes and acknowledges those; answers how many they were.
    pub fn drain(&mut self) -> u32 {
        u32::try_from(self.0.drain()).unwrap_or(u32::MAX)
    }

    /// Sends messages through, without events.
    pub fn run(&mut self, messages: u32) {
        self.0.run(messages.into());
    }

    /// The same, with events.
    pub fn run_recording(&mut self, messages: u32) {
        self.0.run_recording(messages.into());
    }
}

/// A story that is played, for JavaScript.
#[wasm_bindgen]
pub struct WebPlay(Play);

#[wasm_bindgen]
impl WebPlay {
    /// `story` is `shop` or `backlog`; `work` is `world`, `scene` or `film`.
    #[wasm_bindgen(constructor)]
    pub fn new(story: &str, work: &str) -> WebPlay {
        let work = match work {
            "world" => Work::World,
            "scene" => Work::Scene,
            "film" => Work::Film,
            other => panic!("no such work: {other}"),
        };
        WebPlay(Play::new(named(story), work))
    }

    /// Plays so many entries.
    pub fn run(&mut self, entries: u32) {
        self.0.run(entries.into());
    }
}

/// A story and its past, for JavaScript.
#[wasm_bindgen]
pub struct WebPast(Past);

#[wasm_bindgen]
impl WebPast {
    /// `story` is `shop` or `backlog`.
    #[wasm_bindgen(constructor)]
    pub fn new(story: &str) -> WebPast {
        WebPast(Past::new(named(story)))
    }

    /// Plays on until there are so many entries.
    pub fn grow(&mut self, entries: u32) {
        self.0.grow(entries);
    }

    /// How many entries there are.
    pub fn len(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    /// Somewhere before a place.
    pub fn somewhere(&mut self, before: u32) -> u32 {
        self.0.somewhere(before)
    }

    /// Goes to where so many entries have happened.
    pub fn seek(&mut self, cursor: u32) {
        self.0.seek(cursor);
    }

    /// How many messages are queued there.
    pub fn queued(&self) -> u32 {
        u32::try_from(self.0.queued()).unwrap_or(u32::MAX)
    }

    /// Changes something there.
    pub fn change(&mut self) {
        self.0.change();
    }
}

/// The time that going to any of so many events may take, milliseconds.
#[wasm_bindgen]
pub fn target_ms(entries: u32) -> f64 {
    history::target_ms(entries)
}

/// After how many entries places are gone to.
#[wasm_bindgen]
pub fn sizes() -> Vec<u32> {
    history::SIZES.to_vec()
}

/// Among how many entries something is changed.
#[wasm_bindgen]
pub fn changed() -> u32 {
    history::CHANGED
}

/// How many places are gone to.
#[wasm_bindgen]
pub fn seeks() -> u32 {
    history::SEEKS
}

fn named(story: &str) -> Story {
    [Story::Shop, Story::Backlog].into_iter().find(|known| known.name() == story).expect("there is such a story")
}
