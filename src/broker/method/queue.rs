//! queue.declare, queue.delete, queue.purge.
//!
//! Source: `rabbit/src/rabbit_channel.erl handle_method/6`, `rabbit_amqqueue.erl declare/7`.

use std::rc::Rc;

use super::{Outcome, strip_line_breaks};
use crate::broker::access::{Access, Kind};
use crate::broker::arguments::{self, QueueProperties};
use crate::broker::command::{QueueDeclare, Reply};
use crate::broker::error::AmqpError;
use crate::broker::event::{Declared, DeleteReason, EventKind, Sink};
use crate::broker::name::{ChannelId, ConnectionId, Name, QueueId, Resource};
use crate::broker::queue::classic::Classic;
use crate::broker::queue::{Body, Queue};
use crate::broker::settings::{QueueType, Settings};
use crate::broker::step::Step;
use crate::broker::table::Table;
use crate::broker::{Broker, reply_to};

impl Broker {
    pub(super) fn queue_declare<S: Sink>(
        &mut self,
        id: ChannelId,
        declare: QueueDeclare,
        step: &mut Step<S>,
    ) -> Outcome {
        let reply = if declare.passive {
            self.declare_passive(id, declare, step)?
        } else {
            self.declare_active(id, declare, step)?
        };
        if let (Reply::DeclareOk { queue, .. }, Some(channel)) = (&reply, self.channel_mut(id)) {
            channel.last_queue = Some(queue.clone());
        }
        Ok(Some(reply))
    }

    fn declare_passive<S: Sink>(
        &mut self,
        id: ChannelId,
        declare: QueueDeclare,
        step: &mut Step<S>,
    ) -> Result<Reply, AmqpError> {
        let vhost = self.vhost_of(id);
        let name = strip_line_breaks(declare.queue);
        self.check_any_access(id.connection, Kind::Queue, &name)?;
        if reply_to::is_reply_name(&name) {
            return self.declare_reply_queue(&vhost, name);
        }
        let queue = self.find_queue(id, &vhost, &name)?;
        self.declare_counts_as_use(queue, step);
        self.declared(queue, false, step)
    }

    /// Source: `rabbit/src/rabbit_amqqueue_process.erl`, call `stat`; a quorum queue is not asked.
    fn declare_counts_as_use<S: Sink>(&mut self, id: QueueId, step: &mut Step<S>) {
        if self.queues.get(&id).is_some_and(|queue| queue.kind() == QueueType::Classic) {
            self.touch(id, step);
        }
    }

    fn declare_active<S: Sink>(
        &mut self,
        id: ChannelId,
        declare: QueueDeclare,
        step: &mut Step<S>,
    ) -> Result<Reply, AmqpError> {
        let vhost = self.vhost_of(id);
        let QueueDeclare { queue, durable, exclusive, auto_delete, mut arguments, .. } = declare;
        let mut name = strip_line_breaks(queue);
        if reply_to::is_reply_name(&name) {
            return self.declare_reply_queue(&vhost, name);
        }
        let default_type = self.vhost(&vhost).map_or(QueueType::Classic, |host| host.default_queue_type);
        let given = arguments.clone();
        arguments::add_queue_type(&mut arguments, default_type, durable, exclusive, auto_delete);
        if name.is_empty() {
            let prefix = arguments::check_server_named(&given, &arguments)?;
            name = self.names.queue(&prefix);
        } else if name.starts_with("amq.") {
            return Err(AmqpError::access_refused(format_args!(
                "queue name '{name}' contains reserved prefix 'amq.*'"
            )));
        }
        self.check_access(id.connection, Access::Configure, Kind::Queue, &name)?;
        let owner = exclusive.then_some(id.connection);
        let durable = durable && !exclusive;
        let resource = Rc::new(Resource { vhost: vhost.clone(), name: name.clone() });
        if let Some(known) = self.vhost(&vhost).and_then(|host| host.queues.get(&name)).copied() {
            let requested = QueueProperties { durable, auto_delete, arguments: &arguments };
            self.check_equivalence(known, owner, &resource, requested)?;
            self.declare_counts_as_use(known, step);
            return self.declared(known, false, step);
        }
        self.check_dead_letter_access(id, &resource, &arguments)?;
        let queue = self.declare_new(resource, durable, owner, auto_delete, arguments, step)?;
        self.declared(queue, true, step)
    }

