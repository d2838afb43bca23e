//! What is counted, under the names of RabbitMQ's management UI, and where each is to be found.

/// Something that is counted.
///
/// Which method counts what is in `rabbit/src/rabbit_channel.erl` (`INCR_STATS`); what adds up to what in
/// `rabbitmq_management_agent/src/rabbit_mgmt_metrics_collector.erl`; the names in
/// `rabbitmq_management/priv/www/js/charts.js message_rates/2` and `js/tmpl/overview.ejs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counter {
    /// Messages a client published: one each, however many queues it reaches, and none while a transaction is open
    /// (`deliver_to_queues/3`). Of a queue: messages that were routed to it from such a publish, also those that it
    /// then refused; dead letters are no publishes, and count nowhere here.
    Publish,
    /// Publisher confirms. A `basic.nack` to the publisher is none (`send_confirms_and_nacks/1`).
    Confirm,
    /// Messages published to an exchange by clients. What it gets from another exchange, or as the alternate or
    /// dead letter exchange, does not count.
    PublishIn,
    /// Copies that went to queues, of messages that clients published to the exchange, whichever exchanges they went
    /// through after it.
    PublishOut,
    /// Deliveries to consumers that acknowledge (`record_sent/6`).
    Deliver,
    /// Deliveries to consumers with automatic acknowledgement.
    DeliverNoAck,
    /// Acknowledged deliveries: one each, also when one `basic.ack` is for several. Neither `basic.nack` nor
    /// `basic.reject` counts (`settle_acks/2`).
    Ack,
    /// Deliveries and gets with the redelivered flag. They count as deliveries and gets as well.
    Redeliver,
    /// Messages that `basic.get` got and that are to be acknowledged.
    Get,
    /// Messages that `basic.get` got with automatic acknowledgement.
    GetNoAck,
    /// `basic.get` that found an empty queue.
    GetEmpty,
    /// Messages that reached no queue and went back to their publisher.
    ReturnUnroutable,
    /// Messages that reached no queue, and nobody was told. They count as published as well.
    DropUnroutable,
    /// All deliveries and gets: what the lists of the UI call `deliver / get`.
    DeliverGet,
    /// Connections that were opened (`rabbit_core_metrics.erl connection_created/2`).
    ConnectionCreated,
    /// Connections that ended.
    ConnectionClosed,
    /// Channels that were opened.
    ChannelCreated,
    /// Channels that ended, by themselves or with their connection.
    ChannelClosed,
    /// Declarations of queues, new or not. (RabbitMQ counts those it goes on to refuse as well; the log does not hold
    /// them.)
    QueueDeclared,
    /// Queues that came to be.
    QueueCreated,
    /// Queues that were deleted.
    QueueDeleted,
}

/// How a queue's messages are counted, under the names of the UI (`charts.js queue_lengths/2`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Length {
    /// Messages that can be delivered.
    Ready,
    /// Messages that were delivered and are not acknowledged.
    Unacked,
    /// These, and in quorum queues also those that wait: delayed, or held as dead letters.
    Total,
}

impl Length {
    /// All, in the order of the UI.
    pub const ALL: [Length; 3] = [Length::Ready, Length::Unacked, Length::Total];

    /// Its name.
    pub fn label(self) -> &'static str {
        match self {
            Length::Ready => "Ready",
            Length::Unacked => "Unacked",
            Length::Total => "Total",
        }
    }

    pub(super) fn lanes(self) -> &'static [usize] {
        match self {
            Length::Ready => &[0],
            Length::Unacked => &[1],
            Length::Total => &[2],
        }
    }
}

/// The values of a publisher's series.
pub(super) mod publishing {
    pub const PUBLISH: usize = 0;
    pub const CONFIRM: usize = 1;
    pub const RETURN: usize = 2;
    pub const DROP: usize = 3;
}

/// The values of an exchange's series.
pub(super) mod passing {
    pub const IN: usize = 0;
    pub const OUT: usize = 1;
}

/// The values of a consumer's or a queue's series.
pub(super) mod delivering {
    pub const INCOMING: usize = 0;
    pub const DELIVER: usize = 1;
    pub const DELIVER_NO_ACK: usize = 2;
    pub const ACK: usize = 3;
    pub const REDELIVER: usize = 4;
    pub const GET: usize = 5;
    pub const GET_NO_ACK: usize = 6;
    pub const GET_EMPTY: usize = 7;
}

/// The values of the churn.
pub(super) mod churn {
    pub const CONNECTION_CREATED: usize = 0;
    pub const CONNECTION_CLOSED: usize = 1;
    pub const CHANNEL_CREATED: usize = 2;
    pub const CHANNEL_CLOSED: usize = 3;
    pub const QUEUE_DECLARED: usize = 4;
    pub const QUEUE_CREATED: usize = 5;
    pub const QUEUE_DELETED: usize = 6;
}

