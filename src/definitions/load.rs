//! Giving definitions to a broker, and telling of everything that does not become part of it.
//!
//! What always holds: an entry is in the broker afterwards, or it is in the report's `left_out`, so that an export of
//! both holds all that was imported; and of each entry that the broker did not take, or that does not do here what it
//! does in RabbitMQ, there is a remark.

use super::{Definitions, Entry, Place};
use crate::broker::command::Import;
use crate::broker::import::is_reserved;
use crate::broker::{Broker, Command, Manage, Reply, Sink};

/// What became of definitions that were loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What there is to say, in the order of the file's sections.
    pub remarks: Vec<Remark>,
    /// The entries that the broker did not take. They belong into an export, for they were in the file.
    pub left_out: Definitions,
}

/// Something to say about a place in definitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Where: `queues[3]`, `queues[3].type`.
    pub place: String,
    /// What kind of thing it is.
    pub kind: RemarkKind,
    /// The rest of the sentence; RabbitMQ's own reason where it refuses.
    pub text: String,
}

/// What a remark is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemarkKind {
    /// RabbitMQ ends the import with this reason. Here the other entries are imported all the same.
    Refused,
    /// RabbitMQ does not import it, and says so only in its log, if at all.
    Skipped,
    /// It is imported and exported, and has no effect in Warren.
    NotSimulated,
}

impl std::fmt::Display for Remark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.place, self.text)
    }
}

impl Remark {
    /// A remark about something that RabbitMQ passes over.
    pub fn skipped(place: impl ToString, text: impl Into<String>) -> Self {
        Remark { place: place.to_string(), kind: RemarkKind::Skipped, text: text.into() }
    }

    pub(super) fn refused(place: impl ToString, text: impl Into<String>) -> Self {
        Remark { place: place.to_string(), kind: RemarkKind::Refused, text: text.into() }
    }

    pub(super) fn not_simulated(place: impl ToString, text: impl Into<String>) -> Self {
        Remark { place: place.to_string(), kind: RemarkKind::NotSimulated, text: text.into() }
    }
}

impl Definitions {
    /// Imports everything, in RabbitMQ's order. Each entry is a command, at the broker's moment.
    pub fn load<S: Sink>(&self, broker: &mut Broker, sink: &mut S) -> Report {
        let mut report = Report::default();
        for (place, first) in self.repeated() {
            report.remarks.push(Remark::skipped(place, format!("{first} is about the same; only one of them counts")));
        }
        for Entry { place, import } in self.plan() {
            self.remark(place, &import, &mut report.remarks);
            let reserved = match &import {
                Import::Exchange { declare, .. } => is_reserved(&declare.exchange),
                Import::Queue { declare, .. } => is_reserved(&declare.queue),
                _ => false,
            };
            let is_own = !matches!((place.section, &import), ("vhosts", Import::Permission { .. }));
            let refused = self.contradiction(place, &import).or_else(|| refusal(broker, import, sink));
            if is_own && (reserved || refused.is_some()) {
                self.leave_out(place, &mut report.left_out);
            }
            if let Some(text) = refused {
                report.remarks.push(Remark::refused(place, text));
            }
        }
        report
    }

    /// Copies an entry to those that are left out.
    fn leave_out(&self, Place { section, index }: Place, left_out: &mut Definitions) {
        fn copy<T: Clone>(from: &[T], index: usize, to: &mut Vec<T>) {
            to.extend(from.get(index).cloned());
        }
        match section {
            "users" => copy(&self.users, index, &mut left_out.users),
            "vhosts" => copy(&self.vhosts, index, &mut left_out.vhosts),
            "permissions" => copy(&self.permissions, index, &mut left_out.permissions),
            "topic_permissions" => copy(&self.topic_permissions, index, &mut left_out.topic_permissions),
            "parameters" => copy(&self.parameters, index, &mut left_out.parameters),
            "global_parameters" => copy(&self.global_parameters, index, &mut left_out.global_parameters),
            "policies" => copy(&self.policies, index, &mut left_out.policies),
            "exchanges" => copy(&self.exchanges, index, &mut left_out.exchanges),
            "queues" => copy(&self.queues, index, &mut left_out.queues),
            _ => copy(&self.bindings, index, &mut left_out.bindings),
        }
    }

    /// Adds entries that an import left out, where there is nothing of their name by now.
    #[must_use]
    pub fn and(mut self, left_out: &Definitions) -> Self {
        let added = left_out.clone();
        self.users.extend(added.users);
        self.vhosts.extend(added.vhosts);
        self.permissions.extend(added.permissions);
        self.topic_permissions.extend(added.topic_permissions);
        self.parameters.extend(added.parameters);
        self.global_parameters.extend(added.global_parameters);
        self.policies.extend(added.policies);
        self.exchanges.extend(added.exchanges);
        self.queues.extend(added.queues);
        self.bindings.extend(added.bindings);
        for (place, _) in self.repeated().into_iter().rev() {
            self.remove(place);
        }
        self
    }

    /// What a broker took: without the entries that an import left out, and each thing once, as it is in the end.
    #[must_use]
    pub fn without(mut self, left_out: &Definitions) -> Self {
        macro_rules! retain {
            ($($section:ident)*) => { $(self.$section.retain(|entry| !left_out.$section.contains(entry));)* };
        }
        retain!(users vhosts permissions topic_permissions parameters global_parameters policies exchanges queues bindings);
        for place in self.outdone().into_iter().rev() {
            self.remove(place);
        }
        self
    }

    fn remove(&mut self, Place { section, index }: Place) {
        match section {
            "users" => drop(self.users.remove(index)),
            "vhosts" => drop(self.vhosts.remove(index)),
            "permissions" => drop(self.permissions.remove(index)),
            "topic_permissions" => drop(self.topic_permissions.remove(index)),
            "parameters" => drop(self.parameters.remove(index)),
            "global_parameters" => drop(self.global_parameters.remove(index)),
            "policies" => drop(self.policies.remove(index)),
            "exchanges" => drop(self.exchanges.remove(index)),
            "queues" => drop(self.queues.remove(index)),
            _ => drop(self.bindings.remove(index)),
        }
    }
}

/// Why the broker refuses an entry, if it does.
fn refusal(broker: &mut Broker, import: Import, sink: &mut impl Sink) -> Option<String> {
    let at_ms = broker.now_ms();
    match broker.apply(at_ms, Command::Manage(Manage::Import(import)), sink) {
        Ok(applied) => match applied.reply {
            Some(Reply::Refused(error)) => Some(error.reason),
            _ => None,
        },
        Err(error) => Some(error.to_string()),
    }
}
