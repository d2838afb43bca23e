//! Where two worlds part: the first moment at which something else befalls a message, in words.
//!
//! What always holds: up to that moment the same happened to the same messages, in whatever order within a millisecond.

use std::fmt;

use crate::broker::Name;
use crate::broker::event::DropRule;
use crate::simulation::{Scenario, ScenarioError};
use crate::view::graph::exchange_name;
use crate::view::life::dropped;
use crate::view::player::Player;
use crate::view::sentence::{Sentence, span};

use super::fates::Fates;

/// So far ahead two worlds are looked through, virtual milliseconds, and in such steps.
const LOOK_MS: u32 = 120_000;
const LOOK_STEP_MS: u32 = 2_000;
/// So far behind the parting it is looked whether something happens later.
const AFTER_MS: u32 = 20_000;
/// Nor further than that, entries of a log.
const LOOK_ENTRIES: usize = 30_000;

/// What befalls a message, with the names of the queue and of who gets it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Deed {
    Published,
    Enqueued(Name),
    Delivered(Name, Name),
    Acked(Name),
    Requeued(Name),
    Delayed(Name),
    DelayEnded(Name),
    Dropped(Name, DropRule),
    DeadLettered(Name, Name),
    Refused(Name),
    Unroutable(bool),
    DeadLetterLost,
}

/// Something that befalls a message at a moment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fact {
    pub at_ms: u64,
    pub publisher: Name,
    pub number: u64,
    pub deed: Deed,
}

impl Fact {
    fn is_same(&self, other: &Fact) -> bool {
        (&self.publisher, self.number, &self.deed) == (&other.publisher, other.number, &other.deed)
    }

    fn told(&self) -> Sentence {
        let who = Sentence::of(&format!("{} {}", self.publisher, self.number).into());
        match &self.deed {
            Deed::Published => who.say(" is published"),
            Deed::Enqueued(queue) => who.say(" comes into ").name(queue),
            Deed::Delivered(queue, to) => who.say(" goes from ").name(queue).say(" to ").name(to),
            Deed::Acked(queue) => who.say(" is acknowledged, and ").name(queue).say(" forgets it"),
            Deed::Requeued(queue) => who.say(" goes back into ").name(queue),
            Deed::Delayed(queue) => who.say(" waits in ").name(queue).say(" for its next try"),
            Deed::DelayEnded(queue) => who.say(" has waited, and is ready again in ").name(queue),
            Deed::Dropped(queue, rule) => who.say(format!(" is {} in ", dropped(*rule))).name(queue),
            Deed::DeadLettered(queue, exchange) => {
                who.say(" leaves ").name(queue).say(" as a dead letter, for ").name(&exchange_name(exchange))
            }
            Deed::Refused(queue) => who.say(" is refused: ").name(queue).say(" is full"),
            Deed::Unroutable(false) => who.say(" is unroutable, and dropped"),
            Deed::Unroutable(true) => who.say(" is unroutable, and returned"),
            Deed::DeadLetterLost => who.say(" is lost as a dead letter: it reaches no queue"),
        }
    }
}

/// What one world does at the moment at which they part.
#[derive(Clone, Debug, PartialEq)]
pub enum Side {
    /// This, which the other one does not do then.
    Does(Sentence),
    /// Nothing else: what the other one does it does only later, virtual milliseconds, or never as far as one sees.
    Not(Option<u64>),
}

/// Where two worlds part.
#[derive(Clone, Debug, PartialEq)]
pub struct Parting {
    /// The moment, virtual milliseconds.
    pub at_ms: u64,
    /// What is different then: as it is, and with the change.
    pub sides: [Side; 2],
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Side::Does(sentence) => write!(f, "{sentence}"),
            Side::Not(None) => write!(f, "this does not happen in the next {} s", AFTER_MS / 1_000),
            Side::Not(Some(at_ms)) => write!(f, "this happens only at {}", moment(*at_ms)),
        }
    }
}

/// A moment of the virtual clock, as the page shows it.
fn moment(at_ms: u64) -> String {
    format!("{}.{} s", at_ms / 1_000, at_ms % 1_000 / 100)
}

