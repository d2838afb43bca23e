//! Users and what they may do. Every check of a permission is here.
//!
//! Source: `rabbit/src/rabbit_access_control.erl`, `rabbit_auth_backend_internal.erl`.

use serde::{Deserialize, Serialize};

use super::command::Permission;
use super::error::AmqpError;
use super::message::RoutingKeys;
use super::name::{ConnectionId, Name};
use super::ordered::OrderedMap;
use super::password::Password;
use super::policy::permits;
use super::table::Table;
use super::{Broker, exchange::ExchangeType};

/// A user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// What it logs in with.
    pub password: Password,
    /// `max-connections` and `max-channels`: kept, not enforced.
    pub limits: Table,
    /// Such as `administrator`.
    pub tags: Vec<Name>,
    /// By virtual host.
    pub permissions: OrderedMap<Name, Permission>,
    /// By virtual host and exchange: patterns for writing and reading.
    pub topic_permissions: OrderedMap<Name, OrderedMap<Name, (Name, Name)>>,
}

impl User {
    /// A user without permissions.
    pub fn new(password: Password, tags: Vec<Name>) -> Self {
        User {
            password,
            limits: Table::new(),
            tags,
            permissions: OrderedMap::new(),
            topic_permissions: OrderedMap::new(),
        }
    }

    /// Whether it has the tag `administrator`.
    pub fn is_administrator(&self) -> bool {
        self.tags.iter().any(|tag| *tag == "administrator")
    }

    /// Gives it all permissions in a virtual host.
    pub fn permit_all(&mut self, vhost: Name) {
        let any = Name::from(".*");
        let permission = Permission { configure: any.clone(), write: any.clone(), read: any };
        self.permissions.insert(vhost, permission);
    }
}

/// What a method does to a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Configure,
    Write,
    Read,
}

impl Access {
    fn word(self) -> &'static str {
        match self {
            Access::Configure => "configure",
            Access::Write => "write",
            Access::Read => "read",
        }
    }

    fn pattern(self, permission: &Permission) -> &Name {
        match self {
            Access::Configure => &permission.configure,
            Access::Write => &permission.write,
            Access::Read => &permission.read,
        }
    }
}

/// Exchange or queue, for the text of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Exchange,
    Queue,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Kind::Exchange => "exchange",
            Kind::Queue => "queue",
        }
    }
}

impl Broker {
    fn may(&self, connection: ConnectionId, access: Access, name: &str) -> bool {
        let Some(connection) = self.connections.get(&connection) else { return false };
        let permission = self.users.get(&connection.user).and_then(|user| user.permissions.get(&connection.vhost));
        let name = if name.is_empty() { "amq.default" } else { name };
        permission.is_some_and(|permission| {
            let pattern = access.pattern(permission);
            *pattern == ".*" || permits(pattern, name)
        })
    }

    /// Refuses what the user may not do.
    pub(crate) fn check_access(
        &self,
        connection: ConnectionId,
        access: Access,
        kind: Kind,
        name: &str,
    ) -> Result<(), AmqpError> {
        if self.may(connection, access, name) {
            return Ok(());
        }
        Err(self.refusal(connection, access, kind, name))
    }

    /// Passive declarations ask for any permission at all; the refusal names configure.
    pub(crate) fn check_any_access(&self, connection: ConnectionId, kind: Kind, name: &str) -> Result<(), AmqpError> {
        let any = [Access::Read, Access::Write, Access::Configure];
        if any.into_iter().any(|access| self.may(connection, access, name)) {
            return Ok(());
        }
        Err(self.refusal(connection, Access::Configure, kind, name))
    }

    fn refusal(&self, connection: ConnectionId, access: Access, kind: Kind, name: &str) -> AmqpError {
        let (vhost, user) =
            self.connections.get(&connection).map(|c| (c.vhost.clone(), c.user.clone())).unwrap_or_default();
        let (access, kind) = (access.word(), kind.word());
        let name = if name.is_empty() { "amq.default" } else { name };
        AmqpError::access_refused(format_args!(
            "{access} access to {kind} '{name}' in vhost '{vhost}' refused for user '{user}'"
        ))
    }

    /// Topic permissions: on a topic exchange, the routing keys too must be allowed.
    pub(crate) fn check_topic_access(
        &self,
        connection: ConnectionId,
        access: Access,
        exchange: &Name,
        keys: &RoutingKeys,
    ) -> Result<(), AmqpError> {
        let Some(connection) = self.connections.get(&connection) else { return Ok(()) };
        let (vhost, user) = (&connection.vhost, &connection.user);
        let patterns = self
            .users
            .get(user)
            .and_then(|user| user.topic_permissions.get(vhost))
            .and_then(|exchanges| exchanges.get(exchange));
        let Some((write, read)) = patterns else { return Ok(()) };
        if self.exchange(vhost, exchange).is_none_or(|exchange| exchange.kind != ExchangeType::Topic) {
            return Ok(());
        }
        let pattern = if access == Access::Write { write } else { read };
        match keys.iter().find(|key| !permits(pattern, key)) {
            None => Ok(()),
            Some(key) => {
                let access = access.word();
                Err(AmqpError::access_refused(format_args!(
                    "{access} access to topic '{key}' in exchange '{exchange}' in vhost '{vhost}' refused for user '{user}'"
                )))
            }
        }
    }
}
