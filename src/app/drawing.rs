//! What hands and keys do on the picture, carried out: it asks `view` and `edit` what is meant, and runs commands.

use std::rc::Rc;

use yew::prelude::*;

use crate::edit::edge::{Behind, Relation, behind};
use crate::edit::form::variations;
use crate::edit::link::{additions, link, link_to_nothing};
use crate::edit::{Command as Edit, Kind, Offer, Target, excerpt, pasted};
use crate::view::align::{self, Align, Guide};
use crate::view::camera::Camera;
use crate::view::geometry::{Point, Rect};
use crate::view::gesture::{Dragged, Gesture, What};
use crate::view::graph::{EdgeId, EdgeKind};
use crate::view::places;
use crate::view::why::name_of;
use crate::view::{Layout, NodeId, Select, Selection};

use super::clipboard::{self, Clip};
use super::engine::Engine;

/// How close to another's a node's middle is taken for in line, CSS pixels.
const SNAP_PX: f64 = 8.0;
/// How close to a line a tap means it, CSS pixels.
const NEAR_PX: f64 = 9.0;
/// How far from what it is a copy of a pasted thing stands.
const ASIDE: f64 = 60.0;

/// What can be asked of the picture from elsewhere on the page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ask {
    /// Draw a line from what is selected.
    Link,
    /// Look into the next edge of what is selected.
    Edge,
    /// Say what the selected node can be compared with.
    Compare,
    /// Say what can be added.
    Add,
    /// Select everything.
    All,
    /// Make copies of what is selected beside it.
    Duplicate,
    /// Take away what is selected.
    Delete,
    /// Move what is selected by so many steps.
    Nudge(i8, i8),
    /// See another part of the picture, so many steps from here.
    Pan(i8, i8),
    /// Say how what is selected can be put in line.
    Align,
    /// Lay everything out afresh.
    Arrange,
    /// Add something, at a point of the window.
    Drop(Kind, Point),
    /// Copy, cut or paste.
    Clip(Clip),
    /// From now on select several by presses alone, or no longer.
    Several,
    /// See more or less of it.
    Zoom(Zoom),
    /// Leave what was begun, and select nothing.
    Cancel,
}

/// How much of the picture is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zoom {
    /// Less of it, larger.
    In,
    /// More of it, smaller.
    Out,
    /// All of it.
    Fit,
}

/// Something small that is open over the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Popup {
    /// The point of the picture that it is about.
    pub at: Point,
    /// What is in it.
    pub content: Content,
}

/// What is in it.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// What can be done.
    Menu(String, Vec<Offer>),
    /// What has to be typed for something to be done.
    Question(Offer),
    /// What an edge stands for, and what more can be.
    Edge(String, Vec<Behind>, Option<Offer>),
    /// Why something cannot be.
    Note(String),
}

/// The picture as it is now, for hands: rendered yet or not.
#[derive(Clone)]
pub struct Drawing {
    /// Runs commands.
    pub engine: Rc<Engine>,
    /// Where everything stands.
    pub layout: Rc<Layout>,
    /// What is seen.
    pub camera: Camera,
    /// CSS pixels, across and down.
    pub room: (f64, f64),
    /// What is selected.
    pub selection: Rc<Selection>,
    /// Selects something else.
    pub on_select: Callback<Select>,
    /// What is dragged.
    pub dragged: UseStateSetter<Option<Dragged>>,
    /// What is open.
    pub popup: UseStateSetter<Option<Popup>>,
    /// Where a line begins that is drawn by keys.
    pub linking: Option<NodeId>,
    /// The same, to be set.
    pub set_linking: UseStateSetter<Option<NodeId>>,
}

impl Drawing {
    /// What a hand on the picture does. Panning and zooming are not for it.
    pub fn gesture(&self, gesture: Gesture) {
        match gesture {
            Gesture::Pan(..) | Gesture::Zoom(..) => {}
            Gesture::Tap(at) => self.tap(self.camera.to_picture(at)),
            Gesture::DoubleTap(at) => self.offer_additions(self.camera.to_picture(at)),
            Gesture::Drag(dragged) => {
                self.popup.set(None);
                self.dragged.set(Some(dragged));
            }
            Gesture::Stop => self.dragged.set(None),
            Gesture::Drop(dragged) => {
                self.dragged.set(None);
                self.drop(&dragged);
            }
        }
    }

