//! Where everything stands: columns by role (who publishes by itself, exchanges, queues, who consumes), ordered so that
//! few edges cross. What a worker publishes, and the answers to requests, go back against the
//! way of the columns. The same graph always gets the same layout; boxes and labels never overlap.

mod arrange;

pub use arrange::{Places, free_place};

use super::geometry::{Curve, Point, Rect};
use super::graph::{Edge, Graph, Node, NodeId, Shape};
use crate::broker::ordered::OrderedMap;

/// Which way messages go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From left to right, for wide windows.
    Across,
    /// From top to bottom, for narrow ones.
    Down,
}

/// Messages that a queue's row shows.
pub const SLOTS: usize = 8;
/// From one place in a row to the next.
pub const SLOT_PITCH: f64 = 29.0;
/// The radius of a client.
pub const CLIENT_RADIUS: f64 = 30.0;
/// An exchange's shape, width and height.
pub const EXCHANGE_SIZE: (f64, f64) = (92.0, 68.0);
/// A queue's box, width and height.
pub const QUEUE_SIZE: (f64, f64) = (SLOTS as f64 * SLOT_PITCH + 21.0, 96.0);
/// From a queue's top to the middle of its row.
pub const QUEUE_ROW_Y: f64 = 48.0;
/// From the body of a client or an exchange down to the middle of its first line of text.
const TEXT_TOP: f64 = 18.0;
/// Room for the two lines of text under a body.
const TEXT_HEIGHT: f64 = 46.0;
/// Room for what is lost at an exchange: under it, or beside it where lines go down.
const LOSS_SIZE: (f64, f64) = (148.0, 72.0);
const LOSS_ASIDE: f64 = 104.0;
/// The height of a label on an edge.
const LABEL_HEIGHT: f64 = 22.0;
const LABEL_PADDING: f64 = 14.0;
/// The width of a letter, on the safe side of common fonts at the sizes used.
const LETTER_WIDTH: f64 = 8.2;
const MARGIN: f64 = 20.0;
const GAP: f64 = 26.0;
const COLUMN_GAP: f64 = 72.0;
const ROW_GAP: f64 = 52.0;
/// What of a line is seen at both ends of its label.
const LABEL_ENDS: f64 = 52.0;

/// A node in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// The node.
    pub node: Node,
    /// All it covers, its text included.
    pub rect: Rect,
    /// The middle of its body.
    pub centre: Point,
}

/// An edge in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// The edge.
    pub edge: Edge,
    /// Its line.
    pub curve: Curve,
    /// Its label and the box of it.
    pub label: Option<(String, Rect)>,
}

/// A layout.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// Which way messages go.
    pub direction: Direction,
    /// Nodes.
    pub nodes: Vec<Placed>,
    /// Edges.
    pub edges: Vec<Drawn>,
    /// All that nodes and labels cover, with a margin.
    pub bounds: Rect,
    place_of: OrderedMap<NodeId, usize>,
    edge_of: OrderedMap<(NodeId, NodeId), usize>,
}

/// How wide a text is at most, in the page's fonts.
pub fn text_width(text: &str) -> f64 {
    text.chars().count() as f64 * LETTER_WIDTH
}

/// The label of an edge: its binding keys.
pub fn label(edge: &Edge) -> Option<String> {
    let shown: Vec<&str> = edge.labels.iter().map(|label| label.as_str()).filter(|label| !label.is_empty()).collect();
    (!shown.is_empty()).then(|| shown.join(", "))
}

fn label_size(text: &str) -> (f64, f64) {
    (text_width(text) + LABEL_PADDING, LABEL_HEIGHT)
}

/// Width and height of a node with its text, and how far its body's middle is below its top.
fn size(node: &Node, direction: Direction) -> (f64, f64, f64) {
    const HOLDS: &str = "holds 10 of 10";
    let text = text_width(&node.name).max(text_width(&node.note) + SLOT_PITCH).max(text_width(HOLDS));
    match node.shape {
        Shape::Queue => (QUEUE_SIZE.0.max(text_width(&node.name) + 90.0), QUEUE_SIZE.1, QUEUE_ROW_Y),
        Shape::Exchange => {
            let (width, height) = EXCHANGE_SIZE;
            match direction {
                Direction::Across => (text.max(LOSS_SIZE.0), height + TEXT_HEIGHT + LOSS_SIZE.1, height / 2.0),
                Direction::Down => (text.max(width + 2.0 * LOSS_ASIDE), height + TEXT_HEIGHT, height / 2.0),
            }
        }
        _ => (text.max(2.0 * CLIENT_RADIUS), 2.0 * CLIENT_RADIUS + TEXT_HEIGHT, CLIENT_RADIUS),
    }
}

