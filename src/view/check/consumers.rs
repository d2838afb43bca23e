//! Problems with those who consume: acknowledgements, prefetch, and consumers that do not fit their queue.

use crate::broker::queue::Queue;
use crate::broker::settings::QueueType;
use crate::edit::{Command, Kind};
use crate::share::Tree;
use crate::simulation::{AckMode, ClientSpec, ConsumerSpec, Outcome, Role, Span};

use super::Found;
use super::access::is_denied;
use super::fix::{consuming, queue_end};
use super::topology::{Topology, client_end, is_manual, is_pushed, is_stream, outcomes};
use crate::view::Sentence;

type All = Vec<Found>;

/// From this length of work on, it matters who has which message, milliseconds.
const SLOW_MS: f64 = 100.0;

fn at(spec: &ClientSpec, sentence: Sentence, field: &str) -> Found {
    Found::at(client_end(spec), sentence).field(consuming(spec, field))
}

/// How long it works on a message on average, milliseconds, if that does not depend on the message.
fn mean_ms(consumer: &ConsumerSpec) -> Option<f64> {
    match &consumer.processing {
        Span::Fixed(ms) | Span::Exponential(ms) => Some(*ms as f64),
        Span::Uniform(from, to) => Some((*from as f64 + *to as f64) / 2.0),
        Span::Header { .. } | Span::PerByte(_) | Span::PerDot(_) => None,
    }
}

/// Whether it works long enough for that to matter.
fn is_slow(consumer: &ConsumerSpec) -> bool {
    mean_ms(consumer).is_none_or(|ms| ms >= SLOW_MS)
}

/// All pairs of a queue and who consumes from it.
fn pairs<'t, 'a>(topology: &'t Topology<'a>) -> impl Iterator<Item = (&'t Queue, &'a ClientSpec, &'a ConsumerSpec)> {
    let of = |queue: &'t Queue| topology.consumers(queue.id).map(move |(spec, consumer)| (queue, spec, consumer));
    topology.queues().flat_map(of)
}

/// What the broker refused: a declaration, or to consume.
pub fn refused(topology: &Topology<'_>, found: &mut All) {
    for refused in &topology.refused {
        let (spec, text) = (refused.spec, refused.error.text.trim_end_matches('.'));
        // Another rule says that better.
        let is_of_many = spec.connections > 1 && text.contains("RESOURCE_LOCKED");
        if is_of_many || is_denied(text) || is_known(refused.queue.is_some(), text) {
            continue;
        }
        let what = if refused.queue.is_some() {
            " cannot consume: RabbitMQ answers "
        } else {
            " cannot declare what it wants: RabbitMQ answers "
        };
        let sentence = Sentence::of(&spec.name).say(what).name(&text.into()).say(".");
        let field = if refused.queue.is_some() { consuming(spec, "queues") } else { "setup".to_owned() };
        found.push(Found::at(client_end(spec), sentence).field(field));
    }
}

fn is_known(consumes: bool, text: &str) -> bool {
    consumes && [NO_QUEUE, NO_PREFETCH, NO_AUTO_ACK, IN_USE].iter().any(|known| text.contains(known))
        || !consumes && text.contains(INEQUIVALENT)
}

const NO_QUEUE: &str = "NOT_FOUND - no queue";
const NO_PREFETCH: &str = "consumer prefetch count is not set";
const NO_AUTO_ACK: &str = "automatic acknowledgement not supported";
const IN_USE: &str = "in exclusive use";
const INEQUIVALENT: &str = "inequivalent arg";

fn refusals<'t, 'a>(
    topology: &'t Topology<'a>,
    text: &'static str,
) -> impl Iterator<Item = &'t super::topology::Refused<'a>> {
    topology.refused.iter().filter(move |refused| refused.error.text.contains(text))
}

/// The queue is not there.
pub fn queue_missing(topology: &Topology<'_>, found: &mut All) {
    for refused in refusals(topology, NO_QUEUE) {
        let (spec, Some(queue)) = (refused.spec, &refused.queue) else { continue };
        let sentence = Sentence::of(&spec.name)
            .say(" wants to consume from ")
            .name(queue)
            .say(", which is not there. RabbitMQ closes its channel.");
        let fix = (!queue.is_empty()).then(|| topology.add(Kind::Queue, &spec.vhost, queue, &[]));
        found.push(at(spec, sentence, "queues").fix(fix));
    }
}

