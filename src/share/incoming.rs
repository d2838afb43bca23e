//! What a file is that somebody opens, drops or pastes: a scenario, or the definitions of a broker.
//!
//! What always holds: a file says itself what it is, whatever it is called; what is neither is refused, and the refusal
//! says what was looked for.

use crate::broker::Config;
use crate::definitions::Remark;
use crate::simulation::Scenario;

use super::definitions::BrokerFile;
use super::error::FileError;
use super::place::Place;
use super::tree::Tree;
use super::{FORMAT, File};

/// What only a broker's file has at its top. Source: `rabbitmq_management/src/rabbit_mgmt_wm_definitions.erl`.
const OF_A_BROKER: [&str; 9] = [
    "rabbit_version",
    "rabbitmq_version",
    "rabbitmq_definition_format",
    "vhosts",
    "users",
    "policies",
    "exchanges",
    "queues",
    "bindings",
];
/// Longest name that is made of a file's name, characters.
const NAME_MAX: usize = 60;

/// A file that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Incoming {
    /// What is to be opened.
    pub file: File,
    /// What of a broker's file is not as it says: passed over, refused, or not simulated. Of a scenario there is none.
    pub remarks: Vec<Remark>,
    /// Whether it was a broker's file.
    pub is_brokers: bool,
}

impl Incoming {
    /// Reads a file; `called` is its name, which names what has no name of its own.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, with its place.
    pub fn read(bytes: &[u8], called: &str) -> Result<Incoming, FileError> {
        let tree = Tree::parse(bytes)?;
        if is_of_a_broker(&tree) {
            return of_a_broker(tree, called);
        }
        match &tree {
            Tree::Object(_) if tree.field("format").is_none() => {
                let expected =
                    format!("a scenario (with \"format\": {FORMAT:?}) or definitions as RabbitMQ exports them");
                Err(FileError::expected(&Place::Top, &expected))
            }
            _ => Ok(Incoming { file: File::from_tree(&tree)?, remarks: Vec::new(), is_brokers: false }),
        }
    }
}

/// Whether a text says of itself that it is the definitions of a broker, right or wrong.
pub fn is_brokers(text: &str) -> bool {
    text.trim_start().starts_with('{') && Tree::parse(text.as_bytes()).is_ok_and(|tree| is_of_a_broker(&tree))
}

fn is_of_a_broker(tree: &Tree) -> bool {
    tree.field("format").is_none() && OF_A_BROKER.iter().any(|field| tree.field(field).is_some())
}

fn of_a_broker(tree: Tree, called: &str) -> Result<Incoming, FileError> {
    let BrokerFile { definitions, mut remarks, .. } = BrokerFile::of(tree)?;
    let mut broker = definitions.node(Config::default());
    // The same sink as in a world: the broker is in the page once.
    let report = definitions.load(&mut broker, &mut Vec::new());
    remarks.extend(report.remarks);
    let scenario = Scenario {
        name: name_of(called).into(),
        seed: 1,
        definitions: definitions.without(&report.left_out),
        clients: Vec::new(),
        script: Vec::new(),
    };
    scenario.check()?;
    Ok(Incoming { file: File::from(scenario), remarks, is_brokers: true })
}

/// A scenario's name from a file's: without folders and ending.
pub fn name_of(called: &str) -> String {
    let name = called.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = name.rsplit_once('.').map_or(name, |(name, _)| name).trim();
    let name: String = name.chars().filter(|sign| !sign.is_control()).take(NAME_MAX).collect();
    if name.is_empty() { "untitled".to_owned() } else { name }
}

