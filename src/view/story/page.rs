//! What of the story is shown at a moment: the paragraphs of its newest lines.
//!
//! What always holds: nothing is shown that comes after the cursor; making a page costs what is on it, however long the
//! story is; a line that was shown before is the same piece of memory, so that nobody renders it again.

use std::rc::Rc;

use crate::broker::ordered::{OrderedMap, sort_by_key};
use crate::history::History;
use crate::simulation::LogEntry;
use crate::view::board::Board;
use crate::view::explain::{Teller, Tone, tone};
use crate::view::film::Film;
use crate::view::life::is_about_one;
use crate::view::player::Player;
use crate::view::scene::Scene;
use crate::view::sentence::Sentence;
use crate::view::why::can_be_asked;

use super::filter::Found;
use super::{Threads, declares};

/// One line of the story.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The entry's number.
    pub seq: u64,
    /// Its moment, virtual milliseconds.
    pub at_ms: u64,
    /// What happened.
    pub sentence: Sentence,
    /// How much it matters.
    pub tone: Tone,
    /// Whether it is about a message that could be followed.
    pub is_about_message: bool,
    /// Whether *Why?* can be asked of it.
    pub can_be_asked: bool,
}

impl Line {
    /// An entry as a line.
    pub fn of(teller: &Teller, entry: &LogEntry) -> Self {
        Line {
            seq: entry.seq,
            at_ms: entry.at_ms,
            sentence: teller.sentence(entry),
            tone: tone(entry),
            is_about_message: is_about_one(entry),
            can_be_asked: can_be_asked(teller.film(), entry),
        }
    }
}

/// The newest lines that are wanted, the last one first: so many at most, and none from so far back.
pub fn newest(player: &Player, most: usize, look_back: usize, wanted: impl Fn(&LogEntry, &Board) -> bool) -> Vec<Line> {
    let history = player.film().history();
    let teller = Teller::new(player.film(), &history.front().board);
    let oldest = player.cursor().saturating_sub(look_back).max(history.first());
    let entries = (oldest..player.cursor()).rev().filter_map(|place| history.get(place));
    let wanted = entries.filter(|entry| wanted(entry, &history.front().board));
    wanted.take(most).map(|entry| Line::of(&teller, entry)).collect()
}

/// A paragraph: what begins it, and its steps.
#[derive(Clone, Debug)]
pub struct Paragraph {
    /// What it begins with.
    pub heading: Rc<Line>,
    /// Whether the heading is an event, and not only what the steps have in common.
    pub is_event: bool,
    /// What follows from that, oldest first.
    pub steps: Vec<Rc<Line>>,
    /// How many of the steps before these are not shown, if all are to be read.
    pub left_out: usize,
    /// The number of the entry that happened last, if it is in here.
    pub current: Option<u64>,
}

impl Paragraph {
    /// Whether an entry is one of its lines, by its number.
    pub fn has(&self, seq: u64) -> bool {
        (self.is_event && self.heading.seq == seq) || self.steps.iter().any(|step| step.seq == seq)
    }
}

/// Lines are the same if they are the same piece of memory.
impl PartialEq for Paragraph {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.heading, &other.heading)
            && self.current == other.current
            && self.left_out == other.left_out
            && self.steps.len() == other.steps.len()
            && self.steps.iter().zip(&other.steps).all(|(one, other)| Rc::ptr_eq(one, other))
    }
}

/// What is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// The one that began last first.
    pub paragraphs: Vec<Rc<Paragraph>>,
    /// How many events were found, of how many that were looked at.
    pub found: (usize, usize),
    /// Whether there is more that was found.
    pub has_more: bool,
    /// From which moment on the story was searched, if not all of it was.
    pub searched_from_ms: Option<u64>,
}

/// Lines that were told. They are the same for good, in one film.
pub type Lines = OrderedMap<u64, Rc<Line>>;

/// So many lines are kept for the next page.
const KEPT: usize = 1_024;

/// What pages are made from: the film up to a cursor.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    film: &'a Film,
    cursor: usize,
}

impl<'a> Source<'a> {
    /// A film up to a cursor.
    pub fn new(film: &'a Film, cursor: usize) -> Self {
        Source { film, cursor }
    }

    pub(super) fn cursor(&self) -> usize {
        self.cursor
    }

    pub(super) fn first(&self) -> usize {
        self.history().first()
    }

