//! Playing: a world that runs ahead, and a position in its film.
//!
//! The position is (cursor, moment): so many entries have happened, and so far has the picture got towards the next
//! one. Real time goes in as an argument. Stepping, seeking and going back move the position; the world only ever goes
//! on, and who changes something in its past goes on with another one.

mod branches;
mod show;
mod travel;

pub use branches::{BRANCHES_MAX, Branch, ByHand};

use crate::history::{Fold, Limits, PIECE};
use crate::simulation::{LogEntry, Scenario, ScenarioError};

use super::board::Board;
use super::course::Course;
use super::film::Film;
use super::motion::Motion;
use super::scene::Scene;
use branches::Parked;

/// The longest that the picture takes from one step to the next, real milliseconds.
const GLIDE_MAX_MS: f64 = 420.0;
/// How far the world runs ahead of the picture, besides what is on its links.
const AHEAD_MS: u64 = 4_000;
/// How many entries it runs ahead at most: a world may do very much in no time.
const AHEAD_MAX: usize = 500_000;
/// How many it runs ahead before anything is shown.
const AHEAD_FIRST: usize = 20_000;
/// Entries between two looks at how much time is left.
const STRIDE: usize = 64;
/// The speed of a world that is played as fast as it can.
pub const FASTEST: f64 = f64::INFINITY;
/// The longest piece of real time that one tick takes in: a page in the background is not made up for.
const TICK_MAX_MS: f64 = 100.0;

/// The picture on its way to a step.
#[derive(Clone, Copy, Debug)]
struct Glide {
    cursor: usize,
    from_ms: f64,
    to_ms: f64,
    elapsed_ms: f64,
    length_ms: f64,
}

/// A world and a position in its film.
pub struct Player {
    course: Course,
    scene: Scene,
    cursor: usize,
    moment_ms: f64,
    /// The highest cursor that has been looked at in this branch.
    seen: usize,
    branch: Branch,
    parked: Vec<Parked>,
    last_branch: u32,
    branches_forgotten: u32,
    limits: Limits,
    playing: bool,
    speed: f64,
    jump_cuts: bool,
    glide: Option<Glide>,
    /// What is shown although time stands still: up to which entry, and until which moment.
    showing: Option<(usize, f64)>,
    horizon_ms: f64,
}

/// How far a world must run ahead of its picture.
fn horizon_ms(scenario: &Scenario) -> f64 {
    let latency_ms = scenario.clients.iter().map(|client| client.latency_ms).max().unwrap_or_default();
    AHEAD_MS.saturating_add(latency_ms.saturating_mul(2)) as f64
}

impl Player {
    /// A world at its beginning, not playing. The cursor stands after the set-up.
    ///
    /// # Errors
    ///
    /// What is wrong with the scenario.
    pub fn new(scenario: &Scenario) -> Result<Self, ScenarioError> {
        Player::with_limits(scenario, Limits::default())
    }

    /// The same, with another bound to what is remembered.
    ///
    /// # Errors
    ///
    /// What is wrong with the scenario.
    pub fn with_limits(scenario: &Scenario, limits: Limits) -> Result<Self, ScenarioError> {
        let course = Course::begin(scenario, limits)?;
        let cursor = course.start();
        let mut player = Player {
            scene: course.film().history().at(cursor),
            moment_ms: 0.0,
            course,
            cursor,
            seen: cursor,
            branch: Branch { id: 0, parent: None, shared: 0, seen: cursor },
            parked: Vec::new(),
            last_branch: 0,
            branches_forgotten: 0,
            limits,
            playing: false,
            speed: 1.0,
            jump_cuts: false,
            glide: None,
            showing: None,
            horizon_ms: horizon_ms(scenario),
        };
        player.moment_ms = player.arrival_ms(cursor);
        player.look_ahead();
        Ok(player)
    }

    /// The film.
    pub fn film(&self) -> &Film {
        self.course.film()
    }

    /// What is where, at the cursor.
    pub fn board(&self) -> &Board {
        &self.scene.board
    }

    /// All that is folded from the log, at the cursor.
    pub fn scene(&self) -> &Scene {
        &self.scene
    }

    /// How many entries have happened.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// How many entries the set-up was.
    pub fn start(&self) -> usize {
        self.course.start()
    }

    /// The entry that happened last.
    pub fn current(&self) -> Option<&LogEntry> {
        self.film().history().get(self.cursor.checked_sub(1)?)
    }

    /// The moment, in the film's time.
    pub fn moment_ms(&self) -> f64 {
        self.moment_ms
    }

