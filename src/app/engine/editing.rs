//! Editing by hand: what the picture asks of the desk.

use std::cell::Ref;

use web_sys::Element;

use crate::edit::{Command as Edit, End, Found, Kind, Target, link};
use crate::share::File;
use crate::view::geometry::Point;
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
