//! The JSON Schema of scenario files, from the types that read them; committed as `www/scenario.schema.json`.
//!
//! It knows shapes, names and ranges, so that an editor can help. What it cannot say (two clients of one name, a script
//! about nobody, the length of a text in bytes) only [`parse`](super::parse) tells.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value as Json, json};

use super::limits::{NAME_BYTES_MAX, entries_max, text_bytes_max};
use super::picture::Node;
use super::{Client, Contents, FORMAT};
use crate::broker::Name;
use crate::broker::ordered::OrderedMap;
use crate::broker::properties::Payload;
use crate::broker::table::Value;
use crate::definitions::Tags;
use crate::simulation::{ClientSpec, Role};

/// The schema.
pub fn schema() -> Json {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<Contents>().to_value();
    refine(&mut schema);
    let Some(root) = schema.as_object_mut() else { return schema };
    if let Some(types) = root.get_mut("$defs").and_then(Json::as_object_mut) {
        types.remove("ClientSpec");
        types.remove("Role");
    }
    root.insert("title".into(), json!(format!("Warren scenario file, {FORMAT}")));
    root.insert("description".into(), json!("What a world of Warren begins with, and how it is shown."));
    if let Some(fields) = root.get_mut("properties").and_then(Json::as_object_mut) {
        fields.insert("format".into(), json!({"const": FORMAT, "description": "Format and version."}));
        for (name, field) in fields.iter_mut() {
            if field["type"] == "array" {
                field["maxItems"] = json!(entries_max(name));
            }
        }
    }
    schema
}

fn range(end: &str, number: impl Into<Json>) -> (String, Json) {
    (end.to_owned(), number.into())
}

/// What holds of all objects: no field besides those that are known, and as many bytes as a field may have.
fn refine(schema: &mut Json) {
    match schema {
        Json::Array(entries) => entries.iter_mut().for_each(refine),
        Json::Object(object) => {
            // Wherever a client stands, its role is flat beside its own fields.
            if object.get("$ref").is_some_and(|to| to == "#/$defs/ClientSpec") {
                object.insert("$ref".into(), json!("#/$defs/Client"));
            }
            // Names for the widths of numbers: no validator has to know them.
            if object.get("format").is_some_and(Json::is_string) {
                match object.remove("format").as_ref().and_then(Json::as_str) {
                    Some("int32") => object.extend([range("minimum", i32::MIN), range("maximum", i32::MAX)]),
                    Some("int64") => object.extend([range("minimum", i64::MIN), range("maximum", i64::MAX)]),
                    Some("uint32") => object.extend([range("maximum", u32::MAX)]),
                    Some("uint64") => object.extend([range("maximum", u64::MAX)]),
                    _ => {}
                }
            }
            if let Some(fields) = object.get_mut("properties").and_then(Json::as_object_mut) {
                for (name, field) in fields.iter_mut() {
                    if field["maxLength"] == NAME_BYTES_MAX {
                        field["maxLength"] = json!(text_bytes_max(name));
                    }
                }
                object.entry("additionalProperties").or_insert(json!(false));
            }
            object.values_mut().for_each(refine);
        }
        _ => {}
    }
}

impl<K: JsonSchema, V: JsonSchema> JsonSchema for OrderedMap<K, V> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        BTreeMap::<K, V>::schema_name()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        BTreeMap::<K, V>::json_schema(generator)
    }
}

impl JsonSchema for Client {
    fn schema_name() -> Cow<'static, str> {
        "Client".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let client = ClientSpec::json_schema(generator).to_value();
        let roles = Role::json_schema(generator).to_value();
        let roles = roles["oneOf"].as_array().cloned().unwrap_or_default();
        let flat: Vec<Json> = roles.iter().filter_map(|role| flat(&client, role, generator.definitions())).collect();
        json_schema!({"description": client["description"], "oneOf": flat})
    }
}

/// A client of one role, which stands as `{"properties": {"producer": {"$ref": "#/$defs/ProducerSpec"}}}`.
fn flat(client: &Json, role: &Json, definitions: &Map<String, Json>) -> Option<Json> {
    let (name, content) = role["properties"].as_object()?.iter().next()?;
    let content = definitions.get(content["$ref"].as_str()?.rsplit('/').next()?)?;
    let mut fields = client["properties"].as_object()?.clone();
    fields.insert("role".into(), json!({"const": name, "description": role["description"]}));
    fields.extend(content["properties"].as_object()?.clone());
    let mut required = client["required"].as_array()?.clone();
    required.extend(content["required"].as_array().cloned().unwrap_or_default());
    Some(json!({
        "type": "object",
        "description": content["description"],
        "properties": fields,
        "required": required,
    }))
}

macro_rules! inline_schema {
    ($($type:ty, $name:literal, $schema:tt;)*) => {$(
        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )*};
}

inline_schema! {
    Name, "Name", {"type": "string", "maxLength": NAME_BYTES_MAX};
    Value, "Value", {};
    Payload, "Payload", {
        "oneOf": [
            {"type": "string"},
            {
                "type": "object",
                "properties": {"bytes": {"type": "string", "pattern": "^([0-9a-fA-F]{2})*$"}},
                "required": ["bytes"]
            }
        ]
    };
    Tags, "Tags", {"anyOf": [{"type": "array", "items": {"type": "string", "maxLength": NAME_BYTES_MAX}}, {"type": "string"}]};
    Node, "Node", {
        "type": "string",
        "pattern": "^(clients/([^/%]|%25|%2[Ff])*|(exchanges|queues)/([^/%]|%25|%2[Ff])*/([^/%]|%25|%2[Ff])*)$"
    };
}
