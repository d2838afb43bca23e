//! What must hold of any bytes that somebody might take for a broker's definitions. The fuzz target `definitions` and a
//! property test share it.

use warren::broker::{Config, NoEvents};
use warren::definitions::Definitions;
use warren::share::BrokerFile;

/// Bytes are refused with a place, or they are imported, and their export is imported as the same again.
///
/// # Errors
///
/// What does not hold.
pub fn try_bytes(bytes: &[u8]) -> Result<(), String> {
    let read = match BrokerFile::read(bytes) {
        Ok(read) => read,
        Err(error) if error.place.is_empty() || error.problem.is_empty() => return Err(format!("no place: {error:?}")),
        Err(_) => return Ok(()),
    };
    let first = reloaded(&read.definitions);
    let text = first.to_json().map_err(|error| error.to_string())?;
    let again = match BrokerFile::read(text.as_bytes()) {
        Ok(again) => again.definitions,
        // Only what was written at more length than it was read, by indentation, may be too much to be read.
        Err(error) if error.problem.starts_with("expected at most") => return Ok(()),
        Err(error) => return Err(format!("{error}, in what was written: {text}")),
    };
    let other = reloaded(&again).to_json().map_err(|error| error.to_string())?;
    if other != text {
        let differing = text.lines().zip(other.lines()).find(|(before, after)| before != after);
        return Err(format!("imported otherwise the second time, first in {differing:?}: {text}"));
    }
    Ok(())
}

/// What a new broker exports of definitions that it imported, with what it left out.
fn reloaded(definitions: &Definitions) -> Definitions {
    let mut broker = definitions.node(Config::default());
    let report = definitions.load(&mut broker, &mut NoEvents);
    Definitions::of(&broker).and(&report.left_out)
}
