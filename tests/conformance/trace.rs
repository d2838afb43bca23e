//! Traces, and where they come from.
//!
//! A file that should be a trace and cannot be read is not passed over: it is a trace that fails.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

/// The recordings in the repository, one trace a line; and scripts of our own, whose outcome nobody recorded: it
/// follows from RabbitMQ's source.
const BUNDLED: [&str; 4] = [
    include_str!("directed.jsonl"),
    include_str!("fuzz.jsonl"),
    include_str!("management.jsonl"),
    include_str!("derived.jsonl"),
];

/// Names the folder of further traces.
const FOLDER_VARIABLE: &str = "CONFORMANCE_TRACES";

/// The version of the format that is understood.
const FORMAT: u64 = 1;

/// A script, and what a real broker answered.
#[derive(Debug, Deserialize)]
pub struct Trace {
    format: u64,
    /// A unique, telling name.
    pub name: String,
    /// One sentence on what it shows.
    #[serde(default)]
    pub about: String,
    /// When `outcome` was read, in milliseconds from the start.
    pub end: u64,
    /// The script.
    pub steps: Vec<Step>,
    /// What there was at the end.
    #[serde(rename = "final")]
    pub outcome: Value,
}

/// One operation and what came of it.
#[derive(Debug, Deserialize)]
pub struct Step {
    /// When, in milliseconds from the start.
    pub at: u64,
    /// The operation with its fields.
    #[serde(rename = "do")]
    pub operation: Map<String, Value>,
    /// The answer.
    #[serde(default)]
    pub reply: Value,
    /// What else clients got, up to the next step.
    #[serde(default)]
    pub events: Vec<Value>,
}

/// Something to replay.
pub struct Item {
    /// The trace's name, or the path of what could not be read.
    pub name: String,
    /// The trace, or why there is none.
    pub trace: Result<Trace, String>,
}

/// All there is to replay.
#[derive(Default)]
pub struct Collection {
    /// The bundled traces, then those of the folder in order of their paths.
    pub traces: Vec<Item>,
    /// Lines to print before anything else.
    pub notes: Vec<String>,
}

/// Reads everything.
pub fn collect() -> Collection {
    let mut collection = Collection::default();
    for (index, line) in BUNDLED.iter().flat_map(|text| text.lines()).enumerate() {
        collection.add(&format!("bundled trace {}", index + 1), line);
    }
    if let Some(folder) = std::env::var_os(FOLDER_VARIABLE) {
        collection.add_folder(Path::new(&folder));
    }
    collection
}

impl Collection {
    /// Adds a trace. Returns whether the text was one; other JSON is left out.
    fn add(&mut self, source: &str, text: &str) -> bool {
        let value: Value = match serde_json::from_str(text) {
            Ok(value) => value,
            Err(error) => return self.add_unreadable(source, &error.to_string()),
        };
        if value.get("steps").is_none() {
            return false;
        }
        match serde_json::from_value::<Trace>(value) {
            Ok(trace) if trace.format == FORMAT => {
                self.traces.push(Item { name: trace.name.clone(), trace: Ok(trace) });
                true
            }
            Ok(trace) => self.add_unreadable(source, &format!("format {} is not known", trace.format)),
            Err(error) => self.add_unreadable(source, &error.to_string()),
        }
    }

    fn add_unreadable(&mut self, source: &str, why: &str) -> bool {
        self.traces.push(Item { name: source.to_owned(), trace: Err(why.to_owned()) });
        true
    }

    fn add_folder(&mut self, folder: &Path) {
        let mut files = Vec::new();
        if let Err(error) = find_json(folder, &mut files) {
            self.add_unreadable(&folder.display().to_string(), &error.to_string());
        }
        files.sort();
        let mut others = 0;
        for file in &files {
            let source = file.display().to_string();
            let is_trace = match fs::read_to_string(file) {
                Ok(text) => self.add(&source, &text),
                Err(error) => self.add_unreadable(&source, &error.to_string()),
            };
            others += usize::from(!is_trace);
        }
        let traces = files.len() - others;
        self.notes.push(format!("{}: {traces} traces, {others} other JSON files left out", folder.display()));
    }
}

fn find_json(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            find_json(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push(path);
        }
    }
    Ok(())
}
