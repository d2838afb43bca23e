//! From a command to its line.

use std::fmt;

use super::super::words::{quoted, setting};
use super::{Command, Settings};
use crate::broker::Name;
use crate::share::Tree;

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Command::Add { kind, name, flags, from, to, settings } => {
                write!(f, "{}", kind.word())?;
                write_new(f, (name, flags), (from, to.as_ref()))?;
                write_settings(f, settings)
            }
            Command::Bind { undo, source, destination, key, settings } => {
                let verb = if *undo { "unbind" } else { "bind" };
                write!(f, "{verb} {} -> {destination}", quoted(source))?;
                if !key.is_empty() {
                    write!(f, " {}", quoted(key))?;
                }
                write_settings(f, settings)
            }
            Command::Set { target, flags, settings } => {
                write!(f, "set {target}")?;
                flags.iter().try_for_each(|flag| write!(f, " {}", quoted(flag)))?;
                write_settings(f, settings)
            }
            Command::Put { settings } => f.write_str("put").and_then(|()| write_settings(f, settings)),
            Command::Rename { target, name } => write!(f, "rename {target} {}", quoted(name)),
            Command::Duplicate { targets, name } => {
                f.write_str("duplicate")?;
                targets.iter().try_for_each(|target| write!(f, " {target}"))?;
                if name.is_empty() { Ok(()) } else { write!(f, " {}", setting("name", &Tree::from(&**name))) }
            }
            Command::Paste { scenario, to } => {
                write!(f, "paste {}", setting("scenario", scenario))?;
                to.map_or(Ok(()), |(x, y)| write!(f, " x={x} y={y}"))
            }
            Command::Arrange => f.write_str("arrange"),
            Command::Steps(steps) => steps.iter().enumerate().try_for_each(|(place, step)| {
                let between = if place == 0 { "" } else { " ; " };
                write!(f, "{between}{step}")
            }),
            Command::Scenario { name } => write!(f, "scenario {}", quoted(name)),
            Command::Delete { targets } => {
                f.write_str("delete")?;
                targets.iter().try_for_each(|target| write!(f, " {target}"))
            }
            Command::Move { target, to: None } => write!(f, "move {target}"),
            Command::Move { target, to: Some((x, y)) } => write!(f, "move {target} {x} {y}"),
            Command::Publish { exchange, key, payload, settings } => {
                write!(f, "publish {} {} {}", quoted(exchange), quoted(key), quoted(payload))?;
                write_settings(f, settings)
            }
            Command::Get { queue, settings } => {
                write!(f, "get {queue}")?;
                write_settings(f, settings)
            }
            Command::Settle { answer, delivery_tag, settings } => {
                write!(f, "{} {delivery_tag}", answer.word())?;
                write_settings(f, settings)
            }
            Command::MoveMessages { queue, to, settings } => {
                write!(f, "move {queue} -> {}", quoted(to))?;
                write_settings(f, settings)
            }
            Command::Control { control, target, settings } => {
                write!(f, "{} {target}", control.word())?;
                write_settings(f, settings)
            }
            Command::Broker(control) => write!(f, "{} broker", control.word()),
            Command::Compare(changed) => write!(f, "compare {changed}"),
        }
    }
}

fn write_settings(f: &mut fmt::Formatter<'_>, settings: &Settings) -> fmt::Result {
    settings.iter().try_for_each(|(key, value)| write!(f, " {}", setting(key, value)))
}

/// What something new is called, and what it is connected with.
fn write_new(
    f: &mut fmt::Formatter<'_>,
    (name, flags): (&Name, &[String]),
    (from, to): (&[Name], Option<&(Name, Option<Name>)>),
) -> fmt::Result {
    if !name.is_empty() || !flags.is_empty() {
        write!(f, " {}", quoted(name))?;
    }
    if !from.is_empty() {
        f.write_str(" <-")?;
        from.iter().try_for_each(|queue| write!(f, " {}", quoted(queue)))?;
    }
    if let Some((exchange, key)) = to {
        write!(f, " -> {}", quoted(exchange))?;
        key.iter().try_for_each(|key| write!(f, " {}", quoted(key)))?;
    }
    flags.iter().try_for_each(|flag| write!(f, " {}", quoted(flag)))?;
    Ok(())
}
