//! The rules of the house. Each looks at one file and gives the lines at fault; the figures and names they go by stand first.

use crate::source::{Offence, Source, Token, at, is_sign};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Longest function, from `fn` to its closing brace.
pub const FUNCTION_LINES_MAX: usize = 70;
/// Longest source file.
pub const FILE_LINES_MAX: usize = 800;

/// What each layer may use of the others. History keeps whatever it is given and knows of no other layer.
const LAYERS: [(&str, &[&str]); 11] = [
    ("broker", &[]),
    ("simulation", &["broker", "definitions"]),
    ("history", &[]),
    ("definitions", &["broker"]),
    ("lesson", &["broker", "simulation", "history"]),
    ("share", &["broker", "simulation", "history", "definitions", "lesson"]),
    ("edit", &["broker", "simulation", "definitions", "share", "lesson"]),
    ("view", &["broker", "simulation", "history", "definitions", "share", "lesson", "edit"]),
    ("api", &["broker", "simulation", "history", "definitions", "share", "lesson", "edit", "view"]),
    ("headless", &["broker", "simulation", "history", "share", "lesson", "view"]),
    ("app", &["broker", "simulation", "history", "definitions", "share", "lesson", "edit", "view"]),
];
/// What lib.rs itself defines, open to every layer.
const CRATE_ITEMS: [&str; 1] = ["VERSION"];
/// Crates of the web; every crate whose name begins so.
const WEB_CRATES: [&str; 6] = ["web_sys", "js_sys", "yew", "gloo", "wasm_bindgen", "console_error_panic_hook"];
/// Their order of iteration differs from run to run.
const UNORDERED: [&str; 4] = ["HashMap", "HashSet", "hash_map", "hash_set"];
/// Files that wrap one of those in a type that cannot be iterated.
const UNORDERED_WRAPPERS: [&str; 0] = [];
/// Clocks and randomness that differ from run to run.
const NOT_REPEATABLE: [&str; 9] =
    ["Instant", "SystemTime", "UNIX_EPOCH", "Date", "RandomState", "thread_rng", "getrandom", "rand", "Performance"];
const PANICKING_METHODS: [&str; 5] = ["unwrap", "unwrap_err", "expect", "expect_err", "unwrap_unchecked"];
const PANICKING_MACROS: [&str; 5] = ["panic", "unreachable", "todo", "unimplemented", "dbg"];
/// On the line of an `expect` or the one before it: why it cannot fail.
const INVARIANT: &str = "// invariant:";
/// These turn text into HTML; names and payloads may come from a stranger's link.
const HTML_PARSERS: [&str; 4] = ["set_inner_html", "set_outer_html", "insert_adjacent_html", "from_html_unchecked"];

/// A layer uses only the layers under it.
pub fn layers(source: &Source) -> Vec<Offence> {
    let Some(layer) = source.layer() else {
        return Vec::new();
    };
    let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == layer) else {
        return vec![(1, format!("`{layer}` is no layer: LAYERS in tests/tidy.rs names them"))];
    };
    let fits = |name: &str| name == layer || allowed.contains(&name) || CRATE_ITEMS.contains(&name);
    crate_names(source)
        .into_iter()
        .filter(|(_, name)| !fits(name))
        .map(|(line, name)| (line, format!("`{layer}` may not use `{name}`")))
        .collect()
}

/// The first names of all paths that begin at the crate: `crate::a::b`, `crate::{a, b::c}`, and `super::` that climbs
/// as far.
fn crate_names(source: &Source) -> Vec<Offence> {
    let tokens = source.shipped();
    let depth = source.name.matches('/').count();
    let mut names = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let climbs = token.text == "super" && at(&tokens, index.wrapping_sub(3)) != "super";
        let mut next = index;
        if token.text == "crate" {
            next += 1;
        } else if climbs {
            let mut count = 0;
            while at(&tokens, next) == "super" {
                count += 1;
                next += 3;
            }
            if count < depth {
                continue;
            }
            // Three tokens a step: the word and two colons. The last colons belong to what follows.
            next -= 2;
        } else {
            continue;
        }
        if at(&tokens, next) == ":" && at(&tokens, next + 1) == ":" {
            names.extend(heads(&tokens, next + 2));
        }
    }
    names
}

