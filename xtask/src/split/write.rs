//! Puts modules together: the first part, the later part, and one that tells which functions are called.

use super::code::Code;
use super::module::Module;
use super::plan::Plan;
use super::reach;
use anyhow::{Context, Result};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ops::Range;
use wasm_encoder::reencode::{self, Reencode, RoundtripReencoder};
use wasm_encoder::{
    CodeSection, ConstExpr, CustomSection, DataSection, ElementSection, Elements, EntityType, ExportKind,
    ExportSection, FunctionSection, GlobalSection, ImportSection, Instruction, MemArg, MemArgTarget, MemorySection,
    NameMap, NameSection, RawSection, TableSection, TableType, TypeSection,
};
use wasmparser::{Operator, Parser, Payload};

/// What the later part calls the first part. The glue knows the name too.
const FIRST: &str = "first";
/// Where placeholders are imported from: the name of each is its slot.
const LATER: &str = "later";

/// What memory grows by.
const PAGE_BYTES: u64 = 65_536;

/// The old number of a function to its new one.
type Numbers = BTreeMap<u32, u32>;

struct Renumbered<'n>(&'n Numbers);

impl Reencode for Renumbered<'_> {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, reencode::Error> {
        // A number that nobody has makes an invalid module; the optimiser, which comes next, says so.
        Ok(self.0.get(&function).copied().unwrap_or(u32::MAX))
    }
}

/// The module with other code, and all else as it was.
pub fn whole<'n>(
    module: &Module<'_>,
    code: &CodeSection,
    names: impl Iterator<Item = (u32, &'n str)>,
) -> Result<Vec<u8>> {
    let numbers = (0..module.functions.len() as u32).map(|number| (number, number)).collect();
    let mut out = wasm_encoder::Module::new();
    heads(&mut out, module, &[], &module.own().collect::<Vec<_>>(), None)?;
    out.section(&exports(module, &numbers, &BTreeMap::new())?);
    out.section(&elements(&module.slots, module.slots_table, &numbers)?);
    out.section(code);
    out.section(&data(module, &others(&[]))?);
    names_and_features(&mut out, module, names);
    Ok(out.finish())
}

/// The module with a mark made at the beginning of each run: the byte of the run's number, from `begin` on in memory.
pub fn observed(module: &Module<'_>, begin: u32, runs: u32) -> Result<Vec<u8>> {
    let mut wide = module.clone();
    for memory in &mut wide.memories {
        memory.initial = u64::from(begin + runs).div_ceil(PAGE_BYTES);
        memory.maximum = memory.maximum.map(|most| most.max(memory.initial));
    }
    let at = MemArg { offset: 0, align: 0, target: MemArgTarget::Memory(0), ordering: None };
    let mut code = CodeSection::new();
    let mut run = begin;
    for function in module.own() {
        let mut written = RoundtripReencoder.new_function_with_parsed_locals(module.body(function))?;
        let read = Code::read(module, function)?;
        for (operator, point) in read.operators.into_iter().zip(&read.points) {
            if point.begins {
                written.instruction(&Instruction::I32Const(run.cast_signed())).instruction(&Instruction::I32Const(1));
                written.instruction(&Instruction::I32Store8(at));
                run += 1;
            }
            written.instruction(&RoundtripReencoder.instruction(operator)?);
        }
        code.function(&written);
    }
    whole(&wide, &code, std::iter::empty())
}

/// Where nothing of the module's own is in memory, now or later.
pub fn behind_memory(module: &Module<'_>) -> Result<u32> {
    let pages = module.memories.first().context("it has no memory")?.initial;
    Ok(u32::try_from(pages * PAGE_BYTES)?)
}

/// The part that is loaded first.
pub fn first(module: &Module<'_>, plan: &Plan) -> Result<Vec<u8>> {
    let doors = plan.doors.iter();
    let extra: Vec<_> = doors.map(|(function, slot)| (LATER, short(*slot), module.type_of(*function))).collect();
    let kept: Vec<u32> = plan.first.iter().copied().collect();
    let order = (0..module.imported()).chain(plan.doors.keys().copied()).chain(kept.iter().copied());
    let numbers: Numbers = order.zip(0..).collect();
    let shared: BTreeMap<u32, String> = shared(module, plan);
    let mut out = wasm_encoder::Module::new();
    heads(&mut out, module, &extra, &kept, Some(plan.slot_count))?;
    out.section(&exports(module, &numbers, &shared)?);
    let slots: Vec<(u32, u32)> =
        plan.slots.iter().filter(|(_, function)| numbers.contains_key(function)).copied().collect();
    out.section(&elements(&slots, module.slots_table, &numbers)?);
    let mut code = CodeSection::new();
    for function in &kept {
        code.function(&body_with_doors(module, plan, &numbers, *function)?);
    }
    out.section(&code);
    out.section(&data(module, &plan.data)?);
    names_and_features(&mut out, module, kept.iter().map(|function| (numbers[function], module.name(*function))));
    Ok(out.finish())
}

