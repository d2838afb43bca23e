//! Exchanges: what one is, which bindings it has, and which of them a message matches.
//!
//! Each type's rule is in a file of its own below; here are the bindings and their index. What always holds:
//! the index names exactly the bindings there are; a binding stands once, in the order of binding; one message
//! matches a binding at most once. Cloning an exchange copies no binding: they are shared until one of the two
//! changes. Only the bindings are saved, the index is built anew from them.

mod consistent_hash;
mod direct;
mod fanout;
mod headers;
mod local_random;
mod topic;

pub use topic::fits_pattern;

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::arguments::alternate_exchange_argument;
use super::binding::{Binding, Bound, Destination, Target};
use super::error::AmqpError;
use super::event::{MatchReason, Tried, Verdict};
use super::message::Message;
use super::name::{Name, Resource};
use super::ordered::OrderedMap;
use super::settings::QueueType;
use super::table::Table;

/// The argument, and the policy key, that names an alternate exchange.
const ALTERNATE_EXCHANGE: &str = "alternate-exchange";

/// Type names that a node with all plugins off knows without having the type. `x-modulus-hash` is in RabbitMQ's
/// core, but not in this simulator. Source: `rabbit/src/rabbit_khepri.erl` names the others in its projections.
const KNOWN_BUT_ABSENT: [&str; 5] = ["", "x-random", "x-jms-topic", "x-jms-selector", "x-modulus-hash"];

/// An exchange's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ExchangeType {
    /// `direct`
    #[serde(rename = "direct")]
    Direct,
    /// `fanout`
    #[serde(rename = "fanout")]
    Fanout,
    /// `topic`
    #[serde(rename = "topic")]
    Topic,
    /// `headers`
    #[serde(rename = "headers")]
    Headers,
    /// `x-consistent-hash`
    #[serde(rename = "x-consistent-hash")]
    ConsistentHash,
    /// `x-local-random`
    #[serde(rename = "x-local-random")]
    LocalRandom,
}

impl ExchangeType {
    /// All types.
    pub const ALL: [ExchangeType; 6] = [
        ExchangeType::Direct,
        ExchangeType::Fanout,
        ExchangeType::Topic,
        ExchangeType::Headers,
        ExchangeType::ConsistentHash,
        ExchangeType::LocalRandom,
    ];

    /// The type of that name; 406 if there is none.
    /// Source: `rabbit/src/rabbit_exchange.erl check_type/1`.
    pub fn parse(name: &str) -> Result<ExchangeType, AmqpError> {
        match Self::ALL.into_iter().find(|kind| kind.as_str() == name) {
            Some(kind) => Ok(kind),
            None if KNOWN_BUT_ABSENT.contains(&name) => {
                Err(AmqpError::precondition_failed(format_args!("invalid exchange type '{name}'")))
            }
            None => Err(AmqpError::precondition_failed(format_args!("unknown exchange type '{name}'"))),
        }
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            ExchangeType::Direct => "direct",
            ExchangeType::Fanout => "fanout",
            ExchangeType::Topic => "topic",
            ExchangeType::Headers => "headers",
            ExchangeType::ConsistentHash => "x-consistent-hash",
            ExchangeType::LocalRandom => "x-local-random",
        }
    }
}

/// An exchange and the bindings it is the source of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Exchange {
    /// Its full name.
    pub resource: Rc<Resource>,
    /// Its type.
    pub kind: ExchangeType,
    /// Whether it survives a restart.
    pub durable: bool,
    /// Whether it goes when its last binding goes.
    pub auto_delete: bool,
    /// Whether clients may not publish to it.
    pub internal: bool,
    /// As declared.
    pub arguments: Table,
    /// The policy that applies.
    pub policy: Option<Name>,
    /// The operator policy that applies; RabbitMQ has none for exchanges.
    pub operator_policy: Option<Name>,
    /// The alternate exchange in force: the argument's, else the policy's.
    pub alternate: Option<Name>,
    bindings: Rc<Bindings>,
}

