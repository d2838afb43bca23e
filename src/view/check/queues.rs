//! Problems with queues and those who fill them: nobody reads, nobody writes, limits, and what a restart leaves.

use crate::broker::Name;
use crate::broker::arguments::parse_expiration;
use crate::broker::queue::Queue;
use crate::broker::settings::{Overflow, QueueType};
use crate::edit::Kind;
use crate::share::Tree;
use crate::simulation::{ClientSpec, Deed, Setup};

use super::Found;
use super::fix::{publishing, queue_end};
use super::flow::{Flow, Sender};
use super::topology::{Topology, client_end, is_stream};
use crate::view::Sentence;

type All = Vec<Found>;

/// Whether anything is published in a virtual host.
fn is_alive(topology: &Topology<'_>, vhost: &Name) -> bool {
    topology.flows.0.iter().any(|flow| flow.vhost == *vhost)
}

/// Whether dead letters or what an exchange has no queue for may come to a queue some day.
fn waits_for_rest(topology: &Topology<'_>, queue: &Queue) -> bool {
    let resource = queue.resource();
    let by_name = topology.queues().any(|other| {
        let settings = &other.settings;
        settings.dead_letter_exchange.as_ref().is_some_and(|name| name.is_empty())
            && settings.dead_letter_routing_key.as_ref().is_none_or(|key| *key == resource.name)
    });
    let is_rest = |exchange: &Name| {
        topology.queues().any(|other| other.settings.dead_letter_exchange.as_ref() == Some(exchange))
            || topology.broker.exchanges().any(|other| other.alternate.as_ref() == Some(exchange))
    };
    by_name
        || topology
            .broker
            .bindings()
            .any(|binding| binding.destination.name() == &resource.name && is_rest(&binding.source))
}

fn has_bindings(topology: &Topology<'_>, queue: &Queue) -> bool {
    let here = super::fix::queue_end(&queue.resource().vhost, &queue.resource().name);
    topology.broker.bindings().any(|binding| super::fix::destination(binding) == here && !binding.source.is_empty())
}

/// The queues that nothing comes to, where something is published at all.
fn unfed<'t>(topology: &'t Topology<'_>) -> impl Iterator<Item = &'t Queue> {
    topology.queues().filter(|queue| {
        let flows_here = || topology.flows.arriving(queue.id).next().is_some();
        queue.exclusive.is_none()
            && is_alive(topology, &queue.resource().vhost)
            && !flows_here()
            && !waits_for_rest(topology, queue)
    })
}

/// Somebody waits for messages that never come.
pub fn never_fed(topology: &Topology<'_>, found: &mut All) {
    for queue in unfed(topology) {
        let Some((spec, _)) = topology.consumers(queue.id).next() else { continue };
        let name = &queue.resource().name;
        let why = if has_bindings(topology, queue) {
            ": nothing that is published matches its bindings."
        } else {
            ": it has no binding, and nobody publishes to it by its name."
        };
        let sentence =
            Sentence::of(&spec.name).say(" waits at ").name(name).say(", to which no message comes").say(why);
        found.push(Found::at(topology.end_of(queue), sentence));
    }
}

/// Nobody has anything to do with it.
pub fn unused(topology: &Topology<'_>, found: &mut All) {
    for queue in unfed(topology).filter(|queue| !has_bindings(topology, queue) && !topology.is_emptied(queue)) {
        let name = &queue.resource().name;
        let sentence =
            Sentence::words("Nothing leads to ").name(name).say(" and nobody consumes from it: it does nothing.");
        let end = topology.end_of(queue);
        let fix = topology.delete(&end);
        found.push(Found::at(end, sentence).fix(fix));
    }
}

/// Whether messages leave a queue by themselves.
fn is_bounded(queue: &Queue) -> bool {
    let settings = &queue.settings;
    let limits = [settings.max_length, settings.max_length_bytes, settings.message_ttl_ms, settings.expires_ms];
    limits.iter().any(Option::is_some) || is_stream(queue)
}

/// How many messages come into a queue in a second, without end.
fn per_second(topology: &Topology<'_>, queue: &Queue) -> f64 {
    let unending = topology.flows.arriving(queue.id).filter(|flow| flow.properties.expiration.is_none());
    unending.map(|flow| flow.per_second).sum()
}

