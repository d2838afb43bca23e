//! Putting nodes in line: what a node that is dragged snaps to, and several nodes aligned or spread evenly.
//!
//! What always holds: what is put somewhere never covers another node.

use crate::broker::Name;
use crate::broker::ordered::sort_by;

use super::geometry::{Curve, Point, Rect};
use super::graph::{EdgeId, NodeId};
use super::layout::{Direction, Layout, Placed, settled};

/// How far the keyboard moves a node.
pub const STEP: f64 = 20.0;

/// A line that shows what a node is in line with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Guide {
    /// Its one end.
    pub from: Point,
    /// Its other end.
    pub to: Point,
}

/// Nodes by how much they are moved, in line with others where these are close, and what shows that.
pub fn snapped(layout: &Layout, moving: &[NodeId], by: Point, reach: f64) -> (Point, Vec<Guide>) {
    let Some(first) = moving.last().and_then(|node| layout.node(node)) else { return (by, Vec::new()) };
    let at = Point::new(first.centre.x + by.x, first.centre.y + by.y);
    let others = || layout.nodes.iter().filter(|placed| !moving.contains(&placed.node.id));
    let closest = |of: fn(Point) -> f64| {
        let mut best: Option<&Placed> = None;
        for other in others() {
            let away = (of(other.centre) - of(at)).abs();
            if away <= reach && best.is_none_or(|best| away < (of(best.centre) - of(at)).abs()) {
                best = Some(other);
            }
        }
        best
    };
    let (column, row) = (closest(|point| point.x), closest(|point| point.y));
    let to = Point::new(column.map_or(at.x, |other| other.centre.x), row.map_or(at.y, |other| other.centre.y));
    let guides = column.into_iter().chain(row).map(|other| Guide { from: other.centre, to }).collect();
    (Point::new(by.x + to.x - at.x, by.y + to.y - at.y), guides)
}

/// Where nodes stand when they are moved by so much.
pub fn moved(layout: &Layout, moving: &[NodeId], by: Point) -> Vec<(NodeId, Point)> {
    let placed = moving.iter().filter_map(|node| layout.node(node));
    let wanted = placed.map(|placed| {
        let to = Point::new((placed.centre.x + by.x).round(), (placed.centre.y + by.y).round());
        (placed.node.id.clone(), to)
    });
    settled(layout, wanted.collect())
}

/// How far from a node something new stands that it leads to.
const AWAY: f64 = 120.0;

/// Where something new can stand that a node leads to: on beside it, in what is seen.
pub fn beside(layout: &Layout, placed: &Placed, seen: Rect) -> Point {
    let (rect, middle) = (placed.rect, placed.centre);
    let (x, y) = match layout.direction {
        Direction::Across => (rect.x + rect.width + AWAY, middle.y),
        Direction::Down => (middle.x, rect.y + rect.height + AWAY),
    };
    Point::new(x.clamp(seen.x, seen.x + seen.width.max(0.0)), y.clamp(seen.y, seen.y + seen.height.max(0.0)))
}

/// How several nodes are put in line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Their left sides are in line.
    Left,
    /// Their middles are below each other.
    Centre,
    /// Their right sides are in line.
    Right,
    /// Their top sides are in line.
    Top,
    /// Their middles are beside each other.
    Middle,
    /// Their bottom sides are in line.
    Bottom,
    /// The gaps between them are alike, from left to right.
    Across,
    /// The gaps between them are alike, from top to bottom.
    Down,
}

impl Align {
    /// All of them, with what they are called.
    pub const ALL: [(Align, &str); 8] = [
        (Align::Left, "Align left"),
        (Align::Centre, "Align centres"),
        (Align::Right, "Align right"),
        (Align::Top, "Align top"),
        (Align::Middle, "Align middles"),
        (Align::Bottom, "Align bottom"),
        (Align::Across, "Distribute across"),
        (Align::Down, "Distribute down"),
    ];
}

/// Where nodes stand when they are put in line. Where they would cover each other, they make room along the line.
pub fn aligned(layout: &Layout, nodes: &[NodeId], how: Align) -> Vec<(NodeId, Point)> {
    let mut placed: Vec<&Placed> = nodes.iter().filter_map(|node| layout.node(node)).collect();
    let is_column = matches!(how, Align::Left | Align::Centre | Align::Right | Align::Down);
    sort_by(&mut placed, |a, b| {
        let along = |rect: Rect| if is_column { rect.y } else { rect.x };
        along(a.rect).total_cmp(&along(b.rect))
    });
    let Some(all) = placed.iter().map(|placed| placed.rect).reduce(|all, rect| all.with(&rect)) else {
        return Vec::new();
    };
    let wanted = match how {
        Align::Across | Align::Down => spread(&placed, all, is_column),
        _ => lined_up(&placed, all, how),
    };
    settled(layout, wanted)
}

