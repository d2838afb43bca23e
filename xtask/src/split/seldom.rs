//! Finds the arms of functions that are not executed at first: each is taken out and becomes a function of its own, which
//! then can be in the later part.
//!
//! What always holds: an arm is entered at its beginning alone, leaves the stack as it found it, and is left at its end, by
//! branches to known places, by returning, or never. What it reads of the function's locals it is given; what it changes of
//! those that matter afterwards it gives back.

use super::code::{Code, results};
use super::live::{Live, label};
use super::module::Module;
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::ops::Range;
use wasmparser::{Operator, ValType};

/// Who is left in more ways than this stays.
const WAYS_MAX: usize = 4;

/// An arm of a function.
#[derive(Debug)]
pub struct Arm {
    /// Its operators.
    pub operators: Range<usize>,
    /// The locals that it is given, by their numbers in the function.
    pub given: Vec<u32>,
    /// The locals that it gives back.
    pub back: Vec<u32>,
    /// How it can be left.
    pub ways: Vec<Way>,
}

/// How an arm is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// At its end.
    End,
    /// By a branch, of that depth as it would be at its beginning.
    Branch(u32),
    /// The function returns.
    Return,
}

/// The types of a function's locals, its parameters first.
pub fn locals(module: &Module<'_>, function: u32) -> Result<Vec<ValType>> {
    let mut types = module.types[module.type_of(function) as usize].params().to_vec();
    for group in module.body(function).get_locals_reader()? {
        let (count, ty) = group?;
        types.extend(std::iter::repeat_n(ty, count as usize));
    }
    Ok(types)
}

/// The arms of a function of which no run was seen, if each spares `gain` bytes; runs have the function's own numbers.
pub fn arms(
    module: &Module<'_>,
    function: u32,
    code: &Code<'_>,
    gain: u64,
    is_seen: impl Fn(u32) -> bool,
) -> Result<Vec<Arm>> {
    let seen = (0..code.runs).map(is_seen).collect();
    let mut finder = Finder { module, function, code, gain, live: None, seen, arms: Vec::new() };
    finder.search(0..code.operators.len() - 1)?;
    Ok(finder.arms)
}

struct Finder<'f, 'a> {
    module: &'f Module<'a>,
    function: u32,
    code: &'f Code<'a>,
    gain: u64,
    live: Option<Live>,
    seen: Vec<bool>,
    arms: Vec<Arm>,
}

impl Finder<'_, '_> {
    /// Whether neither the operator nor anything in the construct that it opens is ever executed.
    fn is_seldom(&self, at: usize) -> bool {
        let points = &self.code.points[at..self.code.behind(at)];
        points.iter().all(|point| point.is_dead || !self.seen[point.run as usize])
    }

    /// Goes through what stands side by side.
    fn search(&mut self, range: Range<usize>) -> Result<()> {
        let mut at = range.start;
        while at < range.end {
            let behind = self.code.behind(at);
            if self.is_seldom(at) {
                let mut end = behind;
                while end < range.end && self.is_seldom(end) {
                    end = self.code.behind(end);
                }
                self.take(at..end)?;
                at = end;
                continue;
            }
            if self.code.opens(at) {
                let point = self.code.points[at];
                self.search(at + 1..point.other.unwrap_or(point.end))?;
                if let Some(other) = point.other {
                    self.search(other + 1..point.end)?;
                }
            }
            at = behind;
        }
        Ok(())
    }

    /// Takes out what can be of operators that are all seldom executed.
    fn take(&mut self, range: Range<usize>) -> Result<()> {
        let mut start = range.start;
        while start < range.end {
            let end = self.longest(start..range.end);
            match end {
                Some(end) => {
                    if let Some(arm) = self.arm(start..end)? {
                        self.arms.push(arm);
                    }
                    start = end;
                }
                None => start = self.code.behind(start),
            }
        }
        Ok(())
    }

    /// Up to where the stack is never lower than at the beginning, and as high at the end.
    fn longest(&self, range: Range<usize>) -> Option<usize> {
        let points = &self.code.points;
        if points[range.start].is_dead {
            return None;
        }
        let height = points[range.start].height;
        let (mut at, mut longest) = (range.start, None);
        while at < range.end && (points[at].is_dead || points[at].low >= height) {
            at = self.code.behind(at);
            if points[at].is_dead || points[at].height == height {
                longest = Some(at);
            }
        }
        longest
    }

    /// What is known of an arm; nothing if it is better left where it is.
    fn arm(&mut self, operators: Range<usize>) -> Result<Option<Arm>> {
        let (code, start) = (self.code, operators.start);
        let size = code.points[operators.end].offset - code.points[start].offset;
        if size < self.gain {
            return Ok(None);
        }
        let returned = self.module.types[self.module.type_of(self.function) as usize].results().len() as u32;
        let mut ways = BTreeSet::new();
        let mut after = Vec::new();
        if !code.points[operators.end].is_dead {
            ways.insert(Way::End);
            after.push(operators.end);
        }
        let (mut read, mut written) = (BTreeSet::new(), BTreeSet::new());
        for at in operators.clone() {
            match code.operators[at] {
                Operator::LocalGet { local_index } => _ = read.insert(local_index),
                Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                    _ = written.insert(local_index)
                }
                Operator::Return => {
                    if returned > 1 || code.points[at].height < code.points[start].height + returned {
                        return Ok(None);
                    }
                    ways.insert(Way::Return);
                }
                _ => {}
            }
            let inside = depth_inside(code, at, start);
            for depth in code.branches(at)?.into_iter().filter(|depth| *depth >= inside) {
                let Some(target) = code.target(at, depth) else { return Ok(None) };
                if carries(&code.operators[target])? {
                    return Ok(None);
                }
                ways.insert(Way::Branch(depth - inside));
                after.push(label(code, target));
            }
        }
        if ways.len() > WAYS_MAX {
            return Ok(None);
        }
        if self.live.is_none() {
            self.live = Some(Live::new(code, locals(self.module, self.function)?.len())?);
        }
        let live = self.live.as_ref().context("it was just found")?;
        let back: Vec<u32> =
            written.into_iter().filter(|local| after.iter().any(|at| live.is_live(*at, *local))).collect();
        read.extend(&back);
        let given: Vec<u32> = read.into_iter().filter(|local| live.is_live(start, *local)).collect();
        let call = 8 + 2 * (given.len() + back.len()) + 6 * ways.len().saturating_sub(1);
        let arm = Arm { operators, given, back, ways: ways.into_iter().collect() };
        Ok((self.gain == 0 || size >= call as u64 + self.gain).then_some(arm))
    }
}

/// How many constructs around an operator are within an arm.
pub fn depth_inside(code: &Code<'_>, at: usize, start: usize) -> u32 {
    let mut depth = 0;
    let mut within = code.points[at].within;
    while let Some(opened) = within.filter(|opened| *opened >= start) {
        depth += 1;
        within = code.points[opened].within;
    }
    depth
}

/// Whether a branch there carries a value.
fn carries(opening: &Operator<'_>) -> Result<bool> {
    Ok(match opening {
        Operator::Block { blockty } | Operator::If { blockty } => results(*blockty)? > 0,
        _ => false,
    })
}
