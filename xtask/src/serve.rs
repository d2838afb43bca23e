//! `cargo xtask serve`: the page in the browser.

use crate::{paths, run, server, setup, site};
use anyhow::{Context, Result, bail};
use std::env;
use std::process::{Command, Stdio};

const DEFAULT_PORT: u16 = 8080;

/// What may be chosen on the command line.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    port: u16,
    open: bool,
}

impl Options {
    /// Reads `--port N`, `--port=N` and `--no-open`.
    pub fn parse(arguments: &[String]) -> Result<Options> {
        let mut options = Options { port: DEFAULT_PORT, open: true };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            match argument.as_str() {
                "--no-open" => options.open = false,
                "--port" => options.port = port(rest.next().context("--port needs a number")?)?,
                other => match other.strip_prefix("--port=") {
                    Some(number) => options.port = port(number)?,
                    None => bail!("serve knows --port N and --no-open, not `{other}`"),
                },
            }
        }
        Ok(options)
    }
}

fn port(text: &str) -> Result<u16> {
    text.parse().with_context(|| format!("`{text}` is no port: give a number from 0 (any free one) to 65535"))
}

/// Sets up, builds, serves until it is stopped from outside.
pub fn serve(options: &Options) -> Result<()> {
    let kit = setup::for_site()?;
    site::build(&kit)?;
    let running = server::start(&paths::dist(), options.port, "")?;
    let address = running.address();
    let address = address.trim_end_matches('/');
    println!("Warren is at {address} (stop with Ctrl-C)");
    if options.open {
        open(address);
    }
    running.serve_on();
    Ok(())
}

/// Opens a browser if there is one; without one the printed address has to do.
fn open(address: &str) {
    let Some(mut opener) = opener() else { return };
    let opened = opener.arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    if opened.is_err() {
        println!("no browser could be started: open the address yourself");
    }
}

fn opener() -> Option<Command> {
    if cfg!(target_os = "macos") {
        return Some(run::command("open"));
    }
    if cfg!(windows) {
        let mut shell = run::command("cmd");
        shell.args(["/C", "start", ""]);
        return Some(shell);
    }
    let has_screen =
        ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()));
    let program = paths::which("xdg-open").filter(|_| has_screen)?;
    Some(run::command(program))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options> {
        Options::parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn options_are_read() {
        assert_eq!(parse("").expect("fine"), Options { port: 8080, open: true });
        assert_eq!(parse("--port 9000 --no-open").expect("fine"), Options { port: 9000, open: false });
        assert_eq!(parse("--port=0").expect("fine"), Options { port: 0, open: true });
    }

    #[test]
    fn mistakes_are_explained() {
        for (line, said) in [("--port", "needs a number"), ("--port x", "is no port"), ("--porrt 1", "not `--porrt`")] {
            let error = parse(line).expect_err(line);
            assert!(error.to_string().contains(said), "{error}");
        }
    }
}
