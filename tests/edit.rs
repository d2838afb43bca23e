//! Editing a scenario by commands: what comes out can be opened and begun, and says what was asked for.

use std::collections::BTreeSet;

use proptest::prelude::*;
use warren::definitions::Definitions;
use warren::edit::{Changed, Command, Refusal, change, difference};
use warren::share::{File, Node, examples, parse};
use warren::simulation::World;

fn nature() -> File {
    parse(examples::NATURE).expect("the example is right")
}

fn try_line(file: &File, line: &str) -> Result<Changed, Refusal> {
    let command = Command::parse(line).unwrap_or_else(|mistake| panic!("{line}: {mistake}"));
    change(file, &command)
}

/// The file after some commands; each of them must be possible, and the world must begin.
fn after(lines: &[&str]) -> File {
    let mut file = nature();
    for line in lines {
        file = try_line(&file, line).unwrap_or_else(|refusal| panic!("{line}: {refusal:?}")).file;
        let begun = World::new(&file.scenario, &mut Vec::new());
        assert!(begun.is_ok(), "after {line}: {:?}", begun.err());
    }
    file
}

fn refused(lines: &[&str], line: &str) -> String {
    let file = after(lines);
    match try_line(&file, line) {
        Ok(changed) => panic!("{line} was done: {:?}", changed.touched),
        Err(refusal) if refusal.place.is_empty() => refusal.problem,
        Err(refusal) => format!("{}: {}", refusal.place, refusal.problem),
    }
}

