//! The rules of the house, enforced: layers, determinism, errors, sizes, documentation.
//!
//! Every rule is tried on an offending sample too: a rule that sees nothing would be worse than none.

#![cfg(not(target_arch = "wasm32"))]

mod arms;
mod rules;
mod source;

use arms::no_catch_all;
use rules::*;
use source::{Rule, Source};
use std::fs;
use std::path::{Path, PathBuf};

/// Asked when the test runs: clones that share a target folder share what is compiled into it.
fn root() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from)
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// All Rust files in these folders; none in any of them would mean that a rule looks at the wrong place.
fn sources(folders: &[&str]) -> Vec<Source> {
    let mut paths = Vec::new();
    for folder in folders {
        let before = paths.len();
        collect(&root().join(folder), &mut paths);
        assert!(paths.len() > before, "{folder} has no Rust files");
    }
    paths.sort();
    let name = |path: &Path| {
        let inside = path.strip_prefix(root()).expect("it lies in the repository");
        inside.to_string_lossy().replace('\\', "/")
    };
    paths.iter().map(|path| Source::new(&name(path), &fs::read_to_string(path).expect("UTF-8 text"))).collect()
}

/// Fails with `file:line: what` for each offence.
fn enforce(rule: Rule, folders: &[&str]) {
    let offences: Vec<String> = sources(folders)
        .iter()
        .flat_map(|source| {
            rule(source).into_iter().map(|(line, what)| format!("{}:{line}: {what}", source.name)).collect::<Vec<_>>()
        })
        .collect();
    assert!(
        offences.is_empty(),
        "{} offences against the rules of the house:\n{}",
        offences.len(),
        offences.join("\n")
    );
}

/// The lines on which a rule finds a sample at fault.
fn lines_at_fault(rule: Rule, name: &str, text: &str) -> Vec<usize> {
    rule(&Source::new(name, text)).into_iter().map(|(line, _)| line).collect()
}

mod house {
    use super::*;

    const SHIPPED: [&str; 1] = ["src"];
    const SHIPPED_AND_TOOLS: [&str; 2] = ["src", "xtask/src"];
    const ALL: [&str; 4] = ["src", "bench/src", "xtask/src", "tests"];

    #[test]
    fn dependencies_between_layers_point_one_way() {
        enforce(layers, &SHIPPED);
        let sample = "use crate::broker::Broker;\nuse crate::{simulation::World, view, VERSION};\nfn f() {\n    let x = crate::app::State;\n}\n\
                      #[cfg(test)]\nmod tests {\n    use crate::app;\n}\n// crate::app\n";
        assert_eq!(lines_at_fault(layers, "src/simulation/world.rs", sample), [2, 4]);
        assert_eq!(lines_at_fault(layers, "src/history.rs", sample), [1, 2, 2, 4]);
        assert_eq!(lines_at_fault(layers, "src/app.rs", sample), [0; 0]);
        assert_eq!(lines_at_fault(layers, "src/stray.rs", sample), [1]);
        let climbing = "use super::super::view::X;\nuse super::router;\nuse super::{queue, super::app};\nuse super::super::broker::Y;\n";
        assert_eq!(lines_at_fault(layers, "src/broker/exchange.rs", climbing), [1]);
        assert_eq!(lines_at_fault(layers, "src/broker.rs", "use super::view;\n"), [1]);
        assert_eq!(lines_at_fault(layers, "src/broker/queue/classic.rs", climbing), [0; 0]);
    }

    #[test]
    fn the_core_does_not_know_the_web() {
        enforce(no_web_in_the_core, &SHIPPED);
        let sample = "use web_sys::window;\nuse gloo_timers::callback::Timeout;\nfn f() { yew::start() }\n// yew\n";
        assert_eq!(lines_at_fault(no_web_in_the_core, "src/view/layout.rs", sample), [1, 2, 3]);
        assert_eq!(lines_at_fault(no_web_in_the_core, "src/app/graph.rs", sample), [0; 0]);
    }

    #[test]
    fn the_core_has_one_order() {
        enforce(no_unordered_collections, &SHIPPED);
        let sample = "use std::collections::{BTreeMap, HashMap};\ntype A = BTreeMap<u8, u8>;\ntype B = std::collections::HashSet<u8>;\n";
        assert_eq!(lines_at_fault(no_unordered_collections, "src/broker.rs", sample), [1, 3]);
        assert_eq!(lines_at_fault(no_unordered_collections, "src/app.rs", sample), [0; 0]);
    }

