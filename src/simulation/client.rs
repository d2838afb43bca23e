//! Clients: how producers and consumers behave. A client knows only what reached it over its link; what it wants
//! done it says as [`Wish`]es, which the world carries out in order.

use std::rc::Rc;

use crate::broker::command::{BasicConsume, BasicPublish};
use crate::broker::message::Delivery;
use crate::broker::table::Value;
use crate::broker::{AmqpError, ChannelId, ConnectionId, Frame, Method, Name, Reply, Scope};

use super::Action;
use super::consumer::{Work, Worker};
use super::link::Link;
use super::producer::{Publisher, Remedy, Setback};
use super::rng::Rng;
use super::scenario::{AckMode, ClientSpec, ConsumerSpec, Role};
use super::schedule::Schedule;

/// What a client wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// Send a method on its channel.
    Send(Method),
    /// Be woken to publish, at a moment.
    WakeAt(u64),
    /// Do something about a message that was refused or returned.
    Remedy(Setback, Remedy),
    /// Go on with a consumer's work.
    Work(Work),
}

/// A client at work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// What it is.
    pub spec: Rc<ClientSpec>,
    /// Its connection.
    pub connection: ConnectionId,
    /// Whether its channel is open, as far as it knows.
    pub is_open: bool,
    pub(super) link: Link,
    /// What has arrived over a held link, with the life it was for.
    pub(super) held: Vec<(u32, Action)>,
    /// Counts its starts: what was meant for an earlier life is not for this one.
    pub(super) life: u32,
    /// Counts its schedules: a wake of an earlier one does not count.
    pub(super) round: u32,
    /// Its connection broke because the broker ended.
    pub(super) misses_broker: bool,
    /// Producer: what it publishes, and when.
    publisher: Publisher,
    /// Producer: the schedule that it was given later.
    schedule: Option<Schedule>,
    /// Consumer: what it works on.
    worker: Worker,
}

impl Client {
    pub(super) fn new(spec: &ClientSpec, connection: ConnectionId) -> Self {
        Client {
            link: Link::new(spec.latency_ms),
            spec: Rc::new(spec.clone()),
            connection,
            is_open: true,
            held: Vec::new(),
            life: 0,
            round: 0,
            misses_broker: false,
            publisher: Publisher::default(),
            schedule: None,
            worker: Worker::default(),
        }
    }

    /// Its one channel.
    pub fn channel(&self) -> ChannelId {
        ChannelId { connection: self.connection, number: 1 }
    }

    /// The methods with which it begins, after opening its channel.
    pub(super) fn opening(&self) -> Vec<Method> {
        match &self.spec.role {
            Role::Producer(producer) if producer.confirms => vec![Method::ConfirmSelect],
            Role::Producer(_) => Vec::new(),
            Role::Consumer(consumer) => self.consumer_opening(consumer),
        }
    }

    fn consumer_opening(&self, consumer: &ConsumerSpec) -> Vec<Method> {
        if consumer.pull_every_ms.is_some() {
            return Vec::new();
        }
        let mut arguments = consumer.arguments.clone();
        if let Some(priority) = consumer.priority {
            arguments.insert("x-priority".into(), Value::I32(priority));
        }
        let qos = Method::BasicQos { prefetch_count: consumer.prefetch, prefetch_size: 0, global: false };
        let consume = consumer.queues.iter().enumerate().map(|(index, queue)| {
            Method::BasicConsume(BasicConsume {
                queue: queue.clone(),
                consumer_tag: self.tag(index),
                no_ack: consumer.ack == AckMode::Auto,
                exclusive: consumer.exclusive,
                arguments: arguments.clone(),
                ..BasicConsume::default()
            })
        });
        std::iter::once(qos).chain(consume).collect()
    }

    /// The first of its consumers is called like itself, the others are numbered.
    fn tag(&self, index: usize) -> Name {
        if index == 0 { self.spec.name.clone() } else { format!("{}-{}", self.spec.name, index + 1).into() }
    }

    /// When it first wants to act by itself.
    pub(super) fn first_wake_ms(&mut self, rng: &mut Rng) -> Option<u64> {
        match &self.spec.role {
            Role::Producer(producer) => self.publisher.begin(producer, producer.schedule(), producer.start_ms, rng),
            Role::Consumer(consumer) => consumer.pull_every_ms.map(|_| 0),
        }
    }

    /// Its moment to publish, or to ask for a message, has come.
    pub(super) fn wake(&mut self, now_ms: u64, rng: &mut Rng) -> Vec<Wish> {
        if !self.is_open {
            return Vec::new();
        }
        let (method, next_ms) = match &self.spec.role {
            Role::Producer(producer) => {
                let (publish, next_ms) = self.publisher.publish(producer, rng);
                (Some(Method::BasicPublish(publish)), next_ms)
            }
            Role::Consumer(consumer) => {
                let next_ms = consumer.pull_every_ms.map(|every_ms| now_ms.saturating_add(every_ms));
                (self.worker.pull(consumer), next_ms)
            }
        };
        method.map(Wish::Send).into_iter().chain(next_ms.map(Wish::WakeAt)).collect()
    }

