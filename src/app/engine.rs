//! The one animation loop: it lets time pass in the player, draws what moves, and tells Yew when an event has happened.
//!
//! The loop runs only while something moves, and ends when the page is taken away.

mod compare;
mod editing;
mod follow;
mod picture;
mod selecting;
mod story;
mod tables;
mod why;

use std::cell::{Cell, Ref, RefCell, RefMut};
use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, HtmlCanvasElement, MediaQueryList, Window};
use yew::NodeRef;

use crate::broker::{MessageId, Resource};
use crate::edit::complete::Known;
use crate::edit::form::{Subject, between};
use crate::edit::{Command as Edit, Draft, Found, Kind, Refusal};
use crate::share::{self, File, FileError};
use crate::simulation::ScenarioError;
use crate::view::camera::Camera;
use crate::view::check::{Problem, check, is_quick};
use crate::view::crowd::figures;
use crate::view::fate::signs;
use crate::view::flight::Flying;
use crate::view::flow::{Flows, are_seen, flows};
use crate::view::geometry::Rect;
use crate::view::marks::ticks;
use crate::view::moment::Moment;
use crate::view::pace::Pace;
use crate::view::places::Put;
use crate::view::sharing::{self, Seen as Shared, Wish, name_of, wanted_height};
use crate::view::{Board, Desk, EdgeId, Layout, NodeId, Player, Selection};

use super::paint::Painter;
use super::scene::Scene;
use editing::OnAsk;

pub use compare::Compared;
pub use follow::{Asked, Focus};
pub use why::Tested;

use follow::Followed;
use story::Telling;

/// How much of a frame the world may take, milliseconds: drawing and rendering take theirs.
const BUDGET_MS: f64 = 7.0;

/// Up to this speed every event is rendered in its frame.
const READ_MAX: f64 = 4.0;
/// So long the nodes of a crowd are called as they were while time goes on, milliseconds: what can be seen of them is drawn.
const CALLED_MS: f64 = 1_000.0;
/// So much longer they are if there is no frame in which nothing else is rendered.
const CALLED_MORE_MS: f64 = 350.0;

/// A player, the canvas it is drawn on, and the loop between them.
pub struct Engine {
    desk: RefCell<Desk>,
    said: RefCell<Option<Said>>,
    /// What the checker found, and in which edition.
    problems: RefCell<Option<(u64, Rc<Vec<Problem>>)>>,
    /// What was typed and refused last, and where that is told.
    refused: RefCell<Option<Rc<(NodeId, String)>>>,
    /// The panel that is open, as far as it is known.
    panel: Cell<Option<share::Panel>>,
    /// What is selected, of which some may be gone.
    selection: RefCell<Rc<Selection>>,
    /// The node that keys have the focus on. It is drawn: the browser would paint all of a crowd anew to show it.
    focused: RefCell<Option<NodeId>>,
    /// Something was pressed since the last frame.
    is_pressed: Cell<bool>,
    canvas: NodeRef,
    clock: NodeRef,
    picture: RefCell<Option<Picture>>,
    on_event: RefCell<Option<Box<dyn Fn()>>>,
    on_ask: RefCell<Option<OnAsk>>,
    frame: RefCell<Option<OnFrame>>,
    requested: Cell<Option<i32>>,
    last_frame_ms: Cell<Option<f64>>,
    pace: Cell<Pace>,
    seen: RefCell<Seen>,
    /// The board that words were rendered from last, and whether the next rendering leaves them as they are.
    told: RefCell<Rc<Board>>,
    is_picture_only: Cell<bool>,
    /// The message that is followed.
    followed: RefCell<Option<Followed>>,
    /// What of the story was told.
    telling: RefCell<Telling>,
    /// What is compared.
    compared: RefCell<Option<Rc<Compared>>>,
    /// What of the picture has to be seen to see it.
    wanted: Cell<Option<Rect>>,
    /// The camera is on its way there.
    looks: Cell<bool>,
    /// Called when the picture is another one, or has other room.
    on_picture: RefCell<Option<Box<dyn Fn()>>>,
    on_look: RefCell<Option<OnLook>>,
    listeners: RefCell<Vec<EventListener>>,
    calm: Option<MediaQueryList>,
}

