//! The working state of one command: what it has sent, what it has still to do, and what caused what.

use std::collections::VecDeque;
use std::rc::Rc;

use super::command::Frame;
use super::event::{Event, EventKind, Sink};
use super::message::{DeathReason, Entry, Message};
use super::name::{ChannelId, EventId, Name, QueueId, Resource};
use super::queue::Effect;
use super::router::Targets;

/// Something that a command set off and that is done after it.
pub(crate) struct Work {
    pub cause: EventId,
    pub task: Task,
}

pub(crate) enum Task {
    /// A message goes from a queue to its dead letter exchange.
    DeadLetter { from: QueueId, resource: Rc<Resource>, entry: Entry, reason: DeathReason },
    /// The same, and it stays in its queue until a target has it.
    DeadLetterAtLeastOnce { from: QueueId, resource: Rc<Resource>, entry: Entry, reason: DeathReason },
    /// A copy goes to the firehose.
    Trace { vhost: Name, message: Rc<Message> },
    /// A delivery that basic.get or a cancelled consumer holds was not settled in time.
    CloseTimedOutChannel { channel: ChannelId },
}

/// The longest work list that is followed.
pub(crate) const MAX_WORK: u64 = 1_000_000;

pub(crate) struct Step<'s, S: Sink> {
    pub now_ms: u64,
    pub frames: Vec<Frame>,
    pub work: VecDeque<Work>,
    /// The event that the next ones follow from.
    pub cause: EventId,
    pub last_event: u64,
    sink: &'s mut S,
    /// Reused from queue to queue.
    pub effects: Vec<Effect>,
    /// Reused from publish to publish.
    pub targets: Vec<QueueId>,
    /// Reused from routing to routing.
    pub routing: Targets,
}

impl<'s, S: Sink> Step<'s, S> {
    pub fn new(now_ms: u64, last_event: u64, sink: &'s mut S) -> Self {
        Step {
            now_ms,
            frames: Vec::new(),
            work: VecDeque::new(),
            cause: EventId(0),
            last_event,
            sink,
            effects: Vec::new(),
            targets: Vec::new(),
            routing: Targets::default(),
        }
    }

    /// Records an event. `kind` is only asked where somebody wants to know.
    pub fn emit(&mut self, kind: impl FnOnce() -> EventKind) -> EventId {
        self.last_event += 1;
        let id = EventId(self.last_event);
        if S::RECORDS {
            self.sink.record(Event { id, at_ms: self.now_ms, cause: self.cause, kind: kind() });
        }
        id
    }

    /// Records the event that those to come follow from.
    pub fn emit_cause(&mut self, kind: impl FnOnce() -> EventKind) {
        self.cause = self.emit(kind);
    }

    /// Puts something off until the command itself is done.
    pub fn later(&mut self, cause: EventId, task: Task) {
        self.work.push_back(Work { cause, task });
    }
}
