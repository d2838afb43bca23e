//! What routing promises: every queue that an exchange named takes a message, refuses it, or is left out of a circle of
//! dead letters.
//!
//! What always holds: a queue answers once for each routing, and no queue gets what was not routed to it. A transaction's
//! messages are routed when they are published, and are at their queues with the commit; a queue that went in between
//! owes nothing any more.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use warren::broker::binding::Destination;
use warren::broker::event::{CopyRef, Routed, Verdict};
use warren::broker::{ChannelId, EventKind, MessageId, Resource};

/// The queues of which it is not known yet what became of a message.
#[derive(Default)]
struct Owed {
    /// Whose transaction it may wait for.
    publisher: Option<ChannelId>,
    queues: BTreeSet<Resource>,
    /// Whether a queue has answered: what is routed then is routed anew.
    answered: bool,
}

/// What is owed to messages.
#[derive(Default)]
pub struct Promises {
    owed: BTreeMap<MessageId, Owed>,
}

impl Promises {
    /// Takes in one event. `publisher` is the channel that published the message and has not handed it over yet.
    pub fn event(
        &mut self,
        kind: &EventKind,
        publisher: impl Fn(MessageId) -> Option<ChannelId>,
    ) -> Result<(), String> {
        match kind {
            EventKind::Routed(routed) => self.routed(routed, publisher(routed.message.id)),
            EventKind::Enqueued { at: CopyRef { queue, message, .. }, .. }
            | EventKind::Refused { queue, message, .. }
            | EventKind::CycleCut { queue, message } => self.answered(message.id, queue),
            EventKind::QueueDeleted { queue, .. } => {
                self.owed.values_mut().for_each(|owed| {
                    owed.queues.remove(&**queue);
                });
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn routed(&mut self, routed: &Routed, publisher: Option<ChannelId>) -> Result<(), String> {
        let owed = self.owed.entry(routed.message.id).or_insert_with(|| Owed { publisher, ..Owed::default() });
        if std::mem::take(&mut owed.answered) && !owed.queues.is_empty() {
            return Err(format!("routed anew, and {:?} never got it", owed.queues));
        }
        for tried in routed.tried.iter().filter(|tried| matches!(tried.verdict, Verdict::Match(_))) {
            if let Destination::Queue(name) = &tried.binding.destination {
                owed.queues.insert(Resource { vhost: tried.binding.vhost.clone(), name: name.clone() });
            }
        }
        Ok(())
    }

    fn answered(&mut self, message: MessageId, queue: &Rc<Resource>) -> Result<(), String> {
        let owed = self.owed.get_mut(&message);
        let was_routed = owed.is_some_and(|owed| {
            owed.answered = true;
            owed.queues.remove(&**queue)
        });
        if was_routed { Ok(()) } else { Err(format!("nothing was routed to {queue:?}")) }
    }

    /// A transaction is rolled back, or its channel is gone.
    pub fn forget(&mut self, channel: ChannelId) {
        self.owed.retain(|_, owed| owed.publisher != Some(channel));
    }

    /// The command is done: only what waits for a commit is owed.
    pub fn settle(&mut self, waits: impl Fn(ChannelId) -> bool) -> Result<(), String> {
        let is_due = |owed: &Owed| !owed.publisher.is_some_and(&waits);
        if let Some((message, owed)) = self.owed.iter().find(|(_, owed)| is_due(owed) && !owed.queues.is_empty()) {
            return Err(format!("message {message} was routed to {:?}, and never got there", owed.queues));
        }
        self.owed.retain(|_, owed| !is_due(owed));
        Ok(())
    }
}
