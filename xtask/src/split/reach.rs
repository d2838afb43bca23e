//! Which data code can reach, as the linker says it: it leaves word of every place where it put an address.
//!
//! What always holds: an address in the code is one of those that the linker put there, and whoever has it can read all of
//! the thing it was made for (not of others, whatever the address: one past the end of a thing is the next thing's), and
//! all that it points to. A number that only happens to be an address counts as one. So what is not reached cannot be read.

use super::module::{Module, constant};
use anyhow::{Context, Result, bail, ensure};
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::ops::Range;
use wasm_encoder::reencode::{self, Reencode};
use wasmparser::{
    Data, DataKind, DefinedDataSymbol, KnownCustom, Linking, Operator, Parser, Payload, RelocSectionReader,
    RelocationEntry, RelocationType, SymbolInfo,
};

/// What is known of a module's data.
#[derive(Default)]
pub struct Reach {
    /// Of each thing in the data, where it is.
    things: BTreeMap<u32, Range<u32>>,
    /// What an address in code stands for.
    addresses: BTreeMap<u32, BTreeSet<u32>>,
    /// What stands at an address of the data.
    pointers: BTreeMap<u32, Pointer>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pointer {
    /// The address of a thing.
    Thing(u32),
    /// A slot of the table of functions.
    Slot(u32),
}

/// What some functions can reach.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// Addresses of data, in order, none of them in two ranges.
    pub data: Vec<Range<u32>>,
    /// Slots of the table of functions. Any number in code that could be one is among them.
    pub slots: BTreeSet<u32>,
}

/// What the linker left, as far as it is of use.
#[derive(Default)]
struct Linked<'a> {
    data: Vec<Data<'a>>,
    data_start: u64,
    symbols: Vec<SymbolInfo<'a>>,
    in_code: Vec<RelocationEntry>,
    in_data: Vec<RelocationEntry>,
}

impl Reach {
    /// From the module as the linker left it, with `--emit-relocs`. `module` is what became of it.
    pub fn read(linked: &[u8], module: &Module<'_>) -> Result<Reach> {
        let linked = Linked::read(linked)?;
        linked.ensure_same_data(module)?;
        let mut reach = Reach::default();
        for (index, symbol) in (0..).zip(&linked.symbols) {
            if let Some(range) = linked.range(symbol)? {
                reach.things.insert(index, range);
            }
        }
        for entry in &linked.in_code {
            match entry.ty {
                RelocationType::MemoryAddrLeb | RelocationType::MemoryAddrSleb => {
                    let Some(start) = reach.things.get(&entry.index).map(|thing| thing.start) else { continue };
                    let address = start.wrapping_add(entry.addend as u32);
                    reach.addresses.entry(address).or_default().insert(entry.index);
                }
                RelocationType::FunctionIndexLeb
                | RelocationType::TableIndexSleb
                | RelocationType::TypeIndexLeb
                | RelocationType::GlobalIndexLeb
                | RelocationType::TableNumberLeb => {}
                other => bail!("its code holds a {other:?}"),
            }
        }
        for entry in &linked.in_data {
            let (address, value) = linked.at(entry.offset)?;
            let pointer = match entry.ty {
                RelocationType::MemoryAddrI32 => Pointer::Thing(entry.index),
                RelocationType::TableIndexI32 => Pointer::Slot(value),
                other => bail!("its data holds a {other:?}"),
            };
            reach.pointers.insert(address, pointer);
        }
        Ok(reach)
    }

    /// What these functions can reach.
    pub fn from(&self, module: &Module<'_>, functions: impl Iterator<Item = u32>) -> Result<Reached> {
        let mut slots = BTreeSet::new();
        let mut waiting = Vec::new();
        let slot_count = module.slots.last().map_or(0, |(slot, _)| slot + 1);
        for function in functions {
            for number in numbers(module, function)? {
                waiting.extend(self.addresses.get(&number).into_iter().flatten().copied());
                if number < slot_count {
                    slots.insert(number);
                }
            }
        }
        let mut things = BTreeSet::new();
        while let Some(thing) = waiting.pop() {
            let Some(range) = self.things.get(&thing).filter(|_| things.insert(thing)) else { continue };
            for (_, pointer) in self.pointers.range(range.clone()) {
                match pointer {
                    Pointer::Thing(other) => waiting.push(*other),
                    Pointer::Slot(slot) => _ = slots.insert(*slot),
                }
            }
        }
        let ranges = things.iter().filter_map(|thing| self.things.get(thing)).cloned().collect();
        Ok(Reached { data: united(ranges), slots })
    }
}

/// Collects all numbers in code that could be addresses.
#[derive(Default)]
struct Numbers(Vec<u32>);

impl Reencode for Numbers {
    type Error = Infallible;

