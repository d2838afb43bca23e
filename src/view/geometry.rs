//! Points, boxes and curves.

/// A point, or a distance. Units are pixels at scale 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// To the right.
    pub x: f64,
    /// Down.
    pub y: f64,
}

impl Point {
    /// A point.
    pub const fn new(x: f64, y: f64) -> Self {
        Point { x, y }
    }

    /// The point at a part of the way to another.
    pub fn towards(self, other: Point, part: f64) -> Point {
        Point::new(self.x + (other.x - self.x) * part, self.y + (other.y - self.y) * part)
    }

    /// How far another is.
    pub fn distance(self, other: Point) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }
}

/// A box with upright sides.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// Left.
    pub x: f64,
    /// Top.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

impl Rect {
    /// A box around a point.
    pub fn around(centre: Point, width: f64, height: f64) -> Self {
        Rect { x: centre.x - width / 2.0, y: centre.y - height / 2.0, width, height }
    }

    /// Whether two boxes have more than an edge in common.
    pub fn overlaps(&self, other: &Rect) -> bool {
        self.x < other.x + other.width
            && other.x < self.x + self.width
            && self.y < other.y + other.height
            && other.y < self.y + self.height
    }

    /// Whether all of another box is in this one.
    pub fn covers(&self, other: &Rect) -> bool {
        self.x <= other.x
            && self.y <= other.y
            && other.x + other.width <= self.x + self.width
            && other.y + other.height <= self.y + self.height
    }

    /// The smallest box that covers both.
    pub fn with(&self, other: &Rect) -> Rect {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        let right = (self.x + self.width).max(other.x + other.width);
        let bottom = (self.y + self.height).max(other.y + other.height);
        Rect { x, y, width: right - x, height: bottom - y }
    }

    /// The middle.
    pub fn centre(&self) -> Point {
        Point::new(self.x + self.width / 2.0, self.y + self.height / 2.0)
    }
}

/// A cubic Bézier curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Curve(pub [Point; 4]);

impl Curve {
    /// The point at a parameter from 0 to 1.
    pub fn at(&self, t: f64) -> Point {
        let [a, b, c, d] = self.0;
        let s = 1.0 - t;
        let (wa, wb, wc, wd) = (s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t);
        Point::new(wa * a.x + wb * b.x + wc * c.x + wd * d.x, wa * a.y + wb * b.y + wc * c.y + wd * d.y)
    }

    /// The same curve from its end to its beginning.
    pub fn reversed(&self) -> Curve {
        let [a, b, c, d] = self.0;
        Curve([d, c, b, a])
    }
}

/// A way made of straight pieces, short enough to look like curves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Path {
    points: Vec<Point>,
    /// How far each point is from the first, along the way.
    lengths: Vec<f64>,
}

impl Path {
    /// Goes straight on to a point; the first one is the start.
    pub fn line_to(&mut self, to: Point) {
        let length = match (self.points.last(), self.lengths.last()) {
            (Some(last), Some(length)) => length + last.distance(to),
            _ => 0.0,
        };
        self.points.push(to);
        self.lengths.push(length);
    }

    /// Goes on along a curve, first straight to its beginning.
    pub fn follow(&mut self, curve: &Curve) {
        const PIECES: u32 = 24;
        (0..=PIECES).for_each(|piece| self.line_to(curve.at(f64::from(piece) / f64::from(PIECES))));
    }

    /// The point at a part (0 to 1) of the length; the origin if there is no way at all.
    pub fn at(&self, part: f64) -> Point {
        let (Some(first), Some(last), Some(length)) = (self.points.first(), self.points.last(), self.lengths.last())
        else {
            return Point::default();
        };
        let wanted = length * part.clamp(0.0, 1.0);
        let next = self.lengths.partition_point(|reached| *reached <= wanted);
        match (next.checked_sub(1), self.points.get(next)) {
            (Some(before), Some(to)) => {
                let (from, from_length, to_length) = (self.points[before], self.lengths[before], self.lengths[next]);
                from.towards(*to, (wanted - from_length) / (to_length - from_length))
            }
            (None, _) => *first,
            (_, None) => *last,
        }
    }
}

/// A way as points that are equally far from one another along it: where something is on it is found at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Track(Vec<Point>);

impl Track {
    const PIECES: usize = 48;

    /// The points of a way.
    pub fn of(path: &Path) -> Self {
        Track((0..=Self::PIECES).map(|piece| path.at(piece as f64 / Self::PIECES as f64)).collect())
    }

    /// The point at a part (0 to 1) of the length.
    pub fn at(&self, part: f64) -> Point {
        let along = part.clamp(0.0, 1.0) * Self::PIECES as f64;
        let before = along as usize;
        match (self.0.get(before), self.0.get(before + 1)) {
            (Some(from), Some(to)) => from.towards(*to, along - before as f64),
            (from, _) => from.copied().unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_walked_by_its_length() {
        let mut path = Path::default();
        assert_eq!(path.at(0.5), Point::default());
        path.line_to(Point::new(0.0, 0.0));
        path.line_to(Point::new(10.0, 0.0));
        path.line_to(Point::new(10.0, 30.0));
        assert_eq!(path.at(0.0), Point::new(0.0, 0.0));
        assert_eq!(path.at(0.25), Point::new(10.0, 0.0));
        assert_eq!(path.at(0.5), Point::new(10.0, 10.0));
        assert_eq!(path.at(1.0), Point::new(10.0, 30.0));
        assert_eq!(path.at(7.0), Point::new(10.0, 30.0));
    }

    #[test]
    fn a_track_goes_where_its_way_goes() {
        let mut path = Path::default();
        path.line_to(Point::new(0.0, 0.0));
        path.follow(&Curve([
            Point::new(10.0, 0.0),
            Point::new(90.0, 0.0),
            Point::new(60.0, 80.0),
            Point::new(140.0, 80.0),
        ]));
        let track = Track::of(&path);
        for part in 0..=1_000 {
            let part = f64::from(part) / 1_000.0;
            assert!(track.at(part).distance(path.at(part)) < 0.5, "{part}");
        }
        assert_eq!(track.at(1.0), Point::new(140.0, 80.0));
        assert_eq!(track.at(-1.0), Point::new(0.0, 0.0));
    }

    #[test]
    fn a_curve_reversed_is_the_same_curve() {
        let curve =
            Curve([Point::new(0.0, 0.0), Point::new(50.0, 0.0), Point::new(50.0, 80.0), Point::new(100.0, 80.0)]);
        let (a, b) = (curve.at(0.3), curve.reversed().at(0.7));
        assert!(a.distance(b) < 1e-9);
        assert_eq!(curve.at(0.0), Point::new(0.0, 0.0));
        assert_eq!(curve.at(1.0), Point::new(100.0, 80.0));
    }

    #[test]
    fn boxes_that_touch_do_not_overlap() {
        let a = Rect { x: 0.0, y: 0.0, width: 10.0, height: 10.0 };
        let b = Rect { x: 10.0, y: 0.0, width: 10.0, height: 10.0 };
        assert!(!a.overlaps(&b) && a.overlaps(&Rect { x: 9.0, ..b }));
        assert_eq!(a.centre(), Point::new(5.0, 5.0));
    }
}
