//! Faults and controls: what a [`Deed`] does to a world.

use crate::broker::{Command, ConnectionOpen, Method, Reply};

use super::log::{ClientEvent, ClientId, LogEntry};
use super::scenario::{ClientSpec, Role, ScenarioError};
use super::script::{Control, Deed};
use super::{Action, Client, World};

impl World {
    /// Does something to the world, now.
    ///
    /// # Errors
    ///
    /// Why it cannot be done; with RabbitMQ's own text where the broker refused.
    pub fn perform(&mut self, deed: &Deed, log: &mut Vec<LogEntry>) -> Result<(), ScenarioError> {
        let specs: Vec<&ClientSpec> = self.clients.iter().map(|client| &*client.spec).collect();
        deed.check(&specs, "action")?;
        if let Deed::Client { name, control } = deed {
            let index = self.clients.iter().position(|client| client.spec.name == *name);
            let Some(index) = index.and_then(|index| u32::try_from(index).ok()) else { return Ok(()) };
            self.control(ClientId(index), control, log);
        }
        if let Some((vhost, method)) = deed.method() {
            self.operate(vhost, method, log, || "action".to_owned())?;
        }
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

    /// The broker is gone. A crash tells nobody, but the network does.
    fn connections_break(&mut self, crash: bool) {
        for client in self.clients.iter_mut().filter(|client| client.is_open) {
            client.misses_broker = true;
            if crash {
                client.close();
            }
        }
    }

    fn connect_again(&mut self, log: &mut Vec<LogEntry>) {
        for index in 0..self.clients.len() {
            if self.clients[index].misses_broker {
                self.restart(ClientId(u32::try_from(index).unwrap_or(u32::MAX)), 0, log);
            }
        }
    }

    fn control(&mut self, id: ClientId, control: &Control, log: &mut Vec<LogEntry>) {
        if *control == Control::Restart {
            return self.restart(id, 0, log);
        }
        let cause = self.note(id, 0, ClientEvent::Controlled { control: control.clone() }, log);
        let now_ms = self.now_ms;
        let Some(client) = self.clients.get_mut(id.0 as usize) else { return };
        match control {
            Control::Kill => {
                client.misses_broker = false;
                self.lose(id, cause, log);
            }
            Control::CloseChannel if client.is_open => {
                client.close();
                self.send(id, Method::ChannelClose, cause, log);
            }
            Control::Pause => client.pause(),
            Control::Resume => {
                let wishes = client.resume(&mut self.rng);
                self.grant(id, wishes, cause, log);
            }
            Control::HoldLink => client.link.is_held = true,
            Control::ReleaseLink => {
                client.link.is_held = false;
                for (life, action) in std::mem::take(&mut client.held) {
                    self.set_off_in(life, now_ms, action);
                }
            }
            Control::SetLatency(latency_ms) => client.link.set_latency(*latency_ms),
            Control::SetPrefetch(prefetch) => {
                client.set_prefetch(*prefetch);
                if client.is_open {
                    let qos = Method::BasicQos { prefetch_count: *prefetch, prefetch_size: 0, global: false };
                    self.send(id, qos, cause, log);
                }
            }
            Control::SetSchedule(schedule) => {
                if let Some(at_ms) = client.set_schedule(*schedule, now_ms, &mut self.rng) {
                    let round = client.round;
                    self.set_off(at_ms, Action::Wake { client: id, round });
                }
            }
            Control::Restart | Control::CloseChannel => {}
        }
    }

    /// A client starts again, with a new connection.
    pub(super) fn restart(&mut self, id: ClientId, cause: u64, log: &mut Vec<LogEntry>) {
        self.lose(id, cause, log);
        let now_ms = self.now_ms;
        let connection = self.new_connection();
        let Some(client) = self.clients.get_mut(id.0 as usize) else { return };
        client.start_again(connection);
        let held = std::mem::take(&mut client.held);
        let cause = self.note(id, cause, ClientEvent::Restarted { connection }, log);
        // What a held link kept for the former life comes too late, and the story says so.
        for (life, action) in held {
            self.set_off_in(life, now_ms, action);
        }
        if !self.connect(id, cause, log) {
            return;
        }
        let Some(client) = self.clients.get_mut(id.0 as usize) else { return };
        if let Some(at_ms) = client.wake_again_ms(now_ms, &mut self.rng) {
            let round = client.round;
            self.set_off(at_ms, Action::Wake { client: id, round });
        }
    }

    /// Opens a client's connection and channel, as far as it gets. Answers whether that was all the way.
    fn connect(&mut self, id: ClientId, cause: u64, log: &mut Vec<LogEntry>) -> bool {
        let Some(client) = self.clients.get(id.0 as usize) else { return false };
        let (channel, opening) = (client.channel(), client.opening());
        let open = ConnectionOpen { vhost: client.spec.vhost.clone(), ..ConnectionOpen::new(client.connection) };
        let methods = std::iter::once(Method::ChannelOpen).chain(opening);
        let methods = methods.map(|method| Command::Method { channel, method });
        for command in std::iter::once(Command::ConnectionOpen(open)).chain(methods) {
            let failure = match self.apply(command, cause, log) {
                Ok(Some(reply @ Reply::Closed(_))) => ClientEvent::Answered { reply },
                Ok(_) => continue,
                Err(error) => ClientEvent::NotSent { error },
            };
            let is_down = !self.broker.is_running();
            self.note(id, cause, failure, log);
            if let Some(client) = self.clients.get_mut(id.0 as usize) {
                client.close();
                client.misses_broker = is_down;
            }
            return false;
        }
        true
    }
}

impl Client {
    /// A consumer with another prefetch, from its next start on.
    fn set_prefetch(&mut self, prefetch: u16) {
        if let Role::Consumer(consumer) = &mut std::rc::Rc::make_mut(&mut self.spec).role {
            consumer.prefetch = prefetch;
        }
    }
}
