//! `cargo xtask run FILE`: plays a scenario file as text. Warren's own binary does it; this builds it and hands the
//! command line on, and hands its exit status back.

use std::process::ExitCode;

use crate::{paths, run};

/// What it can be called with is told by the program itself.
pub fn play(arguments: &[String]) -> ExitCode {
    let mut cargo = run::command("cargo");
    let manifest = paths::root().join("Cargo.toml");
    cargo.args(["run", "--quiet", "--release", "--package", "warren", "--bin", "warren-page", "--manifest-path"]);
    cargo.arg(manifest).arg("--").args(arguments);
    match cargo.status() {
        // A signal has no number to hand back.
        Ok(status) => ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(2)),
        Err(error) => {
            eprintln!("xtask: cannot start `{}`: {error}", run::line(&cargo));
            ExitCode::from(2)
        }
    }
}