impl Parting {
    /// In words.
    pub fn told(&self) -> String {
        let [left, right] = &self.sides;
        let at = moment(self.at_ms);
        match left {
            Side::Does(_) => format!("They part at {at}: as it is, {left}; with the change, {right}."),
            // What happens is told before what does not.
            Side::Not(_) => format!("They part at {at}: with the change, {right}; as it is, {left}."),
        }
    }

    /// The first moment at which two worlds, both known up to a moment, differ.
    pub fn of(left: &Fates, right: &Fates, until_ms: u64) -> Option<Parting> {
        let (mut left, mut right) = (left.facts(), right.facts());
        loop {
            let at_ms = [left, right].into_iter().filter_map(|facts| facts.first().map(|fact| fact.at_ms)).min()?;
            if at_ms > until_ms {
                return None;
            }
            let ([now, then], [other, later]) = (moment_of(left, at_ms), moment_of(right, at_ms));
            if now != other {
                let sides = [only(now, other), only(other, now)];
                if sides.iter().any(Option::is_some) {
                    let [one, two] = &sides;
                    let side = |mine: &Option<&Fact>, theirs: &Option<&Fact>, later: &[Fact]| match (mine, theirs) {
                        (Some(fact), _) => Side::Does(fact.told()),
                        (None, Some(fact)) => {
                            Side::Not(later.iter().find(|other| other.is_same(fact)).map(|other| other.at_ms))
                        }
                        (None, None) => Side::Not(None),
                    };
                    return Some(Parting { at_ms, sides: [side(one, two, then), side(two, one, later)] });
                }
            }
            (left, right) = (then, later);
        }
    }
}

/// The facts of a moment, and those after it.
fn moment_of(facts: &[Fact], at_ms: u64) -> [&[Fact]; 2] {
    let (now, then) = facts.split_at(facts.partition_point(|fact| fact.at_ms <= at_ms));
    [now, then]
}

/// The first of some facts that the others do not have, each as often as it is there.
fn only<'a>(mine: &'a [Fact], theirs: &[Fact]) -> Option<&'a Fact> {
    let count = |all: &[Fact], fact: &Fact| all.iter().filter(|other| *other == fact).count();
    mine.iter().find(|fact| count(mine, fact) > count(theirs, fact))
}

/// What looking ahead found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Look {
    /// Where they part, if they do as far as was looked.
    pub parting: Option<Parting>,
    /// How far that is, virtual milliseconds.
    pub looked_ms: u64,
}

impl Look {
    /// In words.
    pub fn told(&self) -> String {
        match &self.parting {
            Some(parting) => parting.told(),
            None => format!("The same happens to every message in the first {}.", span(self.looked_ms)),
        }
    }
}

/// Plays both ahead, beside what is shown, until they part.
///
/// # Errors
///
/// Why one of them cannot begin.
pub fn look(left: &Scenario, right: &Scenario) -> Result<Look, ScenarioError> {
    let mut worlds = [(Player::new(left)?, Fates::default()), (Player::new(right)?, Fates::default())];
    let mut look = Look::default();
    for at_ms in (LOOK_STEP_MS..=LOOK_MS + AFTER_MS).step_by(LOOK_STEP_MS as usize) {
        let mut is_far = false;
        look.looked_ms = u64::from(at_ms);
        for (player, fates) in &mut worlds {
            let goes_on = player.seek_ms(f64::from(at_ms));
            fates.go_on(player);
            if player.film().len() > LOOK_ENTRIES {
                is_far = true;
                // What happens in its last millisecond may not be all there.
                let last_ms = player.current().map_or(0, |entry| entry.at_ms).saturating_sub(1);
                look.looked_ms = if goes_on { look.looked_ms } else { look.looked_ms.min(last_ms) };
            }
        }
        let [(_, mine), (_, theirs)] = &worlds;
        look.parting = Parting::of(mine, theirs, look.looked_ms);
        let enough_ms = look.parting.as_ref().map_or(LOOK_MS.into(), |parting| parting.at_ms + u64::from(AFTER_MS));
        if is_far || u64::from(at_ms) >= enough_ms {
            break;
        }
    }
    Ok(look)
}
