//! Field values between the JSON of recordings and the broker's types.
//!
//! The recordings' JSON is simpler than the broker's own: integers of all widths are just numbers.

use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value as Json, json};
use warren::broker::properties::Properties;
use warren::broker::table::{Table, Value};

/// A table of a script.
pub fn table_from(fields: &Map<String, Json>) -> Result<Table, String> {
    fields.iter().map(|(key, value)| Ok((key.as_str().into(), value_from(value)?))).collect()
}

fn value_from(json: &Json) -> Result<Value, String> {
    Ok(match json {
        Json::Null => Value::Void,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(number) => number_from(number)?,
        Json::String(text) => Value::String(text.as_str().into()),
        Json::Array(items) => Value::Array(items.iter().map(value_from).collect::<Result<_, _>>()?),
        // The broker's own reading of a typed value is the recordings' one too.
        Json::Object(fields) if is_typed(fields) => typed_from(json)?,
        Json::Object(fields) => Value::Table(table_from(fields)?),
    })
}

fn number_from(number: &Number) -> Result<Value, String> {
    match (number.as_i64(), number.as_f64()) {
        (Some(n), _) => Ok(Value::int(n)),
        (None, Some(x)) if number.is_f64() => Ok(Value::F64(x)),
        _ => Err(format!("{number} fits no AMQP type")),
    }
}

fn is_typed(fields: &Map<String, Json>) -> bool {
    fields.len() == 1 && ["timestamp", "bytes", "decimal"].iter().any(|key| fields.contains_key(*key))
}

fn typed_from<T: DeserializeOwned>(json: &Json) -> Result<T, String> {
    T::deserialize(json).map_err(|error| error.to_string())
}

/// The properties of a script's publish.
pub fn properties_from(fields: &Map<String, Json>) -> Result<Properties, String> {
    let mut fields = fields.clone();
    let headers = fields.remove("headers");
    let mut properties: Properties = typed_from(&Json::Object(fields))?;
    properties.headers = match headers {
        Some(Json::Object(headers)) => Some(table_from(&headers)?),
        Some(other) => return Err(format!("headers are a table, not {other}")),
        None => None,
    };
    Ok(properties)
}

fn table_to(table: &Table) -> Json {
    Json::Object(table.iter().map(|(key, value)| (key.to_string(), value_to(value))).collect())
}

fn value_to(value: &Value) -> Json {
    match value {
        Value::F32(x) => json!(f64::from(*x)),
        Value::Array(items) => Json::Array(items.iter().map(value_to).collect()),
        Value::Table(table) => table_to(table),
        value => match value.as_int() {
            Some(n) => json!(n),
            None => json!(value),
        },
    }
}

/// The properties of a message that a client got, without the time of deaths, which recordings leave out.
pub fn properties_to(properties: &Properties) -> Json {
    let mut json = json!(Properties { headers: None, ..properties.clone() });
    if let Some(headers) = &properties.headers {
        let mut headers = table_to(headers);
        for death in headers.get_mut("x-death").and_then(Json::as_array_mut).into_iter().flatten() {
            if let Some(death) = death.as_object_mut() {
                death.remove("time");
            }
        }
        json["headers"] = headers;
    }
    json
}
