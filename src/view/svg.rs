//! Writing SVG as text: a file that says all it needs and runs nothing.
//!
//! What always holds: whatever comes from outside is an attribute's value or text, never markup; signs that XML cannot hold are
//! left out.

/// Text as it stands in XML, between tags or quotation marks.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(' '),
            sign if sign.is_control() || matches!(sign, '\u{fffe}' | '\u{ffff}') => {}
            sign => out.push(sign),
        }
    }
    out
}

/// A picture that is being written.
#[derive(Debug, Default)]
pub struct Svg {
    text: String,
    open: Vec<&'static str>,
}

/// A length as text: at most two digits behind the point.
pub fn length(number: f64) -> String {
    let rounded = (number * 100.0).round() / 100.0;
    if rounded == 0.0 { "0".to_owned() } else { rounded.to_string() }
}

impl Svg {
    /// A picture of that size, pixels, with a title for those who do not see it.
    pub fn new(width: f64, height: f64, title: &str) -> Self {
        let mut svg = Svg::default();
        let (across, down) = (length(width), length(height));
        let view = format!("0 0 {across} {down}");
        let xmlns = "http://www.w3.org/2000/svg";
        svg.begin(
            "svg",
            &[("xmlns", xmlns), ("width", &across), ("height", &down), ("viewBox", &view), ("role", "img")],
        );
        svg.with_text("title", &[], title);
        svg
    }

    fn tag(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.text.push('<');
        self.text.push_str(name);
        for (key, value) in attributes {
            self.text.push_str(&format!(" {key}=\"{}\"", escaped(value)));
        }
    }

    /// An element that holds the next ones, until it is ended.
    pub fn begin(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.text.push('>');
        self.open.push(name);
    }

    /// Ends the one that was begun last.
    pub fn end(&mut self) {
        if let Some(name) = self.open.pop() {
            self.text.push_str(&format!("</{name}>\n"));
        }
    }

    /// An element with nothing in it.
    pub fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.text.push_str("/>\n");
    }

    /// An element with text in it.
    pub fn with_text(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.tag(name, attributes);
        self.text.push_str(&format!(">{}</{name}>\n", escaped(text)));
    }

    /// What another one of these wrote, or the browser.
    pub fn append(&mut self, written: &str) {
        self.text.push_str(written);
    }

    /// The whole text.
    pub fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.end();
        }
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_is_markup() {
        let mut svg = Svg::new(10.0, 20.5, "a</title><script>");
        svg.empty("rect", &[("data-name", "\" onload=\"x")]);
        svg.with_text("text", &[], "]]>\u{1}&\n");
        let text = svg.finish();
        assert!(!text.contains("<script") && !text.contains("onload=\"x"), "{text}");
        assert!(text.contains("]]&gt;&amp; </text>") && text.ends_with("</svg>\n"), "{text}");
        assert!(text.contains("width=\"10\" height=\"20.5\""), "{text}");
    }
}
