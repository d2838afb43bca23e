//! Where everything stands: columns by role (who publishes by itself, exchanges, queues, who consumes), ordered so that
//! few edges cross. What a worker publishes, and the answers to requests, go back against the
//! way of the columns. The same graph always gets the same layout; boxes and labels never overlap.

mod arrange;
mod route;
mod space;

pub use arrange::{Places, settled};

use super::features::WAITING;
use super::geometry::{Curve, Point, Rect};
use super::graph::{Edge, Graph, Node, NodeId, Shape};
use crate::broker::Name;
use crate::broker::ordered::OrderedMap;
use space::Space;

/// Which way messages go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// From left to right, for wide windows.
    #[default]
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
const LETTER_WIDTH: f64 = 8.5;
/// The size of a name, in bold type.
const NAME_SIZE: f64 = 15.0;
/// More nodes than these are boxes with a name, and their edges have no labels.
pub const CROWD: usize = 200;
/// The height of such a box, and the room between two.
const SMALL_HEIGHT: f64 = 30.0;
const SMALL_GAP: f64 = 14.0;
/// Between two badges.
const BADGE_GAP: f64 = 6.0;
/// Beside a queue's name and its type, and between them.
const QUEUE_SIDES: f64 = 44.0;
/// A virtual host's frame: around its nodes, and above them for its name.
const FRAME_SIDE: f64 = 20.0;
const FRAME_HEAD: f64 = 36.0;
/// The frame of a virtual host with nothing in it, width and height.
const EMPTY_SIZE: (f64, f64) = (340.0, 96.0);
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
    /// Whether it is but a box with a name, as all are where there are too many.
    pub is_small: bool,
}

/// An edge in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// The edge.
    pub edge: Edge,
    /// Its line.
    pub curve: Curve,
    /// Its label and the box of it; none where there is no room for one.
    pub label: Option<(String, Rect)>,
}

/// A layout.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// Which way messages go.
    pub direction: Direction,
    /// Nodes.
    pub nodes: Vec<Placed>,
    /// Edges.
    pub edges: Vec<Drawn>,
    /// Virtual hosts with nothing in them, and the boxes that are drawn for them.
    pub empty: Vec<(Name, Rect)>,
    /// All that nodes and labels cover, with a margin.
    pub bounds: Rect,
    /// How many boxes were looked at to make it: grows with what there is to lay out, not faster.
    pub effort: u64,
    place_of: OrderedMap<NodeId, usize>,
    edge_of: OrderedMap<(NodeId, NodeId), usize>,
}

/// How wide a text is at most, in the page's fonts.
pub fn text_width(text: &str) -> f64 {
    text.chars().count() as f64 * LETTER_WIDTH
}

/// How wide a name is at most: capitals and digits of a bold type take much more room than an `i`.
pub fn name_width(name: &str) -> f64 {
    let width = |letter: char| match letter {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '!' | '|' | '\'' | ' ' => 0.4,
        'f' | 'r' | 't' | '-' | '(' | ')' | '/' => 0.5,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 1.1,
        'a'..='z' | '_' | '0'..='9' => 0.71,
        'A'..='Z' => 0.84,
        // Other scripts have full squares.
        _ => 1.1,
    };
    name.chars().map(width).sum::<f64>() * NAME_SIZE
}

/// The label of an edge: its binding keys; of many the first, and how many more there are.
pub fn label(edge: &Edge) -> Option<String> {
    let shown: Vec<&str> = edge.labels.iter().map(|label| label.as_str()).filter(|label| !label.is_empty()).collect();
    const SHOWN: usize = 2;
    match shown.get(SHOWN..) {
        Some(more) if more.len() > 1 => Some(format!("{}, +{}", shown[..SHOWN].join(", "), more.len())),
        _ => (!shown.is_empty()).then(|| shown.join(", ")),
    }
}

/// How much room a label takes, width and height.
pub fn label_size(text: &str) -> (f64, f64) {
    (text_width(text) + LABEL_PADDING, LABEL_HEIGHT)
}

