//! From a command to its line.

use std::fmt;

use super::super::words::{quoted, setting};
use super::{Command, Settings};

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Command::Add { kind, name, flags, from, to, settings } => {
                write!(f, "{}", kind.word())?;
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
            Command::Rename { target, name } => write!(f, "rename {target} {}", quoted(name)),
            Command::Duplicate { target, name } if name.is_empty() => write!(f, "duplicate {target}"),
            Command::Duplicate { target, name } => write!(f, "duplicate {target} {}", quoted(name)),
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
        }
    }
}

fn write_settings(f: &mut fmt::Formatter<'_>, settings: &Settings) -> fmt::Result {
    settings.iter().try_for_each(|(key, value)| write!(f, " {}", setting(key, value)))
}
