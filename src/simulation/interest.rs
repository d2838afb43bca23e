//! What people look for in a log: where a message was lost or refused, and where something broke.
//!
//! Every kind of entry has its answer here and nowhere else; there is no catch-all, so that a new kind cannot be
//! overlooked. Where one thing shows in several entries (an error closes a channel, and its client hears of it), the
//! broker's entry is the one that counts.

use crate::broker::EventKind;
use crate::broker::event::{CloseReason, DropRule, ReturnReason};

use super::log::{ClientEvent, LogEntry, LogKind};

/// Why an entry is interesting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Interest {
    /// A message went back to its publisher: *Unroutable (return)*.
    Returned,
    /// A message is gone, or was not taken: unroutable, over a limit, purged, lost as a dead letter.
    Dropped,
    /// A message is gone as its time to live ran out.
    Expired,
    /// A consumer refused a message, for good or to have it again.
    Rejected,
    /// A message went to a dead letter exchange, for whatever reason.
    DeadLettered,
    /// Something broke or was refused: a channel, a connection, a client, the node.
    Error,
}

impl LogEntry {
    /// Why somebody who looks for trouble stops here; none if they do not.
    pub fn interest(&self) -> Option<Interest> {
        match &self.kind {
            LogKind::Broker(event) => of_broker(&event.kind),
            LogKind::Client { event, .. } => of_client(event),
            LogKind::NotDone { .. } => Some(Interest::Error),
        }
    }
}

fn of_broker(event: &EventKind) -> Option<Interest> {
    match event {
        EventKind::Unroutable { returned, .. } => {
            Some(if *returned { Interest::Returned } else { Interest::Dropped })
        }
        EventKind::Refused { rule, .. } | EventKind::Dropped { rule, .. } => Some(of_rule(*rule)),
        EventKind::DeadLetterLost { .. } | EventKind::CycleCut { .. } => Some(Interest::Dropped),
        EventKind::DeadLettered { .. } => Some(Interest::DeadLettered),
        EventKind::Requeued { why, .. } | EventKind::Delayed { why, .. } => of_return(*why),
        EventKind::ChannelClosed { why, .. } | EventKind::ConnectionClosed { why, .. } => of_close(why),
        EventKind::ConnectionRefused { .. }
        | EventKind::ConsumerTimedOut { .. }
        | EventKind::Stopped { crash: true }
        | EventKind::BoundReached { .. } => Some(Interest::Error),
        EventKind::ConnectionOpened { .. }
        | EventKind::ChannelOpened { .. }
        | EventKind::ChannelSet { .. }
        | EventKind::ExchangeDeclared { .. }
        | EventKind::ExchangeDeleted { .. }
        | EventKind::QueueDeclared { .. }
        | EventKind::QueueDeleted { .. }
        | EventKind::QueuePurged { .. }
        | EventKind::Bound { .. }
        | EventKind::Unbound { .. }
        | EventKind::ConsumerAdded { .. }
        | EventKind::ConsumerRemoved { .. }
        | EventKind::ActiveConsumerChanged { .. }
        | EventKind::Published { .. }
        | EventKind::Routed(_)
        | EventKind::Enqueued { .. }
        | EventKind::Delivered { .. }
        | EventKind::Got { .. }
        | EventKind::GotNothing { .. }
        | EventKind::Waits { .. }
        | EventKind::Acked { .. }
        | EventKind::DelayEnded { .. }
        | EventKind::DeadLetterHeld { .. }
        // A refusal comes with the entry of the queue that refused.
        | EventKind::Confirmed { .. }
        | EventKind::DirectReply { .. }
        | EventKind::PolicyChanged { .. }
        | EventKind::PolicyApplied { .. }
        | EventKind::Managed { .. }
        | EventKind::TimerFired { .. }
        | EventKind::Stopped { crash: false }
        | EventKind::Started => None,
    }
}

fn of_rule(rule: DropRule) -> Interest {
    match rule {
        DropRule::Rejected => Interest::Rejected,
        DropRule::Expired => Interest::Expired,
        DropRule::MaxLength
        | DropRule::RejectPublish
        | DropRule::DeliveryLimit
        | DropRule::NoDeadLetterExchange
        | DropRule::Purged
        | DropRule::QueueDeleted
        | DropRule::Restart
        | DropRule::Retention => Interest::Dropped,
    }
}

fn of_return(why: ReturnReason) -> Option<Interest> {
    match why {
        ReturnReason::Nack | ReturnReason::Reject => Some(Interest::Rejected),
        // Asked for, or told where the channel closed, the consumer timed out, the node stopped.
        ReturnReason::Recover | ReturnReason::ChannelClosed | ReturnReason::Timeout | ReturnReason::Restart => None,
    }
}

fn of_close(why: &CloseReason) -> Option<Interest> {
    match why {
        CloseReason::Error(_) | CloseReason::Lost => Some(Interest::Error),
        CloseReason::Client | CloseReason::Connection => None,
    }
}

fn of_client(event: &ClientEvent) -> Option<Interest> {
    match event {
        // That a connection is taken as lost shows in the broker, too, but each side has its own moment for it.
        ClientEvent::Crashed
        | ClientEvent::GaveUp { .. }
        | ClientEvent::NotSent { .. }
        | ClientEvent::HeartbeatMissed
        | ClientEvent::RpcTimedOut { .. }
        | ClientEvent::RpcUnknown { .. }
        | ClientEvent::NoReplyTo { .. } => Some(Interest::Error),
        ClientEvent::LostOnLink { .. } => Some(Interest::Dropped),
        ClientEvent::Joined { .. }
        | ClientEvent::Left
        | ClientEvent::Changed { .. }
        | ClientEvent::Sent { .. }
        | ClientEvent::Received { .. }
        | ClientEvent::Answered { .. }
        | ClientEvent::WorkStarted { .. }
        | ClientEvent::WorkDone { .. }
        | ClientEvent::Skipped { .. }
        | ClientEvent::Controlled { .. }
        | ClientEvent::Restarted { .. }
        | ClientEvent::Logged { .. }
        | ClientEvent::RetryPlanned { .. }
        | ClientEvent::RpcAnswered { .. }
        | ClientEvent::Ignored { .. } => None,
    }
}
