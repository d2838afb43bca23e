//! Tables and charts under the names of RabbitMQ's management UI: what they hold at each moment, and that going back shows what
//! was shown there.
#![cfg(not(target_arch = "wasm32"))]

mod support;

use support::audit::log_of;
use warren::share;
use warren::share::examples;
use warren::simulation::{ClientId, Scenario};
use warren::view::chart::{Chart, charts};
use warren::view::rates::Window;
use warren::view::tables::{Table, tables, written};
use warren::view::{Film, NodeId, Player};

fn film_of(scenario: &Scenario, until_ms: u64) -> Film {
    let mut film = Film::default();
    log_of(scenario, until_ms).into_iter().for_each(|entry| film.push(entry));
    film
}

fn scenario(text: &str) -> Scenario {
    share::parse(text).expect("it is right").scenario
}

fn at_end(scenario: &Scenario, until_ms: u64) -> Vec<Table> {
    tables(film_of(scenario, until_ms).history().front(), until_ms)
}

fn cells(tables: &[Table], caption: &str) -> Vec<Vec<String>> {
    let table = tables.iter().find(|table| table.caption == caption);
    let table = table.unwrap_or_else(|| panic!("there is no table {caption}"));
    assert!(table.rows.iter().all(|row| row.cells.len() == table.columns.len()), "{table:?}");
    table.rows.iter().map(|row| row.cells.clone()).collect()
}

fn headings(tables: &[Table], caption: &str) -> String {
    let table = tables.iter().find(|table| table.caption == caption).expect("there is such a table");
    table.columns.iter().map(|column| column.heading).collect::<Vec<_>>().join(" | ")
}

#[test]
fn the_tables_hold_what_the_picture_shows() {
    let tables = at_end(&examples::nature(), 3_500);
    assert_eq!(
        headings(&tables, "Queues"),
        "Name | Type | Features | State | Ready | Unacked | Total | incoming | deliver / get | ack | Consumer count | Consumer capacity"
    );
    let queue = ["birds_only", "classic", "D", "running", "0", "0", "0", "0.33/s", "0.33/s", "0.33/s", "1", "100%"];
    assert_eq!(cells(&tables, "Queues"), [queue]);
    assert_eq!(cells(&tables, "Exchanges"), [["nature", "topic", "D", "0.67/s", "0.33/s", "1", "0"]]);
    assert_eq!(cells(&tables, "Overview")[0], ["Publish", "0.67/s", "2"]);
    assert_eq!(cells(&tables, "Overview")[10], ["Unroutable (drop)", "0.33/s", "1"]);
    let totals: Vec<String> = cells(&tables, "Totals").iter().map(|row| row.join(" ")).collect();
    assert_eq!(
        totals.join(", "),
        "Ready 0, Unacked 0, Total 0, Connections 3, Channels 3, Exchanges 1, Queues 1, Consumers 1"
    );
    assert_eq!(cells(&tables, "Bindings"), [["nature", "queue", "birds_only", "*.bird", ""]]);
    assert_eq!(cells(&tables, "Producers")[0], ["dove-producer", "nature", "animal.bird", "every 4.0 s", "1"]);
    let consuming = ["bird-watcher", "birds_only", "manual ack", "1", "0", "1", "1"];
    assert_eq!(cells(&tables, "Consuming clients"), [consuming]);
    let consumer = cells(&tables, "Consumers").remove(0);
    assert_eq!(consumer[1..], ["birds_only", "bird-watcher (1)", "yes", "1", "yes", "up"]);
    assert!(!tables.iter().any(|table| table.caption == "Policies"));
}

