//! What a stream keeps of a message. It stores the AMQP 1.0 form, and consumers get what that becomes in 0-9-1 again.
//!
//! Headers that begin with `x-` are message annotations there, which may hold anything; the others are application
//! properties, which cannot hold arrays and tables. Source: `rabbit/src/mc_amqpl.erl convert_to/3, convert_from/3`.

use crate::broker::name::Name;
use crate::broker::properties::Properties;
use crate::broker::table::{Table, Value};

/// The properties as a stream's consumer gets them, without what the broker adds.
pub(super) fn as_stored(properties: &Properties) -> Properties {
    let durable = properties.is_persistent();
    Properties {
        headers: properties.headers.as_ref().map(headers_as_stored),
        delivery_mode: Some(if durable { 2 } else { 1 }),
        cluster_id: None,
        ..properties.clone()
    }
}

fn headers_as_stored(headers: &Table) -> Table {
    headers.iter().filter(|(key, value)| is_kept(key, value)).map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn is_kept(key: &Name, value: &Value) -> bool {
    if key.starts_with("x-") {
        return !key.starts_with("x-basic-") && !["x-routing-key", "x-exchange", "x-death"].contains(&key.as_str());
    }
    match value {
        Value::Array(_) => *key == "CC",
        Value::Table(_) => false,
        _ => true,
    }
}
