//! Methods for a channel: about queues, exchanges, consumers and deliveries that are there, but for now and then.

use std::rc::Rc;

use warren::broker::channel::Channel;
use warren::broker::command::{
    BasicConsume, BasicPublish, ExchangeBinding, ExchangeDeclare, QueueBinding, QueueDeclare,
};
use warren::broker::exchange::ExchangeType;
use warren::broker::properties::Properties;
use warren::broker::queue::Queue;
use warren::broker::settings::QueueType;
use warren::broker::table::{Table, Value};
use warren::broker::{Broker, ChannelId, Method, Name};

use super::{Choices, EXCHANGES};

const QUEUES: [&str; 5] = ["a", "b", "c", "d", ""];
const KEYS: [&str; 8] = ["a", "b", "c", "d", "a.b", "#", "*.b", ""];
const KINDS: [&str; 6] = ["direct", "fanout", "topic", "headers", "x-consistent-hash", "x-local-random"];
const TAGS: [&str; 4] = ["t1", "t2", "t3", ""];
const TTLS_MS: [i64; 4] = [0, 50, 500, 5_000];
/// One in so many is made without a look at what is there.
const BLIND: usize = 40;

/// What a method is chosen for.
struct Place<'b> {
    broker: &'b Broker,
    id: ChannelId,
    channel: Option<&'b Channel>,
}

/// A method for a channel. A settlement is mostly for a channel that has something to settle, whichever is asked for.
pub fn method(c: &mut Choices, broker: &Broker, id: ChannelId) -> (ChannelId, Method) {
    let holds = |channel: &&Channel| !channel.unacked.is_empty();
    let holders: Vec<&Channel> =
        broker.connections().flat_map(|connection| connection.channels.values()).filter(holds).collect();
    if !holders.is_empty() && c.once_in(4) {
        let channel = holders[c.below(holders.len())];
        let method = settlement(c, &Place { broker, id: channel.id, channel: Some(channel) });
        return (channel.id, method);
    }
    (id, method_at(c, &Place { broker, id, channel: broker.channel(id) }))
}

fn settlement(c: &mut Choices, place: &Place) -> Method {
    match c.below(5) {
        0..=2 => settled(c, place, |c, delivery_tag| Method::BasicAck { delivery_tag, multiple: c.once_in(3) }),
        3 => settled(c, place, |c, delivery_tag| Method::BasicNack {
            delivery_tag,
            multiple: c.once_in(3),
            requeue: !c.once_in(3),
        }),
        _ => settled(c, place, |c, delivery_tag| Method::BasicReject { delivery_tag, requeue: !c.once_in(3) }),
    }
}

fn method_at(c: &mut Choices, place: &Place) -> Method {
    let is_in_transaction = place.channel.is_some_and(|channel| channel.transaction.is_some());
    if is_in_transaction && c.once_in(4) {
        return Method::TxCommit;
    }
    if place.queues().count() < 2 && !c.once_in(3) {
        return Method::QueueDeclare(queue(c, place));
    }
    match c.below(32) {
        0..=9 => Method::BasicPublish(publish(c, place)),
        10..=12 => consume(c, place),
        13 | 14 => get(c, place),
        15..=21 => settlement(c, place),
        22..=24 => Method::QueueDeclare(queue(c, place)),
        25 | 26 => Method::QueueBind(binding(c, place)),
        27 => exchange(c, place),
        28 => Method::BasicQos { prefetch_count: c.of(&[0, 1, 2, 5]), prefetch_size: 0, global: c.once_in(BLIND) },
        29 => Method::BasicCancel { consumer_tag: place.consumer_tag(c) },
        30 => Method::BasicRecover { requeue: true },
        _ => rare(c, place),
    }
}

impl<'b> Place<'b> {
    /// The queues that the connection may use.
    fn queues(&self) -> impl Iterator<Item = &'b Queue> {
        let connection = self.id.connection;
        self.broker.queues().filter(move |queue| queue.exclusive.is_none_or(|owner| owner == connection))
    }

    fn queue(&self, c: &mut Choices) -> Option<&'b Queue> {
        if c.once_in(BLIND) {
            return None;
        }
        let queues: Vec<&Queue> = self.queues().collect();
        queues.get(c.below(queues.len())).copied()
    }

    fn queue_name(&self, c: &mut Choices) -> Name {
        self.queue(c).map_or_else(|| c.name(&QUEUES), |queue| queue.resource().name.clone())
    }

    /// An exchange that is there; the default one, too, unless it is to be bound.
    fn exchange(&self, c: &mut Choices, may_be_default: bool) -> Name {
        if c.once_in(BLIND) {
            return c.name(&EXCHANGES);
        }
        let is_there = |name: &&&str| self.broker.exchange("/", name).is_some_and(|exchange| !exchange.internal);
        let there: Vec<&str> =
            EXCHANGES.iter().filter(is_there).copied().filter(|name| may_be_default || !name.is_empty()).collect();
        c.name(&there)
    }

    fn consumer_tag(&self, c: &mut Choices) -> Name {
        let tags: Vec<&Name> = self.channel.into_iter().flat_map(|channel| channel.consumers.keys()).collect();
        tags.get(c.below(tags.len())).map_or_else(|| c.name(&TAGS), |tag| (*tag).clone())
    }

    fn is_of(&self, exchange: &str, kind: ExchangeType) -> bool {
        self.broker.exchange("/", exchange).is_some_and(|exchange| exchange.kind == kind)
    }
}

