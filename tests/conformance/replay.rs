//! Runs a trace's script in virtual time and compares each step with the recording.
//!
//! A connection that has ended has no channels: what a script still does there cannot be sent, and has neither a
//! reply nor events. A channel that was closed in a living connection can be used, and keeps its number.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use warren::broker::settings::QueueType;
use warren::broker::{
    Applied, Broker, ChannelId, Command, Config, ConnectionId, ConnectionOpen, Frame, Manage, Reply, Scope, Sink,
};

use crate::answer::{self, Names};
use crate::placeholder::Placeholders;
use crate::script::{self, Fields};
use crate::trace::{Step, Trace};

/// More timers than any step of a trace needs.
const MAX_TIMERS_PER_STEP: u32 = 100_000;

/// How a replay failed.
pub enum Failure {
    /// The broker answered, but something else.
    Differs {
        /// What was compared.
        what: String,
        /// The recording.
        expected: Value,
        /// The broker.
        actual: Value,
    },
    /// The replay could not go on.
    Broken(String),
}

impl From<String> for Failure {
    fn from(text: String) -> Self {
        Failure::Broken(text)
    }
}

/// Which commands a broker is saved and loaded after.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Copies {
    /// None.
    Never,
    /// All.
    Always,
}

/// A replay under way, and afterwards its record.
pub struct Replay<S> {
    broker: Broker,
    copies: Copies,
    clients: Clients,
    placeholders: Placeholders,
    /// What took the broker's events.
    pub sink: S,
    /// Everything the broker answered.
    pub applied: Vec<Applied>,
    /// The step it is at, for people.
    pub place: String,
}

impl<S: Sink> Replay<S> {
    /// A replay that has not begun.
    pub fn new(sink: S, copies: Copies) -> Self {
        Replay {
            broker: Broker::new(Config::default()),
            copies,
            clients: Clients::default(),
            placeholders: Placeholders::default(),
            sink,
            applied: Vec::new(),
            place: "before the first step".to_owned(),
        }
    }

    /// Runs all of a trace, up to the first difference.
    pub fn run(&mut self, trace: &Trace) -> Result<(), Failure> {
        let ends = trace.steps.iter().skip(1).map(|step| step.at).chain([trace.end]);
        for (index, (step, end)) in trace.steps.iter().zip(ends).enumerate() {
            self.place = format!("step {index} at {} ms: {}", step.at, Value::Object(step.operation.clone()));
            self.step(step, end)?;
        }
        self.place = format!("the end, at {} ms", trace.end);
        differ("final", sorted(trace.outcome.clone()), sorted(self.outcome()))
    }

    /// Runs one step, which lasts until `end`.
    fn step(&mut self, step: &Step, end: u64) -> Result<(), Failure> {
        let (reply, mut frames) = self.operate(step)?;
        frames.extend(self.fire_timers(end)?);
        let reply = reply.as_ref().map_or(Value::Null, answer::reply);
        let events = answer::events(&frames, &self.clients);
        self.placeholders.learn(&step.operation, &reply, &events);
        let mut actual = json!({"reply": reply, "events": events});
        self.placeholders.hide(&mut actual);
        differ("reply and events", json!({"reply": step.reply, "events": step.events}), actual)
    }

    /// Does what a step says.
    fn operate(&mut self, step: &Step) -> Result<(Option<Reply>, Vec<Frame>), Failure> {
        let mut operation = Value::Object(step.operation.clone());
        self.placeholders.reveal(&mut operation);
        let operation = operation.as_object().cloned().unwrap_or_default();
        let commands = self.clients.commands(&operation)?;
        let mut reply = None;
        let mut frames = Vec::new();
        for command in commands {
            let connection = connection_of(&command);
            let stops = matches!(command, Command::Manage(Manage::Stop { .. }));
            let applied = self.apply(step.at, command)?;
            if let (Some(connection), Some(Reply::Closed(error))) = (connection, &applied.reply)
                && error.scope == Scope::Connection
            {
                self.clients.living.remove(&connection);
            }
            if stops {
                self.clients.living.clear();
            }
            // Of several commands the last answers, or the first that was refused.
            if !matches!(reply, Some(Reply::Refused(_))) {
                reply = applied.reply;
            }
            frames.extend(applied.frames);
        }
        Ok((reply, frames))
    }

    /// Fires all timers that are due up to a moment.
    fn fire_timers(&mut self, until: u64) -> Result<Vec<Frame>, Failure> {
        let mut frames = Vec::new();
        for _ in 0..MAX_TIMERS_PER_STEP {
            match self.broker.next_timer() {
                Some(timer) if timer.due_ms <= until => {
                    frames.extend(self.apply(timer.due_ms, Command::Timer)?.frames);
                }
                _ => return Ok(frames),
            }
        }
        Err(Failure::Broken(format!("after {MAX_TIMERS_PER_STEP} timers, still one is due before {until} ms")))
    }

    fn apply(&mut self, at: u64, command: Command) -> Result<Applied, Failure> {
        let applied = self
            .broker
            .apply(at, command, &mut self.sink)
            .map_err(|error| format!("the broker does not take the command at {at} ms: {error}"))?;
        for frame in &applied.frames {
            if let Frame::ConnectionClosed { connection, .. } = frame {
                self.clients.living.remove(connection);
            }
        }
        if self.copies == Copies::Always {
            self.copy_broker().map_err(|error| format!("saving and loading the broker: {error}"))?;
        }
        self.applied.push(applied.clone());
        Ok(applied)
    }

