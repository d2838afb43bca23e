//! Charts as the management UI has them: *Queued messages* and *Message rates*, of the whole broker, a queue or an exchange,
//! as lines over virtual time up to the moment that is looked at, and the same as tables.
//!
//! What always holds: a chart is made of counts and lengths that [`Rates`] knows exactly; what it draws is what its table says.
//! Lines are told apart by the shape of their marks, not by colour alone.

use std::fmt::Write as _;

use crate::broker::ChannelId;

use super::graph::{NodeId, exchange_name};
use super::rates::{ChannelStats, Counter, ExchangeStats, Holds, Length, Measured, Rate, Window, thousands};
use super::scene::Scene;
use super::tables::{COUNTERS, Table, number, text};

/// Rates are drawn in hundredths of a message a second.
const PARTS: u64 = 100;
/// How large a chart is drawn, in units of its own.
pub const SIZE: (f64, f64) = (300.0, 110.0);
/// So many shapes tell lines apart.
pub const SHAPES: usize = 6;
/// About so many marks a line has.
const MARKS: usize = 5;

/// A line of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What is counted, as the UI calls it.
    pub label: &'static str,
    /// Which shape its marks have.
    pub shape: usize,
    /// Which of the [`COLOURS`](super::COLOURS) it has. Lines that are seldom seen together share one.
    pub colour: usize,
    /// Moments in virtual milliseconds, and the values there, in parts of [`Chart::parts`].
    pub points: Vec<(u64, u64)>,
    /// The present value, in words.
    pub now: String,
}

/// A chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// *Queued messages* or *Message rates*.
    pub title: &'static str,
    /// What they are of.
    pub of: String,
    /// How far back it goes.
    pub window: Window,
    /// The moment it ends with, virtual milliseconds.
    pub now_ms: u64,
    /// The lines.
    pub lines: Vec<Line>,
    /// What a value of one is written as.
    pub parts: u64,
    /// The value at the upper edge.
    pub top: u64,
}

/// The charts of a moment (virtual milliseconds): of a selected queue, exchange or client, else of the whole broker. A client's
/// are those of all its channels together.
pub fn charts(scene: &Scene, selected: Option<&NodeId>, window: Window, now_ms: u64) -> Vec<Chart> {
    let Scene { board, rates } = scene;
    let here = |of: String| Making { now_ms, window, of };
    match selected.filter(|node| board.has(node)) {
        Some(NodeId::Queue(resource)) => {
            let making = here(format!("Queue {}", resource.name));
            let stats = rates.queue(resource);
            stats.map(|stats| vec![making.lengths(stats), making.rates(&[stats], &COUNTERS)]).unwrap_or_default()
        }
        Some(NodeId::Exchange(resource)) => {
            let making = here(format!("Exchange {}", exchange_name(&resource.name)));
            // Nothing was published to one that has no statistics.
            let none = ExchangeStats::default();
            let stats = rates.exchange(resource).unwrap_or(&none);
            vec![making.rates(&[stats], &[Counter::PublishIn, Counter::PublishOut])]
        }
        Some(NodeId::Client(id)) => {
            let name = board.clients.get(id).map(|client| client.spec.name.to_string()).unwrap_or_default();
            let is_own = |channel: &ChannelId| board.client_of(channel.connection).is_some_and(|(of, _)| of == *id);
            let channels = rates.channels().filter(|(channel, _)| is_own(channel));
            let channels: Vec<&dyn Measured> = channels.map(|(_, stats)| stats as &dyn Measured).collect();
            // Who is not connected has no channel, and counts nothing.
            let none = ChannelStats::default();
            let channels = if channels.is_empty() { vec![&none as &dyn Measured] } else { channels };
            vec![here(format!("Channels of {name}")).rates(&channels, &COUNTERS)]
        }
        None => {
            let making = here("Overview".to_owned());
            vec![making.lengths(rates.overview()), making.rates(&[rates.overview()], &COUNTERS)]
        }
    }
}

