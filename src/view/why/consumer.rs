//! Why a message is not with a consumer: it had it, another one has it, it waits, or it is in none of its queues.

use std::rc::Rc;

use crate::broker::arguments::{STREAM_FILTER_HEADER, StreamFilter};
use crate::broker::event::{
    ChannelSetting, CloseReason, DeleteReason, EventKind, PassedOver, PassedOverReason, ReturnReason,
};
use crate::broker::table::Value;
use crate::broker::{Frame, Name, Reply, Resource};
use crate::simulation::{ClientEvent, ClientId, LogEntry, LogKind, Parcel};

use super::journey::{Journey, event_of};
use super::{Because, Outlook, Reason, clients, queue};
use crate::view::board::{Attached, ClientState, Copied, QueueState};
use crate::view::hand::holder;
use crate::view::life::Where;
use crate::view::sentence::{Sentence, count, span};

/// So many entries are looked back for what was said of a consumer.
const LOOK_BACK: usize = 2_000;

/// Why it is not with a consumer.
pub(super) fn reasons(journey: &Journey, id: ClientId, client: &ClientState) -> Vec<Because> {
    let name = &client.spec.name;
    let mut reasons: Vec<Because> = had_it(journey, id, name).into_iter().collect();
    let is_final = |because: &Because| because.reason != Reason::GaveBack;
    if reasons.first().is_some_and(is_final) {
        return reasons;
    }
    let queues = queues_of(journey, id, client);
    let been_in = |queue: &&Rc<Resource>| journey.visits.iter().any(|visit| visit.queue == **queue);
    if let Some(queue) = queues.iter().rev().find(been_in) {
        reasons.extend(at_queue(journey, id, client, queue));
        return reasons;
    }
    if let Some(because) = clients::not_arrived(journey, &crate::broker::binding::Destination::Queue(Name::default()))
        .filter(|because| because.reason != Reason::InFlight)
    {
        return vec![because];
    }
    reasons.extend(absent(journey, id, client).filter(|_| queues.is_empty()));
    if let Some(queue) = queues.first() {
        let sentence = Sentence::of(name).say(" consumes from ").names(queues.iter().map(|queue| &queue.name));
        let sentence = sentence.say(", and it never was there.");
        reasons.push(Because::new(Reason::NotInItsQueues, Outlook::Never, sentence));
        let of_queue = queue::reasons(journey, queue);
        if let (Some(last), Some(first)) = (reasons.last_mut(), of_queue.first()) {
            last.outlook = first.outlook;
        }
        reasons.extend(of_queue);
    }
    reasons
}

/// The queues that it consumes from, or would if it were there.
fn queues_of(journey: &Journey, id: ClientId, client: &ClientState) -> Vec<Rc<Resource>> {
    let has_one =
        |queue: &QueueState| queue.consumers.iter().any(|attached| journey.is_of(attached.consumer.channel, id));
    let all = &journey.board.queues;
    let attached: Vec<_> = all.iter().filter(|(_, queue)| has_one(queue)).map(|(name, _)| name.clone()).collect();
    if !attached.is_empty() {
        return attached;
    }
    let wanted = client.spec.role.consumer().map(|consumer| &consumer.queues[..]).unwrap_or_default();
    let is_wanted = |queue: &&Rc<Resource>| queue.vhost == client.spec.vhost && wanted.contains(&queue.name);
    all.keys().filter(is_wanted).cloned().collect()
}

