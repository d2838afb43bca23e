//! An animation out of PNG pictures (APNG): the browser makes the pictures, this puts their data together.
//!
//! What always holds: the file is a PNG whose first picture is shown by programs that know no animation. A picture holds only what
//! is different from the one before; what stays the same is shown longer instead.
//!
//! Source: the PNG specification, third edition, section 11.3.5.

const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a];

/// A part of a picture, pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its left edge.
    pub x: u32,
    /// Its upper edge.
    pub y: u32,
    /// Its width.
    pub width: u32,
    /// Its height.
    pub height: u32,
}

/// The smallest part that holds all that differs between two pictures of one size, four bytes a pixel. None if nothing does.
pub fn changed(before: &[u8], after: &[u8], width: u32) -> Option<Part> {
    let row = (width as usize).checked_mul(4).filter(|row| *row > 0)?;
    let rows = || before.chunks_exact(row).zip(after.chunks_exact(row));
    let differs = |(before, after): (&[u8], &[u8])| before != after;
    let top = rows().position(differs)?;
    let bottom = rows().rposition(differs)?;
    let (mut left, mut right) = (width as usize, 0);
    for (before, after) in rows().take(bottom + 1).skip(top) {
        let pixels = || before.chunks_exact(4).zip(after.chunks_exact(4));
        if let Some(first) = pixels().position(|(before, after)| before != after) {
            left = left.min(first);
            right = right.max(pixels().rposition(|(before, after)| before != after).unwrap_or(first));
        }
    }
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Some(Part { x: number(left), y: number(top), width: number(right + 1 - left), height: number(bottom + 1 - top) })
}

/// What is wrong with a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// It is no PNG.
    #[error("the browser made something else than a PNG")]
    NoPng,
    /// Its pixels are of another sort than those of the first.
    #[error("the browser made pictures of several sorts")]
    OtherSort,
}

/// An animation that is being made.
#[derive(Debug, Default)]
pub struct Animation {
    /// IHDR of the first picture.
    header: Vec<u8>,
    frames: Vec<Frame>,
}

#[derive(Debug)]
struct Frame {
    part: Part,
    shown_ms: u32,
    data: Vec<u8>,
}

impl Animation {
    /// The next picture, as a PNG, and where it belongs; it is shown for so long. The first one is the whole.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn push(&mut self, png: &[u8], at: (u32, u32), shown_ms: u32) -> Result<(), Wrong> {
        let rest = png.strip_prefix(&SIGNATURE).ok_or(Wrong::NoPng)?;
        let (mut header, mut data) = (None, Vec::new());
        for (kind, content) in chunks(rest) {
            match kind {
                b"IHDR" => header = Some(content.to_vec()),
                b"IDAT" => data.extend_from_slice(content),
                _ => {}
            }
        }
        let header = header.filter(|header| header.len() == 13 && !data.is_empty()).ok_or(Wrong::NoPng)?;
        let number = |from: usize| {
            let bytes = header.get(from..from + 4).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok());
            bytes.map_or(0, u32::from_be_bytes)
        };
        let part = Part { x: at.0, y: at.1, width: number(0), height: number(4) };
        if self.frames.is_empty() {
            self.header = header;
        } else if self.header.get(8..) != header.get(8..) {
            return Err(Wrong::OtherSort);
        }
        self.frames.push(Frame { part, shown_ms, data });
        Ok(())
    }

    /// The last picture is shown for so much longer.
    pub fn hold(&mut self, ms: u32) {
        if let Some(last) = self.frames.last_mut() {
            last.shown_ms = last.shown_ms.saturating_add(ms);
        }
    }

    /// How many pictures there are.
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// The file. It is shown over and over.
    pub fn finish(&self) -> Vec<u8> {
        let mut out = SIGNATURE.to_vec();
        chunk(&mut out, b"IHDR", &self.header);
        let count = u32::try_from(self.frames.len()).unwrap_or(u32::MAX);
        chunk(&mut out, b"acTL", &[count.to_be_bytes(), 0_u32.to_be_bytes()].concat());
        let mut number = 0_u32;
        for (place, frame) in self.frames.iter().enumerate() {
            let Part { x, y, width, height } = frame.part;
            let (shown, per) = delay(frame.shown_ms);
            let numbers = [number, width, height, x, y].map(u32::to_be_bytes).concat();
            chunk(
                &mut out,
                b"fcTL",
                &[numbers, shown.to_be_bytes().to_vec(), per.to_be_bytes().to_vec(), vec![0, 0]].concat(),
            );
            number += 1;
            if place == 0 {
                chunk(&mut out, b"IDAT", &frame.data);
            } else {
                chunk(&mut out, b"fdAT", &[&number.to_be_bytes()[..], &frame.data].concat());
                number += 1;
            }
        }
        chunk(&mut out, b"IEND", &[]);
        out
    }
}

