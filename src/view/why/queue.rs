//! Why a message is not in a queue, or did not come by an exchange: in the order in which it could have gone wrong.

use std::rc::Rc;

use crate::broker::binding::Destination;
use crate::broker::event::{ChannelSetting, EventKind};
use crate::broker::{ChannelId, Name, Resource};

use super::journey::{Journey, Published, Trip, event_of};
use super::{Because, Outlook, Reason, clients, ends, routing};
use crate::view::board::Copied;
use crate::view::graph::exchange_name;
use crate::view::life::{Where, stays};
use crate::view::sentence::{Sentence, count};
use crate::view::what_if;

/// Why it is not in a queue.
pub(super) fn reasons(journey: &Journey, queue: &Rc<Resource>) -> Vec<Because> {
    let target = Destination::Queue(queue.name.clone());
    // What happened last counts.
    let last = ends::of_visit(journey, queue).into_iter().chain(ends::at_the_door(journey, queue));
    if let Some(last) = last.max_by_key(|because| because.seq) {
        let mut reasons = vec![last];
        reasons.extend(elsewhere(journey, &target));
        return reasons;
    }
    let mut reasons = on_the_way(journey, &queue.vhost, &target);
    if !reasons.is_empty() {
        return reasons;
    }
    reasons.extend(elsewhere(journey, &target));
    for trip in journey.trips.iter().rev() {
        reasons.extend(match reached(trip, &target) {
            true => after_a_match(journey, queue),
            false => routing::missed(journey, trip, &target),
        });
    }
    reasons
}

/// Why it did not come by an exchange.
pub(super) fn reasons_at_exchange(journey: &Journey, exchange: &Rc<Resource>) -> Vec<Because> {
    let asked = journey.entries.iter().rev().find(|entry| match event_of(entry) {
        Some(EventKind::Routed(routed)) => routed.exchange == *exchange,
        Some(EventKind::Published { message, .. }) => {
            message.exchange == exchange.name && journey.vhost == exchange.vhost
        }
        _ => false,
    });
    if let Some(asked) = asked {
        let sentence = Sentence::of(&exchange_name(&exchange.name))
            .say(" had it, and passed it on or lost it in the same moment: an exchange keeps nothing.");
        return vec![Because::new(Reason::PassedOn, Outlook::Was, sentence).at(asked.seq)];
    }
    let target = Destination::Exchange(exchange.name.clone());
    let mut reasons = on_the_way(journey, &exchange.vhost, &target);
    if !reasons.is_empty() {
        return reasons;
    }
    reasons.extend(elsewhere(journey, &target));
    reasons.extend(journey.trips.iter().rev().flat_map(|trip| routing::missed(journey, trip, &target)));
    reasons
}

/// Whether one of the bindings that matched leads to the queue, or its name was the key.
fn reached(trip: &Trip, target: &Destination) -> bool {
    trip.matched(target)
}

/// It has not come to the place where it is decided, and will never, or not yet.
fn on_the_way(journey: &Journey, vhost: &Name, target: &Destination) -> Vec<Because> {
    if journey.vhost != *vhost {
        let sentence = Sentence::words("it was published in virtual host ")
            .name(&journey.vhost)
            .say(", this is in ")
            .name(vhost)
            .say(". No message goes from one virtual host to another.");
        return vec![Because::new(Reason::OtherVhost, Outlook::Never, sentence)];
    }
    let Some(published) = journey.published else {
        return clients::not_arrived(journey, target).into_iter().collect();
    };
    let is_routed = journey.trips.last().is_some_and(|trip| !trip.routed.is_empty());
    if !is_routed && !is_over(journey) {
        return vec![under_way(journey, published)];
    }
    direct_reply(journey).into_iter().collect()
}

fn under_way(journey: &Journey, published: Published) -> Because {
    let exchange = exchange_name(&journey.message().unwrap_or(published.message).exchange);
    let sentence = Sentence::of(&exchange).say(" has it, and has not yet asked its bindings.");
    Because::new(Reason::UnderWay, Outlook::May, sentence)
}

fn direct_reply(journey: &Journey) -> Option<Because> {
    journey.entries.iter().find_map(|entry| match event_of(entry) {
        Some(EventKind::DirectReply { channel, .. }) => {
            let client = channel.and_then(|channel| journey.board.client_of(channel.connection));
            let sentence = Sentence::words("its routing key is the address of a direct reply, so it went straight to ");
            let sentence = match client {
                Some((_, client)) => sentence.name(&client.spec.name),
                None => sentence.say("a client that is gone"),
            };
            Some(
                Because::new(Reason::DirectReply, Outlook::Never, sentence.say(" and through no queue.")).at(entry.seq),
            )
        }
        _ => None,
    })
}

fn is_over(journey: &Journey) -> bool {
    let Some(life) = journey.life else { return true };
    !stays(life, journey.film.history(), journey.board, journey.cursor).iter().any(|stay| stay.is_live())
}

/// It is in another queue, and would come as a dead letter.
fn elsewhere(journey: &Journey, target: &Destination) -> Vec<Because> {
    let Some(life) = journey.life else { return Vec::new() };
    let stays = stays(life, journey.film.history(), journey.board, journey.cursor);
    let in_queue = |stay: &crate::view::life::Stay| match &stay.at {
        Where::Ready(queue, _) | Where::Unacked(queue, ..) | Where::Waiting(queue) => Some(queue.clone()),
        _ => None,
    };
    stays.iter().filter_map(in_queue).filter_map(|queue| would_come(journey, &queue, target)).collect()
}

