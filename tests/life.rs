//! Lives of messages: which entries are about one and no other, over fanouts, dead letters, requeues and returns; and where
//! each copy is.
#![cfg(not(target_arch = "wasm32"))]

mod support;

use std::collections::BTreeMap;

use support::audit::log_of;
use warren::broker::event::{DropRule, EventKind};
use warren::broker::{Event, Frame, MessageId};
use warren::share;
use warren::simulation::{ClientEvent, LogEntry, LogKind};
use warren::view::Film;
use warren::view::fate::{Fate, signs};
use warren::view::life::{End, Life, Where, named, stays, subject};

/// So many virtual milliseconds of a file that comes with Warren.
fn film_of(example: &str, until_ms: u64) -> Film {
    let root = std::env::var_os("CARGO_MANIFEST_DIR").map(std::path::PathBuf::from).unwrap_or_default();
    let text = std::fs::read(root.join("www/examples").join(example).with_extension("json")).expect("it can be read");
    film(&share::parse(text).expect("it is right").scenario, until_ms)
}

fn film_from(text: &str, until_ms: u64) -> Film {
    film(&share::parse(text).expect("it is right").scenario, until_ms)
}

fn film(scenario: &warren::simulation::Scenario, until_ms: u64) -> Film {
    let mut film = Film::default();
    log_of(scenario, until_ms).into_iter().for_each(|entry| film.push(entry));
    film
}

fn entries(film: &Film) -> impl Iterator<Item = &LogEntry> {
    film.history().from(film.history().first())
}

fn event(entry: &LogEntry) -> Option<&EventKind> {
    match &entry.kind {
        LogKind::Broker(Event { kind, .. }) => Some(kind),
        _ => None,
    }
}

/// The kinds of a life's entries, in short.
fn kinds(film: &Film, life: &Life) -> Vec<&'static str> {
    let entry = |place: usize| film.history().get(place).expect("a moment of the log");
    life.moments(film.len()).iter().map(|moment| short(entry(moment.place))).collect()
}

fn short(entry: &LogEntry) -> &'static str {
    match &entry.kind {
        LogKind::Broker(event) => match &event.kind {
            EventKind::Published { .. } => "published",
            EventKind::Routed(_) => "routed",
            EventKind::Unroutable { .. } => "unroutable",
            EventKind::Enqueued { .. } => "enqueued",
            EventKind::Delivered { .. } => "delivered",
            EventKind::Acked { .. } => "acked",
            EventKind::Requeued { .. } => "requeued",
            EventKind::Confirmed { .. } => "confirmed",
            EventKind::DeadLettered { .. } => "dead-lettered",
            EventKind::Waits { .. } => "waits",
            _ => "another event",
        },
        LogKind::Client { event, .. } => match event {
            ClientEvent::Sent { .. } => "sent",
            ClientEvent::Received { frame: Frame::Return { .. } } => "received return",
            ClientEvent::Received { frame: Frame::Ack { .. } } => "received confirm",
            ClientEvent::Received { .. } => "received",
            ClientEvent::WorkStarted { .. } => "works",
            ClientEvent::WorkDone { .. } => "done",
            _ => "another thing at a client",
        },
        LogKind::NotDone { .. } => "not done",
    }
}

fn first_where(film: &Film, is_it: impl Fn(&EventKind) -> bool) -> Life {
    let found = entries(film).find(|entry| event(entry).is_some_and(&is_it)).expect("one happens");
    Life::at(film.history(), found.seq).expect("it is about a message")
}

const ONE: &str = r#"{
  "format": "warren/1", "name": "one", "seed": 1,
  "definitions": {
    "exchanges": [{"name": "all", "vhost": "/", "type": "fanout"}],
    "queues": [{"name": "a", "vhost": "/"}, {"name": "b", "vhost": "/"}],
    "bindings": [
      {"source": "all", "vhost": "/", "destination": "a", "destination_type": "queue", "routing_key": ""},
      {"source": "all", "vhost": "/", "destination": "b", "destination_type": "queue", "routing_key": ""}
    ]
  },
  "clients": [
    {"name": "p", "role": "producer", "exchange": "all", "routing_key": "k", "payload": "x", "every_ms": 400, "limit": 2,
     "confirms": true, "latency_ms": 10},
    {"name": "c", "role": "consumer", "queues": ["a"], "latency_ms": 10, "processing": {"fixed": 50}}
  ]
}"#;

