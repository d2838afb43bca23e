//! Draws what is in motion on the canvas.
//!
//! A few things are drawn one by one. Where there are many, each of a kind is drawn once, read back, and stamped into a
//! buffer that is put on the canvas once a frame: that is fast enough for a hundred thousand.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::f64::consts::{FRAC_PI_2, TAU};

use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, CssStyleDeclaration, HtmlCanvasElement, ImageData};

use crate::view::COLOURS;
use crate::view::camera::Camera;
use crate::view::crowd::{Figure, short};
use crate::view::flight::{Flight, FlightKind};
use crate::view::follow::is_message;
use crate::view::geometry::{Point, Rect};
use crate::view::layout::CLIENT_RADIUS;
use crate::view::motion::TokenKind;
use crate::view::pixels::{Part, Pixels, Sprite};

use super::engine::Focus;

/// The radius of a token.
pub const TOKEN_RADIUS: f64 = 11.0;
/// How much is left of what is not followed, beside what is.
const DIM: f64 = 0.35;
/// How wide what shows the focus is, CSS pixels, and how far from its node, units of the picture.
const FRAME: f64 = 3.0;
const APART: f64 = 6.0;
const SMALL_RADIUS: f64 = 9.0;
/// So many are drawn one by one: a stamp stands on whole pixels, which is seen where few move slowly.
const FEW: usize = 250;
/// So many are drawn at all.
pub const MOST: usize = 100_000;

/// From so many on, those that look the same and are nearer than two pixels are drawn as one.
const DENSE: usize = 20_000;

/// A canvas, and the page's colours.
pub struct Painter {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    width: f64,
    height: f64,
    density: f64,
    colours: Colours,
    stamps: RefCell<Stamps>,
}

/// What is stamped, and on what.
#[derive(Default)]
struct Stamps {
    pixels: Pixels,
    zoom: f64,
    sprites: BTreeMap<(Look, char), Sprite>,
}

/// What things that look alike have in common, but for the letter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Look {
    Message(usize),
    Marked(usize),
    DeadLetter(usize),
    Returned(usize),
    Falling(usize),
    Sign(Sign),
    /// Of a number.
    Digit,
}

/// What is said of a message: by a consumer in a circle, by the broker to a publisher in a square.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sign {
    Ack,
    Nack,
    Confirm,
    Refusal,
}

/// The height of a number, and the width of a digit of it; at no scale is it lower than this on the screen, as far as
/// its box has room.
const DIGIT: (f64, f64) = (14.0, 9.0);
const DIGIT_MIN: f64 = 11.0;
const DIGIT_GROWS: f64 = 1.45;

#[derive(Clone, Default)]
struct Colours {
    fill: [String; COLOURS],
    ink: [String; COLOURS],
    ground: String,
    good: String,
    bad: String,
    accent: String,
    text: String,
    /// Ready and unacknowledged messages.
    bars: [[u8; 4]; 2],
    font: String,
    family: String,
}

impl Painter {
    /// A painter for a canvas of so many CSS pixels. None if the browser has no canvas to draw on.
    pub fn new(canvas: HtmlCanvasElement, width: f64, height: f64) -> Option<Self> {
        let density = web_sys::window()?.device_pixel_ratio().clamp(1.0, 3.0);
        canvas.set_width((width * density).round() as u32);
        canvas.set_height((height * density).round() as u32);
        let context = canvas.get_context("2d").ok()??.dyn_into::<CanvasRenderingContext2d>().ok()?;
        let colours = Colours::default();
        let stamps = RefCell::default();
        let mut painter = Painter { canvas, context, width, height, density, colours, stamps };
        painter.read_colours();
        Some(painter)
    }

