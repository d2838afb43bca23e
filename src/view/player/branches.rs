//! Going on from the past with a change. What was there before stays as it is and can be returned to.
//!
//! A world runs ahead of its picture. What nobody has seen yet is not the past: a change goes on with the same branch
//! then, and only the foresight is lost. What somebody has seen is kept as a branch.

use crate::broker::ordered::sort_by_key;
use crate::history::PIECE;
use crate::simulation::{Deed, Scenario, ScenarioError, Timed, World};

use super::super::course::Course;
use super::Player;

/// So many branches are kept besides the one that is looked at; all together they keep no more entries of their own
/// than one may have. The oldest goes first, but what the one that is looked at came from after all others.
pub const BRANCHES_MAX: usize = 8;

/// One course of events among several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Branch {
    /// From 0, in the order in which they came about.
    pub id: u32,
    /// What it was forked from; none for what began with a scenario.
    pub parent: Option<u32>,
    /// So many entries it has in common with that.
    pub shared: usize,
    /// So many entries of it have been seen.
    pub seen: usize,
}

/// Something that was done by hand.
#[derive(Clone, Debug, PartialEq)]
pub struct ByHand {
    /// What, and when: as a script has it.
    pub timed: Timed,
    /// So many entries there were before.
    pub cursor: usize,
    /// The moment before, in the film's time.
    pub moment_ms: f64,
}

/// A branch that is not looked at, and where one was in it.
pub(super) struct Parked {
    branch: Branch,
    course: Course,
    cursor: usize,
    moment_ms: f64,
}

impl Parked {
    fn own_entries(&self) -> usize {
        let history = self.course.film().history();
        history.len().saturating_sub(self.branch.shared).min(history.known())
    }
}

impl Player {
    /// Does something to the world at the position, and goes to just after it. If what came after the position has
    /// been seen already, that stays as a branch of its own. Within a step of the world, which happens whole, the
    /// change comes at the step's end.
    ///
    /// Answers whether it was done: what was forgotten meanwhile cannot be changed.
    ///
    /// # Errors
    ///
    /// Why it cannot be done; with RabbitMQ's own text where the broker refused. Nothing has changed then.
    pub fn perform(&mut self, deed: Deed) -> Result<bool, ScenarioError> {
        self.perform_all(vec![deed])
    }

    /// Does several things at once, or none of them; else as [`Player::perform`].
    ///
    /// # Errors
    ///
    /// Why one of them cannot be done. Nothing has changed then.
    pub fn perform_all(&mut self, deeds: Vec<Deed>) -> Result<bool, ScenarioError> {
        Ok(self.change_all(deeds)?.is_some())
    }

    /// The same; answers how many entries this has in common with what was before, none if it was not done. With nothing to
    /// do it goes on from here as if nothing had been done later.
    ///
    /// # Errors
    ///
    /// Why one of them cannot be done. Nothing has changed then.
    pub fn change_all(&mut self, deeds: Vec<Deed>) -> Result<Option<usize>, ScenarioError> {
        Ok(self.change_at(deeds, |_, at_ms| at_ms)?.map(|(_, shared)| shared))
    }

    /// Does something as a script does it: at the first whole millisecond, from the position on, at which nothing has
    /// happened yet that would come after it. So a scenario whose script has it plays as this world does.
    ///
    /// Answers what was done, and when; none if the position is forgotten.
    ///
    /// # Errors
    ///
    /// Why it cannot be done. Nothing has changed then.
    pub fn perform_by_hand(&mut self, deed: Deed) -> Result<Option<ByHand>, ScenarioError> {
        let next = |world: &World, at_ms: u64| if world.is_past(at_ms) { world.now_ms().max(at_ms) + 1 } else { at_ms };
        self.land();
        let moment_ms = self.moment_ms;
        let done = self.change_at(vec![deed.clone()], next)?;
        Ok(done.map(|(at_ms, cursor)| ByHand { timed: Timed { at_ms, action: deed }, cursor, moment_ms }))
    }

    /// Goes on as if something had not been done by hand, at the same moment. False if this branch does not have it, or
    /// has forgotten the moment.
    pub fn take_back(&mut self, done: &ByHand) -> bool {
        self.land();
        let clock_ms = self.clock_ms();
        let is_here = self.course.deeds().any(|deed| *deed == done.timed);
        let shown_ms = self.arrival_ms(done.cursor).ceil() as u64;
        let course = self.course.fork(done.cursor, shown_ms).filter(|_| is_here);
        let Some(course) = course else { return false };
        let shared = course.film().len();
        self.replace(course, shared, Some(self.branch.id));
        self.cursor = shared;
        self.scene = self.film().history().at(shared);
        self.moment_ms = self.arrival_ms(shared);
        self.seen = self.cursor;
        self.seek_ms(clock_ms);
        self.forget_branches();
        true
    }

