//! How far the goals of what is open are, at the moment that is looked at.
//!
//! What always holds: it is what a judge says who has seen the log from its beginning up to the cursor. Where the log's
//! beginning is forgotten and nobody has counted meanwhile, nothing is said.

use crate::broker::Name;
use crate::history::Fold;
use crate::lesson::{Goal, Judge, State};

use super::player::Player;

/// A goal, and how far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// What is to be reached, for the learner.
    pub text: Name,
    /// How far.
    pub state: State,
}

/// Counts along: it goes on from where it was last asked, if it can.
#[derive(Default)]
pub struct Goals {
    counting: Option<Counting>,
}

struct Counting {
    goals: Vec<Goal>,
    /// Which log it is about: the branch, and how often that was forked.
    film: (u32, u32),
    judge: Judge,
    cursor: usize,
}

impl Goals {
    /// All of them at the player's moment. Empty if there is none, or nothing is known.
    pub fn at(&mut self, player: &Player, goals: &[Goal]) -> Vec<Reached> {
        if goals.is_empty() {
            return Vec::new();
        }
        let (history, cursor) = (player.film().history(), player.cursor());
        let film = (player.branch().id, player.film().forks());
        let goes_on = |counting: &Counting| {
            counting.film == film
                && counting.cursor <= cursor
                && counting.goals == goals
                && counting.cursor >= history.first()
        };
        let mut counting = match self.counting.take().filter(goes_on) {
            Some(counting) => counting,
            None if history.first() > 0 => return Vec::new(),
            None => Counting { goals: goals.to_vec(), film, judge: Judge::new(goals), cursor: 0 },
        };
        for entry in (counting.cursor..cursor).filter_map(|place| history.get(place)) {
            counting.judge.apply(entry);
        }
        counting.cursor = cursor;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let now_ms = player.clock_ms() as u64;
        let verdicts = counting.judge.verdicts(now_ms);
        let reached =
            verdicts.map(|(goal, verdict)| Reached { text: goal.text.clone(), state: verdict.state }).collect();
        self.counting = Some(counting);
        reached
    }
}

/// A state in one word, as other programs are told.
pub fn word(state: State) -> &'static str {
    match state {
        State::Met => "met",
        State::Open => "open",
        State::Failed => "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::share::opening;

    #[test]
    fn goals_are_met_where_the_log_meets_them_and_not_before() {
        let file = opening();
        let mut player = Player::new(&file.scenario).expect("it begins");
        let mut goals = Goals::default();
        let states = |goals: &mut Goals, player: &Player| -> Vec<State> {
            goals.at(player, &file.expect).iter().map(|reached| reached.state).collect()
        };
        assert_eq!(states(&mut goals, &player), [State::Open, State::Met]);
        let mut met_at = None;
        while met_at.is_none() {
            assert!(player.seek(player.cursor() + 1) < 2_000, "ten doves are delivered");
            met_at = (states(&mut goals, &player)[0] == State::Met).then_some(player.cursor());
        }
        let met_at = met_at.expect("it was found");
        player.seek(met_at - 1);
        assert_eq!(states(&mut goals, &player), [State::Open, State::Met], "back before it");
        player.seek(met_at + 50);
        assert_eq!(states(&mut goals, &player), [State::Met, State::Met]);
        assert_eq!(states(&mut Goals::default(), &player), [State::Met, State::Met], "who counts anew says the same");
        assert_eq!(goals.at(&player, &[]), []);
    }
}
