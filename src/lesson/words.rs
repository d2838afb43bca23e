//! Verdicts in words: what was counted, and what was expected.

use super::{Between, Counted, Counts, Queue, That, Verdict};

impl That {
    /// What was counted, and what was expected instead: `3 times; expected at most 2`.
    pub fn told(&self, verdict: &Verdict) -> String {
        match (self, verdict.counted) {
            (That::Events(events), Counted::Events(count)) => {
                let range = Between { min: events.least(), max: events.max };
                format!("{}; expected {}", times(count), expected(range))
            }
            (That::Queue(queue), Counted::Queue(Some(counts))) => told_of_queue(queue, counts),
            (_, Counted::Queue(_)) => "there is no such queue".to_owned(),
            (_, Counted::Events(count)) => format!("{}; expected never", times(count)),
            (_, Counted::Order { first, then }) => match (first, then) {
                (_, false) => "the later one has not happened".to_owned(),
                (false, true) => "the later one happened, and the earlier one never did".to_owned(),
                (true, true) => {
                    "both happened; expected the first of the later ones after one of the earlier ones".to_owned()
                }
            },
        }
    }
}

fn times(count: u64) -> String {
    match count {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        count => format!("{count} times"),
    }
}

fn expected(range: Between) -> String {
    match range {
        Between { min: 0, max: Some(0) } => "never".to_owned(),
        Between { min, max: None } => format!("at least {min}"),
        Between { min: 0, max: Some(max) } => format!("at most {max}"),
        Between { min, max: Some(max) } if min == max => format!("exactly {min}"),
        Between { min, max: Some(max) } => format!("{min} to {max}"),
    }
}

fn told_of_queue(goal: &Queue, counts: Counts) -> String {
    let all = [
        ("Ready", goal.ready, counts.ready),
        ("Unacked", goal.unacked, counts.unacked),
        ("Total", goal.total, counts.total),
    ];
    let asked = all.into_iter().filter_map(|(name, range, count)| range.map(|range| (name, range, count)));
    let told = asked.map(|(name, range, count)| match range {
        Between { min: 0, max: Some(0) } => format!("{name} {count}, expected 0"),
        range => format!("{name} {count}, expected {}", expected(range)),
    });
    told.collect::<Vec<_>>().join("; ")
}
