//! From the operations of a script to the commands of the broker.
//!
//! Fields that an operation leaves out are false, 0, empty text or an empty table. A field that no operation of its
//! kind has is an error, so that nothing of a script goes unread.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Map, Value};
use warren::broker::command::{
    BasicConsume, BasicPublish, ExchangeBinding, ExchangeDeclare, PolicySet, QueueBinding, QueueDeclare,
};
use warren::broker::table::Table;
use warren::broker::{Manage, Method, Name};

use crate::json;

/// The fields of an operation; remembers which were read.
pub struct Fields<'a> {
    left: RefCell<BTreeMap<&'a str, &'a Value>>,
}

impl<'a> Fields<'a> {
    /// All fields of an operation.
    pub fn new(operation: &'a Map<String, Value>) -> Self {
        Fields { left: RefCell::new(operation.iter().map(|(key, value)| (key.as_str(), value)).collect()) }
    }

    fn take<T>(&self, key: &str, read: impl Fn(&'a Value) -> Option<T>) -> Result<Option<T>, String> {
        let Some(value) = self.left.borrow_mut().remove(key) else { return Ok(None) };
        read(value).map(Some).ok_or_else(|| format!("the field {key} cannot be {value}"))
    }

    /// A text, if it is there.
    pub fn optional(&self, key: &str) -> Result<Option<&'a str>, String> {
        self.take(key, Value::as_str)
    }

    /// A text.
    pub fn text(&self, key: &str) -> Result<&'a str, String> {
        Ok(self.optional(key)?.unwrap_or_default())
    }

    fn name(&self, key: &str) -> Result<Name, String> {
        self.text(key).map(Name::from)
    }

    /// A text that is something else than empty when it is left out.
    pub fn name_or(&self, key: &str, default: &str) -> Result<Name, String> {
        Ok(self.optional(key)?.unwrap_or(default).into())
    }

    fn flag(&self, key: &str) -> Result<bool, String> {
        Ok(self.take(key, Value::as_bool)?.unwrap_or_default())
    }

    /// An integer.
    pub fn number<T: TryFrom<i64> + Default>(&self, key: &str) -> Result<T, String> {
        Ok(self.take(key, |value| T::try_from(value.as_i64()?).ok())?.unwrap_or_default())
    }

    fn object(&self, key: &str) -> Result<Map<String, Value>, String> {
        Ok(self.take(key, Value::as_object)?.cloned().unwrap_or_default())
    }

    fn table(&self, key: &str) -> Result<Table, String> {
        json::table_from(&self.object(key)?)
    }

    /// Says which fields nobody has read.
    pub fn finish(&self) -> Result<(), String> {
        match self.left.borrow().keys().next() {
            Some(key) => Err(format!("the operation has no field {key}")),
            None => Ok(()),
        }
    }
}

/// The method of an operation on a channel, or none if it is no such operation.
pub fn method(op: &str, fields: &Fields) -> Result<Option<Method>, String> {
    Ok(Some(match op {
        "channel.open" => Method::ChannelOpen,
        "channel.close" => Method::ChannelClose,
        "channel.flow" => Method::ChannelFlow { active: fields.flag("active")? },
        "exchange.declare" => Method::ExchangeDeclare(exchange_declare(fields)?),
        "exchange.delete" => {
            Method::ExchangeDelete { exchange: fields.name("exchange")?, if_unused: fields.flag("if_unused")? }
        }
        "exchange.bind" => Method::ExchangeBind(exchange_binding(fields)?),
        "exchange.unbind" => Method::ExchangeUnbind(exchange_binding(fields)?),
        "queue.declare" => Method::QueueDeclare(queue_declare(fields)?),
        "queue.delete" => Method::QueueDelete {
            queue: fields.name("queue")?,
            if_unused: fields.flag("if_unused")?,
            if_empty: fields.flag("if_empty")?,
        },
        "queue.bind" => Method::QueueBind(queue_binding(fields)?),
        "queue.unbind" => Method::QueueUnbind(queue_binding(fields)?),
        "queue.purge" => Method::QueuePurge { queue: fields.name("queue")? },
        "confirm.select" => Method::ConfirmSelect,
        "tx.select" => Method::TxSelect,
        "tx.commit" => Method::TxCommit,
        "tx.rollback" => Method::TxRollback,
        _ => return basic_method(op, fields),
    }))
}