    #[test]
    fn the_core_has_no_clock_and_no_chance() {
        enforce(no_clock_or_chance, &SHIPPED);
        let sample =
            "fn f() {\n    let now = std::time::Instant::now();\n    js_sys::Date::now();\n    rand::random()\n}\n";
        assert_eq!(lines_at_fault(no_clock_or_chance, "src/simulation.rs", sample), [2, 3, 4]);
    }

    #[test]
    fn errors_are_values() {
        enforce(no_panics, &SHIPPED_AND_TOOLS);
        let sample = "fn f(x: Option<u8>) {\n    x.unwrap();\n    x.expect(\"a reason\");\n    // invariant: set two lines above\n    x.expect(\"set\");\n\
                      x.unwrap_or(0);\n    html! { <p>{ x.unwrap() }</p> };\n    panic!(\"no\");\n    let text = \"x.unwrap()\";\n}\n\
                      #[cfg(test)]\nmod tests {\n    #[test]\n    fn t() { None::<u8>.unwrap(); }\n}\n";
        assert_eq!(lines_at_fault(no_panics, "src/broker.rs", sample), [2, 3, 7, 8]);
        assert_eq!(lines_at_fault(no_panics, "src/broker/tests.rs", sample), [0; 0]);
    }

    #[test]
    fn text_from_outside_stays_text() {
        enforce(no_text_parsed_as_html, &SHIPPED);
        let sample = "fn f(e: &Element) {\n    e.set_inner_html(payload);\n}\n";
        assert_eq!(lines_at_fault(no_text_parsed_as_html, "src/app.rs", sample), [2]);
    }

    #[test]
    fn no_text_is_a_style() {
        enforce(no_style_as_text, &SHIPPED);
        let sample = "fn f() {\n    let style = a();\n    html! { <b style={x} /> };\n    html! { <b {style} /> };\n    \
                      html! { <b ~style={style} /> };\n    element.style = x;\n}\n";
        assert_eq!(lines_at_fault(no_style_as_text, "src/app/popup.rs", sample), [3, 4]);
    }

    #[test]
    fn functions_fit_a_screen() {
        enforce(short_functions, &ALL);
        let function = |lines: usize| {
            format!("impl A {{\n    fn f(g: fn(u8) -> u8) {{\n{}    }}\n}}\n", "        g(1);\n".repeat(lines - 2))
        };
        assert_eq!(lines_at_fault(short_functions, "src/broker.rs", &function(FUNCTION_LINES_MAX)), [0; 0]);
        assert_eq!(lines_at_fault(short_functions, "src/broker.rs", &function(FUNCTION_LINES_MAX + 1)), [2]);
    }

    #[test]
    fn files_hold_one_idea() {
        enforce(short_files, &ALL);
        let sample = |lines: usize| "// a line\n".repeat(lines);
        assert_eq!(lines_at_fault(short_files, "src/broker.rs", &sample(FILE_LINES_MAX)), [0; 0]);
        assert_eq!(lines_at_fault(short_files, "src/broker.rs", &sample(FILE_LINES_MAX + 1)), [FILE_LINES_MAX + 1]);
    }

    #[test]
    fn modules_say_what_they_are_for() {
        enforce(documented_modules, &ALL);
        assert_eq!(lines_at_fault(documented_modules, "src/broker.rs", "// a remark\nuse std::fmt;\n"), [1]);
        assert_eq!(lines_at_fault(documented_modules, "src/broker.rs", "//! The broker.\n"), [0; 0]);
    }

    #[test]
    fn every_kind_has_its_sentence() {
        enforce(no_catch_all, &["src/view"]);
        let sample = "fn f(x: E) -> u8 {\n    match x {\n        E::A => 1,\n        E::B { .. } if true => { 2 }\n        _ => match y() {\n\
                      E::A | E::C => 4,\n            other => g(other, |_| 5),\n        },\n    }\n}\n\
                      fn h(code: u16) -> u8 { match code { 1 => 2, _ => 3 } }\n\
                      fn i(x: E, n: u8) -> u8 { match (x, n) { (E::A, _) => 1, (E::B, n) => n } }\n";
        assert_eq!(lines_at_fault(no_catch_all, "src/view/explain/queue.rs", sample), [5, 7, 11]);
        assert_eq!(lines_at_fault(no_catch_all, "src/view/explain/error.rs", sample), [5, 7]);
        assert_eq!(lines_at_fault(no_catch_all, "src/view/rates.rs", sample), [0; 0]);
    }

    #[test]
    fn nothing_is_left_to_do() {
        enforce(nothing_left_to_do, &ALL);
        let sample = format!("//! A module.\n// {}: later\nfn f() {{}}\n", concat!("TO", "DO"));
        assert_eq!(lines_at_fault(nothing_left_to_do, "src/broker.rs", &sample), [2]);
    }
}