/// A binding's place in its exchange; ascending in the order of binding. Valid until the next bind or unbind.
pub type Slot = u32;

impl Exchange {
    /// A new exchange without bindings; 406 (or 541) if its arguments do not fit its type.
    /// Source: `rabbit/src/rabbit_channel.erl` (alternate exchange), `validate/1` of each type.
    pub fn new(
        resource: Rc<Resource>,
        kind: ExchangeType,
        durable: bool,
        auto_delete: bool,
        internal: bool,
        arguments: Table,
    ) -> Result<Self, AmqpError> {
        alternate_exchange_argument(&resource, &arguments)?;
        if kind == ExchangeType::ConsistentHash {
            consistent_hash::validate(&arguments)?;
        }
        let bindings = Rc::new(Bindings::new(kind, &arguments));
        let mut exchange = Exchange {
            resource,
            kind,
            durable,
            auto_delete,
            internal,
            arguments,
            policy: None,
            operator_policy: None,
            alternate: None,
            bindings,
        };
        exchange.set_policy(None, None);
        Ok(exchange)
    }

    /// Takes another policy, and the alternate exchange it sets. The argument wins over it.
    /// Source: `rabbit/src/rabbit_policy.erl get_arg/3`.
    pub fn set_policy(&mut self, policy: Option<Name>, alternate: Option<Name>) {
        self.policy = policy;
        self.alternate =
            self.arguments.get(ALTERNATE_EXCHANGE).and_then(|value| value.as_name().cloned()).or(alternate);
    }

    /// Whether a binding to a queue of that type (`None`: to an exchange) may be made; 406 if not.
    /// Source: `validate_binding/2` of each type.
    pub fn validate_binding(&self, binding: &Binding, queue_type: Option<QueueType>) -> Result<(), AmqpError> {
        match self.kind {
            ExchangeType::Direct | ExchangeType::Fanout => Ok(()),
            ExchangeType::Topic => topic::validate(&binding.routing_key),
            ExchangeType::Headers => headers::validate(&binding.arguments),
            ExchangeType::ConsistentHash => consistent_hash::weight(&binding.routing_key).map(|_| ()),
            ExchangeType::LocalRandom => local_random::validate(&binding.routing_key, queue_type),
        }
    }

    /// Adds a binding; false if it was there already. The binding must be one that [`Self::validate_binding`] takes.
    pub fn bind(&mut self, bound: Bound) -> bool {
        let new = self.bindings.find(&bound.binding).is_none();
        if new {
            Rc::make_mut(&mut self.bindings).insert(bound, true);
        }
        new
    }

    /// Whether a binding is there.
    pub fn has(&self, binding: &Binding) -> bool {
        self.bindings.find(binding).is_some()
    }

    /// Removes a binding, if it is there.
    pub fn unbind(&mut self, binding: &Binding) -> Option<Rc<Binding>> {
        let slot = self.bindings.find(binding)?;
        let removed = Rc::make_mut(&mut self.bindings).remove(slot)?;
        self.compact();
        Some(removed)
    }

    /// Removes all bindings that lead there, and returns them in the order bound.
    pub fn remove_target(&mut self, target: &Target) -> Vec<Rc<Binding>> {
        let slots: Vec<Slot> =
            self.bindings.live().filter(|(_, b)| b.target == *target).map(|(slot, _)| slot).collect();
        if slots.is_empty() {
            return Vec::new();
        }
        let bindings = Rc::make_mut(&mut self.bindings);
        let removed = slots.into_iter().filter_map(|slot| bindings.remove(slot)).collect();
        self.compact();
        removed
    }

    /// The bindings, in the order bound.
    pub fn bindings(&self) -> impl Iterator<Item = &Bound> {
        self.bindings.live().map(|(_, bound)| bound)
    }

    /// Whether there are bindings.
    pub fn has_bindings(&self) -> bool {
        self.bindings.count > 0
    }

    /// Whether there ever was a binding. An auto-delete exchange that never had one stays.
    pub fn had_bindings(&self) -> bool {
        self.bindings.had_any
    }

