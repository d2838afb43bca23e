//! Where everything of a sequence diagram stands, in pixels.

use std::rc::Rc;

use super::{Party, Step, What, name_of};
use crate::view::board::Board;
use crate::view::geometry::Point;

/// Room for the times at the left.
pub(super) const LEFT: f64 = 62.0;
/// From one lifeline to the next.
const COLUMN: f64 = 148.0;
/// The height of the names, above everything else.
pub const HEAD: f64 = 52.0;
/// From one row to the next.
const ROW: f64 = 32.0;
/// How wide a sign is, about.
const SIGN: f64 = 7.4;

/// A sequence diagram.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diagram {
    /// Its size.
    pub width: f64,
    /// Its size.
    pub height: f64,
    /// Who takes part, from left to right.
    pub lifelines: Vec<Lifeline>,
    /// What goes from one to the other, from top to bottom.
    pub arrows: Vec<Arrow>,
    /// Moments along the left: how far down, and virtual milliseconds.
    pub times: Vec<(f64, u64)>,
    /// How far down the moment is that is looked at.
    pub now: Option<f64>,
}

/// Somebody who takes part.
#[derive(Clone, Debug, PartialEq)]
pub struct Lifeline {
    /// Who.
    pub party: Party,
    /// Where its line is.
    pub x: f64,
    /// Its name, as much as there is room for.
    pub name: String,
    /// Its whole name.
    pub title: String,
    /// What it is.
    pub kind: &'static str,
}

/// A step, drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrow {
    /// The step.
    pub step: Rc<Step>,
    /// Where it begins.
    pub from: Point,
    /// Where it ends; none where it goes nowhere.
    pub to: Option<Point>,
    /// What stands at it, as much as there is room for.
    pub label: String,
    /// All of it, in words.
    pub title: String,
    /// Whether it is still to come.
    pub is_future: bool,
}

impl Arrow {
    /// Where its label stands: its middle, or its beginning for what goes nowhere.
    pub fn label_at(&self) -> Point {
        match self.to {
            Some(to) => Point::new((self.from.x + to.x) / 2.0, (self.from.y + to.y) / 2.0 - 5.0),
            None => Point::new(self.from.x + 11.0, self.from.y + 4.5),
        }
    }

    /// Whether it is dashed: it goes back, or is no message.
    pub fn is_dashed(&self) -> bool {
        matches!(self.step.what, What::Answer | What::Refusal | What::DeadLetter)
    }
}

/// So much of a text as there is room for.
fn cut(text: &str, room: f64) -> String {
    let most = ((room / SIGN) as usize).max(4);
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['\u{2026}']).collect()
}

/// Who stands left of whom: those who publish, exchanges, queues, those who consume.
fn group(party: &Party, names: &Board) -> u8 {
    match party {
        Party::Operator => 0,
        Party::Client(id) => {
            let is_source = names.clients.get(id).is_some_and(|client| client.spec.role.producer().is_some());
            if is_source { 1 } else { 4 }
        }
        Party::Exchange(_) => 2,
        Party::Queue(_) => 3,
    }
}

fn kind(party: &Party) -> &'static str {
    match party {
        Party::Client(_) => "client",
        Party::Operator => "by hand",
        Party::Exchange(_) => "exchange",
        Party::Queue(_) => "queue",
    }
}

fn lifelines(steps: &[Step], names: &Board) -> Vec<Lifeline> {
    let mut parties: Vec<Party> = Vec::new();
    for party in steps.iter().flat_map(|step| [Some(&step.from), step.to.as_ref()]).flatten() {
        if !parties.contains(party) {
            parties.push(party.clone());
        }
    }
    parties.sort_by_key(|party| group(party, names));
    let places = parties.into_iter().enumerate();
    places
        .map(|(place, party)| {
            let title = name_of(&party, names);
            let name = cut(&title, COLUMN - 26.0);
            let kind = kind(&party);
            Lifeline { party, x: LEFT + COLUMN * (place as f64 + 0.5), name, title, kind }
        })
        .collect()
}

/// The rows of what sets out and arrives, by the numbers of their entries. What arrives next after it set out shares the row.
fn rows(steps: &[Step]) -> Vec<(u64, usize)> {
    let first = steps.first().map_or(0, |step| step.seq);
    let mut points: Vec<u64> = steps.iter().map(|step| step.seq).collect();
    points.extend(steps.iter().map(|step| step.sent).filter(|sent| *sent >= first));
    points.sort_unstable();
    points.dedup();
    let is_end = |seq: u64| steps.binary_search_by_key(&seq, |step| step.seq).is_ok();
    let mut rows: Vec<(u64, usize)> = Vec::with_capacity(points.len());
    for seq in points {
        let row = match rows.last() {
            None => 0,
            Some((last, row)) => {
                let step = steps.binary_search_by_key(&seq, |step| step.seq).ok().and_then(|place| steps.get(place));
                let is_next = step.is_some_and(|step| step.sent == *last) && !is_end(*last);
                if is_next { *row } else { row + 1 }
            }
        };
        rows.push((seq, row));
    }
    rows
}

/// The diagram of some steps. `names` knows the clients; `cursor` entries have happened.
pub fn plan(steps: Vec<Step>, names: &Board, cursor: usize) -> Diagram {
    let lifelines = lifelines(&steps, names);
    let rows = rows(&steps);
    let y_of = |row: usize| HEAD + ROW * (row as f64 + 0.9);
    let row_of = |seq: u64| {
        let place = rows.binary_search_by_key(&seq, |(seq, _)| *seq).ok()?;
        rows.get(place).map(|(_, row)| y_of(*row))
    };
    let x_of = |party: &Party| lifelines.iter().find(|line| line.party == *party).map_or(LEFT, |line| line.x);
    let last = rows.last().map_or(0, |(_, row)| *row);
    let width = LEFT + COLUMN * lifelines.len() as f64 + 10.0;
    let mut times: Vec<(f64, u64)> = Vec::new();
    let mut arrows = Vec::with_capacity(steps.len());
    let now = steps.iter().rev().find(|step| step.seq as usize <= cursor).and_then(|step| row_of(step.seq));
    for step in steps {
        let end = row_of(step.seq).unwrap_or(HEAD);
        if times.last().is_none_or(|(_, at_ms)| *at_ms != step.at_ms) {
            times.push((end, step.at_ms));
        }
        let from_x = x_of(&step.from);
        let to = step.to.as_ref().map(|to| Point::new(x_of(to), end));
        let begin = if to.is_some() { row_of(step.sent).unwrap_or(HEAD + 4.0) } else { end };
        let room = match to {
            Some(to) => (to.x - from_x).abs() - 18.0,
            None => (width - from_x - 16.0).min(2.0 * COLUMN),
        };
        let title = step.told(names);
        let is_future = step.seq as usize > cursor;
        let label = cut(&step.label(), room);
        arrows.push(Arrow { step: Rc::new(step), from: Point::new(from_x, begin), to, label, title, is_future });
    }
    let now = now.map(|now| now + ROW * 0.35);
    Diagram { width, height: y_of(last) + ROW, lifelines, arrows, times, now }
}
