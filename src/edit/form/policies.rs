//! What a policy matches, as RabbitMQ would find it.

use crate::broker::Name;
use crate::broker::command::PolicySet;
use crate::broker::event::ResourceKind;
use crate::broker::import::parameter::{OPERATOR_POLICY, operator_policy};
use crate::broker::policy::{Pattern, Policies, Policy};
use crate::broker::settings::QueueType;
use crate::broker::table::{Table, Value};
use crate::definitions;
use crate::share::Tree;

use super::super::command::{Command, Kind, Settings};
use super::super::draft::{Draft, SLASH, vhost_of};

/// Something that a policy's pattern matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// A queue or an exchange.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// The policy that applies instead, since its priority is higher.
    pub beaten_by: Option<String>,
}

/// What a policy would match in a file, as it is written; nothing if its pattern is none.
pub fn matches(draft: &Draft, policy: &Tree) -> Vec<Match> {
    let Ok(read) = policy.read::<definitions::Policy>() else { return Vec::new() };
    let Ok(pattern) = Pattern::new(&read.pattern) else { return Vec::new() };
    let vhost = read.vhost.clone();
    let this = Policy {
        name: read.name.clone(),
        pattern,
        apply_to: read.apply_to.clone(),
        definition: read.definition.clone(),
        priority: read.priority,
        operator: false,
    };
    let policies = all(draft, &vhost, Some(&read));
    let things = things(draft, &vhost);
    let matching =
        things.into_iter().filter(|(kind, name, queue_type)| this.matches(resource(*kind), name, *queue_type));
    matching
        .map(|(kind, name, queue_type)| {
            let applies = policies.matching(resource(kind), &name, queue_type).policy;
            let beaten_by = applies.filter(|other| *other != read.name).map(|name| name.to_string());
            Match { kind, name, beaten_by }
        })
        .collect()
}

/// The policy that applies to something.
pub fn applying(draft: &Draft, vhost: &str, kind: Kind, name: &str) -> Option<String> {
    let vhost: Name = vhost.into();
    let (_, name, queue_type) = things(draft, &vhost).into_iter().find(|thing| thing.0 == kind && thing.1 == name)?;
    all(draft, &vhost, None).matching(resource(kind), &name, queue_type).policy.map(|name| name.to_string())
}

fn resource(kind: Kind) -> ResourceKind {
    if kind == Kind::Exchange { ResourceKind::Exchange } else { ResourceKind::Queue }
}

/// The policies of a virtual host, with one as it would be.
fn all(draft: &Draft, vhost: &Name, instead: Option<&definitions::Policy>) -> Policies {
    let mut policies = Policies::new();
    let written = draft.list("policies").iter().filter_map(|policy| policy.read::<definitions::Policy>().ok());
    for policy in written.chain(instead.cloned()).filter(|policy| policy.vhost == *vhost) {
        // One that RabbitMQ refuses applies to nothing.
        let _ = policies.set(set_of(policy));
    }
    let parameters = draft.list("parameters").iter().filter_map(|entry| entry.read::<definitions::Parameter>().ok());
    for parameter in parameters.filter(|parameter| parameter.vhost == *vhost && parameter.component == OPERATOR_POLICY)
    {
        if let Ok(policy) = operator_policy(&parameter.vhost, &parameter.name, &parameter.value) {
            let _ = policies.set(policy);
        }
    }
    policies
}

/// What an operator policy keeps from a queue that its arguments or its policy ask for; none if it lets all of it be.
pub fn capped(draft: &Draft, vhost: &str, name: &str, arguments: &Table) -> Option<String> {
    let vhost: Name = vhost.into();
    let (_, name, queue_type) =
        things(draft, &vhost).into_iter().find(|thing| thing.0 == Kind::Queue && thing.1 == name)?;
    let policies = all(draft, &vhost, None);
    let matched = policies.matching(ResourceKind::Queue, &name, queue_type);
    let operator = policies.get(matched.operator_policy.as_ref()?, true)?;
    let user = matched.policy.as_ref().and_then(|name| policies.get(name, false));
    let lines = operator.definition.iter().filter_map(|(key, value)| {
        let in_force = matched.effective.get(key).filter(|in_force| *in_force == value)?;
        let asked = user.and_then(|user| Some((user, user.definition.get(key)?)));
        let asked = asked.filter(|(_, asked)| *asked != in_force);
        let asked = asked.map(|(user, asked)| format!("{asked}, which policy {} asks for", user.name));
        let argument =
            arguments.get(&*format!("x-{key}")).filter(|argument| yields(key, argument, in_force, queue_type));
        let argument = argument.map(|argument| format!("{argument}, which x-{key} asks for"));
        let not: Vec<String> = argument.into_iter().chain(asked).collect();
        (!not.is_empty()).then(|| format!("{key} is {value} here, and not {}", not.join(", nor ")))
    });
    let lines: Vec<String> = lines.collect();
    (!lines.is_empty()).then(|| format!("Operator policy {}: {}.", operator.name, lines.join("; ")))
}