/// What became of its last delivery to it.
fn had_it(journey: &Journey, id: ClientId, name: &Name) -> Option<Because> {
    let (place, delivery) = journey.entries.iter().enumerate().rev().find(|(_, entry)| match event_of(entry) {
        Some(EventKind::Delivered { consumer, .. }) => journey.is_of(consumer.channel, id),
        Some(EventKind::Got { channel, .. } | EventKind::DirectReply { channel: Some(channel), .. }) => {
            journey.is_of(*channel, id)
        }
        _ => false,
    })?;
    let later = journey.entries.get(place + 1..).unwrap_or_default();
    let arrived = later.iter().any(|entry| is_arrival(entry, id));
    let lost = later.iter().find(|entry| is_lost(entry, id));
    let end = later.iter().find_map(|entry| Some((entry.seq, ended(event_of(entry)?, name)?)));
    if let Some((seq, because)) = end {
        return Some(because.at(seq));
    }
    if let Some(lost) = lost {
        let sentence = Sentence::words("it was delivered to ")
            .name(name)
            .say(", and was on the network when the connection broke.");
        return Some(Because::new(Reason::LostOnLink, Outlook::May, sentence).at(lost.seq));
    }
    if !arrived {
        let sentence = Sentence::words("it was delivered to ").name(name).say(", and is on the network.");
        return Some(Because::new(Reason::OnItsWay, Outlook::May, sentence).at(delivery.seq));
    }
    let by_hand = !matches!(
        event_of(delivery),
        Some(
            EventKind::Delivered { ack: false, .. } | EventKind::Got { ack: false, .. } | EventKind::DirectReply { .. }
        )
    );
    Some(if by_hand {
        let sentence = Sentence::of(name).say(" is done with it, and what it says of it is on its way to the broker.");
        Because::new(Reason::AckUnderWay, Outlook::Was, sentence).at(delivery.seq)
    } else {
        let sentence =
            Sentence::of(name).say(" had it, and is done with it. With automatic acknowledgement nobody is told.");
        Because::new(Reason::AutoAcked, Outlook::Was, sentence).at(delivery.seq)
    })
}

fn is_arrival(entry: &LogEntry, id: ClientId) -> bool {
    matches!(&entry.kind, LogKind::Client { client, event, .. } if *client == id && matches!(event,
        ClientEvent::Received { frame: Frame::Deliver { .. } } | ClientEvent::Answered { reply: Reply::Got { .. } }))
}

fn is_lost(entry: &LogEntry, id: ClientId) -> bool {
    matches!(&entry.kind, LogKind::Client { client, event: ClientEvent::LostOnLink { what: Parcel::Frame(_) | Parcel::Reply(_) }, .. }
        if *client == id)
}

fn ended(event: &EventKind, name: &Name) -> Option<Because> {
    Some(match event {
        EventKind::Acked { at, .. } => {
            let sentence =
                Sentence::of(name).say(" had it and acknowledged it; ").name(&at.queue.name).say(" forgot it.");
            Because::new(Reason::Acked, Outlook::Was, sentence)
        }
        EventKind::Requeued { at, why, .. } | EventKind::Delayed { at, why, .. } => {
            let sentence = Sentence::of(name).say(" had it, and it went back to ").name(&at.queue.name);
            let sentence = sentence.say(format!(": {}.", why_back(*why)));
            Because::new(Reason::GaveBack, Outlook::May, sentence)
        }
        EventKind::DeadLettered { at, exchange, .. } => {
            let sentence = Sentence::of(name)
                .say(" had it in ")
                .name(&at.queue.name)
                .say(". From there it went to the dead letter exchange ");
            Because::new(Reason::DeadLettered, Outlook::Was, sentence.name(exchange).say("."))
        }
        EventKind::Dropped { at, .. } => {
            let sentence = Sentence::of(name).say(" had it and rejected it without requeue; ").name(&at.queue.name);
            Because::new(Reason::Rejected, Outlook::Was, sentence.say(" has no dead letter exchange, so it is gone."))
        }
        _ => return None,
    })
}

fn why_back(why: ReturnReason) -> &'static str {
    match why {
        ReturnReason::Nack => "it sent basic.nack with requeue",
        ReturnReason::Reject => "it sent basic.reject with requeue",
        ReturnReason::Recover => "it sent basic.recover",
        ReturnReason::ChannelClosed => "its channel closed",
        ReturnReason::Timeout => "it did not acknowledge in time",
        ReturnReason::Restart => "the broker was restarted",
    }
}

/// It is, or was, in a queue that the client consumes from.
fn at_queue(journey: &Journey, id: ClientId, client: &ClientState, queue: &Rc<Resource>) -> Vec<Because> {
    if journey.board.is_down {
        return vec![Because::new(Reason::BrokerDown, Outlook::May, Sentence::words("the broker is stopped."))];
    }
    let Some((copied, at)) = journey.copy_in(queue) else {
        let mut reasons: Vec<Because> = given_to_another(journey, id, client, queue).into_iter().collect();
        reasons.extend(queue::reasons(journey, queue));
        return reasons;
    };
    let Some(state) = journey.board.queues.get(queue) else { return Vec::new() };
    match at {
        Where::Unacked(..) => given_to_another(journey, id, client, queue).into_iter().collect(),
        Where::Waiting(_) => waits_for_retry(journey, copied, queue).into_iter().collect(),
        _ => match state.consumers.iter().find(|attached| journey.is_of(attached.consumer.channel, id)) {
            Some(attached) => waits(journey, client, queue, (state, attached), (copied, &at)),
            None => absent(journey, id, client).collect(),
        },
    }
}

