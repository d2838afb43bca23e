//! Clients: how each role behaves. A client knows only what reached it over its links; what it wants done it says as
//! [`Wish`]es, which the world carries out in order.
//!
//! A client has one connection or several, each with a channel of its own. A producer publishes over those that are
//! open in turn; a consumer consumes on each, with one message in work on each.

use std::rc::Rc;

use crate::broker::command::{BasicConsume, BasicPublish, QueueDeclare};
use crate::broker::message::Delivery;
use crate::broker::table::Value;
use crate::broker::{AmqpError, ApplyError, ConnectionId, Frame, Method, Name, Reply, Scope};

use super::confirms::{Kept, Remedy, Setback};
use super::consumer::{Memory, Outcome};
use super::content;
use super::log::ClientEvent;
use super::producer::Publisher;
use super::rng::Rng;
use super::role::{AckMode, ProducerSpec, Replies, Role};
use super::rpc::Requests;
use super::scenario::ClientSpec;
use super::schedule::Schedule;
use super::session::Session;

/// What an RPC client consumes from, and writes into `reply_to`, for answers that come straight to its channel.
const DIRECT_REPLY_TO: &str = "amq.rabbitmq.reply-to";

/// What a client wants done, over the connection that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// Send a method on its channel.
    Send(Method),
    /// Be woken to publish, at a moment.
    WakeAt(u64),
    /// Be woken to ask for a message, at a moment.
    PullAt(u64),
    /// Do something about a message that was refused or returned.
    Remedy(Setback, Remedy),
    /// Work on a message for so long.
    Work { delivery_tag: u64, for_ms: u64 },
    /// Be told when a request has waited long enough, at a moment.
    TimeOutAt { number: u64, at_ms: u64 },
    /// Write something into the log.
    Note(ClientEvent),
    /// Crash.
    Crash,
}

/// A client at work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// What it is.
    pub spec: Rc<ClientSpec>,
    pub(super) sessions: Vec<Session>,
    /// Counts its schedules: a wake of an earlier one does not count.
    pub(super) round: u32,
    /// Its moment to publish came while no connection was open.
    pub(super) is_asleep: bool,
    pub(super) is_paused: bool,
    pub(super) is_gone: bool,
    /// Which of its connections it publishes over next.
    turn: usize,
    /// What it publishes, and when.
    publisher: Publisher,
    /// How often each of its consumers was cancelled to consume as another.
    pub(super) renewed: Vec<u32>,
    /// The schedule that it was given later.
    schedule: Option<Schedule>,
    /// What it remembers of the messages it worked on.
    memory: Memory,
    /// The requests it waits for.
    requests: Requests,
}

impl Client {
    /// `first` is the id of its first connection; the others have those after it.
    pub(super) fn new(spec: &ClientSpec, first: u32) -> Self {
        let ids = (0..u32::from(spec.connections.max(1))).map(|index| ConnectionId(first.saturating_add(index)));
        Client {
            sessions: ids.map(|connection| Session::new(connection, spec.latency_ms)).collect(),
            spec: Rc::new(spec.clone()),
            round: 0,
            is_asleep: false,
            is_paused: false,
            is_gone: false,
            turn: 0,
            publisher: Publisher::default(),
            renewed: Vec::new(),
            schedule: None,
            memory: Memory::default(),
            requests: Requests::default(),
        }
    }

    /// Whether it has left for good.
    pub fn is_gone(&self) -> bool {
        self.is_gone
    }

    /// Its connections.
    pub fn sessions(&self) -> &[Session] {
        &self.sessions
    }

    /// It leaves for good: what was meant for it is for nobody any more.
    pub(super) fn be_gone(&mut self) {
        self.is_gone = true;
        self.round = self.round.saturating_add(1);
        for index in 0..self.sessions.len() {
            self.close(index);
        }
        for session in &mut self.sessions {
            session.misses_broker = false;
            session.life = session.life.saturating_add(1);
            session.held.clear();
        }
    }

    /// The methods with which its role begins on a connection, after what its setup does there.
    pub(super) fn opening(&self) -> Vec<Method> {
        let confirms = self.spec.role.care().confirms.then_some(Method::ConfirmSelect);
        let consumes = match &self.spec.role {
            Role::RpcClient(client) => reply_opening(client.replies, &self.spec.name),
            _ => consumer_opening(&self.spec, &self.renewed),
        };
        confirms.into_iter().chain(consumes).collect()
    }

