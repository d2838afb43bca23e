//! Forms against the format's schema, and what comes of filling them in.

use serde_json::Value as Json;

use super::shape::{Field, Known, Shape};
use super::shapes::scenario::SCENARIO;
use super::*;
use crate::edit::command::Kind;
use crate::edit::{Draft, change};
use crate::share::{File, parse};

fn schema() -> Json {
    serde_json::from_str(include_str!("../../../www/scenario.schema.json")).expect("the schema is JSON")
}

/// What a part of the schema says, without references and without null.
fn resolved<'a>(schema: &'a Json, part: &'a Json) -> &'a Json {
    if let Some(name) = part["$ref"].as_str() {
        let name = name.strip_prefix("#/$defs/").expect("a definition");
        return resolved(schema, &schema["$defs"][name]);
    }
    let options = part["anyOf"].as_array().map(Vec::as_slice).unwrap_or_default();
    let real: Vec<&Json> = options.iter().filter(|option| option["type"] != "null").collect();
    if let [only] = real[..] { resolved(schema, only) } else { part }
}

/// The fields of a shape, those of its groups too.
fn fields(list: &'static [Field]) -> Vec<(Vec<&'static str>, &'static Shape)> {
    let mut all = Vec::new();
    for field in list {
        match field.shape {
            Shape::Object(inner) if field.key.is_empty() => all.extend(fields(inner)),
            shape => all.push((field.key.split('.').collect(), shape)),
        }
    }
    all
}

struct Walk {
    schema: Json,
    seen: Vec<(*const Shape, String)>,
    wrong: Vec<String>,
    compared: usize,
}

impl Walk {
    fn wrong(&mut self, place: &str, what: impl std::fmt::Display) {
        self.wrong.push(format!("{place}: {what}"));
    }

    fn object(&mut self, place: &str, part: &Json, list: &[(Vec<&'static str>, &'static Shape)], without: &[&str]) {
        let Some(properties) = part["properties"].as_object() else {
            // Named values, of which the form shows one as a field of its own, such as the type of a queue.
            return list.iter().for_each(|(path, _)| assert!(place.ends_with("arguments"), "{place}.{path:?}"));
        };
        // What is `false` is what must not be there.
        for (name, _) in properties.iter().filter(|(name, part)| **part != false && !without.contains(&name.as_str())) {
            if !list.iter().any(|(path, _)| path.first() == Some(&name.as_str())) {
                self.wrong(place, format!("there is no field for `{name}`"));
            }
        }
        let mut heads: Vec<&str> = list.iter().filter_map(|(path, _)| path.first().copied()).collect();
        heads.dedup();
        for head in heads {
            let Some(property) = properties.get(head) else {
                self.wrong(place, format!("the format has no `{head}`"));
                continue;
            };
            let place = format!("{place}.{head}");
            let inside: Vec<_> = list.iter().filter(|(path, _)| path.first() == Some(&head)).cloned().collect();
            let (here, below): (Vec<_>, Vec<_>) = inside.into_iter().partition(|(path, _)| path.len() == 1);
            for (_, shape) in here {
                self.shape(&place, property, shape);
            }
            let below: Vec<_> = below.into_iter().map(|(path, shape)| (path[1..].to_vec(), shape)).collect();
            if !below.is_empty() && property.get("description") != Some(&Json::from("Any JSON.")) {
                let property = resolved(&self.schema.clone(), property).clone();
                self.object(&place, &property, &below, &[]);
            }
        }
    }

