//! A scenario file, played without a page: the story line by line, or the log as JSON lines, then tables, then what the
//! scenario expected. `cargo xtask run` builds and calls it.
//!
//! What always holds: the same file and the same options print the same bytes; the exit status is 0 if all expectations
//! are met, 1 if one is not, and 2 if there was nothing to play. Nobody has to listen to the end: a reader that leaves
//! changes neither the run nor its status. What a file brings along (names, payloads) cannot control a terminal.

mod options;
mod print;

use std::process::ExitCode;

use warren::history::Fold;
use warren::lesson::{Judge, State};
use warren::share::{self, File};
use warren::simulation::{LogEntry, World};
use warren::view::Film;

use options::Options;
use print::Printer;

/// Most steps of one moment. A world that takes more would never leave it: a consumer that requeues what it gets over a
/// link that takes no time, say.
const STEPS_OF_A_MOMENT_MAX: u64 = 1_000_000;

/// All that can be said is said; the status tells how it went.
pub fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let played = Options::parse(&arguments).and_then(|options| {
        let file = load(&options)?;
        play(&file, &options)
    });
    match played {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(wrong) => {
            eprintln!("{wrong}");
            ExitCode::from(2)
        }
    }
}

fn load(options: &Options) -> Result<File, String> {
    let path = &options.path;
    let bytes = std::fs::read(path).map_err(|error| format!("{path}: {error}"))?;
    let mut file = share::parse(bytes).map_err(|error| format!("{path}: {error}"))?;
    if let Some(seed) = options.seed {
        file.scenario.seed = seed;
    }
    Ok(file)
}

/// Plays a file and prints all of it. True if all that it expects is met.
fn play(file: &File, options: &Options) -> Result<bool, String> {
    let mut printer = Printer::new(options.json);
    let mut film = Film::default();
    let mut judge = Judge::new(&file.expect);
    let mut log = Vec::new();
    let mut world = World::new(&file.scenario, &mut log).map_err(|error| format!("{}: {error}", options.path))?;
    let mut steps = 0;
    loop {
        for entry in log.drain(..) {
            judge.apply(&entry);
            show(entry, &mut film, &mut printer)?;
        }
        let before_ms = world.now_ms();
        if world.next_ms().is_none_or(|next_ms| next_ms > options.until_ms) {
            break;
        }
        world.step(&mut log);
        steps = if world.now_ms() == before_ms { steps + 1 } else { 0 };
        if steps > STEPS_OF_A_MOMENT_MAX {
            return Err(format!("{}: at {before_ms} ms more happens than ever ends", options.path));
        }
    }
    // Where nothing happens any more the story ends before its time; what is expected of a later moment is as it was.
    let end_ms = if world.next_ms().is_some() { options.until_ms } else { world.now_ms() };
    printer.tables(end_ms, film.history().front())?;
    for (goal, verdict) in judge.verdicts(options.until_ms) {
        printer.goal(&goal.text, verdict.state == State::Met, &goal.that.told(&verdict))?;
    }
    printer.finish()?;
    Ok(judge.met(options.until_ms))
}

/// An entry is told when it is in the film: sentences speak of what came before.
fn show(entry: LogEntry, film: &mut Film, printer: &mut Printer) -> Result<(), String> {
    let seq = entry.seq;
    film.push(entry);
    match film.entry(seq) {
        Some(entry) => printer.entry(entry, film),
        None => Ok(()),
    }
}
