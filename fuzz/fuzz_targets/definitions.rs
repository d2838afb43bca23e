//! Arbitrary bytes as a broker's file of definitions.
//!
//! `cargo +nightly fuzz run definitions fuzz/corpus/definitions tests/definitions -- -dict=fuzz/scenario.dict`. What it
//! finds goes into `tests/definitions`.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/support/definitions_file.rs"]
mod definitions_file;

fuzz_target!(|bytes: &[u8]| {
    if let Err(wrong) = definitions_file::try_bytes(bytes) {
        panic!("{wrong}");
    }
});
