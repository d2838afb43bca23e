//! What a scenario amounts to before anything is published: the broker with all that is declared, and who consumes what.
//!
//! What always holds: declarations are carried out by the broker itself, so that names, arguments and policies come to what
//! they come to when the world plays, and refusals have RabbitMQ's own texts. Of a script only what is added counts, as if
//! it were there from the beginning.

use std::rc::Rc;

use crate::broker::command::BasicConsume;
use crate::broker::message::Message;
use crate::broker::queue::Queue;
use crate::broker::settings::QueueType;
use crate::broker::table::Value;
use crate::broker::{
    AmqpError, Broker, ChannelId, Command, Config, ConnectionId, ConnectionOpen, Manage, MessageId, Method, Name,
    NoEvents, QueueId, Reply,
};
use crate::edit::{End, Kind};
use crate::share::File;
use crate::simulation::{AckMode, ClientSpec, ConsumerSpec, Deed, Operation, Outcome, Role, Setup};

use super::access::is_denied;
use super::flow::{Flows, flows};

/// Of a client with many connections, only the first few are opened: the others are like them.
const CONNECTIONS_MAX: u16 = 2;

/// A client, and the queues that it consumes from.
pub struct Member<'a> {
    /// As the scenario has it.
    pub spec: &'a ClientSpec,
    /// What it consumes from, each queue once.
    pub queues: Vec<QueueId>,
    /// A connection of it that got as far as its role.
    pub connection: Option<ConnectionId>,
}

/// What the broker refused a client.
pub struct Refused<'a> {
    /// The client.
    pub spec: &'a ClientSpec,
    /// The queue that it wanted to consume from; none if it was refused a declaration.
    pub queue: Option<Name>,
    /// RabbitMQ's reason.
    pub error: AmqpError,
}

/// A scenario as it is meant.
pub struct Topology<'a> {
    /// The scenario.
    pub file: &'a File,
    /// The broker, in which nothing has happened yet but declarations.
    pub broker: Broker,
    /// The clients, those of the script too.
    pub members: Vec<Member<'a>>,
    /// What was refused.
    pub refused: Vec<Refused<'a>>,
    /// What is published, and where it goes.
    pub flows: Flows,
}

impl<'a> Topology<'a> {
    /// Reads a scenario.
    pub fn of(file: &'a File) -> Self {
        let scenario = &file.scenario;
        let mut broker = scenario.definitions.node(Config { seed: scenario.seed, ..Config::default() });
        for entry in scenario.definitions.plan() {
            tell(&mut broker, Command::Manage(Manage::Import(entry.import)));
        }
        let joined = scenario.script.iter().filter_map(|timed| match &timed.action {
            Deed::Join(spec) => Some(&**spec),
            _ => None,
        });
        let specs = scenario.clients.iter().chain(joined);
        let mut opening = Opening { broker, members: Vec::new(), refused: Vec::new(), connections: 0 };
        let channels: Vec<_> = specs.map(|spec| opening.declare(spec)).collect();
        scenario.script.iter().for_each(|timed| opening.operate(&timed.action));
        channels.into_iter().for_each(|connected| opening.consume(connected));
        let Opening { broker, members, refused, .. } = opening;
        let flows = Flows::default();
        let mut topology = Topology { file, broker, members, refused, flows };
        topology.flows = flows_of(&topology);
        topology
    }

    /// The queues, by virtual host and name.
    pub fn queues(&self) -> impl Iterator<Item = &Queue> {
        self.broker.queues()
    }

    /// A queue of that id.
    pub fn queue(&self, id: QueueId) -> Option<&Queue> {
        self.broker.queue_by_id(id)
    }

    /// Who consumes from a queue.
    pub fn consumers(&self, queue: QueueId) -> impl Iterator<Item = (&'a ClientSpec, &'a ConsumerSpec)> {
        let here = self.members.iter().filter(move |member| member.queues.contains(&queue));
        here.filter_map(|member| Some((member.spec, member.spec.role.consumer()?)))
    }