    /// How many bindings there are.
    pub fn binding_count(&self) -> usize {
        self.bindings.count
    }

    /// The bindings that match, each once, in an order that depends on the bindings alone. `choose` stands for
    /// the random number of x-local-random.
    pub fn route<'a>(&'a self, message: &Message, choose: u64, out: &mut Vec<&'a Bound>) {
        let mut slots = Vec::new();
        self.matches(message, choose, &mut slots);
        out.extend(slots.into_iter().filter_map(|slot| self.bound(slot)));
    }

    /// As [`Self::route`], into a buffer that can be used again. Whatever it held is gone.
    pub fn matches(&self, message: &Message, choose: u64, out: &mut Vec<Slot>) {
        out.clear();
        let bindings = &*self.bindings;
        match &bindings.index {
            Index::Direct(keys) => keys.matches(message, out),
            Index::Fanout => fanout::matches(bindings.live(), out),
            Index::Topic(trie) => trie.matches(message, out),
            Index::Headers => headers::matches(bindings.live(), message, out),
            Index::ConsistentHash(ring) => out.extend(ring.choose(message)),
            Index::LocalRandom(slots) => out.extend(local_random::choose(slots, choose)),
        }
    }

    /// The binding at a place that [`Self::matches`] gave.
    pub fn bound(&self, slot: Slot) -> Option<&Bound> {
        self.bindings.get(slot)
    }

    /// What the bindings say to a message: all that match, then up to `limit_unmatched` others, both in the order
    /// bound; and how many more do not match. Asks no more bindings than it tells of. `matched` is what
    /// [`Self::matches`] found, in ascending order.
    pub fn explain(
        &self,
        message: &Message,
        choose: u64,
        matched: &[Slot],
        limit_unmatched: usize,
    ) -> (Vec<Tried>, u64) {
        let keys = matches!(self.bindings.index, Index::Topic(_)).then(|| topic::SplitKeys::new(message));
        let tried = |bound: &Bound| {
            let verdict = match &keys {
                Some(keys) => keys.verdict(&bound.binding.routing_key),
                None => self.explain_binding(bound, message, choose),
            };
            Tried { binding: bound.binding.clone(), verdict }
        };
        let mut all = Vec::with_capacity(self.bindings.count.min(matched.len() + limit_unmatched));
        all.extend(matched.iter().filter_map(|slot| self.bound(*slot)).map(tried));
        let others = self.bindings.live().filter(|(slot, _)| matched.binary_search(slot).is_err());
        all.extend(others.take(limit_unmatched).map(|(_, bound)| tried(bound)));
        let more = self.bindings.count.saturating_sub(all.len());
        (all, more as u64)
    }

    /// What one binding of this exchange says to a message, and the rule that decided.
    pub fn explain_binding(&self, bound: &Bound, message: &Message, choose: u64) -> Verdict {
        let binding = &*bound.binding;
        let is_chosen = |slot: Option<Slot>| match slot.and_then(|slot| self.bound(slot)) {
            Some(chosen) if Rc::ptr_eq(&chosen.binding, &bound.binding) || *chosen.binding == *binding => {
                Verdict::Match(MatchReason::Chosen)
            }
            _ => Verdict::NotChosen,
        };
        match &self.bindings.index {
            Index::Direct(_) => direct::verdict(binding, message),
            Index::Fanout => fanout::verdict(),
            Index::Topic(_) => topic::verdict(&binding.routing_key, message),
            Index::Headers => headers::verdict(&binding.arguments, message),
            Index::ConsistentHash(ring) => is_chosen(ring.choose(message)),
            Index::LocalRandom(slots) => is_chosen(local_random::choose(slots, choose)),
        }
    }

    /// Gives up the places of removed bindings once they are the greater part.
    fn compact(&mut self) {
        const SPARE_SLOTS: usize = 32;
        if self.bindings.slots.len() > 2 * self.bindings.count + SPARE_SLOTS {
            let (bounds, off_ring) = self.bindings.save();
            let rebuilt = Bindings::build(self.kind, &self.arguments, bounds, &off_ring, self.bindings.had_any);
            self.bindings = Rc::new(rebuilt);
        }
    }
}