fn waits_for_retry(journey: &Journey, copied: &Copied, queue: &Rc<Resource>) -> Option<Because> {
    let (entry, event) = journey.of_copy(copied.copy).next()?;
    Some(match event {
        EventKind::Delayed { until_ms, .. } => {
            let until = span(*until_ms);
            let sentence = Sentence::words("it came back to ").name(&queue.name);
            let sentence = sentence.say(format!(", and waits there until {until} before it is Ready again."));
            Because::new(Reason::DelayedRetry, Outlook::May, sentence).at(entry.seq)
        }
        _ => {
            let sentence = Sentence::of(&queue.name)
                .say(" holds it as a dead letter until its dead letter exchange leads to a queue that takes it.");
            Because::new(Reason::HeldAtLeastOnce, Outlook::May, sentence).at(entry.seq)
        }
    })
}

/// Ready, and not yet delivered.
fn waits(
    journey: &Journey,
    client: &ClientState,
    queue: &Rc<Resource>,
    (state, attached): (&QueueState, &Attached),
    (copied, at): (&Copied, &Where),
) -> Vec<Because> {
    let name = &client.spec.name;
    if state.kind == "stream" {
        let filtered = filtered(client, name, copied);
        return vec![filtered.unwrap_or_else(|| behind_offset(client, name, attached, state))];
    }
    let mut reasons: Vec<Because> = overtaken(state, copied, at, queue).into_iter().collect();
    if let Where::Ready(_, place @ 1..) = at
        && reasons.is_empty()
    {
        let sentence =
            Sentence::words(format!("it is behind {} in ", count(*place as u64, "message"))).name(&queue.name);
        reasons.push(Because::new(Reason::Behind, Outlook::May, sentence.say(".")));
    }
    let told = last_wait(journey, attached, queue);
    let others = state.active.as_ref().filter(|active| **active != attached.consumer);
    let unacked = state.unacked.iter().filter(|lent| lent.channel == attached.consumer.channel).count();
    if let Some(active) = others {
        let active: Name = holder(journey.board, active.channel).as_str().into();
        let sentence = Sentence::of(&queue.name).say(" has a single active consumer, and that is ").name(&active);
        let sentence = sentence.say("; ").name(name).say(" waits until it goes.");
        reasons.insert(0, Because::new(Reason::NotActive, Outlook::May, sentence));
    } else if attached.prefetch > 0 && unacked >= usize::from(attached.prefetch) && !attached.no_ack {
        let sentence = Sentence::words("the prefetch of ").name(name).say(" is full: ");
        let sentence = sentence
            .say(format!("{unacked} of {} unacked. It gets the next when it acknowledges one.", attached.prefetch));
        let sentence = match channel_prefetch(journey, attached).filter(|now| *now != attached.prefetch) {
            Some(now) => sentence.say(format!(
                " The prefetch of {now} that its channel asked for since (basic.qos) holds for consumers that begin later, and for each of them alone."
            )),
            None => sentence,
        };
        reasons.push(Because::new(Reason::PrefetchFull, Outlook::May, sentence));
    } else if let Some((seq, why)) = told {
        reasons.push(passed_over(name, why, Outlook::May, None).at(seq));
    }
    if reasons.is_empty() {
        let sentence = Sentence::of(&queue.name).say(" is about to deliver it to the consumer whose turn it is.");
        reasons.push(Because::new(Reason::UnderWay, Outlook::May, sentence));
    }
    reasons
}

/// What the channel of a consumer last asked for.
fn channel_prefetch(journey: &Journey, attached: &Attached) -> Option<u16> {
    let entries = journey.back_from(journey.cursor as u64 + 1).take(LOOK_BACK);
    entries.into_iter().find_map(|entry| match event_of(entry)? {
        EventKind::ChannelSet { channel, setting: ChannelSetting::Prefetch(prefetch) }
            if *channel == attached.consumer.channel =>
        {
            Some(*prefetch)
        }
        _ => None,
    })
}

/// What the queue last said of a consumer that it did not give a message to.
fn last_wait(journey: &Journey, attached: &Attached, queue: &Rc<Resource>) -> Option<(u64, PassedOverReason)> {
    let entries = journey.back_from(journey.cursor as u64 + 1).take(LOOK_BACK);
    entries.into_iter().find_map(|entry| match event_of(entry)? {
        EventKind::Waits { at, passed_over } if at.queue == *queue => {
            let mine = passed_over.iter().find(|passed| passed.consumer == attached.consumer)?;
            Some((entry.seq, mine.why))
        }
        _ => None,
    })
}

