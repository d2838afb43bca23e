//! Counters and lengths over virtual time: the present values, and samples of the past at five resolutions.
//!
//! RabbitMQ's management plugin takes a sample every so often, at several resolutions, and drops old ones by keeping
//! two lists, of which the older is forgotten whole when the younger spans the window
//! (`rabbitmq_management_agent/src/exometer_slide.erl`). So does this, but a sample is taken where something changed
//! and nowhere else, so a thing nobody uses costs nothing however much time passes; and a list is shared by all clones
//! of a series, so a checkpoint of the history costs a few pointers and not the past.
//!
//! What always holds: values are known exactly at the boundaries of a window's steps, as far back as the window
//! reaches. What happens at a boundary itself belongs to the step that begins there. There is no fraction anywhere: a
//! rate is a count and the time it was counted in.

use std::fmt;
use std::rc::Rc;

/// How many values a series has.
pub(super) const LANES: usize = 8;

/// The values of a series at a moment.
pub(super) type Values = [u32; LANES];

/// How far back one looks, and how finely. The choice of the management UI
/// (`rabbitmq_management/priv/www/js/global.js setup_chart_ranges/1`), in virtual time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// One minute, in steps of one second. Management's are five; a learner's whole world may last no longer than that.
    Minute,
    /// Ten minutes, in steps of five seconds.
    TenMinutes,
    /// An hour, in steps of a minute.
    Hour,
    /// Eight hours, in steps of ten minutes.
    EightHours,
    /// A day, in steps of half an hour.
    Day,
}

impl Window {
    /// All, the shortest first.
    pub const ALL: [Window; 5] = [Window::Minute, Window::TenMinutes, Window::Hour, Window::EightHours, Window::Day];

    /// As the management UI calls it.
    pub fn label(self) -> &'static str {
        match self {
            Window::Minute => "Last minute",
            Window::TenMinutes => "Last ten minutes",
            Window::Hour => "Last hour",
            Window::EightHours => "Last eight hours",
            Window::Day => "Last day",
        }
    }

    /// How long it is, virtual seconds.
    pub const fn length_s(self) -> u32 {
        match self {
            Window::Minute => 60,
            Window::TenMinutes => 600,
            Window::Hour => 3_600,
            Window::EightHours => 28_800,
            Window::Day => 86_400,
        }
    }

    /// From one sample to the next, virtual seconds.
    pub const fn step_s(self) -> u32 {
        match self {
            Window::Minute => 1,
            Window::TenMinutes => 5,
            Window::Hour => 60,
            Window::EightHours => 600,
            Window::Day => 1_800,
        }
    }

    /// How many steps it has.
    const fn steps(self) -> u32 {
        self.length_s() / self.step_s()
    }

    fn level(self) -> usize {
        self as usize
    }

    /// How many of its steps are over at a moment.
    fn steps_over(self, now_ms: u64) -> u32 {
        second(now_ms) / self.step_s()
    }

    /// When the so-and-so-manyth step begins, virtual milliseconds.
    fn begin_ms(self, step: u32) -> u64 {
        u64::from(step) * u64::from(self.step_s()) * 1_000
    }
}

/// What the present rate is counted over, steps of [`Window::Minute`]: as long as management's usual interval between
/// two samples (`collect_statistics_interval`, five seconds), but it goes on each second.
const PRESENT_STEPS: u32 = 5;

fn second(at_ms: u64) -> u32 {
    u32::try_from(at_ms / 1_000).unwrap_or(u32::MAX)
}

/// So many in so much virtual time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub count: u64,
    /// In how many milliseconds; 0 where no time has passed yet.
    pub span_ms: u64,
}

impl Rate {
    /// What two things did in the same time.
    #[must_use]
    pub fn and(self, other: Rate) -> Rate {
        Rate { count: self.count.saturating_add(other.count), span_ms: self.span_ms }
    }
}

impl Rate {
    /// So many a second, in units of a `1 / parts` of one, rounded to the nearest (half is rounded up).
    pub fn per_second(self, parts: u64) -> u64 {
        if self.span_ms == 0 {
            return 0;
        }
        let scaled = u128::from(self.count) * u128::from(parts) * 1_000;
        let span = u128::from(self.span_ms);
        u64::try_from((2 * scaled + span) / (2 * span)).unwrap_or(u64::MAX)
    }
}

