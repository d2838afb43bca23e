//! CSV as RFC 4180 has it: fields between commas, quoted where they need it; each record ends with CR LF.
//!
//! What always holds: a name comes back as it was, but for one thing: a spreadsheet would take a text that begins with `=`, `+`,
//! `-`, `@`, a tab or a line break for a formula (and names come from links), so such a text is given an apostrophe before it, which
//! spreadsheets do not show.

/// A field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field<'a> {
    /// Any text.
    Text(&'a str),
    /// A number, written by this program.
    Number(&'a str),
}

/// A record.
pub fn record<'a>(fields: impl IntoIterator<Item = Field<'a>>) -> String {
    let mut record = String::new();
    for (place, field) in fields.into_iter().enumerate() {
        if place > 0 {
            record.push(',');
        }
        let (text, is_formula) = match field {
            Field::Text(text) => (text, text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n'])),
            Field::Number(number) => (number, false),
        };
        let apostrophe = if is_formula { "'" } else { "" };
        if text.contains([',', '"', '\n', '\r']) {
            record.push_str(&format!("\"{apostrophe}{}\"", text.replace('"', "\"\"")));
        } else {
            record.push_str(apostrophe);
            record.push_str(text);
        }
    }
    record.push_str("\r\n");
    record
}

#[cfg(test)]
mod tests {
    use super::Field::{Number, Text};
    use super::record;

    #[test]
    fn what_a_name_holds_does_not_end_its_field() {
        let written = record([Text("plain"), Text("a,\"b\""), Text("two\nlines"), Text(""), Number("-1,200")]);
        assert_eq!(written, "plain,\"a,\"\"b\"\"\",\"two\nlines\",,\"-1,200\"\r\n");
    }

    #[test]
    fn no_text_is_a_formula() {
        let written = record([Text("=cmd()"), Text("+1"), Text("-a"), Text("@x,y"), Text("a=b"), Number("-1")]);
        assert_eq!(written, "'=cmd(),'+1,'-a,\"'@x,y\",a=b,-1\r\n");
    }
}
