//! Debian's packages, where there are any: as root, or through a sudo that asks no password.

use super::announce;
use crate::{paths, run};
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// Another apt may be at work, for one the machine's own nightly update.
const WAIT_FOR_OTHERS: &str = "DPkg::Lock::Timeout=300";

/// True where apt-get exists.
pub fn is_here() -> bool {
    paths::which("apt-get").is_some()
}

/// Installs packages. `purpose` completes the sentence "needed for ...".
pub fn install(cache: &Path, packages: &[&str], purpose: &str, usually: &str) -> Result<()> {
    let list = packages.join(" ");
    if !is_here() {
        bail!("{purpose} is missing, and there is no apt-get here to install it with");
    }
    let Some(elevation) = elevation() else {
        bail!(
            "{purpose} needs Debian packages, and installing them needs root: run `sudo apt-get install {list}`, then this again"
        );
    };
    announce(&format!("installing {purpose} by apt-get: {list}"), usually);
    let log = super::log(cache, &format!("apt-{}", packages.first().unwrap_or(&"update")));
    // A failed update may still leave lists that are good enough; the install that follows tells.
    let update = run::with_progress(apt(elevation).args(["update", "-q"]), "apt-get update", &log, PATIENCE);
    let mut install = apt(elevation);
    install.args(["install", "-y", "-q", "--no-install-recommends"]).args(packages);
    run::with_progress(&mut install, "apt-get install", &log, PATIENCE).with_context(|| match update {
        Ok(()) => format!("apt-get could not install {list}"),
        Err(error) => format!("apt-get could not install {list}, after its update had failed too ({error})"),
    })
}

/// The words to put before apt-get: none for root, sudo where it asks nothing.
fn elevation() -> Option<&'static [&'static str]> {
    let user = run::capture(Command::new("id").arg("-u")).unwrap_or_default();
    if user.trim() == "0" {
        return Some(&[]);
    }
    let sudo = run::capture(Command::new("sudo").args(["-n", "true"]));
    sudo.is_ok().then_some(&["sudo", "-n"])
}

fn apt(elevation: &[&str]) -> Command {
    let mut words = elevation.iter().copied().chain(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    let mut command = Command::new(words.next().unwrap_or("env"));
    command.args(words).args(["-o", WAIT_FOR_OTHERS]);
    command
}
