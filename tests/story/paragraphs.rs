//! What belongs together, what is found, how much is shown.

use warren::broker::Event;
use warren::broker::event::EventKind;
use warren::simulation::LogKind;
use warren::view::life::named;
use warren::view::story::{Filter, Form, Found, KINDS, Kind, Kinds, Lines, Page, Source, Threads, kind, written};
use warren::view::{Film, NodeId};

use crate::support::worlds;
use crate::{example, film};

fn threads(film: &Film) -> Threads {
    let mut threads = Threads::default();
    threads.go_on(film.history(), film.len());
    threads
}

fn page(film: &Film, cursor: usize, filter: Filter, most: usize) -> Page {
    let source = Source::new(film, cursor);
    let mut found = Found::new(filter.clone());
    found.look(&source, None);
    let found = Some(&found).filter(|_| !filter.is_all());
    source.page(&threads(film), found, &mut Lines::default(), most)
}

fn texts(page: &Page) -> Vec<Vec<String>> {
    let paragraph = |paragraph: &std::rc::Rc<warren::view::story::Paragraph>| {
        let heading = std::iter::once(paragraph.heading.sentence.to_string());
        heading.chain(paragraph.steps.iter().map(|step| step.sentence.to_string())).collect()
    };
    page.paragraphs.iter().map(paragraph).collect()
}

#[test]
fn one_publish_and_all_that_follows_is_one_paragraph_whatever_happens_in_between() {
    let film = film(&example("nature"), 3_000, usize::MAX);
    let told = texts(&page(&film, film.len(), Filter::default(), 100));
    let of = |words: &str| told.iter().find(|paragraph| paragraph[0].contains(words)).expect("it is told");
    let dove = of("dove-producer publishes");
    assert!(dove.last().is_some_and(|last| last.contains("acknowledged")), "{dove:#?}");
    let cat = of("cat-producer publishes");
    assert!(cat.last().is_some_and(|last| last.contains("dropped")), "{cat:#?}");
    assert!(
        dove.iter().all(|line| !line.contains("animal.cat")) && cat.iter().all(|line| !line.contains("animal.bird"))
    );
    assert!(of("bird-watcher starts").iter().any(|line| line.contains("consumes from birds_only")));
    let set_up = of("The broker is set up");
    assert_eq!(set_up.len(), 4, "{set_up:#?}");
    assert_eq!(told.len(), 6);
    assert!(told[0][0].contains("cat-producer publishes"), "what began last stands first");
}

#[test]
fn whatever_names_a_message_is_in_the_paragraph_of_its_publish() {
    let names = ["work-queues", "retry-ladder", "rpc", "restart", "pipeline", "message-ttl"].map(String::from);
    let random = (0..40).map(worlds::scenario);
    for scenario in names.iter().map(|name| example(name)).chain(random) {
        let film = film(&scenario, 30_000, 3_000);
        let threads = threads(&film);
        let mut roots = std::collections::BTreeMap::new();
        for (place, entry) in film.history().from(0).enumerate() {
            let link = threads.link(place).expect("it was looked at");
            assert!(link.root <= place && link.previous <= place);
            if let LogKind::Broker(Event { kind: EventKind::Published { message, .. }, .. }) = &entry.kind {
                roots.insert(message.id, link.root);
            }
            if let Some(root) = named(entry).and_then(|message| roots.get(&message.id)) {
                assert_eq!(link.root, *root, "{}: {entry:?}", scenario.name);
            }
            let steps = threads.back_from(place).count();
            assert_eq!(steps, link.ordinal + 1, "{}: entry {}", scenario.name, entry.seq);
        }
    }
}

#[test]
fn it_is_the_same_in_one_go_and_entry_by_entry() {
    for seed in 0..20 {
        let film = film(&worlds::scenario(seed), 20_000, 1_500);
        let whole = threads(&film);
        let mut grown = Threads::default();
        for until in 0..=film.len() {
            grown.go_on(film.history(), until);
        }
        for place in 0..film.len() {
            assert_eq!(whole.link(place), grown.link(place), "world {seed}, place {place}");
        }
    }
}

#[test]
fn nothing_is_told_before_it_happened_and_what_happened_last_is_marked() {
    let film = film(&example("work-queues"), 8_000, usize::MAX);
    for cursor in 1..film.len() {
        let page = page(&film, cursor, Filter::default(), 60);
        let seqs = page.paragraphs.iter().flat_map(|paragraph| {
            let heading = Some(paragraph.heading.seq).filter(|_| paragraph.is_event);
            heading.into_iter().chain(paragraph.steps.iter().map(|step| step.seq))
        });
        let mut seqs: Vec<u64> = seqs.collect();
        assert!(seqs.iter().all(|seq| *seq <= cursor as u64));
        let marked = page.paragraphs.iter().filter_map(|paragraph| paragraph.current).collect::<Vec<_>>();
        assert_eq!(marked, [cursor as u64]);
        seqs.sort_unstable();
        let shown = seqs.len();
        seqs.dedup();
        assert_eq!(seqs.len(), shown, "no line twice");
        if cursor <= 60 {
            assert_eq!(shown, cursor, "all of it");
        }
    }
}

