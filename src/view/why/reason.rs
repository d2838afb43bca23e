//! The reasons: what can keep a message from a place, or take it away from there. Each is a rule of RabbitMQ with a name, a
//! lesson that shows it, and the page of RabbitMQ's documentation that has it.
//!
//! What always holds: there is no other reason. Who finds a new one adds it here, and the tests ask for a case of it.

/// A page of RabbitMQ's documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its title.
    pub title: &'static str,
    /// Its name in the address.
    pub name: &'static str,
}

impl Page {
    /// Its address.
    pub fn address(self) -> String {
        format!("https://www.rabbitmq.com/docs/{}", self.name)
    }
}

const fn page(name: &'static str, title: &'static str) -> Page {
    Page { title, name }
}

const ACCESS: Page = page("access-control", "Authentication, Authorisation, Access Control");
const ALTERNATE: Page = page("ae", "Alternate Exchanges");
const CHANNELS: Page = page("channels", "Channels");
const CONFIRMS: Page = page("confirms", "Consumer Acknowledgements and Publisher Confirms");
const CONNECTIONS: Page = page("connections", "Connections");
const CONSUMERS: Page = page("consumers", "Consumers");
const CONSUMER_PRIORITY: Page = page("consumer-priority", "Consumer Priorities");
const DEAD_LETTERS: Page = page("dlx", "Dead Letter Exchanges");
const DIRECT_REPLY: Page = page("direct-reply-to", "Direct Reply-To");
const EXCHANGES: Page = page("exchanges", "Exchanges");
const E2E: Page = page("e2e", "Exchange to Exchange Bindings");
const HEARTBEATS: Page = page("heartbeats", "Detecting Dead TCP Connections with Heartbeats and TCP Keepalives");
const LENGTH: Page = page("maxlength", "Queue Length Limit");
const PREFETCH: Page = page("consumer-prefetch", "Consumer Prefetch");
const PRIORITY: Page = page("priority", "Classic Queues Support Priorities");
const PUBLISHERS: Page = page("publishers", "Publishers");
const QUEUES: Page = page("queues", "Queues");
const QUORUM: Page = page("quorum-queues", "Quorum Queues");
const SEMANTICS: Page = page("semantics", "Broker Semantics");
const STREAMS: Page = page("streams", "Streams");
const TTL: Page = page("ttl", "Time-to-Live and Expiration");
const VHOSTS: Page = page("vhosts", "Virtual Hosts");