/// A function of the first part: whom it calls in the later part it calls through the table.
fn body_with_doors(
    module: &Module<'_>,
    plan: &Plan,
    numbers: &Numbers,
    function: u32,
) -> Result<wasm_encoder::Function> {
    let mut renumbered = Renumbered(numbers);
    let body = module.body(function);
    let mut written = renumbered.new_function_with_parsed_locals(body)?;
    for operator in body.get_operators_reader()? {
        let operator = operator?;
        let door = match &operator {
            Operator::Call { function_index } => {
                plan.doors.get(function_index).map(|slot| (*slot, module.type_of(*function_index)))
            }
            _ => None,
        };
        match door {
            Some((slot, type_index)) => written
                .instruction(&Instruction::I32Const(slot.cast_signed()))
                .instruction(&Instruction::CallIndirect { type_index, table_index: module.slots_table }),
            None => written.instruction(&renumbered.instruction(operator)?),
        };
    }
    Ok(written)
}

/// The part that is loaded later.
pub fn later(module: &Module<'_>, plan: &Plan) -> Result<Vec<u8>> {
    let numbers: Numbers = plan.shared.iter().chain(&plan.later).copied().zip(0..).collect();
    let mut out = wasm_encoder::Module::new();
    out.section(&types(module)?);
    let names = shared(module, plan);
    let mut imports = ImportSection::new();
    for function in &plan.shared {
        match names.get(function) {
            Some(name) => imports.import(FIRST, name, EntityType::Function(module.type_of(*function))),
            None => {
                let import = &module.imports[*function as usize];
                imports.import(import.module, import.name, RoundtripReencoder.entity_type(import.ty)?)
            }
        };
    }
    for state in state(module, Some(plan.slot_count))? {
        imports.import(FIRST, &state.name, state.ty);
    }
    out.section(&imports);
    let mut functions = FunctionSection::new();
    for function in &plan.later {
        functions.function(module.type_of(*function));
    }
    out.section(&functions);
    let slots: Vec<(u32, u32)> =
        plan.slots.iter().filter(|(_, function)| plan.later.contains(function)).copied().collect();
    out.section(&elements(&slots, module.slots_table, &numbers)?);
    let mut code = CodeSection::new();
    for function in &plan.later {
        Renumbered(&numbers).parse_function_body(&mut code, module.body(*function).clone())?;
    }
    out.section(&code);
    out.section(&data(module, &others(&plan.data))?);
    names_and_features(&mut out, module, plan.later.iter().map(|own| (numbers[own], module.name(*own))));
    Ok(out.finish())
}

/// What both parts have in common besides functions: a memory, a table, a global.
struct State {
    name: String,
    kind: ExportKind,
    number: u32,
    ty: EntityType,
}

fn state(module: &Module<'_>, slot_count: Option<u32>) -> Result<Vec<State>> {
    let mut all = Vec::new();
    for (number, memory) in (0..).zip(&module.memories) {
        let ty = EntityType::Memory(RoundtripReencoder.memory_type(*memory)?);
        all.push(State { name: format!("$m{number}"), kind: ExportKind::Memory, number, ty });
    }
    for (number, ty) in (0..).zip(table_types(module, slot_count)?) {
        all.push(State { name: format!("$t{number}"), kind: ExportKind::Table, number, ty: EntityType::Table(ty) });
    }
    for (number, global) in (0..).zip(&module.globals) {
        let ty = EntityType::Global(RoundtripReencoder.global_type(global.ty)?);
        all.push(State { name: format!("$g{number}"), kind: ExportKind::Global, number, ty });
    }
    Ok(all)
}

/// The functions of the first part that the later one calls, and under which names.
fn shared(module: &Module<'_>, plan: &Plan) -> BTreeMap<u32, String> {
    let own = plan.shared.iter().filter(|function| **function >= module.imported());
    own.zip(0..).map(|(function, at)| (*function, short(at))).collect()
}

/// Everything that stands before the exports.
fn heads(
    out: &mut wasm_encoder::Module,
    module: &Module<'_>,
    extra: &[(&str, String, u32)],
    kept: &[u32],
    slot_count: Option<u32>,
) -> Result<()> {
    out.section(&types(module)?);
    let mut imports = ImportSection::new();
    for import in &module.imports {
        imports.import(import.module, import.name, RoundtripReencoder.entity_type(import.ty)?);
    }
    for (from, name, ty) in extra {
        imports.import(from, name, EntityType::Function(*ty));
    }
    out.section(&imports);
    let mut functions = FunctionSection::new();
    for function in kept {
        functions.function(module.type_of(*function));
    }
    out.section(&functions);
    let mut tables = TableSection::new();
    for ty in table_types(module, slot_count)? {
        tables.table(ty);
    }
    out.section(&tables);
    let mut memories = MemorySection::new();
    for memory in &module.memories {
        memories.memory(RoundtripReencoder.memory_type(*memory)?);
    }
    out.section(&memories);
    let mut globals = GlobalSection::new();
    for global in &module.globals {
        RoundtripReencoder.parse_global(&mut globals, global.clone())?;
    }
    out.section(&globals);
    Ok(())
}