/// The bindings of an exchange and the index that finds the ones a message matches.
#[derive(Clone, Debug)]
struct Bindings {
    /// In the order bound; empty where one was removed.
    slots: Vec<Option<Bound>>,
    /// How many are not empty.
    count: usize,
    /// Whether there ever was one.
    had_any: bool,
    /// By destination and key: the identity of a binding but for its arguments.
    known: OrderedMap<(Destination, Name), Vec<Slot>>,
    index: Index,
}

/// What each type looks up.
#[derive(Clone, Debug)]
enum Index {
    Direct(direct::Keys),
    Fanout,
    Topic(topic::Trie),
    Headers,
    ConsistentHash(consistent_hash::Ring),
    LocalRandom(Vec<Slot>),
}

/// The same bindings in the same order, wherever they lie.
impl PartialEq for Bindings {
    fn eq(&self, other: &Self) -> bool {
        self.had_any == other.had_any && self.save() == other.save()
    }
}

impl Bindings {
    fn new(kind: ExchangeType, arguments: &Table) -> Self {
        let index = match kind {
            ExchangeType::Direct => Index::Direct(direct::Keys::default()),
            ExchangeType::Fanout => Index::Fanout,
            ExchangeType::Topic => Index::Topic(topic::Trie::default()),
            ExchangeType::Headers => Index::Headers,
            ExchangeType::ConsistentHash => Index::ConsistentHash(consistent_hash::Ring::new(arguments)),
            ExchangeType::LocalRandom => Index::LocalRandom(Vec::new()),
        };
        Bindings { slots: Vec::new(), count: 0, had_any: false, known: OrderedMap::new(), index }
    }

    fn build(kind: ExchangeType, arguments: &Table, bounds: Vec<Bound>, off_ring: &[usize], had_any: bool) -> Self {
        let mut bindings = Bindings::new(kind, arguments);
        for (place, bound) in bounds.into_iter().enumerate() {
            if bindings.find(&bound.binding).is_none() {
                bindings.insert(bound, !off_ring.contains(&place));
            }
        }
        bindings.had_any |= had_any;
        bindings
    }

    /// All there is to know: the bindings, and which of them have no place on the hash ring.
    fn save(&self) -> (Vec<Bound>, Vec<usize>) {
        let mut off_ring = Vec::new();
        if let Index::ConsistentHash(ring) = &self.index {
            let places = self.live().enumerate();
            off_ring = places.filter(|(_, (slot, _))| !ring.holds(*slot)).map(|(place, _)| place).collect();
        }
        (self.live().map(|(_, bound)| bound.clone()).collect(), off_ring)
    }

    fn get(&self, slot: Slot) -> Option<&Bound> {
        self.slots.get(slot as usize)?.as_ref()
    }

    fn live(&self) -> impl Iterator<Item = (Slot, &Bound)> {
        (0..).zip(&self.slots).filter_map(|(slot, bound)| Some((slot, bound.as_ref()?)))
    }

    fn find(&self, binding: &Binding) -> Option<Slot> {
        let same = self.known.get(&(binding.destination.clone(), binding.routing_key.clone()))?;
        same.iter().copied().find(|slot| self.get(*slot).is_some_and(|bound| *bound.binding == *binding))
    }

    /// Adds a binding that is not there. `on_ring`: whether it may take a place on the hash ring.
    fn insert(&mut self, bound: Bound, on_ring: bool) {
        // Four thousand million bindings do not fit into memory.
        let Ok(slot) = Slot::try_from(self.slots.len()) else { return };
        let binding = &bound.binding;
        match &mut self.index {
            Index::Direct(keys) => keys.insert(&binding.routing_key, slot),
            Index::Topic(trie) => trie.insert(&binding.routing_key, slot),
            Index::ConsistentHash(ring) if on_ring => ring.insert(&bound, slot),
            Index::LocalRandom(slots) => slots.push(slot),
            Index::Fanout | Index::Headers | Index::ConsistentHash(_) => {}
        }
        let identity = (binding.destination.clone(), binding.routing_key.clone());
        self.known.entry(identity).or_default().push(slot);
        self.slots.push(Some(bound));
        self.count += 1;
        self.had_any = true;
    }

