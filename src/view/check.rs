//! The checker: reads a scenario and says what will go wrong before it does, with the place, the reason, a command that
//! mends it where there is one, and where to learn more.
//!
//! What always holds: there is one list of rules, [`RULES`], and a problem is what one of them finds. A rule looks at what
//! the broker itself makes of the scenario ([`Topology`]), so it says nothing that would come out otherwise. What is left to
//! chance or to an operator is no problem. A fix is one command, which can be taken back like any other.

mod access;
mod arguments;
mod consumers;
mod dead_letters;
mod fix;
mod flow;
mod queues;
mod routing;
mod topology;

use std::fmt;

use crate::edit::{Command, End};
use crate::share::File;

use super::sentence::Sentence;
use topology::Topology;

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It does not work: messages are lost, or somebody is refused.
    Error,
    /// It works until it matters.
    Warning,
    /// It does nothing, or something that one may not expect.
    Note,
}

impl Severity {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "Error",
            Severity::Warning => "Warning",
            Severity::Note => "Note",
        }
    }
}

/// What can be wrong.
pub struct Rule {
    /// Its name, which never changes.
    pub id: &'static str,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// The example that shows it, by its name in `www/examples`.
    pub lesson: &'static str,
    /// RabbitMQ's page about it, by its title.
    pub docs: &'static str,
    find: fn(&Topology<'_>, &mut Vec<Found>),
}

/// What a rule found.
struct Found {
    place: Place,
    sentence: Sentence,
    fix: Option<Command>,
}

impl Found {
    fn at(end: End, sentence: Sentence) -> Self {
        Found { place: Place { end, to: None, field: String::new() }, sentence, fix: None }
    }

    /// It is about what leads there.
    fn to(mut self, end: End) -> Self {
        self.place.to = Some(end);
        self
    }

    fn field(mut self, field: impl Into<String>) -> Self {
        self.place.field = field.into();
        self
    }

    fn fix(mut self, fix: Option<Command>) -> Self {
        self.fix = fix;
        self
    }
}

/// Where a problem is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// A node or a policy.
    pub end: End,
    /// Where a binding from it leads, if it is the binding.
    pub to: Option<End>,
    /// The field or the argument; empty if it is the whole.
    pub field: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.end.kind.word(), self.end.name)?;
        if let Some(to) = &self.to {
            write!(f, " to {} {}", to.kind.word(), to.name)?;
        }
        if self.field.is_empty() { Ok(()) } else { write!(f, ", {}", self.field) }
    }
}

/// A problem.
#[derive(Clone)]
pub struct Problem {
    /// What is wrong.
    pub rule: &'static Rule,
    /// Where.
    pub place: Place,
    /// In a sentence.
    pub sentence: Sentence,
    /// What mends it.
    pub fix: Option<Command>,
}

impl PartialEq for Problem {
    fn eq(&self, other: &Self) -> bool {
        self.rule.id == other.rule.id && (&self.place, &self.sentence) == (&other.place, &other.sentence)
    }
}

/// Of so many things a check takes no time that anybody would notice.
const QUICK_MAX: usize = 600;

/// Whether a scenario is small enough to be checked whenever it changes.
pub fn is_quick(file: &File) -> bool {
    let scenario = &file.scenario;
    let definitions = &scenario.definitions;
    let things = definitions.exchanges.len() + definitions.queues.len() + definitions.bindings.len();
    things + scenario.clients.len() + scenario.script.len() <= QUICK_MAX
}

/// The problems of a scenario, the gravest first.
pub fn check(file: &File) -> Vec<Problem> {
    let topology = Topology::of(file);
    let mut problems = Vec::new();
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        for rule in RULES.iter().filter(|rule| rule.severity == severity) {
            let mut found = Vec::new();
            (rule.find)(&topology, &mut found);
            problems.extend(found.into_iter().map(|Found { place, sentence, fix }| Problem {
                rule,
                place,
                sentence,
                fix,
            }));
        }
    }
    problems
}

/// A rule, as [`RULES`] has it on two lines.
macro_rules! rule {
    ($severity:ident $id:literal $title:literal $lesson:literal $docs:literal $find:path) => {
        Rule { id: $id, title: $title, severity: Severity::$severity, lesson: $lesson, docs: $docs, find: $find }
    };
}

