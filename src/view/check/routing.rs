//! Problems between a publish and a queue: exchanges that lead nowhere, keys and headers that match nothing.

use crate::broker::Name;
use crate::broker::binding::{Binding, Destination};
use crate::broker::exchange::{Exchange, ExchangeType, fits_pattern};
use crate::broker::table::{Table, Value};
use crate::edit::nearest::nearest;
use crate::share::Tree;
use crate::simulation::ClientSpec;

use super::Found;
use super::fix::{destination, exchange_end, publishing, tree};
use super::flow::{Flow, Sender};
use super::topology::{Topology, client_end, is_server_named, message};
use crate::view::Sentence;

type All = Vec<Found>;

fn sender<'a>(topology: &Topology<'a>, flow: &Flow) -> Option<&'a ClientSpec> {
    let Sender::Client(name) = &flow.sender else { return None };
    topology.members.iter().map(|member| member.spec).find(|spec| spec.name == *name)
}

/// What clients publish, with who does, each exchange and key of a client once.
fn published<'t, 'a>(topology: &'t Topology<'a>) -> impl Iterator<Item = (&'a ClientSpec, &'t Flow)> {
    let flows = &topology.flows.0;
    let is_first = |place: usize, flow: &Flow| {
        let same = |other: &Flow| {
            (&other.sender, &other.exchange, &other.key) == (&flow.sender, &flow.exchange, &flow.key)
                && other.reached.is_empty() == flow.reached.is_empty()
        };
        !flows.iter().take(place).any(same)
    };
    let each = flows.iter().enumerate().filter(move |(place, flow)| is_first(*place, flow));
    each.filter_map(|(_, flow)| Some((sender(topology, flow)?, flow)))
}

/// Those of them that certainly reach no queue.
fn lost<'t, 'a>(topology: &'t Topology<'a>) -> impl Iterator<Item = (&'a ClientSpec, &'t Flow)> {
    published(topology).filter(|(_, flow)| flow.is_there && flow.exact && flow.reached.is_empty())
}

fn exchange<'t>(topology: &'t Topology<'_>, flow: &Flow) -> Option<&'t Exchange> {
    topology.broker.exchange(&flow.vhost, &flow.exchange)
}

/// The client's own routing key, where it is one text.
fn own_key(topology: &Topology<'_>, spec: &ClientSpec, key: &str) -> Option<crate::edit::Command> {
    let is_plain = spec.role.producer().is_none_or(|producer| producer.messages.is_empty() && !producer.templates);
    topology.set_publisher(spec, "routing_key", Tree::from(key)).filter(|_| is_plain)
}

/// Publishes to an exchange that is not there.
pub fn exchange_missing(topology: &Topology<'_>, found: &mut All) {
    let mut told: Vec<(&Name, &Name)> = Vec::new();
    for (spec, flow) in published(topology).filter(|(_, flow)| !flow.is_there) {
        if told.contains(&(&spec.name, &flow.exchange)) {
            continue;
        }
        told.push((&spec.name, &flow.exchange));
        let names = topology.broker.vhost(&flow.vhost).map(|host| host.exchanges.keys());
        let near = nearest(&flow.exchange, names.into_iter().flatten().map(Name::as_str));
        let sentence = Sentence::of(&spec.name).say(" publishes to exchange ").name(&flow.exchange).say(
            ", which is not there. RabbitMQ closes its channel at the first message, and everything it sends after that is lost.",
        );
        let fix = near.and_then(|near| topology.set_publisher(spec, "exchange", Tree::from(near)));
        found.push(Found::at(client_end(spec), sentence).field(publishing(spec, "exchange")).fix(fix));
    }
}

/// Publishes to an internal exchange.
pub fn exchange_internal(topology: &Topology<'_>, found: &mut All) {
    for (spec, flow) in published(topology) {
        let Some(exchange) = exchange(topology, flow).filter(|exchange| exchange.internal) else { continue };
        let name = &exchange.resource.name;
        let sentence = Sentence::of(&spec.name)
            .say(" publishes to ")
            .name(name)
            .say(", which is internal: only other exchanges can hand messages to it. RabbitMQ closes the channel.");
        let fix = topology.set(&exchange_end(&flow.vhost, name), [("internal", Tree::Null)]);
        found.push(Found::at(client_end(spec), sentence).field(publishing(spec, "exchange")).fix(fix));
    }
}