    /// What is asked from elsewhere.
    pub fn ask(&self, ask: Ask) {
        match ask {
            Ask::Link => self.begin_line(),
            Ask::Edge => self.next_edge(),
            Ask::Add if self.linking.is_some() => self.link_to_something_new(),
            Ask::Compare => self.offer_variations(),
            Ask::Add => self.offer_additions(self.camera.to_picture(Point::new(self.room.0 / 2.0, self.room.1 / 3.0))),
            Ask::All => {
                let all = self.layout.nodes.iter().map(|placed| placed.node.id.clone());
                self.on_select.emit(Select::These(all.collect()));
            }
            Ask::Duplicate => {
                let targets = self.targets();
                if !targets.is_empty() {
                    self.run(&Edit::Duplicate { targets, name: "".into() }, self.spot());
                }
            }
            Ask::Delete => self.delete(),
            Ask::Nudge(x, y) => {
                let by = Point::new(f64::from(x) * align::STEP, f64::from(y) * align::STEP);
                self.put(align::moved(&self.layout, self.selection.nodes(), by));
            }
            Ask::Align => self.offer_alignments(),
            Ask::Arrange => self.run(&Edit::Arrange, self.spot()),
            Ask::Drop(kind, at) => self.add(kind, at),
            Ask::Clip(clip) => clipboard::press(clip, self),
            // The camera is the stage's.
            Ask::Zoom(_) | Ask::Pan(..) => {}
            Ask::Several => self.on_select.emit(Select::Several),
            Ask::Cancel => {
                self.popup.set(None);
                self.dragged.set(None);
                if self.linking.is_some() {
                    self.set_linking.set(None);
                } else {
                    self.on_select.emit(Select::Nothing);
                }
            }
        }
    }

    /// A node is pressed: it is selected, or is where a line ends.
    pub fn press(&self, change: Select) {
        match (&self.linking, &change) {
            (Some(from), Select::Press(to)) => {
                self.set_linking.set(None);
                if from != to {
                    self.line(from, to);
                }
            }
            _ => {
                self.popup.set(None);
                self.on_select.emit(change);
            }
        }
    }

    /// By how much what is dragged is moved, what of the picture that is, and what shows what it is in line with.
    pub fn moving(&self, dragged: &Dragged) -> Option<(Vec<NodeId>, Point, Vec<Guide>)> {
        let What::Node(node) = &dragged.what else { return None };
        let mut nodes: Vec<NodeId> = match self.selection.contains(node) {
            true => self.selection.nodes().iter().filter(|other| *other != node).cloned().collect(),
            false => Vec::new(),
        };
        nodes.push(node.clone());
        let by = self.shift(dragged);
        let (by, guides) = align::snapped(&self.layout, &nodes, by, SNAP_PX / self.camera.scale);
        Some((nodes, by, guides))
    }

    /// The frame that is drawn around nodes, in the picture.
    pub fn frame(&self, dragged: &Dragged) -> Option<Rect> {
        let (from, to) = (self.camera.to_picture(dragged.from), self.camera.to_picture(dragged.to));
        let around = |point| Rect::around(point, 0.0, 0.0);
        (dragged.what == What::Frame).then(|| around(from).with(&around(to)))
    }

    /// The node that a line ends at.
    pub fn line_end(&self, dragged: &Dragged) -> Option<NodeId> {
        let What::Line(from) = &dragged.what else { return None };
        let placed = align::node_at(&self.layout, self.camera.to_picture(dragged.to))?;
        (placed.node.id != *from).then(|| placed.node.id.clone())
    }

    fn shift(&self, dragged: &Dragged) -> Point {
        let scale = self.camera.scale;
        Point::new((dragged.to.x - dragged.from.x) / scale, (dragged.to.y - dragged.from.y) / scale)
    }

    fn drop(&self, dragged: &Dragged) {
        let at = self.camera.to_picture(dragged.to);
        match &dragged.what {
            What::Frame => {
                let area = self.frame(dragged).unwrap_or_default();
                self.on_select.emit(Select::Also(align::within(&self.layout, &area)));
            }
            What::Node(_) => {
                if let Some((nodes, by, _)) = self.moving(dragged) {
                    self.put(align::moved(&self.layout, &nodes, by));
                }
            }
            What::Line(from) => match align::node_at(&self.layout, at) {
                Some(placed) if placed.node.id == *from => {}
                Some(placed) => self.line(from, &placed.node.id.clone()),
                None => self.line_to_nothing(from, at),
            },
        }
    }

