//! A thousand worlds out of seeds: nothing panics, nothing disappears, everything is the same the second time.
//!
//! `WORLD_SEED=123 cargo test --test worlds` plays one world, `WORLD_SEEDS=20000` as many, `WORLD_FIRST=5000` other ones.
#![cfg(not(target_arch = "wasm32"))]

mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use support::audit::Audit;
use support::worlds::changes::changed;
use support::worlds::{self, Dice};
use warren::broker::Broker;
use warren::share::{self, File};
use warren::simulation::{Deed, LogEntry, Scenario, World};
use warren::view::Film;
use warren::view::explain::Teller;

/// How many worlds, unless said otherwise.
const WORLDS: u64 = 1_000;
/// Where a world's story ends: after so many steps, or at this moment, virtual milliseconds.
const STEPS_MAX: usize = 300;
const UNTIL_MS: u64 = 4_000;
/// How often somebody changes a client; steps.
const CHANGE_EVERY: usize = 41;
/// How often a world is cloned, and its broker saved and loaded; steps.
const CLONE_EVERY: usize = 97;
/// Of a story that went wrong so much of the end is shown, entries.
const SHOWN: usize = 12;
/// How often an entry is written and read; entries.
const WRITE_EVERY: u64 = 31;

#[test]
fn every_world_keeps_its_promises() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (first, count) = match number("WORLD_SEED") {
        Some(seed) => (seed, 1),
        None => (number("WORLD_FIRST").unwrap_or(0), number("WORLD_SEEDS").unwrap_or(WORLDS)),
    };
    let next = AtomicU64::new(first);
    let failures = Mutex::new(Vec::new());
    let entries = AtomicU64::new(0);
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + count {
                        return;
                    }
                    match outcome(seed) {
                        Ok(length) => {
                            entries.fetch_add(length, Ordering::Relaxed);
                        }
                        Err(wrong) => failures.lock().expect("no thread panics").push((seed, wrong)),
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().expect("no thread panics");
    println!("{count} worlds, {} entries", entries.load(Ordering::Relaxed));
    for (seed, wrong) in failures.iter().take(10) {
        println!("world {seed}: {wrong}\n  to play it again: WORLD_SEED={seed} cargo test --test worlds");
    }
    assert!(failures.is_empty(), "{} of {count} worlds are wrong", failures.len());
    assert!(entries.into_inner() > count * 30, "hardly anything happened");
}

/// How long the log of a seed's world is, or what is wrong with it.
fn outcome(seed: u64) -> Result<u64, String> {
    let played = catch_unwind(AssertUnwindSafe(|| play(&worlds::scenario(seed))));
    played.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(format!("it panicked: {}", text.unwrap_or_default()))
    })
}

/// Two worlds of one scenario, side by side; now and then the second gives way to a clone of the first.
struct Twins {
    first: World,
    second: World,
}

impl Twins {
    /// What both wrote in this step.
    fn step(&mut self) -> Result<Option<Vec<LogEntry>>, String> {
        if self.first.next_ms().is_none_or(|next_ms| next_ms > UNTIL_MS) {
            return Ok(None);
        }
        let (mut log, mut other) = (Vec::new(), Vec::new());
        self.first.step(&mut log);
        self.second.step(&mut other);
        if log != other {
            return Err(format!("the same world wrote {log:?} and {other:?}"));
        }
        Ok(Some(log))
    }

    /// Somebody changes a client of both. What both wrote.
    fn change(&mut self, dice: &mut Dice) -> Result<Vec<LogEntry>, String> {
        let there: Vec<_> = self.first.clients().iter().filter(|client| !client.is_gone()).collect();
        let Some(client) = there.get(dice.below(there.len())) else { return Ok(Vec::new()) };
        let change = Deed::Change(changed(dice, &client.spec));
        let (mut log, mut other) = (Vec::new(), Vec::new());
        let done = (self.first.perform(&change, &mut log), self.second.perform(&change, &mut other));
        if log != other || done.0.is_err() || done.1.is_err() {
            return Err(format!("{change:?}: the same world wrote {log:?} and {other:?}: {done:?}"));
        }
        Ok(log)
    }

    fn compare(&mut self) -> Result<(), String> {
        if self.first != self.second {
            return Err("the same log, and other worlds".to_owned());
        }
        self.second = self.first.clone();
        let broker = self.first.broker();
        let saved = serde_json::to_string(broker).map_err(|error| format!("the broker cannot be saved: {error}"))?;
        let loaded: Broker =
            serde_json::from_str(&saved).map_err(|error| format!("the broker cannot be loaded: {error}"))?;
        if loaded == *broker { Ok(()) } else { Err("what is loaded is not the broker that was saved".to_owned()) }
    }
}

