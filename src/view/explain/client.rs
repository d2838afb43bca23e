//! Sentences about clients: what they send, receive, work on and decide, and what is done to them.

use crate::broker::message::Delivery;
use crate::broker::{Frame, Method, Name, Reply};
use crate::simulation::{
    ClientEvent, ClientId, ClientSpec, Control, Deed, LogEntry, LogKind, Parcel, Refusal, Role, Setback,
};

use super::error::{impossible, meaning};
use super::{Teller, Tone, called, method_name};
use crate::view::graph::exchange_name;
use crate::view::sentence::{Sentence, excerpt, span};

impl Teller<'_> {
    pub(super) fn client(&self, entry: &LogEntry, id: ClientId, connection: u16, event: &ClientEvent) -> Sentence {
        let client = self.client_on(id, connection);
        match event {
            ClientEvent::Joined { spec, .. } => joined(spec),
            ClientEvent::Left => Sentence::of(&self.client_name(id)).say(" closes its connections and leaves."),
            ClientEvent::Sent { method, arrives_ms } => {
                let on_its_way = span(arrives_ms.saturating_sub(entry.at_ms));
                self.sent(entry, client, method, &on_its_way)
            }
            ClientEvent::Received { frame } => self.received(client, frame),
            ClientEvent::Answered { reply } => answered(client, reply),
            ClientEvent::WorkStarted { until_ms, delivery_tag } => {
                let message = self.held(entry, *delivery_tag);
                let length = span(until_ms.saturating_sub(entry.at_ms));
                let client = client.say(" works on ");
                let client = match message {
                    Some(key) => client.name(&key),
                    None => client.say("it"),
                };
                client.say(format!(" for {length}."))
            }
            ClientEvent::WorkDone { .. } => client.say(" is done with it."),
            ClientEvent::Skipped { message_id, .. } => {
                client.say(" has dealt with message id ").name(message_id).say(" before, and leaves the message alone.")
            }
            ClientEvent::Crashed => Sentence::of(&self.client_name(id)).say(" crashes: its connection breaks."),
            ClientEvent::Controlled { control, connection: Some(_) } => client.say(controlled(control)),
            ClientEvent::Controlled { control, connection: None } => {
                Sentence::of(&self.client_name(id)).say(controlled(control))
            }
            ClientEvent::Restarted { .. } => client.say(" starts again, with a new connection."),
            ClientEvent::Logged { .. } | ClientEvent::RetryPlanned { .. } | ClientEvent::GaveUp { .. } => {
                set_back(entry, client, event)
            }
            ClientEvent::LostOnLink { what } => lost(client, what),
            ClientEvent::HeartbeatMissed => {
                client.say(" has heard nothing for two heartbeats, and takes its connection as lost.")
            }
            ClientEvent::RpcAnswered { .. }
            | ClientEvent::RpcTimedOut { .. }
            | ClientEvent::RpcUnknown { .. }
            | ClientEvent::NoReplyTo { .. } => rpc(client, event),
            ClientEvent::Ignored { method } => Sentence::words(format!("What came of {} from ", method_name(method)))
                .then(client)
                .say(" was ignored: its channel is closed."),
            ClientEvent::NotSent { error } => client.say(format!(" cannot send that: {}.", impossible(error))),
        }
    }

    /// What the delivery is called that a client works on: its receipt is among the causes, or was earlier.
    fn held(&self, entry: &LogEntry, delivery_tag: u64) -> Option<Name> {
        let mut cause = self.entry(entry.cause);
        for _ in 0..3 {
            let LogKind::Client {
                event:
                    ClientEvent::Received { frame: Frame::Deliver { delivery, .. } }
                    | ClientEvent::Answered { reply: Reply::Got { delivery, .. } },
                ..
            } = &cause?.kind
            else {
                cause = self.entry(cause?.cause);
                continue;
            };
            return (delivery.delivery_tag == delivery_tag).then(|| called(&delivery.message));
        }
        None
    }

    fn sent(&self, entry: &LogEntry, client: Sentence, method: &Method, on_its_way: &str) -> Sentence {
        match method {
            Method::BasicPublish(publish) => client
                .say(" publishes ")
                .name(&excerpt(&publish.payload))
                .say(" to ")
                .name(&exchange_name(&publish.exchange))
                .say(" with routing key ")
                .name(&publish.routing_key)
                .say(format!("; it is on its way for {on_its_way}.")),
            Method::BasicAck { .. } => {
                let key = self.done(entry);
                let client = client.say(" sends basic.ack");
                match key {
                    Some(key) => client.say(" for ").name(&key).say("."),
                    None => client.say("."),
                }
            }
            Method::BasicNack { requeue, .. } => client.say(format!(" sends basic.nack, requeue {requeue}.")),
            Method::BasicReject { requeue, .. } => client.say(format!(" sends basic.reject, requeue {requeue}.")),
            other => client.say(format!(" sends {}.", method_name(other))),
        }
    }

    /// What the delivery is called whose work an acknowledgement follows.
    fn done(&self, entry: &LogEntry) -> Option<Name> {
        let done = self.entry(entry.cause)?;
        let LogKind::Client { event: ClientEvent::WorkDone { delivery_tag }, .. } = &done.kind else { return None };
        self.held(self.entry(done.cause)?, *delivery_tag)
    }

    fn received(&self, client: Sentence, frame: &Frame) -> Sentence {
        match frame {
            Frame::Deliver { delivery, .. } => receives(client, delivery),
            Frame::Return { reply_code, reply_text, publish, .. } => client
                .say(" gets its message ")
                .name(&publish.routing_key)
                .say(format!(" back: {} ({reply_code} {reply_text}).", meaning(*reply_code))),
            Frame::Ack { delivery_tag, .. } => client.say(format!(" learns that publish {delivery_tag} is confirmed.")),
            Frame::Nack { delivery_tag, .. } => client.say(format!(" learns that publish {delivery_tag} was refused.")),
            Frame::Cancel { consumer_tag, .. } => {
                client.say(" learns that its consumer ").name(consumer_tag).say(" was cancelled.")
            }
            Frame::ChannelClosed { error, .. } => client.say(" learns that its channel was closed: ").error(error),
            Frame::ConnectionClosed { error, .. } => {
                client.say(" learns that its connection was closed: ").error(error)
            }
        }
    }
}

