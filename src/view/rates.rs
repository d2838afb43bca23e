//! Rates and counters under the names of RabbitMQ's management UI, over sliding windows of virtual time.
//!
//! [`Rates`] is folded from the log alone, entry by entry, as the [`Board`](super::Board) is, so it can be had for any
//! moment of the past. What always holds:
//!
//! * A counter says how often something is in the log up to the cursor; a rate is a difference of two such counts, and
//!   the virtual time between them. Nothing is estimated, and nothing is a fraction before it is written out.
//! * What a connection, channel, exchange, queue, consumer or virtual host counted goes when the thing goes; the
//!   Overview keeps its sum, as it does in RabbitMQ. So memory is bounded by what exists, times the samples of a window.
//! * A clone shares all samples; one entry touches a handful of things.
//!
//! Source: RabbitMQ 4.3. `rabbit/src/rabbit_channel.erl` counts (`INCR_STATS`), `rabbit_mgmt_metrics_collector.erl`
//! adds up and takes samples, `rabbit_mgmt_stats.erl` makes rates, `charts.js` and the templates show them. On purpose
//! it is otherwise here in this:
//!
//! * The last minute is kept second by second, not in steps of five: much of what a learner looks at takes no longer.
//!   The present rate is made anew each second. All things keep all windows.
//! * A restart of a node forgets all statistics, since they are only in memory. Here they go on, for what a restart
//!   does is what one wants to see. What ended with the node (connections, channels, consumers) is gone all the same.
//! * The byte rates of connections and the disk reads and writes of queues are not there: a link carries whole methods,
//!   and nothing is on a disk.

mod capacity;
mod counter;
mod series;
mod stats;

use std::rc::Rc;

use crate::broker::event::{ChannelSetting, ConsumerRef, CopyRef, DropRule, EventKind};
use crate::broker::message::{DeathReason, Message};
use crate::broker::ordered::{OrderedMap, OrderedSet};
use crate::broker::{ChannelId, ConnectionId, CopyId, Event, MessageId, Name, Resource};
use crate::history::Fold;
use crate::simulation::{LogEntry, LogKind};

pub use counter::{Counter, Length};
pub(super) use series::thousands;
pub use series::{Rate, Window};
pub use stats::{
    ChannelStats, ConnectionStats, ConsumerStats, ExchangeStats, Holds, HostStats, Measured, Overview, QueueStats,
    Traffic,
};

use counter::{churn, delivering, passing, publishing};
use series::Series;
use stats::To;

/// What the firehose publishes to; no client can, and the copies count nowhere (`rabbit_trace.erl`).
const TRACE_EXCHANGE: &str = "amq.rabbitmq.trace";

/// All statistics at a cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// The moment of the last entry, virtual milliseconds.
    now_ms: u64,
    overview: Overview,
    vhosts: OrderedMap<Name, Rc<HostStats>>,
    connections: OrderedMap<ConnectionId, Rc<ConnectionStats>>,
    channels: OrderedMap<ChannelId, Rc<ChannelStats>>,
    exchanges: OrderedMap<Rc<Resource>, Rc<ExchangeStats>>,
    queues: OrderedMap<Rc<Resource>, Rc<QueueStats>>,
    consumers: OrderedMap<(ChannelId, Name), Rc<ConsumerStats>>,
    /// Whose publish or commit is being dealt with.
    publisher: Option<ChannelId>,
    /// What queues refused at this moment: as dead letters these leave no queue.
    refused: Vec<(Rc<Resource>, MessageId)>,
    /// What left its queue as a dead letter at this moment, and may be back, as it cannot arrive.
    dead: OrderedSet<CopyId>,
}

impl Fold for Rates {
    type Entry = LogEntry;

    fn apply(&mut self, entry: &LogEntry) {
        if entry.at_ms > self.now_ms {
            self.now_ms = entry.at_ms;
            self.refused.clear();
            self.dead.clear();
        }
        match &entry.kind {
            LogKind::Broker(event) => self.apply_broker(event),
            // Statistics are the broker's.
            LogKind::Client { .. } | LogKind::NotDone { .. } => {}
        }
    }

