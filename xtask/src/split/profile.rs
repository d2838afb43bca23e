//! Which functions the first picture needs: a page is opened that tells, and looked at for some seconds.
//!
//! What is found is about machine and moment, never about right or wrong: a function that is left out is fetched when
//! somebody calls it.

use super::module::Module;
use super::{glue, write};
use crate::setup::Kit;
use crate::{run, server};
use anyhow::{Context, Result, bail, ensure};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tiny_http::{Method, Request, Response, Server};

/// A projector and a phone.
const WINDOWS: [&str; 2] = ["1440,900", "400,850"];
/// Longest wait for a page that tells.
const PATIENCE: Duration = Duration::from_secs(150);
const POLL: Duration = Duration::from_millis(100);
/// Where the page says what it has seen.
const REPORT: &str = "/seen";

/// The functions that are called while the example begins to play. `site` is the page as trunk built it, in a folder that
/// this may write to.
pub fn needed_first(kit: &Kit, chromium: &Path, module: &Module<'_>, site: &Path, stem: &str) -> Result<BTreeSet<u32>> {
    fs::write(site.join(format!("{stem}_bg.wasm")), write::observed(module)?)?;
    let script = site.join(format!("{stem}.js"));
    fs::write(&script, glue::observing(&fs::read_to_string(&script)?, module.own().len())?)?;
    let server = Server::http(("127.0.0.1", 0)).map_err(|error| anyhow::anyhow!("no port to serve from: {error}"))?;
    let port = server.server_addr().to_ip().context("the server has no address")?.port();
    let mut browsers = Vec::new();
    for (at, window) in WINDOWS.iter().enumerate() {
        let profile = site.with_extension(format!("profile-{at}"));
        browsers.push(Browser::start(kit, chromium, window, profile, port)?);
    }
    let mut seen = BTreeSet::new();
    let started = Instant::now();
    let mut told = 0;
    while told < WINDOWS.len() {
        ensure!(started.elapsed() < PATIENCE, "Chromium did not show the page within {} s", PATIENCE.as_secs());
        let Some(mut request) = server.recv_timeout(POLL)? else { continue };
        if *request.method() == Method::Post && request.url() == REPORT {
            seen.extend(read_report(&mut request, module)?);
            told += 1;
            // The browser is ended next; it need not hear of it.
            let _ = request.respond(Response::empty(204));
        } else {
            // A browser may read one file only when it has another.
            let site = site.to_owned();
            std::thread::spawn(move || server::answer(request, &site, "/"));
        }
    }
    Ok(seen)
}

/// A byte for each function of the module's own, 1 if it was called.
fn read_report(request: &mut Request, module: &Module<'_>) -> Result<BTreeSet<u32>> {
    let mut bytes = Vec::new();
    request.as_reader().read_to_end(&mut bytes)?;
    if bytes.len() != module.own().len() {
        bail!("the page told of {} functions instead of {}", bytes.len(), module.own().len());
    }
    Ok(module.own().zip(bytes).filter(|(_, called)| *called == 1).map(|(function, _)| function).collect())
}

/// A Chromium that is ended with this value.
struct Browser {
    child: Child,
    profile: std::path::PathBuf,
}

impl Browser {
    fn start(kit: &Kit, chromium: &Path, window: &str, profile: std::path::PathBuf, port: u16) -> Result<Browser> {
        let mut command: Command = kit.command(&chromium.to_string_lossy());
        command.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]);
        command.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
        command.arg(format!("--window-size={window}")).arg(format!("--user-data-dir={}", profile.display()));
        command.arg(format!("http://127.0.0.1:{port}/"));
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