fn joined(spec: &ClientSpec) -> Sentence {
    let sentence = Sentence::of(&spec.name);
    match &spec.role {
        Role::Producer(producer) => sentence
            .say(" starts: it will publish to ")
            .name(&exchange_name(&producer.exchange))
            .say(" with routing key ")
            .names(&producer.routing_keys())
            .say("."),
        Role::Consumer(consumer) if consumer.queues.is_empty() => sentence.say(" starts: it consumes from no queue."),
        Role::Consumer(consumer) => {
            sentence.say(" starts: it will consume from ").then(queues(&consumer.queues)).say(".")
        }
        Role::Worker(worker) => sentence
            .say(" starts: it will consume from ")
            .then(queues(&worker.consume.queues))
            .say(", and publish to ")
            .name(&exchange_name(&worker.publish.exchange))
            .say(" for each message."),
        Role::RpcClient(client) => sentence
            .say(" starts: it will publish requests to ")
            .name(&exchange_name(&client.request.exchange))
            .say(" with routing key ")
            .names(&client.request.routing_keys())
            .say(format!(", and wait up to {} for each answer.", span(client.timeout_ms))),
        Role::RpcServer(server) => {
            sentence.say(" starts: it will answer requests from ").then(queues(&server.consume.queues)).say(".")
        }
    }
}

/// Queues by their names; the empty one is that which the client declares for itself.
fn queues(names: &[Name]) -> Sentence {
    if names.iter().all(|name| name.is_empty()) {
        return Sentence::words("a queue that it declares");
    }
    Sentence::default().names(names.iter().filter(|name| !name.is_empty()))
}

