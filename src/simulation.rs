//! A world: one broker, clients with behaviour, links with latency, a virtual clock, one seeded generator.
//!
//! ```
//! use warren::share::examples;
//! use warren::simulation::World;
//!
//! let mut log = Vec::new();
//! let mut world = World::new(&examples::nature(), &mut log)?;
//! world.advance_to(60_000, &mut log);
//! assert_eq!(world.now_ms(), 60_000);
//! # Ok::<(), warren::simulation::ScenarioError>(())
//! ```
//!
//! What always holds:
//!
//! * The same scenario gives the same log, on every platform.
//! * Things happen in the order of their moments. At the same moment the broker's own timers come first, then
//!   everything else in the order in which it was set off: the clients' beginnings as the scenario has them, its
//!   script, and then what follows from them.
//! * The broker's inside takes no time. What clients and broker send each other takes the latency of the client's
//!   link, and nothing overtakes anything on a link.
//! * The log is written and never read: a world knows nothing of who watches it.

mod client;
pub mod consumer;
pub mod content;
mod fault;
pub mod interest;
mod link;
pub mod log;
pub mod producer;
mod rng;
pub mod scenario;
pub mod schedule;
pub mod script;

use std::collections::BTreeMap;

use crate::broker::command::BasicPublish;
use crate::broker::{
    Applied, ApplyError, Broker, ChannelId, Command, Config, ConnectionId, ConnectionOpen, Event, EventKind, Frame,
    Manage, Method, Name, Reply,
};
use crate::definitions::Entry;

pub use client::Client;
pub use consumer::{Outcome, Rule, When};
pub use content::{Draft, Order};
pub use interest::Interest;
pub use log::{ClientEvent, ClientId, LogEntry, LogKind};
pub use producer::{Reaction, Setback};
pub use scenario::{AckMode, ClientSpec, ConsumerSpec, ProducerSpec, Role, Scenario, ScenarioError, Span};
pub use schedule::Schedule;
pub use script::{Control, Deed, Timed};

use client::Wish;
use consumer::Work;
use producer::Remedy;
use rng::Rng;

/// The operator's connection, for what is done to queues by hand; clients count from 1.
const OPERATOR: ConnectionId = ConnectionId(0);

/// When something is due: its moment, then the order in which it was set off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Due {
    at_ms: u64,
    number: u64,
}

/// Something that will happen. `cause` is the number of the entry that set it off.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Action {
    /// A method is at the broker.
    AtBroker { client: ClientId, method: Method, cause: u64 },
    /// A frame of the broker is at its client.
    AtClient { client: ClientId, frame: Frame, cause: u64 },
    /// An answer of the broker is at its client.
    Answer { client: ClientId, reply: Reply, cause: u64 },
    /// A producer's moment to publish, or a consumer's to ask for a message.
    Wake { client: ClientId, round: u32 },
    /// A producer's moment to publish a message again.
    Retry { client: ClientId, publish: BasicPublish, retry: u32, cause: u64 },
    /// A client that crashed starts again.
    Restart { client: ClientId, cause: u64 },
    /// An action of the script.
    Scripted(Box<Deed>),
    /// A consumer is done with a message.
    WorkDone { client: ClientId, delivery_tag: u64, cause: u64 },
}

impl Action {
    /// Whose it is; none is nobody's.
    fn client(&self) -> Option<ClientId> {
        match self {
            Action::AtBroker { client, .. }
            | Action::AtClient { client, .. }
            | Action::Answer { client, .. }
            | Action::Wake { client, .. }
            | Action::Retry { client, .. }
            | Action::Restart { client, .. }
            | Action::WorkDone { client, .. } => Some(*client),
            Action::Scripted(_) => None,
        }
    }

    fn is_over_a_link(&self) -> bool {
        matches!(self, Action::AtBroker { .. } | Action::AtClient { .. } | Action::Answer { .. })
    }
}

/// A world. It is a value: a clone goes on exactly as the original does.
#[derive(Clone, Debug, PartialEq)]
pub struct World {
    now_ms: u64,
    broker: Broker,
    clients: Vec<Client>,
    /// What will happen, with the life of the client that it is for.
    agenda: BTreeMap<Due, (u32, Action)>,
    set_off: u64,
    last_seq: u64,
    /// The number of the connection that was opened last.
    last_connection: u32,
    rng: Rng,
}

