//! The JavaScript edge, called as JavaScript calls it: values are what the TypeScript says, errors have a code and a place.
//!
//! Natively this file is empty. Run it by `cargo xtask test wasm` or `wasm-pack test --headless --chrome`.

#![cfg(target_arch = "wasm32")]

use js_sys::{Array, Error, Function, JSON, Reflect};
use warren::api::World;
use warren::share::examples;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

fn field(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).expect("it is an object")
}

fn number(of: &JsValue, name: &str) -> f64 {
    field(of, name).as_f64().unwrap_or_else(|| panic!("{name} is a number"))
}

fn text(of: &JsValue, name: &str) -> String {
    field(of, name).as_string().unwrap_or_else(|| panic!("{name} is text"))
}

fn list(of: JsValue) -> Vec<JsValue> {
    of.dyn_into::<Array>().expect("it is a list").iter().collect()
}

fn nature() -> World {
    World::load(examples::NATURE).expect("it can be read")
}

fn cursor(world: &World) -> f64 {
    number(&world.state().expect("it has one"), "cursor")
}

/// What an error says of itself: code, place, message.
fn thrown<T>(result: Result<T, JsValue>) -> (String, Option<String>, String) {
    let error: Error = result.err().expect("it is wrong").dyn_into().expect("it is an Error");
    (text(&error, "code"), field(&error, "place").as_string(), error.message().into())
}

#[wasm_bindgen_test]
fn a_world_steps_forward_and_back_and_says_where_it_is() {
    let world = nature();
    let state = world.state().expect("it has one");
    assert_eq!((text(&state, "scenario").as_str(), number(&state, "atMs")), ("nature", 0.0));
    let start = number(&state, "start");
    assert_eq!(number(&state, "cursor"), start);
    assert!(!world.back(), "it is at its beginning");
    assert!(world.step().expect("it can"));
    assert_eq!(cursor(&world), start + 1.0);
    assert!(world.back());
    assert_eq!(cursor(&world), start);
    assert_eq!(world.seek(40.0).expect("it can"), 40);
    world.seek_ms(10_000.0).expect("it can");
    let later = world.state().expect("it has one");
    assert!(number(&later, "cursor") > 40.0 && number(&later, "atMs") <= 10_000.0);
    assert!(number(&later, "end") >= number(&later, "cursor"));
}

#[wasm_bindgen_test]
fn whoever_has_subscribed_is_called_with_each_event_and_may_ask_the_world() {
    let world = nature();
    let heard = Array::new();
    let keep = Function::new_with_args("told", "this.push(told)").bind0(&heard);
    let id = world.subscribe(&keep).expect("it is a function");
    let start = cursor(&world);
    world.seek(start + 5.0).expect("it can");
    world.step().expect("it can");
    let cursors: Vec<f64> = heard.iter().map(|told| number(&told, "cursor")).collect();
    assert_eq!(cursors, (1..=6).map(|step| start + f64::from(step)).collect::<Vec<_>>());
    assert!(heard.iter().all(|told| text(&told, "text").len() > 10 && number(&told, "atMs") >= 0.0));
    world.back();
    assert_eq!(heard.length(), 6, "what is undone is not told");
    assert!(world.unsubscribe(id) && !world.unsubscribe(id));
    world.step().expect("it can");
    assert_eq!(heard.length(), 6);

    let loud = Function::new_no_args("throw new RangeError('loud')");
    world.subscribe(&loud).expect("it is a function");
    let error: Error = world.step().expect_err("the listener throws").dyn_into().expect("its own error");
    assert_eq!(String::from(error.message()), "loud");
    assert_eq!(thrown(world.subscribe(&"x".into())).0, "argument");
}

#[wasm_bindgen_test]
fn commands_change_it_and_are_refused_with_a_code() {
    let world = World::new().expect("an empty one");
    world.run("exchange sales type=topic").expect("it is fine");
    world.run("queue orders x-max-length=3").expect("it is fine");
    world.run("bind sales -> orders order.#").expect("it is fine");
    let file = JSON::parse(&world.file().expect("it can be written")).expect("it is JSON");
    let queues = field(&field(&file, "definitions"), "queues");
    assert_eq!(text(&list(queues)[0], "name"), "orders");
    let (code, place, message) = thrown(world.run("bind"));
    assert_eq!((code.as_str(), place.as_deref()), ("command", Some("4")), "{message}");
    let (code, _, message) = thrown(world.run("queue bad x-message-ttl=-1"));
    assert_eq!(code, "refused");
    assert!(message.contains("x-message-ttl"), "{message}");
    assert_eq!(world.file().expect("it can be written").matches("\"bad\"").count(), 0, "nothing has changed");
}

#[wasm_bindgen_test]
fn tables_story_and_goals_are_plain_values() {
    let world = nature();
    world.seek_ms(60_000.0).expect("it can");
    let tables = list(world.tables().expect("there are"));
    let queues = tables.iter().find(|table| text(table, "caption") == "Queues").expect("there is one of queues");
    let columns = list(field(queues, "columns"));
    assert!(columns.iter().all(|column| field(column, "numeric").as_bool().is_some()));
    let row = list(list(field(queues, "rows"))[0].clone());
    assert_eq!((row.len(), row[0].as_string().as_deref()), (columns.len(), Some("birds_only")));
    let story = list(world.story(3).expect("there is one"));
    assert_eq!(story.len(), 3);
    assert_eq!(number(&story[0], "cursor"), cursor(&world), "the last one first");
    let goals = list(world.goals().expect("there are"));
    let states: Vec<String> = goals.iter().map(|goal| text(goal, "state")).collect();
    assert_eq!(states, ["met", "met"]);
}

#[wasm_bindgen_test]
fn links_files_and_definitions_lead_back() {
    let world = nature();
    world.seek(30.0).expect("it can");
    let link = world.link().expect("it can be made");
    let again = World::from_link(&format!("https://example.org/warren/{link}")).expect("it can be read");
    assert_eq!(cursor(&again), 30.0);
    let definitions = world.definitions(None).expect("it can be written");
    let taken = World::load(&definitions).expect("it can be read");
    assert_eq!(taken.definitions(None).expect("it can be written"), definitions);
    assert!(definitions.contains("\"rabbitmq_definition_format\": \"cluster\""), "{definitions}");
    assert!(world.definitions(Some("/".to_owned())).expect("there is one").contains("single_virtual_host"));
    let odd = World::load(r#"{"queues": [], "colour": 1}"#).expect("it can be read");
    assert_eq!(text(&list(odd.remarks().expect("there are"))[0], "place"), "colour");
}

#[wasm_bindgen_test]
fn what_is_wrong_is_thrown_with_its_place() {
    let (code, place, message) = thrown(World::load(&examples::NATURE.replace("4000", "-1")));
    assert_eq!((code.as_str(), place.as_deref()), ("file", Some("clients[0].every_ms")));
    assert!(message.starts_with("clients[0].every_ms: expected a number"), "{message}");
    assert_eq!(thrown(World::load("{")).0, "file");
    assert_eq!(thrown(World::from_link("#/1/eNqrVkrLL8pVslJQSs")).0, "file");
    assert_eq!(thrown(World::from_link("#/example/nature")).0, "argument");
    assert_eq!(thrown(nature().definitions(Some("nowhere".to_owned()))).1.as_deref(), Some("vhost"));
    for wrong in [-1.0, 0.5, f64::NAN, f64::INFINITY, 1e300] {
        assert_eq!(thrown(nature().seek(wrong)).0, "argument", "{wrong}");
    }
}
