//! The picture: the graph as SVG, what moves on a canvas above it, fitted to the room there is.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};
use yew::prelude::*;

use crate::view::graph::{Graph, graph};
use crate::view::layout::{Direction, Layout, layout};
use crate::view::{Board, NodeId};

use super::engine::Engine;
use super::graph::GraphView;
use super::scene::Scene;

/// Text of 14 px stays above 13.
const SCALE_MIN: f64 = 0.94;
const SCALE_MAX: f64 = 1.6;

/// What the stage shows.
#[derive(Clone, PartialEq, Properties)]
pub struct StageProps {
    /// Draws what moves.
    pub engine: Rc<Engine>,
    /// The moment.
    pub scene: Scene,
    /// The selected node.
    pub selected: Option<NodeId>,
    /// Selects a node, or none.
    pub on_select: Callback<Option<NodeId>>,
}

/// The layout for so much room, and its scale.
fn fit(graph: &Graph, (width, height): (f64, f64)) -> (Layout, f64) {
    let across = layout(graph, Direction::Across);
    let made = if across.width * SCALE_MIN <= width { across } else { layout(graph, Direction::Down) };
    let by_height = if height > 0.0 { height / made.height.max(1.0) } else { 1.0 };
    let scale = (width / made.width.max(1.0)).min(by_height).clamp(SCALE_MIN, SCALE_MAX);
    (made, scale)
}

/// The picture.
#[component]
pub fn Stage(props: &StageProps) -> Html {
    let frame = use_node_ref();
    let room = use_state(|| (0.0, 0.0));
    {
        let room = room.setter();
        use_effect_with(frame.clone(), move |frame| {
            let observer = frame.cast::<Element>().and_then(|element| watch_size(element, move |size| room.set(size)));
            move || drop(observer)
        });
    }
    let graph = use_graph(&props.scene.board);
    let fitted = use_memo((graph.clone(), *room), |(graph, room)| {
        let (layout, scale) = fit(graph, *room);
        (Rc::new(layout), scale)
    });
    let (made, scale) = (fitted.0.clone(), fitted.1);
    let engine = props.engine.clone();
    use_effect_with((made.clone(), scale), move |(made, scale)| engine.set_picture(made.clone(), *scale));
    let size = format!("width:{}px;height:{}px", made.width * scale, made.height * scale);
    html! {
        <section class="stage" aria-label="Topology" ref={frame}>
            <div class="picture" style={size.clone()}>
                if room.0 > 0.0 {
                    <GraphView
                        layout={made}
                        scale={scale}
                        board={props.scene.board.clone()}
                        selected={props.selected.clone()}
                        on_select={props.on_select.clone()}
                    />
                } else {
                    <svg />
                }
                <canvas ref={props.engine.canvas()} style={size} aria-hidden="true" />
            </div>
        </section>
    }
}

/// The graph of a board; the same one as long as nothing in it changes.
#[hook]
fn use_graph(board: &Rc<Board>) -> Rc<Graph> {
    let last = use_mut_ref(|| Rc::new(Graph::default()));
    let now = graph(board);
    let mut last = last.borrow_mut();
    if **last != now {
        *last = Rc::new(now);
    }
    last.clone()
}

/// Watches an element's size until it is dropped.
struct SizeWatch {
    observer: ResizeObserver,
    _callback: Closure<dyn FnMut()>,
}

impl Drop for SizeWatch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

fn watch_size(element: Element, on_size: impl Fn((f64, f64)) + 'static) -> Option<SizeWatch> {
    let watched = element.clone();
    let callback = Closure::<dyn FnMut()>::new(move || {
        on_size((f64::from(watched.client_width()), f64::from(watched.client_height())));
    });
    let observer = ResizeObserver::new(callback.as_ref().unchecked_ref()).ok()?;
    observer.observe(&element);
    Some(SizeWatch { observer, _callback: callback })
}
