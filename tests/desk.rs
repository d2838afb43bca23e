//! The desk: commands change the scenario and the running world together, or neither; and can be taken back.

use warren::broker::EventKind;
use warren::edit::Command;
use warren::share::{examples, parse};
use warren::simulation::{ClientEvent, LogEntry, LogKind};
use warren::view::motion::{Route, Stop};
use warren::view::{Desk, NodeId};

fn desk() -> Desk {
    let mut desk = Desk::open(parse(examples::NATURE).expect("the example is right")).expect("it begins");
    desk.player_mut().seek_ms(5_000.0);
    desk
}

fn run(desk: &mut Desk, line: &str) -> Result<Vec<String>, String> {
    let command = Command::parse(line).map_err(|mistake| mistake.to_string())?;
    let touched = desk.run(&command).map_err(|refusal| refusal.problem)?;
    Ok(touched.into_iter().map(|found| found.name).collect())
}

fn queues(desk: &Desk) -> Vec<String> {
    desk.player().board().queues.keys().map(|resource| resource.name.to_string()).collect()
}

#[test]
fn what_is_added_is_there_at_once_and_can_be_taken_back() {
    let mut desk = desk();
    let moment = desk.player().clock_ms();
    assert_eq!(run(&mut desk, "queue cats x-max-length=3"), Ok(vec!["cats".to_owned()]));
    assert_eq!(run(&mut desk, "bind nature -> cats *.cat"), Ok(Vec::new()));
    assert_eq!(queues(&desk), ["birds_only", "cats"]);
    assert!((desk.player().clock_ms() - moment).abs() < 1.0, "editing takes no time");
    desk.player_mut().seek_ms(20_000.0);
    let cats = |desk: &Desk| {
        let queues = &desk.player().board().queues;
        queues.iter().find(|(resource, _)| resource.name == "cats").map(|(_, queue)| queue.ready.len())
    };
    assert!(cats(&desk) > Some(0), "cats arrive now");
    assert_eq!(desk.can_undo(), Some("bind nature -> cats *.cat"));
    assert_eq!(desk.undo(), Ok(Some("bind nature -> cats *.cat".to_owned())));
    assert_eq!(desk.undo(), Ok(Some("queue cats x-max-length=3".to_owned())));
    assert_eq!(queues(&desk), ["birds_only"]);
    assert_eq!(desk.undo(), Ok(None));
    assert_eq!(desk.redo(), Ok(Some("queue cats x-max-length=3".to_owned())));
    assert_eq!(queues(&desk), ["birds_only", "cats"]);
    assert_eq!(desk.can_redo(), Some("bind nature -> cats *.cat"));
    assert_eq!(run(&mut desk, "queue dogs"), Ok(vec!["dogs".to_owned()]));
    assert_eq!(desk.can_redo(), None);
}

#[test]
fn what_rabbitmq_refuses_changes_nothing() {
    let mut desk = desk();
    let before = desk.file().clone();
    for (line, reason) in [
        ("queue q x-message-ttl=-1", "invalid arg 'x-message-ttl'"),
        ("exchange amq.mine direct", "reserved prefix"),
        ("queue q x-max-priority=3 quorum", "x-max-priority"),
        ("bind nature -> birds_only *.bird", "already"),
        ("queue birds_only", "already"),
        ("kill nobody", "there is nothing called `nobody`"),
        ("publish nowhere a b", "no exchange 'nowhere'"),
        ("consumer c <- nowhere", "no queue 'nowhere'"),
    ] {
        let refused = run(&mut desk, line).err().unwrap_or_else(|| "it was done".to_owned());
        assert!(refused.contains(reason), "{line}: {refused}");
        assert_eq!(desk.file(), &before, "{line}");
        assert_eq!(queues(&desk), ["birds_only"], "{line}");
        assert_eq!(desk.can_undo(), None);
    }
}

