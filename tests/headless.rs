//! A scenario file played as text: what is printed, and the exit status.
#![cfg(not(target_arch = "wasm32"))]

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

fn file(name: &str) -> PathBuf {
    // Asked at run time: several clones may share what is compiled.
    let root = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    root.join("tests/headless").join(name)
}

fn played(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_warren-page")).args(arguments).output().expect("it starts")
}

/// What is printed to standard output and error, and the exit status.
fn told(arguments: &[&str]) -> (String, String, Option<i32>) {
    let output = played(arguments);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it prints text");
    (text(output.stdout), text(output.stderr), output.status.code())
}

fn tasks() -> String {
    file("tasks.json").to_str().expect("the path is text").to_owned()
}

/// A file beside the others for one test, removed at its end.
struct Temporary(PathBuf);

impl Temporary {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("warren-headless-{}-{name}.json", std::process::id()));
        std::fs::File::create(&path).and_then(|mut file| file.write_all(text.as_bytes())).expect("it can be written");
        Temporary(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("the path is text")
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // It lies in the folder for temporary files: nobody minds if it stays.
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn the_story_is_told_line_by_line_then_tables_then_goals() {
    let (out, err, status) = told(&[&tasks()]);
    assert_eq!((err.as_str(), status), ("", Some(1)), "one goal is not met");
    let golden = file("tasks.txt");
    if std::env::var_os("HEADLESS").is_some_and(|what| what == "write") {
        std::fs::write(&golden, &out).expect("it can be written");
    }
    let expected = std::fs::read_to_string(&golden).expect("there is a golden file");
    assert!(out == expected, "tests/headless/tasks.txt differs; HEADLESS=write writes it:\n{out}");
    assert!(!out.contains('\u{1b}'), "a name controls the terminal");
    assert_eq!(told(&[&tasks()]).0, out, "another story the second time");
}

#[test]
fn until_cuts_the_story_and_moments_are_judged_there() {
    let (whole, ..) = told(&[&tasks()]);
    let (cut, _, status) = told(&[&tasks(), "--until", "100"]);
    let story = cut.split("\nAt 100 ms\n").next().expect("there is a story");
    assert!(whole.starts_with(story) && story.len() < whole.len() / 2 + whole.len() / 4, "{cut}");
    assert!(cut.contains("not met  All three tasks are acknowledged (once; expected at least 3)"), "{cut}");
    assert_eq!(status, Some(1));
}

#[test]
fn json_is_one_value_a_line() {
    let (out, _, status) = told(&[&tasks(), "--json"]);
    assert_eq!(status, Some(1));
    let lines: Vec<serde_json::Value> =
        out.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect();
    let entries: Vec<_> = lines.iter().filter_map(|line| line["seq"].as_u64()).collect();
    assert_eq!(entries, (1..=entries.len() as u64).collect::<Vec<_>>());
    assert!(lines.iter().any(|line| line["table"]["caption"] == "Queues"));
    let met: Vec<_> = lines.iter().filter_map(|line| line["goal"]["met"].as_bool()).collect();
    assert_eq!(met, [true, false, true]);
}

#[test]
fn the_status_says_whether_all_is_met() {
    let text = r#"{"format": "warren/1", "name": "n", "clients": [{"name": "p", "role": "producer", "every_ms": 1000}], "expect": [
        {"text": "It goes on", "that": {"events": {"which": {"kind": "published"}, "min": 60}}}]}"#;
    let endless = Temporary::new("endless", text);
    // Without --until it ends after a minute.
    let (out, _, status) = told(&[endless.path()]);
    assert!(out.ends_with("met      It goes on (61 times; expected at least 60)\n"), "{out}");
    assert_eq!(status, Some(0));
    assert_eq!(told(&[endless.path(), "--until", "5000"]).2, Some(1));
}

#[test]
fn another_seed_tells_another_story() {
    let text = r#"{"format": "warren/1", "name": "n", "clients": [{"name": "p", "role": "producer", "payload": "{random:1-1000000}",
        "templates": true, "every_ms": 100, "limit": 9}]}"#;
    let random = Temporary::new("random", text);
    let story = |seed: &str| told(&[random.path(), "--seed", seed]).0;
    assert_eq!(story("1"), story("1"));
    assert_ne!(story("1"), story("2"));
}

#[test]
fn what_cannot_be_played_is_told_with_its_place() {
    let wrong = Temporary::new(
        "wrong",
        r#"{"format": "warren/1", "name": "n", "expect": [{"text": "t", "that": {"never": {"kind": "lost"}}}]}"#,
    );
    let (out, err, status) = told(&[wrong.path()]);
    assert_eq!((out.as_str(), status), ("", Some(2)));
    assert!(err.contains("expect[0].that.never.kind: expected "), "{err}");
    let refused = Temporary::new(
        "refused",
        r#"{"format": "warren/1", "name": "n", "clients": [{"name": "w", "role": "consumer", "queues": ["missing"]}]}"#,
    );
    let (_, err, status) = told(&[refused.path()]);
    assert!(err.contains("clients[0]: 404 NOT_FOUND - no queue 'missing' in vhost '/'"), "{err}");
    assert_eq!(status, Some(2));
    for arguments in
        [&[][..], &["no-such-file.json"], &["--until"], &["--until", "soon"], &["a", "b"], &["--loud", "a"]]
    {
        let (out, err, status) = told(arguments);
        assert_eq!((out.as_str(), status), ("", Some(2)), "{arguments:?}");
        assert!(!err.is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_reader_may_leave() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_warren-page"))
        .arg(tasks())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(1), "the status is that of the run");
}
