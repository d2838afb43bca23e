//! Setting up what a machine lacks: the wasm32 target, the tools, the browser, the npm packages.
//!
//! What always holds: every step looks first and does nothing if nothing is missing; what it makes appears whole or not
//! at all (made elsewhere, then renamed); one set-up runs at a time; a step that acts says so in one line, with the time
//! it usually takes.

mod apt;
mod browser;
mod debian;
mod links;
mod node;
mod tools;
mod wasm;

use crate::{lock, paths, run, versions};
use anyhow::{Context, Result};
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Longest wait for a download that may never come.
const DOWNLOAD_PATIENCE: Duration = Duration::from_secs(300);

/// Where things are made before they are put in place. Emptied at the start of every set-up.
const PARTIAL: &str = "partial";

/// All that building and testing need, ready to use.
pub struct Kit {
    /// The folder the tools are kept in.
    pub cache: PathBuf,
    bins: Vec<PathBuf>,
    wasm_rust: wasm::WasmRust,
    browsers: Option<browser::Browsers>,
}

impl Kit {
    /// A command that finds the pinned tools before any others.
    pub fn command(&self, program: &str) -> Command {
        let mut command = run::command(program);
        let inherited = env::var_os("PATH").unwrap_or_default();
        let folders = self.bins.iter().cloned().chain(env::split_paths(&inherited));
        if let Ok(path) = env::join_paths(folders) {
            command.env("PATH", path);
        }
        if let Some(browsers) = &self.browsers {
            command.env("CHROMEDRIVER", &browsers.driver).env("WARREN_CHROMIUM", &browsers.chromium);
            command.env("WARREN_FIREFOX", &browsers.firefox);
        }
        command
    }

    /// Chromium, if there is one: the page can be built without.
    pub fn chromium(&self) -> Option<PathBuf> {
        self.browsers.as_ref().map(|browsers| browsers.chromium.clone()).or_else(browser::find_chromium)
    }

    /// The same, for what compiles for wasm32: with the fallback's toolchain where that one is in use.
    pub fn wasm_command(&self, program: &str) -> Command {
        let mut command = self.command(program);
        self.wasm_rust.apply(&mut command);
        command
    }
}

/// Sets up what the page's build needs.
pub fn for_site() -> Result<Kit> {
    let (cache, _lock) = begin()?;
    site_kit(cache)
}

/// Sets up what the tests need, which includes what the page's build needs.
pub fn for_tests() -> Result<Kit> {
    let (cache, _lock) = begin()?;
    wasm::ensure_components()?;
    let mut kit = site_kit(cache)?;
    let wasm_pack = tools::ensure(&kit.cache, &tools::WASM_PACK)?;
    kit.bins.push(wasm_pack.clone());
    links::link(&wasm_pack, &["wasm-pack"], &kit.wasm_rust)?;
    kit.browsers = Some(browser::ensure(&kit.cache)?);
    node::ensure_packages(&kit.cache)?;
    Ok(kit)
}

/// Waits for other set-ups and clears away what an interrupted one left.
fn begin() -> Result<(PathBuf, lock::Lock)> {
    let cache = paths::cache()?;
    let lock = lock::take(&cache.join("setup.lock"), "setup")?;
    remove_folder(&cache.join(PARTIAL))?;
    Ok((cache, lock))
}

fn site_kit(cache: PathBuf) -> Result<Kit> {
    check_wasm_bindgen()?;
    let wasm_rust = wasm::ensure(&cache)?;
    let trunk = tools::ensure(&cache, &tools::TRUNK)?;
    let bindgen = tools::ensure(&cache, &tools::WASM_BINDGEN)?;
    let wasm_opt = node::ensure_wasm_opt(&cache)?;
    links::link(&trunk, &["trunk"], &wasm_rust)?;
    links::link(&bindgen, tools::WASM_BINDGEN.programs, &wasm_rust)?;
    links::link(&wasm_opt, &["wasm-opt"], &wasm_rust)?;
    Ok(Kit { cache, bins: vec![trunk, bindgen, wasm_opt], wasm_rust, browsers: None })
}

/// A wrong pair fails minutes later with a message about schema versions; better here and in words.
fn check_wasm_bindgen() -> Result<()> {
    let path = paths::root().join("Cargo.lock");
    let lock = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let locked = versions::locked(&lock, "wasm-bindgen").unwrap_or_default();
    anyhow::ensure!(
        locked == versions::WASM_BINDGEN,
        "Cargo.lock has wasm-bindgen {locked}, xtask/src/versions.rs has {}: make them equal \
         (Cargo.toml and Trunk.toml name the version too)",
        versions::WASM_BINDGEN
    );
    Ok(())
}

/// The one line of a step that acts.
fn announce(what: &str, usually: &str) {
    println!("setup: {what} (usually {usually})");
}

/// Adds to a failure what its reader can do about it: first the reason, then the advice.
fn advise<T>(result: Result<T>, advice: &str) -> Result<T> {
    result.map_err(|reason| anyhow::anyhow!("{reason:#}.\n{advice}, then run this again."))
}

/// Where a step's full output goes.
fn log(cache: &Path, step: &str) -> PathBuf {
    cache.join("logs").join(format!("{step}.log"))
}

/// Puts a finished folder in its place; what an interrupted set-up left there goes away.
fn put_in_place(finished: &Path, place: &Path) -> Result<()> {
    if let Some(parent) = place.parent() {
        std::fs::create_dir_all(parent)?;
    }
    remove_folder(place)?;
    std::fs::rename(finished, place)
        .with_context(|| format!("cannot move {} to {}", finished.display(), place.display()))
}

/// Removes a folder if it is there.
fn remove_folder(folder: &Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// An empty folder to make something in, inside of the cache so that a rename can move it. Its name is this process's
/// own: a compiler that outlived an interrupted set-up may still write into another one.
fn workbench(cache: &Path, name: &str) -> Result<PathBuf> {
    let folder = cache.join(PARTIAL).join(format!("{name}-{}", std::process::id()));
    remove_folder(&folder)?;
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(folder)
}
