//! Two worlds of one script and seed with one thing changed: the change alone makes them part.
#![cfg(not(target_arch = "wasm32"))]

use warren::edit::form::{Subject, variations};
use warren::edit::{Command, Draft, Kind, change, varied};
use warren::share::{self, File};
use warren::view::Player;
use warren::view::compare::{Fates, Look, Parted, Row, Side, look, parted, summary};

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

fn looked(example: &str, line: &str) -> Look {
    let file = file_of(example);
    let other = varied(&file, &changed(line)).expect("it can be");
    look(&file.scenario, &other.scenario).expect("both begin")
}

#[test]
fn where_they_part_is_told_in_words() {
    let found = looked("work-queues", "compare set worker-1 prefetch=100");
    assert_eq!(
        found.told(),
        "They part at 3.7 s: with the change, new_task 3 goes from task_queue to worker-1; as it is, this happens only \
         at 4.1 s."
    );
    // The other way round the same is told of the other side.
    let file = file_of("work-queues");
    let other = varied(&file, &changed("compare set worker-1 prefetch=100")).expect("it can be");
    let turned = look(&other.scenario, &file.scenario).expect("both begin");
    assert!(turned.told().starts_with("They part at 3.7 s: as it is, new_task 3 goes"), "{}", turned.told());
}

#[test]
fn at_the_parting_both_have_come_the_same_way() {
    let file = file_of("length-limits");
    let name = file.scenario.definitions.queues.first().expect("one").name.clone();
    let other = varied(&file, &changed(&format!("compare queue {name} x-max-length=1"))).expect("it can be");
    let parting = look(&file.scenario, &other.scenario).expect("both begin").parting.expect("they part");
    assert!(parting.sides.iter().any(|side| matches!(side, Side::Does(_))));
    let before = parting.at_ms as f64 - 1.0;
    assert_eq!(parted(&at(&file, before).1, &at(&other, before).1, 10), (Vec::new(), 0));
    let then = parting.at_ms as f64;
    assert!(parted(&at(&file, then).1, &at(&other, then).1, 10).1 > 0);
}

#[test]
fn who_does_the_same_is_told_so() {
    let file = file_of("hello");
    let found = look(&file.scenario, &file.scenario).expect("it begins");
    assert_eq!(found.parting, None);
    assert_eq!(found.told(), "The same happens to every message in the first 120.0 s.");
}

/// Of every example, everything that is proposed can be compared, changes what it says, and can be kept.
#[test]
fn what_is_proposed_can_be_compared() {
    let (mut count, mut wrong) = (0, Vec::new());
    for name in share::examples::GROUPS.iter().flat_map(|(_, names)| names.iter()) {
        let file = file_of(name);
        let draft = Draft::of(&file).expect("it can be edited");
        for found in Kind::ALL.into_iter().flat_map(|kind| draft.all(kind).collect::<Vec<_>>()) {
            let all = variations(&draft, &Subject::of(&found));
            assert!(all.len() <= 8);
            for variation in all {
                let what = format!("{name}: {} ({})", variation.label, variation.command);
                let other = match varied(&file, &variation.command) {
                    Ok(other) => other,
                    Err(why) => {
                        wrong.push(format!("{what}: {why}"));
                        continue;
                    }
                };
                let line = variation.command.to_string();
                assert_eq!(Command::parse(&line).as_ref(), Ok(&variation.command), "{what}");
                if let Err(why) = Player::new(&other.scenario) {
                    wrong.push(format!("{what}: {why}"));
                }
                assert_eq!(change(&file, &variation.command).expect("it can be kept").file, other, "{what}");
                count += 1;
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(count > 300, "only {count}");
}
