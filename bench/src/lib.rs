//! The work that is measured: a broker with some topology, and messages that go all the way through it.
//!
//! What always holds: a message counts when its last consumer acknowledged it; every run leaves the broker as it
//! found it, so that rounds are alike; a command that is refused ends the run with a panic, for figures of a run that
//! did not work mean nothing.

use warren::broker::command::{BasicConsume, BasicPublish, ExchangeDeclare, QueueBinding, QueueDeclare};
use warren::broker::properties::Payload;
use warren::broker::table::{Table, Value};
use warren::broker::{
    Broker, ChannelId, Command, Config, ConnectionId, ConnectionOpen, Event, Frame, Method, Name, NoEvents, Sink,
};

#[cfg(not(target_arch = "wasm32"))]
pub mod crowd;
pub mod history;
pub mod rounds;
#[cfg(target_arch = "wasm32")]
pub mod web;

const EXCHANGE: &str = "x";
const PAYLOAD: &str = "sixteen bytes...";
const CONNECTION: ConnectionId = ConnectionId(1);
const CHANNEL: ChannelId = ChannelId { connection: CONNECTION, number: 1 };

/// Beyond so many, recorded events are thrown away: nobody keeps them all, and memory stays level.
const EVENTS_KEPT: usize = 10_000;

/// What a run goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topology {
    /// A direct exchange with so many bindings, each to a queue of its own with a consumer.
    Direct(u32),
    /// A topic exchange with so many bindings: a third without wildcards, a third with `*`, a third with `#`.
    Topic(u32),
    /// A topic exchange with so many bindings, none with a wildcard.
    PlainTopic(u32),
    /// So many queues that pass everything on by dead-lettering, and one more with a consumer.
    DeadLetters(u32),
}

impl Topology {
    /// For tables.
    pub fn name(self) -> String {
        match self {
            Topology::Direct(bindings) => format!("direct, {}", plural(bindings, "binding")),
            Topology::Topic(bindings) => format!("topic, {}", plural(bindings, "binding")),
            Topology::PlainTopic(bindings) => format!("topic without wildcards, {}", plural(bindings, "binding")),
            Topology::DeadLetters(queues) => format!("dead-lettered, {}", plural(queues, "time")),
        }
    }

    fn exchange_type(self) -> &'static str {
        match self {
            Topology::Direct(_) | Topology::DeadLetters(_) => "direct",
            Topology::Topic(_) | Topology::PlainTopic(_) => "topic",
        }
    }
}

fn plural(count: u32, what: &str) -> String {
    format!("{} {what}{}", grouped(count.into()), if count == 1 { "" } else { "s" })
}

/// 1234567 as `1,234,567`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The routing key that the binding of that number takes, and no other.
pub fn routing_key(number: u32) -> String {
    format!("shop.{number}.created")
}

/// The binding's key. `smqp.mjs` has the same.
pub fn pattern(topology: Topology, number: u32) -> String {
    match (topology, number % 3) {
        (Topology::Topic(_), 1) => format!("shop.{number}.*"),
        (Topology::Topic(_), 2) => format!("shop.{number}.#"),
        _ => routing_key(number),
    }
}

/// A broker at work.
pub struct Bed {
    broker: Broker,
    /// What is published, in turn.
    publishes: Vec<BasicPublish>,
    next: usize,
}

impl Bed {
    /// A broker with that topology, ready to run.
    pub fn new(topology: Topology) -> Self {
        let mut bed = Bed::empty();
        match topology {
            Topology::Direct(bindings) | Topology::Topic(bindings) | Topology::PlainTopic(bindings) => {
                bed.declare_exchange(topology.exchange_type());
                for number in 0..bindings {
                    let queue = format!("queue {number}");
                    bed.declare_queue(&queue, Table::new());
                    bed.bind(&queue, &pattern(topology, number));
                    bed.consume(&queue);
                    bed.publishes.push(publish(EXCHANGE, &routing_key(number)));
                }
            }
            Topology::DeadLetters(queues) => {
                for number in 0..queues {
                    bed.declare_queue(&format!("queue {number}"), passing_on(number + 1));
                }
                let last = format!("queue {queues}");
                bed.declare_queue(&last, Table::new());
                bed.consume(&last);
                bed.publishes.push(publish("", "queue 0"));
            }
        }
        bed
    }

    fn empty() -> Self {
        let mut bed = Bed { broker: Broker::new(Config::default()), publishes: Vec::new(), next: 0 };
        bed.apply(Command::ConnectionOpen(ConnectionOpen::new(CONNECTION)), &mut NoEvents);
        bed.method(Method::ChannelOpen);
        bed
    }

