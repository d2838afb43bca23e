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
    let mut text = written(&format!("{name}: the first {told} events"), &page, Form::Text);
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

/// What no reader should have to read.
fn blemish(line: &Line) -> Option<&'static str> {
    const MARKS: [&str; 20] = [
        "Some(",
        "None",
        "Ok(",
        "Err(",
        "undefined",
        "NaN",
        "null",
        "{ ",
        "::",
        "Rc<",
        "ClientId",
        "MessageId",
        "CopyId",
        "ChannelId",
        "connection_id",
        "  ",
        " .",
        " ,",
        "..",
        "()",
    ];
    let words: Vec<&str> = line
        .sentence
        .parts()
        .iter()
        .filter_map(|part| match part {
            Part::Words(words) => Some(words.as_str()),
            Part::Name(_) => None,
        })
        .collect();
    let text = line.sentence.to_string();
    if words.is_empty() || text.trim().is_empty() {
        return Some("it says nothing");
    }
    if let Some(mark) = MARKS.iter().find(|mark| words.iter().any(|words| words.contains(*mark))) {
        return Some(mark);
    }
    if !text.ends_with(['.', '!', '?']) {
        return Some("it has no end");
    }
    // A code of AMQP (`NO_ROUTE`) stands beside words that say what it means, never alone.
    let codes = words.iter().flat_map(|words| words.split(|sign: char| !(sign.is_ascii_uppercase() || sign == '_')));
    let has_code = codes.into_iter().any(|word| word.contains('_') && word.len() > 4);
    (has_code && text.split_whitespace().count() < 8).then_some("a code without words")
}

#[test]
fn no_sentence_shows_what_is_inside() {
    let examples =
        examples::GROUPS.iter().flat_map(|(_, names)| names.iter().map(|name| (name.to_string(), example(name))));
    let random = (0..200).map(|seed| (format!("world {seed}"), worlds::scenario(seed)));
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
