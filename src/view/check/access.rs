//! Problems with permissions: what a client does and its user may not.
//!
//! What always holds: the broker itself was asked, with all that it checks on the way; what RabbitMQ would answer is told word
//! by word. A fix allows that one name, and no more.

use crate::broker::access::{Access, Kind};
use crate::broker::message::RoutingKeys;
use crate::definitions::TopicPermission;
use crate::edit::Command;
use crate::share::Tree;
use crate::simulation::ClientSpec;

use super::Found;
use super::fix::{consuming, publishing};
use super::flow::Sender;
use super::topology::{Topology, client_end};
use crate::view::Sentence;

/// The user that all clients connect as.
const USER: &str = "guest";

/// What a refusal for want of a permission says: `write access to exchange 'logs' in vhost '/' refused for user 'guest'`.
struct Denied<'t> {
    /// `configure`, `write` or `read`.
    permission: &'t str,
    /// `exchange`, `queue` or `topic`.
    kind: &'t str,
    /// Of what: a name, or a routing key.
    name: &'t str,
    /// The topic exchange that the key is for.
    exchange: Option<&'t str>,
}

impl<'t> Denied<'t> {
    /// None if it is refused for another reason.
    fn of(text: &'t str) -> Option<Self> {
        let (permission, rest) = text.strip_prefix("ACCESS_REFUSED - ")?.split_once(" access to ")?;
        let (kind, rest) = rest.split_once(" '")?;
        let (name, _) = rest.rsplit_once("' in vhost '")?;
        let (name, exchange) = match name.split_once("' in exchange '") {
            Some((key, exchange)) if kind == "topic" => (key, Some(exchange)),
            _ => (name, None),
        };
        Some(Denied { permission, kind, name, exchange })
    }

    /// What allows that name too.
    fn fix(&self, topology: &Topology<'_>, spec: &ClientSpec) -> Option<Command> {
        let definitions = &topology.file.scenario.definitions;
        let (list, place, pattern) = match self.exchange {
            None => {
                let all = &definitions.permissions;
                let place = all.iter().position(|entry| entry.user == USER && entry.vhost == spec.vhost)?;
                let entry = all.get(place)?;
                let pattern = match self.permission {
                    "configure" => &entry.configure,
                    "write" => &entry.write,
                    _ => &entry.read,
                };
                ("permissions", place, pattern)
            }
            Some(exchange) => {
                let all = &definitions.topic_permissions;
                let is_it = |entry: &TopicPermission| {
                    entry.user == USER && entry.vhost == spec.vhost && entry.exchange == exchange
                };
                let place = all.iter().position(is_it)?;
                let entry = all.get(place)?;
                ("topic_permissions", place, if self.permission == "write" { &entry.write } else { &entry.read })
            }
        };
        let name = format!("^{}$", quoted(self.name));
        let pattern = match &**pattern {
            "" | "^$" => name,
            before => format!("{before}|{name}"),
        };
        let place = format!("definitions.{list}.{place}.{}", self.permission);
        Some(Command::Put { settings: vec![(place, Tree::from(pattern.as_str()))] })
    }
}

/// Whether a refusal is one of these.
pub fn is_denied(text: &str) -> bool {
    Denied::of(text).is_some()
}

/// Its user may not do what it does.
pub fn not_permitted(topology: &Topology<'_>, found: &mut Vec<Found>) {
    for refused in &topology.refused {
        let Some(denied) = Denied::of(&refused.error.text) else { continue };
        let field = if refused.queue.is_some() { consuming(refused.spec, "queues") } else { "setup".to_owned() };
        found.push(told(topology, refused.spec, &denied, &refused.error.text, field));
    }
    for flow in &topology.flows.0 {
        let Sender::Client(name) = &flow.sender else { continue };
        let member = topology.members.iter().find(|member| member.spec.name == *name);
        let Some((spec, connection)) = member.and_then(|member| Some((member.spec, member.connection?))) else {
            continue;
        };
        let keys = RoutingKeys::single(flow.key.clone());
        let broker = &topology.broker;
        let may = broker.check_access(connection, Access::Write, Kind::Exchange, &flow.exchange);
        let may = may.and_then(|()| broker.check_topic_access(connection, Access::Write, &flow.exchange, &keys));
        let Err(error) = may else { continue };
        let Some(denied) = Denied::of(&error.text) else { continue };
        let field = if denied.kind == "topic" { "routing_key" } else { "exchange" };
        let told = told(topology, spec, &denied, &error.text, publishing(spec, field));
        // A kind of message is published in many ways, and refused in one.
        if found.iter().all(|other| (&other.place, &other.sentence) != (&told.place, &told.sentence)) {
            found.push(told);
        }
    }
}

/// A name as a pattern that matches it and nothing else.
fn quoted(name: &str) -> String {
    name.chars().fold(String::new(), |mut quoted, letter| {
        if ".^$*+?()[]{}|\\".contains(letter) {
            quoted.push('\\');
        }
        quoted.push(letter);
        quoted
    })
}

fn told(topology: &Topology<'_>, spec: &ClientSpec, denied: &Denied<'_>, text: &str, field: String) -> Found {
    let sentence = Sentence::of(&spec.name)
        .say(format!(" needs {} permission for {} ", denied.permission, denied.kind))
        .name(&denied.name.into())
        .say(", and its user ")
        .name(&USER.into())
        .say(" does not have it. RabbitMQ closes its channel: ")
        .name(&text.trim_end_matches('.').into())
        .say(".");
    Found::at(client_end(spec), sentence).field(field).fix(denied.fix(topology, spec))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_is_missing() {
        let told = |text| Denied::of(text).map(|it| (it.permission, it.kind, it.name, it.exchange));
        assert_eq!(
            told("ACCESS_REFUSED - write access to exchange 'a b' in vhost '/' refused for user 'guest'"),
            Some(("write", "exchange", "a b", None))
        );
        assert_eq!(
            told("ACCESS_REFUSED - write access to topic 'k.l' in exchange 'x' in vhost 'v' refused for user 'guest'"),
            Some(("write", "topic", "k.l", Some("x")))
        );
        assert_eq!(told("ACCESS_REFUSED - queue 'q' in vhost '/' in exclusive use"), None);
        assert_eq!(told("NOT_FOUND - no queue 'q' in vhost '/'"), None);
    }
}
