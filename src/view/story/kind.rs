//! What an entry is about, for those who want to read of one thing only. There is no catch-all, so that a new kind of
//! entry cannot be forgotten.

use crate::broker::event::EventKind;
use crate::broker::{Frame, Method, Reply};
use crate::simulation::{ClientEvent, LogEntry, LogKind};
use crate::view::explain::{Tone, tone};

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A message is published, and goes through exchanges into queues.
    Routing,
    /// A message is delivered, worked on, acknowledged.
    Delivery,
    /// Something is lost, refused, expired or dead-lettered; something broke.
    Trouble,
    /// Who comes and goes, and what is declared.
    Setup,
}

/// All kinds, with what they are called.
pub const KINDS: [(Kind, &str); 4] = [
    (Kind::Routing, "Published and routed"),
    (Kind::Delivery, "Delivered and settled"),
    (Kind::Trouble, "Trouble"),
    (Kind::Setup, "Connections and declarations"),
];

/// What an entry is about. What somebody looks for who looks for trouble is trouble, whatever else it is.
pub fn kind(entry: &LogEntry) -> Kind {
    if entry.interest().is_some() || tone(entry) == Tone::Bad {
        return Kind::Trouble;
    }
    match &entry.kind {
        LogKind::Broker(event) => of_broker(&event.kind),
        LogKind::Client { event, .. } => of_client(event),
        LogKind::NotDone { .. } => Kind::Trouble,
    }
}

fn of_broker(event: &EventKind) -> Kind {
    match event {
        EventKind::Published { .. }
        | EventKind::Routed(_)
        | EventKind::Enqueued { .. }
        | EventKind::Confirmed { .. }
        | EventKind::DirectReply { .. } => Kind::Routing,
        EventKind::Delivered { .. }
        | EventKind::Got { .. }
        | EventKind::GotNothing { .. }
        | EventKind::Waits { .. }
        | EventKind::Acked { .. }
        | EventKind::Requeued { .. }
        | EventKind::Delayed { .. }
        | EventKind::DelayEnded { .. } => Kind::Delivery,
        EventKind::Unroutable { .. }
        | EventKind::Refused { .. }
        | EventKind::Dropped { .. }
        | EventKind::DeadLettered { .. }
        | EventKind::CycleCut { .. }
        | EventKind::DeadLetterLost { .. }
        | EventKind::DeadLetterHeld { .. }
        | EventKind::ConnectionRefused { .. }
        | EventKind::ConsumerTimedOut { .. }
        | EventKind::TimerFired { .. }
        | EventKind::Stopped { .. }
        | EventKind::BoundReached { .. } => Kind::Trouble,
        EventKind::ConnectionOpened { .. }
        | EventKind::ConnectionClosed { .. }
        | EventKind::ChannelOpened { .. }
        | EventKind::ChannelClosed { .. }
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
        | EventKind::PolicyChanged { .. }
        | EventKind::PolicyApplied { .. }
        | EventKind::Managed { .. }
        | EventKind::Started => Kind::Setup,
    }
}

fn of_client(event: &ClientEvent) -> Kind {
    match event {
        ClientEvent::Sent { method, .. } | ClientEvent::Ignored { method } => of_method(method),
        ClientEvent::Received { frame } => of_frame(frame),
        ClientEvent::Answered { reply } => of_reply(reply),
        ClientEvent::WorkStarted { .. }
        | ClientEvent::WorkDone { .. }
        | ClientEvent::Skipped { .. }
        | ClientEvent::RpcAnswered { .. } => Kind::Delivery,
        ClientEvent::Crashed
        | ClientEvent::Logged { .. }
        | ClientEvent::RetryPlanned { .. }
        | ClientEvent::GaveUp { .. }
        | ClientEvent::LostOnLink { .. }
        | ClientEvent::HeartbeatMissed
        | ClientEvent::RpcTimedOut { .. }
        | ClientEvent::RpcUnknown { .. }
        | ClientEvent::NoReplyTo { .. }
        | ClientEvent::NotSent { .. } => Kind::Trouble,
        ClientEvent::Joined { .. }
        | ClientEvent::Left
        | ClientEvent::Changed { .. }
        | ClientEvent::Controlled { .. }
        | ClientEvent::Restarted { .. } => Kind::Setup,
    }
}

fn of_method(method: &Method) -> Kind {
    match method {
        Method::BasicPublish(_) => Kind::Routing,
        Method::BasicGet { .. }
        | Method::BasicAck { .. }
        | Method::BasicNack { .. }
        | Method::BasicReject { .. }
        | Method::BasicRecover { .. } => Kind::Delivery,
        Method::ChannelOpen
        | Method::ChannelClose
        | Method::ChannelFlow { .. }
        | Method::ExchangeDeclare(_)
        | Method::ExchangeDelete { .. }
        | Method::ExchangeBind(_)
        | Method::ExchangeUnbind(_)
        | Method::QueueDeclare(_)
        | Method::QueueDelete { .. }
        | Method::QueueBind(_)
        | Method::QueueUnbind(_)
        | Method::QueuePurge { .. }
        | Method::BasicQos { .. }
        | Method::BasicConsume(_)
        | Method::BasicCancel { .. }
        | Method::ConfirmSelect
        | Method::TxSelect
        | Method::TxCommit
        | Method::TxRollback => Kind::Setup,
    }
}

fn of_frame(frame: &Frame) -> Kind {
    match frame {
        Frame::Deliver { .. } => Kind::Delivery,
        Frame::Ack { .. } => Kind::Routing,
        Frame::Return { .. } | Frame::Nack { .. } | Frame::ChannelClosed { .. } | Frame::ConnectionClosed { .. } => {
            Kind::Trouble
        }
        Frame::Cancel { .. } => Kind::Setup,
    }
}

fn of_reply(reply: &Reply) -> Kind {
    match reply {
        Reply::Got { .. } | Reply::Empty => Kind::Delivery,
        Reply::Closed(_) | Reply::Refused(_) => Kind::Trouble,
        Reply::Ok | Reply::DeclareOk { .. } | Reply::Count { .. } | Reply::Consumer { .. } | Reply::Flow { .. } => {
            Kind::Setup
        }
    }
}
