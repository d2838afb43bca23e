//! A sequence diagram as an SVG file.

use super::plan::{Arrow, Diagram, HEAD, LEFT};
use crate::view::svg::{Svg, length};

/// The colours of the page, as CSS writes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colours {
    /// Behind everything.
    pub ground: String,
    /// Text.
    pub text: String,
    /// What matters less.
    pub soft: String,
    /// Lines.
    pub line: String,
    /// Boxes.
    pub body: String,
    /// The moment.
    pub accent: String,
    /// What went wrong.
    pub bad: String,
}

const FONT: &str = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

impl Diagram {
    /// The whole diagram as a file.
    pub fn svg(&self, title: &str, colours: &Colours) -> String {
        let mut svg = Svg::new(self.width, self.height, title);
        svg.empty("rect", &[("width", "100%"), ("height", "100%"), ("fill", &colours.ground)]);
        svg.begin("g", &[("font-family", FONT), ("font-size", "13")]);
        for line in &self.lifelines {
            let (x, y2) = (length(line.x), length(self.height - 8.0));
            svg.empty(
                "line",
                &[
                    ("x1", &x),
                    ("x2", &x),
                    ("y1", &length(HEAD)),
                    ("y2", &y2),
                    ("stroke", &colours.line),
                    ("stroke-dasharray", "3 4"),
                ],
            );
            svg.begin("g", &[]);
            svg.with_text("title", &[], &line.title);
            let attributes = [("x", x.as_str()), ("text-anchor", "middle"), ("y", "24"), ("fill", &colours.text)];
            svg.with_text("text", &[&attributes[..], &[("font-weight", "600")]].concat(), &line.name);
            let attributes = [("x", x.as_str()), ("text-anchor", "middle"), ("y", "41"), ("fill", &colours.soft)];
            svg.with_text("text", &attributes, line.kind);
            svg.end();
        }
        for (y, at_ms) in &self.times {
            let (x, y) = (length(LEFT - 10.0), length(y + 4.0));
            let text = format!("{}.{} s", at_ms / 1_000, at_ms % 1_000 / 100);
            svg.with_text("text", &[("x", &x), ("y", &y), ("text-anchor", "end"), ("fill", &colours.soft)], &text);
        }
        for arrow in &self.arrows {
            draw_arrow(&mut svg, arrow, colours);
        }
        svg.finish()
    }
}

fn draw_arrow(svg: &mut Svg, arrow: &Arrow, colours: &Colours) {
    let ink = if arrow.to.is_none() { &colours.bad } else { &colours.text };
    svg.begin("g", &[("opacity", if arrow.is_future { "0.45" } else { "1" })]);
    svg.with_text("title", &[], &arrow.title);
    let dashes = if arrow.is_dashed() { "6 4" } else { "none" };
    let d = arrow.path();
    svg.empty(
        "path",
        &[("d", &d), ("fill", "none"), ("stroke", ink), ("stroke-width", "1.5"), ("stroke-dasharray", dashes)],
    );
    svg.empty("path", &[("d", &arrow.head()), ("fill", "none"), ("stroke", ink), ("stroke-width", "1.8")]);
    let at = arrow.label_at();
    let anchor = if arrow.to.is_some() { "middle" } else { "start" };
    let (x, y) = (length(at.x), length(at.y));
    svg.with_text(
        "text",
        &[
            ("x", &x),
            ("y", &y),
            ("text-anchor", anchor),
            ("fill", ink),
            ("stroke", &colours.ground),
            ("stroke-width", "3"),
            ("paint-order", "stroke"),
        ],
        &arrow.label,
    );
    svg.end();
}

impl Arrow {
    /// Its line, as a path.
    pub fn path(&self) -> String {
        match self.to {
            Some(to) => {
                format!("M{} {}L{} {}", length(self.from.x), length(self.from.y), length(to.x), length(to.y))
            }
            None => String::from("M0 0"),
        }
    }

    /// Its head, as a path; a cross where something ends.
    pub fn head(&self) -> String {
        let Some(to) = self.to else {
            let (x, y) = (self.from.x, self.from.y);
            let cross = |dx: f64, dy: f64| {
                format!("M{} {}L{} {}", length(x - dx), length(y - dy), length(x + dx), length(y + dy))
            };
            return format!("{}{}", cross(5.0, 5.0), cross(5.0, -5.0));
        };
        let (dx, dy) = (to.x - self.from.x, to.y - self.from.y);
        let far = dx.hypot(dy).max(1.0);
        let (ux, uy) = (dx / far, dy / far);
        let back = |side: f64| {
            let (x, y) = (to.x - 8.0 * ux - side * 4.5 * uy, to.y - 8.0 * uy + side * 4.5 * ux);
            format!("{} {}", length(x), length(y))
        };
        format!("M{}L{} {}L{}", back(1.0), length(to.x), length(to.y), back(-1.0))
    }
}
