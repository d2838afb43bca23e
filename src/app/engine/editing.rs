//! Editing by hand: what the picture asks of the desk.

use std::cell::Ref;
use std::rc::Rc;

use web_sys::Element;

use crate::edit::form::Subject;
use crate::edit::{Command as Edit, Draft, End, Found, Kind, Target, link};
use crate::share::File;
use crate::view::blame::blamed;
use crate::view::geometry::Point;
use crate::view::written::Later;
use crate::view::{Desk, NodeId};

use super::super::drawing::Ask;
use super::{Engine, Said, told};

/// Who is asked.
pub type OnAsk = Box<dyn Fn(Ask)>;

impl Engine {
    /// Carries a command out. Answers what it touched.
    ///
    /// # Errors
    ///
    /// Why it is refused, for people.
    pub fn try_out(&self, command: &Edit) -> Result<Vec<Found>, String> {
        self.attempt(command).map_err(|refusal| told(&refusal))
    }

    /// Tells a refusal at the node that it is about, too.
    pub(super) fn blame(&self, command: &Edit, why: String) {
        let node = blamed(self.player().board(), command, &why);
        if let Some(node) = node {
            *self.refused.borrow_mut() = Some(Rc::new((node, why)));
            self.change(|_| {});
        }
    }

    /// Tells it there no longer. False if it was not told.
    pub fn forget_refusal(&self) -> bool {
        let is_told = self.refused.take().is_some();
        if is_told {
            self.change(|_| {});
        }
        is_told
    }

    /// Begins anew with what is written now.
    pub fn begin_anew(&self) {
        let begun = self.desk.borrow_mut().begin_anew();
        self.followed.take();
        self.say(begun.map(|()| (Said::Done("begun anew".to_owned()), ())).map_err(|refusal| told(&refusal)));
    }

    /// Whether something is written that counts from the next beginning on.
    pub fn is_behind(&self) -> bool {
        self.desk.borrow().is_behind()
    }

    /// What was changed after the moment that is looked at.
    pub fn later(&self) -> Vec<Later> {
        self.desk.borrow().later()
    }

    /// How many of the changes have been made at the moment that is looked at.
    pub fn changes_made(&self) -> usize {
        self.desk.borrow().changes_made()
    }

    /// The scenario as it was written at the moment that is looked at.
    pub fn draft_then(&self) -> Option<Draft> {
        Draft::of(self.desk.borrow().then()).ok()
    }

    /// What several nodes are in the scenario.
    pub fn subjects_of(&self, nodes: &[NodeId]) -> Subject {
        let ends = nodes.iter().filter_map(|node| self.end_of(node));
        Subject::Several(
            ends.map(|End { kind, vhost, name }| {
                let vhost = if kind.is_client() { String::new() } else { vhost.to_string() };
                Subject::Thing { kind, vhost, name: name.to_string() }
            })
            .collect(),
        )
    }

    /// Tells that something is done that changes nothing.
    pub fn tell_done(&self, what: &str) {
        self.say(Ok((Said::Done(what.to_owned()), ())));
    }

    /// The scenario as it is now.
    pub fn scenario(&self) -> Ref<'_, File> {
        Ref::map(self.desk.borrow(), Desk::file)
    }

    /// What a node is, and where.
    pub fn end_of(&self, node: &NodeId) -> Option<End> {
        Some(match node {
            NodeId::Exchange(id) => End { kind: Kind::Exchange, vhost: id.vhost.clone(), name: id.name.clone() },
            NodeId::Queue(id) => End { kind: Kind::Queue, vhost: id.vhost.clone(), name: id.name.clone() },
            NodeId::Client(id) => {
                let player = self.player();
                let spec = &player.board().clients.get(id)?.spec;
                End { kind: Kind::of_role(&spec.role), vhost: spec.vhost.clone(), name: spec.name.clone() }
            }
        })
    }

    /// What a node is called in commands.
    pub fn target_of(&self, node: &NodeId) -> Option<Target> {
        let end = self.end_of(node)?;
        link::target(&self.scenario(), &end).ok()
    }

    /// Who is asked for what is done on the picture; none if nobody is there.
    pub fn on_ask(&self, on_ask: Option<OnAsk>) {
        *self.on_ask.borrow_mut() = on_ask;
    }

    /// Asks for something to be done on the picture.
    pub fn ask(&self, ask: Ask) {
        if let Some(on_ask) = &*self.on_ask.borrow() {
            on_ask(ask);
        }
    }

    /// The point of the picture at a point of the window; none if the picture is not there.
    pub fn point_at(&self, at: Point) -> Option<Point> {
        let frame = self.canvas.cast::<Element>()?.get_bounding_client_rect();
        let picture = self.picture.borrow();
        let picture = picture.as_ref()?;
        let at = Point::new(at.x - frame.left(), at.y - frame.top());
        let is_in = (0.0..picture.room.0).contains(&at.x) && (0.0..picture.room.1).contains(&at.y);
        is_in.then(|| picture.camera.to_picture(at))
    }
}