    fn mem_arg(&mut self, arg: wasmparser::MemArg) -> Result<wasm_encoder::MemArg, reencode::Error> {
        self.0.extend(u32::try_from(arg.offset));
        reencode::utils::mem_arg(self, arg)
    }
}

fn numbers(module: &Module<'_>, function: u32) -> Result<Vec<u32>> {
    let mut found = Numbers::default();
    for operator in module.body(function).get_operators_reader()? {
        let operator = operator?;
        if let Operator::I32Const { value } = operator {
            found.0.push(value.cast_unsigned());
        }
        found.instruction(operator)?;
    }
    Ok(found.0)
}

/// The same addresses in ranges that are in order and apart.
fn united(mut ranges: Vec<Range<u32>>) -> Vec<Range<u32>> {
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut all: Vec<Range<u32>> = Vec::new();
    for range in ranges.into_iter().filter(|range| !range.is_empty()) {
        match all.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => all.push(range),
        }
    }
    all
}

impl<'a> Linked<'a> {
    fn read(wasm: &'a [u8]) -> Result<Self> {
        let mut linked = Linked::default();
        let mut told = 0;
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::DataSection(section) => {
                    linked.data_start = section.range().start;
                    linked.data = section.into_iter().collect::<Result<_, _>>()?;
                }
                Payload::CustomSection(section) => match (section.name(), section.as_known()) {
                    (_, KnownCustom::Linking(parts)) => {
                        for part in parts.subsections() {
                            let Linking::SymbolTable(symbols) = part? else { continue };
                            linked.symbols = symbols.into_iter().collect::<Result<_, _>>()?;
                            told += 1;
                        }
                    }
                    ("reloc.CODE", KnownCustom::Reloc(places)) => {
                        linked.in_code = entries(&places)?;
                        told += 1;
                    }
                    ("reloc.DATA", KnownCustom::Reloc(places)) => {
                        linked.in_data = entries(&places)?;
                        told += 1;
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        ensure!(told == 3, "the linker did not leave word of where it put addresses (`--emit-relocs`)");
        Ok(linked)
    }

    /// Where a thing is. Functions and what the linker makes up itself are nowhere in the data.
    fn range(&self, symbol: &SymbolInfo<'a>) -> Result<Option<Range<u32>>> {
        let SymbolInfo::Data { name, symbol: Some(DefinedDataSymbol { index, offset, size }), .. } = symbol else {
            return Ok(None);
        };
        let Some(data) = self.data.get(*index as usize) else { return Ok(None) };
        let start = start(data)? + offset;
        ensure!(*offset as usize + *size as usize <= data.data.len(), "`{name}` is greater than its data");
        Ok(Some(start..start + size))
    }

    /// The address of what stands at an offset of the data section, and the number there.
    fn at(&self, offset: u32) -> Result<(u32, u32)> {
        let at = self.data_start + u64::from(offset);
        for data in &self.data {
            let begin = data.range.end - data.data.len() as u64;
            if let Some(bytes) = at.checked_sub(begin).and_then(|skip| data.data.get(skip as usize..)?.first_chunk()) {
                return Ok((start(data)? + (at - begin) as u32, u32::from_le_bytes(*bytes)));
            }
        }
        bail!("the linker put an address where no data is")
    }

    /// What became of the module has its data where the linker put it.
    fn ensure_same_data(&self, module: &Module<'_>) -> Result<()> {
        let same = self.data.len() == module.data.len()
            && self.data.iter().zip(&module.data).all(|(one, other)| {
                one.data == other.data && matches!((start(one), start(other)), (Ok(one), Ok(other)) if one == other)
            });
        ensure!(same, "its data is not what the linker made");
        Ok(())
    }
}

fn entries(places: &RelocSectionReader<'_>) -> Result<Vec<RelocationEntry>> {
    Ok(places.entries().into_iter().collect::<Result<_, _>>()?)
}

/// The address at which a segment begins.
pub fn start(data: &Data<'_>) -> Result<u32> {
    match &data.kind {
        DataKind::Active { memory_index: 0, offset_expr } => constant(offset_expr).context("data begins nowhere"),
        _ => bail!("it has data that is not simply in memory"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{
        CodeSection, ConstExpr, CustomSection, DataSection, DataSymbolDefinition, Function, FunctionSection,
        Instruction, LinkingSection, MemArg, MemorySection, MemoryType, SymbolTable, TypeSection,
    };

    const BEGIN: i32 = 1000;
    /// Four things of eight bytes: the second points to the third and has a function at slot 7, the fourth stands alone.
    const DATA: [u8; 32] = {
        let mut data = [1; 32];
        (data[8], data[9], data[10], data[11]) = (0xf8, 0x03, 0, 0);
        (data[12], data[13], data[14], data[15]) = (7, 0, 0, 0);
        data
    };

    /// A place where the linker put something, in a section: kind, offset, symbol, and how far behind its beginning.
    type Place = (u8, u32, u32, Option<u8>);

    fn places(name: &'static str, section: u8, places: &[Place]) -> CustomSection<'static> {
        let mut bytes = vec![section, places.len() as u8];
        for (kind, offset, symbol, behind) in places {
            bytes.extend([*kind, *offset as u8, *symbol as u8]);
            bytes.extend(behind);
        }
        CustomSection { name: name.into(), data: bytes.into() }
    }

    /// A module whose only function has `code`, where the linker put addresses of `things` (thing, how far behind).
    fn linked(code: &[Instruction<'_>], things: &[(u32, u8)]) -> Vec<u8> {
        let mut module = wasm_encoder::Module::new();
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let (mut functions, mut memories) = (FunctionSection::new(), MemorySection::new());
        functions.function(0);
        let memory = MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None };
        memories.memory(memory);
        let mut function = Function::new([]);
        for instruction in code {
            function.instruction(instruction);
        }
        let (mut bodies, mut data) = (CodeSection::new(), DataSection::new());
        bodies.function(&function);
        data.active(0, &ConstExpr::i32_const(BEGIN), DATA);
        let mut symbols = SymbolTable::new();
        for (name, offset) in [("a", 0), ("b", 8), ("c", 16), ("d", 24)] {
            symbols.data(0, name, Some(DataSymbolDefinition { index: 0, offset, size: 8 }));
        }
        symbols.function(0, 0, Some("f"));
        let mut linking = LinkingSection::new();
        linking.symbol_table(&symbols);
        let in_code: Vec<Place> = things.iter().map(|(thing, behind)| (4, 0, *thing, Some(*behind))).collect();
        module.section(&types).section(&functions).section(&memories).section(&bodies).section(&data).section(&linking);
        module.section(&places("reloc.CODE", 3, &in_code));
        // The section counts its segments in one byte, and 1000 is two bytes long: the data begins at its seventh byte.
        module.section(&places("reloc.DATA", 4, &[(5, 15, 2, Some(0)), (2, 19, 4, None)]));
        module.finish()
    }

    fn reached(code: &[Instruction<'_>], things: &[(u32, u8)]) -> Reached {
        let wasm = linked(code, things);
        let mut module = Module::read(&wasm).expect("it can be read");
        module.slots = vec![(9, 0)];
        Reach::read(&wasm, &module).and_then(|reach| reach.from(&module, 0..1)).expect("it can be followed")
    }

    fn ranges(ends: &[(u32, u32)]) -> Vec<Range<u32>> {
        ends.iter().map(|(start, end)| *start..*end).collect()
    }

    #[test]
    fn what_is_pointed_to_is_reached_and_nothing_else() {
        let code = [Instruction::I32Const(BEGIN + 8), Instruction::Drop, Instruction::End];
        let found = reached(&code, &[(1, 0), (3, 0)]);
        assert_eq!(found.data, ranges(&[(1008, 1024)]), "the second thing and the third, which it points to");
        assert_eq!(found.slots, BTreeSet::from([7]));
    }

    #[test]
    fn an_address_behind_a_thing_is_that_things_and_not_the_next_ones() {
        let code = [Instruction::I32Const(BEGIN + 8), Instruction::Drop, Instruction::End];
        assert_eq!(reached(&code, &[(0, 8)]).data, ranges(&[(1000, 1008)]));
        assert_eq!(reached(&code, &[(0, 8), (1, 0)]).data, ranges(&[(1000, 1024)]), "it could be either's");
    }

    #[test]
    fn an_address_within_a_load_counts_and_a_number_that_is_a_slot_too() {
        let from = MemArg { offset: 1024, align: 0, target: Default::default(), ordering: None };
        let code = [Instruction::I32Const(3), Instruction::I32Load8U(from), Instruction::Drop, Instruction::End];
        let found = reached(&code, &[(3, 0)]);
        assert_eq!(found, Reached { data: ranges(&[(1024, 1032)]), slots: BTreeSet::from([3]) });
    }

    #[test]
    fn a_page_that_stays_whole_forgets_where_the_linker_put_things() {
        let wasm = linked(&[Instruction::End], &[]);
        let plain = super::super::write::without_linking(&wasm).expect("it can be copied");
        let module = Module::read(&plain).expect("it can be read");
        assert_eq!(module.data[0].data, DATA);
        assert!(plain.len() < wasm.len() && Reach::read(&plain, &module).is_err());
    }

    #[test]
    fn a_module_of_other_data_is_refused() {
        let wasm = linked(&[Instruction::End], &[]);
        let mut module = Module::read(&wasm).expect("it can be read");
        module.data[0].data = &DATA[1..];
        let error = Reach::read(&wasm, &module).err().expect("another one's data");
        assert!(error.to_string().contains("not what the linker made"), "{error}");
        let error = Reach::read(&wasm[..8], &module).err().expect("nothing to be read from");
        assert!(error.to_string().contains("--emit-relocs"), "{error}");
    }
}