    /// Begins its schedule, and gives the first moment at which it wants to publish.
    pub(super) fn begin(&mut self, now_ms: u64, rng: &mut Rng) -> Option<u64> {
        self.is_asleep = false;
        let spec = self.spec.clone();
        let producer = spec.role.producer()?;
        let schedule = self.schedule.unwrap_or_else(|| producer.schedule());
        self.publisher.begin(producer, schedule, now_ms.max(producer.start_ms), rng)
    }

    /// Keeps another schedule from now on, and gives its first moment.
    pub(super) fn set_schedule(&mut self, schedule: Schedule, now_ms: u64, rng: &mut Rng) -> Option<u64> {
        self.schedule = Some(schedule);
        self.round = self.round.saturating_add(1);
        self.is_asleep = false;
        let spec = self.spec.clone();
        self.publisher.begin(spec.role.producer()?, schedule, now_ms, rng)
    }

    /// It is another from now on. Gives the moment to publish, if that is another now.
    pub(super) fn go_on_as(&mut self, spec: &Rc<ClientSpec>, now_ms: u64, rng: &mut Rng) -> Option<u64> {
        let former = std::mem::replace(&mut self.spec, spec.clone());
        let (was, is) = (former.role.producer()?, spec.role.producer()?);
        let begins_later = is.start_ms != was.start_ms && is.start_ms > now_ms;
        if is.schedule() != was.schedule() || begins_later {
            self.schedule = None;
            self.round = self.round.saturating_add(1);
            self.is_asleep = false;
            return self.publisher.begin(is, is.schedule(), now_ms.max(is.start_ms), rng);
        }
        let (went_on, goes_on) = (self.publisher.goes_on(was), self.publisher.goes_on(is));
        if went_on != goes_on {
            self.round = self.round.saturating_add(1);
        }
        match (went_on, goes_on) {
            (true, false) => self.publisher.rest(),
            (false, true) => return self.publisher.go_on(now_ms, rng),
            _ => {}
        }
        None
    }

    /// Its moment to publish has come. Answers over which connection, too.
    pub(super) fn wake(&mut self, now_ms: u64, rng: &mut Rng) -> (usize, Vec<Wish>) {
        if self.is_paused {
            self.publisher.oversleep(now_ms);
            return (0, Vec::new());
        }
        let spec = self.spec.clone();
        let (Some(producer), Some(index)) = (spec.role.producer(), self.next_open()) else {
            self.is_asleep = true;
            return (0, Vec::new());
        };
        (index, self.publish(index, producer, now_ms, rng))
    }

    /// The next connection in turn that is open.
    pub(super) fn next_open(&mut self) -> Option<usize> {
        let count = self.sessions.len();
        let is_open = |index: &usize| self.sessions.get(*index).is_some_and(|session| session.is_open);
        let index = (0..count).map(|step| (self.turn + step) % count).find(is_open)?;
        self.turn = (index + 1) % count;
        Some(index)
    }

    fn publish(&mut self, index: usize, producer: &ProducerSpec, now_ms: u64, rng: &mut Rng) -> Vec<Wish> {
        let spec = self.spec.clone();
        let Some(session) = self.sessions.get_mut(index) else { return Vec::new() };
        let (mut publish, next_ms) = self.publisher.publish(producer, rng);
        let mut request = None;
        if let Role::RpcClient(client) = &spec.role {
            let properties = Rc::make_mut(&mut publish.properties);
            let number = self.publisher.published();
            let id = properties.correlation_id.get_or_insert_with(|| format!("{}-{number}", spec.name).into());
            request = Some((id.clone(), client.timeout_ms));
            properties.reply_to = match client.replies {
                Replies::Direct => Some(DIRECT_REPLY_TO.into()),
                Replies::Queue => session.declared.clone(),
            };
        }
        let mut wishes = Vec::new();
        match session.publish(&spec.role.care(), Kept::new(publish, None)) {
            Ok(method) => {
                wishes.push(Wish::Send(method));
                if let Some((id, timeout_ms)) = request {
                    let number = self.requests.begin(id, now_ms);
                    wishes.push(Wish::TimeOutAt { number, at_ms: now_ms.saturating_add(timeout_ms) });
                }
            }
            Err(error) => wishes.push(Wish::Note(ClientEvent::NotSent { error })),
        }
        wishes.extend(next_ms.map(Wish::WakeAt));
        wishes
    }

    /// Publishes a message that somebody gave it.
    pub(super) fn publish_given(&mut self, index: usize, publish: &BasicPublish) -> Vec<Wish> {
        let care = self.spec.role.care();
        let Some(session) = self.sessions.get_mut(index).filter(|session| session.is_open) else { return Vec::new() };
        sent(session.publish(&care, Kept::new(publish.clone(), None)))
    }

