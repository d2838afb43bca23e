//! Problems with arguments and policies: names that nobody knows, values that do nothing, settings that have no say.

use crate::broker::event::ResourceKind;
use crate::broker::queue::Queue;
use crate::broker::settings::{QueueType, Settings};
use crate::broker::table::{Table, Value};
use crate::broker::{Name, Resource};
use crate::edit::catalog;
use crate::edit::nearest::nearest;
use crate::edit::{End, Kind};
use crate::share::Tree;

use super::Found;
use super::fix::{consuming, exchange_end, tree};
use super::topology::{Topology, client_end};
use crate::view::Sentence;

type All = Vec<Found>;

/// Arguments that RabbitMQ takes and does nothing with.
const WITHOUT_EFFECT: [&str; 3] = ["x-queue-mode", "x-max-in-memory-length", "x-max-in-memory-bytes"];
/// The types of queues.
const TYPES: [QueueType; 3] = [QueueType::Classic, QueueType::Quorum, QueueType::Stream];

/// The arguments of something that are none of those that are known.
fn unknown(arguments: &Table, known: impl Fn(&str) -> bool) -> impl Iterator<Item = (&Name, &Value)> {
    arguments.iter().filter(move |(name, _)| !known(name))
}

/// An argument that nobody knows, and which is meant.
fn stranger(of: &Name, name: &Name, near: Option<&str>) -> Sentence {
    let sentence = Sentence::words("RabbitMQ knows no argument ").name(name).say(", which ").name(of).say(" has. ");
    match near {
        Some(near) => sentence.say("It is stored and does nothing. Did you mean ").name(&near.into()).say("?"),
        None => sentence.say("It is stored and does nothing."),
    }
}

/// The right argument instead of a wrong one.
fn corrected(
    topology: &Topology<'_>,
    end: &End,
    wrong: &str,
    value: &Value,
    near: Option<&str>,
) -> Option<crate::edit::Command> {
    match near {
        Some(near) => topology.set(end, [(wrong, Tree::Null), (near, tree(value)?)]),
        None => topology.set(end, [(wrong, Tree::Null)]),
    }
}

/// Arguments of queues, exchanges and consumers that nobody knows.
pub fn unknown_names(topology: &Topology<'_>, found: &mut All) {
    for queue in topology.queues() {
        let is_known = |name: &str| TYPES.iter().any(|kind| kind.queue_arguments().contains(&name));
        for (name, value) in unknown(&queue.arguments, is_known) {
            let end = topology.end_of(queue);
            let near = nearest(name, catalog::queue_arguments(queue.kind()).map(|entry| entry.key));
            let fix = corrected(topology, &end, name, value, near);
            found.push(Found::at(end, stranger(&queue.resource().name, name, near)).field(name.as_str()).fix(fix));
        }
    }
    for exchange in topology.broker.exchanges() {
        const OTHERS: [&str; 2] = ["hash-property", "x-delayed-type"];
        let known = || catalog::EXCHANGE_ARGUMENTS.iter().map(|entry| entry.key).chain(OTHERS);
        for (name, value) in unknown(&exchange.arguments, |name| known().any(|other| other == name)) {
            let Resource { vhost, name: of } = &*exchange.resource;
            let (end, near) = (exchange_end(vhost, of), nearest(name, known()));
            let fix = corrected(topology, &end, name, value, near);
            found.push(Found::at(end, stranger(of, name, near)).field(name.as_str()).fix(fix));
        }
    }
    for (member, consumer) in topology.all_consumers() {
        let known = || catalog::CONSUMER_ARGUMENTS.iter().map(|entry| entry.key);
        for (name, value) in unknown(&consumer.arguments, |name| known().any(|other| other == name)) {
            let near = nearest(name, known());
            let path = |name: &str| consuming(member.spec, &format!("arguments.{name}"));
            let end = client_end(member.spec);
            let fix = match near {
                Some(near) => tree(value)
                    .and_then(|value| topology.set(&end, [(&*path(name), Tree::Null), (&*path(near), value)])),
                None => topology.set(&end, [(&*path(name), Tree::Null)]),
            };
            found.push(Found::at(end, stranger(&member.spec.name, name, near)).field(path(name)).fix(fix));
        }
    }
}

/// Arguments that are taken, and do nothing.
pub fn without_effect(topology: &Topology<'_>, found: &mut All) {
    for queue in topology.queues() {
        for name in WITHOUT_EFFECT.into_iter().filter(|name| queue.arguments.contains_key(*name)) {
            let sentence = Sentence::of(&name.into())
                .say(" of ")
                .name(&queue.resource().name)
                .say(" does nothing: since RabbitMQ 4 it is accepted and ignored.");
            let end = topology.end_of(queue);
            let fix = topology.set(&end, [(name, Tree::Null)]);
            found.push(Found::at(end, sentence).field(name).fix(fix));
        }
    }
}