/// Is published to, and has no binding.
pub fn exchange_without_binding(topology: &Topology<'_>, found: &mut All) {
    for exchange in topology.broker.exchanges() {
        let (vhost, name) = (&exchange.resource.vhost, &exchange.resource.name);
        let is_bare = !name.is_empty() && !exchange.has_bindings() && exchange.alternate.is_none();
        let arriving = topology.flows.through(vhost, name).find(|flow| !matches!(flow.sender, Sender::Dead(_)));
        let Some(flow) = arriving.filter(|_| is_bare) else { continue };
        let who = match sender(topology, flow) {
            Some(spec) => Sentence::of(&spec.name).say(" publishes to "),
            None => Sentence::words("Messages are published to "),
        };
        let sentence = who
            .name(&flow.exchange)
            .say(", but ")
            .name(name)
            .say(" has no binding, so everything that comes to it is dropped: an exchange keeps nothing.");
        let fix = waiting(topology, vhost).and_then(|queue| {
            let arguments = match exchange.kind {
                ExchangeType::Headers => flow.properties.headers.clone().unwrap_or_default(),
                _ => Table::new(),
            };
            let key = if is_keyless(exchange.kind) { Name::default() } else { flow.key.clone() };
            topology.bind(false, name, &queue, &key, &arguments)
        });
        found.push(Found::at(exchange_end(vhost, name), sentence).fix(fix));
    }
}

fn is_keyless(kind: ExchangeType) -> bool {
    matches!(kind, ExchangeType::Fanout | ExchangeType::Headers | ExchangeType::LocalRandom)
}

/// The queue that has consumers and gets nothing, if there is one.
fn waiting(topology: &Topology<'_>, vhost: &Name) -> Option<crate::edit::End> {
    let is_waiting = |queue: &&crate::broker::queue::Queue| {
        let end = topology.end_of(queue);
        queue.resource().vhost == *vhost
            && topology.defines_queue(&end)
            && topology.consumers(queue.id).next().is_some()
            && topology.flows.arriving(queue.id).next().is_none()
    };
    let mut all = topology.queues().filter(is_waiting);
    let only = all.next()?;
    all.next().is_none().then(|| topology.end_of(only))
}

/// Nobody publishes to it and nothing is bound.
pub fn exchange_unused(topology: &Topology<'_>, found: &mut All) {
    for exchange in topology.broker.exchanges() {
        let (vhost, name) = (&exchange.resource.vhost, &exchange.resource.name);
        let end = exchange_end(vhost, name);
        let is_named = topology.queues().any(|queue| queue.settings.dead_letter_exchange.as_ref() == Some(name))
            || topology.broker.exchanges().any(|other| other.alternate.as_ref() == Some(name));
        let leads_here = |binding: &Binding| matches!(&binding.destination, Destination::Exchange(to) if to == name);
        let is_used = is_named
            || exchange.has_bindings()
            || topology.broker.bindings().any(leads_here)
            || topology.flows.0.iter().any(|flow| flow.vhost == *vhost && flow.exchange == *name);
        if is_used || !topology.defines_exchange(&end) {
            continue;
        }
        let sentence =
            Sentence::words("Nobody publishes to ").name(name).say(" and nothing is bound to it: it does nothing.");
        let fix = topology.delete(&end);
        found.push(Found::at(end, sentence).fix(fix));
    }
}

/// A queue's name that no queue has, as the routing key of the default exchange.
pub fn default_exchange_no_queue(topology: &Topology<'_>, found: &mut All) {
    for (spec, flow) in lost(topology).filter(|(_, flow)| flow.exchange.is_empty()) {
        let names = topology.broker.vhost(&flow.vhost).map(|host| host.queues.keys());
        let near = nearest(&flow.key, names.into_iter().flatten().map(Name::as_str));
        let mut sentence = Sentence::of(&spec.name)
            .say(" publishes to the default exchange with routing key ")
            .name(&flow.key)
            .say(", and no queue has that name");
        sentence = match near {
            Some(near) => sentence.say(": did you mean ").name(&near.into()).say("?"),
            None => sentence.say(". The message is ").say(fate(flow)),
        };
        let fix = near.and_then(|near| own_key(topology, spec, near));
        let is_told = flow.mandatory && near.is_none();
        if !is_told {
            found.push(Found::at(client_end(spec), sentence).field(publishing(spec, "routing_key")).fix(fix));
        }
    }
}

fn fate(flow: &Flow) -> &'static str {
    if flow.mandatory { "returned." } else { "dropped, and nobody is told." }
}

