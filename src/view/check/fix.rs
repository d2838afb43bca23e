//! Fixes: the commands that take a problem away. Only what the scenario's own definitions and clients say can be changed by
//! one; what a client declares for itself is its program's affair.

use crate::broker::Name;
use crate::broker::binding::{Binding, Destination};
use crate::broker::table::{Table, Value};
use crate::edit::command::Settings;
use crate::edit::{Command, End, Kind, Target};
use crate::share::Tree;
use crate::simulation::ClientSpec;

use super::topology::{Topology, client_end};

/// A value as a command has it; none if no command can.
pub fn tree(value: &Value) -> Option<Tree> {
    Some(match value {
        Value::Bool(flag) => Tree::Flag(*flag),
        Value::String(text) => Tree::from(&**text),
        Value::F64(number) => Tree::Fraction(*number),
        value => u64::try_from(value.as_int()?).map(Tree::Count).ok()?,
    })
}

/// An exchange as what is selected to see it.
pub fn exchange_end(vhost: &Name, name: &Name) -> End {
    End { kind: Kind::Exchange, vhost: vhost.clone(), name: name.clone() }
}

/// A queue by its name.
pub fn queue_end(vhost: &Name, name: &Name) -> End {
    End { kind: Kind::Queue, vhost: vhost.clone(), name: name.clone() }
}

/// Where a client has what is about consuming.
pub fn consuming(spec: &ClientSpec, field: &str) -> String {
    match Kind::of_role(&spec.role) {
        Kind::Worker | Kind::RpcServer => format!("consume.{field}"),
        _ => field.to_owned(),
    }
}

/// Where a client has what is about publishing.
pub fn publishing(spec: &ClientSpec, field: &str) -> String {
    match Kind::of_role(&spec.role) {
        Kind::Worker => format!("publish.{field}"),
        Kind::RpcClient => format!("request.{field}"),
        _ => field.to_owned(),
    }
}