    /// A queue that is not there yet, with the type already among its arguments.
    pub(crate) fn declare_new<S: Sink>(
        &mut self,
        resource: Rc<Resource>,
        durable: bool,
        owner: Option<ConnectionId>,
        auto_delete: bool,
        arguments: Table,
        step: &mut Step<S>,
    ) -> Result<QueueId, AmqpError> {
        let default_type = self.vhost(&resource.vhost).map_or(QueueType::Classic, |host| host.default_queue_type);
        let kind = arguments::check_queue_arguments(&resource, &arguments, default_type)?;
        if !durable && owner.is_none() && !self.config.permit_transient_nonexclusive_queues {
            return Err(AmqpError::internal_error(TRANSIENT_QUEUES_DENIED));
        }
        self.check_queue_limit(&resource)?;
        arguments::check_queue_properties(&resource, kind, durable, owner.is_some(), auto_delete, &arguments)?;
        Ok(self.create_queue(resource, kind, durable, owner, auto_delete, arguments, step))
    }

    fn check_equivalence(
        &self,
        known: QueueId,
        owner: Option<ConnectionId>,
        resource: &Resource,
        requested: QueueProperties,
    ) -> Result<(), AmqpError> {
        let Some(queue) = self.queue_by_id(known) else { return Ok(()) };
        if queue.exclusive != owner {
            return Err(locked(resource));
        }
        let &Queue { durable, auto_delete, ref arguments, .. } = queue;
        let existing = QueueProperties { durable, auto_delete, arguments };
        arguments::check_queue_equivalence(resource, queue.kind(), existing, requested)
    }

    /// Who declares a queue with a dead letter exchange must be allowed to read the one and write to the other.
    fn check_dead_letter_access(&self, id: ChannelId, resource: &Resource, arguments: &Table) -> Result<(), AmqpError> {
        let Some(exchange) = arguments::dead_letter_exchange(resource, arguments)? else { return Ok(()) };
        self.check_access(id.connection, Access::Read, Kind::Queue, &resource.name)?;
        self.check_access(id.connection, Access::Write, Kind::Exchange, &exchange)
    }

    fn check_queue_limit(&self, resource: &Resource) -> Result<(), AmqpError> {
        let Resource { vhost, name } = resource;
        let Some(host) = self.vhost(vhost) else { return Ok(()) };
        match host.max_queues {
            Some(limit) if host.queues.len() as u64 >= limit => Err(AmqpError::precondition_failed(format_args!(
                "cannot declare queue '{name}': queue limit in vhost '{vhost}' ({limit}) is reached"
            ))),
            _ => Ok(()),
        }
    }

    #[allow(clippy::too_many_arguments)] // the fields of a queue
    fn create_queue<S: Sink>(
        &mut self,
        resource: Rc<Resource>,
        kind: QueueType,
        durable: bool,
        exclusive: Option<ConnectionId>,
        auto_delete: bool,
        arguments: Table,
        step: &mut Step<S>,
    ) -> QueueId {
        self.last_queue += 1;
        let id = QueueId(self.last_queue);
        let body = match kind {
            QueueType::Classic => Body::Classic(Classic::default()),
            QueueType::Quorum => Body::Quorum(Box::default()),
            QueueType::Stream => Body::Stream(Box::default()),
        };
        let queue = Queue {
            id,
            resource: resource.clone(),
            durable,
            auto_delete,
            exclusive,
            settings: Settings::new(kind, &arguments, &Default::default()),
            arguments,
            policy: None,
            operator_policy: None,
            used_ms: step.now_ms,
            had_consumers: false,
            body,
            armed: [None; 4],
        };
        self.queues.insert(id, Box::new(queue));
        if let Some(vhost) = self.vhosts.get_mut(&resource.vhost) {
            vhost.queues.insert(resource.name.clone(), id);
        }
        self.apply_queue_policy(id, step);
        self.set_timers(id);
        id
    }

    pub(crate) fn declared<S: Sink>(&mut self, id: QueueId, new: bool, step: &mut Step<S>) -> Result<Reply, AmqpError> {
        let Some(queue) = self.queues.get(&id) else { return Ok(Reply::Ok) };
        let kind = Name::from(queue.kind().as_str());
        step.emit(|| EventKind::QueueDeclared {
            queue: queue.resource.clone(),
            kind,
            with: Rc::new(Declared {
                durable: queue.durable,
                auto_delete: queue.auto_delete,
                exclusive: queue.exclusive.is_some(),
                internal: false,
                arguments: queue.arguments.clone(),
            }),
            new,
        });
        let (message_count, consumer_count) = (queue.ready(), queue.consumer_count());
        Ok(Reply::DeclareOk { queue: queue.resource.name.clone(), message_count, consumer_count })
    }