    pub(super) fn get(&self, place: usize) -> Option<&'a LogEntry> {
        self.history().get(place)
    }

    fn history(&self) -> &'a History<Scene> {
        self.film.history()
    }

    pub(super) fn names(&self) -> &'a Board {
        &self.history().front().board
    }

    pub(super) fn teller(&self) -> Teller<'a> {
        Teller::new(self.film, self.names())
    }

    fn line(&self, lines: &mut Lines, place: usize) -> Option<Rc<Line>> {
        let entry = self.get(place)?;
        if let Some(line) = lines.get(&entry.seq) {
            return Some(line.clone());
        }
        let line = Rc::new(Line::of(&self.teller(), entry));
        lines.insert(entry.seq, line.clone());
        Some(line)
    }

    /// The paragraphs of the newest lines, so many of them and those of one more paragraph at most. `found` is what is
    /// to be read, if that is not everything; it has looked already.
    pub fn page(&self, threads: &Threads, found: Option<&Found>, lines: &mut Lines, most: usize) -> Page {
        if lines.len() > KEPT {
            lines.clear();
        }
        let all = (self.first()..self.cursor).rev();
        let mut roots: Vec<(usize, usize)> = Vec::new();
        let mut page = Page::default();
        let mut shown = 0;
        let newest: Box<dyn Iterator<Item = usize>> = match found {
            Some(found) => Box::new(found.newest(self.cursor)),
            None => Box::new(all),
        };
        for place in newest {
            let Some(link) = threads.link(place) else { continue };
            if roots.iter().any(|(root, _)| *root == link.root) {
                continue;
            }
            if shown >= most {
                page.has_more = true;
                break;
            }
            let Some(paragraph) = self.paragraph(threads, lines, place, found, most) else { continue };
            shown += paragraph.steps.len() + 1;
            roots.push((link.root, page.paragraphs.len()));
            page.paragraphs.push(Rc::new(paragraph));
        }
        sort_by_key(&mut roots, |(root, _)| std::cmp::Reverse(*root));
        page.paragraphs = roots.iter().filter_map(|(_, index)| page.paragraphs.get(*index).cloned()).collect();
        self.count(&mut page, found);
        page
    }

    fn count(&self, page: &mut Page, found: Option<&Found>) {
        let from = found.map_or(self.first(), Found::from);
        let looked_at = self.cursor.saturating_sub(from);
        page.found = (found.map_or(looked_at, |found| found.count(self.cursor)), looked_at);
        if from > self.first() {
            page.searched_from_ms = self.get(from).map(|entry| entry.at_ms);
        }
    }

    /// A paragraph up to one of its entries, with so many of the newest steps that are to be read at most.
    fn paragraph(
        &self,
        threads: &Threads,
        lines: &mut Lines,
        newest: usize,
        found: Option<&Found>,
        most: usize,
    ) -> Option<Paragraph> {
        let is_read = |place: &usize| found.is_none_or(|found| found.has(*place));
        let link = threads.link(newest)?;
        // Of a paragraph whose beginning is forgotten, the oldest line that is known stands for it.
        let root = if link.root >= self.first() {
            link.root
        } else {
            threads.back_from(newest).take_while(|place| *place >= self.first()).last()?
        };
        let places = threads.back_from(newest).take_while(|place| *place > root);
        let mut steps: Vec<Rc<Line>> =
            places.filter(&is_read).take(most).filter_map(|place| self.line(lines, place)).collect();
        let is_event = !(link.ordinal > 0 && self.get(root).is_some_and(declares));
        let heading = if is_event { self.line(lines, root)? } else { self.set_up(lines, root)? };
        if !is_event && is_read(&root) && steps.len() < most {
            steps.extend(self.line(lines, root));
        }
        steps.reverse();
        let all = if is_event { link.ordinal } else { link.ordinal + 1 };
        let left_out = if found.is_some() || steps.len() < most { 0 } else { all.saturating_sub(steps.len()) };
        let current = (newest + 1 == self.cursor).then_some(self.cursor as u64);
        Some(Paragraph { heading, is_event, steps, left_out, current })
    }

    /// What is said of things that are declared together. Its number is that of no entry.
    fn set_up(&self, lines: &mut Lines, root: usize) -> Option<Rc<Line>> {
        let entry = self.get(root)?;
        let words = if root == 0 { "The broker is set up." } else { "The broker's set-up is changed." };
        let key = u64::MAX - entry.seq;
        if let Some(line) = lines.get(&key) {
            return Some(line.clone());
        }
        let line = Rc::new(Line {
            seq: entry.seq,
            at_ms: entry.at_ms,
            sentence: Sentence::words(words),
            tone: Tone::Plain,
            is_about_message: false,
            can_be_asked: false,
        });
        lines.insert(key, line.clone());
        Some(line)
    }
}
