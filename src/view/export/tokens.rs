//! What moves in the picture as SVG, as the canvas has it: tokens, signs, rings of work, and the figures of a crowd.

use std::f64::consts::TAU;

use crate::view::COLOURS;
use crate::view::crowd::{Figure, short};
use crate::view::flight::{Flight, FlightKind};
use crate::view::geometry::{Point, Rect};
use crate::view::layout::CLIENT_RADIUS;
use crate::view::motion::TokenKind;
use crate::view::svg::{Svg, length};

/// The radius of a token.
pub const TOKEN_RADIUS: f64 = 11.0;
const SMALL_RADIUS: f64 = 9.0;

/// The colours of the page, as CSS writes them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inks {
    /// Of routing keys.
    pub fill: [String; COLOURS],
    /// Legible on those.
    pub ink: [String; COLOURS],
    /// Behind everything.
    pub ground: String,
    /// What went well.
    pub good: String,
    /// What went wrong.
    pub bad: String,
    /// Work.
    pub accent: String,
    /// Text.
    pub text: String,
    /// The bars of unacknowledged messages.
    pub line: String,
}

struct Draw<'a> {
    svg: &'a mut Svg,
    inks: &'a Inks,
}

/// Draws what moves, in the picture's own units.
pub fn draw(svg: &mut Svg, flights: &[Flight], figures: &[Figure], inks: &Inks) {
    let mut draw = Draw { svg, inks };
    figures.iter().for_each(|figure| draw.figure(figure));
    for flight in flights {
        draw.svg.begin("g", &[("opacity", &length(flight.opacity))]);
        draw.one(flight);
        draw.svg.end();
    }
}

