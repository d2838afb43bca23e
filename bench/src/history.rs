//! The past under measurement: worlds that are played for long, and the way to any event of them.
//!
//! What always holds: the same scenarios natively and in the page, the same places to go to; a place that is not
//! reached ends the run with a panic, for figures of a run that did not work mean nothing.

use warren::history::{Fold, Limits};
use warren::share;
use warren::simulation::{Control, Deed, LogEntry, Scenario, World};
use warren::view::course::Course;
use warren::view::{Player, Scene};

/// Entries after which places are gone to.
pub const SIZES: [u32; 3] = [10_000, 100_000, 1_000_000];
/// How many places are gone to.
pub const SEEKS: u32 = 200;
/// Among how many entries something is changed.
pub const CHANGED: u32 = 100_000;

/// What is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Story {
    /// Topic routing, acks, nacks, requeues, times to live, limits and dead letters; several hundred messages queued.
    Shop,
    /// A queue of up to 100,000 messages, and a worker.
    Backlog,
}

impl Story {
    /// For tables, and as the page names it.
    pub fn name(self) -> &'static str {
        match self {
            Story::Shop => "shop",
            Story::Backlog => "backlog",
        }
    }

    fn scenario(self) -> Scenario {
        let text = match self {
            Story::Shop => include_str!("../scenarios/shop.json"),
            Story::Backlog => include_str!("../scenarios/backlog.json"),
        };
        share::parse(text).expect("the file is right").scenario
    }

    fn world(self) -> World {
        World::new(&self.scenario(), &mut Vec::new()).expect("the scenario is right")
    }
}

/// How much of the work is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// The world alone: its log is thrown away.
    World,
    /// The world, and what is seen of it.
    Scene,
    /// All that playing takes: the world, what is seen, when it is shown, what moves, and the past.
    Film,
}

/// A story that is played, measured in entries.
pub struct Play {
    work: Work,
    world: World,
    scene: Scene,
    course: Course,
    log: Vec<LogEntry>,
}

impl Play {
    /// At its beginning.
    pub fn new(story: Story, work: Work) -> Self {
        let course = Course::begin(&story.scenario(), Limits::default()).expect("the scenario is right");
        Play { work, world: story.world(), scene: Scene::default(), course, log: Vec::new() }
    }

    /// Plays so many entries, or a few more.
    pub fn run(&mut self, entries: u64) {
        let wanted = usize::try_from(entries).expect("it fits");
        if self.work == Work::Film {
            let end = self.course.film().len() + wanted;
            while self.course.film().len() < end {
                assert!(self.course.step(), "the story goes on");
            }
            return;
        }
        let mut written = 0;
        while written < wanted {
            assert!(self.world.step(&mut self.log), "the story goes on");
            written += self.log.len();
            if self.work == Work::Scene {
                self.log.iter().for_each(|entry| self.scene.apply(entry));
            }
            self.log.clear();
        }
    }
}

/// A story and its past.
pub struct Past {
    player: Player,
    dice: u64,
}

impl Past {
    /// At its beginning.
    pub fn new(story: Story) -> Self {
        Past { player: Player::new(&story.scenario()).expect("the scenario is right"), dice: 1 }
    }

    /// Plays on until there are so many entries, and goes to the last of them.
    pub fn grow(&mut self, entries: u32) {
        let entries = entries as usize;
        assert_eq!(self.player.seek(entries), entries, "the story goes on");
    }

    /// How many entries there are, those ahead of the picture among them.
    pub fn len(&self) -> usize {
        self.player.film().len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.player.film().is_empty()
    }

    /// Somewhere behind the set-up and before a place.
    pub fn somewhere(&mut self, before: u32) -> u32 {
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let lowest = u32::try_from(self.player.lowest()).expect("it fits");
        lowest + ((self.dice >> 33) as u32) % (before - lowest)
    }

    /// Goes to where so many entries have happened.
    pub fn seek(&mut self, cursor: u32) {
        assert_eq!(self.player.seek(cursor as usize), cursor as usize, "it is known");
    }

    /// How many messages are queued where the picture is.
    pub fn queued(&self) -> usize {
        self.player.board().queues.values().map(|queue| queue.total()).sum()
    }

    /// Does something there: the world as it was is made again, and goes on with a branch.
    pub fn change(&mut self) {
        let name = self.player.board().clients.values().next().map(|client| client.spec.name.clone());
        let deed =
            Deed::Client { name: name.expect("there are clients"), connection: None, control: Control::SetLatency(3) };
        assert_eq!(self.player.perform(deed), Ok(true), "it can be done");
        self.player.switch(0);
    }
}

/// The time that going to any of so many events may take in the page, milliseconds.
pub fn target_ms(entries: u32) -> f64 {
    if entries <= 100_000 { 16.0 } else { 100.0 }
}

/// Median, 95th percentile, maximum.
pub fn spread(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [values[values.len() / 2], values[values.len() * 95 / 100], values[values.len() - 1]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stories_are_what_they_are_said_to_be() {
        let mut past = Past::new(Story::Shop);
        past.grow(30_000);
        assert!((300..1_500).contains(&past.queued()), "{}", past.queued());
        let place = past.somewhere(20_000);
        past.seek(place);
        past.change();
        assert!(past.len() >= 30_000 && !past.is_empty());
        let mut backlog = Past::new(Story::Backlog);
        backlog.grow(20_000);
        assert!(backlog.queued() > 2_000, "{}", backlog.queued());
        for work in [Work::World, Work::Scene, Work::Film] {
            Play::new(Story::Shop, work).run(2_000);
        }
    }

    #[test]
    fn a_spread_is_sorted() {
        assert_eq!(spread((1..=100).rev().map(f64::from).collect()), [51.0, 96.0, 100.0]);
    }
}