impl World {
    /// A world at time 0: the definitions are imported, all clients are connected.
    ///
    /// # Errors
    ///
    /// Where the scenario is wrong, and why; with RabbitMQ's own text where the broker refused.
    pub fn new(scenario: &Scenario, log: &mut Vec<LogEntry>) -> Result<World, ScenarioError> {
        scenario.check()?;
        let mut world = World {
            now_ms: 0,
            broker: scenario.definitions.node(Config { seed: scenario.seed, ..Config::default() }),
            clients: Vec::new(),
            agenda: BTreeMap::new(),
            set_off: 0,
            last_seq: 0,
            last_connection: u32::try_from(scenario.clients.len()).unwrap_or(u32::MAX),
            rng: Rng::new(scenario.seed),
        };
        for Entry { place, import } in scenario.definitions.plan() {
            world.must(Command::Manage(Manage::Import(import)), 0, log, || format!("definitions.{place}"))?;
        }
        for (index, spec) in scenario.clients.iter().enumerate() {
            world.join(index, spec, log)?;
        }
        for timed in &scenario.script {
            world.set_off(timed.at_ms, Action::Scripted(Box::new(timed.action.clone())));
        }
        Ok(world)
    }

    /// The operator connects, does something, and leaves.
    fn operate(
        &mut self,
        vhost: Name,
        method: Method,
        log: &mut Vec<LogEntry>,
        place: impl Fn() -> String,
    ) -> Result<(), ScenarioError> {
        let open = ConnectionOpen { vhost, ..ConnectionOpen::new(OPERATOR) };
        let channel = ChannelId { connection: OPERATOR, number: 1 };
        self.unlogged(Command::ConnectionOpen(open), &place)?;
        self.unlogged(Command::Method { channel, method: Method::ChannelOpen }, &place)?;
        let done = self.must(Command::Method { channel, method }, 0, log, &place);
        let closed = self.unlogged(Command::ConnectionClose(OPERATOR), &place);
        done.and(closed)
    }

    fn new_connection(&mut self) -> ConnectionId {
        self.last_connection = self.last_connection.saturating_add(1);
        ConnectionId(self.last_connection)
    }

    /// The operator's connection is no part of the story; what it declares is.
    fn unlogged(&mut self, command: Command, place: impl Fn() -> String) -> Result<(), ScenarioError> {
        let last_seq = self.last_seq;
        let done = self.must(command, 0, &mut Vec::new(), place);
        self.last_seq = last_seq;
        done
    }

    fn join(&mut self, index: usize, spec: &ClientSpec, log: &mut Vec<LogEntry>) -> Result<(), ScenarioError> {
        let place = || format!("clients[{index}]");
        let number = u32::try_from(index).unwrap_or(u32::MAX);
        let id = ClientId(number);
        let mut client = Client::new(spec, ConnectionId(number.saturating_add(1)));
        let (connection, channel, opening) = (client.connection, client.channel(), client.opening());
        let first_wake_ms = client.first_wake_ms(&mut self.rng);
        let cause = self.note(id, 0, ClientEvent::Joined { spec: client.spec.clone(), connection }, log);
        self.clients.push(client);
        let open = ConnectionOpen { vhost: spec.vhost.clone(), ..ConnectionOpen::new(connection) };
        self.must(Command::ConnectionOpen(open), cause, log, place)?;
        for method in std::iter::once(Method::ChannelOpen).chain(opening) {
            self.must(Command::Method { channel, method }, cause, log, place)?;
        }
        if let Some(at_ms) = first_wake_ms {
            self.set_off(at_ms, Action::Wake { client: id, round: 0 });
        }
        Ok(())
    }

    /// A command of the set-up, which must succeed.
    fn must(
        &mut self,
        command: Command,
        cause: u64,
        log: &mut Vec<LogEntry>,
        place: impl Fn() -> String,
    ) -> Result<(), ScenarioError> {
        match self.apply(command, cause, log) {
            Ok(Some(Reply::Closed(error))) => Err(ScenarioError::Refused { place: place(), error }),
            Ok(Some(Reply::Refused(error))) => Err(ScenarioError::NotManaged { place: place(), error }),
            Ok(_) => Ok(()),
            Err(error) => Err(ScenarioError::Impossible { place: place(), error }),
        }
    }

    /// The virtual clock, milliseconds.
    pub fn now_ms(&self) -> u64 {
        self.now_ms
    }

    /// The broker.
    pub fn broker(&self) -> &Broker {
        &self.broker
    }

    /// The clients, in the scenario's order.
    pub fn clients(&self) -> &[Client] {
        &self.clients
    }

    /// When something happens next; none if nothing ever will.
    pub fn next_ms(&self) -> Option<u64> {
        let timer_ms = self.broker.next_timer().map(|timer| timer.due_ms);
        let agenda_ms = self.agenda.first_key_value().map(|(due, _)| due.at_ms);
        timer_ms.into_iter().chain(agenda_ms).min()
    }

