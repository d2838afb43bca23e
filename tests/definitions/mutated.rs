//! Our own files with a few bytes changed: refused with a place, or imported and exported the same again; never a panic.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config as Settings, TestRunner};

use super::Check;
use super::definitions_file::try_bytes;
use super::files::own_files;

const CASES: u32 = 500;

/// What is likely to lead somewhere, besides any byte.
const WORDS: [&str; 14] = [
    "null",
    "true",
    "-1",
    "1e400",
    "{}",
    "[]",
    "\"\"",
    "\"amq.x\"",
    "\"/\"",
    "\"quorum\"",
    ",",
    "}",
    "\u{202e}",
    "18446744073709551615",
];

pub fn checks() -> Vec<Check> {
    vec![Check::new("files with changed bytes", || {
        let files: Vec<Vec<u8>> = own_files().iter().map(|path| std::fs::read(path).expect("it can be read")).collect();
        let change = (any::<prop::sample::Index>(), 0..6_usize, any::<prop::sample::Index>(), any::<Option<u8>>());
        let mut runner = TestRunner::new(Settings { cases: CASES, failure_persistence: None, ..Settings::default() });
        let strategy = (any::<prop::sample::Index>(), vec(change, 1..5));
        let checked = runner.run(&strategy, |(file, changes)| {
            let mut bytes = file.get(&files).clone();
            for (at, taken, word, byte) in changes {
                let start = at.index(bytes.len() + 1);
                let end = (start + taken).min(bytes.len());
                let new = byte.map_or(word.get(&WORDS).as_bytes().to_vec(), |byte| vec![byte]);
                bytes.splice(start..end, new);
            }
            try_bytes(&bytes).map_err(TestCaseError::fail)
        });
        checked.unwrap_or_else(|error| panic!("{error}"));
    })]
}
