//! What must hold of any bytes that somebody might take for a scenario file. The fuzz target `scenario` and a property
//! test share it.

use warren::share;
use warren::simulation::World;

/// A world plays so long.
const STEPS: usize = 2_000;

/// Bytes are refused with a place, or they play, and are written so that they read as the same file again.
///
/// # Errors
///
/// What does not hold.
pub fn try_bytes(bytes: &[u8]) -> Result<(), String> {
    let file = match share::parse(bytes) {
        Ok(file) => file,
        Err(error) if error.place.is_empty() || error.problem.is_empty() => return Err(format!("no place: {error:?}")),
        Err(_) => return Ok(()),
    };
    let mut log = Vec::new();
    match World::new(&file.scenario, &mut log) {
        Ok(mut world) => {
            for _ in 0..STEPS {
                if !world.step(&mut log) {
                    break;
                }
                log.clear();
            }
        }
        Err(error) if share::FileError::from(error.clone()).place.is_empty() => {
            return Err(format!("no place: {error}"));
        }
        Err(_) => {}
    }
    // Only a file whose text is longer than what was read, by escapes and indentation, may be too much to be written.
    let Ok(text) = file.to_text() else { return Ok(()) };
    let again = share::parse(&text).map_err(|error| format!("{error}, in what was written: {text}"))?;
    if again != file {
        return Err(format!("another file was written: {text}"));
    }
    if again.to_text().as_ref() != Ok(&text) {
        return Err(format!("written otherwise the second time: {text}"));
    }
    Ok(())
}
