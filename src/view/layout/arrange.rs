//! Where nodes stand: in columns by role, ordered so that few edges cross; or where they have been put.
//!
//! What always holds: the same graph with the same places kept is arranged in the same way; what is kept does not move,
//! unless it would cover something else that is kept; nothing ever covers anything.

use std::borrow::Cow;
use std::slice;

use super::super::geometry::{Point, Rect};
use super::super::graph::{Edge, EdgeKind, Graph, Node, NodeId, Shape};
use super::space::Space;
use super::{
    COLUMN_GAP, Direction, FRAME_HEAD, FRAME_SIDE, GAP, LABEL_ENDS, Layout, Placed, ROW_GAP, SMALL_GAP, label,
    label_size, size,
};
use crate::broker::Name;
use crate::broker::ordered::{OrderedMap, OrderedSet, sort_by};

/// Exchanges behind exchanges are told apart by columns so often.
const DEPTH_MAX: usize = 24;
/// What is so far away is looked at first when a free place is sought.
const CLOSE: f64 = 100.0;

/// The middles of the bodies of nodes that stand where they stand.
pub type Places = OrderedMap<NodeId, Point>;

/// All nodes in their places, and how many boxes were looked at to find these.
pub fn arrange(graph: &Graph, direction: Direction, kept: [&Places; 2], is_small: bool) -> (Vec<Placed>, u64) {
    let graph = &*expected(graph);
    let vhosts: OrderedSet<&Name> = graph.nodes.iter().map(|node| &node.vhost).collect();
    let mut nodes = Vec::new();
    let mut from = 0.0;
    for vhost in vhosts.iter() {
        let part = if vhosts.len() > 1 { Cow::Owned(part(graph, vhost)) } else { Cow::Borrowed(graph) };
        let placed = place(&part, &order(&part, columns(&part)), direction, is_small);
        from = add_part(&mut nodes, placed, from, direction);
    }
    for placed in &mut nodes {
        *placed = stand(&placed.node, rounded(placed.centre), direction, placed.is_small);
    }
    let is_kept = nodes.iter().any(|placed| kept.iter().any(|kept| kept.contains_key(&placed.node.id)));
    let effort = if is_kept { keep(graph, &mut nodes, kept, direction) } else { 0 };
    (nodes, effort)
}

/// A graph with the edges that will be there once everybody has started: nothing moves when they come.
fn expected(graph: &Graph) -> Cow<'_, Graph> {
    if graph.expected.is_empty() {
        return Cow::Borrowed(graph);
    }
    let mut whole = graph.clone();
    for (from, to) in &graph.expected {
        whole.edges.push(Edge { from: from.clone(), to: to.clone(), kind: EdgeKind::Consume, labels: Vec::new() });
    }
    Cow::Owned(whole)
}

/// The nodes of one virtual host, and the edges between them.
fn part(graph: &Graph, vhost: &Name) -> Graph {
    let nodes: Vec<Node> = graph.nodes.iter().filter(|node| node.vhost == *vhost).cloned().collect();
    let ids: OrderedSet<&NodeId> = nodes.iter().map(|node| &node.id).collect();
    let edges = graph.edges.iter().filter(|edge| ids.contains(&&edge.from) && ids.contains(&&edge.to));
    let edges = edges.cloned().collect();
    Graph { nodes, edges, ..Graph::default() }
}

/// Adds a virtual host's nodes beside those of the ones before, beginning there; answers where the next may begin.
fn add_part(nodes: &mut Vec<Placed>, mut part: Vec<Placed>, from: f64, direction: Direction) -> f64 {
    let Some(all) = part.iter().map(|placed| placed.rect).reduce(|all, rect| all.with(&rect)) else { return from };
    let by = match direction {
        Direction::Across => Point::new(0.0, from - all.y),
        Direction::Down => Point::new(from - all.x, 0.0),
    };
    for placed in &mut part {
        placed.centre = Point::new(placed.centre.x + by.x, placed.centre.y + by.y);
    }
    nodes.extend(part);
    let length = if direction == Direction::Across { all.height } else { all.width };
    from + length + FRAME_HEAD + 3.0 * FRAME_SIDE
}

/// Whole numbers: what is written down and read again is the same. Gaps are wider than what this moves.
fn rounded(point: Point) -> Point {
    Point::new(point.x.round(), point.y.round())
}

