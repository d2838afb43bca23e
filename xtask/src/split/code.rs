//! A function's code as it must be known to be looked at and taken apart: where each operator stands, and which run it is in.
//!
//! A run is what is executed whole or not at all: it begins where control can come from elsewhere. What always holds: each
//! function begins with a run of its own, the runs of a module are numbered through, and everything that is done with runs
//! (counting, observing, taking out) has them from here.

use super::module::Module;
use anyhow::{Context, Result, ensure};
use wasmparser::{BlockType, FrameKind, ModuleArity, Operator};

/// A function's code.
pub struct Code<'a> {
    pub operators: Vec<Operator<'a>>,
    /// Where each operator stands, and behind them where the function ends.
    pub points: Vec<Point>,
    /// How many runs it has.
    pub runs: u32,
}

/// Where an operator stands.
#[derive(Clone, Copy, Debug, Default)]
pub struct Point {
    /// The construct it stands in: the number of the operator that opens it. The function itself has none.
    pub within: Option<usize>,
    /// How many values lie on the stack before it.
    pub height: u32,
    /// How many of them it leaves alone.
    pub low: u32,
    /// Its run, of those of the function.
    pub run: u32,
    /// The run begins with it.
    pub begins: bool,
    /// Nothing leads to it.
    pub is_dead: bool,
    /// Of what opens a construct: its end.
    pub end: usize,
    /// Of an `if`: its `else`, if it has one.
    pub other: Option<usize>,
    /// Where it begins, in bytes.
    pub offset: u64,
}

/// What is open while operators are read.
struct Frame {
    opened: usize,
    height: u32,
    results: u32,
    is_dead: bool,
}

impl<'a> Code<'a> {
    /// The code of a function that is not imported.
    pub fn read(module: &Module<'a>, function: u32) -> Result<Code<'a>> {
        let body = module.body(function);
        let mut code = Code { operators: Vec::new(), points: Vec::new(), runs: 1 };
        let mut frames: Vec<Frame> = Vec::new();
        let (mut height, mut is_dead, mut begins) = (0u32, false, true);
        for operator in body.get_operators_reader()?.into_iter_with_offsets() {
            let (operator, offset) = operator?;
            let at = code.operators.len();
            let (pops, pushes) = arity(module, &operator).with_context(|| format!("`{operator:?}` is unknown here"))?;
            let low = if is_dead { height } else { height.checked_sub(pops).context("a stack is too low")? };
            let within = frames.last().map(|frame| frame.opened);
            let run = code.runs - 1;
            code.points.push(Point { within, height, low, run, begins, is_dead, offset, ..Point::default() });
            begins = false;
            if !is_dead {
                height = low + pushes;
            }
            match &operator {
                Operator::Block { blockty } | Operator::Loop { blockty } | Operator::If { blockty } => {
                    let results = results(*blockty)?;
                    frames.push(Frame { opened: at, height, results, is_dead });
                    begins = matches!(operator, Operator::If { .. });
                }
                Operator::Else => {
                    let frame = frames.last().context("an `else` of nothing")?;
                    (height, is_dead, begins) = (frame.height, frame.is_dead, true);
                    code.points[frame.opened].other = Some(at);
                }
                Operator::End => {
                    if let Some(frame) = frames.pop() {
                        (height, is_dead, begins) = (frame.height + frame.results, frame.is_dead, true);
                        code.points[frame.opened].end = at;
                    }
                }
                Operator::BrIf { .. } => begins = true,
                Operator::Br { .. } | Operator::BrTable { .. } | Operator::Return | Operator::Unreachable => {
                    is_dead = true
                }
                _ => {}
            }
            // What nothing leads to is in no run of its own.
            begins &= !is_dead;
            code.runs += u32::from(begins);
            code.operators.push(operator);
        }
        let offset = body.range().end;
        code.points.push(Point { height, is_dead: true, run: code.runs - 1, offset, ..Point::default() });
        Ok(code)
    }

    /// Whether an operator opens a construct.
    pub fn opens(&self, at: usize) -> bool {
        matches!(self.operators[at], Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. })
    }

    /// Behind the operator, or the construct that it opens.
    pub fn behind(&self, at: usize) -> usize {
        if self.opens(at) { self.points[at].end + 1 } else { at + 1 }
    }

    /// What a branch at `at` by `depth` leaves or repeats; nothing if it is the function.
    pub fn target(&self, at: usize, depth: u32) -> Option<usize> {
        let mut found = self.points[at].within?;
        for _ in 0..depth {
            found = self.points[found].within?;
        }
        Some(found)
    }

    /// The depths to which an operator can branch.
    pub fn branches(&self, at: usize) -> Result<Vec<u32>> {
        Ok(match &self.operators[at] {
            Operator::Br { relative_depth } | Operator::BrIf { relative_depth } => vec![*relative_depth],
            Operator::BrTable { targets } => {
                let mut depths = targets.targets().collect::<Result<Vec<_>, _>>()?;
                depths.push(targets.default());
                depths
            }
            _ => Vec::new(),
        })
    }
}

/// How many values a construct leaves.
pub fn results(ty: BlockType) -> Result<u32> {
    ensure!(!matches!(ty, BlockType::FuncType(_)), "a block takes or gives several values");
    Ok(u32::from(ty != BlockType::Empty))
}

/// How many values an operator takes and leaves. Of a branch only what it takes itself: what it carries stays.
fn arity(module: &Module<'_>, operator: &Operator<'_>) -> Option<(u32, u32)> {
    let of_type = |index: u32, more: u32| {
        let ty = module.types.get(index as usize)?;
        Some((ty.params().len() as u32 + more, ty.results().len() as u32))
    };
    match operator {
        Operator::Call { function_index } => of_type(*module.functions.get(*function_index as usize)?, 0),
        Operator::CallIndirect { type_index, .. } => of_type(*type_index, 1),
        Operator::If { .. } | Operator::BrTable { .. } => Some((1, 0)),
        Operator::BrIf { .. } => Some((1, 0)),
        Operator::Block { .. } | Operator::Loop { .. } | Operator::Else | Operator::End => Some((0, 0)),
        Operator::Br { .. } | Operator::Return | Operator::Unreachable => Some((0, 0)),
        other => other.operator_arity(&Nothing),
    }
}

/// For operators whose arity needs nothing to be known.
struct Nothing;

impl ModuleArity for Nothing {
    fn sub_type_at(&self, _: u32) -> Option<&wasmparser::SubType> {
        None
    }
    fn tag_type_arity(&self, _: u32) -> Option<(u32, u32)> {
        None
    }
    fn type_index_of_function(&self, _: u32) -> Option<u32> {
        None
    }
    fn func_type_of_cont_type(&self, _: &wasmparser::ContType) -> Option<&wasmparser::FuncType> {
        None
    }
    fn sub_type_of_ref_type(&self, _: &wasmparser::RefType) -> Option<&wasmparser::SubType> {
        None
    }
    fn control_stack_height(&self) -> u32 {
        0
    }
    fn label_block(&self, _: u32) -> Option<(BlockType, FrameKind)> {
        None
    }
}
