//! `fanout`: every binding matches; keys and arguments do not count.
//! Source: `rabbit/src/rabbit_exchange_type_fanout.erl`. What always holds: there is no index, and no state.

use super::Slot;
use crate::broker::binding::Bound;
use crate::broker::event::{MatchReason, Verdict};

pub(super) fn matches<'a>(bindings: impl Iterator<Item = (Slot, &'a Bound)>, out: &mut Vec<Slot>) {
    out.extend(bindings.map(|(slot, _)| slot));
}

pub(super) fn verdict() -> Verdict {
    Verdict::Match(MatchReason::Always)
}
