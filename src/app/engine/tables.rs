//! Tables and charts of the moment that is shown.

use super::Engine;
use crate::view::NodeId;
use crate::view::chart::{Chart, charts};
use crate::view::rates::Window;
use crate::view::tables::{Table, shown_ms, tables};

impl Engine {
    /// The tables of the moment.
    pub fn tables(&self) -> Vec<Table> {
        let player = self.player();
        tables(player.scene(), shown_ms(&player))
    }

    /// The charts of the moment, of what is selected or of the whole broker.
    pub fn charts(&self, selected: Option<&NodeId>, window: Window) -> Vec<Chart> {
        let player = self.player();
        charts(player.scene(), selected, window, shown_ms(&player))
    }
}
