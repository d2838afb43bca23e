//! The kinds of events by what their sentences are about: five families, each with a file of its own.
//!
//! What always holds: every kind is in one family. The families are patterns, so a match that has its own arms for one family
//! and names the others has all kinds: a new kind compiles only when it has a family, and there a sentence.

/// What befalls a message on its way through exchanges: `routing`.
macro_rules! on_the_way {
    () => {
        EventKind::Published { .. }
            | EventKind::Routed(_)
            | EventKind::Unroutable { .. }
            | EventKind::Refused { .. }
            | EventKind::DeadLettered { .. }
            | EventKind::CycleCut { .. }
            | EventKind::DeadLetterLost { .. }
            | EventKind::DeadLetterHeld { .. }
            | EventKind::Confirmed { .. }
            | EventKind::DirectReply { .. }
    };
}

/// What befalls a message in a queue: `queue`.
macro_rules! in_a_queue {
    () => {
        EventKind::Enqueued { .. }
            | EventKind::Delivered { .. }
            | EventKind::Got { .. }
            | EventKind::GotNothing { .. }
            | EventKind::Waits { .. }
            | EventKind::Acked { .. }
            | EventKind::Requeued { .. }
            | EventKind::Delayed { .. }
            | EventKind::DelayEnded { .. }
            | EventKind::Dropped { .. }
    };
}

/// What befalls connections, channels and consumers: `channel`.
macro_rules! of_a_channel {
    () => {
        EventKind::ConnectionOpened { .. }
            | EventKind::ConnectionRefused { .. }
            | EventKind::ConnectionClosed { .. }
            | EventKind::ChannelOpened { .. }
            | EventKind::ChannelClosed { .. }
            | EventKind::ChannelSet { .. }
            | EventKind::ConsumerAdded { .. }
            | EventKind::ConsumerRemoved { .. }
            | EventKind::ActiveConsumerChanged { .. }
            | EventKind::ConsumerTimedOut { .. }
    };
}

/// What is declared, and what is gone: `declared`.
macro_rules! of_topology {
    () => {
        EventKind::ExchangeDeclared { .. }
            | EventKind::ExchangeDeleted { .. }
            | EventKind::QueueDeclared { .. }
            | EventKind::QueueDeleted { .. }
            | EventKind::QueuePurged { .. }
            | EventKind::Bound { .. }
            | EventKind::Unbound { .. }
    };
}

/// The node itself, and what operators do: `node`.
macro_rules! of_the_node {
    () => {
        EventKind::PolicyChanged { .. }
            | EventKind::PolicyApplied { .. }
            | EventKind::Managed { .. }
            | EventKind::TimerFired { .. }
            | EventKind::Stopped { .. }
            | EventKind::Started
            | EventKind::BoundReached { .. }
    };
}

pub(super) use {in_a_queue, of_a_channel, of_the_node, of_topology, on_the_way};