fn play(scenario: &Scenario) -> Result<u64, String> {
    file_again(scenario)?;
    let (mut film, mut audit) = (Film::default(), Audit::default());
    let (mut log, mut other) = (Vec::new(), Vec::new());
    let first = World::new(scenario, &mut log).map_err(|error| format!("it does not begin: {error}"))?;
    let second = World::new(scenario, &mut other).map_err(|error| format!("it does not begin again: {error}"))?;
    if log != other {
        return Err("it does not begin the same way".to_owned());
    }
    let mut twins = Twins { first, second };
    let mut dice = Dice::new(scenario.seed);
    let mut length = 0;
    for step in 0..STEPS_MAX {
        length += log.len() as u64;
        for entry in log.drain(..) {
            audit.entry(&entry)?;
            if entry.seq % WRITE_EVERY == 0 {
                read_again("an entry", &entry)?;
            }
            film.push(entry);
        }
        if let Err(wrong) = audit.step_done(&twins.first) {
            return Err(format!("at {} ms: {wrong}\n{}", twins.first.now_ms(), last_words(&film, &audit)));
        }
        if step % CLONE_EVERY == CLONE_EVERY - 1 {
            twins.compare()?;
        }
        match twins.step()? {
            Some(entries) => log = entries,
            None => break,
        }
        if step % CHANGE_EVERY == CHANGE_EVERY - 1 {
            log.extend(twins.change(&mut dice)?);
        }
    }
    twins.compare()?;
    tell(&film, &audit)?;
    Ok(length)
}

/// The end of a story that went wrong.
fn last_words(film: &Film, audit: &Audit) -> String {
    let teller = Teller::new(film, audit.board());
    let first = film.history().len().saturating_sub(SHOWN);
    let lines = film
        .history()
        .from(first)
        .map(|entry| format!("  {} {} ms: {}", entry.seq, entry.at_ms, teller.sentence(entry)));
    lines.collect::<Vec<_>>().join("\n")
}

/// As a file, the scenario is the same.
fn file_again(scenario: &Scenario) -> Result<(), String> {
    let file = File::from(scenario.clone());
    let text = file.to_text().map_err(|error| format!("the scenario cannot be written: {error}"))?;
    let read = share::parse(&text).map_err(|error| format!("the scenario cannot be read: {error}"))?;
    if read == file { Ok(()) } else { Err(format!("the scenario is another once it is read: {text}")) }
}

/// Written and read, it is the same.
fn read_again<T: PartialEq + serde::Serialize + serde::de::DeserializeOwned>(what: &str, it: &T) -> Result<(), String> {
    let text = serde_json::to_string(it).map_err(|error| format!("{what} cannot be written: {error}"))?;
    let read: T = serde_json::from_str(&text).map_err(|error| format!("{what} cannot be read: {error}\n{text}"))?;
    if read == *it { Ok(()) } else { Err(format!("{what} is another once it is read: {text}")) }
}

/// Every entry has its sentence: words that end as a sentence does, with nothing that only a programmer would write.
fn tell(film: &Film, audit: &Audit) -> Result<(), String> {
    if film.history().front().board != *audit.board() {
        return Err("the film shows another board".to_owned());
    }
    let teller = Teller::new(film, audit.board());
    for entry in film.history().from(0) {
        let sentence = teller.sentence(entry);
        let words = sentence.parts().iter().filter_map(|part| match part {
            warren::view::sentence::Part::Words(words) => Some(words.as_str()),
            warren::view::sentence::Part::Name(_) => None,
        });
        let of_a_program = ["Some(", "None", "Ok(", "Err(", " { ", "::", "Name(", "\\\"", "ChannelId", "_id:"];
        let words: String = words.collect();
        if let Some(wrong) = of_a_program.into_iter().find(|wrong| words.contains(wrong)) {
            return Err(format!("entry {} says {wrong:?}: {sentence}", entry.seq));
        }
        let text = sentence.to_string();
        if text.len() < 8 || !text.ends_with(['.', '\'', ')', ':', ']']) && !words.contains(" - ") {
            return Err(format!("entry {} is no sentence: {text:?}", entry.seq));
        }
    }
    Ok(())
}
