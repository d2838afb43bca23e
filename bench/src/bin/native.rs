//! The core natively: one line a topology and a sink, with messages per second and the ratio to the null sink.

#![allow(missing_docs)]

use std::cell::RefCell;
use std::time::Instant;

use warren_bench::rounds::compare;
use warren_bench::{Bed, Topology, grouped};

const READY: u32 = 1_000_000;

fn main() {
    let bindings = [1, 10, 100, 1_000, 10_000];
    let topologies = bindings
        .map(Topology::Direct)
        .into_iter()
        .chain(bindings.map(Topology::Topic))
        .chain([1, 10, 100].map(Topology::DeadLetters));
    for topology in topologies {
        with_and_without_events(topology);
    }
    backlog();
}

fn with_and_without_events(topology: Topology) {
    let bed = RefCell::new(Bed::new(topology));
    let outcomes = compare(&mut [&mut |messages| bed.borrow_mut().run(messages), &mut |messages| {
        bed.borrow_mut().run_recording(messages)
    }]);
    for (outcome, sink) in outcomes.iter().zip(["no events", "events"]) {
        let [low, middle, high] = outcome.ratio;
        let rate = grouped(outcome.rate as u64);
        let name = topology.name();
        println!("{name:<28} {sink:<10} {rate:>11} messages/s  {middle:>5.2} x no events ({low:.2} to {high:.2})");
    }
}

fn backlog() {
    let started = Instant::now();
    let mut bed = Bed::with_ready(READY);
    let published = started.elapsed();
    let started = Instant::now();
    let drained = bed.drain();
    let took = started.elapsed();
    for (what, time) in [("publish", published), ("drain", took)] {
        let rate = grouped((drained as f64 / time.as_secs_f64()) as u64);
        let name = format!("{} ready", grouped(READY.into()));
        println!("{name:<28} {what:<10} {rate:>11} messages/s");
    }
}