/// Filled without end, and nobody consumes.
pub fn no_consumer(topology: &Topology<'_>, found: &mut All) {
    for queue in topology.queues() {
        if is_bounded(queue) || topology.is_emptied(queue) || per_second(topology, queue) == 0.0 {
            continue;
        }
        let resource = queue.resource();
        let sentence = Sentence::words("Nobody consumes from ")
            .name(&resource.name)
            .say(", and it has neither a length limit nor a message TTL: messages pile up without end.");
        let fix = topology.add_consumer(Kind::Consumer, &queue_end(&resource.vhost, &resource.name));
        found.push(Found::at(topology.end_of(queue), sentence).fix(Some(fix)));
    }
}

/// Filled faster than it is emptied.
pub fn too_slow(topology: &Topology<'_>, found: &mut All) {
    /// What comes by chance may be a little more than the average for a while.
    const MARGIN: f64 = 1.05;
    for queue in topology.queues().filter(|queue| !is_bounded(queue)) {
        let (coming, going) = (per_second(topology, queue), topology.capacity(queue));
        let Some(going) = going.filter(|going| *going > 0.0 && coming > going * MARGIN) else { continue };
        let sentence = Sentence::of(&queue.resource().name).say(format!(
            " gets {coming:.1} messages a second and its consumers can deal with {going:.1}: messages pile up without end."
        ));
        found.push(Found::at(topology.end_of(queue), sentence));
    }
}

/// The oldest go silently.
pub fn drop_head(topology: &Topology<'_>, found: &mut All) {
    for queue in topology.queues() {
        let settings = &queue.settings;
        let has_limit = settings.max_length.is_some() || settings.max_length_bytes.is_some();
        if !has_limit || !has_default_overflow(queue) || is_stream(queue) || settings.dead_letter_exchange.is_some() {
            continue;
        }
        let name = &queue.resource().name;
        let sentence = Sentence::words("When ").name(name).say(
            " is full, the oldest message is dropped for each new one, and nobody is told: that is the default overflow behaviour.",
        );
        let confirmed = topology.flows.arriving(queue.id).all(|flow| flow.confirms);
        let overflow = if confirmed { "reject-publish" } else { "drop-head" };
        let end = topology.end_of(queue);
        let fix = topology.set(&end, [("x-overflow", Tree::from(overflow))]);
        found.push(Found::at(end, sentence).field("x-overflow").fix(fix));
    }
}

/// Full, and what does not fit is kept nowhere.
pub fn limit_loses(topology: &Topology<'_>, found: &mut All) {
    for queue in topology.queues() {
        let (settings, name) = (&queue.settings, &queue.resource().name);
        let has_limit = settings.max_length.is_some() || settings.max_length_bytes.is_some();
        if !has_limit || is_stream(queue) || settings.dead_letter_exchange.is_some() {
            continue;
        }
        let sentence = match settings.overflow {
            // That it is the default is another rule's.
            Overflow::DropHead if has_default_overflow(queue) => continue,
            Overflow::DropHead => {
                let confirmed = publishers(topology, queue).into_iter().find(|(_, flow)| flow.confirms);
                let Some((spec, _)) = confirmed else { continue };
                Sentence::of(name)
                    .say(" confirms messages to ")
                    .name(&spec.name)
                    .say(", and when it is full it drops the oldest of them (drop-head). It has no dead letter exchange, so they are lost.")
            }
            Overflow::RejectPublishDlx => Sentence::of(name).say(
                " is to dead-letter what it refuses when it is full (reject-publish-dlx). It has no dead letter exchange, so that is lost.",
            ),
            Overflow::RejectPublish => continue,
        };
        let end = topology.end_of(queue);
        let fix = topology.add_dead_letters(&end);
        found.push(Found::at(end, sentence).field("x-dead-letter-exchange").fix(fix));
    }
}

/// Whether nobody has said what a queue does when it is full.
fn has_default_overflow(queue: &Queue) -> bool {
    let is_said = queue.arguments.contains_key("x-overflow")
        || queue.policy.is_some() && !queue.arguments.contains_key("x-max-length");
    !is_said
}

