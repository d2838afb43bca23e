//! The picture: the graph as SVG, what moves on a canvas above it, seen by one camera that people can move.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};
use yew::prelude::*;

use crate::view::camera::Camera;
use crate::view::geometry::{Point, Rect};
use crate::view::graph::{Graph, graph};
use crate::view::layout::{Direction, Layout, Places, layout, layout_small};
use crate::view::{Board, Select, Selection};

use super::engine::Engine;
use super::gestures::{self, Gesture};
use super::graph::GraphView;
use super::minimap::{self, Minimap};
use super::scene::Scene;

/// Smaller than this, words cannot be read at a glance: it is better to pan then.
const LEGIBLE: f64 = 0.6;
/// The largest scale that is chosen for people.
const SCALE_MAX: f64 = 1.6;
/// More nodes than these are shown as a whole, and small: their names are there to be zoomed at.
const CROWD: usize = 30;
/// Smaller than this, what is in a queue cannot be seen at all.
const TINY: f64 = 0.35;
/// How much larger everything is for those who are far away.
const PRESENTED: f64 = 2.4;
/// How much larger by one press of a button.
const ZOOM_STEP: f64 = 1.25;

/// What the stage shows.
#[derive(Clone, PartialEq, Properties)]
pub struct StageProps {
    /// Draws what moves.
    pub engine: Rc<Engine>,
    /// The moment.
    pub scene: Scene,
    /// What is selected.
    pub selection: Rc<Selection>,
    /// Selects something else.
    pub on_select: Callback<Select>,
    /// Whether it is seen from far away.
    #[prop_or_default]
    pub is_presented: bool,
}

/// The layout that is seen largest in so much room. Where not even names could be read, nodes are but boxes with names.
fn lay_out(graph: &Graph, room: Room) -> Layout {
    let scale = |layout: &Layout| Camera::fit(layout.bounds, room, SCALE_MAX).scale;
    let across = layout(graph, Direction::Across, &Places::new());
    if graph.nodes.len() > CROWD {
        let is_seen = across.is_crowded() || scale(&across) >= TINY;
        return if is_seen { across } else { layout_small(graph, Direction::Across, &Places::new()) };
    }
    let down = layout(graph, Direction::Down, &Places::new());
    if scale(&across) >= scale(&down).min(LEGIBLE) { across } else { down }
}

/// Everything, as large as there is room; what is not a crowd stays legible even if it has to be panned.
fn fitted(layout: &Layout, room: Room) -> Camera {
    let whole = Camera::fit(layout.bounds, room, SCALE_MAX);
    if whole.scale >= LEGIBLE || layout.nodes.len() > CROWD {
        return whole;
    }
    // Where messages come from, and the middle of what is beside that.
    let all = layout.bounds;
    let (width, height) = (all.width.min(room.0 / LEGIBLE), all.height.min(room.1 / LEGIBLE));
    let (x, y) = match layout.direction {
        Direction::Across => (all.x, all.y + (all.height - height) / 2.0),
        Direction::Down => (all.x + (all.width - width) / 2.0, all.y),
    };
    let part = Rect { x, y, width, height };
    Camera { scale: LEGIBLE, ..Camera::fit(part, room, LEGIBLE) }
}

/// How much larger everything is shown, and the room that is left in sizes as they are otherwise.
fn distance(is_presented: bool, room: Room) -> (f64, Room) {
    let larger = if is_presented { PRESENTED } else { 1.0 };
    (larger, (room.0 / larger, room.1 / larger))
}

fn enlarged(camera: Camera, larger: f64) -> Camera {
    Camera { scale: camera.scale * larger, ..camera }
}

/// CSS pixels, across and down.
type Room = (f64, f64);

/// The camera, which follows the whole until somebody zooms or pans.
#[derive(Clone, Copy, PartialEq)]
enum Aim {
    Whole,
    At(Camera),
}

