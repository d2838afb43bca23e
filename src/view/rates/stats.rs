//! The statistics of one thing each: of the broker, a virtual host, a connection, a channel, an exchange, a queue, a
//! consumer.

use std::collections::VecDeque;

use crate::broker::event::ChannelSetting;
use crate::broker::{CopyId, Name};

use super::capacity::Capacity;
use super::counter::{Counter, Family, Length, delivering};
use super::series::{Rate, Series, Values, Window, sum};

/// Something with counters. What it does not count is none: the management UI does not show it there either.
pub trait Measured {
    #[doc(hidden)]
    fn series(&self, counter: Counter) -> Option<Measure<'_>>;

    /// How many there ever were.
    fn count(&self, counter: Counter) -> Option<u64> {
        self.series(counter).map(|Measure { series, lanes }| sum(series.values(), lanes))
    }

    /// The present rate: over the last five virtual seconds that are over, or as many as there were.
    ///
    /// Management's is that between its last two samples, which are five seconds apart and up to five seconds old
    /// (`rabbit_mgmt_stats.erl rate_from_last_increment/2`). Here it is made anew each second.
    fn rate(&self, counter: Counter, now_ms: u64) -> Option<Rate> {
        self.series(counter).map(|Measure { series, lanes }| series.rate(lanes, now_ms))
    }

    /// The moving average over a window, or as much of it as there was.
    fn average(&self, counter: Counter, window: Window, now_ms: u64) -> Option<Rate> {
        self.series(counter).map(|Measure { series, lanes }| series.average(lanes, window, now_ms))
    }

    /// The line of a chart: the rate in each step of a window, with the moment of its end in virtual milliseconds.
    fn rates(&self, counter: Counter, window: Window, now_ms: u64) -> Option<Vec<(u64, Rate)>> {
        self.series(counter).map(|Measure { series, lanes }| series.rates(lanes, window, now_ms))
    }
}

/// Where a counter is.
#[derive(Debug)]
pub struct Measure<'a> {
    series: &'a Series,
    lanes: &'static [usize],
}

/// Something that holds messages.
pub trait Holds {
    #[doc(hidden)]
    fn depth(&self) -> Depth<'_>;

    /// How many there are.
    fn length(&self, length: Length) -> u64 {
        sum(self.depth().0.values(), length.lanes())
    }

    /// The line of a chart: how many there were at each boundary of a window's steps, and now; moments in virtual
    /// milliseconds.
    fn lengths(&self, length: Length, window: Window, now_ms: u64) -> Vec<(u64, u64)> {
        self.depth().0.lengths(length.lanes(), window, now_ms)
    }
}

/// Where lengths are.
#[derive(Debug)]
pub struct Depth<'a>(&'a Series);

/// What clients do: of a channel, or of all channels of a connection, a virtual host, the broker.
///
/// The management UI shows no message rates of a connection; here they are the sum of its channels, also of those that
/// were closed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    pub(super) publishing: Series,
    pub(super) delivering: Series,
}

impl Measured for Traffic {
    fn series(&self, counter: Counter) -> Option<Measure<'_>> {
        let (family, lanes) = counter.lanes();
        let series = match family {
            Family::Publishing => &self.publishing,
            Family::Delivering => &self.delivering,
            Family::Passing | Family::Churn => return None,
        };
        Some(Measure { series, lanes })
    }
}

/// The broker, or one of its virtual hosts: what their clients do, and what their queues hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostStats {
    pub(super) traffic: Traffic,
    depth: Series,
}

impl HostStats {
    /// A queue's lengths changed.
    pub(super) fn shift(&mut self, at_ms: u64, before: Lengths, after: Lengths) {
        let mut values = *self.depth.values();
        let changes = before.values().into_iter().zip(after.values());
        for (value, (before, after)) in values.iter_mut().zip(changes) {
            *value = value.saturating_add(after).saturating_sub(before);
        }
        self.depth.set(at_ms, values);
    }
}

impl Measured for HostStats {
    fn series(&self, counter: Counter) -> Option<Measure<'_>> {
        self.traffic.series(counter)
    }
}

impl Holds for HostStats {
    fn depth(&self) -> Depth<'_> {
        Depth(&self.depth)
    }
}

/// The Overview: the whole broker, and its churn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overview {
    pub(super) host: HostStats,
    pub(super) churn: Series,
}

impl Measured for Overview {
    fn series(&self, counter: Counter) -> Option<Measure<'_>> {
        match counter.lanes() {
            (Family::Churn, lanes) => Some(Measure { series: &self.churn, lanes }),
            _ => self.host.series(counter),
        }
    }
}

impl Holds for Overview {
    fn depth(&self) -> Depth<'_> {
        self.host.depth()
    }
}

/// An open connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionStats {
    /// Its virtual host.
    pub vhost: Name,
    /// Who.
    pub user: Name,
    pub(super) traffic: Traffic,
}

impl ConnectionStats {
    pub(super) fn new(vhost: Name, user: Name) -> Self {
        ConnectionStats { vhost, user, traffic: Traffic::default() }
    }
}