fn would_come(journey: &Journey, from: &Rc<Resource>, target: &Destination) -> Option<Because> {
    let state = journey.board.queues.get(from)?;
    let settings = journey.board.settings(from, state);
    let exchange = settings.dead_letter_exchange?;
    let message = journey.message()?;
    let key = settings.dead_letter_routing_key.unwrap_or_else(|| message.routing_keys.key.clone());
    let letter = what_if::message(&exchange, &key, &message.properties);
    let fate = what_if::publish(journey.board, &from.vhost, &letter);
    let leads = match target {
        Destination::Queue(name) => fate.queues.iter().any(|queue| queue.name == *name),
        Destination::Exchange(name) => fate.asked.iter().any(|asked| asked.exchange.name == *name),
    };
    if !leads {
        return None;
    }
    let (copied, at) = journey.copy_in(from)?;
    if let Some(held) = held_at_least_once(journey, copied, from) {
        return Some(held);
    }
    if let Some(behind) = expired_behind(journey, from, copied, &at) {
        return Some(behind);
    }
    let place = match &at {
        Where::Ready(_, place) => format!(" (Ready, number {} in line)", place + 1),
        Where::Unacked(..) => " (Unacked)".to_owned(),
        _ => " (waiting)".to_owned(),
    };
    let sentence = Sentence::words("it is in ")
        .name(&from.name)
        .say(format!("{place}. It comes here as a dead letter if it is rejected there without requeue"))
        .say(if settings.message_ttl_ms.is_some() || message.properties.expiration.is_some() {
            ", or when its time runs out at the head of that queue."
        } else {
            "."
        });
    Some(Because::new(Reason::NotDead, Outlook::May, sentence))
}

fn held_at_least_once(journey: &Journey, copied: &Copied, from: &Rc<Resource>) -> Option<Because> {
    let (entry, event) = journey.of_copy(copied.copy).next()?;
    let EventKind::DeadLetterHeld { .. } = event else { return None };
    let sentence = Sentence::of(&from.name)
        .say(" dead-letters at least once: it keeps the message until a queue behind the dead letter exchange has taken it, and tries again later.");
    Some(Because::new(Reason::HeldAtLeastOnce, Outlook::May, sentence).at(entry.seq))
}

/// Its time has run out, and only the head is looked at.
pub(super) fn expired_behind(journey: &Journey, queue: &Rc<Resource>, copied: &Copied, at: &Where) -> Option<Because> {
    let Where::Ready(_, place @ 1..) = at else { return None };
    let state = journey.board.queues.get(queue)?;
    let own = copied.message.properties.expiration.as_ref().and_then(|text| text.parse::<u64>().ok());
    let ttl_ms = own.into_iter().chain(journey.board.settings(queue, state).message_ttl_ms).min()?;
    if copied.since_ms.saturating_add(ttl_ms) > journey.board.now_ms {
        return None;
    }
    let sentence = Sentence::words("its time to live has run out, but a queue looks at its head only, and there ")
        .say(match place {
            1 => "is 1 message".to_owned(),
            more => format!("are {}", count(*more as u64, "message")),
        })
        .say(" before it in ")
        .name(&queue.name)
        .say(" that ")
        .say(if *place == 1 { "has not expired." } else { "have not expired or gone." });
    Some(Because::new(Reason::ExpiredBehind, Outlook::May, sentence))
}

/// A binding matched, and yet the queue has not got it.
fn after_a_match(journey: &Journey, queue: &Rc<Resource>) -> Vec<Because> {
    let Some(published) = journey.published else { return Vec::new() };
    if let Some(because) = transaction(journey, published.channel, published.seq) {
        return vec![because];
    }
    if !journey.board.queues.contains_key(queue) {
        return ends::deleted(journey, queue, published.seq).into_iter().collect();
    }
    let sentence =
        Sentence::words("a binding to ").name(&queue.name).say(" matches, and the broker is about to hand it over.");
    vec![Because::new(Reason::UnderWay, Outlook::May, sentence)]
}

/// What a transaction that the publish is part of has come to.
fn transaction(journey: &Journey, channel: ChannelId, published: u64) -> Option<Because> {
    let setting_of = |event: &EventKind| match event {
        EventKind::ChannelSet { channel: other, setting } if *other == channel => Some(setting.clone()),
        EventKind::ChannelClosed { channel: other, .. } if *other == channel => Some(ChannelSetting::Rollback),
        _ => None,
    };
    let mut before = journey.back_from(published).filter_map(|entry| setting_of(event_of(entry)?));
    before.find(|setting| *setting == ChannelSetting::Transaction)?;
    let ends = |entry: &&crate::simulation::LogEntry| {
        let setting = event_of(entry).and_then(setting_of);
        matches!(setting, Some(ChannelSetting::Commit | ChannelSetting::Rollback))
    };
    let end = journey.after(published).find(ends);
    let setting = end.and_then(|entry| setting_of(event_of(entry)?));
    let sentence = Sentence::words("it was published in a transaction, ");
    match (end, setting) {
        (Some(end), Some(ChannelSetting::Rollback)) => {
            let sentence = sentence.say("which was rolled back: its publishes are forgotten.");
            Some(Because::new(Reason::RolledBack, Outlook::Never, sentence).at(end.seq))
        }
        (None, _) => {
            let sentence = sentence.say("which is not committed yet (tx.commit): queues get it then, and not before.");
            Some(Because::new(Reason::NotCommitted, Outlook::May, sentence).at(published))
        }
        _ => None,
    }
}
