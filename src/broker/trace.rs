//! The firehose: a copy of every publish and every delivery of a virtual host, sent to `amq.rabbitmq.trace`.
//!
//! Source: `rabbit/src/rabbit_trace.erl`.

use std::rc::Rc;

use super::Broker;
use super::event::Sink;
use super::message::{Delivery, Message, RoutingKeys};
use super::name::{ChannelId, MessageId, Name, QueueId, Resource};
use super::properties::Properties;
use super::step::{Step, Task};
use super::table::{Table, Value};

/// Where the copies go.
const TRACE_EXCHANGE: &str = "amq.rabbitmq.trace";

impl Broker {
    fn traced_vhost(&self, id: ChannelId) -> Option<&Name> {
        let vhost = &self.connection(id.connection)?.vhost;
        self.vhost(vhost).filter(|host| host.tracing).map(|_| vhost)
    }

    pub(crate) fn trace_publish<S: Sink>(
        &mut self,
        id: ChannelId,
        message: &Rc<Message>,
        queues: &[QueueId],
        step: &mut Step<S>,
    ) {
        let Some(vhost) = self.traced_vhost(id).cloned() else { return };
        let routed: Vec<Value> = if message.exchange.is_empty() {
            message.routing_keys.iter().cloned().map(Value::String).collect()
        } else {
            let names = queues.iter().filter_map(|id| self.queues.get(id)).map(|queue| queue.resource.name.clone());
            names.map(Value::String).collect()
        };
        let mut headers = self.trace_headers(id, &vhost, message, &message.properties);
        headers.insert("routed_queues".into(), Value::Array(routed));
        self.trace(vhost, format!("publish.{}", message.exchange), headers, message, step);
    }

    pub(crate) fn trace_delivery<S: Sink>(
        &mut self,
        id: ChannelId,
        queue: &Resource,
        delivery: &Delivery,
        step: &mut Step<S>,
    ) {
        let Some(vhost) = self.traced_vhost(id).cloned() else { return };
        let mut headers = self.trace_headers(id, &vhost, &delivery.message, &delivery.properties());
        headers.insert("redelivered".into(), Value::I32(delivery.redelivered.into()));
        self.trace(vhost, format!("deliver.{}", queue.name), headers, &delivery.message, step);
    }

    fn trace_headers(&self, id: ChannelId, vhost: &Name, message: &Message, properties: &Properties) -> Table {
        let user = self.connection(id.connection).map(|connection| connection.user.clone()).unwrap_or_default();
        let keys = message.routing_keys.iter().cloned().map(Value::String).collect();
        Table::from([
            ("exchange_name".into(), Value::String(message.exchange.clone())),
            ("routing_keys".into(), Value::Array(keys)),
            ("properties".into(), Value::Table(properties_table(properties))),
            ("node".into(), Value::String(self.config.node.clone())),
            ("vhost".into(), Value::String(vhost.clone())),
            ("connection".into(), Value::from(id.connection.to_string().as_str())),
            ("channel".into(), Value::I32(id.number.into())),
            ("user".into(), Value::String(user)),
        ])
    }

    fn trace<S: Sink>(&mut self, vhost: Name, key: String, headers: Table, of: &Message, step: &mut Step<S>) {
        self.last_message += 1;
        let message = Message {
            id: MessageId(self.last_message),
            exchange: TRACE_EXCHANGE.into(),
            routing_keys: RoutingKeys::single(key.into()),
            properties: Rc::new(Properties { headers: Some(headers), ..Properties::default() }),
            payload: of.payload.clone(),
            deaths: None,
            delivery_count: None,
        };
        step.later(step.cause, Task::Trace { vhost, message: Rc::new(message) });
    }

    /// Copies are not traced in turn.
    pub(crate) fn publish_trace<S: Sink>(&mut self, vhost: &Name, message: Rc<Message>, step: &mut Step<S>) {
        let mut queues = Vec::new();
        self.route(vhost, &TRACE_EXCHANGE.into(), &message, &mut queues, step);
        for queue in queues {
            self.enqueue(queue, &message, None, step);
        }
    }
}

/// Only the properties that are set.
fn properties_table(properties: &Properties) -> Table {
    let texts =
        properties.texts().into_iter().filter_map(|(key, name)| Some((key.into(), Value::String(name.clone()?))));
    let mut table: Table = texts.collect();
    table.extend(properties.headers.clone().map(|headers| ("headers".into(), Value::Table(headers))));
    table.extend(properties.delivery_mode.map(|mode| ("delivery_mode".into(), Value::I32(mode.into()))));
    table.extend(properties.priority.map(|priority| ("priority".into(), Value::I32(priority.into()))));
    table.extend(properties.timestamp.map(|seconds| ("timestamp".into(), Value::Timestamp(seconds))));
    table
}