/// Width and height of a node with its text, and how far its body's middle is below its top.
fn size(node: &Node, direction: Direction, is_small: bool) -> (f64, f64, f64) {
    if is_small {
        return (name_width(&node.name) + 64.0, SMALL_HEIGHT, SMALL_HEIGHT / 2.0);
    }
    const HOLDS: &str = "holds 10 of 10";
    // Whoever becomes active moves nothing.
    let least = if node.shape.is_client() { text_width(WAITING) } else { 0.0 };
    let badges: f64 = node.badges.iter().map(|badge| text_width(&badge.short).max(least) + BADGE_GAP).sum();
    let note =
        if node.shape.is_client() { text_width(&node.note).max(text_width(HOLDS)) } else { text_width(&node.note) };
    let text = name_width(&node.name).max(note + badges + SLOT_PITCH).max(text_width(HOLDS));
    match node.shape {
        Shape::Queue => {
            (QUEUE_SIZE.0.max(name_width(&node.name) + note + badges + QUEUE_SIDES), QUEUE_SIZE.1, QUEUE_ROW_Y)
        }
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
    layout_with(graph, direction, [kept, &Places::new()], graph.nodes.len() > CROWD)
}

/// The same as a crowd, however few they are: every node is a box with a name.
pub fn layout_small(graph: &Graph, direction: Direction, kept: &Places) -> Layout {
    layout_with(graph, direction, [kept, &Places::new()], true)
}

/// The same, where of two that would cover each other the one that was put there by hand (the first places) stays, and
/// the one that merely was there (the second) makes room.
pub fn layout_with(graph: &Graph, direction: Direction, kept: [&Places; 2], is_small: bool) -> Layout {
    let (nodes, effort) = arrange::arrange(graph, direction, kept, is_small);
    let place_of = nodes.iter().enumerate().map(|(place, placed)| (placed.node.id.clone(), place)).collect();
    let mut space = Space::default();
    nodes.iter().for_each(|placed| space.insert(placed.rect));
    // Lines go around boxes, not around labels.
    let boxes = space.clone();
    let (edges, bounds, edge_of) = (Vec::new(), Rect::default(), OrderedMap::new());
    let empty = empty_frames(graph, &nodes);
    let mut made = Layout { direction, nodes, edges, empty, bounds, effort: 0, place_of, edge_of };
    for edge in &graph.edges {
        let Some(curve) = made.routed(edge.kind, &edge.from, &edge.to, &boxes) else { continue };
        let label = label(edge).filter(|_| !made.is_crowded()).and_then(|text| {
            let rect = label_place(&space, &curve, label_size(&text))?;
            space.insert(rect);
            Some((text, rect))
        });
        made.edge_of.entry((edge.from.clone(), edge.to.clone())).or_insert_with(|| made.edges.len());
        made.edges.push(Drawn { edge: edge.clone(), curve, label });
    }
    made.bounds = made.measured();
    made.effort = effort + space.looked() + boxes.looked();
    made
}

impl Layout {
    /// Whether nodes are but boxes with names, as there are too many for more.
    pub fn is_crowded(&self) -> bool {
        self.nodes.first().is_some_and(|placed| placed.is_small)
    }

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

    /// Virtual hosts, where there are several, and a box around the nodes of each.
    pub fn frames(&self) -> Vec<(Name, Rect)> {
        let mut frames: OrderedMap<&Name, Rect> = OrderedMap::new();
        for placed in &self.nodes {
            let frame = frames.entry(&placed.node.vhost).or_insert_with(|| placed.rect);
            *frame = frame.with(&placed.rect);
        }
        if frames.len() + self.empty.len() < 2 {
            return Vec::new();
        }
        let around = |rect: Rect| Rect {
            x: rect.x - FRAME_SIDE,
            y: rect.y - FRAME_HEAD,
            width: rect.width + 2.0 * FRAME_SIDE,
            height: rect.height + FRAME_HEAD + FRAME_SIDE,
        };
        let full = frames.into_iter().map(|(name, rect)| (name.clone(), around(rect)));
        full.chain(self.empty.iter().cloned()).collect()
    }

    fn measured(&self) -> Rect {
        let labels = self.edges.iter().filter_map(|drawn| drawn.label.as_ref().map(|(_, rect)| *rect));
        // Lines stay between the nodes they connect, but for those that arch.
        let lines = self.edges.iter().flat_map(|drawn| [0.25, 0.5, 0.75].map(|part| drawn.curve.at(part)));
        let lines = lines.map(|point| Rect::around(point, 0.0, 0.0));
        let rects = self.nodes.iter().map(|placed| placed.rect).chain(labels).chain(lines);
        let frames = self.frames();
        let mut rects = rects.chain(frames.iter().map(|(_, rect)| *rect));
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

/// Boxes for virtual hosts with nothing in them, one below the other, under all else.
fn empty_frames(graph: &Graph, nodes: &[Placed]) -> Vec<(Name, Rect)> {
    let all = nodes.iter().map(|placed| placed.rect).reduce(|all, rect| all.with(&rect)).unwrap_or_default();
    let (width, height) = EMPTY_SIZE;
    let first = all.y + all.height + FRAME_SIDE + GAP;
    let x = all.x - FRAME_SIDE;
    let empty = graph.empty.iter().zip(0..);
    let frame = |number: u32| Rect { x, y: first + f64::from(number) * (height + GAP), width, height };
    empty.map(|(vhost, number)| (vhost.clone(), frame(number))).collect()
}

/// A place for a label on or near a line where it covers neither node nor label; none where all is full so far that a
/// label could not be told to belong to the line.
fn label_place(space: &Space, curve: &Curve, (width, height): (f64, f64)) -> Option<Rect> {
    /// How many times its own height a label may be away from its line.
    const FAR: f64 = 16.0;
    const ALONG: [f64; 9] = [0.5, 0.6, 0.4, 0.7, 0.3, 0.8, 0.2, 0.9, 0.1];
    let on_line = ALONG.iter().map(|t| Rect::around(curve.at(*t), width, height));
    if let Some(rect) = on_line.clone().find(|rect| space.is_free(rect)) {
        return Some(rect);
    }
    let middle = curve.at(0.5);
    // Beside the line, further and further.
    let mut offset = height;
    while offset < FAR * height {
        for sign in [-1.0, 1.0] {
            let rect = Rect::around(Point::new(middle.x, middle.y + sign * offset), width, height);
            if space.is_free(&rect) {
                return Some(rect);
            }
        }
        offset += height / 2.0;
    }
    None
}

/// The middle of a place in the row of a queue: 0 is the head, at the right end. Those that do not fit share the last.
pub fn slot_in(placed: &Placed, place: usize) -> Point {
    if placed.is_small {
        return placed.centre;
    }
    let place = place.min(SLOTS - 1) as f64;
    let head = placed.rect.x + placed.rect.width - (QUEUE_SIZE.0 - (SLOTS as f64 - 1.0) * SLOT_PITCH) / 2.0;
    Point::new(head - place * SLOT_PITCH, placed.centre.y)
}

/// How far above a node an operator's hand is.
const HAND_ABOVE: f64 = 20.0;

/// Where an operator's hand is at a node.
pub fn hand_at(placed: &Placed) -> Point {
    Point::new(placed.centre.x, placed.rect.y - HAND_ABOVE)
}

/// The middle of the line of text (0 or 1) under a client or an exchange.
pub fn text_line(placed: &Placed, line: u8) -> Point {
    let half = if placed.node.shape == Shape::Exchange { EXCHANGE_SIZE.1 / 2.0 } else { CLIENT_RADIUS };
    Point::new(placed.centre.x, placed.centre.y + half + TEXT_TOP + 20.0 * f64::from(line))
}

/// Where what is lost at a node ends up.
pub fn fall_end(placed: &Placed, direction: Direction) -> Point {
    match (placed.node.shape, direction) {
        _ if placed.is_small => Point::new(placed.centre.x, placed.rect.y + placed.rect.height + 20.0),
        (Shape::Exchange, Direction::Across) => {
            Point::new(placed.centre.x, placed.centre.y + EXCHANGE_SIZE.1 / 2.0 + TEXT_HEIGHT + 16.0)
        }
        (Shape::Exchange, Direction::Down) => {
            Point::new(placed.centre.x + (EXCHANGE_SIZE.0 + LOSS_ASIDE) / 2.0, placed.centre.y - 22.0)
        }
        _ => Point::new(placed.rect.centre().x, placed.rect.y + placed.rect.height + 30.0),
    }
}
