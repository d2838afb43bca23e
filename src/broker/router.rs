//! Routing: from an exchange over its bindings, exchange-to-exchange bindings and alternate exchanges to queues.
//! Source: `rabbit/src/rabbit_exchange.erl route1/4`, `rabbit_queue_type.erl deliver0/4` (order of targets).
//!
//! What always holds: an exchange is asked at most once per message, so circles end; a queue is a target once,
//! however many ways lead to it; an exchange that does not exist is passed over. Whether the alternate exchange
//! gets the message is each exchange's own affair: it does when no binding of that exchange matched.
//!
//! The default exchange is not asked here. As an alternate exchange it routes nothing, for its bindings are
//! nowhere stored; that it does not exist for the router comes to the same.

use std::rc::Rc;

use super::binding::Target;
use super::event::Routed;
use super::exchange::{Exchange, ExchangeType, Slot};
use super::message::Message;
use super::name::{Name, QueueId};
use super::ordered::{OrderedMap, OrderedSet, sort_by};
use super::settings::QueueType;

/// How many bindings that did not match are told of for each exchange asked.
pub const TOLD_UNMATCHED: usize = 8;

/// The queues a message goes to. A buffer, to be used for many messages.
#[derive(Clone, Debug, Default)]
pub struct Targets {
    /// Every way to a queue: by a topic exchange with the binding key, by anything else without.
    ways: Vec<(QueueId, Option<Name>)>,
    /// One for each queue.
    targets: Vec<Place>,
    /// Whether `targets` tells of all `ways`.
    grouped: bool,
    slots: Vec<Slot>,
}

/// A queue, and where its binding keys stand in the list of ways.
#[derive(Clone, Copy, Debug)]
struct Place {
    queue: QueueId,
    first_key: usize,
    end: usize,
}

impl Targets {
    /// No targets.
    pub fn new() -> Self {
        Self::default()
    }

    /// Removes all.
    pub fn clear(&mut self) {
        self.ways.clear();
        self.targets.clear();
        self.grouped = true;
    }

    /// Keeps room for no more than so many.
    pub fn shrink_to(&mut self, room: usize) {
        self.ways.shrink_to(room);
        self.targets.shrink_to(room);
        self.slots.shrink_to(room);
    }

    /// Adds a queue, if it is not there. [`Self::sort_by`] has to follow.
    pub fn add(&mut self, queue: QueueId) {
        self.ways.push((queue, None));
        self.grouped = false;
    }

    /// Whether the message reaches no queue.
    pub fn is_empty(&self) -> bool {
        self.ways.is_empty()
    }

    /// How many queues there are, after a [`route`] or [`Self::sort_by`].
    pub fn len(&self) -> usize {
        self.targets.len()
    }

    /// The queues, each once; in the order of delivery after [`Self::sort_by`].
    pub fn queues(&self) -> impl Iterator<Item = QueueId> {
        self.targets.iter().map(|target| target.queue)
    }

    /// The queues with the topic binding keys that matched, in byte order.
    pub fn with_keys(&self) -> impl Iterator<Item = (QueueId, impl Iterator<Item = &Name>)> {
        self.targets.iter().map(|target| (target.queue, self.keys(*target)))
    }

    fn keys(&self, target: Place) -> impl Iterator<Item = &Name> {
        self.ways[target.first_key..target.end].iter().filter_map(|(_, key)| key.as_ref())
    }

    /// Each queue once, with its keys.
    fn group(&mut self) {
        if self.grouped {
            return;
        }
        self.grouped = true;
        self.targets.clear();
        if self.ways.len() > 1 {
            sort_by(&mut self.ways, Ord::cmp);
            self.ways.dedup();
        }
        for (at, (queue, key)) in self.ways.iter().enumerate() {
            let is_key = usize::from(key.is_some());
            match self.targets.last_mut() {
                // A way without a key sorts before those with one.
                Some(last) if last.queue == *queue => last.end = at + 1,
                _ => self.targets.push(Place { queue: *queue, first_key: at + 1 - is_key, end: at + 1 }),
            }
        }
    }

