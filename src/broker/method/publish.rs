//! basic.publish: checks, routing, hand-over to queues, return, confirm, in this order.
//!
//! Source: `rabbit/src/rabbit_channel.erl`, method basic.publish; `mc_amqpl.erl` for CC and BCC.

use std::rc::Rc;

use super::Outcome;
use crate::broker::access::{Access, Kind};
use crate::broker::arguments::parse_expiration;
use crate::broker::binding::{Binding, Destination};
use crate::broker::channel::Routed;
use crate::broker::command::{BasicPublish, Frame};
use crate::broker::error::AmqpError;
use crate::broker::event::{self, EventKind, MatchReason, Sink, Tried, Verdict};
use crate::broker::exchange::Exchange;
use crate::broker::message::{Entry, Message, MoreKeys, RoutingKeys};
use crate::broker::name::{ChannelId, CopyId, MessageId, Name, QueueId};
use crate::broker::ordered::{sort_by, sort_by_key};
use crate::broker::properties::Properties;
use crate::broker::queue::{Publisher, Queue, Taken};
use crate::broker::step::Step;
use crate::broker::table::{Table, Value};
use crate::broker::vhost::Vhost;
use crate::broker::{Broker, reply_to, router};

impl Broker {
    pub(super) fn basic_publish<S: Sink>(
        &mut self,
        id: ChannelId,
        publish: BasicPublish,
        step: &mut Step<S>,
    ) -> Outcome {
        let vhost = self.vhost_of(id);
        let message = self.checked_message(id, &vhost, &publish)?;
        let mandatory = publish.mandatory;
        step.emit_cause(|| EventKind::Published {
            message: message.clone(),
            channel: id,
            vhost: vhost.clone(),
            mandatory,
        });
        let mut queues = std::mem::take(&mut step.buffers.targets);
        queues.clear();
        let replies = self.route(&vhost, &message.exchange, &message, &mut queues, step);
        self.trace_publish(id, &message, &queues, step);
        let publish = mandatory.then_some(publish);
        let Some(channel) = self.channel_mut(id) else { return Ok(None) };
        if let Some(transaction) = &mut channel.transaction {
            let queues = queues.clone();
            transaction.publishes.push(Routed { message, queues, replies, mandatory, publish });
        } else {
            let number = channel.confirms;
            let taken = self.hand_over(id, &message, &queues, &replies, publish, step);
            if let Some(delivery_tag) = number {
                confirm(id, delivery_tag, taken, step);
            }
        }
        step.buffers.targets = queues;
        Ok(None)
    }

    /// Everything that can refuse a publish, in RabbitMQ's order.
    fn checked_message(
        &mut self,
        id: ChannelId,
        vhost: &Name,
        publish: &BasicPublish,
    ) -> Result<Rc<Message>, AmqpError> {
        if publish.immediate {
            return Err(AmqpError::not_implemented("immediate=true"));
        }
        let (size, max) = (publish.payload.len() as u64, self.config.max_message_bytes);
        if size > max {
            return Err(AmqpError::precondition_failed(format_args!(
                "message size {size} is larger than configured max size {max}"
            )));
        }
        let name = publish.exchange.clone();
        self.check_access(id.connection, Access::Write, Kind::Exchange, &name)?;
        let exchange = self.exchange(vhost, &name).ok_or_else(|| AmqpError::no_exchange(&name, vhost))?;
        if exchange.internal {
            return Err(AmqpError::access_refused(format_args!(
                "cannot publish to internal exchange '{name}' in vhost '{vhost}'"
            )));
        }
        let properties = with_plain_expiration(self.with_reply_address(id, &publish.properties)?)?;
        if let Some(number) = self.channel_mut(id).and_then(|channel| channel.confirms.as_mut()) {
            *number += 1;
        }
        let (more, properties) = take_carbon_copies(properties)?;
        let routing_keys = RoutingKeys { key: publish.routing_key.clone(), more };
        self.check_topic_access(id.connection, Access::Write, &name, &routing_keys)?;
        self.check_user_id(id, properties.user_id.as_ref())?;
        self.last_message += 1;
        Ok(Rc::new(Message {
            id: MessageId(self.last_message),
            exchange: name,
            routing_keys,
            properties,
            payload: publish.payload.clone(),
            deaths: None,
            delivery_count: None,
        }))
    }