/// All that is looked for, by what it is about.
#[rustfmt::skip]
pub const RULES: &[Rule] = &[
    rule!(Error "exchange-missing" "Publishes to an exchange that is not there"
        "routing" "Publishers" routing::exchange_missing),
    rule!(Error "exchange-internal" "Publishes to an internal exchange"
        "exchange-to-exchange" "Exchanges" routing::exchange_internal),
    rule!(Error "exchange-without-binding" "Exchange without a binding"
        "publish-subscribe" "Exchanges" routing::exchange_without_binding),
    rule!(Note "exchange-unused" "Exchange that nobody uses"
        "publish-subscribe" "Exchanges" routing::exchange_unused),
    rule!(Error "default-exchange-no-queue" "No queue of that name for the default exchange"
        "hello" "Exchanges" routing::default_exchange_no_queue),
    rule!(Error "key-near-miss" "Routing key differs from a binding key by a slip"
        "topics" "Topic exchanges" routing::key_near_miss),
    rule!(Error "key-turned" "Binding key with its words the wrong way round"
        "topics" "Topic exchanges" routing::key_turned),
    rule!(Warning "unroutable-untold" "Unroutable, and nobody is told"
        "confirms" "Publishers" routing::unroutable_untold),
    rule!(Warning "wildcard-in-word" "Wildcard that is a part of a word"
        "topics" "Topic exchanges" routing::wildcard_in_word),
    rule!(Warning "wildcard-on-direct" "Wildcard at a direct exchange"
        "topics" "Exchanges" routing::wildcard_on_direct),
    rule!(Warning "wildcard-published" "Wildcard in a routing key"
        "topics" "Topic exchanges" routing::wildcard_published),
    rule!(Warning "empty-word" "Binding key with an empty word"
        "topics" "Topic exchanges" routing::empty_word),
    rule!(Note "key-ignored" "Binding key that nothing looks at"
        "publish-subscribe" "Exchanges" routing::key_ignored),
    rule!(Warning "arguments-ignored" "Binding arguments that decide nothing"
        "headers" "Exchanges" routing::arguments_ignored),
    rule!(Error "header-type" "Header of another type"
        "headers" "Exchanges" routing::header_type),
    rule!(Warning "x-headers-ignored" "Header that is never compared"
        "headers" "Exchanges" routing::x_headers_ignored),
    rule!(Error "any-of-nothing" "Binding that asks for any of no headers"
        "headers" "Exchanges" routing::any_of_nothing),
    rule!(Error "alternate-missing" "Alternate exchange that is not there"
        "alternate-exchange" "Alternate Exchanges" routing::alternate_missing),
    rule!(Error "alternate-default" "Default exchange as alternate exchange"
        "alternate-exchange" "Alternate Exchanges" routing::alternate_default),
    rule!(Warning "hash-header-missing" "Header to hash that no message has"
        "headers" "Consistent Hash Exchange" routing::hash_header_missing),

    rule!(Error "dead-letter-exchange-missing" "Dead letter exchange that is not there"
        "dead-lettering" "Dead Letter Exchanges" dead_letters::exchange_missing),
    rule!(Error "dead-letters-unbound" "Dead letters that reach no queue"
        "dead-lettering" "Dead Letter Exchanges" dead_letters::unbound),
    rule!(Note "dead-letter-exchange-unused" "Dead letter exchange where nothing dies"
        "dead-lettering" "Dead Letter Exchanges" dead_letters::never_used),
    rule!(Error "dead-letter-cycle" "Dead letters that come back and are dropped"
        "retry-ladder" "Dead Letter Exchanges" dead_letters::cycle),
    rule!(Warning "head-blocks" "Expired messages wait behind others"
        "message-ttl" "Time-to-Live and Expiration" dead_letters::head_blocks),
    rule!(Warning "at-least-once-not-in-force" "At-least-once dead-lettering that is not in force"
        "quorum-delivery-limit" "Quorum Queues" dead_letters::strategy_without_reject),
    rule!(Error "requeue-loop" "Requeued for ever"
        "quorum-delivery-limit" "Negative Acknowledgements" dead_letters::requeue_loop),
    rule!(Warning "poison-message" "Poison message without an end"
        "quorum-delivery-limit" "Quorum Queues" dead_letters::poison),

    rule!(Error "queue-missing" "Consumes from a queue that is not there"
        "hello" "Consumers" consumers::queue_missing),
    rule!(Error "stream-prefetch" "Stream consumer without a prefetch limit"
        "stream" "Streams" consumers::stream_prefetch),
    rule!(Error "stream-auto-ack" "Stream consumer with automatic acknowledgement"
        "stream" "Streams" consumers::stream_auto_ack),
    rule!(Note "stream-from-next" "Stream consumer that sees only what is new"
        "stream" "Streams" consumers::stream_from_next),
    rule!(Error "exclusive-consumer" "Exclusive consumer beside others"
        "single-active-consumer" "Consumers" consumers::exclusive_consumer),
    rule!(Error "declared-otherwise" "Declared again with other properties"
        "scoreboard" "Queues" consumers::declared_otherwise),
    rule!(Error "refused" "Refused by RabbitMQ"
        "scoreboard" "Channels" consumers::refused),
    rule!(Error "not-permitted" "Not permitted to its user"
        "inter-service" "Authentication, Authorisation, Access Control" access::not_permitted),
    rule!(Error "never-acks" "Consumer that never acknowledges"
        "work-queues" "Consumer Acknowledgements and Publisher Confirms" consumers::never_acks),
    rule!(Warning "prefetch-unlimited" "Slow consumer without a prefetch limit"
        "work-queues" "Consumer Prefetch" consumers::unlimited_and_slow),
    rule!(Warning "priority-prefetch" "Priorities that come too late"
        "priorities" "Priority Queue Support" consumers::priority_prefetch),
    rule!(Note "auto-ack-prefetch" "Prefetch limit that limits nothing"
        "work-queues" "Consumer Prefetch" consumers::auto_ack_prefetch),
    rule!(Warning "auto-ack-rejects" "Rejects what is acknowledged already"
        "dead-lettering" "Consumer Acknowledgements and Publisher Confirms" consumers::auto_ack_answers),
    rule!(Warning "consumes-nothing" "Consumer without a queue"
        "hello" "Consumers" consumers::consumes_nothing),
    rule!(Note "no-stand-by" "Single active consumer without a stand-by"
        "single-active-consumer" "Consumers" consumers::no_stand_by),
    rule!(Warning "exclusive-ignored" "Exclusive consumer that is not alone"
        "single-active-consumer" "Quorum Queues" consumers::exclusive_ignored),
    rule!(Warning "consumer-timeout" "Works longer than the consumer timeout"
        "quorum-delivery-limit" "Consumers" consumers::times_out),
    rule!(Warning "no-message-id" "Nothing to recognise messages by"
        "event-flow" "Reliability Guide" consumers::nothing_to_know_by),
    rule!(Error "feeds-itself" "Worker that feeds itself"
        "pipeline" "Consumers" consumers::feeds_itself),
    rule!(Error "no-rpc-server" "Requests that nobody answers"
        "rpc" "Direct Reply-to" consumers::no_server),
    rule!(Warning "answer-too-late" "Answers that come too late"
        "rpc" "Direct Reply-to" consumers::answer_too_late),

    rule!(Warning "never-fed" "Queue to which nothing comes"
        "routing" "Queues" queues::never_fed),
    rule!(Note "queue-unused" "Queue that nobody uses"
        "hello" "Queues" queues::unused),
    rule!(Warning "no-consumer" "Queue that only grows"
        "length-limits" "Queue Length Limit" queues::no_consumer),
    rule!(Warning "too-slow" "More comes than goes"
        "work-queues" "Queue Length Limit" queues::too_slow),
    rule!(Note "drop-head" "Drops the oldest without a word"
        "length-limits" "Queue Length Limit" queues::drop_head),
    rule!(Note "limit-loses" "What the limit drops is lost"
        "length-limits" "Queue Length Limit" queues::limit_loses),
    rule!(Warning "reject-without-confirms" "Refused, and the publisher does not know"
        "confirms" "Queue Length Limit" queues::reject_without_confirms),
    rule!(Warning "transient-queue" "Transient queue that is shared"
        "restart" "Queues" queues::transient),
    rule!(Warning "lost-at-restart" "Not persistent, and the broker restarts"
        "restart" "Reliability Guide" queues::lost_at_restart),
    rule!(Warning "expires-in-use" "Queue that is deleted while it is filled"
        "message-ttl" "Time-to-Live and Expiration" queues::expires_in_use),
    rule!(Warning "priority-ignored" "Priorities that the queue has not"
        "priorities" "Priority Queue Support" queues::priority_ignored),
    rule!(Note "priority-too-high" "Priority above the highest"
        "priorities" "Priority Queue Support" queues::priority_too_high),
    rule!(Error "expiration-invalid" "Expiration that is no number"
        "message-ttl" "Time-to-Live and Expiration" queues::expiration_invalid),
    rule!(Error "exclusive-of-many" "Exclusive queue on several connections"
        "publish-subscribe" "Queues" queues::exclusive_of_many),

    rule!(Warning "argument-unknown" "Argument that nobody knows"
        "length-limits" "Queues" arguments::unknown_names),
    rule!(Note "argument-without-effect" "Argument without effect"
        "length-limits" "Classic Queues" arguments::without_effect),
    rule!(Warning "overflow-of-quorum" "Overflow behaviour that quorum queues do not have"
        "length-limits" "Quorum Queues" arguments::overflow_of_quorum),
    rule!(Warning "retry-without-delay" "Delayed retry that is not in force"
        "retry-ladder" "Quorum Queues" arguments::retry_without_delay),
    rule!(Warning "limit-no-number" "Delivery limit that is no number"
        "quorum-delivery-limit" "Quorum Queues" arguments::limit_no_number),
    rule!(Note "policy-and-argument" "Policy and argument disagree"
        "analytics" "Policies" arguments::policy_and_argument),
    rule!(Warning "operator-policy" "An operator policy allows less than is asked for"
        "analytics" "Policies" arguments::operator_policy),
    rule!(Warning "policy-for-nothing" "Policy that applies to nothing"
        "analytics" "Policies" arguments::policy_for_nothing),
    rule!(Warning "policy-beaten" "Policy that another one beats"
        "analytics" "Policies" arguments::policy_beaten),
];
