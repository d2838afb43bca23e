//! How often words and numbers are rendered while time goes on by itself. What moves is drawn in every frame; rendering
//! takes longer, and where it makes frames late it is done seldomer, so that it never takes more than a small part of the time.
//!
//! What always holds: something new is rendered within [`PAUSE_MAX_MS`] and two frames, or within twice that where nobody can
//! read every event.

/// The longest that something new waits that can be read, milliseconds.
pub const PAUSE_MAX_MS: f64 = 350.0;
/// From one rendering to the next where nobody can read every event, milliseconds.
const HURRY_MS: f64 = 100.0;
/// Where more events happen each second, nobody can.
const READ_MAX: f64 = 100.0;
/// The events of so long count, milliseconds; the latest most.
const RATE_MS: f64 = 1_000.0;
/// For each millisecond by which rendering makes a frame late, so many pass before the next.
const SHARE: f64 = 20.0;
/// So many times as much where nobody can read every event.
const UNREAD: f64 = 2.0;
/// How much a single frame counts.
const NEWEST: f64 = 0.3;
/// A frame of 60 a second, and the longest that is taken for one of a slow screen; milliseconds.
const FRAME_MS: f64 = 1_000.0 / 60.0;
const FRAME_MAX_MS: f64 = 50.0;
/// A frame that is later is late, milliseconds.
const LATE_MS: f64 = FRAME_MS / 2.0;
/// Frames come a little early or late by themselves, milliseconds.
const SLACK_MS: f64 = 3.0;

/// When to render.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    last_ms: Option<f64>,
    /// From a frame without rendering to the next.
    usual_ms: f64,
    /// How late rendering makes a frame.
    late_ms: f64,
    /// Events each second.
    rate: f64,
    /// Something has happened that is not rendered.
    is_behind: bool,
    rendered_ms: f64,
    /// In this frame, and in the one before.
    has_rendered: bool,
    had_rendered: bool,
    /// The last frame was left to a key.
    gave_way: bool,
}

impl Default for Pace {
    fn default() -> Self {
        Pace {
            last_ms: None,
            usual_ms: FRAME_MS,
            late_ms: 0.0,
            rate: 0.0,
            is_behind: false,
            rendered_ms: f64::NEG_INFINITY,
            has_rendered: false,
            had_rendered: false,
            gave_way: false,
        }
    }
}

impl Pace {
    /// A frame at a moment, in which so many events happened, faster than can be read or not: whether to render in it.
    pub fn frame(&mut self, now_ms: f64, events: usize, is_fast: bool) -> bool {
        if let Some(last_ms) = self.last_ms.replace(now_ms) {
            let length_ms = (now_ms - last_ms).clamp(1.0, PAUSE_MAX_MS);
            self.rate += (events as f64 * 1_000.0 / length_ms - self.rate) * (length_ms / RATE_MS);
            if self.has_rendered {
                let late_ms = (length_ms - self.usual_ms - SLACK_MS).max(0.0);
                self.late_ms += (late_ms - self.late_ms) * NEWEST;
            } else {
                self.usual_ms += (length_ms.min(FRAME_MAX_MS) - self.usual_ms) * NEWEST;
            }
        }
        self.is_behind |= events > 0;
        self.had_rendered = self.has_rendered;
        self.has_rendered = self.is_behind && now_ms - self.rendered_ms >= self.pause_ms(is_fast);
        if self.has_rendered {
            self.rendered_ms = now_ms;
            self.is_behind = false;
        }
        self.has_rendered
    }

    /// Whether a frame is left to what somebody has just pressed: where frames are late already, an answer comes sooner if
    /// nothing else is done in it. Never two in turn; how long such a frame takes tells nothing of the others.
    pub fn gives_way(&mut self, is_pressed: bool) -> bool {
        self.gave_way = is_pressed && !self.gave_way && self.usual_ms + self.late_ms > FRAME_MS + LATE_MS;
        if self.gave_way {
            self.last_ms = None;
        }
        self.gave_way
    }

    /// Whether something else may be rendered in this frame, since nothing is in it and nothing was in the one before. If so, how long this
    /// frame takes tells nothing of the others.
    pub fn takes_more(&mut self) -> bool {
        let takes_more = !self.has_rendered && !self.had_rendered;
        if takes_more {
            self.last_ms = None;
        }
        takes_more
    }

    /// Everything was rendered out of turn, and frames may not follow each other.
    pub fn stop(&mut self) {
        self.last_ms = None;
        self.is_behind = false;
        self.has_rendered = false;
    }

    /// Whether something has happened that is not rendered.
    pub fn is_behind(&self) -> bool {
        self.is_behind
    }

    /// Whether more happens than can be rendered, or read.
    pub fn hurries(&self, is_fast: bool) -> bool {
        self.pause_ms(is_fast) > FRAME_MAX_MS
    }

    /// Whether more happens than anybody reads.
    pub fn floods(&self) -> bool {
        self.rate > READ_MAX
    }

    /// Whether rendering makes a frame so late that nothing else should be done in it.
    pub fn is_late(&self) -> bool {
        self.late_ms > SLACK_MS
    }