    /// Puts the queues into the order in which they get the message: classic, quorum, stream; of one type first
    /// those with fewer binding keys, then by the keys, then by name. `lookup` tells a queue's type and name;
    /// queues it does not know are dropped.
    pub fn sort_by<'q>(&mut self, lookup: impl Fn(QueueId) -> Option<(QueueType, &'q Name)>) {
        self.group();
        if let [only] = self.targets[..] {
            if lookup(only.queue).is_none() {
                self.clear();
            }
            return;
        }
        let known = |target: &Place| lookup(target.queue).map(|(kind, name)| (kind, name, *target));
        let mut order: Vec<(QueueType, &Name, Place)> = self.targets.iter().filter_map(known).collect();
        sort_by(&mut order, |(kind_a, name_a, a), (kind_b, name_b, b)| {
            let by_count = || (a.end - a.first_key).cmp(&(b.end - b.first_key));
            let by_keys = || self.keys(*a).cmp(self.keys(*b));
            kind_a.cmp(kind_b).then_with(by_count).then_with(by_keys).then_with(|| name_a.cmp(name_b))
        });
        self.targets.clear();
        self.targets.extend(order.into_iter().map(|(_, _, target)| target));
        if self.targets.is_empty() {
            self.clear();
        }
    }
}

/// Finds the queues that `message` reaches from `start`, and leaves them in `out`, whose former targets are gone.
///
/// `exchanges` are those of the virtual host, by name. `choose` stands for the random numbers of x-local-random.
/// `told` gets one value for each exchange asked, in the order asked; without it none is built.
pub fn route(
    exchanges: &OrderedMap<Name, Box<Exchange>>,
    start: &Exchange,
    message: &Rc<Message>,
    choose: u64,
    mut told: Option<&mut dyn FnMut(Routed)>,
    out: &mut Targets,
) {
    out.clear();
    out.grouped = false;
    let mut slots = std::mem::take(&mut out.slots);
    // Neither allocates unless the message goes from one exchange to another.
    let mut next: Vec<&Exchange> = Vec::new();
    let mut seen: OrderedSet<&Name> = OrderedSet::default();
    let mut at = Some(start);
    let mut choose = choose;
    while let Some(exchange) = at {
        exchange.matches(message, choose, &mut slots);
        let mut visit = |name: &'_ Name| -> bool {
            match exchanges.get(name) {
                Some(exchange) if *name != start.resource.name && seen.insert(&exchange.resource.name) => {
                    next.push(exchange);
                    true
                }
                _ => false,
            }
        };
        let mut alternate = None;
        if slots.is_empty() {
            alternate = exchange.alternate.as_ref().filter(|name| visit(name));
        }
        for bound in slots.iter().filter_map(|slot| exchange.bound(*slot)) {
            match &bound.target {
                Target::Queue(queue) => {
                    let key = (exchange.kind == ExchangeType::Topic).then(|| bound.binding.routing_key.clone());
                    out.ways.push((*queue, key));
                }
                Target::Exchange(name) => {
                    visit(name);
                }
            }
        }
        if let Some(told) = &mut told {
            slots.sort_unstable();
            let (tried, more_unmatched) = exchange.explain(message, choose, &slots, TOLD_UNMATCHED);
            told(Routed {
                message: message.clone(),
                exchange: exchange.resource.clone(),
                kind: exchange.kind.as_str().into(),
                tried,
                more_unmatched,
                alternate: alternate.cloned(),
            });
        }
        // The next exchange has another number to choose by.
        choose = choose.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31).wrapping_add(1);
        at = next.pop();
    }
    out.slots = slots;
    out.group();
}

#[cfg(test)]
mod tests {
    use super::super::event::{MatchReason, Verdict};
    use super::super::exchange::tests::{bound, exchange, message};
    use super::*;