/// A quorum queue that shall refuse and dead-letter at once.
pub fn overflow_of_quorum(topology: &Topology<'_>, found: &mut All) {
    for queue in topology.queues().filter(|queue| queue.kind() == QueueType::Quorum) {
        if queue.arguments.get("x-overflow").and_then(Value::as_str) != Some("reject-publish-dlx") {
            continue;
        }
        let sentence = Sentence::words("Overflow behaviour reject-publish-dlx of ")
            .name(&queue.resource().name)
            .say(" is for classic queues. A quorum queue accepts the argument and drops the oldest message instead.");
        let end = topology.end_of(queue);
        let fix = topology.set(&end, [("x-overflow", Tree::from("reject-publish"))]);
        found.push(Found::at(end, sentence).field("x-overflow").fix(fix));
    }
}

/// A delay without a length.
pub fn retry_without_delay(topology: &Topology<'_>, found: &mut All) {
    for queue in
        topology.queues().filter(|queue| queue.kind() == QueueType::Quorum && queue.settings.delayed_retry.is_none())
    {
        let wanted = queue.arguments.get("x-delayed-retry-type").and_then(Value::as_str);
        let Some(wanted) = wanted.filter(|wanted| *wanted != "disabled") else { continue };
        let is_kind = ["all", "failed", "returned"].contains(&wanted);
        let sentence = Sentence::words("Delayed retry of ").name(&queue.resource().name).say(if is_kind {
            " is not in force: it needs x-delayed-retry-min."
        } else {
            " is not in force: its type is none that RabbitMQ knows."
        });
        let end = topology.end_of(queue);
        let fix = topology.set(&end, [("x-delayed-retry-min", Tree::Count(1_000))]).filter(|_| is_kind);
        found.push(Found::at(end, sentence).field("x-delayed-retry-type").fix(fix));
    }
}

/// A limit that is no number.
pub fn limit_no_number(topology: &Topology<'_>, found: &mut All) {
    for queue in topology.queues().filter(|queue| queue.kind() == QueueType::Quorum) {
        let Some(limit) = queue.arguments.get("x-delivery-limit").filter(|limit| limit.as_int().is_none()) else {
            continue;
        };
        let sentence = Sentence::words("The delivery limit of ")
            .name(&queue.resource().name)
            .say(" is not a whole number. RabbitMQ takes it without a word and uses 20.");
        let number = limit.as_str().and_then(|text| text.trim().parse::<u64>().ok());
        let end = topology.end_of(queue);
        let fix = number.and_then(|number| topology.set(&end, [("x-delivery-limit", Tree::Count(number))]));
        found.push(Found::at(end, sentence).field("x-delivery-limit").fix(fix));
    }
}

/// What a policy in force for a queue says, the user's or the operator's.
fn said<'t>(topology: &'t Topology<'_>, queue: &Queue, operator: bool) -> Option<(&'t Name, &'t Table)> {
    let name = if operator { &queue.operator_policy } else { &queue.policy };
    let policies = &topology.broker.vhost(&queue.resource().vhost)?.policies;
    let policy = policies.get(name.as_ref()?, operator)?;
    Some((&policy.name, &policy.definition))
}

/// The user's policy for a queue; an operator's is merged with it.
fn asked(topology: &Topology<'_>, queue: &Queue) -> Table {
    said(topology, queue, false).map(|(_, definition)| definition.clone()).unwrap_or_default()
}

/// An operator policy that leaves a queue or its policy less than it asks for.
pub fn operator_policy(topology: &Topology<'_>, found: &mut All) {
    for queue in topology.queues() {
        let Some((operator, limits)) = said(topology, queue, true) else { continue };
        let (policy, resource) = (asked(topology, queue), queue.resource());
        let policies = topology.broker.vhost(&resource.vhost).map(|host| &host.policies);
        let matched = policies.map(|all| all.matching(ResourceKind::Queue, &resource.name, Some(queue.kind())));
        let effective = matched.map(|matched| matched.effective).unwrap_or_default();
        for (key, limit) in limits {
            let argument = format!("x-{key}");
            let own = queue.arguments.get(argument.as_str());
            let Some(wanted) = least(own, policy.get(key)) else { continue };
            let mut without = effective.clone();
            match policy.get(key) {
                Some(value) => drop(without.insert(key.clone(), value.clone())),
                None => drop(without.remove(key)),
            }
            let settings = |policy: &Table| Settings::new(queue.kind(), &queue.arguments, policy);
            if settings(&without) == settings(&effective) {
                continue;
            }
            let by_argument = own.is_some_and(|own| own.same_value(wanted));
            let sentence = Sentence::of(&resource.name).say(format!(" asks for {key} {wanted} by "));
            let (end, field) = match &queue.policy {
                Some(name) if !by_argument => (policy_end(&resource.vhost, name), key.to_string()),
                _ => (topology.end_of(queue), argument),
            };
            let sentence = match by_argument {
                true => sentence.say("its argument"),
                false => sentence.say("its policy ").name(&end.name),
            };
            let sentence = sentence.say(", but operator policy ").name(operator);
            let sentence = sentence
                .say(format!(" says {limit}, and that is what counts: nobody can override an operator policy."));
            let fix = tree(limit).and_then(|limit| topology.set(&end, [(field.as_str(), limit)]));
            found.push(Found::at(end, sentence).field(field).fix(fix));
        }
    }
}

