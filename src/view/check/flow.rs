//! What is published, and where it goes: every kind of message that a scenario's clients publish, through exchanges, queues,
//! workers and dead letter exchanges, as far as it can be known without playing.
//!
//! What always holds: each kind of message is followed once, and of all kinds together no more than [`FLOWS_MAX`]. What
//! depends on chance or on a message's content is followed with one example and is not `exact`: nothing is said of what
//! such a message does not reach.

use std::rc::Rc;

use crate::broker::message::MoreKeys;
use crate::broker::properties::Properties;
use crate::broker::queue::Queue;
use crate::broker::router::{Targets, route};
use crate::broker::settings::{Overflow, QueueType};
use crate::broker::table::Value;
use crate::broker::{Name, QueueId};
use crate::simulation::{ClientSpec, Control, Deed, GetMode, Operation, Outcome, Reaction, Role, Schedule};

use super::topology::{Topology, is_manual, message, outcomes};

/// So many kinds of messages are followed.
const FLOWS_MAX: usize = 2_000;
/// So many texts come out of one template.
const TEXTS_MAX: usize = 64;

/// Who sends messages of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sender {
    /// A client, by its name.
    Client(Name),
    /// An operator.
    Operator,
    /// They died in a queue.
    Dead(QueueId),
}

/// A kind of message.
#[derive(Clone, Debug)]
pub struct Flow {
    /// Who sends it.
    pub sender: Sender,
    /// The virtual host.
    pub vhost: Name,
    /// The exchange that it is published to.
    pub exchange: Name,
    /// The routing key.
    pub key: Name,
    /// The properties.
    pub properties: Rc<Properties>,
    /// Whether it is known exactly.
    pub exact: bool,
    /// Whether it comes back if it reaches no queue.
    pub mandatory: bool,
    /// Whether its publisher is told what became of it.
    pub confirms: bool,
    /// How many of them come in a second, on average and without end; 0 if they end, or nobody knows.
    pub per_second: f64,
    /// Whether the exchange is there.
    pub is_there: bool,
    /// The queues that it reaches.
    pub reached: Vec<QueueId>,
    /// The exchanges that were asked.
    pub asked: Vec<Name>,
}

/// All kinds of messages.
#[derive(Clone, Debug, Default)]
pub struct Flows(pub Vec<Flow>);

impl Flows {
    /// Those that arrive in a queue.
    pub fn arriving(&self, queue: QueueId) -> impl Iterator<Item = &Flow> {
        self.0.iter().filter(move |flow| flow.reached.contains(&queue))
    }

    /// Those that an exchange is asked about.
    pub fn through<'f>(&'f self, vhost: &'f Name, exchange: &'f Name) -> impl Iterator<Item = &'f Flow> {
        self.0.iter().filter(move |flow| flow.vhost == *vhost && flow.asked.contains(exchange))
    }
}

/// Why messages die in a queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deaths {
    /// They expire.
    pub expired: bool,
    /// The oldest of too many.
    pub too_many: bool,
    /// Delivered too often.
    pub limit: bool,
    /// Somebody rejects them.
    pub rejected: bool,
}

impl Deaths {
    /// Whether they die by themselves.
    pub fn by_itself(self) -> bool {
        self.expired || self.too_many || self.limit
    }

    /// Whether they die at all.
    pub fn any(self) -> bool {
        self.by_itself() || self.rejected
    }
}

