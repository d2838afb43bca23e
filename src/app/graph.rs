//! The graph as SVG: nodes that can be focused and selected, edges with their binding keys.

use std::rc::Rc;

use yew::prelude::*;

use crate::broker::Name;
use crate::edit::hint::empty_hint;
use crate::view::camera::Camera;
use crate::view::crowd::{Spotlight, faintness};
use crate::view::flow::Flows;
use crate::view::geometry::{Point, Rect};
use crate::view::graph::{EdgeId, EdgeKind, Shape, exchange_name};
use crate::view::layout::{self, Drawn, Layout, Placed};
use crate::view::tables::accessible_name;
use crate::view::why::Missed;
use crate::view::{Board, NodeId, Select, Selection};

use super::overlay::Meanwhile;
use super::same::Same;
use super::shapes::body;

/// What the graph shows.
#[derive(Clone, Properties)]
pub struct GraphProps {
    /// Where everything stands.
    pub layout: Rc<Layout>,
    /// Which part of it is seen, and how large.
    pub camera: Camera,
    /// How much room there is, CSS pixels across and down.
    pub room: (f64, f64),
    /// What is in it.
    pub board: Rc<Board>,
    /// How much goes along edges, where that is seen.
    pub flows: Rc<Flows>,
    /// What is selected.
    pub selection: Rc<Selection>,
    /// Selects something else.
    pub on_select: Callback<Select>,
    /// What the message that is followed passed by.
    pub missed: Rc<Vec<Missed>>,
    /// What a hand is at.
    pub meanwhile: Meanwhile,
    /// Where a line begins that is drawn by keys.
    pub linking: Option<NodeId>,
    /// What a hand draws over all.
    pub over: Html,
}

impl PartialEq for GraphProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.layout, &other.layout)
            && Rc::ptr_eq(&self.board, &other.board)
            && Rc::ptr_eq(&self.flows, &other.flows)
            && self.missed == other.missed
            && (self.camera, self.room) == (other.camera, other.room)
            && (&self.selection, &self.on_select) == (&other.selection, &other.on_select)
            && (&self.meanwhile, &self.linking, &self.over) == (&other.meanwhile, &other.linking, &other.over)
    }
}

/// The graph.
#[component]
pub fn GraphView(props: &GraphProps) -> Html {
    let layout = &props.layout;
    let (width, height) = props.room;
    let Camera { origin, scale } = props.camera;
    let seen = format!("scale({scale}) translate({} {})", -origin.x, -origin.y);
    // What is to be met by a finger stays large enough however small all else is.
    let grown = format!("--grown:{:.2}", (1.0 / scale).clamp(0.6, 3.0));
    let lit =
        use_memo((Same(layout.clone()), props.selection.clone()), |(layout, chosen)| Spotlight::on(chosen, layout));
    let (is_lit, is_crowded) = (lit.is_some(), layout.is_crowded());
    let faint = faintness(layout, is_lit);
    let labels = html! {
        <LabelsView layout={layout.clone()} missed={props.missed.clone()} scale={scale} selection={props.selection.clone()} flows={props.flows.clone()} />
    };
    html! {
        <svg
            role="group"
            aria-label="Producers, exchanges, queues and consumers"
            width={width.to_string()}
            height={height.to_string()}
        >
            <defs>
                { arrow("arrow", None) }
                { arrow("faint-arrow", Some(faint)) }
            </defs>
            if props.board.is_down {
                <text class="bad" x="16" y="28">{ "Broker stopped" }</text>
            }
            <g transform={seen} ~style={grown}>
                <LinesView layout={layout.clone()} missed={props.missed.clone()} levels={props.flows.levels(layout)} chosen={props.selection.edge().cloned()} moving={props.meanwhile.moving.clone()} lit={lit.clone()} />
                if !is_crowded { { labels.clone() } }
                <g class={classes!("nodes", is_lit.then_some("dimmed"))}>{ for (0..layout.nodes.len()).map(|place| node(place, props, &lit)) }</g>
                if is_crowded { { labels } }
                { props.over.clone() }
            </g>
        </svg>
    }
}

