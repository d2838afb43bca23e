//! What if a message were published here? Which bindings would match, word by word or header by header, and which queues
//! would get it; and the reverse, which keys reach a queue ([`reach`]).
//!
//! What always holds: nothing is published and nothing changes. The broker's own exchanges and its own router answer, on
//! the bindings of the moment, so an answer cannot be another one than the broker's (tested over random topologies).

mod reach;
mod told;
mod words;

use std::rc::Rc;

use crate::broker::binding::{Binding, Bound, Destination, Target};
use crate::broker::event::{MatchReason, Routed, Tried, Verdict};
use crate::broker::exchange::{Exchange, ExchangeType};
use crate::broker::message::{Message, MoreKeys, RoutingKeys};
use crate::broker::ordered::OrderedMap;
use crate::broker::properties::{Payload, Properties};
use crate::broker::router::{Targets, route};
use crate::broker::table::{Table, Value};
use crate::broker::{MessageId, Name, QueueId, Resource};

use super::board::{Board, predeclared};

pub use reach::{Hop, Way, reach, samples};
pub use told::Told;
pub use words::{Part, words};

/// The exchanges of a virtual host at a moment, as the broker has them.
#[derive(Debug)]
pub struct Exchanges {
    by_name: OrderedMap<Name, Box<Exchange>>,
    queues: Vec<Rc<Resource>>,
}

impl Exchanges {
    /// Those of a board.
    pub fn of(board: &Board, vhost: &Name) -> Exchanges {
        let mut exchanges = Exchanges { by_name: OrderedMap::new(), queues: Vec::new() };
        for (resource, state) in board.exchanges.iter().filter(|(resource, _)| resource.vhost == *vhost) {
            exchanges.add(resource, &state.kind, &state.with.arguments, board.alternate(resource, state));
        }
        exchanges.queues = board.queues.keys().filter(|queue| queue.vhost == *vhost).cloned().collect();
        for binding in board.bindings.iter().filter(|binding| binding.vhost == *vhost) {
            if !exchanges.by_name.contains_key(&binding.source)
                && let Some(kind) = predeclared(&binding.source)
            {
                let resource = Resource { vhost: vhost.clone(), name: binding.source.clone() };
                exchanges.add(&Rc::new(resource), &kind.into(), &Table::new(), None);
            }
            exchanges.bind(binding);
        }
        exchanges
    }

    fn add(&mut self, resource: &Rc<Resource>, kind: &Name, arguments: &Table, alternate: Option<Name>) {
        let kind = ExchangeType::parse(kind).unwrap_or(ExchangeType::Direct);
        let made = Exchange::new(resource.clone(), kind, true, false, false, arguments.clone());
        // What the broker has, it has accepted.
        if let Ok(mut exchange) = made {
            exchange.alternate = alternate;
            self.by_name.insert(resource.name.clone(), Box::new(exchange));
        }
    }

    fn bind(&mut self, binding: &Rc<Binding>) {
        let target = match &binding.destination {
            Destination::Exchange(name) => Target::Exchange(name.clone()),
            Destination::Queue(name) => {
                // Within a virtual host they are in the order of their names.
                let place = self.queues.binary_search_by(|queue| queue.name.cmp(name)).ok();
                let Some(id) = place.and_then(|place| u32::try_from(place).ok()) else { return };
                Target::Queue(QueueId(id))
            }
        };
        if let Some(exchange) = self.by_name.get_mut(&binding.source) {
            exchange.bind(Bound { binding: binding.clone(), target });
        }
    }

    /// An exchange by its name.
    pub fn get(&self, name: &str) -> Option<&Exchange> {
        self.by_name.get(name).map(|exchange| &**exchange)
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Exchange> {
        self.by_name.values().map(|exchange| &**exchange)
    }

    /// What would become of a message that is published to its exchange.
    pub fn publish(&self, vhost: &Name, message: &Rc<Message>) -> Fate {
        if message.exchange.is_empty() {
            return by_default(self, vhost, message);
        }
        let Some(start) = self.get(&message.exchange) else { return Fate::default() };
        let mut told = Vec::new();
        let mut targets = Targets::new();
        route(&self.by_name, start, message, 0, Some(&mut |routed| told.push(routed)), &mut targets);
        let asked: Vec<Asked> = told.iter().filter_map(|routed| all_answers(self, routed)).collect();
        let reached = |by_chance: bool| {
            let asked = asked.iter().filter(move |asked| asked.is_by_chance() == by_chance);
            let hits = asked.flat_map(|asked| &asked.answers).filter(|tried| by_chance || is_match(&tried.verdict));
            let names: Vec<&Name> = hits.filter_map(|tried| queue_of(&tried.binding)).collect();
            self.queues.iter().filter(|queue| names.contains(&&queue.name)).cloned().collect::<Vec<_>>()
        };
        let (queues, mut by_chance) = (reached(false), reached(true));
        by_chance.retain(|queue| !queues.contains(queue));
        Fate { queues, by_chance, asked }
    }
}

/// What one binding says to a message by itself, on an exchange of that type. Where only one of all gets it, none does.
pub(super) fn verdict(kind: ExchangeType, binding: &Rc<Binding>, message: &Message) -> Verdict {
    if matches!(kind, ExchangeType::ConsistentHash | ExchangeType::LocalRandom) {
        return Verdict::NotChosen;
    }
    let resource = Rc::new(Resource { vhost: binding.vhost.clone(), name: binding.source.clone() });
    let bound = Bound { binding: binding.clone(), target: Target::Queue(QueueId(0)) };
    match Exchange::new(resource, kind, true, false, false, Table::new()) {
        Ok(exchange) => exchange.explain_binding(&bound, message, 0),
        // Without arguments there is nothing to refuse.
        Err(_) => Verdict::KeyDiffers,
    }
}

/// What an exchange would say.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// Which.
    pub exchange: Rc<Resource>,
    /// Its type.
    pub kind: ExchangeType,
    /// Each of its bindings, with its answer, in the order bound.
    pub answers: Vec<Tried>,
    /// The alternate exchange that would get it, as nothing matched.
    pub alternate: Option<Name>,
    /// The alternate exchange that is set, but is not there, as nothing matched.
    pub missing: Option<Name>,
}

