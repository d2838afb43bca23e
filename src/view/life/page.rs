//! The whole life of a message on one page: chapter by chapter, from its publish through each queue that took a copy and each
//! dead letter exchange, with what changed in it on the way.
//!
//! What always holds: each moment of the life is in one chapter, in the order of the log; a chapter comes after the one it
//! follows from. Copies of one message are branches: they are one step further in than what they are copies of.

use std::rc::Rc;

use crate::broker::event::EventKind;
use crate::broker::message::{DeathReason, Message};
use crate::broker::{CopyId, Event, MessageId, Method, Name, Resource};
use crate::history::History;
use crate::simulation::{ClientEvent, ClientId, LogEntry, LogKind};

use super::content::{Change, Content};
use super::{Life, delivered, in_broker, settled};
use crate::view::board::Board;
use crate::view::explain::{Teller, Tone, tone};
use crate::view::film::Film;
use crate::view::graph::exchange_name;
use crate::view::markdown;
use crate::view::scene::Scene;
use crate::view::sentence::{Sentence, count};

/// So many moments of a chapter are told: of longer ones the first and the last.
const LINES: (usize, usize) = (12, 28);
/// So many chapters are told.
const CHAPTERS: usize = 60;
/// How far causes are followed to find what an entry belongs to.
const FAR: usize = 12;

/// The life of a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// Which message.
    pub id: MessageId,
    /// The routing key it was published with.
    pub key: Name,
    /// What was in it at first.
    pub first: Content,
    /// Its deaths as a way: the oldest first, the same one again counted.
    pub legs: Vec<Leg>,
    /// Its chapters.
    pub chapters: Vec<Chapter>,
    /// Chapters that are not told.
    pub left_out: usize,
}

/// A death, and where it led: one step of the way that the x-death header tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leg {
    /// Where it died.
    pub queue: Name,
    /// Why.
    pub reason: DeathReason,
    /// How often, there and for that reason.
    pub count: u64,
    /// The dead letter exchange, for people.
    pub exchange: Name,
    /// The queues that took it then.
    pub to: Vec<Name>,
}

/// One publish, one dead-lettering, or one copy in a queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Chapter {
    /// How many times it branched on the way here.
    pub depth: usize,
    /// What it is.
    pub title: Sentence,
    /// Its moments, the first one first.
    pub lines: Vec<Told>,
    /// So many moments are left out, before the line of that place.
    pub left_out: Option<(usize, usize)>,
}

/// One moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The entry's number.
    pub seq: u64,
    /// When, virtual milliseconds.
    pub at_ms: u64,
    /// What happened.
    pub sentence: Sentence,
    /// How much it matters.
    pub tone: Tone,
    /// What is different in the message from now on, or as the one who gets it sees it.
    pub changes: Vec<Change>,
}

/// A message that is followed, as it is told when `cursor` entries have happened.
pub fn page(life: &Life, film: &Film, names: &Board, cursor: usize) -> Option<Page> {
    let history = film.history();
    let mut account = Account::new(history);
    for moment in life.moments(cursor) {
        if let Some(entry) = history.get(moment.place) {
            account.take(entry);
        }
    }
    let message = life.message(history, cursor)?;
    let legs = account.legs(message);
    let first = account.hops.first().map(|hop| hop.content.clone()).unwrap_or_default();
    let (chapters, left_out) = account.chapters(&Teller::new(film, names));
    Some(Page { id: life.id(), key: message.routing_keys.key.clone(), first, legs, chapters, left_out })
}

/// What a moment belongs to.
#[derive(Clone, Copy, PartialEq)]
enum Spot {
    Hop(usize),
    Copy(usize),
}

type Line<'a> = (&'a LogEntry, Vec<Change>);

/// A way through exchanges.
struct Hop<'a> {
    /// The copy that died, where that led here.
    from: Option<usize>,
    died: Option<(Rc<Resource>, DeathReason, Name)>,
    exchange: Name,
    content: Content,
    /// Whether the broker has said what is in it.
    is_known: bool,
    lines: Vec<Line<'a>>,
}

struct Copied<'a> {
    id: CopyId,
    queue: Rc<Resource>,
    hop: usize,
    content: Content,
    lines: Vec<Line<'a>>,
}

struct Account<'a> {
    history: &'a History<Scene>,
    hops: Vec<Hop<'a>>,
    copies: Vec<Copied<'a>>,
    /// What entries belong to, and what follows from them: by their numbers, ascending.
    spots: Vec<(u64, Spot)>,
    /// Deliveries: who knows a copy by which tag.
    tags: Vec<((ClientId, u16, u64), Spot)>,
}

impl<'a> Account<'a> {
    fn new(history: &'a History<Scene>) -> Self {
        Account { history, hops: Vec::new(), copies: Vec::new(), spots: Vec::new(), tags: Vec::new() }
    }

