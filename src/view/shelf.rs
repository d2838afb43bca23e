//! The shelf: the scenarios that a browser keeps for somebody, and the rules by which nothing is lost on it.
//!
//! What always holds: what is saved either follows what it was made from, or stands beside it as a scenario of its own;
//! it never replaces what somebody else, such as the same person in another tab, has saved meanwhile. What is deleted can
//! be put back, until [`DELETED_MAX`] others were deleted after it.

use crate::broker::ordered::sort_by;
use crate::share::{FileError, Tree};

/// So many deleted scenarios can be put back.
pub const DELETED_MAX: usize = 20;

/// What is known of a kept scenario beside its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// What it is called in the page's address: it stays the same when the scenario gets another name.
    pub id: String,
    /// The scenario's name.
    pub name: String,
    /// How often it was saved. Who saves says which one they go on from.
    pub revision: u64,
    /// When it was saved last, Unix milliseconds.
    pub saved_ms: u64,
    /// When it was deleted, if it was.
    pub deleted_ms: Option<u64>,
}

/// Where something is to be saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saving {
    /// Where it was.
    There(Kept),
    /// Beside it, as a new one: somebody else has saved there meanwhile.
    Beside(Kept),
}

impl Kept {
    /// A scenario that is not kept yet.
    pub fn new(id: String, name: &str) -> Self {
        Kept { id, name: name.to_owned(), revision: 0, saved_ms: 0, deleted_ms: None }
    }

    /// What is to be written when the file is saved that goes on from this, and `stored` is what is there now. `new_id`
    /// is for what has to stand beside it.
    pub fn save(&self, stored: Option<&Kept>, name: &str, now_ms: u64, new_id: &str) -> Saving {
        // What was deleted and is worked on is there again.
        let next = Kept { revision: self.revision + 1, saved_ms: now_ms, ..Kept::new(self.id.clone(), name) };
        match stored {
            Some(stored) if stored.revision != self.revision => {
                Saving::Beside(Kept { id: new_id.to_owned(), revision: 1, ..next })
            }
            _ => Saving::There(next),
        }
    }

    /// The same, deleted or put back. Who has it open in another tab goes on beside it.
    #[must_use]
    pub fn deleted(&self, at_ms: Option<u64>) -> Kept {
        Kept { revision: self.revision + 1, deleted_ms: at_ms, ..self.clone() }
    }

    /// As the browser keeps it: one line of JSON.
    pub fn to_line(&self) -> String {
        let mut line = Tree::Object(vec![
            ("id".to_owned(), Tree::Text(self.id.clone())),
            ("name".to_owned(), Tree::Text(self.name.clone())),
            ("revision".to_owned(), Tree::Count(self.revision)),
            ("saved_ms".to_owned(), Tree::Count(self.saved_ms)),
        ]);
        line.set("deleted_ms", self.deleted_ms.map_or(Tree::Null, Tree::Count));
        line.to_line()
    }

    /// From such a line.
    ///
    /// # Errors
    ///
    /// Where it is none.
    pub fn from_line(line: &str) -> Result<Kept, FileError> {
        let tree = Tree::parse(line.as_bytes())?;
        let text = |field: &str| tree.text(field).map(str::to_owned).ok_or_else(|| FileError::expected(&field, "text"));
        let count = |field: &str| match tree.field(field) {
            Some(Tree::Count(count)) => Some(*count),
            _ => None,
        };
        let known = |field: &str| count(field).ok_or_else(|| FileError::expected(&field, "a number"));
        Ok(Kept {
            id: text("id")?,
            name: text("name")?,
            revision: known("revision")?,
            saved_ms: known("saved_ms")?,
            deleted_ms: count("deleted_ms"),
        })
    }
}

/// What is on the shelf, and what was deleted; in both the newest comes first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shelf {
    /// Those that are there.
    pub there: Vec<Kept>,
    /// Those that can be put back.
    pub deleted: Vec<Kept>,
    /// Those that were deleted so long ago that they go for good.
    pub gone: Vec<Kept>,
}

impl Shelf {
    /// In order.
    pub fn of(kept: Vec<Kept>) -> Shelf {
        let (mut deleted, mut there): (Vec<Kept>, Vec<Kept>) =
            kept.into_iter().partition(|kept| kept.deleted_ms.is_some());
        sort_by(&mut there, |a, b| (b.saved_ms, &a.id).cmp(&(a.saved_ms, &b.id)));
        sort_by(&mut deleted, |a, b| (b.deleted_ms, &a.id).cmp(&(a.deleted_ms, &b.id)));
        let gone = deleted.split_off(deleted.len().min(DELETED_MAX));
        Shelf { there, deleted, gone }
    }

    /// A name that none of those that are there has: this one, or `orders 2`.
    pub fn free_name(&self, name: &str) -> String {
        let is_free = |name: &str| !self.there.iter().any(|kept| kept.name == name);
        if is_free(name) {
            return name.to_owned();
        }
        let stem = match name.rsplit_once(' ') {
            Some((stem, number)) if !number.is_empty() && number.bytes().all(|sign| sign.is_ascii_digit()) => stem,
            _ => name,
        };
        // There is a free one among one more than there are names.
        let names = (2..).map(|number: u64| format!("{stem} {number}"));
        names.take(self.there.len() + 1).find(|name| is_free(name)).unwrap_or_else(|| name.to_owned())
    }
}

