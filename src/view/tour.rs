//! The tour for newcomers: a few steps, each about something that is there on the page.
//!
//! What always holds: it stands beside what it speaks of and never covers it; it can be left at every step.

/// A step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it is about.
    pub title: &'static str,
    /// What there is to know and to try.
    pub text: &'static str,
    /// The same where there is room for two lines.
    pub brief: &'static str,
    /// What it points at, as a selector of the stylesheet has it.
    pub target: &'static str,
}

/// All of them, in order.
pub const STEPS: [Step; 7] = [
    Step {
        title: "A RabbitMQ, running",
        text: "Producers publish to an exchange, its bindings route to queues, consumers take from them. \
               Doves reach birds_only; no binding matches cats, so they are dropped.",
        brief: "Producers (P) publish to an exchange; its bindings route to queues, for consumers (C).",
        target: ".stage",
    },
    Step {
        title: "Stop it",
        text: "Press the button or the space bar: time stands still, and goes on when you press again.",
        brief: "Press this, or the space bar: time stands still, and goes on when you press again.",
        target: ".transport .primary",
    },
    Step {
        title: "Event by event",
        text: "The arrow keys, or these buttons, go one event on or back. The story tells what happened, and why.",
        brief: "These, or the arrow keys, go one event on or back. The story says why.",
        target: ".transport [aria-keyshortcuts~='ArrowRight']",
    },
    Step {
        title: "All of the past",
        text: "Drag it to any moment. The marks under it are where something was lost, refused or broken.",
        brief: "Drag it to any moment. Marks are where something was lost or refused.",
        target: ".timeline",
    },
    Step {
        title: "Look into it",
        text: "Select a node: click it, or go there by Tab and press Enter. What is known of it is shown here.",
        brief: "Select a node: what is known of it is shown here.",
        target: ".panel .tabs",
    },
    Step {
        title: "Make your own",
        text: "Add something here, or press / and type a command, such as queue cats. Undo takes everything back.",
        brief: "Add something, or type a command: queue cats. Undo takes everything back.",
        target: ".editor",
    },
    Step {
        title: "Examples, and your scenarios",
        text: "There is an example for each idea. What you change is kept by itself; the menu leads to it, and back to this tour.",
        brief: "An example for each idea. What you change is kept; the menu leads to it.",
        target: ".top",
    },
];

/// How far along one is, for people.
pub fn progress(step: usize) -> String {
    format!("{} of {}", step + 1, STEPS.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_can_be_read_at_a_glance() {
        for (number, step) in STEPS.iter().enumerate() {
            assert!(step.text.len() < 190 && step.text.ends_with('.'), "{}", step.title);
            assert!(step.brief.len() < 90 && step.brief.ends_with('.'), "{}", step.title);
            assert!(!step.title.is_empty() && step.target.starts_with('.'));
            assert!(STEPS.iter().skip(number + 1).all(|other| other.target != step.target), "{}", step.target);
        }
        assert_eq!(progress(0), "1 of 7");
        assert_eq!(progress(STEPS.len() - 1), "7 of 7");
    }
}
