//! Commands that are done in the running world, as the deeds that they are. They change nothing
//! of a scenario but its script.

use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::broker::Name;
use crate::broker::command::BasicPublish;
use crate::broker::properties::{Payload, Properties};
use crate::share::{File, Tree};
use crate::simulation::{Control as ClientControl, Deed, GetEncoding, GetMode, Operation, Settlement};

use super::catalog::{Form, PROPERTIES};
use super::command::{Answer, BrokerControl, Command, Control, Kind, Settings, Target};
use super::draft::Draft;
use super::refusal::Refusal;

/// The deed that a command is; none if it changes the scenario instead.
///
/// # Errors
///
/// If it names something that is not there, or a value that cannot be.
pub fn deed(file: &File, command: &Command) -> Result<Option<Deed>, Refusal> {
    match command {
        Command::Publish { exchange, key, payload, settings } => {
            publish(file, exchange, key, payload, settings).map(Some)
        }
        Command::Get { queue, settings } => get(file, queue, settings).map(Some),
        Command::Settle { answer, delivery_tag, settings } => settle(file, *answer, *delivery_tag, settings).map(Some),
        Command::MoveMessages { queue, to, settings } => {
            let given = Given::new(settings, &["vhost"])?;
            let (vhost, queue) = queue_of(file, queue, &given)?;
            Ok(Some(Deed::MoveMessages { vhost, queue, to: to.clone() }))
        }
        Command::Control { control, target, settings } => control_deed(file, *control, target, settings).map(Some),
        Command::Broker(control) => Ok(Some(match control {
            BrokerControl::Stop => Deed::StopBroker,
            BrokerControl::Crash => Deed::CrashBroker,
            BrokerControl::Start => Deed::StartBroker,
        })),
        Command::Steps(steps) => {
            for step in steps {
                if deed(file, step)?.is_some() {
                    return Err(Refusal::new(format!("`{step}` is done in the running world: write it alone")));
                }
            }
            Ok(None)
        }
        _ => Ok(None),
    }
}

/// Whether all of some steps are done in the running world.
pub fn are_deeds(steps: &[Command]) -> bool {
    let is_deed = |step: &Command| {
        matches!(
            step,
            Command::Publish { .. }
                | Command::Get { .. }
                | Command::Settle { .. }
                | Command::MoveMessages { .. }
                | Command::Control { .. }
                | Command::Broker(_)
        )
    };
    !steps.is_empty() && steps.iter().all(is_deed)
}

/// The settings of a command, none of which is unknown.
struct Given<'a>(&'a Settings);

impl<'a> Given<'a> {
    fn new(settings: &'a Settings, known: &[&str]) -> Result<Self, Refusal> {
        match settings.iter().find(|(key, _)| !known.contains(&key.as_str())) {
            None => Ok(Given(settings)),
            Some((key, _)) => Err(at(key, &format!("expected {} here", known.join(", ")))),
        }
    }

    fn value(&self, key: &str) -> Option<&'a Tree> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    fn text(&self, key: &str) -> Result<Option<&'a str>, Refusal> {
        match self.value(key) {
            None => Ok(None),
            Some(Tree::Text(text)) => Ok(Some(text)),
            Some(_) => Err(at(key, "expected text")),
        }
    }

    fn flag(&self, key: &str, otherwise: bool) -> Result<bool, Refusal> {
        match self.value(key) {
            None => Ok(otherwise),
            Some(Tree::Flag(flag)) => Ok(*flag),
            Some(_) => Err(at(key, "expected true or false")),
        }
    }

    fn number(&self, key: &str, range: std::ops::RangeInclusive<u64>) -> Result<Option<u64>, Refusal> {
        match self.value(key) {
            None => Ok(None),
            Some(Tree::Count(number)) if range.contains(number) => Ok(Some(*number)),
            Some(_) => Err(at(key, &format!("expected a number from {} to {}", range.start(), range.end()))),
        }
    }

