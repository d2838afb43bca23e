//! A picture of pixels that small pictures are stamped on, very many of them a frame.
//!
//! What always holds: four bytes a pixel (red, green, blue, and how opaque it is, colours not multiplied by it); what
//! lies outside of the frame is left out; outside of what [`Pixels::clean`] tells, nothing is drawn.

/// A small picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sprite {
    /// Tells it from others.
    number: u16,
    side: usize,
    pixels: Vec<[u8; 4]>,
    /// Of each row, the columns where there is anything, from the first to before the last.
    rows: Vec<(usize, usize)>,
}

/// Columns and rows from the first to before the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// The first column.
    pub left: usize,
    /// The first row.
    pub top: usize,
    /// Behind the last column.
    pub right: usize,
    /// Behind the last row.
    pub bottom: usize,
}

impl Part {
    /// Whether there is nothing in it.
    pub fn is_empty(self) -> bool {
        self.left >= self.right || self.top >= self.bottom
    }

    /// The smallest one that covers both.
    pub fn with(self, other: Part) -> Part {
        match (self.is_empty(), other.is_empty()) {
            (true, _) => other,
            (_, true) => self,
            _ => Part {
                left: self.left.min(other.left),
                top: self.top.min(other.top),
                right: self.right.max(other.right),
                bottom: self.bottom.max(other.bottom),
            },
        }
    }
}

impl Sprite {
    /// A square picture; bytes that are missing are transparent. Those that look different have different numbers.
    pub fn new(number: u16, side: usize, mut bytes: Vec<u8>) -> Self {
        bytes.resize(side * side * 4, 0);
        let pixels = bytes.as_chunks::<4>().0.to_vec();
        let is_any = |pixel: &[u8; 4]| pixel[3] > 0;
        let any = |row: &[[u8; 4]]| {
            let first = row.iter().position(is_any).unwrap_or_default();
            (first, row.iter().rposition(is_any).map_or(first, |last| last + 1))
        };
        let rows = if side == 0 { Vec::new() } else { pixels.chunks_exact(side).map(any).collect() };
        Sprite { number, side, pixels, rows }
    }
}

/// A picture of so many columns and rows.
#[derive(Clone, Debug, Default)]
pub struct Pixels {
    width: usize,
    height: usize,
    pixels: Vec<[u8; 4]>,
    drawn: Part,
    /// How often it was cleaned, and by what each place was stamped last, and when: the same again would not be seen.
    turn: u16,
    last: Vec<(u16, u16)>,
    /// What is nearer than so many pixels, as a power of two, is at the same place.
    grain: u32,
}

impl Pixels {
    /// A transparent picture.
    pub fn new(width: usize, height: usize) -> Self {
        let (pixels, last) = (vec![[0; 4]; width * height], vec![(0, 0); width * height]);
        Pixels { width, height, pixels, drawn: Part::default(), turn: 1, last, grain: 0 }
    }

    /// From how near on stamps that look the same are one: two to this power, in pixels.
    pub fn set_grain(&mut self, grain: u32) {
        self.grain = grain;
    }

    /// Its bytes, row by row.
    pub fn bytes(&self) -> &[u8] {
        self.pixels.as_flattened()
    }

    /// Columns and rows.
    pub fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// Where anything is.
    pub fn drawn(&self) -> Part {
        self.drawn
    }

    /// Makes all of it transparent. Answers where anything was.
    pub fn clean(&mut self) -> Part {
        let Part { left, top, right, bottom } = self.drawn;
        for row in top..bottom {
            let row = row * self.width;
            if let Some(pixels) = self.pixels.get_mut(row + left..row + right) {
                pixels.as_flattened_mut().fill(0);
            }
        }
        self.turn = self.turn.checked_add(1).unwrap_or_else(|| {
            self.last.fill((0, 0));
            1
        });
        std::mem::take(&mut self.drawn)
    }

    /// Whether a picture stands at a place already, with nothing else put there since.
    fn stands(&mut self, sprite: &Sprite, x: i64, y: i64) -> bool {
        let place = usize::try_from(y >> self.grain).ok().zip(usize::try_from(x >> self.grain).ok());
        let last = place.and_then(|(y, x)| self.last.get_mut(y * self.width + x));
        last.is_some_and(|last| std::mem::replace(last, (self.turn, sprite.number)) == (self.turn, sprite.number))
    }

