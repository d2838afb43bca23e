//! How far goals are: a fold over the log.

use std::rc::Rc;

use crate::history::Fold;
use crate::simulation::{LogEntry, LogKind};

use super::counters::{Counters, Counts};
use super::facts::{Known, fits};
use super::{Between, Events, Goal, Kind, Queue, That, Which};

/// How far a goal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// As things are, it is met.
    Met,
    /// Not yet.
    Open,
    /// It cannot be met any more.
    Failed,
}

/// What was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// So many events.
    Events(u64),
    /// Of two kinds of events: whether the earlier one happened, and whether the later one did.
    Order {
        /// The earlier one.
        first: bool,
        /// The later one.
        then: bool,
    },
    /// A queue's counters; none if it is not there.
    Queue(Option<Counts>),
}

/// How far a goal is, and what that follows from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How far.
    pub state: State,
    /// What from.
    pub counted: Counted,
}

/// What has been seen for one goal.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Tally {
    /// Events that count; of an order the later ones.
    count: u64,
    /// Of an order: whether the earlier one came, and whether it came first.
    first: bool,
    in_order: bool,
    /// Of a queue at a moment: what was in it then.
    then: Option<Option<Counts>>,
}

/// Tells how far goals are.
#[derive(Clone, Debug, PartialEq)]
pub struct Judge {
    goals: Rc<[Goal]>,
    tallies: Vec<Tally>,
    counters: Counters,
    known: Known,
}

impl Fold for Judge {
    type Entry = LogEntry;

    fn apply(&mut self, entry: &LogEntry) {
        let goals = self.goals.clone();
        for (goal, tally) in goals.iter().zip(&mut self.tallies) {
            if let That::Queue(Queue { vhost, queue, at_ms: Some(at_ms), .. }) = &goal.that
                && *at_ms < entry.at_ms
            {
                tally.then.get_or_insert_with(|| self.counters.counts(vhost, queue));
            }
        }
        self.known.learn(&entry.kind);
        for (goal, tally) in goals.iter().zip(&mut self.tallies) {
            tally.take(&goal.that, entry, &self.known);
        }
        self.known.forget(&entry.kind);
        if let LogKind::Broker(event) = &entry.kind {
            self.counters.apply(&event.kind);
        }
    }

    fn weight(&self) -> usize {
        let tallies = self.tallies.len() * size_of::<Tally>();
        size_of::<Self>() + tallies + self.known.weight() + self.counters.weight()
    }
}

impl Judge {
    /// Nothing has happened yet.
    pub fn new(goals: &[Goal]) -> Self {
        let mut counters = Counters::default();
        let mut asked = false;
        let asks = |which: &Which| matches!(which.kind, Kind::Nacked | Kind::Rejected);
        for goal in goals {
            match &goal.that {
                That::Queue(goal) => counters.watch(&goal.vhost, &goal.queue),
                That::Events(events) => asked |= asks(&events.which),
                That::Never(which) => asked |= asks(which),
                That::Order(order) => asked |= asks(&order.first) || asks(&order.then),
            }
        }
        Judge { goals: goals.into(), tallies: vec![Tally::default(); goals.len()], counters, known: Known::new(asked) }
    }

    /// The goals, each with its verdict at a moment up to which the log is known, virtual milliseconds.
    pub fn verdicts(&self, now_ms: u64) -> impl Iterator<Item = (&Goal, Verdict)> {
        let verdict = move |tally: &Tally, that: &That| match that {
            That::Events(events) => tally.events(events, now_ms),
            That::Never(_) => Verdict {
                state: if tally.count == 0 { State::Met } else { State::Failed },
                counted: Counted::Events(tally.count),
            },
            That::Order(_) => tally.order(),
            That::Queue(queue) => self.queue(tally, queue, now_ms),
        };
        self.goals.iter().zip(&self.tallies).map(move |(goal, tally)| (goal, verdict(tally, &goal.that)))
    }

    /// Whether all goals are met at a moment up to which the log is known, virtual milliseconds.
    pub fn met(&self, now_ms: u64) -> bool {
        self.verdicts(now_ms).all(|(_, verdict)| verdict.state == State::Met)
    }

    fn queue(&self, tally: &Tally, goal: &Queue, now_ms: u64) -> Verdict {
        let counts = tally.then.unwrap_or_else(|| self.counters.counts(&goal.vhost, &goal.queue));
        let holds = |counts: Counts| {
            let fits = |(between, count): (Option<Between>, u64)| between.is_none_or(|range| range.holds(count));
            let all = [(goal.ready, counts.ready), (goal.unacked, counts.unacked), (goal.total, counts.total)];
            all.into_iter().all(fits)
        };
        let at_ms = goal.at_ms.unwrap_or(now_ms);
        let state = match counts.is_some_and(holds) {
            _ if now_ms < at_ms => State::Open,
            true => State::Met,
            false if now_ms > at_ms => State::Failed,
            false => State::Open,
        };
        Verdict { state, counted: Counted::Queue(counts) }
    }
}

impl Tally {
    fn take(&mut self, that: &That, entry: &LogEntry, known: &Known) {
        match that {
            That::Events(events) => {
                let is_in_time = events.from_ms.is_none_or(|from_ms| entry.at_ms >= from_ms)
                    && events.before_ms.is_none_or(|before_ms| entry.at_ms < before_ms);
                self.count += u64::from(is_in_time && fits(&events.which, entry, known));
            }
            That::Never(which) => self.count += u64::from(fits(which, entry, known)),
            That::Order(order) => {
                if fits(&order.then, entry, known) {
                    self.in_order |= self.count == 0 && self.first;
                    self.count += 1;
                }
                self.first |= fits(&order.first, entry, known);
            }
            That::Queue(_) => {}
        }
    }

    fn events(&self, events: &Events, now_ms: u64) -> Verdict {
        let is_over = events.before_ms.is_some_and(|before_ms| now_ms >= before_ms);
        let state = if events.max.is_some_and(|max| self.count > max) {
            State::Failed
        } else if self.count >= events.least() {
            State::Met
        } else if is_over {
            State::Failed
        } else {
            State::Open
        };
        Verdict { state, counted: Counted::Events(self.count) }
    }

    fn order(&self) -> Verdict {
        let state = match (self.in_order, self.count) {
            (true, _) => State::Met,
            (false, 0) => State::Open,
            (false, _) => State::Failed,
        };
        Verdict { state, counted: Counted::Order { first: self.first, then: self.count > 0 } }
    }
}