/// Why messages die in a queue, as far as it is known.
pub fn deaths(topology: &Topology<'_>, queue: &Queue) -> Deaths {
    let settings = &queue.settings;
    let (mut rejected, mut failed) = (false, false);
    for (spec, consumer) in topology.consumers(queue.id).filter(|(_, consumer)| is_manual(consumer)) {
        rejected |= outcomes(consumer).any(|outcome| matches!(outcome, Outcome::NackDiscard | Outcome::RejectDiscard));
        // A worker rejects what it cannot hand on.
        let gives_up = |reaction| matches!(reaction, Reaction::Retry { .. });
        rejected |= matches!(&spec.role, Role::Worker(worker)
            if gives_up(worker.publish.on_nack) || gives_up(worker.publish.on_return));
        failed |= outcomes(consumer).any(|outcome| matches!(outcome, Outcome::RejectRequeue | Outcome::Crash));
    }
    let resource = queue.resource();
    rejected |= topology.file.scenario.script.iter().any(|timed| match &timed.action {
        Deed::GetMessages { vhost, queue, ackmode, .. } => {
            *ackmode == GetMode::RejectRequeueFalse && (vhost, queue) == (&resource.vhost, &resource.name)
        }
        Deed::Settle { vhost, .. } => *vhost == resource.vhost,
        _ => false,
    });
    let has_limit = settings.max_length.is_some() || settings.max_length_bytes.is_some();
    let expires = topology.flows.arriving(queue.id).any(|flow| flow.properties.expiration.is_some());
    Deaths {
        expired: settings.message_ttl_ms.is_some() || expires,
        too_many: has_limit && queue.kind() != QueueType::Stream && settings.overflow != Overflow::RejectPublish,
        limit: queue.kind() == QueueType::Quorum && settings.delivery_limit.is_some() && failed,
        rejected,
    }
}

/// All that is published, and where it goes.
pub fn flows(topology: &Topology<'_>) -> Flows {
    let mut found = Finder { topology, flows: Flows::default() };
    topology.members.iter().for_each(|member| found.publishes(member.spec));
    topology.file.scenario.script.iter().for_each(|timed| found.by_hand(&timed.action));
    let mut next = 0;
    while let Some(flow) = found.flows.0.get(next).cloned() {
        next += 1;
        for queue in &flow.reached {
            found.goes_on(&flow, *queue);
        }
    }
    found.dead_letters();
    found.flows
}

struct Finder<'t, 'a> {
    topology: &'t Topology<'a>,
    flows: Flows,
}

impl Finder<'_, '_> {
    /// Follows a kind of message, unless it is known.
    fn add(&mut self, mut flow: Flow) {
        let same = |other: &Flow| {
            (&other.sender, &other.vhost, &other.exchange) == (&flow.sender, &flow.vhost, &flow.exchange)
                && other.key == flow.key
                && other.properties == flow.properties
        };
        if let Some(known) = self.flows.0.iter_mut().find(|other| same(other)) {
            known.per_second += flow.per_second;
            return;
        }
        if self.flows.0.len() < FLOWS_MAX {
            self.route(&mut flow);
            self.flows.0.push(flow);
        }
    }

    fn route(&self, flow: &mut Flow) {
        let broker = &self.topology.broker;
        let mut message = message(&flow.key, &flow.exchange, &flow.properties);
        let more = |header| match flow.properties.header(header) {
            Some(Value::Array(keys)) => keys.iter().filter_map(Value::as_name).cloned().collect(),
            _ => Vec::new(),
        };
        let (cc, bcc) = (more("CC"), more("BCC"));
        if !(cc.is_empty() && bcc.is_empty()) {
            message.routing_keys.more = Some(Rc::new(MoreKeys::new(cc, bcc)));
        }
        if flow.exchange.is_empty() {
            let queues = message.routing_keys.iter().filter_map(|key| broker.queue(&flow.vhost, key));
            flow.reached = queues.map(|queue| queue.id).collect();
            flow.is_there = true;
            return;
        }
        let (Some(host), Some(start)) = (broker.vhost(&flow.vhost), broker.exchange(&flow.vhost, &flow.exchange))
        else {
            return;
        };
        flow.is_there = true;
        let (mut targets, message) = (Targets::new(), Rc::new(message));
        let mut told = |routed: crate::broker::event::Routed| flow.asked.push(routed.exchange.name.clone());
        route(&host.exchanges, start, &message, 0, Some(&mut told), &mut targets);
        flow.reached = targets.queues().collect();
        // Where one of several gets it, any of them may.
        if start.kind.as_str().starts_with("x-") {
            let ids = start.bindings().filter_map(|bound| match bound.target {
                crate::broker::binding::Target::Queue(id) => Some(id),
                crate::broker::binding::Target::Exchange(_) => None,
            });
            flow.reached.extend(ids);
        }
        flow.reached.sort_unstable();
        flow.reached.dedup();
    }

