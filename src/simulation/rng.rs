//! The world's one source of chance: a seeded generator whose state is part of the world.
//!
//! The stream belongs to the scenario: same seed, same numbers, on every platform.

/// A seeded generator. Cloning it clones its future.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rng(oorandom::Rand64);

impl Rng {
    /// The generator of a seed.
    pub fn new(seed: u64) -> Self {
        Rng(oorandom::Rand64::new(u128::from(seed)))
    }

    /// A whole number from `min` to `max`, both included; `min` where they are in the wrong order.
    pub fn between(&mut self, min: u64, max: u64) -> u64 {
        if max <= min { min } else { self.0.rand_range(min..max.saturating_add(1)) }
    }
}