/// What a line ends in; what it is called, and how opaque it is if that is told. It does not take it from the line.
fn arrow(id: &'static str, opacity: Option<f64>) -> Html {
    html! {
        <marker {id} viewBox="0 0 10 10" refX="9" refY="5" markerWidth="16" markerHeight="16" markerUnits="userSpaceOnUse" orient="auto">
            <path d="M 0 1 L 9 5 L 0 9 z" class="arrowhead" fill-opacity={opacity.map(|opacity| format!("{opacity:.2}"))} />
        </marker>
    }
}

/// A virtual host; if there is nothing in it, with what can be done about that.
fn frame((name, rect): &(Name, Rect), is_empty: bool) -> Html {
    let line = |number: f64, words: String| {
        html! { <text class="note" x={(rect.x + 14.0).to_string()} y={(rect.y + 30.0 + 22.0 * number).to_string()}>{ words }</text> }
    };
    html! {
        <g key={name.to_string()} class={classes!("frame", is_empty.then_some("empty"))}>
            <rect rx="14" x={rect.x.to_string()} y={rect.y.to_string()}
                width={rect.width.to_string()} height={rect.height.to_string()} />
            <text x={(rect.x + 14.0).to_string()} y={(rect.y + 24.0).to_string()}>{ format!("Virtual host {name}") }</text>
            if is_empty {
                { line(1.0, "Nothing is in it yet: double-click here,".to_owned()) }
                { line(2.0, format!("or type {}", empty_hint(name))) }
            }
        </g>
    }
}

fn key(drawn: &Drawn) -> String {
    let kind = if drawn.edge.kind == EdgeKind::Alternate { "alternate " } else { "" };
    format!("{kind}{} {}", id(&drawn.edge.from), id(&drawn.edge.to))
}

/// Stands for a node in keys and ids.
fn id(node: &NodeId) -> String {
    match node {
        NodeId::Client(client) => format!("client {}", client.0),
        NodeId::Exchange(resource) => format!("exchange {} {}", resource.vhost, resource.name),
        NodeId::Queue(resource) => format!("queue {} {}", resource.vhost, resource.name),
    }
}

/// A line, which may stand out from what is faint. Each has its opacity without a group of its own: a browser paints
/// hundreds of those anew with every focus.
fn line(drawn: &Drawn, level: u8, stands_out: bool, props: &LinesProps) -> Html {
    let [a, b, c, d] = drawn.curve.0;
    let path = format!("M {} {} C {} {} {} {} {} {}", a.x, a.y, b.x, b.y, c.x, c.y, d.x, d.y);
    let kind = match drawn.edge.kind {
        EdgeKind::Publish => "line publish",
        EdgeKind::Binding => "line binding",
        EdgeKind::Implied => "line implied",
        EdgeKind::Consume => "line consume",
        EdgeKind::DeadLetter => "line dead-letter",
        EdgeKind::Alternate => "line alternate",
    };
    // What flows along it makes it thicker.
    let flow =
        ["", "flow-1", "flow-2", "flow-3", "flow-4", "flow-5"].get(usize::from(level)).copied().unwrap_or_default();
    let is_chosen = props.chosen.as_ref().is_some_and(|chosen| *chosen == drawn.edge.id());
    let is_elsewhere = props.moving.contains(&drawn.edge.from) || props.moving.contains(&drawn.edge.to);
    let class = classes!(kind, flow, is_chosen.then_some("chosen"), is_elsewhere.then_some("elsewhere"));
    let class = classes!(class, why_missed(&props.missed, drawn).map(|_| "missed"));
    let arrow = if stands_out { "url(#arrow)" } else { "url(#faint-arrow)" };
    html! { <path key={key(drawn)} {class} d={path} marker-end={arrow} stroke-opacity={stands_out.then_some("1")} /> }
}

