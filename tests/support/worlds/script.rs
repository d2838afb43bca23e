//! Scripts of faults and controls, for given clients.

use std::rc::Rc;

use warren::broker::Name;
use warren::simulation::{ClientSpec, Control, Deed, GetEncoding, GetMode, Role, Settlement, Timed};

use super::Dice;
use super::clients::{newcomer, schedule};
use super::declare::{operation, publish};
use super::topology::{Host, Topology, policy};

/// Deeds happen up to here, virtual milliseconds.
const UNTIL_MS: u64 = 2_500;

pub fn thrown(dice: &mut Dice, topology: &Topology, clients: &[ClientSpec]) -> Vec<Timed> {
    let mut script = Vec::new();
    for _ in 0..dice.below(14) {
        let at_ms = dice.from(0, UNTIL_MS);
        deed(dice, topology, clients, at_ms, &mut script);
    }
    // In the order in which it is done, for a client can only do what it is told while it is there.
    script.sort_by_key(|timed| timed.at_ms);
    let mut there: Vec<Name> = clients.iter().map(|client| client.name.clone()).collect();
    script.retain(|timed| is_possible(&timed.action, &mut there));
    script
}

/// Whether the clients are there, or not yet there, that it takes.
fn is_possible(deed: &Deed, there: &mut Vec<Name>) -> bool {
    match deed {
        Deed::Client { name, .. } => there.contains(name),
        Deed::Join(spec) => {
            let is_new = !there.contains(&spec.name);
            there.extend(is_new.then(|| spec.name.clone()));
            is_new
        }
        Deed::Leave { name } => {
            let was_there = there.contains(name);
            there.retain(|other| other != name);
            was_there
        }
        _ => true,
    }
}

fn deed(dice: &mut Dice, topology: &Topology, clients: &[ClientSpec], at_ms: u64, script: &mut Vec<Timed>) {
    let mut later = |wait_ms, action| script.push(Timed { at_ms: at_ms + wait_ms, action });
    let host = topology.host(dice);
    let vhost = host.name.clone();
    match dice.below(20) {
        17..=19 => by_hand(dice, host, &mut later),
        12 | 13 => later(0, Deed::Operate { vhost, operation: operation(dice, host) }),
        14 => {
            let name = dice.of(&["new1", "new2"]);
            let spec = Rc::new(newcomer(dice, host, name));
            later(0, Deed::Join(spec.clone()));
            if dice.once_in(2) {
                later(dice.from(1, 600), Deed::Leave { name: spec.name.clone() });
            }
        }
        15 => {
            let spec = &clients[dice.below(clients.len())];
            later(0, Deed::Leave { name: spec.name.clone() });
            if dice.once_in(2) {
                later(dice.from(0, 600), Deed::Join(Rc::new(spec.clone())));
            }
        }
        16 if dice.once_in(3) => {
            let vhost = dice.of(&[vhost, "other".into(), "third".into()]);
            later(0, Deed::DeleteVhost { vhost: vhost.clone() });
            later(dice.from(0, 300), Deed::CreateVhost { vhost });
        }
        16 => later(0, Deed::CreateVhost { vhost: dice.name(&["other", "third"]) }),
        0 => {
            later(0, dice.of(&[Deed::StopBroker, Deed::CrashBroker]));
            later(dice.of(&[0, 30, 300]), Deed::StartBroker);
        }
        1 => later(0, Deed::PurgeQueue { vhost, queue: host.queue_name(dice) }),
        2 if dice.once_in(2) => later(0, Deed::DeleteQueue { vhost, queue: host.queue_name(dice) }),
        2 | 3 => later(0, Deed::SetPolicy(policy(dice, &vhost, "p1"))),
        4 => {
            later(0, Deed::SetPolicy(policy(dice, &vhost, "p2")));
            later(dice.from(1, 900), Deed::ClearPolicy { vhost, name: "p2".into() });
        }
        _ => {
            let client = &clients[dice.below(clients.len())];
            let name = &client.name;
            let one = (client.connections > 1 && dice.once_in(2)).then(|| dice.below(client.connections.into()) as u16);
            for (wait_ms, control) in controls(dice, host, client) {
                let connection = one.filter(|_| !is_for_all(&control));
                later(wait_ms, Deed::Client { name: name.clone(), connection, control });
            }
        }
    }
}

/// What an operator does by hand: most of it to a queue that was asked before, so that something is held.
fn by_hand(dice: &mut Dice, host: &Host, later: &mut impl FnMut(u64, Deed)) {
    let (vhost, queue) = (host.name.clone(), host.queue_name(dice));
    let get = |count, ackmode| Deed::GetMessages {
        vhost: vhost.clone(),
        queue: queue.clone(),
        count,
        ackmode,
        encoding: GetEncoding::Auto,
    };
    match dice.below(6) {
        0 => {
            let other = host.queue_name(dice);
            later(0, Deed::MoveMessages { vhost, queue, to: dice.of(&[other, "moved".into()]) });
        }
        1 | 2 => {
            later(0, get(dice.of(&[1, 2, 30]), dice.of(&GetMode::ALL)));
        }
        _ => {
            later(0, get(dice.of(&[1, 2, 5]), GetMode::Hold));
            for _ in 0..dice.below(4) {
                let delivery_tag = dice.of(&[0, 1, 1, 2, 2, 3, 9]);
                let (multiple, requeue) = (dice.once_in(3), dice.once_in(2));
                let settlement = dice.of(&[
                    Settlement::Ack { delivery_tag, multiple },
                    Settlement::Nack { delivery_tag, multiple, requeue },
                    Settlement::Reject { delivery_tag, requeue },
                ]);
                later(dice.of(&[0, 10, 200]), Deed::Settle { vhost: host.name.clone(), settlement });
            }
        }
    }
}

/// Whether it is done to a client as a whole.
fn is_for_all(control: &Control) -> bool {
    matches!(control, Control::Pause | Control::Resume | Control::SetPrefetch(_) | Control::SetSchedule(_))
}

/// What is done to a client, and what makes up for it; with the milliseconds in between.
fn controls(dice: &mut Dice, host: &Host, client: &ClientSpec) -> Vec<(u64, Control)> {
    let wait_ms = dice.of(&[0, 20, 150, 700]);
    let consumes = !matches!(client.role, Role::Producer(_) | Role::RpcClient(_));
    match dice.below(11) {
        9 => vec![(0, Control::Publish(publish(dice, host)))],
        10 => vec![(0, Control::ForceClose { reason: dice.name(&["", "enough"]) }), (wait_ms, Control::Restart)],
        8 => vec![(0, Control::CutLink), (wait_ms, Control::Restart)],
        0 => vec![(0, Control::Kill), (wait_ms, Control::Restart)],
        1 => vec![(0, Control::Restart)],
        2 => vec![(0, Control::CloseChannel), (wait_ms, Control::Restart)],
        3 => vec![(0, Control::HoldLink), (wait_ms, Control::ReleaseLink)],
        4 => vec![(0, Control::SetLatency(dice.of(&[0, 5, 80])))],
        5 if dice.once_in(3) => vec![(0, Control::Kill)],
        _ if consumes && dice.once_in(2) => vec![(0, Control::Pause), (wait_ms, Control::Resume)],
        _ if consumes => vec![(0, Control::SetPrefetch(dice.of(&[0, 1, 3]))), (wait_ms, Control::Restart)],
        _ => vec![(0, Control::SetSchedule(schedule(dice)))],
    }
}