fn rare(c: &mut Choices, place: &Place) -> Method {
    let is_in_transaction = place.channel.is_some_and(|channel| channel.transaction.is_some());
    let confirms = place.channel.is_some_and(|channel| channel.confirms.is_some());
    match c.below(12) {
        0 | 1 if is_in_transaction => Method::TxCommit,
        0 => Method::ConfirmSelect,
        1 if confirms => Method::QueuePurge { queue: place.queue_name(c) },
        1 => Method::TxSelect,
        2 | 3 if is_in_transaction => Method::TxCommit,
        4 if is_in_transaction => Method::TxRollback,
        5 => Method::ChannelClose,
        2 | 6 => {
            Method::QueueDelete { queue: place.queue_name(c), if_unused: c.once_in(BLIND), if_empty: c.once_in(BLIND) }
        }
        3 | 7 => Method::QueuePurge { queue: place.queue_name(c) },
        8 => Method::ExchangeDelete { exchange: c.name(&["x", "y", "h", "amq.topic"]), if_unused: c.once_in(BLIND) },
        9 => Method::QueueUnbind(binding(c, place)),
        4 | 10 => Method::ExchangeBind(exchange_binding(c, place)),
        _ => Method::ExchangeUnbind(exchange_binding(c, place)),
    }
}

/// A settlement of a delivery that there is; a publish where there is none.
fn settled(c: &mut Choices, place: &Place, method: impl Fn(&mut Choices, u64) -> Method) -> Method {
    if c.once_in(BLIND) {
        let tag = c.of(&[1, 2, 3, 4, 5, 6, 7, 8, 0, 99]);
        return method(c, tag);
    }
    let tags: Vec<u64> =
        place.channel.into_iter().flat_map(|channel| &channel.unacked).map(|unacked| unacked.delivery_tag).collect();
    match tags.get(c.below(tags.len())) {
        Some(tag) => method(c, *tag),
        None => Method::BasicPublish(publish(c, place)),
    }
}

fn publish(c: &mut Choices, place: &Place) -> BasicPublish {
    let mut properties = Properties::default();
    if c.once_in(2) {
        properties.delivery_mode = Some(c.of(&[1, 2]));
        properties.priority = c.of(&[None, Some(0), Some(3), Some(9), Some(200)]);
        properties.expiration = c.of(&[None, Some("0"), Some("40"), Some("900")]).map(Name::from);
        properties.headers = headers(c);
        let has_replies = place.channel.is_some_and(|channel| channel.reply_consumer.is_some());
        properties.reply_to = (has_replies && c.once_in(3)).then(|| "amq.rabbitmq.reply-to".into());
    }
    if c.once_in(BLIND) {
        properties.expiration = Some(c.name(&["-1", "x"]));
        properties.reply_to = c.of(&[None, Some("amq.rabbitmq.reply-to")]).map(Name::from);
    }
    let exchange = if c.once_in(3) { place.exchange(c, true) } else { "".into() };
    let mut addresses = place.broker.connections().flat_map(|connection| connection.channels.values());
    let address = addresses.find_map(|channel| channel.reply_consumer.as_ref()).map(|replies| replies.address.clone());
    let routing_key = match address {
        Some(address) if exchange.is_empty() && c.once_in(6) => address,
        _ if exchange.is_empty() => place.queue_name(c),
        _ => c.name(&KEYS),
    };
    BasicPublish {
        exchange,
        routing_key,
        mandatory: c.once_in(3),
        immediate: c.once_in(200),
        properties: Rc::new(properties),
        payload: ["", "m", "a longer body"][c.below(3)].into(),
    }
}