/// As the management UI writes it: two decimals below one, one below ten, thousands with commas
/// (`formatters.js fmt_rate/1`): `0.40/s`, `2.5/s`, `1,200/s`.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_below = |limit: u128| u128::from(self.count) * 1_000 < limit * u128::from(self.span_ms);
        if self.span_ms == 0 || is_below(1) {
            let hundredths = self.per_second(100);
            write!(f, "{}.{:02}/s", hundredths / 100, hundredths % 100)
        } else if is_below(10) {
            let tenths = self.per_second(10);
            write!(f, "{}.{}/s", tenths / 10, tenths % 10)
        } else {
            write!(f, "{}/s", thousands(self.per_second(1)))
        }
    }
}

/// A number with commas between its thousands.
pub(in crate::view) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The values at the end of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sample {
    step: u32,
    values: Values,
    older: Option<Rc<Sample>>,
}

/// The samples of one window, the newest first, in two lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Level {
    recent: Option<Rc<Sample>>,
    before: Option<Rc<Sample>>,
    /// The oldest step of `recent`.
    since: u32,
}

impl Level {
    fn push(&mut self, step: u32, values: Values, window: Window) {
        // What is forgotten is older than `since`, which is itself older than the window by now.
        if self.recent.is_some() && step - self.since > window.steps() {
            self.before = self.recent.take();
        }
        if self.recent.is_none() {
            self.since = step;
        }
        self.recent = Some(Rc::new(Sample { step, values, older: self.recent.take() }));
    }

    /// The values at the end of a step; none from before anything was counted.
    fn at_end_of(&self, step: u32) -> Option<&Values> {
        let lists = [&self.recent, &self.before].into_iter().flatten();
        lists.map(|list| &**list).find_map(|newest| {
            let mut samples = std::iter::successors(Some(newest), |sample| sample.older.as_deref());
            samples.find(|sample| sample.step <= step).map(|sample| &sample.values)
        })
    }
}

/// Values that change, with their past.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Series {
    values: Values,
    /// The second they are from.
    second: u32,
    levels: [Level; 5],
}

impl Series {
    /// One more.
    pub fn count(&mut self, at_ms: u64, lane: usize) {
        self.roll(at_ms);
        if let Some(value) = self.values.get_mut(lane) {
            *value = value.saturating_add(1);
        }
    }

    /// Other values.
    pub fn set(&mut self, at_ms: u64, values: Values) {
        self.roll(at_ms);
        self.values = values;
    }

    /// Nothing changes, but somebody was there.
    pub fn touch(&mut self, at_ms: u64) {
        self.roll(at_ms);
    }

    /// Whether nothing was counted in the seconds of a present rate, and in this one.
    pub fn is_quiet(&self, now_ms: u64) -> bool {
        second(now_ms).saturating_sub(self.second) >= PRESENT_STEPS
    }

    /// Before the first change of a second, what was is written down.
    fn roll(&mut self, at_ms: u64) {
        let second = second(at_ms);
        if second <= self.second {
            return;
        }
        for (level, window) in self.levels.iter_mut().zip(Window::ALL) {
            let step = self.second / window.step_s();
            let is_new = level.recent.is_none() && self.values == Values::default();
            if step != second / window.step_s() && !is_new {
                level.push(step, self.values, window);
            }
        }
        self.second = second;
    }

    /// About how many bytes a clone takes that is a little older or newer: itself, and a sample or two.
    pub const WEIGHT: usize = size_of::<Series>() + 2 * (size_of::<Sample>() + 2 * size_of::<usize>());

    /// The present values.
    pub fn values(&self) -> &Values {
        &self.values
    }

    /// The sum of some values at the beginning of a step; `over` is not later than the present.
    fn before(&self, step: u32, window: Window, lanes: &[usize]) -> u64 {
        let Some(last) = step.checked_sub(1) else { return 0 };
        let values = if last >= self.second / window.step_s() {
            Some(&self.values)
        } else {
            self.levels.get(window.level()).and_then(|level| level.at_end_of(last))
        };
        values.map_or(0, |values| sum(values, lanes))
    }

    fn between(&self, from: u32, to: u32, window: Window, lanes: &[usize]) -> Rate {
        let count = self.before(to, window, lanes).saturating_sub(self.before(from, window, lanes));
        Rate { count, span_ms: window.begin_ms(to) - window.begin_ms(from) }
    }

    /// Over the last five seconds that are over, or as many as there were.
    pub fn rate(&self, lanes: &[usize], now_ms: u64) -> Rate {
        let over = Window::Minute.steps_over(now_ms);
        self.between(over.saturating_sub(PRESENT_STEPS), over, Window::Minute, lanes)
    }

