//! Running other programs: with their output shown, captured, counted, or cut short after a time.
//!
//! Every failure names the command line that failed.

use anyhow::{Context, Result, bail};
use std::fs;
use std::io::{BufRead, BufReader, IsTerminal};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How often a long quiet step says that it is alive, where no live line can be drawn.
const HEARTBEAT: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(50);
const LOG_TAIL_LINES: usize = 40;

/// A command without what cargo told *us* about this crate: it would mislead another cargo.
pub fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name == "CARGO" || name == "RUSTC" || name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name.as_ref());
        }
    }
    command
}

/// Runs with the output shown.
pub fn show(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start `{}`", line(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status})", line(command));
    }
    Ok(())
}

/// Runs quietly; gives what was printed to standard output.
pub fn capture(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start `{}`", line(command)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` failed ({}): {}", line(command), output.status, said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs with a live line that counts what cargo has compiled; the full output goes to `log`.
///
/// `patience` bounds the whole run: beyond it the program is ended and the step counts as failed.
pub fn with_progress(command: &mut Command, label: &str, log: &Path, patience: Duration) -> Result<()> {
    if let Some(folder) = log.parent() {
        fs::create_dir_all(folder)?;
    }
    let file = fs::File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .spawn()
        .with_context(|| format!("cannot start `{}`", line(command)))?;
    let mut heart = Heart::new(label);
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if heart.started.elapsed() > patience {
            end(&mut child);
            heart.finish();
            bail!("`{}` was ended after {} s without success", line(command), patience.as_secs());
        }
        heart.beat(log);
        std::thread::sleep(POLL);
    };
    heart.finish();
    if !status.success() {
        bail!("`{}` failed ({status}); its last lines were:\n{}", line(command), tail(log));
    }
    Ok(())
}

/// Runs with standard output and error merged in order, each line shown and given to `on_line`. True if it succeeded.
pub fn tee(command: &mut Command, mut on_line: impl FnMut(&str)) -> Result<bool> {
    let (reader, writer) = std::io::pipe()?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .spawn()
        .with_context(|| format!("cannot start `{}`", line(command)))?;
    // The command still holds the writing end; without this the reading end would never close.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    for bytes in BufReader::new(reader).split(b'\n') {
        let bytes = bytes?;
        let text = String::from_utf8_lossy(&bytes);
        println!("{text}");
        on_line(text.trim_end());
    }
    Ok(child.wait()?.success())
}

/// The command line, for people.
pub fn line(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|word| word.to_string_lossy().into_owned()));
    words.join(" ")
}

fn end(child: &mut Child) {
    // It may have ended by itself in the meantime; either way it is gone afterwards.
    let _ = child.kill();
    let _ = child.wait();
}

fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LOG_TAIL_LINES)..].join("\n")
}

/// The sign of life of a long step.
struct Heart<'a> {
    label: &'a str,
    started: Instant,
    last: Instant,
    live: bool,
}

impl<'a> Heart<'a> {
    fn new(label: &'a str) -> Self {
        let now = Instant::now();
        Heart { label, started: now, last: now, live: std::io::stdout().is_terminal() }
    }

    fn beat(&mut self, log: &Path) {
        let pause = if self.live { Duration::from_secs(1) } else { HEARTBEAT };
        if self.last.elapsed() < pause {
            return;
        }
        self.last = Instant::now();
        let (count, latest) = progress(&fs::read_to_string(log).unwrap_or_default());
        let done = if count > 0 { format!(", {count} crates compiled {latest}") } else { String::new() };
        let text = format!("  {}: {} s{done}", self.label, self.started.elapsed().as_secs());
        if self.live {
            print!("\r\x1b[K{}", text.chars().take(100).collect::<String>());
            let _ = std::io::Write::flush(&mut std::io::stdout());
        } else {
            println!("{text}");
        }
    }

    fn finish(&self) {
        if self.live {
            print!("\r\x1b[K");
        }
        println!("  {}: {:.0} s", self.label, self.started.elapsed().as_secs_f64());
    }
}

/// True if cargo, whose output is in that log, came as far as compiling.
pub fn has_compiled(log: &Path) -> bool {
    progress(&fs::read_to_string(log).unwrap_or_default()).0 > 0
}

/// How many crates cargo has begun, and the latest of them.
fn progress(cargo_output: &str) -> (usize, String) {
    let mut count = 0;
    let mut latest = String::new();
    for name in cargo_output.lines().filter_map(|line| line.trim_start().strip_prefix("Compiling ")) {
        count += 1;
        latest = format!("({name})");
    }
    (count, latest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_counts_what_cargo_compiles() {
        let output = " Downloading crates ...\n   Compiling libc v0.2.1\n   Compiling syn v2.0.0\n";
        assert_eq!(progress(output), (2, "(syn v2.0.0)".to_owned()));
        assert_eq!(progress(""), (0, String::new()));
    }

    #[test]
    fn a_failure_names_the_command() {
        let error = capture(Command::new("cargo").arg("no-such-subcommand-at-all")).expect_err("it cannot succeed");
        assert!(error.to_string().contains("cargo no-such-subcommand-at-all"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn patience_has_an_end() {
        let log = std::env::temp_dir().join(format!("warren-patience-{}.log", std::process::id()));
        let mut sleeper = Command::new("sleep");
        sleeper.arg("30");
        let error = with_progress(&mut sleeper, "sleep", &log, Duration::from_millis(200)).expect_err("too slow");
        assert!(error.to_string().contains("was ended"), "{error}");
        fs::remove_file(&log).expect("the log is there");
    }

    #[cfg(unix)]
    #[test]
    fn tee_keeps_the_order_of_both_outputs() {
        let mut lines = Vec::new();
        let mut shell = Command::new("sh");
        shell.args(["-c", "echo one; echo two >&2; echo three; exit 3"]);
        assert!(!tee(&mut shell, |line| lines.push(line.to_owned())).expect("sh starts"));
        assert_eq!(lines, ["one", "two", "three"]);
    }
}
