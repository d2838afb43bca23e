//! What is in some queues, counted from the log alone.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::broker::event::{CopyRef, EventKind};
use crate::broker::{CopyId, Name, Resource};

/// A queue's counters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Ready messages.
    pub ready: u64,
    /// Unacknowledged ones.
    pub unacked: u64,
    /// These, and those that wait before they are ready again.
    pub total: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Ready,
    Unacked,
    Waiting,
}

/// A queue that is counted.
#[derive(Clone, Debug, Default, PartialEq)]
struct Counted {
    is_there: bool,
    is_stream: bool,
    copies: BTreeMap<CopyId, Place>,
    counts: Counts,
}

/// The queues that goals ask about, and no others.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Counters {
    queues: BTreeMap<Resource, Rc<Counted>>,
}

impl Counters {
    /// Counts a queue from now on.
    pub fn watch(&mut self, vhost: &Name, queue: &Name) {
        let resource = Resource { vhost: vhost.clone(), name: queue.clone() };
        self.queues.entry(resource).or_default();
    }

    /// What is in a queue; none if it is not there.
    pub fn counts(&self, vhost: &Name, queue: &Name) -> Option<Counts> {
        let resource = Resource { vhost: vhost.clone(), name: queue.clone() };
        self.queues.get(&resource).filter(|queue| queue.is_there).map(|queue| queue.counts)
    }

    /// About how many bytes it takes.
    pub fn weight(&self) -> usize {
        const COPY: usize = 24;
        self.queues.values().map(|queue| queue.copies.len() * COPY + size_of::<Counted>()).sum()
    }

    fn queue(&mut self, resource: &Resource) -> Option<&mut Counted> {
        self.queues.get_mut(resource).map(Rc::make_mut)
    }

    pub fn apply(&mut self, event: &EventKind) {
        if self.queues.is_empty() {
            return;
        }
        match event {
            EventKind::QueueDeclared { queue, kind, new: true, .. } => {
                if let Some(queue) = self.queue(queue) {
                    *queue = Counted { is_there: true, is_stream: *kind == "stream", ..Counted::default() };
                }
            }
            EventKind::QueueDeleted { queue, .. } => {
                if let Some(queue) = self.queue(queue) {
                    *queue = Counted::default();
                }
            }
            EventKind::Enqueued { at, .. } | EventKind::Requeued { at, .. } | EventKind::DelayEnded { at, .. } => {
                self.put(at, Some(Place::Ready));
            }
            EventKind::Delivered { at, ack, .. } | EventKind::Got { at, ack, .. } => {
                self.hand_out(at, ack.then_some(Place::Unacked));
            }
            EventKind::Acked { at, .. } => self.hand_out(at, None),
            EventKind::Delayed { at, .. } | EventKind::DeadLetterHeld { at, .. } => self.put(at, Some(Place::Waiting)),
            EventKind::Dropped { at, .. } | EventKind::DeadLettered { at, .. } => self.put(at, None),
            // No other moves a message into a queue, within it or out of it.
            _ => {}
        }
    }

    /// Reading a stream, and acknowledging what was read, takes nothing away.
    fn hand_out(&mut self, at: &CopyRef, place: Option<Place>) {
        if self.queues.get(&*at.queue).is_some_and(|queue| !queue.is_stream) {
            self.put(at, place);
        }
    }

    /// A copy is at a place now, or gone.
    fn put(&mut self, at: &CopyRef, place: Option<Place>) {
        let Some(queue) = self.queue(&at.queue) else { return };
        let before = match place {
            Some(place) => queue.copies.insert(at.copy, place),
            None => queue.copies.remove(&at.copy),
        };
        let counts = &mut queue.counts;
        if let Some(before) = before {
            counts.total = counts.total.saturating_sub(1);
            match before {
                Place::Ready => counts.ready = counts.ready.saturating_sub(1),
                Place::Unacked => counts.unacked = counts.unacked.saturating_sub(1),
                Place::Waiting => {}
            }
        }
        if let Some(place) = place {
            counts.total += 1;
            match place {
                Place::Ready => counts.ready += 1,
                Place::Unacked => counts.unacked += 1,
                Place::Waiting => {}
            }
        }
    }
}
