//! The static site: built by trunk, checked, put into `dist/` whole.
//!
//! What always holds of `dist/`: it works from any folder of any server (relative addresses only), without a network from the
//! second visit on, under a strict policy of its own; it names no other host, and each of its parts is smaller than its limit. A build that breaks one of these fails and leaves the former `dist/` alone.

use crate::setup::Kit;
use crate::{lock, offline, paths, policy, run, slim, split};
use anyhow::{Context, Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};

/// What is transferred until the example plays may not be as big as this, each file gzipped.
const FIRST_BYTES_MAX: usize = 300_000;
/// What comes after it may not be as big as this.
const LATER_BYTES_MAX: usize = 1_000_000;
/// What is fetched only when somebody asks for it.
const ASKED_BYTES_MAX: usize = 100_000;

/// What the site is made from. Another source of the page must be added here.
const INPUTS: [&str; 8] =
    ["Cargo.toml", "Cargo.lock", "Trunk.toml", "index.html", ".cargo/config.toml", "src", "www", "xtask/src"];

/// Builds the site into `dist/`, unless it is there already, made from just these sources.
pub fn build(kit: &Kit) -> Result<()> {
    let target = paths::target();
    let _lock = lock::take(&target.join("warren-site.lock"), "site")?;
    let dist = paths::dist();
    let stamp = target.join("warren-site.stamp");
    let inputs = fingerprint_of_inputs()?;
    if fs::read_to_string(&stamp).is_ok_and(|text| text == stamp_text(inputs, &dist)) {
        println!("site: up to date in {}", dist.display());
        return Ok(());
    }
    println!("site: building the optimised page (usually 1 minute; 2 the first time)");
    let staging = target.join("warren-site");
    remove(&staging)?;
    bundle(kit, &staging)?;
    let is_split = split::split(kit, &staging)?;
    slim_down(&staging)?;
    offline::put_script(&staging)?;
    policy::put(&staging)?;
    offline::put_worker(&staging, &files(&staging)?)?;
    check_addresses(&staging)?;
    let report = weigh(&staging)?;
    println!("{report}");
    if is_split {
        report.enforce()?;
    } else {
        println!("site: without a Chromium that shows what the first picture needs, the page is in one piece");
    }
    remove(&dist)?;
    move_folder(&staging, &dist)?;
    fs::write(&stamp, stamp_text(inputs, &dist)).with_context(|| format!("cannot write {}", stamp.display()))?;
    println!("site: built in {}", dist.display());
    Ok(())
}

fn bundle(kit: &Kit, staging: &Path) -> Result<()> {
    let mut trunk = kit.wasm_command("trunk");
    trunk.args(["build", "--release", "--skip-version-check", "--dist"]).arg(staging).current_dir(paths::root());
    // trunk takes the variable for a flag of its own and refuses the usual value 1.
    trunk.env_remove("NO_COLOR");
    let flags = std::env::var("RUSTFLAGS").unwrap_or_default();
    trunk.env("RUSTFLAGS", format!("{flags} {}", split::LINKER_FLAGS).trim());
    run::show(&mut trunk)
}

fn slim_down(staging: &Path) -> Result<()> {
    for file in files(staging)? {
        let slim = match file.extension().and_then(|ending| ending.to_str()) {
            Some("js") => slim::script,
            Some("css") => slim::stylesheet,
            _ => continue,
        };
        fs::write(&file, slim(&fs::read_to_string(&file)?))?;
    }
    Ok(())
}

/// Every file of the site, in order.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn fingerprint_of_inputs() -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    for input in INPUTS.map(|input| paths::root().join(input)) {
        if input.is_dir() {
            hash_folder(&input, &mut hasher)?;
        } else {
            fs::read(&input).unwrap_or_default().hash(&mut hasher);
        }
    }
    run::capture(run::command("rustc").arg("-vV"))?.hash(&mut hasher);
    Ok(hasher.finish())
}

fn hash_folder(folder: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    for file in files(folder)? {
        file.strip_prefix(folder)?.hash(hasher);
        fs::read(&file)?.hash(hasher);
    }
    Ok(())
}

/// Says which sources made which site: a `trunk serve` in between writes another one there.
fn stamp_text(inputs: u64, dist: &Path) -> String {
    let mut hasher = DefaultHasher::new();
    match hash_folder(dist, &mut hasher) {
        Ok(()) => format!("{inputs:016x} {:016x}\n", hasher.finish()),
        Err(_) => "nothing built\n".to_owned(),
    }
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}

/// Renames where it can; the target folder may be on another disk, there it copies.
fn move_folder(from: &Path, to: &Path) -> Result<()> {
    if fs::rename(from, to).is_ok() {
        return Ok(());
    }
    for file in files(from)? {
        let copy = to.join(file.strip_prefix(from)?);
        if let Some(parent) = copy.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::copy(&file, &copy).with_context(|| format!("cannot write {}", copy.display()))?;
    }
    remove(from)
}

/// When a file is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum When {
    First,
    Later,
    Asked,
}

impl When {
    fn of(file: &str) -> When {
        match file {
            _ if file.ends_with(split::LATER) || file.starts_with(split::LATER_SHEET) => When::Later,
            _ if file == offline::WORKER => When::Later,
            _ if ["examples", "embed.", "warren-player."].iter().any(|begin| file.starts_with(begin)) => When::Asked,
            _ => When::First,
        }
    }

    /// What it is called, and what it may not reach.
    fn limit(self) -> (&'static str, usize) {
        match self {
            When::First => ("until the example plays", FIRST_BYTES_MAX),
            When::Later => ("after that", LATER_BYTES_MAX),
            When::Asked => ("when somebody asks for it", ASKED_BYTES_MAX),
        }
    }
}

