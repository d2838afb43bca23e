//! Channels: what one remembers between methods.

use std::collections::VecDeque;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::command::BasicPublish;
use super::message::Message;
use super::name::{ChannelId, ConsumerId, CopyId, Name, QueueId};
use super::ordered::{OrderedMap, sort_by_key};
use super::queue::Settlement;

/// An open channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// Which.
    pub id: ChannelId,
    /// Prefetch count for consumers to come; 0 is unlimited.
    pub prefetch: u16,
    /// The queue declared last, for which an empty name stands.
    pub last_queue: Option<Name>,
    /// Deliveries that wait to be settled, oldest first.
    pub unacked: VecDeque<Unacked>,
    /// Its consumers by tag.
    pub consumers: OrderedMap<Name, ConsumerAt>,
    /// The delivery tag given last.
    pub last_delivery_tag: u64,
    /// In confirm mode, the number of the last publish.
    pub confirms: Option<u64>,
    /// In transaction mode, what the commit will do.
    pub transaction: Option<Transaction>,
    /// The consumer of amq.rabbitmq.reply-to.
    pub reply_consumer: Option<ReplyConsumer>,
}

/// A delivery that waits to be settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unacked {
    /// As the client knows it.
    pub delivery_tag: u64,
    /// Where it is from.
    pub queue: QueueId,
    /// The copy.
    pub copy: CopyId,
    /// The consumer (or get) that holds it, for the queue.
    pub consumer: ConsumerId,
    /// The consumer's tag; none for a get.
    pub consumer_tag: Option<Name>,
    /// As the queue knows it.
    pub handle: u64,
}

/// Where a consumer is attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsumerAt {
    /// The queue.
    pub queue: QueueId,
    /// The consumer.
    pub id: ConsumerId,
}

/// The consumer of direct replies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyConsumer {
    /// Its tag.
    pub tag: Name,
    /// The name that replies are sent to.
    pub address: Name,
}

/// What a transaction has collected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    pub(crate) publishes: Vec<Routed>,
    pub(crate) settlements: Vec<(Vec<Unacked>, Settlement)>,
}

/// A publish that was routed and waits for the commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Routed {
    pub message: Rc<Message>,
    pub queues: Vec<QueueId>,
    /// Direct replies.
    pub replies: Vec<Name>,
    pub mandatory: bool,
    /// As it came, for a return.
    pub publish: Option<BasicPublish>,
}

impl Transaction {
    /// Successive settlements of one kind become one, in the order of delivery.
    /// Source: `rabbit/src/rabbit_channel.erl ack_cons/3`, method tx.commit.
    pub(crate) fn settle(&mut self, taken: Vec<Unacked>, settlement: Settlement) {
        match self.settlements.last_mut() {
            Some((all, last)) if *last == settlement => {
                all.extend(taken);
                sort_by_key(all, |unacked| unacked.delivery_tag);
            }
            _ => self.settlements.push((taken, settlement)),
        }
    }
}

impl Channel {
    pub(crate) fn new(id: ChannelId) -> Self {
        Channel {
            id,
            prefetch: 0,
            last_queue: None,
            unacked: VecDeque::new(),
            consumers: OrderedMap::new(),
            last_delivery_tag: 0,
            confirms: None,
            transaction: None,
            reply_consumer: None,
        }
    }

    /// The tag of the next delivery.
    pub(crate) fn next_delivery_tag(&mut self) -> u64 {
        self.last_delivery_tag += 1;
        self.last_delivery_tag
    }

    fn index_of(&self, delivery_tag: u64) -> Option<usize> {
        // Most clients settle in order: look at the oldest first.
        if self.unacked.front().is_some_and(|first| first.delivery_tag == delivery_tag) {
            return Some(0);
        }
        self.unacked.binary_search_by_key(&delivery_tag, |unacked| unacked.delivery_tag).ok()
    }

    /// Takes out the one delivery that a settlement names; none if the tag is unknown.
    pub(crate) fn take_unacked(&mut self, delivery_tag: u64) -> Option<Unacked> {
        self.unacked.remove(self.index_of(delivery_tag)?)
    }

    /// Takes out all deliveries up to the one that a settlement names, 0 standing for the last; none if the tag is
    /// unknown. Source: `rabbit/src/rabbit_channel.erl collect_acks/3`.
    pub(crate) fn take_unacked_up_to(&mut self, delivery_tag: u64) -> Option<Vec<Unacked>> {
        if delivery_tag == 0 {
            return Some(self.unacked.drain(..).collect());
        }
        let index = self.index_of(delivery_tag)?;
        Some(self.unacked.drain(..=index).collect())
    }

    /// Puts back what a transaction had taken.
    pub(crate) fn put_back(&mut self, unacked: Unacked) {
        let index = self.unacked.partition_point(|other| other.delivery_tag < unacked.delivery_tag);
        self.unacked.insert(index, unacked);
    }
}