/// A node whose body is around a point.
fn stand(node: &Node, centre: Point, direction: Direction, is_small: bool) -> Placed {
    let (width, height, body) = size(node, direction, is_small);
    let rect = Rect { x: centre.x - width / 2.0, y: centre.y - body, width, height };
    Placed { node: node.clone(), rect, centre, is_small }
}

/// Puts what is kept where it was, and everything else as near as can be to where its neighbours went.
fn keep(graph: &Graph, nodes: &mut [Placed], kept: [&Places; 2], direction: Direction) -> u64 {
    let place_of = |node: &NodeId| kept.iter().find_map(|kept| kept.get(node)).copied();
    let shift = |placed: &Placed| {
        let to = place_of(&placed.node.id)?;
        Some((placed.node.id.clone(), Point::new(to.x - placed.centre.x, to.y - placed.centre.y)))
    };
    let mut shifts: Places = nodes.iter().filter_map(shift).collect();
    if 2 * shifts.len() < nodes.len() {
        // Of many a few were put elsewhere: the others stay.
        shifts = Places::new();
    }
    let all = mean(shifts.values().copied());
    let mut near: OrderedMap<&NodeId, Vec<Point>> = OrderedMap::new();
    for edge in graph.edges.iter().filter(|edge| edge.from != edge.to) {
        for (one, other) in [(&edge.from, &edge.to), (&edge.to, &edge.from)] {
            near.entry(one).or_default().extend(shifts.get(other));
        }
    }
    let mut standing = Space::default();
    for (which, kept_here) in kept.iter().enumerate() {
        for placed in nodes.iter_mut() {
            let is_earlier = kept.iter().take(which).any(|kept| kept.contains_key(&placed.node.id));
            if let Some(centre) = kept_here.get(&placed.node.id).filter(|_| !is_earlier) {
                *placed = settle(stand(&placed.node, *centre, direction, placed.is_small), direction, &mut standing);
            }
        }
    }
    for placed in nodes.iter_mut().filter(|placed| place_of(&placed.node.id).is_none()) {
        let by = near.get(&placed.node.id).and_then(|near| mean(near.iter().copied()));
        let by = by.or(all).unwrap_or_default();
        let wanted = Point::new(placed.centre.x + by.x, placed.centre.y + by.y);
        let moved = stand(&placed.node, wanted, direction, placed.is_small);
        let rect = free_place(moved.rect, &standing);
        let centre = Point::new(wanted.x + rect.x - moved.rect.x, wanted.y + rect.y - moved.rect.y);
        *placed = stand(&moved.node, rounded(centre), direction, placed.is_small);
        standing.insert(placed.rect);
    }
    standing.looked()
}

/// A node where it stands, or as near as can be without covering another.
fn settle(placed: Placed, direction: Direction, standing: &mut Space) -> Placed {
    let settled = if standing.is_free(&placed.rect) {
        placed
    } else {
        let rect = free_place(placed.rect, standing);
        let to = Point::new(placed.centre.x + rect.x - placed.rect.x, placed.centre.y + rect.y - placed.rect.y);
        stand(&placed.node, rounded(to), direction, placed.is_small)
    };
    standing.insert(settled.rect);
    settled
}

/// Where some nodes stand if they are wanted somewhere, and everything else stays.
pub fn settled(layout: &Layout, wanted: Vec<(NodeId, Point)>) -> Vec<(NodeId, Point)> {
    let mut standing = Space::default();
    let stays = layout.nodes.iter().filter(|placed| !wanted.iter().any(|(node, _)| *node == placed.node.id));
    stays.for_each(|placed| standing.insert(placed.rect));
    let mut found = Vec::new();
    for (node, to) in wanted {
        let Some(placed) = layout.node(&node) else { continue };
        let placed = stand(&placed.node, to, layout.direction, placed.is_small);
        found.push((node, settle(placed, layout.direction, &mut standing).centre));
    }
    found
}

fn mean(points: impl Iterator<Item = Point>) -> Option<Point> {
    let (count, sum) = points.fold((0.0, Point::default()), |(count, sum), point| {
        (count + 1.0, Point::new(sum.x + point.x, sum.y + point.y))
    });
    (count > 0.0).then(|| Point::new(sum.x / count, sum.y / count))
}

