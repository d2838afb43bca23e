//! Where everything stands: columns by role (producers, exchanges, queues, consumers), ordered so that few edges
//! cross. The same graph always gets the same layout; boxes and labels never overlap.

use std::collections::BTreeMap;

use super::geometry::{Curve, Point, Rect};
use super::graph::{Edge, Graph, Node, NodeId, Shape};

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
    /// Width of the whole.
    pub width: f64,
    /// Height of the whole.
    pub height: f64,
    place_of: BTreeMap<NodeId, usize>,
    edge_of: BTreeMap<(NodeId, NodeId), usize>,
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
        Shape::Producer | Shape::Consumer => {
            (text.max(2.0 * CLIENT_RADIUS), 2.0 * CLIENT_RADIUS + TEXT_HEIGHT, CLIENT_RADIUS)
        }
    }
}

/// Lays a graph out.
pub fn layout(graph: &Graph, direction: Direction) -> Layout {
    let columns = order(graph, columns(graph));
    let nodes = place(graph, &columns, direction);
    let place_of = nodes.iter().enumerate().map(|(place, placed)| (placed.node.id.clone(), place)).collect();
    let mut made =
        Layout { direction, nodes, edges: Vec::new(), width: 0.0, height: 0.0, place_of, edge_of: BTreeMap::new() };
    for edge in &graph.edges {
        let Some(curve) = made.curve_between(&edge.from, &edge.to) else { continue };
        let label = label(edge).map(|text| {
            let rect = made.free_place(&curve, label_size(&text));
            (text, rect)
        });
        made.edge_of.insert((edge.from.clone(), edge.to.clone()), made.edges.len());
        made.edges.push(Drawn { edge: edge.clone(), curve, label });
    }
    made.fit();
    made
}

/// The column of each node, by place in the graph: exchanges that are bound to exchanges come after these.
fn columns(graph: &Graph) -> Vec<Vec<usize>> {
    let place_of: BTreeMap<&NodeId, usize> = graph.nodes.iter().enumerate().map(|(i, node)| (&node.id, i)).collect();
    let mut depth: Vec<usize> = vec![0; graph.nodes.len()];
    let is_exchange = |place: usize| graph.nodes[place].shape == Shape::Exchange;
    let between: Vec<(usize, usize)> = graph
        .edges
        .iter()
        .filter_map(|edge| Some((*place_of.get(&edge.from)?, *place_of.get(&edge.to)?)))
        .filter(|(from, to)| is_exchange(*from) && is_exchange(*to) && from != to)
        .collect();
    // A circle of exchanges would go on for ever; no way without one is longer than there are exchanges.
    let exchanges = graph.nodes.iter().filter(|node| node.shape == Shape::Exchange).count();
    for _ in 1..exchanges.max(1) {
        for (from, to) in &between {
            depth[*to] = depth[*to].max(depth[*from] + 1).min(exchanges - 1);
        }
    }
    let last = graph.nodes.iter().zip(&depth).map(|(_, depth)| *depth).max().unwrap_or_default();
    let mut columns = vec![Vec::new(); last + 4];
    for (place, node) in graph.nodes.iter().enumerate() {
        let column = match node.shape {
            Shape::Producer => 0,
            Shape::Exchange => 1 + depth[place],
            Shape::Queue => last + 2,
            Shape::Consumer => last + 3,
        };
        columns[column].push(place);
    }
    columns.retain(|column| !column.is_empty());
    columns
}

/// Orders each column by the mean place of its neighbours (barycentre), to and fro.
fn order(graph: &Graph, mut columns: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
    const SWEEPS: usize = 6;
    let place_of: BTreeMap<&NodeId, usize> = graph.nodes.iter().enumerate().map(|(i, node)| (&node.id, i)).collect();
    let mut neighbours = vec![Vec::new(); graph.nodes.len()];
    for edge in &graph.edges {
        if let (Some(from), Some(to)) = (place_of.get(&edge.from), place_of.get(&edge.to)) {
            neighbours[*from].push(*to);
            neighbours[*to].push(*from);
        }
    }
    let mut rank = vec![0.0; graph.nodes.len()];
    let note = |columns: &[Vec<usize>], rank: &mut Vec<f64>| {
        for column in columns {
            for (place, node) in column.iter().enumerate() {
                rank[*node] = (place as f64 + 0.5) / column.len() as f64;
            }
        }
    };
    note(&columns, &mut rank);
    for sweep in 0..SWEEPS {
        let count = columns.len();
        for step in 0..count {
            let column = if sweep % 2 == 0 { step } else { count - 1 - step };
            let mean = |node: &usize| {
                let near = &neighbours[*node];
                if near.is_empty() {
                    rank[*node]
                } else {
                    near.iter().map(|other| rank[*other]).sum::<f64>() / near.len() as f64
                }
            };
            let mut keyed: Vec<(f64, usize)> = columns[column].iter().map(|node| (mean(node), *node)).collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            columns[column] = keyed.into_iter().map(|(_, node)| node).collect();
            note(&columns, &mut rank);
        }
    }
    columns
}

