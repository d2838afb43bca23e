//! How clients come to be: their connections, what they declare for themselves, what their role begins with.

use crate::broker::{ApplyError, Command, ConnectionId, ConnectionOpen, Method, Reply};

use super::log::{ClientEvent, ClientId, LogEntry};
use super::scenario::{ClientSpec, ScenarioError, Setup};
use super::session::SessionId;
use super::{Action, Client, World};

/// Why a connection did not get all the way.
pub(super) enum Failure {
    /// The broker refused something.
    Refused(Reply),
    /// No client would send that.
    Impossible(ApplyError),
}

impl World {
    /// A client joins at the beginning, with all its connections.
    pub(super) fn join(
        &mut self,
        index: usize,
        spec: &ClientSpec,
        log: &mut Vec<LogEntry>,
    ) -> Result<(), ScenarioError> {
        let (cause, failures) = self.let_in(spec, log);
        for (id, step, failure) in failures {
            self.fail_to_join(index, id, step, failure, cause, log)?;
        }
        Ok(())
    }

    /// A client joins while the world goes on. What the broker refuses it is part of the story.
    pub(super) fn join_now(&mut self, spec: &ClientSpec, log: &mut Vec<LogEntry>) {
        let (cause, failures) = self.let_in(spec, log);
        for (id, _, failure) in failures {
            match failure {
                Failure::Refused(reply) => self.refuse(id, reply, cause, log),
                Failure::Impossible(error) => {
                    self.note(id, cause, ClientEvent::NotSent { error }, log);
                    if let Some(client) = self.clients.get_mut(id.client.0 as usize) {
                        client.close(id.at());
                    }
                }
            }
        }
    }

    /// A client with all its connections. Answers the number of its first entry, and which connections failed.
    fn let_in(&mut self, spec: &ClientSpec, log: &mut Vec<LogEntry>) -> (u64, Vec<(SessionId, Step, Failure)>) {
        let id = ClientId(u32::try_from(self.clients.len()).unwrap_or(u32::MAX));
        let first = self.next_connection();
        let mut client = Client::new(spec, first.0);
        let count = u16::try_from(client.sessions().len()).unwrap_or(u16::MAX);
        let first_ms = client.begin(self.now_ms, &mut self.rng);
        let joined = ClientEvent::Joined { spec: client.spec.clone(), connection: first };
        self.clients.push(client);
        self.owners.extend((0..count).map(|index| SessionId { client: id, index }));
        let cause = self.note(SessionId { client: id, index: 0 }, 0, joined, log);
        let mut failures = Vec::new();
        for connection in 0..count {
            let id = SessionId { client: id, index: connection };
            match self.connect(id, cause, log) {
                Some((step, failure)) => failures.push((id, step, failure)),
                None => self.begin_to_pull(id),
            }
        }
        if let Some(at_ms) = first_ms {
            self.wake_at(id, at_ms);
        }
        (cause, failures)
    }

    /// What the broker refuses of a client's setup is part of the story; all else makes the scenario wrong.
    fn fail_to_join(
        &mut self,
        index: usize,
        id: SessionId,
        step: Step,
        failure: Failure,
        cause: u64,
        log: &mut Vec<LogEntry>,
    ) -> Result<(), ScenarioError> {
        let place = match step {
            Step::Setup(step) => format!("clients[{index}].setup[{step}]"),
            Step::Role => format!("clients[{index}]"),
        };
        match (failure, step) {
            (Failure::Refused(reply), Step::Setup(_)) => self.refuse(id, reply, cause, log),
            (Failure::Refused(Reply::Closed(error)), Step::Role) => {
                return Err(ScenarioError::Refused { place, error });
            }
            // No other reply is a refusal of a method.
            (Failure::Refused(_), Step::Role) => {}
            (Failure::Impossible(error), _) => return Err(ScenarioError::Impossible { place, error }),
        }
        Ok(())
    }

    /// A connection's opening ended early.
    pub(super) fn refuse(&mut self, id: SessionId, reply: Reply, cause: u64, log: &mut Vec<LogEntry>) {
        self.note(id, cause, ClientEvent::Answered { reply }, log);
        if let Some(client) = self.clients.get_mut(id.client.0 as usize) {
            client.close(id.at());
        }
    }

    /// The id that the next connection gets.
    pub(super) fn next_connection(&self) -> ConnectionId {
        ConnectionId(u32::try_from(self.owners.len()).unwrap_or(u32::MAX).saturating_add(1))
    }

    pub(super) fn begin_to_pull(&mut self, id: SessionId) {
        let client = self.clients.get(id.client.0 as usize);
        let consumer = client.and_then(|client| client.spec.role.consumer());
        if consumer.is_some_and(|consumer| consumer.pull_every_ms.is_some()) {
            self.set_off(self.now_ms, Action::Pull { session: id });
        }
    }

    /// Opens a connection and its channel, does what the setup says, and begins the role, as far as it gets.
    pub(super) fn connect(&mut self, id: SessionId, cause: u64, log: &mut Vec<LogEntry>) -> Option<(Step, Failure)> {
        let client = self.clients.get(id.client.0 as usize)?;
        let channel = client.sessions().get(id.at())?.channel();
        let spec = client.spec.clone();
        let open = ConnectionOpen { vhost: spec.vhost.clone(), ..ConnectionOpen::new(channel.connection) };
        let setup = spec.setup.iter().map(Setup::method).enumerate();
        let setup = setup.map(|(index, method)| (Step::Setup(index), method));
        let role = client.opening().into_iter().map(|method| (Step::Role, method));
        let methods = std::iter::once((Step::Role, Method::ChannelOpen)).chain(setup).chain(role);
        let methods: Vec<(Step, Command)> =
            methods.map(|(step, method)| (step, Command::Method { channel, method })).collect();
        for (step, command) in std::iter::once((Step::Role, Command::ConnectionOpen(open))).chain(methods) {
            match self.apply(command, cause, log) {
                Ok(Some(reply @ Reply::Closed(_))) => return Some((step, Failure::Refused(reply))),
                Ok(Some(Reply::DeclareOk { queue, .. })) => {
                    if let Some(session) = self.session_mut(id) {
                        session.declared = Some(queue);
                    }
                }
                Ok(_) => {}
                Err(error) => return Some((step, Failure::Impossible(error))),
            }
        }
        None
    }
}

/// Where an opening ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// In the setup, at this place.
    Setup(usize),
    /// In what every client does, or its role.
    Role,
}
