//! Calls of the management API and of `rabbitmqctl`: virtual hosts, users, permissions, policies, stop and start.
//!
//! Source: `rabbitmq_management/src/rabbit_mgmt_wm_*.erl`, `rabbit/src/rabbit_policy.erl`.

use std::rc::Rc;

use super::Broker;
use super::access::User;
use super::command::{Manage, PolicySet, Reply};
use super::error::{AmqpError, HttpError};
use super::event::{CloseReason, DeleteReason, EventKind, ResourceKind, Sink};
use super::name::{Name, QueueId};
use super::password::Password;
use super::settings::{QueueType, Settings, alternate_exchange};
use super::step::Step;

type Answer = Result<(), HttpError>;

impl Broker {
    pub(crate) fn manage<S: Sink>(&mut self, manage: Manage, step: &mut Step<S>) -> Reply {
        let answer = match manage {
            Manage::VhostCreate { vhost, default_queue_type } => self.create_vhost(vhost, default_queue_type, step),
            Manage::VhostDelete { vhost } => self.delete_vhost(&vhost, step),
            Manage::VhostLimit { vhost, limit, value } => self.limit_vhost(&vhost, &limit, value, step),
            Manage::Trace { vhost, on } => self.set_tracing(&vhost, on, step),
            Manage::UserSet { user, password, tags } => self.set_user(user, password, tags, step),
            Manage::UserDelete { user } => self.delete_user(&user, step),
            Manage::PermissionSet { vhost, user, permission } => self.with_user(&vhost, &user, step, |user, vhost| {
                user.permissions.insert(vhost, permission);
            }),
            Manage::PermissionClear { vhost, user } => self.with_user(&vhost, &user, step, |user, vhost| {
                user.permissions.remove(&vhost);
            }),
            Manage::TopicPermissionSet { vhost, user, exchange, write, read } => {
                self.with_user(&vhost, &user, step, |user, vhost| {
                    user.topic_permissions.entry(vhost).or_default().insert(exchange, (write, read));
                })
            }
            Manage::TopicPermissionClear { vhost, user, exchange } => {
                self.with_user(&vhost, &user, step, |user, vhost| {
                    if let Some(exchanges) = user.topic_permissions.get_mut(&vhost) {
                        exchanges.remove(&exchange);
                    }
                })
            }
            Manage::PolicySet(policy) => self.set_policy(policy, false, step),
            Manage::PolicyClear { vhost, name, operator } => self.clear_policy(&vhost, &name, operator, step),
            Manage::Import(import) => self.import(import, step),
            Manage::Stop { crash } => return self.stop(crash, step),
            Manage::Start => return self.start(step),
        };
        answer.map_or_else(Reply::Refused, |()| Reply::Ok)
    }

    fn create_vhost<S: Sink>(&mut self, vhost: Name, default_type: Option<Name>, step: &mut Step<S>) -> Answer {
        let default_type = match default_type.as_deref() {
            None | Some("") => None,
            Some(text) => Some(
                QueueType::from_name(text)
                    .ok_or_else(|| HttpError::bad_request(format_args!("Unsupported default queue type: '{text}'")))?,
            ),
        };
        match self.vhosts.get_mut(&vhost) {
            Some(known) => known.default_queue_type = default_type.unwrap_or(known.default_queue_type),
            None => self.add_vhost(vhost.clone(), default_type.unwrap_or_default()),
        }
        managed("vhost", &vhost, true, step);
        Ok(())
    }

    /// Consumers hear of their queues' end before the connections are closed.
    /// Source: `rabbit/src/rabbit_vhost.erl delete_ignoring_protection/2`.
    fn delete_vhost<S: Sink>(&mut self, vhost: &Name, step: &mut Step<S>) -> Answer {
        let host = self.vhosts.get(vhost).ok_or_else(HttpError::not_found)?;
        if host.protected_from_deletion == Some(true) {
            let reason = format!("Refusing to delete virtual host '{vhost}' because it is protected from deletion");
            return Err(HttpError { status: 412, reason });
        }
        managed("vhost", vhost, false, step);
        let queues: Vec<QueueId> =
            self.vhosts.get(vhost).map(|host| host.queues.values().copied().collect()).unwrap_or_default();
        for id in queues {
            self.delete_queue(id, DeleteReason::Cascade, step);
        }
        let inside: Vec<_> = self.connections.values().filter(|c| c.vhost == *vhost).map(|c| c.id).collect();
        for id in inside {
            let error = AmqpError::connection_forced(format_args!("vhost '{vhost}' is deleted"));
            step.frames.push(super::Frame::ConnectionClosed { connection: id, error: error.clone() });
            self.end_connection(id, CloseReason::Error(error), step);
        }
        self.vhosts.remove(vhost);
        for user in self.users.values_mut() {
            user.permissions.remove(vhost);
            user.topic_permissions.remove(vhost);
        }
        Ok(())
    }

    pub(crate) fn limit_vhost<S: Sink>(
        &mut self,
        vhost: &Name,
        limit: &Name,
        value: Option<i64>,
        step: &mut Step<S>,
    ) -> Answer {
        let host = self.vhosts.get_mut(vhost).ok_or_else(HttpError::not_found)?;
        let given = value;
        let value = value.and_then(|value| u64::try_from(value).ok());
        match limit.as_str() {
            "max-queues" => host.max_queues = value,
            "max-connections" => host.max_connections = value,
            other => {
                return Err(HttpError::validation(format_args!("Unrecognised terms [{{<<\"{other}\">>}}] in limits")));
            }
        }
        host.set_limit_parameter(limit, given);
        managed("limit", limit, value.is_some(), step);
        Ok(())
    }

