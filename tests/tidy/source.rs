//! A source file as the rules see it: as tokens, so that comments and texts never count as code and code inside of macros
//! does, and without what only tests compile where a rule is about what ships.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A source file.
pub struct Source {
    /// Relative to the repository, with slashes.
    pub name: String,
    pub text: String,
    pub tokens: TokenStream,
}

/// A word or sign of the code, with the line it is on.
pub struct Token {
    pub text: String,
    pub line: usize,
}

/// What a rule found: the line, and what is wrong there.
pub type Offence = (usize, String);
pub type Rule = fn(&Source) -> Vec<Offence>;

impl Source {
    pub fn new(name: &str, text: &str) -> Source {
        let tokens = text.parse().unwrap_or_else(|error| panic!("{name} is not Rust: {error}"));
        Source { name: name.to_owned(), text: text.to_owned(), tokens }
    }

    /// The layer it belongs to; `lib` and `main` are none.
    pub fn layer(&self) -> Option<&str> {
        let path = self.name.strip_prefix("src/")?;
        let first = path.split('/').next()?.trim_end_matches(".rs");
        (!["lib", "main"].contains(&first)).then_some(first)
    }

    /// True for the layers that must give the same result everywhere and every time.
    pub fn is_core(&self) -> bool {
        self.layer().is_some_and(|layer| !["api", "app"].contains(&layer))
    }

    /// The tokens that are compiled into what ships.
    pub fn shipped(&self) -> Vec<Token> {
        let mut flat = Vec::new();
        if !self.name.ends_with("/tests.rs") {
            flatten(without_tests(self.tokens.clone()), &mut flat);
        }
        flat
    }
}

/// Leaves out what `#[test]` or `#[cfg(test)]` stands before.
fn without_tests(stream: TokenStream) -> TokenStream {
    let trees: Vec<TokenTree> = stream.into_iter().collect();
    let mut kept = Vec::new();
    let mut at = 0;
    while at < trees.len() {
        if is_sign(&trees[at], '#') && trees.get(at + 1).is_some_and(is_test_attribute) {
            at += 2;
            while at < trees.len() && !ends_item(&trees[at]) {
                at += 1;
            }
        } else {
            kept.push(trees[at].clone());
        }
        at += 1;
    }
    kept.into_iter().collect()
}

pub fn is_sign(tree: &TokenTree, sign: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == sign)
}

fn is_test_attribute(tree: &TokenTree) -> bool {
    let TokenTree::Group(group) = tree else {
        return false;
    };
    let text = group.stream().to_string().replace(' ', "");
    group.delimiter() == Delimiter::Bracket
        && (["test", "cfg(test)", "wasm_bindgen_test"].contains(&text.as_str()) || text.starts_with("cfg(all(test,"))
}

fn ends_item(tree: &TokenTree) -> bool {
    is_sign(tree, ';') || matches!(tree, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}

fn flatten(stream: TokenStream, flat: &mut Vec<Token>) {
    for tree in stream {
        let line = tree.span().start().line;
        match tree {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                flat.push(Token { text: open.to_owned(), line });
                flatten(without_tests(group.stream()), flat);
                flat.push(Token { text: close.to_owned(), line: group.span_close().start().line });
            }
            TokenTree::Literal(_) => flat.push(Token { text: "\"\"".to_owned(), line }),
            other => flat.push(Token { text: other.to_string(), line }),
        }
    }
}

/// The text of a token some places on.
pub fn at(tokens: &[Token], index: usize) -> &str {
    tokens.get(index).map_or("", |token| &token.text)
}
