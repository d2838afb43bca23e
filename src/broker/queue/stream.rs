//! Streams, as far as AMQP 0-9-1 sees them: an append-only log that consumers read from an offset of their own.
//!
//! Reading removes nothing. Every publish is a chunk of its own. What is forgotten is forgotten by whole segments.
//! Source: `rabbit/src/rabbit_stream_queue.erl`; segment roll-over and retention: osiris' `osiris_log.erl`.

use std::collections::VecDeque;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::{Effect, Handover, Taken, Turn};
use crate::broker::arguments::{ConsumerArguments, StreamFilter, StreamOffset};
use crate::broker::consumer::Consumer;
use crate::broker::event::{ConsumerRef, DropRule};
use crate::broker::message::{Counts, Entry, Message};
use crate::broker::name::{ChannelId, ConsumerId};
use crate::broker::ordered::{OrderedMap, sort_by};
use crate::broker::settings::Settings;

/// Bytes of a chunk's header and of its entry's length. Source: osiris' `osiris_log.erl`.
const CHUNK_OVERHEAD_BYTES: u64 = 52;
/// Bytes after which a segment is closed, if nothing else is set.
const DEFAULT_SEGMENT_BYTES: u64 = 500_000_000;

/// A stream's log and readers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stream {
    log: VecDeque<Entry>,
    /// Offset of the first entry in `log`.
    first_offset: u64,
    /// Number of entries and bytes of each segment, oldest first; the last is being written.
    segments: VecDeque<(u64, u64)>,
    readers: OrderedMap<ConsumerId, Reader>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Reader {
    consumer: Consumer,
    next_offset: u64,
    credit: u64,
    unacked: u64,
    filter: Option<StreamFilter>,
}

impl Stream {
    pub fn len(&self) -> u64 {
        self.log.len() as u64
    }