/// From this scale on labels have the size they are laid out in; below it they stay as large as they are then.
const LEGIBLE: f64 = 0.8;
/// Below this scale nodes are drawn as they are seen from afar: a shape and a name that is as large as can be.
const FAR: f64 = 0.5;
/// The scale at which a name from afar would have its usual size.
const FAR_NAMES: f64 = 0.75;
/// Of more nodes, only the labels at the selected one are shown from afar.
const MANY: usize = 30;
/// Of a crowd, the labels at the selected node: so many at most.
const LABELS_MAX: usize = 60;

/// The labels, those at the selected node first; none that is shown covers another, whatever the scale.
fn labels(props: &LabelsProps) -> Vec<Html> {
    let layout = &props.layout;
    let grown = (LEGIBLE / props.scale).max(1.0);
    let is_meant = |drawn: &&Drawn| {
        props.selection.nodes().iter().any(|selected| drawn.edge.from == *selected || drawn.edge.to == *selected)
    };
    let (first, rest): (Vec<&Drawn>, Vec<&Drawn>) = layout.edges.iter().partition(is_meant);
    let placed = |drawn: &Drawn| {
        let (text, rect) = drawn.label.clone().or_else(|| {
            let flow = props.flows.per_second(&drawn.edge.from, &drawn.edge.to);
            let flow = (flow > 0).then(|| format!("{flow}/s"));
            let text = match (layout::label(&drawn.edge), flow) {
                (Some(key), Some(flow)) => format!("{key}: {flow}"),
                (text, flow) => text.or(flow)?,
            };
            let (width, height) = layout::label_size(&text);
            Some((text, Rect::around(drawn.curve.at(0.5), width, height)))
        })?;
        Some((text, Rect::around(rect.centre(), rect.width * grown, rect.height * grown)))
    };
    let crowd = layout.is_crowded() || (props.scale < FAR && layout.nodes.len() > MANY);
    let first = first.into_iter().filter(|_| !crowd || !props.selection.is_empty()).take(LABELS_MAX);
    let rest = rest.into_iter().filter(|_| !crowd);
    let mut shown: Vec<Rect> = Vec::new();
    let mut all = Vec::new();
    for drawn in first.chain(rest) {
        let Some((text, rect)) = placed(drawn) else { continue };
        let is_shown = !shown.iter().any(|other| other.overlaps(&rect));
        if is_shown {
            shown.push(rect);
        }
        all.push(label(drawn, (&text, rect), grown, is_shown, why_missed(&props.missed, drawn)));
    }
    all
}

/// Why the message that is followed did not go along an edge.
fn why_missed<'a>(missed: &'a [Missed], drawn: &Drawn) -> Option<&'a str> {
    missed.iter().find(|missed| missed.edge == drawn.edge.id()).map(|missed| missed.words.as_str())
}

/// What an edge says of itself.
fn spoken(drawn: &Drawn) -> String {
    let name = |node: &NodeId| match node {
        NodeId::Exchange(resource) => exchange_name(&resource.name).to_string(),
        NodeId::Queue(resource) => resource.name.to_string(),
        NodeId::Client(_) => String::new(),
    };
    let (from, to) = (name(&drawn.edge.from), name(&drawn.edge.to));
    let all: Vec<&str> = drawn.edge.labels.iter().map(|label| label.as_str()).collect();
    match drawn.edge.kind {
        EdgeKind::DeadLetter => format!("Dead letters of {from} go to {to}: {}", all.join(", ")),
        EdgeKind::Alternate => format!("What {from} has no queue for goes to its alternate exchange {to}"),
        _ => format!("Binding from {from} to {to} with binding key {}", all.join(", ")),
    }
}

/// An edge's label, on its line; one that would cover another is seen when the pointer is there.
fn label(drawn: &Drawn, (text, rect): (&str, Rect), grown: f64, is_shown: bool, missed: Option<&str>) -> Html {
    let (middle, spoken) = (rect.centre(), spoken(drawn));
    let spoken =
        missed.map_or(spoken.clone(), |why| format!("{spoken}. The message that is followed did not go here: {why}"));
    let class = match drawn.edge.kind {
        EdgeKind::DeadLetter | EdgeKind::Alternate => "relation",
        _ => "code",
    };
    html! {
        <g key={key(drawn)} class={classes!("label", (!is_shown).then_some("covered"), missed.map(|_| "missed"))} role="img" aria-label={spoken.clone()}>
            <title>{ spoken }</title>
            <rect class="plate" rx={(6.0 * grown).to_string()} x={rect.x.to_string()} y={rect.y.to_string()}
                width={rect.width.to_string()} height={rect.height.to_string()} />
            <text {class} text-anchor="middle" ~style={format!("font-size:{:.1}px", 14.0 * grown)}
                x={middle.x.to_string()} y={(middle.y + 5.0 * grown).to_string()}>{ text.to_owned() }</text>
        </g>
    }
}