fn set_back(entry: &LogEntry, client: Sentence, event: &ClientEvent) -> Sentence {
    match event {
        ClientEvent::Logged { setback } => {
            client.say(format!(" writes to its log that a message {}.", what_befell(*setback)))
        }
        ClientEvent::RetryPlanned { setback, retry, at_ms } => client.say(format!(
            " will publish the message that {} again in {} (retry {retry}).",
            what_befell(*setback),
            span(at_ms.saturating_sub(entry.at_ms))
        )),
        ClientEvent::GaveUp { setback: Setback::Lost, retries } => {
            client.say(format!(" gives a message up: there is no connection for retry {retries}."))
        }
        ClientEvent::GaveUp { setback, retries } => {
            client.say(format!(" gives the message up: it {} again after retry {retries}.", what_befell(*setback)))
        }
        _ => client,
    }
}

fn lost(client: Sentence, what: &Parcel) -> Sentence {
    match what {
        Parcel::Method(method) => {
            Sentence::words(format!("{} from ", method_name(method))).then(client).say(" is lost: its link is cut.")
        }
        Parcel::Frame(frame) => {
            Sentence::words(format!("{} to ", frame_name(frame))).then(client).say(" is lost: its link is cut.")
        }
        Parcel::Reply(_) => Sentence::words("An answer to ").then(client).say(" is lost: its link is cut."),
    }
}

fn rpc(client: Sentence, event: &ClientEvent) -> Sentence {
    match event {
        ClientEvent::RpcAnswered { correlation_id, after_ms } => client
            .say(" has the answer to its request ")
            .name(correlation_id)
            .say(format!(", {} after it was sent.", span(*after_ms))),
        ClientEvent::RpcTimedOut { correlation_id, after_ms } => client
            .say(" gives up its request ")
            .name(correlation_id)
            .say(format!(": no answer came in {}.", span(*after_ms))),
        ClientEvent::RpcUnknown { correlation_id: Some(id) } => {
            client.say(" waits for no answer with correlation id ").name(id).say(", and leaves it alone.")
        }
        ClientEvent::RpcUnknown { correlation_id: None } => {
            client.say(" cannot tell what this answers: it has no correlation id.")
        }
        ClientEvent::NoReplyTo { .. } => client.say(" cannot answer: the request has no reply_to."),
        _ => client,
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
    let again = if delivery.redelivered { ", redelivered" } else { "" };
    client
        .say(" receives ")
        .name(&excerpt(&delivery.message.payload))
        .say(format!(" (delivery tag {}{again}).", delivery.delivery_tag))
}

fn answered(client: Sentence, reply: &Reply) -> Sentence {
    match reply {
        Reply::Closed(error) => client.say(" is refused: ").error(error),
        Reply::Refused(error) => client.say(" is refused: ").http(error),
        Reply::Got { delivery, .. } => receives(client, delivery),
        Reply::Empty => client.say(" learns that the queue has nothing for it (basic.get-empty)."),
        Reply::Ok | Reply::DeclareOk { .. } | Reply::Count { .. } | Reply::Consumer { .. } | Reply::Flow { .. } => {
            client.say(" gets its answer.")
        }
    }
}

fn controlled(control: &Control) -> String {
    match control {
        Control::Kill => " is killed: its connection breaks.".to_owned(),
        Control::Restart => " is to start again.".to_owned(),
        Control::CloseChannel => " closes its channel.".to_owned(),
        Control::ForceClose { .. } => ": the operator closes its connection.".to_owned(),
        Control::Publish(_) => " is given a message to publish.".to_owned(),
        Control::Pause => " pauses: it takes up nothing more, and publishes nothing.".to_owned(),
        Control::Resume => " goes on where it stopped.".to_owned(),
        Control::CutLink => "'s link is cut: what is on it is lost.".to_owned(),
        Control::HoldLink => "'s link is held: nothing arrives over it.".to_owned(),
        Control::ReleaseLink => "'s link is released: what was held arrives now.".to_owned(),
        Control::SetLatency(ms) => format!("'s link takes {} from now on, one way.", span(*ms)),
        Control::SetPrefetch(prefetch) => {
            format!(" asks for prefetch {prefetch}. It holds for new consumers; those that are there keep theirs.")
        }
        Control::SetSchedule(_) => " publishes to another schedule from now on.".to_owned(),
    }
}

fn what_befell(setback: Setback) -> &'static str {
    match setback {
        Setback::Nacked => "was refused",
        Setback::Returned => "came back",
        Setback::Lost => "was lost with its connection",
    }
}
