//! *Why* and *why not*: for each rule the smallest world, the sentence, and that the sentence is true: with the one thing
//! changed that it names, the message does arrive.
#![cfg(not(target_arch = "wasm32"))]

#[path = "../support/mod.rs"]
mod support;

mod broker;
mod cases;
mod examples;
mod trouble;
mod world;

use cases::{Case, Then};
use support::audit::log_of;
use warren::broker::event::EventKind;
use warren::broker::{Event, Method};
use warren::simulation::{ClientEvent, LogEntry, LogKind};
use warren::view::life::{Life, subject};
use warren::view::why::{About, Answer, Reason, why};
use warren::view::{Board, Film, NodeId};

/// A world's film up to a moment.
fn film_of(text: &str, until_ms: u64) -> Film {
    let mut film = Film::default();
    log_of(&world::scenario(text), until_ms).into_iter().for_each(|entry| film.push(entry));
    film
}

fn entries(film: &Film) -> impl Iterator<Item = &LogEntry> {
    film.history().from(film.history().first())
}

fn is_publish(entry: &LogEntry) -> bool {
    matches!(&entry.kind, LogKind::Client { event: ClientEvent::Sent { method: Method::BasicPublish(_), .. }, .. })
}

/// A node by its kind and name: `q birds`, `x nature`, `c cat`; in another virtual host than `/` with `@other`.
fn node(board: &Board, text: &str) -> NodeId {
    let (kind, name) = text.split_once(' ').expect("a kind and a name");
    let (name, vhost) = name.split_once('@').unwrap_or((name, "/"));
    match kind {
        "q" => NodeId::queue(&vhost.into(), &name.into()),
        "x" => NodeId::exchange(&vhost.into(), &name.into()),
        _ => {
            let client = board.clients.iter().find(|(_, client)| client.spec.name == name);
            NodeId::Client(*client.unwrap_or_else(|| panic!("no client {name}")).0)
        }
    }
}

/// The number of the entry by which client `p` sent its last message but `back`.
fn sent(film: &Film, board: &Board) -> u64 {
    let NodeId::Client(id) = node(board, "c p") else { panic!("a client") };
    let sent = entries(film)
        .filter(|entry| is_publish(entry) && matches!(&entry.kind, LogKind::Client { client, .. } if *client == id));
    sent.last().expect("it sends one").seq
}

/// The entry at which a message arrives, if the broker makes one of what was sent.
fn published(film: &Film, sent: u64) -> Option<u64> {
    let is_it = |entry: &&LogEntry| {
        entry.cause == sent && matches!(&entry.kind, LogKind::Broker(Event { kind: EventKind::Published { .. }, .. }))
    };
    entries(film).find(is_it).map(|entry| entry.seq)
}

/// Asks about the last message of client `p`, at the end or just when it was published.
fn ask(text: &str, until_ms: u64, at_publish: bool, target: &str) -> Answer {
    let film = film_of(text, until_ms);
    let board = film.history().front().board.clone();
    let sent = sent(&film, &board);
    let cursor = match published(&film, sent).filter(|_| at_publish) {
        Some(seq) => usize::try_from(seq).expect("a place"),
        None => film.len(),
    };
    let life = subject(film.history(), sent).and_then(|id| Life::of(film.history(), id));
    let about = life.as_ref().map_or(About::Sent(sent), About::Message);
    let then = film.history().at(cursor).board;
    why(&film, &then, cursor, about, &node(&board, target))
}

fn shown(answer: &Answer) -> String {
    let reasons = answer.reasons.iter().map(|because| format!("  {:?}: {}", because.reason, because.sentence));
    let steps = answer.steps.iter().map(|step| format!("  {} ms: {}", step.at_ms, step.sentence));
    let all: Vec<String> =
        std::iter::once(format!("{} here: {}", answer.question, answer.is_here)).chain(reasons).chain(steps).collect();
    all.join("\n")
}

/// What is wrong with a case; nothing if all is well.
fn check(case: &Case) -> Vec<String> {
    let mut wrong = Vec::new();
    let answer = ask(case.world, case.until_ms, case.at_publish, case.node);
    let told = answer.reasons.iter().find(|because| because.reason == case.reason);
    match told {
        None => wrong.push(format!("{:?} is not among the reasons:\n{}", case.reason, shown(&answer))),
        Some(because) if !because.sentence.to_string().contains(case.sentence) => {
            wrong.push(format!("{:?} says: {}", case.reason, because.sentence));
        }
        Some(_) => {}
    }
    let (from, to) = case.change;
    let mut changed = case.world.to_owned();
    for (from, to) in from.split(" & ").zip(to.split(" & ")) {
        if !from.is_empty() {
            assert!(changed.contains(from), "{:?}: nothing to change: {from}", case.reason);
            changed = changed.replace(from, to);
        }
    }
    let at_publish = case.at_publish != matches!(case.then, Then::AtOtherMoment);
    let target = match case.then {
        Then::At(other) => other,
        _ => case.node,
    };
    let after = ask(&changed, case.until_ms, at_publish, target);
    let is_right = match case.then {
        Then::Here | Then::At(_) | Then::AtOtherMoment => after.is_here,
        Then::Without => after.reasons.iter().all(|because| because.reason != case.reason),
        Then::Instead(other) => after.reasons.iter().any(|because| because.reason == other),
    };
    if !is_right {
        wrong.push(format!("{:?}, changed:\n{}", case.reason, shown(&after)));
    }
    wrong
}

#[test]
fn each_rule_says_no_and_what_it_names_is_what_it_hangs_on() {
    let wrong: Vec<String> = cases::all().flat_map(check).collect();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases::all().count(), wrong.join("\n\n"));
}

#[test]
fn every_reason_has_a_case() {
    let with_case =
        |reason: &&Reason| cases::all().any(|case| case.reason == **reason) || broker::REASONS.contains(reason);
    let without: Vec<_> = Reason::ALL.iter().filter(|reason| !with_case(reason)).collect();
    assert!(without.is_empty(), "{without:?}");
}

#[test]
fn sentences_are_for_people() {
    for case in cases::all() {
        let answer = ask(case.world, case.until_ms, case.at_publish, case.node);
        for because in &answer.reasons {
            let text = because.sentence.to_string();
            assert!(text.ends_with('.'), "{text}");
            assert!(!text.contains("  ") && !text.contains(".."), "{text}");
            assert!(
                !text.starts_with(|first: char| first.is_ascii_lowercase())
                    || !matches!(because.sentence.parts().first(), Some(warren::view::sentence::Part::Words(_))),
                "{text}"
            );
            assert!(!["undefined", "Some(", "None", "{", "\""].iter().any(|sign| text.contains(sign)), "{text}");
        }
    }
}

#[test]
fn a_reason_leads_to_a_lesson_and_to_a_page() {
    for reason in Reason::ALL {
        assert!(warren::share::examples::is_there(reason.lesson()), "{reason:?}: {}", reason.lesson());
        let address = reason.page().address();
        assert!(address.starts_with("https://www.rabbitmq.com/docs/"), "{address}");
        assert!(!reason.name().is_empty() && !reason.page().title.is_empty());
    }
}
