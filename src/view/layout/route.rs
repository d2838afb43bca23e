//! The lines between nodes: from side to side, over what stands between where they go back, and bent around boxes
//! where there is a way around.

use super::super::geometry::{Curve, Point, Rect};
use super::super::graph::{EdgeKind, NodeId, Shape};
use super::space::Space;
use super::{CLIENT_RADIUS, Direction, EXCHANGE_SIZE, Layout, Placed, QUEUE_ROW_Y, TEXT_HEIGHT};

/// What of an exchange's half a line from below its middle meets.
const SHOULDER: (f64, f64) = (0.72, 0.62);

impl Layout {
    /// The line of an edge, around what stands between if there is a way.
    pub(super) fn routed(&self, kind: EdgeKind, from: &NodeId, to: &NodeId, space: &Space) -> Option<Curve> {
        /// How far a line is bent at a time, and how often.
        const BEND: f64 = 64.0;
        const BENDS: i32 = 7;
        let direct = match kind {
            EdgeKind::DeadLetter => self.return_between(from, to)?,
            _ => self.curve_between(from, to)?,
        };
        let (a, b) = (self.node(from)?, self.node(to)?);
        if self.is_crowded() {
            return Some(direct);
        }
        let crossed = |curve: &Curve| {
            const PIECES: u32 = 24;
            let point = |piece| curve.at(f64::from(piece) / f64::from(PIECES));
            (1..PIECES).filter(|piece| space.covers(point(*piece), [&a.rect, &b.rect])).count()
        };
        // Beside the binding from the same to the same.
        let beside = kind == EdgeKind::Alternate && self.edge_of.contains_key(&(from.clone(), to.clone()));
        let first = if beside { self.bent(&direct, BEND) } else { direct };
        let mut best = (crossed(&first), first);
        for bend in (1..=BENDS).flat_map(|bend| [bend, -bend]) {
            if best.0 == 0 {
                break;
            }
            let curve = self.bent(&first, f64::from(bend) * BEND);
            let count = crossed(&curve);
            if count < best.0 {
                best = (count, curve);
            }
        }
        Some(best.1)
    }

    /// The same line, pulled aside.
    fn bent(&self, Curve([a, b, c, d]): &Curve, by: f64) -> Curve {
        let aside = |point: &Point| match self.direction {
            Direction::Across => Point::new(point.x, point.y + by),
            Direction::Down => Point::new(point.x + by, point.y),
        };
        Curve([*a, aside(b), aside(c), *d])
    }

    /// Where lines that are drawn by hand begin: on the side that faces what messages go to.
    pub fn handle(&self, placed: &Placed) -> Point {
        self.port(placed, true)
    }

    /// The line from a node to any point.
    pub fn line_from(&self, from: &NodeId, to: Point) -> Option<Curve> {
        self.node(from).map(|placed| self.between(self.port(placed, true), to))
    }

    /// The lines of nodes that are moved by so much.
    pub fn lines_moved(&self, moving: &[NodeId], by: Point) -> Vec<Curve> {
        let shifted = |point: Point| Point::new(point.x + by.x, point.y + by.y);
        let mut lines = Vec::new();
        for drawn in &self.edges {
            let [is_from, is_to] = [&drawn.edge.from, &drawn.edge.to].map(|end| moving.contains(end));
            if is_from || is_to {
                let Curve([a, b, c, d]) = drawn.curve;
                let (a, b) = if is_from { (shifted(a), shifted(b)) } else { (a, b) };
                let (c, d) = if is_to { (shifted(c), shifted(d)) } else { (c, d) };
                lines.push(Curve([a, b, c, d]));
            }
        }
        lines
    }

    /// Where lines touch a node: on the side that faces the other.
    fn port(&self, placed: &Placed, leaves: bool) -> Point {
        let (half_width, half_height) = half(placed);
        let sign = if leaves { 1.0 } else { -1.0 };
        match self.direction {
            Direction::Across => Point::new(placed.centre.x + sign * half_width, placed.centre.y),
            Direction::Down => {
                let text = if leaves { text_below(placed) } else { 0.0 };
                let middle = if placed.node.shape == Shape::Queue { placed.rect.centre().y } else { placed.centre.y };
                Point::new(placed.centre.x, middle + sign * half_height + text)
            }
        }
    }

