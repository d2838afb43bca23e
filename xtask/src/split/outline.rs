//! Writes the module anew with arms taken out of their functions: each becomes a function behind the others.
//!
//! What always holds: functions keep their numbers, and the module does what it did. An arm gives back by which way it was
//! left, the locals that it changed, and what the function is to return, in this order and each only where it matters.

use super::code::Code;
use super::module::Module;
use super::seldom::{Arm, Way, depth_inside, locals};
use super::write;
use anyhow::{Context, Result};
use std::borrow::Cow;
use std::collections::BTreeMap;
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{BlockType, CodeSection, Function, Instruction};
use wasmparser::{FuncType, Operator, ValType};

/// The module with these arms taken out, by the function each is in.
pub fn outlined(module: &Module<'_>, arms: &BTreeMap<u32, Vec<Arm>>) -> Result<Vec<u8>> {
    let mut wide = module.clone();
    let mut names: Vec<(u32, String)> = module.own().map(|own| (own, module.name(own).to_owned())).collect();
    let (mut code, mut taken) = (CodeSection::new(), Vec::new());
    for function in module.own() {
        let Some(arms) = arms.get(&function) else {
            RoundtripReencoder.parse_function_body(&mut code, module.body(function).clone())?;
            continue;
        };
        let outline =
            Outline { code: Code::read(module, function)?, types: locals(module, function)?, module, function };
        let begin = wide.functions.len() as u32;
        for (number, arm) in (begin..).zip(arms) {
            let ty = wide.number_of_type(outline.type_of(arm));
            wide.functions.push(ty);
            names.push((number, format!("{} seldom", module.name(function))));
            taken.push(outline.arm(arm)?);
        }
        code.function(&outline.rest(arms, begin)?);
    }
    for arm in &taken {
        code.function(arm);
    }
    write::whole(&wide, &code, names.iter().map(|(function, name)| (*function, name.as_str())))
}

/// A function of which arms are taken out.
struct Outline<'m, 'a> {
    module: &'m Module<'a>,
    function: u32,
    code: Code<'a>,
    types: Vec<ValType>,
}

impl Outline<'_, '_> {
    /// What the function gives back; it is at most one value where an arm returns.
    fn returned(&self) -> Option<ValType> {
        self.module.types[self.module.type_of(self.function) as usize].results().first().copied()
    }

    /// What an arm gives back for its function to return.
    fn returned_by(&self, arm: &Arm) -> Option<ValType> {
        self.returned().filter(|_| arm.ways.contains(&Way::Return))
    }

    fn type_of(&self, arm: &Arm) -> FuncType {
        let typed = |locals: &[u32]| locals.iter().map(|local| self.types[*local as usize]).collect::<Vec<_>>();
        let mut results: Vec<ValType> = (arm.ways.len() > 1).then_some(ValType::I32).into_iter().collect();
        results.extend(typed(&arm.back));
        results.extend(self.returned_by(arm));
        FuncType::new(typed(&arm.given), results)
    }

    /// The function without its arms, which are functions from `begin` on.
    fn rest(&self, arms: &[Arm], begin: u32) -> Result<Function> {
        let way = self.types.len() as u32;
        let mut more = vec![ValType::I32];
        more.extend(self.returned());
        let own = self.types.iter().skip(self.module.types[self.module.type_of(self.function) as usize].params().len());
        let mut written = Function::new_with_locals_types(encoded(own.chain(&more))?);
        let mut waiting = arms.iter().zip(begin..).peekable();
        let mut at = 0;
        while at < self.code.operators.len() {
            if let Some((arm, number)) = waiting.next_if(|(arm, _)| arm.operators.start == at) {
                self.call(&mut written, arm, number, way);
                at = arm.operators.end;
            } else {
                written.instruction(&RoundtripReencoder.instruction(self.code.operators[at].clone())?);
                at += 1;
            }
        }
        Ok(written)
    }

