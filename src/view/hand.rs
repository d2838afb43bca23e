//! What operators hold, and what came of what they did by hand, in the words of RabbitMQ's management UI.

use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::broker::event::EventKind;
use crate::broker::message::{Counts, Message};
use crate::broker::{ChannelId, Event, Name, Resource};
use crate::simulation::{
    Control, Deed, GetEncoding, GetMode, LogEntry, LogKind, Operation, is_held_by_hand, is_operator,
};

use super::board::{Board, QueueState};
use super::graph::exchange_name;
use super::sentence::count;

/// So many messages that were got are kept to be shown.
const SHOWN_MAX: usize = 100;

/// A message as the management UI shows one.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// On the channel that got it.
    pub delivery_tag: u64,
    /// The exchange it was published to, for people.
    pub exchange: Name,
    /// Its routing key.
    pub routing_key: Name,
    /// Whether it was delivered before.
    pub redelivered: bool,
    /// Its properties and headers, in the order of AMQP; a header's name stands behind `headers.`.
    pub properties: Vec<(String, String)>,
    /// Its payload: as it is, or in base64 where it is no text.
    pub payload: String,
    /// `string` or `base64`.
    pub encoding: &'static str,
    /// The payload's length.
    pub bytes: usize,
}

impl Shown {
    fn new(message: &Message, delivery_tag: u64, redelivered: bool, encoding: GetEncoding) -> Self {
        let bytes = message.payload.as_bytes();
        let (payload, encoding) = match (std::str::from_utf8(bytes), encoding) {
            (Ok(text), GetEncoding::Auto) => (text.to_owned(), "string"),
            _ => (STANDARD.encode(bytes), "base64"),
        };
        Shown {
            delivery_tag,
            exchange: exchange_name(&message.exchange),
            routing_key: message.routing_keys.key.clone(),
            redelivered,
            properties: properties(message),
            payload,
            encoding,
            bytes: bytes.len(),
        }
    }
}

/// A message's properties as rows.
fn properties(message: &Message) -> Vec<(String, String)> {
    let all = message.properties_with(Counts::default());
    let numbers = [
        ("delivery_mode", all.delivery_mode.map(u64::from)),
        ("priority", all.priority.map(u64::from)),
        ("timestamp", all.timestamp),
    ];
    let mut rows = Vec::new();
    for (name, number) in numbers {
        rows.extend(number.map(|number| (name.to_owned(), number.to_string())));
    }
    for (name, text) in all.texts() {
        rows.extend(text.as_ref().map(|text| (name.to_owned(), text.to_string())));
    }
    for (name, value) in all.headers.iter().flatten() {
        rows.push((format!("headers.{name}"), value.to_string()));
    }
    rows
}

/// What came of something that was done by hand.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The same in one line.
    pub text: String,
    /// Whether it came to what one wants.
    pub is_good: bool,
    /// The queue it was got from, and what was got, oldest first.
    pub got: Option<(Rc<Resource>, Vec<Shown>)>,
}

/// What came of a deed, from the entries of the log that it wrote. None for what is seen well enough in the picture.
pub fn outcome<'a>(deed: &Deed, entries: impl Iterator<Item = &'a LogEntry>) -> Option<Outcome> {
    let events = entries.filter_map(|entry| match &entry.kind {
        LogKind::Broker(Event { kind, .. }) => Some(kind),
        LogKind::Client { .. } | LogKind::NotDone { .. } => None,
    });
    match deed {
        Deed::Operate { operation: Operation::BasicPublish(_), .. } => Some(published(events)),
        Deed::Client { name, control: Control::Publish(_), .. } => {
            Some(told(format!("{name} has the message on its link."), true))
        }
        Deed::GetMessages { ackmode: GetMode::Hold, .. } => {
            let held = events
                .filter(|event| matches!(event, EventKind::Got { channel, .. } if is_operator(channel.connection)));
            Some(match held.count() {
                0 => told("Queue is empty".to_owned(), false),
                held => told(format!("{} held, to be settled by hand.", count(held as u64, "message")), true),
            })
        }
        Deed::GetMessages { vhost, queue, encoding, .. } => Some(got(vhost, queue, *encoding, events)),
        Deed::PurgeQueue { .. } => Some(purged(events)),
        Deed::MoveMessages { to, .. } => Some(moved(to, events)),
        Deed::Settle { .. } => Some(settled(events)),
        _ => None,
    }
}

fn told(text: String, is_good: bool) -> Outcome {
    Outcome { text, is_good, got: None }
}

