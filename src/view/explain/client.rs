//! Sentences about clients: what they send, receive, work on and decide, and what is done to them.

use crate::broker::message::Delivery;
use crate::broker::{Frame, Name, Reply};
use crate::simulation::{
    ClientEvent, ClientId, ClientSpec, Control, Deed, LogEntry, LogKind, Parcel, Refusal, Role, Setback,
};

use super::error::{impossible, meaning};
use super::method::method_name;
use super::names::{content, exchange, with_key};
use super::{Teller, Tone};
use crate::view::sentence::{Sentence, count, span};

impl Teller<'_> {
    pub(super) fn client(&self, entry: &LogEntry, id: ClientId, connection: u16, event: &ClientEvent) -> Sentence {
        let client = self.client_on(id, connection);
        let whole = || Sentence::of(&self.client_name(id));
        let held = |tag: &u64| self.held_or_tag(entry, (id, connection), *tag);
        match event {
            ClientEvent::Joined { spec, .. } => joined(spec),
            ClientEvent::Left => whole().say(" closes its connections and leaves."),
            ClientEvent::Changed { .. } => whole().say(" is changed, and goes on over the connections it has."),
            ClientEvent::Sent { method, arrives_ms } => self.sent(entry, (id, connection), method, *arrives_ms),
            ClientEvent::Received { frame } => received(client, frame),
            ClientEvent::Answered { reply } => self.answered(entry, client, reply),
            ClientEvent::WorkStarted { until_ms, delivery_tag } => {
                let length = span(until_ms.saturating_sub(entry.at_ms));
                client.say(" works on ").then(held(delivery_tag)).say(format!(" for {length}."))
            }
            ClientEvent::WorkDone { delivery_tag } => client.say(" is done with ").then(held(delivery_tag)).say("."),
            ClientEvent::Skipped { message_id, .. } => {
                client.say(" has dealt with message id ").name(message_id).say(" before, and leaves the message alone.")
            }
            ClientEvent::Crashed => whole().say(" crashes: its connection breaks."),
            ClientEvent::Controlled { control, connection: Some(_) } => client.say(controlled(control)),
            ClientEvent::Controlled { control, connection: None } => whole().say(controlled(control)),
            ClientEvent::Restarted { .. } => client.say(" starts again, with a new connection."),
            ClientEvent::Logged { setback } => {
                client.say(" writes into its log that a message ").say(what_befell(*setback)).say(".")
            }
            ClientEvent::RetryPlanned { setback, retry, at_ms } => {
                let wait = span(at_ms.saturating_sub(entry.at_ms));
                let again = format!(", in {wait} (retry {retry}).");
                client.say(" will publish the message again that ").say(what_befell(*setback)).say(again)
            }
            ClientEvent::GaveUp { setback, retries } => client.say(gave_up(*setback, *retries)),
            ClientEvent::LostOnLink { what } => lost(client, what),
            ClientEvent::HeartbeatMissed => {
                client.say(" has heard nothing for two heartbeats, and takes its connection as lost.")
            }
            ClientEvent::RpcAnswered { correlation_id, after_ms } => {
                let sentence = client.say(" has the answer to its request ").name(correlation_id);
                sentence.say(format!(", {} after it was sent.", span(*after_ms)))
            }
            ClientEvent::RpcTimedOut { correlation_id, after_ms } => {
                let sentence = client.say(" gives up its request ").name(correlation_id);
                sentence.say(format!(": no answer came in {}.", span(*after_ms)))
            }
            ClientEvent::RpcUnknown { correlation_id: Some(id) } => {
                client.say(" waits for no answer with correlation id ").name(id).say(", and leaves it alone.")
            }
            ClientEvent::RpcUnknown { correlation_id: None } => {
                client.say(" cannot tell what this answers: it has no correlation id.")
            }
            ClientEvent::NoReplyTo { .. } => {
                client.say(" cannot answer: the request does not say where to (it has no reply_to).")
            }
            ClientEvent::Ignored { method } => Sentence::words("the broker ignores a ")
                .say(method_name(method))
                .say(" of ")
                .then(client)
                .say(": the channel that it came over is closed by now.")
                .capitalised(),
            ClientEvent::NotSent { error } => client.say(format!(" cannot send that: {}.", impossible(error))),
        }
    }

    /// The broker's answer to what a client sent.
    fn answered(&self, entry: &LogEntry, client: Sentence, reply: &Reply) -> Sentence {
        let asked = match self.entry(entry.cause).map(|cause| &cause.kind) {
            Some(LogKind::Client { event: ClientEvent::Sent { method, .. }, .. }) => method_name(method),
            Some(LogKind::Client { .. } | LogKind::Broker(_) | LogKind::NotDone { .. }) | None => "request",
        };
        let learns = |what: &str| client.clone().say(" learns that its ").say(asked).say(what);
        match reply {
            Reply::Closed(error) => learns(" was refused, and its channel closed: ").error(error),
            Reply::Refused(error) => learns(" was refused: ").http(error),
            Reply::Got { delivery, .. } => receives(client, delivery),
            Reply::Empty => client.say(" learns that the queue has nothing for it (basic.get-empty)."),
            Reply::Ok | Reply::Flow { .. } => learns(" is done."),
            Reply::DeclareOk { queue, message_count, .. } => {
                let ready = count(*message_count, "Ready message");
                learns(" is done: queue ").name(queue).say(" is there, with ").say(ready).say(".")
            }
            Reply::Count { message_count } => {
                let gone = count(*message_count, "message");
                learns(" is done: it took away ").say(gone).say(".")
            }
            Reply::Consumer { consumer_tag } => learns(" is done (consumer tag ").name(consumer_tag).say(")."),
        }
    }
}

