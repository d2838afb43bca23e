//! Scenario files: each of them round-trips and plays; each wrong one is refused with its place.
//!
//! With `SCENARIO_FILES=write` the files in `www/examples` are written anew, in the form in which Warren writes files, and
//! so are the schema and what is said of the malformed ones: look at what changed before you keep it.
#![cfg(not(target_arch = "wasm32"))]

mod random;
mod schema;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use support::audit::log_of;
use support::scenario_file::try_bytes;
use warren::broker::Resource;
use warren::history::Fold;
use warren::lesson::{Judge, State};
use warren::share::examples::{GROUPS, is_there};
use warren::share::{self, File};
use warren::view::rates::{Counter, Holds, Length, Measured, Rates};

/// So long each file plays.
const UNTIL_MS: u64 = 60_000;

/// Asked at run time: several clones may share what is compiled.
fn root() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default()
}

fn rewrites() -> bool {
    std::env::var_os("SCENARIO_FILES").is_some_and(|value| value == "write")
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

#[test]
fn files_come_back_byte_for_byte() {
    let examples = examples();
    assert!(!examples.is_empty());
    for (name, text) in examples {
        let file = opened(&name, &text);
        let written = file.to_text().expect("it can be written");
        assert_eq!(opened(&name, &written), file, "{name}");
        if rewrites() {
            // Another test may be reading it.
            let new = format!("{name}.new");
            std::fs::write(&new, written).and_then(|()| std::fs::rename(&new, &name)).expect("it can be saved");
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
        let log = log_of(&file.scenario, UNTIL_MS);
        assert!(log.len() > 100, "{name} has only {} entries", log.len());
        assert!(log == log_of(&file.scenario, UNTIL_MS), "{name} differs from one run to the next");
        assert!(file.lesson.is_some_and(|lesson| !lesson.title.is_empty() && !lesson.text.is_empty()), "{name}");
    }
}

#[test]
fn files_come_to_what_they_expect() {
    for (name, text) in examples() {
        let file = opened(&name, &text);
        let mut judge = Judge::new(&file.expect);
        log_of(&file.scenario, UNTIL_MS).iter().for_each(|entry| judge.apply(entry));
        let unmet: Vec<String> = judge
            .verdicts(UNTIL_MS)
            .filter(|(_, verdict)| verdict.state != State::Met)
            .map(|(goal, verdict)| format!("{}: {verdict:?}", goal.text))
            .collect();
        assert!(!file.expect.is_empty() && unmet.is_empty(), "{name}: {}", unmet.join("\n"));
    }
}

#[test]
fn every_example_is_in_one_group_and_has_a_title_of_its_own() {
    let name = |path: PathBuf| path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let found: Vec<String> = files(&root().join("www/examples")).into_iter().filter_map(name).collect();
    let mut listed: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
    listed.sort_unstable();
    assert_eq!(listed, found);
    assert!(listed.iter().all(|name| is_there(name)) && !is_there("../scenario.schema"));
    let titles: BTreeSet<String> =
        examples().iter().filter_map(|(name, text)| Some(opened(name, text).lesson?.title.to_string())).collect();
    assert_eq!(titles.len(), found.len());
}

/// What the curriculum says of *watch*, read as the management UI shows it.
#[test]
fn watch_has_the_figures_that_it_is_known_for() {
    let text = std::fs::read_to_string(root().join("www/examples/watch.json")).expect("it can be read");
    let scenario = opened("watch", &text).scenario;
    let mut rates = Rates::default();
    log_of(&scenario, 27_000).iter().for_each(|entry| rates.apply(entry));
    let resource = Resource { vhost: "/".into(), name: "recommendation.watch.*".into() };
    let queue = rates.queue(&resource).expect("it is there");
    let lengths = [Length::Ready, Length::Unacked, Length::Total].map(|length| queue.length(length));
    assert_eq!(lengths, [0, 16, 16]);
    let shown = |counter| queue.rate(counter, 27_000).map(|rate| rate.to_string()).unwrap_or_default();
    let counters = [Counter::Publish, Counter::Deliver, Counter::Ack];
    assert_eq!(counters.map(shown), ["29/s", "30/s", "30/s"]);
    let none = [Counter::DeliverNoAck, Counter::Redeliver, Counter::Get, Counter::GetNoAck];
    assert_eq!(none.map(shown), ["0.00/s"; 4]);
}

/// Every malformed file: beside `NAME.json` stands what is said of it, in `NAME.expected`.
#[test]
fn malformed_files_are_refused_with_their_place() {
    let files = files(&root().join("tests/scenario_files/malformed"));
    assert!(files.len() >= 100, "only {} files", files.len());
    let mut differing = Vec::new();
    for path in files {
        let bytes = std::fs::read(&path).expect("it can be read");
        let expected = std::fs::read_to_string(path.with_extension("expected")).unwrap_or_default();
        let said = match share::parse(&bytes) {
            Ok(_) => "nothing".to_owned(),
            Err(error) => error.to_string(),
        };
        if rewrites() {
            std::fs::write(path.with_extension("expected"), format!("{said}\n")).expect("it can be saved");
        } else if said != expected.trim_end_matches('\n') {
            differing.push(format!("{}: says {said}", path.display()));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

fn refused(text: impl AsRef<[u8]>) -> String {
    share::parse(text).expect_err("it is too much").to_string()
}

#[test]
fn what_is_too_much_is_refused() {
    let with = |field: &str, value: &str| format!(r#"{{"format": "warren/1", "name": "n", "{field}": {value}}}"#);
    let megabytes = |count: usize| "x".repeat(count * 1024 * 1024);
    let list = |entry: &str, count: usize| format!("[{}]", vec![entry; count].join(","));
    let producer = |payload: &str| format!(r#"[{{"name": "p", "role": "producer", "payload": "{payload}"}}]"#);
    assert_eq!(refused(with("clients", &producer(&megabytes(10)))), "file: expected at most 8388608 bytes");
    assert_eq!(refused(megabytes(10)), "file: expected at most 8388608 bytes");
    assert_eq!(
        refused(with("clients", &producer(&megabytes(2)))),
        "clients[0].payload: expected at most 1048576 bytes"
    );
    assert!(share::parse(with("clients", &producer(&megabytes(1)))).is_ok());
    assert_eq!(refused(with("clients", &list("{}", 1_001))), "clients: expected at most 1000 entries");
    assert_eq!(refused(with("script", &list("{}", 10_001))), "script: expected at most 10000 entries");
    assert_eq!(refused(with("clients", &list("{}", 100_001))), "clients: expected at most 100000 entries");
    let fields: Vec<String> = (0..100_001).map(|number| format!(r#""{number}": 0"#)).collect();
    let object = format!("{{{}}}", fields.join(","));
    assert_eq!(refused(with("layout", &object)), "layout: expected at most 100000 fields");
    let many = list(&list("0", 1_000), 1_001);
    assert!(refused(with("script", &many)).ends_with("expected at most 1000000 values in the whole file"));
    let deep = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(refused(deep(1_000_000)).ends_with("expected at most 40 values inside of one another"));
    let long_key = format!(r#"{{"{}": 0}}"#, megabytes(1));
    assert!(refused(with("layout", &long_key)).ends_with("expected at most 255 bytes in the name of a field"));
}

/// A text with some of its bytes changed, moved, doubled or gone: mostly no file any more, and sometimes another one.
fn mutated(mut bytes: Vec<u8>, changes: &[(prop::sample::Index, prop::sample::Index, u8, u8)]) -> Vec<u8> {
    for (at, other, kind, byte) in changes {
        if bytes.is_empty() {
            return bytes;
        }
        let (at, other) = (at.index(bytes.len()), other.index(bytes.len()));
        let (first, last) = (at.min(other), at.max(other));
        match kind % 6 {
            0 => bytes[at] = *byte,
            1 => bytes.swap(at, other),
            2 => drop(bytes.drain(first..last.min(first + 40))),
            3 => bytes.insert(at, b"0123456789{}[],:\"-."[usize::from(*byte) % 19]),
            4 => {
                let piece = bytes[first..last.min(first + 200)].to_vec();
                bytes.splice(first..first, piece);
            }
            _ => bytes[at] = b'0' + byte % 10,
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_becomes_of_a_file_nothing_panics(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec(any::<(prop::sample::Index, prop::sample::Index, u8, u8)>(), 1..6),
    ) {
        let examples = examples();
        let (_, text) = &examples[which.index(examples.len())];
        let bytes = mutated(text.clone().into_bytes(), &changes);
        if let Err(wrong) = try_bytes(&bytes) {
            prop_assert!(false, "{wrong}\nof {}", String::from_utf8_lossy(&bytes));
        }
    }
}
