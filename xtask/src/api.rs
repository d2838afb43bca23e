//! `cargo xtask api`: the broker as an ES module with types, for other people's pages and tests.
//!
//! It is a module of its own, built from `src/api.rs`: the page carries nothing of it.

use crate::setup::Kit;
use crate::{paths, run};
use anyhow::{Context, Result};
use std::fs;

const TARGET: &str = "wasm32-unknown-unknown";
const PROGRAM: &str = "warren-api";

/// Builds `warren.js`, `warren_bg.wasm` and `warren.d.ts` and says where they are.
pub fn build(kit: &Kit) -> Result<()> {
    let folder = paths::target().join(PROGRAM);
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    let mut cargo = kit.wasm_command("cargo");
    cargo.args(["build", "--target", TARGET, "--profile", "page", "--features", "api", "--bin", PROGRAM]);
    run::show(cargo.current_dir(paths::root()))?;
    let compiled = paths::target().join(TARGET).join("page").join(format!("{PROGRAM}.wasm"));
    let mut bindgen = kit.command("wasm-bindgen");
    bindgen.args(["--target", "web", "--out-name", "warren", "--out-dir"]).arg(&folder).arg(compiled);
    run::show(&mut bindgen)?;
    let module = folder.join("warren_bg.wasm");
    let mut optimiser = kit.command("wasm-opt");
    optimiser.arg("-Oz").arg(&module).arg("-o").arg(&module);
    run::show(&mut optimiser)?;
    let bytes = fs::metadata(&module).with_context(|| format!("there is no {}", module.display()))?.len();
    println!("api: {} has warren.js, warren_bg.wasm ({} kB) and warren.d.ts", folder.display(), bytes / 1000);
    Ok(())
}
