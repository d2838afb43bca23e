//! Applies a script to a broker while a ledger looks on; beside it, the same to a broker that nobody watches.

use std::collections::BTreeMap;

use warren::broker::event::{ChannelSetting, DropRule, ReturnReason};
use warren::broker::{Applied, Broker, Command, Config, Event, EventKind, NoEvents, Reply};

use super::commands::Timed;
use super::ledger::Ledger;

/// Most timers that may fire between two commands. A dead letter that comes back again and again is one a wait.
const MAX_TIMERS: usize = 20_000;

/// How often the two brokers are compared whole, and one is saved and loaded; commands.
const COMPARE_EVERY: usize = 16;

/// How often what happened.
pub type Counts = BTreeMap<&'static str, u64>;

/// Runs a script, and counts what happens. An error says what broke, at which command.
pub fn drive(script: &[Timed]) -> Result<Counts, String> {
    let mut pair = Pair::new();
    for (place, (wait_ms, command)) in script.iter().enumerate() {
        let at = |wrong: String| format!("command {place}, {command:?}: {wrong}");
        let now_ms = pair.watched.now_ms() + wait_ms;
        pair.fire_timers(now_ms).map_err(at)?;
        pair.apply(now_ms, command).map_err(at)?;
        if place % COMPARE_EVERY == 0 {
            pair.compare().map_err(at)?;
        }
    }
    pair.compare()?;
    Ok(pair.counts)
}

/// Under which name an event is counted.
fn counted_as(kind: &EventKind) -> Option<&'static str> {
    Some(match kind {
        EventKind::Enqueued { .. } => "enqueued",
        EventKind::Refused { .. } => "refused by a queue",
        EventKind::Unroutable { .. } => "unroutable",
        EventKind::Delivered { .. } => "delivered",
        EventKind::Got { .. } => "got",
        EventKind::Acked { .. } => "acked",
        EventKind::Requeued { why: ReturnReason::Nack | ReturnReason::Reject, .. } => "requeued",
        EventKind::Requeued { .. } => "returned to its queue",
        EventKind::Delayed { .. } => "delayed",
        EventKind::Dropped { rule: DropRule::Expired, .. } => "expired",
        EventKind::Dropped { rule: DropRule::MaxLength, .. } => "over the limit",
        EventKind::Dropped { .. } => "dropped",
        EventKind::DeadLettered { .. } => "dead-lettered",
        EventKind::DeadLetterHeld { .. } => "held",
        EventKind::CycleCut { .. } => "cut out of a circle",
        EventKind::Confirmed { .. } => "confirmed",
        EventKind::DirectReply { .. } => "replied directly",
        EventKind::ChannelSet { setting: ChannelSetting::Commit, .. } => "committed",
        EventKind::ConsumerTimedOut { .. } => "timed out",
        _ => return None,
    })
}

/// All there is to know of a broker, but for the number of the last event: nobody counts what nobody records.
fn picture(broker: &Broker) -> Result<serde_json::Value, String> {
    let mut picture = serde_json::to_value(broker).map_err(|error| format!("cannot be saved: {error}"))?;
    picture["last_event"] = 0.into();
    Ok(picture)
}

struct Pair {
    watched: Broker,
    unwatched: Broker,
    ledger: Ledger,
    counts: Counts,
}

impl Pair {
    fn new() -> Self {
        let config = Config { seed: 7, ..Config::default() };
        Pair {
            watched: Broker::new(config.clone()),
            unwatched: Broker::new(config),
            ledger: Ledger::default(),
            counts: Counts::default(),
        }
    }

    fn fire_timers(&mut self, until_ms: u64) -> Result<(), String> {
        for _ in 0..MAX_TIMERS {
            let Some(due_ms) = self.watched.next_timer().map(|timer| timer.due_ms).filter(|due_ms| *due_ms <= until_ms)
            else {
                return Ok(());
            };
            self.apply(due_ms, &Command::Timer)?;
        }
        Err("timers without end".into())
    }

    fn apply(&mut self, at_ms: u64, command: &Command) -> Result<(), String> {
        let mut events: Vec<Event> = Vec::new();
        *self.counts.entry("commands").or_default() += 1;
        let done = self.watched.apply(at_ms, command.clone(), &mut events);
        let applied: Applied = match done {
            Ok(applied) => applied,
            // Refused: the other broker is not asked, and must stay the same.
            Err(_) if events.is_empty() => {
                *self.counts.entry("impossible").or_default() += 1;
                return Ok(());
            }
            Err(error) => return Err(format!("refused with {error}, and yet events")),
        };
        if let Some(Reply::Closed(_) | Reply::Refused(_)) = applied.reply {
            *self.counts.entry("answered with an error").or_default() += 1;
        }
        for name in events.iter().filter_map(|event| counted_as(&event.kind)) {
            *self.counts.entry(name).or_default() += 1;
        }
        // What is asked for is given first, what that sets off comes after it.
        if let Command::Method { channel, .. } = command {
            self.ledger.got(*channel, &applied.reply)?;
        }
        self.ledger.take(&applied, &events)?;
        self.ledger.compare(&self.watched)?;
        match self.unwatched.apply(at_ms, command.clone(), &mut NoEvents) {
            Ok(same) if same == applied => Ok(()),
            other => Err(format!("watched: {applied:?}; unwatched: {other:?}")),
        }
    }

    /// Both are the same, and one of them goes on as what is loaded from its save.
    fn compare(&mut self) -> Result<(), String> {
        if picture(&self.watched)? != picture(&self.unwatched)? {
            return Err("the broker that is watched and the one that is not have grown apart".into());
        }
        let saved = serde_json::to_string(&self.unwatched).map_err(|error| format!("cannot be saved: {error}"))?;
        let loaded = serde_json::from_str(&saved).map_err(|error| format!("cannot be loaded: {error}"))?;
        if self.unwatched != loaded {
            return Err("what is loaded is not what was saved".into());
        }
        self.unwatched = loaded;
        Ok(())
    }
}
