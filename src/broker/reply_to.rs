//! Direct reply-to: replies that go straight to the channel that waits for them, through no queue.
//!
//! Source: `rabbit/src/rabbit_volatile_queue.erl`.

use std::rc::Rc;

use super::Broker;
use super::channel::ReplyConsumer;
use super::command::{BasicConsume, Frame, Reply};
use super::error::AmqpError;
use super::event::{EventKind, Sink};
use super::message::{Counts, Delivery, Message};
use super::name::{ChannelId, Name};
use super::properties::Properties;
use super::step::Step;

/// What a client consumes from, and what it writes into `reply_to`.
pub(crate) const PSEUDO_QUEUE: &str = "amq.rabbitmq.reply-to";

/// Length of each of the two parts of an address after the prefix.
const TOKEN_CHARS: usize = 22;

/// Whether a name is the pseudo-queue's or looks like an address.
pub(crate) fn is_reply_name(name: &str) -> bool {
    name.strip_prefix(PSEUDO_QUEUE).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether a name is an address that some broker made: `amq.rabbitmq.reply-to.<channel>.<key>`.
pub(crate) fn is_address(name: &str) -> bool {
    let Some(rest) = name.strip_prefix(PSEUDO_QUEUE).and_then(|rest| rest.strip_prefix('.')) else { return false };
    let token = |text: &str| {
        text.len() == TOKEN_CHARS && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    rest.split_once('.').is_some_and(|(channel, key)| token(channel) && token(key))
}

impl Broker {
    pub(crate) fn consume_replies(&mut self, id: ChannelId, consume: BasicConsume) -> Result<Option<Reply>, AmqpError> {
        if !consume.no_ack {
            return Err(AmqpError::precondition_failed("reply consumer cannot acknowledge"));
        }
        let tag = if consume.consumer_tag.is_empty() { self.names.consumer_tag() } else { consume.consumer_tag };
        let address = format!("{PSEUDO_QUEUE}.{}.{}", self.names.token(), self.names.token()).into();
        let Some(channel) = self.channel_mut(id) else { return Ok(None) };
        if channel.reply_consumer.is_some() {
            return Err(AmqpError::precondition_failed("reply consumer already set"));
        }
        channel.reply_consumer = Some(ReplyConsumer { tag: tag.clone(), address });
        Ok(Some(Reply::Consumer { consumer_tag: tag }))
    }

    /// A publish that asks for direct replies gets the real address into its `reply_to`.
    pub(crate) fn with_reply_address(
        &self,
        id: ChannelId,
        properties: &Rc<Properties>,
    ) -> Result<Rc<Properties>, AmqpError> {
        let mut properties = properties.clone();
        if properties.reply_to.as_ref().is_some_and(|reply_to| *reply_to == PSEUDO_QUEUE) {
            let consumer = self.channel(id).and_then(|channel| channel.reply_consumer.as_ref());
            let consumer =
                consumer.ok_or_else(|| AmqpError::precondition_failed("fast reply consumer does not exist"))?;
            Rc::make_mut(&mut properties).reply_to = Some(consumer.address.clone());
        }
        Ok(properties)
    }

    fn reply_channel(&self, address: &Name) -> Option<(ChannelId, Name)> {
        let channels = self.connections.values().flat_map(|connection| connection.channels.values());
        let found = channels.filter_map(|channel| Some((channel.id, channel.reply_consumer.as_ref()?)));
        found.into_iter().find(|(_, reply)| reply.address == *address).map(|(id, reply)| (id, reply.tag.clone()))
    }

    /// queue.declare of an address asks whether somebody still listens there.
    pub(crate) fn declare_reply_queue(&self, vhost: &Name, name: Name) -> Result<Reply, AmqpError> {
        if name == PSEUDO_QUEUE || self.reply_channel(&name).is_some() {
            return Ok(Reply::DeclareOk { queue: name, message_count: 0, consumer_count: 1 });
        }
        Err(AmqpError::no_queue(&name, vhost))
    }

    /// A reply to a channel that is gone vanishes.
    pub(crate) fn send_replies<S: Sink>(&mut self, addresses: &[Name], message: &Rc<Message>, step: &mut Step<S>) {
        for address in addresses {
            let found = self.reply_channel(address);
            let mut delivery_tag = 0;
            if let Some((id, consumer_tag)) = found.clone() {
                let Some(channel) = self.channel_mut(id) else { continue };
                delivery_tag = channel.next_delivery_tag();
                let delivery =
                    Delivery { delivery_tag, redelivered: false, message: message.clone(), counts: Counts::default() };
                step.frames.push(Frame::Deliver { channel: id, consumer_tag, delivery });
            }
            let channel = found.map(|(id, _)| id);
            step.emit(|| EventKind::DirectReply { message: message.clone(), channel, delivery_tag });
        }
    }
}