/// A stream wants a limit.
pub fn stream_prefetch(topology: &Topology<'_>, found: &mut All) {
    for refused in refusals(topology, NO_PREFETCH) {
        let (spec, Some(queue)) = (refused.spec, &refused.queue) else { continue };
        let sentence = Sentence::of(queue)
            .say(" is a stream, and ")
            .name(&spec.name)
            .say(" has no prefetch limit. RabbitMQ refuses such a consumer.");
        found.push(at(spec, sentence, "prefetch").fix(topology.set_consumer(spec, "prefetch", Tree::Count(10))));
    }
}

/// A stream is read from where one says.
pub fn stream_from_next(topology: &Topology<'_>, found: &mut All) {
    for (queue, spec, consumer) in pairs(topology).filter(|(queue, ..)| is_stream(queue)) {
        if consumer.arguments.contains_key("x-stream-offset") || !is_pushed(consumer) {
            continue;
        }
        let sentence = Sentence::of(&spec.name)
            .say(" does not say where in the stream ")
            .name(&queue.resource().name)
            .say(" it begins (x-stream-offset), so it begins with ")
            .name(&"next".into())
            .say(": it gets what is published from then on, and nothing that is there already.");
        let fix = topology.set_consumer(spec, "arguments.x-stream-offset", Tree::from("first"));
        found.push(at(spec, sentence, "arguments.x-stream-offset").fix(fix));
    }
}

/// A stream wants acknowledgements.
pub fn stream_auto_ack(topology: &Topology<'_>, found: &mut All) {
    for refused in refusals(topology, NO_AUTO_ACK) {
        let (spec, Some(queue)) = (refused.spec, &refused.queue) else { continue };
        let sentence = Sentence::of(queue)
            .say(" is a stream, and ")
            .name(&spec.name)
            .say(" consumes with automatic acknowledgement. RabbitMQ refuses that and closes the connection.");
        found.push(at(spec, sentence, "ack").fix(topology.set_consumer(spec, "ack", Tree::from("manual"))));
    }
}

/// Two want a queue for themselves, or one where others are.
pub fn exclusive_consumer(topology: &Topology<'_>, found: &mut All) {
    for refused in refusals(topology, IN_USE) {
        let (spec, Some(queue)) = (refused.spec, &refused.queue) else { continue };
        let sentence = Sentence::of(&spec.name).say(" cannot consume from ").name(queue).say(
            ": an exclusive consumer has a queue for itself alone. For a stand-by, make it a single active consumer queue.",
        );
        let others = topology.consumers_named(&spec.vhost, queue).find(|(_, consumer)| consumer.exclusive);
        let holder = others.map_or(spec, |(holder, _)| holder);
        found.push(at(spec, sentence, "exclusive").fix(topology.set_consumer(holder, "exclusive", Tree::Null)));
    }
}

/// Declared again as something else.
pub fn declared_otherwise(topology: &Topology<'_>, found: &mut All) {
    for refused in refusals(topology, INEQUIVALENT).filter(|refused| refused.queue.is_none()) {
        let spec = refused.spec;
        let sentence = Sentence::of(&spec.name)
            .say(" declares something that is there with other properties. RabbitMQ closes its channel: ")
            .name(&refused.error.text.as_str().into())
            .say(".");
        found.push(Found::at(client_end(spec), sentence).field("setup"));
    }
}

/// Never answers.
pub fn never_acks(topology: &Topology<'_>, found: &mut All) {
    for (member, consumer) in topology.all_consumers() {
        let silent = outcomes(consumer).all(|outcome| outcome == Outcome::NeverAnswer);
        if !silent || !is_manual(consumer) || member.queues.is_empty() {
            continue;
        }
        let sentence =
            Sentence::of(&member.spec.name).say(" never acknowledges what it gets. ").say(match consumer.prefetch {
                0 => "All messages end up unacked with it, and come back when it stops.".to_owned(),
                1 => "After one message its prefetch is full, and it gets no more.".to_owned(),
                count => format!("After {count} messages its prefetch is full, and it gets no more."),
            });
        let fix = topology.set_consumer(member.spec, "outcome", Tree::from("ack"));
        found.push(at(member.spec, sentence, "outcome").fix(fix));
    }
}