impl Measured for ConnectionStats {
    fn series(&self, counter: Counter) -> Option<Measure<'_>> {
        self.traffic.series(counter)
    }
}

/// An open channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChannelStats {
    /// Whether it is in confirm mode.
    pub confirms: bool,
    /// Its prefetch for consumers to come; 0 is unlimited.
    pub prefetch: u16,
    /// The exchanges of what is published in its open transaction; none without one.
    pub(super) transaction: Option<Vec<Name>>,
    pub(super) traffic: Traffic,
}

impl ChannelStats {
    pub(super) fn new(now_ms: u64) -> Self {
        let mut stats = ChannelStats::default();
        stats.traffic.publishing.touch(now_ms);
        stats
    }

    /// Whether nothing was counted for so long that RabbitMQ shows it as *idle* (see [`QueueStats::is_idle`]).
    pub fn is_idle(&self, now_ms: u64) -> bool {
        self.traffic.publishing.is_quiet(now_ms) && self.traffic.delivering.is_quiet(now_ms)
    }

    /// Its mode as the UI shows it: `C` in confirm mode, `T` with transactions, or neither
    /// (`formatters.js fmt_channel_mode/1`).
    pub fn mode(&self) -> &'static str {
        match (&self.transaction, self.confirms) {
            (Some(_), _) => "T",
            (None, true) => "C",
            (None, false) => "",
        }
    }

    /// What was published in the transaction counts now.
    pub(super) fn commit(&mut self) -> Vec<Name> {
        self.transaction.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// What was set. A commit is not all there is to do about one.
    pub(super) fn apply(&mut self, setting: &ChannelSetting) {
        match setting {
            ChannelSetting::Prefetch(prefetch) => self.prefetch = *prefetch,
            ChannelSetting::Confirm => self.confirms = true,
            ChannelSetting::Transaction => {
                self.transaction.get_or_insert_default();
            }
            ChannelSetting::Rollback => {
                self.commit();
            }
            ChannelSetting::Commit | ChannelSetting::Recover | ChannelSetting::Flow => {}
        }
    }
}

impl Measured for ChannelStats {
    fn series(&self, counter: Counter) -> Option<Measure<'_>> {
        self.traffic.series(counter)
    }
}

/// An exchange.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExchangeStats {
    pub(super) passing: Series,
}

impl Measured for ExchangeStats {
    fn series(&self, counter: Counter) -> Option<Measure<'_>> {
        match counter.lanes() {
            (Family::Passing, lanes) => Some(Measure { series: &self.passing, lanes }),
            _ => None,
        }
    }
}

/// A consumer: what was delivered to it. Acknowledgements are counted by channel and by queue, as in RabbitMQ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsumerStats {
    pub(super) delivering: Series,
}

impl Measured for ConsumerStats {
    fn series(&self, counter: Counter) -> Option<Measure<'_>> {
        match counter {
            Counter::Deliver | Counter::DeliverNoAck | Counter::Redeliver | Counter::DeliverGet => {
                Some(Measure { series: &self.delivering, lanes: counter.lanes().1 })
            }
            _ => None,
        }
    }
}

/// How many messages are where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Lengths {
    ready: u32,
    unacked: u32,
    waiting: u32,
}

impl Lengths {
    fn values(self) -> Values {
        let mut values = Values::default();
        let total = self.ready.saturating_add(self.unacked).saturating_add(self.waiting);
        values.iter_mut().zip([self.ready, self.unacked, total]).for_each(|(value, length)| *value = length);
        values
    }
}

/// A queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueStats {
    pub(super) delivering: Series,
    depth: Series,
    lengths: Lengths,
    /// Copies that somebody holds, in the order of their ids; whether basic.get got them.
    unacked: VecDeque<(CopyId, bool)>,
    /// Copies that wait, in the order of their ids.
    waiting: VecDeque<CopyId>,
    capacity: Capacity,
    pub(super) consumers: u32,
    is_stream: bool,
}

impl Measured for QueueStats {
    fn series(&self, counter: Counter) -> Option<Measure<'_>> {
        let lanes: &'static [usize] = match counter.lanes() {
            (Family::Delivering, lanes) => lanes,
            _ if counter == Counter::Publish => &[delivering::INCOMING],
            _ => return None,
        };
        Some(Measure { series: &self.delivering, lanes })
    }
}

impl Holds for QueueStats {
    fn depth(&self) -> Depth<'_> {
        Depth(&self.depth)
    }
}

/// Where a copy was taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum From {
    Ready,
    Consumer,
    Get,
    Waiting,
}

impl QueueStats {
    pub(super) fn new(kind: &Name, now_ms: u64) -> Self {
        let mut depth = Series::default();
        depth.touch(now_ms);
        QueueStats {
            delivering: Series::default(),
            depth,
            lengths: Lengths::default(),
            unacked: VecDeque::new(),
            waiting: VecDeque::new(),
            capacity: Capacity::new(now_ms),
            consumers: 0,
            is_stream: *kind == "stream",
        }
    }