/// Two connections of one client, transactions and confirms, a virtual host, policies, a single active consumer.
const MUCH: &str = r#"{"format": "warren/1", "name": "much", "definitions": {
    "vhosts": [{"name": "/"}, {"name": "other"}],
    "queues": [
        {"vhost": "/", "name": "jobs", "durable": true, "auto_delete": false, "arguments": {"x-single-active-consumer": true}},
        {"vhost": "/", "name": "still", "durable": false, "auto_delete": false, "arguments": {"x-queue-type": "classic"}}],
    "policies": [
        {"vhost": "/", "name": "short", "pattern": "^jobs$", "apply-to": "queues", "priority": 3, "definition": {"max-length": 9}},
        {"vhost": "/", "name": "later", "pattern": "^none", "apply-to": "all", "priority": 0, "definition": {"expires": 1000}}]},
  "clients": [
    {"name": "p", "role": "producer", "exchange": "", "routing_key": "jobs", "confirms": true, "every_ms": 500},
    {"name": "w", "role": "consumer", "queues": ["jobs"], "prefetch": 2, "connections": 2, "processing": {"fixed": 100}}],
  "script": [
    {"at_ms": 8000, "action": {"clear_policy": {"vhost": "/", "name": "later"}}}]}"#;

#[test]
fn lists_are_those_of_the_management_ui() {
    let tables = at_end(&scenario(MUCH), 7_000);
    let connections = cells(&tables, "Connections");
    assert_eq!(headings(&tables, "Connections"), "Name | Virtual host | User name | State | Protocol | Channels");
    let names: Vec<&str> = connections.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(names, ["p", "w (connection 1)", "w (connection 2)"]);
    assert_eq!(connections[0][1..], ["/", "guest", "running", "AMQP 0-9-1", "1"]);
    let channels = cells(&tables, "Channels");
    assert_eq!(channels[0][..7], ["p (1)", "/", "guest", "C", "running", "", "0"]);
    assert_eq!(channels[0][7..], ["2.0/s", "2.0/s", "0.00/s", "0.00/s", "0.00/s"]);
    assert_eq!(channels[2][..6], ["w (connection 2) (1)", "/", "guest", "", "idle", "2"]);
    let queues = cells(&tables, "Queues");
    assert_eq!(queues[0][..5], ["jobs", "/", "classic", "D SAC short", "running"]);
    assert_eq!(queues[1][..5], ["still", "/", "classic", "", "idle"]);
    let status: Vec<&str> = tables
        .iter()
        .find(|table| table.caption == "Consumers")
        .map(|table| table.rows.iter().map(|row| row.cells[7].as_str()).collect())
        .expect("there is the table");
    assert_eq!(status, ["single active", "waiting"]);
}

#[test]
fn policies_are_listed_while_they_are_set() {
    let scenario = scenario(MUCH);
    let policies = cells(&at_end(&scenario, 7_000), "Policies");
    assert_eq!(policies[1], ["short", "/", "^jobs$", "queues", "max-length: 9", "3", "queue jobs"]);
    assert_eq!(policies[0], ["later", "/", "^none", "all", "expires: 1000", "0", ""]);
    assert_eq!(cells(&at_end(&scenario, 9_000), "Policies").len(), 1);
}

#[test]
fn a_row_leads_to_what_it_is_about() {
    let tables = at_end(&scenario(MUCH), 2_000);
    let node = |caption: &str, place: usize| {
        let table = tables.iter().find(|table| table.caption == caption).expect("there is such a table");
        table.rows[place].node.clone()
    };
    assert_eq!(node("Connections", 2), Some(NodeId::Client(ClientId(1))));
    assert_eq!(node("Queues", 0), Some(NodeId::queue(&"/".into(), &"jobs".into())));
    assert_eq!(node("Exchanges", 0), Some(NodeId::exchange(&"/".into(), &"".into())));
    assert_eq!(node("Overview", 0), None);
}

fn line<'c>(chart: &'c Chart, label: &str) -> &'c [(u64, u64)] {
    let line = chart.lines.iter().find(|line| line.label == label);
    &line.unwrap_or_else(|| panic!("no line {label}")).points
}

