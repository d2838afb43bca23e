//! The desk that people work at: a scenario, the world that plays it, and what was done to both.
//!
//! What always holds: a command changes the scenario and the running world together, or is refused and changes neither;
//! what it changed can be taken back and done again. What cannot begin is refused with RabbitMQ's own reason. What is done
//! by hand becomes part of the scenario's script, with its moment: so the scenario plays as what was seen. Who changes something
//! at a moment of the past goes on from there, with what was written in the scenario later ([`Written`]): so scenario and
//! world are alike wherever something was changed.

use std::rc::Rc;

use crate::edit::complete::Known;
use crate::edit::{self, Command, Found, Kind, Refusal};
use crate::share::{File, FileError};
use crate::simulation::{Deed, ScenarioError, Timed, World};

use super::hand::{self, Outcome};
use super::places::Put;
use super::player::{ByHand, Player};
use super::written::{Later, Written};

/// So many changes can be taken back.
const UNDO_MAX: usize = 200;

/// A change that was made.
#[derive(Clone, Debug, PartialEq)]
struct Change {
    /// The command that made it, as a line.
    line: String,
    /// The scenario before it.
    before: File,
    /// The scenario after it.
    after: File,
    /// What was done by hand, if that is what it was, one after another.
    done: Vec<ByHand>,
    /// The number of the arrangement before it and after it.
    arrangement: (u32, u32),
}

/// A scenario at work.
pub struct Desk {
    player: Player,
    file: File,
    past: Vec<Change>,
    future: Vec<Change>,
    outcome: Option<Rc<Outcome>>,
    edition: u64,
    is_fixed: bool,
    put: Put,
    /// How often everything was arranged afresh.
    arranged: u32,
    written: Written,
}

impl Desk {
    /// A scenario at its beginning.
    ///
    /// # Errors
    ///
    /// Why it cannot begin.
    pub fn open(file: File) -> Result<Desk, ScenarioError> {
        let player = Player::new(&file.scenario)?;
        let put = Put { places: Rc::new(file.layout.clone()), arrangement: 0 };
        let written = Written::new(&file);
        Ok(Desk {
            player,
            file,
            past: Vec::new(),
            future: Vec::new(),
            outcome: None,
            edition: 0,
            is_fixed: false,
            put,
            arranged: 0,
            written,
        })
    }

    /// From now on nothing can be changed: it only plays.
    pub fn fix(&mut self) {
        self.is_fixed = true;
    }

    /// The world, and where in its history one is.
    pub fn player(&self) -> &Player {
        &self.player
    }

    /// The same, to be moved through time.
    pub fn player_mut(&mut self) -> &mut Player {
        &mut self.player
    }

    /// The scenario as it is now.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// How often the scenario has become another one: who keeps it need not compare it.
    pub fn edition(&self) -> u64 {
        self.edition
    }

    /// Carries a command out: in the scenario and in the running world, at the moment that is looked at. Answers what is
    /// new or was changed.
    ///
    /// # Errors
    ///
    /// Why not. Nothing has changed then.
    pub fn run(&mut self, command: &Command) -> Result<Vec<Found>, Refusal> {
        if self.is_fixed {
            return Err(Refusal::new("this is a player: open the scenario in Warren to change it"));
        }
        if let Command::Steps(steps) = command
            && edit::are_deeds(steps)
        {
            let deeds = steps.iter().map(|step| edit::deed(&self.file, step)).collect::<Result<Vec<_>, _>>()?;
            return self.run_deeds(deeds.into_iter().flatten().collect(), command);
        }
        if let Some(deed) = edit::deed(&self.file, command)? {
            return self.run_deeds(vec![deed], command);
        }
        let edit::Changed { file, touched } = edit::change(&self.file, command)?;
        let before = self.take_over(file, &command.to_string())?;
        self.future.clear();
        self.outcome = None;
        let last = self.put.arrangement;
        if *command == Command::Arrange {
            self.arranged += 1;
            self.put.arrangement = self.arranged;
        }
        let arrangement = (last, self.put.arrangement);
        self.keep(Change {
            line: command.to_string(),
            before,
            after: self.file.clone(),
            done: Vec::new(),
            arrangement,
        });
        self.note_places();
        Ok(touched)
    }

    /// What one command does by hand is one change, however much it is.
    fn run_deeds(&mut self, deeds: Vec<Deed>, command: &Command) -> Result<Vec<Found>, Refusal> {
        let change = self.do_by_hand(deeds, command.to_string())?;
        self.future.clear();
        self.keep(change);
        Ok(Vec::new())
    }

    fn keep(&mut self, change: Change) {
        self.edition += 1;
        self.past.push(change);
        if self.past.len() > UNDO_MAX {
            self.past.remove(0);
        }
    }

