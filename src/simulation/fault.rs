//! Faults and controls: what a [`Deed`] does to a world.

use crate::broker::{Command, ConnectionId, Method};

use super::log::{ClientEvent, ClientId, LogEntry, LogKind, Refusal};
use super::scenario::{ClientSpec, ScenarioError};
use super::script::{Control, Deed};
use super::session::{Session, SessionId};
use super::start::Failure;
use super::{Action, Client, World};

/// After so many heartbeat intervals without anything received a connection is taken as lost, by either side.
/// RabbitMQ looks once each interval, and the third look that finds nothing new ends it: two to three intervals after
/// the last frame. Here it is always two.
/// Source: `rabbit_common/src/rabbit_heartbeat.erl start_heartbeat_receiver/4`.
const HEARTBEATS_MISSED: u64 = 2;

impl World {
    /// Does something to the world, now.
    ///
    /// # Errors
    ///
    /// Why it cannot be done; with RabbitMQ's own text where the broker refused. Then the log tells of it, too.
    pub fn perform(&mut self, deed: &Deed, log: &mut Vec<LogEntry>) -> Result<(), ScenarioError> {
        let there = self.clients.iter().filter(|client| !client.is_gone);
        let specs: Vec<&ClientSpec> = there.map(|client| &*client.spec).collect();
        deed.check(&specs, "action")?;
        let first = log.len();
        let done = self.carry_out(deed, log);
        if let Some(why) = done.as_ref().err().and_then(Refusal::of) {
            let cause = log.get(first).map_or(0, |entry| entry.seq);
            self.write(cause, LogKind::NotDone { deed: Box::new(deed.clone()), why }, log);
        }
        done
    }

    fn carry_out(&mut self, deed: &Deed, log: &mut Vec<LogEntry>) -> Result<(), ScenarioError> {
        if let (Deed::Client { connection, control, .. }, Some(id)) = (deed, self.named(deed)) {
            self.check_open(id, *connection, control)?;
            self.control(id, *connection, control, log);
        }
        if let (Deed::Leave { .. }, Some(id)) = (deed, self.named(deed)) {
            self.leave(id, log);
        }
        if let (Deed::Change(spec), Some(id)) = (deed, self.named(deed)) {
            self.change(id, spec, log);
        }
        if let Deed::Join(spec) = deed {
            self.join_now(spec, log);
        }
        self.by_hand(deed, log)?;
        if let Some(manage) = deed.manage() {
            self.must(Command::Manage(manage), 0, log, || "action".to_owned())?;
        }
        match deed {
            Deed::CrashBroker | Deed::StopBroker => self.connections_break(*deed == Deed::CrashBroker),
            Deed::StartBroker => self.connect_again(log),
            _ => {}
        }
        Ok(())
    }

    /// The client that a deed names.
    fn named(&self, deed: &Deed) -> Option<ClientId> {
        let name = match deed {
            Deed::Client { name, .. } | Deed::Leave { name } => name,
            Deed::Change(spec) => &spec.name,
            _ => return None,
        };
        let is_it = |client: &Client| client.spec.name == *name && !client.is_gone;
        let index = self.clients.iter().position(is_it)?;
        u32::try_from(index).ok().map(ClientId)
    }

    /// A client closes its connections and is gone. What was on its links is lost with them.
    fn leave(&mut self, id: ClientId, log: &mut Vec<LogEntry>) {
        let Some(client) = self.clients.get_mut(id.0 as usize) else { return };
        let connections: Vec<ConnectionId> = client.sessions.iter().map(|session| session.connection).collect();
        client.be_gone();
        let cause = self.note(SessionId { client: id, index: 0 }, 0, ClientEvent::Left, log);
        for connection in connections {
            // A broker that is stopped, or has closed the connection already, has nothing to close.
            let _ = self.apply(Command::ConnectionClose(connection), cause, log);
        }
    }

    /// The broker is gone. A crash tells nobody, but the network does.
    fn connections_break(&mut self, crash: bool) {
        for client in &mut self.clients {
            for index in 0..client.sessions.len() {
                let Some(session) = client.sessions.get_mut(index).filter(|session| session.is_open) else { continue };
                session.misses_broker = true;
                if crash {
                    client.close(index);
                }
            }
        }
    }

    fn connect_again(&mut self, log: &mut Vec<LogEntry>) {
        for (client, missing) in self.sessions_that(|session| session.misses_broker) {
            let is_whole = self.clients.get(client.0 as usize).is_some_and(|it| it.sessions.len() == missing.len());
            missing.into_iter().for_each(|id| self.connect_anew(id, 0, log));
            self.begin_again(client, is_whole);
        }
    }