fn client<'a>(topology: &Topology<'a>, flow: &Flow) -> Option<&'a ClientSpec> {
    let Sender::Client(name) = &flow.sender else { return None };
    topology.members.iter().map(|member| member.spec).find(|spec| spec.name == *name)
}

/// Each pair of a queue and a client that publishes to it, once, with one kind of what it publishes.
fn publishers<'t, 'a>(topology: &'t Topology<'a>, queue: &'t Queue) -> Vec<(&'a ClientSpec, &'t Flow)> {
    let mut all: Vec<(&ClientSpec, &Flow)> = Vec::new();
    for flow in topology.flows.arriving(queue.id) {
        let Some(spec) = client(topology, flow) else { continue };
        if all.iter().all(|(other, _)| other.name != spec.name) {
            all.push((spec, flow));
        }
    }
    all
}

/// Refused, and nobody is told.
pub fn reject_without_confirms(topology: &Topology<'_>, found: &mut All) {
    for queue in topology.queues().filter(|queue| queue.settings.overflow != Overflow::DropHead) {
        let has_limit = queue.settings.max_length.is_some() || queue.settings.max_length_bytes.is_some();
        for (spec, _) in publishers(topology, queue).into_iter().filter(|(_, flow)| has_limit && !flow.confirms) {
            let sentence = Sentence::of(&queue.resource().name)
                .say(" refuses messages when it is full, but ")
                .name(&spec.name)
                .say(" does not use publisher confirms: it does not learn of it, and the message is lost.");
            let fix = topology.set_publisher(spec, "confirms", Tree::Flag(true));
            found.push(Found::at(client_end(spec), sentence).field(publishing(spec, "confirms")).fix(fix));
        }
    }
}

/// Not durable, and not of one connection either.
pub fn transient(topology: &Topology<'_>, found: &mut All) {
    for queue in topology.queues().filter(|queue| !queue.durable && queue.exclusive.is_none()) {
        let name = &queue.resource().name;
        let persistent = topology.flows.arriving(queue.id).any(|flow| flow.properties.is_persistent());
        let sentence =
            Sentence::of(name).say(" is transient and not exclusive: it is gone after a restart").say(if persistent {
                ", persistent messages with it. Such queues are deprecated, and a broker may refuse them."
            } else {
                ", with all that is in it. Such queues are deprecated, and a broker may refuse them."
            });
        let end = topology.end_of(queue);
        let fix = topology.set(&end, [("durable", Tree::Null)]);
        found.push(Found::at(end, sentence).field("durable").fix(fix));
    }
}

/// Transient messages and a broker that restarts.
pub fn lost_at_restart(topology: &Topology<'_>, found: &mut All) {
    let stops = |timed: &crate::simulation::Timed| matches!(timed.action, Deed::StopBroker | Deed::CrashBroker);
    if !topology.file.scenario.script.iter().any(stops) {
        return;
    }
    for queue in topology.queues().filter(|queue| queue.durable && queue.kind() == QueueType::Classic) {
        for (spec, flow) in publishers(topology, queue) {
            if flow.properties.is_persistent() {
                continue;
            }
            let sentence = Sentence::words("The broker restarts, and what ")
                .name(&spec.name)
                .say(" publishes to ")
                .name(&queue.resource().name);
            let sentence =
                sentence.say(" is not persistent: what is in the queue then is lost, although the queue is durable.");
            let plain = spec.role.producer().is_some_and(|producer| producer.messages.is_empty());
            let fix = topology.set_publisher(spec, "properties.delivery_mode", Tree::Count(2)).filter(|_| plain);
            found.push(
                Found::at(client_end(spec), sentence).field(publishing(spec, "properties.delivery_mode")).fix(fix),
            );
        }
    }
}