/// A file's name from a scenario's: what every system allows.
pub fn file_name(scenario: &str) -> String {
    let mut name = String::new();
    for sign in scenario.chars().take(NAME_MAX) {
        if sign.is_alphanumeric() || matches!(sign, '-' | '_' | '.') {
            name.push(sign);
        } else if !name.ends_with('-') {
            name.push('-');
        }
    }
    let name = name.trim_matches(['-', '.']);
    format!("{}.json", if name.is_empty() { "scenario" } else { name })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definitions::RemarkKind;
    use crate::share::examples;

    fn wrong(text: &str) -> String {
        Incoming::read(text.as_bytes(), "x.json").map(|_| ()).expect_err("it is wrong").to_string()
    }

    #[test]
    fn a_scenario_is_known_by_its_format() {
        let read = Incoming::read(examples::NATURE.as_bytes(), "other.txt").expect("it is one");
        assert_eq!((&*read.file.scenario.name, read.is_brokers), ("nature", false));
        assert_eq!(read.remarks, []);
    }

    #[test]
    fn definitions_are_known_by_what_they_define() {
        let text = r#"{"rabbit_version": "4.3.6", "queues": [
            {"name": "orders", "vhost": "/", "durable": true, "auto_delete": false, "arguments": {}},
            {"name": "amq.mine", "vhost": "/", "durable": true, "auto_delete": false, "arguments": {}}],
            "exchanges": [{"name": "nature", "vhost": "/", "type": "no-such", "durable": true}], "colour": 1}"#;
        assert!(is_brokers(text) && !is_brokers(examples::NATURE) && !is_brokers("queues"));
        let read = Incoming::read(text.as_bytes(), "C:\\exports\\shop.eu.json").expect("it is one");
        assert!(read.is_brokers);
        assert_eq!(&*read.file.scenario.name, "shop.eu");
        let queues: Vec<&str> = read.file.scenario.definitions.queues.iter().map(|queue| &*queue.name).collect();
        assert_eq!(queues, ["orders"], "RabbitMQ would not take the other one");
        let remarks: Vec<(&str, RemarkKind)> =
            read.remarks.iter().map(|remark| (remark.place.as_str(), remark.kind)).collect();
        assert!(remarks.contains(&("colour", RemarkKind::Skipped)), "{remarks:?}");
        assert!(remarks.iter().any(|(place, _)| place.starts_with("exchanges[0]")), "{remarks:?}");
        // What was taken can begin, and be kept as a scenario.
        crate::simulation::World::new(&read.file.scenario, &mut Vec::new()).expect("it begins");
        let text = read.file.to_text().expect("it can be written");
        assert!(!Incoming::read(text.as_bytes(), "").expect("it is a scenario now").is_brokers);
    }

    #[test]
    fn what_is_neither_is_told() {
        assert_eq!(wrong("{"), "line 1, column 1: expected JSON (EOF while parsing an object)");
        assert_eq!(wrong("[1]"), "file: expected an object");
        assert!(wrong(r#"{"name": "x"}"#).starts_with("file: expected a scenario (with \"format\": \"warren/1\")"));
        assert!(wrong(r#"{"format": "warren/9"}"#).starts_with("format: expected \"warren/1\""));
        assert!(wrong(r#"{"queues": [{"name": 5, "vhost": "/"}]}"#).starts_with("queues[0].name: expected"));
        assert!(wrong("\u{0}").starts_with("line 1, column 1: expected JSON"));
        assert!(Incoming::read(b"\xff", "").is_err_and(|error| error.place == "byte 0"));
    }

    #[test]
    fn names_of_files_and_scenarios_come_from_each_other() {
        assert_eq!(name_of("/home/a/my orders.json"), "my orders");
        assert_eq!(name_of(".json"), "untitled");
        assert_eq!(name_of("a\u{7}b"), "ab");
        assert_eq!(file_name("my orders: 2/3"), "my-orders-2-3.json");
        assert_eq!(file_name("Z\u{fc}rich"), "Z\u{fc}rich.json");
        assert_eq!(file_name("../../etc"), "etc.json");
        assert_eq!(file_name("\u{2603}"), "scenario.json");
        assert!(file_name(&"x".repeat(300)).len() < 80);
    }
}