/// The room between two neighbouring columns: for the longest label of an edge from one to the other.
fn room_between(graph: &Graph, columns: &[Vec<usize>], direction: Direction) -> Vec<f64> {
    let column_of =
        |id: &NodeId| columns.iter().position(|column| column.iter().any(|place| graph.nodes[*place].id == *id));
    let least = match direction {
        Direction::Across => COLUMN_GAP,
        Direction::Down => ROW_GAP,
    };
    let mut room = vec![least; columns.len()];
    for edge in &graph.edges {
        let (Some(text), Some(from), Some(to)) = (label(edge), column_of(&edge.from), column_of(&edge.to)) else {
            continue;
        };
        let (width, height) = label_size(&text);
        let wanted = match direction {
            Direction::Across => width + LABEL_ENDS,
            Direction::Down => height + LABEL_ENDS,
        };
        // The label stands where the line has most room: in front of its end.
        if let Some(room) = room.get_mut(from.max(to).saturating_sub(1)) {
            *room = room.max(wanted);
        }
    }
    room
}

fn place(graph: &Graph, columns: &[Vec<usize>], direction: Direction) -> Vec<Placed> {
    let room = room_between(graph, columns, direction);
    let across = direction == Direction::Across;
    // Along the way of messages, and across it.
    let extents = |place: &usize| {
        let (width, height, _) = size(&graph.nodes[*place], direction);
        if across { (width, height) } else { (height, width) }
    };
    let breadth = |column: &Vec<usize>| {
        column.iter().map(|place| extents(place).1).sum::<f64>() + GAP * column.len().saturating_sub(1) as f64
    };
    let broadest = columns.iter().map(breadth).fold(0.0, f64::max);
    let mut placed = Vec::new();
    let mut along = 0.0;
    for (column, room) in columns.iter().zip(room) {
        let length = column.iter().map(|place| extents(place).0).fold(0.0, f64::max);
        let mut aside = (broadest - breadth(column)) / 2.0;
        for place in column {
            let node = graph.nodes[*place].clone();
            let (width, height, body) = size(&node, direction);
            let (x, y) = if across { (along + (length - width) / 2.0, aside) } else { (aside, along) };
            aside += extents(place).1 + GAP;
            let centre = Point::new(x + width / 2.0, y + body);
            placed.push(Placed { node, rect: Rect { x, y, width, height }, centre });
        }
        along += length + room;
    }
    if across {
        align(&mut placed);
    }
    placed
}

/// A column of one node stands so that its body is level with the bodies of the widest column.
fn align(placed: &mut [Placed]) {
    let bodies: Vec<f64> = placed.iter().map(|placed| placed.centre.y).collect();
    let (Some(top), Some(bottom)) = (bodies.iter().copied().reduce(f64::min), bodies.iter().copied().reduce(f64::max))
    else {
        return;
    };
    let middle = (top + bottom) / 2.0;
    for index in 0..placed.len() {
        let alone = placed
            .iter()
            .enumerate()
            .all(|(other, node)| other == index || (node.rect.centre().x - placed[index].rect.centre().x).abs() > 1.0);
        if alone {
            let shift = middle - placed[index].centre.y;
            placed[index].centre.y += shift;
            placed[index].rect.y += shift;
        }
    }
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
            Shape::Producer | Shape::Consumer => (CLIENT_RADIUS, CLIENT_RADIUS),
            Shape::Exchange => (EXCHANGE_SIZE.0 / 2.0, EXCHANGE_SIZE.1 / 2.0),
            Shape::Queue => (placed.rect.width / 2.0, placed.rect.height / 2.0),
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
            Shape::Producer | Shape::Consumer | Shape::Exchange => TEXT_HEIGHT + 2.0,
            Shape::Queue => 0.0,
        }
    }

    fn curve_between(&self, from: &NodeId, to: &NodeId) -> Option<Curve> {
        let (a, b) = (self.node(from)?, self.node(to)?);
        let (start, end) = (self.port(a, true), self.port(b, false));
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

    /// A place for a label on or near a line where it covers neither node nor label.
    fn free_place(&self, curve: &Curve, (width, height): (f64, f64)) -> Rect {
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

    /// Moves everything so that it begins at the margin, and measures the whole.
    fn fit(&mut self) {
        let rects = || {
            let labels = self.edges.iter().filter_map(|drawn| drawn.label.as_ref().map(|(_, rect)| *rect));
            self.nodes.iter().map(|placed| placed.rect).chain(labels)
        };
        let (left, top) = rects().fold((f64::MAX, f64::MAX), |(x, y), rect| (x.min(rect.x), y.min(rect.y)));
        let (right, bottom) = rects()
            .fold((0.0, 0.0), |(x, y), rect| (f64::max(x, rect.x + rect.width), f64::max(y, rect.y + rect.height)));
        if self.nodes.is_empty() {
            return;
        }
        let by = Point::new(MARGIN - left, MARGIN - top);
        let moved = |point: Point| Point::new(point.x + by.x, point.y + by.y);
        for placed in &mut self.nodes {
            placed.centre = moved(placed.centre);
            (placed.rect.x, placed.rect.y) = (placed.rect.x + by.x, placed.rect.y + by.y);
        }
        for drawn in &mut self.edges {
            drawn.curve = Curve(drawn.curve.0.map(moved));
            if let Some((_, rect)) = &mut drawn.label {
                (rect.x, rect.y) = (rect.x + by.x, rect.y + by.y);
            }
        }
        (self.width, self.height) = (right - left + 2.0 * MARGIN, bottom - top + 2.0 * MARGIN);
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
