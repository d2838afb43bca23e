//! What will go wrong: the checker's problems as a list with their fixes, and as signs at the nodes they are about.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::edit::{End, Found, Kind};
use crate::view::camera::Camera;
use crate::view::check::{Problem, RULES, Severity};
use crate::view::geometry::Point;
use crate::view::layout::{CLIENT_RADIUS, EXCHANGE_SIZE, Layout, Placed};
use crate::view::{EdgeId, NodeId, Select};

use super::engine::Engine;
use super::story::told;
use crate::share::link::EXAMPLE;

/// Below this scale nobody could read a sign.
const SCALE_MIN: f64 = 0.5;
/// Half of a sign's width.
const SIGN: f64 = 10.0;

/// What is shown.
#[derive(Clone, PartialEq, Properties)]
pub struct ProblemsProps {
    /// Mends.
    pub engine: Rc<Engine>,
    /// The problems, the gravest first.
    pub problems: Rc<Vec<Problem>>,
    /// Selects.
    pub on_select: Callback<Select>,
}

/// The list of problems.
#[component]
pub fn Problems(props: &ProblemsProps) -> Html {
    let list = props.problems.iter().enumerate().map(|(place, problem)| item(place, problem, props));
    html! {
        <div class="problems">
            <p class="empty" role="status">{ heading(&props.problems) }</p>
            <ol>{ for list }</ol>
            <details>
                <summary>{ format!("What is looked for: {} rules", RULES.len()) }</summary>
                <p>{ "The scenario is read as RabbitMQ would take it: what is declared, what is published and where that goes, who consumes and how. Nothing is played for it." }</p>
                <ul>{ for RULES.iter().map(|rule| html! { <li key={rule.id}>{ rule.title }</li> }) }</ul>
            </details>
        </div>
    }
}

fn heading(problems: &[Problem]) -> String {
    match problems {
        [] => "No problems found.".to_owned(),
        [_] => "1 problem found.".to_owned(),
        all => format!("{} problems found.", all.len()),
    }
}

fn item(place: usize, problem: &Problem, props: &ProblemsProps) -> Html {
    let rule = problem.rule;
    let lesson = format!("{EXAMPLE}{}", rule.lesson);
    html! {
        <li key={format!("{} {}", rule.id, problem.place)} class={class(rule.severity)} aria-labelledby={format!("problem-{place}")}>
            <h3 id={format!("problem-{place}")}>
                <svg viewBox="-12 -12 24 24" aria-hidden="true">{ outline(rule.severity) }</svg>
                <span class="severity">{ rule.severity.word() }</span>{ ": " }{ rule.title }
            </h3>
            <p>{ told(problem.sentence.parts()) }</p>
            <p class="where">{ "Where: " }{ place_of(problem, props) }</p>
            if let Some(command) = &problem.fix {
                <p>{ fix(command, problem, props) }</p>
            }
            <p class="more">
                { "Example: " }<a href={lesson}>{ rule.lesson }</a>
                { ". RabbitMQ\u{2019}s documentation: " }<cite>{ rule.docs }</cite>
            </p>
        </li>
    }
}

/// The place, which can be selected if it is in the picture.
fn place_of(problem: &Problem, props: &ProblemsProps) -> Html {
    let place = &problem.place;
    let words = place.to_string();
    let node = |end: &End| node_of(&props.engine, end);
    let select = match &place.to {
        Some(to) => {
            node(&place.end).zip(node(to)).map(|(from, to)| Select::Edge(EdgeId { from, to, is_alternate: false }))
        }
        None => node(&place.end).map(Select::Only),
    };
    match select {
        Some(select) => {
            let onclick = props.on_select.reform(move |_: MouseEvent| select.clone());
            html! { <button type="button" class="quiet" title="Select it" {onclick}>{ words }</button> }
        }
        None => html! { <span>{ words }</span> },
    }
}

fn fix(command: &crate::edit::Command, problem: &Problem, props: &ProblemsProps) -> Html {
    let line = command.to_string();
    let onclick = {
        let (engine, command) = (props.engine.clone(), command.clone());
        move |_: MouseEvent| {
            // What came of it is said where commands are typed. The button goes with its problem.
            if engine.attempt(&command).is_ok() {
                focus_panel();
            }
        }
    };
    let name = format!("Fix {}: {line}", problem.place);
    html! { <button type="button" class="fix" aria-label={name} {onclick}>{ "Fix: " }<code>{ line }</code></button> }
}