    fn tap(&self, at: Point) {
        self.popup.set(None);
        match align::edge_at(&self.layout, at, NEAR_PX / self.camera.scale) {
            Some(edge) => self.open_edge(edge, at),
            None if self.linking.is_some() => {
                if let Some(from) = &self.linking {
                    self.line_to_nothing(from, at);
                }
                self.set_linking.set(None);
            }
            None => self.on_select.emit(Select::Nothing),
        }
    }

    /// Where something is told that is about what is selected.
    fn spot(&self) -> Point {
        let placed = self.selection.last().and_then(|node| self.layout.node(node));
        match (placed, self.selection.edge()) {
            (Some(placed), _) => Point::new(placed.rect.x, placed.rect.y + placed.rect.height),
            (None, Some(edge)) => self.middle_of(edge),
            (None, None) => self.camera.to_picture(Point::new(24.0, 24.0)),
        }
    }

    fn middle_of(&self, edge: &EdgeId) -> Point {
        let drawn = self.layout.edges.iter().find(|drawn| drawn.edge.id() == *edge);
        drawn.map(|drawn| drawn.curve.at(0.5)).unwrap_or_default()
    }

    fn note(&self, at: Point, why: impl Into<String>) {
        self.popup.set(Some(Popup { at, content: Content::Note(why.into()) }));
    }

    /// Runs a command; if it is refused, the reason stands there.
    pub fn run(&self, command: &Edit, at: Point) {
        match self.attempt(command) {
            Ok(()) => self.popup.set(None),
            Err(why) => self.note(at, why),
        }
    }

    /// Runs a command and selects what is new or changed.
    ///
    /// # Errors
    ///
    /// Why it is refused.
    pub fn attempt(&self, command: &Edit) -> Result<(), String> {
        let touched = self.engine.try_out(command)?;
        let nodes: Vec<NodeId> = touched.iter().filter_map(|found| self.engine.node_of(found)).collect();
        let is_move = matches!(command, Edit::Move { .. })
            || matches!(command, Edit::Steps(steps) if steps.iter().all(|step| matches!(step, Edit::Move { .. })));
        if !is_move && !nodes.is_empty() {
            self.on_select.emit(Select::These(nodes));
        }
        Ok(())
    }

    fn targets(&self) -> Vec<Target> {
        self.selection.nodes().iter().filter_map(|node| self.engine.target_of(node)).collect()
    }

    fn delete(&self) {
        let targets = self.targets();
        if !targets.is_empty() {
            self.run(&Edit::Delete { targets }, self.spot());
        } else if let Some(edge) = self.selection.edge() {
            match self.behind(edge) {
                Ok(all) if all.len() == 1 => {
                    let delete = all.into_iter().map(|behind| behind.delete).next();
                    self.on_select.emit(Select::Nothing);
                    delete.iter().for_each(|delete| self.run(delete, self.middle_of(edge)));
                }
                // Which of them is meant is said there.
                _ => self.open_edge(edge.clone(), self.middle_of(edge)),
            }
        }
    }

    /// Puts nodes somewhere.
    fn put(&self, places: Vec<(NodeId, Point)>) {
        if let Some(command) = self.putting(places) {
            self.run(&command, self.spot());
        }
    }

    /// The command that puts nodes somewhere, if there is anything to put.
    fn putting(&self, places: Vec<(NodeId, Point)>) -> Option<Edit> {
        let step = |(node, to): (NodeId, Point)| {
            Some(Edit::Move { target: self.engine.target_of(&node)?, to: Some((to.x, to.y)) })
        };
        let mut steps: Vec<Edit> = places.into_iter().filter_map(step).collect();
        if steps.len() > 1 { Some(Edit::Steps(steps)) } else { steps.pop() }
    }

    /// The ways to put in line what is selected.
    fn offer_alignments(&self) {
        let offer = |(how, label): (Align, &str)| {
            let places = align::aligned(&self.layout, self.selection.nodes(), how);
            Some(Offer::new(label, self.putting(places)?))
        };
        let content = match Align::ALL.into_iter().filter_map(offer).collect::<Vec<Offer>>() {
            offers if offers.is_empty() => Content::Note("What is selected cannot be moved.".to_owned()),
            offers => Content::Menu("Align".to_owned(), offers),
        };
        self.popup.set(Some(Popup { at: self.spot(), content }));
    }

    fn begin_line(&self) {
        match self.selection.only() {
            Some(node) => self.set_linking.set(Some(node.clone())),
            None => self.note(self.spot(), "Select one node to draw a line from, then press L."),
        }
    }

