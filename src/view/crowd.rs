//! What a box of a crowd shows of its node besides the name: how much is there, as a number and as a bar. And which of
//! all those boxes and lines stay bright while something is selected.
//!
//! Figures are asked for in every frame, so each is drawn and not rendered; the same is in the tables and in the names of nodes.

use crate::broker::ordered::sort_by;

use super::board::Board;
use super::geometry::{Point, Rect};
use super::graph::NodeId;
use super::layout::Layout;
use super::selection::Selection;

/// How much is at a node.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Messages in a queue, or held by a client.
    pub count: usize,
    /// The right end of the number, at half its height.
    pub at: Point,
    /// A queue's Ready messages, to the right; empty if there are none.
    pub ready: Rect,
    /// Unacknowledged ones, beside them.
    pub unacked: Rect,
}

/// So many messages fill a bar; in between it grows as the logarithm does.
const FULL: f64 = 10_000.0;
const BAR_HEIGHT: f64 = 4.0;
const BAR_SIDE: f64 = 8.0;

/// The figures of all nodes that have something. None where nodes are large enough to show it themselves.
pub fn figures(layout: &Layout, board: &Board) -> Vec<Figure> {
    if !layout.is_crowded() {
        return Vec::new();
    }
    let figure = |(rect, node): (Rect, &NodeId)| {
        let (ready, unacked) = match node {
            NodeId::Queue(resource) => {
                let queue = board.queues.get(resource)?;
                (queue.total() - queue.unacked.len(), queue.unacked.len())
            }
            NodeId::Client(id) => (0, board.clients.get(id)?.held.len()),
            NodeId::Exchange(_) => return None,
        };
        let count = ready + unacked;
        let at = Point::new(rect.x + rect.width - 8.0, rect.centre().y);
        let length = match node {
            NodeId::Queue(_) => (rect.width - 2.0 * BAR_SIDE) * ((count as f64).ln_1p() / FULL.ln_1p()).min(1.0),
            _ => 0.0,
        };
        let part = length * ready as f64 / count.max(1) as f64;
        let (right, y) = (rect.x + rect.width - BAR_SIDE, rect.y + rect.height - BAR_HEIGHT - 1.0);
        let bar = |x: f64, width: f64| Rect { x, y, width, height: BAR_HEIGHT };
        let (ready, unacked) = (bar(right - part, part), bar(right - length, length - part));
        (count > 0).then_some(Figure { count, at, ready, unacked })
    };
    layout.nodes.iter().map(|placed| (placed.rect, &placed.node.id)).filter_map(figure).collect()
}

/// What stays bright in a crowd while something is selected; all else is dimmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spotlight {
    /// Of each node of the layout, whether it is selected or on the other end of a selected one's edge.
    pub nodes: Vec<bool>,
    /// The places of the edges at what is selected.
    pub edges: Vec<usize>,
}

/// Of more selected nodes than these no single one is looked at.
const LIT_MAX: usize = 50;
/// A crowd's lines together are as dark as so many; every one of them is seen still.
const LINES: f64 = 400.0;
const FAINTEST: f64 = 0.12;
const DIMMED: f64 = 0.04;

impl Spotlight {
    /// That on what is selected. None outside of a crowd, or if nothing is, or too much.
    pub fn on(selection: &Selection, layout: &Layout) -> Option<Spotlight> {
        let chosen = selection.nodes();
        if !layout.is_crowded() || chosen.len() > LIT_MAX || (chosen.is_empty() && selection.edge().is_none()) {
            return None;
        }
        let mut lit: Vec<&NodeId> = chosen.iter().collect();
        let mut edges = Vec::new();
        for (place, drawn) in layout.edges.iter().enumerate() {
            let edge = &drawn.edge;
            let is_chosen = chosen.contains(&edge.from) || chosen.contains(&edge.to);
            if is_chosen || selection.edge().is_some_and(|selected| *selected == edge.id()) {
                lit.extend([&edge.from, &edge.to]);
                edges.push(place);
            }
        }
        sort_by(&mut lit, Ord::cmp);
        let nodes = layout.nodes.iter().map(|placed| lit.binary_search(&&placed.node.id).is_ok()).collect();
        Some(Spotlight { nodes, edges })
    }
}

/// How opaque a line is that nothing flows along: where there are thousands, all of them would be one grey. While some stay
/// bright, how opaque the others are.
pub fn faintness(layout: &Layout, is_dimmed: bool) -> f64 {
    match layout.is_crowded() {
        true if is_dimmed => DIMMED,
        true => (LINES / layout.edges.len().max(1) as f64).clamp(FAINTEST, 1.0),
        false => 1.0,
    }
}

/// A number in at most four signs.
pub fn short(count: usize) -> String {
    match count {
        0..=9_999 => count.to_string(),
        10_000..=999_999 => format!("{}k", count / 1_000),
        _ => format!("{}M", count / 1_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_short() {
        let all = [0, 9_999, 10_000, 999_999, 1_000_000, 250_000_000].map(short);
        assert_eq!(all, ["0", "9999", "10k", "999k", "1M", "250M"]);
    }
}
