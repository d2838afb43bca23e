//! The JSON Schema of scenario files: the committed one is the types' own, takes every file that comes with Warren, and
//! refuses whatever malformed ones a schema can tell.

use std::fs;
use std::sync::OnceLock;

use jsonschema::Validator;
use warren::share::schema::schema;

use crate::{examples, files, rewrites, root};

/// Malformed files that a schema takes for right ones. What is wrong with them is in two places at once, is counted in
/// bytes, or is a rule of the simulation's own.
const BEYOND_IT: [&str; 27] = [
    "client-name-markup-taken",
    "client-name-taken",
    "client-name-too-long",
    "connections-none",
    "depth-of-a-header",
    "every-and-schedule",
    "every-none",
    "expect-max-below-min",
    "expect-queue-of-nothing",
    "field-twice",
    "field-twice-inside",
    "header-mark",
    "header-timestamp",
    "header-too-big",
    "layout-far",
    "pull-none",
    "reaction-limit",
    "reaction-without-confirms",
    "rpc-timeout",
    "rule-every-none",
    "rule-percent",
    "schedule-burst",
    "script-control-of-another-role",
    "script-unknown-client",
    "template",
    "template-of-a-message",
    "view-speed",
];

pub fn validator() -> &'static Validator {
    static VALIDATOR: OnceLock<Validator> = OnceLock::new();
    VALIDATOR.get_or_init(|| jsonschema::validator_for(&schema()).expect("it is a schema"))
}

#[test]
fn the_committed_schema_is_up_to_date() {
    let path = root().join("www/scenario.schema.json");
    let text = format!("{:#}\n", schema());
    if rewrites() {
        fs::write(&path, text).expect("it can be saved");
    } else {
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == text, "www/scenario.schema.json is stale: SCENARIO_FILES=write writes it");
    }
}

#[test]
fn it_takes_every_example() {
    let validator = validator();
    for (name, text) in examples() {
        let file = serde_json::from_str(&text).expect("it is JSON");
        let wrong: Vec<String> = validator.iter_errors(&file).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{name}: {}", wrong.join("\n"));
    }
}

#[test]
fn it_refuses_malformed_files() {
    let validator = validator();
    let (mut refused, mut taken) = (0, Vec::new());
    for path in files(&root().join("tests/scenario_files/malformed")) {
        // Without JSON there is nothing that a schema could be about.
        let Ok(file) = serde_json::from_slice(&fs::read(&path).expect("it can be read")) else { continue };
        if validator.is_valid(&file) {
            taken.push(path.file_stem().unwrap_or_default().to_string_lossy().into_owned());
        } else {
            refused += 1;
        }
    }
    taken.sort();
    assert_eq!(taken, BEYOND_IT);
    assert!(refused >= 80, "only {refused}");
}
