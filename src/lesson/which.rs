//! Which events a goal is about: a kind, and what else must be true of one.
//!
//! Every kind of event that the broker and its clients have is a [`Kind`] here, or deliberately none: what a learner
//! causes or what befalls a message is, the broker's housekeeping is not.

use serde::{Deserialize, Serialize};

use crate::broker::Name;
use crate::broker::event::{DropRule, LostReason, ReturnReason};
use crate::broker::exchange::fits_pattern;
use crate::broker::message::{DeathReason, Message};
use crate::broker::properties::Properties;
use crate::broker::table::Value;
use crate::simulation::{Scenario, ScenarioError};

use super::unless;

/// Some events. All that is said must be true of an event; what is left out may be anything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// What happened.
    pub kind: Kind,
    /// The virtual host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vhost: Option<Name>,
    /// The queue it happened in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<Name>,
    /// The exchange that the message was published to, or went to as a dead letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<Name>,
    /// A pattern for the message's routing key, as a topic exchange has it: `*` is one word, `#` any number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing_key: Option<Name>,
    /// The client that did it, or that it was done to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<Name>,
    /// Why it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// A text in the message's payload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload_contains: Option<Name>,
    /// A property of the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property: Option<Property>,
    /// A header of the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<Header>,
    /// The reply code of an error, such as 406.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
    /// Text of an error, such as `inequivalent arg`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Name>,
}

/// What happened, in RabbitMQ's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The broker has a message from a publisher.
    #[default]
    Published,
    /// An exchange found at least one binding for a message.
    Routed,
    /// A message reached no queue: *Unroutable*, dropped or returned.
    Unroutable,
    /// A message went back to its publisher (`basic.return`).
    Returned,
    /// A queue took a message.
    Enqueued,
    /// A queue refused a message (*Overflow behaviour* reject-publish).
    Refused,
    /// The publisher was told that its message is taken care of (*Publisher confirm*).
    Confirmed,
    /// The publisher was told that its message was refused (`basic.nack` from the broker).
    NotConfirmed,
    /// A message was handed to a consumer.
    Delivered,
    /// A message was handed out by `basic.get`.
    Got,
    /// `basic.get` found nothing.
    GotEmpty,
    /// A message was handed out again.
    Redelivered,
    /// A consumer acknowledged a message (*Consumer ack*).
    Acked,
    /// A consumer sent `basic.nack`.
    Nacked,
    /// A consumer sent `basic.reject`.
    Rejected,
    /// A message went back into its queue.
    Requeued,
    /// A message's time to live ran out.
    Expired,
    /// A message left its queue for the dead letter exchange.
    DeadLettered,
    /// A message is gone for good: dropped by a queue, unroutable and not returned, or lost as a dead letter.
    Dropped,
    /// A dead letter went round in a circle and was cut off.
    CycleCut,
    /// A consumer did not settle in time.
    ConsumerTimedOut,
    /// A channel or a connection was closed with an error, or refused.
    Error,
    /// A client's connection was opened.
    ConnectionOpened,
    /// A client's connection ended.
    ConnectionClosed,
    /// A channel ended.
    ChannelClosed,
    /// A consumer was added to a queue.
    ConsumerAdded,
    /// A consumer is gone.
    ConsumerRemoved,
    /// A queue has another single active consumer, or none.
    ActiveConsumerChanged,
    /// A queue was declared that was not there.
    QueueDeclared,
    /// A queue is gone.
    QueueDeleted,
    /// A queue was emptied.
    QueuePurged,
    /// An exchange was declared that was not there.
    ExchangeDeclared,
    /// An exchange is gone.
    ExchangeDeleted,
    /// A binding was added.
    Bound,
    /// A binding is gone.
    Unbound,
    /// Another policy than before applies to a queue or an exchange.
    PolicyApplied,
    /// The broker stopped.
    BrokerStopped,
    /// The broker is up again.
    BrokerStarted,
    /// A client crashed.
    Crashed,
    /// A client started again.
    Restarted,
    /// A consumer recognised a message that it had dealt with.
    DuplicateSkipped,
    /// A publisher gave a message up.
    GaveUp,
}

/// Why something happened to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Rejected, or nacked, without requeue.
    Rejected,
    /// Its time to live ran out.
    Expired,
    /// The queue was over its length limit.
    Maxlen,
    /// It came back more often than the delivery limit allows.
    DeliveryLimit,
    /// The queue takes no more (reject-publish).
    RejectPublish,
    /// The dead letter exchange does not exist.
    NoDeadLetterExchange,
    /// The queue was purged.
    Purged,
    /// The queue was deleted.
    QueueDeleted,
    /// The node was restarted.
    Restart,
    /// The stream forgot it.
    Retention,
    /// No binding for it.
    Unroutable,
    /// It went round in a circle.
    Cycle,
    /// `basic.nack` with requeue.
    Nack,
    /// `basic.reject` with requeue.
    Reject,
    /// `basic.recover`
    Recover,
    /// Its channel or connection ended.
    ChannelClosed,
    /// It was not settled in time.
    Timeout,
}