    /// Over all steps of a window that are over.
    pub fn average(&self, lanes: &[usize], window: Window, now_ms: u64) -> Rate {
        let over = window.steps_over(now_ms);
        self.between(over.saturating_sub(window.steps()), over, window, lanes)
    }

    /// The rate in each step of a window that is over, with the step's end.
    pub fn rates(&self, lanes: &[usize], window: Window, now_ms: u64) -> Vec<(u64, Rate)> {
        let over = window.steps_over(now_ms);
        let steps = over.saturating_sub(window.steps())..over;
        steps.map(|step| (window.begin_ms(step + 1), self.between(step, step + 1, window, lanes))).collect()
    }

    /// The sum of some values at each boundary of a window's steps, and now.
    pub fn lengths(&self, lanes: &[usize], window: Window, now_ms: u64) -> Vec<(u64, u64)> {
        let over = window.steps_over(now_ms);
        let steps = over.saturating_sub(window.steps())..=over;
        let mut points: Vec<(u64, u64)> =
            steps.map(|step| (window.begin_ms(step), self.before(step, window, lanes))).collect();
        match points.last_mut() {
            Some(last) if last.0 == now_ms => last.1 = sum(&self.values, lanes),
            _ => points.push((now_ms, sum(&self.values, lanes))),
        }
        points
    }
}

/// The sum of some values.
pub(super) fn sum(values: &Values, lanes: &[usize]) -> u64 {
    lanes.iter().filter_map(|lane| values.get(*lane)).map(|value| u64::from(*value)).sum()
}

#[cfg(test)]
mod tests {
    use super::{Rate, Series, Window, thousands};
    use std::collections::BTreeMap;

    #[test]
    fn a_rate_is_written_as_the_management_ui_writes_it() {
        let written = |count, span_ms| Rate { count, span_ms }.to_string();
        assert_eq!(written(0, 0), "0.00/s");
        assert_eq!(written(2, 5_000), "0.40/s");
        assert_eq!(written(1, 3_000), "0.33/s");
        assert_eq!(written(199, 200_000), "1.00/s");
        assert_eq!(written(5, 5_000), "1.0/s");
        assert_eq!(written(12, 5_000), "2.4/s");
        assert_eq!(written(50, 5_000), "10/s");
        assert_eq!(written(6_172_835, 5_000), "1,234,567/s");
        assert_eq!(thousands(1_000), "1,000");
        assert_eq!(thousands(999), "999");
    }

    /// Whatever a series forgets, it knows each window: held against the list of all that was ever counted.
    #[test]
    fn samples_are_known_as_far_back_as_their_window_reaches_and_not_kept_much_longer() {
        let mut series = Series::default();
        let mut counted: BTreeMap<u64, u64> = BTreeMap::new();
        let mut at_ms: u64 = 0;
        for round in 0..4_000_u64 {
            // Dense at first, then with pauses of all lengths.
            let gap_ms = (round * 7_919) % 1_500;
            at_ms += if round % 400 == 399 { 40_000_000 / (1 + round % 7) } else { gap_ms + (round / 500) * 9_000 };
            series.count(at_ms, 0);
            *counted.entry(at_ms).or_default() += 1;
            if round % 97 != 0 {
                continue;
            }
            for window in Window::ALL {
                let step_ms = u64::from(window.step_s()) * 1_000;
                for late_ms in [0, 999, 4_000, u64::from(window.length_s()) * 500] {
                    let now_ms = at_ms + late_ms;
                    for (end_ms, rate) in series.rates(&[0], window, now_ms) {
                        let expected: u64 = counted.range(end_ms - step_ms..end_ms).map(|(_, count)| count).sum();
                        assert_eq!(rate, Rate { count: expected, span_ms: step_ms }, "{window:?} at {now_ms}");
                    }
                    let end_ms = now_ms / step_ms * step_ms;
                    let begin_ms = end_ms.saturating_sub(u64::from(window.length_s()) * 1_000);
                    let expected: u64 = counted.range(begin_ms..end_ms).map(|(_, count)| count).sum();
                    let average = series.average(&[0], window, now_ms);
                    assert_eq!(average, Rate { count: expected, span_ms: end_ms - begin_ms });
                }
            }
        }
        for (level, window) in series.levels.iter().zip(Window::ALL) {
            for list in [&level.recent, &level.before] {
                let newest = list.as_deref();
                let kept = std::iter::successors(newest, |sample| sample.older.as_deref()).count();
                assert!(kept <= window.steps() as usize + 2, "{kept} samples of {window:?}");
            }
        }
    }
}
