//! Node.js, and what npm installs: wasm-opt for the build, Playwright and axe for the tests.

use super::{DOWNLOAD_PATIENCE, advise, announce, apt, put_in_place, tools, workbench};
use crate::{paths, run, versions};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const QUIET: [&str; 4] = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];

/// Makes sure of wasm-opt; gives the folder it is in.
pub fn ensure_wasm_opt(cache: &Path) -> Result<PathBuf> {
    let place = cache.join("tools").join(format!("binaryen-{}", versions::BINARYEN));
    let bin = place.join("bin");
    let major = versions::BINARYEN.split('.').next().unwrap_or_default();
    if node_major().is_some() && tools::says_version(&bin.join("wasm-opt"), major) {
        return Ok(bin);
    }
    if let Some(folder) = paths::which("wasm-opt").filter(|program| tools::says_version(program, major)) {
        return folder.parent().map(Path::to_owned).context("wasm-opt is in no folder");
    }
    ensure_node(cache)?;
    announce(&format!("fetching wasm-opt (binaryen {}) by npm", versions::BINARYEN), "10 seconds");
    let bench = workbench(cache, "binaryen")?;
    let mut command = npm();
    command.args(["install", "--no-save", "--no-package-lock"]).args(QUIET).arg("--prefix").arg(&bench);
    command.arg(format!("binaryen@{}", versions::BINARYEN)).current_dir(&bench);
    run::with_progress(&mut command, "npm", &super::log(cache, "npm-binaryen"), DOWNLOAD_PATIENCE)?;
    keep_wasm_opt_alone(&bench)?;
    if !tools::says_version(&bench.join("bin/wasm-opt"), major) {
        bail!("wasm-opt {} was installed but does not start", versions::BINARYEN);
    }
    put_in_place(&bench, &place)?;
    Ok(bin)
}

/// The package holds eleven programs of 10 MB each; one of them is needed.
fn keep_wasm_opt_alone(bench: &Path) -> Result<()> {
    let package = bench.join("node_modules/binaryen");
    let bin = bench.join("bin");
    fs::create_dir_all(&bin)?;
    for file in ["bin/wasm-opt", "bin/package.json"] {
        fs::rename(package.join(file), bench.join(file))
            .with_context(|| format!("binaryen's package has no {file}"))?;
    }
    super::remove_folder(&bench.join("node_modules"))
}

/// Makes sure of the packages that package-lock.json names. A stamp, written last, tells that they are complete.
pub fn ensure_packages(cache: &Path) -> Result<()> {
    ensure_node(cache)?;
    let root = paths::root();
    let wanted = fs::read_to_string(root.join("package-lock.json")).context("cannot read package-lock.json")?;
    let stamp = root.join("node_modules/.warren-complete");
    if fs::read_to_string(&stamp).is_ok_and(|had| had == wanted) {
        return Ok(());
    }
    announce("fetching Playwright and axe by npm", "10 seconds");
    let mut command = npm();
    command.arg("ci").args(QUIET).env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1").current_dir(&root);
    run::with_progress(&mut command, "npm ci", &super::log(cache, "npm-ci"), DOWNLOAD_PATIENCE)?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))
}

fn ensure_node(cache: &Path) -> Result<()> {
    let npm_runs = run::capture(npm().arg("--version")).is_ok();
    match node_major() {
        Some(major) if major >= versions::NODE_MAJOR_MIN && npm_runs => return Ok(()),
        Some(major) if major < versions::NODE_MAJOR_MIN => {
            bail!("Node.js {major} is too old: install Node.js {} or newer", versions::NODE_MAJOR_MIN)
        }
        _ => {}
    }
    let packages: &[&str] = if node_major().is_some() { &["npm"] } else { &["nodejs", "npm"] };
    let advice = format!(
        "wasm-opt and the browser tests need Node.js {} or newer with npm: install it",
        versions::NODE_MAJOR_MIN
    );
    advise(apt::install(cache, packages, "Node.js with npm", "1 minute"), &advice)?;
    match node_major() {
        Some(major) if major >= versions::NODE_MAJOR_MIN => Ok(()),
        _ => bail!("apt-get's Node.js is too old: install Node.js {} or newer with npm", versions::NODE_MAJOR_MIN),
    }
}

fn node_major() -> Option<u32> {
    let said = run::capture(Command::new("node").arg("--version")).ok()?;
    said.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

fn npm() -> Command {
    run::command(if cfg!(windows) { "npm.cmd" } else { "npm" })
}
