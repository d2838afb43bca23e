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

mod change;
mod client;
mod confirms;
pub mod consumer;
pub mod content;
mod fault;
pub mod hand;
pub mod interest;
mod link;
pub mod log;
mod producer;
mod rng;
pub mod role;
mod rpc;
pub mod scenario;
pub mod schedule;
pub mod script;
mod session;
mod span;
mod start;
mod transfer;

use crate::broker::backlog::Backlog;
use crate::broker::{Broker, Command, Config, ConnectionId, Frame, Manage, Method, Name, Reply};
use crate::definitions::Entry;

pub use client::Client;
pub use confirms::{OnLoss, Reaction, Setback};
pub use consumer::{Outcome, Rule, When, WorkRule};
pub use content::{Draft, Order};
pub use hand::{GetEncoding, GetMode, Settlement, is_held_by_hand, is_operator};
pub use interest::Interest;
pub use log::{ClientEvent, ClientId, LogEntry, LogKind, Parcel, Refusal};
pub use role::{
    AckMode, AnswerSpec, ConsumerSpec, OutputSpec, ProducerSpec, Replies, Role, RpcClientSpec, RpcServerSpec,
    WorkerSpec,
};
pub use scenario::{ClientSpec, Scenario, ScenarioError, Setup};
pub use schedule::Schedule;
pub use script::{Control, Deed, Operation, Timed};
pub use session::Session;
pub use span::Span;

use client::Wish;
use confirms::{Kept, Remedy};
use rng::Rng;
use session::SessionId;

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
    AtBroker { session: SessionId, method: Method, cause: u64 },
    /// A frame of the broker is at its client.
    AtClient { session: SessionId, frame: Frame, cause: u64 },
    /// An answer of the broker is at its client.
    Answer { session: SessionId, reply: Reply, cause: u64 },
    /// A consumer is done with a message.
    WorkDone { session: SessionId, delivery_tag: u64, cause: u64 },
    /// A consumer's moment to ask for a message.
    Pull { session: SessionId },
    /// Nothing has come over a cut link for as long as the heartbeats allow.
    HeartbeatMissed { session: SessionId, connection: ConnectionId, cause: u64 },
    /// A client that crashed starts again, if this connection has not meanwhile.
    Restart { session: SessionId, cause: u64 },
    /// A publisher's moment to publish a message again, over whatever the connection is then.
    Retry { session: SessionId, again: Kept, cause: u64 },
    /// A producer's moment to publish.
    Wake { client: ClientId, round: u32 },
    /// An RPC client's request has waited long enough.
    TimeOut { client: ClientId, number: u64, cause: u64 },
    /// An action of the script.
    Scripted(Box<Deed>),
}