/// The types of the tables; that of the functions with so many slots.
fn table_types(module: &Module<'_>, slot_count: Option<u32>) -> Result<Vec<TableType>> {
    let mut types = Vec::new();
    for (at, table) in (0..).zip(&module.tables) {
        let mut ty = RoundtripReencoder.table_type(table.ty)?;
        if let Some(count) = slot_count.filter(|_| at == module.slots_table) {
            ty.minimum = count.into();
            ty.maximum = ty.maximum.map(|most| most.max(count.into()));
        }
        types.push(ty);
    }
    Ok(types)
}

fn types(module: &Module<'_>) -> Result<TypeSection> {
    let mut types = TypeSection::new();
    for ty in &module.types {
        types.ty().func_type(&RoundtripReencoder.func_type(ty.clone())?);
    }
    Ok(types)
}

/// The module's own exports; with `shared`, all that another part needs besides.
fn exports(module: &Module<'_>, numbers: &Numbers, shared: &BTreeMap<u32, String>) -> Result<ExportSection> {
    let mut renumbered = Renumbered(numbers);
    let mut exports = ExportSection::new();
    for export in &module.exports {
        let kind = renumbered.export_kind(export.kind)?;
        exports.export(export.name, kind, renumbered.external_index(export.kind, export.index)?);
    }
    for (function, name) in shared {
        exports.export(name, ExportKind::Func, numbers[function]);
    }
    if !shared.is_empty() {
        for state in state(module, None)? {
            exports.export(&state.name, state.kind, state.number);
        }
    }
    Ok(exports)
}

/// The slots' contents, one element for each run of slots.
fn elements(slots: &[(u32, u32)], table: u32, numbers: &Numbers) -> Result<ElementSection> {
    let mut section = ElementSection::new();
    for run in slots.chunk_by(|one, next| one.0 + 1 == next.0) {
        let functions: Option<Vec<u32>> = run.iter().map(|(_, function)| numbers.get(function).copied()).collect();
        let functions = functions.context("a slot holds a function of nobody")?;
        let start = ConstExpr::i32_const(run[0].0.cast_signed());
        section.active((table != 0).then_some(table), &start, Elements::Functions(Cow::Owned(functions)));
    }
    Ok(section)
}

/// All addresses that are in none of these ranges, which are in order.
fn others(ranges: &[Range<u32>]) -> Vec<Range<u32>> {
    let starts = std::iter::once(0).chain(ranges.iter().map(|range| range.end));
    let ends = ranges.iter().map(|range| range.start).chain(std::iter::once(u32::MAX));
    starts.zip(ends).map(|(start, end)| start..end).collect()
}

/// The data at these addresses.
fn data(module: &Module<'_>, ranges: &[Range<u32>]) -> Result<DataSection> {
    let mut section = DataSection::new();
    for segment in &module.data {
        let start = reach::start(segment)?;
        let end = start + segment.data.len() as u32;
        let clipped = ranges.iter().map(|range| range.start.max(start)..range.end.min(end));
        for range in clipped.filter(|range| !range.is_empty()) {
            let bytes = &segment.data[(range.start - start) as usize..(range.end - start) as usize];
            section.active(0, &ConstExpr::i32_const(range.start.cast_signed()), bytes.iter().copied());
        }
    }
    Ok(section)
}

/// A module without the linker's word of where it put what, which is of use only while it is built.
pub fn without_linking(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut out = wasm_encoder::Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        let Some((id, range)) = payload.as_section() else { continue };
        let is_linking = matches!(&payload, Payload::CustomSection(custom)
            if custom.name() == "linking" || custom.name().starts_with("reloc."));
        if !is_linking {
            out.section(&RawSection { id, data: &wasm[range.start as usize..range.end as usize] });
        }
    }
    Ok(out.finish())
}

/// By its names the optimiser orders functions.
fn names_and_features<'n>(
    out: &mut wasm_encoder::Module,
    module: &Module<'_>,
    names: impl Iterator<Item = (u32, &'n str)>,
) {
    let mut map = NameMap::new();
    for (function, name) in names {
        map.append(function, name);
    }
    let mut section = NameSection::new();
    section.functions(&map);
    out.section(&section);
    if let Some(features) = module.features {
        out.section(&CustomSection { name: "target_features".into(), data: features.into() });
    }
}

/// A number in as few letters as can be; the glue reads it with `parseInt(name, 36)`.
pub fn short(mut number: u32) -> String {
    let mut text = Vec::new();
    loop {
        text.push(char::from_digit(number % 36, 36).unwrap_or('0'));
        number /= 36;
        if number == 0 {
            return text.into_iter().rev().collect();
        }
    }
}
