//! Why a message is not with a client: with who published it, with another publisher, with a consumer; and why it has not
//! even arrived at the broker.

use crate::broker::binding::Destination;
use crate::broker::event::{CloseReason, EventKind};
use crate::broker::{AmqpError, Method, Name};
use crate::simulation::{ClientEvent, ClientId, LogKind};

use super::journey::{Journey, Sent, event_of};
use super::{Because, Outlook, Reason, consumer};
use crate::view::graph::exchange_name;
use crate::view::sentence::{Sentence, span};
use crate::view::what_if;

/// Why it is not with a client.
pub(super) fn reasons(journey: &Journey, id: ClientId) -> Vec<Because> {
    let Some(client) = journey.board.clients.get(&id) else { return Vec::new() };
    let role = &client.spec.role;
    let publishes = role.exchange().is_some();
    let consumes = role.consumer().is_some() || matches!(role, crate::simulation::Role::RpcClient(_));
    let is_its_own = journey.sent.is_some_and(|sent| sent.client == id);
    if is_its_own || (publishes && !consumes) {
        return vec![at_publisher(journey, id, &client.spec.name, is_its_own)];
    }
    consumer::reasons(journey, id, client)
}

/// Messages go from a publisher, and come back only if they are returned.
fn at_publisher(journey: &Journey, id: ClientId, name: &Name, is_its_own: bool) -> Because {
    if !is_its_own {
        let by = journey.sent.and_then(|sent| journey.board.clients.get(&sent.client));
        let sentence = Sentence::words("it was published by ");
        let sentence = match by {
            Some(client) => sentence.name(&client.spec.name),
            None => sentence.say("somebody else"),
        };
        let sentence = sentence.say(", not by ").name(name).say(". A publisher gets no messages.");
        return Because::new(Reason::ByAnother, Outlook::Never, sentence);
    }
    if let Some(because) = not_arrived(journey, &Destination::Exchange(Name::default())) {
        return because;
    }
    let returned = journey.entries.iter().find_map(|entry| match event_of(entry)? {
        EventKind::Unroutable { returned, .. } => Some((entry.seq, *returned)),
        _ => None,
    });
    let mandatory = journey.published.is_some_and(|published| published.mandatory);
    if let Some((seq, returned)) = returned {
        return if returned {
            let sentence = Sentence::words("it reached no queue, and the broker sent it back to ").name(name);
            Because::new(Reason::OnItsWay, Outlook::May, sentence.say(": it is on its way.")).at(seq)
        } else {
            let sentence =
                Sentence::words("it reached no queue and was dropped. It was not published as mandatory, so ");
            let sentence = sentence.name(name).say(" did not get it back, and was not told.");
            Because::new(Reason::NotMandatory, Outlook::Never, sentence).at(seq)
        };
    }
    let nacked = journey
        .entries
        .iter()
        .find_map(|entry| matches!(event_of(entry)?, EventKind::Confirmed { ack: false, .. }).then_some(entry.seq));
    if let Some(seq) = nacked {
        let sentence = Sentence::words("a queue refused it, and the broker told ").name(name);
        let sentence = sentence.say(" by basic.nack: that gives the message's number, not the message.");
        return Because::new(Reason::Nacked, Outlook::Never, sentence).at(seq);
    }
    let sentence =
        Sentence::of(name).say(" sent it, and keeps nothing. It would come back only if it reached no queue");
    let sentence = sentence.say(if mandatory { "; it reached one." } else { " and was published as mandatory." });
    let _ = id;
    Because::new(Reason::PassedOn, Outlook::Was, sentence)
}

/// Why it has not arrived at the broker.
pub(super) fn not_arrived(journey: &Journey, target: &Destination) -> Option<Because> {
    if journey.published.is_some() {
        return None;
    }
    let sent = journey.sent?;
    if let Some(because) = went_wrong(journey, sent) {
        return Some(because);
    }
    let arrives = span(sent.arrives_ms);
    let Method::BasicPublish(publish) = sent.method else { return None };
    let exchange = exchange_name(&publish.exchange);
    let sentence = Sentence::words("it is on its way to ").name(&exchange).say(format!(", and arrives at {arrives}"));
    let message = what_if::message(&publish.exchange, &publish.routing_key, &publish.properties);
    let fate = what_if::publish(journey.board, &journey.vhost, &message);
    let comes = match target {
        Destination::Queue(name) => fate.queues.iter().chain(&fate.by_chance).any(|queue| queue.name == *name),
        Destination::Exchange(name) => fate.asked.iter().any(|asked| asked.exchange.name == *name),
    };
    let (outlook, words) = if comes {
        (Outlook::May, ". Then it comes here, if nothing changes until then.")
    } else {
        (Outlook::Never, ". It will not come here then: no binding matches.")
    };
    Some(Because::new(Reason::InFlight, outlook, sentence.say(words)).at(sent.seq))
}

/// What became of what was sent, if the broker made no message of it.
fn went_wrong(journey: &Journey, sent: Sent) -> Option<Because> {
    journey.after(sent.seq).filter(|entry| entry.cause == sent.seq).find_map(|entry| {
        let because = match &entry.kind {
            LogKind::Client { event: ClientEvent::LostOnLink { .. }, .. } => Because::new(
                Reason::LostOnLink,
                Outlook::Never,
                Sentence::words(
                    "it was on the network when the connection broke. Without publisher confirms nobody knows.",
                ),
            ),
            LogKind::Client { event: ClientEvent::Ignored { .. }, .. } => Because::new(
                Reason::ChannelWasClosed,
                Outlook::Never,
                Sentence::words("its channel was closed before it arrived, so the broker ignored it."),
            ),
            LogKind::Client { event: ClientEvent::NotSent { error }, .. } => Because::new(
                Reason::PublishRefused,
                Outlook::Never,
                Sentence::words("no broker would get to see it: ").say(format!("{error}.")),
            ),
            _ => match event_of(entry)? {
                EventKind::ChannelClosed { why: CloseReason::Error(error), .. }
                | EventKind::ConnectionClosed { why: CloseReason::Error(error), .. } => refused(sent, error),
                _ => return None,
            },
        };
        Some(because.at(entry.seq))
    })
}

/// The broker's refusal closed the channel.
fn refused(sent: Sent, error: &AmqpError) -> Because {
    let exchange = match sent.method {
        Method::BasicPublish(publish) => exchange_name(&publish.exchange),
        _ => Name::default(),
    };
    let name = || Sentence::of(&exchange);
    let (reason, sentence) = match error.code {
        404 => (Reason::NoSuchExchange, Sentence::words("there was no exchange ").name(&exchange)),
        403 if error.text.contains("internal exchange") => (
            Reason::InternalExchange,
            name().say(" is internal: it gets messages from other exchanges, never from clients"),
        ),
        403 => (Reason::NotPermitted, Sentence::words("its user has no permission to write to ").name(&exchange)),
        _ => (Reason::PublishRefused, name().say(" did not take it")),
    };
    let sentence = sentence.say(". The broker closed the channel: ").say(format!("{error}."));
    Because::new(reason, Outlook::Never, sentence)
}
