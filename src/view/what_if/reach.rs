//! Which keys reach a queue: every way over bindings that leads to it, each with a key that goes that way.
//!
//! What always holds: an example key has been tried, on the exchanges of the moment, and did reach the queue. Where there is
//! none, the way is closed: what it asks for contradicts itself, or hangs on more than a key.

use std::rc::Rc;

use crate::broker::binding::{Binding, Destination};
use crate::broker::exchange::{Exchange, ExchangeType};
use crate::broker::properties::Properties;
use crate::broker::table::{Table, Value};
use crate::broker::{Name, Resource};

use super::{Exchanges, is_match, message, verdict};
use crate::view::board::Board;

/// So many ways are told.
const WAYS_MAX: usize = 24;
/// So many bindings of an exchange are given an example.
const SAMPLES_MAX: usize = 5;
/// So many exchanges one goes through at most.
const HOPS_MAX: usize = 8;
/// So many words an example has at most, and so many keys are tried for it.
const WORDS_MAX: usize = 8;
const TRIES_MAX: usize = 600;

/// One exchange on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Hop {
    /// The exchange.
    pub exchange: Rc<Resource>,
    /// Its type.
    pub kind: ExchangeType,
    /// The binding that a message takes from there; none where it goes to the alternate exchange.
    pub binding: Option<Rc<Binding>>,
}

/// A way to a queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    /// The exchange that one publishes to, and those behind it.
    pub hops: Vec<Hop>,
    /// A routing key, and headers, that go this way.
    pub example: Option<(Name, Table)>,
}

/// The ways to a queue: by its own name over the default exchange first, then the shorter ones first.
pub fn reach(board: &Board, queue: &Rc<Resource>) -> Vec<Way> {
    let exchanges = Exchanges::of(board, &queue.vhost);
    let default = Hop {
        exchange: Rc::new(Resource { vhost: queue.vhost.clone(), name: Name::default() }),
        kind: ExchangeType::Direct,
        binding: None,
    };
    let mut ways = vec![Way { hops: vec![default], example: Some((queue.name.clone(), Table::new())) }];
    let destination = Destination::Queue(queue.name.clone());
    let mut open: Vec<Vec<Hop>> = into(&exchanges, &destination).map(|hop| vec![hop]).collect();
    while !open.is_empty() && ways.len() < WAYS_MAX {
        let mut longer = Vec::new();
        for hops in open {
            if let Some(first) = hops.first().filter(|_| hops.len() < HOPS_MAX) {
                let destination = Destination::Exchange(first.exchange.name.clone());
                let before = into(&exchanges, &destination).chain(giving_up(&exchanges, &first.exchange.name));
                let is_new = |hop: &Hop| hops.iter().all(|known| known.exchange != hop.exchange);
                longer.extend(before.filter(is_new).map(|hop| [vec![hop], hops.clone()].concat()));
            }
            if ways.len() < WAYS_MAX {
                let example = example(&exchanges, &hops, queue);
                ways.push(Way { hops, example });
            }
        }
        open = longer;
    }
    ways
}

/// Messages worth a try at an exchange: for each of its first bindings one that it takes, then one that none of them asks for.
pub fn samples(board: &Board, exchange: &Resource) -> Vec<(Name, Table)> {
    let exchanges = Exchanges::of(board, &exchange.vhost);
    let of = exchanges.get(&exchange.name).into_iter();
    let taken = of.flat_map(|exchange| exchange.bindings().map(|bound| hop(exchange, Some(bound.binding.clone()))));
    let taken = taken.filter_map(|hop| {
        let headers = headers(std::slice::from_ref(&hop));
        let properties = Rc::new(Properties { headers: Some(headers.clone()), ..Properties::default() });
        let takes = |key: &Name| {
            let message = message(&exchange.name, key, &properties);
            hop.binding.as_ref().is_some_and(|binding| is_match(&verdict(hop.kind, binding, &message)))
        };
        candidates(&exchanges, std::slice::from_ref(&hop)).into_iter().find(takes).map(|key| (key, headers))
    });
    let mut samples: Vec<(Name, Table)> = Vec::new();
    for sample in taken.take(SAMPLES_MAX).chain([(free_word(&exchanges), Table::new())]) {
        if !samples.contains(&sample) {
            samples.push(sample);
        }
    }
    samples
}

/// The bindings that lead there.
fn into<'a>(exchanges: &'a Exchanges, to: &'a Destination) -> impl Iterator<Item = Hop> + 'a {
    exchanges.all().flat_map(move |exchange| {
        let leading = exchange.bindings().filter(move |bound| bound.binding.destination == *to);
        leading.map(move |bound| hop(exchange, Some(bound.binding.clone())))
    })
}

/// The exchanges that have that one as their alternate exchange.
fn giving_up<'a>(exchanges: &'a Exchanges, to: &'a Name) -> impl Iterator<Item = Hop> + 'a {
    exchanges.all().filter(move |exchange| exchange.alternate.as_ref() == Some(to)).map(|exchange| hop(exchange, None))
}

