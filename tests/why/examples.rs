//! Every message at every node of the examples: there is always an answer, and it says what the board says.

use std::collections::BTreeSet;

use warren::share;
use warren::view::life::{Life, named};
use warren::view::why::{About, passed_by, why};
use warren::view::{Film, NodeId};

use super::support::audit::log_of;
use super::{entries, shown};

fn film_of(example: &str, until_ms: u64) -> Film {
    let root = std::env::var_os("CARGO_MANIFEST_DIR").map(std::path::PathBuf::from).unwrap_or_default();
    let text = std::fs::read(root.join("www/examples").join(example).with_extension("json")).expect("it can be read");
    let scenario = share::parse(text).expect("it is right").scenario;
    let mut film = Film::default();
    log_of(&scenario, until_ms).into_iter().for_each(|entry| film.push(entry));
    film
}

#[test]
fn there_is_always_an_answer() {
    for example in share::examples::GROUPS.iter().flat_map(|(_, names)| *names) {
        let film = film_of(example, 9_000);
        let ids: BTreeSet<_> = entries(&film).filter_map(named).map(|message| message.id).collect();
        let lives: Vec<Life> = ids.iter().filter_map(|id| Life::of(film.history(), *id)).take(12).collect();
        for cursor in (1..=film.len()).step_by(film.len() / 7 + 1) {
            let board = film.history().at(cursor).board;
            let queues = board.queues.keys().cloned().map(NodeId::Queue);
            let exchanges = board.exchanges.keys().cloned().map(NodeId::Exchange);
            let clients = board.present().map(|(id, _)| NodeId::Client(id));
            let nodes: Vec<NodeId> = queues.chain(exchanges).chain(clients).collect();
            for life in lives.iter().filter(|life| !life.moments(cursor).is_empty()) {
                for node in &nodes {
                    let answer = why(&film, &board, cursor, About::Message(life), node);
                    assert!(answer.is_here || !answer.reasons.is_empty(), "{example}, {cursor}: {}", shown(&answer));
                    assert!(!answer.steps.is_empty(), "{example}, {cursor}: {}", shown(&answer));
                    assert!(answer.steps.is_sorted_by_key(|step| step.seq), "{example}: {}", shown(&answer));
                    let of_past = answer.steps.iter().all(|step| step.seq <= cursor as u64);
                    let reasons = answer.reasons.iter().filter_map(|because| because.seq);
                    assert!(
                        of_past && reasons.max().is_none_or(|seq| seq <= cursor as u64),
                        "{example}: {}",
                        shown(&answer)
                    );
                }
            }
        }
    }
}

/// The sentences about one message, as they stand in the panel.
#[test]
fn why_the_cat_message_was_lost() {
    let film = film_of("nature", 9_000);
    let board = film.history().front().board.clone();
    let queue = NodeId::queue(&"/".into(), &"birds_only".into());
    let passed = passed_by(&film, &board, film.len(), &queue, 5);
    assert!(passed.len() > 1 && passed.iter().all(|passed| passed.key == "animal.cat"), "{passed:?}");
    let life = passed[0].id.and_then(|id| Life::of(film.history(), id)).expect("a message");
    let answer = why(&film, &board, film.len(), About::Message(&life), &queue);
    assert_eq!(answer.question.to_string(), "Why is animal.cat not at birds_only?");
    let reasons: Vec<String> = answer.reasons.iter().map(|because| because.sentence.to_string()).collect();
    assert_eq!(reasons, ["At nature: animal.cat does not match *.bird: word 2 must be bird, and is cat."]);
    let steps: Vec<String> = answer.steps.iter().map(|step| step.sentence.to_string()).collect();
    assert_eq!(steps.len(), 4, "{steps:?}");
    assert!(steps[0].contains("cat-producer") && steps[3].contains("the message was dropped"), "{steps:?}");
}

#[test]
fn why_a_dove_is_in_its_queue() {
    let film = film_of("nature", 9_000);
    let queue = NodeId::queue(&"/".into(), &"birds_only".into());
    let found = (1..film.len()).find_map(|cursor| {
        let board = film.history().at(cursor).board;
        let NodeId::Queue(resource) = &queue else { return None };
        let state = board.queues.get(resource)?;
        let id = state.unacked.get(0)?.copied.message.id;
        Some((cursor, id, board.clone()))
    });
    let (cursor, id, board) = found.expect("one is delivered");
    let life = Life::of(film.history(), id).expect("a message");
    let answer = why(&film, &board, cursor, About::Message(&life), &queue);
    assert!(answer.is_here && answer.reasons.is_empty(), "{}", shown(&answer));
    let steps: Vec<String> = answer.steps.iter().map(|step| step.sentence.to_string()).collect();
    assert!(steps[0].contains("dove-producer"), "{}", shown(&answer));
    assert!(steps.iter().any(|step| step.contains("animal.bird matches *.bird")), "{}", shown(&answer));
}