/// Lays a graph out. What has a place already keeps it; all else finds one near what it is connected with.
pub fn layout(graph: &Graph, direction: Direction, kept: &Places) -> Layout {
    let nodes = arrange::arrange(graph, direction, kept);
    let place_of = nodes.iter().enumerate().map(|(place, placed)| (placed.node.id.clone(), place)).collect();
    let mut made =
        Layout { direction, nodes, edges: Vec::new(), bounds: Rect::default(), place_of, edge_of: OrderedMap::new() };
    for edge in &graph.edges {
        let Some(curve) = made.curve_between(&edge.from, &edge.to) else { continue };
        let label = label(edge).map(|text| {
            let rect = made.label_place(&curve, label_size(&text));
            (text, rect)
        });
        made.edge_of.insert((edge.from.clone(), edge.to.clone()), made.edges.len());
        made.edges.push(Drawn { edge: edge.clone(), curve, label });
    }
    made.bounds = made.measured();
    made
}

impl Layout {
    /// A node in its place.
    pub fn node(&self, id: &NodeId) -> Option<&Placed> {
        self.nodes.get(*self.place_of.get(id)?)
    }

    /// The line between two nodes, from the first to the second, whichever way the edge goes.
    pub fn line(&self, from: &NodeId, to: &NodeId) -> Option<Curve> {
        if let Some(place) = self.edge_of.get(&(from.clone(), to.clone())) {
            return self.edges.get(*place).map(|drawn| drawn.curve);
        }
        if let Some(place) = self.edge_of.get(&(to.clone(), from.clone())) {
            return self.edges.get(*place).map(|drawn| drawn.curve.reversed());
        }
        self.curve_between(from, to)
    }

    /// The middle of a place in a queue's row: 0 is the head, at the right end.
    pub fn slot(&self, queue: &NodeId, place: usize) -> Option<Point> {
        let placed = self.node(queue)?;
        Some(slot_in(placed, place))
    }

    /// Where lines touch a node: on the side that faces the other.
    fn port(&self, placed: &Placed, leaves: bool) -> Point {
        let (half_width, half_height) = match placed.node.shape {
            Shape::Exchange => (EXCHANGE_SIZE.0 / 2.0, EXCHANGE_SIZE.1 / 2.0),
            Shape::Queue => (placed.rect.width / 2.0, placed.rect.height / 2.0),
            _ => (CLIENT_RADIUS, CLIENT_RADIUS),
        };
        let sign = if leaves { 1.0 } else { -1.0 };
        match self.direction {
            Direction::Across => Point::new(placed.centre.x + sign * half_width, placed.centre.y),
            Direction::Down => {
                let text = if leaves { self.text_below(placed) } else { 0.0 };
                let middle = if placed.node.shape == Shape::Queue { placed.rect.centre().y } else { placed.centre.y };
                Point::new(placed.centre.x, middle + sign * half_height + text)
            }
        }
    }

    /// Lines that go down begin under the text.
    fn text_below(&self, placed: &Placed) -> f64 {
        match placed.node.shape {
            Shape::Queue => 0.0,
            _ => TEXT_HEIGHT + 2.0,
        }
    }

    fn curve_between(&self, from: &NodeId, to: &NodeId) -> Option<Curve> {
        let (a, b) = (self.node(from)?, self.node(to)?);
        let (start, end) = (self.port(a, true), self.port(b, false));
        let is_back = match self.direction {
            Direction::Across => end.x < start.x,
            Direction::Down => end.y < start.y,
        };
        if is_back && (a.node.shape.is_client() || b.node.shape.is_client()) {
            return Some(self.arch(a, b));
        }
        Some(match self.direction {
            Direction::Across => {
                let reach = ((end.x - start.x).abs() / 2.0).max(40.0);
                Curve([start, Point::new(start.x + reach, start.y), Point::new(end.x - reach, end.y), end])
            }
            Direction::Down => {
                let reach = ((end.y - start.y).abs() / 2.0).max(16.0);
                Curve([start, Point::new(start.x, start.y + reach), Point::new(end.x, end.y - reach), end])
            }
        })
    }

