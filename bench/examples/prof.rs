//! prof
use warren_bench::{Bed, Topology};
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let n: u32 = a[2].parse().unwrap();
    let t = match a[1].as_str() {
        "direct" => Topology::Direct(n),
        "topic" => Topology::Topic(n),
        "plain" => Topology::PlainTopic(n),
        _ => Topology::DeadLetters(n),
    };
    let mut bed = Bed::new(t);
    let m: u64 = a[3].parse().unwrap();
    let s = std::time::Instant::now();
    if a.get(4).is_some() {
        bed.run_recording(m)
    } else {
        bed.run(m)
    }
    println!("{:.0} ns/message", s.elapsed().as_nanos() as f64 / m as f64);
}
