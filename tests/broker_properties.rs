//! Properties of the broker over random scripts of commands. What is found is kept in `tests/regressions`, as a list
//! of commands, and is run again every time.

#![cfg(not(target_arch = "wasm32"))]

mod support;

use proptest::prelude::*;
use support::{
    commands::{Timed, script},
    drive::{Counts, drive},
};

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, max_shrink_iters: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_script_keeps_the_books(bytes in prop::collection::vec(any::<u8>(), 0..1_200)) {
        let script = script(&bytes);
        if let Err(wrong) = drive(&script) {
            let commands = serde_json::to_string(&script).unwrap_or_default();
            prop_assert!(false, "{wrong}\nto keep it, save this as tests/regressions/NAME.json: {commands}");
        }
    }
}

/// How many scripts the next test counts over, and how long the bytes of each are at most.
const COUNTED: u64 = 200;
const BYTES_MAX: u64 = 1_200;

/// What random scripts do: a generator whose commands come to nothing tests nothing.
#[test]
fn scripts_do_all_that_a_broker_is_for() {
    let mut sums = Counts::default();
    for seed in 0..COUNTED {
        let mut chance = oorandom::Rand32::new(seed);
        let length = 1 + BYTES_MAX * seed / COUNTED;
        let bytes: Vec<u8> = (0..length).map(|_| chance.rand_range(0..256) as u8).collect();
        let counts = drive(&script(&bytes)).unwrap_or_else(|wrong| panic!("bytes of seed {seed}: {wrong}"));
        for (name, count) in counts {
            *sums.entry(name).or_default() += count;
        }
    }
    let of = |name: &str| sums.get(name).copied().unwrap_or_default();
    println!("{sums:?}");
    let commands = of("commands");
    assert!(of("impossible") * 20 < commands, "too much is impossible: {sums:?}");
    assert!(of("answered with an error") * 8 < commands, "too much is refused: {sums:?}");
    let wanted = [
        ("enqueued", 1_500),
        ("delivered", 500),
        ("got", 80),
        ("acked", 200),
        ("requeued", 60),
        ("returned to its queue", 60),
        ("delayed", 8),
        ("expired", 150),
        ("over the limit", 40),
        ("dropped", 100),
        ("dead-lettered", 150),
        ("held", 30),
        ("cut out of a circle", 10),
        ("refused by a queue", 50),
        ("unroutable", 200),
        ("confirmed", 10),
        ("replied directly", 10),
        ("committed", 4),
        ("timed out", 4),
    ];
    for (name, least) in wanted {
        assert!(of(name) >= least, "{name}: {} times, not {least}: {sums:?}", of(name));
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
