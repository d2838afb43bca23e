//! Arbitrary bytes as a scenario file.
//!
//! `cargo +nightly fuzz run scenario fuzz/corpus/scenario www/examples -- -dict=fuzz/scenario.dict`. What it finds goes
//! into `tests/scenario_files`.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/support/scenario_file.rs"]
mod scenario_file;

fuzz_target!(|bytes: &[u8]| {
    if let Err(wrong) = scenario_file::try_bytes(bytes) {
        panic!("{wrong}");
    }
});