    fn check_user_id(&self, id: ChannelId, claimed: Option<&Name>) -> Result<(), AmqpError> {
        let Some(claimed) = claimed else { return Ok(()) };
        let Some(connection) = self.connection(id.connection) else { return Ok(()) };
        let user = &connection.user;
        let impersonates = self.users.get(user).is_some_and(|user| user.tags.iter().any(|tag| *tag == "impersonator"));
        if claimed == user || impersonates {
            return Ok(());
        }
        Err(AmqpError::precondition_failed(format_args!(
            "user_id property set to '{claimed}' but authenticated user was '{user}'"
        )))
    }

    /// Asks an exchange where a message goes. Queues are put into `queues`, in the order in which they get it;
    /// addresses of direct replies are answered.
    pub(crate) fn route<S: Sink>(
        &self,
        vhost: &Name,
        exchange: &Name,
        message: &Rc<Message>,
        queues: &mut Vec<QueueId>,
        step: &mut Step<S>,
    ) -> Vec<Name> {
        let Some(host) = self.vhosts.get(vhost) else { return Vec::new() };
        if exchange.is_empty() {
            let keys = message.routing_keys.iter();
            let mut replies: Vec<Name> = keys.clone().filter(|key| reply_to::is_address(key)).cloned().collect();
            sort_by(&mut replies, Name::cmp);
            replies.dedup();
            queues.extend(keys.filter_map(|key| host.queues.get(key)));
            if queues.len() > 1 {
                sort_by_key(queues, |id| self.queues.get(id).map(|queue| (queue.kind(), queue.resource.name.clone())));
                queues.dedup();
            }
            self.emit_default_route(vhost, message, queues, step);
            return replies;
        }
        if let Some(start) = host.exchanges.get(exchange) {
            self.route_from(host, start, message, queues, step);
        }
        Vec::new()
    }

    fn route_from<S: Sink>(
        &self,
        host: &Vhost,
        start: &Exchange,
        message: &Rc<Message>,
        queues: &mut Vec<QueueId>,
        step: &mut Step<S>,
    ) {
        let choose = self.names.choice(message.id.0 ^ self.last_copy.rotate_left(32));
        let mut targets = std::mem::take(&mut step.buffers.routing);
        let mut tell = |routed| {
            step.emit(|| EventKind::Routed(routed));
        };
        let told: Option<&mut dyn FnMut(_)> = if S::RECORDS { Some(&mut tell) } else { None };
        router::route(&host.exchanges, start, message, choose, told, &mut targets);
        targets.sort_by(|id| self.queues.get(&id).map(|queue| (queue.kind(), &queue.resource.name)));
        queues.extend(targets.queues());
        step.buffers.routing = targets;
    }

    /// The default exchange has no bindings but the implied ones.
    fn emit_default_route<S: Sink>(&self, vhost: &Name, message: &Rc<Message>, queues: &[QueueId], step: &mut Step<S>) {
        let Some(exchange) = self.exchange(vhost, "").filter(|_| S::RECORDS) else { return };
        let implied = |queue: &Queue| {
            let name = queue.resource.name.clone();
            let destination = Destination::Queue(name.clone());
            let binding = Binding {
                vhost: vhost.clone(),
                source: Name::default(),
                destination,
                routing_key: name,
                arguments: Table::new(),
            };
            Tried { binding: Rc::new(binding), verdict: Verdict::Match(MatchReason::QueueName) }
        };
        let tried = queues.iter().filter_map(|id| self.queue_by_id(*id)).map(implied).collect();
        let (exchange, kind) = (exchange.resource.clone(), exchange.kind.as_str().into());
        let message = message.clone();
        step.emit(|| {
            EventKind::Routed(event::Routed { message, exchange, kind, tried, more_unmatched: 0, alternate: None })
        });
    }

