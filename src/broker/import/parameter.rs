//! Runtime parameters: operator policies and limits take effect, those of plugins are only kept.
//!
//! Source: `rabbit/src/rabbit_runtime_parameters.erl`, `rabbit_policy.erl`, `rabbit_vhost_limit.erl`,
//! `rabbit_parameter_validation.erl`.

use super::about_entry;
use crate::broker::Broker;
use crate::broker::arguments::term::{Term, format_tp};
use crate::broker::command::PolicySet;
use crate::broker::error::HttpError;
use crate::broker::event::Sink;
use crate::broker::manage::managed;
use crate::broker::name::Name;
use crate::broker::step::Step;
use crate::broker::table::{Table, Value};

/// The component of operator policies.
pub const OPERATOR_POLICY: &str = "operator_policy";
/// The component of a virtual host's limits, of which there is one parameter, `limits`.
pub const VHOST_LIMITS: &str = "vhost-limits";
const LIMITS: [&str; 2] = ["max-connections", "max-queues"];

impl Broker {
    pub(super) fn import_parameter<S: Sink>(
        &mut self,
        vhost: Name,
        component: Name,
        name: Name,
        value: Value,
        step: &mut Step<S>,
    ) -> Result<(), HttpError> {
        self.vhost_of_entry(&vhost)?;
        let about = format!(" (vhost: \"{vhost}\" / component: \"{component}\" / key: \"{name}\")");
        let set = match component.as_str() {
            "policy" => Err(HttpError::bad_request("policies may not be set using this method")),
            OPERATOR_POLICY => {
                operator_policy(&vhost, &name, &value).and_then(|policy| self.set_policy(policy, true, step))
            }
            VHOST_LIMITS => self.import_limits(&vhost, &name, &value, step),
            _ => {
                managed("parameter", &name, true, step);
                Ok(())
            }
        };
        set.map_err(|error| about_entry(error, &about))?;
        // A policy is kept where policies are.
        let host = self.vhosts.get_mut(&vhost).filter(|_| component != *OPERATOR_POLICY);
        if let Some(host) = host {
            host.parameters.entry(component).or_default().insert(name, value);
        }
        Ok(())
    }

    fn import_limits<S: Sink>(
        &mut self,
        vhost: &Name,
        name: &Name,
        value: &Value,
        step: &mut Step<S>,
    ) -> Result<(), HttpError> {
        let Value::Table(limits) = value else {
            return Err(HttpError::validation(format_tp(&format!("{name} not a list "), &Term::of_json(value), "")));
        };
        let unknown = limits.iter().filter(|(limit, _)| !LIMITS.contains(&limit.as_str()));
        let unknown: Vec<Term> = unknown.map(|(limit, value)| pair(limit, value)).collect();
        if !unknown.is_empty() {
            let text = format_tp("Unrecognised terms ", &Term::List(unknown), &format!(" in {name}"));
            return Err(HttpError::validation(text));
        }
        for (limit, value) in limits {
            if value.as_int().is_none() {
                let before = format!("{limit} should be a number, actually was ");
                return Err(HttpError::validation(format_tp(&before, &Term::of_json(value), "")));
            }
        }
        for limit in LIMITS {
            let value = limits.get(limit).and_then(Value::as_int);
            self.limit_vhost(vhost, &limit.into(), value, step)?;
        }
        Ok(())
    }
}

/// The policy that a parameter's value describes.
///
/// # Errors
///
/// What is missing in it.
pub(crate) fn operator_policy(vhost: &Name, name: &Name, value: &Value) -> Result<PolicySet, HttpError> {
    let empty = Table::new();
    let fields = if let Value::Table(fields) = value { fields } else { &empty };
    let text = |key: &str| fields.get(key).and_then(Value::as_name).cloned();
    let missing = |key: &str| HttpError::validation(format_args!("Key \"{key}\" not found in {name}"));
    let pattern = text("pattern").ok_or_else(|| missing("pattern"))?;
    let Some(Value::Table(definition)) = fields.get("definition") else { return Err(missing("definition")) };
    let priority = fields.get("priority").ok_or_else(|| missing("priority"))?;
    let no_number =
        || HttpError::validation(format_tp("priority should be a number, actually was ", &Term::of_json(priority), ""));
    let priority = priority.as_int().ok_or_else(no_number)?;
    Ok(PolicySet {
        vhost: vhost.clone(),
        name: name.clone(),
        pattern,
        apply_to: text("apply-to").unwrap_or_else(|| "all".into()),
        definition: definition.clone(),
        priority,
        operator: true,
    })
}

fn pair(key: &str, value: &Value) -> Term {
    Term::Tuple(vec![Term::Binary(key.as_bytes().to_vec()), Term::of_json(value)])
}
