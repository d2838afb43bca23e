//! queue.bind, queue.unbind, exchange.bind, exchange.unbind.
//!
//! Source: `rabbit/src/rabbit_channel.erl binding_action_with_checks/10`, `rabbit_binding.erl`.

use std::rc::Rc;

use super::exchange::refuse_default;
use super::{Outcome, strip_line_breaks};
use crate::broker::Broker;
use crate::broker::access::{Access, Kind};
use crate::broker::binding::{Binding, Bound, Destination, Target};
use crate::broker::command::{ExchangeBinding, QueueBinding, Reply};
use crate::broker::error::AmqpError;
use crate::broker::event::{DeleteReason, EventKind, Sink};
use crate::broker::message::RoutingKeys;
use crate::broker::name::{ChannelId, ConnectionId, Name};
use crate::broker::reply_to;
use crate::broker::step::Step;

impl Broker {
    pub(super) fn queue_bind<S: Sink>(&mut self, id: ChannelId, binding: QueueBinding, step: &mut Step<S>) -> Outcome {
        let binding = self.queue_binding(id, binding)?;
        self.bind(id, binding, step)
    }

    pub(super) fn queue_unbind<S: Sink>(
        &mut self,
        id: ChannelId,
        binding: QueueBinding,
        step: &mut Step<S>,
    ) -> Outcome {
        let binding = self.queue_binding(id, binding)?;
        self.unbind(id, binding, step)
    }

    pub(super) fn exchange_bind<S: Sink>(
        &mut self,
        id: ChannelId,
        binding: ExchangeBinding,
        step: &mut Step<S>,
    ) -> Outcome {
        let binding = self.exchange_binding(id, binding);
        self.bind(id, binding, step)
    }

    pub(super) fn exchange_unbind<S: Sink>(
        &mut self,
        id: ChannelId,
        binding: ExchangeBinding,
        step: &mut Step<S>,
    ) -> Outcome {
        let binding = self.exchange_binding(id, binding);
        self.unbind(id, binding, step)
    }

    /// Where both the queue's name and the key are empty, both stand for the last declared queue.
    fn queue_binding(&self, id: ChannelId, binding: QueueBinding) -> Result<Binding, AmqpError> {
        let both_empty = binding.queue.is_empty() && binding.routing_key.is_empty();
        let queue = strip_line_breaks(self.named_queue(id, binding.queue)?);
        Ok(Binding {
            vhost: self.vhost_of(id),
            source: strip_line_breaks(binding.exchange),
            routing_key: if both_empty { queue.clone() } else { binding.routing_key },
            destination: Destination::Queue(queue),
            arguments: binding.arguments,
        })
    }

    fn exchange_binding(&self, id: ChannelId, binding: ExchangeBinding) -> Binding {
        Binding {
            vhost: self.vhost_of(id),
            source: strip_line_breaks(binding.source),
            destination: Destination::Exchange(strip_line_breaks(binding.destination)),
            routing_key: binding.routing_key,
            arguments: binding.arguments,
        }
    }

    fn check_binding(&self, id: ChannelId, binding: &Binding) -> Result<(), AmqpError> {
        let (kind, name) = match &binding.destination {
            Destination::Queue(name) => (Kind::Queue, name),
            Destination::Exchange(name) => (Kind::Exchange, name),
        };
        if kind == Kind::Queue && reply_to::is_reply_name(name) {
            return Err(AmqpError::access_refused("cannot bind or unbind to a volatile (direct reply-to) queue"));
        }
        self.check_access(id.connection, Access::Write, kind, name)?;
        if kind == Kind::Exchange {
            refuse_default(name)?;
        }
        refuse_default(&binding.source)?;
        self.check_access(id.connection, Access::Read, Kind::Exchange, &binding.source)?;
        let key = RoutingKeys::single(binding.routing_key.clone());
        self.check_topic_access(id.connection, Access::Read, &binding.source, &key)
    }

    /// Source and destination must be there; the source is missed first.
    fn binding_target(&self, binding: &Binding) -> Result<Target, AmqpError> {
        let vhost = &binding.vhost;
        if self.exchange(vhost, &binding.source).is_none() {
            return Err(AmqpError::no_exchange(&binding.source, vhost));
        }
        self.target_of(vhost, &binding.destination).ok_or_else(|| match &binding.destination {
            Destination::Queue(name) => AmqpError::no_queue(name, vhost),
            Destination::Exchange(name) => AmqpError::no_exchange(name, vhost),
        })
    }

    fn bind<S: Sink>(&mut self, id: ChannelId, binding: Binding, step: &mut Step<S>) -> Outcome {
        self.check_binding(id, &binding)?;
        let target = self.binding_target(&binding)?;
        self.add_binding(binding, target, Some(id.connection), step)?;
        Ok(Some(Reply::Ok))
    }

    /// A binding whose ends are there. Whose queue it is is asked last, if it is a client that binds.
    /// Source: `rabbit/src/rabbit_binding.erl binding_checks/2`.
    pub(crate) fn add_binding<S: Sink>(
        &mut self,
        binding: Binding,
        target: Target,
        asked_by: Option<ConnectionId>,
        step: &mut Step<S>,
    ) -> Result<(), AmqpError> {
        let queue_type = match &target {
            Target::Queue(queue) => self.queues.get(queue).map(|queue| queue.kind()),
            Target::Exchange(_) => None,
        };
        let binding = Rc::new(binding);
        if let Some(exchange) = self.exchange(&binding.vhost, &binding.source) {
            exchange.validate_binding(&binding, queue_type)?;
        }
        if let (Target::Queue(queue), Some(connection)) = (&target, asked_by) {
            self.check_owner(connection, *queue)?;
        }
        let Some(vhost) = self.vhosts.get_mut(&binding.vhost) else { return Ok(()) };
        let Some(exchange) = vhost.exchanges.get_mut(&binding.source) else { return Ok(()) };
        let new = exchange.bind(Bound { binding: binding.clone(), target });
        step.emit(|| EventKind::Bound { binding, new });
        Ok(())
    }

    /// Unbinding what is not there is no error, whosever queue it is.
    /// Source: `rabbit/src/rabbit_db_binding.erl delete/2`.
    fn unbind<S: Sink>(&mut self, id: ChannelId, binding: Binding, step: &mut Step<S>) -> Outcome {
        self.check_binding(id, &binding)?;
        let bound = self.exchange(&binding.vhost, &binding.source).is_some_and(|exchange| exchange.has(&binding));
        if let (true, Some(Target::Queue(queue))) = (bound, self.target_of(&binding.vhost, &binding.destination)) {
            self.check_owner(id.connection, queue)?;
        }
        let (vhost, source): (Name, Name) = (binding.vhost.clone(), binding.source.clone());
        let exchange = self.vhosts.get_mut(&vhost).and_then(|host| host.exchanges.get_mut(&source));
        if let Some(binding) = exchange.and_then(|exchange| exchange.unbind(&binding)) {
            step.emit(|| EventKind::Unbound { binding, why: DeleteReason::Client });
            self.auto_delete_exchange(&vhost, &source, step);
        }
        Ok(Some(Reply::Ok))
    }
}
