//! What must hold of any text that somebody might follow as a link. The fuzz target `link` and a property test share it.

use warren::share::Link;

/// A text is no link, or refused with a reason, or a link that is written so that it reads as the same again.
///
/// # Errors
///
/// What does not hold.
pub fn try_text(text: &str) -> Result<(), String> {
    let link = match Link::read(text) {
        Ok(Some(link)) => link,
        Ok(None) => return Ok(()),
        Err(error) if error.place.is_empty() || error.problem.is_empty() => return Err(format!("no place: {error:?}")),
        Err(_) => return Ok(()),
    };
    // Only what is near the most that a file may hold cannot be written.
    let Ok(address) = link.to_address() else { return Ok(()) };
    match Link::read(&address) {
        Ok(Some(again)) if again == link => Ok(()),
        other => Err(format!("{address} reads as {other:?}")),
    }
}