/// The series a counter is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Publishing,
    Passing,
    Delivering,
    Churn,
}

impl Counter {
    /// The chart *Message rates*, in the order of the UI.
    pub const MESSAGE_RATES: [Counter; 13] = [
        Counter::Publish,
        Counter::Confirm,
        Counter::PublishIn,
        Counter::PublishOut,
        Counter::Deliver,
        Counter::DeliverNoAck,
        Counter::Ack,
        Counter::Redeliver,
        Counter::Get,
        Counter::GetNoAck,
        Counter::GetEmpty,
        Counter::ReturnUnroutable,
        Counter::DropUnroutable,
    ];

    /// The charts *Connection operations*, *Channel operations* and *Queue operations* of the Overview's churn
    /// statistics, in the order of the UI.
    pub const CHURN: [Counter; 7] = [
        Counter::ConnectionCreated,
        Counter::ConnectionClosed,
        Counter::ChannelCreated,
        Counter::ChannelClosed,
        Counter::QueueDeclared,
        Counter::QueueCreated,
        Counter::QueueDeleted,
    ];

    /// The heading it stands under.
    pub fn heading(self) -> &'static str {
        match self {
            Counter::ConnectionCreated | Counter::ConnectionClosed => "Connection operations",
            Counter::ChannelCreated | Counter::ChannelClosed => "Channel operations",
            Counter::QueueDeclared | Counter::QueueCreated | Counter::QueueDeleted => "Queue operations",
            _ => "Message rates",
        }
    }

    /// Its name.
    pub fn label(self) -> &'static str {
        match self {
            Counter::Publish => "Publish",
            Counter::Confirm => "Publisher confirm",
            Counter::PublishIn => "Publish (In)",
            Counter::PublishOut => "Publish (Out)",
            Counter::Deliver => "Deliver (manual ack)",
            Counter::DeliverNoAck => "Deliver (auto ack)",
            Counter::Ack => "Consumer ack",
            Counter::Redeliver => "Redelivered",
            Counter::Get => "Get (manual ack)",
            Counter::GetNoAck => "Get (auto ack)",
            Counter::GetEmpty => "Get (empty)",
            Counter::ReturnUnroutable => "Unroutable (return)",
            Counter::DropUnroutable => "Unroutable (drop)",
            Counter::DeliverGet => "deliver / get",
            Counter::ConnectionCreated | Counter::ChannelCreated | Counter::QueueCreated => "Created",
            Counter::ConnectionClosed | Counter::ChannelClosed => "Closed",
            Counter::QueueDeclared => "Declared",
            Counter::QueueDeleted => "Deleted",
        }
    }

    /// Where it is.
    pub(super) fn lanes(self) -> (Family, &'static [usize]) {
        use Family::{Churn, Delivering, Passing, Publishing};
        match self {
            Counter::Publish => (Publishing, &[publishing::PUBLISH]),
            Counter::Confirm => (Publishing, &[publishing::CONFIRM]),
            Counter::ReturnUnroutable => (Publishing, &[publishing::RETURN]),
            Counter::DropUnroutable => (Publishing, &[publishing::DROP]),
            Counter::PublishIn => (Passing, &[passing::IN]),
            Counter::PublishOut => (Passing, &[passing::OUT]),
            Counter::Deliver => (Delivering, &[delivering::DELIVER]),
            Counter::DeliverNoAck => (Delivering, &[delivering::DELIVER_NO_ACK]),
            Counter::Ack => (Delivering, &[delivering::ACK]),
            Counter::Redeliver => (Delivering, &[delivering::REDELIVER]),
            Counter::Get => (Delivering, &[delivering::GET]),
            Counter::GetNoAck => (Delivering, &[delivering::GET_NO_ACK]),
            Counter::GetEmpty => (Delivering, &[delivering::GET_EMPTY]),
            Counter::DeliverGet => (
                Delivering,
                &[delivering::DELIVER, delivering::DELIVER_NO_ACK, delivering::GET, delivering::GET_NO_ACK],
            ),
            Counter::ConnectionCreated => (Churn, &[churn::CONNECTION_CREATED]),
            Counter::ConnectionClosed => (Churn, &[churn::CONNECTION_CLOSED]),
            Counter::ChannelCreated => (Churn, &[churn::CHANNEL_CREATED]),
            Counter::ChannelClosed => (Churn, &[churn::CHANNEL_CLOSED]),
            Counter::QueueDeclared => (Churn, &[churn::QUEUE_DECLARED]),
            Counter::QueueCreated => (Churn, &[churn::QUEUE_CREATED]),
            Counter::QueueDeleted => (Churn, &[churn::QUEUE_DELETED]),
        }
    }
}