    fn take(&mut self, entry: &'a LogEntry) {
        let spot = self.spot_of(entry);
        let changes = self.changes(entry, spot);
        let lines = match spot {
            Spot::Hop(hop) => self.hops.get_mut(hop).map(|hop| &mut hop.lines),
            Spot::Copy(copy) => self.copies.get_mut(copy).map(|copy| &mut copy.lines),
        };
        if let Some(lines) = lines {
            lines.push((entry, changes));
        }
        let follows = self.died(entry, spot).unwrap_or(spot);
        self.spots.push((entry.seq, follows));
    }

    /// A death begins another way.
    fn died(&mut self, entry: &LogEntry, spot: Spot) -> Option<Spot> {
        let LogKind::Broker(Event { kind: EventKind::DeadLettered { at, reason, exchange, .. }, .. }) = &entry.kind
        else {
            return None;
        };
        let Spot::Copy(from) = spot else { return None };
        let content = self.copies.get(from).and_then(|copy| self.hops.get(copy.hop)).map(|hop| hop.content.clone());
        self.hops.push(Hop {
            from: Some(from),
            died: Some((at.queue.clone(), *reason, exchange.clone())),
            exchange: exchange.clone(),
            content: content.unwrap_or_default(),
            is_known: false,
            lines: Vec::new(),
        });
        Some(Spot::Hop(self.hops.len() - 1))
    }

    fn known(&self, seq: u64) -> Option<Spot> {
        let place = self.spots.binary_search_by_key(&seq, |(seq, _)| *seq).ok()?;
        self.spots.get(place).map(|(_, spot)| *spot)
    }

    /// What an entry follows from, as far as that is known.
    fn by_cause(&self, entry: &LogEntry) -> Option<Spot> {
        let mut cause = entry.cause;
        for _ in 0..FAR {
            if let Some(spot) = self.known(cause) {
                return Some(spot);
            }
            let place = usize::try_from(cause.checked_sub(1)?).ok()?;
            cause = self.history.get(place)?.cause;
        }
        None
    }

    fn spot_of(&mut self, entry: &LogEntry) -> Spot {
        match &entry.kind {
            LogKind::Broker(event) => {
                if let EventKind::Enqueued { at, .. } = &event.kind {
                    let hop = self.hop_of(entry, &at.message);
                    return self.copied(at.copy, &at.queue, hop);
                }
                match in_broker(&event.kind) {
                    Some((message, Some(copy))) => {
                        let known = self.copies.iter().rposition(|other| other.id == copy);
                        let queue = queue_of(&event.kind);
                        match (known, queue) {
                            (Some(place), _) => Spot::Copy(place),
                            (None, Some(queue)) => {
                                let hop = self.hop_of(entry, message);
                                self.copied(copy, queue, hop)
                            }
                            (None, None) => Spot::Hop(self.hop_of(entry, message)),
                        }
                    }
                    Some((message, None)) => Spot::Hop(self.hop_of(entry, message)),
                    None => self.by_cause(entry).unwrap_or(Spot::Hop(0)),
                }
            }
            LogKind::Client { client, connection, event } => {
                if let ClientEvent::Sent { method: Method::BasicPublish(publish), .. } = event
                    && self.hops.is_empty()
                {
                    self.hops.push(Hop::begin(&publish.exchange, Content::sent(publish)));
                    return Spot::Hop(0);
                }
                let by_tag =
                    settled(event).and_then(|(tag, multiple)| self.by_tag(*client, *connection, tag, multiple));
                let spot = by_tag.or_else(|| self.by_cause(entry)).unwrap_or(Spot::Hop(0));
                if let Some(delivery) = delivered(event) {
                    self.tags.push(((*client, *connection, delivery.delivery_tag), spot));
                }
                spot
            }
            LogKind::NotDone { .. } => Spot::Hop(0),
        }
    }

    fn by_tag(&self, client: ClientId, connection: u16, tag: u64, multiple: bool) -> Option<Spot> {
        let is_meant = |(who, on, known): &(ClientId, u16, u64)| {
            *who == client && *on == connection && (*known == tag || (multiple && (tag == 0 || *known < tag)))
        };
        self.tags.iter().rev().find(|(key, _)| is_meant(key)).map(|(_, spot)| *spot)
    }

    /// The way through exchanges that an entry of the broker belongs to; a new one where none is known.
    fn hop_of(&mut self, entry: &LogEntry, message: &Message) -> usize {
        let hop = match self.by_cause(entry) {
            Some(Spot::Hop(hop)) => hop,
            Some(Spot::Copy(copy)) => self.copies.get(copy).map_or(0, |copy| copy.hop),
            None if self.hops.is_empty() => {
                self.hops.push(Hop { is_known: true, ..Hop::begin(&message.exchange, Content::held(message)) });
                0
            }
            None => self.hops.len() - 1,
        };
        hop.min(self.hops.len().saturating_sub(1))
    }