fn hop(exchange: &Exchange, binding: Option<Rc<Binding>>) -> Hop {
    Hop { exchange: exchange.resource.clone(), kind: exchange.kind, binding }
}

/// The first key, of the shortest ones made of words that stand in bindings and one that stands in none, that reaches
/// the queue this way.
fn example(exchanges: &Exchanges, hops: &[Hop], queue: &Rc<Resource>) -> Option<(Name, Table)> {
    let start = hops.first()?;
    let headers = headers(hops);
    let properties = Properties { headers: (!headers.is_empty()).then(|| headers.clone()), ..Properties::default() };
    let properties = Rc::new(properties);
    let goes = |key: &Name| {
        let message = message(&start.exchange.name, key, &properties);
        // Each binding by itself is soon asked.
        let may = |hop: &Hop| match (&hop.binding, hop.kind) {
            (None, _) | (_, ExchangeType::ConsistentHash | ExchangeType::LocalRandom) => true,
            (Some(binding), kind) => is_match(&verdict(kind, binding, &message)),
        };
        if !hops.iter().all(may) {
            return false;
        }
        let fate = exchanges.publish(&queue.vhost, &message);
        let took = |hop: &Hop| {
            let asked = fate.asked.iter().find(|asked| asked.exchange == hop.exchange);
            asked.is_some_and(|asked| match &hop.binding {
                None => asked.alternate.is_some(),
                Some(_) if asked.is_by_chance() => true,
                Some(binding) => {
                    asked.answers.iter().any(|tried| tried.binding == *binding && is_match(&tried.verdict))
                }
            })
        };
        (fate.queues.contains(queue) || fate.by_chance.contains(queue)) && hops.iter().all(took)
    };
    candidates(exchanges, hops).into_iter().find(|key| goes(key)).map(|key| (key, headers))
}

/// The headers that the bindings of headers exchanges on the way ask for.
fn headers(hops: &[Hop]) -> Table {
    let bindings = hops.iter().filter(|hop| hop.kind == ExchangeType::Headers).filter_map(|hop| hop.binding.as_ref());
    let mut headers = Table::new();
    for binding in bindings {
        let mode = binding.arguments.get("x-match").and_then(Value::as_str).unwrap_or("all");
        for (key, value) in &binding.arguments {
            let counts = if mode.ends_with("-with-x") { *key != "x-match" } else { !key.starts_with("x-") };
            if counts {
                let value = if matches!(value, Value::Void) { Value::Bool(true) } else { value.clone() };
                headers.insert(key.clone(), value);
            }
        }
    }
    headers
}

/// Keys worth a try: those of the bindings on the way with something in the place of each wildcard, then whatever can be
/// put together from their words.
fn candidates(exchanges: &Exchanges, hops: &[Hop]) -> Vec<Name> {
    let on_way = hops.iter().filter_map(|hop| hop.binding.as_ref().map(|binding| (hop.kind, &binding.routing_key)));
    let keyed: Vec<(ExchangeType, &Name)> =
        on_way.filter(|(kind, _)| matches!(kind, ExchangeType::Direct | ExchangeType::Topic)).collect();
    let mut words: Vec<Name> = Vec::new();
    let mut keys: Vec<Name> = Vec::new();
    let free = free_word(exchanges);
    for (kind, key) in &keyed {
        if *kind == ExchangeType::Topic {
            let filled = key.split('.').filter(|word| *word != "#");
            let filled: Vec<&str> = filled.map(|word| if word == "*" { free.as_str() } else { word }).collect();
            keys.push(filled.join(".").into());
            words.extend(key.split('.').filter(|word| !matches!(*word, "*" | "#")).map(Name::from));
        } else {
            keys.push((*key).clone());
            words.extend(key.split('.').map(Name::from));
        }
    }
    if keys.is_empty() {
        keys.push(free.clone());
    }
    words.push(free);
    words.sort();
    words.dedup();
    let mut longest: Vec<Name> = words.clone();
    for _ in 0..WORDS_MAX {
        keys.extend(longest.iter().cloned());
        if keys.len().saturating_add(longest.len() * words.len()) > TRIES_MAX {
            break;
        }
        let longer = longest.iter().flat_map(|key| words.iter().map(move |word| format!("{key}.{word}").into()));
        longest = longer.collect();
    }
    keys
}

/// A word that no binding has.
fn free_word(exchanges: &Exchanges) -> Name {
    let is_taken = |word: &str| {
        exchanges
            .all()
            .flat_map(Exchange::bindings)
            .any(|bound| bound.binding.routing_key.split('.').any(|it| it == word))
    };
    let words = ["anything", "something", "whatever"];
    let numbered = (1..).map(|number: u32| format!("any{number}"));
    let free = words.into_iter().map(str::to_owned).chain(numbered).find(|word| !is_taken(word));
    free.unwrap_or_default().into()
}