    /// The connections that are so, client by client.
    fn sessions_that(&self, is_so: fn(&Session) -> bool) -> Vec<(ClientId, Vec<SessionId>)> {
        let clients = self.clients.iter().enumerate().map(|(number, client)| {
            let id = ClientId(u32::try_from(number).unwrap_or(u32::MAX));
            let sessions = client.sessions.iter().enumerate().filter(|(_, session)| is_so(session));
            (id, sessions.map(|(index, _)| SessionId::new(id, index)).collect())
        });
        clients.filter(|(_, sessions): &(ClientId, Vec<SessionId>)| !sessions.is_empty()).collect()
    }

    fn control(&mut self, id: ClientId, connection: Option<u16>, control: &Control, log: &mut Vec<LogEntry>) {
        let count = self.clients.get(id.0 as usize).map_or(0, |client| client.sessions.len());
        let all = || (0..count).map(|index| SessionId::new(id, index)).collect();
        let sessions: Vec<SessionId> = connection.map_or_else(all, |index| vec![SessionId { client: id, index }]);
        if *control == Control::Restart {
            match connection {
                None => return self.restart(id, 0, log),
                Some(_) => {
                    sessions.into_iter().for_each(|session| self.connect_anew(session, 0, log));
                    return self.begin_again(id, false);
                }
            }
        }
        let event = ClientEvent::Controlled { control: control.clone(), connection };
        let noted_at = SessionId { client: id, index: connection.unwrap_or_default() };
        let cause = self.note(noted_at, 0, event, log);
        let now_ms = self.now_ms;
        let Some(client) = self.clients.get_mut(id.0 as usize) else { return };
        match control {
            Control::Publish(publish) => self.publish_from(id, connection, publish, cause, log),
            Control::ForceClose { reason } => self.force_close(&sessions, reason, cause, log),
            Control::Pause => client.is_paused = true,
            Control::Resume => self.resume(id, cause, log),
            Control::SetPrefetch(prefetch) => {
                if let Some(consumer) = std::rc::Rc::make_mut(&mut client.spec).role.consumer_mut() {
                    consumer.prefetch = *prefetch;
                }
                sessions.into_iter().for_each(|session| self.ask_for_prefetch(session, *prefetch, cause, log));
            }
            Control::SetSchedule(schedule) => {
                if let Some(at_ms) = client.set_schedule(*schedule, now_ms, &mut self.rng) {
                    self.wake_at(id, at_ms);
                }
            }
            _ => sessions.into_iter().for_each(|session| self.control_session(session, control, cause, log)),
        }
    }

    /// What is done to each connection by itself.
    fn control_session(&mut self, id: SessionId, control: &Control, cause: u64, log: &mut Vec<LogEntry>) {
        let now_ms = self.now_ms;
        let Some(session) = self.session_mut(id) else { return };
        match control {
            Control::Kill => {
                session.misses_broker = false;
                self.lose(id, cause, log);
            }
            Control::CloseChannel if session.is_open => {
                if let Some(client) = self.clients.get_mut(id.client.0 as usize) {
                    client.close(id.at());
                }
                self.send(id, Method::ChannelClose, cause, log);
            }
            Control::HoldLink => session.link.is_held = true,
            Control::ReleaseLink => {
                session.link.is_held = false;
                for (life, action) in std::mem::take(&mut session.held) {
                    self.set_off_in(life, now_ms, action);
                }
            }
            Control::SetLatency(latency_ms) => session.link.set_latency(*latency_ms),
            Control::CutLink => self.cut(id, cause, log),
            // The others are for the client as a whole.
            _ => {}
        }
    }

    fn ask_for_prefetch(&mut self, id: SessionId, prefetch: u16, cause: u64, log: &mut Vec<LogEntry>) {
        if self.session_mut(id).is_some_and(|session| session.is_open) {
            let qos = Method::BasicQos { prefetch_count: prefetch, prefetch_size: 0, global: false };
            self.send(id, qos, cause, log);
        }
    }

    fn resume(&mut self, id: ClientId, cause: u64, log: &mut Vec<LogEntry>) {
        let now_ms = self.now_ms;
        let Some(client) = self.clients.get_mut(id.0 as usize) else { return };
        let is_late = client.is_late(now_ms);
        for (index, wishes) in client.resume(&mut self.rng) {
            self.grant(SessionId::new(id, index), wishes, cause, log);
        }
        if is_late {
            self.wake_at(id, now_ms);
        }
    }

    /// A link is cut: what is on it is lost, and at last both sides notice that nothing comes any more.
    fn cut(&mut self, id: SessionId, cause: u64, log: &mut Vec<LogEntry>) {
        let now_ms = self.now_ms;
        let Some(client) = self.clients.get_mut(id.client.0 as usize) else { return };
        let heartbeat_ms = u64::from(client.spec.heartbeat_s) * 1_000;
        let Some(session) = client.sessions.get_mut(id.at()).filter(|session| !session.link.is_cut) else { return };
        session.link.is_cut = true;
        let (connection, held) = (session.connection, std::mem::take(&mut session.held));
        held.into_iter().for_each(|(_, action)| self.lose_on_the_way(action, log));
        if heartbeat_ms > 0 {
            let at_ms = now_ms.saturating_add(HEARTBEATS_MISSED * heartbeat_ms);
            self.set_off(at_ms, Action::HeartbeatMissed { session: id, connection, cause });
        }
    }

