//! Offline use: a list of the site's files with their digests for the service worker, and the script that registers it.
//!
//! What always holds: every file of the site is in the list, but the worker itself; another content of any file is another
//! version.

use crate::{paths, policy, slim};
use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value};
use std::fs;
use std::path::{Path, PathBuf};

/// Where browsers look for it: what is above it is outside of its reach.
pub const WORKER: &str = "sw.js";
const REGISTER: &str = "offline.js";
/// Below `www/`.
const SOURCES: &str = "www/offline";

/// Adds the script that registers the worker to a site, and to its page.
pub fn put_script(site: &Path) -> Result<()> {
    fs::write(site.join(REGISTER), slim::script(&source("register.js")?))?;
    let index = site.join("index.html");
    let page = fs::read_to_string(&index)?;
    ensure!(page.contains("</head>"), "index.html has no head");
    Ok(fs::write(index, page.replacen("</head>", &format!("<script src=\"./{REGISTER}\" async></script></head>"), 1))?)
}

/// Writes the worker for a site as it is now: whoever changes a file afterwards must call this again.
pub fn put_worker(site: &Path, files: &[PathBuf]) -> Result<()> {
    let mut digests = Map::new();
    for file in files {
        let name = file.strip_prefix(site)?.to_string_lossy().replace('\\', "/");
        if name != WORKER {
            digests.insert(name, Value::from(policy::digest(fs::read(file)?)));
        }
    }
    let list = Value::from(digests).to_string();
    let worker = slim::script(&source("worker.js")?);
    let worker = replaced(&worker, "VERSION_DIGEST", &policy::digest(&list))?;
    Ok(fs::write(site.join(WORKER), replaced(&worker, "FILE_DIGESTS", &list)?)?)
}

fn source(name: &str) -> Result<String> {
    let file = paths::root().join(SOURCES).join(name);
    fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))
}

fn replaced(text: &str, word: &str, by: &str) -> Result<String> {
    ensure!(text.matches(word).count() == 1, "{SOURCES}/worker.js must have {word} once");
    Ok(text.replace(word, by))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_content_of_a_file_is_another_version_and_nothing_else_is() {
        let site = std::env::temp_dir().join(format!("warren-offline-{}", std::process::id()));
        fs::create_dir_all(site.join("examples")).expect("a temporary folder");
        let files = ["index.html", "examples/a.json", WORKER].map(|name| site.join(name));
        for file in &files {
            fs::write(file, "one").expect("a file");
        }
        let made = || {
            put_worker(&site, &files).expect("it can be written");
            fs::read_to_string(site.join(WORKER)).expect("it is there")
        };
        let first = made();
        assert!(first.contains("\"examples/a.json\":") && !first.contains("\"sw.js\":"), "{first}");
        assert_eq!(made(), first, "the worker itself does not count");
        fs::write(&files[1], "two").expect("a file");
        assert_ne!(made(), first);
        fs::remove_dir_all(site).expect("it is there");
    }
}