    /// Exchanges `name type alternate?`, and bindings `source key destination`; a number is a queue.
    fn world(exchanges: &[(&str, &str, &str)], bindings: &[(&str, &str, &str)]) -> OrderedMap<Name, Box<Exchange>> {
        let mut world = OrderedMap::new();
        for (name, kind, alternate) in exchanges {
            let mut x = exchange(name, ExchangeType::parse(kind).expect("type"), &[]);
            x.alternate = (*alternate != "-").then(|| (*alternate).into());
            world.insert(Name::from(*name), Box::new(x));
        }
        for (source, key, to) in bindings {
            let target = to.parse().map_or_else(|_| Target::Exchange((*to).into()), |id| Target::Queue(QueueId(id)));
            assert!(world.get_mut(*source).expect("source").bind(bound(source, target, key, &[])));
        }
        world
    }

    /// The queues reached, and the exchanges asked with the alternate each went to.
    fn reach(world: &OrderedMap<Name, Box<Exchange>>, start: &str, keys: &[&str]) -> (Vec<u32>, Vec<String>) {
        let (mut targets, mut quiet, mut told) = (Targets::new(), Targets::new(), Vec::new());
        let message = message(keys, None);
        let mut tell = |routed: Routed| {
            let alternate = routed.alternate.map(|name| format!(">{name}")).unwrap_or_default();
            told.push(format!("{}{alternate}", routed.exchange.name));
        };
        route(world, world.get(start).expect("an exchange"), &message, 0, Some(&mut tell), &mut targets);
        route(world, world.get(start).expect("an exchange"), &message, 0, None, &mut quiet);
        assert!(targets.queues().eq(quiet.queues()));
        assert_eq!((targets.len(), targets.is_empty()), (quiet.len(), quiet.is_empty()));
        (targets.queues().map(|queue| queue.0).collect(), told)
    }

    #[test]
    fn one_copy_for_each_queue() {
        let w = world(
            &[("x", "fanout", "-"), ("a", "direct", "-"), ("b", "topic", "-")],
            &[
                ("x", "", "a"),
                ("x", "", "b"),
                ("x", "", "1"),
                ("a", "k", "1"),
                ("a", "k", "2"),
                ("b", "#", "2"),
                ("b", "k", "2"),
            ],
        );
        assert_eq!(reach(&w, "x", &["k", "k", "z"]), (vec![1, 2], vec!["x".into(), "b".into(), "a".into()]));
    }

    #[test]
    fn circles_end() {
        let w = world(
            &[("a", "fanout", "-"), ("b", "fanout", "-")],
            &[("a", "", "b"), ("a", "", "a"), ("b", "", "a"), ("b", "", "b"), ("b", "", "1"), ("b", "", "nosuch")],
        );
        assert_eq!(reach(&w, "a", &["k"]), (vec![1], vec!["a".into(), "b".into()]));
        assert_eq!(reach(&w, "b", &["k"]).0, [1]);
    }

    #[test]
    fn alternates() {
        let w = world(
            &[
                ("x", "direct", "y"),
                ("y", "direct", "z"),
                ("z", "fanout", "-"),
                ("self", "direct", "self"),
                ("gone", "direct", "nosuch"),
                ("default", "direct", ""),
                ("round", "direct", "round2"),
                ("round2", "direct", "round"),
            ],
            &[("x", "drop", "gone"), ("x", "1", "1"), ("y", "2", "2"), ("z", "", "3")],
        );
        let rows: [(&str, &str, &[u32], &[&str]); 8] = [
            ("x", "1", &[1], &["x"]),
            ("x", "2", &[2], &["x>y", "y"]),
            ("x", "k", &[3], &["x>y", "y>z", "z"]),
            // Its own binding matched, if only to an exchange that drops the message.
            ("x", "drop", &[], &["x", "gone"]),
            ("self", "k", &[], &["self"]),
            ("gone", "k", &[], &["gone"]),
            ("default", "1", &[], &["default"]),
            ("round", "k", &[], &["round>round2", "round2"]),
        ];
        for (start, key, queues, asked) in rows {
            let (reached, told) = reach(&w, start, &[key]);
            assert_eq!(
                (reached.as_slice(), told.iter().map(String::as_str).collect::<Vec<_>>().as_slice()),
                (queues, asked)
            );
        }
    }

