//! Places in a scenario file's tree, as words: `publish.properties.priority`, `rules.0.outcome`.
//!
//! What always holds: a name that has a dot or a percent sign is written with `%2E` and `%25`, so every name has a path;
//! and what is put at a path is what is found there.

use crate::share::Tree;

use super::refusal::Refusal;

/// A name as a part of a path.
pub fn escaped(name: &str) -> String {
    name.replace('%', "%25").replace('.', "%2E")
}

/// A part of a path as the name that it is.
pub fn unescaped(part: &str) -> String {
    part.replace("%2E", ".").replace("%25", "%")
}

/// A path with another below it. Either may be empty.
pub fn join(path: &str, below: &str) -> String {
    match (path, below) {
        ("", _) => below.to_owned(),
        (_, "") => path.to_owned(),
        _ => format!("{path}.{below}"),
    }
}

/// What is at a path.
pub fn get<'a>(tree: &'a Tree, path: &str) -> Option<&'a Tree> {
    let mut parts = path.split('.').filter(|part| !part.is_empty());
    parts.try_fold(tree, |inside, part| match inside {
        Tree::List(entries) => entries.get(part.parse::<usize>().ok()?),
        object => object.field(&unescaped(part)),
    })
}

/// Puts something at a path; what is missing on the way is made, and null takes away.
///
/// # Errors
///
/// If there is something on the way that has nothing inside, or no such entry.
pub fn put(tree: &mut Tree, path: &str, value: &Tree) -> Result<(), Refusal> {
    let (part, rest) = path.split_once('.').map_or((path, None), |(part, rest)| (part, Some(rest)));
    let Some(rest) = rest else { return put_here(tree, part, value) };
    let name = unescaped(part);
    match tree {
        Tree::List(entries) => match part.parse::<usize>().ok().and_then(|index| entries.get_mut(index)) {
            Some(entry) => put(entry, rest, value),
            None => Err(no_entry(part)),
        },
        Tree::Object(_) => {
            if tree.field(&name).is_none() {
                if *value == Tree::Null {
                    return Ok(());
                }
                let begins_list = rest.split('.').next().is_some_and(|next| next.parse::<usize>().is_ok());
                tree.set(&name, if begins_list { Tree::List(Vec::new()) } else { Tree::Object(Vec::new()) });
            }
            match tree.field_mut(&name) {
                Some(inside @ (Tree::Object(_) | Tree::List(_))) => put(inside, rest, value),
                _ => Err(Refusal::new(format!("`{name}` has no fields"))),
            }
        }
        _ => Err(Refusal::new(format!("there is no `{name}` inside of it"))),
    }
}

fn put_here(tree: &mut Tree, part: &str, value: &Tree) -> Result<(), Refusal> {
    match tree {
        Tree::List(entries) => match part.parse::<usize>() {
            Ok(index) if index < entries.len() && *value == Tree::Null => {
                entries.remove(index);
            }
            Ok(index) if index < entries.len() => entries[index] = value.clone(),
            Ok(index) if index == entries.len() => entries.push(value.clone()),
            _ => return Err(no_entry(part)),
        },
        Tree::Object(_) => tree.set(&unescaped(part), value.clone()),
        _ => return Err(Refusal::new(format!("there is no `{part}` inside of it"))),
    }
    Ok(())
}

fn no_entry(part: &str) -> Refusal {
    Refusal::new(format!("there is no entry `{part}`: they count from 0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(text: &str) -> Tree {
        Tree::parse(text.as_bytes()).unwrap_or(Tree::Null)
    }

    #[test]
    fn what_is_put_is_found() {
        let mut it = tree("{}");
        for (path, value) in [
            ("a.b.c", "1"),
            ("rules.0", r#"{"outcome": "ack"}"#),
            ("rules.0.outcome", "\"crash\""),
            ("rules.1", "{}"),
            ("headers.a%2Eb%25", "true"),
        ] {
            assert_eq!(put(&mut it, path, &tree(value)), Ok(()), "{path}");
            assert_eq!(get(&it, path), Some(&tree(value)), "{path}");
        }
        assert_eq!(
            it.to_line(),
            r#"{"a": {"b": {"c": 1}}, "rules": [{"outcome": "crash"}, {}], "headers": {"a.b%": true}}"#
        );
        assert_eq!(put(&mut it, "rules.0", &Tree::Null), Ok(()));
        assert_eq!(put(&mut it, "x.y", &Tree::Null), Ok(()));
        assert_eq!(get(&it, "rules").map(Tree::to_line), Some("[{}]".to_owned()));
        for path in ["rules.7", "rules.x.y", "a.b.c.d", "rules.9.a"] {
            assert!(put(&mut it, path, &Tree::Flag(true)).is_err(), "{path}");
        }
        assert_eq!(get(&it, "a.q.r"), None);
        assert_eq!((join("", "a"), join("a", ""), join("a", "b")), ("a".into(), "a".into(), "a.b".into()));
    }

    #[test]
    fn every_name_has_a_path() {
        for name in ["", "a", "a.b", "%", "%2E", ".%25."] {
            assert_eq!(unescaped(&escaped(name)), name);
        }
    }
}