    /// What stands in an arm's place. `way` is the local that holds by which way it was left; the next holds what is returned.
    fn call(&self, written: &mut Function, arm: &Arm, number: u32, way: u32) {
        for local in &arm.given {
            written.instruction(&Instruction::LocalGet(*local));
        }
        written.instruction(&Instruction::Call(number));
        if self.returned_by(arm).is_some() {
            written.instruction(&Instruction::LocalSet(way + 1));
        }
        for local in arm.back.iter().rev() {
            written.instruction(&Instruction::LocalSet(*local));
        }
        let Some((last, others)) = arm.ways.split_last() else {
            written.instruction(&Instruction::Unreachable);
            return;
        };
        if let ([Way::End], Way::Branch(depth)) = (others, last) {
            written.instruction(&Instruction::BrIf(*depth));
            return;
        }
        if !others.is_empty() {
            written.instruction(&Instruction::LocalSet(way));
        }
        // Whoever is left at its end is left so if in no other way.
        let is_left_at_end = arm.ways[0] == Way::End;
        for (number, left) in (0..).zip(&arm.ways) {
            if *left == Way::End {
                continue;
            }
            let is_sure = left == last && !is_left_at_end;
            if !is_sure {
                written.instruction(&Instruction::LocalGet(way)).instruction(&Instruction::I32Const(number));
                written.instruction(&Instruction::I32Eq);
            }
            match (left, is_sure) {
                (Way::Branch(depth), true) => written.instruction(&Instruction::Br(*depth)),
                (Way::Branch(depth), false) => written.instruction(&Instruction::BrIf(*depth)),
                (_, true) => self.give_back(written, way + 1),
                (_, false) => {
                    written.instruction(&Instruction::If(BlockType::Empty));
                    self.give_back(written, way + 1).instruction(&Instruction::End)
                }
            };
        }
    }

    fn give_back<'w>(&self, written: &'w mut Function, local: u32) -> &'w mut Function {
        if self.returned().is_some() {
            written.instruction(&Instruction::LocalGet(local));
        }
        written.instruction(&Instruction::Return)
    }

    /// An arm as a function.
    fn arm(&self, arm: &Arm) -> Result<Function> {
        let mut numbers: BTreeMap<u32, u32> = arm.given.iter().copied().zip(0..).collect();
        let mut types = Vec::new();
        for at in arm.operators.clone() {
            if let Some(local) = local(&self.code.operators[at]) {
                let next = numbers.len() as u32;
                if *numbers.entry(local).or_insert(next) == next {
                    types.push(self.types[local as usize]);
                }
            }
        }
        let returned = numbers.len() as u32;
        types.extend(self.returned_by(arm));
        let mut written = Function::new_with_locals_types(encoded(types.iter())?);
        let branches: Vec<u32> =
            arm.ways.iter().filter_map(|way| if let Way::Branch(depth) = way { Some(*depth) } else { None }).collect();
        for _ in &branches {
            written.instruction(&Instruction::Block(BlockType::Empty));
        }
        let leaving = Leaving { outline: self, arm, numbers, returned, branches };
        for at in arm.operators.clone() {
            leaving.operator(&mut written, at)?;
        }
        if arm.ways.first() == Some(&Way::End) {
            leaving.leave(&mut written, Way::End)?;
        }
        for depth in &leaving.branches {
            written.instruction(&Instruction::End);
            leaving.leave(&mut written, Way::Branch(*depth))?;
        }
        written.instruction(&Instruction::End);
        Ok(written)
    }
}

/// An arm that is being written.
struct Leaving<'o, 'm, 'a> {
    outline: &'o Outline<'m, 'a>,
    arm: &'o Arm,
    /// The function's locals to its own.
    numbers: BTreeMap<u32, u32>,
    /// The local that holds what the function returns.
    returned: u32,
    branches: Vec<u32>,
}

