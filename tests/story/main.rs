//! The story in paragraphs: what belongs together, what is read of it, how it is written; and the stories of the scenarios
//! that come with Warren, word for word (`golden`).

#![cfg(not(target_arch = "wasm32"))]

#[path = "../support/mod.rs"]
mod support;

mod golden;
mod paragraphs;

use warren::share;
use warren::simulation::{Scenario, World};
use warren::view::Film;

/// A scenario that comes with Warren.
pub fn example(name: &str) -> Scenario {
    let path = golden::root().join("www/examples").join(name).with_extension("json");
    share::parse(std::fs::read(path).expect("it can be read")).expect("it is right").scenario
}

/// A scenario's film up to a moment, and no longer than so many entries.
pub fn film(scenario: &Scenario, until_ms: u64, most: usize) -> Film {
    let mut log = Vec::new();
    let mut world = World::new(scenario, &mut log).expect("it begins");
    let mut film = Film::default();
    loop {
        log.drain(..).for_each(|entry| film.push(entry));
        if film.len() >= most || world.next_ms().is_none_or(|next_ms| next_ms > until_ms) {
            return film;
        }
        world.step(&mut log);
    }
}