    pub fn bytes(&self) -> u64 {
        self.log.iter().map(Entry::bytes).sum()
    }

    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.log.iter()
    }

    pub fn unacked(&self) -> u64 {
        self.readers.values().map(|reader| reader.unacked).sum()
    }

    pub fn held_by(&self, consumer: ConsumerId) -> u64 {
        self.readers.get(&consumer).map_or(0, |reader| reader.unacked)
    }

    pub fn consumers(&self) -> impl Iterator<Item = &Consumer> {
        self.readers.values().map(|reader| &reader.consumer)
    }

    pub fn message_at(&self, offset: u64) -> Option<Rc<Message>> {
        let index = usize::try_from(offset.checked_sub(self.first_offset)?).ok()?;
        self.log.get(index).map(|entry| entry.message.clone())
    }

    fn end_offset(&self) -> u64 {
        self.first_offset + self.len()
    }

    pub fn publish(&mut self, settings: &Settings, mut entry: Entry, turn: &mut Turn) -> Taken {
        entry.expires_ms = Entry::NEVER;
        let bytes = CHUNK_OVERHEAD_BYTES + entry.bytes() + entry.message.properties.encoded_bytes();
        let position = self.len();
        turn.effects.push(Effect::Enqueued { copy: entry.id, message: entry.message.clone(), position });
        let rolled_over = self.append_to_segment(settings, bytes);
        self.log.push_back(entry);
        if rolled_over {
            self.forget(settings, turn);
        }
        for id in self.in_reading_order() {
            self.read(id, turn);
        }
        Taken::Accepted
    }

    /// A channel reads for all its consumers when it hears of something new, and puts what the next one gets (by
    /// their tags) before what it has. Source: `rabbit_stream_queue.erl handle_event/3`, event osiris_offset.
    fn in_reading_order(&self) -> Vec<ConsumerId> {
        let mut consumers: Vec<&Consumer> = self.consumers().collect();
        sort_by(&mut consumers, |a, b| a.channel.cmp(&b.channel).then_with(|| b.tag.cmp(&a.tag)));
        consumers.into_iter().map(|consumer| consumer.id).collect()
    }

    /// Answers whether a new segment was begun for it.
    fn append_to_segment(&mut self, settings: &Settings, bytes: u64) -> bool {
        let limit = settings.segment_bytes.unwrap_or(DEFAULT_SEGMENT_BYTES);
        let rolls_over = self.segments.back().is_none_or(|(_, used)| *used >= limit);
        if rolls_over {
            self.segments.push_back((0, 0));
        }
        if let Some((count, used)) = self.segments.back_mut() {
            *count += 1;
            *used += bytes;
        }
        rolls_over
    }

    /// Drops the oldest segments while all are over the limit, or while the last message of the oldest is too old;
    /// the one being written stays. Looked at when a segment is begun and when the settings change.
    /// Source: osiris' `osiris_log.erl evaluate_retention/2`.
    pub fn forget(&mut self, settings: &Settings, turn: &mut Turn) {
        while self.segments.len() > 1 && (self.is_over_limit(settings) || self.is_too_old(settings, turn.now_ms)) {
            let Some((count, _)) = self.segments.pop_front() else { return };
            for _ in 0..count {
                let Some(entry) = self.log.pop_front() else { return };
                self.first_offset += 1;
                let rule = DropRule::Retention;
                turn.effects.push(Effect::Dropped { copy: entry.id, message: entry.message, rule });
            }
        }
    }

    fn is_over_limit(&self, settings: &Settings) -> bool {
        let total: u64 = self.segments.iter().map(|(_, bytes)| bytes).sum();
        settings.max_length_bytes.is_some_and(|limit| total > limit)
    }

    fn is_too_old(&self, settings: &Settings, now_ms: u64) -> bool {
        let Some(age_ms) = settings.max_age_ms else { return false };
        let last = self.segments.front().and_then(|(count, _)| usize::try_from(count.checked_sub(1)?).ok());
        let last = last.and_then(|index| self.log.get(index));
        last.is_some_and(|entry| entry.arrived_ms.saturating_add(age_ms) < now_ms)
    }

    pub fn consume(&mut self, consumer: Consumer, arguments: &ConsumerArguments, turn: &mut Turn) {
        let id = consumer.id;
        let filter = arguments.filter.clone();
        let next_offset = self.start_offset(arguments.offset, turn);
        let credit = consumer.prefetch.into();
        self.readers.insert(id, Reader { consumer, next_offset, credit, unacked: 0, filter });
        self.read(id, turn);
    }

    fn start_offset(&self, offset: StreamOffset, turn: &Turn) -> u64 {
        let since = |ms: u64| self.first_offset + self.log.partition_point(|entry| entry.arrived_ms < ms) as u64;
        match offset {
            StreamOffset::First => self.first_offset,
            StreamOffset::Last => self.end_offset().saturating_sub(1).max(self.first_offset),
            StreamOffset::Next => self.end_offset(),
            StreamOffset::Offset(offset) => offset.max(self.first_offset),
            StreamOffset::Timestamp(ms) => since(ms.saturating_sub(turn.epoch_ms)),
            StreamOffset::Interval(ms) => since(turn.now_ms.saturating_sub(ms)),
            // Refused before it comes here.
            StreamOffset::Unusable => self.end_offset(),
        }
    }

    fn read(&mut self, id: ConsumerId, turn: &mut Turn) {
        let Some(reader) = self.readers.get_mut(&id) else { return };
        reader.next_offset = reader.next_offset.max(self.first_offset);
        while reader.credit > 0 {
            let offset = reader.next_offset;
            let Some(entry) = usize::try_from(offset - self.first_offset).ok().and_then(|i| self.log.get(i)) else {
                return;
            };
            reader.next_offset += 1;
            if reader.filter.as_ref().is_some_and(|filter| !filter.passes(&entry.message.properties)) {
                continue;
            }
            reader.credit -= 1;
            reader.unacked += 1;
            turn.effects.push(Effect::Deliver(Handover {
                consumer: id,
                channel: reader.consumer.channel,
                tag: reader.consumer.tag.clone(),
                message: entry.message.clone(),
                copy: entry.id,
                handle: offset,
                redelivered: false,
                counts: Counts { stream_offset: Some(offset), ..Counts::default() },
                ack: true,
                passed_over: Vec::new(),
            }));
        }
    }

    /// Whatever the client says of a delivery, it gives credit and nothing else.
    pub fn settle(&mut self, id: ConsumerId, handles: &[u64], turn: &mut Turn) {
        if let Some(reader) = self.readers.get_mut(&id) {
            reader.credit += handles.len() as u64;
            reader.unacked = reader.unacked.saturating_sub(handles.len() as u64);
            self.read(id, turn);
        }
    }

    pub fn cancel(&mut self, id: ConsumerId) {
        self.readers.remove(&id);
    }

    pub fn remove_consumers_of(&mut self, channel: ChannelId) -> Vec<ConsumerRef> {
        let of_channel = self.consumers().filter(|consumer| consumer.channel == channel);
        let removed = of_channel.map(Consumer::reference).collect();
        self.readers.retain(|_, reader| reader.consumer.channel != channel);
        removed
    }
}
