//! Tools that come from crates.io: looked for, else fetched ready-made, else compiled once and kept.

use super::{announce, put_in_place, remove_folder, workbench};
use crate::{paths, run, versions};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const BINSTALL_PATIENCE: Duration = Duration::from_secs(90);
const COMPILE_PATIENCE: Duration = Duration::from_secs(60 * 60);

/// Their own profiles take three times as long to compile and gain nothing that a build of this size would show.
const QUICK_PROFILE: [(&str, &str); 4] = [
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "false"),
];

/// A tool, pinned.
pub struct Tool {
    package: &'static str,
    version: &'static str,
    /// The first one is asked for its version.
    pub programs: &'static [&'static str],
    flags: &'static [&'static str],
    usually: &'static str,
}

/// Without its own look-out for newer versions of itself, which would be a request at every start.
pub const TRUNK: Tool = Tool {
    package: "trunk",
    version: versions::TRUNK,
    programs: &["trunk"],
    flags: &["--no-default-features", "--features", "rustls"],
    usually: "2 to 4 minutes, once",
};

/// With the runner of the tests in the browser.
pub const WASM_BINDGEN: Tool = Tool {
    package: "wasm-bindgen-cli",
    version: versions::WASM_BINDGEN,
    programs: &["wasm-bindgen", "wasm-bindgen-test-runner"],
    flags: &[],
    usually: "1 to 2 minutes, once",
};

/// The plain tool of many Rust and wasm projects.
pub const WASM_PACK: Tool = Tool {
    package: "wasm-pack",
    version: versions::WASM_PACK,
    programs: &["wasm-pack"],
    flags: &[],
    usually: "1 to 2 minutes, once",
};

/// Makes sure of a tool; gives the folder its programs are in.
pub fn ensure(cache: &Path, tool: &Tool) -> Result<PathBuf> {
    let place = cache.join("tools").join(format!("{}-{}", tool.package, tool.version));
    let bin = place.join("bin");
    if is_complete(&bin, tool) {
        return Ok(bin);
    }
    if let Some(folder) = on_path(tool) {
        return Ok(folder);
    }
    let bench = workbench(cache, tool.package)?;
    if !fetch_ready_made(cache, tool, &bench) {
        compile(cache, tool, &bench)?;
    }
    if !is_complete(&bench.join("bin"), tool) {
        bail!("{} {} was installed but does not start", tool.package, tool.version);
    }
    put_in_place(&bench, &place)?;
    Ok(bin)
}

/// True if a program says that it is of that version.
pub fn says_version(program: &Path, version: &str) -> bool {
    let said = run::capture(Command::new(program).arg("--version")).unwrap_or_default();
    said.split_whitespace().any(|word| word == version)
}

fn is_complete(bin: &Path, tool: &Tool) -> bool {
    let file = |program: &str| bin.join(format!("{program}{}", std::env::consts::EXE_SUFFIX));
    tool.programs.iter().all(|program| file(program).is_file())
        && tool.programs.first().is_some_and(|program| says_version(&file(program), tool.version))
}

fn on_path(tool: &Tool) -> Option<PathBuf> {
    let first = paths::which(tool.programs.first()?)?;
    let folder = first.parent()?.to_owned();
    is_complete(&folder, tool).then_some(folder)
}

/// Where somebody has `cargo binstall`, it takes seconds; where its downloads are out of reach, we compile.
fn fetch_ready_made(cache: &Path, tool: &Tool, bench: &Path) -> bool {
    if paths::which("cargo-binstall").is_none() {
        return false;
    }
    announce(&format!("fetching {} {} by cargo binstall", tool.package, tool.version), "some seconds");
    let mut command = run::command("cargo");
    command.args(["binstall", "--no-confirm", "--disable-strategies", "compile", "--no-track", "--root"]);
    command.arg(bench).arg(format!("{}@{}", tool.package, tool.version));
    let log = super::log(cache, &format!("binstall-{}", tool.package));
    let fetched = run::with_progress(&mut command, tool.package, &log, BINSTALL_PATIENCE);
    fetched.is_ok() && is_complete(&bench.join("bin"), tool)
}

/// Compiles into the workbench. The build folder survives an interruption, so that the next run goes on from there.
fn compile(cache: &Path, tool: &Tool, bench: &Path) -> Result<()> {
    announce(&format!("compiling {} {}", tool.package, tool.version), tool.usually);
    let build = cache.join("build").join(format!("{}-{}", tool.package, tool.version));
    let log = super::log(cache, &format!("install-{}", tool.package));
    let attempt = |locked: bool| {
        let mut command = run::command("cargo");
        command.arg("install").args(tool.flags);
        if locked {
            command.arg("--locked");
        }
        command.arg("--force").arg("--root").arg(bench).arg("--target-dir").arg(&build);
        command.arg(format!("{}@{}", tool.package, tool.version));
        command.envs(QUICK_PROFILE).env_remove("RUSTFLAGS").current_dir(bench);
        run::with_progress(&mut command, tool.package, &log, COMPILE_PATIENCE)
    };
    let locked = attempt(true);
    if locked.is_err() && !run::has_compiled(&log) {
        // The versions it was released with may have been withdrawn, or a mirror may lack one of them.
        println!("  {}: not with the libraries it was released with; taking the newest that fit", tool.package);
        attempt(false)?;
    } else {
        locked
            .with_context(|| format!("{} could not be compiled; all output is in {}", tool.package, log.display()))?;
    }
    remove_folder(&build)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_of_another_version_is_not_taken() {
        let cargo = paths::which("cargo").expect("cargo runs this test");
        assert!(!says_version(&cargo, "0.0.1"));
        assert!(!says_version(Path::new("/no/such/program"), "0.0.1"));
    }
}
