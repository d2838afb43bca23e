//! The scenario files that come with Warren, from `www/examples`: what the page opens with, and which others there are.
//!
//! Only the first is part of the program, and the page makes that one without reading it ([`opening`](super::opening)); it fetches the others when somebody asks for them. Tests open and play
//! each of them.

use crate::simulation::Scenario;

/// Doves arrive, cats do not: a topic exchange. What the page opens with.
pub const NATURE: &str = include_str!("../../www/examples/nature.json");

/// All of them in groups: a group's heading, and the names of its files without `.json`.
pub const GROUPS: [(&str, &[&str]); 4] = [
    ("Field systems", &["nature", "analytics", "inter-service", "event-flow", "scoreboard", "watch"]),
    ("RabbitMQ tutorials", &["hello", "work-queues", "publish-subscribe", "routing", "topics", "rpc", "confirms"]),
    (
        "One idea each",
        &[
            "message-ttl",
            "dead-lettering",
            "retry-ladder",
            "priorities",
            "length-limits",
            "alternate-exchange",
            "headers",
            "exchange-to-exchange",
            "quorum-delivery-limit",
            "single-active-consumer",
            "stream",
            "restart",
        ],
    ),
    ("Several at once", &["pipeline", "troubled"]),
];

/// Whether there is an example of this name.
pub fn is_there(name: &str) -> bool {
    GROUPS.iter().any(|(_, names)| names.contains(&name))
}

/// The scenario of [`NATURE`].
pub fn nature() -> Scenario {
    // invariant: the text is part of the program, and a test reads it.
    super::parse(NATURE).expect("a file that comes with Warren can be read").scenario
}