#[test]
fn a_fanout_is_one_life_with_two_copies() {
    let film = film_from(ONE, 390);
    let life = first_where(&film, |event| matches!(event, EventKind::Published { .. }));
    let told = kinds(&film, &life);
    let expected = ["sent", "published", "routed", "enqueued", "delivered", "enqueued", "confirmed"];
    assert_eq!(told.iter().filter(|kind| expected.contains(kind)).count(), expected.len() + 1, "{told:?}");
    assert_eq!(told.last(), Some(&"acked"), "{told:?}");
    for kind in ["received confirm", "received", "works", "done"] {
        assert!(told.contains(&kind), "{kind}: {told:?}");
    }
    let cursor = film.len();
    let board = film.history().at(cursor).board;
    let now = stays(&life, film.history(), &board, cursor);
    assert_eq!(
        now.iter().map(|stay| stay.told(&board).to_string()).collect::<Vec<_>>(),
        ["Acknowledged by c (a)", "Ready in b, first in line"]
    );
}

#[test]
fn each_moment_belongs_to_one_life() {
    // Several deliveries are held at once, come back, and are settled together.
    for example in
        ["work-queues", "troubled", "retry-ladder", "confirms", "rpc", "quorum-delivery-limit", "nature", "restart"]
    {
        let film = film_of(example, 20_000);
        let ids: Vec<MessageId> = {
            let mut ids: Vec<MessageId> = entries(&film).filter_map(named).map(|message| message.id).collect();
            ids.sort_unstable();
            ids.dedup();
            ids
        };
        let mut owners: BTreeMap<usize, Vec<MessageId>> = BTreeMap::new();
        for id in ids {
            let life = Life::of(film.history(), id).expect("it is named");
            let places: Vec<usize> = life.moments(film.len()).iter().map(|moment| moment.place).collect();
            assert!(places.is_sorted() && places.windows(2).all(|pair| pair[0] != pair[1]), "{example}");
            places.into_iter().for_each(|place| owners.entry(place).or_default().push(id));
        }
        for entry in entries(&film) {
            let place = entry.seq as usize - 1;
            let owned = owners.get(&place).map_or(&[][..], |owners| owners);
            if let Some(message) = named(entry) {
                assert_eq!(owned, [message.id], "{example}, {entry:?}");
            }
            if let Some(id) = subject(film.history(), entry.seq) {
                assert!(owned.contains(&id), "{example}, {id:?}: {entry:?}");
            }
            let is_work = matches!(
                &entry.kind,
                LogKind::Client { event: ClientEvent::WorkStarted { .. } | ClientEvent::WorkDone { .. }, .. }
            );
            assert!(!is_work || owned.len() == 1, "{example}, {owned:?}: {entry:?}");
        }
    }
}

#[test]
fn copies_are_where_the_board_has_them() {
    for example in [
        "retry-ladder",
        "dead-lettering",
        "quorum-delivery-limit",
        "length-limits",
        "message-ttl",
        "stream",
        "troubled",
    ] {
        let film = film_of(example, 15_000);
        let ids: Vec<MessageId> = entries(&film).filter_map(named).map(|message| message.id).collect();
        for cursor in (1..=film.len()).step_by(film.len() / 12 + 1) {
            let board = film.history().at(cursor).board;
            let mut known: Vec<_> = board
                .queues
                .iter()
                .flat_map(|(_, queue)| {
                    let lent = queue.unacked.iter().map(|lent| &lent.copied);
                    lent.chain(queue.ready.iter()).chain(queue.waiting.iter()).map(|it| (it.message.id, it.copy))
                })
                .collect();
            known.sort_unstable();
            let mut found = Vec::new();
            let mut last = None;
            for id in ids.iter().copied().filter(|id| last.replace(*id) != Some(*id)) {
                let life = Life::of(film.history(), id).expect("it is named");
                let now = stays(&life, film.history(), &board, cursor);
                found.extend(now.iter().filter(|stay| stay.is_live()).filter_map(|stay| Some((id, stay.copy?))));
            }
            found.sort_unstable();
            found.dedup();
            assert_eq!(found, known, "{example} after {cursor} entries");
        }
    }
}

#[test]
fn dead_letters_go_on_with_the_life_of_what_died() {
    let film = film_of("retry-ladder", 60_000);
    let deaths = entries(&film).filter_map(|entry| match event(entry)? {
        EventKind::DeadLettered { at, .. } => Some((entry.seq, at.message.id)),
        _ => None,
    });
    let mut of_one: BTreeMap<MessageId, Vec<u64>> = BTreeMap::new();
    deaths.for_each(|(seq, id)| of_one.entry(id).or_default().push(seq));
    let (id, deaths) = of_one.iter().max_by_key(|(_, deaths)| deaths.len()).expect("something dies");
    assert!(deaths.len() >= 3, "a ladder has several rungs");
    let life = Life::of(film.history(), *id).expect("it is named");
    let published = kinds(&film, &life).iter().filter(|kind| **kind == "published").count();
    assert_eq!(published, 1);
    let last = deaths.last().map(|seq| *seq as usize).expect("one");
    let message = life.message(film.history(), last).expect("a message");
    assert!(message.deaths.is_some());
    let before = life.message(film.history(), deaths[0] as usize - 1).expect("a message");
    assert!(before.deaths.is_none(), "what it was before is not changed by what became of it");
}