fn received(client: Sentence, frame: &Frame) -> Sentence {
    match frame {
        Frame::Deliver { delivery, .. } => receives(client, delivery),
        Frame::Return { reply_code, reply_text, publish, .. } => client
            .say(" gets its message ")
            .name(&publish.routing_key)
            .say(format!(" back: {} ({reply_code} {reply_text}).", meaning(*reply_code))),
        Frame::Ack { delivery_tag, .. } => client.say(format!(" learns that its publish {delivery_tag} is confirmed.")),
        Frame::Nack { delivery_tag, .. } => {
            client.say(format!(" learns that its publish {delivery_tag} was refused (basic.nack)."))
        }
        Frame::Cancel { consumer_tag, .. } => {
            let sentence = client.say(" learns that its consumer ").name(consumer_tag);
            sentence.say(" was cancelled: nothing more comes to it (basic.cancel).")
        }
        Frame::ChannelClosed { error, .. } => client.say(" learns that its channel was closed: ").error(error),
        Frame::ConnectionClosed { error, .. } => client.say(" learns that its connection was closed: ").error(error),
    }
}

fn joined(spec: &ClientSpec) -> Sentence {
    let sentence = Sentence::of(&spec.name);
    match &spec.role {
        Role::Producer(producer) => sentence
            .say(" starts: it will publish to ")
            .then(exchange(&producer.exchange))
            .then(keys(&producer.routing_keys(), producer.templates))
            .say("."),
        Role::Consumer(consumer) if consumer.queues.is_empty() => sentence.say(" starts: it consumes from no queue."),
        Role::Consumer(consumer) => {
            sentence.say(" starts: it will consume from ").then(queues(&consumer.queues)).say(".")
        }
        Role::Worker(worker) => sentence
            .say(" starts: it will consume from ")
            .then(queues(&worker.consume.queues))
            .say(", and publish to ")
            .then(exchange(&worker.publish.exchange))
            .say(" for each message."),
        Role::RpcClient(client) => sentence
            .say(" starts: it will publish requests to ")
            .then(exchange(&client.request.exchange))
            .then(keys(&client.request.routing_keys(), client.request.templates))
            .say(format!(", and wait up to {} for each answer.", span(client.timeout_ms))),
        Role::RpcServer(server) => {
            sentence.say(" starts: it will answer requests from ").then(queues(&server.consume.queues)).say(".")
        }
    }
}