    /// Goes on with a copy made from the broker's JSON.
    fn copy_broker(&mut self) -> serde_json::Result<()> {
        let text = serde_json::to_string(&self.broker)?;
        self.broker = serde_json::from_str(&text)?;
        Ok(())
    }

    fn outcome(&self) -> Value {
        let queues = self.broker.queues().map(|queue| {
            let ready = if queue.kind() == QueueType::Stream { Value::Null } else { json!(queue.ready()) };
            let resource = queue.resource();
            json!({
                "vhost": resource.vhost,
                "name": resource.name,
                "messages_ready": ready,
                "consumers": queue.consumer_count(),
            })
        });
        let mut outcome = json!({"queues": queues.collect::<Vec<_>>()});
        self.placeholders.hide(&mut outcome);
        outcome
    }
}

/// The queues of a `final` by vhost and name: the broker's names sort differently from their placeholders.
fn sorted(mut outcome: Value) -> Value {
    if let Some(queues) = outcome["queues"].as_array_mut() {
        queues.sort_by_key(|queue| (queue["vhost"].to_string(), queue["name"].to_string()));
    }
    outcome
}

fn differ(what: &str, expected: Value, actual: Value) -> Result<(), Failure> {
    if expected == actual { Ok(()) } else { Err(Failure::Differs { what: what.to_owned(), expected, actual }) }
}

fn connection_of(command: &Command) -> Option<ConnectionId> {
    match command {
        Command::ConnectionOpen(open) => Some(open.connection),
        Command::Method { channel, .. } => Some(channel.connection),
        _ => None,
    }
}

/// The connections and channels of a script. Every opening gets an id of its own, in ascending order.
#[derive(Default)]
struct Clients {
    /// Names of connections; the id is the place from 1.
    connections: Vec<String>,
    /// The connections that have not ended.
    living: BTreeSet<ConnectionId>,
    /// Names and ids of channels.
    channels: Vec<(String, ChannelId)>,
    /// How many channels were opened in a connection.
    numbers: BTreeMap<ConnectionId, u16>,
}

impl Clients {
    /// The commands of an operation. There are none where a client cannot send anything.
    fn commands(&mut self, operation: &Map<String, Value>) -> Result<Vec<Command>, String> {
        let fields = Fields::new(operation);
        let op = fields.text("op")?;
        let commands = match op {
            "wait" => fields.number::<u64>("ms").map(|_| Vec::new())?,
            "connection.open" => vec![self.open_connection(&fields)?],
            "connection.close" => {
                let connection = self.connection(fields.text("connection")?)?;
                let alive = self.living.remove(&connection);
                if alive { vec![Command::ConnectionClose(connection)] } else { Vec::new() }
            }
            _ => match script::method(op, &fields)? {
                Some(method) => {
                    let channel = self.find_channel(op, &fields)?;
                    let alive = self.living.contains(&channel.connection);
                    if alive { vec![Command::Method { channel, method }] } else { Vec::new() }
                }
                None => manage(op, &fields)?,
            },
        };
        fields.finish()?;
        Ok(commands)
    }

    fn open_connection(&mut self, fields: &Fields) -> Result<Command, String> {
        self.connections.push(fields.text("connection")?.to_owned());
        let connection = ConnectionId(u32::try_from(self.connections.len()).map_err(|error| error.to_string())?);
        self.living.insert(connection);
        Ok(Command::ConnectionOpen(ConnectionOpen {
            vhost: fields.name_or("vhost", "/")?,
            user: fields.name_or("user", "guest")?,
            password: fields.name_or("password", "guest")?,
            ..ConnectionOpen::new(connection)
        }))
    }

    /// The connection that has the name now.
    fn connection(&self, name: &str) -> Result<ConnectionId, String> {
        let index = self.connections.iter().rposition(|other| other == name);
        let id = index.and_then(|index| u32::try_from(index + 1).ok());
        id.map(ConnectionId).ok_or_else(|| format!("the script has not opened a connection {name}"))
    }

    /// The channel an operation is for: a new one, or the one that has the name now.
    fn find_channel(&mut self, op: &str, fields: &Fields) -> Result<ChannelId, String> {
        let name = fields.text("channel")?;
        if op != "channel.open" {
            let known = self.channels.iter().rev().find(|(other, _)| other == name);
            return known.map(|(_, id)| *id).ok_or_else(|| format!("the script has not opened a channel {name}"));
        }
        let connection = self.connection(fields.text("connection")?)?;
        let number = self.numbers.entry(connection).or_default();
        *number += 1;
        let channel = ChannelId { connection, number: *number };
        self.channels.push((name.to_owned(), channel));
        Ok(channel)
    }
}

fn manage(op: &str, fields: &Fields) -> Result<Vec<Command>, String> {
    match script::manage(op, fields)? {
        calls if calls.is_empty() => Err(format!("there is no operation {op}")),
        calls => Ok(calls.into_iter().map(Command::Manage).collect()),
    }
}

impl Names for Clients {
    fn channel(&self, channel: ChannelId) -> (usize, String) {
        match self.channels.iter().position(|(_, id)| *id == channel) {
            Some(place) => (place, self.channels[place].0.clone()),
            None => (usize::MAX, format!("(no channel of the script: {channel})")),
        }
    }

    fn connection(&self, connection: ConnectionId) -> (usize, String) {
        let place = connection.0 as usize;
        match place.checked_sub(1).and_then(|index| self.connections.get(index)) {
            Some(name) => (place, name.clone()),
            None => (usize::MAX, format!("(no connection of the script: {connection})")),
        }
    }
}
