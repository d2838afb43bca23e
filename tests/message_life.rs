//! The page about one message: its chapters, what changes in it, its way through dead letter exchanges; as text.
#![cfg(not(target_arch = "wasm32"))]

mod support;

use support::audit::log_of;
use warren::broker::Event;
use warren::broker::event::EventKind;
use warren::share;
use warren::simulation::{LogEntry, LogKind};
use warren::view::Film;
use warren::view::life::Life;
use warren::view::life::page::{Page, page};

fn film(text: &[u8], until_ms: u64) -> Film {
    let mut film = Film::default();
    let scenario = share::parse(text).expect("it is right").scenario;
    log_of(&scenario, until_ms).into_iter().for_each(|entry| film.push(entry));
    film
}

fn film_of(example: &str, until_ms: u64) -> Film {
    let root = std::env::var_os("CARGO_MANIFEST_DIR").map(std::path::PathBuf::from).unwrap_or_default();
    let text = std::fs::read(root.join("www/examples").join(example).with_extension("json")).expect("it can be read");
    film(&text, until_ms)
}

fn event(entry: &LogEntry) -> Option<&EventKind> {
    match &entry.kind {
        LogKind::Broker(Event { kind, .. }) => Some(kind),
        _ => None,
    }
}

fn life_with(film: &Film, is_it: impl Fn(&EventKind) -> bool) -> Life {
    let mut entries = film.history().from(film.history().first());
    let found = entries.find(|entry| event(entry).is_some_and(&is_it)).expect("one happens");
    Life::at(film.history(), found.seq).expect("it is about a message")
}

fn page_of(film: &Film, life: &Life) -> Page {
    page(life, film, &film.history().front().board, film.len()).expect("there is a page")
}

const DYING: &str = r#"{
  "format": "warren/1", "name": "dying", "seed": 1,
  "definitions": {
    "exchanges": [{"name": "ex`*", "vhost": "/", "type": "fanout"}, {"name": "dlx", "vhost": "/", "type": "fanout"}],
    "queues": [
      {"name": "a", "vhost": "/", "arguments": {"x-message-ttl": 100, "x-dead-letter-exchange": "dlx"}},
      {"name": "b", "vhost": "/"}, {"name": "dead", "vhost": "/"}
    ],
    "bindings": [
      {"source": "ex`*", "vhost": "/", "destination": "a", "destination_type": "queue", "routing_key": ""},
      {"source": "ex`*", "vhost": "/", "destination": "b", "destination_type": "queue", "routing_key": ""},
      {"source": "dlx", "vhost": "/", "destination": "dead", "destination_type": "queue", "routing_key": ""}
    ]
  },
  "clients": [
    {"name": "p", "role": "producer", "exchange": "ex`*", "routing_key": "k_1", "payload": "x", "every_ms": 400, "limit": 1,
     "latency_ms": 10, "properties": {"expiration": "5000", "headers": {"n": 1}}},
    {"name": "c", "role": "consumer", "queues": ["dead"], "latency_ms": 10, "processing": {"fixed": 50}}
  ]
}"#;

const DYING_TOLD: &str = include_str!("message_life/dying.md");

#[test]
fn a_life_reads_as_a_page() {
    let film = film(DYING.as_bytes(), 900);
    let life = life_with(&film, |event| matches!(event, EventKind::Published { .. }));
    let told = page_of(&film, &life).markdown();
    if std::env::var_os("GOLDEN").is_some_and(|wish| wish == "write") {
        std::fs::write("tests/message_life/dying.md", &told).expect("it can be written");
    }
    assert_eq!(told, DYING_TOLD, "\n{}", similar::TextDiff::from_lines(DYING_TOLD, &told).unified_diff());
}

#[test]
fn each_moment_is_in_one_chapter() {
    for example in
        ["retry-ladder", "nature", "quorum-delivery-limit", "rpc", "confirms", "length-limits", "work-queues"]
    {
        let film = film_of(example, 12_000);
        let mut seen = Vec::new();
        for entry in film.history().from(film.history().first()) {
            let Some(EventKind::Published { message, .. }) = event(entry) else { continue };
            let life = Life::of(film.history(), message.id).expect("it is named");
            let page = page_of(&film, &life);
            let mut told: Vec<u64> = Vec::new();
            for chapter in &page.chapters {
                assert!(chapter.lines.is_sorted_by_key(|line| line.seq), "{example}");
                told.extend(chapter.lines.iter().map(|line| line.seq));
            }
            let hidden: usize = page.chapters.iter().filter_map(|chapter| Some(chapter.left_out?.0)).sum();
            let all = life.moments(film.len()).len();
            if page.left_out == 0 {
                assert_eq!(told.len() + hidden, all, "{example}, message {:?}", message.id);
            }
            told.sort_unstable();
            told.dedup();
            assert!(told.len() <= all, "{example}");
            seen.push(page.chapters.len());
        }
        assert!(seen.iter().any(|chapters| *chapters > 1), "{example}");
    }
}

#[test]
fn the_way_has_the_counts_of_the_header() {
    let film = film_of("retry-ladder", 60_000);
    let mut compared = 0;
    for entry in film.history().from(film.history().first()) {
        let Some(EventKind::Published { message, .. }) = event(entry) else { continue };
        let life = Life::of(film.history(), message.id).expect("it is named");
        let last = life.message(film.history(), film.len()).expect("a message");
        let Some(deaths) = &last.deaths else { continue };
        let legs = page_of(&film, &life).legs;
        for death in &deaths.entries {
            let on_the_way: u64 = legs
                .iter()
                .filter(|leg| leg.queue == death.queue && leg.reason == death.reason)
                .map(|leg| leg.count)
                .sum();
            assert_eq!(on_the_way, death.count, "{legs:?} {death:?}");
            compared += 1;
        }
    }
    assert!(compared > 3);
}

#[test]
fn what_a_redelivery_adds_is_told() {
    let film = film_of("quorum-delivery-limit", 30_000);
    let life = life_with(&film, |event| matches!(event, EventKind::Requeued { .. }));
    let page = page_of(&film, &life);
    let changes = page.chapters.iter().flat_map(|chapter| &chapter.lines).flat_map(|line| &line.changes);
    let labels: Vec<(&str, &str)> = changes.map(|change| (change.sort().1, change.label.as_str())).collect();
    assert!(labels.contains(&("added", "redelivered")), "{labels:?}");
    assert!(labels.contains(&("added", "header x-delivery-count")), "{labels:?}");
}

#[test]
fn copies_are_branches() {
    let film = film(DYING.as_bytes(), 900);
    let life = life_with(&film, |event| matches!(event, EventKind::Published { .. }));
    let page = page_of(&film, &life);
    let titles: Vec<(usize, String)> =
        page.chapters.iter().map(|chapter| (chapter.depth, chapter.title.to_string())).collect();
    assert_eq!(
        titles,
        [
            (0, "Published to ex`*".to_owned()),
            (1, "Queue a (copy 1 of 2)".to_owned()),
            (1, "Dead-lettered from a (expired) to dlx".to_owned()),
            (1, "Queue dead".to_owned()),
            (1, "Queue b (copy 2 of 2)".to_owned()),
        ]
    );
}
