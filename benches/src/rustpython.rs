//! Python code on RustPython, with this workspace's `_contextvars` and with RustPython's own, in turns.
//! Each turn is a process that runs `crates/host-rustpython/rows.py`, with the same binary.
//!
//! Also the same reads on two threads and on one. Arithmetic that shares nothing shows how threads of
//! that interpreter scale at best.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::bench::{Bench, Group, Named};
use crate::report::{Cell, Target};

const SCRIPT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../crates/host-rustpython/rows.py"
);

const WORKLOADS: [&str; 7] = [
    "get",
    "set",
    "set + reset",
    "copy of 10",
    "copy of 1,000",
    "run",
    "gather, a task",
];

/// The workloads that run on two threads and on one.
const OF_THREADS: [&str; 2] = ["get", "nothing shared"];

/// The number of operations that a turn reports. It is so high that each turn is one process.
const OPERATIONS: u32 = 1_000_000;

const BUILT_IN: &[&str] = &["built-in"];
const ONE: &[&str] = &["itself, on one thread"];

/// The group.
pub static GROUP: Group = Group {
    name: "rustpython",
    sizes: "threads",
    libraries: &[],
    peers: &[BUILT_IN, ONE],
    shown: None,
    short: &[],
    measure,
    targets,
};

fn targets(cell: &Cell) -> Vec<Target> {
    match &*cell.workload {
        // Two threads do 1.8 times as much as one; without the tolerance.
        "get, on two threads" => vec![Target::of(ONE, 2.0 / 1.8 / 1.05)],
        "nothing shared, on two threads" => Vec::new(),
        "copy of 1,000" => vec![Target::of(BUILT_IN, 0.05)],
        _ => vec![Target::of(BUILT_IN, 1.0)],
    }
}

fn measure(bench: &mut Bench<'_>) {
    let Some(python) = bench.plan.file("rustpython") else {
        println!("note: rustpython is left out: `cargo xtask bench rustpython` builds it");
        return;
    };
    let python = &python;
    let turn = |name, row: String, built_in| -> Named<'_> {
        let run = move |_: &str, count| Some(took(python, &row, built_in) * count as u32);
        (name, Box::new(run))
    };
    let mut compare = |workload: &str, size, mut all: [Named<'_>; 2]| {
        let place = (workload, "Python code", size);
        bench.compare(place, OPERATIONS.into(), 1, &mut all);
    };
    for workload in WORKLOADS {
        let over = |name, built_in| turn(name, workload.into(), built_in);
        compare(workload, 1, [over("ours", false), over(BUILT_IN[0], true)]);
    }
    for workload in OF_THREADS {
        let on = |name, threads| turn(name, format!("{workload}, {threads}"), false);
        let all = [on("ours", "two threads"), on(ONE[0], "one thread")];
        compare(&format!("{workload}, on two threads"), 2, all);
    }
}

/// Runs a row of the script. Returns the time of `OPERATIONS` operations, from the printed time of one.
fn took(python: &Path, row: &str, built_in: bool) -> Duration {
    let mut command = Command::new(python);
    command
        .args([SCRIPT, row])
        .env_remove("CONTEXTVARS_BUILT_IN");
    command.envs(built_in.then_some(("CONTEXTVARS_BUILT_IN", "1")));
    let printed = command.output().expect("RustPython runs");
    let nanoseconds = String::from_utf8_lossy(&printed.stdout).trim().parse();
    let each: f64 = nanoseconds.unwrap_or_else(|_| panic!("`{row}` fails: {printed:?}"));
    Duration::from_nanos((each * f64::from(OPERATIONS)) as u64)
}