    fn shape(&mut self, place: &str, part: &Json, shape: &'static Shape) {
        let schema = self.schema.clone();
        let part = resolved(&schema, part);
        let key = (std::ptr::from_ref(shape), part.to_string());
        if self.seen.contains(&key) {
            return;
        }
        self.seen.push(key);
        self.compared += 1;
        let types: Vec<&str> = match &part["type"] {
            Json::String(kind) => vec![kind],
            Json::Array(kinds) => kinds.iter().filter_map(Json::as_str).collect(),
            _ => Vec::new(),
        };
        let (is, may_be_none) = (|kind: &str| types.contains(&kind), types.contains(&"null"));
        let fits = match shape {
            Shape::Text(_) | Shape::Lines { maybe: false } => is("string"),
            Shape::Maybe(_) | Shape::Lines { maybe: true } => is("string"),
            Shape::Number(min, max, _) => is("integer") && part["minimum"] == *min && part["maximum"] == *max,
            Shape::Real => is("number"),
            Shape::Flag(_) => is("boolean") && !may_be_none,
            Shape::MaybeFlag => is("boolean") && may_be_none,
            Shape::OneOf(variants) => {
                self.variants(place, part, variants);
                true
            }
            Shape::Object(list) if part["type"] == "array" => {
                part["prefixItems"].as_array().map(Vec::len) == Some(list.len())
            }
            Shape::Object(list) | Shape::MaybeObject(list, _) => {
                self.object(place, part, &fields(list), &["format"]);
                true
            }
            Shape::List(entry, ..) => {
                self.shape(&format!("{place}[]"), &part["items"], entry);
                is("array")
            }
            Shape::Table(_) => is("object") && part["properties"].is_null() || part["description"] == "Any JSON.",
            Shape::By(key, cases, otherwise) => {
                self.by(place, part, key, cases, otherwise);
                true
            }
            Shape::Tags | Shape::Payload { .. } => part["anyOf"].is_array() || part["oneOf"].is_array(),
            Shape::Json => types.is_empty() && part["oneOf"].is_null() || place.ends_with("[]"),
            Shape::Places => part["patternProperties"].is_object(),
        };
        if !fits {
            self.wrong(place, format!("{shape:?} does not fit {part}"));
        }
    }

    fn by(&mut self, place: &str, part: &Json, key: &str, cases: &'static [(&str, &Shape)], otherwise: &'static Shape) {
        let Some(options) = part["oneOf"].as_array().cloned() else {
            // The same fields whatever the word is.
            return cases
                .iter()
                .map(|(_, shape)| *shape)
                .chain([otherwise])
                .for_each(|shape| self.shape(place, part, shape));
        };
        for option in &options {
            let word = option["properties"][key]["const"].as_str().unwrap_or_default();
            match cases.iter().find(|(case, _)| *case == word) {
                Some((_, Shape::Object(list))) => self.object(&format!("{place}({word})"), option, &fields(list), &[]),
                _ => self.wrong(place, format!("there is no form for `{word}`")),
            }
        }
        assert_eq!(options.len(), cases.len(), "{place}");
    }

    fn variants(&mut self, place: &str, part: &Json, variants: &'static [super::shape::Variant]) {
        let Some(options) = part["oneOf"].as_array().cloned() else {
            // Words that the format takes as text, such as the type of a queue, or the word that tells clients apart.
            return;
        };
        let mut tags = Vec::new();
        for option in &options {
            let (tag, inside) = match option["const"].as_str() {
                Some(word) => (word.to_owned(), None),
                None => {
                    let (tag, inside) =
                        option["properties"].as_object().and_then(|all| all.iter().next()).expect("one field");
                    (tag.clone(), Some(inside.clone()))
                }
            };
            match (variants.iter().find(|variant| variant.tag == tag).map(|variant| variant.inside), inside) {
                (Some(None), None) => {}
                (Some(Some((shape, _))), Some(inside)) => self.shape(&format!("{place}.{tag}"), &inside, shape),
                _ => self.wrong(place, format!("`{tag}` is not as the format has it")),
            }
            tags.push(tag);
        }
        for variant in variants.iter().filter(|variant| !variant.tag.is_empty()) {
            if !tags.iter().any(|tag| tag == variant.tag) {
                self.wrong(place, format!("the format has no `{}`", variant.tag));
            }
        }
    }
}