    /// The virtual clock at the position, milliseconds: the moment of the last entry, and from there on as far
    /// towards that of the next as the picture is.
    pub fn clock_ms(&self) -> f64 {
        let entry = |place: usize| {
            let at_ms = self.film().history().get(place)?.at_ms as f64;
            Some((at_ms, self.film().shown_ms(place)? as f64))
        };
        // Where the last entry is forgotten, it was not long before the next.
        let last = self.cursor.checked_sub(1).and_then(|last| entry(last).or_else(|| entry(self.cursor)));
        let (last_ms, since_ms) = last.unwrap_or_default();
        match entry(self.cursor) {
            Some((next_ms, until_ms)) if until_ms > since_ms => {
                let part = (self.moment_ms - since_ms) / (until_ms - since_ms);
                last_ms + (next_ms - last_ms) * part.clamp(0.0, 1.0)
            }
            _ => last_ms,
        }
    }

    /// What moves now.
    pub fn moving(&self) -> impl Iterator<Item = &Motion> {
        self.film().moving(self.cursor, self.moment_ms, self.horizon_ms)
    }

    /// Whether time goes on by itself.
    pub fn is_playing(&self) -> bool {
        self.playing
    }

    /// Whether the picture would change by a tick.
    pub fn is_moving(&self) -> bool {
        self.playing || self.glide.is_some() || self.showing.is_some()
    }

    /// Virtual milliseconds a real one, or [`FASTEST`].
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// Sets the speed; what is no speed is ignored.
    pub fn set_speed(&mut self, speed: f64) {
        if speed > 0.0 {
            self.speed = speed;
        }
    }

    /// Whether steps cut from one picture to the next, for those who want no motion.
    pub fn set_jump_cuts(&mut self, jump_cuts: bool) {
        self.jump_cuts = jump_cuts;
    }

    /// Whether it cuts. As fast as it can is too fast for anything else.
    pub fn has_jump_cuts(&self) -> bool {
        self.jump_cuts || (self.playing && self.speed.is_infinite())
    }

    /// Lets time go on by itself.
    pub fn play(&mut self) {
        self.land();
        self.playing = true;
    }

    /// Stops time.
    pub fn pause(&mut self) {
        self.land();
        self.playing = false;
    }

    /// Whether there is anything to go back to.
    pub fn can_go_back(&self) -> bool {
        self.cursor > self.lowest()
    }

    /// One entry on. False if nothing will ever happen any more.
    pub fn step(&mut self) -> bool {
        self.pause();
        self.foresee(self.cursor + 1);
        let Some(to_ms) = self.film().shown_ms(self.cursor) else { return false };
        self.glide_to(self.cursor + 1, (to_ms as f64).max(self.moment_ms));
        true
    }

    /// One entry back. False at the beginning.
    pub fn step_back(&mut self) -> bool {
        self.pause();
        if !self.can_go_back() {
            return false;
        }
        let cursor = self.cursor - 1;
        let to_ms = self.arrival_ms(cursor);
        // What happened is undone first, then what moved towards it moves back.
        self.go_to(cursor, self.moment_ms);
        self.glide_to(cursor, to_ms);
        true
    }

    fn glide_to(&mut self, cursor: usize, to_ms: f64) {
        let length_ms = (to_ms - self.moment_ms).abs().min(GLIDE_MAX_MS);
        if self.jump_cuts || length_ms < 1.0 {
            self.go_to(cursor, to_ms);
        } else {
            self.glide = Some(Glide { cursor, from_ms: self.moment_ms, to_ms, elapsed_ms: 0.0, length_ms });
        }
    }

    /// Ends a glide where it was to end.
    fn land(&mut self) {
        if let Some(glide) = self.glide.take() {
            self.go_to(glide.cursor, glide.to_ms);
        }
        if let Some((cursor, until_ms)) = self.showing.take() {
            self.go_to(cursor, until_ms);
        }
    }

    /// Lets so much real time pass, milliseconds.
    pub fn tick(&mut self, elapsed_ms: f64) {
        self.tick_within(elapsed_ms, &mut || true);
    }

