//! Definitions in a form that can be compared: entries sorted, and the fields that RabbitMQ fills in filled in.

use serde_json::{Map, Value as Json, json};

/// Fields with the value that an import gives them where they are left out.
const FILLED_IN: [(&str, &str, &str); 14] = [
    ("users", "limits", "{}"),
    ("users", "hashing_algorithm", r#""rabbit_password_hashing_sha256""#),
    ("vhosts", "limits", "{}"),
    ("vhosts", "metadata", "{}"),
    ("policies", "apply-to", r#""all""#),
    ("policies", "priority", "0"),
    ("exchanges", "durable", "true"),
    ("exchanges", "auto_delete", "false"),
    ("exchanges", "arguments", "{}"),
    ("queues", "durable", "true"),
    ("queues", "auto_delete", "false"),
    ("queues", "arguments", "{}"),
    ("queues", "type", r#""classic""#),
    ("bindings", "arguments", "{}"),
];
/// The sections of an export. An export has them even if they are empty.
const OF_A_VHOST: [&str; 5] = ["parameters", "policies", "exchanges", "queues", "bindings"];
const OF_THE_BROKER: [&str; 5] = ["users", "vhosts", "permissions", "topic_permissions", "global_parameters"];

/// The normal form of an export.
pub fn normal(export: &Json) -> Json {
    let mut file = export.as_object().expect("an export is an object").clone();
    let single = file.get("rabbitmq_definition_format") == Some(&json!("single_virtual_host"));
    for section in OF_A_VHOST.iter().chain(if single { &[][..] } else { &OF_THE_BROKER }) {
        file.entry(*section).or_insert(json!([]));
    }
    for (section, entries) in &mut file {
        let Json::Array(entries) = entries else { continue };
        for entry in entries.iter_mut().filter_map(Json::as_object_mut) {
            fill_in(section, entry);
        }
        entries.sort_by_key(Json::to_string);
    }
    if single {
        fill_metadata(&mut file);
    }
    Json::Object(file)
}

fn fill_in(section: &str, entry: &mut Map<String, Json>) {
    for (_, field, value) in FILLED_IN.iter().filter(|(of, ..)| *of == section) {
        entry.entry(*field).or_insert_with(|| value.parse().expect("the table holds JSON"));
    }
    match section {
        "vhosts" => fill_metadata(entry),
        "queues" => {
            let kind = entry["type"].clone();
            entry["arguments"].as_object_mut().expect("an object").entry("x-queue-type").or_insert(kind);
        }
        "users" => {
            if let Some(tags) = entry["tags"].as_str() {
                entry["tags"] = tags.split(',').map(str::trim).filter(|tag| !tag.is_empty()).collect();
            }
        }
        _ => {}
    }
}

/// Description and tags stood beside the metadata once.
fn fill_metadata(vhost: &mut Map<String, Json>) {
    let is_whole = vhost.contains_key("name");
    let mut outside = |field: &str| if is_whole { vhost.remove(field) } else { None };
    let (description, tags) = (outside("description"), outside("tags"));
    let metadata = vhost.entry("metadata").or_insert(json!({})).as_object_mut().expect("an object");
    for (field, outside, usual) in [
        ("description", description, json!("")),
        ("tags", tags, json!([])),
        ("default_queue_type", None, json!("classic")),
    ] {
        metadata.entry(field).or_insert(outside.unwrap_or(usual));
    }
}
