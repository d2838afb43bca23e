//! Clients: how producers and consumers behave. A client knows only what reached it over its link; what it wants
//! done it says as [`Wish`]es, which the world carries out in order.

use std::collections::VecDeque;
use std::rc::Rc;

use crate::broker::command::BasicConsume;
use crate::broker::{AmqpError, ChannelId, ConnectionId, Frame, Method, Name, Reply, Scope};

use super::content;
use super::link::Link;
use super::rng::Rng;
use super::scenario::{AckMode, ClientSpec, ConsumerSpec, Role};
use super::schedule::Pace;

/// What a client wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// Send a method on its channel.
    Send(Method),
    /// Be woken to publish, at a moment.
    WakeAt(u64),
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
    /// Producer: when it publishes.
    pace: Pace,
    /// Producer: how many it has published.
    published: u64,
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
            pace: Pace::default(),
            published: 0,
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
            Role::Producer(producer) if producer.limit != Some(0) => {
                let (pace, first_ms) = Pace::begin(producer.schedule(), producer.start_ms, rng);
                self.pace = pace;
                Some(first_ms)
            }
            Role::Producer(_) | Role::Consumer(_) => None,
        }
    }

    /// Its moment to publish has come.
    pub(super) fn wake(&mut self, rng: &mut Rng) -> Vec<Wish> {
        let Role::Producer(producer) = &self.spec.role else { return Vec::new() };
        if !self.is_open {
            return Vec::new();
        }
        self.published += 1;
        let mut wishes = vec![Wish::Send(Method::BasicPublish(content::message(producer, self.published, rng)))];
        let goes_on = producer.limit.is_none_or(|limit| self.published < limit);
        if goes_on {
            wishes.extend(self.pace.next_ms(rng).map(Wish::WakeAt));
        }
        wishes
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
            // A producer that does nothing about a return or a nack, and a consumer without a queue.
            Frame::Return { .. } | Frame::Ack { .. } | Frame::Nack { .. } | Frame::Cancel { .. } => Vec::new(),
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
