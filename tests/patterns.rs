//! Patterns of policies and permissions: PCRE's syntax, found in names as PCRE finds it, its errors in its words.

#![cfg(not(target_arch = "wasm32"))]

use warren::broker::policy::Pattern;

fn finds(pattern: &str, name: &str) -> bool {
    match Pattern::new(pattern) {
        Ok(pattern) => pattern.is_match(name),
        Err(error) => panic!("{pattern}: {error}"),
    }
}

/// Each pattern, a name it is found in, and one it is not found in.
fn check(cases: &[(&str, &str, &str)]) {
    for (pattern, found, missed) in cases {
        assert!(finds(pattern, found), "{pattern} is in {found:?}");
        assert!(!finds(pattern, missed), "{pattern} is not in {missed:?}");
    }
}

fn error(pattern: &str) -> String {
    Pattern::new(pattern).expect_err(pattern).to_string()
}

#[test]
fn quantifiers() {
    check(&[
        ("^a{2}$", "aa", "aaa"),
        ("^a{2,}$", "aaa", "a"),
        ("^a{,2}$", "aa", "aaa"),
        ("^a{ 1, 2 }$", "a", "aaa"),
        ("^a+?$", "aa", "b"),
        ("^a{x}$", "a{x}", "a"),
    ]);
}

#[test]
fn groups() {
    check(&[
        ("^(?:ab)+$", "abab", "aba"),
        ("^(?<name>a)$", "a", "b"),
        ("^(?P<name>a)$", "a", "b"),
        ("^(?'name'a)$", "a", "b"),
        ("^(?i:A)b$", "ab", "aB"),
        ("^(?i)A$", "a", "b"),
        ("^a(?#a comment)b$", "ab", "a"),
        ("^(?)a$", "a", "b"),
    ]);
}

#[test]
fn escapes() {
    check(&[
        ("^\\w\\W\\s\\S\\d\\D$", "a- x1x", "a-x x1"),
        ("\\bq\\b", "a q b", "aqb"),
        ("\\Aq\\z", "q", "qq"),
        ("q\\Z", "aq", "qa"),
        ("^a\\Rb$", "a\r\nb", "ab"),
        ("^\\n\\r\\t\\f\\a\\e$", "\n\r\t\u{c}\u{7}\u{1b}", "nrtfae"),
        ("^\\h\\H\\v\\V$", " x\nx", "x \nx"),
        ("^\\N$", "a", "\n"),
        ("^\\x{41}\\x42\\0\\101$", "AB\0A", "AB"),
        ("^\\cA$", "\u{1}", "A"),
        ("^\\Qa*", "a*", "aa"),
        ("^a\\Eb$", "ab", "a"),
    ]);
}

#[test]
fn classes() {
    check(&[
        ("^[a-c]$", "b", "d"),
        ("^[^a-c]$", "d", "b"),
        ("^[\\d\\s]$", "1", "a"),
        ("^[\\D]$", "a", "1"),
        ("^[\\w]$", "a", "-"),
        ("^[\\W\\S]$", "-", " a"),
        ("^[\\b]$", "\u{8}", "b"),
        ("^[\\Q^]\\E]$", "^", "a"),
        ("^[a\\E-c]$", "b", "-"),
        ("^[\\101-\\103]$", "B", "D"),
        ("^[[:alpha:]]$", "a", "1"),
        ("^[[:^alpha:]]$", "1", "a"),
        ("^[a-]$", "-", "b"),
        ("^[\\h]$", " ", "a"),
        ("^[a\\-z]$", "-", "b"),
    ]);
}