    fn copied(&mut self, id: CopyId, queue: &Rc<Resource>, hop: usize) -> Spot {
        let content = self.hops.get(hop).map(|hop| hop.content.clone()).unwrap_or_default();
        self.copies.push(Copied { id, queue: queue.clone(), hop, content, lines: Vec::new() });
        Spot::Copy(self.copies.len() - 1)
    }

    /// What is different by an entry, in the message or for the one who gets it.
    fn changes(&mut self, entry: &LogEntry, spot: Spot) -> Vec<Change> {
        match (&entry.kind, spot) {
            (LogKind::Client { event, .. }, Spot::Copy(copy)) => {
                let Some(delivery) = delivered(event) else { return Vec::new() };
                let Some(copy) = self.copies.get_mut(copy) else { return Vec::new() };
                let content = Content::delivered(delivery);
                let changes = content.changes(&copy.content);
                copy.content = content;
                changes
            }
            (LogKind::Broker(event), _) => {
                let Some((message, _)) = in_broker(&event.kind) else { return Vec::new() };
                let hop = match spot {
                    Spot::Hop(hop) => hop,
                    Spot::Copy(copy) => self.copies.get(copy).map_or(0, |copy| copy.hop),
                };
                let Some(hop) = self.hops.get_mut(hop).filter(|hop| !hop.is_known) else { return Vec::new() };
                let content = Content::held(message);
                let changes = content.changes(&hop.content);
                hop.is_known = true;
                hop.content = content.clone();
                if let Spot::Copy(copy) = spot
                    && let Some(copy) = self.copies.get_mut(copy)
                {
                    copy.content = content;
                }
                changes
            }
            _ => Vec::new(),
        }
    }

    /// The deaths, each with where it led; what is forgotten of them the message itself tells.
    fn legs(&self, message: &Message) -> Vec<Leg> {
        let mut legs: Vec<Leg> = Vec::new();
        for (place, hop) in self.hops.iter().enumerate() {
            let Some((queue, reason, exchange)) = &hop.died else { continue };
            let exchange = exchange_name(exchange);
            let same = legs
                .iter()
                .position(|leg| leg.queue == queue.name && leg.reason == *reason && leg.exchange == exchange);
            let same = same.unwrap_or_else(|| {
                let queue = queue.name.clone();
                legs.push(Leg { queue, reason: *reason, count: 0, exchange, to: Vec::new() });
                legs.len() - 1
            });
            let Some(leg) = legs.get_mut(same) else { continue };
            leg.count += 1;
            for copy in self.copies.iter().filter(|copy| copy.hop == place) {
                if !leg.to.contains(&copy.queue.name) {
                    leg.to.push(copy.queue.name.clone());
                }
            }
        }
        for death in message.deaths.iter().flat_map(|deaths| &deaths.entries) {
            if let Some(leg) = legs.iter_mut().find(|leg| leg.queue == death.queue && leg.reason == death.reason) {
                leg.count = leg.count.max(death.count);
            }
        }
        legs
    }

    fn chapters(&self, teller: &Teller) -> (Vec<Chapter>, usize) {
        let mut chapters = Vec::new();
        let mut open: Vec<(Spot, usize)> = Vec::new();
        let roots = self.hops.iter().enumerate().filter(|(_, hop)| hop.from.is_none());
        open.extend(roots.rev().map(|(place, _)| (Spot::Hop(place), 0)));
        while let Some((spot, depth)) = open.pop() {
            match spot {
                Spot::Hop(place) => {
                    let Some(hop) = self.hops.get(place) else { continue };
                    chapters.push(chapter(teller, depth, hop.title(), &hop.lines));
                    let copies = || self.copies.iter().enumerate().filter(|(_, copy)| copy.hop == place);
                    let below = depth + usize::from(copies().count() > 1);
                    open.extend(copies().rev().map(|(place, _)| (Spot::Copy(place), below)));
                }
                Spot::Copy(place) => {
                    let Some(copy) = self.copies.get(place) else { continue };
                    chapters.push(chapter(teller, depth, self.title(place, copy), &copy.lines));
                    let hops = self.hops.iter().enumerate().filter(|(_, hop)| hop.from == Some(place));
                    open.extend(hops.rev().map(|(place, _)| (Spot::Hop(place), depth)));
                }
            }
        }
        let left_out = chapters.len().saturating_sub(CHAPTERS);
        chapters.truncate(CHAPTERS);
        (chapters, left_out)
    }