#[test]
fn things_are_done_in_the_running_world_and_change_nothing_of_the_scenario_but_its_script() {
    let mut desk = desk();
    let before = desk.file().clone();
    let entries = desk.player().cursor();
    assert_eq!(run(&mut desk, "publish nature animal.bird hello priority=3 mandatory=true"), Ok(Vec::new()));
    assert!(desk.player().cursor() > entries);
    let board = desk.player().board();
    let queue = board.queues.values().next().expect("there is a queue");
    assert!(
        queue
            .ready
            .iter()
            .chain(queue.unacked.iter().map(|lent| &lent.copied))
            .any(|copied| { copied.message.payload.text() == "hello" })
    );
    assert_eq!(run(&mut desk, "pause bird-watcher"), Ok(Vec::new()));
    assert_eq!(run(&mut desk, "purge birds_only"), Ok(Vec::new()));
    assert_eq!(run(&mut desk, "crash broker"), Ok(Vec::new()));
    assert_eq!(run(&mut desk, "start broker"), Ok(Vec::new()));
    assert_eq!(script(&desk).len(), 5);
    let mut after = desk.file().clone();
    after.scenario.script.clear();
    assert_eq!(after, before);
}

#[test]
fn what_one_command_does_by_hand_to_several_is_one_change() {
    const LINE: &str = "purge queue:cats ; purge queue:birds_only";
    let mut desk = desk();
    for line in ["queue cats", "pause bird-watcher", "publish \"\" cats x", "publish \"\" birds_only y"] {
        run(&mut desk, line).unwrap_or_else(|reason| panic!("{line}: {reason}"));
    }
    let ready =
        |desk: &Desk| -> Vec<usize> { desk.player().board().queues.values().map(|queue| queue.ready.len()).collect() };
    let (before, written) = (ready(&desk), script(&desk).len());
    assert!(before.iter().all(|ready| *ready > 0), "{before:?}");
    assert_eq!(run(&mut desk, LINE), Ok(Vec::new()));
    assert_eq!((ready(&desk), script(&desk).len()), (vec![0, 0], written + 2));
    assert_eq!(desk.undo(), Ok(Some(LINE.to_owned())));
    assert_eq!((ready(&desk), script(&desk).len()), (before.clone(), written));
    assert_eq!(desk.redo(), Ok(Some(LINE.to_owned())));
    assert_eq!((ready(&desk), script(&desk).len()), (vec![0, 0], written + 2));
    assert_eq!(desk.undo(), Ok(Some(LINE.to_owned())));
    // All of it or nothing.
    let (file, line) = (desk.file().clone(), desk.can_undo().map(str::to_owned));
    let refused = run(&mut desk, "purge queue:cats ; kill nobody").err().unwrap_or_default();
    assert!(refused.contains("nobody"), "{refused}");
    assert_eq!((desk.file(), ready(&desk), desk.can_undo().map(str::to_owned)), (&file, before, line));
}

#[test]
fn editing_in_the_past_leaves_the_past_as_it_was() {
    let mut desk = desk();
    desk.player_mut().seek_ms(30_000.0);
    let far = desk.player().cursor();
    desk.player_mut().seek_ms(5_000.0);
    assert!(run(&mut desk, "delete birds_only").is_ok());
    assert_eq!(queues(&desk), Vec::<String>::new());
    let branches = desk.player().branches();
    assert_eq!(branches.len(), 2, "what had been seen is kept");
    let parent = branches.iter().find(|branch| branch.id != desk.player().branch().id).expect("there is another");
    assert!(parent.seen >= far);
    let id = parent.id;
    assert!(desk.player_mut().switch(id));
    assert_eq!(queues(&desk), ["birds_only"]);
}

fn script(desk: &Desk) -> Vec<u64> {
    desk.file().scenario.script.iter().map(|timed| timed.at_ms).collect()
}

