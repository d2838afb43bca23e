//! The desk that people work at: a scenario, the world that plays it, and what was done to both.
//!
//! What always holds: a command changes the scenario and the running world together, or is refused and changes neither;
//! what it changed can be taken back and done again. What cannot begin is refused with RabbitMQ's own reason.

use crate::broker::ordered::OrderedMap;
use crate::edit::complete::Known;
use crate::edit::{self, Command, Found, Kind, Refusal};
use crate::share::{File, FileError, Node, Point};
use crate::simulation::{Deed, ScenarioError, World};

use super::player::Player;

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
}

/// A scenario at work.
pub struct Desk {
    player: Player,
    file: File,
    past: Vec<Change>,
    future: Vec<Change>,
}

impl Desk {
    /// A scenario at its beginning.
    ///
    /// # Errors
    ///
    /// Why it cannot begin.
    pub fn open(file: File) -> Result<Desk, ScenarioError> {
        let player = Player::new(&file.scenario)?;
        Ok(Desk { player, file, past: Vec::new(), future: Vec::new() })
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

    /// Carries a command out: in the scenario and in the running world, at the moment that is looked at. Answers what is
    /// new or was changed.
    ///
    /// # Errors
    ///
    /// Why not. Nothing has changed then.
    pub fn run(&mut self, command: &Command) -> Result<Vec<Found>, Refusal> {
        if let Some(deed) = edit::deed(&self.file, command)? {
            self.perform(vec![deed])?;
            return Ok(Vec::new());
        }
        let edit::Changed { file, touched } = edit::change(&self.file, command)?;
        self.become_like(&file)?;
        let before = std::mem::replace(&mut self.file, file);
        self.future.clear();
        self.past.push(Change { line: command.to_string(), before, after: self.file.clone() });
        if self.past.len() > UNDO_MAX {
            self.past.remove(0);
        }
        Ok(touched)
    }

    /// The running world becomes what a scenario says, if that could begin.
    fn become_like(&mut self, file: &File) -> Result<(), Refusal> {
        if file.scenario == self.file.scenario {
            return Ok(());
        }
        World::new(&file.scenario, &mut Vec::new()).map_err(refusal)?;
        self.perform(edit::difference(&self.file.scenario, &file.scenario))
    }

    fn perform(&mut self, deeds: Vec<Deed>) -> Result<(), Refusal> {
        if deeds.is_empty() {
            return Ok(());
        }
        match self.player.perform_all(deeds) {
            Ok(true) => Ok(()),
            Ok(false) => Err(Refusal::new("this moment is forgotten: go to a later one")),
            Err(error) => Err(refusal(error)),
        }
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
        self.become_like(&change.before)?;
        self.file = change.before.clone();
        self.past.pop();
        let line = change.line.clone();
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
        self.become_like(&change.after)?;
        self.file = change.after.clone();
        self.future.pop();
        let line = change.line.clone();
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
    pub fn layout(&self) -> &OrderedMap<Node, Point> {
        &self.file.layout
    }
}

fn refusal(error: ScenarioError) -> Refusal {
    FileError::from(error).into()
}
