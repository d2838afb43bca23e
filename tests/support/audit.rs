//! Looks on while a world is played, and adds up.
//!
//! What it holds a world to, after every entry: numbers ascend without gaps, time does not go back, causes are smaller
//! than effects, and every message is in exactly one place (the [`Ledger`]). After every step: the ledger, the broker
//! and the [`Board`] that is folded from the log say the same of every queue.

use warren::broker::settings::QueueType;
use warren::broker::{Broker, CopyId};
use warren::history::Fold;
use warren::simulation::{LogEntry, LogKind, Scenario, World};
use warren::view::Board;

use super::ledger::{Ledger, Verdict};

/// The books of one world.
#[derive(Default)]
pub struct Audit {
    ledger: Ledger,
    board: Board,
    last_seq: u64,
    last_ms: u64,
}

impl Audit {
    /// Takes in one entry.
    pub fn entry(&mut self, entry: &LogEntry) -> Verdict {
        let wrong = |what: &str| Err(format!("entry {}: {what}", entry.seq));
        if entry.seq != self.last_seq + 1 {
            return wrong(&format!("it comes after {}", self.last_seq));
        }
        if entry.cause >= entry.seq {
            return wrong(&format!("its cause is {}", entry.cause));
        }
        if entry.at_ms < self.last_ms {
            return wrong(&format!("at {} ms, after {} ms", entry.at_ms, self.last_ms));
        }
        (self.last_seq, self.last_ms) = (entry.seq, entry.at_ms);
        self.board.apply(entry);
        match &entry.kind {
            LogKind::Broker(event) if event.at_ms != entry.at_ms => {
                wrong(&format!("at {} ms, and its event at {} ms", entry.at_ms, event.at_ms))
            }
            LogKind::Broker(event) => self.ledger.event(event).map_err(|what| format!("entry {}: {what}", entry.seq)),
            LogKind::Client { .. } | LogKind::NotDone { .. } => Ok(()),
        }
    }

    /// A step is done.
    pub fn step_done(&mut self, world: &World) -> Verdict {
        self.ledger.settle()?;
        self.ledger.compare(world.broker())?;
        same_queues(&self.board, world.broker())
    }

    /// What the log says is where.
    pub fn board(&self) -> &Board {
        &self.board
    }
}

/// Board and broker have the same queues, and in each the same copies in the same order.
fn same_queues(board: &Board, broker: &Broker) -> Verdict {
    let mut names = board.queues.keys();
    for queue in broker.queues() {
        let Some(name) = names.next().filter(|name| ***name == *queue.resource()) else {
            return Err(format!("the board does not show {:?}", queue.resource()));
        };
        // Reading a stream takes nothing away: what is unacknowledged there is no part of what is in it.
        let is_stream = queue.kind() == QueueType::Stream;
        let state = board.queues.get(name).expect("a queue on the board");
        let theirs = queue.ready_messages().map(|entry| entry.id);
        same(theirs, state.ready.iter().map(|copied| copied.copy))
            .map_err(|wrong| format!("ready in {name:?}: {wrong}"))?;
        if !is_stream {
            let mut theirs: Vec<_> = queue.unacked_messages().iter().map(|(entry, _)| entry.id).collect();
            let mut ours: Vec<_> = state.unacked.iter().map(|lent| lent.copied.copy).collect();
            theirs.sort_unstable();
            ours.sort_unstable();
            same(theirs.into_iter(), ours.into_iter()).map_err(|wrong| format!("unacked in {name:?}: {wrong}"))?;
        }
        let (delayed, held) = queue.waiting();
        if state.waiting.len() as u64 != delayed + held {
            return Err(format!(
                "waiting in {name:?}: the board shows {}, not {delayed} + {held}",
                state.waiting.len()
            ));
        }
        let theirs = queue.consumers();
        let same_one =
            |(attached, consumer): (&warren::view::board::Attached, &&warren::broker::consumer::Consumer)| {
                attached.consumer.tag == consumer.tag && attached.no_ack == consumer.no_ack
            };
        if theirs.len() != state.consumers.len() || !state.consumers.iter().zip(&theirs).all(same_one) {
            return Err(format!("consumers of {name:?}: the board shows {:?}, not {theirs:?}", state.consumers));
        }
    }
    match names.next() {
        Some(name) => Err(format!("the board shows {name:?}, the broker does not have it")),
        None => Ok(()),
    }
}

/// The first place in which two lists of copies differ.
fn same(mut broker: impl Iterator<Item = CopyId>, mut board: impl Iterator<Item = CopyId>) -> Verdict {
    for place in 0.. {
        match (broker.next(), board.next()) {
            (None, None) => break,
            (theirs, ours) if theirs == ours => {}
            (theirs, ours) => return Err(format!("at {place} the broker has {theirs:?}, the board shows {ours:?}")),
        }
    }
    Ok(())
}

/// The log of a scenario up to a moment, played under the eyes of an audit. All tests that play a scenario use it.
pub fn log_of(scenario: &Scenario, until_ms: u64) -> Vec<LogEntry> {
    played(scenario, until_ms).1
}

/// The same, and the world as it is then.
pub fn played(scenario: &Scenario, until_ms: u64) -> (World, Vec<LogEntry>) {
    let mut log = Vec::new();
    let mut audit = Audit::default();
    let mut world = World::new(scenario, &mut log).expect("the scenario is right");
    let mut seen = 0;
    loop {
        let entries = log[seen..].iter().try_for_each(|entry| audit.entry(entry));
        seen = log.len();
        if let Err(wrong) = entries.and_then(|()| audit.step_done(&world)) {
            panic!("{}, at {} ms: {wrong}", scenario.name, world.now_ms());
        }
        if world.next_ms().is_none_or(|next_ms| next_ms > until_ms) {
            world.advance_to(until_ms, &mut log);
            return (world, log);
        }
        world.step(&mut log);
    }
}
