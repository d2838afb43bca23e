//! A WebAssembly module taken apart, as far as it must be known to be put together again in two.
//!
//! What is not known here (a start function, imports that are no functions, elements that are expressions) is refused: a
//! module is split whole or not at all.

use anyhow::{Context, Result, bail};
use wasmparser::{
    ConstExpr, Data, Element, ElementItems, ElementKind, Export, ExternalKind, FuncType, FunctionBody, Global, Import,
    KnownCustom, MemoryType, Name, NameSectionReader, Operator, Parser, Payload, Table, TypeRef,
};

/// A module. Functions are numbered as in the binary: imported ones first.
#[derive(Clone, Default)]
pub struct Module<'a> {
    pub types: Vec<FuncType>,
    pub imports: Vec<Import<'a>>,
    /// The type of each function, the imported ones included.
    pub functions: Vec<u32>,
    pub tables: Vec<Table<'a>>,
    pub memories: Vec<MemoryType>,
    pub globals: Vec<Global<'a>>,
    pub exports: Vec<Export<'a>>,
    /// What stands in the table of functions from the beginning: slot and function, by slot.
    pub slots: Vec<(u32, u32)>,
    /// Which table that is.
    pub slots_table: u32,
    pub bodies: Vec<FunctionBody<'a>>,
    pub data: Vec<Data<'a>>,
    /// What a compiler may use, as the section says it.
    pub features: Option<&'a [u8]>,
    names: Vec<&'a str>,
}

impl<'a> Module<'a> {
    /// Takes a module apart.
    pub fn read(wasm: &'a [u8]) -> Result<Self> {
        let mut module = Module::default();
        for payload in Parser::new(0).parse_all(wasm) {
            module.take(payload?)?;
        }
        module.slots.sort_unstable();
        Ok(module)
    }

    fn take(&mut self, payload: Payload<'a>) -> Result<()> {
        match payload {
            Payload::TypeSection(section) => {
                self.types = section.into_iter_err_on_gc_types().collect::<Result<_, _>>()?;
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    let TypeRef::Func(ty) = import.ty else { bail!("`{}` is imported and no function", import.name) };
                    self.functions.push(ty);
                    self.imports.push(import);
                }
            }
            Payload::FunctionSection(section) => {
                for ty in section {
                    self.functions.push(ty?);
                }
            }
            Payload::TableSection(section) => self.tables = section.into_iter().collect::<Result<_, _>>()?,
            Payload::MemorySection(section) => self.memories = section.into_iter().collect::<Result<_, _>>()?,
            Payload::GlobalSection(section) => self.globals = section.into_iter().collect::<Result<_, _>>()?,
            Payload::ExportSection(section) => self.exports = section.into_iter().collect::<Result<_, _>>()?,
            Payload::DataSection(section) => self.data = section.into_iter().collect::<Result<_, _>>()?,
            Payload::ElementSection(section) => {
                for element in section {
                    self.take_element(&element?)?;
                }
            }
            Payload::CodeSectionEntry(body) => self.bodies.push(body),
            Payload::StartSection { .. } => bail!("it has a start function"),
            Payload::TagSection(_) => bail!("it has exceptions"),
            Payload::CustomSection(section) => match section.as_known() {
                KnownCustom::Name(names) => self.take_names(names)?,
                _ if section.name() == "target_features" => self.features = Some(section.data()),
                _ => {}
            },
            _ => {}
        }
        Ok(())
    }

    fn take_element(&mut self, element: &Element<'a>) -> Result<()> {
        let (ElementKind::Active { table_index, offset_expr }, ElementItems::Functions(functions)) =
            (&element.kind, &element.items)
        else {
            bail!("it has elements that are not simply functions in a table");
        };
        self.slots_table = table_index.unwrap_or(0);
        let start = constant(offset_expr).context("elements begin at no fixed slot")?;
        for (slot, function) in (start..).zip(functions.clone()) {
            self.slots.push((slot, function?));
        }
        Ok(())
    }

    fn take_names(&mut self, names: NameSectionReader<'a>) -> Result<()> {
        for part in names {
            let Name::Function(map) = part? else { continue };
            for naming in map {
                let naming = naming?;
                let index = naming.index as usize;
                if self.names.len() <= index {
                    self.names.resize(index + 1, "");
                }
                self.names[index] = naming.name;
            }
        }
        Ok(())
    }

    /// The module with other names for what it imports.
    pub fn with_imports<'n>(self, names: &'n [(String, String)]) -> Module<'n>
    where
        'a: 'n,
    {
        let mut module: Module<'n> = self;
        for import in &mut module.imports {
            if let Some((_, new)) = names.iter().find(|(old, _)| old == import.name) {
                import.name = new;
            }
        }
        module
    }

    /// How many functions are imported: the first that is not has this number.
    pub fn imported(&self) -> u32 {
        self.imports.len() as u32
    }

    /// The functions that are the module's own.
    pub fn own(&self) -> std::ops::Range<u32> {
        self.imported()..self.functions.len() as u32
    }

    /// The type of a function.
    pub fn type_of(&self, function: u32) -> u32 {
        self.functions[function as usize]
    }

    /// The code of a function that is not imported.
    pub fn body(&self, function: u32) -> &FunctionBody<'a> {
        &self.bodies[(function - self.imported()) as usize]
    }

    /// A function's name; empty if it has none.
    pub fn name(&self, function: u32) -> &'a str {
        self.names.get(function as usize).copied().unwrap_or("")
    }

    /// The functions that others may call from outside.
    pub fn exported(&self) -> impl Iterator<Item = u32> {
        self.exports.iter().filter(|export| export.kind == ExternalKind::Func).map(|export| export.index)
    }

    /// The number of a type, which is made if there is none such.
    pub fn number_of_type(&mut self, wanted: FuncType) -> u32 {
        let known = self.types.iter().position(|ty| *ty == wanted);
        let number = known.unwrap_or(self.types.len());
        if known.is_none() {
            self.types.push(wanted);
        }
        number as u32
    }

    /// Whom a function calls by number.
    pub fn calls(&self, function: u32) -> Result<Vec<u32>> {
        let mut found = Vec::new();
        for operator in self.body(function).get_operators_reader()? {
            match operator? {
                Operator::Call { function_index } => found.push(function_index),
                Operator::RefFunc { .. } | Operator::ReturnCall { .. } => {
                    bail!("it refers to functions in a way that cannot be split")
                }
                _ => {}
            }
        }
        Ok(found)
    }
}

/// The number that an expression stands for.
pub fn constant(expression: &ConstExpr<'_>) -> Option<u32> {
    match expression.get_operators_reader().read().ok()? {
        Operator::I32Const { value } => Some(value.cast_unsigned()),
        _ => None,
    }
}