/// Rates over time, and the present one.
type Course = (Vec<(u64, Rate)>, Rate);

struct Making {
    now_ms: u64,
    window: Window,
    of: String,
}

impl Making {
    fn lengths(&self, held: &impl Holds) -> Chart {
        let line = |(shape, length): (usize, &Length)| Line {
            label: length.label(),
            shape,
            colour: shape,
            points: held.lengths(*length, self.window, self.now_ms),
            now: thousands(held.length(*length)),
        };
        self.chart("Queued messages", Length::ALL.iter().enumerate().map(line).collect(), 1)
    }

    /// What these things count together. What they do not count has no line.
    fn rates(&self, of: &[&dyn Measured], counters: &[Counter]) -> Chart {
        let counted = counters.iter().filter_map(|counter| Some((*counter, self.rates_of(of, *counter)?)));
        let line = |(shape, (counter, (points, now))): (usize, (Counter, Course))| {
            let points = points.into_iter().map(|(at_ms, rate)| (at_ms, rate.per_second(PARTS))).collect();
            Line { label: counter.label(), shape, colour: colour(counter), points, now: now.to_string() }
        };
        let lines = counted.enumerate().map(line).collect();
        self.chart("Message rates", lines, PARTS)
    }

    fn rates_of(&self, of: &[&dyn Measured], counter: Counter) -> Option<Course> {
        let mut each = of.iter().filter_map(|one| {
            Some((one.rates(counter, self.window, self.now_ms)?, one.rate(counter, self.now_ms).unwrap_or_default()))
        });
        let (mut points, mut now) = each.next()?;
        for (other_points, other_now) in each {
            now = now.and(other_now);
            // At one moment, all have the same steps.
            points.iter_mut().zip(other_points).for_each(|((_, rate), (_, other))| *rate = rate.and(other));
        }
        if self.window == Window::Minute {
            points = as_present_rates(&points);
        }
        Some((points, now))
    }

    fn chart(&self, title: &'static str, lines: Vec<Line>, parts: u64) -> Chart {
        let most = lines.iter().flat_map(|line| &line.points).map(|(_, value)| *value).max().unwrap_or_default();
        let top = ceiling(most.div_ceil(parts).max(1)).saturating_mul(parts);
        Chart { title, of: self.of.clone(), window: self.window, now_ms: self.now_ms, lines, parts, top }
    }
}

fn colour(counter: Counter) -> usize {
    match counter {
        Counter::Publish | Counter::PublishIn => 0,
        Counter::ReturnUnroutable | Counter::DropUnroutable => 1,
        Counter::Deliver | Counter::PublishOut => 2,
        Counter::Confirm => 3,
        Counter::Ack => 4,
        Counter::DeliverNoAck => 5,
        Counter::Get | Counter::GetNoAck => 6,
        _ => 7,
    }
}

/// A rate in each second jumps between nothing and much, where messages come every few seconds: as in the management UI, a point
/// stands for the last five seconds (at the left edge, for as many as are in the chart). So the last point is the present rate.
fn as_present_rates(points: &[(u64, Rate)]) -> Vec<(u64, Rate)> {
    const SECONDS: usize = 5;
    let upto = |last: usize| points.get(last.saturating_sub(SECONDS - 1)..=last).unwrap_or_default();
    let sum = |rates: &[(u64, Rate)]| {
        let whole = Rate { count: 0, span_ms: 0 };
        rates
            .iter()
            .fold(whole, |sum, (_, rate)| Rate { count: sum.count + rate.count, span_ms: sum.span_ms + rate.span_ms })
    };
    points.iter().enumerate().map(|(place, (at_ms, _))| (*at_ms, sum(upto(place)))).collect()
}

/// The next number that is easily read: 1, 2 or 5 with zeros.
fn ceiling(most: u64) -> u64 {
    let mut step = 1_u64;
    loop {
        for times in [1, 2, 5] {
            let edge = step.saturating_mul(times);
            if edge >= most || edge == u64::MAX {
                return edge;
            }
        }
        step = step.saturating_mul(10);
    }
}