    /// The moment to publish a message again has come. What it answered is settled already after a new start.
    pub(super) fn publish_again(&mut self, index: usize, again: Kept, is_same_life: bool) -> Vec<Wish> {
        let care = self.spec.role.care();
        let Some(session) = self.sessions.get_mut(index) else { return Vec::new() };
        let answers = again.answers.filter(|_| is_same_life);
        if session.is_open {
            return sent(session.publish(&care, Kept { answers, ..again }));
        }
        if care.on_loss == super::OnLoss::PublishAgain {
            session.confirms.put_off(again);
            return Vec::new();
        }
        vec![Wish::Note(ClientEvent::GaveUp { setback: Setback::Lost, retries: again.retries })]
    }

    /// It is connected again: publishes what was unconfirmed before.
    pub(super) fn catch_up(&mut self, index: usize) -> Vec<Wish> {
        let care = self.spec.role.care();
        let Some(session) = self.sessions.get_mut(index) else { return Vec::new() };
        let backlog = session.confirms.take_backlog();
        backlog.into_iter().flat_map(|kept| sent(session.publish(&care, kept))).collect()
    }

    /// Its moment to ask for a message has come.
    pub(super) fn pull(&mut self, index: usize, now_ms: u64) -> Vec<Wish> {
        let spec = self.spec.clone();
        let (Some(consumer), Some(session)) = (spec.role.consumer(), self.sessions.get_mut(index)) else {
            return Vec::new();
        };
        if !session.is_open {
            return Vec::new();
        }
        let method = if self.is_paused { None } else { session.desk.pull(consumer) };
        let next_ms = consumer.pull_every_ms.map(|every_ms| now_ms.saturating_add(every_ms));
        method.map(Wish::Send).into_iter().chain(next_ms.map(Wish::PullAt)).collect()
    }

    /// A frame of the broker is here.
    pub(super) fn receive(&mut self, index: usize, frame: &Frame, now_ms: u64, rng: &mut Rng) -> Vec<Wish> {
        let care = self.spec.role.care();
        let Some(session) = self.sessions.get_mut(index) else { return Vec::new() };
        match frame {
            Frame::Deliver { delivery, .. } => self.take(index, delivery, now_ms, rng),
            Frame::ChannelClosed { .. } | Frame::ConnectionClosed { .. } => {
                session.close(&care);
                Vec::new()
            }
            Frame::Ack { delivery_tag, .. } => {
                let answered = session.confirms.acked(&care, *delivery_tag);
                answered.map(|_| self.settle(index, Outcome::Ack, rng)).unwrap_or_default()
            }
            Frame::Nack { delivery_tag, .. } => match session.confirms.nacked(&care, *delivery_tag) {
                Some((remedy, answers)) => {
                    // Nothing else will come for this publish: if it is let go, so is what waits for it.
                    let settled = answers.filter(|_| matches!(remedy, Remedy::Bear { .. }));
                    let mut wishes = self.remedied(index, Setback::Nacked, remedy, answers, rng);
                    wishes.extend(settled.map(|_| self.settle(index, Outcome::Ack, rng)).unwrap_or_default());
                    wishes
                }
                None => Vec::new(),
            },
            Frame::Return { publish, .. } => match session.confirms.returned(&care, publish) {
                Some((remedy, answers)) => self.remedied(index, Setback::Returned, remedy, answers, rng),
                None => Vec::new(),
            },
            // A consumer without a queue waits for ever.
            Frame::Cancel { .. } => Vec::new(),
        }
    }

    fn remedied(
        &mut self,
        index: usize,
        setback: Setback,
        remedy: Remedy,
        answers: Option<u64>,
        rng: &mut Rng,
    ) -> Vec<Wish> {
        let gives_up = matches!(remedy, Remedy::GiveUp { .. });
        let mut wishes = match remedy {
            Remedy::Bear { log: false } => Vec::new(),
            remedy => vec![Wish::Remedy(setback, remedy)],
        };
        if gives_up && answers.is_some() {
            wishes.extend(self.settle(index, Outcome::NackDiscard, rng));
        }
        wishes
    }

    /// The answer to a method is here.
    pub(super) fn answer(&mut self, index: usize, reply: &Reply, now_ms: u64, rng: &mut Rng) -> Vec<Wish> {
        match reply {
            Reply::Got { delivery, .. } => return self.take(index, delivery, now_ms, rng),
            Reply::Closed(AmqpError { scope: Scope::Channel | Scope::Connection, .. }) => self.close(index),
            _ => {}
        }
        Vec::new()
    }