    /// Lets the next thing happen, whole, and sets the clock to its moment. False if nothing is left to happen.
    pub fn step(&mut self, log: &mut Vec<LogEntry>) -> bool {
        let timer_ms = self.broker.next_timer().map(|timer| timer.due_ms);
        let agenda_ms = self.agenda.first_key_value().map(|(due, _)| due.at_ms);
        if let Some(at_ms) = timer_ms.filter(|timer| agenda_ms.is_none_or(|agenda| *timer <= agenda)) {
            self.now_ms = at_ms;
            // The timer is due and the moment is its own: the broker has no reason to refuse, and would change nothing.
            let _ = self.apply(Command::Timer, 0, log);
            return true;
        }
        let Some((due, (life, action))) = self.agenda.pop_first() else { return false };
        self.now_ms = due.at_ms;
        if let Some(action) = self.admit(life, action, log) {
            self.act(action, log);
        }
        true
    }

    /// Lets everything happen that is due up to a moment, and sets the clock to it.
    pub fn advance_to(&mut self, at_ms: u64, log: &mut Vec<LogEntry>) {
        while self.next_ms().is_some_and(|next_ms| next_ms <= at_ms) {
            self.step(log);
        }
        self.now_ms = self.now_ms.max(at_ms);
    }

    /// Lets everything happen that is due before a moment, and sets the clock to it.
    pub fn advance_before(&mut self, at_ms: u64, log: &mut Vec<LogEntry>) {
        while self.next_ms().is_some_and(|next_ms| next_ms < at_ms) {
            self.step(log);
        }
        self.now_ms = self.now_ms.max(at_ms);
    }

    /// How much is under way or planned.
    pub fn pending(&self) -> usize {
        self.agenda.len() + self.clients.iter().map(|client| client.held.len()).sum::<usize>()
    }

    /// Whether something happens now: not on a link that is held, and not for a client that started again since.
    fn admit(&mut self, life: u32, action: Action, log: &mut Vec<LogEntry>) -> Option<Action> {
        let Some(id) = action.client() else { return Some(action) };
        let client = self.clients.get_mut(id.0 as usize)?;
        if client.life != life {
            if let Action::AtBroker { method, cause, .. } = action {
                self.note(id, cause, ClientEvent::Ignored { method }, log);
            }
            return None;
        }
        if client.link.is_held && action.is_over_a_link() {
            client.held.push((life, action));
            return None;
        }
        Some(action)
    }

    fn act(&mut self, action: Action, log: &mut Vec<LogEntry>) {
        match action {
            Action::AtBroker { client, method, cause } => self.arrive(client, method, cause, log),
            Action::AtClient { client, frame, cause } => {
                let wishes = match self.clients.get_mut(client.0 as usize) {
                    Some(receiver) if receiver.is_open => receiver.receive(&frame, &mut self.rng),
                    _ => return,
                };
                let cause = self.note(client, cause, ClientEvent::Received { frame }, log);
                self.grant(client, wishes, cause, log);
            }
            Action::Answer { client, reply, cause } => {
                let Some(receiver) = self.clients.get_mut(client.0 as usize) else { return };
                let wishes = receiver.answer(&reply, &mut self.rng);
                let cause = self.note(client, cause, ClientEvent::Answered { reply }, log);
                self.grant(client, wishes, cause, log);
            }
            Action::Wake { client, round } => {
                let now_ms = self.now_ms;
                let woken = self.clients.get_mut(client.0 as usize).filter(|client| client.round == round);
                let wishes = woken.map(|client| client.wake(now_ms, &mut self.rng));
                self.grant(client, wishes.unwrap_or_default(), 0, log);
            }
            Action::Restart { client, cause } => self.restart(client, cause, log),
            Action::Scripted(deed) => {
                // A script says what is tried at its moment: what cannot be done then is not done.
                let _ = self.perform(&deed, log);
            }
            Action::Retry { client, publish, retry, cause } => {
                let producer = self.clients.get_mut(client.0 as usize);
                let wishes = producer.map(|producer| producer.publish_again(publish, retry));
                self.grant(client, wishes.unwrap_or_default(), cause, log);
            }
            Action::WorkDone { client, delivery_tag, cause } => {
                let wishes = match self.clients.get_mut(client.0 as usize) {
                    Some(worker) if worker.works_on(delivery_tag) => worker.finish_work(&mut self.rng),
                    _ => return,
                };
                let cause = self.note(client, cause, ClientEvent::WorkDone { delivery_tag }, log);
                self.grant(client, wishes, cause, log);
            }
        }
    }

