//! The past: going somewhere shows what playing there shows, forks leave their parents alone, forgetting and thinning
//! out change nothing of what is known. Over random worlds.
#![cfg(not(target_arch = "wasm32"))]

mod support;

use proptest::prelude::*;
use support::worlds::scenario;
use warren::broker::command::BasicPublish;
use warren::broker::event::{Event, EventKind};
use warren::history::{Limits, PIECE};
use warren::share::examples;
use warren::simulation::{
    ClientId, Control, Deed, GetEncoding, GetMode, Interest, LogEntry, LogKind, Operation, Scenario, Settlement, World,
};
use warren::view::course::Course;
use warren::view::film::Mark;
use warren::view::player::BRANCHES_MAX;
use warren::view::{Player, Scene};

/// Entries that a world is played for.
const PLAYED: usize = 600;
const WIDE: Limits = Limits { entries: 1_000_000, content_bytes: 256 << 20, checkpoint_bytes: 32 << 20 };

fn player(scenario: &Scenario, limits: Limits) -> Player {
    let mut player = Player::with_limits(scenario, limits).expect("the scenario is right");
    player.set_jump_cuts(true);
    player
}

/// The log of a world that nobody looks at, as far as it goes.
fn log_of(scenario: &Scenario, entries: usize) -> Vec<LogEntry> {
    let mut log = Vec::new();
    let mut world = World::new(scenario, &mut log).expect("the scenario is right");
    let mut steps = 0;
    while log.len() < entries && steps < 100_000 && world.step(&mut log) {
        steps += 1;
    }
    log
}

/// The entries of a player from a place on, up to a cursor.
fn entries(player: &Player, from: usize, to: usize) -> Vec<LogEntry> {
    player.film().history().from(from).take(to - from).cloned().collect()
}

/// All that a position is.
fn position(player: &Player) -> (usize, f64, Scene, Vec<String>) {
    let moving = player.moving().map(|motion| format!("{motion:?}")).collect();
    (player.cursor(), player.moment_ms(), player.scene().clone(), moving)
}

