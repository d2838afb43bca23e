//! Sequence diagrams: one arrow for each entry that goes from one to another, in the order of the log; as text and as a picture.
#![cfg(not(target_arch = "wasm32"))]

mod support;

use support::audit::log_of;
use warren::broker::Event;
use warren::broker::event::EventKind;
use warren::share;
use warren::simulation::LogKind;
use warren::view::Film;
use warren::view::life::Life;
use warren::view::sequence::{Colours, STEPS_MAX, Step, Which, mermaid, plan, steps};

fn film(text: Vec<u8>, until_ms: u64) -> Film {
    let mut film = Film::default();
    let scenario = share::parse(text).expect("it is right").scenario;
    log_of(&scenario, until_ms).into_iter().for_each(|entry| film.push(entry));
    film
}

fn film_of(example: &str, until_ms: u64) -> Film {
    let root = std::env::var_os("CARGO_MANIFEST_DIR").map(std::path::PathBuf::from).unwrap_or_default();
    film(
        std::fs::read(root.join("www/examples").join(example).with_extension("json")).expect("it can be read"),
        until_ms,
    )
}

/// The steps of the first message that comes to something.
fn of_first(film: &Film, is_it: impl Fn(&EventKind) -> bool) -> Vec<Step> {
    let found = film.history().from(film.history().first()).find(|entry| match &entry.kind {
        LogKind::Broker(Event { kind, .. }) => is_it(kind),
        _ => false,
    });
    let life = Life::at(film.history(), found.expect("one happens").seq).expect("it is about a message");
    steps(film, Which::Message(&life), film.len(), film.len())
}

fn text_of(film: &Film, steps: &[Step]) -> String {
    mermaid(steps, &film.history().front().board)
}

const NAMES: &str = r#"{
  "format": "warren/1", "name": "names", "seed": 1,
  "definitions": {
    "exchanges": [{"name": "a;b#c", "vhost": "/", "type": "fanout"}, {"name": "dlx", "vhost": "/", "type": "fanout"}],
    "queues": [{"name": "<q> & \"end\"", "vhost": "/", "arguments": {"x-dead-letter-exchange": "dlx"}}, {"name": "dead", "vhost": "/"}],
    "bindings": [
      {"source": "a;b#c", "vhost": "/", "destination": "<q> & \"end\"", "destination_type": "queue", "routing_key": ""},
      {"source": "dlx", "vhost": "/", "destination": "dead", "destination_type": "queue", "routing_key": ""}
    ]
  },
  "clients": [
    {"name": "p", "role": "producer", "exchange": "a;b#c", "routing_key": "k: 1", "payload": "x", "every_ms": 400, "limit": 1,
     "confirms": true, "latency_ms": 10},
    {"name": "c", "role": "consumer", "queues": ["<q> & \"end\""], "latency_ms": 10, "processing": {"fixed": 50},
     "outcome": "reject_discard"}
  ]
}"#;

#[test]
fn a_message_reads_from_its_publish_to_its_ack() {
    let film = film_of("work-queues", 20_000);
    let steps = of_first(&film, |event| matches!(event, EventKind::Acked { .. }));
    let verbs: Vec<&str> = steps.iter().map(|step| step.verb).collect();
    assert_eq!(verbs, ["publish", "route", "deliver", "ack"]);
    for step in &steps {
        assert!(step.sent <= step.seq);
        let over_link = step.verb != "route";
        assert_eq!(step.sent < step.seq, over_link, "{step:?}");
    }
}

#[test]
fn it_is_text_for_mermaid() {
    let film = film_of("dead-lettering", 20_000);
    let steps = of_first(&film, |event| matches!(event, EventKind::DeadLettered { .. }));
    let told = text_of(&film, &steps);
    if std::env::var_os("GOLDEN").is_some_and(|wish| wish == "write") {
        std::fs::write("tests/sequence/dead-lettering.mmd", &told).expect("it can be written");
    }
    let golden = include_str!("sequence/dead-lettering.mmd");
    assert_eq!(told, golden, "\n{}", similar::TextDiff::from_lines(golden, &told).unified_diff());
}

#[test]
fn names_are_names_in_mermaid_and_in_svg() {
    let film = film(NAMES.into(), 900);
    let steps = of_first(&film, |event| matches!(event, EventKind::Published { .. }));
    let told = text_of(&film, &steps);
    assert!(told.contains("as a#59;b#35;c\n"), "{told}");
    assert!(told.contains("publish k#58; 1\n"), "{told}");
    assert!(!told.contains('<') && !told.contains("\"end\""), "{told}");
    let ink = || "#123456".to_owned();
    let colours =
        Colours { ground: ink(), text: ink(), soft: ink(), line: ink(), body: ink(), accent: ink(), bad: ink() };
    let svg = plan(steps, &film.history().front().board, film.len()).svg("t<", &colours);
    assert!(svg.contains("&lt;q&gt; &amp; &quot;end&quot;") && !svg.contains("<q>"), "{svg}");
    assert!(!svg.contains("script") && !svg.contains("href"), "{svg}");
}

#[test]
fn steps_are_in_order_and_none_comes_before_what_it_follows_from() {
    for example in ["retry-ladder", "nature", "confirms", "rpc", "length-limits", "troubled", "stream", "restart"] {
        let film = film_of(example, 10_000);
        let steps = steps(&film, Which::Last(STEPS_MAX), film.len(), film.len());
        assert!(steps.len() > 3, "{example}");
        assert!(steps.is_sorted_by_key(|step| step.seq), "{example}");
        let diagram = plan(steps, &film.history().front().board, film.len());
        let mut last = 0.0;
        for arrow in &diagram.arrows {
            let end = arrow.to.map_or(arrow.from.y, |to| to.y);
            assert!(end >= last && arrow.from.y <= end, "{example}: {arrow:?}");
            assert!(arrow.from.x > 0.0 && arrow.from.x < diagram.width && end < diagram.height, "{example}: {arrow:?}");
            assert!(!arrow.label.is_empty());
            last = end;
        }
    }
}

#[test]
fn around_the_moment_and_ranges() {
    let film = film_of("nature", 20_000);
    let all = steps(&film, Which::Range(0, 20_000), film.len(), film.len());
    let around = steps(&film, Which::Last(20), film.len(), film.len());
    assert_eq!(around.len(), 20);
    let middle = film.len() / 2;
    let around = steps(&film, Which::Last(20), middle, film.len());
    assert_eq!(around.len(), 20);
    assert!(
        around.iter().any(|step| step.seq as usize <= middle) && around.iter().any(|step| step.seq as usize > middle)
    );
    let unseen = steps(&film, Which::Last(20), middle, middle);
    assert!(unseen.iter().all(|step| step.seq as usize <= middle), "what nobody has seen is not told");
    let range = steps(&film, Which::Range(3_000, 5_000), film.len(), film.len());
    assert!(!range.is_empty() && range.len() < all.len());
    assert!(range.iter().all(|step| (3_000..=5_000).contains(&step.at_ms)));
}

#[test]
fn a_long_name_is_cut_and_whole_in_its_title() {
    let text = NAMES.replace("dlx", &"d".repeat(60));
    let film = film(text.into(), 900);
    let steps = steps(&film, Which::Last(50), film.len(), film.len());
    let diagram = plan(steps, &film.history().front().board, film.len());
    let long = diagram.lifelines.iter().find(|line| line.title.len() == 60).expect("it takes part");
    assert!(long.name.ends_with('\u{2026}') && long.name.chars().count() < 20, "{}", long.name);
}
