//! What was written in the scenario at each moment of the course of events that is looked at: it is changed while it plays,
//! so at a moment of the past something else was written than now.
//!
//! What always holds: the changes are in the order of their moments. Whoever changes something goes on from the moment
//! that is looked at, and takes along what was changed later: then all of it is as of that moment.

use std::rc::Rc;

use crate::share::File;

/// So many changes are told apart.
const CHANGES_MAX: usize = 200;

/// A change, and when it came.
#[derive(Clone, Debug, PartialEq)]
pub struct Later {
    /// The moment, virtual milliseconds.
    pub at_ms: u64,
    /// The command that made it, as a line.
    pub line: String,
}

#[derive(Clone, Debug)]
struct Entry {
    /// So many entries have happened when it is made.
    cursor: usize,
    /// Whether it was done by hand: that is in the script from its own moment on.
    is_by_hand: bool,
    later: Later,
    file: Rc<File>,
}

/// What was written when.
#[derive(Clone, Debug)]
pub struct Written {
    begun: Rc<File>,
    /// Before the first change that is still told apart.
    first: Rc<File>,
    entries: Vec<Entry>,
}

impl Written {
    /// One scenario from the beginning on.
    pub fn new(file: &File) -> Written {
        let begun = Rc::new(file.clone());
        Written { first: begun.clone(), begun, entries: Vec::new() }
    }

    /// What there was at the beginning.
    pub fn begun(&self) -> &File {
        &self.begun
    }

    /// How many of the changes have been made when so many entries have happened.
    pub fn count(&self, cursor: usize) -> usize {
        self.entries.partition_point(|entry| entry.cursor <= cursor)
    }

    /// What was written when so many entries had happened.
    pub fn at(&self, cursor: usize) -> &File {
        let last = self.count(cursor).checked_sub(1).and_then(|last| self.entries.get(last));
        last.map_or(&self.first, |entry| &entry.file)
    }

    /// Whether anything was changed or done later.
    pub fn has_later(&self, cursor: usize) -> bool {
        self.count(cursor) < self.entries.len()
    }

    /// What was changed later, but for what was done by hand: that is told in the story.
    pub fn later(&self, cursor: usize) -> Vec<Later> {
        let later = self.entries.iter().skip(self.count(cursor)).filter(|entry| !entry.is_by_hand);
        later.map(|entry| entry.later.clone()).collect()
    }

    /// A change is made when so many entries have happened: what came later is part of it now.
    pub fn change(&mut self, cursor: usize, later: Later, is_by_hand: bool, file: &File) {
        self.forget_later(cursor);
        self.entries.push(Entry { cursor, is_by_hand, later, file: Rc::new(file.clone()) });
        if self.entries.len() > CHANGES_MAX {
            self.first = self.entries.remove(0).file;
        }
    }

    /// What came after so many entries did not come to be.
    pub fn forget_later(&mut self, cursor: usize) {
        self.entries.retain(|entry| entry.cursor <= cursor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::share::{examples, parse};

    fn file(name: &str) -> File {
        let mut file = parse(examples::NATURE).expect("an example");
        file.scenario.name = name.into();
        file
    }

    fn changed(written: &mut Written, cursor: usize, name: &str, is_by_hand: bool) {
        let later = Later { at_ms: cursor as u64 * 100, line: name.to_owned() };
        written.change(cursor, later, is_by_hand, &file(name));
    }

    #[test]
    fn each_moment_has_what_was_written_then() {
        let mut written = Written::new(&file("first"));
        assert_eq!((written.at(0).scenario.name.as_str(), written.has_later(0)), ("first", false));
        changed(&mut written, 5, "second", false);
        changed(&mut written, 9, "by hand", true);
        changed(&mut written, 12, "third", false);
        let name = |written: &Written, cursor| written.at(cursor).scenario.name.to_string();
        assert_eq!(
            [4, 5, 8, 11, 12, 99].map(|cursor| name(&written, cursor)),
            ["first", "second", "second", "by hand", "third", "third"]
        );
        let lines = |written: &Written, cursor| -> Vec<String> {
            written.later(cursor).into_iter().map(|later| later.line).collect()
        };
        assert_eq!(
            (lines(&written, 4), lines(&written, 8)),
            (vec!["second".into(), "third".into()], vec!["third".into()])
        );
        assert!(written.has_later(11) && !written.has_later(12));
        // From here on all is as of this moment.
        changed(&mut written, 7, "fourth", false);
        assert_eq!(
            (name(&written, 6), name(&written, 7), written.has_later(7)),
            ("second".into(), "fourth".into(), false)
        );
    }

    #[test]
    fn it_has_a_limit() {
        let mut written = Written::new(&file("first"));
        (1..=CHANGES_MAX + 3).for_each(|cursor| changed(&mut written, cursor, &cursor.to_string(), false));
        assert_eq!(written.entries.len(), CHANGES_MAX);
        assert_eq!((written.at(0).scenario.name.as_str(), written.at(4).scenario.name.as_str()), ("3", "4"));
    }
}
