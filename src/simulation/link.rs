//! A link between a client and the broker: how long frames take, and that they never overtake one another.

use serde::{Deserialize, Serialize};

/// The connection of one client, as the network sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    latency_ms: u64,
    last_up_ms: u64,
    last_down_ms: u64,
    /// Whether what arrives is held.
    #[serde(default)]
    pub(super) is_held: bool,
    /// Whether what arrives is lost.
    #[serde(default)]
    pub(super) is_cut: bool,
}

impl Link {
    /// A link that takes so long one way, virtual milliseconds.
    pub fn new(latency_ms: u64) -> Self {
        Link { latency_ms, last_up_ms: 0, last_down_ms: 0, is_held: false, is_cut: false }
    }

    /// The link takes so long from now on. What is under way arrives as it would have.
    pub fn set_latency(&mut self, latency_ms: u64) {
        self.latency_ms = latency_ms;
    }

    /// How long it takes, one way, milliseconds.
    pub fn latency_ms(&self) -> u64 {
        self.latency_ms
    }

    /// When a frame that leaves the client now is at the broker.
    pub fn up(&mut self, now_ms: u64) -> u64 {
        self.last_up_ms = self.last_up_ms.max(now_ms.saturating_add(self.latency_ms));
        self.last_up_ms
    }

    /// When a frame that leaves the broker now is at the client.
    pub fn down(&mut self, now_ms: u64) -> u64 {
        self.last_down_ms = self.last_down_ms.max(now_ms.saturating_add(self.latency_ms));
        self.last_down_ms
    }
}

#[cfg(test)]
mod tests {
    use super::Link;

    #[test]
    fn frames_do_not_overtake_one_another() {
        let mut link = Link::new(50);
        assert_eq!(link.up(100), 150);
        link.latency_ms = 10;
        assert_eq!(link.up(101), 150);
        assert_eq!(link.down(101), 111);
    }
}
