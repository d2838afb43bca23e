//! Problems with messages that die: where they go, and whether they ever do.

use crate::broker::Name;
use crate::broker::QueueId;
use crate::broker::queue::Queue;
use crate::broker::settings::QueueType;
use crate::edit::nearest::nearest;
use crate::edit::{Command, Kind};
use crate::share::Tree;
use crate::simulation::Outcome;

use super::Found;
use super::fix::{exchange_end, queue_end};
use super::flow::{Sender, deaths};
use super::topology::{Topology, is_manual, outcomes};
use crate::view::Sentence;

type All = Vec<Found>;

/// The queues with a dead letter exchange.
fn with_exchange<'t>(topology: &'t Topology<'_>) -> impl Iterator<Item = (&'t Queue, &'t Name)> {
    topology.queues().filter_map(|queue| Some((queue, queue.settings.dead_letter_exchange.as_ref()?)))
}

/// The exchange is not there.
pub fn exchange_missing(topology: &Topology<'_>, found: &mut All) {
    for (queue, exchange) in with_exchange(topology) {
        let resource = queue.resource();
        if topology.broker.exchange(&resource.vhost, exchange).is_some() {
            continue;
        }
        let sentence = Sentence::words("The dead letter exchange of ")
            .name(&resource.name)
            .say(", ")
            .name(exchange)
            .say(", is not there. What dies in the queue is dropped silently, as if it had none.");
        let fix = topology.add_catch_all(&resource.vhost, exchange, false);
        found.push(Found::at(topology.end_of(queue), sentence).field("x-dead-letter-exchange").fix(fix));
    }
}

/// Dead letters reach no queue.
pub fn unbound(topology: &Topology<'_>, found: &mut All) {
    for (queue, exchange) in with_exchange(topology) {
        let lost = topology.flows.0.iter().find(|flow| {
            flow.sender == Sender::Dead(queue.id) && flow.is_there && flow.exact && flow.reached.is_empty()
        });
        let Some(flow) = lost else { continue };
        let resource = queue.resource();
        let sentence = Sentence::words("Dead letters of ").name(&resource.name).say(" go to ");
        let own_key = queue.settings.dead_letter_routing_key.is_some();
        let (sentence, fix) = if exchange.is_empty() {
            let queues = topology.broker.vhost(&resource.vhost).map(|host| host.queues.keys());
            let near = nearest(&flow.key, queues.into_iter().flatten().map(Name::as_str)).filter(|_| own_key);
            let end = topology.end_of(queue);
            let renamed = near.and_then(|near| topology.set(&end, [("x-dead-letter-routing-key", Tree::from(near))]));
            let added = || topology.add(Kind::Queue, &resource.vhost, &flow.key, &[]);
            let sentence = sentence.say("the default exchange with routing key ").name(&flow.key);
            (sentence.say(", and no queue has that name"), Some(renamed.unwrap_or_else(added)))
        } else {
            let sentence = sentence.name(exchange).say(" with routing key ").name(&flow.key);
            (sentence.say(", which is bound to nothing there"), catch(topology, &resource.vhost, exchange, &flow.key))
        };
        let field = if own_key { "x-dead-letter-routing-key" } else { "x-dead-letter-exchange" };
        let sentence = sentence.say(": they are dropped silently.");
        found.push(Found::at(topology.end_of(queue), sentence).field(field).fix(fix));
    }
}

/// A queue for dead letters, bound with their key.
fn catch(topology: &Topology<'_>, vhost: &Name, exchange: &Name, key: &Name) -> Option<Command> {
    let is_free = |name: &Name| topology.broker.queue(vhost, name).is_none();
    let more = (2..=topology.queues().count() + 2).map(|number| Name::from(format!("dead-letters-{number}")));
    let queue = std::iter::once(Name::from("dead-letters")).chain(more).find(is_free)?;
    let kind = topology.broker.exchange(vhost, exchange)?.kind.as_str();
    let key = if matches!(kind, "fanout" | "headers") { Name::default() } else { key.clone() };
    let add = topology.add(Kind::Queue, vhost, &queue, &[]);
    let settings = match &add {
        Command::Add { settings, .. } => settings.clone(),
        _ => Vec::new(),
    };
    let destination = topology.target(&queue_end(vhost, &queue));
    let bind = Command::Bind { undo: false, source: exchange.clone(), destination, key, settings };
    topology.defines_exchange(&exchange_end(vhost, exchange)).then(|| Command::Steps(vec![add, bind]))
}