impl Leaving<'_, '_, '_> {
    fn operator(&self, written: &mut Function, at: usize) -> Result<()> {
        let code = &self.outline.code;
        let inside = depth_inside(code, at, self.arm.operators.start);
        let depth = |depth: u32| self.depth(depth, inside);
        let instruction = match &code.operators[at] {
            Operator::LocalGet { local_index } => Instruction::LocalGet(self.numbers[local_index]),
            Operator::LocalSet { local_index } => Instruction::LocalSet(self.numbers[local_index]),
            Operator::LocalTee { local_index } => Instruction::LocalTee(self.numbers[local_index]),
            Operator::Br { relative_depth } => Instruction::Br(depth(*relative_depth)?),
            Operator::BrIf { relative_depth } => Instruction::BrIf(depth(*relative_depth)?),
            Operator::BrTable { targets } => {
                let mut depths = Vec::new();
                for target in targets.targets() {
                    depths.push(depth(target?)?);
                }
                Instruction::BrTable(Cow::Owned(depths), depth(targets.default())?)
            }
            Operator::Return => {
                if self.outline.returned().is_some() {
                    written.instruction(&Instruction::LocalSet(self.returned));
                }
                return self.leave(written, Way::Return);
            }
            other => RoundtripReencoder.instruction(other.clone())?,
        };
        written.instruction(&instruction);
        Ok(())
    }

    /// A branch's depth: a branch out of the arm goes to the block that stands for where it goes.
    fn depth(&self, depth: u32, inside: u32) -> Result<u32> {
        let Some(out) = depth.checked_sub(inside) else { return Ok(depth) };
        let block = self.branches.iter().position(|known| *known == out).context("an arm is left by an unknown way")?;
        Ok(inside + block as u32)
    }

    fn leave(&self, written: &mut Function, way: Way) -> Result<()> {
        if self.arm.ways.len() > 1 {
            let number = self.arm.ways.iter().position(|known| *known == way).context("an arm has an unknown way")?;
            written.instruction(&Instruction::I32Const(number as i32));
        }
        for local in &self.arm.back {
            written.instruction(&Instruction::LocalGet(self.numbers[local]));
        }
        if self.outline.returned_by(self.arm).is_some() {
            written.instruction(&Instruction::LocalGet(self.returned));
        }
        written.instruction(&Instruction::Return);
        Ok(())
    }
}

fn local(operator: &Operator<'_>) -> Option<u32> {
    match operator {
        Operator::LocalGet { local_index }
        | Operator::LocalSet { local_index }
        | Operator::LocalTee { local_index } => Some(*local_index),
        _ => None,
    }
}

fn encoded<'t>(types: impl Iterator<Item = &'t ValType>) -> Result<Vec<wasm_encoder::ValType>> {
    types.map(|ty| Ok(RoundtripReencoder.val_type(*ty)?)).collect()
}

#[cfg(test)]
mod tests {
    //! Arms are taken out of a small function in many ways, and it still does what it did.

    use super::super::{Code, Module, seldom};
    use std::collections::BTreeMap;
    use wasmi::{Engine, Linker, Store, Val};