#[test]
fn what_comes_back_stays_the_same_message() {
    let film = film_of("quorum-delivery-limit", 30_000);
    let life = first_where(&film, |event| matches!(event, EventKind::Requeued { .. }));
    let told = kinds(&film, &life);
    assert!(told.iter().filter(|kind| **kind == "delivered").count() >= 2, "{told:?}");
}

#[test]
fn a_return_is_followed_back_to_its_publisher() {
    let film = film_of("alternate-exchange", 30_000);
    let returned =
        entries(&film).any(|entry| matches!(event(entry), Some(EventKind::Unroutable { returned: true, .. })));
    let film = if returned { film } else { film_of("confirms", 30_000) };
    let life = first_where(&film, |event| matches!(event, EventKind::Unroutable { returned: true, .. }));
    let told = kinds(&film, &life);
    assert!(told.contains(&"received return"), "{told:?}");
    let cursor = film.len();
    let board = film.history().at(cursor).board;
    let now = stays(&life, film.history(), &board, cursor);
    assert!(matches!(now[..], [ref stay] if matches!(stay.at, Where::Over(End::Unroutable(_, true)))), "{now:?}");
}

#[test]
fn expiry_says_where() {
    let film = film_of("message-ttl", 30_000);
    let life = first_where(&film, |event| matches!(event, EventKind::Dropped { rule: DropRule::Expired, .. }));
    let board = film.history().at(film.len()).board;
    let now = stays(&life, film.history(), &board, film.len());
    assert!(now.iter().any(|stay| stay.told(&board).to_string().starts_with("Expired in ")), "{now:?}");
}

#[test]
fn a_life_is_the_same_however_it_was_read() {
    let whole = film_of("work-queues", 10_000);
    let id = entries(&whole).find_map(named).map(|message| message.id).expect("a message");
    let mut film = Film::default();
    let mut life: Option<Life> = None;
    for entry in entries(&whole).cloned() {
        film.push(entry);
        match &mut life {
            Some(life) => life.go_on(film.history()),
            None => life = Life::of(film.history(), id),
        }
    }
    assert_eq!(life, Life::of(whole.history(), id));
}

#[test]
fn in_another_past_it_is_known_again_only_if_it_began_there() {
    let film = film_from(ONE, 1_000);
    let life = first_where(&film, |event| matches!(event, EventKind::Published { .. }));
    let born = life.moments(film.len())[1].place;
    assert_eq!(life.again(film.fork(film.len() - 1, 0).history()).map(|life| life.id()), Some(life.id()));
    assert_eq!(life.again(film.fork(born, 0).history()), None);
    let mut other = film.fork(born, 0);
    let mut changed = film.history().get(born).expect("an entry").clone();
    changed.cause = 0;
    other.push(changed);
    assert_eq!(life.again(other.history()), None, "another message may have the same id there");
}

/// The shape and the words right after the first such event.
fn sign_after(film: &Film, is_it: impl Fn(&EventKind) -> bool) -> (Fate, String) {
    let entry = entries(film).find(|entry| event(entry).is_some_and(&is_it)).expect("one happens");
    let signs = signs(film, entry.seq as usize, false);
    let newest = signs.first().expect("what just happened has a sign");
    assert_eq!(newest.seq, entry.seq);
    (newest.fate, newest.words.clone())
}

#[test]
fn every_fate_has_its_sign_where_it_happened() {
    let told = |example: &str, is_it: fn(&EventKind) -> bool| sign_after(&film_of(example, 60_000), is_it);
    let dead = |event: &EventKind| matches!(event, EventKind::DeadLettered { .. });
    assert_eq!(
        told("message-ttl", |event| matches!(event, EventKind::Dropped { .. })),
        (Fate::Expired, "expired".to_owned())
    );
    assert_eq!(
        told("length-limits", |event| matches!(event, EventKind::Dropped { .. })),
        (Fate::Lost, "dropped (max length)".to_owned())
    );
    assert_eq!(
        told("length-limits", |event| matches!(event, EventKind::Refused { .. })),
        (Fate::Rejected, "refused (max length)".to_owned())
    );
    assert_eq!(told("retry-ladder", dead), (Fate::DeadLettered, "dead-lettered: rejected".to_owned()));
    assert_eq!(told("quorum-delivery-limit", dead), (Fate::DeadLettered, "dead-lettered: delivery limit".to_owned()));
}

#[test]
fn a_sign_stays_a_while_and_goes() {
    let film = film_of("message-ttl", 30_000);
    let counts: Vec<usize> = (0..film.len()).map(|cursor| signs(&film, cursor, false).len()).collect();
    assert!(counts.contains(&0) && counts.iter().any(|count| *count > 0));
    assert!(counts.windows(2).any(|pair| pair[0] > 0 && pair[1] > 0), "not for one event only");
}
