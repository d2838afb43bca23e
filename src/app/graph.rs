//! The graph as SVG: nodes that can be focused and selected, edges with their binding keys.

use std::rc::Rc;

use yew::prelude::*;

use crate::view::camera::Camera;
use crate::view::graph::EdgeKind;
use crate::view::layout::{Drawn, Layout, Placed};
use crate::view::tables::accessible_name;
use crate::view::{Board, NodeId};

use super::shapes::body;

/// What the graph shows.
#[derive(Clone, PartialEq, Properties)]
pub struct GraphProps {
    /// Where everything stands.
    pub layout: Rc<Layout>,
    /// Which part of it is seen, and how large.
    pub camera: Camera,
    /// How much room there is, CSS pixels across and down.
    pub room: (f64, f64),
    /// What is in it.
    pub board: Rc<Board>,
    /// The selected node.
    pub selected: Option<NodeId>,
    /// Selects a node, or none.
    pub on_select: Callback<Option<NodeId>>,
}

/// The graph.
#[component]
pub fn GraphView(props: &GraphProps) -> Html {
    let layout = &props.layout;
    let (width, height) = props.room;
    let Camera { origin, scale } = props.camera;
    let seen = format!("scale({scale}) translate({} {})", -origin.x, -origin.y);
    html! {
        <svg
            role="group"
            aria-label="Producers, exchanges, queues and consumers"
            width={width.to_string()}
            height={height.to_string()}
        >
            <defs>
                <marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto">
                    <path d="M 0 1 L 9 5 L 0 9 z" class="arrowhead" />
                </marker>
            </defs>
            <g transform={seen}>
                <g class="lines" aria-hidden="true">{ for layout.edges.iter().map(line) }</g>
                <g class="labels">{ for layout.edges.iter().filter_map(label) }</g>
                <g class="nodes">{ for layout.nodes.iter().map(|placed| node(placed, props)) }</g>
            </g>
        </svg>
    }
}

fn key(drawn: &Drawn) -> String {
    format!("{} {}", id(&drawn.edge.from), id(&drawn.edge.to))
}

/// Stands for a node in keys and ids.
fn id(node: &NodeId) -> String {
    match node {
        NodeId::Client(client) => format!("client {}", client.0),
        NodeId::Exchange(resource) => format!("exchange {} {}", resource.vhost, resource.name),
        NodeId::Queue(resource) => format!("queue {} {}", resource.vhost, resource.name),
    }
}

fn line(drawn: &Drawn) -> Html {
    let [a, b, c, d] = drawn.curve.0;
    let path = format!("M {} {} C {} {} {} {} {} {}", a.x, a.y, b.x, b.y, c.x, c.y, d.x, d.y);
    let kind = match drawn.edge.kind {
        EdgeKind::Publish => "line publish",
        EdgeKind::Binding => "line binding",
        EdgeKind::Implied => "line implied",
        EdgeKind::Consume => "line consume",
    };
    html! { <path key={key(drawn)} class={kind} d={path} marker-end="url(#arrow)" /> }
}

/// A binding's key, on its line.
fn label(drawn: &Drawn) -> Option<Html> {
    let (text, rect) = drawn.label.as_ref()?;
    let middle = rect.centre();
    let name = |node: &NodeId| match node {
        NodeId::Exchange(resource) | NodeId::Queue(resource) => resource.name.to_string(),
        NodeId::Client(_) => String::new(),
    };
    let spoken = format!("Binding from {} to {} with binding key {text}", name(&drawn.edge.from), name(&drawn.edge.to));
    Some(html! {
        <g key={key(drawn)} role="img" aria-label={spoken}>
            <rect class="plate" rx="6" x={rect.x.to_string()} y={rect.y.to_string()}
                width={rect.width.to_string()} height={rect.height.to_string()} />
            <text class="code" text-anchor="middle" x={middle.x.to_string()} y={(middle.y + 5.0).to_string()}>{ text.clone() }</text>
        </g>
    })
}

fn node(placed: &Placed, props: &GraphProps) -> Html {
    let node_id = &placed.node.id;
    let is_selected = props.selected.as_ref() == Some(node_id);
    let choose = {
        let chosen = (!is_selected).then(|| node_id.clone());
        let on_select = props.on_select.clone();
        move || on_select.emit(chosen.clone())
    };
    let onclick = {
        let choose = choose.clone();
        move |_: MouseEvent| choose()
    };
    let onkeydown = move |event: KeyboardEvent| {
        if matches!(event.key().as_str(), "Enter" | " ") {
            event.prevent_default();
            choose();
        }
    };
    let rect = placed.rect;
    html! {
        <g
            key={id(node_id)}
            class={classes!("node", is_selected.then_some("selected"))}
            role="button"
            tabindex="0"
            aria-pressed={is_selected.to_string()}
            aria-label={accessible_name(&props.board, node_id)}
            {onclick}
            {onkeydown}
        >
            <rect class="focus" rx="12" x={(rect.x - 6.0).to_string()} y={(rect.y - 6.0).to_string()}
                width={(rect.width + 12.0).to_string()} height={(rect.height + 12.0).to_string()} />
            { body(placed, &props.board, props.layout.direction) }
        </g>
    }
}
