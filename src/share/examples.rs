//! The scenario files that come with Warren, from `www/examples`. Tests open and play each of them.

use crate::simulation::Scenario;

/// Doves arrive, cats do not: a topic exchange. What the page opens with.
pub const NATURE: &str = include_str!("../../www/examples/nature.json");

/// The scenario of [`NATURE`].
pub fn nature() -> Scenario {
    // invariant: the text is part of the program, and a test reads it.
    super::parse(NATURE).expect("a file that comes with Warren can be read").scenario
}