    /// Loops, branches to several places, a table of branches, returns out of the midst, what is read before and after, and
    /// values that lie on the stack meanwhile.
    const PROGRAM: &str = r#"(module
      (memory (export "memory") 1)
      (data (i32.const 0) "abcdefgh")
      (table 1 funcref)
      (func $twice (param i32) (result i32)
        (i32.mul (local.get 0) (i32.const 2)))
      (func (export "f") (param $n i32) (param $m i32) (result i32)
        (local $sum i32) (local $i i32) (local $long i64)
        (local.set $i (local.get $n))
        (i32.const 1000)
        (block $out
          (loop $again
            (br_if $out (i32.eqz (local.get $i)))
            (if (i32.and (local.get $i) (i32.const 1))
              (then
                (local.set $sum (i32.add (local.get $sum) (call $twice (local.get $i))))
                (i32.store8 (i32.const 64) (local.get $sum))
                (local.set $long (i64.extend_i32_u (local.get $sum)))
                (if (i32.gt_u (local.get $sum) (i32.const 60))
                  (then (local.set $m (i32.const 1)) (br $out))))
              (else
                (local.set $sum (i32.xor (local.get $sum) (i32.add (local.get $m) (i32.load8_u (i32.const 3)))))
                (local.set $long (i64.add (local.get $long) (i64.const 7)))
                (if (i32.eq (local.get $i) (local.get $m))
                  (then (return (i32.sub (local.get $sum) (local.get $i)))))))
            (local.set $i (i32.sub (local.get $i) (i32.const 1)))
            (block $three
              (block $two
                (block $one
                  (br_table $one $two $three $again (i32.rem_u (local.get $i) (i32.const 5))))
                (local.set $sum (i32.add (local.get $sum) (i32.const 3)))
                (local.set $m (i32.add (local.get $m) (local.get $sum)))
                (br $again))
              (local.set $sum (i32.add (local.get $sum) (i32.const 5)))
              (br_if $again (i32.lt_u (local.get $sum) (i32.const 40)))
              (local.set $long (i64.const 9)))
            (local.set $sum (i32.add (local.get $sum) (i32.wrap_i64 (local.get $long))))
            (br $again)))
        (if (i32.gt_u (local.get $m) (i32.const 900))
          (then (i32.store8 (i32.const 65) (i32.const 1)) (i32.store8 (i32.const 66) (local.get $m)) (unreachable)))
        (i32.add (local.get $sum))))"#;

    /// What the program answers to many questions; nothing where it traps.
    fn answers(wasm: &[u8]) -> Vec<Option<(i32, Vec<u8>)>> {
        let engine = Engine::default();
        let module = wasmi::Module::new(&engine, wasm).expect("it is valid");
        let mut all = Vec::new();
        for n in 0..11 {
            for m in [0, 2, 5, 890, 1000] {
                let mut store = Store::new(&engine, ());
                let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).expect("it starts");
                let function = instance.get_func(&store, "f").expect("it is exported");
                let mut result = [Val::I32(0)];
                let answer = function.call(&mut store, &[Val::I32(n), Val::I32(m)], &mut result);
                let memory =
                    instance.get_memory(&store, "memory").expect("it is exported").data(&store)[64..68].to_vec();
                all.push(answer.ok().and_then(|()| result[0].i32()).map(|result| (result, memory)));
            }
        }
        all
    }

    /// The program without the arms whose runs `is_seen` does not name, and how many they are.
    fn outlined(wasm: &[u8], is_seen: impl Fn(u32) -> bool) -> (Vec<u8>, usize) {
        let module = Module::read(wasm).expect("it can be read");
        let mut arms = BTreeMap::new();
        for function in module.own() {
            let code = Code::read(&module, function).expect("it can be read");
            let found =
                seldom::arms(&module, function, &code, 0, |run| run == 0 || is_seen(run)).expect("they are found");
            arms.insert(function, found);
        }
        let count = arms.values().map(Vec::len).sum();
        (super::outlined(&module, &arms).expect("it can be written"), count)
    }

    #[test]
    fn without_any_of_its_arms_a_function_does_what_it_did() {
        let wasm = wat::parse_str(PROGRAM).expect("it is written well");
        let known = answers(&wasm);
        assert!(known.iter().any(Option::is_none) && known.iter().any(Option::is_some), "some trap, some do not");
        let module = Module::read(&wasm).expect("it can be read");
        let runs = Code::read(&module, 1).expect("it can be read").runs;
        let mut most = 0;
        for pattern in 0..96u32 {
            // Each pattern of runs that were executed, spread over all runs by another number each.
            let bits = pattern.wrapping_mul(0x9e37_79b1).rotate_left(pattern % 32);
            let (other, count) = outlined(&wasm, |run| bits >> (run % 32) & 1 == 1);
            most = most.max(count);
            assert!(answers(&other) == known, "pattern {pattern} with {count} arms of {runs} runs");
        }
        for seen in 0..runs {
            let (one, _) = outlined(&wasm, |run| run == seen);
            let (all_others, _) = outlined(&wasm, |run| run != seen);
            assert!(answers(&one) == known && answers(&all_others) == known, "run {seen}");
        }
        let (nothing_seen, count) = outlined(&wasm, |_| false);
        assert!(answers(&nothing_seen) == known && count > 0);
        assert!(most >= 5, "{most} arms at once at most");
    }

    #[test]
    fn what_is_executed_stays() {
        let wasm = wat::parse_str(PROGRAM).expect("it is written well");
        assert_eq!(outlined(&wasm, |_| true).1, 0);
    }
}
