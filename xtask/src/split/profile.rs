//! Which functions the first picture needs: a page is opened that tells, and looked at for some seconds.
//!
//! What is found is about machine and moment, never about right or wrong: a function that is left out is fetched when
//! somebody calls it.

use super::module::Module;
use super::{glue, write};
use crate::setup::Kit;
use crate::{run, server};
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// A projector and a phone.
const WINDOWS: [&str; 2] = ["1440,900", "400,850"];
/// Longest wait for a page that tells.
const PATIENCE: Duration = Duration::from_secs(150);
/// Where the page says what it has seen.
const REPORT: &str = "/seen";

/// The functions that are called while the example begins to play. `site` is the page as trunk built it, in a folder that
/// this may write to.
pub fn needed_first(kit: &Kit, chromium: &Path, module: &Module<'_>, site: &Path, stem: &str) -> Result<BTreeSet<u32>> {
    fs::write(site.join(format!("{stem}_bg.wasm")), write::observed(module)?)?;
    let script = site.join(format!("{stem}.js"));
    fs::write(&script, glue::observing(&fs::read_to_string(&script)?, module.own().len())?)?;
    let (tell, told) = mpsc::channel();
    let folder = site.to_owned();
    let running = server::listen(0, move |request| {
        if request.method == "POST" && request.url == REPORT {
            // Whoever waited for it may have given up.
            let _ = tell.send(request.body.clone());
            return server::plain("200 OK", "");
        }
        server::answer(request, &folder, "/")
    })?;
    let address = running.address();
    let mut browsers = Vec::new();
    for (at, window) in WINDOWS.iter().enumerate() {
        let profile = site.with_extension(format!("profile-{at}"));
        browsers.push(Browser::start(kit, chromium, window, profile, &address)?);
    }
    let mut seen = BTreeSet::new();
    let until = Instant::now() + PATIENCE;
    for _ in WINDOWS {
        let bytes = told.recv_timeout(until.saturating_duration_since(Instant::now())).ok();
        let bytes = bytes.with_context(|| format!("Chromium did not show the page within {} s", PATIENCE.as_secs()))?;
        seen.extend(read_report(&bytes, module)?);
    }
    Ok(seen)
}

/// A byte for each function of the module's own, 1 if it was called.
fn read_report(bytes: &[u8], module: &Module<'_>) -> Result<BTreeSet<u32>> {
    if bytes.len() != module.own().len() {
        bail!("the page told of {} functions instead of {}", bytes.len(), module.own().len());
    }
    Ok(module.own().zip(bytes).filter(|(_, called)| **called == 1).map(|(function, _)| function).collect())
}

/// A Chromium that is ended with this value.
struct Browser {
    child: Child,
    profile: std::path::PathBuf,
}

impl Browser {
    fn start(kit: &Kit, chromium: &Path, window: &str, profile: std::path::PathBuf, address: &str) -> Result<Browser> {
        let mut command: Command = kit.command(&chromium.to_string_lossy());
        command.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]);
        command.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
        command.arg(format!("--window-size={window}")).arg(format!("--user-data-dir={}", profile.display()));
        command.arg(address);
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start `{}`", run::line(&command)))?;
        Ok(Browser { child, profile })
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone afterwards, and what it left is in the build folder.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.profile);
    }
}
