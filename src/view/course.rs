//! A course of events: a world, how it came about, and its film.
//!
//! What always holds: the film has every entry that the world has written, and the world can be had again as it was
//! at every entry that the film still knows.

use crate::history::{Limits, Machine, Run};
use crate::simulation::{LogEntry, Scenario, ScenarioError, Timed, World};

use super::film::Film;

/// A world may go on and on without writing anything (producers that wake while the broker is down): after so many
/// such steps in a row it counts as ended.
const QUIET_MAX: u32 = 100_000;

impl Machine for World {
    type Entry = LogEntry;
    type Input = Timed;
    type Error = ScenarioError;

    fn step(&mut self, log: &mut Vec<LogEntry>) -> bool {
        World::step(self, log)
    }

    /// What is due before the input's moment happens first, and what comes before a script's action of that moment; all
    /// else that is due then comes after it. So a scenario whose script has the inputs plays as the run did.
    fn take(&mut self, input: &Timed, log: &mut Vec<LogEntry>) -> Result<(), ScenarioError> {
        self.advance_to_deed(input.at_ms, log);
        self.perform(&input.action, log)
    }

    fn weight(&self) -> usize {
        const BASE: usize = 4_096;
        const CLIENT: usize = 512;
        const QUEUE: usize = 1_024;
        const MESSAGE: usize = 96;
        const PENDING: usize = 256;
        let queues = self.broker().queues().map(|queue| QUEUE + MESSAGE * (queue.ready() + queue.unacked()) as usize);
        BASE + CLIENT * self.clients().len() + PENDING * self.pending() + queues.sum::<usize>()
    }
}

/// A world and its film.
pub struct Course {
    run: Run<World>,
    film: Film,
    start: usize,
    fresh: Vec<LogEntry>,
}

impl Course {
    /// A world at its beginning.
    ///
    /// # Errors
    ///
    /// What is wrong with the scenario.
    pub fn begin(scenario: &Scenario, limits: Limits) -> Result<Self, ScenarioError> {
        let mut fresh = Vec::new();
        let world = World::new(scenario, &mut fresh)?;
        let run = Run::new(world, fresh.len(), limits);
        let mut course = Course { run, film: Film::new(limits), start: fresh.len(), fresh };
        course.record();
        Ok(course)
    }

    /// The world, as far ahead as it is.
    pub fn world(&self) -> &World {
        self.run.machine()
    }

    /// The film.
    pub fn film(&self) -> &Film {
        &self.film
    }

    /// How many entries the set-up was.
    pub fn start(&self) -> usize {
        self.start
    }

    /// What people did, and when.
    pub fn deeds(&self) -> impl Iterator<Item = &Timed> {
        self.run.inputs().map(|(_, deed)| deed)
    }

    /// One step of the world. False if nothing is left to happen.
    pub fn step(&mut self) -> bool {
        let goes_on = self.run.step(&mut self.fresh);
        self.record();
        goes_on
    }

    /// Steps of the world until something is written. False if nothing ever will be.
    pub fn go_on(&mut self) -> bool {
        let before = self.film.len();
        for _ in 0..QUIET_MAX {
            if !self.step() {
                return false;
            }
            if self.film.len() > before {
                return true;
            }
        }
        false
    }

    /// Somebody does something, now.
    ///
    /// # Errors
    ///
    /// Why it cannot be done. Nothing has changed then.
    pub fn take(&mut self, deed: Timed) -> Result<(), ScenarioError> {
        let done = self.run.take(deed, &mut self.fresh);
        self.record();
        done
    }

    fn record(&mut self) {
        self.fresh.drain(..).for_each(|entry| self.film.push(entry));
        self.run.forget(self.film.history().first());
    }

    /// The course as it was after the first `cursor` entries, or at the end of the step that wrote the last of them.
    /// What it gets from then on is not shown before a moment. None if that is forgotten, or yet to come.
    pub fn fork(&self, cursor: usize, not_before_ms: u64) -> Option<Self> {
        let known = cursor >= self.film.history().first().max(self.start);
        let run = self.run.fork(cursor).filter(|_| known)?;
        let film = self.film.fork(run.written(), not_before_ms);
        Some(Course { run, film, start: self.start, fresh: Vec::new() })
    }
}
