//! Chromium with chromedriver, and Firefox: whatever the machine has, else Debian's.

use super::{advise, apt};
use crate::{paths, run};
use anyhow::{Context, Result, bail};
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

const CHROMIUM_NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

const FIREFOX_NAMES: [&str; 2] = ["firefox-esr", "firefox"];

/// The browsers, and the driver that goes with Chromium.
pub struct Browsers {
    pub chromium: PathBuf,
    pub driver: PathBuf,
    pub firefox: PathBuf,
}

/// Makes sure of all of them.
pub fn ensure(cache: &Path) -> Result<Browsers> {
    let (chromium, driver) = ensure_chromium(cache)?;
    Ok(Browsers { chromium, driver, firefox: ensure_firefox(cache)? })
}

fn ensure_firefox(cache: &Path) -> Result<PathBuf> {
    if let Some(firefox) = find_firefox() {
        return Ok(firefox);
    }
    let installed = apt::install(cache, &["firefox-esr"], "Firefox", "1 minute");
    advise(installed, "The browser tests need Firefox: put it on PATH (or name it in WARREN_FIREFOX)")?;
    find_firefox().context("Firefox was installed, yet it is not on PATH")
}

fn find_firefox() -> Option<PathBuf> {
    named_by("WARREN_FIREFOX").or_else(|| FIREFOX_NAMES.iter().find_map(|name| paths::which(name)))
}

fn ensure_chromium(cache: &Path) -> Result<(PathBuf, PathBuf)> {
    if find_chromium().is_none() || find_driver().is_none() {
        let packages = ["chromium", "chromium-driver"];
        let installed = apt::install(cache, &packages, "Chromium with chromedriver", "1 minute");
        advise(
            installed,
            "The browser tests need Chromium (or Chrome) and chromedriver of the same version: put both on PATH \
             (or name them in WARREN_CHROMIUM and CHROMEDRIVER)",
        )?;
    }
    let chromium = find_chromium().context("Chromium was installed, yet it is not on PATH")?;
    let driver = find_driver().context("chromedriver was installed, yet it is not on PATH")?;
    if let (Some(browser), Some(of_driver)) = (major(&chromium), major(&driver))
        && browser != of_driver
    {
        bail!("Chromium is of version {browser}, chromedriver of {of_driver}: install the same version of both");
    }
    Ok((chromium, driver))
}

/// The Chromium that this machine has, if it has one.
pub fn find_chromium() -> Option<PathBuf> {
    named_by("WARREN_CHROMIUM").or_else(|| CHROMIUM_NAMES.iter().find_map(|name| paths::which(name)))
}

fn find_driver() -> Option<PathBuf> {
    named_by("CHROMEDRIVER").or_else(|| paths::which("chromedriver"))
}

fn named_by(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from).filter(|path| path.is_file())
}

fn major(program: &Path) -> Option<u32> {
    major_in(&run::capture(Command::new(program).arg("--version")).ok()?)
}

/// The first word that looks like a version, up to its first dot.
fn major_in(said: &str) -> Option<u32> {
    said.split_whitespace().find_map(|word| word.split_once('.')?.0.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::major_in;

    #[test]
    fn the_major_version_is_found_in_both_ways_of_saying_it() {
        assert_eq!(major_in("Chromium 156.0.8078.79 built on Debian"), Some(156));
        assert_eq!(major_in("ChromeDriver 156.0.8078.79 (abc-refs/heads@{#1})"), Some(156));
        assert_eq!(major_in("no version at all"), None);
    }
}