/// What came of a command.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// It was done; its line.
    Done(String),
    /// It was refused; why.
    Refused(String),
}

fn told(refusal: &Refusal) -> String {
    if refusal.place.is_empty() { refusal.problem.clone() } else { format!("{}: {}", refusal.place, refusal.problem) }
}

/// What is called for another camera.
type OnLook = Box<dyn Fn(Camera)>;

/// What the browser calls for a frame, with its time.
type OnFrame = Closure<dyn FnMut(f64)>;

struct Picture {
    layout: Rc<Layout>,
    camera: Camera,
    room: (f64, f64),
    painter: Painter,
    flying: Flying,
}

/// What the picture was rendered from last, how many entries had happened then, and when that was, milliseconds.
#[derive(Default)]
struct Seen {
    board: Rc<Board>,
    flows: Rc<Flows>,
    cursor: usize,
    at_ms: f64,
}

impl PartialEq for Engine {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Engine {
    /// An engine for a scenario, standing still.
    ///
    /// # Errors
    ///
    /// What is wrong with the scenario.
    pub fn open(file: File) -> Result<Rc<Self>, ScenarioError> {
        let calm = web_sys::window().and_then(|window| window.match_media("(prefers-reduced-motion: reduce)").ok()?);
        let engine = Rc::new(Engine {
            desk: RefCell::new(Desk::open(file)?),
            said: RefCell::new(None),
            problems: RefCell::new(None),
            refused: RefCell::new(None),
            panel: Cell::new(None),
            selection: RefCell::default(),
            focused: RefCell::new(None),
            is_pressed: Cell::default(),
            canvas: NodeRef::default(),
            clock: NodeRef::default(),
            picture: RefCell::new(None),
            on_event: RefCell::new(None),
            on_ask: RefCell::new(None),
            frame: RefCell::new(None),
            requested: Cell::new(None),
            last_frame_ms: Cell::new(None),
            pace: Cell::default(),
            seen: RefCell::default(),
            told: RefCell::default(),
            is_picture_only: Cell::default(),
            followed: RefCell::new(None),
            telling: RefCell::default(),
            compared: RefCell::new(None),
            wanted: Cell::new(None),
            looks: Cell::new(false),
            on_picture: RefCell::new(None),
            on_look: RefCell::new(None),
            listeners: RefCell::new(Vec::new()),
            calm,
        });
        engine.heed_wishes();
        Ok(engine)
    }

    fn player(&self) -> Ref<'_, Player> {
        Ref::map(self.desk.borrow(), Desk::player)
    }

