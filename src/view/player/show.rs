//! Showing what was done by hand as it comes about, though time may stand still.

use super::{ByHand, Player};

impl Player {
    /// Shows how what was just done by hand comes about: from the moment before, as time goes on or though it stands
    /// still. For those who want no motion it is there at once.
    pub fn show(&mut self, done: &ByHand) {
        let last = self.cursor;
        if self.jump_cuts || done.cursor >= last {
            return;
        }
        let ends = self.film().motions(done.cursor..last).map(|(_, motion, _)| motion.to_ms as f64);
        let until_ms = ends.fold(self.moment_ms, f64::max);
        self.cursor = done.cursor;
        self.scene = self.film().history().at(done.cursor);
        self.moment_ms = done.moment_ms.min(self.moment_ms);
        if !self.playing {
            let next_ms = self.film().shown_ms(last).map_or(until_ms, |next_ms| next_ms as f64);
            self.showing = Some((last, until_ms.min(next_ms.max(self.arrival_ms(last)))));
        }
    }

    /// Time goes on for what is shown, and for nothing else.
    pub(super) fn show_on(&mut self, (last, until_ms): (usize, f64), elapsed_ms: f64) {
        self.moment_ms = (self.moment_ms + elapsed_ms).min(until_ms);
        let is_due = |player: &Player| {
            player.film().shown_ms(player.cursor).is_some_and(|shown_ms| shown_ms as f64 <= player.moment_ms)
        };
        while self.cursor < last && is_due(self) {
            self.go_on();
        }
        if self.moment_ms >= until_ms {
            self.land();
        }
    }
}