fn ready(desk: &Desk, queue: &str) -> usize {
    let queues = &desk.player().board().queues;
    let found = queues.iter().find(|(resource, _)| resource.name == queue);
    found.map_or(0, |(_, queue)| queue.ready.len() + queue.unacked.len())
}

/// The log of a desk as far as it is known.
fn log(desk: &Desk) -> Vec<LogEntry> {
    desk.player().film().history().from(0).cloned().collect()
}

#[test]
fn what_is_done_by_hand_is_in_the_script_and_plays_as_it_was_seen() {
    let mut desk = desk();
    for (step, line) in [
        "publish nature animal.bird \"by hand\" message_id=\"7\"",
        "kill bird-watcher",
        "get birds_only ackmode=hold",
        "get birds_only count=2 ackmode=ack_requeue_false",
        "publish nature nothing lost",
        "nack 1 requeue=true",
        "move birds_only -> other",
        "close dove-producer reason=enough",
        "stop broker",
        "start broker",
        "purge birds_only",
    ]
    .into_iter()
    .enumerate()
    {
        // Stepping stops at entries, playing between them.
        match step % 3 {
            0 => drop(desk.player_mut().seek_ms(5_000.0 + 1_700.5 * step as f64)),
            1 => assert!(desk.player_mut().step()),
            _ => {}
        }
        if let Err(reason) = run(&mut desk, line) {
            panic!("{line}: {reason}");
        }
        assert_eq!(desk.can_undo(), Some(line));
    }
    assert_eq!(script(&desk).len(), 11);
    assert!(script(&desk).is_sorted(), "{:?}", script(&desk));
    desk.player_mut().seek_ms(40_000.0);
    let seen = log(&desk);
    let text = desk.file().to_text().expect("it can be written");
    let mut again = Desk::open(parse(&text).expect("it can be read")).expect("it begins");
    again.player_mut().seek_ms(40_000.0);
    let played = log(&again);
    let common = seen.len().min(played.len());
    assert!(common > 120, "{common}");
    for (seen, played) in seen.iter().zip(&played) {
        assert_eq!(seen, played);
    }
}

#[test]
fn what_is_done_by_hand_is_taken_back_at_the_moment_that_one_is_at() {
    let mut desk = desk();
    assert_eq!(run(&mut desk, "kill bird-watcher"), Ok(Vec::new()));
    let before = log(&desk).len();
    let (held, known) = (ready(&desk, "birds_only"), script(&desk));
    assert_eq!(run(&mut desk, "publish \"\" birds_only extra"), Ok(Vec::new()));
    assert_eq!(desk.outcome().map(|outcome| outcome.text.as_str()), Some("Message published."));
    assert_eq!((ready(&desk, "birds_only"), script(&desk).len()), (held + 1, known.len() + 1));
    desk.player_mut().seek_ms(30_000.0);
    let with = ready(&desk, "birds_only");
    let moment = desk.player().clock_ms();
    assert_eq!(desk.undo(), Ok(Some("publish \"\" birds_only extra".to_owned())));
    assert!((desk.player().clock_ms() - moment).abs() < 1.0);
    assert_eq!((ready(&desk, "birds_only"), script(&desk)), (with - 1, known.clone()));
    assert!(log(&desk).len() > before);
    assert_eq!(desk.redo(), Ok(Some("publish \"\" birds_only extra".to_owned())));
    assert_eq!(ready(&desk, "birds_only"), with);
    assert!(script(&desk).last() >= Some(&30_000), "done again, it is done now");
    // The first of them can be taken back, too.
    assert_eq!(desk.undo(), Ok(Some("publish \"\" birds_only extra".to_owned())));
    assert_eq!(desk.undo(), Ok(Some("kill bird-watcher".to_owned())));
    assert_eq!(script(&desk), Vec::<u64>::new());
    assert!(desk.player().board().clients.values().all(|client| client.is_open()));
}