    /// Fills a box with a colour, as far as it is inside, on whole pixels but at least on one.
    pub fn fill(&mut self, (left, top): (f64, f64), (right, bottom): (f64, f64), colour: [u8; 4]) {
        // Far outside ends at the bounds of the number.
        let cut = |from: f64, to: f64, room: usize| {
            let from = from.round().max(0.0) as usize;
            (from.min(room), (to.round().max(0.0) as usize).max(from.saturating_add(1)).min(room))
        };
        let ((left, right), (top, bottom)) = (cut(left, right, self.width), cut(top, bottom, self.height));
        for row in top..bottom {
            let row = row * self.width;
            if let Some(pixels) = self.pixels.get_mut(row + left..row + right) {
                pixels.fill(colour);
            }
        }
        self.drawn = self.drawn.with(Part { left, top, right, bottom });
    }

    /// Stamps a picture so that its middle is at a point; `opacity` is from 0 to 255.
    pub fn stamp(&mut self, sprite: &Sprite, (x, y): (f64, f64), opacity: u8) {
        let half = sprite.side as f64 / 2.0;
        // Far outside ends at the bounds of the number.
        let (x, y) = ((x - half).round() as i64, (y - half).round() as i64);
        let cut = |at: i64, room: usize| {
            let (room, side) = (room as i64, sprite.side as i64);
            let first = at.saturating_neg().clamp(0, side);
            let last = (room.saturating_sub(at)).clamp(first, side);
            (first as usize, last as usize)
        };
        let ((left, right), (top, bottom)) = (cut(x, self.width), cut(y, self.height));
        if left >= right || top >= bottom || (opacity == 255 && self.stands(sprite, x, y)) {
            return;
        }
        let place = |at: i64, within: usize| at.saturating_add(within as i64).max(0) as usize;
        let (first_x, first_y) = (place(x, left), place(y, top));
        let rows = sprite.rows.iter().zip(sprite.pixels.chunks_exact(sprite.side)).skip(top).take(bottom - top);
        for (offset, (any, row)) in rows.enumerate() {
            let (from, to) = (any.0.max(left), any.1.min(right));
            let start = (first_y + offset) * self.width + first_x + from.saturating_sub(left);
            let target = self.pixels.get_mut(start..start + to.saturating_sub(from));
            if let (Some(source), Some(target)) = (row.get(from..to), target) {
                if opacity == 255 { lay(source, target) } else { blend(source, target, opacity) }
            }
        }
        let (right, bottom) = (first_x + right - left, first_y + bottom - top);
        self.drawn = self.drawn.with(Part { left: first_x, top: first_y, right, bottom });
    }
}

/// Most of what is laid is opaque: that is quicker than [`blend`], and looks the same.
fn lay(source: &[[u8; 4]], target: &mut [[u8; 4]]) {
    for (source, target) in source.iter().zip(target) {
        if source[3] == 255 {
            *target = *source;
        } else if source[3] > 0 {
            *target = mixed(*source, source[3].into(), *target);
        }
    }
}

fn blend(source: &[[u8; 4]], target: &mut [[u8; 4]], opacity: u8) {
    for (source, target) in source.iter().zip(target) {
        let opaque = u32::from(source[3]) * u32::from(opacity) / 255;
        if opaque > 0 {
            *target = mixed(*source, opaque, *target);
        }
    }
}