    /// The moment to publish a message again has come.
    pub(super) fn publish_again(&mut self, publish: BasicPublish, retry: u32) -> Vec<Wish> {
        let Role::Producer(producer) = &self.spec.role else { return Vec::new() };
        if !self.is_open {
            return Vec::new();
        }
        self.publisher.keep(producer, &publish, retry);
        vec![Wish::Send(Method::BasicPublish(publish))]
    }

    /// A frame of the broker is here.
    pub(super) fn receive(&mut self, frame: &Frame, rng: &mut Rng) -> Vec<Wish> {
        match frame {
            Frame::Deliver { delivery, .. } => self.take(delivery, rng),
            Frame::ChannelClosed { .. } | Frame::ConnectionClosed { .. } => {
                self.close();
                Vec::new()
            }
            Frame::Ack { delivery_tag, .. } => {
                self.publisher.acked(*delivery_tag);
                Vec::new()
            }
            Frame::Nack { delivery_tag, .. } => {
                let Role::Producer(producer) = &self.spec.role else { return Vec::new() };
                let remedy = self.publisher.nacked(producer, *delivery_tag);
                remedy.map(|remedy| Wish::Remedy(Setback::Nacked, remedy)).into_iter().collect()
            }
            Frame::Return { publish, .. } => {
                let Role::Producer(producer) = &self.spec.role else { return Vec::new() };
                let remedy = self.publisher.returned(producer, publish);
                remedy.map(|remedy| Wish::Remedy(Setback::Returned, remedy)).into_iter().collect()
            }
            // A consumer without a queue waits for ever.
            Frame::Cancel { .. } => Vec::new(),
        }
    }

    /// The answer to a method is here.
    pub(super) fn answer(&mut self, reply: &Reply, rng: &mut Rng) -> Vec<Wish> {
        match reply {
            Reply::Got { delivery, .. } => return self.take(delivery, rng),
            Reply::Closed(AmqpError { scope: Scope::Channel | Scope::Connection, .. }) => self.close(),
            _ => {}
        }
        Vec::new()
    }

    fn take(&mut self, delivery: &Delivery, rng: &mut Rng) -> Vec<Wish> {
        let Role::Consumer(consumer) = &self.spec.role else { return Vec::new() };
        let works = self.worker.receive(consumer, delivery.clone(), rng);
        works.into_iter().map(Wish::Work).collect()
    }

    /// Its channel is gone.
    pub(super) fn close(&mut self) {
        self.is_open = false;
        self.publisher.forget();
        self.worker.forget();
    }

    /// The work on a message is done.
    pub(super) fn finish_work(&mut self, rng: &mut Rng) -> Vec<Wish> {
        let Role::Consumer(consumer) = &self.spec.role else { return Vec::new() };
        self.worker.finish(consumer, rng).into_iter().map(Wish::Work).collect()
    }

    /// Whether it is working on this delivery.
    pub(super) fn works_on(&self, delivery_tag: u64) -> bool {
        self.worker.works_on(delivery_tag)
    }

    pub(super) fn pause(&mut self) {
        self.worker.is_paused = true;
    }

    pub(super) fn resume(&mut self, rng: &mut Rng) -> Vec<Wish> {
        self.worker.is_paused = false;
        let Role::Consumer(consumer) = &self.spec.role else { return Vec::new() };
        self.worker.take_up(consumer, rng).into_iter().map(Wish::Work).collect()
    }

    /// A new life, over a new connection and a link on which nothing is under way.
    pub(super) fn start_again(&mut self, connection: ConnectionId) {
        self.connection = connection;
        self.is_open = true;
        self.misses_broker = false;
        self.life = self.life.saturating_add(1);
        self.link = Link::new(self.link.latency_ms());
        self.worker.is_paused = false;
    }

    /// When it first wants to act by itself in a new life.
    pub(super) fn wake_again_ms(&mut self, now_ms: u64, rng: &mut Rng) -> Option<u64> {
        match &self.spec.role {
            Role::Producer(producer) => {
                let schedule = self.schedule.unwrap_or_else(|| producer.schedule());
                self.publisher.begin(producer, schedule, now_ms.max(producer.start_ms), rng)
            }
            Role::Consumer(consumer) => consumer.pull_every_ms.map(|_| now_ms),
        }
    }

    /// Keeps another schedule from now on, and gives its first moment.
    pub(super) fn set_schedule(&mut self, schedule: Schedule, now_ms: u64, rng: &mut Rng) -> Option<u64> {
        self.schedule = Some(schedule);
        self.round = self.round.saturating_add(1);
        let Role::Producer(producer) = &self.spec.role else { return None };
        self.publisher.begin(producer, schedule, now_ms, rng)
    }
}