impl Topology<'_> {
    fn has_vhosts(&self) -> bool {
        self.file.scenario.definitions.vhosts.len() > 1
    }

    /// What something is called in commands.
    pub fn target(&self, end: &End) -> Target {
        let is_inside = matches!(end.kind, Kind::Exchange | Kind::Queue | Kind::Policy);
        let vhost = (is_inside && self.has_vhosts()).then(|| end.vhost.clone());
        Target { vhost, ..Target::new(end.kind, &end.name) }
    }

    /// Changes something that the scenario defines.
    pub fn set<const N: usize>(&self, end: &End, settings: [(&str, Tree); N]) -> Option<Command> {
        let is_defined = match end.kind {
            Kind::Queue => self.defines_queue(end),
            Kind::Exchange => self.defines_exchange(end),
            Kind::Policy => true,
            _ => self.defines_client(&end.name),
        };
        let settings = settings.map(|(key, value)| (key.to_owned(), value)).to_vec();
        is_defined.then(|| Command::Set { target: self.target(end), flags: Vec::new(), settings })
    }

    /// Changes how a client consumes.
    pub fn set_consumer(&self, spec: &ClientSpec, field: &str, value: Tree) -> Option<Command> {
        self.set(&client_end(spec), [(&*consuming(spec, field), value)])
    }

    /// Changes how a client publishes.
    pub fn set_publisher(&self, spec: &ClientSpec, field: &str, value: Tree) -> Option<Command> {
        self.set(&client_end(spec), [(&*publishing(spec, field), value)])
    }

    /// Something new.
    pub fn add(&self, kind: Kind, vhost: &Name, name: &Name, flags: &[&str]) -> Command {
        Command::Add {
            kind,
            name: name.clone(),
            flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
            from: Vec::new(),
            to: None,
            settings: self.in_vhost(vhost),
        }
    }

    fn in_vhost(&self, vhost: &Name) -> Settings {
        if self.has_vhosts() { vec![("vhost".to_owned(), Tree::from(&**vhost))] } else { Settings::new() }
    }

    /// A consumer, or an RPC server, of a queue.
    pub fn add_consumer(&self, kind: Kind, queue: &End) -> Command {
        let name = if kind == Kind::Consumer { "consumer" } else { "server" };
        let is_free = |name: &Name| self.members.iter().all(|member| member.spec.name != *name);
        let more = (2..=self.members.len() + 2).map(|number| Name::from(format!("{name}-{number}")));
        let name = std::iter::once(Name::from(name)).chain(more).find(is_free).unwrap_or_default();
        let settings = self.in_vhost(&queue.vhost);
        Command::Add { kind, name, flags: Vec::new(), from: vec![queue.name.clone()], to: None, settings }
    }

    /// A binding, or the end of one.
    pub fn bind(&self, undo: bool, source: &Name, to: &End, key: &Name, arguments: &Table) -> Option<Command> {
        let settings: Option<Settings> =
            arguments.iter().map(|(name, value)| Some((name.to_string(), tree(value)?))).collect();
        let mut settings = settings?;
        settings.extend(self.in_vhost(&to.vhost));
        let is_defined = match to.kind {
            Kind::Queue => self.defines_queue(to),
            _ => self.defines_exchange(to),
        };
        let destination = self.target(to);
        let bind = Command::Bind { undo, source: source.clone(), destination, key: key.clone(), settings };
        is_defined.then_some(bind)
    }

    /// Another binding instead of one that the definitions have.
    pub fn rebind(&self, binding: &Binding, key: &Name, arguments: &Table) -> Option<Command> {
        let is_defined = self.file.scenario.definitions.bindings.iter().any(|other| {
            (&other.vhost, &other.source, &other.destination)
                == (&binding.vhost, &binding.source, binding.destination.name())
                && other.routing_key == binding.routing_key
        });
        let to = destination(binding);
        let undo = self.bind(true, &binding.source, &to, &binding.routing_key, &binding.arguments)?;
        let bind = self.bind(false, &binding.source, &to, key, arguments)?;
        is_defined.then(|| Command::Steps(vec![undo, bind]))
    }

    /// An exchange that takes everything, with a queue that keeps it, and a consumer if nobody else is there to look at
    /// that: for messages that went nowhere.
    pub fn add_catch_all(&self, vhost: &Name, exchange: &Name, consumed: bool) -> Option<Command> {
        let free = |name: &Name| self.broker.queue(vhost, name).is_none();
        let wanted = if exchange.is_empty() { "dead-letters" } else { exchange };
        let names = (1..=self.broker.queues().count() + 1)
            .map(|number| if number == 1 { Name::from(wanted) } else { Name::from(format!("{wanted}-{number}")) });
        let queue = names.into_iter().find(free)?;
        let (source, to) = (exchange.clone(), Target::new(Kind::Queue, &queue));
        let bind = Command::Bind {
            undo: false,
            source,
            destination: to,
            key: Name::default(),
            settings: self.in_vhost(vhost),
        };
        let mut steps =
            vec![self.add(Kind::Exchange, vhost, exchange, &["fanout"]), self.add(Kind::Queue, vhost, &queue, &[])];
        steps.push(bind);
        steps.extend(consumed.then(|| self.add_consumer(Kind::Consumer, &queue_end(vhost, &queue))));
        (!exchange.is_empty()).then_some(Command::Steps(steps))
    }

    /// A dead letter exchange for a queue, with a queue behind it that somebody reads.
    pub fn add_dead_letters(&self, queue: &End) -> Option<Command> {
        let is_free = |name: &Name| {
            let has = |exchange: &crate::broker::exchange::Exchange| {
                exchange.resource.vhost == queue.vhost && exchange.resource.name == *name
            };
            !self.broker.exchanges().any(has) && self.broker.queue(&queue.vhost, name).is_none()
        };
        let names = (1..=self.broker.exchanges().count() + self.broker.queues().count() + 1).map(|number| {
            Name::from(if number == 1 { "dead-letters".to_owned() } else { format!("dead-letters-{number}") })
        });
        let exchange = names.into_iter().find(is_free)?;
        let set = self.set(queue, [("x-dead-letter-exchange", Tree::from(&*exchange))])?;
        match self.add_catch_all(&queue.vhost, &exchange, true)? {
            Command::Steps(steps) => Some(Command::Steps(steps.into_iter().chain([set]).collect())),
            _ => None,
        }
    }

    /// Takes something away that the definitions have.
    pub fn delete(&self, end: &End) -> Option<Command> {
        let is_defined = match end.kind {
            Kind::Queue => self.defines_queue(end),
            Kind::Exchange => self.defines_exchange(end),
            _ => true,
        };
        is_defined.then(|| Command::Delete { targets: vec![self.target(end)] })
    }
}

/// What a binding leads to.
pub fn destination(binding: &Binding) -> End {
    match &binding.destination {
        Destination::Queue(name) => queue_end(&binding.vhost, name),
        Destination::Exchange(name) => exchange_end(&binding.vhost, name),
    }
}