    fn set_tracing<S: Sink>(&mut self, vhost: &Name, on: bool, step: &mut Step<S>) -> Answer {
        self.vhosts.get_mut(vhost).ok_or_else(HttpError::not_found)?.tracing = on;
        managed("tracing", vhost, on, step);
        Ok(())
    }

    fn set_user<S: Sink>(&mut self, user: Name, password: Name, tags: Vec<Name>, step: &mut Step<S>) -> Answer {
        let password = Password::Plain(password);
        let known = self.users.entry(user.clone()).or_insert_with(|| User::new(password.clone(), Vec::new()));
        known.password = password;
        known.tags = tags;
        managed("user", &user, true, step);
        Ok(())
    }

    fn delete_user<S: Sink>(&mut self, user: &Name, step: &mut Step<S>) -> Answer {
        self.users.remove(user).ok_or_else(HttpError::not_found)?;
        managed("user", user, false, step);
        let theirs: Vec<_> = self.connections.values().filter(|c| c.user == *user).map(|c| c.id).collect();
        for id in theirs {
            self.force_connection(id, &format!("user '{user}' is deleted").into(), step);
        }
        Ok(())
    }

    fn with_user<S: Sink>(
        &mut self,
        vhost: &Name,
        user: &Name,
        step: &mut Step<S>,
        change: impl FnOnce(&mut User, Name),
    ) -> Answer {
        if !self.vhosts.contains_key(vhost) {
            return Err(HttpError::not_found());
        }
        change(self.users.get_mut(user).ok_or_else(HttpError::not_found)?, vhost.clone());
        managed("permission", user, true, step);
        Ok(())
    }

    pub(crate) fn set_policy<S: Sink>(&mut self, policy: PolicySet, any_plugin: bool, step: &mut Step<S>) -> Answer {
        let (vhost, name, operator) = (policy.vhost.clone(), policy.name.clone(), policy.operator);
        let policies = &mut self.vhosts.get_mut(&vhost).ok_or_else(HttpError::not_found)?.policies;
        policies.set_of(policy, any_plugin)?;
        step.emit_cause(|| {
            let policy = policies.get(&name, operator).cloned().map(Rc::new);
            EventKind::PolicyChanged { vhost: vhost.clone(), name, operator, set: true, policy }
        });
        self.apply_policies(&vhost, step);
        Ok(())
    }

    fn clear_policy<S: Sink>(&mut self, vhost: &Name, name: &Name, operator: bool, step: &mut Step<S>) -> Answer {
        self.vhosts.get_mut(vhost).ok_or_else(HttpError::not_found)?.policies.clear(name, operator)?;
        let (of, called) = (vhost.clone(), name.clone());
        step.emit_cause(|| EventKind::PolicyChanged { vhost: of, name: called, operator, set: false, policy: None });
        self.apply_policies(vhost, step);
        Ok(())
    }

    /// Policies are looked at anew by every queue and exchange; those for which nothing changed do nothing.
    fn apply_policies<S: Sink>(&mut self, vhost: &Name, step: &mut Step<S>) {
        let Some(host) = self.vhosts.get(vhost) else { return };
        let exchanges: Vec<Name> = host.exchanges.keys().cloned().collect();
        let queues: Vec<QueueId> = host.queues.values().copied().collect();
        let cause = step.cause;
        for name in exchanges {
            self.apply_exchange_policy(vhost, &name, step);
        }
        for id in queues {
            step.cause = cause;
            self.apply_queue_policy(id, step);
        }
    }

    pub(crate) fn apply_exchange_policy<S: Sink>(&mut self, vhost: &Name, name: &Name, step: &mut Step<S>) {
        let Some(host) = self.vhosts.get_mut(vhost) else { return };
        let matched = host.policies.matching(ResourceKind::Exchange, name, None);
        let Some(exchange) = host.exchanges.get_mut(name).filter(|_| !name.is_empty()) else { return };
        exchange.alternate = alternate_exchange(&exchange.arguments, &matched.effective);
        if exchange.policy != matched.policy || exchange.operator_policy != matched.operator_policy {
            exchange.policy = matched.policy.clone();
            exchange.operator_policy = matched.operator_policy.clone();
            let to = exchange.resource.clone();
            let (policy, operator_policy, effective) = (matched.policy, matched.operator_policy, matched.effective);
            let kind = ResourceKind::Exchange;
            step.emit(|| EventKind::PolicyApplied { kind, to, policy, operator_policy, effective });
        }
    }

    pub(crate) fn apply_queue_policy<S: Sink>(&mut self, id: QueueId, step: &mut Step<S>) {
        let Some(queue) = self.queues.get_mut(&id) else { return };
        let Some(host) = self.vhosts.get(&queue.resource.vhost) else { return };
        let kind = queue.kind();
        let matched = host.policies.matching(ResourceKind::Queue, &queue.resource.name, Some(kind));
        let settings = Settings::new(kind, &queue.arguments, &matched.effective);
        let same = queue.policy == matched.policy && queue.operator_policy == matched.operator_policy;
        if same && queue.settings == settings {
            return;
        }
        queue.policy = matched.policy.clone();
        queue.operator_policy = matched.operator_policy.clone();
        let to = queue.resource.clone();
        let (policy, operator_policy, effective) = (matched.policy, matched.operator_policy, matched.effective);
        let kind = ResourceKind::Queue;
        step.emit_cause(|| EventKind::PolicyApplied { kind, to, policy, operator_policy, effective });
        self.turn(id, step, |queue, turn| queue.reconfigure(settings, turn));
    }
}

pub(crate) fn managed<S: Sink>(what: &str, name: &Name, set: bool, step: &mut Step<S>) {
    step.emit_cause(|| EventKind::Managed { what: what.into(), name: name.clone(), set });
}
