//! Playing a scenario beside itself with one thing changed.

use std::rc::Rc;

use super::{Engine, Said, told};
use crate::edit::{Command as Edit, Refusal, as_change, varied};
use crate::view::NodeId;
use crate::view::compare::{Fates, Look, Row, look, summary};

/// Two worlds of one script and seed.
pub struct Compared {
    /// What is changed, as a line.
    pub line: String,
    /// Where they part.
    pub look: Look,
    kept: Edit,
    left: Rc<Engine>,
    right: Rc<Engine>,
}

impl PartialEq for Compared {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.left, &other.left)
    }
}

impl Compared {
    /// The scenario as it is, and with the change.
    pub fn worlds(&self) -> [&Rc<Engine>; 2] {
        [&self.left, &self.right]
    }

    /// What is counted in both.
    pub fn summary(&self) -> Vec<Row> {
        summary(self.left.player().board(), self.right.player().board())
    }
}

impl Engine {
    /// Compares the scenario with what a command makes of it, from the beginning.
    ///
    /// # Errors
    ///
    /// Why it cannot be compared.
    pub(super) fn compare(&self, command: &Edit) -> Result<(), Refusal> {
        let (file, other, kept) = {
            let desk = self.desk.borrow();
            (desk.file().clone(), varied(desk.file(), command)?, as_change(desk.file(), command)?)
        };
        let look = look(&file.scenario, &other.scenario).map_err(|error| Refusal::new(error.to_string()))?;
        let open = |file| {
            let engine = Engine::open(file).map_err(|error| Refusal::new(error.to_string()))?;
            engine.fix();
            Ok::<_, Refusal>(engine)
        };
        let compared = Compared { line: command.to_string(), look, kept, left: open(file)?, right: open(other)? };
        *self.compared.borrow_mut() = Some(Rc::new(compared));
        self.say::<()>(Ok((Said::Done(format!("compare {command}")), ())));
        Ok(())
    }

    /// The same for whoever tells of refusals.
    pub(super) fn try_compare(&self, command: &Edit) -> Result<(), Refusal> {
        let done = self.compare(command);
        if let Err(refusal) = &done {
            self.say::<()>(Err(told(refusal)));
        }
        done
    }

    /// What is compared, if anything is.
    pub fn compared(&self) -> Option<Rc<Compared>> {
        self.compared.borrow().clone()
    }

    /// The change is made in the scenario itself, as one that can be taken back. Answers what is new or was changed.
    ///
    /// # Errors
    ///
    /// Why it cannot be made.
    pub fn keep_compared(&self) -> Result<Vec<NodeId>, Refusal> {
        let kept = self.compared.borrow().as_ref().map(|compared| compared.kept.clone());
        let touched = kept.map_or(Ok(Vec::new()), |kept| self.attempt(&kept))?;
        Ok(touched.iter().filter_map(|found| self.node_of(found)).collect())
    }

    /// Nothing is compared any more.
    pub fn compare_no_more(&self) {
        if self.compared.take().is_some() {
            self.change(|_| {});
        }
    }

    /// To a moment of the virtual clock, though time stands still: what moves is drawn, and who listens hears of it if anything has
    /// happened since.
    pub fn glide_ms(&self, at_ms: f64) {
        let (before, after) = {
            let mut player = self.player_mut();
            let before = player.cursor();
            player.pause();
            player.seek_ms(at_ms);
            (before, player.cursor())
        };
        self.draw();
        if before != after {
            self.tell();
        }
    }

    /// The moments of the last and of the next event, virtual milliseconds; none where there is none.
    pub fn events_around(&self, at_ms: f64) -> [Option<f64>; 2] {
        let player = self.player();
        let history = player.film().history();
        let at = |place: usize| history.get(place).map(|entry| entry.at_ms as f64);
        let before = history.partition_point(|entry| (entry.at_ms as f64) < at_ms);
        let behind = history.partition_point(|entry| entry.at_ms as f64 <= at_ms);
        [before.checked_sub(1).and_then(at), at(behind)]
    }

    /// What has become of messages so far is taken in.
    pub fn take_fates(&self, fates: &mut Fates) {
        fates.go_on(&self.player());
    }
}
