//! In which form text leaves the page: Markdown for documents, CSV for spreadsheets, plain text.

/// A form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Plain text.
    Text,
    /// Markdown.
    Markdown,
    /// Comma-separated values.
    Csv,
}

impl Form {
    /// What it is called.
    pub fn label(self) -> &'static str {
        match self {
            Form::Text => "text",
            Form::Markdown => "Markdown",
            Form::Csv => "CSV",
        }
    }

    /// How the name of a file of it ends.
    pub fn ending(self) -> &'static str {
        match self {
            Form::Text => "txt",
            Form::Markdown => "md",
            Form::Csv => "csv",
        }
    }

    /// What browsers call it.
    pub fn media_type(self) -> &'static str {
        match self {
            Form::Text => "text/plain;charset=utf-8",
            Form::Markdown => "text/markdown;charset=utf-8",
            Form::Csv => "text/csv;charset=utf-8",
        }
    }
}

/// The name of a file with something of a scenario: the scenario's name (`name.json`, as a file of it would be called), what it is
/// of, and an ending.
pub fn file_name(scenario_file: &str, what: &str, form: Form) -> String {
    let scenario = scenario_file.trim_end_matches(".json");
    let what: String = what.chars().map(|sign| if sign.is_ascii_alphanumeric() { sign } else { '-' }).collect();
    format!("{scenario}-{}.{}", what.to_lowercase(), form.ending())
}

#[cfg(test)]
mod tests {
    use super::{Form, file_name};

    #[test]
    fn a_file_is_called_by_what_is_in_it() {
        assert_eq!(file_name("nature.json", "Queues", Form::Csv), "nature-queues.csv");
        assert_eq!(file_name("a b.json", "Consuming clients", Form::Markdown), "a b-consuming-clients.md");
    }
}
