//! Which functions the first picture needs, and what of them: a page is opened that tells, and looked at for some seconds.
//!
//! What is found is about machine and moment, never about right or wrong: a function that is left out is fetched when
//! somebody calls it.

use super::code::Code;
use super::module::Module;
use super::{glue, write};
use crate::setup::Kit;
use crate::{run, server};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// A projector, a phone, and a window too small for all of it, of somebody who wants nothing to move.
const WINDOWS: [(&str, &[&str]); 3] =
    [("1440,900", &[]), ("400,850", &[]), ("600,480", &["--force-prefers-reduced-motion"])];
/// Longest wait for a page that tells.
const PATIENCE: Duration = Duration::from_secs(150);
/// Where the page says what it has seen.
const REPORT: &str = "/seen";

/// What was executed.
pub struct Seen {
    /// Of each function of the module's own, the number of its first run.
    firsts: Vec<u32>,
    imported: u32,
    runs: Vec<bool>,
}

impl Seen {
    /// Whether a function was called.
    pub fn is_called(&self, function: u32) -> bool {
        self.is_executed(function, 0)
    }

    /// Whether a function's run was executed.
    pub fn is_executed(&self, function: u32, run: u32) -> bool {
        let first = function.checked_sub(self.imported).and_then(|own| self.firsts.get(own as usize));
        first.is_some_and(|first| self.runs[(first + run) as usize])
    }
}

/// What is executed while the example begins to play. `site` is the page as trunk built it, in a folder that this may write
/// to.
pub fn needed_first(kit: &Kit, chromium: &Path, module: &Module<'_>, site: &Path, stem: &str) -> Result<Seen> {
    let (mut firsts, mut runs) = (Vec::new(), 0);
    for function in module.own() {
        firsts.push(runs);
        runs += Code::read(module, function)?.runs;
    }
    let begin = write::behind_memory(module)?;
    fs::write(site.join(format!("{stem}_bg.wasm")), write::observed(module, begin, runs)?)?;
    let script = site.join(format!("{stem}.js"));
    fs::write(&script, glue::observing(&fs::read_to_string(&script)?, begin, runs))?;
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
    for (at, (size, wishes)) in WINDOWS.iter().enumerate() {
        let profile = site.with_extension(format!("profile-{at}"));
        browsers.push(Browser::start(kit, chromium, size, wishes, profile, &address)?);
    }
    let mut seen = Seen { firsts, imported: module.imported(), runs: vec![false; runs as usize] };
    let until = Instant::now() + PATIENCE;
    for _ in WINDOWS {
        let bytes = told.recv_timeout(until.saturating_duration_since(Instant::now())).ok();
        let bytes = bytes.with_context(|| format!("Chromium did not show the page within {} s", PATIENCE.as_secs()))?;
        read_report(&bytes, &mut seen.runs)?;
    }
    Ok(seen)
}

/// A byte for each run, 1 if it was executed.
fn read_report(bytes: &[u8], runs: &mut [bool]) -> Result<()> {
    ensure!(bytes.len() == runs.len(), "the page told of {} runs instead of {}", bytes.len(), runs.len());
    for (run, byte) in runs.iter_mut().zip(bytes) {
        *run |= *byte == 1;
    }
    Ok(())
}

/// A Chromium that is ended with this value.
struct Browser {
    child: Child,
    profile: PathBuf,
}

impl Browser {
    fn start(
        kit: &Kit,
        chromium: &Path,
        size: &str,
        wishes: &[&str],
        profile: PathBuf,
        address: &str,
    ) -> Result<Browser> {
        let mut command: Command = kit.command(&chromium.to_string_lossy());
        command.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]);
        command.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
        command.arg(format!("--window-size={size}")).arg(format!("--user-data-dir={}", profile.display()));
        command.args(wishes).arg(address);
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
