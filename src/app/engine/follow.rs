//! The message that is followed: its life as far as the film tells it, where it is in the picture, and the camera that
//! keeps it in view.

use std::rc::Rc;

use super::Engine;
use crate::broker::MessageId;
use crate::view::camera::Camera;
use crate::view::flight::Flight;
use crate::view::follow::{Following, Row, around, following, is_message, pick, rows, spots};
use crate::view::geometry::{Point, Rect};
use crate::view::life::page::{Page, page};
use crate::view::life::{Life, is_about_one, subject};
use crate::view::sequence::{Diagram, Step, Which, mermaid, plan, steps};
use crate::view::{Layout, NodeId, Player};

/// How far the camera moves in a frame: a part of the way that is left, and at least so many CSS pixels.
const GLIDE: (f64, f64) = (0.16, 5.0);

/// A message, and the film in which it is known.
pub(super) struct Followed {
    life: Life,
    film: (u32, u32),
}

impl Followed {
    /// The message's life.
    pub(super) fn life(&self) -> &Life {
        &self.life
    }
}

/// Which steps are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Those of the message that is followed.
    Message,
    /// So many around the moment.
    Last(usize),
    /// Those from a moment to another, virtual milliseconds.
    Range(u64, u64),
}

/// What is drawn of it.
pub struct Focus {
    /// Which message.
    pub id: MessageId,
    /// Where it stands still.
    pub spots: Vec<Flight>,
}

/// Which film it is: what goes on from another past is another one.
pub(super) fn film_of(player: &Player) -> (u32, u32) {
    (player.branch().id, player.film().forks())
}

impl Engine {
    /// Follows a message.
    pub fn follow(&self, id: MessageId) {
        let followed = {
            let player = self.player();
            Life::of(player.film().history(), id).map(|life| Followed { life, film: film_of(&player) })
        };
        if followed.is_some() {
            *self.followed.borrow_mut() = followed;
            self.change(|_| {});
        }
    }

    /// Follows the message that an entry is about, by its number.
    pub fn follow_entry(&self, seq: u64) {
        let id = subject(self.player().film().history(), seq);
        if let Some(id) = id {
            self.follow(id);
        }
    }

    /// Follows the message that the last event was about, or the last one before it that was about any.
    pub fn follow_last(&self) {
        let seq = {
            let player = self.player();
            let history = player.film().history();
            let places = (history.first()..player.cursor()).rev();
            places.filter_map(|place| history.get(place)).find(|entry| is_about_one(entry)).map(|entry| entry.seq)
        };
        if let Some(seq) = seq {
            self.follow_entry(seq);
        }
    }

    /// Follows none any more.
    pub fn unfollow(&self) {
        if self.followed.take().is_some() {
            self.change(|_| {});
        }
    }

    /// The life of what is followed takes in what the film tells by now; none of it is left where the film is another one in which
    /// it never began.
    pub(super) fn catch_up(&self, player: &Player) {
        let mut followed = self.followed.borrow_mut();
        let Some(last) = followed.take() else { return };
        let history = player.film().history();
        let film = film_of(player);
        *followed = if last.film == film {
            let mut life = last.life;
            life.go_on(history);
            Some(Followed { life, film })
        } else {
            last.life.again(history).map(|life| Followed { life, film })
        };
    }

    /// What is written about it.
    pub fn following(&self) -> Option<Rc<Following>> {
        let player = self.player();
        self.catch_up(&player);
        let followed = self.followed.borrow();
        let life = &followed.as_ref()?.life;
        following(life, player.film(), player.board(), player.cursor()).map(Rc::new)
    }

    /// Its whole life so far.
    pub fn life_page(&self) -> Option<Page> {
        let player = self.player();
        self.catch_up(&player);
        let followed = self.followed.borrow();
        let film = player.film();
        page(&followed.as_ref()?.life, film, &film.history().front().board, player.cursor())
    }

    /// What happened, as steps from one to another: of the message that is followed, or all of it.
    pub fn steps(&self, which: Asked) -> Vec<Step> {
        let player = self.player();
        self.catch_up(&player);
        let followed = self.followed.borrow();
        let (film, cursor) = (player.film(), player.cursor());
        let which = match (which, followed.as_ref()) {
            (Asked::Message, Some(followed)) => Which::Message(&followed.life),
            (Asked::Message, None) => Which::Last(0),
            (Asked::Last(count), _) => Which::Last(count),
            (Asked::Range(from_ms, to_ms), _) => Which::Range(from_ms, to_ms),
        };
        steps(film, which, cursor, player.branch().seen.max(cursor))
    }

    /// The same as a diagram.
    pub fn diagram(&self, which: Asked) -> Diagram {
        let steps = self.steps(which);
        let player = self.player();
        plan(steps, &player.film().history().front().board, player.cursor())
    }

    /// The same as text for Mermaid.
    pub fn mermaid(&self, which: Asked) -> String {
        let steps = self.steps(which);
        mermaid(&steps, &self.player().film().history().front().board)
    }

    /// The messages at a node, so many at most, and how many there are.
    pub fn rows(&self, node: &NodeId, most: usize) -> (Vec<Row>, usize) {
        rows(self.player().board(), node, most)
    }

    pub(super) fn focus(&self, player: &Player, layout: &Layout) -> Option<Focus> {
        self.catch_up(player);
        let followed = self.followed.borrow();
        let life = &followed.as_ref()?.life;
        let spots = spots(life, player.film(), player.board(), player.cursor(), layout);
        Some(Focus { id: life.id(), spots })
    }

    /// The message whose token is at a place of the canvas, CSS pixels from its top left.
    pub fn message_at(&self, at: Point) -> Option<MessageId> {
        let player = self.player();
        let mut picture = self.picture.borrow_mut();
        let picture = picture.as_mut()?;
        let flights = picture.flying.look(&player, &picture.layout);
        let still = player.has_jump_cuts();
        let seen: Vec<Flight> = flights.iter().filter(|flight| !still || flight.rests).cloned().collect();
        pick(player.board(), &picture.layout, &seen, picture.camera.to_picture(at))
    }

    /// What is called when the camera should be another one; set anew at each rendering.
    pub fn set_on_look(&self, on_look: impl Fn(Camera) + 'static) {
        *self.on_look.borrow_mut() = Some(Box::new(on_look));
    }

    /// Moves the camera a little towards what is followed, if that is not in view. False if there is no need to.
    pub(super) fn look(&self) -> bool {
        let Some((camera, room)) = self.picture.borrow().as_ref().map(|picture| (picture.camera, picture.room)) else {
            return false;
        };
        let Some(wanted) = self.wanted.get() else { return false };
        let target = camera.showing(wanted, room);
        let left = camera.origin.distance(target.origin) * camera.scale;
        if left < 0.5 {
            return false;
        }
        let (part, least) = GLIDE;
        let step = if self.player().has_jump_cuts() { 1.0 } else { part.max(least / left).min(1.0) };
        if let Some(on_look) = &*self.on_look.borrow() {
            on_look(Camera { origin: camera.origin.towards(target.origin, step), ..camera });
        }
        step < 1.0
    }
}

impl Focus {
    /// What of the picture has to be seen.
    pub fn part(&self, flights: &[Flight]) -> Option<Rect> {
        let flying = flights.iter().filter(|flight| flight.message == self.id && is_message(flight));
        around(flying.chain(&self.spots))
    }
}
