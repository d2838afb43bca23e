//! What there is to say about an entry before a broker sees it: what RabbitMQ passes over, and what Warren keeps without
//! doing it.

use super::load::Remark;
use super::{Definitions, Place};
use crate::broker::command::Import;
use crate::broker::import::is_reserved;
use crate::broker::import::parameter::{OPERATOR_POLICY, VHOST_LIMITS};
use crate::broker::password::Password;
use crate::broker::policy::is_of_plugin;
use crate::broker::table::{Table, Value};

/// Settings of queues that are about the nodes of a cluster, about memory or about files. As arguments they begin with
/// `x-`. Here there is one node, and everything takes no room.
const WITHOUT_EFFECT: [&str; 11] = [
    "consumer-disconnected-timeout",
    "initial-cluster-size",
    "max-in-memory-bytes",
    "max-in-memory-length",
    "member-placement-tag",
    "queue-leader-locator",
    "queue-mode",
    "queue-version",
    "quorum-initial-group-size",
    "quorum-target-group-size",
    "stream-filter-size-bytes",
];
/// The same, under the name that policies have for it.
const TARGET_GROUP_SIZE: &str = "target-group-size";

impl Definitions {
    /// Adds what there is to say about one entry.
    pub(super) fn remark(&self, place: Place, import: &Import, remarks: &mut Vec<Remark>) {
        match import {
            Import::User { .. } => self.remark_user(place, import, remarks),
            Import::Vhost { .. } => self.remark_limits(place, remarks),
            Import::Exchange { declare, .. } if is_reserved(&declare.exchange) => remarks.push(reserved(place)),
            Import::Exchange { declare, .. } if declare.internal => {
                let text = "RabbitMQ's exports leave internal exchanges out: it is there, and no export will have it";
                remarks.push(Remark::skipped(format!("{place}.internal"), text));
            }
            Import::Parameter { component, value, .. } => match (component.as_str(), value) {
                (VHOST_LIMITS, _) => {}
                (OPERATOR_POLICY, Value::Table(policy)) => {
                    if let Some(Value::Table(definition)) = policy.get("definition") {
                        without_effect(&format!("{place}.value.definition"), "", definition, remarks);
                    }
                }
                _ => remarks
                    .push(Remark::not_simulated(place, format!("Warren keeps a {component} and does not run it"))),
            },
            Import::Policy(policy) => {
                without_effect(&format!("{place}.definition"), "", &policy.definition, remarks);
            }
            Import::Queue { declare, .. } if is_reserved(&declare.queue) => remarks.push(reserved(place)),
            Import::Queue { declare, .. } => {
                self.remark_type(place, remarks);
                without_effect(&format!("{place}.arguments"), "x-", &declare.arguments, remarks);
            }
            _ => {}
        }
    }

    /// Why RabbitMQ refuses an entry for what it says, before any broker is asked.
    /// Source: `rabbit_auth_backend_internal.erl put_user/3`.
    pub(super) fn contradiction(&self, place: Place, import: &Import) -> Option<String> {
        let user = self.users.get(place.index).filter(|_| matches!(import, Import::User { .. }))?;
        let both = user.password.is_some() && user.password_hash.is_some();
        both.then(|| "both_password_and_password_hash_are_provided".to_owned())
    }

    fn remark_user(&self, place: Place, import: &Import, remarks: &mut Vec<Remark>) {
        let Import::User { password, limits, .. } = import else { return };
        if let Password::Hashed { algorithm, .. } = password
            && !password.is_known()
        {
            let text = format!("{algorithm} is not known here, so that nobody can log in as this user");
            remarks.push(Remark::not_simulated(format!("{place}.hashing_algorithm"), text));
        }
        if !limits.is_empty() {
            let text = "limits of a user are kept and do not limit anything here";
            remarks.push(Remark::not_simulated(format!("{place}.limits"), text));
        }
    }

    /// Limits are imported from the parameter alone. Source: `rabbit_definitions.erl add_vhost/2`.
    fn remark_limits(&self, place: Place, remarks: &mut Vec<Remark>) {
        let Some(vhost) = self.vhosts.get(place.index).filter(|vhost| !vhost.limits.is_empty()) else { return };
        let of_vhost = |value: &Value| matches!(value, Value::Table(limits) if *limits == vhost.limits);
        let mut parameters = self.parameters.iter().filter(|parameter| parameter.component == *VHOST_LIMITS);
        if !parameters.any(|parameter| parameter.vhost == vhost.name && of_vhost(&parameter.value)) {
            let text =
                format!("RabbitMQ imports limits only from the parameter `limits` of the component {VHOST_LIMITS}");
            remarks.push(Remark::skipped(format!("{place}.limits"), text));
        }
    }

    /// The type beside the arguments is for people. Source: `rabbit_definitions.erl add_queue_int/3`.
    fn remark_type(&self, place: Place, remarks: &mut Vec<Remark>) {
        let Some(queue) = self.queues.get(place.index) else { return };
        let Some(kind) = &queue.kind else { return };
        let given = queue.arguments.get("x-queue-type").and_then(Value::as_str);
        if given.is_some_and(|given| given == kind.as_str()) {
            return;
        }
        let default = self.vhosts.iter().find(|vhost| vhost.name == queue.vhost);
        let default = default.and_then(|vhost| vhost.metadata.default_queue_type.as_deref()).unwrap_or("classic");
        if given.is_some() || *kind != *default {
            let text = "RabbitMQ goes by the argument x-queue-type, and without it by the virtual host's default";
            remarks.push(Remark::skipped(format!("{place}.type"), text));
        }
    }
}

fn reserved(place: Place) -> Remark {
    Remark::skipped(place, "RabbitMQ imports nothing without a name or whose name begins with amq.")
}

fn without_effect(place: &str, prefix: &str, settings: &Table, remarks: &mut Vec<Remark>) {
    for key in settings.keys() {
        if prefix.is_empty() && is_of_plugin(key) {
            let text = "Warren does not have the plugin that this is for: it is kept, and has no effect";
            remarks.push(Remark::not_simulated(format!("{place}.{key}"), text));
        }
        let known = key.strip_prefix(prefix).is_some_and(|name| WITHOUT_EFFECT.contains(&name));
        if known || (prefix.is_empty() && *key == *TARGET_GROUP_SIZE) {
            let text = "Warren has one node and endless room: this has no effect";
            remarks.push(Remark::not_simulated(format!("{place}.{key}"), text));
        }
    }
}
