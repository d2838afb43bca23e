//! Messages as queues hold them, and as consumers see them.
//!
//! A [`Message`] is never changed once it is made. A dead-lettered message is a new one that shares the id, the
//! payload and the properties of the old. What a queue knows of its copy (expiry, counters) is in [`Entry`].

mod stored;

use std::borrow::Cow;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::name::{CopyId, MessageId, Name};
use super::properties::{Payload, Properties};
use super::table::{Table, Value};

/// A message on its way: what was published, and its deaths so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Given at the publish; kept over dead-lettering.
    pub id: MessageId,
    /// The exchange it was last published to (the dead letter exchange, after a death).
    pub exchange: Name,
    /// Its routing keys: the publisher's first, then those of the CC header, then those of BCC.
    pub routing_keys: RoutingKeys,
    /// As published, without BCC, and without the expiration once it died.
    pub properties: Rc<Properties>,
    /// The body.
    pub payload: Payload,
    /// Where it died, if it did.
    pub deaths: Option<Rc<Deaths>>,
    /// Failed deliveries that an earlier queue counted; the next queue starts from there.
    /// Source: annotation `delivery_count`, `rabbit/src/rabbit_variable_queue.erl`, `rabbit_fifo.erl`.
    pub delivery_count: Option<u32>,
}

/// The routing keys of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutingKeys {
    /// The routing key.
    pub key: Name,
    /// Keys of the CC and BCC headers; most messages have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more: Option<Rc<MoreKeys>>,
}

/// Keys from headers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoreKeys {
    /// From the CC header, which stays in the message.
    pub cc: Vec<Name>,
    /// From the BCC header, which was taken out.
    pub bcc: Vec<Name>,
    /// What the BCC header had when the message was published: never told in the history of deaths.
    pub secret: Vec<Name>,
}

impl MoreKeys {
    /// The keys of the two headers.
    pub fn new(cc: Vec<Name>, bcc: Vec<Name>) -> Self {
        MoreKeys { cc, secret: bcc.clone(), bcc }
    }
}

impl RoutingKeys {
    /// One key alone.
    pub fn single(key: Name) -> Self {
        RoutingKeys { key, more: None }
    }

    /// The keys of a dead letter that gets a key of its own. What was secret stays so.
    pub fn replaced(&self, key: Name) -> Self {
        let secret = self.more.iter().flat_map(|more| &more.secret).cloned().collect::<Vec<_>>();
        let more = (!secret.is_empty()).then(|| Rc::new(MoreKeys { secret, ..MoreKeys::default() }));
        RoutingKeys { key, more }
    }

    /// All keys, the publisher's first.
    pub fn iter(&self) -> impl Iterator<Item = &Name> + Clone {
        let more = self.more.iter().flat_map(|more| more.cc.iter().chain(&more.bcc));
        std::iter::once(&self.key).chain(more)
    }

    /// The keys that the history of deaths may tell: all without those of BCC, each taken out once, wherever it
    /// is from. Source: `rabbit/src/mc.erl record_death/3`.
    pub fn visible(&self) -> Vec<&Name> {
        let mut keys: Vec<&Name> = self.iter().collect();
        for secret in self.more.iter().flat_map(|more| &more.secret) {
            if let Some(index) = keys.iter().position(|key| *key == secret) {
                keys.remove(index);
            }
        }
        keys
    }
}

impl Message {
    /// The queue priority of a message that has one.
    pub fn priority(&self) -> Option<u8> {
        self.properties.priority
    }

    /// What a consumer gets to see, with the headers of its deaths and the ones in `counts`.
    /// Source: `rabbit/src/mc_amqpl.erl`, `protocol_state/2`.
    pub fn properties_with(&self, counts: Counts) -> Cow<'_, Properties> {
        if self.deaths.is_none() && counts == Counts::default() {
            return Cow::Borrowed(&self.properties);
        }
        let mut properties = match counts.stream_offset {
            Some(_) => stored::as_stored(&self.properties),
            None => (*self.properties).clone(),
        };
        let headers = properties.headers.get_or_insert_default();
        if let Some(deaths) = &self.deaths {
            deaths.write_headers(headers);
        }
        let mut set = |key: &str, value: Option<u64>| {
            if let Some(n) = value.and_then(|n| i64::try_from(n).ok()) {
                headers.insert(key.into(), Value::I64(n));
            }
        };
        set("x-acquired-count", counts.acquired.map(u64::from));
        set("x-delivery-count", counts.delivery.map(u64::from));
        set("x-stream-offset", counts.stream_offset);
        Cow::Owned(properties)
    }
}

/// Headers that a queue adds to a delivery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// `x-acquired-count`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acquired: Option<u32>,
    /// `x-delivery-count`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery: Option<u32>,
    /// `x-stream-offset`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream_offset: Option<u64>,
}

/// Why a message left a queue for the dead letter exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeathReason {
    /// Rejected, or nacked, without requeue.
    Rejected,
    /// Its time to live ran out.
    Expired,
    /// The queue was at its length limit.
    Maxlen,
    /// Returned more often than the delivery limit allows.
    DeliveryLimit,
}

impl DeathReason {
    /// As it stands in the x-death header.
    pub fn as_str(self) -> &'static str {
        match self {
            DeathReason::Rejected => "rejected",
            DeathReason::Expired => "expired",
            DeathReason::Maxlen => "maxlen",
            DeathReason::DeliveryLimit => "delivery_limit",
        }
    }
}