    /// Whether anybody takes messages out of a queue: consumers, RPC clients, an operator by hand.
    pub fn is_emptied(&self, queue: &Queue) -> bool {
        let by_hand = |action: &Deed| match action {
            Deed::GetMessages { vhost, queue: name, .. }
            | Deed::MoveMessages { vhost, queue: name, .. }
            | Deed::PurgeQueue { vhost, queue: name } => {
                (vhost, name) == (&queue.resource().vhost, &queue.resource().name)
            }
            _ => false,
        };
        // Who may not read it is told so.
        let would = |refused: &Refused<'_>| {
            let name = &queue.resource().name;
            refused.queue.as_ref() == Some(name)
                && refused.spec.vhost == queue.resource().vhost
                && is_denied(&refused.error.text)
        };
        queue.exclusive.is_some()
            || self.refused.iter().any(would)
            || self.members.iter().any(|member| member.queues.contains(&queue.id))
            || self.file.scenario.script.iter().any(|timed| by_hand(&timed.action))
    }

    /// All who consume, with how they do.
    pub fn all_consumers(&self) -> impl Iterator<Item = (&Member<'a>, &'a ConsumerSpec)> {
        self.members.iter().filter_map(|member| Some((member, member.spec.role.consumer()?)))
    }

    /// What is selected to see a queue: a queue that the server named is its client's affair.
    pub fn end_of(&self, queue: &Queue) -> End {
        let resource = queue.resource();
        let owner = self.members.iter().find(|member| member.queues.contains(&queue.id));
        match owner {
            Some(owner) if is_server_named(&resource.name) => client_end(owner.spec),
            _ => End { kind: Kind::Queue, vhost: resource.vhost.clone(), name: resource.name.clone() },
        }
    }

    /// Whether the definitions have a queue, so that a command can change it.
    pub fn defines_queue(&self, end: &End) -> bool {
        let queues = &self.file.scenario.definitions.queues;
        queues.iter().any(|queue| queue.name == end.name && queue.vhost == end.vhost)
    }

    /// Whether the definitions have an exchange.
    pub fn defines_exchange(&self, end: &End) -> bool {
        let exchanges = &self.file.scenario.definitions.exchanges;
        exchanges.iter().any(|exchange| exchange.name == end.name && exchange.vhost == end.vhost)
    }

    /// Whether a client is there from the beginning, so that a command can change it.
    pub fn defines_client(&self, name: &Name) -> bool {
        self.file.scenario.clients.iter().any(|client| client.name == *name)
    }
}

fn flows_of(topology: &Topology<'_>) -> Flows {
    flows(topology)
}

/// A client as what is selected to see it.
pub fn client_end(spec: &ClientSpec) -> End {
    End { kind: Kind::of_role(&spec.role), vhost: spec.vhost.clone(), name: spec.name.clone() }
}

/// Whether a queue has a name that the server made.
pub fn is_server_named(queue: &str) -> bool {
    queue.starts_with("amq.gen-")
}

/// A message that is there to be routed and no more.
pub fn message(key: &Name, exchange: &Name, properties: &Rc<crate::broker::properties::Properties>) -> Message {
    Message {
        id: MessageId(0),
        exchange: exchange.clone(),
        routing_keys: crate::broker::message::RoutingKeys::single(key.clone()),
        properties: properties.clone(),
        payload: crate::broker::properties::Payload::default(),
        deaths: None,
        delivery_count: None,
    }
}

/// What may become of a message at a consumer: what it says of most, and of some.
pub fn outcomes(consumer: &ConsumerSpec) -> impl Iterator<Item = Outcome> {
    std::iter::once(consumer.outcome).chain(consumer.rules.iter().map(|rule| rule.outcome))
}

/// Whether a consumer is one whose deliveries wait for its answer.
pub fn is_manual(consumer: &ConsumerSpec) -> bool {
    consumer.ack == AckMode::Manual
}

/// Whether it is served as messages come, rather than when it asks.
pub fn is_pushed(consumer: &ConsumerSpec) -> bool {
    consumer.pull_every_ms.is_none()
}

/// Whether a queue is a log that keeps what was read.
pub fn is_stream(queue: &Queue) -> bool {
    queue.kind() == QueueType::Stream
}

/// A client with a channel that is open.
struct Connected<'a> {
    spec: &'a ClientSpec,
    channels: Vec<ChannelId>,
    /// The queue that was declared last.
    declared: Option<Name>,
}

struct Opening<'a> {
    broker: Broker,
    members: Vec<Member<'a>>,
    refused: Vec<Refused<'a>>,
    connections: u32,
}

fn tell(broker: &mut Broker, command: Command) -> Option<Reply> {
    // What no broker would get to see is told where the scenario is opened.
    broker.apply(0, command, &mut NoEvents).ok().and_then(|applied| applied.reply)
}

impl<'a> Opening<'a> {
    fn channel(&mut self, vhost: &Name) -> ChannelId {
        self.connections += 1;
        let connection = ConnectionId(self.connections);
        let open = ConnectionOpen { vhost: vhost.clone(), ..ConnectionOpen::new(connection) };
        tell(&mut self.broker, Command::ConnectionOpen(open));
        let channel = ChannelId { connection, number: 1 };
        tell(&mut self.broker, Command::Method { channel, method: Method::ChannelOpen });
        channel
    }

