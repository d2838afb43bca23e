//! What a scenario gives to a RabbitMQ: the definitions that it begins with, as a broker that has them exports them.
//!
//! What always holds: it is what the broker made of the definitions, not what stands in the scenario, so RabbitMQ imports it
//! as it is: defaults are filled in, users have hashes in the place of passwords.

use super::error::FileError;
use crate::broker::{Config, Name};
use crate::definitions::Definitions;

/// The definitions of the whole broker, or of one virtual host, as RabbitMQ's management page exports them.
///
/// # Errors
///
/// There is no virtual host of this name.
pub fn definitions(of: &Definitions, vhost: Option<&str>) -> Result<String, FileError> {
    let made = exported(of);
    let text = match vhost {
        None => made.to_json().map(Some),
        Some(name) => made.to_vhost_json(name),
    };
    let none = || FileError::expected(&"vhost", "the name of a virtual host that there is");
    text.ok().flatten().ok_or_else(none)
}

/// The virtual hosts that there are, in their order.
pub fn vhosts(of: &Definitions) -> Vec<Name> {
    if of.vhosts.is_empty() {
        return vec!["/".into()];
    }
    of.vhosts.iter().map(|vhost| vhost.name.clone()).collect()
}

/// What a broker has of them. What it did not take (a scenario that plays has no such thing) is added as it stands.
fn exported(of: &Definitions) -> Definitions {
    let mut broker = of.node(Config::default());
    // The same sink as in a world: the broker is in the page once.
    let report = of.load(&mut broker, &mut Vec::new());
    Definitions::of(&broker).and(&report.left_out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definitions::RemarkKind;
    use crate::share::{BrokerFile, Incoming, examples};

    const SHOP: &str = r#"{"rabbit_version": "4.3.6", "vhosts": [{"name": "/"}, {"name": "shop", "metadata": {"tags": []}}],
        "users": [{"name": "guest", "password": "secret", "tags": ["administrator"]}],
        "permissions": [{"user": "guest", "vhost": "shop", "configure": "", "write": ".*", "read": ""}],
        "parameters": [{"vhost": "shop", "component": "shovel", "name": "s", "value": {"src-uri": "amqp://", "dest-uri": "amqp://"}}],
        "queues": [{"name": "orders", "vhost": "shop", "durable": true, "auto_delete": false,
            "arguments": {"x-queue-type": "quorum", "x-max-length": 7}}, {"name": "other", "vhost": "/", "durable": true}]}"#;

    fn taken(text: &str) -> Definitions {
        Incoming::read(text.as_bytes(), "shop.json").expect("it can be read").file.scenario.definitions
    }

    #[test]
    fn what_is_given_away_is_taken_in_again() {
        let first = taken(SHOP);
        let text = definitions(&first, None).expect("it can be written");
        assert!(text.contains("password_hash") && !text.contains("secret"), "{text}");
        let second = taken(&text);
        assert_eq!(definitions(&second, None).expect("it can be written"), text);
        assert_eq!(second.parameters, first.parameters, "what is not simulated is kept");
        assert_eq!(second.queues.len(), 2);
    }

    #[test]
    fn one_virtual_host_is_given_away_alone() {
        let text = definitions(&taken(SHOP), Some("shop")).expect("it can be written");
        let read = BrokerFile::read(text.as_bytes()).expect("it can be read");
        assert_eq!(read.vhost.as_deref(), Some("shop"));
        assert_eq!(read.definitions.users, []);
        let queues: Vec<&str> = read.definitions.queues.iter().map(|queue| &*queue.name).collect();
        assert_eq!(queues, ["orders"]);
        let error = definitions(&taken(SHOP), Some("nowhere")).expect_err("there is none");
        assert_eq!(error.to_string(), "vhost: expected the name of a virtual host that there is");
    }

    #[test]
    fn every_example_can_be_given_away() {
        for name in examples::GROUPS.iter().flat_map(|(_, names)| names.iter()) {
            let path = format!("{}/www/examples/{name}.json", env!("CARGO_MANIFEST_DIR"));
            let text = std::fs::read(path).expect(name);
            let definitions_of = super::super::parse(text).expect(name).scenario.definitions;
            for vhost in vhosts(&definitions_of) {
                assert!(definitions(&definitions_of, Some(&vhost)).is_ok(), "{name} {vhost}");
            }
            let text = definitions(&definitions_of, None).expect(name);
            let read = Incoming::read(text.as_bytes(), "x.json").expect(name);
            assert!(read.is_brokers, "{name}");
            let refused = read.remarks.iter().filter(|remark| remark.kind == RemarkKind::Refused);
            assert_eq!(refused.count(), 0, "{name}: {:?}", read.remarks);
        }
    }
}
