//! Two worlds of one script and seed with one thing changed: the change alone makes them part.
#![cfg(not(target_arch = "wasm32"))]

use warren::edit::{Command, varied};
use warren::share::{self, File};
use warren::view::Player;
use warren::view::compare::{Fates, Parted, Row, parted, summary};

fn file_of(example: &str) -> File {
    let root = std::env::var_os("CARGO_MANIFEST_DIR").map(std::path::PathBuf::from).unwrap_or_default();
    let text = std::fs::read(root.join("www/examples").join(example).with_extension("json")).expect("it can be read");
    share::parse(text).expect("it is right")
}

/// The inner command of a line.
fn changed(line: &str) -> Command {
    match Command::parse(line).expect("it is right") {
        Command::Compare(changed) => *changed,
        other => panic!("{other:?}"),
    }
}

fn at(file: &File, at_ms: f64) -> (Player, Fates) {
    let mut player = Player::new(&file.scenario).expect("it begins");
    player.seek_ms(at_ms);
    let mut fates = Fates::default();
    fates.go_on(&player);
    (player, fates)
}

fn compared(left: &File, right: &File, at_ms: f64) -> (Vec<Row>, Vec<Parted>) {
    let (left, right) = (at(left, at_ms), at(right, at_ms));
    (summary(left.0.board(), right.0.board()), parted(&left.1, &right.1, 1_000).0)
}

#[test]
fn what_is_the_same_does_not_part() {
    let file = file_of("length-limits");
    let (rows, parted) = compared(&file, &file, 20_000.0);
    assert!(rows.len() > 3 && !rows.iter().any(Row::differs));
    assert_eq!(parted, []);
}

#[test]
fn another_prefetch_makes_other_figures() {
    let file = file_of("work-queues");
    let consumer = file.scenario.clients.iter().find(|client| client.role.consumer().is_some()).expect("one works");
    let other = varied(&file, &changed(&format!("compare set {} prefetch=100", consumer.name))).expect("it can be");
    let (rows, _) = compared(&file, &other, 20_000.0);
    assert!(rows.iter().any(Row::differs), "{rows:?}");
}

#[test]
fn a_limit_parts_messages_by_what_it_does_to_them() {
    let file = file_of("length-limits");
    let limited = file.scenario.definitions.queues.iter().find(|queue| queue.arguments.get("x-max-length").is_some());
    let name = limited.expect("one is limited").name.clone();
    let line = format!("compare queue {name} x-overflow=reject-publish");
    let command = changed(&line);
    assert_eq!(Command::Compare(Box::new(command.clone())).to_string(), line);
    let other = varied(&file, &command).expect("it can be");
    let (rows, parted) = compared(&file, &other, 30_000.0);
    assert!(rows.iter().any(Row::differs));
    assert!(!parted.is_empty());
    assert!(parted.iter().all(|parted| parted.fates[0] != parted.fates[1]), "{parted:?}");
}

#[test]
fn a_queue_of_another_type() {
    let file = file_of("work-queues");
    let name = file.scenario.definitions.queues.first().expect("there is one").name.clone();
    let other = varied(&file, &changed(&format!("compare queue {name} x-queue-type=quorum"))).expect("it can be");
    let (rows, _) = compared(&file, &other, 5_000.0);
    let kind = rows.iter().find(|row| row.what == format!("queue {name}: Type")).expect("it is counted");
    assert_eq!(kind.values, ["classic", "quorum"]);
}

#[test]
fn what_changes_nothing_is_refused() {
    let file = file_of("work-queues");
    let seed = file.scenario.seed;
    let refusal = varied(&file, &changed(&format!("compare put seed={seed}"))).expect_err("nothing changes");
    assert!(refusal.problem.contains("changes nothing"), "{}", refusal.problem);
    let refusal = varied(&file, &changed("compare publish a b c")).expect_err("it changes no scenario");
    assert!(refusal.problem.contains("running world"), "{}", refusal.problem);
    assert!(Command::parse("compare").is_err());
}

#[test]
fn going_back_forgets_what_is_not_yet() {
    let file = file_of("work-queues");
    let (mut player, mut fates) = at(&file, 10_000.0);
    player.seek_ms(2_000.0);
    fates.go_on(&player);
    let (_, fresh) = at(&file, 2_000.0);
    assert_eq!(parted(&fates, &fresh, 10), (Vec::new(), 0));
}