    /// What the selected node can be compared with.
    fn offer_variations(&self) {
        let at = self.spot();
        let subject = self.selection.only().and_then(|node| self.engine.subject_of(node));
        let (Some(subject), Some(draft)) = (subject, self.engine.draft()) else {
            return self.note(at, "Select one exchange, queue or client, then press C to compare it with something.");
        };
        let offers: Vec<Offer> = variations(&draft, &subject).into_iter().map(Offer::compare).collect();
        if offers.is_empty() {
            return self.note(
                at,
                "There is nothing to propose for this. Any change can be compared: type compare before its command.",
            );
        }
        let name = self.selection.only().map(|node| name_of(&self.engine.now().0, node)).unwrap_or_default();
        self.popup.set(Some(Popup { at, content: Content::Menu(format!("Compare {name} with"), offers) }));
    }

    fn line(&self, from: &NodeId, to: &NodeId) {
        let Some(placed) = self.layout.node(to) else { return };
        let at = Point::new(placed.rect.x, placed.rect.y + placed.rect.height);
        let (Some(from), Some(to)) = (self.engine.end_of(from), self.engine.end_of(to)) else { return };
        let offers = link(&self.engine.scenario(), &from, &to);
        match offers {
            Err(refusal) => self.note(at, refusal.problem),
            Ok(offers) => self.open(at, format!("From {} to {}", from.name, to.name), offers),
        }
    }

    /// A line that is drawn by keys ends where nothing is: where the next thing would stand.
    fn link_to_something_new(&self) {
        let Some(from) = &self.linking else { return };
        self.set_linking.set(None);
        if let Some(placed) = self.layout.node(from) {
            self.line_to_nothing(from, align::beside(&self.layout, placed, self.camera.seen(self.room)));
        }
    }

    fn line_to_nothing(&self, from: &NodeId, at: Point) {
        let Some(from) = self.engine.end_of(from) else { return };
        let offers = link_to_nothing(&self.engine.scenario(), &from);
        match offers {
            Err(refusal) => self.note(at, refusal.problem),
            Ok(offers) => {
                let offers = offers.into_iter().map(|offer| offer.at((at.x.round(), at.y.round()))).collect();
                self.popup.set(Some(Popup { at, content: Content::Menu(format!("From {}", from.name), offers) }));
            }
        }
    }

    /// One thing that can be done is done, as far as nothing has to be asked; of several people choose.
    fn open(&self, at: Point, title: String, mut offers: Vec<Offer>) {
        match (offers.len(), offers.pop()) {
            (1, Some(offer)) if offer.asks.is_none() => self.run(&offer.command, at),
            (1, Some(offer)) => self.popup.set(Some(Popup { at, content: Content::Question(offer) })),
            (_, last) => {
                offers.extend(last);
                self.popup.set(Some(Popup { at, content: Content::Menu(title, offers) }));
            }
        }
    }

    /// What can be added at a point of the picture.
    fn additions(&self, at: Point) -> Result<Vec<Offer>, String> {
        let vhost = align::vhost_at(&self.layout, at);
        let offers = additions(&self.engine.scenario(), vhost.as_ref()).map_err(|refusal| refusal.problem)?;
        Ok(offers.into_iter().map(|offer| offer.at((at.x.round(), at.y.round()))).collect())
    }

    fn offer_additions(&self, at: Point) {
        match self.additions(at) {
            Ok(offers) => {
                self.popup.set(Some(Popup { at, content: Content::Menu("Add".to_owned(), offers) }));
            }
            Err(why) => self.note(at, why),
        }
    }

    fn add(&self, kind: Kind, at: Point) {
        let Some(at) = self.engine.point_at(at) else { return };
        let offers = self.additions(at);
        let is_it = |offer: &Offer| match &offer.command {
            Edit::Add { kind: other, .. } => *other == kind,
            Edit::Steps(steps) => matches!(steps.first(), Some(Edit::Add { kind: other, .. }) if *other == kind),
            _ => false,
        };
        match offers.map(|offers| offers.into_iter().find(is_it)) {
            Ok(Some(offer)) => self.run(&offer.command, at),
            Ok(None) => {}
            Err(why) => self.note(at, why),
        }
    }

