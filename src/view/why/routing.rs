//! Why a message was not routed to a queue or an exchange: the rule of each binding that could have led there.

use std::rc::Rc;

use crate::broker::binding::{Binding, Destination};
use crate::broker::event::{EventKind, Routed};
use crate::broker::exchange::ExchangeType;
use crate::broker::{Name, Resource};

use super::journey::{Journey, Trip, event_of};
use super::words::{miss, more_keys, with_hint};
use super::{Because, Outlook, Reason};
use crate::view::board::Board;
use crate::view::graph::exchange_name;
use crate::view::sentence::Sentence;

pub(super) use crate::view::what_if::is_match;
use crate::view::what_if::verdict;

/// What was bound to what when a message was routed.
struct Map<'a> {
    bindings: Vec<&'a Rc<Binding>>,
    /// Exchanges, with their alternate exchanges.
    alternates: Vec<(Name, Name)>,
    /// The exchanges from which a way leads to the target.
    leading: Vec<Name>,
}

impl<'a> Map<'a> {
    fn of(board: &'a Board, vhost: &Name, target: &Destination) -> Self {
        let bindings: Vec<_> = board.bindings.iter().filter(|binding| binding.vhost == *vhost).collect();
        let exchanges = board.exchanges.iter().filter(|(resource, _)| resource.vhost == *vhost);
        let alternates = exchanges.filter_map(|(resource, state)| {
            board.alternate(resource, state).map(|alternate| (resource.name.clone(), alternate))
        });
        let mut map = Map { bindings, alternates: alternates.collect(), leading: Vec::new() };
        map.leading = map.leading_to(target);
        map
    }

    fn leading_to(&self, target: &Destination) -> Vec<Name> {
        let mut leading: Vec<Name> = Vec::new();
        let mut open = vec![target.clone()];
        while let Some(to) = open.pop() {
            let bound = self.bindings.iter().filter(|binding| binding.destination == to).map(|binding| &binding.source);
            let giving = self.alternates.iter().filter(|(_, alternate)| to == Destination::Exchange(alternate.clone()));
            for exchange in bound.chain(giving.map(|(exchange, _)| exchange)) {
                if !leading.contains(exchange) {
                    leading.push(exchange.clone());
                    open.push(Destination::Exchange(exchange.clone()));
                }
            }
        }
        leading
    }
}

/// Why a trip did not lead there; nothing if it did.
pub(super) fn missed(journey: &Journey, trip: &Trip, target: &Destination) -> Vec<Because> {
    let then = journey.before(trip.origin);
    if let Some(because) = not_there_yet(journey, trip, &then, target) {
        return vec![because];
    }
    if trip.message.exchange.is_empty() {
        return vec![by_default(journey, trip, target)];
    }
    let map = Map::of(&then, &journey.vhost, target);
    let mut reasons = bound_too_late(journey, trip, &then, target);
    for routed in &trip.routed {
        reasons.extend(at_exchange(trip, routed, &map, target));
    }
    if reasons.is_empty() {
        reasons.push(no_way(journey, trip, &map, target));
    }
    let placed = |because: Because| if because.seq.is_none() { because.at(trip.origin) } else { because };
    reasons.into_iter().map(|because| placed(as_dead_letter(trip, because))).collect()
}

/// A dead letter has a key and an exchange of its own.
fn as_dead_letter(trip: &Trip, because: Because) -> Because {
    let Some(from) = &trip.from else { return because };
    let sentence = Sentence::words("It came as a dead letter of ").name(&from.name).say(". ").then(because.sentence);
    let has_cc = trip.message.properties.header("CC").is_some() && trip.message.routing_keys.more.is_none();
    let sentence = match has_cc {
        true => sentence.say(" A dead letter routing key replaces all its routing keys, those of its CC header too."),
        false => sentence,
    };
    Because { sentence, ..because }
}

fn name_of(target: &Destination) -> Name {
    match target {
        Destination::Queue(name) => name.clone(),
        Destination::Exchange(name) => exchange_name(name),
    }
}

fn not_there_yet(journey: &Journey, trip: &Trip, then: &Board, target: &Destination) -> Option<Because> {
    let Destination::Queue(name) = target else { return None };
    let resource = Resource { vhost: journey.vhost.clone(), name: name.clone() };
    if then.queues.contains_key(&resource) {
        return None;
    }
    let declared = journey.after(trip.origin).find(|entry| {
        matches!(event_of(entry), Some(EventKind::QueueDeclared { queue, new: true, .. }) if **queue == resource)
    })?;
    let sentence = Sentence::of(name).say(
        " was declared after the message was routed. An exchange stores nothing: it asks once, when a message arrives.",
    );
    Some(Because::new(Reason::DeclaredLater, Outlook::Never, sentence).at(declared.seq))
}

fn by_default(journey: &Journey, trip: &Trip, target: &Destination) -> Because {
    let key = &trip.message.routing_keys.key;
    let sentence = match target {
        Destination::Queue(name) => {
            let sentence = Sentence::words(
                "it was published to the default exchange, which takes the routing key as a queue's name: ",
            );
            let sentence = with_hint(sentence.name(key).say(" is not ").name(name), key, name);
            more_keys(sentence, trip.message).say(".")
        }
        Destination::Exchange(name) => Sentence::words(
            "it was published to the default exchange, which leads to queues by their names, and never to ",
        )
        .name(&exchange_name(name))
        .say("."),
    };
    let reason = if matches!(target, Destination::Queue(_)) { Reason::NotItsName } else { Reason::OtherExchange };
    let because = Because::new(reason, Outlook::Never, sentence);
    let seq = journey.published.map_or(trip.origin, |published| published.seq.max(trip.origin));
    as_dead_letter(trip, because).at(seq)
}

