//! The world's one source of chance: a seeded generator whose state is part of the world.
//!
//! The stream belongs to the scenario: same seed, same numbers, on every platform.

/// The natural logarithm of 2, times 2^32.
const LN_2: u128 = 2_977_044_472;

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

    /// A whole number from an exponential distribution with the mean `mean / parts`, rounded down.
    ///
    /// Whole numbers all the way: a logarithm of floating point may differ from one platform to another.
    pub fn exponential(&mut self, mean: u128, parts: u128) -> u64 {
        // A number of (0, 1], times 2^64; its negative logarithm is exponential with mean 1.
        let uniform = u128::from(self.0.rand_u64()) + 1;
        let negative_ln = (((64 << 32) - log2(uniform)) * LN_2) >> 32;
        u64::try_from((negative_ln.saturating_mul(mean) / parts.max(1)) >> 32).unwrap_or(u64::MAX)
    }
}

/// The binary logarithm of a number from 1 to 2^64, times 2^32, rounded down.
fn log2(number: u128) -> u128 {
    let whole = u128::from(number.max(1).ilog2());
    // From 1 to 2, times 2^63. Squaring it gives one binary digit of the fraction after another.
    let mut rest = if whole <= 63 { number << (63 - whole) } else { number >> (whole - 63) };
    let mut log = whole;
    for _ in 0..32 {
        rest = (rest * rest) >> 63;
        let digit = rest >> 64;
        rest >>= digit;
        log = (log << 1) | digit;
    }
    log
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_of_powers_are_exact() {
        for power in 0..=64 {
            assert_eq!(log2(1 << power), power << 32);
        }
        // log2(3) is 1.5849625007...
        assert_eq!(log2(3), 6_807_362_105);
    }

    #[test]
    fn exponential_numbers_have_their_mean_and_are_the_same_everywhere() {
        let mut rng = Rng::new(1);
        let drawn: Vec<u64> = (0..20_000).map(|_| rng.exponential(1_000, 1)).collect();
        let mean = drawn.iter().sum::<u64>() / 20_000;
        assert!((970..=1_030).contains(&mean), "{mean}");
        let over_the_mean = drawn.iter().filter(|ms| **ms > 1_000).count();
        assert!((7_100..=7_600).contains(&over_the_mean), "1 in e: {over_the_mean}");
        assert_eq!(drawn[..5], [1_412, 1_054, 1_354, 347, 42]);
    }
}
