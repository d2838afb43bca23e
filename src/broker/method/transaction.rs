//! tx.select, tx.commit, tx.rollback.
//!
//! A commit hands the publishes over in order, then settles. It is not atomic over several queues.
//! Source: `rabbit/src/rabbit_channel.erl`, methods tx.*.

use super::Outcome;
use crate::broker::Broker;
use crate::broker::channel::Transaction;
use crate::broker::command::Reply;
use crate::broker::error::AmqpError;
use crate::broker::event::{ChannelSetting, EventKind, Sink};
use crate::broker::name::ChannelId;
use crate::broker::queue::Taken;
use crate::broker::step::Step;

impl Broker {
    pub(super) fn tx_select<S: Sink>(&mut self, id: ChannelId, step: &mut Step<S>) -> Outcome {
        let Some(channel) = self.channel_mut(id) else { return Ok(None) };
        if channel.confirms.is_some() {
            return Err(AmqpError::precondition_failed("cannot switch from confirm to tx mode"));
        }
        channel.transaction.get_or_insert_default();
        step.emit(|| EventKind::ChannelSet { channel: id, setting: ChannelSetting::Transaction });
        Ok(Some(Reply::Ok))
    }

    fn take_transaction(&mut self, id: ChannelId) -> Result<Transaction, AmqpError> {
        let transaction = self.channel_mut(id).and_then(|channel| channel.transaction.as_mut());
        let transaction = transaction.ok_or_else(|| AmqpError::precondition_failed("channel is not transactional"))?;
        Ok(std::mem::take(transaction))
    }

    pub(super) fn tx_commit<S: Sink>(&mut self, id: ChannelId, step: &mut Step<S>) -> Outcome {
        let Transaction { publishes, settlements } = self.take_transaction(id)?;
        step.emit_cause(|| EventKind::ChannelSet { channel: id, setting: ChannelSetting::Commit });
        let commit = step.cause;
        let mut partial = false;
        for routed in publishes {
            step.cause = commit;
            let taken = self.hand_over(id, &routed.message, &routed.queues, &routed.replies, routed.publish, step);
            partial |= taken == Taken::Refused;
        }
        for (taken, settlement) in settlements {
            step.cause = commit;
            self.settle_now(id, taken, settlement, step);
        }
        if partial {
            return Err(AmqpError::precondition_failed("partial tx completion"));
        }
        Ok(Some(Reply::Ok))
    }

    /// Publishes are forgotten; settled deliveries are unacknowledged again, and stay where they are.
    pub(super) fn tx_rollback<S: Sink>(&mut self, id: ChannelId, step: &mut Step<S>) -> Outcome {
        let transaction = self.take_transaction(id)?;
        if let Some(channel) = self.channel_mut(id) {
            for unacked in transaction.settlements.into_iter().flat_map(|(taken, _)| taken) {
                channel.put_back(unacked);
            }
        }
        step.emit(|| EventKind::ChannelSet { channel: id, setting: ChannelSetting::Rollback });
        Ok(Some(Reply::Ok))
    }
}
