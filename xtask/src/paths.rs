//! Where things are: the clone, the cache of tools outside of it, cargo's folder of programs.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The clone's top folder: the one cargo was called in. What was compiled in does not count first: clones that share a
/// target folder share this program too.
pub fn root() -> PathBuf {
    let here = non_empty("CARGO_MANIFEST_DIR").unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    here.parent().map(Path::to_owned).unwrap_or(here)
}

/// Where cargo puts what it compiles for the clone.
pub fn target() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// The built site.
pub fn dist() -> PathBuf {
    root().join("dist")
}

/// Tools live here, outside of the clone, so that `cargo clean` and a second clone keep them.
pub fn cache() -> Result<PathBuf> {
    if let Some(folder) = non_empty("WARREN_CACHE") {
        return Ok(std::path::absolute(folder)?);
    }
    let base = match non_empty("XDG_CACHE_HOME") {
        Some(folder) => folder,
        None => home()?.join(".cache"),
    };
    Ok(base.join("warren"))
}

/// The folder with cargo, rustup and what `cargo install` installs.
pub fn cargo_bin() -> Result<PathBuf> {
    let base = match non_empty("CARGO_HOME") {
        Some(folder) => folder,
        None => home()?.join(".cargo"),
    };
    Ok(base.join("bin"))
}

/// The first program of that name on PATH.
pub fn which(program: &str) -> Option<PathBuf> {
    let file_name = format!("{program}{}", env::consts::EXE_SUFFIX);
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(&file_name)).find(|candidate| candidate.is_file())
}

/// True if programs in that folder can be called by name.
pub fn is_on_path(folder: &Path) -> bool {
    env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|entry| entry == folder))
}

fn home() -> Result<PathBuf> {
    env::home_dir().filter(|home| !home.as_os_str().is_empty()).context(
        "there is no home folder to keep the tools in: set WARREN_CACHE and CARGO_HOME to folders of your choice",
    )
}

fn non_empty(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// Copies a folder, with all folders in it.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    let mut folders: Vec<(PathBuf, PathBuf)> = vec![(from.to_owned(), to.to_owned())];
    while let Some((from, to)) = folders.pop() {
        fs::create_dir_all(&to)?;
        for entry in fs::read_dir(&from).with_context(|| format!("cannot read {}", from.display()))? {
            let entry = entry?;
            let target = to.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push((entry.path(), target));
            } else {
                fs::copy(entry.path(), target)?;
            }
        }
    }
    Ok(())
}