    /// Nothing has come over a cut link for too long.
    pub(super) fn miss_heartbeat(
        &mut self,
        id: SessionId,
        connection: ConnectionId,
        cause: u64,
        log: &mut Vec<LogEntry>,
    ) {
        let is_waiting = |session: &&mut Session| session.connection == connection && session.is_open;
        if self.session_mut(id).filter(is_waiting).is_some() {
            self.note(id, cause, ClientEvent::HeartbeatMissed, log);
            if let Some(client) = self.clients.get_mut(id.client.0 as usize) {
                client.close(id.at());
            }
        }
        // A broker that was stopped meanwhile knows nothing of the connection any more.
        let _ = self.apply(Command::ConnectionLost(connection), cause, log);
    }

    /// A client's connection breaks. What the client had received is lost to it, what it had sent is still under way.
    fn lose(&mut self, id: SessionId, cause: u64, log: &mut Vec<LogEntry>) {
        let Some(client) = self.clients.get_mut(id.client.0 as usize) else { return };
        client.close(id.at());
        let Some(&Session { connection, ref link, .. }) = client.sessions.get(id.at()) else { return };
        // Over a cut link the broker does not learn of it before it misses heartbeats.
        if !link.is_cut {
            // A broker that is stopped, or has closed the connection already, has nothing to lose.
            let _ = self.apply(Command::ConnectionLost(connection), cause, log);
        }
    }

    /// A client crashes: all its connections break. It may start again later.
    pub(super) fn crash(&mut self, id: SessionId, cause: u64, log: &mut Vec<LogEntry>) {
        let cause = self.note(id, cause, ClientEvent::Crashed, log);
        let Some(client) = self.clients.get(id.client.0 as usize) else { return };
        let count = client.sessions.len();
        let restart_after_ms = client.spec.role.consumer().and_then(|consumer| consumer.restart_after_ms);
        for index in 0..count {
            self.lose(SessionId::new(id.client, index), cause, log);
        }
        if let Some(after_ms) = restart_after_ms {
            self.set_off(self.now_ms.saturating_add(after_ms), Action::Restart { session: id, cause });
        }
    }

    /// A client starts again, with new connections.
    pub(super) fn restart(&mut self, id: ClientId, cause: u64, log: &mut Vec<LogEntry>) {
        let count = self.clients.get(id.0 as usize).map_or(0, |client| client.sessions.len());
        for index in 0..count {
            self.connect_anew(SessionId::new(id, index), cause, log);
        }
        self.begin_again(id, true);
    }

    /// A client's schedule begins anew, if the client did or if it waited for a connection.
    pub(super) fn begin_again(&mut self, id: ClientId, anew: bool) {
        let now_ms = self.now_ms;
        let Some(client) = self.clients.get_mut(id.0 as usize) else { return };
        if !anew && !client.is_asleep {
            return;
        }
        client.round = client.round.saturating_add(1);
        client.is_asleep = !client.sessions.iter().any(|session| session.is_open);
        if client.is_asleep {
            return;
        }
        if let Some(at_ms) = client.begin(now_ms, &mut self.rng) {
            self.wake_at(id, at_ms);
        }
    }

    /// A connection of a client is replaced by a new one.
    pub(super) fn connect_anew(&mut self, id: SessionId, cause: u64, log: &mut Vec<LogEntry>) {
        self.lose(id, cause, log);
        let now_ms = self.now_ms;
        let connection = self.next_connection();
        self.owners.push(id);
        let Some(session) = self.session_mut(id) else { return };
        session.start_again(connection);
        let held = std::mem::take(&mut session.held);
        let cause = self.note(id, cause, ClientEvent::Restarted { connection }, log);
        // What a held link kept for the former life comes too late, and the story says so.
        for (life, action) in held {
            self.set_off_in(life, now_ms, action);
        }
        let Some((_, failure)) = self.connect(id, cause, log) else {
            self.begin_to_pull(id);
            let client = self.clients.get_mut(id.client.0 as usize);
            let wishes = client.map(|client| client.catch_up(id.at())).unwrap_or_default();
            return self.grant(id, wishes, cause, log);
        };
        let is_down = !self.broker.is_running();
        match failure {
            Failure::Refused(reply) => self.refuse(id, reply, cause, log),
            Failure::Impossible(error) => {
                self.note(id, cause, ClientEvent::NotSent { error }, log);
                if let Some(client) = self.clients.get_mut(id.client.0 as usize) {
                    client.close(id.at());
                }
            }
        }
        if let Some(session) = self.session_mut(id) {
            session.misses_broker = is_down;
        }
    }
}
