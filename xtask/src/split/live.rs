//! Which locals of a function are read again before they are written: what a part that is taken out must be given, and what
//! it must give back.

use super::code::Code;
use anyhow::Result;
use wasmparser::Operator;

/// Of each operator, the locals whose values matter before it.
pub struct Live {
    words: usize,
    bits: Vec<u64>,
}

impl Live {
    /// Of a function with so many locals.
    pub fn new(code: &Code<'_>, locals: usize) -> Result<Live> {
        let words = locals.div_ceil(64).max(1);
        let mut live = Live { words, bits: vec![0; words * code.points.len()] };
        // A loop hands back to its beginning what was found there, so it takes some rounds until nothing is new.
        while live.round(code)? {}
        Ok(live)
    }

    fn round(&mut self, code: &Code<'_>) -> Result<bool> {
        let mut is_new = false;
        for at in (0..code.operators.len()).rev() {
            let mut row = vec![0; self.words];
            for next in nexts(code, at)? {
                for (word, more) in row.iter_mut().zip(&self.bits[next * self.words..][..self.words]) {
                    *word |= more;
                }
            }
            match code.operators[at] {
                Operator::LocalGet { local_index } => row[local_index as usize / 64] |= 1 << (local_index % 64),
                Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                    row[local_index as usize / 64] &= !(1 << (local_index % 64));
                }
                _ => {}
            }
            let known = &mut self.bits[at * self.words..][..self.words];
            if *known != *row {
                known.copy_from_slice(&row);
                is_new = true;
            }
        }
        Ok(is_new)
    }

    /// Whether the value of a local matters before an operator.
    pub fn is_live(&self, at: usize, local: u32) -> bool {
        self.bits[at * self.words + local as usize / 64] >> (local % 64) & 1 == 1
    }
}

/// Which operators may come after one.
fn nexts(code: &Code<'_>, at: usize) -> Result<Vec<usize>> {
    let mut nexts = Vec::new();
    for depth in code.branches(at)? {
        nexts.extend(code.target(at, depth).map(|target| label(code, target)));
    }
    match &code.operators[at] {
        Operator::Br { .. } | Operator::BrTable { .. } | Operator::Return | Operator::Unreachable => {}
        Operator::If { .. } => {
            let point = code.points[at];
            nexts.extend([at + 1, point.other.unwrap_or(point.end) + 1]);
        }
        Operator::Else => nexts.extend(code.points[at].within.map(|opened| code.points[opened].end + 1)),
        _ => nexts.push(at + 1),
    }
    Ok(nexts)
}

/// Where a branch to a construct goes on.
pub fn label(code: &Code<'_>, opened: usize) -> usize {
    match code.operators[opened] {
        Operator::Loop { .. } => opened + 1,
        _ => code.points[opened].end + 1,
    }
}
