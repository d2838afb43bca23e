//! The picture: the graph as SVG, what moves on a canvas above it, seen by one camera that people can move.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};
use yew::prelude::*;

use crate::edit::hint::linking;
use crate::view::camera::Camera;
use crate::view::geometry::{Point, Rect};
use crate::view::gesture::{Dragged, Gesture, On, What};
use crate::view::layout::{Direction, Layout, Placed};
use crate::view::places::{LEGIBLE, MANY, Put, SCALE_MAX, Standing};
use crate::view::{Board, NodeId, Select, Selection};

use super::clipboard;
use super::drawing::{Ask, Drawing, Popup, Zoom};
use super::engine::Engine;
use super::follow::use_pointing;
use super::gestures::{self, Under};
use super::graph::GraphView;
use super::later::{Later, use_later};
use super::minimap::{self, Minimap};
use super::overlay::{Meanwhile, overlay};
use super::popup::PopupView;
use super::problems::ProblemMarks;
use super::refused::Refused;
use super::same::Same;
use super::scene::Scene;
use super::signs::Signs;

/// How much larger everything is for those who are far away.
const PRESENTED: f64 = 2.4;
/// What has less room than this on one side is held in the hand, not seen from far away; CSS pixels.
const IN_HAND: f64 = 480.0;
/// How much wider and higher than a node what shows the focus is, with some room; units of the picture.
const FOCUS: f64 = 16.0;
/// How much larger by one press of a button.
const ZOOM_STEP: f64 = 1.25;

/// What the stage shows.
#[derive(Clone, Properties)]
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
    /// Whether all of it is seen at first, however small.
    #[prop_or_default]
    pub is_whole: bool,
    /// What differs from another picture.
    #[prop_or_default]
    pub apart: Rc<Vec<NodeId>>,
    /// What it is called.
    #[prop_or("Topology")]
    pub label: &'static str,
}

/// A moment that looks like another is not rendered.
impl PartialEq for StageProps {
    fn eq(&self, other: &Self) -> bool {
        self.scene.looks_like(&other.scene)
            && (&self.engine, &self.selection, &self.on_select) == (&other.engine, &other.selection, &other.on_select)
            && (self.is_presented, self.is_whole, &self.apart) == (other.is_presented, other.is_whole, &other.apart)
    }
}

