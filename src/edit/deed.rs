//! Commands that are done in the running world, as the deeds that they are. They change no scenario.

use std::rc::Rc;

use crate::broker::Name;
use crate::broker::command::BasicPublish;
use crate::broker::properties::{Payload, Properties};
use crate::share::{File, Tree};
use crate::simulation::{Control as ClientControl, Deed, Operation};

use super::command::{BrokerControl, Command, Control, Kind, Settings, Target};
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
            let draft = Draft::of(file)?;
            let target = Target::new(Kind::Exchange, exchange);
            let vhost = match text(settings, "vhost")? {
                Some(vhost) => vhost,
                // What is in no file is one of those that every virtual host has.
                None => draft.find(&target, None).map_or_else(|_| draft.usual_vhost(), |found| found.vhost),
            };
            let mut publish = BasicPublish {
                exchange: exchange.clone(),
                routing_key: key.clone(),
                payload: Payload::from(payload.as_str()),
                ..BasicPublish::default()
            };
            let mut properties = Vec::new();
            for (key, value) in settings.iter().filter(|(key, _)| key != "vhost") {
                match (key.as_str(), value) {
                    ("mandatory", Tree::Flag(flag)) => publish.mandatory = *flag,
                    ("mandatory", _) => return Err(Refusal::new("mandatory: expected true or false")),
                    _ => properties.push((key.clone(), value.clone())),
                }
            }
            publish.properties = Rc::new(Tree::Object(properties).read::<Properties>()?);
            Ok(Some(Deed::Operate { vhost: vhost.into(), operation: Operation::BasicPublish(publish) }))
        }
        Command::Control { control, target, settings } => control_deed(file, *control, target, settings).map(Some),
        Command::Broker(control) => Ok(Some(match control {
            BrokerControl::Stop => Deed::StopBroker,
            BrokerControl::Crash => Deed::CrashBroker,
            BrokerControl::Start => Deed::StartBroker,
        })),
        _ => Ok(None),
    }
}

fn text(settings: &Settings, key: &str) -> Result<Option<String>, Refusal> {
    match settings.iter().find(|(name, _)| name == key) {
        None => Ok(None),
        Some((_, Tree::Text(text))) => Ok(Some(text.clone())),
        Some(_) => Err(Refusal::new(format!("{key}: expected text"))),
    }
}

fn control_deed(file: &File, control: Control, target: &Target, settings: &Settings) -> Result<Deed, Refusal> {
    let found = Draft::of(file)?.find(target, text(settings, "vhost")?.as_deref())?;
    let name: Name = found.name.as_str().into();
    let control = match control {
        Control::Purge if found.kind == Kind::Queue => {
            return Ok(Deed::PurgeQueue { vhost: found.vhost.as_str().into(), queue: name });
        }
        Control::Purge => return Err(Refusal::new(format!("`{name}` is no queue"))),
        Control::Kill => ClientControl::Kill,
        Control::Restart => ClientControl::Restart,
        Control::Pause => ClientControl::Pause,
        Control::Resume => ClientControl::Resume,
        Control::CloseChannel => ClientControl::CloseChannel,
        Control::Hold => ClientControl::HoldLink,
        Control::Release => ClientControl::ReleaseLink,
    };
    if !found.kind.is_client() {
        return Err(Refusal::new(format!("`{name}` is no client")));
    }
    let connection = match settings.iter().find(|(key, _)| key == "connection") {
        None => None,
        Some((_, Tree::Count(number))) => u16::try_from(*number).ok(),
        Some(_) => return Err(Refusal::new("connection: expected a number from 0")),
    };
    Ok(Deed::Client { name, connection, control })
}