    /// Samples are shared, so what weighs is what exists, and not how long it has been.
    fn weight(&self) -> usize {
        const NODE: usize = 64;
        let one_series = self.exchanges.len() + self.consumers.len();
        let two_series = self.vhosts.len() + self.connections.len() + self.channels.len() + self.queues.len();
        let things = (one_series + 2 * two_series) * Series::WEIGHT + (one_series + two_series) * NODE;
        let copies: usize = self.queues.values().map(|queue| queue.copies_bytes()).sum();
        4 * Series::WEIGHT + things + copies + self.dead.len() * size_of::<CopyId>()
    }
}

/// What there is.
impl Rates {
    /// The moment of the last entry, virtual milliseconds.
    pub fn now_ms(&self) -> u64 {
        self.now_ms
    }

    /// The whole broker.
    pub fn overview(&self) -> &Overview {
        &self.overview
    }

    /// Virtual hosts in which there ever was a connection or a queue, by name.
    pub fn vhosts(&self) -> impl Iterator<Item = (&Name, &HostStats)> {
        self.vhosts.iter().map(|(name, stats)| (name, &**stats))
    }

    /// Open connections.
    pub fn connections(&self) -> impl Iterator<Item = (ConnectionId, &ConnectionStats)> {
        self.connections.iter().map(|(id, stats)| (*id, &**stats))
    }

    /// An open connection.
    pub fn connection(&self, id: ConnectionId) -> Option<&ConnectionStats> {
        self.connections.get(&id).map(|stats| &**stats)
    }

    /// Open channels.
    pub fn channels(&self) -> impl Iterator<Item = (ChannelId, &ChannelStats)> {
        self.channels.iter().map(|(id, stats)| (*id, &**stats))
    }

    /// Exchanges that clients published to, by virtual host and name.
    pub fn exchanges(&self) -> impl Iterator<Item = (&Resource, &ExchangeStats)> {
        self.exchanges.iter().map(|(resource, stats)| (&**resource, &**stats))
    }

    /// Queues, by virtual host and name.
    pub fn queues(&self) -> impl Iterator<Item = (&Resource, &QueueStats)> {
        self.queues.iter().map(|(resource, stats)| (&**resource, &**stats))
    }

    /// Consumers, by channel and tag.
    pub fn consumers(&self) -> impl Iterator<Item = (ChannelId, &Name, &ConsumerStats)> {
        self.consumers.iter().map(|((channel, tag), stats)| (*channel, tag, &**stats))
    }

    /// An exchange, if a client ever published to it.
    pub fn exchange(&self, resource: &Resource) -> Option<&ExchangeStats> {
        self.exchanges.get(resource).map(|stats| &**stats)
    }

    /// A queue.
    pub fn queue(&self, resource: &Resource) -> Option<&QueueStats> {
        self.queues.get(resource).map(|stats| &**stats)
    }
}

/// What the log says.
impl Rates {
    fn apply_broker(&mut self, event: &Event) {
        match &event.kind {
            EventKind::Published { message, channel, vhost, .. } => self.published(*channel, vhost, message),
            EventKind::Unroutable { returned, .. } => {
                let lane = if *returned { publishing::RETURN } else { publishing::DROP };
                self.count_publishing(self.publisher, lane);
            }
            EventKind::Confirmed { channel, ack: true, .. } => {
                self.count_publishing(Some(*channel), publishing::CONFIRM);
            }
            EventKind::GotNothing { queue, channel } => self.count_delivering(queue, *channel, delivering::GET_EMPTY),
            EventKind::Enqueued { .. }
            | EventKind::Refused { .. }
            | EventKind::Delivered { .. }
            | EventKind::Got { .. }
            | EventKind::Acked { .. }
            | EventKind::Requeued { .. }
            | EventKind::Delayed { .. }
            | EventKind::DelayEnded { .. }
            | EventKind::Dropped { .. }
            | EventKind::DeadLettered { .. }
            | EventKind::DeadLetterHeld { .. } => self.apply_to_message(&event.kind),
            EventKind::ConnectionOpened { .. }
            | EventKind::ConnectionClosed { .. }
            | EventKind::ChannelOpened { .. }
            | EventKind::ChannelClosed { .. }
            | EventKind::ChannelSet { .. }
            | EventKind::QueueDeclared { .. }
            | EventKind::QueueDeleted { .. }
            | EventKind::ExchangeDeleted { .. }
            | EventKind::ConsumerAdded { .. }
            | EventKind::ConsumerRemoved { .. }
            | EventKind::Managed { .. } => self.apply_to_thing(&event.kind),
            EventKind::Confirmed { ack: false, .. }
            | EventKind::ConnectionRefused { .. }
            | EventKind::ExchangeDeclared { .. }
            | EventKind::QueuePurged { .. }
            | EventKind::Bound { .. }
            | EventKind::Unbound { .. }
            | EventKind::ActiveConsumerChanged { .. }
            | EventKind::ConsumerTimedOut { .. }
            | EventKind::Routed(_)
            | EventKind::Waits { .. }
            | EventKind::CycleCut { .. }
            | EventKind::DeadLetterLost { .. }
            | EventKind::DirectReply { .. }
            | EventKind::PolicyChanged { .. }
            | EventKind::PolicyApplied { .. }
            | EventKind::TimerFired { .. }
            | EventKind::Stopped { .. }
            | EventKind::Started
            | EventKind::BoundReached { .. } => {}
        }
    }