impl Aim {
    fn camera(self, whole: impl FnOnce() -> Camera) -> Camera {
        match self {
            Aim::Whole => whole(),
            Aim::At(camera) => camera,
        }
    }
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
    let graph = use_graph(&props.scene.seen);
    let (larger, near) = distance(props.is_presented, *room);
    let made = use_memo((graph.clone(), near), |(graph, near)| Rc::new(lay_out(graph, *near)));
    let made = (*made).clone();
    let aim = use_state(|| Aim::Whole);
    let camera = aim.camera(|| enlarged(fitted(&made, near), larger));
    let on_gesture = use_gestures(&frame);
    *on_gesture.borrow_mut() = {
        let (aim, on_select) = (aim.setter(), props.on_select.clone());
        Some(Box::new(move |gesture| match gesture {
            Gesture::Pan(dx, dy) => aim.set(Aim::At(camera.panned(dx, dy))),
            Gesture::Zoom(factor, at) => aim.set(Aim::At(camera.zoomed(factor, at))),
            Gesture::Tap => on_select.emit(Select::Nothing),
        }))
    };
    let zoom = |factor: f64| {
        let (aim, middle) = (aim.setter(), Point::new(room.0 / 2.0, room.1 / 2.0));
        Callback::from(move |_: MouseEvent| aim.set(Aim::At(camera.zoomed(factor, middle))))
    };
    let fit = {
        let (aim, layout, room) = (aim.setter(), made.clone(), *room);
        Callback::from(move |_: MouseEvent| {
            let whole = Camera::fit(layout.bounds, room, SCALE_MAX);
            aim.set(if whole.scale >= LEGIBLE { Aim::Whole } else { Aim::At(whole) });
        })
    };
    let go = {
        let (aim, room) = (aim.setter(), *room);
        Callback::from(move |middle: Point| aim.set(Aim::At(camera.centred(middle, room))))
    };
    let engine = props.engine.clone();
    use_effect_with((made.clone(), camera, *room), move |(made, camera, room)| {
        engine.set_picture(made.clone(), *camera, *room);
    });
    html! {
        <section class="stage" aria-label="Topology" ref={frame}>
            if room.0 > 0.0 {
                <GraphView
                    layout={made.clone()}
                    {camera}
                    room={*room}
                    board={props.scene.seen.clone()} flows={props.scene.flows.clone()}
                    selection={props.selection.clone()}
                    on_select={props.on_select.clone()}
                />
            }
            <canvas ref={props.engine.canvas()} aria-hidden="true" />
            if made.nodes.len() >= minimap::NODES_MIN || !camera.shows(made.bounds, *room) {
                <Minimap layout={made.clone()} room={*room} seen={camera.seen(*room)} on_go={go} />
            }
            <div class="zoom" role="group" aria-label="Zoom">
                <button type="button" aria-label="Zoom out" title="Zoom out" onclick={zoom(1.0 / ZOOM_STEP)}>{ "\u{2212}" }</button>
                <button type="button" aria-label="Zoom in" title="Zoom in" onclick={zoom(ZOOM_STEP)}>{ "+" }</button>
                <button type="button" title="See everything" onclick={fit}>{ "Fit" }</button>
            </div>
        </section>
    }
}

type OnGesture = RefCell<Option<Box<dyn Fn(Gesture)>>>;

/// What is called for each gesture on an element. It is to be set anew at each rendering.
#[hook]
fn use_gestures(frame: &NodeRef) -> Rc<OnGesture> {
    let called = use_memo((), |()| OnGesture::default());
    let call = called.clone();
    use_effect_with(frame.clone(), move |frame| {
        let listeners = frame.cast::<Element>().map(|element| {
            gestures::listen(&element, move |gesture| {
                if let Some(on_gesture) = &*call.borrow() {
                    on_gesture(gesture);
                }
            })
        });
        move || drop(listeners)
    });
    called
}

/// The graph of a board; the same one as long as nothing in it changes.
#[hook]
fn use_graph(board: &Rc<Board>) -> Rc<Graph> {
    let last = use_mut_ref(|| (Rc::new(Board::default()), Rc::new(Graph::default())));
    let mut last = last.borrow_mut();
    if !last.0.is_connected_as(board) {
        let now = graph(board);
        if *last.1 != now {
            last.1 = Rc::new(now);
        }
    }
    last.0 = board.clone();
    last.1.clone()
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