    fn vhost(&self, file: &File) -> Result<Name, Refusal> {
        Ok(match self.text("vhost")? {
            Some(vhost) => vhost.into(),
            None => Draft::of(file)?.usual_vhost().as_str().into(),
        })
    }

    /// Which of a client's connections.
    fn connection(&self) -> Result<Option<u16>, Refusal> {
        let number = self.number("connection", 0..=u64::from(u16::MAX))?;
        Ok(number.and_then(|number| u16::try_from(number).ok()))
    }
}

/// A reason that lies in a setting.
fn at(key: &str, problem: &str) -> Refusal {
    Refusal { place: key.to_owned(), problem: problem.to_owned() }
}

/// What a publish takes besides properties.
const PUBLISH_SETTINGS: [&str; 5] = ["mandatory", "payload_encoding", "from", "connection", "vhost"];

fn publish(file: &File, exchange: &Name, key: &Name, payload: &str, settings: &Settings) -> Result<Deed, Refusal> {
    let is_own = |key: &str| PUBLISH_SETTINGS.contains(&key);
    let (own, properties): (Settings, Settings) = settings.iter().cloned().partition(|(key, _)| is_own(key));
    let given = Given::new(&own, &PUBLISH_SETTINGS)?;
    let from = given.text("from")?;
    let mut publish = BasicPublish {
        exchange: exchange.clone(),
        routing_key: key.clone(),
        // The management UI always asks to be told; a client does as it is told.
        mandatory: given.flag("mandatory", from.is_none())?,
        payload: payload_of(payload, given.text("payload_encoding")?)?,
        ..BasicPublish::default()
    };
    let properties = properties.into_iter().map(|(key, value)| as_text(key, value)).collect();
    publish.properties = Rc::new(Tree::Object(properties).read::<Properties>()?);
    if let Some(name) = from {
        let found = Draft::of(file)?.find(&Target { kind: None, vhost: None, name: name.into() }, None);
        let found = found.map_err(|refusal| at("from", &refusal.problem))?;
        if !found.kind.is_client() {
            return Err(at("from", &format!("`{name}` is no client")));
        }
        let control = ClientControl::Publish(publish);
        return Ok(Deed::Client { name: name.into(), connection: given.connection()?, control });
    }
    let vhost = match given.text("vhost")? {
        Some(vhost) => vhost.into(),
        // What is in no file is one of those that every virtual host has.
        None => match Draft::of(file)?.find(&Target::new(Kind::Exchange, exchange), None) {
            Ok(found) => found.vhost.as_str().into(),
            Err(_) => given.vhost(file)?,
        },
    };
    Ok(Deed::Operate { vhost, operation: Operation::BasicPublish(publish) })
}

/// A number that stands for a property that is text, such as an expiration, is that text.
fn as_text(key: String, value: Tree) -> (String, Tree) {
    let is_text = PROPERTIES.iter().any(|entry| entry.key == key && entry.form == Form::Text);
    match value {
        Tree::Count(number) if is_text => (key, Tree::Text(number.to_string())),
        value => (key, value),
    }
}

/// A payload as the management API takes it.
fn payload_of(payload: &str, encoding: Option<&str>) -> Result<Payload, Refusal> {
    match encoding {
        None | Some("string") => Ok(Payload::from(payload)),
        Some("base64") => match STANDARD.decode(payload) {
            Ok(bytes) => Ok(Payload::from(bytes)),
            Err(_) => Err(at("payload", "expected base64, such as aGVsbG8=")),
        },
        Some(_) => Err(at("payload_encoding", "expected string or base64")),
    }
}