/// A time as a fraction of seconds that fits.
fn delay(ms: u32) -> (u16, u16) {
    match u16::try_from(ms) {
        Ok(ms) => (ms, 1_000),
        Err(_) => (u16::try_from(ms / 1_000).unwrap_or(u16::MAX), 1),
    }
}

fn chunks(mut rest: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    std::iter::from_fn(move || {
        let length = u32::from_be_bytes(rest.get(..4)?.try_into().ok()?) as usize;
        let kind = rest.get(4..8)?;
        let content = rest.get(8..8_usize.checked_add(length)?)?;
        rest = rest.get(length + 12..).unwrap_or_default();
        Some((kind, content))
    })
}

fn chunk(out: &mut Vec<u8>, kind: &[u8; 4], content: &[u8]) {
    out.extend_from_slice(&u32::try_from(content.len()).unwrap_or(u32::MAX).to_be_bytes());
    let from = out.len();
    out.extend_from_slice(kind);
    out.extend_from_slice(content);
    let sum = checksum(out.get(from..).unwrap_or_default());
    out.extend_from_slice(&sum.to_be_bytes());
}

/// CRC-32 as PNG has it, four bits at a time.
fn checksum(bytes: &[u8]) -> u32 {
    let table: [u32; 16] = std::array::from_fn(|start| {
        (0..4).fold(start as u32, |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 })
    });
    let half = |sum: u32, bits: u32| (sum >> 4) ^ table.get(((sum ^ bits) & 15) as usize).copied().unwrap_or_default();
    let step = |sum: u32, byte: &u8| half(half(sum, u32::from(*byte)), u32::from(*byte >> 4));
    !bytes.iter().fold(u32::MAX, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, sort: u8, data: &[u8]) -> Vec<u8> {
        let mut out = SIGNATURE.to_vec();
        let header = [&width.to_be_bytes()[..], &7_u32.to_be_bytes(), &[8, sort, 0, 0, 0]].concat();
        chunk(&mut out, b"IHDR", &header);
        chunk(&mut out, b"tEXt", b"left out");
        chunk(&mut out, b"IDAT", data);
        chunk(&mut out, b"IEND", &[]);
        out
    }

    #[test]
    fn the_checksum_is_that_of_the_specification() {
        assert_eq!(checksum(b"123456789"), 0xcbf4_3926);
        assert_eq!(checksum(b"IEND"), 0xae42_6082);
    }

    #[test]
    fn pictures_become_an_animation() {
        let mut animation = Animation::default();
        animation.push(&png(5, 6, b"one"), (0, 0), 100).expect("it is a PNG");
        animation.push(&png(2, 6, b"two"), (1, 3), 50).expect("it is a PNG");
        animation.hold(70_000);
        let file = animation.finish();
        let rest = file.strip_prefix(&SIGNATURE).expect("it is a PNG");
        let kinds: Vec<&[u8]> = chunks(rest).map(|(kind, _)| kind).collect();
        assert_eq!(kinds, [b"IHDR", b"acTL", b"fcTL", b"IDAT", b"fcTL", b"fdAT", b"IEND"]);
        let content: Vec<&[u8]> = chunks(rest).map(|(_, content)| content).collect();
        assert_eq!(content[1], [0, 0, 0, 2, 0, 0, 0, 0]);
        assert_eq!(content[2][..4], [0, 0, 0, 0]);
        assert_eq!(content[4], [0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 3, 0, 70, 0, 1, 0, 0]);
        assert_eq!(content[5], [&[0, 0, 0, 2][..], b"two"].concat());
        assert_eq!(animation.push(&png(2, 2, b"x"), (0, 0), 1), Err(Wrong::OtherSort));
        assert_eq!(animation.push(b"no", (0, 0), 1), Err(Wrong::NoPng));
    }

    #[test]
    fn only_what_differs_is_kept() {
        let before = vec![0; 4 * 4 * 3];
        assert_eq!(changed(&before, &before, 4), None);
        let mut after = before.clone();
        after[4 * (4 + 1)] = 1;
        after[4 * (2 * 4 + 2) + 3] = 1;
        assert_eq!(changed(&before, &after, 4), Some(Part { x: 1, y: 1, width: 2, height: 2 }));
    }
}