    /// Takes the colours from the stylesheet.
    pub fn read_colours(&mut self) {
        let style = web_sys::window().and_then(|window| window.get_computed_style(&self.canvas).ok()?);
        let Some(style) = style else { return };
        let read = |style: &CssStyleDeclaration, name: &str| {
            style.get_property_value(name).map(|value| value.trim().to_owned()).unwrap_or_default()
        };
        self.colours = Colours {
            fill: std::array::from_fn(|colour| read(&style, &format!("--k{colour}"))),
            ink: std::array::from_fn(|colour| read(&style, &format!("--k{colour}-ink"))),
            ground: read(&style, "--ground"),
            good: read(&style, "--good"),
            bad: read(&style, "--bad"),
            accent: read(&style, "--accent"),
            text: read(&style, "--text"),
            bars: ["--accent", "--line"].map(|name| opaque(&read(&style, name))),
            font: format!("700 13px {}", read(&style, "--font")),
            family: read(&style, "--font"),
        };
        self.stamps.borrow_mut().sprites.clear();
    }

    /// Draws everything anew. Without motion, only what stands still is drawn. Of more than [`MOST`] things, so many
    /// are drawn, taken evenly.
    pub fn draw(&self, flights: &[Flight], figures: &[Figure], focus: Option<&Focus>, camera: Camera, still: bool) {
        self.clear();
        let is_meant = |flight: &&Flight| focus.is_some_and(|focus| flight.message == focus.id);
        let others: Vec<Flight>;
        let shown = match focus {
            None => flights,
            Some(_) => {
                let dim = |flight: &Flight| Flight { opacity: flight.opacity * DIM, ..flight.clone() };
                others = flights.iter().filter(|flight| !is_meant(flight)).map(dim).collect();
                &others
            }
        };
        self.all(shown, figures, camera, still);
        let Some(focus) = focus else { return };
        // Never hidden behind others.
        self.begin(&self.context, camera);
        let moving = flights.iter().filter(is_meant).filter(|flight| !still || flight.rests);
        for flight in focus.spots.iter().chain(moving) {
            self.one(flight);
            if is_message(flight) {
                self.ring(flight);
            }
        }
        self.context.set_global_alpha(1.0);
    }

    /// Around what has the focus, as wide at every scale.
    pub fn frame(&self, rect: Rect, camera: Camera) {
        self.begin(&self.context, camera);
        self.context.set_line_width(FRAME / camera.scale);
        self.context.set_stroke_style_str(&self.colours.accent);
        let framed = Rect::around(rect.centre(), rect.width + 2.0 * APART, rect.height + 2.0 * APART);
        self.context.stroke_rect(framed.x, framed.y, framed.width, framed.height);
    }

    fn all(&self, flights: &[Flight], figures: &[Figure], camera: Camera, still: bool) {
        if figures.is_empty() && (still || flights.len() <= FEW) {
            self.begin(&self.context, camera);
            flights.iter().filter(|flight| !still || flight.rests).for_each(|flight| self.one(flight));
            self.context.set_global_alpha(1.0);
            return;
        }
        let is_seen = |flight: &&Flight| !still || flight.rests;
        self.stamp(flights, figures, camera, is_seen);
        self.begin(&self.context, camera);
        for flight in flights.iter().filter(is_seen) {
            if let FlightKind::Work(part) = flight.kind {
                self.work(flight, part);
            }
        }
    }

