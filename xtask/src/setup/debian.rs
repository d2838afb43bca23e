//! Where rustup's downloads are out of reach: a wasm32 toolchain of Debian's parts, in the cache, known to rustup.
//!
//! Debian ships a recent compiler (`rustc-web`), the source of its standard library and a linker, but no standard
//! library for wasm32; it is compiled here, once for each version of the compiler. Nothing under /usr is written, except
//! by apt: a folder of our own points to the compiler and holds what is missing.

use super::{announce, apt, put_in_place, remove_folder, wasm, workbench};
use crate::{paths, run, versions};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// What rustup knows it by.
pub const NAME: &str = "warren-wasm";

const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";
const PACKAGES: [&str; 5] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy", versions::DEBIAN_LLD];
const COMPILE_PATIENCE: Duration = Duration::from_secs(20 * 60);
const STAMP: &str = "made-for";

/// The toolchain's folder.
pub fn folder(cache: &Path) -> PathBuf {
    cache.join("wasm-rust")
}

/// True if the toolchain is whole, was made for the compiler that is installed, and rustup knows it.
pub fn is_complete(cache: &Path) -> bool {
    let made_for = fs::read_to_string(folder(cache).join(STAMP));
    let known = run::capture(run::command("rustup").args(["toolchain", "list"])).unwrap_or_default();
    matches!((made_for, compiler()), (Ok(made_for), Ok(compiler)) if made_for == compiler)
        && known.lines().any(|line| line.split_whitespace().next() == Some(NAME))
}

/// Installs the parts and makes the toolchain.
pub fn make(cache: &Path) -> Result<()> {
    if !cfg!(target_os = "linux") || !apt::is_here() {
        bail!("rustup's downloads are out of reach, and only Debian's packages offer another way");
    }
    if paths::which("rustup").is_none() {
        bail!("rustup is missing: install it from https://rustup.rs");
    }
    if !parts_are_here() {
        apt::install(cache, &PACKAGES, "Debian's Rust for the web", "30 seconds")?;
    }
    let compiler = compiler()?;
    announce("compiling Rust's standard library for wasm32", "1 minute, once");
    let library = compile_library(cache)?;
    let bench = workbench(cache, "wasm-rust")?;
    assemble(&bench, &folder(cache), &library)?;
    fs::write(bench.join(STAMP), compiler)?;
    put_in_place(&bench, &folder(cache))?;
    remove_folder(&cache.join("build/wasm-std"))?;
    forget_old_output()?;
    let mut link = run::command("rustup");
    link.args(["toolchain", "link", NAME]).arg(folder(cache));
    run::capture(&mut link).map(|_| ())
}

fn parts_are_here() -> bool {
    let linker = Path::new("/usr/bin").join(versions::DEBIAN_LLD);
    [Path::new(RUSTC), Path::new(CARGO), Path::new("/usr/bin/cargo-clippy"), &linker].iter().all(|part| part.is_file())
        && Path::new("/usr/lib/rustlib/src/rust/library/Cargo.toml").is_file()
}

/// What the installed compiler says of itself; another compiler cannot use this one's standard library.
fn compiler() -> Result<String> {
    run::capture(Command::new(RUSTC).arg("-vV").env_remove("LD_LIBRARY_PATH"))
}

fn host() -> Result<String> {
    let said = compiler()?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("the compiler does not name its host")
}

/// Compiles the standard library as part of an empty crate; gives the folder with the libraries.
fn compile_library(cache: &Path) -> Result<PathBuf> {
    let build = cache.join("build/wasm-std");
    remove_folder(&build)?;
    fs::create_dir_all(build.join("src"))?;
    fs::write(
        build.join("Cargo.toml"),
        "[package]\nname = \"nothing\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n",
    )?;
    fs::write(build.join("src/lib.rs"), "#![no_std]\n")?;
    let mut command = run::command(CARGO);
    command.args(["build", "--release", "-Z", "build-std=std,panic_abort,panic_unwind,test,proc_macro"]);
    command.args(["--target", wasm::TARGET, "--target-dir"]).arg(build.join("target"));
    // Without bitcode in it, a build with link-time optimisation fails; the first variable lets a stable compiler build it.
    command.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "-C embed-bitcode=yes").env("RUSTC", RUSTC);
    command.env_remove("RUSTUP_TOOLCHAIN").env_remove("LD_LIBRARY_PATH").current_dir(&build);
    run::with_progress(&mut command, "standard library", &super::log(cache, "wasm-std"), COMPILE_PATIENCE)?;
    Ok(build.join("target").join(wasm::TARGET).join("release/deps"))
}

/// Lays the toolchain out in `bench` as it will stand in `place`.
fn assemble(bench: &Path, place: &Path, library: &Path) -> Result<()> {
    let rustlib = bench.join("lib/rustlib");
    let own = rustlib.join(wasm::TARGET).join("lib");
    fs::create_dir_all(&own)?;
    for entry in fs::read_dir(library)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".rlib") && !name.starts_with("libnothing-") {
            fs::copy(&path, own.join(name))?;
        }
    }
    let host = host()?;
    let of_host = rustlib.join(&host);
    fs::create_dir_all(of_host.join("bin"))?;
    link(&Path::new("/usr/lib/rustlib").join(&host).join("lib"), &of_host.join("lib"))?;
    link(&Path::new("/usr/bin").join(versions::DEBIAN_LLD), &of_host.join("bin/rust-lld"))?;
    let bin = bench.join("bin");
    fs::create_dir_all(&bin)?;
    link(Path::new(CARGO), &bin.join("cargo"))?;
    let sysroot = place.display();
    for compiler in ["rustc", "rustdoc"] {
        script(&bin.join(compiler), &format!("exec /usr/bin/{compiler} --sysroot '{sysroot}' \"$@\""))?;
    }
    script(&bin.join("cargo-clippy"), &format!("SYSROOT='{sysroot}' exec /usr/bin/cargo-clippy \"$@\""))
}

/// Output of an earlier standard library cannot be told from today's by cargo ("can't find crate").
fn forget_old_output() -> Result<()> {
    remove_folder(&paths::target().join(wasm::TARGET))
}

/// An executable shell script.
pub fn script(path: &Path, line: &str) -> Result<()> {
    fs::write(path, format!("#!/bin/sh\n# Made by Warren's `cargo xtask`; made again when it is missing.\n{line}\n"))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

/// A symbolic link.
pub fn link(original: &Path, link: &Path) -> Result<()> {
    #[cfg(unix)]
    std::os::unix::fs::symlink(original, link).with_context(|| format!("cannot link {}", link.display()))?;
    #[cfg(not(unix))]
    fs::copy(original, link).with_context(|| format!("cannot copy to {}", link.display()))?;
    Ok(())
}
