//! Names the server makes, and the other choices that look random: all of them follow from a seed and a counter.
//!
//! Source of the forms: `rabbit/src/rabbit_guid.erl` (16 bytes, URL-safe base64 without padding).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::name::Name;

/// Never gives the same twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NameSource {
    state: u64,
}

impl NameSource {
    pub fn new(seed: u64) -> Self {
        NameSource { state: seed }
    }

    /// A number that looks random, and follows from what it is for; nothing is used up.
    pub fn choice(&self, of: u64) -> u64 {
        mix(self.state ^ mix(of))
    }

    fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.state)
    }

    /// 22 characters.
    pub fn token(&mut self) -> String {
        let mut bytes = [0; 16];
        let (first, second) = bytes.split_at_mut(8);
        first.copy_from_slice(&self.number().to_be_bytes());
        second.copy_from_slice(&self.number().to_be_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// A queue's name.
    pub fn queue(&mut self, prefix: &str) -> Name {
        format!("{prefix}-{}", self.token()).into()
    }

    /// A consumer's tag.
    pub fn consumer_tag(&mut self) -> Name {
        format!("amq.ctag-{}", self.token()).into()
    }
}

/// The output function of SplitMix64 (Steele, Lea, Flood 2014).
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
