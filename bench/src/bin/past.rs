//! The past natively: how fast stories are played, how long it takes to go anywhere in them, what they take of memory.

#![allow(missing_docs)]

use std::alloc::System;
use std::time::Instant;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use warren_bench::grouped;
use warren_bench::history::{CHANGED, Past, Play, SEEKS, SIZES, Story, Work, spread, target_ms};
use warren_bench::rounds::compare;

// It counts, which costs a little: the figures for speed are a few per cent too low.
#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    for story in [Story::Shop, Story::Backlog] {
        play(story);
        seek(story);
        change(story);
    }
}

fn play(story: Story) {
    let works = [(Work::World, "world"), (Work::Scene, "world, scene"), (Work::Film, "world, film, past")];
    let mut plays = works.map(|(work, _)| Play::new(story, work));
    let [world, scene, film] = &mut plays;
    let outcomes =
        compare(&mut [&mut |count| world.run(count), &mut |count| scene.run(count), &mut |count| film.run(count)]);
    for ((_, name), outcome) in works.iter().zip(outcomes) {
        let rate = grouped(outcome.rate as u64);
        println!("{:<8} {name:<22} {rate:>11} events/s  {:>5.2} x world", story.name(), outcome.ratio[1]);
    }
}

fn seek(story: Story) {
    let region = Region::new(ALLOCATOR);
    let mut past = Past::new(story);
    for entries in SIZES {
        past.grow(entries);
        let change = region.change();
        let bytes = (change.bytes_allocated as isize - change.bytes_deallocated as isize) / past.len() as isize;
        let queued = past.queued();
        let seeks = timed(&mut past, entries, |past, place| past.seek(place));
        tell(story, entries, "seek", seeks);
        let of = format!("{} events", grouped(entries.into()));
        println!("{:<8} {of:<17} memory {bytes:>8} bytes an event, {} queued", story.name(), grouped(queued as u64));
    }
}

/// Each leaves a branch behind, so this comes last.
fn change(story: Story) {
    let mut past = Past::new(story);
    past.grow(CHANGED);
    let changes = timed(&mut past, CHANGED, |past, place| {
        past.seek(place);
        past.change();
    });
    tell(story, CHANGED, "change", changes);
}

/// Milliseconds that something takes at places anywhere.
fn timed(past: &mut Past, entries: u32, work: impl Fn(&mut Past, u32)) -> [f64; 3] {
    let mut times = Vec::new();
    for _ in 0..SEEKS {
        let place = past.somewhere(entries);
        let started = Instant::now();
        work(past, place);
        times.push(started.elapsed().as_secs_f64() * 1_000.0);
    }
    spread(times)
}

fn tell(story: Story, entries: u32, what: &str, [median, most, max]: [f64; 3]) {
    let of = format!("{} events", grouped(entries.into()));
    let target = target_ms(entries);
    let aim = if what == "seek" { format!("  (in the page: under {target} ms)") } else { String::new() };
    println!(
        "{:<8} {of:<17} {what:<6} {median:>8.2} ms median {most:>8.2} ms p95 {max:>8.2} ms max{aim}",
        story.name()
    );
}