    fn remove(&mut self, slot: Slot) -> Option<Rc<Binding>> {
        let bound = self.slots.get_mut(slot as usize)?.take()?;
        self.count -= 1;
        let binding = bound.binding;
        match &mut self.index {
            Index::Direct(keys) => keys.remove(&binding.routing_key, slot),
            Index::Topic(trie) => trie.remove(&binding.routing_key, slot),
            Index::ConsistentHash(ring) => ring.remove(&bound.target),
            Index::LocalRandom(slots) => remove_slot(slots, slot),
            Index::Fanout | Index::Headers => {}
        }
        let identity = (binding.destination.clone(), binding.routing_key.clone());
        if let Some(same) = self.known.get_mut(&identity) {
            remove_slot(same, slot);
            if same.is_empty() {
                self.known.remove(&identity);
            }
        }
        Some(binding)
    }
}

/// Takes a place out of an ascending list of them.
fn remove_slot(slots: &mut Vec<Slot>, slot: Slot) {
    if let Ok(at) = slots.binary_search(&slot) {
        slots.remove(at);
    }
}

/// Once each, in the order bound: a message of several routing keys may have found a binding by each of them.
fn dedup_slots(slots: &mut Vec<Slot>) {
    slots.sort_unstable();
    slots.dedup();
}

/// The saved form.
#[derive(Serialize, Deserialize)]
#[serde(rename = "Exchange")]
struct Stored {
    resource: Rc<Resource>,
    kind: ExchangeType,
    durable: bool,
    auto_delete: bool,
    internal: bool,
    arguments: Table,
    policy: Option<Name>,
    operator_policy: Option<Name>,
    alternate: Option<Name>,
    bindings: Vec<Bound>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    off_ring: Vec<usize>,
    had_bindings: bool,
}

impl From<Exchange> for Stored {
    fn from(x: Exchange) -> Self {
        let (bindings, off_ring) = x.bindings.save();
        Stored {
            resource: x.resource,
            kind: x.kind,
            durable: x.durable,
            auto_delete: x.auto_delete,
            internal: x.internal,
            arguments: x.arguments,
            policy: x.policy,
            operator_policy: x.operator_policy,
            alternate: x.alternate,
            bindings,
            off_ring,
            had_bindings: x.bindings.had_any,
        }
    }
}

impl From<Stored> for Exchange {
    fn from(x: Stored) -> Self {
        let bindings = Bindings::build(x.kind, &x.arguments, x.bindings, &x.off_ring, x.had_bindings);
        Exchange {
            resource: x.resource,
            kind: x.kind,
            durable: x.durable,
            auto_delete: x.auto_delete,
            internal: x.internal,
            arguments: x.arguments,
            policy: x.policy,
            operator_policy: x.operator_policy,
            alternate: x.alternate,
            bindings: Rc::new(bindings),
        }
    }
}

#[cfg(test)]
pub(in crate::broker) mod tests {
    use super::super::message::{MoreKeys, RoutingKeys};
    use super::super::name::{MessageId, QueueId};
    use super::super::properties::Properties;
    use super::super::table::Value;
    use super::*;

    pub(in crate::broker) fn exchange(name: &str, kind: ExchangeType, arguments: &[(&str, Value)]) -> Exchange {
        let resource = Rc::new(Resource { vhost: "/".into(), name: name.into() });
        Exchange::new(resource, kind, true, false, false, table(arguments)).expect("arguments are right")
    }

    pub(in crate::broker) fn table(entries: &[(&str, Value)]) -> Table {
        entries.iter().map(|(key, value)| ((*key).into(), value.clone())).collect()
    }

