//! `topic`: the binding key is a pattern of words between dots; `*` stands for exactly one word, `#` for any
//! number of them. Source: `rabbit/src/rabbit_exchange_type_topic.erl`, `rabbit_db_topic_exchange.erl`.
//!
//! What always holds: the empty string has no words, any other has one more than dots, and words may be empty.
//! Patterns are kept in a trie, a word an edge; a node that leads to no binding is removed. A routing key meets
//! each binding at most once.

use super::{Slot, dedup_slots, remove_slot};
use crate::broker::error::AmqpError;
use crate::broker::event::{MatchReason, Verdict};
use crate::broker::message::Message;
use crate::broker::name::Name;

/// Most `#` words of a pattern.
const MAX_HASHES: usize = 2;

pub(super) fn validate(pattern: &str) -> Result<(), AmqpError> {
    let hashes = words(pattern).filter(|word| *word == "#").count();
    if hashes > MAX_HASHES {
        return Err(AmqpError::precondition_failed(format_args!(
            "Topic binding key '{pattern}' uses {hashes} '#' wildcards, at most {MAX_HASHES} are allowed"
        )));
    }
    Ok(())
}

/// What is left of a key: its words, or none. `Some("")` is one empty word.
type Rest<'a> = Option<&'a str>;

fn start(key: &str) -> Rest<'_> {
    (!key.is_empty()).then_some(key)
}

fn split(text: &str) -> (&str, Rest<'_>) {
    match text.bytes().position(|byte| byte == b'.') {
        Some(dot) => (&text[..dot], Some(&text[dot + 1..])),
        None => (text, None),
    }
}

fn words(key: &str) -> impl Iterator<Item = &str> {
    let mut rest = start(key);
    std::iter::from_fn(move || {
        let (word, after) = split(rest?);
        rest = after;
        Some(word)
    })
}

/// The patterns of an exchange.
#[derive(Clone, Debug)]
pub(super) struct Trie {
    /// The root is the first.
    nodes: Vec<Node>,
    /// Nodes not in use.
    free: Vec<u32>,
}

/// A prefix of a pattern.
#[derive(Clone, Debug, Default)]
struct Node {
    /// By plain words, sorted by `(head, word)`.
    plain: Vec<Edge>,
    /// By `*`; 0, the root, for none.
    star: u32,
    /// By `#`; 0, the root, for none.
    hash: u32,
    /// The bindings of this very pattern, ascending.
    slots: Vec<Slot>,
}

/// An edge. The head decides most comparisons without following the pointer to the word.
#[derive(Clone, Debug)]
struct Edge {
    head: u64,
    word: Name,
    node: u32,
}

impl Default for Trie {
    fn default() -> Self {
        Trie { nodes: vec![Node::default()], free: Vec::new() }
    }
}

/// The first eight bytes of a word, as a number.
fn head(word: &str) -> u64 {
    word.bytes().take(8).fold(0, |head, byte| head << 8 | u64::from(byte))
}

impl Node {
    fn find(&self, word: &str) -> Result<usize, usize> {
        let head = head(word);
        self.plain.binary_search_by(|edge| edge.head.cmp(&head).then_with(|| edge.word.as_str().cmp(word)))
    }

    /// The next node by a word of a pattern; 0 for none.
    fn next(&self, word: &str) -> u32 {
        match word {
            "*" => self.star,
            "#" => self.hash,
            plain => self.find(plain).map_or(0, |at| self.plain[at].node),
        }
    }

    /// Sets, or with 0 removes, the next node by a word of a pattern.
    fn set_next(&mut self, word: &str, node: u32) {
        match word {
            "*" => self.star = node,
            "#" => self.hash = node,
            plain => match self.find(plain) {
                Ok(at) if node == 0 => drop(self.plain.remove(at)),
                Ok(at) => self.plain[at].node = node,
                Err(_) if node == 0 => {}
                Err(at) => self.plain.insert(at, Edge { head: head(plain), word: plain.into(), node }),
            },
        }
    }

    fn has_children(&self) -> bool {
        !self.plain.is_empty() || self.star != 0 || self.hash != 0
    }
}

/// A walk through the trie by one routing key.
struct Walk<'a> {
    nodes: &'a [Node],
    out: &'a mut Vec<Slot>,
    /// The `#` nodes entered after another `#`. Allocates for these alone.
    entered: Vec<u32>,
}