/// The name at a place, or, if a brace opens there, the first name of each of its parts.
fn heads(tokens: &[Token], start: usize) -> Vec<Offence> {
    if at(tokens, start) != "{" {
        return tokens.get(start).map(|token| (token.line, token.text.clone())).into_iter().collect();
    }
    let mut found = Vec::new();
    let mut depth = 0;
    let mut fresh = false;
    for token in &tokens[start..] {
        match token.text.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            "," if depth == 1 => fresh = true,
            name if depth == 1 && (fresh || found.is_empty()) => {
                found.push((token.line, name.to_owned()));
                fresh = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    found
}

/// Lines on which one of some words is code.
fn words(source: &Source, is_wrong: impl Fn(&str) -> bool, why: &str) -> Vec<Offence> {
    let tokens = source.shipped();
    tokens
        .iter()
        .filter(|token| is_wrong(&token.text))
        .map(|token| (token.line, format!("`{}`: {why}", token.text)))
        .collect()
}

/// The core does not know that there is a page.
pub fn no_web_in_the_core(source: &Source) -> Vec<Offence> {
    if !source.is_core() {
        return Vec::new();
    }
    let is_web = |word: &str| WEB_CRATES.iter().any(|name| word.starts_with(name)) || word == "serde_wasm_bindgen";
    words(source, is_web, "only `api` and `app` know the web")
}

/// Same input, same order, everywhere.
pub fn no_unordered_collections(source: &Source) -> Vec<Offence> {
    if !source.is_core() || UNORDERED_WRAPPERS.contains(&source.name.as_str()) {
        return Vec::new();
    }
    words(source, |word| UNORDERED.contains(&word), "its order differs from run to run; take a BTreeMap or BTreeSet")
}

/// Time and chance are inputs.
pub fn no_clock_or_chance(source: &Source) -> Vec<Offence> {
    if !source.is_core() {
        return Vec::new();
    }
    words(source, |word| NOT_REPEATABLE.contains(&word), "time is an argument, chance has a seed")
}

/// Errors are values.
pub fn no_panics(source: &Source) -> Vec<Offence> {
    let tokens = source.shipped();
    let lines: Vec<&str> = source.text.lines().collect();
    let has_reason = |line: usize| {
        [line, line.saturating_sub(1)]
            .iter()
            .any(|&number| number > 0 && lines.get(number - 1).is_some_and(|text| text.contains(INVARIANT)))
    };
    let mut offences = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let word = token.text.as_str();
        let is_call = index > 0 && at(&tokens, index - 1) == "." && at(&tokens, index + 1) == "(";
        let is_macro = at(&tokens, index + 1) == "!" && ["(", "{", "["].contains(&at(&tokens, index + 2));
        if is_call && PANICKING_METHODS.contains(&word) && !(word == "expect" && has_reason(token.line)) {
            offences
                .push((token.line, format!(".{word}() may panic; give an error, or `{INVARIANT} why` with an expect")));
        }
        if is_macro && PANICKING_MACROS.contains(&word) {
            offences.push((token.line, format!("{word}! has no place in what ships")));
        }
    }
    offences
}

/// Text stays text.
pub fn no_text_parsed_as_html(source: &Source) -> Vec<Offence> {
    words(source, |word| HTML_PARSERS.contains(&word), "text from outside must never be parsed as HTML")
}

/// The site's policy lets no text be a style: `~style` says it as a property.
pub fn no_style_as_text(source: &Source) -> Vec<Offence> {
    let tokens = source.shipped();
    let is_wrong = |place: usize| {
        let back = |by: usize| place.checked_sub(by).map_or("", |before| at(&tokens, before));
        at(&tokens, place) == "style"
            && match at(&tokens, place + 1) {
                "=" => !["~", "let", "."].contains(&back(1)),
                "}" => back(1) == "{" && back(2) != "=",
                _ => false,
            }
    };
    let wrong = (0..tokens.len()).filter(|place| source.layer() == Some("app") && is_wrong(*place));
    wrong.map(|place| (tokens[place].line, "the policy lets no text be a style: ~style".to_owned())).collect()
}

/// A function fits a screen.
pub fn short_functions(source: &Source) -> Vec<Offence> {
    let mut offences = Vec::new();
    measure_functions(source.tokens.clone(), &mut offences);
    offences
}

fn measure_functions(stream: TokenStream, offences: &mut Vec<Offence>) {
    let mut open: Option<(String, usize)> = None;
    let mut after_fn: Option<usize> = None;
    for tree in stream {
        match &tree {
            TokenTree::Ident(word) if word == "fn" => after_fn = Some(word.span().start().line),
            TokenTree::Ident(name) => {
                if let Some(line) = after_fn.take() {
                    open = Some((name.to_string(), line));
                }
            }
            TokenTree::Group(group) => {
                after_fn = None;
                measure_functions(group.stream(), offences);
                if group.delimiter() == Delimiter::Brace
                    && let Some((name, first)) = open.take()
                {
                    let lines = group.span_close().end().line - first + 1;
                    if lines > FUNCTION_LINES_MAX {
                        offences
                            .push((first, format!("`{name}` has {lines} lines, {FUNCTION_LINES_MAX} is the limit")));
                    }
                }
            }
            other if is_sign(other, ';') => open = None,
            _ => after_fn = None,
        }
    }
}

/// A file holds one idea.
pub fn short_files(source: &Source) -> Vec<Offence> {
    let lines = source.text.lines().count();
    let too_long = lines > FILE_LINES_MAX;
    too_long.then(|| (lines, format!("{lines} lines, {FILE_LINES_MAX} is the limit: split it"))).into_iter().collect()
}

/// A module says what it is for.
pub fn documented_modules(source: &Source) -> Vec<Offence> {
    let documented = source.text.starts_with("//! ");
    (!documented)
        .then(|| (1, "begins without a `//!` comment that says what it is for".to_owned()))
        .into_iter()
        .collect()
}

/// Unfinished work belongs into an issue.
pub fn nothing_left_to_do(source: &Source) -> Vec<Offence> {
    // In two parts each, or this file would be an offence.
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK")];
    let lines = source.text.lines().enumerate();
    lines
        .filter(|(_, line)| line.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| marks.contains(&word)))
        .map(|(index, line)| (index + 1, format!("unfinished: {}", line.trim())))
        .collect()
}