#[test]
fn who_goes_back_and_does_something_else_goes_on_without_what_came_later() {
    let mut desk = desk();
    assert_eq!(run(&mut desk, "publish nature animal.bird first"), Ok(Vec::new()));
    desk.player_mut().seek_ms(20_000.0);
    assert_eq!(run(&mut desk, "publish nature animal.bird later"), Ok(Vec::new()));
    assert_eq!(script(&desk).len(), 2);
    desk.player_mut().seek_ms(10_000.0);
    assert_eq!(run(&mut desk, "publish nature animal.bird between"), Ok(Vec::new()));
    let kept: Vec<u64> = script(&desk);
    assert!(kept.len() == 2 && kept.iter().all(|at_ms| *at_ms < 15_000), "{kept:?}");
    assert_eq!(desk.undo(), Ok(Some("publish nature animal.bird between".to_owned())));
    assert_eq!(desk.can_undo(), Some("publish nature animal.bird first"));
    assert_eq!(script(&desk).len(), 1);
}

#[test]
fn what_comes_of_it_is_told_as_the_management_ui_tells_it() {
    let mut desk = desk();
    let mut told = |line: &str| {
        run(&mut desk, line).unwrap_or_else(|reason| panic!("{line}: {reason}"));
        desk.outcome().map(|outcome| outcome.text.clone()).unwrap_or_default()
    };
    assert_eq!(told("kill bird-watcher"), "");
    assert_eq!(told("queue q x-max-length=1 x-overflow=reject-publish"), "");
    assert_eq!(told("get q"), "Queue is empty");
    assert_eq!(told("publish \"\" q a priority=3 headers={\"x\": 1}"), "Message published.");
    assert_eq!(told("publish \"\" q b"), "Unable to publish message. Check queue limits.");
    assert_eq!(told("publish nature nothing b"), "Message published, but not routed.");
    assert_eq!(told("publish nature nothing b mandatory=false"), "Message published, but not routed: it was dropped.");
    assert_eq!(told("publish nature x b from=dove-producer"), "dove-producer has the message on its link.");
    assert_eq!(told("get q"), "1 message");
    assert_eq!(told("get q ackmode=hold"), "1 message held, to be settled by hand.");
    assert_eq!(told("nack 1 requeue=true"), "1 message requeued.");
    assert_eq!(told("move q -> q2"), "Moved 1 message to q2.");
    assert_eq!(told("purge q"), "Queue purged of 0 messages.");
    run(&mut desk, "publish \"\" q \"/w==\" payload_encoding=base64 delivery_mode=2 headers={\"x\": 1}").expect("room");
    run(&mut desk, "get q ackmode=ack_requeue_false").expect("there is one");
    let (resource, shown) = desk.outcome().and_then(|outcome| outcome.got.clone()).expect("it was got");
    assert_eq!((resource.name.as_str(), shown.len()), ("q", 1));
    let message = &shown[0];
    assert_eq!((message.payload.as_str(), message.encoding, message.bytes), ("/w==", "base64", 1));
    assert_eq!((message.exchange.as_str(), message.routing_key.as_str()), ("(AMQP default)", "q"));
    let properties: Vec<(&str, &str)> =
        message.properties.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(properties, [("delivery_mode", "2"), ("headers.x", "1")]);
    let holds = |desk: &Desk| {
        let board = desk.player().board();
        let queue =
            board.queues.iter().find(|(name, _)| name.name == "q").map(|(_, queue)| warren::view::hand::held(queue));
        queue.unwrap_or_default().into_iter().map(|shown| shown.delivery_tag).collect::<Vec<u64>>()
    };
    run(&mut desk, "publish \"\" q again expiration=9000").expect("room");
    run(&mut desk, "get q ackmode=hold").expect("there is one");
    assert_eq!(holds(&desk), [1]);
    run(&mut desk, "ack 1").expect("it is held");
    assert_eq!(holds(&desk), Vec::<u64>::new());
}