    /// Something comes to be, is set, or goes.
    fn apply_to_thing(&mut self, event: &EventKind) {
        match event {
            EventKind::ConnectionOpened { connection, vhost, user } => {
                self.vhosts.entry(vhost.clone()).or_default();
                let stats = ConnectionStats::new(vhost.clone(), user.clone());
                self.connections.insert(*connection, Rc::new(stats));
                self.count_churn(churn::CONNECTION_CREATED);
            }
            EventKind::ConnectionClosed { connection, .. } => {
                self.connections.remove(connection);
                self.count_churn(churn::CONNECTION_CLOSED);
            }
            EventKind::ChannelOpened { channel } => {
                self.channels.insert(*channel, Rc::new(ChannelStats::new(self.now_ms)));
                self.count_churn(churn::CHANNEL_CREATED);
            }
            EventKind::ChannelClosed { channel, .. } => {
                self.channels.remove(channel);
                self.consumers.retain(|(of, _), _| of != channel);
                self.count_churn(churn::CHANNEL_CLOSED);
            }
            EventKind::ChannelSet { channel, setting } => self.channel_set(*channel, setting),
            EventKind::QueueDeclared { queue, kind, new, .. } => {
                self.vhosts.entry(queue.vhost.clone()).or_default();
                self.queues.entry(queue.clone()).or_insert_with(|| Rc::new(QueueStats::new(kind, self.now_ms)));
                self.count_churn(churn::QUEUE_DECLARED);
                if *new {
                    self.count_churn(churn::QUEUE_CREATED);
                }
            }
            EventKind::QueueDeleted { queue, .. } => {
                if let Some(stats) = self.queues.remove(queue) {
                    self.lengths_changed(&queue.vhost, stats.lengths(), Default::default());
                }
                self.count_churn(churn::QUEUE_DELETED);
            }
            EventKind::ExchangeDeleted { exchange, .. } => {
                self.exchanges.remove(exchange);
            }
            EventKind::ConsumerAdded { queue, consumer, .. } => {
                self.consumers.insert((consumer.channel, consumer.tag.clone()), Rc::default());
                let now_ms = self.now_ms;
                self.change_queue(queue, |stats| stats.add_consumer(now_ms));
            }
            EventKind::ConsumerRemoved { queue, consumer, .. } => {
                self.consumers.remove(&(consumer.channel, consumer.tag.clone()));
                self.change_queue(queue, |stats| stats.consumers = stats.consumers.saturating_sub(1));
            }
            EventKind::Managed { what, name, set: false } if *what == "vhost" => {
                self.vhosts.remove(name);
            }
            // The caller passes on no other but those that say what a user may do.
            _ => {}
        }
    }

    fn channel_set(&mut self, channel: ChannelId, setting: &ChannelSetting) {
        let Some(stats) = self.channels.get_mut(&channel).map(Rc::make_mut) else { return };
        stats.apply(setting);
        if *setting == ChannelSetting::Commit {
            let exchanges = stats.commit();
            let vhost = self.connections.get(&channel.connection).map(|stats| stats.vhost.clone());
            self.publisher = Some(channel);
            for exchange in exchanges {
                self.count_publish(channel, vhost.as_ref(), exchange);
            }
        }
    }

