//! What goes over links: methods to the broker, its answers and frames back to the client they are for.

use crate::broker::event::CloseReason;
use crate::broker::{Applied, ApplyError, Command, ConnectionId, Event, EventKind, Frame, Method, Reply};

use super::log::{ClientEvent, LogEntry, LogKind, Parcel};
use super::session::SessionId;
use super::{Action, World, is_operator};

impl World {
    /// A client puts a method on its link.
    pub(super) fn send(&mut self, id: SessionId, method: Method, cause: u64, log: &mut Vec<LogEntry>) {
        let now_ms = self.now_ms;
        let Some(session) = self.session_mut(id) else { return };
        let arrives_ms = session.link.up(now_ms);
        let cause = self.note(id, cause, ClientEvent::Sent { method: method.clone(), arrives_ms }, log);
        self.set_off(arrives_ms, Action::AtBroker { session: id, method, cause });
    }

    /// A client's method is at the broker.
    pub(super) fn arrive(&mut self, id: SessionId, method: Method, cause: u64, log: &mut Vec<LogEntry>) {
        let Some(channel) = self.session_mut(id).map(|session| session.channel()) else { return };
        if self.broker.channel(channel).is_none() {
            self.note(id, cause, ClientEvent::Ignored { method }, log);
            return;
        }
        let first = log.len();
        match self.apply(Command::Method { channel, method }, cause, log) {
            Ok(Some(reply)) => {
                let cause = log[first..].iter().find(|entry| got(entry, &reply)).map_or(cause, |entry| entry.seq);
                let now_ms = self.now_ms;
                let Some(session) = self.session_mut(id) else { return };
                let arrives_ms = session.link.down(now_ms);
                self.set_off(arrives_ms, Action::Answer { session: id, reply, cause });
            }
            Ok(None) => {}
            Err(error) => {
                self.note(id, cause, ClientEvent::NotSent { error }, log);
            }
        }
    }

    /// What was on a link that is cut is gone.
    pub(super) fn lose_on_the_way(&mut self, action: Action, log: &mut Vec<LogEntry>) {
        let (id, cause, what) = match action {
            Action::AtBroker { session, method, cause } => (session, cause, Parcel::Method(method)),
            Action::AtClient { session, frame, cause } => (session, cause, Parcel::Frame(frame)),
            Action::Answer { session, reply, cause } => (session, cause, Parcel::Reply(reply)),
            _ => return,
        };
        self.note(id, cause, ClientEvent::LostOnLink { what }, log);
    }

    /// Gives the broker a command, writes down what it did, and puts what it sends on the links. Answers the reply.
    pub(super) fn apply(
        &mut self,
        command: Command,
        cause: u64,
        log: &mut Vec<LogEntry>,
    ) -> Result<Option<Reply>, ApplyError> {
        self.apply_by_hand(command, cause, log).map(|(reply, _)| reply)
    }

    /// The same; answers what the broker sends to an operator, too.
    pub(super) fn apply_by_hand(
        &mut self,
        command: Command,
        cause: u64,
        log: &mut Vec<LogEntry>,
    ) -> Result<(Option<Reply>, Vec<Frame>), ApplyError> {
        let mut events = Vec::new();
        let Applied { reply, frames } = self.broker.apply(self.now_ms, command, &mut events)?;
        let first = log.len();
        let first_id = events.first().map_or(0, |event: &Event| event.id.0);
        // The number of each event's entry; what is not written leaves what it caused to its own cause.
        let mut numbers: Vec<u64> = Vec::with_capacity(events.len());
        for event in events {
            let place = event.cause.0.checked_sub(first_id).filter(|_| event.cause.0 > 0);
            let place = place.and_then(|place| usize::try_from(place).ok());
            let cause = place.and_then(|place| numbers.get(place)).copied().unwrap_or(cause);
            let is_written = !operator_comes_or_goes(&event.kind);
            numbers.push(if is_written { self.write(cause, LogKind::Broker(event), log) } else { cause });
        }
        let (for_operator, for_clients): (Vec<Frame>, Vec<Frame>) =
            frames.into_iter().partition(|frame| is_operator(receiver_of(frame)));
        for frame in for_clients {
            let cause = log[first..].iter().find(|entry| sent_by(entry, &frame)).map_or(cause, |entry| entry.seq);
            self.send_down(frame, cause);
        }
        Ok((reply, for_operator))
    }

