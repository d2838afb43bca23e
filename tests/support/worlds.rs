//! Scenarios out of seeds: one number, one scenario, always the same.
//!
//! What always holds: a scenario can begin (nothing of it is refused before the clock runs); what happens later may
//! well go wrong, as that is what the scripts are for. Numbers are small and names few, so that things meet: queues
//! fill up, times run out, clients get in one another's way.

pub mod changes;
mod clients;
mod declare;
mod script;
mod topology;

use warren::broker::Name;
use warren::simulation::Scenario;

use topology::Topology;

/// The scenario of a seed.
pub fn scenario(seed: u64) -> Scenario {
    let mut dice = Dice::new(seed);
    let topology = Topology::thrown(&mut dice);
    let clients = clients::thrown(&mut dice, &topology);
    let script = script::thrown(&mut dice, &topology, &clients);
    Scenario {
        name: format!("world {seed}").into(),
        seed: dice.below(1_000_000) as u64,
        definitions: topology.definitions(),
        clients,
        script,
    }
}

/// Chance, out of a seed.
pub struct Dice(oorandom::Rand64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Dice(oorandom::Rand64::new(u128::from(seed) << 1 | 1))
    }

    /// A number below `n`; 0 if there is none.
    pub fn below(&mut self, n: usize) -> usize {
        if n < 2 { 0 } else { self.0.rand_range(0..n as u64) as usize }
    }

    /// A number from `min` to `max`.
    pub fn from(&mut self, min: u64, max: u64) -> u64 {
        self.0.rand_range(min..max + 1)
    }

    /// True once in `n`.
    pub fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }

    pub fn name(&mut self, all: &[&str]) -> Name {
        self.of(all).into()
    }
}
