//! The desk at a moment of the past, and at a new beginning: scenario and world stay alike.

use warren::edit::Command;
use warren::share::{examples, parse};
use warren::view::Desk;

fn desk() -> Desk {
    let mut desk = Desk::open(parse(examples::NATURE).expect("the example is right")).expect("it begins");
    desk.player_mut().seek_ms(5_000.0);
    desk
}

fn run(desk: &mut Desk, line: &str) {
    let command = Command::parse(line).expect(line);
    desk.run(&command).expect(line);
}

fn queues(desk: &Desk) -> Vec<String> {
    desk.player().board().queues.keys().map(|resource| resource.name.to_string()).collect()
}

fn written(desk: &Desk) -> Vec<String> {
    desk.file().scenario.definitions.queues.iter().map(|queue| queue.name.to_string()).collect()
}

fn later(desk: &Desk) -> Vec<String> {
    desk.later().into_iter().map(|later| format!("{} {}", later.at_ms, later.line)).collect()
}

/// Two queues were added, and one is before the second.
fn before_the_second() -> Desk {
    let mut desk = desk();
    run(&mut desk, "queue cats");
    desk.player_mut().seek_ms(12_300.0);
    run(&mut desk, "queue dogs");
    desk.player_mut().seek_ms(20_000.0);
    desk.player_mut().seek_ms(8_000.0);
    desk
}

#[test]
fn a_moment_of_the_past_tells_what_was_written_later() {
    let mut desk = before_the_second();
    assert_eq!(
        (queues(&desk), written(&desk)),
        (vec!["birds_only".into(), "cats".into()], vec!["birds_only".into(), "cats".into(), "dogs".into()])
    );
    assert_eq!(later(&desk), ["12300 queue dogs"]);
    assert_eq!(desk.then().scenario.definitions.queues.len(), 2);
    desk.player_mut().restart();
    assert_eq!(later(&desk), ["5000 queue cats", "12300 queue dogs"]);
    assert_eq!(desk.then().scenario.definitions.queues.len(), 1);
    desk.player_mut().to_end();
    assert_eq!(later(&desk), Vec::<String>::new());
    assert_eq!(desk.then(), desk.file());
}

#[test]
fn who_changes_something_there_takes_along_what_came_later() {
    let mut desk = before_the_second();
    run(&mut desk, "queue owls");
    assert_eq!(queues(&desk), ["birds_only", "cats", "dogs", "owls"]);
    assert_eq!(written(&desk), ["birds_only", "cats", "dogs", "owls"]);
    assert_eq!(later(&desk), Vec::<String>::new());
    // Nothing of it happens again at its former moment.
    desk.player_mut().seek_ms(20_000.0);
    assert_eq!(queues(&desk), ["birds_only", "cats", "dogs", "owls"]);
    desk.undo().expect("it can be taken back");
    assert_eq!((queues(&desk).len(), written(&desk).len()), (3, 3));
}

#[test]
fn what_came_later_can_be_taken_back_before_it_came() {
    let mut desk = before_the_second();
    assert_eq!(desk.undo(), Ok(Some("queue dogs".to_owned())));
    assert_eq!(
        (queues(&desk), written(&desk)),
        (vec!["birds_only".into(), "cats".into()], vec!["birds_only".into(), "cats".into()])
    );
    desk.player_mut().seek_ms(20_000.0);
    assert_eq!(queues(&desk), ["birds_only", "cats"], "it does not come");
    assert_eq!(desk.redo(), Ok(Some("queue dogs".to_owned())));
    assert_eq!((queues(&desk).len(), written(&desk).len()), (3, 3));
}

#[test]
fn what_is_done_by_hand_there_takes_it_along_too() {
    let mut desk = before_the_second();
    run(&mut desk, "publish \"\" dogs \"a bone\"");
    assert_eq!(queues(&desk), ["birds_only", "cats", "dogs"]);
    assert_eq!(later(&desk), Vec::<String>::new());
    desk.player_mut().seek_ms(20_000.0);
    let ready = |desk: &Desk| {
        let board = desk.player().board();
        board.queues.iter().find(|(resource, _)| resource.name == "dogs").map(|(_, queue)| queue.ready.len())
    };
    assert_eq!(ready(&desk), Some(1));
    assert_eq!(desk.undo(), Ok(Some("publish \"\" dogs \"a bone\"".to_owned())));
    assert_eq!((ready(&desk), desk.file().scenario.script.len()), (Some(0), 0));
    assert_eq!(desk.undo(), Ok(Some("queue dogs".to_owned())));
    assert_eq!(queues(&desk), ["birds_only", "cats"]);
}

#[test]
fn a_change_that_only_the_file_has_is_of_its_moment() {
    let mut desk = before_the_second();
    run(&mut desk, "put seed=77");
    // The world went on with what it had not yet.
    assert_eq!(queues(&desk), ["birds_only", "cats", "dogs"]);
    desk.player_mut().step_back();
    assert!(!desk.later().is_empty());
}

#[test]
fn it_begins_anew_with_what_is_written_now() {
    let mut desk = desk();
    assert!(!desk.is_behind());
    run(&mut desk, "publish nature animal.bird hello");
    assert!(!desk.is_behind(), "what was done by hand is in the world");
    run(&mut desk, "put seed=77");
    assert!(desk.is_behind());
    desk.player_mut().seek_ms(9_000.0);
    desk.begin_anew().expect("it begins");
    assert!(!desk.is_behind());
    assert_eq!(desk.player().cursor(), desk.player().start());
    assert!(!desk.player().is_playing());
    desk.player_mut().seek_ms(9_000.0);
    let played = |desk: &Desk| desk.player().film().history().len();
    let mut fresh = Desk::open(desk.file().clone()).expect("it begins");
    fresh.player_mut().seek_ms(9_000.0);
    assert_eq!(desk.player().board(), fresh.player().board(), "it is as if the file had been opened");
    assert!(played(&desk) > 0);
    // What was done by hand is now the script's: to take it back counts from the next beginning on.
    assert_eq!(desk.undo(), Ok(Some("put seed=77".to_owned())));
    assert_eq!(desk.undo(), Ok(Some("publish nature animal.bird hello".to_owned())));
    assert!(desk.file().scenario.script.is_empty() && desk.is_behind());
    desk.player_mut().play();
    desk.begin_anew().expect("it begins");
    assert!(desk.player().is_playing() && !desk.is_behind());
}

#[test]
fn several_things_are_done_in_one_line() {
    let mut desk = desk();
    run(&mut desk, "queue a ; queue b");
    run(&mut desk, "purge a ; purge b");
    assert_eq!(desk.can_undo(), Some("purge a ; purge b"));
    assert_eq!(desk.file().scenario.script.len(), 2);
    assert_eq!(desk.undo(), Ok(Some("purge a ; purge b".to_owned())));
    assert!(desk.file().scenario.script.is_empty());
    let mixed = Command::parse("queue c ; purge a").expect("it is a line");
    assert!(desk.run(&mixed).is_err(), "a change and a deed are two things");
}