    /// What a client declares for itself. Its first refusal is told.
    fn declare(&mut self, spec: &'a ClientSpec) -> Connected<'a> {
        let (mut channels, mut declared) = (Vec::new(), None);
        for _ in 0..spec.connections.min(CONNECTIONS_MAX) {
            let channel = self.channel(&spec.vhost);
            let mut is_open = true;
            for step in &spec.setup {
                match tell(&mut self.broker, Command::Method { channel, method: method(step) }) {
                    Some(Reply::DeclareOk { queue, .. }) => declared = Some(queue),
                    Some(Reply::Closed(error)) => {
                        if self.refused.iter().all(|refused| refused.spec.name != spec.name) {
                            self.refused.push(Refused { spec, queue: None, error });
                        }
                        is_open = false;
                        break;
                    }
                    _ => {}
                }
            }
            channels.extend(is_open.then_some(channel));
        }
        Connected { spec, channels, declared }
    }

    /// What an operator adds while it plays.
    fn operate(&mut self, action: &Deed) {
        let method = match action {
            Deed::SetPolicy(policy) => {
                tell(&mut self.broker, Command::Manage(Manage::PolicySet(policy.clone())));
                return;
            }
            Deed::CreateVhost { vhost } => {
                let create = Manage::VhostCreate { vhost: vhost.clone(), default_queue_type: None };
                tell(&mut self.broker, Command::Manage(create));
                return;
            }
            Deed::Operate { vhost, operation } => {
                let method = match operation {
                    Operation::ExchangeDeclare(declare) => Method::ExchangeDeclare(declare.clone()),
                    Operation::ExchangeBind(binding) => Method::ExchangeBind(binding.clone()),
                    Operation::QueueDeclare(declare) => Method::QueueDeclare(declare.clone()),
                    Operation::QueueBind(binding) => Method::QueueBind(binding.clone()),
                    _ => return,
                };
                (vhost, method)
            }
            _ => return,
        };
        let (vhost, method) = method;
        let channel = self.channel(vhost);
        tell(&mut self.broker, Command::Method { channel, method });
    }

    /// What a client consumes from.
    fn consume(&mut self, connected: Connected<'a>) {
        let Connected { spec, channels, declared } = connected;
        let mut queues = Vec::new();
        let wanted = spec.role.consumer().map(|consumer| consumer.queues.clone()).unwrap_or_default();
        for (place, channel) in channels.iter().enumerate() {
            for name in &wanted {
                let queue = if name.is_empty() { declared.clone().unwrap_or_default() } else { name.clone() };
                let refusal = spec.role.consumer().and_then(|consumer| self.ask(*channel, consumer, &queue));
                if let Some(error) = refusal.filter(|_| place == 0) {
                    self.refused.push(Refused { spec, queue: Some(queue.clone()), error });
                    break;
                }
                queues.extend(self.broker.queue(&spec.vhost, &queue).map(|queue| queue.id));
            }
        }
        queues.extend(match &spec.role {
            Role::RpcClient(_) => {
                declared.and_then(|queue| self.broker.queue(&spec.vhost, &queue)).map(|queue| queue.id)
            }
            _ => None,
        });
        queues.sort_unstable();
        queues.dedup();
        self.members.push(Member { spec, queues, connection: channels.first().map(|channel| channel.connection) });
    }

    /// Begins to consume, or finds out whether the queue is there. Answers a refusal.
    fn ask(&mut self, channel: ChannelId, consumer: &ConsumerSpec, queue: &Name) -> Option<AmqpError> {
        let method = if consumer.pull_every_ms.is_some() {
            Method::BasicGet { queue: queue.clone(), no_ack: true }
        } else {
            let mut arguments = consumer.arguments.clone();
            if let Some(priority) = consumer.priority {
                arguments.insert("x-priority".into(), Value::I32(priority));
            }
            let qos = Method::BasicQos { prefetch_count: consumer.prefetch, prefetch_size: 0, global: false };
            tell(&mut self.broker, Command::Method { channel, method: qos });
            Method::BasicConsume(BasicConsume {
                queue: queue.clone(),
                no_ack: consumer.ack == AckMode::Auto,
                exclusive: consumer.exclusive,
                arguments,
                ..BasicConsume::default()
            })
        };
        match tell(&mut self.broker, Command::Method { channel, method }) {
            Some(Reply::Closed(error)) => Some(error),
            _ => None,
        }
    }
}

fn method(step: &Setup) -> Method {
    match step {
        Setup::ExchangeDeclare(declare) => Method::ExchangeDeclare(declare.clone()),
        Setup::ExchangeBind(binding) => Method::ExchangeBind(binding.clone()),
        Setup::QueueDeclare(declare) => Method::QueueDeclare(declare.clone()),
        Setup::QueueBind(binding) => Method::QueueBind(binding.clone()),
    }
}