#[test]
fn mistakes_say_which_setting_is_wrong() {
    let mut desk = desk();
    for (line, place, reason) in [
        ("get birds_only count=0", "count", "expected a number from 1 to 10000"),
        ("get birds_only ackmode=keep", "ackmode", "expected ack_requeue_true or"),
        ("get birds_only keep=true", "keep", "expected count, ackmode, encoding, vhost here"),
        ("get nature", "", "`nature` is no queue"),
        ("get nowhere", "", "no queue 'nowhere' in vhost '/'"),
        ("ack 1 requeue=true", "requeue", "expected multiple, vhost here"),
        ("ack 5", "", "unknown delivery tag 5"),
        ("nack 1 requeue=1", "requeue", "expected true or false"),
        ("move nowhere -> birds_only", "", "no queue 'nowhere'"),
        ("publish nature a b from=nobody", "from", "nothing called `nobody`"),
        ("publish nature a b from=nature", "from", "`nature` is no client"),
        ("publish nature a b priority=300", "priority", "expected a number"),
        ("publish nature a b colour=red", "colour", ""),
        ("publish nature a \"!\" payload_encoding=base64", "payload", "expected base64"),
        ("publish nature a b payload_encoding=hex", "payload_encoding", "expected string or base64"),
        ("close bird-watcher connection=1", "", "expected a number from 0 to 0"),
        ("close nature", "", "`nature` is no client"),
    ] {
        let command = Command::parse(line).expect("it is a command");
        let refusal = desk.run(&command).expect_err(line);
        assert!(refusal.problem.contains(reason), "{line}: {refusal:?}");
        assert!(place.is_empty() || refusal.place == place, "{line}: {refusal:?}");
        assert_eq!(script(&desk), Vec::<u64>::new(), "{line}");
    }
}

#[test]
fn a_scenario_gets_another_name_and_time_goes_on() {
    let mut desk = desk();
    let (moment, edition) = (desk.player().cursor(), desk.edition());
    assert_eq!(run(&mut desk, "scenario \" my birds \""), Ok(Vec::new()));
    assert_eq!(&*desk.file().scenario.name, "my birds");
    assert_eq!(desk.player().cursor(), moment);
    assert_eq!(run(&mut desk, "scenario \" \""), Err("expected a name".to_owned()));
    assert_eq!(desk.undo(), Ok(Some("scenario \" my birds \"".to_owned())));
    assert_eq!(&*desk.file().scenario.name, "nature");
    assert_eq!(desk.edition(), edition + 2, "the name came and went; what is refused changes nothing");
}

#[test]
fn an_edition_is_another_one_exactly_when_the_scenario_is() {
    let mut desk = desk();
    desk.player_mut().seek_ms(9_000.0);
    assert_eq!(desk.edition(), 0, "what happens by itself changes no scenario");
    run(&mut desk, "kill bird-watcher").expect("it is done");
    run(&mut desk, "queue cats").expect("it is done");
    assert_eq!(desk.edition(), 2);
    run(&mut desk, "queue cats").expect_err("there is one");
    for _ in 0..2 {
        desk.undo().expect("it can be");
    }
    assert_eq!(desk.undo(), Ok(None));
    for _ in 0..2 {
        desk.redo().expect("it can be");
    }
    assert_eq!(desk.redo(), Ok(None));
    assert_eq!(desk.edition(), 6);
}

#[test]
fn a_virtual_host_that_is_edited_keeps_what_is_in_it_and_gets_what_is_said() {
    let mut desk = desk();
    assert_eq!(run(&mut desk, "vhost other"), Ok(vec!["other".to_owned()]));
    assert_eq!(run(&mut desk, "queue far vhost=other"), Ok(vec!["far".to_owned()]));
    let before = queues(&desk);
    assert_eq!(run(&mut desk, "put definitions.vhosts.1.metadata.default_queue_type=quorum"), Ok(Vec::new()));
    assert_eq!(queues(&desk), before);
    assert_eq!(run(&mut desk, "queue near vhost=other"), Ok(vec!["near".to_owned()]));
    let kind = |desk: &Desk, name: &str| {
        let queues = &desk.player().board().queues;
        queues.iter().find(|(resource, _)| resource.name == *name).map(|(_, queue)| queue.kind.to_string())
    };
    assert_eq!(kind(&desk, "near").as_deref(), Some("quorum"));
    assert_eq!(kind(&desk, "far").as_deref(), Some("classic"));
    assert!(desk.undo().is_ok() && desk.undo().is_ok());
    assert_eq!(queues(&desk), before);
}