    #[test]
    fn what_was_tried_is_told() {
        let bindings: Vec<(String, String)> = (0..20).map(|n| (format!("k{}", n % 10), n.to_string())).collect();
        let bindings: Vec<_> = bindings.iter().map(|(key, queue)| ("x", key.as_str(), queue.as_str())).collect();
        let w = world(&[("x", "direct", "-")], &bindings);
        let mut told = Vec::new();
        let message = message(&["k9"], None);
        route(
            &w,
            w.get("x").expect("an exchange"),
            &message,
            0,
            Some(&mut |routed| told.push(routed)),
            &mut Targets::new(),
        );
        let [routed] = &told[..] else { panic!("{told:?}") };
        assert_eq!((routed.tried.len(), routed.more_unmatched), (2 + TOLD_UNMATCHED, 18 - TOLD_UNMATCHED as u64));
        assert_eq!(routed.tried[0].verdict, Verdict::Match(MatchReason::KeyEquals { key: "k9".into() }));
        assert_eq!(routed.tried[2].verdict, Verdict::KeyDiffers);
    }

    /// Sorted by a table of (type, name), the id being the index.
    fn sorted(targets: &mut Targets, queues: &[(QueueType, &str)]) -> Vec<String> {
        let names: Vec<(QueueType, Name)> = queues.iter().map(|(kind, name)| (*kind, (*name).into())).collect();
        targets.sort_by(|id| names.get(id.0 as usize).map(|(kind, name)| (*kind, name)));
        let with_keys = |(id, keys): (QueueId, Vec<&str>)| format!("{}[{}]", queues[id.0 as usize].1, keys.join(" "));
        let all: Vec<_> = targets.with_keys().map(|(id, keys)| (id, keys.map(Name::as_str).collect())).collect();
        all.into_iter().map(with_keys).collect()
    }

    #[test]
    fn order_of_targets() {
        use QueueType::{Classic, Quorum, Stream};
        let mut targets = Targets::new();
        let fanout = world(
            &[("x", "fanout", "-")],
            &[("x", "", "0"), ("x", "", "1"), ("x", "", "2"), ("x", "", "3"), ("x", "", "9")],
        );
        route(&fanout, fanout.get("x").expect("an exchange"), &message(&["k"], None), 0, None, &mut targets);
        let queues = [(Quorum, "a"), (Classic, "z"), (Stream, "0"), (Classic, "b")];
        assert_eq!(sorted(&mut targets, &queues), ["b[]", "z[]", "a[]", "0[]"]);

        // As recorded: t1 and t4 by `#`, t3 by `*.b`, t2 by `a.#`; t0 by two keys; tq by none.
        let topic = world(
            &[("x", "topic", "-"), ("f", "fanout", "-")],
            &[
                ("x", "#", "1"),
                ("x", "a.#", "2"),
                ("x", "*.b", "3"),
                ("x", "#", "4"),
                ("x", "a.b", "0"),
                ("x", "#", "0"),
                ("x", "#", "f"),
                ("f", "", "5"),
                ("f", "", "4"),
            ],
        );
        route(&topic, topic.get("x").expect("an exchange"), &message(&["a.b"], None), 0, None, &mut targets);
        let queues =
            [(Classic, "t0"), (Classic, "t1"), (Classic, "t2"), (Classic, "t3"), (Classic, "t4"), (Classic, "tq")];
        assert_eq!(sorted(&mut targets, &queues), ["tq[]", "t1[#]", "t4[#]", "t3[*.b]", "t2[a.#]", "t0[# a.b]"]);

        targets.clear();
        [2, 1, 2].into_iter().for_each(|id| targets.add(QueueId(id)));
        assert_eq!(sorted(&mut targets, &queues), ["t1[]", "t2[]"]);
        targets.clear();
        targets.add(QueueId(77));
        assert_eq!((sorted(&mut targets, &queues).len(), targets.is_empty()), (0, true));
    }
}