impl Asked {
    /// Whether chance decides which one of its bindings gets the message.
    pub fn is_by_chance(&self) -> bool {
        self.kind == ExchangeType::LocalRandom
    }
}

/// What would become of a message.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fate {
    /// The exchanges that would be asked, in this order.
    pub asked: Vec<Asked>,
    /// The queues that would get it, by name.
    pub queues: Vec<Rc<Resource>>,
    /// The queues of which one would get it, by chance.
    pub by_chance: Vec<Rc<Resource>>,
}

/// A message that is thought of.
pub fn message(exchange: &Name, key: &Name, properties: &Rc<Properties>) -> Rc<Message> {
    let keys = |header: &str| match properties.header(header) {
        Some(Value::Array(items)) => items.iter().filter_map(|item| item.as_name().cloned()).collect(),
        _ => Vec::new(),
    };
    let more = MoreKeys::new(keys("CC"), keys("BCC"));
    let more = (!more.cc.is_empty() || !more.bcc.is_empty()).then(|| Rc::new(more));
    Rc::new(Message {
        id: MessageId(0),
        exchange: exchange.clone(),
        routing_keys: RoutingKeys { key: key.clone(), more },
        properties: properties.clone(),
        payload: Payload::default(),
        deaths: None,
        delivery_count: None,
    })
}

/// What would become of a message that is published to its exchange in a virtual host, at a moment.
pub fn publish(board: &Board, vhost: &Name, message: &Rc<Message>) -> Fate {
    Exchanges::of(board, vhost).publish(vhost, message)
}

/// Whether an answer is yes.
pub fn is_match(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Match(_))
}

/// The queue that a binding leads to, if it leads to one.
pub fn queue_of(binding: &Binding) -> Option<&Name> {
    match &binding.destination {
        Destination::Queue(name) => Some(name),
        Destination::Exchange(_) => None,
    }
}

/// An exchange tells of few bindings that do not match; here all are told of.
fn all_answers(exchanges: &Exchanges, routed: &Routed) -> Option<Asked> {
    let exchange = exchanges.get(&routed.exchange.name)?;
    let matched = |binding: &Rc<Binding>| {
        routed.tried.iter().find(|tried| tried.binding == *binding && is_match(&tried.verdict)).cloned()
    };
    let answers = exchange.bindings().map(|bound| {
        matched(&bound.binding).unwrap_or_else(|| {
            // By another number another one would have been chosen.
            let verdict = match exchange.explain_binding(bound, &routed.message, 0) {
                Verdict::Match(_) => Verdict::NotChosen,
                verdict => verdict,
            };
            Tried { binding: bound.binding.clone(), verdict }
        })
    });
    let answers: Vec<Tried> = answers.collect();
    let alternate = routed.alternate.clone();
    let is_lost = alternate.is_none() && routed.tried.iter().all(|tried| !is_match(&tried.verdict));
    let missing = exchange.alternate.as_ref().filter(|name| is_lost && exchanges.get(name).is_none()).cloned();
    Some(Asked { exchange: routed.exchange.clone(), kind: exchange.kind, answers, alternate, missing })
}

/// The default exchange has no bindings but the implied ones.
fn by_default(exchanges: &Exchanges, vhost: &Name, message: &Rc<Message>) -> Fate {
    let meant = |queue: &&Rc<Resource>| message.routing_keys.iter().any(|key| *key == queue.name);
    let queues: Vec<Rc<Resource>> = exchanges.queues.iter().filter(meant).cloned().collect();
    let implied = |queue: &Rc<Resource>| {
        let binding = Binding {
            vhost: vhost.clone(),
            source: Name::default(),
            destination: Destination::Queue(queue.name.clone()),
            routing_key: queue.name.clone(),
            arguments: Table::new(),
        };
        Tried { binding: Rc::new(binding), verdict: Verdict::Match(MatchReason::QueueName) }
    };
    let exchange = Rc::new(Resource { vhost: vhost.clone(), name: Name::default() });
    let answers = queues.iter().map(implied).collect();
    let asked = Asked { exchange, kind: ExchangeType::Direct, answers, alternate: None, missing: None };
    Fate { asked: vec![asked], queues, by_chance: Vec::new() }
}