    fn send_down(&mut self, frame: Frame, cause: u64) {
        let now_ms = self.now_ms;
        let connection = receiver_of(&frame);
        let place = usize::try_from(connection.0).ok().and_then(|number| number.checked_sub(1));
        let Some(id) = place.and_then(|place| self.owners.get(place)).copied() else { return };
        // A connection that its client has given up over a cut link: nobody is there any more.
        let Some(session) = self.session_mut(id).filter(|session| session.connection == connection) else { return };
        let arrives_ms = session.link.down(now_ms);
        self.set_off(arrives_ms, Action::AtClient { session: id, frame, cause });
    }
}

/// Whether an operator's connection is opened or closed, without an error.
fn operator_comes_or_goes(kind: &EventKind) -> bool {
    use CloseReason::{Client, Connection};
    match kind {
        EventKind::ConnectionOpened { connection, .. } | EventKind::ConnectionClosed { connection, why: Client } => {
            is_operator(*connection)
        }
        EventKind::ChannelOpened { channel } | EventKind::ChannelClosed { channel, why: Connection } => {
            is_operator(channel.connection)
        }
        _ => false,
    }
}

fn receiver_of(frame: &Frame) -> ConnectionId {
    match frame {
        Frame::Deliver { channel, .. }
        | Frame::Return { channel, .. }
        | Frame::Ack { channel, .. }
        | Frame::Nack { channel, .. }
        | Frame::Cancel { channel, .. }
        | Frame::ChannelClosed { channel, .. } => channel.connection,
        Frame::ConnectionClosed { connection, .. } => *connection,
    }
}

/// Whether an entry tells of the event by which a queue gave a message that a client asked for.
fn got(entry: &LogEntry, reply: &Reply) -> bool {
    let LogKind::Broker(Event { kind: EventKind::Got { .. }, .. }) = &entry.kind else { return false };
    matches!(reply, Reply::Got { .. })
}

/// Whether an entry tells of the event that sent a frame.
fn sent_by(entry: &LogEntry, frame: &Frame) -> bool {
    let LogKind::Broker(event) = &entry.kind else { return false };
    match (&event.kind, frame) {
        (EventKind::Delivered { consumer, delivery_tag, .. }, Frame::Deliver { channel, delivery, .. }) => {
            consumer.channel == *channel && *delivery_tag == delivery.delivery_tag
        }
        (EventKind::DirectReply { channel: Some(to), delivery_tag, .. }, Frame::Deliver { channel, delivery, .. }) => {
            to == channel && *delivery_tag == delivery.delivery_tag
        }
        (EventKind::Unroutable { returned, .. }, Frame::Return { .. }) => *returned,
        (
            EventKind::Confirmed { channel: to, delivery_tag: number, .. },
            Frame::Ack { channel, delivery_tag } | Frame::Nack { channel, delivery_tag },
        ) => to == channel && number == delivery_tag,
        (
            EventKind::ConsumerTimedOut { consumer, .. } | EventKind::ConsumerRemoved { consumer, .. },
            Frame::Cancel { channel, consumer_tag },
        ) => consumer.channel == *channel && consumer.tag == *consumer_tag,
        (EventKind::ChannelClosed { channel: closed, .. }, Frame::ChannelClosed { channel, .. }) => closed == channel,
        (EventKind::ConnectionClosed { connection: closed, .. }, Frame::ConnectionClosed { connection, .. }) => {
            closed == connection
        }
        _ => false,
    }
}
