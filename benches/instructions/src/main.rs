//! Runs a workload of the engine a number of times: `instructions "set" 1000 plain`, with plain
//! counts, or `atomic`. Without arguments it prints the workloads whose instructions are counted.
//!
//! `cargo xtask bench --instructions` runs it under callgrind with two numbers. Start and set-up are
//! the same in both, so the difference is the cost of the operations. Allocations come from `memory`.

mod memory;

use instructions::engine::{Engine, Plain};
use instructions::fixture::{Fixture, Subject};

/// The number of bound variables.
const VARIABLES: u64 = 10;

const COUNTED: [&str; 9] = [
    "get, cached, borrowed",
    "get, cache miss",
    "set",
    "set + reset",
    "copy + drop",
    "enter + exit, shared handle",
    "copy + enter + exit",
    "copy + enter + get + set + exit",
    "capture + run",
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [name, times, counts] => {
            let times = times.parse().expect("a number of times");
            let done = match &**counts {
                "atomic" => Fixture::new(Engine::<u64>::default(), VARIABLES).run(name, times),
                _ => Fixture::new(Engine::<u64, Plain>::default(), VARIABLES).run(name, times),
            };
            done.expect("a workload");
        }
        _ => COUNTED.iter().for_each(|name| println!("{name}")),
    }
}
