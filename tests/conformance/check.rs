//! The verdict on one trace: three replays, and the report on the first that fails.

use std::cell::RefCell;
use std::fmt::Write;
use std::panic::{self, AssertUnwindSafe};

use serde_json::Value;
use similar::{ChangeTag, TextDiff};
use warren::broker::{Event, EventId, NoEvents, Sink};

use crate::replay::{Copies, Failure, Replay};
use crate::trace::{Item, Trace};

/// What came of a trace.
pub enum Outcome {
    /// All as recorded.
    Passed,
    /// Not so; a text that says where and how, indented.
    Failed(String),
}

thread_local! {
    /// The message of the last panic, and where it was.
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keeps panics from printing: they become part of a report.
pub fn silence_panics() {
    panic::set_hook(Box::new(|info| PANIC.set(info.to_string())));
}

/// Replays a trace in all ways.
pub fn check(item: &Item) -> Outcome {
    let trace = match &item.trace {
        Ok(trace) => trace,
        Err(error) => return Outcome::Failed(format!("  cannot be read: {error}\n")),
    };
    match check_all(trace) {
        Ok(()) => Outcome::Passed,
        Err(report) => Outcome::Failed(format!("  about: {}\n{report}", trace.about)),
    }
}

fn check_all(trace: &Trace) -> Result<(), String> {
    let plain = replay(trace, "without events", NoEvents, Copies::Never)?;
    let recorded = replay(trace, "with events", Vec::new(), Copies::Never)?;
    if let Some(index) = first_difference(&plain.applied, &recorded.applied) {
        return Err(format!("  with events, the answer to command {index} is another one than without\n"));
    }
    check_events(&recorded.sink)?;
    let copied = replay(trace, "saved and loaded after every command", Vec::new(), Copies::Always)?;
    if let Some(index) = first_difference(&recorded.applied, &copied.applied) {
        return Err(format!("  saved and loaded, the answer to command {index} is another one\n"));
    }
    if let Some(index) = first_difference(&recorded.sink, &copied.sink) {
        let pair = (recorded.sink.get(index), copied.sink.get(index));
        return Err(format!("  saved and loaded, event {index} is another one:\n    {:?}\n    {:?}\n", pair.0, pair.1));
    }
    Ok(())
}

/// The first index at which two lists are not the same.
fn first_difference<T: PartialEq>(left: &[T], right: &[T]) -> Option<usize> {
    let common = left.iter().zip(right).take_while(|(a, b)| a == b).count();
    (common < left.len().max(right.len())).then_some(common)
}

/// Ids are 1, 2, 3 and so on, causes come before, time does not go back.
fn check_events(events: &[Event]) -> Result<(), String> {
    let mut before_ms = 0;
    for (event, id) in events.iter().zip(1..) {
        if event.id != EventId(id) || event.cause >= event.id || event.at_ms < before_ms {
            return Err(format!(
                "  event {id}, after {before_ms} ms, has a wrong id, cause or moment:\n    {event:?}\n"
            ));
        }
        before_ms = event.at_ms;
    }
    Ok(())
}

/// One replay; a failure or a panic becomes a report.
fn replay<S: Sink>(trace: &Trace, way: &str, sink: S, copies: Copies) -> Result<Replay<S>, String> {
    let mut replay = Replay::new(sink, copies);
    // After a panic, of the replay only the place is looked at.
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| replay.run(trace)));
    let failure = match outcome {
        Ok(Ok(())) => return Ok(replay),
        Ok(Err(failure)) => failure,
        Err(_) => Failure::Broken(PANIC.take()),
    };
    let mut report = format!("  replay: {way}\n  {}\n", replay.place);
    match failure {
        Failure::Differs { what, expected, actual } => {
            report += &format!("  {what}, - expected, + actual:\n{}", difference(&expected, &actual));
        }
        Failure::Broken(text) => text.lines().for_each(|line| report += &format!("  {line}\n")),
    }
    Err(report)
}

/// Both values as JSON, line by line, with the lines that are only in one marked.
fn difference(expected: &Value, actual: &Value) -> String {
    let (expected, actual) = (format!("{expected:#}\n"), format!("{actual:#}\n"));
    let mut text = String::new();
    for change in TextDiff::from_lines(&expected, &actual).iter_all_changes() {
        let mark = match change.tag() {
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
            ChangeTag::Equal => ' ',
        };
        // Writing to a String does not fail.
        let _ = write!(text, "  {mark} {}", change.value());
    }
    text
}
