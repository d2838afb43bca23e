//! Definitions: a broker's file is imported and exported again with the same content, a wrong one is told with its place.
//!
//! Checked are the `*.json` of this folder and, if the environment variable `DEFINITIONS` names a folder, each `*.json` there;
//! random definitions; wrong files; and a large file, in less than two seconds. A file `x.json` with a file `x.remarks`
//! beside it gives those remarks. The last line printed is `definitions: P passed, F failed`.
//!
//! Arguments are names, or parts of names, of the checks to run.

#[path = "../support/definitions_file.rs"]
mod definitions_file;
mod files;
mod large;
mod lived;
mod mutated;
mod normal;
mod random;
mod wrong;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

/// Something that holds, or panics.
struct Check {
    name: String,
    run: Box<dyn Fn()>,
}

impl Check {
    fn new(name: impl Into<String>, run: impl Fn() + 'static) -> Check {
        Check { name: name.into(), run: Box::new(run) }
    }
}

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let mut checks = files::checks();
    checks.extend(wrong::checks());
    checks.extend(random::checks());
    checks.extend(mutated::checks());
    checks.extend(lived::checks());
    checks.extend(large::checks());
    checks.retain(|check| wanted.is_empty() || wanted.iter().any(|part| check.name.contains(part.as_str())));
    let (mut passed, mut failed) = (0, 0);
    for check in checks {
        if catch_unwind(AssertUnwindSafe(|| (check.run)())).is_ok() {
            passed += 1;
        } else {
            failed += 1;
            println!("FAILED {}", check.name);
        }
    }
    println!("definitions: {passed} passed, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
