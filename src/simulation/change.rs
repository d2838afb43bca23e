//! A client that is another while it goes on: what somebody changed about it in the midst of its work.
//!
//! What always holds: nothing is done over AMQP that RabbitMQ does not ask for. What a client publishes, when, and what
//! it does with a message is its own affair. What was said when a consumer began (its queue, prefetch, priority,
//! whether it is exclusive, its arguments) is said anew on the same channel: cancelled, and consumed again under another
//! tag. For all else there is no method (to leave confirm mode, to be in another virtual host), or messages under way
//! would mean two things (another ack mode): [`ClientSpec::goes_on_as`] says no, and whoever wants it has the client
//! leave and join.

use std::rc::Rc;

use crate::broker::{Command, Method, Reply};

use super::client::{consumer_opening, consumers};
use super::log::{ClientEvent, ClientId, LogEntry};
use super::role::Role;
use super::scenario::ClientSpec;
use super::session::SessionId;
use super::{Client, World};

impl ClientSpec {
    /// Whether a client can be another from now on over the connections and channels that it has.
    pub fn goes_on_as(&self, other: &ClientSpec) -> bool {
        let same = |spec: &ClientSpec| {
            let care = spec.role.care();
            let consumer = spec.role.consumer();
            let how = consumer.map(|consumer| (consumer.ack, consumer.pull_every_ms.is_some()));
            let replies = if let Role::RpcClient(client) = &spec.role { Some(client.replies) } else { None };
            (std::mem::discriminant(&spec.role), care.confirms, how, replies)
        };
        let (is, shall_be) = (same(self), same(other));
        // A channel that is in confirm mode stays in it.
        let confirms = !is.1 || shall_be.1;
        let role = is.0 == shall_be.0 && confirms && is.2 == shall_be.2 && is.3 == shall_be.3;
        // What a client declares for itself it declares when it connects.
        let setup = self.setup == other.setup;
        let connection = self.vhost == other.vhost
            && self.connections == other.connections
            && self.heartbeat_s == other.heartbeat_s
            && self.name == other.name;
        role && setup && connection
    }

    /// Whether its consumers are the other's, so that none is cancelled if it goes on as the other.
    pub fn consumes_as(&self, other: &ClientSpec) -> bool {
        consumer_opening(self, &[]) == consumer_opening(other, &[])
    }
}

/// The methods that make another client of one, on each of its channels, in order. `renewed` counts how often each of its
/// consumers was cancelled.
fn said_anew(is: &ClientSpec, shall_be: &ClientSpec, renewed: &mut Vec<u32>) -> Vec<Method> {
    let mut methods = Vec::new();
    if shall_be.role.care().confirms && !is.role.care().confirms {
        methods.push(Method::ConfirmSelect);
    }
    let (old, new) = (consumers(is, renewed), consumers(shall_be, renewed));
    let prefetch = |spec: &ClientSpec| spec.role.consumer().map(|consumer| consumer.prefetch);
    // A prefetch counts for consumers that come after it.
    // Source: https://www.rabbitmq.com/docs/consumer-prefetch
    let is_all = prefetch(is) != prefetch(shall_be);
    let is_other = |index: &usize| is_all || old.get(*index) != new.get(*index);
    let others: Vec<usize> = (0..old.len().max(new.len())).filter(is_other).collect();
    renewed.resize(renewed.len().max(old.len()), 0);
    for index in &others {
        let Some((gone, times)) = old.get(*index).zip(renewed.get_mut(*index)) else { continue };
        methods.push(Method::BasicCancel { consumer_tag: gone.consumer_tag.clone() });
        *times = times.saturating_add(1);
    }
    let mut place = 0;
    methods.extend(consumer_opening(shall_be, renewed).into_iter().filter(|method| match method {
        Method::BasicConsume(_) => {
            place += 1;
            others.contains(&(place - 1))
        }
        _ => is_all,
    }));
    methods
}

impl World {
    /// A client goes on as another. A connection of it that is not open is opened anew, as the other's.
    pub(super) fn change(&mut self, id: ClientId, spec: &Rc<ClientSpec>, log: &mut Vec<LogEntry>) {
        let now_ms = self.now_ms;
        let Some(client) = self.clients.get_mut(id.0 as usize) else { return };
        let former = client.spec.clone();
        let next_ms = client.go_on_as(spec, now_ms, &mut self.rng);
        let methods = said_anew(&former, spec, &mut client.renewed);
        let sessions: Vec<SessionId> = (0..client.sessions().len()).map(|index| SessionId::new(id, index)).collect();
        let cause = self.note(SessionId { client: id, index: 0 }, 0, ClientEvent::Changed { spec: spec.clone() }, log);
        if let Some(at_ms) = next_ms {
            self.wake_at(id, at_ms);
        }
        for session in sessions {
            self.change_session(session, &former, &methods, cause, log);
        }
        self.begin_again(id, false);
    }

    fn change_session(
        &mut self,
        id: SessionId,
        former: &ClientSpec,
        methods: &[Method],
        cause: u64,
        log: &mut Vec<LogEntry>,
    ) {
        let latency_ms = self.clients.get(id.client.0 as usize).map(|client: &Client| client.spec.latency_ms);
        let Some(session) = self.session_mut(id) else { return };
        if let Some(latency_ms) = latency_ms.filter(|latency_ms| *latency_ms != former.latency_ms) {
            session.link.set_latency(latency_ms);
        }
        if session.is_open {
            methods.iter().for_each(|method| self.say(id, method.clone(), cause, log));
        } else if self.broker.is_running() {
            self.connect_anew(id, cause, log);
        }
    }

    /// What begins a role takes no time, here as when a client connects; but a link that lets nothing through lets this
    /// through neither, and what counts publishes has to come after those that are under way.
    fn say(&mut self, id: SessionId, method: Method, cause: u64, log: &mut Vec<LogEntry>) {
        let Some(session) = self.session_mut(id).filter(|session| session.is_open) else { return };
        let (channel, is_free) = (session.channel(), !session.link.is_cut && !session.link.is_held);
        if !is_free || method == Method::ConfirmSelect || self.broker.channel(channel).is_none() {
            return self.send(id, method, cause, log);
        }
        match self.apply(Command::Method { channel, method }, cause, log) {
            Ok(Some(reply @ Reply::Closed(_))) => self.refuse(id, reply, cause, log),
            Ok(_) => {}
            Err(error) => {
                self.note(id, cause, ClientEvent::NotSent { error }, log);
            }
        }
    }
}