    /// What a client publishes by itself.
    fn publishes(&mut self, spec: &ClientSpec) {
        let Some(producer) = spec.role.producer() else { return };
        let count = producer.messages.len().max(1);
        let per_second = if producer.limit.is_some() { 0.0 } else { per_second(producer.schedule()) };
        for place in 0..count {
            let draft = producer.messages.get(place);
            let key = draft.and_then(|draft| draft.routing_key.as_ref()).unwrap_or(&producer.routing_key);
            let properties = draft.and_then(|draft| draft.properties.as_ref()).unwrap_or(&producer.properties);
            let texts = if producer.templates { texts(key) } else { Texts::plain(key) };
            let exact = texts.exact && !(producer.templates && has_places(properties));
            let each = per_second / (count * texts.all.len().max(1)) as f64;
            for key in texts.all {
                self.add(Flow {
                    per_second: each,
                    exact,
                    mandatory: producer.mandatory,
                    confirms: producer.confirms,
                    ..flow(spec, &producer.exchange, key, properties)
                });
            }
        }
    }

    /// What a script publishes.
    fn by_hand(&mut self, action: &Deed) {
        let (sender, vhost, publish) = match action {
            Deed::Operate { vhost, operation: Operation::BasicPublish(publish) } => {
                (Sender::Operator, vhost.clone(), publish)
            }
            Deed::Client { name, control: Control::Publish(publish), .. } => {
                let spec = self.topology.members.iter().find(|member| member.spec.name == *name);
                let Some(spec) = spec.map(|member| member.spec) else { return };
                (Sender::Client(name.clone()), spec.vhost.clone(), publish)
            }
            _ => return,
        };
        self.add(Flow {
            sender,
            vhost,
            exchange: publish.exchange.clone(),
            key: publish.routing_key.clone(),
            properties: publish.properties.clone(),
            exact: true,
            mandatory: publish.mandatory,
            // Nobody wonders about one message.
            confirms: true,
            per_second: 0.0,
            is_there: false,
            reached: Vec::new(),
            asked: Vec::new(),
        });
    }

    /// What workers make of a message that is in a queue.
    fn goes_on(&mut self, incoming: &Flow, queue: QueueId) {
        let topology = self.topology;
        for (spec, _) in topology.consumers(queue) {
            let Role::Worker(worker) = &spec.role else { continue };
            let output = &worker.publish;
            let texts = output.routing_key.as_ref().map_or_else(|| Texts::plain(&incoming.key), texts);
            let properties = output.properties.as_ref().unwrap_or(&incoming.properties);
            let exact = texts.exact && (output.routing_key.is_some() || incoming.exact) && !has_places(properties);
            for key in texts.all {
                self.add(Flow {
                    exact,
                    mandatory: output.mandatory,
                    confirms: output.confirms,
                    ..flow(spec, &output.exchange, key, properties)
                });
            }
        }
    }

    /// Dead letters, until nothing new comes of them.
    fn dead_letters(&mut self) {
        let topology = self.topology;
        loop {
            let before = self.flows.0.len();
            for queue in topology.queues() {
                let Some(exchange) = &queue.settings.dead_letter_exchange else { continue };
                let arriving: Vec<Flow> = self.flows.arriving(queue.id).cloned().collect();
                let expires = arriving.iter().any(|flow| flow.properties.expiration.is_some());
                let causes = deaths(topology, queue);
                for flow in &arriving {
                    let dies = causes.any() || expires && flow.properties.expiration.is_some();
                    if dies {
                        self.add(dead(flow, queue, exchange));
                    }
                }
            }
            let after = self.flows.0.len();
            let new: Vec<Flow> = self.flows.0.get(before..).unwrap_or_default().to_vec();
            for flow in &new {
                flow.reached.iter().for_each(|queue| self.goes_on(flow, *queue));
            }
            if before == after {
                return;
            }
        }
    }
}