/// Bindings that are there by now, and would have matched.
fn bound_too_late(journey: &Journey, trip: &Trip, then: &Board, target: &Destination) -> Vec<Because> {
    let now = journey.board.bindings.iter().filter(|binding| {
        binding.vhost == journey.vhost && binding.destination == *target && !then.bindings.contains(binding)
    });
    let late = now.filter_map(|binding| {
        let routed = trip.routed.iter().find(|routed| routed.exchange.name == binding.source)?;
        let kind = ExchangeType::parse(&routed.kind).ok()?;
        is_match(&verdict(kind, binding, trip.message)).then_some(())?;
        let bound = journey.after(trip.origin).find(
            |entry| matches!(event_of(entry), Some(EventKind::Bound { binding: other, .. }) if other == binding),
        )?;
        let sentence = Sentence::of(&name_of(target))
            .say(" was bound to ")
            .name(&exchange_name(&binding.source))
            .say(" after the message was routed. An exchange stores nothing: it asks once, when a message arrives.");
        Some(Because::new(Reason::BoundLater, Outlook::Never, sentence).at(bound.seq))
    });
    late.collect()
}

/// What each binding and the alternate exchange of one exchange say.
fn at_exchange(trip: &Trip, routed: &Routed, map: &Map, target: &Destination) -> Vec<Because> {
    let Ok(kind) = ExchangeType::parse(&routed.kind) else { return Vec::new() };
    let mut reasons = Vec::new();
    let hit = routed.tried.iter().find(|tried| is_match(&tried.verdict));
    for binding in map.bindings.iter().filter(|binding| binding.source == routed.exchange.name) {
        let is_hop = match &binding.destination {
            Destination::Exchange(name) => map.leading.contains(name) && !trip.asked(name),
            Destination::Queue(_) => false,
        };
        if binding.destination != *target && !is_hop {
            continue;
        }
        if routed.tried.iter().any(|tried| tried.binding == **binding && is_match(&tried.verdict)) {
            continue;
        }
        let Some((reason, sentence)) = miss(kind, binding, trip.message, &verdict(kind, binding, trip.message)) else {
            continue;
        };
        let source = exchange_name(&routed.exchange.name);
        reasons.push(if binding.destination == *target {
            let start = Sentence::words("at ").name(&source).say(": ");
            Because::new(reason, Outlook::Never, start.then(sentence).say("."))
        } else {
            let start = Sentence::words("the way to ").name(&name_of(target)).say(" leads from ").name(&source);
            let start = start.say(" to ").name(&name_of(&binding.destination)).say(", and stops there: ");
            Because::new(Reason::HopMissed, Outlook::Never, start.then(sentence).say("."))
        });
    }
    let alternate = map.alternates.iter().find(|(exchange, _)| *exchange == routed.exchange.name);
    if let Some((exchange, alternate)) = alternate {
        let leads = map.leading.contains(alternate) || *target == Destination::Exchange(alternate.clone());
        reasons.extend(match hit {
            Some(hit) if leads => Some(not_asked(exchange, alternate, hit.binding.destination.name())),
            None if routed.alternate.is_none() && !trip.asked(alternate) => Some(no_alternate(exchange, alternate)),
            _ => None,
        });
    }
    reasons
}

fn not_asked(exchange: &Name, alternate: &Name, hit: &Name) -> Because {
    let sentence = Sentence::of(alternate)
        .say(" is the alternate exchange of ")
        .name(exchange)
        .say(", which asks it only if none of its own bindings matches. The one to ")
        .name(hit)
        .say(" matched.");
    Because::new(Reason::AlternateNotAsked, Outlook::Never, sentence)
}

fn no_alternate(exchange: &Name, alternate: &Name) -> Because {
    let sentence = Sentence::words("no binding of ")
        .name(exchange)
        .say(" matched, and its alternate exchange ")
        .name(alternate)
        .say(" does not exist.");
    Because::new(Reason::AlternateMissing, Outlook::Never, sentence)
}

/// No exchange that was asked had anything to say about the target.
fn no_way(journey: &Journey, trip: &Trip, map: &Map, target: &Destination) -> Because {
    let name = name_of(target);
    let start = exchange_name(&trip.message.exchange);
    let unbound = journey.back_from(trip.origin).find_map(|entry| match event_of(entry) {
        Some(EventKind::Unbound { binding, .. })
            if binding.destination == *target && trip.asked(&binding.source) && binding.vhost == journey.vhost =>
        {
            Some((entry.seq, binding))
        }
        _ => None,
    });
    if let Some((seq, binding)) = unbound {
        let sentence =
            Sentence::words("the binding from ").name(&exchange_name(&binding.source)).say(" to ").name(&name);
        let sentence = sentence.say(" was removed before the message came.");
        return Because::new(Reason::UnboundBefore, Outlook::Never, sentence).at(seq);
    }
    if map.leading.is_empty() {
        let sentence = Sentence::words("no binding leads to ").name(&name).say(": no exchange knows of it");
        let sentence = match target {
            Destination::Queue(_) => sentence.say(". The default exchange reaches it by its name."),
            Destination::Exchange(_) => sentence.say("."),
        };
        return Because::new(Reason::NoBinding, Outlook::Never, sentence);
    }
    let sentence = Sentence::words("it was published to ")
        .name(&start)
        .say(", and from there no way leads to ")
        .name(&name)
        .say(". What comes there comes from ")
        .names(map.leading.iter())
        .say(".");
    Because::new(Reason::OtherExchange, Outlook::Never, sentence)
}