    fn take(&mut self, index: usize, delivery: &Delivery, now_ms: u64, rng: &mut Rng) -> Vec<Wish> {
        if matches!(self.spec.role, Role::RpcClient(_)) {
            return vec![Wish::Note(self.requests.answered(delivery, now_ms))];
        }
        if let Some(session) = self.sessions.get_mut(index) {
            session.desk.inbox.push_back(delivery.clone());
        }
        self.take_up(index, rng)
    }

    /// Takes the next message, unless it has one in hand.
    fn take_up(&mut self, index: usize, rng: &mut Rng) -> Vec<Wish> {
        let spec = self.spec.clone();
        let (Some(consumer), Some(session)) = (spec.role.consumer(), self.sessions.get_mut(index)) else {
            return Vec::new();
        };
        let mut wishes = Vec::new();
        while session.desk.in_hand.is_none()
            && !self.is_paused
            && let Some(delivery) = session.desk.inbox.pop_front()
        {
            let delivery_tag = delivery.delivery_tag;
            match self.memory.known(consumer, &delivery) {
                Some(message_id) => {
                    wishes.push(Wish::Note(ClientEvent::Skipped { delivery_tag, message_id }));
                    if consumer.ack == AckMode::Manual {
                        wishes.extend(Outcome::Ack.method(delivery_tag).map(Wish::Send));
                    }
                }
                None => {
                    let for_ms = self.memory.work_ms(consumer, &delivery, rng);
                    wishes.push(Wish::Work { delivery_tag, for_ms });
                    session.desk.in_hand = Some(delivery);
                }
            }
        }
        wishes
    }

    /// The work on the message in hand is done: says what became of it, and takes the next.
    pub(super) fn finish_work(&mut self, index: usize, rng: &mut Rng) -> Vec<Wish> {
        let spec = self.spec.clone();
        let (Some(consumer), Some(session)) = (spec.role.consumer(), self.sessions.get_mut(index)) else {
            return Vec::new();
        };
        let Some(delivery) = session.desk.in_hand.clone() else { return Vec::new() };
        let outcome = self.memory.judge(consumer, &delivery, rng);
        if outcome == Outcome::Crash {
            return vec![Wish::Crash];
        }
        let is_manual = consumer.ack == AckMode::Manual;
        let mut wishes = Vec::new();
        if outcome == Outcome::Ack || !is_manual {
            let answers = is_manual.then_some(delivery.delivery_tag);
            match self.put_out(index, &delivery, answers, &mut wishes, rng) {
                Put::Out => {}
                Put::Waits => return wishes,
                Put::Not => {
                    wishes.extend(self.settle(index, Outcome::NackDiscard, rng));
                    return wishes;
                }
            }
        }
        wishes.extend(self.settle(index, outcome, rng));
        wishes
    }

    /// Publishes what a worker or an RPC server publishes for a message.
    fn put_out(
        &mut self,
        index: usize,
        delivery: &Delivery,
        answers: Option<u64>,
        wishes: &mut Vec<Wish>,
        rng: &mut Rng,
    ) -> Put {
        let spec = self.spec.clone();
        let publish = match &spec.role {
            Role::Worker(worker) => content::output(&worker.publish, delivery, self.publisher.count(), rng),
            Role::RpcServer(server) => {
                let number = self.publisher.count();
                match content::answer(&server.answer, delivery, number, rng) {
                    Some(answer) => answer,
                    None => {
                        let delivery_tag = delivery.delivery_tag;
                        wishes.push(Wish::Note(ClientEvent::NoReplyTo { delivery_tag }));
                        return Put::Out;
                    }
                }
            }
            Role::Producer(_) | Role::Consumer(_) | Role::RpcClient(_) => return Put::Out,
        };
        let care = spec.role.care();
        let Some(session) = self.sessions.get_mut(index) else { return Put::Out };
        let published = session.publish(&care, Kept::new(publish, answers));
        let is_sent = published.is_ok();
        wishes.extend(sent(published));
        match (is_sent, care.confirms && answers.is_some()) {
            (true, false) => Put::Out,
            (true, true) => Put::Waits,
            (false, _) => Put::Not,
        }
    }