fn dead(flow: &Flow, queue: &Queue, exchange: &Name) -> Flow {
    let mut properties = Properties::clone(&flow.properties);
    properties.expiration = None;
    Flow {
        sender: Sender::Dead(queue.id),
        exchange: exchange.clone(),
        key: queue.settings.dead_letter_routing_key.clone().unwrap_or_else(|| flow.key.clone()),
        properties: Rc::new(properties),
        exact: flow.exact || queue.settings.dead_letter_routing_key.is_some(),
        mandatory: false,
        confirms: true,
        per_second: 0.0,
        is_there: false,
        reached: Vec::new(),
        asked: Vec::new(),
        vhost: flow.vhost.clone(),
    }
}

fn flow(spec: &ClientSpec, exchange: &Name, key: Name, properties: &Rc<Properties>) -> Flow {
    Flow {
        sender: Sender::Client(spec.name.clone()),
        vhost: spec.vhost.clone(),
        exchange: exchange.clone(),
        key,
        properties: properties.clone(),
        exact: true,
        mandatory: false,
        confirms: false,
        per_second: 0.0,
        is_there: false,
        reached: Vec::new(),
        asked: Vec::new(),
    }
}

/// How many a schedule comes to in a second, without end.
fn per_second(schedule: Schedule) -> f64 {
    match schedule {
        Schedule::Once | Schedule::Burst { .. } => 0.0,
        Schedule::Every { ms } => 1_000.0 / ms.max(1) as f64,
        Schedule::Poisson { messages, per_ms } => 1_000.0 * messages as f64 / per_ms.max(1) as f64,
        Schedule::OnOff { every_ms, on_ms, off_ms } => {
            let part = on_ms as f64 / (on_ms + off_ms).max(1) as f64;
            part * 1_000.0 / every_ms.max(1) as f64
        }
    }
}

/// What a template can come to.
struct Texts {
    all: Vec<Name>,
    /// Whether these are all.
    exact: bool,
}

impl Texts {
    fn plain(text: &Name) -> Texts {
        Texts { all: vec![text.clone()], exact: true }
    }
}

/// The texts that a template can come to: all of a choice, one of everything else.
fn texts(template: &Name) -> Texts {
    let mut texts = Texts { all: vec![Name::default()], exact: true };
    let mut rest = template.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        let Some((place, left)) = after.split_once('}') else { break };
        let choices: Vec<&str> = match place.strip_prefix("pick:") {
            Some(choices) => choices.split('|').collect(),
            None => vec!["1"],
        };
        texts.exact &= place.starts_with("pick:");
        let both =
            texts.all.iter().flat_map(|text| choices.iter().map(move |choice| format!("{text}{before}{choice}")));
        texts.all = both.take(TEXTS_MAX).map(Name::from).collect();
        texts.exact &= texts.all.len() < TEXTS_MAX;
        rest = left;
    }
    texts.all = texts.all.iter().map(|text| Name::from(format!("{text}{rest}"))).collect();
    texts.all.sort();
    texts.all.dedup();
    texts
}

/// Whether headers are filled in.
fn has_places(properties: &Properties) -> bool {
    let mut values = properties.headers.iter().flat_map(|headers| headers.values());
    values.any(|value| value.as_str().is_some_and(|text| text.contains('{')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_come_to_texts() {
        let of = |text: &str| {
            let texts = texts(&text.into());
            (texts.all.iter().map(Name::to_string).collect::<Vec<_>>().join(" "), texts.exact)
        };
        assert_eq!(of("a.b"), ("a.b".into(), true));
        assert_eq!(of("{pick:a|b}.{pick:x|y}"), ("a.x a.y b.x b.y".into(), true));
        assert_eq!(of("k{n}"), ("k1".into(), false));
        assert_eq!(of("{open"), ("{open".into(), true));
    }
}
