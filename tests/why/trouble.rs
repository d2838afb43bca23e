//! *Why?* of the lines of the story at which something went wrong: each that offers it has an answer with a rule.

use warren::broker::Event;
use warren::broker::event::EventKind;
use warren::simulation::{LogKind, World};
use warren::view::Film;
use warren::view::story::{Kind, kind};
use warren::view::why::{Reason, can_be_asked, newest_trouble, of_trouble};

use crate::support::worlds;

fn film_of(scenario: &warren::simulation::Scenario, most: usize) -> Film {
    let (mut log, mut film) = (Vec::new(), Film::default());
    let mut world = World::new(scenario, &mut log).expect("it begins");
    loop {
        log.drain(..).for_each(|entry| film.push(entry));
        if film.len() >= most || world.next_ms().is_none_or(|next_ms| next_ms > 40_000) {
            return film;
        }
        world.step(&mut log);
    }
}

fn example(name: &str) -> Film {
    let root = std::env::var_os("CARGO_MANIFEST_DIR").map(std::path::PathBuf::from).expect("cargo sets it");
    let text = std::fs::read(root.join("www/examples").join(name).with_extension("json")).expect("it can be read");
    film_of(&warren::share::parse(text).expect("it is right").scenario, 1_500)
}

/// The answers at all lines that offer the question, each at its own moment.
fn answers(film: &Film) -> Vec<(u64, warren::view::why::Answer)> {
    let asked = film.history().from(0).filter(|entry| can_be_asked(film, entry));
    let answer = |seq: u64| {
        let cursor = usize::try_from(seq).expect("a place");
        let then = film.history().at(cursor).board;
        (seq, of_trouble(film, &then, cursor, seq).unwrap_or_else(|| panic!("entry {seq} has no answer")))
    };
    asked.map(|entry| answer(entry.seq)).collect()
}

#[test]
fn each_line_that_offers_it_has_an_answer_that_names_a_rule() {
    let examples =
        ["nature", "message-ttl", "length-limits", "retry-ladder", "confirms", "quorum-delivery-limit", "troubled"];
    let films = examples.map(example).into_iter().chain((0..12).map(|seed| film_of(&worlds::scenario(seed), 600)));
    let mut seen = 0;
    for film in films {
        for (seq, answer) in answers(&film) {
            let told = film.entry(seq).expect("it is there");
            assert!(answer.is_here || !answer.reasons.is_empty(), "{told:?}: {answer:?}");
            assert!(answer.question.to_string().ends_with('?'), "{}", answer.question);
            seen += 1;
        }
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn the_cat_was_lost_by_a_word_and_the_doves_are_not_asked_about() {
    let film = example("nature");
    let answers = answers(&film);
    for (seq, answer) in &answers {
        assert_eq!(answer.question.to_string(), "Why did animal.cat reach no queue?");
        assert_eq!(answer.reasons.len(), 1);
        assert_eq!(answer.reasons[0].reason, Reason::WordDiffers);
        let told = "Animal.cat does not match *.bird: word 2 must be bird, and is cat. So birds_only did not get it.";
        assert!(answer.reasons[0].sentence.to_string().eq_ignore_ascii_case(told), "{}", answer.reasons[0].sentence);
        assert_eq!(newest_trouble(&film, *seq as usize), Some(*seq));
    }
    let lost = film
        .history()
        .from(0)
        .filter(|entry| matches!(&entry.kind, LogKind::Broker(Event { kind: EventKind::Unroutable { .. }, .. })));
    assert_eq!(answers.len(), lost.count());
    assert_eq!(newest_trouble(&film, answers[0].0 as usize - 1), None, "before the first of them");
}

#[test]
fn what_is_dropped_returned_expired_rejected_dead_lettered_or_refused_can_be_asked_about() {
    let film = example("troubled");
    for entry in film.history().from(0) {
        let LogKind::Broker(Event { kind: event, .. }) = &entry.kind else { continue };
        let is_end = matches!(
            event,
            EventKind::Dropped { .. }
                | EventKind::Refused { .. }
                | EventKind::DeadLettered { .. }
                | EventKind::Unroutable { .. }
        );
        assert!(!is_end || can_be_asked(&film, entry), "{entry:?}");
        assert!(!can_be_asked(&film, entry) || kind(entry) == Kind::Trouble, "{entry:?}");
    }
}