#[test]
fn every_property_of_the_format_has_a_field_and_every_field_is_a_property() {
    let mut walk = Walk { schema: schema(), seen: Vec::new(), wrong: Vec::new(), compared: 0 };
    let root = walk.schema.clone();
    walk.shape("file", &root, &SCENARIO);
    assert!(walk.wrong.is_empty(), "{}", walk.wrong.join("\n"));
    assert!(walk.compared > 200, "{} compared", walk.compared);
    // A form that lacks something, or has too much, would be noticed.
    let mut lacking = root.clone();
    lacking["properties"]["colour"] = serde_json::json!({"type": "string"});
    lacking["$defs"]["ConsumerSpec"]["properties"]["prefetch"]["maximum"] = Json::from(9);
    lacking["$defs"]["Outcome"]["oneOf"][0]["const"] = Json::from("acked");
    let mut walk = Walk { schema: lacking.clone(), seen: Vec::new(), wrong: Vec::new(), compared: 0 };
    walk.shape("file", &lacking, &SCENARIO);
    let wrong = walk.wrong.join("\n");
    for expected in ["no field for `colour`", "prefetch: Number", "`acked` is not as", "the format has no `ack`"] {
        assert!(wrong.contains(expected), "{expected}: {wrong}");
    }
}

#[test]
fn what_something_begins_with_can_be_read() {
    fn starts(shape: &'static Shape, seen: &mut Vec<*const Shape>, found: &mut Vec<&'static str>) {
        if seen.contains(&std::ptr::from_ref(shape)) {
            return;
        }
        seen.push(shape);
        match shape {
            Shape::Object(list) => list.iter().for_each(|field| starts(field.shape, seen, found)),
            Shape::MaybeObject(list, start) => {
                found.push(start);
                list.iter().for_each(|field| starts(field.shape, seen, found));
            }
            Shape::List(entry, _, start) => {
                found.push(start);
                starts(entry, seen, found);
            }
            Shape::OneOf(variants) => {
                for (inner, start) in variants.iter().filter_map(|variant| variant.inside) {
                    found.push(start);
                    starts(inner, seen, found);
                }
            }
            Shape::By(_, cases, _) => cases.iter().for_each(|(_, shape)| starts(shape, seen, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    starts(&SCENARIO, &mut Vec::new(), &mut found);
    assert!(found.len() > 40);
    for start in found {
        assert!(Tree::parse(start.as_bytes()).is_ok(), "{start}");
    }
}

const ORDERS: &str = r#"{"format": "warren/1", "name": "orders", "seed": 3,
  "definitions": {
    "vhosts": [{"name": "/"}, {"name": "other"}],
    "exchanges": [{"name": "shop", "vhost": "/", "type": "topic"}, {"name": "lost", "vhost": "/", "type": "fanout"}],
    "queues": [{"name": "orders", "vhost": "/"}, {"name": "bills", "vhost": "/", "arguments": {"x-queue-type": "quorum"}},
      {"name": "far", "vhost": "other", "arguments": {"x-max-length": 7}}],
    "bindings": [{"source": "shop", "vhost": "/", "destination": "orders", "destination_type": "queue", "routing_key": "a.#"}],
    "policies": [{"vhost": "/", "name": "all", "pattern": ".*", "apply-to": "all", "priority": 1, "definition": {"max-length": 5}},
      {"vhost": "/", "name": "low", "pattern": "^bills", "apply-to": "queues", "definition": {"max-length": 9}}]
  },
  "clients": [
    {"name": "p", "role": "producer", "exchange": "shop", "routing_key": "a.b", "every_ms": 1000},
    {"name": "c", "role": "consumer", "queues": ["orders"], "prefetch": 1}
  ]}"#;

fn file() -> File {
    parse(ORDERS).expect("the sample is right")
}

fn thing(kind: Kind, vhost: &str, name: &str) -> Subject {
    Subject::Thing { kind, vhost: vhost.to_owned(), name: name.to_owned() }
}

fn filled(subject: &Subject, texts: &[(&str, &str)]) -> Form {
    let mut typed = Typed::default();
    texts.iter().for_each(|(id, text)| typed.set(id, text));
    let draft = Draft::of(&file()).expect("it fits");
    form(&draft, subject, &typed).expect("it is there")
}

/// The line that filling a row in amounts to.
fn line(subject: &Subject, id: &str, text: &str) -> String {
    let form = filled(subject, &[(id, text)]);
    match form.entered(id) {
        Entered::Do(command) => {
            let changed = change(&file(), &command);
            assert!(changed.is_ok(), "{command}: {changed:?}");
            command.to_string()
        }
        Entered::Wrong => format!("wrong: {}", form.row(id).and_then(|row| row.fault.clone()).unwrap_or_default()),
        other => format!("{other:?}"),
    }
}

#[test]
fn rows_become_commands() {
    let (p, c) = (thing(Kind::Producer, "/", "p"), thing(Kind::Consumer, "/", "c"));
    assert_eq!(line(&c, "prefetch", "10"), "set consumer:c prefetch=10");
    assert_eq!(line(&c, "prefetch", ""), "set consumer:c prefetch=null");
    assert_eq!(line(&c, "prefetch", "1"), "Same");
    assert_eq!(line(&c, "prefetch", "65536"), "wrong: expected a whole number from 0 to 65535");
    assert_eq!(line(&c, "prefetch", "a few"), "wrong: expected a whole number from 0 to 65535");
    assert_eq!(line(&c, "queues.0", "bills"), "set consumer:c queues.0=bills");
    assert_eq!(line(&c, "processing", "uniform"), "set consumer:c processing={\"uniform\": [500, 1500]}");
    assert_eq!(line(&c, "outcome", "nack_requeue"), "set consumer:c outcome=nack_requeue");
    assert_eq!(line(&p, "payload", "{\"a\": 1}"), "set producer:p payload=\"{\\\"a\\\": 1}\"");
    assert_eq!(line(&p, "payload", "hex: 00ff"), "set producer:p payload={\"bytes\": \"00ff\"}");
    assert_eq!(line(&p, "mandatory", "true"), "set producer:p mandatory=true");
    assert_eq!(line(&p, "name", "q"), "rename producer:p q");
    assert_eq!(line(&p, "role", "consumer").split(" exchange=null").count(), 2);
    let all = thing(Kind::Policy, "/", "all");
    assert_eq!(line(&all, "pattern", "^orders$"), "set policy@/:all pattern=^orders$");
    assert_eq!(line(&all, "priority", "-3"), "set policy@/:all priority=-3");
    assert_eq!(line(&all, "definition.max-length", "8"), "set policy@/:all max-length=8");
    assert_eq!(line(&Subject::Scenario, "seed", "9"), "put seed=9");
    assert_eq!(
        line(&Subject::Binding(0), "routing_key", "b.#"),
        "unbind shop -> queue:orders a.# vhost=/ ; bind shop -> queue:orders b.# vhost=/"
    );
    let other = thing(Kind::Vhost, "other", "other");
    assert_eq!(line(&other, "metadata.tags", "a, b"), "set vhost:other tags=[\"a\", \"b\"]");
}

#[test]
fn what_rabbitmq_refuses_is_told_at_the_row() {
    let orders = thing(Kind::Queue, "/", "orders");
    let form = filled(&orders, &[("arguments/name", "x-max-length"), ("arguments/value", "-5")]);
    let fault = form.row("arguments/value").and_then(|row| row.fault.clone());
    let expected =
        "PRECONDITION_FAILED - invalid arg 'x-max-length' for queue 'orders' in vhost '/': {value_negative,-5}";
    assert_eq!(fault.as_deref(), Some(expected));
    assert_eq!((form.entered("arguments/value"), form.pending), (Entered::Wrong, None));
    let all = thing(Kind::Policy, "/", "all");
    assert!(line(&all, "pattern", "(").contains("pattern should be regular expression but is invalid"));
    assert!(line(&all, "definition.max-length", "-1").contains("is not a valid maximum length"));
    let form = filled(&all, &[("definition/name", "max-lenght"), ("definition/value", "5")]);
    let name = form.row("definition/name").expect("it is there");
    assert_eq!(name.note.as_deref(), Some("RabbitMQ knows no such definition. Did you mean max-length?"));
    assert!(
        form.row("definition/value")
            .and_then(|row| row.fault.clone())
            .is_some_and(|text| text.contains("not recognised"))
    );
}

#[test]
fn what_a_declaration_cannot_change_waits_for_a_choice() {
    let orders = thing(Kind::Queue, "/", "orders");
    let form = filled(&orders, &[("arguments/name", "x-message-ttl"), ("arguments/value", "5000")]);
    assert_eq!(form.entered("arguments/value"), Entered::Waits);
    let note = form.row("arguments/value").and_then(|row| row.note.clone());
    assert_eq!(note.as_deref(), Some("Not applied yet: choose below how."));
    let pending = form.pending.expect("RabbitMQ does not change it");
    assert_eq!(
        pending.answer,
        "PRECONDITION_FAILED - inequivalent arg 'x-message-ttl' for queue 'orders' in vhost '/': \
         received the value '5000' of type 'long' but current is none"
    );
    let lines: Vec<String> = pending.offers.iter().map(|offer| offer.command.to_string()).collect();
    assert_eq!(lines, ["set queue@/:orders x-message-ttl=5000", "set policy@/:all message-ttl=5000"]);
    assert!(pending.offers[0].loses_messages && !pending.offers[1].loses_messages);
    for offer in &pending.offers {
        assert!(change(&file(), &offer.command).is_ok(), "{}", offer.command);
    }
    let far = thing(Kind::Queue, "other", "far");
    let form = filled(&far, &[("durable", "false"), ("arguments.x-max-length", "8")]);
    let offers = form.pending.map(|pending| pending.offers).unwrap_or_default();
    let lines: Vec<String> = offers.iter().map(|offer| offer.command.to_string()).collect();
    assert_eq!(lines, ["set queue@other:far durable=false x-max-length=8"]);
    let form = filled(&far, &[("arguments/name", "x-overflow"), ("arguments/value", "reject-publish")]);
    let offers = form.pending.map(|pending| pending.offers).unwrap_or_default();
    assert_eq!(
        offers[1].command.to_string(),
        "policy policy1 pattern=^far$ apply-to=queues overflow=reject-publish vhost=other"
    );
    let mut typed = Typed::default();
    typed.take_away("arguments.x-max-length");
    let draft = Draft::of(&file()).expect("it fits");
    let form = super::form(&draft, &far, &typed).expect("it is there");
    let offers = form.pending.map(|pending| pending.offers).unwrap_or_default();
    assert_eq!(offers[0].command.to_string(), "set queue@other:far x-max-length=null");
    assert_eq!(offers.len(), 1);
}

#[test]
fn an_exchange_says_what_rabbitmq_would() {
    let shop = thing(Kind::Exchange, "/", "shop");
    let form = filled(&shop, &[("type", "direct")]);
    let answer = form.pending.map(|pending| pending.answer).unwrap_or_default();
    assert!(answer.contains(
        "inequivalent arg 'type' for exchange 'shop' in vhost '/': received 'direct' but current is 'topic'"
    ));
    let form = filled(&shop, &[("type", "tropic")]);
    assert_eq!(
        form.row("type").and_then(|row| row.fault.clone()).as_deref(),
        Some("PRECONDITION_FAILED - unknown exchange type 'tropic'")
    );
    let form = filled(&shop, &[("arguments/name", "hash-header"), ("arguments/value", "x")]);
    assert!(
        form.pending.is_some_and(|pending| pending.answer.starts_with("exchange.declare-ok, and the exchange stays"))
    );
}

#[test]
fn names_are_suggested_by_type() {
    let names = |subject: &Subject| -> Vec<String> {
        let form = filled(subject, &[]);
        let Some(Input::Line(choices)) = form.row("arguments/name").map(|row| row.input.clone()) else {
            return Vec::new();
        };
        choices.into_iter().map(|choice| choice.value).collect()
    };
    let (orders, bills) = (names(&thing(Kind::Queue, "/", "orders")), names(&thing(Kind::Queue, "/", "bills")));
    let has = |names: &[String], name: &str| names.iter().any(|other| other == name);
    assert!(has(&orders, "x-max-priority") && !has(&orders, "x-delivery-limit"));
    assert!(has(&bills, "x-delivery-limit") && !has(&bills, "x-max-priority"));
    assert!(!has(&names(&thing(Kind::Queue, "other", "far")), "x-max-length"), "it is there already");
    let form = filled(&thing(Kind::Queue, "/", "orders"), &[("arguments/name", "x-mesage-ttl")]);
    let note = form.row("arguments/name").and_then(|row| row.note.clone());
    assert_eq!(note.as_deref(), Some("RabbitMQ keeps it, and heeds it nowhere. Did you mean x-message-ttl?"));
}

#[test]
fn a_policy_tells_what_it_matches() {
    let draft = Draft::of(&file()).expect("it fits");
    let low = draft.list("policies")[1].clone();
    let found = matches(&draft, &low);
    assert_eq!(found, [Match { kind: Kind::Queue, name: "bills".to_owned(), beaten_by: Some("all".to_owned()) }]);
    let all = draft.list("policies")[0].clone();
    let names: Vec<String> = matches(&draft, &all).into_iter().map(|found| found.name).collect();
    assert_eq!(names, ["shop", "lost", "orders", "bills"]);
}

#[test]
fn every_known_definition_and_limit_is_taken_by_the_broker() {
    use crate::broker::command::PolicySet;
    use crate::broker::policy::Policies;
    use crate::broker::table::{Table, Value};
    for (known, operator) in [(Known::Policy, false), (Known::OperatorPolicy, true)] {
        for entry in known.entries(None) {
            let value = match (entry.key, entry.form) {
                ("max-age", _) => Value::from("7D"),
                ("stream-filter-size-bytes", _) => Value::I64(16),
                (_, crate::edit::catalog::Form::Choice(words)) => Value::from(words[0]),
                (_, crate::edit::catalog::Form::Number | crate::edit::catalog::Form::Milliseconds) => Value::I64(2),
                _ => Value::from("x"),
            };
            let set = PolicySet {
                vhost: "/".into(),
                name: "p".into(),
                pattern: ".*".into(),
                apply_to: "all".into(),
                definition: Table::from([(entry.key.into(), value)]),
                priority: 0,
                operator,
            };
            assert_eq!(Policies::new().set(set), Ok(()), "{}", entry.key);
        }
    }
}

#[test]
fn refusals_find_their_row() {
    let form = filled(&thing(Kind::Producer, "/", "p"), &[]);
    assert_eq!(form.place_of("clients[0].every_ms").as_deref(), Some("every_ms"));
    assert_eq!(form.place_of("clients[0].schedule.every.ms").as_deref(), Some("schedule"));
    assert_eq!(form.place_of("clients[1].prefetch"), None);
}

#[test]
fn a_scenario_tells_what_it_holds() {
    let draft = Draft::of(&file()).expect("it fits");
    let sections = contents(&draft);
    let counts: Vec<(&str, usize)> = sections.iter().map(|section| (section.label, section.entries.len())).collect();
    let expected =
        [("Virtual hosts", 2), ("Policies", 2), ("Exchanges", 2), ("Queues", 3), ("Bindings", 1), ("Clients", 2)];
    assert_eq!(counts, expected);
    for entry in sections.iter().flat_map(|section| &section.entries) {
        let form = form(&draft, &entry.subject, &Typed::default());
        assert!(form.is_some_and(|form| form.rows().len() > 3), "{entry:?}");
        assert!(entry.subject.delete(&draft).is_some_and(|command| change(&file(), &command).is_ok()), "{entry:?}");
    }
    for (_, add) in sections.iter().filter_map(|section| section.add.clone()) {
        assert!(change(&file(), &add).is_ok(), "{add}");
    }
}

#[test]
fn every_press_in_every_form_does_something() {
    fn presses(items: &[Item], found: &mut Vec<Edit>) {
        for item in items {
            match item {
                Item::Press(press) => found.push(press.edit.clone()),
                Item::Group(group) => {
                    found.extend(group.remove.clone());
                    presses(&group.items, found);
                }
                _ => {}
            }
        }
    }
    let draft = Draft::of(&file()).expect("it fits");
    let subjects = contents(&draft).into_iter().flat_map(|section| section.entries).map(|entry| entry.subject);
    for subject in subjects.chain([Subject::Scenario]) {
        let form = form(&draft, &subject, &Typed::default()).expect("it is there");
        let mut edits = Vec::new();
        presses(&form.items, &mut edits);
        for edit in edits {
            let Entered::Do(command) = form.done(&edit) else { continue };
            match change(&file(), &command) {
                Ok(_) => {}
                // A reference that somebody still has to choose.
                Err(refusal) => assert!(!refusal.problem.contains("expected"), "{command}: {refusal}"),
            }
        }
    }
}

#[test]
fn what_rabbitmq_refuses_of_permissions_and_operator_policies_is_told_at_its_row() {
    const ENTRIES: &str = r#"{"format": "warren/1", "name": "n", "definitions": {
        "users": [{"name": "guest", "password": "guest", "tags": []}],
        "permissions": [{"user": "guest", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}],
        "topic_permissions": [{"user": "guest", "vhost": "/", "exchange": "amq.topic", "write": ".*", "read": ".*"}],
        "parameters": [{"vhost": "/", "component": "operator_policy", "name": "o",
            "value": {"pattern": ".*", "apply-to": "queues", "definition": {"max-length": 10}, "priority": 0}}]}}"#;
    let typed = |row: &str, text: &str| {
        let mut typed = Typed::default();
        typed.set(row, text);
        typed
    };
    let file = parse(ENTRIES).expect("it is right");
    let draft = Draft::of(&file).expect("it fits");
    for (row, text, fault) in [
        ("definitions.permissions.0.write", "(", "invalid_regexp"),
        ("definitions.permissions.0.read", "[a", "invalid_regexp"),
        ("definitions.permissions.0.user", "nobody", "no_such_user"),
        ("definitions.topic_permissions.0.read", "*", "invalid_regexp"),
        ("definitions.parameters.0.value.pattern", "(", "pattern should be regular expression but is invalid"),
        ("definitions.parameters.0.value.definition.max-length", "-3", "-3"),
    ] {
        let form = form(&draft, &Subject::Scenario, &typed(row, text)).expect("it is there");
        let found = form.rows().into_iter().find(|found| found.id == row).and_then(|row| row.fault.clone());
        let found = found.unwrap_or_default();
        assert!(found.contains(fault), "{row}: {found}");
        let faults = form.rows().iter().filter(|row| row.fault.is_some()).count();
        assert_eq!(faults, 1, "{row}");
    }
    for (row, text) in [("definitions.permissions.0.write", "^a$"), ("definitions.parameters.0.value.pattern", "^q")] {
        let form = form(&draft, &Subject::Scenario, &typed(row, text)).expect("it is there");
        assert!(form.rows().iter().all(|row| row.fault.is_none()), "{row}");
    }
}

#[test]
fn a_queue_tells_what_an_operator_policy_keeps_from_it() {
    const QUEUES: &str = r#"{"format": "warren/1", "name": "n", "definitions": {
        "queues": [
            {"name": "asks", "vhost": "/", "arguments": {"x-max-length": 500}},
            {"name": "less", "vhost": "/", "arguments": {"x-max-length": 5, "x-overflow": "reject-publish"}},
            {"name": "quorum", "vhost": "/", "arguments": {"x-queue-type": "quorum", "x-overflow": "drop-head", "x-delivery-limit": -1}},
            {"name": "free", "vhost": "/"}],
        "policies": [{"vhost": "/", "name": "p", "pattern": "^asks$", "apply-to": "queues",
            "definition": {"max-length": 300, "message-ttl": 5}, "priority": 0}],
        "parameters": [{"vhost": "/", "component": "operator_policy", "name": "o",
            "value": {"pattern": ".*", "apply-to": "classic_queues", "priority": 0,
                "definition": {"max-length": 10, "message-ttl": 60, "overflow": "reject-publish"}}},
            {"vhost": "/", "component": "operator_policy", "name": "oq",
            "value": {"pattern": ".*", "apply-to": "quorum_queues", "priority": 0,
                "definition": {"overflow": "reject-publish", "delivery-limit": 4}}}]}}"#;
    let file = parse(QUEUES).expect("it is right");
    let draft = Draft::of(&file).expect("it fits");
    let told = |name| form(&draft, &thing(Kind::Queue, "/", name), &Typed::default()).expect("it is there").remark;
    let asks = "Operator policy o: max-length is 10 here, and not 500, which x-max-length asks for, nor 300, which policy p \
                asks for.";
    assert_eq!(told("asks").as_deref(), Some(asks));
    assert_eq!(told("less"), None);
    assert_eq!(told("free"), None);
    let quorum = told("quorum").unwrap_or_default();
    assert!(quorum.contains("overflow is reject-publish here, and not drop-head"), "{quorum}");
    assert!(quorum.contains("delivery-limit is 4 here, and not -1"), "{quorum}");
}