    fn clear(&self) {
        // Setting a transform, a circle with a positive radius and a text are refused for no finite number.
        let _ = self.context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0);
        self.context.clear_rect(0.0, 0.0, self.width * self.density, self.height * self.density);
    }

    fn begin(&self, context: &CanvasRenderingContext2d, camera: Camera) {
        let zoom = camera.scale * self.density;
        let Point { x, y } = camera.origin;
        let _ = context.set_transform(zoom, 0.0, 0.0, zoom, -x * zoom, -y * zoom);
        context.set_font(&self.colours.font);
        context.set_text_align("center");
        context.set_text_baseline("middle");
    }

    fn one(&self, flight: &Flight) {
        self.context.set_global_alpha(flight.opacity);
        match flight.kind {
            FlightKind::Work(part) => self.work(flight, part),
            FlightKind::Lent => self.lent(flight),
            FlightKind::Falling(kind) => {
                self.token(flight, kind);
                self.cross(flight);
            }
            FlightKind::Token(kind) => self.token(flight, kind),
        }
    }

    /// All but rings of work, by stamps.
    fn stamp(&self, flights: &[Flight], figures: &[Figure], camera: Camera, is_seen: impl Fn(&&Flight) -> bool) {
        let mut stamps = self.stamps.borrow_mut();
        let Stamps { pixels, zoom, sprites } = &mut *stamps;
        let size = (self.canvas.width() as usize, self.canvas.height() as usize);
        if pixels.size() != size {
            *pixels = Pixels::new(size.0, size.1);
        }
        if *zoom != camera.scale * self.density {
            *zoom = camera.scale * self.density;
            sprites.clear();
        }
        pixels.clean();
        pixels.set_grain(u32::from(flights.len() > DENSE));
        let seen = |at: Point| ((at.x - camera.origin.x) * *zoom, (at.y - camera.origin.y) * *zoom);
        let step = flights.len().div_ceil(MOST).max(1);
        for flight in flights.iter().filter(is_seen).step_by(step) {
            let Some((look, letter)) = look(flight) else { continue };
            let draw = |painter: &Painter| painter.one(&Flight { opacity: 1.0, ..flight.clone() });
            // The stroke and the notch reach a little further than the disc.
            let (number, width) = (sprites.len() as u16, 2.0 * (TOKEN_RADIUS + 5.0));
            let new = || self.sprite(number, (flight.at, width), *zoom, draw).unwrap_or_default();
            let sprite = sprites.entry((look, letter)).or_insert_with(new);
            pixels.stamp(sprite, seen(flight.at), (flight.opacity * 255.0) as u8);
        }
        let grown = (DIGIT_MIN / (DIGIT.0 * camera.scale)).clamp(1.0, DIGIT_GROWS);
        for Figure { count, at, ready, unacked } in figures {
            for (Rect { x, y, width, height }, colour) in [ready, unacked].into_iter().zip(self.colours.bars) {
                if *width > 0.0 {
                    pixels.fill(seen(Point::new(*x, *y)), seen(Point::new(x + width, y + height)), colour);
                }
            }
            let step = DIGIT.1 * grown;
            for (place, letter) in short(*count).chars().rev().enumerate() {
                let at = Point::new(at.x - step * (place as f64 + 0.5), at.y);
                let (number, width) = (sprites.len() as u16, 2.0 * DIGIT.0 * grown);
                let draw = |painter: &Painter| painter.digit(at, letter, grown);
                let new = || self.sprite(number, (at, width), *zoom, draw).unwrap_or_default();
                pixels.stamp(sprites.entry((Look::Digit, letter)).or_insert_with(new), seen(at), 255);
            }
        }
        self.put(pixels);
    }

    fn digit(&self, at: Point, letter: char, grown: f64) {
        self.context.set_font(&format!("600 {}px {}", DIGIT.0 * grown, self.colours.family));
        self.context.set_fill_style_str(&self.colours.text);
        let _ = self.context.fill_text(letter.encode_utf8(&mut [0; 4]), at.x, at.y);
    }

    fn put(&self, pixels: &Pixels) {
        let Part { left, top, right, bottom } = pixels.drawn();
        let (width, height) = pixels.size();
        let image = ImageData::new_with_u8_clamped_array_and_sh(Clamped(pixels.bytes()), width as u32, height as u32);
        let Ok(image) = image else { return };
        let (x, y) = (left as f64, top as f64);
        let (across, down) = (right.saturating_sub(left) as f64, bottom.saturating_sub(top) as f64);
        // The canvas holds nothing of another origin, so it takes pixels.
        let _ = self.context.put_image_data_with_dirty_x_and_dirty_y_and_dirty_width_and_dirty_height(
            &image, 0.0, 0.0, x, y, across, down,
        );
    }

    /// What something so wide around a point looks like at a zoom, drawn once and read back.
    fn sprite(&self, number: u16, (middle, width): (Point, f64), zoom: f64, draw: impl Fn(&Painter)) -> Option<Sprite> {
        let side = (width * zoom).ceil().max(2.0);
        let document = web_sys::window()?.document()?;
        let canvas = document.create_element("canvas").ok()?.dyn_into::<HtmlCanvasElement>().ok()?;
        canvas.set_width(side as u32);
        canvas.set_height(side as u32);
        let context = canvas.get_context("2d").ok()??.dyn_into::<CanvasRenderingContext2d>().ok()?;
        let half = side / 2.0 / zoom;
        let origin = Point::new(middle.x - half, middle.y - half);
        let painter = Painter {
            canvas,
            context,
            width: side,
            height: side,
            density: self.density,
            colours: self.colours.clone(),
            stamps: RefCell::default(),
        };
        painter.begin(&painter.context, Camera { origin, scale: zoom / self.density });
        draw(&painter);
        let read = painter.context.get_image_data(0.0, 0.0, side, side).ok()?;
        Some(Sprite::new(number, side as usize, read.data().0))
    }

    fn circle(&self, flight: &Flight, radius: f64) {
        self.context.begin_path();
        let _ = self.context.arc(flight.at.x, flight.at.y, radius, 0.0, TAU);
    }

    fn token(&self, flight: &Flight, kind: TokenKind) {
        match kind {
            TokenKind::Message | TokenKind::Redelivered | TokenKind::DeadLetter | TokenKind::Returned => {
                self.message(flight, kind)
            }
            TokenKind::Ack => self.sign(flight, Sign::Ack),
            TokenKind::Nack => self.sign(flight, Sign::Nack),
            TokenKind::Confirm => self.sign(flight, Sign::Confirm),
            TokenKind::Refusal => self.sign(flight, Sign::Refusal),
        }
    }

    fn message(&self, flight: &Flight, kind: TokenKind) {
        let context = &self.context;
        match kind {
            TokenKind::DeadLetter => self.diamond(flight),
            _ => self.circle(flight, TOKEN_RADIUS),
        }
        context.set_fill_style_str(&self.colours.fill[flight.colour % COLOURS]);
        context.fill();
        context.set_line_width(2.0);
        context.set_stroke_style_str(&self.colours.ground);
        context.stroke();
        context.set_fill_style_str(&self.colours.ink[flight.colour % COLOURS]);
        let _ = context.fill_text(flight.letter.encode_utf8(&mut [0; 4]), flight.at.x, flight.at.y + 0.5);
        match kind {
            TokenKind::Redelivered => {
                // A notch: it has been somewhere before.
                context.begin_path();
                let _ = context.arc(flight.at.x, flight.at.y - TOKEN_RADIUS, 4.0, 0.0, TAU);
                context.set_fill_style_str(&self.colours.ground);
                context.fill();
            }
            TokenKind::Returned => self.turned(flight),
            _ => {}
        }
    }

    /// A dead letter's shape.
    fn diamond(&self, flight: &Flight) {
        let (Point { x, y }, reach) = (flight.at, TOKEN_RADIUS * 1.35);
        self.context.begin_path();
        self.context.move_to(x, y - reach);
        self.context.line_to(x + reach, y);
        self.context.line_to(x, y + reach);
        self.context.line_to(x - reach, y);
        self.context.close_path();
    }

    /// A badge with an arrow that turns: back to whom it came from.
    fn turned(&self, flight: &Flight) {
        let (context, Point { x, y }) = (&self.context, flight.at);
        let (x, y) = (x + TOKEN_RADIUS * 0.8, y - TOKEN_RADIUS * 0.8);
        context.begin_path();
        let _ = context.arc(x, y, 7.0, 0.0, TAU);
        context.set_fill_style_str(&self.colours.ground);
        context.fill();
        context.set_stroke_style_str(&self.colours.bad);
        context.stroke();
        context.set_fill_style_str(&self.colours.bad);
        let _ = context.fill_text("\u{21a9}", x, y + 0.5);
    }

    /// What is lost is crossed out.
    fn cross(&self, flight: &Flight) {
        let (context, Point { x, y }, reach) = (&self.context, flight.at, TOKEN_RADIUS * 0.9);
        context.begin_path();
        context.move_to(x - reach, y - reach);
        context.line_to(x + reach, y + reach);
        context.move_to(x + reach, y - reach);
        context.line_to(x - reach, y + reach);
        context.set_stroke_style_str(&self.colours.ground);
        context.set_line_width(6.0);
        context.stroke();
        context.set_stroke_style_str(&self.colours.bad);
        context.set_line_width(3.0);
        context.stroke();
    }

    /// What is said of a message: smaller, hollow, with a sign.
    fn sign(&self, flight: &Flight, sign: Sign) {
        let context = &self.context;
        let (text, colour) = match sign {
            Sign::Ack | Sign::Confirm => ("\u{2713}", &self.colours.good),
            Sign::Nack | Sign::Refusal => ("\u{2715}", &self.colours.bad),
        };
        match sign {
            Sign::Ack | Sign::Nack => self.circle(flight, SMALL_RADIUS),
            Sign::Confirm | Sign::Refusal => {
                context.begin_path();
                context.rect(
                    flight.at.x - SMALL_RADIUS,
                    flight.at.y - SMALL_RADIUS,
                    2.0 * SMALL_RADIUS,
                    2.0 * SMALL_RADIUS,
                );
            }
        }
        context.set_fill_style_str(&self.colours.ground);
        context.fill();
        context.set_line_width(2.0);
        context.set_stroke_style_str(colour);
        context.stroke();
        context.set_fill_style_str(colour);
        let _ = context.fill_text(text, flight.at.x, flight.at.y + 0.5);
    }

    /// Around what is followed.
    fn ring(&self, flight: &Flight) {
        self.circle(flight, TOKEN_RADIUS + 6.0);
        self.context.set_global_alpha(1.0);
        self.context.set_line_width(6.0);
        self.context.set_stroke_style_str(&self.colours.ground);
        self.context.stroke();
        self.context.set_line_width(3.0);
        self.context.set_stroke_style_str(&self.colours.accent);
        self.context.stroke();
    }

    /// A message that somebody holds, in its queue.
    fn lent(&self, flight: &Flight) {
        let colour = &self.colours.fill[flight.colour % COLOURS];
        self.circle(flight, TOKEN_RADIUS);
        self.context.set_fill_style_str(&self.colours.ground);
        self.context.fill();
        self.context.set_line_width(2.5);
        self.context.set_stroke_style_str(colour);
        self.context.stroke();
        self.context.set_fill_style_str(&self.colours.text);
        let letter = flight.letter;
        let _ = self.context.fill_text(letter.encode_utf8(&mut [0; 4]), flight.at.x, flight.at.y + 0.5);
    }

    /// A ring that closes as the work goes on.
    fn work(&self, flight: &Flight, part: f64) {
        let context = &self.context;
        context.begin_path();
        let end = TAU.mul_add(part, -FRAC_PI_2);
        let _ = context.arc(flight.at.x, flight.at.y, CLIENT_RADIUS, -FRAC_PI_2, end);
        context.set_line_width(4.0);
        context.set_stroke_style_str(&self.colours.accent);
        context.stroke();
    }
}