fn headers(c: &mut Choices) -> Option<Table> {
    let keys = |names: [&str; 2]| Value::Array(names.into_iter().map(Value::from).collect());
    let header = match c.below(24) {
        0..=11 => return None,
        12..=15 => ("CC", keys(["b", "c"])),
        16..=19 => ("BCC", keys(["a", "d"])),
        20 => ("CC", Value::from("b")),
        _ => ("k", Value::I32(1)),
    };
    Some(Table::from([(header.0.into(), header.1)]))
}

/// A stream wants a prefetch first, and acknowledgements.
fn consume(c: &mut Choices, place: &Place) -> Method {
    let queue = place.queue(c);
    let is_stream = queue.is_some_and(|queue| queue.kind() == QueueType::Stream);
    if is_stream && place.channel.is_some_and(|channel| channel.prefetch == 0) && !c.once_in(BLIND) {
        return Method::BasicQos { prefetch_count: 5, prefetch_size: 0, global: false };
    }
    let argument = match c.below(8) {
        0..=3 => None,
        4 => Some(("x-priority", Value::I32(c.below(3) as i32 - 1))),
        5 if is_stream => Some(("x-stream-offset", Value::from(c.of(&["first", "last", "next"])))),
        6 if c.once_in(BLIND) => Some(("x-priority", Value::from("high"))),
        6 => Some(("x-consumer-timeout", Value::I32(400))),
        _ => None,
    };
    let tag = c.name(&TAGS);
    let is_taken = place.channel.is_some_and(|channel| channel.consumers.contains_key(&tag)) && !c.once_in(BLIND);
    let replies = c.once_in(12);
    Method::BasicConsume(BasicConsume {
        queue: match queue {
            _ if replies => "amq.rabbitmq.reply-to".into(),
            Some(queue) => queue.resource().name.clone(),
            None => c.name(&QUEUES),
        },
        consumer_tag: if is_taken { Name::default() } else { tag },
        no_local: false,
        no_ack: replies || c.once_in(4) && !is_stream,
        exclusive: c.once_in(BLIND),
        arguments: argument.into_iter().map(|(key, value)| (key.into(), value)).collect(),
    })
}

/// A stream gives nothing that way.
fn get(c: &mut Choices, place: &Place) -> Method {
    let queue = match place.queue(c) {
        Some(queue) if queue.kind() == QueueType::Stream => return Method::BasicPublish(publish(c, place)),
        Some(queue) => queue.resource().name.clone(),
        None => c.name(&QUEUES),
    };
    Method::BasicGet { queue, no_ack: c.once_in(3) }
}

/// A queue that is not there yet, with arguments that fit its type; if all are there, one is asked for.
fn queue(c: &mut Choices, place: &Place) -> QueueDeclare {
    let is_free = |name: &&&str| place.broker.queue("/", name).is_none();
    let free: Vec<&str> = QUEUES.iter().filter(is_free).copied().collect();
    let named: Vec<&str> = free.iter().copied().filter(|name| !name.is_empty()).collect();
    let is_blind = c.once_in(BLIND);
    let name = match (is_blind, named.is_empty()) {
        (true, _) => c.name(&QUEUES),
        // Now and then one that the server names.
        (false, true) if c.once_in(8) => Name::default(),
        (false, true) => {
            let queue = place.queue_name(c);
            return QueueDeclare { queue, passive: true, ..QueueDeclare::default() };
        }
        (false, false) => {
            let names = if c.once_in(8) { &free } else { &named };
            c.name(names)
        }
    };
    let kind = c.of(&[QueueType::Classic, QueueType::Quorum, QueueType::Classic, QueueType::Quorum, QueueType::Stream]);
    let mut arguments = Table::from([("x-queue-type".into(), Value::from(kind.as_str()))]);
    for _ in 0..c.below(5) {
        let (key, value) = if is_blind { any_argument(c) } else { queue_argument(c, kind) };
        arguments.insert(key.into(), value);
    }
    complete(c, &mut arguments);
    let is_classic = kind == QueueType::Classic;
    QueueDeclare {
        queue: name,
        passive: false,
        durable: !is_classic || !c.once_in(4),
        exclusive: is_classic && c.once_in(12),
        auto_delete: is_classic && c.once_in(8),
        arguments,
    }
}

/// Some arguments come to something only with others.
fn complete(c: &mut Choices, arguments: &mut Table) {
    let mut with = |key: &str, others: &[(&str, Value)]| {
        if arguments.contains_key(key) {
            for (other, value) in others {
                arguments.entry((*other).into()).or_insert_with(|| value.clone());
            }
        }
    };
    with("x-dead-letter-strategy", &[("x-dead-letter-exchange", "".into()), ("x-overflow", "reject-publish".into())]);
    with("x-dead-letter-exchange", &[("x-dead-letter-routing-key", c.of(&KEYS).into())]);
    with("x-overflow", &[("x-max-length", Value::I32(2))]);
    with("x-delayed-retry-type", &[("x-delayed-retry-min", Value::I32(200))]);
    with("x-delayed-retry-min", &[("x-delayed-retry-type", "all".into())]);
}