    /// Something is done by hand, one thing after another, and written down in the script.
    fn do_by_hand(&mut self, deeds: Vec<Deed>, line: String) -> Result<Change, Refusal> {
        self.catch_up()?;
        let found = self.file.clone();
        let (mut before, mut done) = (None, Vec::new());
        for deed in deeds {
            match self.perform(deed, &line) {
                Ok((without, one)) => {
                    before.get_or_insert(without);
                    done.push(one);
                }
                Err(reason) => {
                    self.take_back(&done);
                    self.file = found;
                    return Err(reason);
                }
            }
        }
        let before = before.unwrap_or(found);
        let arrangement = (self.put.arrangement, self.put.arrangement);
        Ok(Change { line, before, after: self.file.clone(), done, arrangement })
    }

    /// Does one thing. Answers the scenario without it, and what was done.
    fn perform(&mut self, deed: Deed, line: &str) -> Result<(File, ByHand), Refusal> {
        let done = self.player.perform_by_hand(deed).map_err(refusal)?.ok_or_else(forgotten)?;
        self.forget_future(done.timed.at_ms);
        // The world is ahead of that already.
        let written = self.player.cursor().saturating_sub(done.cursor);
        let entries = self.player.film().history().from(done.cursor).take(written);
        self.outcome = hand::outcome(&done.timed.action, entries).map(Rc::new);
        let before = self.file.clone();
        let script = &mut self.file.scenario.script;
        let place = script.iter().rposition(|timed| timed.at_ms <= done.timed.at_ms).map_or(0, |last| last + 1);
        script.insert(place, done.timed.clone());
        let later = Later { at_ms: done.timed.at_ms, line: line.to_owned() };
        self.written.change((done.cursor + 1).min(self.player.cursor()), later, true, &self.file);
        Ok((before, done))
    }

    /// The world goes on without what was done by hand: without the first of it, and so without what came after that. In
    /// another course of events it was not done.
    fn take_back(&mut self, done: &[ByHand]) {
        if let Some(first) = done.iter().find(|done| self.player.take_back(done)) {
            self.written.forget_later(first.cursor);
        }
    }

    /// Who goes back and does something else goes on without what was done by hand later.
    fn forget_future(&mut self, at_ms: u64) {
        let dones = self.past.iter().flat_map(|change| &change.done);
        let later: Vec<Timed> = dones.map(|done| done.timed.clone()).filter(|timed| timed.at_ms > at_ms).collect();
        if later.is_empty() {
            return;
        }
        let files = self.past.iter_mut().flat_map(|change| [&mut change.before, &mut change.after]);
        for file in files.chain([&mut self.file]) {
            file.scenario.script.retain(|timed| !later.contains(timed));
        }
        self.past.retain_mut(|change| {
            let was_by_hand = !change.done.is_empty();
            change.done.retain(|done| done.timed.at_ms <= at_ms);
            !was_by_hand || !change.done.is_empty()
        });
    }

    /// What came of what was done by hand last.
    pub fn outcome(&self) -> Option<&Rc<Outcome>> {
        self.outcome.as_ref()
    }

    /// Shows how the last change comes about, if it is something that was done by hand.
    pub fn show_last(&mut self) {
        if let Some(done) = self.past.last().and_then(|change| change.done.first()) {
            self.player.show(done);
        }
    }

    /// The desk has another scenario now by a command, and its world with it. Answers the one before.
    fn take_over(&mut self, file: File, line: &str) -> Result<File, Refusal> {
        let is_other = file.scenario != self.file.scenario;
        let at_ms = self.player.clock_ms() as u64;
        let made = if is_other { Some(self.become_like(&file)?) } else { None };
        let before = std::mem::replace(&mut self.file, file);
        if let Some(cursor) = made {
            self.forget_future(self.player.clock_ms() as u64);
            self.written.change(cursor, Later { at_ms, line: line.to_owned() }, false, &self.file);
        }
        Ok(before)
    }

    /// The running world becomes what a scenario says, if that could begin. Answers how many entries there are when it has.
    fn become_like(&mut self, file: &File) -> Result<usize, Refusal> {
        World::new(&file.scenario, &mut Vec::new()).map_err(refusal)?;
        let cursor = self.player.cursor();
        let deeds = edit::difference(&self.written.at(cursor).scenario, &file.scenario);
        if deeds.is_empty() && !self.written.has_later(cursor) {
            return Ok(cursor);
        }
        let shared = self.player.change_all(deeds).map_err(refusal)?.ok_or_else(forgotten)?;
        Ok((shared + 1).min(self.player.cursor()))
    }

    /// At a moment of the past, the world becomes what is written now.
    fn catch_up(&mut self) -> Result<(), Refusal> {
        let later = self.later();
        let Some(last) = later.last() else { return Ok(()) };
        let file = self.file.clone();
        let at_ms = self.player.clock_ms() as u64;
        let cursor = self.become_like(&file)?;
        self.written.change(cursor, Later { at_ms, line: last.line.clone() }, false, &file);
        Ok(())
    }