#[test]
fn operator_policies_and_limits_take_effect_and_can_be_taken_back() {
    let mut desk = desk();
    let operator = r#"put definitions.parameters.0={"vhost": "/", "component": "operator_policy", "name": "o", "value": {"pattern": ".*", "apply-to": "queues", "definition": {"max-length": 1}, "priority": 0}}"#;
    assert_eq!(run(&mut desk, operator), Ok(Vec::new()));
    assert_eq!(run(&mut desk, "pause bird-watcher"), Ok(Vec::new()));
    desk.player_mut().seek_ms(40_000.0);
    let ready = |desk: &Desk| desk.player().board().queues.values().map(|queue| queue.ready.len()).sum::<usize>();
    assert_eq!(ready(&desk), 1, "the operator's limit holds");
    assert_eq!(run(&mut desk, "put definitions.parameters.0=null"), Ok(Vec::new()));
    desk.player_mut().seek_ms(60_000.0);
    assert!(ready(&desk) > 1, "it is gone");
    let limits = r#"put definitions.parameters.0={"vhost": "/", "component": "vhost-limits", "name": "limits", "value": {"max-queues": 1}}"#;
    assert_eq!(run(&mut desk, limits), Ok(Vec::new()));
    assert!(run(&mut desk, "queue more").is_err_and(|text| text.contains("queue limit")));
    assert_eq!(run(&mut desk, "put definitions.parameters.0=null"), Ok(Vec::new()));
    assert!(run(&mut desk, "queue more").is_ok());
}

#[test]
fn who_consumes_from_a_queue_that_is_declared_anew_goes_on() {
    let mut desk = desk();
    assert_eq!(run(&mut desk, "set queue:birds_only x-max-length=7"), Ok(vec!["birds_only".to_owned()]));
    desk.player_mut().seek_ms(20_000.0);
    let consumers = desk.player().board().queues.values().map(|queue| queue.consumers.len()).sum::<usize>();
    assert_eq!(consumers, 1);
}

/// Lets time pass until nothing moves any more. Answers which ways things went.
fn watch(desk: &mut Desk) -> Vec<String> {
    let mut ways = Vec::new();
    for _ in 0..1_000 {
        desk.player_mut().tick(16.0);
        for motion in desk.player().moving() {
            let way = match &motion.route {
                Route::Along(stops) => stops.iter().map(stop).collect::<Vec<_>>().join(" "),
                Route::Fall(_) | Route::Work(_) => continue,
            };
            if !ways.contains(&way) {
                ways.push(way);
            }
        }
        if !desk.player().is_moving() {
            return ways;
        }
    }
    panic!("it never ends: {ways:?}");
}

fn stop(stop: &Stop) -> &'static str {
    match (stop, stop.node()) {
        (Stop::Hand(_), _) => "hand",
        (_, NodeId::Exchange(_)) => "exchange",
        (_, NodeId::Queue(_)) => "queue",
        (_, NodeId::Client(_)) => "client",
    }
}

