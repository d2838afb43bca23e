//! The desk: commands change the scenario and the running world together, or neither; and can be taken back.

use warren::edit::Command;
use warren::share::{examples, parse};
use warren::view::Desk;

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
fn things_are_done_in_the_running_world_and_leave_the_scenario_as_it_is() {
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
    assert_eq!(desk.file(), &before);
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