impl Trie {
    pub(super) fn insert(&mut self, pattern: &str, slot: Slot) {
        let mut at = 0;
        for word in words(pattern) {
            let next = self.nodes[at as usize].next(word);
            at = if next != 0 { next } else { self.add(at, word) };
        }
        self.nodes[at as usize].slots.push(slot);
    }

    fn add(&mut self, parent: u32, word: &str) -> u32 {
        let node = self.free.pop().unwrap_or_else(|| {
            self.nodes.push(Node::default());
            (self.nodes.len() - 1) as u32
        });
        self.nodes[parent as usize].set_next(word, node);
        node
    }

    pub(super) fn remove(&mut self, pattern: &str, slot: Slot) {
        let mut path = Vec::new();
        let mut at = 0;
        for word in words(pattern) {
            path.push((at, word));
            at = self.nodes[at as usize].next(word);
            if at == 0 {
                return;
            }
        }
        remove_slot(&mut self.nodes[at as usize].slots, slot);
        while let Some((parent, word)) = path.pop() {
            let node = &self.nodes[at as usize];
            if !node.slots.is_empty() || node.has_children() {
                return;
            }
            self.nodes[at as usize] = Node::default();
            self.free.push(at);
            self.nodes[parent as usize].set_next(word, 0);
            at = parent;
        }
    }

    pub(super) fn matches(&self, message: &Message, out: &mut Vec<Slot>) {
        let mut walk = Walk { nodes: &self.nodes, out, entered: Vec::new() };
        for key in message.routing_keys.iter() {
            walk.entered.clear();
            walk.visit(0, start(key), false);
        }
        if message.routing_keys.more.is_some() {
            dedup_slots(out);
        }
    }
}

impl Walk<'_> {
    /// As deep as the longest pattern has words.
    fn visit(&mut self, at: u32, rest: Rest, after_hash: bool) {
        let nodes = self.nodes;
        let node = &nodes[at as usize];
        match rest {
            None => self.out.extend_from_slice(&node.slots),
            Some(text) => {
                let (word, rest) = split(text);
                if let Ok(edge) = node.find(word) {
                    self.visit(node.plain[edge].node, rest, after_hash);
                }
                if node.star != 0 {
                    self.visit(node.star, rest, after_hash);
                }
            }
        }
        if node.hash != 0 {
            self.visit_hash(node.hash, rest, after_hash);
        }
    }

    /// All ways to go on behind a `#`: with everything that is left, with one word less, and so on.
    ///
    /// An earlier `#` took few words first, so the first time here has the most words left, and every later one
    /// would only do again what that did.
    fn visit_hash(&mut self, at: u32, mut rest: Rest, after_hash: bool) {
        let nodes = self.nodes;
        let node = &nodes[at as usize];
        if after_hash {
            if self.entered.contains(&at) {
                return;
            }
            self.entered.push(at);
        }
        if node.has_children() {
            while let Some(text) = rest {
                self.visit(at, rest, true);
                rest = split(text).1;
            }
            self.visit(at, None, true);
        } else {
            self.out.extend_from_slice(&node.slots);
        }
    }
}

/// The routing keys of a message, split once into their words to be held against many patterns.
pub(super) struct SplitKeys<'m>(Vec<(&'m Name, Vec<&'m str>)>);

impl<'m> SplitKeys<'m> {
    pub(super) fn new(message: &'m Message) -> Self {
        SplitKeys(message.routing_keys.iter().map(|key| (key, words(key).collect())).collect())
    }

    /// What a pattern says: to the first key that fits, else to the first of all.
    pub(super) fn verdict(&self, pattern: &str) -> Verdict {
        let pattern: Vec<&str> = words(pattern).collect();
        let mut differs = None;
        for (key, words) in &self.0 {
            match check(&pattern, words) {
                Ok(()) => return Verdict::Match(MatchReason::Pattern { key: (*key).clone() }),
                Err(verdict) => differs = differs.or(Some(verdict)),
            }
        }
        differs.unwrap_or(Verdict::KeyDiffers)
    }
}

/// Whether a topic exchange would find that a pattern fits a message.
pub fn fits_pattern(pattern: &str, message: &Message) -> bool {
    matches!(verdict(pattern, message), Verdict::Match(_))
}

pub(super) fn verdict(pattern: &str, message: &Message) -> Verdict {
    SplitKeys::new(message).verdict(pattern)
}

