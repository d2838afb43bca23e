//! `cargo xtask`: from a clean clone to a served or a fully tested page, in one command each.
//!
//! What always holds here: a step that is done is never done twice, a step that was interrupted is done again, and
//! every failure ends in one sentence that says what to do.

mod api;
mod bench;
mod lock;
mod offline;
mod paths;
mod play;
mod policy;
mod run;
mod serve;
mod server;
mod setup;
mod site;
mod slim;
mod split;
mod suites;
mod versions;

use anyhow::{Result, bail};
use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask serve [--port N] [--no-open]   set up what is missing, build the page, serve it at http://127.0.0.1:8080
cargo xtask test [suite...]                set up what is missing, run every test (or only the named suites)
cargo xtask site                           build the static site into dist/
cargo xtask api                            build the JavaScript module with its types into target/warren-api/
cargo xtask run FILE [--until MS] [--seed N] [--json]
                                           play a scenario file as text; exit status 1 if what it expects is not met
cargo xtask bench broker [native|web]      measure the broker core: natively, and as wasm in a page beside npm's smqp
cargo xtask bench history [native|web]     measure playing and going back: events/s, seek times, memory; fails if a target is missed
cargo xtask bench page [plant|fanout-10000|fanout-100000|load|definitions|memory [SECONDS]]
                                           measure the built page: frame times, input, load, memory; fails if a target is missed
cargo xtask setup                          only set up what is missing, for all of these";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(("run", rest)) = arguments.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        return play::play(rest);
    }
    match dispatch(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs one command; `false` means it did its work and the answer is "no" (a test failed).
fn dispatch(arguments: &[String]) -> Result<bool> {
    let rest = arguments.get(1..).unwrap_or_default();
    match arguments.first().map(String::as_str) {
        Some("serve") => serve::serve(&serve::Options::parse(rest)?).map(|()| true),
        Some("site") => {
            let kit = setup::for_site()?;
            site::build(&kit).map(|()| true)
        }
        Some("api") => {
            let kit = setup::for_site()?;
            api::build(&kit).map(|()| true)
        }
        Some("test") => suites::run(rest),
        Some("bench") => bench::run(rest).map(|()| true),
        Some("setup") => {
            let kit = setup::for_tests()?;
            println!("setup: complete. Tools are in {}", kit.cache.display());
            Ok(true)
        }
        None | Some("help" | "--help" | "-h") => {
            println!("{USAGE}");
            Ok(true)
        }
        Some(other) => bail!("there is no command `{other}`.\n{USAGE}"),
    }
}
