//! Scripts of faults and controls, for given clients.

use warren::simulation::{ClientSpec, Control, Deed, Role, Timed};

use super::Dice;
use super::clients::schedule;
use super::topology::{Topology, policy};

/// Deeds happen up to here, virtual milliseconds.
const UNTIL_MS: u64 = 2_500;

pub fn thrown(dice: &mut Dice, topology: &Topology, clients: &[ClientSpec]) -> Vec<Timed> {
    let mut script = Vec::new();
    for _ in 0..dice.below(14) {
        let at_ms = dice.from(0, UNTIL_MS);
        deed(dice, topology, clients, at_ms, &mut script);
    }
    script
}

fn deed(dice: &mut Dice, topology: &Topology, clients: &[ClientSpec], at_ms: u64, script: &mut Vec<Timed>) {
    let mut later = |wait_ms, action| script.push(Timed { at_ms: at_ms + wait_ms, action });
    let host = topology.host(dice);
    let vhost = host.name.clone();
    match dice.below(12) {
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
            for (wait_ms, control) in controls(dice, client) {
                later(wait_ms, Deed::Client { name: name.clone(), connection: None, control });
            }
        }
    }
}

/// What is done to a client, and what makes up for it; with the milliseconds in between.
fn controls(dice: &mut Dice, client: &ClientSpec) -> Vec<(u64, Control)> {
    let wait_ms = dice.of(&[0, 20, 150, 700]);
    let consumes = !matches!(client.role, Role::Producer(_) | Role::RpcClient(_));
    match dice.below(9) {
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