#[test]
fn errors_in_groups() {
    let cases = [
        ("(?P", "missing closing parenthesis at offset 3"),
        ("(?Px)", "unrecognized character after (?P at offset 3"),
        ("(?<>x)", "subpattern name expected at offset 3"),
        ("(?<n>a)(?<n>b)", "two named subpatterns have the same name (PCRE2_DUPNAMES not set) at offset 12"),
        ("(*NOSUCH)", "(*VERB) not recognized or malformed at offset 8"),
        ("(*a)", "(*alpha_assertion) not recognized at offset 3"),
        ("(?i", "missing closing parenthesis at offset 3"),
    ];
    for (pattern, text) in cases {
        assert_eq!(error(pattern), text, "{pattern}");
    }
    let long = format!("(?<{}>x)", "n".repeat(129));
    assert!(error(&long).starts_with("subpattern name is too long (maximum 128 code units)"));
}

#[test]
fn errors_in_escapes() {
    let cases = [
        ("\\g", "\\g is not followed by a braced, angle-bracketed, or quoted name/number or by a plain number"),
        ("\\k", "\\k is not followed by a braced, angle-bracketed, or quoted name"),
        ("\\cé", "\\c must be followed by a printable ASCII character"),
        ("\\pq", "unknown property after \\P or \\p"),
        ("\\p", "malformed \\P or \\p sequence"),
        ("\\o1", "missing opening brace after \\o"),
        ("\\L", "PCRE2 does not support \\F, \\L, \\l, \\N{name}, \\U, or \\u"),
        ("\\x{zz}", "non-hex character in \\x{} (closing brace missing?)"),
        ("\\x{100}", "character code point value in \\x{} or \\o{} is too large"),
        ("\\2", "reference to non-existent subpattern"),
        ("(?1)", "reference to non-existent subpattern"),
    ];
    for (pattern, text) in cases {
        assert!(error(pattern).starts_with(&format!("{text} at offset ")), "{pattern}: {}", error(pattern));
    }
}

#[test]
fn errors_in_classes() {
    let cases = [
        ("[a\\", "\\ at end of pattern"),
        ("[\\N]", "escape sequence is invalid in character class"),
        ("[\\777]", "octal value is greater than \\377 in 8-bit non-UTF-8 mode"),
        ("[a-[:alpha:]]", "invalid range in character class"),
        ("[[:alpha:]-z]", "invalid range in character class"),
        ("[[.a.]]", "POSIX collating elements are not supported"),
        ("[.a.]", "POSIX collating elements are not supported"),
        ("[b-\\Ea]", "range out of order in character class"),
    ];
    for (pattern, text) in cases {
        assert!(error(pattern).starts_with(&format!("{text} at offset ")), "{pattern}: {}", error(pattern));
    }
}

/// PCRE takes these; they are refused rather than matched otherwise.
#[test]
fn what_cannot_be_searched_for_is_refused() {
    let patterns = [
        "a++",
        "(?=a)",
        "(?<=a)",
        "(?<!a)",
        "(?!a)",
        "(?>a)",
        "(?|a)",
        "(a)(?P>1)",
        "(?R)",
        "(a)(?1)",
        "(*FAIL)",
        "(*COMMIT:x)",
        "(?x)a",
        "\\Ga",
        "\\Xa",
        "(a)\\1",
        "(a)\\g1",
        "(?<n>a)\\k<n>",
        "\\pL",
        "\\p{Lu}",
        "\\o{101}",
        "[^\\H]",
        "(?(1)a)",
    ];
    for pattern in patterns {
        assert!(error(pattern).starts_with("not supported: "), "{pattern}: {}", error(pattern));
    }
}

#[test]
fn a_saved_pattern_is_its_text() {
    let pattern = Pattern::new("^a\\.b$").expect("a pattern");
    let saved = serde_json::to_string(&pattern).expect("its text");
    assert_eq!(saved, "\"^a\\\\.b$\"");
    assert_eq!(serde_json::from_str::<Pattern>(&saved).ok(), Some(pattern));
    let wrong = serde_json::from_str::<Pattern>("\"(\"").expect_err("no pattern");
    assert!(wrong.to_string().starts_with("pattern \"(\": missing closing parenthesis at offset 1"));
}