    /// Carries out what a client wants.
    fn grant(&mut self, id: ClientId, wishes: Vec<Wish>, cause: u64, log: &mut Vec<LogEntry>) {
        for wish in wishes {
            match wish {
                Wish::Send(method) => self.send(id, method, cause, log),
                Wish::WakeAt(at_ms) => {
                    let round = self.clients.get(id.0 as usize).map_or(0, |client| client.round);
                    self.set_off(at_ms, Action::Wake { client: id, round });
                }
                Wish::Remedy(setback, remedy) => self.remedy(id, setback, remedy, cause, log),
                Wish::Work(work) => self.work(id, work, cause, log),
            }
        }
    }

    fn send(&mut self, id: ClientId, method: Method, cause: u64, log: &mut Vec<LogEntry>) {
        let now_ms = self.now_ms;
        let Some(client) = self.clients.get_mut(id.0 as usize) else { return };
        let arrives_ms = client.link.up(now_ms);
        let cause = self.note(id, cause, ClientEvent::Sent { method: method.clone(), arrives_ms }, log);
        self.set_off(arrives_ms, Action::AtBroker { client: id, method, cause });
    }

    fn work(&mut self, id: ClientId, work: Work, cause: u64, log: &mut Vec<LogEntry>) {
        match work {
            Work::Begin { delivery_tag, for_ms } => {
                let until_ms = self.now_ms.saturating_add(for_ms);
                let cause = self.note(id, cause, ClientEvent::WorkStarted { delivery_tag, until_ms }, log);
                self.set_off(until_ms, Action::WorkDone { client: id, delivery_tag, cause });
            }
            Work::Skip { delivery_tag, message_id } => {
                self.note(id, cause, ClientEvent::Skipped { delivery_tag, message_id }, log);
            }
            Work::Send(method) => self.send(id, method, cause, log),
            Work::Crash => {
                let cause = self.note(id, cause, ClientEvent::Crashed, log);
                self.lose(id, cause, log);
                let after_ms = self.clients.get(id.0 as usize).and_then(|client| match &client.spec.role {
                    Role::Consumer(consumer) => consumer.restart_after_ms,
                    Role::Producer(_) => None,
                });
                if let Some(after_ms) = after_ms {
                    self.set_off(self.now_ms.saturating_add(after_ms), Action::Restart { client: id, cause });
                }
            }
        }
    }

    /// A client's connection breaks. What the client had received is lost to it, what it had sent is still under way.
    fn lose(&mut self, id: ClientId, cause: u64, log: &mut Vec<LogEntry>) {
        let Some(client) = self.clients.get_mut(id.0 as usize) else { return };
        client.close();
        let connection = client.connection;
        // A broker that is stopped, or has closed the connection already, has nothing to lose.
        let _ = self.apply(Command::ConnectionLost(connection), cause, log);
    }

    fn remedy(&mut self, client: ClientId, setback: Setback, remedy: Remedy, cause: u64, log: &mut Vec<LogEntry>) {
        match remedy {
            Remedy::Log => {
                self.note(client, cause, ClientEvent::Logged { setback }, log);
            }
            Remedy::GiveUp { retries } => {
                self.note(client, cause, ClientEvent::GaveUp { setback, retries }, log);
            }
            Remedy::Retry { publish, retry, after_ms } => {
                let at_ms = self.now_ms.saturating_add(after_ms);
                let cause = self.note(client, cause, ClientEvent::RetryPlanned { setback, retry, at_ms }, log);
                self.set_off(at_ms, Action::Retry { client, publish, retry, cause });
            }
        }
    }

    /// A client's method is at the broker.
    fn arrive(&mut self, id: ClientId, method: Method, cause: u64, log: &mut Vec<LogEntry>) {
        let Some(channel) = self.clients.get(id.0 as usize).map(Client::channel) else { return };
        if self.broker.channel(channel).is_none() {
            self.note(id, cause, ClientEvent::Ignored { method }, log);
            return;
        }
        let first = log.len();
        match self.apply(Command::Method { channel, method }, cause, log) {
            Ok(Some(reply)) => {
                let cause = log[first..].iter().find(|entry| got(entry, &reply)).map_or(cause, |entry| entry.seq);
                let now_ms = self.now_ms;
                let Some(client) = self.clients.get_mut(id.0 as usize) else { return };
                let arrives_ms = client.link.down(now_ms);
                self.set_off(arrives_ms, Action::Answer { client: id, reply, cause });
            }
            Ok(None) => {}
            Err(error) => {
                self.note(id, cause, ClientEvent::NotSent { error }, log);
            }
        }
    }