/// The history of deaths of a message. Never empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deaths {
    /// Reason, queue and exchange of the first death.
    pub first: (DeathReason, Name, Name),
    /// The exchange the message had come from when it died last; that of an entry is the one of its first death.
    pub last_exchange: Name,
    /// One entry for each queue and reason, the most recent first; shared with the messages it was before.
    pub entries: Vec<Rc<Death>>,
}

/// What happened to a message in one queue for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Death {
    /// Where.
    pub queue: Name,
    /// Why.
    pub reason: DeathReason,
    /// How often.
    pub count: u64,
    /// The first time, in virtual milliseconds.
    pub at_ms: u64,
    /// The exchange it had come from.
    pub exchange: Name,
    /// The keys it had come with, without BCC.
    pub routing_keys: Vec<Name>,
    /// The expiration it had.
    pub original_expiration: Option<Name>,
}

impl Deaths {
    /// The history after one more death of `message` in `queue`.
    /// Source: `rabbit/src/mc.erl record_death/4`.
    pub fn record(message: &Message, queue: &Name, reason: DeathReason, at_ms: u64) -> Deaths {
        let mut deaths = match &message.deaths {
            Some(deaths) => (**deaths).clone(),
            None => Deaths {
                first: (reason, queue.clone(), message.exchange.clone()),
                last_exchange: message.exchange.clone(),
                entries: Vec::new(),
            },
        };
        deaths.last_exchange = message.exchange.clone();
        let known = deaths.entries.iter().position(|death| death.queue == *queue && death.reason == reason);
        let mut death = match known {
            Some(index) => deaths.entries.remove(index),
            None => Rc::new(Death {
                queue: queue.clone(),
                reason,
                count: 0,
                at_ms,
                exchange: message.exchange.clone(),
                routing_keys: message.routing_keys.visible().into_iter().cloned().collect(),
                original_expiration: message.properties.expiration.clone(),
            }),
        };
        Rc::make_mut(&mut death).count += 1;
        deaths.entries.insert(0, death);
        deaths
    }

    /// Whether a dead letter that is about to enter `queue` goes round in a circle that nobody's reject is part of.
    /// Source: `rabbit/src/mc.erl is_cycle_v2/2`.
    pub fn is_cycle(&self, queue: &str) -> bool {
        match self.entries.iter().position(|death| death.queue == *queue) {
            Some(last) => self.entries[..=last].iter().all(|death| death.reason != DeathReason::Rejected),
            None => false,
        }
    }

    fn write_headers(&self, headers: &mut Table) {
        let deaths = self.entries.iter().map(|death| Value::Table(death.to_table())).collect();
        headers.insert("x-death".into(), Value::Array(deaths));
        let (reason, queue, exchange) = &self.first;
        write_death_headers(headers, "first", *reason, queue, exchange);
        if let Some(last) = self.entries.first() {
            write_death_headers(headers, "last", last.reason, &last.queue, &self.last_exchange);
        }
    }
}

fn write_death_headers(headers: &mut Table, which: &str, reason: DeathReason, queue: &Name, exchange: &Name) {
    headers.insert(format!("x-{which}-death-reason").into(), reason.as_str().into());
    headers.insert(format!("x-{which}-death-queue").into(), Value::String(queue.clone()));
    headers.insert(format!("x-{which}-death-exchange").into(), Value::String(exchange.clone()));
}

impl Death {
    fn to_table(&self) -> Table {
        let keys = self.routing_keys.iter().cloned().map(Value::String).collect();
        let mut table = Table::from([
            ("count".into(), Value::I64(i64::try_from(self.count).unwrap_or(i64::MAX))),
            ("reason".into(), self.reason.as_str().into()),
            ("queue".into(), Value::String(self.queue.clone())),
            ("time".into(), Value::Timestamp(self.at_ms / 1000)),
            ("exchange".into(), Value::String(self.exchange.clone())),
            ("routing-keys".into(), Value::Array(keys)),
        ]);
        if let Some(expiration) = &self.original_expiration {
            table.insert("original-expiration".into(), Value::String(expiration.clone()));
        }
        table
    }
}

/// A copy of a message in a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Ascending in order of arrival.
    pub id: CopyId,
    /// The message.
    pub message: Rc<Message>,
    /// When it expires, in virtual milliseconds; [`Entry::NEVER`] if it does not.
    pub expires_ms: u64,
    /// When it arrived, in virtual milliseconds.
    pub arrived_ms: u64,
    /// Classic: 1 once it has been handed out. Quorum: how often it came back.
    pub acquired: Option<u32>,
    /// How often it came back in a way that counts towards a delivery limit.
    pub delivery_count: Option<u32>,
}

impl Entry {
    /// No expiry.
    pub const NEVER: u64 = u64::MAX;

    /// Whether its time to live has run out.
    pub fn is_expired(&self, now_ms: u64) -> bool {
        now_ms >= self.expires_ms
    }

    /// Body bytes.
    pub fn bytes(&self) -> u64 {
        self.message.payload.len() as u64
    }
}

/// What a client gets with basic.deliver or basic.get-ok.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Per channel, from 1.
    pub delivery_tag: u64,
    /// Whether anybody got it before.
    pub redelivered: bool,
    /// The message.
    pub message: Rc<Message>,
    /// Headers the queue added.
    pub counts: Counts,
}

impl Delivery {
    /// The properties with all headers that the broker adds.
    pub fn properties(&self) -> Cow<'_, Properties> {
        self.message.properties_with(self.counts)
    }
}