#[test]
fn things_are_added() {
    let text = after(&["queue orders x-message-ttl=5000"]).to_text().expect("it can be written");
    assert!(text.contains(r#"{"name": "orders", "vhost": "/", "arguments": {"x-message-ttl": 5000}}"#), "{text}");
    let file = after(&["queue", "queue", "exchange lost fanout", "queue q quorum transient=false x-delivery-limit=3"]);
    let names: Vec<&str> = file.scenario.definitions.queues.iter().map(|queue| &*queue.name).collect();
    assert_eq!(names, ["birds_only", "queue1", "queue2", "q"]);
    let file = after(&["consumer c2 <- birds_only prefetch=3", "producer p3 -> nature animal.dog every_ms=500"]);
    assert_eq!(file.scenario.clients.len(), 5);
    let file =
        after(&["vhost other", "queue birds_only vhost=other", "policy p pattern=^birds max-length=3 apply-to=queues"]);
    let vhosts: Vec<&str> = file.scenario.definitions.vhosts.iter().map(|vhost| &*vhost.name).collect();
    assert_eq!(vhosts, ["/", "other"]);
}

#[test]
fn bindings_are_made_and_taken_away() {
    let file = after(&["bind nature -> birds_only *.cat", "bind nature -> birds_only a x-match=all"]);
    assert_eq!(file.scenario.definitions.bindings.len(), 3);
    let lines = ["bind nature -> birds_only *.cat", "unbind nature -> birds_only *.bird"];
    assert_eq!(after(&lines).scenario.definitions.bindings.len(), 1);
    assert_eq!(refused(&[], "bind nature -> birds_only *.bird"), "there is such a binding already");
    assert_eq!(refused(&[], "unbind nature -> birds_only *.dog"), "there is no such binding");
    assert_eq!(refused(&[], "bind nature -> nobody x"), "there is nothing called `nobody`");
    assert_eq!(refused(&[], "bind nature -> bird-watcher x"), "`bird-watcher` is neither a queue nor an exchange");
}

#[test]
fn what_is_there_is_changed() {
    let file = after(&["set birds_only quorum x-max-length=5", "set birds_only x-max-length=null"]);
    let arguments = &file.scenario.definitions.queues[0].arguments;
    assert_eq!(arguments.keys().map(|key| &**key).collect::<Vec<_>>(), ["x-queue-type"]);
    let file = after(&["set bird-watcher prefetch=20", "set dove-producer properties.priority=3"]);
    let text = file.to_text().expect("it can be written");
    assert!(text.contains("\"prefetch\": 20") && text.contains("\"priority\": 3"), "{text}");
    assert_eq!(
        refused(&[], "set bird-watcher prefetch=70000"),
        "clients[2].prefetch: expected a number from 0 to 65535"
    );
    assert!(refused(&[], "set bird-watcher prefech=7").contains("did you mean `prefetch`?"));
    assert!(refused(&[], "set nature tropic").starts_with("`tropic`: expected direct, fanout, topic"));
}

#[test]
fn a_name_is_changed_wherever_it_is() {
    let file = after(&[
        "queue retry x-dead-letter-exchange=\"\" x-dead-letter-routing-key=birds_only",
        "move birds_only 300 -20",
        "rename birds_only birds",
        "rename nature n",
        "rename bird-watcher w",
    ]);
    let text = file.to_text().expect("it can be written");
    for old in ["birds_only", "bird-watcher\"", "\"exchange\": \"nature\"", "\"source\": \"nature\""] {
        let is_lesson = |line: &&str| line.contains("text\"") || line.contains("\"name\": \"nature\"");
        assert!(text.lines().filter(|line| !is_lesson(line)).all(|line| !line.contains(old)), "{old}: {text}");
    }
    assert!(file.layout.contains_key(&Node::Queue { vhost: "/".into(), name: "birds".into() }));
    assert_eq!(refused(&["queue q"], "rename q birds_only"), "there is a queue `birds_only` already");
    assert_eq!(refused(&["exchange birds_only"], "rename birds_only x"), {
        "several things are called so: write exchange:birds_only or queue:birds_only"
    });
}

#[test]
fn with_a_thing_goes_what_hangs_on_it() {
    let file = after(&["move birds_only 1 2", "delete birds_only"]);
    assert!(file.scenario.definitions.queues.is_empty() && file.scenario.definitions.bindings.is_empty());
    assert!(file.layout.is_empty());
    assert_eq!(after(&["delete nature birds_only bird-watcher"]).scenario.clients.len(), 2);
    let file = after(&["vhost v", "queue q vhost=v", "consumer c <- q vhost=v", "delete vhost:v"]);
    assert_eq!((file.scenario.clients.len(), file.scenario.definitions.queues.len()), (3, 1));
}

#[test]
fn a_copy_gets_what_the_original_gets() {
    let file = after(&["duplicate birds_only", "duplicate birds_only", "duplicate dove-producer", "duplicate nature"]);
    let queues: Vec<&str> = file.scenario.definitions.queues.iter().map(|queue| &*queue.name).collect();
    assert_eq!(queues, ["birds_only", "birds_only-2", "birds_only-3"]);
    assert_eq!(file.scenario.definitions.bindings.len(), 6);
    assert_eq!(&*file.scenario.clients[3].name, "dove-producer-2");
}

/// Commands over few names, so that they often meet.
fn any_line() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["nature", "birds_only", "bird-watcher", "dove-producer", "a", "b", "v", "c"]);
    let names = (name.clone(), name.clone(), name);
    (0_usize..16, names).prop_map(|(kind, (one, two, three))| match kind {
        0 => format!("queue {one} x-max-length=3"),
        1 => format!("exchange {one} topic alternate-exchange={two}"),
        2 => format!("bind {one} -> {two} {three}"),
        3 => format!("unbind {one} -> {two} {three}"),
        4 => format!("consumer {one} <- {two} prefetch=1"),
        5 => format!("producer {one} -> {two} {three} every_ms=100"),
        6 => format!("vhost {one}"),
        7 | 8 => format!("delete {one}"),
        9 => format!("rename {one} {two}"),
        10 => format!("duplicate {one}"),
        11 => format!("move {one} 3 4"),
        12 => format!("set {one} prefetch=2"),
        13 => format!("queue {one} quorum vhost={two}"),
        14 => format!("set {one} x-dead-letter-exchange={two}"),
        _ => format!("delete queue:{one} exchange:{two}"),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn whatever_is_done_the_file_can_be_written_and_read(lines in prop::collection::vec(any_line(), 1..25)) {
        let mut file = nature();
        for line in lines {
            if let Ok(changed) = try_line(&file, &line) {
                file = changed.file;
                let text = file.to_text();
                prop_assert!(text.is_ok(), "{}: {:?}", line, text);
                let again = parse(text.unwrap_or_default());
                prop_assert_eq!(again.as_ref(), Ok(&file), "after {}", line);
            }
        }
    }
}

/// What a world is made of: definitions in any order, and the clients that are there.
fn made_of(world: &World) -> (BTreeSet<String>, BTreeSet<String>) {
    let Definitions { users: _, vhosts, policies, exchanges, queues, bindings, .. } = Definitions::of(world.broker());
    let mut found = BTreeSet::new();
    found.extend(vhosts.iter().map(|vhost| format!("{}", vhost.name)));
    found.extend(policies.iter().map(|policy| format!("{policy:?}")));
    found.extend(exchanges.iter().map(|exchange| format!("{exchange:?}")));
    found.extend(queues.iter().map(|queue| format!("{queue:?}")));
    found.extend(bindings.iter().map(|binding| format!("{binding:?}")));
    let there = world.clients().iter().filter(|client| !client.is_gone());
    (found, there.map(|client| format!("{:?}", client.spec)).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn a_running_world_becomes_what_the_scenario_says(lines in prop::collection::vec(any_line(), 1..25)) {
        let mut file = nature();
        let mut log = Vec::new();
        let mut world = World::new(&file.scenario, &mut log).expect("the example begins");
        for (line, at_ms) in lines.iter().zip((1..).map(|number| number * 700)) {
            world.advance_to(at_ms, &mut log);
            let Ok(changed) = try_line(&file, line) else { continue };
            // What could not begin is refused as a whole.
            let Ok(fresh) = World::new(&changed.file.scenario, &mut Vec::new()) else { continue };
            let mut next = world.clone();
            let deeds = difference(&file.scenario, &changed.file.scenario);
            let done: Result<Vec<()>, _> = deeds.iter().map(|deed| next.perform(deed, &mut log)).collect();
            prop_assert!(done.is_ok(), "{}: {:?} of {:?}", line, done, deeds);
            prop_assert_eq!(made_of(&next), made_of(&fresh), "after {}: {:?}", line, deeds);
            (world, file) = (next, changed.file);
        }
    }
}