/// Whether a queue's argument yields to what its policies have. Source: `rabbit_queue_type_util.erl
/// args_policy_lookup/3` and the resolvers that `rabbit_classic_queue.erl` and `rabbit_quorum_queue.erl` give it.
fn yields(key: &str, argument: &Value, policy: &Value, queue_type: Option<QueueType>) -> bool {
    let is_quorum = queue_type == Some(QueueType::Quorum);
    match (key, argument.as_int(), policy.as_int()) {
        ("message-ttl" | "max-length" | "max-length-bytes" | "expires", Some(argument), Some(policy)) => {
            argument > policy
        }
        ("delivery-limit", Some(argument), Some(policy)) if is_quorum => match argument < 0 || policy < 0 {
            true => argument < policy,
            false => argument > policy,
        },
        ("delayed-retry-min" | "delayed-retry-max", Some(argument), Some(policy)) if is_quorum => argument > policy,
        ("overflow" | "delayed-retry-type", ..) => is_quorum && argument != policy,
        _ => false,
    }
}

/// The call that sets a policy.
pub fn set_of(policy: definitions::Policy) -> PolicySet {
    let definitions::Policy { vhost, name, pattern, apply_to, priority, definition } = policy;
    PolicySet { vhost, name, pattern, apply_to, definition, priority, operator: false }
}

fn things(draft: &Draft, vhost: &Name) -> Vec<(Kind, String, Option<QueueType>)> {
    let here = |entry: &&Tree| vhost_of(entry) == vhost.as_str();
    let name = |entry: &Tree| entry.text("name").unwrap_or_default().to_owned();
    let exchanges = draft.list("exchanges").iter().filter(here).map(|entry| (Kind::Exchange, name(entry), None));
    let default = default_type(draft, vhost);
    let kind = |entry: &Tree| {
        let kind = entry.field("arguments").and_then(|arguments| arguments.text("x-queue-type"));
        Some(kind.and_then(QueueType::from_name).unwrap_or(default))
    };
    let queues = draft.list("queues").iter().filter(here).map(|entry| (Kind::Queue, name(entry), kind(entry)));
    exchanges.chain(queues).collect()
}

/// The type of queues that are declared without one.
pub fn default_type(draft: &Draft, vhost: &str) -> QueueType {
    let host = draft.list("vhosts").iter().find(|host| host.text("name") == Some(vhost));
    let metadata = host.and_then(|host| host.field("metadata"));
    metadata.and_then(|metadata| metadata.text("default_queue_type")).and_then(QueueType::from_name).unwrap_or_default()
}

/// The arguments of an entry as the broker would have them; none if they are none.
pub fn arguments(entry: &Tree) -> Option<Table> {
    let queue = Tree::Object(vec![
        ("name".to_owned(), Tree::from("q")),
        ("vhost".to_owned(), Tree::from("/")),
        ("arguments".to_owned(), entry.field("arguments").cloned().unwrap_or(Tree::Object(Vec::new()))),
    ]);
    queue.read::<definitions::Queue>().ok().map(|queue| queue.arguments)
}

/// A policy for things by their names.
pub fn policy_for(draft: &Draft, vhost: &str, kind: Kind, names: &[&str], definition: Settings) -> Command {
    let apply_to = if kind == Kind::Queue { "queues" } else { "exchanges" };
    let pattern = match names {
        [one] => format!("^{}$", literal_pattern(one)),
        _ => format!("^({})$", names.iter().map(|name| literal_pattern(name)).collect::<Vec<String>>().join("|")),
    };
    let mut settings = vec![("pattern".to_owned(), Tree::Text(pattern)), ("apply-to".to_owned(), Tree::from(apply_to))];
    settings.extend(definition);
    if vhost != SLASH {
        settings.push(("vhost".to_owned(), Tree::from(vhost)));
    }
    let name = draft.free_name(Kind::Policy, vhost, None).as_str().into();
    Command::Add { kind: Kind::Policy, name, flags: Vec::new(), from: Vec::new(), to: None, settings }
}

/// A name as a pattern that only it matches.
fn literal_pattern(name: &str) -> String {
    let mut pattern = String::new();
    for sign in name.chars() {
        if "\\^$.|?*+()[]{}".contains(sign) {
            pattern.push('\\');
        }
        pattern.push(sign);
    }
    pattern
}
