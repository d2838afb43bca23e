//! The moment that somebody was at, to come back to after the page was loaded anew.
//!
//! What always holds: what is out of reach, or no moment at all, is none; then one begins at the beginning.

use super::player::Player;

/// Nobody waits for more entries than these to be played again.
const ENTRIES_MAX: usize = 200_000;

/// Speeds are written in hundredths.
const HUNDREDTHS: f64 = 100.0;

/// Where somebody was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// Virtual milliseconds.
    pub at_ms: f64,
    /// How many entries had happened. None where the scenario, played anew, has other ones, since something was done
    /// while it was played.
    pub cursor: Option<usize>,
    /// Virtual milliseconds a real one.
    pub speed: f64,
    /// Whether time went on by itself.
    pub is_playing: bool,
}

impl Moment {
    /// Where a player is; none if it is too far to go there again.
    pub fn of(player: &Player) -> Option<Moment> {
        let moment = Moment {
            at_ms: player.clock_ms(),
            cursor: player.deeds().next().is_none().then_some(player.cursor()),
            speed: player.speed(),
            is_playing: player.is_playing(),
        };
        (player.cursor() <= ENTRIES_MAX).then_some(moment)
    }

    /// Takes a player there.
    pub fn restore(&self, player: &mut Player) {
        player.set_speed(self.speed);
        player.seek_ms(self.at_ms);
        // Several things happen in one millisecond; one may stand in the midst of them.
        if let Some(cursor) = self.cursor.filter(|cursor| !self.is_playing && *cursor != player.cursor()) {
            player.seek(cursor);
        }
        if self.is_playing {
            player.play();
        } else {
            player.pause();
        }
    }

    /// As text.
    pub fn to_text(&self) -> String {
        let cursor = self.cursor.map_or_else(|| "-".to_owned(), |cursor| cursor.to_string());
        // Whole numbers: the code that reads others takes 11 kB of the page.
        let [at_ms, speed] = [self.at_ms, self.speed * HUNDREDTHS].map(whole);
        format!("{at_ms} {speed} {} {cursor}", self.is_playing)
    }

    /// From that text.
    pub fn from_text(text: &str) -> Option<Moment> {
        let mut words = text.split(' ');
        let mut number = || words.next()?.parse::<u32>().ok().map(f64::from);
        let (at_ms, speed) = (number()?, number()? / HUNDREDTHS);
        let is_playing = words.next()? == "true";
        let cursor = words.next()?.parse::<usize>().ok();
        (speed > 0.0).then_some(Moment { at_ms, cursor, speed, is_playing })
    }
}

/// What is neither negative nor too large has its next whole number.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole(number: f64) -> u32 {
    number.round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::share::examples;

    #[test]
    fn one_comes_back_to_where_one_was() {
        let scenario = examples::nature();
        let mut player = Player::new(&scenario).expect("it begins");
        player.set_speed(4.0);
        player.seek_ms(12_345.0);
        let moment = Moment::of(&player).expect("it is near");
        let mut again = Player::new(&scenario).expect("it begins");
        let text = Moment::from_text(&moment.to_text()).expect("it is one");
        text.restore(&mut again);
        assert_eq!((again.cursor(), again.is_playing()), (player.cursor(), false));
        assert!((again.clock_ms() - 12_345.0).abs() < 1.0 && (again.speed() - 4.0).abs() < f64::EPSILON);
        Moment { is_playing: true, ..moment }.restore(&mut again);
        assert!(again.is_playing());
    }

    #[test]
    fn one_may_stand_in_the_midst_of_a_millisecond() {
        let scenario = examples::nature();
        let mut player = Player::new(&scenario).expect("it begins");
        player.seek_ms(5_000.0);
        let end = player.cursor();
        for cursor in player.start()..end {
            player.seek(cursor);
            let mut again = Player::new(&scenario).expect("it begins");
            Moment::of(&player).expect("it is near").restore(&mut again);
            assert_eq!(again.cursor(), cursor);
        }
        let crash = crate::simulation::Deed::CrashBroker;
        player.perform(crash).expect("it can be done");
        assert_eq!(Moment::of(&player).and_then(|moment| moment.cursor), None, "played anew, nobody does it");
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in ["", "1", "1 1", "x 1 true", "1 0 true", "-1 1 true", "NaN 1 true", "inf 1 true"] {
            assert_eq!(Moment::from_text(text), None, "{text}");
        }
    }
}