/// A node's name, and its features in words.
fn node_name(placed: &Placed, board: &Board) -> String {
    let mut name = accessible_name(board, &placed.node.id);
    for badge in &placed.node.badges {
        name.push_str(", ");
        name.push_str(&badge.words);
    }
    name
}

/// Whether a line can begin at a node.
fn is_source(placed: &Placed) -> bool {
    !matches!(placed.node.shape, Shape::Consumer | Shape::RpcServer)
}

/// Where lines are drawn from.
fn handle(at: Point) -> Html {
    let (x, y) = (at.x.to_string(), at.y.to_string());
    html! {
        <g class="handle" aria-hidden="true">
            <title>{ "Drag to what messages shall go to" }</title>
            <circle class="reach" cx={x.clone()} cy={y.clone()} />
            <circle class="knob" cx={x} cy={y} />
        </g>
    }
}

/// The frames of virtual hosts and the lines. They are rendered when the layout is another one, or a line is
/// thicker, chosen or moved.
#[derive(Clone, Properties)]
struct LinesProps {
    layout: Rc<Layout>,
    levels: Vec<u8>,
    missed: Rc<Vec<Missed>>,
    /// The one that is selected.
    chosen: Option<EdgeId>,
    /// Whose lines are drawn elsewhere.
    moving: Vec<NodeId>,
    /// What stays bright in a crowd.
    lit: Rc<Option<Spotlight>>,
}

impl PartialEq for LinesProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.layout, &other.layout)
            && self.levels == other.levels
            && self.missed == other.missed
            && self.chosen == other.chosen
            && self.moving == other.moving
            && self.lit == other.lit
    }
}

#[component]
fn LinesView(props: &LinesProps) -> Html {
    let layout = &props.layout;
    let frames = layout.frames();
    let lit = props.lit.as_ref().as_ref();
    let own = lit.into_iter().flat_map(|lit| &lit.edges).filter_map(|place| {
        let (drawn, level) = (layout.edges.get(*place)?, props.levels.get(*place)?);
        Some(line(drawn, *level, true, props))
    });
    html! {
        <>
            <g class="frames">{ for frames.iter().map(|frame| self::frame(frame, layout.empty.contains(frame))) }</g>
            <g class="lines" aria-hidden="true" stroke-opacity={format!("{:.2}", faintness(layout, lit.is_some()))}>
                { for layout.edges.iter().zip(&props.levels).map(|(drawn, level)| line(drawn, *level, *level > 0 && lit.is_none(), props)) }
            </g>
            <g class="own" aria-hidden="true">{ for own }</g>
        </>
    }
}

/// What is said of edges. It is rendered when the layout, the scale or the selection is another one, or what flows along
/// a selected edge of a crowd.
#[derive(Clone, Properties)]
struct LabelsProps {
    layout: Rc<Layout>,
    scale: f64,
    selection: Rc<Selection>,
    flows: Rc<Flows>,
    missed: Rc<Vec<Missed>>,
}

impl PartialEq for LabelsProps {
    fn eq(&self, other: &Self) -> bool {
        let same_flows =
            Rc::ptr_eq(&self.flows, &other.flows) || !self.layout.is_crowded() || self.selection.is_empty();
        Rc::ptr_eq(&self.layout, &other.layout)
            && self.scale == other.scale
            && self.selection == other.selection
            && self.missed == other.missed
            && same_flows
    }
}

#[component]
fn LabelsView(props: &LabelsProps) -> Html {
    html! { <g class="labels">{ for labels(props) }</g> }
}