    pub(in crate::broker) fn bound(source: &str, target: Target, key: &str, arguments: &[(&str, Value)]) -> Bound {
        let destination = match &target {
            Target::Queue(id) => Destination::Queue(format!("q{id}").into()),
            Target::Exchange(name) => Destination::Exchange(name.clone()),
        };
        let (vhost, source, routing_key) = ("/".into(), source.into(), key.into());
        let binding = Binding { vhost, source, destination, routing_key, arguments: table(arguments) };
        Bound { binding: Rc::new(binding), target }
    }

    pub(in crate::broker) fn to_queue(queue: u32, key: &str) -> Bound {
        bound("x", Target::Queue(QueueId(queue)), key, &[])
    }

    pub(in crate::broker) fn message(keys: &[&str], headers: Option<Table>) -> Rc<Message> {
        let cc: Vec<Name> = keys.iter().skip(1).map(|key| (*key).into()).collect();
        let more = (!cc.is_empty()).then(|| Rc::new(MoreKeys::new(cc, Vec::new())));
        Rc::new(Message {
            id: MessageId(1),
            exchange: "x".into(),
            routing_keys: RoutingKeys { key: keys.first().copied().unwrap_or_default().into(), more },
            properties: Rc::new(Properties { headers, ..Properties::default() }),
            payload: "m".into(),
            deaths: None,
            delivery_count: None,
        })
    }

    /// The numbers of the queues of the matching bindings, sorted.
    pub(in crate::broker) fn routed(exchange: &Exchange, message: &Message, choose: u64) -> Vec<u32> {
        let mut out = Vec::new();
        exchange.route(message, choose, &mut out);
        let id = |bound: &&Bound| match bound.target {
            Target::Queue(QueueId(id)) => id,
            Target::Exchange(_) => u32::MAX,
        };
        let mut ids: Vec<u32> = out.iter().map(id).collect();
        ids.sort_unstable();
        ids
    }

    #[test]
    fn types_are_known_by_name() {
        for kind in ExchangeType::ALL {
            assert_eq!(ExchangeType::parse(kind.as_str()), Ok(kind));
            assert_eq!(serde_json::to_value(kind).expect("json"), kind.as_str());
        }
        for (name, text) in [
            ("nosuch", "PRECONDITION_FAILED - unknown exchange type 'nosuch'"),
            ("Direct", "PRECONDITION_FAILED - unknown exchange type 'Direct'"),
            ("", "PRECONDITION_FAILED - invalid exchange type ''"),
            ("x-random", "PRECONDITION_FAILED - invalid exchange type 'x-random'"),
        ] {
            assert_eq!(ExchangeType::parse(name).expect_err(name).text, text);
        }
    }

    #[test]
    fn alternate_exchange_is_a_string_and_wins_over_the_policy() {
        let resource = Rc::new(Resource { vhost: "/".into(), name: "xx".into() });
        let arguments = table(&[(ALTERNATE_EXCHANGE, Value::I32(5))]);
        let refused = Exchange::new(resource, ExchangeType::Direct, true, false, false, arguments).expect_err("type");
        let text =
            "PRECONDITION_FAILED - invalid type 'signedint' for arg 'alternate-exchange' in exchange 'xx' in vhost '/'";
        assert_eq!(refused.text, text);

        let mut with = exchange("x", ExchangeType::Direct, &[(ALTERNATE_EXCHANGE, "a".into())]);
        let mut without = exchange("x", ExchangeType::Direct, &[]);
        for x in [&mut with, &mut without] {
            x.set_policy(Some("p".into()), Some("b".into()));
        }
        assert_eq!((with.alternate, without.alternate), (Some("a".into()), Some("b".into())));
    }

