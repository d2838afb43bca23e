//! What is selected. It is known here at once, so that whoever acts on it need not wait until it is rendered.

use std::rc::Rc;

use crate::view::sharing::node_called;
use crate::view::{NodeId, Select, Selection};

use super::Engine;

impl Engine {
    /// What is selected of what is there now.
    pub fn selection(&self) -> Rc<Selection> {
        let all = self.selection.borrow().clone();
        let player = self.player();
        let now = all.among(|node| player.board().has(node));
        if *all == now { all } else { Rc::new(now) }
    }

    /// Selects something else.
    pub fn select(&self, change: Select) {
        let next = self.selection.borrow().after(change);
        if **self.selection.borrow() != next {
            *self.selection.borrow_mut() = Rc::new(next);
            self.tell();
        }
    }

    /// The node that the scenario shows as selected.
    pub fn selected_at_first(&self) -> Option<NodeId> {
        let desk = self.desk.borrow();
        node_called(desk.player().board(), desk.file().view.selection.as_ref()?)
    }
}