    /// Does several things at the position, at the moment that is chosen for them. Answers that, and how many entries
    /// this has in common with what was before; none if the position is forgotten.
    fn change_at(
        &mut self,
        deeds: Vec<Deed>,
        choose: impl FnOnce(&World, u64) -> u64,
    ) -> Result<Option<(u64, usize)>, ScenarioError> {
        self.land();
        // The clock is between two entries, so it may be a little beside a whole number.
        let at_ms = (self.clock_ms() + 1e-6) as u64;
        let Some(mut course) = self.course.fork(self.cursor, self.moment_ms.ceil() as u64) else { return Ok(None) };
        let shared = course.film().len();
        let at_ms = choose(course.world(), at_ms);
        for action in deeds {
            course.take(Timed { at_ms, action })?;
        }
        self.replace(course, shared, Some(self.branch.id));
        self.seen = self.cursor;
        let done = self.film().len();
        self.go_to(done, self.arrival_ms(done).max(self.moment_ms));
        self.forget_branches();
        Ok(Some((at_ms, shared)))
    }

    /// Begins again with another scenario. What there was stays as a branch.
    ///
    /// # Errors
    ///
    /// What is wrong with the scenario. Nothing has changed then.
    pub fn begin_again(&mut self, scenario: &Scenario) -> Result<(), ScenarioError> {
        self.pause();
        let course = Course::begin(scenario, self.limits)?;
        self.horizon_ms = super::horizon_ms(scenario).max(self.horizon_ms);
        self.replace(course, 0, None);
        self.cursor = self.lowest();
        self.scene = self.film().history().at(self.cursor);
        self.seen = self.cursor;
        self.moment_ms = self.arrival_ms(self.cursor);
        self.look_ahead();
        self.forget_branches();
        Ok(())
    }

    /// Goes on with another course. What there was is kept, if anything of it would be missed.
    fn replace(&mut self, course: Course, shared: usize, parent: Option<u32>) {
        let before = std::mem::replace(&mut self.course, course);
        if self.seen > shared || parent.is_none() {
            let branch = Branch { seen: self.seen, ..self.branch };
            self.parked.push(Parked { branch, course: before, cursor: self.cursor, moment_ms: self.moment_ms });
            self.last_branch += 1;
            self.branch = Branch { id: self.last_branch, parent, shared, seen: 0 };
        }
        self.branch.shared = self.branch.shared.min(shared);
    }

    fn forget_branches(&mut self) {
        let most = self.limits.entries.saturating_add(PIECE);
        while self.parked.len() > BRANCHES_MAX || self.parked.iter().map(Parked::own_entries).sum::<usize>() > most {
            let ancestors = self.ancestors();
            let oldest = self.parked.iter().enumerate().min_by_key(|(_, parked)| {
                let id = parked.branch.id;
                (ancestors.contains(&id), id)
            });
            let Some((oldest, _)) = oldest else { return };
            self.parked.remove(oldest);
            self.branches_forgotten += 1;
        }
    }

    /// What the branch that is looked at was forked from, and what that was forked from, and so on.
    fn ancestors(&self) -> Vec<u32> {
        let mut ancestors = Vec::new();
        let mut next = self.branch.parent;
        while let Some(id) = next {
            ancestors.push(id);
            let parked = self.parked.iter().find(|parked| parked.branch.id == id);
            next = parked.and_then(|parked| parked.branch.parent);
        }
        ancestors
    }

    /// The branch that is looked at.
    pub fn branch(&self) -> Branch {
        Branch { seen: self.seen, ..self.branch }
    }

    /// All branches that are kept, the one that is looked at among them, oldest first.
    pub fn branches(&self) -> Vec<Branch> {
        let mut branches: Vec<Branch> = self.parked.iter().map(|parked| parked.branch).collect();
        branches.push(self.branch());
        sort_by_key(&mut branches, |branch| branch.id);
        branches
    }

    /// How many branches are forgotten.
    pub fn branches_forgotten(&self) -> u32 {
        self.branches_forgotten
    }

    /// What people did to the world of this branch, oldest first.
    pub fn deeds(&self) -> impl Iterator<Item = &Timed> {
        self.course.deeds()
    }

    /// Returns to a branch, where one left it. False if there is no such branch besides the one that is looked at.
    pub fn switch(&mut self, id: u32) -> bool {
        self.pause();
        let Some(index) = self.parked.iter().position(|parked| parked.branch.id == id) else { return false };
        let branch = self.branch();
        let Parked { branch: next, course, cursor, moment_ms } = self.parked.swap_remove(index);
        let course = std::mem::replace(&mut self.course, course);
        self.parked.push(Parked { branch, course, cursor: self.cursor, moment_ms: self.moment_ms });
        (self.branch, self.seen) = (next, next.seen);
        self.scene = self.film().history().at(cursor);
        (self.cursor, self.moment_ms) = (cursor, moment_ms);
        self.look_ahead();
        true
    }
}
