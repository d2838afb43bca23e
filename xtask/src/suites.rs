//! `cargo xtask test`: every suite, then one line for each and a total.
//!
//! What always holds: a suite that fails does not keep the later ones from running; a suite that could not count its tests
//! and failed counts as one failure; the exit status tells.

mod count;

use crate::setup::{self, Kit};
use crate::{paths, run, server, site};
use anyhow::{Result, bail};
use count::{Count, Counter};
use std::process::Command;
use std::time::{Duration, Instant};

const TARGET: &str = "wasm32-unknown-unknown";
/// Deep on purpose: the site must work from any folder.
const MOUNT: &str = "course/week-3/warren";

/// What `run` offers, in the order it is run: the quick ones first.
const SUITES: [Suite; 9] = [
    Suite { name: "fmt", what: "the format of the code", run: fmt },
    Suite { name: "clippy", what: "lints, natively", run: clippy },
    Suite { name: "clippy-wasm", what: "lints, for wasm32", run: clippy_wasm },
    Suite { name: "tidy", what: "the rules of the house", run: tidy },
    Suite { name: "native", what: "tests of the core", run: native },
    Suite { name: "conformance", what: "recordings of a real RabbitMQ", run: conformance },
    Suite { name: "definitions", what: "a broker's files in and out", run: definitions },
    Suite { name: "wasm", what: "tests inside of headless Chromium", run: wasm },
    Suite { name: "e2e", what: "the built site in a browser, with axe", run: e2e },
];

/// Test programs that are suites by themselves.
const WITH_OWN_LINE: [&str; 3] = ["conformance", "definitions", "tidy"];

struct Suite {
    name: &'static str,
    what: &'static str,
    run: fn(&Kit) -> Result<Count>,
}

struct Outcome {
    name: &'static str,
    count: Count,
    took: Duration,
}

/// Runs the named suites, all of them if none is named. True if nothing failed.
pub fn run(names: &[String]) -> Result<bool> {
    let chosen = choose(names)?;
    let kit = setup::for_tests()?;
    let mut outcomes = Vec::new();
    for suite in chosen {
        println!("\n== {}: {}", suite.name, suite.what);
        let started = Instant::now();
        let count = (suite.run)(&kit).unwrap_or_else(|error| {
            println!("{}: {error:#}", suite.name);
            Count::FAILURE
        });
        outcomes.push(Outcome { name: suite.name, count, took: started.elapsed() });
    }
    println!("\n{}", summary(&outcomes));
    Ok(outcomes.iter().all(|outcome| outcome.count.failed == 0))
}

fn choose(names: &[String]) -> Result<Vec<&'static Suite>> {
    let known: Vec<&str> = SUITES.iter().map(|suite| suite.name).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
        bail!("there is no suite `{unknown}`; there are: {}", known.join(", "));
    }
    Ok(SUITES.iter().filter(|suite| names.is_empty() || names.iter().any(|name| name == suite.name)).collect())
}

/// One line a suite; the last line is the total.
fn summary(outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    let mut total = Count::default();
    for Outcome { name, count, took } in outcomes {
        let verdict = if count.failed == 0 { "ok" } else { "FAILED" };
        let skipped = if count.skipped > 0 { format!(", {} skipped", count.skipped) } else { String::new() };
        text += &format!(
            "{name:<12} {verdict:<7} {:>5} passed, {} failed{skipped}, {:.1} s\n",
            count.passed,
            count.failed,
            took.as_secs_f64()
        );
        total = total + *count;
    }
    text + &format!("warren: {} passed, {} failed", total.passed, total.failed)
}

fn fmt(kit: &Kit) -> Result<Count> {
    check(kit.command("cargo").args(["fmt", "--all", "--check"]))
}