    /// A publish in a transaction counts when it is committed.
    fn published(&mut self, channel: ChannelId, vhost: &Name, message: &Message) {
        self.publisher = Some(channel);
        let exchange = Resource { vhost: vhost.clone(), name: message.exchange.clone() };
        if !self.exchanges.contains_key(&exchange) {
            self.exchanges.insert(Rc::new(exchange), Rc::default());
        }
        let transaction = self.channels.get_mut(&channel).filter(|stats| stats.transaction.is_some());
        if let Some(transaction) = transaction.and_then(|stats| Rc::make_mut(stats).transaction.as_mut()) {
            transaction.push(message.exchange.clone());
        } else {
            self.count_publish(channel, Some(vhost), message.exchange.clone());
        }
    }

    fn count_publish(&mut self, channel: ChannelId, vhost: Option<&Name>, exchange: Name) {
        self.count_publishing(Some(channel), publishing::PUBLISH);
        let Some(vhost) = vhost else { return };
        let exchange = Resource { vhost: vhost.clone(), name: exchange };
        if let Some(stats) = self.exchanges.get_mut(&exchange).map(Rc::make_mut) {
            stats.passing.count(self.now_ms, passing::IN);
        }
    }

    /// Something happens to a message in a queue.
    fn apply_to_message(&mut self, event: &EventKind) {
        let now_ms = self.now_ms;
        match event {
            EventKind::Enqueued { at, .. } => {
                self.count_routed(&at.queue, &at.message);
                self.change_queue(&at.queue, |queue| queue.enqueue(at.copy, now_ms));
            }
            EventKind::Refused { queue, message, .. } => {
                self.count_routed(queue, message);
                self.refused.push((queue.clone(), message.id));
            }
            EventKind::Delivered { at, consumer, redelivered, ack, .. } => {
                self.delivered(at, consumer, *redelivered, *ack);
                let to = if *ack { To::Consumer } else { To::Away };
                self.change_queue(&at.queue, |queue| queue.pass(at.copy, to, now_ms));
            }
            EventKind::Got { at, channel, redelivered, ack, .. } => {
                let lane = if *ack { delivering::GET } else { delivering::GET_NO_ACK };
                self.count_delivering(&at.queue, *channel, lane);
                if *redelivered {
                    self.count_delivering(&at.queue, *channel, delivering::REDELIVER);
                }
                let to = if *ack { To::Getter } else { To::Nowhere };
                self.change_queue(&at.queue, |queue| queue.pass(at.copy, to, now_ms));
            }
            EventKind::Acked { at, channel, .. } => {
                self.count_delivering(&at.queue, *channel, delivering::ACK);
                self.change_queue(&at.queue, |queue| queue.acked(at.copy, now_ms));
            }
            EventKind::Requeued { at, .. } | EventKind::DelayEnded { at, .. } => {
                self.change_queue(&at.queue, |queue| queue.pass(at.copy, To::Ready, now_ms));
            }
            EventKind::Delayed { at, .. } => {
                self.change_queue(&at.queue, |queue| queue.pass(at.copy, To::Waiting, now_ms));
            }
            EventKind::DeadLetterHeld { at, .. } => {
                let had_left = self.dead.remove(&at.copy);
                self.change_queue(&at.queue, |queue| match had_left {
                    true => queue.hold(at.copy, now_ms),
                    false => queue.pass(at.copy, To::Waiting, now_ms),
                });
            }
            EventKind::Dropped { at, rule } => {
                if *rule == DropRule::NoDeadLetterExchange && self.was_refused(at) {
                    return;
                }
                self.change_queue(&at.queue, |queue| queue.pass(at.copy, To::Nowhere, now_ms));
            }
            EventKind::DeadLettered { at, reason, .. } => {
                if *reason == DeathReason::Maxlen && self.was_refused(at) {
                    return;
                }
                self.dead.insert(at.copy);
                self.change_queue(&at.queue, |queue| queue.pass(at.copy, To::Nowhere, now_ms));
            }
            // The caller passes on no other.
            _ => {}
        }
    }