/// Has all there is, and is slow.
pub fn unlimited_and_slow(topology: &Topology<'_>, found: &mut All) {
    for (member, consumer) in topology.all_consumers() {
        let takes_all = consumer.prefetch == 0 && is_manual(consumer) && is_pushed(consumer) && is_slow(consumer);
        let queues = || member.queues.iter().filter_map(|id| topology.queue(*id));
        let has_priorities = queues().any(|queue| priorities(topology, queue));
        let is_fed = queues().any(|queue| topology.flows.arriving(queue.id).next().is_some());
        if !takes_all || !is_fed || has_priorities || queues().any(is_stream) {
            continue;
        }
        let sentence = Sentence::of(&member.spec.name).say(
            " is slow and has no prefetch limit: it is handed every ready message at once, and other consumers get none of those.",
        );
        let fix = topology.set_consumer(member.spec, "prefetch", Tree::Count(1));
        found.push(at(member.spec, sentence, "prefetch").fix(fix));
    }
}

/// Whether priorities matter in a queue: messages of more than one, and levels to tell them apart.
fn priorities(topology: &Topology<'_>, queue: &Queue) -> bool {
    let has_levels = queue.settings.max_priority.is_some() || queue.kind() == QueueType::Quorum;
    let mut given: Vec<Option<u8>> = topology.flows.arriving(queue.id).map(|flow| flow.properties.priority).collect();
    given.sort_unstable();
    given.dedup();
    has_levels && (given.len() > 1 || queue.settings.max_priority.is_some())
}

/// Priorities that are hidden by what is on its way already.
pub fn priority_prefetch(topology: &Topology<'_>, found: &mut All) {
    for (queue, spec, consumer) in pairs(topology) {
        if !priorities(topology, queue) || consumer.prefetch > 0 && is_manual(consumer) || !is_pushed(consumer) {
            continue;
        }
        let sentence = Sentence::of(&spec.name).say(if is_manual(consumer) {
            " has no prefetch limit, so messages leave "
        } else {
            " acknowledges automatically, so messages leave "
        });
        let sentence = sentence
            .name(&queue.resource().name)
            .say(" as they come: one of high priority overtakes only what is still ready, and nothing is.");
        let limited = [(consuming(spec, "ack"), Tree::from("manual")), (consuming(spec, "prefetch"), Tree::Count(1))];
        let [ack, prefetch] = &limited;
        let fix = topology.set(&client_end(spec), [(&*ack.0, ack.1.clone()), (&*prefetch.0, prefetch.1.clone())]);
        found.push(at(spec, sentence, "prefetch").fix(fix));
    }
}

/// A limit on what is acknowledged as it is sent.
pub fn auto_ack_prefetch(topology: &Topology<'_>, found: &mut All) {
    for (member, consumer) in topology.all_consumers() {
        let has_priorities =
            member.queues.iter().filter_map(|id| topology.queue(*id)).any(|queue| priorities(topology, queue));
        if member.queues.is_empty()
            || consumer.ack != AckMode::Auto
            || consumer.prefetch == 0
            || has_priorities
            || !is_pushed(consumer)
        {
            continue;
        }
        let sentence = Sentence::words("The prefetch limit of ")
            .name(&member.spec.name)
            .say(" limits nothing: with automatic acknowledgement no message is ever unacked.");
        let fix = topology.set_consumer(member.spec, "ack", Tree::from("manual"));
        found.push(at(member.spec, sentence, "prefetch").fix(fix));
    }
}

/// Answers that are never given.
pub fn auto_ack_answers(topology: &Topology<'_>, found: &mut All) {
    for (member, consumer) in topology.all_consumers() {
        let answers = |outcome| {
            matches!(
                outcome,
                Outcome::NackRequeue | Outcome::NackDiscard | Outcome::RejectRequeue | Outcome::RejectDiscard
            )
        };
        if consumer.ack != AckMode::Auto || !outcomes(consumer).any(answers) {
            continue;
        }
        let sentence = Sentence::of(&member.spec.name).say(
            " would reject messages, but they are acknowledged automatically, as they are sent: it can give none back.",
        );
        let limit = Tree::Count(u64::from(consumer.prefetch.max(1)));
        let fields =
            [(consuming(member.spec, "ack"), Tree::from("manual")), (consuming(member.spec, "prefetch"), limit)];
        let [ack, prefetch] = &fields;
        let fix =
            topology.set(&client_end(member.spec), [(&*ack.0, ack.1.clone()), (&*prefetch.0, prefetch.1.clone())]);
        found.push(at(member.spec, sentence, "ack").fix(fix));
    }
}

