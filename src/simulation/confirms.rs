//! What becomes of published messages, as far as their publisher learns of it: confirms, refusals, returns, losses.
//!
//! In confirm mode a channel keeps each message until the broker has answered for it. A returned message is known again
//! by what is in it: of several that are equal, the oldest is the one that came back first.

use serde::{Deserialize, Serialize};

use crate::broker::backlog::Backlog;
use crate::broker::command::BasicPublish;

use super::scenario::ScenarioError;

/// Longest wait before a retry, milliseconds.
const BACKOFF_MAX_MS: u64 = 60_000;

/// What a publisher in confirm mode does about a message that was refused or returned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Reaction {
    /// Nothing.
    #[default]
    Ignore,
    /// It writes it down.
    Log,
    /// It publishes it again.
    Retry {
        /// After so long the first time, then after twice as long each time until that is a minute; milliseconds.
        after_ms: u64,
        /// So many times at most; then it gives up.
        limit: u32,
    },
}

impl Reaction {
    /// Whether it is the usual one, which a scenario need not write down.
    pub fn is_usual(&self) -> bool {
        *self == Reaction::default()
    }

    fn check(self, confirms: bool, place: &str, field: &str) -> Result<(), ScenarioError> {
        ScenarioError::unless(confirms || self.is_usual(), place, field, "ignore, as confirms is false")?;
        let limit = if let Reaction::Retry { limit, .. } = self { limit } else { 1 };
        ScenarioError::unless(limit >= 1, place, &format!("{field}.retry.limit"), "a number from 1")
    }
}

/// What a publisher in confirm mode does about messages that were unconfirmed when their connection was lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnLoss {
    /// Nothing: it forgets them.
    #[default]
    Ignore,
    /// It publishes them again, oldest first, as soon as it is connected again. Those that had arrived are twice there.
    PublishAgain,
}

impl OnLoss {
    /// Whether it is the usual one, which a scenario need not write down.
    pub fn is_usual(&self) -> bool {
        *self == OnLoss::default()
    }
}

/// What befell a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Setback {
    /// The broker refused it (`basic.nack`).
    Nacked,
    /// The broker returned it (`basic.return`).
    Returned,
    /// There was no connection when it was to be published again.
    Lost,
}

/// How a publisher takes care of its messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Care {
    pub confirms: bool,
    pub on_nack: Reaction,
    pub on_return: Reaction,
    pub on_loss: OnLoss,
}

impl Care {
    pub fn check(&self, place: &str) -> Result<(), ScenarioError> {
        self.on_nack.check(self.confirms, place, "on_nack")?;
        self.on_return.check(self.confirms, place, "on_return")?;
        let fits = self.confirms || self.on_loss.is_usual();
        ScenarioError::unless(fits, place, "on_loss", "ignore, as confirms is false")
    }
}

/// A message that its publisher has not forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    pub publish: BasicPublish,
    /// How often it was published again because of a setback.
    pub retries: u32,
    /// The delivery that is settled once it is confirmed.
    pub answers: Option<u64>,
    pub is_returned: bool,
}

impl Kept {
    pub fn new(publish: BasicPublish, answers: Option<u64>) -> Self {
        Kept { publish, retries: 0, answers, is_returned: false }
    }
}

/// What a publisher wants done about a setback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Nothing but, maybe, a line in its log.
    Bear {
        log: bool,
    },
    /// To publish it again later.
    Retry {
        again: Kept,
        after_ms: u64,
    },
    GiveUp {
        retries: u32,
    },
}

/// A channel's publishes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Confirms {
    /// The number of the channel's last publish in confirm mode.
    last_tag: u64,
    unconfirmed: Backlog<u64, Kept>,
    /// What is to be published again on the next connection.
    backlog: Vec<Kept>,
}

impl Confirms {
    /// Keeps in mind what is being published, until it is confirmed.
    pub fn keep(&mut self, care: &Care, kept: Kept) {
        if care.confirms {
            self.last_tag += 1;
            self.unconfirmed.insert(self.last_tag, kept);
        }
    }

    /// The broker has dealt with a message. Answers the delivery that is to be settled now.
    pub fn acked(&mut self, care: &Care, delivery_tag: u64) -> Option<u64> {
        let kept = self.unconfirmed.remove(&delivery_tag)?;
        let is_retried = kept.is_returned && matches!(care.on_return, Reaction::Retry { .. });
        kept.answers.filter(|_| !is_retried)
    }

    /// The broker has refused a message: the remedy, and the delivery that waits for it.
    pub fn nacked(&mut self, care: &Care, delivery_tag: u64) -> Option<(Remedy, Option<u64>)> {
        let kept = self.unconfirmed.remove(&delivery_tag)?;
        let answers = kept.answers;
        Some((remedy(care.on_nack, kept), answers))
    }

    /// The broker has returned a message. Its confirm is still to come.
    pub fn returned(&mut self, care: &Care, publish: &BasicPublish) -> Option<(Remedy, Option<u64>)> {
        let is_it = |kept: &&mut Kept| !kept.is_returned && kept.publish == *publish;
        let kept = self.unconfirmed.values_mut().find(is_it)?;
        kept.is_returned = true;
        Some((remedy(care.on_return, Kept { is_returned: false, ..kept.clone() }), kept.answers))
    }

    /// It cannot be published again now, but on the next connection.
    pub fn put_off(&mut self, kept: Kept) {
        self.backlog.push(Kept { answers: None, ..kept });
    }

    /// Its channel is gone, and with it all that it waited for.
    pub fn close(&mut self, care: &Care) {
        self.last_tag = 0;
        let lost = std::mem::take(&mut self.unconfirmed);
        if care.on_loss == OnLoss::PublishAgain {
            // What came back and is to be retried is not forgotten in any case.
            let is_retried = |kept: &Kept| kept.is_returned && matches!(care.on_return, Reaction::Retry { .. });
            let lost = lost.into_values().filter(|kept| !is_retried(kept));
            self.backlog.extend(lost.map(|kept| Kept { answers: None, is_returned: false, ..kept }));
        }
    }

    /// What is to be published again, now that there is a connection.
    pub fn take_backlog(&mut self) -> Vec<Kept> {
        std::mem::take(&mut self.backlog)
    }
}

fn remedy(reaction: Reaction, kept: Kept) -> Remedy {
    let retries = kept.retries;
    match reaction {
        Reaction::Ignore => Remedy::Bear { log: false },
        Reaction::Log => Remedy::Bear { log: true },
        Reaction::Retry { limit, .. } if retries >= limit => Remedy::GiveUp { retries },
        Reaction::Retry { after_ms, .. } => {
            let doubled = after_ms.saturating_mul(1_u64.checked_shl(retries).unwrap_or(u64::MAX));
            let after_ms = doubled.min(BACKOFF_MAX_MS.max(after_ms));
            Remedy::Retry { again: Kept { retries: retries.saturating_add(1), ..kept }, after_ms }
        }
    }
}
