//! The log with its show times: when each entry is seen.
//!
//! The broker's inside takes no virtual time, but eyes need some. So an entry is shown at its own moment or, if that
//! would be too soon after what it follows from, a little later. Pauses in the log make up for it; and no entry is
//! ever shown more than [`LAG_MAX_MS`] late, so a busy world is shown as fast as it is. Entries are shown in the
//! order of the log.

use std::collections::VecDeque;
use std::ops::Range;

use crate::history::{History, Limits, Tape};
use crate::simulation::{Interest, LogEntry};

use super::motion::{Motion, Stage, Staging};
use super::scene::Scene;

/// The most that the picture lags behind the log, milliseconds.
pub const LAG_MAX_MS: u64 = 2_000;

/// The longest that something moves after its entry.
const TAIL_MS: f64 = 1_000.0;

/// One entry, as it is shown.
#[derive(Clone, Debug)]
struct Shot {
    at_ms: u64,
    /// Most entries move nothing.
    motion: Option<Box<Motion>>,
    slot: Option<u32>,
}

/// An entry that people look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The place of the entry, from 0.
    pub place: usize,
    /// Why.
    pub interest: Interest,
}

/// The log with its show times. What is forgotten of the log is forgotten of these too.
#[derive(Clone, Debug)]
pub struct Film {
    history: History<Scene>,
    shots: Tape<Shot>,
    marks: VecDeque<Mark>,
    /// Nothing that is still to come is shown before.
    floor_ms: u64,
    /// How often it was forked to come about.
    forks: u32,
}

impl Default for Film {
    fn default() -> Self {
        Film::new(Limits::default())
    }
}

impl Film {
    /// An empty one that remembers so much.
    pub fn new(limits: Limits) -> Self {
        let history = History::new(Scene::default(), limits);
        Film { history, shots: Tape::default(), marks: VecDeque::new(), floor_ms: 0, forks: 0 }
    }

    /// The film as it was after the first `cursor` entries. It shares all of those with this one; what it gets from
    /// then on is not shown before a moment.
    pub fn fork(&self, cursor: usize, not_before_ms: u64) -> Self {
        let history = self.history.fork(cursor);
        let marks = self.marks.iter().take_while(|mark| mark.place < history.len()).copied().collect();
        let shots = self.shots.fork(history.len());
        Film { history, shots, marks, floor_ms: not_before_ms, forks: self.forks.wrapping_add(1) }
    }

    /// The entries that people look for, oldest first.
    pub fn marks(&self) -> impl DoubleEndedIterator<Item = &Mark> + ExactSizeIterator {
        self.marks.iter()
    }

    /// The first mark at or behind a place.
    pub fn mark_from(&self, place: usize) -> Option<Mark> {
        self.marks.get(self.marks.partition_point(|mark| mark.place < place)).copied()
    }

    /// The last mark before a place.
    pub fn mark_before(&self, place: usize) -> Option<Mark> {
        let behind = self.marks.partition_point(|mark| mark.place < place);
        self.marks.get(behind.checked_sub(1)?).copied()
    }

    /// The log.
    pub fn history(&self) -> &History<Scene> {
        &self.history
    }

    /// How many entries there ever were.
    pub fn len(&self) -> usize {
        self.history.len()
    }

    /// Whether there never was any.
    pub fn is_empty(&self) -> bool {
        self.history.is_empty()
    }

    /// An entry by its number, from 1.
    pub fn entry(&self, seq: u64) -> Option<&LogEntry> {
        self.history.get(usize::try_from(seq.checked_sub(1)?).ok()?)
    }

    /// When the entry at a place (from 0) is shown, in the film's time.
    pub fn shown_ms(&self, place: usize) -> Option<u64> {
        self.shot(place).map(|shot| shot.at_ms)
    }

    fn shot(&self, place: usize) -> Option<&Shot> {
        self.shots.get(place)
    }

