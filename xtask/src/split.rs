//! The page in two parts: what the first picture needs, and the rest, which comes after it.
//!
//! Which functions the first picture needs is observed: the page is opened in Chromium, and what is called while its
//! example begins to play goes into the first part. So nobody has to say what goes where, and nobody can say it wrong:
//! a function of the later part that is called too early is fetched there and then (`split/later.js`).
//!
//! What always holds: a page is split whole or stays whole; the parts' names tell that they belong together.

mod code;
mod glue;
mod live;
mod module;
mod outline;
mod plan;
mod profile;
mod reach;
mod seldom;
mod write;

use crate::setup::Kit;
use crate::{paths, run};
use anyhow::{Context, Result, ensure};
use code::Code;
use module::Module;
use plan::Plan;
use profile::Seen;
use reach::Reach;
use seldom::Arm;
use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

/// Ends the name of the later part's file.
pub const LATER: &str = "_later.wasm";

/// Where cargo leaves the page's module.
const LINKED: &str = "wasm32-unknown-unknown/page/warren-page.wasm";

/// What has the linker tell where it put addresses.
pub const LINKER_FLAGS: &str = "-C link-arg=--emit-relocs";

/// A function as small as this is in the first part anyway: its placeholder would hardly be smaller.
const LITTLE_BYTES: usize = 40;

/// By so many bytes an arm must be greater than what stands in its place: a placeholder is needed for it too.
const GAIN_BYTES: u64 = 20;

/// What Yew does with any component, how any number is written (one in some hundred in another way), what happens when a map
/// grows: whether that is done in the first seconds is a matter of timing, not of the page.
const MACHINERY: [&str; 10] = [
    "yew::virtual_dom::",
    "yew::dom_bundle::",
    "yew::html::component::scope",
    "yew::scheduler",
    "yew::callback",
    "::props_changed",
    "core::any::Any",
    "::num::flt2dec::",
    "::num::bignum::",
    "BuildHasher::hash_one",
];

/// What the name of the later part's style sheet begins with.
pub const LATER_SHEET: &str = "later-";

/// Splits the page that trunk built into `site`. False if there is no browser that shows it: then it stays whole.
pub fn split(kit: &Kit, site: &Path) -> Result<bool> {
    let is_split = try_to_split(kit, site)?;
    if !is_split {
        let whole = site.join(format!("{}_bg.wasm", stem(site)?));
        fs::write(&whole, write::without_linking(&fs::read(&whole)?)?)?;
    }
    Ok(is_split)
}

fn try_to_split(kit: &Kit, site: &Path) -> Result<bool> {
    let Some(chromium) = kit.chromium() else { return Ok(false) };
    let stem = stem(site)?;
    // As wasm-bindgen left it: with the functions' names, which trunk's own optimising drops.
    let bound = paths::target().join("wasm-bindgen/release/warren-page_bg.wasm");
    let wasm = fs::read(&bound).with_context(|| format!("trunk left no {}", bound.display()))?;
    let module = Module::read(&wasm).context("the page's module cannot be split")?;
    let linked = paths::target().join(LINKED);
    let linked = fs::read(&linked).with_context(|| format!("cargo left no {}", linked.display()))?;
    let reach = Reach::read(&linked, &module).context("the page's module cannot be split")?;
    let work = paths::target().join("warren-split");
    if work.exists() {
        fs::remove_dir_all(&work).with_context(|| format!("cannot remove {}", work.display()))?;
    }
    let observed = work.join("observed");
    paths::copy(site, &observed)?;
    let needed = match profile::needed_first(kit, &chromium, &module, &observed, &stem) {
        Ok(needed) => needed,
        Err(error) => {
            println!("site: {error:#}");
            return Ok(false);
        }
    };
    let arms = seldom(&module, &needed)?;
    let outlined = outline::outlined(&module, &arms)?;
    let (whole, module) = (module, Module::read(&outlined).context("taking arms out went wrong")?);
    let names = glue::short_names(&module);
    let module = module.with_imports(&names);
    let is_arm = |function: u32| function >= whole.own().end;
    let plan = Plan::new(&module, &reach, |function| {
        needed.is_called(function) || (is_machinery(module.name(function)) && !is_arm(function))
    })?;
    let plan = Plan::new(&module, &reach, |function| {
        let is_little = module.body(function).as_bytes().len() <= LITTLE_BYTES && !is_arm(function);
        plan.first.contains(&function) || (is_little && plan.doors.contains_key(&function))
    })?;
    fs::write(work.join("doors.txt"), doors(&module, &plan))?;
    let flags = optimiser_flags()?;
    let parts = [("first", write::first(&module, &plan)?), ("later", write::later(&module, &plan)?)];
    let optimised = std::thread::scope(|scope| {
        let running = parts.map(|(name, bytes)| {
            let (work, flags) = (&work, &flags);
            scope.spawn(move || optimise(kit, work, name, &bytes, flags))
        });
        running.map(|thread| thread.join().unwrap_or_else(|_| anyhow::bail!("optimising ended in a panic")))
    });
    let [first, later] = optimised;
    put(site, &stem, &first?, &later?, &module, &names)?;
    Ok(true)
}