fn overtaken(state: &QueueState, copied: &Copied, at: &Where, queue: &Rc<Resource>) -> Option<Because> {
    let Where::Ready(_, place) = at else { return None };
    let priority = |copied: &Copied| copied.message.priority().unwrap_or_default();
    let before = state.ready.iter().take(*place);
    let over = before.filter(|other| other.copy > copied.copy && priority(other) > priority(copied)).count();
    if over == 0 {
        return None;
    }
    let sentence = Sentence::words(format!(
        "it has priority {}, and {} of a higher priority that came later ",
        priority(copied),
        count(over as u64, "message")
    ))
    .say(if over == 1 { "is" } else { "are" })
    .say(" before it in ")
    .name(&queue.name)
    .say(format!(" ({} before it in all).", place));
    Some(Because::new(Reason::Overtaken, Outlook::May, sentence))
}

/// It asks for messages with other values of the filter header.
fn filtered(client: &ClientState, name: &Name, copied: &Copied) -> Option<Because> {
    let filter = StreamFilter::of(&client.spec.role.consumer()?.arguments)?;
    let properties = &copied.message.properties;
    if filter.passes(properties) {
        return None;
    }
    let sentence = Sentence::of(name).say(" reads only messages with x-stream-filter-value ").names(&filter.values);
    let sentence = match properties.header(STREAM_FILTER_HEADER).and_then(Value::as_name) {
        Some(value) => sentence.say(" (x-stream-filter), and this one has ").name(value).say("."),
        None => sentence.say(
            " (x-stream-filter), and this one has none. Those without any are delivered only if x-stream-match-unfiltered is true.",
        ),
    };
    Some(Because::new(Reason::StreamFiltered, Outlook::Never, sentence))
}

fn behind_offset(client: &ClientState, name: &Name, attached: &Attached, state: &QueueState) -> Because {
    let asked = client.spec.role.consumer().and_then(|consumer| consumer.arguments.get("x-stream-offset"));
    let full = attached.prefetch > 0
        && state.unacked.iter().filter(|lent| lent.channel == attached.consumer.channel).count()
            >= usize::from(attached.prefetch);
    if full {
        let sentence =
            Sentence::words("the prefetch of ").name(name).say(format!(" is full ({0} of {0}).", attached.prefetch));
        return Because::new(Reason::PrefetchFull, Outlook::May, sentence);
    }
    let sentence = Sentence::of(name).say(" reads the stream from ");
    let sentence = match asked.map(Value::to_string) {
        Some(text) => sentence.say("x-stream-offset ").name(&text.as_str().into()),
        None => sentence.say("what is new (no x-stream-offset is set)"),
    };
    Because::new(Reason::OffsetLater, Outlook::Never, sentence.say(": this message stands before that."))
}

/// Another consumer got it, and why not this one.
fn given_to_another(journey: &Journey, id: ClientId, client: &ClientState, queue: &Rc<Resource>) -> Option<Because> {
    let name = &client.spec.name;
    let (entry, to, over) = journey.entries.iter().rev().find_map(|entry| match event_of(entry)? {
        EventKind::Delivered { at, consumer, passed_over, .. } if at.queue == *queue => {
            Some((entry, consumer.channel, Some(passed_over)))
        }
        EventKind::Got { at, channel, .. } if at.queue == *queue => Some((entry, *channel, None)),
        _ => None,
    })?;
    let to: Name = holder(journey.board, to).as_str().into();
    let is_mine = |passed: &&PassedOver| journey.is_of(passed.consumer.channel, id);
    if let Some(passed) = over.and_then(|over| over.iter().find(is_mine)) {
        return Some(passed_over(name, passed.why, Outlook::Never, Some(&to)).at(entry.seq));
    }
    let then = journey.before(entry.seq);
    let was_there = then
        .queues
        .get(queue)
        .is_some_and(|state| state.consumers.iter().any(|attached| journey.is_of(attached.consumer.channel, id)));
    if was_there {
        return Some(passed_over(name, PassedOverReason::LaterTurn, Outlook::Never, Some(&to)).at(entry.seq));
    }
    if let Some(refused) = refused(journey, id, name) {
        return Some(refused);
    }
    let sentence =
        Sentence::of(&to).say(" got it. ").name(name).say(" did not consume from ").name(&queue.name).say(" then.");
    Some(Because::new(Reason::JoinedLater, Outlook::Never, sentence).at(entry.seq))
}

