//! `direct`: a binding matches when its key equals one of the message's routing keys, byte for byte. Its
//! arguments do not count. Source: `rabbit/src/rabbit_exchange_type_direct.erl`.
//!
//! What always holds: a key's places are ascending, and no key is there without one.

use super::{Slot, dedup_slots, remove_slot};
use crate::broker::binding::Binding;
use crate::broker::event::{MatchReason, Verdict};
use crate::broker::message::Message;
use crate::broker::name::Name;
use crate::broker::ordered::OrderedMap;

/// Bindings by key.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys(OrderedMap<Name, Vec<Slot>>);

impl Keys {
    pub(super) fn insert(&mut self, key: &Name, slot: Slot) {
        self.0.entry(key.clone()).or_default().push(slot);
    }

    pub(super) fn remove(&mut self, key: &Name, slot: Slot) {
        if let Some(slots) = self.0.get_mut(key) {
            remove_slot(slots, slot);
            if slots.is_empty() {
                self.0.remove(key);
            }
        }
    }

    pub(super) fn matches(&self, message: &Message, out: &mut Vec<Slot>) {
        for key in message.routing_keys.iter() {
            if let Some(slots) = self.0.get(key) {
                out.extend_from_slice(slots);
            }
        }
        if message.routing_keys.more.is_some() {
            dedup_slots(out);
        }
    }
}

pub(super) fn verdict(binding: &Binding, message: &Message) -> Verdict {
    if message.routing_keys.iter().any(|key| *key == binding.routing_key) {
        Verdict::Match(MatchReason::KeyEquals { key: binding.routing_key.clone() })
    } else {
        Verdict::KeyDiffers
    }
}
