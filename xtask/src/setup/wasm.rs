//! A Rust that compiles for wasm32: the one in use with its target added, else Debian's (`debian.rs`).
//!
//! Whether it works is never guessed from files: a small library is compiled and linked.

use super::{DOWNLOAD_PATIENCE, advise, announce, debian, remove_folder, workbench};
use crate::{paths, run};
use anyhow::{Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The target of the page.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// rustup's reasons can be as long as a paragraph.
const REASON_CHARS_MAX: usize = 160;

/// Allocates, so that it links much of the standard library.
const PROBE: &str = "#[unsafe(no_mangle)]\npub extern \"C\" fn probe(n: usize) -> usize { vec![n; n].len() }\n";

/// Which Rust compiles for wasm32.
pub enum WasmRust {
    /// The one in use has the target.
    InUse,
    /// A toolchain of Debian's parts, known to rustup by name.
    Debian { name: &'static str, folder: PathBuf },
}

impl WasmRust {
    /// Makes a command compile with it.
    pub fn apply(&self, command: &mut Command) {
        if let WasmRust::Debian { name, folder } = self {
            // Clippy finds the standard library by SYSROOT, everything else through rustup.
            command.env("RUSTUP_TOOLCHAIN", name).env("SYSROOT", folder).env_remove("LD_LIBRARY_PATH");
        }
    }
}

/// Makes sure of a Rust that compiles for wasm32.
pub fn ensure(cache: &Path) -> Result<WasmRust> {
    if works(cache, &WasmRust::InUse) {
        return Ok(WasmRust::InUse);
    }
    let fallback = WasmRust::Debian { name: debian::NAME, folder: debian::folder(cache) };
    if debian::is_complete(cache) && works(cache, &fallback) {
        return Ok(fallback);
    }
    let why_not = match add_target(cache) {
        Ok(()) if works(cache, &WasmRust::InUse) => return Ok(WasmRust::InUse),
        Ok(()) => "rustup added the target, yet it does not compile".to_owned(),
        Err(error) => first_line(&format!("{error:#}")),
    };
    println!("  rustup could not add {TARGET}: {why_not}");
    let advice = format!("Rust's {TARGET} target is missing: install it with `rustup target add {TARGET}`");
    advise(debian::make(cache), &advice)?;
    if !works(cache, &fallback) {
        bail!(
            "the toolchain in {} does not compile for {TARGET}: delete that folder, then run this again",
            debian::folder(cache).display()
        );
    }
    Ok(fallback)
}

/// Makes sure of the formatter and the linter, which a minimal rustup lacks.
pub fn ensure_components() -> Result<()> {
    let lacks = |tool: &str| run::capture(run::command("cargo").args([tool, "--version"])).is_err();
    if !lacks("fmt") && !lacks("clippy") {
        return Ok(());
    }
    announce("adding rustfmt and clippy by rustup", "10 seconds");
    let added = run::show(run::command("rustup").args(["component", "add", "rustfmt", "clippy"]));
    advise(added, "The tests need rustfmt and clippy: install them with `rustup component add rustfmt clippy`")
}

fn add_target(cache: &Path) -> Result<()> {
    if paths::which("rustup").is_none() {
        bail!("there is no rustup here");
    }
    announce(&format!("adding Rust's {TARGET} target by rustup"), "10 seconds");
    let log = super::log(cache, "rustup-target");
    let add = || {
        let mut command = run::command("rustup");
        command.args(["target", "add", TARGET]).env("RUSTUP_MAX_RETRIES", "1").current_dir(paths::root());
        run::with_progress(&mut command, "rustup", &log, DOWNLOAD_PATIENCE)
    };
    add()?;
    if !works(cache, &WasmRust::InUse) {
        // Broken files that rustup believes in: take them out once, put them in again.
        run::capture(run::command("rustup").args(["target", "remove", TARGET]).current_dir(paths::root()))?;
        add()?;
    }
    Ok(())
}

/// Compiles and links a small library.
fn works(cache: &Path, rust: &WasmRust) -> bool {
    probe(cache, rust).is_ok()
}

fn probe(cache: &Path, rust: &WasmRust) -> Result<()> {
    let bench = workbench(cache, "probe")?;
    fs::write(bench.join("probe.rs"), PROBE)?;
    let mut command = run::command("rustc");
    rust.apply(&mut command);
    command.args([
        "--edition",
        "2024",
        "--target",
        TARGET,
        "--crate-type",
        "cdylib",
        "-C",
        "lto=fat",
        "-C",
        "panic=abort",
        "probe.rs",
    ]);
    run::capture(command.current_dir(&bench))?;
    let made = fs::read(bench.join("probe.wasm"))?;
    anyhow::ensure!(made.starts_with(b"\0asm"), "not a wasm file");
    remove_folder(&bench)
}

fn first_line(text: &str) -> String {
    let lines = || text.lines().filter(|line| !line.trim().is_empty());
    let reason = lines().find(|line| line.contains("error")).or_else(|| lines().next());
    reason.unwrap_or_default().trim().chars().take(REASON_CHARS_MAX).collect()
}
