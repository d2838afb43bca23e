//! Rounds of measurement: contenders take turns, so that a slow moment of the machine hits all of them.

use std::time::{Duration, Instant};

const ROUNDS: usize = 9;
const ROUND: Duration = Duration::from_millis(120);

/// Messages per second, and how that compares round by round.
pub struct Outcome {
    /// Messages per second, the median of the rounds.
    pub rate: f64,
    /// The first contender's time for a message by this one's: lowest, median, highest.
    pub ratio: [f64; 3],
}

/// Lets contenders do their work in turn. Each is a function that sends a number of messages.
pub fn compare(contenders: &mut [&mut dyn FnMut(u64)]) -> Vec<Outcome> {
    let sizes: Vec<u64> = contenders.iter_mut().map(|work| calibrate(*work)).collect();
    let mut rates = vec![Vec::new(); contenders.len()];
    for _ in 0..ROUNDS {
        for ((work, size), rates) in contenders.iter_mut().zip(&sizes).zip(&mut rates) {
            let started = Instant::now();
            work(*size);
            rates.push(*size as f64 / started.elapsed().as_secs_f64());
        }
    }
    let outcome = |own: &Vec<f64>| {
        let ratio = spread(own.iter().zip(&rates[0]).map(|(own, first)| own / first).collect());
        Outcome { rate: spread(own.clone())[1], ratio }
    };
    rates.iter().map(outcome).collect()
}

/// How many messages fill a round; warms up on the way.
fn calibrate(work: &mut dyn FnMut(u64)) -> u64 {
    let mut size = 64;
    loop {
        let started = Instant::now();
        work(size);
        let took = started.elapsed();
        if took > ROUND / 2 {
            let fits = size as f64 * ROUND.as_secs_f64() / took.as_secs_f64();
            return (fits as u64).max(1);
        }
        size *= 2;
    }
}

/// Lowest, median, highest.
pub fn spread(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [values[0], values[values.len() / 2], values[values.len() - 1]]
}