/// Consumes from nothing.
pub fn consumes_nothing(topology: &Topology<'_>, found: &mut All) {
    for (member, _) in topology.all_consumers().filter(|(_, consumer)| consumer.queues.is_empty()) {
        let sentence = Sentence::of(&member.spec.name).say(" consumes from no queue.");
        let mut alone = topology.queues().filter(|queue| {
            let is_here = queue.resource().vhost == member.spec.vhost;
            is_here && !topology.is_emptied(queue) && topology.flows.arriving(queue.id).next().is_some()
        });
        let only = alone.next().filter(|_| alone.next().is_none());
        let queues = |queue: &Queue| Tree::List(vec![Tree::from(&*queue.resource().name)]);
        let fix = only.and_then(|queue| topology.set_consumer(member.spec, "queues", queues(queue)));
        found.push(at(member.spec, sentence, "queues").fix(fix));
    }
}

/// A single active consumer without another.
pub fn no_stand_by(topology: &Topology<'_>, found: &mut All) {
    for queue in topology.queues().filter(|queue| queue.settings.single_active_consumer) {
        let all: Vec<_> = topology.consumers(queue.id).collect();
        let [(spec, _)] = all[..] else { continue };
        if spec.connections > 1 {
            continue;
        }
        let sentence = Sentence::of(&queue.resource().name)
            .say(" has a single active consumer and only ")
            .name(&spec.name)
            .say(" consumes from it: nobody stands by to take over.");
        let target = topology.target(&client_end(spec));
        let duplicate = Command::Duplicate { targets: vec![target], name: crate::broker::Name::default() };
        let fix = topology.defines_client(&spec.name).then_some(duplicate);
        found.push(Found::at(topology.end_of(queue), sentence).field("x-single-active-consumer").fix(fix));
    }
}

/// A flag that a queue type does not know.
pub fn exclusive_ignored(topology: &Topology<'_>, found: &mut All) {
    for (queue, spec, consumer) in pairs(topology) {
        if !consumer.exclusive || queue.kind() == QueueType::Classic {
            continue;
        }
        let kind = queue.kind().as_str();
        let sentence = Sentence::of(&spec.name)
            .say(" consumes exclusively, which ")
            .name(&queue.resource().name)
            .say(format!(", a {kind} queue, ignores: others may consume beside it."));
        found.push(at(spec, sentence, "exclusive").fix(topology.set_consumer(spec, "exclusive", Tree::Null)));
    }
}

/// Works longer than it may.
pub fn times_out(topology: &Topology<'_>, found: &mut All) {
    for (queue, spec, consumer) in pairs(topology) {
        let own = consumer.arguments.get("x-consumer-timeout").and_then(|value| value.as_int());
        let limit = own.and_then(|ms| u64::try_from(ms).ok()).unwrap_or(queue.settings.consumer_timeout_ms);
        let Span::Fixed(work) = consumer.processing else { continue };
        if queue.kind() != QueueType::Quorum || !is_manual(consumer) || work <= limit {
            continue;
        }
        let sentence = Sentence::of(&spec.name)
            .say(format!(" works {work} ms on a message, and after {limit} ms "))
            .name(&queue.resource().name);
        let sentence = sentence.say(" takes it back and cancels the consumer (consumer timeout).");
        let fix = topology.set(&topology.end_of(queue), [("x-consumer-timeout", Tree::Count(work * 2))]);
        found.push(at(spec, sentence, "processing").fix(fix.filter(|_| own.is_none())));
    }
}

/// Knows messages again by an id that they have not.
pub fn nothing_to_know_by(topology: &Topology<'_>, found: &mut All) {
    for (member, consumer) in topology.all_consumers().filter(|(_, consumer)| consumer.idempotent) {
        let flows: Vec<_> = member.queues.iter().flat_map(|queue| topology.flows.arriving(*queue)).collect();
        if flows.is_empty() || flows.iter().any(|flow| flow.properties.message_id.is_some()) {
            continue;
        }
        let _ = consumer;
        let sentence = Sentence::of(&member.spec.name).say(
            " is to recognise messages that it has dealt with by their message_id, but nothing that it gets has one.",
        );
        found.push(at(member.spec, sentence, "idempotent"));
    }
}