/// Two keys of which one may be meant for the other: as many words, each equal or nearly so.
fn is_near(pattern: &str, key: &str) -> bool {
    let (wanted, given): (Vec<&str>, Vec<&str>) = (pattern.split('.').collect(), key.split('.').collect());
    let is_like = |(wanted, given): (&&str, &&str)| {
        *wanted == "*" || wanted == given || nearest(given, std::iter::once(*wanted)).is_some()
    };
    let differs = wanted.iter().zip(&given).any(|(wanted, given)| *wanted != "*" && wanted != given);
    wanted.len() == given.len() && differs && wanted.iter().zip(&given).all(is_like)
}

/// The key that was meant: the pattern's words, and the key's own where the pattern takes any.
fn meant(pattern: &str, key: &str) -> String {
    let words =
        pattern.split('.').zip(key.split('.')).map(|(wanted, given)| if wanted == "*" { given } else { wanted });
    words.collect::<Vec<&str>>().join(".")
}

fn has_keys(kind: ExchangeType) -> bool {
    matches!(kind, ExchangeType::Direct | ExchangeType::Topic)
}

/// A binding of the exchange to which the key comes near.
fn near_binding<'t>(topology: &'t Topology<'_>, flow: &Flow) -> Option<&'t Binding> {
    let exchange = exchange(topology, flow).filter(|exchange| has_keys(exchange.kind))?;
    let bindings = exchange.bindings().map(|bound| &*bound.binding);
    bindings.into_iter().find(|binding| is_near(&binding.routing_key, &flow.key))
}

/// A topic binding that would match if its words stood the other way round.
fn turned_binding<'t>(topology: &'t Topology<'_>, flow: &Flow) -> Option<(&'t Binding, Name)> {
    let exchange = exchange(topology, flow).filter(|exchange| exchange.kind == ExchangeType::Topic)?;
    let asked = message(&flow.key, &flow.exchange, &flow.properties);
    exchange.bindings().find_map(|bound| {
        let mut words: Vec<&str> = bound.binding.routing_key.split('.').collect();
        words.reverse();
        let turned = words.join(".");
        let is_other = turned != *bound.binding.routing_key;
        (is_other && fits_pattern(&turned, &asked)).then(|| (&*bound.binding, Name::from(turned)))
    })
}

/// A routing key that differs from a binding key by a slip.
pub fn key_near_miss(topology: &Topology<'_>, found: &mut All) {
    for (spec, flow) in lost(topology) {
        let Some(binding) = near_binding(topology, flow) else { continue };
        let meant = meant(&binding.routing_key, &flow.key);
        let sentence = Sentence::words("Routing key ")
            .name(&flow.key)
            .say(" of ")
            .name(&spec.name)
            .say(" matches no binding of ")
            .name(&flow.exchange)
            .say(", but nearly ")
            .name(&binding.routing_key)
            .say(". As it is, the message is ")
            .say(fate(flow));
        let fix = own_key(topology, spec, &meant);
        found.push(Found::at(client_end(spec), sentence).field(publishing(spec, "routing_key")).fix(fix));
    }
}

/// A topic pattern with its words the wrong way round.
pub fn key_turned(topology: &Topology<'_>, found: &mut All) {
    for (_, flow) in lost(topology).filter(|(_, flow)| near_binding(topology, flow).is_none()) {
        let Some((binding, turned)) = turned_binding(topology, flow) else { continue };
        let sentence = Sentence::words("Binding key ")
            .name(&binding.routing_key)
            .say(" does not match ")
            .name(&flow.key)
            .say(", but ")
            .name(&turned)
            .say(" would: words are compared from left to right.");
        let fix = topology.rebind(binding, &turned, &binding.arguments);
        let at = Found::at(exchange_end(&flow.vhost, &binding.source), sentence).to(destination(binding));
        found.push(at.field("routing_key").fix(fix));
    }
}