/// The routing keys that somebody publishes with. Of a template that is one of several keys by chance, these keys.
fn keys(keys: &[Name], has_templates: bool) -> Sentence {
    let only = keys.first().filter(|_| keys.len() == 1);
    let picked = only.filter(|_| has_templates).and_then(|key| {
        let inside = key.strip_prefix("{pick:")?.strip_suffix('}')?;
        (!inside.contains(['{', '}'])).then(|| distinct(inside.split('|')))
    });
    if let Some(picked) = picked {
        return Sentence::words(" with one of these routing keys, by chance: ").names(&picked);
    }
    let sentence = match only {
        Some(key) => with_key(key),
        None => Sentence::words(" with the routing keys ").names(keys),
    };
    let has_places = has_templates && keys.iter().any(|key| key.contains('{'));
    if has_places { sentence.say(" (what stands in braces is filled in for each message)") } else { sentence }
}

fn distinct<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<Name> {
    let mut names: Vec<Name> = Vec::new();
    for text in texts {
        if names.iter().all(|name| name != text) {
            names.push(text.into());
        }
    }
    names
}

/// Queues by their names; the empty one is that which the client declares for itself.
fn queues(names: &[Name]) -> Sentence {
    if names.iter().all(|name| name.is_empty()) {
        return Sentence::words("a queue of its own, which it declares");
    }
    Sentence::default().names(names.iter().filter(|name| !name.is_empty()))
}

fn gave_up(setback: Setback, retries: u32) -> String {
    match setback {
        Setback::Lost => format!(" gives a message up: there is no connection for retry {retries}."),
        Setback::Nacked | Setback::Returned => {
            format!(" gives the message up: it {} again after retry {retries}.", what_befell(setback))
        }
    }
}

fn lost(client: Sentence, what: &Parcel) -> Sentence {
    match what {
        Parcel::Method(method) => Sentence::words(format!("A {} from ", method_name(method)))
            .then(client)
            .say(" is lost on its way: the network link is cut."),
        Parcel::Frame(frame) => Sentence::words(format!("A {} to ", frame_name(frame)))
            .then(client)
            .say(" is lost on its way: the network link is cut."),
        Parcel::Reply(_) => {
            Sentence::words("An answer to ").then(client).say(" is lost on its way: the network link is cut.")
        }
    }
}

/// What was tried, and why it was not done.
pub(super) fn not_done(deed: &Deed, why: &Refusal) -> Sentence {
    let in_vhost =
        |words: &str, name: &Name, vhost: &Name| Sentence::words(words).name(name).say(" in virtual host ").name(vhost);
    let tried = match deed {
        Deed::Client { name, .. } => Sentence::words("What was to be done to ").name(name),
        Deed::StopBroker => Sentence::words("Stopping the broker"),
        Deed::CrashBroker => Sentence::words("Crashing the broker"),
        Deed::StartBroker => Sentence::words("Starting the broker"),
        Deed::PurgeQueue { vhost, queue } => in_vhost("Purging queue ", queue, vhost),
        Deed::DeleteQueue { vhost, queue } => in_vhost("Deleting queue ", queue, vhost),
        Deed::GetMessages { vhost, queue, .. } => in_vhost("Getting messages from queue ", queue, vhost),
        Deed::Settle { settlement, .. } => {
            Sentence::words(format!("The operator's {}", method_name(&settlement.method())))
        }
        Deed::MoveMessages { vhost, queue, to } => {
            let from = Sentence::words("Moving the messages of queue ").name(queue);
            from.then(in_vhost(" to queue ", to, vhost))
        }
        Deed::Operate { operation, .. } => {
            Sentence::words(format!("The operator's {}", method_name(&operation.method())))
        }
        Deed::Manage(_) => Sentence::words("Changing the broker's definitions"),
        Deed::CreateVhost { vhost } => Sentence::words("Creating virtual host ").name(vhost),
        Deed::DeleteVhost { vhost } => Sentence::words("Deleting virtual host ").name(vhost),
        Deed::Join(spec) => Sentence::words("The joining of ").name(&spec.name),
        Deed::Leave { name } => Sentence::words("The leaving of ").name(name),
        Deed::Change(spec) => Sentence::words("The change of ").name(&spec.name),
        Deed::SetPolicy(policy) => in_vhost("Setting policy ", &policy.name, &policy.vhost),
        Deed::ClearPolicy { vhost, name } => in_vhost("Clearing policy ", name, vhost),
    };
    tried.say(" was refused: ").refusal(why)
}