fn mixed([red, green, blue, _]: [u8; 4], opaque: u32, below: [u8; 4]) -> [u8; 4] {
    if below[3] == 0 {
        return [red, green, blue, opaque as u8];
    }
    let under = u32::from(below[3]) * (255 - opaque) / 255;
    let all = opaque + under;
    let mix = |over: u8, below: u8| ((u32::from(over) * opaque + u32::from(below) * under) / all) as u8;
    [mix(red, below[0]), mix(green, below[1]), mix(blue, below[2]), all as u8]
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: [u8; 4] = [200, 0, 0, 255];

    fn pixel(pixels: &Pixels, x: usize, y: usize) -> [u8; 4] {
        let start = (y * pixels.size().0 + x) * 4;
        std::array::from_fn(|byte| pixels.bytes()[start + byte])
    }

    #[test]
    fn a_stamp_is_where_it_should_be_and_nothing_is_left_of_it() {
        let mut pixels = Pixels::new(10, 8);
        let sprite = Sprite::new(0, 2, RED.repeat(4));
        pixels.stamp(&sprite, (4.0, 5.0), 255);
        let red = |pixels: &Pixels| {
            let all = (0..8).flat_map(|y| (0..10).map(move |x| (x, y)));
            all.filter(|(x, y)| pixel(pixels, *x, *y) == RED).collect::<Vec<_>>()
        };
        assert_eq!(red(&pixels), [(3, 4), (4, 4), (3, 5), (4, 5)]);
        assert_eq!(pixels.clean(), Part { left: 3, top: 4, right: 5, bottom: 6 });
        assert!(pixels.bytes().iter().all(|byte| *byte == 0) && pixels.drawn().is_empty());
    }

    #[test]
    fn what_is_laid_looks_like_what_is_blended() {
        // Every row of six of nothing, half and all.
        let row = |number: usize| (0..6).map(move |at| [0, 128, 255][number / 3_usize.pow(at) % 3]);
        for number in 0..729 {
            let row: Vec<[u8; 4]> = row(number).map(|opaque| [9, 90, 200, opaque]).collect();
            let mut blended = [RED; 6];
            blend(&row, &mut blended, 255);
            let sprite = Sprite::new(0, 6, row.concat());
            for left in 0..6 {
                let mut pixels = Pixels::new(6, 1);
                pixels.fill((0.0, 0.0), (6.0, 1.0), RED);
                // The only row is the first of six: its middle is three below.
                pixels.stamp(&sprite, (3.0 - f64::from(left), 3.0), 255);
                let (seen, rest) = pixels.pixels.split_at(6 - left as usize);
                assert_eq!(seen, &blended[left as usize..], "{number} {left}");
                assert!(rest.iter().all(|pixel| *pixel == RED));
            }
        }
    }

    #[test]
    fn a_box_is_filled_as_far_as_it_is_inside() {
        let mut pixels = Pixels::new(10, 8);
        pixels.fill((-5.0, 6.2), (2.4, 1e300), RED);
        assert_eq!(pixels.drawn(), Part { left: 0, top: 6, right: 2, bottom: 8 });
        pixels.fill((4.0, 1.0), (4.1, 1.2), RED);
        assert_eq!(pixels.bytes().chunks(4).filter(|pixel| *pixel == RED).count(), 5);
        pixels.fill((40.0, 1.0), (50.0, 2.0), RED);
        assert_eq!(pixels.clean(), Part { left: 0, top: 1, right: 5, bottom: 8 });
        assert!(pixels.bytes().iter().all(|byte| *byte == 0));
    }

    #[test]
    fn what_is_outside_is_left_out() {
        let sprite = Sprite::new(0, 4, RED.repeat(16));
        for (at, seen) in [((0.0, 0.0), 4), ((10.0, 8.0), 4), ((0.0, 4.0), 8), ((-3.0, 2.0), 0), ((1e300, 0.0), 0)] {
            let mut pixels = Pixels::new(10, 8);
            pixels.stamp(&sprite, at, 255);
            assert_eq!(pixels.bytes().chunks(4).filter(|pixel| *pixel == RED).count(), seen, "{at:?}");
        }
    }

    #[test]
    fn what_stands_on_the_same_is_on_top() {
        let blue = [0, 0, 200, 255];
        let (red, other) = (Sprite::new(0, 1, RED.to_vec()), Sprite::new(1, 1, blue.to_vec()));
        for grain in [0, 1] {
            let mut pixels = Pixels::new(4, 4);
            pixels.set_grain(grain);
            for _ in 0..70_000 {
                pixels.stamp(&red, (2.5, 2.5), 255);
                assert_eq!(pixel(&pixels, 2, 2), RED);
                pixels.stamp(&other, (2.5, 2.5), 255);
                assert_eq!(pixel(&pixels, 2, 2), blue);
                pixels.stamp(&red, (3.5, 2.5), 255);
                pixels.stamp(&red, (2.5, 2.5), 255);
                assert_eq!(pixel(&pixels, 2, 2) == RED, grain == 0, "near ones are one");
                pixels.clean();
            }
        }
    }

    #[test]
    fn what_is_half_opaque_lets_shine_through() {
        let mut pixels = Pixels::new(1, 1);
        pixels.stamp(&Sprite::new(0, 1, RED.to_vec()), (0.5, 0.5), 255);
        pixels.stamp(&Sprite::new(1, 1, vec![0, 0, 200, 255]), (0.5, 0.5), 128);
        let [red, _, blue, opaque] = pixel(&pixels, 0, 0);
        assert!(red.abs_diff(100) < 3 && blue.abs_diff(100) < 3 && opaque >= 254, "{red} {blue} {opaque}");
    }
}
