//! The plain tools: `trunk serve`, `wasm-pack test` and the like work from any shell, without a variable set by hand.
//!
//! Links in cargo's folder of programs, which is on PATH, lead to the tools in the cache. A program that somebody
//! installed there is never replaced.

use super::debian;
use super::wasm::{TARGET, WasmRust};
use crate::paths;
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

/// Programs that call a Rust compiler for wasm32.
const COMPILING: [&str; 2] = ["trunk", "wasm-pack"];
const OURS: &str = "Made by Warren's";

/// Links the programs in `bin`, unless they are on PATH already.
pub fn link(bin: &Path, programs: &[&str], rust: &WasmRust) -> Result<()> {
    let shelf = paths::cargo_bin()?;
    if bin == shelf || (paths::is_on_path(bin) && matches!(rust, WasmRust::InUse)) {
        return Ok(());
    }
    fs::create_dir_all(&shelf).with_context(|| format!("cannot create {}", shelf.display()))?;
    for program in programs {
        let original = bin.join(format!("{program}{}", std::env::consts::EXE_SUFFIX));
        let place = shelf.join(format!("{program}{}", std::env::consts::EXE_SUFFIX));
        let wrapper = match rust {
            WasmRust::Debian { name, .. } if COMPILING.contains(program) => Some(wrapper(&original, name)),
            _ => None,
        };
        if is_right(&place, &original, wrapper.as_deref()) {
            continue;
        }
        if place.symlink_metadata().is_ok() && !is_ours(&place) {
            println!("note: {} is not the pinned version; plain `{program}` will use it", place.display());
            continue;
        }
        // Made beside it and renamed over it: a shell that looks at this moment finds the old or the new one.
        let fresh = shelf.join(format!(".warren-{program}-{}", std::process::id()));
        match wrapper {
            Some(line) => debian::script(&fresh, &line)?,
            None => debian::link(&original, &fresh)?,
        }
        fs::rename(&fresh, &place).with_context(|| format!("cannot write {}", place.display()))?;
        if !paths::is_on_path(&shelf) {
            println!("note: {} is not on PATH; plain `{program}` works once it is", shelf.display());
        }
    }
    Ok(())
}

/// Only where the Rust in use lacks the target does the tool get Debian's; elsewhere it is as if called directly.
fn wrapper(original: &Path, toolchain: &str) -> String {
    format!(
        "[ -d \"$(rustc --print sysroot)/lib/rustlib/{TARGET}/lib\" ] || export RUSTUP_TOOLCHAIN={toolchain}\n\
         exec '{}' \"$@\"",
        original.display()
    )
}

fn is_right(place: &Path, original: &Path, wrapper: Option<&str>) -> bool {
    match wrapper {
        Some(line) => fs::read_to_string(place).is_ok_and(|text| text.contains(line)),
        None => fs::read_link(place).is_ok_and(|leads_to| leads_to == original) && place.exists(),
    }
}

/// A link into a cache of ours, a script of ours, or a link that leads nowhere any more.
fn is_ours(place: &Path) -> bool {
    if let Ok(leads_to) = fs::read_link(place) {
        let text = leads_to.to_string_lossy();
        return !place.exists()
            || text.contains("/tools/trunk-")
            || text.contains("/tools/wasm-")
            || text.contains("/tools/binaryen-");
    }
    fs::read(place).is_ok_and(|bytes| bytes.starts_with(b"#!/bin/sh") && String::from_utf8_lossy(&bytes).contains(OURS))
}
