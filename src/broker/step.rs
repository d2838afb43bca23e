//! The working state of one command: what it has sent, what it has still to do, and what caused what.

use std::collections::VecDeque;
use std::rc::Rc;

use super::command::Frame;
use super::event::{Event, EventKind, Sink};
use super::message::{DeathReason, Entry, Message};
use super::name::{ChannelId, ConsumerId, EventId, Name, QueueId, Resource};
use super::queue::Effect;
use super::router::Targets;

/// Something that a command set off and that is done after it.
#[derive(Debug)]
pub(crate) struct Work {
    pub cause: EventId,
    pub task: Task,
}

#[derive(Debug)]
pub(crate) enum Task {
    /// A message that left its queue goes to the dead letter exchange.
    DeadLetter { vhost: Name, letter: Rc<Message> },
    /// The same, and the queue has it until a target does; no letter if there is no exchange for it.
    DeadLetterAtLeastOnce {
        from: QueueId,
        resource: Rc<Resource>,
        entry: Entry,
        reason: DeathReason,
        letter: Option<Rc<Message>>,
    },
    /// Publishers hear that a quorum queue is full, or is not any more.
    TellPublishers { queue: QueueId, stop: bool },
    /// The channel settles what it delivered without acknowledgement.
    SettleDelivered { queue: QueueId, consumer: ConsumerId, count: u64 },
    /// A copy goes to the firehose.
    Trace { vhost: Name, message: Rc<Message> },
    /// A delivery that basic.get or a cancelled consumer holds was not settled in time.
    CloseTimedOutChannel { channel: ChannelId },
}

/// The longest work list that is followed.
pub(crate) const MAX_WORK: u64 = 1_000_000;

/// Room that a buffer keeps from one command to the next, in elements.
const KEPT_ROOM: usize = 256;

/// Buffers for the work of one command, empty before and after it.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    pub work: VecDeque<Work>,
    /// Reused from queue to queue.
    pub effects: Vec<Effect>,
    /// Reused from publish to publish.
    pub targets: Vec<QueueId>,
    /// Reused from routing to routing.
    pub routing: Targets,
}

impl Buffers {
    fn empty(&mut self) {
        self.work.clear();
        self.work.shrink_to(KEPT_ROOM);
        self.effects.clear();
        self.effects.shrink_to(KEPT_ROOM);
        self.targets.clear();
        self.targets.shrink_to(KEPT_ROOM);
        self.routing.clear();
        self.routing.shrink_to(KEPT_ROOM);
    }
}

/// The buffers that a broker keeps for its next command. They are no part of its state: a copy starts without, and two
/// brokers that differ in them alone are equal.
#[derive(Debug, Default)]
pub(crate) struct KeptBuffers(Option<Box<Buffers>>);

impl KeptBuffers {
    pub fn take(&mut self) -> Box<Buffers> {
        self.0.take().unwrap_or_default()
    }

    pub fn put_back(&mut self, buffers: Box<Buffers>) {
        self.0 = Some(buffers);
    }
}

impl Clone for KeptBuffers {
    fn clone(&self) -> Self {
        KeptBuffers(None)
    }
}

impl PartialEq for KeptBuffers {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

pub(crate) struct Step<'s, S: Sink> {
    pub now_ms: u64,
    pub frames: Vec<Frame>,
    /// The event that the next ones follow from.
    pub cause: EventId,
    pub last_event: u64,
    sink: &'s mut S,
    pub buffers: Box<Buffers>,
}

impl<'s, S: Sink> Step<'s, S> {
    pub fn new(now_ms: u64, last_event: u64, sink: &'s mut S, buffers: Box<Buffers>) -> Self {
        Step { now_ms, frames: Vec::new(), cause: EventId(0), last_event, sink, buffers }
    }

    /// The command is done: what it sent, and the buffers for the next one.
    pub fn finish(mut self) -> (Vec<Frame>, Box<Buffers>) {
        self.buffers.empty();
        (self.frames, self.buffers)
    }

    /// Records an event. `kind` is only asked, and an id only given, where somebody wants to know.
    pub fn emit(&mut self, kind: impl FnOnce() -> EventKind) -> EventId {
        if S::RECORDS {
            self.last_event += 1;
            let id = EventId(self.last_event);
            self.sink.record(Event { id, at_ms: self.now_ms, cause: self.cause, kind: kind() });
        }
        EventId(self.last_event)
    }

    /// Records the event that those to come follow from.
    pub fn emit_cause(&mut self, kind: impl FnOnce() -> EventKind) {
        self.cause = self.emit(kind);
    }

    /// Puts something off until the command itself is done.
    pub fn later(&mut self, cause: EventId, task: Task) {
        self.buffers.work.push_back(Work { cause, task });
    }
}