/// Everything, as large as there is room; what is not a crowd stays legible even if it has to be panned, unless all of it
/// is wanted.
fn fitted(layout: &Layout, room: Room, is_all: bool) -> Camera {
    let whole = Camera::fit(layout.bounds, room, SCALE_MAX);
    if is_all || whole.scale >= LEGIBLE || layout.nodes.len() > MANY {
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
    let larger = if is_presented && !is_in_hand(room) { PRESENTED } else { 1.0 };
    (larger, (room.0 / larger, room.1 / larger))
}

fn is_in_hand((width, height): Room) -> bool {
    width.min(height) < IN_HAND
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
    let (room, dragged, popup) = (use_room(&frame), use_state(|| None), use_state(|| None::<Popup>));
    let hands = Hands {
        engine: props.engine.clone(),
        on_select: props.on_select.clone(),
        is_presented: props.is_presented,
        is_whole: props.is_whole,
        standing: use_mut_ref(Standing::default),
        room: room.clone(),
        aim: use_state(|| Aim::Whole),
        dragged: dragged.setter(),
        popup: popup.setter(),
        linking: use_state(|| None::<NodeId>),
        rendered: Rc::default(),
    };
    let drawing = hands.drawn(&props.scene.seen, &props.scene.put, &props.selection);
    let hands = Hands { rendered: drawing.layout.clone(), ..hands };
    use_pointing(&frame, &props.engine);
    let aim = hands.aim.setter();
    use_reach(&drawing, &aim);
    let now = use_hands(&frame, &props.engine);
    *now.borrow_mut() = Some(hands);
    let (press, go) = (use_hand(&now, |hands, change| hands.drawing().press(change)), use_hand(&now, Hands::look_at));
    let zoom = use_hand(&now, |hands, zoom| hands.ask(Ask::Zoom(zoom)));
    let later = use_later();
    let marks = marks(later, &drawing);
    use_picture(&drawing);
    let Drawing { layout, camera, linking, .. } = &drawing;
    html! {
        <section class={classes!("stage", props.scene.following.is_some().then_some("following"))} aria-label={props.label} ref={frame}>
            if room.0 > 0.0 {
                <GraphView
                    layout={layout.clone()}
                    camera={*camera}
                    room={*room}
                    board={props.scene.seen.clone()} flows={props.scene.flows.clone()}
                    missed={props.scene.following.as_ref().map(|following| following.missed.clone()).unwrap_or_default()}
                    selection={props.selection.clone()}
                    on_select={press}
                    meanwhile={Meanwhile::of(&drawing, dragged.as_ref())}
                    linking={linking.clone()}
                    over={overlay(&drawing, dragged.as_ref(), &props.apart)}
                />
                { marks }
                <Signs layout={Same(layout.clone())} camera={*camera} signs={props.scene.signs.clone()} />
            }
            <canvas ref={props.engine.canvas()} aria-hidden="true" />
            { later.brings("", || map(&drawing, &go)) }
            { told(props, &drawing) }
            if let Some(open) = &*popup {
                { opened(&drawing, open, aim) }
            }
            { zoom_bar(&zoom) }
        </section>
    }
}

/// What moves is drawn over this picture.
#[hook]
fn use_picture(drawing: &Drawing) {
    let engine = drawing.engine.clone();
    use_effect_with((Same(drawing.layout.clone()), drawing.camera, drawing.room), move |(layout, camera, room)| {
        engine.set_picture(layout.0.clone(), *camera, *room);
    });
}

/// What will go wrong, at the nodes.
fn marks(later: Later, drawing: &Drawing) -> Html {
    later.brings("", || {
        let problems = drawing.engine.problems(false).unwrap_or_default();
        html! {
            <ProblemMarks engine={drawing.engine.clone()} layout={drawing.layout.clone()} camera={drawing.camera} {problems} />
        }
    })
}

/// All of it, small, where it is large or not all of it is seen.
fn map(drawing: &Drawing, on_go: &Callback<Point>) -> Html {
    let Drawing { layout, camera, room, .. } = drawing;
    let is_hidden = |placed: &Placed| !camera.shows(placed.rect, *room);
    if layout.nodes.len() < minimap::NODES_MIN && !layout.nodes.iter().any(is_hidden) {
        return Html::default();
    }
    html! { <Minimap layout={Same(layout.clone())} room={*room} seen={camera.seen(*room)} {on_go} /> }
}

/// What is told over the picture: that there is nothing in it, how a line is drawn on, and why something was refused.
fn told(props: &StageProps, drawing: &Drawing) -> Html {
    let Drawing { layout, camera, room, .. } = drawing;
    let is_empty = room.0 > 0.0 && layout.nodes.is_empty() && layout.frames().is_empty();
    html! {
        <>
            <p class="nothing" hidden={!is_empty}>{ "Nothing here yet. Double-click, or press A, to add something." }</p>
            { linking_hint(drawing) }
            <Refused engine={props.engine.clone()} scene={props.scene.clone()} layout={layout.clone()} camera={*camera} room={*room} />
        </>
    }
}

/// What ends a line that is drawn by keys.
fn linking_hint(drawing: &Drawing) -> Html {
    let from = drawing.linking.as_ref().and_then(|node| drawing.engine.end_of(node));
    let words = from.as_ref().map(|end| linking(&end.name)).unwrap_or_default();
    html! { <p class="linking" role="status" hidden={words.is_empty()}>{ words }</p> }
}

/// More or less of the picture, or all of it.
fn zoomed(drawing: &Drawing, zoom: Zoom) -> Aim {
    let (camera, room) = (drawing.camera, drawing.room);
    let by = |factor: f64| Aim::At(camera.zoomed(factor, Point::new(room.0 / 2.0, room.1 / 2.0)));
    match zoom {
        Zoom::In => by(ZOOM_STEP),
        Zoom::Out => by(1.0 / ZOOM_STEP),
        Zoom::Fit => {
            let whole = Camera::fit(drawing.layout.bounds, room, SCALE_MAX);
            if whole.scale >= LEGIBLE { Aim::Whole } else { Aim::At(whole) }
        }
    }
}

/// Buttons to see more or less of the picture.
fn zoom_bar(zoom: &Callback<Zoom>) -> Html {
    let zoom = |to: Zoom| zoom.reform(move |_: MouseEvent| to);
    html! {
        <div class="zoom" role="group" aria-label="Zoom">
            <button type="button" aria-label="Zoom out" title="Zoom out (-)" aria-keyshortcuts="-" onclick={zoom(Zoom::Out)}>{ "\u{2212}" }</button>
            <button type="button" aria-label="Zoom in" title="Zoom in (+)" aria-keyshortcuts="Shift++" onclick={zoom(Zoom::In)}>{ "+" }</button>
            <button type="button" title="See everything (0)" aria-keyshortcuts="0" onclick={zoom(Zoom::Fit)}>{ "Fit" }</button>
        </div>
    }
}

/// How much room an element has, CSS pixels across and down.
#[hook]
fn use_room(frame: &NodeRef) -> UseStateHandle<Room> {
    let room = use_state(|| (0.0, 0.0));
    let set = room.setter();
    use_effect_with(frame.clone(), move |frame| {
        let observer = frame.cast::<Element>().and_then(|element| watch_size(element, move |size| set.set(size)));
        move || drop(observer)
    });
    room
}

/// What is open over the picture.
fn opened(drawing: &Drawing, popup: &Popup, aim: UseStateSetter<Aim>) -> Html {
    let on_open = {
        let popup = drawing.popup.clone();
        Callback::from(move |open| popup.set(open))
    };
    let on_run = {
        let drawing = drawing.clone();
        Callback::from(move |command| {
            let why = drawing.attempt(&command).err();
            if why.is_none() {
                // What comes stands where it was asked for, and moves nothing else.
                aim.set(Aim::At(drawing.camera));
                drawing.popup.set(None);
            }
            why
        })
    };
    let at = drawing.camera.to_screen(popup.at);
    html! { <PopupView popup={popup.clone()} {at} room={drawing.room} {on_run} {on_open} /> }
}

/// Hands on the picture. What they do counts at once, however long it takes until it is rendered: so the next thing that they
/// do, if only a moment later, is done to the picture as it is then.
#[derive(Clone)]
struct Hands {
    engine: Rc<Engine>,
    on_select: Callback<Select>,
    is_presented: bool,
    is_whole: bool,
    standing: Rc<RefCell<Standing>>,
    room: UseStateHandle<Room>,
    aim: UseStateHandle<Aim>,
    dragged: UseStateSetter<Option<Dragged>>,
    popup: UseStateSetter<Option<Popup>>,
    linking: UseStateHandle<Option<NodeId>>,
    /// What is seen: the elements that are pressed are those of its nodes.
    rendered: Rc<Layout>,
}

impl Hands {
    /// The picture of a board.
    fn drawn(&self, board: &Rc<Board>, put: &Put, selection: &Rc<Selection>) -> Drawing {
        let room = *self.room;
        let (larger, near) = distance(self.is_presented, room);
        let layout = self.standing.borrow_mut().of(board, put, near);
        let is_all = self.is_whole || self.is_presented && is_in_hand(room);
        Drawing {
            engine: self.engine.clone(),
            camera: self.aim.camera(|| enlarged(fitted(&layout, near, is_all), larger)),
            layout,
            room,
            selection: selection.clone(),
            on_select: self.on_select.clone(),
            dragged: self.dragged.clone(),
            popup: self.popup.clone(),
            linking: (*self.linking).clone(),
            set_linking: self.linking.setter(),
        }
    }

    /// The picture as it is now.
    fn drawing(&self) -> Drawing {
        let (board, put) = self.engine.now();
        self.drawn(&board, &put, &self.engine.selection())
    }

    fn look_at(&self, middle: Point) {
        self.aim.set(Aim::At(self.drawing().camera.centred(middle, *self.room)));
    }

    fn ask(&self, ask: Ask) {
        let drawing = self.drawing();
        match ask {
            // What is moved by hand shall not move all else.
            Ask::Nudge(..) | Ask::Align | Ask::Drop(..) => self.aim.set(Aim::At(drawing.camera)),
            Ask::Arrange => self.aim.set(Aim::Whole),
            Ask::Zoom(zoom) => self.aim.set(zoomed(&drawing, zoom)),
            Ask::Pan(x, y) => {
                let Drawing { camera, layout, room, .. } = &drawing;
                self.aim.set(Aim::At(camera.stepped((x, y), layout.bounds, *room)));
            }
            _ => {}
        }
        drawing.ask(ask);
    }
}

impl Under for Hands {
    fn on(&self, place: Option<(usize, bool)>) -> On {
        let placed = place.and_then(|(number, is_handle)| Some((self.rendered.nodes.get(number)?, is_handle)));
        match placed {
            None => On::Ground,
            Some((placed, true)) => On::Handle(placed.node.id.clone()),
            Some((placed, false)) => {
                let node = placed.node.id.clone();
                On::Node { is_selected: self.engine.selection().contains(&node), node }
            }
        }
    }

    fn is_selecting(&self) -> bool {
        self.engine.selection().is_several()
    }

    fn focused(&self, place: Option<usize>) {
        let placed = place.and_then(|place| self.rendered.nodes.get(place));
        self.engine.set_focused(placed.map(|placed| placed.node.id.clone()));
        let Some(rect) = placed.map(|placed| placed.rect) else { return };
        let Drawing { camera, room, .. } = self.drawing();
        let framed = Rect::around(rect.centre(), rect.width + FOCUS, rect.height + FOCUS);
        if !camera.shows(framed, room) {
            self.aim.set(Aim::At(camera.showing(framed, room)));
        }
    }

    fn gesture(&self, gesture: Gesture) {
        let drawing = self.drawing();
        let camera = drawing.camera;
        match &gesture {
            Gesture::Pan(dx, dy) => self.aim.set(Aim::At(camera.panned(*dx, *dy))),
            Gesture::Zoom(factor, at) => self.aim.set(Aim::At(camera.zoomed(*factor, *at))),
            Gesture::Drag(dragged) if dragged.what != What::Frame => self.aim.set(Aim::At(camera)),
            _ => {}
        }
        drawing.gesture(gesture);
    }
}

/// What the engine wants seen, what is added, and what is selected where it cannot be pressed, is brought into view; what
/// can be seen stays in its place under the pointer.
#[hook]
fn use_reach(drawing: &Drawing, aim: &UseStateSetter<Aim>) {
    let look = aim.clone();
    drawing.engine.set_on_look(move |camera| look.set(Aim::At(camera)));
    let last = use_mut_ref(|| (None::<NodeId>, drawing.layout.clone()));
    let Drawing { camera, layout, room, .. } = drawing.clone();
    let only = drawing.selection.only().cloned();
    let aim = aim.clone();
    use_effect_with((only, Same(layout), room), move |(only, layout, room)| {
        let (chosen, were) = last.replace((only.clone(), layout.0.clone()));
        let Some(placed) = only.as_ref().and_then(|only| layout.node(only)) else { return };
        let is_new = were.node(&placed.node.id).is_none();
        let is_hidden = chosen != *only && !camera.seen(*room).overlaps(&placed.rect);
        if !were.nodes.is_empty() && (is_new || is_hidden) && !camera.shows(placed.rect, *room) {
            let others = layout.nodes.iter().map(|placed| placed.rect);
            aim.set(Aim::At(camera.reaching(placed.rect, others, *room, LEGIBLE)));
        }
    });
}

type Now = Rc<RefCell<Option<Hands>>>;

/// Where the hands on an element are, and what is asked of them from elsewhere. They are put there anew at each rendering.
#[hook]
fn use_hands(frame: &NodeRef, engine: &Rc<Engine>) -> Now {
    let now = use_memo((), |()| RefCell::new(None::<Hands>));
    let hands = now.clone();
    use_effect_with((frame.clone(), engine.clone()), move |(frame, engine)| {
        let get = move || hands.borrow().clone();
        let listeners = frame.cast::<Element>().map(|element| gestures::listen(&element, get.clone()));
        let clips = clipboard::listen({
            let get = get.clone();
            move || get().map(|hands| hands.drawing())
        });
        engine.on_ask(Some(Box::new(move |ask| {
            if let Some(hands) = get() {
                hands.ask(ask);
            }
        })));
        let engine = engine.clone();
        move || {
            engine.on_ask(None);
            drop((listeners, clips));
        }
    });
    now
}

/// What has the hands do something; always the same, whatever is rendered.
#[hook]
fn use_hand<T: 'static>(now: &Now, act: fn(&Hands, T)) -> Callback<T> {
    let now = now.clone();
    use_callback((), move |what, ()| {
        if let Some(hands) = now.borrow().clone() {
            act(&hands, what);
        }
    })
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
