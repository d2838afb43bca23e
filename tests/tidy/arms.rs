//! No catch-all arms where each kind must have a sentence of its own: in the story's sentences, and in what says which kind
//! an entry is of. A new kind of event, drop rule or refusal then does not compile until somebody has said something of it.

use crate::source::{Offence, Source, is_sign};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Where the rule holds.
const HELD_TO_IT: [&str; 3] = ["src/view/explain.rs", "src/view/explain/", "src/view/story/kind.rs"];
/// What is matched and has no end of kinds: a file, what stands behind `match` there, and of what type that is.
const ENDLESS: [(&str, &str, &str); 5] = [
    ("src/view/explain/error.rs", "code", "AMQP's reply codes are numbers"),
    ("src/view/explain/error.rs", "status", "HTTP's status codes are numbers"),
    ("src/view/explain/node.rs", "what.as_str()", "what the management manages is told by a name"),
    ("src/view/explain/routing.rs", "place", "a place in a list is a number"),
    ("src/view/explain/routing.rs", "more", "how many there are is a number"),
];

/// Every kind is named.
pub fn no_catch_all(source: &Source) -> Vec<Offence> {
    let mut offences = Vec::new();
    if HELD_TO_IT.iter().any(|place| source.name.starts_with(place)) {
        look(source, source.tokens.clone(), &mut offences);
    }
    offences
}

fn look(source: &Source, stream: TokenStream, offences: &mut Vec<Offence>) {
    let mut matched: Option<String> = None;
    for tree in stream {
        let is_match = matches!(&tree, TokenTree::Ident(word) if word == "match");
        match (tree, &mut matched) {
            (TokenTree::Group(group), what) => {
                let is_body = group.delimiter() == Delimiter::Brace;
                if let Some(what) = what.take_if(|_| is_body) {
                    let is_endless = ENDLESS.iter().any(|(file, of, _)| *file == source.name && *of == what);
                    if !is_endless {
                        arms(&what, group.stream(), offences);
                    }
                } else if let Some(what) = what {
                    what.push_str(&group.to_string().replace(' ', ""));
                }
                look(source, group.stream(), offences);
            }
            (_, what) if is_match => *what = Some(String::new()),
            (other, Some(what)) => what.push_str(&other.to_string()),
            (_, None) => {}
        }
    }
}

/// The arms of one match that take whatever comes.
fn arms(what: &str, body: TokenStream, offences: &mut Vec<Offence>) {
    let mut pattern: Vec<TokenTree> = Vec::new();
    let mut trees = body.into_iter().peekable();
    while let Some(tree) = trees.next() {
        let is_arrow = is_sign(&tree, '=') && trees.peek().is_some_and(|next| is_sign(next, '>'));
        if !is_arrow {
            pattern.push(tree);
            continue;
        }
        trees.next();
        if let Some(line) = takes_all(&pattern) {
            offences.push((line, format!("this arm of `match {what}` takes whatever comes: name the kinds")));
        }
        pattern.clear();
        // What is done: a block, or all up to the comma.
        let is_block = matches!(trees.peek(), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace);
        if is_block {
            trees.next();
            trees.next_if(|next| is_sign(next, ','));
        } else {
            while trees.next().is_some_and(|done| !is_sign(&done, ',')) {}
        }
    }
}

/// The line of a pattern that is, or has beside others, nothing but `_` or a new name.
fn takes_all(pattern: &[TokenTree]) -> Option<usize> {
    let mut alternatives = pattern.split(|tree| is_sign(tree, '|'));
    alternatives.find_map(|alternative| match alternative {
        [TokenTree::Ident(name)] => {
            let text = name.to_string();
            let is_new_name = text.starts_with(|first: char| first.is_ascii_lowercase() || first == '_');
            (is_new_name && text != "true" && text != "false").then(|| name.span().start().line)
        }
        _ => None,
    })
}