    /// The queue of that name, if it is there and this connection may use it.
    pub(super) fn find_queue(&self, id: ChannelId, vhost: &Name, name: &Name) -> Result<QueueId, AmqpError> {
        let queue = self.vhost(vhost).and_then(|host| host.queues.get(name)).copied();
        let queue = queue.ok_or_else(|| AmqpError::no_queue(name, vhost))?;
        self.check_owner(id.connection, queue)?;
        Ok(queue)
    }

    /// An exclusive queue is its connection's alone.
    pub(super) fn check_owner(&self, connection: ConnectionId, id: QueueId) -> Result<(), AmqpError> {
        match self.queues.get(&id) {
            Some(queue) if queue.exclusive.is_some_and(|owner| owner != connection) => Err(locked(&queue.resource)),
            _ => Ok(()),
        }
    }

    pub(super) fn queue_delete<S: Sink>(
        &mut self,
        id: ChannelId,
        name: Name,
        if_unused: bool,
        if_empty: bool,
        step: &mut Step<S>,
    ) -> Outcome {
        let vhost = self.vhost_of(id);
        let name = strip_line_breaks(self.named_queue(id, name)?);
        self.check_access(id.connection, Access::Configure, Kind::Queue, &name)?;
        if self.vhost(&vhost).is_none_or(|host| !host.queues.contains_key(&name)) {
            return Ok(Some(Reply::Count { message_count: 0 }));
        }
        let queue_id = self.find_queue(id, &vhost, &name)?;
        let Some(queue) = self.queues.get(&queue_id) else { return Ok(None) };
        let flagged = [(if_empty, "if-empty"), (if_unused, "if-unused")].into_iter().find(|(set, _)| *set);
        if let (QueueType::Quorum, Some((_, flag))) = (queue.kind(), flagged) {
            return Err(AmqpError::not_implemented(format_args!(
                "cannot delete queue '{name}' in vhost '{vhost}'. queue.delete operations with {flag} flag set are not \
                 supported by quorum queues"
            )));
        }
        if queue.kind() == QueueType::Classic {
            if if_empty && queue.ready() > 0 {
                return Err(AmqpError::precondition_failed(format_args!(
                    "queue '{name}' in vhost '{vhost}' not empty"
                )));
            }
            if if_unused && queue.consumer_count() > 0 {
                return Err(AmqpError::precondition_failed(format_args!("queue '{name}' in vhost '{vhost}' in use")));
            }
        }
        let message_count = if queue.kind() == QueueType::Stream { 0 } else { queue.ready() };
        self.delete_queue(queue_id, DeleteReason::Client, step);
        Ok(Some(Reply::Count { message_count }))
    }

    pub(super) fn queue_purge<S: Sink>(&mut self, id: ChannelId, name: Name, step: &mut Step<S>) -> Outcome {
        let vhost = self.vhost_of(id);
        let name = self.named_queue(id, name)?;
        self.check_access(id.connection, Access::Read, Kind::Queue, &name)?;
        let queue_id = self.find_queue(id, &vhost, &name)?;
        if self.queues.get(&queue_id).is_some_and(|queue| queue.kind() == QueueType::Stream) {
            return Err(AmqpError::not_implemented(format_args!(
                "queue.purge not supported by stream queues queue '{name}' in vhost '{vhost}'"
            )));
        }
        let resource = Rc::new(Resource { vhost, name });
        let message_count = self.turn(queue_id, step, |queue, turn| queue.purge(turn)).unwrap_or(0);
        step.emit(|| EventKind::QueuePurged { queue: resource, count: message_count });
        Ok(Some(Reply::Count { message_count }))
    }
}

/// Source: `rabbit/src/rabbit_deprecated_features.erl`, feature `transient_nonexcl_queues`.
const TRANSIENT_QUEUES_DENIED: &str = "Feature `transient_nonexcl_queues` is deprecated.\nBy default, this feature is \
    not permitted anymore.\nThe feature will be removed from a future major RabbitMQ version, regardless of the \
    configuration; actual version to be determined.\nTo continue using this feature";

/// Source: `rabbit/src/rabbit_amqqueue.erl check_exclusive_access/3`.
fn locked(resource: &Resource) -> AmqpError {
    let Resource { vhost, name } = resource;
    AmqpError::resource_locked(format_args!(
        "cannot obtain exclusive access to locked queue '{name}' in vhost '{vhost}'. It could be originally declared on \
         another connection or the exclusive property value does not match that of the original declaration."
    ))
}
