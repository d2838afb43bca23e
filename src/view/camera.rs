//! Which part of the picture is seen, and how large.
//!
//! What always holds: the scale is between [`SCALE_MIN`] and [`SCALE_MAX`]; zooming at a point keeps that point where it
//! is on the screen; no number is ever infinite or not a number.

use super::geometry::{Point, Rect};

/// The smallest scale: some hundred nodes on one screen.
pub const SCALE_MIN: f64 = 0.08;
/// The largest.
pub const SCALE_MAX: f64 = 4.0;
/// By which part of what is seen one step of a key moves it.
const STEP: f64 = 0.2;
/// Room around what is fitted, CSS pixels.
const MARGIN: f64 = 16.0;

/// A view of the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// The point of the picture that is at the screen's top left.
    pub origin: Point,
    /// CSS pixels for one unit of the picture.
    pub scale: f64,
}

impl Default for Camera {
    fn default() -> Self {
        Camera { origin: Point::new(0.0, 0.0), scale: 1.0 }
    }
}

impl Camera {
    /// All of a part of the picture in the middle of a room of so many CSS pixels, at most so large.
    pub fn fit(part: Rect, (width, height): (f64, f64), largest: f64) -> Camera {
        let across = (width - 2.0 * MARGIN).max(1.0) / part.width.max(1.0);
        let down = (height - 2.0 * MARGIN).max(1.0) / part.height.max(1.0);
        let scale = across.min(down).min(largest).clamp(SCALE_MIN, SCALE_MAX);
        let x = part.x + part.width / 2.0 - width / 2.0 / scale;
        let y = part.y + part.height / 2.0 - height / 2.0 / scale;
        Camera { origin: Point::new(x, y), scale }
    }

    /// Whether all of a part is seen in so much room.
    pub fn shows(self, part: Rect, room: (f64, f64)) -> bool {
        self.seen(room).covers(&part)
    }

    /// Where a point of the picture is on the screen.
    pub fn to_screen(self, at: Point) -> Point {
        Point::new((at.x - self.origin.x) * self.scale, (at.y - self.origin.y) * self.scale)
    }

    /// Which point of the picture is at a point of the screen.
    pub fn to_picture(self, at: Point) -> Point {
        Point::new(at.x / self.scale + self.origin.x, at.y / self.scale + self.origin.y)
    }

    /// So many times larger; the point of the screen stays.
    pub fn zoomed(self, factor: f64, at: Point) -> Camera {
        if !factor.is_finite() || factor <= 0.0 {
            return self;
        }
        let fixed = self.to_picture(at);
        let scale = (self.scale * factor).clamp(SCALE_MIN, SCALE_MAX);
        Camera { origin: Point::new(fixed.x - at.x / scale, fixed.y - at.y / scale), scale }
    }

    /// Moved with the hand: what is seen moves by so many CSS pixels.
    pub fn panned(self, dx: f64, dy: f64) -> Camera {
        if !dx.is_finite() || !dy.is_finite() {
            return self;
        }
        Camera { origin: Point::new(self.origin.x - dx / self.scale, self.origin.y - dy / self.scale), ..self }
    }

    /// The same scale, with a point of the picture in the middle of a room of so many CSS pixels.
    pub fn centred(self, at: Point, (width, height): (f64, f64)) -> Camera {
        let origin = Point::new(at.x - width / 2.0 / self.scale, at.y - height / 2.0 / self.scale);
        Camera { origin, ..self }
    }

    /// What is seen in a room of so many CSS pixels.
    pub fn seen(self, (width, height): (f64, f64)) -> Rect {
        Rect { x: self.origin.x, y: self.origin.y, width: width / self.scale, height: height / self.scale }
    }

    /// Moved by steps, across and down; the middle of what is seen stays within the whole, so that nobody gets lost.
    pub fn stepped(self, by: (i8, i8), whole: Rect, room: (f64, f64)) -> Camera {
        self.centred(middle_after(self.seen(room), by, whole), room)
    }

    /// Moved as little as shows a part of the picture, as far as the room has place for it.
    pub fn showing(self, part: Rect, room: (f64, f64)) -> Camera {
        let seen = self.seen(room);
        let margin = MARGIN / self.scale;
        let shift = |low: f64, length: f64, from: f64, room: f64| {
            let (first, last) = (low - margin, low + length + margin);
            if first < from {
                first - from
            } else if last > from + room {
                (last - from - room).min(first - from)
            } else {
                0.0
            }
        };
        let x = self.origin.x + shift(part.x, part.width, seen.x, seen.width);
        let y = self.origin.y + shift(part.y, part.height, seen.y, seen.height);
        Camera { origin: Point::new(x, y), ..self }
    }

    /// What shows a part as well as those of the others that are seen: from further off as long as the scale is not below
    /// the least one, and else without the others.
    pub fn reaching(self, part: Rect, others: impl Iterator<Item = Rect>, room: (f64, f64), least: f64) -> Camera {
        let all = others.filter(|other| self.shows(*other, room)).fold(part, |all, other| all.with(&other));
        let further = Camera::fit(all, room, self.scale);
        if further.scale >= least.min(self.scale) { further } else { self.showing(part, room) }
    }
}