impl Action {
    /// Which connection it is for; none where that does not matter.
    fn session(&self) -> Option<SessionId> {
        match self {
            Action::AtBroker { session, .. }
            | Action::AtClient { session, .. }
            | Action::Answer { session, .. }
            | Action::WorkDone { session, .. }
            | Action::Pull { session }
            | Action::Restart { session, .. }
            | Action::Retry { session, .. } => Some(*session),
            Action::HeartbeatMissed { .. } | Action::Wake { .. } | Action::TimeOut { .. } | Action::Scripted(_) => None,
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
    /// What will happen, with the life of the connection that it is for.
    agenda: Backlog<Due, (u32, Action)>,
    set_off: u64,
    last_seq: u64,
    /// Whose each connection is, by its id, from 1.
    owners: Vec<SessionId>,
    rng: Rng,
    /// So much was set off by the scenario itself.
    begun: u64,
    /// The last moment at which something else was done.
    busy_ms: Option<u64>,
    /// The virtual hosts in which an operator holds messages, or did.
    hands: Vec<Name>,
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
            agenda: Backlog::new(),
            set_off: 0,
            last_seq: 0,
            owners: Vec::new(),
            rng: Rng::new(scenario.seed),
            begun: 0,
            busy_ms: None,
            hands: Vec::new(),
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
        world.begun = world.set_off;
        Ok(world)
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
        let agenda_ms = self.agenda.iter().next().map(|(due, _)| due.at_ms);
        timer_ms.into_iter().chain(agenda_ms).min()
    }

    /// Lets the next thing happen, whole, and sets the clock to its moment. False if nothing is left to happen.
    pub fn step(&mut self, log: &mut Vec<LogEntry>) -> bool {
        let timer_ms = self.broker.next_timer().map(|timer| timer.due_ms);
        let agenda_ms = self.agenda.iter().next().map(|(due, _)| due.at_ms);
        if let Some(at_ms) = timer_ms.filter(|timer| agenda_ms.is_none_or(|agenda| *timer <= agenda)) {
            self.now_ms = at_ms;
            // The timer is due and the moment is its own: the broker has no reason to refuse, and would change nothing.
            let _ = self.apply(Command::Timer, 0, log);
            return true;
        }
        let Some((due, (life, action))) = self.agenda.pop_first() else { return false };
        self.now_ms = due.at_ms;
        if due.number > self.begun {
            self.busy_ms = Some(due.at_ms);
        }
        if let Some(action) = self.admit(life, action, log) {
            self.act(life, action, log);
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

    /// Lets everything happen that comes before one more action of the script at a moment, and sets the clock to it.
    pub fn advance_to_deed(&mut self, at_ms: u64, log: &mut Vec<LogEntry>) {
        self.advance_before(at_ms, log);
        while self.next_ms() == Some(at_ms) {
            let is_timer = self.broker.next_timer().is_some_and(|timer| timer.due_ms == at_ms);
            let next = self.agenda.iter().next().map(|(due, _)| due.number);
            if !is_timer && next.is_none_or(|number| number > self.begun) {
                break;
            }
            self.step(log);
        }
    }

    /// Whether it is too late for one more action of the script at a moment: what comes after it has happened.
    pub fn is_past(&self, at_ms: u64) -> bool {
        self.now_ms > at_ms || self.busy_ms.is_some_and(|busy_ms| busy_ms >= at_ms)
    }

    /// How much is under way or planned.
    pub fn pending(&self) -> usize {
        let sessions = self.clients.iter().flat_map(|client| &client.sessions);
        self.agenda.len() + sessions.map(|session| session.held.len()).sum::<usize>()
    }

    /// Whether something happens now: not on a link that is held or cut, and not on a connection that is another by now.
    fn admit(&mut self, life: u32, action: Action, log: &mut Vec<LogEntry>) -> Option<Action> {
        let Some(id) = action.session() else { return Some(action) };
        let session = self.session_mut(id)?;
        if matches!(action, Action::Retry { .. }) {
            return Some(action);
        }
        if session.life != life {
            if let Action::AtBroker { method, cause, .. } = action {
                self.note(id, cause, ClientEvent::Ignored { method }, log);
            }
            return None;
        }
        if session.link.is_cut && action.is_over_a_link() {
            self.lose_on_the_way(action, log);
            return None;
        }
        if session.link.is_held && action.is_over_a_link() {
            session.held.push((life, action));
            return None;
        }
        Some(action)
    }

    fn act(&mut self, life: u32, action: Action, log: &mut Vec<LogEntry>) {
        match action {
            Action::AtBroker { session, method, cause } => self.arrive(session, method, cause, log),
            Action::AtClient { session, frame, cause } => self.receive(session, frame, cause, log),
            Action::Answer { session, reply, cause } => self.answer(session, reply, cause, log),
            Action::WorkDone { session, delivery_tag, cause } => self.work_done(session, delivery_tag, cause, log),
            Action::Pull { session } => {
                let client = self.clients.get_mut(session.client.0 as usize);
                let wishes = client.map(|client| client.pull(session.at(), self.now_ms)).unwrap_or_default();
                self.grant(session, wishes, 0, log);
            }
            Action::HeartbeatMissed { session, connection, cause } => {
                self.miss_heartbeat(session, connection, cause, log);
            }
            Action::Restart { session, cause } => self.restart(session.client, cause, log),
            Action::Retry { session, again, cause } => {
                let Some(client) = self.clients.get_mut(session.client.0 as usize) else { return };
                let is_same_life = client.sessions.get(session.at()).is_some_and(|session| session.life == life);
                let wishes = client.publish_again(session.at(), again, is_same_life);
                self.grant(session, wishes, cause, log);
            }
            Action::Wake { client, round } => self.wake(client, round, log),
            Action::TimeOut { client, number, cause } => {
                let now_ms = self.now_ms;
                let waited = self.clients.get_mut(client.0 as usize);
                if let Some(event) = waited.and_then(|client| client.time_out(number, now_ms)) {
                    self.note(SessionId { client, index: 0 }, cause, event, log);
                }
            }
            Action::Scripted(deed) => {
                // A script says what is tried at its moment. What cannot be done then is in the log.
                let _ = self.perform(&deed, log);
            }
        }
    }

    fn wake(&mut self, id: ClientId, round: u32, log: &mut Vec<LogEntry>) {
        let now_ms = self.now_ms;
        let Some(client) = self.clients.get_mut(id.0 as usize).filter(|client| client.round == round) else { return };
        let (index, wishes) = client.wake(now_ms, &mut self.rng);
        self.grant(SessionId::new(id, index), wishes, 0, log);
    }

    fn receive(&mut self, id: SessionId, frame: Frame, cause: u64, log: &mut Vec<LogEntry>) {
        let Some(client) = self.clients.get_mut(id.client.0 as usize) else { return };
        if !client.sessions.get(id.at()).is_some_and(|session| session.is_open) {
            return;
        }
        let wishes = client.receive(id.at(), &frame, self.now_ms, &mut self.rng);
        let cause = self.note(id, cause, ClientEvent::Received { frame }, log);
        self.grant(id, wishes, cause, log);
    }

    fn answer(&mut self, id: SessionId, reply: Reply, cause: u64, log: &mut Vec<LogEntry>) {
        let Some(client) = self.clients.get_mut(id.client.0 as usize) else { return };
        let wishes = client.answer(id.at(), &reply, self.now_ms, &mut self.rng);
        let cause = self.note(id, cause, ClientEvent::Answered { reply }, log);
        self.grant(id, wishes, cause, log);
    }

    fn work_done(&mut self, id: SessionId, delivery_tag: u64, cause: u64, log: &mut Vec<LogEntry>) {
        let Some(client) = self.clients.get_mut(id.client.0 as usize) else { return };
        if !client.works_on(id.at(), delivery_tag) {
            return;
        }
        let wishes = client.finish_work(id.at(), &mut self.rng);
        let cause = self.note(id, cause, ClientEvent::WorkDone { delivery_tag }, log);
        self.grant(id, wishes, cause, log);
    }

    /// Carries out what a client wants.
    fn grant(&mut self, id: SessionId, wishes: Vec<Wish>, cause: u64, log: &mut Vec<LogEntry>) {
        for wish in wishes {
            match wish {
                Wish::Send(method) => self.send(id, method, cause, log),
                Wish::WakeAt(at_ms) => self.wake_at(id.client, at_ms),
                Wish::PullAt(at_ms) => self.set_off(at_ms, Action::Pull { session: id }),
                Wish::Remedy(setback, remedy) => self.remedy(id, setback, remedy, cause, log),
                Wish::Work { delivery_tag, for_ms } => {
                    let until_ms = self.now_ms.saturating_add(for_ms);
                    let cause = self.note(id, cause, ClientEvent::WorkStarted { delivery_tag, until_ms }, log);
                    self.set_off(until_ms, Action::WorkDone { session: id, delivery_tag, cause });
                }
                Wish::TimeOutAt { number, at_ms } => {
                    // It is the request that is waited for, and that was sent last.
                    let cause = self.last_seq;
                    self.set_off(at_ms, Action::TimeOut { client: id.client, number, cause });
                }
                Wish::Note(event) => {
                    self.note(id, cause, event, log);
                }
                Wish::Crash => self.crash(id, cause, log),
            }
        }
    }

    fn wake_at(&mut self, client: ClientId, at_ms: u64) {
        let round = self.clients.get(client.0 as usize).map_or(0, |client| client.round);
        self.set_off(at_ms, Action::Wake { client, round });
    }

    fn remedy(&mut self, id: SessionId, setback: Setback, remedy: Remedy, cause: u64, log: &mut Vec<LogEntry>) {
        match remedy {
            Remedy::Bear { log: false } => {}
            Remedy::Bear { log: true } => {
                self.note(id, cause, ClientEvent::Logged { setback }, log);
            }
            Remedy::GiveUp { retries } => {
                self.note(id, cause, ClientEvent::GaveUp { setback, retries }, log);
            }
            Remedy::Retry { again, after_ms } => {
                let at_ms = self.now_ms.saturating_add(after_ms);
                let retry = again.retries;
                let cause = self.note(id, cause, ClientEvent::RetryPlanned { setback, retry, at_ms }, log);
                self.set_off(at_ms, Action::Retry { session: id, again, cause });
            }
        }
    }

    fn session_mut(&mut self, id: SessionId) -> Option<&mut Session> {
        self.clients.get_mut(id.client.0 as usize)?.sessions.get_mut(id.at())
    }

    fn set_off(&mut self, at_ms: u64, action: Action) {
        let life = action.session().and_then(|id| self.session_mut(id)).map_or(0, |session| session.life);
        self.set_off_in(life, at_ms, action);
    }

    /// The same, for a given life of the connection.
    fn set_off_in(&mut self, life: u32, at_ms: u64, action: Action) {
        self.set_off += 1;
        self.agenda.insert(Due { at_ms, number: self.set_off }, (life, action));
    }

    fn note(&mut self, id: SessionId, cause: u64, event: ClientEvent, log: &mut Vec<LogEntry>) -> u64 {
        self.write(cause, LogKind::Client { client: id.client, connection: id.index, event }, log)
    }

    fn write(&mut self, cause: u64, kind: LogKind, log: &mut Vec<LogEntry>) -> u64 {
        self.last_seq += 1;
        log.push(LogEntry { seq: self.last_seq, at_ms: self.now_ms, cause, kind });
        self.last_seq
    }
}