#[test]
fn charts_are_of_the_broker_or_of_what_is_selected() {
    let scenario = scenario(MUCH);
    let film = film_of(&scenario, 7_000);
    let made = |node: Option<NodeId>| charts(film.history().front(), node.as_ref(), Window::Minute, 7_000);
    let all = made(None);
    assert_eq!(all.iter().map(|chart| chart.title).collect::<Vec<_>>(), ["Queued messages", "Message rates"]);
    assert_eq!(all[1].lines.len(), 11);
    // A message in half a second, in hundredths.
    assert_eq!(line(&all[1], "Publish")[3..], [(4_000, 200), (5_000, 200), (6_000, 200), (7_000, 200)]);
    let queue = made(Some(NodeId::queue(&"/".into(), &"jobs".into())));
    assert_eq!(queue[0].of, "Queue jobs");
    assert!(!queue[1].lines.iter().any(|line| line.label == "Publisher confirm"), "no queue counts confirms");
    let worker = made(Some(NodeId::Client(ClientId(1))));
    assert_eq!(worker.len(), 1);
    assert_eq!(line(&worker[0], "Deliver (manual ack)"), line(&all[1], "Deliver (manual ack)"));
    let exchange = made(Some(NodeId::exchange(&"/".into(), &"".into())));
    assert_eq!(exchange[0].lines.iter().map(|line| line.label).collect::<Vec<_>>(), ["Publish (In)", "Publish (Out)"]);
    // What is not there any more is no reason to show nothing.
    assert_eq!(made(Some(NodeId::queue(&"/".into(), &"gone".into()))), all);
}

#[test]
fn a_chart_draws_what_its_table_says() {
    let film = film_of(&scenario(MUCH), 7_000);
    for chart in charts(film.history().front(), None, Window::Minute, 7_000) {
        let table = chart.table();
        assert_eq!(table.columns.len(), chart.lines.len() + 1);
        for (place, line) in chart.lines.iter().enumerate() {
            assert_eq!(table.rows.len(), line.points.len());
            let told = table.rows.iter().rev().map(|row| row.cells[place + 1].clone());
            let drawn = line.points.iter().map(|point| chart.written(point.1));
            assert!(told.eq(drawn), "{}", line.label);
            assert!(line.points.iter().all(|point| point.1 <= chart.top));
            let numbers = chart.path(line).split([' ', 'M', 'L']).filter(|text| !text.is_empty()).count();
            assert_eq!(numbers, 2 * line.points.len());
        }
    }
}

#[test]
fn going_back_shows_what_was_shown_there() {
    let mut player = Player::new(&scenario(MUCH)).expect("it begins");
    let shown = |player: &Player| {
        let now_ms = player.scene().rates.now_ms();
        (tables(player.scene(), now_ms), charts(player.scene(), None, Window::Minute, now_ms))
    };
    let mut seen = Vec::new();
    for _ in 0..150 {
        seen.push((player.cursor(), shown(&player)));
        player.step();
    }
    for (cursor, was) in seen.into_iter().rev() {
        player.seek(cursor);
        assert!(shown(&player) == was, "at {cursor}");
    }
}

#[test]
fn rates_fall_while_nothing_happens() {
    let film = film_of(&examples::nature(), 3_500);
    let publish = |now_ms| cells(&tables(film.history().front(), now_ms), "Overview")[0][1].clone();
    assert_ne!(publish(3_500), "0.00/s");
    assert_eq!(publish(60_000), "0.00/s");
    assert_eq!(cells(&tables(film.history().front(), 60_000), "Queues")[0][3], "idle");
}

#[test]
fn what_is_taken_along_is_what_is_seen() {
    let tables = at_end(&scenario(MUCH), 7_000);
    let queues = tables.iter().find(|table| table.caption == "Queues").expect("there is the table");
    let csv = written(queues, warren::view::paper::Form::Csv);
    let lines: Vec<&str> = csv.split("\r\n").collect();
    assert_eq!(lines.len(), queues.rows.len() + 2);
    assert!(lines[1].starts_with("jobs,/,classic,D SAC short,running,"), "{csv}");
}