    /// A line against the way of the columns, over what stands between: what a worker publishes, an answer.
    fn arch(&self, from: &Placed, to: &Placed) -> Curve {
        const LIFT: f64 = 48.0;
        let half = |placed: &Placed| match placed.node.shape {
            Shape::Exchange => (EXCHANGE_SIZE.0 / 2.0, EXCHANGE_SIZE.1 / 2.0),
            Shape::Queue => (placed.rect.width / 2.0, QUEUE_ROW_Y),
            _ => (CLIENT_RADIUS, CLIENT_RADIUS),
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

    /// A place for a label on or near a line where it covers neither node nor label.
    fn label_place(&self, curve: &Curve, (width, height): (f64, f64)) -> Rect {
        const ALONG: [f64; 9] = [0.5, 0.6, 0.4, 0.7, 0.3, 0.8, 0.2, 0.9, 0.1];
        let free = |rect: &Rect| {
            let on_node = self.nodes.iter().any(|placed| placed.rect.overlaps(rect));
            let on_label =
                self.edges.iter().filter_map(|drawn| drawn.label.as_ref()).any(|(_, other)| other.overlaps(rect));
            !on_node && !on_label
        };
        let on_line = ALONG.iter().map(|t| Rect::around(curve.at(*t), width, height));
        if let Some(rect) = on_line.clone().find(free) {
            return rect;
        }
        let middle = curve.at(0.5);
        // Beside the line, further and further: below everything there is room at last.
        let mut offset = height;
        loop {
            for sign in [-1.0, 1.0] {
                let rect = Rect::around(Point::new(middle.x, middle.y + sign * offset), width, height);
                if free(&rect) {
                    return rect;
                }
            }
            offset += height / 2.0;
        }
    }

    fn measured(&self) -> Rect {
        let labels = self.edges.iter().filter_map(|drawn| drawn.label.as_ref().map(|(_, rect)| *rect));
        // Lines stay between the nodes they connect, but for those that arch.
        let lines = self.edges.iter().flat_map(|drawn| [0.25, 0.5, 0.75].map(|part| drawn.curve.at(part)));
        let lines = lines.map(|point| Rect::around(point, 0.0, 0.0));
        let mut rects = self.nodes.iter().map(|placed| placed.rect).chain(labels).chain(lines);
        let Some(first) = rects.next() else { return Rect::default() };
        let all = rects.fold(first, |all, rect| all.with(&rect));
        Rect {
            x: all.x - MARGIN,
            y: all.y - MARGIN,
            width: all.width + 2.0 * MARGIN,
            height: all.height + 2.0 * MARGIN,
        }
    }
}

/// The middle of a place in the row of a queue: 0 is the head, at the right end. Those that do not fit share the last.
pub fn slot_in(placed: &Placed, place: usize) -> Point {
    let place = place.min(SLOTS - 1) as f64;
    let head = placed.rect.x + placed.rect.width - (QUEUE_SIZE.0 - (SLOTS as f64 - 1.0) * SLOT_PITCH) / 2.0;
    Point::new(head - place * SLOT_PITCH, placed.centre.y)
}

/// The middle of the line of text (0 or 1) under a client or an exchange.
pub fn text_line(placed: &Placed, line: u8) -> Point {
    let half = if placed.node.shape == Shape::Exchange { EXCHANGE_SIZE.1 / 2.0 } else { CLIENT_RADIUS };
    Point::new(placed.centre.x, placed.centre.y + half + TEXT_TOP + 20.0 * f64::from(line))
}

/// Where what is lost at a node ends up.
pub fn fall_end(placed: &Placed, direction: Direction) -> Point {
    match (placed.node.shape, direction) {
        (Shape::Exchange, Direction::Across) => {
            Point::new(placed.centre.x, placed.centre.y + EXCHANGE_SIZE.1 / 2.0 + TEXT_HEIGHT + 16.0)
        }
        (Shape::Exchange, Direction::Down) => {
            Point::new(placed.centre.x + (EXCHANGE_SIZE.0 + LOSS_ASIDE) / 2.0, placed.centre.y - 22.0)
        }
        _ => Point::new(placed.rect.centre().x, placed.rect.y + placed.rect.height + 30.0),
    }
}
