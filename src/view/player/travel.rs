//! Going places: to any event, to any moment, to what people look for.

use super::Player;

/// So many entries ahead a search gives up: for something interesting, or for a moment that may never come.
const LOOK_AHEAD: usize = 50_000;

impl Player {
    /// The lowest cursor there is: the set-up is not gone through, and what is forgotten cannot be.
    pub fn lowest(&self) -> usize {
        self.course.start().max(self.film().history().first())
    }

    /// How many entries behind the set-up are forgotten.
    pub fn forgotten(&self) -> usize {
        self.lowest() - self.course.start()
    }

    /// To where so many entries have happened, or as near as one can get. The world goes on as far as that takes, but
    /// no further than it remembers. Answers where it is.
    pub fn seek(&mut self, cursor: usize) -> usize {
        self.land();
        self.foresee(cursor);
        let cursor = cursor.clamp(self.lowest(), self.film().len().max(self.lowest()));
        self.go_to(cursor, self.arrival_ms(cursor));
        self.cursor
    }

    /// To a moment of the virtual clock, milliseconds: everything due up to then has happened. Of a moment that is
    /// forgotten the oldest that is known stands in. Answers whether anything is known to come after it; if not, the
    /// moment may be further away than one goes at once.
    pub fn seek_ms(&mut self, at_ms: f64) -> bool {
        self.land();
        let at_ms = if at_ms.is_nan() { 0.0 } else { at_ms };
        let most = self.film().len() + LOOK_AHEAD.min(self.limits.entries);
        let history = self.course.film().history();
        let mut last_ms = history.get(history.len().saturating_sub(1)).map_or(0, |entry| entry.at_ms);
        while last_ms as f64 <= at_ms && self.film().len() < most && self.course.go_on() {
            let history = self.course.film().history();
            last_ms = history.get(history.len() - 1).map_or(last_ms, |entry| entry.at_ms);
        }
        let history = self.film().history();
        let cursor = history.partition_point(|entry| entry.at_ms as f64 <= at_ms).max(self.lowest());
        self.go_to(cursor, self.moment_of(cursor, at_ms));
        last_ms as f64 > at_ms
    }

    /// To just after the next interesting entry. False, and no step taken, if there is none as far as one can see.
    pub fn next_interesting(&mut self) -> bool {
        self.pause();
        let most = self.cursor + LOOK_AHEAD.min(self.limits.entries);
        let mut from = self.cursor;
        loop {
            if let Some(mark) = self.film().mark_from(from) {
                self.seek(mark.place + 1);
                return true;
            }
            from = self.film().len();
            if from >= most || !self.course.go_on() {
                self.keep_up();
                return false;
            }
        }
    }

    /// To just after the interesting entry before the last entry. False, and no step taken, if none is known.
    pub fn previous_interesting(&mut self) -> bool {
        self.pause();
        let mark = self.cursor.checked_sub(1).and_then(|last| self.film().mark_before(last));
        let Some(mark) = mark.filter(|mark| mark.place >= self.lowest()) else { return false };
        self.seek(mark.place + 1);
        true
    }

    /// To the beginning, just after the set-up.
    pub fn restart(&mut self) {
        self.pause();
        self.seek(self.lowest());
    }

    /// To the furthest that one has been.
    pub fn to_end(&mut self) {
        self.pause();
        self.seek(self.seen);
    }

    /// Lets the world go on until so many entries are there.
    pub(super) fn foresee(&mut self, cursor: usize) {
        let most = self.film().len() + self.limits.entries;
        while self.film().len() < cursor.min(most) && self.course.go_on() {}
    }

    /// When the picture of a cursor is complete, in the film's time.
    pub(super) fn arrival_ms(&self, cursor: usize) -> f64 {
        let shown_ms = |place| self.film().shown_ms(place);
        // Where the last entry is forgotten, it was not long before the next.
        cursor.checked_sub(1).and_then(|last| shown_ms(last).or_else(|| shown_ms(cursor))).unwrap_or_default() as f64
    }

    /// The film's time at a moment of the virtual clock that is between two entries; the inverse of
    /// [`Player::clock_ms`].
    fn moment_of(&self, cursor: usize, at_ms: f64) -> f64 {
        let since_ms = self.arrival_ms(cursor);
        let entry = |place: usize| self.film().history().get(place).map(|entry| entry.at_ms as f64);
        let last_ms = cursor.checked_sub(1).and_then(entry).unwrap_or_default();
        match (entry(cursor), self.film().shown_ms(cursor)) {
            (Some(next_ms), Some(until_ms)) if next_ms > last_ms => {
                let part = ((at_ms - last_ms) / (next_ms - last_ms)).clamp(0.0, 1.0);
                since_ms + (until_ms as f64 - since_ms) * part
            }
            _ => since_ms,
        }
    }
}
