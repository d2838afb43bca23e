//! Scripts and stylesheets without what only people read: comments that have lines of their own, and indentation.
//!
//! What always holds: no line is changed but at its beginning, so nothing has to be understood. A text that goes on over
//! lines (between backticks, in a script) is left alone with all that is around it.

/// A script that does the same.
pub fn script(text: &str) -> String {
    if text.lines().any(|line| line.matches('`').count() % 2 == 1) {
        return text.to_owned();
    }
    lines(text, Some("//"))
}

/// A stylesheet that means the same.
pub fn stylesheet(text: &str) -> String {
    lines(text, None)
}

/// The lines that are no comments, without indentation. `comment` begins one that ends with its line.
fn lines(text: &str, comment: Option<&str>) -> String {
    let mut slim = String::new();
    let mut is_comment = false;
    for line in text.lines().map(str::trim) {
        is_comment |= line.starts_with("/*");
        if is_comment {
            // What stands behind the end of a comment is kept.
            let Some((_, rest)) = line.split_once("*/") else { continue };
            is_comment = false;
            if !rest.trim().is_empty() {
                slim = slim + rest.trim() + "\n";
            }
        } else if !line.is_empty() && !comment.is_some_and(|comment| line.starts_with(comment)) {
            slim = slim + line + "\n";
        }
    }
    slim
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_people_read_goes_and_the_rest_stays() {
        let text =
            "// one\nlet a = 'http://x'; // two\n\n    /** three\n     * four */ let b = a;\n  /* five */\n\tb();\n";
        assert_eq!(script(text), "let a = 'http://x'; // two\nlet b = a;\nb();\n");
        assert_eq!(stylesheet("a {\n  /* b */\n  c: d; /* e */\n}\n"), "a {\nc: d; /* e */\n}\n");
    }

    #[test]
    fn a_text_over_several_lines_is_left_alone() {
        let text = "// one\nlet a = `b\n    c`;\n";
        assert_eq!(script(text), text);
        assert_eq!(script("// one\n let a = `b`;\n"), "let a = `b`;\n");
    }
}