impl Draw<'_> {
    fn one(&mut self, flight: &Flight) {
        match flight.kind {
            FlightKind::Work(part) => self.work(flight.at, part),
            FlightKind::Lent => self.lent(flight),
            FlightKind::Token(kind) => self.token(flight, kind),
            FlightKind::Falling(kind) => {
                self.token(flight, kind);
                let (Point { x, y }, reach) = (flight.at, TOKEN_RADIUS * 0.9);
                let d = format!(
                    "M{} {}L{} {}M{} {}L{} {}",
                    length(x - reach),
                    length(y - reach),
                    length(x + reach),
                    length(y + reach),
                    length(x + reach),
                    length(y - reach),
                    length(x - reach),
                    length(y + reach)
                );
                self.stroke(&d, &self.inks.ground, "6");
                self.stroke(&d, &self.inks.bad, "3");
            }
        }
    }

    fn stroke(&mut self, d: &str, ink: &str, width: &str) {
        self.svg.empty("path", &[("d", d), ("fill", "none"), ("stroke", ink), ("stroke-width", width)]);
    }

    fn circle(&mut self, at: Point, radius: f64, fill: &str, ink: &str, width: &str) {
        let (x, y, radius) = (length(at.x), length(at.y), length(radius));
        let attributes =
            [("cx", x.as_str()), ("cy", &y), ("r", &radius), ("fill", fill), ("stroke", ink), ("stroke-width", width)];
        self.svg.empty("circle", &attributes);
    }

    fn text(&mut self, at: Point, text: &str, ink: &str) {
        let (x, y) = (length(at.x), length(at.y + 0.5));
        let attributes = [
            ("x", x.as_str()),
            ("y", &y),
            ("fill", ink),
            ("text-anchor", "middle"),
            ("dominant-baseline", "central"),
            ("font-size", "13"),
            ("font-weight", "700"),
        ];
        self.svg.with_text("text", &attributes, text);
    }

    fn token(&mut self, flight: &Flight, kind: TokenKind) {
        let inks = self.inks;
        let (at, colour) = (flight.at, flight.colour % COLOURS);
        let fill = inks.fill.get(colour).map_or("", String::as_str);
        match kind {
            TokenKind::Ack => return self.sign(at, "\u{2713}", &inks.good, true),
            TokenKind::Nack => return self.sign(at, "\u{2715}", &inks.bad, true),
            TokenKind::Confirm => return self.sign(at, "\u{2713}", &inks.good, false),
            TokenKind::Refusal => return self.sign(at, "\u{2715}", &inks.bad, false),
            TokenKind::DeadLetter => {
                let (Point { x, y }, reach) = (at, TOKEN_RADIUS * 1.35);
                let (left, right) = (length(x - reach), length(x + reach));
                let (up, down, x, y) = (length(y - reach), length(y + reach), length(x), length(y));
                let d = format!("M{x} {up}L{right} {y}L{x} {down}L{left} {y}Z");
                self.svg.empty("path", &[("d", &d), ("fill", fill), ("stroke", &inks.ground), ("stroke-width", "2")]);
            }
            TokenKind::Message | TokenKind::Redelivered | TokenKind::Returned => {
                self.circle(at, TOKEN_RADIUS, fill, &inks.ground, "2");
            }
        }
        self.text(at, &flight.letter.to_string(), inks.ink.get(colour).map_or("", String::as_str));
        if kind == TokenKind::Redelivered {
            self.circle(Point::new(at.x, at.y - TOKEN_RADIUS), 4.0, &inks.ground, "none", "0");
        }
        if kind == TokenKind::Returned {
            let badge = Point::new(at.x + TOKEN_RADIUS * 0.8, at.y - TOKEN_RADIUS * 0.8);
            self.circle(badge, 7.0, &inks.ground, &inks.bad, "2");
            self.text(badge, "\u{21a9}", &inks.bad);
        }
    }

    /// What is said of a message: in a circle by consumers, in a square by the broker.
    fn sign(&mut self, at: Point, sign: &str, ink: &str, is_round: bool) {
        if is_round {
            self.circle(at, SMALL_RADIUS, &self.inks.ground, ink, "2");
        } else {
            let (x, y) = (length(at.x - SMALL_RADIUS), length(at.y - SMALL_RADIUS));
            let side = length(2.0 * SMALL_RADIUS);
            let ground = &self.inks.ground;
            self.svg.empty(
                "rect",
                &[
                    ("x", &x),
                    ("y", &y),
                    ("width", &side),
                    ("height", &side),
                    ("fill", ground),
                    ("stroke", ink),
                    ("stroke-width", "2"),
                ],
            );
        }
        self.text(at, sign, ink);
    }

    fn lent(&mut self, flight: &Flight) {
        let colour = self.inks.fill.get(flight.colour % COLOURS).map_or("", String::as_str);
        self.circle(flight.at, TOKEN_RADIUS, &self.inks.ground, colour, "2.5");
        self.text(flight.at, &flight.letter.to_string(), &self.inks.text);
    }

    /// A ring that closes as the work goes on.
    fn work(&mut self, at: Point, part: f64) {
        let around = TAU * CLIENT_RADIUS;
        let (x, y, radius) = (length(at.x), length(at.y), length(CLIENT_RADIUS));
        let dashes = format!("{} {}", length(around * part.clamp(0.0, 1.0)), length(around));
        let turned = format!("rotate(-90 {x} {y})");
        self.svg.empty(
            "circle",
            &[
                ("cx", &x),
                ("cy", &y),
                ("r", &radius),
                ("fill", "none"),
                ("stroke", &self.inks.accent),
                ("stroke-width", "4"),
                ("stroke-dasharray", &dashes),
                ("transform", &turned),
            ],
        );
    }

    fn figure(&mut self, Figure { count, at, ready, unacked }: &Figure) {
        for (bar, ink) in [(ready, &self.inks.accent), (unacked, &self.inks.line)] {
            let Rect { x, y, width, height } = bar;
            if *width > 0.0 {
                let (x, y, width, height) = (length(*x), length(*y), length(*width), length(*height));
                self.svg.empty("rect", &[("x", &x), ("y", &y), ("width", &width), ("height", &height), ("fill", ink)]);
            }
        }
        let (x, y) = (length(at.x), length(at.y));
        self.svg.with_text(
            "text",
            &[
                ("x", &x),
                ("y", &y),
                ("fill", &self.inks.text),
                ("text-anchor", "end"),
                ("dominant-baseline", "central"),
                ("font-size", "14"),
                ("font-weight", "600"),
            ],
            &short(*count),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::MessageId;

    #[test]
    fn each_kind_is_drawn_in_its_own_way() {
        let kinds = [
            TokenKind::Message,
            TokenKind::Redelivered,
            TokenKind::DeadLetter,
            TokenKind::Returned,
            TokenKind::Ack,
            TokenKind::Nack,
            TokenKind::Confirm,
            TokenKind::Refusal,
        ];
        let all = kinds.map(FlightKind::Token).into_iter().chain([
            FlightKind::Lent,
            FlightKind::Falling(TokenKind::Message),
            FlightKind::Work(0.25),
        ]);
        let drawn: Vec<String> = all
            .map(|kind| {
                let at = Point::new(10.0, 20.0);
                let flight =
                    Flight { at, kind, colour: 9, letter: '<', message: MessageId(1), opacity: 0.5, rests: false };
                let mut svg = Svg::default();
                let inks = Inks { good: "green".into(), bad: "red".into(), ..Inks::default() };
                draw(&mut svg, &[flight], &[], &inks);
                svg.finish()
            })
            .collect();
        for (place, text) in drawn.iter().enumerate() {
            assert!(!text.contains("<<") && text.contains("opacity=\"0.5\""), "{text}");
            assert!(!drawn[..place].contains(text), "{text}");
        }
    }
}