/// A box with so much room around it.
fn with_room(rect: &Rect, room: f64) -> Rect {
    Rect { x: rect.x - room, y: rect.y - room, width: rect.width + 2.0 * room, height: rect.height + 2.0 * room }
}

/// The place for a box that is near to where it is wanted, and apart from all others.
fn free_place(wanted: Rect, others: &Space) -> Rect {
    const ROOM: f64 = GAP / 2.0;
    let is_free = |rect: &Rect| others.is_free(&with_room(rect, ROOM));
    if is_free(&wanted) {
        return wanted;
    }
    let cost = |rect: &Rect| (rect.x - wanted.x).abs() + (rect.y - wanted.y).abs();
    // A place that touches others' room: at their sides, level with what is wanted or with their corners. At first
    // among those that are near; beside the last of them there is room.
    let mut reach = 4.0 * CLOSE;
    loop {
        let near = others.within(&with_room(&wanted, reach));
        let sides = |wanted: f64, length: f64, side: fn(&Rect) -> (f64, f64)| {
            let others = near.iter().map(|other| side(&with_room(other, ROOM)));
            let mut all: Vec<f64> = others.flat_map(|(low, extent)| [low - length, low + extent]).collect();
            all.push(wanted);
            sort_by(&mut all, |a, b| (a - wanted).abs().total_cmp(&(b - wanted).abs()));
            all.dedup();
            all
        };
        let xs = sides(wanted.x, wanted.width, |rect| (rect.x, rect.width));
        let ys = sides(wanted.y, wanted.height, |rect| (rect.y, rect.height));
        let mut best: Option<Rect> = None;
        for x in &xs {
            for y in &ys {
                let rect = Rect { x: *x, y: *y, ..wanted };
                if best.as_ref().is_some_and(|best| cost(&rect) >= cost(best)) {
                    break;
                }
                if is_free(&rect) {
                    best = Some(rect);
                }
            }
        }
        if let Some(best) = best {
            return best;
        }
        reach *= 2.0;
    }
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
    for _ in 1..exchanges.clamp(1, DEPTH_MAX) {
        let before = depth.clone();
        for (from, to) in &between {
            depth[*to] = depth[*to].max(depth[*from] + 1).min(exchanges.min(DEPTH_MAX) - 1);
        }
        if depth == before {
            break;
        }
    }
    let last = depth.iter().copied().max().unwrap_or_default();
    for place in only_dead_letters(graph, &place_of) {
        depth[place] = last;
    }
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

/// The exchanges that get nothing but dead letters, and pass nothing on to others: they stand next to the queues.
fn only_dead_letters(graph: &Graph, place_of: &OrderedMap<&NodeId, usize>) -> Vec<usize> {
    let mut any = vec![false; graph.nodes.len()];
    let mut other = any.clone();
    for edge in &graph.edges {
        let (Some(from), Some(to)) = (place_of.get(&edge.from), place_of.get(&edge.to)) else { continue };
        any[*to] |= edge.kind == EdgeKind::DeadLetter;
        other[*to] |= edge.kind != EdgeKind::DeadLetter;
        other[*from] |= graph.nodes[*to].shape == Shape::Exchange;
    }
    (0..any.len()).filter(|place| any[*place] && !other[*place]).collect()
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
fn room_between(graph: &Graph, columns: &[Vec<usize>], direction: Direction, is_small: bool) -> Vec<f64> {
    let places = columns.iter().enumerate().flat_map(|(index, column)| column.iter().map(move |place| (place, index)));
    let column_of: OrderedMap<&NodeId, usize> = places.map(|(place, index)| (&graph.nodes[*place].id, index)).collect();
    let least = match direction {
        Direction::Across => COLUMN_GAP,
        Direction::Down => ROW_GAP,
    };
    let mut room = vec![least; columns.len()];
    if is_small {
        return room;
    }
    for edge in &graph.edges {
        let (from, to) = (column_of.get(&edge.from), column_of.get(&edge.to));
        let (Some(text), Some(from), Some(to)) = (label(edge), from, to) else { continue };
        let (width, height) = label_size(&text);
        let wanted = match direction {
            Direction::Across => width + LABEL_ENDS,
            Direction::Down => height + LABEL_ENDS,
        };
        // The label stands where the line has most room: in front of its end.
        if let Some(room) = room.get_mut((*from).max(*to).saturating_sub(1)) {
            *room = room.max(wanted);
        }
    }
    room
}

/// A column in lines of about the same length, of which none is longer than so many.
fn in_lines(column: &[usize], most: usize) -> slice::Chunks<'_, usize> {
    let lines = column.len().div_ceil(most.max(1)).max(1);
    column.chunks(column.len().div_ceil(lines).max(1))
}

/// How many nodes of a column may stand in one line: of a long column several lines are made, so that the whole is not
/// much broader than it is long.
fn most_in_line(
    columns: &[Vec<usize>],
    room: f64,
    breadth: impl Fn(&[usize]) -> f64,
    length: impl Fn(&[usize]) -> f64,
) -> usize {
    /// So many are never too many.
    const FEW: usize = 8;
    /// The breadth that is aimed at, in lengths.
    const PROPORTION: f64 = 0.7;
    let mut most = columns.iter().map(Vec::len).max().unwrap_or_default();
    let lines = |most| columns.iter().flat_map(move |column| in_lines(column, most));
    while most > FEW {
        let long = room + lines(most).map(|line| length(line) + GAP).sum::<f64>();
        if lines(most).map(&breadth).fold(0.0, f64::max) <= PROPORTION * long {
            break;
        }
        // By steps: exact enough, and quick for thousands.
        most = FEW.max(most - most.div_ceil(8));
    }
    most
}

fn place(graph: &Graph, columns: &[Vec<usize>], direction: Direction, is_small: bool) -> Vec<Placed> {
    let room = room_between(graph, columns, direction, is_small);
    let across = direction == Direction::Across;
    let gap = if is_small { SMALL_GAP } else { GAP };
    // Along the way of messages, and across it.
    let extents = |place: &usize| {
        let (width, height, _) = size(&graph.nodes[*place], direction, is_small);
        if across { (width, height) } else { (height, width) }
    };
    let breadth = |column: &[usize]| {
        column.iter().map(|place| extents(place).1).sum::<f64>() + gap * column.len().saturating_sub(1) as f64
    };
    let length = |part: &[usize]| part.iter().map(|place| extents(place).0).fold(0.0, f64::max);
    let most = most_in_line(columns, room.iter().sum(), breadth, length);
    let parts = |column| in_lines(column, most);
    let broadest = columns.iter().flat_map(|column| parts(column)).map(breadth).fold(0.0, f64::max);
    let mut placed = Vec::new();
    let mut along = 0.0;
    for (column, room) in columns.iter().zip(room) {
        for part in parts(column) {
            let length = length(part);
            let mut aside = (broadest - breadth(part)) / 2.0;
            for place in part {
                let node = graph.nodes[*place].clone();
                let (width, height, body) = size(&node, direction, is_small);
                let (x, y) = if across { (along + (length - width) / 2.0, aside) } else { (aside, along) };
                aside += extents(place).1 + gap;
                let centre = Point::new(x + width / 2.0, y + body);
                placed.push(Placed { node, rect: Rect { x, y, width, height }, centre, is_small });
            }
            along += length + GAP;
        }
        along += room - GAP;
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
    let mut columns: Vec<f64> = placed.iter().map(|placed| placed.rect.centre().x).collect();
    sort_by(&mut columns, f64::total_cmp);
    for placed in placed {
        let x = placed.rect.centre().x;
        let same =
            columns.partition_point(|other| *other <= x + 1.0) - columns.partition_point(|other| *other < x - 1.0);
        if same == 1 {
            let shift = middle - placed.centre.y;
            placed.centre.y += shift;
            placed.rect.y += shift;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_place_is_near_and_touches_nothing() {
        let rect = |x: f64, y: f64| Rect { x, y, width: 100.0, height: 50.0 };
        let all = [rect(0.0, 0.0), rect(0.0, 90.0), rect(300.0, 0.0)];
        let mut others = Space::default();
        all.iter().for_each(|rect| others.insert(*rect));
        assert_eq!(free_place(rect(150.0, 0.0), &others), rect(150.0, 0.0));
        let found = free_place(rect(0.0, 45.0), &others);
        assert!(all.iter().all(|other| !other.overlaps(&found)), "{found:?}");
        assert!((found.x).abs() + (found.y - 45.0).abs() <= 120.0, "{found:?}");
    }
}
