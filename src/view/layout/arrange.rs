//! Where nodes stand: in columns by role, ordered so that few edges cross; or where they have been put.
//!
//! What always holds: the same graph with the same places kept is arranged in the same way; what is kept does not move;
//! what is not kept never overlaps anything.

use super::super::geometry::{Point, Rect};
use super::super::graph::{Graph, Node, NodeId, Shape};
use super::{COLUMN_GAP, Direction, GAP, LABEL_ENDS, Placed, ROW_GAP, label, label_size, size};
use crate::broker::ordered::{OrderedMap, sort_by};

/// The middles of the bodies of nodes that stand where they stand.
pub type Places = OrderedMap<NodeId, Point>;

/// All nodes in their places.
pub fn arrange(graph: &Graph, direction: Direction, kept: &Places) -> Vec<Placed> {
    let columns = order(graph, columns(graph));
    let mut nodes = place(graph, &columns, direction);
    for placed in &mut nodes {
        *placed = stand(&placed.node, rounded(placed.centre), direction);
    }
    if nodes.iter().any(|placed| kept.contains_key(&placed.node.id)) {
        keep(graph, &mut nodes, kept, direction);
    }
    nodes
}

/// Whole numbers: what is written down and read again is the same. Gaps are wider than what this moves.
fn rounded(point: Point) -> Point {
    Point::new(point.x.round(), point.y.round())
}

/// A node whose body is around a point.
fn stand(node: &Node, centre: Point, direction: Direction) -> Placed {
    let (width, height, body) = size(node, direction);
    let rect = Rect { x: centre.x - width / 2.0, y: centre.y - body, width, height };
    Placed { node: node.clone(), rect, centre }
}

/// Puts what is kept where it was, and everything else as near as can be to where its neighbours went.
fn keep(graph: &Graph, nodes: &mut [Placed], kept: &Places, direction: Direction) {
    let arranged: Places = nodes.iter().map(|placed| (placed.node.id.clone(), placed.centre)).collect();
    let shift = |id: &NodeId| {
        let (from, to) = (arranged.get(id)?, kept.get(id)?);
        Some(Point::new(to.x - from.x, to.y - from.y))
    };
    let all: Vec<Point> = nodes.iter().filter_map(|placed| shift(&placed.node.id)).collect();
    let mut standing: Vec<Rect> = Vec::new();
    for placed in nodes.iter_mut() {
        if let Some(centre) = kept.get(&placed.node.id) {
            *placed = stand(&placed.node, *centre, direction);
            standing.push(placed.rect);
        }
    }
    for placed in nodes.iter_mut().filter(|placed| !kept.contains_key(&placed.node.id)) {
        let id = &placed.node.id;
        let near = graph.edges.iter().filter_map(|edge| match (&edge.from == id, &edge.to == id) {
            (true, false) => shift(&edge.to),
            (false, true) => shift(&edge.from),
            _ => None,
        });
        let by = mean(near).or_else(|| mean(all.iter().copied())).unwrap_or_default();
        let wanted = Point::new(placed.centre.x + by.x, placed.centre.y + by.y);
        let moved = stand(&placed.node, wanted, direction);
        let rect = free_place(moved.rect, &standing);
        let centre = Point::new(wanted.x + rect.x - moved.rect.x, wanted.y + rect.y - moved.rect.y);
        *placed = stand(&moved.node, rounded(centre), direction);
        standing.push(placed.rect);
    }
}

fn mean(points: impl Iterator<Item = Point>) -> Option<Point> {
    let (count, sum) = points.fold((0.0, Point::default()), |(count, sum), point| {
        (count + 1.0, Point::new(sum.x + point.x, sum.y + point.y))
    });
    (count > 0.0).then(|| Point::new(sum.x / count, sum.y / count))
}

/// The place for a box that is nearest to where it is wanted, and apart from all others.
pub fn free_place(wanted: Rect, others: &[Rect]) -> Rect {
    let room = |rect: &Rect| Rect {
        x: rect.x - GAP / 2.0,
        y: rect.y - GAP / 2.0,
        width: rect.width + GAP,
        height: rect.height + GAP,
    };
    let is_free = |rect: &Rect| others.iter().all(|other| !room(other).overlaps(rect));
    if is_free(&wanted) {
        return wanted;
    }
    // A place that touches others' room: at their sides, level with what is wanted or with their corners.
    let xs: Vec<f64> = std::iter::once(wanted.x)
        .chain(others.iter().flat_map(|other| {
            let room = room(other);
            [room.x - wanted.width, room.x + room.width]
        }))
        .collect();
    let ys: Vec<f64> = std::iter::once(wanted.y)
        .chain(others.iter().flat_map(|other| {
            let room = room(other);
            [room.y - wanted.height, room.y + room.height]
        }))
        .collect();
    let cost = |rect: &Rect| (rect.x - wanted.x).abs() + (rect.y - wanted.y).abs();
    let mut best: Option<Rect> = None;
    for x in &xs {
        for y in &ys {
            let rect = Rect { x: *x, y: *y, ..wanted };
            if best.as_ref().is_none_or(|best| cost(&rect) < cost(best)) && is_free(&rect) {
                best = Some(rect);
            }
        }
    }
    best.unwrap_or(wanted)
}

/// The column of each node, by place in the graph: exchanges that are bound to exchanges come after these.
fn columns(graph: &Graph) -> Vec<Vec<usize>> {
    let place_of: OrderedMap<&NodeId, usize> = graph.nodes.iter().enumerate().map(|(i, node)| (&node.id, i)).collect();
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
            Shape::Producer | Shape::RpcClient => 0,
            Shape::Exchange => 1 + depth[place],
            Shape::Queue => last + 2,
            Shape::Consumer | Shape::Worker | Shape::RpcServer => last + 3,
        };
        columns[column].push(place);
    }
    columns.retain(|column| !column.is_empty());
    columns
}

/// Orders each column by the mean place of its neighbours (barycentre), to and fro.
fn order(graph: &Graph, mut columns: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
    const SWEEPS: usize = 6;
    let place_of: OrderedMap<&NodeId, usize> = graph.nodes.iter().enumerate().map(|(i, node)| (&node.id, i)).collect();
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
            sort_by(&mut keyed, |a, b| a.0.total_cmp(&b.0));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_place_is_near_and_touches_nothing() {
        let rect = |x: f64, y: f64| Rect { x, y, width: 100.0, height: 50.0 };
        let others = [rect(0.0, 0.0), rect(0.0, 90.0), rect(300.0, 0.0)];
        assert_eq!(free_place(rect(150.0, 0.0), &others), rect(150.0, 0.0));
        let found = free_place(rect(0.0, 45.0), &others);
        assert!(others.iter().all(|other| !other.overlaps(&found)), "{found:?}");
        assert!((found.x).abs() + (found.y - 45.0).abs() <= 120.0, "{found:?}");
    }
}
