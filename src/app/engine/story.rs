//! What is told: the newest lines, the story in paragraphs, the story as text.

use super::Engine;
use super::follow::film_of;
use crate::view::NodeId;
use crate::view::goals::{Goals, Reached};
use crate::view::inspect::concerns;
use crate::view::story::{Filter, Form, Found, Line, Lines, Page, Source, Threads, newest, written};

/// So many lines of the story are written at most.
const WRITTEN: usize = 20_000;

/// What was told so far, of one film.
#[derive(Default)]
pub(super) struct Telling {
    film: (u32, u32),
    threads: Threads,
    found: Option<Found>,
    lines: Lines,
}

impl Telling {
    fn of(film: (u32, u32)) -> Self {
        Telling { film, ..Telling::default() }
    }
}

impl Engine {
    /// The newest lines of the story, the last one first.
    pub fn story(&self, lines: usize) -> Vec<Line> {
        newest(&self.player(), lines, lines, |_, _| true)
    }

    /// The newest lines that are about a node.
    pub fn story_of(&self, node: &NodeId, lines: usize) -> Vec<Line> {
        const LOOK_BACK: usize = 2_000;
        newest(&self.player(), lines, LOOK_BACK, |entry, board| concerns(entry, node, board))
    }

    /// What happened last, as text.
    pub fn told_last(&self) -> String {
        self.story(1).first().map(|line| line.sentence.to_string()).unwrap_or_default()
    }

    /// How far the goals are.
    pub fn goals(&self, goals: &mut Goals) -> Vec<Reached> {
        goals.at(&self.player(), &self.desk.borrow().file().expect)
    }

    /// The newest of the story in paragraphs, about so many lines.
    pub fn page(&self, filter: &Filter, most: usize) -> Page {
        let player = self.player();
        let source = Source::new(player.film(), player.cursor());
        let film = film_of(&player);
        let mut telling = self.telling.borrow_mut();
        if telling.film != film {
            *telling = Telling::of(film);
        }
        let Telling { threads, found, lines, .. } = &mut *telling;
        threads.go_on(player.film().history(), player.cursor());
        if filter.is_all() {
            *found = None;
        } else {
            let followed = self.followed.borrow();
            if found.as_ref().is_none_or(|found| found.filter() != filter) {
                *found = Some(Found::new(filter.clone()));
            }
            if let Some(found) = found {
                found.look(&source, followed.as_ref().map(|followed| followed.life()));
            }
        }
        source.page(threads, found.as_ref(), lines, most)
    }

    /// Looks further back for what is to be read.
    pub fn look_back(&self) {
        {
            let player = self.player();
            let followed = self.followed.borrow();
            if let Some(found) = &mut self.telling.borrow_mut().found {
                let life = followed.as_ref().map(|followed| followed.life());
                found.look_back(&Source::new(player.film(), player.cursor()), life);
            }
        }
        self.change(|_| {});
    }

    /// The story as text; and how many lines there are.
    pub fn written(&self, filter: &Filter, form: Form) -> (String, usize) {
        let page = self.page(filter, WRITTEN);
        let told = filter.told(self.player().board());
        let title = self.title();
        let title = if told.is_empty() { title } else { format!("{title} ({told})") };
        (written(&title, &page, form, self.player().start()), page.found.0)
    }

    /// What stands above what is written of this moment.
    pub fn title(&self) -> String {
        let clock_ms = self.player().clock_ms();
        format!("{}, up to {}", self.desk.borrow().file().scenario.name, super::seconds(clock_ms))
    }
}