    fn pause_ms(&self, is_fast: bool) -> f64 {
        let (least_ms, seldomer) = if is_fast || self.floods() { (HURRY_MS, UNREAD) } else { (0.0, 1.0) };
        (self.late_ms * SHARE * seldomer).clamp(least_ms, PAUSE_MAX_MS * seldomer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A minute of a page in which something happens in each frame.
    #[derive(Default)]
    struct Page {
        pace: Pace,
        now_ms: f64,
    }

    impl Page {
        /// So many frames go by while rendering takes so long: how many rendered, and how many were late.
        fn frames(&mut self, count: u32, render_ms: f64, is_fast: bool) -> (u32, u32) {
            let (mut rendered, mut late) = (0, 0);
            let mut gone = 0;
            while gone < count {
                let renders = self.pace.frame(self.now_ms, 1, is_fast);
                let taken = if renders { ((4.0 + render_ms) / FRAME_MS).ceil().max(1.0) as u32 } else { 1 };
                rendered += u32::from(renders);
                late += u32::from(taken > 1);
                gone += taken;
                self.now_ms += f64::from(taken) * FRAME_MS;
            }
            (rendered, late)
        }
    }

    #[test]
    fn what_is_rendered_in_time_is_rendered_in_every_frame() {
        let mut page = Page::default();
        assert_eq!(page.frames(180, 8.0, false), (180, 0));
        assert!(!page.pace.hurries(false) && page.pace.hurries(true) && !page.pace.is_late());
        assert!(page.frames(60, 8.0, true).0 <= 10, "nobody reads faster");
    }

    #[test]
    fn what_nobody_can_read_is_rendered_seldomer() {
        let mut pace = Pace::default();
        let rendered = |pace: &mut Pace, from: u32, events: usize| {
            (from..from + 120).filter(|frame| pace.frame(f64::from(*frame) * FRAME_MS, events, false)).count()
        };
        assert_eq!(rendered(&mut pace, 0, 1), 120);
        assert!(!pace.floods());
        assert!(rendered(&mut pace, 120, 10) < 40 && pace.hurries(false) && pace.floods());
        rendered(&mut pace, 240, 0);
        assert_eq!(rendered(&mut pace, 360, 1), 120, "it is over");
        assert!(
            !pace.frame(480.0 * FRAME_MS, 0, false) && pace.frame(481.0 * FRAME_MS, 25, false),
            "many at once are no flood"
        );
    }

    #[test]
    fn what_takes_long_is_rendered_seldom_but_never_too_late() {
        for render_ms in [30.0, 60.0, 500.0] {
            let mut page = Page::default();
            page.frames(120, render_ms, false);
            let (rendered, late) = page.frames(120, render_ms, false);
            assert!((2..=8).contains(&rendered) && late <= 8, "{render_ms}: {rendered} {late}");
            assert!(page.pace.is_late() && !page.pace.floods());
            let unread = page.frames(240, render_ms, true).0;
            assert!((4..=8).contains(&unread), "{render_ms}: as seldom in twice the time: {unread}");
        }
    }

    #[test]
    fn something_else_is_rendered_between_and_is_not_counted() {
        let (mut pace, mut now_ms) = (Pace::default(), 0.0);
        let (mut last, mut more) = (false, 0);
        for _ in 0..240 {
            let renders = pace.frame(now_ms, 1, false);
            let takes_more = pace.takes_more();
            assert!(!takes_more || !(renders || last), "a frame for each");
            more += u32::from(takes_more);
            last = renders;
            now_ms += if renders || takes_more { 3.0 * FRAME_MS } else { FRAME_MS };
        }
        assert!(more > 60 && pace.hurries(false), "{more}");
        assert!((pace.usual_ms - FRAME_MS).abs() < 0.01, "{pace:?}");
    }

    #[test]
    fn what_is_pressed_comes_first_where_frames_are_late() {
        let mut page = Page::default();
        page.frames(120, 8.0, false);
        assert!(!page.pace.gives_way(true), "there is time for all");
        page.frames(120, 40.0, false);
        assert!(!page.pace.gives_way(false), "nothing is pressed");
        let (mut gave_way, mut rendered_ms) = (0, page.now_ms);
        for _ in 0..120 {
            page.now_ms += FRAME_MS;
            if page.pace.gives_way(true) {
                gave_way += 1;
                continue;
            }
            if page.pace.frame(page.now_ms, 1, false) {
                rendered_ms = page.now_ms;
                page.now_ms += 2.0 * FRAME_MS;
            }
            assert!(page.now_ms - rendered_ms < PAUSE_MAX_MS + 3.0 * FRAME_MS, "a key held down stops nothing");
        }
        assert_eq!(gave_way, 60);
    }

    #[test]
    fn it_recovers_and_owes_nothing() {
        let mut page = Page::default();
        page.frames(120, 60.0, false);
        page.frames(400, 1.0, false);
        assert_eq!(page.frames(60, 1.0, false), (60, 0));
        let Page { mut pace, now_ms } = page;
        assert!(pace.frame(now_ms, 1, false));
        assert!(!pace.frame(now_ms + 17.0, 1, true) && pace.is_behind());
        assert!(pace.frame(now_ms + 120.0, 0, true), "the newest is rendered, even if nothing more happens");
        assert!(!pace.frame(now_ms + 400.0, 0, true));
    }
}