    /// Whether a dead letter was never in its queue.
    fn was_refused(&mut self, at: &CopyRef) -> bool {
        let place = self.refused.iter().position(|(queue, message)| *message == at.message.id && *queue == at.queue);
        place.map(|place| self.refused.remove(place)).is_some()
    }

    fn delivered(&mut self, at: &CopyRef, consumer: &ConsumerRef, redelivered: bool, ack: bool) {
        let lane = if ack { delivering::DELIVER } else { delivering::DELIVER_NO_ACK };
        let now_ms = self.now_ms;
        self.count_delivering(&at.queue, consumer.channel, lane);
        if redelivered {
            self.count_delivering(&at.queue, consumer.channel, delivering::REDELIVER);
        }
        let key = (consumer.channel, consumer.tag.clone());
        if let Some(stats) = self.consumers.get_mut(&key).map(Rc::make_mut) {
            stats.delivering.count(now_ms, lane);
            if redelivered {
                stats.delivering.count(now_ms, delivering::REDELIVER);
            }
        }
    }

    /// A queue is given a message. Only what clients publish counts.
    fn count_routed(&mut self, queue: &Rc<Resource>, message: &Message) {
        if message.deaths.is_some() || message.exchange == TRACE_EXCHANGE {
            return;
        }
        let now_ms = self.now_ms;
        if let Some(stats) = self.queues.get_mut(queue).map(Rc::make_mut) {
            stats.delivering.count(now_ms, delivering::INCOMING);
        }
        let exchange = Resource { vhost: queue.vhost.clone(), name: message.exchange.clone() };
        if let Some(stats) = self.exchanges.get_mut(&exchange).map(Rc::make_mut) {
            stats.passing.count(now_ms, passing::OUT);
        }
    }

    fn count_churn(&mut self, lane: usize) {
        self.overview.churn.count(self.now_ms, lane);
    }

    /// A virtual host that is there, for something is in it.
    fn host(&mut self, vhost: &Name) -> Option<&mut HostStats> {
        self.vhosts.get_mut(vhost).map(Rc::make_mut)
    }

    fn count_publishing(&mut self, channel: Option<ChannelId>, lane: usize) {
        let now_ms = self.now_ms;
        self.overview.host.traffic.publishing.count(now_ms, lane);
        let Some(channel) = channel else { return };
        if let Some(stats) = self.channels.get_mut(&channel).map(Rc::make_mut) {
            stats.traffic.publishing.count(now_ms, lane);
        }
        let Some(stats) = self.connections.get_mut(&channel.connection).map(Rc::make_mut) else { return };
        stats.traffic.publishing.count(now_ms, lane);
        let vhost = stats.vhost.clone();
        if let Some(host) = self.host(&vhost) {
            host.traffic.publishing.count(now_ms, lane);
        }
    }

    fn count_delivering(&mut self, queue: &Rc<Resource>, channel: ChannelId, lane: usize) {
        let now_ms = self.now_ms;
        self.overview.host.traffic.delivering.count(now_ms, lane);
        if let Some(host) = self.host(&queue.vhost) {
            host.traffic.delivering.count(now_ms, lane);
        }
        if let Some(stats) = self.queues.get_mut(queue).map(Rc::make_mut) {
            stats.delivering.count(now_ms, lane);
        }
        if let Some(stats) = self.channels.get_mut(&channel).map(Rc::make_mut) {
            stats.traffic.delivering.count(now_ms, lane);
        }
        if let Some(stats) = self.connections.get_mut(&channel.connection).map(Rc::make_mut) {
            stats.traffic.delivering.count(now_ms, lane);
        }
    }

    fn change_queue(&mut self, queue: &Rc<Resource>, change: impl FnOnce(&mut QueueStats)) {
        let Some(stats) = self.queues.get_mut(queue).map(Rc::make_mut) else { return };
        let before = stats.lengths();
        change(stats);
        let after = stats.lengths();
        self.lengths_changed(&queue.vhost, before, after);
    }

    fn lengths_changed(&mut self, vhost: &Name, before: stats::Lengths, after: stats::Lengths) {
        if before != after {
            let now_ms = self.now_ms;
            self.overview.host.shift(now_ms, before, after);
            if let Some(host) = self.host(vhost) {
                host.shift(now_ms, before, after);
            }
        }
    }
}
