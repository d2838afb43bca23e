//! Why a command changes nothing.

use crate::share::FileError;

/// Why a command changes nothing, for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct Refusal {
    /// The place in the scenario file that would be wrong, such as `clients[3].prefetch`; empty if it is the command.
    pub place: String,
    /// What the reason is: in RabbitMQ's own words, where it is RabbitMQ that refuses.
    pub problem: String,
}

impl Refusal {
    /// A reason that lies in the command.
    pub fn new(problem: impl Into<String>) -> Self {
        Refusal { place: String::new(), problem: problem.into() }
    }

    /// The field that is wrong: the last word of the place.
    pub fn field(&self) -> &str {
        let last = self.place.rsplit('.').next().unwrap_or_default();
        last.split('[').next().unwrap_or_default()
    }
}

impl From<FileError> for Refusal {
    fn from(error: FileError) -> Self {
        Refusal { place: error.place, problem: error.problem }
    }
}
