//! exchange.declare and exchange.delete.
//!
//! Source: `rabbit/src/rabbit_channel.erl handle_method/6`, `rabbit_exchange.erl`.

use std::rc::Rc;

use super::{Outcome, strip_line_breaks};
use crate::broker::Broker;
use crate::broker::access::{Access, Kind};
use crate::broker::arguments::{self, ExchangeProperties};
use crate::broker::command::{ExchangeDeclare, Reply};
use crate::broker::error::AmqpError;
use crate::broker::event::{Declared, DeleteReason, EventKind, Sink};
use crate::broker::exchange::{Exchange, ExchangeType};
use crate::broker::name::{ChannelId, Name, Resource};
use crate::broker::step::Step;
use crate::broker::table::Table;

impl Broker {
    pub(super) fn exchange_declare<S: Sink>(
        &mut self,
        id: ChannelId,
        declare: ExchangeDeclare,
        step: &mut Step<S>,
    ) -> Outcome {
        let vhost = self.vhost_of(id);
        let name = strip_line_breaks(declare.exchange.clone());
        if declare.passive {
            refuse_default(&name)?;
            self.check_any_access(id.connection, Kind::Exchange, &name)?;
            let exchange = self.exchange(&vhost, &name).ok_or_else(|| AmqpError::no_exchange(&name, &vhost))?;
            step.emit(|| exchange_declared(exchange, false));
            return Ok(Some(Reply::Ok));
        }
        let kind = ExchangeType::parse(&declare.kind)?;
        refuse_default(&name)?;
        self.check_access(id.connection, Access::Configure, Kind::Exchange, &name)?;
        let resource = Rc::new(Resource { vhost: vhost.clone(), name: name.clone() });
        let known = self.exchange(&vhost, &name);
        let new = known.is_none();
        match known {
            Some(known) => {
                let requested = ExchangeProperties {
                    kind: kind.as_str(),
                    durable: declare.durable,
                    auto_delete: declare.auto_delete,
                    internal: declare.internal,
                    arguments: &declare.arguments,
                };
                arguments::check_exchange_equivalence(&resource, properties_of(known), requested)?;
            }
            None => {
                self.admit_exchange(id, &resource, &declare.arguments)?;
                self.create_exchange(resource.clone(), kind, declare, step)?;
            }
        }
        if let Some(exchange) = self.exchange(&vhost, &name) {
            step.emit(|| exchange_declared(exchange, new));
        }
        Ok(Some(Reply::Ok))
    }

    /// Whether a client may declare a new exchange of that name, with those arguments.
    fn admit_exchange(&self, id: ChannelId, resource: &Resource, arguments: &Table) -> Result<(), AmqpError> {
        let name = &resource.name;
        if name.starts_with("amq.") {
            return Err(AmqpError::access_refused(format_args!(
                "exchange name '{name}' contains reserved prefix 'amq.*'"
            )));
        }
        if let Some(alternate) = arguments::alternate_exchange_argument(resource, arguments)? {
            self.check_access(id.connection, Access::Read, Kind::Exchange, name)?;
            self.check_access(id.connection, Access::Write, Kind::Exchange, &alternate)?;
        }
        Ok(())
    }

    /// An exchange that is not there yet.
    pub(crate) fn create_exchange<S: Sink>(
        &mut self,
        resource: Rc<Resource>,
        kind: ExchangeType,
        declare: ExchangeDeclare,
        step: &mut Step<S>,
    ) -> Result<(), AmqpError> {
        let name = resource.name.clone();
        let ExchangeDeclare { durable, auto_delete, internal, arguments, .. } = declare;
        let exchange = Exchange::new(resource.clone(), kind, durable, auto_delete, internal, arguments)?;
        if let Some(vhost) = self.vhosts.get_mut(&resource.vhost) {
            vhost.exchanges.insert(name.clone(), Box::new(exchange));
        }
        self.apply_exchange_policy(&resource.vhost, &name, step);
        Ok(())
    }

    pub(super) fn exchange_delete<S: Sink>(
        &mut self,
        id: ChannelId,
        name: Name,
        if_unused: bool,
        step: &mut Step<S>,
    ) -> Outcome {
        let vhost = self.vhost_of(id);
        let name = strip_line_breaks(name);
        refuse_default(&name)?;
        if name.starts_with("amq.") {
            return Err(AmqpError::access_refused(format_args!(
                "deletion of system exchange '{name}' in vhost '{vhost}' not allowed"
            )));
        }
        self.check_access(id.connection, Access::Configure, Kind::Exchange, &name)?;
        let used = self.exchange(&vhost, &name).is_some_and(Exchange::has_bindings);
        if if_unused && used {
            return Err(AmqpError::precondition_failed(format_args!("exchange '{name}' in vhost '{vhost}' in use")));
        }
        self.delete_exchange(&vhost, &name, DeleteReason::Client, step);
        Ok(Some(Reply::Ok))
    }
}

fn properties_of(exchange: &Exchange) -> ExchangeProperties<'_> {
    let &Exchange { kind, durable, auto_delete, internal, ref arguments, .. } = exchange;
    ExchangeProperties { kind: kind.as_str(), durable, auto_delete, internal, arguments }
}

/// Nothing can be done to the default exchange but publishing.
pub(super) fn refuse_default(name: &str) -> Result<(), AmqpError> {
    if name.is_empty() {
        return Err(AmqpError::access_refused("operation not permitted on the default exchange"));
    }
    Ok(())
}

/// The event that an exchange was declared.
pub(crate) fn exchange_declared(exchange: &Exchange, new: bool) -> EventKind {
    let with = Declared {
        durable: exchange.durable,
        auto_delete: exchange.auto_delete,
        exclusive: false,
        internal: exchange.internal,
        arguments: exchange.arguments.clone(),
    };
    let kind = exchange.kind.as_str().into();
    EventKind::ExchangeDeclared { exchange: exchange.resource.clone(), kind, with: Rc::new(with), new }
}
