//! Arbitrary bytes as commands for the broker, under the eyes of the ledger of the property tests.
//!
//! `cargo +nightly fuzz run broker`. What it finds goes into `tests/regressions`, as the list of commands it prints.

#![no_main]

use libfuzzer_sys::fuzz_target;
use support::{commands::script, drive::drive};

#[path = "../../tests/support/mod.rs"]
mod support;

fuzz_target!(|bytes: &[u8]| {
    let script = script(bytes);
    if let Err(wrong) = drive(&script) {
        panic!("{wrong}\n{}", serde_json::to_string(&script).unwrap_or_default());
    }
});
