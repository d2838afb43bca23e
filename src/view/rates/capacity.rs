//! Consumer capacity, once called consumer utilisation: the fraction of time in which a queue could have delivered at
//! once.
//!
//! Source: `rabbit/src/rabbit_queue_consumers.erl`: `capacity/1`, `update_use/2`, `use_avg/3`. A queue is in use
//! (`active`) from its beginning; it stops being so when it has a message that no consumer can take, and is so again
//! when a consumer is added or one that could take no more can again. Each time it becomes active again, the part of
//! the time since the last such moment in which it was active goes into a moving average that forgets half in a second
//! (`rabbit_common/src/rabbit_misc.erl moving_average/4`).
//!
//! RabbitMQ reckons in floating point; here all are whole numbers, a billionth or so of the whole each, so that every
//! platform shows the same.

/// One, as a fixed-point number.
const ONE: u64 = 1 << 30;

/// `ONE` times `0.5` to the power of `2^k` thousandths, for each k.
const HALVED: [u64; 10] = [
    1_072_997_821,
    1_072_254_333,
    1_070_768_903,
    1_067_804_213,
    1_061_899_436,
    1_050_187_658,
    1_027_150_189,
    982_580_250,
    899_158_369,
    752_961_052,
];

/// Whether the queue is in use, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    Active {
        since_ms: u64,
    },
    /// After it was active for so long.
    Inactive {
        since_ms: u64,
        active_ms: u64,
    },
}

/// A queue's consumer capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Capacity {
    state: Use,
    average: u64,
}

impl Capacity {
    /// Of a queue that is declared now.
    pub fn new(now_ms: u64) -> Self {
        Capacity { state: Use::Active { since_ms: now_ms }, average: ONE }
    }

    /// It has a message that no consumer can take.
    pub fn block(&mut self, now_ms: u64) {
        if let Use::Active { since_ms } = self.state {
            self.state = Use::Inactive { since_ms: now_ms, active_ms: now_ms.saturating_sub(since_ms) };
        }
    }

    /// A consumer was added, or can take messages again.
    pub fn unblock(&mut self, now_ms: u64) {
        let Use::Inactive { since_ms, active_ms } = self.state else { return };
        let inactive_ms = now_ms.saturating_sub(since_ms);
        if inactive_ms == 0 {
            // No time passed: it was never inactive. (The average would come out the same.)
            self.state = Use::Active { since_ms: now_ms.saturating_sub(active_ms) };
            return;
        }
        self.average = moving_average(active_ms, inactive_ms, self.average);
        self.state = Use::Active { since_ms: now_ms };
    }

    /// The fraction, percent, rounded as the management UI rounds it.
    pub fn percent(&self, now_ms: u64) -> u64 {
        let now = match self.state {
            Use::Active { since_ms } => moving_average(now_ms.saturating_sub(since_ms), 0, self.average),
            Use::Inactive { since_ms, active_ms } => {
                moving_average(active_ms, now_ms.saturating_sub(since_ms), self.average)
            }
        };
        (now * 100 + ONE / 2) / ONE
    }
}

fn moving_average(active_ms: u64, inactive_ms: u64, average: u64) -> u64 {
    let time_ms = active_ms.saturating_add(inactive_ms);
    if time_ms == 0 {
        return average;
    }
    let next = u64::try_from(u128::from(active_ms) * u128::from(ONE) / u128::from(time_ms)).unwrap_or(ONE);
    let weight = weight(time_ms);
    (next * (ONE - weight) + average * weight) / ONE
}

/// `0.5` to the power of so many seconds.
fn weight(time_ms: u64) -> u64 {
    let whole = u32::try_from(time_ms / 1_000).ok().and_then(|seconds| ONE.checked_shr(seconds)).unwrap_or(0);
    let rest = time_ms % 1_000;
    let factors = HALVED.iter().enumerate().filter(|(bit, _)| rest >> bit & 1 == 1);
    factors.fold(whole, |weight, (_, factor)| weight * factor / ONE)
}

#[cfg(test)]
mod tests {
    use super::{Capacity, ONE, weight};

    #[test]
    fn half_of_the_past_is_forgotten_in_a_second() {
        assert_eq!([weight(0), weight(1_000), weight(2_000), weight(90_000)], [ONE, ONE / 2, ONE / 4, 0]);
        for ms in 0..5_000 {
            let exact = 0.5_f64.powf(ms as f64 / 1_000.0) * ONE as f64;
            assert!((weight(ms) as f64 - exact).abs() < 16.0, "{ms} ms: {} and not {exact}", weight(ms));
        }
    }

    /// By hand: 1 second active, 1 second not, is 50% of two seconds, which weigh three quarters:
    /// `0.5 * 0.75 + 1 * 0.25` is 62.5%.
    #[test]
    fn the_average_is_that_of_rabbitmq() {
        let mut capacity = Capacity::new(0);
        assert_eq!(capacity.percent(500), 100);
        capacity.block(1_000);
        assert_eq!(capacity.percent(1_000), 100);
        assert_eq!(capacity.percent(2_000), 63);
        capacity.unblock(2_000);
        assert_eq!(capacity.percent(2_000), 63);
        // One more second active: `1 * 0.5 + 0.625 * 0.5`.
        assert_eq!(capacity.percent(3_000), 81);
        capacity.block(2_000);
        capacity.unblock(2_000);
        assert_eq!(capacity.percent(3_000), 81);
        // Blocked for good, it tends to nothing.
        capacity.block(3_000);
        assert_eq!(capacity.percent(60_000), 2);
    }
}
