//! Draws what is in motion on the canvas.

use std::f64::consts::{FRAC_PI_2, TAU};

use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, CssStyleDeclaration, HtmlCanvasElement};

use crate::view::COLOURS;
use crate::view::camera::Camera;
use crate::view::flight::{Flight, FlightKind};
use crate::view::geometry::Point;
use crate::view::layout::CLIENT_RADIUS;
use crate::view::motion::TokenKind;

/// The radius of a token.
pub const TOKEN_RADIUS: f64 = 11.0;
const SMALL_RADIUS: f64 = 9.0;

/// A canvas, and the page's colours.
pub struct Painter {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    width: f64,
    height: f64,
    density: f64,
    colours: Colours,
}

#[derive(Default)]
struct Colours {
    fill: [String; COLOURS],
    ink: [String; COLOURS],
    ground: String,
    good: String,
    bad: String,
    accent: String,
    font: String,
}

impl Painter {
    /// A painter for a canvas of so many CSS pixels. None if the browser has no canvas to draw on.
    pub fn new(canvas: HtmlCanvasElement, width: f64, height: f64) -> Option<Self> {
        let density = web_sys::window()?.device_pixel_ratio().clamp(1.0, 3.0);
        canvas.set_width((width * density).round() as u32);
        canvas.set_height((height * density).round() as u32);
        let context = canvas.get_context("2d").ok()??.dyn_into::<CanvasRenderingContext2d>().ok()?;
        let colours = Colours::default();
        let mut painter = Painter { canvas, context, width, height, density, colours };
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
            font: format!("700 13px {}", read(&style, "--font")),
        };
    }

    /// Draws everything anew. Without motion, only what stands still is drawn.
    pub fn draw(&self, flights: &[Flight], camera: Camera, still: bool) {
        let (context, zoom) = (&self.context, camera.scale * self.density);
        // Setting a transform, a circle with a positive radius and a text are refused for no finite number.
        let _ = context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0);
        context.clear_rect(0.0, 0.0, self.width * self.density, self.height * self.density);
        let Point { x, y } = camera.origin;
        let _ = context.set_transform(zoom, 0.0, 0.0, zoom, -x * zoom, -y * zoom);
        context.set_font(&self.colours.font);
        context.set_text_align("center");
        context.set_text_baseline("middle");
        for flight in flights.iter().filter(|flight| !still || flight.rests) {
            context.set_global_alpha(flight.opacity);
            match flight.kind {
                FlightKind::Work(part) => self.work(flight, part),
                FlightKind::Falling => self.token(flight, TokenKind::Message),
                FlightKind::Token(kind) => self.token(flight, kind),
            }
        }
        context.set_global_alpha(1.0);
    }

    fn circle(&self, flight: &Flight, radius: f64) {
        self.context.begin_path();
        let _ = self.context.arc(flight.at.x, flight.at.y, radius, 0.0, TAU);
    }

    fn token(&self, flight: &Flight, kind: TokenKind) {
        match kind {
            TokenKind::Message | TokenKind::Redelivered | TokenKind::Returned => self.message(flight, kind),
            TokenKind::Ack => self.sign(flight, "\u{2713}", &self.colours.good),
            TokenKind::Nack => self.sign(flight, "\u{2715}", &self.colours.bad),
        }
    }

    fn message(&self, flight: &Flight, kind: TokenKind) {
        let context = &self.context;
        self.circle(flight, TOKEN_RADIUS);
        context.set_fill_style_str(&self.colours.fill[flight.colour % COLOURS]);
        context.fill();
        context.set_line_width(2.0);
        context.set_stroke_style_str(&self.colours.ground);
        context.stroke();
        context.set_fill_style_str(&self.colours.ink[flight.colour % COLOURS]);
        let _ = context.fill_text(flight.letter.encode_utf8(&mut [0; 4]), flight.at.x, flight.at.y + 0.5);
        if kind != TokenKind::Message {
            // A notch: it has been somewhere before.
            context.begin_path();
            let _ = context.arc(flight.at.x, flight.at.y - TOKEN_RADIUS, 4.0, 0.0, TAU);
            context.set_fill_style_str(&self.colours.ground);
            context.fill();
        }
    }

    /// An acknowledgement: smaller, hollow, with a sign.
    fn sign(&self, flight: &Flight, sign: &str, colour: &str) {
        let context = &self.context;
        self.circle(flight, SMALL_RADIUS);
        context.set_fill_style_str(&self.colours.ground);
        context.fill();
        context.set_line_width(2.0);
        context.set_stroke_style_str(colour);
        context.stroke();
        context.set_fill_style_str(colour);
        let _ = context.fill_text(sign, flight.at.x, flight.at.y + 0.5);
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
