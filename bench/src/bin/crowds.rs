//! Writes the scenarios with much in flight into a folder, and says how much of each is in flight and what a frame of
//! it takes natively: letting time pass, and finding out what moves where.

#![allow(missing_docs)]

use std::path::Path;
use std::time::Instant;

use warren::share;
use warren::view::Player;
use warren::view::flight::Flying;
use warren::view::graph::graph;
use warren::view::layout::{Direction, Places, layout};
use warren_bench::crowd::{Crowd, crowds};
use warren_bench::grouped;

const FRAMES: u32 = 120;
const FRAME_MS: f64 = 1_000.0 / 60.0;

fn main() {
    let folder = std::env::args().nth(1);
    for crowd in crowds() {
        if let Some(folder) = &folder {
            let path = Path::new(folder).join(format!("{}.json", crowd.name));
            std::fs::write(&path, &crowd.file).expect("the folder can be written");
        }
        measure(&crowd);
    }
}

fn measure(crowd: &Crowd) {
    let file = share::parse(&crowd.file).expect("the file can be read");
    let mut player = Player::new(&file.scenario).expect("the world can begin");
    player.play();
    while player.clock_ms() < crowd.steady_ms as f64 {
        player.tick(100.0);
    }
    let layout = layout(&graph(player.board()), Direction::Across, &Places::new());
    let mut times = [0.0, 0.0];
    let mut kept = Flying::default();
    kept.look(&player, &layout);
    let mut flying = 0;
    for _ in 0..FRAMES {
        let start = Instant::now();
        player.tick(FRAME_MS);
        let ticked = Instant::now();
        flying += kept.look(&player, &layout).len();
        times[0] += (ticked - start).as_secs_f64();
        times[1] += ticked.elapsed().as_secs_f64();
    }
    let [tick_ms, flights_ms] = times.map(|time| time * 1_000.0 / f64::from(FRAMES));
    println!(
        "{:<14} {:>9} in flight, wanted {:>7}; a frame: tick {tick_ms:.2} ms, flights {flights_ms:.2} ms",
        crowd.name,
        grouped(flying as u64 / u64::from(FRAMES)),
        grouped(crowd.in_flight as u64),
    );
}