    #[test]
    fn bindings_stand_once_and_in_order() {
        let mut x = exchange("x", ExchangeType::Direct, &[]);
        assert!(!x.had_bindings());
        let other_type = [
            bound("x", Target::Queue(QueueId(1)), "k", &[("a", Value::I32(1))]),
            bound("x", Target::Queue(QueueId(1)), "k", &[("a", Value::I64(1))]),
        ];
        assert!(x.bind(to_queue(2, "k")) && x.bind(to_queue(1, "k")));
        assert!(other_type.iter().all(|b| x.bind(b.clone())));
        assert!(!x.bind(to_queue(2, "k")));
        assert_eq!((x.binding_count(), routed(&x, &message(&["k"], None), 0)), (4, vec![1, 1, 1, 2]));
        assert_eq!(x.unbind(&other_type[0].binding), Some(other_type[0].binding.clone()));
        assert_eq!(x.unbind(&other_type[0].binding), None);
        assert_eq!(x.remove_target(&Target::Queue(QueueId(1))).len(), 2);
        assert_eq!(x.bindings().cloned().collect::<Vec<_>>(), [to_queue(2, "k")]);
        assert!(x.unbind(&to_queue(2, "k").binding).is_some() && !x.has_bindings() && x.had_bindings());
        assert!(routed(&x, &message(&["k"], None), 0).is_empty());
    }

    #[test]
    fn direct_and_fanout() {
        let mut direct = exchange("x", ExchangeType::Direct, &[]);
        let mut fanout = exchange("x", ExchangeType::Fanout, &[]);
        for x in [&mut direct, &mut fanout] {
            for (queue, key) in [(1, "a"), (2, "b"), (3, ""), (1, "b")] {
                x.bind(to_queue(queue, key));
            }
        }
        for (keys, ids) in
            [(&["a"][..], &[1][..]), (&["b"], &[1, 2]), (&["A"], &[]), (&[""], &[3]), (&["b", "b", "a"], &[1, 1, 2])]
        {
            assert_eq!(routed(&direct, &message(keys, None), 0), ids, "{keys:?}");
            assert_eq!(routed(&fanout, &message(keys, None), 0), [1, 1, 2, 3], "{keys:?}");
        }
    }

    #[test]
    fn clones_share_nothing_that_changes() {
        let mut x = exchange("x", ExchangeType::Topic, &[]);
        x.bind(to_queue(1, "a.*"));
        let before = x.clone();
        x.bind(to_queue(2, "a.#"));
        let hello = message(&["a.b"], None);
        assert_eq!((routed(&before, &hello, 0), routed(&x, &hello, 0)), (vec![1], vec![1, 2]));
        assert_ne!(before, x);
    }

    #[test]
    fn every_type_survives_saving_and_much_unbinding() {
        for kind in ExchangeType::ALL {
            let mut x = exchange("x", kind, &[]);
            let key = |n: u32| match kind {
                ExchangeType::LocalRandom => String::new(),
                ExchangeType::ConsistentHash => (n % 3 + 1).to_string(),
                _ => format!("k{}.*.#", n % 7),
            };
            (0..200).for_each(|n| assert!(x.bind(to_queue(n, &key(n)))));
            (0..199).filter(|n| n % 5 != 0).for_each(|n| assert!(x.unbind(&to_queue(n, &key(n)).binding).is_some()));
            let saved = serde_json::to_string(&x).expect("json");
            let read: Exchange = serde_json::from_str(&saved).expect("json");
            assert_eq!(read, x);
            for n in 0..50 {
                let message = message(&[&format!("k{}.{n}", n % 7)], None);
                assert_eq!(routed(&read, &message, n), routed(&x, &message, n), "{kind:?}");
                let mut matched = Vec::new();
                x.matches(&message, n, &mut matched);
                matched.sort_unstable();
                let (tried, more) = x.explain(&message, n, &matched, 2);
                assert_eq!(tried.len() as u64 + more, 41);
                let hits = tried.iter().filter(|t| matches!(t.verdict, Verdict::Match(_))).count();
                assert_eq!(hits, routed(&x, &message, n).len(), "{kind:?}");
                assert!(tried[..hits].iter().all(|t| matches!(t.verdict, Verdict::Match(_))));
                assert!(tried.len() <= hits + 2);
            }
        }
    }
}