fn queue_argument(c: &mut Choices, kind: QueueType) -> (&'static str, Value) {
    if kind == QueueType::Stream {
        return ("x-max-length-bytes", Value::I32(c.below(20) as i32));
    }
    let is_classic = kind == QueueType::Classic;
    match c.below(16) {
        // Mostly the default exchange and a queue's name, so that there are chains and circles.
        0..=2 => ("x-dead-letter-exchange", Value::from("")),
        3 => ("x-dead-letter-exchange", Value::from(c.of(&EXCHANGES))),
        4 | 5 => ("x-dead-letter-routing-key", Value::from(c.of(&KEYS))),
        6 | 7 => ("x-message-ttl", Value::int(c.of(&TTLS_MS))),
        8 => ("x-max-length", Value::I32(c.below(4) as i32)),
        9 => ("x-max-length-bytes", Value::I32(c.below(20) as i32)),
        10 if is_classic => ("x-overflow", Value::from(c.of(&["reject-publish", "reject-publish-dlx", "drop-head"]))),
        10 => ("x-overflow", Value::from("reject-publish")),
        11 => ("x-single-active-consumer", Value::Bool(true)),
        12 if is_classic => ("x-max-priority", Value::I32(5)),
        12 => ("x-delivery-limit", Value::I32(c.below(4) as i32 - 1)),
        13 if !is_classic => ("x-delayed-retry-min", Value::I32(200)),
        14 if !is_classic => ("x-delayed-retry-type", Value::from(c.of(&["all", "failed", "returned"]))),
        15 if !is_classic => ("x-dead-letter-strategy", Value::from("at-least-once")),
        _ => ("x-max-length", Value::I32(2 + c.below(4) as i32)),
    }
}

/// Whether it fits or not.
fn any_argument(c: &mut Choices) -> (&'static str, Value) {
    let kind = c.of(&[QueueType::Classic, QueueType::Quorum, QueueType::Stream]);
    queue_argument(c, kind)
}

fn binding(c: &mut Choices, place: &Place) -> QueueBinding {
    let (queue, exchange) = (place.queue_name(c), place.exchange(c, false));
    QueueBinding { routing_key: key(c, place, &exchange), queue, exchange, arguments: pattern(c) }
}

fn exchange_binding(c: &mut Choices, place: &Place) -> ExchangeBinding {
    let (destination, source) = (place.exchange(c, false), place.exchange(c, false));
    ExchangeBinding { routing_key: key(c, place, &source), destination, source, arguments: pattern(c) }
}

/// A consistent hash wants a weight.
fn key(c: &mut Choices, place: &Place, exchange: &Name) -> Name {
    if place.is_of(exchange, ExchangeType::ConsistentHash) && !c.once_in(BLIND) {
        return c.name(&["1", "2", "10"]);
    }
    c.name(&KEYS)
}

fn pattern(c: &mut Choices) -> Table {
    match c.below(4) {
        0..=2 => Table::new(),
        _ => Table::from([("x-match".into(), Value::from(c.of(&["any", "all"]))), ("k".into(), Value::I32(1))]),
    }
}

/// An exchange that is not there yet; if all are there, one is asked for, or deleted.
fn exchange(c: &mut Choices, place: &Place) -> Method {
    let arguments = match c.below(3) {
        0 | 1 => Table::new(),
        _ => Table::from([("alternate-exchange".into(), Value::from(c.of(&EXCHANGES)))]),
    };
    let is_free = |name: &&&str| place.broker.exchange("/", name).is_none();
    let free: Vec<&str> = ["x", "y", "h"].iter().filter(is_free).copied().collect();
    let is_blind = c.once_in(BLIND);
    let passive = free.is_empty() && !is_blind;
    if passive && c.once_in(3) {
        return Method::ExchangeDelete { exchange: c.name(&["x", "y", "h"]), if_unused: false };
    }
    let names: &[&str] = if free.is_empty() || is_blind { &["x", "y", "h", "amq.topic"] } else { &free };
    Method::ExchangeDeclare(ExchangeDeclare {
        exchange: c.name(names),
        kind: c.name(&KINDS),
        passive,
        durable: c.once_in(2),
        auto_delete: c.once_in(4),
        internal: c.once_in(16),
        arguments,
    })
}
