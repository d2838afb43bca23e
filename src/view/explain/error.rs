//! What a refusal means: in plain words, with RabbitMQ's own text beside them. A code never stands alone.

use crate::broker::{AmqpError, ApplyError, HttpError, Name};
use crate::simulation::Refusal;
use crate::view::sentence::Sentence;

impl Sentence {
    /// Goes on with what an error means and what RabbitMQ says to it. It ends the sentence.
    pub(super) fn error(self, error: &AmqpError) -> Sentence {
        let said: Name = error.to_string().into();
        self.say(meaning(error.code)).say(" (").name(&said).say(").")
    }

    /// The same of why something was not done.
    pub(super) fn refusal(self, why: &Refusal) -> Sentence {
        match why {
            Refusal::Amqp(error) => self.error(error),
            Refusal::Http(error) => self.http(error),
            Refusal::Impossible(error) => self.say(impossible(error)).say("."),
        }
    }

    /// The same of what the management says.
    pub(super) fn http(self, HttpError { status, reason }: &HttpError) -> Sentence {
        let meaning = match status {
            404 => "there is no such thing",
            _ => "the management does not take it",
        };
        let said: Name = format!("{status} {}", reason.split_whitespace().collect::<Vec<_>>().join(" ")).into();
        self.say(meaning).say(" (").name(&said).say(").")
    }
}

/// What AMQP's reply codes mean.
/// Source: `rabbitmq.com/amqp-0-9-1-reference`, Constants.
pub(super) fn meaning(code: u16) -> &'static str {
    match code {
        311 => "the message is too large",
        312 => "no queue took the message",
        320 => "the broker closed it",
        403 => "its user may not do that",
        404 => "what it names is not there",
        405 => "somebody else has that for themselves, or it cannot be used like that",
        406 => "it asks for something that the broker does not allow there",
        504 => "the channel cannot be used like that",
        530 => "that is not allowed here",
        540 => "the broker does not have that",
        541 => "the broker itself failed",
        _ => "the broker refuses it",
    }
}

/// Why no broker would get to see something.
pub(super) fn impossible(error: &ApplyError) -> String {
    match error {
        ApplyError::TimeWentBack { .. } | ApplyError::TimerDue { .. } | ApplyError::NoTimerDue => {
            "it comes at the wrong time".to_owned()
        }
        ApplyError::NoConnection(_) => "its connection is not open".to_owned(),
        ApplyError::ConnectionInUse(_) => "its connection is open already".to_owned(),
        ApplyError::ChannelZero(_) => "the numbers of channels begin at 1".to_owned(),
        ApplyError::TooLong { .. } | ApplyError::TooDeep { .. } | ApplyError::Stopped | ApplyError::Running => {
            error.to_string()
        }
    }
}
