//! What the page has to say about files and keeping, in words.

use crate::share::{FileError, Incoming};

/// So many remarks about a broker's file are listed.
const REMARKS_MAX: usize = 50;

/// Something that is said until it is put away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Whether something went wrong.
    pub is_bad: bool,
    /// What is said.
    pub text: String,
    /// What there is to say beyond that, a line each.
    pub details: Vec<String>,
    /// What can be done about it.
    pub action: Option<Action>,
}

/// What can be done about something that was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// To open what is kept, in place of what is shown.
    Reload,
    /// To go on with a newer Warren.
    TakeOver,
}

impl Action {
    /// What its button says.
    pub fn label(self) -> &'static str {
        match self {
            Action::Reload => "Show that one",
            Action::TakeOver => "Go on with it",
        }
    }
}

impl Notice {
    /// Something is as it should be.
    pub fn good(text: impl Into<String>) -> Notice {
        Notice { is_bad: false, text: text.into(), details: Vec::new(), action: None }
    }

    /// Something went wrong.
    pub fn bad(text: impl Into<String>) -> Notice {
        Notice { is_bad: true, ..Notice::good(text) }
    }

    /// What was open had been changed in another tab, so there are two of it now.
    pub fn beside(name: &str) -> Notice {
        Notice::bad(format!(
            "\u{201c}{name}\u{201d} was changed in another tab meanwhile. Both are kept: what you see here is a scenario of its own from now on."
        ))
    }

    /// What is open is being changed in another tab.
    pub fn elsewhere(name: &str) -> Notice {
        let text = format!(
            "\u{201c}{name}\u{201d} was changed in another tab. If you change it here as well, both are kept side by side."
        );
        Notice { action: Some(Action::Reload), ..Notice::bad(text) }
    }

    /// A newer version of the page is ready.
    pub fn newer() -> Notice {
        let text = "A newer Warren is ready. You can go on with this one; what you have made is kept either way.";
        Notice { action: Some(Action::TakeOver), ..Notice::good(text) }
    }

    /// A file cannot be opened; what was open still is.
    pub fn refused(called: &str, error: &FileError) -> Notice {
        let called = if called.is_empty() { "This".to_owned() } else { format!("\u{201c}{called}\u{201d}") };
        Notice::bad(format!("{called} cannot be opened, so nothing has changed. {error}"))
    }

    /// A link cannot be followed; what was open still is.
    pub fn refused_link(error: &FileError) -> Notice {
        let place = if error.place == "link" { String::new() } else { format!("{}: ", error.place) };
        Notice::bad(format!("This link cannot be opened, so nothing has changed: {place}{}.", error.problem))
    }

    /// A file was opened. A scenario speaks for itself; of a broker's file there is more to say.
    pub fn opened(incoming: &Incoming, called: &str) -> Option<Notice> {
        if !incoming.is_brokers {
            return None;
        }
        let definitions = &incoming.file.scenario.definitions;
        let mut text = format!(
            "\u{201c}{called}\u{201d} is a broker\u{2019}s definitions: {}, {}, {}. Nobody is connected yet: add a producer and a consumer.",
            counted(definitions.exchanges.len(), "exchange"),
            counted(definitions.queues.len(), "queue"),
            counted(definitions.bindings.len(), "binding"),
        );
        let mut details: Vec<String> = incoming
            .remarks
            .iter()
            .take(REMARKS_MAX)
            .map(|remark| format!("{}: {}", remark.place, remark.text))
            .collect();
        if !incoming.remarks.is_empty() {
            text += &format!(" {} to know of it.", counted(incoming.remarks.len(), "thing"));
        }
        if incoming.remarks.len() > REMARKS_MAX {
            details.push(format!("and {} more", incoming.remarks.len() - REMARKS_MAX));
        }
        Some(Notice { details, ..Notice::good(text) })
    }
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::share::examples;

    fn read(text: &str) -> Incoming {
        Incoming::read(text.as_bytes(), "export.json").expect("it can be read")
    }

    #[test]
    fn a_scenario_speaks_for_itself() {
        assert_eq!(Notice::opened(&read(examples::NATURE), "nature.json"), None);
    }

    #[test]
    fn of_a_brokers_file_it_is_said_what_came_of_it() {
        let text = r#"{"queues": [{"name": "q", "vhost": "/", "durable": true}], "colour": 1, "size": 2}"#;
        let notice = Notice::opened(&read(text), "export.json").expect("there is something to say");
        assert!(notice.text.contains("0 exchanges, 1 queue, 0 bindings."), "{}", notice.text);
        assert!(notice.text.ends_with("2 things to know of it."), "{}", notice.text);
        assert_eq!(notice.details.first().map(String::as_str), Some("colour: RabbitMQ does not know this field"));
        assert!(!notice.is_bad);
        let fields: Vec<String> = (0..60).map(|number| format!("\"f{number}\": 1")).collect();
        let notice = Notice::opened(&read(&format!("{{\"queues\": [], {}}}", fields.join(", "))), "x");
        let details = notice.map(|notice| notice.details).unwrap_or_default();
        assert_eq!((details.len(), details.last().map(String::as_str)), (51, Some("and 10 more")));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let error = Incoming::read(b"{\"format\": \"warren/1\"}", "x").expect_err("it has no name");
        let notice = Notice::refused("x.json", &error);
        assert_eq!(
            notice.text,
            "\u{201c}x.json\u{201d} cannot be opened, so nothing has changed. name: expected this field, which is missing"
        );
        assert!(notice.is_bad);
        assert!(Notice::refused("", &error).text.starts_with("This cannot be opened"));
    }
}
