//! A small picture of a scenario, for choosing one: where its nodes stand once everybody who joins early is there.

use crate::history::Fold;
use crate::simulation::{Scenario, ScenarioError, World};

use super::Board;
use super::graph::graph;
use super::layout::{Direction, Layout, Places, layout};

/// Who has joined by then is in the picture, virtual milliseconds.
const UNTIL_MS: u64 = 12_000;
/// So many entries of the log are enough, whatever is missing then.
const ENTRIES_MAX: usize = 3_000;

/// The layout of a scenario, in its first seconds.
///
/// # Errors
///
/// What is wrong with the scenario.
pub fn sketch(scenario: &Scenario) -> Result<Layout, ScenarioError> {
    let mut log = Vec::new();
    let mut world = World::new(scenario, &mut log)?;
    let mut entries = log.len();
    let mut board = Board::default();
    loop {
        log.drain(..).for_each(|entry| board.apply(&entry));
        if entries >= ENTRIES_MAX || world.next_ms().is_none_or(|at_ms| at_ms > UNTIL_MS) || !world.step(&mut log) {
            return Ok(layout(&graph(&board), Direction::Across, &Places::new()));
        }
        entries += log.len();
    }
}