fn basic_method(op: &str, fields: &Fields) -> Result<Option<Method>, String> {
    Ok(Some(match op {
        "basic.qos" => Method::BasicQos {
            prefetch_count: fields.number("prefetch_count")?,
            prefetch_size: fields.number("prefetch_size")?,
            global: fields.flag("global")?,
        },
        "basic.consume" => Method::BasicConsume(basic_consume(fields)?),
        "basic.cancel" => Method::BasicCancel { consumer_tag: fields.name("consumer_tag")? },
        "basic.publish" => Method::BasicPublish(basic_publish(fields)?),
        "basic.get" => Method::BasicGet { queue: fields.name("queue")?, no_ack: fields.flag("no_ack")? },
        "basic.ack" => {
            Method::BasicAck { delivery_tag: fields.number("delivery_tag")?, multiple: fields.flag("multiple")? }
        }
        "basic.nack" => Method::BasicNack {
            delivery_tag: fields.number("delivery_tag")?,
            multiple: fields.flag("multiple")?,
            requeue: fields.flag("requeue")?,
        },
        "basic.reject" => {
            Method::BasicReject { delivery_tag: fields.number("delivery_tag")?, requeue: fields.flag("requeue")? }
        }
        "basic.recover" => Method::BasicRecover { requeue: fields.flag("requeue")? },
        _ => return Ok(None),
    }))
}

fn exchange_declare(fields: &Fields) -> Result<ExchangeDeclare, String> {
    Ok(ExchangeDeclare {
        exchange: fields.name("exchange")?,
        kind: fields.name("type")?,
        passive: fields.flag("passive")?,
        durable: fields.flag("durable")?,
        auto_delete: fields.flag("auto_delete")?,
        internal: fields.flag("internal")?,
        arguments: fields.table("arguments")?,
    })
}

fn exchange_binding(fields: &Fields) -> Result<ExchangeBinding, String> {
    Ok(ExchangeBinding {
        destination: fields.name("destination")?,
        source: fields.name("source")?,
        routing_key: fields.name("routing_key")?,
        arguments: fields.table("arguments")?,
    })
}

fn queue_declare(fields: &Fields) -> Result<QueueDeclare, String> {
    Ok(QueueDeclare {
        queue: fields.name("queue")?,
        passive: fields.flag("passive")?,
        durable: fields.flag("durable")?,
        exclusive: fields.flag("exclusive")?,
        auto_delete: fields.flag("auto_delete")?,
        arguments: fields.table("arguments")?,
    })
}

fn queue_binding(fields: &Fields) -> Result<QueueBinding, String> {
    Ok(QueueBinding {
        queue: fields.name("queue")?,
        exchange: fields.name("exchange")?,
        routing_key: fields.name("routing_key")?,
        arguments: fields.table("arguments")?,
    })
}

fn basic_consume(fields: &Fields) -> Result<BasicConsume, String> {
    Ok(BasicConsume {
        queue: fields.name("queue")?,
        consumer_tag: fields.name("consumer_tag")?,
        no_local: fields.flag("no_local")?,
        no_ack: fields.flag("no_ack")?,
        exclusive: fields.flag("exclusive")?,
        arguments: fields.table("arguments")?,
    })
}

fn basic_publish(fields: &Fields) -> Result<BasicPublish, String> {
    Ok(BasicPublish {
        exchange: fields.name("exchange")?,
        routing_key: fields.name("routing_key")?,
        mandatory: fields.flag("mandatory")?,
        immediate: fields.flag("immediate")?,
        properties: Rc::new(json::properties_from(&fields.object("properties")?)?),
        payload: fields.text("payload")?.into(),
    })
}

/// The management calls of an operation; none if it is no such operation.
pub fn manage(op: &str, fields: &Fields) -> Result<Vec<Manage>, String> {
    Ok(match op {
        "policy.set" => vec![Manage::PolicySet(PolicySet {
            vhost: fields.name_or("vhost", "/")?,
            name: fields.name("name")?,
            pattern: fields.name("pattern")?,
            apply_to: fields.name_or("apply_to", "all")?,
            definition: fields.table("definition")?,
            priority: fields.number("priority")?,
            operator: false,
        })],
        "policy.clear" => vec![Manage::PolicyClear {
            vhost: fields.name_or("vhost", "/")?,
            name: fields.name("name")?,
            operator: false,
        }],
        "vhost.create" => vec![Manage::VhostCreate {
            vhost: fields.name("vhost")?,
            default_queue_type: fields.optional("default_queue_type")?.map(Name::from),
        }],
        "vhost.delete" => vec![Manage::VhostDelete { vhost: fields.name("vhost")? }],
        "broker.restart" => vec![Manage::Stop { crash: false }, Manage::Start],
        _ => Vec::new(),
    })
}
