//! `cargo xtask bench broker`: what the core can do, natively and in a page beside npm's smqp. `cargo xtask bench
//! history`: how fast worlds are played, and how long it takes to go anywhere in their past. `cargo xtask bench page`: how
//! smoothly the built page shows much in flight.
//!
//! What is printed are lines for people: name, messages per second, ratio. Machines are noisy, so contenders take turns and
//! the ratios of one run count.

use crate::setup::{self, Kit};
use crate::{paths, run, server, site};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

const TARGET: &str = "wasm32-unknown-unknown";
const PACKAGE: &str = "warren-bench";

/// A way to build the module for the page.
struct Build {
    /// The folder it is served from; `bench/page/bench.mjs` has the same names.
    name: &'static str,
    profile: &'static str,
    /// Where cargo puts what that profile makes.
    folder: &'static str,
    optimise: &'static str,
}

/// As Warren's own page is built: Cargo.toml and index.html say how.
const PAGE: Build = Build { name: "page", profile: "page", folder: "page", optimise: "-Oz" };
const BUILDS: [Build; 2] = [Build { name: "fast", profile: "bench", folder: "release", optimise: "-O3" }, PAGE];

/// A benchmark: its programs and its page.
struct Bench {
    name: &'static str,
    programs: &'static [&'static str],
    native: &'static str,
    page: &'static str,
    web: &'static str,
    builds: &'static [Build],
}

const BENCHES: [Bench; 2] = [
    Bench {
        name: "broker",
        programs: &["native", "memory"],
        native: "natively (ratio: to the same without events)",
        page: "index.html",
        web: "as wasm in headless Chromium (ratio: to smqp in the same page, or to the same without events)",
        builds: &BUILDS,
    },
    Bench {
        name: "history",
        programs: &["past"],
        native: "natively",
        page: "history.html",
        web: "as wasm in headless Chromium, built as the page is",
        builds: &[PAGE],
    },
];

/// Runs the named benchmark; `native` or `web` behind it leaves the other part out.
pub fn run(arguments: &[String]) -> Result<()> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (name, native, web) = match words[..] {
        ["page"] | ["page", _] | ["page", "memory", _] => return run_page(words.get(1..).unwrap_or_default()),
        [name] => (name, true, true),
        [name, "native"] => (name, true, false),
        [name, "web"] => (name, false, true),
        _ => ("", false, false),
    };
    let Some(bench) = BENCHES.iter().find(|bench| bench.name == name) else {
        bail!("bench knows `page`, and `broker` and `history`, each with or without `native` or `web` behind it");
    };
    let kit = setup::for_tests()?;
    if native {
        run_native(&kit, bench)?;
    }
    if web {
        run_web(&kit, bench)?;
    }
    Ok(())
}

fn run_native(kit: &Kit, bench: &Bench) -> Result<()> {
    println!("\n{}", bench.native);
    for program in bench.programs {
        let mut cargo = kit.command("cargo");
        cargo.args(["run", "--quiet", "--profile", "bench", "--package", PACKAGE, "--bin", program]);
        run::show(cargo.current_dir(paths::root()))?;
    }
    Ok(())
}

fn run_web(kit: &Kit, bench: &Bench) -> Result<()> {
    let site = paths::target().join("warren-bench");
    if site.exists() {
        fs::remove_dir_all(&site).with_context(|| format!("cannot remove {}", site.display()))?;
    }
    paths::copy(&paths::root().join("bench/page"), &site)?;
    paths::copy(&paths::root().join("node_modules/smqp/src"), &site.join("smqp"))?;
    for build in bench.builds {
        make(kit, build, &site.join(build.name))?;
    }
    println!("\n{}", bench.web);
    let running = server::start(&site, 0, "")?;
    let mut node = kit.command("node");
    let address = format!("{}{}", running.address(), bench.page);
    node.arg("bench/page/drive.mjs").current_dir(paths::root()).env("WARREN_URL", address);
    run::show(&mut node)
}

/// The site as it is shipped, with scenarios beside it that it opens by `?src=`. A part of it all: `load`, `definitions`, `memory` (and
/// for how many seconds), or the name of a scenario.
fn run_page(part: &[&str]) -> Result<()> {
    let kit = setup::for_tests()?;
    site::build(&kit)?;
    let folder = paths::target().join("warren-bench-page");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    paths::copy(&paths::dist(), &folder)?;
    let transfer = site::transfer_bytes(&folder)?;
    println!("\nnatively");
    let mut cargo = kit.command("cargo");
    cargo.args(["run", "--quiet", "--profile", "bench", "--package", PACKAGE, "--bin", "crowds", "--"]).arg(&folder);
    run::show(cargo.current_dir(paths::root()))?;
    println!("\nin headless Chromium");
    let running = server::start(&folder, 0, "")?;
    let mut node = kit.command("node");
    node.arg("bench/page/frames.mjs").args(part).current_dir(paths::root());
    node.env("WARREN_URL", running.address()).env("WARREN_TRANSFER_BYTES", transfer.to_string());
    run::show(&mut node)
}

/// Compiles, binds and optimises the module.
fn make(kit: &Kit, build: &Build, folder: &Path) -> Result<()> {
    let mut cargo = kit.wasm_command("cargo");
    cargo.args(["build", "--quiet", "--lib", "--package", PACKAGE, "--target", TARGET, "--profile", build.profile]);
    run::show(cargo.current_dir(paths::root()))?;
    let compiled: PathBuf = paths::target().join(TARGET).join(build.folder).join("warren_bench.wasm");
    let mut bindgen = kit.command("wasm-bindgen");
    bindgen.args(["--target", "web", "--no-typescript", "--out-dir"]).arg(folder).arg(compiled);
    run::show(&mut bindgen)?;
    let module = folder.join("warren_bench_bg.wasm");
    let mut optimiser = kit.command("wasm-opt");
    optimiser.arg(build.optimise).arg(&module).arg("-o").arg(&module);
    run::show(&mut optimiser)
}
