//! What the tester says, in words: for each exchange what each binding answers, and who gets the message.

use super::words::{Part, parts};
use super::{Asked, Fate, Hop, Way, is_match};
use crate::broker::Name;
use crate::broker::binding::Destination;
use crate::broker::event::{MatchReason, Tried, Verdict};
use crate::broker::message::Message;
use crate::broker::table::Table;
use crate::view::graph::exchange_name;
use crate::view::sentence::Sentence;
use crate::view::why::{miss, value};

/// One binding's answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Whether it matches; none if chance decides.
    pub matches: Option<bool>,
    /// The answer.
    pub sentence: Sentence,
    /// The same part by part, where it has parts.
    pub parts: Vec<Part>,
}

impl Asked {
    /// What each of its bindings says to a message.
    pub fn told(&self, message: &Message) -> Vec<Told> {
        self.answers.iter().map(|tried| self.answer(tried, message)).collect()
    }

    fn answer(&self, tried: &Tried, message: &Message) -> Told {
        let to = match &tried.binding.destination {
            Destination::Queue(name) => Sentence::of(name),
            Destination::Exchange(name) => Sentence::words("exchange ").name(name),
        };
        let to = to.say(": ");
        if self.is_by_chance() {
            return Told { matches: None, sentence: to.say("one of these bindings, by chance."), parts: Vec::new() };
        }
        let matches = is_match(&tried.verdict);
        let because = match &tried.verdict {
            Verdict::Match(reason) => fits(reason, &tried.binding.routing_key, message),
            verdict => miss(self.kind, &tried.binding, message, verdict).map(|(_, words)| words).unwrap_or_default(),
        };
        let parts = parts(self.kind, &tried.binding, message, &tried.verdict);
        Told { matches: Some(matches), sentence: to.then(because).say("."), parts }
    }
}

fn fits(reason: &MatchReason, pattern: &Name, message: &Message) -> Sentence {
    let key = &message.routing_keys.key;
    match reason {
        MatchReason::QueueName => Sentence::words("the routing key is its name"),
        MatchReason::KeyEquals { key } => Sentence::of(key).say(" is the binding key"),
        MatchReason::Always => Sentence::words("a fanout exchange asks for nothing"),
        MatchReason::Pattern { key } => match wildcards(key, pattern) {
            Some(words) => Sentence::of(key).say(" matches ").name(pattern).say(": ").then(words),
            None => Sentence::of(key).say(" matches ").name(pattern),
        },
        MatchReason::AllHeaders => Sentence::words("all headers that it asks for are there"),
        MatchReason::AnyHeader { header } => {
            Sentence::words("the header ").name(header).say(" is there, and one is enough")
        }
        MatchReason::Chosen => Sentence::words("the hash of ").name(key).say(" falls on its part of the ring"),
    }
}

/// What each `*` stands for; none where a `#` makes that ambiguous, or there is no wildcard.
fn wildcards(key: &str, pattern: &str) -> Option<Sentence> {
    if pattern.split('.').any(|word| word == "#") {
        return Some(Sentence::words("# stands for any number of words"));
    }
    let stars = pattern.split('.').zip(key.split('.')).filter(|(want, _)| *want == "*");
    let words: Vec<Name> = stars.map(|(_, have)| have.into()).collect();
    let first = words.first()?;
    let sentence = Sentence::words("* is ").name(first);
    Some(words.iter().skip(1).fold(sentence, |sentence, word| sentence.say(", then ").name(word)))
}

impl Fate {
    /// Who gets it.
    pub fn told(&self) -> Sentence {
        let sentence = match (&self.queues[..], &self.by_chance[..]) {
            ([], []) => return self.told_unroutable(),
            ([], one_of) => {
                return Sentence::words("One of these gets it, by chance: ")
                    .names(one_of.iter().map(|queue| &queue.name))
                    .say(".");
            }
            (queues, _) => Sentence::words("It goes to ").names(queues.iter().map(|queue| &queue.name)),
        };
        match &self.by_chance[..] {
            [] => sentence.say("."),
            one_of => sentence.say(", and by chance to one of ").names(one_of.iter().map(|queue| &queue.name)).say("."),
        }
    }
}

impl Fate {
    /// What becomes of what no queue gets: an alternate exchange first, if there is one.
    fn told_unroutable(&self) -> Sentence {
        let sentence = Sentence::words(
            "No queue gets it: it is unroutable. Published as mandatory it is returned to the publisher (NO_ROUTE), otherwise \
             it is dropped.",
        );
        if let Some((exchange, name)) = self.asked.iter().find_map(|asked| Some((asked, asked.missing.as_ref()?))) {
            let sentence = sentence.say(" The alternate exchange of ").name(&exchange.exchange.name).say(", ");
            return sentence.name(&exchange_name(name)).say(", gets nothing: no such exchange is declared.");
        }
        match &self.asked[..] {
            [only] if !only.exchange.name.is_empty() && only.answers.iter().all(|tried| !is_match(&tried.verdict)) => {
                sentence.say(" ").name(&only.exchange.name).say(" has no alternate exchange that would get it first.")
            }
            _ => sentence,
        }
    }
}

impl Way {
    /// Which way, and what goes it.
    pub fn told(&self) -> Sentence {
        let mut sentence = Sentence::default();
        for (place, hop) in self.hops.iter().enumerate() {
            let start = if place == 0 { sentence } else { sentence.say(", then ") };
            sentence = start.name(&exchange_name(&hop.exchange.name)).then(by(hop));
        }
        match &self.example {
            None => sentence.say(". No key goes this way."),
            Some((key, headers)) if headers.is_empty() => sentence.say(". For example ").name(key).say("."),
            Some((key, headers)) => sentence.say(". For example ").name(key).say(" with ").then(all(headers)).say("."),
        }
    }
}

fn all(headers: &Table) -> Sentence {
    headers.iter().enumerate().fold(Sentence::words("the header "), |sentence, (place, (name, wanted))| {
        let start = if place == 0 { sentence } else { sentence.say(", ") };
        start.name(name).say(" = ").then(value(wanted))
    })
}

fn by(hop: &Hop) -> Sentence {
    use crate::broker::exchange::ExchangeType;
    let Some(binding) = &hop.binding else {
        return if hop.exchange.name.is_empty() {
            Sentence::words(": the queue's name is the routing key")
        } else {
            Sentence::words(" (if no binding of it matches)")
        };
    };
    match hop.kind {
        ExchangeType::Direct => Sentence::words(" by the binding key ").name(&binding.routing_key),
        ExchangeType::Topic => Sentence::words(" by the pattern ").name(&binding.routing_key),
        ExchangeType::Fanout => Sentence::words(" (any key)"),
        ExchangeType::Headers => Sentence::words(" by headers"),
        ExchangeType::ConsistentHash => Sentence::words(" by the key's hash"),
        ExchangeType::LocalRandom => Sentence::words(" by chance"),
    }
}

impl Asked {
    /// Which exchange it is, and where it gives what none of its bindings wants.
    pub fn heading(&self) -> Sentence {
        let sentence = Sentence::of(&exchange_name(&self.exchange.name)).say(format!(" ({})", self.kind.as_str()));
        let sentence = if self.answers.is_empty() { sentence.say(": no binding answers") } else { sentence };
        match &self.alternate {
            Some(alternate) => sentence.say("; nothing matches, so it asks its alternate exchange ").name(alternate),
            None => sentence,
        }
    }
}