/// Something that may be done to a world; by number, so that chance can choose.
fn deed(number: usize, scenario: &Scenario) -> Deed {
    let controls = [Control::Kill, Control::Restart, Control::HoldLink, Control::ReleaseLink, Control::CloseChannel];
    let queue = scenario.definitions.queues.get(number / 8 % scenario.definitions.queues.len().max(1));
    let (vhost, name) = queue.map(|queue| (queue.vhost.clone(), queue.name.clone())).unwrap_or_default();
    match number % 11 {
        8 => {
            let publish = BasicPublish { routing_key: name, mandatory: true, ..BasicPublish::default() };
            Deed::Operate { vhost, operation: Operation::BasicPublish(publish) }
        }
        9 => Deed::GetMessages {
            vhost,
            queue: name,
            count: 3,
            ackmode: GetMode::ALL[number / 8 % 5],
            encoding: GetEncoding::Auto,
        },
        10 => Deed::Settle { vhost, settlement: Settlement::Nack { delivery_tag: 1, multiple: false, requeue: true } },
        5 => Deed::StopBroker,
        6 => Deed::CrashBroker,
        7 => Deed::StartBroker,
        control => {
            let client = scenario.clients.get(number / 8 % scenario.clients.len().max(1));
            let name = client.map(|client| client.name.clone()).unwrap_or_default();
            Deed::Client { name, connection: None, control: controls[control].clone() }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn going_somewhere_shows_what_playing_there_shows(seed: u64, cursors in prop::collection::vec(0..PLAYED, 1..12)) {
        let scenario = scenario(seed);
        let mut player = player(&scenario, WIDE);
        let mut seen = vec![position(&player)];
        while player.cursor() < PLAYED && player.step() {
            seen.push(position(&player));
        }
        let log = log_of(&scenario, player.cursor());
        prop_assert!(entries(&player, 0, player.cursor()) == log[..player.cursor()]);
        for cursor in cursors {
            let wanted = cursor.clamp(player.start(), player.start() + seen.len() - 1);
            prop_assert_eq!(player.seek(wanted), wanted);
            let (_, _, scene, _) = &seen[wanted - player.start()];
            prop_assert!(player.scene() == scene, "seed {seed} at {wanted}");
            prop_assert!(player.film().history().at(wanted) == *scene);
        }
    }

    #[test]
    fn back_then_next_is_the_identity(seed: u64, cursors in prop::collection::vec(0..PLAYED, 1..8)) {
        let mut player = player(&scenario(seed), WIDE);
        for cursor in cursors {
            player.seek(cursor);
            let before = position(&player);
            if player.step_back() {
                player.step();
                prop_assert_eq!(position(&player), before.clone(), "seed {} at {}", seed, cursor);
            }
            if player.step() {
                player.step_back();
                prop_assert_eq!((player.cursor(), player.scene()), (before.0, &before.2));
            }
        }
    }

    #[test]
    fn a_script_with_what_was_done_by_hand_plays_as_it_was_seen(
        seed: u64,
        changes in prop::collection::vec((0..40usize, 0.0..1.0f64, 0..880usize), 1..8),
    ) {
        let mut scenario = scenario(seed);
        let mut player = player(&scenario, WIDE);
        for (further, beside, number) in changes {
            // At an entry, or between two.
            player.seek(player.cursor() + further);
            if further % 2 == 0 {
                player.seek_ms(player.clock_ms() + beside * 3.0);
            }
            if let Ok(Some(done)) = player.perform_by_hand(deed(number, &scenario)) {
                scenario.script.push(done.timed);
            }
        }
        let seen = player.seek(player.cursor() + 200);
        let played = log_of(&scenario, seen);
        prop_assert_eq!(played.len().min(seen), seen);
        for (place, (seen, played)) in entries(&player, 0, seen).iter().zip(&played).enumerate() {
            prop_assert_eq!(seen, played, "seed {} at {}: {:?}", seed, place, scenario.script);
        }
    }

    #[test]
    fn what_is_taken_back_was_never_done(seed: u64, start in 0..PLAYED, further in 0..80usize, number in 0..880usize) {
        let scenario = scenario(seed);
        let (mut player, mut other) = (player(&scenario, WIDE), player(&scenario, WIDE));
        player.seek(start);
        let Ok(Some(done)) = player.perform_by_hand(deed(number, &scenario)) else { return Ok(()) };
        player.seek(player.cursor() + further);
        let clock_ms = player.clock_ms();
        // Where all is quiet after it, the next thing to happen may be half an hour away; without it, that is more than is
        // searched at a time.
        prop_assume!(clock_ms < 120_000.0);
        prop_assert!(player.take_back(&done));
        prop_assert!(!player.take_back(&done), "it is not there any more");
        other.seek_ms(clock_ms);
        // One that goes round in a circle is followed only so far at a time.
        prop_assume!(other.film().len().max(player.film().len()) < 50_000);
        prop_assert_eq!(player.scene(), other.scene(), "seed {}", seed);
        let end = player.cursor() + 100;
        prop_assert_eq!(player.seek(end), other.seek(end));
        prop_assert!(entries(&player, 0, player.cursor()) == entries(&other, 0, other.cursor()));
    }

    #[test]
    fn a_fork_never_changes_its_parent(
        seed: u64,
        changes in prop::collection::vec((0..PLAYED, 0..64usize), 1..BRANCHES_MAX),
    ) {
        let scenario = scenario(seed);
        let mut player = player(&scenario, WIDE);
        // What each branch was when it was left: its log as far as it was seen, and a place in it.
        let mut left = Vec::new();
        for (cursor, number) in changes {
            let end = player.seek(PLAYED);
            player.seek(cursor.min(end));
            let (branch, here, log) = (player.branch(), player.cursor(), entries(&player, 0, end));
            let scene = player.scene().clone();
            if player.perform(deed(number, &scenario)) != Ok(true) {
                prop_assert_eq!((player.branch(), player.cursor()), (branch, here));
                prop_assert!(entries(&player, 0, end) == log);
                continue;
            }
            prop_assert!(player.cursor() >= here && player.film().history().at(here) == scene);
            let shared = player.branch().shared;
            if player.branch().id != branch.id {
                prop_assert_eq!(player.branch().parent, Some(branch.id));
                left.push((branch.id, here, log.clone(), scene));
            }
            prop_assert!(shared >= here.min(log.len()) || player.branch().id == branch.id);
            let common = here.min(log.len());
            prop_assert!(entries(&player, 0, common) == log[..common]);
        }
        for (id, cursor, log, scene) in left {
            prop_assert!(player.switch(id));
            prop_assert_eq!((player.branch().id, player.cursor(), player.scene()), (id, cursor, &scene));
            prop_assert!(entries(&player, 0, log.len()) == log, "seed {seed} branch {id}");
            player.seek(log.len());
            let place = (cursor + log.len()) / 2;
            prop_assert!(player.film().history().at(place) == played(&log[..place]));
        }
    }

    #[test]
    fn a_change_does_the_same_whichever_way_one_came(seed: u64, cursor in 0..PLAYED, number in 0..64usize) {
        let scenario = scenario(seed);
        let (mut there, mut back) = (player(&scenario, WIDE), player(&scenario, WIDE));
        there.seek(cursor);
        let end = back.seek(PLAYED);
        back.seek(cursor);
        prop_assert_eq!(there.perform(deed(number, &scenario)), back.perform(deed(number, &scenario)));
        prop_assert_eq!(there.seek(end + 200), back.seek(end + 200));
        let [one, other] = [&there, &back].map(|player| entries(player, 0, player.cursor()));
        prop_assert!(one == other, "seed {seed} at {cursor}");
        prop_assert!(there.scene() == back.scene());
        prop_assert!(there.deeds().eq(back.deeds()));
    }

    #[test]
    fn a_fork_without_change_goes_on_as_its_parent(seed: u64, cursor in 0..PLAYED) {
        let mut course = Course::begin(&scenario(seed), WIDE).expect("the scenario is right");
        while course.film().len() < PLAYED && course.go_on() {}
        let len = course.film().len();
        let cursor = cursor.clamp(course.start(), len);
        let mut fork = course.fork(cursor, 0).expect("nothing is forgotten");
        prop_assert!((cursor..=len).contains(&fork.film().len()));
        while fork.film().len() < len && fork.go_on() {}
        prop_assert!(fork.film().history().from(0).eq(course.film().history().from(0)), "seed {seed} at {cursor}");
        prop_assert!(fork.film().history().front() == course.film().history().front());
        prop_assert!(fork.film().marks().eq(course.film().marks()));
        prop_assert!((0..len).all(|place| fork.film().shown_ms(place) == course.film().shown_ms(place)));
    }

    #[test]
    fn forgetting_and_thinning_out_change_nothing_of_what_is_known(seed: u64, limit in 1..400usize) {
        let scenario = scenario(seed);
        let mut whole = Course::begin(&scenario, WIDE).expect("the scenario is right");
        while whole.film().len() < 2 * PLAYED && whole.go_on() {}
        for (entries, checkpoint_bytes) in [(limit, WIDE.checkpoint_bytes), (WIDE.entries, 0), (limit, 0)] {
            let mut other = Course::begin(&scenario, Limits { entries, checkpoint_bytes, ..WIDE }).expect("it was right before");
            while other.film().len() < whole.film().len() && other.go_on() {}
            let (known, all) = (other.film().history(), whole.film().history());
            prop_assert_eq!(known.len(), all.len());
            prop_assert!(known.known() <= entries.saturating_add(PIECE) && known.known() >= entries.min(known.len()));
            prop_assert!(known.from(0).eq(all.from(known.first())));
            for cursor in (known.first()..=known.len()).step_by(41) {
                prop_assert!(known.at(cursor) == all.at(cursor), "seed {seed} at {cursor}");
            }
            let marks: Vec<&Mark> = whole.film().marks().filter(|mark| mark.place >= known.first()).collect();
            prop_assert!(other.film().marks().eq(marks));
            let place = (known.first() + known.len()) / 2;
            let mut fork = other.fork(place.max(other.start()), 0).expect("it is known");
            while fork.film().len() < known.len() && fork.go_on() {}
            prop_assert!(fork.film().history().from(place).eq(known.from(place)));
        }
    }

    #[test]
    fn every_interesting_entry_is_found_forwards_and_backwards(seed: u64) {
        let scenario = scenario(seed);
        let mut player = player(&scenario, WIDE);
        let mut found = Vec::new();
        while player.cursor() < PLAYED && player.next_interesting() {
            found.push(player.cursor() - 1);
            prop_assert!(player.current().and_then(LogEntry::interest).is_some());
        }
        let end = player.cursor();
        let log = log_of(&scenario, end);
        let wanted = |place: &usize| log[*place].interest().is_some();
        let wanted: Vec<usize> = (player.start()..end.min(log.len())).filter(wanted).collect();
        prop_assert_eq!(&found, &wanted);
        for place in wanted.iter().rev().skip(1) {
            prop_assert!(player.previous_interesting());
            prop_assert_eq!(player.cursor() - 1, *place);
        }
        prop_assert!(wanted.is_empty() || !player.previous_interesting());
    }

    #[test]
    fn any_moment_can_be_gone_to(seed: u64, moments in prop::collection::vec(0..3_000u32, 1..8)) {
        // Some worlds go round in a circle: they never get there, and should not take long to say so.
        let mut player = player(&scenario(seed), Limits { entries: 20_000, ..WIDE });
        for at_ms in moments {
            let reached = player.seek_ms(at_ms.into());
            let history = player.film().history();
            let last = player.cursor().checked_sub(1).and_then(|place| history.get(place));
            let next = history.get(player.cursor());
            prop_assert!(last.is_none_or(|last| last.at_ms <= at_ms.into()));
            prop_assert!(!reached || next.is_some_and(|next| next.at_ms > at_ms.into()));
            // The clock stands where nothing will happen any more, and where entries of two moments are shown at one.
            let shown_ms = |place: usize| player.film().shown_ms(place);
            let stands = !reached || shown_ms(player.cursor()) == shown_ms(player.cursor() - 1);
            let clock_ms = player.clock_ms();
            // A moment that is forgotten cannot be gone to: the oldest that is known is as near as one gets.
            let is_oldest = player.forgotten() > 0 && player.cursor() == player.lowest();
            let is_forgotten = is_oldest && clock_ms > f64::from(at_ms);
            let is_there = (clock_ms - f64::from(at_ms)).abs() < 1e-6;
            prop_assert!(is_there || stands || is_forgotten, "seed {} at {}: {}", seed, at_ms, clock_ms);
        }
    }
}

/// The scene that entries make.
fn played(log: &[LogEntry]) -> Scene {
    let mut scene = Scene::default();
    log.iter().for_each(|entry| warren::history::Fold::apply(&mut scene, entry));
    scene
}

#[test]
fn what_is_done_live_goes_on_with_the_same_branch_and_what_was_seen_is_kept() {
    let scenario = examples::nature();
    let mut player = player(&scenario, WIDE);
    player.seek_ms(2_000.0);
    let kill = || Deed::Client { name: scenario.clients[0].name.clone(), connection: None, control: Control::Kill };
    let clock_ms = player.clock_ms();
    assert_eq!(player.perform(kill()), Ok(true));
    assert_eq!(player.branches().len(), 1, "nobody had seen what came next");
    let killed = |entry: &LogEntry| {
        let control = |kind: &LogKind| format!("{kind:?}").contains("Controlled");
        control(&entry.kind).then_some(entry.at_ms)
    };
    let history = player.film().history();
    let at_ms = history.from(player.start()).find_map(killed).expect("it is in the log");
    assert_eq!(at_ms, clock_ms as u64);
    player.seek_ms(8_000.0);
    let (end, before) = (player.cursor(), player.scene().clone());
    player.seek_ms(3_000.0);
    assert_eq!(
        player.perform(Deed::Client {
            name: scenario.clients[0].name.clone(),
            connection: None,
            control: Control::Restart
        }),
        Ok(true)
    );
    let ids: Vec<(u32, Option<u32>)> = player.branches().iter().map(|branch| (branch.id, branch.parent)).collect();
    assert_eq!(ids, [(0, None), (1, Some(0))]);
    let deeds: Vec<u64> = player.deeds().map(|deed| deed.at_ms).collect();
    assert_eq!(deeds, [2_000, 3_000]);
    player.seek_ms(8_000.0);
    let published = |scene: &Scene| scene.board.clients.get(&ClientId(0)).map(|client| client.published);
    assert!(published(player.scene()) > published(&before));
    assert!(player.switch(0) && !player.switch(0) && !player.switch(7));
    player.to_end();
    assert_eq!((player.cursor(), player.scene()), (end, &before));
    assert_eq!(player.deeds().count(), 1);
}

#[test]
fn what_cannot_be_done_changes_nothing_and_a_new_beginning_keeps_the_old() {
    let scenario = examples::nature();
    let mut player = player(&scenario, WIDE);
    player.seek(200);
    player.seek(100);
    let before = position(&player);
    let nobody = Deed::Client { name: "nobody".into(), connection: None, control: Control::Kill };
    let error = player.perform(nobody).expect_err("there is no such client");
    assert!(error.to_string().contains("nobody"), "{error}");
    assert_eq!((position(&player), player.branches().len()), (before.clone(), 1));
    let other = Scenario { seed: 77, ..scenario.clone() };
    player.begin_again(&other).expect("it is right too");
    assert_eq!((player.cursor(), player.branch().parent, player.branch().shared), (player.start(), None, 0));
    let log = log_of(&other, 150);
    player.seek(150);
    assert!(entries(&player, 0, 150) == log[..150]);
    assert!(player.switch(0));
    assert_eq!(position(&player), before);
}

#[test]
fn branches_are_forgotten_oldest_first_and_it_is_told() {
    let scenario = examples::nature();
    let mut player = player(&scenario, WIDE);
    for round in 0..BRANCHES_MAX + 3 {
        player.seek(400);
        player.seek(100 + round);
        let control = if round % 2 == 0 { Control::HoldLink } else { Control::ReleaseLink };
        assert_eq!(
            player.perform(Deed::Client { name: scenario.clients[0].name.clone(), connection: None, control }),
            Ok(true)
        );
    }
    assert_eq!((player.branches().len(), player.branches_forgotten()), (BRANCHES_MAX + 1, 3));
    // Each came from the one before: all are its ancestors, and the oldest goes.
    assert_eq!(player.branches()[0].id, 2 + 1);
    // Changed again and again at the beginning, that stays, and the oldest of its changes go.
    let mut player = player_of_changes(&scenario, BRANCHES_MAX + 3);
    assert_eq!(player.branches().len(), BRANCHES_MAX + 1);
    assert!(player.switch(0) && player.branches()[1].id == 4, "{:?}", player.branches());
    // All that are not looked at have together no more entries of their own than one may have.
    let mut player = Player::with_limits(&scenario, Limits { entries: 500, ..WIDE }).expect("it is right");
    for latency_ms in 0..3 {
        player.seek(450);
        player.seek(50);
        let control = Control::SetLatency(latency_ms);
        assert_eq!(
            player.perform(Deed::Client { name: scenario.clients[0].name.clone(), connection: None, control }),
            Ok(true)
        );
    }
    assert_eq!((player.branches().len(), player.branches_forgotten()), (2, 2));
}

/// A player that has changed the same place so often, and returned each time but the last.
fn player_of_changes(scenario: &Scenario, changes: usize) -> Player {
    let mut player = player(scenario, WIDE);
    player.seek(400);
    player.seek(100);
    for change in 0..changes {
        assert!(change == 0 || player.switch(0));
        let control = Control::SetLatency(change as u64);
        assert_eq!(
            player.perform(Deed::Client { name: scenario.clients[0].name.clone(), connection: None, control }),
            Ok(true)
        );
    }
    player
}

#[test]
fn a_world_that_falls_silent_ends_the_search() {
    let mut player = player(&examples::nature(), WIDE);
    player.seek(200);
    assert_eq!(player.perform(Deed::CrashBroker), Ok(true));
    let crash = |player: &Player| player.current().and_then(LogEntry::interest) == Some(Interest::Error);
    assert!(crash(&player) || (player.previous_interesting() && crash(&player)));
    while player.next_interesting() {}
    while player.step() {}
    assert!(!player.step() && player.cursor() == player.film().len());
    assert_eq!(player.seek(usize::MAX), player.film().len());
    assert!(!player.seek_ms(f64::INFINITY));
}

#[test]
fn a_world_that_goes_round_in_a_circle_does_not_run_away() {
    // Delivered and requeued without end, and without any time passing.
    let text = r#"{"format": "warren/1", "name": "round", "definitions": {"queues": [{"name": "q", "vhost": "/"}]}, "clients": [
        {"name": "p", "role": "producer", "routing_key": "q"},
        {"name": "c", "role": "consumer", "queues": ["q"], "outcome": "nack_requeue"}]}"#;
    let scenario = warren::share::parse(text).expect("it can be read").scenario;
    let mut player = Player::with_limits(&scenario, Limits { entries: 30_000, ..WIDE }).expect("it is right");
    assert!(player.film().len() < 30_000, "{}", player.film().len());
    // What is forgotten takes the picture with it, and the clock stays right.
    assert_eq!(player.seek(40_000), 40_000);
    assert!(player.lowest() > player.start() && player.forgotten() > 0);
    player.restart();
    let at_ms = player.film().history().get(player.lowest()).map(|entry| entry.at_ms as f64);
    assert_eq!((player.cursor(), Some(player.clock_ms())), (player.lowest(), at_ms));
    assert!(Some(player.moment_ms()) == player.film().shown_ms(player.lowest()).map(|shown_ms| shown_ms as f64));
}

