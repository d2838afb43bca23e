//! Scenario files: each of them round-trips and plays; each wrong one is refused with its place.
//!
//! With `SCENARIO_FILES=write` the files in `www/examples` are written anew, in the form in which Warren writes files.
#![cfg(not(target_arch = "wasm32"))]

use std::path::{Path, PathBuf};

use warren::share::{self, File};
use warren::simulation::{LogEntry, World};

/// Asked at run time: several clones may share what is compiled.
fn root() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("an entry").path());
    let mut found: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|ending| ending == "json")).collect();
    found.sort();
    found
}

/// Every scenario file of the repository, with its name.
fn examples() -> Vec<(String, String)> {
    let read = |path: PathBuf| (path.display().to_string(), std::fs::read_to_string(&path).expect("it can be read"));
    files(&root().join("www/examples")).into_iter().map(read).collect()
}

fn opened(name: &str, text: &str) -> File {
    share::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// What happens in the first minute, or in the first so many entries.
fn log_of(name: &str, file: &File) -> Vec<LogEntry> {
    const ENTRIES_MAX: usize = 20_000;
    const UNTIL_MS: u64 = 60_000;
    let mut log = Vec::new();
    let mut world = World::new(&file.scenario, &mut log).unwrap_or_else(|error| panic!("{name}: {error}"));
    while log.len() < ENTRIES_MAX && world.next_ms().is_some_and(|next_ms| next_ms <= UNTIL_MS) {
        world.step(&mut log);
    }
    log
}

#[test]
fn files_come_back_byte_for_byte() {
    let rewrites = std::env::var_os("SCENARIO_FILES").is_some_and(|value| value == "write");
    let examples = examples();
    assert!(!examples.is_empty());
    for (name, text) in examples {
        let file = opened(&name, &text);
        let written = file.to_text().expect("it can be written");
        assert_eq!(opened(&name, &written), file, "{name}");
        if rewrites {
            std::fs::write(&name, written).expect("it can be saved");
        } else {
            similar_texts(&name, &text, &written);
        }
    }
}

fn similar_texts(name: &str, before: &str, after: &str) {
    let diff = similar::TextDiff::from_lines(before, after).unified_diff().to_string();
    assert!(before == after, "{name} is written otherwise (SCENARIO_FILES=write does so):\n{diff}");
}

#[test]
fn files_play_twice_with_equal_logs() {
    for (name, text) in examples() {
        let file = opened(&name, &text);
        let log = log_of(&name, &file);
        assert!(log.len() > 100, "{name} has only {} entries", log.len());
        assert!(log == log_of(&name, &file), "{name} differs from one run to the next");
        assert!(file.lesson.is_some_and(|lesson| !lesson.title.is_empty() && !lesson.text.is_empty()), "{name}");
    }
}