    /// A queue with as many ready messages, each with a payload of its own, and nobody who consumes them.
    pub fn with_ready(messages: u32) -> Self {
        let mut bed = Bed::empty();
        bed.declare_queue("backlog", Table::new());
        let first = publish("", "backlog");
        for number in 0..messages {
            let payload = Payload::from(format!("{number:016}").as_str());
            bed.method(Method::BasicPublish(BasicPublish { payload, ..first.clone() }));
        }
        bed
    }

    /// Consumes and acknowledges all that [`Self::with_ready`] left. Answers how many messages that were.
    pub fn drain(&mut self) -> u64 {
        self.method(Method::BasicQos { prefetch_count: 100, prefetch_size: 0, global: false });
        let consume = BasicConsume { queue: "backlog".into(), ..BasicConsume::default() };
        let mut frames = self.method(Method::BasicConsume(consume));
        let mut acknowledged = 0;
        while !frames.is_empty() {
            let mut more = Vec::new();
            for frame in &frames {
                more.extend(self.acknowledge(frame, &mut NoEvents));
                acknowledged += 1;
            }
            frames = more;
        }
        acknowledged
    }

    /// Sends messages through, one after the other, without events.
    pub fn run(&mut self, messages: u64) {
        for _ in 0..messages {
            self.send(&mut NoEvents);
        }
    }

    /// The same, with events.
    pub fn run_recording(&mut self, messages: u64) {
        let mut events: Vec<Event> = Vec::new();
        for _ in 0..messages {
            self.send(&mut events);
            if events.len() > EVENTS_KEPT {
                events.clear();
            }
        }
    }

    fn send<S: Sink>(&mut self, sink: &mut S) {
        let publish = self.publishes[self.next].clone();
        self.next = (self.next + 1) % self.publishes.len();
        let method = Method::BasicPublish(publish);
        let frames = self.apply(Command::Method { channel: CHANNEL, method }, sink);
        assert_eq!(frames.len(), 1, "one delivery for each publish");
        for frame in &frames {
            self.acknowledge(frame, sink);
        }
    }

    fn acknowledge<S: Sink>(&mut self, frame: &Frame, sink: &mut S) -> Vec<Frame> {
        let Frame::Deliver { channel, delivery, .. } = frame else { panic!("only deliveries are sent: {frame:?}") };
        let method = Method::BasicAck { delivery_tag: delivery.delivery_tag, multiple: false };
        self.apply(Command::Method { channel: *channel, method }, sink)
    }

    fn apply<S: Sink>(&mut self, command: Command, sink: &mut S) -> Vec<Frame> {
        let applied = self.broker.apply(0, command, sink).expect("a command in order");
        if let Some(reply @ warren::broker::Reply::Closed(_)) = applied.reply {
            panic!("refused: {reply:?}");
        }
        applied.frames
    }

    fn method(&mut self, method: Method) -> Vec<Frame> {
        self.apply(Command::Method { channel: CHANNEL, method }, &mut NoEvents)
    }

    fn declare_exchange(&mut self, kind: &str) {
        let declare = ExchangeDeclare { exchange: EXCHANGE.into(), kind: kind.into(), ..ExchangeDeclare::default() };
        self.method(Method::ExchangeDeclare(declare));
    }

    fn declare_queue(&mut self, name: &str, arguments: Table) {
        let declare = QueueDeclare { queue: name.into(), durable: true, arguments, ..QueueDeclare::default() };
        self.method(Method::QueueDeclare(declare));
    }

    fn bind(&mut self, queue: &str, key: &str) {
        let binding = QueueBinding {
            queue: queue.into(),
            exchange: EXCHANGE.into(),
            routing_key: key.into(),
            arguments: Table::new(),
        };
        self.method(Method::QueueBind(binding));
    }

    fn consume(&mut self, queue: &str) {
        self.method(Method::BasicConsume(BasicConsume { queue: queue.into(), ..BasicConsume::default() }));
    }
}

fn publish(exchange: &str, key: &str) -> BasicPublish {
    BasicPublish {
        exchange: exchange.into(),
        routing_key: key.into(),
        payload: PAYLOAD.into(),
        ..BasicPublish::default()
    }
}

/// Arguments of a queue that holds nothing: all goes to the next one.
fn passing_on(next: u32) -> Table {
    Table::from([
        ("x-max-length".into(), Value::I32(0)),
        ("x-dead-letter-exchange".into(), Value::String(Name::default())),
        ("x-dead-letter-routing-key".into(), Value::String(format!("queue {next}").into())),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_goes_all_the_way() {
        for topology in [Topology::Direct(10), Topology::Topic(10), Topology::PlainTopic(10), Topology::DeadLetters(10)]
        {
            let mut bed = Bed::new(topology);
            bed.run(25);
            bed.run_recording(25);
            assert!(bed.broker.queues().all(|queue| (queue.ready(), queue.unacked()) == (0, 0)), "{topology:?}");
        }
        assert_eq!(Bed::with_ready(1_000).drain(), 1_000);
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