/// What certainly reaches no queue, and nobody is told of.
pub fn unroutable_untold(topology: &Topology<'_>, found: &mut All) {
    for (spec, flow) in lost(topology) {
        let Some(exchange) = exchange(topology, flow).filter(|exchange| !exchange.resource.name.is_empty()) else {
            continue;
        };
        let is_another = near_binding(topology, flow).is_some() || turned_binding(topology, flow).is_some();
        let is_bare = !exchange.has_bindings() && exchange.alternate.is_none();
        if is_another || is_bare || flow.mandatory || exchange.internal || wrong_type(topology, flow).is_some() {
            continue;
        }
        let what = match exchange.kind {
            ExchangeType::Headers => Sentence::words("What ").name(&spec.name).say(" publishes to "),
            _ => Sentence::of(&flow.key).say(" from ").name(&spec.name).say(" matches no binding of "),
        };
        let sentence = what.name(&flow.exchange).say(match exchange.kind {
            ExchangeType::Headers => " matches no binding, so it is dropped.",
            _ => ", so it is dropped.",
        });
        let sentence = sentence.say(" It is not published as mandatory, so nobody is told.");
        let fix = topology.set_publisher(spec, "mandatory", Tree::Flag(true));
        found.push(Found::at(client_end(spec), sentence).field(publishing(spec, "mandatory")).fix(fix));
    }
}

/// Every binding of an exchange of some type.
fn bindings_of<'t>(
    topology: &'t Topology<'_>,
    is_it: impl Fn(ExchangeType) -> bool,
) -> impl Iterator<Item = &'t Binding> {
    let exchanges = topology.broker.exchanges().filter(move |exchange| is_it(exchange.kind));
    let named = exchanges.filter(|exchange| !exchange.resource.name.is_empty());
    named.flat_map(|exchange| exchange.bindings().map(|bound| &*bound.binding))
}

fn at_binding(binding: &Binding, sentence: Sentence, field: &'static str) -> Found {
    Found::at(exchange_end(&binding.vhost, &binding.source), sentence).to(destination(binding)).field(field)
}

fn is_wild(word: &str) -> bool {
    matches!(word, "*" | "#")
}

/// A wildcard that is a part of a word.
pub fn wildcard_in_word(topology: &Topology<'_>, found: &mut All) {
    for binding in bindings_of(topology, |kind| kind == ExchangeType::Topic) {
        let glued = |word: &&str| !is_wild(word) && word.contains(['*', '#']);
        let Some(word) = binding.routing_key.split('.').find(glued) else { continue };
        let sentence = Sentence::words("In binding key ")
            .name(&binding.routing_key)
            .say(", ")
            .name(&word.into())
            .say(" stands for itself: only a whole word ")
            .name(&"*".into())
            .say(" or ")
            .name(&"#".into())
            .say(" between dots is a wildcard.");
        let apart = binding.routing_key.split('.').map(|word| if glued(&word) { "*" } else { word });
        let key = Name::from(apart.collect::<Vec<&str>>().join("."));
        let fix = topology.rebind(binding, &key, &binding.arguments);
        found.push(at_binding(binding, sentence, "routing_key").fix(fix));
    }
}

/// A wildcard where keys are compared as they are.
pub fn wildcard_on_direct(topology: &Topology<'_>, found: &mut All) {
    for binding in bindings_of(topology, |kind| kind == ExchangeType::Direct) {
        if !binding.routing_key.split('.').any(is_wild) {
            continue;
        }
        let sentence = Sentence::of(&binding.source)
            .say(" is a direct exchange: binding key ")
            .name(&binding.routing_key)
            .say(" matches only a routing key that is exactly this text. Wildcards are for topic exchanges.");
        let end = exchange_end(&binding.vhost, &binding.source);
        let fix = topology.set(&end, [("type", Tree::from("topic"))]);
        found.push(at_binding(binding, sentence, "routing_key").fix(fix));
    }
}

/// A wildcard in what is published.
pub fn wildcard_published(topology: &Topology<'_>, found: &mut All) {
    for (spec, flow) in published(topology) {
        let is_topic = exchange(topology, flow).is_some_and(|exchange| exchange.kind == ExchangeType::Topic);
        if !is_topic || !flow.key.split('.').any(is_wild) {
            continue;
        }
        let sentence = Sentence::of(&spec.name)
            .say(" publishes with routing key ")
            .name(&flow.key)
            .say(". Wildcards mean something in binding keys only: in a routing key they are plain text.");
        found.push(Found::at(client_end(spec), sentence).field(publishing(spec, "routing_key")));
    }
}

/// A topic binding with an empty word that nothing published has.
pub fn empty_word(topology: &Topology<'_>, found: &mut All) {
    for binding in bindings_of(topology, |kind| kind == ExchangeType::Topic) {
        let has_empty = !binding.routing_key.is_empty() && binding.routing_key.split('.').any(str::is_empty);
        let fits =
            |flow: &Flow| fits_pattern(&binding.routing_key, &message(&flow.key, &flow.exchange, &flow.properties));
        if !has_empty || topology.flows.through(&binding.vhost, &binding.source).any(fits) {
            continue;
        }
        let sentence = Sentence::words("Binding key ").name(&binding.routing_key).say(
            " has an empty word, since two dots, or a dot at an end, make one. Only a routing key with an empty word there matches.",
        );
        let words: Vec<&str> = binding.routing_key.split('.').filter(|word| !word.is_empty()).collect();
        let fix = topology.rebind(binding, &words.join(".").into(), &binding.arguments);
        found.push(at_binding(binding, sentence, "routing_key").fix(fix));
    }
}

