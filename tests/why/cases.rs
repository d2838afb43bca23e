//! The rules, a case each.

mod clients;
mod queues;
mod routes;

use warren::view::why::Reason;

/// What has changed when the one thing is changed that the sentence names.
#[derive(Clone, Copy, Debug)]
pub enum Then {
    /// The message is there.
    Here,
    /// The message is at another node: the sentence names that place.
    At(&'static str),
    /// The message is there at another moment: as it is published, or at the end.
    AtOtherMoment,
    /// The rule has nothing to say.
    Without,
    /// Another rule says no.
    Instead(Reason),
}

/// A rule in the smallest world, asked about the last message of client `p`.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    pub reason: Reason,
    /// How the world begins, and how far it is played.
    pub world: &'static str,
    pub until_ms: u64,
    /// Whether it is asked just when the message was published.
    pub at_publish: bool,
    /// Where the message is not.
    pub node: &'static str,
    /// A part of the sentence.
    pub sentence: &'static str,
    /// What is changed, and to what; several with ` & ` between them.
    pub change: (&'static str, &'static str),
    pub then: Then,
}

const fn case(
    reason: Reason,
    world: &'static str,
    node: &'static str,
    sentence: &'static str,
    change: (&'static str, &'static str),
) -> Case {
    Case { reason, world, until_ms: 1_000, at_publish: false, node, sentence, change, then: Then::Here }
}

impl Case {
    const fn until(self, until_ms: u64) -> Case {
        Case { until_ms, ..self }
    }

    const fn at_publish(self) -> Case {
        Case { at_publish: true, ..self }
    }

    const fn then(self, then: Then) -> Case {
        Case { then, ..self }
    }
}

/// All of them.
pub fn all() -> impl Iterator<Item = &'static Case> {
    [routes::ROUTING, queues::ENDS, clients::CONSUMERS].into_iter().flatten()
}
