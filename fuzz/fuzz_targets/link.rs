//! Arbitrary text as a link: packed as a link packs a file, and as it is.
//!
//! `cargo +nightly fuzz run link fuzz/corpus/link tests/links/1 -- -dict=fuzz/scenario.dict`. What it finds goes into
//! `tests/links`.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/support/link.rs"]
mod link;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    for address in [text.to_string(), format!("{}{text}", warren::share::link::SCENARIO), warren::share::link::packed(bytes)] {
        if let Err(wrong) = link::try_text(&address) {
            panic!("{wrong}");
        }
    }
});