    /// Gives the broker a command, writes down what it did, and puts what it sends on the links. Answers the reply.
    fn apply(&mut self, command: Command, cause: u64, log: &mut Vec<LogEntry>) -> Result<Option<Reply>, ApplyError> {
        let mut events = Vec::new();
        let Applied { reply, frames } = self.broker.apply(self.now_ms, command, &mut events)?;
        let first = log.len();
        let first_id = events.first().map_or(0, |event: &Event| event.id.0);
        let before = self.last_seq;
        for event in events {
            let inside = event.cause.0 >= first_id && event.cause.0 > 0;
            let cause = if inside { before + 1 + event.cause.0 - first_id } else { cause };
            self.write(cause, LogKind::Broker(event), log);
        }
        for frame in frames {
            let cause = log[first..].iter().find(|entry| sent_by(entry, &frame)).map_or(cause, |entry| entry.seq);
            self.send_down(frame, cause);
        }
        Ok(reply)
    }

    fn send_down(&mut self, frame: Frame, cause: u64) {
        let connection = receiver_of(&frame);
        let Some(index) = self.clients.iter().position(|client| client.connection == connection) else { return };
        let client = ClientId(u32::try_from(index).unwrap_or(u32::MAX));
        let arrives_ms = self.clients[index].link.down(self.now_ms);
        self.set_off(arrives_ms, Action::AtClient { client, frame, cause });
    }

    fn set_off(&mut self, at_ms: u64, action: Action) {
        let client = action.client().and_then(|id| self.clients.get(id.0 as usize));
        self.set_off_in(client.map_or(0, |client| client.life), at_ms, action);
    }

    /// The same, for a given life of the client.
    fn set_off_in(&mut self, life: u32, at_ms: u64, action: Action) {
        self.set_off += 1;
        self.agenda.insert(Due { at_ms, number: self.set_off }, (life, action));
    }

    fn note(&mut self, client: ClientId, cause: u64, event: ClientEvent, log: &mut Vec<LogEntry>) -> u64 {
        self.write(cause, LogKind::Client { client, event }, log)
    }

    fn write(&mut self, cause: u64, kind: LogKind, log: &mut Vec<LogEntry>) -> u64 {
        self.last_seq += 1;
        log.push(LogEntry { seq: self.last_seq, at_ms: self.now_ms, cause, kind });
        self.last_seq
    }
}

fn receiver_of(frame: &Frame) -> ConnectionId {
    match frame {
        Frame::Deliver { channel, .. }
        | Frame::Return { channel, .. }
        | Frame::Ack { channel, .. }
        | Frame::Nack { channel, .. }
        | Frame::Cancel { channel, .. }
        | Frame::ChannelClosed { channel, .. } => channel.connection,
        Frame::ConnectionClosed { connection, .. } => *connection,
    }
}

/// Whether an entry tells of the event by which a queue gave a message that a client asked for.
fn got(entry: &LogEntry, reply: &Reply) -> bool {
    let LogKind::Broker(Event { kind: EventKind::Got { .. }, .. }) = &entry.kind else { return false };
    matches!(reply, Reply::Got { .. })
}

/// Whether an entry tells of the event that sent a frame.
fn sent_by(entry: &LogEntry, frame: &Frame) -> bool {
    let LogKind::Broker(event) = &entry.kind else { return false };
    match (&event.kind, frame) {
        (EventKind::Delivered { consumer, delivery_tag, .. }, Frame::Deliver { channel, delivery, .. }) => {
            consumer.channel == *channel && *delivery_tag == delivery.delivery_tag
        }
        (EventKind::DirectReply { channel: Some(to), delivery_tag, .. }, Frame::Deliver { channel, delivery, .. }) => {
            to == channel && *delivery_tag == delivery.delivery_tag
        }
        (EventKind::Unroutable { returned, .. }, Frame::Return { .. }) => *returned,
        (
            EventKind::Confirmed { channel: to, delivery_tag: number, .. },
            Frame::Ack { channel, delivery_tag } | Frame::Nack { channel, delivery_tag },
        ) => to == channel && number == delivery_tag,
        (
            EventKind::ConsumerTimedOut { consumer, .. } | EventKind::ConsumerRemoved { consumer, .. },
            Frame::Cancel { channel, consumer_tag },
        ) => consumer.channel == *channel && consumer.tag == *consumer_tag,
        (EventKind::ChannelClosed { channel: closed, .. }, Frame::ChannelClosed { channel, .. }) => closed == channel,
        (EventKind::ConnectionClosed { connection: closed, .. }, Frame::ConnectionClosed { connection, .. }) => {
            closed == connection
        }
        _ => false,
    }
}