/// What is in force of two that ask for something.
fn least<'v>(argument: Option<&'v Value>, policy: Option<&'v Value>) -> Option<&'v Value> {
    match (argument, policy) {
        (Some(one), Some(other)) if other.as_int() < one.as_int() => Some(other),
        (one, other) => one.or(other),
    }
}

/// An argument that a policy leaves no say, or the other way round.
pub fn policy_and_argument(topology: &Topology<'_>, found: &mut All) {
    for queue in topology.queues() {
        let policy = asked(topology, queue);
        for (argument, value) in &queue.arguments {
            let key = argument.strip_prefix("x-").unwrap_or(argument);
            let Some(other) = policy.get(key).filter(|other| !other.same_value(value)) else { continue };
            let without = |table: &Table, name: &str| {
                let mut table = table.clone();
                table.remove(name);
                table
            };
            let settings = |arguments: &Table, policy: &Table| Settings::new(queue.kind(), arguments, policy);
            let both = settings(&queue.arguments, &policy);
            let no_argument = settings(&without(&queue.arguments, argument), &policy) == both;
            let no_policy = settings(&queue.arguments, &without(&policy, key)) == both;
            if no_argument == no_policy {
                continue;
            }
            let name = queue.policy.clone().unwrap_or_default();
            let end = topology.end_of(queue);
            let of = Sentence::of(argument).say(format!(" {value} of ")).name(&queue.resource().name);
            let sentence = if no_argument {
                of.say(" has no effect: policy ").name(&name).say(format!(" says {other}, and that is what counts."))
            } else {
                of.say(format!(" counts, so {other} of policy ")).name(&name).say(" has no effect there.")
            };
            let fix = topology.set(&end, [(argument.as_str(), Tree::Null)]);
            found.push(Found::at(end, sentence).field(argument.as_str()).fix(fix));
        }
    }
}

/// What the policies of a virtual host match: whether anything, and whether it applies to any of that.
fn reach(topology: &Topology<'_>, vhost: &Name, name: &Name) -> (bool, Option<Name>) {
    let Some(host) = topology.broker.vhost(vhost) else { return (false, None) };
    let Some(policy) = host.policies.get(name, false) else { return (true, None) };
    let queues = topology.queues().filter(|queue| queue.resource().vhost == *vhost);
    let queues = queues.map(|queue| (ResourceKind::Queue, &queue.resource().name, Some(queue.kind())));
    let exchanges = topology.broker.exchanges().filter(|exchange| exchange.resource.vhost == *vhost);
    let exchanges = exchanges.map(|exchange| (ResourceKind::Exchange, &exchange.resource.name, None));
    let matched = queues.chain(exchanges).filter(|(kind, name, queue)| policy.matches(*kind, name, *queue));
    let winners: Vec<Option<Name>> =
        matched.map(|(kind, thing, queue)| host.policies.matching(kind, thing, queue).policy).collect();
    let is_beaten = !winners.is_empty() && winners.iter().all(|winner| winner.as_ref() != Some(name));
    (!winners.is_empty(), winners.into_iter().flatten().next().filter(|_| is_beaten))
}

fn policies<'t>(topology: &'t Topology<'_>) -> impl Iterator<Item = (&'t Name, &'t Name)> {
    topology.file.scenario.definitions.policies.iter().map(|policy| (&policy.vhost, &policy.name))
}

fn policy_end(vhost: &Name, name: &Name) -> End {
    End { kind: Kind::Policy, vhost: vhost.clone(), name: name.clone() }
}

/// A policy that matches nothing.
pub fn policy_for_nothing(topology: &Topology<'_>, found: &mut All) {
    for (vhost, name) in policies(topology).filter(|(vhost, name)| !reach(topology, vhost, name).0) {
        let sentence = Sentence::words("Policy ").name(name).say(
            " applies to nothing: no queue or exchange has a name that its pattern matches, and a type that knows all its keys.",
        );
        let end = policy_end(vhost, name);
        let fix = topology.delete(&end);
        found.push(Found::at(end, sentence).field("pattern").fix(fix));
    }
}

/// A policy that another one beats everywhere.
pub fn policy_beaten(topology: &Topology<'_>, found: &mut All) {
    for (vhost, name) in policies(topology) {
        let (_, Some(winner)) = reach(topology, vhost, name) else { continue };
        let sentence = Sentence::words("Policy ")
            .name(name)
            .say(" has no effect: only one policy applies to a queue or an exchange, and ")
            .name(&winner)
            .say(" comes first wherever it matches.");
        let end = policy_end(vhost, name);
        let fix = topology.delete(&end);
        found.push(Found::at(end, sentence).field("priority").fix(fix));
    }
}