/// In the words of the management UI. Source: `rabbitmq_management/priv/www/js/main.js publish_msg0/1`,
/// `rabbit_mgmt_wm_exchange_publish.erl`.
fn published<'a>(events: impl Iterator<Item = &'a EventKind>) -> Outcome {
    let (mut is_routed, mut is_refused, mut is_dropped) = (true, false, false);
    let by_hand =
        |event: &&EventKind| matches!(event, EventKind::Published { channel, .. } if is_operator(channel.connection));
    for event in events.skip_while(|event| !by_hand(event)) {
        match event {
            EventKind::Unroutable { returned, .. } => {
                is_routed = false;
                is_dropped |= !returned;
            }
            EventKind::Confirmed { channel, ack: false, .. } if is_operator(channel.connection) => is_refused = true,
            _ => {}
        }
    }
    match (is_refused, is_routed) {
        (true, _) => told("Unable to publish message. Check queue limits.".into(), false),
        (_, true) => told("Message published.".into(), true),
        // Without mandatory a broker says nothing; the picture does.
        (_, false) if is_dropped => told("Message published, but not routed: it was dropped.".into(), false),
        (_, false) => told("Message published, but not routed.".into(), false),
    }
}

fn got<'a>(vhost: &Name, queue: &Name, encoding: GetEncoding, events: impl Iterator<Item = &'a EventKind>) -> Outcome {
    let mut shown = Vec::new();
    let mut number = 0;
    for event in events {
        let EventKind::Got { at, channel, delivery_tag, redelivered, .. } = event else { continue };
        if !is_operator(channel.connection) {
            continue;
        }
        number += 1;
        if shown.len() < SHOWN_MAX {
            shown.push(Shown::new(&at.message, *delivery_tag, *redelivered, encoding));
        }
    }
    let text = match number {
        0 => "Queue is empty".to_owned(),
        number if number > SHOWN_MAX as u64 => format!("{}, the first {SHOWN_MAX} are shown", count(number, "message")),
        number => count(number, "message"),
    };
    let queue = Rc::new(Resource { vhost: vhost.clone(), name: queue.clone() });
    Outcome { text, is_good: number > 0, got: Some((queue, shown)) }
}

fn purged<'a>(events: impl Iterator<Item = &'a EventKind>) -> Outcome {
    let number = events.filter_map(|event| match event {
        EventKind::QueuePurged { count, .. } => Some(*count),
        _ => None,
    });
    told(format!("Queue purged of {}.", count(number.sum(), "message")), true)
}

fn moved<'a>(to: &Name, events: impl Iterator<Item = &'a EventKind>) -> Outcome {
    let (mut taken, mut refused) = (0, 0);
    for event in events {
        if let EventKind::Confirmed { channel, ack, .. } = event
            && is_operator(channel.connection)
        {
            *(if *ack { &mut taken } else { &mut refused }) += 1;
        }
    }
    let text = format!("Moved {} to {to}", count(taken, "message"));
    match refused {
        0 => told(format!("{text}."), true),
        refused => told(format!("{text}; it refused {refused}, which stay where they were."), false),
    }
}

fn settled<'a>(events: impl Iterator<Item = &'a EventKind>) -> Outcome {
    let (mut acked, mut back, mut gone) = (0, 0, 0);
    for event in events {
        match event {
            EventKind::Acked { channel, .. } if is_operator(channel.connection) => acked += 1,
            EventKind::Requeued { .. } | EventKind::Delayed { .. } => back += 1,
            EventKind::Dropped { .. } | EventKind::DeadLettered { .. } => gone += 1,
            _ => {}
        }
    }
    let text = match (acked, back, gone) {
        (0, 0, 0) => "Nothing was held.".to_owned(),
        (0, 0, gone) => format!("{} rejected: dropped or dead-lettered.", count(gone, "message")),
        (0, back, _) => format!("{} requeued.", count(back, "message")),
        (acked, ..) => format!("{} acknowledged.", count(acked, "message")),
    };
    told(text, true)
}

/// What operators hold of a queue's messages until they settle it, oldest delivery first.
pub fn held(queue: &QueueState) -> Vec<Shown> {
    let held = queue.unacked.iter().filter(|lent| is_held_by_hand(lent.channel.connection));
    let shown = held
        .map(|lent| Shown::new(&lent.copied.message, lent.delivery_tag, lent.copied.redelivered, GetEncoding::Auto));
    shown.take(SHOWN_MAX).collect()
}

/// How many of a queue's messages operators hold.
pub fn count_held(queue: &QueueState) -> usize {
    queue.unacked.iter().filter(|lent| is_operator(lent.channel.connection)).count()
}

/// Who holds a delivery, for people.
pub fn holder(board: &Board, channel: ChannelId) -> String {
    match board.client_of(channel.connection) {
        Some((_, client)) => client.spec.name.to_string(),
        None if is_operator(channel.connection) => "the operator".to_owned(),
        None => "a closed client".to_owned(),
    }
}
