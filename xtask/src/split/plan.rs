//! Which function goes into which part.
//!
//! What always holds: whoever is called from outside is in the first part, and every function of the later part that the
//! first can reach has a slot in the table of functions. Until the later part is there, its slots hold placeholders that
//! fetch it; then it puts itself there. All data that the first part can reach is in it.

use super::module::Module;
use super::reach::Reach;
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// What goes where.
pub struct Plan {
    /// Functions of the first part.
    pub first: BTreeSet<u32>,
    /// Functions of the later part.
    pub later: BTreeSet<u32>,
    /// Those of the later part that the first can reach, with the slot through which it does.
    pub doors: BTreeMap<u32, u32>,
    /// What stands in the table of functions: slot and function, by slot.
    pub slots: Vec<(u32, u32)>,
    /// How many slots the table has.
    pub slot_count: u32,
    /// Functions of the first part, and imported ones, that the later part calls.
    pub shared: BTreeSet<u32>,
    /// The addresses whose data the first part holds.
    pub data: Vec<Range<u32>>,
}

impl Plan {
    /// First comes what `is_first` says; of the rest everything is later that is not exported.
    pub fn new(module: &Module<'_>, reach: &Reach, is_first: impl Fn(u32) -> bool) -> Result<Plan> {
        let exported: BTreeSet<u32> = module.exported().collect();
        let (first, later): (BTreeSet<u32>, BTreeSet<u32>) =
            module.own().partition(|function| exported.contains(function) || is_first(*function));
        let mut plan = Plan {
            first,
            later,
            doors: BTreeMap::new(),
            slots: module.slots.clone(),
            slot_count: module.tables[module.slots_table as usize].ty.initial as u32,
            shared: BTreeSet::new(),
            data: Vec::new(),
        };
        let reached = reach.from(module, plan.first.iter().copied())?;
        plan.data = reached.data;
        plan.open_doors(module, &reached.slots)?;
        for function in &plan.later {
            let called = module.calls(*function)?;
            plan.shared.extend(called.into_iter().filter(|called| !plan.later.contains(called)));
        }
        Ok(plan)
    }

    /// A function has one door, the first slot it stands in; who stands in none gets one behind the others.
    fn open_doors(&mut self, module: &Module<'_>, reached: &BTreeSet<u32>) -> Result<()> {
        let mut standing = BTreeMap::new();
        for (slot, function) in &module.slots {
            if self.later.contains(function) {
                let first = *standing.entry(*function).or_insert(*slot);
                if reached.contains(slot) {
                    self.doors.insert(*function, first);
                }
            }
        }
        for function in &self.first {
            for called in module.calls(*function)? {
                if self.later.contains(&called) && !self.doors.contains_key(&called) {
                    let slot = standing.get(&called).copied().unwrap_or(self.slot_count);
                    self.doors.insert(called, slot);
                    if slot == self.slot_count {
                        self.slots.push((slot, called));
                        self.slot_count += 1;
                    }
                }
            }
        }
        Ok(())
    }
}