    fn behind(&self, edge: &EdgeId) -> Result<Vec<Behind>, String> {
        let drawn = self.layout.edges.iter().find(|drawn| drawn.edge.id() == *edge);
        let kind = drawn.map_or(EdgeKind::Implied, |drawn| drawn.edge.kind);
        let relation = match kind {
            EdgeKind::Binding => Relation::Binding,
            EdgeKind::DeadLetter => Relation::DeadLetter,
            EdgeKind::Alternate => Relation::Alternate,
            EdgeKind::Consume => Relation::Consume,
            EdgeKind::Publish => Relation::Publish,
            EdgeKind::Implied => Relation::Implied,
        };
        let (from, to) = (self.engine.end_of(&edge.from), self.engine.end_of(&edge.to));
        let (Some(from), Some(to)) = (from, to) else { return Err("It is not there any more.".to_owned()) };
        behind(&self.engine.scenario(), relation, &from, &to).map_err(|refusal| refusal.problem)
    }

    fn open_edge(&self, edge: EdgeId, at: Point) {
        let content = match self.behind(&edge) {
            Err(why) => Content::Note(why),
            Ok(behind) => {
                let name = |node: &NodeId| self.engine.end_of(node).map(|end| end.name.to_string()).unwrap_or_default();
                let more = behind.iter().any(|one| matches!(one.delete, Edit::Bind { .. }));
                let ends = self.engine.end_of(&edge.from).zip(self.engine.end_of(&edge.to));
                let offers = ends.and_then(|(from, to)| link(&self.engine.scenario(), &from, &to).ok());
                let again = offers.and_then(|offers| offers.into_iter().next()).filter(|_| more);
                let title = format!("{} to {}", name(&edge.from), name(&edge.to));
                Content::Edge(title, behind, again.filter(|offer| offer.asks.is_some()))
            }
        };
        self.on_select.emit(Select::Edge(edge));
        self.popup.set(Some(Popup { at, content }));
    }

    /// The first edge of the node that is selected; of the edge that is selected, the next one at the same node.
    fn next_edge(&self) {
        let selected = self.selection.edge();
        let Some(node) = self.selection.last().or(selected.map(|edge| &edge.from)) else {
            return self.note(self.spot(), "Select a node, then press E for what leads from it and to it.");
        };
        let edges: Vec<EdgeId> = self
            .layout
            .edges
            .iter()
            .filter(|drawn| drawn.edge.from == *node || drawn.edge.to == *node)
            .map(|drawn| drawn.edge.id())
            .collect();
        let next = selected.and_then(|edge| edges.iter().position(|other| other == edge)).map_or(0, |place| place + 1);
        match edges.get(next).or(edges.first()) {
            Some(edge) => self.open_edge(edge.clone(), self.middle_of(edge)),
            None => self.note(self.spot(), "Nothing leads from it or to it."),
        }
    }

    /// What is selected, as the text of a scenario.
    ///
    /// # Errors
    ///
    /// If nothing is, or what is selected is not part of the scenario.
    pub fn copied(&self) -> Result<String, String> {
        let targets = self.targets();
        if targets.is_empty() {
            return Err("Select what is to be copied.".to_owned());
        }
        let places = self.layout.nodes.iter().map(|placed| (places::name_of(&placed.node), whole(placed.centre)));
        excerpt(&self.engine.scenario(), &targets, &places.collect()).map_err(|refusal| refusal.problem)
    }

    /// Takes away what is selected, and answers its text.
    ///
    /// # Errors
    ///
    /// Why not.
    pub fn cut(&self) -> Result<String, String> {
        let text = self.copied()?;
        self.engine.try_out(&Edit::Delete { targets: self.targets() })?;
        Ok(text)
    }

    /// Adds what a text has in it.
    pub fn paste(&self, text: &str) {
        let scenario = match pasted(text) {
            Ok(scenario) => scenario,
            Err(refusal) => return self.note(self.spot(), refusal.problem),
        };
        let seen = self.camera.seen(self.room);
        let placed = self.selection.last().and_then(|node| self.layout.node(node)).map(|placed| placed.centre);
        let at = placed.unwrap_or_else(|| Point::new(seen.x + seen.width / 3.0, seen.y + seen.height / 3.0));
        let to = Some(((at.x + ASIDE).round(), (at.y + ASIDE).round()));
        self.run(&Edit::Paste { scenario, to }, self.spot());
    }

    /// Tells why something cannot be, near what is selected.
    pub fn tell(&self, why: &str) {
        self.note(self.spot(), why);
    }
}

#[allow(clippy::cast_possible_truncation)]
fn whole(point: Point) -> crate::share::Point {
    crate::share::Point { x: point.x.round() as i32, y: point.y.round() as i32 }
}
