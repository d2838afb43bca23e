//! Answers: why a message is here, why not there, what would become of one.

use std::rc::Rc;

use super::Engine;
use crate::broker::message::Message;
use crate::broker::properties::Properties;
use crate::broker::table::Table;
use crate::broker::{MessageId, Name, Resource};
use crate::edit::deed;
use crate::edit::hand::Publish;
use crate::simulation::{Deed, Operation};
use crate::view::life::Life;
use crate::view::what_if::{self, Fate, Told, Way};
use crate::view::why::{About, Answer, Passed, newest_trouble, of_trouble, passed_by, why};
use crate::view::{Board, NodeId, Sentence};

/// So many publishes that passed by are listed.
const PASSED: usize = 5;

/// What the tester says.
#[derive(Clone, Debug, PartialEq)]
pub struct Tested {
    /// Who gets it.
    pub to: Sentence,
    /// Each exchange that is asked, with what its bindings answer.
    pub asked: Vec<(Sentence, Vec<Told>)>,
}

impl Engine {
    /// Why the message that is followed is at a node, or not.
    pub fn why(&self, node: &NodeId) -> Option<Answer> {
        let player = self.player();
        self.catch_up(&player);
        let followed = self.followed.borrow();
        let about = About::Message(followed.as_ref()?.life());
        Some(why(player.film(), player.board(), player.cursor(), about, node))
    }

    /// The answer for a line of the story at which something went wrong, by its number.
    pub fn why_of_trouble(&self, seq: u64) -> Option<Answer> {
        let player = self.player();
        of_trouble(player.film(), player.board(), player.cursor(), seq)
    }

    /// The newest line of which *Why?* can be asked, by its number.
    pub fn newest_trouble(&self) -> Option<u64> {
        let player = self.player();
        newest_trouble(player.film(), player.cursor())
    }

    /// The same for a publish, by the number of its entry.
    pub fn why_of(&self, id: Option<MessageId>, seq: u64, node: &NodeId) -> Answer {
        let player = self.player();
        let life = id.and_then(|id| Life::of(player.film().history(), id));
        let about = life.as_ref().map_or(About::Sent(seq), About::Message);
        why(player.film(), player.board(), player.cursor(), about, node)
    }

    /// The last publishes that did not come to a node.
    pub fn passed_by(&self, node: &NodeId) -> Vec<Passed> {
        let player = self.player();
        passed_by(player.film(), player.board(), player.cursor(), node, PASSED)
    }

    /// What would become of what is written; none while something is wrong with it.
    pub fn test(&self, vhost: &Rc<Resource>, written: &Publish) -> Option<Tested> {
        let desk = self.desk.borrow();
        let Ok(Some(Deed::Operate { operation: Operation::BasicPublish(publish), .. })) =
            deed(desk.file(), &written.command()?)
        else {
            return None;
        };
        let message = what_if::message(&publish.exchange, &publish.routing_key, &publish.properties);
        Some(tested(desk.player().board(), &vhost.vhost, &message))
    }

    /// What would become of an example that goes some way.
    pub fn test_way(&self, way: &Way) -> Option<Tested> {
        let ((key, headers), first) = (way.example.as_ref()?, way.hops.first()?);
        let properties = Properties { headers: Some(headers.clone()), ..Properties::default() };
        let message = what_if::message(&first.exchange.name, key, &Rc::new(properties));
        Some(tested(self.player().board(), &first.exchange.vhost, &message))
    }

    /// Messages worth a try at an exchange.
    pub fn samples(&self, exchange: &Resource) -> Vec<(Name, Table)> {
        what_if::samples(self.player().board(), exchange)
    }

    /// The ways to a queue.
    pub fn ways_to(&self, queue: &Rc<Resource>) -> Vec<Way> {
        what_if::reach(self.player().board(), queue)
    }
}

fn tested(board: &Board, vhost: &Name, message: &Rc<Message>) -> Tested {
    let fate: Fate = what_if::publish(board, vhost, message);
    let asked = fate.asked.iter().map(|asked| (asked.heading(), asked.told(message))).collect();
    Tested { to: fate.told(), asked }
}