/// How big the site is, file by file.
struct Weight {
    gzipped_bytes: BTreeMap<String, usize>,
}

fn weigh(folder: &Path) -> Result<Weight> {
    let mut gzipped_bytes = BTreeMap::new();
    for file in files(folder)? {
        let name = file.strip_prefix(folder)?.to_string_lossy().into_owned();
        gzipped_bytes.insert(name, gzipped(&fs::read(&file)?)?);
    }
    Ok(Weight { gzipped_bytes })
}

/// What a browser fetches of a site until the example plays, gzipped.
pub fn transfer_bytes(folder: &Path) -> Result<usize> {
    Ok(weigh(folder)?.total(When::First))
}

fn gzipped(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

impl Weight {
    fn total(&self, when: When) -> usize {
        self.gzipped_bytes.iter().filter(|(name, _)| When::of(name) == when).map(|(_, bytes)| bytes).sum()
    }

    fn enforce(&self) -> Result<()> {
        for when in [When::First, When::Later, When::Asked] {
            let (name, limit) = when.limit();
            let total = self.total(when);
            if total >= limit {
                bail!(
                    "what is transferred {name} is {total} bytes gzipped, the limit is {limit}: make it smaller \
                     (xtask/src/site.rs keeps the figures)"
                );
            }
        }
        Ok(())
    }
}

impl std::fmt::Display for Weight {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kilo = |bytes: usize| bytes as f64 / 1000.0;
        for (name, bytes) in self.gzipped_bytes.iter().filter(|(name, _)| When::of(name) != When::Asked) {
            writeln!(f, "  {:>8.1} kB  {name}", kilo(*bytes))?;
        }
        writeln!(f, "  gzipped, in all:")?;
        for when in [When::First, When::Later, When::Asked] {
            let (name, limit) = when.limit();
            writeln!(f, "  {:>8.1} kB  {name} (limit {:.0} kB)", kilo(self.total(when)), kilo(limit))?;
        }
        Ok(())
    }
}

/// Fails if a page or stylesheet of the site asks for something that is not beside it.
fn check_addresses(folder: &Path) -> Result<()> {
    let mut offences = Vec::new();
    for file in files(folder)? {
        let is_markup =
            file.extension().is_some_and(|ending| ["html", "css", "svg"].iter().any(|known| ending == *known));
        if !is_markup {
            continue;
        }
        let text = fs::read_to_string(&file).with_context(|| format!("{} is not text", file.display()))?;
        for address in addresses(&text).into_iter().filter(|address| !stays_beside(address)) {
            offences.push(format!("{}: {address}", file.strip_prefix(folder)?.display()));
        }
    }
    if !offences.is_empty() {
        bail!(
            "the site must ask only for what lies beside it, by relative addresses; it asks for:\n{}",
            offences.join("\n")
        );
    }
    Ok(())
}

/// What is fetched: `src="..."`, `url(...)`, `from '...'`, and `href` of a `<link>` (that of an `<a>` is followed only by a
/// reader who wants to).
fn addresses(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for tag in text.split('<').filter(|tag| tag.starts_with("link")) {
        found.extend(quoted_after(tag, "href="));
    }
    for opening in ["src=", "from ", "import(", "module_or_path: "] {
        found.extend(quoted_after(text, opening));
    }
    for rest in text.split("url(").skip(1) {
        let address = rest.split(')').next().unwrap_or_default();
        found.push(address.trim_matches(['"', '\'', ' ']).to_owned());
    }
    found
}

/// The quoted texts that follow `opening` at once.
fn quoted_after(text: &str, opening: &str) -> Vec<String> {
    let quoted = |rest: &str| {
        let quote = rest.chars().next().filter(|first| ['"', '\''].contains(first))?;
        rest[1..].split(quote).next().map(str::to_owned)
    };
    text.split(opening).skip(1).filter_map(quoted).collect()
}

fn stays_beside(address: &str) -> bool {
    let has_scheme = address.split(['/', '?', '#']).next().is_some_and(|head| head.contains(':'));
    address.starts_with("data:") || (!has_scheme && !address.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_leave_the_folder_are_told_apart() {
        for beside in ["./a.css", "a.css", "#anchor", "data:,", "img/b.svg?x=http://y", ""] {
            assert!(stays_beside(beside), "{beside}");
        }
        for away in ["/a.css", "//host/a.css", "https://host/a.css", "http:a"] {
            assert!(!stays_beside(away), "{away}");
        }
    }

    #[test]
    fn every_way_to_fetch_is_seen() {
        let page = r##"<link rel="stylesheet" href="/a.css"><script src='b.js'></script><a href="https://reader.example">x</a>
            <style>p { background: url("//c.example/d.png") }</style><script>import init from '/e.js'; init({ module_or_path: '/f.wasm' })</script>"##;
        assert_eq!(addresses(page), ["/a.css", "b.js", "/e.js", "/f.wasm", "//c.example/d.png"]);
    }

    #[test]
    fn each_part_has_its_limit() {
        for (file, limit) in [
            ("page_bg.wasm", FIRST_BYTES_MAX),
            ("page_later.wasm", LATER_BYTES_MAX),
            ("examples/a.json", ASKED_BYTES_MAX),
            ("warren-player.js", ASKED_BYTES_MAX),
        ] {
            let weight = |bytes| Weight { gzipped_bytes: BTreeMap::from([(file.to_owned(), bytes)]) };
            assert!(weight(limit - 1).enforce().is_ok(), "{file}");
            let error = weight(limit).enforce().expect_err("too big");
            assert!(error.to_string().contains(&limit.to_string()), "{error}");
        }
    }
}
