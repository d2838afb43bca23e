//! Where nodes stay: where people have put them, and else where they were.
//!
//! What always holds: a node that was put somewhere stands there, or as near as can be without covering another; one that
//! was not keeps the place it was given first, whatever comes and goes, until everything is arranged afresh.

use std::rc::Rc;

use crate::broker::ordered::OrderedMap;
use crate::share;

use super::Board;
use super::camera::Camera;
use super::geometry::Point;
use super::graph::{Graph, Node, NodeId, graph};
use super::layout::{CROWD, Direction, Layout, Places, layout, layout_with};

/// Smaller than this, words cannot be read at a glance: it is better to pan then.
pub const LEGIBLE: f64 = 0.6;
/// The largest scale that is chosen for people.
pub const SCALE_MAX: f64 = 1.6;
/// More nodes than these are shown as a whole, and small: their names are there to be zoomed at.
pub const MANY: usize = 30;
/// Smaller than this, what is in a queue cannot be seen at all.
const TINY: f64 = 0.35;

/// What a file says of places: where things were put, and the number of the arrangement that they were put in.
#[derive(Clone, Debug, Default)]
pub struct Put {
    /// Where.
    pub places: Rc<OrderedMap<share::Node, share::Point>>,
    /// Another number, and all that nobody has put anywhere is laid out afresh.
    pub arrangement: u32,
}

impl PartialEq for Put {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.places, &other.places) && self.arrangement == other.arrangement
    }
}

/// What a node is called in a file's layout.
pub fn name_of(node: &Node) -> share::Node {
    match &node.id {
        NodeId::Client(_) => share::Node::Client(node.name.clone()),
        NodeId::Exchange(id) => share::Node::Exchange { vhost: id.vhost.clone(), name: id.name.clone() },
        NodeId::Queue(id) => share::Node::Queue { vhost: id.vhost.clone(), name: id.name.clone() },
    }
}

/// CSS pixels, across and down.
type Room = (f64, f64);

/// Where everything on one board after another stands: the same layout as long as nothing in it changes.
#[derive(Default)]
pub struct Standing {
    board: Rc<Board>,
    graph: Rc<Graph>,
    arranger: Arranger,
    made: Option<(Put, Room, Rc<Layout>)>,
}

impl Standing {
    /// The layout of a board, where things were put somewhere and there is so much room; empty where there is none.
    pub fn of(&mut self, board: &Rc<Board>, put: &Put, room: Room) -> Rc<Layout> {
        if !self.board.is_connected_as(board) {
            let now = graph(board);
            if *self.graph != now {
                self.graph = Rc::new(now);
                self.made = None;
            }
        }
        // Compared with this one, the next is soon known to be connected as it.
        self.board = board.clone();
        match &self.made {
            Some((as_put, in_room, made)) if (as_put, *in_room) == (put, room) => made.clone(),
            _ => {
                let made = if room.0 > 0.0 { self.arranger.layout(&self.graph, put, room) } else { Layout::default() };
                let made = Rc::new(made);
                self.made = Some((put.clone(), room, made.clone()));
                made
            }
        }
    }
}

/// Lays graphs out, one after another, and remembers where things stood.
#[derive(Debug, Default)]
pub struct Arranger {
    memories: OrderedMap<u32, Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    direction: Option<Direction>,
    /// Whether nodes are but boxes with names, as not even names could be read.
    is_small: bool,
    room: Room,
    places: OrderedMap<share::Node, Point>,
}

impl Arranger {
    /// The layout of a graph, where things were put somewhere and there is so much room.
    pub fn layout(&mut self, graph: &Graph, put: &Put, room: Room) -> Layout {
        let memory = self.memories.entry(put.arrangement).or_default();
        let by_hand: Places = graph.nodes.iter().filter_map(|node| put_at(node, put)).collect();
        let direction = memory.direction_in(graph, &by_hand, room);
        let mut made = memory.made(graph, direction, &by_hand);
        let is_tiny = || Camera::fit(made.bounds, room, SCALE_MAX).scale < TINY;
        if graph.nodes.len() > MANY && !made.is_crowded() && by_hand.is_empty() && is_tiny() {
            memory.is_small = true;
            memory.places = OrderedMap::new();
            made = memory.made(graph, direction, &by_hand);
        }
        for placed in made.nodes.iter().filter(|placed| !by_hand.contains_key(&placed.node.id)) {
            memory.places.insert(name_of(&placed.node), placed.centre);
        }
        made
    }
}

fn put_at(node: &Node, put: &Put) -> Option<(NodeId, Point)> {
    let at = put.places.get(&name_of(node))?;
    Some((node.id.clone(), Point::new(f64::from(at.x), f64::from(at.y))))
}

impl Memory {
    fn made(&self, graph: &Graph, direction: Direction, by_hand: &Places) -> Layout {
        let stays = graph.nodes.iter().filter(|node| !by_hand.contains_key(&node.id));
        let stays = stays.filter_map(|node| Some((node.id.clone(), *self.places.get(&name_of(node))?))).collect();
        layout_with(graph, direction, [by_hand, &stays], self.is_small || graph.nodes.len() > CROWD)
    }

    /// Which way messages go. It stays the same in the same room, and where things were put somewhere.
    fn direction_in(&mut self, graph: &Graph, by_hand: &Places, room: Room) -> Direction {
        let is_settled = self.room == room || !by_hand.is_empty();
        let before = self.direction;
        let direction = match before.filter(|_| is_settled) {
            Some(direction) => direction,
            None => seen_in(graph, by_hand).unwrap_or_else(|| best_for(graph, room)),
        };
        self.room = room;
        // In another room more can be seen, or less.
        let was_small = self.is_small;
        self.is_small = was_small && is_settled;
        if before != Some(direction) || was_small != self.is_small {
            self.places = OrderedMap::new();
            self.direction = Some(direction);
        }
        direction
    }
}

/// The way that edges go between what was put somewhere.
fn seen_in(graph: &Graph, by_hand: &Places) -> Option<Direction> {
    let ends = graph.edges.iter().filter_map(|edge| Some((by_hand.get(&edge.from)?, by_hand.get(&edge.to)?)));
    let (across, down) =
        ends.fold((0.0, 0.0), |(across, down), (from, to)| (across + (to.x - from.x), down + (to.y - from.y)));
    (across != 0.0 || down != 0.0).then_some(if across >= down { Direction::Across } else { Direction::Down })
}

/// The way that is seen largest in so much room.
fn best_for(graph: &Graph, room: Room) -> Direction {
    if graph.nodes.len() > MANY {
        return Direction::Across;
    }
    let scale = |direction| {
        let made = layout(graph, direction, &Places::new());
        Camera::fit(made.bounds, room, SCALE_MAX).scale
    };
    let (across, down) = (scale(Direction::Across), scale(Direction::Down));
    if across >= down.min(LEGIBLE) { Direction::Across } else { Direction::Down }
}
