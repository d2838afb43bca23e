//! Each scenario that comes with Warren tells its story, and `tests/golden/story` holds it word for word: the first entries in
//! paragraphs, then each sentence of another making that comes later, once. `STORY=write` writes them anew: then read them,
//! as somebody who knows RabbitMQ and as somebody who does not.

use std::collections::BTreeSet;
use std::path::PathBuf;

use warren::share::examples;
use warren::view::sentence::Part;
use warren::view::story::{Form, Line, Lines, Source, Threads, written};
use warren::view::{Film, explain::Teller};

use crate::support::worlds;
use crate::{example, film};

/// So many entries are told in paragraphs.
const TOLD: usize = 100;
/// Until then later ones are looked at, virtual milliseconds, and so many at most.
const UNTIL_MS: u64 = 90_000;
const LATER: usize = 20_000;

/// Asked when the test runs: clones that share a target folder share what is compiled into it.
pub fn root() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from)
}

/// How a sentence is made: its words without names and numbers.
fn making(line: &Line) -> String {
    let words = line.sentence.parts().iter().filter_map(|part| match part {
        Part::Words(words) => Some(words.chars().filter(|sign| !sign.is_numeric()).collect::<String>()),
        Part::Name(_) => None,
    });
    words.collect::<Vec<_>>().join("_")
}

fn lines(film: &Film) -> Vec<Line> {
    let teller = Teller::new(film, &film.history().front().board);
    film.history().from(0).map(|entry| Line::of(&teller, entry)).collect()
}

fn story(name: &str) -> String {
    let film = film(&example(name), UNTIL_MS, LATER);
    let told = film.len().min(TOLD);
    let mut threads = Threads::default();
    threads.go_on(film.history(), film.len());
    let page = Source::new(&film, told).page(&threads, None, &mut Lines::default(), usize::MAX);
    let mut text = written(&format!("{name}: the first {told} events"), &page, Form::Text, 0);
    let lines = lines(&film);
    let mut known: BTreeSet<String> = lines.iter().take(told).map(making).collect();
    let later: Vec<&Line> = lines.iter().skip(told).filter(|line| known.insert(making(line))).collect();
    if !later.is_empty() {
        text.push_str("\nLater, for the first time:\n\n");
    }
    for line in later {
        let moment = format!("{}.{} s", line.at_ms / 1_000, line.at_ms % 1_000 / 100);
        text.push_str(&format!("{moment}  {}\n", line.sentence));
    }
    text
}

#[test]
fn each_scenario_tells_its_story() {
    let folder = root().join("tests/golden/story");
    let writes = std::env::var("STORY").is_ok_and(|value| value == "write");
    let names = examples::GROUPS.iter().flat_map(|(_, names)| names.iter());
    let mut wrong = Vec::new();
    for name in names {
        let (path, told) = (folder.join(name).with_extension("txt"), story(name));
        if writes {
            std::fs::write(&path, &told).expect("it can be written");
        }
        let golden = std::fs::read_to_string(&path).unwrap_or_default();
        if let Some((place, (told, was))) = told.lines().zip(golden.lines()).enumerate().find(|(_, (a, b))| a != b) {
            wrong.push(format!("{name}.txt:{}:\n  was  {was}\n  is   {told}", place + 1));
        } else if golden != told {
            wrong.push(format!("{name}.txt is longer or shorter than it was"));
        }
    }
    assert!(wrong.is_empty(), "STORY=write cargo test --test story, and read what changed:\n{}", wrong.join("\n"));
}

/// What no reader should have to read: marks of Rust's debug format and of other machines' values, ids, signs of a sentence
/// that was put together wrongly, and words that once said nothing of what happened.
const MARKS: [&str; 32] = [
    "Some(",
    "None",
    "Ok(",
    "Err(",
    "undefined",
    "NaN",
    "null",
    "{",
    "}",
    "\"",
    "::",
    "Rc<",
    "&mut",
    "ClientId",
    "MessageId",
    "CopyId",
    "ChannelId",
    "connection_id",
    "  ",
    " .",
    " ,",
    "..",
    ".,",
    ",,",
    "()",
    "( ",
    " )",
    " works on it ",
    "done with it",
    "gets its answer",
    "What came of",
    "could not have it either",
];

/// Names that are written so in AMQP or by people who use it.
const WRITTEN_SO: [&str; 2] = ["RabbitMQ", "reply_to"];