/// How long ago something was, for people.
pub fn ago(now_ms: u64, then_ms: u64) -> String {
    const MINUTE: u64 = 60_000;
    let past_ms = now_ms.saturating_sub(then_ms);
    for (unit, word) in [(24 * 60 * MINUTE, "day"), (60 * MINUTE, "hour"), (MINUTE, "minute")] {
        match past_ms / unit {
            0 => {}
            1 => return format!("1 {word} ago"),
            count => return format!("{count} {word}s ago"),
        }
    }
    "just now".to_owned()
}

/// Why the browser does not keep something, by the name of its error, and what to do about it.
pub fn refusal(error: &str) -> &'static str {
    match error {
        "QuotaExceededError" => {
            "The browser has no room left to keep this scenario. Save it as a file, or delete scenarios that you do not need."
        }
        _ => {
            "This browser does not keep scenarios for this page (a private window, perhaps). \
             What you change is gone when the page is closed: save it as a file."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(id: &str, name: &str, saved_ms: u64) -> Kept {
        Kept { saved_ms, revision: 1, ..Kept::new(id.to_owned(), name) }
    }

    #[test]
    fn what_is_kept_comes_back() {
        let one = Kept { deleted_ms: Some(7), ..kept("a1", "my \"orders\"\n", 1_700_000_000_000) };
        assert_eq!(Kept::from_line(&one.to_line()), Ok(one.clone()));
        let there = Kept { deleted_ms: None, ..one };
        assert_eq!(Kept::from_line(&there.to_line()), Ok(there));
        let wrong = |line: &str| Kept::from_line(line).map_err(|error| error.to_string()).expect_err("it is wrong");
        assert_eq!(wrong("{}"), "id: expected text");
        assert_eq!(wrong(r#"{"id": "a", "name": "b"}"#), "revision: expected a number");
    }

    #[test]
    fn who_saves_goes_on_from_what_is_there() {
        let new = Kept::new("a".to_owned(), "x");
        let Saving::There(first) = new.save(None, "x", 10, "b") else { panic!("nothing is there yet") };
        assert_eq!(first, Kept { revision: 1, saved_ms: 10, ..new });
        let Saving::There(second) = first.save(Some(&first), "y", 20, "b") else { panic!("it is the same") };
        assert_eq!((second.revision, second.name.as_str(), second.id.as_str()), (2, "y", "a"));
        // The other tab still has the first one.
        let Saving::Beside(other) = first.save(Some(&second), "z", 30, "b") else { panic!("nothing is overwritten") };
        assert_eq!((other.id.as_str(), other.revision, other.saved_ms), ("b", 1, 30));
        // What was deleted meanwhile stays deleted, and the work is not lost.
        assert!(matches!(second.save(Some(&second.deleted(Some(5))), "z", 30, "b"), Saving::Beside(_)));
        let deleted = second.deleted(Some(5));
        let Saving::There(again) = deleted.save(Some(&deleted), "z", 30, "b") else { panic!("it is the same") };
        assert_eq!(again.deleted_ms, None);
        // What is gone for good is written anew.
        assert!(matches!(second.save(None, "z", 30, "b"), Saving::There(_)));
    }

    #[test]
    fn the_newest_comes_first_and_the_deleted_go_at_last() {
        let mut all = vec![kept("a", "old", 1), kept("b", "new", 3), kept("c", "also", 3)];
        for number in 0..25 {
            all.push(kept(&format!("d{number:02}"), "d", 2).deleted(Some(number)));
        }
        let shelf = Shelf::of(all);
        let ids = |kept: &[Kept]| kept.iter().map(|kept| kept.id.clone()).collect::<Vec<_>>().join(" ");
        assert_eq!(ids(&shelf.there), "b c a");
        assert_eq!(shelf.deleted.len(), DELETED_MAX);
        assert_eq!(shelf.deleted.first().map(|kept| kept.id.as_str()), Some("d24"));
        assert_eq!(ids(&shelf.gone), "d04 d03 d02 d01 d00");
    }

    #[test]
    fn a_name_is_free_or_counted_up() {
        let shelf = Shelf::of(vec![kept("a", "nature", 1), kept("b", "nature 2", 1), kept("c", "v 1", 1)]);
        assert_eq!(shelf.free_name("orders"), "orders");
        assert_eq!(shelf.free_name("nature"), "nature 3");
        assert_eq!(shelf.free_name("nature 2"), "nature 3");
        assert_eq!(shelf.free_name("v 1"), "v 2");
    }

    #[test]
    fn times_are_told_roughly() {
        for (past_ms, text) in [
            (0, "just now"),
            (59_999, "just now"),
            (60_000, "1 minute ago"),
            (3_599_999, "59 minutes ago"),
            (7_200_000, "2 hours ago"),
            (86_400_000, "1 day ago"),
        ] {
            assert_eq!(ago(1_000_000_000 + past_ms, 1_000_000_000), text);
        }
        assert_eq!(ago(5, 9), "just now", "clocks are set back");
    }

    #[test]
    fn each_refusal_says_what_to_do() {
        assert!(refusal("QuotaExceededError").contains("no room"));
        assert!(refusal("SecurityError").contains("save it as a file"));
    }
}
