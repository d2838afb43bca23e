//! Properties of the broker over random scripts of commands. What is found is kept in `tests/regressions`, as a list
//! of commands, and is run again every time.

#![cfg(not(target_arch = "wasm32"))]

mod support;

use proptest::prelude::*;
use support::{
    commands::{Timed, script},
    drive::drive,
};

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, max_shrink_iters: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_script_keeps_the_books(bytes in prop::collection::vec(any::<u8>(), 0..1_200)) {
        let script = script(&bytes);
        if let Err(wrong) = drive(&script) {
            let commands = serde_json::to_string(&script).unwrap_or_default();
            prop_assert!(false, "{wrong}\nto keep it, save this as tests/regressions/NAME.json: {commands}");
        }
    }
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
        let text = std::fs::read_to_string(&path).expect("a list of commands");
        let script: Vec<Timed> = serde_json::from_str(&text).expect("waits and commands");
        if let Err(wrong) = drive(&script) {
            panic!("{}: {wrong}", path.display());
        }
        count += 1;
    }
    assert!(count > 0, "no file in {}", folder.display());
}
