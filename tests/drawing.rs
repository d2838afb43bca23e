//! Drawing: what a line from one thing to another means, what is offered where it ends on nothing, and copies.

use warren::broker::ordered::OrderedMap;
use warren::edit::link::{additions, is_source, link, link_to_nothing};
use warren::edit::{Command, End, Kind, Offer, change, excerpt, pasted};
use warren::share::{File, Node, Point, Tree, examples, parse};
use warren::simulation::World;

/// The example after some commands.
fn after(lines: &[&str]) -> File {
    let mut file = parse(examples::NATURE).expect("the example is right");
    for line in lines {
        let command = Command::parse(line).unwrap_or_else(|mistake| panic!("{line}: {mistake}"));
        file = change(&file, &command).unwrap_or_else(|refusal| panic!("{line}: {refusal}")).file;
    }
    file
}

fn end(kind: Kind, name: &str) -> End {
    End { kind, vhost: "/".into(), name: name.into() }
}

const THINGS: [&str; 9] = [
    "exchange plain direct",
    "exchange all fanout",
    "exchange by-headers headers",
    "exchange spread x-consistent-hash",
    "queue q",
    "producer p -> nature k every_ms=1000",
    "worker w <- q -> plain done",
    "rpc-client asker -> plain ask request.every_ms=1000",
    "rpc-server answerer <- q",
];

fn lines(offers: &[Offer]) -> Vec<String> {
    offers.iter().map(|offer| offer.command.to_string()).collect()
}

fn meant(from: (Kind, &str), to: (Kind, &str)) -> Vec<String> {
    let file = after(&THINGS);
    let offers = link(&file, &end(from.0, from.1), &end(to.0, to.1)).unwrap_or_else(|refusal| panic!("{refusal}"));
    for offer in &offers {
        let command = offer.with("x-match=all").unwrap_or_else(|mistake| panic!("{mistake}"));
        assert_eq!(Command::parse(&command.to_string()), Ok(command.clone()), "its line says the same");
        let changed = change(&file, &command).unwrap_or_else(|refusal| panic!("{command}: {refusal}"));
        let begun = World::new(&changed.file.scenario, &mut Vec::new());
        assert!(begun.is_ok(), "after {command}: {:?}", begun.err());
    }
    lines(&offers)
}

