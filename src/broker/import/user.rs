//! Users and what they may do.
//!
//! Source: `rabbit/src/rabbit_auth_backend_internal.erl put_user/3, set_permissions/6, set_topic_permissions/6`.

use super::{binary, tagged};
use crate::broker::Broker;
use crate::broker::access::User;
use crate::broker::arguments::term::{Term, format_tp};
use crate::broker::command::Permission;
use crate::broker::error::HttpError;
use crate::broker::event::Sink;
use crate::broker::manage::managed;
use crate::broker::name::Name;
use crate::broker::password::Password;
use crate::broker::policy::pattern_fault;
use crate::broker::step::Step;
use crate::broker::table::Table;

/// Most tags of a user.
const TAGS_MAX: u8 = 32;

impl Broker {
    pub(super) fn import_user<S: Sink>(
        &mut self,
        user: Name,
        password: Password,
        tags: Vec<Name>,
        limits: Table,
        step: &mut Step<S>,
    ) -> Result<(), HttpError> {
        if tags.len() > usize::from(TAGS_MAX) {
            return Err(because(&Term::Tuple(vec![Term::Atom("too_many_tags"), Term::Int(TAGS_MAX.into())])));
        }
        if let Some(hash) = password.undecodable() {
            return Err(because(&tagged("not_base64", hash)));
        }
        let known = self.users.entry(user.clone()).or_insert_with(|| User::new(password.clone(), Vec::new()));
        known.password = password;
        known.tags = tags;
        known.limits = limits;
        managed("user", &user, true, step);
        Ok(())
    }

    pub(super) fn import_permission<S: Sink>(
        &mut self,
        user: &Name,
        vhost: Name,
        permission: Permission,
        step: &mut Step<S>,
    ) -> Result<(), HttpError> {
        for pattern in [&permission.configure, &permission.write, &permission.read] {
            check_pattern(pattern, Term::Chars(pattern.to_string()))?;
        }
        self.permitted(user, &vhost, step)?.permissions.insert(vhost, permission);
        Ok(())
    }

    pub(super) fn import_topic_permission<S: Sink>(
        &mut self,
        user: &Name,
        vhost: Name,
        exchange: Name,
        patterns: (Name, Name),
        step: &mut Step<S>,
    ) -> Result<(), HttpError> {
        for pattern in [&patterns.0, &patterns.1] {
            check_pattern(pattern, binary(pattern))?;
        }
        let is_there = self.exchange(&vhost, &exchange).is_some();
        let user = self.permitted(user, &vhost, step)?;
        if !is_there {
            return Err(because(&tagged("no_such_exchange", &exchange)));
        }
        user.topic_permissions.entry(vhost).or_default().insert(exchange, patterns);
        Ok(())
    }

    /// The user to whom a permission in a virtual host is given. Both must be there.
    fn permitted<S: Sink>(&mut self, user: &Name, vhost: &Name, step: &mut Step<S>) -> Result<&mut User, HttpError> {
        self.vhost_of_entry(vhost)?;
        let known = self.users.get_mut(user).ok_or_else(|| because(&tagged("no_such_user", user)))?;
        managed("permission", user, true, step);
        Ok(known)
    }
}

/// `shown` is the pattern as RabbitMQ shows it. What it could search for and Warren cannot is taken, and allows nothing.
fn check_pattern(pattern: &Name, shown: Term) -> Result<(), HttpError> {
    match pattern_fault(pattern) {
        None => Ok(()),
        Some(fault) => Err(because(&Term::Tuple(vec![Term::Atom("invalid_regexp"), shown, fault]))),
    }
}

fn because(reason: &Term) -> HttpError {
    HttpError::bad_request(format_tp("", reason, ""))
}