fn focus_panel() {
    let document = web_sys::window().and_then(|window| window.document());
    let panel = document.and_then(|document| document.get_element_by_id("panel"));
    if let Some(panel) = panel.and_then(|panel| panel.dyn_into::<HtmlElement>().ok()) {
        // It can be focused as long as it is there.
        let _ = panel.focus();
    }
}

/// The node of an end, if there is one.
fn node_of(engine: &Engine, end: &End) -> Option<NodeId> {
    if matches!(end.kind, Kind::Policy | Kind::Vhost) {
        return None;
    }
    let found = Found { kind: end.kind, index: 0, vhost: end.vhost.to_string(), name: end.name.to_string() };
    engine.node_of(&found)
}

fn class(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "problem error",
        Severity::Warning => "problem warning",
        Severity::Note => "problem note",
    }
}

/// A sign around the origin: an octagon, a triangle, a circle, each with a mark of its own.
fn outline(severity: Severity) -> Html {
    let (shape, mark) = match severity {
        Severity::Error => ("M -4 -10 H 4 L 10 -4 V 4 L 4 10 H -4 L -10 4 V -4 Z", "M -4 -4 L 4 4 M 4 -4 L -4 4"),
        Severity::Warning => ("M 0 -10 L 11 9 H -11 Z", "M 0 -4 V 2 M 0 5 V 6"),
        Severity::Note => ("M -10 0 A 10 10 0 1 1 10 0 A 10 10 0 1 1 -10 0", "M 0 -1 V 6 M 0 -6 V -5"),
    };
    html! { <><path class="sign-shape" d={shape} /><path class="sign-mark" d={mark} /></> }
}

/// What is marked in the picture.
#[derive(Clone, Properties)]
pub struct MarksProps {
    /// Finds nodes.
    pub engine: Rc<Engine>,
    /// Where everything stands.
    pub layout: Rc<Layout>,
    /// Which part of it is seen, and how large.
    pub camera: Camera,
    /// The problems, the gravest first.
    pub problems: Rc<Vec<Problem>>,
}

impl PartialEq for MarksProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.layout, &other.layout)
            && Rc::ptr_eq(&self.problems, &other.problems)
            && (self.camera, &self.engine) == (other.camera, &other.engine)
    }
}

/// A sign at every node that has a problem; none in a crowd. Who listens hears the same from the list.
#[component]
pub fn ProblemMarks(props: &MarksProps) -> Html {
    let Camera { origin, scale } = props.camera;
    let seen = format!("scale({scale}) translate({} {})", -origin.x, -origin.y);
    let is_shown = scale >= SCALE_MIN && !props.layout.is_crowded() && !props.problems.is_empty();
    html! {
        <svg class="signs marks" aria-hidden="true">
            <g transform={seen}>
                if is_shown {
                    { for marked(props).iter().map(mark) }
                }
            </g>
        </svg>
    }
}

/// The nodes with problems, each with its gravest and with what is to be said of all.
fn marked(props: &MarksProps) -> Vec<(NodeId, Point, Severity, String)> {
    let mut all: Vec<(NodeId, Point, Severity, String)> = Vec::new();
    for problem in props.problems.iter() {
        let Some(node) = node_of(&props.engine, &problem.place.end) else { continue };
        let words = format!("{}: {}", problem.rule.severity.word(), problem.rule.title);
        if let Some((.., said)) = all.iter_mut().find(|(other, ..)| *other == node) {
            said.push('\n');
            said.push_str(&words);
        } else if let Some(placed) = props.layout.node(&node) {
            all.push((node, corner(placed), problem.rule.severity, words));
        }
    }
    all
}

/// Where nothing of a node is: left above it.
fn corner(placed: &Placed) -> Point {
    let half = if placed.node.shape.is_client() {
        (CLIENT_RADIUS, CLIENT_RADIUS)
    } else if placed.node.shape == crate::view::graph::Shape::Exchange {
        (EXCHANGE_SIZE.0 / 2.0, EXCHANGE_SIZE.1 / 2.0)
    } else {
        return Point::new(placed.rect.x - SIGN * 0.4, placed.rect.y - SIGN * 0.4);
    };
    Point::new(placed.centre.x - half.0, placed.centre.y - half.1)
}

fn mark((node, at, severity, words): &(NodeId, Point, Severity, String)) -> Html {
    html! {
        <g key={format!("{node:?}")} class={class(*severity)} transform={format!("translate({} {})", at.x, at.y)}>
            <title>{ words.clone() }</title>
            { outline(*severity) }
        </g>
    }
}
