//! What the broker sent, in the recordings' words and order.

use serde_json::{Value, json};
use warren::broker::error::{AmqpError, HttpError};
use warren::broker::message::Delivery;
use warren::broker::{ChannelId, ConnectionId, Frame, Reply, Scope};

use crate::json::properties_to;

/// The script's names for what the broker knows by number.
pub trait Names {
    /// The channel's name, and its place in the order in which channels were opened.
    fn channel(&self, channel: ChannelId) -> (usize, String);
    /// The connection's name, and its place in the order in which connections were opened.
    fn connection(&self, connection: ConnectionId) -> (usize, String);
}

/// An operation's reply.
pub fn reply(reply: &Reply) -> Value {
    match reply {
        Reply::Ok => Value::Null,
        Reply::DeclareOk { queue, message_count, consumer_count } => {
            json!({"queue": queue, "message_count": message_count, "consumer_count": consumer_count})
        }
        Reply::Count { message_count } => json!({"message_count": message_count}),
        Reply::Consumer { consumer_tag } => json!({"consumer_tag": consumer_tag}),
        Reply::Flow { active } => json!({"active": active}),
        Reply::Got { delivery, message_count } => {
            let mut got = message(delivery);
            got["message_count"] = json!(message_count);
            got
        }
        Reply::Empty => json!({"empty": true}),
        Reply::Closed(error) => json!({"error": closed(error)}),
        Reply::Refused(HttpError { status, reason }) => {
            json!({"error": {"scope": "http", "code": status, "text": reason}})
        }
    }
}

fn closed(error: &AmqpError) -> Value {
    let scope = match error.scope {
        Scope::Channel => "channel",
        Scope::Connection => "connection",
    };
    json!({"scope": scope, "code": error.code, "text": error.text})
}

fn message(delivery: &Delivery) -> Value {
    json!({
        "delivery_tag": delivery.delivery_tag,
        "redelivered": delivery.redelivered,
        "exchange": delivery.message.exchange,
        "routing_key": delivery.message.routing_keys.key,
        "properties": properties_to(&delivery.properties()),
        "payload": delivery.message.payload.text(),
    })
}

/// Where an event stands among those of its step: channels before connections, each in order of opening, and
/// within a channel by rank.
type Position = (bool, usize, u8);

/// The events of one step, in the recordings' order. Confirms of one channel are one event.
pub fn events(frames: &[Frame], names: &impl Names) -> Vec<Value> {
    let mut events: Vec<(Position, Value)> = Vec::new();
    for frame in frames {
        let (position, event) = event(frame, names);
        match events.iter_mut().find(|(other, _)| *other == position && event.get("delivery_tags").is_some()) {
            Some((_, confirms)) => add_tags(confirms, event),
            None => events.push((position, event)),
        }
    }
    // A stable sort: deliveries of a channel stay in the order of arrival.
    events.sort_by_key(|(position, _)| *position);
    events.into_iter().map(|(_, event)| event).collect()
}

/// Adds the delivery tags of one confirm to those of another.
fn add_tags(confirms: &mut Value, mut more: Value) {
    let more = more["delivery_tags"].as_array_mut().map(std::mem::take).unwrap_or_default();
    if let Some(tags) = confirms["delivery_tags"].as_array_mut() {
        tags.extend(more);
        tags.sort_by_key(Value::as_u64);
    }
}

fn event(frame: &Frame, names: &impl Names) -> (Position, Value) {
    let in_channel = |channel: &ChannelId, rank: u8, kind: &str, mut event: Value| {
        let (order, name) = names.channel(*channel);
        event["event"] = json!(kind);
        event["channel"] = json!(name);
        ((false, order, rank), event)
    };
    match frame {
        Frame::Deliver { channel, consumer_tag, delivery } => {
            let mut event = message(delivery);
            event["consumer_tag"] = json!(consumer_tag);
            in_channel(channel, 0, "basic.deliver", event)
        }
        Frame::Return { channel, reply_code, reply_text, publish } => {
            let event = json!({
                "reply_code": reply_code,
                "reply_text": reply_text,
                "exchange": publish.exchange,
                "routing_key": publish.routing_key,
                "properties": properties_to(&publish.properties),
                "payload": publish.payload.text(),
            });
            in_channel(channel, 0, "basic.return", event)
        }
        Frame::Cancel { channel, consumer_tag } => {
            in_channel(channel, 0, "basic.cancel", json!({"consumer_tag": consumer_tag}))
        }
        Frame::Ack { channel, delivery_tag } => {
            in_channel(channel, 1, "basic.ack", json!({"delivery_tags": [delivery_tag]}))
        }
        Frame::Nack { channel, delivery_tag } => {
            in_channel(channel, 2, "basic.nack", json!({"delivery_tags": [delivery_tag]}))
        }
        Frame::ChannelClosed { channel, error } => {
            in_channel(channel, 3, "channel.closed", json!({"code": error.code, "text": error.text}))
        }
        Frame::ConnectionClosed { connection, error } => {
            let (order, name) = names.connection(*connection);
            let event =
                json!({"event": "connection.closed", "connection": name, "code": error.code, "text": error.text});
            ((true, order, 0), event)
        }
    }
}
