//! How much goes along each edge: where there is too much to be looked at one by one, an edge is as thick as that.
//!
//! What always holds: like everything that is seen, it is a function of (film, position), and it is of virtual seconds.

use crate::broker::ordered::OrderedMap;

use super::graph::NodeId;
use super::layout::Layout;
use super::motion::{Route, TokenKind};
use super::player::Player;

/// So many of the newest entries are looked at.
const LOOKED_MAX: usize = 20_000;
/// From so many messages a second on, an edge is one step thicker.
const STEPS: [u64; LEVELS as usize] = [3, 10, 30, 100, 300];
/// The thickest.
pub const LEVELS: u8 = 5;
/// From this speed on nobody follows a single message.
const FAST: f64 = 10.0;

/// Messages that have gone along edges in the last second of the picture's time, by where from and where to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Flows(OrderedMap<(NodeId, NodeId), u64>);

/// Whether edges should be as thick as what goes along them.
pub fn are_seen(player: &Player, layout: &Layout) -> bool {
    layout.is_crowded() || player.speed() >= FAST
}

/// The flows at a player's position.
pub fn flows(player: &Player) -> Flows {
    let (film, cursor) = (player.film(), player.cursor());
    let since = film.oldest_moving(cursor, player.moment_ms());
    let from = since.max(cursor.saturating_sub(LOOKED_MAX));
    let mut flows: OrderedMap<(NodeId, NodeId), u64> = OrderedMap::new();
    for (_, motion, _) in film.motions(from..cursor) {
        let is_message = matches!(motion.token.kind, TokenKind::Message | TokenKind::Redelivered);
        let Route::Along(stops) = &motion.route else { continue };
        for pair in stops.windows(2).filter(|_| is_message) {
            if let [from, to] = pair {
                *flows.entry((from.node().clone(), to.node().clone())).or_insert_with(|| 0) += 1;
            }
        }
    }
    // What was not looked at was much the same.
    if from > since {
        let (looked, all) = ((cursor - from).max(1) as u64, (cursor - since) as u64);
        flows.values_mut().for_each(|count| *count = *count * all / looked);
    }
    Flows(flows)
}

impl Flows {
    /// Messages a second from one node to another.
    pub fn per_second(&self, from: &NodeId, to: &NodeId) -> u64 {
        self.0.get(&(from.clone(), to.clone())).copied().unwrap_or_default()
    }

    /// How thick each edge of a layout is, from 0 to [`LEVELS`].
    pub fn levels(&self, layout: &Layout) -> Vec<u8> {
        let flow = |from: &NodeId, to: &NodeId| self.per_second(from, to);
        layout.edges.iter().map(|drawn| level(flow(&drawn.edge.from, &drawn.edge.to))).collect()
    }
}

fn level(per_second: u64) -> u8 {
    STEPS.iter().take_while(|step| per_second >= **step).count() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_is_thicker() {
        let levels = [0, 2, 3, 9, 10, 100, 299, 300, u64::MAX].map(level);
        assert_eq!(levels, [0, 0, 1, 1, 2, 4, 4, 5, LEVELS]);
    }
}