/// Nothing ever dies there.
pub fn never_used(topology: &Topology<'_>, found: &mut All) {
    for (queue, exchange) in with_exchange(topology) {
        let is_fed = topology.flows.arriving(queue.id).next().is_some();
        if !is_fed
            || deaths(topology, queue).any()
            || topology.broker.exchange(&queue.resource().vhost, exchange).is_none()
        {
            continue;
        }
        let name = &queue.resource().name;
        let sentence = Sentence::of(name)
            .say(" has a dead letter exchange, but nothing can die in it: ")
            .say("no message expires, no length limit drops any, and no consumer rejects without requeue.");
        let end = topology.end_of(queue);
        let has_own = queue.arguments.contains_key("x-dead-letter-exchange");
        let gone = [("x-dead-letter-exchange", Tree::Null), ("x-dead-letter-routing-key", Tree::Null)];
        let fix = topology.set(&end, gone).filter(|_| has_own);
        found.push(Found::at(end, sentence).field("x-dead-letter-exchange").fix(fix));
    }
}

/// The queues to which the dead letters of a queue go by themselves.
fn next(topology: &Topology<'_>, queue: &Queue) -> Vec<QueueId> {
    let causes = deaths(topology, queue);
    if !causes.by_itself() || causes.rejected {
        return Vec::new();
    }
    let dead = topology.flows.0.iter().filter(|flow| flow.sender == Sender::Dead(queue.id));
    dead.flat_map(|flow| flow.reached.iter().copied()).collect()
}

/// Dead letters that come back without having been rejected.
pub fn cycle(topology: &Topology<'_>, found: &mut All) {
    let steps: Vec<(QueueId, Vec<QueueId>)> =
        topology.queues().map(|queue| (queue.id, next(topology, queue))).collect();
    let after =
        |id: &QueueId| steps.iter().find(|(from, _)| from == id).map(|(_, to)| to.as_slice()).unwrap_or_default();
    let mut told: Vec<QueueId> = Vec::new();
    for (first, _) in &steps {
        let mut seen: Vec<QueueId> = after(first).to_vec();
        let mut place = 0;
        while let Some(at) = seen.get(place).copied() {
            let more = after(&at).iter().filter(|id| !seen.contains(id)).copied().collect::<Vec<QueueId>>();
            seen.extend(more);
            place += 1;
        }
        if !seen.contains(first) || told.contains(first) {
            continue;
        }
        // One of a circle stands for all.
        told.extend(seen.iter().copied());
        let Some(queue) = topology.queue(*first) else { continue };
        let name = &queue.resource().name;
        let sentence = Sentence::words("What dies in ").name(name).say(" comes back to ").name(name).say(
            " by dead-lettering alone. RabbitMQ drops a message that comes back so: a consumer must have rejected it on the way.",
        );
        found.push(Found::at(topology.end_of(queue), sentence).field("x-dead-letter-exchange"));
    }
}

/// Messages of different lifetimes wait for one another.
pub fn head_blocks(topology: &Topology<'_>, found: &mut All) {
    for queue in topology.queues().filter(|queue| queue.kind() != QueueType::Stream) {
        let own = queue.settings.message_ttl_ms;
        let lifetime = |text: &Name| {
            let ms = text.parse::<u64>().ok();
            ms.into_iter().chain(own).min()
        };
        let mut lifetimes: Vec<Option<u64>> = topology
            .flows
            .arriving(queue.id)
            .map(|flow| flow.properties.expiration.as_ref().map_or(own, lifetime))
            .collect();
        lifetimes.sort_unstable();
        lifetimes.dedup();
        // Who takes messages out sets those free that wait behind.
        if lifetimes.len() < 2 || topology.is_emptied(queue) {
            continue;
        }
        let name = &queue.resource().name;
        let sentence = Sentence::words("Messages of different lifetimes wait in ").name(name).say(
            ". A queue expires from its head only: one that has expired stays behind one that lives longer. Give each lifetime a queue of its own.",
        );
        found.push(Found::at(topology.end_of(queue), sentence).field("x-message-ttl"));
    }
}

/// At-least-once that is not in force.
pub fn strategy_without_reject(topology: &Topology<'_>, found: &mut All) {
    for queue in topology.queues().filter(|queue| queue.kind() == QueueType::Quorum) {
        let wanted = queue.arguments.get("x-dead-letter-strategy").and_then(|value| value.as_str());
        if wanted != Some("at-least-once") || queue.settings.at_least_once {
            continue;
        }
        let has_exchange = queue.settings.dead_letter_exchange.is_some();
        let name = &queue.resource().name;
        let sentence = Sentence::words("Dead letter strategy at-least-once of ").name(name).say(if has_exchange {
            " needs overflow behaviour reject-publish. With drop-head, dead letters go at most once."
        } else {
            " needs a dead letter exchange, and there is none."
        });
        let end = topology.end_of(queue);
        let fix = topology.set(&end, [("x-overflow", Tree::from("reject-publish"))]).filter(|_| has_exchange);
        found.push(Found::at(end, sentence).field("x-dead-letter-strategy").fix(fix));
    }
}

