//! The node that a refusal is about: what the command names, before all what the refusal names too.
//!
//! What always holds: only what is in the picture is answered; a refusal that is about nothing there is told at the line
//! alone.

use crate::broker::{Name, Resource};
use crate::edit::command::{Command, Kind, Settings, Target};
use crate::share::Tree;

use super::board::Board;
use super::graph::NodeId;

/// The node at which a refusal of a command is to be told.
pub fn blamed(board: &Board, command: &Command, why: &str) -> Option<NodeId> {
    let mut targets = Vec::new();
    collect(command, &mut targets);
    let is_named = |target: &&Target| {
        let name = target.name.as_str();
        ["'", "`", "\""].iter().any(|sign| why.contains(&format!("{sign}{name}{sign}")))
    };
    let (first, rest): (Vec<&Target>, Vec<&Target>) = targets.iter().partition(is_named);
    first.into_iter().chain(rest).find_map(|target| node(board, target))
}

fn collect(command: &Command, targets: &mut Vec<Target>) {
    let mut add = |kind: Kind, name: &Name, settings: &Settings| {
        targets.push(in_vhost(Target::new(kind, name), settings));
    };
    match command {
        Command::Add { kind, name, from, to, settings, .. } => {
            add(*kind, name, settings);
            from.iter().for_each(|queue| add(Kind::Queue, queue, settings));
            to.iter().for_each(|(exchange, _)| add(Kind::Exchange, exchange, settings));
        }
        Command::Bind { source, destination, settings, .. } => {
            add(Kind::Exchange, source, settings);
            targets.push(in_vhost(destination.clone(), settings));
        }
        Command::Publish { exchange, key, settings, .. } if exchange.is_empty() => add(Kind::Queue, key, settings),
        Command::Publish { exchange, settings, .. } => add(Kind::Exchange, exchange, settings),
        Command::MoveMessages { queue, to, settings } => {
            add(Kind::Queue, to, settings);
            targets.push(in_vhost(queue.clone(), settings));
        }
        Command::Get { queue: target, settings }
        | Command::Control { target, settings, .. }
        | Command::Set { target, settings, .. } => targets.push(in_vhost(target.clone(), settings)),
        Command::Rename { target, .. } | Command::Move { target, .. } => targets.push(target.clone()),
        Command::Duplicate { targets: all, .. } | Command::Delete { targets: all } => {
            targets.extend(all.iter().cloned())
        }
        Command::Compare(step) => collect(step, targets),
        Command::Steps(steps) => steps.iter().for_each(|step| collect(step, targets)),
        Command::Put { .. }
        | Command::Scenario { .. }
        | Command::Paste { .. }
        | Command::Arrange
        | Command::Settle { .. }
        | Command::Broker(_) => {}
    }
}

fn in_vhost(mut target: Target, settings: &Settings) -> Target {
    let named = settings.iter().find(|(key, _)| key == "vhost").map(|(_, value)| value);
    if let (None, Some(Tree::Text(vhost))) = (&target.vhost, named) {
        target.vhost = Some(vhost.as_str().into());
    }
    target
}

fn node(board: &Board, target: &Target) -> Option<NodeId> {
    let is_it = |resource: &Resource| {
        resource.name == target.name && target.vhost.as_ref().is_none_or(|vhost| resource.vhost == *vhost)
    };
    let may_be = |kind: Kind| target.kind.is_none_or(|given| given == kind);
    let queue = board.queues.keys().find(|queue| may_be(Kind::Queue) && is_it(queue));
    let exchange = || board.exchanges.keys().find(|exchange| may_be(Kind::Exchange) && is_it(exchange));
    let client = || {
        let is_client = target.kind.is_none_or(Kind::is_client);
        board.present().find(|(_, client)| is_client && client.spec.name == target.name)
    };
    let queue = queue.map(|queue| NodeId::Queue(queue.clone()));
    let found = queue.or_else(|| exchange().map(|exchange| NodeId::Exchange(exchange.clone())));
    found.or_else(|| client().map(|(id, _)| NodeId::Client(id)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::share::{examples, parse};
    use crate::view::Desk;

    #[test]
    fn a_refusal_is_told_at_what_it_names() {
        let mut desk = Desk::open(parse(examples::NATURE).expect("an example")).expect("it begins");
        let queue = Some(NodeId::queue(&"/".into(), &"birds_only".into()));
        let nature = Some(NodeId::exchange(&"/".into(), &"nature".into()));
        let mut at = |line: &str| {
            let command = Command::parse(line).expect(line);
            let refused = desk.run(&command).expect_err(line);
            blamed(desk.player().board(), &command, &refused.problem)
        };
        assert_eq!(at("queue birds_only"), queue);
        assert_eq!(at("bind nature -> birds_only *.bird"), nature);
        assert_eq!(at("bind nature -> nowhere x"), nature);
        assert_eq!(at("bind nowhere -> birds_only x"), queue);
        assert_eq!(at("set birds_only prefetch=x x-max-length=-1"), queue);
        assert_eq!(at("get nature"), nature);
        assert_eq!(at("get birds_only count=0"), queue);
        assert_eq!(at("move nowhere -> birds_only"), queue);
        assert!(matches!(at("rename bird-watcher cat-producer"), Some(NodeId::Client(_))));
        assert_eq!(at("delete nowhere"), None);
        assert_eq!(at("put seed=x"), None);
        assert_eq!(at("get birds_only vhost=other"), None);
    }
}