    /// The line from one node to another by the way of the columns.
    pub(super) fn curve_between(&self, from: &NodeId, to: &NodeId) -> Option<Curve> {
        let (a, b) = (self.node(from)?, self.node(to)?);
        let (start, end) = (self.port(a, true), self.port(b, false));
        let is_back = match self.direction {
            Direction::Across => end.x < start.x,
            Direction::Down => end.y < start.y,
        };
        if is_back && (a.node.shape.is_client() || b.node.shape.is_client()) {
            return Some(self.arch(a, b));
        }
        Some(self.between(start, end))
    }

    /// Sets out and arrives in the direction of the columns.
    fn between(&self, start: Point, end: Point) -> Curve {
        match self.direction {
            Direction::Across => {
                let reach = ((end.x - start.x).abs() / 2.0).max(40.0);
                Curve([start, Point::new(start.x + reach, start.y), Point::new(end.x - reach, end.y), end])
            }
            Direction::Down => {
                let reach = ((end.y - start.y).abs() / 2.0).max(16.0);
                Curve([start, Point::new(start.x, start.y + reach), Point::new(end.x, end.y - reach), end])
            }
        }
    }

    /// The line from a queue to its dead letter exchange: out where messages come in, and in where they go out, so that
    /// it stays between the two columns.
    fn return_between(&self, from: &NodeId, to: &NodeId) -> Option<Curve> {
        let (a, b) = (self.node(from)?, self.node(to)?);
        let (half_width, half_height) = half(b);
        let across = self.direction == Direction::Across;
        let is_ahead = if across { b.centre.x > a.centre.x } else { b.centre.y > a.centre.y };
        if is_ahead || b.is_small {
            return self.curve_between(from, to);
        }
        let (start, end) = if across {
            let end = Point::new(b.centre.x + SHOULDER.0 * half_width, b.centre.y + SHOULDER.1 * half_height);
            (Point::new(a.rect.x, a.rect.y + 0.8 * a.rect.height), end)
        } else {
            let end = Point::new(b.centre.x + 0.4 * half_width, b.centre.y + half_height + TEXT_HEIGHT);
            (Point::new(a.rect.x + 0.75 * a.rect.width, a.rect.y), end)
        };
        Some(self.between(end, start).reversed())
    }

    /// A line against the way of the columns, over what stands between: what a worker publishes, an answer.
    fn arch(&self, from: &Placed, to: &Placed) -> Curve {
        const LIFT: f64 = 48.0;
        let half = |placed: &Placed| match placed.node.shape {
            Shape::Queue if !placed.is_small => (half(placed).0, QUEUE_ROW_Y),
            _ => half(placed),
        };
        match self.direction {
            Direction::Across => {
                let [start, end] =
                    [from, to].map(|placed| Point::new(placed.centre.x, placed.centre.y - half(placed).1));
                let y = start.y.min(end.y) - LIFT - (start.x - end.x).abs() / 8.0;
                Curve([start, Point::new(start.x, y), Point::new(end.x, y), end])
            }
            Direction::Down => {
                let [start, end] =
                    [from, to].map(|placed| Point::new(placed.centre.x + half(placed).0, placed.centre.y));
                let x = start.x.max(end.x) + LIFT + (start.y - end.y).abs() / 8.0;
                Curve([start, Point::new(x, start.y), Point::new(x, end.y), end])
            }
        }
    }
}

/// Half the width and the height of a node's body.
fn half(placed: &Placed) -> (f64, f64) {
    let Rect { width, height, .. } = placed.rect;
    match placed.node.shape {
        _ if placed.is_small => (width / 2.0, height / 2.0),
        Shape::Exchange => (EXCHANGE_SIZE.0 / 2.0, EXCHANGE_SIZE.1 / 2.0),
        Shape::Queue => (width / 2.0, height / 2.0),
        _ => (CLIENT_RADIUS, CLIENT_RADIUS),
    }
}

/// Lines that go down begin under the text.
fn text_below(placed: &Placed) -> f64 {
    match placed.node.shape {
        Shape::Queue => 0.0,
        _ if placed.is_small => 0.0,
        _ => TEXT_HEIGHT + 2.0,
    }
}
