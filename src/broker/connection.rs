//! Connections: logging in, and what an end takes with it.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use super::channel::Channel;
use super::command::{ConnectionOpen, Frame, Reply};
use super::error::AmqpError;
use super::event::{CloseReason, DeleteReason, EventKind, Sink};
use super::name::{ChannelId, ConnectionId, Name, QueueId};
use super::ordered::{OrderedMap, sort_by, sort_by_key};
use super::queue::Queue;
use super::settings::QueueType;
use super::step::Step;
use super::{Broker, event::ReturnReason};

/// An open connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Which.
    pub id: ConnectionId,
    /// The virtual host it is in.
    pub vhost: Name,
    /// Who.
    pub user: Name,
    /// Whether it wants to be told when the server cancels a consumer.
    pub consumer_cancel_notify: bool,
    /// Its channels by number.
    pub channels: OrderedMap<u16, Channel>,
}

impl Broker {
    pub(crate) fn open_connection<S: Sink>(&mut self, open: ConnectionOpen, step: &mut Step<S>) -> Option<Reply> {
        if let Err(error) = self.check_login(&open) {
            step.emit(|| EventKind::ConnectionRefused { connection: open.connection, error: error.clone() });
            return Some(Reply::Closed(error));
        }
        let ConnectionOpen { connection: id, vhost, user, consumer_cancel_notify, .. } = open;
        step.emit(|| EventKind::ConnectionOpened { connection: id, vhost: vhost.clone(), user: user.clone() });
        let channels = OrderedMap::new();
        self.connections.insert(id, Connection { id, vhost, user, consumer_cancel_notify, channels });
        Some(Reply::Ok)
    }

    /// Source: `rabbit/src/rabbit_reader.erl`, method connection.open.
    fn check_login(&self, open: &ConnectionOpen) -> Result<(), AmqpError> {
        let (vhost, user) = (&open.vhost, &open.user);
        let known = self.users.get(user).filter(|known| known.password.is(&open.password));
        let Some(known) = known else {
            return Err(AmqpError::login_refused(
                "Login was refused using authentication mechanism PLAIN. For details see the broker logfile.",
            ));
        };
        let Some(host) = self.vhosts.get(vhost) else {
            return Err(AmqpError::not_allowed(format_args!("vhost {vhost} not found")));
        };
        let open_already = self.connections.values().filter(|connection| connection.vhost == *vhost).count() as u64;
        if let Some(limit) = host.max_connections.filter(|limit| open_already >= *limit) {
            return Err(AmqpError::not_allowed(format_args!(
                "access to vhost '{vhost}' refused for user '{user}': connection limit ({limit}) is reached"
            )));
        }
        if !known.permissions.contains_key(vhost) {
            return Err(AmqpError::not_allowed(format_args!("access to vhost '{vhost}' refused for user '{user}'")));
        }
        Ok(())
    }

    pub(crate) fn force_connection<S: Sink>(&mut self, id: ConnectionId, reason: &Name, step: &mut Step<S>) {
        let reason = if reason.is_empty() { "Closed via management plugin" } else { reason };
        let error = AmqpError::connection_forced(reason);
        step.frames.push(Frame::ConnectionClosed { connection: id, error: error.clone() });
        self.end_connection(id, CloseReason::Error(error), step);
    }

    /// Ends a connection: its channels in order, then its exclusive queues.
    pub(crate) fn end_connection<S: Sink>(&mut self, id: ConnectionId, why: CloseReason, step: &mut Step<S>) {
        let Some(connection) = self.connections.get(&id) else { return };
        let numbers: Vec<u16> = connection.channels.keys().copied().collect();
        step.emit_cause(|| EventKind::ConnectionClosed { connection: id, why });
        for number in numbers {
            self.end_channel(ChannelId { connection: id, number }, CloseReason::Connection, step);
        }
        self.connections.remove(&id);
        let owned = self.queues.values().filter(|queue| queue.exclusive == Some(id));
        let owned: Vec<QueueId> = owned.map(|queue| queue.id).collect();
        for queue in owned {
            self.delete_queue(queue, DeleteReason::Exclusive, step);
        }
    }

    /// Ends a channel: its consumers go, what it held comes back, its transaction is forgotten.
    pub(crate) fn end_channel<S: Sink>(&mut self, id: ChannelId, why: CloseReason, step: &mut Step<S>) {
        let Some(connection) = self.connections.get_mut(&id.connection) else { return };
        if connection.channels.remove(&id.number).is_none() {
            return;
        }
        let outer = step.cause;
        step.emit_cause(|| EventKind::ChannelClosed { channel: id, why });
        for queue in self.in_leaving_order(id) {
            self.channel_left(queue, id, step);
        }
        step.cause = outer;
    }

    /// A channel that ends tells the classic queues it consumes from, the youngest first, and waits for each. The
    /// others find out by themselves, quorum queues last, for they write it to their log.
    /// Source: `rabbit/src/rabbit_channel.erl notify_queues/1`, `rabbit_common/src/delegate.erl invoke/3`.
    fn in_leaving_order(&self, channel: ChannelId) -> Vec<QueueId> {
        let told = |queue: &Queue| {
            let consumes = || queue.consumers().iter().any(|consumer| consumer.channel == channel);
            (queue.kind() == QueueType::Classic && consumes()).then_some(Reverse(queue.id))
        };
        let place = |queue: &Queue| {
            let told = told(queue);
            (told.is_none(), told, queue.kind(), queue.resource.clone())
        };
        let mut queues: Vec<_> = self.queues.values().map(|queue| (place(queue), queue.id)).collect();
        sort_by(&mut queues, Ord::cmp);
        queues.into_iter().map(|(_, id)| id).collect()
    }

    fn channel_left<S: Sink>(&mut self, queue: QueueId, channel: ChannelId, step: &mut Step<S>) {
        let knew_it = self.queues.get(&queue).is_some_and(|queue| queue.knows(channel));
        let removed =
            self.turn(queue, step, |queue, turn| queue.remove_consumers_of(channel, turn)).unwrap_or_default();
        let had_consumers = !removed.is_empty();
        if let Some(resource) = self.queues.get(&queue).map(|queue| queue.resource.clone()) {
            for consumer in removed {
                step.emit(|| EventKind::ConsumerRemoved {
                    queue: resource.clone(),
                    consumer,
                    why: DeleteReason::Channel,
                });
            }
        }
        if knew_it {
            self.touch(queue, step);
        }
        if had_consumers && self.auto_delete_if_unused(queue, step) {
            return;
        }
        // A classic queue does nothing about a channel that has nothing of it; not even look at its head.
        // Source: `rabbit_amqqueue_process.erl handle_ch_down/2`, clause not_found.
        let minds = |queue: &Queue| knew_it || queue.kind() != QueueType::Classic;
        if self.queue_by_id(queue).is_some_and(minds) {
            self.turn(queue, step, |queue, turn| queue.channel_down(channel, ReturnReason::ChannelClosed, turn));
        }
    }

    /// Queues are seen to in the order of their names.
    pub(crate) fn in_name_order(&self, mut queues: Vec<QueueId>) -> Vec<QueueId> {
        sort_by_key(&mut queues, |id| self.queues.get(id).map(|queue| queue.resource.clone()));
        queues
    }
}