#[test]
fn a_page_is_bounded_and_more_can_be_asked_for() {
    let film = film(&example("troubled"), 20_000, usize::MAX);
    assert!(film.len() > 3_000);
    let lines = |page: &Page| page.paragraphs.iter().map(|paragraph| paragraph.steps.len() + 1).sum::<usize>();
    for most in [16, 60, 120] {
        let page = page(&film, film.len(), Filter::default(), most);
        assert!((most..=2 * most + 1).contains(&lines(&page)), "{} of {most}", lines(&page));
        assert!(page.has_more);
    }
    let all = page(&film, film.len(), Filter::default(), usize::MAX);
    assert!(!all.has_more && lines(&all) >= film.len());
}

#[test]
fn what_is_read_of_is_found_and_nothing_else() {
    let film = film(&example("nature"), 20_000, usize::MAX);
    let count = |filter: Filter| page(&film, film.len(), filter, usize::MAX).found;
    for (wanted, _) in KINDS {
        let right = film.history().from(0).filter(|entry| kind(entry) == wanted).count();
        let kinds = Kinds::default().toggled(wanted);
        assert_eq!(count(Filter { kinds, ..Filter::default() }), (right, film.len()), "{wanted:?}");
        assert!(right > 0, "{wanted:?}");
    }
    let words = Filter { words: Filter::words_of("CAT dropped"), ..Filter::default() };
    let told = texts(&page(&film, film.len(), words.clone(), 100));
    assert!(!told.is_empty());
    for paragraph in &told {
        assert!(paragraph[0].contains("cat-producer publishes"), "where it belongs: {paragraph:?}");
        assert!(paragraph[1..].iter().all(|line| line.contains("animal.cat") && line.contains("dropped")));
    }
    let node = Some(NodeId::queue(&"/".into(), &"birds_only".into()));
    let of_queue = texts(&page(&film, film.len(), Filter { node, ..Filter::default() }, 200));
    assert!(of_queue.iter().flat_map(|paragraph| &paragraph[1..]).all(|line| line.contains("birds_only")));
    let trouble = Kinds::default().toggled(Kind::Trouble);
    assert_eq!(count(Filter { kinds: trouble, words: Filter::words_of("acknowledged"), ..Filter::default() }).0, 0);
}

#[test]
fn looking_goes_on_with_the_log_and_begins_afresh_elsewhere() {
    let film = film(&example("troubled"), 25_000, usize::MAX);
    let words = Filter { words: Filter::words_of("delivers"), ..Filter::default() };
    let right = |source: &Source, from: usize, until: usize| {
        (from..until)
            .filter(|place| film.history().get(*place).is_some_and(|entry| words.takes(source, None, entry)))
            .count()
    };
    let (mut found, mut last) = (Found::new(words.clone()), 0);
    for cursor in [500, 501, 900, 40, 41, film.len() - 1, film.len()] {
        let source = Source::new(&film, cursor);
        found.look(&source, None);
        assert_eq!(found.count(cursor), right(&source, found.from(), cursor), "at {cursor} after {last}");
        last = cursor;
    }
    let source = Source::new(&film, film.len());
    while found.from() > 0 {
        let before = found.from();
        found.look_back(&source, None);
        assert!(found.from() < before);
    }
    assert_eq!(found.count(film.len()), right(&source, 0, film.len()));
}

#[test]
fn it_is_written_as_markdown_with_names_as_code() {
    let film = film(&example("nature"), 3_000, usize::MAX);
    let text = written("nature *1*", &page(&film, film.len(), Filter::default(), 200), Form::Markdown, 0);
    assert!(text.starts_with("# nature \\*1\\*\n"), "{text}");
    assert!(
        text.contains("**2.3 s** `cat-producer` publishes `{\"cat_name\": \"tom\"}` to exchange `nature`"),
        "{text}"
    );
    assert!(
        text.contains("- 2.7 s: `animal.cat` does not match `*.bird`: word 2 must be `bird`, and is `cat`. So queue `birds_only` does not get it.\n"),
        "{text}"
    );
    let plain = written("nature", &page(&film, film.len(), Filter::default(), 200), Form::Text, 0);
    assert!(plain.contains("    2.7 s  animal.cat does not match *.bird: word 2 must be bird, and is cat. So queue birds_only does not get it.\n"), "{plain}");
    assert!(
        written("n", &page(&film, film.len(), Filter::default(), 5), Form::Text, 0)
            .contains("What came before this is left out.")
    );
}

#[test]
fn keys_in_headers_are_told_and_what_nobody_else_shall_see_too() {
    let file = r#"{
        "format": "warren/1", "name": "keys", "seed": 1,
        "definitions": {"queues": [{"name": "a", "vhost": "/"}, {"name": "b", "vhost": "/"}, {"name": "c", "vhost": "/"}]},
        "clients": [{"name": "p", "role": "producer", "exchange": "", "routing_key": "a",
            "properties": {"headers": {"CC": ["b"], "BCC": ["c"]}}}]
    }"#;
    let scenario = warren::share::parse(file).expect("it is right").scenario;
    let film = film(&scenario, 3_000, usize::MAX);
    let told = texts(&page(&film, film.len(), Filter::default(), 100)).concat();
    let receives = told.iter().find(|line| line.contains(" receives a message")).expect("it is told");
    assert!(
        receives.ends_with(
            "with routing key a, and those of its CC header: b, and those of its BCC header, which no receiver will see: c."
        ),
        "{receives}"
    );
    for queue in ["a", "b", "c"] {
        assert!(told.iter().any(|line| line.starts_with(&format!("Queue {queue} takes message"))), "{told:#?}");
    }
}
