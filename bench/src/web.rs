//! The same work for the page: what JavaScript calls.

use wasm_bindgen::prelude::wasm_bindgen;

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