    fn title(&self, place: usize, copy: &Copied) -> Sentence {
        let title = Sentence::words("Queue ").name(&copy.queue.name);
        let all = self.copies.iter().filter(|other| other.hop == copy.hop).count();
        let number = self.copies.iter().take(place).filter(|other| other.hop == copy.hop).count() + 1;
        if all > 1 { title.say(format!(" (copy {number} of {all})")) } else { title }
    }
}

impl Hop<'_> {
    fn begin(exchange: &Name, content: Content) -> Self {
        let exchange = exchange.clone();
        Hop { from: None, died: None, exchange, content, is_known: false, lines: Vec::new() }
    }

    fn title(&self) -> Sentence {
        let exchange = exchange_name(&self.exchange);
        match &self.died {
            None => Sentence::words("Published to ").name(&exchange),
            Some((queue, reason, _)) => Sentence::words("Dead-lettered from ")
                .name(&queue.name)
                .say(format!(" ({}) to ", reason.as_str()))
                .name(&exchange),
        }
    }
}

/// The queue that an event about a copy is in.
fn queue_of(event: &EventKind) -> Option<&Rc<Resource>> {
    match event {
        EventKind::Delivered { at, .. }
        | EventKind::Got { at, .. }
        | EventKind::Waits { at, .. }
        | EventKind::Acked { at, .. }
        | EventKind::Requeued { at, .. }
        | EventKind::Delayed { at, .. }
        | EventKind::DelayEnded { at, .. }
        | EventKind::Dropped { at, .. }
        | EventKind::DeadLettered { at, .. }
        | EventKind::DeadLetterHeld { at, .. } => Some(&at.queue),
        _ => None,
    }
}

fn chapter(teller: &Teller, depth: usize, title: Sentence, all: &[Line]) -> Chapter {
    let (first, last) = LINES;
    let hidden = all.len().saturating_sub(first + last);
    let told = |(entry, changes): &Line| Told {
        seq: entry.seq,
        at_ms: entry.at_ms,
        sentence: teller.sentence(entry),
        tone: tone(entry),
        changes: changes.clone(),
    };
    let lines = if hidden == 0 {
        all.iter().map(told).collect()
    } else {
        all.iter().take(first).chain(all.iter().skip(first + hidden)).map(told).collect()
    };
    Chapter { depth, title, lines, left_out: (hidden > 0).then_some((hidden, first)) }
}

impl Leg {
    /// In words: `orders`, expired 2 times, through `dlx` to `wait`.
    pub fn told(&self) -> Sentence {
        let sentence = Sentence::of(&self.queue).say(" \u{2192} ").say(self.reason.as_str());
        let sentence = if self.count > 1 { sentence.say(format!(" \u{d7}{}", self.count)) } else { sentence };
        let sentence = sentence.say(" \u{2192} ").name(&self.exchange).say(" \u{2192} ");
        if self.to.is_empty() { sentence.say("no queue") } else { sentence.names(&self.to) }
    }
}

impl Page {
    /// The page as Markdown.
    pub fn markdown(&self) -> String {
        let mut out = format!("# Message {}\n\n", markdown::code(&self.key));
        for (label, value) in self.first.iter() {
            out.push_str(&format!("- {}: {}\n", markdown::text(label), markdown::code(value)));
        }
        if !self.legs.is_empty() {
            out.push_str("\n## Its deaths (x-death)\n\n");
            for leg in &self.legs {
                out.push_str(&format!("1. {}\n", markdown::sentence(&leg.told())));
            }
        }
        for chapter in &self.chapters {
            chapter.markdown(&mut out);
        }
        if self.left_out > 0 {
            out.push_str(&format!("\nAnd {}.\n", count(self.left_out as u64, "more chapter")));
        }
        out
    }
}

impl Chapter {
    fn markdown(&self, out: &mut String) {
        let level = "#".repeat((self.depth + 2).min(6));
        out.push_str(&format!("\n{level} {}\n\n", markdown::sentence(&self.title)));
        for (place, line) in self.lines.iter().enumerate() {
            if let Some((hidden, before)) = self.left_out
                && before == place
            {
                out.push_str(&format!("- \u{2026} {} \u{2026}\n", count(hidden as u64, "more moment")));
            }
            out.push_str(&format!("- **{} ms** {}\n", line.at_ms, markdown::sentence(&line.sentence)));
            for change in &line.changes {
                out.push_str(&format!("  - {}\n", change.markdown()));
            }
        }
    }
}

impl Change {
    fn markdown(&self) -> String {
        let (_, word) = self.sort();
        let label = markdown::text(&self.label);
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => {
                format!("{word} {label}: {} \u{2192} {}", markdown::code(before), markdown::code(after))
            }
            (value, None) | (None, value) => {
                format!("{word} {label}: {}", markdown::code(value.as_deref().unwrap_or_default()))
            }
        }
    }
}
