//! The checker finds every mistake that was planted, and none where there is none; and what it proposes mends it.
//!
//! `wrong/` holds scenarios with mistakes in them; `planted.txt` says which, a line each: the file, the rule, the place. What
//! is told of them is `told.txt`, to be read as text; `CHECKER=write` writes it anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use warren::edit::{Command, change};
use warren::share::{File, examples, parse};
use warren::view::check::{Problem, RULES, check};

/// What examples show on purpose: the example, the rule, the place.
const SHOWN: &[(&str, &str, &str)] = &[
    // Cats are what a learner wonders about.
    ("nature", "unroutable-untold", "producer cat-producer, mandatory"),
    // One document of four is neither an invoice nor to be printed.
    ("headers", "unroutable-untold", "producer office, mandatory"),
    // The newest temperature is the one that counts.
    ("length-limits", "drop-head", "queue temperatures, x-overflow"),
    // Only where tickets wait does their priority show.
    ("priorities", "too-slow", "queue tickets"),
    // What a restart leaves, and what it takes.
    ("restart", "lost-at-restart", "producer hasty, properties.delivery_mode"),
    ("restart", "no-consumer", "queue scratch"),
    ("restart", "too-slow", "queue ledger"),
    ("restart", "transient-queue", "queue scratch, durable"),
    // Everything that can go wrong, at once.
    ("troubled", "lost-at-restart", "producer p, properties.delivery_mode"),
    ("troubled", "poison-message", "consumer w, rules"),
];
/// So many are right at least.
const RIGHT_MIN: usize = 20;
/// So many are wrong at least.
const WRONG_MIN: usize = 40;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(path: &Path) -> File {
    let text = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The wrong ones, by name.
fn wrong() -> Vec<(String, File)> {
    let entries = std::fs::read_dir(folder("tests/checker/wrong")).expect("the folder is there");
    let mut all: Vec<(String, File)> = entries
        .map(|entry| entry.expect("it can be read").path())
        .map(|path| (path.file_stem().unwrap_or_default().to_string_lossy().into_owned(), read(&path)))
        .collect();
    all.sort_by(|one, other| one.0.cmp(&other.0));
    all
}

fn line(problem: &Problem) -> String {
    format!("{} at {}", problem.rule.id, problem.place)
}

#[test]
fn every_planted_mistake_is_found_and_nothing_else() {
    let planted = std::fs::read_to_string(folder("tests/checker/planted.txt")).expect("the list is there");
    let wanted: BTreeSet<String> = planted.lines().map(str::to_owned).collect();
    let all = wrong();
    assert!(all.len() >= WRONG_MIN, "only {} of them", all.len());
    let found: BTreeSet<String> = all
        .iter()
        .flat_map(|(name, file)| check(file).into_iter().map(move |problem| format!("{name}: {}", line(&problem))))
        .collect();
    let missed: Vec<&String> = wanted.difference(&found).collect();
    let more: Vec<&String> = found.difference(&wanted).collect();
    assert!(missed.is_empty() && more.is_empty(), "missed: {missed:#?}\nmore: {more:#?}");
    for (name, _) in &all {
        assert!(wanted.iter().any(|line| line.starts_with(&format!("{name}: "))), "nothing is planted in {name}");
    }
}

#[test]
fn the_examples_are_right_but_for_what_they_show() {
    let names = examples::GROUPS.iter().flat_map(|(_, names)| *names);
    let (mut clean, mut found) = (0, BTreeSet::new());
    for name in names {
        let file = read(&folder(&format!("www/examples/{name}.json")));
        let problems = check(&file);
        clean += usize::from(problems.is_empty());
        found.extend(problems.iter().map(|problem| format!("{name}: {}", line(problem))));
    }
    let shown: BTreeSet<String> =
        SHOWN.iter().map(|(name, rule, place)| format!("{name}: {rule} at {place}")).collect();
    assert_eq!(found, shown);
    assert!(clean >= RIGHT_MIN, "only {clean} are clean");
}

#[test]
fn every_rule_is_shown_by_a_wrong_one_and_has_a_lesson() {
    let found: BTreeSet<&str> =
        wrong().iter().flat_map(|(_, file)| check(file)).map(|problem| problem.rule.id).collect();
    for rule in RULES {
        assert!(found.contains(rule.id), "no scenario shows {}", rule.id);
        assert!(examples::is_there(rule.lesson), "{} has no lesson {}", rule.id, rule.lesson);
        assert!(!rule.title.ends_with('.') && !rule.docs.is_empty(), "{}", rule.id);
    }
    let ids: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), RULES.len(), "two rules have one name");
}

#[test]
fn a_fix_takes_its_problem_away_and_makes_no_other() {
    let mut fixed = 0;
    for (name, file) in wrong() {
        let before = check(&file);
        for problem in &before {
            let Some(command) = &problem.fix else { continue };
            let typed = command.to_string();
            assert_eq!(Command::parse(&typed).as_ref(), Ok(command), "{name}: what is shown is what is done");
            let changed = change(&file, command).unwrap_or_else(|refusal| panic!("{name}: {typed}: {refusal:?}"));
            let after = check(&changed.file);
            assert!(!after.contains(problem), "{name}: {} is still there after {typed}", line(problem));
            let new = after.iter().find(|new| !before.iter().any(|old| line(old) == line(new)));
            let new = new.map(|new| format!("{}: {}", line(new), new.sentence));
            assert_eq!(new, None, "{name}: {typed} makes that");
            fixed += 1;
        }
    }
    assert!(fixed >= WRONG_MIN, "only {fixed} fixes");
}

#[test]
fn what_is_told_can_be_read() {
    let mut told = String::new();
    for (name, file) in wrong() {
        writeln!(told, "## {name}").expect("text takes text");
        for problem in check(&file) {
            let rule = problem.rule;
            writeln!(told, "{}: {}. {}", rule.severity.word(), rule.title, problem.sentence).expect("text takes text");
            writeln!(told, "   {}", problem.place).expect("text takes text");
            if let Some(fix) = problem.fix {
                writeln!(told, "   Fix: {fix}").expect("text takes text");
            }
        }
    }
    let path = folder("tests/checker/told.txt");
    if std::env::var("CHECKER").as_deref() == Ok("write") {
        std::fs::write(&path, &told).expect("it can be written");
    }
    let kept = std::fs::read_to_string(&path).expect("it is there");
    assert_eq!(told, kept, "CHECKER=write writes what is told anew; read it then");
    for part in ["Some(", "None", "undefined", "QueueId", "(empty)"] {
        assert!(!told.contains(part), "{part} is no word");
    }
}
