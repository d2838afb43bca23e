//! What no world can begin with says where it is wrong.

use warren::definitions::{Binding, Exchange, Queue};
use warren::share::examples;
use warren::simulation::{ConsumerSpec, ProducerSpec, Role, Scenario, World};

#[test]
fn a_wrong_scenario_says_where() {
    let error = |scenario: Scenario| World::new(&scenario, &mut Vec::new()).expect_err("it is wrong").to_string();
    let mut twice = examples::nature();
    twice.clients[1].name = twice.clients[0].name.clone();
    assert_eq!(
        error(twice),
        "clients[1].name: expected a name of its own, there is a client \"dove-producer\" already"
    );
    let mut restless = examples::nature();
    restless.clients[0].role = Role::Producer(ProducerSpec { every_ms: Some(0), ..ProducerSpec::default() });
    assert_eq!(error(restless), "clients[0].every_ms: expected a number from 1");
    let mut unknown = examples::nature();
    unknown.clients[2].role = Role::Consumer(ConsumerSpec { queues: vec!["cats".into()], ..ConsumerSpec::default() });
    assert_eq!(error(unknown), "clients[2]: 404 NOT_FOUND - no queue 'cats' in vhost '/'");
    let mut again = examples::nature();
    again.definitions.exchanges.push(Exchange::new("nature", "fanout"));
    assert_eq!(error(again), "definitions.exchanges[1]: definitions.exchanges[0] is the same already");
    let mut odd = examples::nature();
    odd.definitions.queues.push(Queue::new("odd").with("x-max-priority", "high"));
    assert!(error(odd).starts_with("definitions.queues[1]: 400 precondition_failed: invalid arg 'x-max-priority'"));
    let mut loose = examples::nature();
    loose.definitions.bindings.push(Binding::to_exchange("nature", "culture", "#"));
    let missing =
        r#"definitions.bindings[1]: 400 {resources_missing,[{not_found,{resource,<<"/">>,exchange,<<"culture">>}}]}"#;
    assert_eq!(error(loose), missing);
    let mut elsewhere = examples::nature();
    elsewhere.clients[0].vhost = "my-vhost".into();
    assert!(error(elsewhere).contains("my-vhost"));
    let mut long = examples::nature();
    long.definitions.bindings.push(Binding::to_queue(&"q".repeat(300), "nature", ""));
    assert!(error(long).starts_with("definitions.bindings[1]: destination has 300 bytes, AMQP carries at most 255"));
}

#[test]
fn scenarios_are_written_and_read_without_loss() {
    let text = serde_json::to_string_pretty(&examples::nature()).expect("it can be written");
    let read: Scenario = serde_json::from_str(&text).expect("it can be read");
    assert_eq!(read, examples::nature());
    assert!(serde_json::from_str::<Scenario>(&text.replace("every_ms", "evry_ms")).is_err());
}