/// The middle of what is seen after so many steps, across and down: within the whole.
pub fn middle_after(seen: Rect, (across, down): (i8, i8), whole: Rect) -> Point {
    let middle = |from: f64, length: f64, steps: i8, low: f64, all: f64| {
        let now = from + length / 2.0;
        let wanted = now + f64::from(steps) * length * STEP;
        // Somebody who is beyond it already goes no further, and is not called back.
        wanted.clamp(low.min(now), (low + all.max(0.0)).max(now))
    };
    Point::new(
        middle(seen.x, seen.width, across, whole.x, whole.width),
        middle(seen.y, seen.height, down, whole.y, whole.height),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: Point, b: Point) -> bool {
        (a.x - b.x).abs() < 1e-9 && (a.y - b.y).abs() < 1e-9
    }

    #[test]
    fn there_and_back() {
        let camera = Camera { origin: Point::new(-20.0, 35.0), scale: 0.7 };
        let at = Point::new(123.0, -45.0);
        assert!(near(camera.to_picture(camera.to_screen(at)), at));
        assert!(near(camera.panned(10.0, 4.0).to_screen(at), {
            let was = camera.to_screen(at);
            Point::new(was.x + 10.0, was.y + 4.0)
        }));
    }

    #[test]
    fn zooming_keeps_its_point_also_at_the_ends() {
        let at = Point::new(300.0, 200.0);
        let mut camera = Camera::default();
        for factor in [1.5, 0.3, 100.0, 1e-9, f64::NAN, 0.0, 2.0] {
            let before = camera.to_picture(at);
            camera = camera.zoomed(factor, at);
            assert!(near(camera.to_picture(at), before), "{factor}");
            assert!((SCALE_MIN..=SCALE_MAX).contains(&camera.scale), "{factor}");
        }
    }

    #[test]
    fn what_is_fitted_is_seen_whole_and_in_the_middle() {
        let part = Rect { x: 50.0, y: -10.0, width: 900.0, height: 100.0 };
        let room = (400.0, 300.0);
        let camera = Camera::fit(part, room, 1.6);
        let middle = camera.to_screen(Point::new(500.0, 40.0));
        assert!(near(middle, Point::new(200.0, 150.0)));
        assert!(camera.to_screen(Point::new(50.0, 0.0)).x >= MARGIN - 1e-9);
        assert_eq!(Camera::fit(Rect { width: 1.0, height: 1.0, ..part }, room, 1.6).scale, 1.6);
    }

    #[test]
    fn steps_move_what_is_seen_and_end_where_the_whole_does() {
        let (room, whole) = ((400.0, 300.0), Rect { x: 0.0, y: 0.0, width: 900.0, height: 200.0 });
        let camera = Camera::default();
        let one = camera.stepped((1, 0), whole, room);
        assert!(near(one.origin, Point::new(80.0, 0.0)) && one.scale == camera.scale);
        assert!(near(one.stepped((-1, 0), whole, room).origin, camera.origin));
        let far = (0..50).fold(camera, |camera, _| camera.stepped((1, 1), whole, room));
        let middle = far.seen(room).centre();
        assert!(near(middle, Point::new(900.0, 200.0)));
        let lost = camera.panned(-5_000.0, 0.0);
        assert!(near(lost.stepped((1, 0), whole, room).origin, lost.origin));
        assert!(lost.stepped((-1, 0), whole, room).origin.x < lost.origin.x);
    }

    #[test]
    fn a_hidden_part_is_shown_and_a_seen_one_moves_nothing() {
        let room = (400.0, 300.0);
        let camera = Camera::default();
        let inside = Rect { x: 100.0, y: 100.0, width: 50.0, height: 50.0 };
        assert_eq!(camera.showing(inside, room), camera);
        let outside = Rect { x: 500.0, y: -80.0, width: 50.0, height: 50.0 };
        let moved = camera.showing(outside, room);
        let seen = moved.seen(room);
        assert!(seen.x + seen.width >= 550.0 && seen.y <= -80.0);
        assert_eq!(moved.scale, camera.scale);
    }

    #[test]
    fn a_new_part_is_reached_from_further_off_and_what_was_seen_stays_so() {
        let room = (400.0, 300.0);
        let camera = Camera::default();
        let seen = Rect { x: 100.0, y: 100.0, width: 50.0, height: 50.0 };
        let hidden = Rect { x: 0.0, y: 900.0, ..seen };
        let beside = Rect { x: -60.0, ..seen };
        let both = camera.reaching(beside, [seen, hidden].into_iter(), room, 0.6);
        assert!(both.shows(beside, room) && both.shows(seen, room) && !both.shows(hidden, room));
        assert!(both.scale <= camera.scale);
        let far = Rect { x: 2_000.0, ..seen };
        let alone = camera.reaching(far, [seen].into_iter(), room, 0.6);
        assert!(alone.shows(far, room) && !alone.shows(seen, room));
        assert_eq!(alone.scale, camera.scale);
    }
}