/// A node. It is rendered when something about it is another, not with every event.
#[derive(Clone, Properties)]
struct NodeProps {
    layout: Rc<Layout>,
    place: usize,
    board: Rc<Board>,
    is_selected: bool,
    far: Option<f64>,
    by: Point,
    mark: Option<&'static str>,
    is_lit: bool,
    on_select: Callback<Select>,
}

impl PartialEq for NodeProps {
    fn eq(&self, other: &Self) -> bool {
        let same_node = |placed: &Placed| self.board.is_same_at(&other.board, &placed.node.id);
        Rc::ptr_eq(&self.layout, &other.layout)
            && (self.place, self.is_selected, self.far) == (other.place, other.is_selected, other.far)
            && (self.by, self.mark, self.is_lit) == (other.by, other.mark, other.is_lit)
            && self.on_select == other.on_select
            && self.layout.nodes.get(self.place).is_none_or(same_node)
    }
}

/// How many times its usual size a name has that is seen from afar; by steps, since each of them renders all nodes.
fn far(scale: f64) -> Option<f64> {
    (scale < FAR).then(|| (4.0 * FAR_NAMES / scale).round() / 4.0)
}

fn node(place: usize, props: &GraphProps, lit: &Option<Spotlight>) -> Html {
    let (layout, board, on_select) = (props.layout.clone(), props.board.clone(), props.on_select.clone());
    let Some(placed) = layout.nodes.get(place) else { return html! {} };
    let (key, is_selected) = (id(&placed.node.id), props.selection.contains(&placed.node.id));
    // A box of a crowd has one size. From afar nobody could draw a line from it, and there may be thousands.
    let far = far(props.camera.scale).map(|grown| if placed.is_small { 1.0 } else { grown });
    let meanwhile = &props.meanwhile;
    let by = if meanwhile.moving.contains(&placed.node.id) { meanwhile.by } else { Point::default() };
    let mark = match &placed.node.id {
        id if meanwhile.end.as_ref() == Some(id) => Some("line-end"),
        id if props.linking.as_ref() == Some(id) => Some("line-begin"),
        _ => None,
    };
    let is_lit = lit.as_ref().is_some_and(|lit| lit.nodes.get(place) == Some(&true));
    html! { <NodeView {key} {layout} {place} {board} {is_selected} {far} {by} {mark} {is_lit} {on_select} /> }
}

#[component]
fn NodeView(props: &NodeProps) -> Html {
    let Some(placed) = props.layout.nodes.get(props.place) else { return html! {} };
    let (node_id, is_selected) = (&placed.node.id, props.is_selected);
    let choose = {
        let (node, on_select) = (node_id.clone(), props.on_select.clone());
        move |also: bool| {
            let node = node.clone();
            on_select.emit(if also { Select::Toggle(node) } else { Select::Press(node) });
        }
    };
    let onclick = {
        let choose = choose.clone();
        move |event: MouseEvent| choose(event.shift_key())
    };
    let onkeydown = move |event: KeyboardEvent| {
        if matches!(event.key().as_str(), "Enter" | " ") {
            event.prevent_default();
            choose(event.shift_key());
        }
    };
    let rect = placed.rect;
    html! {
        <g
            class={classes!("node", is_selected.then_some("selected"), props.is_lit.then_some("lit"), props.mark)}
            data-place={props.place.to_string()}
            transform={(props.by != Point::default()).then(|| format!("translate({} {})", props.by.x, props.by.y))}
            role="button"
            tabindex="0"
            aria-pressed={is_selected.to_string()}
            aria-label={node_name(placed, &props.board)}
            {onclick}
            {onkeydown}
        >
            <rect class="focus" rx="12" x={(rect.x - 6.0).to_string()} y={(rect.y - 6.0).to_string()}
                width={(rect.width + 12.0).to_string()} height={(rect.height + 12.0).to_string()} />
            { body(placed, &props.board, props.layout.direction, props.far) }
            if is_source(placed) && !(placed.is_small && props.far.is_some()) {
                { handle(props.layout.handle(placed)) }
            }
        </g>
    }
}