    fn player_mut(&self) -> RefMut<'_, Player> {
        RefMut::map(self.desk.borrow_mut(), Desk::player_mut)
    }

    /// How often the scenario has become another one.
    pub fn edition(&self) -> u64 {
        self.desk.borrow().edition()
    }

    /// What will go wrong in the scenario as it is now: looked for once after each change. None of a large scenario, unless
    /// somebody asks.
    pub fn problems(&self, is_asked: bool) -> Option<Rc<Vec<Problem>>> {
        let edition = self.edition();
        let mut known = self.problems.borrow_mut();
        if let Some((_, problems)) = known.as_ref().filter(|(of, _)| *of == edition) {
            return Some(problems.clone());
        }
        let desk = self.desk.borrow();
        if !(is_asked || is_quick(desk.file())) {
            return None;
        }
        let problems = Rc::new(check(desk.file()));
        *known = Some((edition, problems.clone()));
        Some(problems)
    }

    /// The scenario's name, and the scenario as a file's text.
    ///
    /// # Errors
    ///
    /// What is more than a file may hold.
    pub fn file(&self) -> Result<(String, String), FileError> {
        let desk = self.desk.borrow();
        Ok((desk.file().scenario.name.to_string(), desk.file().to_text()?))
    }

    /// A link to it.
    pub fn link(&self, example: Option<&str>, wish: Wish) -> share::Link {
        let message = self.followed.borrow().as_ref().map(|followed| followed.life().id().0);
        let selection = self.selection().last().and_then(|node| name_of(self.player().board(), node));
        let seen = Shared { selection, message, panel: self.panel.get() };
        sharing::link(&self.desk.borrow(), example, seen, wish)
    }

    /// The panel that is open, or is to be.
    pub fn panel(&self) -> share::Panel {
        self.panel.get().unwrap_or_else(|| self.desk.borrow().file().view.panel.unwrap_or(share::Panel::Story))
    }

    /// From now on this panel is open.
    pub fn note_panel(&self, panel: share::Panel) {
        self.panel.set(Some(panel));
    }

    /// Whether the scenario says itself which panel is open.
    pub fn opens_panel(&self) -> bool {
        self.desk.borrow().file().view.panel.is_some()
    }

    /// From now on it only plays.
    pub fn fix(&self) {
        self.desk.borrow_mut().fix();
    }

    /// The message that the scenario shows as followed.
    pub fn followed_at_first(&self) -> Option<MessageId> {
        self.desk.borrow().file().view.message.map(MessageId)
    }

    /// Goes on by itself from now on.
    pub fn play(&self) {
        self.change(Player::play);
    }

    /// How high the window would be if the picture were seen whole and no larger than it is meant, CSS pixels. None
    /// until there is a picture.
    pub fn height_wanted(&self) -> Option<f64> {
        let window = web_sys::window()?.inner_height().ok()?.as_f64()?;
        let picture = self.picture.borrow();
        let Picture { layout, room: (width, height), .. } = picture.as_ref()?;
        Some((window - height + wanted_height(layout, *width)).round())
    }

    /// Who is told when the picture is another one, or has other room; none any more.
    pub fn on_picture(&self, on_picture: Option<Box<dyn Fn()>>) {
        *self.on_picture.borrow_mut() = on_picture;
    }

    /// Stands still from now on.
    pub fn pause(&self) {
        self.change(Player::pause);
    }

    /// Carries a line out. Answers what it touched; none if it was refused.
    pub fn run_line(&self, line: &str) -> Option<Vec<Found>> {
        match Edit::parse(line) {
            Ok(command) => match self.attempt(&command) {
                Ok(touched) => Some(touched),
                Err(refusal) => {
                    self.blame(&command, told(&refusal));
                    None
                }
            },
            Err(mistake) => self.say(Err(mistake.to_string())),
        }
    }

    /// Carries a command out. Answers what it touched.
    ///
    /// # Errors
    ///
    /// Why it was refused.
    pub fn attempt(&self, command: &Edit) -> Result<Vec<Found>, Refusal> {
        if let Edit::Compare(changed) = command {
            return self.try_compare(changed).map(|()| Vec::new());
        }
        let done = {
            let mut desk = self.desk.borrow_mut();
            let done = desk.run(command);
            if done.is_ok() {
                desk.show_last();
            }
            done
        };
        let said = done.as_ref().map(|_| (Said::Done(command.to_string()), ())).map_err(told);
        self.say(said);
        done
    }

    /// The scenario as it is now, to be looked into.
    pub fn draft(&self) -> Option<Rc<Draft>> {
        Draft::of(self.desk.borrow().file()).ok().map(Rc::new)
    }

    /// What a node is in the scenario.
    pub fn subject_of(&self, node: &NodeId) -> Option<Subject> {
        let target = self.target_of(node)?;
        let vhost = match node {
            NodeId::Exchange(resource) | NodeId::Queue(resource) => resource.vhost.to_string(),
            NodeId::Client(_) => String::new(),
        };
        Some(Subject::Thing { kind: target.kind?, vhost, name: target.name.to_string() })
    }

    /// What an edge is in the scenario: bindings, or whoever it belongs to.
    pub fn subject_of_edge(&self, edge: &EdgeId) -> Option<Subject> {
        let (from, to) = (self.subject_of(&edge.from)?, self.subject_of(&edge.to)?);
        match (&from, &to) {
            (_, Subject::Thing { kind, .. }) if kind.is_client() => Some(to),
            (Subject::Thing { kind: Kind::Exchange, vhost, name }, Subject::Thing { kind, name: destination, .. })
                if !edge.is_alternate =>
            {
                Some(between(&*self.draft()?, vhost, name, *kind, destination))
            }
            _ => Some(from),
        }
    }

    /// How many messages are in a queue at this moment.
    pub fn messages_in(&self, subject: &Subject) -> usize {
        if let Subject::Several(things) = subject {
            return things.iter().map(|thing| self.messages_in(thing)).sum();
        }
        let Subject::Thing { kind: Kind::Queue, vhost, name } = subject else { return 0 };
        let resource = Resource { vhost: vhost.as_str().into(), name: name.as_str().into() };
        self.player().board().queues.get(&resource).map_or(0, |queue| queue.total())
    }

    /// Gives the scenario another name.
    pub fn rename(&self, name: &str) {
        self.run_line(&Edit::Scenario { name: name.into() }.to_string());
    }

    /// Takes the last change back.
    pub fn undo(&self) {
        let done = self.desk.borrow_mut().undo();
        self.say_of("Undone", done);
    }

    /// Makes the change again that was taken back last.
    pub fn redo(&self) {
        let done = self.desk.borrow_mut().redo();
        self.say_of("Done again", done);
    }

    fn say_of(&self, what: &str, done: Result<Option<String>, Refusal>) {
        match done {
            Ok(None) => {}
            Ok(Some(line)) => {
                self.say::<()>(Ok((Said::Done(format!("{what}: {line}")), ())));
            }
            Err(refusal) => {
                self.say::<()>(Err(told(&refusal)));
            }
        }
    }

    fn say<T>(&self, done: Result<(Said, T), String>) -> Option<T> {
        let (said, answer) = match done {
            Ok((said, answer)) => (said, Some(answer)),
            Err(why) => (Said::Refused(why), None),
        };
        *self.said.borrow_mut() = Some(said);
        *self.refused.borrow_mut() = None;
        self.change(|_| {});
        answer
    }

    /// The names that a command can refer to.
    pub fn known(&self) -> Known {
        self.desk.borrow().known()
    }

    /// The node of something in the scenario.
    pub fn node_of(&self, found: &Found) -> Option<NodeId> {
        let (vhost, name) = (found.vhost.as_str().into(), found.name.as_str().into());
        match found.kind {
            Kind::Exchange => Some(NodeId::exchange(&vhost, &name)),
            Kind::Queue => Some(NodeId::queue(&vhost, &name)),
            _ => {
                let player = self.player();
                let found = player.board().present().find(|(_, client)| client.spec.name == name).map(|(id, _)| id);
                found.map(NodeId::Client)
            }
        }
    }

    /// Where it draws.
    pub fn canvas(&self) -> NodeRef {
        self.canvas.clone()
    }

    /// Where it shows the virtual time.
    pub fn clock(&self) -> NodeRef {
        self.clock.clone()
    }

    /// Begins to run; `on_event` is called whenever there is something new to render.
    pub fn attach(self: &Rc<Self>, on_event: impl Fn() + 'static) {
        *self.on_event.borrow_mut() = Some(Box::new(on_event));
        let weak = Rc::downgrade(self);
        let frame = OnFrame::new(move |now_ms: f64| {
            if let Some(engine) = weak.upgrade() {
                engine.on_frame(now_ms);
            }
        });
        *self.frame.borrow_mut() = Some(frame);
        let mut listeners = self.listeners.borrow_mut();
        let dark = web_sys::window().and_then(|window| window.match_media("(prefers-color-scheme: dark)").ok()?);
        for query in self.calm.iter().chain(dark.iter()) {
            let weak = Rc::downgrade(self);
            listeners.push(EventListener::new(query, "change", move |_| {
                if let Some(engine) = weak.upgrade() {
                    engine.heed_wishes();
                    engine.repaint();
                }
            }));
        }
        let options = EventListenerOptions::run_in_capture_phase();
        for name in ["keydown", "pointerdown"] {
            let weak = Rc::downgrade(self);
            let press = move |_: &Event| weak.upgrade().iter().for_each(|engine| engine.is_pressed.set(true));
            let on_window = |window: Window| EventListener::new_with_options(&window, name, options, press);
            listeners.extend(web_sys::window().map(on_window));
        }
    }

    /// Stops for good: no frame, no listener is left.
    pub fn detach(&self) {
        if let (Some(window), Some(requested)) = (web_sys::window(), self.requested.take()) {
            // Only a handle that is none of the window's could be refused.
            let _ = window.cancel_animation_frame(requested);
        }
        self.player_mut().pause();
        self.listeners.borrow_mut().clear();
        *self.on_event.borrow_mut() = None;
        *self.on_look.borrow_mut() = None;
        *self.frame.borrow_mut() = None;
        *self.picture.borrow_mut() = None;
    }

    fn heed_wishes(&self) {
        let calm = self.calm.as_ref().is_some_and(MediaQueryList::matches);
        self.player_mut().set_jump_cuts(calm);
    }

    /// The picture has another shape or size, or another part of it is seen. The room is in CSS pixels.
    pub fn set_picture(&self, layout: Rc<Layout>, camera: Camera, room: (f64, f64)) {
        let Some(canvas) = self.canvas.cast::<HtmlCanvasElement>() else { return };
        let mut picture = self.picture.borrow_mut();
        let (painter, flying) = match picture.take() {
            Some(last) => (
                Some(last.painter).filter(|_| last.room == room),
                Some(last.flying).filter(|_| Rc::ptr_eq(&last.layout, &layout)),
            ),
            None => (None, None),
        };
        let painter = painter.or_else(|| Painter::new(canvas, room.0, room.1));
        let flying = flying.unwrap_or_default();
        *picture = painter.map(|painter| Picture { layout, camera, room, painter, flying });
        drop(picture);
        self.draw();
        if let Some(on_picture) = &*self.on_picture.borrow() {
            on_picture();
        }
    }

    /// From now on keys have the focus on this node, or on none. While things move, what was framed before is so until they are
    /// drawn anew.
    pub fn set_focused(&self, node: Option<NodeId>) {
        let is_same = self.focused.replace(node.clone()) == node;
        if is_same {
            return;
        }
        if self.requested.get().is_none() {
            self.draw();
        } else if let Some(picture) = &*self.picture.borrow() {
            self.frame_focused(picture);
        }
    }

    fn frame_focused(&self, picture: &Picture) {
        let focused = self.focused.borrow();
        if let Some(placed) = focused.as_ref().and_then(|node| picture.layout.node(node)) {
            picture.painter.frame(placed.rect, picture.camera);
        }
    }

    /// Colours may be others.
    pub fn repaint(&self) {
        if let Some(picture) = self.picture.borrow_mut().as_mut() {
            picture.painter.read_colours();
        }
        self.draw();
    }

    /// What is where, and where nodes were put: what Yew is to render from next.
    pub fn now(&self) -> (Rc<Board>, Put) {
        (Rc::new(self.player().board().clone()), self.desk.borrow().put().clone())
    }

    /// What Yew renders from. Of a crowd that plays, the picture and the words are others in different frames, so that none
    /// takes too long.
    pub fn scene(&self) -> Scene {
        let player = self.player();
        let now = Rc::new(player.board().clone());
        let is_picture_only = self.is_picture_only.take();
        let (seen, flows) = self.seen(&player, &now, is_picture_only);
        if !is_picture_only {
            *self.told.borrow_mut() = now;
        }
        let board = self.told.borrow().clone();
        Scene {
            seen,
            flows,
            board,
            cursor: player.cursor(),
            start: player.start(),
            playing: player.is_playing(),
            range: (player.lowest(), player.branch().seen.max(player.cursor())),
            forgotten: player.forgotten(),
            ticks: Rc::new(ticks(&player)),
            following: self.following(),
            signs: Rc::new(signs(player.film(), player.cursor(), !player.is_playing() || player.has_jump_cuts())),
            speed: player.speed(),
            scenario: self.desk.borrow().file().scenario.name.clone(),
            can_undo: self.desk.borrow().can_undo().map(str::to_owned),
            can_redo: self.desk.borrow().can_redo().map(str::to_owned),
            said: self.said.borrow().clone(),
            refused: self.refused.borrow().clone(),
            outcome: self.desk.borrow().outcome().cloned(),
            put: self.desk.borrow().put().clone(),
        }
    }

    /// What the picture is rendered from: of a crowd that plays, for a while the same, as long as nobody comes or goes;
    /// and how much goes along edges.
    fn seen(&self, player: &Player, board: &Rc<Board>, is_picture_only: bool) -> (Rc<Board>, Rc<Flows>) {
        let picture = self.picture.borrow();
        let layout = picture.as_ref().map(|picture| &picture.layout);
        let has_flows = layout.is_some_and(|layout| are_seen(player, layout));
        let is_crowded = layout.is_some_and(|layout| layout.is_crowded());
        let mut seen = self.seen.borrow_mut();
        let longest_ms = if is_crowded { CALLED_MS + CALLED_MORE_MS } else { CALLED_MS };
        let is_due = is_picture_only || !player.is_playing() || now_ms() - seen.at_ms >= longest_ms;
        let is_kept = !is_due && is_crowded;
        if !(is_kept && seen.board.is_connected_as(board)) {
            (seen.board, seen.cursor) = (board.clone(), player.cursor());
        }
        if is_due {
            seen.at_ms = now_ms();
            seen.flows = if has_flows { Rc::new(flows(player)) } else { Rc::default() };
        }
        (seen.board.clone(), seen.flows.clone())
    }

    /// Whether more happens than can be rendered, or read.
    pub fn hurries(&self) -> bool {
        let player = self.player();
        player.is_playing() && self.pace.get().hurries(player.speed() > READ_MAX)
    }

    /// Whether more happens than anybody reads.
    pub fn floods(&self) -> bool {
        self.player().is_playing() && self.pace.get().floods()
    }

    /// Where one is, if one can come back there.
    pub fn moment(&self) -> Option<Moment> {
        Moment::of(&self.player())
    }

    /// Begins: where somebody was, else as the scenario has it, else playing or not.
    pub fn start(&self, moment: Option<Moment>, plays: bool) {
        let view = self.desk.borrow().file().view.clone();
        self.change(|player| {
            if let Some(moment) = moment {
                return moment.restore(player);
            }
            if let Some(speed) = view.speed {
                player.set_speed(speed);
            }
            if let Some(cursor) = view.cursor.and_then(|cursor| usize::try_from(cursor).ok()) {
                player.seek(cursor);
            }
            if view.playing.unwrap_or(plays) {
                player.play();
            }
        });
    }

    /// Plays, or pauses.
    pub fn toggle(&self) {
        self.change(|player| if player.is_playing() { player.pause() } else { player.play() });
    }

    /// One event on.
    pub fn next(&self) {
        self.change(|player| {
            player.step();
        });
    }

    /// One event back.
    pub fn back(&self) {
        self.change(|player| {
            player.step_back();
        });
    }

    /// To the beginning.
    pub fn restart(&self) {
        self.change(Player::restart);
    }

    /// To the furthest that one has been.
    pub fn to_end(&self) {
        self.change(Player::to_end);
    }

    /// To where so many entries have happened. Time stands still there.
    pub fn seek(&self, cursor: usize) {
        self.change(|player| {
            player.pause();
            player.seek(cursor);
        });
    }

    /// To the next thing that people look for: something lost, refused or broken.
    pub fn next_interesting(&self) {
        self.change(|player| {
            player.next_interesting();
        });
    }

    /// To the last such thing.
    pub fn previous_interesting(&self) {
        self.change(|player| {
            player.previous_interesting();
        });
    }

    /// Another speed.
    pub fn set_speed(&self, speed: f64) {
        self.change(|player| player.set_speed(speed));
    }

    fn change(&self, change: impl FnOnce(&mut Player)) {
        change(&mut self.player_mut());
        self.last_frame_ms.set(None);
        self.looks.set(self.followed.borrow().is_some());
        self.draw();
        self.stop_pace();
        self.tell();
        self.request();
    }

    /// What is told now is all there is to tell.
    fn stop_pace(&self) {
        let mut pace = self.pace.get();
        pace.stop();
        self.pace.set(pace);
    }

    fn tell(&self) {
        if let Some(on_event) = &*self.on_event.borrow() {
            on_event();
        }
    }

    /// Asks for a frame, if something moves and none is asked for.
    fn request(&self) {
        if self.requested.get().is_some() || !(self.looks.get() || self.player().is_moving()) {
            return;
        }
        let frame = self.frame.borrow();
        let callback = frame.as_ref().map(|frame| frame.as_ref().unchecked_ref());
        let request = |window: Window| window.request_animation_frame(callback?).ok();
        self.requested.set(web_sys::window().and_then(request));
    }

    fn on_frame(&self, now_ms: f64) {
        self.requested.set(None);
        let mut pace = self.pace.get();
        let gives_way = pace.gives_way(self.is_pressed.take());
        self.pace.set(pace);
        if gives_way {
            return self.request();
        }
        let elapsed_ms = self.last_frame_ms.replace(Some(now_ms)).map_or(0.0, |last_ms| now_ms - last_ms);
        let (before, after) = {
            let mut player = self.player_mut();
            let before = player.cursor();
            let until_ms = self::now_ms() + BUDGET_MS;
            player.tick_within(elapsed_ms, &mut || self::now_ms() < until_ms);
            (before, player.cursor())
        };
        let (is_moving, speed) = {
            let player = self.player();
            (player.is_moving(), player.speed())
        };
        let renders = pace.frame(now_ms, after.abs_diff(before), speed > READ_MAX);
        let owes = self.owes(after);
        let is_last = !is_moving && (pace.is_behind() || owes);
        let is_picture_only = !is_last && owes && pace.takes_more();
        self.pace.set(pace);
        if is_last {
            self.stop_pace();
        }
        // Rendering makes a frame late: what moves waits for the next, what comes to rest has none.
        if !is_moving || !(renders || is_picture_only) || !pace.is_late() {
            self.draw();
            self.looks.set(self.look() && self.followed.borrow().is_some());
        }
        if renders || is_last || is_picture_only {
            self.is_picture_only.set(is_picture_only);
            self.tell();
        }
        if !self.player().is_moving() {
            self.last_frame_ms.set(None);
        }
        self.request();
    }

    /// Whether the picture was rendered too long ago for what has happened since.
    fn owes(&self, cursor: usize) -> bool {
        let seen = self.seen.borrow();
        seen.cursor != cursor && now_ms() - seen.at_ms > CALLED_MS
    }

    fn draw(&self) {
        let player = self.player();
        if let Some(picture) = &mut *self.picture.borrow_mut() {
            let flights = picture.flying.look(&player, &picture.layout);
            let figures = figures(&picture.layout, player.board());
            let focus = self.focus(&player, &picture.layout);
            self.wanted.set(focus.as_ref().and_then(|focus| focus.part(flights)));
            picture.painter.draw(flights, &figures, focus.as_ref(), picture.camera, player.has_jump_cuts());
            self.frame_focused(picture);
        }
        if let Some(clock) = self.clock.get() {
            clock.set_text_content(Some(&seconds(player.clock_ms())));
        }
    }
}

/// The page's own time, milliseconds.
pub fn now_ms() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now())
}

/// Virtual time for people: seconds with one digit behind the point.
pub fn seconds(ms: f64) -> String {
    format!("{:.1} s", (ms / 100.0).floor() / 10.0)
}
