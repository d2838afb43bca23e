//! What fits into a frame at all: AMQP's short strings have 255 bytes, and tables cannot be nested for ever.

use crate::broker::command::Method;
use crate::broker::error::ApplyError;
use crate::broker::name::Name;
use crate::broker::properties::Properties;
use crate::broker::table::{Table, Value};

/// The deepest nesting of tables and arrays that is taken. A real frame of 128 kB could hold some more.
const MAX_DEPTH: usize = 64;

/// Refuses methods that no client could have sent.
pub(crate) fn check_sizes(method: &Method) -> Result<(), ApplyError> {
    match method {
        Method::BasicPublish(publish) => {
            short("exchange", &publish.exchange)?;
            short("routing_key", &publish.routing_key)?;
            check_properties(&publish.properties)
        }
        Method::ExchangeDeclare(declare) => {
            short("exchange", &declare.exchange)?;
            short("type", &declare.kind)?;
            shallow("arguments", &declare.arguments)
        }
        Method::ExchangeDelete { exchange, .. } => short("exchange", exchange),
        Method::ExchangeBind(binding) | Method::ExchangeUnbind(binding) => {
            short("destination", &binding.destination)?;
            short("source", &binding.source)?;
            short("routing_key", &binding.routing_key)?;
            shallow("arguments", &binding.arguments)
        }
        Method::QueueDeclare(declare) => {
            short("queue", &declare.queue)?;
            shallow("arguments", &declare.arguments)
        }
        Method::QueueBind(binding) | Method::QueueUnbind(binding) => {
            short("queue", &binding.queue)?;
            short("exchange", &binding.exchange)?;
            short("routing_key", &binding.routing_key)?;
            shallow("arguments", &binding.arguments)
        }
        Method::QueueDelete { queue, .. } | Method::QueuePurge { queue } | Method::BasicGet { queue, .. } => {
            short("queue", queue)
        }
        Method::BasicConsume(consume) => {
            short("queue", &consume.queue)?;
            short("consumer_tag", &consume.consumer_tag)?;
            shallow("arguments", &consume.arguments)
        }
        Method::BasicCancel { consumer_tag } => short("consumer_tag", consumer_tag),
        _ => Ok(()),
    }
}

impl Method {
    /// Whether it fits into frames.
    ///
    /// # Errors
    ///
    /// Why no client could send it. The broker would answer the same to its command.
    pub fn check_sizes(&self) -> Result<(), ApplyError> {
        check_sizes(self)
    }
}

fn check_properties(properties: &Properties) -> Result<(), ApplyError> {
    for (what, name) in properties.texts() {
        if let Some(name) = name {
            short(what, name)?;
        }
    }
    properties.headers.as_ref().map_or(Ok(()), |headers| shallow("headers", headers))
}

pub(crate) fn short(what: &str, name: &Name) -> Result<(), ApplyError> {
    if name.len() > Name::MAX_BYTES {
        return Err(ApplyError::TooLong { what: what.into(), bytes: name.len() });
    }
    Ok(())
}

pub(crate) fn shallow(what: &str, table: &Table) -> Result<(), ApplyError> {
    let mut level: Vec<&Value> = table.values().collect();
    for key in table.keys() {
        short(what, key)?;
    }
    for _ in 0..MAX_DEPTH {
        let mut deeper = Vec::new();
        for value in level {
            match value {
                Value::Array(items) => deeper.extend(items),
                Value::Table(table) => {
                    for key in table.keys() {
                        short(what, key)?;
                    }
                    deeper.extend(table.values());
                }
                _ => {}
            }
        }
        if deeper.is_empty() {
            return Ok(());
        }
        level = deeper;
    }
    Err(ApplyError::TooDeep { what: what.into(), limit: MAX_DEPTH })
}