    /// Gives a routed message to its queues, one after the other; then tells the publisher if it reached none.
    pub(super) fn hand_over<S: Sink>(
        &mut self,
        id: ChannelId,
        message: &Rc<Message>,
        queues: &[QueueId],
        replies: &[Name],
        mandatory: Option<BasicPublish>,
        step: &mut Step<S>,
    ) -> Taken {
        let cause = step.cause;
        let mut taken = Taken::Accepted;
        // Between a transaction's publish and its commit, queues may go; a publish that loses all is not returned.
        let is_there = |queue: &QueueId| self.queues.contains_key(queue);
        if S::RECORDS && !queues.is_empty() && replies.is_empty() && !queues.iter().any(is_there) {
            step.emit(|| EventKind::Unroutable { message: message.clone(), returned: false });
        }
        for queue in queues {
            step.cause = cause;
            if self.enqueue(*queue, message, Some(Publisher::Channel(id)), step) == Taken::Refused {
                taken = Taken::Refused;
            }
        }
        step.cause = cause;
        self.send_replies(replies, message, step);
        if queues.is_empty() && replies.is_empty() {
            let returned = mandatory.is_some();
            step.emit(|| EventKind::Unroutable { message: message.clone(), returned });
            if let Some(mut publish) = mandatory {
                publish.properties = message.properties.clone();
                step.frames.push(Frame::Return {
                    channel: id,
                    reply_code: 312,
                    reply_text: "NO_ROUTE".into(),
                    publish,
                });
            }
        }
        taken
    }

    /// A queue gets a copy.
    pub(crate) fn enqueue<S: Sink>(
        &mut self,
        id: QueueId,
        message: &Rc<Message>,
        publisher: Option<Publisher>,
        step: &mut Step<S>,
    ) -> Taken {
        let Some(queue) = self.queues.get(&id) else { return Taken::Accepted };
        self.last_copy += 1;
        let own = message.properties.expiration.as_ref().and_then(|text| parse_expiration(text).ok());
        let ttl_ms = own.into_iter().chain(queue.settings.message_ttl_ms).min();
        let entry = Entry {
            id: CopyId(self.last_copy),
            message: message.clone(),
            expires_ms: ttl_ms.map_or(Entry::NEVER, |ttl_ms| step.now_ms.saturating_add(ttl_ms)),
            arrived_ms: step.now_ms,
            acquired: None,
            delivery_count: message.delivery_count,
        };
        let taken = self.turn(id, step, |queue, turn| queue.publish(entry, publisher, turn));
        taken.unwrap_or(Taken::Accepted)
    }
}

fn confirm<S: Sink>(channel: ChannelId, delivery_tag: u64, taken: Taken, step: &mut Step<S>) {
    let ack = taken == Taken::Accepted;
    step.emit(|| EventKind::Confirmed { channel, delivery_tag, ack });
    step.frames.push(match ack {
        true => Frame::Ack { channel, delivery_tag },
        false => Frame::Nack { channel, delivery_tag },
    });
}

/// Consumers see the expiration as RabbitMQ writes the number, without a sign or leading zeros.
/// Source: `rabbit/src/mc_amqpl.erl protocol_state/2`.
fn with_plain_expiration(mut properties: Rc<Properties>) -> Result<Rc<Properties>, AmqpError> {
    let Some(given) = &properties.expiration else { return Ok(properties) };
    let plain: Name = parse_expiration(given)?.to_string().into();
    if plain != *given {
        Rc::make_mut(&mut properties).expiration = Some(plain);
    }
    Ok(properties)
}

/// The routing keys of the CC and BCC headers, and the properties without BCC.
fn take_carbon_copies(properties: Rc<Properties>) -> Result<(Option<Rc<MoreKeys>>, Rc<Properties>), AmqpError> {
    let (cc, bcc) = (properties.header("CC"), properties.header("BCC"));
    if cc.is_none() && bcc.is_none() {
        return Ok((None, properties));
    }
    let more = MoreKeys::new(keys_in("CC", cc)?, keys_in("BCC", bcc)?);
    let mut properties = properties;
    if properties.header("BCC").is_some()
        && let Some(headers) = &mut Rc::make_mut(&mut properties).headers
    {
        headers.remove("BCC");
    }
    let more = (!more.cc.is_empty() || !more.bcc.is_empty()).then(|| Rc::new(more));
    Ok((more, properties))
}

fn keys_in(header: &str, value: Option<&Value>) -> Result<Vec<Name>, AmqpError> {
    match value {
        None => Ok(Vec::new()),
        Some(Value::Array(items)) => Ok(items.iter().filter_map(|item| item.as_name().cloned()).collect()),
        Some(other) => Err(AmqpError::precondition_failed(format_args!(
            "invalid message: {{unacceptable_type_in_header,\"{header}\",{}}}",
            other.type_name()
        ))),
    }
}