    /// What was changed after the moment that is looked at.
    pub fn later(&self) -> Vec<Later> {
        self.written.later(self.player.cursor())
    }

    /// What was written in the scenario at the moment that is looked at.
    pub fn then(&self) -> &File {
        self.written.at(self.player.cursor())
    }

    /// How many of the changes have been made at the moment that is looked at.
    pub fn changes_made(&self) -> usize {
        self.written.count(self.player.cursor())
    }

    /// Begins anew with what is written now: seed, goals and script count from the beginning on. What was seen stays as a
    /// branch, and what was changed can still be taken back.
    ///
    /// # Errors
    ///
    /// Why it cannot begin. Nothing has changed then.
    pub fn begin_anew(&mut self) -> Result<(), Refusal> {
        let was_playing = self.player.is_playing();
        self.player.begin_again(&self.file.scenario).map_err(refusal)?;
        if was_playing {
            self.player.play();
        }
        // From now on the script does it.
        self.past.iter_mut().for_each(|change| change.done.clear());
        (self.outcome, self.written) = (None, Written::new(&self.file));
        self.edition += 1;
        Ok(())
    }

    /// Whether something is written that counts from the beginning on, and this world began with something else.
    pub fn is_behind(&self) -> bool {
        let (now, begun) = (&self.file.scenario, self.written.begun());
        let is_done = |timed: &Timed| self.past.iter().flat_map(|change| &change.done).any(|done| done.timed == *timed);
        let by_hand = |timed: &&Timed| !is_done(timed);
        let script = now.script.iter().filter(by_hand);
        now.seed != begun.scenario.seed || self.file.expect != begun.expect || !script.eq(&begun.scenario.script)
    }

    /// The line of the change that can be taken back.
    pub fn can_undo(&self) -> Option<&str> {
        self.past.last().map(|change| change.line.as_str())
    }

    /// The line of the change that can be made again.
    pub fn can_redo(&self) -> Option<&str> {
        self.future.last().map(|change| change.line.as_str())
    }

    /// Takes the last change back. Answers its line; none if there is none.
    ///
    /// # Errors
    ///
    /// Why it cannot be taken back. Nothing has changed then.
    pub fn undo(&mut self) -> Result<Option<String>, Refusal> {
        let Some(change) = self.past.last().cloned() else { return Ok(None) };
        self.outcome = None;
        self.past.pop();
        if !change.done.is_empty() {
            self.take_back(&change.done);
            self.file = change.before.clone();
        } else if let Err(reason) = self.take_over(change.before.clone(), &change.line) {
            self.past.push(change);
            return Err(reason);
        }
        let line = change.line.clone();
        self.edition += 1;
        self.put.arrangement = change.arrangement.0;
        self.note_places();
        self.future.push(change);
        Ok(Some(line))
    }

    /// Makes the change again that was taken back last. Answers its line; none if there is none.
    ///
    /// # Errors
    ///
    /// Why it cannot be made. Nothing has changed then.
    pub fn redo(&mut self) -> Result<Option<String>, Refusal> {
        let Some(change) = self.future.last().cloned() else { return Ok(None) };
        let line = change.line.clone();
        let change = if change.done.is_empty() {
            self.take_over(change.after.clone(), &change.line)?;
            change
        } else {
            // It is done now, not when it was done before.
            let deeds = change.done.into_iter().map(|done| done.timed.action);
            self.do_by_hand(deeds.collect(), change.line)?
        };
        self.edition += 1;
        self.put.arrangement = change.arrangement.1;
        self.note_places();
        self.future.pop();
        self.past.push(change);
        Ok(Some(line))
    }

    /// The names that a command can refer to.
    pub fn known(&self) -> Known {
        let definitions = &self.file.scenario.definitions;
        let mut names = Vec::new();
        names.extend(definitions.exchanges.iter().map(|exchange| (Kind::Exchange, exchange.name.clone())));
        names.extend(definitions.queues.iter().map(|queue| (Kind::Queue, queue.name.clone())));
        names
            .extend(self.file.scenario.clients.iter().map(|client| (Kind::of_role(&client.role), client.name.clone())));
        names.extend(definitions.policies.iter().map(|policy| (Kind::Policy, policy.name.clone())));
        names.extend(definitions.vhosts.iter().map(|vhost| (Kind::Vhost, vhost.name.clone())));
        Known { names }
    }

    /// Where nodes were put.
    pub fn put(&self) -> &Put {
        &self.put
    }

    fn note_places(&mut self) {
        if *self.put.places != self.file.layout {
            self.put.places = Rc::new(self.file.layout.clone());
        }
    }
}

fn forgotten() -> Refusal {
    Refusal::new("this moment is forgotten: go to a later one")
}

fn refusal(error: ScenarioError) -> Refusal {
    FileError::from(error).into()
}
