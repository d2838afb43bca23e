//! `x-local-random`: one of the classic queues bound to it, each binding as likely as any other. The message's
//! routing key does not count. Source: `rabbit/src/rabbit_exchange_type_local_random.erl`.
//!
//! What always holds: the choice is the caller's number, so that it can be made again.

use super::Slot;
use crate::broker::error::AmqpError;
use crate::broker::settings::QueueType;

/// The binding whose turn it is, out of the places of all.
pub(super) fn choose(slots: &[Slot], choose: u64) -> Option<Slot> {
    let index = choose.checked_rem(slots.len() as u64)?;
    slots.get(index as usize).copied()
}

pub(super) fn validate(key: &str, queue_type: Option<QueueType>) -> Result<(), AmqpError> {
    if !key.is_empty() {
        return Err(AmqpError::precondition_failed(format_args!("Non empty binding '{key}' key not permitted")));
    }
    let queue_type = match queue_type {
        Some(QueueType::Classic) => return Ok(()),
        Some(QueueType::Quorum) => "rabbit_quorum_queue",
        Some(QueueType::Stream) => "rabbit_stream_queue",
        None => return Err(AmqpError::precondition_failed("Destination not found")),
    };
    let text = format_args!("Queue type {queue_type} not valid for this exchange type");
    Err(AmqpError::precondition_failed(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_turns_by_the_number() {
        assert_eq!((0..5).map(|n| choose(&[3, 5, 9], n)).collect::<Vec<_>>(), [3, 5, 9, 3, 5].map(Some));
        assert_eq!(choose(&[], 7), None);
    }

    #[test]
    fn refusals() {
        assert_eq!(validate("", Some(QueueType::Classic)), Ok(()));
        for (key, queue_type, text) in [
            ("k", Some(QueueType::Classic), "Non empty binding 'k' key not permitted"),
            ("", Some(QueueType::Quorum), "Queue type rabbit_quorum_queue not valid for this exchange type"),
            ("", Some(QueueType::Stream), "Queue type rabbit_stream_queue not valid for this exchange type"),
            ("", None, "Destination not found"),
        ] {
            assert_eq!(validate(key, queue_type).expect_err(text).text, format!("PRECONDITION_FAILED - {text}"));
        }
    }
}
