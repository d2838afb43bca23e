//! What RabbitMQ says of definitions that have no form of their own, as they are typed: users, permissions, operator
//! policies, limits.
//!
//! What always holds: the texts are those that the broker's own import gives; nothing is judged here.

use crate::broker::{Config, NoEvents};
use crate::definitions::{Definitions, RemarkKind};
use crate::share::Tree;

/// The sections that are looked at, and those that they speak of.
const SECTIONS: [&str; 6] = ["users", "vhosts", "permissions", "topic_permissions", "exchanges", "parameters"];

/// What would be refused of a scenario's definitions: the path of the entry, and why.
pub fn refusals(scenario: &Tree) -> Vec<(String, String)> {
    let Some(definitions) = scenario.field("definitions") else { return Vec::new() };
    let sections = SECTIONS.iter().filter_map(|name| Some(((*name).to_owned(), definitions.field(name)?.clone())));
    // What cannot be read is told at its row.
    let Ok(read) = Tree::Object(sections.collect()).read::<Definitions>() else { return Vec::new() };
    let mut broker = read.node(Config::default());
    let report = read.load(&mut broker, &mut NoEvents);
    let refused = report.remarks.into_iter().filter(|remark| remark.kind == RemarkKind::Refused);
    refused
        .map(|remark| {
            let place = remark.place.replace('[', ".").replace(']', "");
            (format!("definitions.{place}"), remark.text)
        })
        .collect()
}