impl Chart {
    /// How long before the end the left edge is, virtual milliseconds: as long as there was anything, if that is less than the window.
    fn span_ms(&self) -> u64 {
        const LEAST_MS: u64 = 10_000;
        (u64::from(self.window.length_s()) * 1_000).min(self.now_ms.max(LEAST_MS))
    }

    fn place(&self, (at_ms, value): (u64, u64)) -> (f64, f64) {
        let back = self.now_ms.saturating_sub(at_ms) as f64 / self.span_ms() as f64;
        let height = value as f64 / self.top.max(1) as f64;
        (SIZE.0 * (1.0 - back), SIZE.1 * (1.0 - height))
    }

    /// A line as an SVG path.
    pub fn path(&self, line: &Line) -> String {
        let mut path = String::new();
        for point in &line.points {
            let (x, y) = self.place(*point);
            let pen = if path.is_empty() { "M" } else { " L" };
            // Text takes all text.
            let _ = write!(path, "{pen} {x:.1} {y:.1}");
        }
        path
    }

    /// Where a line has its marks: at some of its points, each line at others, and at its end.
    pub fn marks(&self, line: &Line) -> Vec<(f64, f64)> {
        let last = line.points.len().saturating_sub(1);
        let every = (line.points.len() / MARKS).max(1);
        let first = line.shape % SHAPES * every / SHAPES;
        let is_marked = |place: usize| place == last || place % every == first;
        let points = line.points.iter().enumerate().filter(|(place, _)| is_marked(*place));
        points.map(|(_, point)| self.place(*point)).collect()
    }

    /// Whether a line says anything: one that was never above zero lies on the ground.
    pub fn is_seen(&self, line: &Line) -> bool {
        line.points.iter().any(|(_, value)| *value > 0)
    }

    /// A value as it is written.
    pub fn written(&self, value: u64) -> String {
        if self.parts == 1 || value.is_multiple_of(self.parts) {
            return (value / self.parts).to_string();
        }
        format!("{}.{:02}", value / self.parts, value % self.parts)
    }

    /// What the upper edge stands for, as it is written beside it.
    pub fn top_written(&self) -> String {
        let number = thousands(self.top / self.parts);
        if self.parts == 1 { number } else { format!("{number}/s") }
    }

    /// The moment it begins with, as it is written below it; before the beginning there is none.
    pub fn began(&self) -> String {
        self.now_ms.checked_sub(self.span_ms()).map(moment).unwrap_or_default()
    }

    /// The moment it ends with, as it is written below it.
    pub fn ended(&self) -> String {
        moment(self.now_ms)
    }

    /// The same as a table, the newest moment first.
    pub fn table(&self) -> Table {
        let columns = std::iter::once(text("Time")).chain(self.lines.iter().map(|line| number(line.label)));
        let points: &[(u64, u64)] = self.lines.first().map_or(&[], |line| &line.points);
        let row = |(place, (at_ms, _)): (usize, &(u64, u64))| {
            let value = |line: &Line| line.points.get(place).map_or_else(String::new, |point| self.written(point.1));
            let cells: Vec<String> = std::iter::once(moment(*at_ms)).chain(self.lines.iter().map(value)).collect();
            cells.into()
        };
        Table {
            caption: self.title,
            columns: columns.collect(),
            rows: points.iter().enumerate().rev().map(row).collect(),
        }
    }
}

/// As the page writes moments: seconds with one digit behind the point.
fn moment(at_ms: u64) -> String {
    format!("{}.{} s", at_ms / 1_000, at_ms % 1_000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_easily_read() {
        let edges = [(1, 1), (2, 2), (3, 5), (6, 10), (11, 20), (50, 50), (51, 100), (201, 500)];
        edges.iter().for_each(|(most, edge)| assert_eq!(ceiling(*most), *edge, "{most}"));
        assert_eq!(ceiling(u64::MAX), u64::MAX);
    }
}
