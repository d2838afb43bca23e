//! Files of brokers: what is imported is exported again, with everything in it.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use similar::TextDiff;
use warren::broker::{Broker, Config, NoEvents};
use warren::definitions::{Definitions, Remark, RemarkKind, Report};
use warren::share::BrokerFile;

use super::Check;
use super::normal::normal;

/// One check for each file of the repository and of the folder in `DEFINITIONS`.
pub fn checks() -> Vec<Check> {
    let given = std::env::var_os("DEFINITIONS").map(PathBuf::from);
    let mut checks = vec![Check::new("there are files", || assert!(!own_files().is_empty()))];
    for folder in [Some(own()), given].into_iter().flatten() {
        for path in json_files(&folder) {
            checks.push(Check::new(path.display().to_string(), move || check(&path)));
        }
    }
    checks
}

fn own() -> PathBuf {
    root().join("tests/definitions")
}

/// The files of the repository.
pub fn own_files() -> Vec<PathBuf> {
    json_files(&own())
}

/// Asked at run time: several clones may share what is compiled.
fn root() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default()
}

fn json_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    found.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    found.sort();
    found
}

/// A file as it was read, the broker that it made, and what became of its entries.
pub struct Loaded {
    pub file: BrokerFile,
    pub broker: Broker,
    pub report: Report,
}

impl Loaded {
    /// A new broker made from a file.
    pub fn new(bytes: &[u8]) -> Loaded {
        let file = BrokerFile::read(bytes).unwrap_or_else(|error| panic!("{error}"));
        let mut broker = file.definitions.node(Config::default());
        let report = file.definitions.load(&mut broker, &mut NoEvents);
        Loaded { file, broker, report }
    }

    /// The same content as an export of the shape that the file has.
    pub fn export(&self) -> String {
        let whole = Definitions::of(&self.broker).and(&self.report.left_out);
        match &self.file.vhost {
            None => whole.to_json(),
            Some(vhost) => whole.to_vhost_json(vhost).map(|text| text.expect("the virtual host is there")),
        }
        .expect("it can be written")
    }

    /// All that is to be told of the file, line by line.
    pub fn remarks(&self) -> String {
        let line = |remark: &Remark| {
            let kind = match remark.kind {
                RemarkKind::Refused => "refused",
                RemarkKind::Skipped => "skipped",
                RemarkKind::NotSimulated => "not simulated",
            };
            format!("{kind} | {remark}\n")
        };
        self.file.remarks.iter().chain(&self.report.remarks).map(line).collect()
    }
}

fn check(path: &Path) {
    let bytes = std::fs::read(path).expect("it can be read");
    let loaded = Loaded::new(&bytes);
    let export = loaded.export();
    let (given, made) = (json(&bytes), json(export.as_bytes()));
    same("export", &comparable(&given, &made), &pretty(&normal(&made)));
    let again = Loaded::new(export.as_bytes());
    same("second export", &pretty(&made), &pretty(&json(again.export().as_bytes())));
    let remarks = path.with_extension("remarks");
    if std::env::var_os("DEFINITIONS_REMARKS").is_some_and(|value| value == "write") && remarks.exists() {
        std::fs::write(&remarks, loaded.remarks()).expect("it can be saved");
    }
    if let Ok(expected) = std::fs::read_to_string(remarks) {
        same("remarks", &expected, &loaded.remarks());
    }
}

/// The normal form of a file, without what is no part of a broker, and in the words of this version.
fn comparable(given: &Json, made: &Json) -> String {
    let mut given = normal(given);
    let file = given.as_object_mut().expect("an object");
    let known = made.as_object().expect("an object");
    // What is known to be no part of a broker is told by a remark, and checked there.
    file.retain(|field, _| known.contains_key(field));
    for field in ["rabbit_version", "rabbitmq_version", "product_name", "product_version", "explanation"] {
        file.insert(field.to_owned(), known[field].clone());
    }
    // Without virtual hosts or users there are those of a new broker.
    let seeded: &[&str] = match (file.get("users"), file.get("vhosts")) {
        (Some(Json::Array(users)), _) if users.is_empty() => &["users", "permissions", "vhosts"],
        (_, Some(Json::Array(vhosts))) if vhosts.is_empty() => &["vhosts"],
        _ => &[],
    };
    for field in seeded {
        let empty = file.get(*field).and_then(Json::as_array).is_none_or(Vec::is_empty);
        if empty {
            file.insert((*field).to_owned(), known[*field].clone());
        }
    }
    for field in ["rabbitmq_definition_format", "original_cluster_name"] {
        if let Some(value) = known.get(field) {
            file.entry(field).or_insert(value.clone());
        }
    }
    pretty(&given)
}

fn json(bytes: &[u8]) -> Json {
    let text = std::str::from_utf8(bytes).expect("text").trim_start_matches('\u{feff}');
    text.parse().unwrap_or_else(|error| panic!("it is no JSON: {error}"))
}

fn pretty(json: &Json) -> String {
    format!("{json:#}\n")
}

pub fn same(what: &str, expected: &str, found: &str) {
    let diff = TextDiff::from_lines(expected, found);
    assert!(expected == found, "{what} differs:\n{}", diff.unified_diff().header("expected", "found"));
}
