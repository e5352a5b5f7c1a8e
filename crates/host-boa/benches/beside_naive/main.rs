//! `cargo bench`: this crate against a map that is cloned for each `run`, on the same hooks.
//!
//! Both are measured in turns. A line shows the medians in nanoseconds, and the median of the
//! ratios of neighbouring turns. `get` and `run` are calls of the native methods from Rust; `call`
//! is a call of a native function that does nothing.

mod naive;

use std::process::ExitCode;

mod ours {
    use host_boa as subject;
    include!("bench.rs");
}

mod theirs {
    use crate::naive as subject;
    include!("bench.rs");
}

/// The workloads, each with its maximum ratio and its maximum nanoseconds.
const WORK: [(&str, f64, f64); 7] = [
    ("call", f64::INFINITY, f64::INFINITY),
    ("get", 1.0, f64::INFINITY),
    ("run", 1.0, f64::INFINITY),
    ("capture", f64::INFINITY, f64::INFINITY),
    ("enter", f64::INFINITY, f64::INFINITY),
    ("capture+enter", f64::INFINITY, 30.0),
    ("await", 1.1, f64::INFINITY),
];
const TURNS: usize = 401;
/// The approximate length of a turn, in nanoseconds. It is short, so that other work on the machine
/// disturbs few turns.
const TURN: f64 = 2e5;

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}

fn main() -> ExitCode {
    let mut misses = 0;
    println!("               bound      ours     naive   ratio");
    for (work, worst, most) in WORK {
        for bound in [1, 10, 100] {
            let mut ours = ours::Bench::new(bound).expect("Boa starts");
            let mut naive = theirs::Bench::new(bound).expect("Boa starts");
            let n = (TURN / naive.time(work, 1000)) as u32;
            let (mut all_ours, mut all_naive, mut ratios) = (vec![], vec![], vec![]);
            for _ in 0..TURNS {
                let (ours, naive) = (ours.time(work, n), naive.time(work, n));
                all_ours.push(ours);
                all_naive.push(naive);
                ratios.push(ours / naive);
            }
            let (ours, naive, ratio) = (median(all_ours), median(all_naive), median(ratios));
            let is_missed = ratio > worst || ours > most;
            misses += u8::from(is_missed);
            let note = if is_missed { "  EXCEEDED" } else { "" };
            println!("{work:14}{bound:6}{ours:10.1}{naive:10.1}{ratio:8.2}{note}");
        }
    }
    println!("{misses} limits exceeded");
    ExitCode::from(misses)
}