    pub(super) fn lengths(&self) -> Lengths {
        self.lengths
    }

    /// What the lists of copies take, bytes.
    pub(super) fn copies_bytes(&self) -> usize {
        self.unacked.len() * size_of::<(CopyId, bool)>() + self.waiting.len() * size_of::<CopyId>()
    }

    /// *Consumer capacity*, percent: the fraction of time in which it could have delivered at once, lately; 0 without
    /// consumers; none for a stream.
    ///
    /// As classic queues have it (`rabbit_amqqueue_process.erl i/2`, `consumer_capacity`, and the same under its former
    /// name `consumer_utilisation`). RabbitMQ 4.3 does not reckon it for quorum queues any more, and says 0
    /// (`rabbit_fifo.erl usage/1`); here it is reckoned for them by the same rule.
    pub fn consumer_capacity(&self, now_ms: u64) -> Option<u64> {
        match (self.is_stream, self.consumers) {
            (true, _) => None,
            (false, 0) => Some(0),
            (false, _) => Some(self.capacity.percent(now_ms)),
        }
    }

    /// Whether nothing was counted at it for so long that RabbitMQ shows it as *idle*: it does once the process of a classic
    /// queue or a channel hibernates (`idle_since`; `rabbit_amqqueue_process.erl handle_pre_hibernate/1`), which is after a
    /// second at the earliest, and later the busier the process was. Here it is after five.
    pub fn is_idle(&self, now_ms: u64) -> bool {
        self.delivering.is_quiet(now_ms) && self.depth.is_quiet(now_ms)
    }

    fn take(&mut self, copy: CopyId) -> From {
        if let Ok(place) = self.unacked.binary_search_by_key(&copy, |(copy, _)| *copy) {
            let got = self.unacked.remove(place).is_some_and(|(_, got)| got);
            return if got { From::Get } else { From::Consumer };
        }
        if let Ok(place) = self.waiting.binary_search(&copy) {
            self.waiting.remove(place);
            return From::Waiting;
        }
        self.lengths.ready = self.lengths.ready.saturating_sub(1);
        From::Ready
    }

    fn put(&mut self, to: To, copy: CopyId) {
        match to {
            To::Ready => self.lengths.ready += 1,
            To::Consumer | To::Getter => {
                let place = self.unacked.partition_point(|(other, _)| *other < copy);
                self.unacked.insert(place, (copy, to == To::Getter));
            }
            To::Waiting => {
                let place = self.waiting.partition_point(|other| *other < copy);
                self.waiting.insert(place, copy);
            }
            To::Away | To::Nowhere => {}
        }
    }

    /// A copy arrives.
    pub(super) fn enqueue(&mut self, copy: CopyId, at_ms: u64) {
        self.put(To::Ready, copy);
        self.record(at_ms);
        self.try_next(at_ms);
    }

    /// A dead letter that had left comes back, since it could not arrive, and waits.
    pub(super) fn hold(&mut self, copy: CopyId, at_ms: u64) {
        self.put(To::Waiting, copy);
        self.record(at_ms);
    }

    /// A copy goes from where it is to somewhere else. In a stream it stays, until it is forgotten.
    pub(super) fn pass(&mut self, copy: CopyId, to: To, at_ms: u64) {
        if self.is_stream && to != To::Nowhere {
            return;
        }
        let from = self.take(copy);
        self.put(to, copy);
        self.record(at_ms);
        // A consumer that is done with a message can take another; one that is given a message could.
        if from == From::Consumer || matches!(to, To::Consumer | To::Away) {
            self.capacity.unblock(at_ms);
            self.try_next(at_ms);
        } else if to == To::Ready {
            self.try_next(at_ms);
        }
    }

    /// A copy is acknowledged: it is gone, but for that of a stream.
    pub(super) fn acked(&mut self, copy: CopyId, at_ms: u64) {
        if !self.is_stream {
            self.pass(copy, To::Nowhere, at_ms);
        }
    }

    fn record(&mut self, at_ms: u64) {
        self.lengths.unacked = u32::try_from(self.unacked.len()).unwrap_or(u32::MAX);
        self.lengths.waiting = u32::try_from(self.waiting.len()).unwrap_or(u32::MAX);
        self.depth.set(at_ms, self.lengths.values());
    }

    /// It tries to deliver; if a consumer can take the next message, that is told next.
    pub(super) fn try_next(&mut self, at_ms: u64) {
        if self.lengths.ready > 0 {
            self.capacity.block(at_ms);
        }
    }

    /// A consumer is added.
    pub(super) fn add_consumer(&mut self, at_ms: u64) {
        self.consumers += 1;
        self.capacity.unblock(at_ms);
        self.try_next(at_ms);
    }
}

/// Where a copy goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum To {
    Ready,
    /// To a consumer, until it acknowledges.
    Consumer,
    /// To who asked for it, until they acknowledge.
    Getter,
    /// To a consumer, for good.
    Away,
    Waiting,
    Nowhere,
}