/// A name of code: `delivery_tag`, `PrefetchFull`.
fn is_of_code(word: &str) -> bool {
    let bytes = word.as_bytes();
    let is_joined =
        bytes.windows(2).any(|two| two[0].is_ascii_lowercase() && (two[1].is_ascii_uppercase() || two[1] == b'_'));
    is_joined && !WRITTEN_SO.contains(&word)
}

/// What is wrong with a sentence, if anything is.
fn blemish(line: &Line) -> Option<String> {
    let words: Vec<&str> = line
        .sentence
        .parts()
        .iter()
        .filter_map(|part| match part {
            Part::Words(words) => Some(words.as_str()),
            Part::Name(_) => None,
        })
        .collect();
    // Names stand for themselves, whatever is in them.
    let shape = line.sentence.parts().iter().map(|part| match part {
        Part::Words(words) => words.as_str(),
        Part::Name(_) => "N",
    });
    let shape = shape.collect::<String>();
    if words.is_empty() {
        return Some("it says nothing".to_owned());
    }
    if let Some(mark) = MARKS.iter().find(|mark| shape.contains(*mark)) {
        return Some(format!("it has {mark}"));
    }
    let signs = |sign: char| !(sign.is_ascii_alphanumeric() || sign == '_');
    if let Some(word) = words.iter().flat_map(|words| words.split(signs)).find(|word| is_of_code(word)) {
        return Some(format!("{word} is a name of code"));
    }
    let spoken: Vec<&str> = shape.split_whitespace().collect();
    if let Some(twice) = spoken.windows(2).find(|two| two[0] == two[1] && !two[0].starts_with('N')) {
        return Some(format!("{} twice", twice[0]));
    }
    if shape.starts_with(|first: char| !first.is_ascii_uppercase() && !first.is_ascii_digit()) {
        return Some("it begins small".to_owned());
    }
    if !shape.ends_with('.') || spoken.len() < 3 {
        return Some("it is no sentence".to_owned());
    }
    // A code of AMQP (`NO_ROUTE`) stands beside words that say what it means, never alone.
    let is_code = |word: &&str| word.contains('_') && word.len() > 4;
    let has_code = words.iter().flat_map(|words| words.split(signs)).any(|word| is_code(&word));
    (has_code && spoken.len() < 8).then(|| "a code without words".to_owned())
}

#[test]
fn what_nobody_should_read_is_seen() {
    let line = |parts: warren::view::sentence::Sentence| Line {
        seq: 1,
        at_ms: 0,
        sentence: parts,
        tone: warren::view::explain::Tone::Plain,
        is_about_message: false,
        can_be_asked: false,
    };
    let words = |words: &str| line(warren::view::sentence::Sentence::words(words));
    let wrong = [
        "The prefetch is Some(3).",
        "The rule is PrefetchFull.",
        "The delivery_tag is 3.",
        "worker works on it for 3 s.",
        "The queue queue is full.",
        "the queue is full.",
        "The queue is full",
        "312 NO_ROUTE.",
        "It is  full.",
    ];
    for text in wrong {
        assert!(blemish(&words(text)).is_some(), "{text}");
    }
    assert_eq!(blemish(&words("No queue took the message (312 NO_ROUTE), so it came back.")), None);
    let named = warren::view::sentence::Sentence::of(&"{a: Some(1)}".into()).say(" matched no binding.");
    assert_eq!(blemish(&line(named)), None, "a name is whatever somebody called it");
}

#[test]
fn no_sentence_shows_what_is_inside() {
    let examples =
        examples::GROUPS.iter().flat_map(|(_, names)| names.iter().map(|name| (name.to_string(), example(name))));
    let random = (0..300).map(|seed| (format!("world {seed}"), worlds::scenario(seed)));
    let mut seen = BTreeSet::new();
    let mut blemished = Vec::new();
    for (name, scenario) in examples.chain(random) {
        for line in lines(&film(&scenario, 60_000, 3_000)) {
            if seen.insert(making(&line))
                && let Some(blemish) = blemish(&line)
            {
                blemished.push(format!("{name}, entry {} ({blemish}): {}", line.seq, line.sentence));
            }
        }
    }
    assert!(seen.len() > 100, "so few sentences were looked at: {}", seen.len());
    assert!(blemished.is_empty(), "{} sentences:\n{}", blemished.len(), blemished.join("\n"));
}