#[test]
fn a_line_means_what_its_ends_are() {
    use Kind::{Consumer, Exchange, Producer, Queue, RpcClient, RpcServer, Worker};
    assert_eq!(meant((Exchange, "nature"), (Queue, "q")), ["bind nature -> queue:q"]);
    let between = ["bind nature -> exchange:plain", "set exchange:nature alternate-exchange=plain"];
    assert_eq!(meant((Exchange, "nature"), (Exchange, "plain")), between);
    assert_eq!(meant((Producer, "p"), (Exchange, "plain")), ["set producer:p exchange=plain"]);
    assert_eq!(meant((Producer, "p"), (Queue, "q")), ["set producer:p exchange= routing_key=q"]);
    assert_eq!(meant((Worker, "w"), (Exchange, "nature")), ["set worker:w publish.exchange=nature"]);
    assert_eq!(meant((RpcClient, "asker"), (Exchange, "nature")), ["set rpc-client:asker request.exchange=nature"]);
    assert_eq!(meant((Queue, "q"), (Exchange, "all")), ["set queue:q x-dead-letter-exchange=all"]);
    let to_a_queue = ["set queue:q x-dead-letter-exchange= x-dead-letter-routing-key=birds_only"];
    assert_eq!(meant((Queue, "q"), (Queue, "birds_only")), to_a_queue);
    let consumes = [r#"set consumer:bird-watcher queues=["birds_only", "q"]"#];
    assert_eq!(meant((Queue, "q"), (Consumer, "bird-watcher")), consumes);
    assert_eq!(meant((Consumer, "bird-watcher"), (Queue, "q")), consumes);
    let serves = [r#"set rpc-server:answerer consume.queues=["q", "birds_only"]"#];
    assert_eq!(meant((Queue, "birds_only"), (RpcServer, "answerer")), serves);
}

#[test]
fn a_binding_asks_for_what_its_exchange_goes_by() {
    let file = after(&THINGS);
    let asked = |exchange: &str| {
        let offers = link(&file, &end(Kind::Exchange, exchange), &end(Kind::Queue, "q")).unwrap_or_default();
        offers.first().and_then(|offer| offer.asks).map(|asked| asked.label)
    };
    assert_eq!(asked("nature"), Some("Binding key"));
    assert_eq!(asked("plain"), Some("Binding key"));
    assert_eq!(asked("all"), None);
    assert_eq!(asked("by-headers"), Some("Arguments"));
    assert_eq!(asked("spread"), Some("Weight"));
    assert_eq!((asked("amq.fanout"), asked("amq.match")), (None, Some("Arguments")));
    let offers = link(&file, &end(Kind::Exchange, "by-headers"), &end(Kind::Queue, "q")).unwrap_or_default();
    let typed = offers.first().map(|offer| offer.with("x-match=any n=1").map(|command| command.to_string()));
    assert_eq!(typed, Some(Ok(r#"bind by-headers -> queue:q x-match=any n=1"#.to_owned())));
    let offers = link(&file, &end(Kind::Exchange, "nature"), &end(Kind::Queue, "q")).unwrap_or_default();
    let typed = offers.first().map(|offer| offer.with("a b=c").map(|command| command.to_string()));
    assert_eq!(typed, Some(Ok(r#"bind nature -> queue:q "a b=c""#.to_owned())));
}

#[test]
fn a_line_that_makes_no_sense_is_answered_plainly() {
    use Kind::{Consumer, Exchange, Producer, Queue, RpcClient};
    let file = after(&THINGS);
    for (from, to, reason) in [
        (end(Producer, "p"), end(Consumer, "bird-watcher"), "through the broker only"),
        (end(Exchange, "nature"), end(Consumer, "bird-watcher"), "consumes from queues"),
        (end(Queue, "q"), end(Producer, "p"), "the other way round"),
        (end(Queue, "q"), end(RpcClient, "asker"), "reply queue of its own"),
        (end(Consumer, "bird-watcher"), end(Exchange, "nature"), "does not publish by itself"),
        (end(Queue, "birds_only"), end(Consumer, "bird-watcher"), "already"),
        (end(Queue, "q"), End { vhost: "other".into(), ..end(Queue, "z") }, "one virtual host into another"),
    ] {
        let refusal = link(&file, &from, &to).err().map(|refusal| refusal.problem).unwrap_or_default();
        let is_told = refusal.contains(reason) || refusal.contains("nothing leads from one virtual host");
        assert!(is_told, "{from:?} to {to:?}: {refusal}");
    }
    assert!(is_source(Exchange) && is_source(Queue) && is_source(Producer) && !is_source(Consumer));
}

#[test]
fn where_a_line_ends_on_nothing_something_connected_can_be_made() {
    let file = after(&THINGS);
    for (kind, name) in [
        (Kind::Exchange, "nature"),
        (Kind::Queue, "q"),
        (Kind::Producer, "p"),
        (Kind::Worker, "w"),
        (Kind::RpcClient, "asker"),
        (Kind::Consumer, "bird-watcher"),
    ] {
        let offers = link_to_nothing(&file, &end(kind, name)).unwrap_or_else(|refusal| panic!("{refusal}"));
        assert!(!offers.is_empty());
        for offer in offers {
            let offer = offer.at((120.0, 80.0));
            let command = offer.with("a.b").unwrap_or_else(|mistake| panic!("{mistake}"));
            let line = command.to_string();
            assert_eq!(Command::parse(&line), Ok(command.clone()), "{line}");
            let changed = change(&file, &command).unwrap_or_else(|refusal| panic!("{line}: {refusal}"));
            assert_eq!(changed.file.layout.len(), 1, "{line}");
            let begun = World::new(&changed.file.scenario, &mut Vec::new());
            assert!(begun.is_ok(), "{line}: {:?}", begun.err());
        }
    }
    let offers = link_to_nothing(&file, &end(Kind::Exchange, "nature")).unwrap_or_default();
    let first = offers.into_iter().next().map(|offer| offer.at((120.0, 80.0)).with("*.dog"));
    let line = first.and_then(Result::ok).map(|command| command.to_string());
    let wanted = "queue queue1 ; bind nature -> queue:queue1 *.dog ; move queue:queue1 120 80";
    assert_eq!(line.as_deref(), Some(wanted));
}

#[test]
fn everything_can_be_added_in_any_virtual_host() {
    for (lines, vhosts) in [(&THINGS[..], &[None, Some("/")][..]), (&["vhost second"], &[None, Some("second")])] {
        let file = after(lines);
        for vhost in vhosts {
            for offer in additions(&file, vhost.map(Into::into).as_ref()).unwrap_or_default() {
                let command = offer.at((5.0, 6.0)).with("").unwrap_or_else(|mistake| panic!("{mistake}"));
                let changed = change(&file, &command).unwrap_or_else(|refusal| panic!("{command}: {refusal}"));
                let begun = World::new(&changed.file.scenario, &mut Vec::new());
                assert!(begun.is_ok(), "{command}: {:?}", begun.err());
            }
        }
    }
}

fn bindings(file: &File) -> Vec<String> {
    let all = file.scenario.definitions.bindings.iter();
    let mut all: Vec<String> =
        all.map(|binding| format!("{} {} {}", binding.source, binding.destination, binding.routing_key)).collect();
    all.sort();
    all
}

#[test]
fn several_are_duplicated_with_what_is_between_them() {
    let file = after(&["duplicate exchange:nature queue:birds_only consumer:bird-watcher"]);
    let all = ["nature birds_only *.bird", "nature-2 birds_only-2 *.bird"];
    assert_eq!(bindings(&file), all);
    let text = file.to_text().unwrap_or_default();
    assert!(text.contains(r#""queues": ["birds_only-2"]"#), "{text}");
    assert_eq!(bindings(&after(&["duplicate birds_only"])).len(), 2);
    assert_eq!(bindings(&after(&["duplicate birds_only name=b"]))[0], "nature b *.bird");
    assert!(World::new(&file.scenario, &mut Vec::new()).is_ok());
}

#[test]
fn what_is_copied_is_a_scenario_and_is_pasted_under_free_names() {
    let file = after(&[]);
    let targets = ["exchange:nature", "queue:birds_only", "consumer:bird-watcher"];
    let line = format!("delete {}", targets.join(" "));
    let Ok(Command::Delete { targets }) = Command::parse(&line) else { panic!("{line}") };
    let mut places = OrderedMap::new();
    places.insert(Node::Exchange { vhost: "/".into(), name: "nature".into() }, Point { x: 300, y: 100 });
    places.insert(Node::Client("bird-watcher".into()), Point { x: 700, y: 180 });
    let text = excerpt(&file, &targets, &places).unwrap_or_else(|refusal| panic!("{refusal}"));
    let alone = parse(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert!(World::new(&alone.scenario, &mut Vec::new()).is_ok(), "{text}");
    let scenario = pasted(&text).unwrap_or_else(|refusal| panic!("{refusal}"));
    let command = Command::Paste { scenario, to: Some((10.0, 20.0)) };
    assert_eq!(Command::parse(&command.to_string()), Ok(command.clone()));
    let twice = change(&file, &command).and_then(|once| change(&once.file, &command)).map(|changed| changed.file);
    let twice = twice.unwrap_or_else(|refusal| panic!("{refusal}"));
    let all = ["nature birds_only *.bird", "nature-2 birds_only-2 *.bird", "nature-3 birds_only-3 *.bird"];
    assert_eq!(bindings(&twice), all);
    let place = |name: &str| twice.layout.get(&Node::Exchange { vhost: "/".into(), name: name.into() }).copied();
    assert_eq!((place("nature"), place("nature-2")), (None, Some(Point { x: 10, y: 20 })));
    let watcher = twice.layout.get(&Node::Client("bird-watcher-3".into())).copied();
    assert_eq!(watcher, Some(Point { x: 410, y: 100 }));
    assert!(World::new(&twice.scenario, &mut Vec::new()).is_ok());
    let empty = after(&["delete nature birds_only bird-watcher dove-producer cat-producer"]);
    let only = change(&empty, &command).unwrap_or_else(|refusal| panic!("{refusal}"));
    assert_eq!(bindings(&only.file), ["nature birds_only *.bird"]);
}

#[test]
fn a_consumer_pasted_where_its_queue_is_not_consumes_nothing() {
    let file = after(&["delete birds_only"]);
    let Ok(Command::Delete { targets }) = Command::parse("delete bird-watcher") else { return };
    let text = excerpt(&after(&[]), &targets, &OrderedMap::new()).unwrap_or_default();
    let scenario = pasted(&text).unwrap_or(Tree::Null);
    let changed = change(&file, &Command::Paste { scenario, to: None }).unwrap_or_else(|refusal| panic!("{refusal}"));
    assert!(World::new(&changed.file.scenario, &mut Vec::new()).is_ok());
}

#[test]
fn foreign_text_is_not_pasted_and_it_is_told_why() {
    for (text, reason) in [
        ("", "no text to paste"),
        ("hello", "line 1, column 1"),
        ("{}", "warren/1"),
        (r#"{"format": "warren/9"}"#, "warren/1"),
        (r#"{"format": "warren/1", "nonsense": 1}"#, "nonsense"),
    ] {
        let refusal = pasted(text).err().map(|refusal| refusal.problem).unwrap_or_default();
        assert!(refusal.contains(reason) && refusal.starts_with("Only a scenario"), "{text}: {refusal}");
    }
    let nothing = pasted(r#"{"format": "warren/1", "name": "nothing"}"#);
    let command = nothing.map(|scenario| Command::Paste { scenario, to: None });
    let refusal = command.ok().map(|command| change(&after(&[]), &command).err().map(|refusal| refusal.problem));
    assert_eq!(refusal.flatten().as_deref(), Some("there is nothing in it that could be pasted"));
}

#[test]
fn steps_are_one_change_or_none() {
    let file = after(&["queue q ; bind nature -> q *.dog ; move queue:q 20 30"]);
    assert_eq!(bindings(&file).len(), 2);
    assert_eq!(file.layout.len(), 1);
    assert!(after(&["move queue:birds_only 1 2", "arrange"]).layout.is_empty());
    let command = Command::parse("queue r ; bind nowhere -> nothing x");
    let refused = command.map(|command| change(&after(&[]), &command).is_err());
    assert_eq!(refused, Ok(true));
}