/// The arms of the functions that were called of which nothing was executed.
fn seldom(module: &Module<'_>, needed: &Seen) -> Result<BTreeMap<u32, Vec<Arm>>> {
    let mut all = BTreeMap::new();
    let is_whole = |function| is_machinery(module.name(function)) || is_by_chance(module.name(function));
    for function in module.own().filter(|function| needed.is_called(*function) && !is_whole(*function)) {
        let code = Code::read(module, function)?;
        let arms = seldom::arms(module, function, &code, GAIN_BYTES, |run| needed.is_executed(function, run))?;
        if !arms.is_empty() {
            all.insert(function, arms);
        }
    }
    Ok(all)
}

/// What takes and gives memory does so otherwise each time, and what moves is elsewhere in each frame, so that arithmetic is
/// done with other numbers: which of their arms are executed in the first seconds is a matter of timing.
const BY_CHANCE: [&str; 9] = [
    "dlmalloc",
    "__rust_",
    "raw_vec",
    "hashbrown",
    "compiler_builtins",
    "hypot",
    "warren::view::flight::",
    "warren::view::motion::",
    "warren::app::paint::",
];

fn is_by_chance(function: &str) -> bool {
    BY_CHANCE.iter().any(|part| function.contains(part))
}

fn is_machinery(function: &str) -> bool {
    MACHINERY.iter().any(|part| function.contains(part))
}

/// Who is behind which door: a page that had to fetch the later part at once says through which (`warrenLater.forced`).
fn doors(module: &Module<'_>, plan: &Plan) -> String {
    let mut text = String::new();
    for (function, slot) in &plan.doors {
        text += &format!("{} {}\n", write::short(*slot), module.name(*function));
    }
    text
}

/// What the names of trunk's files begin with: `warren-page-` and a hash.
fn stem(site: &Path) -> Result<String> {
    for entry in fs::read_dir(site)? {
        if let Some(stem) = entry?.file_name().to_string_lossy().strip_suffix("_bg.wasm") {
            return Ok(stem.to_owned());
        }
    }
    anyhow::bail!("trunk left no wasm in {}", site.display())
}

/// The flags that index.html has for trunk's own optimising.
fn optimiser_flags() -> Result<Vec<String>> {
    let page = fs::read_to_string(paths::root().join("index.html"))?;
    let value = |name: &str| {
        let rest = page.split(&format!("{name}=\"")).nth(1)?;
        rest.split('"').next().map(str::to_owned)
    };
    let level = value("data-wasm-opt").context("index.html has no data-wasm-opt")?;
    let params = value("data-wasm-opt-params").unwrap_or_default();
    Ok(std::iter::once(format!("-O{level}")).chain(params.split_whitespace().map(str::to_owned)).collect())
}

fn optimise(kit: &Kit, work: &Path, name: &str, bytes: &[u8], flags: &[String]) -> Result<Vec<u8>> {
    let (plain, small) = (work.join(format!("{name}.wasm")), work.join(format!("{name}.small.wasm")));
    fs::write(&plain, bytes)?;
    run::capture(kit.command("wasm-opt").args(flags).arg(&plain).arg("-o").arg(&small))?;
    Ok(fs::read(small)?)
}

/// Puts both parts in the place of the whole. All names are new: who has the page of another build gets no part of this.
fn put(
    site: &Path,
    stem: &str,
    first: &[u8],
    later: &[u8],
    module: &Module<'_>,
    names: &[(String, String)],
) -> Result<()> {
    let index = site.join("index.html");
    let (page, sheet) = without_later_sheet(&fs::read_to_string(&index)?)?;
    let mut hasher = DefaultHasher::new();
    (first, later, &sheet).hash(&mut hasher);
    let new = format!("warren-page-{:016x}", hasher.finish());
    let script = site.join(format!("{stem}.js"));
    let glue = glue::renamed(&fs::read_to_string(&script)?, names)?;
    let glue = glue::splitting(&glue, &format!("{new}{LATER}"), &sheet, module.slots_table)?;
    fs::remove_file(script)?;
    fs::remove_file(site.join(format!("{stem}_bg.wasm")))?;
    fs::write(site.join(format!("{new}.js")), glue)?;
    fs::write(site.join(format!("{new}_bg.wasm")), first)?;
    fs::write(site.join(format!("{new}{LATER}")), later)?;
    ensure!(page.contains(stem), "index.html does not name {stem}");
    Ok(fs::write(index, page.replace(stem, &new))?)
}

/// A page without the link to the later part's style sheet, and the name of that: it comes with the part.
fn without_later_sheet(page: &str) -> Result<(String, String)> {
    let names_it = |line: &&str| line.contains("rel=\"stylesheet\"") && line.contains(LATER_SHEET);
    let line = page.lines().find(names_it).context("index.html does not link the later part's style sheet")?;
    let begin = line.find(LATER_SHEET).unwrap_or_default();
    let name = line[begin..].split('"').next().unwrap_or_default();
    Ok((page.replacen(line, "", 1), name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::without_later_sheet;

    #[test]
    fn the_later_sheet_is_not_linked_by_the_page() {
        let page = "<head>\n<link rel=\"stylesheet\" href=\"./warren-1.css\"/>\n<link rel=\"stylesheet\" href=\"./later-2.css\"/>\n</head>";
        let (page, sheet) = without_later_sheet(page).expect("it is there");
        assert_eq!(sheet, "later-2.css");
        assert!(page.contains("warren-1.css") && !page.contains("later-"), "{page}");
        assert!(without_later_sheet(&page).is_err());
    }
}