/// The middle of a node's body where its box has its top left somewhere.
fn centre_at(placed: &Placed, x: f64, y: f64) -> (NodeId, Point) {
    let (dx, dy) = (placed.centre.x - placed.rect.x, placed.centre.y - placed.rect.y);
    (placed.node.id.clone(), Point::new((x + dx).round(), (y + dy).round()))
}

fn lined_up(placed: &[&Placed], all: Rect, how: Align) -> Vec<(NodeId, Point)> {
    let mean = |of: fn(&Placed) -> f64| placed.iter().map(|placed| of(placed)).sum::<f64>() / placed.len() as f64;
    let (middle_x, middle_y) = (mean(|placed| placed.centre.x), mean(|placed| placed.centre.y));
    let mut end = f64::NEG_INFINITY;
    let mut wanted = Vec::new();
    for placed in placed {
        let rect = placed.rect;
        let (x, y) = match how {
            Align::Left => (all.x, rect.y.max(end)),
            Align::Right => (all.x + all.width - rect.width, rect.y.max(end)),
            Align::Centre => (middle_x - (placed.centre.x - rect.x), rect.y.max(end)),
            Align::Top => (rect.x.max(end), all.y),
            Align::Bottom => (rect.x.max(end), all.y + all.height - rect.height),
            _ => (rect.x.max(end), middle_y - (placed.centre.y - rect.y)),
        };
        end = match how {
            Align::Left | Align::Right | Align::Centre => y + rect.height + GAP,
            _ => x + rect.width + GAP,
        };
        wanted.push(centre_at(placed, x, y));
    }
    wanted
}

/// At least so much is between what is put in line.
const GAP: f64 = 14.0;

fn spread(placed: &[&Placed], all: Rect, is_column: bool) -> Vec<(NodeId, Point)> {
    let extent = |rect: Rect| if is_column { rect.height } else { rect.width };
    let taken: f64 = placed.iter().map(|placed| extent(placed.rect)).sum();
    let gaps = placed.len().saturating_sub(1).max(1) as f64;
    let gap = ((extent(all) - taken) / gaps).max(GAP);
    let mut at = if is_column { all.y } else { all.x };
    let mut wanted = Vec::new();
    for placed in placed {
        let (x, y) = if is_column { (placed.rect.x, at) } else { (at, placed.rect.y) };
        wanted.push(centre_at(placed, x, y));
        at += extent(placed.rect) + gap;
    }
    wanted
}

/// The nodes that have a part of a box.
pub fn within(layout: &Layout, area: &Rect) -> Vec<NodeId> {
    layout.nodes.iter().filter(|placed| placed.rect.overlaps(area)).map(|placed| placed.node.id.clone()).collect()
}

/// The node that a point is in.
pub fn node_at(layout: &Layout, at: Point) -> Option<&Placed> {
    let point = Rect::around(at, 0.1, 0.1);
    layout.nodes.iter().rev().find(|placed| placed.rect.overlaps(&point))
}

/// The virtual host whose frame a point is in; none if there is but one.
pub fn vhost_at(layout: &Layout, at: Point) -> Option<Name> {
    let point = Rect::around(at, 0.1, 0.1);
    layout.frames().into_iter().find(|(_, rect)| rect.overlaps(&point)).map(|(name, _)| name)
}

/// The edge whose line or label a point is on or near.
pub fn edge_at(layout: &Layout, at: Point, reach: f64) -> Option<EdgeId> {
    const PIECES: u32 = 32;
    let point = Rect::around(at, 0.1, 0.1);
    let labelled =
        layout.edges.iter().find(|drawn| drawn.label.as_ref().is_some_and(|(_, rect)| rect.overlaps(&point)));
    if let Some(drawn) = labelled {
        return Some(drawn.edge.id());
    }
    let away = |curve: &Curve| {
        let points = (0..=PIECES).map(|piece| curve.at(f64::from(piece) / f64::from(PIECES)));
        let mut nearest = f64::INFINITY;
        let mut last: Option<Point> = None;
        for point in points {
            if let Some(last) = last {
                nearest = nearest.min(last.towards(point, along(last, point, at)).distance(at));
            }
            last = Some(point);
        }
        nearest
    };
    let mut best: Option<(f64, EdgeId)> = None;
    for drawn in &layout.edges {
        let distance = away(&drawn.curve);
        if distance <= reach && best.as_ref().is_none_or(|(best, _)| distance < *best) {
            best = Some((distance, drawn.edge.id()));
        }
    }
    best.map(|(_, edge)| edge)
}

/// Which part of the way from one point to another is next to a third.
fn along(from: Point, to: Point, at: Point) -> f64 {
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let length = dx * dx + dy * dy;
    if length == 0.0 { 0.0 } else { (((at.x - from.x) * dx + (at.y - from.y) * dy) / length).clamp(0.0, 1.0) }
}