/// A message that is given back and comes again, without end.
pub fn requeue_loop(topology: &Topology<'_>, found: &mut All) {
    each_requeuer(topology, |looping| {
        let Looping { outcome, is_some: false, .. } = looping else { return };
        let sentence = Sentence::of(&looping.spec.name)
            .say(" gives every message back to ")
            .name(looping.name())
            .say(", and gets it again at once: the same messages go round without end.");
        let instead = if *outcome == Outcome::RejectRequeue { "reject_discard" } else { "nack_discard" };
        let fix = topology.set_consumer(looping.spec, "outcome", Tree::from(instead));
        let field = super::fix::consuming(looping.spec, "outcome");
        found.push(Found::at(super::topology::client_end(looping.spec), sentence).field(field).fix(fix));
    });
}

/// The same with some messages.
pub fn poison(topology: &Topology<'_>, found: &mut All) {
    each_requeuer(topology, |looping| {
        let Looping { outcome, is_some: true, .. } = looping else { return };
        let how = if *outcome == Outcome::Crash { "crashes at some messages" } else { "gives some messages back" };
        let sentence =
            Sentence::of(&looping.spec.name).say(format!(" {how} again and again, and ")).name(looping.name());
        let quorum = looping.queue.kind() == QueueType::Quorum;
        let sentence = sentence.say(match (quorum, outcome) {
            (true, Outcome::NackRequeue) => {
                " hands them out without end: basic.nack does not count towards the delivery limit."
            }
            (true, _) => " has no delivery limit that would end it.",
            (false, _) => " hands them out without end: a classic queue has no delivery limit.",
        });
        let end = topology.end_of(looping.queue);
        let limit = [("x-queue-type", Tree::from("quorum"))];
        let fix = match (quorum, outcome) {
            (_, Outcome::NackRequeue) => None,
            (true, _) => topology.set(&end, [("x-delivery-limit", Tree::Null)]),
            (false, _) => topology.set(&end, limit).filter(|_| queue_can_be_quorum(looping.queue)),
        };
        let field = super::fix::consuming(looping.spec, "rules");
        found.push(Found::at(super::topology::client_end(looping.spec), sentence).field(field).fix(fix));
    });
}

fn queue_can_be_quorum(queue: &Queue) -> bool {
    queue.durable && !queue.auto_delete && queue.exclusive.is_none() && queue.settings.max_priority.is_none()
}

/// A consumer that gives messages back to a queue that never has enough of it.
struct Looping<'q, 'a> {
    spec: &'a crate::simulation::ClientSpec,
    queue: &'q Queue,
    outcome: Outcome,
    /// Whether it does so with some messages only.
    is_some: bool,
}

impl Looping<'_, '_> {
    fn name(&self) -> &Name {
        &self.queue.resource().name
    }
}

fn each_requeuer(topology: &Topology<'_>, mut tell: impl FnMut(&Looping<'_, '_>)) {
    for queue in topology.queues().filter(|queue| queue.kind() != QueueType::Stream) {
        if queue.settings.delayed_retry.is_some() || topology.flows.arriving(queue.id).next().is_none() {
            continue;
        }
        let counts = |outcome| matches!(outcome, Outcome::RejectRequeue | Outcome::Crash);
        let has_limit = queue.kind() == QueueType::Quorum && queue.settings.delivery_limit.is_some();
        let ends = |outcome: Outcome| has_limit && counts(outcome);
        for (spec, consumer) in topology.consumers(queue.id).filter(|(_, consumer)| is_manual(consumer)) {
            let gives_back = |outcome| matches!(outcome, Outcome::NackRequeue | Outcome::RejectRequeue);
            let all = consumer.outcome;
            let never_otherwise = outcomes(consumer).all(gives_back);
            if never_otherwise && !ends(all) {
                tell(&Looping { spec, queue, outcome: all, is_some: false });
                continue;
            }
            // Whatever came before a second time is dealt with otherwise.
            let until = consumer.rules.iter().position(|rule| {
                matches!(rule.when, crate::simulation::When::Redelivered) && !gives_back(rule.outcome)
            });
            let rules = consumer.rules.iter().take(until.unwrap_or(usize::MAX));
            let is_steady = |when: &crate::simulation::When| {
                matches!(when, crate::simulation::When::PayloadContains(_) | crate::simulation::When::Header { .. })
            };
            let comes_back =
                |outcome| gives_back(outcome) || outcome == Outcome::Crash && consumer.restart_after_ms.is_some();
            let poison =
                rules.into_iter().find(|rule| is_steady(&rule.when) && comes_back(rule.outcome) && !ends(rule.outcome));
            if let Some(rule) = poison {
                tell(&Looping { spec, queue, outcome: rule.outcome, is_some: true });
            }
        }
    }
}
