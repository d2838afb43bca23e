//! The log of the nature scenario as one number, the same natively and in every browser.

#[path = "../support/mod.rs"]
mod support;

use warren::share::examples;
use warren::simulation::LogEntry;

pub use support::audit::log_of;

/// What [`digest`] gives for a minute of the nature scenario. It changes when the scenario, the broker's events or the
/// world's order change: then look at the log before you put the new number here.
pub const DIGEST_OF_A_MINUTE: u64 = 11_121_830_138_737_481_801;

/// FNV-1a over the entries as JSON, one a line.
pub fn digest(log: &[LogEntry]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for entry in log {
        let line = serde_json::to_string(entry).expect("an entry can be written");
        for byte in line.bytes().chain([b'\n']) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    hash
}

/// The digest of a minute of the nature scenario.
pub fn digest_of_a_minute() -> u64 {
    digest(&log_of(&examples::nature(), 60_000))
}

/// What [`digest`] gives for a minute of a scenario in which everything that can be left to chance is.
#[allow(dead_code)]
pub const DIGEST_OF_CHANCE: u64 = 18_183_958_605_804_671_952;

/// The digest of a minute of that scenario.
#[allow(dead_code)]
pub fn digest_of_chance() -> u64 {
    let file = warren::share::parse(include_str!("chance.json")).expect("the file is right");
    digest(&log_of(&file.scenario, 60_000))
}