    /// Adds an entry at the end.
    pub fn push(&mut self, entry: LogEntry) {
        let slot_of = |seq: u64| {
            let place = usize::try_from(seq.checked_sub(1)?).ok()?;
            self.shot(place)?.slot.map(|slot| slot as usize)
        };
        let staging = Stage { history: &self.history, slot_of: &slot_of }.stage(&entry);
        let shot = self.schedule(&entry, staging);
        self.shots.push(shot);
        self.marks.extend(entry.interest().map(|interest| Mark { place: self.history.len(), interest }));
        self.history.push(entry);
        self.shots.forget(self.history.first());
        while self.marks.front().is_some_and(|mark| mark.place < self.history.first()) {
            self.marks.pop_front();
        }
    }

    fn schedule(&self, entry: &LogEntry, staging: Staging) -> Shot {
        let Staging { after_last_ms, since, moving, tail_ms, slot } = staging;
        let last_ms = self.shots.last().map_or(0, |shot| shot.at_ms);
        let (after, least_ms) = since.unwrap_or((entry.seq.saturating_sub(1), 0));
        let place = usize::try_from(after).ok().and_then(|seq| seq.checked_sub(1));
        let from_ms = place.and_then(|place| self.shown_ms(place)).unwrap_or(last_ms);
        let wanted_ms = from_ms + least_ms;
        let latest_ms = entry.at_ms.saturating_add(LAG_MAX_MS);
        let at_ms =
            entry.at_ms.max(last_ms + after_last_ms).max(wanted_ms).max(self.floor_ms).min(latest_ms).max(last_ms);
        let motion = moving.map(|(token, route)| match tail_ms {
            Some(tail_ms) => Motion { token, route, after: entry.seq, from_ms: at_ms, to_ms: at_ms + tail_ms },
            None => Motion { token, route, after, from_ms, to_ms: at_ms },
        });
        Shot { at_ms, motion: motion.map(Box::new), slot: slot.and_then(|slot| u32::try_from(slot).ok()) }
    }

    /// How often it was forked to come about: what goes on from another past is another film.
    pub fn forks(&self) -> u32 {
        self.forks
    }

    /// What moves on account of the entries at some places, and whether it does so after its entry.
    pub fn motions(&self, places: Range<usize>) -> impl Iterator<Item = (usize, &Motion, bool)> {
        let known = places.start.max(self.shots.first())..places.end.min(self.len());
        known.filter_map(|place| {
            let shot = self.shot(place)?;
            let motion = shot.motion.as_deref()?;
            Some((place, motion, motion.to_ms > shot.at_ms))
        })
    }

    /// The lowest place whose entry may still have something in motion at a moment, among those before the cursor.
    pub fn oldest_moving(&self, cursor: usize, moment_ms: f64) -> usize {
        self.shots.partition_point(|shot| shot.at_ms as f64 + TAIL_MS <= moment_ms).min(cursor)
    }

    /// What moves at a moment, when `cursor` entries have happened. `horizon_ms` is how long before its entry a
    /// motion may set out.
    pub fn moving(&self, cursor: usize, moment_ms: f64, horizon_ms: f64) -> impl Iterator<Item = &Motion> {
        let happened = cursor as u64;
        let past = self.shots.range(0..cursor).rev();
        let past = past.take_while(move |shot| shot.at_ms as f64 + TAIL_MS > moment_ms);
        let past = past.filter(move |shot| shot.motion.as_ref().is_some_and(|motion| motion.to_ms > shot.at_ms));
        let coming = self.shots.range(cursor..self.len());
        let coming = coming.take_while(move |shot| shot.at_ms as f64 <= moment_ms + horizon_ms);
        let moving = past.chain(coming).filter_map(|shot| shot.motion.as_deref());
        // Entries may share a moment: nothing sets out before what sends it has happened.
        let set_out = moving.filter(move |motion| motion.after <= happened);
        set_out.filter(move |motion| motion.from_ms as f64 <= moment_ms && moment_ms < motion.to_ms as f64)
    }
}