    /// The same for who has not forever: where no time is left, the virtual clock falls behind. A little is done in
    /// any case, so that it never stands still.
    pub fn tick_within(&mut self, elapsed_ms: f64, has_time: &mut dyn FnMut() -> bool) {
        let elapsed_ms = elapsed_ms.clamp(0.0, TICK_MAX_MS);
        if let Some(mut glide) = self.glide.take() {
            glide.elapsed_ms += elapsed_ms;
            let part = glide.elapsed_ms / glide.length_ms;
            if part >= 1.0 {
                self.go_to(glide.cursor, glide.to_ms);
            } else {
                self.moment_ms = glide.from_ms + (glide.to_ms - glide.from_ms) * part;
                self.glide = Some(glide);
            }
        } else if let Some(showing) = self.showing {
            self.show_on(showing, elapsed_ms);
        } else if self.playing && self.speed.is_finite() {
            let before_ms = self.moment_ms;
            self.moment_ms += elapsed_ms * self.speed;
            self.run_ahead(usize::MAX, has_time);
            if let Some(next_ms) = self.course.world().next_ms() {
                // Nothing may be shown of a time at which something is still to happen.
                self.moment_ms = self.moment_ms.min((next_ms as f64).max(before_ms));
            }
            self.play_until(self.moment_ms, has_time);
        } else if self.playing {
            self.race(elapsed_ms, has_time);
        }
    }

    /// Everything up to a moment, as long as there is time.
    fn play_until(&mut self, until_ms: f64, has_time: &mut dyn FnMut() -> bool) {
        let mut played = 0;
        while let Some(shown_ms) = self.film().shown_ms(self.cursor).filter(|shown_ms| *shown_ms as f64 <= until_ms) {
            self.go_on();
            played += 1;
            if played % STRIDE == 0 && !has_time() {
                self.moment_ms = shown_ms as f64;
                return;
            }
        }
    }

    /// From entry to entry, as long as there is time.
    fn race(&mut self, elapsed_ms: f64, has_time: &mut dyn FnMut() -> bool) {
        loop {
            self.foresee(self.cursor + STRIDE);
            let last = (self.cursor + STRIDE).min(self.film().len());
            let Some(last_ms) = last.checked_sub(1).and_then(|last| self.film().shown_ms(last)) else { break };
            if last == self.cursor {
                self.moment_ms += elapsed_ms;
                break;
            }
            self.moment_ms = self.moment_ms.max(last_ms as f64);
            while self.cursor < last {
                self.go_on();
            }
            self.keep_up();
            if !has_time() {
                break;
            }
        }
    }

    fn go_on(&mut self) {
        if let Some(entry) = self.course.film().history().get(self.cursor) {
            self.scene.apply(entry);
            self.cursor += 1;
            self.seen = self.seen.max(self.cursor);
        }
    }

    fn go_to(&mut self, cursor: usize, moment_ms: f64) {
        if cursor == self.cursor + 1 {
            self.go_on();
        } else if cursor != self.cursor {
            self.scene = self.film().history().at(cursor);
            self.cursor = cursor;
            self.seen = self.seen.max(cursor);
        }
        self.moment_ms = moment_ms;
        self.look_ahead();
    }

    /// As far ahead as a picture needs that nothing was played before.
    fn look_ahead(&mut self) {
        self.run_ahead(self.cursor + AHEAD_FIRST, &mut || true);
    }

    /// The world must be so far ahead that every motion that is seen now has its end in the film. It does not run so
    /// far that it would forget where the picture is, and no further than there is time for.
    fn run_ahead(&mut self, most: usize, has_time: &mut dyn FnMut() -> bool) {
        let until_ms = self.moment_ms + self.horizon_ms;
        let most = most.min(self.cursor + self.limits.entries.min(AHEAD_MAX));
        let mut steps = 0;
        while self.course.world().next_ms().is_some_and(|next_ms| next_ms as f64 <= until_ms) {
            if self.film().len() >= most || self.would_forget() || !self.course.step() {
                break;
            }
            steps += 1;
            if steps % STRIDE == 0 && !has_time() {
                break;
            }
        }
        self.keep_up();
    }

    /// Whether there is enough ahead for now, and more of it would take the place of where the picture is.
    fn would_forget(&self) -> bool {
        let history = self.film().history();
        let is_among_oldest = self.cursor < history.first() + 2 * PIECE;
        is_among_oldest && history.is_full() && history.len() > self.cursor + PIECE
    }

    /// Where the picture is may be forgotten after all, if one step of the world wrote very much.
    fn keep_up(&mut self) {
        let first = self.film().history().first();
        if self.cursor < first {
            self.scene = self.film().history().at(first);
            self.cursor = first;
            self.seen = self.seen.max(first);
            self.moment_ms = self.moment_ms.max(self.arrival_ms(first));
        }
    }
}
