//! Replays recordings of a real RabbitMQ 4.3.6 against the broker, and compares all that clients got to see.
//!
//! The recordings are the `.jsonl` files of this folder, one trace a line (`derived.jsonl` is no recording: what it
//! expects is derived from RabbitMQ's source), and the `*.json` files in the folder
//! that the environment variable `CONFORMANCE_TRACES` names, if it is set. Each is replayed three times: without
//! events and compared with the recording, with events, and with the broker saved and loaded after every command.
//! The last line printed is `conformance: P passed, F failed, N traces`; N also counts the traces of [`SKIPPED`].
//!
//! Arguments are those of Rust's own test harness, as far as they make sense here: `--list`, `--exact`,
//! `--ignored`, and names or parts of names of the traces to replay.

mod answer;
mod arguments;
mod check;
mod json;
mod placeholder;
mod replay;
mod script;
mod trace;

use std::process::ExitCode;

use arguments::Arguments;
use check::Outcome;

/// Traces whose outcome nobody can foretell, each with the reason.
const SKIPPED: &[(&str, &str)] = &[];

fn main() -> ExitCode {
    let arguments = Arguments::new(std::env::args().skip(1));
    let collection = trace::collect();
    let chosen: Vec<_> = collection.traces.iter().filter(|item| arguments.wants(&item.name)).collect();
    if arguments.list {
        for item in chosen {
            println!("{}: test", item.name);
        }
        return ExitCode::SUCCESS;
    }
    for note in &collection.notes {
        println!("{note}");
    }
    check::silence_panics();
    let (mut passed, mut failed) = (0, 0);
    for item in &chosen {
        if let Some((_, reason)) = SKIPPED.iter().find(|(name, _)| *name == item.name) {
            println!("skipped {}: {reason}", item.name);
            continue;
        }
        match check::check(item) {
            Outcome::Passed => passed += 1,
            Outcome::Failed(report) => {
                failed += 1;
                println!("FAILED {}\n{report}", item.name);
            }
        }
    }
    println!("conformance: {passed} passed, {failed} failed, {} traces", chosen.len());
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
