//! A sequence diagram as text for Mermaid.

use super::{Party, Step, What, name_of};
use crate::view::board::Board;

/// Text as Mermaid reads it: what has a meaning there is written by its number.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '#' | ';' | ':' | '<' | '>' | '"' | '%' | '&' | '{' | '}' | '\\' | '`' => {
                out.push_str(&format!("#{};", u32::from(sign)));
            }
            sign if sign.is_control() => out.push(' '),
            sign => out.push(sign),
        }
    }
    // The word ends a block, wherever it stands.
    let is_end = |word: &str| word.eq_ignore_ascii_case("end");
    if out.split(|sign: char| !sign.is_alphanumeric()).any(is_end) {
        let mut safe = String::with_capacity(out.len());
        for word in out.split_inclusive(|sign: char| !sign.is_alphanumeric()) {
            let bare = word.trim_end_matches(|sign: char| !sign.is_alphanumeric());
            match (is_end(bare), word.chars().next()) {
                (true, Some(first)) => {
                    safe.push_str(&format!(
                        "#{};{}",
                        u32::from(first),
                        word.get(first.len_utf8()..).unwrap_or_default()
                    ));
                }
                _ => safe.push_str(word),
            }
        }
        return safe;
    }
    if out.trim().is_empty() { "#32;".to_owned() } else { out }
}

/// The steps as a Mermaid `sequenceDiagram`. Who takes part has an alias, so that no name is ever read as anything but text.
pub fn mermaid(steps: &[Step], names: &Board) -> String {
    let diagram = super::plan(steps.to_vec(), names, usize::MAX);
    let mut out = String::from("sequenceDiagram\n");
    let alias = |party: &Party| {
        let place = diagram.lifelines.iter().position(|line| line.party == *party);
        format!("p{}", place.unwrap_or_default())
    };
    for line in &diagram.lifelines {
        let word = if matches!(line.party, Party::Client(_) | Party::Operator) { "actor" } else { "participant" };
        let name = escaped(&name_of(&line.party, names));
        out.push_str(&format!("    {word} {} as {name}\n", alias(&line.party)));
    }
    for step in steps {
        let label = escaped(&step.label());
        let from = alias(&step.from);
        let line = match &step.to {
            None => format!("    Note over {from}: {label}\n"),
            Some(to) => {
                let arrow = match step.what {
                    What::Message | What::End => "->>",
                    What::Answer | What::DeadLetter => "-->>",
                    What::Refusal => "--x",
                };
                format!("    {from}{arrow}{}: {label}\n", alias(to))
            }
        };
        out.push_str(&line);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_read_as_anything_else() {
        assert_eq!(escaped("a;b#c: <d>"), "a#59;b#35;c#58; #60;d#62;");
        assert_eq!(escaped("the end"), "the #101;nd");
        assert_eq!(escaped("END"), "#69;ND");
        assert_eq!(escaped("trend"), "trend");
        assert_eq!(escaped("x\ny"), "x y");
        assert_eq!(escaped(" "), "#32;");
    }
}