/// A queue of the file, or one that came to be while the scenario plays: whether it is there is for the broker to say.
fn queue_of(file: &File, target: &Target, given: &Given) -> Result<(Name, Name), Refusal> {
    if let Some(vhost) = given.text("vhost")? {
        return Ok((vhost.into(), target.name.clone()));
    }
    let draft = Draft::of(file)?;
    let of_name = |kind: Kind| draft.all(kind).any(|found| found.name == *target.name);
    if of_name(Kind::Queue) {
        let found = draft.find(&Target::new(Kind::Queue, &target.name), None)?;
        return Ok((found.vhost.as_str().into(), target.name.clone()));
    }
    if target.kind.is_some_and(|kind| kind != Kind::Queue) || Kind::ALL.into_iter().any(of_name) {
        return Err(Refusal::new(format!("`{}` is no queue", target.name)));
    }
    Ok((given.vhost(file)?, target.name.clone()))
}

fn get(file: &File, queue: &Target, settings: &Settings) -> Result<Deed, Refusal> {
    let given = Given::new(settings, &["count", "ackmode", "encoding", "vhost"])?;
    let count = given.number("count", 1..=10_000)?.unwrap_or(1);
    let ackmode = match given.text("ackmode")? {
        None => GetMode::default(),
        Some(word) => match GetMode::ALL.into_iter().find(|mode| mode.as_str() == word) {
            Some(mode) => mode,
            None => return Err(at("ackmode", &format!("expected {}", GetMode::ALL.map(GetMode::as_str).join(" or ")))),
        },
    };
    let encoding = match given.text("encoding")? {
        None => GetEncoding::default(),
        Some(word) => match GetEncoding::ALL.into_iter().find(|encoding| encoding.as_str() == word) {
            Some(encoding) => encoding,
            None => return Err(at("encoding", "expected auto or base64")),
        },
    };
    let (vhost, queue) = queue_of(file, queue, &given)?;
    Ok(Deed::GetMessages { vhost, queue, count: u32::try_from(count).unwrap_or(1), ackmode, encoding })
}

fn settle(file: &File, answer: Answer, delivery_tag: u64, settings: &Settings) -> Result<Deed, Refusal> {
    let known: &[&str] = match answer {
        Answer::Ack => &["multiple", "vhost"],
        Answer::Nack => &["multiple", "requeue", "vhost"],
        Answer::Reject => &["requeue", "vhost"],
    };
    let given = Given::new(settings, known)?;
    // Left out, messages go back, as in AMQP.
    let (multiple, requeue) = (given.flag("multiple", false)?, given.flag("requeue", true)?);
    let settlement = match answer {
        Answer::Ack => Settlement::Ack { delivery_tag, multiple },
        Answer::Nack => Settlement::Nack { delivery_tag, multiple, requeue },
        Answer::Reject => Settlement::Reject { delivery_tag, requeue },
    };
    Ok(Deed::Settle { vhost: given.vhost(file)?, settlement })
}

fn control_deed(file: &File, control: Control, target: &Target, settings: &Settings) -> Result<Deed, Refusal> {
    let known: &[&str] = match control {
        Control::Purge => &["vhost"],
        Control::ForceClose => &["connection", "reason"],
        Control::Pause | Control::Resume => &[],
        _ => &["connection"],
    };
    let given = Given::new(settings, known)?;
    let client = match control {
        Control::Purge => {
            let (vhost, queue) = queue_of(file, target, &given)?;
            return Ok(Deed::PurgeQueue { vhost, queue });
        }
        Control::Kill => ClientControl::Kill,
        Control::Restart => ClientControl::Restart,
        Control::Pause => ClientControl::Pause,
        Control::Resume => ClientControl::Resume,
        Control::CloseChannel => ClientControl::CloseChannel,
        Control::ForceClose => ClientControl::ForceClose { reason: given.text("reason")?.unwrap_or_default().into() },
        Control::Hold => ClientControl::HoldLink,
        Control::Release => ClientControl::ReleaseLink,
    };
    let found = Draft::of(file)?.find(target, None)?;
    let name: Name = found.name.as_str().into();
    if !found.kind.is_client() {
        return Err(Refusal::new(format!("`{name}` is no client")));
    }
    Ok(Deed::Client { name, connection: given.connection()?, control: client })
}
