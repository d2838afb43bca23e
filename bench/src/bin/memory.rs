//! What a queued message takes of memory beyond its payload, by a counting allocator. A program of its own: counting
//! costs time.

#![allow(missing_docs)]

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use warren_bench::{Bed, grouped};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const PAYLOAD_BYTES: isize = 16;

fn main() {
    // Just over a power of two, lists that double have the most room to spare.
    for messages in [1_000, 1_000_000, (1 << 20) + 1] {
        let region = Region::new(ALLOCATOR);
        let bed = Bed::with_ready(messages);
        let change = region.change();
        let held = change.bytes_allocated as isize - change.bytes_deallocated as isize;
        let beyond = held / messages as isize - PAYLOAD_BYTES;
        let name = format!("{} ready", grouped(messages.into()));
        println!("{name:<28} memory     {beyond:>11} bytes a message beyond its payload");
        drop(bed);
    }
}