impl From<DeathReason> for Reason {
    fn from(reason: DeathReason) -> Self {
        match reason {
            DeathReason::Rejected => Reason::Rejected,
            DeathReason::Expired => Reason::Expired,
            DeathReason::Maxlen => Reason::Maxlen,
            DeathReason::DeliveryLimit => Reason::DeliveryLimit,
        }
    }
}

impl From<DropRule> for Reason {
    fn from(rule: DropRule) -> Self {
        match rule {
            DropRule::Rejected => Reason::Rejected,
            DropRule::Expired => Reason::Expired,
            DropRule::MaxLength => Reason::Maxlen,
            DropRule::RejectPublish => Reason::RejectPublish,
            DropRule::DeliveryLimit => Reason::DeliveryLimit,
            DropRule::NoDeadLetterExchange => Reason::NoDeadLetterExchange,
            DropRule::Purged => Reason::Purged,
            DropRule::QueueDeleted => Reason::QueueDeleted,
            DropRule::Restart => Reason::Restart,
            DropRule::Retention => Reason::Retention,
        }
    }
}

impl From<ReturnReason> for Reason {
    fn from(reason: ReturnReason) -> Self {
        match reason {
            ReturnReason::Nack => Reason::Nack,
            ReturnReason::Reject => Reason::Reject,
            ReturnReason::Recover => Reason::Recover,
            ReturnReason::ChannelClosed => Reason::ChannelClosed,
            ReturnReason::Timeout => Reason::Timeout,
            ReturnReason::Restart => Reason::Restart,
        }
    }
}

impl From<LostReason> for Reason {
    fn from(reason: LostReason) -> Self {
        match reason {
            LostReason::Unroutable => Reason::Unroutable,
            LostReason::Cycle => Reason::Cycle,
        }
    }
}

/// A property of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Property {
    /// Its name, such as `message_id`.
    pub name: Name,
    /// Its value, as text; none is any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Name>,
}

impl Property {
    fn is_known(&self) -> bool {
        NUMBERS.contains(&&*self.name) || Properties::default().texts().iter().any(|(name, _)| *name == &*self.name)
    }

    fn fits(&self, properties: &Properties) -> bool {
        let number = match &*self.name {
            "priority" => properties.priority.map(u64::from),
            "delivery_mode" => properties.delivery_mode.map(u64::from),
            "timestamp" => properties.timestamp,
            _ => None,
        };
        let text = properties.texts().into_iter().find(|(name, _)| *name == &*self.name);
        let value = number.map(|number| number.to_string().into()).or_else(|| text.and_then(|(_, text)| text.clone()));
        value.is_some_and(|value: Name| self.value.as_ref().is_none_or(|wanted| *wanted == value))
    }
}

/// Properties that are numbers.
const NUMBERS: [&str; 3] = ["priority", "delivery_mode", "timestamp"];

/// A header of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Its name.
    pub name: Name,
    /// Its value; none is any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

impl Which {
    /// Whether all that is said of the message is true.
    pub(super) fn fits_message(&self, message: Option<&Message>) -> bool {
        if self.says_nothing_of_a_message() {
            return true;
        }
        let Some(message) = message else { return false };
        self.routing_key.as_ref().is_none_or(|pattern| fits_pattern(pattern, message))
            && self.payload_contains.as_ref().is_none_or(|text| message.payload.text().contains(&**text))
            && self.property.as_ref().is_none_or(|property| property.fits(&message.properties))
            && self.header.as_ref().is_none_or(|wanted| {
                let header = message.properties.header(&wanted.name);
                header.is_some_and(|header| wanted.value.as_ref().is_none_or(|value| value.same_value(header)))
            })
    }

    fn says_nothing_of_a_message(&self) -> bool {
        self.routing_key.is_none()
            && self.payload_contains.is_none()
            && self.property.is_none()
            && self.header.is_none()
    }

    pub(super) fn check(&self, scenario: &Scenario, place: &str) -> Result<(), ScenarioError> {
        if let Some(name) = &self.client {
            let is_there = scenario.clients.iter().any(|client| client.name == *name);
            unless(is_there, place, "client", &format!("the name of a client, not `{name}`"))?;
        }
        let is_known = self.property.as_ref().is_none_or(Property::is_known);
        unless(is_known, place, "property.name", "the name of a property, such as `message_id`")
    }
}