/// Whether a binding has no key of its own: who binds the queue declared last without a key gets its name as key.
fn is_unsaid(binding: &Binding) -> bool {
    let is_its_name = matches!(&binding.destination, Destination::Queue(name) if *name == binding.routing_key && is_server_named(name));
    binding.routing_key.is_empty() || is_its_name
}

/// A key where nothing looks at keys.
pub fn key_ignored(topology: &Topology<'_>, found: &mut All) {
    for binding in bindings_of(topology, |kind| matches!(kind, ExchangeType::Fanout | ExchangeType::Headers)) {
        let kind = topology.broker.exchange(&binding.vhost, &binding.source).map(|exchange| exchange.kind);
        let is_headers = kind == Some(ExchangeType::Headers);
        // With arguments, it is plain what decides.
        if is_unsaid(binding) || is_headers && !binding.arguments.is_empty() {
            continue;
        }
        let sentence = Sentence::of(&binding.source).say(if is_headers {
            " is a headers exchange"
        } else {
            " is a fanout exchange"
        });
        let sentence = sentence
            .say(" and does not look at keys: the binding with key ")
            .name(&binding.routing_key)
            .say(" matches every message.");
        let fix = topology.rebind(binding, &Name::default(), &binding.arguments);
        found.push(at_binding(binding, sentence, "routing_key").fix(fix));
    }
}

/// Arguments where nothing looks at them.
pub fn arguments_ignored(topology: &Topology<'_>, found: &mut All) {
    let no_headers = |kind| matches!(kind, ExchangeType::Direct | ExchangeType::Fanout | ExchangeType::Topic);
    for binding in bindings_of(topology, no_headers).filter(|binding| binding.arguments.contains_key("x-match")) {
        let sentence = Sentence::words("The arguments of the binding to ")
            .name(binding.destination.name())
            .say(" decide nothing: ")
            .name(&binding.source)
            .say(" is no headers exchange.");
        let fix = topology.rebind(binding, &binding.routing_key, &Table::new());
        found.push(at_binding(binding, sentence, "arguments").fix(fix));
    }
}

fn mode(binding: &Binding) -> &str {
    binding.arguments.get("x-match").and_then(Value::as_str).unwrap_or("all")
}

/// Headers that are never compared.
pub fn x_headers_ignored(topology: &Topology<'_>, found: &mut All) {
    for binding in bindings_of(topology, |kind| kind == ExchangeType::Headers) {
        let mode = mode(binding);
        let header = binding.arguments.keys().find(|key| key.starts_with("x-") && key.as_str() != "x-match");
        let Some(header) = header.filter(|_| !mode.ends_with("-with-x")) else { continue };
        let sentence = Sentence::words("Header ")
            .name(header)
            .say(" of a binding to ")
            .name(binding.destination.name())
            .say(" is not compared: names that begin with x- count only with ");
        let with_x = Name::from(format!("{mode}-with-x"));
        let sentence = sentence.name(&"x-match".into()).say(" ").name(&with_x).say(".");
        let mut arguments = binding.arguments.clone();
        arguments.insert("x-match".into(), Value::String(with_x));
        let fix = topology.rebind(binding, &binding.routing_key, &arguments);
        found.push(at_binding(binding, sentence, "arguments").fix(fix));
    }
}

/// No header to match any of.
pub fn any_of_nothing(topology: &Topology<'_>, found: &mut All) {
    for binding in bindings_of(topology, |kind| kind == ExchangeType::Headers) {
        if mode(binding) != "any" || binding.arguments.keys().any(|key| key.as_str() != "x-match") {
            continue;
        }
        let sentence = Sentence::words("The binding to ")
            .name(binding.destination.name())
            .say(" matches nothing: it asks for any of no headers.");
        let mut arguments = binding.arguments.clone();
        arguments.insert("x-match".into(), Value::from("all"));
        let fix = topology.rebind(binding, &binding.routing_key, &arguments);
        found.push(at_binding(binding, sentence, "arguments").fix(fix));
    }
}