fn clippy(kit: &Kit) -> Result<Count> {
    check(kit.command("cargo").args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

fn clippy_wasm(kit: &Kit) -> Result<Count> {
    check(kit.wasm_command("cargo").args(["clippy", "--target", TARGET, "--all-targets", "--", "-D", "warnings"]))
}

fn tidy(kit: &Kit) -> Result<Count> {
    counted(kit.command("cargo").args(["test", "--test", "tidy"]), 1)
}

/// All but the test programs that have a line of their own, and the examples in the documentation.
fn native(kit: &Kit) -> Result<Count> {
    let mut programs = kit.command("cargo");
    programs.args(["test", "--workspace", "--no-fail-fast", "--lib", "--bins"]);
    for name in test_programs()?.iter().filter(|name| !WITH_OWN_LINE.contains(&name.as_str())) {
        programs.args(["--test", name]);
    }
    let examples = counted(kit.command("cargo").args(["test", "--doc"]).env("RUSTDOCFLAGS", "-D warnings"), 0)?;
    Ok(counted(&mut programs, 1)? + examples)
}

fn conformance(kit: &Kit) -> Result<Count> {
    counted(kit.command("cargo").args(["test", "--test", "conformance"]), 1)
}

fn definitions(kit: &Kit) -> Result<Count> {
    counted(kit.command("cargo").args(["test", "--test", "definitions"]), 1)
}

/// The names of the programs in `tests/`, as cargo finds them: files, and folders with a `main.rs`.
fn test_programs() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(paths::root().join("tests"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "rs") || path.join("main.rs").is_file() {
            names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
        }
    }
    names.sort();
    Ok(names)
}

fn wasm(kit: &Kit) -> Result<Count> {
    let mut command = kit.wasm_command("cargo");
    command.args(["test", "--target", TARGET, "--no-fail-fast", "--lib", "--tests"]);
    counted(command.env("WASM_BINDGEN_TEST_ONLY_WEB", "1"), 1)
}

fn e2e(kit: &Kit) -> Result<Count> {
    site::build(kit)?;
    let running = server::start(&paths::dist(), 0, MOUNT)?;
    let report = paths::target().join("warren-e2e.json");
    // A report of an earlier run must not be taken for this one's.
    let _ = std::fs::remove_file(&report);
    let mut command = kit.command("node");
    command.args(["node_modules/@playwright/test/cli.js", "test"]).current_dir(paths::root());
    command.env("WARREN_URL", running.address()).env("PLAYWRIGHT_JSON_OUTPUT_NAME", &report);
    let succeeded = run::tee(&mut command, |_| {})?;
    let count = count::of_playwright(&std::fs::read_to_string(&report).unwrap_or_default());
    Ok(settle(count, succeeded, 1))
}

/// A command that passes or fails as one.
fn check(command: &mut Command) -> Result<Count> {
    let succeeded = run::tee(command.current_dir(paths::root()), |_| {})?;
    Ok(if succeeded { Count::SUCCESS } else { Count::FAILURE })
}

/// A command whose output says how many tests there were; fewer than `least` is a failure.
fn counted(command: &mut Command, least: usize) -> Result<Count> {
    let mut counter = Counter::default();
    let succeeded = run::tee(command.current_dir(paths::root()), |line| counter.read(line))?;
    Ok(settle(counter.count, succeeded, least))
}

/// The exit status has the last word: a failure that was not counted (it did not compile, it crashed) is one failure. A
/// run with fewer tests than there must be is no success either: something hid them.
fn settle(mut count: Count, succeeded: bool, least: usize) -> Count {
    if (!succeeded || count.passed < least) && count.failed == 0 {
        count.failed = 1;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(name: &'static str, passed: usize, failed: usize) -> Outcome {
        Outcome { name, count: Count { passed, failed, skipped: 0 }, took: Duration::from_millis(1500) }
    }

    #[test]
    fn the_last_line_is_the_total_and_no_other_line_looks_like_it() {
        let text = summary(&[outcome("fmt", 1, 0), outcome("native", 40, 2)]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines,
            [
                "fmt          ok          1 passed, 0 failed, 1.5 s",
                "native       FAILED     40 passed, 2 failed, 1.5 s",
                "warren: 41 passed, 2 failed"
            ]
        );
    }

    #[test]
    fn a_failure_that_nobody_counted_counts() {
        assert_eq!(settle(Count { passed: 3, failed: 0, skipped: 0 }, false, 1).failed, 1);
        assert_eq!(settle(Count::default(), true, 1).failed, 1);
        assert_eq!(settle(Count::default(), true, 0).failed, 0);
        assert_eq!(settle(Count { passed: 3, failed: 2, skipped: 0 }, false, 1).failed, 2);
        assert_eq!(settle(Count { passed: 3, failed: 0, skipped: 0 }, true, 1).failed, 0);
    }

    #[test]
    fn suites_are_chosen_by_name() {
        let names = |list: &[&str]| choose(&list.iter().map(|&name| name.to_owned()).collect::<Vec<_>>());
        assert_eq!(names(&[]).expect("all").len(), SUITES.len());
        assert_eq!(
            names(&["e2e", "fmt"]).expect("two").iter().map(|suite| suite.name).collect::<Vec<_>>(),
            ["fmt", "e2e"]
        );
        assert!(names(&["e2"]).is_err());
    }
}