macro_rules! reasons {
    ($($(#[$doc:meta])* $reason:ident, $name:literal, $lesson:literal, $page:ident;)+) => {
        /// Why a message is not at a place, or not as one would think.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Reason {
            $($(#[$doc])* $reason,)+
        }

        impl Reason {
            /// All of them.
            pub const ALL: &'static [Reason] = &[$(Reason::$reason),+];

            /// The rule's name, for people.
            pub fn name(self) -> &'static str {
                match self { $(Reason::$reason => $name,)+ }
            }

            /// The example that shows it, by the name of its file.
            pub fn lesson(self) -> &'static str {
                match self { $(Reason::$reason => $lesson,)+ }
            }

            /// Where RabbitMQ's documentation tells of it.
            pub fn page(self) -> Page {
                match self { $(Reason::$reason => $page,)+ }
            }
        }
    };
}

reasons! {
    /// Nothing is bound to it.
    NoBinding, "No binding", "nature", EXCHANGES;
    /// direct: the binding key is another.
    KeyDiffers, "The binding key must be equal", "routing", EXCHANGES;
    /// topic: a word is another.
    WordDiffers, "Topic: word by word", "nature", EXCHANGES;
    /// topic: too few words.
    TooFewWords, "Topic: * needs exactly one word", "topics", EXCHANGES;
    /// topic: too many words.
    TooManyWords, "Topic: * takes exactly one word", "topics", EXCHANGES;
    /// topic: what stands behind a `#` is nowhere.
    WordsNotFound, "Topic: the words behind #", "topics", EXCHANGES;
    /// headers: one is missing.
    HeaderMissing, "Headers: all must be there", "headers", EXCHANGES;
    /// headers: one has another value.
    HeaderDiffers, "Headers: the value must be equal", "headers", EXCHANGES;
    /// headers: one has a value of another type.
    HeaderTypeDiffers, "Headers: the type counts", "headers", EXCHANGES;
    /// headers: none of them fits, and one had to.
    NoHeaderMatched, "Headers: one must match", "headers", EXCHANGES;
    /// headers: those that begin with `x-` do not count.
    HeaderIgnored, "Headers: x- does not count", "headers", EXCHANGES;
    /// consistent hash: another one's part of the ring.
    HashedElsewhere, "Consistent hash: one queue a key", "work-queues", EXCHANGES;
    /// local random: another one was chosen.
    ChosenElsewhere, "Local random: one queue by chance", "work-queues", EXCHANGES;
    /// default exchange: the routing key names another queue, or none.
    NotItsName, "Default exchange: the queue's name", "hello", EXCHANGES;
    /// It was published to an exchange from which no way leads here.
    OtherExchange, "Another exchange", "exchange-to-exchange", EXCHANGES;
    /// A binding between two exchanges did not match.
    HopMissed, "Exchange to exchange: each hop must match", "exchange-to-exchange", E2E;
    /// A binding matched, so the alternate exchange was not asked.
    AlternateNotAsked, "Alternate exchange: only if nothing matches", "alternate-exchange", ALTERNATE;
    /// There is no such alternate exchange.
    AlternateMissing, "Alternate exchange: it must exist", "alternate-exchange", ALTERNATE;
    /// The binding is newer than the message.
    BoundLater, "Exchanges store nothing: bound too late", "scoreboard", EXCHANGES;
    /// The binding was removed before.
    UnboundBefore, "The binding is gone", "publish-subscribe", EXCHANGES;
    /// It is newer than the message.
    DeclaredLater, "Exchanges store nothing: declared too late", "scoreboard", QUEUES;
    /// It is in another virtual host.
    OtherVhost, "Virtual hosts share nothing", "inter-service", VHOSTS;
    /// There was no such exchange.
    NoSuchExchange, "No such exchange", "nature", PUBLISHERS;
    /// Clients may not publish to that exchange.
    InternalExchange, "Internal exchange", "exchange-to-exchange", EXCHANGES;
    /// The user may not.
    NotPermitted, "Permissions", "inter-service", ACCESS;
    /// The broker refused the publish for another reason.
    PublishRefused, "The broker refused the publish", "confirms", PUBLISHERS;
    /// Its channel was closed when it arrived.
    ChannelWasClosed, "A closed channel takes nothing", "restart", CHANNELS;
    /// It is on its way to the broker.
    InFlight, "Not yet: the network takes its time", "hello", PUBLISHERS;
    /// It was on a link that broke.
    LostOnLink, "Lost on the network", "restart", HEARTBEATS;
    /// It is just being handed on.
    UnderWay, "Not yet: just being handed on", "hello", EXCHANGES;
    /// Its transaction is not committed.
    NotCommitted, "Transaction: not committed", "confirms", SEMANTICS;
    /// Its transaction was taken back.
    RolledBack, "Transaction: rolled back", "confirms", SEMANTICS;
    /// It went straight to the client that waits for it.
    DirectReply, "Direct reply-to goes by no queue", "rpc", DIRECT_REPLY;
    /// Acknowledged.
    Acked, "Acknowledged: the queue forgets it", "work-queues", CONFIRMS;
    /// Done when it was sent.
    AutoAcked, "Automatic acknowledgement", "publish-subscribe", CONFIRMS;
    /// Its time ran out.
    Expired, "Message TTL", "message-ttl", TTL;
    /// Its time has run out, but it is not at the head.
    ExpiredBehind, "Message TTL: at the head only", "message-ttl", TTL;
    /// The queue was over its limit.
    DroppedByLimit, "Length limit: the oldest goes", "length-limits", LENGTH;
    /// The queue was at its limit, and refuses.
    RefusedByLimit, "Length limit: the newest is refused", "length-limits", LENGTH;
    /// Rejected, and no dead letter exchange is set.
    Rejected, "Rejected without requeue", "dead-lettering", CONFIRMS;
    /// It came back too often.
    DeliveryLimit, "Delivery limit", "quorum-delivery-limit", QUORUM;
    /// The dead letter exchange that is set is not there.
    NoDeadLetterExchange, "The dead letter exchange must exist", "dead-lettering", DEAD_LETTERS;
    /// It left for the dead letter exchange.
    DeadLettered, "Dead-lettered", "dead-lettering", DEAD_LETTERS;
    /// It went in a circle.
    CycleCut, "A circle of dead letters is cut", "retry-ladder", DEAD_LETTERS;
    /// An at-least-once dead letter waits until its targets take it.
    HeldAtLeastOnce, "At-least-once dead-lettering waits", "dead-lettering", QUORUM;
    /// It is elsewhere, and would come as a dead letter.
    NotDead, "Not yet: it has not died", "dead-lettering", DEAD_LETTERS;
    /// The queue was purged.
    Purged, "The queue was purged", "troubled", QUEUES;
    /// The queue was deleted.
    QueueDeleted, "The queue was deleted", "scoreboard", QUEUES;
    /// The node was restarted, and it was transient.
    LostInRestart, "A transient message does not survive", "restart", QUEUES;
    /// The stream forgot it.
    Forgotten, "Stream: retention", "stream", STREAMS;
    /// Others are before it.
    Behind, "Not yet: others are before it", "work-queues", QUEUES;
    /// Messages of a higher priority went before it.
    Overtaken, "Not yet: a higher priority goes first", "priorities", PRIORITY;
    /// The consumer holds as many as it may.
    PrefetchFull, "Prefetch", "work-queues", PREFETCH;
    /// Another one is the single active consumer.
    NotActive, "Single active consumer", "single-active-consumer", CONSUMERS;
    /// Another consumer has a higher priority.
    LowerPriority, "Consumer priority", "priorities", CONSUMER_PRIORITY;
    /// It was another one's turn.
    LaterTurn, "Consumers take turns", "work-queues", CONSUMERS;
    /// It is being replaced as the active one.
    Quiescing, "Single active consumer: being replaced", "single-active-consumer", QUORUM;
    /// It did not acknowledge in time.
    TimedOut, "Consumer timeout", "quorum-delivery-limit", CONSUMERS;
    /// The message waits before it is delivered again.
    DelayedRetry, "Not yet: a retry waits", "retry-ladder", QUORUM;
    /// It began to consume after the message was given to another.
    JoinedLater, "It consumes only since later", "watch", CONSUMERS;
    /// The client is not connected.
    Offline, "Nobody is connected", "restart", CONNECTIONS;
    /// The client consumes no longer.
    Cancelled, "Consumer cancelled", "single-active-consumer", CONSUMERS;
    /// The broker refused the consumer.
    ConsumeRefused, "Exclusive consumer", "single-active-consumer", CONSUMERS;
    /// The client asks for messages, and has not asked.
    NotAskedFor, "basic.get: nobody asked", "watch", CONSUMERS;
    /// The message never was in a queue that it consumes from.
    NotInItsQueues, "Not in a queue it consumes from", "publish-subscribe", CONSUMERS;
    /// A stream consumer began behind it.
    OffsetLater, "Stream: it began behind it", "stream", STREAMS;
    /// A stream consumer asks for others.
    StreamFiltered, "Stream: filtered out", "stream", STREAMS;
    /// The broker does not run.
    BrokerDown, "The broker is stopped", "restart", QUEUES;
    /// It had it, and gave it back.
    GaveBack, "Requeued", "troubled", CONFIRMS;
    /// Its acknowledgement is on its way.
    AckUnderWay, "The acknowledgement is on its way", "work-queues", CONFIRMS;
    /// It is on its way to the consumer.
    OnItsWay, "Not yet: on its way to the consumer", "hello", CONSUMERS;
    /// Exchanges and publishers keep nothing.
    PassedOn, "Exchanges keep nothing", "publish-subscribe", EXCHANGES;
    /// Another client published it.
    ByAnother, "Another client published it", "nature", PUBLISHERS;
    /// Unroutable, and nobody asked to be told.
    NotMandatory, "mandatory: only then it comes back", "confirms", PUBLISHERS;
    /// The publisher was told that it is refused.
    Nacked, "Publisher confirm: basic.nack", "confirms", CONFIRMS;
    /// Two bindings match, one copy comes.
    OneCopy, "One copy for each queue", "exchange-to-exchange", EXCHANGES;
}