/// A header that a binding wants and a message of a flow has, of another type.
fn wrong_type<'t>(topology: &'t Topology<'_>, flow: &'t Flow) -> Option<(&'t Binding, &'t Name, &'t Value)> {
    let exchange = exchange(topology, flow).filter(|exchange| exchange.kind == ExchangeType::Headers)?;
    let headers = flow.properties.headers.as_ref()?;
    exchange.bindings().find_map(|bound| {
        let differs = |(name, wanted): (&Name, &Value)| {
            let given = headers.get(name)?;
            (text(wanted) == text(given) && !wanted.same_value(given)).then_some(given)
        };
        let mut wanted = bound.binding.arguments.iter();
        wanted.find_map(|(name, value)| Some((&*bound.binding, name, differs((name, value))?)))
    })
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What a value is, in a word.
fn what_it_is(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "text",
        Value::Bool(_) => "true or false",
        value if value.as_int().is_some() || value.as_float().is_some() => "number",
        value => value.type_name(),
    }
}

/// The same value as text and as a number.
pub fn header_type(topology: &Topology<'_>, found: &mut All) {
    for (spec, flow) in published(topology).filter(|(_, flow)| flow.exact) {
        let Some((binding, header, given)) = wrong_type(topology, flow) else { continue };
        let Some(wanted) = binding.arguments.get(header) else { continue };
        let sentence = Sentence::words("The binding to ")
            .name(binding.destination.name())
            .say(" wants header ")
            .name(header)
            .say(format!(" as {} ", what_it_is(wanted)))
            .name(&text(wanted).into())
            .say(", but ")
            .name(&spec.name)
            .say(format!(" sends it as {}", what_it_is(given)))
            .say(": values of different types are never equal.");
        let mut arguments = binding.arguments.clone();
        arguments.insert(header.clone(), given.clone());
        let fix = tree(given).and_then(|_| topology.rebind(binding, &binding.routing_key, &arguments));
        found.push(at_binding(binding, sentence, "arguments").fix(fix));
    }
}

/// An alternate exchange that is not there.
pub fn alternate_missing(topology: &Topology<'_>, found: &mut All) {
    for exchange in topology.broker.exchanges() {
        let vhost = &exchange.resource.vhost;
        let Some(alternate) =
            exchange.alternate.as_ref().filter(|name| topology.broker.exchange(vhost, name).is_none())
        else {
            continue;
        };
        let sentence = Sentence::words("The alternate exchange of ")
            .name(&exchange.resource.name)
            .say(", ")
            .name(alternate)
            .say(", is not there. What matches no binding is dropped, as if there were none.");
        let at = Found::at(exchange_end(vhost, &exchange.resource.name), sentence).field("alternate-exchange");
        found.push(at.fix(topology.add_catch_all(vhost, alternate, true)));
    }
}

/// The default exchange as an alternate.
pub fn alternate_default(topology: &Topology<'_>, found: &mut All) {
    for exchange in
        topology.broker.exchanges().filter(|exchange| exchange.alternate.as_ref().is_some_and(|name| name.is_empty()))
    {
        let sentence = Sentence::words("The alternate exchange of ")
            .name(&exchange.resource.name)
            .say(" is the default exchange, which hands nothing on when it is asked as an alternate.");
        let end = exchange_end(&exchange.resource.vhost, &exchange.resource.name);
        let fix = topology.set(&end, [("alternate-exchange", Tree::Null)]);
        found.push(Found::at(end, sentence).field("alternate-exchange").fix(fix));
    }
}

/// A header to be hashed that nobody sends.
pub fn hash_header_missing(topology: &Topology<'_>, found: &mut All) {
    for exchange in topology.broker.exchanges().filter(|exchange| exchange.kind == ExchangeType::ConsistentHash) {
        let Some(header) = exchange.arguments.get("hash-header").and_then(Value::as_name) else { continue };
        let (vhost, name) = (&exchange.resource.vhost, &exchange.resource.name);
        let mut flows = topology.flows.through(vhost, name).peekable();
        if flows.peek().is_none() || flows.any(|flow| flow.properties.header(header).is_some()) {
            continue;
        }
        let sentence = Sentence::of(name)
            .say(" hashes header ")
            .name(header)
            .say(", which no message has. All of them go to one and the same queue.");
        let end = exchange_end(vhost, name);
        let fix = topology.set(&end, [("hash-header", Tree::Null)]);
        found.push(Found::at(end, sentence).field("hash-header").fix(fix));
    }
}