#[test]
fn payloads_that_grow_are_forgotten_before_they_fill_the_memory() {
    // Passed on to the same queue for ever, and longer each time.
    let text = r#"{"format": "warren/1", "name": "grows", "definitions": {"queues": [{"name": "q", "vhost": "/"}]}, "clients": [
        {"name": "p", "role": "producer", "routing_key": "q", "schedule": {"burst": {"messages": 1}}},
        {"name": "w", "role": "worker", "consume": {"queues": ["q"]},
         "publish": {"exchange": "", "routing_key": "q", "payload": "{payload} and once more, and once more, and once more"}}]}"#;
    let scenario = warren::share::parse(text).expect("it can be read").scenario;
    let limits = Limits { content_bytes: 8 << 20, ..WIDE };
    let mut player = Player::with_limits(&scenario, limits).expect("it is right");
    assert_eq!(player.seek(10_000), 10_000);
    let payload = |entry: &LogEntry| match &entry.kind {
        LogKind::Broker(Event { kind: EventKind::Published { message, .. }, .. }) => message.payload.len(),
        _ => 0,
    };
    let history = player.film().history();
    let known: usize = history.from(history.first()).map(payload).sum();
    assert!((6 << 20..=8 << 20).contains(&known), "{known} bytes of {} entries", history.known());
    assert!(player.forgotten() > 1_000 && player.lowest() > player.start());
    assert!(player.step_back() && player.step() && player.cursor() == 10_000);
}
