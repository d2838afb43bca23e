//! Properties of the broker over random scripts of commands. What is found is kept in `tests/regressions`, as the
//! bytes that mean the script, and is run again every time.

#![cfg(not(target_arch = "wasm32"))]

mod support;

use proptest::prelude::*;
use support::{commands::script, drive::drive};

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, max_shrink_iters: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_script_keeps_the_books(bytes in prop::collection::vec(any::<u8>(), 0..1_200)) {
        if let Err(wrong) = drive(&script(&bytes)) {
            prop_assert!(false, "{wrong}\nreplay: save these bytes (hex) in tests/regressions/NAME.hex: {}", hex(&bytes));
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let value = |digit: &u8| (*digit as char).to_digit(16).unwrap_or(0) as u8;
    digits.chunks(2).map(|pair| pair.iter().fold(0, |sum, digit| sum * 16 + value(digit))).collect()
}

/// Scripts that once broke something.
#[test]
fn what_was_found_stays_mended() {
    // Asked at run time: several clones may share what is compiled.
    let root = std::env::var_os("CARGO_MANIFEST_DIR").map(std::path::PathBuf::from).unwrap_or_default();
    let folder = root.join("tests/regressions");
    let mut count = 0;
    for file in std::fs::read_dir(&folder).expect("the folder of what was found") {
        let path = file.expect("a file of it").path();
        let bytes = unhex(&std::fs::read_to_string(&path).expect("a text of hexadecimal digits"));
        if let Err(wrong) = drive(&script(&bytes)) {
            panic!("{}: {wrong}", path.display());
        }
        count += 1;
    }
    assert!(count > 0, "no file in {}", folder.display());
}
