//! What can be done with what is selected, in one line.

use super::command::Kind;
use super::link::is_source;
use super::words::setting;
use crate::broker::Name;
use crate::share::Tree;

/// What is selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// Nothing.
    Nothing,
    /// One thing. Its name is not told: the line shall not grow with it.
    One(Kind),
    /// So many things.
    Several(usize),
    /// An edge.
    Edge,
}

/// What can be done.
pub fn hint(chosen: Chosen) -> String {
    match chosen {
        Chosen::Nothing => {
            "Double-click the picture, or press A, to add something there. Press / to type a command.".to_owned()
        }
        Chosen::Edge => "Delete takes it away. E: the next line at the same node.".to_owned(),
        Chosen::Several(count) => {
            format!("{count} selected. Drag or Alt+arrows: move, Ctrl+D: duplicate, Ctrl+C: copy, Delete.")
        }
        Chosen::One(kind) => {
            let first = match kind {
                Kind::Exchange => "Drag from its handle or press L to bind to it",
                Kind::Queue => "Drag from its handle or press L: to a consumer",
                kind if is_source(kind) => "Drag from its handle or press L: to where it publishes",
                _ => "Drag from a queue's handle to it: it consumes from there",
            };
            format!("{first}. F2: rename, E: its lines, Alt+arrows: move, Ctrl+D: copy.")
        }
    }
}

/// What can be done while a line is drawn from something by keys.
pub fn linking(from: &str) -> String {
    format!("A line from {from}: press another node, or Enter there. A: to something new. Escape: no line.")
}

/// A command that adds something to a virtual host with nothing in it.
pub fn empty_hint(vhost: &Name) -> String {
    format!("queue orders {}", setting("vhost", &Tree::from(vhost.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_always_something_to_do() {
        for kind in Kind::ALL {
            let hint = hint(Chosen::One(kind));
            assert!(hint.contains("handle") && hint.contains("F2") && hint.chars().count() < 120, "{hint}");
        }
        assert!(hint(Chosen::One(Kind::Queue)).contains("consumer"));
        assert!(hint(Chosen::Several(3)).starts_with("3 selected"));
        assert!(super::super::Command::parse(&empty_hint(&"my host".into())).is_ok());
        assert_eq!(empty_hint(&"sales".into()), "queue orders vhost=sales");
        assert!(linking("orders").contains("A line from orders"));
        assert!(hint(Chosen::Nothing).contains('/') && hint(Chosen::Edge).contains("Delete"));
    }
}
