//! Clients that are changed while they work: one thing of a client is another.

use std::rc::Rc;

use warren::simulation::{ClientSpec, Outcome, Role, Span};

use super::Dice;
use super::clients::schedule;

/// The client with something changed, over the connection it has.
pub fn changed(dice: &mut Dice, client: &ClientSpec) -> Rc<ClientSpec> {
    let mut spec = client.clone();
    if dice.once_in(6) {
        spec.latency_ms = dice.of(&[0, 5, 80]);
    }
    if let Some(producer) = spec.role.producer_mut() {
        match dice.below(5) {
            0 => (producer.schedule, producer.every_ms) = (Some(schedule(dice)), None),
            1 => producer.limit = dice.of(&[None, Some(1), Some(5), Some(40)]),
            2 => producer.confirms = true,
            3 => producer.routing_key = dice.name(&["", "a.b", "q1"]),
            _ => (producer.payload, producer.mandatory) = ("changed".into(), dice.once_in(2)),
        }
    }
    if let Some(consumer) = spec.role.consumer_mut() {
        match dice.below(6) {
            0 => consumer.prefetch = dice.of(&[0, 1, 3]),
            1 => consumer.processing = Span::Fixed(dice.of(&[0, 20, 150])),
            2 => consumer.priority = dice.of(&[None, Some(1)]),
            3 => consumer.queues.reverse(),
            4 => consumer.queues.truncate(1),
            _ => consumer.outcome = dice.of(&[Outcome::Ack, Outcome::NackRequeue, Outcome::RejectDiscard]),
        }
    }
    if let Role::Worker(worker) = &mut spec.role {
        worker.publish.confirms |= dice.once_in(2);
    }
    Rc::new(spec)
}
