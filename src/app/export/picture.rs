//! The picture as it is seen, as an SVG that needs nothing beside it: each element has the style that the page gives it.
//!
//! What always holds: the browser writes the names, as text; what only serves hands and keys is left out.

use wasm_bindgen::JsCast;
use web_sys::{CssStyleDeclaration, Document, Element, SvgElement, Window, XmlSerializer};

use crate::view::export::tokens::Inks;
use crate::view::svg::Svg;

use crate::app::engine::Engine;
use crate::app::theme::{Theme, in_theme};

/// What elements have from those around them, if nobody says anything else.
const INHERITED: [&str; 17] = [
    "fill",
    "fill-opacity",
    "stroke",
    "stroke-opacity",
    "stroke-width",
    "stroke-dasharray",
    "stroke-linecap",
    "stroke-linejoin",
    "font-family",
    "font-size",
    "font-weight",
    "font-style",
    "letter-spacing",
    "text-anchor",
    "dominant-baseline",
    "paint-order",
    "visibility",
];

/// What a person who reads the file needs of an element's attributes begins otherwise.
const LEFT_OUT: [&str; 4] = ["class", "role", "tabindex", "style"];

fn window() -> Option<(Window, Document)> {
    let window = web_sys::window()?;
    let document = window.document()?;
    Some((window, document))
}

/// The colours of the page as they are now.
pub fn inks() -> Inks {
    let style =
        window().and_then(|(window, document)| window.get_computed_style(&document.document_element()?).ok()?);
    let Some(style) = style else { return Inks::default() };
    let read = |name: &str| value(&style, name).trim().to_owned();
    Inks {
        fill: std::array::from_fn(|colour| read(&format!("--k{colour}"))),
        ink: std::array::from_fn(|colour| read(&format!("--k{colour}-ink"))),
        ground: read("--ground"),
        good: read("--good"),
        bad: read("--bad"),
        accent: read("--accent"),
        text: read("--text"),
        line: read("--line"),
    }
}

fn value(style: &CssStyleDeclaration, name: &str) -> String {
    style.get_property_value(name).unwrap_or_default()
}

/// The picture in a theme, and how large it is, CSS pixels. None if there is no picture.
pub fn svg(engine: &Engine, title: &str, theme: Theme) -> Option<(String, (f64, f64))> {
    in_theme(theme, || shown(engine, title))
}

fn shown(engine: &Engine, title: &str) -> Option<(String, (f64, f64))> {
    let (window, document) = window()?;
    let inks = inks();
    let (moving, room) = engine.moving(&inks)?;
    let stage = document.query_selector(".stage").ok()??;
    let font = value(&window.get_computed_style(&stage).ok()??, "font-family");
    let mut out = Svg::new(room.0, room.1, title);
    out.empty("rect", &[("width", "100%"), ("height", "100%"), ("fill", &inks.ground)]);
    out.begin("g", &[("font-family", &font)]);
    let children = stage.children();
    for place in 0..children.length() {
        let Some(child) = children.item(place).filter(|child| child.tag_name() == "svg") else { continue };
        if !child.class_list().contains("minimap") {
            out.append(&written(&window, &child)?);
        }
    }
    out.append(&moving);
    Some((out.finish(), room))
}

/// An element as text, with its style in it.
fn written(window: &Window, original: &Element) -> Option<String> {
    let copy: Element = original.clone_node_with_deep(true).ok()?.dyn_into().ok()?;
    let (from, to) = (original.query_selector_all("*").ok()?, copy.query_selector_all("*").ok()?);
    dress(window, original, &copy);
    for place in 0..from.length() {
        let original = from.item(place).and_then(|node| node.dyn_into::<Element>().ok());
        let copied = to.item(place).and_then(|node| node.dyn_into::<Element>().ok());
        if let Some((original, copied)) = original.zip(copied) {
            dress(window, &original, &copied);
        }
    }
    XmlSerializer::new().ok()?.serialize_to_string(&copy).ok()
}

/// Gives a copy the style of its original; takes away what is not seen.
fn dress(window: &Window, original: &Element, copy: &Element) {
    let computed = |element: &Element| window.get_computed_style(element).ok().flatten();
    let Some(style) = computed(original) else { return };
    let opacity = value(&style, "opacity");
    if value(&style, "display") == "none" || opacity == "0" {
        return copy.remove();
    }
    for name in copy.get_attribute_names().iter().filter_map(|name| name.as_string()) {
        if LEFT_OUT.contains(&name.as_str()) || name.starts_with("aria-") || name.starts_with("data-") {
            // It is there.
            let _ = copy.remove_attribute(&name);
        }
    }
    let around = original.parent_element().filter(|parent| parent.closest("svg").ok().flatten().is_some());
    let around = around.and_then(|parent| computed(&parent));
    let mut own = String::new();
    for name in INHERITED {
        let is = value(&style, name);
        if around.as_ref().is_none_or(|around| value(around, name) != is) {
            own.push_str(&format!("{name}:{is};"));
        }
    }
    if opacity != "1" {
        own.push_str(&format!("opacity:{opacity};"));
    }
    if !own.is_empty() {
        // By the browser's own interface: the page's policy allows no text as a style.
        copy.unchecked_ref::<SvgElement>().style().set_css_text(&own);
    }
}
