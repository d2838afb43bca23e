//! An RPC client's requests: which are under way, and which answer belongs to which.
//!
//! An answer belongs to the oldest request with its `correlation_id` that still waits. Requests outlive connections:
//! one whose answer was lost with a connection times out.

use std::collections::VecDeque;

use crate::broker::Name;
use crate::broker::message::Delivery;

use super::log::ClientEvent;

/// A request under way.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pending {
    number: u64,
    correlation_id: Name,
    since_ms: u64,
}

/// The requests under way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Requests {
    last_number: u64,
    /// Oldest first.
    pending: VecDeque<Pending>,
}

impl Requests {
    /// A request sets out. Answers its number.
    pub fn begin(&mut self, correlation_id: Name, now_ms: u64) -> u64 {
        self.last_number += 1;
        let number = self.last_number;
        self.pending.push_back(Pending { number, correlation_id, since_ms: now_ms });
        number
    }

    /// An answer is here.
    pub fn answered(&mut self, delivery: &Delivery, now_ms: u64) -> ClientEvent {
        let correlation_id = delivery.properties().correlation_id.clone();
        let is_it = |pending: &Pending| Some(&pending.correlation_id) == correlation_id.as_ref();
        match self.pending.iter().position(is_it).and_then(|place| self.pending.remove(place)) {
            Some(Pending { correlation_id, since_ms, .. }) => {
                ClientEvent::RpcAnswered { correlation_id, after_ms: now_ms.saturating_sub(since_ms) }
            }
            None => ClientEvent::RpcUnknown { correlation_id },
        }
    }

    /// A request has waited long enough. None if it waits no more.
    pub fn time_out(&mut self, number: u64, now_ms: u64) -> Option<ClientEvent> {
        let place = self.pending.iter().position(|pending| pending.number == number)?;
        let Pending { correlation_id, since_ms, .. } = self.pending.remove(place)?;
        Some(ClientEvent::RpcTimedOut { correlation_id, after_ms: now_ms.saturating_sub(since_ms) })
    }
}
