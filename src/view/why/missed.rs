//! The bindings that a message passed by, each with its reason: what the picture dims while the message is followed.

use std::rc::Rc;

use crate::broker::binding::Destination;
use crate::broker::exchange::ExchangeType;

use super::About;
use super::journey::Journey;
use super::words::miss;
use crate::view::board::Board;
use crate::view::film::Film;
use crate::view::graph::{EdgeId, NodeId};
use crate::view::life::Life;
use crate::view::what_if::{is_match, verdict};

/// So many bindings are looked at: of more, none is read.
const BINDINGS_MAX: usize = 400;

/// An edge of which no binding matched.
#[derive(Clone, Debug, PartialEq)]
pub struct Missed {
    /// Which.
    pub edge: EdgeId,
    /// Why: the reason of the first of its bindings.
    pub words: String,
}

/// What a message passed by when `cursor` entries have happened. `board` is that of the moment.
pub fn missed(film: &Film, board: &Board, cursor: usize, life: &Life) -> Rc<Vec<Missed>> {
    let journey = Journey::of(film, board, cursor, About::Message(life));
    let (mut missed, mut hit): (Vec<Missed>, Vec<EdgeId>) = (Vec::new(), Vec::new());
    for (message, routed) in
        journey.trips.iter().flat_map(|trip| trip.routed.iter().map(|routed| (trip.message, routed)))
    {
        let Ok(kind) = ExchangeType::parse(&routed.kind) else { continue };
        let from = NodeId::Exchange(routed.exchange.clone());
        let of_it = board
            .bindings
            .iter()
            .filter(|binding| binding.source == routed.exchange.name && binding.vhost == routed.exchange.vhost);
        for binding in of_it.take(BINDINGS_MAX) {
            let to = match &binding.destination {
                Destination::Queue(name) => NodeId::queue(&binding.vhost, name),
                Destination::Exchange(name) => NodeId::exchange(&binding.vhost, name),
            };
            let edge = EdgeId { from: from.clone(), to, is_alternate: false };
            if routed.tried.iter().any(|tried| tried.binding == *binding && is_match(&tried.verdict)) {
                hit.push(edge);
            } else if let Some((_, words)) = miss(kind, binding, message, &verdict(kind, binding, message))
                && missed.iter().all(|known| known.edge != edge)
            {
                missed.push(Missed { edge, words: words.capitalised().to_string() });
            }
        }
    }
    missed.retain(|missed| !hit.contains(&missed.edge));
    Rc::new(missed)
}
