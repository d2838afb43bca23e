//! AMQP methods: what a client asks on a channel, and how a refusal closes the channel or the connection.
//!
//! Each family has a file. A method either answers, or has no answer, or fails with an [`AmqpError`]; closing what
//! the error closes is done here and nowhere else.

mod binding;
mod consume;
mod exchange;
mod publish;
mod queue;
mod settle;
mod sizes;
mod transaction;

pub(crate) use exchange::exchange_declared;

pub(crate) use sizes::{check_sizes, shallow, short};

use super::channel::Channel;
use super::command::{Method, Reply};
use super::error::{AmqpError, Scope};
use super::event::{ChannelSetting, CloseReason, EventKind, Sink};
use super::name::{ChannelId, Name};
use super::step::Step;
use super::{Broker, connection::Connection};

/// What a method answers, if it does.
pub(crate) type Outcome = Result<Option<Reply>, AmqpError>;

impl Broker {
    pub(crate) fn method<S: Sink>(&mut self, channel: ChannelId, method: Method, step: &mut Step<S>) -> Option<Reply> {
        match self.dispatch(channel, method, step) {
            Ok(reply) => reply,
            Err(error) => {
                self.close(channel, &error, step);
                Some(Reply::Closed(error))
            }
        }
    }

    fn close<S: Sink>(&mut self, channel: ChannelId, error: &AmqpError, step: &mut Step<S>) {
        match error.scope {
            Scope::Channel => self.end_channel(channel, CloseReason::Error(error.clone()), step),
            Scope::Connection => self.end_connection(channel.connection, CloseReason::Error(error.clone()), step),
        }
    }

    fn dispatch<S: Sink>(&mut self, id: ChannelId, method: Method, step: &mut Step<S>) -> Outcome {
        if let Method::ChannelOpen = method {
            return self.open_channel(id, step);
        }
        if self.channel(id).is_none() {
            return Err(AmqpError::channel_error("expected 'channel.open'"));
        }
        match method {
            Method::BasicPublish(publish) => self.basic_publish(id, publish, step),
            Method::BasicAck { delivery_tag, multiple } => self.basic_ack(id, delivery_tag, multiple, step),
            Method::BasicNack { delivery_tag, multiple, requeue } => {
                self.basic_nack(id, delivery_tag, multiple, requeue, step)
            }
            Method::BasicReject { delivery_tag, requeue } => self.basic_reject(id, delivery_tag, requeue, step),
            Method::BasicGet { queue, no_ack } => self.basic_get(id, queue, no_ack, step),
            Method::BasicConsume(consume) => self.basic_consume(id, consume, step),
            Method::BasicCancel { consumer_tag } => self.basic_cancel(id, consumer_tag, step),
            Method::BasicQos { prefetch_count, prefetch_size, .. } => {
                self.basic_qos(id, prefetch_count, prefetch_size, step)
            }
            Method::BasicRecover { requeue } => self.basic_recover(id, requeue, step),
            Method::ChannelOpen => Ok(None),
            Method::ChannelClose => {
                self.end_channel(id, CloseReason::Client, step);
                Ok(Some(Reply::Ok))
            }
            Method::ChannelFlow { active } => self.channel_flow(id, active, step),
            Method::ExchangeDeclare(declare) => self.exchange_declare(id, declare, step),
            Method::ExchangeDelete { exchange, if_unused } => self.exchange_delete(id, exchange, if_unused, step),
            Method::ExchangeBind(binding) => self.exchange_bind(id, binding, step),
            Method::ExchangeUnbind(binding) => self.exchange_unbind(id, binding, step),
            Method::QueueDeclare(declare) => self.queue_declare(id, declare, step),
            Method::QueueDelete { queue, if_unused, if_empty } => {
                self.queue_delete(id, queue, if_unused, if_empty, step)
            }
            Method::QueueBind(binding) => self.queue_bind(id, binding, step),
            Method::QueueUnbind(binding) => self.queue_unbind(id, binding, step),
            Method::QueuePurge { queue } => self.queue_purge(id, queue, step),
            Method::ConfirmSelect => self.confirm_select(id, step),
            Method::TxSelect => self.tx_select(id, step),
            Method::TxCommit => self.tx_commit(id, step),
            Method::TxRollback => self.tx_rollback(id, step),
        }
    }

    /// Source: `rabbit/src/rabbit_reader.erl create_channel/2`.
    fn open_channel<S: Sink>(&mut self, id: ChannelId, step: &mut Step<S>) -> Outcome {
        let max = self.config.channel_max;
        let Some(connection) = self.connections.get_mut(&id.connection) else { return Ok(None) };
        if connection.channels.contains_key(&id.number) {
            return Err(AmqpError::channel_error("second 'channel.open' seen"));
        }
        if max != 0 && connection.channels.len() >= usize::from(max) {
            return Err(AmqpError::not_allowed(format_args!(
                "number of channels opened ({}) has reached the negotiated channel_max ({max})",
                connection.channels.len()
            )));
        }
        connection.channels.insert(id.number, Channel::new(id));
        step.emit(|| EventKind::ChannelOpened { channel: id });
        Ok(Some(Reply::Ok))
    }

    fn channel_flow<S: Sink>(&mut self, id: ChannelId, active: bool, step: &mut Step<S>) -> Outcome {
        if !active {
            return Err(AmqpError::not_implemented("active=false"));
        }
        step.emit(|| EventKind::ChannelSet { channel: id, setting: ChannelSetting::Flow });
        Ok(Some(Reply::Flow { active }))
    }

    fn confirm_select<S: Sink>(&mut self, id: ChannelId, step: &mut Step<S>) -> Outcome {
        let Some(channel) = self.channel_mut(id) else { return Ok(None) };
        if channel.transaction.is_some() {
            return Err(AmqpError::precondition_failed("cannot switch from tx to confirm mode"));
        }
        channel.confirms.get_or_insert(0);
        step.emit(|| EventKind::ChannelSet { channel: id, setting: ChannelSetting::Confirm });
        Ok(Some(Reply::Ok))
    }

    /// `global` is accepted and has no effect: the deprecated feature is denied.
    fn basic_qos<S: Sink>(&mut self, id: ChannelId, count: u16, size: u32, step: &mut Step<S>) -> Outcome {
        if size != 0 {
            return Err(AmqpError::not_implemented(format_args!("prefetch_size!=0 ({size})")));
        }
        if let Some(channel) = self.channel_mut(id) {
            channel.prefetch = count;
        }
        step.emit(|| EventKind::ChannelSet { channel: id, setting: ChannelSetting::Prefetch(count) });
        Ok(Some(Reply::Ok))
    }

    fn vhost_of(&self, id: ChannelId) -> Name {
        self.connection(id.connection).map(|connection: &Connection| connection.vhost.clone()).unwrap_or_default()
    }

    /// An empty queue name stands for the channel's last declared queue.
    fn named_queue(&self, id: ChannelId, name: Name) -> Result<Name, AmqpError> {
        if !name.is_empty() {
            return Ok(name);
        }
        let last = self.channel(id).and_then(|channel| channel.last_queue.clone());
        last.ok_or_else(|| AmqpError::not_found("no previously declared queue"))
    }
}

/// Done to names in declarations, deletions and bindings; a publish, a get, a consumer, a purge mean what they say.
/// Source: `rabbit/src/rabbit_channel.erl strip_cr_lf/1`.
fn strip_line_breaks(name: Name) -> Name {
    if name.contains(['\r', '\n']) { name.replace(['\r', '\n'], "").into() } else { name }
}