/// A colour of the stylesheet, `#rrggbb`; black if it is none.
fn opaque(colour: &str) -> [u8; 4] {
    let digit = |place: usize| colour.as_bytes().get(place).and_then(|byte| char::from(*byte).to_digit(16));
    let byte = |place: usize| (digit(place).unwrap_or_default() * 16 + digit(place + 1).unwrap_or_default()) as u8;
    [byte(1), byte(3), byte(5), 255]
}

/// What a flight has in common with others; none for what is drawn one by one. Signs have no letter.
fn look(flight: &Flight) -> Option<(Look, char)> {
    let colour = flight.colour % COLOURS;
    let kind = match flight.kind {
        FlightKind::Work(_) | FlightKind::Lent => return None,
        FlightKind::Falling(_) => return Some((Look::Falling(colour), flight.letter)),
        FlightKind::Token(kind) => kind,
    };
    Some(match kind {
        TokenKind::Message => (Look::Message(colour), flight.letter),
        TokenKind::Redelivered => (Look::Marked(colour), flight.letter),
        TokenKind::DeadLetter => (Look::DeadLetter(colour), flight.letter),
        TokenKind::Returned => (Look::Returned(colour), flight.letter),
        TokenKind::Ack => (Look::Sign(Sign::Ack), ' '),
        TokenKind::Nack => (Look::Sign(Sign::Nack), ' '),
        TokenKind::Confirm => (Look::Sign(Sign::Confirm), ' '),
        TokenKind::Refusal => (Look::Sign(Sign::Refusal), ' '),
    })
}