    /// The message in hand is dealt with: says so, and takes the next.
    fn settle(&mut self, index: usize, outcome: Outcome, rng: &mut Rng) -> Vec<Wish> {
        let spec = self.spec.clone();
        let (Some(consumer), Some(session)) = (spec.role.consumer(), self.sessions.get_mut(index)) else {
            return Vec::new();
        };
        let Some(delivery) = session.desk.in_hand.take() else { return Vec::new() };
        self.memory.settle(consumer, &delivery, outcome);
        let answer = outcome.method(delivery.delivery_tag).filter(|_| consumer.ack == AckMode::Manual);
        let mut wishes: Vec<Wish> = answer.map(Wish::Send).into_iter().collect();
        wishes.extend(self.take_up(index, rng));
        wishes
    }

    /// A request has waited long enough.
    pub(super) fn time_out(&mut self, number: u64, now_ms: u64) -> Option<ClientEvent> {
        self.requests.time_out(number, now_ms)
    }

    /// The channel of a connection is gone.
    pub(super) fn close(&mut self, index: usize) {
        let care = self.spec.role.care();
        if let Some(session) = self.sessions.get_mut(index) {
            session.close(&care);
        }
    }

    /// Whether it has this delivery in hand.
    pub(super) fn works_on(&self, index: usize, delivery_tag: u64) -> bool {
        self.sessions.get(index).is_some_and(|session| session.desk.has_in_hand(delivery_tag))
    }

    /// Goes on with what a pause stopped, connection by connection.
    pub(super) fn resume(&mut self, rng: &mut Rng) -> Vec<(usize, Vec<Wish>)> {
        self.is_paused = false;
        (0..self.sessions.len()).map(|index| (index, self.take_up(index, rng))).collect()
    }

    /// Whether a pause made it late to publish: then it does so now.
    pub(super) fn is_late(&mut self, now_ms: u64) -> bool {
        self.publisher.resume(now_ms)
    }
}

/// Whether what belongs to a message was published.
enum Put {
    /// It was, or there is nothing to publish.
    Out,
    /// It was, and its confirm is to come.
    Waits,
    /// It could not be.
    Not,
}

fn sent(published: Result<Method, ApplyError>) -> Vec<Wish> {
    vec![match published {
        Ok(method) => Wish::Send(method),
        Err(error) => Wish::Note(ClientEvent::NotSent { error }),
    }]
}

/// The methods with which somebody begins to work on messages: none for who asks for each, or takes none.
pub(super) fn consumer_opening(spec: &ClientSpec, renewed: &[u32]) -> Vec<Method> {
    let Some(consumer) = spec.role.consumer().filter(|consumer| consumer.pull_every_ms.is_none()) else {
        return Vec::new();
    };
    let qos = Method::BasicQos { prefetch_count: consumer.prefetch, prefetch_size: 0, global: false };
    std::iter::once(qos).chain(consumers(spec, renewed).into_iter().map(Method::BasicConsume)).collect()
}

/// The consumers that a client has on each of its channels. The first is called like itself, the others are numbered. One
/// that was cancelled never comes back under its tag: what it holds still is its own, and not the next one's.
pub(super) fn consumers(spec: &ClientSpec, renewed: &[u32]) -> Vec<BasicConsume> {
    let Some(consumer) = spec.role.consumer().filter(|consumer| consumer.pull_every_ms.is_none()) else {
        return Vec::new();
    };
    let mut arguments = consumer.arguments.clone();
    if let Some(priority) = consumer.priority {
        arguments.insert("x-priority".into(), Value::I32(priority));
    }
    let tag = |index: usize| {
        let number = if index == 0 { String::new() } else { format!("-{}", index + 1) };
        match renewed.get(index).copied().unwrap_or_default() {
            0 => format!("{}{number}", spec.name).into(),
            times => format!("{}{number}.{}", spec.name, times.saturating_add(1)).into(),
        }
    };
    let consume = consumer.queues.iter().enumerate().map(|(index, queue)| BasicConsume {
        queue: queue.clone(),
        consumer_tag: tag(index),
        no_ack: consumer.ack == AckMode::Auto,
        exclusive: consumer.exclusive,
        arguments: arguments.clone(),
        ..BasicConsume::default()
    });
    consume.collect()
}

/// How an RPC client gets its answers: always with auto ack, as it is not for the broker to keep them.
fn reply_opening(replies: Replies, tag: &Name) -> Vec<Method> {
    let consume = |queue: Name| {
        let consumer_tag = tag.clone();
        Method::BasicConsume(BasicConsume { queue, consumer_tag, no_ack: true, ..BasicConsume::default() })
    };
    match replies {
        Replies::Direct => vec![consume(DIRECT_REPLY_TO.into())],
        Replies::Queue => {
            let declare = QueueDeclare { exclusive: true, ..QueueDeclare::default() };
            vec![Method::QueueDeclare(declare), consume(Name::default())]
        }
    }
}