#[test]
fn what_is_done_by_hand_is_seen_as_it_comes_about_though_time_stands_still() {
    let mut desk = desk();
    run(&mut desk, "kill bird-watcher").expect("it is there");
    for (line, way) in [
        ("publish nature animal.bird x", &["hand exchange", "exchange queue"][..]),
        ("get birds_only ackmode=hold", &["queue hand"][..]),
        ("nack 1 requeue=true", &["hand queue"][..]),
        ("get birds_only ackmode=ack_requeue_true", &["queue hand", "hand queue"][..]),
    ] {
        // What is shown is behind the clock by so much at most; then it is shown at once.
        let later_ms = desk.player().clock_ms() + 3_000.0;
        desk.player_mut().seek_ms(later_ms);
        let before = desk.player().board().clone();
        run(&mut desk, line).unwrap_or_else(|reason| panic!("{line}: {reason}"));
        let (cursor, after) = (desk.player().cursor(), desk.player().board().clone());
        desk.show_last();
        assert!(desk.player().is_moving() && !desk.player().is_playing(), "{line}");
        assert_eq!(desk.player().board().queues, before.queues, "{line}: at first nothing has happened");
        let seen = watch(&mut desk);
        assert!(way.iter().all(|way| seen.iter().any(|seen| seen == way)), "{line}: {seen:?}");
        assert_eq!((desk.player().cursor(), desk.player().board()), (cursor, &after), "{line}");
    }
    // Who wants no motion sees it at once, and who does something else meanwhile waits for nothing.
    desk.player_mut().set_jump_cuts(true);
    run(&mut desk, "publish nature animal.bird y").expect("it can be");
    desk.show_last();
    assert!(!desk.player().is_moving());
    desk.player_mut().set_jump_cuts(false);
    run(&mut desk, "purge birds_only").expect("it can be");
    let cursor = desk.player().cursor();
    desk.show_last();
    desk.player_mut().pause();
    assert_eq!(desk.player().cursor(), cursor);
}

#[test]
fn a_client_that_is_edited_keeps_its_connection_and_what_it_holds() {
    let mut desk = desk();
    let ends = |desk: &Desk| {
        let log = desk.player().film().history().from(0);
        log.filter(|entry| match &entry.kind {
            LogKind::Broker(event) => matches!(event.kind, EventKind::ConnectionClosed { .. }),
            LogKind::Client { event, .. } => matches!(event, ClientEvent::Left),
            LogKind::NotDone { .. } => false,
        })
        .count()
    };
    let board = desk.player().board().clone();
    for line in ["set dove-producer payload=hi every_ms=250", "set bird-watcher processing={\"fixed\":700} prefetch=2"]
    {
        assert_eq!(run(&mut desk, line).map(|_| ()), Ok(()), "{line}");
    }
    desk.player_mut().seek_ms(9_000.0);
    let now = desk.player().board();
    for (id, client) in &board.clients {
        let other = now.clients.get(id).expect("it is there");
        assert_eq!(client.connections, other.connections, "{}", client.spec.name);
        assert!(other.published >= client.published && other.acked >= client.acked, "{}", client.spec.name);
    }
    assert_eq!(ends(&desk), 0);
    let watcher = now.clients.values().find(|client| client.spec.name == "bird-watcher").expect("it is there");
    assert_eq!(watcher.prefetch, 2);
    let log: Vec<LogEntry> = desk.player().film().history().from(0).cloned().collect();
    // There and back again: what is shown is the same.
    desk.player_mut().seek_ms(1_000.0);
    desk.player_mut().seek_ms(9_000.0);
    assert!(desk.player().film().history().from(0).cloned().collect::<Vec<LogEntry>>().starts_with(&log));
    assert!(desk.undo().is_ok_and(|line| line.is_some()) && desk.undo().is_ok_and(|line| line.is_some()));
    assert_eq!(ends(&desk), 0, "what is taken back needs no other connection");
    let specs = |desk: &Desk| -> Vec<String> {
        let present: Vec<_> = desk.player().board().present().collect();
        present.iter().map(|(_, client)| format!("{:?}", client.spec)).collect()
    };
    let begun: Vec<String> = board.clients.values().map(|client| format!("{:?}", client.spec)).collect();
    assert_eq!(specs(&desk), begun);
}
