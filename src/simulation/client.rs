//! Clients: how producers and consumers behave. A client knows only what reached it over its link; what it wants
//! done it says as [`Wish`]es, which the world carries out in order.

use std::collections::VecDeque;
use std::rc::Rc;

use crate::broker::command::{BasicConsume, BasicPublish};
use crate::broker::{AmqpError, ChannelId, ConnectionId, Frame, Method, Name, Reply, Scope};

use super::link::Link;
use super::producer::{Publisher, Remedy, Setback};
use super::rng::Rng;
use super::scenario::{AckMode, ClientSpec, ConsumerSpec, Role};

/// What a client wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// Send a method on its channel.
    Send(Method),
    /// Be woken to publish, at a moment.
    WakeAt(u64),
    /// Do something about a message that was refused or returned.
    Remedy(Setback, Remedy),
    /// Work on a delivery for so long.
    Work { delivery_tag: u64, for_ms: u64 },
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
    /// Producer: what it publishes, and when.
    publisher: Publisher,
    /// Consumer: received, and not yet worked on. Oldest first.
    inbox: VecDeque<u64>,
    /// Consumer: what it is working on.
    working_on: Option<u64>,
}

impl Client {
    pub(super) fn new(spec: &ClientSpec, connection: ConnectionId) -> Self {
        Client {
            link: Link::new(spec.latency_ms),
            spec: Rc::new(spec.clone()),
            connection,
            is_open: true,
            publisher: Publisher::default(),
            inbox: VecDeque::new(),
            working_on: None,
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
        let qos = Method::BasicQos { prefetch_count: consumer.prefetch, prefetch_size: 0, global: false };
        let consume = consumer.queues.iter().enumerate().map(|(index, queue)| {
            Method::BasicConsume(BasicConsume {
                queue: queue.clone(),
                consumer_tag: self.tag(index),
                no_ack: consumer.ack == AckMode::Auto,
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
            Role::Consumer(_) => None,
        }
    }

    /// Its moment to publish has come.
    pub(super) fn wake(&mut self, rng: &mut Rng) -> Vec<Wish> {
        let Role::Producer(producer) = &self.spec.role else { return Vec::new() };
        if !self.is_open {
            return Vec::new();
        }
        let (publish, next_ms) = self.publisher.publish(producer, rng);
        let send = Wish::Send(Method::BasicPublish(publish));
        std::iter::once(send).chain(next_ms.map(Wish::WakeAt)).collect()
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
            Frame::Deliver { delivery, .. } => {
                self.inbox.push_back(delivery.delivery_tag);
                self.take_up_work(rng)
            }
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
    pub(super) fn answer(&mut self, reply: &Reply) {
        if let Reply::Closed(AmqpError { scope: Scope::Channel | Scope::Connection, .. }) = reply {
            self.close();
        }
    }

    fn close(&mut self) {
        self.is_open = false;
        self.publisher.forget();
        self.inbox.clear();
        self.working_on = None;
    }

    /// The work on a message is done.
    pub(super) fn finish_work(&mut self, delivery_tag: u64, rng: &mut Rng) -> Vec<Wish> {
        let Role::Consumer(consumer) = &self.spec.role else { return Vec::new() };
        let acks = consumer.ack == AckMode::Manual;
        self.working_on = None;
        let mut wishes = Vec::new();
        if acks {
            wishes.push(Wish::Send(Method::BasicAck { delivery_tag, multiple: false }));
        }
        wishes.extend(self.take_up_work(rng));
        wishes
    }

    /// Whether it is working on this delivery.
    pub(super) fn works_on(&self, delivery_tag: u64) -> bool {
        self.working_on == Some(delivery_tag)
    }

    fn take_up_work(&mut self, rng: &mut Rng) -> Vec<Wish> {
        let Role::Consumer(consumer) = &self.spec.role else { return Vec::new() };
        if self.working_on.is_some() {
            return Vec::new();
        }
        let Some(delivery_tag) = self.inbox.pop_front() else { return Vec::new() };
        self.working_on = Some(delivery_tag);
        vec![Wish::Work { delivery_tag, for_ms: consumer.processing.draw(rng) }]
    }
}