/// How much something at a client matters.
pub(super) fn tone(event: &ClientEvent) -> Tone {
    match event {
        ClientEvent::GaveUp { .. }
        | ClientEvent::Crashed
        | ClientEvent::LostOnLink { .. }
        | ClientEvent::HeartbeatMissed
        | ClientEvent::RpcTimedOut { .. }
        | ClientEvent::RpcUnknown { .. }
        | ClientEvent::NoReplyTo { .. }
        | ClientEvent::NotSent { .. } => Tone::Bad,
        ClientEvent::RpcAnswered { .. } => Tone::Good,
        ClientEvent::Joined { .. }
        | ClientEvent::Left
        | ClientEvent::Changed { .. }
        | ClientEvent::Sent { .. }
        | ClientEvent::Received { .. }
        | ClientEvent::Answered { .. }
        | ClientEvent::WorkStarted { .. }
        | ClientEvent::WorkDone { .. }
        | ClientEvent::Skipped { .. }
        | ClientEvent::Controlled { .. }
        | ClientEvent::Restarted { .. }
        | ClientEvent::Logged { .. }
        | ClientEvent::RetryPlanned { .. }
        | ClientEvent::Ignored { .. } => Tone::Plain,
    }
}

fn frame_name(frame: &Frame) -> &'static str {
    match frame {
        Frame::Deliver { .. } => "basic.deliver",
        Frame::Return { .. } => "basic.return",
        Frame::Ack { .. } => "basic.ack",
        Frame::Nack { .. } => "basic.nack",
        Frame::Cancel { .. } => "basic.cancel",
        Frame::ChannelClosed { .. } => "channel.close",
        Frame::ConnectionClosed { .. } => "connection.close",
    }
}

fn receives(client: Sentence, delivery: &Delivery) -> Sentence {
    let again = if delivery.redelivered { ", redelivered: it was delivered before" } else { "" };
    let sentence = client.say(" receives ").then(content(&delivery.message.payload));
    sentence.say(format!(" (delivery tag {} on its channel{again}).", delivery.delivery_tag))
}

fn controlled(control: &Control) -> String {
    match control {
        Control::Kill => " is killed: its connection breaks.".to_owned(),
        Control::Restart => " is to start again.".to_owned(),
        Control::CloseChannel => " closes its channel.".to_owned(),
        Control::ForceClose { .. } => ": the operator closes its connection.".to_owned(),
        Control::Publish(_) => " is given a message to publish.".to_owned(),
        Control::Pause => " pauses: it begins no more work, and publishes nothing.".to_owned(),
        Control::Resume => " goes on where it stopped.".to_owned(),
        Control::CutLink => "'s network link is cut: what is on its way over it is lost.".to_owned(),
        Control::HoldLink => "'s network link is held: nothing arrives over it until it is released.".to_owned(),
        Control::ReleaseLink => "'s network link is released: what was held arrives now.".to_owned(),
        Control::SetLatency(ms) => format!("'s network link takes {} from now on, one way.", span(*ms)),
        Control::SetPrefetch(prefetch) => {
            format!(" asks for prefetch {prefetch}. It holds for new consumers; those that are there keep theirs.")
        }
        Control::SetSchedule(_) => " publishes on another schedule from now on.".to_owned(),
    }
}

fn what_befell(setback: Setback) -> &'static str {
    match setback {
        Setback::Nacked => "was refused",
        Setback::Returned => "came back",
        Setback::Lost => "was lost with its connection",
    }
}