fn passed_over(name: &Name, why: PassedOverReason, outlook: Outlook, to: Option<&Name>) -> Because {
    let start = match to {
        Some(to) => Sentence::of(to).say(" got it: ").name(name),
        None => Sentence::of(name),
    };
    let (reason, words) = match why {
        PassedOverReason::PrefetchFull { unacked, prefetch } => {
            (Reason::PrefetchFull, format!(" already held {unacked} of {prefetch} (its prefetch)."))
        }
        PassedOverReason::NotActive => (Reason::NotActive, " is not the single active consumer.".to_owned()),
        PassedOverReason::LowerPriority { priority } => {
            (Reason::LowerPriority, format!(" has a lower consumer priority ({priority})."))
        }
        PassedOverReason::LaterTurn => (Reason::LaterTurn, " has its turn later: consumers take turns.".to_owned()),
        PassedOverReason::Quiescing => {
            (Reason::Quiescing, " is being replaced as the single active consumer, and gets nothing more.".to_owned())
        }
        PassedOverReason::TimedOut => {
            (Reason::TimedOut, " did not acknowledge in time, and gets nothing until it does.".to_owned())
        }
    };
    Because::new(reason, outlook, start.say(words))
}

/// Why a client does not consume.
fn absent<'j>(journey: &'j Journey, id: ClientId, client: &'j ClientState) -> impl Iterator<Item = Because> + 'j {
    let name = &client.spec.name;
    let pulls = client.spec.role.consumer().and_then(|consumer| consumer.pull_every_ms);
    let because = if journey.board.is_down {
        Because::new(Reason::BrokerDown, Outlook::May, Sentence::words("the broker is stopped."))
    } else if let Some(refused) = refused(journey, id, name) {
        refused
    } else if !client.is_open() || client.is_gone {
        let sentence = Sentence::of(name).say(" is not connected, so nothing is delivered to it.");
        Because::new(Reason::Offline, Outlook::May, sentence)
    } else if let Some(pulls) = pulls {
        let sentence = Sentence::of(name)
            .say(format!(" does not consume, it asks (basic.get) every {}, and has not asked since.", span(pulls)));
        Because::new(Reason::NotAskedFor, Outlook::May, sentence)
    } else {
        let removed = journey.back_from(journey.cursor as u64 + 1).find_map(|entry| match event_of(entry)? {
            EventKind::ConsumerRemoved { queue, consumer, why } if journey.is_of(consumer.channel, id) => {
                Some((entry.seq, queue.name.clone(), *why))
            }
            _ => None,
        });
        match removed {
            Some((seq, queue, why)) => {
                let sentence = Sentence::of(name).say(" no longer consumes from ").name(&queue).say(cancelled(why));
                Because::new(Reason::Cancelled, Outlook::Never, sentence).at(seq)
            }
            None => {
                let sentence = Sentence::of(name).say(" consumes from no queue.");
                Because::new(Reason::Cancelled, Outlook::Never, sentence)
            }
        }
    };
    std::iter::once(because)
}

fn cancelled(why: DeleteReason) -> &'static str {
    match why {
        DeleteReason::Client => ": it cancelled its consumer.",
        DeleteReason::Cascade | DeleteReason::AutoDelete | DeleteReason::Exclusive | DeleteReason::Expired => {
            ": the queue was deleted, and its consumer was cancelled (basic.cancel)."
        }
        DeleteReason::Restart => ": the broker was restarted.",
        DeleteReason::Channel => ": its channel ended.",
    }
}

/// That the broker closed its channel last, as it would not let it consume.
fn refused(journey: &Journey, id: ClientId, name: &Name) -> Option<Because> {
    let closed = journey.back_from(journey.cursor as u64 + 1).find_map(|entry| match event_of(entry)? {
        EventKind::ChannelClosed { channel, why } if journey.is_of(*channel, id) => Some((entry.seq, why)),
        _ => None,
    });
    match closed? {
        (seq, CloseReason::Error(error)) if matches!(error.code, 403 | 405) => {
            let sentence = Sentence::words("the broker refused to let ").name(name).say(format!(" consume: {error}."));
            Some(Because::new(Reason::ConsumeRefused, Outlook::Never, sentence).at(seq))
        }
        _ => None,
    }
}