/// Reads pattern and key from left to right, and says where they part.
fn check(pattern: &[&str], key: &[&str]) -> Result<(), Verdict> {
    let count = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    let fits = |wanted: &[&str], words: &[&str]| wanted.iter().zip(words).all(|(w, word)| *w == "*" || w == word);
    let need = pattern.iter().filter(|word| **word != "#").count();
    let too_few = Verdict::TooFewWords { have: count(key.len()), need: count(need) };

    let first_hash = pattern.iter().position(|word| *word == "#");
    let prefix = &pattern[..first_hash.unwrap_or(pattern.len())];
    let parts = |(wanted, word): (&&str, &&str)| *wanted != "*" && wanted != word;
    if let Some(index) = prefix.iter().zip(key).position(parts) {
        return Err(Verdict::WordDiffers { index: count(index) });
    }
    if key.len() < need {
        return Err(too_few);
    }
    let Some(first_hash) = first_hash else {
        let too_many = Verdict::TooManyWords { have: count(key.len()), take: count(need) };
        return if key.len() > need { Err(too_many) } else { Ok(()) };
    };

    // Behind the first `#`: runs of words, each at the first place it fits, the last one at the end of the key.
    let (mut at, mut rest) = (first_hash + 1, &key[prefix.len()..]);
    for run in pattern[first_hash + 1..].split(|word| *word == "#") {
        let not_found = Verdict::WordsNotFound { index: count(at) };
        let last = at + run.len() == pattern.len();
        let found = match rest.len().checked_sub(run.len()) {
            Some(place) if last => fits(run, &rest[place..]).then_some(place),
            Some(places) => (0..=places).find(|place| fits(run, &rest[*place..])),
            None => None,
        };
        rest = &rest[found.ok_or(not_found)? + run.len()..];
        at += run.len() + 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::ExchangeType;
    use super::super::tests::{exchange, message, routed, to_queue};
    use super::*;

    /// Both ways to match, which have to agree.
    fn fits(pattern: &str, key: &str) -> bool {
        let mut x = exchange("x", ExchangeType::Topic, &[]);
        x.bind(to_queue(1, pattern));
        let hits = routed(&x, &message(&[key], None), 0);
        let told = matches!(verdict(pattern, &message(&[key], None)), Verdict::Match(_));
        assert_eq!(hits.len(), usize::from(told), "{pattern:?} {key:?}");
        told
    }

    #[test]
    fn words_of_a_key() {
        let rows: [(&str, &[&str]); 6] = [
            ("", &[]),
            ("a", &["a"]),
            ("a.", &["a", ""]),
            (".a", &["", "a"]),
            (".", &["", ""]),
            ("a..b", &["a", "", "b"]),
        ];
        for (key, want) in rows {
            assert_eq!(words(key).collect::<Vec<_>>(), want, "{key:?}");
        }
    }

    #[test]
    fn patterns_as_seen_on_a_broker() {
        let rows: [(&str, &[(&str, bool)]); 18] = [
            ("#", &[("", true), ("a", true), ("a.b", true)]),
            ("*", &[("", false), ("a", true), ("a.b", false), (".", false)]),
            ("a.#", &[("a", true), ("a.", true), ("a.b.c", true), (".a", false)]),
            ("#.a", &[("a", true), ("b.a", true), ("", false)]),
            ("*.*", &[(".", true), ("a.", true), ("a", false), ("..", false)]),
            ("a.*.c", &[("a..c", true), ("a.b.c", true), ("a.c", false)]),
            ("#.#", &[("", true), ("a", true)]),
            ("*.#", &[("", false), ("a", true), (".", true)]),
            ("#.*", &[("", false), ("a", true), ("a.b", true)]),
            ("a*", &[("a*", true), ("ab", false)]),
            ("", &[("", true), ("a", false)]),
            ("a..b", &[("a..b", true), ("a.b", false)]),
            ("a.*", &[("a.", true), ("a.*", true), ("a.#", true)]),
            ("a.#.b.#", &[("a.b", true), ("a.x.b", true), ("a.x.y.b.z", true), ("a.x", false)]),
            ("##", &[("##", true), ("a", false), ("#", false)]),
            ("#.a.#", &[("a.a.a", true), ("b.a.c", true), ("b", false)]),
            ("#.a.b", &[("a.a.b", true), ("a.b.a", false)]),
            ("a.#.#.b", &[("a.b", true), ("a.x.b", true), ("a", false)]),
        ];
        for (pattern, keys) in rows {
            keys.iter().for_each(|(key, want)| assert_eq!(fits(pattern, key), *want, "{pattern:?} {key:?}"));
        }
    }

    #[test]
    fn verdicts_name_the_word() {
        for (pattern, key, want) in [
            ("a.*.c", "a.b.d", Verdict::WordDiffers { index: 2 }),
            ("a.b", "x", Verdict::WordDiffers { index: 0 }),
            ("a.b", "a", Verdict::TooFewWords { have: 1, need: 2 }),
            ("a.*", "a.b.c", Verdict::TooManyWords { have: 3, take: 2 }),
            ("", "a", Verdict::TooManyWords { have: 1, take: 0 }),
            ("a.#.b", "a", Verdict::TooFewWords { have: 1, need: 2 }),
            ("a.#.b", "a.b.c", Verdict::WordsNotFound { index: 2 }),
            ("#.b.c.#", "b.x.c", Verdict::WordsNotFound { index: 1 }),
        ] {
            assert_eq!(verdict(pattern, &message(&[key], None)), want, "{pattern:?} {key:?}");
        }
        let second = verdict("a.*", &message(&["b", "a.c"], None));
        assert_eq!(second, Verdict::Match(MatchReason::Pattern { key: "a.c".into() }));
    }

    #[test]
    fn two_hashes_are_allowed() {
        assert_eq!((validate("#.#"), validate("##.#.#")), (Ok(()), Ok(())));
        let text = "PRECONDITION_FAILED - Topic binding key '#.#.#' uses 3 '#' wildcards, at most 2 are allowed";
        assert_eq!(validate("#.#.#").expect_err("three").text, text);
    }

    #[test]
    fn nothing_is_left_behind() {
        let mut trie = Trie::default();
        let patterns = ["a.b.c", "a.b", "a.*.#", "#.a", "", "a", "#.*.a.#"];
        (0..).zip(patterns).for_each(|(slot, pattern)| trie.insert(pattern, slot));
        let size = trie.nodes.len();
        (0..).zip(patterns).for_each(|(slot, pattern)| trie.remove(pattern, slot));
        trie.remove("not.there", 1);
        assert_eq!(trie.free.len() + 1, size);
        assert!(!trie.nodes[0].has_children() && trie.nodes[0].slots.is_empty());
    }

    /// The rule itself, word by word.
    fn naive(pattern: &[&str], key: &[&str]) -> bool {
        match pattern {
            [] => key.is_empty(),
            ["#", rest @ ..] => (0..=key.len()).any(|n| naive(rest, &key[n..])),
            [word, rest @ ..] => match key {
                [first, after @ ..] => (*word == "*" || word == first) && naive(rest, after),
                [] => false,
            },
        }
    }

    fn key(words: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
        prop::collection::vec(prop::sample::select(words), 0..most).prop_map(|words| words.join("."))
    }

    proptest! {
        #[test]
        fn the_trie_agrees_with_the_rule(
            patterns in prop::collection::vec(key(&["a", "b", "", "*", "#", "a*"], 6), 1..12),
            keys in prop::collection::vec(key(&["a", "b", "", "*", "#", "c"], 7), 1..4),
            removed in 0_usize..6,
        ) {
            let mut x = exchange("x", ExchangeType::Topic, &[]);
            let mut left = Vec::new();
            for (queue, pattern) in (0..).zip(&patterns) {
                x.bind(to_queue(queue, pattern));
                left.push((queue, pattern));
            }
            for (queue, pattern) in left.drain(..removed.min(patterns.len())) {
                prop_assert!(x.unbind(&to_queue(queue, pattern).binding).is_some());
            }
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            let message = message(&keys, None);
            let matches = |pattern: &str| {
                let pattern: Vec<&str> = words(pattern).collect();
                keys.iter().any(|key| naive(&pattern, &words(key).collect::<Vec<_>>()))
            };
            let want: Vec<u32> = left.iter().filter(|(_, pattern)| matches(pattern)).map(|(queue, _)| *queue).collect();
            prop_assert_eq!(routed(&x, &message, 0), want);
            for (_, pattern) in left {
                let told = matches!(verdict(pattern, &message), Verdict::Match(_));
                prop_assert_eq!(told, matches(pattern), "{}", pattern);
            }
        }
    }
}