/// Deleted while it is filled.
pub fn expires_in_use(topology: &Topology<'_>, found: &mut All) {
    for queue in topology.queues() {
        let Some(ms) = queue.settings.expires_ms else { continue };
        if topology.is_emptied(queue) || topology.flows.arriving(queue.id).next().is_none() {
            continue;
        }
        let sentence = Sentence::of(&queue.resource().name).say(format!(
            " is deleted with all its messages {ms} ms after nobody consumed from it: publishing does not count as use."
        ));
        let end = topology.end_of(queue);
        let has_own = queue.arguments.contains_key("x-expires");
        let ttl = [("x-expires", Tree::Null), ("x-message-ttl", Tree::Count(ms))];
        let fix = topology.set(&end, ttl).filter(|_| has_own);
        found.push(Found::at(end, sentence).field("x-expires").fix(fix));
    }
}

/// Priorities that nobody looks at.
pub fn priority_ignored(topology: &Topology<'_>, found: &mut All) {
    for queue in
        topology.queues().filter(|queue| queue.kind() == QueueType::Classic && queue.settings.max_priority.is_none())
    {
        let with = topology
            .flows
            .arriving(queue.id)
            .find(|flow| flow.properties.priority.is_some_and(|priority| priority > 0));
        let Some(spec) = with.and_then(|flow| client(topology, flow)) else { continue };
        let name = &queue.resource().name;
        let sentence = Sentence::of(&spec.name)
            .say(" publishes with priorities, but ")
            .name(name)
            .say(" has none: without x-max-priority a classic queue keeps the order of arrival.");
        let end = topology.end_of(queue);
        let fix = topology.set(&end, [("x-max-priority", Tree::Count(10))]);
        found.push(Found::at(end, sentence).field("x-max-priority").fix(fix));
    }
}

/// Priorities that are one.
pub fn priority_too_high(topology: &Topology<'_>, found: &mut All) {
    for queue in topology.queues() {
        let Some(most) = queue.settings.max_priority else { continue };
        let above =
            topology.flows.arriving(queue.id).find(|flow| flow.properties.priority.is_some_and(|given| given > most));
        let Some((flow, spec)) = above.and_then(|flow| Some((flow, client(topology, flow)?))) else { continue };
        let given = flow.properties.priority.unwrap_or_default();
        let sentence = Sentence::of(&spec.name)
            .say(format!(" publishes with priority {given}, but the highest of "))
            .name(&queue.resource().name);
        let sentence = sentence.say(format!(" is {most}: all above it count as {most}."));
        let end = topology.end_of(queue);
        let fix = topology.set(&end, [("x-max-priority", Tree::Count(u64::from(given)))]);
        found.push(Found::at(end, sentence).field("x-max-priority").fix(fix));
    }
}

/// A lifetime that is no number.
pub fn expiration_invalid(topology: &Topology<'_>, found: &mut All) {
    let mut told: Vec<&Name> = Vec::new();
    for flow in &topology.flows.0 {
        let (Some(spec), Some(text)) = (client(topology, flow), &flow.properties.expiration) else { continue };
        let Some(error) = parse_expiration(text).err().filter(|_| !text.contains('{') && !told.contains(&&spec.name))
        else {
            continue;
        };
        told.push(&spec.name);
        let sentence = Sentence::of(&spec.name)
            .say(" publishes with expiration ")
            .name(text)
            .say(", which is no number of milliseconds. RabbitMQ closes its channel: ");
        let sentence = sentence.name(&error.text.as_str().into()).say(".");
        found.push(Found::at(client_end(spec), sentence).field(publishing(spec, "properties.expiration")));
    }
}

/// A queue of one connection, shared by many.
pub fn exclusive_of_many(topology: &Topology<'_>, found: &mut All) {
    for member in topology.members.iter().filter(|member| member.spec.connections > 1) {
        let named = member.spec.setup.iter().find_map(|step| match step {
            Setup::QueueDeclare(declare) if declare.exclusive && !declare.queue.is_empty() => Some(&declare.queue),
            _ => None,
        });
        let Some(queue) = named else { continue };
        let sentence = Sentence::of(&member.spec.name).say(" declares ").name(queue).say(
            " as exclusive on each of its connections. It belongs to the first; RabbitMQ refuses it to the others.",
        );
        let fix = topology.set(&client_end(member.spec), [("connections", Tree::Count(1))]);
        found.push(Found::at(client_end(member.spec), sentence).field("connections").fix(fix));
    }
}
