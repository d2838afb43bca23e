//! Timers: what happens without anybody asking, and when.
//!
//! A queue's timers are set anew after every event it handles. Those due at the same moment fire by queue type (a
//! quorum queue writes to its log before it does anything), virtual host and queue name, then in the order of
//! [`TimerKind`].

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::Broker;
use super::command::{Frame, Reply};
use super::error::AmqpError;
use super::event::{CloseReason, DeleteReason, EventKind, Sink, TimerKind};
use super::name::{ChannelId, QueueId, Resource};
use super::queue::Queue;
use super::settings::QueueType;
use super::step::Step;

/// Due moment, queue's type and name, kind, queue: in the order of firing.
pub(crate) type Entry = (u64, QueueType, Rc<Resource>, TimerKind, QueueId);

/// Something that will happen by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timer {
    /// When, virtual milliseconds.
    pub due_ms: u64,
    /// The queue it happens in.
    pub queue: Rc<Resource>,
    /// What.
    pub kind: TimerKind,
}

const KINDS: [TimerKind; 4] =
    [TimerKind::Message, TimerKind::QueueExpiry, TimerKind::ConsumerTimeout, TimerKind::DeadLetterRetry];

/// In the order of [`KINDS`].
fn due(queue: &Queue) -> [Option<u64>; 4] {
    [queue.next_message_ms(), queue.expires_at_ms(), queue.next_consumer_timeout_ms(), queue.next_retry_ms()]
}

impl Broker {
    /// What happens next by itself, if nobody does anything. While the node is stopped, nothing does.
    pub fn next_timer(&self) -> Option<Timer> {
        let (due_ms, _, queue, kind, _) = self.timers.first().filter(|_| self.running)?;
        Some(Timer { due_ms: (*due_ms).max(self.now_ms), queue: queue.clone(), kind: *kind })
    }

    /// Sets a queue's timers as its state demands.
    pub(crate) fn set_timers(&mut self, id: QueueId) {
        let Some(queue) = self.queues.get_mut(&id) else { return };
        let due = due(queue);
        if due == queue.armed {
            return;
        }
        for ((kind, due_ms), old_ms) in KINDS.into_iter().zip(due).zip(queue.armed) {
            if due_ms == old_ms {
                continue;
            }
            if let Some(old_ms) = old_ms {
                self.timers.remove(&(old_ms, queue.kind(), queue.resource.clone(), kind, id));
            }
            if let Some(due_ms) = due_ms {
                self.timers.insert((due_ms, queue.kind(), queue.resource.clone(), kind, id));
            }
        }
        queue.armed = due;
    }

    /// Forgets the timers of a queue that is gone.
    pub(crate) fn clear_timers(&mut self, queue: &Queue) {
        for (index, kind) in KINDS.into_iter().enumerate() {
            if let Some(due_ms) = queue.armed[index] {
                self.timers.remove(&(due_ms, queue.kind(), queue.resource.clone(), kind, queue.id));
            }
        }
    }

    pub(crate) fn fire_timer<S: Sink>(&mut self, step: &mut Step<S>) -> Option<Reply> {
        let (_, _, resource, kind, id) = self.timers.pop_first()?;
        if let Some(queue) = self.queues.get_mut(&id) {
            queue.armed[kind as usize] = None;
        }
        step.emit_cause(|| EventKind::TimerFired { queue: resource.clone(), timer: kind });
        match kind {
            TimerKind::Message => {
                self.turn(id, step, |queue, turn| queue.expire(turn));
            }
            TimerKind::QueueExpiry => self.delete_queue(id, DeleteReason::Expired, step),
            TimerKind::ConsumerTimeout => {
                self.turn(id, step, |queue, turn| queue.time_out_consumers(turn));
            }
            TimerKind::DeadLetterRetry => {
                let held = self.turn(id, step, |queue, _| queue.take_held()).unwrap_or_default();
                for (entry, reason) in held {
                    self.dies_at_least_once(id, &resource, entry, reason, step);
                }
            }
        }
        None
    }

    /// Source: `rabbit/src/rabbit_channel.erl`; the value really is -1.
    pub(crate) fn close_timed_out_channel<S: Sink>(&mut self, channel: ChannelId, step: &mut Step<S>) {
        if self.channel(channel).is_none() {
            return;
        }
        let error = AmqpError::precondition_failed(format_args!(
            "delivery acknowledgement on channel {} timed out. Timeout value used: -1 ms. This timeout value can be \
             configured, see consumers doc guide to learn more",
            channel.number
        ));
        step.frames.push(Frame::ChannelClosed { channel, error: error.clone() });
        self.end_channel(channel, CloseReason::Error(error), step);
    }
}