/// Feeds itself.
pub fn feeds_itself(topology: &Topology<'_>, found: &mut All) {
    for member in &topology.members {
        let Role::Worker(worker) = &member.spec.role else { continue };
        let own =
            topology.flows.0.iter().filter(|flow| flow.sender == super::flow::Sender::Client(member.spec.name.clone()));
        let back = own.flat_map(|flow| &flow.reached).find(|queue| member.queues.contains(queue));
        let Some(queue) = back.and_then(|id| topology.queue(*id)) else { continue };
        let sentence = Sentence::words("What ").name(&member.spec.name).say(" publishes to ");
        let sentence = match worker.publish.exchange.is_empty() {
            true => sentence.say("the default exchange"),
            false => sentence.name(&worker.publish.exchange),
        };
        let sentence = sentence.say(" comes back to it in ");
        let sentence = sentence.name(&queue.resource().name).say(": each message makes another, without end.");
        found.push(Found::at(client_end(member.spec), sentence).field("publish.routing_key"));
    }
}

/// Asks where nobody answers.
pub fn no_server(topology: &Topology<'_>, found: &mut All) {
    for member in topology.members.iter().filter(|member| matches!(member.spec.role, Role::RpcClient(_))) {
        let asked =
            topology.flows.0.iter().find(|flow| flow.sender == super::flow::Sender::Client(member.spec.name.clone()));
        let Some(queue) = asked.and_then(|flow| flow.reached.first()).and_then(|id| topology.queue(*id)) else {
            continue;
        };
        let answers = |spec: &ClientSpec| matches!(spec.role, Role::RpcServer(_) | Role::Worker(_));
        if topology.consumers(queue.id).any(|(spec, _)| answers(spec)) {
            continue;
        }
        let resource = queue.resource();
        let sentence = Sentence::words("Requests of ")
            .name(&member.spec.name)
            .say(" wait in ")
            .name(&resource.name)
            .say(", and no RPC server consumes from it: each of them times out.");
        let fix = topology.add_consumer(Kind::RpcServer, &queue_end(&resource.vhost, &resource.name));
        found.push(Found::at(client_end(member.spec), sentence).field("request").fix(Some(fix)));
    }
}

/// Waits less than the answer takes.
pub fn answer_too_late(topology: &Topology<'_>, found: &mut All) {
    for member in &topology.members {
        let Role::RpcClient(client) = &member.spec.role else { continue };
        let asked =
            topology.flows.0.iter().filter(|flow| flow.sender == super::flow::Sender::Client(member.spec.name.clone()));
        let servers = asked.flat_map(|flow| &flow.reached).flat_map(|queue| topology.consumers(*queue));
        let work = servers.filter_map(|(_, consumer)| mean_ms(consumer)).fold(0.0, f64::max);
        if work < client.timeout_ms as f64 {
            continue;
        }
        let sentence = Sentence::of(&member.spec.name).say(format!(
            " waits {} ms for an answer, and the server works {work:.0} ms on it: answers come when nobody waits any more.",
            client.timeout_ms
        ));
        let fix = topology.set(&client_end(member.spec), [("timeout_ms", Tree::Count(work as u64 * 3))]);
        found.push(Found::at(client_end(member.spec), sentence).field("timeout_ms").fix(fix));
    }
}

/// Consumers that are called so in the scenario, whether the broker took them or not.
impl<'a> Topology<'a> {
    fn consumers_named(
        &self,
        vhost: &crate::broker::Name,
        queue: &crate::broker::Name,
    ) -> impl Iterator<Item = (&'a ClientSpec, &'a ConsumerSpec)> {
        let all = self.members.iter().filter(move |member| member.spec.vhost == *vhost);
        let with = all.filter_map(|member| Some((member.spec, member.spec.role.consumer()?)));
        with.filter(move |(_, consumer)| consumer.queues.contains(queue))
    }

    /// How many messages a second a queue's consumers can deal with; none if it depends on the messages.
    pub fn capacity(&self, queue: &Queue) -> Option<f64> {
        let each = |(spec, consumer): (&ClientSpec, &ConsumerSpec)| {
            let pulled = consumer.pull_every_ms.map(|ms| ms as f64);
            let ms = mean_ms(consumer)?.max(pulled.unwrap_or_default()).max(1.0);
            let shared = consumer.queues.len().max(1) as f64;
            let simple = consumer.rules.is_empty() && consumer.processing_rules.is_empty();
            simple.then_some(f64::from(spec.connections) * 1_000.0 / ms / shared)
        };
        self.consumers(queue.id).map(each).sum()
    }
}
